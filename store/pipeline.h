/* SPDX-License-Identifier: MPL-2.0
 *
 * Where each sale stands and what comes next: stages, proposals, owners who are away or changed, hand-offs
 * that nobody acts on. The rules are in sequence/pipeline.h; here they meet what is recorded.
 */
#ifndef STORE_PIPELINE_H
#define STORE_PIPELINE_H

#include "store/store.h"

/* ---- absence of an owner ---- */

struct owner_away {
	const char *owner;	/* login, address or id */
	time_t from;		/* first moment of the absence; 0: now */
	time_t until;		/* first moment they are back; 0: not known */
	const char *stand_in;	/* login or address; NULL: as it is, "": nobody */
	const char *actor, *source;	/* who says so; "person", "mail", "sieve" */
	bool back;		/* the absence is over or called off; from and until do not matter */
};
/* Records it. INPUT with one sentence: no such owner or stand-in, over before it begins, over already, the stand-in
 * is the owner, or is away then too. Saying the same again changes nothing. */
enum status store_owner_away(struct store_tx *tx, struct arena *a, const struct owner_away *w,
			     struct err *e);
struct absence {
	const char *owner_id, *login, *name;
	time_t from, until;
	const char *stand_in;		/* login, or NULL */
	const char *stand_in_id;	/* NULL: there is none, or they are away themselves, or not active */
	const char *source;
	bool now;
};
/* GONE: this owner (by id) is not away at that moment, nor will be. */
enum status store_absence(struct store_tx *tx, struct arena *a, const char *owner_id, time_t at,
			  struct absence *out_r, struct err *e);

#endif
