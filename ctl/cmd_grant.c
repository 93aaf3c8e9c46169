/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl grant add|list|revoke, approve: what programs may send for whom.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

struct granting {
	struct ctl *c;
	const struct args *args;
	time_t until;
	const char *id;
	int64_t others;		/* grants that allow the same as the revoked one */
};

/* A time to come, or a plain day: until its end. */
static bool until_time(struct ctl *c, const char *text, time_t *out_r)
{
	struct date d;

	if (date_parse(text, &d))
		return *out_r = when_utc(date_add_days(d, 1), 0, 0, c->zone), true;
	return args_time(c, text, out_r);
}

static int read_until(struct ctl *c, const struct args *args, time_t *out_r)
{
	const char *until = arg_value(args, "until");

	*out_r = 0;
	if (until && (!until_time(c, until, out_r) || *out_r <= c->now))
		return fail(c, CTL_USAGE, "--until '%s' is not a time to come, such as 2027-03-31 or 30d", until);
	return CTL_DONE;
}

static bool has_template(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->steps_n; i++) {
		if (str_eq(p->steps[i].template, name))
			return true;
	}
	return false;
}

static enum status add_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct granting *g = ctx;
	const char *owner, *sequence = g->args->word[1], *id;
	const char *only = arg_value(g->args, "template");
	const struct plan *plan = NULL;
	struct field f[7];
	size_t n = 0;
	enum status s = find_row(tx, a, "ctl_owner_by_login", "owner", g->args->word[0], &owner, e);

	if (s == OK && !str_eq(sequence, "*")) {
		s = store_plan(tx, sequence, 0, &plan, NULL, e);
		if (s == GONE)
			s = err_set(e, GONE, "there is no sequence '%s' ('*' means all)", sequence);
	}
	if (s == OK && only && !(plan && has_template(plan, only)))
		s = err_set(e, GONE, plan ? "no step of '%s' has the template '%s'"
				     : "--template names a file of one sequence: not of '%s'", sequence, only);
	if (s != OK)
		return s;
	f[n++] = (struct field){ "owner_id", owner };
	f[n++] = (struct field){ "sequence", sequence };
	f[n++] = (struct field){ "authority", g->args->word[2] };
	f[n++] = (struct field){ "granted_by", g->c->actor };
	f[n++] = (struct field){ "because", arg_value(g->args, "because") };
	if (only)
		f[n++] = (struct field){ "template", only };
	if (g->until)
		f[n++] = (struct field){ "expires", arena_printf(a, "%lld", (long long)g->until) };
	s = store_put(tx, a, "grant", NULL, f, n, g->c->actor, &id, e);
	if (s == OK)
		g->id = arena_strdup(g->c->arena, id);
	return s;
}

int cmd_grant_add(struct ctl *c, const struct args *args)
{
	struct granting g = { .c = c, .args = args };
	int code = read_until(c, args, &g.until);

	if (code)
		return code;
	if (str_empty(arg_value(args, "because")))
		return fail(c, CTL_USAGE, "say why: --because 'REASON'");
	if (arg_value(args, "template") && !str_eq(args->word[2], "approved_template"))
		return fail(c, CTL_USAGE, "--template belongs to approved_template, not to '%s'", args->word[2]);
	code = sync_owners(c);
	if (code == CTL_DONE)
		code = write_unit(c, add_unit, &g);
	return code ? code : out_done(c, json_pack("{s:s}", "id", g.id), "granted: %s in %s for %s", args->word[2],
				      args->word[1], args->word[0]);
}

int cmd_grant_list(struct ctl *c, const struct args *args)
{
	struct value v[] = { V_INT(arg_given(args, "all")), V_INT((int64_t)c->now) };
	int code;
	json_t *list = ask(c, "ctl_grants", v, 2, &code);

	return list ? out_list(c, list, "short:id owner sequence authority template state expires granted_by because",
			       "nothing is granted: programs send nothing, people send from their own clients") : code;
}

static enum status take_state(void *ctx, const struct row *r, struct err *e)
{
	struct granting *g = ctx;

	g->others = row_int(r, "others");
	return !row_int(r, "revoked") ? OK :
		err_set(e, INPUT, "this grant was revoked already, by %s", row_text(r, "revoked_by"));
}

static enum status revoke_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct granting *g = ctx;
	const char *id;
	enum status s = find_row(tx, a, "ctl_grant_by_id", "grant", g->args->word[0], &id, e);
	struct field f[] = { { "revoked", arena_printf(a, "%lld", (long long)g->c->now) },
			     { "revoked_by", g->c->actor } };

	if (s == OK)
		s = store_query(tx, "grant_state", (struct value[]){ store_text(id), V_INT((int64_t)g->c->now) }, 2,
				take_state, g, NULL, e);
	return s ? s : store_put(tx, a, "grant", id, f, 2, g->c->actor, NULL, e);
}

int cmd_grant_revoke(struct ctl *c, const struct args *args)
{
	struct granting g = { .c = c, .args = args };
	int code = write_unit(c, revoke_unit, &g);

	if (code == CTL_DONE && g.others > 0)
		note(c, "%lld more allow%s the same: 'relentctl grant list'", (long long)g.others, g.others == 1 ? "s" : "");
	return code ? code : out_done(c, NULL, "revoked, from the next mail on");
}

/* ---- approve ---- */

enum { MAIL_CAP = 1024 * 1024 };

struct approving {
	struct ctl *c;
	const char *prospect, *hash;
	struct approval_new ap;
	const char *id;
};

static enum status approve_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct approving *x = ctx;
	struct approval_new ap = x->ap;
	const char *id;
	enum status s = find_enrolment(tx, a, x->prospect, true, &ap.enrolment_id, e);

	if (s == OK)
		s = store_approve(tx, a, &ap, &id, e);
	if (s == OK)
		x->id = arena_strdup(x->c->arena, id);
	return s;
}

static int read_mail(struct ctl *c, const char *path, struct message **out_r)
{
	FILE *f = str_eq(path, "-") ? stdin : fopen(path, "re");
	char *bytes = arena_alloc(c->arena, MAIL_CAP + 1);
	struct err e;
	size_t n;

	if (!f)
		return fail(c, CTL_UNAVAILABLE, "cannot read '%s'", path);
	n = fread(bytes, 1, MAIL_CAP + 1, f);
	if (f != stdin)
		fclose(f);
	if (n > MAIL_CAP)
		return fail(c, CTL_USAGE, "'%s' is larger than 1 MiB", path);
	return message_read(c->arena, bytes, n, out_r, &e) == OK ? CTL_DONE : fail(c, CTL_USAGE, "%s", e.text);
}

int cmd_approve(struct ctl *c, const struct args *args)
{
	struct approving x = { .c = c, .prospect = args->word[0] };
	struct message *m = NULL;
	int64_t step = 0;
	int code = read_until(c, args, &x.ap.expires);

	if (code)
		return code;
	if (arg_value(args, "step") && !str_int(arg_value(args, "step"), 1, 100, &step))
		return fail(c, CTL_USAGE, "--step '%s' is not the number of a step", arg_value(args, "step"));
	code = read_mail(c, args->word[1], &m);
	if (code)
		return code;
	x.ap.content_hash = policy_content_hash(c->arena, m);
	x.ap.step = (int)step;
	x.ap.by = c->actor;
	x.ap.because = arg_value(args, "because");
	code = write_unit(c, approve_unit, &x);
	return code ? code : out_done(c, json_pack("{s:s,s:s}", "id", x.id, "content_hash", x.ap.content_hash),
				      "approved: exactly this mail, once");
}
