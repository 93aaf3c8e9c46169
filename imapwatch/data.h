/* SPDX-License-Identifier: MPL-2.0
 *
 * The data files of the classifier, read from where conf says they are.
 */
#ifndef IMAPWATCH_DATA_H
#define IMAPWATCH_DATA_H

#include "base/err.h"

struct conf;
struct lead_words;
struct phrases;
struct booking_rules;

/* Names of the fields of forms. */
enum status data_lead_words(const struct conf *c, struct lead_words **out_r, struct err *e);
/* The rules for notices of booking systems (conf/booking). */
enum status data_booking(const struct conf *c, struct booking_rules **out_r, struct err *e);
enum status data_phrases(const struct conf *c, struct phrases **out_r, struct err *e);

#endif
