/* SPDX-License-Identifier: MPL-2.0
 *
 * The words of relent's own mails in one language: conf/mail/<language>/words.txt, lines of `key: text`; # begins a
 * comment. A key with a count has a form for each plural of the language (CLDR): `drafts.one: {{n}} draft`,
 * `drafts.other: {{n}} drafts`. Pure.
 */
#ifndef LETTER_WORDS_H
#define LETTER_WORDS_H

#include <stddef.h>

#include "base/err.h"

struct arena;
struct words;

/* Reads a file over what is known already: English first, then the language, then the site's own. language decides the
 * plurals of the words that it brings. CONF with file and line. */
enum status words_read(struct arena *a, struct words **io_r, const char *language, const char *file,
		       const char *text, struct err *e);
/* The words of the site's language, over English. CONF: a file that cannot be read. */
struct conf;
enum status words_load(struct arena *a, const struct conf *c, struct words **out_r, struct err *e);
/* The text of a key; a key that nobody has words for is its own text. Never NULL. */
const char *words_get(const struct words *w, const char *key);
/* Has anybody words for it? */
int words_has(const struct words *w, const char *key);
/* The form for n of a key with a count, {{n}} filled in. */
char *words_count(struct arena *a, const struct words *w, const char *key, long n);
/* The text of a key with {{1}}, {{2}}, {{3}} filled in; NULL counts as "". */
char *words_fill(struct arena *a, const struct words *w, const char *key, const char *one, const char *two,
		 const char *three);
/* Every key, in the order in which it came. */
size_t words_keys(const struct words *w, const char *const **out_r);

#endif
