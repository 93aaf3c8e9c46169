/* SPDX-License-Identifier: MPL-2.0
 *
 * LISTEN and NOTIFY: one channel, the payload says what it is about.
 */
#include "config.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "store/leases.h"
#include "store/pgsql_private.h"

const char *pg_commit_words(const struct db *db)
{
	switch (db->news) {
	case STORE_NEWS_OUTBOX:
		return "notify relent, 'outbox'; commit";
	case STORE_NEWS_LEASE:
		return "notify relent, 'lease'; commit";
	case STORE_NEWS_ALL:
		return "notify relent, 'outbox'; notify relent, 'lease'; commit";
	default:
		return "commit";
	}
}

void pgsql_tell(struct db *db, unsigned what)
{
	db->news |= what & STORE_NEWS_ALL;
}

enum status pgsql_listen(struct db *db, struct err *e)
{
	enum status s = pg_connect(db, e);
	PGresult *r;

	if (s != OK)
		return s;
	r = pg_say(db, "listen relent");
	if (r == NULL || !pg_good(r))
		return pg_told(db, r, "cannot listen", e);
	PQclear(r);
	return OK;
}

static unsigned heard(struct db *db)
{
	unsigned what = 0;
	PGnotify *n;

	while ((n = PQnotifies(db->c)) != NULL) {
		what |= strcmp(n->extra, "outbox") == 0 ? STORE_NEWS_OUTBOX :
			strcmp(n->extra, "lease") == 0 ? STORE_NEWS_LEASE : STORE_NEWS_ALL;
		PQfreemem(n);
	}
	return what;
}

/* At the time's end the server is asked for a word: a link that is dead without a sign is found out so. */
enum status pgsql_hear(struct db *db, int stop_fd, int timeout_ms, unsigned *what_r, struct err *e)
{
	int64_t until = clock_mono_ms() + timeout_ms, left;
	struct pollfd p[2] = { { .events = POLLIN }, { .fd = stop_fd, .events = POLLIN } };
	PGresult *r;

	while ((*what_r = heard(db)) == 0 && (left = until - clock_mono_ms()) > 0) {
		p[0].fd = PQsocket(db->c);
		p[0].revents = p[1].revents = 0;
		if (poll(p, 2, (int)left) > 0 && p[1].revents)
			return OK;
		if (p[0].revents && (!PQconsumeInput(db->c) || PQstatus(db->c) != CONNECTION_OK))
			return pg_told(db, NULL, "cannot listen", e);
	}
	if (*what_r != 0)
		return OK;
	r = pg_say(db, "listen relent");
	if (r == NULL || !pg_good(r))
		return pg_told(db, r, "cannot listen", e);
	PQclear(r);
	*what_r = heard(db);
	return OK;
}
