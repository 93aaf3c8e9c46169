/* SPDX-License-Identifier: MPL-2.0
 *
 * Tokens: 11 characters find the list, 3 the line, 2 the action, 24 are the signature over all that the store
 * says of them. A store that was tampered with makes the token wrong, as a tampered token does.
 */
#include "config.h"

#include "store/links.h"

#include <string.h>

#include "base/str.h"
#include "base/token.h"
#include "base/when.h"
#include "store/store_private.h"

enum { REF = 11, LINE_DIGITS = 3, ACTION_DIGITS = 2, HEAD = REF + LINE_DIGITS + ACTION_DIGITS };

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";

/* ---- numbers in a token ---- */

static void put_number(char *out, size_t digits, unsigned n)
{
	for (size_t i = digits; i-- > 0; n >>= 5)
		out[i] = base32[n & 31];
}

static unsigned get_number(const char *s, size_t digits)
{
	unsigned n = 0;

	for (size_t i = 0; i < digits; i++)
		n = n << 5 | (unsigned)(strchr(base32, s[i]) - base32);
	return n;
}

/* ---- signing ---- */

static const char *ref_of(struct arena *a, const struct token_keys *k, const char *list_id)
{
	return arena_strndup(a, token_sign(a, k, "list", list_id, NULL), REF);
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* Every field on a line of its own; none of them holds a line end. */
static const char *payload(struct arena *a, const struct link *l, const char *head)
{
	return arena_printf(a, "%s\n%s\n%s\n%d\n%s\n%s\n%s\n%s\n%s\n%s\n%lld", head, l->list_id, l->owner_id,
			    l->number, or_empty(l->kind), or_empty(l->item_id), l->verb, or_empty(l->argument),
			    or_empty(l->because), or_empty(l->shown), (long long)l->expires);
}

char *link_token(struct arena *a, const struct token_keys *k, const struct link_list *l,
		 const struct link_line *line, size_t action)
{
	struct link what = { .list_id = l->id, .owner_id = l->owner_id, .expires = l->expires, .verb = "reply" };
	char head[HEAD + 1] = "";

	if (k == NULL || l->ref == NULL || l->owner_id == NULL || (line && action >= line->actions_n))
		return NULL;
	if (line != NULL) {
		what.number = line->number;
		what.kind = line->kind;
		what.item_id = line->item_id;
		what.shown = line->shown;
		what.verb = line->actions[action].verb;
		what.argument = line->actions[action].argument;
		what.because = line->actions[action].because;
	}
	memcpy(head, l->ref, REF);
	put_number(head + REF, LINE_DIGITS, (unsigned)what.number);
	put_number(head + REF + LINE_DIGITS, ACTION_DIGITS, line ? (unsigned)action : 0);
	return arena_printf(a, "%s%s", head, token_sign(a, k, "link", payload(a, &what, head), NULL));
}

/* ---- lists ---- */

static bool printable(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static const char *actions_text(struct arena *a, const struct link_line *line)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < line->actions_n; i++)
		buf_addf(&b, "%s%s\t%s\t%s", i ? "\n" : "", line->actions[i].verb,
			 or_empty(line->actions[i].argument), or_empty(line->actions[i].because));
	return b.p;
}

static const char *field(struct arena *a, struct span *rest)
{
	struct span one;

	return span_split(rest, '\t', &one) && one.n > 0 ? span_dup(a, one) : NULL;
}

static void actions_read(struct arena *a, const char *text, struct link_line *line)
{
	struct span rest = span_of(text), one;
	struct link_action *list = arena_array(a, struct link_action, LINK_ACTIONS);

	line->actions = list;
	while (line->actions_n < LINK_ACTIONS && span_split(&rest, '\n', &one)) {
		struct link_action *act = &list[line->actions_n];

		act->verb = field(a, &one);
		if (!act->verb)
			continue;
		act->argument = field(a, &one);
		act->because = field(a, &one);
		line->actions_n++;
	}
}

static void line_from_row(struct arena *a, const struct row *r, struct link_line *line)
{
	*line = (struct link_line){ .number = (int)at_int(r, 0), .kind = at_text(r, 1), .item_id = at_text(r, 2),
				    .label = at_text(r, 3), .shown = at_text(r, 4) };
	actions_read(a, at_text(r, 5), line);
}

static void list_from_row(const struct row *r, struct link_list *l)
{
	*l = (struct link_list){ .id = at_text(r, 0), .kind = at_text(r, 1), .key = at_text(r, 2),
				 .owner_id = at_text(r, 3), .made = (time_t)at_int(r, 4),
				 .sent = (time_t)at_int(r, 5), .expires = (time_t)at_int(r, 6),
				 .ref = at_text(r, 7) };
}

static enum status read_lines(struct store_tx *tx, struct arena *a, struct link_list *l, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, list_lines, &rows, e, T(l->id));

	if (s != OK)
		return s;
	l->lines = arena_array(a, struct link_line, rows.n);
	l->lines_n = rows.n;
	for (size_t i = 0; i < rows.n; i++)
		line_from_row(a, &rows.list[i], &l->lines[i]);
	return OK;
}

static enum status check_line(const struct link_line *line, struct err *e)
{
	if (line->actions_n > LINK_ACTIONS)
		return err_set(e, INPUT, "a line may offer %d actions, this one has %zu", LINK_ACTIONS,
			       line->actions_n);
	for (size_t i = 0; i < line->actions_n; i++)
		if (str_empty(line->actions[i].verb) || strchr(line->actions[i].verb, ' ') ||
		    !printable(line->actions[i].verb) || !printable(line->actions[i].argument) ||
		    !printable(line->actions[i].because))
			return err_set(e, INPUT, "an action is a verb, perhaps an argument and a reason, in one line");
	return printable(line->kind) && printable(line->item_id) && printable(line->shown) ? OK :
		err_set(e, INPUT, "kind, id and hash of a line hold no control characters");
}

static enum status add_lines(struct store_tx *tx, struct arena *a, struct link_list *l, struct err *e)
{
	enum status s = OK;

	for (size_t i = 0; s == OK && i < l->lines_n; i++) {
		struct link_line *line = &l->lines[i];

		line->number = (int)i + 1;
		s = check_line(line, e);
		if (s == OK)
			s = RUN(tx, list_line_insert, e, T(l->id), I(line->number), T(line->kind),
				T(line->item_id), T(line->label), T(line->shown), T(actions_text(a, line)));
	}
	return s;
}

enum status store_list_add(struct store_tx *tx, struct arena *a, struct link_list *l, bool *made_r, struct err *e)
{
	const struct token_keys *k = tx->store->o.keys;
	const struct row *r = NULL;
	enum status s;

	*made_r = false;
	if (l->lines_n > LINK_LINES)
		return err_set(e, INPUT, "a list may have %d lines, this one has %zu", LINK_LINES, l->lines_n);
	s = ONE(tx, a, list_by_key, &r, e, T(l->key));
	if (s == OK) {
		list_from_row(r, l);
		return read_lines(tx, a, l, e);
	}
	if (s != GONE)
		return s;
	if (l->id == NULL)
		l->id = store_id(tx, a);
	l->made = tx->now;
	l->ref = k && l->owner_id ? ref_of(a, k, l->id) : NULL;
	s = RUN(tx, list_insert, e, T(l->id), T(l->ref), T(l->kind), T(l->key), T(l->owner_id), I(l->made),
		I(l->expires));
	if (s == OK)
		s = add_lines(tx, a, l, e);
	*made_r = s == OK;
	return s;
}

enum status store_list_sent(struct store_tx *tx, const char *id, struct err *e)
{
	int64_t changed = 0;
	enum status s = CHANGE(tx, list_sent, &changed, e, T(id), I(tx->now));

	/* a digest tells of many people, and nobody needs its bytes any more */
	if (s == OK)
		s = RUN(tx, list_mail_left, e, T(id));

	return s == OK && changed == 0 ? err_set(e, GONE, "there is no list '%s'", id) : s;
}

enum status store_list_last(struct store_tx *tx, struct arena *a, const char *owner_id, const char *kind,
			    time_t before, struct link_list *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, list_last, &r, e, T(owner_id), T(kind), I(before));

	if (s != OK)
		return s;
	list_from_row(r, out_r);
	return read_lines(tx, a, out_r, e);
}

enum status store_list_since(struct store_tx *tx, struct arena *a, const char *owner_id, const char *kind,
			     const char *item_id, time_t before, time_t *since_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, list_since, &r, e, T(item_id), T(owner_id), T(kind), I(before));

	*since_r = s == OK ? (time_t)at_int(r, 0) : 0;
	return s == GONE ? OK : s;
}

enum status store_lists_prune(struct store_tx *tx, struct arena *a, size_t max, size_t *n_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, lists_ended, &rows, e, I(tx->now), I((int64_t)max));

	*n_r = 0;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		s = RUN(tx, list_lines_delete, e, T(at_text(&rows.list[i], 0)));
		if (s == OK)
			s = RUN(tx, list_delete, e, T(at_text(&rows.list[i], 0)));
		*n_r += s == OK;
	}
	return s;
}

/* ---- opening ---- */

static const char *fold(struct arena *a, const char *token)
{
	const char *t = token && strlen(token) == LINK_TOKEN ? str_lower(a, token) : NULL;

	return t && strspn(t, base32) == LINK_TOKEN ? t : NULL;
}

static enum status not_ours(struct err *e)
{
	return err_set(e, INPUT, "this link is not one of ours, or not whole: use the button in the mail "
		       "as it is, or answer the mail with the verb and the number");
}

static void link_of_list(const struct link_list *l, struct link *out)
{
	*out = (struct link){ .list_id = l->id, .list_kind = l->kind, .owner_id = l->owner_id,
			      .shown_at = l->sent ? l->sent : l->made, .expires = l->expires };
}

static void link_of_line(const struct link_line *line, struct link *out)
{
	out->number = line->number;
	out->kind = line->kind;
	out->item_id = line->item_id;
	out->label = line->label;
	out->shown = line->shown;
}

enum status store_link_open(struct store_tx *tx, struct arena *a, const struct token_keys *keys,
			    const char *token, const char *owner_id, struct link *out_r, struct err *e)
{
	const char *t = keys ? fold(a, token) : NULL, *head;
	const struct row *r = NULL;
	struct link_list l;
	struct link_line line;
	unsigned number, action;
	enum status s;

	if (t == NULL)
		return not_ours(e);
	head = arena_strndup(a, t, HEAD);
	s = ONE(tx, a, list_by_ref, &r, e, T(arena_strndup(a, t, REF)));
	if (s != OK)
		return s == GONE ? not_ours(e) : s;
	list_from_row(r, &l);
	link_of_list(&l, out_r);
	number = get_number(t + REF, LINE_DIGITS);
	action = get_number(t + REF + LINE_DIGITS, ACTION_DIGITS);
	out_r->verb = "reply";
	if (number > 0) {
		s = ONE(tx, a, list_line, &r, e, T(l.id), I(number));
		if (s != OK)
			return s == GONE ? not_ours(e) : s;
		line_from_row(a, r, &line);
		if (action >= line.actions_n)
			return not_ours(e);
		link_of_line(&line, out_r);
		out_r->verb = line.actions[action].verb;
		out_r->argument = line.actions[action].argument;
		out_r->because = line.actions[action].because;
	}
	if (!out_r->owner_id || !token_verify(keys, "link", payload(a, out_r, head), NULL, t + HEAD))
		return not_ours(e);
	if (!str_eq(out_r->owner_id, owner_id))
		return err_set(e, INPUT, "this link was made for somebody else: nobody can use another person's");
	if (tx->now >= out_r->expires) {
		char day[WHEN_TEXT];

		return err_set(e, INPUT, "this link is of %s and no longer good: use the newest digest",
			       date_text(when_civil(out_r->shown_at, "UTC").date, day));
	}
	return OK;
}

enum status store_link_line(struct store_tx *tx, struct arena *a, const char *list_id, int number,
			    struct link *out_r, struct err *e)
{
	const struct row *r = NULL;
	struct link_list l;
	enum status s = ONE(tx, a, list_by_id, &r, e, T(list_id));

	if (s != OK)
		return s == GONE ? not_ours(e) : s;
	list_from_row(r, &l);
	s = read_lines(tx, a, &l, e);
	if (s != OK)
		return s;
	if (number == 0 && l.lines_n == 1)
		number = 1;
	if (number == 0)
		return err_set(e, INPUT, "say which line: that mail has %zu, as in 'stop 2'", l.lines_n);
	link_of_list(&l, out_r);
	for (size_t i = 0; i < l.lines_n; i++) {
		if (l.lines[i].number != number)
			continue;
		link_of_line(&l.lines[i], out_r);
		return OK;
	}
	if (l.lines_n == 0)
		return err_set(e, INPUT, "that mail has no numbered lines, so no line %d", number);
	if (l.lines_n == 1)
		return err_set(e, INPUT, "that mail has no line %d: it has one line, number 1", number);
	return err_set(e, INPUT, "that mail has no line %d: its lines are 1 to %zu", number, l.lines_n);
}
