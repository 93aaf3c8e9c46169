/* SPDX-License-Identifier: MPL-2.0
 *
 * Fault points: places where a test may kill the process or make it fail, between any two
 * effects. Compiled in by `configure --enable-faults`; nothing otherwise.
 *
 * Environment RELENT_FAULT=`[name:]n:what`: at the n-th pass (of the named point, else of all
 * points) do `kill` (SIGKILL ourselves), `fail` (fault_point returns true) or `stop` (SIGSTOP).
 * RELENT_FAULT_LOG=FILE: each pass appends its name, so that a test can count the points.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef RELENT_FAULTS
bool fault_point(const char *name);	/* true: behave as if the next effect failed */
#else
static inline bool fault_point(const char *name) { (void)name; return false; }
#endif

#endif
