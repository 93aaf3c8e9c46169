/* SPDX-License-Identifier: MPL-2.0
 *
 * Answers to what was commanded by mail: outbox rows that name a text (conf/mail/<language>/<text>.txt) and what to fill
 * in. They cannot go round in circles: no machine is answered, ours say that they are a machine's, each mail is
 * answered once, and an owner gets so many in an hour.
 */
#include "config.h"

#include "milter/control.h"

#include "base/arena.h"
#include "base/log.h"

#include <jansson.h>
#include <stdlib.h>

enum { KEPT_DAYS = 400 };	/* longer than any token or mail lives */

bool control_machine(const struct message *msg)
{
	static const char *const lists[] = { "List-Id", "List-Post", "List-Unsubscribe", "X-Loop", "Feedback-ID" };
	const char *precedence = message_header(msg, "Precedence");
	const char *submitted = message_header(msg, "Auto-Submitted");

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		if (message_header(msg, lists[i]))
			return true;
	}
	return (precedence && (span_eq_case(span_trim(span_of(precedence)), "bulk") ||
			       span_eq_case(span_trim(span_of(precedence)), "junk") ||
			       span_eq_case(span_trim(span_of(precedence)), "list"))) ||
	       (submitted && !span_starts_case(span_trim(span_of(submitted)), "no")) ||
	       message_header(msg, "X-Autoreply") || message_header(msg, "X-Autorespond");
}

static const char *key_of(const struct outgoing *o)
{
	return o->message->message_id ? o->message->message_id : o->fingerprint;
}

enum status control_once(struct store_tx *tx, struct arena *a, const struct mail *m, const struct outgoing *o,
			 bool *again_r, struct err *e)
{
	const char *key = key_of(o);
	struct value args[] = { store_text(arena_printf(a, "mail:%s:%s", m->login, key ? key : store_id(tx, a))),
				V_INT(store_now(tx)), store_text(m->login) };
	int64_t changed = 0;
	enum status st = store_query(tx, "control_once", args, 3, NULL, NULL, &changed, e);

	*again_r = st == OK && changed == 0;
	args[0] = V_INT(store_now(tx) - KEPT_DAYS * INT64_C(86400));
	return st == OK ? store_query(tx, "control_tokens_old", args, 1, NULL, NULL, NULL, e) : st;
}

/* ---- how many ---- */

static enum status take_count(void *ctx, const struct row *r, struct err *e)
{
	(void)e;
	*(int64_t *)ctx = row_int(r, "n");
	return OK;
}

enum limit { LIMIT_UNDER, LIMIT_REACHED, LIMIT_OVER };

static enum status count(struct store_tx *tx, const struct mail *m, const char *owner_id, enum limit *out_r,
			 struct err *e)
{
	int64_t most = conf_int(m->settings->conf, "control.answers_per_hour"), n = 0;
	struct value args[] = { store_text(owner_id), V_INT(store_now(tx) - 3600) };
	enum status st = store_query(tx, "control_answers", args, 2, take_count, &n, NULL, e);

	*out_r = n < most ? LIMIT_UNDER : n == most ? LIMIT_REACHED : LIMIT_OVER;
	if (st == OK)
		st = store_query(tx, "control_answers_old", args, 2, NULL, NULL, NULL, e);
	args[1] = V_INT(store_now(tx));
	if (st == OK && *out_r != LIMIT_OVER)
		st = store_query(tx, "control_answered", args, 2, NULL, NULL, NULL, e);
	return st;
}

/* ---- the row ---- */

static void put(json_t *j, const char *name, const char *value)
{
	if (value)
		json_object_set_new(j, name, json_string(value));
}

enum status control_reply(struct store_tx *tx, struct arena *a, const struct mail *m, const struct outgoing *o,
			  const struct memory *mem, const struct control_letter *x, struct err *e)
{
	const struct memory_owner *owner = mem->owner;
	const char *key = key_of(o);
	struct outbox row = { .kind = "notify", .owner_id = owner->id };
	enum limit state;
	json_t *j;
	char *payload;
	enum status st;

	if (control_machine(o->message)) {
		log_info(m->queue_id, "no-answer", "owner", m->login, "reason", "a machine's mail");
		return OK;
	}
	st = count(tx, m, owner->id, &state, e);
	if (st != OK || state == LIMIT_OVER) {
		if (st == OK)
			log_warn(m->queue_id, "no-answer", "owner", m->login, "reason", "control.answers_per_hour");
		return st;
	}
	j = json_object();
	put(j, "text", state == LIMIT_REACHED ? "control_flood" : x->text);
	put(j, "to", owner->addresses_n ? owner->addresses[0] : owner->login);
	put(j, "owner", m->login);
	put(j, "subject", str_empty(o->message->subject) ? "-" : str_cut(a, o->message->subject, 200));
	put(j, "in_reply_to", o->message->message_id);
	put(j, "verb", x->verb);
	put(j, "person", x->person);
	put(j, "done", x->done);
	put(j, "not_done", x->not_done);
	put(j, "unread", x->unread);
	put(j, "said", x->words);
	put(j, "list", x->list);
	put(j, "reply_to", x->reply_to);
	put(j, "help", x->reply_to ? "help" : NULL);
	payload = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!payload)
		return err_set(e, SYS, "out of memory");
	row.payload = arena_strdup(a, payload);
	free(payload);
	row.key = arena_printf(a, "answer:%s:%s", m->login, key ? key : store_id(tx, a));
	return store_outbox_add(tx, a, &row, store_now(tx), e);
}
