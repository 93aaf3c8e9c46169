/* SPDX-License-Identifier: MPL-2.0
 *
 * The new text of an answer to a digest: whatever it is, what is read of it is within its limits, the same twice, and
 * nothing at all if it is a letter.
 */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/commands.h"
#include "tests/lib/mails.h"

static void check(const struct commands *c)
{
	if (c->n > COMMANDS_MAX || c->mistakes_n > COMMANDS_MAX || ((c->letter || c->empty) && (c->n || c->mistakes_n)))
		abort();
	for (size_t i = 0; i < c->n; i++) {
		const struct command *k = &c->list[i];

		if (k->items_n > COMMAND_ITEMS_MAX || (k->items_n && k->all) || (k->date.year && !date_valid(k->date)) ||
		    k->minute >= 1440 || strlen(k->words) > 200)
			abort();
		for (size_t n = 0; n < k->items_n; n++) {
			if (k->items[n] < 1 || k->items[n] > COMMAND_ITEM_MAX)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct phrases *phrases;
	static struct command_words *words;
	static const char *const names[] = { "Rita Rep", "Rita" };
	struct arena *a = arena_new((size_t)256 << 20);
	const char *text = str_utf8(a, (const char *)data, n > 8192 ? 8192 : n);
	struct command_context c = { .today = { 2027, 3, 2 }, .language = "en", .names = names, .names_n = 2 };
	struct commands got, again;

	if (!phrases) {
		phrases = mails_phrases();
		words = shipped_commands();
	}
	c.phrases = phrases;
	c.words = words;
	commands_read_text(a, &c, text, "subject", &got);
	check(&got);
	commands_read_text(a, &c, text, "subject", &again);
	if (!str_eq(commands_shown(a, &got), commands_shown(a, &again)))
		abort();
	commands_read_text(a, &c, NULL, text, &got);
	check(&got);
	arena_free(a);
	return 0;
}
