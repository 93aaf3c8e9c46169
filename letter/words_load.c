/* SPDX-License-Identifier: MPL-2.0
 *
 * The words of a language from the data we ship and what a site puts in their place: the only file of this folder that
 * touches the disk, through conf.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "conf/conf.h"
#include "letter/words.h"

enum status words_load(struct arena *a, const struct conf *c, struct words **out_r, struct err *e)
{
	const char *languages[] = { "en", conf_str(c, "language") };
	enum status s = OK;

	*out_r = NULL;
	for (size_t k = 0; s == OK && k < 2; k++) {
		const struct conf_file *files;
		size_t n;

		if (k == 1 && (str_empty(languages[k]) || str_eq(languages[k], "en")))
			break;
		s = conf_data_files(a, c, arena_printf(a, "mail/%s/words.txt", languages[k]), &files, &n, e);
		if (s == OK && n == 0 && k == 0)
			s = err_set(e, CONF, "there is no text 'mail/en/words.txt' in the data directory");
		for (size_t i = 0; s == OK && i < n; i++)
			s = words_read(a, out_r, languages[k], files[i].path, files[i].text, e);
	}
	return s;
}
