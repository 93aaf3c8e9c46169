/* SPDX-License-Identifier: MPL-2.0
 *
 * For the files of this folder only: how settings are held between the grammar (parse.c), the types
 * (settings.c) and the checks (check.c).
 */
#ifndef CONF_SETTINGS_PRIVATE_H
#define CONF_SETTINGS_PRIVATE_H

#include "conf/conf.h"

enum setting_type { TYPE_STR, TYPE_INT, TYPE_BOOL, TYPE_NUM, TYPE_DUR, TYPE_SIZE, TYPE_LIST,
		    TYPE_ENUM, TYPE_PATH };

struct setting_row {
	const char *section, *option;
	enum setting_type type;
	struct setting s;
};
size_t setting_rows(const struct setting_row **out_r);

/* One value in force. */
struct slot {
	const struct setting_row *row;
	const char *text;		/* scalars; "" unset */
	const char **list;		/* TYPE_LIST */
	size_t list_n;
	int64_t i;			/* INT, DUR, SIZE, BOOL */
	double d;			/* NUM */
	const char *file;		/* NULL: the default */
	int line;
};

/* `owner "x" {...}`, `account "x" {...}` */
struct block {
	const char *section, *title, *file;
	int line;
	struct slot *slots;		/* rows of this section, in the order of settings.def */
	size_t slots_n;
};

enum { CONF_FILES = 64 };
struct conf {
	struct arena *arena;
	const char *path;
	const char *files[CONF_FILES];	/* all that were read */
	size_t files_n;
	struct slot *slots;		/* all rows; those of titled sections stay at their default */
	size_t slots_n;
	size_t *by_name;		/* indexes of slots, sorted by name */
	struct block *blocks;
	size_t blocks_n, blocks_room;
	struct names *block_names;	/* "section title" */
	struct conf_owner *owners;
	size_t owners_n;
	struct names *owner_names;	/* by login */
	struct conf_account *accounts;
	size_t accounts_n;
	struct names *account_names;
	struct conf_account *sections;	/* each account section as it stands, lists unopened, in the order of blocks */
	size_t sections_n;
	struct conf_lead *leads;
	size_t leads_n;
};

struct conf_reporter {
	conf_report_fn *fn;
	void *ctx;
	struct err *e;			/* gets the first one */
	int n;
};
void conf_problem(struct conf_reporter *r, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

bool section_is_titled(const char *section);
struct slot *conf_slot(const struct conf *c, const char *name);	/* NULL: no such setting */
struct slot *block_slot(const struct block *b, const char *option);
struct block *conf_block(struct conf *c, const char *section, const char *title);
struct block *conf_block_new(struct conf *c, const char *section, const char *title);

/* Converts values (one, or any number for a list) into slot. False: reported. */
bool slot_set(struct conf *c, struct slot *s, const char *const *values, size_t n, const char *file,
	      int line, struct conf_reporter *r);

/* Reads path and what it includes into c. */
enum status conf_read(struct conf *c, const char *path, bool may_be_missing, struct conf_reporter *r);
/* What no single setting can know: pairs that do not go together, owners and accounts. */
void conf_check_together(struct conf *c, struct conf_reporter *r);
/* Where a secret really is. A service manager may hand it to the daemon (systemd's LoadCredential=, the
 * credential called like the file, or like its directory): the configuration names the file that root
 * sees, and the daemon's user need not be able to read it there. */
const char *conf_secret_path(struct arena *a, const char *path);
/* The machine's zone, where none is set. */
void conf_fill_host(struct conf *c);
/* Fills owners, accounts and lead sources from the blocks. */
void conf_build(struct conf *c, struct conf_reporter *r);
/* lists.c: the mailboxes of a section with a list, and their owners where there is no section for them. */
void conf_open_lists(struct conf *c, struct conf_reporter *r);
/* leads.c */
void conf_build_leads(struct conf *c);
void conf_check_leads(struct conf *c, struct conf_reporter *r);

#endif
