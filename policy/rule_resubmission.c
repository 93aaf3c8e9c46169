/* SPDX-License-Identifier: MPL-2.0
 *
 * resubmission: a client that never heard our 250 sends the same mail again. It is one touch in any case;
 * whether it is swallowed depends on what became of the first. Better twice than lost.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

/* The same Message-ID on another text (a copied one) is another mail. */
static bool same_mail(const struct hearing *h, const struct memory_touch *t)
{
	if (h->now - t->at > h->settings->retry_window)
		return false;
	return !t->fingerprint || !h->mail->fingerprint ||
	       str_eq(t->fingerprint, h->mail->fingerprint);
}

enum word rule_resubmission(const struct hearing *h, struct plea *p)
{
	const struct memory_touch *t = h->memory->same;

	if (!t || !touch_counts(t))	/* taken back: this one is the first */
		return WORD_DUNNO;
	if (!same_mail(h, t))
		return WORD_COPIED;
	if (touch_queued(t))
		return WORD_DISCARDS;
	if (!h->settings->retry_needs_evidence || !h->settings->log_followed)
		return WORD_SETTLES;
	p->o.recipient = h->prospect ? h->prospect->address : NULL;
	plea_fact(h, p, "touch %s state=%s", t->id, sent_state_name(t->sent));
	plea_say(h, p, "resubmission", "date", hearing_time(h, t->at), NULL);
	return WORD_OBJECTS;
}
