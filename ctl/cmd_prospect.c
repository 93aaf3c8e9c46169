/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl prospect add|list|show|edit. Import and export are cmd_import.c and cmd_export.c.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"
#include "ctl/pipeline.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

/* ---- add, edit ---- */

struct add {
	struct ctl *c;
	struct prospect_new p;
	const char *what;		/* edit: whom */
	struct field *fields;
	size_t n;
	const char *company;		/* edit: its name or id */
	const char *alias;		/* edit: addresses, separated by commas or blanks */
	const char *id;
	bool known;
};

static enum status add_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct add *w = ctx;
	const char *id;
	enum status st = store_prospect_add(tx, a, &w->p, w->c->actor, &id, &w->known, e);

	if (!st)
		w->id = arena_strdup(w->c->arena, id);
	return st;
}

/* Values that the table of columns cannot check. */
static int check_person(struct ctl *c, const struct args *args)
{
	const char *zone = arg_value(args, "zone"), *number = arg_value(args, "identity-confidence");
	time_t t;

	if (!str_empty(zone) && !when_zone_valid(zone))
		return fail(c, CTL_USAGE, "'%s' is not a time zone: write a name such as Europe/Berlin", zone);
	for (size_t i = 0; i < args->options_n; i++) {
		const char *name = args->options[i].name, *v = args->options[i].value;

		if ((str_eq(name, "next-action-at") || str_eq(name, "stage-since")
		     || str_eq(name, "source-captured")) && !str_empty(v) && !args_time(c, v, &t))
			return fail(c, CTL_USAGE, "--%s '%s' is not a date: write 2026-03-31 or 2026-03-31 09:30",
				    name, v);
	}
	(void)number;
	return CTL_DONE;
}

int cmd_prospect_add(struct ctl *c, const struct args *args)
{
	struct add w = { .c = c };
	struct field *source, *fields;
	const char *v;
	int code = check_person(c, args);

	if (code || (code = sync_owners(c)) != 0)
		return code;
	w.p.n = args_fields(c, args, "prospect", "", &fields);
	fields[w.p.n++] = (struct field){ "email", args->word[0] };
	if ((v = arg_value(args, "aliases")) != NULL)
		fields[w.p.n++] = (struct field){ "aliases", v };
	if ((v = arg_value(args, "company")) != NULL)
		fields[w.p.n++] = (struct field){ "company", v };
	w.p.source_n = args_fields(c, args, "source", "source-", &source);
	if ((v = arg_value(args, "source")) != NULL)
		source[w.p.source_n++] = (struct field){ "kind", v };
	if ((v = arg_value(args, "permission")) != NULL)
		source[w.p.source_n++] = (struct field){ "permission", v };
	w.p.fields = fields;
	w.p.source = source;
	w.p.owner_login = arg_value(args, "owner");
	code = write_unit(c, add_unit, &w);
	return code ? code : out_done(c, json_pack("{s:s,s:b}", "id", w.id, "known", w.known), w.known
		? "'%s' was known already: empty fields were filled" : "prospect '%s' is known now", args->word[0]);
}

/* "a@x, b@y;c@z" with single blanks between */
static char *alias_words(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p; p++)
		if (strchr(",;\t\n", *p))
			*p = ' ';
	return out;
}

static enum status edit_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct add *w = ctx;
	struct field *fields = arena_array(a, struct field, w->n + 2);
	size_t n = w->n;
	struct memory_owner *owner;
	const char *id, *made, *company;
	enum status st = find_prospect(tx, a, w->what, &id, e);

	if (n)
		memcpy(fields, w->fields, n * sizeof(*fields));
	if (!st && w->p.owner_login) {
		st = store_owner(tx, a, w->p.owner_login, &owner, e);
		if (st == GONE)
			return err_set(e, GONE, "there is no owner '%s'", w->p.owner_login);
		if (!st)
			fields[n++] = (struct field){ "owner_id", owner->id };
	}
	if (!st && w->company) {
		st = find_row(tx, a, "ctl_company_by_name", "company", w->company, &company, e);
		if (st == GONE)
			return err_set(e, GONE, "there is no company '%s': 'relentctl company add'", w->company);
		fields[n++] = (struct field){ "company_id", company };
	}
	struct span rest = span_of(w->alias ? alias_words(a, w->alias) : ""), one;

	while (!st && span_split(&rest, ' ', &one))
		if (one.n)
			st = store_prospect_alias(tx, a, id, span_dup(a, one), w->c->actor, e);
	return st || n == 0 ? st : store_put(tx, a, "prospect", id, fields, n, w->c->actor, &made, e);
}

int cmd_prospect_edit(struct ctl *c, const struct args *args)
{
	struct add w = { .c = c, .what = args->word[0] };
	int code = check_person(c, args);

	if (code)
		return code;
	w.n = args_fields(c, args, "prospect", "", &w.fields);
	for (size_t i = 0; i < w.n; i++)
		if (str_eq(w.fields[i].name, "stage") || str_eq(w.fields[i].name, "stage_reason") ||
		    str_eq(w.fields[i].name, "stage_since"))
			return fail(c, CTL_USAGE, "the stage moves by what happens, or by 'relentctl stage PROSPECT STAGE "
				    "--because'");
	w.p.owner_login = arg_value(args, "owner");
	w.company = arg_value(args, "company");
	w.alias = arg_value(args, "alias");
	if (w.n == 0 && !w.p.owner_login && !w.company && str_empty(w.alias))
		return fail(c, CTL_USAGE, "nothing to change: give --FIELD VALUE (an empty value clears a field)");
	code = write_unit(c, edit_unit, &w);
	return code ? code : out_done(c, NULL, "changed");
}

static int check_word(struct ctl *c, const char *entity, const char *column, const char *value)
{
	const struct entity_column *cols;
	size_t n = store_columns(entity, &cols);

	for (size_t i = 0; value && i < n; i++) {
		struct span rest = span_of(cols[i].words), w;

		if (!str_eq(cols[i].name, column) || !cols[i].words)
			continue;
		while (span_split(&rest, '|', &w))
			if (span_eq(w, value))
				return CTL_DONE;
		return fail(c, CTL_USAGE, "%s '%s' is none of %s", column, value, cols[i].words);
	}
	return CTL_DONE;
}

/* ---- list ---- */

int limit_of(struct ctl *c, const struct args *args, int64_t otherwise, struct value *out_r)
{
	const char *v = arg_value(args, "limit");
	int64_t n = otherwise;

	if (v && !str_int(v, 1, 10000000, &n))
		return fail(c, CTL_USAGE, "--limit '%s' is not a number from 1 on", v);
	*out_r = V_INT(n);
	return CTL_DONE;
}

int cmd_prospect_list(struct ctl *c, const struct args *args)
{
	const char *state = arg_value(args, "state");
	enum seq_state s;
	struct value v[6] = {
		store_text(arg_value(args, "owner")), store_text(arg_value(args, "stage")),
		store_text(arg_value(args, "priority")), store_text(state),
		store_text(args->n ? args->word[0] : NULL),
	};
	int code = limit_of(c, args, 1000, &v[5]);
	json_t *list;

	if (!code)
		code = check_word(c, "prospect", "stage", arg_value(args, "stage"));
	if (!code)
		code = check_word(c, "prospect", "priority", arg_value(args, "priority"));
	if (code)
		return code;
	if (state && !seq_state_from_name(state, &s))
		return fail(c, CTL_USAGE, "there is no state '%s': 'relentctl sequence states'", state);
	list = ask(c, "ctl_prospects", v, 6, &code);
	return list ? out_list(c, list, "email name company owner stage priority sequence state step due",
			       "no prospect fits") : code;
}

/* ---- show ---- */

struct show {
	struct ctl *c;
	const char *what;
	json_t *out;
};

static void suppressions_json(const struct memory_suppression *list, size_t n, json_t *out)
{
	for (size_t i = 0; i < n; i++)
		json_array_append_new(out, json_pack("{s:o,s:o,s:o,s:o}", "subject", text_json(list[i].subject),
			"scope", text_json(list[i].scope), "reason", text_json(list[i].reason), "since",
			time_json(list[i].at)));
}

/* Who owes the next word, and since when: what the whole thread comes down to. */
static void thread_json(json_t *o, const json_t *touches, const json_t *replies)
{
	const json_t *t = json_array_get(touches, 0), *r = NULL;
	const char *ours = get(t, "at"), *theirs = "";

	for (size_t i = 0; i < json_array_size(replies) && !r; i++)
		if (str_eq(get(json_array_get(replies, i), "kind"), "human"))
			r = json_array_get(replies, i);
	theirs = get(r, "received");
	if (*ours)
		json_object_set_new(o, "last_touch", text_json(ours));
	if (*theirs)
		json_object_set_new(o, "last_answer", text_json(theirs));
	/* within one second the answer is the later one */
	if (*theirs && strcmp(theirs, ours) >= 0) {
		json_object_set_new(o, "next_word", json_string("ours"));
		json_object_set_new(o, "waiting_since", text_json(theirs));
	} else if (*ours) {
		json_object_set_new(o, "next_word", json_string("theirs"));
		json_object_set_new(o, "waiting_since", text_json(ours));
	} else {
		json_object_set_new(o, "next_word", json_string("nobody has written yet"));
	}
}

static void keep_keys(json_t *list, const char *keys)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *o = json_array_get(list, i), *v;
		const char *key;
		void *next;

		json_object_foreach_safe(o, next, key, v) {
			struct span rest = span_of(keys), w;
			bool keep = false;

			while (!keep && span_split(&rest, ' ', &w))
				keep = span_eq(w, key);
			if (!keep)
				json_object_del(o, key);
		}
	}
}

static enum status show_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	static const struct { const char *key, *statement, *people; } parts[] = {
		{ "addresses", "ctl_prospect_addresses", NULL },
		{ "sequences", "ctl_enrolments_of",
		  "short sequence owner state step due last_touch holds pause_reason reason" },
		{ "touches", "ctl_touches_of", "short at owner kind step subject sent_state" },
		{ "replies", "ctl_replies_of", "short received sender class event subject" },
		{ "sources", "ctl_sources", "kind url captured source_owner permission permitted_use compliance" },
		{ "evidence", "ctl_evidence", "short type point source safe" },
		{ "signals", "ctl_signals", "short what date source" },
		{ "notes", "ctl_notes", "short kind text date done" },
	};
	struct show *s = ctx;
	struct memory_suppression *sup;
	const char *id;
	struct value v;
	size_t n;
	json_t *list, *out;
	enum status st = find_prospect(tx, a, s->what, &id, e);

	json_decref(s->out);
	s->out = NULL;
	if (st)
		return st;
	v = store_text(id);
	list = rows_json(tx, "ctl_prospect", &v, 1, &st, e);
	if (!list)
		return st;
	out = json_incref(json_array_get(list, 0));
	json_decref(list);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		list = rows_json(tx, parts[i].statement, &v, 1, &st, e);
		if (!list) {
			json_decref(out);
			return st;
		}
		if (parts[i].people && !s->c->json)
			keep_keys(list, parts[i].people);
		json_object_set_new(out, parts[i].key, list);
	}
	thread_json(out, json_object_get(out, "touches"), json_object_get(out, "replies"));
	st = standing_json(s->c, tx, a, id, out, e);
	json_object_del(out, "missing");
	if (st) {
		json_decref(out);
		return st;
	}
	list = json_array();
	json_object_set_new(out, "suppressions", list);
	for (size_t i = 0; !st && i < json_array_size(json_object_get(out, "addresses")); i++) {
		st = store_suppressed(tx, a, get(json_array_get(json_object_get(out, "addresses"), i), "address"),
				      NULL, &sup, &n, e);
		if (!st)
			suppressions_json(sup, n, list);
	}
	if (!s->c->json) {
		json_t *plain = json_array();
		size_t i;
		json_t *one;

		json_array_foreach(json_object_get(out, "addresses"), i, one)
			json_array_append(plain, json_object_get(one, "address"));
		json_object_set_new(out, "addresses", plain);
	}
	s->out = out;
	return st;
}

int cmd_prospect_show(struct ctl *c, const struct args *args)
{
	struct show s = { .c = c, .what = args->word[0] };
	int code = read_unit(c, show_unit, &s);

	if (code) {
		json_decref(s.out);
		return code;
	}
	return out_object(c, s.out);
}
