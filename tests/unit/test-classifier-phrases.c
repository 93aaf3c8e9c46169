/* SPDX-License-Identifier: MPL-2.0
 *
 * Finding phrases: all at once is the same as each by itself, for the shipped phrases in every mail of the
 * cases and for phrases made at random; from several threads; and after more texts than are remembered.
 */
#include "config.h"

#include <ftw.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/phrases_private.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

enum { MAILS = 4000, THREADS = 4 };

static struct phrases *phrases;
static char *mails[MAILS];
static size_t mails_n;
static unsigned long seed = 1;

static size_t some(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % n;
}

static int note(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	size_t n = strlen(path);

	(void)st;
	(void)ftw;
	if (kind == FTW_F && mails_n < MAILS && n > 4 && str_eq(path + n - 4, ".eml"))
		mails[mails_n++] = strdup(path);
	return 0;
}

static bool same(const struct hits *x, const struct hits *y)
{
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (x->h[i].from != y->h[i].from || x->h[i].to != y->h[i].to ||
		    x->h[i].phrase != y->h[i].phrase)
			return false;
	return true;
}

static bool agree(struct arena *a, const struct phrases *p, const char *text)
{
	struct tokens t = tokens_of(a, text, strlen(text));
	struct hits all = phrases_find(a, p, &t), each = phrases_find_plainly(a, p, &t);

	return same(&all, &each);
}

START_TEST(shipped)
{
	for (size_t i = 0; i < mails_n; i += 3) {
		struct arena *a = arena_new(0);
		size_t n;
		char *text = test_read(a, mails[i], &n);
		struct message *m = mails_read(a, text, n);
		ck_assert_msg(agree(a, phrases, m->text), "%s", mails[i]);
		ck_assert_msg(agree(a, phrases, m->subject), "%s", mails[i]);
		arena_free(a);
	}
}
END_TEST

/* A set asked for is what all would have given of it. */
START_TEST(sets)
{
	for (size_t i = 0; i < mails_n; i += 20) {
		struct arena *a = arena_new(0);
		size_t n, k = 0;
		char *text = test_read(a, mails[i], &n);
		struct message *m = mails_read(a, text, n);
		struct tokens t = tokens_of(a, m->text, strlen(m->text));
		struct hits all = phrases_find(a, phrases, &t);
		struct hits part = phrases_find_in(a, phrases, &t, PHRASES_QUOTE | PHRASES_AWAY);
		if (all.n >= 4000)
			continue;
		for (size_t h = 0; h < all.n; h++)
			if (all.h[h].phrase->set & (PHRASES_QUOTE | PHRASES_AWAY))
				all.h[k++] = all.h[h];
		all.n = k;
		ck_assert_msg(same(&all, &part), "%s", mails[i]);
		arena_free(a);
	}
}
END_TEST

/* Phrases of few letters, so that everything overlaps. */
static void random_phrase(struct buf *b, int depth)
{
	static const char *const words[] = { "a", "b", "c", "ab", "abc*", "b*", "abca", "_", "...", "%", "@", "?", "^",
		"$", "d", "配", "信" };
	size_t n = 1 + some(4);

	for (size_t i = 0; i < n; i++) {
		if (depth < 3 && some(4) == 0) {
			size_t alts = 1 + some(3);
			buf_adds(b, "(");
			for (size_t k = 0; k < alts; k++) {
				random_phrase(b, depth + 1);
				if (k + 1 < alts)
					buf_adds(b, "|");
			}
			buf_adds(b, some(4) == 0 ? "|)" : some(4) == 0 ? ")*" : ")");
		} else {
			buf_adds(b, words[some(sizeof words / sizeof words[0])]);
		}
		buf_adds(b, " ");
	}
}

static void random_text(struct buf *b, size_t n)
{
	static const char *const words[] = { "a ", "b ", "c ", "ab ", "abc ", "abcd ", "abca ", "d ", "e ", ". ", "? ",
		"\n", "\n\n", "12 ", "x@y.example ", "配", "信", "配信 " };
	for (size_t i = 0; i < n; i++)
		buf_adds(b, words[some(sizeof words / sizeof words[0])]);
}

START_TEST(random_ones)
{
	for (int round = 0; round < 150; round++) {
		struct arena *a = arena_new(0);
		struct data_file file = { .name = "phrases/en/unsubscribe" };
		struct phrases *p;
		struct buf b, text;
		struct err e;

		buf_init(&b, a);
		buf_adds(&b, "[strong]\nstop\n");
		for (int i = 0; i < 12; i++) {	/* each must be a phrase by itself */
			struct buf one;
			buf_init(&one, a);
			buf_adds(&one, "[strong]\n");
			random_phrase(&one, 0);
			file.text = one.p;
			file.n = one.n;
			if (phrases_load(&file, 1, &p, &e) == OK) {
				buf_adds(&b, one.p + 9);
				buf_adds(&b, "\n");
				phrases_free(p);
			}
		}
		file.text = b.p;
		file.n = b.n;
		ck_ok(phrases_load(&file, 1, &p, &test_err));
		for (int i = 0; i < 20; i++) {
			buf_init(&text, a);
			random_text(&text, 1 + some(60));
			ck_assert_msg(agree(a, p, text.p), "%s in\n%s", b.p, text.p);
		}
		phrases_free(p);
		arena_free(a);
	}
}
END_TEST

static void *classify_all(void *from)
{
	size_t *wrong = from;
	size_t first = *wrong;

	*wrong = 0;
	for (size_t i = first; i < mails_n; i += 5) {
		struct arena *a = arena_new(0);
		size_t n;
		char *text = test_read(a, mails[i], &n);
		struct message *m = mails_read(a, text, n);
		*wrong += !agree(a, phrases, m->text);
		arena_free(a);
	}
	return NULL;
}

START_TEST(threads)
{
	pthread_t thread[THREADS];
	size_t wrong[THREADS];

	for (size_t i = 0; i < THREADS; i++) {
		wrong[i] = i;
		ck_assert_int_eq(pthread_create(&thread[i], NULL, classify_all, &wrong[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		ck_assert_uint_eq(wrong[i], 0);
	}
}
END_TEST

/* Words of the phrases in any order: every few words are something new to remember. */
START_TEST(more_than_is_remembered)
{
	struct arena *words = arena_new(0);
	struct tokens t;
	size_t n;
	char *text = test_read(words, test_source("conf/phrases/en/unsubscribe"), &n);

	t = tokens_of(words, text, n);
	for (int round = 0; round < 60; round++) {
		struct arena *a = arena_new(0);
		struct buf b;
		buf_init(&b, a);
		for (int i = 0; i < 8000; i++) {
			const struct token *k = &t.t[some(t.n)];
			buf_add(&b, k->s, k->n);
			buf_addc(&b, ' ');
		}
		if (round < 2 || round > 56) {
			ck_assert(agree(a, phrases, b.p));
		} else {
			struct tokens all = tokens_of(a, b.p, b.n);
			phrases_find(a, phrases, &all);
		}
		arena_free(a);
	}
	arena_free(words);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier phrases");
	TCase *t = test_case(s, "phrases");
	int r;

	phrases = mails_phrases();
	nftw(test_source("tests/cases"), note, 16, FTW_PHYS);
	if (mails_n < 500)
		return 99;
	tcase_set_timeout(t, 60);
	tcase_add_test(t, shipped);
	tcase_add_test(t, sets);
	tcase_add_test(t, random_ones);
	tcase_add_test(t, threads);
	tcase_add_test(t, more_than_is_remembered);
	r = test_run(s);
	phrases_free(phrases);
	return r;
}
