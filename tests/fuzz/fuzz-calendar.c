/* SPDX-License-Identifier: MPL-2.0
 *
 * Calendar parts, through libical.
 */
#include "config.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_mail("From: a@oakvale.example\nTo: s@boxwell.example\nSubject: x\n"
		  "Content-Type: text/calendar; method=REPLY; charset=utf-8\n\n", data, n, "");
	return 0;
}
