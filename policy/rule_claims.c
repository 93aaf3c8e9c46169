/* SPDX-License-Identifier: MPL-2.0
 *
 * claims: a phrase of the claim lists (phrases/<lang>/claims) that no approved claim covers.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

/* Each kind is told in its own words. */
static const struct {
	const char *kind, *key;
} sentences[] = {
	{ "guarantee", "claims" },	   { "return", "claims" },	  { "urgency", "claims.urgency" },
	{ "pressure", "claims.urgency" },  { "praise", "claims.praise" }, { "familiar", "claims.praise" },
	{ "personal", "claims.personal" }, { "blame", "claims.blame" },
};

enum word rule_claims(const struct hearing *h, struct plea *p)
{
	const struct outbound_content *c = h->mail->content;
	const char *key = "claims";

	if (!c || !c->claims_n || !h->prospect)
		return WORD_DUNNO;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++) {
		if (str_eq(sentences[i].kind, c->claims[0].kind))
			key = sentences[i].key;
	}
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "claim %s \"%s\" of=%zu", c->claims[0].kind, c->claims[0].words, c->claims_n);
	plea_say(h, p, key, "what", c->claims[0].words, NULL);
	return WORD_OBJECTS;
}
