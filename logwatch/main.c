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
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "logwatch/evidence.h"
#include "logwatch/follow.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/token.h"
#include "conf/conf.h"

enum {
	LINES_A_TURN = 20000,		/* then signals are looked at */
	SAVE_EVERY_MS = 1000,		/* the position, while lines come */
	ALIVE_EVERY_MS = 30000,		/* ... and while none come: others see by it that we live */
	POLL_MS = 250,			/* without inotify */
	RETRY_MS = 200, RETRY_MAX_MS = 5000,
};

struct watch {
	const char *conf_path;
	struct conf *conf, *first;	/* first: the store may borrow from it */
	struct clock *clock;
	struct token_keys *keys;
	struct store *store;
	struct follow *follow;
	const char *const *instances;
	size_t instances_n;
	struct batch batch;
	int signals;
	bool stop, reload;
	bool moved;			/* since the position was saved */
	int64_t saved_at;
	char host[256];
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

static enum status open_log_file(struct watch *w, const struct conf *c, struct follow **out_r,
				 struct err *e)
{
	(void)w;
	return follow_open(conf_str(c, "logwatch.file"), conf_str(c, "logwatch.state"), out_r, e);
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
	const struct conf *c = w->conf;
	struct store_options o = {
		.driver = conf_str(c, "store.driver"), .path = conf_str(c, "store.path"),
		.mark = *conf_str(c, "store.mark") ? conf_str(c, "store.mark") : NULL,
		.busy_ms = (int)conf_int(c, "store.busy") * 1000, .create = true,
		.addr_equiv = (conf_bool(c, "limits.plus_tags") ? ADDR_PLUS : 0u)
			| (conf_bool(c, "limits.gmail_dots") ? ADDR_GMAIL_DOTS : 0u),
		.hard_bounce_expires = conf_int(c, "limits.hard_bounce_expires"),
		.host = w->host, .program = "logwatch", .keys = w->keys,
		.zone = *conf_str(c, "zone") ? conf_str(c, "zone") : NULL,
	};

	o.own_domains_n = conf_list(c, "own_domains", &o.own_domains);
	o.freemail_n = conf_list(c, "freemail_domains", &o.freemail);
	store_limits(c, &o);
	return store_open(&o, &w->store, e);
}

static enum status start(struct watch *w, const char *clock_file, struct err *e)
{
	enum status s = conf_load(w->conf_path, complain, w, &w->conf, e);

	w->first = w->conf;
	if (s == OK)
		s = clock_new(clock_file, &w->clock, e);
	if (s == OK)
		s = open_signals(w, e);
	if (s == OK)
		s = load_keys(w, e);
	if (s != OK)
		return s;
	if (*conf_str(w->conf, "hostname"))
		snprintf(w->host, sizeof(w->host), "%s", conf_str(w->conf, "hostname"));
	else if (gethostname(w->host, sizeof(w->host)) != 0)
		snprintf(w->host, sizeof(w->host), "localhost");
	w->host[sizeof(w->host) - 1] = '\0';
	w->instances_n = conf_list(w->conf, "logwatch.instance", &w->instances);
	s = open_store(w, e);
	return s == OK ? open_log_file(w, w->conf, &w->follow, e) : s;
}

static void save(struct watch *w)
{
	struct err e;

	if (follow_save(w->follow, &e) != OK)
		log_error("logwatch", "position", "why", e.text);
	w->moved = false;
	w->saved_at = clock_mono_ms();
}

/* A configuration that does not hold keeps the one in force. The store stays as it is. */
static void reload(struct watch *w)
{
	struct conf *c = NULL;
	struct follow *f = NULL;
	struct err e;

	w->reload = false;
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_mono_ms() * 1000);
	save(w);
	if (conf_load(w->conf_path, complain, w, &c, &e) != OK || open_log_file(w, c, &f, &e) != OK) {
		log_error("logwatch", "reload", "kept", "the old configuration", "why", e.text);
		conf_free(c);
	} else {
		follow_close(w->follow);
		w->follow = f;
		w->instances_n = conf_list(c, "logwatch.instance", &w->instances);
		if (w->conf != w->first)
			conf_free(w->conf);
		w->conf = c;
		save(w);
		log_info("logwatch", "reload", "file", conf_str(c, "logwatch.file"));
	}
	sd_notify(0, "READY=1");
}

/* ---- work ---- */

static time_t moment(struct watch *w, const struct log_stamp *at)
{
	time_t now = clock_now(w->clock);
	time_t t = clock_from_real(w->clock, log_stamp_time(at, time(NULL)));

	return t > now ? now : t;
}

static void take_line(struct watch *w, struct span text)
{
	struct batch *b = &w->batch;
	struct log_line line;

	if (!log_line_parse(text, w->instances, w->instances_n, &line))
		return;
	if (evidence_of(b->arena, &line, moment(w, &line.at), &b->list[b->n])) {
		log_debug(b->list[b->n].queue_id, log_kind_name(line.kind), "dsn", b->list[b->n].dsn,
			  "recipient", b->list[b->n].recipient);
		b->n++;
	}
}

/* Until the store has taken it, or we are told to end: the position stays before it. */
static bool write_batch(struct watch *w)
{
	int wait = RETRY_MS;
	struct err e;

	while (!w->stop) {
		enum status s = batch_write(w->store, &w->batch, clock_now(w->clock), &e);

		if (s == OK) {
			batch_clear(&w->batch);
			return true;
		}
		if (wait == RETRY_MS || wait == RETRY_MAX_MS)
			log_warn("logwatch", "store", "status", status_name(s), "why", e.text);
		wait_for_news(w, -1, wait);
		wait = wait * 2 < RETRY_MAX_MS ? wait * 2 : RETRY_MAX_MS;
	}
	return false;
}

/* Reads what is there. False: nothing more just now. */
static bool turn(struct watch *w)
{
	struct err e;
	struct span text;

	for (int n = 0; n < LINES_A_TURN; n++) {
		enum follow_result r = follow_line(w->follow, &text, &e);

		if (r == FOLLOW_ERROR) {
			log_error("logwatch", "read", "why", e.text);
			return false;
		}
		if (r == FOLLOW_IDLE || w->batch.n == BATCH_MAX) {
			if (!write_batch(w))
				return false;
			if (r == FOLLOW_IDLE)
				return false;
		}
		w->moved = true;
		take_line(w, text);
	}
	return write_batch(w);
}

static void run(struct watch *w)
{
	while (!w->stop) {
		bool more = turn(w);
		int64_t since = clock_mono_ms() - w->saved_at;
		int wait = follow_fd(w->follow) >= 0 ? 1000 : POLL_MS;

		if (w->stop)
			break;
		if ((w->moved && (!more || since >= SAVE_EVERY_MS)) || since >= ALIVE_EVERY_MS)
			save(w);
		wait_for_news(w, follow_fd(w->follow), more ? 0 : wait);
		follow_drain(w->follow);
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

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "clock-file", required_argument, NULL, 'k' },
		{ "foreground", no_argument, NULL, 'f' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 },
	};
	struct watch w = { .signals = -1 };
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
	w.batch.arena = arena_new(0);
	if (start(&w, clock_file, &e) != OK) {
		log_fatal(NULL, "start", "why", e.text);
		return 1;
	}
	save(&w);
	log_info("logwatch", "start", "file", conf_str(w.conf, "logwatch.file"));
	sd_notify(0, "READY=1");
	run(&w);
	sd_notify(0, "STOPPING=1");
	if (!w.batch.n)	/* else the position is before what was not written */
		save(&w);
	follow_close(w.follow);
	store_close(w.store);
	token_keys_free(w.keys);
	clock_free(w.clock);
	if (w.conf != w.first)
		conf_free(w.conf);
	conf_free(w.first);
	arena_free(w.batch.arena);
	close(w.signals);
	log_info("logwatch", "end");
	return 0;
}
