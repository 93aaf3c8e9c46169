/* SPDX-License-Identifier: MPL-2.0
 *
 * The clock of the pipeline, once a minute: proposals that have run out, dormant people, hand-offs nobody acts on,
 * owners who are away or back, and people whom nothing is to happen to. What each of it means is the store's.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"
#include "base/when.h"
#include "imapwatch/vacation.h"
#include "store/pipeline.h"

enum { PAGE = 500, SCRIPT_MAX = 65536, MINUTE_MS = 60000, SCRIPTS_S = 300 };

static struct pipeline_clock settings(const struct hub *h)
{
	return (struct pipeline_clock){
		.set = {
			.quiet_days = (int)conf_int(h->conf, "pipeline.quiet_days"),
			.answer_hours = (int)(conf_int(h->conf, "pipeline.answer_within") / 3600),
			.untouched_days = (int)conf_int(h->conf, "pipeline.untouched_days"),
			.reactivate_days = (int)conf_int(h->conf, "pipeline.reactivate_days"),
		},
		.reactivation = conf_str(h->conf, "pipeline.reactivation"),
		.reactivate_per_day = (int)conf_int(h->conf, "pipeline.reactivate_per_day"),
		.escalate_owner = conf_int(h->conf, "pipeline.escalate_owner"),
		.escalate_manager = conf_int(h->conf, "pipeline.escalate_manager"),
		.max_gap_days = (int)conf_int(h->conf, "pipeline.max_gap_days"),
	};
}

enum status pipeline_before_due(struct hub *h, struct store_tx *tx, struct arena *a, const char *enrolment,
				struct event *ev, struct cause *c, struct err *e)
{
	struct put_off how = {
		.hand_over = str_eq(conf_str(h->conf, "pipeline.absence"), "hand_over"),
		.per_day = (int)conf_int(h->conf, "limits.sender_per_day"),
	};

	return store_put_off(tx, a, enrolment, &how, ev, c, e);
}

/* ---- one kind of thing after the other, each in its own unit ---- */

struct sweep {
	struct pipeline_clock how;
	size_t n;
};

static enum status expire(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_expire_proposals(tx, a, &((struct sweep *)ctx)->n, e);
}

static enum status hand_back(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_hand_back(tx, a, &((struct sweep *)ctx)->n, e);
}

static enum status reactivate(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct sweep *w = ctx;

	return store_reactivate(tx, a, &w->how, &w->n, e);
}

static enum status escalate(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct sweep *w = ctx;

	return store_escalate(tx, a, &w->how, &w->n, e);
}

static enum status gaps(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct sweep *w = ctx;

	return store_flag_gaps(tx, a, &w->how, &w->n, e);
}

struct page {
	struct pipeline_clock how;
	const char *after;
	char last[ID_SIZE];
	size_t n;
};

static enum status ask_page(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct page *p = ctx;
	const char *last = NULL;
	enum status s = store_pipeline_page(tx, a, p->after, PAGE, &p->how.set, &last, &p->n, e);

	memset(p->last, 0, sizeof(p->last));
	if (s == OK && last)
		memcpy(p->last, last, strnlen(last, sizeof(p->last) - 1));
	return s;
}

/* ---- absence by Sieve ---- */

/* "/var/vmail/%d/%n/.dovecot.sieve" */
static const char *script_path(struct arena *a, const char *pattern, const char *login)
{
	const char *at = strrchr(login, '@');
	struct buf b;

	if (strstr(login, "..") || strchr(login, '/'))
		return NULL;
	buf_init(&b, a);
	for (const char *p = pattern; *p; p++) {
		if (*p != '%' || !p[1] || !strchr("und%", p[1])) {
			buf_addc(&b, *p);
			continue;
		}
		p++;
		if (*p == 'u')
			buf_adds(&b, login);
		else if (*p == 'n')
			buf_add(&b, login, at ? (size_t)(at - login) : strlen(login));
		else if (*p == 'd')
			buf_adds(&b, at ? at + 1 : "");
		else
			buf_addc(&b, '%');
	}
	return b.p;
}

/* OK and *text_r NULL: there is no script, so no vacation. */
static enum status read_script(struct arena *a, const char *path, char **text_r, size_t *n_r, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = 0;

	*text_r = NULL;
	*n_r = 0;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return OK;
	if (fd < 0)
		return err_set(e, SYS, "cannot read '%s': %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, SYS, "'%s' is no file", path);
	}
	*text_r = arena_alloc(a, SCRIPT_MAX);
	while (*n_r < SCRIPT_MAX && (n = read(fd, *text_r + *n_r, SCRIPT_MAX - *n_r)) > 0)
		*n_r += (size_t)n;
	close(fd);
	return n < 0 ? err_set(e, SYS, "cannot read '%s': %s", path, strerror(errno)) : OK;
}

struct script {
	const char *login;
	struct vacation v;
	bool changed;
};

/* What a person said of the absence, by command or mail, is not overruled by the script. */
static enum status take_vacation(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct script *w = ctx;
	struct memory_owner *owner;
	struct absence now;
	struct owner_away away = { .owner = w->login, .actor = "imapwatch", .source = "sieve" };
	enum status s = store_owner(tx, a, w->login, &owner, e);
	const char *zone;

	w->changed = false;
	if (s != OK)
		return s == GONE ? OK : s;
	s = store_absence(tx, a, owner->id, store_now(tx), &now, e);
	if (s != OK && s != GONE)
		return s;
	if (s == OK && !str_eq(now.source, "sieve"))
		return OK;
	zone = owner->zone ? owner->zone : "UTC";
	if (!w->v.found) {
		if (s == GONE)
			return OK;
		away.back = true;
	} else {
		away.from = w->v.from.year ? when_utc(w->v.from, 0, 0, zone) : 0;
		away.until = w->v.until.year ? when_utc(date_add_days(w->v.until, 1), 0, 0, zone) : 0;
		if (s == OK && now.until == away.until && (away.from ? away.from == now.from : now.now))
			return OK;
	}
	w->changed = true;
	s = store_owner_away(tx, a, &away, e);
	return s == INPUT ? OK : s;
}

static void look_at_scripts(struct hub *h)
{
	const char *pattern = conf_str(h->conf, "pipeline.vacation");
	time_t now = clock_now(h->clock);
	const struct conf_owner *owners;
	size_t n = *pattern ? conf_owners(h->conf, &owners) : 0;

	for (size_t k = 0; k < n; k++) {
		struct arena *a = arena_new(0);
		const char *path = script_path(a, pattern, owners[k].login);
		const char *zone = *owners[k].zone ? owners[k].zone : "UTC";
		struct script w = { .login = owners[k].login };
		char *text = NULL;
		size_t size = 0;
		struct err e;
		enum status s = path ? read_script(a, path, &text, &size, &e) : OK;

		if (s == OK && text)
			w.v = vacation_read(a, text, size, when_civil(now, zone).date);
		if (s == OK)
			s = store_write(h->store, now, take_vacation, &w, 0, &e);
		if (s != OK)
			log_warn(owners[k].login, "vacation-not-read", "reason", e.text);
		else if (w.changed)
			log_info(owners[k].login, w.v.found ? "away" : "back", "by", "sieve");
		arena_free(a);
	}
}

/* ---- */

void pipeline_tick(struct hub *h)
{
	static const struct {
		const char *name;
		store_unit_fn *fn;
	} sweeps[] = {
		{ "proposals-expired", expire }, { "handed-back", hand_back }, { "reactivated", reactivate },
		{ "escalated", escalate }, { "gaps-flagged", gaps },
	};
	time_t now = clock_now(h->clock);
	int64_t mono = clock_mono_ms() + h->clock_ahead;	/* a clock that is set forward is followed */
	struct page p = { .how = settings(h), .after = *h->pipeline_after ? h->pipeline_after : NULL };
	struct err e;

	if (mono >= h->next_scripts) {
		look_at_scripts(h);
		h->next_scripts = mono + (int64_t)SCRIPTS_S * 1000;
	}
	if (mono < h->next_pipeline)
		return;
	h->next_pipeline = mono + MINUTE_MS;
	for (size_t i = 0; i < sizeof(sweeps) / sizeof(*sweeps); i++) {
		struct sweep w = { .how = p.how };

		if (store_write(h->store, now, sweeps[i].fn, &w, 0, &e) != OK)
			log_error(NULL, "clock", "what", sweeps[i].name, "reason", e.text);
		else if (w.n > 0)
			log_info(NULL, sweeps[i].name, "n", log_num((int64_t)w.n));
		h->outbox_hint = h->outbox_hint || w.n > 0;
	}
	if (store_write(h->store, now, ask_page, &p, 0, &e) != OK) {
		log_error(NULL, "clock", "what", "next-actions", "reason", e.text);
		return;
	}
	memcpy(h->pipeline_after, p.last, sizeof(h->pipeline_after));
	if (p.n > 0)
		log_info(NULL, "asked-what-next", "n", log_num((int64_t)p.n));
}
