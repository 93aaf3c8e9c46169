/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "classifier/opinion.h"

#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

enum { TEXT_MAX = 6000, SUMMARY_MAX = 200 };

static json_t *message(const char *role, const char *content)
{
	return json_pack("{s:s,s:s}", "role", role, "content", content);
}

char *opinion_request(struct arena *a, const char *model, const char *instructions, const char *subject,
		      const char *visible)
{
	json_t *mail = json_pack("{s:s,s:s}", "subject", str_cut(a, subject ? subject : "", 300),
				 "text", str_cut(a, visible ? visible : "", TEXT_MAX));
	char *data = json_dumps(mail, JSON_COMPACT), *body;
	json_t *all = json_pack("{s:s,s:i,s:i,s:[o,o]}", "model", model, "temperature", 0, "max_tokens", 200,
				"messages", message("system", instructions), message("user", data));
	char *dump = json_dumps(all, JSON_COMPACT);

	body = arena_strdup(a, dump ? dump : "{}");
	free(dump);
	free(data);
	json_decref(all);
	json_decref(mail);
	return body;
}

/* The object in a text that may have words or a fence around it. */
static json_t *object_in(const char *text)
{
	const char *brace = text ? strchr(text, '{') : NULL;
	json_t *o = brace ? json_loads(brace, JSON_DISABLE_EOF_CHECK, NULL) : NULL;

	if (o && !json_is_object(o)) {
		json_decref(o);
		o = NULL;
	}
	return o;
}

static const char *one_line(struct arena *a, const char *s)
{
	char *line = arena_strdup(a, s);

	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	return str_cut(a, text_squeeze(a, line), SUMMARY_MAX);
}

static enum status read_content(struct arena *a, const char *content, struct opinion *out_r, struct err *e)
{
	json_t *o = object_in(content);
	const char *class = o ? json_string_value(json_object_get(o, "class")) : NULL;
	const char *summary = o ? json_string_value(json_object_get(o, "summary")) : NULL;
	enum status s = OK;

	if (!o)
		s = err_set(e, INPUT, "the model did not answer with a JSON object");
	else if (!class || !class_from_name(class, &out_r->class))
		s = err_set(e, INPUT, "the model named no class that there is");
	else
		out_r->summary = one_line(a, summary ? summary : "");
	json_decref(o);
	return s;
}

enum status opinion_read(struct arena *a, const char *bytes, size_t n, struct opinion *out_r, struct err *e)
{
	json_t *all = json_loadb(bytes, n, 0, NULL);
	json_t *choice = json_array_get(json_object_get(all, "choices"), 0);
	const char *content = json_string_value(json_object_get(json_object_get(choice, "message"), "content"));
	enum status s = content ? read_content(a, content, out_r, e)
				: err_set(e, INPUT, "the endpoint's answer has no choices[0].message.content");

	json_decref(all);
	return s;
}

enum opinion_effect opinion_effect(const struct opinion *o, bool own_word)
{
	bool stop = o->class == REPLY_UNSUBSCRIBE || o->class == REPLY_COMPLAINT;

	return stop && own_word ? OPINION_STOPS : OPINION_SHOWN;
}
