/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl setup dovecot: one file of our own in conf.d, with what Dovecot does not do already; doveconf(1)
 * must find it in force. No file of Dovecot's is touched.
 */
#include "config.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl/postconf.h"
#include "ctl/setup.h"

#include "base/arena.h"
#include "base/str.h"

#define DROP_IN "conf.d/99-relent.conf"

struct dovecot {
	struct setup *s;
	struct arena *a;
	const char *conf;	/* dovecot.conf */
	const char *all;	/* doveconf -a without our own file */
	struct buf out;
};

/* NULL: doveconf fails, and that is refused. */
static const char *doveconf(struct dovecot *d, const char *conf, const char *what)
{
	const char *argv[] = { "doveconf", "-c", conf, what, NULL }, *out;
	int code;

	out = run_program(d->a, argv, 20, &code);
	if (code == 0) {
		/* the lines that say which file it was, and what host */
		while (*out == '#' && strchr(out, '\n'))
			out = strchr(out, '\n') + 1;
		return out;
	}
	setup_refuse(d->s, "doveconf cannot read '%s': %s", conf, code == -1 ? "it is not installed" : *out ? out
		: "no answer");
	return NULL;
}

/* "name = value" at the top level of doveconf -a. */
static const char *setting(struct dovecot *d, const char *name)
{
	struct span rest = span_of(d->all), line;
	size_t n = strlen(name);

	while (span_line(&rest, &line))
		if (line.n > n + 2 && strncmp(line.p, name, n) == 0 && strncmp(line.p + n, " =", 2) == 0)
			return span_dup(d->a, span_trim((struct span){ line.p + n + 2, line.n - n - 2 }));
	return NULL;
}

static void add(struct dovecot *d, const char *now, const char *why, const char *text)
{
	buf_addf(&d->out, "\n# %s\n%s\n", why, text);
	setup_change(d->s, now, why, arena_printf(d->a, "%s   # in %s", text, DROP_IN));
}

/* A copy of the folder, as far as doveconf reads it, with our file in it or not. */
static const char *copied(struct dovecot *d, const char *ours, const char *name)
{
	struct setup *s = d->s;
	const char *folder = arena_printf(d->a, "%s/%s", s->work, name), *path, *text;
	const char *const places[] = { "", "conf.d/" };
	bool good = mkdir(folder, 0700) == 0 && mkdir(arena_printf(d->a, "%s/conf.d", folder), 0700) == 0;

	for (size_t i = 0; good && i < 2; i++) {
		DIR *dir = opendir(arena_printf(d->a, "%s/%s", s->dir, places[i]));
		struct dirent *e;

		while (dir && (e = readdir(dir))) {
			text = strstr(e->d_name, ".conf") ? setup_slurp(d->a, arena_printf(d->a, "%s/%s%s",
				s->dir, places[i],
											   e->d_name)) : NULL;
			if (text && !str_eq(e->d_name, strrchr(DROP_IN, '/') + 1))
				setup_scratch(s, arena_printf(d->a, "%s/%s%s", name, places[i], e->d_name), text, &path);
		}
		if (dir)
			closedir(dir);
	}
	if (good && ours)
		setup_scratch(s, arena_printf(d->a, "%s/%s", name, DROP_IN), ours, &path);
	return arena_printf(d->a, "%s/dovecot.conf", folder);
}

/* Postfix asks Dovecot for the reps' passwords: if it is set to, and nobody listens there yet. */
static void auth_socket(struct dovecot *d, const char *postfix_dir)
{
	struct err e;
	const char *path, *queue;
	struct postfix_service *list;
	bool asks = false;

	if (!postconf_works(d->a, postfix_dir, &e))
		return;
	queue = postconf_value(d->a, postfix_dir, "queue_directory");
	for (size_t i = 0, n = postconf_services(d->a, postfix_dir, &list); i < n && !asks; i++)
		if (postfix_is_submission(d->a, postfix_dir, &list[i])) {
			const char *type = postconf_service(d->a, postfix_dir, list[i].name, "smtpd_sasl_type");
			const char *where = postconf_service(d->a, postfix_dir, list[i].name, "smtpd_sasl_path");

			if (!type)
				type = postconf_value(d->a, postfix_dir, "smtpd_sasl_type");
			if (!where)
				where = postconf_value(d->a, postfix_dir, "smtpd_sasl_path");
			asks = str_eq(type, "dovecot") && str_eq(where, "private/auth");
		}
	path = arena_printf(d->a, "unix_listener %s/private/auth {", queue);
	if (!asks || strstr(d->all, path))
		return;
	add(d, "nobody listens there", "Postfix asks here for the passwords of those who hand in mail",
		arena_printf(d->a, "service auth {\n  %s\n    mode = 0660\n    user = postfix\n    group = postfix\n  "
		"}\n}", path));
}

static void mailboxes(struct dovecot *d)
{
	static const char why[] = "relent puts drafts where the client looks for them: into the folder marked so";

	if (strstr(d->all, "special_use = \\Drafts"))
		return;
	if (strstr(d->all, "\nnamespace inbox {"))
		add(d, "no folder is", why, "namespace inbox {\n  mailbox Drafts {\n    auto = subscribe\n    "
			"special_use = \\Drafts\n  }\n}");
	else
		setup_by_hand(d->s, why, "give the namespace of the inbox a mailbox Drafts with special_use = \\Drafts");
}

static void wanted(struct dovecot *d, const char *postfix_dir)
{
	const char *delimiter = setting(d, "recipient_delimiter"), *address = setting(d, "lmtp_hdr_delivery_address");
	const char *detail = setting(d, "lmtp_save_to_detail_mailbox");

	if (delimiter && !strchr(delimiter, '+'))
		add(d, delimiter, "control addresses are written relent+VERB@: Dovecot must find the mailbox of "
			"relent@ for them",
			arena_printf(d->a, "recipient_delimiter = %s+", delimiter));
	if (address && !str_eq(address, "original"))
		add(d, address, "what stands behind the + (an unsubscribe token) reaches the mailbox in "
			"Delivered-To, and perhaps "
			"nowhere else", "lmtp_hdr_delivery_address = original");
	if (detail && str_eq(detail, "yes"))
		setup_by_hand(d->s, "mail to relent+VERB@ must lie in the INBOX, where relent-imapwatch reads it",
			      "lmtp_save_to_detail_mailbox = yes files it into folders: give relent-imapwatch a "
			      "mailbox without");
	auth_socket(d, postfix_dir);
	mailboxes(d);
}

void setup_dovecot(struct setup *s, const struct args *args)
{
	struct arena *a = s->c->arena;
	struct dovecot d = { .s = s, .a = a, .conf = arena_printf(a, "%s/dovecot.conf", s->dir) };
	struct setup_file *f = setup_file(s, arena_printf(a, "%s/%s", s->dir, DROP_IN), true);
	const char *now;

	s->reload[0][0] = "doveadm";
	if (s->other_dir) {
		s->reload[0][1] = "-c";
		s->reload[0][2] = d.conf;
	}
	s->reload[0][s->other_dir ? 3 : 1] = "reload";
	s->reload_n = 1;
	if (!f || *s->refusal.text)
		return;
	buf_init(&d.out, a);
	buf_adds(&d.out, "# Written by relentctl setup dovecot, which also takes it back (--undo).\n");
	d.all = doveconf(&d, copied(&d, NULL, "without"), "-a");
	if (!d.all)
		return;
	wanted(&d, arg_value(args, "postfix-config"));
	if (json_array_size(s->changes) == 0)
		return;
	if (str_eq(f->before, d.out.p)) {
		json_array_clear(s->changes);
		return;
	}
	f->after = d.out.p;
	/* is it read at all, and taken? */
	now = doveconf(&d, copied(&d, d.out.p, "with"), "-a");
	if (now && str_eq(now, d.all))
		setup_refuse(s, "'%s' does not read conf.d: put '!include conf.d/*.conf' at its end", d.conf);
}
