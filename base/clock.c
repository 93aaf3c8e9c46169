/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/when.h"

struct clock {
	pthread_mutex_t lock;
	char *file;
	int64_t offset_ms;
};

static int64_t real_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The offset the file asks for; false (and untouched) if it cannot be read. */
static bool read_offset(const char *file, int64_t *offset_ms_r)
{
	char text[64];
	struct stat st;
	int64_t seconds;
	ssize_t n;
	time_t t;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof text - 1);
	if (n <= 0 || fstat(fd, &st) < 0) {
		close(fd);
		return false;
	}
	close(fd);
	text[n] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (text[0] == '+' || text[0] == '-') {
		if (!str_duration(text + 1, &seconds))
			return false;
		*offset_ms_r = seconds * (text[0] == '-' ? -1000 : 1000);
		return true;
	}
	if (!when_parse(text, "UTC", &t))
		return false;
	*offset_ms_r = (int64_t)t * 1000 - ((int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000);
	return true;
}

enum status clock_new(const char *file, struct clock **out_r, struct err *e)
{
	struct clock *c = calloc(1, sizeof *c);

	if (!c)
		return err_set(e, SYS, "out of memory");
	pthread_mutex_init(&c->lock, NULL);
	if (file) {
		c->file = strdup(file);
		if (!c->file || !read_offset(file, &c->offset_ms)) {
			clock_free(c);
			return err_set(e, CONF, "clock file '%s' holds no time such as "
				"2026-03-02T09:00:00Z or +2d", file);
		}
	}
	*out_r = c;
	return OK;
}

void clock_free(struct clock *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->lock);
	free(c->file);
	free(c);
}

int64_t clock_now_ms(struct clock *c)
{
	int64_t offset;

	if (!c->file)
		return real_ms();
	pthread_mutex_lock(&c->lock);
	read_offset(c->file, &c->offset_ms);
	offset = c->offset_ms;
	pthread_mutex_unlock(&c->lock);
	return real_ms() + offset;
}

time_t clock_now(struct clock *c)
{
	return (time_t)(clock_now_ms(c) / 1000);
}

time_t clock_from_real(struct clock *c, time_t real)
{
	if (!c->file)
		return real;
	/* rounded up: real has lost its fraction, and must not seem older than what it followed */
	return real + (time_t)((clock_now_ms(c) - real_ms() + 999) / 1000);
}

int64_t clock_mono_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
