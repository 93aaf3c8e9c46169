/* SPDX-License-Identifier: MPL-2.0
 *
 * Who is in a large store: reps with their mailboxes, companies of all sizes, people with their addresses. Everything
 * about the n-th of them follows from n.
 */
#include "config.h"

#include "bench/generate.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

enum { IMPORTED_OVER = 90 * 86400, FREEMAIL_PERCENT = 15, ALIAS_PERCENT = 10, EVIDENCE_PERCENT = 25 };

static const char *const first[] = { "Ann", "Bob", "Carla", "Deniz", "Eva", "Farid", "Greta", "Hugo", "Ines", "Jan", "Kim",
	"Lea", "Mario", "Nora", "Olga", "Paul", "Quentin", "Rosa", "Sven", "Tom", "Uma", "Vera", "Willem", "Yara", "Zoe" };
static const char *const last[] = { "Berg", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ivanov", "Jansen",
	"Keller", "Lopez", "Meyer", "Novak", "Olsen", "Peters", "Quinn", "Rossi", "Schmidt", "Tanaka", "Ulrich", "Vogel",
	"Weber", "Young", "Zimmer" };
static const char *const freemail[] = { "gmail.com", "outlook.com", "gmx.de", "yahoo.com", "web.de" };
static const char *const roles[] = { "Head of Operations", "CFO", "Buyer", "IT manager", "Founder" };
static const char *const stages[] = { "new", "contacted", "contacted", "contacted", "dormant" };

#define ONE_OF(list, x) ((list)[(x) % (sizeof(list) / sizeof((list)[0]))])

const char *world_zone(uint64_t owner)
{
	static const char *const zones[] = { "Europe/Berlin", "America/New_York", "Europe/London", "Asia/Singapore" };

	return ONE_OF(zones, owner);
}

static double chance(uint64_t x)
{
	return (double)(mix(x) >> 11) / 9007199254740992.0;
}

/* A few of n are very large: the share of the k-th falls with its number. */
static uint64_t skewed(uint64_t x, uint64_t n, double power)
{
	return (uint64_t)(pow(chance(x), power) * (double)n) % n;
}

static time_t added(const struct world *w, uint64_t i)
{
	return w->start - IMPORTED_OVER + (time_t)(i * IMPORTED_OVER / w->prospects);
}

static time_t company_added(const struct world *w)
{
	return w->start - IMPORTED_OVER - 86400;
}

struct person world_person(const struct world *w, uint64_t i)
{
	struct arena *a = w->out.a;
	uint64_t company = skewed(i ^ 0xc0ULL << 40, w->companies, 2), x = mix(i);
	struct person p = { .id = id_of(a, ID_PROSPECT, i, added(w, i)) };

	p.owner = skewed(i ^ 0x0eULL << 40, w->owners, 1.3);
	p.owner_id = id_of(a, ID_OWNER, p.owner, company_added(w));
	p.source_id = id_of(a, ID_SOURCE, i, added(w, i));
	if (x % 100 < FREEMAIL_PERCENT)
		p.domain = ONE_OF(freemail, x >> 8);
	else {
		p.domain = arena_printf(a, "company%llu.example", (unsigned long long)company);
		p.company_id = id_of(a, ID_COMPANY, company, company_added(w));
	}
	p.address = arena_printf(a, "%s.%s%llu@%s", str_lower(a, ONE_OF(first, x >> 16)), str_lower(a, ONE_OF(last, x >> 24)),
				 (unsigned long long)i, p.domain);
	return p;
}

static void one_person(struct world *w, uint64_t i)
{
	struct rows_out *r = &w->out;
	struct person p = world_person(w, i);
	uint64_t x = mix(i);
	time_t at = added(w, i);
	const char *f = ONE_OF(first, x >> 16), *l = ONE_OF(last, x >> 24);

	PUT(r, TO_PROSPECT, T(p.id), T(p.owner_id), T(p.company_id), T(arena_printf(r->a, "%s %s", f, l)), T(f), T(l),
	    T(ONE_OF(roles, x >> 32)), T(world_zone(p.owner)), T("en"), T(x >> 40 & 1 ? "one" : "two"),
	    T(ONE_OF(stages, x >> 44)), I(at + 86400), I(at));
	PUT(r, TO_ADDRESS, T(p.address), T(p.id), T("primary"), T(p.domain), I(at), T(p.address));
	if (x >> 48 & 1 && x % 100 < 2 * ALIAS_PERCENT) {
		const char *alias = arena_printf(r->a, "p%llu@%s", (unsigned long long)i, p.domain);

		PUT(r, TO_ADDRESS, T(alias), T(p.id), T("alias"), T(p.domain), I(at), T(alias));
	}
	PUT(r, TO_SOURCE, T(p.source_id), T(p.id), T(arena_printf(r->a, "https://people.example/%llu", (unsigned long long)i)),
	    I(at));
	if (x % 100 < EVIDENCE_PERCENT)
		PUT(r, TO_EVIDENCE, T(id_of(r->a, ID_EVIDENCE, i, at)), T(p.id),
		    T("opened a second warehouse this spring and hires for it"), I(at));
}

void world_people(struct world *w)
{
	struct rows_out *r = &w->out;
	time_t at = company_added(w);

	for (uint64_t i = 0; i < w->owners; i++) {
		const char *login = arena_printf(r->a, "rep%llu", (unsigned long long)i), *id = id_of(r->a, ID_OWNER, i, at);
		const char *address = arena_printf(r->a, "%s@sales%d.example", login, (int)(i % SENDING_DOMAINS));

		PUT(r, TO_OWNER, T(id), T(login), T(arena_printf(r->a, "Rep %llu", (unsigned long long)i)),
		    T(world_zone(i)), I(at));
		PUT(r, TO_OWNER_ADDRESS, T(address), T(id));
		PUT(r, TO_ACCOUNT, T(address), T(id), I(w->now - (time_t)(i % 60)));
		arena_clear(r->a);
	}
	for (uint64_t i = 0; i < w->companies; i++) {
		const char *id = id_of(r->a, ID_COMPANY, i, at);

		PUT(r, TO_COMPANY, T(id), T(arena_printf(r->a, "Company %llu", (unsigned long long)i)), T("50-200"),
		    T("logistics"), T("Berlin"), I(at));
		PUT(r, TO_COMPANY_DOMAIN, T(arena_printf(r->a, "company%llu.example", (unsigned long long)i)), T(id), I(at));
		arena_clear(r->a);
	}
	for (uint64_t i = 0; i < w->prospects; i++) {
		one_person(w, i);
		arena_clear(r->a);
	}
}
