/* SPDX-License-Identifier: MPL-2.0
 *
 * Random events over many seeds: what must hold whatever happens in whatever order.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "tests/lib/plans.h"
#include "tests/lib/testing.h"

enum { EVENTS = 400, SEEDS_A_TEST = 100, TESTS_N = 20 };

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static struct event random_event(uint64_t *seed, time_t now, int step)
{
	static const char *const reasons[] = { NULL, NULL, "researching", "drafting", "offer_retired",
		"unsubscribe", "not_now" };
	struct event ev = { .kind = (enum seq_event)(random_next(seed) % EV_COUNT) };
	uint64_t r = random_next(seed);

	/* the ordinary course often, so that long stories come up */
	if (r % 3 == 0)
		ev.kind = (r >> 8) % 3 == 0 ? EV_TOUCH : (r >> 8) % 3 == 1 ? EV_QUEUED : EV_DUE;
	ev.target = (enum seq_state)((r >> 16) % SEQ_STATE_COUNT);
	ev.reason = reasons[(r >> 24) % 7];
	ev.clears_hold = ev.kind > EV_HOLD_EXPIRED && ev.kind <= EV_COLLEAGUE && (r >> 32) % 4;
	if ((r >> 36) % 3 == 0)
		ev.date = when_civil(now + (time_t)((r >> 40) % 90) * 86400 - 10 * 86400, "UTC").date;
	if ((r >> 48) % 8 == 0)
		ev.step = step + (int)((r >> 52) % 4) - 1;
	if (ev.step < 0)
		ev.step = 0;
	return ev;
}

static bool acts(const struct actions *out, enum seq_action kind)
{
	for (size_t i = 0; i < out->n; i++)
		if (out->list[i].kind == kind)
			return true;
	return false;
}

#define holds_true(x) ck_assert_msg(x, "seed %llu, '%s' in '%s' (now '%s'): " #x, (unsigned long long)first, \
				    seq_event_name(ev.kind), seq_state_name(before.state), \
				    seq_state_name(e.state))

static void check_step(const struct plan *p, struct enrolment before, struct enrolment e,
		       struct event ev, time_t now, const struct actions *out, enum status st,
		       uint64_t first)
{
	bool live = seq_state_group(e.state) == SEQ_LIVE;

	holds_true(st == OK || st == INPUT);
	if (st == INPUT) {
		holds_true(memcmp(&before, &e, sizeof(e)) == 0);
		holds_true(out->n == 0);
		holds_true(test_err.text[0]);
		return;
	}
	holds_true(e.holds >= 0);
	holds_true(e.step >= 0 && e.step <= (int)p->steps_n && e.step <= before.step + 1);
	holds_true(e.touches >= 0);
	holds_true(ev.kind != EV_TOUCH || before.touches < p->max_touches);
	holds_true(ev.kind != EV_TOUCH || e.step == before.step + 1);
	holds_true(live || e.due == 0 || str_eq(e.reason, "no_verdict"));
	holds_true(e.due == 0 || e.due == before.due || e.due >= now);
	/* nobody suppressed or closed comes to life but through a person */
	if (before.state == SEQ_SUPPRESSED)
		holds_true(e.state == SEQ_SUPPRESSED
			   || (ev.kind == EV_DECISION && (e.state == SEQ_HUMAN_REVIEW || e.state == SEQ_CLOSED)));
	if (before.state == SEQ_CLOSED)
		holds_true(!live);
	/* an answer halts: what waits to go out is taken back, nothing new is asked for */
	if (ev.kind >= EV_INTERESTED && ev.kind <= EV_REFERRAL && before.state != SEQ_PARKED
	    && seq_state_group(before.state) == SEQ_LIVE) {
		holds_true(!acts(out, ACT_DRAFT) && !acts(out, ACT_SEND));
		holds_true(!before.draft_out || acts(out, ACT_DRAFT_REMOVE));
	}
	if (!live)
		holds_true(!e.draft_out && !acts(out, ACT_DRAFT) && !acts(out, ACT_SEND));
	if (before.holds && ev.kind == EV_DUE)
		holds_true(e.state == before.state && out->n == 0);
	if (ev.kind == EV_HOLD)
		holds_true(e.state == before.state && e.due == before.due && out->n == 0);
	holds_true((e.pause_reason != NULL) == (e.state == SEQ_PARKED) || str_eq(e.reason, "no_verdict"));
	holds_true(e.state != SEQ_PARKED || e.due > 0);
	holds_true(e.away_count <= 4 && e.soft_bounces < 3 && e.send_failures < 3);
	/* nothing waits for a clock that will not ring */
	if (e.state == SEQ_NOT_STARTED || e.state == SEQ_SENT || e.state == SEQ_WAITING)
		holds_true(e.due > 0);
}

/* rows: 903-918, 927 */
START_TEST(invariants)
{
	struct arena *a = arena_new(0);
	struct plan *plans[2] = { test_plan(a, "seven-touch"), test_plan(a, "four-message") };
	static const char *const zones[] = { "Europe/Berlin", "America/New_York", "Pacific/Auckland",
		"Australia/Lord_Howe", "UTC" };

	plans[1]->authority = AUTHORITY_HUMAN_APPROVED;
	for (int n = 0; n < SEEDS_A_TEST; n++) {
		uint64_t first = (uint64_t)(_i * SEEDS_A_TEST + n + 1), seed = first * 0x9e3779b97f4a7c15u;
		struct plan *p = plans[first % 2];
		struct enrolment e = { .state = SEQ_NOT_STARTED, .zone = zones[first % 5] };
		time_t now = 1740000000 + (time_t)(random_next(&seed) % (86400 * 300));
		struct event ev = { .kind = EV_ENROLLED };
		struct actions out;

		ck_ok(seq_step(p, &e, &ev, now, &out, &test_err));
		for (int i = 0; i < EVENTS; i++) {
			struct enrolment before = e;
			enum status st;

			now += (time_t)(random_next(&seed) % (2 * 86400));
			if (e.due > now && random_next(&seed) % 3 == 0)
				now = e.due;
			ev = random_event(&seed, now, e.step);
			test_err.text[0] = '\0';
			st = seq_step(p, &e, &ev, now, &out, &test_err);
			check_step(p, before, e, ev, now, &out, st, first);
		}
	}
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sequence random");
	TCase *t = test_case(s, "invariants");

	tcase_add_loop_test(t, invariants, 0, TESTS_N);
	return test_run(s);
}
