/* SPDX-License-Identifier: MPL-2.0
 *
 * Makes the weights of the model (model.h) from labelled answers, with LIBLINEAR. Not installed.
 *
 *   train-model [--cost C] CASES               the weights, on standard output
 *   train-model --folds K [--errors] CASES     how answers are read that nothing was learnt from
 *   train-model --phrases CASES                how often a phrase keeps what it promises
 *
 * CASES/sentences/LANGUAGE.tsv hold an answer a line (see the README there), CASES/answers/SET/labels.tsv name mails. With
 * --folds no weights are printed: each part is classified by what the other parts taught, as a stranger's would be.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"
#include "classifier/phrases_private.h"
#include "ctl/mails.h"

#include <dirent.h>
#include <getopt.h>
#include <glib.h>
#include <linear.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MAX = 40000, COMMON = 2 };
/* Of a word, and of a mark: smaller ones change nothing worth the room. */
static const double SMALLEST_WORD = 1.0, SMALLEST_MARK = 0.05;

struct sample {
	struct message *m;
	enum reply_class class;
	char also[200];		/* "interested|question" */
	const char *name;
	GArray *word, *mark;	/* feature numbers */
	int fold;
};
struct set {
	struct arena *a;
	struct phrases *p;
	struct sample *s;
	size_t n;
	GHashTable *number;	/* name -> 1.. */
	GPtrArray *name;
	GArray *count;
	enum reply_class label;
	const char *wanted;
};

static void note(void *ctx, const char *name, size_t n, bool word)
{
	struct set *set = ctx;
	struct sample *s = &set->s[set->n];
	char *key = g_strndup(name, n);
	int k = GPOINTER_TO_INT(g_hash_table_lookup(set->number, key)), one = 1;

	if (!k) {
		g_ptr_array_add(set->name, key);
		g_array_append_val(set->count, one);
		k = (int)set->name->len;
		g_hash_table_insert(set->number, key, GINT_TO_POINTER(k));
	} else {
		g_array_index(set->count, int, k - 1)++;
		g_free(key);
	}
	g_array_append_val(word ? s->word : s->mark, k);
}

static void add(void *ctx, const char *name, const char *bytes, size_t n)
{
	struct set *set = ctx;
	struct sample *s = &set->s[set->n];
	struct err e;
	struct ctx *c;

	if (set->n == SAMPLES_MAX || message_read(set->a, bytes, n, &s->m, &e) != OK)
		return;
	if (reply_classify(set->a, set->p, s->m, NULL)->kind != KIND_HUMAN)
		return;	/* a machine's: no question to the model */
	s->class = set->label;
	s->name = arena_strdup(set->a, name);
	g_strlcpy(s->also, set->wanted, sizeof s->also);
	s->word = g_array_new(FALSE, FALSE, sizeof(int));
	s->mark = g_array_new(FALSE, FALSE, sizeof(int));
	c = ctx_new(set->a, set->p, s->m, NULL);
	ctx_new_text(c);
	person_features(c, note, set);
	set->n++;
}

static void sentence(struct set *set, const char *file, int number, char *line)
{
	char *tab = strchr(line, '\t'), *first, *bar;
	char name[300];
	struct buf b;

	if (*line == '#' || !tab)
		return;
	*tab++ = '\0';
	line += *line == '!';
	set->wanted = line;
	first = g_strdup(line);
	if ((bar = strchr(first, '|')))
		*bar = '\0';
	if (class_from_name(first, &set->label)) {
		buf_init(&b, set->a);
		buf_adds(&b, "From: <p@prospect.example>\nTo: <rep@sender.example>\n"
			 "Date: Tue, 03 Mar 2026 15:10:00 +0100\nMessage-ID: <s@prospect.example>\n"
			 "In-Reply-To: <t1@sender.example>\nSubject: Re: A proposal\nMIME-Version: 1.0\n"
			 "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n");
		for (; *tab && *tab != '\n'; tab++) {
			if (tab[0] == '\\' && tab[1] == 'n') {
				buf_addc(&b, '\n');
				tab++;
			} else {
				buf_addc(&b, *tab);
			}
		}
		buf_addc(&b, '\n');
		snprintf(name, sizeof name, "%s:%d", file, number);
		add(set, name, b.p, b.n);
	} else {
		fprintf(stderr, "train-model: %s, line %d: there is no class '%s'\n", file, number, first);
	}
	g_free(first);
}

static int read_sentences(struct set *set, const char *dir)
{
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort), files = 0;

	for (int i = 0; i < n; i++) {
		char *path = arena_printf(set->a, "%s/%s", dir, list[i]->d_name), *line = NULL;
		FILE *fp = span_ends_case(span_of(path), ".tsv") ? fopen(path, "r") : NULL;
		size_t room = 0;
		for (int k = 1; fp && getline(&line, &room, fp) >= 0; k++)
			sentence(set, list[i]->d_name, k, line);
		files += fp != NULL;
		if (fp)
			fclose(fp);
		free(line);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return files;
}

/* DIR/labels.tsv: file, class, other classes that would do, ... */
static void read_mails(struct set *set, const char *dir)
{
	FILE *fp = fopen(arena_printf(set->a, "%s/labels.tsv", dir), "r");
	char *line = NULL;
	size_t room = 0;

	while (fp && getline(&line, &room, fp) >= 0) {
		gchar **f = g_strsplit(line, "\t", 4);
		if (g_strv_length(f) == 4 && class_from_name(f[1], &set->label)) {
			for (char *p = f[2]; *p; p++)
				*p = *p == ',' ? '|' : *p;
			set->wanted = arena_printf(set->a, "%s|%s", f[1], f[2]);
			mails_walk(arena_printf(set->a, "%s/%s", dir, f[0]), add, set);
		}
		g_strfreev(f);
	}
	free(line);
	if (fp)
		fclose(fp);
}

static void read_answers(struct set *set, const char *dir)
{
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.')
			read_mails(set, arena_printf(set->a, "%s/%s", dir, list[i]->d_name));
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void silence(const char *s)
{
	(void)s;
}

static bool common(const struct set *set, int k)
{
	return g_array_index(set->count, int, k - 1) >= COMMON;
}

static int by_index(const void *a, const void *b)
{
	const struct feature_node *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* Feature numbers to LIBLINEAR's row: sorted, the same one added up. */
static struct feature_node *node_row(const struct set *set, const struct sample *s)
{
	size_t n = 0, out = 0, room = s->word->len + s->mark->len + 2;
	struct feature_node *x = g_new(struct feature_node, room);

	for (size_t i = 0; i < s->word->len; i++)
		if (common(set, g_array_index(s->word, int, i)))
			x[n++] = (struct feature_node){ g_array_index(s->word, int, i), model_share(s->word->len) };
	for (size_t i = 0; i < s->mark->len; i++)
		x[n++] = (struct feature_node){ g_array_index(s->mark, int, i), 1 };
	qsort(x, n, sizeof *x, by_index);
	for (size_t i = 0; i < n; i++) {
		if (out && x[out - 1].index == x[i].index)
			x[out - 1].value += x[i].value;
		else
			x[out++] = x[i];
	}
	x[out++] = (struct feature_node){ (int)set->name->len + 1, 1 };	/* the bias */
	x[out] = (struct feature_node){ -1, 0 };
	return x;
}

static void print_row(const struct model *m, int feature, const char *name, struct buf *b)
{
	bool word = strchr("wbthc", *name) && name[1] == ' ', any = false;
	double w[REPLY_CLASS_COUNT] = { 0 }, smallest = word ? SMALLEST_WORD : SMALLEST_MARK;

	for (int k = 0; k < m->nr_class; k++) {
		/* two classes share one row of weights */
		double v = m->nr_class == 2 ? m->w[feature - 1] * (k ? -1 : 1) : m->w[(feature - 1) * m->nr_class + k];
		w[m->label[k]] = v;
		any |= fabs(v) >= smallest;
	}
	if (!any)
		return;
	buf_addf(b, "%s\t", name);
	for (int k = 0, n = 0; k < REPLY_CLASS_COUNT; k++)
		if (fabs(w[k]) >= smallest / 2)
			buf_addf(b, "%s%s:%.1f", n++ ? " " : "", class_name((enum reply_class)k), w[k]);
	buf_addc(b, '\n');
}

static int by_name(const void *a, const void *b, void *ctx)
{
	const struct set *set = ctx;

	return strcmp(g_ptr_array_index(set->name, (guint)*(const int *)a),
		      g_ptr_array_index(set->name, (guint)*(const int *)b));
}

static void print_weights(struct set *set, const struct model *m, struct buf *b)
{
	int n = (int)set->name->len, *order = g_new(int, n + 1);

	buf_addf(b, "# Made by train-model from %zu answers of tests/cases: not by hand. What a word (w), two words (b),\n"
		 "# three signs (t), a head (h) or a piece (c) of a word, the length (n) and what the phrases\n"
		 "# said (r) speak for.\n",
		 set->n);
	print_row(m, n + 1, "bias", b);
	for (int i = 0; i < n; i++)
		order[i] = i;
	g_qsort_with_data(order, n, sizeof *order, by_name, set);
	for (int i = 0; i < n; i++)
		print_row(m, order[i] + 1, g_ptr_array_index(set->name, (guint)order[i]), b);
	g_free(order);
}

/* The weights learnt from all samples but those of a fold (-1: from all), as the text of the file. */
static char *learn(struct set *set, int without, double cost)
{
	struct problem prob = { .n = (int)set->name->len + 1, .bias = 1 };
	struct parameter how = { .solver_type = L2R_LR, .eps = 0.005, .C = cost };
	struct model *m;
	struct buf b;

	prob.y = g_new(double, set->n);
	prob.x = g_new(struct feature_node *, set->n);
	for (size_t i = 0; i < set->n; i++) {
		if (set->s[i].fold == without)
			continue;
		prob.y[prob.l] = set->s[i].class;
		prob.x[prob.l++] = node_row(set, &set->s[i]);
	}
	m = train(&prob, &how);
	buf_init(&b, set->a);
	print_weights(set, m, &b);
	for (int i = 0; i < prob.l; i++)
		g_free(prob.x[i]);
	g_free(prob.x);
	g_free(prob.y);
	free_and_destroy_model(&m);
	return b.p;
}

static bool right(const struct sample *s, enum reply_class got)
{
	struct span rest = span_of(s->also), one;

	while (span_split(&rest, '|', &one))
		if (span_eq(one, class_name(got)))
			return true;
	return false;
}

/* Each fold as somebody whom the others did not teach; without the model first, for comparison. */
static int cross(struct set *set, int folds, double cost, bool tell)
{
	size_t alone = 0, with = 0, n = 0, bad_stop = 0, unknown = 0;
	struct weights *was = set->p->model;
	struct err e;

	for (size_t i = 0; i < set->n; i++)
		set->s[i].fold = (int)(g_str_hash(set->s[i].name) % (guint)folds);
	for (int k = 0; k < folds; k++) {
		struct weights *w = NULL;
		char *text = learn(set, k, cost);
		if (model_read(set->a, "weights", span_of(text), &w, &e) != OK) {
			fprintf(stderr, "train-model: %s\n", e.text);
			return 1;
		}
		for (size_t i = 0; i < set->n; i++) {
			const struct sample *s = &set->s[i];
			struct finding *a, *b;
			if (s->fold != k)
				continue;
			set->p->model = NULL;
			a = reply_classify(set->a, set->p, s->m, NULL);
			set->p->model = w;
			b = reply_classify(set->a, set->p, s->m, NULL);
			n++;
			alone += right(s, a->class);
			with += right(s, b->class);
			unknown += b->class == REPLY_UNKNOWN && s->class != REPLY_UNKNOWN;
			bad_stop += b->suppress && !right(s, b->class);
			if (tell && !right(s, b->class))
				printf("%s: %s (%.2f), phrases alone %s, wanted %s: %.100s | %s\n", s->name,
				       class_name(b->class), b->confidence, class_name(a->class), s->also,
				       text_squeeze(set->a, b->visible),
				       b->evidence_n ? b->evidence[0].rule : "-");
		}
	}
	set->p->model = was;
	printf("%zu answers: phrases alone %.1f %%, with the model %.1f %% (unknown for want of more %.1f %%), "
	       "suppressed wrongly %zu\n", n, 100.0 * (double)alone / (double)n, 100.0 * (double)with / (double)n,
	       100.0 * (double)unknown / (double)n, bad_stop);
	return 0;
}

/* How often an answer that a phrase stands in is of the phrase's class: which phrases promise too much. */
static int list_phrases(struct set *set)
{
	const struct phrase *list;
	size_t n = phrases_count(set->p, &list);
	int *hit = arena_array(set->a, int, n), *kept = arena_array(set->a, int, n);

	for (size_t i = 0; i < set->n; i++) {
		struct ctx *c = ctx_new(set->a, set->p, set->s[i].m, NULL);
		enum reply_class class;
		ctx_new_text(c);
		for (size_t k = 0; k < c->body.h.n; k++) {
			const struct phrase *p = c->body.h.h[k].phrase;
			if (!class_from_name(p->topic, &class) ||
			    (!str_eq(p->section, "strong") && !str_eq(p->section, "weak")))
				continue;
			hit[p->id]++;
			kept[p->id] += right(&set->s[i], class);
		}
	}
	for (size_t i = 0; i < n; i++)
		if (hit[i])
			printf("%d of %d\t%s:%d [%s]\n", kept[i], hit[i], list[i].file, list[i].line, list[i].section);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "folds", required_argument, NULL, 'f' }, { "cost", required_argument, NULL, 'c' },
		{ "errors", no_argument, NULL, 'e' }, { "phrases", no_argument, NULL, 'p' }, { NULL, 0, NULL, 0 },
	};
	struct set set = { .a = arena_new((size_t)8 << 30) };
	double cost = 128;
	int folds = 0, o, code = 0;
	int64_t n;
	bool tell = false, by_phrase = false;
	struct err e;

	while ((o = getopt_long(argc, argv, "f:c:ep", options, NULL)) != -1) {
		if (o == 'f')
			folds = str_int(optarg, 2, 100, &n) ? (int)n : -1;
		else if (o == 'c')
			cost = strtod(optarg, NULL);
		else if (o == 'p')
			by_phrase = true;
		else
			tell = true;
	}
	if (optind != argc - 1 || cost <= 0 || folds < 0) {
		fputs("usage: train-model [--folds K [--errors] | --phrases] [--cost C] CASES\n", stderr);
		return 2;
	}
	if (mails_phrases(NULL, NULL, &set.p, &e) != OK) {
		fprintf(stderr, "train-model: %s\n", e.text);
		return 1;
	}
	set_print_string_function(silence);
	set.p->model = NULL;
	set.s = arena_array(set.a, struct sample, SAMPLES_MAX);
	set.number = g_hash_table_new(g_str_hash, g_str_equal);
	set.name = g_ptr_array_new();
	set.count = g_array_new(FALSE, FALSE, sizeof(int));
	read_sentences(&set, arena_printf(set.a, "%s/sentences", argv[optind]));
	read_answers(&set, arena_printf(set.a, "%s/answers", argv[optind]));
	if (set.n < 100) {
		fprintf(stderr, "train-model: %zu answers in '%s': too few to learn from\n", set.n, argv[optind]);
		return 1;
	}
	if (by_phrase)
		code = list_phrases(&set);
	else if (folds > 1)
		code = cross(&set, folds, cost, tell);
	else
		fputs(learn(&set, -1, cost), stdout);
	return fflush(stdout) == 0 ? code : 1;
}
