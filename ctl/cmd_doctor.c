/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl doctor: looks at everything relent needs, one line each, with the mend. Changes nothing.
 */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/doctor.h"
#include "ctl/postconf.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/token.h"
#include "base/when.h"

void found(struct doctor *d, enum health h, const char *what, const char *mend, const char *fmt, ...)
{
	static const char *const names[] = { "good", "look", "BAD" };
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->bad += h == BAD;
	json_array_append_new(d->findings, json_pack("{s:s,s:s,s:o,s:o}", "health", names[h], "what", what,
						     "finding", text_json(text), "mend", text_json(mend)));
}

/* ---- configuration and store ---- */

static void conf_finding(void *ctx, const char *file, int line, const char *sentence)
{
	struct doctor *d = ctx;

	if (line)
		found(d, BAD, "configuration", "edit it, then: relentctl config check", "%s:%d: %s", file, line, sentence);
	else
		found(d, BAD, "configuration", "see relent.conf(5)", "%s: %s", file, sentence);
}

static void check_conf(struct doctor *d)
{
	const struct conf *conf = d->c->conf;
	const struct conf_owner *owners;
	const struct conf_account *accounts;
	bool control = false;

	if (conf_check_files(conf, conf_finding, d) == 0)
		found(d, GOOD, "configuration", NULL, "%s", conf_path(conf) ? conf_path(conf) : "all defaults");
	if (conf_owners(conf, &owners) == 0)
		found(d, LOOK, "owners", "add owner sections to relent.conf, or: relentctl owner add",
		      "relent.conf names no rep");
	for (size_t i = 0, n = conf_accounts(conf, &accounts); i < n; i++)
		control |= accounts[i].control;
	if (!*conf_str(conf, "control.address"))
		found(d, LOOK, "control address", "set control { address = \"relent@YOUR.DOMAIN\" }",
		      "there is none: reps cannot command by mail, and stamps carry no unsubscribe address");
	else if (!control)
		found(d, BAD, "control address", "add an account section with control = yes",
		      "nobody reads the mailbox of '%s': unsubscribe mails would be lost",
		      conf_str(conf, "control.address"));
	if (str_eq(conf_str(conf, "mode"), "observe"))
		found(d, LOOK, "mode", "when the reports look right: mode = enforce", "observe: nothing is refused");
}

static void check_key(struct doctor *d)
{
	const char *path = conf_str(d->c->conf, "store.key_file");
	struct err e;

	if (access(path, F_OK) != 0)
		found(d, BAD, "key file", "relentctl key rotate", "there is none at '%s': stamps cannot be signed", path);
	else if (token_keys_load(path, &d->c->keys, &e) != OK)
		found(d, BAD, "key file", "see the sentence", "%s", e.text);
	else
		found(d, GOOD, "key file", NULL, "%s", path);
}

struct mark_look {
	struct ctl *c;
	struct store_mark mark;
};

static enum status read_mark(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct mark_look *l = ctx;
	enum status st = store_mark(tx, a, &l->mark, e);

	l->mark.why = arena_strdup(l->c->arena, l->mark.why);
	return st;
}

/* Was the store put back from a copy that does not know everybody who wants no mail? */
static void check_mark(struct doctor *d)
{
	struct mark_look l = { .c = d->c };

	if (read_unit(d->c, read_mark, &l))
		return;
	if (l.mark.lost)
		found(d, BAD, "suppressions", "put in what is missing, then: relentctl suppress reconcile",
		      "%s; no outreach is let through", l.mark.why);
	else if (!l.mark.exists && l.mark.counted > 0)
		found(d, LOOK, "suppressions", "it is made with the next suppression",
		      "there is no mark at '%s': an old copy of the store would not be noticed", l.mark.path);
	else
		found(d, GOOD, "suppressions", NULL, "%lld ever, the mark agrees", (long long)l.mark.counted);
}

enum { VERIFY_DAYS = 90 };

/* What is walked seldom, and what was begun. */
static void check_walks(struct doctor *d)
{
	struct ctl *c = d->c;
	struct value before = V_INT((int64_t)c->now - 3600);
	time_t full = 0, since;
	struct err e;
	int code;
	json_t *first = ask(c, "ctl_first_event", NULL, 0, &code), *half = ask(c, "ctl_half_forgotten", &before, 1, &code);

	if (first && half && store_verified(c->store, c->now, &full, &e) == OK) {
		since = full ? full : (time_t)get_int(json_array_get(first, 0), "at");
		if (since && since < c->now - (time_t)VERIFY_DAYS * 86400)
			found(d, LOOK, "verify", "relentctl verify --full, at night", full ?
			      "all events were last walked %lld days ago" : "the events of %lld days were never walked",
			      (long long)(c->now - since) / 86400);
		else if (full)
			found(d, GOOD, "verify", NULL, "all events were found whole %lld days ago",
			      (long long)(c->now - full) / 86400);
		if (get_int(json_array_get(half, 0), "people"))
			found(d, BAD, "forget", "relentctl forget ADDRESS once more; 'suppress list' has the address",
			      "of %lld people not everything is forgotten: it was interrupted",
			      (long long)get_int(json_array_get(half, 0), "people"));
	}
	json_decref(first);
	json_decref(half);
}

enum { WHOLE_MAX = 512 << 20 };	/* a larger file would take minutes */

static void check_store(struct doctor *d)
{
	struct ctl *c = d->c;
	const char *path = conf_str(c->conf, "store.path");
	struct store_options o;
	struct stat st = { .st_size = 0 };
	struct err e;
	json_t *list;
	int code;

	bool server = !str_eq(conf_str(c->conf, "store.driver"), "sqlite");

	if (server)
		path = conf_str(c->conf, "store.url");
	else if (access(path, F_OK) != 0) {
		found(d, BAD, "store", "relentctl store migrate", "there is none at '%s'", path);
		return;
	}
	if (ctl_store_options(c, &o, &e) != OK || store_open(&o, &c->store, &e) != OK) {
		found(d, BAD, "store", "relentctl store migrate, or restore a backup", "%s", e.text);
		return;
	}
	list = str_eq(o.driver, "sqlite") && stat(o.path, &st) == 0 && st.st_size > WHOLE_MAX ? NULL
		: ask(c, "ctl_integrity", NULL, 0, &code);
	if (!list && st.st_size > WHOLE_MAX)
		found(d, GOOD, "store", NULL, "'%s' can be read; %lld MB are not read through here: relentctl store "
		      "check does it", path, (long long)(st.st_size >> 20));
	else if (!list)
		found(d, BAD, "store", "stop the daemons and restore a backup", "'%s' cannot be read", path);
	else if (json_array_size(list) > 0)	/* a row for each thing that is wrong */
		found(d, BAD, "store", "relentctl store check tells all of it; then stop the daemons and restore a backup",
		      "'%s' is damaged: %s", path, get(json_array_get(list, 0), "answer"));
	else
		found(d, GOOD, "store", NULL, "'%s' is whole", path);
	json_decref(list);
	check_mark(d);
	check_walks(d);
	list = ask(c, "ctl_counts", NULL, 0, &code);
	if (list && get_int(json_array_get(list, 0), "outbox_dead"))
		found(d, BAD, "outbox", "relentctl outbox list --state dead; then outbox retry or drop",
		      "%lld drafts, mails or notes were given up",
		      (long long)get_int(json_array_get(list, 0), "outbox_dead"));
	if (list && get_int(json_array_get(list, 0), "sends_unsure"))
		found(d, BAD, "sending", "look for their Message-IDs in the mail server's log, then: relentctl outbox drop "
		      "ID --because WHAT-YOU-FOUND", "of %lld mails it is not known whether they were sent",
		      (long long)get_int(json_array_get(list, 0), "sends_unsure"));
	if (list && get_int(json_array_get(list, 0), "reviews_open"))
		found(d, LOOK, "review", "relentctl review list", "%lld items wait for a person",
		      (long long)get_int(json_array_get(list, 0), "reviews_open"));
	json_decref(list);
}

/* Whoever asks enters a sequence that is there, and gets an owner that is there. */
static void check_leads(struct doctor *d, const json_t *sequences, const json_t *names)
{
	const struct conf_lead *leads;
	size_t n = conf_leads(d->c->conf, &leads);

	for (size_t i = 0; i < n; i++) {
		const char *what = arena_printf(d->c->arena, "lead %s", leads[i].name);
		bool there = str_empty(leads[i].sequence), all = true;

		for (size_t k = 0; k < json_array_size(sequences) && !there; k++)
			there = str_eq(get(json_array_get(sequences, k), "name"), leads[i].sequence);
		if (!there)
			found(d, BAD, what, "relentctl sequence load", "there is no sequence '%s' in the store",
			      leads[i].sequence);
		for (size_t o = 0; o < leads[i].owners_n; o++) {
			bool known = false;

			for (size_t k = 0; k < json_array_size(names) && !known; k++)
				known = str_eq(get(json_array_get(names, k), "name"), leads[i].owners[o]);
			if (!known)
				found(d, BAD, what, "relentctl owner add",
					"there is no owner '%s': whoever asks is never theirs",
				      leads[i].owners[o]);
			all = all && known;
		}
		if (there && all)
			found(d, GOOD, what, NULL, "who asks in '%s' enters '%s'", leads[i].account,
			      str_empty(leads[i].sequence) ? "no sequence" : leads[i].sequence);
	}
}

/* Is there something to work with: sequences, and an owner for each mailbox? */
static void check_content(struct doctor *d)
{
	const struct conf_account *accounts;
	size_t n = conf_accounts(d->c->conf, &accounts);
	json_t *names, *sequences;
	int code;

	if (!d->c->store)
		return;
	sequences = ask(d->c, "ctl_sequences", NULL, 0, &code);
	if (json_array_size(sequences) == 0)
		found(d, BAD, "sequences", "relentctl sequence load", "the store has none");
	else
		found(d, GOOD, "sequences", NULL, "%zu in the store", json_array_size(sequences));
	names = ask(d->c, "ctl_owner_names", NULL, 0, &code);
	check_leads(d, sequences, names);
	json_decref(sequences);
	for (size_t i = 0; i < n; i++) {
		const struct conf_owner *owners;
		bool known = accounts[i].control || str_empty(accounts[i].owner);	/* nobody's: leads come there */

		for (size_t k = 0; k < json_array_size(names) && !known; k++)
			known = str_eq(get(json_array_get(names, k), "name"), accounts[i].owner);
		for (size_t k = conf_owners(d->c->conf, &owners); k-- > 0 && !known;)
			known = str_eq(owners[k].login, accounts[i].owner);
		if (!known)
			found(d, BAD, arena_printf(d->c->arena, "account %s", accounts[i].name),
			      "set its owner, or: relentctl owner add", "there is no owner '%s'", accounts[i].owner);
	}
	json_decref(names);
}

/* ---- milter socket and Postfix ---- */

static bool connect_unix(const char *path, int *errno_r)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good;

	if (strlen(path) >= sizeof(sa.sun_path))
		return *errno_r = ENAMETOOLONG, close(fd), false;
	memcpy(sa.sun_path, path, strlen(path) + 1);
	good = fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0;
	*errno_r = errno;
	if (fd >= 0)
		close(fd);
	return good;
}

static bool connect_inet(const char *host, const char *port, int *errno_r)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *one;
	struct timeval limit = { .tv_sec = 5 };
	bool good = false;

	*errno_r = EHOSTUNREACH;
	if (getaddrinfo(host, port, &hints, &list) != 0)
		return false;
	for (one = list; one && !good; one = one->ai_next) {
		int fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, 0);

		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		good = connect(fd, one->ai_addr, one->ai_addrlen) == 0;
		*errno_r = errno;
		close(fd);
	}
	freeaddrinfo(list);
	return good;
}

static void check_socket(struct doctor *d)
{
	const char *socket = conf_str(d->c->conf, "milter.socket"), *where = strchr(socket, ':') + 1;
	const char *at = strchr(where, '@');
	struct stat st;
	int error;
	bool good;

	if (strncmp(socket, "inet", 4) == 0) {
		good = connect_inet(at ? at + 1 : "localhost", at ? arena_strndup(d->c->arena, where,
				    (size_t)(at - where)) : where, &error);
		found(d, LOOK, "milter socket", "prefer a unix socket: inet costs 40 ms a mail", "%s", socket);
	} else {
		good = connect_unix(where, &error);
	}
	if (!good)
		found(d, BAD, "milter socket", "systemctl start relent-milter; journalctl -u relent-milter",
		      "nobody answers at '%s': %s", socket, strerror(error));
	else
		found(d, GOOD, "milter socket", NULL, "somebody answers at '%s'", socket);
	if (good && strncmp(socket, "inet", 4) != 0 && stat(where, &st) == 0 && (st.st_mode & 02))
		found(d, BAD, "milter socket", "milter { socket_mode = \"0660\" }", "everybody may write to '%s'", where);
}

/* The milter sees an alias, not the person behind it. */
static void check_aliases(struct doctor *d, const char *dir)
{
	struct alias_lead *list;
	size_t n = alias_leads(d->c, dir, &list);

	for (size_t i = 0; i < n; i++)
		found(d, LOOK, arena_printf(d->c->arena, "alias %s", list[i].alias),
		      arena_printf(d->c->arena, "relentctl prospect edit %s --alias %s", list[i].target, list[i].alias),
		      "leads to the prospect %s: neither suppression nor gap holds for it", list[i].target);
}

/* ---- mailboxes ---- */

static const char *imapwatch_path(struct ctl *c)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	const char *beside;

	if (n > 0) {
		exe[n] = '\0';
		if (strrchr(exe, '/'))
			*strrchr(exe, '/') = '\0';
		beside = arena_printf(c->arena, "%s/relent-imapwatch", exe);
		if (access(beside, X_OK) == 0)
			return beside;
	}
	return "relent-imapwatch";
}

/* `relent-imapwatch --check-account NAME` logs in, looks for IDLE and \Drafts, and says one line. */
static void check_account(struct doctor *d, const struct conf_account *ac)
{
	const char *what = arena_printf(d->c->arena, "account %s", ac->name);
	const char *path = conf_path(d->c->conf), *out;
	const char *argv[] = { imapwatch_path(d->c), "-c", path, "--check-account", ac->name, NULL };
	const char *line;
	int code;

	if (!path)
		return;
	out = run_program(d->c->arena, argv, 30, &code);
	line = strrchr(out, '\n') ? strrchr(out, '\n') + 1 : out;
	if (code == 0)
		found(d, GOOD, what, NULL, "%s", *line ? line : "login, IDLE and Drafts work");
	else if (code == -1 || code == 2)
		found(d, LOOK, what, "install relent-imapwatch of the same version beside relentctl", "not checked: %s",
		      code == -1 ? "relent-imapwatch is not there" : "this relent-imapwatch cannot check accounts");
	else if (code == -2)
		found(d, BAD, what, "is the server reachable? firewall, host, port", "no answer within 30 s");
	else
		found(d, BAD, what, "see the sentence; password_file, host, ca_file in relent.conf", "%s", line);
}

/* Mailboxes whose watcher gives no sign of life, and that no other has taken: nobody reads them. */
static void check_holders(struct doctor *d)
{
	int code;
	json_t *clock = ask(d->c, "hosts_clock", NULL, 0, &code), *list;
	struct value now = V_INT(clock ? get_int(json_array_get(clock, 0), "now") : 0);

	list = clock ? ask(d->c, "hosts_mailboxes", &now, 1, &code) : NULL;
	json_decref(clock);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);

		if (!json_is_true(json_object_get(o, "alive")))
			found(d, BAD, arena_printf(d->c->arena, "watching %s", get(o, "mailbox")),
			      "start relent-imapwatch there, or on another host that has the account",
			      "'%s' reads it and gives no sign of life, and no other watcher has taken it: relentctl hosts",
			      get(o, "host"));
	}
	json_decref(list);
}

static void check_watching(struct doctor *d)
{
	int code;
	json_t *list = d->c->store ? ask(d->c, "ctl_accounts", NULL, 0, &code) : NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
		const char *what = arena_printf(d->c->arena, "watching %s", get(o, "name"));

		if (str_eq(get(o, "state"), "failing") || str_eq(get(o, "state"), "parked"))
			found(d, BAD, what, "journalctl -u relent-imapwatch", "%s: %s", get(o, "state"),
			      get(o, "last_error"));
		else
			found(d, GOOD, what, NULL, "%s, last read %s", get(o, "state"),
			      time_for_people(d->c, get(o, "last_ok")));
		if (*get(o, "drafts_error"))
			found(d, BAD, arena_printf(d->c->arena, "drafts of %s", get(o, "name")),
			      "the mailbox, on its server; relent goes on by itself", "since %s: %s",
			      time_for_people(d->c, get(o, "drafts_since")), get(o, "drafts_error"));
	}
	json_decref(list);
	if (d->c->store)
		check_holders(d);
}

/* ---- the machine ---- */

static bool log_readable(struct doctor *d)
{
	const char *file = conf_str(d->c->conf, "logwatch.file");

	if (str_eq(conf_str(d->c->conf, "logwatch.source"), "journal") || access(file, R_OK) == 0)
		return true;
	found(d, BAD, "mail log", errno == ENOENT ? "logwatch { source = journal } where there is no such file" :
	      "adduser relent adm, or set logwatch { file = ... }", "cannot read '%s': %s", file, strerror(errno));
	return false;
}

/* What no line spoke of within an hour: perhaps it is not the log of the MTA that sends. */
static void check_evidence(struct doctor *d)
{
	const struct value before = V_INT(d->c->now - 3600);
	int code;
	json_t *list = ask(d->c, "ctl_unsettled", &before, 1, &code);
	int64_t n = get_int(json_array_get(list, 0), "n");

	if (n > 0)
		found(d, LOOK, "delivery evidence", "logwatch.file, logwatch.instance: is it the log of the MTA that sends?",
		      "%lld mails were accepted over an hour ago, and no line of the log speaks of them", (long long)n);
	json_decref(list);
}

static void check_log(struct doctor *d)
{
	int code;
	json_t *list = d->c->store ? ask(d->c, "ctl_log_sources", NULL, 0, &code) : NULL;

	if (log_readable(d) && json_array_size(list) == 0)
		found(d, BAD, "relent-logwatch", "systemctl enable --now relent-logwatch", "has never run");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
		int64_t age = d->c->now - get_int(o, "heard");

		if (age > 300)
			found(d, BAD, "relent-logwatch", "systemctl status relent-logwatch",
			      "on %s has not been heard of for %lld minutes (%s)", get(o, "host"), (long long)(age / 60),
			      get(o, "source"));
		else
			found(d, GOOD, "mail log", NULL, "%s is read on %s, the last line %s", get(o, "source"),
			      get(o, "host"), *get(o, "last") ? time_for_people(d->c, get(o, "last")) : "not yet");
	}
	if (json_array_size(list))
		check_evidence(d);
	json_decref(list);
}

static void check_inotify(struct doctor *d)
{
	const struct conf_account *accounts;
	size_t n = conf_accounts(d->c->conf, &accounts);
	FILE *f = fopen("/proc/sys/fs/inotify/max_user_instances", "re");
	char text[32] = "";
	int64_t limit = 0;

	if (f && fgets(text, sizeof(text), f))
		text[strcspn(text, "\n")] = '\0';
	if (f)
		fclose(f);
	if (!str_int(text, 0, INT64_MAX, &limit))
		return;
	if (limit < (int64_t)n + 64)
		found(d, LOOK, "fs.inotify", arena_printf(d->c->arena, "on the IMAP server: sysctl "
		      "fs.inotify.max_user_instances=%d", n < 448 ? 512 : (int)n * 2),
		      "max_user_instances is %lld: a Dovecot here tells %zu idle mailboxes late", (long long)limit, n);
	else
		found(d, GOOD, "fs.inotify", NULL, "max_user_instances is %lld", (long long)limit);
}

int cmd_doctor(struct ctl *c, const struct args *args)
{
	struct doctor d = { .c = c, .findings = json_array() };
	const struct conf_account *accounts;
	size_t n = conf_accounts(c->conf, &accounts);
	struct err e;

	check_conf(&d);
	check_key(&d);
	check_store(&d);
	doctor_server(&d);
	check_content(&d);
	check_socket(&d);
	doctor_postfix(&d, arg_value(args, "postfix-config"), arg_value(args, "opendkim-config"));
	if (postconf_works(c->arena, arg_value(args, "postfix-config"), &e))
		check_aliases(&d, arg_value(args, "postfix-config"));
	doctor_sendmail(&d, arg_value(args, "sendmail-config"), arg_value(args, "opendkim-config"));
	for (size_t i = 0; i < n && !arg_given(args, "offline"); i++)
		check_account(&d, &accounts[i]);
	doctor_sending(&d, imapwatch_path(c), arg_given(args, "offline"));
	check_watching(&d);
	check_log(&d);
	check_inotify(&d);
	doctor_clock(&d);
	doctor_permissions(&d);
	if (!arg_given(args, "offline"))
		doctor_dns(&d);
	if (c->json) {
		out_object(c, json_pack("{s:b,s:o}", "healthy", d.bad == 0, "findings", d.findings));
		return d.bad ? CTL_NO : CTL_DONE;
	}
	for (size_t i = 0; i < json_array_size(d.findings); i++) {
		const json_t *o = json_array_get(d.findings, i);

		printf("%-4s  %s: %s%s%s\n", get(o, "health"), get(o, "what"), get(o, "finding"),
		       *get(o, "mend") ? " -- " : "", get(o, "mend"));
	}
	json_decref(d.findings);
	if (d.bad)
		printf("%d %s to be mended\n", d.bad, d.bad == 1 ? "thing has" : "things have");
	return d.bad ? CTL_NO : CTL_DONE;
}
