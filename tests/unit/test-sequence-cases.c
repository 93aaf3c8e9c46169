/* SPDX-License-Identifier: MPL-2.0
 *
 * Plays the stories of tests/cases/sequence/ *.case. A line is a command:
 *   sequence NAME, zone ZONE, holiday DATE   before the first `at`
 *   at DATE TIME      the clock moves there, and everything that falls due on the way happens
 *   touch [N], drafted, approved, queued, taken_back [N], skipped, lapsed, done [N], send_failed,
 *   manual, conversation, research WHAT, hold, expired
 *   reply CLASS [on DATE | back DATE]        hold and verdict; `back`: the stated day of return
 *   do EVENT [REASON] [until DATE]           any other event
 *   decide STATE [until DATE] [REASON]
 *   refused COMMAND                          ... which must be refused
 *   expect STATE [REASON], expect due DATE TIME | none, expect step|touches|holds N,
 *   expect action NAME [DETAIL], expect no action NAME    since the last command but `expect`
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "tests/lib/plans.h"
#include "tests/lib/testing.h"

enum { WORDS = 8, CASES = 200, SEEN = 64 };

struct story {
	struct arena *a;
	const char *file;
	int line;
	struct plan *plan;
	struct enrolment e;
	const char *zone;
	time_t now;
	struct action seen[SEEN];
	size_t seen_n;
	char *word[WORDS];
	size_t words;
	bool begun;
};

#define story_fails(s, ...) do { char *m_ = arena_printf((s)->a, __VA_ARGS__); \
	ck_abort_msg("%s:%d: %s", (s)->file, (s)->line, m_); } while (0)

static const char *word(const struct story *s, size_t i)
{
	return i < s->words ? s->word[i] : "";
}

static enum status step(struct story *s, const struct event *ev)
{
	struct actions out;
	enum status st = seq_step(s->plan, &s->e, ev, s->now, &out, &test_err);

	for (size_t i = 0; i < out.n && s->seen_n < SEEN; i++)
		s->seen[s->seen_n++] = out.list[i];
	return st;
}

static struct date date_word(struct story *s, size_t i)
{
	struct date d;

	if (!date_parse(word(s, i), &d))
		story_fails(s, "no date: '%s'", word(s, i));
	return d;
}

/* The due scan. */
static void pass_time(struct story *s, time_t until)
{
	for (int guard = 0; s->e.due && s->e.due <= until && !s->e.holds
	     && seq_state_group(s->e.state) == SEQ_LIVE; guard++) {
		if (guard == 50)
			story_fails(s, "falls due without end");
		if (s->e.due > s->now)
			s->now = s->e.due;
		if (step(s, &(struct event){ .kind = EV_DUE }) != OK)
			story_fails(s, "due: %s", test_err.text);
	}
	s->now = until;
}

static void begin(struct story *s)
{
	if (!s->plan)
		s->plan = test_plan(s->a, "seven-touch");
	s->begun = true;
	s->e = (struct enrolment){ .state = SEQ_NOT_STARTED, .zone = s->zone };
	if (step(s, &(struct event){ .kind = EV_ENROLLED }) != OK)
		story_fails(s, "%s", test_err.text);
}

static void move_clock(struct story *s)
{
	time_t t;

	if (!when_parse(arena_printf(s->a, "%s %s", word(s, 1), word(s, 2)), s->zone, &t))
		story_fails(s, "no time: '%s %s'", word(s, 1), word(s, 2));
	if (t < s->now)
		story_fails(s, "the clock goes backward");
	if (s->begun) {
		pass_time(s, t);
	} else {
		s->now = t;
		begin(s);
	}
}

static enum status reply(struct story *s)
{
	struct event ev = { .words = "their words", .clears_hold = true };

	if (!seq_event_from_name(word(s, 1), &ev.kind))
		story_fails(s, "no class '%s'", word(s, 1));
	if (str_eq(word(s, 2), "on"))
		ev.date = date_word(s, 3);
	else if (str_eq(word(s, 2), "back"))
		ev.date = seq_after_return(s->plan, date_word(s, 3));
	else if (str_eq(word(s, 2), "successor"))
		ev.successor = true;
	if (!str_eq(s->word[0], "verdict")) {
		if (step(s, &(struct event){ .kind = EV_HOLD }) != OK)
			story_fails(s, "hold: %s", test_err.text);
	}
	return step(s, &ev);
}

static enum status any_event(struct story *s, enum seq_event kind, size_t from)
{
	struct event ev = { .kind = kind, .words = "their words" };

	for (size_t i = from; i < s->words; i++)
		if (str_eq(word(s, i), "until"))
			ev.date = date_word(s, ++i);
		else if (word(s, i)[0] >= '0' && word(s, i)[0] <= '9')
			ev.step = atoi(word(s, i));
		else
			ev.reason = word(s, i);
	if (kind == EV_DECISION && !seq_state_from_name(word(s, 1), &ev.target))
		story_fails(s, "no state '%s'", word(s, 1));
	if (kind == EV_DECISION && str_eq(ev.reason, word(s, 1)))
		ev.reason = NULL;
	return step(s, &ev);
}

static enum status command(struct story *s)
{
	static const struct { const char *word; enum seq_event kind; } plain[] = {
		{ "touch", EV_TOUCH }, { "drafted", EV_DRAFT_PREPARED }, { "approved", EV_APPROVED },
		{ "queued", EV_QUEUED }, { "taken_back", EV_TAKEN_BACK }, { "skipped", EV_SKIPPED },
		{ "lapsed", EV_LAPSED }, { "done", EV_TASK_DONE }, { "send_failed", EV_SEND_FAILED },
		{ "manual", EV_TOUCH_MANUAL }, { "conversation", EV_CONVERSATION },
		{ "research", EV_RESEARCHED }, { "hold", EV_HOLD }, { "expired", EV_HOLD_EXPIRED },
		{ "decide", EV_DECISION }, { "due", EV_DUE },
	};
	enum seq_event kind;

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (str_eq(s->word[0], plain[i].word))
			return any_event(s, plain[i].kind, plain[i].kind == EV_DECISION ? 2 : 1);
	if (str_eq(s->word[0], "reply") || str_eq(s->word[0], "verdict"))
		return reply(s);
	if (!str_eq(s->word[0], "do") || !seq_event_from_name(word(s, 1), &kind))
		story_fails(s, "no command '%s %s'", s->word[0], word(s, 1));
	return any_event(s, kind, 2);
}

static bool saw(const struct story *s, const char *name, const char *detail)
{
	for (size_t i = 0; i < s->seen_n; i++)
		if (str_eq(seq_action_name(s->seen[i].kind), name)
		    && (!*detail || str_eq(s->seen[i].detail, detail)))
			return true;
	return false;
}

static void expect_number(struct story *s, long is)
{
	if (is != atol(word(s, 2)))
		story_fails(s, "%s is %ld instead of %s", word(s, 1), is, word(s, 2));
}

static void expect_state(struct story *s)
{
	const char *reason = s->e.state == SEQ_PARKED ? s->e.pause_reason : s->e.reason;
	char due[WHEN_TEXT];

	if (!str_eq(seq_state_name(s->e.state), word(s, 1)))
		story_fails(s, "state is '%s' (%s, due %s) instead of '%s'", seq_state_name(s->e.state),
		     reason ? reason : "-", s->e.due ? when_local_text(s->e.due, s->zone, due) : "none",
		     word(s, 1));
	if (s->words > 2 && !str_eq(reason, word(s, 2)))
		story_fails(s, "reason is '%s' instead of '%s'", reason ? reason : "-", word(s, 2));
}

static void expect(struct story *s)
{
	char text[WHEN_TEXT];
	const char *what = word(s, 1);

	if (str_eq(what, "due")) {
		const char *is = s->e.due ? when_local_text(s->e.due, s->zone, text) : "none";
		const char *want = s->words > 3 ? arena_printf(s->a, "%s %s", word(s, 2), word(s, 3))
						: word(s, 2);

		if (!str_eq(is, want))
			story_fails(s, "due is %s instead of %s", is, want);
	} else if (str_eq(what, "step")) {
		expect_number(s, s->e.step);
	} else if (str_eq(what, "touches")) {
		expect_number(s, s->e.touches);
	} else if (str_eq(what, "holds")) {
		expect_number(s, s->e.holds);
	} else if (str_eq(what, "may_touch")) {
		if (seq_may_touch(&s->e) != str_eq(word(s, 2), "yes"))
			story_fails(s, "may_touch is not %s", word(s, 2));
	} else if (str_eq(what, "action")) {
		if (!saw(s, word(s, 2), word(s, 3)))
			story_fails(s, "no action '%s %s'", word(s, 2), word(s, 3));
	} else if (str_eq(what, "no")) {
		if (saw(s, word(s, 3), word(s, 4)))
			story_fails(s, "an action '%s'", word(s, 3));
	} else {
		expect_state(s);
	}
}

static void play_line(struct story *s)
{
	bool refused = str_eq(s->word[0], "refused");
	enum status st;

	if (str_eq(s->word[0], "sequence")) {
		s->plan = test_plan(s->a, word(s, 1));
	} else if (str_eq(s->word[0], "authority")) {
		s->plan->authority = AUTHORITY_HUMAN_APPROVED;
	} else if (str_eq(s->word[0], "zone")) {
		s->zone = s->word[1];
	} else if (str_eq(s->word[0], "holiday")) {
		struct date *list = arena_new_of(s->a, struct date);

		if (!s->plan)
			s->plan = test_plan(s->a, "seven-touch");
		*list = date_word(s, 1);
		s->plan->window.holidays = list;
		s->plan->window.holidays_n = 1;
	} else if (str_eq(s->word[0], "expect")) {
		expect(s);
	} else if (str_eq(s->word[0], "at")) {
		s->seen_n = 0;
		move_clock(s);
	} else {
		s->seen_n = 0;
		if (refused)
			memmove(s->word, s->word + 1, --s->words * sizeof(*s->word));
		st = command(s);
		if (!refused && st != OK)
			story_fails(s, "%s", test_err.text);
		if (refused && st != INPUT)
			story_fails(s, "was not refused");
	}
}

static char *cases[CASES];
static int cases_n;

START_TEST(story)
{
	struct arena *a = arena_new(0);
	struct story s = { .a = a, .file = cases[_i], .zone = "Europe/Berlin" };
	size_t n;
	struct span rest = span_of(test_read(a, test_source(arena_printf(a, "tests/cases/sequence/%s",
									 cases[_i])), &n)), line;

	while (span_line(&rest, &line)) {
		struct span piece;
		char *hash;

		s.line++;
		line = span_of(span_dup(a, line));
		hash = strchr(line.p, '#');
		if (hash)
			line.n = (size_t)(hash - line.p);
		line = span_trim(line);
		s.words = 0;
		while (line.n && span_split(&line, ' ', &piece))
			if (piece.n && s.words < WORDS)
				s.word[s.words++] = span_dup(a, piece);
		if (s.words)
			play_line(&s);
	}
	ck_assert_msg(s.begun, "%s: it tells no story", cases[_i]);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sequence cases");
	TCase *t = test_case(s, "stories");
	static struct dirent **list;	/* for ever: the cases are named by it */
	int n = scandir(test_source("tests/cases/sequence"), &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		size_t len = strlen(list[i]->d_name);

		if (len > 5 && str_eq(list[i]->d_name + len - 5, ".case") && cases_n < CASES)
			cases[cases_n++] = list[i]->d_name;
	}
	if (cases_n < 10) {
		printf("Bail out! no cases in tests/cases/sequence\n");
		return 1;
	}
	tcase_add_loop_test(t, story, 0, cases_n);
	return test_run(s);
}
