/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl explain: would the next touch go out just now? The rules of the milter are asked, with the mail
 * that the owner would send; what a text itself might be refused for shows only when it is there.
 */
#include "config.h"

#include "ctl/explain_next.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "policy/settings.h"

struct next {
	struct ctl *c;
	struct policy_settings settings;
	struct outgoing out;
	struct message message;
	struct addr from;
	const char *to[1], *refs[1];
	struct memory *memory;
};

static bool make(struct arena *a, const struct enrolment_row *row, struct next *x)
{
	const char *sender = strchr(row->owner_login, '@') ? row->owner_login : NULL;

	if (!row->address || !plan_step(row->plan, row->e.step + 1))
		return false;
	x->to[0] = row->address;
	if (sender && addr_path(a, sender, &x->from)) {
		x->message.from = &x->from;
		x->message.from_n = 1;
	}
	x->message.subject = row->thread_subject ? row->thread_subject : "";
	x->message.text = "";
	x->message.content_type = "text/plain";
	if (row->last_message_id) {
		x->refs[0] = row->last_message_id;
		x->message.in_reply_to = x->refs;
		x->message.in_reply_to_n = 1;
	}
	x->out = (struct outgoing){ .role = ROLE_SUBMISSION, .login = row->owner_login,
				    .sender = sender ? sender : "owner", .recipients = x->to, .recipients_n = 1,
				    .message = &x->message, .visible = "",
				    .enrol = row->e.touches == 0 && !row->last_message_id ? row->sequence : NULL };
	return true;
}

static enum status recall(struct store_tx *tx, struct arena *a, struct next *x, struct err *e)
{
	struct recall r = { .login = x->out.login, .sender = x->out.sender, .role = ROLE_SUBMISSION,
			    .recipients = x->out.recipients, .recipients_n = 1, .message = &x->message,
			    .enrol = x->out.enrol };

	return store_recall(tx, a, &r, &x->memory, e);
}

/* The draft that lies ready is what would be sent. */
static void take_draft(struct next *x)
{
	const struct memory_draft *d = x->memory->prospects[0].draft;

	if (!d)
		return;
	x->message.subject = d->subject ? d->subject : "";
	x->message.text = x->out.visible = d->text ? d->text : "";
}

static void tell(struct arena *a, json_t *list, const struct objection *o)
{
	json_t *answer = text_json(arena_printf(a, "%s: %s%s%s", rule_name(o->rule), o->text[0],
						o->text[1] ? " " : "", o->text[1] ? o->text[1] : ""));
	const char *question = o->mode == MODE_WARN ? "what would be warned of" : "what would be refused now";

	json_array_append_new(list, json_pack("{s:s,s:s,s:o}", "question", question, "rule", rule_name(o->rule), "answer",
					      answer));
}

enum status explain_next(struct ctl *c, struct store_tx *tx, struct arena *a, const struct enrolment_row *row,
			 json_t *list, struct err *e)
{
	struct next x = { .c = c };
	struct refusals *texts = NULL;
	bool told[RULE_COUNT] = { false }, any = true;
	enum status s;

	if (seq_state_group(row->e.state) == SEQ_END || !make(a, row, &x))
		return OK;
	s = recall(tx, a, &x, e);
	if (s != OK || !x.memory->owner || x.memory->prospects_n == 0)
		return s;
	if (policy_texts_load(a, c->conf, &texts, e) == OK) {
		policy_settings_load(a, c->conf, texts, &x.settings);
		take_draft(&x);
		/* the first that refuses answers: each is taken out of the way in turn */
		for (int round = 0; any && round < RULE_COUNT; round++) {
			struct verdict v;

			any = false;
			policy_judge(a, &x.settings, STAGE_EOM, &x.out, x.memory, c->now, &v);
			for (size_t i = 0; i < v.objections_n; i++) {
				const struct objection *o = &v.objections[i];

				if (told[o->rule])
					continue;
				told[o->rule] = any = true;
				x.settings.mode[o->rule] = MODE_OFF;
				tell(a, list, o);
			}
		}
	}
	refusals_free(texts);
	return OK;
}
