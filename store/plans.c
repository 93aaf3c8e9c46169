/* SPDX-License-Identifier: MPL-2.0
 *
 * Sequences: each change of a definition is a new version; running enrolments keep theirs. A
 * version never changes, so that a process may keep what it parsed for its whole life.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/store_private.h"

struct plan_entry {
	struct plan_entry *next;
	char id[ID_SIZE];
	struct plan *plan;
};

void plans_free(struct store *s)
{
	while (s->plans != NULL) {
		struct plan_entry *p = s->plans;
		s->plans = p->next;
		free(p);
	}
}

static const struct plan *cached(struct store *s, const char *id)
{
	const struct plan *found = NULL;

	pthread_mutex_lock(&s->plan_lock);
	for (const struct plan_entry *p = s->plans; p != NULL && found == NULL; p = p->next)
		if (strcmp(p->id, id) == 0)
			found = p->plan;
	pthread_mutex_unlock(&s->plan_lock);
	return found;
}

static enum status keep(struct store *s, const char *id, const char *source, int version,
			const struct plan **out_r, struct err *e)
{
	enum status st = OK;

	pthread_mutex_lock(&s->plan_lock);
	const struct plan_entry *there = s->plans;
	while (there != NULL && strcmp(there->id, id) != 0)
		there = there->next;
	if (there != NULL) {	/* another thread was quicker */
		*out_r = there->plan;
	} else {
		struct plan *plan = NULL;
		st = plan_load(s->plan_arena, source, &plan, e);
		if (st == OK) {
			struct plan_entry *p = calloc(1, sizeof(*p));
			if (p == NULL)
				abort();
			plan->version = version;
			memcpy(p->id, id, strnlen(id, ID_SIZE - 1));
			p->plan = plan;
			p->next = s->plans;
			s->plans = p;
			*out_r = plan;
		}
	}
	pthread_mutex_unlock(&s->plan_lock);
	return st == OK ? OK : err_prefix(e, SYS, "the stored sequence '%s' cannot be read", id);
}

enum status plan_by_id(struct store_tx *tx, const char *id, const struct plan **out_r, struct err *e)
{
	const struct row *row = NULL;

	*out_r = cached(tx->store, id);
	if (*out_r != NULL)
		return OK;
	struct arena *a = arena_new(0);
	enum status st = ONE(tx, a, plan_by_id, &row, e, T(id));
	if (st == GONE)
		st = err_set(e, SYS, "the sequence '%s' of an enrolment is not in the store", id);
	if (st == OK)
		st = keep(tx->store, id, at_text(row, 1), (int)at_int(row, 0), out_r, e);
	arena_free(a);
	return st;
}

enum status store_plan(struct store_tx *tx, const char *name, int version, const struct plan **out_r,
		       const char **id_r, struct err *e)
{
	struct arena *a = arena_new(0);
	const struct row *row = NULL;
	enum status st;

	if (version > 0)
		st = ONE(tx, a, plan_by_version, &row, e, T(name), I(version));
	else
		st = ONE(tx, a, plan_latest, &row, e, T(name));
	if (st == GONE)
		st = err_set(e, GONE, "there is no sequence '%s'", name);
	if (st == OK) {
		const char *id = at_text(row, 0);
		*out_r = cached(tx->store, id);
		if (*out_r == NULL)
			st = plan_by_id(tx, id, out_r, e);
		/* the caller's copy: as long as the plan itself */
		if (st == OK && id_r != NULL) {
			pthread_mutex_lock(&tx->store->plan_lock);
			for (struct plan_entry *p = tx->store->plans; p != NULL; p = p->next)
				if (strcmp(p->id, id) == 0)
					*id_r = p->id;
			pthread_mutex_unlock(&tx->store->plan_lock);
		}
	}
	arena_free(a);
	return st;
}

static enum status put_steps(struct store_tx *tx, const struct plan *p, const char *id, struct err *e)
{
	for (size_t i = 0; i < p->steps_n; i++) {
		const struct plan_step *st = &p->steps[i];
		enum status s = RUN(tx, plan_step_insert, e, T(id), I(st->number), I(st->day),
				    I(st->minutes), T(channel_name(st->channel)), T(st->job),
				    T(step_type_name(st->type)), T(st->template), T(st->subject),
				    T(st->text));
		if (s != OK)
			return s;
	}
	return OK;
}

enum status store_plan_put(struct store_tx *tx, struct arena *a, const struct plan *p,
			   const char *actor, const char **id_r, int *version_r, struct err *e)
{
	const struct row *row = NULL;
	int version = 1;
	enum status s = ONE(tx, a, plan_latest, &row, e, T(p->name));

	if (s != OK && s != GONE)
		return s;
	if (s == OK) {
		if (str_eq(at_text(row, 2), p->hash)) {
			if (id_r != NULL)
				*id_r = at_text(row, 0);
			if (version_r != NULL)
				*version_r = (int)at_int(row, 1);
			return OK;
		}
		version = (int)at_int(row, 1) + 1;
	}
	const char *id = store_id(tx, a);
	s = RUN(tx, plan_insert, e, T(id), T(p->name), I(version), T(p->hash), T(p->source), I(tx->now),
		T(actor));
	if (s == OK)
		s = put_steps(tx, p, id, e);
	if (s != OK)
		return s;
	if (id_r != NULL)
		*id_r = id;
	if (version_r != NULL)
		*version_r = version;
	json_t *payload = json_object();
	json_put(payload, "name", p->name);
	json_put_int(payload, "version", version);
	json_put(payload, "hash", p->hash);
	return event_change(tx, a, "added", "sequence", id, NULL, NULL, actor, payload, e);
}
