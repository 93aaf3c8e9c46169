/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails into a lead mailbox, and each shape of form by itself: nothing that comes out may turn a line, and nothing
 * that goes into a template may hold a placeholder or a link.
 */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/lead.h"
#include "classifier/lead_private.h"
#include "conf/conf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/mails.h"

static struct lead_words *load(void)
{
	struct arena *a = arena_new(0);
	const struct conf_file *list;
	struct data_file *files;
	struct lead_words *w;
	struct err e;
	size_t n;

	if (conf_data_files(a, NULL, "leads", &list, &n, &e) != OK)
		abort();
	files = arena_array(a, struct data_file, n);
	for (size_t i = 0; i < n; i++)
		files[i] = (struct data_file){ list[i].name, list[i].text, list[i].n };
	if (lead_words_load(files, n, &w, &e) != OK)
		abort();
	arena_free(a);
	return w;
}

static void check(const char *s, enum lead_field f)
{
	if (!s)
		return;
	if (!str_is_utf8(s, strlen(s)) || strlen(s) > 2 * lead_field_max(f) + 4)
		abort();
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c < ' ' && !(f == LEAD_MESSAGE && *c == '\n'))
			abort();
	if ((f == LEAD_NAME || f == LEAD_FIRST_NAME || f == LEAD_LAST_NAME || f == LEAD_COMPANY || f == LEAD_SERVICE) &&
	    (strstr(s, "{{") || strstr(s, "<<") || strstr(s, "://") || strchr(s, '<')))
		abort();
}

static void shapes(const struct lead_words *w, const char *text)
{
	size_t n = strlen(text);
	struct arena *a = arena_new((size_t)256 << 20);

	(void)pairs_of_html(a, w, text, n);
	(void)pairs_of_json(a, w, text, n);
	(void)pairs_of_urlencoded(a, w, text, n);
	(void)pairs_of_xml(a, w, text, n);
	(void)pairs_of_text(a, w, text);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct phrases *phrases;
	static struct lead_words *words;
	struct arena *a = arena_new((size_t)256 << 20);
	struct message *m;
	struct lead *l;
	struct err e;

	if (!phrases) {
		phrases = mails_phrases();
		words = load();
	}
	shapes(words, str_utf8(a, (const char *)data, n));
	if (message_read(a, data, n, &m, &e) == OK &&
	    lead_read(a, words, m, reply_classify(a, phrases, m, NULL), LEAD_FORMAT_AUTO, &l)) {
		for (int f = 0; f < LEAD_FIELD_COUNT; f++)
			check(l->values[f], (enum lead_field)f);
		check(l->request, LEAD_SERVICE);
		if (!l->address && !l->problem)
			abort();
	}
	arena_free(a);
	return 0;
}
