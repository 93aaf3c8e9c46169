/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails that relent hands over by itself, exactly as they were approved, and never twice (store/sends.h). All is
 * read again just before the end of the text leaves; what may have been taken is settled by evidence alone.
 */
#include "config.h"

#include "imapwatch/outbox_private.h"

#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/stamp.h"
#include "imapwatch/sendnext.h"
#include "letter/compose.h"
#include "policy/settings.h"
#include "store/sends.h"

enum { LOOK_AGAIN_S = 5, OBSERVING_S = 3600, EDITING_S = 60, TRIES_MAX = 11, UNSURE_DAYS = 7 };

/* One look at everything that must hold, now. */
struct look {
	struct hub *h;
	const char *id, *draft_id, *enrolment_id, *approval;
	int64_t epoch;
	bool ends;			/* the text is over there but for its end */
	struct arena *keep;
	/* what came of it */
	enum { LOOK_GO, LOOK_LATER, LOOK_STOP, LOOK_CANCEL, LOOK_EVIDENCE, LOOK_NONE, LOOK_LOST } word;
	enum send_stop stop;
	const char *rule, *why;
	time_t at;
	struct send *send;
	const char *owner_login;
};

static const char *payload_text(struct arena *a, const char *payload, const char *name)
{
	json_t *o = json_loads(payload ? payload : "{}", 0, NULL);
	const char *s = o ? arena_strdup(a, json_string_value(json_object_get(o, name))) : NULL;

	json_decref(o);
	return s;
}

static enum status say(struct look *l, int word, const char *rule, const char *why)
{
	l->word = word;
	l->rule = rule;
	l->why = arena_strdup(l->keep, why);
	return OK;
}

static enum status say_stop(struct look *l, enum send_stop stop, const char *rule, const char *why)
{
	l->stop = stop;
	return say(l, LOOK_STOP, rule, why);
}

static enum status say_later(struct look *l, time_t at, const char *rule, const char *why)
{
	l->at = at;
	return say(l, LOOK_LATER, rule, why);
}

/* ---- what exactly ---- */

struct parts {
	struct enrolment_row *row;
	struct draft *draft;
	struct memory_owner *owner;
	const char *from, *subject, *text, *hash;
};

/* The words that were approved: the draft's, or those that a person put in their place. */
static enum status words(struct store_tx *tx, struct arena *a, struct look *l, struct parts *p, struct err *e)
{
	struct send_approval ap;
	bool changed = false;
	enum status s = store_send_approval(tx, a, l->approval, &ap, e);

	if (s == GONE)
		return say_stop(l, SEND_STOP_REVIEW, "authority", "its approval is not there any more");
	if (s != OK)
		return s;
	p->from = p->owner->addresses_n ? p->owner->addresses[0] : p->owner->login;
	p->subject = p->draft->subject;
	p->text = p->draft->text;
	p->hash = ap.content_hash;
	s = store_approved_text_of(tx, a, ap.content_hash, &p->subject, &p->text, e);
	if ((s == OK || s == GONE) && str_eq(p->draft->state, "edited")) {
		changed = s == GONE;
		s = changed ? OK : store_send_draft_since(tx, a, l->draft_id, ap.at, &changed, e);
	}
	if (s == OK && changed)
		return say_stop(l, SEND_STOP_APPROVAL, "changed", "the draft was changed after it was approved");
	if (s != OK && s != GONE)
		return s;
	if (!str_eq(policy_plain_hash(a, p->from, p->draft->to, p->subject, p->text), ap.content_hash))
		return say_stop(l, SEND_STOP_APPROVAL, "changed", "what was approved is not what would be sent");
	return OK;
}

static const char *bare_id(struct arena *a, const char *id)
{
	size_t n = id ? strlen(id) : 0;

	return n > 2 && id[0] == '<' && id[n - 1] == '>' ? arena_strndup(a, id + 1, n - 2) : n ? id : NULL;
}

static const char *bytes_of(struct store_tx *tx, struct arena *a, const struct look *l, const struct parts *p,
			    const char *message_id)
{
	/* the last one of the thread: our last mail, or what a lead wrote to us */
	const char *last = p->draft->references ? strrchr(p->draft->references, ' ') : NULL;
	struct letter letter = {
		.from_name = p->owner->name, .from = p->from, .to_name = p->row->name, .to = p->draft->to,
		.subject = p->subject, .message_id = message_id,
		.in_reply_to = bare_id(a, last ? last + 1 : p->draft->references), .references = p->draft->references,
		.stamp = l->h->keys ? stamp_text(a, l->h->keys, p->draft->id) : NULL, .date = store_now(tx),
		.zone = p->owner->zone, .text = p->text,
	};
	size_t n;

	return letter_text(a, &letter, &n);
}

/* The row that says so is there before anything else can go wrong. */
static enum status prepare(struct store_tx *tx, struct arena *a, struct look *l, const struct parts *p, struct err *e)
{
	const struct draft *d = p->draft;
	struct send *n = arena_new_of(l->keep, struct send);
	enum status s;

	*n = (struct send){
		.id = l->id, .enrolment_id = l->enrolment_id, .owner_id = arena_strdup(l->keep, p->row->owner_id),
		.prospect_id = arena_strdup(l->keep, p->row->prospect_id), .draft_id = l->draft_id,
		.approval_id = l->approval, .step = d->step, .state = "prepared", .prepared = store_now(tx),
		.message_id = str_empty(d->message_id) ? letter_message_id(l->keep, d->id, p->from)
						       : arena_strdup(l->keep, d->message_id),
		.sender = arena_strdup(l->keep, p->from ? p->from : ""),
		.recipient = arena_strdup(l->keep, d->to ? d->to : ""),
		.content_hash = arena_strdup(l->keep, p->hash ? p->hash : ""),
	};
	if (p->hash)
		n->mail = arena_strdup(l->keep, bytes_of(tx, a, l, p, n->message_id));
	s = store_send_prepare(tx, n, e);
	l->send = n;
	l->owner_login = arena_strdup(l->keep, p->row->owner_login);
	return s;
}

/* ---- may it ---- */

static enum status texts(struct hub *h, struct err *e)
{
	struct arena *a;
	enum status s;

	if (h->texts)
		return OK;
	a = arena_new(0);
	s = policy_texts_load(a, h->conf, &h->texts, e);
	arena_free(a);
	return s;
}

/* As relent-milter will judge it, so that what would be refused is not even handed over. */
static enum status judge(struct store_tx *tx, struct arena *a, struct look *l, const struct parts *p, struct err *e)
{
	const char *stamp = l->h->keys ? stamp_text(a, l->h->keys, p->draft->id) : "";
	struct header header = { STAMP_HEADER, stamp };
	struct message *m = policy_plain_message(a, p->from, p->draft->to, p->subject, p->text);
	const char *to = m->to_n ? m->to[0].key : "", *login = conf_str(l->h->conf, "smtp.user");
	struct recall r = { .login = login, .sender = p->from, .role = ROLE_SUBMISSION, .recipients = &to,
			    .recipients_n = 1, .message = m, .keys = l->h->keys, .automation = true,
			    .content_hash = p->hash };
	struct outgoing o = { .role = ROLE_SUBMISSION, .login = login, .sender = p->from, .recipients = &to,
			      .recipients_n = 1, .automation = true, .content_hash = p->hash, .message = m,
			      .visible = p->text ? p->text : "" };
	struct policy_settings settings;
	struct send_fate fate;
	struct verdict v;
	struct memory *memory;
	enum status s = texts(l->h, e);

	m->headers = &header;
	m->headers_n = 1;
	m->message_id = l->send->message_id;
	if (s == OK)
		s = store_recall(tx, a, &r, &memory, e);
	if (s != OK)
		return s;
	policy_settings_load(a, l->h->conf, l->h->texts, &settings);
	policy_judge(a, &settings, STAGE_EOM, &o, memory, store_now(tx), &v);
	if (v.answer != ANSWER_REFUSE)
		return v.resubmission ? say(l, LOOK_EVIDENCE, "resubmission", "the milter knows this mail") : OK;
	fate = send_next_of_rule(rule_name(v.why->rule), v.why->code, v.why->fact, store_now(tx));
	const char *why = arena_printf(a, "%s%s%s", v.why->text[0], v.why->text[1] ? " " : "",
				       v.why->text[1] ? v.why->text[1] : "");
	switch (fate.next) {
	case NEXT_LATER:
	case NEXT_FAILED:
		return say_later(l, fate.at, rule_name(v.why->rule), why);
	case NEXT_EVIDENCE:
		return say(l, LOOK_EVIDENCE, rule_name(v.why->rule), why);
	case NEXT_APPROVAL:
		return say_stop(l, SEND_STOP_APPROVAL, rule_name(v.why->rule), why);
	case NEXT_REVIEW:
		break;
	}
	return say_stop(l, SEND_STOP_REVIEW, rule_name(v.why->rule), why);
}

/* What the enrolment, its approval and its draft say. */
static enum status standing(struct store_tx *tx, struct arena *a, struct look *l, struct parts *p, struct err *e)
{
	const char *latest = NULL, *state = p->draft->state;
	enum status s;

	if (p->row->e.state != SEQ_READY_TO_SEND || p->row->e.step + 1 != p->draft->step)
		return say(l, LOOK_CANCEL, "stopped", arena_printf(a, "the enrolment is %s now",
								   seq_state_name(p->row->e.state)));
	s = store_send_latest(tx, a, l->enrolment_id, p->draft->step, &latest, e);
	if (s == GONE)
		return say_stop(l, SEND_STOP_APPROVAL, "authority", "the approval was taken back");
	if (s != OK)
		return s;
	if (!str_eq(latest, l->approval))
		return say(l, LOOK_CANCEL, "authority", "another text was approved in its place");
	if (p->row->e.holds > 0)
		return say_later(l, store_now(tx) + 30, "replied", "a mail of this person is being read");
	if (str_eq(state, "gone"))
		return say_later(l, store_now(tx) + EDITING_S, "changed", "its owner has taken the draft out, or edits it");
	if (str_eq(state, "sent"))
		return say(l, LOOK_EVIDENCE, "resubmission", "it went out already");
	if (!str_eq(state, "placed") && !str_eq(state, "edited") && !str_eq(state, "sending"))
		return say_stop(l, SEND_STOP_REVIEW, "changed", arena_printf(a, "the draft is %s", state));
	return OK;
}

/* A rep's login would need no approval: what is handed in with it would pass for the rep's own mail. */
static enum status settings_forbid(struct store_tx *tx, struct arena *a, struct look *l, struct err *e)
{
	const char *user = conf_str(l->h->conf, "smtp.user");
	time_t later = store_now(tx) + OBSERVING_S;
	struct memory_owner *rep;
	enum status s;

	if (str_eq(conf_str(l->h->conf, "mode"), "observe"))
		return say_later(l, later, "authority", "mode = observe: relent sends nothing by itself");
	if (!*user)
		return say_later(l, later, "authority", "smtp.user is not set: relent has no login of its own");
	s = store_owner(tx, a, user, &rep, e);
	if (s == OK)
		return say_later(l, later, "authority", "smtp.user is a rep's login: relent needs one of its own");
	return s == GONE ? OK : s;
}

static enum status look(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct look *l = ctx;
	struct parts p = { .row = NULL };
	struct send *old = NULL;
	enum status s;

	l->word = LOOK_GO;
	l->send = NULL;
	/* we slept, and it is another watcher's: not a word about it */
	s = store_outbox_fence(tx, a, l->id, l->epoch, e);
	if (s == OK && l->ends)
		s = store_lease_held(tx, a, &l->h->lease, NULL, e);
	if (s == GONE)
		return say(l, LOOK_LOST, "elsewhere", e->text);
	if (s == OK)
		s = store_send(tx, l->keep, l->id, &old, e);
	if (s == OK && !str_eq(old->state, "prepared")) {
		l->send = old;
		return say(l, str_eq(old->state, "ended") ? LOOK_EVIDENCE : LOOK_NONE, "resubmission", old->state);
	}
	if (s == OK || s == GONE)
		s = store_enrolment(tx, a, l->enrolment_id, &p.row, e);
	if (s == OK)
		s = store_draft(tx, a, l->draft_id, &p.draft, e);
	if (s == OK)
		s = store_owner(tx, a, p.row->owner_login, &p.owner, e);
	if (s != OK)
		return s;
	if (l->ends && (s = store_send_taken(tx, a, l->id, e)) != OK) {
		l->send = old;
		return s == GONE ? say(l, LOOK_NONE, "stopped", e->text) : s;
	}
	s = standing(tx, a, l, &p, e);
	if (s == OK && l->word == LOOK_GO)
		s = words(tx, a, l, &p, e);
	if (l->ends)			/* the bytes are over there: they are not made again */
		l->send = old;
	else if (s == OK)
		s = prepare(tx, a, l, &p, e);
	if (s == OK && l->word == LOOK_GO)
		s = settings_forbid(tx, a, l, e);
	if (s == OK && l->word == LOOK_GO)
		s = judge(tx, a, l, &p, e);
	(void)fault_point("send-looked");
	if (s == OK && l->word == LOOK_GO && l->ends)
		s = store_send_ended(tx, l->id, e);
	return s;
}

/* ---- what follows ---- */

struct ending {
	struct hub *h;
	const char *id;
	int64_t epoch;			/* 0: evidence that nobody waits for */
	enum { END_SENT, END_LATER, END_FAILED, END_CANCEL, END_STOP, END_NOT_TAKEN, END_TAKEN_BACK } how;
	enum send_stop stop;
	const char *touch, *rule, *why;
	const struct send *send;
	time_t at;
};

/* relent-milter had let it pass, and the server refused it after that. */
static enum status take_back(struct store_tx *tx, struct arena *a, const struct ending *n, struct err *e)
{
	enum status s = store_touch_refused(tx, a, n->touch, n->why, e);

	if (s == OK)
		return store_send_cancel(tx, n->id, n->why, e);
	return s == GONE ? store_send_sent(tx, a, n->id, n->touch, conf_bool(n->h->conf, "imapwatch.sent_copy"), e) : s;
}

static enum status finish(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct ending *n = ctx;
	enum status s = store_outbox_fence(tx, a, n->id, n->epoch, e);

	if (s != OK)
		return s;
	switch (n->how) {
	case END_SENT:
		return store_send_sent(tx, a, n->id, n->touch, conf_bool(n->h->conf, "imapwatch.sent_copy"), e);
	case END_NOT_TAKEN:
		s = store_send_not_taken(tx, n->id, n->why, e);
		return s == OK ? store_send_later(tx, n->id, n->at, n->why, e) : s;
	case END_LATER:
		return store_send_later(tx, n->id, n->at, n->why, e);
	case END_FAILED:
		return store_send_failed(tx, a, n->id, n->why, e);
	case END_CANCEL:
		return store_send_cancel(tx, n->id, n->why, e);
	case END_STOP:
		return store_send_stop(tx, a, n->id, n->stop, n->rule, n->why, e);
	case END_TAKEN_BACK:
		return take_back(tx, a, n, e);
	}
	return err_set(e, SYS, "an end without meaning");
}

static void end(struct hub *h, struct ending *n)
{
	static const char *const names[] = { "sent", "waits", "not-taken", "cancelled", "stopped", "waits", "taken-back" };
	struct err e;

	n->h = h;
	(void)fault_point("send-ending");
	if (store_write(h->store, clock_now(h->clock), finish, n, 0, &e) != OK) {
		log_error(n->id, "send-not-recorded", "reason", e.text);
		outbox_release(h, n->id, n->epoch);
		return;
	}
	(void)fault_point("send-settled");
	log_info(n->id, "send", "result", n->how == END_STOP && n->stop == SEND_STOP_UNSURE ? "unsure" : names[n->how],
		 "rule", n->rule, "touch", n->touch, "why", n->why);
	h->outbox_hint = true;
}

struct evidence_unit {
	struct hub *h;
	const struct send *send;
	struct arena *keep;
	time_t since;
	struct send_evidence ev;
};

static enum status read_evidence(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct evidence_unit *u = ctx;

	(void)a;
	return store_send_evidence(tx, u->keep, u->send, conf_str(u->h->conf, "smtp.user"), u->since, &u->ev, e);
}

static bool evidence(struct hub *h, struct arena *keep, const struct send *s, time_t since, struct send_evidence *out_r)
{
	struct evidence_unit u = { .h = h, .send = s, .keep = keep, .since = since };
	struct err e;

	if (store_read(h->store, clock_now(h->clock), read_evidence, &u, &e) != OK) {
		log_error(s->id, "no-evidence", "reason", e.text);
		return false;
	}
	*out_r = u.ev;
	return true;
}

/* A refusal that is known for sure: the milter's, by its rule. */
static struct ending of_rule(struct hub *h, const struct send *s, int64_t epoch,
			     const struct send_evidence *ev)
{
	time_t now = clock_now(h->clock);
	struct send_fate fate = send_next_of_rule(ev->rule, ev->code, ev->fact, now);
	struct ending n = { .id = s->id, .epoch = epoch, .send = s, .rule = ev->rule, .why = ev->text,
			.at = fate.at, .how = END_NOT_TAKEN };

	switch (fate.next) {
	case NEXT_LATER:
		break;
	case NEXT_EVIDENCE:
		n.at = now + LOOK_AGAIN_S;
		break;
	case NEXT_FAILED:
		n.how = END_FAILED;
		break;
	case NEXT_APPROVAL:
	case NEXT_REVIEW:
		n.how = END_STOP;
		n.stop = fate.next == NEXT_APPROVAL ? SEND_STOP_APPROVAL : SEND_STOP_REVIEW;
		break;
	}
	return n;
}

/* It may have been taken, and nobody heard: never again without knowing. */
static void settle(struct hub *h, struct arena *a, const struct send *s, int64_t epoch)
{
	time_t now = clock_now(h->clock), wait = conf_int(h->conf, "imapwatch.send_unsure_after");
	struct send_evidence ev;
	struct ending n = { .id = s->id, .epoch = epoch, .send = s, .how = END_LATER, .at = now + LOOK_AGAIN_S,
			    .why = "the answer was lost: waiting for the milter's record" };

	if (!evidence(h, a, s, s->ended - 1, &ev)) {
		outbox_release(h, s->id, epoch);
		return;
	}
	if (ev.touch_id && ev.taken_back)
		n.how = END_CANCEL, n.why = "the mail server never queued it";
	else if (ev.touch_id)
		n.how = END_SENT, n.touch = ev.touch_id, n.why = "settled by the milter's record";
	else if (ev.rule)
		n = of_rule(h, s, epoch, &ev);
	else if (now - s->ended >= wait)
		n = (struct ending){ .id = s->id, .epoch = epoch, .send = s, .how = END_STOP,
				.stop = SEND_STOP_UNSURE, .rule = "unsure",
			.why = arena_printf(a, "the connection ended after the text, and neither relent-milter nor the log "
			       "tells whether the mail server took it: look for <%s> in the log before anything is sent "
			       "again", s->message_id) };
	end(h, &n);
}

/* ---- handing over ---- */

static void hand_over(struct hub *h, struct arena *a, const struct look *l)
{
	struct errand *er = errand_add(h, FRAME_SEND, NULL, l->id, l->draft_id, l->epoch);
	const struct send *s = l->send;
	struct buf b;

	er->payload = strdup(l->approval);
	er->owner_id = strdup(l->enrolment_id);
	buf_init(&b, a);
	frame_begin(&b, FRAME_SEND, er->number);
	pack_text(&b, s->sender);
	pack_u32(&b, 1);
	pack_text(&b, s->recipient);
	pack_bytes(&b, s->mail, strlen(s->mail));
	log_info(l->id, "send", "result", "handing-over", "draft", l->draft_id, "approval", l->approval);
	(void)fault_point("send-prepared");
	hub_send(h, &h->sender, &b);
}

static void act(struct hub *h, struct arena *a, struct look *l)
{
	struct ending n = { .id = l->id, .epoch = l->epoch, .send = l->send, .rule = l->rule, .why = l->why,
			.at = l->at, .stop = l->stop };

	switch (l->word) {
	case LOOK_GO:
		hand_over(h, a, l);
		return;
	case LOOK_EVIDENCE:
		settle(h, a, l->send, l->epoch);
		return;
	case LOOK_LOST:
		log_warn(l->id, "send-elsewhere", "reason", l->why);
		return;
	case LOOK_LATER:
		n.how = END_LATER;
		break;
	case LOOK_STOP:
		n.how = END_STOP;
		break;
	case LOOK_CANCEL:
	case LOOK_NONE:
		n.how = END_CANCEL;
		break;
	}
	end(h, &n);
}

void sending_do(struct hub *h, struct arena *a, const struct outbox *row)
{
	struct look l = { .h = h, .id = row->id, .epoch = row->epoch, .draft_id = row->draft_id,
			.enrolment_id = row->enrolment_id, .keep = a,
			  .approval = payload_text(a, row->payload, "approval") };
	struct err e = { "" };

	if (outbox_busy(h, row->id))	/* it takes longer than its lease */
		return;
	if (!row->draft_id || !row->enrolment_id || !l.approval) {
		outbox_failed(h, row->id, row->epoch, "the row names no draft and approval", true);
		return;
	}
	if (store_write(h->store, clock_now(h->clock), look, &l, 0, &e) == OK) {
		(void)fault_point("send-decided");
		act(h, a, &l);
	} else {
		log_warn(row->id, "send-not-prepared", "reason", e.text);
		outbox_failed(h, row->id, row->epoch, e.text, false);
	}
}

static struct look look_of(struct hub *h, struct arena *a, const struct errand *er, bool ends)
{
	return (struct look){ .h = h, .id = er->outbox_id, .epoch = er->epoch, .draft_id = er->draft_id,
			.enrolment_id = er->owner_id,
			      .approval = er->payload, .ends = ends, .keep = a };
}

/* The text is over there but for its end: the last look, and the commit that makes it count. */
void sending_asked(struct hub *h, const struct frame *f)
{
	struct errand *er = errand_find(h, f->number);
	struct arena *a = arena_new(0);
	struct look l;
	struct err e = { "" };
	bool may = false;
	struct buf b;

	if (er && er->type == FRAME_MAIL) {
		outbox_asked(h, &h->sender, f);
		arena_free(a);
		return;
	}
	if (er && er->type == FRAME_SEND) {
		l = look_of(h, a, er, true);
		(void)fault_point("send-asked");
		if (store_write(h->store, clock_now(h->clock), look, &l, 0, &e) != OK) {
			log_warn(l.id, "send-not-let-go", "reason", e.text);
			outbox_failed(h, l.id, l.epoch, e.text, false);
		} else if (l.word == LOOK_GO) {
			may = er->ended = true;
		} else if (l.send || l.word == LOOK_LOST) {
			act(h, a, &l);
		}
		(void)fault_point("send-committed");
	}
	buf_init(&b, a);
	frame_begin(&b, FRAME_GO, f->number);
	pack_bool(&b, may);
	hub_send(h, &h->sender, &b);
	(void)fault_point("send-let-go");
	arena_free(a);
}

struct get_unit {
	const char *id;
	struct arena *keep;
	struct send *send;
};

static enum status get_send(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct get_unit *u = ctx;

	(void)a;
	return store_send(tx, u->keep, u->id, &u->send, e);
}

static struct send *send_by_id(struct hub *h, struct arena *a, const char *id)
{
	struct get_unit u = { id, a, NULL };
	struct err e;

	return store_read(h->store, clock_now(h->clock), get_send, &u, &e) == OK ? u.send : NULL;
}

/* The server said that it does not take this mail. (4xx before the text's end is about the server, not the mail.) */
static void refused(struct hub *h, struct arena *a, const struct send *s, int64_t epoch, int code, const char *error)
{
	struct send_evidence ev;
	struct ending n = { .id = s->id, .epoch = epoch, .send = s, .why = error, .rule = "server" };
	struct send_fate fate = send_next_of_code(code, clock_now(h->clock));

	if (!evidence(h, a, s, s->prepared - 1, &ev)) {
		outbox_release(h, s->id, epoch);
		return;
	}
	if (ev.touch_id && ev.taken_back) {
		n.how = END_CANCEL;
	} else if (ev.touch_id) {	/* relent-milter had let it pass; somebody after it did not */
		n.how = END_TAKEN_BACK;
		n.touch = ev.touch_id;
	} else if (ev.rule) {
		n = of_rule(h, s, epoch, &ev);
	} else if (fate.next == NEXT_LATER) {
		n.how = END_NOT_TAKEN;
		n.at = fate.at;
	} else {
		n.how = fate.next == NEXT_FAILED ? END_FAILED : END_STOP;
		n.stop = SEND_STOP_REVIEW;
	}
	end(h, &n);
}

/* Nobody was there, or nobody that can be trusted: it was not taken, and is tried again for a day. */
static void trouble(struct hub *h, const struct send *s, int64_t epoch, const char *error, int attempts)
{
	struct ending n = { .id = s->id, .epoch = epoch, .send = s, .how = END_STOP, .stop = SEND_STOP_REVIEW,
			.rule = "server",
			    .why = error };

	log_warn(s->id, "send-not-handed-over", "reason", error);
	if (attempts > TRIES_MAX)
		end(h, &n);
	else
		outbox_failed(h, s->id, epoch, error, false);
}

struct tries_unit {
	const char *id;
	int n;
};

static enum status on_tries(void *ctx, const struct row *r, struct err *e)
{
	(void)e;
	((struct tries_unit *)ctx)->n = (int)row_int(r, "attempts");
	return OK;
}

static enum status read_tries(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct tries_unit *u = ctx;
	struct value id = store_text(u->id);

	(void)a;
	return store_query(tx, "outbox_get", &id, 1, on_tries, u, NULL, e);
}

void sending_done(struct hub *h, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	enum status s = (enum status)unpack_u32(&u);
	const char *error = unpack_text_or(&u, "");
	int code = (int)unpack_u32(&u);
	struct errand *er = errand_take(h, f->number);
	struct send *p = er && er->type == FRAME_SEND && unpack_end(&u) ? send_by_id(h, a, er->outbox_id) : NULL;
	struct tries_unit t = { .id = p ? p->id : "" };
	struct err e;

	(void)fault_point("send-heard");
	if (p && str_eq(p->state, "ended") && (s == OK || code == 0)) {
		struct send_evidence ev = { .touch_id = NULL };

		/* 250: the milter has recorded it, or is not in the way */
		if (s == OK && evidence(h, a, p, p->ended - 1, &ev) && !ev.taken_back)
			end(h, &(struct ending){ .id = p->id, .epoch = er->epoch, .send = p, .how = END_SENT,
					.touch = ev.touch_id,
						 .rule = ev.touch_id ? NULL : "unrecorded" });
		else
			settle(h, a, p, er->epoch);
	} else if (p && (code >= 500 || (code != 0 && str_eq(p->state, "ended")))) {
		refused(h, a, p, er->epoch, code, error);
	} else if (p && str_eq(p->state, "prepared") && s != GONE) {
		(void)store_read(h->store, clock_now(h->clock), read_tries, &t, &e);
		trouble(h, p, er->epoch, error, t.n);
	}
	errand_free(er);
	arena_free(a);
}

/* ---- the copy in Sent ---- */

void sending_copy(struct hub *h, struct arena *a, const struct outbox *row)
{
	const char *id = payload_text(a, row->payload, "send");
	struct mailbox *box = hub_box_of_owner(h, row->owner_id);
	struct send *s = id ? send_by_id(h, a, id) : NULL;
	struct errand *er;
	struct buf b;

	if (outbox_elsewhere(h, box, row))
		return;
	if (!s || !s->mail || !box) {	/* nothing to copy, or nowhere to put it */
		outbox_is_done(h, row->id, row->epoch);
		return;
	}
	er = errand_add(h, FRAME_SENT_PUT, box, row->id, s->id, row->epoch);
	buf_init(&b, a);
	frame_begin(&b, FRAME_SENT_PUT, er->number);
	pack_text(&b, box->conf->name);
	pack_text(&b, s->message_id);
	pack_bytes(&b, s->mail, strlen(s->mail));
	hub_send(h, hub_worker(h, box), &b);
}

static enum status record_copied(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct errand *er = ctx;
	enum status s = store_send_copied(tx, er->draft_id, e);

	(void)a;
	return s == OK ? store_outbox_done(tx, er->outbox_id, e) : s;
}

void sending_copied(struct hub *h, struct arena *a, const struct errand *er, const struct desk_answer *d)
{
	struct err e = { "" };

	(void)a;
	(void)fault_point("sent-copied");
	if (d->status != OK) {
		log_warn(er->box->conf->name, "no-copy-in-sent", "send", er->draft_id, "reason", d->error);
		outbox_failed(h, er->outbox_id, er->epoch, d->error, false);
	} else if (store_write(h->store, clock_now(h->clock), record_copied, (void *)(uintptr_t)er, 0, &e) != OK) {
		outbox_failed(h, er->outbox_id, er->epoch, e.text, false);
	} else {
		log_info(er->box->conf->name, "copy-in-sent", "send", er->draft_id, "result", d->result);
	}
}

/* ---- evidence that comes late ---- */

struct unsure_unit {
	struct arena *keep;
	const char **ids;
	size_t n;
};

static enum status list_unsure(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct unsure_unit *u = ctx;

	(void)a;
	return store_sends_unsure(tx, u->keep, store_now(tx) - UNSURE_DAYS * 86400, &u->ids, &u->n, e);
}

void sending_slow_tick(struct hub *h)
{
	struct unsure_unit u = { .keep = arena_new(0) };
	struct err e;

	if (store_read(h->store, clock_now(h->clock), list_unsure, &u, &e) != OK)
		u.n = 0;
	for (size_t k = 0; k < u.n; k++) {
		struct send *s = send_by_id(h, u.keep, u.ids[k]);
		struct send_evidence ev;

		if (!s || !evidence(h, u.keep, s, s->ended - 1, &ev) || !ev.touch_id)
			continue;
		if (ev.taken_back)
			end(h, &(struct ending){ .id = s->id, .send = s, .how = END_CANCEL,
						 .why = "the mail server never queued it" });
		else
			end(h, &(struct ending){ .id = s->id, .send = s, .how = END_SENT, .touch = ev.touch_id,
						 .why = "settled late by the milter's record" });
	}
	arena_free(u.keep);
}

void sending_reload(struct hub *h)
{
	refusals_free(h->texts);
	h->texts = NULL;
}
