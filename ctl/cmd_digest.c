/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl digest show|send: what an owner's next digest would say, and one out of turn.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/digest.h"

struct digest_unit {
	struct ctl *c;
	const char *owner;
	bool weekly, send;
	struct digest_options o;
	struct digest_mail m;
};

static enum status digest_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct digest_unit *u = ctx;
	struct digest_moment now = { .day = when_civil(u->c->now, u->c->zone).date, .at = u->c->now };
	const char *to = conf_str(u->c->conf, "administrator");
	enum status s;

	if (u->weekly && u->send && !*to)
		return err_set(e, CONF, "set administrator: the weekly mail has nobody to go to");
	if (u->weekly)
		s = u->send ? store_weekly_make(tx, a, to, u->c->zone, &u->o, &now, &u->m, e)
			    : store_weekly_show(tx, a, to, u->c->zone, &u->o, &u->m, e);
	else
		s = u->send ? store_digest_make(tx, a, u->owner, &u->o, &now, &u->m, e)
			    : store_digest_show(tx, a, u->owner, &u->o, &u->m, e);
	if (s != OK)
		return s;
	if (u->send && u->m.items == 0)		/* undone, so that today's own still comes */
		return err_set(e, GONE, "nothing waits: no digest was made");
	u->m.subject = arena_strdup(u->c->arena, u->m.subject);
	u->m.text = arena_strdup(u->c->arena, u->m.text);
	u->m.html = arena_strdup(u->c->arena, u->m.html);
	u->m.login = arena_strdup(u->c->arena, u->m.login);
	u->m.to = arena_strdup(u->c->arena, u->m.to);
	u->m.list_id = arena_strdup(u->c->arena, u->m.list_id);
	return OK;
}

static int prepare(struct ctl *c, const struct args *args, struct digest_unit *u)
{
	struct err e = { "" };
	enum status s;

	*u = (struct digest_unit){ .c = c, .weekly = arg_given(args, "weekly"), .owner = args->n ? args->word[0] : NULL };
	if (u->weekly == (args->n > 0))
		return fail(c, CTL_USAGE, "name an owner, or say --weekly for the administrator's");
	s = digest_options_read(c->arena, c->conf, &u->o, &e);
	return s == OK ? sync_owners(c) : fail_status(c, s, &e);
}

static json_t *as_json(const struct digest_unit *u)
{
	json_t *o = json_object();

	json_object_set_new(o, "owner", text_json(u->m.login));
	json_object_set_new(o, "to", text_json(u->m.to));
	json_object_set_new(o, "items", json_integer((json_int_t)u->m.items));
	json_object_set_new(o, "subject", text_json(u->m.subject));
	json_object_set_new(o, "text", text_json(u->m.text));
	json_object_set_new(o, "html", text_json(u->m.html));
	if (u->m.list_id)
		json_object_set_new(o, "outbox", text_json(u->m.list_id));
	return o;
}

/* Other people's words, on a terminal: nothing in them that it would obey. */
static void print_text(struct ctl *c, const char *text)
{
	struct span rest = span_of(text), line;

	while (span_line(&rest, &line)) {
		char *out = arena_strndup(c->arena, line.p, line.n);

		for (char *p = out; *p; p++)
			if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f ||
			    ((unsigned char)p[0] == 0xc2 && (unsigned char)p[1] < 0xa0))
				*p = '?';
		puts(out);
	}
}

int cmd_digest_show(struct ctl *c, const struct args *args)
{
	struct digest_unit u;
	int code = prepare(c, args, &u);

	if (code == CTL_DONE)
		code = read_unit(c, digest_unit, &u);
	if (code != CTL_DONE)
		return code;
	if (c->json)
		return out_object(c, as_json(&u));
	if (u.m.items == 0) {
		printf("nothing waits: no digest would be sent\n");
		return CTL_DONE;
	}
	if (arg_given(args, "html"))
		fputs(u.m.html, stdout);
	else
		print_text(c, arena_printf(c->arena, "Subject: %s\n\n%s", u.m.subject, u.m.text));
	return CTL_DONE;
}

int cmd_digest_send(struct ctl *c, const struct args *args)
{
	struct digest_unit u;
	int code = prepare(c, args, &u);

	u.send = true;
	if (code == CTL_DONE)
		code = write_unit(c, digest_unit, &u);
	if (code != CTL_DONE)
		return code;
	return out_done(c, as_json(&u), "%s: to %s, with the watcher's next look at the outbox", u.m.subject, u.m.to);
}
