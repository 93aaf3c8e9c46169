/* SPDX-License-Identifier: MPL-2.0
 *
 * A large store made of nothing: generate.c plays two years of follow-ups through the machine, generate_rows.c writes
 * the rows past the store's API. Not for anything but measurements.
 */
#ifndef BENCH_GENERATE_H
#define BENCH_GENERATE_H

#include <stdint.h>

#include <sqlite3.h>

#include "store/store_private.h"

enum table { TO_OWNER, TO_OWNER_ADDRESS, TO_ACCOUNT, TO_COMPANY, TO_COMPANY_DOMAIN, TO_PROSPECT, TO_ADDRESS, TO_SOURCE,
	     TO_EVIDENCE, TO_ENROLMENT, TO_TOUCH, TO_MESSAGE_REF, TO_DRAFT, TO_REPLY, TO_REVIEW, TO_SUPPRESSION, TO_EVENT,
	     TO_SEAL, TO_TALLY, TO_META, TABLES };

/* What an id is of: it follows from kind, number and time, so that none has to be remembered. */
enum id_kind { ID_OWNER = 1, ID_COMPANY, ID_PROSPECT, ID_SOURCE, ID_EVIDENCE, ID_ENROLMENT, ID_TOUCH, ID_DRAFT, ID_REPLY,
	       ID_REVIEW, ID_SUPPRESSION, ID_EVENT };

struct rows_out {
	sqlite3 *h;
	sqlite3_stmt *stmt[TABLES];
	int64_t n[TABLES];
	char *indexes;		/* to be made again */
	struct arena *a;	/* cleared by the caller */
	int64_t seq;		/* of the last event */
	char seal[65];
};

void rows_open(struct rows_out *r, const char *path);
/* Makes the indexes and leaves the file as the store wants it. */
void rows_close(struct rows_out *r);
void rows_put(struct rows_out *r, enum table t, const struct value *v, size_t n);
#define PUT(r, table, ...) rows_put((r), (table), ARGS(__VA_ARGS__))
/* Takes the reference. The event and its link of the chain. */
void rows_event(struct rows_out *r, time_t at, const char *kind, const char *entity, const char *entity_id,
		const char *enrolment, const char *prospect, const char *actor, json_t *payload);

const char *id_of(struct arena *a, enum id_kind kind, uint64_t number, time_t at);
/* A number that only looks like chance: the same for the same x. */
uint64_t mix(uint64_t x);

/* ---- generate_people.c ---- */

struct world {
	struct rows_out out;
	time_t start, now;
	uint64_t owners, companies, prospects, enrolments, recent, manual, suppressions;
};
enum { SENDING_DOMAINS = 20 };

struct person {
	const char *id, *address, *domain, *owner_id, *company_id, *source_id;
	uint64_t owner;
};
void world_people(struct world *w);
struct person world_person(const struct world *w, uint64_t i);
const char *world_zone(uint64_t owner);

#endif
