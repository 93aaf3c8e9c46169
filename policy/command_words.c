/* SPDX-License-Identifier: MPL-2.0
 *
 * The vocabulary of reply commands, conf/commands/<language>: `[section]`, then words and phrases with commas
 * between. And a line cut into words as the vocabulary has them.
 */
#include "config.h"

#include "policy/command_private.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "classifier/classifier.h"

struct phrase_of {
	struct words words;
	const char *value;
	struct phrase_of *next;
};

struct command_words {
	struct arena *arena;
	struct phrase_of *list[VOCABULARY_COUNT];
};

static const struct {
	const char *name;
	bool open;		/* "[channel phone]": the second word is the value */
} sections[VOCABULARY_COUNT] = {
	[VOCABULARY_VERB] = { "verb", true }, [VOCABULARY_CHANNEL] = { "channel", true },
	[VOCABULARY_CLASS] = { "class", true }, [VOCABULARY_BECAUSE] = { "because", false },
	[VOCABULARY_AND] = { "and", false }, [VOCABULARY_RANGE] = { "range", false },
	[VOCABULARY_ALL] = { "all", false }, [VOCABULARY_NUMBER] = { "number", false },
	[VOCABULARY_SMALL] = { "small", false }, [VOCABULARY_CLOSING] = { "closing", false },
	[VOCABULARY_GREETING] = { "greeting", false }, [VOCABULARY_CLOCK] = { "clock", false },
};

/* ---- a line as words ---- */

static bool stands_alone(UChar32 c)
{
	UErrorCode code = U_ZERO_ERROR;
	UScriptCode s = uscript_getScript(c, &code);

	return s == USCRIPT_HAN || s == USCRIPT_HIRAGANA || s == USCRIPT_KATAKANA || c == 0x30fc;
}

/* What changes nothing and shows nothing: joiners, direction marks, variation selectors, the byte order mark. */
static bool unseen(UChar32 c)
{
	return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || u_iscntrl(c);
}

static const char *key_of(struct arena *a, const char *p, size_t n)
{
	const char *folded = text_fold(a, arena_strndup(a, p, n)), *plain = text_ascii(a, folded);

	return strchr(plain, '?') ? folded : plain;
}

static const char *sign_of(struct arena *a, UChar32 c, const char *p, size_t n)
{
	switch (c) {
	case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2212: case 0x30fb: case 0xff0d:
	case 0x301c: case 0xff5e: case '~':
		return "-";
	case 0x2018: case 0x2019: case 0x201a: case 0xb4: case '`':
		return "'";
	case 0x201c: case 0x201d: case 0x201e: case 0xab: case 0xbb: case 0x300c: case 0x300d:
		return "\"";
	case 0x3001: case 0xff0c: case 0x60c:
		return ",";
	case 0x3002: case 0xff0e:
		return ".";
	case 0x2116:		/* numero sign */
		return "#";
	default:
		return text_fold(a, arena_strndup(a, p, n));
	}
}

static void add_word(struct words *w, const char *key, size_t from, size_t to, enum word_kind kind, int value)
{
	if (w->n == LINE_WORDS)
		w->cut = true;
	else
		w->w[w->n++] = (struct word){ key, from, to, kind, value };
}

/* Digits of any script; how many bytes. */
static size_t digits(const char *p, size_t n, int *value_r)
{
	int32_t i = 0, from;
	UChar32 c;
	int v = 0;

	do {
		from = i;
		if ((size_t)i == n)
			break;
		U8_NEXT_OR_FFFD((const uint8_t *)p, i, (int32_t)n, c);
		if (u_charDigitValue(c) < 0 || u_charType(c) != U_DECIMAL_DIGIT_NUMBER)
			break;
		if (v >= 0)
			v = v * 10 + u_charDigitValue(c);
		if (v > 99999999)
			v = -1;
	} while (true);
	*value_r = v;
	return (size_t)from;
}

static size_t letters(const char *p, size_t n)
{
	int32_t i = 0, from;
	UChar32 c;

	do {
		from = i;
		if ((size_t)i == n)
			break;
		U8_NEXT_OR_FFFD((const uint8_t *)p, i, (int32_t)n, c);
		if (from && stands_alone(c))
			break;
		if (!u_isalpha(c) && !(u_getCombiningClass(c) && from) && c != '_' && !(from && unseen(c)))
			break;
		if (stands_alone(c))
			return (size_t)i;
	} while (true);
	return (size_t)from;
}

struct words words_of(struct arena *a, const char *line)
{
	size_t n = strlen(line), most = n < LINE_WORDS ? n + 1 : LINE_WORDS;
	struct words w = { .line = line, .w = arena_array(a, struct word, most) };

	for (size_t i = 0; i < n && !w.cut && !arena_over(a);) {
		int32_t at = (int32_t)i;
		UChar32 c;
		int value = 0;
		size_t k;

		U8_NEXT_OR_FFFD((const uint8_t *)line, at, (int32_t)n, c);
		if (u_isUWhiteSpace(c) || unseen(c)) {
			i = (size_t)at;
		} else if ((k = digits(line + i, n - i, &value))) {
			add_word(&w, key_of(a, line + i, k), i, i + k, WORD_DIGITS, value);
			i += k;
		} else if ((k = letters(line + i, n - i))) {
			add_word(&w, key_of(a, line + i, k), i, i + k, WORD_LETTERS, 0);
			i += k;
		} else {
			add_word(&w, sign_of(a, c, line + i, (size_t)at - i), i, (size_t)at, WORD_SIGN, 0);
			i = (size_t)at;
		}
	}
	return w;
}

const char *words_text(struct arena *a, const struct words *w, size_t i, size_t j)
{
	while (i < j && w->w[i].kind == WORD_SIGN && strchr(",;:.-!?\"')", *w->w[i].key))
		i++;
	while (j > i && w->w[j - 1].kind == WORD_SIGN && strchr(",;:.-!\"'", *w->w[j - 1].key))
		j--;
	if (j - i > 2 && *w->w[i].key == '(' && *w->w[j - 1].key == ')') {
		i++;
		j--;
	}
	if (i == j)
		return NULL;
	return text_squeeze(a, arena_strndup(a, w->line + w->w[i].from, w->w[j - 1].to - w->w[i].from));
}

/* ---- the vocabulary ---- */

size_t vocabulary_at(const struct command_words *v, enum vocabulary kind, const struct words *w, size_t i,
		     const char **value_r)
{
	size_t best = 0;

	for (const struct phrase_of *p = v->list[kind]; p; p = p->next) {
		size_t n = p->words.n, k = 0;

		if (n <= best || i + n > w->n)
			continue;
		while (k < n && str_eq(p->words.w[k].key, w->w[i + k].key))
			k++;
		if (k < n)
			continue;
		best = n;
		if (value_r)
			*value_r = p->value;
	}
	return best;
}

size_t vocabulary_list(struct arena *a, const struct command_words *v, enum vocabulary kind,
		       const char *const **out_r)
{
	const char **list;
	size_t n = 0;

	for (const struct phrase_of *p = v->list[kind]; p; p = p->next)
		n += p->words.n == 1;
	list = arena_array(a, const char *, n);
	n = 0;
	for (const struct phrase_of *p = v->list[kind]; p; p = p->next) {
		if (p->words.n == 1)
			list[n++] = p->words.w[0].key;
	}
	*out_r = list;
	return n;
}

const char *vocabulary_value(const struct command_words *v, enum vocabulary kind, const char *key)
{
	for (const struct phrase_of *p = v->list[kind]; p; p = p->next) {
		if (p->words.n == 1 && str_eq(p->words.w[0].key, key))
			return p->value;
	}
	return NULL;
}

static void add_phrase(struct command_words *v, enum vocabulary kind, const char *value, const char *text)
{
	struct phrase_of *p = arena_new_of(v->arena, struct phrase_of), **end = &v->list[kind];
	struct words w = words_of(v->arena, text);

	p->words = w;
	p->value = value;
	while (*end)
		end = &(*end)->next;
	if (w.n)
		*end = p;
}

static bool value_known(enum vocabulary kind, const char *value)
{
	static const char *const channels[] = { "email", "linkedin", "phone", "whatsapp", "sms", "voice_note", "task" };
	enum command_verb verb;
	enum reply_class class;

	if (kind == VOCABULARY_VERB)
		return command_from_name(value, &verb);
	if (kind == VOCABULARY_CLASS)
		return class_from_name(value, &class);
	for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++) {
		if (str_eq(channels[i], value))
			return true;
	}
	return false;
}

/* "[verb approve]", "[and]" */
static bool section_of(struct arena *a, struct span line, enum vocabulary *kind_r, const char **value_r)
{
	struct span rest = span_trim((struct span){ line.p + 1, line.n - 2 }), name, value = { "", 0 };

	if (!span_split(&rest, ' ', &name))
		return false;
	value = span_trim(rest);
	for (enum vocabulary k = 0; k < VOCABULARY_COUNT; k++) {
		if (!span_eq(name, sections[k].name) || sections[k].open != (value.n > 0))
			continue;
		*kind_r = k;
		*value_r = span_dup(a, value);
		return !sections[k].open || value_known(k, *value_r);
	}
	return false;
}

static enum status parse(struct command_words *v, const char *file, const char *text, struct err *e)
{
	struct span rest = span_of(text), line, piece;
	enum vocabulary kind = VOCABULARY_COUNT;
	const char *value = NULL;

	for (int number = 1; span_line(&rest, &line); number++) {
		line = span_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (!str_is_utf8(line.p, line.n))
			return err_set(e, CONF, "%s:%d: not UTF-8", file, number);
		if (line.p[0] == '[' && line.p[line.n - 1] == ']' && line.n > 2) {
			if (!section_of(v->arena, line, &kind, &value))
				return err_set(e, CONF, "%s:%d: there is no section '%s'", file, number,
					       span_dup(v->arena, line));
			continue;
		}
		if (kind == VOCABULARY_COUNT)
			return err_set(e, CONF, "%s:%d: expected '[verb NAME]' or another section first", file, number);
		while (span_split(&line, ',', &piece)) {
			piece = span_trim(piece);
			if (piece.n)
				add_phrase(v, kind, value, span_dup(v->arena, piece));
		}
	}
	return OK;
}

enum status command_words_parse(const char *file, const char *text, struct command_words **io_r, struct err *e)
{
	struct command_words *v = *io_r;
	enum status st;

	if (!v) {
		struct arena *a = arena_new(0);

		v = arena_new_of(a, struct command_words);
		v->arena = a;
		for (enum command_verb k = 0; k < COMMAND_COUNT; k++)	/* the names themselves, always */
			add_phrase(v, VOCABULARY_VERB, command_name(k), command_name(k));
		for (enum reply_class k = 0; k < REPLY_CLASS_COUNT; k++)
			add_phrase(v, VOCABULARY_CLASS, class_name(k), class_name(k));
	}
	st = parse(v, file, text, e);
	if (st == OK)
		*io_r = v;
	else if (!*io_r)
		command_words_free(v);
	return st;
}

void command_words_free(struct command_words *w)
{
	if (w)
		arena_free(w->arena);
}
