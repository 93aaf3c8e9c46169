/* SPDX-License-Identifier: MPL-2.0
 *
 * The stamp of a touch or draft: `Relent-Touch: v=1; t=<id>; k=<key id>; h=<signature>`, and the token of
 * its unsubscribe address. Whoever makes or reads one does it through here.
 */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdbool.h>

struct arena;
struct token_keys;

#define STAMP_HEADER "Relent-Touch"
/* purposes for token_sign() / token_make(): a signature for one is worth nothing for the other */
#define STAMP_PURPOSE "touch"
#define STAMP_UNSUBSCRIBE "unsubscribe"

/* The header's value for a touch or draft id. */
char *stamp_text(struct arena *a, const struct token_keys *k, const char *id);
/* True if value is a stamp signed by one of our keys; *id_r is then its id. Unknown fields are skipped,
 * a broken or forged one is false. value and k may be NULL (false). */
bool stamp_read(struct arena *a, const struct token_keys *k, const char *value, const char **id_r);

#endif
