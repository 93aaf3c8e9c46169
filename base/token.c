/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/str.h"

enum { KEYS_MAX = 64, KEY_BYTES = 32, SIGNATURE_BYTES = 15, ID_BYTES = 10, ID_NAME_MAX = 16 };

struct token_key {
	char id[ID_NAME_MAX + 1];
	unsigned char secret[KEY_BYTES];
};

struct token_keys {
	struct token_key *key;	/* in sodium's guarded memory: kept out of core dumps */
	size_t n;
};

static bool key_id_valid(struct span id)
{
	if (id.n == 0 || id.n > ID_NAME_MAX)
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", id.p[i]))
			return false;
	return true;
}

static enum status parse_line(struct span line, int number, struct token_key *key, struct err *e)
{
	struct span id = line, hex;
	size_t blank = 0, got;

	while (blank < line.n && line.p[blank] != ' ' && line.p[blank] != '\t')
		blank++;
	id.n = blank;
	hex = span_trim((struct span){ line.p + blank, line.n - blank });
	if (!key_id_valid(id))
		return err_set(e, CONF, "line %d: a key starts with its id, [a-z0-9-], at most %d characters",
			       number, ID_NAME_MAX);
	if (hex.n != 2 * KEY_BYTES ||
	    sodium_hex2bin(key->secret, KEY_BYTES, hex.p, hex.n, NULL, &got, NULL) || got != KEY_BYTES)
		return err_set(e, CONF, "line %d: after the id stand %d hex digits", number, 2 * KEY_BYTES);
	memcpy(key->id, id.p, id.n);
	key->id[id.n] = '\0';
	return OK;
}

enum status token_keys_parse(const char *text, struct token_keys **out_r, struct err *e)
{
	struct span rest = span_of(text), line;
	struct token_keys *k;
	enum status s = OK;

	if (sodium_init() < 0)
		return err_set(e, SYS, "libsodium does not start");
	k = calloc(1, sizeof *k);
	if (k)
		k->key = sodium_allocarray(KEYS_MAX, sizeof *k->key);
	if (!k || !k->key) {
		free(k);
		return err_set(e, SYS, "out of memory");
	}
	sodium_memzero(k->key, KEYS_MAX * sizeof *k->key);
	for (int number = 1; s == OK && span_line(&rest, &line); number++) {
		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (k->n == KEYS_MAX)
			s = err_set(e, CONF, "line %d: more than %d keys", number, KEYS_MAX);
		else
			s = parse_line(line, number, &k->key[k->n], e);
		for (size_t i = 0; s == OK && i < k->n; i++)
			if (!strcmp(k->key[i].id, k->key[k->n].id))
				s = err_set(e, CONF, "line %d: the id '%s' stands twice", number, k->key[i].id);
		k->n++;
	}
	if (s == OK && k->n == 0)
		s = err_set(e, CONF, "there is no key in it");
	if (s != OK) {
		token_keys_free(k);
		return s;
	}
	*out_r = k;
	return OK;
}

enum status token_keys_load(const char *path, struct token_keys **out_r, struct err *e)
{
	enum { FILE_MAX = 16384 };
	struct stat st;
	char *text;
	ssize_t n;
	enum status s;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, CONF, "cannot open key file '%s': %s (relentctl key rotate makes one)",
			       path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 07)) {
		close(fd);
		return err_set(e, CONF, "key file '%s' must be a file that others cannot read: "
			"chmod o-rwx it and make new keys if it ever was readable", path);
	}
	text = sodium_init() < 0 ? NULL : sodium_malloc(FILE_MAX);
	if (!text) {
		close(fd);
		return err_set(e, SYS, "out of memory");
	}
	n = read(fd, text, FILE_MAX - 1);
	close(fd);
	if (n < 0) {
		sodium_free(text);
		return err_set(e, SYS, "cannot read key file '%s': %s", path, strerror(errno));
	}
	text[n] = '\0';
	s = token_keys_parse(text, out_r, e);
	sodium_free(text);
	return s == OK ? OK : err_prefix(e, s, "key file '%s'", path);
}

void token_keys_free(struct token_keys *k)
{
	if (!k)
		return;
	sodium_free(k->key);
	free(k);
}

char *token_key_line(struct arena *a, const char *id)
{
	unsigned char secret[KEY_BYTES];
	char hex[2 * KEY_BYTES + 1], made[ID_NAME_MAX + 1];
	char *line;

	if (sodium_init() < 0)
		return NULL;
	if (!id) {
		snprintf(made, sizeof made, "k%llx", (unsigned long long)time(NULL));
		id = made;
	}
	randombytes_buf(secret, sizeof secret);
	sodium_bin2hex(hex, sizeof hex, secret, sizeof secret);
	line = arena_printf(a, "%s %s\n", id, hex);
	sodium_memzero(secret, sizeof secret);
	sodium_memzero(hex, sizeof hex);
	return line;
}

/* RFC 4648 section 6, lower case, without padding. */
static void base32(const unsigned char *p, size_t n, char *out)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | p[i];
		for (have += 8; have >= 5; have -= 5)
			*out++ = digits[bits >> (have - 5) & 31];
		bits &= (1u << have) - 1;
	}
	if (have)
		*out++ = digits[bits << (5 - have) & 31];
	*out = '\0';
}

static bool unbase32(const char *s, unsigned char *out, size_t n)
{
	unsigned bits = 0, have = 0;
	size_t at = 0;

	for (; *s; s++) {
		int c = *s >= 'A' && *s <= 'Z' ? *s - 'A' : *s >= 'a' && *s <= 'z' ? *s - 'a'
			: *s >= '2' && *s <= '7' ? *s - '2' + 26 : -1;

		if (c < 0)
			return false;
		bits = bits << 5 | (unsigned)c;
		have += 5;
		if (have >= 8) {
			if (at == n)
				return false;
			have -= 8;
			out[at++] = (unsigned char)(bits >> have);
			bits &= (1u << have) - 1;
		}
	}
	return at == n && bits == 0;
}

static void mac(const struct token_key *key, const char *purpose, const void *payload, size_t n,
		unsigned char out[crypto_auth_hmacsha256_BYTES])
{
	crypto_auth_hmacsha256_state st;

	crypto_auth_hmacsha256_init(&st, key->secret, KEY_BYTES);
	/* the NUL keeps ("ab", "c") and ("a", "bc") apart */
	crypto_auth_hmacsha256_update(&st, (const unsigned char *)purpose, strlen(purpose) + 1);
	crypto_auth_hmacsha256_update(&st, payload, n);
	crypto_auth_hmacsha256_final(&st, out);
	sodium_memzero(&st, sizeof st);
}

char *token_sign(struct arena *a, const struct token_keys *k, const char *purpose,
		 const char *payload, const char **key_id_r)
{
	unsigned char m[crypto_auth_hmacsha256_BYTES];
	char *text = arena_alloc(a, SIGNATURE_BYTES * 8 / 5 + 2);

	mac(&k->key[0], purpose, payload, strlen(payload), m);
	base32(m, SIGNATURE_BYTES, text);
	if (key_id_r)
		*key_id_r = k->key[0].id;
	return text;
}

bool token_verify(const struct token_keys *k, const char *purpose, const char *payload,
		  const char *key_id, const char *signature)
{
	unsigned char m[crypto_auth_hmacsha256_BYTES], got[SIGNATURE_BYTES];
	bool good = false;

	if (!signature || strlen(signature) > 64 || !unbase32(signature, got, sizeof got))
		return false;
	for (size_t i = 0; i < k->n; i++) {
		if (key_id && strcmp(key_id, k->key[i].id))
			continue;
		mac(&k->key[i], purpose, payload, strlen(payload), m);
		if (!sodium_memcmp(m, got, SIGNATURE_BYTES))
			good = true;
	}
	return good;
}

static bool id_prefix(const char *id, unsigned char out[ID_BYTES])
{
	char hex[2 * ID_BYTES + 1];
	size_t n = 0, got;

	for (; *id && n < 2 * ID_BYTES; id++)
		if (*id != '-')
			hex[n++] = *id;
	hex[n] = '\0';
	return n == 2 * ID_BYTES && !sodium_hex2bin(out, ID_BYTES, hex, n, NULL, &got, NULL) &&
		got == ID_BYTES;
}

char *token_make(struct arena *a, const struct token_keys *k, const char *purpose, const char *id)
{
	unsigned char b[ID_BYTES + crypto_auth_hmacsha256_BYTES];
	char *text = arena_alloc(a, 42);

	if (!id_prefix(id, b))
		return NULL;
	mac(&k->key[0], purpose, b, ID_BYTES, b + ID_BYTES);
	base32(b, ID_BYTES + SIGNATURE_BYTES, text);
	return text;
}

bool token_open(struct arena *a, const struct token_keys *k, const char *purpose,
		const char *token, char **id_r)
{
	unsigned char b[ID_BYTES + SIGNATURE_BYTES], m[crypto_auth_hmacsha256_BYTES];
	bool good = false;

	if (!token || strlen(token) != (ID_BYTES + SIGNATURE_BYTES) * 8 / 5 ||
	    !unbase32(token, b, sizeof b))
		return false;
	for (size_t i = 0; i < k->n; i++) {
		mac(&k->key[i], purpose, b, ID_BYTES, m);
		if (!sodium_memcmp(m, b + ID_BYTES, SIGNATURE_BYTES))
			good = true;
	}
	if (!good)
		return false;
	*id_r = arena_alloc(a, 2 * ID_BYTES + 1);
	sodium_bin2hex(*id_r, 2 * ID_BYTES + 1, b, ID_BYTES);
	return true;
}

char *token_hash(struct arena *a, const void *p, size_t n)
{
	unsigned char h[crypto_hash_sha256_BYTES];
	char *hex = arena_alloc(a, 2 * sizeof h + 1);

	crypto_hash_sha256(h, p, n);
	sodium_bin2hex(hex, 2 * sizeof h + 1, h, sizeof h);
	return hex;
}

char *token_keyed_hash(struct arena *a, const struct token_keys *k, const char *text)
{
	unsigned char m[crypto_auth_hmacsha256_BYTES];
	char *hex = arena_alloc(a, 33);

	mac(&k->key[k->n - 1], "hash", text, strlen(text), m);
	sodium_bin2hex(hex, 33, m, 16);
	return hex;
}
