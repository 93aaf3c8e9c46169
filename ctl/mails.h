/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails from files, mboxes, directories and standard input ("-"), and the phrase data they are read with.
 */
#ifndef CTL_MAILS_H
#define CTL_MAILS_H

#include <stddef.h>

#include "base/err.h"
#include "classifier/classifier.h"

struct conf;

/* name: the file's without its folders, "NAME:3" in an mbox; bytes are the callee's for this call. */
typedef void mail_fn(void *ctx, const char *name, const char *bytes, size_t n);
/* Every mail of path; what cannot be read is said on standard error. Returns how many could not. */
size_t mails_walk(const char *path, mail_fn *fn, void *ctx);

/* The site's phrases (conf NULL: the shipped ones); more (may be NULL): one further file. CONF. */
enum status mails_phrases(const struct conf *conf, const struct data_file *more, struct phrases **out_r,
			  struct err *e);

#endif
