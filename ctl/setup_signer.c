/* SPDX-License-Identifier: MPL-2.0
 *
 * The programs that sign with DKIM, beside relent: relent comes before them, and they must sign the two
 * List-Unsubscribe headers. OpenDKIM signs List-Unsubscribe-Post only when told; rspamd does by itself.
 */
#include "config.h"

#include <string.h>

#include "ctl/postconf.h"
#include "ctl/setup.h"

#include "base/arena.h"
#include "base/str.h"

#define OPENDKIM_CONF "/etc/opendkim.conf"
static const char *const wanted[] = { "list-unsubscribe", "list-unsubscribe-post" };

bool setup_is_signer(const char *text, const char *opendkim_socket)
{
	static const char *const signers[] = { "dkim", "rspamd", ":8891", ":8892", ":12301", ":11332", "8891@", "12301@",
					       "11332@", "rmilter" };
	struct span s = span_of(text);

	for (size_t i = 0; i < sizeof(signers) / sizeof(signers[0]); i++)
		if (span_find_case(s, signers[i]) != (size_t)-1)
			return true;
	return !str_empty(opendkim_socket) && strstr(text, opendkim_socket);
}

/* The value of a setting of opendkim.conf and where its line begins; the number of times it is there. */
static int find_setting(struct span text, const char *name, struct span *value_r, struct span *line_r)
{
	struct span line;
	int found = 0;

	while (span_line(&text, &line)) {
		struct span t = span_trim(line);
		size_t n = strlen(name);

		if (t.n > n && span_starts_case(t, name) && (t.p[n] == ' ' || t.p[n] == '\t')) {
			*value_r = span_trim((struct span){ t.p + n, t.n - n });
			*line_r = line;
			found++;
		}
	}
	return found;
}

const char *setup_opendkim_socket(struct arena *a, const char *path)
{
	const char *text = setup_slurp(a, path);
	struct span value, line;
	const char *socket, *at;

	if (!text || find_setting(span_of(text), "Socket", &value, &line) == 0)
		return NULL;
	socket = span_dup(a, value);
	at = strchr(socket, '@');
	if (strncmp(socket, "inet", 4) == 0) {
		socket = strchr(socket, ':') ? strchr(socket, ':') : socket;
		return at && at > socket ? arena_strndup(a, socket, (size_t)(at - socket)) : socket;
	}
	/* below a chroot the MTA's path is shorter: the last two parts are enough */
	for (at = socket + strlen(socket); at > socket && at[-1] != '/'; at--)
		;
	return *at ? at : NULL;
}

/* Is name in a list such as "*,+list-unsubscribe" or "From:Subject"? A "-name" takes it out. */
static bool listed(struct span list, const char *name)
{
	bool found = false;
	const char *end = list.p + list.n;

	for (const char *p = list.p; p < end;) {
		size_t n = 0;

		while (p + n < end && !strchr(",: \t", p[n]))
			n++;
		if (n && span_eq_case((struct span){ p + (*p == '+'), n - (*p == '+') }, name))
			found = true;
		else if (n && *p == '-' && span_eq_case((struct span){ p + 1, n - 1 }, name))
			found = false;
		p += n + 1;
	}
	return found;
}

bool setup_opendkim_signs(struct arena *a, const char *text)
{
	struct span value, line;

	(void)a;
	if (find_setting(span_of(text), "SignHeaders", &value, &line) != 1)
		return false;
	return listed(value, wanted[0]) && listed(value, wanted[1]);
}

static void opendkim(struct setup *s, const char *path)
{
	static const char why[] = "Gmail and Yahoo obey one-click unsubscribing (RFC 8058) only if the DKIM "
		"signature covers "
		"both headers, and OpenDKIM leaves List-Unsubscribe-Post out unless told";
	struct arena *a = s->c->arena;
	struct setup_file *f = setup_file(s, path, false);
	struct span value, line;
	struct buf list, new;
	int times;

	if (!f || setup_opendkim_signs(a, f->before))
		return;
	buf_init(&list, a);
	buf_init(&new, a);
	times = find_setting(span_of(f->before), "SignHeaders", &value, &line);
	if (times > 1) {
		setup_refuse(s, "'%s' has SignHeaders %d times: leave one", path, times);
		return;
	}
	if (times == 1 && (memchr(value.p, '/', value.n) || span_find_case(value, "file:") != (size_t)-1)) {
		setup_by_hand(s, why, "add list-unsubscribe and list-unsubscribe-post to '%s', which '%s' names "
			"in SignHeaders",
			      span_dup(a, value), path);
		return;
	}
	if (times == 0) {
		buf_adds(&list, "*,+list-unsubscribe,+list-unsubscribe-post");
		buf_adds(&new, f->before);
		if (new.n && new.p[new.n - 1] != '\n')
			buf_addc(&new, '\n');
		buf_addf(&new, "SignHeaders\t\t%s\n", list.p);
	} else {
		buf_add(&list, value.p, value.n);
		for (size_t i = 0; i < 2; i++)
			if (!listed(value, wanted[i]))
				buf_addf(&list, ",%s%s", *value.p == '*' || *value.p == '+' ? "+" : "", wanted[i]);
		buf_add(&new, f->before, (size_t)(value.p - f->before));
		buf_adds(&new, list.p);
		buf_adds(&new, value.p + value.n);
	}
	f->after = new.p;
	setup_change(s, times ? span_dup(a, value) : "no SignHeaders", why,
		     arena_printf(a, "SignHeaders %s   # in %s", list.p, path));
	s->reload[s->reload_n][0] = "systemctl";
	s->reload[s->reload_n][1] = "restart";
	s->reload[s->reload_n++][2] = "opendkim";
}

void setup_signers(struct setup *s, const struct args *args)
{
	const char *path = arg_value(args, "opendkim-config");
	const char *text, *rspamd = "/etc/rspamd/local.d/dkim_signing.conf";

	if (!path && s->other_dir)	/* a copy of one server's configuration: the other's is none of its business */
		return;
	text = setup_slurp(s->c->arena, path ? path : OPENDKIM_CONF);
	if (text)
		opendkim(s, path ? path : OPENDKIM_CONF);
	else if (path)
		setup_refuse(s, "cannot read '%s'", path);
	text = setup_slurp(s->c->arena, rspamd);
	if (text && strstr(text, "sign_headers") && span_find_case(span_of(text), "list-unsubscribe-post") == (size_t)-1)
		setup_by_hand(s, "rspamd signs both List-Unsubscribe headers by itself, but not with a list of "
			"one's own without "
			      "them", "add list-unsubscribe and list-unsubscribe-post to sign_headers in '%s'", rspamd);
}
