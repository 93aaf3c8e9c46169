/* SPDX-License-Identifier: MPL-2.0
 *
 * Mail addresses: read from the envelope (RFC 5321 section 4.1.2) or a header (RFC 5322
 * section 3.4), and brought to the one form under which the store keeps them.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct addr {
	const char *key;	/* what the store compares: local part case-folded and unquoted where
				 * that changes nothing, '@', domain in lower-case A-labels; NFC */
	const char *local;	/* of key */
	const char *domain;	/* of key; "[192.0.2.1]" for a literal */
	const char *name;	/* display name in UTF-8, or NULL (headers only) */
};

/* One envelope path as libmilter gives it: "<a@b>", "a@b", "<@x,@y:a@b>" (source route
 * dropped), quoted local parts, address literals, UTF-8 (SMTPUTF8). "<>" gives true and an
 * addr with key "". False: not an address. Everything on the arena. */
bool addr_path(struct arena *a, const char *path, struct addr *out_r);

/* A header value (To, Cc, From ...), already decoded to UTF-8 or raw: mailboxes, groups flattened,
 * comments dropped. At most max (1,000 if 0) are read. Returns how many; *out_r is an array. */
size_t addr_list(struct arena *a, const char *value, size_t max, struct addr **out_r);

/* Equivalences an administrator may switch on for suppression look-ups. */
enum addr_equiv { ADDR_PLUS = 1, ADDR_GMAIL_DOTS = 2 };
/* key with the plus-tag (and, for gmail.com/googlemail.com, the dots) taken off as flags say. */
char *addr_equivalent(struct arena *a, const char *key, unsigned flags);

/* The registrable domain by the public suffix list ("mail.example.co.uk" -> "example.co.uk"),
 * or the domain itself if it has none. Arena copy. */
char *addr_registrable(struct arena *a, const char *domain);
/* "co.uk", "com", "localhost": others register under it (never for private registries such as github.io, and
 * never for a name that the list does not know). */
bool addr_is_public_suffix(const char *domain);
/* All domains to look a domain up under: itself, its parents, down to the registrable one. */
size_t addr_domain_chain(struct arena *a, const char *domain, const char ***out_r);
/* Lower-case A-labels of a domain; NULL if it is not one. */
char *addr_domain(struct arena *a, const char *domain);

/* A control address: `relent+VERB.ARG@example.com` (plus addressing on base) or
 * `VERB.ARG@sub.example.com` (a control domain: base is "@sub.example.com"). True if key is one
 * at all; *verb_r and *arg_r (NULL if absent) are then set, lower case. A bare
 * `relent@example.com` gives verb "". */
bool addr_control(struct arena *a, const char *base, const char *key,
		  const char **verb_r, const char **arg_r);

/* Message-IDs of a header value (In-Reply-To, References, Message-ID): without <>, in order,
 * duplicates dropped, at most max (100 if 0; the last ones are kept). */
size_t addr_msgids(struct arena *a, const char *value, size_t max, const char ***out_r);

#endif
