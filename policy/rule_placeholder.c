/* SPDX-License-Identifier: MPL-2.0
 *
 * placeholder: a field nobody filled in.
 */
#include "config.h"

#include "policy/policy_private.h"

enum word rule_placeholder(const struct hearing *h, struct plea *p)
{
	const struct placeholder *found = NULL;

	for (size_t i = 0; i < h->mail->placeholders_n; i++) {
		const struct placeholder *x = &h->mail->placeholders[i];

		if (!found || (x->sure && !found->sure))
			found = x;
	}
	if (!found)
		return WORD_DUNNO;
	if (!found->sure)
		p->o.mode = MODE_WARN;
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "placeholder %s", found->text);
	plea_say(h, p, "placeholder", "what", found->text, NULL);
	return WORD_OBJECTS;
}
