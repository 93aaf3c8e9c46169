/* SPDX-License-Identifier: MPL-2.0
 *
 * From the configuration to policy_settings.
 */
#include "config.h"

#include "policy/settings.h"

#include "base/arena.h"
#include "base/str.h"

enum status policy_texts_load(struct arena *a, const struct conf *c, struct refusals **out_r, struct err *e)
{
	/* refusals.conf last: its .local is the site's word on every language */
	static const char *const names[] = { "refusals", "refusals.conf" };
	const struct conf_file *f;
	enum status st = OK;
	size_t n;

	*out_r = NULL;
	for (size_t k = 0; st == OK && k < sizeof(names) / sizeof(*names); k++) {
		st = conf_data_files(a, c, names[k], &f, &n, e);
		for (size_t i = 0; st == OK && i < n; i++)
			st = refusals_parse(f[i].path, f[i].text, out_r, e);
	}
	if (st == OK && !*out_r)
		return err_set(e, CONF, "cannot find 'refusals.conf' in '%s'", conf_data_dir(a, c));
	return st;
}

/* Not every rule has a setting: a control address is never obeyed half. */
static bool has_setting(const char *name)
{
	const struct setting *list;
	size_t n = conf_settings(&list);

	for (size_t i = 0; i < n; i++) {
		if (str_eq(list[i].name, name))
			return true;
	}
	return false;
}

static void load_modes(struct arena *a, const struct conf *c, struct policy_settings *s)
{
	static const enum rule_mode defaults[RULE_COUNT] = {
#define RULE(sym, name, stage, code, enhanced, mode, over, key, meaning) [RULE_##sym] = MODE_##mode,
#include "policy/rules.def"
#undef RULE
	};

	for (enum rule r = 0; r < RULE_COUNT; r++) {
		const char *name = arena_printf(a, "rules.%s", rule_name(r));

		s->mode[r] = defaults[r];
		if (has_setting(name))
			mode_from_name(conf_str(c, name), &s->mode[r]);
	}
}

static void load_limits(const struct conf *c, struct policy_limits *l)
{
	const char *collision = conf_str(c, "limits.collision");

	*l = (struct policy_limits){
		.sender_per_day = (int)conf_int(c, "limits.sender_per_day"),
		.domain_per_day = (int)conf_int(c, "limits.domain_per_day"),
		.company_gap_days = (int)conf_int(c, "limits.company_gap_days"),
		.warm_up_start = (int)conf_int(c, "limits.warm_up_start"),
		.warm_up_ceiling = (int)conf_int(c, "limits.warm_up_ceiling"),
		.warm_up_factor = conf_num(c, "limits.warm_up_factor"),
		.collision = str_eq(collision, "off") ? COLLISION_OFF :
			     str_eq(collision, "company") ? COLLISION_COMPANY : COLLISION_PROSPECT,
		.collision_days = (int)conf_int(c, "limits.collision_days"),
	};
	l->sending_domains_n = conf_list(c, "limits.sending_domains", &l->sending_domains);
	l->consent_jurisdictions_n = conf_list(c, "limits.consent_jurisdictions", &l->consent_jurisdictions);
}

void policy_settings_load(struct arena *a, const struct conf *c, struct refusals *texts,
			  struct policy_settings *out_r)
{
	const char *control = conf_str(c, "control.address");

	*out_r = (struct policy_settings){
		.observe = str_eq(conf_str(c, "mode"), "observe"),
		.unwatched_after = (int)conf_int(c, "milter.unwatched_after"),
		.duplicate_window = (int)conf_int(c, "milter.duplicate_window"),
		.retry_window = 5 * 86400,	/* how long mail clients and their queues try */
		.retry_needs_evidence = conf_bool(c, "milter.resubmission_needs_evidence"),
		.retry_wait = (int)conf_int(c, "milter.resubmission_wait"),
		.language = conf_str(c, "language"),
		.gap_days = (int)conf_int(c, "limits.gap_days"),
		.control = *control ? control : NULL,
		.enrol_unknown = conf_bool(c, "control.enrol_unknown"),
		.voice_disclosure = conf_str(c, "channels.voice_disclosure"),
		.voice_generated = conf_str(c, "channels.voice_generated"),
		.quotation_words = (int)conf_int(c, "limits.quotation_words"),
		.sentence = refusals_sentence,
		.sentence_ctx = texts,
	};
	load_limits(c, &out_r->limits);
	load_modes(a, c, out_r);
}
