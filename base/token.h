/* SPDX-License-Identifier: MPL-2.0
 *
 * Keyed marks: signed stamps and links, keyed hashes of addresses, plain hashes. libsodium.
 * A key file has lines `<id> <64 hex digits>`; the first signs, all verify (rotation by id).
 * It must not be readable by others than its owner and group.
 */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;
struct token_keys;

enum status token_keys_load(const char *path, struct token_keys **out_r, struct err *e);
/* From text in memory (tests, the file's content). */
enum status token_keys_parse(const char *text, struct token_keys **out_r, struct err *e);
void token_keys_free(struct token_keys *k);
/* A new line for a key file: id (may be NULL: made from the time) and 32 random bytes. */
char *token_key_line(struct arena *a, const char *id);

/* Signature of (purpose, payload): base32 lower case of HMAC-SHA-256 cut to 15 bytes (24
 * characters). *key_id_r gets the id of the key used (borrowed from k). */
char *token_sign(struct arena *a, const struct token_keys *k, const char *purpose,
		 const char *payload, const char **key_id_r);
/* Constant-time. key_id NULL: any key. */
bool token_verify(const struct token_keys *k, const char *purpose, const char *payload,
		  const char *key_id, const char *signature);

/* One self-contained token for addresses and links: at most 40 characters [a-z2-7], case does not
 * matter: 10 bytes of id (what it is about is looked up by it) and 15 of signature, made from the
 * first 80 random bits of the id. */
char *token_make(struct arena *a, const struct token_keys *k, const char *purpose, const char *id);
/* True if token is ours for purpose; *id_r gets the id prefix (20 hex digits) to look up. */
bool token_open(struct arena *a, const struct token_keys *k, const char *purpose,
		const char *token, char **id_r);

/* SHA-256 as 64 hex digits. */
char *token_hash(struct arena *a, const void *p, size_t n);
/* Keyed hash (oldest key of the file, so that rotation keeps it), 32 hex digits: suppression without
 * the address. */
char *token_keyed_hash(struct arena *a, const struct token_keys *k, const char *text);

#endif
