/* SPDX-License-Identifier: MPL-2.0
 *
 * Names of months and weekdays of the languages there are phrases for: CLDR through ICU, asked
 * once when the phrases are loaded.
 */
#include "config.h"

#include "base/arena.h"
#include "classifier/phrases_private.h"

#include <string.h>
#include <unicode/udat.h>
#include <unicode/ustring.h>

static void add_name(struct phrases *p, const char *lang, const char *name, enum name_kind kind,
		     int value, bool brief)
{
	struct tokens t = tokens_of(p->arena, arena_strdup(p->arena, name), strlen(name));
	struct date_name *d;

	if (t.n && t.t[t.n - 1].kind == TOKEN_STOP)
		t.n--;
	if (t.n == 0 || t.n > NAME_TOKENS || t.t[0].kind == TOKEN_NUMBER)
		return;
	if (p->names_n == p->names_room) {
		size_t room = p->names_room ? p->names_room * 2 : 512;
		struct date_name *g = arena_array(p->arena, struct date_name, room);
		if (p->names_n)
			memcpy(g, p->names, p->names_n * sizeof *g);
		p->names = g;
		p->names_room = room;
	}
	d = &p->names[p->names_n++];
	memset(d, 0, sizeof *d);
	d->lang = lang;
	d->kind = kind;
	d->value = value;
	d->brief = brief;
	for (size_t i = 0; i < t.n; i++)
		d->t[d->n++] = (struct span){ t.t[i].s, t.t[i].n };
}

/* Finnish "to" and "su", Czech "po" and "so", Hungarian "K" are days of the week and words of others. */
static bool too_brief(const char *lang, const char *name)
{
	static const char *const used[] = { "de", "nl", "pl", "ja", "en", "fr", "es", "it", "pt", "sv" };

	for (size_t i = 0; i < sizeof used / sizeof used[0]; i++)
		if (str_eq(lang, used[i]))
			return false;
	return strlen(name) < 4 && !strchr(name, '.');
}

void date_names_index(struct phrases *p)
{
	for (size_t k = p->names_n; k-- > 0;) {
		struct date_name *d = &p->names[k];
		uint32_t *from = &p->names_from[(unsigned char)d->t[0].p[0]];
		d->next = *from;
		*from = (uint32_t)k + 1;
	}
}

void date_names_load(struct phrases *p, const char *lang)
{
	static const struct { UDateFormatSymbolType type; enum name_kind kind; bool brief; } sets[] = {
		{ UDAT_MONTHS, NAME_MONTH, false }, { UDAT_STANDALONE_MONTHS, NAME_MONTH, false },
		{ UDAT_SHORT_MONTHS, NAME_MONTH, true },
		{ UDAT_STANDALONE_SHORT_MONTHS, NAME_MONTH, true },
		{ UDAT_WEEKDAYS, NAME_WEEKDAY, false }, { UDAT_STANDALONE_WEEKDAYS, NAME_WEEKDAY, false },
		{ UDAT_SHORT_WEEKDAYS, NAME_WEEKDAY, true },
	};
	UErrorCode st = U_ZERO_ERROR;
	UDateFormat *f = udat_open(UDAT_SHORT, UDAT_SHORT, lang, u"UTC", 3, NULL, 0, &st);

	if (U_FAILURE(st))
		return;
	for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++) {
		int32_t n = udat_countSymbols(f, sets[s].type);
		for (int32_t i = 0; i < n; i++) {
			UChar u[64];
			char name[200];
			int value = sets[s].kind == NAME_MONTH ? i + 1 : (i + 5) % 7 + 1;
			st = U_ZERO_ERROR;
			udat_getSymbols(f, sets[s].type, i, u, 64, &st);
			u_strToUTF8(name, sizeof name, NULL, u, -1, &st);
			/* weekdays count from 1 = Sunday, with an empty one in front */
			if (sets[s].brief && too_brief(lang, name))
				continue;
			if (U_SUCCESS(st) && *name && (sets[s].kind == NAME_MONTH || i > 0))
				add_name(p, lang, name, sets[s].kind, value, sets[s].brief);
		}
	}
	udat_close(f);
}
