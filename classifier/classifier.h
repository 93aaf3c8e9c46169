/* SPDX-License-Identifier: MPL-2.0
 *
 * What a mail is. Pure: bytes already parsed, phrase data already loaded, time handed in.
 * The same message, phrases and context give the same finding, always.
 */
#ifndef CLASSIFIER_CLASSIFIER_H
#define CLASSIFIER_CLASSIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"
#include "base/when.h"
#include "classifier/message.h"

struct arena;

/* The lists: kinds.def, classes.def, reasons.def; the database and the output hold the names. */
enum reply_kind {
#define KIND(sym, name, meaning) KIND_##sym,
#include "classifier/kinds.def"
#undef KIND
	KIND_COUNT
};
enum reply_subkind {
#define SUBKIND(sym, name, meaning) SUBKIND_##sym,
#include "classifier/kinds.def"
#undef SUBKIND
	SUBKIND_COUNT
};
enum reply_class {
#define REPLY_CLASS(sym, name, meaning) REPLY_##sym,
#include "classifier/classes.def"
#undef REPLY_CLASS
	REPLY_CLASS_COUNT
};
enum bounce_reason {
#define REASON(sym, name, hard, about_address, meaning) REASON_##sym,
#include "classifier/reasons.def"
#undef REASON
	REASON_COUNT
};

const char *kind_name(enum reply_kind k);
const char *subkind_name(enum reply_subkind k);	/* "-" for none */
const char *class_name(enum reply_class c);
bool class_from_name(const char *name, enum reply_class *out_r);
const char *reason_name(enum bounce_reason r);

enum hardness { HARDNESS_NONE, HARDNESS_SOFT, HARDNESS_HARD };	/* "-", "soft", "hard" */

/* One recipient of a report (RFC 3464 section 2.3, or found in the words of another format). */
struct report_recipient {
	const char *address;		/* normalised final recipient (original recipient if only that), or "" */
	const char *original;		/* Original-Recipient, or NULL */
	enum reply_kind fate;		/* KIND_BOUNCE, KIND_DELAY, KIND_DSN_SUCCESS */
	enum hardness hardness;
	const char *status;		/* "5.1.1" or NULL */
	enum bounce_reason reason;
	const char *words;		/* the remote's words, one line, or NULL */
	bool about_address;		/* false: blocked, spam, policy, rate, DMARC ...: about us */
};

/* Why: one rule that spoke. */
struct evidence_item {
	const char *rule;		/* "phrase:en/unsubscribe/strong:17", "header:auto-submitted", ... */
	const char *words;		/* the words it found, UTF-8, at most 120 bytes */
	const char *where;		/* "new text", "subject", "header Auto-Submitted", "part 2" */
};

struct finding {
	enum reply_kind kind;
	enum reply_subkind subkind;
	enum reply_class class;
	double confidence;		/* 0..1; under the threshold the class is already REPLY_UNKNOWN */
	bool stop;			/* must the sequence stop or pause? */
	bool suppress;			/* must an address be suppressed? */
	bool third_party;		/* asks for the removal of somebody else */

	struct date date;		/* first working day on which to act (RULES.md); year 0: none */
	const char *date_words;		/* the words it came from, or NULL */
	bool date_review;		/* past, or more than 180 days away: a person looks */

	const char **referred;		/* addresses to write to instead or meanwhile, lower case */
	size_t referred_n;
	const char *referred_name;	/* or NULL */

	const struct report_recipient *recipients;	/* bounce, delay, dsn_success, complaint */
	size_t recipients_n;
	const char *feedback_type;	/* ARF, lower case, or NULL */

	/* What a report says of the mail it is about: evidence for matching (imapwatch.md). */
	const char *original_message_id;	/* of the returned part, without <>, or NULL */
	const char *original_envelope_id;	/* or NULL */
	const char *original_stamp;		/* Relent-Touch of the returned part, or NULL */
	const char *original_to;		/* To of the returned part, normalised, or NULL */

	const char *calendar_partstat;	/* ACCEPTED ... or NULL */
	const char *calendar_method;
	time_t calendar_start;		/* 0 if none */
	const char *calendar_uid;
	const struct calendar_item *calendar;	/* all of it (calendar.h); NULL: there is no such part */

	const char *visible;		/* the new text alone */
	const char *ignored_quote;	/* what was taken off, for --explain */
	const char *ignored_footer;
	const char *language;		/* "en", ... or "-" */
	const char *objection;		/* price, timing, competitor, authority, need, trust, or NULL */

	const struct evidence_item *evidence;
	size_t evidence_n;
};

/* What is known of the mail that is answered; all may be NULL/0. */
struct reply_context {
	const char *our_text;		/* the text of the last touch: options, our own footer */
	const char *our_domains;	/* blank-separated: our own notices are never a reply */
	time_t received;		/* INTERNALDATE */
	const char *zone;		/* of the owner: where a time without a zone is meant; NULL: UTC */
};

/* The phrase, pattern and away-form data. Immutable once loaded; may be shared by threads. */
struct phrases;

/* Data files are handed in as (name, content) pairs so that the library does no I/O; name is
 * relative, like "phrases/en/unsubscribe" or "bounces/exim". Names ending in ".local" add to the
 * file of the same name without it. CONF with file and line on a bad one. */
struct data_file {
	const char *name;
	const char *text;
	size_t n;
};
enum status phrases_load(const struct data_file *files, size_t n, struct phrases **out_r,
			 struct err *e);
void phrases_free(struct phrases *p);

/* The phrases, 0..phrases_lines()-1, and where each stands (a line may have given several). */
struct phrase_line {
	const char *file;	/* "phrases/en/booked", as it was handed in */
	const char *section;
	int line;
};
size_t phrases_lines(const struct phrases *p);
struct phrase_line phrases_line(const struct phrases *p, size_t i);
/* Sets hit[i] for every phrase that stands anywhere in the mail: whether our data is more than a guess. */
void phrases_mark(struct arena *a, const struct phrases *p, const struct message *m, bool *hit);

/* Never fails: what it cannot tell is KIND_OTHER or KIND_HUMAN with REPLY_UNKNOWN. c may be NULL. */
struct finding *reply_classify(struct arena *a, const struct phrases *p, const struct message *m,
			       const struct reply_context *c);

/* What a remote server's refusal of one recipient says, read as in a report of it: the MTA's log has the
 * words before any report comes. words: "host mx[192.0.2.1] said: 550 No such user here (in reply to RCPT TO
 * command)"; status: "5.1.1", "5.0.0" where the server gave none; each may be NULL. rule: what decided. */
struct refusal_read {
	enum bounce_reason reason;
	enum hardness hardness;
	bool about_address;
	const char *rule;
};
struct refusal_read refusal_read(struct arena *a, const struct phrases *p, const char *words,
				 const char *status);

/* The day that a few words name ("until march", "in zwei Wochen"), seen from now. False: none, or one that is past. */
bool words_date(struct arena *a, const struct phrases *p, const char *words, time_t now, struct date *out_r);

/* The person's new text: quotes, signature, disclaimer, device footer taken off (quoted.c). */
struct visible_text {
	const char *text;
	const char *quote;
	const char *signature;	/* signature, disclaimers, footers */
};
struct visible_text message_visible(struct arena *a, const struct phrases *p, const struct message *m);

/* The outgoing side, for the milter (outbound.c, placeholder.c). */

enum outbound_kind {
	OUTBOUND_ORDINARY,	/* may be a touch */
	OUTBOUND_NEVER,		/* kind 0 of milter.md: auto-submitted, report, calendar reply, receipt */
};
enum outbound_kind outbound_kind(const struct message *m, bool null_sender);

/* A fingerprint of Date, Subject and text: "the same mail again" where no Message-ID helps. */
char *outbound_fingerprint(struct arena *a, const struct message *m);

/* Unfilled placeholders in the subject and the new text (quotes and signature left out). fields:
 * the names that count inside [..] and {..} besides the shipped list. visible: the text of message_visible(), where
 * it is known already; or NULL. */
struct placeholder {
	const char *text;	/* as it stands, e.g. "{{first_name}}", at most 60 bytes */
	bool sure;		/* false: worth a warning only */
};
size_t outbound_placeholders(struct arena *a, const struct phrases *p, const struct message *m,
			     const char *visible, const char *const *fields, size_t n, const struct placeholder **out_r);
/* Nothing but a bump ("just checking in"), by the phrases of <lang>/bump; words_r: what was found. */
bool outbound_is_bump(struct arena *a, const struct phrases *p, const char *text,
		      const char **words_r);

#endif
