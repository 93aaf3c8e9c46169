/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/lib/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "conf/conf.h"

struct command_words *shipped_commands(void)
{
	const char *top = getenv("TOP_SRCDIR");
	struct arena *a = arena_new(0);
	struct command_words *w = NULL;
	const struct conf_file *list;
	enum status st;
	struct err e;
	size_t n;

	setenv("RELENT_DATA", arena_printf(a, "%s/conf", top ? top : TOP_SRCDIR), 1);
	st = conf_data_files(a, NULL, "commands", &list, &n, &e);
	for (size_t i = 0; st == OK && i < n; i++)
		st = command_words_parse(list[i].name, list[i].text, &w, &e);
	if (st != OK || !w) {
		fprintf(stderr, "cannot load the commands: %s\n", st == OK ? "none" : e.text);
		exit(99);
	}
	arena_free(a);
	return w;
}

static void show(struct buf *b, const struct command *c)
{
	char day[WHEN_TEXT];

	buf_adds(b, command_name(c->verb));
	if (c->all)
		buf_adds(b, " all");
	for (size_t i = 0; i < c->items_n; i++)
		buf_addf(b, " %d", c->items[i]);
	if (c->date.year)
		buf_addf(b, " %s", date_text(c->date, day));
	if (c->minute >= 0 && c->date.year)
		buf_addf(b, " %02d:%02d", c->minute / 60, c->minute % 60);
	if (c->argument && !c->date.year)
		buf_addf(b, " [%s]", text_squeeze(b->arena, c->argument));
	if (c->because)
		buf_addf(b, " (%s)", c->because);
	buf_addc(b, '\n');
}

const char *commands_shown(struct arena *a, const struct commands *c)
{
	static const char *const faults[] = { [COMMAND_UNKNOWN] = "unknown", [COMMAND_NUMBERS] = "numbers",
		[COMMAND_ARGUMENT] = "argument", [COMMAND_DAY] = "day", [COMMAND_LEFT] = "left",
		[COMMAND_TOO_MANY] = "too many" };
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < c->n; i++)
		show(&b, &c->list[i]);
	for (size_t i = 0; i < c->mistakes_n; i++)
		buf_addf(&b, "mistake %d %s%s%s\n", c->mistakes[i].line, faults[c->mistakes[i].fault],
			 c->mistakes[i].near ? " " : "", c->mistakes[i].near ? c->mistakes[i].near : "");
	if (c->letter)
		buf_adds(&b, "letter\n");
	if (c->empty)
		buf_adds(&b, "empty\n");
	if (c->unread)
		buf_addf(&b, "unread: %s\n", c->unread);
	return b.p;
}
