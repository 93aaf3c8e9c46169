/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl report deliverability: rates, volume against the ramp, likeness, links, and what providers
 * said. Looks at the touches of a period once; nothing of it runs beside a mail.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

enum { TEXTS_MAX = 1000, RAMP_DAYS = 90 };

struct text {
	const char *recipient, *owner, *domain, *sequence;
	uint64_t print;
	bool alike;
};

struct report {
	struct ctl *c;
	time_t since, midnight;
	json_t *senders, *providers, *breakers;
	struct text *texts;
	size_t texts_n;
};

/* ---- likeness ---- */

static enum status one_text(void *ctx, const struct row *r, struct err *e)
{
	struct report *x = ctx;
	struct arena *a = x->c->arena;

	(void)e;
	if (x->texts_n == TEXTS_MAX)
		return OK;
	x->texts[x->texts_n++] = (struct text){
		.recipient = arena_strdup(a, row_text(r, "recipient")), .owner = arena_strdup(a, row_text(r, "owner_id")),
		.domain = arena_strdup(a, row_text(r, "sender_domain")),
		.sequence = arena_strdup(a, row_text(r, "sequence")), .print = policy_simhash(a, row_text(r, "text")),
	};
	return OK;
}

/* A text that went to two people. */
static void compare(struct report *x)
{
	for (size_t i = 0; i < x->texts_n; i++)
		for (size_t k = 0; k < i; k++) {
			struct text *s = &x->texts[i], *t = &x->texts[k];

			if (s->print && policy_simhash_distance(s->print, t->print) <= SIMHASH_ALIKE
			    && !str_eq(s->recipient, t->recipient))
				s->alike = t->alike = true;
		}
}

static json_t *likeness(const struct report *x, const char *scope, const char *key)
{
	int n = 0, alike = 0;

	for (size_t i = 0; i < x->texts_n; i++) {
		const struct text *t = &x->texts[i];

		if (!str_eq(key, str_eq(scope, "owner") ? t->owner : str_eq(scope, "domain") ? t->domain : t->sequence))
			continue;
		n++;
		alike += t->alike;
	}
	return n ? json_real(100.0 * alike / n) : json_null();
}

/* ---- rates ---- */

static void rate(json_t *o, const char *name, int64_t part, int64_t whole)
{
	json_object_set_new(o, name, whole > 0 ? json_real(100.0 * (double)part / (double)whole) : json_null());
}

static void add_breaker(const struct report *x, json_t *o)
{
	size_t i;
	json_t *b;

	json_array_foreach(x->breakers, i, b)
		if (str_eq(get(b, "scope"), get(o, "scope")) && str_eq(get(b, "name"), get(o, "key")))
			json_object_set(o, "breaker", json_object_get(b, "level"));
}

/* How much it may send today, by what it has sent so far. */
static enum status add_ramp(struct store_tx *tx, struct report *x, json_t *o, struct err *e)
{
	const struct conf *c = x->c->conf;
	int64_t today = (int64_t)x->c->now / 86400;
	struct value v[] = { store_text(get(o, "scope")), store_text(get(o, "key")), V_INT(today - RAMP_DAYS),
			     V_INT(today) };
	int start = (int)conf_int(c, "limits.warm_up_start"), most = (int)conf_int(c, "limits.sender_per_day");
	enum status s;
	json_t *list;
	int ramp;

	if (str_eq(get(o, "scope"), "sequence"))
		return OK;
	list = rows_json(tx, "ctl_delivery_days", v, 4, &s, e);
	if (s != OK)
		return s;
	ramp = policy_ramp(start, conf_num(c, "limits.warm_up_factor"), (int)conf_int(c, "limits.warm_up_ceiling"),
			   (int)get_int(json_array_get(list, 0), "days"));
	json_decref(list);
	if (!str_eq(get(o, "scope"), "owner"))
		most = 0;
	if (ramp > 0 && (most == 0 || ramp < most))
		most = ramp;
	json_object_set_new(o, "limit_today", most > 0 ? json_integer(most) : json_null());
	json_object_set_new(o, "warming_up", json_boolean(ramp > 0));
	return OK;
}

static enum status finish(struct store_tx *tx, struct report *x, json_t *o, struct err *e)
{
	int64_t n = get_int(o, "touches"), bounced = get_int(o, "bounced");

	rate(o, "delivery_rate", get_int(o, "delivered"), n);
	rate(o, "valid_rate", n - get_int(o, "hard_bounces"), n);
	rate(o, "bounce_rate", bounced, n);
	rate(o, "complaint_rate", get_int(o, "complaints"), n);
	rate(o, "unsubscribe_rate", get_int(o, "unsubscribes"), n);
	rate(o, "link_rate", get_int(o, "with_links"), n);
	rate(o, "attachment_rate", get_int(o, "with_attachments"), n);
	json_object_set_new(o, "alike_rate", likeness(x, get(o, "scope"), get(o, "key")));
	json_object_set_new(o, "breaker", json_null());
	add_breaker(x, o);
	return add_ramp(tx, x, o, e);
}

static enum status gather(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	static const char *const groups[] = { "ctl_delivery_owners", "ctl_delivery_domains", "ctl_delivery_sequences" };
	struct report *x = ctx;
	struct value v[] = { V_INT((int64_t)x->since), V_INT((int64_t)x->midnight) };
	struct value texts[] = { V_INT((int64_t)x->since), V_INT(TEXTS_MAX) };
	enum status s;

	(void)a;
	json_decref(x->senders);
	json_decref(x->providers);
	json_decref(x->breakers);
	x->senders = json_array();
	x->texts_n = 0;
	x->providers = rows_json(tx, "ctl_delivery_providers", v, 1, &s, e);
	x->breakers = s == OK ? rows_json(tx, "ctl_delivery_breakers", NULL, 0, &s, e) : NULL;
	if (s == OK)
		s = store_query(tx, "ctl_delivery_texts", texts, 2, one_text, x, NULL, e);
	compare(x);
	for (size_t i = 0; s == OK && i < sizeof(groups) / sizeof(*groups); i++) {
		json_t *list = rows_json(tx, groups[i], v, 2, &s, e);

		for (size_t k = 0; s == OK && k < json_array_size(list); k++)
			s = finish(tx, x, json_array_get(list, k), e);
		json_array_extend(x->senders, list);
		json_decref(list);
	}
	return s;
}

/* ---- telling ---- */

/* For people a rate is "1.25 %". */
static void for_people(struct ctl *c, json_t *list)
{
	size_t i;
	json_t *o, *v;
	void *next;
	const char *key;

	json_array_foreach(list, i, o)
		json_object_foreach_safe(o, next, key, v) {
			size_t n = strlen(key);

			if (n > 5 && str_eq(key + n - 5, "_rate") && json_is_real(v))
				json_object_set_new(o, key, text_json(arena_printf(c->arena, "%.2f %%",
										   json_real_value(v))));
		}
}

static const char *csv_value(struct ctl *c, const json_t *v)
{
	if (json_is_integer(v))
		return arena_printf(c->arena, "%lld", (long long)json_integer_value(v));
	if (json_is_real(v))
		return arena_printf(c->arena, "%.4f", json_real_value(v));
	if (json_is_boolean(v))
		return json_is_true(v) ? "yes" : "no";
	return json_string_value(v);
}

static void csv_rows(struct ctl *c, struct buf *b, const json_t *list, const char *scope)
{
	static const char *const keys[] = { "name", "touches", "first_touches", "delivered", "deferred", "bounced",
		"hard_bounces", "complaints", "unsubscribes", "delivery_rate", "valid_rate", "bounce_rate",
		"complaint_rate", "unsubscribe_rate", "link_rate", "attachment_rate", "alike_rate", "today",
		"limit_today", "warming_up", "breaker", "mails", "warnings", "last", "dsn", "words" };
	size_t i;
	json_t *o;

	if (!scope) {
		buf_adds(b, "scope");
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			buf_addf(b, ",%s", keys[k]);
		buf_adds(b, "\r\n");
	}
	json_array_foreach(list, i, o) {
		csv_cell(b, scope ? scope : get(o, "scope"));
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
			buf_addc(b, ',');
			csv_cell(b, csv_value(c, json_object_get(o, k == 0 && scope ? scope : keys[k])));
		}
		buf_adds(b, "\r\n");
	}
}

static int tell(struct report *x, const char *format)
{
	struct ctl *c = x->c;
	struct buf b;
	size_t i;
	json_t *o;

	json_decref(x->breakers);
	if (str_eq(format, "csv")) {
		buf_init(&b, c->arena);
		csv_rows(c, &b, x->senders, NULL);
		csv_rows(c, &b, x->providers, "provider");
		fputs(b.p, stdout);
		json_decref(x->senders);
		json_decref(x->providers);
		return CTL_DONE;
	}
	json_array_foreach(x->senders, i, o)
		json_object_del(o, "key");
	if (c->json)
		return out_object(c, json_pack("{s:o,s:o,s:o}", "since", time_json(x->since), "senders", x->senders,
					       "providers", x->providers));
	for_people(c, x->senders);
	out_list(c, json_incref(x->senders), "scope name touches delivery_rate:delivered valid_rate:valid "
		 "bounce_rate:bounced complaint_rate:complaints unsubscribe_rate:unsubscribes breaker",
		 "nothing was sent in this time");
	if (json_array_size(x->senders)) {
		puts("");
		out_list(c, json_incref(x->senders), "scope name today limit_today:limit first_touches:first "
			 "alike_rate:alike link_rate:links attachment_rate:attachments", "");
	}
	puts("");
	out_list(c, json_incref(x->providers), "provider mails warnings last dsn words",
		 "no provider asked for less mail");
	json_decref(x->senders);
	json_decref(x->providers);
	return CTL_DONE;
}

int report_since(struct ctl *c, const struct args *args, const char *otherwise, time_t *out_r)
{
	const char *since = arg_value(args, "since") ? arg_value(args, "since") : otherwise;
	int64_t back;

	if (str_duration(since, &back))
		*out_r = c->now - (time_t)back;
	else if (!args_time(c, since, out_r))
		return fail(c, CTL_USAGE, "--since '%s' is neither a date nor a time such as 7d", since);
	return CTL_DONE;
}

int cmd_report_deliverability(struct ctl *c, const struct args *args)
{
	const char *format = arg_value(args, "format");
	struct report x = { .c = c, .midnight = when_utc(when_civil(c->now, c->zone).date, 0, 0, c->zone) };
	int code = report_since(c, args, "30d", &x.since);

	if (code)
		return code;
	if (arg_given(args, "csv"))
		format = "csv";
	if (format && !str_eq(format, "csv") && !str_eq(format, "text"))
		return fail(c, CTL_USAGE, "--format '%s' is neither text nor csv", format);
	x.texts = arena_array(c->arena, struct text, TEXTS_MAX);
	code = read_unit(c, gather, &x);
	return code ? code : tell(&x, format);
}
