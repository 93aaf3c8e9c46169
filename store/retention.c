/* SPDX-License-Identifier: MPL-2.0
 *
 * Forgetting by the clock, a few rows at a time. Each kind has an order in which its rows grow old, and a place up to which
 * that is done; nothing is searched for.
 */
#include "config.h"

#include "store/retention.h"

#include <string.h>

#include "base/str.h"
#include "store/store_private.h"

enum { DAY = 86400, VACUUM_FROM = 256 };	/* fewer free pages than that are used again before long */

static const char *const names[RETAIN_COUNT] = { "texts", "answers", "refusals", "outbox" };

const char *retained_name(enum retained r)
{
	return names[r];
}

struct place {
	const char *name;
	int64_t at;
	const char *ref;
};

static enum status place_get(struct store_tx *tx, struct arena *a, enum retained kind, struct place *p, struct err *e)
{
	const struct row *r = NULL;
	enum status s;

	*p = (struct place){ .name = arena_printf(a, "retention:%s", names[kind]), .ref = "" };
	s = ONE(tx, a, walk_get, &r, e, T(p->name));
	if (s != OK)
		return s == GONE ? OK : s;
	p->at = at_int(r, 0);
	p->ref = at_text(r, 1) ? at_text(r, 1) : "";
	return OK;
}

static enum status place_put(struct store_tx *tx, const struct place *p, struct err *e)
{
	return RUN(tx, walk_put, e, T(p->name), I(p->at), T(p->ref), V_NULL, I(tx->now));
}

static enum status change(struct store_tx *tx, size_t st, const char *id, struct retention_step *out, struct err *e)
{
	const struct value v = T(id);
	int64_t n = 0;
	enum status s = db_query(tx, st, &v, 1, NULL, NULL, &n, e);

	out->changed += (int)n;
	return s;
}

/* columns: seq, at, id */
static enum status texts(struct store_tx *tx, struct arena *a, time_t cut, struct place *p, struct retention_step *out,
			 struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, retain_touches, &rows, e, I(p->at), I(RETENTION_ROWS));

	for (size_t i = 0; s == OK && i < rows.n && at_int(&rows.list[i], 1) < cut; i++) {
		out->looked++;
		p->at = at_int(&rows.list[i], 0);
		s = change(tx, ST_retain_text, at_text(&rows.list[i], 2), out, e);
	}
	return s;
}

/* columns: id, received. Those of one second that did not fit are found again: they still have their text. */
static enum status answers(struct store_tx *tx, struct arena *a, time_t cut, struct place *p, struct retention_step *out,
			   struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, retain_replies, &rows, e, I(p->at), I(cut), I(RETENTION_ROWS));

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		out->looked++;
		p->at = at_int(&rows.list[i], 1);
		s = change(tx, ST_retain_answer, at_text(&rows.list[i], 0), out, e);
	}
	return s;
}

static enum status refusals(struct store_tx *tx, time_t cut, struct retention_step *out, struct err *e)
{
	int64_t n = 0;
	enum status s = CHANGE(tx, retain_refusals, &n, e, I(cut), I(RETENTION_ROWS));

	out->looked = out->changed = (int)n;
	return s;
}

/* columns: id, state, kind, created. What still waits is passed over: it is looked at once it is done, by the next round
 * from the beginning. */
static enum status outbox(struct store_tx *tx, struct arena *a, time_t cut, struct place *p, struct retention_step *out,
			  struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, retain_outbox, &rows, e, T(p->ref), I(RETENTION_ROWS));

	for (size_t i = 0; s == OK && i < rows.n && at_int(&rows.list[i], 3) < cut; i++) {
		out->looked++;
		p->ref = at_text(&rows.list[i], 0);
		s = change(tx, ST_retain_outbox_row, p->ref, out, e);
	}
	/* once a day from the beginning */
	if (s == OK && out->looked == 0 && p->at + DAY <= tx->now && *p->ref != '\0') {
		p->ref = "";
		p->at = tx->now;
		s = place_put(tx, p, e);
	}
	return s;
}

/* SQLite keeps free pages for itself; a store made with incremental vacuum hands back a few in each step. */
static enum status give_back(struct store_tx *tx, struct arena *a, struct retention_step *out, struct err *e)
{
	const struct row *r = NULL;
	enum status s = db_one(tx, a, ST_retain_free, NULL, 0, &r, e);
	int64_t before, after;

	if (s != OK || (before = at_int(r, 0)) < VACUUM_FROM)
		return s == GONE ? OK : s;
	s = db_query(tx, ST_retain_vacuum, NULL, 0, NULL, NULL, NULL, e);
	if (s == OK)
		s = db_one(tx, a, ST_retain_free, NULL, 0, &r, e);
	if (s != OK)
		return s;
	after = at_int(r, 0);
	out->pages = before - after;
	out->more = out->more || (out->pages > 0 && after >= VACUUM_FROM);
	return OK;
}

enum status store_retain(struct store_tx *tx, struct arena *a, const struct retention *r, struct retention_step *out_r,
			 struct err *e)
{
	enum status s = OK;

	*out_r = (struct retention_step){ .more = false };
	for (int k = 0; s == OK && k < RETAIN_COUNT && out_r->looked == 0; k++) {
		time_t cut = tx->now - (time_t)r->days[k] * DAY;
		struct place p;

		if (r->days[k] <= 0)
			continue;
		s = place_get(tx, a, (enum retained)k, &p, e);
		if (s != OK)
			break;
		switch ((enum retained)k) {
		case RETAIN_TEXTS:
			s = texts(tx, a, cut, &p, out_r, e);
			break;
		case RETAIN_ANSWERS:
			s = answers(tx, a, cut, &p, out_r, e);
			break;
		case RETAIN_REFUSALS:
			s = refusals(tx, cut, out_r, e);
			break;
		case RETAIN_OUTBOX:
			s = outbox(tx, a, cut, &p, out_r, e);
			break;
		case RETAIN_COUNT:
			break;
		}
		if (s == OK && out_r->looked > 0)
			s = place_put(tx, &p, e);
	}
	/* not in the same step: each is short */
	out_r->more = out_r->looked > 0;
	return s == OK && out_r->looked == 0 ? give_back(tx, a, out_r, e) : s;
}
