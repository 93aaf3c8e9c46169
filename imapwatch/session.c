/* SPDX-License-Identifier: MPL-2.0
 *
 * What is done with one mailbox: connect, read what is new, do the parent's orders, idle again.
 * Blocking code read top to bottom; it runs in a thread of the pool until the account can be parked.
 */
#include "config.h"

#include "imapwatch/worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "imapwatch/inbox.h"
#include "imapwatch/net.h"

enum { BACKOFF_FIRST_S = 2, BACKOFF_MOST_S = 300, BACKOFF_CONF_S = 60, TELL_EVERY_MS = 60000,
       ROUNDS = 20 };

static int64_t setting_ms(const struct account *acc, const char *name)
{
	return conf_int(acc->worker->conf, name) * 1000;
}

/* ---- telling the parent how the account is ---- */

static void tell_state(struct account *acc, const char *state, const char *error)
{
	struct arena *a = arena_new(0);
	struct buf b;

	buf_init(&b, a);
	frame_begin(&b, FRAME_STATE, 0);
	pack_text(&b, acc->conf->name);
	pack_text(&b, state);
	pack_text_cut(&b, error ? str_utf8(a, error, strlen(error)) : NULL, 400);
	worker_tell(acc->worker, &b);
	arena_free(a);
}

static void tell_ok(struct account *acc, const char *state)
{
	int64_t now = clock_mono_ms();

	if (acc->told_ok && now - acc->told_at < TELL_EVERY_MS)
		return;
	acc->told_ok = true;
	acc->told_at = now;
	tell_state(acc, state, NULL);
}

/* ---- connecting ---- */

static enum status read_secret(struct account *acc, struct arena *a, const char **out_r,
			       struct err *e)
{
	if (str_empty(acc->conf->password_file))
		return err_set(e, CONF, "account '%s' has no password_file", acc->conf->name);
	return conf_secret_read(a, acc->conf->password_file, out_r, e);
}

static enum status connect_account(struct account *acc, struct err *e)
{
	const struct conf_account *c = acc->conf;
	const struct conf *conf = acc->worker->conf;
	bool none = str_eq(c->tls, "none"), starttls = str_eq(c->tls, "starttls");
	struct arena *a = arena_new(0);
	struct imap_login l = {
		.host = c->host, .port = c->port, .starttls = starttls, .plain = none, .pin = c->pin,
		.auth = str_empty(c->auth) ? "plain" : c->auth, .user = c->user,
		.authzid = c->authzid, .timeout_ms = setting_ms(acc, "imapwatch.command_timeout"),
		.bytes_max = (uint64_t)conf_int(conf, "imapwatch.fetch_bytes"),
	};
	enum status s;

	if (l.port == 0)
		l.port = none || starttls ? 143 : 993;
	s = net_trust(c->ca_file, &l.trust, e);
	if (s == OK)
		s = read_secret(acc, a, &l.secret, e);
	if (s == OK)
		s = imap_open(&l, &acc->imap, e);
	if (l.secret)
		explicit_bzero((void *)(uintptr_t)l.secret, strlen(l.secret));
	arena_free(a);
	return s;
}

void session_drop(struct account *acc)
{
	imap_close(acc->imap);
	acc->imap = NULL;
	free(acc->selected);
	acc->selected = NULL;
	acc->first_done = false;
	acc->looked_at = 0;
	acc->idle_since = 0;
}

enum status session_select(struct account *acc, const char *folder, bool read_only, struct err *e)
{
	enum status s = imap_select(acc->imap, folder, read_only, &acc->folder, e);

	free(acc->selected);
	acc->selected = s == OK ? strdup(folder) : NULL;
	return s;
}

/* ---- reading ---- */

/* "\Junk" stands for the folder with that attribute. GONE: there is none. */
static enum status real_folder(struct account *acc, const char *name, const char **out_r,
			       struct err *e)
{
	struct arena *a;
	const char *found;
	enum status s;

	*out_r = name;
	if (*name != '\\')
		return OK;
	if (str_eq_case(name, "\\Junk") && acc->junk) {
		*out_r = acc->junk;
		return *acc->junk ? OK : GONE;
	}
	a = arena_new(0);
	s = imap_special_use(acc->imap, a, name + 1, &found, e);
	if (s == OK || s == GONE) {
		free(acc->junk);
		acc->junk = strdup(s == OK ? found : "");
		*out_r = acc->junk;
	}
	arena_free(a);
	return s;
}

static enum status read_main(struct account *acc, struct err *e)
{
	enum status s;

	acc->changed = acc->asked = false;
	acc->main_at = clock_mono_ms();
	/* Each time: only this tells UIDNEXT, and so of mails that came and are gone. */
	s = session_select(acc, "INBOX", true, e);
	if (s != OK)
		return s;
	s = inbox_read(acc, "INBOX", e);
	if (s == OK)
		acc->first_done = true;
	return s;
}

/* Nothing came since it was read? One question in place of opening and listing it. */
static bool as_it_was(struct account *acc, size_t k, const char *folder, enum status *s_r, struct err *e)
{
	uint32_t validity, next;

	if (!acc->marks || acc->marks[k].next == 0)
		return false;
	*s_r = imap_status(acc->imap, folder, &validity, &next, e);
	return *s_r == OK && validity == acc->marks[k].validity && next == acc->marks[k].next;
}

static enum status read_other(struct account *acc, size_t k, struct err *e)
{
	const char *folder;
	enum status s = real_folder(acc, acc->conf->folders[k], &folder, e);

	if (s != OK || as_it_was(acc, k, folder, &s, e) || s != OK)
		return s;
	if (!acc->marks)
		acc->marks = calloc(acc->conf->folders_n, sizeof(*acc->marks));
	if (!acc->marks)
		abort();
	acc->marks[k].next = 0;
	s = session_select(acc, folder, true, e);
	if (s == OK)
		s = inbox_read(acc, folder, e);
	if (s == OK) {
		acc->marks[k].validity = acc->folder.uidvalidity;
		acc->marks[k].next = acc->folder.uidnext;
	}
	return s;
}

static enum status read_others(struct account *acc, struct err *e)
{
	acc->others_changed = false;
	for (size_t k = 0; k < acc->conf->folders_n; k++) {
		enum status s;

		if (str_eq_case(acc->conf->folders[k], "INBOX"))
			continue;
		s = read_other(acc, k, e);
		if (s != OK && s != GONE && s != INPUT)
			return s;
		/* a folder that is not there is no reason to read nothing */
	}
	acc->looked_at = clock_mono_ms();
	return OK;
}

/* One connection for all folders of an account: where the server can announce for others than the one that is open, it
 * is asked to, and they need not be looked at each minute. */
static enum status ask_notify(struct account *acc, struct err *e)
{
	struct arena *a;
	const char **list;
	size_t n = 0;
	enum status s = OK;

	if (!imap_can_notify(acc->imap) || !imap_can_idle(acc->imap) || !conf_bool(acc->worker->conf, "imapwatch.notify"))
		return OK;
	a = arena_new(0);
	list = arena_array(a, const char *, acc->conf->folders_n + 1);
	for (size_t k = 0; s == OK && k < acc->conf->folders_n; k++) {
		const char *folder;

		if (str_eq_case(acc->conf->folders[k], "INBOX"))
			continue;
		s = real_folder(acc, acc->conf->folders[k], &folder, e);
		if (s == OK)
			list[n++] = folder;
		else if (s == GONE || s == INPUT)
			s = OK;
	}
	if (s == OK && n > 0)
		s = imap_notify(acc->imap, list, n, e);
	arena_free(a);
	return s == INPUT ? OK : s;	/* polled then */
}

static bool has_others(const struct account *acc)
{
	for (size_t k = 0; k < acc->conf->folders_n; k++)
		if (!str_eq_case(acc->conf->folders[k], "INBOX"))
			return true;
	return false;
}

static struct order *take_order(struct account *acc)
{
	struct worker *w = acc->worker;
	struct order *o;

	pthread_mutex_lock(&w->lock);
	o = acc->orders;
	if (o) {
		acc->orders = o->next;
		if (!acc->orders)
			acc->orders_end = &acc->orders;
	}
	pthread_mutex_unlock(&w->lock);
	return o;
}

static void free_order(struct order *o)
{
	free((void *)(uintptr_t)o->frame.body);
	free(o);
}

static enum status do_orders(struct account *acc, struct err *e)
{
	struct order *o;
	enum status s = OK;

	while (s == OK && (o = take_order(acc))) {
		s = desk_do(acc, &o->frame, e);
		free_order(o);
	}
	return s;
}

static void fail_orders(struct account *acc)
{
	struct order *o;
	struct err e;

	while ((o = take_order(acc))) {
		err_set(&e, AGAIN, "the mailbox cannot be reached");
		(void)desk_do(acc, &o->frame, &e);
		free_order(o);
	}
}

/* ---- one turn ---- */

/* Announcements do get lost: each time IDLE is renewed there is a look all the same. */
static int64_t others_every(const struct account *acc)
{
	return setting_ms(acc, acc->imap && imap_notifies(acc->imap) ? "imapwatch.idle_renew" : "imapwatch.poll");
}

static bool others_due(const struct account *acc, int64_t now)
{
	if (!has_others(acc))
		return false;
	return acc->looked_at == 0 || acc->others_changed || now - acc->looked_at >= others_every(acc);
}

/* Does the parent want something of it? */
static bool orders_wait(struct account *acc)
{
	bool wait;

	pthread_mutex_lock(&acc->worker->lock);
	wait = acc->orders != NULL;
	if (acc->look_now) {
		wait = true;
		acc->look_now = false;
		acc->told_ok = false;
	}
	pthread_mutex_unlock(&acc->worker->lock);
	acc->asked = acc->asked || wait;
	return wait;
}

/* Something was heard, or the time is up: may it stay parked? */
static enum status still_idle(struct account *acc, bool *stay_r, struct err *e)
{
	int64_t now = clock_mono_ms();
	bool changed = false;
	enum status s;

	*stay_r = false;
	s = imap_idle_hear(acc->imap, &changed, e);
	if (s != OK)
		return s;
	acc->changed = acc->changed || changed;
	imap_heard(acc->imap, &acc->changed, &acc->others_changed);
	if (imap_idling(acc->imap) && !orders_wait(acc) && !acc->changed && !others_due(acc, now) &&
	    now - acc->idle_since < setting_ms(acc, "imapwatch.idle_renew")) {
		*stay_r = true;
		imap_rest(acc->imap);
		return OK;
	}
	s = imap_idle_end(acc->imap, &changed, e);
	acc->changed = acc->changed || changed;
	return s;
}

static enum status enter_idle(struct account *acc, bool *parked_r, struct err *e)
{
	bool changed = false;
	enum status s;

	*parked_r = false;
	s = imap_idle_begin(acc->imap, &changed, e);
	if (s != OK)
		return s;
	acc->idle_since = clock_mono_ms();
	while (s == OK && !changed && imap_idling(acc->imap) && imap_buffered(acc->imap))
		s = imap_idle_hear(acc->imap, &changed, e);
	if (s != OK)
		return s;
	/* also what was said amid the answers before */
	acc->changed = acc->changed || changed;
	imap_heard(acc->imap, &acc->changed, &acc->others_changed);
	if (!acc->changed && !acc->others_changed && imap_idling(acc->imap)) {
		*parked_r = true;
		imap_rest(acc->imap);
		return OK;
	}
	acc->changed = acc->changed || !imap_idling(acc->imap);
	return imap_idle_end(acc->imap, &changed, e);
}

/* INBOX, unless what woke us is only about a further folder. Before each order: what is done rests on what came. */
static bool main_due(const struct account *acc)
{
	int64_t now = clock_mono_ms();

	return acc->changed || acc->asked || !others_due(acc, now) || !acc->first_done || !acc->selected ||
	       !str_eq(acc->selected, "INBOX") || !imap_can_idle(acc->imap) ||
	       now - acc->main_at >= setting_ms(acc, "imapwatch.idle_renew");
}

/* Reads and does everything there is; then idles, or stays for the next poll. */
static enum status work(struct account *acc, struct err *e)
{
	enum status s;

	for (int round = 0; round < ROUNDS; round++) {
		bool parked = false;

		s = main_due(acc) ? read_main(acc, e) : OK;
		if (s == OK && !acc->told_ok)	/* follow-ups may go out from here on */
			tell_ok(acc, imap_can_idle(acc->imap) ? "idle" : "polling");
		if (s == OK)
			s = do_orders(acc, e);
		if (s == OK && has_others(acc))
			s = ask_notify(acc, e);
		if (s == OK && others_due(acc, clock_mono_ms()))
			s = read_others(acc, e);
		if (s == OK && !str_eq(acc->selected, "INBOX"))
			s = read_main(acc, e);
		if (s != OK)
			return s;
		acc->failures = 0;
		tell_ok(acc, imap_can_idle(acc->imap) ? "idle" : "polling");
		if (!imap_can_idle(acc->imap)) {
			imap_rest(acc->imap);
			return OK;
		}
		s = enter_idle(acc, &parked, e);
		if (s == INPUT)
			continue;	/* refused: polled from now on */
		if (s != OK || parked)
			return s;
	}
	return OK;	/* a server that announces without end waits for its turn */
}

static int64_t backoff_ms(struct account *acc, enum status s)
{
	unsigned shift = acc->failures > 8 ? 8 : acc->failures;
	int64_t ms = (int64_t)BACKOFF_FIRST_S * 1000 << shift;
	unsigned char random = 128;

	if (s == CONF && ms < BACKOFF_CONF_S * 1000)
		ms = BACKOFF_CONF_S * 1000;
	if (ms > BACKOFF_MOST_S * 1000)
		ms = BACKOFF_MOST_S * 1000;
	(void)!getrandom(&random, 1, GRND_NONBLOCK);
	return ms * 3 / 4 + ms / 2 * random / 255;	/* 75 to 125 per cent */
}

static void failed(struct account *acc, enum status s, const struct err *e)
{
	session_drop(acc);
	fail_orders(acc);
	log_warn(acc->conf->name, "account-failed", "reason", e->text, "times",
		 log_num(acc->failures + 1));
	acc->told_ok = false;
	tell_state(acc, "failing", e->text);
	acc->wake = clock_mono_ms() + backoff_ms(acc, s);
	acc->failures++;
}

static int64_t next_wake(const struct account *acc)
{
	int64_t now = clock_mono_ms(), poll = setting_ms(acc, "imapwatch.poll"), others;
	int64_t renew = setting_ms(acc, "imapwatch.idle_renew");

	if (!acc->imap || !imap_idling(acc->imap))
		return now + (poll < renew ? poll : renew);
	others = acc->looked_at + others_every(acc);
	return has_others(acc) && others < acc->idle_since + renew ? others : acc->idle_since + renew;
}

/* Another watcher has it: nothing of it is left here. */
static bool given_away(struct account *acc)
{
	bool released;

	pthread_mutex_lock(&acc->worker->lock);
	released = acc->released;
	pthread_mutex_unlock(&acc->worker->lock);
	if (!released)
		return false;
	session_drop(acc);
	fail_orders(acc);
	acc->told_ok = false;
	acc->failures = 0;
	acc->wake = 0;
	free(acc->marks);
	acc->marks = NULL;
	return true;
}

void session_turn(struct account *acc)
{
	struct err e = { "" };
	bool stay = false;
	enum status s = OK;

	if (given_away(acc))
		return;
	worker_at(acc, "", WORK_TALKING);
	if (!acc->imap) {
		if (clock_mono_ms() < acc->wake) {	/* an order came while we back off */
			fail_orders(acc);
			worker_at(acc, "", WORK_NONE);
			return;
		}
		s = connect_account(acc, &e);
		if (s == OK)
			log_info(acc->conf->name, "connected", "idle",
				 imap_can_idle(acc->imap) ? "yes" : "no");
	} else if (imap_idling(acc->imap)) {
		s = still_idle(acc, &stay, &e);
	} else {
		bool changed;

		(void)orders_wait(acc);
		s = imap_noop(acc->imap, &changed, &e);
	}
	if (s == OK && !stay)
		s = work(acc, &e);
	else if (s == OK)
		tell_ok(acc, "idle");
	if (s != OK)
		failed(acc, s, &e);
	else
		acc->wake = next_wake(acc);
	worker_at(acc, "", WORK_NONE);
}
