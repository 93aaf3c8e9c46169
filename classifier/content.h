/* SPDX-License-Identifier: MPL-2.0
 *
 * What the new text of an outgoing mail says and asks: facts for the policy's rules on content. Pure,
 * like the rest of the classifier; the words are data (phrases/<lang>/claims, calls).
 */
#ifndef CLASSIFIER_CONTENT_H
#define CLASSIFIER_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct message;
struct phrases;

/* A phrase of phrases/<lang>/claims that no approved claim covers. */
struct outbound_claim {
	const char *kind;	/* guarantee, return, urgency, pressure, praise, familiar, personal,
				 * blame, empty */
	const char *words;	/* as they stand */
};
struct outbound_content {
	size_t words;		/* of the new text; two CJK characters count as one */
	size_t links;		/* different ones, in the text or behind words of the HTML */
	size_t calls;		/* sentences that ask for something */
	const char *call[2];	/* the first two of them */
	const char *addressee;	/* who is greeted ("Bob", "Maier"), titles taken off; NULL: nobody by name */
	const struct outbound_claim *claims;
	size_t claims_n;
};

/* approved: claims that a person approved besides those of phrases/approved_claims (a sequence's). visible: the
 * text of message_visible(), where it is known already; or NULL. */
void outbound_content(struct arena *a, const struct phrases *p, const struct message *m,
		      const char *visible, const char *const *approved, size_t approved_n, struct outbound_content *out_r);

/* For who asks more than one thing of a text: its words and what is found in them (on a; text is borrowed), and
 * outbound_is_bump() of them. */
struct outbound_words;
const struct outbound_words *outbound_read(struct arena *a, const struct phrases *p, const char *text);
bool outbound_words_bump(struct arena *a, const struct outbound_words *w, const char **words_r);
/* As outbound_content(); words: of this visible, where they were read already, or NULL. */
void outbound_content_of(struct arena *a, const struct phrases *p, const struct message *m, const char *visible,
			 const struct outbound_words *words, const char *const *approved, size_t approved_n,
			 struct outbound_content *out_r);

/* Is addressee a name of this person? name: as recorded ("Robert Miller"), or NULL; local: what stands
 * before the @. Short forms (phrases/nicknames) and beginnings count. UNSURE: nothing is known of
 * the name. */
enum outbound_named { NAMED_YES, NAMED_NO, NAMED_UNSURE };
enum outbound_named outbound_named(struct arena *a, const struct phrases *p, const char *addressee,
				   const char *name, const char *local);
/* Does text name this company? The words in a row, its legal form (GmbH, Ltd) apart; false for names too
 * short or too common to tell. */
bool outbound_mentions(struct arena *a, const char *text, const char *company);

#endif
