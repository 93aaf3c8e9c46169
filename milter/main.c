/* SPDX-License-Identifier: MPL-2.0
 *
 * relent-milter: starts, reloads, ends. libmilter ends by itself on SIGTERM, SIGHUP and SIGINT; a
 * reload is SIGUSR1, taken by a thread of our own that also looks after owners, store and watchdog.
 */
#include "config.h"

#include "milter/milter.h"

#include "base/arena.h"
#include "base/log.h"
#include "store/load.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <libmilter/mfapi.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

struct milter the_milter;

/* Each mail takes and gives back some hundred KB, on whichever of libmilter's threads: what has been touched is kept, in
 * few heaps, or it is asked for and cleared anew for each. */
enum { HEAPS = 4, HEAP_KEPT = 8 << 20, HEAP_GROWS = 512 << 10, MAPPED_FROM = 4 << 20 };
enum { KEEP_SECONDS = 2, DRAIN_SECONDS = 25, BACKLOG = 512 };

/* ---- shared state ---- */

struct settings *milter_settings(struct milter *d)
{
	struct settings *s;

	pthread_mutex_lock(&d->lock);
	s = d->settings;
	atomic_fetch_add(&s->refs, 1);
	pthread_mutex_unlock(&d->lock);
	return s;
}

void milter_enter(struct milter *d)
{
	pthread_mutex_lock(&d->busy_lock);
	d->busy++;
	pthread_mutex_unlock(&d->busy_lock);
}

void milter_leave(struct milter *d)
{
	pthread_mutex_lock(&d->busy_lock);
	if (--d->busy == 0)
		pthread_cond_broadcast(&d->idle);
	pthread_mutex_unlock(&d->busy_lock);
}

/* smfi_main() does not wait for callbacks: they finish before the store closes. */
static void drain(struct milter *d)
{
	struct timespec until;
	bool waited = false;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += DRAIN_SECONDS;
	pthread_mutex_lock(&d->busy_lock);
	while (d->busy > 0) {
		waited = true;
		if (pthread_cond_timedwait(&d->idle, &d->busy_lock, &until) == ETIMEDOUT)
			break;
	}
	if (d->busy > 0)
		log_warn(NULL, "drain", "unfinished", log_num(d->busy));
	pthread_mutex_unlock(&d->busy_lock);
	/* the last answers still have to be written by libmilter's threads */
	if (waited)
		usleep(200 * 1000);
}

/* ---- store and owners ---- */

static enum status open_store(struct milter *d, struct err *e)
{
	const struct settings *s = d->settings;
	struct arena *a = arena_new(0);
	struct store_options o;
	struct store *store = NULL;
	enum status st = store_settings(s->conf, a, &o, e);

	o.create = true;
	o.host = s->hostname;
	o.program = "milter";
	o.keys = d->keys;
	if (st == OK)
		st = store_open(&o, &store, e);
	arena_free(a);
	if (st == OK)
		atomic_store(&d->store, store);
	return st;
}

/* Owners that the configuration lists are put into the store, where everybody finds them. */
static enum status owners_into_store(struct milter *d, const struct settings *s, struct err *e)
{
	const struct conf_owner *owners;
	size_t n = conf_owners(s->conf, &owners);
	struct arena *a;
	struct owner_new *list;
	enum status st;

	if (!n)
		return OK;
	a = arena_new(0);
	list = arena_array(a, struct owner_new, n);
	for (size_t i = 0; i < n; i++) {
		list[i] = (struct owner_new){
			.login = owners[i].login, .name = owners[i].name, .zone = owners[i].zone,
			.signature = owners[i].signature, .manager = owners[i].manager,
			.addresses = owners[i].addresses, .addresses_n = owners[i].addresses_n,
		};
	}
	st = store_owners_take(atomic_load(&d->store), clock_now(d->clock), list, n, "milter", e);
	arena_free(a);
	return st;
}

static void sequence_problem(void *ctx, const char *file, int line, const char *sentence)
{
	(void)ctx;
	log_error(NULL, "sequence", "file", file, "line", log_num(line), "error", sentence);
}

/* A bad definition is told and left out; enrolments go on with the version they have. */
static void sequences_into_store(struct milter *d, const struct settings *s)
{
	struct arena *a = arena_new(0);
	const char *site = conf_str(s->conf, "sequence_dir");
	const char *dirs[] = {
		arena_printf(a, "%s/sequences", conf_data_dir(a, s->conf)),
		*site ? site : arena_printf(a, "%s/sequences", conf_site_dir(a, s->conf)),
	};
	struct err e = { "" };
	int fresh = 0;
	enum status st = store_load_sequences(atomic_load(&d->store), clock_now(d->clock), dirs, 2,
					      "milter", sequence_problem, NULL, &fresh, &e);

	if (st != OK && st != INPUT)
		log_error(NULL, "sequences", "error", e.text);
	if (fresh)
		log_info(NULL, "sequences", "new", log_num(fresh));
	arena_free(a);
}

struct owners *milter_owners(struct milter *d)
{
	struct owners *o;

	pthread_mutex_lock(&d->lock);
	o = owners_ref(d->owners);
	pthread_mutex_unlock(&d->lock);
	return o;
}

static void take_owners(struct milter *d, struct owners *o)
{
	struct owners *old;

	pthread_mutex_lock(&d->lock);
	old = d->owners;
	d->owners = o;
	pthread_mutex_unlock(&d->lock);
	owners_unref(old);
}

/* Reads the list; on a change takes it over and mirrors it. */
static enum status refresh_owners(struct milter *d, struct err *e)
{
	struct settings *s = milter_settings(d);
	struct owners *o;
	struct err mirror;
	enum status st = owners_from_store(atomic_load(&d->store), clock_now(d->clock), &o, e);

	if (st == OK && owners_same(o, d->owners)) {
		owners_unref(o);
	} else if (st == OK) {
		if (owners_mirror(o, conf_str(s->conf, "store.owner_mirror"), &mirror) != OK)
			log_error(NULL, "mirror", "error", mirror.text);
		log_info(NULL, "owners", "count", log_num((long long)owners_count(o)));
		take_owners(d, o);
	}
	settings_unref(s);
	return st;
}

/* With neither store nor mirror nobody could tell a rep from a stranger: everything would bypass us. */
static enum status first_owners(struct milter *d, struct err *e)
{
	const char *mirror = conf_str(d->settings->conf, "store.owner_mirror");
	struct owners *o;
	struct err store = { "" }, why = { "" };
	enum status st = open_store(d, &store);

	if (st == OK)
		st = owners_into_store(d, d->settings, &store);
	if (st == OK)
		st = refresh_owners(d, &store);
	if (st == OK) {
		sequences_into_store(d, d->settings);
		return OK;
	}
	log_error(NULL, "store", "error", store.text);
	if (owners_from_mirror(mirror, &o, &why) != OK)
		return err_set(e, CONF, "%s; and there is no list of owners to go by: %s", store.text,
			       why.text);
	take_owners(d, o);
	log_warn(NULL, "owners", "from", mirror, "count", log_num((long long)owners_count(o)),
		 "meanwhile", "outreach senders are asked to try again");
	return OK;
}

/* Keys that a reload replaced: the store and mails under way go on using them. */
struct retired {
	struct token_keys *keys;
	struct retired *next;
};
static struct retired *retired;

static enum status load_keys(struct milter *d, const struct settings *s, struct err *e)
{
	struct token_keys *fresh;
	struct retired *old;
	enum status st = token_keys_load(conf_str(s->conf, "store.key_file"), &fresh, e);

	if (st != OK)
		return st;
	fresh = atomic_exchange(&d->keys, fresh);
	if (!fresh)
		return OK;
	old = calloc(1, sizeof(*old));
	if (!old)
		abort();
	*old = (struct retired){ fresh, retired };
	retired = old;
	return OK;
}

/* ---- reload ---- */

static void reload(struct milter *d)
{
	struct settings *fresh, *old;
	struct err e;

	if (settings_load(d->conf_path, &fresh, &e) != OK) {
		log_error(NULL, "reload", "error", e.text, "kept", "the old configuration");
		return;
	}
	if (load_keys(d, fresh, &e) != OK)
		log_error(NULL, "reload", "error", e.text, "kept", "the old keys");
	pthread_mutex_lock(&d->lock);
	old = d->settings;
	d->settings = fresh;
	pthread_mutex_unlock(&d->lock);
	if (atomic_load(&d->store)) {
		if (owners_into_store(d, fresh, &e) != OK)
			log_error(NULL, "owners", "error", e.text);
		sequences_into_store(d, fresh);
	}
	settings_unref(old);
	log_info(NULL, "reload", "conf", conf_path(fresh->conf), "mode",
		 fresh->policy.observe ? "observe" : "enforce");
}

static void keep(struct milter *d, bool *complained)
{
	struct err e = { "" };
	enum status st = OK;

	if (!atomic_load(&d->store)) {
		st = open_store(d, &e);
		if (st == OK)
			st = owners_into_store(d, d->settings, &e);
		if (st == OK)
			sequences_into_store(d, d->settings);
	}
	if (st == OK)
		st = refresh_owners(d, &e);
	if (st != OK && !*complained)
		log_error(NULL, "store", "error", e.text);
	if (st == OK && *complained)
		log_info(NULL, "store", "state", "back");
	*complained = st != OK;
	sd_notify(0, "WATCHDOG=1");
}

static void *keeper(void *arg)
{
	struct milter *d = arg;
	bool complained = !atomic_load(&d->store);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	while (!atomic_load(&d->ending)) {
		struct timespec wait = { KEEP_SECONDS, 0 };

		if (sigtimedwait(&set, NULL, &wait) == SIGUSR1 && !atomic_load(&d->ending)) {
			sd_notify(0, "RELOADING=1");
			reload(d);
			sd_notify(0, "READY=1");
		}
		if (!atomic_load(&d->ending))
			keep(d, &complained);
	}
	return NULL;
}

/* ---- socket ---- */

static void own_socket(const struct settings *s, const char *path)
{
	const char *group = conf_str(s->conf, "milter.socket_group");
	mode_t mode = (mode_t)strtoul(conf_str(s->conf, "milter.socket_mode"), NULL, 8);
	struct group *g = *group ? getgrnam(group) : NULL;

	if (chmod(path, mode ? mode : 0660) != 0)
		log_warn(NULL, "socket", "path", path, "error", strerror(errno));
	if (*group && !g)
		log_warn(NULL, "socket", "error", "there is no such group", "group", group);
	else if (g && chown(path, (uid_t)-1, g->gr_gid) != 0)
		log_warn(NULL, "socket", "path", path, "group", group, "error", strerror(errno));
}

static enum status open_socket(struct milter *d, struct err *e)
{
	const char *name = conf_str(d->settings->conf, "milter.socket");
	const char *path = span_starts_case(span_of(name), "unix:") ? name + 5 :
			   span_starts_case(span_of(name), "local:") ? name + 6 : NULL;
	mode_t before = umask(0177);

	d->over_inet = !path;
	if (smfi_register(*callbacks()) != MI_SUCCESS || smfi_setconn((char *)name) != MI_SUCCESS)
		return err_set(e, CONF, "milter.socket '%s' is not understood: use unix:PATH or "
			       "inet:PORT@HOST", name);
	smfi_setbacklog(BACKLOG);
	if (smfi_opensocket(true) != MI_SUCCESS)
		return err_set(e, CONF, "cannot open the socket '%s': %s", name, strerror(errno));
	umask(before);
	if (path)
		own_socket(d->settings, path);
	return OK;
}

/* ---- start ---- */

static _Noreturn void usage(int code)
{
	fputs("usage: relent-milter [-c CONF] [-f] [--clock-file FILE]\n"
	      "  -c CONF            configuration (default: " RELENTCONFDIR "/relent.conf)\n"
	      "  -f                 stay in the foreground (it always does)\n"
	      "  --clock-file FILE  tests only: where the time comes from\n", code ? stderr : stdout);
	exit(code);
}

static const char *options(struct milter *d, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "clock-file", required_argument, NULL, 'C' }, { "conf", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const char *clock_file = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "c:fhV", longs, NULL)) != -1) {
		switch (c) {
		case 'c': d->conf_path = optarg; break;
		case 'C': clock_file = optarg; break;
		case 'f': break;
		case 'V': puts("relent-milter " PACKAGE_VERSION); exit(0);
		case 'h': usage(0);
		default: usage(2);
		}
	}
	if (optind < argc)
		usage(2);
	return clock_file;
}

static enum status start(struct milter *d, const char *clock_file, struct err *e)
{
	enum status st = clock_new(clock_file, &d->clock, e);

	if (st == OK)
		st = settings_load(d->conf_path, &d->settings, e);
	if (st == OK)
		st = load_keys(d, d->settings, e);
	if (st == OK)
		st = first_owners(d, e);
	if (st == OK)
		st = open_socket(d, e);
	return st;
}

int main(int argc, char **argv)
{
	struct milter *d = &the_milter;
	const char *clock_file;
	struct store *store;
	struct err e = { "" };
	pthread_t thread;
	sigset_t set;
	int r;

	mallopt(M_ARENA_MAX, HEAPS);
	mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	mallopt(M_TOP_PAD, HEAP_GROWS);
	mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
	log_open("relent-milter", LOG_LEVEL_INFO);
	clock_file = options(d, argc, argv);
	pthread_mutex_init(&d->lock, NULL);
	pthread_mutex_init(&d->busy_lock, NULL);
	pthread_cond_init(&d->idle, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* before any thread: a reload must reach the keeper alone, the rest libmilter's own watcher */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (start(d, clock_file, &e) != OK) {
		log_fatal(NULL, "start", "error", e.text);
		return 1;
	}
	log_info(NULL, "ready", "socket", conf_str(d->settings->conf, "milter.socket"), "mode",
		 d->settings->policy.observe ? "observe" : "enforce");
	if (pthread_create(&thread, NULL, keeper, d) != 0) {
		log_fatal(NULL, "start", "error", "cannot make a thread");
		return 1;
	}
	sd_notify(0, "READY=1");
	r = smfi_main();
	sd_notify(0, "STOPPING=1");
	atomic_store(&d->ending, true);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	drain(d);
	store = atomic_exchange(&d->store, NULL);
	store_close(store);
	log_info(NULL, "end");
	return r == MI_SUCCESS ? 0 : 1;
}
