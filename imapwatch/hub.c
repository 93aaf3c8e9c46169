/* SPDX-License-Identifier: MPL-2.0
 *
 * The parent's loop: children, their messages, signals, the clock's tick.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

enum { RESTART_MOST_MS = 5000, QUIET_MS = 60000, SENDER = -1, TICK_MS = 250, JUMP_MS = 60000 };

uint32_t hub_number(struct hub *h)
{
	if (++h->next_number == 0)
		h->next_number = 1;
	return h->next_number;
}

struct mailbox *hub_box(struct hub *h, const char *account)
{
	for (size_t k = 0; account && k < h->boxes_n; k++)
		if (str_eq(h->boxes[k].conf->name, account))
			return &h->boxes[k];
	return NULL;
}

struct mailbox *hub_box_of_owner(struct hub *h, const char *owner_id)
{
	for (size_t k = 0; owner_id && k < h->boxes_n; k++)
		if (str_eq(h->boxes[k].owner_id, owner_id) && !h->boxes[k].conf->control)
			return &h->boxes[k];
	return NULL;
}

struct proc *hub_worker(struct hub *h, const struct mailbox *box)
{
	return &h->workers[box->worker];
}

void hub_send(struct hub *h, struct proc *p, struct buf *frame)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT, .data.ptr = p };

	if (p->pid == 0 || !frame_end(frame))
		return;
	if (peer_send(&p->peer, frame) != OK) {
		kill(p->pid, SIGKILL);	/* it hangs; its end is seen by the loop */
		return;
	}
	if (peer_waiting(&p->peer))
		(void)epoll_ctl(h->epoll_fd, EPOLL_CTL_MOD, p->peer.fd, &ev);
}

/* ---- starting children ---- */

static const char *proc_name(const struct proc *p)
{
	return p->number == SENDER ? "sender" : "worker";
}

struct command {
	char *argv[8], **envp, number[16];
};

/* Everything that allocates is done before fork(): the store's writer thread may hold the lock of malloc. */
static void prepare(const struct hub *h, const struct proc *p, int fd, struct command *c)
{
	char **argv = c->argv;
	size_t vars = 0, kept = 0;
	int n = 0;

	argv[n++] = (char *)(uintptr_t)"relent-imapwatch";
	snprintf(c->number, sizeof(c->number), "%d", fd);
	argv[n++] = (char *)(uintptr_t)(p->number == SENDER ? "--sender" : "--worker");
	argv[n++] = c->number;
	if (h->conf_path) {
		argv[n++] = (char *)(uintptr_t)"-c";
		argv[n++] = (char *)(uintptr_t)h->conf_path;
	}
	if (p->careful)
		argv[n++] = (char *)(uintptr_t)"--careful";
	argv[n] = NULL;
	while (environ[vars])
		vars++;
	c->envp = calloc(vars + 1, sizeof(*c->envp));
	if (!c->envp)
		abort();
	for (size_t k = 0; k < vars; k++)	/* only the parent speaks to systemd */
		if (strncmp(environ[k], "NOTIFY_SOCKET=", 14) != 0 && strncmp(environ[k], "WATCHDOG_", 9) != 0)
			c->envp[kept++] = environ[k];
}

static void assign_all(struct hub *h, struct proc *p)
{
	for (size_t k = 0; k < h->boxes_n; k++) {
		struct arena *a;
		struct buf b;

		if (h->boxes[k].worker != p->number || h->boxes[k].parked)
			continue;
		a = arena_new(0);
		buf_init(&b, a);
		frame_begin(&b, FRAME_ASSIGN, 0);
		pack_text(&b, h->boxes[k].conf->name);
		hub_send(h, p, &b);
		arena_free(a);
	}
}

static void start(struct hub *h, struct proc *p)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = p };
	struct command c = { .envp = NULL };
	sigset_t none;
	int pair[2], fd;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		log_error(NULL, "no-child", "what", proc_name(p), "reason", strerror(errno));
		p->restart_at = clock_mono_ms() + 1000;
		return;
	}
	fd = fcntl(pair[1], F_DUPFD_CLOEXEC, 3);
	prepare(h, p, fd, &c);
	sigemptyset(&none);
	p->pid = fork();
	if (p->pid == 0) {
		(void)fcntl(fd, F_SETFD, 0);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execve("/proc/self/exe", c.argv, c.envp);
		_exit(127);
	}
	free(c.envp);
	close(fd);
	close(pair[1]);
	if (p->pid < 0) {
		log_error(NULL, "no-child", "what", proc_name(p), "reason", strerror(errno));
		close(pair[0]);
		p->pid = 0;
		p->restart_at = clock_mono_ms() + 1000;
		return;
	}
	p->started = clock_mono_ms();
	p->ending = false;
	peer_init(&p->peer, pair[0]);
	(void)epoll_ctl(h->epoll_fd, EPOLL_CTL_ADD, p->peer.fd, &ev);
	if (p->number != SENDER)
		assign_all(h, p);
}

/* ---- the end of a child ---- */

static struct suspect *suspect_of(struct hub *h, const char *account, const char *folder,
				  uint32_t validity, uint32_t uid)
{
	struct suspect *s;

	for (s = h->suspects; s; s = s->next)
		if (s->uid == uid && s->validity == validity && str_eq(s->account, account) &&
		    str_eq(s->folder, folder))
			return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	*s = (struct suspect){ h->suspects, strdup(account), strdup(folder), validity, uid, 0 };
	h->suspects = s;
	return s;
}

static void tell_parked(struct hub *h, struct mailbox *box);

static void accuse_mail(struct hub *h, const struct mailbox *box, int score)
{
	struct suspect *s = suspect_of(h, box->conf->name, box->work_folder, box->work_validity, box->work_uid);

	s->score += score;
	if (s->score >= SCORE_ASIDE)
		log_error(box->conf->name, "set-aside", "folder", box->work_folder, "uid",
			  log_num(box->work_uid), "reason", "reading this mail ended two workers");
}

static void accuse_server(struct hub *h, struct mailbox *box)
{
	box->score += SCORE_CRASH;
	if (box->score < SCORE_ASIDE)
		return;
	box->parked = true;
	log_error(box->conf->name, "account-parked", "reason",
		  "talking to its server ended two workers: restart relent-imapwatch to try again");
	tell_parked(h, box);
}

static void forget_work(struct mailbox *box)
{
	free(box->work_folder);
	box->work_folder = NULL;
	box->work_uid = 0;
	box->talking = false;
}

/* Who was at a mail is accused of the death; who only talked to a server, if nobody was. */
static void accuse_all(struct hub *h, const struct proc *p, int score)
{
	bool mail = false;

	for (size_t k = 0; k < h->boxes_n; k++)
		mail = mail || (h->boxes[k].worker == p->number && h->boxes[k].work_folder);
	for (size_t k = 0; k < h->boxes_n; k++) {
		struct mailbox *box = &h->boxes[k];

		if (box->worker != p->number)
			continue;
		if (box->work_folder)
			accuse_mail(h, box, score);
		else if (box->talking && !mail && score == SCORE_CRASH)
			accuse_server(h, box);
		forget_work(box);
		arena_free(box->batch);
		box->batch = NULL;
		box->folder = NULL;
		box->n = 0;
		box->looking = 0;
	}
}

static void ended(struct hub *h, struct proc *p, int status)
{
	int64_t now = clock_mono_ms(), wait;
	bool crashed = WIFSIGNALED(status) || WEXITSTATUS(status) != 0;

	if (now - p->started > QUIET_MS)
		p->deaths = 0;
	if (!p->ending && crashed)
		log_error(NULL, "child-died", "what", proc_name(p), "number", log_num(p->number), "signal",
			  log_num(WIFSIGNALED(status) ? WTERMSIG(status) : 0), "exit",
			  log_num(WIFEXITED(status) ? WEXITSTATUS(status) : 0));
	p->careful = false;
	if (p->number != SENDER) {
		/* SIGKILL may be the kernel out of memory, or anybody: half a proof. */
		int score = p->ending || !WIFSIGNALED(status) ? 0 :
			WTERMSIG(status) == SIGKILL ? SCORE_KILLED : SCORE_CRASH;

		p->careful = score == SCORE_CRASH;
		accuse_all(h, p, score);
	}
	outbox_child_gone(h, p);
	peer_release(&p->peer);
	p->pid = 0;
	/* The first time at once: its mailboxes lose a second, not more. */
	wait = p->ending || p->deaths == 0 ? 0 : (int64_t)250 << (p->deaths > 7 ? 7 : p->deaths);
	p->deaths += !p->ending;
	p->restart_at = now + (wait > RESTART_MOST_MS ? RESTART_MOST_MS : wait);
}

static void reap(struct hub *h)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (h->sender.pid == pid)
			ended(h, &h->sender, status);
		for (int k = 0; k < h->workers_n; k++)
			if (h->workers[k].pid == pid)
				ended(h, &h->workers[k], status);
	}
}

static void watch_hangs(struct hub *h)
{
	int64_t now = clock_mono_ms();

	for (size_t k = 0; k < h->boxes_n; k++) {
		struct mailbox *box = &h->boxes[k];
		struct proc *p = &h->workers[box->worker];

		if (!box->work_folder || now - box->work_since < WORK_HANGS_MS || p->pid == 0)
			continue;
		log_error(box->conf->name, "worker-hangs", "folder", box->work_folder, "uid",
			  log_num(box->work_uid));
		/* SIGABRT counts as a crash; a blocked one cannot catch SIGKILL either */
		kill(p->pid, SIGABRT);
		box->work_since = now;
	}
}

/* ---- messages ---- */

static void on_work(struct hub *h, struct proc *p, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	struct mailbox *box = hub_box(h, unpack_text(&u));
	const char *folder = unpack_text_or(&u, "");
	uint32_t validity = unpack_u32(&u), uid = unpack_u32(&u);

	if (unpack_end(&u) && box && box->worker == p->number) {
		if (uid == 0)
			box->score = 0;		/* it lived through that */
		forget_work(box);
		box->talking = uid != 0;
		if (uid != 0 && uid != UINT32_MAX) {
			box->work_folder = strdup(folder);
			box->work_validity = validity;
			box->work_uid = uid;
			box->work_since = clock_mono_ms();
		}
	}
	arena_free(a);
}

static void on_frame(void *ctx, const struct frame *f)
{
	struct proc *p = ctx;
	struct hub *h = p->hub;

	if (p->number == SENDER) {
		if (f->type == FRAME_MAIL_DONE)
			outbox_mail_done(h, f);
		return;
	}
	switch (f->type) {
	case FRAME_STATE:
		handle_state(h, p, f);
		break;
	case FRAME_WORK:
		on_work(h, p, f);
		break;
	case FRAME_FOLDER:
		handle_folder(h, p, f);
		break;
	case FRAME_FACTS:
		handle_facts(h, p, f);
		break;
	case FRAME_FINDINGS:
		handle_findings(h, p, f);
		break;
	case FRAME_DRAFT_DONE:
		outbox_draft_done(h, p, f);
		break;
	case FRAME_LOOK_DONE:
		outbox_look_done(h, p, f);
		break;
	case FRAME_NONE: case FRAME_ASSIGN: case FRAME_STOP: case FRAME_FOLDER_IS: case FRAME_MATCHES:
	case FRAME_STORED: case FRAME_DRAFT_PUT: case FRAME_DRAFT_REMOVE: case FRAME_LOOK: case FRAME_FIND:
	case FRAME_MAIL: case FRAME_MAIL_DONE: case FRAME_TYPE_COUNT:
		log_error(NULL, "unexpected-message", "from", proc_name(p), "type", log_num(f->type));
		break;
	}
}

static void on_socket(struct hub *h, struct proc *p, unsigned events)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = p };
	enum status s;

	if (p->pid == 0)
		return;
	if (events & EPOLLOUT) {
		(void)peer_flush(&p->peer);
		if (!peer_waiting(&p->peer))
			(void)epoll_ctl(h->epoll_fd, EPOLL_CTL_MOD, p->peer.fd, &ev);
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	s = peer_read(&p->peer, on_frame, p);
	if (s == OK)
		return;
	if (s == INPUT)
		log_error(NULL, "bad-message", "from", proc_name(p), "number", log_num(p->number));
	(void)epoll_ctl(h->epoll_fd, EPOLL_CTL_DEL, p->peer.fd, NULL);
	if (s == INPUT)
		kill(p->pid, SIGKILL);
}

/* ---- reload ---- */

/* The children read the configuration for themselves: they are replaced one and all. */
static void reload(struct hub *h)
{
	struct conf *fresh;
	struct err e;

	(void)sd_notify(0, "RELOADING=1");
	if (conf_load(h->conf_path, NULL, NULL, &fresh, &e) != OK) {
		log_error(NULL, "reload-refused", "reason", e.text);
		(void)sd_notify(0, "READY=1");
		return;
	}
	struct conf *old = h->conf;

	h->conf = fresh;
	if (hub_mailboxes(h, &e) != OK) {
		log_error(NULL, "reload-refused", "reason", e.text);
		h->conf = old;
		conf_free(fresh);
		(void)sd_notify(0, "READY=1");
		return;
	}
	for (int k = 0; k < h->workers_n; k++)
		if (h->workers[k].pid) {
			h->workers[k].ending = true;
			kill(h->workers[k].pid, SIGTERM);
		}
	if (h->sender.pid) {
		h->sender.ending = true;
		kill(h->sender.pid, SIGTERM);
	}
	conf_free(old);
	log_info(NULL, "reloaded", "accounts", log_num((long long)h->boxes_n));
	(void)sd_notify(0, "READY=1");
}

/* ---- the loop ---- */

static bool on_signal(struct hub *h)
{
	struct signalfd_siginfo info;

	while (read(h->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			return false;
		if (info.ssi_signo == SIGUSR1 || info.ssi_signo == SIGHUP)
			reload(h);
		else if (info.ssi_signo == SIGCHLD)
			reap(h);
	}
	return true;
}

/* The clock was set, or the machine slept: what is known of the mailboxes is old, whatever the time-outs
 * say. All are read now, so that nobody is refused for it (rule `unwatched`), and due times at once. */
static void watch_clock(struct hub *h)
{
	int64_t ahead = clock_now_ms(h->clock) - clock_mono_ms(), jump = ahead - h->clock_ahead;

	if (jump > -JUMP_MS && jump < JUMP_MS)
		return;
	if (h->clock_ahead != 0) {
		log_warn(NULL, "clock-jumped", "seconds", log_num(jump / 1000));
		for (int k = 0; k < h->workers_n; k++)
			if (h->workers[k].pid)
				assign_all(h, &h->workers[k]);
		h->next_due = 0;
	}
	h->clock_ahead = ahead;
}

static void ticks(struct hub *h)
{
	int64_t now = clock_mono_ms();

	watch_clock(h);
	if (h->sender.pid == 0 && now >= h->sender.restart_at)
		start(h, &h->sender);
	for (int k = 0; k < h->workers_n; k++)
		if (h->workers[k].pid == 0 && now >= h->workers[k].restart_at)
			start(h, &h->workers[k]);
	watch_hangs(h);
	if (now >= h->next_due) {
		due_tick(h);
		h->next_due = clock_mono_ms() + 1000;
	}
	if (h->outbox_hint || now >= h->next_outbox) {
		h->outbox_hint = false;
		outbox_tick(h);
		outbox_look_tick(h);
		h->next_outbox = clock_mono_ms() + 1000;
	}
	if (now >= h->next_slow) {
		due_slow_tick(h);
		h->next_slow = clock_mono_ms() + 10000;
		(void)sd_notify(0, "WATCHDOG=1");
	}
}

static void stop_children(struct hub *h)
{
	for (int k = 0; k < h->workers_n; k++)
		if (h->workers[k].pid)
			kill(h->workers[k].pid, SIGKILL);	/* nothing in them is worth waiting for */
	if (h->sender.pid) {
		kill(h->sender.pid, SIGTERM);
		/* a mail under way may end: 10 s, the library's own time-outs apply */
		for (int k = 0; k < 100 && waitpid(h->sender.pid, NULL, WNOHANG) == 0; k++)
			(void)usleep(100000);
		kill(h->sender.pid, SIGKILL);
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void tell_parked(struct hub *h, struct mailbox *box)
{
	struct arena *a = arena_new(0);
	struct buf b;
	struct frame f;

	/* As if its worker had said so. */
	buf_init(&b, a);
	frame_begin(&b, FRAME_STATE, 0);
	pack_text(&b, box->conf->name);
	pack_text(&b, "parked");
	pack_text(&b, "talking to its server ended two workers");
	if (frame_end(&b) && frame_parse(b.p, b.n, &f) > 0)
		handle_state(h, hub_worker(h, box), &f);
	arena_free(a);
}

enum status hub_run(struct hub *h, struct err *e)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL }, got[32];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	h->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	h->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (h->signal_fd < 0 || h->epoll_fd < 0)
		return err_set(e, SYS, "cannot set up the loop: %s", strerror(errno));
	(void)epoll_ctl(h->epoll_fd, EPOLL_CTL_ADD, h->signal_fd, &ev);
	log_info(NULL, "started", "accounts", log_num((long long)h->boxes_n), "workers",
		 log_num(h->workers_n));
	ticks(h);
	(void)sd_notify(0, "READY=1");
	for (;;) {
		int n = epoll_wait(h->epoll_fd, got, 32, h->outbox_hint ? 0 : TICK_MS);

		for (int k = 0; k < n; k++) {
			if (!got[k].data.ptr) {
				if (!on_signal(h))
					goto out;
				break;	/* a process of this round may have gone */
			}
			on_socket(h, got[k].data.ptr, got[k].events);
		}
		ticks(h);
	}
out:
	(void)sd_notify(0, "STOPPING=1");
	log_info(NULL, "stopping");
	stop_children(h);
	return OK;
}
