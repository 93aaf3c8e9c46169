/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl sequence check|states|load|list|show.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl/ctl.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/load.h"

static void collect_problem(void *ctx, const char *file, int line, const char *sentence)
{
	json_array_append_new(ctx, json_pack("{s:o,s:i,s:o}", "file", text_json(file), "line", line,
					     "problem", text_json(sentence)));
}

static int print_problems(struct ctl *c, json_t *problems, size_t files)
{
	size_t n = json_array_size(problems);

	if (c->json) {
		out_object(c, json_pack("{s:b,s:i,s:o}", "good", n == 0, "files", (int)files, "problems",
					problems));
		return n ? CTL_NO : CTL_DONE;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *p = json_array_get(problems, i);

		if (get_int(p, "line"))
			printf("%s:%d: %s\n", plain(c, get(p, "file")), (int)get_int(p, "line"),
			       plain(c, get(p, "problem")));
		else
			printf("%s: %s\n", plain(c, get(p, "file")), plain(c, get(p, "problem")));
	}
	json_decref(problems);
	return n ? CTL_NO : CTL_DONE;
}

/* A file, or a directory of them. */
static enum status files_of(struct ctl *c, const struct args *args, const char ***paths_r, size_t *n_r,
			    struct err *e)
{
	const char **all = arena_array(c->arena, const char *, 4096);
	size_t n = 0;

	for (size_t i = 0; i < args->n; i++) {
		struct stat st;
		const char **some;
		size_t some_n;

		if (stat(args->word[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			enum status rc = plan_files(c->arena, &args->word[i], 1, &some, &some_n, e);

			if (rc)
				return rc;
			for (size_t k = 0; k < some_n && n < 4096; k++)
				all[n++] = some[k];
		} else if (n < 4096) {
			all[n++] = args->word[i];
		}
	}
	*paths_r = all;
	*n_r = n;
	return OK;
}

int cmd_sequence_check(struct ctl *c, const struct args *args)
{
	json_t *problems = json_array();
	const char **paths;
	struct err e;
	size_t n;

	if (files_of(c, args, &paths, &n, &e) != OK)
		return fail_status(c, CONF, &e);
	for (size_t i = 0; i < n; i++) {
		size_t before = json_array_size(problems);
		struct plan *p;

		if (plan_read_file(c->arena, paths[i], collect_problem, problems, &p, &e) != OK) {
			if (json_array_size(problems) == before)
				collect_problem(problems, paths[i], 0, e.text);
		} else if (!c->json) {
			printf("%s: good: '%s', %zu steps, at most %d touches, %s\n", plain(c, paths[i]),
			       p->name, p->steps_n, p->max_touches, authority_name(p->authority));
		}
	}
	return print_problems(c, problems, n);
}

static const char *group_name(enum seq_group g)
{
	switch (g) {
	case SEQ_LIVE: return "live";
	case SEQ_WAIT: return "waits for a person";
	case SEQ_END: return "ended";
	}
	return "";
}

static json_t *cells_of(enum seq_state s)
{
	json_t *list = json_array();

	for (int ev = 0; ev < EV_COUNT; ev++) {
		enum seq_state next = s;
		const char *words = NULL, *then = NULL;

		switch (seq_cell(s, (enum seq_event)ev, &next, &words)) {
		case CELL_REFUSED: continue;
		case CELL_IGNORED: then = "(nothing)"; break;
		case CELL_MOVES: then = seq_state_name(next); break;
		}
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:o}", "state", seq_state_name(s), "event",
			seq_event_name((enum seq_event)ev), "next", then, "note", text_json(words)));
	}
	return list;
}

int cmd_sequence_states(struct ctl *c, const struct args *args)
{
	static const char *const meanings[] = {
#define STATE(sym, name, group, meaning) meaning,
#include "sequence/states.def"
#undef STATE
	};
	const char *names[SEQ_STATE_COUNT], *near;
	json_t *list = json_array();
	enum seq_state s;

	for (int i = 0; i < SEQ_STATE_COUNT; i++) {
		names[i] = seq_state_name((enum seq_state)i);
		json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "state", names[i], "group",
			group_name(seq_state_group((enum seq_state)i)), "meaning", meanings[i]));
	}
	if (args->n == 0 && !c->json)
		return out_list(c, list, "state group meaning", "");
	if (args->n == 0) {
		json_t *cells = json_array();

		for (int i = 0; i < SEQ_STATE_COUNT; i++) {
			json_t *some = cells_of((enum seq_state)i);

			json_array_extend(cells, some);
			json_decref(some);
		}
		return out_object(c, json_pack("{s:o,s:o}", "states", list, "transitions", cells));
	}
	json_decref(list);
	if (!seq_state_from_name(args->word[0], &s)) {
		near = str_nearest(args->word[0], names, SEQ_STATE_COUNT);
		return fail(c, CTL_NO, near ? "there is no state '%s': did you mean '%s'?"
			    : "there is no state '%s'", args->word[0], near);
	}
	return out_list(c, cells_of(s), "event next note", "no event changes it");
}

/* ---- with the store ---- */

static size_t sequence_dirs(struct ctl *c, const char *dirs[2])
{
	const char *site = conf_str(c->conf, "sequence_dir");

	dirs[0] = arena_printf(c->arena, "%s/sequences", conf_data_dir(c->arena, c->conf));
	dirs[1] = *site ? site : arena_printf(c->arena, "%s/sequences", conf_site_dir(c->arena, c->conf));
	return 2;
}

int cmd_sequence_load(struct ctl *c, const struct args *args)
{
	json_t *problems = json_array();
	const char *dirs[2];
	size_t n = sequence_dirs(c, dirs);
	struct err e = { "" };
	int made = 0, code;
	enum status st;

	if (args->n)
		n = args->n;
	st = store_load_sequences(c->store, c->now, args->n ? args->word : dirs, n, c->actor,
				  collect_problem, problems, &made, &e);
	if (st && json_array_size(problems) == 0) {
		json_decref(problems);
		return fail_status(c, st, &e);
	}
	if (json_array_size(problems)) {
		code = print_problems(c, problems, 0);
		note(c, "%d new versions; the files above were left out", made);
		return code;
	}
	json_decref(problems);
	return out_done(c, json_pack("{s:i}", "new", made), made == 1 ? "1 new version"
			: made ? "%d new versions" : "nothing has changed", made);
}

int cmd_sequence_list(struct ctl *c, const struct args *args)
{
	int code;
	json_t *list = ask(c, "ctl_sequences", NULL, 0, &code);

	(void)args;
	return list ? out_list(c, list, "name version steps live enrolled:ever created retired",
			       "there is no sequence: 'relentctl sequence load'") : code;
}

struct show {
	const char *name;
	int version;
	json_t *out;
};

static json_t *steps_json(const struct plan *p)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < p->steps_n; i++) {
		const struct plan_step *s = &p->steps[i];
		json_t *needs = json_array();

		for (size_t k = 0; k < s->needs_n; k++)
			json_array_append_new(needs, text_json(s->needs[k]));
		json_array_append_new(steps, json_pack("{s:i,s:o,s:s,s:s,s:o,s:o,s:o,s:b}", "step", s->number,
			"when", s->day >= 0 ? json_sprintf("day %d", s->day) : json_sprintf("%d minutes", s->minutes),
			"channel", channel_name(s->channel), "type", step_type_name(s->type), "job",
			text_json(s->job), "template", text_json(s->template), "needs", needs, "optional",
			s->optional));
	}
	return steps;
}

static enum status show_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct show *w = ctx;
	const struct plan *p;
	const char *id;
	json_t *requires, *list;
	enum status st = store_plan(tx, w->name, w->version, &p, &id, e);

	(void)a;
	json_decref(w->out);
	w->out = NULL;
	if (st == GONE || (st == INPUT && !e->text[0])) {
		const char *names[256], *near;
		size_t n = 0;

		list = rows_json(tx, "ctl_sequences", NULL, 0, &st, e);
		if (!list)
			return st;
		for (; n < json_array_size(list) && n < 256; n++)
			names[n] = get(json_array_get(list, n), "name");
		near = str_nearest(w->name, names, n);
		st = err_set(e, GONE, near ? "there is no sequence '%s': did you mean '%s'?"
			     : "there is no sequence '%s'", w->name, near);
		json_decref(list);
		return st;
	}
	if (st)
		return st;
	requires = json_array();
	for (unsigned bit = 1; bit <= REQUIRES_REVIEW_NOTE; bit <<= 1)
		if (p->requires & bit)
			json_array_append_new(requires, text_json(requirement_name((enum requirement)bit)));
	w->out = json_pack("{s:o,s:i,s:o,s:o,s:o,s:o,s:s,s:o,s:i,s:i,s:i,s:i,s:o}", "name", text_json(p->name),
		"version", p->version, "purpose", text_json(p->purpose), "offer", text_json(p->offer),
		"market", text_json(p->market), "buyer_role", text_json(p->buyer_role), "authority",
		authority_name(p->authority), "requires", requires, "max_touches", p->max_touches,
		"pilot_size", p->pilot_size, "gap_days", p->gap_days, "patience_days", p->patience_days,
		"steps", steps_json(p));
	return OK;
}

int cmd_sequence_show(struct ctl *c, const struct args *args)
{
	struct show w = { .name = args->word[0] };
	const char *v = arg_value(args, "version");
	int64_t version = 0;
	int code;

	if (v && !str_int(v, 1, 1000000, &version))
		return fail(c, CTL_USAGE, "--version '%s' is not a number", v);
	w.version = (int)version;
	code = read_unit(c, show_unit, &w);
	return code ? code : out_object(c, w.out);
}
