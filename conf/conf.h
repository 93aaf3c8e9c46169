/* SPDX-License-Identifier: MPL-2.0
 *
 * relent.conf: libconfuse does the grammar, settings.def lists every setting once (parser,
 * defaults, `relentctl config`, manual). Unknown or invalid ones are errors with file and line.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct conf;

/* path NULL: RELENTCONFDIR/relent.conf; a missing file given by default (not by name) means all
 * defaults. Every problem is reported through report (NULL: the first one goes to e). */
typedef void conf_report_fn(void *ctx, const char *file, int line, const char *sentence);
enum status conf_load(const char *path, conf_report_fn *report, void *ctx, struct conf **out_r,
		      struct err *e);
void conf_free(struct conf *c);

/* By name "section.option", as in settings.def. A name that is not there is a bug (assert).
 * Results are owned by c. */
const char *conf_str(const struct conf *c, const char *name);	/* "" if unset */
int64_t conf_int(const struct conf *c, const char *name);	/* durations: seconds; sizes: bytes */
double conf_num(const struct conf *c, const char *name);
bool conf_bool(const struct conf *c, const char *name);
size_t conf_list(const struct conf *c, const char *name, const char *const **out_r);
const char *conf_path(const struct conf *c);			/* the file read, or NULL */

/* `owner "rita@example.com" { ... }`: title = SASL login. */
struct conf_owner {
	const char *login, *name, *zone, *signature;
	const char *const *addresses;	/* From addresses; default: the login if it is an address */
	size_t addresses_n;
	const char *manager;
	int digest_hour;		/* -1: digest.hour */
};
size_t conf_owners(const struct conf *c, const struct conf_owner **out_r);
/* By login; NULL: none. */
const struct conf_owner *conf_owner(const struct conf *c, const char *login);

/* `account "rita" { ... }`: a mailbox to watch; one with a list stands for many, each called like its owner. */
struct conf_account {
	const char *name;
	const char *owner;		/* login of the owner; "" for the control mailbox */
	const char *host;
	int port;
	const char *tls;		/* tls, starttls */
	const char *ca_file;		/* "" system store */
	const char *pin;		/* sha256 of the public key in hex, or "" */
	const char *auth;		/* plain, login, xoauth2, oauthbearer */
	const char *user, *authzid;
	const char *password_file;	/* checked: not readable by others */
	const char *const *folders;	/* default INBOX and \Junk */
	size_t folders_n;
	const char *drafts;		/* "" by SPECIAL-USE, else by name */
	bool make_drafts;		/* there is none: make one */
	const char *sent;
	bool control;			/* this is the control mailbox */
	int64_t look_back;		/* seconds, first start */
};
size_t conf_accounts(const struct conf *c, const struct conf_account **out_r);
/* By name; NULL: none. */
const struct conf_account *conf_account(const struct conf *c, const char *name);

/* `lead "website" { ... }`: a folder that people write to who are not prospects yet. */
struct conf_lead_rule {
	const char *field;		/* of lead_fields.def, or domain */
	const char *const *values;	/* "*" at an end stands for anything */
	size_t values_n;
	const char *const *logins;	/* who takes turns */
	size_t logins_n;
};
struct conf_lead {
	const char *name;
	const char *account, *folder;
	const char *format;		/* auto, form, mail */
	const char *campaign, *permission, *words, *sequence;
	const char *const *owners;
	size_t owners_n;
	const struct conf_lead_rule *rules;
	size_t rules_n;
	int64_t answer_within;
};
size_t conf_leads(const struct conf *c, const struct conf_lead **out_r);
/* The source of leads that this folder is, or NULL. */
const struct conf_lead *conf_lead_of(const struct conf *c, const char *account, const char *folder);

/* Maps {daemon_name} to a role name (submission, local, inbound); NULL if not listed. */
const char *conf_role(const struct conf *c, const char *daemon_name);

/* What no file of settings can know by itself: secrets readable by others, directories and data that
 * are not there. For `relentctl config check` and doctor. Returns the number of problems. */
int conf_check_files(const struct conf *c, conf_report_fn *report, void *ctx);
/* INPUT, with the mend, if path can be read or written by others than its owner and group. */
enum status conf_secret_check(const char *path, struct err *e);
/* The first line of a password file, checked as above. Arena copy. */
enum status conf_secret_read(struct arena *a, const char *path, const char **out_r, struct err *e);

/* Where the shipped data lies: `data_dir`, $RELENT_DATA, the source tree when the program runs from the
 * build tree, PKGDATADIR. And where a site's own files replace or add to it: the directory of relent.conf
 * (RELENTCONFDIR without one). c may be NULL. */
const char *conf_data_dir(struct arena *a, const struct conf *c);
const char *conf_site_dir(struct arena *a, const struct conf *c);

/* The shipped data files below dir ("phrases", "bounces"), or the one file dir, by relative name in
 * alphabetical order; a file of the same name in the site's directory replaces it, one with `.local`
 * behind its name follows it. On the arena. CONF if one cannot be read; none at all is OK. */
struct conf_file {
	const char *name, *path, *text;
	size_t n;
};
enum status conf_data_files(struct arena *a, const struct conf *c, const char *dir,
			    const struct conf_file **out_r, size_t *n_r, struct err *e);

/* For `relentctl config show|explain` and the manual. */
struct setting {
	const char *name, *type, *def, *range, *sentence;
};
size_t conf_settings(const struct setting **out_r);
/* Value in force as text, and where it comes from ("default" or "FILE:LINE"). */
const char *conf_value_text(struct arena *a, const struct conf *c, const char *name,
			    const char **from_r);

#endif
