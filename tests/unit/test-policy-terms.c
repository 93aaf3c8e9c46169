/* SPDX-License-Identifier: MPL-2.0
 *
 * Money, percents, days and quantities as people write them in several languages.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "policy/terms.h"
#include "tests/lib/testing.h"

static struct arena *a;

static void up(void) { a = arena_new(0); }
static void down(void) { arena_free(a); }

static const char *one(const struct term *t)
{
	switch (t->kind) {
	case TERM_MONEY:
		return arena_printf(a, "%s %lld.%02lld%s", t->currency, (long long)t->value / 100,
				    (long long)t->value % 100, t->less ? " less" : "");
	case TERM_PERCENT:
		return arena_printf(a, "%lld.%02lld%%%s", (long long)t->value / 100, (long long)t->value % 100,
				    t->less ? " less" : "");
	case TERM_DATE:
		return arena_printf(a, "%d-%02d-%02d%s", t->date.year, t->date.month, t->date.day,
				    t->deadline ? " end" : "");
	case TERM_COUNT:
		return arena_printf(a, "%lld %s", (long long)t->value, t->noun);
	case TERM_DISCOUNT:
		return "discount";
	case TERM_APPROVAL:
		return "approval";
	case TERM_SCARCITY:
		return "scarcity";
	}
	return "?";
}

static const char *all(const char *text)
{
	const struct term *list;
	struct buf b;
	size_t n = terms_find(a, text, &list);

	buf_init(&b, a);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? "; " : "", one(&list[i]));
	return b.n ? b.p : "";
}

/* rows: 771, 781, 782, 783 */
START_TEST(what_is_found)
{
	static const struct {
		const char *text, *found;
	} list[] = {
		{ "It is €1,234.50 in all.", "EUR 1234.50" },
		{ "Es sind 1.234,50 € im Ganzen.", "EUR 1234.50" },
		{ "1 234,50 € TTC", "EUR 1234.50" },
		{ "1\xc2\xa0" "234,50\xc2\xa0€", "EUR 1234.50" },
		{ "CHF 1'234.50, CHF 1’234.–", "CHF 1234.50; CHF 1234.00" },
		{ "12.500,- EUR", "EUR 12500.00" },
		{ "12,5 k€ oder 12.5k EUR", "EUR 12500.00; EUR 12500.00" },
		{ "US$ 12,500 or $12.5k", "USD 12500.00; $ 12500.00" },
		{ "1,5 Mio. €", "EUR 1500000.00" },
		{ "£950 a month", "GBP 950.00" },
		{ "Rs. 12,34,567", "INR 1234567.00" },
		{ "12 500 kr", "kr 12500.00" },
		{ "12 500 zł, 99 Kč", "PLN 12500.00; CZK 99.00" },
		{ "SGD 12,000 or 12 000 RUB, 500 ₽", "SGD 12000.00; RUB 12000.00; RUB 500.00" },
		{ "1,200,000 円, NZ$ 500, 900 元", "JPY 1200000.00; $ 500.00; CNY 900.00" },
		{ "900000000000 mio € mio", "" },
		{ "999999999999 €", "EUR 999999999999.00" },
		{ "0,50 € je Stück", "EUR 0.50" },
		{ "2.000 dollars", "$ 2000.00" },
		{ "20 % Rabatt", "20.00% less; discount" },
		{ "a discount of 12.5 percent", "12.50% less; discount" },
		{ "remise de 5 pour cent", "5.00% less; discount" },
		{ "un descuento del 10 por ciento", "10.00% less; discount" },
		{ "uno sconto del 10%", "10.00% less; discount" },
		{ "10% korting", "10.00% less; discount" },
		{ "sleva 10 %", "10.00% less; discount" },
		{ "40 % of your tickets. No word about money.", "40.00%" },
		{ "valid until 31 March 2027", "2027-03-31 end" },
		{ "valid until March 31st, 2027", "2027-03-31 end" },
		{ "Das Angebot ist gültig bis 31. März 2027.", "2027-03-31 end" },
		{ "gültig bis zum 31.03.2027", "2027-03-31 end" },
		{ "gilt bis 31.3.", "0-03-31 end" },
		{ "valable jusqu'au 31 mars 2027", "2027-03-31 end" },
		{ "válida hasta el 31 de marzo de 2027", "2027-03-31 end" },
		{ "valida fino al 31 marzo 2027", "2027-03-31 end" },
		{ "geldig tot 31 maart 2027", "2027-03-31 end" },
		{ "giltig till 2027-03-31", "2027-03-31 end" },
		{ "ważna do 31 marca 2027", "2027-03-31 end" },
		{ "platnost do 31. března 2027", "2027-03-31 end" },
		{ "It expires on 3/31/2027.", "2027-03-31 end" },
		{ "It expires on 31.02.2027.", "0-02-31 end" },
		{ "Shall we meet on 12 March?", "0-03-12" },
		{ "12 workshops at 3 sites", "12 workshop; 3 site" },
		{ "as you approved last week", "approval" },
		{ "wie von Ihnen freigegeben", "approval" },
		{ "nur noch 2 Plätze frei", "2 plätz; scarcity" },
		{ "at no extra cost", "discount" },
		/* nothing in these */
		{ "Version 2.4.1 of v12, room A4, page 3, item [1], at 10:30", "" },
		{ "call me on +49 30 123456", "" },
		{ "it may help, and we march on; settings out of the outlook", "" },
		{ "discounted cash flow is another matter", "discount" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		const char *got = all(list[i].text);

		ck_assert_msg(strcmp(got, list[i].found) == 0, "'%s': '%s', not '%s'", list[i].text, got,
			      list[i].found);
	}
}
END_TEST

static bool same(const char *x, const char *y)
{
	const struct term *tx, *ty;

	ck_assert_uint_ge(terms_find(a, x, &tx), 1);
	ck_assert_uint_ge(terms_find(a, y, &ty), 1);
	return term_same(tx, ty);
}

START_TEST(what_is_the_same)
{
	ck_assert(same("1.234,50 €", "EUR 1,234.50"));
	ck_assert(same("$ 900", "USD 900"));
	ck_assert(!same("CHF 900", "EUR 900"));
	ck_assert(!same("900 €", "9,000 €"));
	ck_assert(same("31 March", "2027-03-31"));
	ck_assert(same("03/04/2027", "3 April 2027"));
	ck_assert(same("03/04/2027", "4 March 2027"));
	ck_assert(!same("30 March", "2027-03-31"));
	ck_assert(same("12 workshops", "12 workshop"));
	struct term t;

	ck_assert(terms_price(a, "from 12 500 on", &t));
	ck_assert_int_eq(t.value, 1250000);
	ck_assert(!terms_price(a, "on request", &t));
}
END_TEST

/* Whatever is in a text, it is read to its end. */
START_TEST(hostile_texts)
{
	struct buf b;
	const struct term *list;

	buf_init(&b, a);
	for (int i = 0; i < 20000; i++)
		buf_adds(&b, i % 3 ? "1.2,3 4'5% €" : "31.12.9999 discount ");
	ck_assert_uint_le(terms_find(a, b.p, &list), 210);
	terms_find(a, "999999999999999999999999999999 € 1.1.1.1.1 1,,2 €€€ 5", &list);
	terms_find(a, "\xff\xfe 12\xff €", &list);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy terms");
	TCase *t = test_case(s, "terms");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, what_is_found);
	tcase_add_test(t, what_is_the_same);
	tcase_add_test(t, hostile_texts);
	return test_run(s);
}
