/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "imapwatch/data.h"

#include "base/arena.h"
#include "classifier/booking.h"
#include "classifier/classifier.h"
#include "classifier/lead.h"
#include "conf/conf.h"

enum status data_phrases(const struct conf *c, struct phrases **out_r, struct err *e)
{
	static const char *const dirs[] = { "phrases", "bounces", "away" };
	enum { DIRS = sizeof(dirs) / sizeof(*dirs) };
	const struct conf_file *found[DIRS];
	struct arena *a = arena_new(0);
	size_t counts[DIRS], n = 0, k = 0;
	struct data_file *files;
	enum status s;

	for (size_t d = 0; d < DIRS; d++) {
		s = conf_data_files(a, c, dirs[d], &found[d], &counts[d], e);
		if (s != OK)
			goto out;
		n += counts[d];
	}
	files = arena_array(a, struct data_file, n);
	for (size_t d = 0; d < DIRS; d++)
		for (size_t j = 0; j < counts[d]; j++)
			files[k++] = (struct data_file){ found[d][j].name, found[d][j].text, found[d][j].n };
	s = phrases_load(files, n, out_r, e);
out:
	arena_free(a);
	return s;
}

enum status data_lead_words(const struct conf *c, struct lead_words **out_r, struct err *e)
{
	struct arena *a = arena_new(0);
	const struct conf_file *found;
	struct data_file *files;
	size_t n;
	enum status s = conf_data_files(a, c, "leads", &found, &n, e);

	if (s == OK && n == 0)
		s = err_set(e, CONF, "there are no names of form fields ('leads') in the data directory");
	if (s == OK) {
		files = arena_array(a, struct data_file, n);
		for (size_t k = 0; k < n; k++)
			files[k] = (struct data_file){ found[k].name, found[k].text, found[k].n };
		s = lead_words_load(files, n, out_r, e);
	}
	arena_free(a);
	return s;
}

enum status data_booking(const struct conf *c, struct booking_rules **out_r, struct err *e)
{
	const struct conf_file *found;
	struct arena *a = arena_new(0);
	struct data_file *files;
	size_t n;
	enum status s = conf_data_files(a, c, "booking", &found, &n, e);

	files = s == OK ? arena_array(a, struct data_file, n + 1) : NULL;
	for (size_t k = 0; s == OK && k < n; k++)
		files[k] = (struct data_file){ found[k].name, found[k].text, found[k].n };
	if (s == OK)
		s = booking_load(files, n, out_r, e);
	arena_free(a);
	return s;
}
