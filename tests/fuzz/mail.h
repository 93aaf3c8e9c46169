/* SPDX-License-Identifier: MPL-2.0
 *
 * For the fuzz targets that look at one part of a mail: the bytes between a head and a tail, classified,
 * and what must hold of any finding.
 */
#ifndef TESTS_FUZZ_MAIL_H
#define TESTS_FUZZ_MAIL_H

#include <stddef.h>
#include <stdint.h>

void fuzz_mail(const char *head, const uint8_t *data, size_t n, const char *tail);

#endif
