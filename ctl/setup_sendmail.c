/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl setup sendmail: one line in sendmail.mc, before the milter that signs, and sendmail.cf made anew by
 * m4 where it was made of that sendmail.mc before. What is not written plainly is refused, not guessed.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/postconf.h"
#include "ctl/setup.h"

#include "base/arena.h"
#include "base/str.h"

enum { FILTERS_MAX = 64 };

struct filter {
	struct span line;	/* with its end */
	const char *name, *spec;
	bool listed;		/* INPUT_MAIL_FILTER: takes its place in the order of the file */
};

struct mc {
	struct setup *s;
	struct arena *a;
	const char *text;
	const char *spec;		/* S=unix:..., F=T, T=... */
	const char *signer;
	struct filter filters[FILTERS_MAX];
	size_t n;
	const char *list;		/* confINPUT_MAIL_FILTERS, or NULL */
	struct span list_at;
	const char *mailers;		/* where MAILER_DEFINITIONS or the first MAILER begins */
};

static const char why_filter[] = "relent must see every submitted mail; after what may refuse it, and before what "
	"signs it "
	"with DKIM. F=T: while relent is down, mail waits instead of passing unseen. T=: relent answers within 8 s, "
	"and Sendmail's own 5 minutes would hold a client far too long";

/* Up to c, out of `quotes'; false: the text is not written that plainly. */
static bool argument(const char **at, char end, struct span *out_r)
{
	const char *p = *at + strspn(*at, " \t");
	size_t n;

	if (*p == '`') {
		n = strcspn(++p, "'\n");
		if (p[n] != '\'')
			return false;
		*out_r = (struct span){ p, n };
		p += n + 1;
	} else {
		n = strcspn(p, ",)\n");
		*out_r = span_trim((struct span){ p, n });
		p += n;
	}
	p += strspn(p, " \t");
	if (*p != end)
		return false;
	*at = p + 1;
	return true;
}

static void one_filter(struct mc *m, const char *at, struct span line, bool listed)
{
	struct span name, spec;

	if (!argument(&at, ',', &name) || !argument(&at, ')', &spec) || m->n == FILTERS_MAX) {
		setup_refuse(m->s, "cannot read this line of sendmail.mc: '%s': write it as MAIL_FILTER(`name', `S=...')",
			     span_dup(m->a, span_trim(line)));
		return;
	}
	m->filters[m->n++] = (struct filter){ line, span_dup(m->a, name), span_dup(m->a, spec), listed };
}

static void filter_list(struct mc *m, const char *at, struct span line)
{
	struct span list;

	if (m->list || !argument(&at, ')', &list))
		setup_refuse(m->s, "cannot read this line of sendmail.mc: '%s': there must be one "
			     "define(`confINPUT_MAIL_FILTERS', `a, b') on one line", span_dup(m->a, span_trim(line)));
	else
		m->list = span_dup(m->a, list), m->list_at = list;
}

static const char *after(const char *line, const char *what)
{
	return strncmp(line, what, strlen(what)) == 0 ? line + strlen(what) : NULL;
}

/* DAEMON_OPTIONS(`Name=MSP-v4, Port=submission, M=Ea'): do people hand in there, and does relent know it? */
static bool one_daemon(struct mc *m, const char *at)
{
	const char *end = strchr(at, '\n'), *name, *role;
	const char *line = arena_strndup(m->a, at, end ? (size_t)(end - at) : strlen(at));
	const char *modifiers = strstr(line, "M=");
	size_t n = modifiers ? strcspn(modifiers, ",' )") : 0;

	if (!strstr(line, "Port=submission") && !strstr(line, "Port=smtps") && !strstr(line, "Port=587")
		&& !strstr(line, "Port=465") && !(modifiers && memchr(modifiers + 2, 'a', n - 2)))
		return false;
	name = strstr(line, "Name=");
	name = name ? arena_strndup(m->a, name + 5, strcspn(name + 5, ",' )")) : "Daemon0";
	role = conf_role(m->s->c->conf, name);
	if (!str_eq(role, "submission"))
		setup_by_hand(m->s, "relent knows by the daemon name that a mail was handed in by one of our users",
			      "add \"%s\" to milter { submission = ... } in relent.conf", name);
	return true;
}

static void read_mc(struct mc *m)
{
	bool submission = false, own_msa = false;
	const char *p, *next, *rest;

	for (p = m->text; *p; p = next) {
		struct span line;

		next = strchr(p, '\n') ? strchr(p, '\n') + 1 : p + strlen(p);
		line = (struct span){ p, (size_t)(next - p) };
		p += strspn(p, " \t");
		if ((rest = after(p, "INPUT_MAIL_FILTER(")))
			one_filter(m, rest, line, true);
		else if ((rest = after(p, "MAIL_FILTER(")))
			one_filter(m, rest, line, false);
		else if ((rest = after(p, "define(`confINPUT_MAIL_FILTERS',")))
			filter_list(m, rest, line);
		else if ((rest = after(p, "DAEMON_OPTIONS(")))
			submission |= one_daemon(m, rest);
		else if (after(p, "FEATURE(`no_default_msa'"))
			own_msa = true;
		else if (!m->mailers && (after(p, "MAILER_DEFINITIONS") || after(p, "MAILER(")))
			m->mailers = line.p;
	}
	if (own_msa && !submission)
		setup_by_hand(m->s, "reps must hand in their mail with a login: that is how relent knows whose "
			"mail it is",
			      "sendmail.mc has no submission service: DAEMON_OPTIONS(`Name=MSA, Port=submission, M=Ea')");
	if (!strstr(m->text, "confAUTH_MECHANISMS") && !strstr(m->text, "sasl"))
		setup_by_hand(m->s, "the same", "sendmail.mc offers no login: see conf/sendmail/README of relent");
}

/* ---- what it shall be ---- */

static bool signs(struct mc *m, const struct filter *f)
{
	return setup_is_signer(f->name, NULL) || setup_is_signer(f->spec, m->signer);
}

static const char *without(struct mc *m, const struct filter *f)
{
	struct buf b;

	buf_init(&b, m->a);
	buf_add(&b, m->text, (size_t)(f->line.p - m->text));
	buf_adds(&b, f->line.p + f->line.n);
	return b.p;
}

static const char *inserted(struct mc *m, const char *text, const char *at, const char *line)
{
	struct buf b;

	buf_init(&b, m->a);
	buf_add(&b, text, (size_t)(at - text));
	if (b.n && b.p[b.n - 1] != '\n')
		buf_addc(&b, '\n');
	buf_adds(&b, line);
	buf_adds(&b, at);
	return b.p;
}

/* The order is that of the INPUT_MAIL_FILTER lines. */
static const char *by_lines(struct mc *m)
{
	const struct filter *mine = NULL, *signer = NULL, *last = NULL;
	const char *line = arena_printf(m->a, "INPUT_MAIL_FILTER(`relent', `%s')dnl\n", m->spec), *text = m->text, *at;

	for (size_t i = 0; i < m->n; i++) {
		struct filter *f = &m->filters[i];

		if (str_eq(f->name, "relent"))
			mine = f;
		else if (f->listed && signs(m, f) && !signer)
			signer = f;
		else if (f->listed)
			last = f;
	}
	if (mine && mine->listed && str_eq(mine->spec, m->spec) && (!signer || mine->line.p < signer->line.p))
		return text;
	at = signer ? signer->line.p : last ? last->line.p + last->line.n : m->mailers;
	if (!at) {
		setup_refuse(m->s, "sendmail.mc has neither a milter nor a MAILER line: is it the one that "
			"sendmail.cf is made of?");
		return text;
	}
	if (mine) {	/* what stands before the place moves up by the line that goes */
		size_t offset = (size_t)(at - text) - (mine->line.p < at ? mine->line.n : 0);

		text = without(m, mine);
		at = text + offset;
	}
	setup_change(m->s, mine ? span_dup(m->a, span_trim(mine->line)) : "", why_filter, arena_printf(m->a,
		"%.*s   # in "
		     "sendmail.mc, before %s", (int)strlen(line) - 1, line, signer ? signer->name : "the mailers"));
	return inserted(m, text, at, line);
}

/* confINPUT_MAIL_FILTERS says the order; the lines only say what each is. */
static const char *by_list(struct mc *m)
{
	const struct filter *mine = NULL;
	const char *names[FILTERS_MAX], *text = m->text;
	struct span rest = span_of(m->list), w;
	size_t n = 0, ours = FILTERS_MAX, signer = FILTERS_MAX;
	struct buf b;

	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->filters[i].name, "relent"))
			mine = &m->filters[i];
	while (n < FILTERS_MAX && span_split(&rest, ',', &w)) {
		names[n] = span_dup(m->a, span_trim(w));
		if (str_eq(names[n], "relent"))
			ours = n;
		for (size_t i = 0; i < m->n; i++)
			if (str_eq(m->filters[i].name, names[n]) && signs(m, &m->filters[i]) && signer == FILTERS_MAX)
				signer = n;
		n++;
	}
	if (mine && str_eq(mine->spec, m->spec) && ours < signer && ours < n)
		return text;
	buf_init(&b, m->a);
	for (size_t i = 0; i <= n; i++) {
		if (i == (signer < n ? signer : n))
			buf_addf(&b, "%srelent", b.n ? ", " : "");
		if (i < n && i != ours)
			buf_addf(&b, "%s%s", b.n ? ", " : "", names[i]);
	}
	setup_change(m->s, m->list, why_filter, arena_printf(m->a, "define(`confINPUT_MAIL_FILTERS', `%s')dnl and "
		     "MAIL_FILTER(`relent', `%s')dnl   # in sendmail.mc", b.p, m->spec));
	if (mine) {
		setup_refuse(m->s, "sendmail.mc has relent already, in another place of confINPUT_MAIL_FILTERS or "
			"with another "
			     "socket: take that MAIL_FILTER line and the name out, and run this again");
		return text;
	}
	text = arena_printf(m->a, "%.*s%s%s", (int)(m->list_at.p - text), text, b.p, m->list_at.p + m->list_at.n);
	/* the line that the list stands on begins at the same place as before */
	const char *at = text + (m->list_at.p - m->text);

	while (at > text && at[-1] != '\n')
		at--;
	return inserted(m, text, at, arena_printf(m->a, "MAIL_FILTER(`relent', `%s')dnl\n", m->spec));
}

/* ---- sendmail.cf ---- */

/* What m4 wrote on standard error, which comes among the rest. */
static bool is_complaint(struct span line)
{
	return span_starts_case(line, "m4:") || span_starts_case(line, "*** ");
}

static const char *without_complaints(struct arena *a, const char *out)
{
	struct span rest = span_of(out), line;
	struct buf b;

	buf_init(&b, a);
	while (span_line(&rest, &line))
		if (!is_complaint(line))
			buf_addf(&b, "%.*s\n", (int)line.n, line.p);
	return b.p;
}

static const char *complaint(struct arena *a, const char *out)
{
	struct span rest = span_of(out), line;

	while (span_line(&rest, &line))
		if (is_complaint(line))
			return span_dup(a, line);
	return "it has no mailer";
}

/* What m4 makes of it; NULL: it fails. */
static const char *compiled(struct mc *m, const char *text, const char *name)
{
	const char *path, *out;
	int code;

	if (!setup_scratch(m->s, name, text, &path))
		return NULL;
	const char *argv[] = { "m4", path, NULL };

	out = run_program(m->a, argv, 30, &code);
	if (code == 0 && strstr(out, "\nMlocal") && !strstr(out, "*** ERROR"))
		return without_complaints(m->a, out);
	setup_refuse(m->s, "m4 does not make a sendmail.cf of sendmail.mc: %.300s", code == -1 ? "m4 is not installed"
		     : complaint(m->a, out));
	return NULL;
}

/* Without comments (who built it, when) and blank lines. */
static const char *meaning(struct arena *a, const char *cf)
{
	struct span rest = span_of(cf), line;
	struct buf b;

	buf_init(&b, a);
	while (span_line(&rest, &line))
		if (line.n && *line.p != '#' && line.p[strspn(line.p, " \t")] != '\n') {
			buf_add(&b, line.p, line.n);
			buf_addc(&b, '\n');
		}
	return b.p;
}

static void make_cf(struct mc *m, const char *new)
{
	struct setup_file *cf = setup_file(m->s, arena_printf(m->a, "%s/sendmail.cf", m->s->dir), true);
	const char *was = compiled(m, m->text, "was.mc"), *is = was ? compiled(m, new, "is.mc") : NULL;

	if (!cf || !was || !is)
		return;
	if (!strstr(is, "\nXrelent") || !strstr(is, "InputMailFilters=")) {
		setup_refuse(m->s, "m4 leaves relent out of sendmail.cf: something else in sendmail.mc sets the milters");
		return;
	}
	if (cf->before && str_eq(meaning(m->a, cf->before), meaning(m->a, is)))
		return;
	if (cf->before && !str_eq(meaning(m->a, cf->before), meaning(m->a, was))) {
		setup_by_hand(m->s, "it holds what m4 does not make of sendmail.mc, and that would be lost",
			      "'%s' was not made of this sendmail.mc: look at the difference, then make it anew "
			      "(make -C '%s')",
			      cf->path, m->s->dir);
		return;
	}
	cf->after = is;
}

static void look_at_socket(struct setup *s, const char *socket)
{
	const char *path = strchr(socket, ':') + 1, *folder = setup_unsafe_folder(s->c->arena, path);

	if (strncmp(socket, "inet", 4) == 0) {
		setup_by_hand(s, "over inet, Sendmail waits 44 ms at every step", "prefer milter { socket = "
			      "\"unix:/run/relent/milter.sock\" } in relent.conf");
		return;
	}
	if (strstr(path, "/postfix/"))
		setup_by_hand(s, "that is where Postfix's chroot needs it", "set milter { socket = "
			"\"unix:/run/relent/milter.sock\" "
			      "socket_group = \"smmta\" } in relent.conf, and run this again");
	if (folder)
		setup_by_hand(s, "Sendmail refuses a milter's socket below a folder that everybody may write to",
			      "put the socket elsewhere: '%s' is such a folder", folder);
}

void setup_sendmail(struct setup *s, const struct args *args)
{
	struct arena *a = s->c->arena;
	const char *socket = conf_str(s->c->conf, "milter.socket"), *opendkim = arg_value(args, "opendkim-config"), *new;
	const char *log = conf_str(s->c->conf, "logwatch.file");
	struct setup_file *f = setup_file(s, arena_printf(a, "%s/sendmail.mc", s->dir), false);
	struct mc m = { .s = s, .a = a, .text = f ? f->before : "" };

	s->reload[0][0] = "systemctl";
	s->reload[0][1] = "reload";
	s->reload[0][2] = "sendmail";
	s->reload_n = 1;
	if (!f)
		return;
	m.spec = arena_printf(a, "S=%s, F=T, T=C:15s;S:15s;R:15s;E:30s", socket);
	m.signer = setup_opendkim_socket(a, opendkim ? opendkim : "/etc/opendkim.conf");
	read_mc(&m);
	if (*s->refusal.text)
		return;
	new = m.list ? by_list(&m) : by_lines(&m);
	if (*s->refusal.text)
		return;
	f->after = new;
	make_cf(&m, new);
	look_at_socket(s, socket);
	if (strstr(m.text, "confMILTER_MACROS_ENVFROM"))
		setup_by_hand(s, "relent asks for the macros it needs; a list of one's own may be shorter",
			      "see that confMILTER_MACROS_ENVFROM has {auth_authen} and i");
	if (access(log, F_OK) != 0 && !str_eq(conf_str(s->c->conf, "logwatch.source"), "journal"))
		setup_by_hand(s, "relent-logwatch learns there what was delivered and bounced",
			      "set logwatch { source = journal }, or file = ..., in relent.conf: there is no '%s'", log);
	setup_signers(s, args);
}
