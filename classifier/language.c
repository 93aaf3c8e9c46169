/* SPDX-License-Identifier: MPL-2.0
 *
 * The language of a text by its commonest words (phrases/<lang>/words), and whether the sentence around a
 * phrase is of the phrase's language. Kana settle Japanese.
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

/* Is there a list of the commonest words of this language? */
static bool has_words(const struct ctx *c, const char *lang)
{
	const struct phrase *list;
	size_t n = phrases_count(c->p, &list);

	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].topic, "words") && str_eq(list[i].lang, lang))
			return true;
	return false;
}

void hit_sentence(const struct reading *r, const struct hit *h, uint32_t *from_r, uint32_t *to_r)
{
	*from_r = h->from;
	*to_r = h->to;
	while (*from_r > 0 && r->t.t[*from_r - 1].kind != TOKEN_STOP)
		--*from_r;
	while (*to_r < r->t.n && r->t.t[*to_r].kind != TOKEN_STOP)
		++*to_r;
}

bool hit_spoken(const struct ctx *c, const struct hit *h)
{
	size_t own = 0, rival = 0, own_at = 0, rival_at = 0;
	uint32_t from, to;
	const char *lang = h->phrase->lang;

	if (str_eq(c->lang, "-") || str_eq(lang, c->lang))
		return true;
	if (h < c->body.h.h || h >= c->body.h.h + c->body.h.n)
		return true;	/* of the subject, or of our own text */
	hit_sentence(&c->body, h, &from, &to);
	for (size_t i = 0; i < c->body.h.n; i++) {
		const struct hit *w = &c->body.h.h[i];
		if (w->from < from || w->from >= to || !str_eq(w->phrase->topic, "words"))
			continue;
		if (str_eq(w->phrase->lang, lang) && own_at != w->from + 1) {
			own_at = w->from + 1;
			own++;
		} else if (str_eq(w->phrase->lang, c->lang) && rival_at != w->from + 1) {
			rival_at = w->from + 1;
			rival++;
		}
	}
	return own > rival || (own == rival && !c->lang_clear) || !has_words(c, lang);
}
