/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "logwatch/journal.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-journal.h>

#include "base/arena.h"
#include "base/log.h"

enum { USERS = 16, HOST_MAX = 256, TAG_MAX = 128, PID_MAX = 16, FIRST_LOOK_S = 86400 };

struct journal {
	sd_journal *j;
	uid_t users[USERS];
	size_t users_n;
	bool at_entry;		/* the read pointer stands on an entry that was handed out, or left out */
	char *cursor;		/* of it; owned by libc's malloc */
	char host[HOST_MAX], tag[TAG_MAX], pid[PID_MAX], text[LOG_LINE_MAX];
};

static void who_may_write(struct journal *j, const char *const *users, size_t n)
{
	for (size_t i = 0; i < n && j->users_n < USERS; i++) {
		const struct passwd *p = getpwnam(users[i]);

		if (p)
			j->users[j->users_n++] = p->pw_uid;
	}
}

static enum status seek(struct journal *j, const char *position, struct err *e)
{
	uint64_t since = ((uint64_t)time(NULL) - FIRST_LOOK_S) * 1000000;
	int r;

	if (!position) {
		r = sd_journal_seek_realtime_usec(j->j, since);
		return r >= 0 ? OK : err_set(e, SYS, "cannot find the last day in the journal: %s", strerror(-r));
	}
	r = sd_journal_seek_cursor(j->j, position);
	if (r < 0) {
		log_warn("logwatch", "damaged", "position", position, "why", strerror(-r));
		return seek(j, NULL, e);
	}
	r = sd_journal_next(j->j);
	if (r > 0 && sd_journal_test_cursor(j->j, position) > 0) {
		j->at_entry = true;
		return OK;
	}
	log_warn("logwatch", "lost", "position", position, "why",
		 "the journal does not hold it any more, entries may not have been read");
	/* it stands at the next one there is: not read yet */
	if (r > 0)
		r = sd_journal_previous(j->j) > 0 ? 0 : sd_journal_seek_head(j->j);
	return r >= 0 ? OK : err_set(e, SYS, "cannot read the journal: %s", strerror(-r));
}

enum status journal_open(const char *folder, const char *position, const char *const *users,
			 size_t users_n, struct journal **out_r, struct err *e)
{
	struct journal *j = calloc(1, sizeof(*j));
	enum status s;
	int r;

	if (!j)
		abort();
	who_may_write(j, users, users_n);
	r = *folder ? sd_journal_open_directory(&j->j, folder, 0)
		    : sd_journal_open(&j->j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
	if (r < 0) {
		free(j);
		return err_set(e, CONF, "cannot open the journal%s%s: %s", *folder ? " in " : "", folder, strerror(-r));
	}
	/* without a user of the mail system nobody's word counts */
	if (!j->users_n)
		s = err_set(e, CONF, "none of the users in logwatch.users exists here: nobody's entries in the "
			    "journal would count");
	else if ((r = sd_journal_add_match(j->j, "SYSLOG_FACILITY=2", 0)) < 0)
		s = err_set(e, SYS, "cannot ask the journal for the mail facility: %s", strerror(-r));
	else
		s = seek(j, position, e);
	if (s != OK) {
		journal_close(j);
		return s;
	}
	(void)sd_journal_get_fd(j->j);	/* from here on changes are told */
	*out_r = j;
	return OK;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	sd_journal_close(j->j);
	free(j->cursor);
	free(j);
}

/* Copied: libsystemd's bytes live only until its next call. Cut where it is too long, NUL becomes a blank. */
static struct span field(struct journal *j, const char *name, char *room, size_t size)
{
	const void *data;
	size_t n, skip = strlen(name) + 1;

	if (sd_journal_get_data(j->j, name, &data, &n) < 0 || n < skip)
		return (struct span){ room, 0 };
	n = n - skip < size ? n - skip : size;
	memcpy(room, (const char *)data + skip, n);
	for (size_t i = 0; i < n; i++)
		if (room[i] == '\0' || room[i] == '\n' || room[i] == '\r')
			room[i] = ' ';
	return (struct span){ room, n };
}

static bool number(struct span s, uint64_t *out_r)
{
	*out_r = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || i > 18)
			return false;
		*out_r = *out_r * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n > 0;
}

static bool may_write(struct journal *j)
{
	char room[24];
	uint64_t uid;

	if (!number(field(j, "_UID", room, sizeof(room)), &uid))
		return false;
	for (size_t i = 0; i < j->users_n; i++)
		if (j->users[i] == uid)
			return true;
	return false;
}

static struct log_stamp moment(struct journal *j)
{
	char room[24];
	struct tm tm;
	uint64_t usec = 0;
	time_t t;

	if (!number(field(j, "_SOURCE_REALTIME_TIMESTAMP", room, sizeof(room)), &usec))
		(void)sd_journal_get_realtime_usec(j->j, &usec);
	t = (time_t)(usec / 1000000);
	gmtime_r(&t, &tm);
	return (struct log_stamp){ .year = tm.tm_year + 1900, .month = tm.tm_mon + 1, .day = tm.tm_mday,
				   .hour = tm.tm_hour, .minute = tm.tm_min, .second = tm.tm_sec, .zoned = true };
}

static bool read_entry(struct journal *j, struct log_entry *e)
{
	*e = (struct log_entry){ .host = field(j, "_HOSTNAME", j->host, sizeof(j->host)),
				 .tag = field(j, "SYSLOG_IDENTIFIER", j->tag, sizeof(j->tag)),
				 .pid = field(j, "SYSLOG_PID", j->pid, sizeof(j->pid)) };
	if (!e->pid.n)
		e->pid = field(j, "_PID", j->pid, sizeof(j->pid));
	if (!e->host.n || !e->tag.n || !may_write(j))
		return false;
	e->text = field(j, "MESSAGE", j->text, sizeof(j->text));
	e->at = moment(j);
	return e->text.n < sizeof(j->text);
}

enum follow_result journal_entry(struct journal *j, struct log_entry *entry_r, struct err *e)
{
	for (;;) {
		int r = sd_journal_next(j->j);

		if (r < 0) {
			err_set(e, SYS, "cannot read the journal: %s", strerror(-r));
			return FOLLOW_ERROR;
		}
		if (r == 0)
			return FOLLOW_IDLE;
		j->at_entry = true;
		if (read_entry(j, entry_r))
			return FOLLOW_LINE;
	}
}

const char *journal_position(struct journal *j, struct arena *a)
{
	char *cursor = NULL;

	if (!j->at_entry)
		return NULL;
	if (sd_journal_get_cursor(j->j, &cursor) >= 0) {
		free(j->cursor);
		j->cursor = cursor;
	}
	return j->cursor ? arena_strdup(a, j->cursor) : NULL;
}

int journal_fd(struct journal *j)
{
	return sd_journal_get_fd(j->j);
}

void journal_drain(struct journal *j)
{
	(void)sd_journal_process(j->j);
}
