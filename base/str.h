/* SPDX-License-Identifier: MPL-2.0
 *
 * Text with a length. `struct span` borrows bytes (not NUL-terminated, may hold NUL);
 * `struct buf` grows on an arena and keeps a NUL behind its end.
 * ASCII unless a name says otherwise; no function here looks at the locale.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct span {
	const char *p;
	size_t n;
};

struct buf {
	char *p;		/* NUL-terminated; never NULL after buf_init */
	size_t n;
	size_t room;		/* private */
	struct arena *arena;	/* borrowed */
};

static inline struct span span_of(const char *s)
{
	return (struct span){ s ? s : "", s ? strlen(s) : 0 };
}
bool span_eq(struct span a, const char *s);
bool span_eq_case(struct span a, const char *s);	/* ASCII case ignored */
bool span_starts_case(struct span a, const char *prefix);
bool span_ends_case(struct span a, const char *suffix);
struct span span_trim(struct span a);			/* blanks, tabs, CR, LF */
/* The next line of *rest without its CRLF, LF or CR; false at the end. */
bool span_line(struct span *rest, struct span *line_r);
/* The next piece of *rest up to c; false at the end. */
bool span_split(struct span *rest, char c, struct span *piece_r);
/* Position of needle (ASCII case ignored) or (size_t)-1. */
size_t span_find_case(struct span hay, const char *needle);
char *span_dup(struct arena *a, struct span s);		/* NUL-terminated copy */

void buf_init(struct buf *b, struct arena *a);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

bool str_eq(const char *a, const char *b);		/* NULL equals only NULL */
bool str_eq_case(const char *a, const char *b);
bool str_empty(const char *s);				/* NULL or "" */
char *str_lower(struct arena *a, const char *s);	/* ASCII */
/* Whole-string number in [min, max]; false and *r untouched otherwise. */
bool str_int(const char *s, int64_t min, int64_t max, int64_t *r);
/* "30s", "10m", "2h", "7d", "3w", or plain seconds. */
bool str_duration(const char *s, int64_t *seconds_r);
/* Valid UTF-8 copy: every malformed byte becomes U+FFFD; NUL becomes U+FFFD. */
char *str_utf8(struct arena *a, const char *p, size_t n);
bool str_is_utf8(const char *p, size_t n);
/* Cuts s (UTF-8) to at most n bytes on a character border. */
char *str_cut(struct arena *a, const char *s, size_t n);
/* Closest of the n names to s by edit distance, NULL if nothing is near: for "did you mean". */
const char *str_nearest(const char *s, const char *const *names, size_t n);

/* Unicode, through ICU; all give NUL-terminated UTF-8 on the arena. */
char *text_fold(struct arena *a, const char *s);	/* NFKC, case folded: for comparing */
char *text_squeeze(struct arena *a, const char *s);	/* white space runs become one blank */
/* Re:, Fwd:, AW:, SV:, Antw:, RES:, 回复: ... taken off, folded, squeezed: for threading. */
char *text_subject_key(struct arena *a, const char *subject);
/* ASCII only: accents taken off where there is a plain letter, anything else becomes '?'. */
char *text_ascii(struct arena *a, const char *s);
/* Share (0..1) of the shingles (5 words, folded) of a that b has too; both UTF-8. 0 if a is
 * shorter than one shingle and differs from b; 1 if both are equal after folding. */
double text_overlap(const char *a, const char *b);

#endif
