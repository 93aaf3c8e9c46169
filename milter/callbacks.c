/* SPDX-License-Identifier: MPL-2.0
 *
 * libmilter's side: each callback fills the mail of its session; nothing is decided here.
 * A session has at most one mail: MAIL FROM begins it, end of message, abort or close ends it, and a
 * second MAIL FROM without either (after an aborted DATA) drops what was there. So no verdict can
 * leak from one mail, or one connection, to the next.
 */
#include "config.h"

#include "milter/control.h"
#include "milter/inbound.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"

#include <libmilter/mfapi.h>

#include <stdlib.h>

struct session {
	bool quiet;		/* no replies to header and body */
	struct mail *mail;	/* NULL: none, or none of our business */
	struct inbound *inbound;	/* an arriving mail; NULL: none */
};

static struct session *session_of(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	s->quiet = atomic_load(&the_milter.quiet);
	smfi_setpriv(ctx, s);
	return s;
}

static void end_mail(struct session *s)
{
	mail_free(s->mail);
	s->mail = NULL;
	inbound_free(s->inbound);
	s->inbound = NULL;
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2,
			     unsigned long f3, unsigned long *pf0, unsigned long *pf1,
			     unsigned long *pf2, unsigned long *pf3)
{
	const unsigned long no_replies = SMFIP_NR_HDR | SMFIP_NR_BODY;
	const unsigned long needed = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_DELRCPT;
	bool quiet;

	(void)f2;
	(void)f3;
	if ((f0 & needed) != needed) {
		log_error(NULL, "negotiate", "error",
			  "the MTA does not let us change headers and recipients");
		return SMFIS_REJECT;
	}
	/* over TCP each command without reply costs 40 ms (Nagle, delayed acknowledgement) */
	quiet = !the_milter.over_inet && (f1 & no_replies) == no_replies;
	*pf0 = needed;
	*pf1 = f1 & (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NOEOH |
		     (quiet ? no_replies : 0));
	*pf2 = *pf3 = 0;
	smfi_setsymlist(ctx, SMFIM_ENVFROM, "{auth_authen} {daemon_name} {client_addr} i");
	smfi_setsymlist(ctx, SMFIM_EOM, "i");
	atomic_store(&the_milter.quiet, quiet);
	session_of(ctx)->quiet = quiet;
	return SMFIS_CONTINUE;
}

/* The role of the service; a service that is not listed has one only if somebody logged in there: mail of
 * reps must not get past because a name was forgotten in the configuration. */
static const char *role_name(const struct settings *s, const char *daemon, const char *authen)
{
	const char *role = daemon ? conf_role(s->conf, daemon) : NULL;

	if (authen && (!role || str_eq(role, "inbound")))	/* somebody logged in: it is no arriving mail */
		return "submission";
	return role;
}

/* relent's own service login, and those the site lists: programs. */
static bool is_automation(const struct settings *s, const char *authen)
{
	const char *const *list;
	size_t n = conf_list(s->conf, "milter.automation", &list);

	if (str_empty(authen))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (str_eq_case(list[i], authen))
			return true;
	}
	return str_eq_case(conf_str(s->conf, "smtp.user"), authen);
}

/* NULL: none of our business. Most mail is: for it nothing is made. */
static struct mail *new_mail(struct settings *s, struct owners *o, enum role role, const char *authen,
			     const char *path)
{
	const char *login = role == ROLE_SUBMISSION ? owners_by_login(o, authen) : NULL;
	bool automation = role == ROLE_SUBMISSION && is_automation(s, authen);
	struct addr sender;
	struct mail *m;

	if (!login && !automation && !s->everybody && !(role == ROLE_LOCAL && s->trusted_senders))
		return NULL;
	atomic_fetch_add(&s->refs, 1);
	m = mail_new(s);
	m->role = role;
	m->automation = automation;
	m->sender = addr_path(m->arena, path, &sender) ? sender.key : str_lower(m->arena, path);
	if (role == ROLE_LOCAL && s->trusted_senders)
		login = owners_by_address(o, m->sender);
	m->everybody = !login && !automation;
	m->login = arena_strdup(m->arena, automation ? authen : login);
	if (m->everybody)
		m->login = authen ? arena_strdup(m->arena, authen) : m->sender;
	if (!m->everybody || s->everybody)
		return m;
	mail_free(m);
	return NULL;
}

static void begin_mail(SMFICTX *ctx, struct session *x, const char *path)
{
	const char *authen = smfi_getsymval(ctx, "{auth_authen}");
	const char *daemon = smfi_getsymval(ctx, "{daemon_name}");
	struct settings *s = milter_settings(&the_milter);
	struct owners *o = milter_owners(&the_milter);
	const char *name = role_name(s, daemon, authen);

	if (name && str_eq(name, "inbound"))
		x->inbound = inbound_new(s);
	else if (name)
		x->mail = new_mail(s, o, str_eq(name, "local") ? ROLE_LOCAL : ROLE_SUBMISSION, authen, path);
	owners_unref(o);
	settings_unref(s);
}

static sfsistat on_mail(SMFICTX *ctx, char **argv)
{
	struct session *s = session_of(ctx);

	end_mail(s);
	begin_mail(ctx, s, argv[0]);
	return s->mail || s->inbound ? SMFIS_CONTINUE : SMFIS_ACCEPT;
}

/* A program's login writes to our own people, which is none of our business. */
static bool inside(const struct mail *m, const char *key)
{
	struct owners *o = milter_owners(&the_milter);
	bool yes = owners_by_address(o, key) || settings_inside(m->settings, key);

	owners_unref(o);
	return yes;
}

static sfsistat rcpt(SMFICTX *ctx, struct mail *m, const char *path)
{
	static const char *const enhanced = "5.1.1";
	struct decision x;
	const char *text[2], *key;
	struct addr to;

	key = addr_path(m->arena, path, &to) && *to.key ? to.key : str_lower(m->arena, path);
	if (m->everybody) {
		decide_everybody(&the_milter, m, path, key, &x);
		return x.answer == DECIDE_REFUSE ? (sfsistat)reply_refuse(ctx, x.code, x.enhanced, x.text)
						 : SMFIS_CONTINUE;
	}
	if (m->role != ROLE_LOCAL && !m->settings->policy.observe && !mail_readable(m, path)) {
		policy_say(m->arena, &m->settings->policy, "unreadable", text, "who", key, NULL);
		decide_refused(&the_milter, m, RULE_SUPPRESSED, key, text, "no readable address");
		return (sfsistat)reply_refuse(ctx, 550, "5.1.3", text);
	}
	if (m->automation && inside(m, key))
		return SMFIS_CONTINUE;
	if (m->role != ROLE_LOCAL && !m->automation) {
		switch (control_rcpt(&the_milter, m, path, key, text)) {
		case CONTROL_TAKEN:
			return SMFIS_CONTINUE;
		case CONTROL_REFUSED:
			return (sfsistat)reply_refuse(ctx, 550, enhanced, text);
		case CONTROL_NONE:
			break;
		}
	}
	decide_rcpt(&the_milter, m, key, &x);
	if (x.answer == DECIDE_REFUSE || x.answer == DECIDE_TROUBLE)
		return (sfsistat)reply_refuse(ctx, x.code, x.enhanced, x.text);
	mail_rcpt(m, path, key);
	return SMFIS_CONTINUE;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **argv)
{
	struct session *s = session_of(ctx);
	sfsistat r;

	if (s->inbound) {
		inbound_rcpt(s->inbound, argv[0]);
		return SMFIS_CONTINUE;
	}
	if (!s->mail)
		return SMFIS_ACCEPT;
	milter_enter(&the_milter);
	r = rcpt(ctx, s->mail, argv[0]);
	milter_leave(&the_milter);
	return r;
}

/* Is its content wanted? Not of a program's mail to our own people. */
static bool is_judged(const struct mail *m)
{
	return m && !m->everybody && (!m->automation || m->recipients_n > 0);
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *s = session_of(ctx);

	if (s->inbound)
		inbound_header(s->inbound, name, value);
	if (is_judged(s->mail))
		mail_header(s->mail, name, value);
	return s->quiet ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *p, size_t n)
{
	struct session *s = session_of(ctx);

	if (is_judged(s->mail))
		mail_body(s->mail, p, n);
	return s->quiet ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static bool remove_rcpts(SMFICTX *ctx, const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (smfi_delrcpt(ctx, (char *)paths[i]) != MI_SUCCESS)
			return false;
	}
	return true;
}

/* The recipient that has it already drops out; if there is nobody else, so does the mail. */
static sfsistat swallow(SMFICTX *ctx, const struct mail *m, const struct decision *x)
{
	size_t left = m->recipients_n;

	for (size_t i = 0; i < m->recipients_n; i++) {
		if (str_eq(m->recipients[i], x->swallow)) {
			left--;
			if (!remove_rcpts(ctx, &m->paths[i], 1))
				return SMFIS_TEMPFAIL;
		}
	}
	return left ? SMFIS_CONTINUE : SMFIS_DISCARD;
}

static sfsistat carry_out(SMFICTX *ctx, const struct mail *m, const struct decision *x)
{
	const char *const *control = m->control.paths;

	if (x->answer == DECIDE_REFUSE || x->answer == DECIDE_TROUBLE)
		return (sfsistat)reply_refuse(ctx, x->code, x->enhanced, x->text);
	if (x->answer == DECIDE_DISCARD && !x->swallow)
		return SMFIS_DISCARD;
	/* what cannot be changed as it was recorded must not leave: the client tries again, and it is the
	 * same touch */
	if (!remove_rcpts(ctx, control, m->control.paths_n) ||
	    !stamp_apply(ctx, &the_milter, m, x)) {
		log_error(m->queue_id, "change", "error", "the MTA did not take a change");
		return SMFIS_TEMPFAIL;
	}
	if (x->answer == DECIDE_DISCARD)
		return swallow(ctx, m, x);
	fault_point("milter.stamped");
	return SMFIS_CONTINUE;
}

static sfsistat on_eom(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);
	struct decision x;
	sfsistat r;

	if (s->inbound) {
		milter_enter(&the_milter);
		inbound_eom(&the_milter, s->inbound, smfi_getsymval(ctx, "i"));
		milter_leave(&the_milter);
	}
	if (s->mail && s->mail->everybody && s->mail->recipients_n) {	/* role local: now it can be told */
		milter_enter(&the_milter);
		decide_everybody(&the_milter, s->mail, NULL, s->mail->recipients[0], &x);
		milter_leave(&the_milter);
		r = (sfsistat)reply_refuse(ctx, x.code, x.enhanced, x.text);
		end_mail(s);
		return r;
	}
	if (!is_judged(s->mail)) {
		end_mail(s);
		return SMFIS_ACCEPT;
	}
	milter_enter(&the_milter);
	s->mail->queue_id = arena_strdup(s->mail->arena, smfi_getsymval(ctx, "i"));
	decide_eom(&the_milter, s->mail, &x);
	r = carry_out(ctx, s->mail, &x);
	end_mail(s);
	milter_leave(&the_milter);
	return r;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	end_mail(session_of(ctx));
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s) {
		end_mail(s);
		free(s);
		smfi_setpriv(ctx, NULL);
	}
	return SMFIS_CONTINUE;
}

const struct smfiDesc *callbacks(void)
{
	static struct smfiDesc d = {
		.xxfi_name = "relent",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_DELRCPT,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	return &d;
}
