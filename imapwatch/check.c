/* SPDX-License-Identifier: MPL-2.0
 *
 * relent-imapwatch --check-account NAME, for `relentctl doctor`: one login as the watcher would do it,
 * a look for IDLE, \Drafts and the folders to read, one line of answer. Reads no mail, changes nothing.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "imapwatch/check.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/utf7.h"
#include "conf/conf.h"
#include "imapwatch/imap.h"
#include "imapwatch/net.h"
#include "imapwatch/worker.h"

static const struct conf_account *find_account(const struct conf *conf, const char *name,
					       struct err *e)
{
	const struct conf_account *list;
	size_t n = conf_accounts(conf, &list);

	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].name, name))
			return &list[i];
	err_set(e, CONF, "there is no account \"%s\" in '%s'", name, conf_path(conf));
	return NULL;
}

static enum status log_in(struct arena *a, const struct conf *conf, const struct conf_account *ac,
			  struct imap **out_r, struct err *e)
{
	struct imap_login l = {
		.host = ac->host, .port = ac->port, .starttls = str_eq(ac->tls, "starttls"),
		.plain = str_eq(ac->tls, "none"), .pin = ac->pin, .auth = ac->auth, .user = ac->user,
		.authzid = ac->authzid, .timeout_ms = 15000,
		.bytes_max = (uint64_t)conf_int(conf, "imapwatch.fetch_bytes"),
	};
	enum status s = net_trust(ac->ca_file, &l.trust, e);

	if (s == OK)
		s = conf_secret_read(a, ac->password_file, &l.secret, e);
	if (s == OK)
		s = imap_open(&l, out_r, e);
	if (l.secret)
		explicit_bzero((void *)(uintptr_t)l.secret, strlen(l.secret));
	return s;
}

/* "\Junk" stands for the folder with that attribute; without one there is nothing to read. */
static enum status check_folders(struct arena *a, struct imap *i, const struct conf_account *ac,
				 struct err *e)
{
	struct imap_folder f;
	enum status s = OK;

	for (size_t k = 0; k < ac->folders_n && s == OK; k++) {
		if (*ac->folders[k] == '\\')
			continue;
		s = imap_select(i, ac->folders[k], true, &f, e);
		if (s == GONE)
			s = err_set(e, CONF, "there is no folder '%s'", utf7_decode(a, ac->folders[k]));
	}
	return s;
}

/* Makes none: whoever only asks gets an answer. */
static enum status check_drafts(struct arena *a, struct imap *i, const struct conf *conf, const struct conf_account *ac,
				const char **words_r, struct err *e)
{
	struct conf_account asked = *ac;
	enum folder_how how;
	struct imap_folder f;
	const char *name;
	enum status s;

	*words_r = "";
	if (ac->control)
		return OK;
	asked.make_drafts = false;
	s = desk_folder(i, conf, &asked, a, &name, &how, e);
	if (s == INPUT && ac->make_drafts) {
		*words_r = ", a folder for drafts is made with the first of them";
		return OK;
	}
	if (s == OK)
		s = imap_select(i, name, false, &f, e);
	if (s == GONE)
		return err_set(e, CONF, "there is no folder '%s' for drafts", utf7_decode(a, name));
	if (s == OK && f.read_only)
		return err_set(e, CONF, "the folder '%s' for drafts is read-only for this login", utf7_decode(a, name));
	if (s == OK)
		*words_r = arena_printf(a, ", drafts go to '%s' (%s)", utf7_decode(a, name), folder_how_words(how));
	return s;
}

int check_account(const char *conf_file, const char *name)
{
	struct arena *a = arena_new(0);
	const struct conf_account *ac;
	const char *drafts = "";
	struct conf *conf = NULL;
	struct imap *i = NULL;
	struct err e = { "" };
	enum status s = conf_load(conf_file, NULL, NULL, &conf, &e);

	ac = s == OK ? find_account(conf, name, &e) : NULL;
	if (!ac)
		s = CONF;
	if (s == OK)
		s = log_in(a, conf, ac, &i, &e);
	if (s == OK)
		s = check_folders(a, i, ac, &e);
	if (s == OK)
		s = check_drafts(a, i, conf, ac, &drafts, &e);
	if (s == OK)
		printf("%s at %s:%d: login works, %s%s\n", ac->user, ac->host, ac->port, imap_can_idle(i)
		       ? "IDLE" : "no IDLE (it is polled)", drafts);
	else
		printf("%s\n", e.text);
	imap_close(i);
	conf_free(conf);
	arena_free(a);
	return s == OK ? 0 : 1;
}
