/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl setup: what is common to the servers it sets up. A server's part reads its files, works out how
 * they should read, and says why; here it is shown, written, remembered for --undo, or taken back. The real
 * files are touched at the very end, each replaced as a whole.
 */
#ifndef CTL_SETUP_H
#define CTL_SETUP_H

#include "ctl/ctl.h"

struct setup_file {
	const char *path;	/* without symbolic links */
	const char *before;	/* NULL: it was not there */
	const char *after;	/* as it shall be */
};

struct setup {
	struct ctl *c;
	const char *server;	/* postfix, sendmail, dovecot */
	const char *dir;	/* its configuration directory, without symbolic links */
	bool other_dir;		/* not the server's default: commands name it */
	const char *work;	/* a scratch directory, gone at the end */
	json_t *changes;	/* {command, why, now} */
	json_t *by_hand;	/* {what, why}: what setup does not do */
	struct setup_file files[8];
	size_t files_n;
	const char *reload[3][8];	/* commands, each NULL-terminated */
	size_t reload_n;
	struct err refusal;	/* text set: nothing will be written */
};

/* Why setup will not do it: what, where, what to do instead. The first one counts. */
void setup_refuse(struct setup *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void setup_change(struct setup *s, const char *now, const char *why, const char *command);
void setup_by_hand(struct setup *s, const char *why, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A file that may change; NULL: refused (cannot be read, a folder, larger than 1 MiB). One that is not there
 * is refused too, unless may_miss: then before is NULL. after is before, to begin with. */
struct setup_file *setup_file(struct setup *s, const char *path, bool may_miss);
/* What is in a file, or NULL. */
const char *setup_slurp(struct arena *a, const char *path);
bool setup_scratch(struct setup *s, const char *name, const char *text, const char **path_r);

typedef void setup_fn(struct setup *s, const struct args *args);
/* Options every server has: config-dir, dry-run, undo, reload. The exit code. */
int setup_run(struct ctl *c, const struct args *args, const char *server, const char *dir, setup_fn *fn);

/* ---- the servers ---- */

void setup_postfix(struct setup *s, const struct args *args);
void setup_sendmail(struct setup *s, const struct args *args);
void setup_dovecot(struct setup *s, const struct args *args);

/* ---- setup_senders.c: relent's login as the reps ---- */

/* Does this service of Postfix refuse senders that are not the login's own? */
bool postfix_ties_senders(struct arena *a, const char *dir, const char *service);
/* A table for smtpd_sender_login_maps: each rep's addresses with who may send as them in maps (the parameter as it is),
 * and smtp.user. */
const char *setup_sender_map(struct setup *s, const char *maps);

/* ---- setup_signer.c: OpenDKIM and rspamd ---- */

/* Does a milter of this name or socket sign? opendkim: what OpenDKIM's own configuration says, or NULL. */
bool setup_is_signer(const char *text, const char *opendkim_socket);
/* Socket of OpenDKIM's configuration, as an MTA's setting would contain it; NULL if there is none. */
const char *setup_opendkim_socket(struct arena *a, const char *path);
/* What OpenDKIM signs, by its configuration: are both List-Unsubscribe headers in it? */
bool setup_opendkim_signs(struct arena *a, const char *text);
void setup_signers(struct setup *s, const struct args *args);

/* Where a unix socket lies in a folder that others may write to: that folder, else NULL. */
const char *setup_unsafe_folder(struct arena *a, const char *path);
/* text in quotes for a shell */
const char *setup_quoted(struct arena *a, const char *text);

#endif
