/* SPDX-License-Identifier: MPL-2.0
 *
 * Modified UTF-7 (RFC 3501, 5.1.3): the names of folders as IMAP servers write them. Pure.
 */
#ifndef BASE_UTF7_H
#define BASE_UTF7_H

struct arena;

/* The server's form of a name as people write it. What is in that form already (ASCII, each '&' of it begins a
 * proper piece) stays as it is. */
const char *utf7_encode(struct arena *a, const char *name);
/* For people: UTF-8; what cannot be decoded comes back as valid UTF-8 and otherwise as it is. */
const char *utf7_decode(struct arena *a, const char *name);

#endif
