/* SPDX-License-Identifier: MPL-2.0
 *
 * What relent remembers. One schema behind one narrow interface; driver.h is the private contract of
 * the backends. Reads run on their own handles; all writes of a process go through one writer that
 * commits several units of work at once (group commit) and durably before it answers.
 * Times are UTC seconds, text is UTF-8, ids are base/id.h. The store never asks the clock: `now` comes
 * in with each unit.
 */
#ifndef STORE_CORE_H
#define STORE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"
#include "base/id.h"
#include "policy/limits.h"
#include "policy/policy.h"
#include "sequence/seq.h"
#include "store/desk_rules.h"

struct arena;
struct conf;
struct store;
struct store_tx;	/* a read snapshot or a unit of work inside a write transaction */
struct token_keys;

/* Anybody can write anybody's address into a form. 0: the default of conf/settings.def. */
struct inbound_limits {
	int template_per_hour, template_per_domain;	/* automatic answers; what is more becomes drafts */
	int leads_per_hour;				/* of one source; what is more waits for a person */
	int lead_notes;					/* to one owner in an hour; what is more is one note */
};
struct store_options {
	const char *driver;	/* "sqlite" or "pgsql" */
	/* SQLite: the file; a network file system is refused. PostgreSQL: libpq's connection string */
	const char *path;
	const char *password;	/* PostgreSQL: or NULL; never part of path */
	/* file of the high-water mark of suppressions; NULL: beside path (PostgreSQL: none); "": none */
	const char *mark;
	int busy_ms;		/* how long a write waits for another process */
	int connections;	/* PostgreSQL: readers at a time; 0: as many as ask */
	bool create;		/* make the file and bring the schema up to date; else CONF if it is not */
	bool read_only;
	bool quiet;		/* nobody is told of what is committed: for databases without LISTEN and NOTIFY */
	bool lazy;		/* statements are checked when they are first used, not when the store is opened */
	unsigned addr_equiv;	/* enum addr_equiv: suppression look-ups, who has answered */
	int64_t hard_bounce_expires;
	const char *host, *program;	/* of the events written */
	const char *zone;		/* where nothing nearer is known; NULL: UTC */
	const char *const *own_domains;	/* ours: never a prospect's; the owners' own are known anyway */
	size_t own_domains_n;
	const char *const *freemail;	/* besides the shipped list: shared by unrelated people */
	size_t freemail_n;
	struct breaker_limits breaker;	/* the site's; all 0: those of milter.md */
	int breaker_days;		/* the rolling window; 0: 30 */
	const struct token_keys *keys;	/* borrowed; hash suppressions and tokens; may be NULL */
	const char *voice_brief, *voice_disclosure;	/* of tasks with a voice script; NULL or "": none */
	const char *booking_link;			/* where an owner has none of their own; NULL or "": none */
	const char *const *booking_minimum;		/* fields that are filled, and fit, before a link is offered */
	size_t booking_minimum_n;
	const char *const *booking_questions;		/* "FIELD: question", asked where the field is missing */
	size_t booking_questions_n;
	int64_t booking_remind;				/* how long before an appointment; 0: no reminders */
	struct desk_rules desk;				/* how people decide */
	struct inbound_limits inbound;			/* what strangers can make us do */
};
/* All of it that stands in the site's configuration; host, program, keys and create are the program's. Borrows from c
 * and a. CONF: the password file cannot be read. */
enum status store_settings(const struct conf *c, struct arena *a, struct store_options *o, struct err *e);
/* CONF: "cannot open '...': ...", also for a schema newer than this program knows. */
enum status store_open(const struct store_options *o, struct store **out_r, struct err *e);
void store_close(struct store *s);	/* waits for units under way; takes NULL */
/* Brings the schema up to date, making the file if need be; tells the versions before and after. */
enum status store_migrate(const struct store_options *o, int *from_r, int *to_r, struct err *e);
/* A consistent copy in a new file, while everything goes on. */
enum status store_backup(const struct store_options *o, const char *path, struct err *e);

/* A unit of work. OK keeps its changes; anything else undoes all of them (the other units of the same
 * commit stay). It may be run again from its start when the database asked for a retry: it must have
 * no effect but through tx and must reset its own results at its start. a is cleared before each
 * run. */
typedef enum status store_unit_fn(struct store_tx *tx, struct arena *a, void *ctx, struct err *e);
/* Returns when the unit is durable (OK), or refused by itself (its status), or: AGAIN (busy, disk full,
 * locked: nothing happened), UNSURE (the commit's answer was lost), SYS. Thread-safe; many callers
 * share one commit. deadline_ms: CLOCK_MONOTONIC moment after which it gives up: AGAIN while the unit has
 * not been begun, UNSURE when it has run and the disk takes its time; 0 none. A unit that runs is waited
 * for: ctx is the caller's until store_write() returns, and not touched afterwards. */
enum status store_write(struct store *s, time_t now, store_unit_fn *fn, void *ctx,
			int64_t deadline_ms, struct err *e);
/* A consistent snapshot on a read handle of the pool. Thread-safe. */
enum status store_read(struct store *s, time_t now, store_unit_fn *fn, void *ctx, struct err *e);
/* The same for who cannot wait: AGAIN when the moment (CLOCK_MONOTONIC ms) has come, and at once while the
 * database is away. */
enum status store_read_within(struct store *s, time_t now, store_unit_fn *fn, void *ctx, int64_t deadline_ms,
			      struct err *e);
/* A part of a write unit that may fail by itself: not OK undoes what fn changed, and only that. The unit goes on. a is
 * not cleared. */
enum status store_part(struct store_tx *tx, struct arena *a, store_unit_fn *fn, void *ctx, struct err *e);

time_t store_now(const struct store_tx *tx);
/* A new id of this unit's time. */
const char *store_id(struct store_tx *tx, struct arena *a);

/* ---- rows, for listings and reports: every statement has a name and lives in sql/statements.sql ---- */

enum value_type { VALUE_NULL, VALUE_INT, VALUE_NUM, VALUE_TEXT };
struct value {
	enum value_type type;
	int64_t i;
	double d;
	const char *s;
};
#define V_NULL ((struct value){ .type = VALUE_NULL })
#define V_INT(x) ((struct value){ .type = VALUE_INT, .i = (x) })
#define V_NUM(x) ((struct value){ .type = VALUE_NUM, .d = (x) })
/* NULL becomes SQL NULL */
struct value store_text(const char *s);
struct row {
	size_t n;
	const char *const *names;
	const struct value *values;	/* text valid during the call only */
};
/* By column name; NULL / 0 when it is null or absent. */
const char *row_text(const struct row *r, const char *column);
int64_t row_int(const struct row *r, const char *column);
double row_num(const struct row *r, const char *column);
typedef enum status store_row_fn(void *ctx, const struct row *r, struct err *e);	/* not OK: stop */
/* Runs a named statement with $1.. = args; fn NULL for statements without rows. changed_r (may be
 * NULL): rows changed. Only the typed functions below may use statements that write. */
enum status store_query(struct store_tx *tx, const char *statement, const struct value *args, size_t n,
			store_row_fn *fn, void *ctx, int64_t *changed_r, struct err *e);

#endif
