/* SPDX-License-Identifier: MPL-2.0
 *
 * A database that has forgotten. A replica that takes over without the last moments of the server before it, a copy that
 * was put back, a server without fsync that crashed: after each new link the writer asks whether the last event that it
 * saw committed is still there. If not, every host is told by a row of its own (in `lease`, which is made for hosts that
 * tell each other things), and nothing goes out anywhere until a person has looked.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "store/suppression.h"

void lost_committed(struct store *s)
{
	if (s->batch_event[0] == '\0')
		return;
	if (s->known_event[0] == '\0' && s->driver->links != NULL)
		s->known_links = s->driver->links(s->writer);
	memcpy(s->known_event, s->batch_event, sizeof(s->known_event));
}

bool lost_look_wanted(struct store *s)
{
	return s->driver->links != NULL && (atomic_load(&s->tell_lost) ||
		(s->known_event[0] != '\0' && s->driver->links(s->writer) != s->known_links));
}

/* Is the last event there? tell_r: what the other hosts have to know, or NULL. */
static enum status look(struct store_tx *tx, struct arena *a, const char **tell_r, struct err *e)
{
	static const char why[] = "a replica without the last moments took over, or an old copy was put back";
	const struct store *s = tx->store;
	const struct row *r = NULL;
	enum status st;

	*tell_r = NULL;
	if (s->known_event[0] != '\0') {
		st = ONE(tx, a, mark_event, &r, e, T(s->known_event));
		if (st != OK && st != GONE)
			return st;
		if (st == GONE)
			*tell_r = arena_printf(a, "the database does not know what %s on %s had recorded in it last: %s",
					       s->o.program, s->o.host, why);
	}
	if (*tell_r == NULL && atomic_load(&s->tell_lost))
		*tell_r = arena_printf(a, "the database does not know the last suppression that '%s' on %s tells of: %s",
				       s->o.mark, s->o.host, why);
	return OK;
}

enum status lost_look(struct store *s, time_t now, struct err *e)
{
	struct store_tx tx = tx_of(s, s->writer, now, true);
	struct arena *a = arena_new(0);
	const char *tell = NULL;
	enum status st = s->driver->begin(s->writer, true, e);
	int64_t links = s->driver->links(s->writer);	/* with the one that begin() may have made */

	if (st == OK) {
		st = look(&tx, a, &tell, e);
		if (st == OK && tell != NULL)
			st = RUN(&tx, lost_tell, e, T(arena_printf(a, "lost:%s/%s", s->o.host, s->o.program)), T(tell),
				 I(now));
		if (st == OK && tell != NULL)
			st = s->driver->commit(s->writer, e);
		else
			s->driver->rollback(s->writer);
	}
	if (st == OK) {
		s->known_links = links;
		if (tell != NULL) {
			log_error(NULL, "acknowledged-lost", "error", tell, "until", "relentctl suppress reconcile");
			s->known_event[0] = '\0';
			atomic_store(&s->tell_lost, false);
			atomic_store(&s->lost, true);
		}
	}
	arena_free(a);
	return st == UNSURE ? AGAIN : st;
}

enum status lost_told(struct store_tx *tx, struct arena *a, const char **why_r, struct err *e)
{
	const struct row *r = NULL;
	enum status st;

	*why_r = NULL;
	if (tx->store->driver->links == NULL)
		return OK;
	st = ONE(tx, a, lost_told, &r, e, I(0));
	if (st == OK)
		*why_r = arena_strdup(a, at_text(r, 0));
	return st == GONE ? OK : st;
}

enum status store_lost_forget(struct store_tx *tx, struct err *e)
{
	return tx->store->driver->links == NULL ? OK : RUN(tx, lost_forget, e, I(0));
}
