/* SPDX-License-Identifier: MPL-2.0
 *
 * Hands mails to a submission service over so many connections at once, as fast as it takes them, and says how long each
 * waited between its last dot and the answer.
 *
 * usage: smtp-load PORT CONNECTIONS MAILS LOGIN PASSWORD FROM RCPT FIRST
 *   RCPT holds %d: the number of the mail, from FIRST on. LOGIN "": no authentication.
 * prints: mails/s, and p50, p99, max in microseconds
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

static int port, mails, first;
static const char *login, *password, *from, *rcpt;
static atomic_int next_mail, refused;
static int64_t *waits;

/* RCPT with the number in the place of its %d. */
static void address(char *to, size_t size, int number)
{
	const char *at = strstr(rcpt, "%d");

	if (at == NULL)
		snprintf(to, size, "%s", rcpt);
	else
		snprintf(to, size, "%.*s%d%s", (int)(at - rcpt), rcpt, number, at + 2);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(const char *why)
{
	fprintf(stderr, "smtp-load: %s\n", why);
	exit(1);
}

struct line {
	int fd;
	char text[2048];
	size_t n;
};

/* The code of the next complete answer. */
static int answer(struct line *l, char *last, size_t size)
{
	for (;;) {
		char *end = memchr(l->text, '\n', l->n);
		if (end != NULL) {
			int code = atoi(l->text);
			bool more = l->n > 3 && l->text[3] == '-';
			if (last != NULL)
				snprintf(last, size, "%.*s", (int)(end - l->text), l->text);
			l->n -= (size_t)(end + 1 - l->text);
			memmove(l->text, end + 1, l->n);
			if (!more)
				return code;
			continue;
		}
		ssize_t got = read(l->fd, l->text + l->n, sizeof(l->text) - l->n);
		if (got <= 0)
			die("the server closed the connection");
		l->n += (size_t)got;
	}
}

static void say(struct line *l, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t sent = write(l->fd, text, n);
		if (sent <= 0)
			die("cannot write");
		text += sent;
		n -= (size_t)sent;
	}
}

static void open_line(struct line *l)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int one = 1;
	char plain[300], text[700], coded[500];

	l->n = 0;
	l->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("cannot connect");
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	answer(l, NULL, 0);
	say(l, "EHLO load.example\r\n", 19);
	answer(l, NULL, 0);
	if (*login == '\0')
		return;
	int n = snprintf(plain, sizeof(plain), "%c%s%c%s", 0, login, 0, password);
	sodium_bin2base64(coded, sizeof(coded), (unsigned char *)plain, (size_t)n, sodium_base64_VARIANT_ORIGINAL);
	n = snprintf(text, sizeof(text), "AUTH PLAIN %s\r\n", coded);
	say(l, text, (size_t)n);
	if (answer(l, text, sizeof(text)) != 235)
		die(text);
}

/* About 2 KB, as a person writes; no two alike. */
static size_t compose(char *text, size_t size, int number)
{
	char to[200];
	size_t n;

	address(to, sizeof(to), number);
	n = (size_t)snprintf(text, size,
			     "From: Rita Rep <%s>\r\nTo: <%s>\r\nSubject: Question %d about your handoffs\r\n"
			     "Date: Mon, 01 Mar 2027 09:00:00 +0000\r\nMessage-ID: <%d.%d.%lld@client.example>\r\n"
			     "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nUser-Agent: Load\r\n\r\nHello Ann,\r\n\r\n",
			     from, to, number, number, (int)getpid(), (long long)now_us());
	for (int i = 0; i < 24 && n < size - 200; i++)
		n += (size_t)snprintf(text + n, size - n, "Line %d of mail %d says something of its own, number %d.\r\n", i, number,
				      number * 31 + i * 7919);
	n += (size_t)snprintf(text + n, size - n, "\r\nRegards\r\nRita\r\n.\r\n");
	return n;
}

static void *client(void *ctx)
{
	struct line l = { 0 };
	char text[8192], envelope[1000], to[200];
	(void)ctx;

	open_line(&l);
	for (;;) {
		int i = atomic_fetch_add(&next_mail, 1);
		if (i >= mails)
			break;
		address(to, sizeof(to), first + i);
		int n = snprintf(envelope, sizeof(envelope), "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", from, to);
		say(&l, envelope, (size_t)n);
		int mail_ok = answer(&l, NULL, 0), rcpt_ok = answer(&l, text, sizeof(text)), data_ok = answer(&l, NULL, 0);
		if (mail_ok != 250 || rcpt_ok != 250 || data_ok != 354)
			die(text);
		size_t size = compose(text, sizeof(text), first + i);
		int64_t before = now_us();
		say(&l, text, size);
		int code = answer(&l, text, sizeof(text));
		waits[i] = now_us() - before;
		if (code != 250 && atomic_fetch_add(&refused, 1) == 0)
			fprintf(stderr, "smtp-load: %s\n", text);
	}
	say(&l, "QUIT\r\n", 6);
	close(l.fd);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	pthread_t threads[512];
	int n;

	if (argc != 9 || sodium_init() < 0)
		die("usage: smtp-load PORT CONNECTIONS MAILS LOGIN PASSWORD FROM RCPT FIRST");
	port = atoi(argv[1]);
	n = atoi(argv[2]);
	mails = atoi(argv[3]);
	login = argv[4];
	password = argv[5];
	from = argv[6];
	rcpt = argv[7];
	first = atoi(argv[8]);
	if (n < 1 || n > 512 || mails < 1)
		die("1 to 512 connections, at least one mail");
	waits = calloc((size_t)mails, sizeof(*waits));
	int64_t begun = now_us();
	for (int i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, client, NULL);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	double seconds = (double)(now_us() - begun) / 1e6;
	qsort(waits, (size_t)mails, sizeof(*waits), by_size);
	printf("%.1f %lld %lld %lld %d\n", mails / seconds, (long long)waits[mails / 2], (long long)waits[mails * 99 / 100],
	       (long long)waits[mails - 1], atomic_load(&refused));
	return 0;
}
