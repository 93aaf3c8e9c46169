/* SPDX-License-Identifier: MPL-2.0
 *
 * A mail system's report in its own words: formats, recipients, reasons, the returned mail.
 */
#include "config.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_mail("From: MAILER-DAEMON@x.example\nTo: s@boxwell.example\nSubject: Returned mail\n\n", data, n, "");
	return 0;
}
