/* SPDX-License-Identifier: MPL-2.0
 *
 * What the classifier sees in the text of a card: claims, tone, calls to action, length. For the programs that have
 * the phrases loaded; the store itself needs none of them.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/content.h"
#include "store/card.h"

enum { FLAGS = 16 };

struct flags {
	const char **list;
	size_t n;
};

static void add(struct flags *f, const char *what)
{
	if (f->n < FLAGS)
		f->list[f->n++] = what;
}

/* What promises or reproaches is a claim; what presses or flatters is tone. */
static bool is_claim(const char *kind)
{
	return str_eq(kind, "guarantee") || str_eq(kind, "return") || str_eq(kind, "blame") || str_eq(kind, "personal");
}

static void look_at_style(struct arena *a, const char *text, struct flags *tone)
{
	size_t loud = 0, shouted = 0, run = 0;

	for (const char *p = text; *p; p++) {
		loud += *p == '!';
		run = isupper((unsigned char)*p) ? run + 1 : 0;
		shouted += run == 8;
	}
	if (loud > 1)
		add(tone, arena_printf(a, "%zu exclamation marks", loud));
	if (shouted)
		add(tone, "words in capitals");
}

static void look_at_size(struct arena *a, const struct card *c, struct flags *tone)
{
	if (c->max_words > 0 && c->words > c->max_words)
		add(tone, arena_printf(a, "%d words, the sequence allows %d", c->words, c->max_words));
	if (c->max_links > 0 && c->links > c->max_links)
		add(tone, arena_printf(a, "%d links, the sequence allows %d", c->links, c->max_links));
	if (c->step > 1 && c->facts > 1)
		add(tone, arena_printf(a, "%d facts about the person: one is enough", c->facts));
	if (c->step > 0 && c->points_n == 0 && !str_empty(c->draft_state) && !str_eq(c->draft_state, "wanted"))
		add(tone, "nothing in it is about this person");
}

void card_flags(struct arena *a, const struct phrases *p, struct card *c)
{
	struct part part = { .type = "text/plain", .text = c->text, .text_n = c->text ? strlen(c->text) : 0,
			     .parent_rfc822 = -1 };
	struct message m = { .parts = &part, .parts_n = 1, .subject = c->subject ? c->subject : "", .text = c->text };
	struct flags claims = { arena_array(a, const char *, FLAGS), 0 }, tone = { arena_array(a, const char *, FLAGS), 0 },
		     asks = { arena_array(a, const char *, FLAGS), 0 };
	struct outbound_content o;
	const char *bump = NULL;

	if (str_empty(c->text))
		return;
	outbound_content(a, p, &m, NULL, c->approved_claims, c->approved_claims_n, &o);
	c->words = (int)o.words;
	c->links = (int)o.links;
	for (size_t i = 0; i < o.claims_n; i++)
		add(is_claim(o.claims[i].kind) ? &claims : &tone,
		    arena_printf(a, "%s: \"%s\"", o.claims[i].kind, o.claims[i].words));
	for (size_t i = 0; i < o.calls && i < sizeof(o.call) / sizeof(o.call[0]); i++)
		add(&asks, o.call[i]);
	if (o.calls > sizeof(o.call) / sizeof(o.call[0]))
		add(&asks, arena_printf(a, "and %zu more", o.calls - sizeof(o.call) / sizeof(o.call[0])));
	if (outbound_is_bump(a, p, c->text, &bump))
		add(&tone, arena_printf(a, "nothing but a bump: \"%s\"", bump ? bump : "-"));
	look_at_style(a, c->text, &tone);
	look_at_size(a, c, &tone);
	c->claims = claims.list;
	c->claims_n = claims.n;
	c->tone = tone.list;
	c->tone_n = tone.n;
	c->asks = asks.list;
	c->asks_n = asks.n;
	if (c->missing_n || c->decided || !str_eq(c->draft_state, "placed"))
		return;
	if (claims.n)
		c->recommended = arena_printf(a, "check the claim (%s), then approve, edit or reject", claims.list[0]);
	else if (o.calls > (size_t)(c->max_asks > 0 ? c->max_asks : 1))
		c->recommended = "it asks for more than one thing: edit it, or say cta with one question";
}
