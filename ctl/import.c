/* SPDX-License-Identifier: MPL-2.0
 *
 * Tables as other programs write them: CSV with its dialects and encodings, JSON lines. Reading and
 * quoting only; what the columns mean to the store is cmd_import.c's.
 */
#include "config.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "ctl/people.h"

#include "base/arena.h"

enum { COLUMNS_MAX = 200, CELL_MAX = 64 * 1024, ROWS_MAX = 1000000 };

/* ---- encodings ---- */

static char *convert(struct arena *a, const char *from, const char *text, size_t n, size_t *n_r)
{
	iconv_t cd = iconv_open("UTF-8", from);
	size_t room = n * 4 + 16, left = room;
	char *out, *p, *in = (char *)text;

	if (cd == (iconv_t)-1)
		return NULL;
	out = p = arena_alloc(a, room);
	while (n > 0 && left > 4) {
		if (iconv(cd, &in, &n, &p, &left) != (size_t)-1)
			break;
		if (errno == E2BIG || n == 0)
			break;
		/* a byte without a meaning: its place is kept visible */
		memcpy(p, "\xef\xbf\xbd", 3);
		p += 3;
		left -= 3;
		in++;
		n--;
	}
	iconv_close(cd);
	*p = '\0';
	*n_r = (size_t)(p - out);
	return out;
}

static const char *to_utf8(struct arena *a, const char *text, size_t n, const char **encoding_r,
			   size_t *n_r)
{
	const unsigned char *u = (const unsigned char *)text;

	*n_r = n;
	if (n >= 2 && ((u[0] == 0xff && u[1] == 0xfe) || (u[0] == 0xfe && u[1] == 0xff))) {
		*encoding_r = "UTF-16";
		return convert(a, u[0] == 0xff ? "UTF-16LE" : "UTF-16BE", text + 2, n - 2, n_r);
	}
	if (n >= 3 && u[0] == 0xef && u[1] == 0xbb && u[2] == 0xbf) {
		text += 3;
		*n_r = n -= 3;
	}
	*encoding_r = "UTF-8";
	if (str_is_utf8(text, n))
		return text;
	*encoding_r = "Windows-1252";
	return convert(a, "WINDOWS-1252", text, n, n_r);
}

/* ---- column names ---- */

/* Names that other programs use, folded as fold() does. */
static const struct { const char *theirs, *ours; } synonyms[] = {
	{ "e_mail", "email" }, { "mail", "email" }, { "email_address", "email" }, { "e_mail_address", "email" },
	{ "emails", "email" }, { "primary_email", "email" }, { "work_email", "email" },
	{ "contact_name", "name" }, { "full_name", "name" }, { "contact", "name" },
	{ "firstname", "first_name" }, { "given_name", "first_name" }, { "vorname", "first_name" },
	{ "lastname", "last_name" }, { "surname", "last_name" }, { "family_name", "last_name" },
	{ "nachname", "last_name" }, { "company_name", "company" }, { "organisation", "company" },
	{ "organization", "company" }, { "account", "company" }, { "firma", "company" },
	{ "title", "role" }, { "job_title", "role" }, { "position", "role" },
	{ "phone_number", "phone" }, { "telephone", "phone" }, { "mobile", "phone" },
	{ "linkedin", "profile" }, { "linkedin_profile", "profile" }, { "linkedin_url", "profile" },
	{ "time_zone", "zone" }, { "timezone", "zone" }, { "client_or_account", "client" },
	{ "existing_relationship", "relationship" }, { "crm_id", "crm_record" },
	{ "lead_source", "source" }, { "source_kind", "source" }, { "source_url_or_record", "source_url" },
	{ "capture_date", "captured" }, { "source_captured", "captured" }, { "captured_on", "captured" },
	{ "permission_type", "permission" }, { "source_permission", "permission" },
	{ "public_or_private", "visibility" }, { "source_visibility", "visibility" },
	{ "collection_method", "method" }, { "source_method", "method" },
	{ "compliance_status", "compliance" }, { "source_compliance", "compliance" },
	{ "source_permitted_use", "permitted_use" }, { "source_jurisdiction", "jurisdiction" },
	{ "rep", "owner" }, { "owner_login", "owner" }, { "alias", "aliases" },
};

/* "Source URL Or Record" -> "source_url_or_record" */
static char *fold_name(struct arena *a, const char *s)
{
	struct buf b;

	buf_init(&b, a);
	for (; *s; s++) {
		bool word = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || (unsigned char)*s >= 0x80;

		if (*s >= 'A' && *s <= 'Z')
			buf_addc(&b, (char)(*s + 32));
		else if (word)
			buf_addc(&b, *s);
		else if (b.n && b.p[b.n - 1] != '_')
			buf_addc(&b, '_');
	}
	while (b.n && b.p[b.n - 1] == '_')
		b.p[--b.n] = '\0';
	return b.p;
}

size_t import_columns(struct arena *a, const char ***out_r)
{
	static const char *const own[] = { "email", "aliases", "company", "owner", "source", "source_url",
					   "captured", "source_owner", "permission", "visibility", "method",
					   "permitted_use", "compliance", "jurisdiction" };
	const struct entity_column *cols;
	size_t n = store_columns("prospect", &cols), out = 0;
	const char **names = arena_array(a, const char *, n + 16);

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		names[out++] = own[i];
	for (size_t i = 0; i < n; i++)
		if (!str_eq(cols[i].name, "owner_id") && !str_eq(cols[i].name, "company_id")
		    && !str_eq(cols[i].name, "merged_into"))
			names[out++] = cols[i].name;
	*out_r = names;
	return out;
}

/* map: "Their name=ours,Other=-" ('-': left out) */
static const char *mapped(struct arena *a, const char *map, const char *name, bool *left_out_r)
{
	struct span rest = span_of(map), one;

	*left_out_r = false;
	while (span_split(&rest, ',', &one)) {
		const char *eq = memchr(one.p, '=', one.n);
		char *theirs;

		if (!eq)
			continue;
		theirs = fold_name(a, arena_strndup(a, one.p, (size_t)(eq - one.p)));
		if (!str_eq(theirs, fold_name(a, name)))
			continue;
		if (one.n - (size_t)(eq - one.p) == 2 && eq[1] == '-')
			*left_out_r = true;
		return arena_strndup(a, eq + 1, one.n - (size_t)(eq - one.p) - 1);
	}
	return NULL;
}

/* Our name of a column; NULL with *left_out_r, or NULL with a sentence in e. */
static const char *column(struct arena *a, const char *map, const char *name, bool *left_out_r,
			  struct err *e)
{
	const char *want = mapped(a, map, name, left_out_r), **names, *near;
	size_t n = import_columns(a, &names);

	if (*left_out_r)
		return NULL;
	want = fold_name(a, want ? want : name);
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], want))
			return names[i];
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (str_eq(synonyms[i].theirs, want))
			return synonyms[i].ours;
	near = str_nearest(want, names, n);
	if (near)
		err_set(e, INPUT, "there is no column '%s': did you mean '%s'? (--map '%s=%s', or '%s=-' to leave it "
			"out)", name, near, name, near, name);
	else
		err_set(e, INPUT, "there is no column '%s': say --map '%s=OURS', or '%s=-' to leave it out", name,
			name, name);
	return NULL;
}

/* ---- CSV ---- */

struct reader {
	struct arena *a;
	const char *p, *end;
	char separator;
	int line;			/* of p */
};

/* One record of RFC 4180. False at the end. *problem_r: what is wrong with it, or NULL. */
static bool csv_record(struct reader *r, const char **cells, size_t max, size_t *n_r,
		       const char **problem_r)
{
	struct buf b;
	size_t n = 0;
	bool quoted = false, was_quoted = false, any = false;

	*problem_r = NULL;
	*n_r = 0;
	buf_init(&b, r->a);
	while (r->p < r->end) {
		char c = *r->p++;

		any = true;
		if (c == '\n')
			r->line++;
		if (quoted) {
			if (c == '"' && r->p < r->end && *r->p == '"')
				buf_addc(&b, *r->p++);
			else if (c == '"')
				quoted = false;
			else if (c)
				buf_addc(&b, c);
			if (b.n > CELL_MAX && !*problem_r)
				*problem_r = "a cell is longer than 65536 bytes: is a closing quote missing?";
			continue;
		}
		if (c == '"' && b.n == 0 && !was_quoted) {
			quoted = was_quoted = true;
		} else if (c == r->separator) {
			if (n < max)
				cells[n] = b.p;
			n++;
			buf_init(&b, r->a);
			was_quoted = false;
		} else if (c == '\n' || c == '\r') {
			if (c == '\r' && r->p < r->end && *r->p == '\n') {
				r->p++;
				r->line++;
			} else if (c == '\r') {
				r->line++;
			}
			break;
		} else if (c == '"' && !*problem_r) {
			*problem_r = was_quoted ? "there is text behind a closing quote"
				: "there is a quote inside a cell that does not begin with one";
		} else if (was_quoted && c != ' ' && !*problem_r) {
			*problem_r = "there is text behind a closing quote";
		} else if (c == '\0') {
			*problem_r = "there is a zero byte";
		} else {
			buf_addc(&b, c);
		}
	}
	if (!any)
		return false;
	if (quoted && !*problem_r)
		*problem_r = "a quote is opened and never closed";
	if (n < max)
		cells[n] = b.p;
	*n_r = n + 1;
	if (n + 1 > max)
		*problem_r = "there are more than 200 cells";
	return true;
}

/* The separator the first line uses most, outside quotes. */
static char guess_separator(const char *p, const char *end)
{
	static const char candidates[] = ",;\t|";
	size_t count[4] = { 0 };
	size_t best = 0;
	bool quoted = false;

	for (; p < end && (quoted || (*p != '\n' && *p != '\r')); p++) {
		const char *c = strchr(candidates, *p);

		if (*p == '"')
			quoted = !quoted;
		else if (!quoted && *p && c)
			count[c - candidates]++;
	}
	for (size_t i = 1; i < 4; i++)
		if (count[i] > count[best])
			best = i;
	return candidates[best];
}

static bool is_blank(const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_trim(span_of(cells[i])).n)
			return false;
	return true;
}

static struct table_row *add_row(struct arena *a, struct table *t, size_t *room)
{
	if (t->rows_n == *room) {
		struct table_row *more;

		*room = *room ? *room * 2 : 64;
		more = arena_array(a, struct table_row, *room);
		if (t->rows_n)
			memcpy(more, t->rows, t->rows_n * sizeof(*more));
		t->rows = more;
	}
	return &t->rows[t->rows_n++];
}

static enum status csv_header(struct arena *a, struct reader *r, const char *map, struct table *t,
			      struct err *e)
{
	const char *cells[COLUMNS_MAX], *problem;
	size_t n;

	do {
		if (!csv_record(r, cells, COLUMNS_MAX, &n, &problem))
			return err_set(e, INPUT, "it is empty: the first line must name the columns");
	} while (is_blank(cells, n < COLUMNS_MAX ? n : COLUMNS_MAX));
	if (problem)
		return err_set(e, INPUT, "line 1: %s", problem);
	t->columns = n;
	t->names = arena_array(a, const char *, n);
	for (size_t i = 0; i < n; i++) {
		bool left_out;

		if (*fold_name(a, cells[i]) == '\0')
			continue;	/* a column without a name is nobody's */
		t->names[i] = column(a, map, cells[i], &left_out, e);
		if (!t->names[i] && !left_out)
			return err_prefix(e, INPUT, "line 1");
		for (size_t k = 0; k < i && t->names[i]; k++)
			if (str_eq(t->names[k], t->names[i]))
				return err_set(e, INPUT, "line 1: column '%s' is there twice", cells[i]);
	}
	return OK;
}

static enum status read_csv(struct arena *a, const char *text, size_t n, const char *map,
			    table_report_fn *report, void *ctx, struct table *t, struct err *e)
{
	struct reader r = { .a = a, .p = text, .end = text + n, .line = 1 };
	const char *cells[COLUMNS_MAX], *problem;
	size_t cells_n, room = 0;
	int line;
	enum status st;

	while (r.p < r.end && (*r.p == '\n' || *r.p == '\r'))
		r.line += *r.p++ == '\n';
	r.separator = t->separator = guess_separator(r.p, r.end);
	st = csv_header(a, &r, map, t, e);
	if (st)
		return st;
	for (line = r.line; csv_record(&r, cells, COLUMNS_MAX, &cells_n, &problem); line = r.line) {
		struct table_row *row;

		if (problem) {
			report(ctx, line, problem);
			continue;
		}
		if (is_blank(cells, cells_n))
			continue;
		if (cells_n > t->columns && !is_blank(cells + t->columns, cells_n - t->columns)) {
			report(ctx, line, arena_printf(a, "it has %zu cells, the header names %zu columns", cells_n,
						       t->columns));
			continue;
		}
		if (t->rows_n == ROWS_MAX || arena_over(a))
			return err_set(e, INPUT, "it is too big: split it");
		row = add_row(a, t, &room);
		row->line = line;
		row->n = cells_n < t->columns ? cells_n : t->columns;
		row->values = arena_array(a, const char *, t->columns);
		for (size_t i = 0; i < row->n; i++)
			row->values[i] = span_dup(a, span_trim(span_of(cells[i])));
	}
	return OK;
}

/* ---- JSON lines ---- */

static const char *json_cell(struct arena *a, const json_t *v)
{
	struct buf b;

	switch (json_typeof(v)) {
	case JSON_STRING: return span_dup(a, span_trim(span_of(json_string_value(v))));
	case JSON_INTEGER: return arena_printf(a, "%lld", (long long)json_integer_value(v));
	case JSON_REAL: return arena_printf(a, "%.15g", json_real_value(v));
	case JSON_TRUE: return "yes";
	case JSON_FALSE: return "no";
	case JSON_ARRAY:
		buf_init(&b, a);
		for (size_t i = 0; i < json_array_size(v); i++) {
			const char *one = json_cell(a, json_array_get(v, i));

			if (one)
				buf_addf(&b, "%s%s", b.n ? "," : "", one);
		}
		return b.p;
	case JSON_OBJECT:
	case JSON_NULL:
		break;
	}
	return NULL;
}

static void json_row(struct arena *a, const char *map, const json_t *o, int line,
		     table_report_fn *report, void *ctx, struct table *t, size_t *room)
{
	struct table_row *row;
	const char **values = arena_array(a, const char *, t->columns), *key;
	json_t *v;
	struct err e;

	json_object_foreach((json_t *)o, key, v) {
		bool left_out;
		const char *name = column(a, map, key, &left_out, &e);

		if (!name && !left_out) {
			report(ctx, line, e.text);
			return;
		}
		for (size_t i = 0; name && i < t->columns; i++)
			if (str_eq(t->names[i], name))
				values[i] = json_cell(a, v);
	}
	row = add_row(a, t, room);
	row->line = line;
	row->n = t->columns;
	row->values = values;
}

static enum status read_json(struct arena *a, const char *text, size_t n, const char *map,
			     table_report_fn *report, void *ctx, struct table *t, struct err *e)
{
	struct span rest = { text, n }, one;
	size_t room = 0;
	int line = 0;

	t->columns = import_columns(a, &t->names);
	while (span_line(&rest, &one)) {
		json_error_t je;
		json_t *o;

		line++;
		if (span_trim(one).n == 0)
			continue;
		o = json_loadb(one.p, one.n, JSON_REJECT_DUPLICATES, &je);
		if (!json_is_object(o))
			report(ctx, line, o ? "it is not a JSON object" :
			       arena_printf(a, "it is not JSON: %s", je.text));
		else
			json_row(a, map, o, line, report, ctx, t, &room);
		json_decref(o);
		if (t->rows_n == ROWS_MAX || arena_over(a))
			return err_set(e, INPUT, "it is too big: split it");
	}
	return OK;
}

enum status table_read(struct arena *a, const char *text, size_t n, const char *map,
		       table_report_fn *report, void *ctx, struct table *out_r, struct err *e)
{
	size_t start = 0;

	*out_r = (struct table){ 0 };
	text = to_utf8(a, text, n, &out_r->encoding, &n);
	if (!text)
		return err_set(e, INPUT, "its encoding is not supported: write it as UTF-8");
	while (start < n && (text[start] == ' ' || text[start] == '\n' || text[start] == '\r'))
		start++;
	if (start == n)
		return err_set(e, INPUT, "it is empty");
	if (text[start] == '{')
		return read_json(a, text, n, map, report, ctx, out_r, e);
	return read_csv(a, text, n, map, report, ctx, out_r, e);
}

/* ---- writing ---- */

void csv_cell(struct buf *out, const char *value)
{
	/* =1+1 in a cell is a program to a spreadsheet; an apostrophe makes it text */
	bool formula = value && (strchr("=+-@\t\r", *value) != NULL) && *value;
	bool quote = value && (formula || strpbrk(value, ",\"\r\n;\t") != NULL || *value == ' ');

	if (!value)
		return;
	if (!quote) {
		buf_adds(out, value);
		return;
	}
	buf_addc(out, '"');
	if (formula)
		buf_addc(out, '\'');
	for (; *value; value++) {
		if (*value == '"')
			buf_addc(out, '"');
		buf_addc(out, *value);
	}
	buf_addc(out, '"');
}
