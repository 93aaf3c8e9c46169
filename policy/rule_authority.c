/* SPDX-License-Identifier: MPL-2.0
 *
 * authority: a sequence whose authority is `restricted` or `research_only` sends nothing. (Approvals for
 * automation logins are checked where they are kept; a rep with a mail client needs none.)
 */
#include "config.h"

#include "policy/policy_private.h"

enum word rule_authority(const struct hearing *h, struct plea *p)
{
	if (!h->plan)
		return WORD_DUNNO;
	switch (h->plan->authority) {
	case AUTHORITY_RESTRICTED:
	case AUTHORITY_RESEARCH_ONLY:
		break;
	case AUTHORITY_DRAFT_ONLY:
	case AUTHORITY_HUMAN_APPROVED:
	case AUTHORITY_APPROVED_TEMPLATE:
	case AUTHORITY_COUNT:
		return WORD_DUNNO;
	}
	p->o.recipient = h->prospect ? h->prospect->address : NULL;
	plea_fact(h, p, "sequence=%s authority=%s", h->plan->name,
		  authority_name(h->plan->authority));
	plea_say(h, p, "authority", "sequence", h->plan->name, "what",
		 authority_name(h->plan->authority), NULL);
	return WORD_OBJECTS;
}
