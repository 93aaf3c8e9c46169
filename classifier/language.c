/* SPDX-License-Identifier: MPL-2.0
 *
 * The language of a text by its commonest words (phrases/<lang>/words). Kana settle Japanese.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

#include <string.h>

enum { LANGS_MAX = 40 };

const char *language_of(struct ctx *c, const struct tokens *t, bool *sure_r)
{
	const char *const *langs;
	size_t n = phrases_langs(c->p, &langs), kana = 0, words = 0, best = 0, second = 0;
	size_t score[LANGS_MAX] = { 0 }, seen_at[LANGS_MAX] = { 0 }, first = 0;
	const struct hits h = c->body.h;	/* t is its text */

	for (size_t i = 0; i < t->n; i++) {
		words += t->t[i].kind == TOKEN_WORD;
		kana += t->t[i].n == 3 && (unsigned char)t->t[i].s[0] == 0xe3 &&
			(unsigned char)t->t[i].s[1] >= 0x81 && (unsigned char)t->t[i].s[1] <= 0x83;
	}
	*sure_r = true;
	if (kana >= 2 && kana * 5 >= words)
		return "ja";
	/* only Spanish turns its question and exclamation marks round */
	if (c->visible.text && (strstr(c->visible.text, "\xc2\xbf") || strstr(c->visible.text, "\xc2\xa1")))
		return "es";
	*sure_r = false;
	for (size_t i = 0; i < h.n; i++) {
		if (!str_eq(h.h[i].phrase->topic, "words"))
			continue;
		for (size_t k = 0; k < n && k < LANGS_MAX; k++) {
			if (!str_eq(langs[k], h.h[i].phrase->lang) || seen_at[k] == h.h[i].from + 1)
				continue;
			seen_at[k] = h.h[i].from + 1;	/* a word once, however many lines name it */
			score[k]++;
		}
	}
	for (size_t k = 0; k < n && k < LANGS_MAX; k++) {
		if (score[k] > best) {
			second = best;
			best = score[k];
			first = k;
		} else if (score[k] > second) {
			second = score[k];
		}
	}
	if (best == 0 || best == second)
		return "-";
	*sure_r = best >= second + 2;
	return langs[first];
}
