/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl setup postfix: works on a copy of main.cf and master.cf, with postconf(1) alone; so comments,
 * order and everything else stay as they are, and what is shown is what is written.
 */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/postconf.h"
#include "ctl/setup.h"

#include "base/arena.h"
#include "base/str.h"

enum { MILTERS_MAX = 64 };

struct postfix {
	struct setup *s;
	struct arena *a;
	const char *queue;	/* queue_directory */
	const char *plain;	/* unix:relent/milter.sock */
	const char *ours;	/* the same with its options */
	const char *signer;	/* OpenDKIM's socket */
};

static const char why_milter[] = "relent must see every submitted mail; after what may refuse it, and before what "
	"signs it "
	"with DKIM, because relent adds headers. default_action=tempfail: while relent is down, reps' mail waits and "
	"nothing passes unseen (accept would let everything out unrecorded). 15 s for a command, 30 s for the "
	"whole mail: relent answers within 8 s, and Postfix's own 30 s and 300 s would hold a client far too long";

/* Socket as Postfix writes it: unix:relent/milter.sock inside the chroot. */
const char *postfix_socket(struct ctl *c, const char *queue_directory)
{
	const char *socket = conf_str(c->conf, "milter.socket");
	size_t n = strlen(queue_directory);
	const char *path = strchr(socket, ':') + 1;

	if (strncmp(socket, "inet", 4) == 0) {
		const char *at = strchr(path, '@');

		return at ? arena_printf(c->arena, "inet:%s:%.*s", at + 1, (int)(at - path), path)
			: arena_printf(c->arena, "inet:localhost:%s", path);
	}
	if (n && strncmp(path, queue_directory, n) == 0 && path[n] == '/')
		return arena_printf(c->arena, "unix:%s", path + n + 1);
	return arena_printf(c->arena, "unix:%s", path);
}

/* One postconf command on the copy, and how it would be typed. */
static void edit(struct postfix *p, const char *how, const char *what, const char *now, const char *why)
{
	struct setup *s = p->s;
	struct err e;

	if (!postconf_edit(p->a, s->work, how, what, &e)) {
		setup_refuse(s, "%s", e.text);
		return;
	}
	setup_change(s, now, why, arena_printf(p->a, "postconf %s%s%s%s %s", s->other_dir ? "-c " : "",
					       s->other_dir ? setup_quoted(p->a, s->dir) : "", s->other_dir ? " "
					       : "", how,
					       setup_quoted(p->a, what)));
}

/* ---- lists of milters ---- */

/* "inet:a:1, { unix:b, x=y } $c" into its items; (size_t)-1: the braces do not match, or too many. */
static size_t split_list(struct arena *a, const char *list, const char **items)
{
	size_t n = 0;

	while (*(list += strspn(list, ", \t\r\n"))) {
		size_t k = 0, depth = 0;

		for (; list[k] && (depth || !strchr(", \t\r\n", list[k])); k++) {
			depth += list[k] == '{';
			if (list[k] == '}' && depth-- == 0)
				return (size_t)-1;
		}
		if (depth || n == MILTERS_MAX)
			return (size_t)-1;
		items[n++] = arena_strndup(a, list, k);
		list += k;
	}
	return n;
}

/* The parameter that an item is nothing but a reference to, or NULL. */
static const char *reference(struct arena *a, const char *item)
{
	size_t n = strlen(item);

	if (n > 3 && (strncmp(item, "${", 2) == 0 || strncmp(item, "$(", 2) == 0))
		return strchr(item + 2, '$') || strpbrk(item, "?:") ? NULL : arena_strndup(a, item + 2, n - 3);
	return n > 1 && *item == '$' && item[1] != '$' && !strchr(item + 1, '$') ? item + 1 : NULL;
}

static bool is_ours(struct postfix *p, const char *text)
{
	return postfix_names_socket(text, p->plain, p->queue);
}

/* One of relent's under an earlier name of its socket. */
static bool was_ours(struct postfix *p, const char *item)
{
	return *item != '$' && !is_ours(p, item) && strstr(item, "relent") && strstr(item, "milter");
}

/* The items of a list; a reference ($smtpd_milters) to a list in which one signs is replaced by that list, so
 * that ours can stand in the midst of it. (size_t)-1: cannot be read. */
static size_t read_list(struct postfix *p, const char *list, const char **items)
{
	size_t n = split_list(p->a, list, items);

	for (int depth = 0; n != (size_t)-1 && depth < 8; depth++) {
		const char *more[MILTERS_MAX + 1], *name = NULL;
		size_t at, k;

		for (at = 0; at < n; at++) {
			name = reference(p->a, items[at]);
			if (name && setup_is_signer(postconf_value(p->a, p->s->work, name), p->signer))
				break;
		}
		if (at == n)
			return n;
		k = split_list(p->a, postconf_raw(p->a, p->s->work, name), more);
		if (k == (size_t)-1 || n + k > MILTERS_MAX)
			return (size_t)-1;
		memmove(items + at + k, items + at + 1, (n - at - 1) * sizeof(*items));
		memcpy(items + at, more, k * sizeof(*items));
		n += k - 1;
	}
	return n;
}

/* The list with ours before the first that signs, else at its end; the same pointer: it is so already; NULL:
 * refused. */
static const char *with_ours(struct postfix *p, const char *where, const char *list)
{
	const char *items[MILTERS_MAX + 1], *mine = p->ours;
	size_t n = read_list(p, list, items), ours = (size_t)-1, signer = (size_t)-1;
	bool old = false;
	struct buf b;

	if (n == (size_t)-1) {
		setup_refuse(p->s, "cannot read the list of milters of %s: '%s'", where, list);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		const char *name = reference(p->a, items[i]);
		const char *text = name ? postconf_value(p->a, p->s->work, name) : items[i];

		if (is_ours(p, text) && ours == (size_t)-1)
			ours = i, mine = items[i];
		else if (was_ours(p, items[i]))
			old = true;
		else if (signer == (size_t)-1 && setup_is_signer(text, p->signer))
			signer = i;
	}
	if (ours != (size_t)-1 && !old && (signer == (size_t)-1 || ours < signer))
		return list;
	buf_init(&b, p->a);
	for (size_t i = 0; i <= n; i++) {
		if (i == (signer == (size_t)-1 ? n : signer))
			buf_addf(&b, "%s%s", b.n ? ", " : "", mine);
		if (i < n && i != ours && !was_ours(p, items[i]))
			buf_addf(&b, "%s%s", b.n ? ", " : "", items[i]);
	}
	return b.p;
}

/* ---- master.cf ---- */

/* postconf -P takes no blanks: the list stands in main.cf, under a name of its own. */
static void service_milters(struct postfix *p, const struct postfix_service *service)
{
	const char *dir = p->s->work;
	const char *own = postconf_service_raw(p->a, dir, service->name, "smtpd_milters");
	const char *name = own ? reference(p->a, own) : NULL, *now, *list;
	char *made;

	if (name && str_eq(name, "smtpd_milters"))
		own = name = NULL;
	now = name ? postconf_raw(p->a, dir, name) : own ? own : postconf_raw(p->a, dir, "smtpd_milters");
	list = with_ours(p, service->name, now);
	if (!list || list == now)
		return;
	if (name) {
		edit(p, "-e", arena_printf(p->a, "%s=%s", name, list), now, why_milter);
		return;
	}
	made = arena_printf(p->a, "relent_%.*s_milters", (int)strcspn(service->name, "/"), service->name);
	for (char *c = made; *c; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9'))
			*c = '_';
	edit(p, "-e", arena_printf(p->a, "%s=%s", made, list), now, why_milter);
	edit(p, "-P", arena_printf(p->a, "%s/smtpd_milters=$%s", service->name, made), own ? own : "",
	     "this service uses that list");
}

static void service_name(struct postfix *p, const struct postfix_service *service)
{
	struct ctl *c = p->s->c;
	const char *own = postconf_service(p->a, p->s->work, service->name, "milter_macro_daemon_name");
	const char *now = own ? own : postconf_value(p->a, p->s->work, "milter_macro_daemon_name");
	const char *short_name = arena_strndup(p->a, service->name, strcspn(service->name, "/"));

	if (str_eq(conf_role(c->conf, now), "submission"))
		return;
	if (own) {
		/* another milter may go by that name: OpenDKIM's setting MTA does */
		setup_by_hand(p->s, "relent knows by the daemon name that a mail was handed in by one of our users",
			      "add \"%s\" to milter { submission = ... } in relent.conf: the name of %s", now,
			      service->name);
		return;
	}
	if (!str_eq(conf_role(c->conf, short_name), "submission"))
		short_name = "submission";
	if (!str_eq(conf_role(c->conf, short_name), "submission")) {
		setup_refuse(p->s, "milter { submission = ... } in relent.conf knows neither '%s' nor "
			"'submission': name the daemon "
			     "name of %s there", service->name, service->name);
		return;
	}
	edit(p, "-P", arena_printf(p->a, "%s/milter_macro_daemon_name=%s", service->name, short_name), now,
	     "relent knows by this name that a mail was handed in by one of our users (milter.submission in "
	     "relent.conf)");
}

static void one_submission(struct postfix *p, const struct postfix_service *service)
{
	struct setup *s = p->s;
	const char *dir = s->work;
	const char *off = postconf_service(p->a, dir, service->name, "receive_override_options");
	const char *sasl = postconf_service(p->a, dir, service->name, "smtpd_sasl_auth_enable");

	if (!str_eq(service->command, "smtpd")) {
		setup_refuse(s, "%s in master.cf runs '%s', not smtpd: relent cannot be put there", service->name,
			     service->command);
		return;
	}
	if (off && strstr(off, "no_milters")) {
		setup_refuse(s, "%s in master.cf has receive_override_options=%s, which turns milters off: take "
			"no_milters out "
			     "if people hand in mail there", service->name, off);
		return;
	}
	if (!sasl)
		sasl = postconf_value(p->a, dir, "smtpd_sasl_auth_enable");
	if (!str_eq_case(sasl, "yes"))
		setup_by_hand(s, "relent knows whose mail it is by the login", "%s lets nobody log in: set "
			      "smtpd_sasl_auth_enable=yes there", service->name);
	service_milters(p, service);
	service_name(p, service);
}

/* A service that is none of submission, but has relent among its milters: mail from outside must not look as if
 * this host's own programs had handed it in. */
static void one_other(struct postfix *p, const struct postfix_service *service)
{
	const char *dir = p->s->work;
	const char *milters = postconf_service(p->a, dir, service->name, "smtpd_milters");
	const char *name = postconf_service(p->a, dir, service->name, "milter_macro_daemon_name");

	if (!milters)
		milters = postconf_value(p->a, dir, "smtpd_milters");
	if (!name)
		name = postconf_value(p->a, dir, "milter_macro_daemon_name");
	if (is_ours(p, milters) && str_eq(conf_role(p->s->c->conf, name), "local"))
		edit(p, "-P", arena_printf(p->a, "%s/milter_macro_daemon_name=smtp", service->name), name,
		     "mail from outside must not look to relent as if a program of this host had handed it in: an "
		     "outsider "
		     "could write a rep's address into MAIL FROM");
}

static void new_submission(struct postfix *p)
{
	const char *type = postconf_value(p->a, p->s->work, "smtpd_sasl_type");
	static const char why[] = "reps must hand in their mail with a login, over TLS: that is how relent knows "
		"whose mail it is";
	static const char *const options[] = {
		"syslog_name=postfix/submission", "smtpd_tls_security_level=encrypt", "smtpd_sasl_auth_enable=yes",
		"smtpd_tls_auth_only=yes", "smtpd_relay_restrictions=permit_sasl_authenticated,reject",
	};

	edit(p, "-M", "submission/inet=submission inet n - y - - smtpd", "no submission service in master.cf", why);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		edit(p, "-P", arena_printf(p->a, "submission/inet/%s", options[i]), "", why);
	if (!postconf_is_set(p->a, p->s->work, "smtpd_sasl_type") && str_eq(type, "cyrus")) {
		edit(p, "-P", "submission/inet/smtpd_sasl_type=dovecot", type, "Dovecot, who has the reps' "
			"mailboxes, checks their "
		     "passwords (relentctl setup dovecot)");
		edit(p, "-P", "submission/inet/smtpd_sasl_path=private/auth", "", "where Dovecot answers");
	}
}

static void services(struct postfix *p)
{
	struct setup *s = p->s;
	struct postfix_service *list;
	const char *socket = conf_str(s->c->conf, "milter.socket");
	size_t n = postconf_services(p->a, s->work, &list), found = 0;
	bool chrooted = false;

	for (size_t i = 0; i < n; i++)
		found += postfix_is_submission(p->a, s->work, &list[i]);
	if (found == 0) {
		new_submission(p);
		n = postconf_services(p->a, s->work, &list);
	}
	for (size_t i = 0; i < n; i++) {
		if (postfix_is_submission(p->a, s->work, &list[i])) {
			one_submission(p, &list[i]);
			chrooted |= list[i].chrooted;
		} else if (str_eq(list[i].command, "smtpd")) {
			one_other(p, &list[i]);
		}
	}
	if (chrooted && strncmp(socket, "inet", 4) != 0 && strncmp(p->plain, "unix:/", 6) == 0)
		setup_by_hand(s, "Debian's smtpd is chrooted into the queue directory and sees no socket outside it",
			      "set milter { socket = \"unix:%s/relent/milter.sock\" } in relent.conf, and run this again",
			      postconf_value(p->a, s->work, "queue_directory"));
	if (str_eq_case(postconf_value(p->a, s->work, "smtpd_sasl_auth_enable"), "yes"))
		setup_by_hand(s, "who logs in at port 25 hands in mail that relent does not see",
			      "main.cf has smtpd_sasl_auth_enable = yes for every service: let reps log in at the "
			      "submission "
			      "services only (-o smtpd_sasl_auth_enable=yes there, no in main.cf)");
}

/* ---- main.cf ---- */

/* Mail of sendmail(1) goes from pickup through a cleanup service, which is where such milters run. */
static void local_mail(struct postfix *p)
{
	struct setup *s = p->s;
	const char *now = postconf_raw(p->a, s->work, "non_smtpd_milters");
	const char *list = with_ours(p, "non_smtpd_milters", now), *name;
	const char *service = postconf_service(p->a, s->work, "pickup/unix", "cleanup_service_name");

	if (list && list != now)
		edit(p, "-e", arena_printf(p->a, "non_smtpd_milters=%s", list), now, "mail handed in by "
			"sendmail(1) on this host "
		     "(cron, scripts, webmail) is judged too; it is never refused at RCPT there");
	if (!service)
		service = postconf_value(p->a, s->work, "cleanup_service_name");
	service = arena_printf(p->a, "%s/unix", *service ? service : "cleanup");
	name = postconf_service(p->a, s->work, service, "milter_macro_daemon_name");
	if (!name)
		name = postconf_value(p->a, s->work, "milter_macro_daemon_name");
	if (!str_eq(conf_role(s->c->conf, name), "local"))
		edit(p, "-P", arena_printf(p->a, "%s/milter_macro_daemon_name=local", service), name, "the name "
			"under which relent "
		     "knows mail of sendmail(1) (milter.local in relent.conf); only here, because other milters "
		     "go by the name "
		     "of the receiving service");
}

static void control(struct postfix *p)
{
	struct setup *s = p->s;
	const char *address = conf_str(s->c->conf, "control.address");
	const char *delimiter = postconf_value(p->a, s->work, "recipient_delimiter");
	const char *domain = strchr(address, '@');
	const char *local = postconf_value(p->a, s->work, "mydestination");

	if (!*address) {
		setup_by_hand(s, "reps command relent by mail (seq.NAME, stop, pause), and unsubscribe mails need "
			"an address",
			      "set control { address = \"relent@YOUR.DOMAIN\" } in relent.conf, make that "
			      "mailbox, and run this "
			      "again");
		return;
	}
	if (*address == '@') {
		setup_by_hand(s, "what stands before the @ is the command: an alias would lose it", "route the "
			"whole of '%s' to the "
			      "control mailbox, without virtual_alias_maps: add it to virtual_mailbox_domains (or "
			      "relay_domains) "
			      "and give it a transport into that mailbox", address + 1);
		return;
	}
	if (!strchr(delimiter, '+'))
		edit(p, "-e", arena_printf(p->a, "recipient_delimiter=%s+", delimiter), delimiter, "control "
			"addresses are written "
		     "relent+VERB@: without the delimiter they bounce");
	if (span_find_case(span_of(local), domain + 1) != (size_t)-1
		&& !getpwnam(arena_strndup(p->a, address, (size_t)(domain - address)))
		&& !*postconf_value(p->a, s->work, "mailbox_transport") && !*postconf_value(p->a, s->work,
		"virtual_mailbox_domains"))
		setup_by_hand(s, "a real mailbox takes relent+ANYTHING@; an alias loses what stands behind the +",
			      "there is no user '%.*s' on this host: make the mailbox of '%s'",
			      (int)(domain - address), address,
			      address);
}

static void main_cf(struct postfix *p)
{
	struct setup *s = p->s;
	const char *maillog = postconf_value(p->a, s->work, "maillog_file");
	const char *log = conf_str(s->c->conf, "logwatch.file");
	const char *rewrite = postconf_value(p->a, s->work, "local_header_rewrite_clients");
	const char *strip = postconf_value(p->a, s->work, "message_strip_characters");

	local_mail(p);
	control(p);
	if (*rewrite)
		edit(p, "-e", "local_header_rewrite_clients=", rewrite, "Postfix would add Message-ID and Date of "
			"its own before "
		     "relent sees the mail: a mail sent again could not be told from a new one");
	if (!strstr(strip, "\\0"))
		edit(p, "-e", arena_printf(p->a, "message_strip_characters=%s\\0", strip), strip,
		     "a NUL hides the rest of a header from every milter, but not from the reader; no mail needs one");
	if (str_eq(conf_str(s->c->conf, "logwatch.source"), "journal"))
		return;
	if (!*maillog && access(log, F_OK) != 0)
		setup_by_hand(s, "relent-logwatch learns there what was queued, delivered and bounced",
			      "set logwatch { source = journal } in relent.conf: there is no '%s'", log);
	if (*maillog && !str_eq(maillog, log))
		setup_by_hand(s, "relent-logwatch learns there what was queued, delivered and bounced",
			      "set logwatch { file = \"%s\" } in relent.conf: Postfix logs into that file", maillog);
}

/* relent hands in what was approved as the reps, with a login of its own. */
static void senders(struct postfix *p)
{
	struct setup *s = p->s;
	const char *own = arena_printf(p->a, "texthash:%s/relent_senders", s->dir);
	const char *user = conf_str(s->c->conf, "smtp.user");
	const char *now = postconf_raw(p->a, s->work, "smtpd_sender_login_maps");
	struct postfix_service *list;
	size_t n = postconf_services(p->a, s->work, &list);
	struct setup_file *table;
	bool tied = false;

	for (size_t i = 0; i < n; i++)
		tied |= postfix_is_submission(p->a, s->work, &list[i]) &&
			postfix_ties_senders(p->a, s->work, list[i].name);
	if (!*user || !tied)
		return;
	table = setup_file(s, arena_printf(p->a, "%s/relent_senders", s->dir), true);
	if (!table)
		return;
	table->after = setup_sender_map(s, postconf_value(p->a, s->dir, "smtpd_sender_login_maps"));
	if (!table->before || !str_eq(table->before, table->after))
		setup_change(s, table->before ? "other senders" : "", "this Postfix lets a login send only as itself; "
			     "relent's own login hands in approved mail as the reps, whose passwords are never kept",
			     arena_printf(p->a, "%s (written by setup: each rep's address, and '%s' beside who may already)",
					  table->path, user));
	if (!strstr(now, own))
		edit(p, "-e", arena_printf(p->a, "smtpd_sender_login_maps=%s%s%s", own, *now ? ", " : "", now), now,
		     "the first table that knows a sender says who may send as it");
}

/* A copy that postconf may add lines to: after a last line that nothing ends it would write on, in that line. */
static bool scratch(struct setup *s, const char *name, const char *text)
{
	size_t n = strlen(text);
	const char *path;

	return setup_scratch(s, name, n && text[n - 1] != '\n' ? arena_printf(s->c->arena, "%s\n", text) : text, &path);
}

void setup_postfix(struct setup *s, const struct args *args)
{
	struct arena *a = s->c->arena;
	struct setup_file *main_file = setup_file(s, arena_printf(a, "%s/main.cf", s->dir), false);
	struct setup_file *master = setup_file(s, arena_printf(a, "%s/master.cf", s->dir), false);
	const char *opendkim = arg_value(args, "opendkim-config");
	struct postfix p = { .s = s, .a = a };

	s->reload[0][0] = "postfix";
	if (s->other_dir) {
		s->reload[0][1] = "-c";
		s->reload[0][2] = s->dir;
	}
	s->reload[0][s->other_dir ? 3 : 1] = "reload";
	s->reload_n = 1;
	if (!main_file || !master || !scratch(s, "main.cf", main_file->before)
		|| !scratch(s, "master.cf", master->before))
		return;
	p.queue = postconf_value(a, s->work, "queue_directory");
	p.plain = postfix_socket(s->c, p.queue);
	p.ours = arena_printf(a, "{ %s, default_action=tempfail, command_timeout=15s, content_timeout=30s }", p.plain);
	p.signer = setup_opendkim_socket(a, opendkim ? opendkim : "/etc/opendkim.conf");
	services(&p);
	if (!*s->refusal.text)
		main_cf(&p);
	if (!*s->refusal.text)
		senders(&p);
	main_file->after = setup_slurp(a, arena_printf(a, "%s/main.cf", s->work));
	master->after = setup_slurp(a, arena_printf(a, "%s/master.cf", s->work));
	setup_signers(s, args);
}
