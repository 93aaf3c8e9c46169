/* SPDX-License-Identifier: MPL-2.0
 *
 * A short round of a fuzz target without libFuzzer: its seeds, tests/fuzz/seeds/NAME, whole, cut and
 * damaged, always in the same ways. A crash, a sanitizer's report or an endless loop (the alarm) fails.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

enum { DAMAGES = 150 };
static const double cpu_most = 3;	/* seconds of damaging for a target */

static unsigned long state;

static size_t some(size_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return n ? (size_t)(state >> 33) % n : 0;
}

/* One to four changes: bytes set, taken out, said twice, or put elsewhere. */
static size_t damage(uint8_t *to, const uint8_t *from, size_t n)
{
	static const uint8_t odd[] = "\0\n\r\t \"'<>()[]{}:;,=-+*%@.0123456789\xff\xc3\x80";
	size_t changes = 1 + some(4);

	memcpy(to, from, n);
	for (size_t i = 0; i < changes && n > 1; i++) {
		size_t at = some(n), len = 1 + some(some(2) ? 4 : n - at), other = some(n);
		if (len > n - at)
			len = n - at;
		switch (some(4)) {
		case 0:
			to[at] = odd[some(sizeof odd - 1)];
			break;
		case 1:
			memmove(to + at, to + at + len, n - at - len);
			n -= len;
			break;
		case 2:	/* there is room for twice the seed */
			if (n + len <= 2 * n && len < 4096) {
				memmove(to + at + len, to + at, n - at);
				n += len;
			}
			break;
		default:
			if (other + len <= n)
				memmove(to + other, to + at, len);
		}
		if (n > 1 << 19)
			break;
	}
	return n;
}

static void round_of(const uint8_t *seed, size_t n)
{
	for (int i = 0; i < DAMAGES && (double)clock() / CLOCKS_PER_SEC < cpu_most; i++) {
		uint8_t *work = malloc(n * 32 + 16), *exact;
		size_t k = damage(work, seed, n);
		exact = malloc(k ? k : 1);	/* so that a sanitizer sees the end */
		if (!exact)
			abort();
		memcpy(exact, work, k);
		free(work);
		alarm(20);
		LLVMFuzzerTestOneInput(exact, k);
		free(exact);
	}
}

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
	state = n;
	round_of(exact, n);
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
