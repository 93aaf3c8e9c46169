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

/* A touch the store remembers. Strings borrowed from the memory's arena. */
enum sent_state { SENT_ACCEPTED, SENT_QUEUED, SENT_DELIVERED, SENT_DEFERRED, SENT_BOUNCED,
		  SENT_EXPIRED, SENT_TAKEN_BACK, SENT_STATE_COUNT };
const char *sent_state_name(enum sent_state s);
bool sent_state_from_name(const char *name, enum sent_state *out_r);

struct memory_touch {
	const char *id;
	const char *enrolment;		/* id or NULL (manual) */
	int step;			/* 0 manual */
	time_t at;
	const char *message_id;
	const char *fingerprint;
	const char *queue_id;		/* NULL while unknown */
	enum sent_state sent;
	const char *subject;
	const char *text;		/* new text that went out */
};

struct memory_draft {
	const char *id, *enrolment;
	int step;
	const char *message_id;
	const char *subject;
	const char *text;
	time_t made;
};

struct memory_reply {
	const char *from;
	const char *subject;
	time_t at;
	const char *class;
};

struct memory_enrolment {
	struct enrolment state;
	const struct plan *plan;	/* the version it runs on */
	bool has_source, has_permission, has_evidence, has_review_note, has_identity;
	time_t since;			/* of its last change; 0 unknown */
	bool own;			/* of this owner: another rep's steps are not this one's to take */
};

struct memory_suppression {
	const char *subject;		/* what matched: address or domain */
	const char *scope;		/* all, outreach, client, sequence, channel */
	const char *scope_arg;		/* which client, sequence or channel; or NULL */
	const char *reason;
	time_t at;
	bool may_tell;			/* this owner may read reason and date */
};

/* One outside recipient as the store knows it. */
struct memory_prospect {
	const char *address;		/* normalised recipient */
	const char *id;			/* NULL: nobody we know */
	const char *name;
	const char *company, *company_id;
	const char *zone;
	bool own_domain;		/* inside the owner's own domains: not a prospect */
	bool has_written;		/* the store holds a message from this person to this owner */
	const struct memory_suppression *suppressions;
	size_t suppressions_n;
	const struct memory_enrolment *enrolment;	/* live, else the latest; NULL none. The one of this
							 * owner first */
	const struct memory_touch *touches;		/* newest first, at most 50, all owners */
	size_t touches_n;
	const struct memory_draft *draft;		/* out for the next step, or NULL */
	const struct memory_reply *reply;		/* latest answer (a colleague's too), or NULL */
	time_t last_touch;				/* across sequences, channels and owners; 0 none */
};

struct memory_owner {
	const char *id, *login, *name;
	const char *zone;
	const char **addresses, **domains;
	size_t addresses_n, domains_n;
	bool watched;			/* has a mailbox that relent reads */
	const char *account;		/* its name, and its last error or NULL */
	const char *account_error;
	time_t last_read;		/* last time its mailbox was known to be read; 0 never */
};

/* How the mail's references look to the store. */
struct memory_thread {
	bool parent_is_reply;		/* In-Reply-To names a message of the prospect */
	bool parent_is_touch;		/* In-Reply-To names a touch or draft of ours */
	bool parent_known;
	bool references_ours;		/* References name one of ours */
	const char *stamp_touch;	/* draft/touch id of a valid stamp in the mail, or NULL */
};

struct memory {
	const struct memory_owner *owner;	/* NULL: not an outreach sender */
	const struct memory_prospect *prospects;	/* in the order of the recipients */
	size_t prospects_n;
	struct memory_thread thread;
	const struct memory_touch *same;	/* a recorded touch with the same Message-ID (or, without one,
						 * fingerprint), owner and recipient; NULL none */
	const struct plan *enrol_plan;		/* seq.NAME@ names this sequence; NULL none */
};

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
	const struct message *message;	/* NULL at RCPT */
	const char *visible;		/* its new text */
	const char *fingerprint;
	const char *queue_id;		/* NULL if the MTA did not say */
	const struct placeholder *placeholders;
	size_t placeholders_n;
	const char *bump;		/* words, or NULL */
	bool moves;			/* stop@ or pause@: needs an enrolment to act on */
	bool ends;			/* stop@, pause@ or dnc@: by hand, and no gap after it to keep */
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
	bool observe;			/* site-wide mode = observe: nothing is refused */
	enum rule_mode mode[RULE_COUNT];
	int unwatched_after;		/* seconds, default 1800 */
	int duplicate_window;		/* seconds in which nearly the same text counts, default 30 days */
	int retry_window;		/* resubmission: seconds, default 5 days */
	bool retry_needs_evidence;	/* resubmission unknown: 451 until the log says */
	bool log_followed;		/* relent-logwatch has been heard of lately */
	int gap_days;			/* between two touches to one person where no plan says it; default 2 */
	const char *control;		/* control mailbox or "@sub.domain": how `anyway` is told; or NULL */
	bool enrol_unknown;		/* seq.NAME@ may make a prospect of an unknown person */
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

/* refusals.conf. Immutable once parsed, may be shared by threads. A second text (the site's own) replaces
 * keys of the first. CONF with file and line. */
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
/* Is the new text (b) nearly the old one (a): the same words, edited here and there or reshuffled? */
bool policy_alike(struct arena *a, const char *old, const char *text);
/* Share of the words that a person changed: 0 unchanged .. 1 all new. */
double policy_edit_ratio(struct arena *a, const char *drafted, const char *final);

/* The kinds alone (explain, tests). */
enum mail_kind policy_kind(const struct outgoing *o, const struct memory *m, size_t *prospect_r,
			   int *step_r);

#endif
