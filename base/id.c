/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/id.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

/* 74 random bits follow the time; within one millisecond the top 32 of them count up from a random
 * start, so that ids of one process are in order (RFC 9562 section 6.2, method 2). */
void id_make(char out[ID_SIZE], int64_t now_ms)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static int64_t last_ms = -1;
	static uint32_t counter;
	unsigned char b[16];
	uint32_t c;

	randombytes_buf(b, sizeof b);
	pthread_mutex_lock(&lock);
	if (now_ms == last_ms) {
		counter += 1 + (b[15] & 0x3f);
	} else {
		last_ms = now_ms;
		memcpy(&counter, b + 8, sizeof counter);
		counter &= 0x1fffffff;
	}
	c = counter;
	pthread_mutex_unlock(&lock);

	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)((uint64_t)now_ms >> (40 - 8 * i));
	/* version 7, 12 bits of the counter, the variant, 18 more bits of it */
	b[6] = (unsigned char)(0x70 | ((c >> 26) & 0x0f));
	b[7] = (unsigned char)(c >> 18);
	b[8] = (unsigned char)(0x80 | ((c >> 12) & 0x3f));
	b[9] = (unsigned char)(c >> 4);
	b[10] = (unsigned char)((c << 4) | (b[10] & 0x0f));
	snprintf(out, ID_SIZE,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
		 b[13], b[14], b[15]);
}

bool id_valid(const char *s)
{
	if (!s || strlen(s) != ID_SIZE - 1)
		return false;
	for (int i = 0; i < ID_SIZE - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !(isdigit((unsigned char)s[i]) || (s[i] >= 'a' && s[i] <= 'f')))
			return false;
	}
	return true;
}
