/* SPDX-License-Identifier: MPL-2.0
 *
 * relent.conf: types, defaults, every mistake at once with file and line, owners and accounts,
 * includes, and that one bad file leaves no trace in the next.
 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/conf.h"

static char dir[] = "/tmp/relent-conf-XXXXXX";
static char said[8192];
static int said_n;

static void remember(void *ctx, const char *file, int line, const char *sentence)
{
	const char *slash = strrchr(file, '/');
	size_t n = strlen(said);

	(void)ctx;
	said_n++;
	snprintf(said + n, sizeof(said) - n, "%s:%d: %s\n", slash ? slash + 1 : file, line, sentence);
}

static const char *write_file(const char *name, const char *text, size_t n)
{
	static char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert(f != NULL);
	fwrite(text, 1, n ? n : strlen(text), f);
	fclose(f);
	return path;
}

static struct conf *load(const char *text)
{
	struct conf *c = NULL;
	struct err e = { "" };
	enum status st;

	said[0] = '\0';
	said_n = 0;
	st = conf_load(write_file("relent.conf", text, 0), remember, NULL, &c, &e);
	ck_assert((st == OK) == (c != NULL));
	ck_assert((st == OK) == (said_n == 0));
	ck_assert(st == OK || (st == CONF && e.text[0]));
	return c;
}

static struct conf *good(const char *text)
{
	struct conf *c = load(text);

	ck_assert_msg(c != NULL, "refused: %s", said);
	return c;
}

START_TEST(defaults)
{
	struct conf *c = NULL;
	const char *const *list, *from;
	struct arena *a = arena_new(0);
	struct err e;

	c = good("");
	ck_assert_str_eq(conf_str(c, "mode"), "enforce");
	ck_assert_int_eq(conf_int(c, "imapwatch.idle_renew"), 540);
	ck_assert_int_eq(conf_int(c, "milter.duplicate_window"), 30 * 86400);
	ck_assert_int_eq(conf_int(c, "imapwatch.fetch_bytes"), 262144);
	ck_assert(conf_bool(c, "milter.trusted_senders"));
	ck_assert_uint_eq(conf_list(c, "milter.submission", &list), 7);
	ck_assert_str_eq(list[2], "smtps");
	ck_assert_str_eq(conf_role(c, "submission"), "submission");
	ck_assert_ptr_null(conf_role(c, "smtpd"));
	ck_assert_str_eq(conf_value_text(a, c, "milter.submission", &from),
			 "submission, submissions, smtps, ORIGINATING, MSA, MSP-v4, MSP-v6");
	ck_assert_str_eq(from, "default");
	conf_free(c);
	/* not there and not asked for by name is no mistake; by name it is */
	ck_assert_int_eq(conf_load("/nonexistent/x.conf", NULL, NULL, &c, &e), CONF);
	ck_assert_ptr_nonnull(strstr(e.text, "/nonexistent/x.conf"));
	arena_free(a);
}
END_TEST

/* Where relent.conf is silent the machine is asked. */
START_TEST(host)
{
	struct conf *c;

	setenv("TZ", "Asia/Tokyo", 1);
	c = good("");
	ck_assert_str_eq(conf_str(c, "zone"), "Asia/Tokyo");
	/* the programs ask for the name themselves: what nobody set is no name that a mail can claim */
	ck_assert_str_eq(conf_str(c, "hostname"), "");
	conf_free(c);
	setenv("TZ", "nonsense", 1);
	c = good("");
	ck_assert_str_ne(conf_str(c, "zone"), "");
	ck_assert_str_ne(conf_str(c, "zone"), "nonsense");
	conf_free(c);
	c = good("zone = \"Europe/Berlin\"\nhostname = \"mail.example.com\"\n");
	ck_assert_str_eq(conf_str(c, "zone"), "Europe/Berlin");
	ck_assert_str_eq(conf_str(c, "hostname"), "mail.example.com");
	conf_free(c);
	unsetenv("TZ");
}
END_TEST

START_TEST(values)
{
	struct conf *c = good("mode = observe\nmilter {\n  body_bytes = 256k\n  decide_within = 5s\n"
			      "  submission = { \"a\", \"b\" }\n  local = x\n}\n"
			      "rules { cap = warn }\n"
			      "milter { socket = \"inet:8891@localhost\" }\nlogwatch { instance = {} }\n");
	const char *const *list, *from;
	struct arena *a = arena_new(0);

	ck_assert_str_eq(conf_str(c, "mode"), "observe");
	ck_assert_int_eq(conf_int(c, "milter.body_bytes"), 262144);
	ck_assert_int_eq(conf_int(c, "milter.decide_within"), 5);
	ck_assert_uint_eq(conf_list(c, "milter.submission", &list), 2);
	ck_assert_str_eq(list[1], "b");
	ck_assert_str_eq(conf_role(c, "x"), "local");
	ck_assert_str_eq(conf_str(c, "milter.socket"), "inet:8891@localhost");
	ck_assert_uint_eq(conf_list(c, "logwatch.instance", &list), 0);
	conf_value_text(a, c, "rules.cap", &from);
	ck_assert_ptr_nonnull(strstr(from, "relent.conf:8"));
	arena_free(a);
	conf_free(c);
}
END_TEST

static const struct {
	const char *text, *want;
} bad[] = {
	{ "mode = obseve\n", "relent.conf:1: mode = 'obseve' is none of enforce|observe: did you mean 'observe'?" },
	{ "moed = observe\n", "relent.conf:1: there is no option 'moed': did you mean 'mode'?" },
	{ "\n\nmilter {\n sockt = 1\n}\n", "relent.conf:4: there is no option 'sockt' in section 'milter': did you mean 'socket'?" },
	{ "store { body_bytes = 5 }\n", "there is no option 'body_bytes' in section 'store': do you mean 'milter.body_bytes'?" },
	{ "mliter { socket = \"unix:/x\" foo { } }\n", "relent.conf:1: there is no option 'mliter': did you mean 'milter'?" },
	{ "quux \"a\" { b = { 1, 2 } }\n", "relent.conf:1: there is no option 'quux'" },
	{ "limits { gap_days = 61 }\n", "limits.gap_days = '61' is out of range (0..60)" },
	{ "limits { gap_days = two }\n", "limits.gap_days = 'two' is not a whole number" },
	{ "store { busy = 5x }\n", "store.busy = '5x' is not a duration" },
	{ "milter { body_bytes = 12q }\n", "milter.body_bytes = '12q' is not a size" },
	{ "milter { body_bytes = 99999999999999999999 }\n", "is not a size" },
	{ "limits { plus_tags = maybe }\n", "limits.plus_tags = 'maybe' is not yes or no" },
	{ "store { path = \"relent.db\" }\n", "store.path = 'relent.db' is not an absolute path" },
	{ "mode = { enforce, observe }\n", "mode takes one value, not a list" },
	{ "mode = enforce\nmode = observe\n", "relent.conf:2: mode is set twice (first in line 1)" },
	{ "milter {\n", "relent.conf:1: the file ends inside section milter" },
	{ "own_domains = { a,", "the file ends inside a value" },
	{ "mode enforce\n", "missing equal sign after option 'mode'" },
	{ "mode = \"enforce\n", "relent.conf:1: the file ends inside a value" },
	{ "}\n", "unexpected closing brace" },
	{ "zone = \"Europe/Belin\"\n", "zone = 'Europe/Belin' is not a time zone" },
	{ "administrator = \"nobody\"\n", "administrator = 'nobody' is not a mail address" },
	{ "control { address = \"@\" }\n", "control.address" },
	{ "control { enrol_unknown = yes }\n", "control.enrol_unknown needs control.enrol_source" },
	{ "milter { socket = \"/run/x\" }\n", "write unix:/PATH or inet:PORT@HOST" },
	{ "milter { socket = \"inet:x@y\" }\n", "has no port" },
	{ "milter { socket_mode = \"0666\" }\n", "lets everybody write" },
	{ "milter { local = submission }\n", "'submission' is in milter.submission and in milter.local" },
	{ "smtp { host = \"mx.example.com\" tls = none }\n", "would send the password in clear to 'mx.example.com'" },
	{ "web { url = \"http://x.example\" }\n", "is not a plain https:// address" },
	{ "import { required = { sorce } }\n", "import.required: there is no 'sorce': did you mean 'source'?" },
	{ "hostname = \"mail example\"\n", "hostname = 'mail example' is not the name of a host" },
	{ "hostname = \"../mail\"\n", "is not the name of a host" },
	{ "own_domains = { \"a b\" }\n", "own_domains: 'a b' is not a domain" },
	{ "owner \"rita\" { }\n", "owner \"rita\" has no addresses, and the login is none" },
	{ "owner \"r@a.example\" { zone = Mars }\n", "owner.zone = 'Mars' is not a time zone" },
	{ "owner \"r@a.example\" { }\nowner \"r@a.example\" { }\n", "found duplicate title" },
	{ "owner \"a\" { addresses = \"x@y.example\" }\nowner \"b\" { addresses = \"X@Y.example\" }\n",
	  "'x@y.example' belongs to owner \"a\" already" },
	{ "owner { }\n", "missing title for section 'owner'" },
	{ "account \"x\" { user = a password_file = \"/p\" }\n", "account \"x\" has no host" },
	{ "account \"x\" { host = h owner = o }\n", "account \"x\" has no password_file" },
	{ "owner \"rita@a.example\" { }\naccount \"x\" { host = h owner = \"rta@a.example\" password_file = \"/p\" }\n",
	  "there is no owner \"rta@a.example\": did you mean \"rita@a.example\"?" },
	{ "account \"x\" { host = h pin = abc owner = o password_file = \"/p\" }\n", "pin is not 64 hex digits" },
	{ "account \"c\" { host = h control = yes password_file = \"/p\" }\n"
	  "account \"d\" { host = h control = yes password_file = \"/p\" }\n",
	  "relent.conf:2: account \"d\" is a second control mailbox (\"c\" is one)" },
	{ "include(\"nowhere.conf\")\n", "relent.conf:1: cannot read the included" },
	{ "include()\n", "include wants one file name" },
	{ "include(\"relent.conf\")\n", "is included already" },
	{ "mode = observe\nzone = \"UTC\"\"\"\"\n", "it cannot be read from here on" },
	{ "mode = \"\xff\"\n", "mode is not valid UTF-8" },
};

START_TEST(mistakes)
{
	struct conf *c = load(bad[_i].text);

	ck_assert_msg(c == NULL, "taken: %s", bad[_i].text);
	ck_assert_msg(strstr(said, bad[_i].want) != NULL, "said: %swant: %s", said, bad[_i].want);
	/* the next file is read as if nothing had been */
	conf_free(good("mode = observe\nmilter { local = x }\n"));
}
END_TEST

START_TEST(all_at_once)
{
	struct conf *c = load("mod = 1\nmilter {\n sokket = 2\n body_bytes = x\n}\nlimits { gap_days = 900 }\n"
			      "mliter { a = 1 }\nrules { kap = off }\n");

	ck_assert_ptr_null(c);
	ck_assert_msg(said_n == 6, "%d problems: %s", said_n, said);
	ck_assert_ptr_nonnull(strstr(said, ":4: milter.body_bytes"));
	ck_assert_ptr_nonnull(strstr(said, ":6: limits.gap_days"));
	ck_assert_ptr_nonnull(strstr(said, ":8: there is no option 'kap'"));
}
END_TEST

START_TEST(owners_and_accounts)
{
	const struct conf_owner *o;
	const struct conf_account *a;
	struct conf *c = good(
		"owner \"Rita@Example.com\" { name = \"Rita Ritter\" zone = \"Europe/Berlin\" }\n"
		"owner \"sam\" { addresses = { \"Sam@example.com\", \"s.smith@example.com\" } manager = \"rita@example.com\" }\n"
		"account \"sam\" { host = \"imap.example.com\" password_file = \"/p\" }\n"
		"account \"ctl\" { host = \"127.0.0.1\" tls = none user = relent control = yes password_file = \"/p\"\n"
		"  folders = { INBOX } look_back = 1d }\n"
		"account \"z\" { host = h owner = \"sam\" tls = starttls port = 10143 password_file = \"/p\" }\n");

	ck_assert_uint_eq(conf_owners(c, &o), 2);
	ck_assert_str_eq(o[0].login, "Rita@Example.com");
	ck_assert_uint_eq(o[0].addresses_n, 1);
	ck_assert_str_eq(o[0].addresses[0], "rita@example.com");
	ck_assert_str_eq(o[1].addresses[0], "sam@example.com");
	ck_assert_str_eq(o[1].manager, "rita@example.com");
	ck_assert_uint_eq(conf_accounts(c, &a), 3);
	ck_assert_str_eq(a[0].owner, "sam");
	ck_assert_str_eq(a[0].user, "sam");
	ck_assert_int_eq(a[0].port, 993);
	ck_assert_uint_eq(a[0].folders_n, 2);
	ck_assert_str_eq(a[0].folders[1], "\\Junk");
	ck_assert(a[1].control);
	ck_assert_str_eq(a[1].owner, "");
	ck_assert_int_eq(a[1].port, 143);
	ck_assert_int_eq(a[1].look_back, 86400);
	ck_assert_uint_eq(a[1].folders_n, 1);
	ck_assert_int_eq(a[2].port, 10143);
	conf_free(c);
}
END_TEST

/* One section, thousands of mailboxes. */
START_TEST(lists)
{
	const struct conf_owner *o;
	const struct conf_account *a;
	char text[600], path[200];
	struct conf *c;

	snprintf(path, sizeof(path), "%s", write_file("reps", "# who sells\n\nrita@x.example  Rita Ritter \r\n"
						      "sam Sam\nown@x.example\n\tralph@x.example\n", 0));
	snprintf(text, sizeof(text), "owner \"sam\" { addresses = { \"s@x.example\" } }\n"
		 "account \"all\" { list = \"%s\" host = h user = \"%%n+%%d*relent\" authzid = \"%%u\" "
		 "password_file = \"/p%%u\" folders = { INBOX } }\n"
		 "account \"own@x.example\" { host = other password_file = \"/q\" owner = \"rita@x.example\" }\n", path);
	c = good(text);
	ck_assert_uint_eq(conf_accounts(c, &a), 4);	/* in the order of the sections */
	ck_assert_str_eq(a[0].name, "rita@x.example");
	ck_assert_str_eq(a[0].owner, "rita@x.example");
	ck_assert_str_eq(a[0].user, "rita+x.example*relent");
	ck_assert_str_eq(a[0].authzid, "rita@x.example");
	ck_assert_str_eq(a[0].password_file, "/p%u");
	ck_assert_int_eq(a[0].port, 993);
	ck_assert_str_eq(a[1].user, "sam+*relent");
	ck_assert_str_eq(a[2].name, "ralph@x.example");
	ck_assert_ptr_eq(conf_account(c, "ralph@x.example"), &a[2]);
	ck_assert_str_eq(conf_account(c, "own@x.example")->host, "other");	/* a section of its own goes before */
	ck_assert_ptr_null(conf_account(c, "all"));
	ck_assert_uint_eq(conf_owners(c, &o), 3);	/* sam has a section, own@ is rita's */
	ck_assert_str_eq(conf_owner(c, "rita@x.example")->name, "Rita Ritter");
	ck_assert_str_eq(conf_owner(c, "rita@x.example")->addresses[0], "rita@x.example");
	ck_assert_str_eq(conf_owner(c, "sam")->addresses[0], "s@x.example");
	ck_assert_ptr_null(conf_owner(c, "own@x.example"));
	conf_free(c);
	/* as some editors write it */
	write_file("reps", "\xEF\xBB\xBFrita@x.example\n", 0);
	c = good(text);
	ck_assert_ptr_nonnull(conf_owner(c, "rita@x.example"));
	conf_free(c);
	/* a mailbox that is read, and whose owner's mail is nobody's */
	write_file("reps", "rita@\n@x.example\na@b@x.example\nrita@x.example,ralph@x.example\n", 0);
	ck_assert_ptr_null(load(text));
	ck_assert_ptr_nonnull(strstr(said, "reps:1: this is not a login"));
	ck_assert_ptr_nonnull(strstr(said, "reps:2: this is not a login"));
	ck_assert_ptr_nonnull(strstr(said, "reps:3: this is not a login"));
	ck_assert_ptr_nonnull(strstr(said, "reps:4: this is not a login"));
	write_file("reps", "rita@x.example\nrita@x.example\nbobby\na*b@x.example\n", 0);
	ck_assert_ptr_null(load(text));
	ck_assert_ptr_nonnull(strstr(said, "reps:2: 'rita@x.example' is in a list twice"));
	ck_assert_ptr_nonnull(strstr(said, "reps:3: 'bobby' is no address"));
	ck_assert_ptr_nonnull(strstr(said, "reps:4: this is not a login"));
	ck_assert_ptr_null(load("account \"all\" { list = \"/nowhere/reps\" host = h password_file = \"/p\" }\n"));
	ck_assert_ptr_nonnull(strstr(said, "cannot read '/nowhere/reps'"));
	ck_assert_ptr_null(load("account \"all\" { list = \"/dev/null\" host = h password_file = \"/p\" control = yes }\n"));
	ck_assert_ptr_nonnull(strstr(said, "a control mailbox is one"));
}
END_TEST

START_TEST(includes)
{
	struct conf *c;
	const char *from;
	struct arena *a = arena_new(0);

	write_file("local.conf", "mode = observe\nowner \"x@y.example\" { }\ninclude(\"deep.conf\")\n", 0);
	write_file("deep.conf", "limits {\n gap_days = 5\n}\n", 0);
	c = good("include(\"local.conf\")\nmode = enforce\nlimits { gap_days = 3 }\n");
	/* what an included file sets wins */
	ck_assert_str_eq(conf_str(c, "mode"), "observe");
	ck_assert_int_eq(conf_int(c, "limits.gap_days"), 5);
	conf_value_text(a, c, "limits.gap_days", &from);
	ck_assert_ptr_nonnull(strstr(from, "deep.conf:2"));
	conf_free(c);
	write_file("deep.conf", "limits {\n gap_days = 5000\n}\n", 0);
	ck_assert_ptr_null(load("include(\"local.conf\")\n"));
	ck_assert_ptr_nonnull(strstr(said, "deep.conf:2: limits.gap_days"));
	arena_free(a);
}
END_TEST

START_TEST(odd_files)
{
	struct conf *c = NULL;
	struct err e;
	const char *path = write_file("relent.conf", "mode = observe\0\n", 16);

	ck_assert_int_eq(conf_load(path, NULL, NULL, &c, &e), CONF);
	ck_assert_ptr_nonnull(strstr(e.text, "zero byte"));
	ck_assert_int_eq(conf_load(dir, NULL, NULL, &c, &e), CONF);
	ck_assert_ptr_nonnull(strstr(e.text, "directory"));
	/* a byte order mark and CRLF come from editors on Windows */
	c = good("\xef\xbb\xbfmode = observe\r\nlimits { gap_days = 4 }\r\n");
	ck_assert_str_eq(conf_str(c, "mode"), "observe");
	conf_free(c);
}
END_TEST

START_TEST(secrets)
{
	struct arena *a = arena_new(0);
	const char *text, *path = write_file("password", "s3cret\r\nrest\n", 0);
	struct conf *c;
	char conf[512];
	struct err e;

	chmod(path, 0644);
	ck_assert_int_eq(conf_secret_read(a, path, &text, &e), CONF);
	ck_assert_ptr_nonnull(strstr(e.text, "open to everybody"));
	chmod(path, 0660);
	ck_assert_int_eq(conf_secret_check(path, &e), CONF);
	chmod(path, 0640);
	ck_assert_int_eq(conf_secret_read(a, path, &text, &e), OK);
	ck_assert_str_eq(text, "s3cret");
	chmod(path, 0644);
	snprintf(conf, sizeof(conf), "account \"x\" {\n host = h\n owner = o\n password_file = \"%s\"\n}\n", path);
	c = good(conf);
	ck_assert_int_gt(conf_check_files(c, remember, NULL), 0);
	ck_assert_ptr_nonnull(strstr(said, "relent.conf:4: "));
	ck_assert_ptr_nonnull(strstr(said, "open to everybody"));
	conf_free(c);
	write_file("password", "\n", 0);
	chmod(path, 0600);
	ck_assert_int_eq(conf_secret_read(a, path, &text, &e), CONF);
	ck_assert_ptr_nonnull(strstr(e.text, "empty"));
	arena_free(a);
}
END_TEST

/* What a service manager hands over is taken in place of the file that root alone can read. */
START_TEST(credentials)
{
	const char *text = "store { key_file = \"/nowhere/keys\" }\n"
		"smtp { user = \"relent\" password_file = \"/nowhere/secrets/smtp\" }\n"
		"account \"rita\" { owner = \"rita@x.example\" host = \"h\" "
		"password_file = \"/nowhere/secrets/rita\" }\n"
		"owner \"rita@x.example\" { }\n";
	const struct conf_account *ac;
	char keys[64], rita[64];
	struct conf *c;

	snprintf(keys, sizeof(keys), "%s", write_file("keys", "k1 00", 0));
	snprintf(rita, sizeof(rita), "%s", write_file("secrets_rita", "x", 0));
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	c = good(text);
	unsetenv("CREDENTIALS_DIRECTORY");
	ck_assert_str_eq(conf_str(c, "store.key_file"), keys);
	ck_assert_str_eq(conf_str(c, "smtp.password_file"), "/nowhere/secrets/smtp");
	ck_assert_uint_eq(conf_accounts(c, &ac), 1);
	ck_assert_str_eq(ac->password_file, rita);
	conf_free(c);
	c = good(text);
	ck_assert_str_eq(conf_str(c, "store.key_file"), "/nowhere/keys");
	conf_free(c);
}
END_TEST

START_TEST(data_dir)
{
	struct arena *a = arena_new(0);
	struct conf *c = good("data_dir = \"/somewhere\"\n");

	ck_assert_str_eq(conf_data_dir(a, c), "/somewhere");
	ck_assert_str_eq(conf_site_dir(a, c), dir);
	conf_free(c);
	setenv("RELENT_DATA", "/else", 1);
	ck_assert_str_eq(conf_data_dir(a, NULL), "/else");
	unsetenv("RELENT_DATA");
	/* this test runs from the build tree */
	ck_assert_ptr_nonnull(strstr(conf_data_dir(a, NULL), "/conf"));
	arena_free(a);
}
END_TEST

/* The commented example: good as it is, and with every comment taken off it says what holds anyway. */
START_TEST(example)
{
	struct conf *c = NULL, *plain;
	struct arena *a = arena_new(0);
	const struct setting *s;
	size_t n = conf_settings(&s), len = 0;
	FILE *f = fopen(EXAMPLE, "r"), *out;
	struct err e;
	char line[512], *path = strdup(write_file("relent.conf", "", 0));

	ck_assert_msg(conf_load(EXAMPLE, remember, NULL, &c, &e) == OK, "%s", e.text);
	ck_assert_str_eq(conf_str(c, "mode"), "observe");
	conf_free(c);
	ck_assert(f != NULL);
	out = fopen(path, "w");
	while (fgets(line, sizeof(line), f) && strncmp(line, "# The reps whose", 16) != 0) {
		char *hash = line + strspn(line, "\t");

		if (*hash == '#' && hash[1] >= 'a' && hash[1] <= 'z')
			*hash = ' ';
		len += strlen(line);
		fputs(line, out);
	}
	fclose(f);
	fclose(out);
	ck_assert_uint_gt(len, 3000);
	said[0] = '\0';
	ck_assert_msg(conf_load(path, remember, NULL, &c, &e) == OK, "%s", said);
	plain = good("");
	for (size_t i = 0; i < n; i++) {
		const char *from, *value;

		if (strncmp(s[i].name, "owner.", 6) == 0 || strncmp(s[i].name, "account.", 8) == 0 ||
		    strncmp(s[i].name, "lead.", 5) == 0)
			continue;
		value = conf_value_text(a, c, s[i].name, &from);
		ck_assert_msg(strcmp(from, "default") != 0, "the example does not show %s", s[i].name);
		if (strcmp(s[i].name, "mode") != 0)
			ck_assert_msg(strcmp(value, conf_value_text(a, plain, s[i].name, NULL)) == 0,
				      "the example shows %s = %s", s[i].name, value);
	}
	conf_free(c);
	conf_free(plain);
	free(path);
	arena_free(a);
}
END_TEST

START_TEST(table)
{
	const struct setting *s;
	size_t n = conf_settings(&s);

	for (size_t i = 0; i < n; i++) {
		ck_assert_msg(strlen(s[i].sentence) > 5, "%s has no sentence", s[i].name);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(s[i].name, s[k].name);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("conf");
	TCase *t = tcase_create("settings");
	SRunner *r;
	int failed;

	if (!mkdtemp(dir))
		return 99;
	suite_add_tcase(s, t);
	tcase_add_test(t, defaults);
	tcase_add_test(t, host);
	tcase_add_test(t, values);
	tcase_add_loop_test(t, mistakes, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(t, all_at_once);
	tcase_add_test(t, owners_and_accounts);
	tcase_add_test(t, lists);
	tcase_add_test(t, includes);
	tcase_add_test(t, odd_files);
	tcase_add_test(t, secrets);
	tcase_add_test(t, credentials);
	tcase_add_test(t, data_dir);
	tcase_add_test(t, example);
	tcase_add_test(t, table);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	execlp("rm", "rm", "-rf", dir, (char *)NULL);
	return failed ? 1 : 0;
}
