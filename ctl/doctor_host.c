/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl doctor: the host. Who may read what, whether somebody keeps its clock, and what DNS says of the
 * control domain, the unsubscribe host and the domains that mail is sent from.
 */
#include "config.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "ctl/doctor.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"

/* ---- permissions ---- */

/* Whom the daemons run as: the store is theirs. */
struct who {
	uid_t uid;
	gid_t gid;
	bool known;
};

static bool can_read(const struct stat *st, const struct who *w)
{
	return st->st_uid == w->uid ? st->st_mode & 0400 : st->st_gid == w->gid ? st->st_mode & 0040 :
		st->st_mode & 0004;
}

static void one_file(struct doctor *d, const char *what, const char *path, mode_t forbidden, const struct who *w,
		     bool written)
{
	const char *mend;
	struct stat st;

	if (str_empty(path) || stat(path, &st) != 0)
		return;
	mend = arena_printf(d->c->arena, "chown --reference='%s' '%s'", conf_str(d->c->conf, "store.path"), path);
	if (st.st_mode & forbidden)
		found(d, BAD, what, arena_printf(d->c->arena, "chmod %s '%s'", forbidden & 070 ? "0600" : "o-rwx", path),
		      "'%s' has mode %04o: others may %s it", path, (unsigned)(st.st_mode & 07777),
		      st.st_mode & forbidden & 022 ? "change" : "read");
	else if (w->known && (written ? st.st_uid != w->uid : !can_read(&st, w)))
		found(d, BAD, what, mend, "'%s' belongs to another user than the store: the daemons cannot use it", path);
	else
		found(d, GOOD, what, NULL, "'%s' is closed to others", path);
}

void doctor_permissions(struct doctor *d)
{
	const char *store = conf_str(d->c->conf, "store.path"), *conf = conf_path(d->c->conf);
	struct who w = { 0 };
	struct stat st;

	w.known = stat(store, &st) == 0 && st.st_uid != 0;
	if (w.known)
		w = (struct who){ st.st_uid, st.st_gid, true };
	else
		w.known = store_folder_owner(d->c, &w.uid, &w.gid);
	one_file(d, "store file", store, 007, &w, true);
	one_file(d, "store journal", arena_printf(d->c->arena, "%s-wal", store), 007, &w, true);
	/* these are replaced, or only read */
	one_file(d, "list of owners", conf_str(d->c->conf, "store.owner_mirror"), 002, &w, false);
	one_file(d, "key", conf_str(d->c->conf, "store.key_file"), 007, &w, false);
	if (conf && stat(conf, &st) == 0 && (st.st_mode & 022))
		found(d, BAD, "configuration file", arena_printf(d->c->arena, "chmod go-w '%s'", conf),
		      "'%s' may be changed by others", conf);
}

/* ---- clock ---- */

void doctor_clock(struct doctor *d)
{
	time_t real = time(NULL);
	const char *from, *zone = conf_value_text(d->c->arena, d->c->conf, "zone", &from);
	struct timex tx = { .modes = 0 };
	int state = adjtimex(&tx);

	if (d->c->now < real - 86400 || d->c->now > real + 86400)
		found(d, LOOK, "clock", NULL, "stepped by --clock-file");
	else if (real < 1700000000)
		found(d, BAD, "clock", "set the time: timedatectl set-ntp true", "the machine's clock is in the past");
	else if (str_eq(from, "default"))
		found(d, LOOK, "clock", "zone = \"Europe/Berlin\" (yours) in relent.conf",
		      "no zone is set: times are computed in the host's (%s) where nothing nearer is known", zone);
	else
		found(d, GOOD, "clock", NULL, "zone %s", zone);
	if (state == TIME_ERROR || (tx.status & STA_UNSYNC))
		found(d, LOOK, "time service", "timedatectl set-ntp true, or chrony", "the kernel knows of nobody "
			"who keeps the "
		      "clock right");
	else if (state >= 0)
		found(d, GOOD, "time service", NULL, "the clock is kept, within %ld ms", tx.esterror / 1000);
}

/* ---- DNS ---- */

enum dns { DNS_FOUND, DNS_NONE, DNS_FAILED };

/* begins: a TXT record that begins so counts, NULL: any record of that type. */
static enum dns ask_dns(const char *name, int type, const char *begins)
{
	unsigned char answer[4096];
	int n = res_query(name, ns_c_in, type, answer, sizeof(answer));
	ns_msg msg;

	if (n < 0)
		return h_errno == HOST_NOT_FOUND || h_errno == NO_DATA ? DNS_NONE : DNS_FAILED;
	if (ns_initparse(answer, n < (int)sizeof(answer) ? n : (int)sizeof(answer), &msg) != 0)
		return DNS_FAILED;
	for (int i = 0; i < ns_msg_count(msg, ns_s_an); i++) {
		ns_rr rr;
		size_t k = begins ? strlen(begins) : 0;

		if (ns_parserr(&msg, ns_s_an, i, &rr) != 0 || ns_rr_type(rr) != (unsigned)type)
			continue;
		/* the first string of a TXT record: its length, then its bytes */
		if (!begins || (ns_rr_rdlen(rr) > k && ns_rr_rdata(rr)[0] >= k && memcmp(ns_rr_rdata(rr) + 1,
			begins, k) == 0))
			return DNS_FOUND;
	}
	return DNS_NONE;
}

static enum dns has_address(const char *name)
{
	enum dns v4 = ask_dns(name, ns_t_a, NULL);

	return v4 == DNS_FOUND ? v4 : ask_dns(name, ns_t_aaaa, NULL) == DNS_FOUND ? DNS_FOUND : v4;
}

/* h: how bad it is that there is none. False: DNS does not answer, ask no more. */
static bool tell(struct doctor *d, enum dns r, enum health h, const char *what, const char *name, const char *record,
		 const char *mend)
{
	const char *title = arena_printf(d->c->arena, "DNS %s", name);

	if (r == DNS_FOUND)
		found(d, GOOD, title, NULL, "%s: %s", what, record);
	else if (r == DNS_NONE)
		found(d, h, title, mend, "%s: there is no %s", what, record);
	else
		found(d, LOOK, title, "see /etc/resolv.conf", "%s: not checked, DNS does not answer", what);
	return r != DNS_FAILED;
}

static enum dns takes_mail(const char *name)
{
	enum dns mx = ask_dns(name, ns_t_mx, NULL);

	return mx == DNS_NONE ? has_address(name) : mx;
}

static bool sending_domain(struct doctor *d, const char *domain)
{
	return tell(d, ask_dns(domain, ns_t_txt, "v=spf1"), LOOK, "mail is sent from it", domain, "SPF record",
			"publish a TXT record \"v=spf1 ...\": Gmail and Yahoo ask for SPF, DKIM and DMARC")
		&& tell(d, ask_dns(arena_printf(d->c->arena, "_dmarc.%s", domain), ns_t_txt, "v=DMARC1"), LOOK,
			"mail is sent from it", domain, "DMARC record",
			"publish _dmarc with \"v=DMARC1; p=none\" at least");
}

void doctor_dns(struct doctor *d)
{
	struct arena *a = d->c->arena;
	const char *control = conf_str(d->c->conf, "control.address"), *url = conf_str(d->c->conf, "web.url");
	const struct conf_owner *owners;
	size_t n = conf_owners(d->c->conf, &owners), told = 0;
	const char **domains = arena_array(a, const char *, n + 1);

	if (res_init() != 0)
		return;
	_res.retrans = 2;
	_res.retry = 1;
	if (strchr(control, '@')) {
		const char *domain = strchr(control, '@') + 1;

		if (!tell(d, takes_mail(domain), BAD, "answers to control addresses and unsubscribe mails go "
			"there", domain,
			  "MX or address record", "publish an MX record of the control domain: unsubscribe mails "
			  "are lost"))
			return;
	}
	if (strstr(url, "://")) {
		const char *host = arena_strndup(a, strstr(url, "://") + 3, strcspn(strstr(url, "://") + 3, ":/"));

		if (!tell(d, has_address(host), BAD, "the unsubscribe link leads there", host, "address record",
			  "publish it, or take web.url away until then: no dead link may leave"))
			return;
	}
	for (size_t i = 0; i < n && told < 20; i++) {
		const char *domain = strrchr(owners[i].login, '@');
		bool again = !domain;

		for (size_t k = 0; k < told && !again; k++)
			again = str_eq_case(domains[k], domain + 1);
		if (again)
			continue;
		domains[told++] = domain + 1;
		if (!sending_domain(d, domain + 1))
			return;
	}
}
