/* SPDX-License-Identifier: MPL-2.0
 *
 * Answers to a digest or a note, and their buttons. The token says which list, and whose; the first lines of the mail
 * say what. Each thing is done by itself, whole or not at all; while a line is not understood, only what stops is done.
 * Nothing here refuses the mail: the answer tells what was done and what was not.
 */
#include "config.h"

#include "milter/control.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "policy/command.h"
#include "store/decide.h"
#include "store/links.h"
#include "store/pipeline.h"

struct orders {
	struct store_tx *tx;
	struct arena *a;
	const struct mail *m;
	const struct outgoing *o;
	const struct memory *mem;
	struct link list;		/* of the token */
	struct buf done, not_done;
	const char *help, *reply_to;
	const char *const *own;		/* see struct command_context */
	size_t own_n;
	size_t asked;			/* numbers so far */
};

/* One thing asked of one line. */
struct order {
	const struct orders *all;
	const struct link *line;
	const char *verb, *argument, *because, *text;
	struct date date;
	int minute;
	const char *sentence;		/* what was done */
};

/* ANSWER_BYTES: of what is told. ORDERS_MOST: numbers of one mail. */
enum { ANSWER_BYTES = 40000, ORDERS_MOST = 300 };

static bool is_full(struct buf *b)
{
	if (b->n < ANSWER_BYTES)
		return false;
	if (strcmp(b->p + b->n - 3, "...") != 0)
		buf_adds(b, "\n...");
	return true;
}

static void add(struct buf *b, const char *what, const char *label, const char *sentence)
{
	if (is_full(b))
		return;
	buf_addf(b, "%s%s%s%s%s: %s", b->n ? "\n" : "", what, label ? " (" : "", label ? label : "", label ? ")" : "",
		 sentence);
}

/* A sentence of refusals.conf in the site's language. */
static const char *say(const struct orders *x, const char *key, const char *what, const char *near)
{
	const char *text[2] = { NULL, NULL };

	policy_say(x->a, &x->m->settings->policy, key, text, "what", what, "near", near, NULL);
	return text[0] ? text[0] : key;
}

/* ---- one thing ---- */

struct item {
	struct arena *a;
	const char *prospect_id, *enrolment_id, *owner_id;
};

static enum status take_item(void *ctx, const struct row *r, struct err *e)
{
	struct item *i = ctx;

	(void)e;
	i->prospect_id = arena_strdup(i->a, row_text(r, "prospect_id"));
	i->enrolment_id = arena_strdup(i->a, row_text(r, "enrolment_id"));
	i->owner_id = arena_strdup(i->a, row_text(r, "owner_id"));
	return OK;
}

/* "Ralph", "ralph rep" and "ralph" are ralph@example.com, if nobody else is. */
struct naming {
	struct arena *a;
	const char *wanted, *login;
	int n;
};

static enum status take_owner(void *ctx, const struct row *r, struct err *e)
{
	struct naming *w = ctx;
	const char *login = row_text(r, "login"), *name = row_text(r, "name") ? row_text(r, "name") : "";
	struct span local = { login, strcspn(login, "@") }, first = { name, strcspn(name, " ") };

	(void)e;
	if (str_eq_case(login, w->wanted) || span_eq_case(local, w->wanted) || str_eq_case(name, w->wanted) ||
	    (first.n && span_eq_case(first, w->wanted))) {
		w->login = arena_strdup(w->a, login);
		w->n++;
	}
	return OK;
}

static enum status name_owner(struct store_tx *tx, struct arena *a, struct order *r, struct err *e)
{
	struct naming w = { .a = a, .wanted = r->argument };
	enum status st = store_query(tx, "control_owners", NULL, 0, take_owner, &w, NULL, e);

	if (st == OK && w.n > 1)
		return err_set(e, INPUT, "several owners are called '%s': write the whole login", r->argument);
	if (st == OK && w.n == 1)
		r->argument = w.login;
	return st;
}

/* Won, lost, qualified and booked are about the person behind the line. */
static enum status of_person(struct store_tx *tx, struct arena *a, struct order *r, struct err *e)
{
	const struct memory_owner *me = r->all->mem->owner;
	const char *by = arena_printf(a, "%s in an answer by %s", r->verb, r->all->m->login);
	struct item item = { .a = a };
	enum status st = store_query(tx, "control_item", (struct value[]){ store_text(r->line->item_id) }, 1, take_item,
				     &item, NULL, e);

	if (st == OK && !item.prospect_id)
		return err_set(e, INPUT, "this line is about no person");
	if (st == OK)
		st = store_may(tx, a, item.owner_id, r->all->m->login, e);
	if (st != OK)
		return st;
	if (str_eq(r->verb, "booked")) {
		struct booking b = { .prospect_id = item.prospect_id, .owner = me,
				     .day = r->date, .minute = r->minute, .by = by };

		if (!r->date.year || r->minute < 0)
			return err_set(e, INPUT, "say when: booked 3 2027-01-15 10:00");
		return control_booked(tx, a, &b, &r->sentence, e);
	}
	r->sentence = r->verb;
	st = store_stage(tx, a, item.prospect_id, r->verb, STAGE_BY_PERSON, r->because ? r->because :
			 r->argument ? r->argument : by, r->all->m->login, e);
	if (st == OK && !str_eq(r->verb, "qualified") && item.enrolment_id) {
		struct event ev = { .kind = EV_STOP, .reason = r->verb, .words = r->because };
		struct cause c = { .actor = r->all->m->login, .evidence = by };

		st = store_step(tx, a, item.enrolment_id, &ev, &c, NULL, NULL, e);
	}
	return st;
}

static enum status carry_out(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct order *r = ctx;
	struct decision_new d = {
		.item = r->line->item_id, .by = r->all->m->login,
		.via = r->all->list.number ? "link" : "mail", .because = r->because,
		.argument = r->argument, .date = r->date, .text = r->text, .shown = r->line->shown,
		.shown_at = r->line->shown_at,
	};
	struct decided out = { .sentence = NULL };
	enum status st;

	if (str_eq(r->verb, "won") || str_eq(r->verb, "lost") || str_eq(r->verb, "qualified") ||
	    str_eq(r->verb, "booked"))
		return of_person(tx, a, r, e);
	if (str_eq(r->verb, "route") && r->argument) {
		st = name_owner(tx, a, r, e);
		if (st != OK)
			return st;
		d.argument = r->argument;
	}
	if (!decision_from_name(str_eq(r->verb, "classify") ? "classify_as" : r->verb, &d.decision))
		return err_set(e, INPUT, "'%s' is nothing that can be done by mail", r->verb);
	if (d.date.year)
		d.argument = NULL;
	st = store_decide(tx, a, &d, &out, e);
	r->sentence = out.sentence ? out.sentence : r->verb;
	return st;
}

/* Done or not, told either way. Anything but a no of the store ends the whole. */
static enum status run(struct orders *x, struct order *r, const char *what, struct err *e)
{
	struct err why = { "" };
	enum status st = store_part(x->tx, x->a, carry_out, r, &why);

	log_info(x->m->queue_id, st == OK ? "order" : "order-not-done", "verb", r->verb, "item", r->line->item_id, "list",
		 r->line->list_kind, "owner", x->m->login, "reason", st == OK ? NULL : why.text);
	if (st == OK)
		add(&x->done, what, r->line->label, r->sentence);
	else if (st == INPUT || st == GONE)
		add(&x->not_done, what, r->line->label, why.text);
	else
		return err_set(e, st, "%s", why.text);
	return OK;
}

/* How the lines of the list begin, and the addresses that only our own mails show. */
struct own {
	struct arena *a;
	const char **list;
	size_t n;
	bool note;			/* it begins with whom it is about */
};

static enum status take_line(void *ctx, const struct row *r, struct err *e)
{
	struct own *w = ctx;
	const char *label = row_text(r, "label");

	(void)e;
	if (!str_empty(label) && w->n < LINK_LINES)
		w->list[w->n++] = w->note ? arena_strdup(w->a, label) :
			arena_printf(w->a, "%d. %s", (int)row_int(r, "number"), label);
	return OK;
}

static enum status own_lines(struct orders *x, struct err *e)
{
	struct own w = { .a = x->a, .list = arena_array(x->a, const char *, LINK_LINES + 2),
			 .note = str_eq(x->list.list_kind, "note") };
	struct value id = store_text(x->list.list_id);
	const char *from = conf_str(x->m->settings->conf, "smtp.from");
	enum status st = store_query(x->tx, "list_lines", &id, 1, take_line, &w, NULL, e);

	if (!str_empty(from))
		w.list[w.n++] = from;
	w.list[w.n++] = x->m->settings->control;
	x->own = w.list;
	x->own_n = w.n;
	return st;
}

static struct command_context context(const struct orders *x)
{
	const struct memory_owner *me = x->mem->owner;
	const char **names = arena_array(x->a, const char *, 2);
	struct command_context c = {
		.words = x->m->settings->commands, .phrases = x->m->settings->phrases,
		.today = when_civil(store_now(x->tx), str_empty(me->zone) ? "UTC" : me->zone).date,
		.offset = x->o->message->date_offset, .language = x->m->settings->policy.language, .names = names,
		.own = x->own, .own_n = x->own_n,
	};

	if (!str_empty(me->name)) {
		names[c.names_n++] = me->name;
		names[c.names_n++] = arena_strndup(x->a, me->name, strcspn(me->name, " "));
	}
	return c;
}

/* ---- a button ---- */

struct used {
	struct arena *a;
	time_t at;
	const char *result;
};

static enum status take_used(void *ctx, const struct row *r, struct err *e)
{
	struct used *u = ctx;

	(void)e;
	u->at = (time_t)row_int(r, "at");
	u->result = arena_strdup(u->a, row_text(r, "result"));
	return OK;
}

static enum status remember(struct orders *x, const char *token, const char *result, struct err *e)
{
	struct value args[] = { store_text(arena_printf(x->a, "do:%s", token)), V_INT(store_now(x->tx)),
				store_text(x->m->login), store_text(result) };

	return store_query(x->tx, "control_token_use", args, 4, NULL, NULL, NULL, e);
}

static bool same_verb(const char *a, const char *b)
{
	enum decide x, y;

	return str_eq(a, b) || (decision_from_name(str_eq(a, "classify") ? "classify_as" : a, &x) &&
				decision_from_name(str_eq(b, "classify") ? "classify_as" : b, &y) && x == y);
}

static bool is_stop(const char *verb)
{
	enum command_verb v;

	return command_from_name(str_eq(verb, "classify-as") ? "classify" : verb, &v) && command_stops(v);
}

/* The mail that a button prepares says in words what it does, and a person may have gone on writing: a reason, another
 * day. False: the words say something else, and it would not be what the person saw. */
static bool words_of_button(struct orders *x, struct order *r)
{
	struct command_context c = context(x);
	const struct command *k;
	struct commands got;

	commands_read(x->a, &c, x->o->message, &got);
	if (!got.n)		/* a signature says nothing; a slip might say anything */
		return !got.mistakes_n || is_stop(r->verb);
	k = &got.list[0];
	if (got.n > 1 || got.mistakes_n || k->all || k->items_n > 1 || (k->items_n && k->items[0] != x->list.number))
		return false;
	if (!same_verb(command_name(k->verb), r->verb)) {
		if (!command_stops(k->verb))
			return false;
		*r = (struct order){ .all = x, .line = r->line, .verb = command_name(k->verb), .minute = -1 };
	}
	if (k->because)
		r->because = k->because;
	if (k->date.year) {
		r->date = k->date;
		r->minute = k->minute;
	}
	if (k->verb == COMMAND_EDIT)
		r->text = k->argument;
	else if (!r->argument && k->argument)
		r->argument = k->argument;
	return true;
}

/* The second press of the same button does nothing, also when things have moved on since. */
static enum status button(struct orders *x, const char *token, struct err *e)
{
	const struct link *l = &x->list;
	struct used used = { .a = x->a };
	struct order r = { .all = x, .line = l, .verb = l->verb, .argument = l->argument, .because = l->because,
			   .minute = -1 };
	struct value key = store_text(arena_printf(x->a, "do:%s", token));
	char when[WHEN_TEXT];
	const char *what;
	enum status st = store_query(x->tx, "control_token", &key, 1, take_used, &used, NULL, e);

	if (st != OK)
		return st;
	if (!words_of_button(x, &r)) {
		add(&x->not_done, arena_printf(x->a, "%s %d", l->verb, l->number), l->label,
		    say(x, "order.button", NULL, NULL));
		return OK;
	}
	what = arena_printf(x->a, "%s %d", r.verb, l->number);
	if (used.at && same_verb(r.verb, l->verb)) {
		add(&x->done, what, l->label, arena_printf(x->a, "%s (%s)", used.result ? used.result : l->verb,
							   when_text(used.at, when)));
		return OK;
	}
	st = run(x, &r, what, e);
	return st == OK && x->done.n && same_verb(r.verb, l->verb) ? remember(x, token, r.sentence, e) : st;
}

/* ---- an answer ---- */

static void add_mistake(struct orders *x, const struct command_mistake *k)
{
	static const char *const keys[] = {
		[COMMAND_UNKNOWN] = "order.unknown", [COMMAND_NUMBERS] = "order.numbers",
		[COMMAND_ARGUMENT] = "order.argument", [COMMAND_DAY] = "order.day", [COMMAND_LEFT] = "order.left",
		[COMMAND_TOO_MANY] = "order.many",
	};
	const char *key = k->fault == COMMAND_UNKNOWN && k->near ? "order.near" : keys[k->fault];

	buf_addf(&x->not_done, "%s\"%s\": %s", x->not_done.n ? "\n" : "", k->words, say(x, key, k->words, k->near));
}

static enum status order_of(struct orders *x, const struct command *c, int item, struct err *e)
{
	struct link line;
	struct err why = { "" };
	struct order r = { .all = x, .line = &line, .verb = command_name(c->verb), .argument = c->argument,
			   .because = c->because, .date = c->date, .minute = c->minute };
	const char *what = item ? arena_printf(x->a, "%s %d", r.verb, item) : r.verb;
	enum status st = store_link_line(x->tx, x->a, x->list.list_id, item, &line, &why);

	if (st == INPUT) {
		add(&x->not_done, what, NULL, why.text);
		return OK;
	}
	if (st != OK)
		return err_set(e, st, "%s", why.text);
	if (c->verb == COMMAND_EDIT) {
		r.text = c->argument;
		r.argument = NULL;
	} else if (c->verb == COMMAND_NOTE || c->verb == COMMAND_DONE) {
		if (!r.because)
			r.because = c->argument;
		if (c->verb == COMMAND_NOTE)
			r.argument = NULL;
	}
	return run(x, &r, what, e);
}

/* Of all lines of the list: those that there are. Approving is done by number: only what was read is approved. */
static enum status for_all(struct orders *x, const struct command *c, struct err *e)
{
	struct link line;
	struct err why = { "" };
	enum status st = OK;

	if (c->verb == COMMAND_APPROVE || c->verb == COMMAND_EDIT) {
		add(&x->not_done, c->words, NULL, say(x, "order.all", c->words, NULL));
		return OK;
	}
	for (int i = 1; st == OK && i <= LINK_LINES; i++) {
		st = store_link_line(x->tx, x->a, x->list.list_id, i, &line, &why);
		if (st == INPUT && i > 1)
			return OK;
		st = order_of(x, c, i, e);
	}
	return st;
}

static enum status one_command(struct orders *x, const struct command *c, bool mistakes, struct err *e)
{
	enum status st = OK;

	if (c->verb == COMMAND_HELP) {
		struct buf b;

		buf_init(&b, x->a);
		for (enum command_verb v = 0; v < COMMAND_COUNT; v++)
			buf_addf(&b, "%s  %-10s %s", b.n ? "\n" : "", command_name(v), command_meaning(v));
		x->help = b.p;
		return OK;
	}
	if (mistakes && !command_stops(c->verb)) {
		add(&x->not_done, c->words, NULL, say(x, "order.waits", c->words, NULL));
		return OK;
	}
	if (c->all)
		return for_all(x, c, e);
	if (!c->items_n)
		return order_of(x, c, 0, e);
	for (size_t i = 0; st == OK && i < c->items_n; i++) {
		if (++x->asked > ORDERS_MOST) {	/* everybody else's mail waits for this one */
			if (x->asked == ORDERS_MOST + 1)
				add(&x->not_done, c->words, NULL, say(x, "order.many", c->words, NULL));
			return OK;
		}
		st = order_of(x, c, c->items[i], e);
	}
	return st;
}

/* It was meant for the person of the note, or for us by a word that we do not know. */
static enum status letter(struct orders *x, bool empty, struct err *e)
{
	struct control_letter said = { .text = empty ? "control_empty" : "control_letter",
				       .words = str_cut(x->a, x->o->visible, 4000), .reply_to = x->reply_to };
	struct link line;
	struct err why;

	if (store_link_line(x->tx, x->a, x->list.list_id, 0, &line, &why) == OK)
		said.person = line.label;
	if (str_empty(said.words))
		said.words = NULL;
	log_info(x->m->queue_id, "order-none", "list", x->list.list_kind, "owner", x->m->login);
	return control_reply(x->tx, x->a, x->m, x->o, x->mem, &said, e);
}

static enum status tell(struct orders *x, const char *unread, struct err *e)
{
	struct control_letter said = { .text = x->not_done.n ? "control_problem" : "control_answer", .unread = unread,
			       .done = x->done.n ? x->done.p : NULL, .not_done = x->not_done.n ? x->not_done.p : NULL,
			       .list = x->help, .reply_to = x->reply_to };

	if (x->help && !x->done.n && !x->not_done.n)
		said.text = "control_words";
	return control_reply(x->tx, x->a, x->m, x->o, x->mem, &said, e);
}

static enum status answered(struct orders *x, struct err *e)
{
	struct command_context c = context(x);
	struct commands got;
	enum status st = OK;

	commands_read(x->a, &c, x->o->message, &got);
	if (got.letter || got.empty)
		return letter(x, got.empty, e);
	for (size_t i = 0; i < got.mistakes_n; i++)
		add_mistake(x, &got.mistakes[i]);
	for (size_t i = 0; st == OK && i < got.n; i++)
		st = one_command(x, &got.list[i], got.mistakes_n > 0, e);
	return st == OK ? tell(x, got.unread, e) : st;
}

enum status control_orders(struct store_tx *tx, struct arena *a, const struct mail *m, const struct outgoing *o,
			   const struct memory *mem, struct err *e)
{
	struct orders x = { .tx = tx, .a = a, .m = m, .o = o, .mem = mem };
	const char *token = m->control.args[control_has(m, VERB_DO) ? VERB_DO : VERB_RE];
	struct err why = { "" };
	enum status st;

	buf_init(&x.done, a);
	buf_init(&x.not_done, a);
	st = store_link_open(tx, a, atomic_load(&the_milter.keys), token, mem->owner->id, &x.list, &why);
	if (st == INPUT || st == GONE) {
		log_warn(m->queue_id, "token-refused", "owner", m->login, "reason", why.text);
		buf_adds(&x.not_done, why.text);
		return tell(&x, NULL, e);
	}
	if (st != OK)
		return err_set(e, st, "%s", why.text);
	st = own_lines(&x, e);
	if (st != OK)
		return st;
	if (!x.list.number) {
		/* what is written in answer to our answer means the same lines */
		x.reply_to = policy_control_address(a, m->settings->control, arena_printf(a, "re.%s", token));
		return answered(&x, e);
	}
	st = button(&x, token, e);
	return st == OK ? tell(&x, NULL, e) : st;
}
