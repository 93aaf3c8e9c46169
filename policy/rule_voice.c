/* SPDX-License-Identifier: MPL-2.0
 *
 * voice: a spoken message says in the text beside it how it was made. One that a program sends says that it was made
 * with software; one in a touch says at least what every voice note says of itself.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

#include <string.h>

static bool is_audio(const struct part *p)
{
	static const char *const ends[] = { ".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", ".aac", ".amr",
					    ".flac", ".caf", ".wma", ".3gp", ".aiff", ".weba" };

	if (span_starts_case(span_of(p->type ? p->type : ""), "audio/"))
		return true;
	for (size_t i = 0; p->filename && i < sizeof(ends) / sizeof(*ends); i++)
		if (span_ends_case(span_trim(span_of(p->filename)), ends[i]))
			return true;
	return false;
}

/* Clients break lines and change the case of a sentence's beginning; its words stand. */
static bool says(const struct hearing *h, const char *line)
{
	size_t n = str_empty(line) ? 0 : word_count(h->arena, line);

	return n > 0 && longest_run(h->arena, h->mail->visible, line) >= n;
}

enum word rule_voice(const struct hearing *h, struct plea *p)
{
	const struct policy_settings *s = h->settings;
	const struct message *m = h->mail->message;
	bool program = h->mail->automation;
	const struct part *audio = NULL;

	if (!program && h->kind != MAIL_TOUCH && h->kind != MAIL_MANUAL)
		return WORD_DUNNO;
	for (size_t i = 0; i < m->parts_n && !audio; i++)
		if (is_audio(&m->parts[i]))
			audio = &m->parts[i];
	if (!audio || says(h, s->voice_generated))
		return WORD_DUNNO;
	if (!program && (str_empty(s->voice_disclosure) || says(h, s->voice_disclosure)))
		return WORD_DUNNO;
	const char *line = program ? s->voice_generated : s->voice_disclosure;
	const char *what = audio->filename ? audio->filename : audio->type;
	p->o.recipient = h->prospect ? h->prospect->address : NULL;
	plea_fact(h, p, "audio=%s program=%d", what, program);
	plea_say(h, p, str_empty(line) ? "voice.never" : program ? "voice.program" : "voice", "what", what, "line", line,
		 NULL);
	return WORD_OBJECTS;
}
