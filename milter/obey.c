/* SPDX-License-Identifier: MPL-2.0
 *
 * What control addresses ask for, carried out in the transaction that records the mail: all of it, or the mail is
 * refused with the sentence that says why.
 */
#include "config.h"

#include "milter/control.h"

#include "base/arena.h"
#include "store/appointments.h"
#include "store/decide.h"
#include "store/pipeline.h"
#include "store/tasks.h"

struct obeying {
	struct store_tx *tx;
	struct arena *a;
	const struct mail *m;
	const struct memory_owner *owner;
	const char *subject;
	struct target t;
	struct buf *done;		/* or NULL */
};

static const char *by_mail(const struct obeying *x, enum control_verb v)
{
	return arena_printf(x->a, "%s@ by %s", control_kind(v)->name, x->m->login);
}

static void told(const struct obeying *x, const char *what, const char *more)
{
	if (x->done)
		buf_addf(x->done, "%s%s%s%s", x->done->n ? "\n" : "", what, more ? ": " : "", more ? more : "");
}

static const char *zone_of(const struct obeying *x)
{
	return str_empty(x->owner->zone) ? "UTC" : x->owner->zone;
}

/* ---- the follow-up ---- */

static enum status step(const struct obeying *x, enum control_verb v, const struct event *ev, struct err *e)
{
	struct cause c = { .actor = x->m->login, .evidence = arena_printf(x->a, "mail %s", x->m->queue_id ?
									  x->m->queue_id : "-") };

	if (!x->t.enrolment_id)
		return err_set(e, INPUT, "%s is in no sequence that could be %s", x->t.address,
			       v == VERB_STOP ? "stopped" : v == VERB_PAUSE ? "paused" : "changed");
	return store_step(x->tx, x->a, x->t.enrolment_id, ev, &c, NULL, NULL, e);
}

static enum status decide(const struct obeying *x, enum decide what, const char *item, const char *argument,
			  const char *because, struct err *e)
{
	struct decision_new d = { .decision = what, .item = item, .by = x->m->login, .via = "mail", .argument = argument,
				  .because = because };
	struct decided out = { .sentence = NULL };
	enum status st;

	if (!item)
		return err_set(e, INPUT, "%s is in no sequence that could be changed", x->t.address);
	st = store_decide(x->tx, x->a, &d, &out, e);
	if (st == OK)
		told(x, decision_kind(what)->name, out.sentence);
	return st == GONE ? INPUT : st;
}

static enum status follow_up(const struct obeying *x, struct err *e)
{
	const struct mail *m = x->m;
	char day[WHEN_TEXT];
	enum status st = OK;

	if (control_has(m, VERB_STOP)) {
		struct event ev = { .kind = EV_STOP, .reason = "owner" };

		st = step(x, VERB_STOP, &ev, e);
		if (st == OK)
			told(x, "stop", "the follow-up is closed");
	}
	if (st == OK && control_has(m, VERB_PAUSE)) {
		struct event ev = { .kind = EV_PAUSE, .date = m->control.pause, .reason = "owner" };

		st = step(x, VERB_PAUSE, &ev, e);
		if (st == OK)
			told(x, "pause", arena_printf(x->a, "until %s", date_text(m->control.pause, day)));
	}
	if (st == OK && control_has(m, VERB_RESUME))
		st = decide(x, DECIDE_RESUME, x->t.enrolment_id, NULL, by_mail(x, VERB_RESUME), e);
	if (st == OK && control_has(m, VERB_SKIP))
		st = decide(x, DECIDE_SKIP, x->t.enrolment_id, NULL, by_mail(x, VERB_SKIP), e);
	return st;
}

/* ---- the sale ---- */

static enum status stage(const struct obeying *x, enum control_verb v, const char *to, struct err *e)
{
	const char *why = v == VERB_LOST ? x->m->control.reason : by_mail(x, v);
	enum status st = store_stage(x->tx, x->a, x->t.prospect_id, to, STAGE_BY_PERSON, why, x->m->login, e);

	/* it is over: nothing more is sent by itself */
	if (st == OK && v != VERB_QUALIFIED && x->t.enrolment_id && !control_has(x->m, VERB_STOP)) {
		struct event ev = { .kind = EV_STOP, .reason = v == VERB_WON ? "won" : "lost", .words = why };

		st = step(x, v, &ev, e);
	}
	if (st == OK)
		told(x, to, v == VERB_LOST ? why : NULL);
	return st == GONE ? INPUT : st;
}

enum status control_booked(struct store_tx *tx, struct arena *a, const struct booking *b, const char **when_r,
			   struct err *e)
{
	const char *zone = str_empty(b->owner->zone) ? "UTC" : b->owner->zone, *id;
	struct appointment_put p = { .prospect_id = b->prospect_id, .owner_id = b->owner->id, .booked = true, .zone = zone,
				     .starts = when_utc(b->day, b->minute / 60, b->minute % 60, zone),
				     .summary = b->summary, .because = b->by };
	char when[WHEN_TEXT];

	*when_r = arena_printf(a, "%s (%s)", when_local_text(p.starts, zone, when), zone);
	return store_appointment_put(tx, a, &p, b->owner->login, &id, e);
}

static enum status booked(const struct obeying *x, struct err *e)
{
	struct booking b = { .prospect_id = x->t.prospect_id, .owner = x->owner,
			     .day = x->m->control.booked, .minute = x->m->control.booked_minute,
			     .summary = x->subject, .by = by_mail(x, VERB_BOOKED) };
	const char *when;
	enum status st = control_booked(x->tx, x->a, &b, &when, e);

	if (st == OK)
		told(x, "booked", when);
	return st;
}

static enum status sale(const struct obeying *x, struct err *e)
{
	const struct mail *m = x->m;
	enum status st = OK;

	if (control_has(m, VERB_QUALIFIED))
		st = stage(x, VERB_QUALIFIED, "qualified", e);
	if (st == OK && control_has(m, VERB_BOOKED))
		st = booked(x, e);
	if (st == OK && control_has(m, VERB_WON))
		st = stage(x, VERB_WON, "won", e);
	if (st == OK && control_has(m, VERB_LOST))
		st = stage(x, VERB_LOST, "lost", e);
	if (st == OK && control_has(m, VERB_ROUTE)) {
		st = store_assign(x->tx, x->a, x->t.prospect_id, m->control.route, by_mail(x, VERB_ROUTE), m->login, e);
		if (st == OK)
			told(x, "route", m->control.route);
	}
	return st;
}

/* ---- tasks, appointments, absence ---- */

enum { REMIND_HOUR = 9 };

static enum status remind(const struct obeying *x, struct err *e)
{
	struct date day = x->m->control.remind;
	struct task_new t = {
		.owner_id = x->owner->id, .prospect_id = x->t.prospect_id, .enrolment_id = x->t.enrolment_id,
		.kind = "task", .due = when_utc(day, REMIND_HOUR, 0, zone_of(x)),
		.text = x->t.address ? arena_printf(x->a, "%s: you asked to be reminded of \"%s\"", x->t.address, x->subject)
				     : arena_printf(x->a, "you asked to be reminded of \"%s\"", x->subject),
	};
	const char *id;
	char text[WHEN_TEXT];
	enum status st = store_task_add(x->tx, x->a, &t, x->m->login, &id, e);

	if (st == OK)
		told(x, "remind", arena_printf(x->a, "a task for %s (%s)", date_text(day, text), id));
	return st;
}

static enum status away(const struct obeying *x, struct err *e)
{
	const struct control *c = &x->m->control;
	const char *zone = zone_of(x);
	char from[WHEN_TEXT], until[WHEN_TEXT];
	struct owner_away w = { .owner = x->m->login, .actor = x->m->login, .source = "mail",
				.back = control_has(x->m, VERB_BACK) };
	enum status st;

	if (!w.back)
		w.until = when_utc(c->away, 0, 0, zone);
	if (!w.back && c->away_from.year)
		w.from = when_utc(c->away_from, 0, 0, zone);
	st = store_owner_away(x->tx, x->a, &w, e);
	if (st == OK && w.back)
		told(x, "back", "you are back: what waited goes on");
	else if (st == OK)
		told(x, "away", c->away_from.year ? arena_printf(x->a, "from %s until %s", date_text(c->away_from, from),
								 date_text(c->away, until))
						  : arena_printf(x->a, "until %s", date_text(c->away, until)));
	return st == GONE ? INPUT : st;
}

/* Ours alone, unless the desk's rules let us decide for others: the one who has it is asked for there. */
static enum status outcome(const struct obeying *x, enum control_verb v, struct err *e)
{
	const char *id = x->m->control.args[v];
	struct appointment *ap;
	enum status st = store_appointment(x->tx, x->a, id, &ap, e);

	if (st == OK && !str_eq(ap->owner_id, x->owner->id))
		return err_set(e, INPUT, "the appointment %s is %s's, not yours", id, ap->owner_login);
	if (st == OK)
		st = store_appointment_outcome(x->tx, x->a, ap->id, v == VERB_SHOWED, NULL, by_mail(x, v), x->m->login, e);
	if (st == OK)
		told(x, control_kind(v)->name, ap->summary ? ap->summary : ap->address);
	return st == GONE ? INPUT : st;
}

enum status control_obey_own(struct store_tx *tx, struct arena *a, const struct mail *m,
			     const struct memory_owner *owner, struct buf *done, struct err *e)
{
	struct obeying x = { .tx = tx, .a = a, .m = m, .owner = owner, .done = done };
	enum status st = OK;

	for (size_t i = 0; st == OK && i < m->control.tasks_n; i++)
		st = decide(&x, DECIDE_DONE, m->control.tasks[i], NULL, by_mail(&x, VERB_DONE), e);
	if (st == OK && control_has(m, VERB_SHOWED))
		st = outcome(&x, VERB_SHOWED, e);
	if (st == OK && control_has(m, VERB_NOSHOW))
		st = outcome(&x, VERB_NOSHOW, e);
	if (st == OK && (control_has(m, VERB_AWAY) || control_has(m, VERB_BACK)))
		st = away(&x, e);
	return st;
}

/* ---- all of it ---- */

static enum status take_live(void *ctx, const struct row *r, struct err *e)
{
	struct obeying *x = ctx;

	(void)e;
	x->t.enrolment_id = arena_strdup(x->a, row_text(r, "id"));
	return OK;
}

static enum status never_again(const struct obeying *x, struct err *e)
{
	struct suppression s = { .kind = "address", .subject = x->t.address, .reason = "do_not_contact",
				 .owner_id = x->owner->id, .evidence = by_mail(x, VERB_DNC) };
	enum status st = store_suppress(x->tx, x->a, &s, x->m->login, false, NULL, e);

	if (st == OK)
		told(x, "dnc", "nobody of us writes to this address again");
	return st;
}

struct whose {
	struct arena *a;
	const char *owner_id;
	bool mine;
};

static enum status take_whose(void *ctx, const struct row *r, struct err *e)
{
	struct whose *w = ctx;

	(void)e;
	w->owner_id = arena_strdup(w->a, row_text(r, "owner_id"));
	w->mine = row_int(r, "mine") > 0;
	return OK;
}

/* What became of a person, and whose they are, is said by those who have them. That they want no more mail is heard
 * from everybody. */
static enum status may(const struct obeying *x, struct err *e)
{
	struct whose w = { .a = x->a };
	struct value args[] = { store_text(x->t.prospect_id), store_text(x->owner->id) };
	bool route = control_has(x->m, VERB_ROUTE);
	enum status st;

	if (!x->t.prospect_id || !(route || control_has(x->m, VERB_WON) || control_has(x->m, VERB_LOST) ||
				   control_has(x->m, VERB_QUALIFIED) || control_has(x->m, VERB_BOOKED)))
		return OK;
	st = store_query(x->tx, "control_person", args, 2, take_whose, &w, NULL, e);
	if (st != OK || (w.mine && !route))
		return st;
	return store_may(x->tx, x->a, w.owner_id, x->m->login, e);
}

enum status control_obey(struct store_tx *tx, struct arena *a, const struct mail *m, const struct memory_owner *owner,
			 const char *subject, const struct target *about, struct buf *done, struct err *e)
{
	struct obeying x = { .tx = tx, .a = a, .m = m, .owner = owner, .subject = str_empty(subject) ? "-" : subject,
			     .t = *about, .done = done };
	enum status st = OK;

	if (control_about(m, ABOUT_TOKEN))
		return err_set(e, INPUT, "an answer to a digest or a note goes to relent alone");
	/* one's own follow-up only: another rep's is not this rep's to stop */
	if (!x.t.enrolment_id && x.t.prospect_id)
		st = store_query(tx, "milter_live_enrolment",
				 (struct value[]){ store_text(x.t.prospect_id), store_text(x.t.owner_id) },
				 2, take_live, &x, NULL, e);
	if (st == OK && control_about(m, ABOUT_PERSON) && !x.t.prospect_id && (m->control.verbs & ~(1u << VERB_DNC)) &&
	    (control_has(m, VERB_WON) || control_has(m, VERB_LOST) || control_has(m, VERB_QUALIFIED) ||
	     control_has(m, VERB_BOOKED) || control_has(m, VERB_ROUTE)))
		return err_set(e, INPUT, "%s is not among the known prospects: relentctl prospect add %s", x.t.address,
			       x.t.address);
	if (st == OK)
		st = may(&x, e);
	if (st == OK)
		st = follow_up(&x, e);
	if (st == OK)
		st = sale(&x, e);
	if (st == OK && control_has(m, VERB_REMIND))
		st = remind(&x, e);
	if (st == OK && control_has(m, VERB_DNC))
		st = never_again(&x, e);
	return st;
}
