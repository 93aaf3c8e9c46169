/* SPDX-License-Identifier: MPL-2.0
 *
 * A milter that does nothing, in the shape of relent's: the same steps and macros, headers and body kept, three headers added.
 * With "all": every step that there is, answered.
 *
 * usage: null-milter SOCKET [all]
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libmilter/mfapi.h>

static int all;

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2, unsigned long f3,
			     unsigned long *pf0, unsigned long *pf1, unsigned long *pf2, unsigned long *pf3)
{
	(void)f0;
	(void)f2;
	(void)f3;
	*pf0 = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_DELRCPT;
	*pf1 = all ? 0 : f1 & (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NOEOH | SMFIP_NR_HDR | SMFIP_NR_BODY);
	*pf2 = *pf3 = 0;
	if (!all) {
		smfi_setsymlist(ctx, SMFIM_ENVFROM, "{auth_authen} {daemon_name} {client_addr} i");
		smfi_setsymlist(ctx, SMFIM_EOM, "i");
	}
	return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *at) { (void)ctx; (void)name; (void)at; return SMFIS_CONTINUE; }
static sfsistat on_helo(SMFICTX *ctx, char *name) { (void)ctx; (void)name; return SMFIS_CONTINUE; }
static sfsistat on_path(SMFICTX *ctx, char **path) { (void)ctx; (void)path; return SMFIS_CONTINUE; }
static sfsistat on_plain(SMFICTX *ctx) { (void)ctx; return SMFIS_CONTINUE; }

struct kept {
	char *p;
	size_t n;
};

static void keep(SMFICTX *ctx, const char *bytes, size_t n)
{
	struct kept *k = smfi_getpriv(ctx);

	if (k == NULL) {
		k = calloc(1, sizeof(*k));
		smfi_setpriv(ctx, k);
	}
	k->p = realloc(k->p, k->n + n + 1);
	memcpy(k->p + k->n, bytes, n);
	k->n += n;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	keep(ctx, name, strlen(name));
	keep(ctx, value, strlen(value));
	return all ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *p, size_t n)
{
	keep(ctx, (char *)p, n);
	return all ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

static void drop(SMFICTX *ctx)
{
	struct kept *k = smfi_getpriv(ctx);

	if (k != NULL) {
		free(k->p);
		free(k);
		smfi_setpriv(ctx, NULL);
	}
}

static sfsistat on_eom(SMFICTX *ctx)
{
	static char names[3][24] = { "X-Stamp", "X-Unsubscribe", "X-Feedback" };
	static char value[] = "v=1; t=0190aa11bb22cc33dd44ee55ff66; k=k1; h=0123456789abcdef0123456789abcdef";

	for (int i = 0; i < 3; i++)
		smfi_addheader(ctx, names[i], value);
	drop(ctx);
	return SMFIS_CONTINUE;
}

static sfsistat on_end(SMFICTX *ctx)
{
	drop(ctx);
	return SMFIS_CONTINUE;
}

int main(int argc, char **argv)
{
	struct smfiDesc d = {
		.xxfi_name = (char *)"null", .xxfi_version = SMFI_VERSION, .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_DELRCPT,
		.xxfi_envfrom = on_path, .xxfi_envrcpt = on_path, .xxfi_header = on_header, .xxfi_body = on_body, .xxfi_eom = on_eom,
		.xxfi_abort = on_end, .xxfi_close = on_end, .xxfi_negotiate = on_negotiate,
	};

	if (argc < 2)
		return 2;
	all = argc > 2;
	if (all) {
		d.xxfi_connect = on_connect;
		d.xxfi_helo = on_helo;
		d.xxfi_eoh = on_plain;
		d.xxfi_data = on_plain;
	}
	umask(0);
	if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(d) != MI_SUCCESS)
		return 1;
	return smfi_main();
}
