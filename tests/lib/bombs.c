/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/lib/bombs.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

#define HEAD "From: a@oakvale.example\nTo: s@boxwell.example\nSubject: x\n"
#define DAEMON "From: MAILER-DAEMON@x.example\nSubject: failure notice\n"
#define HTML HEAD "Content-Type: text/html; charset=utf-8\n\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\n\n"
#define REPORT DAEMON "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nx\n--b\n"

/* "%d" in what: the number of the round. */
const struct bomb bombs[] = {
	/* structure */
	{ "10,000 parts", MIXED, "--b\n\n", 10000 },
	{ "200,000 parts", MIXED, "--b\n\n", 200000 },
	{ "10,000 parts with types", MIXED, "--b\nContent-Type: text/html\n\n<b>x</b>\n", 10000 },
	{ "multiparts 1,000 deep", HEAD, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", 1000 },
	{ "multiparts 20,000 deep", HEAD, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", 20000 },
	{ "one boundary 20,000 deep", HEAD, "Content-Type: multipart/mixed; boundary=b\n\n--b\n", 20000 },
	{ "mails 5,000 deep", HEAD, "Content-Type: message/rfc822\n\n", 5000 },
	{ "mails 100,000 deep", HEAD, "Content-Type: message/rfc822\n\n", 100000 },
	{ "digest of 50,000", HEAD "Content-Type: multipart/digest; boundary=b\n\n", "--b\n\nSubject: x\n\ny\n", 50000 },
	{ "300,000 headers", HEAD, "X-A: b\n", 300000 },
	{ "300,000 headers of a part", MIXED "--b\n", "X-A: b\n", 300000 },
	{ "300,000 headers of a returned mail", REPORT "Content-Type: message/rfc822\n\n", "X-A: b\n", 300000 },
	{ "16 MB header", HEAD "X-Long: ", "aaaaaaaaaaaaaaaa", 1000000 },
	{ "header folded 300,000 times", HEAD "X-Long: a\n", " b\n", 300000 },
	{ "50,000 parameters", HEAD "Content-Type: text/plain", "; a=b", 50000 },
	{ "50,000 pieces of a parameter", HEAD "Content-Type: text/plain", "; name*%d=b", 50000 },
	{ "50,000 Content-Types", HEAD, "Content-Type: multipart/mixed; boundary=b%d\n", 50000 },
	{ "50 MB line", HEAD "\n", "aaaaaaaaaaaaaaaa", 3300000 },
	{ "50 MB line of a part", MIXED "--b\n\n", "aaaaaaaaaaaaaaaa", 3300000 },
	{ "10 MB of base64", HEAD "Content-Transfer-Encoding: base64\n\n", "QUFB", 2500000 },
	{ "10 MB of broken base64", HEAD "Content-Transfer-Encoding: base64\n\n", "Q=A\n", 2500000 },
	{ "10 MB of quoted-printable", HEAD "Content-Transfer-Encoding: quoted-printable\n\n", "=3D=\n", 2000000 },
	/* charsets */
	{ "NULs", HEAD "\n", "a\1", 1000000 },
	{ "NULs in headers", HEAD, "X-A: \1\1\1\1\n", 30000 },
	{ "broken UTF-8", HEAD "Content-Type: text/plain; charset=utf-8\n\n", "\xff\xfe", 500000 },
	{ "overlong UTF-8", HEAD "Content-Type: text/plain; charset=utf-8\n\n", "\xe0\x80\xaf\xf4\x90\x80\x80", 200000 },
	{ "ISO-2022-JP escapes", HEAD "Content-Type: text/plain; charset=iso-2022-jp\n\n", "\x1b$B\x1b(B", 200000 },
	{ "ISO-2022-CN shifts", HEAD "Content-Type: text/plain; charset=iso-2022-cn-ext\n\n", "\x0e\x0f\x1b$)A", 200000 },
	{ "UTF-7", HEAD "Content-Type: text/plain; charset=utf-7\n\n", "+ADw-", 300000 },
	{ "UTF-16 of bytes", HEAD "Content-Type: text/plain; charset=utf-16\n\n", "\xd8\1", 500000 },
	{ "BOCU-1", HEAD "Content-Type: text/plain; charset=bocu-1\n\n", "\xfb\xee\xff", 300000 },
	{ "gb18030", HEAD "Content-Type: text/plain; charset=gb18030\n\n", "\x81\x30\x81", 300000 },
	{ "no such charset", HEAD "Content-Type: text/plain; charset=x-bomb\n\n", "\xe9 ", 500000 },
	{ "one letter, 500,000 accents", HEAD "Content-Type: text/plain; charset=utf-8\n\na", "\xcc\x81", 500000 },
	{ "ligatures that grow 18 times", HEAD "Content-Type: text/plain; charset=utf-8\n\n", "\xef\xb7\xba", 300000 },
	{ "encoded words", HEAD "Subject: ", "=?utf-8?q?a?= ", 20000 },
	{ "open encoded words", HEAD "Subject: ", "=?utf-8?q?", 20000 },
	{ "encoded words, each a charset", HEAD, "X-A: =?iso-2022-jp?b?GyRC?= =?gb18030?q?=81=30?=\n", 5000 },
	/* HTML */
	{ "divs", HTML, "<div>", 300000 },
	{ "open tags", HTML, "<a", 500000 },
	{ "quotes in tags", HTML, "<a b='\">", 200000 },
	{ "nested quotes", HTML, "<blockquote>x", 100000 },
	{ "entities", HTML, "&amp", 400000 },
	{ "long entities", HTML, "&#0000000000000000000000000065;", 50000 },
	{ "hidden", HTML, "<p style=\"display:none\">x</p>", 60000 },
	{ "styles without end", HTML, "<style>", 200000 },
	{ "comments without end", HTML, "<!--", 300000 },
	{ "tags of 8 KB", HTML "<p ", "style=\"a:b;\" class='c' ", 100000 },
	{ "closing tags", HTML "<i>", "</b>", 300000 },
	{ "opened and wrongly closed", HTML, "<b></i>", 200000 },
	{ "tables", HTML, "<table><tr><td>", 80000 },
	{ "pre", HTML "<pre>", " \n", 500000 },
	/* text and phrases */
	{ "quote marks in a line", HEAD "\n", "> ", 500000 },
	{ "quoted lines", HEAD "\n", ">\n", 500000 },
	{ "attributions", HEAD "\n", "On 3 March wrote\n", 50000 },
	{ "attributions with addresses", HEAD "\n", "On 3 March 2026 a@b.example wrote:\n", 30000 },
	{ "header blocks", HEAD "\n", "From: a\nSent: b\nTo: c\nSubject: d\n\n", 20000 },
	{ "separators", HEAD "\n", "-----Original Message-----\n", 40000 },
	{ "signatures", HEAD "\n", "-- \nAnn\n\n", 80000 },
	{ "disclaimers", HEAD "\n", "This e-mail is confidential.\n\n", 30000 },
	{ "stop", HEAD "\n", "stop ", 300000 },
	{ "please remove me from", HEAD "\n", "please remove me from ", 50000 },
	{ "not interested", HEAD "\n", "we are not really interested in it at the moment ", 20000 },
	{ "the", HEAD "\n", "the ", 300000 },
	{ "dates", HEAD "\n", "3 March - ", 100000 },
	{ "months", HEAD "\n", "Monday March until ", 50000 },
	{ "numbers", HEAD "\n", "1/2/3-4.5 ", 100000 },
	{ "question marks", HEAD "\n", "? ", 500000 },
	{ "addresses", HEAD "\n", "a@b.example ", 100000 },
	{ "hyphens before no address", HEAD "\n", "a-", 500000 },
	{ "apostrophes", HEAD "\n", "l'", 500000 },
	{ "Japanese", HEAD "Content-Type: text/plain; charset=utf-8\n\n", "\xe9\x85\x8d\xe4\xbf\xa1\xe5\x81\x9c\xe6\xad\xa2", 80000 },
	{ "flowed", HEAD "Content-Type: text/plain; format=flowed\n\n", "a \n", 300000 },
	{ "flowed quotes", HEAD "Content-Type: text/plain; format=flowed\n\n", ">>>>>>>> a \n", 100000 },
	{ "placeholders", HEAD "\n", "{{[", 300000 },
	/* headers we read */
	{ "references", HEAD "References: ", "<a@b> ", 100000 },
	{ "open references", HEAD "References: ", "<a@b", 100000 },
	{ "recipients", HEAD "To: ", "a@b.example, ", 50000 },
	{ "comments in an address", HEAD "To: ", "(", 200000 },
	{ "routes in an address", HEAD "To: <", "@a,", 80000 },
	{ "long domain", HEAD "To: a@", "\xc3\xbc.", 50000 },
	/* reports */
	{ "qmail", DAEMON "\n", "<a@b.example>:\n550 x\n\n", 50000 },
	{ "half addresses", DAEMON "\n", "a@", 300000 },
	{ "long local parts", DAEMON "\n", "aaaaaaaaaaaaaaaaaaaaaaaa", 20000 },
	{ "regex bait: blanks", DAEMON "\nHi. This is the qmail-send program at x.\n", " \t", 300000 },
	{ "regex bait: brackets", DAEMON "\nThis is the mail system at host x.\n", "<a@b.c>: host x[1.2.3.4] said: 550 ", 8000 },
	{ "regex bait: colons", DAEMON "\nThis message was created automatically by mail delivery software.\n", "a@b.c:\n  ", 30000 },
	{ "reasons", DAEMON "\n", "550 5.1.1 user unknown mailbox full blocked spam ", 20000 },
	{ "status blocks", REPORT "Content-Type: message/delivery-status\n\n",
	  "Final-Recipient: rfc822; a%d@b.example\nAction: failed\nStatus: 5.1.1\n\n", 30000 },
	{ "one status block", REPORT "Content-Type: message/delivery-status\n\n", "Diagnostic-Code: x\n y\n", 50000 },
	{ "feedback fields", DAEMON "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n"
	  "Content-Type: message/feedback-report\n\n", "Original-Rcpt-To: a%d@b.example\n", 30000 },
	{ "returned mail in the text", DAEMON "\nfailed\n\n", "Received: from x\n", 50000 },
	/* calendar */
	{ "events", HEAD "Content-Type: text/calendar; method=REPLY\n\n", "BEGIN:VEVENT\n", 9000 },
	{ "nested components", HEAD "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n", "BEGIN:X-A%d\n", 9000 },
	{ "whole events", HEAD "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n",
	  "BEGIN:VEVENT\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\nEND:VEVENT\n", 5000 },
	{ "recurrence", HEAD "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n",
	  "RRULE:FREQ=SECONDLY;BYSECOND=1,2,3;COUNT=999999999\n", 5000 },
	{ "parameters of a property", HEAD "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n"
	  "ATTENDEE", ";X-P%d=\"a\"", 20000 },
	{ "folded property", HEAD "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nSUMMARY:a\n", " b\n", 60000 },
};
const size_t bombs_n = sizeof bombs / sizeof bombs[0];

char *bomb_make(struct arena *a, const struct bomb *b, size_t percent, size_t *n_r)
{
	size_t times = b->times * percent / 100, room, w = strlen(b->what), h = strlen(b->head);
	bool numbered = strstr(b->what, "%d") != NULL;
	char *s, *p;

	room = h + (w + (numbered ? 16 : 0)) * times + 1;
	s = arena_alloc(a, room);
	memcpy(s, b->head, h);
	p = s + h;
	for (size_t i = 0; i < times; i++) {
		const char *what = b->what;
		for (; *what; what++) {
			if (what[0] == '%' && what[1] == 'd') {
				p += snprintf(p, 9, "%zu", i % 10000000);
				what++;
			} else {
				*p++ = *what == 1 ? '\0' : *what;
			}
		}
	}
	*n_r = (size_t)(p - s);
	return s;
}
