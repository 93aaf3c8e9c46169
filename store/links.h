/* SPDX-License-Identifier: MPL-2.0
 *
 * Lists that were mailed to a person (a digest, a note), their numbered lines, and the signed tokens that
 * name them in addresses: `do.TOKEN@` is one action of one line, `re.TOKEN@` the whole list, so that
 * `approve 3` in an answer means line 3 of that very mail, whatever has been sent since.
 *
 * A token is at most LINK_TOKEN characters [a-z2-7], case does not matter. It is signed with the key file over
 * owner, list, line, thing, verb, argument, reason, hash of what was shown and end date: none of them can be changed,
 * here or in the store, and it serves for nothing else. It may be read twice (mail is delivered twice);
 * doing a thing once is the business of whoever carries it out (store_decide()).
 */
#ifndef STORE_LINKS_H
#define STORE_LINKS_H

#include "store/core.h"

enum { LINK_TOKEN = 40, LINK_LINES = 999, LINK_ACTIONS = 32 };

/* One action that a line offers. None of these may hold a control character. */
struct link_action {
	const char *verb;		/* a reply verb: approve, reject, park, stop ... */
	const char *argument;		/* a date, a class, a template; or NULL */
	const char *because;		/* the reason, where the mail itself names none; or NULL */
};
struct link_line {
	int number;			/* from 1; given by store_list_add() */
	const char *kind;		/* what waits: draft, review, task, enrolment, breaker */
	const char *item_id;
	const char *label;		/* a few words for answers: "Ann Berg, step 3"; or NULL */
	const char *shown;		/* hash of what the person sees of it, or NULL */
	const struct link_action *actions;
	size_t actions_n;
};
struct link_list {
	const char *id;			/* store_id(); NULL: made by store_list_add() */
	const char *ref;		/* given by store_list_add() */
	const char *kind;		/* digest, note, weekly */
	const char *key;		/* there is one list of a key, ever: "digest/OWNER/2026-03-02" */
	const char *owner_id;		/* who may use it; NULL: it has no tokens */
	time_t made, sent;		/* sent 0: not yet */
	time_t expires;
	struct link_line *lines;
	size_t lines_n;
};
/* Remembers a list that is to be mailed in the same transaction; numbers its lines. *made_r false: there was one
 * with this key, then *l is that one as it was made. INPUT: too many lines or actions. */
enum status store_list_add(struct store_tx *tx, struct arena *a, struct link_list *l, bool *made_r,
			   struct err *e);
/* It has left for the person: time from sending to decision is counted from here. Once; GONE: no such list. */
enum status store_list_sent(struct store_tx *tx, const char *id, struct err *e);
/* The newest list of a kind of an owner before a moment, or GONE. */
enum status store_list_last(struct store_tx *tx, struct arena *a, const char *owner_id, const char *kind,
			    time_t before, struct link_list *out_r, struct err *e);
/* Was this thing in a list of that kind of the owner, made before `before`? *since_r: when first, 0 never. */
enum status store_list_since(struct store_tx *tx, struct arena *a, const char *owner_id, const char *kind,
			     const char *item_id, time_t before, time_t *since_r, struct err *e);
/* Lists whose tokens ended before now are forgotten, at most max of them. */
enum status store_lists_prune(struct store_tx *tx, struct arena *a, size_t max, size_t *n_r, struct err *e);

/* Token of action number `action` (from 0) of a line; line NULL: the list's own, for Reply-To. NULL: there is
 * no key, no owner, no such action. The list has its id, the line its number. */
char *link_token(struct arena *a, const struct token_keys *k, const struct link_list *l,
		 const struct link_line *line, size_t action);

/* What a token stands for. */
struct link {
	const char *list_id, *list_kind;
	const char *owner_id;
	time_t shown_at;		/* when the list was sent (made, if that is not known) */
	time_t expires;
	int number;			/* 0: the list itself */
	const char *kind, *item_id, *label, *shown;	/* of the line; NULL for the list itself */
	const char *verb, *argument, *because;	/* verb "reply": the list itself */
};
/* Opens a token that owner_id sent. INPUT with one clear sentence: not ours, altered, another person's, too
 * old. keys NULL counts as not ours. */
enum status store_link_open(struct store_tx *tx, struct arena *a, const struct token_keys *keys,
			    const char *token, const char *owner_id, struct link *out_r, struct err *e);
/* Line `number` of a list by the list's id (from a link whose number is 0); number 0: its only line. verb and
 * argument of *out_r are NULL: the answer's own words say what to do. INPUT: there is no such line. */
enum status store_link_line(struct store_tx *tx, struct arena *a, const char *list_id, int number,
			    struct link *out_r, struct err *e);

#endif
