/* SPDX-License-Identifier: MPL-2.0
 *
 * A worker's accounts that have something to do, by server: so many log-ins a second and at once at each (a restart
 * must not storm it), and a server that hangs never has all threads. The worker's lock is held at every call.
 */
#ifndef IMAPWATCH_QUEUE_H
#define IMAPWATCH_QUEUE_H

#include <stdint.h>

struct account;
struct worker;
struct server;

/* After worker.accounts is filled: finds the servers. */
void queue_init(struct worker *w);
/* A parked account waits for a thread, or first for its turn to log in. */
void queue_add(struct account *acc);
/* The next one, which is then RUNNING; NULL: nobody may run now. */
struct account *queue_take(struct worker *w);
/* The thread has done with it. */
void queue_done(struct account *acc);
/* Lets those log in whose turn it is. Returns the ms until the next one's, at most most_ms. */
int queue_release(struct worker *w, int most_ms);
/* Since when somebody who may run waits for a thread (CLOCK_MONOTONIC ms); 0: nobody does. */
int64_t queue_waits_since(const struct worker *w);

#endif
