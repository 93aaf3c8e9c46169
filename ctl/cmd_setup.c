/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl setup postfix --dry-run: reads what Postfix is set to now (postconf) and prints each change
 * with its reason. It changes nothing.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/postconf.h"

#include "base/arena.h"
#include "base/str.h"

struct setup {
	struct ctl *c;
	const char *dir;		/* -c for postconf, or NULL */
	json_t *changes;
};

static void change(struct setup *s, const char *now, const char *why, const char *command)
{
	json_array_append_new(s->changes, json_pack("{s:o,s:s,s:o}", "command", text_json(command), "why", why,
						    "now", text_json(now)));
}

/* Socket as Postfix writes it: unix:relent/milter.sock inside the chroot. */
const char *postfix_socket(struct ctl *c, const char *queue_directory)
{
	const char *socket = conf_str(c->conf, "milter.socket");
	size_t n = strlen(queue_directory);
	const char *path = strchr(socket, ':') + 1;

	if (strncmp(socket, "inet", 4) == 0) {
		const char *at = strchr(path, '@');

		return at ? arena_printf(c->arena, "inet:%s:%.*s", at + 1, (int)(at - path), path) : socket;
	}
	if (n && strncmp(path, queue_directory, n) == 0 && path[n] == '/')
		return arena_printf(c->arena, "unix:%s", path + n + 1);
	return arena_printf(c->arena, "unix:%s", path);
}

/* The list with ours before the first DKIM signer, else at its end. */
static const char *with_ours(struct ctl *c, const char *list, const char *ours)
{
	static const char *const signers[] = { "opendkim", "dkim", "8891", "12301", "rspamd", "11332" };
	size_t at = strlen(list), n = at;

	for (size_t i = 0; i < sizeof(signers) / sizeof(signers[0]); i++) {
		size_t found = span_find_case(span_of(list), signers[i]);

		while (found != (size_t)-1 && found > 0 && list[found - 1] != ' ' && list[found - 1] != ',')
			found--;
		if (found != (size_t)-1 && found < at)
			at = found;
	}
	while (n > 0 && (list[n - 1] == ' ' || list[n - 1] == ','))
		n--;
	if (n == 0)
		return ours;
	if (at >= n)
		return arena_printf(c->arena, "%.*s, %s", (int)n, list, ours);
	return arena_printf(c->arena, "%.*s%s, %s", (int)at, list, ours, list + at);
}

/* One submission service of master.cf. */
static void service_changes(struct setup *s, const char *service, const char *ours, const char *plain)
{
	struct ctl *c = s->c;
	const char *now = postconf_service(c->arena, s->dir, service, "smtpd_milters");
	const char *name = postconf_service(c->arena, s->dir, service, "milter_macro_daemon_name");
	const char *role_name = str_empty(name) || strchr(name, '$') ? "submission" : name;
	const char *short_name = arena_strndup(c->arena, service, strcspn(service, "/"));

	if (!now)
		now = postconf_value(c->arena, s->dir, "smtpd_milters");
	if (!strstr(now, plain + strcspn(plain, ":") + 1)) {
		/* postconf -P takes no blanks: the list stands in main.cf under a name of its own */
		char *list = arena_printf(c->arena, "relent_%s_milters", short_name);

		for (char *p = list; *p; p++)
			if (!(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9'))
				*p = '_';
		change(s, now, "relent must see every submitted mail, and come before the DKIM signer: what it adds is "
		       "then signed. default_action=tempfail: while relent is down, submission waits instead of "
		       "passing mail unseen", arena_printf(c->arena, "postconf -e '%s=%s'", list,
							   with_ours(c, now, ours)));
		change(s, "", "and this service uses that list", arena_printf(c->arena,
			"postconf -P '%s/smtpd_milters=$%s'", service, list));
	}
	if (!conf_role(c->conf, role_name) || str_empty(name) || strchr(name, '$'))
		change(s, name ? name : "", "relent knows by this name that a mail was submitted by one of our users "
		       "(milter.submission in relent.conf)", arena_printf(c->arena,
			"postconf -P '%s/milter_macro_daemon_name=%s'", service,
			conf_role(c->conf, short_name) ? short_name : "submission"));
}

static void submission_changes(struct setup *s, const char *ours, const char *plain)
{
	const char **services;
	size_t n = postconf_services(s->c->arena, s->dir, &services), found = 0;

	for (size_t i = 0; i < n; i++) {
		const char *name = services[i];
		const char *sasl = postconf_service(s->c->arena, s->dir, name, "smtpd_sasl_auth_enable");

		if (strncmp(name, "submission", 10) != 0 && strncmp(name, "smtps", 5) != 0
		    && strncmp(name, "465/", 4) != 0 && strncmp(name, "587/", 4) != 0
		    && !(sasl && str_eq_case(sasl, "yes")))
			continue;
		found++;
		service_changes(s, name, ours, plain);
	}
	if (found == 0)
		change(s, "no submission service in master.cf", "reps must hand in their mail with a login: that is how "
		       "relent knows whose mail it is",
		       "postconf -M 'submission/inet=submission inet n - y - - smtpd' && postconf -P "
		       "'submission/inet/smtpd_sasl_auth_enable=yes' 'submission/inet/smtpd_tls_security_level=encrypt'"
		       "   # then run this again");
}

static void main_changes(struct setup *s, const char *ours, const char *plain)
{
	struct ctl *c = s->c;
	const char *local = postconf_value(c->arena, s->dir, "non_smtpd_milters");
	const char *delimiter = postconf_value(c->arena, s->dir, "recipient_delimiter");
	const char *control = conf_str(c->conf, "control.address");
	const char *maillog = postconf_value(c->arena, s->dir, "maillog_file");
	const char *log = conf_str(c->conf, "logwatch.file");
	const char *rewrite = postconf_value(c->arena, s->dir, "local_header_rewrite_clients");
	const char *name = postconf_value(c->arena, s->dir, "milter_macro_daemon_name");

	if (!strstr(local, plain + strcspn(plain, ":") + 1))
		change(s, local, "mail handed in by sendmail(1) on this host (cron, scripts, webmail) is judged too; it "
		       "is never refused at RCPT there", arena_printf(c->arena, "postconf -e 'non_smtpd_milters=%s'",
								      with_ours(c, local, ours)));
	if (!*control)
		change(s, "control.address is empty in relent.conf", "reps command relent by mail (seq.NAME, stop, pause), "
		       "and unsubscribe mails need an address", "set control { address = \"relent@YOUR.DOMAIN\" } in "
		       "relent.conf and create that mailbox");
	else if (*control != '@' && !strchr(delimiter, '+'))
		change(s, delimiter, "control addresses are written relent+VERB@: without the delimiter they bounce",
		       arena_printf(c->arena, "postconf -e 'recipient_delimiter=%s+'", delimiter));
	if (*maillog && !str_eq(maillog, log))
		change(s, maillog, "relent-logwatch learns from this file what was queued, delivered and bounced",
		       arena_printf(c->arena, "set logwatch { file = \"%s\" } in relent.conf", maillog));
	if (*rewrite)
		change(s, rewrite, "Postfix would add Message-ID and Date of its own before relent sees the mail: a mail "
		       "sent again could not be told from a new one", "postconf -e 'local_header_rewrite_clients='");
	if (!conf_role(c->conf, name) || !str_eq(conf_role(c->conf, name), "local"))
		change(s, name, "the name under which relent knows mail of sendmail(1) (milter.local in relent.conf); the "
		       "submission services have their own", "postconf -e 'milter_macro_daemon_name=local'");
}

int cmd_setup_postfix(struct ctl *c, const struct args *args)
{
	struct setup s = { .c = c, .dir = arg_value(args, "postfix-config") };
	const char *queue, *plain, *ours;
	struct err e;
	size_t n;

	if (!postconf_works(c->arena, s.dir, &e))
		return fail(c, CTL_UNAVAILABLE, "%s", e.text);
	queue = postconf_value(c->arena, s.dir, "queue_directory");
	plain = postfix_socket(c, queue);
	s.changes = json_array();
	ours = arena_printf(c->arena, "{ %s, default_action=tempfail, command_timeout=15s, content_timeout=30s }",
			    plain);
	submission_changes(&s, ours, plain);
	main_changes(&s, ours, plain);
	n = json_array_size(s.changes);
	if (n)
		change(&s, "", "Postfix takes the changes", "postfix reload");
	if (c->json) {
		out_object(c, json_pack("{s:b,s:o}", "dry_run", 1, "changes", s.changes));
	} else {
		for (size_t i = 0; i < json_array_size(s.changes); i++) {
			const json_t *o = json_array_get(s.changes, i);

			printf("# %s\n", get(o, "why"));
			if (*get(o, "now"))
				printf("# now: %s\n", get(o, "now"));
			printf("%s\n\n", get(o, "command"));
		}
		if (n == 0)
			puts("Postfix is set up for relent: nothing to change");
		json_decref(s.changes);
	}
	if (n && !arg_given(args, "dry-run"))
		return fail(c, CTL_NO, "nothing was changed: relentctl does not apply the changes itself yet; run the "
			    "commands above");
	return CTL_DONE;
}
