/* SPDX-License-Identifier: MPL-2.0
 *
 * What an outgoing mail says and asks: claims (each with a clean twin), calls to action, words, links,
 * whom it greets.
 * rows: 416, 418, 420, 421, 422, 446, 447, 448, 450, 452, 453, 454, 455, 463, 870, 874, 875, 876, 877, 878, 879, 1164, 1172
 */
#include "config.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/content.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

static struct phrases *phrases;
static struct arena *a;

static void up(void)
{
	a = arena_new(0);
}

static void down(void)
{
	arena_free(a);
}

static struct outbound_content of(const char *head, const char *text, const char *const *approved, size_t n)
{
	char *raw = arena_printf(a, "From: sam@boxwell.example\nTo: ann@oakvale.example\n%s"
				 "MIME-Version: 1.0\n\n%s\n", head, text);
	struct outbound_content c;

	outbound_content(a, phrases, mails_read(a, raw, strlen(raw)), NULL, approved, n, &c);
	return c;
}

static struct outbound_content plain(const char *text)
{
	return of("Subject: A\nContent-Type: text/plain; charset=utf-8\n", text, NULL, 0);
}

static const struct { const char *kind, *text, *clean; } claims[] = {
	{ "return", "You could save 40 % of it.", "You could save 40 minutes of it." },
	{ "return", "We help you double your revenue.", "We help you to double the shifts." },
	{ "return", "An ROI of 300% is usual.", "Who counts the return of goods?" },
	{ "return", "It pays for itself in three weeks.", "The depot pays in three weeks." },
	{ "guarantee", "Results are guaranteed.", "I cannot guarantee it." },
	{ "guarantee", "There is zero risk for you.", "There is a risk of frost." },
	{ "urgency", "This offer expires tomorrow!", "The tariff changes on 1 May." },
	{ "urgency", "Act now, only 3 spots left.", "Now only the depot in Hull is left." },
	{ "urgency", "It is urgent.", "It is not urgent." },
	{ "pressure", "You cannot afford to wait.", "You can afford to wait." },
	{ "pressure", "Your competitors are already using it.", "Who are your competitors in Hull?" },
	{ "praise", "I absolutely love what you do at Oakvale.", "I read what you do at Oakvale." },
	{ "praise", "Your company is truly amazing.", "Your company is in Hull." },
	{ "familiar", "As we discussed on the phone, here it is.", "Here is the list of the five checks." },
	{ "familiar", "Hope you had a great weekend!", "Is the depot open at the weekend?" },
	{ "personal", "Congratulations on your baby!", "Congratulations on the new depot!" },
	{ "personal", "I hope that your wife is well.", "I hope that the new depot is well filled." },
	{ "personal", "I saw on your Facebook that you moved.", "I saw on your website that you moved." },
	{ "blame", "Your company is losing money every day.", "Is the depot losing stock?" },
	{ "empty", "I hope this email finds you well.", "I hope the depot is open." },
	{ "empty", "We are a leading provider of software.", "We are a team of nine in Hull." },
	{ "empty", "Let us leverage your synergies.", "Let us look at your shifts." },
	{ "empty", "Ich hoffe, diese Mail erreicht Sie gut.", "Ich hoffe, das Lager ist offen." },
	{ "empty", "Nous sommes un leader du secteur.", "Nous sommes neuf à Lyon." },
	{ "return", "Sie sparen damit 40 %.", "Sie sparen damit zwei Wege." },
	{ "return", "Ein Betrieb konnte 14 % der Kosten einsparen.", "Ein Betrieb hat 14 % Lehrlinge." },
	{ "guarantee", "Der Erfolg ist garantiert.", "Eine Garantie gibt es nicht." },
	{ "urgency", "Jetzt zugreifen, nur noch 3 Plätze!", "Drei Plätze hat das Lager." },
	{ "personal", "Glückwunsch zur Geburt!", "Glückwunsch zum neuen Lager!" },
	{ "return", "Vous allez économiser 40 % des coûts.", "Vous allez ouvrir un dépôt." },
	{ "urgency", "Dernière chance avant demain.", "Le tarif change demain." },
	{ "guarantee", "Résultats garantis.", "Sans garantie de ma part." },
	{ "return", "Puede ahorrar un 40 % del gasto.", "Puede abrir el almacén." },
	{ "urgency", "¡Última oportunidad!", "La tarifa cambia en mayo." },
	{ "guarantee", "El éxito está garantizado.", "El almacén está abierto." },
	{ "return", "Potete risparmiare il 40 % dei costi.", "Potete aprire il magazzino." },
	{ "urgency", "Offerta limitata, prenota subito.", "La tariffa cambia a maggio." },
	{ "guarantee", "Risultati garantiti.", "Il magazzino è aperto." },
	{ "return", "U kunt 40 % besparing halen.", "U kunt het magazijn openen." },
	{ "urgency", "Laatste kans!", "Het tarief verandert in mei." },
	{ "guarantee", "Succes gegarandeerd.", "Zonder garantie mijnerzijds." },
	{ "return", "Pode poupar 40 % dos custos.", "Pode abrir o armazém." },
	{ "urgency", "Última oportunidade!", "A tarifa muda em maio." },
	{ "guarantee", "Resultados garantidos.", "O armazém está aberto." },
	{ "return", "Można zaoszczędzić 40 % kosztów.", "Można otworzyć magazyn." },
	{ "urgency", "Ostatnia szansa!", "Taryfa zmienia się w maju." },
	{ "guarantee", "Gwarantujemy sukces.", "Magazyn jest otwarty." },
	{ "return", "Ni kan spara 40 % av kostnaden.", "Ni kan öppna lagret." },
	{ "urgency", "Sista chansen!", "Tariffen ändras i maj." },
	{ "guarantee", "Resultatet är garanterat.", "Lagret är öppet." },
	{ "guarantee", "成果を保証します。", "倉庫は開いています。" },
	{ "urgency", "今すぐお申し込みを。", "五月に料金が変わります。" },
};

START_TEST(claim_and_clean_twin)
{
	struct outbound_content c = plain(claims[_i].text);

	ck_assert_msg(c.claims_n > 0, "no claim in: %s", claims[_i].text);
	ck_assert_msg(str_eq(c.claims[0].kind, claims[_i].kind), "%s, not %s: %s", c.claims[0].kind,
		      claims[_i].kind, claims[_i].text);
	c = plain(claims[_i].clean);
	ck_assert_msg(!c.claims_n, "'%s' in: %s", c.claims_n ? c.claims[0].words : "", claims[_i].clean);
}
END_TEST

static const char *const languages[] = { "en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "ja" };

/* tests/cases/claims/LANG.tsv: kind, tab, sentence. */
START_TEST(claims_by_language)
{
	char *text = test_read(a, test_source(arena_printf(a, "tests/cases/claims/%s.tsv", languages[_i])), NULL);
	struct span rest = span_of(text), line, kind;
	int wrong = 0, n = 0;

	while (span_line(&rest, &line)) {
		if (!span_split(&line, '\t', &kind) || !line.n)
			continue;
		const char *want = span_dup(a, kind), *said = span_dup(a, line);
		struct outbound_content c = plain(said);
		const char *got = c.claims_n ? c.claims[0].kind : "-";
		n++;
		if (!str_eq(got, want)) {
			printf("# %s: %s, not %s: %s\n", languages[_i], got, want, said);
			wrong++;
		}
	}
	fflush(stdout);
	ck_assert_int_ge(n, 30);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(approved_claims)
{
	static const char *const list[] = { "A customer of your size saved 14 % of its freight cost in 2025." };
	static const char said[] = "Hi Ann,\n\na customer of your size saved 14 % of its\nfreight cost in 2025. Who "
				   "looks after yours?";
	static const char more[] = "Hi Ann,\n\na customer of your size saved 41 % of its freight cost in 2025.";

	ck_assert_uint_eq(plain(said).claims_n, 1);
	ck_assert_uint_eq(of("Subject: A\n", said, list, 1).claims_n, 0);
	/* another figure is another claim */
	ck_assert_uint_eq(of("Subject: A\n", more, list, 1).claims_n, 1);
	/* the subject claims too */
	ck_assert_uint_eq(of("Subject: Save 40% now\n", "Hi Ann,", list, 1).claims_n, 1);
}
END_TEST

static const struct { const char *text; size_t calls; } calls[] = {
	{ "Who plans the shifts in Hull?", 1 },
	{ "We moved forty mailboxes in a day. I send the list if you like.", 0 },
	{ "Who plans the shifts? Shall I send the list?", 2 },
	{ "Who plans the shifts? Book a call here: https://boxwell.example/?when=now", 2 },
	{ "See https://boxwell.example/?a=1&b=2 for it.", 0 },
	{ "Let me know. Please confirm by Friday.", 2 },
	{ "Who plans them? If you would rather not hear from me, reply with no.", 1 },
	{ "Wer plant die Schichten? Klicken Sie hier.", 2 },
	{ "Qui planifie les équipes ? Cliquez ici.", 2 },
	{ "¿Quién planifica los turnos? Haga clic aquí.", 2 },
	{ "Chi pianifica i turni? Clicchi qui.", 2 },
	{ "Wie plant de diensten? Klik hier.", 2 },
	{ "Quem planeia os turnos? Clique aqui.", 2 },
	{ "Kto planuje zmiany? Kliknij tutaj.", 2 },
	{ "Vem planerar skiften? Klicka här.", 2 },
	{ "ご担当はどなたでしょうか。ご返信ください。", 2 },
};

START_TEST(calls_to_action)
{
	struct outbound_content c = plain(calls[_i].text);

	ck_assert_msg(c.calls == calls[_i].calls, "%zu calls in: %s", c.calls, calls[_i].text);
	if (c.calls > 1)
		ck_assert_ptr_nonnull(c.call[1]);
}
END_TEST

START_TEST(words_and_links)
{
	static const char html[] = "--b\nContent-Type: text/plain\n\nsee the plan and the list\n\n-- \nSam\n--b\n"
		"Content-Type: text/html\n\n<p>see <a href=\"https://boxwell.example/plan\">the plan</a> and "
		"<a href='https://boxwell.example/list/'>the list</a></p><p>-- <br>Sam "
		"<a href=\"https://boxwell.example/\">our site</a></p>\n--b--\n";
	struct outbound_content c = plain("one two, three - four\n\n> five six\n\n-- \nseven eight\n");

	ck_assert_uint_eq(c.words, 4);
	ck_assert_uint_eq(plain("倉庫のご担当は、どなたでしょうか。").words, 8);
	ck_assert_uint_eq(plain("a https://x.example/a, b (www.x.example/b) c http://x.example/a/").links, 2);
	ck_assert_uint_eq(plain("a https://x.example/aaa/bbb b").words, 2);
	c = of("Subject: A\nContent-Type: multipart/alternative; boundary=b\n", html, NULL, 0);
	ck_assert_uint_eq(c.links, 2);
}
END_TEST

static const struct { const char *text, *addressee; } greeted[] = {
	{ "Hi Bob,\n\nx", "Bob" },
	{ "Dear Ms Hall,\n\nx", "Hall" },
	{ "Sehr geehrte Frau Dr. Maier,\n\nx", "Maier" },
	{ "Bonjour Madame Petit,\n\nx", "Petit" },
	{ "Estimado Sr. García:\n\nx", "García" },
	{ "Gentile Dott.ssa Rossi,\n\nx", "Rossi" },
	{ "Geachte heer De Vries,\n\nx", "De Vries" },
	{ "Prezada Sra. Silva,\n\nx", "Silva" },
	{ "Dzień dobry Panie Janie,\n\nx", "Janie" },
	{ "Hej Lars!\n\nx", "Lars" },
	{ "株式会社山田 佐藤様\n\nx", "佐藤" },
	{ "Hi Ann and welcome\n\nx", "Ann" },
	{ "Hello there,\n\nx", NULL },
	{ "Hallo zusammen,\n\nx", NULL },
	{ "Dear Sir or Madam,\n\nx", NULL },
	{ "皆様\n\nx", NULL },
	{ "Tuesday works.", NULL },
};

START_TEST(addressee)
{
	struct outbound_content c = plain(greeted[_i].text);

	ck_assert_msg(str_eq(c.addressee, greeted[_i].addressee), "'%s' in: %s",
		      c.addressee ? c.addressee : "nobody", greeted[_i].text);
}
END_TEST

static const struct { const char *addressee, *name, *local; enum outbound_named named; } named[] = {
	{ "Bob", "Alice Hall", "alice", NAMED_NO },
	{ "Alice", "Alice Hall", "alice", NAMED_YES },
	{ "ALICE", "Alice Hall", "x", NAMED_YES },
	{ "Hall", "Alice Hall", "x", NAMED_YES },
	{ "Bob", "Robert Miller", "rm", NAMED_YES },
	{ "Rob", "Robert Miller", "rm", NAMED_YES },
	{ "Miller", NULL, "rmiller", NAMED_YES },
	{ "Joerg", "J\xc3\xb6rg Weber", "joerg.weber", NAMED_YES },
	{ "Jorg", "J\xc3\xb6rg Weber", "jw", NAMED_YES },
	{ "Bob", NULL, "info", NAMED_UNSURE },
	{ "Bob", "", "x12", NAMED_UNSURE },
	{ "佐藤", "佐藤 健", "sato", NAMED_YES },
	{ "鈴木", "佐藤 健", "sato", NAMED_NO },
};

START_TEST(is_named)
{
	ck_assert_msg(outbound_named(a, phrases, named[_i].addressee, named[_i].name, named[_i].local) ==
		      named[_i].named, "%s for %s", named[_i].addressee,
		      named[_i].name ? named[_i].name : named[_i].local);
}
END_TEST

static const struct { const char *text, *company; bool mentions; } mentioned[] = {
	{ "how is the depot of Oakvale doing", "Oakvale Ltd", true },
	{ "how is Oak Vale doing", "Oakvale Ltd", false },
	{ "beim Standort der Weber & Sohn", "Weber & Sohn GmbH", true },
	{ "the weber is a grill", "Weber GmbH", false },
	{ "as IT goes", "IT AG", false },
	{ "山田製作所の倉庫", "株式会社山田製作所", true },
	{ "山田製作所の倉庫", "山田製作所", true },
};

START_TEST(company)
{
	ck_assert_msg(outbound_mentions(a, mentioned[_i].text, mentioned[_i].company) == mentioned[_i].mentions,
		      "%s", mentioned[_i].text);
}
END_TEST

/* What relent itself puts into drafts claims nothing and asks for one thing. */
START_TEST(shipped_templates_are_clean)
{
	glob_t g;
	size_t n = 0;

	ck_assert_int_eq(glob(test_source("conf/templates/*/*.txt"), 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *text = test_read(a, g.gl_pathv[i], NULL);

		for (char *c = text; *c; c++) {	/* {{fields}} are filled with words that say nothing */
			if (*c == '{' || *c == '}')
				*c = ' ';
		}
		struct outbound_content c = plain(text);

		ck_assert_msg(c.claims_n == 0, "%s: '%s'", g.gl_pathv[i], c.claims_n ? c.claims[0].words : "");
		ck_assert_msg(c.calls <= 1, "%s: '%s', '%s'", g.gl_pathv[i], c.call[0], c.call[1]);
		n++;
	}
	globfree(&g);
	ck_assert_uint_gt(n, 10);
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof((x)[0]))

int main(void)
{
	Suite *s = suite_create("classifier content");
	TCase *t = test_case(s, "content");
	int r;

	phrases = mails_phrases();
	tcase_add_checked_fixture(t, up, down);
	tcase_add_loop_test(t, claim_and_clean_twin, 0, COUNT(claims));
	tcase_add_loop_test(t, claims_by_language, 0, COUNT(languages));
	tcase_add_test(t, approved_claims);
	tcase_add_loop_test(t, calls_to_action, 0, COUNT(calls));
	tcase_add_test(t, words_and_links);
	tcase_add_test(t, shipped_templates_are_clean);
	tcase_add_loop_test(t, addressee, 0, COUNT(greeted));
	tcase_add_loop_test(t, is_named, 0, COUNT(named));
	tcase_add_loop_test(t, company, 0, COUNT(mentioned));
	r = test_run(s);
	phrases_free(phrases);
	return r;
}
