/* SPDX-License-Identifier: MPL-2.0
 *
 * In libmilter's place: hands mails to relent-milter's callbacks without a socket and without an MTA, so that the CPU of a
 * decision can be counted in instructions (callgrind), which a busy machine does not change. Linked with all of the milter's
 * own code; smfi_main() runs the mails and returns.
 *
 * BENCH_UNIT="MAILS THREADS FIRST": touches to ann@x<FIRST>.example and on; the first 50 mails warm up and are not counted.
 * Says the CPU of the process a mail, and the time.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <libmilter/mfapi.h>
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

enum { WARM = 50, LINES = 24 };

struct smfi_str {
	void *mine;
	char queue_id[24];
};

static struct smfiDesc milter;
static int mails, threads = 1, first;
static atomic_int next_mail, refused;
static int until;

int smfi_register(smfiDesc_str d) { milter = d; return MI_SUCCESS; }
int smfi_setconn(char *s) { (void)s; return MI_SUCCESS; }
int smfi_setbacklog(int n) { (void)n; return MI_SUCCESS; }
int smfi_opensocket(bool remove) { (void)remove; return MI_SUCCESS; }
int smfi_setpriv(SMFICTX *c, void *p) { c->mine = p; return MI_SUCCESS; }
void *smfi_getpriv(SMFICTX *c) { return c->mine; }
int smfi_setsymlist(SMFICTX *c, int where, char *names) { (void)c; (void)where; (void)names; return MI_SUCCESS; }
int smfi_addheader(SMFICTX *c, char *name, char *value) { (void)c; (void)name; (void)value; return MI_SUCCESS; }
int smfi_chgheader(SMFICTX *c, char *name, int n, char *value) { (void)c; (void)name; (void)n; (void)value; return MI_SUCCESS; }
int smfi_delrcpt(SMFICTX *c, char *path) { (void)c; (void)path; return MI_SUCCESS; }

static void told(const char *text)
{
	if (atomic_fetch_add(&refused, 1) == 0)
		fprintf(stderr, "bench-unit: %s\n", text);
}

int smfi_setreply(SMFICTX *c, char *code, char *enhanced, char *text)
{
	(void)c; (void)code; (void)enhanced;
	told(text);
	return MI_SUCCESS;
}

int smfi_setmlreply(SMFICTX *c, const char *code, const char *enhanced, ...)
{
	(void)c; (void)enhanced;
	told(code);
	return MI_SUCCESS;
}

char *smfi_getsymval(SMFICTX *c, char *name)
{
	static char login[] = "rita@ourco.example", daemon[] = "submission";

	return strcmp(name, "{auth_authen}") == 0 ? login : strcmp(name, "{daemon_name}") == 0 ? daemon
	     : strcmp(name, "i") == 0 ? c->queue_id : NULL;
}

/* The same bytes in each run, no two mails alike: what bench/smtp_load.c sends. */
static void one(SMFICTX *c, int number)
{
	char from[] = "<rita@ourco.example>", to[80], value[6][120], body[4096];
	static const char *const names[6] = { "From", "To", "Subject", "Date", "Message-ID", "Content-Type" };
	char *argv[2] = { from, NULL };
	size_t n;

	snprintf(c->queue_id, sizeof(c->queue_id), "4Q%08X", (unsigned)number);
	snprintf(to, sizeof(to), "<ann@x%d.example>", number);
	snprintf(value[0], sizeof(value[0]), "Rita Rep <rita@ourco.example>");
	snprintf(value[1], sizeof(value[1]), "%s", to);
	snprintf(value[2], sizeof(value[2]), "Question %d about your handoffs", number);
	snprintf(value[3], sizeof(value[3]), "Mon, 01 Mar 2027 09:00:00 +0000");
	snprintf(value[4], sizeof(value[4]), "<%d.unit@client.example>", number);
	snprintf(value[5], sizeof(value[5]), "text/plain; charset=utf-8");
	milter.xxfi_envfrom(c, argv);
	argv[0] = to;
	milter.xxfi_envrcpt(c, argv);
	for (int i = 0; i < 6; i++)
		milter.xxfi_header(c, (char *)names[i], value[i]);
	n = (size_t)snprintf(body, sizeof(body), "Hello Ann,\r\n\r\n");
	for (int i = 0; i < LINES; i++)
		n += (size_t)snprintf(body + n, sizeof(body) - n, "Line %d of mail %d says something of its own, number %d.\r\n", i,
				      number, number * 31 + i * 7919);
	n += (size_t)snprintf(body + n, sizeof(body) - n, "\r\nRegards\r\nRita\r\n");
	milter.xxfi_body(c, (unsigned char *)body, n);
	if (milter.xxfi_eom(c) != SMFIS_CONTINUE)
		told("not let through");
}

static void *connection(void *ctx)
{
	SMFICTX c = { 0 };
	int i;

	(void)ctx;
	while ((i = atomic_fetch_add(&next_mail, 1)) < until)
		one(&c, first + i);
	milter.xxfi_close(&c);
	return NULL;
}

static void run(int to)
{
	pthread_t list[256];

	until = to;
	if (threads == 1) {
		connection(NULL);
	} else {
		for (int i = 0; i < threads; i++)
			pthread_create(&list[i], NULL, connection, NULL);
		for (int i = 0; i < threads; i++)
			pthread_join(list[i], NULL);
	}
	atomic_store(&next_mail, to);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int smfi_main(void)
{
	unsigned long f[4] = { 0 };
	SMFICTX c = { 0 };
	struct rusage before, after;
	struct timespec begun, ended;

	if (getenv("BENCH_UNIT") == NULL || sscanf(getenv("BENCH_UNIT"), "%d %d %d", &mails, &threads, &first) != 3 ||
	    threads < 1 || threads > 256)
		return MI_FAILURE;
	milter.xxfi_negotiate(&c, 0x1ff, 0x1fffff, 0, 0, &f[0], &f[1], &f[2], &f[3]);
	milter.xxfi_close(&c);
	run(WARM);
	getrusage(RUSAGE_SELF, &before);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	CALLGRIND_START_INSTRUMENTATION;
	run(WARM + mails);
	CALLGRIND_STOP_INSTRUMENTATION;
	getrusage(RUSAGE_SELF, &after);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	printf("%.0f %.0f %.0f %d\n", (seconds(after.ru_utime) - seconds(before.ru_utime)) * 1e6 / mails,
	       (seconds(after.ru_stime) - seconds(before.ru_stime)) * 1e6 / mails,
	       ((double)(ended.tv_sec - begun.tv_sec) * 1e6 + (double)(ended.tv_nsec - begun.tv_nsec) / 1e3) / mails,
	       atomic_load(&refused));
	return MI_SUCCESS;
}
