/* SPDX-License-Identifier: MPL-2.0
 *
 * One mail of an outreach sender, as far as the callbacks have told of it.
 */
#ifndef MILTER_MAIL_H
#define MILTER_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/when.h"
#include "classifier/message.h"
#include "policy/policy.h"

struct arena;
struct settings;

/* Headers of which the place among their namesakes matters: they are taken out and replaced. */
enum marked { MARK_LIST_UNSUBSCRIBE, MARK_LIST_UNSUBSCRIBE_POST, MARK_FEEDBACK_ID, MARK_MESSAGE_ID,
	      MARK_COUNT };
extern const char *const marked_names[MARK_COUNT];
enum { FOREIGN_MAX = 100 };	/* Relent-* headers of other names than ours, in one mail */
struct foreign {
	const char *name;
	int count;
};

enum control_verb {
#define VERB(sym, name, arg, about, meaning) VERB_##sym,
#include "milter/verbs.def"
#undef VERB
	VERB_COUNT
};
/* What a verb needs. */
enum control_about { ABOUT_NOBODY, ABOUT_PERSON, ABOUT_FOLLOW_UP, ABOUT_MAIL, ABOUT_TOKEN };

enum { CONTROL_TASKS = 20 };

struct control {			/* what the control recipients ask for */
	unsigned verbs;			/* bit per enum control_verb */
	const char *args[VERB_COUNT];	/* as written; of done@ the last one */
	const char *sequence;		/* seq.NAME@ */
	struct date pause, remind, booked, away_from, away;
	int booked_minute;		/* since midnight */
	const char *reason;		/* lost.REASON@ */
	const char *route;		/* login of route.OWNER@ */
	const char *tasks[CONTROL_TASKS];	/* ids of done.TASK@ */
	size_t tasks_n;
	const char **paths;		/* as typed in RCPT, for smfi_delrcpt() */
	size_t paths_n;
	bool refused;			/* one of them was: the rest of the transaction goes with it */
};

struct mail {
	struct arena *arena;
	struct settings *settings;	/* reference */
	enum role role;
	const char *login;		/* of the owner, as the store knows it */
	bool everybody;			/* no outreach sender: only scope `all` counts, at RCPT alone */
	bool automation;		/* relent's own service login: nobody outside without an approval */
	const char *sender;		/* normalised, "" null sender */
	const char **recipients;	/* normalised, without control addresses */
	const char **paths;		/* the same as typed in RCPT */
	size_t recipients_n, recipients_room;
	struct control control;
	struct buf raw;			/* the mail as far as it is looked at */
	size_t headers_n, body_n;
	bool headers_done, cut;
	int marks[MARK_COUNT];
	const char *subject;		/* the first one, raw, as far as libmilter shows it; or NULL */
	struct foreign foreign[FOREIGN_MAX];
	size_t foreign_n;
	bool foreign_over;
	const char *queue_id;
	bool counted, known;		/* RCPT was told: an owner's; to somebody in the store */
	const struct outbound_words *words;	/* of the new text; NULL: not read yet */
	struct content_seen *seen;	/* content_look(), or NULL */
};
struct mail *mail_new(struct settings *s);			/* takes the reference */
void mail_free(struct mail *m);					/* takes NULL */
void mail_rcpt(struct mail *m, const char *path, const char *key);
void mail_header(struct mail *m, const char *name, const char *value);
void mail_body(struct mail *m, const unsigned char *p, size_t n);
/* Parses what was kept; never fails: what cannot be parsed is judged by what there is. */
const struct message *mail_message(struct mail *m);

#endif
