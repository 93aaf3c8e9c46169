/* SPDX-License-Identifier: MPL-2.0
 *
 * The data files of the classifier, read from where conf says they are.
 */
#ifndef IMAPWATCH_DATA_H
#define IMAPWATCH_DATA_H

#include "base/err.h"

struct conf;
struct phrases;

enum status data_phrases(const struct conf *c, struct phrases **out_r, struct err *e);

#endif
