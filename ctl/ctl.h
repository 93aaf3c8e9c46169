/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl, for its own files: what a command gets, how it reads its arguments and how it answers.
 * A command is a row in commands.def and a function; it fills a JSON value and says with which
 * columns people see it. --json, --help, usage errors and exit codes come from the table.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <jansson.h>

#include "base/err.h"
#include "conf/conf.h"
#include "store/store.h"

struct arena;
struct clock;
struct token_keys;

/* Exit codes, promised to scripts. */
enum { CTL_DONE = 0, CTL_NO = 1, CTL_USAGE = 2, CTL_UNAVAILABLE = 3 };

/* What is ready before the function runs; anything missing ends with CTL_UNAVAILABLE. */
enum need { NEED_NOTHING, NEED_CONF, NEED_STORE };

struct args {
	const char **word;		/* positional */
	size_t n;
	const struct arg_option *options;
	size_t options_n;
};
struct arg_option {
	const char *name, *value;	/* without "--"; value NULL: a switch */
};
/* Value of --name (the last one), NULL if not given; "" for a switch. */
const char *arg_value(const struct args *args, const char *name);
bool arg_given(const struct args *args, const char *name);

struct ctl {
	struct arena *arena;		/* of the whole run */
	struct clock *clock;
	time_t now;
	bool json;
	const char *conf_path;		/* -c, or NULL */
	struct conf *conf;
	struct store *store;
	struct token_keys *keys;	/* NULL without a key file */
	const char *zone;		/* for people */
	const char *actor;		/* the login of who types this */
	const struct command *command;
	char **argv;			/* the words after the verb, untouched */
	int argc;
};

typedef int command_fn(struct ctl *c, const struct args *args);
struct command {
	const char *name;		/* "prospect add" */
	command_fn *fn;
	enum need need;
	const char *options;		/* "name= dry-run @prospect @source": = takes a value, @entity: every
					 * column of it; "*": the command reads argv itself */
	const char *words;		/* "PROSPECT [FILE...]", for people */
	int min, max;			/* how many words; max -1: any */
	const char *help;
};
size_t commands(const struct command **out_r);
#define COMMAND(name, fn, need, options, words, min, max, help) command_fn fn;
#include "ctl/commands.def"
#undef COMMAND

/* ---- args.c ---- */

/* All option names of a command, without "--", each with '=' at its end if it takes a value. */
size_t command_options(struct arena *a, const struct command *cmd, const char ***out_r);
/* Splits argv by the command's options. False: the reason is in e. */
bool args_parse(struct arena *a, const struct command *cmd, int argc, char **argv, struct args *out_r,
		struct err *e);
/* The fields of an entity among the options, for store_put(); prefix "source-" takes only those. */
size_t args_fields(struct ctl *c, const struct args *args, const char *entity, const char *prefix,
		   struct field **out_r);
/* A time a person typed: date, moment, "tomorrow", "+3d", "3d". */
bool args_time(struct ctl *c, const char *text, time_t *out_r);

/* ---- out.c ---- */

/* `relentctl: SENTENCE` on standard error (or {"error": ...} with --json), and the exit code. */
int fail(struct ctl *c, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int fail_status(struct ctl *c, enum status st, const struct err *e);
/* s without what a terminal would obey. */
const char *plain(struct ctl *c, const char *s);
/* A remark that does not change the result, on standard error. */
void note(struct ctl *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "key:Title key:Title ..."; a title may be left out. Prints items as a table, or as JSON. Takes
 * over the reference. none: what people read when it is empty. */
int out_list(struct ctl *c, json_t *list, const char *columns, const char *none);
/* One thing: `key  value` lines in the order of its keys, nested lists as tables. */
int out_object(struct ctl *c, json_t *object);
/* Done: the sentence for people, the object for --json (may be NULL). */
int out_done(struct ctl *c, json_t *object, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Rows of a named statement as a JSON array. Column names carry their type: `due__t` a time (0 or
 * null: null), `safe__b` yes/no, `payload__j` JSON text; the suffix is taken off. */
json_t *rows_json(struct store_tx *tx, const char *statement, const struct value *args, size_t n,
		  enum status *st_r, struct err *e);
json_t *time_json(time_t t);		/* ISO, or null for 0 */
json_t *text_json(const char *s);	/* valid UTF-8 in any case; null for NULL */
const char *get(const json_t *o, const char *key);	/* text of a key, "" if none */
int64_t get_int(const json_t *o, const char *key);
/* ISO time as people of c->zone read it. */
const char *time_for_people(struct ctl *c, const char *iso);

/* ---- store.c ---- */

/* One query outside a bigger unit of work; NULL: reported, *code_r set. */
json_t *ask(struct ctl *c, const char *statement, const struct value *args, size_t n, int *code_r);
/* A unit of work; a report is made and the exit code returned. */
int write_unit(struct ctl *c, store_unit_fn *fn, void *ctx);
int read_unit(struct ctl *c, store_unit_fn *fn, void *ctx);
enum status ctl_store_options(struct ctl *c, struct store_options *o, struct err *e);
/* What root makes for the daemons must be theirs: who owns the folder that the store lies in. False: root
 * does, or we are not root. */
bool store_folder_owner(struct ctl *c, uid_t *uid_r, gid_t *gid_r);
/* Finds by id, prefix, address or name; GONE with the nearest ones in the sentence. */
enum status find_prospect(struct store_tx *tx, struct arena *a, const char *what, const char **id_r,
			  struct err *e);
enum status find_enrolment(struct store_tx *tx, struct arena *a, const char *what, bool live_only,
			   const char **id_r, struct err *e);
enum status find_row(struct store_tx *tx, struct arena *a, const char *statement, const char *noun,
		     const char *what, const char **id_r, struct err *e);
/* Writes the list of outreach senders that the milter reads while the store is away. */
enum status mirror_owners(struct ctl *c, struct err *e);

#endif
