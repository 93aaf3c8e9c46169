/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "logwatch/source.h"

#include "base/arena.h"
#include "conf/conf.h"

static bool is_journal(const struct conf *c)
{
	return str_eq(conf_str(c, "logwatch.source"), "journal");
}

const char *source_name(struct arena *a, const struct conf *c)
{
	if (!is_journal(c))
		return arena_printf(a, "file %s", conf_str(c, "logwatch.file"));
	return arena_printf(a, "journal%s%s", *conf_str(c, "logwatch.journal") ? " " : "",
			    conf_str(c, "logwatch.journal"));
}

enum status source_open(const struct conf *c, const char *position, struct source *out_r, struct err *e)
{
	const char *const *users;
	size_t n = conf_list(c, "logwatch.users", &users);

	*out_r = (struct source){ NULL, NULL };
	if (is_journal(c))
		return journal_open(conf_str(c, "logwatch.journal"), position, users, n, &out_r->journal, e);
	follow_open(conf_str(c, "logwatch.file"), position, &out_r->file);
	return OK;
}

void source_close(struct source *s)
{
	follow_close(s->file);
	journal_close(s->journal);
	*s = (struct source){ NULL, NULL };
}

enum follow_result source_entry(struct source *s, struct log_entry *entry_r, struct err *e)
{
	struct span line;
	enum follow_result r;

	if (s->journal)
		return journal_entry(s->journal, entry_r, e);
	do
		r = follow_line(s->file, &line, e);
	while (r == FOLLOW_LINE && !log_entry_split(line, entry_r));
	return r;
}

const char *source_position(struct source *s, struct arena *a)
{
	return s->journal ? journal_position(s->journal, a) : follow_position(s->file, a);
}

int source_fd(struct source *s)
{
	return s->journal ? journal_fd(s->journal) : follow_fd(s->file);
}

void source_drain(struct source *s)
{
	if (s->journal)
		journal_drain(s->journal);
	else
		follow_drain(s->file);
}
