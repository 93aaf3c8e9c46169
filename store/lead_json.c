/* SPDX-License-Identifier: MPL-2.0
 *
 * A lead as JSON, for its row and back.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/leads.h"
#include "store/store_private.h"

const char *lead_json(struct arena *a, const struct lead *l)
{
	json_t *o = json_object(), *values = json_object(), *extra = json_array();

	for (int i = 0; i < LEAD_FIELD_COUNT; i++)
		json_put(values, lead_field_name((enum lead_field)i), l->values[i]);
	for (size_t i = 0; i < l->extra_n; i++)
		json_array_append_new(extra, json_pack("[s,s]", l->extra[i].label, l->extra[i].value));
	json_put(o, "shape", lead_shape_name(l->shape));
	json_object_set_new(o, "values", values);
	json_object_set_new(o, "extra", extra);
	json_put_int(o, "fields", (int64_t)l->fields);
	json_put(o, "request", l->request);
	json_put(o, "consent", l->consent == LEAD_CONSENT_YES ? "yes" : l->consent == LEAD_CONSENT_NO ? "no" : NULL);
	json_put(o, "consent_words", l->consent_words);
	json_put(o, "language", l->language);
	json_object_set_new(o, "urgent", json_boolean(l->urgent));
	return json_text(a, o);
}

static const char *text_at(struct arena *a, const json_t *o, const char *key)
{
	return arena_strdup(a, json_string_value(json_object_get(o, key)));
}

struct lead *lead_from_json(struct arena *a, const char *text)
{
	struct lead *l = arena_new_of(a, struct lead);
	json_t *o = json_loads(text ? text : "{}", 0, NULL), *values, *extra, *one;
	const char *consent, *shape;
	size_t i;

	values = json_object_get(o, "values");
	extra = json_object_get(o, "extra");
	for (int f = 0; f < LEAD_FIELD_COUNT; f++)
		l->values[f] = text_at(a, values, lead_field_name((enum lead_field)f));
	json_array_foreach(extra, i, one)
		if (l->extra_n < LEAD_EXTRA_MAX && json_is_string(json_array_get(one, 0)) &&
		    json_is_string(json_array_get(one, 1)))
			l->extra[l->extra_n++] = (struct lead_extra){
				arena_strdup(a, json_string_value(json_array_get(one, 0))),
				arena_strdup(a, json_string_value(json_array_get(one, 1))) };
	shape = text_at(a, o, "shape");
	for (int s = 0; s < LEAD_SHAPE_COUNT; s++)
		if (str_eq(lead_shape_name((enum lead_shape)s), shape))
			l->shape = (enum lead_shape)s;
	l->fields = (size_t)json_integer_value(json_object_get(o, "fields"));
	l->request = text_at(a, o, "request");
	consent = text_at(a, o, "consent");
	l->consent = str_eq(consent, "yes") ? LEAD_CONSENT_YES : str_eq(consent, "no") ? LEAD_CONSENT_NO
								 : LEAD_CONSENT_UNKNOWN;
	l->consent_words = text_at(a, o, "consent_words");
	l->language = text_at(a, o, "language");
	l->urgent = json_is_true(json_object_get(o, "urgent"));
	json_decref(o);
	return l;
}
