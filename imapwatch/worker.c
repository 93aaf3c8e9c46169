/* SPDX-License-Identifier: MPL-2.0
 *
 * The process: epoll over parked connections, a queue, threads. Threads beyond the configured
 * number are made only while the queue waits behind mute servers, and end when idle.
 */
#include "config.h"

#include "imapwatch/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/names.h"
#include "imapwatch/data.h"
#include "imapwatch/peer.h"
#include "imapwatch/queue.h"

enum { TICK_MS = 250, WAIT_BEFORE_EXTRA_MS = 300, THREAD_STACK = 1024 * 1024,
       ASK_WITHIN_S = 120, CAREFUL_MS = 60000 };

struct question {
	struct question *next;
	uint32_t number;
	struct frame answer;
	bool answered;
};

/* ---- questions ---- */

void worker_tell(struct worker *w, struct buf *frame)
{
	enum status s;

	if (!frame_end(frame)) {
		log_error(NULL, "too-large", "bytes", log_num((long long)frame->n));
		_exit(1);
	}
	pthread_mutex_lock(&w->send_lock);
	s = peer_send_all(w->parent, frame);
	pthread_mutex_unlock(&w->send_lock);
	if (s != OK)
		_exit(0);	/* no parent, no work */
}

void worker_at(struct account *acc, const char *folder, uint32_t uid)
{
	struct arena *a = arena_new(0);
	struct buf f;

	buf_init(&f, a);
	frame_begin(&f, FRAME_WORK, 0);
	pack_text(&f, acc->conf->name);
	pack_text(&f, folder);
	pack_u32(&f, acc->folder.uidvalidity);
	pack_u32(&f, uid);
	worker_tell(acc->worker, &f);
	arena_free(a);
}

enum status worker_ask(struct worker *w, struct arena *a, struct buf *frame, struct frame *out_r,
		       struct err *e)
{
	struct question q = { .answered = false }, **p;
	struct timespec until;
	uint32_t number;

	pthread_mutex_lock(&w->ask_lock);
	number = ++w->next_number;
	q.number = number;
	q.next = w->questions;
	w->questions = &q;
	pthread_mutex_unlock(&w->ask_lock);
	for (int k = 0; k < 4; k++)	/* the number stands behind length and type */
		frame->p[5 + k] = (char)(number >> 8 * k);
	worker_tell(w, frame);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ASK_WITHIN_S;
	pthread_mutex_lock(&w->ask_lock);
	while (!q.answered && pthread_cond_timedwait(&w->answered, &w->ask_lock, &until) == 0)
		;
	for (p = &w->questions; *p != &q; p = &(*p)->next)
		;
	*p = q.next;
	pthread_mutex_unlock(&w->ask_lock);
	if (!q.answered)
		return err_set(e, AGAIN, "the watcher's parent did not answer");
	*out_r = q.answer;
	out_r->body = arena_memdup(a, q.answer.body, q.answer.n);
	free((void *)(uintptr_t)q.answer.body);
	return OK;
}

static void take_answer(struct worker *w, const struct frame *f)
{
	pthread_mutex_lock(&w->ask_lock);
	for (struct question *q = w->questions; q; q = q->next) {
		char *copy;

		if (q->number != f->number || q->answered)
			continue;
		copy = malloc(f->n + 1);
		if (!copy)
			abort();
		memcpy(copy, f->body, f->n);
		q->answer = *f;
		q->answer.body = copy;
		q->answered = true;
		pthread_cond_broadcast(&w->answered);
		break;
	}
	pthread_mutex_unlock(&w->ask_lock);
}

/* ---- queue and threads ---- */

static void enqueue(struct account *acc)	/* lock held */
{
	if (acc->place == PLACE_RUNNING) {
		acc->wanted = true;
		return;
	}
	if (acc->place == PLACE_PARKED)
		queue_add(acc);
}

/* One-shot: a parked connection that speaks is queued once. */
static void park(struct account *acc)	/* lock held */
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = acc };
	struct worker *w = acc->worker;

	acc->place = PLACE_PARKED;
	if (acc->wanted || acc->orders) {
		acc->wanted = false;
		enqueue(acc);
		return;
	}
	if (!acc->imap || !imap_idling(acc->imap))
		return;
	if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, imap_fd(acc->imap), &ev) < 0 && errno == EEXIST)
		(void)epoll_ctl(w->epoll_fd, EPOLL_CTL_MOD, imap_fd(acc->imap), &ev);
}

static void *thread_main(void *ctx)
{
	struct worker *w = ctx;
	struct account *acc;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		w->idle_threads++;
		while (!(acc = queue_take(w))) {
			struct timespec until;

			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_sec += 10;
			if (pthread_cond_timedwait(&w->more, &w->lock, &until) == ETIMEDOUT &&
			    queue_waits_since(w) == 0 && w->threads > w->threads_max) {
				w->threads--;
				w->idle_threads--;
				pthread_mutex_unlock(&w->lock);
				return NULL;
			}
		}
		w->idle_threads--;
		pthread_mutex_unlock(&w->lock);
		session_turn(acc);
		pthread_mutex_lock(&w->lock);
		queue_done(acc);
		park(acc);
		/* Waiting threads are woken in turn, so that none of many would ever seem idle: one that is
		 * not needed right now goes. */
		if (queue_waits_since(w) == 0 && w->threads > w->threads_max && w->idle_threads > 0) {
			w->threads--;
			pthread_mutex_unlock(&w->lock);
			return NULL;
		}
	}
}

static void add_thread(struct worker *w)	/* lock held */
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&t, &attr, thread_main, w) == 0)
		w->threads++;
	else
		log_error(NULL, "no-thread", "reason", strerror(errno));
	pthread_attr_destroy(&attr);
}

/* ---- the main thread ---- */

static struct account *find_account(struct worker *w, const char *name)
{
	size_t k = names_find(w->account_names, name);

	return k == NAMES_NONE ? NULL : &w->accounts[k];
}

static void assign(struct worker *w, const char *name)
{
	struct account *acc = find_account(w, name);

	if (!acc)
		return;
	pthread_mutex_lock(&w->lock);
	if (acc->worker == NULL) {
		acc->worker = w;
		acc->orders_end = &acc->orders;
	}
	acc->released = false;
	acc->look_now = true;
	enqueue(acc);
	pthread_mutex_unlock(&w->lock);
}

static void release(struct worker *w, const char *name)
{
	struct account *acc = find_account(w, name);

	if (!acc || !acc->worker)
		return;
	pthread_mutex_lock(&w->lock);
	acc->released = true;
	enqueue(acc);
	pthread_mutex_unlock(&w->lock);
}

static void take_order(struct worker *w, const struct frame *f, const char *name)
{
	struct account *acc = find_account(w, name);
	struct order *o;
	char *copy;

	if (!acc || !acc->worker)
		return;
	o = calloc(1, sizeof(*o));
	copy = malloc(f->n + 1);
	if (!o || !copy)
		abort();
	memcpy(copy, f->body, f->n);
	o->frame = *f;
	o->frame.body = copy;
	pthread_mutex_lock(&w->lock);
	*acc->orders_end = o;
	acc->orders_end = &o->next;
	enqueue(acc);
	pthread_mutex_unlock(&w->lock);
}

static void on_frame(void *ctx, const struct frame *f)
{
	struct worker *w = ctx;
	struct arena *a;
	struct unpack u;
	const char *name;

	switch (f->type) {
	case FRAME_FOLDER_IS:
	case FRAME_MATCHES:
	case FRAME_STORED:
	case FRAME_GO:
		take_answer(w, f);
		return;
	case FRAME_ASSIGN:
	case FRAME_RELEASE:
	case FRAME_DRAFT_PUT:
	case FRAME_DRAFT_REMOVE:
	case FRAME_SENT_PUT:
	case FRAME_LOOK:
	case FRAME_FIND:
		a = arena_new(0);
		u = unpack_frame(f, a);
		name = unpack_text_or(&u, "");
		if (f->type == FRAME_ASSIGN)
			assign(w, name);
		else if (f->type == FRAME_RELEASE)
			release(w, name);
		else
			take_order(w, f, name);
		arena_free(a);
		return;
	case FRAME_STOP:
		/* Nothing here is worth waiting for: what is not committed is done again. */
		_exit(0);
	case FRAME_NONE: case FRAME_STATE: case FRAME_WORK: case FRAME_FOLDER: case FRAME_FACTS:
	case FRAME_SEND: case FRAME_SEND_DONE: case FRAME_MAY:
	case FRAME_FINDINGS: case FRAME_DRAFT_DONE: case FRAME_LOOK_DONE: case FRAME_MAIL:
	case FRAME_MAIL_DONE: case FRAME_ASK: case FRAME_ASKED: case FRAME_TYPE_COUNT:
		return;
	}
}

/* Who has slept long enough, and a thread more where all hang. Returns how long nothing happens, in ms. */
static int tick(struct worker *w)
{
	int64_t now = clock_mono_ms(), since;
	int wait;

	pthread_mutex_lock(&w->lock);
	if (now >= w->next_look) {
		w->next_look = now + TICK_MS;
		for (size_t k = 0; k < w->accounts_n; k++) {
			struct account *acc = &w->accounts[k];

			if (acc->worker && !acc->released && acc->place == PLACE_PARKED && now >= acc->wake)
				enqueue(acc);
		}
	}
	wait = queue_release(w, (int)(w->next_look - now));
	since = queue_waits_since(w);
	if (since && now - since >= WAIT_BEFORE_EXTRA_MS && w->idle_threads == 0 &&
	    w->threads < w->threads_max + EXTRA_THREADS)
		add_thread(w);
	pthread_mutex_unlock(&w->lock);
	return wait;
}

static void run(struct worker *w, struct peer *parent, int threads)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL }, got[64];
	int64_t careful_until = clock_mono_ms() + CAREFUL_MS;
	int wait = 0;

	(void)epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->parent, &ev);
	pthread_mutex_lock(&w->lock);
	while (w->threads < w->threads_max)
		add_thread(w);
	pthread_mutex_unlock(&w->lock);
	for (;;) {
		int n = epoll_wait(w->epoll_fd, got, 64, wait);

		for (int k = 0; k < n; k++) {
			struct account *acc = got[k].data.ptr;

			if (!acc) {
				if (peer_read(parent, on_frame, w) != OK)
					_exit(0);
				continue;
			}
			pthread_mutex_lock(&w->lock);
			if (acc->place == PLACE_PARKED)
				enqueue(acc);
			pthread_mutex_unlock(&w->lock);
		}
		if (w->threads_max < threads && clock_mono_ms() >= careful_until)
			w->threads_max = threads;
		wait = tick(w);
	}
}

/* Once: thousands of owners have few domains between them. Kept until the process ends. */
static const char *our_domains(const struct conf *c)
{
	struct arena *a = arena_new(0);
	struct names *seen = names_new();
	const char *const *list;
	const struct conf_owner *owners;
	size_t n = conf_list(c, "own_domains", &list), owners_n = conf_owners(c, &owners);
	struct buf b;

	buf_init(&b, a);
	for (size_t k = 0; k < n; k++)
		buf_addf(&b, "%s ", list[k]);
	for (size_t k = 0; n == 0 && k < owners_n; k++)
		for (size_t j = 0; j < owners[k].addresses_n; j++) {
			const char *at = strrchr(owners[k].addresses[j], '@');

			if (!at || names_find(seen, at) != NAMES_NONE)
				continue;
			names_add(seen, at, 0);
			buf_addf(&b, "%s ", at + 1);
		}
	names_free(seen);
	return b.p;
}

int worker_main(const char *conf_path, int parent_fd, bool careful)
{
	struct worker w = { .parent = parent_fd };
	const struct conf_account *accounts;
	struct conf *conf;
	const struct conf_lead *leads;
	struct lead_words *words = NULL;
	struct phrases *phrases;
	struct booking_rules *booking;
	struct peer parent;
	struct err e;
	int threads;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (conf_load(conf_path, NULL, NULL, &conf, &e) != OK ||
	    data_phrases(conf, &phrases, &e) != OK || data_booking(conf, &booking, &e) != OK ||
	    (conf_leads(conf, &leads) > 0 && data_lead_words(conf, &words, &e) != OK)) {
		log_fatal(NULL, "worker", "reason", e.text);
		return 1;
	}
	w.conf = conf;
	w.phrases = phrases;
	w.lead_words = words;
	w.booking = booking;
	w.accounts_n = conf_accounts(conf, &accounts);
	w.accounts = calloc(w.accounts_n + 1, sizeof(*w.accounts));
	if (!w.accounts)
		abort();
	w.account_names = names_new();
	for (size_t k = 0; k < w.accounts_n; k++) {
		w.accounts[k].conf = &accounts[k];
		names_add(w.account_names, accounts[k].name, k);
	}
	pthread_mutex_init(&w.lock, NULL);
	pthread_mutex_init(&w.send_lock, NULL);
	pthread_mutex_init(&w.ask_lock, NULL);
	pthread_cond_init(&w.more, NULL);
	pthread_cond_init(&w.answered, NULL);
	queue_init(&w);
	w.our_domains = our_domains(conf);
	threads = (int)conf_int(conf, "imapwatch.threads");
	w.threads_max = careful ? 1 : threads;
	w.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w.epoll_fd < 0) {
		log_fatal(NULL, "worker", "reason", strerror(errno));
		return 1;
	}
	peer_init(&parent, parent_fd);
	run(&w, &parent, threads);
	return 0;
}
