/* SPDX-License-Identifier: MPL-2.0
 *
 * The settings table: types, ranges, defaults, values in force. The grammar is parse.c's, what
 * settings mean together is check.c's business.
 */
#include "config.h"

#include "conf/settings_private.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/names.h"
#include "base/str.h"

static const struct setting_row rows[] = {
#define SETTING(sec, opt, ty, def_, range_, sentence_) \
	{ sec, opt, TYPE_##ty, { (sec "." opt) + (sizeof(sec) == 1), #ty, def_, range_, sentence_ } },
#include "conf/settings.def"
#undef SETTING
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

size_t setting_rows(const struct setting_row **out_r)
{
	*out_r = rows;
	return ROWS;
}

bool section_is_titled(const char *section)
{
	return str_eq(section, "owner") || str_eq(section, "account") || str_eq(section, "lead");
}

void conf_problem(struct conf_reporter *r, const char *file, int line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (r->n++ == 0 && line > 0)
		err_set(r->e, CONF, "%s:%d: %s", file, line, text);
	else if (r->n == 1)
		err_set(r->e, CONF, "%s: %s", file, text);
	if (r->fn)
		r->fn(r->ctx, file, line, text);
}

/* ---- types ---- */

/* "4096", "256k", "1M", "1MiB" */
static bool size_parse(const char *s, int64_t *out_r)
{
	char digits[24];
	size_t n = strspn(s, "0123456789");
	int64_t v, unit = 1;
	const char *u = s + n;

	if (n == 0 || n >= sizeof(digits))
		return false;
	memcpy(digits, s, n);
	digits[n] = '\0';
	if (!str_int(digits, 0, INT64_MAX >> 31, &v))
		return false;
	while (*u == ' ')
		u++;
	if (str_eq_case(u, "k") || str_eq_case(u, "kb") || str_eq_case(u, "kib"))
		unit = 1024;
	else if (str_eq_case(u, "m") || str_eq_case(u, "mb") || str_eq_case(u, "mib"))
		unit = 1024 * 1024;
	else if (str_eq_case(u, "g") || str_eq_case(u, "gb") || str_eq_case(u, "gib"))
		unit = 1024 * 1024 * 1024;
	else if (*u && !str_eq_case(u, "b"))
		return false;
	*out_r = v * unit;
	return true;
}

static bool bool_parse(const char *s, int64_t *out_r)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < 4; i++) {
		if (str_eq_case(s, yes[i]))
			return *out_r = 1, true;
		if (str_eq_case(s, no[i]))
			return *out_r = 0, true;
	}
	return false;
}

static bool number_parse(enum setting_type t, const char *s, int64_t *i_r, double *d_r)
{
	char *end;

	if (t == TYPE_INT)
		return str_int(s, INT64_MIN / 2, INT64_MAX / 2, i_r);
	if (t == TYPE_DUR)
		return str_duration(s, i_r);
	if (t == TYPE_SIZE)
		return size_parse(s, i_r);
	assert(t == TYPE_NUM);
	errno = 0;
	*d_r = strtod(s, &end);
	return *s && *end == '\0' && errno == 0 && *d_r == *d_r;
}

/* "low..high", each in the type's own form */
static bool in_range(enum setting_type t, const char *range, int64_t i, double d)
{
	const char *dots = strstr(range, "..");
	char low[32];
	int64_t li = 0, hi = 0;
	double ld = 0, hd = 0;
	bool good;

	if (!dots)
		return true;
	assert((size_t)(dots - range) < sizeof(low));
	memcpy(low, range, (size_t)(dots - range));
	low[dots - range] = '\0';
	good = number_parse(t, low, &li, &ld) && number_parse(t, dots + 2, &hi, &hd);
	assert(good);
	return t == TYPE_NUM ? d >= ld && d <= hd : i >= li && i <= hi;
}

static bool word_allowed(const char *words, const char *value)
{
	struct span rest = span_of(words), w;

	while (span_split(&rest, '|', &w))
		if (span_eq(w, value))
			return true;
	return false;
}

static const char *nearest_word(struct arena *a, const char *words, const char *value)
{
	struct span rest = span_of(words), w;
	const char *list[24];
	size_t n = 0;

	while (n < 24 && span_split(&rest, '|', &w))
		list[n++] = span_dup(a, w);
	return str_nearest(value, list, n);
}

static const char *type_hint(enum setting_type t)
{
	switch (t) {
	case TYPE_INT: return "a whole number";
	case TYPE_NUM: return "a number";
	case TYPE_DUR: return "a duration such as 30s, 10m, 2h, 7d";
	case TYPE_SIZE: return "a size such as 65536, 256k, 1M";
	case TYPE_BOOL: return "yes or no";
	case TYPE_STR:
	case TYPE_LIST:
	case TYPE_ENUM:
	case TYPE_PATH: break;
	}
	return "text";
}

static bool scalar_set(struct conf *c, struct slot *s, const char *v, const char *file, int line,
		       struct conf_reporter *r)
{
	const struct setting *set = &s->row->s;
	enum setting_type t = s->row->type;
	const char *near;

	switch (t) {
	case TYPE_INT:
	case TYPE_DUR:
	case TYPE_SIZE:
	case TYPE_NUM:
		if (!number_parse(t, v, &s->i, &s->d)) {
			conf_problem(r, file, line, "%s = '%s' is not %s", set->name, v, type_hint(t));
			return false;
		}
		if (!in_range(t, set->range, s->i, s->d)) {
			conf_problem(r, file, line, "%s = '%s' is out of range (%s)", set->name, v, set->range);
			return false;
		}
		break;
	case TYPE_BOOL:
		if (!bool_parse(v, &s->i)) {
			conf_problem(r, file, line, "%s = '%s' is not yes or no", set->name, v);
			return false;
		}
		v = s->i ? "yes" : "no";
		break;
	case TYPE_ENUM:
		if (!word_allowed(set->range, v)) {
			near = nearest_word(c->arena, set->range, v);
			conf_problem(r, file, line, near ? "%s = '%s' is none of %s: did you mean '%s'?"
				     : "%s = '%s' is none of %s", set->name, v, set->range, near);
			return false;
		}
		break;
	case TYPE_PATH:
		if (*v && *v != '/') {
			conf_problem(r, file, line, "%s = '%s' is not an absolute path", set->name, v);
			return false;
		}
		break;
	case TYPE_STR:
	case TYPE_LIST:
		break;
	}
	s->text = arena_strdup(c->arena, v);
	return true;
}

bool slot_set(struct conf *c, struct slot *s, const char *const *values, size_t n, const char *file,
	      int line, struct conf_reporter *r)
{
	for (size_t i = 0; i < n; i++)
		if (!str_is_utf8(values[i], strlen(values[i]))) {
			conf_problem(r, file, line, "%s is not valid UTF-8", s->row->s.name);
			return false;
		}
	if (s->row->type != TYPE_LIST) {
		if (n != 1) {
			conf_problem(r, file, line, "%s takes one value, not %s", s->row->s.name,
				     n ? "a list" : "an empty list");
			return false;
		}
		if (!scalar_set(c, s, values[0], file, line, r))
			return false;
	} else {
		s->list = arena_array(c->arena, const char *, n + 1);
		s->list_n = 0;
		for (size_t i = 0; i < n; i++)
			if (*values[i])
				s->list[s->list_n++] = arena_strdup(c->arena, values[i]);
	}
	s->file = file;
	s->line = line;
	return true;
}

static void slot_default(struct conf *c, struct slot *s, const struct setting_row *row)
{
	struct conf_reporter none = { 0 };
	struct span rest = span_of(row->s.def), piece;
	const char *values[16] = { row->s.def };
	size_t n = 1;
	bool good;

	s->row = row;
	s->text = "";
	if (row->type == TYPE_LIST)
		for (n = 0; n < 16 && span_split(&rest, ',', &piece);)
			values[n++] = span_dup(c->arena, piece);
	good = slot_set(c, s, values, n, NULL, 0, &none);
	assert(good);	/* the table's own default */
}

/* ---- look-up ---- */

struct slot *conf_slot(const struct conf *c, const char *name)
{
	size_t low = 0, high = c->slots_n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		struct slot *s = &c->slots[c->by_name[mid]];
		int d = strcmp(name, s->row->s.name);

		if (d == 0)
			return s;
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

struct slot *block_slot(const struct block *b, const char *option)
{
	for (size_t i = 0; i < b->slots_n; i++)
		if (str_eq(b->slots[i].row->option, option))
			return &b->slots[i];
	return NULL;
}

static char *block_key(struct conf *c, const char *section, const char *title)
{
	return arena_printf(c->arena, "%s %s", section, title);
}

struct block *conf_block(struct conf *c, const char *section, const char *title)
{
	char small[256], *key = small;
	size_t k;

	if (snprintf(small, sizeof(small), "%s %s", section, title) >= (int)sizeof(small))
		key = block_key(c, section, title);
	k = names_find(c->block_names, key);
	return k == NAMES_NONE ? NULL : &c->blocks[k];
}

static size_t rows_of(const char *section)
{
	size_t n = 0;

	for (size_t i = 0; i < ROWS; i++)
		n += str_eq(rows[i].section, section);
	return n;
}

struct block *conf_block_new(struct conf *c, const char *section, const char *title)
{
	struct block *b;

	if (c->blocks_n == c->blocks_room) {
		struct block *more;

		c->blocks_room = c->blocks_room ? c->blocks_room * 2 : 16;
		more = arena_array(c->arena, struct block, c->blocks_room);
		if (c->blocks_n)
			memcpy(more, c->blocks, c->blocks_n * sizeof(*more));
		c->blocks = more;
	}
	names_add(c->block_names, block_key(c, section, title), c->blocks_n);
	b = &c->blocks[c->blocks_n++];
	b->section = arena_strdup(c->arena, section);
	b->title = arena_strdup(c->arena, title);
	b->slots = arena_array(c->arena, struct slot, rows_of(section));
	for (size_t i = 0; i < ROWS; i++)
		if (str_eq(rows[i].section, section))
			slot_default(c, &b->slots[b->slots_n++], &rows[i]);
	return b;
}

static const struct slot *must_slot(const struct conf *c, const char *name)
{
	const struct slot *s = conf_slot(c, name);

	assert(s);	/* a name that is not in settings.def is a bug of the caller */
	return s;
}

const char *conf_str(const struct conf *c, const char *name)
{
	const struct slot *s = must_slot(c, name);

	assert(s->row->type == TYPE_STR || s->row->type == TYPE_ENUM || s->row->type == TYPE_PATH);
	return s->text;
}

int64_t conf_int(const struct conf *c, const char *name)
{
	const struct slot *s = must_slot(c, name);

	assert(s->row->type == TYPE_INT || s->row->type == TYPE_DUR || s->row->type == TYPE_SIZE);
	return s->i;
}

double conf_num(const struct conf *c, const char *name)
{
	const struct slot *s = must_slot(c, name);

	assert(s->row->type == TYPE_NUM);
	return s->d;
}

bool conf_bool(const struct conf *c, const char *name)
{
	const struct slot *s = must_slot(c, name);

	assert(s->row->type == TYPE_BOOL);
	return s->i != 0;
}

size_t conf_list(const struct conf *c, const char *name, const char *const **out_r)
{
	const struct slot *s = must_slot(c, name);

	assert(s->row->type == TYPE_LIST);
	*out_r = s->list;
	return s->list_n;
}

const char *conf_path(const struct conf *c)
{
	return c->path;
}

size_t conf_owners(const struct conf *c, const struct conf_owner **out_r)
{
	*out_r = c->owners;
	return c->owners_n;
}

size_t conf_accounts(const struct conf *c, const struct conf_account **out_r)
{
	*out_r = c->accounts;
	return c->accounts_n;
}

const struct conf_owner *conf_owner(const struct conf *c, const char *login)
{
	size_t k = names_find(c->owner_names, login);

	return k == NAMES_NONE ? NULL : &c->owners[k];
}

const struct conf_account *conf_account(const struct conf *c, const char *name)
{
	size_t k = names_find(c->account_names, name);

	return k == NAMES_NONE ? NULL : &c->accounts[k];
}

size_t conf_leads(const struct conf *c, const struct conf_lead **out_r)
{
	*out_r = c->leads;
	return c->leads_n;
}

const char *conf_role(const struct conf *c, const char *daemon_name)
{
	static const char *const names[] = { "submission", "local", "inbound" };
	static const char *const keys[] = { "milter.submission", "milter.local", "milter.inbound" };
	const char *const *list;

	for (size_t r = 0; r < 3; r++) {
		size_t n = conf_list(c, keys[r], &list);

		for (size_t i = 0; i < n; i++)
			if (str_eq(list[i], daemon_name))
				return names[r];
	}
	return NULL;
}

size_t conf_settings(const struct setting **out_r)
{
	static const struct setting flat[] = {
#define SETTING(sec, opt, ty, def_, range_, sentence_) \
		{ (sec "." opt) + (sizeof(sec) == 1), #ty, def_, range_, sentence_ },
#include "conf/settings.def"
#undef SETTING
	};

	*out_r = flat;
	return ROWS;
}

static const char *slot_text(struct arena *a, const struct slot *s, const char **from_r)
{
	struct buf b;

	if (from_r)
		*from_r = s->file ? arena_printf(a, "%s:%d", s->file, s->line) : "default";
	if (s->row->type != TYPE_LIST)
		return s->text;
	buf_init(&b, a);
	for (size_t i = 0; i < s->list_n; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", s->list[i]);
	return b.p;
}

const char *conf_value_text(struct arena *a, const struct conf *c, const char *name,
			    const char **from_r)
{
	return slot_text(a, must_slot(c, name), from_r);
}

/* ---- life ---- */

static int by_name_cmp(const void *x, const void *y)
{
	return strcmp(rows[*(const size_t *)x].s.name, rows[*(const size_t *)y].s.name);
}

static struct conf *conf_new(void)
{
	struct arena *a = arena_new(0);
	struct conf *c = arena_new_of(a, struct conf);

	c->arena = a;
	c->block_names = names_new();
	c->owner_names = names_new();
	c->account_names = names_new();
	c->slots = arena_array(a, struct slot, ROWS);
	c->slots_n = ROWS;
	c->by_name = arena_array(a, size_t, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		slot_default(c, &c->slots[i], &rows[i]);
		c->by_name[i] = i;
	}
	qsort(c->by_name, ROWS, sizeof(size_t), by_name_cmp);
	return c;
}

enum status conf_load(const char *path, conf_report_fn *report, void *ctx, struct conf **out_r,
		      struct err *e)
{
	struct conf_reporter r = { .fn = report, .ctx = ctx, .e = e };
	struct conf *c = conf_new();

	*out_r = NULL;
	conf_read(c, path ? path : RELENTCONFDIR "/relent.conf", path == NULL, &r);
	if (r.n == 0) {
		conf_fill_host(c);
		conf_build(c, &r);
		conf_check_together(c, &r);
	}
	if (r.n) {
		conf_free(c);
		return CONF;
	}
	*out_r = c;
	return OK;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	names_free(c->block_names);
	names_free(c->owner_names);
	names_free(c->account_names);
	arena_free(c->arena);
}
