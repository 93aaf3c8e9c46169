/* SPDX-License-Identifier: MPL-2.0
 *
 * The folder for drafts: the one that is configured, else the one with the attribute, else one with a name that
 * clients give it (conf/folders/drafts). relent makes a folder in somebody's mailbox only where the administrator
 * said so: a client that has a place of its own for drafts would show two.
 */
#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"
#include "imapwatch/worker.h"

enum { NAMES_MAX = 300 };

static enum status read_names(struct arena *a, const struct conf *conf, const char ***out_r, size_t *n_r,
			      struct err *e)
{
	const struct conf_file *files;
	const char **list = arena_array(a, const char *, NAMES_MAX);
	size_t files_n, n = 0;
	enum status s = conf_data_files(a, conf, "folders", &files, &files_n, e);

	for (size_t k = 0; s == OK && k < files_n; k++) {
		struct span rest = { files[k].text, files[k].n }, line;

		while (n < NAMES_MAX && span_line(&rest, &line)) {
			line = span_trim(line);
			if (line.n > 0 && line.p[0] != '#')
				list[n++] = span_dup(a, line);
		}
	}
	*out_r = list;
	*n_r = n;
	return s;
}

enum status desk_folder(struct imap *i, const struct conf *conf, const struct conf_account *c, struct arena *a,
			const char **name_r, enum folder_how *how_r, struct err *e)
{
	const struct folder *f;
	struct folder *list;
	const char **names;
	size_t n, names_n;
	enum status s;

	*name_r = c->drafts;
	*how_r = FOLDER_SET;
	if (!str_empty(c->drafts))
		return OK;
	s = read_names(a, conf, &names, &names_n, e);
	if (s == OK)
		s = imap_folders(i, a, "Drafts", &list, &n, e);
	if (s != OK)
		return s;
	f = folder_choose(a, list, n, names, names_n, how_r);
	if (f) {
		*name_r = f->name;
		return OK;
	}
	if (!c->make_drafts)
		return err_set(e, INPUT, "there is no folder for drafts: save any draft in the mail client once, or name "
			       "the folder in the account's 'drafts' setting, or set make_drafts = yes");
	*name_r = folder_new_name(a, list, n);
	*how_r = FOLDER_MADE;
	s = imap_create(i, *name_r, e);
	if (s == OK)
		log_info(c->name, "folder-made", "folder", *name_r);
	return s;
}
