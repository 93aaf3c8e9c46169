/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl classify: what relent makes of a mail, in three forms, with the reasons. Needs no
 * configuration, no store and no running daemon.
 */
#include "config.h"

#include "ctl/cmd_classify.h"

#include "ctl/cmd_cases.h"
#include "ctl/mails.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/classifier.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum format { FORMAT_TEXT, FORMAT_TSV, FORMAT_JSON };

struct job {
	struct phrases *p;
	enum format format;
	bool explain;
	size_t done, failed;
	json_t *list;
};

static const char *yes_no(bool b)
{
	return b ? "yes" : "no";
}

static const char *hardness_name(enum hardness h)
{
	return h == HARDNESS_HARD ? "hard" : h == HARDNESS_SOFT ? "soft" : "-";
}

static const char *or_dash(const char *s)
{
	return str_empty(s) ? "-" : s;
}

/* The same value for all recipients is printed once, else one each, in the order of the report. */
static const char *of_recipients(struct arena *a, const struct finding *f,
				 const char *(*get)(const struct report_recipient *))
{
	struct buf b;
	bool same = true;

	buf_init(&b, a);
	for (size_t i = 0; i < f->recipients_n; i++)
		same &= str_eq(get(&f->recipients[i]), get(&f->recipients[0]));
	for (size_t i = 0; i < f->recipients_n && (i == 0 || !same); i++) {
		if (i)
			buf_addc(&b, ',');
		buf_adds(&b, or_dash(get(&f->recipients[i])));
	}
	return or_dash(b.p);
}

static const char *get_hardness(const struct report_recipient *r)
{
	return r->fate == KIND_COMPLAINT || r->fate == KIND_DSN_SUCCESS ? "-" : hardness_name(r->hardness);
}

static const char *get_status(const struct report_recipient *r)
{
	return or_dash(r->status);
}

static const char *get_reason(const struct report_recipient *r)
{
	return r->fate == KIND_DSN_SUCCESS ? "-" : reason_name(r->reason);
}

static const char *recipients(struct arena *a, const struct finding *f)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < f->recipients_n; i++) {
		if (!*f->recipients[i].address)
			continue;
		if (b.n)
			buf_addc(&b, ',');
		buf_adds(&b, f->recipients[i].address);
	}
	return or_dash(b.p);
}

static const char *referred(struct arena *a, const struct finding *f)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < f->referred_n; i++) {
		if (i)
			buf_addc(&b, ',');
		buf_adds(&b, f->referred[i]);
	}
	return or_dash(b.p);
}

/* A field of a tab-separated line: no tabs, no line ends. */
static const char *field(struct arena *a, const char *s)
{
	char *c = arena_strdup(a, s);

	for (char *p = c; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return c;
}

static const char *evidence(struct arena *a, const struct finding *f)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < f->evidence_n; i++) {
		if (i)
			buf_adds(&b, "; ");
		buf_adds(&b, f->evidence[i].rule);
		if (!str_empty(f->evidence[i].words))
			buf_addf(&b, " \"%s\"", f->evidence[i].words);
	}
	return or_dash(b.p);
}

static const char *date_of(const struct finding *f, char out[WHEN_TEXT])
{
	return f->date.year ? date_text(f->date, out) : "-";
}

static void print_tsv(struct arena *a, const char *file, const struct finding *f)
{
	char d[WHEN_TEXT];

	printf("%s\t%s\t%s\t%s\t%.2f\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", field(a, file),
	       kind_name(f->kind), subkind_name(f->subkind), class_name(f->class), f->confidence,
	       yes_no(f->stop), yes_no(f->suppress), date_of(f, d), field(a, referred(a, f)),
	       of_recipients(a, f, get_hardness), of_recipients(a, f, get_status),
	       of_recipients(a, f, get_reason), field(a, recipients(a, f)), or_dash(f->language),
	       field(a, evidence(a, f)));
}

static const char *what_would_be_done(struct arena *a, const struct finding *f)
{
	char d[WHEN_TEXT];

	if (f->date.year && f->class == REPLY_NOT_NOW)
		return arena_printf(a, "park until %s, then a draft that says why", date_text(f->date, d));
	if (f->date.year && f->class == REPLY_OUT_OF_OFFICE)
		return arena_printf(a, "park until the working day after %s", date_text(f->date, d));
	if (f->kind == KIND_BOUNCE)
		return f->suppress ? "suppress the address (hard bounce), task: validate the contact" :
				     "count a soft bounce";
	if (f->kind == KIND_AUTO_REPLY && f->subkind == SUBKIND_LEFT_COMPANY)
		return "stop, suppress the address; a task with the successor's address if one is named";
	switch (f->class) {
	case REPLY_INTERESTED: return "stop, notify the owner at once with a hand-off note";
	case REPLY_QUESTION: return "stop, hand the question to the owner";
	case REPLY_OBJECTION: return "stop, hand the objection to the owner";
	case REPLY_NOT_NOW: return "park until the date named, else 30 days";
	case REPLY_NOT_A_FIT: return "close with the reason";
	case REPLY_REFERRAL: return "stop, task: verify the referred contact";
	case REPLY_BOOKED: return "state booked, everything else stops";
	case REPLY_UNSUBSCRIBE: return "suppress now, for all sequences and owners";
	case REPLY_COMPLAINT: return "suppress now, pause everything at that company, tell owner and "
				     "administrator";
	case REPLY_OUT_OF_OFFICE: return "park until the working day after the return";
	case REPLY_BOUNCE: return "suppress the address";
	case REPLY_UNKNOWN:
	case REPLY_CLASS_COUNT: break;
	}
	return f->stop ? "stop; a person decides" : "record it; the sequence goes on";
}

static void print_block(const char *title, const char *text)
{
	struct span rest = span_of(text), line;

	if (str_empty(text))
		return;
	printf("  %s:\n", title);
	while (span_line(&rest, &line))
		printf("    | %.*s\n", (int)line.n, line.p);
}

static void print_text(struct arena *a, const char *file, const struct finding *f, bool explain)
{
	char d[WHEN_TEXT];

	printf("%s: %s", file, kind_name(f->kind));
	if (f->subkind != SUBKIND_NONE)
		printf(" (%s)", subkind_name(f->subkind));
	printf(", class %s, confidence %.2f, stop %s, suppress %s\n", class_name(f->class),
	       f->confidence, yes_no(f->stop), yes_no(f->suppress));
	if (f->date.year || f->date_words)
		printf("  date: %s, from \"%s\"%s\n", date_of(f, d), or_dash(f->date_words),
		       f->date_review ? ", a person should look at it" : "");
	if (f->referred_n)
		printf("  write to: %s\n", referred(a, f));
	for (size_t i = 0; i < f->recipients_n; i++) {
		const struct report_recipient *r = &f->recipients[i];
		printf("  recipient: %s %s %s %s %s\n", or_dash(r->address), kind_name(r->fate),
		       hardness_name(r->hardness), or_dash(r->status), reason_name(r->reason));
		if (explain && r->words)
			printf("    words: %s%s\n", r->words, r->about_address ? "" :
			       " (not about the address)");
	}
	if (!explain)
		return;
	for (size_t i = 0; i < f->evidence_n; i++)
		printf("  because: %s: \"%s\" in %s\n", f->evidence[i].rule, f->evidence[i].words,
		       f->evidence[i].where);
	if (f->objection)
		printf("  objection: %s\n", f->objection);
	if (f->original_message_id)
		printf("  about: <%s>%s%s\n", f->original_message_id, f->original_to ? " to " : "",
		       f->original_to ? f->original_to : "");
	printf("  language: %s\n", f->language);
	print_block("new text", f->visible);
	print_block("ignored as quote", f->ignored_quote);
	print_block("ignored as signature or footer", f->ignored_footer);
	printf("  would: %s\n", what_would_be_done(a, f));
}

static json_t *strings(const char *const *list, size_t n)
{
	json_t *j = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(j, json_string(list[i]));
	return j;
}

static void set_or_null(json_t *j, const char *key, const char *s)
{
	json_object_set_new(j, key, str_empty(s) ? json_null() : json_string(s));
}

static json_t *to_json(struct arena *a, const char *file, const struct finding *f, bool explain)
{
	json_t *j = json_object(), *list = json_array(), *why = json_array();
	char d[WHEN_TEXT];

	json_object_set_new(j, "file", json_string(file));
	json_object_set_new(j, "kind", json_string(kind_name(f->kind)));
	set_or_null(j, "subkind", f->subkind ? subkind_name(f->subkind) : NULL);
	json_object_set_new(j, "class", json_string(class_name(f->class)));
	json_object_set_new(j, "confidence", json_real(f->confidence));
	json_object_set_new(j, "stop", json_boolean(f->stop));
	json_object_set_new(j, "suppress", json_boolean(f->suppress));
	set_or_null(j, "date", f->date.year ? date_text(f->date, d) : NULL);
	set_or_null(j, "date_words", f->date_words);
	json_object_set_new(j, "date_review", json_boolean(f->date_review));
	json_object_set_new(j, "referred", strings(f->referred, f->referred_n));
	set_or_null(j, "language", f->language);
	set_or_null(j, "objection", f->objection);
	set_or_null(j, "feedback_type", f->feedback_type);
	set_or_null(j, "original_message_id", f->original_message_id);
	set_or_null(j, "calendar_partstat", f->calendar_partstat);
	for (size_t i = 0; i < f->recipients_n; i++) {
		const struct report_recipient *r = &f->recipients[i];
		json_t *o = json_object();
		set_or_null(o, "address", r->address);
		json_object_set_new(o, "fate", json_string(kind_name(r->fate)));
		set_or_null(o, "hard_or_soft", r->hardness ? hardness_name(r->hardness) : NULL);
		set_or_null(o, "status", r->status);
		json_object_set_new(o, "reason", json_string(reason_name(r->reason)));
		json_object_set_new(o, "about_address", json_boolean(r->about_address));
		set_or_null(o, "words", r->words);
		json_array_append_new(list, o);
	}
	json_object_set_new(j, "recipients", list);
	for (size_t i = 0; i < f->evidence_n; i++) {
		json_t *o = json_object();
		json_object_set_new(o, "rule", json_string(f->evidence[i].rule));
		json_object_set_new(o, "words", json_string(f->evidence[i].words));
		json_object_set_new(o, "where", json_string(f->evidence[i].where));
		json_array_append_new(why, o);
	}
	json_object_set_new(j, "evidence", why);
	if (explain) {
		json_object_set_new(j, "visible", json_string(f->visible));
		json_object_set_new(j, "quote", json_string(f->ignored_quote));
		json_object_set_new(j, "footer", json_string(f->ignored_footer));
		json_object_set_new(j, "would", json_string(what_would_be_done(a, f)));
	}
	return j;
}

static void one_mail(void *ctx, const char *name, const char *bytes, size_t n)
{
	struct job *job = ctx;
	struct arena *a = arena_new((size_t)256 << 20);
	struct message *m;
	struct finding *f;
	struct err e;

	if (message_read(a, bytes, n, &m, &e) != OK) {
		fprintf(stderr, "relentctl: %s: %s\n", name, e.text);
		job->failed++;
		arena_free(a);
		return;
	}
	f = reply_classify(a, job->p, m, NULL);
	job->done++;
	if (job->format == FORMAT_TSV)
		print_tsv(a, name, f);
	else if (job->format == FORMAT_TEXT)
		print_text(a, name, f, job->explain);
	else
		json_array_append_new(job->list, to_json(a, name, f, job->explain));
	arena_free(a);
}

static int usage(void)
{
	fputs("usage: relentctl classify [--format json|tsv|text] [--explain] PATH...\n"
	      "       relentctl classify --label CLASS PATH...\n"
	      "       relentctl classify --cases [--phrase 'LANGUAGE/CLASS: WORDS']\n"
	      "       relentctl classify --unhit PATH...\n"
	      "PATH is a mail, an mbox, a directory of mails, or - for standard input.\n"
	      "  --explain  every reason, what was ignored, where dates come from, what would be done\n"
	      "  --label    adds the mails to the site's own cases, under the class they should have\n"
	      "  --cases    how the site's cases are classed now\n"
	      "  --phrase   what one more phrase would change in them; writes nothing\n"
	      "  --unhit    which lines of the phrase files none of the mails speaks to\n", stderr);
	return 2;
}

int classify_mails(int argc, char **argv, const struct conf *conf)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' }, { "explain", no_argument, NULL, 'e' },
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' },
		{ "label", required_argument, NULL, 'l' }, { "cases", no_argument, NULL, 'c' },
		{ "phrase", required_argument, NULL, 'p' }, { "unhit", no_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	struct job job = { .format = FORMAT_TEXT };
	struct cases_options cases = { 0 };
	bool look = false, unhit = false;
	struct err e;
	int o;

	optind = 1;
	while ((o = getopt_long(argc, argv, "f:ejhl:cp:u", options, NULL)) != -1) {
		if (o == 'e')
			job.explain = true;
		else if (o == 'l')
			cases.label = optarg;
		else if (o == 'p')
			cases.phrase = optarg;
		else if (o == 'c')
			look = true;
		else if (o == 'u')
			unhit = true;
		else if (o == 'j')
			job.format = FORMAT_JSON;
		else if (o == 'f' && str_eq(optarg, "tsv"))
			job.format = FORMAT_TSV;
		else if (o == 'f' && str_eq(optarg, "json"))
			job.format = FORMAT_JSON;
		else if (o != 'f' || !str_eq(optarg, "text"))
			return usage();
	}
	cases.json = job.format == FORMAT_JSON;
	cases.path = argv + optind;
	cases.path_n = (size_t)(argc - optind);
	look |= cases.phrase != NULL;
	if ((cases.path_n == 0) != (look && !cases.label))
		return usage();
	if (look || cases.label)
		return cases_run(conf, &cases);
	if (unhit)
		return cases_unhit(conf, cases.path, cases.path_n);
	if (mails_phrases(conf, NULL, &job.p, &e) != OK) {
		fprintf(stderr, "relentctl: %s\n", e.text);
		return 1;
	}
	if (job.format == FORMAT_TSV)
		puts("file\tkind\tsubkind\tclass\tconfidence\tstop\tsuppress\tdate\treferred\t"
		     "hard_or_soft\tstatus\treason\trecipients\tlanguage\tevidence");
	job.list = json_array();
	for (int i = optind; i < argc; i++)
		job.failed += mails_walk(argv[i], one_mail, &job);
	if (job.format == FORMAT_JSON) {
		json_dumpf(job.list, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
		putchar('\n');
	}
	json_decref(job.list);
	phrases_free(job.p);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "relentctl: cannot write the result: %s\n", strerror(errno));
		return 1;
	}
	return job.failed ? 1 : 0;
}
