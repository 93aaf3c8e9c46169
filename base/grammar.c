/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/grammar.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void grammar_lock(void)
{
	pthread_mutex_lock(&lock);
}

void grammar_unlock(void)
{
	pthread_mutex_unlock(&lock);
}
