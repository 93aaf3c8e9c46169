/* SPDX-License-Identifier: MPL-2.0
 *
 * libetpan 1.9.4 over our own connections. Why not its own: it checks no certificate, its select()
 * ends at 339 sessions, and EOF inside a literal makes it loop (our driver answers -1, never 0).
 * IDLE and AUTHENTICATE are spoken here, line by line, because mailimap_idle() loses the session
 * when the server says something before "+". BODYSTRUCTURE and ENVELOPE are never asked for.
 */
#include "config.h"

#include "imapwatch/imap.h"

#include <libetpan/libetpan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/when.h"
#include "imapwatch/guard.h"
#include "imapwatch/net.h"

enum { STREAM_BUFFER = 8192 };

struct imap {
	struct net *net;
	struct guard guard;
	mailimap *session;
	int64_t timeout_ms;
	uint64_t bytes_max;
	bool dead, idling, idle, uidplus;
	int idle_tag;
};

/* ---- the stream driver ---- */

static ssize_t low_read(mailstream_low *low, void *p, size_t size)
{
	struct imap *i = low->data;
	ssize_t n;

	if (i->guard.refused)
		return -1;
	n = net_read(i->net, p, size);
	if (n > 0 && !guard_see(&i->guard, p, (size_t)n))
		return -1;
	return n;
}

static ssize_t low_write(mailstream_low *low, const void *p, size_t size)
{
	struct imap *i = low->data;

	return net_write(i->net, p, size);
}

static int low_close(mailstream_low *low)
{
	(void)low;	/* the connection is imap_close()'s */
	return 0;
}

static int low_fd(mailstream_low *low)
{
	struct imap *i = low->data;

	return net_fd(i->net);
}

static void low_free(mailstream_low *low)
{
	free(low);
}

static void low_cancel(mailstream_low *low)
{
	(void)low;
}

static struct mailstream_cancel *low_get_cancel(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static carray *low_chain(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static mailstream_low_driver driver = {
	.mailstream_read = low_read,
	.mailstream_write = low_write,
	.mailstream_close = low_close,
	.mailstream_get_fd = low_fd,
	.mailstream_free = low_free,
	.mailstream_cancel = low_cancel,
	.mailstream_get_cancel = low_get_cancel,
	.mailstream_get_certificate_chain = low_chain,
};

/* ---- answers ---- */

static void command(struct imap *i, uint64_t bytes)
{
	net_deadline(i->net, clock_mono_ms() + i->timeout_ms);
	guard_budget(&i->guard, bytes + 1024 * 1024);
}

static enum status broken(struct imap *i, const char *what, struct err *e)
{
	i->dead = true;
	return err_set(e, AGAIN, "%s: %s", what, i->guard.refused ?
		       i->guard.refused : net_why(i->net));
}

/* libetpan's result as ours. */
static enum status answer(struct imap *i, int r, const char *what, struct err *e)
{
	switch (r) {
	case MAILIMAP_NO_ERROR:
	case MAILIMAP_NO_ERROR_AUTHENTICATED:
	case MAILIMAP_NO_ERROR_NON_AUTHENTICATED:
		return OK;
	case MAILIMAP_ERROR_STREAM:
	case MAILIMAP_ERROR_NEEDS_MORE_DATA:
		return broken(i, what, e);
	case MAILIMAP_ERROR_PARSE:
	case MAILIMAP_ERROR_FATAL:
	case MAILIMAP_ERROR_BAD_STATE:
	case MAILIMAP_ERROR_PROTOCOL:
	case MAILIMAP_ERROR_DONT_ACCEPT_CONNECTION:
	case MAILIMAP_ERROR_MEMORY:
		if (i->guard.refused)
			return broken(i, what, e);
		i->dead = true;
		return err_set(e, AGAIN, "%s: the server's answer cannot be understood", what);
	default:
		return err_set(e, INPUT, "%s: the server refused: %s", what,
			       i->session->imap_response ? i->session->imap_response : "no reason given");
	}
}

/* ---- lines of our own ---- */

/* A line on the arena without its end, or NULL when the link broke. */
static const char *read_line(struct imap *i)
{
	MMAPString *b = i->session->imap_stream_buffer;

	if (!mailstream_read_line_remove_eol(i->session->imap_stream, b))
		return NULL;
	return b->str;
}

static bool send_text(struct imap *i, const char *s)
{
	return mailstream_write(i->session->imap_stream, s, strlen(s)) == (ssize_t)strlen(s);
}

static bool flush(struct imap *i)
{
	return mailstream_flush(i->session->imap_stream) == 0;
}

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

static bool says_bye(const char *line)
{
	return strncasecmp(line, "* BYE", 5) == 0;
}

/* The tagged answer to tag, if line is it: the text after the tag. */
static const char *tagged(const char *line, int tag)
{
	char text[16];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "%d ", tag);
	return strncmp(line, text, n) == 0 ? line + n : NULL;
}

/* ---- logging in ---- */

static char *base64(struct arena *a, const char *p, size_t n)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1), *o = out;

	for (size_t k = 0; k < n; k += 3) {
		unsigned v = (unsigned)(unsigned char)p[k] << 16;

		if (k + 1 < n)
			v |= (unsigned)(unsigned char)p[k + 1] << 8;
		if (k + 2 < n)
			v |= (unsigned char)p[k + 2];
		*o++ = abc[v >> 18];
		*o++ = abc[v >> 12 & 63];
		*o++ = k + 1 < n ? abc[v >> 6 & 63] : '=';
		*o++ = k + 2 < n ? abc[v & 63] : '=';
	}
	return out;
}

/* SASL with one client message: PLAIN, XOAUTH2, OAUTHBEARER. The answer is sent only when the
 * server asks for it (works with and without SASL-IR). */
static enum status sasl(struct imap *i, const struct imap_login *l, const char *mechanism,
			const char *message, size_t n, struct err *e)
{
	struct arena *a = arena_new(0);
	const char *line, *text, *encoded = base64(a, message, n);
	bool sent = false;
	enum status s;

	command(i, 0);
	if (mailimap_send_current_tag(i->session) != MAILIMAP_NO_ERROR ||
	    !send_text(i, "AUTHENTICATE ") || !send_text(i, mechanism) || !send_text(i, "\r\n") ||
	    !flush(i))
		goto lost;
	for (;;) {
		line = read_line(i);
		if (!line || says_bye(line))
			goto lost;
		if (line[0] == '+') {
			/* A second question is an error report of OAuth: an empty line ends it. */
			if (!send_text(i, sent ? "" : encoded) || !send_text(i, "\r\n") || !flush(i))
				goto lost;
			sent = true;
			continue;
		}
		text = tagged(line, i->session->imap_tag);
		if (text)
			break;
	}
	s = OK;
	if (strncasecmp(text, "OK", 2) == 0)
		i->session->imap_state = MAILIMAP_STATE_AUTHENTICATED;
	else
		s = err_set(e, CONF, "the server refused the login of '%s': %s", l->user, text);
	arena_free(a);
	return s;
lost:
	arena_free(a);
	return broken(i, "logging in", e);
}

static enum status log_in(struct imap *i, const struct imap_login *l, struct err *e)
{
	struct arena *a = arena_new(0);
	struct buf b;
	enum status s;

	buf_init(&b, a);
	if (strcmp(l->auth, "login") == 0) {
		command(i, 0);
		s = answer(i, mailimap_login(i->session, l->user, l->secret), "logging in", e);
		if (s == INPUT)
			s = err_set(e, CONF, "the server refused the login of '%s': %s", l->user,
				    i->session->imap_response ? i->session->imap_response : "-");
	} else if (strcmp(l->auth, "xoauth2") == 0) {
		buf_addf(&b, "user=%s\001auth=Bearer %s\001\001", l->user, l->secret);
		s = sasl(i, l, "XOAUTH2", b.p, b.n, e);
	} else if (strcmp(l->auth, "oauthbearer") == 0) {
		buf_addf(&b, "n,a=%s,\001auth=Bearer %s\001\001", l->user, l->secret);
		s = sasl(i, l, "OAUTHBEARER", b.p, b.n, e);
	} else {
		buf_adds(&b, l->authzid ? l->authzid : "");
		buf_addc(&b, '\0');
		buf_adds(&b, l->user);
		buf_addc(&b, '\0');
		buf_adds(&b, l->secret);
		s = sasl(i, l, "PLAIN", b.p, b.n, e);
	}
	explicit_bzero(b.p, b.n);
	arena_free(a);
	return s;
}

static enum status read_capabilities(struct imap *i, struct err *e)
{
	struct mailimap_capability_data *caps = NULL;
	enum status s;

	command(i, 0);
	s = answer(i, mailimap_capability(i->session, &caps), "asking for capabilities", e);
	if (s != OK)
		return s;
	for (clistiter *c = clist_begin(caps->cap_list); c; c = clist_next(c)) {
		const struct mailimap_capability *cap = clist_content(c);

		if (cap->cap_type != MAILIMAP_CAPABILITY_NAME)
			continue;
		if (str_eq_case(cap->cap_data.cap_name, "IDLE"))
			i->idle = true;
		else if (str_eq_case(cap->cap_data.cap_name, "UIDPLUS"))
			i->uidplus = true;
	}
	mailimap_capability_data_free(caps);
	return OK;
}

static enum status greet(struct imap *i, const struct imap_login *l, mailstream *stream,
			 struct err *e)
{
	enum status s;
	int r;

	command(i, 0);
	r = mailimap_connect(i->session, stream);
	if (r == MAILIMAP_NO_ERROR_AUTHENTICATED) {
		i->dead = true;
		return err_set(e, CONF, "the server '%s' greets as already logged in (PREAUTH), "
			       "which is refused", l->host);
	}
	s = answer(i, r, "greeting", e);
	if (s != OK || !l->starttls)
		return s;
	command(i, 0);
	s = answer(i, mailimap_starttls(i->session), "STARTTLS", e);
	if (s == INPUT)
		return err_set(e, CONF, "the server '%s' offers no STARTTLS", l->host);
	if (s != OK)
		return s;
	if (i->session->imap_stream->read_buffer_len > 0) {
		i->dead = true;	/* somebody in the middle put plain text before the handshake */
		return err_set(e, CONF, "the server '%s' said something between STARTTLS and TLS",
			       l->host);
	}
	return net_secure(i->net, l->trust, l->host, l->pin, e);
}

enum status imap_open(const struct imap_login *l, struct imap **out_r, struct err *e)
{
	struct imap *i;
	struct net *net;
	mailstream_low *low;
	mailstream *stream;
	enum status s;

	*out_r = NULL;
	s = net_open(l->host, l->port, clock_mono_ms() + l->timeout_ms, &net, e);
	if (s != OK)
		return s;
	if (!l->starttls && !l->plain) {
		s = net_secure(net, l->trust, l->host, l->pin, e);
		if (s != OK) {
			net_close(net);
			return s;
		}
	}
	i = calloc(1, sizeof(*i));
	if (!i)
		abort();
	i->net = net;
	i->timeout_ms = l->timeout_ms;
	i->bytes_max = l->bytes_max;
	guard_init(&i->guard, l->bytes_max + 4096);
	i->session = mailimap_new(0, NULL);
	low = mailstream_low_new(i, &driver);
	stream = low ? mailstream_new(low, STREAM_BUFFER) : NULL;
	if (!i->session || !stream)
		abort();
	s = greet(i, l, stream, e);
	if (s == OK && !net_is_secure(net) && !(l->plain && net_is_loopback(net)))
		s = err_set(e, CONF, "the connection to '%s' is not encrypted", l->host);
	if (s == OK)
		s = log_in(i, l, e);
	if (s == OK)
		s = read_capabilities(i, e);
	if (s != OK) {
		if (!i->session->imap_stream)
			i->session->imap_stream = stream;
		imap_close(i);
		return s;
	}
	*out_r = i;
	return OK;
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

	command(i, 0);
	r = read_only ? mailimap_examine(i->session, folder) : mailimap_select(i->session, folder);
	s = answer(i, r, "opening the folder", e);
	if (s == INPUT)
		return err_set(e, GONE, "cannot open the folder '%s': %s", folder,
			       i->session->imap_response ? i->session->imap_response : "-");
	if (s != OK)
		return s;
	info = i->session->imap_selection_info;
	if (!info)
		return err_set(e, AGAIN, "the server said nothing of the folder '%s'", folder);
	*out_r = (struct imap_folder){ info->sel_uidvalidity, info->sel_uidnext, info->sel_exists };
	return OK;
}

static bool has_use(const struct mailimap_mailbox_list *m, const char *use)
{
	if (!m->mb_flag || !m->mb_flag->mbf_oflags)
		return false;
	for (clistiter *c = clist_begin(m->mb_flag->mbf_oflags); c; c = clist_next(c)) {
		const struct mailimap_mbx_list_oflag *f = clist_content(c);

		if (f->of_type == MAILIMAP_MBX_LIST_OFLAG_FLAG_EXT && f->of_flag_ext &&
		    str_eq_case(f->of_flag_ext, use))
			return true;
	}
	return false;
}

enum status imap_special_use(struct imap *i, struct arena *a, const char *use, const char **out_r,
			     struct err *e)
{
	clist *list = NULL;
	enum status s;

	*out_r = NULL;
	command(i, 0);
	s = answer(i, mailimap_list(i->session, "", "*", &list), "listing folders", e);
	if (s != OK)
		return s;
	for (clistiter *c = clist_begin(list); c && !*out_r; c = clist_next(c)) {
		const struct mailimap_mailbox_list *m = clist_content(c);

		if (m->mb_name && has_use(m, use))
			*out_r = arena_strdup(a, m->mb_name);
	}
	mailimap_list_result_free(list);
	if (!*out_r)	/* servers without SPECIAL-USE: the name itself, if there is such a folder */
		return err_set(e, GONE, "the server marks no folder as \\%s", use);
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
	command(i, 64 * 1024 * 1024);
	s = answer(i, mailimap_uid_fetch(i->session, set, what, &result), "listing mails", e);
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
	command(i, 16 * 1024 * 1024);
	s = answer(i, mailimap_uid_search(i->session, NULL, key, result_r), "searching", e);
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
	command(i, (uint64_t)n * (max + 4096));
	s = answer(i, mailimap_uid_fetch(i->session, set, what, &result), "fetching mails", e);
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

enum status imap_append_draft(struct imap *i, const char *folder, const char *bytes, size_t n,
			      uint32_t *uidvalidity_r, uint32_t *uid_r, struct err *e)
{
	struct mailimap_flag_list *flags = mailimap_flag_list_new_empty();
	enum status s;
	int r;

	*uidvalidity_r = *uid_r = 0;
	if (!flags)
		abort();
	mailimap_flag_list_add(flags, mailimap_flag_new_draft());
	mailimap_flag_list_add(flags, mailimap_flag_new_seen());
	command(i, 0);
	r = i->uidplus ? mailimap_uidplus_append(i->session, folder, flags, NULL, bytes, n,
						 uidvalidity_r, uid_r)
		       : mailimap_append(i->session, folder, flags, NULL, bytes, n);
	mailimap_flag_list_free(flags);
	s = answer(i, r, "placing the draft", e);
	/* The link broke after the text was sent: the server may have taken it. */
	return s == AGAIN ? UNSURE : s;
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
	command(i, 0);
	s = answer(i, mailimap_uid_store(i->session, set, att), what, e);
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
	command(i, 0);
	s = answer(i, mailimap_uid_expunge(i->session, set), "removing the draft", e);
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
	command(i, 0);
	s = answer(i, mailimap_noop(i->session), "asking whether the server is there", e);
	info = i->session->imap_selection_info;
	*changed_r = info && info->sel_has_exists;
	return s;
}

/* ---- IDLE ---- */

enum status imap_idle_begin(struct imap *i, bool *changed_r, struct err *e)
{
	const char *line;

	*changed_r = false;
	command(i, 0);
	if (mailimap_send_current_tag(i->session) != MAILIMAP_NO_ERROR ||
	    !send_text(i, "IDLE\r\n") || !flush(i))
		return broken(i, "IDLE", e);
	i->idle_tag = i->session->imap_tag;
	for (;;) {
		line = read_line(i);
		if (!line || says_bye(line))
			return broken(i, "IDLE", e);
		if (line[0] == '+')
			break;
		if (announces(line))
			*changed_r = true;
		if (tagged(line, i->idle_tag)) {
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
	command(i, 0);
	if (!imap_buffered(i) && !net_ready(i->net))
		return OK;	/* TLS had something to say, not the server */
	do {
		line = read_line(i);
		if (!line || says_bye(line))
			return broken(i, "IDLE", e);
		if (announces(line))
			*changed_r = true;
		if (tagged(line, i->idle_tag)) {
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
	command(i, 0);
	if (!send_text(i, "DONE\r\n") || !flush(i))
		return broken(i, "ending IDLE", e);
	for (;;) {
		line = read_line(i);
		if (!line || says_bye(line))
			return broken(i, "ending IDLE", e);
		if (announces(line))
			*changed_r = true;
		if (tagged(line, i->idle_tag))
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
