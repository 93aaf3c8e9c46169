/* SPDX-License-Identifier: MPL-2.0
 *
 * Runs a fuzz target over its seeds, tests/fuzz/seeds/NAME: a crash, a sanitizer's report or an endless
 * loop (the alarm) fails.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

static int replay(const char *folder, const char *name, int number)
{
	char path[1300];
	size_t n, room = 1 << 20;
	uint8_t *data = malloc(room), *exact;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rbe");
	if (!f || !data) {
		printf("not ok %d - cannot read %s\n", number, path);
		return 1;
	}
	n = fread(data, 1, room, f);
	fclose(f);
	exact = malloc(n ? n : 1);	/* so that a sanitizer sees the end */
	if (!exact)
		abort();
	memcpy(exact, data, n);
	alarm(20);
	LLVMFuzzerTestOneInput(exact, n);
	for (size_t cut = 0; cut < n; cut += 1 + n / 50)
		LLVMFuzzerTestOneInput(exact, cut);
	alarm(0);
	free(exact);
	free(data);
	printf("ok %d - %s\n", number, name);
	return 0;
}

int main(void)
{
	const char *top = getenv("TOP_SRCDIR");
	char folder[900];
	struct dirent **list;
	int n, number = 0, failed = 0;

	snprintf(folder, sizeof(folder), "%s/tests/fuzz/seeds/%s", top ? top : ".", FUZZ_NAME);
	n = scandir(folder, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.')
			failed += replay(folder, list[i]->d_name, ++number);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	if (!number) {
		printf("Bail out! no seeds in %s\n", folder);
		return 1;
	}
	printf("1..%d\n", number);
	return failed != 0;
}
