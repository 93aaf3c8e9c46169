/* SPDX-License-Identifier: MPL-2.0
 *
 * Verbs found in the control mailbox. What reaches it came past the milter, that is from outside, or
 * from a rep whose mail did not go through it: only an unsubscribe token is obeyed, because it is its
 * own proof. Everything else changes nothing.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

static enum status unsubscribe(struct hub *h, struct store_tx *tx, struct arena *a, const char *account,
			       const struct facts *f, const char *token, struct err *e)
{
	const char *evidence = arena_printf(a, "mail <%s> from <%s> to the unsubscribe address",
					    f->message_id ? f->message_id : "-", f->from ? f->from : "-");
	enum status s;

	if (!h->keys) {
		log_error(account, "unsubscribe-not-done", "reason", "there is no key file");
		return OK;
	}
	s = store_unsubscribe(tx, a, h->keys, token, evidence, e);
	if (s == OK) {
		log_info(account, "unsubscribe", "by", "token", "from", f->from, "message_id", f->message_id);
		return OK;
	}
	if (s == GONE)		/* suppressed already */
		return OK;
	if (s == INPUT) {
		log_warn(account, "unsubscribe-not-done", "reason", e->text, "from", f->from);
		return OK;
	}
	return s;
}


static enum status tell(struct store_tx *tx, struct arena *a, const char *owner_id, const char *key,
			json_t *o, struct err *e)
{
	struct outbox row = { .kind = "notify", .owner_id = owner_id, .key = key };
	char *text = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	if (!text)
		return err_set(e, SYS, "out of memory");
	row.payload = arena_strdup(a, text);
	free(text);
	return store_outbox_add(tx, a, &row, store_now(tx), e);
}

static enum status answer_rep(struct store_tx *tx, struct arena *a, const struct memory_owner *owner,
			      const struct facts *f, const char *kind, const char *verb, struct err *e)
{
	json_t *o = json_object();

	json_object_set_new(o, "text", json_string(kind));
	json_object_set_new(o, "to", json_string(f->from));
	json_object_set_new(o, "owner", json_string(owner->login));
	json_object_set_new(o, "subject", json_string(f->subject));
	if (verb)
		json_object_set_new(o, "verb", json_string(verb));
	return tell(tx, a, owner->id, arena_printf(a, "control:%s", f->key), o, e);
}

enum status control_tell(struct store_tx *tx, struct arena *a, const char *owner_id, const char *owner_login,
			 const char *kind, const char *key, const struct facts *f, const char *address,
			 struct err *e)
{
	json_t *o = json_object();

	json_object_set_new(o, "text", json_string(kind));
	json_object_set_new(o, "owner", json_string(owner_login ? owner_login : ""));
	json_object_set_new(o, "person", json_string(f->from ? f->from : "somebody"));
	json_object_set_new(o, "address", json_string(address ? address : "-"));
	json_object_set_new(o, "subject", json_string(f->subject));
	return tell(tx, a, owner_id, key, o, e);
}

/* The administrator hears of it once an hour at most: who can write such a mail can write thousands. */
static enum status alarm_administrator(struct hub *h, struct store_tx *tx, struct arena *a, const struct facts *f,
				       const char *verb, struct err *e)
{
	const char *to = conf_str(h->conf, "administrator");
	json_t *o;

	if (str_empty(to))
		return OK;
	o = json_object();
	json_object_set_new(o, "text", json_string("control_alarm"));
	json_object_set_new(o, "to", json_string(to));
	json_object_set_new(o, "verb", json_string(verb));
	json_object_set_new(o, "person", json_string(f->from ? f->from : "none"));
	json_object_set_new(o, "subject", json_string(str_empty(f->subject) ? "-" : str_cut(a, f->subject, 200)));
	return tell(tx, a, NULL, arena_printf(a, "control-alarm:%lld", (long long)(store_now(tx) / 3600)), o, e);
}

/* The sender may be forged: nothing is done but to tell the rep whose address it bears, once for each
 * mail, and never in answer to a machine. */
static enum status not_done(struct hub *h, struct store_tx *tx, struct arena *a, const char *account,
			    const struct facts *f, const char *verb, struct err *e)
{
	bool token = str_eq(verb, "re") || str_eq(verb, "do");
	struct memory_owner *owner = NULL;
	enum status s = f->from ? store_owner(tx, a, f->from, &owner, e) : GONE;
	struct event_new ev = { .kind = "control_bypass", .entity = "account", .entity_id = account,
				.actor = "imapwatch" };

	if (s == GONE && !token)
		return OK;	/* a stranger's mail */
	if (s != OK && s != GONE)
		return s;
	if (*verb) {
		log_warn(account, "control-bypass", "verb", verb, "from", f->from, "reason",
			 "a rep's verb in the control mailbox did not come through the milter");
		s = store_event(tx, a, &ev, e);
		if (s == OK)
			s = alarm_administrator(h, tx, a, f, verb, e);
		if (s != OK)
			return s;
	}
	if (f->automatic || !owner)
		return OK;
	return answer_rep(tx, a, owner, f, *verb ? "not_done" : "not_sent", *verb ? verb : NULL, e);
}

enum status control_obey(struct hub *h, struct store_tx *tx, struct arena *a, const char *account,
			 const struct facts *f, struct err *e)
{
	for (size_t k = 0; k < f->controls_n; k++) {
		const struct control_address *c = &f->controls[k];
		enum status s = OK;

		if (str_eq(c->verb, "unsubscribe") && !str_empty(c->arg))
			s = unsubscribe(h, tx, a, account, f, c->arg, e);
		else if (!str_eq(c->verb, "bounce"))
			s = not_done(h, tx, a, account, f, c->verb, e);
		if (s != OK)
			return s;
	}
	return OK;
}
