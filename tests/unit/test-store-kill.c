/* SPDX-License-Identifier: MPL-2.0
 *
 * Death between any two effects: a program that works through a story is killed at its 1st, 2nd, ...
 * fault point until it gets through, started again each time, and must end with what the undisturbed
 * run gave: nothing lost, nothing twice, verify clean. Needs --enable-faults.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/store_fixture.h"

static const char touch_id[] = "019cadc6-9a80-7000-8000-000000000001";

struct story {
	struct fixture f;
	const char *prospect, *enrolment;
};

static enum status found(struct story *t, struct store_tx *tx, struct arena *a, struct err *e)
{
	const char *id = NULL;
	enum status s = store_prospect_find(tx, a, "ann@buyer.example", &id, e);

	t->prospect = arena_strdup(t->f.a, id);
	return s;
}

static enum status enrolment_seen(void *ctx, const struct row *r, struct err *e)
{
	struct story *t = ctx;

	(void)e;
	t->enrolment = arena_strdup(t->f.a, row_text(r, "id"));
	return OK;
}

static enum status unit_setup(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct story *t = ctx;
	const struct owner_new rita = { .login = "rita" };
	struct field fields[] = { { "email", "ann@buyer.example" }, { "name", "Ann" } };
	struct field source[] = { { "kind", "research" }, { "permission", "consent" } };
	struct prospect_new p = { .fields = fields, .n = 2, .source = source, .source_n = 2,
				  .owner_login = "rita" };
	enum status s = store_owner_sync(tx, a, &rita, 1, "test", e);

	(void)t;
	if (s == OK)
		s = store_plan_put(tx, a, fixture_plan(a, "four", NULL), "test", NULL, NULL, e);
	return s == OK ? store_prospect_add(tx, a, &p, "test", NULL, NULL, e) : s;
}

static enum status unit_enrol(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct story *t = ctx;
	struct memory_owner *o = NULL;
	struct value arg;
	enum status s = found(t, tx, a, e);

	if (s == OK)
		s = store_owner(tx, a, "rita", &o, e);
	if (s != OK)
		return s;
	t->f.owner = arena_strdup(t->f.a, o->id);
	struct enrol en = { .prospect_id = t->prospect, .owner_id = o->id, .sequence = "four", .actor = "test" };
	arg = store_text(t->prospect);
	t->enrolment = NULL;
	/* enrolled already, in whatever state by now */
	s = store_query(tx, "enrolments_of_prospect", &arg, 1, enrolment_seen, t, NULL, e);
	if (s == OK && t->enrolment == NULL) {
		const char *id = NULL;
		s = store_enrol(tx, a, &en, &id, e);
		t->enrolment = arena_strdup(t->f.a, id);
	}
	return s;
}

static enum status unit_touch(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct story *t = ctx;
	struct touch touch = { .id = touch_id, .owner_id = t->f.owner, .prospect_id = t->prospect,
		.enrolment_id = t->enrolment, .kind = MAIL_TOUCH, .step = 1, .recipient = "ann@buyer.example",
		.message_id = "m1@rep.example", .subject = "s", .final_text = "t", .edit_ratio = -1,
		.queue_id = "Q1", .host = "mx" };

	return store_touch(tx, a, &touch, "milter", e);
}

static enum status unit_queued(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct evidence ev = { .kind = EVIDENCE_QUEUED, .host = "mx", .queue_id = "Q1", .at = T0 };

	(void)ctx;
	return store_evidence(tx, a, &ev, e);
}

static enum status unit_hold(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct story *t = ctx;

	return store_hold(tx, a, t->enrolment, "r1@buyer.example", "imapwatch", e);
}

static enum status unit_reply(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct story *t = ctx;
	struct finding fd = { .kind = KIND_HUMAN, .class = REPLY_QUESTION, .stop = true, .visible = "why?" };
	struct reply r = { .enrolment_id = t->enrolment, .prospect_id = t->prospect, .owner_id = t->f.owner,
		.touch_id = touch_id, .key = "r1@buyer.example", .message_id = "r1@buyer.example",
		.from = "ann@buyer.example", .received = T0, .account = "rita", .folder = "INBOX", .uid = 1,
		.finding = &fd, .matched_by = "references", .grade = GRADE_STRONG };
	struct position p = { .account = "rita", .folder = "INBOX", .uidvalidity = 1, .uid = 1 };
	enum status s = store_reply(tx, a, &r, NULL, e);

	return s == OK || s == GONE ? store_position_put(tx, &p, e) : s;
}

static enum status unit_suppress(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct suppression sup = { .kind = "address", .subject = "ann@buyer.example", .reason = "do_not_contact" };

	(void)ctx;
	return store_suppress(tx, a, &sup, "test", false, NULL, e);
}

static enum status unit_seal(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)ctx;
	return store_seal(tx, a, 100, NULL, e);
}

/* One life of the program: from wherever the last one died. Exit 0: it got through. */
static void live(const char *path)
{
	static store_unit_fn *const units[] = { unit_setup, unit_enrol, unit_touch, unit_queued, unit_hold,
						unit_reply, unit_suppress, unit_seal };
	struct story t = { .f = { .a = arena_new(0), .path = (char *)path, .now = T0 } };
	struct store_options o = fixture_options(&t.f);
	struct err e;

	if (store_open(&o, &t.f.s, &e) != OK)
		_exit(10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		enum status s = f_write(&t.f, units[i], &t);
		if (s != OK && s != GONE && s != UNSURE)
			_exit(20 + (int)i);
	}
	store_close(t.f.s);
	_exit(0);
}

static void told(void *ctx, const char *kind, const char *entity, const char *sentence)
{
	(void)ctx;
	fprintf(stderr, "# %s %s: %s\n", kind, entity, sentence);
	_exit(30);
}

static void check(const char *path)
{
	struct fixture f = { .a = arena_new(0), .path = (char *)path };
	struct store_options o = fixture_options(&f);
	struct err e;

	if (store_open(&o, &f.s, &e) != OK || store_verify(f.s, T0, told, NULL, NULL, &e) != OK)
		_exit(31);
	store_close(f.s);
	_exit(0);
}

static int child(void (*fn)(const char *), const char *path, const char *fault)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (fault != NULL)
			setenv("RELENT_FAULT", fault, 1);
		fn(path);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* What must be the same however often it died. */
static const char *sum(struct fixture *f, const char *path)
{
	static const char *const what[] = {
		"select count(*) || ' touches' from touch", "select count(*) || ' replies' from reply",
		"select count(*) || ' enrolments' from enrolment", "select group_concat(state) from enrolment",
		"select count(*) || ' suppressions' from suppression", "select count(*) || ' holds' from hold",
		"select group_concat(kind) from (select kind from event order by seq) as t",
		"select group_concat(kind) from (select kind from outbox order by id) as t",
		"select count(*) || ' tasks' from task", "select group_concat(cast(uid as text)) from position",
	};
	struct buf b;

	f->path = (char *)path;
	buf_init(&b, f->a);
	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		buf_addf(&b, "%s; ", f_sql_text(f, what[i]));
	return b.p;
}

/* The undisturbed run, which also counts the points there are. */
static int points(struct fixture *f, const char **sum_r)
{
	char *path = fixture_fresh(f->a, "base");
	char *log = arena_printf(f->a, "%s/points", test_dir());
	int n = 0;

	setenv("RELENT_FAULT_LOG", log, 1);
	ck_assert_int_eq(child(live, path, NULL), 0);
	unsetenv("RELENT_FAULT_LOG");
	for (const char *p = test_read(f->a, log, NULL); *p != '\0'; p++)
		n += *p == '\n';
	*sum_r = arena_strdup(f->a, sum(f, path));
	return n;
}

static void round_of(const char *how)
{
	struct fixture f = { .a = arena_new(0) };
	const char *base = NULL;
	int n = points(&f, &base);

	ck_assert_int_gt(n, 30);
	for (int i = 1; i <= n; i++) {
		char *path = fixture_fresh(f.a, arena_printf(f.a, "%s_%d", how, i));
		char *fault = arena_printf(f.a, "%d:%s", i, how);
		int first = child(live, path, fault);

		if (strcmp(how, "kill") == 0)
			ck_assert_msg(first == -SIGKILL, "%s: %d", fault, first);
		ck_assert_int_eq(child(live, path, NULL), 0);
		ck_assert_msg(child(check, path, NULL) == 0, "%s: verify", fault);
		ck_assert_msg(strcmp(sum(&f, path), base) == 0, "%s:\n%s\ninstead of\n%s", fault,
			      sum(&f, path), base);
		fixture_drop(f.a, path);
	}
	arena_free(f.a);
}

/* rows: 936 */
START_TEST(killed_at_every_point)
{
#ifdef RELENT_FAULTS
	round_of("kill");
#endif
}
END_TEST

/* The same where each effect fails once in place of dying: AGAIN and UNSURE are repeated by key. */
START_TEST(failing_at_every_point)
{
#ifdef RELENT_FAULTS
	round_of("fail");
#endif
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-kill");
	TCase *c = test_case(s, "kill");

	tcase_set_timeout(c, 120);
	tcase_add_test(c, killed_at_every_point);
	tcase_add_test(c, failing_at_every_point);
	return test_run(s);
}
