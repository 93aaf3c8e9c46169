/* SPDX-License-Identifier: MPL-2.0
 *
 * relent.conf: an error has a sentence; what is read can be asked for every setting.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "conf/conf.h"
#include "tests/fuzz/fuzz.h"

static void report(void *ctx, const char *file, int line, const char *sentence)
{
	(void)file;
	(void)line;
	*(bool *)ctx |= *sentence != '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	char *text = arena_strndup(a, (const char *)data, n), path[64];
	int fd = memfd_create("conf", MFD_CLOEXEC);
	const struct setting *all;
	bool said = false;
	struct conf *c;
	struct err e;

	/* the grammar would open other files, and put in environment variables */
	text[strcspn(text, "$")] = '\0';
	if (fd < 0 || strstr(text, "include"))
		goto out;
	if (write(fd, text, strlen(text)) < 0)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (conf_load(path, report, &said, &c, &e) == OK) {
		size_t count = conf_settings(&all);
		const struct conf_owner *owners;
		const struct conf_account *accounts;
		(void)count;
		conf_owners(c, &owners);
		conf_accounts(c, &accounts);
		conf_role(c, "submission");
		conf_free(c);
	} else if (!said) {
		abort();
	}
out:
	if (fd >= 0)
		close(fd);
	arena_free(a);
	return 0;
}
