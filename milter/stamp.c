/* SPDX-License-Identifier: MPL-2.0
 *
 * What a touch carries when it leaves: the signed stamp, the ways to unsubscribe, a Message-ID. All
 * go to the end of the header: inserted at the top they would stand above the MTA's Received.
 */
#include "config.h"

#include "milter/milter.h"

#include "base/arena.h"
#include "base/stamp.h"

#include <libmilter/mfapi.h>

enum { SUBJECT_MAX = 30000 };	/* libmilter takes no longer ones */

/* From the last to the first: each removal moves those behind it. */
static bool take_out(SMFICTX *ctx, const char *name, int count)
{
	for (; count > 0; count--) {
		if (smfi_chgheader(ctx, (char *)name, count, NULL) != MI_SUCCESS)
			return false;
	}
	return true;
}

static bool add(SMFICTX *ctx, const char *name, const char *value)
{
	return smfi_addheader(ctx, (char *)name, (char *)value) == MI_SUCCESS;
}

/* A stamp that was copied, forged or left in by a client proves nothing about this mail. */
static bool take_out_stamps(SMFICTX *ctx, const struct mail *m)
{
	for (size_t i = 0; i < m->foreign_n; i++) {
		if (!take_out(ctx, m->foreign[i].name, m->foreign[i].count))
			return false;
	}
	return true;
}

static bool take_out_replaced(SMFICTX *ctx, const struct mail *m)
{
	static const enum marked replaced[] = { MARK_LIST_UNSUBSCRIBE, MARK_LIST_UNSUBSCRIBE_POST,
						MARK_FEEDBACK_ID };

	for (size_t i = 0; i < sizeof(replaced) / sizeof(*replaced); i++) {
		if (!take_out(ctx, marked_names[replaced[i]], m->marks[replaced[i]]))
			return false;
	}
	return true;
}

/* mailto always, https only where somebody answers it: no dead link ever leaves. */
static bool add_unsubscribe(SMFICTX *ctx, const struct milter *d, const struct mail *m,
			    const char *touch)
{
	const char *token = token_make(m->arena, d->keys, STAMP_UNSUBSCRIBE, touch);
	const char *verb = arena_printf(m->arena, "unsubscribe.%s", token);
	const char *address = policy_control_address(m->arena, m->settings->control, verb);
	const char *web = m->settings->web_url;
	struct buf b;

	buf_init(&b, m->arena);
	if (!str_empty(web)) {
		size_t n = strlen(web);

		while (n && web[n - 1] == '/')
			n--;
		buf_addf(&b, "<%.*s/u/%s>", (int)n, web, token);
	}
	if (address)
		buf_addf(&b, "%s<mailto:%s?subject=unsubscribe>", b.n ? ", " : "", address);
	if (!b.n)
		return true;
	if (!add(ctx, "List-Unsubscribe", b.p))
		return false;
	return str_empty(web) || add(ctx, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
}

static bool add_feedback_id(SMFICTX *ctx, const struct milter *d, const struct mail *m,
			    const char *what)
{
	/* per sequence and owner for whoever counts complaints, without telling the prospect either */
	const char *seq = token_keyed_hash(m->arena, d->keys, what);
	const char *owner = token_keyed_hash(m->arena, d->keys, m->login);

	return add(ctx, "Feedback-ID", arena_printf(m->arena, "%.10s:%.10s:touch:%s", seq, owner,
						    m->settings->hostname));
}

/* A NUL hides the rest of a header from libmilter, but not from the reader. For a touch, what was judged is
 * what leaves: the subject is put back as it was seen (without a NUL, nothing changes). */
static bool settle_subject(SMFICTX *ctx, const struct mail *m)
{
	if (!m->subject || strlen(m->subject) > SUBJECT_MAX)
		return true;
	return smfi_chgheader(ctx, "Subject", 1, (char *)m->subject) == MI_SUCCESS;
}

bool stamp_apply(SMFICTX *ctx, const struct milter *d, const struct mail *m,
		 const struct decision *x)
{
	if (m->settings->policy.observe)
		return true;
	if (!take_out_stamps(ctx, m))
		return false;
	if (!x->touch)
		return true;
	if (!settle_subject(ctx, m) || !take_out_replaced(ctx, m) ||
	    !add(ctx, STAMP_HEADER, stamp_text(m->arena, d->keys, x->touch)) ||
	    !add_unsubscribe(ctx, d, m, x->touch) || !add_feedback_id(ctx, d, m, x->feedback))
		return false;
	if (!x->add_message_id)
		return true;
	return take_out(ctx, marked_names[MARK_MESSAGE_ID], m->marks[MARK_MESSAGE_ID]) &&
	       add(ctx, "Message-ID", arena_printf(m->arena, "<%s>", x->add_message_id));
}
