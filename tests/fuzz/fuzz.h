/* SPDX-License-Identifier: MPL-2.0
 *
 * What every fuzz target is: one function. `--enable-fuzz` (clang) makes libFuzzer programs of them; in
 * `make check` replay.c runs their seeds.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
