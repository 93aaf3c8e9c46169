/* SPDX-License-Identifier: MPL-2.0
 *
 * The clock: absence is an event too. Each second: who is due, whose hold got no verdict; each ten:
 * what nobody followed the log for, the seal, accounts that fail for an hour.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/when.h"
#include "store/appointments.h"
#include "store/retention.h"

enum { STEP_MAX = 100, SEAL_MAX = 1000, EXPIRE_MAX = 100, FAILING_S = 3600, RETAIN_STEPS = 10 };

typedef enum status ids_fn(struct store_tx *tx, struct arena *a, time_t when, size_t max,
			   const char ***ids_r, size_t *n_r, struct err *e);

struct ids_unit {
	ids_fn *fn;
	struct arena *keep;
	time_t when;
	const char **ids;
	size_t n;
};

static enum status read_ids(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ids_unit *u = ctx;
	const char **ids;
	enum status s = u->fn(tx, a, u->when, STEP_MAX, &ids, &u->n, e);

	if (s != OK)
		return s;
	u->ids = arena_array(u->keep, const char *, u->n);
	for (size_t k = 0; k < u->n; k++)
		u->ids[k] = arena_strdup(u->keep, ids[k]);
	return OK;
}

struct step_unit {
	struct hub *hub;
	const char *id;
	struct event ev;
	struct cause cause;
	enum seq_event did;
	enum seq_state before, after;
};

static enum status do_step(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct step_unit *u = ctx;
	struct enrolment_row *row;
	char day[WHEN_TEXT];

	/* Why now: the answer that did not come, in a person's words and days. */
	if (u->ev.kind == EV_DUE && store_enrolment(tx, a, u->id, &row, e) == OK && row->e.last_touch)
		u->cause.evidence = arena_printf(a, "no reply since %s",
			date_text(when_civil(row->e.last_touch, row->e.zone).date, day));
	/* it may be run again: what it puts off is a copy */
	struct event ev = u->ev;
	struct cause cause = u->cause;
	enum status s = ev.kind == EV_DUE ? pipeline_before_due(u->hub, tx, a, u->id, &ev, &cause, e) : OK;

	u->did = ev.kind;
	return s == OK ? store_step(tx, a, u->id, &ev, &cause, &u->before, &u->after, e) : s;
}

/* True if there may be more. */
static bool step_all(struct hub *h, ids_fn *fn, time_t when, enum seq_event kind)
{
	time_t now = clock_now(h->clock);
	struct ids_unit ids = { .fn = fn, .keep = arena_new(0), .when = when };
	struct err e;
	enum status s = store_read(h->store, now, read_ids, &ids, &e);
	size_t moved = 0;

	if (s != OK)
		log_error(NULL, "clock", "event", seq_event_name(kind), "reason", e.text);
	for (size_t k = 0; s == OK && k < ids.n; k++) {
		struct step_unit u = { .hub = h, .id = ids.ids[k], .ev = { .kind = kind },
				       .cause = { .actor = "clock", .evidence = "the time has come" } };
		enum status one;

		(void)fault_point("before-step");
		one = store_write(h->store, now, do_step, &u, 0, &e);
		(void)fault_point("after-step");
		if (one == OK) {
			moved++;
			log_info(ids.ids[k], seq_event_name(u.did), "from", seq_state_name(u.before), "to",
				 seq_state_name(u.after));
		} else if (one == INPUT) {
			log_warn(ids.ids[k], "step-refused", "event", seq_event_name(kind), "reason", e.text);
		} else {
			log_error(ids.ids[k], "clock", "event", seq_event_name(kind), "reason", e.text);
			break;
		}
	}
	h->outbox_hint = h->outbox_hint || moved > 0;
	arena_free(ids.keep);
	return moved == STEP_MAX;
}

void due_tick(struct hub *h)
{
	time_t now = clock_now(h->clock);

	(void)step_all(h, store_held, now - conf_int(h->conf, "imapwatch.verdict_within"), EV_HOLD_EXPIRED);
	/* A long absence of ours: all of it, but a thousand at a time, so that mail is read in between. */
	for (int k = 0; k < 10 && step_all(h, store_due, now, EV_DUE); k++)
		;
}

/* ---- each ten seconds ---- */

static enum status seal(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_seal(tx, a, SEAL_MAX, ctx, e);
}

/* Nobody was heard of at two looks in a row: one alone may come of a clock that was stepped. */
static enum status assume_unless_followed(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct hub *h = ctx;
	bool followed, before = h->log_followed;
	enum status s = store_log_followed(tx, a, &followed, e);

	if (s != OK)
		return s;
	h->log_followed = followed;
	if (followed || before)
		return OK;
	return store_assume_sent(tx, a, store_now(tx) - conf_int(h->conf, "milter.assume_sent_after"), e);
}

struct failing_unit {
	const struct mailbox *box;
	const char *to;
};

static enum status tell_failing(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct failing_unit *u = ctx;
	const char *name = u->box->conf->name;
	struct outbox row = { .kind = "notify",
			      .key = arena_printf(a, "failing:%s:%lld", name, (long long)u->box->failing_since) };
	json_t *o = json_object();
	char *text;

	json_object_set_new(o, "text", json_string("account_failing"));
	json_object_set_new(o, "to", json_string(u->to));
	json_object_set_new(o, "account", json_string(name));
	json_object_set_new(o, "since", json_integer(u->box->failing_since));
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (!text)
		return err_set(e, SYS, "out of memory");
	row.payload = arena_strdup(a, text);
	free(text);
	return store_outbox_add(tx, a, &row, store_now(tx), e);
}

static void watch_failing(struct hub *h)
{
	const char *admin = conf_str(h->conf, "administrator");
	time_t now = clock_now(h->clock);

	for (size_t k = 0; *admin && k < h->boxes_n; k++) {
		struct failing_unit u = { &h->boxes[k], admin };
		struct err e;

		if (u.box->told_failing || u.box->failing_since == 0 || now - u.box->failing_since < FAILING_S)
			continue;
		if (store_write(h->store, now, tell_failing, &u, 0, &e) == OK)
			h->boxes[k].told_failing = true;
	}
}

static enum status expire(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_approvals_expire(tx, a, EXPIRE_MAX, ctx, e);
}

/* "Did it take place?", and what reminds of one that lies ahead. */
static enum status appointments(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_appointments_tick(tx, a, STEP_MAX, ctx, e);
}

struct retain_unit {
	struct retention r;
	struct retention_step step;
};

static enum status retain(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct retain_unit *u = ctx;

	return store_retain(tx, a, &u->r, &u->step, e);
}

/* A few short steps, each on its own: what is recorded meanwhile comes in between. */
static void forget_old(struct hub *h, time_t now)
{
	struct retain_unit u = { .r = retention_settings(h->conf) };
	long long changed = 0;
	struct err e;

	for (int i = 0; i < RETAIN_STEPS; i++) {
		if (store_write(h->store, now, retain, &u, 0, &e) != OK) {
			log_error(NULL, "clock", "what", "retention", "reason", e.text);
			return;
		}
		changed += u.step.changed;
		if (!u.step.more)
			break;
	}
	if (changed > 0)
		log_info(NULL, "retention", "rows", log_num(changed));
}

void due_slow_tick(struct hub *h)
{
	size_t asked = 0;
	time_t now = clock_now(h->clock);
	size_t sealed = 0, expired = 0;
	struct err e;

	if (store_write(h->store, now, assume_unless_followed, h, 0, &e) != OK)
		log_error(NULL, "clock", "what", "assume-sent", "reason", e.text);
	if (store_write(h->store, now, seal, &sealed, 0, &e) != OK)
		log_error(NULL, "clock", "what", "seal", "reason", e.text);
	if (store_write(h->store, now, expire, &expired, 0, &e) != OK)
		log_error(NULL, "clock", "what", "approvals", "reason", e.text);
	else if (expired > 0)
		log_info(NULL, "approvals-expired", "n", log_num((long long)expired));
	h->outbox_hint = h->outbox_hint || expired > 0;
	if (store_write(h->store, now, appointments, &asked, 0, &e) != OK)
		log_error(NULL, "clock", "what", "appointments", "reason", e.text);
	watch_failing(h);
	sending_slow_tick(h);
	forget_old(h, now);
}
