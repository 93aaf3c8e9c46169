/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Enough for every pattern we ship on a line of mail, and a few milliseconds at the worst. */
enum { MATCH_LIMIT = 200000, DEPTH_LIMIT = 20000, HEAP_LIMIT_KIB = 4096 };

struct pattern {
	pcre2_code *code;
};

enum status pattern_new(const char *text, unsigned flags, struct pattern **out_r, struct err *e)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_SIZE at;
	int code;
	struct pattern *p;

	if (flags & PATTERN_CASELESS)
		options |= PCRE2_CASELESS;
	if (flags & PATTERN_MULTILINE)
		options |= PCRE2_MULTILINE;
	if (flags & PATTERN_DOTALL)
		options |= PCRE2_DOTALL;
	if (flags & PATTERN_LITERAL)	/* takes few other options */
		options = PCRE2_LITERAL | PCRE2_UTF | (flags & PATTERN_CASELESS ? PCRE2_CASELESS : 0);
	p = calloc(1, sizeof *p);
	if (!p)
		return err_set(e, SYS, "out of memory");
	p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
	if (!p->code) {
		PCRE2_UCHAR why[120];

		pcre2_get_error_message(code, why, sizeof why);
		free(p);
		return err_set(e, CONF, "bad pattern '%.200s' at character %zu: %s", text, at + 1,
			       (const char *)why);
	}
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);	/* without it the interpreter runs */
	*out_r = p;
	return OK;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_code_free(p->code);
	free(p);
}

/* Only read once made, so all threads share it. */
static pcre2_match_context *limits;

static void make_limits(void)
{
	limits = pcre2_match_context_create(NULL);
	if (!limits)
		abort();	/* without limits no pattern may run */
	pcre2_set_match_limit(limits, MATCH_LIMIT);
	pcre2_set_depth_limit(limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
}

static int run(const struct pattern *p, const char *s, size_t n, size_t from, pcre2_match_data *data)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int rc;

	pthread_once(&once, make_limits);
	rc = pcre2_match(p->code, (PCRE2_SPTR)s, n, from, PCRE2_NO_UTF_CHECK, data, limits);
	/* compiled code has 32 KiB of stack; the interpreter has HEAP_LIMIT_KIB */
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(p->code, (PCRE2_SPTR)s, n, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
				 data, limits);
	return rc;
}

bool pattern_find(const struct pattern *p, const char *s, size_t n, size_t from,
		  struct pattern_match *m_r, bool *limited_r)
{
	pcre2_match_data *data;
	PCRE2_SIZE *at;
	int rc;

	if (limited_r)
		*limited_r = false;
	if (from > n)
		return false;
	data = pcre2_match_data_create(10, NULL);
	if (!data)
		return false;
	rc = run(p, s, n, from, data);
	if (rc < 0) {
		if (rc != PCRE2_ERROR_NOMATCH && limited_r)
			*limited_r = true;
		pcre2_match_data_free(data);
		return false;
	}
	at = pcre2_get_ovector_pointer(data);
	m_r->groups = rc == 0 ? 10 : rc;
	for (int i = 0; i < 10; i++) {
		bool set = i < m_r->groups && at[2 * i] != PCRE2_UNSET;

		m_r->start[i] = set ? at[2 * i] : (size_t)-1;
		m_r->end[i] = set ? at[2 * i + 1] : (size_t)-1;
	}
	pcre2_match_data_free(data);
	return true;
}

char *pattern_group(struct arena *a, const struct pattern_match *m, const char *s, int group)
{
	if (group < 0 || group >= 10 || m->start[group] == (size_t)-1)
		return NULL;
	return arena_strndup(a, s + m->start[group], m->end[group] - m->start[group]);
}
