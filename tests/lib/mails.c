/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/lib/mails.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "conf/conf.h"

struct phrases *mails_phrases(void)
{
	static const char *const dirs[] = { "phrases", "away", "bounces" };
	const char *top = getenv("TOP_SRCDIR");
	struct arena *a = arena_new((size_t)1 << 30);
	struct data_file *files = arena_array(a, struct data_file, 4000);
	struct phrases *p = NULL;
	struct err e;
	size_t total = 0;

	setenv("RELENT_DATA", arena_printf(a, "%s/conf", top ? top : TOP_SRCDIR), 1);
	for (size_t i = 0; i < 3; i++) {
		const struct conf_file *list;
		size_t n;
		if (conf_data_files(a, NULL, dirs[i], &list, &n, &e) != OK)
			goto bad;
		for (size_t k = 0; k < n; k++)
			files[total++] = (struct data_file){ list[k].name, list[k].text, list[k].n };
	}
	if (phrases_load(files, total, &p, &e) != OK)
		goto bad;
	arena_free(a);
	return p;
bad:
	fprintf(stderr, "cannot load the phrases: %s\n", e.text);
	exit(99);
}

struct message *mails_read(struct arena *a, const char *text, size_t n)
{
	struct message *m;
	struct err e;

	return message_read(a, text, n, &m, &e) == OK ? m : NULL;
}

struct finding *mails_classify(struct arena *a, const struct phrases *p, const char *text, size_t n)
{
	struct message *m = mails_read(a, text, n);

	return m ? reply_classify(a, p, m, NULL) : NULL;
}

struct finding *mails_classify_file(struct arena *a, const struct phrases *p, const char *path)
{
	FILE *fp = fopen(path, "rb");
	char *text = arena_alloc(a, 1 << 20);
	size_t n;

	if (!fp)
		return NULL;
	n = fread(text, 1, 1 << 20, fp);
	fclose(fp);
	return mails_classify(a, p, text, n);
}
