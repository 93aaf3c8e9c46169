/* SPDX-License-Identifier: MPL-2.0
 *
 * Dates in absences and in "not now" (rules of the manual): the mail is of Tuesday 3 March 2026.
 * rows: 9, 10, 11, 83
 */
#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/when.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

static struct phrases *phrases;

static const struct { const char *text, *zone, *want; } away[] = {
	{ "I am out of the office until 14 April.", "+0100", "2026-04-14" },
	{ "I am out of the office until Monday.", "+0100", "2026-03-09" },
	{ "I am on leave from 3 to 14 August.", "+0100", "2026-08-17" },
	{ "I am on vacation through March 20.", "-0500", "2026-03-23" },
	{ "I am away, back on 3/16/2026.", "-0500", "2026-03-16" },
	{ "I am away, back on 16/3/2026.", "+0000", "2026-03-16" },
	{ "I am on holiday and will be back in the office on Monday, 6 April 2026.", "+0000", "2026-04-06" },
	{ "I am out of office until 2026-05-04.", "+0000", "2026-05-04" },
	{ "I am on annual leave until 20 February.", "+0000", "-" },
	{ "I am on leave until September.", "+0000", "2026-09-01" },
	{ "Ich bin bis 17. Juli im Urlaub.", "+0100", "2026-07-20" },
	{ "Ich bin vom 3.8. bis 21.8. im Urlaub.", "+0100", "2026-08-24" },
	{ "Ich bin nicht im Büro und ab dem 4. Mai wieder erreichbar.", "+0100", "2026-05-04" },
	{ "Je suis en congés jusqu'au 24 août inclus.", "+0100", "2026-08-25" },
	{ "Je suis en vacances, de retour le 16 mars.", "+0100", "2026-03-16" },
	{ "Estoy de vacaciones hasta el 12 de mayo.", "+0100", "2026-05-13" },
	{ "Sono in ferie fino al 23 aprile.", "+0100", "2026-04-24" },
	{ "Ik ben op vakantie t/m 17 april.", "+0100", "2026-04-20" },
	{ "Ik ben afwezig tot 13 april.", "+0100", "2026-04-13" },
	{ "Estou de férias até 17 de julho.", "+0000", "2026-07-20" },
	{ "Jestem na urlopie do 10 lipca.", "+0100", "2026-07-13" },
	{ "Jag är på semester till och med den 17 juli.", "+0100", "2026-07-20" },
	{ "Estamos de vacaciones. Volvemos el lunes 30.", "+0100", "2026-03-30" },
	{ "Ich bin nicht im Büro und ab Montag, den 23. wieder erreichbar.", "+0100", "2026-03-23" },
	{ "I am out of the office, back on Tuesday 31st.", "+0000", "2026-03-31" },
	{ "I am out of the office, back on Monday 14 hrs.", "+0000", "2026-03-09" },
	{ "3月20日まで出張のため不在です。", "+0900", "2026-03-23" },
};

static const struct { const char *text, *want; } later[] = {
	{ "Not now, please try me again in September.", "2026-09-01" },
	{ "Not now, come back to me in three months.", "2026-06-03" },
	{ "Not at the moment, get back to me in two weeks.", "2026-03-17" },
	{ "Not now, contact me next week.", "2026-03-09" },
	{ "Not this month, try me next month.", "2026-04-01" },
	{ "Bad timing, let's talk in Q3.", "2026-07-01" },
	{ "Not right now, maybe next quarter.", "2026-04-01" },
	{ "Not now, contact me next year.", "2027-01-01" },
	{ "Not now, get back to me after the summer.", "2026-09-01" },
	{ "Not now, try me mid-May.", "2026-05-15" },
	{ "Not now, try me again at the end of May.", "2026-05-31" },
	{ "Bad timing, write to me on 12 October.", "2026-10-12" },
	{ "Not now, try again in February.", "2027-02-01" },
	{ "Not now, when things calm down.", "-" },
	{ "Im Moment nicht, melden Sie sich bitte im September wieder.", "2026-09-01" },
	{ "Im Moment nicht, melden Sie sich in zwei Wochen wieder.", "2026-03-17" },
	{ "Derzeit nicht, bitte kontaktieren Sie mich nächste Woche.", "2026-03-09" },
	{ "Im Moment nicht, melden Sie sich in KW 20 wieder.", "2026-05-11" },
	{ "Pas pour le moment, recontactez-moi en septembre.", "2026-09-01" },
	{ "Ahora no, escríbame en octubre.", "2026-10-01" },
	{ "W tej chwili nie, proszę odezwać się w maju.", "2026-05-01" },
	{ "Inte just nu, hör av dig i augusti.", "2026-08-01" },
};

static const char *date_found(struct arena *a, const char *text, const char *zone)
{
	char *mail = arena_printf(a, "From: ann@oakvale.example\nTo: sam@boxwell.example\n"
		"Subject: Re: Packaging\nDate: Tue, 3 Mar 2026 12:00:00 %s\nMIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n\n%s\n", zone, text);
	struct finding *f = mails_classify(a, phrases, mail, strlen(mail));
	char *out = arena_alloc(a, WHEN_TEXT);

	ck_assert_ptr_nonnull(f);
	return f->date.year ? date_text(f->date, out) : "-";
}

START_TEST(absence)
{
	struct arena *a = arena_new(0);
	const char *got = date_found(a, away[_i].text, away[_i].zone);

	ck_assert_msg(strcmp(got, away[_i].want) == 0, "%s instead of %s: %s", got, away[_i].want,
		      away[_i].text);
	arena_free(a);
}
END_TEST

START_TEST(not_now)
{
	struct arena *a = arena_new(0);
	const char *got = date_found(a, later[_i].text, "+0100");

	ck_assert_msg(strcmp(got, later[_i].want) == 0, "%s instead of %s: %s", got, later[_i].want,
		      later[_i].text);
	arena_free(a);
}
END_TEST

/* What people write to us: no mail, a few words, seen from Tuesday 3 March 2026. */
static const struct { const char *words, *want; } said[] = {
	{ "until april", "2026-04-01" }, { "april", "2026-04-01" }, { "until 14 April", "2026-04-14" },
	{ "in two weeks", "2026-03-17" }, { "next quarter", "2026-04-01" }, { "bis Mai", "2026-05-01" },
	{ "jusqu'en septembre", "2026-09-01" }, { "in zwei Wochen", "2026-03-17" }, { "2026-06-15", "2026-06-15" },
	{ "when it suits", "-" }, { "", "-" }, { "yesterday", "-" },
};

START_TEST(words_of_a_person)
{
	struct arena *a = arena_new(0);
	struct date d = { 0, 0, 0 };
	char out[WHEN_TEXT];
	bool found = words_date(a, phrases, said[_i].words, (time_t)1772532000, &d);

	ck_assert_msg(strcmp(found ? date_text(d, out) : "-", said[_i].want) == 0, "%s: %s, not %s", said[_i].words,
		      found ? date_text(d, out) : "-", said[_i].want);
	arena_free(a);
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof((x)[0]))

int main(void)
{
	Suite *s = suite_create("classifier dates");
	TCase *t = test_case(s, "dates");
	int r;

	phrases = mails_phrases();
	tcase_add_loop_test(t, absence, 0, COUNT(away));
	tcase_add_loop_test(t, not_now, 0, COUNT(later));
	tcase_add_loop_test(t, words_of_a_person, 0, COUNT(said));
	r = test_run(s);
	phrases_free(phrases);
	return r;
}
