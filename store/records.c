/* SPDX-License-Identifier: MPL-2.0
 *
 * The inert records: one generic insert-or-change over entities.def. Nothing here moves an
 * enrolment.
 */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "store/store_private.h"

struct entity {
	const char *name, *table;
};
static const struct entity entities[] = {
#define ENTITY(name, table) { #name, table },
#define COLUMN(...)
#include "store/entities.def"
#undef ENTITY
#undef COLUMN
};
static const struct entity_column columns[] = {
#define ENTITY(name, table)
#define COLUMN(entity, column, type, required, words, meaning) \
	{ #entity, column, #type, words, required, meaning },
#include "store/entities.def"
#undef ENTITY
#undef COLUMN
};

enum { ENTITIES = sizeof(entities) / sizeof(entities[0]),
       COLUMNS = sizeof(columns) / sizeof(columns[0]), FIELDS_MAX = 48 };
enum record_statement { RECORD_GET, RECORD_INSERT, RECORD_UPDATE, RECORD_STATEMENTS };

size_t store_columns(const char *entity, const struct entity_column **out_r)
{
	size_t first = 0, n = 0;

	while (first < COLUMNS && strcmp(columns[first].entity, entity) != 0)
		first++;
	while (first + n < COLUMNS && strcmp(columns[first + n].entity, entity) == 0)
		n++;
	*out_r = n ? &columns[first] : NULL;
	return n;
}

/* ---- statements ---- */

static char *make_statement(const struct entity *en, enum record_statement which)
{
	const struct entity_column *c = NULL;
	size_t n = store_columns(en->name, &c);
	struct arena *a = arena_new(0);
	struct buf b;

	assert(n > 0 && n <= FIELDS_MAX);
	buf_init(&b, a);
	switch (which) {
	case RECORD_GET:
		buf_adds(&b, "select id");
		for (size_t i = 0; i < n; i++)
			buf_addf(&b, ", %s", c[i].name);
		buf_addf(&b, " from %s where id = $1", en->table);
		break;
	case RECORD_INSERT:
		buf_addf(&b, "insert into %s (id", en->table);
		for (size_t i = 0; i < n; i++)
			buf_addf(&b, ", %s", c[i].name);
		buf_adds(&b, ", created, updated) values ($1");
		for (size_t i = 0; i < n; i++)
			buf_addf(&b, ", $%zu", i + 2);
		buf_addf(&b, ", $%zu, $%zu)", n + 2, n + 2);
		break;
	case RECORD_UPDATE:
		buf_addf(&b, "update %s set", en->table);
		for (size_t i = 0; i < n; i++)
			buf_addf(&b, " %s = $%zu,", c[i].name, i + 2);
		buf_addf(&b, " updated = $%zu where id = $1", n + 2);
		break;
	case RECORD_STATEMENTS:
		break;
	}
	char *sql = strdup(b.p);
	if (sql == NULL)
		abort();
	arena_free(a);
	return sql;
}

size_t records_statements(struct statement *out, size_t room)
{
	static const char *const verbs[RECORD_STATEMENTS] = { "get", "insert", "update" };
	size_t n = 0;

	for (size_t i = 0; i < ENTITIES; i++)
		for (int w = 0; w < RECORD_STATEMENTS; w++) {
			char name[64];
			assert(n < room);
			snprintf(name, sizeof(name), "record_%s_%s", entities[i].name, verbs[w]);
			out[n].name = strdup(name);
			out[n].sql = make_statement(&entities[i], (enum record_statement)w);
			n++;
		}
	return n;
}

void records_statements_free(struct statement *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free((char *)list[i].name);
		free((char *)list[i].sql);
	}
}

static size_t statement_of(size_t entity, enum record_statement which)
{
	return STATEMENT_COUNT + entity * RECORD_STATEMENTS + (size_t)which;
}

/* ---- values ---- */

static bool word_allowed(const char *words, const char *value)
{
	struct span rest = span_of(words), word;

	while (span_split(&rest, '|', &word))
		if (span_eq(word, value))
			return true;
	return false;
}

static enum status date_value(struct arena *a, const struct entity_column *c, const char *text,
			      struct value *out_r, struct err *e)
{
	int64_t number;
	time_t t;

	(void)a;
	if (str_int(text, 0, INT64_C(1) << 40, &number))
		*out_r = V_INT(number);
	else if (when_parse(text, "UTC", &t))
		*out_r = V_INT((int64_t)t);
	else
		return err_set(e, INPUT, "'%s' is no date for '%s': write YYYY-MM-DD", text, c->name);
	return OK;
}

static enum status typed(struct arena *a, const struct entity_column *c, const char *text,
			 struct value *out_r, struct err *e)
{
	char *end;
	int64_t number;

	*out_r = V_NULL;
	if (str_empty(text))
		return OK;
	if (!str_is_utf8(text, strlen(text)))
		return err_set(e, INPUT, "the value of '%s' is not UTF-8", c->name);
	if (c->words != NULL && !word_allowed(c->words, text))
		return err_set(e, INPUT, "'%s' is no '%s': it is one of %s", text, c->name, c->words);
	if (strcmp(c->type, "INT") == 0) {
		if (!str_int(text, INT64_MIN + 1, INT64_MAX, &number))
			return err_set(e, INPUT, "'%s' is no number for '%s'", text, c->name);
		*out_r = V_INT(number);
	} else if (strcmp(c->type, "NUM") == 0) {
		double d = strtod(text, &end);
		if (end == text || *end != '\0')
			return err_set(e, INPUT, "'%s' is no number for '%s'", text, c->name);
		*out_r = V_NUM(d);
	} else if (strcmp(c->type, "BOOL") == 0) {
		bool yes = str_eq_case(text, "yes") || str_eq(text, "1") || str_eq_case(text, "true");
		bool no = str_eq_case(text, "no") || str_eq(text, "0") || str_eq_case(text, "false");
		if (!yes && !no)
			return err_set(e, INPUT, "'%s' is no '%s': write yes or no", text, c->name);
		*out_r = V_INT(yes);
	} else if (strcmp(c->type, "DATE") == 0) {
		return date_value(a, c, text, out_r, e);
	} else if (strcmp(c->type, "JSON") == 0) {
		json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);
		if (j == NULL)
			return err_set(e, INPUT, "the value of '%s' is no JSON", c->name);
		*out_r = T(json_text(a, j));
	} else {
		*out_r = T(text);
	}
	return OK;
}

static json_t *value_json(const struct value *v)
{
	switch (v->type) {
	case VALUE_INT:
		return json_integer(v->i);
	case VALUE_NUM:
		return json_real(v->d);
	case VALUE_TEXT:
		return json_string(v->s);
	case VALUE_NULL:
		break;
	}
	return json_null();
}

static bool value_eq(const struct value *x, const struct value *y)
{
	if (x->type != y->type)
		return false;
	switch (x->type) {
	case VALUE_INT:
		return x->i == y->i;
	case VALUE_NUM:
		return x->d == y->d;
	case VALUE_TEXT:
		return strcmp(x->s, y->s) == 0;
	case VALUE_NULL:
		break;
	}
	return true;
}

/* Columns that the schema fills in itself when a new record leaves them empty. */
static struct value initial(const struct entity_column *c)
{
	static const struct {
		const char *entity, *name;
		struct value v;
	} known[] = {
		{ "owner", "active", { .type = VALUE_INT, .i = 1 } },
		{ "prospect", "identity_status", { .type = VALUE_TEXT, .s = "unverified" } },
		{ "prospect", "priority", { .type = VALUE_TEXT, .s = "two" } },
		{ "prospect", "stage", { .type = VALUE_TEXT, .s = "new" } },
		{ "evidence", "safe", { .type = VALUE_INT, .i = 0 } },
		{ "evidence", "review_required", { .type = VALUE_INT, .i = 1 } },
		{ "note", "kind", { .type = VALUE_TEXT, .s = "note" } },
		{ "proposal", "version", { .type = VALUE_INT, .i = 1 } },
		{ "proposal", "state", { .type = VALUE_TEXT, .s = "sent" } },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].entity, c->entity) == 0 && strcmp(known[i].name, c->name) == 0)
			return known[i].v;
	return V_NULL;
}

/* ---- put ---- */

struct put {
	size_t entity;
	const struct entity_column *c;
	size_t n;
	struct value before[FIELDS_MAX], after[FIELDS_MAX];
};

static enum status load(struct store_tx *tx, struct arena *a, struct put *p, const char *id,
			struct err *e)
{
	const struct row *row = NULL;
	enum status s = db_one(tx, a, statement_of(p->entity, RECORD_GET), ARGS(T(id)), &row, e);

	if (s == GONE)
		return err_set(e, GONE, "there is no %s '%s'", entities[p->entity].name, id);
	if (s != OK)
		return s;
	for (size_t i = 0; i < p->n; i++)
		p->before[i] = p->after[i] = row->values[i + 1];
	return OK;
}

static enum status fill(struct arena *a, struct put *p, const struct field *fields, size_t n,
			struct err *e)
{
	const char *names[FIELDS_MAX];

	for (size_t i = 0; i < p->n; i++)
		names[i] = p->c[i].name;
	for (size_t f = 0; f < n; f++) {
		size_t i = 0;
		while (i < p->n && strcmp(p->c[i].name, fields[f].name) != 0)
			i++;
		if (i == p->n) {
			const char *near = str_nearest(fields[f].name, names, p->n);
			return err_set(e, INPUT, "a %s has no field '%s'%s%s%s",
				       entities[p->entity].name, fields[f].name,
				       near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
		}
		enum status s = typed(a, &p->c[i], fields[f].value, &p->after[i], e);
		if (s != OK)
			return s;
		if (p->after[i].type == VALUE_NULL)
			p->after[i] = initial(&p->c[i]);
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->c[i].required && p->after[i].type == VALUE_NULL)
			return err_set(e, INPUT, "a %s needs '%s'", entities[p->entity].name, p->c[i].name);
	return OK;
}

static enum status write_down(struct store_tx *tx, struct arena *a, const struct put *p, const char *id,
			      bool is_new, const char *actor, struct err *e)
{
	struct value args[FIELDS_MAX + 2];
	json_t *before = json_object(), *after = json_object(), *payload = json_object();
	const char *prospect = strcmp(entities[p->entity].name, "prospect") == 0 ? id : NULL;
	const char *enrolment = NULL;
	bool changed = is_new;

	args[0] = T(id);
	for (size_t i = 0; i < p->n; i++) {
		args[i + 1] = p->after[i];
		if (strcmp(p->c[i].name, "prospect_id") == 0 && p->after[i].type == VALUE_TEXT)
			prospect = p->after[i].s;
		if (strcmp(p->c[i].name, "enrolment_id") == 0 && p->after[i].type == VALUE_TEXT)
			enrolment = p->after[i].s;
		if (value_eq(&p->before[i], &p->after[i]))
			continue;
		changed = true;
		if (!is_new)
			json_object_set_new(before, p->c[i].name, value_json(&p->before[i]));
		json_object_set_new(after, p->c[i].name, value_json(&p->after[i]));
	}
	args[p->n + 1] = I(tx->now);
	if (!is_new)
		json_object_set_new(payload, "before", before);
	else
		json_decref(before);
	json_object_set_new(payload, "after", after);
	if (!changed) {
		json_decref(payload);
		return OK;
	}
	enum status s = db_query(tx, statement_of(p->entity, is_new ? RECORD_INSERT : RECORD_UPDATE), args,
				 p->n + 2, NULL, NULL, NULL, e);
	if (s != OK) {
		json_decref(payload);
		return s == INPUT ? err_prefix(e, s, "cannot write the %s", entities[p->entity].name) : s;
	}
	return event_change(tx, a, is_new ? "added" : "changed", entities[p->entity].name, id, enrolment,
			    prospect, actor, payload, e);
}

enum status store_put(struct store_tx *tx, struct arena *a, const char *entity, const char *id,
		      const struct field *fields, size_t n, const char *actor, const char **id_r,
		      struct err *e)
{
	struct put *p = arena_new_of(a, struct put);
	bool is_new = id == NULL;
	enum status s;

	while (p->entity < ENTITIES && strcmp(entities[p->entity].name, entity) != 0)
		p->entity++;
	if (p->entity == ENTITIES)
		return err_set(e, INPUT, "there is no kind of record '%s'", entity);
	p->n = store_columns(entity, &p->c);
	if (is_new) {
		id = store_id(tx, a);
		for (size_t i = 0; i < p->n; i++)
			p->after[i] = initial(&p->c[i]);
	} else {
		s = load(tx, a, p, id, e);
		if (s != OK)
			return s;
	}
	s = fill(a, p, fields, n, e);
	if (s == OK)
		s = write_down(tx, a, p, id, is_new, actor, e);
	if (s == OK && id_r != NULL)
		*id_r = id;
	return s;
}
