/* SPDX-License-Identifier: MPL-2.0
 *
 * What every program tells the store out of the site's configuration.
 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "conf/conf.h"
#include "store/breakers.h"

/* review.two_persons names what they are needed for. */
static bool listed(const struct conf *c, const char *name, const char *word)
{
	const char *const *list;
	size_t n = conf_list(c, name, &list);

	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], word))
			return true;
	return false;
}

static void desk(const struct conf *c, struct desk_rules *d)
{
	d->approval_lasts = (int)conf_int(c, "review.approval_lasts");
	d->one_for_sensitive = !listed(c, "review.two_persons", "sensitive");
	d->one_for_legal = !listed(c, "review.two_persons", "legal");
	d->bulk_count = (int)conf_int(c, "review.bulk_count");
	d->bulk_seconds = (int)conf_int(c, "review.bulk_seconds");
	d->reviewers_n = conf_list(c, "review.reviewers", &d->reviewers);
}

static void limits(const struct conf *c, struct store_options *o)
{
	o->breaker = (struct breaker_limits){
		.complaint_pause = conf_num(c, "limits.complaint_pause"),
		.complaint_stop = conf_num(c, "limits.complaint_stop"),
		.bounce_warn = conf_num(c, "limits.bounce_warn"),
		.bounce_pause = conf_num(c, "limits.bounce_pause"),
		.touches = (int)conf_int(c, "limits.breaker_touches"),
	};
	o->voice_brief = conf_str(c, "channels.voice_brief");
	o->voice_disclosure = conf_str(c, "channels.voice_disclosure");
	o->booking_link = conf_str(c, "booking.link");
	o->booking_minimum_n = conf_list(c, "booking.minimum", &o->booking_minimum);
	o->booking_questions_n = conf_list(c, "booking.questions", &o->booking_questions);
	o->booking_remind = conf_int(c, "booking.remind");
	desk(c, &o->desk);
	o->inbound = (struct inbound_limits){
		.template_per_hour = (int)conf_int(c, "limits.template_per_hour"),
		.template_per_domain = (int)conf_int(c, "limits.template_per_domain"),
		.leads_per_hour = (int)conf_int(c, "limits.leads_per_hour"),
		.lead_notes = (int)conf_int(c, "limits.lead_notes"),
	};
	o->breaker_days = (int)(conf_int(c, "limits.breaker_window") / 86400);
}

/* A credential of the service manager's, else the file that is configured. */
static enum status password(const struct conf *c, struct arena *a, struct store_options *o, struct err *e)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY"), *path = conf_str(c, "store.password_file");
	const char *credential = folder ? arena_printf(a, "%s/store-password", folder) : NULL;

	if (credential != NULL && access(credential, R_OK) == 0)
		path = credential;
	return str_empty(path) ? OK : conf_secret_read(a, path, &o->password, e);
}

enum status store_settings(const struct conf *c, struct arena *a, struct store_options *o, struct err *e)
{
	bool server;

	*o = (struct store_options){
		.driver = conf_str(c, "store.driver"),
		.mark = str_empty(conf_str(c, "store.mark")) ? NULL : conf_str(c, "store.mark"),
		.busy_ms = (int)conf_int(c, "store.busy") * 1000,
		.addr_equiv = (conf_bool(c, "limits.plus_tags") ? (unsigned)ADDR_PLUS : 0) |
			      (conf_bool(c, "limits.gmail_dots") ? (unsigned)ADDR_GMAIL_DOTS : 0),
		.hard_bounce_expires = conf_int(c, "limits.hard_bounce_expires"),
		.zone = str_empty(conf_str(c, "zone")) ? NULL : conf_str(c, "zone"),
	};
	server = !str_eq(o->driver, "sqlite");
	o->quiet = !conf_bool(c, "store.notify");
	o->path = conf_str(c, server ? "store.url" : "store.path");
	if (server) {
		o->connections = (int)conf_int(c, "store.connections");
		/* where a file's mark would be: a replica that took over too early must be noticed too */
		if (o->mark == NULL)
			o->mark = arena_printf(a, "%s.mark", conf_str(c, "store.path"));
	}
	o->own_domains_n = conf_list(c, "own_domains", &o->own_domains);
	o->freemail_n = conf_list(c, "freemail_domains", &o->freemail);
	limits(c, o);
	return server ? password(c, a, o, e) : OK;
}
