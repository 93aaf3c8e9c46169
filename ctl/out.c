/* SPDX-License-Identifier: MPL-2.0
 *
 * How relentctl answers: one JSON value, shown as such or as a table for people. What comes out of
 * a mail or an import may hold anything; control characters never reach the terminal.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

/* ---- failures ---- */

static void complain(struct ctl *c, int code, const char *text)
{
	if (c->json) {
		json_t *o = json_pack("{s:o,s:i}", "error", text_json(text), "exit", code);

		json_dumpf(o, stderr, JSON_COMPACT);
		fputc('\n', stderr);
		json_decref(o);
	} else {
		fprintf(stderr, "relentctl: %s\n", text);
	}
}

int fail(struct ctl *c, int code, const char *fmt, ...)
{
	struct err e;
	char text[sizeof(e.text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&e, INPUT, "%s", text);	/* takes control characters out */
	complain(c, code, e.text);
	return code;
}

int fail_status(struct ctl *c, enum status st, const struct err *e)
{
	int code = st == INPUT || st == GONE ? CTL_NO : CTL_UNAVAILABLE;

	complain(c, code, e->text);
	return code;
}

const char *plain(struct ctl *c, const char *s)
{
	struct err e;

	err_set(&e, OK, "%s", s);
	return arena_strdup(c->arena, e.text);
}

void note(struct ctl *c, const char *fmt, ...)
{
	va_list ap;

	if (c->json)
		return;
	va_start(ap, fmt);
	fputs("relentctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

/* ---- JSON helpers ---- */

json_t *text_json(const char *s)
{
	json_t *j;
	struct arena *a;

	if (!s)
		return json_null();
	j = json_string(s);
	if (j)
		return j;
	a = arena_new(0);
	j = json_string(str_utf8(a, s, strlen(s)));
	arena_free(a);
	return j ? j : json_null();
}

json_t *time_json(time_t t)
{
	char text[WHEN_TEXT];

	return t ? json_string(when_text(t, text)) : json_null();
}

const char *get(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

int64_t get_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

const char *time_for_people(struct ctl *c, const char *iso)
{
	char text[WHEN_TEXT];
	time_t t;

	if (str_empty(iso) || !when_parse(iso, "UTC", &t))
		return "-";
	return arena_strdup(c->arena, when_local_text(t, c->zone, text));
}

static json_t *value_json(const struct value *v, char kind)
{
	json_t *j = NULL;

	switch (v->type) {
	case VALUE_NULL: return json_null();
	case VALUE_INT: return kind == 't' ? time_json((time_t)v->i) : kind == 'b' ? json_boolean(v->i != 0)
				: json_integer(v->i);
	case VALUE_NUM: return json_real(v->d);
	case VALUE_TEXT:
		if (kind == 'j')
			j = json_loads(v->s, JSON_DECODE_ANY, NULL);
		return j ? j : text_json(v->s);
	}
	return json_null();
}

static enum status collect(void *ctx, const struct row *r, struct err *e)
{
	json_t *o = json_object();

	(void)e;
	for (size_t i = 0; i < r->n; i++) {
		const char *name = r->names[i];
		size_t n = strlen(name);
		char key[64], kind = 0;

		if (n > 3 && name[n - 3] == '_' && name[n - 2] == '_') {
			kind = name[n - 1];
			n -= 3;
		}
		snprintf(key, sizeof(key), "%.*s", (int)n, name);
		json_object_set_new(o, key, value_json(&r->values[i], kind));
	}
	json_array_append_new(ctx, o);
	return OK;
}

json_t *rows_json(struct store_tx *tx, const char *statement, const struct value *args, size_t n,
		  enum status *st_r, struct err *e)
{
	json_t *list = json_array();

	*st_r = store_query(tx, statement, args, n, collect, list, NULL, e);
	if (*st_r != OK) {
		json_decref(list);
		return NULL;
	}
	return list;
}

/* ---- for people ---- */

/* Columns of a terminal that s takes; wide characters count as one, which is good enough. */
static int width(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static bool is_time_text(const char *s)
{
	return strlen(s) == 20 && s[10] == 'T' && s[19] == 'Z' && s[4] == '-';
}

/* One line of printable text. */
static const char *cell(struct ctl *c, const json_t *v)
{
	struct buf b;
	const char *s;

	buf_init(&b, c->arena);
	switch (json_typeof(v)) {
	case JSON_NULL: return "-";
	case JSON_TRUE: return "yes";
	case JSON_FALSE: return "no";
	case JSON_INTEGER: return arena_printf(c->arena, "%lld", (long long)json_integer_value(v));
	case JSON_REAL: return arena_printf(c->arena, "%.4g", json_real_value(v));
	case JSON_STRING:
		s = json_string_value(v);
		if (is_time_text(s))
			return time_for_people(c, s);
		for (; *s; s++)
			if ((unsigned char)*s >= 0x20 && *s != 0x7f && !((unsigned char)*s == 0xc2
			    && (unsigned char)s[1] >= 0x80 && (unsigned char)s[1] < 0xa0))
				buf_addc(&b, *s);
			else if ((unsigned char)*s == 0xc2)
				s++;
			else
				buf_addc(&b, ' ');
		return b.n ? b.p : "-";
	case JSON_ARRAY:
		for (size_t i = 0; i < json_array_size(v); i++)
			buf_addf(&b, "%s%s", i ? ", " : "", cell(c, json_array_get(v, i)));
		return b.n ? b.p : "-";
	case JSON_OBJECT:
		break;
	}
	s = json_dumps(v, JSON_COMPACT);
	buf_adds(&b, s);
	json_free_t free_fn;
	json_get_alloc_funcs(NULL, &free_fn);
	free_fn((void *)s);
	return b.p;
}

struct col {
	char key[40], title[40];
	int width;
};

static size_t parse_columns(const char *text, struct col *cols, size_t max)
{
	struct span rest = span_of(text), w;
	size_t n = 0;

	while (n < max && span_split(&rest, ' ', &w)) {
		const char *colon = memchr(w.p, ':', w.n);
		int key = colon ? (int)(colon - w.p) : (int)w.n;

		if (w.n == 0)
			continue;
		snprintf(cols[n].key, sizeof(cols[n].key), "%.*s", key, w.p);
		snprintf(cols[n].title, sizeof(cols[n].title), "%.*s", colon ? (int)w.n - key - 1 : key,
			 colon ? colon + 1 : w.p);
		n++;
	}
	return n;
}

static void pad(const char *s, int to)
{
	fputs(s, stdout);
	for (int w = width(s); w < to; w++)
		fputc(' ', stdout);
}

static void print_table(struct ctl *c, const json_t *list, const char *columns, const char *indent)
{
	struct col cols[16];
	size_t n = parse_columns(columns, cols, 16), rows = json_array_size(list);

	for (size_t k = 0; k < n; k++) {
		cols[k].width = width(cols[k].title);
		for (size_t i = 0; i < rows; i++) {
			const json_t *v = json_object_get(json_array_get(list, i), cols[k].key);
			int w = v ? width(cell(c, v)) : 1;

			if (w > cols[k].width)
				cols[k].width = w;
		}
	}
	fputs(indent, stdout);
	for (size_t k = 0; k < n; k++)
		k + 1 < n ? pad(cols[k].title, cols[k].width + 2) : (void)puts(cols[k].title);
	for (size_t i = 0; i < rows; i++) {
		fputs(indent, stdout);
		for (size_t k = 0; k < n; k++) {
			const json_t *v = json_object_get(json_array_get(list, i), cols[k].key);
			const char *s = v ? cell(c, v) : "-";

			k + 1 < n ? pad(s, cols[k].width + 2) : (void)puts(s);
		}
	}
}

static int dump(json_t *j)
{
	json_dumpf(j, stdout, JSON_INDENT(1) | JSON_ENCODE_ANY);
	fputc('\n', stdout);
	json_decref(j);
	return CTL_DONE;
}

int out_list(struct ctl *c, json_t *list, const char *columns, const char *none)
{
	if (c->json)
		return dump(list);
	if (json_array_size(list) == 0)
		puts(none);
	else
		print_table(c, list, columns, "");
	json_decref(list);
	return CTL_DONE;
}

/* The columns that the first rows have, as many as fit on a line of 132. */
static const char *columns_of(struct ctl *c, const json_t *list)
{
	const json_t *first = json_array_get(list, 0);
	const char *key;
	json_t *v;
	struct buf b;

	buf_init(&b, c->arena);
	json_object_foreach((json_t *)first, key, v)
		buf_addf(&b, "%s ", key);
	return b.p;
}

int out_object(struct ctl *c, json_t *object)
{
	const char *key;
	json_t *v;
	int w = 0;

	if (c->json)
		return dump(object);
	json_object_foreach(object, key, v)
		if (width(key) > w)
			w = width(key);
	json_object_foreach(object, key, v) {
		bool table = json_is_array(v) && json_is_object(json_array_get(v, 0));

		if (json_is_null(v) || (json_is_array(v) && json_array_size(v) == 0))
			continue;
		if (table) {
			printf("%s:\n", key);
			print_table(c, v, columns_of(c, v), "  ");
		} else if (json_is_string(v) && strchr(json_string_value(v), '\n')) {
			struct span rest = span_of(json_string_value(v)), line;

			printf("%s:\n", key);
			while (span_line(&rest, &line)) {
				json_t *one = json_stringn(line.p, line.n);

				printf("  %s\n", one && line.n ? cell(c, one) : "");
				json_decref(one);
			}
		} else {
			pad(key, w + 2);
			puts(cell(c, v));
		}
	}
	json_decref(object);
	return CTL_DONE;
}

int out_done(struct ctl *c, json_t *object, const char *fmt, ...)
{
	struct err e;
	char text[sizeof(e.text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&e, OK, "%s", text);
	if (c->json) {
		if (!object)
			object = json_object();
		json_object_set_new(object, "message", text_json(e.text));
		return dump(object);
	}
	puts(e.text);
	json_decref(object);
	return CTL_DONE;
}
