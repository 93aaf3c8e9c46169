/* SPDX-License-Identifier: MPL-2.0
 *
 * control: a control address that cannot be obeyed takes the whole mail with it, so that no mail leaves
 * half-commanded. Unknown verbs never get here: RCPT refuses them.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"

static bool is_command(const struct hearing *h, const struct addr *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *verb, *arg;

		if (addr_control(h->arena, h->settings->control, list[i].key, &verb, &arg) &&
		    !str_empty(verb))
			return true;
	}
	return false;
}

/* In To or Cc everybody could read it, and taking it out would break signatures. */
static bool visible(const struct hearing *h)
{
	const struct message *m = h->mail->message;

	return is_command(h, m->to, m->to_n) || is_command(h, m->cc, m->cc_n);
}

static size_t outside(const struct memory *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->prospects_n; i++)
		n += !m->prospects[i].own_domain;
	return n;
}

static bool is_live(const struct memory_enrolment *e)
{
	return e && seq_state_group(e->state.state) != SEQ_END;
}

static enum word enrolling(const struct hearing *h, struct plea *p, size_t outside_n)
{
	const struct memory_prospect *to = h->prospect;
	const struct memory_enrolment *e = h->enrolment;

	if (outside_n != 1) {
		plea_fact(h, p, "seq.%s recipients=%zu", h->mail->enrol, outside_n);
		plea_say(h, p, "control.one", "what", h->mail->enrol, "count",
			 arena_printf(h->arena, "%zu", outside_n), NULL);
		return WORD_OBJECTS;
	}
	p->o.recipient = to->address;
	if (!to->id && !h->settings->enrol_unknown) {
		plea_fact(h, p, "unknown %s", to->address);
		plea_say(h, p, "control.unknown", "who", to->address, NULL);
		return WORD_OBJECTS;
	}
	if (is_live(e) && e->plan && !str_eq_case(e->plan->name, h->mail->enrol)) {
		plea_fact(h, p, "enrolment %s sequence=%s", e->state.id, e->plan->name);
		plea_say(h, p, "control.live", "who", to->address, "what", e->plan->name, "date",
			 hearing_time(h, e->state.started), NULL);
		return WORD_OBJECTS;
	}
	return WORD_DUNNO;
}

enum word rule_control(const struct hearing *h, struct plea *p)
{
	size_t outside_n = outside(h->memory);

	if (!h->mail->command || h->stage != STAGE_EOM)
		return WORD_DUNNO;
	if (h->mail->role == ROLE_LOCAL) {
		plea_fact(h, p, "local");
		plea_say(h, p, "control.local", NULL);
		return WORD_OBJECTS;
	}
	if (outside_n && visible(h)) {
		plea_fact(h, p, "visible");
		plea_say(h, p, "control.visible", NULL);
		return WORD_OBJECTS;
	}
	if (h->mail->enrol)
		return enrolling(h, p, outside_n);
	if (!outside_n && (!h->prospect || !h->prospect->id))	/* to colleagues: it is about somebody it names */
		return WORD_DUNNO;
	if ((h->mail->log_only || h->mail->moves || h->mail->person) && h->prospect && !h->prospect->id) {
		p->o.recipient = h->prospect->address;
		plea_fact(h, p, "unknown %s", h->prospect->address);
		plea_say(h, p, "control.unknown", "who", h->prospect->address, NULL);
		return WORD_OBJECTS;
	}
	if (h->mail->moves && h->prospect && !is_live(h->enrolment)) {
		p->o.recipient = h->prospect->address;
		plea_fact(h, p, "not enrolled %s", h->prospect->address);
		plea_say(h, p, "control.nothing", "who", h->prospect->address, NULL);
		return WORD_OBJECTS;
	}
	return WORD_DUNNO;
}
