/* SPDX-License-Identifier: MPL-2.0
 *
 * What the files of the store share: the handle, and short ways to run named statements.
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include <jansson.h>

#include "base/arena.h"
#include "store/driver.h"
#include "store/statements.h"
#include "store/store.h"

enum { STORE_POOL = 16, STORE_BATCH = 100 };

struct unit;		/* writer.c */
struct plan_entry;	/* plans.c */
struct company_memory;	/* others.c */

struct store {
	const struct store_driver *driver;
	struct store_options o;		/* strings owned */
	struct statement *statements;	/* the built-in ones and those of entities.def */
	size_t statements_n;

	pthread_mutex_t pool_lock;
	pthread_cond_t pool_given;	/* a reader came back: somebody may wait for one */
	struct db *pool[STORE_POOL];
	size_t pool_n, readers;		/* readers: those in use too */

	/* writer.c */
	struct db *writer;
	pthread_t writer_thread;
	pthread_mutex_t lock;
	pthread_cond_t more;		/* the writer waits for units */
	struct unit *first, **last;
	uint64_t ticket;
	bool closing, writing;
	int64_t commits;		/* how many so far: tests, metrics */
	int64_t units;
	int careful;			/* the writer's own: so many batches go with savepoints */

	/* the checkpointer sleeps on this */
	struct db *checkpointer;
	pthread_t checkpoint_thread;
	pthread_cond_t committed;
	bool checkpoint_wanted;

	/* lost.c, the writer's own: the last event that is known to be committed, and of the commit under way */
	char known_event[ID_SIZE], batch_event[ID_SIZE];
	int64_t known_links;		/* links made when it was last seen to be there */
	atomic_bool tell_lost;		/* this host's mark is ahead of the database: all hosts must know */

	/* mark.c */
	bool mark_wanted;		/* the writer's own: a suppression is among what it commits */
	atomic_bool lost;
	_Atomic int64_t mark_looked;	/* CLOCK_MONOTONIC, ms */
	_Atomic int64_t asked;		/* statements run: tests, metrics */

	struct company_memory *companies;	/* others.c */

	pthread_mutex_t plan_lock;
	struct arena *plan_arena;
	struct plan_entry *plans;
};

struct store_tx {
	struct store *store;
	struct db *db;
	time_t now;
	bool write;
	bool suppressed;	/* a suppression was put in: the mark moves after the commit */
	char event[ID_SIZE];	/* the last one written */
	int depth;		/* of store_step(): steps that cause steps */
};

enum status writer_start(struct store *s, struct err *e);
void writer_stop(struct store *s);
void cond_init(pthread_cond_t *c);	/* waits by CLOCK_MONOTONIC */
void plans_free(struct store *s);
struct company_memory *companies_new(void);
void companies_free(struct company_memory *m);
struct store_tx tx_of(struct store *s, struct db *db, time_t now, bool write);

/* ---- statements: db_*(tx, ST_name, ...) by number, macros for the common shapes ---- */

struct rows {
	size_t n;
	const struct row *list;		/* on the arena, text too */
};
enum status db_query(struct store_tx *tx, size_t st, const struct value *args, size_t n,
		     store_row_fn *fn, void *ctx, int64_t *changed_r, struct err *e);
enum status db_rows(struct store_tx *tx, struct arena *a, size_t st, const struct value *args,
		    size_t n, struct rows *out_r, struct err *e);
/* The first row; GONE (without a sentence) if there is none. */
enum status db_one(struct store_tx *tx, struct arena *a, size_t st, const struct value *args,
		   size_t n, const struct row **out_r, struct err *e);

#define ARGS(...) ((const struct value[]){ __VA_ARGS__ }), \
	(sizeof((const struct value[]){ __VA_ARGS__ }) / sizeof(struct value))
#define RUN(tx, name, e, ...) db_query((tx), ST_##name, ARGS(__VA_ARGS__), NULL, NULL, NULL, (e))
#define CHANGE(tx, name, changed_r, e, ...) \
	db_query((tx), ST_##name, ARGS(__VA_ARGS__), NULL, NULL, (changed_r), (e))
#define ROWS(tx, a, name, rows_r, e, ...) db_rows((tx), (a), ST_##name, ARGS(__VA_ARGS__), (rows_r), (e))
#define ONE(tx, a, name, row_r, e, ...) db_one((tx), (a), ST_##name, ARGS(__VA_ARGS__), (row_r), (e))

static inline struct value T(const char *s)
{
	return s ? (struct value){ .type = VALUE_TEXT, .s = s } : V_NULL;
}
static inline struct value I(int64_t i)
{
	return V_INT(i);
}
/* A time, count or uid for which 0 means "none". */
static inline struct value I0(int64_t i)
{
	return i ? V_INT(i) : V_NULL;
}
/* The value in column `at`, by number, for rows that are read often. */
static inline const char *at_text(const struct row *r, size_t at)
{
	return r->values[at].type == VALUE_TEXT ? r->values[at].s : NULL;
}
static inline int64_t at_int(const struct row *r, size_t at)
{
	return r->values[at].type == VALUE_INT ? r->values[at].i : 0;
}

/* ---- JSON on an arena ---- */

/* Takes the reference. */
char *json_text(struct arena *a, json_t *take);
/* NULL and "" are left out. */
void json_put(json_t *o, const char *key, const char *value);
void json_put_int(json_t *o, const char *key, int64_t value);	/* 0 is left out */

/* ---- shared between the files of the store ---- */

/* What an event says: before and after may be NULL; takes the references. */
enum status event_change(struct store_tx *tx, struct arena *a, const char *kind, const char *entity,
			 const char *entity_id, const char *enrolment_id, const char *prospect_id,
			 const char *actor, json_t *payload, struct err *e);
/* The same, and hands back the id of the event. */
enum status event_write(struct store_tx *tx, struct arena *a, const struct event_new *ev, const char **id_r, struct err *e);

json_t *enrolment_json(const struct enrolment *en);
bool enrolment_from_json(struct arena *a, const json_t *o, struct enrolment *out_r);
json_t *event_json(const struct event *ev);
bool event_from_json(struct arena *a, const json_t *o, struct event *out_r);
void enrolment_from_row(struct arena *a, const struct row *r, struct enrolment *out_r);
enum status plan_by_id(struct store_tx *tx, const char *id, const struct plan **out_r, struct err *e);

/* Carries out what a step decided (actions.c). */
struct step_context {
	const struct enrolment_row *row;	/* after the step */
	const struct event *ev;
	const struct cause *cause;
	const char *event_id;			/* key of what follows from it */
	enum seq_state before;
};
enum status actions_do(struct store_tx *tx, struct arena *a, const struct step_context *c,
		       const struct actions *list, struct err *e);
/* The hand-off note as JSON (handoff.c). */
enum status handoff_json(struct store_tx *tx, struct arena *a, const struct step_context *c,
			 const struct action *act, json_t **out_r, struct err *e);
enum status stage_move(struct store_tx *tx, struct arena *a, const char *prospect_id,
		       const char *stage, const char *why, const char *actor, struct err *e);

/* What an event of an enrolment (plan) or a mail of a person in none (NULL) does to their proposal (proposals.c). */
enum status proposal_follow(struct store_tx *tx, struct arena *a, const char *prospect, const struct event *ev,
			    const struct plan *plan, int step, const struct cause *c, struct err *e);

/* The text of the task after a referral; whom it names becomes known, unverified (referral.c). */
enum status referral_task(struct store_tx *tx, struct arena *a, const struct step_context *c, const char *words,
			  const char **text_r, struct err *e);

/* Takes back every draft of an enrolment that is out: unplaced ones at once, placed ones by outbox. */
enum status drafts_withdraw(struct store_tx *tx, struct arena *a, const char *enrolment, const char *why, struct err *e);

bool domain_is_shared(const struct store *s, const char *domain);	/* freemail */
bool domain_is_own(const struct store *s, const char *domain);

enum status message_ref_add(struct store_tx *tx, const char *message_id, const char *kind,
			    const char *ref_id, const char *enrolment_id, const char *prospect_id,
			    const char *owner_id, struct err *e);

/* The link of one event to the one before it (seal.c). */
const char *seal_hash(struct arena *a, const char *previous, const struct row *r);

/* entities.def (records.c): the statements made from it, for store_open(). */
size_t records_statements(struct statement *out, size_t room);
void records_statements_free(struct statement *list, size_t n);

#endif
