/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl audit: was anybody written to after they were suppressed, and what happened to one person's mail.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "store/audit.h"

static void note_entry(void *ctx, const struct audit_entry *e)
{
	json_array_append_new(ctx, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:b}", "at", time_json(e->at),
		"what", text_json(e->what), "recipient", text_json(e->recipient), "by", text_json(e->actor),
		"queue_id", text_json(e->queue_id), "host", text_json(e->host), "message_id", text_json(e->message_id),
		"detail", text_json(e->detail), "event", (json_int_t)e->seq, "violation", e->violation));
}

static bool moment(struct ctl *c, const char *text, bool end, time_t *out_r)
{
	bool day = strlen(text) == 10 && text[4] == '-';

	if (!args_time(c, text, out_r))
		return false;
	if (end && day)		/* to the end of that day */
		*out_r += 86400;
	return true;
}

static int told(struct ctl *c, const struct audit_question *q, const struct audit_sums *sums, json_t *list)
{
	bool clean = sums->violations == 0 && sums->breaks == 0;

	if (c->json) {
		out_object(c, json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "clean", clean, "events",
			(json_int_t)sums->events, "not_yet_sealed", (json_int_t)sums->unsealed, "passed",
			(json_int_t)sums->passed, "refused", (json_int_t)sums->refused, "suppressed",
			(json_int_t)sums->suppressed, "erased", (json_int_t)sums->erased, "violations",
			(json_int_t)sums->violations, "breaks", (json_int_t)sums->breaks, "entries", list));
		return clean ? CTL_DONE : CTL_NO;
	}
	if (json_array_size(list) > 0 || q->person)
		out_list(c, list, "at what recipient by queue_id host detail",
			 "nothing happened to their mail in that time");
	else
		json_decref(list);
	printf("%lld events (%lld not yet sealed): %lld mails passed, %lld were refused, %lld suppressions\n",
	       (long long)sums->events, (long long)sums->unsealed, (long long)sums->passed,
	       (long long)sums->refused, (long long)sums->suppressed);
	if (sums->erased)
		printf("%lld events cannot be judged: their content was erased\n", (long long)sums->erased);
	if (sums->breaks)
		printf("NOT PROVED: the chain of events is broken in %lld places ('relentctl verify' names them)\n",
		       (long long)sums->breaks);
	if (sums->violations)
		printf("VIOLATED: %lld mails went to somebody who was suppressed\n", (long long)sums->violations);
	if (clean)
		puts("the chain is whole: nothing was sent to anybody after their suppression");
	return clean ? CTL_DONE : CTL_NO;
}

int cmd_audit(struct ctl *c, const struct args *args)
{
	struct audit_question q = { .person = arg_value(args, "person") };
	struct audit_sums sums;
	struct addr at;
	struct err e = { "" };
	json_t *list;
	enum status st;

	if (!moment(c, args->word[0], false, &q.from) || !moment(c, args->word[1], true, &q.to))
		return fail(c, CTL_USAGE, "'%s' or '%s' is not a date: write 2026-03-31 or 2026-03-31 09:30",
			    args->word[0], args->word[1]);
	if (q.to <= q.from)
		return fail(c, CTL_USAGE, "'%s' is not after '%s'", args->word[1], args->word[0]);
	if (q.person) {
		if (!addr_path(c->arena, q.person, &at) || !*at.key)
			return fail(c, CTL_USAGE, "'%s' is not a mail address", q.person);
		q.person = at.key;
	}
	list = json_array();
	st = store_audit(c->store, c->now, &q, note_entry, list, &sums, &e);
	if (st) {
		json_decref(list);
		fail_status(c, st, &e);
		return CTL_UNAVAILABLE;
	}
	return told(c, &q, &sums, list);
}
