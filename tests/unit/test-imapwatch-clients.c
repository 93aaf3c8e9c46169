/* SPDX-License-Identifier: MPL-2.0
 *
 * What real clients make of a draft: tests/cases/clients/saved/VERDICT (in the folder, after the rep opened it) and
 * tests/cases/clients/sent/KIND (as it is handed in). A file is one test; tests/cases/clients/draft.eml is what
 * relent had put there.
 *
 * rows: 56
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "classifier/classifier.h"
#include "imapwatch/drafts.h"
#include "policy/policy.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

enum { FILES_MAX = 200, NOW = 1804060800 };

static const char *const saved[] = { "unchanged", "edited", "other" };
static const char *const sent[] = { "touch", "manual", "conversation", "never" };
static char *files[FILES_MAX];
static size_t files_n;

/* What the rep's client had saved before it sent: only by it one of the sent mails is known. */
#define SAVED_LAST "Hello Paul,\n\nthe assistants keep the calendars, and whoever forgets them loses the first " \
	"Monday. I wrote our list of nine points down for you, one page, and it costs you nothing but the reading.\n"

static void collect(const char *dir)
{
	struct dirent **list;
	int n = scandir(test_source(dir), &list, NULL, alphasort);

	if (n < 0)
		abort();
	for (int i = 0; i < n; i++) {
		if (strstr(list[i]->d_name, ".eml") && files_n < FILES_MAX) {
			size_t size = strlen(dir) + strlen(list[i]->d_name) + 2;

			files[files_n] = malloc(size);
			if (!files[files_n])
				abort();
			snprintf(files[files_n++], size, "%s/%s", dir, list[i]->d_name);
		}
		free(list[i]);
	}
	free(list);
}

static struct message *mail(struct arena *a, const char *path)
{
	struct message *m;
	size_t n;
	char *raw = test_read(a, test_source(path), &n);

	ck_ok(message_read(a, raw, n, &m, &test_err));
	return m;
}

static const char *verdict_of(struct arena *a, const char *path)
{
	const char *end = strrchr(path, '/'), *start = end;

	while (start[-1] != '/')
		start--;
	return arena_strndup(a, start, (size_t)(end - start));
}

static struct draft ours(struct arena *a)
{
	struct message *m = mail(a, "tests/cases/clients/draft.eml");

	return (struct draft){ .id = "D2", .state = "placed", .uid = 5, .uidvalidity = 7, .step = 2,
			       .message_id = m->message_id, .to = m->to[0].key, .subject = m->subject, .text = m->text,
			       .references = "<t1.opener@ourco.example>" };
}

static void judge_saved(struct arena *a, const char *path)
{
	const char *want = verdict_of(a, path);
	struct draft d = ours(a);
	struct seen_draft seen = drafts_seen(a, mail(a, path));
	struct draft_verdict v;
	enum draft_fate fate = str_eq(want, "other") ? FATE_GONE : str_eq(want, "edited") ? FATE_EDITED : FATE_PLACED;

	seen.uid = 9;
	seen.draft = true;
	v = drafts_judge(a, &d, 7, &seen, 1, NOW, 1800);
	ck_assert_msg(v.fate == fate, "%s: fate %d instead of %d; it says:\n%s", path, v.fate, fate, seen.text);
	/* whoever withdraws it takes it out only if nothing of the rep's is in it */
	ck_assert_msg(drafts_unchanged(a, &d, &seen) == str_eq(want, "unchanged"), "%s: unchanged", path);
}

static void judge_sent(struct arena *a, const struct phrases *p, const char *path)
{
	struct draft d = ours(a);
	struct message *m = mail(a, path);
	const char *stamp = message_header(m, "Relent-Touch"), *to = "paul@prospect.example";
	struct memory_draft md = { .id = d.id, .enrolment = "E1", .step = 2, .message_id = d.message_id,
				   .subject = d.subject, .text = d.text, .seen_text = SAVED_LAST };
	struct memory_touch touch = { .id = "T1", .enrolment = "E1", .step = 1, .at = NOW - 200000,
				      .message_id = "t1.opener@ourco.example", .subject = "An idea for your team",
				      .sent = SENT_DELIVERED };
	struct memory_enrolment e = { .state = { .id = "E1", .state = SEQ_AWAITING_APPROVAL, .step = 1 }, .own = true };
	struct memory_prospect pr = { .address = to, .id = "P1", .name = "Paul Person", .enrolment = &e, .draft = &md,
				      .touches = &touch, .touches_n = 1 };
	struct memory_owner owner = { .id = "O1", .login = "rita@ourco.example" };
	struct memory mem = { .owner = &owner, .prospects = &pr, .prospects_n = 1 };
	struct outgoing o = { .role = ROLE_SUBMISSION, .login = owner.login, .sender = owner.login, .recipients = &to,
			      .recipients_n = 1, .message = m, .visible = message_visible(a, p, m).text };
	const char *got;
	size_t prospect;
	int step;

	for (size_t k = 0; k < m->in_reply_to_n; k++) {
		mem.thread.parent_is_touch |= str_eq(m->in_reply_to[k], touch.message_id);
		mem.thread.parent_is_reply |= str_eq(m->in_reply_to[k], "r1@prospect.example");
	}
	for (size_t k = 0; k < m->references_n; k++)
		mem.thread.references_ours |= str_eq(m->references[k], touch.message_id);
	if (stamp && strstr(stamp, "t=D2;"))
		mem.thread.stamp_touch = d.id;
	got = mail_kind_name(policy_kind(&o, &mem, &prospect, &step));
	ck_assert_msg(str_eq(got, verdict_of(a, path)), "%s: %s; it says:\n%s", path, got, o.visible);
	if (str_eq(got, "touch"))
		ck_assert_msg(step == 2, "%s: step %d", path, step);
}

START_TEST(one_client)
{
	struct arena *a = arena_new(0);
	struct phrases *p = mails_phrases();

	if (strstr(files[_i], "/saved/"))
		judge_saved(a, files[_i]);
	else
		judge_sent(a, p, files[_i]);
	phrases_free(p);
	arena_free(a);
}
END_TEST

START_TEST(there_are_enough)
{
	ck_assert_uint_ge(files_n, 40);
}
END_TEST

int main(void)
{
	char dir[200];

	for (size_t k = 0; k < sizeof(saved) / sizeof(*saved); k++) {
		snprintf(dir, sizeof(dir), "tests/cases/clients/saved/%s", saved[k]);
		collect(dir);
	}
	for (size_t k = 0; k < sizeof(sent) / sizeof(*sent); k++) {
		snprintf(dir, sizeof(dir), "tests/cases/clients/sent/%s", sent[k]);
		collect(dir);
	}
	Suite *s = suite_create("imapwatch-clients");
	TCase *t = test_case(s, "clients");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, one_client, 0, (int)files_n);
	tcase_add_test(t, there_are_enough);
	return test_run(s);
}
