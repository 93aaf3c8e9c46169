/* SPDX-License-Identifier: MPL-2.0
 *
 * The buttons of a hand-off note: the one thing that it is about, with what may be done, remembered as a list of one line
 * so that an answer to the note (`stop`, `park until march`) means it.
 */
#include "config.h"

#include "policy/policy.h"
#include "store/digest_private.h"

static const char *const note_classes[] = { "interested", "question", "objection", "not_now", "not_a_fit", "referral",
					    "unsubscribe" };

/* A review item of this enrolment that is open, else the enrolment itself. */
static enum status about(struct store_tx *tx, struct arena *a, const char *enrolment, struct digest_item *it,
			 struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, note_review, &r, e, T(enrolment));

	it->link.kind = s == OK ? "review" : "enrolment";
	it->link.item_id = s == OK ? at_text(r, 0) : enrolment;
	return s == GONE ? OK : s;
}

static void offer_all(struct digest_item *it, const char *class)
{
	for (size_t i = 0; i < sizeof(note_classes) / sizeof(*note_classes); i++)
		if (!str_eq(note_classes[i], class))
			digest_action(it, "classify-as", note_classes[i], "by the button in the note");
	digest_action(it, "park", "30d", NULL);
	digest_action(it, "stop", NULL, "by the button in the note");
	digest_action(it, "resume", NULL, "by the button in the note");
	digest_action(it, "note", NULL, NULL);
}

enum status store_note_buttons(struct store_tx *tx, struct arena *a, const struct note_about *n,
			       const struct digest_options *o, struct page_item *out_r, const char **reply_to_r,
			       struct err *e)
{
	struct digest d = { .tx = tx, .a = a, .o = o, .owner_id = n->owner_id, .now = tx->now, .zone = "UTC" };
	struct digest_item *it = arena_new_of(a, struct digest_item);
	struct link_list l = { .id = n->outbox_id, .kind = "note", .key = arena_printf(a, "note/%s", n->outbox_id),
			       .owner_id = n->owner_id, .expires = tx->now + (time_t)o->link_days * 86400,
			       .lines = &it->link, .lines_n = 1 };
	char *token;
	bool made;
	enum status s = about(tx, a, n->enrolment_id, it, e);

	*out_r = (struct page_item){ .title = words_get(o->words, "what_you_can_do") };
	*reply_to_r = NULL;
	if (s != OK)
		return s;
	it->link.label = n->person;
	offer_all(it, n->class);
	s = store_list_add(tx, a, &l, &made, e);
	if (s != OK || l.lines_n != 1)
		return s;
	it->link = l.lines[0];		/* as it was made, if this note is sent once more */
	it->page.number = it->link.number;
	digest_buttons(&d, &l, it);
	out_r->actions = it->page.actions;
	out_r->actions_n = it->page.actions_n;
	token = link_token(a, tx->store->o.keys, &l, NULL, 0);
	if (token && !str_empty(o->control))
		*reply_to_r = policy_control_address(a, o->control, arena_printf(a, "re.%s", token));
	return OK;
}
