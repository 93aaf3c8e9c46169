/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl suppress add|check|list|lift|reconcile. Lists of them: cmd_suppress_list.c.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/addr.h"
#include "base/arena.h"

/* The words that suppression rows are made of. */
static const char *const reasons[] = { "unsubscribe", "do_not_contact", "complaint", "hard_bounce",
				       "invalid_recipient", "legal", "client_exclusion",
				       "internal_exclusion" };
static const char *const scopes[] = { "all", "outreach", "client", "sequence", "channel" };
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static bool known(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(word, list[i]))
			return true;
	return false;
}

/* "invalid" -> "invalid_recipient" and such */
const char *suppress_reason(const char *word)
{
	if (str_eq(word, "invalid"))
		return "invalid_recipient";
	if (str_eq(word, "dnc"))
		return "do_not_contact";
	if (str_eq(word, "bounce"))
		return "hard_bounce";
	return word;
}

bool suppress_known_reason(const char *reason)
{
	return known(reason, reasons, COUNT(reasons));
}

static enum status subject_of(struct arena *a, const char *what, struct suppression *out, struct err *e)
{
	struct addr parsed;
	const char *domain = *what == '@' ? what + 1 : what;

	if (*what != '@' && strchr(what, '@')) {
		if (!addr_path(a, what, &parsed) || !*parsed.key)
			return err_set(e, INPUT, "'%s' is not a mail address", what);
		out->kind = "address";
		out->subject = parsed.key;
		return OK;
	}
	out->kind = "domain";
	out->subject = addr_domain(a, domain);
	if (!out->subject || !strchr(out->subject, '.'))
		return err_set(e, INPUT, "'%s' is neither a mail address nor a domain", what);
	return OK;
}

enum status suppress_fill(struct ctl *c, const struct args *args, const char *what,
			  struct suppression *out, struct err *e)
{
	const char *reason = arg_value(args, "reason"), *scope = arg_value(args, "scope"), *near;
	const char *expires = arg_value(args, "expires"), *arg = NULL, *colon;
	enum status st;

	*out = (struct suppression){ .reason = reason ? suppress_reason(reason) : "do_not_contact",
				     .evidence = arg_value(args, "because") };
	if (!suppress_known_reason(out->reason)) {
		near = str_nearest(out->reason, reasons, COUNT(reasons));
		return err_set(e, INPUT, near ? "there is no reason '%s': did you mean '%s'?"
			       : "there is no reason '%s': unsubscribe, do_not_contact, complaint, hard_bounce, "
			       "invalid_recipient, legal, client_exclusion, internal_exclusion", out->reason, near);
	}
	colon = scope ? strchr(scope, ':') : NULL;
	if (colon) {
		arg = colon + 1;
		scope = arena_strndup(c->arena, scope, (size_t)(colon - scope));
	}
	if (scope && !known(scope, scopes, COUNT(scopes)))
		return err_set(e, INPUT, "there is no scope '%s': all, outreach, client:NAME, sequence:NAME or "
			       "channel:NAME", scope);
	if (scope && (str_eq(scope, "client") || str_eq(scope, "sequence") || str_eq(scope, "channel"))
	    && str_empty(arg))
		return err_set(e, INPUT, "the scope '%s' wants a name: --scope %s:NAME", scope, scope);
	out->scope = scope;
	out->scope_arg = arg;
	if (expires && !str_eq(out->reason, "hard_bounce"))
		return err_set(e, INPUT, "only a hard_bounce may end by itself");
	if (expires && (!args_time(c, expires, &out->expires) || out->expires <= c->now))
		return err_set(e, INPUT, "--expires '%s' is not a time to come", expires);
	if (arg_given(args, "company")) {
		out->kind = "company";
		out->subject = what;
		return OK;
	}
	st = subject_of(c->arena, what, out, e);
	return st;
}

struct add {
	struct ctl *c;
	struct suppression *list;
	size_t n;
	const char *id;
};

static enum status add_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct add *w = ctx;
	enum status st = OK;

	for (size_t i = 0; i < w->n && !st; i++) {
		struct suppression s = w->list[i];
		const char *id = NULL;

		if (str_eq(s.kind, "company"))
			st = find_row(tx, a, "ctl_company_by_name", "company", s.subject, &s.subject, e);
		if (!st)
			st = store_suppress(tx, a, &s, w->c->actor, false, &id, e);
		w->id = arena_strdup(w->c->arena, id);
	}
	return st;
}

int suppress_all(struct ctl *c, struct suppression *list, size_t n)
{
	struct add w = { .c = c, .list = list, .n = n };

	return write_unit(c, add_unit, &w);
}

int cmd_suppress_add(struct ctl *c, const struct args *args)
{
	struct suppression *list = arena_array(c->arena, struct suppression, args->n);
	struct add w = { .c = c, .list = list, .n = args->n };
	struct err e;
	int code;

	for (size_t i = 0; i < args->n; i++)
		if (suppress_fill(c, args, args->word[i], &list[i], &e) != OK)
			return fail(c, CTL_USAGE, "%s", e.text);
	code = write_unit(c, add_unit, &w);
	if (code)
		return code;
	return args->n == 1 ? out_done(c, json_pack("{s:o,s:s,s:s,s:s}", "id", text_json(w.id), "kind",
					list[0].kind, "subject", list[0].subject, "reason", list[0].reason),
					"'%s' is suppressed (%s)", list[0].subject, list[0].reason)
		: out_done(c, json_pack("{s:i}", "suppressed", (int)args->n), "%zu are suppressed", args->n);
}

/* ---- check ---- */

struct check {
	struct ctl *c;
	const struct args *args;
	json_t *list;
	size_t hits;
};

static enum status check_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct check *k = ctx;

	json_array_clear(k->list);
	k->hits = 0;
	for (size_t i = 0; i < k->args->n; i++) {
		struct memory_suppression *sup;
		struct addr parsed;
		size_t n;
		enum status st;

		if (!addr_path(a, k->args->word[i], &parsed) || !*parsed.key)
			return err_set(e, INPUT, "'%s' is not a mail address", k->args->word[i]);
		st = store_suppressed(tx, a, parsed.key, NULL, &sup, &n, e);
		if (st)
			return st;
		k->hits += n > 0;
		for (size_t j = 0; j < n; j++)
			json_array_append_new(k->list, json_pack("{s:s,s:b,s:o,s:o,s:o,s:o,s:o}", "address", parsed.key,
				"suppressed", 1, "by", text_json(sup[j].subject), "scope", text_json(sup[j].scope),
				"for", text_json(sup[j].scope_arg), "reason", text_json(sup[j].reason), "since",
				time_json(sup[j].at)));
		if (n == 0)
			json_array_append_new(k->list, json_pack("{s:s,s:b}", "address", parsed.key, "suppressed", 0));
	}
	return OK;
}

/* Exit 1: at least one is suppressed. */
int cmd_suppress_check(struct ctl *c, const struct args *args)
{
	struct check k = { .c = c, .args = args, .list = json_array() };
	int code = read_unit(c, check_unit, &k);

	if (code) {
		json_decref(k.list);
		return code;
	}
	out_list(c, k.list, "address suppressed by scope reason since", "");
	return k.hits ? CTL_NO : CTL_DONE;
}

int cmd_suppress_list(struct ctl *c, const struct args *args)
{
	const char *reason = arg_value(args, "reason");
	struct value v[4] = { store_text(reason ? suppress_reason(reason) : NULL),
			      V_INT(arg_given(args, "lifted")), store_text(args->n ? args->word[0] : NULL), V_NULL };
	int code = limit_of(c, args, 1000, &v[3]);
	json_t *list;

	if (code)
		return code;
	if (reason && !suppress_known_reason(suppress_reason(reason)))
		return fail(c, CTL_USAGE, "there is no reason '%s'", reason);
	list = ask(c, "ctl_suppressions", v, 4, &code);
	return list ? out_list(c, list, arg_given(args, "lifted")
			       ? "short:id kind subject scope reason created expires lifted lifted_by lifted_because"
			       : "short:id kind subject scope reason created created_by expires",
			       "nobody is suppressed") : code;
}

/* ---- lift ---- */

struct lift {
	struct ctl *c;
	const char *what, *because, *consent;
	unsigned equiv;
	bool waits;
};

static enum status lift_one(struct store_tx *tx, struct arena *a, struct lift *l, const char *id, struct err *e)
{
	bool waits = false;
	enum status st = store_lift(tx, a, id, l->c->actor, l->because, l->consent, &waits, e);

	l->waits = l->waits || waits;
	return st;
}

/* An address in every form that was kept of it (with and without its plus-tag). */
static enum status lift_address(struct store_tx *tx, struct arena *a, struct lift *l, const char *key,
				struct err *e)
{
	struct value v[2] = { store_text(key), store_text(addr_equivalent(a, key, l->equiv)) };
	enum status st;
	json_t *list = rows_json(tx, "ctl_suppression_address", v, 2, &st, e);

	if (!st && json_array_size(list) == 0)
		st = err_set(e, GONE, "there is no suppression of '%s' itself: perhaps of its domain "
			     "('relentctl suppress check %s')", key, key);
	for (size_t i = 0; !st && i < json_array_size(list); i++)
		st = lift_one(tx, a, l, get(json_array_get(list, i), "id"), e);
	json_decref(list);
	return st;
}

static enum status lift_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct lift *l = ctx;
	struct addr parsed;
	const char *id;
	enum status st;

	if (strchr(l->what, '@') && *l->what != '@') {
		if (!addr_path(a, l->what, &parsed) || !*parsed.key)
			return err_set(e, INPUT, "'%s' is not a mail address", l->what);
		return lift_address(tx, a, l, parsed.key, e);
	}
	st = find_row(tx, a, "ctl_suppression_by", "suppression of", *l->what == '@' ? l->what + 1 : l->what, &id,
		      e);
	if (st == INPUT)
		return err_set(e, INPUT, "'%s' is suppressed more than once: name the row ('relentctl suppress list "
			       "%s')", l->what, l->what);
	return st ? st : lift_one(tx, a, l, id, e);
}

int cmd_suppress_lift(struct ctl *c, const struct args *args)
{
	struct lift l = { .c = c, .what = args->word[0], .because = arg_value(args, "because"),
			  .consent = arg_value(args, "consent") };
	int code;

	struct store_options o;
	struct err e;

	if (str_empty(l.because))
		return fail(c, CTL_USAGE, "say why: --because 'REASON'");
	ctl_store_options(c, &o, &e);
	l.equiv = o.addr_equiv;
	code = write_unit(c, lift_unit, &l);
	if (code)
		return code;
	return out_done(c, json_pack("{s:b}", "waits", l.waits), l.waits ? "asked for: a second person has to lift it too "
			"(within seven days)" : "lifted");
}

/* ---- after a restore ---- */

struct reconcile {
	struct ctl *c;
	struct store_mark mark;
	const char *because;		/* NULL: only look */
};

static enum status reconcile_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct reconcile *r = ctx;
	enum status st = store_mark(tx, a, &r->mark, e);

	r->mark.why = arena_strdup(r->c->arena, r->mark.why);
	if (st || !r->because || !r->mark.lost)
		return st;
	json_t *o = json_pack("{s:I,s:I,s:o}", "marked", (json_int_t)r->mark.marked, "counted",
			      (json_int_t)r->mark.counted, "because", text_json(r->because));
	char *text = json_dumps(o, JSON_COMPACT);
	struct event_new ev = { .kind = "reconciled", .entity = "suppressions", .actor = r->c->actor, .payload = text };

	st = store_event(tx, a, &ev, e);
	if (!st)
		st = store_lost_forget(tx, e);
	json_decref(o);
	free(text);
	return st;
}

static enum status reset_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)ctx;
	return store_mark_reset(tx, a, e);
}

/* Exit 1: something is missing, and nothing was changed. */
int cmd_suppress_reconcile(struct ctl *c, const struct args *args)
{
	struct reconcile r = { .c = c };
	int code = read_unit(c, reconcile_unit, &r);

	if (code)
		return code;
	if (!r.mark.lost)
		return out_done(c, json_pack("{s:b,s:I}", "lost", 0, "suppressions", (json_int_t)r.mark.counted),
				"nothing is missing: %lld suppressions ever", (long long)r.mark.counted);
	r.because = arg_value(args, "because");
	if (str_empty(r.because))
		return fail(c, CTL_NO, "%s. Put in again what is missing ('relentctl suppress import FILE', from an "
			    "export, the daemons' log, or a later copy), then: relentctl suppress reconcile --because "
			    "'WHAT WAS DONE'", r.mark.why);
	code = write_unit(c, reconcile_unit, &r);
	if (!code)
		code = read_unit(c, reset_unit, NULL);
	return code ? code : out_done(c, json_pack("{s:b,s:I}", "lost", 0, "suppressions", (json_int_t)r.mark.counted),
				      "reconciled: outreach goes on");
}
