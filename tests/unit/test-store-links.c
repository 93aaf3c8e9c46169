/* SPDX-License-Identifier: MPL-2.0
 *
 * A token is good for one action of one line of one list of one person, and for nothing else; an answer's
 * number means the line of the very mail that was answered. rows: 959
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "store/links.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;

static const struct link_action draft_actions[] = { { "approve", NULL, NULL },
						     { "reject", NULL, "not this text" },
						     { "park", "2026-04-01", NULL } };

struct unit_add {
	struct link_list l;
	struct link_line lines[2];
	bool made;
};

static enum status unit_add(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct unit_add *u = ctx;
	enum status s = store_list_add(tx, a, &u->l, &u->made, e);

	if (s != OK)
		return s;
	u->l.id = arena_strdup(f.a, u->l.id);
	u->l.owner_id = arena_strdup(f.a, u->l.owner_id);
	u->l.ref = arena_strdup(f.a, u->l.ref);
	return OK;
}

static enum status add(struct unit_add *u, const char *key, const char *first, const char *second)
{
	*u = (struct unit_add){ .l = { .kind = "digest", .key = key, .owner_id = f.owner,
				       .expires = f.now + 30 * DAY, .lines_n = second ? 2 : 1 } };
	u->l.lines = u->lines;
	u->lines[0] = (struct link_line){ .kind = "draft", .item_id = first, .label = "Ann", .shown = "abc1",
					  .actions = draft_actions, .actions_n = 3 };
	u->lines[1] = (struct link_line){ .kind = "task", .item_id = second, .label = "Bob",
					  .actions = draft_actions + 1, .actions_n = 1 };
	return f_write(&f, unit_add, u);
}

struct unit_open {
	const struct token_keys *keys;
	const char *token, *owner;
	struct link link;
};

static enum status unit_open(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct unit_open *u = ctx;
	struct link *l = &u->link;
	enum status s = store_link_open(tx, a, u->keys, u->token, u->owner, l, e);

	(void)a;
	if (s != OK)
		return s;
	l->list_id = arena_strdup(f.a, l->list_id);
	l->item_id = arena_strdup(f.a, l->item_id);
	l->verb = arena_strdup(f.a, l->verb);
	l->argument = arena_strdup(f.a, l->argument);
	l->because = arena_strdup(f.a, l->because);
	l->shown = arena_strdup(f.a, l->shown);
	return OK;
}

static enum status open_as(const char *token, const char *owner, struct link *out)
{
	struct unit_open u = { .keys = f.keys, .token = token, .owner = owner };
	enum status s = f_read(&f, unit_open, &u);

	*out = u.link;
	return s;
}

struct unit_line {
	const char *list;
	int number;
	struct link link;
};

static enum status unit_line(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct unit_line *u = ctx;
	enum status s = store_link_line(tx, a, u->list, u->number, &u->link, e);

	u->link.item_id = arena_strdup(f.a, u->link.item_id);
	return s;
}

static enum status unit_sent(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	return store_list_sent(tx, ctx, e);
}

static void setup(void) { fixture_open(&f); }
static void teardown(void) { fixture_close(&f); }

START_TEST(a_token_is_one_action)
{
	struct unit_add u;
	struct link l;
	char *approve, *park, *task;

	ck_ok(add(&u, "d1", "draft-1", "task-1"));
	ck_assert(u.made);
	approve = link_token(f.a, f.keys, &u.l, &u.lines[0], 0);
	park = link_token(f.a, f.keys, &u.l, &u.lines[0], 2);
	task = link_token(f.a, f.keys, &u.l, &u.lines[1], 0);
	ck_assert_ptr_null(link_token(f.a, f.keys, &u.l, &u.lines[1], 1));
	ck_assert_ptr_null(link_token(f.a, NULL, &u.l, &u.lines[1], 0));
	ck_assert_uint_eq(strlen(approve), LINK_TOKEN);
	ck_assert_str_ne(approve, park);
	ck_ok(open_as(approve, f.owner, &l));
	ck_assert_str_eq(l.verb, "approve");
	ck_assert_ptr_null(l.argument);
	ck_assert_str_eq(l.item_id, "draft-1");
	ck_assert_str_eq(l.shown, "abc1");
	ck_assert_int_eq(l.number, 1);
	ck_ok(open_as(park, f.owner, &l));
	ck_assert_str_eq(l.verb, "park");
	ck_assert_str_eq(l.argument, "2026-04-01");
	ck_ok(open_as(task, f.owner, &l));
	ck_assert_str_eq(l.item_id, "task-1");
	ck_assert_str_eq(l.because, "not this text");
	ck_assert_ptr_null(l.argument);
	for (char *p = approve; *p; p++)	/* as some clients and servers write addresses */
		*p = (char)toupper((unsigned char)*p);
	ck_ok(open_as(approve, f.owner, &l));
}
END_TEST

START_TEST(a_wrong_token_is_input)
{
	struct unit_add u;
	struct link l;
	char *t, *other;

	ck_ok(add(&u, "d1", "draft-1", "task-1"));
	t = link_token(f.a, f.keys, &u.l, &u.lines[0], 0);
	ck_status(open_as(t, f.owner2, &l), INPUT);
	ck_assert_ptr_nonnull(strstr(test_err.text, "somebody else"));
	for (size_t i = 0; i < LINK_TOKEN; i++) {	/* each character counts */
		char was = t[i];

		t[i] = was == 'b' ? 'c' : 'b';
		ck_status(open_as(t, f.owner, &l), INPUT);
		t[i] = was;
	}
	ck_ok(open_as(t, f.owner, &l));
	/* the head of one action with the signature of another */
	other = link_token(f.a, f.keys, &u.l, &u.lines[0], 1);
	memcpy(other + 16, t + 16, LINK_TOKEN - 16);
	ck_status(open_as(other, f.owner, &l), INPUT);
	ck_status(open_as("", f.owner, &l), INPUT);
	ck_status(open_as(NULL, f.owner, &l), INPUT);
	ck_status(open_as("not-a-token", f.owner, &l), INPUT);
	ck_status(open_as(arena_printf(f.a, "%sa", t), f.owner, &l), INPUT);
	ck_status(open_as(t, NULL, &l), INPUT);
}
END_TEST

START_TEST(what_was_signed_cannot_be_changed_in_the_store)
{
	static const char *const change[] = {
		"update digest_line set item_id = 'draft-9' where number = 1",
		"update digest_line set shown = 'abc2' where number = 1",
		"update digest_line set actions = 'suppress' where number = 1",
		"update digest_line set kind = 'task' where number = 1",
		"update digest_list set expires = expires + 1",
		"update digest_list set owner_id = (select id from owner where login = 'bob@rep.example')",
	};

	for (size_t i = 0; i < sizeof(change) / sizeof(*change); i++) {
		struct unit_add u;
		struct link l;
		char *t;

		ck_ok(add(&u, arena_printf(f.a, "d%zu", i), "draft-1", "task-1"));
		t = link_token(f.a, f.keys, &u.l, &u.lines[0], 0);
		ck_ok(open_as(t, f.owner, &l));
		f_exec(&f, change[i]);
		ck_status(open_as(t, f.owner, &l), INPUT);
		ck_status(open_as(t, f.owner2, &l), INPUT);
	}
}
END_TEST

START_TEST(a_token_ends_and_survives_a_restart)
{
	struct store_options o = fixture_options(&f);
	struct unit_add u;
	struct link l;
	char *t;

	ck_ok(add(&u, "d1", "draft-1", NULL));
	t = link_token(f.a, f.keys, &u.l, &u.lines[0], 0);
	store_close(f.s);
	ck_ok(store_open(&o, &f.s, &test_err));
	ck_ok(open_as(t, f.owner, &l));
	f.now += 30 * DAY - 1;
	ck_ok(open_as(t, f.owner, &l));
	f.now += 1;
	ck_status(open_as(t, f.owner, &l), INPUT);
	ck_assert_ptr_nonnull(strstr(test_err.text, "of 2026-03-02"));
}
END_TEST

START_TEST(a_new_key_leaves_old_tokens_good)
{
	struct token_keys *other, *both;
	struct unit_add u;
	struct unit_open q = { .owner = f.owner };
	const char *line = token_key_line(f.a, "new");
	const char *old = "k1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

	ck_ok(token_keys_parse(line, &other, &test_err));
	ck_ok(token_keys_parse(arena_printf(f.a, "%s%s", line, old), &both, &test_err));
	ck_ok(add(&u, "d1", "draft-1", NULL));
	q.token = link_token(f.a, f.keys, &u.l, &u.lines[0], 0);
	q.keys = both;
	ck_ok(f_read(&f, unit_open, &q));
	q.keys = other;		/* the old key was taken out */
	ck_status(f_read(&f, unit_open, &q), INPUT);
	q.token = link_token(f.a, both, &u.l, &u.lines[0], 0);
	ck_ok(f_read(&f, unit_open, &q));
	token_keys_free(other);
	token_keys_free(both);
}
END_TEST

START_TEST(a_number_means_the_line_of_that_mail)
{
	struct unit_add first, second;
	struct unit_line q;
	struct link l;
	char *re;

	ck_ok(add(&first, "d1", "draft-1", "task-1"));
	f.now += DAY;
	ck_ok(add(&second, "d2", "task-1", "draft-1"));
	re = link_token(f.a, f.keys, &first.l, NULL, 0);
	ck_assert_uint_eq(strlen(re), LINK_TOKEN);
	ck_ok(open_as(re, f.owner, &l));
	ck_assert_str_eq(l.verb, "reply");
	ck_assert_int_eq(l.number, 0);
	q = (struct unit_line){ .list = l.list_id, .number = 2 };
	ck_ok(f_read(&f, unit_line, &q));
	ck_assert_str_eq(q.link.item_id, "task-1");
	ck_ok(open_as(link_token(f.a, f.keys, &second.l, NULL, 0), f.owner, &l));
	q = (struct unit_line){ .list = l.list_id, .number = 2 };
	ck_ok(f_read(&f, unit_line, &q));
	ck_assert_str_eq(q.link.item_id, "draft-1");
	q.number = 3;
	ck_status(f_read(&f, unit_line, &q), INPUT);
	ck_assert_str_eq(test_err.text, "that mail has no line 3: its lines are 1 to 2");
	q.number = 0;
	ck_status(f_read(&f, unit_line, &q), INPUT);
}
END_TEST

START_TEST(one_list_of_a_key)
{
	struct unit_add u, again;
	struct link l;
	char *t;

	ck_ok(add(&u, "d1", "draft-1", "task-1"));
	t = link_token(f.a, f.keys, &u.l, &u.lines[0], 0);
	f.now += 10;
	ck_ok(add(&again, "d1", "draft-7", NULL));
	ck_assert(!again.made);
	ck_assert_str_eq(again.l.id, u.l.id);
	ck_assert_uint_eq(again.l.lines_n, 2);
	ck_ok(open_as(t, f.owner, &l));
	ck_assert_str_eq(l.item_id, "draft-1");
	/* time to decision counts from the sending, the first one */
	f.now += 50;
	ck_ok(f_write(&f, unit_sent, (void *)(uintptr_t)u.l.id));
	time_t sent = f.now;
	f.now += 50;
	ck_ok(f_write(&f, unit_sent, (void *)(uintptr_t)u.l.id));
	ck_ok(open_as(t, f.owner, &l));
	ck_assert_int_eq(l.shown_at, sent);
	ck_status(f_write(&f, unit_sent, (void *)(uintptr_t)"nothing"), GONE);
}
END_TEST

static enum status unit_prune(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_lists_prune(tx, a, 100, ctx, e);
}

START_TEST(ended_lists_are_forgotten)
{
	struct unit_add u;
	size_t n;

	ck_ok(add(&u, "d1", "draft-1", "task-1"));
	f.now += 10 * DAY;
	ck_ok(add(&u, "d2", "draft-1", NULL));
	ck_ok(f_write(&f, unit_prune, &n));
	ck_assert_uint_eq(n, 0);
	f.now += 21 * DAY;
	ck_ok(f_write(&f, unit_prune, &n));
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from digest_line"), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-links");
	TCase *t = test_case(s, "links");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_token_is_one_action);
	tcase_add_test(t, a_wrong_token_is_input);
	tcase_add_test(t, what_was_signed_cannot_be_changed_in_the_store);
	tcase_add_test(t, a_token_ends_and_survives_a_restart);
	tcase_add_test(t, a_new_key_leaves_old_tokens_good);
	tcase_add_test(t, a_number_means_the_line_of_that_mail);
	tcase_add_test(t, one_list_of_a_key);
	tcase_add_test(t, ended_lists_are_forgotten);
	return test_run(s);
}
