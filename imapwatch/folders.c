/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "imapwatch/folders.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf7.h"

/* The last part of a name at the top, or one below INBOX: clients put drafts nowhere else. "[Gmail]/Drafts" is
 * found by its attribute. NULL: deeper. */
static const char *leaf(const struct folder *f)
{
	const char *name = f->name, *cut;

	if (!f->delimiter)
		return name;
	if (strncasecmp(name, "INBOX", 5) == 0 && name[5] == f->delimiter)
		name += 6;
	cut = strchr(name, f->delimiter);
	return cut ? NULL : name;
}

/* A folder that somebody shares may be marked, too. */
static bool is_foreign(const struct folder *f)
{
	static const char *const roots[] = { "user", "users", "shared", "public", "other users", "#shared", "#public",
					     "#users", "shared folders", "public folders" };
	size_t n = f->delimiter ? strcspn(f->name, (char[]){ f->delimiter, '\0' }) : 0;

	for (size_t k = 0; n > 0 && k < sizeof(roots) / sizeof(*roots); k++)
		if (strlen(roots[k]) == n && f->name[n] && strncasecmp(f->name, roots[k], n) == 0)
			return true;
	return false;
}

const struct folder *folder_choose(struct arena *a, const struct folder *list, size_t n,
				   const char *const *names, size_t names_n, enum folder_how *how_r)
{
	*how_r = FOLDER_MARKED;
	for (size_t k = 0; k < n; k++)
		if (list[k].marked && !list[k].closed && !is_foreign(&list[k]))
			return &list[k];
	*how_r = FOLDER_NAMED;
	for (size_t j = 0; j < names_n; j++) {
		const char *wanted = text_fold(a, names[j]);

		for (size_t k = 0; k < n; k++) {
			const char *last = list[k].closed || is_foreign(&list[k]) ? NULL : leaf(&list[k]);

			if (last && str_eq(text_fold(a, utf7_decode(a, last)), wanted))
				return &list[k];
		}
	}
	return NULL;
}

const char *folder_new_name(struct arena *a, const struct folder *list, size_t n)
{
	char delimiter = 0;
	bool below = false, above = false;

	for (size_t k = 0; k < n; k++) {
		if (is_foreign(&list[k]) || strcasecmp(list[k].name, "INBOX") == 0)
			continue;
		if (strncasecmp(list[k].name, "INBOX", 5) == 0 && list[k].delimiter &&
		    list[k].name[5] == list[k].delimiter) {
			below = true;
			delimiter = list[k].delimiter;
		} else {
			above = true;
		}
	}
	return below && !above ? arena_printf(a, "INBOX%cDrafts", delimiter) : "Drafts";
}

const char *folder_how_words(enum folder_how how)
{
	switch (how) {
	case FOLDER_SET:
		return "the configuration names it";
	case FOLDER_MARKED:
		return "marked \\Drafts by the server";
	case FOLDER_NAMED:
		return "by its name: the server marks no folder as \\Drafts";
	case FOLDER_MADE:
		return "made by relent";
	}
	return "";
}
