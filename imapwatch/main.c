/* SPDX-License-Identifier: MPL-2.0
 *
 * relent-imapwatch: reads the reps' mailboxes, keeps the clock, looks after drafts, tells the owners.
 * This file: the command line, and what is opened before the loop.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/names.h"
#include "base/token.h"
#include "imapwatch/adviser.h"
#include "imapwatch/check.h"
#include "imapwatch/hub.h"
#include "imapwatch/sender.h"
#include "imapwatch/worker.h"

struct options {
	const char *conf, *clock_file, *check, *check_sending;
	int worker, sender, adviser;	/* descriptor, or -1 */
	bool careful;
};

static void usage(FILE *f)
{
	fputs("usage: relent-imapwatch [-f] [-c FILE] [--clock-file FILE]\n"
	      "  -c, --config FILE   configuration (default " RELENTCONFDIR "/relent.conf)\n"
	      "  -f                  stay in the foreground (it always does)\n"
	      "      --check-account N  log in to one mailbox, say whether it works, and end\n"
	      "      --check-sending A,B  log in to the submission service, say whether mail may be sent as A and B, "
	      "and end\n"
	      "      --clock-file F  for tests and the demo: the time is what F says\n", f);
}

static bool read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "clock-file", required_argument, NULL, 'k' },
		{ "worker", required_argument, NULL, 'W' },
		{ "sender", required_argument, NULL, 'S' },
		{ "adviser", required_argument, NULL, 'D' },
		{ "careful", no_argument, NULL, 'C' },
		{ "check-account", required_argument, NULL, 'A' },
		{ "check-sending", required_argument, NULL, 'B' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int c;

	*o = (struct options){ .worker = -1, .sender = -1, .adviser = -1 };
	while ((c = getopt_long(argc, argv, "c:fh", longs, NULL)) != -1) {
		int64_t fd;

		switch (c) {
		case 'c':
			o->conf = optarg;
			break;
		case 'f':
			break;
		case 'k':
			o->clock_file = optarg;
			break;
		case 'W':
		case 'S':
		case 'D':
			if (!str_int(optarg, 3, 1 << 20, &fd))
				return false;
			*(c == 'W' ? &o->worker : c == 'S' ? &o->sender : &o->adviser) = (int)fd;
			break;
		case 'C':
			o->careful = true;
			break;
		case 'A':
			o->check = optarg;
			break;
		case 'B':
			o->check_sending = optarg;
			break;
		case 'V':
			puts("relent-imapwatch " PACKAGE_VERSION);
			exit(0);
		case 'h':
			usage(stdout);
			exit(0);
		default:
			return false;
		}
	}
	return optind == argc;
}

/* ---- mailboxes ---- */

static void free_mailboxes(struct mailbox *boxes, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		free(boxes[k].owner_id);
		free(boxes[k].work_folder);
		arena_free(boxes[k].batch);
	}
	free(boxes);
}

/* A share of the mailboxes: with thousands of them no unit of work may hold up the milter. */
struct owners_unit {
	struct hub *h;
	struct mailbox *boxes;
	size_t n, at, end;
};
enum { SYNC_STEP = 100, DESCRIPTORS_BESIDE = 64 };

static enum status sync_owners(struct hub *h, struct err *e)
{
	const struct conf_owner *owners;
	size_t n = conf_owners(h->conf, &owners);
	struct arena *a = arena_new(0);
	struct owner_new *list = arena_array(a, struct owner_new, n + 1);
	enum status s;

	for (size_t k = 0; k < n; k++)
		list[k] = (struct owner_new){ owners[k].login, owners[k].name, owners[k].zone, owners[k].signature,
					      owners[k].manager, owners[k].addresses, owners[k].addresses_n };
	s = store_owners_take(h->store, clock_now(h->clock), list, n, "configuration", e);
	arena_free(a);
	return s;
}

static enum status sync_boxes(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct owners_unit *u = ctx;
	enum status s = OK;

	for (size_t k = u->at; s == OK && k < u->end; k++) {
		struct mailbox *box = &u->boxes[k];
		const char *owner = NULL;
		bool elsewhere = false;

		free(box->owner_id);
		box->owner_id = NULL;
		if (box->conf->control || str_empty(box->conf->owner))
			continue;
		s = store_owner_id(tx, a, box->conf->owner, &owner, e);
		if (s == GONE) {	/* named by an address of theirs */
			struct memory_owner *o;

			s = store_owner(tx, a, box->conf->owner, &o, e);
			owner = s == OK ? o->id : NULL;
		}
		if (s == GONE)
			return err_set(e, CONF, "account '%s': there is no owner '%s'", box->conf->name,
				       box->conf->owner);
		if (s == OK)
			box->owner_id = strdup(owner);
		/* known from now on, so that drafts find their folder */
		if (s == OK)
			s = store_lease_elsewhere(tx, a, &u->h->lease, box->conf->name, &elsewhere, e);
		if (s == OK && !elsewhere)
			s = store_account(tx, box->conf->name, box->owner_id, "connecting", "not read yet", e);
	}
	return s;
}

static enum status in_steps(struct owners_unit *u, size_t n, store_unit_fn *fn, struct err *e)
{
	enum status s = OK;

	for (u->at = 0; s == OK && u->at < n; u->at = u->end) {
		u->end = n - u->at > SYNC_STEP ? u->at + SYNC_STEP : n;
		s = store_write(u->h->store, clock_now(u->h->clock), fn, u, 0, e);
	}
	return s;
}

static void name_boxes(struct hub *h)
{
	names_free(h->box_names);
	names_free(h->box_owners);
	h->box_names = names_new();
	h->box_owners = names_new();
	for (size_t k = 0; k < h->boxes_n; k++) {
		names_add(h->box_names, h->boxes[k].conf->name, k);
		if (h->boxes[k].owner_id && !h->boxes[k].conf->control)
			names_add(h->box_owners, h->boxes[k].owner_id, k);
	}
}

struct kept_unit {
	const struct hub *h;
	size_t removed;
};

static enum status keep_wanted(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct kept_unit *u = ctx;

	return store_accounts_only(tx, a, &u->h->lease, u->h->box_names, &u->removed, e);
}

/* What the configuration has no more is not waited for: else a rep's follow-ups would be, for ever. */
static void forget_others(struct hub *h)
{
	struct kept_unit u = { .h = h };
	struct err e;

	if (store_write(h->store, clock_now(h->clock), keep_wanted, &u, 0, &e) != OK)
		log_error(NULL, "accounts", "reason", e.text);
	else if (u.removed > 0)
		log_info(NULL, "accounts-removed", "n", log_num((long long)u.removed));
}

enum status hub_mailboxes(struct hub *h, struct err *e)
{
	const struct conf_account *accounts;
	struct owners_unit u = { .h = h, .n = conf_accounts(h->conf, &accounts) };
	enum status s;

	u.boxes = calloc(u.n + 1, sizeof(*u.boxes));
	if (!u.boxes)
		abort();
	for (size_t k = 0; k < u.n; k++) {
		u.boxes[k].conf = &accounts[k];
		u.boxes[k].worker = (int)(k % (size_t)h->workers_n);
	}
	s = sync_owners(h, e);
	if (s == OK)
		s = in_steps(&u, u.n, sync_boxes, e);
	if (s != OK) {
		free_mailboxes(u.boxes, u.n);
		return s;
	}
	handle_states(h, true);
	outbox_drop_errands(h);
	for (size_t k = 0; k < u.n; k++) {	/* a reload: it stays whose it is */
		const struct mailbox *old = hub_box(h, u.boxes[k].conf->name);

		u.boxes[k].mine = old && old->mine;
		u.boxes[k].kept = old && old->kept;
	}
	h->next_lease = 0;
	free_mailboxes(h->boxes, h->boxes_n);
	h->boxes = u.boxes;
	h->boxes_n = u.n;
	name_boxes(h);
	forget_others(h);
	return OK;
}

/* ---- start ---- */

static enum status open_keys(struct hub *h, struct err *e)
{
	const char *path = conf_str(h->conf, "store.key_file");

	if (!*path)
		return OK;
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		log_warn(NULL, "no-key-file", "path", path, "reason",
			 "stamps and unsubscribe tokens cannot be checked");
		return OK;
	}
	return token_keys_load(path, &h->keys, e);
}

static enum status open_store(struct hub *h, struct err *e)
{
	struct arena *a = arena_new(0);
	struct store_options o;
	enum status s = store_settings(h->conf, a, &o, e);

	o.create = true;
	o.host = h->hostname;
	o.program = "relent-imapwatch";
	o.keys = h->keys;
	if (s == OK)
		s = store_open(&o, &h->store, e);
	arena_free(a);
	return s;
}

/* A connection each, and what else a process has open. The workers inherit the limit. */
static void raise_descriptors(const struct hub *h)
{
	const struct conf_account *accounts;
	size_t n = conf_accounts(h->conf, &accounts), need;
	struct rlimit limit;
	struct arena *a;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	need = (n + (size_t)h->workers_n - 1) / (size_t)h->workers_n + DESCRIPTORS_BESIDE;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max >= need)
		return;
	a = arena_new(0);
	log_error(NULL, "few-descriptors", "reason",
		  arena_printf(a, "a worker needs %zu for its share of %zu mailboxes, and may open %llu: some will not be "
			       "read; set LimitNOFILE=%zu in the unit, or more imapwatch.workers", need, n,
			       (unsigned long long)limit.rlim_max, need));
	arena_free(a);
}

static enum status open_all(struct hub *h, const struct options *o, struct err *e)
{
	enum status s = conf_load(o->conf, NULL, NULL, &h->conf, e);

	if (s == OK)
		s = clock_new(o->clock_file, &h->clock, e);
	if (s != OK)
		return s;
	if (*conf_str(h->conf, "hostname"))
		snprintf(h->hostname, sizeof(h->hostname), "%s", conf_str(h->conf, "hostname"));
	else if (gethostname(h->hostname, sizeof(h->hostname) - 1) != 0)
		return err_set(e, SYS, "the host has no name: set 'hostname'");
	h->workers_n = (int)conf_int(h->conf, "imapwatch.workers");
	raise_descriptors(h);
	h->log_followed = true;		/* until two looks say otherwise */
	h->workers = calloc((size_t)h->workers_n, sizeof(*h->workers));
	if (!h->workers)
		abort();
	for (int k = 0; k < h->workers_n; k++)
		h->workers[k] = (struct proc){ .hub = h, .number = k };
	h->sender = (struct proc){ .hub = h, .number = SENDER };
	h->adviser = (struct proc){ .hub = h, .number = ADVISER };
	s = open_keys(h, e);
	if (s == OK)
		s = open_store(h, e);
	if (s == OK)
		s = hosts_begin(h, e);
	return s == OK ? hub_mailboxes(h, e) : s;
}

int main(int argc, char **argv)
{
	struct hub h = { .conf = NULL };
	struct options o;
	struct err e = { "" };
	enum status s;

	if (!read_options(argc, argv, &o)) {
		usage(stderr);
		return 2;
	}
	umask(0077);
	(void)prctl(PR_SET_DUMPABLE, 0);	/* secrets are in here: no core, no ptrace by our own user */
	if (o.check)
		return check_account(o.conf, o.check);
	if (o.check_sending)
		return sender_check(o.conf, o.check_sending);
	if (o.worker >= 0) {
		log_open("relent-imapwatch: worker", LOG_LEVEL_INFO);
		return worker_main(o.conf, o.worker, o.careful);
	}
	if (o.sender >= 0) {
		log_open("relent-imapwatch: sender", LOG_LEVEL_INFO);
		return sender_main(o.conf, o.sender);
	}
	if (o.adviser >= 0) {
		log_open("relent-imapwatch: adviser", LOG_LEVEL_INFO);
		return adviser_main(o.conf, o.adviser);
	}
	log_open("relent-imapwatch", LOG_LEVEL_INFO);
	h.conf_path = o.conf;
	s = open_all(&h, &o, &e);
	if (s == OK) {
		outbox_release(&h, NULL, 0);
		s = hub_run(&h, &e);
	}
	if (s != OK) {
		log_fatal(NULL, "ends", "reason", e.text);
		return s == CONF || s == INPUT ? 78 : 1;
	}
	free_mailboxes(h.boxes, h.boxes_n);
	names_free(h.box_names);
	names_free(h.box_owners);
	free(h.states);
	store_close(h.store);
	phrases_free(h.phrases);
	token_keys_free(h.keys);
	clock_free(h.clock);
	conf_free(h.conf);
	free(h.workers);
	return 0;
}
