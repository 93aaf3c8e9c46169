/* SPDX-License-Identifier: MPL-2.0
 *
 * What has become of a draft: one row a situation that real clients make.
 *
 * rows: 33
 */
#include "config.h"

#include "imapwatch/drafts.h"
#include "tests/lib/testing.h"

enum { NOW = 100000, WAIT = 1800 };

#define OURS "Hello Paul,\n\none line.\n"
static const char *const thread[] = { "t1@ourco.example" };
static const char *const paul[] = { "paul@x.example" }, *const eve[] = { "eve@x.example" };

struct situation {
	const char *what;
	const char *state;
	uint32_t uid, validity;		/* of the store's row */
	time_t gone_since;
	struct seen_draft seen[3];
	size_t n;
	enum draft_fate want;
	uint32_t where;
};

#define MINE(u) { .uid = (u), .message_id = "d@ourco.example", .stamp = "v=1; t=D; k=1; h=x", \
		  .to = paul, .to_n = 1, .subject = "Re: Hello", .text = OURS, .draft = true }
#define AUTOSAVED(u) { .uid = (u), .message_id = "client@ourco.example", .to = paul, .to_n = 1, \
		       .subject = "Re: Hello", .text = "Hello Paul, changed.\n", .refs = thread, .refs_n = 1, \
		       .draft = true }

static const struct situation rows[] = {
	{ "it lies there", "placed", 5, 7, 0, { MINE(5) }, 1, FATE_SAME, 5 },
	{ "a client folds its lines anew", "placed", 5, 7, 0,
	  { { .uid = 5, .message_id = "d@ourco.example", .to = paul, .to_n = 1, .subject = "Re: Hello",
	      .text = "Hello Paul,\r\n\r\none  line.\r\n" } },
	  1, FATE_SAME, 5 },
	{ "the folder was made anew, it lies there under another UID", "placed", 5, 7, 0, { MINE(2) }, 1,
	  FATE_PLACED, 2 },
	{ "saved as a new mail, ours deleted", "placed", 5, 7, 0, { AUTOSAVED(6) }, 1, FATE_EDITED, 6 },
	{ "saved as a new mail, ours only flagged", "placed", 5, 7, 0,
	  { { .uid = 5, .message_id = "d@ourco.example", .deleted = true, .to = paul, .to_n = 1, .text = OURS },
	    AUTOSAVED(6) }, 2, FATE_EDITED, 6 },
	{ "saved again and again: the newest", "edited", 6, 7, 0, { AUTOSAVED(8), AUTOSAVED(9) }, 2, FATE_EDITED, 9 },
	{ "nothing new since", "edited", 6, 7, 0, { AUTOSAVED(6) }, 1, FATE_SAME, 6 },
	{ "a client that keeps our Message-ID", "placed", 5, 7, 0,
	  { { .uid = 9, .message_id = "d@ourco.example", .to = paul, .to_n = 1, .text = "changed\n" } }, 1,
	  FATE_EDITED, 9 },
	{ "only the subject is left of ours", "placed", 5, 7, 0,
	  { { .uid = 9, .message_id = "n@c", .to = paul, .to_n = 1, .subject = "RE: Hello", .text = "x\n" } }, 1,
	  FATE_EDITED, 9 },
	{ "the same subject to somebody else", "placed", 5, 7, 0,
	  { { .uid = 9, .message_id = "n@c", .to = eve, .to_n = 1, .subject = "Re: Hello", .text = "x\n" } }, 1,
	  FATE_GONE, 0 },
	{ "another mail to the same person", "placed", 5, 7, 0,
	  { { .uid = 9, .message_id = "n@c", .to = paul, .to_n = 1, .subject = "Lunch", .text = "x\n" } }, 1,
	  FATE_GONE, 0 },
	{ "gone", "placed", 5, 7, 0, { { 0 } }, 0, FATE_GONE, 0 },
	{ "flagged as deleted is gone", "placed", 5, 7, 0,
	  { { .uid = 5, .message_id = "d@ourco.example", .deleted = true, .to = paul, .to_n = 1, .text = OURS } }, 1,
	  FATE_GONE, 0 },
	{ "gone, not long enough", "gone", 5, 7, NOW - WAIT + 1, { { 0 } }, 0, FATE_SAME, 0 },
	{ "gone for good", "gone", 5, 7, NOW - WAIT, { { 0 } }, 0, FATE_DELETED, 0 },
	{ "back again", "gone", 5, 7, NOW - 5, { AUTOSAVED(8) }, 1, FATE_EDITED, 8 },
	{ "back again at the last moment", "gone", 5, 7, NOW - 2 * WAIT, { AUTOSAVED(8) }, 1, FATE_EDITED, 8 },
	{ "asked for, not there yet", "wanted", 0, 0, 0, { { 0 } }, 0, FATE_SAME, 0 },
	{ "placed by a run that died", "wanted", 0, 0, 0, { MINE(3) }, 1, FATE_PLACED, 3 },
	{ "placed by a run that died, and edited", "wanted", 0, 0, 0, { AUTOSAVED(4) }, 1, FATE_EDITED, 4 },
	{ "a stranger's mail has our old UID after a new UIDVALIDITY", "placed", 5, 6, 0,
	  { { .uid = 5, .message_id = "n@c", .to = eve, .to_n = 1, .subject = "Lunch", .text = "x\n" } }, 1,
	  FATE_GONE, 0 },
};

START_TEST(fates)
{
	const struct situation *r = &rows[_i];
	struct arena *a = arena_new(0);
	struct draft d = { .id = "D", .state = r->state, .uid = r->uid, .uidvalidity = r->validity,
			   .message_id = "d@ourco.example", .to = "paul@x.example", .subject = "Re: Hello",
			   .text = OURS, .references = "<t1@ourco.example>", .gone_since = r->gone_since };
	struct draft_verdict v = drafts_judge(a, &d, 7, r->seen, r->n, NOW, WAIT);

	ck_assert_msg(v.fate == r->want, "%s: %d instead of %d", r->what, v.fate, r->want);
	ck_assert_msg((v.where ? v.where->uid : 0) == r->where, "%s: uid %u", r->what, v.where ? v.where->uid : 0);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("imapwatch-drafts");
	TCase *t = test_case(s, "drafts");

	tcase_add_loop_test(t, fates, 0, (int)(sizeof(rows) / sizeof(*rows)));
	return test_run(s);
}
