/* SPDX-License-Identifier: MPL-2.0
 *
 * resubmission: a client that never heard our 250 sends the same mail again, or hands it in several times
 * at once. It is one touch in any case; whether it is swallowed depends on what became of the first. While
 * a log is followed, that is known within moments: until then the second is asked to wait, so that one
 * leaves. Better twice than lost: it does not wait for ever, and not where nobody would try again.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

#include <string.h>

/* A Message-ID that the client did not make says nothing of what the client sent: ours holds the id of
 * the touch, an MTA's the queue id. */
static bool made_here(const char *message_id, const char *mark)
{
	return str_empty(message_id) || (!str_empty(mark) && strstr(message_id, mark));
}

enum sameness { SAME, COPIED, OTHER };

static enum sameness compare(const struct hearing *h, const struct memory_touch *t)
{
	const char *id = h->mail->message->message_id;
	bool client_made = !made_here(id, h->mail->queue_id) && !made_here(t->message_id, t->id) &&
			   !made_here(t->message_id, t->queue_id);
	bool same_print = !t->fingerprint || !h->mail->fingerprint ||
			  str_eq(t->fingerprint, h->mail->fingerprint);

	if (client_made && !str_eq(id, t->message_id))
		return OTHER;
	if (h->now - t->at > h->settings->retry_window || !same_print)
		return str_eq(id, t->message_id) ? COPIED : OTHER;
	return SAME;
}

/* What the log has not told by then it will not tell. Nobody tries again in role local, where a 4xx is no
 * answer; and what a rule of the mail server threw away (discarded) is known not to have left. */
static bool waits(const struct hearing *h, const struct memory_touch *t)
{
	if (t->sent != SENT_ACCEPTED || !h->memory->log_followed || h->mail->role == ROLE_LOCAL)
		return false;
	return h->settings->retry_needs_evidence || h->now - t->at <= h->settings->retry_wait;
}

enum word rule_resubmission(const struct hearing *h, struct plea *p)
{
	const struct memory_touch *t = h->memory->same;

	if (!t || !touch_counts(t))	/* taken back: this one is the first */
		return WORD_DUNNO;
	switch (compare(h, t)) {
	case OTHER:
		return WORD_DUNNO;
	case COPIED:
		return WORD_COPIED;
	case SAME:
		break;
	}
	if (touch_queued(t))
		return WORD_DISCARDS;
	if (!waits(h, t))
		return WORD_SETTLES;
	p->o.recipient = h->prospect ? h->prospect->address : NULL;
	plea_fact(h, p, "touch %s state=%s", t->id, sent_state_name(t->sent));
	plea_say(h, p, "resubmission", "date", hearing_time(h, t->at), NULL);
	return WORD_OBJECTS;
}
