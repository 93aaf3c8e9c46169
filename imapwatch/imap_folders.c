/* SPDX-License-Identifier: MPL-2.0
 *
 * What folders there are. Servers tell special uses in the plain LIST (RFC 6154 allows it), or only when they
 * are asked for them.
 */
#include "config.h"

#include "imapwatch/imap_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static void flags_of(const struct mailimap_mailbox_list *m, const char *use, struct folder *f)
{
	const struct mailimap_mbx_list_flags *flags = m->mb_flag;

	if (!flags)
		return;
	if (flags->mbf_type == MAILIMAP_MBX_LIST_FLAGS_SFLAG && flags->mbf_sflag == MAILIMAP_MBX_LIST_SFLAG_NOSELECT)
		f->closed = true;
	if (!flags->mbf_oflags)
		return;
	for (clistiter *c = clist_begin(flags->mbf_oflags); c; c = clist_next(c)) {
		const struct mailimap_mbx_list_oflag *o = clist_content(c);

		if (o->of_type != MAILIMAP_MBX_LIST_OFLAG_FLAG_EXT || !o->of_flag_ext)
			continue;
		if (str_eq_case(o->of_flag_ext, use))
			f->marked = true;
		if (str_eq_case(o->of_flag_ext, "NonExistent") || str_eq_case(o->of_flag_ext, "Noselect"))
			f->closed = true;
	}
}

/* use is told of by LIST (SPECIAL-USE) alone: marks what it names. */
static enum status ask_uses(struct imap *i, const char *use, struct folder *list, size_t n, struct err *e)
{
	const clist *found;
	enum status s;
	int r;

	imap_command(i, 0);
	r = mailimap_custom_command(i->session, "LIST (SPECIAL-USE) \"\" \"*\"");
	s = imap_answer(i, r, "listing folders by their use", e);
	if (s == INPUT)
		return OK;	/* promised it, refuses it */
	found = s == OK && i->session->imap_response_info ? i->session->imap_response_info->rsp_mailbox_list : NULL;
	for (clistiter *c = found ? clist_begin(found) : NULL; c; c = clist_next(c)) {
		const struct mailimap_mailbox_list *m = clist_content(c);
		struct folder one = { 0 };

		flags_of(m, use, &one);
		for (size_t k = 0; one.marked && m->mb_name && k < n; k++)
			if (str_eq(list[k].name, m->mb_name))
				list[k].marked = true;
	}
	return s;
}

enum status imap_folders(struct imap *i, struct arena *a, const char *use, struct folder **out_r, size_t *n_r,
			 struct err *e)
{
	bool marked = false;
	clist *list = NULL;
	size_t n = 0;
	enum status s;

	imap_command(i, 4 * 1024 * 1024);
	s = imap_answer(i, mailimap_list(i->session, "", "*", &list), "listing folders", e);
	if (s != OK)
		return s;
	*out_r = arena_array(a, struct folder, (size_t)clist_count(list) + 1);
	for (clistiter *c = clist_begin(list); c; c = clist_next(c)) {
		const struct mailimap_mailbox_list *m = clist_content(c);
		struct folder *f = &(*out_r)[n];

		if (!m->mb_name)
			continue;
		*f = (struct folder){ .name = arena_strdup(a, m->mb_name), .delimiter = m->mb_delimiter };
		flags_of(m, use, f);
		marked = marked || f->marked;
		n++;
	}
	mailimap_list_result_free(list);
	*n_r = n;
	return !marked && i->special_use ? ask_uses(i, use, *out_r, n, e) : OK;
}

enum status imap_special_use(struct imap *i, struct arena *a, const char *use, const char **out_r,
			     struct err *e)
{
	const struct folder *f;
	enum folder_how how;
	struct folder *list;
	size_t n;
	enum status s = imap_folders(i, a, use, &list, &n, e);

	*out_r = NULL;
	if (s != OK)
		return s;
	f = folder_choose(a, list, n, NULL, 0, &how);
	if (!f)
		return err_set(e, GONE, "the server marks no folder as \\%s", use);
	*out_r = f->name;
	return OK;
}

enum status imap_create(struct imap *i, const char *folder, struct err *e)
{
	enum status s;

	imap_command(i, 0);
	s = imap_answer(i, mailimap_create(i->session, folder), "making a folder for drafts", e);
	if (s != OK)
		return s;
	imap_command(i, 0);	/* not subscribed is no fault: many clients show all there are */
	s = imap_answer(i, mailimap_subscribe(i->session, folder), "subscribing to the new folder", e);
	return s == INPUT ? OK : s;
}

/* ---- NOTIFY ---- */

bool imap_can_notify(const struct imap *i)
{
	return i->notify && !i->notifying;
}

bool imap_notifies(const struct imap *i)
{
	return i->notifying;
}

static bool add_name(struct buf *b, const char *name)
{
	buf_addc(b, '"');
	for (; *name; name++) {
		if ((unsigned char)*name < 32 || (unsigned char)*name > 126)
			return false;
		if (*name == '"' || *name == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *name);
	}
	buf_addc(b, '"');
	return true;
}

/* libetpan has no words for it. */
static enum status say_notify(struct imap *i, const char *text, struct err *e)
{
	const char *line, *end;

	imap_command(i, 0);
	if (mailimap_send_current_tag(i->session) != MAILIMAP_NO_ERROR || !imap_send_text(i, text) || !imap_flush(i))
		return imap_broken(i, "NOTIFY", e);
	do {
		line = imap_read_line(i);
		if (!line || imap_says_bye(line))
			return imap_broken(i, "NOTIFY", e);
		end = imap_tagged(line, i->session->imap_tag);
	} while (!end);
	return strncasecmp(end, "OK", 2) == 0 ? OK : err_set(e, INPUT, "NOTIFY: the server refused: %s", end);
}

enum status imap_notify(struct imap *i, const char *const *folders, size_t n, struct err *e)
{
	struct arena *a = arena_new(0);
	enum status s = OK;
	struct buf b;

	buf_init(&b, a);
	buf_adds(&b, "NOTIFY SET (selected-delayed (MessageNew MessageExpunge)) (mailboxes (");
	for (size_t k = 0; s == OK && k < n; k++) {
		if (k > 0)
			buf_addc(&b, ' ');
		if (!add_name(&b, folders[k]))
			s = err_set(e, INPUT, "a folder's name cannot be said in NOTIFY");
	}
	buf_adds(&b, ") (MessageNew MessageExpunge))\r\n");
	if (s == OK)
		s = say_notify(i, b.p, e);
	i->notifying = s == OK;
	i->notify = s == OK;
	arena_free(a);
	return s;
}
