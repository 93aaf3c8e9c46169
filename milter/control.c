/* SPDX-License-Identifier: MPL-2.0
 *
 * Control addresses: what a rep writes into Bcc. Understood at RCPT, where a mistake can still be told;
 * obeyed in the transaction that records the mail.
 */
#include "config.h"

#include "milter/milter.h"

#include "base/arena.h"
#include "base/log.h"

#include <jansson.h>
#include <stdlib.h>

static const struct {
	const char *name;
} verbs[VERB_COUNT] = {
#define VERB(sym, name, arg, meaning) [VERB_##sym] = { name },
#include "milter/verbs.def"
#undef VERB
};

/* Verbs of the outside world: the mailbox reads them. */
static bool is_mailbox(const char *verb)
{
	return str_empty(verb) || str_eq(verb, "unsubscribe") || str_eq(verb, "bounce");
}

static void say(struct mail *m, const char *key, const char *text[2], const char *what,
		const char *near)
{
	const char *help = policy_control_address(m->arena, m->settings->control, "help");

	policy_say(m->arena, &m->settings->policy, key, text, "what", what, "near", near, "help", help,
		   NULL);
}

static enum control_answer unknown_verb(struct mail *m, const char *verb, const char *text[2])
{
	const char *names[VERB_COUNT], *near;

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i].name;
	near = str_nearest(verb, names, VERB_COUNT);
	say(m, "control.verb", text, verb,
	    policy_control_address(m->arena, m->settings->control, near ? near : "help"));
	return CONTROL_REFUSED;
}

/* ---- seq.NAME ---- */

struct names {
	struct arena *arena;
	const char *list[500];
	size_t n;
	bool found;
	const char *wanted;
};

static enum status take_name(void *ctx, const struct row *r, struct err *e)
{
	struct names *n = ctx;
	const char *name = row_text(r, "name");

	(void)e;
	if (str_eq_case(name, n->wanted)) {
		n->found = true;
		n->wanted = arena_strdup(n->arena, name);
	}
	if (n->n < sizeof(n->list) / sizeof(*n->list))
		n->list[n->n++] = arena_strdup(n->arena, name);
	return OK;
}

static enum status read_names(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct names *n = ctx;

	(void)a;
	n->n = 0;
	n->found = false;
	return store_query(tx, "milter_sequences", NULL, 0, take_name, n, NULL, e);
}

static enum control_answer sequence(struct milter *d, struct mail *m, const char *name,
				    const char *text[2])
{
	struct names n = { .arena = m->arena, .wanted = name };
	struct store *store = atomic_load(&d->store);
	const char *near;
	struct err e;

	if (str_empty(name)) {
		say(m, "control.argument", text, "seq", "seq.NAME");
		return CONTROL_REFUSED;
	}
	/* with the store away the mail gets its 451 at the end; the name is looked at then again */
	if (!store || store_read(store, clock_now(d->clock), read_names, &n, &e) != OK)
		n.found = true;
	if (!n.found) {
		near = str_nearest(name, n.list, n.n);
		say(m, n.n ? "control.sequence" : "control.sequence.none", text, name,
		    near ? near : n.n ? n.list[0] : "-");
		return CONTROL_REFUSED;
	}
	if (m->control.sequence && !str_eq_case(m->control.sequence, n.wanted)) {
		say(m, "control.argument", text, name, m->control.sequence);
		return CONTROL_REFUSED;
	}
	m->control.sequence = n.wanted;
	return CONTROL_TAKEN;
}

/* ---- pause.30d, pause.2027-01-15 ---- */

static enum control_answer pause(struct milter *d, struct mail *m, const char *arg,
				 const char *text[2])
{
	const char *zone = conf_str(m->settings->conf, "zone");
	struct date today = when_civil(clock_now(d->clock), *zone ? zone : "UTC").date, day;
	int64_t seconds;

	if (date_parse(arg ? arg : "", &day)) {
		/* a date */
	} else if (str_duration(arg ? arg : "", &seconds) && seconds >= 86400 &&
		   seconds <= INT64_C(730) * 86400) {
		day = date_add_days(today, (int)(seconds / 86400));
	} else {
		say(m, "control.argument", text, arg ? arg : "pause", "pause.30d, pause.2027-01-15");
		return CONTROL_REFUSED;
	}
	if (date_cmp(day, today) <= 0 || date_days_between(today, day) > 730) {
		say(m, "control.argument", text, arg, "pause.30d, pause.2027-01-15");
		return CONTROL_REFUSED;
	}
	m->control.pause = day;
	return CONTROL_TAKEN;
}

static enum control_answer understand(struct milter *d, struct mail *m, const char *verb,
				      const char *arg, const char *text[2])
{
	enum control_answer answer = CONTROL_TAKEN;
	enum control_verb v = 0;

	while (v < VERB_COUNT && !str_eq(verbs[v].name, verb))
		v++;
	if (v == VERB_COUNT)
		return unknown_verb(m, verb, text);
	if (v == VERB_SEQ)
		answer = sequence(d, m, arg, text);
	else if (v == VERB_PAUSE)
		answer = pause(d, m, arg, text);
	else if (!str_empty(arg)) {
		say(m, "control.argument", text, arg,
		    policy_control_address(m->arena, m->settings->control, verbs[v].name));
		answer = CONTROL_REFUSED;
	}
	if (answer == CONTROL_TAKEN)
		m->control.verbs |= 1u << v;
	return answer;
}

enum control_answer control_rcpt(struct milter *d, struct mail *m, const char *path, const char *key,
				 const char *text[2])
{
	const char *verb, *arg, **paths;
	enum control_answer answer;

	if (str_empty(m->settings->control) ||
	    !addr_control(m->arena, m->settings->control, key, &verb, &arg) || is_mailbox(verb))
		return CONTROL_NONE;
	answer = understand(d, m, verb, arg, text);
	if (answer == CONTROL_REFUSED) {
		m->control.refused = true;
		decide_refused(d, m, RULE_CONTROL, key, text, verb);
		return answer;
	}
	paths = arena_array(m->arena, const char *, m->control.paths_n + 1);
	for (size_t i = 0; i < m->control.paths_n; i++)
		paths[i] = m->control.paths[i];
	paths[m->control.paths_n++] = arena_strdup(m->arena, path);
	m->control.paths = paths;
	return CONTROL_TAKEN;
}

/* ---- at end of message ---- */

static enum status step(struct store_tx *tx, struct arena *a, const struct mail *m,
			const struct target *t, const struct event *ev, struct err *e)
{
	struct cause c = { .actor = m->login, .evidence = arena_printf(a, "mail %s", m->queue_id ?
								       m->queue_id : "-") };

	if (!t->enrolment_id)
		return err_set(e, INPUT, "%s is in no sequence that could be stopped or paused",
			       t->address);
	return store_step(tx, a, t->enrolment_id, ev, &c, NULL, NULL, e);
}

struct copy {
	struct target *target;
	struct arena *arena;
};

static enum status take_live(void *ctx, const struct row *r, struct err *e)
{
	struct copy *c = ctx;

	(void)e;
	c->target->enrolment_id = arena_strdup(c->arena, row_text(r, "id"));
	return OK;
}

enum status control_obey(struct store_tx *tx, struct arena *a, const struct mail *m,
			 const struct target *about, struct err *e)
{
	struct target copy = *about, *t = &copy;
	struct copy c = { t, a };
	enum status st = OK;

	/* one's own follow-up only: another rep's is not this rep's to stop */
	if (!t->enrolment_id && t->prospect_id)
		st = store_query(tx, "milter_live_enrolment",
				 (struct value[]){ store_text(t->prospect_id), store_text(t->owner_id) },
				 2, take_live, &c, NULL, e);
	if (st != OK)
		return st;
	if (control_has(m, VERB_STOP)) {
		struct event ev = { .kind = EV_STOP, .reason = "owner" };

		st = step(tx, a, m, t, &ev, e);
	}
	if (st == OK && control_has(m, VERB_PAUSE) && !control_has(m, VERB_STOP)) {
		struct event ev = { .kind = EV_PAUSE, .date = m->control.pause, .reason = "owner" };

		st = step(tx, a, m, t, &ev, e);
	}
	if (st == OK && control_has(m, VERB_DNC)) {
		struct suppression s = { .kind = "address", .subject = t->address,
					 .reason = "do_not_contact", .owner_id = t->owner_id,
					 .evidence = arena_printf(a, "dnc@ by %s", m->login) };

		st = store_suppress(tx, a, &s, m->login, false, NULL, e);
	}
	return st;
}

/* ---- a mail to control addresses alone ---- */

static const char *first_address(struct arena *a, const struct mail *m, const char *text)
{
	struct span rest = span_of(text), word;
	const char *verb, *arg;

	while (span_split(&rest, ' ', &word)) {
		struct addr found;

		while (word.n && strchr("<(\"':,;", word.p[0])) {
			word.p++;
			word.n--;
		}
		while (word.n && strchr(">)\"':,;.!?", word.p[word.n - 1]))
			word.n--;
		if (!word.n || !memchr(word.p, '@', word.n) ||
		    !addr_path(a, span_dup(a, word), &found) || str_empty(found.domain))
			continue;
		if (!addr_control(a, m->settings->control, found.key, &verb, &arg))
			return found.key;
	}
	return NULL;
}

static enum status take_person(void *ctx, const struct row *r, struct err *e)
{
	struct copy *c = ctx;

	(void)e;
	if (c->target->prospect_id)
		return OK;
	c->target->prospect_id = arena_strdup(c->arena, row_text(r, "prospect_id"));
	c->target->address = arena_strdup(c->arena, row_text(r, "address"));
	return OK;
}

/* The person of the thread that the mail was written in: the newest reference that we know. */
static enum status by_thread(struct store_tx *tx, struct arena *a, const struct message *msg,
			     struct target *t, struct err *e)
{
	struct copy c = { t, a };
	enum status st = OK;

	for (size_t i = 0; st == OK && !t->prospect_id && i < msg->in_reply_to_n + msg->references_n; i++) {
		const char *id = i < msg->in_reply_to_n ? msg->in_reply_to[i] :
			msg->references[msg->references_n - 1 - (i - msg->in_reply_to_n)];

		st = store_query(tx, "milter_person_of", (struct value[]){ store_text(id),
				 store_text(t->owner_id) }, 2, take_person, &c, NULL, e);
	}
	return st;
}

/* Whom it is about: an address in To (a client may have been told not to deliver there), in the subject,
 * in the first lines, or the person of the thread. */
static enum status find_person(struct store_tx *tx, struct arena *a, const struct mail *m,
			       const struct outgoing *o, struct target *t, struct err *e)
{
	const struct message *msg = o->message;
	const char *verb, *arg;
	enum status st;

	for (size_t i = 0; i < msg->to_n && !t->address; i++) {
		if (!addr_control(a, m->settings->control, msg->to[i].key, &verb, &arg))
			t->address = msg->to[i].key;
	}
	if (!t->address)
		t->address = first_address(a, m, msg->subject);
	if (!t->address)
		t->address = first_address(a, m, text_squeeze(a, str_cut(a, o->visible, 1000)));
	if (!t->address)
		return by_thread(tx, a, msg, t, e);
	st = store_prospect_find(tx, a, t->address, &t->prospect_id, e);
	return st == GONE ? OK : st;
}

/* The answer to the rep: an outbox row that names its text (mail/<language>/<text>.txt) and what to fill in. */
static enum status answer(struct store_tx *tx, struct arena *a, const struct mail *m,
			  const struct outgoing *o, const struct memory *mem, const char *text,
			  const char *verb, const char *person, struct err *e)
{
	const char *id = o->message->message_id, *key = id ? id : o->fingerprint;
	const char *to = mem->owner->addresses_n ? mem->owner->addresses[0] : mem->owner->login;
	struct outbox row = { .kind = "notify", .owner_id = mem->owner->id };
	json_t *j = json_object();
	char *payload;

	json_object_set_new(j, "text", json_string(text));
	json_object_set_new(j, "to", json_string(to));
	json_object_set_new(j, "owner", json_string(m->login));
	json_object_set_new(j, "subject", json_string(o->message->subject));
	json_object_set_new(j, "verb", json_string(verb));
	if (person)
		json_object_set_new(j, "person", json_string(person));
	payload = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!payload)
		return err_set(e, SYS, "out of memory");
	row.payload = arena_strdup(a, payload);
	free(payload);
	row.key = arena_printf(a, "answer:%s:%s", m->login, key ? key : store_id(tx, a));
	return store_outbox_add(tx, a, &row, store_now(tx), e);
}

static const char *verbs_of(struct arena *a, const struct mail *m)
{
	struct buf b;

	buf_init(&b, a);
	for (enum control_verb v = 0; v < VERB_COUNT; v++) {
		if (control_has(m, v))
			buf_addf(&b, "%s%s", b.n ? ", " : "", verbs[v].name);
	}
	return b.p;
}

enum status control_alone(struct store_tx *tx, struct arena *a, const struct mail *m,
			  const struct outgoing *o, const struct memory *mem, struct err *e)
{
	const unsigned personal = (1u << VERB_STOP) | (1u << VERB_PAUSE) | (1u << VERB_DNC);
	struct target t = { .owner_id = mem->owner->id };
	struct err why = { "" };
	enum status st = OK;

	if (!(m->control.verbs & personal)) {
		if (control_has(m, VERB_HELP))
			return answer(tx, a, m, o, mem, "control_help",
				      policy_control_address(a, m->settings->control, "VERB"), NULL, e);
		return err_set(e, INPUT, "nobody but a control address is among the recipients");
	}
	st = find_person(tx, a, m, o, &t, e);
	if (st == OK && !t.address)
		return err_set(e, INPUT, "it does not say whom it is about: put the person's address into "
			       "the subject");
	if (st == OK)
		st = control_obey(tx, a, m, &t, &why);
	if (st == INPUT)
		return err_set(e, INPUT, "%s", why.text);
	if (st != OK)
		return st;
	log_info(m->queue_id, "obey", "verbs", verbs_of(a, m), "owner", m->login, "person", t.address);
	return answer(tx, a, m, o, mem, "control_done", verbs_of(a, m), t.address, e);
}
