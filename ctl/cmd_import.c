/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl prospect import|export. Good rows are taken, bad ones are told by line and reason;
 * nothing comes in without a source and a permission.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/when.h"

enum { BATCH = 100, FILE_CAP = 512 * 1024 * 1024 };

struct import {
	struct ctl *c;
	const char *file;
	const struct args *args;
	struct table t;
	json_t *problems, *duplicates;
	json_t *seen;			/* dry run: addresses that this file would have brought */
	const char *const *required;	/* import.required */
	size_t required_n;
	int64_t added, merged;
	bool dry_run;
};

static void problem(void *ctx, int line, const char *sentence)
{
	struct import *im = ctx;

	json_array_append_new(im->problems, json_pack("{s:i,s:o}", "line", line, "problem",
						      text_json(sentence)));
}

static char *read_all(struct arena *a, const char *path, size_t *n_r, struct err *e)
{
	FILE *f = str_eq(path, "-") ? stdin : fopen(path, "re");
	size_t room = 65536, n = 0, got;
	char *text;

	if (!f) {
		err_set(e, INPUT, "cannot read '%s': %s", path, strerror(errno));
		return NULL;
	}
	text = arena_alloc(a, room + 1);
	while ((got = fread(text + n, 1, room - n, f)) > 0) {
		n += got;
		if (n == room) {
			char *more = arena_alloc(a, room * 2 + 1);

			memcpy(more, text, n);
			text = more;
			room *= 2;
		}
		if (n > FILE_CAP)
			break;
	}
	if (ferror(f) || n > FILE_CAP) {
		err_set(e, INPUT, "cannot read '%s': %s", path, ferror(f) ? strerror(errno) : "it is too big");
		text = NULL;
	}
	if (f != stdin)
		fclose(f);
	*n_r = n;
	return text;
}

/* ---- one row ---- */

/* Where a column goes: into the record of the source, under this name; NULL: the prospect. */
static const char *source_column(const char *name)
{
	static const struct { const char *column, *field; } map[] = {
		{ "source", "kind" }, { "source_url", "url" }, { "captured", "captured" },
		{ "source_owner", "source_owner" }, { "permission", "permission" },
		{ "visibility", "visibility" }, { "method", "method" }, { "permitted_use", "permitted_use" },
		{ "compliance", "compliance" }, { "jurisdiction", "jurisdiction" },
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (str_eq(map[i].column, name))
			return map[i].field;
	return NULL;
}

/* Undoes what csv_cell() does against formulas. */
static const char *plain_value(const char *v)
{
	return v && v[0] == '\'' && v[1] && strchr("=+-@", v[1]) ? v + 1 : v;
}

struct person {
	struct prospect_new p;
	struct field *fields, *source;
	const char *email, *key;
};

/* "In-Bound Form" -> "inbound_form" for the words of a column; the value itself if none fits. */
static const char *word_of(struct arena *a, const char *entity, const char *field, const char *value)
{
	const struct entity_column *cols;
	size_t n = store_columns(entity, &cols);

	for (size_t i = 0; i < n; i++) {
		struct span rest, w;

		if (!str_eq(cols[i].name, field) || !cols[i].words)
			continue;
		rest = span_of(cols[i].words);
		while (span_split(&rest, '|', &w)) {
			const char *x = value, *y = w.p;

			/* blanks, dashes and underscores count for nothing, nor does case */
			for (;;) {
				while (*x == ' ' || *x == '-' || *x == '_')
					x++;
				while (y < w.p + w.n && *y == '_')
					y++;
				if (!*x || y == w.p + w.n || (*x | 32) != *y)
					break;
				x++;
				y++;
			}
			if (!*x && y == w.p + w.n)
				return span_dup(a, w);
		}
	}
	return value;
}

/* Is value one of the column's words (or has the column none)? The sentence names the file's column. */
static enum status check_word(struct arena *a, const char *entity, const char *field, const char *column,
			      const char *value, struct err *e)
{
	const struct entity_column *cols;
	size_t n = store_columns(entity, &cols), words_n = 0;
	const char *words[32], *near;

	for (size_t i = 0; i < n; i++) {
		struct span rest, w;

		if (!str_eq(cols[i].name, field) || !cols[i].words)
			continue;
		rest = span_of(cols[i].words);
		while (words_n < 32 && span_split(&rest, '|', &w)) {
			if (span_eq(w, value))
				return OK;
			words[words_n++] = span_dup(a, w);
		}
		near = str_nearest(value, words, words_n);
		return err_set(e, INPUT, near ? "%s '%s' is none of %s: did you mean '%s'?"
			       : "%s '%s' is none of %s", column, value, cols[i].words, near);
	}
	return OK;
}

static bool is_number_column(const char *name)
{
	const struct entity_column *cols;
	size_t n = store_columns("prospect", &cols);

	for (size_t i = 0; i < n; i++)
		if (str_eq(cols[i].name, name))
			return str_eq(cols[i].type, "NUM") || str_eq(cols[i].type, "INT");
	return false;
}

static enum status row_person(struct import *im, struct arena *a, const struct table_row *row,
			      struct person *out, struct err *e)
{
	static const char *const from_options[] = { "source", "permission", "captured", "source-owner",
						    "source-url", "visibility", "method", "permitted-use",
						    "compliance", "jurisdiction" };
	const struct table *t = &im->t;
	struct addr parsed;
	bool has_source = false, has_permission = false;

	*out = (struct person){ .p.owner_login = arg_value(im->args, "owner") };
	out->fields = arena_array(a, struct field, t->columns + 4);
	out->source = arena_array(a, struct field, t->columns + 16);
	for (size_t i = 0; i < row->n; i++) {
		const char *v = plain_value(row->values[i]), *name = t->names[i], *field;

		if (!name || str_empty(v))
			continue;
		if (!str_is_utf8(v, strlen(v)))
			return err_set(e, INPUT, "column '%s' is not valid text", name);
		if (str_eq(name, "email"))
			out->email = v;
		if (str_eq(name, "zone") && !when_zone_valid(v))
			return err_set(e, INPUT, "zone '%s' is not a time zone", v);
		if (str_eq(name, "owner")) {
			out->p.owner_login = v;
			continue;
		}
		field = source_column(name);
		if (!field) {
			v = is_number_column(name) ? v : word_of(a, "prospect", name, v);
			if (check_word(a, "prospect", name, name, v, e) != OK)
				return INPUT;
			out->fields[out->p.n++] = (struct field){ name, v };
			continue;
		}
		has_source |= str_eq(name, "source");
		has_permission |= str_eq(name, "permission");
		v = word_of(a, "source", field, v);
		if (check_word(a, "source", field, name, v, e) != OK)
			return INPUT;
		out->source[out->p.source_n++] = (struct field){ field, v };
	}
	for (size_t i = 0; i < sizeof(from_options) / sizeof(from_options[0]); i++) {
		const char *v = arg_value(im->args, from_options[i]);
		char *name = arena_strdup(a, from_options[i]);
		bool there = false;

		for (char *p = name; *p; p++)
			if (*p == '-')
				*p = '_';
		for (size_t k = 0; k < out->p.source_n; k++)
			there |= str_eq(out->source[k].name, source_column(name));
		if (str_empty(v) || there)
			continue;
		has_source |= str_eq(name, "source");
		has_permission |= str_eq(name, "permission");
		out->source[out->p.source_n++] = (struct field){ source_column(name), v };
	}
	if (!out->email)
		return err_set(e, INPUT, "the email is missing");
	if (!addr_path(a, out->email, &parsed) || !*parsed.key || !parsed.domain || !*parsed.domain)
		return err_set(e, INPUT, "'%s' is not a mail address", out->email);
	out->key = parsed.key;
	if (!has_source)
		return err_set(e, INPUT, "the source is missing: nobody is written to without one");
	if (!has_permission)
		return err_set(e, INPUT, "the permission is missing ('none' where there is none)");
	for (size_t i = 0; i < im->required_n; i++) {
		const char *field = source_column(im->required[i]);
		bool there = false;

		for (size_t k = 0; k < out->p.source_n; k++)
			there |= str_eq(out->source[k].name, field);
		if (!there)
			return err_set(e, INPUT, "the %s is missing (import.required in relent.conf)", im->required[i]);
	}
	out->p.fields = out->fields;
	out->p.source = out->source;
	return OK;
}

/* ---- batches ---- */

struct batch {
	struct import *im;
	const struct table_row **rows;
	size_t n;
	bool undo;			/* dry run */
	int64_t added, merged;
	json_t *duplicates, *keys;
};

static enum status batch_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct batch *b = ctx;

	b->added = b->merged = 0;
	json_array_clear(b->duplicates);
	json_object_clear(b->keys);
	for (size_t i = 0; i < b->n; i++) {
		struct person person;
		const char *id;
		bool known;
		enum status st = row_person(b->im, a, b->rows[i], &person, e);

		if (!st)
			st = store_prospect_add(tx, a, &person.p, b->im->c->actor, &id, &known, e);
		if (st)
			return st;
		known |= b->im->dry_run && json_object_get(b->im->seen, person.key) != NULL;
		b->added += !known;
		b->merged += known;
		json_object_set_new(b->keys, person.key, json_true());
		if (known)
			json_array_append_new(b->duplicates, json_pack("{s:i,s:o}", "line", b->rows[i]->line, "email",
								       text_json(person.key)));
	}
	return b->undo ? err_set(e, GONE, "dry run") : OK;
}

static enum status run_batch(struct import *im, const struct table_row **rows, size_t n, struct err *e)
{
	struct batch b = { .im = im, .rows = rows, .n = n, .undo = im->dry_run, .duplicates = json_array(),
			   .keys = json_object() };
	enum status st = store_write(im->c->store, im->c->now, batch_unit, &b, 0, e);

	if (b.undo && st == GONE && str_eq(e->text, "dry run"))
		st = OK;
	if (!st) {
		im->added += b.added;
		im->merged += b.merged;
		json_array_extend(im->duplicates, b.duplicates);
		json_object_update(im->seen, b.keys);
	}
	json_decref(b.duplicates);
	json_decref(b.keys);
	return st;
}

/* A batch with a bad row in it is done again row by row: the good ones come in, the bad one is told. */
static enum status import_rows(struct import *im, struct err *e)
{
	const struct table_row **rows = arena_array(im->c->arena, const struct table_row *, BATCH);
	enum status st;

	for (size_t i = 0; i < im->t.rows_n; i += BATCH) {
		size_t n = im->t.rows_n - i < BATCH ? im->t.rows_n - i : BATCH;

		for (size_t k = 0; k < n; k++)
			rows[k] = &im->t.rows[i + k];
		st = run_batch(im, rows, n, e);
		if (st == OK)
			continue;
		if (st != INPUT && st != GONE)
			return st;
		for (size_t k = 0; k < n; k++) {
			st = run_batch(im, &rows[k], 1, e);
			if (st == INPUT || st == GONE)
				problem(im, rows[k]->line, e->text);
			else if (st)
				return st;
		}
	}
	return OK;
}

static int by_line(const void *x, const void *y)
{
	int64_t a = get_int(*(json_t *const *)x, "line"), b = get_int(*(json_t *const *)y, "line");

	return a < b ? -1 : a > b;
}

static void sort_by_line(struct arena *a, json_t *list)
{
	size_t n = json_array_size(list);
	json_t **items = arena_array(a, json_t *, n + 1);

	for (size_t i = 0; i < n; i++)
		items[i] = json_incref(json_array_get(list, i));
	qsort(items, n, sizeof(*items), by_line);
	json_array_clear(list);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, items[i]);
}

static void forget(struct import *im)
{
	json_decref(im->problems);
	json_decref(im->duplicates);
	json_decref(im->seen);
}

static int answer(struct import *im)
{
	struct ctl *c = im->c;
	size_t bad = json_array_size(im->problems);

	sort_by_line(c->arena, im->problems);
	if (c->json) {
		out_object(c, json_pack("{s:b,s:i,s:I,s:I,s:o,s:o,s:s}", "dry_run", im->dry_run, "rows",
			(int)im->t.rows_n, "added", im->added, "merged", im->merged, "problems", im->problems,
			"duplicates", im->duplicates, "encoding", im->t.encoding));
		json_decref(im->seen);
		return bad ? CTL_NO : CTL_DONE;
	}
	for (size_t i = 0; i < json_array_size(im->duplicates); i++) {
		const json_t *d = json_array_get(im->duplicates, i);

		printf("%s:%d: '%s' is known already: empty fields are filled\n", im->file, (int)get_int(d, "line"),
		       get(d, "email"));
	}
	for (size_t i = 0; i < bad; i++) {
		const json_t *p = json_array_get(im->problems, i);

		fprintf(stderr, "%s:%d: %s\n", im->file, (int)get_int(p, "line"),
			plain(c, get(p, "problem")));
	}
	if (im->t.encoding && !str_eq(im->t.encoding, "UTF-8"))
		printf("read as %s\n", im->t.encoding);
	printf("%s%lld new, %lld known already, %zu bad\n", im->dry_run ? "would be: " : "",
	       (long long)im->added, (long long)im->merged, bad);
	forget(im);
	return bad ? CTL_NO : CTL_DONE;
}

int cmd_prospect_import(struct ctl *c, const struct args *args)
{
	struct import im = { .c = c, .args = args, .file = args->word[0], .dry_run = arg_given(args, "dry-run") };
	struct err e;
	enum status st;
	size_t n;
	char *text;
	int code = sync_owners(c);

	if (code)
		return code;
	text = read_all(c->arena, args->word[0], &n, &e);
	if (!text)
		return fail(c, CTL_NO, "%s", e.text);
	im.required_n = conf_list(c->conf, "import.required", &im.required);
	im.problems = json_array();
	im.duplicates = json_array();
	im.seen = json_object();
	st = table_read(c->arena, text, n, arg_value(args, "map"), problem, &im, &im.t, &e);
	if (st) {
		forget(&im);
		return fail(c, CTL_NO, "%s: %s", args->word[0], e.text);
	}
	st = import_rows(&im, &e);
	if (st) {
		forget(&im);
		note(c, "%lld rows were taken before this", (long long)(im.added + im.merged));
		return fail_status(c, st, &e);
	}
	return answer(&im);
}

/* ---- export ---- */

/* The columns of an export are those of an import, then the state for people. */
static bool export_column(const char *key, const char *const **keys_r, size_t *n_r)
{
	static const char *const keys[] = {
		"email", "name", "first_name", "last_name", "company", "role", "phone", "profile", "location",
		"zone", "language", "client", "crm_record", "previous_contact", "relationship",
		"identity_status", "identity_confidence", "priority", "score", "score_reasons", "signal",
		"workflow", "asset", "mini_case", "question", "stage", "next_action", "next_action_at",
		"opportunity_value", "outcome", "permission_channels", "fit", "intent", "deals", "preferred_channel",
		"urgency", "owner", "source", "source_url",
		"captured", "source_owner", "permission", "visibility", "method", "permitted_use",
		"compliance", "jurisdiction",
	};

	*keys_r = keys;
	*n_r = sizeof(keys) / sizeof(keys[0]);
	for (size_t i = 0; i < *n_r; i++)
		if (str_eq(keys[i], key))
			return true;
	return false;
}

static void export_row(struct buf *b, json_t *row, bool jsonl)
{
	const char *const *keys, *key;
	size_t n;
	json_t *v;
	void *next;
	char *line;

	export_column("", &keys, &n);
	if (jsonl) {
		json_free_t free_fn;

		json_object_foreach_safe(row, next, key, v)
			if (json_is_null(v) || !export_column(key, &keys, &n))
				json_object_del(row, key);
		line = json_dumps(row, JSON_COMPACT);
		buf_adds(b, line);
		json_get_alloc_funcs(NULL, &free_fn);
		free_fn(line);
		buf_addc(b, '\n');
		return;
	}
	for (size_t i = 0; i < n; i++) {
		char number[40];

		v = json_object_get(row, keys[i]);
		if (i)
			buf_addc(b, ',');
		if (json_is_string(v))
			csv_cell(b, json_string_value(v));
		else if (json_is_number(v)) {
			snprintf(number, sizeof(number), "%.15g", json_number_value(v));
			buf_adds(b, number);
		}
	}
	buf_adds(b, "\r\n");
}

int cmd_prospect_export(struct ctl *c, const struct args *args)
{
	const char *format = arg_value(args, "format"), *path = args->n ? args->word[0] : "-", *last = "";
	bool jsonl = c->json || str_eq(format, "jsonl") || str_eq(format, "json");
	FILE *f;
	const char *const *keys;
	size_t n, total = 0;
	int code;

	if (format && !jsonl && !str_eq(format, "csv"))
		return fail(c, CTL_USAGE, "--format '%s' is neither csv nor jsonl", format);
	f = str_eq(path, "-") ? stdout : fopen(path, "wxe");
	if (!f)
		return fail(c, CTL_UNAVAILABLE, "cannot write '%s': %s", path, strerror(errno));
	export_column("", &keys, &n);
	for (size_t i = 0; i < n && !jsonl; i++)
		fprintf(f, "%s%s", keys[i], i + 1 < n ? "," : "\r\n");
	for (;;) {
		struct value v = store_text(last);
		json_t *list = ask(c, "ctl_export", &v, 1, &code);
		size_t rows = json_array_size(list);
		struct arena *a;

		if (!list)
			return code;
		a = arena_new(0);
		for (size_t i = 0; i < rows; i++) {
			struct buf b;
			json_t *row = json_array_get(list, i);

			last = arena_strdup(c->arena, get(row, "id"));
			buf_init(&b, a);
			export_row(&b, row, jsonl);
			fwrite(b.p, 1, b.n, f);
		}
		total += rows;
		arena_free(a);
		json_decref(list);
		if (rows < 500)
			break;
	}
	code = ferror(f);
	if (f != stdout && fclose(f) != 0)
		code = 1;
	if (code)
		return fail(c, CTL_UNAVAILABLE, "cannot write '%s': the disk may be full", path);
	if (f != stdout)
		return out_done(c, json_pack("{s:I}", "rows", (json_int_t)total),
				"%zu prospects written to '%s'", total, path);
	return CTL_DONE;
}
