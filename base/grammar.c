/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/grammar.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void grammar_lock(void)
{
	pthread_mutex_lock(&lock);
}

void grammar_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

void grammar_blank_comments(char *text)
{
	char quote = '\0';

	for (char *c = text; *c; c++) {
		const char *end = NULL;

		if (quote) {
			if (*c == '\\' && c[1])
				c++;
			else if (*c == quote)
				quote = '\0';
			continue;
		}
		if (*c == '"' || *c == '\'')
			quote = *c;
		else if (*c == '#' || (*c == '/' && c[1] == '/'))
			end = c + strcspn(c, "\n");
		else if (*c == '/' && c[1] == '*' && (end = strstr(c + 2, "*/")))
			end += 2;
		for (; end && c < end; c++)
			*c = *c == '\n' ? '\n' : ' ';
		if (end)
			c--;
	}
}
