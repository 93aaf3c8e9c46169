/* SPDX-License-Identifier: MPL-2.0
 *
 * Is what the store says true? The chain of events is unbroken; each enrolment's events, folded again
 * through the machine, give the stored state; no touch followed a suppression that covered it. Whatever
 * is wrong is told, and the rest goes on.
 *
 * It reads in pages, each in a snapshot of its own: one snapshot over millions of events would keep everything that is
 * written meanwhile in the log. So what belongs together is read together: an enrolment with its events. A run that found
 * nothing leaves how far it got and the seal of that event, and the next one begins there, once the seal is still the same.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "base/token.h"
#include "store/suppression.h"

/* rows of a page; enrolments of one */
enum { PAGE = 500, FOLDED = 50 };
#define WALKED "verify"
#define WALKED_FULL "verify:full"

struct verify {
	struct store_tx *tx;
	struct arena *a;	/* cleared between events or enrolments */
	struct arena *page;
	store_defect_fn *report;
	void *ctx;
	int64_t events, defects;
	bool full;
	int64_t from;		/* events up to here were verified before */
	int64_t seq;		/* where the walk under way is */
	char ref[ID_SIZE];
	bool more;
	int64_t whole;		/* the last sealed event of the chain so far */
	/* the chain */
	char hash[65];
	int64_t sealed;		/* last sealed event, by number */
	/* the fold */
	char id[ID_SIZE];
	struct enrolment e;
	const struct plan *plan;
	bool begun, lost;	/* lost: a payload was erased or cannot be read */
};

static void defect(struct verify *v, const char *kind, const char *entity, const char *sentence)
{
	v->defects++;
	v->report(v->ctx, kind, entity, sentence);
}

/* ---- the chain ---- */

/* columns: those of seal_hash(), payload, seal */
static void link_row(struct verify *v, const struct row *r)
{
	const char *payload = at_text(r, 12), *seal = at_text(r, 13), *id = at_text(r, 1);
	int64_t seq = at_int(r, 0);

	arena_clear(v->a);
	v->events++;
	if (payload != NULL && !str_eq(token_hash(v->a, payload, strlen(payload)), at_text(r, 11)))
		defect(v, "chain", id, arena_printf(v->a, "the content of event %lld was changed",
						    (long long)seq));
	if (seal == NULL) {
		if (seq <= v->sealed)
			defect(v, "chain", id, arena_printf(v->a, "the seal of event %lld is missing",
							    (long long)seq));
		return;
	}
	const char *want = seal_hash(v->a, v->hash, r);
	if (strcmp(want, seal) != 0)
		defect(v, "chain", id, arena_printf(v->a, "the chain is broken at event %lld: it or one "
						    "before it was changed or taken out", (long long)seq));
	/* go on from what is stored: one break is told once */
	memcpy(v->hash, seal, strnlen(seal, 64));
	v->whole = seq;
}

static enum status orphans(struct verify *v, int64_t after, int64_t until, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(v->tx, v->page, verify_orphan_seals, &rows, e, I(after), I(until));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		defect(v, "chain", "event", arena_printf(v->page, "event %lld was taken out: only its seal is left",
							 (long long)at_int(&rows.list[i], 0)));
	return s;
}

/* A page of the chain. */
static enum status chain(struct verify *v, struct err *e)
{
	struct rows rows;
	int64_t after = v->seq;
	enum status s = ROWS(v->tx, v->page, verify_events, &rows, e, I(v->seq), I(PAGE));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		link_row(v, &rows.list[i]);
	if (s == OK && rows.n > 0)
		v->seq = at_int(&rows.list[rows.n - 1], 0);
	v->more = s == OK && rows.n == PAGE;
	return s == OK ? orphans(v, after, v->more ? v->seq : INT64_MAX, e) : s;
}

/* Where the last run got to, if the chain up to there is still the one it saw. */
static enum status checkpoint(struct verify *v, struct err *e)
{
	const struct row *place = NULL, *r = NULL;
	enum status s = ONE(v->tx, v->page, seal_last, &r, e, V_NULL);

	if (s == OK)
		v->sealed = at_int(r, 0);
	if ((s != OK && s != GONE) || v->full)
		return s == GONE ? OK : s;
	s = ONE(v->tx, v->page, walk_get, &place, e, T(WALKED));
	if (s == OK) {
		s = ONE(v->tx, v->page, verify_seal, &r, e, I(at_int(place, 0)));
		if (s != OK && s != GONE)
			return s;
		if (s == OK && str_eq(at_text(r, 0), at_text(place, 2))) {
			v->from = v->seq = v->whole = at_int(place, 0);
			memcpy(v->hash, at_text(place, 2), strnlen(at_text(place, 2), 64));
			return OK;
		}
		defect(v, "chain", "event", arena_printf(v->page, "the seal of event %lld is not what it was when the "
							 "chain up to there was verified", (long long)at_int(place, 0)));
	}
	v->full = true;
	return s == GONE ? OK : s;
}

/* ---- the fold ---- */

static void differs(struct verify *v, int64_t seq, const json_t *want, const json_t *have,
		    const char *where)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)want, key, value)
		if (!json_equal(value, json_object_get(have, key))) {
			char *x = json_dumps(value, JSON_ENCODE_ANY);
			char *y = json_dumps(json_object_get(have, key), JSON_ENCODE_ANY);
			defect(v, "state", v->id, arena_printf(v->a, "%s (event %lld): '%s' is %s, folded again "
				"it is %s", where, (long long)seq, key, y ? y : "missing", x));
			free(x);
			free(y);
			return;
		}
	defect(v, "state", v->id, arena_printf(v->a, "%s (event %lld) has more than its events give", where,
					       (long long)seq));
}

static enum status finish(struct verify *v, struct err *e)
{
	struct enrolment_row *row = NULL;
	enum status s;

	if (!v->begun || v->lost)
		return OK;
	s = store_enrolment(v->tx, v->a, v->id, &row, e);
	if (s == GONE) {
		defect(v, "state", v->id, "an enrolment with events is not there");
		return OK;
	}
	if (s != OK)
		return s;
	json_t *want = enrolment_json(&v->e), *have = enrolment_json(&row->e);
	if (!json_equal(want, have))
		differs(v, 0, want, have, "the stored state");
	json_decref(want);
	json_decref(have);
	return OK;
}

static enum status begin(struct verify *v, const char *id, const json_t *after, struct err *e)
{
	struct enrolment_row *row = NULL;
	struct enrolment first;
	enum status s;

	arena_clear(v->a);
	memset(v->id, 0, sizeof(v->id));
	memcpy(v->id, id, strnlen(id, ID_SIZE - 1));
	v->begun = true;
	v->lost = false;
	s = store_enrolment(v->tx, v->a, v->id, &row, e);
	if (s == GONE || !enrolment_from_json(v->a, after, &first)) {
		v->lost = true;
		if (s == GONE)
			defect(v, "state", v->id, "an enrolment with events is not there");
		return s == GONE ? OK : s;
	}
	v->plan = row->plan;
	v->e = (struct enrolment){ .state = SEQ_NOT_STARTED, .started = first.started, .zone = first.zone };
	memcpy(v->e.id, v->id, sizeof(v->e.id));
	return s;
}

static void fold(struct verify *v, int64_t seq, time_t at, const json_t *payload)
{
	const json_t *after = json_object_get(payload, "after");
	struct actions ignored;
	struct event ev;
	struct err why;

	if (!event_from_json(v->a, json_object_get(payload, "event"), &ev) || after == NULL) {
		v->lost = true;
		defect(v, "state", v->id, arena_printf(v->a, "event %lld cannot be read", (long long)seq));
		return;
	}
	int64_t version = v->e.version;
	if (seq_step(v->plan, &v->e, &ev, at, &ignored, &why) != OK)
		defect(v, "state", v->id, arena_printf(v->a, "event %lld should have been refused: %s",
						       (long long)seq, why.text));
	v->e.version = version + 1;
	json_t *want = enrolment_json(&v->e);
	if (!json_equal(want, after)) {
		differs(v, seq, want, after, "the state recorded");
		enrolment_from_json(v->a, after, &v->e);
		memcpy(v->e.id, v->id, sizeof(v->e.id));
	}
	json_decref(want);
}

/* columns: enrolment, seq, at, kind, payload */
static enum status fold_row(struct verify *v, const struct row *r, struct err *e)
{
	const char *id = at_text(r, 0), *text = at_text(r, 4);
	json_t *payload = text ? json_loads(text, 0, NULL) : NULL;
	enum status s = OK;

	if (!v->begun || strcmp(id, v->id) != 0) {
		s = finish(v, e);
		if (s == OK)
			s = begin(v, id, json_object_get(payload, "after"), e);
	}
	if (payload == NULL)
		v->lost = true;
	if (s == OK && !v->lost && !str_eq(at_text(r, 3), "refused"))
		fold(v, at_int(r, 1), (time_t)at_int(r, 2), payload);
	json_decref(payload);
	return s;
}

static enum status fold_all(struct verify *v, const char *enrolment, struct err *e)
{
	struct arena *a = arena_new(0);
	struct rows rows;
	enum status s = ROWS(v->tx, a, verify_steps, &rows, e, T(enrolment));

	v->begun = false;
	for (size_t i = 0; s == OK && i < rows.n; i++)
		s = fold_row(v, &rows.list[i], e);
	if (s == OK)
		s = finish(v, e);
	arena_free(a);
	return s;
}

/* A page of enrolments, all of them or those that moved. */
static enum status states(struct verify *v, struct err *e)
{
	struct rows rows;
	enum status s = v->full ? ROWS(v->tx, v->page, verify_enrolments, &rows, e, T(v->ref), I(FOLDED))
		: ROWS(v->tx, v->page, verify_moved, &rows, e, I(v->seq), I(FOLDED));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		s = fold_all(v, at_text(&rows.list[i], 0), e);
	v->more = s == OK && rows.n == FOLDED;
	if (v->more && v->full)
		memcpy(v->ref, at_text(&rows.list[rows.n - 1], 0), strnlen(at_text(&rows.list[rows.n - 1], 0), ID_SIZE - 1));
	else if (v->more)
		v->seq = at_int(&rows.list[rows.n - 1], 1);
	return s;
}

static enum status without_events(struct verify *v, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(v->tx, v->page, verify_without_events, &rows, e, T(v->ref), I(PAGE));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		if (at_int(&rows.list[i], 1) == 0)
			defect(v, "state", at_text(&rows.list[i], 0), "an enrolment that no event began");
	v->more = s == OK && rows.n == PAGE;
	if (v->more)
		memcpy(v->ref, at_text(&rows.list[rows.n - 1], 0), strnlen(at_text(&rows.list[rows.n - 1], 0), ID_SIZE - 1));
	return s;
}

/* ---- nothing after a suppression ---- */

/* columns of verify_covering: id, scope, scope_arg, expires, lifted, seq of suppressed, of lifted,
 * reason, subject */
static bool forbids(const struct row *s, int64_t seq, time_t at, const json_t *touch)
{
	const char *scope = at_text(s, 1), *arg = at_text(s, 2);
	const char *kind = json_string_value(json_object_get(touch, "kind"));

	if (at_int(s, 3) != 0 && at_int(s, 3) <= at)
		return false;
	if (at_int(s, 6) != 0 ? at_int(s, 6) < seq : at_int(s, 4) != 0 && at_int(s, 4) <= at)
		return false;
	if (str_eq(scope, "all"))
		return true;
	if (str_eq(kind, "conversation"))	/* a person may always answer a person */
		return false;
	if (str_eq(scope, "client"))
		return str_eq(arg, json_string_value(json_object_get(touch, "client")));
	if (str_eq(scope, "sequence"))
		return str_eq(arg, json_string_value(json_object_get(touch, "sequence")));
	if (str_eq(scope, "channel"))
		return str_eq(arg, "email");
	return true;
}

/* columns: seq, at, entity_id, payload */
static enum status touch_row(struct verify *v, const struct row *r, struct err *e)
{
	json_t *touch = at_text(r, 3) ? json_loads(at_text(r, 3), 0, NULL) : NULL;
	const char *to = json_string_value(json_object_get(touch, "recipient"));
	const char *subject[SUBJECTS] = { NULL };
	struct value args[SUBJECTS + 1];
	struct rows rows;
	enum status s = OK;

	arena_clear(v->a);
	if (to == NULL || json_object_get(touch, "observed") != NULL) {
		json_decref(touch);
		return OK;
	}
	size_t n = suppression_subjects(v->tx, v->a, to,
					json_string_value(json_object_get(touch, "company")), subject);
	for (size_t i = 0; i < SUBJECTS; i++)
		args[i] = i < n ? T(subject[i]) : V_NULL;
	args[SUBJECTS] = I(at_int(r, 0));
	s = db_rows(v->tx, v->a, ST_verify_covering, args, SUBJECTS + 1, &rows, e);
	for (size_t i = 0; s == OK && i < rows.n; i++)
		if (forbids(&rows.list[i], at_int(r, 0), (time_t)at_int(r, 1), touch))
			defect(v, "suppression", at_text(r, 2), arena_printf(v->a,
				"touch of '%s' (event %lld) followed the suppression of '%s' (%s, event %lld)",
				to, (long long)at_int(r, 0), at_text(&rows.list[i], 8),
				at_text(&rows.list[i], 7), (long long)at_int(&rows.list[i], 5)));
	json_decref(touch);
	return s;
}

static enum status suppressions(struct verify *v, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(v->tx, v->page, verify_touches, &rows, e, I(v->seq), I(PAGE));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		s = touch_row(v, &rows.list[i], e);
	v->more = s == OK && rows.n == PAGE;
	if (v->more)
		v->seq = at_int(&rows.list[rows.n - 1], 0);
	return s;
}

static enum status lost_suppressions(struct verify *v, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(v->tx, v->page, verify_lost_suppressions, &rows, e, I(v->seq), I(PAGE));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		if (at_int(&rows.list[i], 2) == 0)
			defect(v, "suppression", at_text(&rows.list[i], 1), "a suppression that an event tells of is "
			       "not there");
	v->more = s == OK && rows.n == PAGE;
	if (v->more)
		v->seq = at_int(&rows.list[rows.n - 1], 0);
	return s;
}

/* ---- page by page ---- */

typedef enum status page_fn(struct verify *v, struct err *e);
struct page {
	struct verify *v;
	page_fn *fn;
};

static enum status page_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct page *p = ctx;
	struct verify before = *p->v;
	enum status s;

	p->v->tx = tx;
	p->v->a = a;
	arena_clear(p->v->page);
	s = p->fn(p->v, e);
	if (s != OK)	/* it may be run again */
		*p->v = before;
	return s;
}

static enum status walk(struct verify *v, struct store *st, time_t now, page_fn *fn, struct err *e)
{
	struct page p = { v, fn };
	enum status s;

	v->seq = v->from;
	memset(v->ref, 0, sizeof(v->ref));
	do {
		v->more = false;
		s = store_read(st, now, page_unit, &p, e);
	} while (s == OK && v->more);
	return s;
}

/* Clean: the next run goes on from here. Not clean: it begins anew. */
static enum status keep_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct verify *v = ctx;
	enum status s;

	(void)a;
	if (v->defects > 0)
		return RUN(tx, walk_end, e, T(WALKED));
	/* nothing is sealed yet: there is no place */
	s = v->whole == 0 ? OK : RUN(tx, walk_put, e, T(WALKED), I(v->whole), V_NULL, T(v->hash), I(tx->now));
	return s == OK && v->full ? RUN(tx, walk_put, e, T(WALKED_FULL), I(v->whole), V_NULL, V_NULL, I(tx->now)) : s;
}

static enum status full_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, walk_get, &r, e, T(WALKED_FULL));

	*(time_t *)ctx = s == OK ? (time_t)at_int(r, 3) : 0;
	return s == GONE ? OK : s;
}

enum status store_verified(struct store *s, time_t now, time_t *full_r, struct err *e)
{
	return store_read(s, now, full_unit, full_r, e);
}

enum status store_verify_since(struct store *s, time_t now, bool full, store_defect_fn *report, void *ctx,
			       struct verified *out_r, struct err *e)
{
	static page_fn *const fns[] = { chain, states, without_events, suppressions, lost_suppressions };
	struct verify v = { .report = report, .ctx = ctx, .full = full, .page = arena_new(0) };
	struct err ignored;
	enum status st = walk(&v, s, now, checkpoint, e);

	for (size_t i = 0; st == OK && i < sizeof(fns) / sizeof(fns[0]); i++)
		if (v.full || fns[i] != without_events)
			st = walk(&v, s, now, fns[i], e);
	arena_free(v.page);
	*out_r = (struct verified){ .events = v.events, .from = v.from };
	if (st != OK)
		return st;
	/* who may only read has no place to go on from, and walks all of it each time */
	if (v.defects > 0 || v.whole > v.from || v.full)
		store_write(s, now, keep_unit, &v, 0, &ignored);
	return store_verified(s, now, &out_r->full, e);
}

enum status store_verify(struct store *s, time_t now, store_defect_fn *report, void *ctx,
			 int64_t *events_r, struct err *e)
{
	struct verified out;
	enum status st = store_verify_since(s, now, true, report, ctx, &out, e);

	if (events_r != NULL)
		*events_r = out.events;
	return st;
}
