/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl classify --label, --cases, --phrase and --unhit. A case is a mail in the folder of the class it
 * should have: CASES/interested/1f3a....eml. The name is the content's, so the same mail is one case.
 */
#include "config.h"

#include "ctl/cmd_cases.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/token.h"
#include "conf/conf.h"
#include "ctl/mails.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char shipped_cases[] = "/var/lib/relent/cases";

struct cases {
	struct arena *a;
	const struct conf *conf;
	const struct cases_options *o;
	const char *dir;
	struct phrases *now, *tried;	/* tried NULL: no phrase to try */
	enum reply_class label;		/* of the folder or of --label */
	size_t n, right, right_tried, failed;
	json_t *list;			/* what is worth a line */
};

static int said(const char *sentence)
{
	fprintf(stderr, "relentctl: %s\n", sentence);
	return 1;
}

static bool make_dirs(char *path)
{
	for (char *p = path + 1;; p++) {
		char was = *p;
		if (was && was != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return false;
		*p = was;
		if (!was)
			return true;
	}
}

/* All of it or nothing: another relentctl may be reading. */
static bool write_file(struct arena *a, const char *path, const char *bytes, size_t n)
{
	char *tmp = arena_printf(a, "%s.tmp%ld", path, (long)getpid());
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0;

	for (size_t done = 0; ok && done < n;) {
		ssize_t w = write(fd, bytes + done, n - done);
		ok = w > 0 || (w < 0 && errno == EINTR);
		done += w > 0 ? (size_t)w : 0;
	}
	ok = ok && fsync(fd) == 0;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	ok = ok && rename(tmp, path) == 0;
	if (!ok && fd >= 0)
		unlink(tmp);
	return ok;
}

static const char *case_path(struct cases *c, const char *class, const char *id)
{
	return arena_printf(c->a, "%s/%s/%.16s.eml", c->dir, class, id);
}

/* A mail has one label: a second one takes the first away. */
static void keep(void *ctx, const char *name, const char *bytes, size_t n)
{
	struct cases *c = ctx;
	const char *id = token_hash(c->a, bytes, n), *to = case_path(c, c->o->label, id);
	char *dir = arena_strndup(c->a, to, (size_t)(strrchr(to, '/') - to));
	struct err e;

	if (!make_dirs(dir) || !write_file(c->a, to, bytes, n)) {
		err_set(&e, SYS, "cannot keep '%s' as '%s': %s", name, to, strerror(errno));
		said(e.text);
		c->failed++;
		return;
	}
	for (int k = 0; k < REPLY_CLASS_COUNT; k++) {
		const char *other = class_name((enum reply_class)k);
		if (!str_eq(other, c->o->label) && unlink(case_path(c, other, id)) == 0 && !c->o->json)
			printf("%s: was a case of %s\n", name, other);
	}
	if (!c->o->json)
		printf("%s: kept as %s\n", name, to);
}

static const struct finding *look(struct arena *a, const struct phrases *p, const struct message *m)
{
	return reply_classify(a, p, m, NULL);
}

static const char *because(struct arena *a, const struct finding *f)
{
	if (f->evidence_n == 0)
		return "no phrase spoke";
	return arena_printf(a, "%s \"%s\"", f->evidence[0].rule, f->evidence[0].words);
}

static void judge(void *ctx, const char *name, const char *bytes, size_t n)
{
	struct cases *c = ctx;
	struct arena *a = arena_new((size_t)256 << 20);
	const struct finding *f, *t;
	struct message *m;
	struct err e;

	if (message_read(a, bytes, n, &m, &e) != OK) {
		fprintf(stderr, "relentctl: %s: %s\n", name, e.text);
		c->failed++;
		arena_free(a);
		return;
	}
	f = t = look(a, c->now, m);
	if (c->tried)
		t = look(a, c->tried, m);
	c->n++;
	c->right += f->class == c->label;
	c->right_tried += t->class == c->label;
	if (c->tried ? t->class != f->class : f->class != c->label)
		json_array_append_new(c->list, json_pack("{s:s,s:s,s:s,s:s,s:f,s:s}", "file", name,
			"label", class_name(c->label), "class", class_name(f->class), "with_phrase",
			class_name(t->class), "confidence", f->confidence, "because", because(a, f)));
	arena_free(a);
}

static void judge_all(struct cases *c)
{
	for (int k = 0; k < REPLY_CLASS_COUNT; k++) {
		const char *dir = arena_printf(c->a, "%s/%s", c->dir, class_name((enum reply_class)k));
		struct stat st;
		c->label = (enum reply_class)k;
		if (stat(dir, &st) == 0)
			c->failed += mails_walk(dir, judge, c);
	}
}

/* "en/interested: words" or "en/interested/weak: words" becomes a file beside the others. */
static enum status trial(struct arena *a, const char *phrase, struct data_file *out_r, struct err *e)
{
	const char *colon = strchr(phrase, ':');
	struct span rest, lang, topic, section;
	char *text;

	if (!colon)
		return err_set(e, INPUT, "--phrase '%s': write LANGUAGE/CLASS: WORDS, such as 'en/interested: "
			       "tell me more'", phrase);
	rest = (struct span){ phrase, (size_t)(colon - phrase) };
	if (!span_split(&rest, '/', &lang) || !span_split(&rest, '/', &topic) || lang.n == 0 || topic.n == 0)
		return err_set(e, INPUT, "--phrase '%s': there is no LANGUAGE/CLASS before the colon", phrase);
	if (!span_split(&rest, '/', &section))
		section = span_of("strong");
	text = arena_printf(a, "[%.*s]\n%s\n", (int)section.n, section.p, colon + 1);
	*out_r = (struct data_file){ arena_printf(a, "phrases/%.*s/%.*s.local", (int)lang.n, lang.p, (int)topic.n,
						  topic.p), text, strlen(text) };
	return OK;
}

static void tell(struct cases *c, const struct data_file *more)
{
	size_t i;
	json_t *o;

	if (c->o->json) {
		json_t *all = json_pack("{s:s,s:I,s:I,s:O}", "cases", c->dir, "mails", (json_int_t)c->n, "right",
					(json_int_t)c->right, c->tried ? "changed" : "wrong", c->list);
		if (c->tried)
			json_object_set_new(all, "right_with_phrase", json_integer((json_int_t)c->right_tried));
		json_dumpf(all, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
		putchar('\n');
		json_decref(all);
		return;
	}
	printf("%zu of %zu cases in %s are classed as people said\n", c->right, c->n, c->dir);
	if (c->tried)
		printf("with the phrase: %zu of %zu; what it changes:%s\n", c->right_tried, c->n,
		       json_array_size(c->list) ? "" : " nothing");
	json_array_foreach(c->list, i, o) {
		const char *class = json_string_value(json_object_get(o, "class"));
		printf("  %s: is %s", json_string_value(json_object_get(o, "file")),
		       json_string_value(json_object_get(o, "label")));
		if (c->tried)
			printf(", would change from %s to %s\n", class,
			       json_string_value(json_object_get(o, "with_phrase")));
		else
			printf(", comes out as %s (%.2f): %s\n", class,
			       json_real_value(json_object_get(o, "confidence")),
			       json_string_value(json_object_get(o, "because")));
	}
	if (c->tried)
		printf("To keep it, add the line to /etc/relent/%s under its section, then: relentctl config check\n",
		       more->name);
}

int cases_run(const struct conf *conf, const struct cases_options *o)
{
	struct cases c = { .a = arena_new(0), .conf = conf, .o = o, .list = json_array() };
	struct data_file more = { 0 };
	enum reply_class known;
	struct err e = { "" };
	enum status st = OK;

	c.dir = conf ? conf_str(conf, "classifier.cases") : shipped_cases;
	if (o->label && !class_from_name(o->label, &known))
		st = err_set(&e, INPUT, "there is no class '%s': interested, question, objection, not_now, not_a_fit, "
			     "referral, booked, unsubscribe, complaint, out_of_office, bounce, unknown", o->label);
	if (st == OK && o->phrase)
		st = trial(c.a, o->phrase, &more, &e);
	if (st == OK)
		st = mails_phrases(conf, NULL, &c.now, &e);
	if (st == OK && o->phrase)
		st = mails_phrases(conf, &more, &c.tried, &e);
	for (size_t i = 0; st == OK && o->label && i < o->path_n; i++)
		c.failed += mails_walk(o->path[i], keep, &c);
	if (st == OK) {
		judge_all(&c);
		tell(&c, &more);
	} else {
		said(e.text);
	}
	phrases_free(c.now);
	phrases_free(c.tried);
	json_decref(c.list);
	arena_free(c.a);
	return st == INPUT ? 2 : st != OK || c.failed ? 1 : 0;
}

struct unhit {
	struct phrases *p;
	bool *hit;
	size_t failed;
};

static void mark(void *ctx, const char *name, const char *bytes, size_t n)
{
	struct unhit *u = ctx;
	struct arena *a = arena_new((size_t)256 << 20);
	struct message *m;
	struct err e;

	(void)name;
	if (message_read(a, bytes, n, &m, &e) == OK)
		phrases_mark(a, u->p, m, u->hit);
	arena_free(a);
}

int cases_unhit(const struct conf *conf, char **path, size_t path_n)
{
	struct unhit u = { 0 };
	size_t n, lines = 0, missed = 0;
	struct err e;

	if (mails_phrases(conf, NULL, &u.p, &e) != OK)
		return said(e.text);
	n = phrases_lines(u.p);
	u.hit = calloc(n, sizeof *u.hit);
	for (size_t i = 0; u.hit && i < path_n; i++)
		u.failed += mails_walk(path[i], mark, &u);
	/* phrases of one line follow each other: its spellings */
	for (size_t i = 0, k; u.hit && i < n; i = k) {
		struct phrase_line l = phrases_line(u.p, i), next = l;
		bool any = false;
		for (k = i; k < n && next.line == l.line && str_eq(next.file, l.file); k++) {
			any |= u.hit[k];
			if (k + 1 < n)
				next = phrases_line(u.p, k + 1);
		}
		lines++;
		if (any)
			continue;
		missed++;
		printf("%s:%d [%s]\n", l.file, l.line, l.section);
	}
	printf("# %zu of %zu phrases are in no mail\n", missed, lines);
	free(u.hit);
	phrases_free(u.p);
	return u.failed ? 1 : 0;
}
