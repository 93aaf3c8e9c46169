/* SPDX-License-Identifier: MPL-2.0
 *
 * claims: a phrase of the claim lists (phrases/<lang>/claims) that no approved claim covers.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

/* Each kind is told in its own words; the gravest first. */
static const struct {
	const char *kind, *key;
} sentences[] = {
	{ "return", "claims" },		   { "guarantee", "claims" },
	{ "personal", "claims.personal" }, { "blame", "claims.blame" },
	{ "urgency", "claims.urgency" },   { "pressure", "claims.urgency" },
	{ "familiar", "claims.praise" },   { "praise", "claims.praise" },
	{ "empty", "claims.empty" },
};

enum { KINDS = sizeof(sentences) / sizeof(*sentences) };

enum word rule_claims(const struct hearing *h, struct plea *p)
{
	const struct outbound_content *c = h->mail->content;
	const struct outbound_claim *worst = NULL;
	const char *key = NULL;

	if (!c || !h->prospect)
		return WORD_DUNNO;
	for (size_t k = 0; k < KINDS && !worst; k++) {
		for (size_t i = 0; i < c->claims_n && !worst; i++) {
			if (str_eq(sentences[k].kind, c->claims[i].kind)) {
				worst = &c->claims[i];
				key = sentences[k].key;
			}
		}
	}
	if (!worst)
		return WORD_DUNNO;
	/* poor style harms nobody but its author */
	if (str_eq(key, "claims.empty"))
		p->o.mode = MODE_WARN;
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "claim %s \"%s\" of=%zu", worst->kind, worst->words, c->claims_n);
	plea_say(h, p, key, "what", worst->words, NULL);
	return WORD_OBJECTS;
}
