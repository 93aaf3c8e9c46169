/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "imapwatch/adviser.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/ask.h"
#include "base/log.h"
#include "base/str.h"
#include "classifier/opinion.h"
#include "conf/conf.h"
#include "imapwatch/peer.h"

enum { ANSWER_MAX = 65536 };

struct adviser {
	const struct conf *conf;
	int fd;
};

static enum status ask(const struct adviser *v, struct arena *a, const char *subject, const char *visible,
		       struct opinion *o, struct err *e)
{
	const char *key = conf_str(v->conf, "llm.key_file"), *answer;
	struct ask q = { .url = conf_str(v->conf, "llm.url"), .ca_file = conf_str(v->conf, "llm.ca_file"),
			 .timeout = (int)conf_int(v->conf, "llm.timeout"), .most = ANSWER_MAX };
	const struct conf_file *text;
	size_t n, text_n = 0;
	enum status s = conf_data_files(a, v->conf, "llm/second-opinion.txt", &text, &text_n, e);

	if (s == OK && text_n == 0)
		s = err_set(e, CONF, "there is no text 'llm/second-opinion.txt' in the data directory");
	if (s == OK && *key)
		s = conf_secret_read(a, key, &q.secret, e);
	if (s == OK)
		s = ask_json(a, &q, opinion_request(a, conf_str(v->conf, "llm.model"), text[0].text, subject, visible),
			     &answer, &n, e);
	return s == OK ? opinion_read(a, answer, n, o, e) : s;
}

static void on_frame(void *ctx, const struct frame *f)
{
	struct adviser *v = ctx;
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	const char *subject = unpack_text_or(&u, ""), *visible = unpack_text_or(&u, "");
	struct opinion o = { .summary = "" };
	struct err e = { "" };
	enum status s;
	struct buf b;

	if (f->type == FRAME_STOP)
		_exit(0);
	s = f->type == FRAME_ASK && unpack_end(&u) ? ask(v, a, subject, visible, &o, &e)
						   : err_set(&e, SYS, "the parent's order cannot be understood");
	buf_init(&b, a);
	frame_begin(&b, FRAME_ASKED, f->number);
	pack_text(&b, s == OK ? class_name(o.class) : NULL);
	pack_text_cut(&b, s == OK ? o.summary : str_utf8(a, e.text, strlen(e.text)), 400);
	if (!frame_end(&b) || peer_send_all(v->fd, &b) != OK)
		_exit(0);
	arena_free(a);
}

int adviser_main(const char *conf_path, int parent_fd)
{
	struct adviser v = { .fd = parent_fd };
	struct peer peer;
	struct conf *conf;
	struct err e = { "" };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (conf_load(conf_path, NULL, NULL, &conf, &e) != OK || curl_global_init(CURL_GLOBAL_ALL) != 0) {
		log_fatal(NULL, "adviser", "reason", e.text);
		return 1;
	}
	v.conf = conf;
	peer_init(&peer, parent_fd);
	for (;;) {
		struct pollfd p = { .fd = parent_fd, .events = POLLIN };

		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return 1;
		if (peer_read(&peer, on_frame, &v) != OK)
			return 0;
	}
}
