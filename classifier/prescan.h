/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to classifier/: what is taken out of a mail's bytes before any MIME library sees them.
 */
#ifndef CLASSIFIER_PRESCAN_H
#define CLASSIFIER_PRESCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

/* A part, or what holds parts, in the order of the mail. All spans point into prescan.bytes. */
struct piece {
	enum { PIECE_LEAF, PIECE_MULTIPART, PIECE_MESSAGE } kind;
	int level;		/* its children, behind it, have one more */
	size_t inner;		/* PIECE_MESSAGE: where the returned mail's headers begin */
	struct span type, disposition, encoding;	/* values of Content-*; p NULL: none */
	struct span body;	/* PIECE_LEAF: still encoded */
};

struct prescan {
	char *bytes;	/* owned by the arena: the mail within the caps */
	size_t n;
	/* The same for the MIME library: header fields that say nothing of the structure are left out,
	 * which is most of its work. The first one left out of a block is replaced by
	 * "Relent-Block: N LENGTH"; the block begins at bytes[N]. */
	const char *slim;
	size_t slim_n;
	/* The whole structure, if nothing in it can be read in two ways; else pieces_n is 0 and the
	 * MIME library must tell. */
	const struct piece *pieces;
	size_t pieces_n;
	bool truncated;	/* something was left out */
	bool broken;	/* something was neutralised */
};

enum {
	PRESCAN_MAX_BYTES = 8 * 1024 * 1024,	/* what is parsed at all */
	PRESCAN_MAX_BOUNDARIES = 256,
	PRESCAN_MAX_DELIMITERS = 1000,		/* boundary lines */
	PRESCAN_MAX_PARAMS = 64,		/* of one Content-* header */
	PRESCAN_MAX_PARAM_NAME = 40,
	PRESCAN_MAX_PIECES = 100,		/* more of them, or deeper ones, are the library's */
	PRESCAN_MAX_LEVEL = 40,
};

#define PRESCAN_BLOCK "Relent-Block"

void prescan(struct arena *a, const char *bytes, size_t n, struct prescan *out_r);

#endif
