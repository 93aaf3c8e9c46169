/* SPDX-License-Identifier: MPL-2.0
 *
 * Who is an outreach sender: asked for every MAIL FROM, so it is kept in memory, and mirrored in a file
 * that is read when the store is away. Nobody else's mail ever waits for the store.
 */
#include "config.h"

#include "milter/milter.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
	const char *key;	/* lower case: login or address */
	const char *login;	/* as the store has it */
	bool address;
};

struct owners {
	atomic_int refs;
	struct arena *arena;
	struct entry *list;	/* sorted by key, logins before addresses of the same text */
	size_t n, room, logins;
};

static struct owners *owners_new(void)
{
	struct arena *a = arena_new(0);
	struct owners *o = arena_new_of(a, struct owners);

	o->arena = a;
	atomic_init(&o->refs, 1);
	return o;
}

struct owners *owners_ref(struct owners *o)
{
	atomic_fetch_add(&o->refs, 1);
	return o;
}

void owners_unref(struct owners *o)
{
	if (o && atomic_fetch_sub(&o->refs, 1) == 1)
		arena_free(o->arena);
}

static void add(struct owners *o, const char *login, const char *key, bool address)
{
	if (o->n == o->room) {
		struct entry *more;

		o->room = o->room ? 2 * o->room : 32;
		more = arena_array(o->arena, struct entry, o->room);
		for (size_t i = 0; i < o->n; i++)
			more[i] = o->list[i];
		o->list = more;
	}
	o->list[o->n++] = (struct entry){ str_lower(o->arena, key), arena_strdup(o->arena, login),
					  address };
	o->logins += !address;
}

static int by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->key, y->key);

	return c ? c : (int)x->address - (int)y->address;
}

static void sort(struct owners *o)
{
	if (o->n)
		qsort(o->list, o->n, sizeof(*o->list), by_key);
}

static enum status take_row(void *ctx, const struct row *r, struct err *e)
{
	struct owners *o = ctx;
	const char *login = row_text(r, "login"), *address = row_text(r, "address");

	(void)e;
	if (!str_empty(address))
		add(o, login, address, true);
	else
		add(o, login, login, false);
	return OK;
}

static enum status read_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct owners *o = ctx;

	(void)a;
	o->n = o->logins = 0;	/* it may be run again */
	return store_query(tx, "milter_owners", NULL, 0, take_row, o, NULL, e);
}

enum status owners_from_store(struct store *s, time_t now, struct owners **out_r, struct err *e)
{
	struct owners *o = owners_new();
	enum status st = store_read(s, now, read_all, o, e);

	if (st != OK) {
		owners_unref(o);
		return st;
	}
	sort(o);
	*out_r = o;
	return OK;
}

/* One line an entry: `login` or `login<TAB>address`. */
enum status owners_mirror(const struct owners *o, const char *path, struct err *e)
{
	char *tmp = arena_printf(o->arena, "%s.new", path);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool bad;

	if (!f) {
		int why = errno;

		if (fd >= 0)
			close(fd);
		return err_set(e, SYS, "cannot write '%s': %s", tmp, strerror(why));
	}
	fputs("# outreach senders, written by relent-milter; read when the store is away\n", f);
	for (size_t i = 0; i < o->n; i++) {
		if (o->list[i].address)
			fprintf(f, "%s\t%s\n", o->list[i].login, o->list[i].key);
		else
			fprintf(f, "%s\n", o->list[i].login);
	}
	bad = fflush(f) != 0 || fsync(fd) != 0;
	bad = fclose(f) != 0 || bad;
	if (bad || rename(tmp, path) != 0)
		return err_set(e, SYS, "cannot write '%s': %s", path, strerror(errno));
	return OK;
}

enum status owners_from_mirror(const char *path, struct owners **out_r, struct err *e)
{
	FILE *f = fopen(path, "re");
	struct owners *o;
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	if (!f)
		return err_set(e, errno == ENOENT ? GONE : SYS, "cannot open '%s': %s", path,
			       strerror(errno));
	o = owners_new();
	while ((n = getline(&text, &size, f)) > 0) {
		struct span line = span_trim((struct span){ text, (size_t)n }), login;

		if (!line.n || line.p[0] == '#' || !span_split(&line, '\t', &login))
			continue;
		const char *who = span_dup(o->arena, login);

		if (line.n)
			add(o, who, span_dup(o->arena, line), true);
		else
			add(o, who, who, false);
	}
	free(text);
	fclose(f);
	sort(o);
	*out_r = o;
	return OK;
}

bool owners_same(const struct owners *a, const struct owners *b)
{
	if (!a || !b || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (by_key(&a->list[i], &b->list[i]) != 0 ||
		    !str_eq(a->list[i].login, b->list[i].login))
			return false;
	}
	return true;
}

size_t owners_count(const struct owners *o)
{
	return o->logins;
}

/* The list's keys are lower case already; asked for every MAIL FROM, so nothing is allocated. */
static int by_text(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcasecmp(x->key, y->key);

	return c ? c : (int)x->address - (int)y->address;
}

static const char *find(const struct owners *o, const char *text, bool address)
{
	struct entry key = { .key = text, .address = address };
	const struct entry *hit;

	if (!o || str_empty(text) || !o->n)
		return NULL;
	hit = bsearch(&key, o->list, o->n, sizeof(*o->list), by_text);
	return hit ? hit->login : NULL;
}

const char *owners_by_login(const struct owners *o, const char *login)
{
	return find(o, login, false);
}

const char *owners_by_address(const struct owners *o, const char *address)
{
	return find(o, address, true);
}
