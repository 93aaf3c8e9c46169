/* SPDX-License-Identifier: MPL-2.0
 *
 * Frames and fields: what goes in comes out, and nothing that a broken worker could send gets past.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/calendar.h"
#include "imapwatch/proto.h"
#include "tests/lib/testing.h"

static struct arena *a;

static void setup(void)
{
	a = arena_new(0);
}

static void teardown(void)
{
	arena_free(a);
}

static struct buf facts_frame(void)
{
	static const char *const refs[] = { "a@x", "b@x" }, *const reported[] = { "p@x.example" };
	static const struct control_address controls[] = { { "unsubscribe", "abc" }, { "stop", NULL } };
	struct facts f = {
		.uid = 7, .received = 1772438400, .key = "m@x", .message_id = "m@x", .from = "p@x.example",
		.envelope_from = "", .subject = "Grüße", .subject_key = "grüße", .text = "ja\n",
		.refs = refs, .refs_n = 2, .automatic = true, .report = true, .original_to = "q@x.example",
		.reported = reported, .reported_n = 1, .controls = controls, .controls_n = 2,
	};
	struct buf b;

	buf_init(&b, a);
	frame_begin(&b, FRAME_FACTS, 42);
	struct lead *l = arena_new_of(a, struct lead);

	l->shape = LEAD_SHAPE_TABLE;
	l->address = "ann@colby.example";
	l->values[LEAD_NAME] = "Jörg";
	l->values[LEAD_MESSAGE] = "two\nlines";
	l->extra[l->extra_n++] = (struct lead_extra){ "Fleet", "40" };
	l->consent = LEAD_CONSENT_NO;
	l->request = "an audit";
	l->problem = "none";
	l->urgent = l->robot = true;
	f.lead = l;
	pack_facts(&b, &f);
	ck_assert(frame_end(&b));
	return b;
}

START_TEST(facts_round_trip)
{
	struct buf b = facts_frame();
	struct frame f;
	struct facts out;

	ck_assert_int_eq(frame_parse(b.p, b.n, &f), (long)b.n);
	ck_assert_int_eq(f.type, FRAME_FACTS);
	ck_assert_uint_eq(f.number, 42);
	struct unpack u = unpack_frame(&f, a);

	unpack_facts(&u, &out);
	ck_assert(unpack_end(&u));
	ck_assert_uint_eq(out.uid, 7);
	ck_assert_int_eq(out.received, 1772438400);
	ck_assert_str_eq(out.subject, "Grüße");
	ck_assert_str_eq(out.envelope_from, "");
	ck_assert_ptr_null(out.from_name);
	ck_assert_uint_eq(out.refs_n, 2);
	ck_assert_str_eq(out.refs[1], "b@x");
	ck_assert(out.automatic && out.report && !out.aside);
	ck_assert_str_eq(out.reported[0], "p@x.example");
	ck_assert_str_eq(out.controls[0].arg, "abc");
	ck_assert_ptr_null(out.controls[1].arg);
	ck_assert_ptr_nonnull(out.lead);
	ck_assert_int_eq(out.lead->shape, LEAD_SHAPE_TABLE);
	ck_assert_str_eq(out.lead->address, "ann@colby.example");
	ck_assert_str_eq(out.lead->values[LEAD_NAME], "Jörg");
	ck_assert_str_eq(out.lead->values[LEAD_MESSAGE], "two\nlines");
	ck_assert_ptr_null(out.lead->values[LEAD_PHONE]);
	ck_assert_str_eq(out.lead->extra[0].value, "40");
	ck_assert_int_eq(out.lead->consent, LEAD_CONSENT_NO);
	ck_assert(out.lead->urgent && out.lead->robot);
}
END_TEST

/* What a worker that was taken over might say of a lead. */
START_TEST(bad_leads)
{
	static const struct lead bad[] = {
		{ .values = { [LEAD_NAME] = "Ann\nBcc: x@y.example" } }, { .request = "a\x01b" },
		{ .problem = "a\rb" }, { .extra = { { "a\nb", "c" } }, .extra_n = 1 }, { .extra_n = 1 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct buf b;
		struct frame f;
		struct lead *l;

		buf_init(&b, a);
		frame_begin(&b, FRAME_FACTS, 1);
		pack_lead(&b, &bad[i]);
		ck_assert(frame_end(&b));
		ck_assert_int_eq(frame_parse(b.p, b.n, &f), (long)b.n);
		struct unpack u = unpack_frame(&f, a);

		unpack_lead(&u, &l);
		ck_assert_msg(!unpack_end(&u), "lead %zu was taken", i);
	}
	for (size_t i = 0; i < 2; i++) {
		struct buf b = facts_frame();
		struct frame f;
		struct facts out;
		char *at = memmem(b.p, b.n, "ann@colby.example", 17);

		memcpy(at, i ? "ann#" : "Ann@", 4);
		ck_assert_int_eq(frame_parse(b.p, b.n, &f), (long)b.n);
		struct unpack u = unpack_frame(&f, a);

		unpack_facts(&u, &out);
		ck_assert(!unpack_end(&u));
	}
}
END_TEST

/* Mails whose header lines are in no charset, or whose sender has an endless address: they lose that, and their batch
 * arrives. */
START_TEST(odd_mails_arrive)
{
	const char *refs[] = { "\xfe" "b@x", "ok@x" };
	struct lead *l = arena_new_of(a, struct lead);
	struct facts f = { .uid = 7, .key = "\xff" "a@x", .message_id = "\xff" "a@x", .from = "\xfc@x.example", .subject = "Gr\xfc\xdf" "e",
			   .subject_key = "\xe9", .text = "\x80", .refs = refs, .refs_n = 2, .calendar_uid = "\xff",
			   .lead = l }, out;
	static const char *const none[] = { "not an address", "Ann@Colby.example", "\xff@x.example" };
	char *endless = arena_alloc(a, 900);

	memset(endless, 'a', 899);
	memcpy(endless + 880, "@x.example", 11);
	for (size_t i = 0; i < 4; i++) {
		struct buf b;
		struct frame fr;

		*l = (struct lead){ .shape = LEAD_SHAPE_LINES, .address = i < 3 ? none[i] : endless };
		l->values[LEAD_NAME] = "J\xf6rg";
		buf_init(&b, a);
		frame_begin(&b, FRAME_FACTS, 1);
		pack_facts(&b, &f);
		ck_assert(frame_end(&b));
		ck_assert_int_eq(frame_parse(b.p, b.n, &fr), (long)b.n);
		struct unpack u = unpack_frame(&fr, a);

		unpack_facts(&u, &out);
		ck_assert(unpack_end(&u));
		ck_assert_uint_eq(out.refs_n, 2);
		ck_assert_str_eq(out.refs[1], "ok@x");
		ck_assert(!str_empty(out.key));
		ck_assert_ptr_null(out.lead->address);
		ck_assert_ptr_nonnull(out.lead->problem);
	}
}
END_TEST

START_TEST(finding_round_trip)
{
	const char *referred[] = { "new@x.example" };
	struct report_recipient r = { .address = "p@x.example", .fate = KIND_BOUNCE, .hardness = HARDNESS_HARD,
				      .status = "5.1.1", .reason = REASON_USER_UNKNOWN, .about_address = true };
	struct evidence_item ev = { "rule", "words", "where" };
	struct finding in = {
		.kind = KIND_BOUNCE, .class = REPLY_BOUNCE, .confidence = 0.75, .stop = true, .suppress = true,
		.date = { 2027, 3, 1 }, .date_words = "in March", .referred = referred, .referred_n = 1,
		.recipients = &r, .recipients_n = 1, .original_message_id = "o@x", .calendar_start = -5,
		.visible = "text", .language = "en", .evidence = &ev, .evidence_n = 1,
	}, out;
	struct frame f;
	struct buf b;

	buf_init(&b, a);
	frame_begin(&b, FRAME_FINDINGS, 1);
	pack_finding(&b, &in);
	ck_assert(frame_end(&b));
	ck_assert_int_gt(frame_parse(b.p, b.n, &f), 0);
	struct unpack u = unpack_frame(&f, a);

	unpack_finding(&u, &out);
	ck_assert(unpack_end(&u));
	ck_assert_int_eq(out.kind, KIND_BOUNCE);
	ck_assert(out.confidence == 0.75);
	ck_assert_int_eq(date_cmp(out.date, in.date), 0);
	ck_assert_str_eq(out.recipients[0].status, "5.1.1");
	ck_assert_int_eq(out.recipients[0].hardness, HARDNESS_HARD);
	ck_assert_str_eq(out.referred[0], "new@x.example");
	ck_assert_int_eq(out.calendar_start, -5);
	ck_assert_str_eq(out.evidence[0].where, "where");
}
END_TEST

START_TEST(calendar_round_trip)
{
	struct calendar_attendee who[] = { { "ann@x.example", "ACCEPTED", NULL, "bob@x.example" } };
	struct calendar_item cal = { .method = "REPLY", .rule = "calendly", .uid = "u1", .recurrence = "20270311T090000Z",
				     .sequence = 3, .stamp = 1803888000, .start = 1804150800, .end = 1804152600,
				     .zone = "Europe/Berlin", .all_day = true, .repeats = true, .status = "CONFIRMED",
				     .summary = "s", .place = "p", .comment = "c", .organizer = "rita@x.example",
				     .attendees = who, .attendees_n = 1 };
	struct finding in = { .kind = KIND_CALENDAR, .calendar = &cal, .visible = "", .language = "-" }, out;
	struct frame f;
	struct buf b;

	buf_init(&b, a);
	frame_begin(&b, FRAME_FINDINGS, 1);
	pack_finding(&b, &in);
	ck_assert(frame_end(&b));
	ck_assert_int_gt(frame_parse(b.p, b.n, &f), 0);
	struct unpack u = unpack_frame(&f, a);

	unpack_finding(&u, &out);
	ck_assert(unpack_end(&u));
	ck_assert_str_eq(out.calendar->method, "REPLY");
	ck_assert_str_eq(out.calendar->rule, "calendly");
	ck_assert_str_eq(out.calendar->uid, "u1");
	ck_assert_str_eq(out.calendar->recurrence, "20270311T090000Z");
	ck_assert_int_eq(out.calendar->sequence, 3);
	ck_assert_int_eq(out.calendar->start, cal.start);
	ck_assert_int_eq(out.calendar->end, cal.end);
	ck_assert_str_eq(out.calendar->zone, "Europe/Berlin");
	ck_assert(out.calendar->all_day && out.calendar->repeats && !out.calendar->floating);
	ck_assert_str_eq(out.calendar->organizer, "rita@x.example");
	ck_assert_str_eq(out.calendar->attendees[0].delegated_from, "bob@x.example");
	ck_assert_ptr_null(out.calendar->attendees[0].delegated_to);
	/* a worker that lies about the time is not believed */
	cal.start = -7;
	buf_init(&b, a);
	frame_begin(&b, FRAME_FINDINGS, 1);
	pack_finding(&b, &in);
	ck_assert(frame_end(&b));
	ck_assert_int_gt(frame_parse(b.p, b.n, &f), 0);
	u = unpack_frame(&f, a);
	unpack_finding(&u, &out);
	ck_assert(!unpack_end(&u));
}
END_TEST

/* No prefix of a frame is a frame, and a whole one with a shorter body is refused. */
START_TEST(cut_short)
{
	struct buf b = facts_frame();
	struct frame f;

	for (size_t n = 0; n < b.n; n++)
		ck_assert_int_le(frame_parse(b.p, n, &f), 0);
	ck_assert_int_gt(frame_parse(b.p, b.n, &f), 0);
	for (size_t n = 0; n < f.n; n++) {
		struct frame cut = { f.type, f.number, f.body, n };
		struct unpack u = unpack_frame(&cut, a);
		struct facts out;

		unpack_facts(&u, &out);
		ck_assert(!unpack_end(&u));
	}
}
END_TEST

/* Every byte, every bit of it: read to its end without touching what is not there (the sanitizers watch). */
START_TEST(bits_flipped)
{
	struct buf b = facts_frame();

	for (size_t n = 0; n < b.n; n++) {
		for (int bit = 0; bit < 8; bit++) {
			struct arena *one = arena_new(0);
			char *copy = malloc(b.n);
			struct frame f;

			ck_assert_ptr_nonnull(copy);
			memcpy(copy, b.p, b.n);
			copy[n] = (char)(copy[n] ^ (1 << bit));
			if (frame_parse(copy, b.n, &f) > 0) {
				struct unpack u = unpack_frame(&f, one);
				struct finding finding;
				struct facts out;

				unpack_facts(&u, &out);
				u = unpack_frame(&f, one);
				unpack_finding(&u, &finding);
				ck_assert_int_lt(finding.kind, KIND_COUNT);
				ck_assert_int_lt(finding.class, REPLY_CLASS_COUNT);
			}
			free(copy);
			arena_free(one);
		}
	}
}
END_TEST

START_TEST(bad_lengths)
{
	static const char too_big[] = "\xff\xff\xff\x7f\x02\0\0\0\0", too_small[] = "\x08\0\0\0\x02\0\0\0\0";
	static const char no_type[] = "\x09\0\0\0\xf0\0\0\0\0";
	struct frame f;

	ck_assert_int_eq(frame_parse(too_big, 9, &f), -1);
	ck_assert_int_eq(frame_parse(too_small, 9, &f), -1);
	ck_assert_int_eq(frame_parse(no_type, 9, &f), -1);
}
END_TEST

START_TEST(texts_are_clean)
{
	static const char *const bad[] = { "\xff\xfe", "a\0b", "\xc3" };
	static const size_t sizes[] = { 2, 3, 1 };
	struct frame f = { .type = FRAME_STATE };

	for (size_t k = 0; k < 3; k++) {
		struct buf b;

		buf_init(&b, a);
		pack_bytes(&b, bad[k], sizes[k]);
		f.body = b.p;
		f.n = b.n;
		struct unpack u = unpack_frame(&f, a);

		ck_assert_ptr_null(unpack_text(&u));
		ck_assert(u.bad);
	}
}
END_TEST

START_TEST(cut_on_a_character)
{
	struct frame f = { .type = FRAME_STATE };
	struct buf b;

	buf_init(&b, a);
	pack_text_cut(&b, "aaaü", 4);	/* the cut falls into the ü */
	f.body = b.p;
	f.n = b.n;
	struct unpack u = unpack_frame(&f, a);

	ck_assert_str_eq(unpack_text(&u), "aaa");
	ck_assert(unpack_end(&u));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("imapwatch-proto");
	TCase *t = test_case(s, "proto");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, facts_round_trip);
	tcase_add_test(t, bad_leads);
	tcase_add_test(t, odd_mails_arrive);
	tcase_add_test(t, finding_round_trip);
	tcase_add_test(t, calendar_round_trip);
	tcase_add_test(t, cut_short);
	tcase_add_test(t, bits_flipped);
	tcase_add_test(t, bad_lengths);
	tcase_add_test(t, texts_are_clean);
	tcase_add_test(t, cut_on_a_character);
	return test_run(s);
}
