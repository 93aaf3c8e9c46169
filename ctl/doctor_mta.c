/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl doctor: is relent wired into Postfix or Sendmail as it must be, and does OpenDKIM sign what it adds?
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/doctor.h"
#include "ctl/postconf.h"
#include "ctl/setup.h"

#include "base/arena.h"
#include "base/str.h"

#define MEND_POSTFIX "relentctl setup postfix --dry-run"

/* ---- the milter's own options ---- */

/* "content_timeout=30s" of a list's item, in seconds; fallback where it is not said. */
static int64_t option_seconds(struct arena *a, const char *text, const char *name, int64_t fallback)
{
	const char *at = strstr(text, name);
	int64_t seconds;

	if (!at)
		return fallback;
	at += strlen(name);
	return str_duration(arena_strndup(a, at, strcspn(at, " ,;}")), &seconds) ? seconds : fallback;
}

/* What the MTA does while relent is away or slow. */
static void check_options(struct doctor *d, const char *service, const char *action, int64_t content)
{
	int64_t own = conf_int(d->c->conf, "milter.decide_within");

	if (!str_eq(action, "tempfail"))
		found(d, LOOK, service, "default_action=tempfail, if nothing may pass unseen", "while relent is "
			"away: %s, so mail "
		      "of reps goes out unseen or is lost to them", action);
	if (content <= own)
		found(d, BAD, service, "content_timeout=30s", "waits %lld s for relent, which may take %lld s "
		      "(milter.decide_within): mail is deferred that relent has recorded", (long long)content,
		      (long long)own);
}

/* ---- Postfix ---- */

struct postfix_look {
	struct doctor *d;
	const char *dir, *plain, *queue, *signer;
};

static const char *item_of_ours(struct postfix_look *p, const char *milters)
{
	const char *at = strstr(milters, strchr(p->plain, ':') + 1), *open;

	for (open = at; open && open > milters && *open != '{' && *open != '}'; open--)
		;
	return open && *open == '{' ? arena_strndup(p->d->c->arena, open, strcspn(open, "}")) : "";
}

/* Where the first that signs stands; (size_t)-1: nowhere. */
static size_t signer_place(struct postfix_look *p, const char *milters)
{
	size_t from = 0;

	while (milters[from]) {
		size_t n = strcspn(milters + from, ", \t{}");

		if (n && setup_is_signer(arena_strndup(p->d->c->arena, milters + from, n), p->signer))
			return from;
		from += n + (milters[from + n] != '\0');
	}
	return (size_t)-1;
}

static void check_submission(struct postfix_look *p, const struct postfix_service *service)
{
	struct doctor *d = p->d;
	struct arena *a = d->c->arena;
	const char *milters = postconf_service(a, p->dir, service->name, "smtpd_milters");
	const char *name = postconf_service(a, p->dir, service->name, "milter_macro_daemon_name"), *item;
	const char *action = postconf_value(a, p->dir, "milter_default_action"), *timeout;
	const char *ours;
	size_t signer;
	int64_t content = 300;

	if (!milters)
		milters = postconf_value(a, p->dir, "smtpd_milters");
	if (!name)
		name = postconf_value(a, p->dir, "milter_macro_daemon_name");
	if (!postfix_names_socket(milters, p->plain, p->queue)) {
		found(d, BAD, service->name, MEND_POSTFIX, "its smtpd_milters do not name relent: mail of reps "
			"passes unseen");
		return;
	}
	ours = strstr(milters, strchr(p->plain, ':') + 1);
	signer = signer_place(p, milters);
	if (signer != (size_t)-1 && signer < (size_t)(ours - milters))
		found(d, BAD, service->name, MEND_POSTFIX,
		      "the DKIM signer comes before relent: what relent adds is not signed");
	else if (!conf_role(d->c->conf, name))
		found(d, BAD, service->name, MEND_POSTFIX ", or add it to milter.submission",
		      "relent does not know the daemon name '%s'", name);
	else
		found(d, GOOD, service->name, NULL, "relent sees its mail as '%s' (role %s)", name,
		      conf_role(d->c->conf, name));
	if (service->chrooted && strncmp(p->plain, "unix:/", 6) == 0)
		found(d, BAD, service->name, arena_printf(a, "milter { socket = \"unix:%s/relent/milter.sock\" }, then "
		      MEND_POSTFIX, p->queue), "is chrooted, and relent's socket lies outside its queue directory");
	item = item_of_ours(p, milters);
	timeout = postconf_value(a, p->dir, "milter_content_timeout");
	str_duration(timeout, &content);
	if (strstr(item, "default_action=")) {
		action = strstr(item, "default_action=") + strlen("default_action=");
		action = arena_strndup(a, action, strcspn(action, " ,}"));
	}
	check_options(d, service->name, action, option_seconds(a, item, "content_timeout=", content));
}

/* Mail from outside in role local: its envelope sender would be believed. */
static void check_other(struct postfix_look *p, const struct postfix_service *service)
{
	struct arena *a = p->d->c->arena;
	const char *milters = postconf_service(a, p->dir, service->name, "smtpd_milters");
	const char *name = postconf_service(a, p->dir, service->name, "milter_macro_daemon_name");

	if (!milters)
		milters = postconf_value(a, p->dir, "smtpd_milters");
	if (!name)
		name = postconf_value(a, p->dir, "milter_macro_daemon_name");
	if (postfix_names_socket(milters, p->plain, p->queue) && str_eq(conf_role(p->d->c->conf, name), "local"))
		found(p->d, BAD, service->name, MEND_POSTFIX, "is known to relent as '%s' (role local): an "
			"outsider who writes a "
		      "rep's address into MAIL FROM passes for the rep", name);
}

static void check_local(struct postfix_look *p)
{
	struct doctor *d = p->d;
	struct arena *a = d->c->arena;
	const char *cleanup = postconf_service(a, p->dir, "pickup/unix", "cleanup_service_name"), *name;
	const char *milters = postconf_value(a, p->dir, "non_smtpd_milters");

	if (!postfix_names_socket(milters, p->plain, p->queue)) {
		found(d, LOOK, "sendmail(1)", MEND_POSTFIX, "mail handed in by sendmail(1) on this host is not "
			"looked at");
		return;
	}
	if (!cleanup)
		cleanup = postconf_value(a, p->dir, "cleanup_service_name");
	name = postconf_service(a, p->dir, arena_printf(a, "%s/unix", cleanup), "milter_macro_daemon_name");
	if (!name)
		name = postconf_value(a, p->dir, "milter_macro_daemon_name");
	if (!str_eq(conf_role(d->c->conf, name), "local"))
		found(d, BAD, "sendmail(1)", MEND_POSTFIX, "relent does not know its mail by the daemon name "
			"'%s': it passes unseen",
		      name);
	else
		found(d, GOOD, "sendmail(1)", NULL, "relent sees its mail as '%s' (role local)", name);
}

static void check_opendkim(struct doctor *d, const char *path)
{
	const char *text = setup_slurp(d->c->arena, path ? path : "/etc/opendkim.conf");

	if (!text) {
		if (path)
			found(d, BAD, "OpenDKIM", "--opendkim-config FILE", "cannot read '%s'", path);
	} else if (!setup_opendkim_signs(d->c->arena, text)) {
		found(d, BAD, "OpenDKIM", "relentctl setup postfix", "does not sign List-Unsubscribe-Post "
			"(SignHeaders): Gmail and "
		      "Yahoo will not obey one-click");
	} else {
		found(d, GOOD, "OpenDKIM", NULL, "signs both List-Unsubscribe headers");
	}
}

void doctor_postfix(struct doctor *d, const char *dir, const char *opendkim)
{
	struct arena *a = d->c->arena;
	const char *control = conf_str(d->c->conf, "control.address");
	struct postfix_look p = { .d = d, .dir = dir };
	struct postfix_service *services;
	size_t n, seen = 0;
	struct err e;

	if (!postconf_works(a, dir, &e)) {
		if (access("/etc/mail/sendmail.cf", F_OK) != 0)
			found(d, LOOK, "Postfix", "run doctor on the mail server", "not checked: %s", e.text);
		return;
	}
	p.queue = postconf_value(a, dir, "queue_directory");
	p.plain = postfix_socket(d->c, p.queue);
	p.signer = setup_opendkim_socket(a, opendkim ? opendkim : "/etc/opendkim.conf");
	n = postconf_services(a, dir, &services);
	for (size_t i = 0; i < n; i++) {
		if (postfix_is_submission(a, dir, &services[i])) {
			seen++;
			check_submission(&p, &services[i]);
		} else if (str_eq(services[i].command, "smtpd")) {
			check_other(&p, &services[i]);
		}
	}
	if (seen == 0)
		found(d, BAD, "Postfix", MEND_POSTFIX, "there is no submission service");
	check_local(&p);
	if (str_eq_case(postconf_value(a, dir, "smtpd_sasl_auth_enable"), "yes"))
		found(d, LOOK, "port 25", "smtpd_sasl_auth_enable = no in main.cf, yes at the submission services",
		      "reps may log in there too, past relent");
	if (*control && *control != '@' && !strchr(postconf_value(a, dir, "recipient_delimiter"), '+'))
		found(d, BAD, "recipient_delimiter", MEND_POSTFIX, "has no '+': control and unsubscribe addresses "
			"bounce");
	if (*postconf_value(a, dir, "local_header_rewrite_clients"))
		found(d, LOOK, "local_header_rewrite_clients", MEND_POSTFIX, "Postfix adds Message-ID and Date "
			"before relent looks: a "
		      "mail that this host sends again may count as new");
	if (opendkim || !dir)	/* a copy of Postfix's configuration says nothing of this host's OpenDKIM */
		check_opendkim(d, opendkim);
}

/* ---- Sendmail ---- */

/* "Xrelent, S=unix:/..., F=T, ..." of sendmail.cf, or NULL. */
static const char *filter_line(struct arena *a, const char *cf, const char *name)
{
	const char *at = strstr(cf, arena_printf(a, "\nX%s,", name));

	return at ? arena_strndup(a, at + 1, strcspn(at + 1, "\n")) : NULL;
}

static void check_filter(struct doctor *d, const char *cf, const char *signer)
{
	static const char mend[] = "relentctl setup sendmail --dry-run";
	struct arena *a = d->c->arena;
	const char *socket = conf_str(d->c->conf, "milter.socket"), *list = strstr(cf, "\nO InputMailFilters="),
	    *line, *f;
	struct span rest, w;
	bool ours = false, before = false;

	rest = span_of(list ? arena_strndup(a, strchr(list, '=') + 1, strcspn(strchr(list, '=') + 1, "\n")) : "");
	while (span_split(&rest, ',', &w)) {
		const char *name = span_dup(a, span_trim(w));

		line = filter_line(a, cf, name);
		if (line && strstr(line, socket))
			ours = true;
		else if (!ours && (setup_is_signer(name, NULL) || (line && setup_is_signer(line, signer))))
			before = true;
	}
	line = strstr(cf, arena_printf(a, "S=%s", socket));
	if (!ours || !line) {
		found(d, BAD, "Sendmail", mend, "its InputMailFilters do not name relent: mail of reps passes unseen");
		return;
	}
	if (before)
		found(d, BAD, "Sendmail", mend, "the DKIM signer comes before relent: what relent adds is not signed");
	else
		found(d, GOOD, "Sendmail", NULL, "relent is among its milters");
	line = arena_strndup(a, line, strcspn(line, "\n"));
	f = strstr(line, "F=");
	check_options(d, "Sendmail", f && f[2] == 'T' ? "tempfail" : f && f[2] == 'R' ? "reject" : "accept",
		      option_seconds(a, line, "E:", 300));
}

static void check_daemons(struct doctor *d, const char *cf)
{
	struct arena *a = d->c->arena;
	size_t known = 0;

	for (const char *p = cf; (p = strstr(p, "\nO DaemonPortOptions=")); p++) {
		const char *line = arena_strndup(a, p + 1, strcspn(p + 1, "\n")), *name = strstr(line, "Name=");

		name = name ? arena_strndup(a, name + 5, strcspn(name + 5, ", ")) : "Daemon0";
		if (str_eq(conf_role(d->c->conf, name), "submission")) {
			known++;
			found(d, GOOD, arena_printf(a, "Sendmail %s", name), NULL, "relent sees its mail as role "
				"submission");
		} else if (strstr(line, "Port=submission") || strstr(line, "Port=587") || strstr(line, "Port=465")) {
			known++;
			found(d, BAD, arena_printf(a, "Sendmail %s", name), "add it to milter.submission in relent.conf",
			      "relent does not know this daemon name");
		}
	}
	if (known == 0)
		found(d, BAD, "Sendmail", "DAEMON_OPTIONS(`Name=MSA, Port=submission, M=Ea')", "there is no "
			"submission service");
}

void doctor_sendmail(struct doctor *d, const char *dir, const char *opendkim)
{
	struct arena *a = d->c->arena;
	const char *path = arena_printf(a, "%s/sendmail.cf", dir ? dir : "/etc/mail"), *cf = setup_slurp(a,
		path), *folder;
	const char *socket = conf_str(d->c->conf, "milter.socket");

	if (!cf) {
		if (dir)
			found(d, BAD, "Sendmail", "--sendmail-config DIR", "cannot read '%s'", path);
		return;
	}
	check_filter(d, cf, setup_opendkim_socket(a, opendkim ? opendkim : "/etc/opendkim.conf"));
	check_daemons(d, cf);
	folder = strncmp(socket, "inet", 4) == 0 ? NULL : setup_unsafe_folder(a, strchr(socket, ':') + 1);
	if (folder && !strstr(cf, "TrustStickyBit"))
		found(d, BAD, "milter socket", "milter { socket = \"unix:/run/relent/milter.sock\" }",
		      "everybody may write to '%s': Sendmail refuses a socket below it", folder);
}
