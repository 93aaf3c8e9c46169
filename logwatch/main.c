/* SPDX-License-Identifier: MPL-2.0
 *
 * relent-logwatch: follows the MTA's log and tells the store what became of each touch. One thread;
 * what a line says is written before the position moves past it, and saying it twice is harmless.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "logwatch/deliver.h"
#include "logwatch/source.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/token.h"
#include "classifier/classifier.h"
#include "conf/conf.h"

enum {
	LINES_A_TURN = 20000,		/* then signals are looked at */
	SAVE_EVERY_MS = 1000,		/* the position, where no line concerns us */
	ALIVE_EVERY_MS = 10000,		/* ... and where no lines come: others see by it that we live */
	AGAIN_AFTER_MS = 2000,		/* a hold or discard of a mail that the milter has not recorded yet */
	POLL_MS = 250,			/* without inotify */
	RETRY_MS = 200, RETRY_MAX_MS = 5000,
	LATER_MAX = 64,
};

struct watch {
	const char *conf_path, *host, *kernel_host;
	struct conf *conf, *first;	/* first: the store may borrow from it */
	struct clock *clock;
	struct token_keys *keys;
	struct phrases *phrases;
	struct arena *arena;		/* as long as the configuration in force */
	struct source source;
	const char *const *instances;
	size_t instances_n;
	struct delivery to;
	struct batch batch;
	struct evidence *later[LATER_MAX];
	int64_t later_due[LATER_MAX];
	size_t later_n;
	int signals;
	bool stop, reload;
	bool moved;			/* since the position was saved */
	int64_t saved_at;
	time_t heard;			/* the clock then: it may be stepped */
	struct log_stamp last;		/* of the line before, and when that is */
	time_t last_time;
};

/* ---- signals ---- */

static enum status open_signals(struct watch *w, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return w->signals >= 0 ? OK : err_set(e, SYS, "no signalfd: %s", strerror(errno));
}

/* Waits for the log or a signal. */
static void wait_for_news(struct watch *w, int fd, int ms)
{
	struct pollfd p[2] = { { .fd = w->signals, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	struct signalfd_siginfo si;

	poll(p, fd >= 0 ? 2 : 1, ms);
	while (read(w->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGUSR1)
			w->reload = true;
		else
			w->stop = true;
	}
	sd_notify(0, "WATCHDOG=1");
}

/* ---- settings ---- */

static void complain(void *ctx, const char *file, int line, const char *sentence)
{
	(void)ctx;
	log_error(NULL, "configuration", "file", file, "line", log_num(line), "why", sentence);
}

static enum status load_phrases(const struct conf *c, struct phrases **out_r, struct err *e)
{
	struct arena *a = arena_new(0);
	const struct conf_file *f;
	struct data_file *files;
	size_t n;
	enum status s = conf_data_files(a, c, "bounces", &f, &n, e);

	if (s == OK) {
		files = arena_array(a, struct data_file, n + 1);
		for (size_t i = 0; i < n; i++)
			files[i] = (struct data_file){ f[i].name, f[i].text, f[i].n };
		s = phrases_load(files, n, out_r, e);
	}
	arena_free(a);
	return s;
}

static enum status load_keys(struct watch *w, struct err *e)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY"), *path = conf_str(w->conf, "store.key_file");
	struct arena *a = arena_new(0);
	const char *credential = folder ? arena_printf(a, "%s/keys", folder) : NULL;
	enum status s = OK;

	if (credential && access(credential, R_OK) == 0)
		path = credential;
	/* hashed suppressions need them; without keys there are none */
	if (access(path, F_OK) == 0)
		s = token_keys_load(path, &w->keys, e);
	arena_free(a);
	return s;
}

static enum status open_store(struct watch *w, struct err *e)
{
	struct arena *a = arena_new(0);
	struct store_options o;
	enum status s = store_settings(w->conf, a, &o, e);

	o.create = true;
	o.host = w->host;
	o.program = "logwatch";
	o.keys = w->keys;
	if (s == OK)
		s = store_open(&o, &w->to.store, e);
	arena_free(a);
	return s;
}

/* ---- where we are ---- */

struct finding_place {
	struct watch *w;
	struct arena *a;
	const char *source, *position;
};

static void remember(void *ctx, const char *host, const char *queue_id, const char *message_id)
{
	if (host && queue_id && message_id)
		track_remember(ctx, host, queue_id, message_id);
}

static enum status find_place(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct finding_place *p = ctx;
	const char *position;
	enum status s = store_log_position(tx, a, p->w->host, p->source, &position, e);

	if (s != OK && s != GONE)
		return s;
	p->position = arena_strdup(p->a, position);
	return store_mail_ids(tx, a, remember, p->w->to.track, e);
}

/* Earlier releases kept it in a file. */
static const char *old_position(struct arena *a, const struct conf *c)
{
	char text[600];
	FILE *f = fopen(conf_str(c, "logwatch.state"), "re");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	return n && str_eq(conf_str(c, "logwatch.source"), "file") ? arena_strdup(a, text) : NULL;
}

static enum status open_source(struct watch *w, const struct conf *c, struct arena *a, struct source *out_r,
			       const char **name_r, struct err *e)
{
	struct finding_place p = { .w = w, .a = a, .source = source_name(a, c) };
	enum status s = store_read(w->to.store, clock_now(w->clock), find_place, &p, e);

	if (s != OK)
		return s;
	*name_r = p.source;
	return source_open(c, p.position ? p.position : old_position(a, c), out_r, e);
}

static enum status start(struct watch *w, const char *clock_file, struct err *e)
{
	enum status s = conf_load(w->conf_path, complain, w, &w->conf, e);
	char name[256] = "localhost";

	w->first = w->conf;
	if (s == OK)
		s = clock_new(clock_file, &w->clock, e);
	if (s == OK)
		s = open_signals(w, e);
	if (s == OK)
		s = load_keys(w, e);
	if (s == OK)
		s = load_phrases(w->conf, &w->phrases, e);
	if (s != OK)
		return s;
	gethostname(name, sizeof(name) - 1);
	w->kernel_host = arena_strdup(w->arena, name);
	w->host = *conf_str(w->conf, "hostname") ? conf_str(w->conf, "hostname") : w->kernel_host;
	w->instances_n = conf_list(w->conf, "logwatch.instance", &w->instances);
	w->to.host = w->host;
	w->to.phrases = w->phrases;
	s = open_store(w, e);
	return s == OK ? open_source(w, w->conf, w->arena, &w->source, &w->to.source, e) : s;
}

/* ---- work ---- */

/* With what is in the batch, and the position behind it. Until the store has taken it, or we are told to end:
 * then nothing was kept, and all of it is read again. */
static bool write_batch(struct watch *w, bool keep)
{
	const char *position = source_position(&w->source, w->batch.arena);
	int wait = RETRY_MS;
	struct err e;

	while (!w->stop) {
		time_t now = clock_now(w->clock);
		size_t n = w->batch.n;
		enum status s = batch_write(&w->to, &w->batch, position, keep, w->moved, now, &e);

		if (s == OK && (keep || n)) {
			if (keep) {
				w->saved_at = clock_mono_ms();
				w->moved = false;
				w->heard = now;
			}
		}
		if (s == OK)
			return true;
		if (wait == RETRY_MS || wait == RETRY_MAX_MS)
			log_warn("logwatch", "store", "status", status_name(s), "why", e.text);
		wait_for_news(w, -1, wait);
		wait = wait * 2 < RETRY_MAX_MS ? wait * 2 : RETRY_MAX_MS;
	}
	return false;
}

/* A configuration that does not hold keeps the one in force. The store stays as it is. */
static void reload(struct watch *w)
{
	struct arena *a = arena_new(0);
	struct phrases *phrases = NULL;
	struct source source = { NULL, NULL };
	struct conf *c = NULL;
	const char *name;
	struct err e;

	w->reload = false;
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_mono_ms() * 1000);
	write_batch(w, true);
	if (conf_load(w->conf_path, complain, w, &c, &e) != OK || load_phrases(c, &phrases, &e) != OK
	    || open_source(w, c, a, &source, &name, &e) != OK) {
		log_error("logwatch", "reload", "kept", "the old configuration", "why", e.text);
		phrases_free(phrases);
		conf_free(c);
		arena_free(a);
	} else {
		source_close(&w->source);
		phrases_free(w->phrases);
		w->source = source;
		w->to.phrases = w->phrases = phrases;
		w->to.source = arena_strdup(w->arena, name);
		w->instances_n = conf_list(c, "logwatch.instance", &w->instances);
		if (w->conf != w->first)
			conf_free(w->conf);
		w->conf = c;
		arena_free(a);
		log_info("logwatch", "reload", "source", w->to.source);
	}
	sd_notify(0, "READY=1");
}

/* Most lines are of the same second as the one before, and a calendar costs more than all the rest. */
static time_t moment(struct watch *w, const struct log_stamp *at)
{
	const struct log_stamp *l = &w->last;
	time_t now = clock_now(w->clock);

	if (!w->last_time || at->second != l->second || at->minute != l->minute || at->hour != l->hour
	    || at->day != l->day || at->month != l->month || at->year != l->year || at->zoned != l->zoned
	    || at->offset != l->offset) {
		w->last_time = log_stamp_time(at, time(NULL));
		w->last = *at;
	}
	time_t t = clock_from_real(w->clock, w->last_time);
	return t > now ? now : t;
}

/* This machine's own lines are of the host that the milter here writes into its touches. */
static void name_host(const struct watch *w, struct log_line *l)
{
	size_t n = strcspn(w->kernel_host, ".");

	if (l->host.n >= n && strncasecmp(l->host.p, w->kernel_host, n) == 0
	    && (l->host.n == n || l->host.p[n] == '.'))
		l->host = span_of(w->host);
}

/* What was said before the milter recorded the mail is asked about once more. */
static void look_later(struct watch *w, const struct evidence *ev)
{
	if ((ev->kind != EVIDENCE_HELD && ev->kind != EVIDENCE_DISCARDED) || w->later_n == LATER_MAX)
		return;
	w->later[w->later_n] = evidence_clone(NULL, ev);
	w->later_due[w->later_n++] = clock_mono_ms() + AGAIN_AFTER_MS;
}

static void take_later(struct watch *w)
{
	struct batch *b = &w->batch;
	int64_t now = clock_mono_ms();
	size_t left = 0;

	for (size_t i = 0; i < w->later_n; i++) {
		struct evidence *ev = w->later[i];

		if (w->later_due[i] > now || batch_is_full(b)) {
			w->later_due[left] = w->later_due[i];
			w->later[left++] = ev;
			continue;
		}
		b->list[b->n++] = *evidence_clone(b->arena, ev);
		free(ev);
	}
	w->later_n = left;
}

static void take_entry(struct watch *w, const struct log_entry *entry)
{
	struct batch *b = &w->batch;
	struct log_line line;
	size_t n;

	if (!log_entry_parse(entry, w->instances, w->instances_n, &line) || line.kind == LOG_LINE_OTHER)
		return;
	name_host(w, &line);
	n = track_line(w->to.track, b->arena, &line, moment(w, &line.at), &b->list[b->n]);
	for (size_t i = 0; i < n; i++) {
		log_debug(b->list[b->n].queue_id, log_kind_name(line.kind), "dsn", b->list[b->n].dsn,
			  "recipient", b->list[b->n].recipient);
		look_later(w, &b->list[b->n]);
		b->n++;
	}
}

/* Reads what is there. False: nothing more just now. */
static bool turn(struct watch *w)
{
	struct log_entry entry;
	struct err e;

	for (int n = 0; n < LINES_A_TURN; n++) {
		enum follow_result r = source_entry(&w->source, &entry, &e);

		if (r == FOLLOW_ERROR) {
			log_error("logwatch", "read", "why", e.text);
			return false;
		}
		if (r == FOLLOW_IDLE) {
			write_batch(w, false);
			return false;
		}
		w->moved = true;
		take_entry(w, &entry);
		if (batch_is_full(&w->batch) && !write_batch(w, false))
			return false;
	}
	return write_batch(w, false);
}

static void run(struct watch *w)
{
	while (!w->stop) {
		bool more = turn(w);
		int fd = source_fd(&w->source), wait = fd >= 0 ? 1000 : POLL_MS;
		int64_t since = clock_mono_ms() - w->saved_at;
		time_t now = clock_now(w->clock);

		if (w->stop)
			break;
		take_later(w);
		if (w->batch.n || (w->moved && since >= SAVE_EVERY_MS) || since >= ALIVE_EVERY_MS
		    || now < w->heard - 5 || now > w->heard + ALIVE_EVERY_MS / 1000 + 5)
			write_batch(w, true);
		if (!more)
			wait_for_news(w, fd, wait);
		else
			wait_for_news(w, -1, 0);
		source_drain(&w->source);
		if (w->reload)
			reload(w);
	}
}

static int usage(const char *wrong)
{
	if (wrong)
		fprintf(stderr, "relent-logwatch: %s\n", wrong);
	fputs("usage: relent-logwatch [-f] [-c FILE] [--clock-file FILE]\n", wrong ? stderr : stdout);
	return wrong ? 2 : 0;
}

static void finish(struct watch *w)
{
	source_close(&w->source);
	store_close(w->to.store);
	token_keys_free(w->keys);
	phrases_free(w->phrases);
	track_free(w->to.track);
	for (size_t i = 0; i < w->later_n; i++)
		free(w->later[i]);
	clock_free(w->clock);
	if (w->conf != w->first)
		conf_free(w->conf);
	conf_free(w->first);
	arena_free(w->batch.arena);
	arena_free(w->arena);
	close(w->signals);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "clock-file", required_argument, NULL, 'k' },
		{ "foreground", no_argument, NULL, 'f' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 },
	};
	static struct watch w = { .signals = -1 };	/* large */
	const char *clock_file = NULL;
	struct err e = { "" };
	int option;

	while ((option = getopt_long(argc, argv, "c:fhV", options, NULL)) != -1) {
		switch (option) {
		case 'c': w.conf_path = optarg; break;
		case 'k': clock_file = optarg; break;
		case 'f': break;	/* it never goes elsewhere: the service manager looks after it */
		case 'h': return usage(NULL);
		case 'V': puts("relent-logwatch " PACKAGE_VERSION); return 0;
		default: return usage("unknown option");
		}
	}
	if (optind < argc)
		return usage("it takes no arguments");
	log_open("relent-logwatch", LOG_LEVEL_INFO);
	w.arena = arena_new(0);
	w.batch.arena = arena_new(0);
	w.to.track = track_new();
	if (start(&w, clock_file, &e) != OK) {
		log_fatal(NULL, "start", "why", e.text);
		return 1;
	}
	write_batch(&w, true);
	log_info("logwatch", "start", "source", w.to.source);
	sd_notify(0, "READY=1");
	run(&w);
	sd_notify(0, "STOPPING=1");
	finish(&w);
	log_info("logwatch", "end");
	return 0;
}
