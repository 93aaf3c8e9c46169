/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl llm test: one question to the configured endpoint, with a mail of ours, and what would come of it.
 */
#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/ask.h"
#include "base/str.h"
#include "classifier/opinion.h"
#include "ctl/ctl.h"

static const char sample[] = "Thanks for the note. We are in the middle of moving offices, so ask me again in the autumn.";

int cmd_llm_test(struct ctl *c, const struct args *args)
{
	const char *key = conf_str(c->conf, "llm.key_file"), *answer;
	struct ask q = { .url = conf_str(c->conf, "llm.url"), .ca_file = conf_str(c->conf, "llm.ca_file"),
			 .timeout = (int)conf_int(c->conf, "llm.timeout"), .most = 65536 };
	const struct conf_file *text;
	struct opinion o;
	struct err e;
	size_t n, text_n = 0;
	enum status s;

	if (!*q.url)
		return fail(c, CTL_NO, "llm.url is not set: no language model is asked");
	s = conf_data_files(c->arena, c->conf, "llm/second-opinion.txt", &text, &text_n, &e);
	if (s == OK && text_n == 0)
		s = err_set(&e, CONF, "there is no text 'llm/second-opinion.txt' in the data directory");
	if (s == OK && *key)
		s = conf_secret_read(c->arena, key, &q.secret, &e);
	if (s == OK)
		s = ask_json(c->arena, &q, opinion_request(c->arena, conf_str(c->conf, "llm.model"), text[0].text,
			     "Re: A proposal", args->n ? args->word[0] : sample), &answer, &n, &e);
	if (s == OK)
		s = opinion_read(c->arena, answer, n, &o, &e);
	if (s != OK)
		return fail_status(c, s, &e);
	return out_done(c, json_pack("{s:s,s:s}", "class", class_name(o.class), "summary", o.summary), "%s: %s",
			class_name(o.class), o.summary);
}
