/* SPDX-License-Identifier: MPL-2.0
 *
 * What may be said to a prospect and what may not, by kind, class, source, age and words; folders for drafts; names
 * in modified UTF-7.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "base/utf7.h"
#include "classifier/classifier.h"
#include "imapwatch/folders.h"
#include "letter/points.h"
#include "store/records.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

enum { NOW = 1804060800, DAY = 86400, MAX_AGE = 180 * DAY };

static struct arena *a;
static struct phrases *phrases;

static void setup(void)
{
	a = arena_new(0);
	phrases = mails_phrases();
}

static void teardown(void)
{
	phrases_free(phrases);
	arena_free(a);
}

static struct point good(const char *text)
{
	return (struct point){ .id = "E1", .text = text, .source = "https://prospect.example/news", .type = "verified_fact",
			       .date = NOW - 10 * DAY, .safe = true };
}

/* rows: 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414 */
static const struct {
	const char *kind, *point;
} acceptable[] = {
	{ "company_service", "You look after the mail of forty law offices." },
	{ "public_offer", "Your price list has a flat rate for small offices." },
	{ "announcement", "You opened a second office in Kiel last month." },
	{ "website", "Your contact form asks for a fax number." },
	{ "booking_process", "Your booking page offers calls on Tuesdays only." },
	{ "reviews", "Three of your last reviews mention the waiting time on the phone." },
	{ "inquiry", "You asked us in May about moving calendars." },
	{ "form_answer", "You wrote that you have forty mailboxes." },
	{ "conversation", "We spoke in March about the move to the new office." },
	{ "crm_record", "Your team has used our importer since 2024." },
	{ "business_event", "You merged with Northwind in January." },
};

static bool is_kind(const char *kind)
{
	const struct entity_column *columns;
	size_t n = store_columns("evidence", &columns);

	for (size_t k = 0; k < n; k++) {
		struct span rest, word;

		if (!str_eq(columns[k].name, "kind"))
			continue;
		rest = span_of(columns[k].words);
		while (span_split(&rest, '|', &word))
			if (span_eq(word, kind))
				return true;
	}
	return false;
}

START_TEST(acceptable_kinds)
{
	struct point p = good(acceptable[_i].point);

	ck_assert_msg(is_kind(acceptable[_i].kind), "%s", acceptable[_i].kind);
	ck_assert_msg(point_judge(a, phrases, &p, NOW, MAX_AGE) == POINT_GOOD, "%s: %s", p.text,
		      point_why(point_judge(a, phrases, &p, NOW, MAX_AGE)));
}
END_TEST

/* rows: 415, 416, 417, 418, 419, 420, 421, 422, 437, 438 */
static const struct {
	const char *kind, *point, *type;
	enum point_fate fate;
} excluded[] = {
	{ "personal", "I saw that you run marathons; congratulations on your wedding.", "verified_fact", POINT_WORDS },
	{ "family", "Your daughter has started at a new school.", "public_observation", POINT_WORDS },
	{ "private_social", "I saw your holiday photos on Facebook.", "public_observation", POINT_WORDS },
	{ "sensitive", "I hope you have recovered from your illness.", "public_observation", POINT_WORDS },
	{ "revenue_estimate", "You make about four million a year.", "estimate", POINT_GUESS },
	{ "compliment", "I am deeply impressed by your amazing work.", "public_observation", POINT_WORDS },
	{ "familiarity", "As we discussed last week, it was great to catch up again.", "unverified_claim", POINT_GUESS },
	{ "accusation", "Your team is wasting hours each week.", "public_observation", POINT_WORDS },
};

START_TEST(excluded_kinds)
{
	struct point p = good(excluded[_i].point);
	enum point_fate fate;

	p.type = excluded[_i].type;
	fate = point_judge(a, phrases, &p, NOW, MAX_AGE);
	ck_assert_msg(!is_kind(excluded[_i].kind), "'%s' can be stored", excluded[_i].kind);
	ck_assert_msg(fate == excluded[_i].fate, "%s: %s", p.text, point_why(fate));
}
END_TEST

/* rows: 432, 433, 435, 436 */
START_TEST(each_quality)
{
	const char *text = "You opened a second office in Kiel.";
	char *longer = arena_alloc(a, 402);
	struct point p = good(text);

	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_GOOD);
	p.type = "public_observation";
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_GOOD);
	p.date = 0;	/* not dated: not old */
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_GOOD);
	for (size_t k = 0; k < 4; k++) {
		static const char *const guesses[] = { "ai_inference", "estimate", "derived_signal", "unverified_claim" };

		p = good(text);
		p.type = guesses[k];
		ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_GUESS);
	}
	p = good(text);
	p.safe = false;
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_UNSAFE);
	p = good(text);
	p.source = "  ";
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_UNSOURCED);
	p = good(text);
	p.waits = true;
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_UNREVIEWED);
	p = good(text);
	p.date = NOW - MAX_AGE - 1;
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_OLD);
	p.date = NOW + 3 * DAY;
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_UNDATED);
	p = good(text);
	p.used = true;
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_USED);
	memset(longer, 'a', 401);
	longer[401] = '\0';
	p = good(longer);
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, MAX_AGE), POINT_LONG);
}
END_TEST

START_TEST(the_best_one)
{
	struct point list[4] = { good("one"), good("two"), good("three"), good("four") };

	list[0].type = "public_observation";
	list[0].date = NOW - DAY;
	list[1].used = true;
	list[3].date = NOW - 5 * DAY;
	ck_assert_ptr_eq(point_choose(a, phrases, list, 4, NOW, MAX_AGE), &list[3]);
	ck_assert_ptr_eq(point_choose(a, phrases, list, 3, NOW, MAX_AGE), &list[2]);
	ck_assert_ptr_eq(point_choose(a, phrases, list, 2, NOW, MAX_AGE), &list[0]);
	ck_assert_ptr_null(point_choose(a, phrases, list, 0, NOW, MAX_AGE));
}
END_TEST

/* rows: 717 */
START_TEST(signals_grow_old)
{
	struct point p = { .id = "S1", .text = "You opened an office.", .source = "news", .date = NOW - 40 * DAY };

	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, 45 * DAY), POINT_GOOD);
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, 30 * DAY), POINT_OLD);
	p.expires = NOW - 1;
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, 45 * DAY), POINT_OVER);
	p.expires = 0;
	p.retracted = true;
	ck_assert_int_eq(point_judge(a, phrases, &p, NOW, 45 * DAY), POINT_OVER);
}
END_TEST

/* ---- folders ---- */

static const struct {
	const char *utf8, *utf7;
} names[] = {
	{ "Drafts", "Drafts" }, { "Entwürfe", "Entw&APw-rfe" }, { "下書き", "&Tgtm+DBN-" }, { "R&D", "R&-D" },
	{ "Πρόχειρα", "&A6ADwQPMA8cDtQO5A8EDsQ-" }, { "INBOX.Entwürfe/ä ö", "INBOX.Entw&APw-rfe/&AOQ- &APY-" },
	{ "📝 notes", "&2D3c3Q- notes" }, { "", "" },
};

START_TEST(utf7)
{
	const char *wire = utf7_encode(a, names[_i].utf8);

	ck_assert_str_eq(wire, names[_i].utf7);
	ck_assert_str_eq(utf7_decode(a, wire), names[_i].utf8);
	ck_assert_str_eq(utf7_encode(a, wire), wire);	/* already so: stays */
}
END_TEST

START_TEST(broken_utf7)
{
	static const char *const list[] = { "a&", "a&b", "&AP-", "&APw=-", "&2D0-", "&3N0-", "&AAA-", "\xff&-", "&ä-" };

	for (size_t k = 0; k < sizeof(list) / sizeof(*list); k++)
		ck_assert_msg(str_is_utf8(utf7_decode(a, list[k]), strlen(utf7_decode(a, list[k]))), "%zu", k);
	ck_assert_str_eq(utf7_decode(a, "a&b"), "a&b");
	ck_assert_str_eq(utf7_encode(a, "a&b"), "a&-b");
}
END_TEST

static const char *const known[] = { "Drafts", "Entwürfe", "下書き" };

struct tree {
	const char *what;
	struct folder list[5];
	size_t n;
	const char *want;	/* NULL: none */
	enum folder_how how;
	const char *fresh;	/* name of a new one */
};
#define F(title, cut) { .name = title, .delimiter = cut }
#define MARKED(title, cut) { .name = title, .delimiter = cut, .marked = true }
#define CLOSED(title, cut) { .name = title, .delimiter = cut, .closed = true }
static const struct tree trees[] = {
	{ "marked", { F("INBOX", '/'), F("Drafts", '/'), MARKED("Mist", '/') }, 3, "Mist", FOLDER_MARKED, "Drafts" },
	{ "Gmail", { F("INBOX", '/'), CLOSED("[Gmail]", '/'), MARKED("[Gmail]/Entw&APw-rfe", '/') }, 3,
	  "[Gmail]/Entw&APw-rfe", FOLDER_MARKED, "Drafts" },
	{ "by name", { F("INBOX", '/'), F("entw&APw-RFE", '/') }, 2, "entw&APw-RFE", FOLDER_NAMED, "Drafts" },
	{ "the better known first", { F("INBOX", '.'), F("&Tgtm+DBN-", '.'), F("drafts", '.') }, 3, "drafts", FOLDER_NAMED,
	  "Drafts" },
	{ "below INBOX", { F("INBOX", '.'), F("INBOX.Drafts", '.'), F("INBOX.Sent", '.') }, 3, "INBOX.Drafts",
	  FOLDER_NAMED, "INBOX.Drafts" },
	{ "a project of that name is none", { F("INBOX", '/'), F("Projects/Drafts", '/') }, 2, NULL, FOLDER_NAMED, "Drafts" },
	{ "somebody else's is none", { F("INBOX", '/'), MARKED("user/otto/Drafts", '/'), MARKED("Shared/Drafts", '/') }, 3,
	  NULL, FOLDER_NAMED, "Drafts" },
	{ "one that holds no mail is none", { F("INBOX", '/'), CLOSED("Drafts", '/') }, 2, NULL, FOLDER_NAMED,
	  "Drafts" },
	{ "all below INBOX, none for drafts", { F("INBOX", '.'), F("INBOX.Sent", '.') }, 2, NULL, FOLDER_NAMED,
	  "INBOX.Drafts" },
	{ "nothing but INBOX", { F("INBOX", 0) }, 1, NULL, FOLDER_NAMED, "Drafts" },
};

START_TEST(which_folder)
{
	const struct tree *t = &trees[_i];
	enum folder_how how;
	const struct folder *f = folder_choose(a, t->list, t->n, known, 3, &how);

	ck_assert_msg(str_eq(f ? f->name : NULL, t->want) || (!f && !t->want), "%s: %s", t->what, f ? f->name : "none");
	if (f)
		ck_assert_msg(how == t->how, "%s: %s", t->what, folder_how_words(how));
	ck_assert_msg(str_eq(folder_new_name(a, t->list, t->n), t->fresh), "%s: %s", t->what,
		      folder_new_name(a, t->list, t->n));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("imapwatch-points");
	TCase *t = test_case(s, "points");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, acceptable_kinds, 0, sizeof(acceptable) / sizeof(*acceptable));
	tcase_add_loop_test(t, excluded_kinds, 0, sizeof(excluded) / sizeof(*excluded));
	tcase_add_test(t, each_quality);
	tcase_add_test(t, the_best_one);
	tcase_add_test(t, signals_grow_old);
	tcase_add_loop_test(t, utf7, 0, sizeof(names) / sizeof(*names));
	tcase_add_test(t, broken_utf7);
	tcase_add_loop_test(t, which_folder, 0, sizeof(trees) / sizeof(*trees));
	return test_run(s);
}
