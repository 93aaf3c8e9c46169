/* SPDX-License-Identifier: MPL-2.0
 *
 * How fast mail is classified, beside bare GMime on the same bytes, in one interleaved run, and
 * beside Sisimai where Perl has it (SISIMAI names its script). Prints figures; is no test.
 * usage: bench-classify ROUNDS NAME=FOLDER...
 */
#include "config.h"

#include <dirent.h>
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/lib/mails.h"

enum { MAILS = 20000, ROUNDS = 200, MAIL_MAX = 4 << 20 };

struct mail {
	char *p;
	size_t n;
};

struct set {
	const char *name, *folder;
	struct mail *mails;
	size_t n, bytes;
};

/* One pass over a set; the CPU seconds it took, negative: does not take part. */
typedef double contestant(const struct set *s);

static struct phrases *phrases;
static struct arena *work;

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void take(struct set *s, const char *path)
{
	struct mail *m = &s->mails[s->n];
	FILE *f = fopen(path, "rbe");

	m->p = malloc(MAIL_MAX);
	if (!f || !m->p) {
		fprintf(stderr, "bench-classify: cannot read %s\n", path);
		exit(2);
	}
	m->n = fread(m->p, 1, MAIL_MAX, f);
	fclose(f);
	m->p = realloc(m->p, m->n + 1);
	s->bytes += m->n;
	s->n++;
}

static void walk(struct set *s, const char *folder)
{
	struct dirent **list;
	int n = scandir(folder, &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[1200];
		size_t len = strlen(list[i]->d_name);
		struct stat st;

		snprintf(path, sizeof path, "%s/%s", folder, list[i]->d_name);
		if (list[i]->d_name[0] == '.' || stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode))
			walk(s, path);
		else if (s->n < MAILS && len > 4 && str_eq(list[i]->d_name + len - 4, ".eml"))
			take(s, path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static struct set read_set(const char *arg)
{
	struct set s = { 0 };
	const char *eq = strchr(arg, '=');

	s.mails = calloc(MAILS, sizeof *s.mails);
	if (eq)
		walk(&s, eq + 1);
	if (!s.n) {
		fprintf(stderr, "bench-classify: no mails in '%s'\n", arg);
		exit(2);
	}
	s.name = strndup(arg, (size_t)(eq - arg));
	s.folder = eq + 1;
	return s;
}

/* What any program that uses GMime pays before it has looked at anything. */
static double gmime_parse(const struct set *s)
{
	double from = cpu();

	for (size_t i = 0; i < s->n; i++) {
		GMimeStream *st = g_mime_stream_mem_new_with_buffer(s->mails[i].p, s->mails[i].n);
		GMimeParser *p = g_mime_parser_new_with_stream(st);
		GMimeMessage *m = g_mime_parser_construct_message(p, NULL);

		if (m)
			g_object_unref(m);
		g_object_unref(p);
		g_object_unref(st);
	}
	return cpu() - from;
}

static double read_only(const struct set *s)
{
	double from = cpu();

	for (size_t i = 0; i < s->n; i++) {
		mails_read(work, s->mails[i].p, s->mails[i].n);
		arena_clear(work);
	}
	return cpu() - from;
}

static double classify(const struct set *s)
{
	double from = cpu();

	for (size_t i = 0; i < s->n; i++) {
		mails_classify(work, phrases, s->mails[i].p, s->mails[i].n);
		arena_clear(work);
	}
	return cpu() - from;
}

/* A Perl process beside us that makes a pass when told to; it reads the files itself. */
static FILE *to_perl, *from_perl;

static void start_sisimai(const struct set *s)
{
	const char *script = getenv("SISIMAI");
	int in[2], out[2];
	char line[200];

	to_perl = from_perl = NULL;
	if (!script || strncmp(s->name, "bounce", 6) != 0 || pipe(in) != 0 || pipe(out) != 0)
		return;
	fflush(stdout);
	if (fork() == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execlp("perl", "perl", script, s->folder, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to_perl = fdopen(in[1], "w");
	from_perl = fdopen(out[0], "r");
	if (!to_perl || !from_perl || !fgets(line, sizeof line, from_perl))
		to_perl = NULL;
}

static double sisimai(const struct set *s)
{
	char line[200];

	(void)s;
	if (!to_perl)
		return -1;
	fputs("go\n", to_perl);
	fflush(to_perl);
	return fgets(line, sizeof line, from_perl) ? strtod(line, NULL) : -1;
}

static const struct { const char *name; contestant *run; } contestants[] = {
	{ "gmime", gmime_parse }, { "read", read_only }, { "classify", classify }, { "sisimai", sisimai },
};
enum { CONTESTANTS = sizeof contestants / sizeof contestants[0] };

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double quantile(const double *v, int n, double q)
{
	double *c = malloc(sizeof *c * (size_t)n), r;

	memcpy(c, v, sizeof *c * (size_t)n);
	qsort(c, (size_t)n, sizeof *c, ascending);
	r = c[(int)(q * (n - 1) + 0.5)];
	free(c);
	return r;
}

static void report(const struct set *s, double took[CONTESTANTS][ROUNDS], int rounds, double first)
{
	double ratio[ROUNDS], bare = quantile(took[0], rounds, 0.5);

	/* before any text has been seen */
	printf("%s\tfirst\t%.0f\t%.1f\t%.1f\t%.3f\t\n", s->name, (double)s->n / first,
	       first * 1e6 / (double)s->n, (double)s->bytes / first / 1e6, bare / first);

	for (int c = 0; c < CONTESTANTS; c++) {
		double t = quantile(took[c], rounds, 0.5);
		if (t < 0)
			continue;
		for (int i = 0; i < rounds; i++)
			ratio[i] = took[0][i] / took[c][i];
		printf("%s\t%s\t%.0f\t%.1f\t%.1f\t%.3f\t%.3f..%.3f\n", s->name, contestants[c].name,
		       (double)s->n / t, t * 1e6 / (double)s->n, (double)s->bytes / t / 1e6,
		       quantile(ratio, rounds, 0.5), quantile(ratio, rounds, 0), quantile(ratio, rounds, 1));
	}
}

int main(int argc, char **argv)
{
	static double took[CONTESTANTS][ROUNDS];
	int rounds = argc > 2 ? atoi(argv[1]) : 0;

	if (rounds < 1 || rounds > ROUNDS) {
		fprintf(stderr, "usage: bench-classify ROUNDS NAME=FOLDER...   (1 to %d rounds)\n", ROUNDS);
		return 2;
	}
	g_mime_init();
	phrases = mails_phrases();
	work = arena_new((size_t)256 << 20);
	printf("set\twhat\tmails/s\tus/mail\tMB/s\tratio\tmin..max\n");
	for (int k = 2; k < argc; k++) {
		struct set s = read_set(argv[k]);
		double first;

		phrases_free(phrases);
		phrases = mails_phrases();
		first = classify(&s);
		start_sisimai(&s);
		for (int i = -1; i < rounds; i++)	/* the first warms up */
			for (int c = 0; c < CONTESTANTS; c++) {
				double t = contestants[c].run(&s);
				if (i >= 0)
					took[c][i] = t;
			}
		report(&s, took, rounds, first);
	}
	return 0;
}
