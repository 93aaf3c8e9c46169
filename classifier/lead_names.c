/* SPDX-License-Identifier: MPL-2.0
 *
 * Names of fields and shapes, for whoever stores and shows leads and reads none.
 */
#include "config.h"

#include "base/str.h"
#include "classifier/lead.h"

static const struct {
	const char *name;
	size_t max;
} fields[] = {
#define LEAD_FIELD(sym, name, max, meaning) { name, max },
#include "conf/lead_fields.def"
#undef LEAD_FIELD
};
static const char *const shapes[LEAD_SHAPE_COUNT] = { "none", "person", "lines", "table", "json", "urlencoded", "xml" };

const char *lead_field_name(enum lead_field f)
{
	return f < LEAD_FIELD_COUNT ? fields[f].name : "-";
}

size_t lead_field_max(enum lead_field f)
{
	return f < LEAD_FIELD_COUNT ? fields[f].max : 0;
}

bool lead_field_from_name(const char *name, enum lead_field *out_r)
{
	for (size_t i = 0; i < LEAD_FIELD_COUNT; i++)
		if (str_eq(fields[i].name, name))
			return *out_r = (enum lead_field)i, true;
	return false;
}

const char *lead_shape_name(enum lead_shape s)
{
	return s < LEAD_SHAPE_COUNT ? shapes[s] : "-";
}

bool lead_shape_is_form(enum lead_shape s)
{
	return s > LEAD_SHAPE_PERSON && s < LEAD_SHAPE_COUNT;
}
