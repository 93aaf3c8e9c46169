/* SPDX-License-Identifier: MPL-2.0
 *
 * Control addresses: what a rep writes into Bcc. Understood at RCPT, where a mistake can still be told;
 * obeyed in the transaction that records the mail (obey.c).
 */
#include "config.h"

#include "milter/control.h"

#include "base/arena.h"

static const struct control_kind verbs[VERB_COUNT] = {
#define VERB(sym, name, arg, about, meaning) [VERB_##sym] = { name, arg, meaning, ABOUT_##about },
#include "milter/verbs.def"
#undef VERB
};

/* What makes no sense in one mail. An answer to a digest stands for itself: see contradicts(). */
static const struct {
	enum control_verb a, b;
} never[] = {
	{ VERB_SEQ, VERB_STOP }, { VERB_SEQ, VERB_PAUSE }, { VERB_SEQ, VERB_DNC }, { VERB_SEQ, VERB_LOG },
	{ VERB_SEQ, VERB_WON }, { VERB_SEQ, VERB_LOST }, { VERB_SEQ, VERB_BOOKED }, { VERB_SEQ, VERB_SKIP },
	{ VERB_SEQ, VERB_RESUME }, { VERB_SEQ, VERB_ROUTE },
	{ VERB_STOP, VERB_PAUSE }, { VERB_STOP, VERB_RESUME }, { VERB_STOP, VERB_SKIP }, { VERB_PAUSE, VERB_RESUME },
	{ VERB_PAUSE, VERB_SKIP },
	{ VERB_DNC, VERB_PAUSE }, { VERB_DNC, VERB_RESUME }, { VERB_DNC, VERB_SKIP }, { VERB_DNC, VERB_BOOKED },
	{ VERB_DNC, VERB_ROUTE }, { VERB_DNC, VERB_QUALIFIED }, { VERB_DNC, VERB_PROPOSAL },
	{ VERB_WON, VERB_LOST }, { VERB_WON, VERB_RESUME }, { VERB_LOST, VERB_RESUME }, { VERB_WON, VERB_PAUSE },
	{ VERB_LOST, VERB_PAUSE }, { VERB_LOST, VERB_BOOKED }, { VERB_LOST, VERB_PROPOSAL }, { VERB_LOST, VERB_QUALIFIED },
	{ VERB_BOOKED, VERB_PAUSE }, { VERB_BOOKED, VERB_RESUME }, { VERB_AWAY, VERB_BACK },
	{ VERB_SHOWED, VERB_NOSHOW },
};

const struct control_kind *control_kind(enum control_verb v)
{
	return &verbs[v];
}

bool control_about(const struct mail *m, enum control_about about)
{
	for (enum control_verb v = 0; v < VERB_COUNT; v++) {
		if (control_has(m, v) && verbs[v].about == about)
			return true;
	}
	return false;
}

const char *control_names(struct arena *a, const struct mail *m)
{
	struct buf b;

	buf_init(&b, a);
	for (enum control_verb v = 0; v < VERB_COUNT; v++) {
		if (control_has(m, v))
			buf_addf(&b, "%s%s", b.n ? ", " : "", verbs[v].name);
	}
	return b.p;
}

const char *control_example(struct arena *a, const struct settings *s, enum control_verb v)
{
	const char *words = verbs[v].example ? arena_printf(a, "%s.%s", verbs[v].name, verbs[v].example) : verbs[v].name;

	return policy_control_address(a, s->control, words);
}

void control_say(struct mail *m, const char *key, const char *text[2], const char *what, const char *near)
{
	const char *help = policy_control_address(m->arena, m->settings->control, "help");

	policy_say(m->arena, &m->settings->policy, key, text, "what", what, "near", near, "help", help,
		   NULL);
}

/* Verbs of the outside world: the mailbox reads them. */
static bool is_mailbox(const char *verb)
{
	return str_empty(verb) || str_eq(verb, "unsubscribe") || str_eq(verb, "bounce");
}

static enum control_answer unknown_verb(struct mail *m, const char *verb, const char *text[2])
{
	const char *names[VERB_COUNT], *near;
	size_t n = 0;

	for (enum control_verb v = 0; v < VERB_COUNT; v++) {
		if (verbs[v].about != ABOUT_TOKEN)
			names[n++] = verbs[v].name;
	}
	near = str_nearest(verb, names, n);
	control_say(m, "control.verb", text, verb,
		    policy_control_address(m->arena, m->settings->control, near ? near : "help"));
	return CONTROL_REFUSED;
}

/* A verb that is there already and does not go with this one; VERB_COUNT: none. */
static enum control_verb contradicts(const struct mail *m, enum control_verb v)
{
	for (enum control_verb k = 0; k < VERB_COUNT; k++) {
		if (k != v && k != VERB_HELP && v != VERB_HELP && control_has(m, k) &&
		    (verbs[k].about == ABOUT_TOKEN || verbs[v].about == ABOUT_TOKEN))
			return k;
	}
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		if (never[i].a == v && control_has(m, never[i].b))
			return never[i].b;
		if (never[i].b == v && control_has(m, never[i].a))
			return never[i].a;
	}
	return VERB_COUNT;
}

static const char *as_written(struct mail *m, enum control_verb v, const char *arg)
{
	return str_empty(arg) ? verbs[v].name : arena_printf(m->arena, "%s.%s", verbs[v].name, arg);
}

static enum control_answer understand(struct milter *d, struct mail *m, const char *verb,
				      const char *arg, const char *text[2])
{
	enum control_verb v = 0, other;

	while (v < VERB_COUNT && !str_eq(verbs[v].name, verb))
		v++;
	if (v == VERB_COUNT)
		return unknown_verb(m, verb, text);
	other = contradicts(m, v);
	if (other == VERB_COUNT && control_has(m, v) && v != VERB_DONE && !str_eq(m->control.args[v], arg))
		other = v;
	if (other != VERB_COUNT) {
		control_say(m, "control.contradiction", text, as_written(m, other, m->control.args[other]),
			    as_written(m, v, arg));
		return CONTROL_REFUSED;
	}
	if (!control_argument(d, m, v, arg, text))
		return CONTROL_REFUSED;
	m->control.verbs |= 1u << v;
	m->control.args[v] = arena_strdup(m->arena, arg);
	return CONTROL_TAKEN;
}

enum control_answer control_rcpt(struct milter *d, struct mail *m, const char *path, const char *key,
				 const char *text[2])
{
	const char *verb, *arg, **paths;
	enum control_answer answer;

	if (str_empty(m->settings->control) ||
	    !addr_control(m->arena, m->settings->control, key, &verb, &arg) || is_mailbox(verb))
		return CONTROL_NONE;
	answer = understand(d, m, verb, arg, text);
	if (answer == CONTROL_REFUSED) {
		m->control.refused = true;
		decide_refused(d, m, RULE_CONTROL, key, text, verb);
		return answer;
	}
	paths = arena_array(m->arena, const char *, m->control.paths_n + 1);
	for (size_t i = 0; i < m->control.paths_n; i++)
		paths[i] = m->control.paths[i];
	paths[m->control.paths_n++] = arena_strdup(m->arena, path);
	m->control.paths = paths;
	return CONTROL_TAKEN;
}
