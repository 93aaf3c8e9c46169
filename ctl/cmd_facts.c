/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl source|evidence|signal|note add|list: what is known of a prospect, and from where.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/pipeline.h"

struct fact {
	struct ctl *c;
	const char *entity, *prospect;
	struct field *fields;
	size_t n;
	const char *id;
};

static enum status add_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct fact *f = ctx;
	struct field *fields = arena_array(a, struct field, f->n + 1);
	const char *prospect, *id;
	enum status st = find_prospect(tx, a, f->prospect, &prospect, e);

	if (st)
		return st;
	memcpy(fields, f->fields, f->n * sizeof(*fields));
	fields[f->n] = (struct field){ "prospect_id", prospect };
	st = store_put(tx, a, f->entity, NULL, fields, f->n + 1, f->c->actor, &id, e);
	for (size_t i = 0; !st && i < f->n; i++)
		if (str_eq(f->entity, "note") && str_eq(f->fields[i].name, "kind") && str_eq(f->fields[i].value, "gate"))
			st = store_gate_now(tx, a, prospect, f->c->actor, e);
	if (!st)
		f->id = arena_strdup(f->c->arena, id);
	return st;
}

/* Dates as a person writes them become moments that the store takes. */
static bool fix_dates(struct ctl *c, const char *entity, struct field *fields, size_t n, struct err *e)
{
	const struct entity_column *cols;
	size_t cols_n = store_columns(entity, &cols);
	char text[WHEN_TEXT];
	struct date day;
	time_t t;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < cols_n; k++) {
			if (!str_eq(cols[k].name, fields[i].name) || !str_eq(cols[k].type, "DATE")
			    || !fields[i].value || date_parse(fields[i].value, &day))
				continue;	/* a plain day stays that day in every zone */
			if (!args_time(c, fields[i].value, &t)) {
				err_set(e, INPUT, "'%s' is not a date: write 2026-03-31 or 2026-03-31 09:30",
					fields[i].value);
				return false;
			}
			fields[i].value = arena_strdup(c->arena, when_text(t, text));
		}
	return true;
}

static bool has_field(const struct fact *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->fields[i].name, name))
			return true;
	return false;
}

/* word: the field that the second argument is; date: one that is today unless given. */
static int add(struct ctl *c, const struct args *args, const char *entity, const char *word,
	       const char *date)
{
	struct fact f = { .c = c, .entity = entity, .prospect = args->word[0] };
	char text[WHEN_TEXT];
	struct err e;
	int code;

	f.n = args_fields(c, args, entity, "", &f.fields);
	if (has_field(&f, word))
		return fail(c, CTL_USAGE, "the %s is the second argument, not an option", word);
	f.fields[f.n++] = (struct field){ word, args->word[1] };
	if (date && !has_field(&f, date))
		f.fields[f.n++] = (struct field){ date, arena_strdup(c->arena, when_text(c->now, text)) };
	if (!fix_dates(c, entity, f.fields, f.n, &e))
		return fail(c, CTL_USAGE, "%s", e.text);
	code = write_unit(c, add_unit, &f);
	return code ? code : out_done(c, json_pack("{s:s}", "id", f.id), "recorded");
}

int cmd_source_add(struct ctl *c, const struct args *args)
{
	return add(c, args, "source", "kind", "captured");
}

int cmd_evidence_add(struct ctl *c, const struct args *args)
{
	return add(c, args, "evidence", "point", NULL);
}

int cmd_signal_add(struct ctl *c, const struct args *args)
{
	static const struct {
		const char *option, *what;
	} needed[] = {
		{ "source", "where it can be seen" }, { "relevance", "why it matters" },
		{ "confidence", "how sure that is, 0..1" },
		{ "offer-relation", "what it has to do with the offer" },
		{ "permission-context", "by what permission the person may be written to" },
		{ "recommended-action", "what follows from it" }, { "expires", "until when it is good" },
	};
	struct buf missing;

	buf_init(&missing, c->arena);
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (str_empty(arg_value(args, needed[i].option)))
			buf_addf(&missing, "%s--%s (%s)", missing.n ? ", " : "", needed[i].option, needed[i].what);
	if (missing.n)
		return fail(c, CTL_USAGE, "a signal says what it is worth; add %s", missing.p);
	return add(c, args, "signal", "what", "date");
}

int cmd_note_add(struct ctl *c, const struct args *args)
{
	if (str_eq(arg_value(args, "kind"), "gate") && str_empty(arg_value(args, "date")))
		return fail(c, CTL_USAGE, "a gate wants its date: --date 2027-03-31; no draft is made before it");
	return add(c, args, "note", "text", NULL);
}

struct listing {
	struct ctl *c;
	const char *what, *statement;
	json_t *list;
};

static enum status list_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct listing *l = ctx;
	const char *id;
	struct value v;
	enum status st = find_prospect(tx, a, l->what, &id, e);

	json_decref(l->list);
	l->list = NULL;
	if (st)
		return st;
	v = store_text(id);
	l->list = rows_json(tx, l->statement, &v, 1, &st, e);
	return st;
}

static int list(struct ctl *c, const struct args *args, const char *statement, const char *columns,
		const char *none)
{
	struct listing l = { .c = c, .what = args->word[0], .statement = statement };
	int code = read_unit(c, list_unit, &l);

	return code ? code : out_list(c, l.list, columns, none);
}

int cmd_source_list(struct ctl *c, const struct args *args)
{
	return list(c, args, "ctl_sources", "kind url captured source_owner permission visibility method "
		    "permitted_use compliance", "no source is recorded");
}

int cmd_evidence_list(struct ctl *c, const struct args *args)
{
	return list(c, args, "ctl_evidence", "short:id type point source source_date safe review_required",
		    "no evidence is recorded");
}

int cmd_signal_list(struct ctl *c, const struct args *args)
{
	return list(c, args, "ctl_signals", "short:id kind what date source relevance recommended_action expires",
		    "no signal is recorded");
}

int cmd_note_list(struct ctl *c, const struct args *args)
{
	return list(c, args, "ctl_notes", "short:id kind text date done created", "no note is recorded");
}
