/* SPDX-License-Identifier: MPL-2.0
 *
 * Folders, messages, drafts, IDLE. BODYSTRUCTURE and ENVELOPE are never asked for: libetpan 1.9.4 does
 * not survive every answer. IDLE is spoken here, line by line, because mailimap_idle() loses the session
 * when the server says something before "+".
 */
#include "config.h"

#include "imapwatch/imap_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/when.h"

/* "* 12 EXISTS", "* 3 EXPUNGE", "* 2 FETCH (FLAGS ...)", "* 1 RECENT" */
static bool announces(const char *line)
{
	const char *word;

	if (strncmp(line, "* ", 2) != 0)
		return false;
	word = line + 2;
	if (*word < '0' || *word > '9')
		return false;
	word += strspn(word, "0123456789");
	return strncasecmp(word, " EXISTS", 7) == 0 || strncasecmp(word, " EXPUNGE", 8) == 0;
}

void imap_close(struct imap *i)
{
	if (!i)
		return;
	/* mailimap_free() would say LOGOUT and wait for the answer. */
	if (i->session->imap_stream) {
		mailstream_close(i->session->imap_stream);
		i->session->imap_stream = NULL;
	}
	mailimap_free(i->session);
	net_close(i->net);
	free(i);
}

bool imap_dead(const struct imap *i)
{
	return i->dead;
}

bool imap_can_idle(const struct imap *i)
{
	return i->idle;
}

/* ---- folders ---- */

enum status imap_select(struct imap *i, const char *folder, bool read_only,
			struct imap_folder *out_r, struct err *e)
{
	const struct mailimap_selection_info *info;
	enum status s;
	int r;

	imap_command(i, 0);
	i->guard.news = 0;
	r = read_only ? mailimap_examine(i->session, folder) : mailimap_select(i->session, folder);
	s = imap_answer(i, r, "opening the folder", e);
	if (s == INPUT)
		return err_set(e, GONE, "cannot open the folder '%s': %s", folder,
			       i->session->imap_response ? i->session->imap_response : "-");
	if (s != OK)
		return s;
	if (i->session->imap_stream->read_buffer_len == 0)
		i->guard.news = 0;	/* its own answer has one */
	info = i->session->imap_selection_info;
	if (!info)
		return err_set(e, AGAIN, "the server said nothing of the folder '%s'", folder);
	*out_r = (struct imap_folder){ info->sel_uidvalidity, info->sel_uidnext, info->sel_exists,
					info->sel_perm == MAILIMAP_MAILBOX_READONLY };
	return OK;
}

enum status imap_status(struct imap *i, const char *folder, uint32_t *uidvalidity_r, uint32_t *uidnext_r, struct err *e)
{
	struct mailimap_status_att_list *what = mailimap_status_att_list_new_empty();
	struct mailimap_mailbox_data_status *got = NULL;
	unsigned before = i->guard.statuses;
	enum status s;

	*uidvalidity_r = *uidnext_r = 0;
	if (!what)
		abort();
	mailimap_status_att_list_add(what, MAILIMAP_STATUS_ATT_UIDNEXT);
	mailimap_status_att_list_add(what, MAILIMAP_STATUS_ATT_UIDVALIDITY);
	imap_command(i, 0);
	s = imap_answer(i, mailimap_status(i->session, folder, what, &got), "asking for a folder", e);
	mailimap_status_att_list_free(what);
	if (s != OK)
		return s == INPUT ? GONE : s;
	for (clistiter *c = got && got->st_info_list ? clist_begin(got->st_info_list) : NULL; c; c = clist_next(c)) {
		const struct mailimap_status_info *info = clist_content(c);

		if (info->st_att == MAILIMAP_STATUS_ATT_UIDNEXT)
			*uidnext_r = info->st_value;
		else if (info->st_att == MAILIMAP_STATUS_ATT_UIDVALIDITY)
			*uidvalidity_r = info->st_value;
	}
	if (got)
		mailimap_mailbox_data_status_free(got);
	if (i->guard.statuses == before + 1)
		i->guard.statuses = before;	/* that was the answer, and no news */
	return OK;
}

/* ---- messages ---- */

static struct mailimap_set *set_of(const uint32_t *uids, size_t n)
{
	struct mailimap_set *set = mailimap_set_new_empty();

	for (size_t k = 0; set && k < n;) {
		size_t last = k;

		while (last + 1 < n && uids[last + 1] == uids[last] + 1)
			last++;
		if (mailimap_set_add_interval(set, uids[k], uids[last]) != MAILIMAP_NO_ERROR)
			abort();
		k = last + 1;
	}
	if (!set)
		abort();
	return set;
}

static time_t seconds_of(const struct mailimap_date_time *d)
{
	struct date day;
	int minutes;

	if (!d)
		return 0;
	day = (struct date){ d->dt_year, d->dt_month, d->dt_day };
	if (!date_valid(day))
		return 0;
	/* dt_zone is +hhmm as a number */
	minutes = d->dt_zone / 100 * 60 + d->dt_zone % 100;
	return when_utc(day, d->dt_hour, d->dt_min, "UTC") + d->dt_sec - minutes * 60;
}

static void item_flags(struct imap_item *item, const struct mailimap_msg_att_dynamic *dyn)
{
	if (!dyn || !dyn->att_list)
		return;
	for (clistiter *c = clist_begin(dyn->att_list); c; c = clist_next(c)) {
		const struct mailimap_flag_fetch *f = clist_content(c);

		if (f->fl_type != MAILIMAP_FLAG_FETCH_OTHER || !f->fl_flag)
			continue;
		if (f->fl_flag->fl_type == MAILIMAP_FLAG_DRAFT)
			item->draft = true;
		else if (f->fl_flag->fl_type == MAILIMAP_FLAG_DELETED)
			item->deleted = true;
		else if (f->fl_flag->fl_type == MAILIMAP_FLAG_SEEN)
			item->seen = true;
	}
}

static struct imap_item item_of(const struct mailimap_msg_att *att)
{
	struct imap_item item = { 0 };

	for (clistiter *c = clist_begin(att->att_list); c; c = clist_next(c)) {
		const struct mailimap_msg_att_item *it = clist_content(c);
		const struct mailimap_msg_att_static *st;

		if (it->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC) {
			item_flags(&item, it->att_data.att_dyn);
			continue;
		}
		if (it->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC || !it->att_data.att_static)
			continue;
		st = it->att_data.att_static;
		if (st->att_type == MAILIMAP_MSG_ATT_UID)
			item.uid = st->att_data.att_uid;
		else if (st->att_type == MAILIMAP_MSG_ATT_RFC822_SIZE)
			item.size = st->att_data.att_rfc822_size;
		else if (st->att_type == MAILIMAP_MSG_ATT_INTERNALDATE)
			item.internaldate = seconds_of(st->att_data.att_internal_date);
	}
	return item;
}

static int by_uid(const void *a, const void *b)
{
	const struct imap_item *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

enum status imap_list(struct imap *i, struct arena *a, uint32_t low, uint32_t high,
		      struct imap_item **out_r, size_t *n_r, struct err *e)
{
	struct mailimap_fetch_type *what = mailimap_fetch_type_new_fetch_att_list_empty();
	struct mailimap_set *set = mailimap_set_new_interval(low, high);	/* 0 is "*" */
	clist *result = NULL;
	struct imap_item *items;
	size_t n = 0;
	enum status s;

	*out_r = NULL;
	*n_r = 0;
	if (!what || !set)
		abort();
	mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_uid());
	mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_flags());
	mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_internaldate());
	mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_rfc822_size());
	imap_command(i, 64 * 1024 * 1024);
	s = imap_answer(i, mailimap_uid_fetch(i->session, set, what, &result), "listing mails", e);
	mailimap_fetch_type_free(what);
	mailimap_set_free(set);
	if (s != OK)
		return s;
	items = arena_array(a, struct imap_item, clist_count(result));
	for (clistiter *c = clist_begin(result); c; c = clist_next(c)) {
		struct imap_item item = item_of(clist_content(c));

		/* "5:*" gives the last mail even if its UID is 4 (RFC 3501 section 6.4.8). */
		if (item.uid >= low && (high == 0 || item.uid <= high))
			items[n++] = item;
	}
	mailimap_fetch_list_free(result);
	qsort(items, n, sizeof(*items), by_uid);
	*out_r = items;
	*n_r = n;
	return OK;
}

static enum status search(struct imap *i, struct mailimap_search_key *key, clist **result_r,
			  struct err *e)
{
	enum status s;

	if (!key)
		abort();
	imap_command(i, 16 * 1024 * 1024);
	s = imap_answer(i, mailimap_uid_search(i->session, NULL, key, result_r), "searching", e);
	mailimap_search_key_free(key);
	return s;
}

enum status imap_first_since(struct imap *i, time_t t, uint32_t *uid_r, struct err *e)
{
	struct civil c = when_civil(t, "UTC");
	struct mailimap_date *date = mailimap_date_new(c.date.day, c.date.month, c.date.year);
	clist *result = NULL;
	enum status s;

	*uid_r = 0;
	s = search(i, mailimap_search_key_new_since(date), &result, e);
	if (s != OK)
		return s;
	for (clistiter *it = clist_begin(result); it; it = clist_next(it)) {
		uint32_t uid = *(const uint32_t *)clist_content(it);

		if (*uid_r == 0 || uid < *uid_r)
			*uid_r = uid;
	}
	mailimap_search_result_free(result);
	return OK;
}

enum status imap_find_message_id(struct imap *i, struct arena *a, const char *id, uint32_t **uids_r,
				 size_t *n_r, struct err *e)
{
	char *name = strdup("Message-ID"), *value = strdup(id);
	clist *result = NULL;
	enum status s;

	*n_r = 0;
	if (!name || !value)
		abort();
	s = search(i, mailimap_search_key_new_header(name, value), &result, e);
	if (s != OK)
		return s;
	*uids_r = arena_array(a, uint32_t, clist_count(result));
	for (clistiter *it = clist_begin(result); it; it = clist_next(it))
		(*uids_r)[(*n_r)++] = *(const uint32_t *)clist_content(it);
	mailimap_search_result_free(result);
	return OK;
}

static void hand_over(const struct mailimap_msg_att *att, imap_mail_fn *fn, void *ctx)
{
	const struct mailimap_msg_att_body_section *body = NULL;
	uint32_t uid = 0;

	for (clistiter *c = clist_begin(att->att_list); c; c = clist_next(c)) {
		const struct mailimap_msg_att_item *it = clist_content(c);

		if (it->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC || !it->att_data.att_static)
			continue;
		if (it->att_data.att_static->att_type == MAILIMAP_MSG_ATT_UID)
			uid = it->att_data.att_static->att_data.att_uid;
		else if (it->att_data.att_static->att_type == MAILIMAP_MSG_ATT_BODY_SECTION)
			body = it->att_data.att_static->att_data.att_body_section;
	}
	if (uid && body)
		fn(ctx, uid, body->sec_body_part ? body->sec_body_part : "",
		   body->sec_body_part ? body->sec_length : 0);
}

enum status imap_fetch(struct imap *i, const uint32_t *uids, size_t n, uint32_t max, bool headers,
		       imap_mail_fn *fn, void *ctx, struct err *e)
{
	struct mailimap_section *section;
	struct mailimap_fetch_type *what;
	struct mailimap_set *set;
	clist *result = NULL;
	enum status s;

	if (n == 0)
		return OK;
	section = headers ? mailimap_section_new_header() : mailimap_section_new(NULL);
	what = mailimap_fetch_type_new_fetch_att_list_empty();
	set = set_of(uids, n);
	if (!section || !what)
		abort();
	mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_uid());
	mailimap_fetch_type_new_fetch_att_list_add(what,
		mailimap_fetch_att_new_body_peek_section_partial(section, 0, max));
	imap_command(i, (uint64_t)n * (max + 4096));
	s = imap_answer(i, mailimap_uid_fetch(i->session, set, what, &result), "fetching mails", e);
	mailimap_fetch_type_free(what);
	mailimap_set_free(set);
	if (s != OK)
		return s;
	for (clistiter *c = clist_begin(result); c; c = clist_next(c))
		hand_over(clist_content(c), fn, ctx);
	mailimap_fetch_list_free(result);
	return OK;
}

/* ---- drafts ---- */

static enum status append(struct imap *i, const char *folder, const char *bytes, size_t n, bool draft,
			  uint32_t *uidvalidity_r, uint32_t *uid_r, struct err *e)
{
	struct mailimap_flag_list *flags = mailimap_flag_list_new_empty();
	enum status s;
	int r;

	*uidvalidity_r = *uid_r = 0;
	if (!flags)
		abort();
	if (draft)
		mailimap_flag_list_add(flags, mailimap_flag_new_draft());
	mailimap_flag_list_add(flags, mailimap_flag_new_seen());
	imap_command(i, 0);
	r = i->uidplus ? mailimap_uidplus_append(i->session, folder, flags, NULL, bytes, n,
						 uidvalidity_r, uid_r)
		       : mailimap_append(i->session, folder, flags, NULL, bytes, n);
	mailimap_flag_list_free(flags);
	s = imap_answer(i, r, draft ? "placing the draft" : "copying what was sent", e);
	/* The link broke after the text was sent: the server may have taken it. */
	return s == AGAIN ? UNSURE : s;
}

enum status imap_append_draft(struct imap *i, const char *folder, const char *bytes, size_t n,
			      uint32_t *uidvalidity_r, uint32_t *uid_r, struct err *e)
{
	return append(i, folder, bytes, n, true, uidvalidity_r, uid_r, e);
}

enum status imap_append_sent(struct imap *i, const char *folder, const char *bytes, size_t n, uint32_t *uid_r,
			     struct err *e)
{
	uint32_t validity;

	return append(i, folder, bytes, n, false, &validity, uid_r, e);
}

static enum status store_flag(struct imap *i, uint32_t uid, struct mailimap_flag *flag,
			      const char *what, struct err *e)
{
	struct mailimap_flag_list *flags = mailimap_flag_list_new_empty();
	struct mailimap_store_att_flags *att;
	struct mailimap_set *set = mailimap_set_new_single(uid);
	enum status s;

	if (!flags || !flag || !set)
		abort();
	mailimap_flag_list_add(flags, flag);
	att = mailimap_store_att_flags_new_add_flags_silent(flags);
	if (!att)
		abort();
	imap_command(i, 0);
	s = imap_answer(i, mailimap_uid_store(i->session, set, att), what, e);
	mailimap_store_att_flags_free(att);
	mailimap_set_free(set);
	return s;
}

enum status imap_remove(struct imap *i, uint32_t uid, struct err *e)
{
	struct mailimap_set *set;
	enum status s;

	s = store_flag(i, uid, mailimap_flag_new_deleted(), "removing the draft", e);
	if (s != OK || !i->uidplus)
		return s;
	set = mailimap_set_new_single(uid);
	if (!set)
		abort();
	imap_command(i, 0);
	s = imap_answer(i, mailimap_uid_expunge(i->session, set), "removing the draft", e);
	mailimap_set_free(set);
	return s;
}

enum status imap_keyword(struct imap *i, uint32_t uid, const char *keyword, struct err *e)
{
	char *copy = strdup(keyword);

	if (!copy)
		abort();
	return store_flag(i, uid, mailimap_flag_new_flag_keyword(copy), "setting a keyword", e);
}

enum status imap_noop(struct imap *i, bool *changed_r, struct err *e)
{
	struct mailimap_selection_info *info = i->session->imap_selection_info;
	enum status s;

	if (info)
		info->sel_has_exists = 0;
	imap_command(i, 0);
	s = imap_answer(i, mailimap_noop(i->session), "asking whether the server is there", e);
	info = i->session->imap_selection_info;
	*changed_r = info && info->sel_has_exists;
	return s;
}

/* ---- IDLE ---- */

enum status imap_idle_begin(struct imap *i, bool *changed_r, struct err *e)
{
	const char *line;

	*changed_r = false;
	imap_command(i, 0);
	if (mailimap_send_current_tag(i->session) != MAILIMAP_NO_ERROR ||
	    !imap_send_text(i, "IDLE\r\n") || !imap_flush(i))
		return imap_broken(i, "IDLE", e);
	i->idle_tag = i->session->imap_tag;
	for (;;) {
		line = imap_read_line(i);
		if (!line || imap_says_bye(line))
			return imap_broken(i, "IDLE", e);
		if (line[0] == '+')
			break;
		if (announces(line))
			*changed_r = true;
		if (imap_tagged(line, i->idle_tag)) {
			i->idle = false;	/* promised it, refuses it: polled from now on */
			return err_set(e, INPUT, "IDLE: the server refused: %s", line);
		}
	}
	i->idling = true;
	return OK;
}

enum status imap_idle_hear(struct imap *i, bool *changed_r, struct err *e)
{
	const char *line;

	*changed_r = false;
	imap_command(i, 0);
	if (!imap_buffered(i) && !net_ready(i->net))
		return OK;	/* TLS had something to say, not the server */
	do {
		line = imap_read_line(i);
		if (!line || imap_says_bye(line))
			return imap_broken(i, "IDLE", e);
		if (announces(line))
			*changed_r = true;
		if (imap_tagged(line, i->idle_tag)) {
			i->idling = false;	/* the server ended it by itself */
			return OK;
		}
	} while (imap_buffered(i));
	return OK;
}

enum status imap_idle_end(struct imap *i, bool *changed_r, struct err *e)
{
	const char *line;

	*changed_r = false;
	if (!i->idling)
		return OK;
	i->idling = false;
	imap_command(i, 0);
	if (!imap_send_text(i, "DONE\r\n") || !imap_flush(i))
		return imap_broken(i, "ending IDLE", e);
	for (;;) {
		line = imap_read_line(i);
		if (!line || imap_says_bye(line))
			return imap_broken(i, "ending IDLE", e);
		if (announces(line))
			*changed_r = true;
		if (imap_tagged(line, i->idle_tag))
			return OK;
	}
}

/* libetpan keeps its largest line: a session that fetched a big mail would cost that much for ever. */
void imap_slim(struct imap *i)
{
	MMAPString **list[] = { &i->session->imap_stream_buffer, &i->session->imap_response_buffer };

	for (size_t k = 0; k < sizeof(list) / sizeof(*list); k++) {
		MMAPString *small;

		if (!*list[k] || (*list[k])->allocated_len <= 2048)
			continue;
		small = mmap_string_new("");
		if (!small)
			abort();
		mmap_string_free(*list[k]);
		*list[k] = small;
		i->session->imap_response = NULL;	/* pointed into it */
	}
}

void imap_rest(struct imap *i)
{
	mailstream *s = i->session->imap_stream;

	imap_slim(i);
	if (s->read_buffer_len > 0 || s->write_buffer_len > 0)
		return;
	free(s->read_buffer);
	free(s->write_buffer);
	s->read_buffer = s->write_buffer = NULL;
}

void imap_heard(struct imap *i, bool *inbox_r, bool *others_r)
{
	*inbox_r = *inbox_r || i->guard.news > 0;
	*others_r = *others_r || i->guard.statuses > 0;
	i->guard.news = i->guard.statuses = 0;
}

bool imap_idling(const struct imap *i)
{
	return i->idling;
}

bool imap_buffered(const struct imap *i)
{
	return i->session->imap_stream->read_buffer_len > 0 || net_pending(i->net) > 0;
}

int imap_fd(const struct imap *i)
{
	return net_fd(i->net);
}
