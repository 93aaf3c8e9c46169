/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to classifier/: text as folded words, and the phrases of the data files found in it.
 * The grammar of a phrase is in conf/phrases/README.
 */
#ifndef CLASSIFIER_PHRASES_H
#define CLASSIFIER_PHRASES_H

#include "base/err.h"
#include "base/pattern.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct phrases;

enum token_kind {
	TOKEN_WORD,
	TOKEN_NUMBER,	/* starts with a digit */
	TOKEN_ADDRESS,	/* has an '@' inside */
	TOKEN_STOP,	/* . ! : and paragraph ends */
	TOKEN_QUESTION,
	TOKEN_SYMBOL,	/* an emoji or the like */
};

struct token {
	const char *s;		/* folded: lower case, compatibility forms and accents taken off */
	uint32_t n, hash;
	uint32_t start, end;	/* bytes in the source */
	enum token_kind kind;
	bool line_start;	/* the first of its line */
};

struct tokens {
	const char *source;
	struct token *t;
	size_t n;
};

enum { TOKENS_MAX = 12000 };

/* Linear; at most TOKENS_MAX tokens are made. */
struct tokens tokens_of(struct arena *a, const char *text, size_t n);
/* The source's bytes from token i up to (not with) j, one line, cut to 120 bytes. */
char *tokens_words(struct arena *a, const struct tokens *t, size_t i, size_t j);

/* One phrase found. */
struct hit {
	uint32_t from, to;	/* tokens */
	const struct phrase *phrase;
};
struct phrase {
	const char *lang;	/* "en", or "" for files without a language */
	const char *file;	/* "phrases/en/unsubscribe" */
	const char *topic;	/* "unsubscribe": the last piece of the name */
	const char *section;	/* "strong" */
	int line;
	uint32_t id;		/* index; for counting which lines are hit */
	unsigned set;		/* one of enum phrase_set */
	struct phrase_seq *seq;	/* private */
};
struct hits {
	struct hit *h;
	size_t n;
};
/* What a caller asks for: files by their topic. Fewer are found faster. */
enum phrase_set {
	PHRASES_QUOTE = 1,
	PHRASES_REASONS = 2,
	PHRASES_SIGNS = 4,
	PHRASES_AWAY = 8,
	PHRASES_DATES = 16,
	PHRASES_WORDS = 32,
	PHRASES_OUTGOING = 64,	/* what only a mail of ours is asked: bump, calls, claims */
	PHRASES_CLASSES = 128,	/* all others */
	PHRASES_ALL = 255,
};
/* All phrases of these sets in t, in the order of where they begin. */
struct hits phrases_find_in(struct arena *a, const struct phrases *p, const struct tokens *t,
			    unsigned sets);
static inline struct hits phrases_find(struct arena *a, const struct phrases *p, const struct tokens *t)
{
	return phrases_find_in(a, p, t, PHRASES_ALL);
}
bool hit_is(const struct hit *h, const char *topic, const char *section);
/* "phrase:en/unsubscribe/strong:17" */
char *hit_rule(struct arena *a, const struct hit *h);

/* A format of bounces that are not RFC 3464 (conf/bounces/<name>). */
struct bounce_format {
	const char *name;
	const char **marks;	/* literals; one in the text or head makes the format a candidate */
	size_t marks_n;
	struct pattern **recipient;	/* group 1: address; group 2, if any: words */
	size_t recipient_n;
	struct pattern **words;		/* group 1: the remote's words */
	size_t words_n;
	struct pattern **end;		/* what is behind is the returned message */
	size_t end_n;
	const char *reason;	/* if nothing else is said, or NULL */
	const char *fate;	/* "delay" or "success" for formats that report that, or NULL */
};
size_t phrases_formats(const struct phrases *p, const struct bounce_format *const **out_r);
/* status -> reason: lines "5.1.1 user_unknown" of conf/bounces/status; NULL if not listed. */
const char *phrases_status_reason(const struct phrases *p, const char *status);
/* A plain list: all lines of a section of a file, e.g. ("phrases/placeholders", "fields"). */
size_t phrases_list(const struct phrases *p, const char *file, const char *section,
		    const char *const **out_r);
/* "First Name", "first_name", "firstName", "Imię" and "imie" are one field: folded, without accents, blanks,
 * '_', '-', '.' and apostrophes. */
char *field_key(struct arena *a, struct span s);
/* Is key the one of a field of phrases/placeholders? */
bool phrases_is_field(const struct phrases *p, const char *key);
/* The languages there are phrases for. */
size_t phrases_langs(const struct phrases *p, const char *const **out_r);
/* NULL if there is none. */
struct weights;
const struct weights *phrases_model(const struct phrases *p);
size_t phrases_count(const struct phrases *p, const struct phrase **out_r);

#endif
