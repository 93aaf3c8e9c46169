/* SPDX-License-Identifier: MPL-2.0
 *
 * Feedback reports (RFC 5965) and, by the first byte, receipts (RFC 8098).
 */
#include "config.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mail.h"

#define HEAD(type, part) "From: fbl@x.example\nTo: s@boxwell.example\nSubject: x\nContent-Type: multipart/report;" \
	" report-type=" type "; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/" part "\n\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_mail(n && data[0] == 'D' ? HEAD("disposition-notification", "disposition-notification") :
		  HEAD("feedback-report", "feedback-report"), data, n,
		  "\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <a@b>\nTo: a@b.example\n--b--\n");
	return 0;
}
