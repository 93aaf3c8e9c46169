/* SPDX-License-Identifier: MPL-2.0
 *
 * The whole of a decision: facts of the mail, what the store remembers, the policy's verdict, and its
 * record, the latter three in one transaction. So an answer that was committed a moment before the rep
 * pressed Send wins, and nothing is accepted that is not on disk.
 */
#include "config.h"

#include "milter/control.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"

#include <time.h>

struct deciding {
	struct milter *d;
	struct mail *mail;
	struct outgoing out;
	enum rule_stage stage;
	struct verdict verdict;
	struct record record;
	bool counted;		/* the sender is an owner: there is a verdict */
	bool patient, waits;	/* may wait a moment for the log; and does */
};

/* A mail that was handed in twice: the log tells within moments what became of the first. */
enum { WAIT_FOR_LOG_MS = 3000, LOOK_EVERY_MS = 100 };

/* Our own trouble: asked to retry, in words for a person (many clients show a 4xx as an error). */
static void trouble(const struct mail *m, const char *why, enum status st, struct decision *x)
{
	*x = (struct decision){ .answer = DECIDE_TROUBLE, .code = 451, .enhanced = "4.3.0" };
	policy_say(m->arena, &m->settings->policy, "trouble", x->text, NULL);
	log_error(m->queue_id, "defer", "owner", m->login, "status", status_name(st), "error", why);
}

static void refuse(const struct mail *m, const char *key, const char *who, const char *what,
		   struct decision *x)
{
	*x = (struct decision){ .answer = DECIDE_REFUSE, .code = 550, .enhanced = "5.7.1" };
	policy_say(m->arena, &m->settings->policy, key, x->text, "who", who, "what", what, "sequence",
		   m->control.sequence, NULL);
}

static void log_objection(const struct mail *m, const struct objection *o, bool refuses)
{
	const char *verb = refuses ? "refuse" : o->overridden ? "override" :
			   o->mode == MODE_WARN ? "warn" : "would-refuse";

	log_info(m->queue_id, verb, "rule", rule_name(o->rule), "rcpt", o->recipient, "owner", m->login,
		 "code", log_num(o->code), "fact", o->fact);
}

static void log_verdict(const struct deciding *x)
{
	const struct verdict *v = &x->verdict;
	const struct mail *m = x->mail;

	for (size_t i = 0; i < v->objections_n; i++)
		log_objection(m, &v->objections[i], v->why == &v->objections[i]);
	if (x->stage != STAGE_EOM || v->answer == ANSWER_REFUSE)
		return;
	log_info(m->queue_id, v->answer == ANSWER_DISCARD ? "discard" : "pass", "kind",
		 mail_kind_name(v->kind), "step", log_num(v->step), "owner", m->login, "rcpt",
		 x->out.recipients_n ? x->out.recipients[0] : NULL, "touch", x->record.touch, "again",
		 v->resubmission ? "yes" : NULL, "cut", m->cut ? "yes" : NULL);
}

/* ---- the unit of work ---- */

enum { INBOUND_LATELY = 86400 };

static struct policy_settings policy_now(const struct deciding *x, time_t now)
{
	struct policy_settings p = x->mail->settings->policy;
	int64_t seen = atomic_load(&x->d->inbound_seen);

	/* configured is not enough: the MTA must really show us what arrives */
	p.inbound_side = seen != 0 && now - seen < INBOUND_LATELY;
	return p;
}

static enum status recall(struct store_tx *tx, struct arena *a, const struct deciding *x,
			  struct memory **m_r, struct err *e)
{
	const struct outgoing *o = &x->out;
	struct recall r = { .login = x->mail->login, .sender = o->sender, .role = o->role,
			    .trust_sender = x->mail->settings->trusted_senders,
			    .recipients = o->recipients, .recipients_n = o->recipients_n,
			    .message = o->message, .fingerprint = o->fingerprint, .enrol = o->enrol,
			    .keys = x->d->keys, .automation = o->automation,
			    .content_hash = o->content_hash, .rcpt = x->stage == STAGE_RCPT,
			    .limits = &x->mail->settings->policy.limits };

	return store_recall(tx, a, &r, m_r, e);
}

/* What the record says must outlive the unit's arena. */
static void keep(struct deciding *x)
{
	struct verdict *v = &x->verdict;
	struct objection *list = (struct objection *)v->objections;
	struct arena *a = x->mail->arena;

	for (size_t i = 0; i < v->objections_n; i++) {
		list[i].recipient = arena_strdup(a, list[i].recipient);
		list[i].fact = arena_strdup(a, list[i].fact);
	}
	v->draft = NULL;
}

static enum status unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct deciding *x = ctx;
	const struct settings *s = x->mail->settings;
	const char *id = x->out.message ? x->out.message->message_id : NULL;
	struct memory *m;
	enum status st;

	x->counted = false;
	x->record = (struct record){ 0 };
	st = recall(tx, a, x, &m, e);
	if (st != OK || !m->owner)
		return st;
	x->counted = true;
	if (x->stage == STAGE_EOM)
		st = content_read(tx, a, x->mail, &x->out, m, e);
	if (st != OK)
		return st;
	struct policy_settings policy = policy_now(x, store_now(tx));
	policy_judge(x->mail->arena, &policy, x->stage, &x->out, m, store_now(tx), &x->verdict);
	fault_point("milter.judged");
	x->waits = x->patient && x->verdict.why && x->verdict.why->rule == RULE_RESUBMISSION;
	if (x->waits)		/* nothing is kept of this look */
		return err_set(e, AGAIN, "waits for the log");
	if (x->stage == STAGE_EOM && x->verdict.answer != ANSWER_REFUSE) {
		x->record = (struct record){ .mail = x->mail, .out = &x->out, .message = x->out.message,
					     .memory = m, .verdict = &x->verdict,
					     .hostname = s->hostname };
		st = record_pass(tx, a, &x->record, e);
	}
	if (st == OK && (x->stage == STAGE_EOM || x->verdict.answer == ANSWER_REFUSE))
		st = record_objections(tx, a, x->mail, m, &x->verdict, id, e);
	keep(x);
	return st;
}

/* ---- refusals that no rule made ---- */

struct note {
	const struct mail *mail;
	struct refusal refusal;
};

static enum status note_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct note *n = ctx;
	struct memory_owner *o;
	enum status st = store_owner(tx, a, n->mail->login, &o, e);

	if (st == OK)
		n->refusal.owner_id = o->id;
	return st == OK || st == GONE ? store_refusal(tx, a, &n->refusal, e) : st;
}

static void note_refusal(struct milter *d, const struct mail *m, enum rule rule, const char *rcpt,
			 const char *const text[2], const char *fact, bool observed)
{
	struct store *store = atomic_load(&d->store);
	struct objection why = { .rule = rule, .mode = MODE_ENFORCE, .code = 550, .enhanced = "5.7.1",
				 .recipient = rcpt, .text = { text[0], text[1] }, .fact = fact };
	struct note n = { m, { .login = m->login, .recipient = rcpt, .queue_id = m->queue_id,
			       .why = &why, .observed = observed } };
	struct err e;

	log_objection(m, &why, !observed);
	/* it stands whether or not it can be recorded */
	if (store && store_write(store, clock_now(d->clock), note_unit, &n,
				 clock_mono_ms() + m->settings->decide_within, &e) != OK)
		log_error(m->queue_id, "record", "error", e.text);
}

void decide_refused(struct milter *d, const struct mail *m, enum rule rule, const char *rcpt,
		    const char *const text[2], const char *fact)
{
	note_refusal(d, m, rule, rcpt, text, fact, false);
}

/* ---- RCPT ---- */

static enum status look(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct deciding *x = ctx;
	struct memory *m;
	enum status st = recall(tx, a, x, &m, e);

	x->counted = false;
	if (st != OK || !m->owner)
		return st;
	x->counted = true;
	struct policy_settings policy = policy_now(x, store_now(tx));
	policy_judge(x->mail->arena, &policy, x->stage, &x->out, m, store_now(tx), &x->verdict);
	keep(x);
	return OK;
}

void decide_rcpt(struct milter *d, struct mail *m, const char *key, struct decision *out_r)
{
	struct store *store = atomic_load(&d->store);
	struct deciding x = { .d = d, .mail = m, .stage = STAGE_RCPT,
			      .out = { .role = m->role, .login = m->login, .sender = m->sender,
				       .recipients = &key, .recipients_n = 1,
				       .automation = m->automation } };
	time_t now = clock_now(d->clock);
	struct err e = { "" };
	enum status st;

	*out_r = (struct decision){ .answer = DECIDE_PASS };
	if (m->control.refused) {
		refuse(m, "control.taken", key, NULL, out_r);
		return;
	}
	/* a recipient cannot be refused in role local, and observing refuses nobody: the end of the
	 * message judges both */
	if (m->role == ROLE_LOCAL || m->settings->policy.observe)
		return;
	st = store ? store_read_within(store, now, look, &x, clock_mono_ms() + m->settings->decide_within, &e)
		   : err_set(&e, AGAIN, "the store is away");
	if (st != OK) {
		trouble(m, e.text, st, out_r);
		return;
	}
	m->counted = m->counted || x.counted;
	m->known = m->known || (x.counted && x.verdict.kind == MAIL_MANUAL);
	if (!x.counted || x.verdict.answer != ANSWER_REFUSE)
		return;
	/* the refusal stands whether or not it can be recorded */
	st = store_write(store, now, unit, &x, clock_mono_ms() + m->settings->decide_within, &e);
	if (st != OK)
		log_error(m->queue_id, "record", "error", e.text);
	if (x.verdict.answer != ANSWER_REFUSE)
		return;
	log_verdict(&x);
	*out_r = (struct decision){ .answer = DECIDE_REFUSE, .code = x.verdict.why->code,
				    .enhanced = x.verdict.why->enhanced,
				    .text = { x.verdict.why->text[0], x.verdict.why->text[1] } };
}

/* ---- everybody else ---- */

enum { OTHERS_WITHIN_MS = 1000 };	/* mail of others never waits longer for us */

struct ban {
	const char *key;
	bool all;
};

static enum status look_for_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct memory_suppression *list;
	struct ban *b = ctx;
	size_t n = 0;
	enum status st = store_suppressed(tx, a, b->key, NULL, &list, &n, e);

	for (size_t i = 0; st == OK && i < n; i++)
		b->all = b->all || str_eq(list[i].scope, "all");
	return st;
}

void decide_everybody(struct milter *d, struct mail *m, const char *path, const char *key, struct decision *out_r)
{
	struct store *store = atomic_load(&d->store);
	struct ban b = { .key = key };
	struct err e;

	*out_r = (struct decision){ .answer = DECIDE_PASS };
	if (path && (!store || store_read_within(store, clock_now(d->clock), look_for_all, &b,
						 clock_mono_ms() + OTHERS_WITHIN_MS, &e) != OK || !b.all))
		return;
	*out_r = (struct decision){ .answer = DECIDE_REFUSE, .code = 550, .enhanced = "5.7.1" };
	policy_say(m->arena, &m->settings->policy, "suppressed.untold", out_r->text, "who", key, NULL);
	if (m->settings->policy.observe) {
		note_refusal(d, m, RULE_SUPPRESSED, key, out_r->text, "scope all, everybody", true);
		out_r->answer = DECIDE_PASS;
		return;
	}
	if (path && m->role == ROLE_LOCAL) {
		mail_rcpt(m, path, key);
		out_r->answer = DECIDE_PASS;
		return;
	}
	decide_refused(d, m, RULE_SUPPRESSED, key, out_r->text, "scope all, everybody");
}

/* ---- end of message ---- */

bool mail_readable(const struct mail *m, const char *path)
{
	struct addr to;
	const char *dot;

	if (!addr_path(m->arena, path, &to))	/* a name alone is one of our own */
		return !strpbrk(path, "@!%:\"\\(), ");
	dot = strrchr(to.domain, '.');
	if (*to.domain == '[' || strspn(dot ? dot + 1 : "x", "0123456789") == strlen(dot ? dot + 1 : "x"))
		return false;
	return !settings_local(m->settings, to.domain) || !strpbrk(to.local, "@!%");
}

/* Role local has no RCPT at which to say so. */
static bool refuse_unreadable(struct milter *d, struct mail *m, struct decision *out)
{
	for (size_t i = 0; m->role == ROLE_LOCAL && !m->settings->policy.observe && i < m->recipients_n; i++) {
		if (mail_readable(m, m->paths[i]))
			continue;
		*out = (struct decision){ .answer = DECIDE_REFUSE, .code = 550, .enhanced = "5.1.3" };
		policy_say(m->arena, &m->settings->policy, "unreadable", out->text, "who", m->recipients[i], NULL);
		decide_refused(d, m, RULE_SUPPRESSED, m->recipients[i], out->text, "no readable address");
		return true;
	}
	return false;
}

static bool local_command(const struct mail *m)
{
	const char *verb, *arg;

	for (size_t i = 0; m->role == ROLE_LOCAL && i < m->recipients_n; i++) {
		if (addr_control(m->arena, m->settings->control, m->recipients[i], &verb, &arg) &&
		    !str_empty(verb) && !str_eq(verb, "unsubscribe"))
			return true;
	}
	return false;
}

static void facts(struct deciding *x)
{
	struct mail *m = x->mail;
	const struct phrases *p = m->settings->phrases;
	const struct message *msg = mail_message(m);
	struct outgoing *o = &x->out;

	o->role = m->role;
	o->login = m->login;
	o->automation = m->automation;
	if (o->automation)
		o->content_hash = policy_content_hash(m->arena, msg);
	o->sender = m->sender;
	o->queue_id = m->queue_id;
	o->recipients = m->recipients;
	o->recipients_n = m->recipients_n;
	o->enrol = control_has(m, VERB_SEQ) ? m->control.sequence : NULL;
	o->log_only = control_has(m, VERB_LOG);
	o->anyway = control_has(m, VERB_ANYWAY);
	o->moves = control_about(m, ABOUT_FOLLOW_UP);
	o->person = control_about(m, ABOUT_PERSON) && !control_has(m, VERB_DNC);
	o->proposal = control_has(m, VERB_PROPOSAL);
	o->ends = o->moves || control_has(m, VERB_DNC) || control_has(m, VERB_WON) || control_has(m, VERB_LOST) ||
		  control_has(m, VERB_BOOKED) || control_has(m, VERB_ROUTE) || (o->proposal && !o->enrol);
	o->command = m->control.verbs != 0 || local_command(m);
	o->message = msg;
	o->visible = message_visible(m->arena, p, msg).text;
	if (!o->visible)
		o->visible = "";
	o->fingerprint = outbound_fingerprint(m->arena, msg);
	m->words = outbound_read(m->arena, p, o->visible);
	if (!outbound_words_bump(m->arena, m->words, &o->bump))
		o->bump = NULL;
}

/* A command, or an enrolment, that cannot be: all of the unit is undone, the refusal recorded by itself. */
static void refused_by_store(struct deciding *x, const struct err *e, struct decision *out)
{
	const struct mail *m = x->mail;
	const char *who = m->recipients_n ? m->recipients[0] : m->login;

	refuse(m, x->record.cannot_enrol ? "requires.refused" : "control.refused", who, e->text, out);
	decide_refused(x->d, m, x->record.cannot_enrol ? RULE_REQUIRES : RULE_CONTROL, who, out->text,
		       e->text);
}

static void answer(struct deciding *x, struct decision *out)
{
	const struct verdict *v = &x->verdict;

	log_verdict(x);
	*out = (struct decision){ .answer = DECIDE_PASS, .touch = x->record.touch,
				  .feedback = x->record.feedback,
				  .add_message_id = x->record.add_message_id };
	if (v->answer == ANSWER_DISCARD) {
		out->answer = DECIDE_DISCARD;
		out->swallow = v->prospect < x->mail->recipients_n ?
			x->mail->recipients[v->prospect] : NULL;
	} else if (v->kind == MAIL_CONTROL) {
		out->answer = DECIDE_DISCARD;
	} else if (v->answer == ANSWER_REFUSE) {
		out->answer = DECIDE_REFUSE;
		out->code = v->why->code;
		out->enhanced = v->why->enhanced;
		out->text[0] = v->why->text[0];
		out->text[1] = v->why->text[1];
	}
}

/* The same mail again, while it is not known yet whether the first was queued: a moment's patience spares the
 * sender an error. The first is not held up by it: it has had its answer. */
static enum status decide_patiently(struct store *store, struct deciding *x, struct err *e)
{
	int64_t start = clock_mono_ms(), until = start + x->mail->settings->decide_within;
	enum status st;

	do {
		x->patient = clock_mono_ms() - start < WAIT_FOR_LOG_MS;
		x->waits = false;
		st = store_write(store, clock_now(x->d->clock), unit, x, until, e);
		if (x->waits)
			nanosleep(&(struct timespec){ .tv_nsec = LOOK_EVERY_MS * 1000000L }, NULL);
	} while (x->waits);
	return st;
}

void decide_eom(struct milter *d, struct mail *m, struct decision *out_r)
{
	struct store *store = atomic_load(&d->store);
	struct deciding x = { .d = d, .mail = m, .stage = STAGE_EOM };
	struct err e = { "" };
	enum status st;

	*out_r = (struct decision){ .answer = DECIDE_PASS };
	if (m->control.refused) {
		refuse(m, "control.taken", NULL, NULL, out_r);
		return;
	}
	if (m->foreign_over) {
		refuse(m, "malformed", NULL, NULL, out_r);
		return;
	}
	if (refuse_unreadable(d, m, out_r))
		return;
	facts(&x);
	if (m->counted)
		content_look(m, &x.out);
	fault_point("milter.read");
	st = store ? decide_patiently(store, &x, &e) : err_set(&e, AGAIN, "the store is away");
	fault_point("milter.recorded");
	if (st == INPUT && x.counted)
		refused_by_store(&x, &e, out_r);
	else if (st != OK)
		trouble(m, e.text, st, out_r);
	else if (x.counted)
		answer(&x, out_r);
}
