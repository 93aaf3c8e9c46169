/* SPDX-License-Identifier: MPL-2.0
 *
 * The high-water mark of suppressions: how many there have been, and which was the last, in a small file
 * outside the database. A store put back from an old copy does not know that last one: whoever was
 * suppressed since then would be written to again. So nothing goes out until a person has looked.
 *
 * It is moved after the commit and before anybody hears that the suppression stands; behind the
 * database it does no harm, ahead of it it is the alarm.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/str.h"
#include "store/suppression.h"

enum {
	LOOK_EVERY_MS = 2000,
	MOVED_MS = 10000,	/* longer than others need to notice that a server took over */
};

struct mark {
	int64_t count, seq;
	char event[ID_SIZE];
};

/* GONE: there is none. CONF: it cannot be understood, which is no reason to trust the store. */
static enum status mark_read(const char *path, struct mark *out_r, struct err *e)
{
	FILE *f = fopen(path, "re");
	long long count, seq;
	int version = 0;

	*out_r = (struct mark){ 0 };
	if (f == NULL && errno == ENOENT)
		return GONE;
	if (f == NULL)
		return err_set(e, CONF, "cannot read the mark of suppressions '%s': %s", path, strerror(errno));
	bool good = fscanf(f, "relent-suppressions %d count %lld seq %lld event %36s", &version, &count, &seq,
			   out_r->event) == 4 && version == 1 && strlen(out_r->event) == ID_SIZE - 1;
	fclose(f);
	if (!good)
		return err_set(e, CONF, "the mark of suppressions '%s' is damaged", path);
	out_r->count = count;
	out_r->seq = seq;
	return OK;
}

static char *folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? arena_strdup(a, ".") : arena_strndup(a, path, slash == path ? 1 : (size_t)(slash - path));
}

static enum status mark_write(struct arena *a, const char *path, const struct mark *m, time_t now, struct err *e)
{
	const char *folder = folder_of(a, path), *fresh = arena_printf(a, "%s.new", path);
	char when[WHEN_TEXT];
	struct stat st;
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool good = f != NULL && dir >= 0;

	if (good) {
		/* what root makes for the daemons is theirs */
		if (geteuid() == 0 && fstat(dir, &st) == 0)
			good = fchown(fd, st.st_uid, st.st_gid) == 0;
		fprintf(f, "relent-suppressions 1\ncount %lld\nseq %lld\nevent %s\nat %s\n", (long long)m->count,
			(long long)m->seq, m->event, when_text(now, when));
		good = good && fflush(f) == 0 && fsync(fd) == 0;
	}
	if (f != NULL)
		good = fclose(f) == 0 && good;
	else if (fd >= 0)
		close(fd);
	good = good && rename(fresh, path) == 0 && fsync(dir) == 0;
	enum status s = good ? OK : err_set(e, SYS, "cannot write the mark of suppressions '%s': %s", path,
					    strerror(errno));
	if (dir >= 0)
		close(dir);
	return s;
}

/* What the database knows: is the mark's last suppression there, and what has come since. */
static enum status compare(struct store_tx *tx, struct arena *a, struct store_mark *m, struct mark *now_r,
			   struct err *e)
{
	struct mark at = { 0 };
	const struct row *r = NULL;
	struct err why = { "" };
	enum status s = mark_read(tx->store->o.mark, &at, &why);

	*m = (struct store_mark){ .path = tx->store->o.mark, .exists = s != GONE };
	if (s == CONF) {
		m->lost = true;
		m->why = arena_strdup(a, why.text);
	}
	m->marked = at.count;
	if (s == OK) {
		s = ONE(tx, a, mark_event, &r, e, T(at.event));
		if (s != OK && s != GONE)
			return s;
		m->lost = s == GONE;
	}
	s = ONE(tx, a, mark_since, &r, e, I(m->lost ? 0 : at.seq));
	if (s != OK)
		return s;
	m->counted = (m->lost ? 0 : at.count) + at_int(r, 0);
	*now_r = at;
	if (m->lost && m->why == NULL)
		m->why = arena_printf(a, "the store '%s' does not know the last suppression that '%s' tells of "
				      "(there were %lld, the store has %lld): it was put back from an old copy",
				      tx->store->o.path, m->path, (long long)m->marked, (long long)m->counted);
	if (at_text(r, 1) != NULL) {
		*now_r = (struct mark){ .count = m->counted, .seq = at_int(r, 2) };
		snprintf(now_r->event, sizeof(now_r->event), "%s", at_text(r, 1));
	}
	return OK;
}

enum status store_mark(struct store_tx *tx, struct arena *a, struct store_mark *out_r, struct err *e)
{
	const char *told = NULL;
	struct mark now;
	enum status s = OK;

	*out_r = (struct store_mark){ .path = tx->store->o.mark };
	if (!str_empty(tx->store->o.mark))
		s = compare(tx, a, out_r, &now, e);
	if (s == OK && !out_r->lost)
		s = lost_told(tx, a, &told, e);
	if (told != NULL) {
		out_r->lost = true;
		out_r->why = told;
	}
	return s;
}

/* The folder is locked meanwhile: two processes must not write the older of two marks last. */
static enum status move(struct store_tx *tx, struct arena *a, bool reset, struct err *e)
{
	struct store_mark m;
	struct mark now;
	int lock = open(folder_of(a, tx->store->o.mark), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum status s;

	if (lock < 0 || flock(lock, LOCK_EX) != 0) {
		s = err_set(e, SYS, "cannot lock the folder of '%s': %s", tx->store->o.mark, strerror(errno));
		if (lock >= 0)
			close(lock);
		return s;
	}
	s = compare(tx, a, &m, &now, e);
	if (s == OK && m.lost && !reset)
		atomic_store(&tx->store->lost, true);
	else if (s == OK && now.event[0] == '\0')
		s = unlink(m.path) == 0 || errno == ENOENT ? OK
		  : err_set(e, SYS, "cannot remove '%s': %s", m.path, strerror(errno));
	else if (s == OK && (reset || !m.exists || m.counted > m.marked))
		s = mark_write(a, m.path, &now, tx->now, e);
	close(lock);
	return s;
}

enum status store_mark_reset(struct store_tx *tx, struct arena *a, struct err *e)
{
	enum status s;

	if (str_empty(tx->store->o.mark))
		return OK;
	s = move(tx, a, true, e);
	if (s == OK)
		atomic_store(&tx->store->lost, false);
	return s;
}

void mark_advance(struct store *store, struct db *db, time_t now)
{
	struct store_tx tx = tx_of(store, db, now, false);
	struct arena *a;
	struct err e = { "" };
	enum status s;

	if (str_empty(store->o.mark) || fault_point("store.mark"))
		return;
	a = arena_new(0);
	s = store->driver->begin(db, false, &e);
	if (s == OK) {
		s = move(&tx, a, false, &e);
		store->driver->rollback(db);
	}
	/* the suppression stands; the mark is behind it until the next one */
	if (s != OK)
		log_error(NULL, "mark", "error", e.text);
	arena_free(a);
}

/* This host's mark is its own memory: it goes along with what it sees. Without it nothing is lost but that. */
static enum status follow(struct store_tx *tx, struct arena *a)
{
	struct err e = { "" };

	if (move(tx, a, false, &e) != OK)
		log_warn(NULL, "mark", "error", e.text);
	return OK;
}

enum status mark_guard(struct store_tx *tx, struct arena *a, struct err *e)
{
	struct store *s = tx->store;
	int64_t now = clock_mono_ms();
	int64_t moved = s->driver->moved ? s->driver->moved(tx->db) : 0;
	struct store_mark m = { .lost = false };
	enum status st;

	if (str_empty(s->o.mark) && s->driver->links == NULL)
		return OK;
	/* what this process knows is there; what others know they need a moment to tell */
	if (moved != 0 && now - moved < MOVED_MS)
		return err_set(e, AGAIN, "another server has taken over the store '%s': waits a moment for what other "
			       "hosts know", s->o.path);
	if (!atomic_load(&s->lost) && now - atomic_load(&s->mark_looked) < LOOK_EVERY_MS)
		return OK;
	st = store_mark(tx, a, &m, e);
	if (st != OK)
		return st;
	if (m.lost != atomic_exchange(&s->lost, m.lost)) {
		if (m.lost && m.marked > 0)
			atomic_store(&s->tell_lost, s->driver->links != NULL);
		if (m.lost)
			log_error(NULL, "suppressions-lost", "error", m.why, "until",
				  "relentctl suppress reconcile");
		else
			log_info(NULL, "suppressions-reconciled", "count", log_num(m.counted));
	}
	atomic_store(&s->mark_looked, now);
	/* what other hosts have put in counts here, too, once it is committed */
	if (!m.lost && !tx->write && s->driver->listen != NULL && m.counted > m.marked)
		return follow(tx, a);
	if (!m.lost)
		return OK;
	return err_set(e, AGAIN, "%s: nothing goes out until 'relentctl suppress reconcile'", m.why);
}
