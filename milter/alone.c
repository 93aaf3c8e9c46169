/* SPDX-License-Identifier: MPL-2.0
 *
 * A mail to control addresses alone: whom it is about is read from it, it is obeyed, and answered by mail.
 */
#include "config.h"

#include "milter/control.h"

#include "base/arena.h"
#include "base/log.h"

/* ---- whom it is about ---- */

struct finding_person {
	struct target *target;
	struct arena *arena;
};

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
	struct finding_person *f = ctx;

	(void)e;
	if (f->target->prospect_id)
		return OK;
	f->target->prospect_id = arena_strdup(f->arena, row_text(r, "prospect_id"));
	f->target->address = arena_strdup(f->arena, row_text(r, "address"));
	return OK;
}

/* The person of the thread that the mail was written in: the newest reference that we know. */
static enum status by_thread(struct store_tx *tx, struct arena *a, const struct message *msg,
			     struct target *t, struct err *e)
{
	struct finding_person f = { t, a };
	enum status st = OK;

	for (size_t i = 0; st == OK && !t->prospect_id && i < msg->in_reply_to_n + msg->references_n; i++) {
		const char *id = i < msg->in_reply_to_n ? msg->in_reply_to[i] :
			msg->references[msg->references_n - 1 - (i - msg->in_reply_to_n)];

		st = store_query(tx, "milter_person_of", (struct value[]){ store_text(id),
				 store_text(t->owner_id) }, 2, take_person, &f, NULL, e);
	}
	return st;
}

static bool ours(const struct mail *m, const struct memory *mem, const char *address)
{
	const char *verb, *arg;

	if (addr_control(m->arena, m->settings->control, address, &verb, &arg) || settings_inside(m->settings, address))
		return true;
	for (size_t i = 0; i < mem->owner->addresses_n; i++) {
		if (str_eq(mem->owner->addresses[i], address))
			return true;
	}
	return false;
}

/* Whom it is about: an address in To (a client may have been told not to deliver there), in the subject,
 * in the first lines, or the person of the thread. */
static enum status find_person(struct store_tx *tx, struct arena *a, const struct mail *m, const struct outgoing *o,
			       const struct memory *mem, struct target *t, struct err *e)
{
	const struct message *msg = o->message;
	enum status st;

	for (size_t i = 0; i < msg->to_n && !t->address; i++) {
		if (!ours(m, mem, msg->to[i].key))
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

/* ---- help@ ---- */

struct listing {
	struct buf b;
};

static enum status take_sequence(void *ctx, const struct row *r, struct err *e)
{
	struct listing *l = ctx;

	(void)e;
	buf_addf(&l->b, "%s%s", l->b.n ? ", " : "", row_text(r, "name"));
	return OK;
}

static void help_line(struct buf *b, enum control_verb v)
{
	const struct control_kind *k = control_kind(v);
	size_t n = strlen(k->name) + (k->example ? strlen(k->example) + 1 : 0);

	buf_addf(b, "%s  %s%s%s%*s %s", b->n ? "\n" : "", k->name, k->example ? "." : "", k->example ? k->example : "",
		 n < 24 ? (int)(24 - n) : 1, "", k->meaning);
}

/* The list of all, or more of one; the sequences that can be started. */
static enum status help(struct store_tx *tx, struct arena *a, const struct mail *m, const struct outgoing *o,
			const struct memory *mem, struct err *e)
{
	const char *about = m->control.args[VERB_HELP];
	struct control_letter x = { .text = "control_help" };
	struct listing l;
	struct buf lines;
	enum status st;

	buf_init(&l.b, a);
	buf_init(&lines, a);
	for (enum control_verb v = 0; v < VERB_COUNT; v++) {
		if (control_kind(v)->about == ABOUT_TOKEN || (!str_empty(about) && !str_eq(about, control_kind(v)->name)))
			continue;
		help_line(&lines, v);
		x.verb = control_example(a, m->settings, v);
	}
	if (str_empty(about))
		x.verb = control_example(a, m->settings, VERB_PAUSE);
	st = store_query(tx, "milter_sequences", NULL, 0, take_sequence, &l, NULL, e);
	x.done = lines.p;
	x.list = l.b.n ? l.b.p : NULL;
	return st == OK ? control_reply(tx, a, m, o, mem, &x, e) : st;
}

/* ---- */

static enum status obey(struct store_tx *tx, struct arena *a, const struct mail *m, const struct outgoing *o,
			const struct memory *mem, struct err *e)
{
	bool personal = control_about(m, ABOUT_PERSON) || control_about(m, ABOUT_FOLLOW_UP);
	struct target t = { .owner_id = mem->owner->id };
	struct control_letter x = { .text = "control_done", .verb = control_names(a, m) };
	struct err why = { "" };
	struct buf done;
	enum status st = OK;

	buf_init(&done, a);
	if (personal || control_has(m, VERB_REMIND))
		st = find_person(tx, a, m, o, mem, &t, e);
	if (st == OK && personal && !t.address)
		return err_set(e, INPUT, "it does not say whom it is about: put the person's address into "
			       "the subject");
	if (st == OK)
		st = control_obey(tx, a, m, mem->owner, o->message->subject, &t, &done, &why);
	if (st == OK)
		st = control_obey_own(tx, a, m, mem->owner, &done, &why);
	if (st == INPUT)
		return err_set(e, INPUT, "%s", why.text);
	if (st != OK)
		return err_set(e, st, "%s", why.text);
	log_info(m->queue_id, "obey", "verbs", x.verb, "owner", m->login, "person", t.address);
	x.person = t.address;
	x.done = done.p;
	return control_reply(tx, a, m, o, mem, &x, e);
}

enum status control_alone(struct store_tx *tx, struct arena *a, const struct mail *m,
			  const struct outgoing *o, const struct memory *mem, struct err *e)
{
	bool again = false;
	enum status st;

	if (control_machine(o->message)) {
		log_warn(m->queue_id, "not-obeyed", "verbs", control_names(a, m), "owner", m->login, "reason",
			 "a machine's mail");
		return OK;
	}
	st = control_once(tx, a, m, o, &again, e);
	if (st != OK || again) {
		if (st == OK)
			log_info(m->queue_id, "obeyed-already", "verbs", control_names(a, m), "owner", m->login);
		return st;
	}
	if (control_about(m, ABOUT_TOKEN))
		return control_orders(tx, a, m, o, mem, e);
	if (control_about(m, ABOUT_MAIL))
		return err_set(e, INPUT, "nobody but a control address is among the recipients");
	if (control_about(m, ABOUT_PERSON) || control_about(m, ABOUT_FOLLOW_UP) ||
	    (m->control.verbs & ~(1u << VERB_HELP)))
		return obey(tx, a, m, o, mem, e);
	return help(tx, a, m, o, mem, e);
}
