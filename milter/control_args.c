/* SPDX-License-Identifier: MPL-2.0
 *
 * Arguments of control addresses: sequences, days, times, tasks, owners. A day is the owner's own: where they are
 * decides when it begins. With the store away, names are taken as they are: the mail gets its 451 at the end.
 */
#include "config.h"

#include "milter/control.h"

#include "base/arena.h"
#include "store/tasks.h"

enum { DAYS_MOST = 730, LOOK_WITHIN_MS = 4000 };

/* One look into the store; false: it is away. */
static bool look(struct milter *d, store_unit_fn *fn, void *ctx)
{
	struct store *store = atomic_load(&d->store);
	struct err e;

	return store && store_read_within(store, clock_now(d->clock), fn, ctx, clock_mono_ms() + LOOK_WITHIN_MS, &e) == OK;
}

static bool bad(struct mail *m, enum control_verb v, const char *arg, const char *text[2])
{
	const char *name = control_kind(v)->name;

	control_say(m, "control.argument", text, str_empty(arg) ? name : arena_printf(m->arena, "%s.%s", name, arg),
		    control_example(m->arena, m->settings, v));
	return false;
}

/* ---- seq.NAME, route.OWNER ---- */

struct names {
	struct arena *arena;
	const char *statement, *column;
	const char *list[500];
	size_t n;
	const char *wanted, *found;
};

static bool is_local_part(const char *name, const char *wanted)
{
	const char *at = strchr(name, '@');

	return at && span_eq_case((struct span){ name, (size_t)(at - name) }, wanted);
}

static enum status take_name(void *ctx, const struct row *r, struct err *e)
{
	struct names *n = ctx;
	const char *name = row_text(r, n->column);

	(void)e;
	if (str_eq_case(name, n->wanted) || (!n->found && is_local_part(name, n->wanted)))
		n->found = arena_strdup(n->arena, name);
	if (n->n < sizeof(n->list) / sizeof(*n->list))
		n->list[n->n++] = arena_strdup(n->arena, name);
	return OK;
}

static enum status read_names(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct names *n = ctx;

	(void)a;
	n->n = 0;
	n->found = NULL;
	return store_query(tx, n->statement, NULL, 0, take_name, n, NULL, e);
}

/* The full name of what is called wanted; NULL: there is none, and text says what there is. */
static const char *name_of(struct milter *d, struct mail *m, const char *statement, const char *column,
			   const char *wanted, const char *key, const char *none, const char *text[2])
{
	struct names n = { .arena = m->arena, .statement = statement, .column = column, .wanted = wanted };
	const char *near;

	if (!look(d, read_names, &n))
		return arena_strdup(m->arena, wanted);
	if (n.found)
		return n.found;
	near = str_nearest(wanted, n.list, n.n);
	control_say(m, n.n ? key : none, text, wanted, near ? near : n.n ? n.list[0] : "-");
	return NULL;
}

static bool sequence(struct milter *d, struct mail *m, const char *arg, const char *text[2])
{
	if (str_empty(arg))
		return bad(m, VERB_SEQ, arg, text);
	m->control.sequence = name_of(d, m, "milter_sequences", "name", arg, "control.sequence",
				      "control.sequence.none", text);
	return m->control.sequence != NULL;
}

static bool route(struct milter *d, struct mail *m, const char *arg, const char *text[2])
{
	if (str_empty(arg))
		return bad(m, VERB_ROUTE, arg, text);
	m->control.route = name_of(d, m, "control_owners", "login", arg, "control.owner", "control.owner", text);
	return m->control.route != NULL;
}

/* ---- days ---- */

struct zone {
	const char *login, *zone;
	struct arena *arena;
};

static enum status read_zone(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct zone *z = ctx;
	struct memory_owner *o;
	enum status st = store_owner(tx, a, z->login, &o, e);

	if (st == OK && !str_empty(o->zone))
		z->zone = arena_strdup(z->arena, o->zone);
	return st == GONE ? OK : st;
}

static const char *zone_of(struct milter *d, struct mail *m)
{
	const char *site = conf_str(m->settings->conf, "zone");
	struct zone z = { .login = m->login, .zone = *site ? site : "UTC", .arena = m->arena };

	(void)look(d, read_zone, &z);
	return z.zone;
}

static struct date today(struct milter *d, struct mail *m)
{
	return when_civil(clock_now(d->clock), zone_of(d, m)).date;
}

/* "30d", "2w", "2027-01-15": a day to come, within two years. */
static bool day_of(struct milter *d, struct mail *m, const char *arg, struct date *out_r)
{
	struct date now = today(d, m), day;
	int64_t seconds;

	if (str_empty(arg))
		return false;
	if (date_parse(arg, &day)) {
		/* a date */
	} else if (str_duration(arg, &seconds) && seconds >= 86400 && seconds <= INT64_C(86400) * DAYS_MOST) {
		day = date_add_days(now, (int)(seconds / 86400));
	} else {
		return false;
	}
	if (date_cmp(day, now) <= 0 || date_days_between(now, day) > DAYS_MOST)
		return false;
	*out_r = day;
	return true;
}

/* "2027-01-15.1000": the day and the time of the clock. */
static bool time_of(struct milter *d, struct mail *m, const char *arg, struct date *day_r, int *minute_r)
{
	const char *dot = arg ? strchr(arg, '.') : NULL;
	struct date day;
	int64_t clock;

	if (!dot || !date_parse(arena_strndup(m->arena, arg, (size_t)(dot - arg)), &day) || strlen(dot + 1) != 4 ||
	    strspn(dot + 1, "0123456789") != 4 || !str_int(dot + 1, 0, 2359, &clock) || clock % 100 > 59)
		return false;
	*day_r = day;
	*minute_r = (int)(clock / 100 * 60 + clock % 100);
	return when_utc(day, *minute_r / 60, *minute_r % 60, zone_of(d, m)) > clock_now(d->clock) &&
	       date_days_between(today(d, m), day) <= DAYS_MOST;
}

/* "2027-01-15", "14d", or from and until: "2027-01-10.2027-01-20" */
static bool absence(struct milter *d, struct mail *m, const char *arg)
{
	const char *dot = arg ? strchr(arg, '.') : NULL;
	struct date from;

	if (!dot)
		return day_of(d, m, arg, &m->control.away);
	if (!date_parse(arena_strndup(m->arena, arg, (size_t)(dot - arg)), &from) || date_cmp(from, today(d, m)) < 0 ||
	    !day_of(d, m, dot + 1, &m->control.away) || date_cmp(from, m->control.away) >= 0)
		return false;
	m->control.away_from = from;
	return true;
}

/* ---- ids, reasons, tokens ---- */

struct wanted_task {
	const char *what;
	enum status found;
};

static enum status read_task(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct wanted_task *w = ctx;
	struct task *t;

	w->found = store_task(tx, a, w->what, &t, e);
	return OK;
}

static bool task(struct milter *d, struct mail *m, const char *arg, const char *text[2])
{
	struct wanted_task w = { .what = arg, .found = OK };

	if (str_empty(arg) || m->control.tasks_n == CONTROL_TASKS)
		return bad(m, VERB_DONE, arg, text);
	if (look(d, read_task, &w) && w.found != OK) {
		control_say(m, "control.task", text, arg, NULL);
		return false;
	}
	m->control.tasks[m->control.tasks_n++] = arena_strdup(m->arena, arg);
	return true;
}

/* "too-expensive" is "too expensive". */
static bool reason(struct mail *m, const char *arg)
{
	char *words = str_empty(arg) ? NULL : arena_strdup(m->arena, arg);

	for (char *c = words; c && *c; c++) {
		if (*c == '-' || *c == '.' || *c == '_')
			*c = ' ';
	}
	m->control.reason = words;
	return words && *text_squeeze(m->arena, words);
}

static bool id(const char *arg)
{
	return arg && strlen(arg) >= 6 && strspn(arg, "0123456789abcdef-") == strlen(arg);
}

static bool token(const char *arg)
{
	return arg && strlen(arg) == 40 && strspn(arg, "abcdefghijklmnopqrstuvwxyz234567") == 40;
}

static bool topic(const char *arg)
{
	for (enum control_verb v = 0; v < VERB_COUNT; v++) {
		if (str_empty(arg) || str_eq(arg, control_kind(v)->name))
			return true;
	}
	return false;
}

bool control_argument(struct milter *d, struct mail *m, enum control_verb v, const char *arg, const char *text[2])
{
	struct control *c = &m->control;
	bool good = false;

	switch (v) {
	case VERB_SEQ:
		return sequence(d, m, arg, text);
	case VERB_ROUTE:
		return route(d, m, arg, text);
	case VERB_DONE:
		return task(d, m, arg, text);
	case VERB_PAUSE:
		good = day_of(d, m, arg, &c->pause);
		break;
	case VERB_REMIND:
		good = day_of(d, m, arg, &c->remind);
		break;
	case VERB_AWAY:
		good = absence(d, m, arg);
		break;
	case VERB_BOOKED:
		good = time_of(d, m, arg, &c->booked, &c->booked_minute);
		break;
	case VERB_LOST:
		good = reason(m, arg);
		break;
	case VERB_SHOWED:
	case VERB_NOSHOW:
		good = id(arg);
		break;
	case VERB_HELP:
		good = topic(arg);
		break;
	case VERB_RE:
	case VERB_DO:
		if (token(arg))
			return true;
		control_say(m, "control.token", text, arg ? arg : "", NULL);
		return false;
	case VERB_LOG:
	case VERB_STOP:
	case VERB_RESUME:
	case VERB_SKIP:
	case VERB_DNC:
	case VERB_ANYWAY:
	case VERB_PROPOSAL:
	case VERB_QUALIFIED:
	case VERB_WON:
	case VERB_BACK:
	case VERB_COUNT:
		good = str_empty(arg);
		break;
	}
	return good ? true : bad(m, v, arg, text);
}
