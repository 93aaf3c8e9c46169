/* SPDX-License-Identifier: MPL-2.0
 *
 * Money, percents, dates and quantities in a folded text. Numbers as people write them: 1,234.50 1.234,50
 * 1 234,50 1'234.50 12,34,567 12k 1.5 Mio.
 */
#include "config.h"

#include "policy/terms.h"

#include "base/arena.h"
#include "base/str.h"

#include <ctype.h>
#include <string.h>

enum { TERMS_MAX = 200, WORDS_SHOWN = 60, SENTENCE_MAX = 2000 };
#define NUMBER_MAX 9000000000000	/* times 100, times a million once more: still a number */

struct finder {
	struct arena *a;
	const char *text;		/* folded */
	struct term *list;
	size_t n;
};

/* ---- words ---- */

static const char *const discounts[] = {
	"discount", "rebate", "price reduction", "reduced price", "special price", "price cut", "cheaper", "free of charge",
	"at no cost", "no extra cost", "nachlass", "skonto", "sonderpreis", "günstiger",
	"kostenlos", "ohne aufpreis", "remise", "rabais", "réduction", "sans frais", "gratuit", "descuento", "rebaja",
	"sin coste", "sconto", "ribasso", "senza costi", "korting", "zonder kosten", "rabat", "desconto", "sem custo",
	"zniżk", "upust", "slev", "kedvezmény", "alennus", "gratis", "indirim",
};
static const char *const validity[] = {
	"valid", "expire", "expiry", "deadline", "stands until", "holds until", "good until", "offer ends", "open until",
	"gültig", "gilt bis", "gilt das angebot", "gilt noch bis", "läuft am", "läuft bis", "frist", "steht bis",
	"bindend bis",
	"valable", "date limite", "échéance", "válid", "vence", "caduca", "plazo", "scade", "scadenza", "geldig",
	"verloopt", "giltig", "gäller till", "gælder til", "gyldig", "ważn", "wygasa", "platí do", "platnost",
	"érvényes", "lejár", "voimassa", "geçerli",
};
static const char *const approvals[] = {
	"as you approved", "as you have approved", "you already approved", "your approval of", "as approved by you",
	"as you agreed", "as you already agreed", "as you confirmed", "since you approved", "von ihnen freigegeben",
	"von ihnen genehmigt", "ihrer freigabe", "ihre zusage", "wie von ihnen bestätigt", "von ihnen beauftragt",
	"vous avez approuvé", "vous avez validé", "votre accord du", "comme vous l'avez approuvé", "como aprobó",
	"como aprobaron", "que usted aprobó", "da lei approvat", "da voi approvat", "u heeft goedgekeurd",
	"door u goedgekeurd", "conforme aprovado", "que aprovou", "du godkände", "ni godkände", "du godkendte",
	"du godkjente", "zatwierdzon", "vámi schválen",
};
static const char *const scarce[] = {
	"places left", "slots left", "spots left", "seats left", "last slot", "last place", "last spot", "plätze frei",
	"letzte plätze", "letzten plätze", "letzter platz", "termine frei", "dernières places", "últimas plazas",
	"ultimi posti", "laatste plaatsen", "últimas vagas", "sista platserna", "sidste pladser", "ostatnie miejsca",
};

static bool has_any(const char *text, size_t from, size_t to, const char *const *list, size_t n)
{
	struct span s = { text + from, to - from };

	for (size_t i = 0; i < n; i++) {
		if (span_find_case(s, list[i]) < s.n)
			return true;
	}
	return false;
}
#define HAS(f, from, to, list) has_any((f)->text, from, to, list, sizeof(list) / sizeof(*(list)))

/* Letters of any script: everything beyond ASCII, but not signs of currency. */
static bool is_letter(const char *c)
{
	unsigned char u = (unsigned char)*c;

	if (u < 0x80)
		return isalpha(u);
	return strncmp(c, "€", 3) != 0 && strncmp(c, "£", 2) != 0 && strncmp(c, "¥", 2) != 0 &&
	       strncmp(c, "’", 3) != 0 && strncmp(c, "–", 3) != 0 && strncmp(c, "—", 3) != 0 &&
	       strncmp(c, "½", 2) != 0 && strncmp(c, "“", 3) != 0 && strncmp(c, "”", 3) != 0 &&
	       strncmp(c, "«", 2) != 0 && strncmp(c, "»", 2) != 0 && strncmp(c, "„", 3) != 0;
}

/* Where the sentence begins and ends. A full stop behind a digit is an ordinal or a decimal. */
static void sentence(const char *text, size_t at, size_t *from_r, size_t *to_r)
{
	size_t i = at;

	while (i > 0 && at - i < SENTENCE_MAX && !(text[i - 1] == '\n' && i > 1 && text[i - 2] == '\n') &&
	       !(i > 1 && (text[i - 1] == ' ' || text[i - 1] == '\n') && strchr(".!?", text[i - 2]) &&
		 !(i > 2 && isdigit((unsigned char)text[i - 3]))))
		i--;
	*from_r = i;
	for (i = at; text[i] && i - at < SENTENCE_MAX && !(text[i] == '\n' && text[i + 1] == '\n') &&
	     !(strchr(".!?", text[i]) && (!text[i + 1] || isspace((unsigned char)text[i + 1])) &&
	       !(i > 0 && isdigit((unsigned char)text[i - 1]) && text[i + 1] != '\0'));
	     i++)
		;
	*to_r = i;
}

static struct term *add(struct finder *f, enum term_kind kind, size_t from, size_t to)
{
	struct term *t;

	if (f->n == TERMS_MAX)
		return NULL;
	t = &f->list[f->n++];
	*t = (struct term){ .kind = kind };
	t->words = str_cut(f->a, arena_strndup(f->a, f->text + from, to - from), WORDS_SHOWN);
	return t;
}

/* ---- numbers ---- */

struct number {
	int64_t cents;
	size_t end;		/* behind it */
	bool whole;		/* no decimals */
	bool plain;		/* digits only */
};

static size_t digits(const char *s)
{
	size_t n = 0;

	while (isdigit((unsigned char)s[n]))
		n++;
	return n;
}

/* Length of a sign between groups of three, 0: none. */
static size_t group_sign(const char *s)
{
	if (*s == '.' || *s == ',' || *s == '\'' || *s == ' ')
		return 1;
	return strncmp(s, "’", 3) == 0 ? 3 : 0;
}

/* "k", "m", "mio", "tsd" right behind, or behind one blank. */
static int64_t magnitude(const char *s, size_t *n_r)
{
	static const struct {
		const char *word;
		int64_t times;
	} list[] = {
		{ "thousand", 1000 }, { "tausend", 1000 }, { "tsd.", 1000 }, { "tsd", 1000 }, { "mille", 1000 },
		{ "million", 1000000 }, { "millionen", 1000000 }, { "mio.", 1000000 }, { "mio", 1000000 },
		{ "mln", 1000000 }, { "k", 1000 }, { "m", 1000000 },
	};
	size_t blank = *s == ' ';

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		size_t n = strlen(list[i].word);

		if (strncmp(s + blank, list[i].word, n) != 0 || is_letter(s + blank + n) ||
		    isdigit((unsigned char)s[blank + n]))
			continue;
		/* "12 k€", but not "12 m" */
		if (n == 1 && blank && strncmp(s + 2, "€", 3) != 0 && s[2] != '$' && strncmp(s + 2, "£", 2) != 0)
			continue;
		*n_r = blank + n;
		return list[i].times;
	}
	*n_r = 0;
	return 1;
}

static bool read_number(const char *text, size_t at, struct number *out_r)
{
	const char *s = text + at;
	size_t first = digits(s), n = first, sign, m;
	int64_t whole = 0, part = 0;
	bool groups = false;

	if (first == 0 || first > 12)
		return false;
	for (size_t i = 0; i < first; i++)
		whole = whole * 10 + (s[i] - '0');
	while ((sign = group_sign(s + n)) > 0 && first <= 3 && whole < 1000000000000) {
		size_t more = digits(s + n + sign);
		/* groups of three (of two before the last one in India); "0.125" is no group */
		bool last_two = s[n] == ',' && more == 2 && s[n + 3] == ',' && digits(s + n + 4) >= 2;

		if (!(more == 3 || last_two) || (whole == 0 && !groups))
			break;
		for (size_t i = 0; i < more; i++)
			whole = whole * 10 + (s[n + sign + i] - '0');
		n += sign + more;
		groups = true;
	}
	bool fraction = (s[n] == '.' || s[n] == ',') && digits(s + n + 1) >= 1 && digits(s + n + 1) <= 3;
	if (fraction) {
		size_t more = digits(s + n + 1);

		part = (s[n + 1] - '0') * 10 + (more > 1 ? s[n + 2] - '0' : 0);
		n += 1 + more;
	} else if ((s[n] == ',' || s[n] == '.') && (s[n + 1] == '-' || strncmp(s + n + 1, "–", 3) == 0 ||
						    strncmp(s + n + 1, "—", 3) == 0)) {
		n += s[n + 1] == '-' ? 2 : 4;
	}
	int64_t times = magnitude(s + n, &m);

	if (whole > NUMBER_MAX / times)
		return false;
	*out_r = (struct number){ .cents = (whole * 100 + part) * times, .end = at + n + m,
				  .whole = part == 0, .plain = !groups && !fraction && m == 0 };
	return true;
}

/* ---- currencies ---- */

static const struct {
	const char *sign;
	const char *code;
} currencies[] = {
	{ "us$", "USD" }, { "a$", "AUD" }, { "c$", "CAD" }, { "r$", "BRL" }, { "€", "EUR" }, { "£", "GBP" }, { "¥", "JPY" },
	{ "$", "$" }, { "euros", "EUR" }, { "euro", "EUR" }, { "eur", "EUR" }, { "usd", "USD" }, { "gbp", "GBP" },
	{ "chf", "CHF" }, { "sfr", "CHF" }, { "franken", "CHF" }, { "sek", "SEK" }, { "nok", "NOK" }, { "dkk", "DKK" },
	{ "kronor", "SEK" }, { "kroner", "kr" }, { "kr.", "kr" }, { "kr", "kr" }, { "pln", "PLN" }, { "zł", "PLN" },
	{ "czk", "CZK" }, { "kč", "CZK" }, { "huf", "HUF" }, { "ft", "HUF" }, { "jpy", "JPY" }, { "cad", "CAD" },
	{ "aud", "AUD" }, { "brl", "BRL" }, { "inr", "INR" }, { "rs.", "INR" }, { "₹", "INR" },
	{ "try", "TRY" }, { "₺", "TRY" },
	{ "ron", "RON" }, { "sgd", "SGD" }, { "hkd", "HKD" }, { "nzd", "NZD" }, { "zar", "ZAR" }, { "mxn", "MXN" },
	{ "cny", "CNY" }, { "rmb", "CNY" }, { "元", "CNY" }, { "円", "JPY" }, { "krw", "KRW" }, { "₩", "KRW" }, { "원", "KRW" },
	{ "rub", "RUB" }, { "₽", "RUB" }, { "uah", "UAH" }, { "₴", "UAH" }, { "ils", "ILS" }, { "₪", "ILS" },
	{ "aed", "AED" }, { "sar", "SAR" }, { "qar", "QAR" }, { "kwd", "KWD" }, { "thb", "THB" }, { "฿", "THB" },
	{ "twd", "TWD" }, { "myr", "MYR" }, { "idr", "IDR" }, { "vnd", "VND" }, { "₫", "VND" }, { "clp", "CLP" },
	{ "bgn", "BGN" }, { "rsd", "RSD" }, { "isk", "ISK" }, { "ngn", "NGN" }, { "kes", "KES" }, { "egp", "EGP" },
	{ "dollars", "$" }, { "dollar", "$" }, { "pounds", "GBP" }, { "pound", "GBP" },
};

static bool is_word_sign(const char *sign)
{
	return isalpha((unsigned char)sign[strlen(sign) - 1]) || sign[strlen(sign) - 1] == '.' ||
	       (unsigned char)sign[strlen(sign) - 1] >= 0xC0;
}

/* Behind the number, perhaps behind a blank. */
static const char *currency_behind(const char *s, size_t *n_r)
{
	size_t blank = *s == ' ';

	for (size_t i = 0; i < sizeof(currencies) / sizeof(*currencies); i++) {
		const char *sign = currencies[i].sign;
		size_t n = strlen(sign);

		if (strncmp(s + blank, sign, n) != 0)
			continue;
		if (isalpha((unsigned char)sign[n - 1]) && is_letter(s + blank + n))
			continue;
		*n_r = blank + n;
		return currencies[i].code;
	}
	return NULL;
}

/* Before the number that begins at. */
static const char *currency_before(const char *text, size_t at, size_t *from_r)
{
	size_t end = at;

	if (end > 0 && text[end - 1] == ' ')
		end--;
	for (size_t i = 0; i < sizeof(currencies) / sizeof(*currencies); i++) {
		const char *sign = currencies[i].sign;
		size_t n = strlen(sign);

		if (n > end || memcmp(text + end - n, sign, n) != 0)
			continue;
		if (isalpha((unsigned char)sign[0]) && end > n && (isalpha((unsigned char)text[end - n - 1])))
			continue;
		/* "ft" and "try" are words of their own before a number */
		if (is_word_sign(sign) && (str_eq(sign, "ft") || str_eq(sign, "try")))
			continue;
		*from_r = end - n;
		return currencies[i].code;
	}
	return NULL;
}

/* ---- percents ---- */

static size_t percent_behind(const char *s)
{
	static const char *const words[] = { "%", "percent", "per cent", "prozent", "pour cent", "por ciento", "per cento",
					     "procent", "prosent", "por cento", "százalék" };
	size_t blank = *s == ' ';

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strncmp(s + blank, words[i], strlen(words[i])) == 0)
			return blank + strlen(words[i]);
	}
	return 0;
}

/* ---- dates ---- */

/* Names and abbreviations, in the languages we read; folded. */
static const char *const months[12] = {
	"january jan januar jänner janvier janv enero ene gennaio gen januari janeiro styczeń stycznia leden ledna",
	"february feb februar feber février févr fév febrero febbraio februari fevereiro fev luty lutego únor února",
	"march mar märz mrz mars marzo maart mrt março marzec marca březen března marts",
	"april apr avril avr abril abr aprile kwiecień kwietnia duben dubna",
	"may mai mayo maggio mag mei maio maj maja květen května",
	"june jun juni juin junio giugno giu junho czerwiec czerwca červen června",
	"july jul juli juillet juil julio luglio lug julho lipiec lipca červenec července",
	"august aug août aout agosto ago augustus augusti sierpień sierpnia srpen srpna",
	"september sep sept septembre septiembre settembre set setembro wrzesień września září",
	"october oct oktober okt octobre octubre ottobre ott outubro out październik października říjen října",
	"november nov novembre noviembre novembro listopad listopada listopadu",
	"december dec dezember dez décembre déc diciembre dic dicembre desember dezembro grudzień grudnia prosinec prosince",
};

/* The month that begins at s, 0 none; *n_r: length of its word, with the full stop of an abbreviation. */
static int month_at(const char *s, size_t *n_r)
{
	size_t n = 0;

	while (s[n] && is_letter(s + n))
		n++;
	if (n < 3 || n > 16)
		return 0;
	for (int i = 0; i < 12; i++) {
		struct span rest = span_of(months[i]), name;

		while (span_split(&rest, ' ', &name)) {
			if (name.n != n || memcmp(name.p, s, n) != 0)
				continue;
			*n_r = n + (s[n] == '.' && n < 6 && s[n + 1] == ' ');
			return i + 1;
		}
	}
	return 0;
}

static int year_at(const char *s, size_t *n_r)
{
	size_t n = 0;

	while (s[n] == ' ' || s[n] == ',' || s[n] == '.')
		n++;
	if (strncmp(s + n, "de ", 3) == 0)
		n += 3;
	if (digits(s + n) == 4 && s[n] == '2' && s[n + 1] == '0') {
		*n_r = n + 4;
		return (s[n] - '0') * 1000 + (s[n + 1] - '0') * 100 + (s[n + 2] - '0') * 10 + (s[n + 3] - '0');
	}
	*n_r = 0;
	return 0;
}

static int small(const char *s, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (s[i] - '0');
	return v;
}

static bool day_ok(int day, int month)
{
	return day >= 1 && day <= 31 && month >= 1 && month <= 12;
}

static struct term *add_date(struct finder *f, size_t from, size_t to, int year, int month, int day)
{
	struct term *t = add(f, TERM_DATE, from, to);

	if (t)
		t->date = (struct date){ year, month, day };
	if (t && year && !date_valid(t->date))	/* 31 February: still not what the record says */
		t->date.year = 0;
	return t;
}

/* "2026-03-31", "31.03.2026", "31.3.", "3/31/2026", "31/3/26" */
static size_t numeric_date(struct finder *f, size_t at)
{
	const char *s = f->text + at;
	size_t a = digits(s), b, c;
	char sep = s[a];

	if (a == 4 && sep == '-') {
		b = digits(s + 5);
		c = b == 2 && s[7] == '-' ? digits(s + 8) : 0;
		if (c != 2 || !day_ok(small(s + 8, 2), small(s + 5, 2)))
			return 0;
		add_date(f, at, at + 10, small(s, 4), small(s + 5, 2), small(s + 8, 2));
		return at + 10;
	}
	if (a < 1 || a > 2 || (sep != '.' && sep != '/' && sep != '-'))
		return 0;
	b = digits(s + a + 1);
	if (b < 1 || b > 2 || s[a + 1 + b] != sep)
		return 0;
	c = digits(s + a + b + 2);
	int x = small(s, a), y = small(s + a + 1, b), year = 0;
	size_t end = a + b + 2 + c;

	if (c == 4 || c == 2)
		year = small(s + a + b + 2, c) + (c == 2 ? 2000 : 0);
	else if (c != 0 || sep != '.')
		return 0;
	if (!day_ok(x, y) && !day_ok(y, x))
		return 0;
	struct term *t = add_date(f, at, at + end, year, day_ok(x, y) ? y : x, day_ok(x, y) ? x : y);

	if (t && sep == '/' && day_ok(x, y) && day_ok(y, x) && x != y)
		t->other = (struct date){ year, x, y };
	return at + end;
}

/* "31 March 2026", "31. März", "31 de marzo de 2026", "31st of March" */
static size_t day_month(struct finder *f, size_t at)
{
	const char *s = f->text + at;
	size_t n = digits(s), m, y;
	int month, year;

	if (n < 1 || n > 2)
		return 0;
	if (s[n] == '.' || strncmp(s + n, "º", 2) == 0)
		n += s[n] == '.' ? 1 : 2;
	else if (strncmp(s + n, "st", 2) == 0 || strncmp(s + n, "nd", 2) == 0 || strncmp(s + n, "rd", 2) == 0 ||
		 strncmp(s + n, "th", 2) == 0 || strncmp(s + n, "er", 2) == 0)
		n += 2;
	if (s[n] != ' ')
		return 0;
	n++;
	if (strncmp(s + n, "of ", 3) == 0 || strncmp(s + n, "de ", 3) == 0)
		n += 3;
	month = month_at(s + n, &m);
	if (!month || !day_ok(small(s, digits(s)), month))
		return 0;
	n += m;
	year = year_at(s + n, &y);
	add_date(f, at, at + n + y, year, month, small(s, digits(s)));
	return at + n + y;
}

/* "March 31, 2026"; at: the word */
static size_t month_day(struct finder *f, size_t at)
{
	const char *s = f->text + at;
	size_t m, n, y = 0;
	int month = month_at(s, &m), year = 0;

	if (!month || s[m] != ' ')
		return 0;
	n = digits(s + m + 1);
	if (n < 1 || n > 2 || !day_ok(small(s + m + 1, n), month))
		return 0;
	size_t end = m + 1 + n;

	if (strncmp(s + end, "st", 2) == 0 || strncmp(s + end, "nd", 2) == 0 || strncmp(s + end, "rd", 2) == 0 ||
	    strncmp(s + end, "th", 2) == 0)
		end += 2;
	year = year_at(s + end, &y);
	add_date(f, at, at + end + y, year, month, small(s + m + 1, n));
	return at + end + y;
}

/* ---- putting it together ---- */

/* "12 workshops": how many of what. Endings of plurals do not make it another thing. */
static size_t count_of(struct finder *f, size_t at, const struct number *n)
{
	const char *s = f->text + n->end;
	size_t len = 0, keep;

	if (!n->whole || (*s != ' ' && *s != '-'))
		return 0;
	s++;
	while (s[len] && is_letter(s + len))
		len++;
	if (len < 4 || len > 40)
		return 0;
	struct term *t = add(f, TERM_COUNT, at, (size_t)(s - f->text) + len);

	for (keep = len; keep > 4 && strchr("sen", s[keep - 1]); keep--)
		;
	if (t) {
		t->value = n->cents / 100;
		t->noun = arena_strndup(f->a, s, keep);
	}
	return (size_t)(s - f->text) + len;
}

static size_t at_number(struct finder *f, size_t at)
{
	size_t end = numeric_date(f, at), from = at, n = 0;
	const char *code;
	struct number x;
	struct term *t;

	if (!end)
		end = day_month(f, at);
	if (end)
		return end;
	if (!read_number(f->text, at, &x))
		return at + digits(f->text + at);
	n = percent_behind(f->text + x.end);
	if (n) {
		t = add(f, TERM_PERCENT, at, x.end + n);
		if (t)
			t->value = x.cents;
		return x.end + n;
	}
	code = currency_before(f->text, at, &from);
	n = 0;
	if (!code)
		code = currency_behind(f->text + x.end, &n);
	if (code) {
		size_t m = 0;
		int64_t times = n == 0 ? 1 : magnitude(f->text + x.end + n, &m);

		t = add(f, TERM_MONEY, from, x.end + n + m);
		if (t) {
			t->value = x.cents / 100 > NUMBER_MAX / times ? x.cents : x.cents * times;
			strncpy(t->currency, code, sizeof(t->currency) - 1);
		}
		return x.end + n + m;
	}
	count_of(f, at, &x);
	return x.end;
}

static void find_words(struct finder *f, const char *const *list, size_t n, enum term_kind kind)
{
	struct span all = span_of(f->text);

	for (size_t i = 0; i < n; i++) {
		size_t at = span_find_case(all, list[i]);
		size_t from, to;

		if (at >= all.n || (at > 0 && is_letter(f->text + at - 1) && (unsigned char)f->text[at - 1] < 0x80))
			continue;
		sentence(f->text, at, &from, &to);
		add(f, kind, at, to - at > WORDS_SHOWN ? at + WORDS_SHOWN : to);
	}
}

size_t terms_find(struct arena *a, const char *text, const struct term **out_r)
{
	struct finder f = { .a = a, .text = text_fold(a, text ? text : ""),
			    .list = arena_array(a, struct term, TERMS_MAX) };
	size_t at = 0, from, to;

	while (f.text[at] && f.n < TERMS_MAX) {
		size_t first = f.n, end;

		if (isdigit((unsigned char)f.text[at])) {
			/* "v2", "a4": part of a name */
			bool name = at > 0 && isalpha((unsigned char)f.text[at - 1]) &&
				    !currency_before(f.text, at, &from);

			end = name ? at + digits(f.text + at) : at_number(&f, at);
		} else if (is_letter(f.text + at) && (at == 0 || !is_letter(f.text + at - 1))) {
			end = month_day(&f, at);
			if (!end)
				end = at + 1;
		} else {
			end = at + 1;
		}
		for (size_t i = first; i < f.n; i++) {
			sentence(f.text, at, &from, &to);
			f.list[i].less = HAS(&f, from, to, discounts);
			f.list[i].deadline = HAS(&f, from, to, validity);
		}
		at = end;
	}
	find_words(&f, discounts, sizeof(discounts) / sizeof(*discounts), TERM_DISCOUNT);
	find_words(&f, approvals, sizeof(approvals) / sizeof(*approvals), TERM_APPROVAL);
	find_words(&f, scarce, sizeof(scarce) / sizeof(*scarce), TERM_SCARCITY);
	*out_r = f.list;
	return f.n;
}

bool terms_price(struct arena *a, const char *text, struct term *out_r)
{
	const struct term *list;
	size_t n = terms_find(a, text, &list);
	const char *folded = text_fold(a, text ? text : "");
	struct number x;

	for (size_t i = 0; i < n; i++) {
		if (list[i].kind == TERM_MONEY) {
			*out_r = list[i];
			return true;
		}
	}
	for (size_t at = 0; folded[at]; at++) {
		if (!read_number(folded, at, &x))
			continue;
		*out_r = (struct term){ .kind = TERM_MONEY, .value = x.cents, .words = folded };
		return true;
	}
	return false;
}

static bool same_day(struct date x, struct date y)
{
	return x.month == y.month && x.day == y.day && (!x.year || !y.year || x.year == y.year);
}

bool term_same(const struct term *x, const struct term *y)
{
	if (x->kind != y->kind)
		return false;
	switch (x->kind) {
	case TERM_MONEY:
		return x->value == y->value &&
		       (!*x->currency || !*y->currency || strcmp(x->currency, y->currency) == 0 ||
			(*x->currency == '$' && strchr("UAC", *y->currency)) ||
			(*y->currency == '$' && strchr("UAC", *x->currency)) ||
			(str_eq(x->currency, "kr") && strchr("SND", *y->currency)) ||
			(str_eq(y->currency, "kr") && strchr("SND", *x->currency)));
	case TERM_PERCENT:
		return x->value == y->value;
	case TERM_DATE:
		return same_day(x->date, y->date) || (x->other.month && same_day(x->other, y->date)) ||
		       (y->other.month && same_day(x->date, y->other));
	case TERM_COUNT:
		return x->value == y->value && str_eq(x->noun, y->noun);
	case TERM_DISCOUNT:
	case TERM_APPROVAL:
	case TERM_SCARCITY:
		break;
	}
	return true;
}
