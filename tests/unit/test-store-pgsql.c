/* SPDX-License-Identifier: MPL-2.0
 *
 * What only a server can do to us: it is away, dies, hangs, refuses, is somebody else's, is read-only; and two hosts at once.
 * Runs under script/pgsql (tests/unit/store-pgsql.t); without a server there is nothing to ask. A proxy between us and the
 * server loses answers on purpose.
 *
 * rows: 927, 929
 */
#include "config.h"

#include "tests/unit/store_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/store.h"

static struct fixture f;

/* ---- a link that can be made to lose things ---- */

struct proxy {
	int listening, port, upstream;
	pthread_t thread;
	atomic_int drop;	/* PROXY_* */
	atomic_bool end;
	atomic_int commits;	/* seen */
};
enum { PROXY_PASS, PROXY_LOSE_ANSWER, PROXY_LOSE_COMMIT, PROXY_MUTE };

static int dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* One link after the other; the writer's is the only one in these tests. */
static void carry(struct proxy *p, int client)
{
	int server = dial(p->upstream);
	char bytes[65536];
	bool lost = false;

	while (server >= 0 && !atomic_load(&p->end) && !lost) {
		struct pollfd both[2] = { { client, POLLIN, 0 }, { server, POLLIN, 0 } };
		if (poll(both, 2, 50) <= 0)
			continue;
		for (int side = 0; side < 2 && !lost; side++) {
			if (!both[side].revents)
				continue;
			ssize_t n = read(both[side].fd, bytes, sizeof(bytes));
			int drop = atomic_load(&p->drop);
			if (n <= 0) {
				lost = true;
				break;
			}
			bool commit = side == 0 && n > 6 && memmem(bytes, (size_t)n, "commit", 6) != NULL;
			if (commit)
				atomic_fetch_add(&p->commits, 1);
			if (drop == PROXY_MUTE)
				continue;
			if (commit && drop == PROXY_LOSE_COMMIT) {
				lost = true;
				break;
			}
			if (write(both[1 - side].fd, bytes, (size_t)n) != n)
				lost = true;
			if (commit && drop == PROXY_LOSE_ANSWER) {
				/* the server has done it when it answers; the answer stays here */
				if (poll(&both[1], 1, 5000) > 0)
					lost = read(server, bytes, sizeof(bytes)) > 0;
			}
		}
	}
	if (lost && atomic_load(&p->drop) != PROXY_MUTE)
		atomic_store(&p->drop, PROXY_PASS);
	close(server);
	close(client);
}

struct link {
	struct proxy *p;
	int fd;
};

static void *link_main(void *ctx)
{
	struct link *l = ctx;

	carry(l->p, l->fd);
	free(l);
	return NULL;
}

static void *proxy_main(void *ctx)
{
	struct proxy *p = ctx;

	while (!atomic_load(&p->end)) {
		struct pollfd in = { p->listening, POLLIN, 0 };
		if (poll(&in, 1, 50) <= 0)
			continue;
		struct link *l = calloc(1, sizeof(*l));
		pthread_t t;
		*l = (struct link){ p, accept(p->listening, NULL, NULL) };
		pthread_create(&t, NULL, link_main, l);
		pthread_detach(t);
	}
	return NULL;
}

static const char *part(const char *url, const char *key)
{
	const char *at = strstr(url, key);

	ck_assert_msg(at != NULL, "%s lacks %s", url, key);
	at += strlen(key);
	return arena_strndup(f.a, at, strcspn(at, " "));
}

static void proxy_start(struct proxy *p, const char *url)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(at);

	*p = (struct proxy){ .upstream = atoi(part(url, "port=")) };
	p->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(p->listening, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(p->listening, 8), 0);
	ck_assert_int_eq(getsockname(p->listening, (struct sockaddr *)&at, &n), 0);
	p->port = ntohs(at.sin_port);
	pthread_create(&p->thread, NULL, proxy_main, p);
}

static void proxy_stop(struct proxy *p)
{
	atomic_store(&p->end, true);
	pthread_join(p->thread, NULL);
	close(p->listening);
}

/* The same store through the proxy. */
static struct store *through(struct proxy *p, int busy_ms)
{
	struct store_options o = fixture_options(&f);
	struct store *s = NULL;

	o.path = arena_printf(f.a, "host=127.0.0.1 port=%d user=%s dbname=%s", p->port, part(f.path, "user="), part(f.path, "dbname="));
	o.busy_ms = busy_ms;
	ck_ok(store_open(&o, &s, &test_err));
	return s;
}

/* ---- a unit that anybody can repeat ---- */

static enum status unit_hold(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct owner_new o = { .login = ctx, .name = "New" };
	struct memory_owner *found = NULL;

	(void)a;
	enum status s = store_owner_sync(tx, a, &o, 1, "test", e);
	return s != OK ? s : store_owner(tx, a, ctx, &found, e);
}

static int64_t owners(const char *login)
{
	return f_sql(&f, arena_printf(f.a, "select count(*) from owner where login = '%s'", login));
}

/* ---- */

/* The answer to a commit is lost, after it came true and before: asked for by its number, the caller hears the truth. */
START_TEST(a_lost_commit_is_settled)
{
	struct proxy p;
	struct store *s;
	char zoe[] = "zoe", yan[] = "yan";

	proxy_start(&p, f.path);
	s = through(&p, 2000);
	ck_ok(store_write(s, f.now, unit_hold, zoe, 0, &test_err));

	atomic_store(&p.drop, PROXY_LOSE_ANSWER);
	ck_ok(store_write(s, f.now, unit_hold, yan, 0, &test_err));
	ck_assert_int_eq(owners("yan"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'added' and entity = 'owner' and payload like '%yan%'"), 1);

	char xia[] = "xia";
	atomic_store(&p.drop, PROXY_LOSE_COMMIT);
	enum status lost = store_write(s, f.now, unit_hold, xia, 0, &test_err);
	/* nothing of it happened: it was tried again, or the caller is told to */
	ck_assert_msg(lost == AGAIN ? owners("xia") == 0 : lost == OK && owners("xia") == 1, "%s: %s", status_name(lost), test_err.text);
	ck_ok(store_write(s, f.now, unit_hold, xia, 0, &test_err));
	ck_assert_int_eq(owners("xia"), 1);
	store_close(s);
	proxy_stop(&p);
}
END_TEST

/* A black hole: nobody waits longer than the limits say, and afterwards all goes on. */
START_TEST(a_mute_link_ends_in_time)
{
	struct proxy p;
	struct store *s;
	char zoe[] = "zoe";

	proxy_start(&p, f.path);
	s = through(&p, 1000);
	atomic_store(&p.drop, PROXY_MUTE);
	int64_t before = clock_mono_ms();
	ck_status(store_write(s, f.now, unit_hold, zoe, 0, &test_err), AGAIN);
	ck_assert_int_lt(clock_mono_ms() - before, 20000);
	atomic_store(&p.drop, PROXY_PASS);
	for (int i = 0; i < 200; i++) {
		if (store_write(s, f.now, unit_hold, zoe, 0, &test_err) == OK)
			break;
		usleep(50000);
	}
	ck_assert_int_eq(owners("zoe"), 1);
	store_close(s);
	proxy_stop(&p);
}
END_TEST

static enum status unit_look(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct memory_owner *found = NULL;

	(void)ctx;
	return store_owner(tx, a, "rita", &found, e);
}

/* Who has no time does not wait longer than that, and at once hears that the server is away while it is known to be. */
START_TEST(a_hurried_look_ends_in_time)
{
	struct proxy p;
	struct store *s;

	proxy_start(&p, f.path);
	s = through(&p, 1000);
	ck_ok(store_read(s, f.now, unit_look, NULL, &test_err));
	atomic_store(&p.drop, PROXY_MUTE);
	int64_t before = clock_mono_ms();
	ck_status(store_read_within(s, f.now, unit_look, NULL, before + 700, &test_err), AGAIN);
	ck_assert_int_ge(clock_mono_ms() - before, 600);
	ck_assert_int_lt(clock_mono_ms() - before, 3500);	/* a begin alone would wait for four seconds */
	ck_status(store_read(s, f.now, unit_look, NULL, &test_err), AGAIN);
	before = clock_mono_ms();
	ck_status(store_read_within(s, f.now, unit_look, NULL, before + 60000, &test_err), AGAIN);
	ck_assert_int_lt(clock_mono_ms() - before, 2500);	/* not even one attempt to connect: three seconds */
	atomic_store(&p.drop, PROXY_PASS);
	enum status st = AGAIN;
	for (int i = 0; i < 200 && st != OK; i++) {
		st = store_read(s, f.now, unit_look, NULL, &test_err);
		if (st != OK)
			usleep(50000);
	}
	ck_ok(st);
	ck_ok(store_read_within(s, f.now, unit_look, NULL, clock_mono_ms() + 60000, &test_err));
	store_close(s);
	proxy_stop(&p);
}
END_TEST

static enum status unit_look_twice(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)tx;
	(void)a;
	return store_read_within(ctx, f.now, unit_look, NULL, clock_mono_ms() + 200, e);
}

/* No more links than are allowed: the next one waits, and is told. */
START_TEST(a_pool_has_a_limit)
{
	struct store_options o = fixture_options(&f);
	struct store *s = NULL;

	o.connections = 1;
	ck_ok(store_open(&o, &s, &test_err));
	ck_status(store_read(s, f.now, unit_look_twice, s, &test_err), AGAIN);
	ck_assert_msg(strstr(test_err.text, "all 1 connections") != NULL, "%s", test_err.text);
	ck_ok(store_read(s, f.now, unit_look, NULL, &test_err));
	store_close(s);
	o.connections = 2;
	ck_ok(store_open(&o, &s, &test_err));
	ck_ok(store_read(s, f.now, unit_look_twice, s, &test_err));
	store_close(s);
}
END_TEST

/* ---- wrong places ---- */

static void refused(const char *url, enum status expected, const char *word)
{
	struct store_options o = fixture_options(&f);
	struct store *s = NULL;

	o.path = url;
	ck_status(store_open(&o, &s, &test_err), expected);
	ck_assert_msg(strstr(test_err.text, word) != NULL, "'%s' lacks '%s'", test_err.text, word);
}

/* Each statement is one that PostgreSQL understands. */
START_TEST(every_statement_is_understood)
{
	struct store_options o = fixture_options(&f);
	struct store *s = NULL;

	o.lazy = false;
	ck_ok(store_open(&o, &s, &test_err));
	store_close(s);
}
END_TEST

START_TEST(wrong_places_are_told)
{
	const char *server = getenv("RELENT_TEST_PGSQL");

	refused("", CONF, "set store.url");
	refused("host", CONF, "cannot be understood");
	refused("host=127.0.0.1 shoe=1", CONF, "cannot be understood");
	refused(arena_printf(f.a, "%s dbname=t password=x", server), CONF, "store.password_file");
	refused(arena_printf(f.a, "%s dbname=nosuch_database", server), CONF, "nosuch_database");
	refused("host=127.0.0.1 port=1 user=relent dbname=relent", AGAIN, "cannot connect");
	refused(arena_printf(f.a, "%s dbname=nosuch sslmode=require", server), CONF, "SSL");
}
END_TEST

START_TEST(somebody_elses_database)
{
	f.path = fixture_fresh(f.a, "theirs");
	f_exec(&f, "create table theirs (x integer)");
	refused(f.path, CONF, "not a relent store");
	fixture_drop(f.a, f.path);
}
END_TEST

START_TEST(another_schema)
{
	struct store_options o = fixture_options(&f);

	f_exec(&f, "insert into relent_schema (version) values (4711)");
	refused(f.path, CONF, "upgrade relent");
	f_exec(&f, "delete from relent_schema where version > 1");
	o.create = false;
	struct store *s = NULL;
	ck_status(store_open(&o, &s, &test_err), CONF);
	ck_assert_msg(strstr(test_err.text, "store migrate") != NULL, "%s", test_err.text);
}
END_TEST

/* A role that may only read what it must not change is told so, and the connection goes on. */
START_TEST(missing_privileges)
{
	struct store_options o = fixture_options(&f);
	struct store *s = NULL;
	char zoe[] = "zoe";
	const char *role = arena_printf(f.a, "r_%d", (int)getpid());

	f_exec(&f, arena_printf(f.a, "create role %s login; grant select on all tables in schema public to %s", role, role));
	o.path = arena_printf(f.a, "host=127.0.0.1 port=%s user=%s dbname=%s", part(f.path, "port="), role, part(f.path, "dbname="));
	o.create = false;
	ck_ok(store_open(&o, &s, &test_err));
	ck_status(store_write(s, f.now, unit_hold, zoe, 0, &test_err), CONF);
	ck_assert_msg(strstr(test_err.text, "role may not") != NULL, "%s", test_err.text);
	store_close(s);
	f_exec(&f, arena_printf(f.a, "drop owned by %s; drop role %s", role, role));
}
END_TEST

/* A server that became a replica: outreach is told to retry. */
START_TEST(a_read_only_server_is_again)
{
	char zoe[] = "zoe";
	const char *name = part(f.path, "dbname=");

	f_exec(&f, arena_printf(f.a, "alter database %s set default_transaction_read_only = on", name));
	ck_status(store_open(&(struct store_options){ .driver = "pgsql", .path = f.path, .busy_ms = 500, .host = "mx", .program = "t" },
			     &(struct store *){ NULL }, &test_err), AGAIN);
	char *own = f.path;
	f.path = arena_printf(f.a, "%s dbname=postgres", getenv("RELENT_TEST_PGSQL"));
	f_exec(&f, arena_printf(f.a, "alter database %s reset default_transaction_read_only", name));
	f.path = own;
	ck_ok(f_write(&f, unit_hold, zoe));
}
END_TEST

/* The server ends every link: an idle one is made anew without a word. */
START_TEST(a_restarted_server_goes_on)
{
	char zoe[] = "zoe", yan[] = "yan";
	enum status s = AGAIN;

	ck_ok(f_write(&f, unit_hold, zoe));
	f_exec(&f, "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() "
	       "and pid <> pg_backend_pid()");
	for (int i = 0; i < 100 && s != OK; i++) {
		s = f_write(&f, unit_hold, yan);
		if (s != OK)
			usleep(50000);
	}
	ck_ok(s);
	ck_assert_int_eq(owners("yan"), 1);
}
END_TEST

/* ---- two hosts ---- */

struct host {
	struct store *s;
	int n, ok, again;
	const char *enrolment, *prospect;
};

static enum status unit_touch(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct host *h = ctx;
	struct touch t = { .id = store_id(tx, a), .owner_id = f.owner, .prospect_id = h->prospect, .enrolment_id = h->enrolment,
			   .kind = MAIL_TOUCH, .step = 1, .recipient = "ann@acme.example",
			   .message_id = "same@rep.example", .subject = "Handoffs", .final_text = "x", .edit_ratio = -1 };

	return store_touch(tx, a, &t, "milter", e);
}

static void *host_main(void *ctx)
{
	struct host *h = ctx;
	struct err e;

	for (int i = 0; i < h->n; i++) {
		enum status s = store_write(h->s, f.now, unit_touch, h, 0, &e);
		h->ok += s == OK;
		h->again += s == AGAIN;
		if (s != OK && s != AGAIN && s != GONE && s != INPUT)
			fprintf(stderr, "# %s: %s\n", status_name(s), e.text);
	}
	return NULL;
}

/* The same mail handed in at several hosts at once is one touch. */
START_TEST(the_same_touch_at_several_hosts)
{
	struct store_options o = fixture_options(&f);
	struct host hosts[6];
	pthread_t threads[6];
	const char *prospect = f_prospect(&f, "ann@acme.example", "Ann", "Acme");
	const char *enrolment = f_enrol(&f, prospect, f.owner);

	for (int i = 0; i < 6; i++) {
		hosts[i] = (struct host){ .n = 3, .enrolment = enrolment, .prospect = prospect };
		ck_ok(store_open(&o, &hosts[i].s, &test_err));
	}
	for (int i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, host_main, &hosts[i]);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 6; i++)
		store_close(hosts[i].s);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch"), 1);
	ck_assert_int_eq(f_sql(&f, "select touches from enrolment"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where entity = 'touch' and kind = 'accepted'"), 1);
	ck_assert_int_eq(f_row(&f, enrolment)->e.state, SEQ_SENT);
}
END_TEST

static void setup(void)
{
	fixture_open(&f);
}

static void teardown(void)
{
	fixture_close(&f);
}

int main(void)
{
	Suite *s = suite_create("store-pgsql");
	TCase *c = test_case(s, "pgsql"), *bare = test_case(s, "bare");

	if (!fixture_pgsql()) {
		puts("1..0 # SKIP this is about a server: tests/unit/store-pgsql.t runs it with one");
		return 0;
	}
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_lost_commit_is_settled);
	tcase_add_test(c, a_mute_link_ends_in_time);
	tcase_add_test(c, a_hurried_look_ends_in_time);
	tcase_add_test(c, a_pool_has_a_limit);
	tcase_add_test(c, every_statement_is_understood);
	tcase_add_test(c, wrong_places_are_told);
	tcase_add_test(c, another_schema);
	tcase_add_test(c, missing_privileges);
	tcase_add_test(c, a_read_only_server_is_again);
	tcase_add_test(c, a_restarted_server_goes_on);
	tcase_add_test(c, the_same_touch_at_several_hosts);
	(void)bare;
	tcase_add_checked_fixture(bare, setup, teardown);
	tcase_add_test(bare, somebody_elses_database);
	return test_run(s);
}
