/* SPDX-License-Identifier: MPL-2.0
 *
 * From a name to a number (a place in an array): for thousands of owners and mailboxes that are looked up at every mail.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stddef.h>

struct names;

#define NAMES_NONE ((size_t)-1)

struct names *names_new(void);
void names_free(struct names *n);	/* takes NULL */
/* The first number of a name stays. Borrows name until names_free(). Returns the number that it has. */
size_t names_add(struct names *n, const char *name, size_t number);
/* NAMES_NONE: no such name; n and name may be NULL. */
size_t names_find(const struct names *n, const char *name);

#endif
