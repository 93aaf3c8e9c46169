/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl doctor: the PostgreSQL server. Would what was acknowledged be there after a fail-over, does its clock agree
 * with ours, who can listen, and how many may come.
 */
#include "config.h"

#include <string.h>
#include <time.h>

#include "ctl/doctor.h"

#include "base/arena.h"
#include "base/str.h"

enum { SKEW_LOOK_S = 5, SKEW_BAD_S = 60 };

static void check_clock(struct doctor *d, const json_t *o)
{
	long long skew = (long long)time(NULL) - (long long)get_int(o, "now");
	long long off = skew < 0 ? -skew : skew;
	static const char mend[] = "set both by NTP: timedatectl set-ntp true, or chrony";

	/* leases go by the database's clock alone; limits and times of mails by the host's */
	if (off > SKEW_LOOK_S)
		found(d, off > SKEW_BAD_S ? BAD : LOOK, "database clock", mend, "this host's clock is %lld s %s the "
		      "database's: caps, gaps and due times differ from host to host", off,
		      skew < 0 ? "behind" : "ahead of");
	else
		found(d, GOOD, "database clock", NULL, "within %lld s of this host's", off + 1);
}

static void check_durable(struct doctor *d, const json_t *o)
{
	static const char mend[] = "on the server: synchronous_standby_names = 'ANY 1 (*)' and synchronous_commit = on, "
		"with two replicas if it shall go on while one is away";
	const char *names = get(o, "names"), *commit = get(o, "commits");
	long long replicas = (long long)get_int(o, "replicas");
	bool waits = !str_empty(names) && !str_eq(commit, "local") && !str_eq(commit, "off");

	if (str_eq(get(o, "fsync"), "off"))
		found(d, BAD, "database durability", "fsync = on",
		      "the server does not write to its disk what it acknowledges");
	if (replicas == 0 && str_empty(names))
		found(d, LOOK, "database replicas", "a replica, and synchronous_standby_names",
		      "none follows: if the server is lost, what came after the last backup is");
	else if (!waits)
		found(d, BAD, "database replicas", mend, "a commit does not wait for them (synchronous_standby_names is "
		      "'%s', synchronous_commit '%s'): a fail-over loses the last moments; relent notices that and "
		      "holds outreach until 'relentctl suppress reconcile'", names, commit);
	else if (replicas == 0)
		found(d, BAD, "database replicas", "start it, or take it out of synchronous_standby_names",
		      "none is there, and each commit waits for '%s'", names);
	else
		found(d, GOOD, "database replicas", NULL, "%lld; a commit waits for '%s'", replicas, names);
}

static void check_link(struct doctor *d, const json_t *o)
{
	const char *url = conf_str(d->c->conf, "store.url");
	long long most = (long long)get_int(o, "most"), used = (long long)get_int(o, "used"),
		reserved = (long long)get_int(o, "reserved"),
		ours = (long long)conf_int(d->c->conf, "store.connections") + 1;

	if (get_int(o, "local"))
		found(d, GOOD, "database link", NULL, "does not leave this host");
	else if (!get_int(o, "ssl"))
		found(d, BAD, "database link", "sslmode=verify-full sslrootcert=FILE in store.url", "is plain text: whoever "
		      "listens reads what is stored, and may change it");
	else if (strstr(url, "verify-full") == NULL)
		found(d, LOOK, "database link", "sslmode=verify-full sslrootcert=FILE in store.url",
		      "is TLS, but nobody proves that it is the right server");
	else
		found(d, GOOD, "database link", NULL, "is TLS, name and authority are proved");
	/* milter, watcher, log reader, and a person */
	if (most - reserved - used < 4 * ours)
		found(d, LOOK, "database connections", "raise max_connections, or lower store.connections",
		      "%lld of %lld are taken; the programs of one host may want %lld", used, most - reserved, 4 * ours);
	else
		found(d, GOOD, "database connections", NULL, "%lld of %lld are taken", used, most - reserved);
}

void doctor_server(struct doctor *d)
{
	json_t *list;
	const json_t *o;
	int code;

	if (d->c->store == NULL || !str_eq(conf_str(d->c->conf, "store.driver"), "pgsql"))
		return;
	list = ask(d->c, "hosts_server", NULL, 0, &code);
	o = json_array_get(list, 0);
	if (o != NULL) {
		check_clock(d, o);
		check_durable(d, o);
		check_link(d, o);
	}
	json_decref(list);
}
