/* SPDX-License-Identifier: MPL-2.0
 *
 * The fields of RFC 3464, and what comes back behind them.
 */
#include "config.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_mail("From: MAILER-DAEMON@x.example\nTo: s@boxwell.example\nSubject: Returned mail\n"
		  "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n"
		  "failed\n--b\nContent-Type: message/delivery-status\n\n", data, n,
		  "\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <a@b>\nTo: a@b.example\n\nx\n--b--\n");
	return 0;
}
