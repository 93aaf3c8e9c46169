/* SPDX-License-Identifier: MPL-2.0
 *
 * What kind of mail an outgoing message is, and whether it may go out. Pure: what the store
 * remembers (`struct memory`), the message and the time come in, a verdict comes back.
 * A refusal is a value, not an error; "I do not know" is DUNNO.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"
#include "classifier/classifier.h"
#include "classifier/content.h"
#include "policy/memory.h"
#include "sequence/seq.h"

struct arena;

enum rule_stage { STAGE_RCPT = 1, STAGE_EOM = 2 };
enum rule_mode { MODE_ENFORCE, MODE_WARN, MODE_OFF };
enum rule {
#define RULE(sym, name, stage, code, enhanced, mode, over, key, meaning) RULE_##sym,
#include "policy/rules.def"
#undef RULE
	RULE_COUNT
};
const char *rule_name(enum rule r);
bool rule_from_name(const char *name, enum rule *out_r);
const char *mode_name(enum rule_mode m);
bool mode_from_name(const char *name, enum rule_mode *out_r);

enum role { ROLE_SUBMISSION, ROLE_LOCAL, ROLE_INBOUND };

/* milter.md, "What kind of mail is it": the first that applies. */
enum mail_kind {
	MAIL_NEVER,		/* 0 never a touch */
	MAIL_CONTROL,		/* 1 control recipients only, nobody else */
	MAIL_CONVERSATION,	/* 2 a person answers a person */
	MAIL_TOUCH,		/* 3, 4 the next step of an enrolment (or step 1 by seq.NAME@) */
	MAIL_MANUAL,		/* 5 to a known prospect by hand */
	MAIL_OUTREACH,		/* 5 to nobody we know */
};
const char *mail_kind_name(enum mail_kind k);

/* What the milter saw of one message. */
struct outgoing {
	enum role role;
	const char *login;		/* {auth_authen}, or NULL */
	const char *sender;		/* envelope, normalised; "" null sender */
	const char **recipients;	/* outside ones, normalised, control addresses taken out */
	size_t recipients_n;
	const char *enrol;		/* NAME of seq.NAME@, or NULL */
	bool log_only;			/* log@ */
	bool anyway;			/* anyway@ */
	bool command;			/* any control recipient */
	bool automation;		/* the login is a program's: it sends what a person approved */
	const char *content_hash;	/* policy_content_hash(), of automation only; or NULL */
	const struct message *message;	/* NULL at RCPT */
	const char *visible;		/* its new text */
	const char *fingerprint;
	const char *queue_id;		/* NULL if the MTA did not say */
	const struct placeholder *placeholders;
	size_t placeholders_n;
	const char *bump;		/* words, or NULL */
	const struct outbound_content *content;	/* NULL: not looked at */
	enum outbound_named named;	/* does the salutation name the prospect? */
	bool moves;			/* stop@ or pause@: needs an enrolment to act on */
	bool person;			/* won@, booked@ and the like: needs somebody we know */
	bool ends;			/* stop@, pause@, dnc@ or proposal@: by hand, and no gap after it to keep */
	bool proposal;			/* proposal@: what it says becomes the record */
};

enum answer { ANSWER_PASS, ANSWER_REFUSE, ANSWER_DISCARD };

/* One rule's word, kept for the record: refused, warned, overridden, or would have. */
struct objection {
	enum rule rule;
	enum rule_mode mode;
	bool overridden;
	int code;			/* 450, 451, 550 */
	const char *enhanced;		/* "5.7.1" */
	const char *recipient;		/* or NULL */
	const char *text[2];		/* at most two short ASCII lines */
	const char *fact;		/* for log and event: "reply 2026-03-02 from=..." */
};

struct verdict {
	enum answer answer;
	enum mail_kind kind;
	int step;			/* MAIL_TOUCH: which */
	size_t prospect;		/* index of the prospect this is about (kinds touch, manual) */
	const struct objection *why;	/* the refusing one, or NULL */
	const struct objection *objections;	/* all that spoke */
	size_t objections_n;
	bool resubmission;		/* it is the recorded touch again: pass or discard, record no new one */
	bool copied_id;			/* another mail bears this Message-ID: record it without one */
	const struct memory_draft *draft;	/* the draft this touch came from, or NULL */
	double edit_ratio;		/* 0 unchanged .. 1 all new; -1 without a draft */
};

struct policy_settings {
	bool inbound_side;		/* arriving mail is seen at SMTP time: a reply holds before anybody reads it */
	bool observe;			/* site-wide mode = observe: nothing is refused */
	enum rule_mode mode[RULE_COUNT];
	int unwatched_after;		/* seconds, default 1800 */
	int duplicate_window;		/* seconds in which nearly the same text counts, default 30 days */
	int retry_window;		/* resubmission: seconds, default 5 days */
	bool retry_needs_evidence;	/* resubmission unknown: 451 until the log says */
	int retry_wait;			/* seconds after the first in which a repeated mail waits (451) for the
					 * followed log to say what became of the first */
	int gap_days;			/* between two touches to one person where no plan says it; default 2 */
	const char *control;		/* control mailbox or "@sub.domain": how `anyway` is told; or NULL */
	bool enrol_unknown;		/* seq.NAME@ may make a prospect of an unknown person */
	struct policy_limits limits;
	const char *voice_disclosure;	/* what a voice note says of itself; "" or NULL: nothing is asked */
	const char *voice_generated;	/* the same of one that a program made; "" or NULL: there may be none */
	int quotation_words;		/* of one point of research, at most; 0: no limit */
	const char *language;		/* of refusal texts */
	/* refusals.conf, loaded: text by key and language, NULL if there is none. Two lines at most,
	 * with {names} that the rule fills. */
	const char *(*sentence)(void *ctx, const char *key, const char *language);
	void *sentence_ctx;
};

/* At RCPT: only rules that can speak there; recipients_n is 1. At end of message: all. */
void policy_judge(struct arena *a, const struct policy_settings *s, enum rule_stage stage,
		  const struct outgoing *o, const struct memory *m, time_t now,
		  struct verdict *out_r);

/* refusals.conf. Immutable once parsed, may be shared by threads. A later text (another language, the site's
 * own) replaces what it says again of earlier ones. CONF with file and line. */
struct refusals;
enum status refusals_parse(const char *file, const char *text, struct refusals **io_r, struct err *e);
void refusals_free(struct refusals *r);		/* takes NULL */
/* For policy_settings.sentence: ctx is the struct refusals. */
const char *refusals_sentence(void *ctx, const char *key, const char *language);

/* The sentence of key with its {names} filled from the NULL-ended pairs: ASCII, at most 200 characters a
 * line. Also for refusals that the milter makes itself (control addresses, its own trouble). */
void policy_say(struct arena *a, const struct policy_settings *s, const char *key, const char *out[2],
		...) __attribute__((sentinel));
/* What a rep writes into Bcc: "relent+anyway@example.com" or "anyway@sub.example.com". */
const char *policy_control_address(struct arena *a, const char *base, const char *verb);
/* SHA-256 over the readable content: From, To, Cc, Reply-To, subject and the text of each part, freed of
 * encodings and line ends. What an approval is of. NULL: something in it cannot be read, so nobody can
 * have approved it. */
char *policy_content_hash(struct arena *a, const struct message *m);
/* A mail that relent writes itself (one text/plain part, From and To with one address each), as
 * message_read() would show it: so that what is shown, approved and sent can be compared without a parser.
 * Strings are those given or on the arena. */
struct message *policy_plain_message(struct arena *a, const char *from, const char *to, const char *subject,
				     const char *text);
/* Its content hash: the same as of the bytes that letter_text() makes of it. */
char *policy_plain_hash(struct arena *a, const char *from, const char *to, const char *subject, const char *text);
/* Is the new text nearly the old one: edited here and there, reshuffled, or a part of it? Both without
 * quotations and signatures (message_visible). */
bool policy_alike(struct arena *a, const char *old, const char *text);
/* Share of the words that a person changed: 0 unchanged .. 1 all new. */
double policy_edit_ratio(struct arena *a, const char *drafted, const char *final);

/* The kinds alone (explain, tests). */
enum mail_kind policy_kind(const struct outgoing *o, const struct memory *m, size_t *prospect_r,
			   int *step_r);

#endif
