/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to classifier/: what the detectors share. A detector looks at the message in its own
 * way and either fills the finding and returns true, or returns false and has changed nothing.
 */
#ifndef CLASSIFIER_DETECT_H
#define CLASSIFIER_DETECT_H

#include "classifier/classifier.h"
#include "classifier/model.h"
#include "classifier/phrases.h"

enum { EVIDENCE_MAX = 40, RECIPIENTS_MAX = 100 };

/* A text with its words and the phrases in it, made once. */
struct reading {
	const char *text;
	struct tokens t;
	struct hits h;
};

/* What outbound_read() reads. */
struct outbound_words {
	struct tokens t;
	struct hits h;
};

struct ctx {
	struct arena *a;
	const struct phrases *p;
	const struct message *m;
	const struct reply_context *rc;	/* may be NULL */
	struct finding *f;
	struct evidence_item *evidence;
	struct reading subject, body;	/* body: the new text; filled by reply.c */
	struct visible_text visible;
	const char *lang;		/* of the new text, "-" if not known */
	bool lang_sure;			/* phrases of other languages do not count */
	bool lang_clear;		/* known by some margin */
	struct words_read *words_read;	/* bounce_reason.c: what it has read already */
};

/* The shared part of a look at a mail; then, for what a person may have written, its new text. */
struct ctx *ctx_new(struct arena *a, const struct phrases *p, const struct message *m,
		    const struct reply_context *rc);
void ctx_new_text(struct ctx *c);
void ctx_evidence(struct ctx *c, const char *rule, const char *words, const char *where);
struct reading ctx_read(struct ctx *c, const char *text);
/* Looks for the phrases of these sets only. */
struct reading ctx_read_in(struct ctx *c, const char *text, unsigned sets);
/* First hit of (topic, section); section NULL: any. NULL if none. */
const struct hit *reading_hit(const struct reading *r, const char *topic, const char *section);
void ctx_hit_evidence(struct ctx *c, const struct reading *r, const struct hit *h, const char *where);

bool detect_bounce(struct ctx *c);		/* RFC 3464 */
bool detect_bounce_text(struct ctx *c);		/* every other form */
bool detect_complaint(struct ctx *c);		/* RFC 5965 */
bool detect_receipt(struct ctx *c);		/* RFC 8098 */
bool detect_calendar(struct ctx *c);
bool detect_away(struct ctx *c);
bool detect_list(struct ctx *c);
void detect_person(struct ctx *c);
/* A typed absence or departure, looked at again: is it one? */
void person_doubt(struct ctx *c);
/* What detect_person() would ask the model, for those who train it. */
void person_features(struct ctx *c, feature_fn *fn, void *ctx);

/* The part of a report that returns our mail: fills original_* of the finding. */
void returned_message(struct ctx *c);
void returned_headers(struct ctx *c, const struct header *h, size_t n);
/* By its sender's name; by a name that others have, too; by these or an empty return path (which
 * answering machines use, too). */
bool mail_system_name(const struct ctx *c);
bool mail_system_like(const struct ctx *c);
bool answer_or_forward(const char *subject);	/* "Re:", "Fwd:" in any language */
bool from_mail_system(const struct ctx *c);

/* Kind, class, stop and suppress of a report with these recipients. */
void report_conclude(struct ctx *c, struct report_recipient *r, size_t n, const char *rule);

/* Which reason the remote's words and codes give (bounce_reason.c): plain words, then the status,
 * then (weakly) words that say little, then the reply code. status and words may be NULL. *rule_r:
 * what decided, for the evidence. */
enum bounce_reason bounce_reason_of(struct ctx *c, const char *words, const char *status, bool weakly,
				    const char **rule_r);
bool reason_hard(enum bounce_reason r);
bool reason_about_address(enum bounce_reason r);
enum hardness reason_hardness(enum bounce_reason r, const char *status, const char *words);
/* Does the transcript in text show that the server spoke only after it had the whole mail? Then it
 * filters: what it says of the user is no proof. words: the reply that counted, may be NULL. */
bool reason_sure(const char *rule);	/* what bounce_reason_of() told */
bool refused_after_data(struct ctx *c, const char *text, const char *words);
/* "5.1.1" of a text, NULL if there is none. */
const char *status_in(struct arena *a, const char *words);
/* "550" of a text, 0 if there is none. */
int reply_code_in(const char *words);
/* "rfc822; <A@B.example>" to "a@b.example"; "" if there is no address in it. */
const char *report_address(struct arena *a, const char *value);

/* Dates (dates.c). */
struct date_found {
	struct date date;	/* the day on which to act */
	const char *words;
	bool past;		/* what was stated lies before the mail */
	bool last_day;		/* it was the last day away */
	bool strong;		/* a word like "until" or "back on" stood by it */
};
/* The day that counts in text (RULES.md). away: an absence, else "write me then". */
bool dates_find(struct ctx *c, const char *text, bool away, struct date_found *out_r);
/* Is a definite day or time of day named in tokens [from, to)? */
bool dates_mention(struct ctx *c, const struct reading *r, size_t from, size_t to);

/* Addresses in the new text that are neither ours nor the sender's. */
void referred_find(struct ctx *c, bool with_cc);

/* The language of a text by its commonest words; "-" if it cannot be told. *sure_r: by a margin. */
const char *language_of(struct ctx *c, const struct tokens *t, bool *sure_r);
/* The tokens of the sentence around a phrase. */
void hit_sentence(const struct reading *r, const struct hit *h, uint32_t *from_r, uint32_t *to_r);
/* Is a phrase of the new text in a sentence of the phrase's own language? "E-Mail-Adresse wird in" is no English. */
bool hit_spoken(const struct ctx *c, const struct hit *h);

#endif
