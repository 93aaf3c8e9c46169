/* SPDX-License-Identifier: MPL-2.0
 *
 * The calendar mails and booking notices of tests/cases/calendar, as clients and servers write them: what they say is
 * read as labels.tsv says. A mail that was misread goes there with what it should have been.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "classifier/booking.h"
#include "conf/conf.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

#define RECEIVED ((time_t)1803891600)	/* 1 March 2027, 10:00 in Berlin */

static struct phrases *phrases;
static struct booking_rules *rules;

static char *read_all(struct arena *a, const char *path, size_t *n_r)
{
	FILE *fp = fopen(path, "rb");
	char *text = arena_alloc(a, 1 << 20);

	ck_assert_msg(fp != NULL, "cannot open %s", path);
	*n_r = fread(text, 1, (1 << 20) - 1, fp);
	text[*n_r] = '\0';
	fclose(fp);
	return text;
}

static struct booking_rules *load(struct arena *a)
{
	struct data_file files[100];
	const struct conf_file *list;
	struct booking_rules *r = NULL;
	size_t n;

	ck_ok(conf_data_files(a, NULL, "booking", &list, &n, &test_err));
	ck_assert_uint_ge(n, 5);
	for (size_t i = 0; i < n; i++)
		files[i] = (struct data_file){ list[i].name, list[i].text, list[i].n };
	ck_ok(booking_load(files, n, &r, &test_err));
	return r;
}

static const char *or_dash(const char *s)
{
	return str_empty(s) ? "-" : s;
}

/* As the watcher does: a notice by rule, else the calendar part. */
static const char *described(struct arena *a, const char *name)
{
	const char *path = test_source(arena_printf(a, "tests/cases/calendar/%s.eml", name));
	size_t n;
	char *text = read_all(a, path, &n), when[WHEN_TEXT] = "-";
	struct message *m = mails_read(a, text, n);
	const struct calendar_item *item;
	const char *said = NULL, *who = NULL;

	ck_assert_msg(m != NULL, "%s cannot be read", name);
	item = booking_read(a, rules, m, "Europe/Berlin", RECEIVED);
	if (!item) {
		struct reply_context c = { .zone = "Europe/Berlin", .received = RECEIVED };
		struct finding *f = reply_classify(a, phrases, m, &c);

		item = f->calendar;
		said = f->calendar_partstat;
		ck_assert_msg((f->kind == KIND_CALENDAR) == (item != NULL), "%s: kind %s", name, kind_name(f->kind));
	}
	if (!item)
		return "-\t-\t-\t-\t0\t-\t-\t-";
	if (item->start)
		when_text(item->start, when);
	who = item->attendees_n ? item->attendees[0].address : NULL;
	ck_assert_msg(!item->end || item->end > item->start, "%s ends before it starts", name);
	return arena_printf(a, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s", item->method, or_dash(said), when, or_dash(item->zone),
			    item->sequence, or_dash(item->recurrence), or_dash(who), or_dash(item->rule));
}

/* rows: 31, 576, 580, 809, 816, 1027 */
START_TEST(as_labelled)
{
	struct arena *a = arena_new((size_t)1 << 30);
	size_t n, mails = 0, wrong = 0;
	struct span rest, line;

	rules = load(a);
	rest.p = read_all(a, test_source("tests/cases/calendar/labels.tsv"), &rest.n);
	while (span_line(&rest, &line)) {
		const char *tab = memchr(line.p, '\t', line.n), *name, *want, *got;

		if (!tab || line.p[0] == '#')
			continue;
		n = (size_t)(tab - line.p);
		name = arena_strndup(a, line.p, n);
		want = arena_strndup(a, tab + 1, line.n - n - 1);
		got = described(a, name);
		if (!str_eq(got, want))
			fprintf(stderr, "# %s\n#   got  %s\n#   want %s\n", name, got, want), wrong++;
		mails++;
	}
	ck_assert_msg(wrong == 0, "%zu mails are misread", wrong);
	ck_assert_uint_ge(mails, 100);
	booking_free(rules);
	arena_free(a);
}
END_TEST

static const char *with_zone(struct arena *a, const char *rule, int parts)
{
	struct buf b;

	buf_init(&b, a);
	buf_adds(&b, "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\n");
	for (int i = 0; i < parts; i++)
		buf_addf(&b, "BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:%s"
			 "\r\nEND:STANDARD\r\n", rule);
	buf_adds(&b, "END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:z@x\r\nDTSTART;TZID=Customized Time Zone:20270310T100000\r\n"
		 "RRULE:FREQ=SECONDLY\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@buyer.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
	return b.p;
}

/* A zone whose clock changes by the second keeps nobody busy: such a time counts as one without a zone. */
START_TEST(a_zone_is_no_bomb)
{
	static const char *const rules_[] = {
		"FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYHOUR=1,2,3",
		"FREQ=YEARLY;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3;BYSECOND=0,1,2,3", "FREQ=YEARLY;BYYEARDAY=1,2,3,4;BYSECOND=1,2",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
	};
	struct arena *a = arena_new((size_t)1 << 26);
	const struct calendar_item *item;
	const char *text;

	for (size_t i = 0; i < sizeof(rules_) / sizeof(*rules_); i++)
		for (int parts = 1; parts <= 401; parts += 400) {
			text = with_zone(a, rules_[i], parts);
			item = calendar_read(a, text, strlen(text), NULL, "Europe/Berlin");
			ck_assert_ptr_nonnull(item);
			ck_assert(item->start != 0);
		}
	/* what programs write is believed */
	text = with_zone(a, "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", 2);
	item = calendar_read(a, text, strlen(text), NULL, "Asia/Tokyo");
	ck_assert_int_eq(item->start, when_utc((struct date){ 2027, 3, 10 }, 9, 0, "UTC"));
	arena_free(a);
}
END_TEST

static const struct { const char *tzid, *zone; } zones[] = {
	{ "Europe/Berlin", "Europe/Berlin" }, { "W. Europe Standard Time", "Europe/Berlin" },
	{ "Central Europe Standard Time", "Europe/Budapest" }, { "Eastern Standard Time", "America/New_York" },
	{ "\"Pacific Standard Time\"", "America/Los_Angeles" }, { "China Standard Time", "Asia/Shanghai" },
	{ "/mozilla.org/20070129_1/America/New_York", "America/New_York" },
	{ "(UTC+00:00) Dublin, Edinburgh, Lisbon, London", "Europe/Dublin" },
	{ "(UTC) Coordinated Universal Time", "UTC" }, { "tzone://Microsoft/Utc", "UTC" }, { "Berlin", "Europe/Berlin" },
	{ "Customized Time Zone", NULL }, { "", NULL }, { "Mars/Olympus", NULL }, { "+01:00", NULL }, { "/", NULL },
	{ "../../etc/passwd", NULL },
};

START_TEST(names_of_zones)
{
	struct arena *a = arena_new(0);

	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++) {
		const char *got = calendar_zone(a, zones[i].tzid);

		ck_assert_msg(str_eq(got, zones[i].zone), "'%s' is '%s'", zones[i].tzid, got ? got : "nothing");
	}
	ck_assert_ptr_null(calendar_zone(a, NULL));
	arena_free(a);
}
END_TEST

static const struct { const char *text, *zone, *when; } times[] = {
	{ "10:00am - Thursday, March 4, 2027 (Europe/Berlin)", NULL, "2027-03-04T09:00:00Z" },
	{ "Thursday, March 4, 2027 | 10:00am - 10:30am (Europe/Berlin)", NULL, "2027-03-04T09:00:00Z" },
	{ "2027-03-04 10:00", "Europe/Berlin", "2027-03-04T09:00:00Z" },
	{ "04.03.2027 10:00 Uhr", "Europe/Berlin", "2027-03-04T09:00:00Z" },
	{ "4. M\xc3\xa4rz 2027, 10:00", "Europe/Berlin", "2027-03-04T09:00:00Z" },
	{ "jeudi 4 mars 2027 \xc3\xa0 14h30", "Europe/Paris", "2027-03-04T13:30:00Z" },
	{ "jueves, 4 de marzo de 2027, 10:00", "Europe/Madrid", "2027-03-04T09:00:00Z" },
	{ "12:15 pm, 4 March 2027", "UTC", "2027-03-04T12:15:00Z" },
	{ "12:15 am, 4 March 2027", "UTC", "2027-03-04T00:15:00Z" },
	{ "2pm, 4 March", "UTC", "2027-03-04T14:00:00Z" },
	{ "9am, 4 January", "UTC", "2028-01-04T09:00:00Z" },	/* the next one */
	{ "13/04/2027 10:00", "UTC", "2027-04-13T10:00:00Z" },
	{ "04/13/2027 10:00", "UTC", "2027-04-13T10:00:00Z" },
	/* two ways to read it, or none */
	{ "03/04/2027 10:00", "UTC", NULL }, { "10:00am - Thursday, March 4, 2027", NULL, NULL },
	{ "Thursday, March 4, 2027", "UTC", NULL }, { "10:00", "UTC", NULL }, { "25:00, 4 March 2027", "UTC", NULL },
	{ "31 February 2027 10:00", "UTC", NULL }, { "", "UTC", NULL }, { "soon", "UTC", NULL },
};

/* rows: 816 */
START_TEST(times_of_notices)
{
	struct arena *a = arena_new(0);

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		const char *zone;
		char when[WHEN_TEXT];
		time_t t = booking_time(a, times[i].text, times[i].zone, RECEIVED, &zone);

		ck_assert_msg(times[i].when ? t && str_eq(when_text(t, when), times[i].when) : t == 0, "'%s' is %s",
			      times[i].text, t ? when_text(t, when) : "not read");
	}
	arena_free(a);
}
END_TEST

static const struct { const char *text, *says; } bad[] = {
	{ "from = a@b.example\nbooked = New\n", "'invitee'" },
	{ "booked = New\ninvitee = Email\n", "'from'" },
	{ "from = *\nbooked = New\ninvitee = Email\n", "'*' is no sender" },
	{ "from = *@*.example\nbooked = New\ninvitee = Email\n", "is no sender" },
	{ "from = a@b.example\nboked = New\ninvitee = Email\n", "booking/x:2: there is no 'boked': did you mean booked" },
	{ "nothing\n", "booking/x:1: no 'key = value'" },
	{ "from = a@b.example\nbooked = \xff\ninvitee = x\n", "not UTF-8" },
};

START_TEST(bad_rules_are_told)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct data_file f = { "booking/x", bad[i].text, strlen(bad[i].text) };
		struct booking_rules *r = NULL;

		ck_assert_int_eq(booking_load(&f, 1, &r, &test_err), CONF);
		ck_assert_msg(strstr(test_err.text, bad[i].says) != NULL, "%s", test_err.text);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier-calendar");
	TCase *c = test_case(s, "calendar");

	phrases = mails_phrases();
	tcase_set_timeout(c, 120);
	tcase_add_test(c, as_labelled);
	tcase_add_test(c, a_zone_is_no_bomb);
	tcase_add_test(c, names_of_zones);
	tcase_add_test(c, times_of_notices);
	tcase_add_test(c, bad_rules_are_told);
	int failed = test_run(s);
	phrases_free(phrases);
	return failed;
}
