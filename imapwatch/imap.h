/* SPDX-License-Identifier: MPL-2.0
 *
 * One IMAP session, in the few words that the watcher needs. imap.c is the only file that knows
 * libetpan; nothing of it shows here. Everything blocks, each call at most until the session's
 * command time-out; one thread at a time uses a session, not always the same one.
 *
 * Statuses: AGAIN the link or server failed (the session is dead, see imap_dead()); INPUT the
 * server said NO or BAD to this command (the session lives); CONF the administrator has to act
 * (certificate, login); GONE the folder or message is not there.
 * What a server says is hostile: sentences made of it are for the log, which escapes them.
 */
#ifndef IMAPWATCH_IMAP_H
#define IMAPWATCH_IMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"
#include "imapwatch/folders.h"

struct arena;
struct imap;
struct net_trust;

struct imap_login {		/* all borrowed until imap_open() returns */
	const char *host;
	int port;
	bool starttls;		/* else TLS from the first byte */
	bool plain;		/* no TLS at all: CONF unless the peer is a loopback address */
	const struct net_trust *trust;
	const char *pin;	/* or "" */
	const char *auth;	/* plain, login, xoauth2, oauthbearer */
	const char *user, *authzid, *secret;
	int64_t timeout_ms;	/* of each command */
	uint64_t bytes_max;	/* of one mail */
};

struct imap_folder {
	uint32_t uidvalidity, uidnext, exists;
	bool read_only;
};

struct imap_item {
	uint32_t uid, size;
	time_t internaldate;
	bool draft, deleted, seen;
};

/* Connects, secures, logs in, asks for the capabilities. PREAUTH is refused. */
enum status imap_open(const struct imap_login *l, struct imap **out_r, struct err *e);
void imap_close(struct imap *i);	/* takes NULL; says LOGOUT if that costs no waiting */
bool imap_dead(const struct imap *i);
bool imap_can_idle(const struct imap *i);

/* read_only: EXAMINE (leaves \Recent alone). GONE: no such folder. */
enum status imap_select(struct imap *i, const char *folder, bool read_only,
			struct imap_folder *out_r, struct err *e);
/* Without opening it; 0 where the server does not say. GONE: no such folder, or it will not tell. */
enum status imap_status(struct imap *i, const char *folder, uint32_t *uidvalidity_r, uint32_t *uidnext_r, struct err *e);
/* All folders; marked are those with a special-use attribute. */
enum status imap_folders(struct imap *i, struct arena *a, const char *use, struct folder **out_r, size_t *n_r,
			 struct err *e);
/* Makes it and subscribes to it. */
enum status imap_create(struct imap *i, const char *folder, struct err *e);
/* The folder with a special-use attribute ("Drafts", "Junk", without backslash). GONE: none. */
enum status imap_special_use(struct imap *i, struct arena *a, const char *use, const char **out_r,
			     struct err *e);
/* What is in the selected folder from uid low on, at most up to high (0: to the end), by UID. */
enum status imap_list(struct imap *i, struct arena *a, uint32_t low, uint32_t high,
		      struct imap_item **out_r, size_t *n_r, struct err *e);
/* The lowest UID with an INTERNALDATE on or after the day of t; 0 if there is none. */
enum status imap_first_since(struct imap *i, time_t t, uint32_t *uid_r, struct err *e);
/* UIDs whose Message-ID is id (without <>). */
enum status imap_find_message_id(struct imap *i, struct arena *a, const char *id, uint32_t **uids_r,
				 size_t *n_r, struct err *e);

/* BODY.PEEK[]<0.max> (headers only: the header, up to max) of each of the UIDs; fn is called for each that
 * came, in the order of the server. Those that vanished do not come. */
typedef void imap_mail_fn(void *ctx, uint32_t uid, const char *bytes, size_t n);
enum status imap_fetch(struct imap *i, const uint32_t *uids, size_t n, uint32_t max, bool headers,
		       imap_mail_fn *fn, void *ctx, struct err *e);

/* Flag \Draft and \Seen. *uid_r is 0 if the server did not say (no UIDPLUS). */
enum status imap_append_draft(struct imap *i, const char *folder, const char *bytes, size_t n,
			      uint32_t *uidvalidity_r, uint32_t *uid_r, struct err *e);
/* The same with \Seen alone. */
enum status imap_append_sent(struct imap *i, const char *folder, const char *bytes, size_t n, uint32_t *uid_r,
			     struct err *e);
/* Takes exactly this message out of the selected folder: UID EXPUNGE where there is UIDPLUS, else
 * \Deleted alone (others' deleted mail is none of our business). */
enum status imap_remove(struct imap *i, uint32_t uid, struct err *e);
enum status imap_keyword(struct imap *i, uint32_t uid, const char *keyword, struct err *e);
enum status imap_noop(struct imap *i, bool *changed_r, struct err *e);

/* IDLE, in three pieces. begin: until "+"; *changed_r: something was announced meanwhile. hear: what the
 * server said since (call it when the descriptor is readable or imap_buffered()); end: DONE. */
enum status imap_idle_begin(struct imap *i, bool *changed_r, struct err *e);
enum status imap_idle_hear(struct imap *i, bool *changed_r, struct err *e);
enum status imap_idle_end(struct imap *i, bool *changed_r, struct err *e);
/* NOTIFY (RFC 5465): from now on the server announces mail in these folders too, on this connection. INPUT: it
 * refuses, or a name cannot be said; nothing has changed then, and it is not asked again. */
enum status imap_notify(struct imap *i, const char *const *folders, size_t n, struct err *e);
bool imap_can_notify(const struct imap *i);	/* it offers that, and has not been asked or has not refused */
bool imap_notifies(const struct imap *i);
/* True is added: the server has announced something about the selected folder, or about another one, since this was
 * asked last, in whatever answer. */
void imap_heard(struct imap *i, bool *inbox_r, bool *others_r);
/* Before a connection is parked: gives back all that an idle one can do without. */
void imap_rest(struct imap *i);
/* Gives back what a large fetch made libetpan keep. */
void imap_slim(struct imap *i);
bool imap_idling(const struct imap *i);
/* Bytes that poll() will not announce: libetpan's buffer and TLS. Ask before parking. */
bool imap_buffered(const struct imap *i);
int imap_fd(const struct imap *i);

#endif
