/* SPDX-License-Identifier: MPL-2.0
 *
 * generate STORE SEQUENCE FACTOR: fills a store that is not there yet. Factor 1 is 10 million suppressions, 5 million
 * prospects, 1 million live enrolments, 20 million touches, and an event for everything that happened. Two years are played
 * through the machine itself (seq_step()), in the order of time: `relentctl verify` holds. Always the same for the same
 * factor and day.
 */
#include "config.h"

#include "bench/generate.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "store/load.h"
#include "store/store.h"

enum { DAY = 86400, HOUR = 3600, YEARS = 730 * DAY, RECENT = 24 * DAY, DUE = 1000,
       REPLY_PERCENT = 11, SLOW_PERCENT = 15 };

enum what { W_SUPPRESS, W_MANUAL, W_ENROL, W_DUE, W_TOUCH, W_TASK, W_REPLY, W_END };
struct moment {
	time_t at;
	uint32_t who;
	enum what what;
};

struct game {
	struct world w;
	const struct plan *plan;
	const char *plan_id;
	struct enrolment *e;
	time_t *begins;			/* of enrolments, in order */
	struct moment *heap;
	size_t heap_n, heap_room;
	uint64_t touches, replies, suppressed, multiplier;
	uint32_t *tally;		/* owner by day: touches */
	int64_t days;
};

/* ---- what happens next ---- */

static bool before(const struct moment *x, const struct moment *y)
{
	return x->at != y->at ? x->at < y->at : x->what != y->what ? x->what < y->what : x->who < y->who;
}

static void push(struct game *g, time_t at, enum what what, uint64_t who)
{
	struct moment m = { at, (uint32_t)who, what };
	size_t i = g->heap_n++;

	if (at > g->w.now) {
		g->heap_n--;
		return;
	}
	if (i == g->heap_room) {
		g->heap_room = g->heap_room ? g->heap_room * 2 : 4096;
		g->heap = realloc(g->heap, g->heap_room * sizeof(*g->heap));
		if (g->heap == NULL)
			abort();
	}
	for (; i > 0 && before(&m, &g->heap[(i - 1) / 2]); i = (i - 1) / 2)
		g->heap[i] = g->heap[(i - 1) / 2];
	g->heap[i] = m;
}

static struct moment pop(struct game *g)
{
	struct moment first = g->heap[0], m = g->heap[--g->heap_n];
	size_t i = 0;

	for (;;) {
		size_t k = 2 * i + 1;

		if (k + 1 < g->heap_n && before(&g->heap[k + 1], &g->heap[k]))
			k++;
		if (k >= g->heap_n || !before(&g->heap[k], &m))
			break;
		g->heap[i] = g->heap[k];
		i = k;
	}
	g->heap[i] = m;
	return first;
}

/* Enrolment k is the k-th of the people shuffled; those behind the last enrolment were written to by hand. */
static uint64_t shuffled(const struct game *g, uint64_t k)
{
	return (uint64_t)(((__uint128_t)k * g->multiplier + 17) % g->w.prospects);
}

/* ---- rows ---- */

static const char *draft_text(struct arena *a, uint64_t x)
{
	return arena_printf(a, "Hello,\n\nyour colleagues in operations told us on the fair that the handoff from sales costs them "
			    "about %d hours a week, mostly in asking again for what was agreed. Others of your size in logistics "
			    "measured the same before they changed one form and one meeting.\n\nWould a two-page review of that "
			    "one workflow help, with the figures of %d firms beside yours? It costs you half an hour, and you "
			    "keep the paper whatever you decide.\n\nKind regards\n", (int)(x % 17 + 3), (int)(x >> 8) % 40 + 5);
}

static void touch(struct game *g, time_t at, const struct person *p, uint64_t k, int step, bool enrolled)
{
	struct rows_out *r = &g->w.out;
	struct arena *a = r->a;
	uint64_t n = ++g->touches, x = mix(n);
	const char *id = id_of(a, ID_TOUCH, n, at), *enrolment = enrolled ? g->e[k].id : NULL;
	const char *kind = enrolled ? "touch" : "manual", *sequence = enrolled ? g->plan->name : NULL;
	const struct plan_step *s = enrolled ? plan_step(g->plan, step) : NULL;
	const char *message = arena_printf(a, "%016llx.%llx@mx1.example", (unsigned long long)x, (unsigned long long)n);
	const char *queue = arena_printf(a, "4%010llX", (unsigned long long)(x >> 24));
	const char *print = arena_printf(a, "%016llx%016llx%016llx%016llx", (unsigned long long)x,
					 (unsigned long long)mix(x), (unsigned long long)mix(x + 1),
					 (unsigned long long)mix(x + 2));
	json_t *o = json_object();

	PUT(r, TO_TOUCH, T(id), T(enrolment), T(p->id), T(p->owner_id), T(p->company_id), T(p->source_id),
	    T(enrolled ? g->plan->offer : NULL), T(kind), I(enrolled ? step : 0), T(s ? step_type_name(s->type) : NULL),
	    T(p->address), T(message), T(print), V_NULL, T("Handoffs between sales and operations"),
	    T(draft_text(a, x)), T(x % 100 < 97 ? "delivered" : "deferred"), I(at), I(at + 2), T(queue), T("mx1.example"),
	    T(arena_printf(a, "sales%d.example", (int)(p->owner % SENDING_DOMAINS))), T(p->domain), T(sequence),
	    I(enrolled && step == 1));
	PUT(r, TO_MESSAGE_REF, T(message), T("touch"), T(id), T(enrolment), T(p->id), T(p->owner_id), I(at));
	json_put(o, "kind", kind);
	json_put(o, "recipient", p->address);
	json_put(o, "owner", p->owner_id);
	json_put(o, "company", p->company_id);
	json_put(o, "sequence", sequence);
	json_put_int(o, "step", enrolled ? step : 0);
	json_put(o, "message_id", message);
	json_put(o, "queue_id", queue);
	json_put(o, "host", "mx1.example");
	rows_event(r, at, "accepted", "touch", id, enrolment, p->id, "milter", o);
	g->tally[p->owner * (uint64_t)g->days + (uint64_t)((at - g->w.start) / DAY)]++;
}

static bool may_fall_due(const struct enrolment *e)
{
	return e->state == SEQ_NOT_STARTED || e->state == SEQ_SENT || e->state == SEQ_WAITING || e->state == SEQ_PARKED;
}

static void step_in(struct game *g, uint64_t k, time_t at, struct event ev, const char *actor)
{
	struct rows_out *r = &g->w.out;
	struct enrolment *e = &g->e[k];
	enum seq_state from = e->state;
	struct actions list;
	struct err why;
	json_t *o, *all;

	if (seq_step(g->plan, e, &ev, at, &list, &why) != OK) {
		fprintf(stderr, "generate: %s\n", why.text);
		exit(1);
	}
	e->version++;
	o = json_object();
	all = json_array();
	json_object_set_new(o, "event", event_json(&ev));
	json_put(o, "before", seq_state_name(from));
	json_object_set_new(o, "after", enrolment_json(e));
	for (size_t i = 0; i < list.n; i++) {
		json_t *one = json_object();

		json_put(one, "kind", seq_action_name(list.list[i].kind));
		json_put_int(one, "step", list.list[i].step);
		json_array_append_new(all, one);
	}
	json_object_set_new(o, "actions", all);
	rows_event(r, at, seq_event_name(ev.kind), "enrolment", e->id, e->id,
		   world_person(&g->w, shuffled(g, k)).id, actor, o);
	/* a rep who was slow: the next one is due at once */
	if (e->due != 0 && may_fall_due(e))
		push(g, e->due > at ? e->due : at + 60, W_DUE, k);
}

static void suppress(struct game *g, time_t at, const char *kind, const char *subject, const char *reason,
		     const char *prospect, const char *by)
{
	struct rows_out *r = &g->w.out;
	const char *id = id_of(r->a, ID_SUPPRESSION, ++g->suppressed, at);
	const char *scope = str_eq(reason, "complaint") ? "all" : "outreach";
	bool ends = str_eq(reason, "hard_bounce");
	json_t *o = json_object();

	PUT(r, TO_SUPPRESSION, T(id), T(kind), T(subject), T(scope), T(reason), T("list of the previous system"), T(prospect),
	    I(at), T(by), I0(ends ? at + 180 * DAY : 0));
	json_put(o, "kind", kind);
	json_put(o, "subject", subject);
	json_put(o, "scope", scope);
	json_put(o, "reason", reason);
	rows_event(r, at, "suppressed", "suppression", id, NULL, prospect, by, o);
}

/* ---- what happens ---- */

static void another_suppression(struct game *g, uint64_t i, time_t at)
{
	static const char *const reasons[] = { "unsubscribe", "do_not_contact", "do_not_contact", "hard_bounce",
					       "invalid_recipient", "complaint" };
	struct arena *a = g->w.out.a;
	uint64_t x = mix(i ^ 0x5ULL << 60), kind = x % 100;
	unsigned long long n = i;
	const char *reason = reasons[(x >> 16) % 6];

	if (kind < 2)
		suppress(g, at, "domain", arena_printf(a, "closed%llu.example", n), "do_not_contact", NULL, "import");
	else if (kind < 7)
		suppress(g, at, "hash", arena_printf(a, "%016llx%016llx%016llx%016llx", (unsigned long long)x,
			 (unsigned long long)mix(x), (unsigned long long)mix(x + 1), (unsigned long long)mix(x + 2)),
			 "unsubscribe", NULL, "import");
	else
		suppress(g, at, "address", arena_printf(a, "gone%llu@list%llu.example", n,
			 (unsigned long long)((x >> 24) % (g->w.suppressions / 4 + 1))), reason, NULL, "import");
	if (i + 1 < g->w.suppressions)
		push(g, g->w.start + (time_t)((i + 1) * YEARS / g->w.suppressions), W_SUPPRESS, i + 1);
}

static void by_hand(struct game *g, uint64_t i, time_t at)
{
	uint64_t people = g->w.prospects - g->w.enrolments;
	struct person p = world_person(&g->w, shuffled(g, g->w.enrolments + i % people));

	touch(g, at, &p, 0, 0, false);
	if (i + 1 < g->w.manual)
		push(g, g->w.start + (time_t)((i + 1) * YEARS / g->w.manual), W_MANUAL, i + 1);
}

static void enrol(struct game *g, uint64_t k, time_t at)
{
	struct person p = world_person(&g->w, shuffled(g, k));

	g->e[k] = (struct enrolment){ .state = SEQ_NOT_STARTED, .started = at, .zone = world_zone(p.owner) };
	memcpy(g->e[k].id, id_of(g->w.out.a, ID_ENROLMENT, k, at), ID_SIZE);
	step_in(g, k, at, (struct event){ .kind = EV_ENROLLED }, "rep");
	if (k + 1 < g->w.enrolments)
		push(g, g->begins[k + 1], W_ENROL, k + 1);
}

static void due(struct game *g, uint64_t k, time_t at)
{
	struct enrolment *e = &g->e[k];
	const struct plan_step *s;
	uint64_t x = mix((uint64_t)at * 31 + k);

	if (e->due == 0 || e->due > at || !may_fall_due(e))
		return;
	step_in(g, k, at, (struct event){ .kind = EV_DUE }, "clock");
	if (e->state != SEQ_DRAFTING && e->state != SEQ_FOLLOW_UP_DUE)
		return;
	s = plan_step(g->plan, e->step + 1);
	if (s != NULL && s->channel != CHANNEL_EMAIL) {
		push(g, at + HOUR + (time_t)(x % (2 * DAY)), W_TASK, k);
		return;
	}
	step_in(g, k, at + 5, (struct event){ .kind = EV_DRAFT_PREPARED }, "imapwatch");
	push(g, at + 600 + (time_t)(x % (uint64_t)((x >> 32) % 100 < SLOW_PERCENT ? 4 * DAY : 8 * HOUR)), W_TOUCH, k);
}

static void send(struct game *g, uint64_t k, time_t at)
{
	struct enrolment *e = &g->e[k];
	struct person p = world_person(&g->w, shuffled(g, k));
	uint64_t x = mix((uint64_t)at * 131 + k);

	if (e->state != SEQ_AWAITING_APPROVAL)
		return;
	touch(g, at, &p, k, e->step + 1, true);
	step_in(g, k, at, (struct event){ .kind = EV_TOUCH }, "milter");
	if (x >> 60 < 8)
		step_in(g, k, at + 1, (struct event){ .kind = EV_QUEUED }, "logwatch");
	if (x % 100 < REPLY_PERCENT)
		push(g, at + HOUR + (time_t)(x >> 8) % (3 * DAY), W_REPLY, k);
}

static struct event answer_of(uint64_t x, time_t at)
{
	static const struct { int percent; enum seq_event kind; } list[] = { { 22, EV_INTERESTED }, { 14, EV_QUESTION },
		{ 5, EV_OBJECTION }, { 10, EV_NOT_NOW }, { 27, EV_AWAY }, { 8, EV_UNCLEAR }, { 7, EV_UNSUBSCRIBE },
		{ 4, EV_BOUNCE_HARD }, { 3, EV_NOT_A_FIT } };
	struct event ev = { .kind = EV_AWAY };
	int at_percent = (int)(x % 100);

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		ev.kind = list[i].kind;
		at_percent -= list[i].percent;
		if (at_percent < 0)
			break;
	}
	if (ev.kind == EV_AWAY)
		ev.until = at + (time_t)(2 + x / 100 % 12) * DAY;
	return ev;
}

static void reply(struct game *g, uint64_t k, time_t at)
{
	struct rows_out *r = &g->w.out;
	struct arena *a = r->a;
	struct enrolment *e = &g->e[k];
	struct person p = world_person(&g->w, shuffled(g, k));
	uint64_t n = ++g->replies, x = mix(n ^ 0x77ULL << 48);
	const char *id = id_of(a, ID_REPLY, n, at), *message = arena_printf(a, "r%llx@%s", (unsigned long long)n, p.domain);
	struct event ev = answer_of(x, at);
	const char *kind = ev.kind == EV_AWAY ? "auto_reply" : ev.kind == EV_BOUNCE_HARD ? "bounce" : "human";
	const char *class = ev.kind == EV_AWAY ? "out_of_office" : ev.kind == EV_BOUNCE_HARD ? "bounce" :
		ev.kind == EV_UNCLEAR ? "unknown" : seq_event_name(ev.kind);
	json_t *o = json_object();

	if (seq_state_group(e->state) != SEQ_LIVE) {
		json_decref(o);
		return;
	}
	PUT(r, TO_REPLY, T(id), T(e->id), T(p.id), T(p.owner_id), T(message), T(p.address), T("Re: Handoffs"), I(at),
	    T(arena_printf(a, "rep%llu@sales%d.example", (unsigned long long)p.owner, (int)(p.owner % SENDING_DOMAINS))),
	    I((int64_t)n), T(kind), T(class), T("Thank you, that is well seen. Please call me on Thursday, after lunch."),
	    T(seq_event_name(ev.kind)));
	PUT(r, TO_MESSAGE_REF, T(message), T("reply"), T(id), T(e->id), T(p.id), T(p.owner_id), I(at));
	json_put(o, "message_id", message);
	json_put(o, "from", p.address);
	json_put(o, "kind", kind);
	json_put(o, "class", class);
	json_put(o, "event", seq_event_name(ev.kind));
	rows_event(r, at, "received", "reply", id, e->id, p.id, "imapwatch", o);
	if (ev.kind == EV_UNCLEAR) {
		bool old = at < g->w.now - 10 * DAY;

		PUT(r, TO_REVIEW, T(id_of(a, ID_REVIEW, n, at)), T(e->id), T(p.id), T(p.owner_id), T(id), I(at),
		    I0(old ? at + DAY : 0), T(old ? "classify-as" : NULL), T(old ? "rep" : NULL));
	}
	step_in(g, k, at, ev, "imapwatch");
	if (ev.kind == EV_UNSUBSCRIBE || ev.kind == EV_BOUNCE_HARD)
		suppress(g, at, "address", p.address, ev.kind == EV_UNSUBSCRIBE ? "unsubscribe" : "hard_bounce", p.id,
			 "imapwatch");
	if (seq_state_group(e->state) == SEQ_WAIT && x >> 60 < 11)
		push(g, at + 5 * DAY + (time_t)(x >> 16) % (15 * DAY), W_END, k);
}

static void play(struct game *g)
{
	time_t told = g->w.start;

	push(g, g->w.start, W_SUPPRESS, 0);
	push(g, g->w.start, W_MANUAL, 0);
	push(g, g->begins[0], W_ENROL, 0);
	while (g->heap_n > 0) {
		struct moment m = pop(g);
		uint64_t k = m.who;

		if (m.at - told > 73 * DAY) {
			told = m.at;
			fprintf(stderr, "generate: %d %% of the time\n", (int)((m.at - g->w.start) * 100 / YEARS));
		}
		if (m.what == W_SUPPRESS)
			another_suppression(g, k, m.at);
		else if (m.what == W_MANUAL)
			by_hand(g, k, m.at);
		else if (m.what == W_ENROL)
			enrol(g, k, m.at);
		else if (m.what == W_DUE)
			due(g, k, m.at);
		else if (m.what == W_TOUCH)
			send(g, k, m.at);
		else if (m.what == W_TASK && seq_state_group(g->e[k].state) == SEQ_LIVE)
			step_in(g, k, m.at, (struct event){ .kind = EV_TASK_DONE }, "rep");
		else if (m.what == W_REPLY)
			reply(g, k, m.at);
		else if (m.what == W_END && g->e[k].state != SEQ_SUPPRESSED)
			step_in(g, k, m.at, (struct event){ .kind = EV_STOP, .reason = "handled" }, "rep");
		arena_clear(g->w.out.a);
	}
}

/* ---- what is left in the end ---- */

static void enrolments(struct game *g)
{
	struct rows_out *r = &g->w.out;

	for (uint64_t k = 0; k < g->w.enrolments; k++) {
		const struct enrolment *e = &g->e[k];
		struct person p = world_person(&g->w, shuffled(g, k));
		const char *account = arena_printf(r->a, "rep%llu@sales%d.example", (unsigned long long)p.owner,
						   (int)(p.owner % SENDING_DOMAINS));

		if (e->draft_out)
			PUT(r, TO_DRAFT, T(id_of(r->a, ID_DRAFT, k, e->started)), T(e->id), T(p.owner_id), T(p.id),
			    I(e->step + 1), T(account), I((int64_t)k),
			    T(arena_printf(r->a, "d%llu@mx1.example", (unsigned long long)k)), T(p.address),
			    T("Handoffs between sales and operations"), T(draft_text(r->a, mix(k))), I(g->w.now - HOUR));
		PUT(r, TO_ENROLMENT, T(e->id), T(p.id), T(p.owner_id), T(g->plan_id), T(seq_state_name(e->state)), I(e->step),
		    I(e->touches), I(e->started), I(e->last_touch), I(e->due), T(e->zone), I(e->holds), I(e->held_since),
		    T(e->pause_reason), T(e->pause_words), T(seq_state_name(e->resume_state)), I(e->resume_due),
		    T(e->reason), I(e->away_count), I(e->soft_bounces), I(e->soft_bounce_first), I(e->send_failures),
		    I(e->draft_out), T(seq_state_name(e->prev_state)), I(e->prev_step), I(e->prev_due),
		    I(e->prev_last_touch), T(e->touches ? "Handoffs between sales and operations" : NULL), I(e->version),
		    I(e->last_touch ? e->last_touch : e->started));
		arena_clear(r->a);
	}
}

static void tallies(struct game *g)
{
	struct rows_out *r = &g->w.out;

	for (uint64_t i = 0; i < g->w.owners; i++)
		for (int64_t d = 0; d < g->days; d++) {
			uint32_t n = g->tally[i * (uint64_t)g->days + (uint64_t)d];

			if (n > 0)
				PUT(r, TO_TALLY, T("owner"), T(id_of(r->a, ID_OWNER, i, g->w.start - 91 * DAY)),
				    I(g->w.start / DAY + d), I(n), I(0));
			arena_clear(r->a);
		}
	for (int k = 0; k < SENDING_DOMAINS; k++)
		for (int64_t d = 0; d < g->days; d++) {
			int64_t n = 0;

			for (uint64_t i = (uint64_t)k; i < g->w.owners; i += SENDING_DOMAINS)
				n += g->tally[i * (uint64_t)g->days + (uint64_t)d];
			PUT(r, TO_TALLY, T("domain"), T(arena_printf(r->a, "sales%d.example", k)), I(g->w.start / DAY + d), I(n),
			    I(0));
			arena_clear(r->a);
		}
}

static int by_time(const void *x, const void *y)
{
	time_t a = *(const time_t *)x, b = *(const time_t *)y;

	return a < b ? -1 : a > b;
}

/* The last Wednesday, 15:00 UTC: in the middle of a working day, so that what falls due is spread. */
static time_t last_wednesday(time_t t)
{
	return t - (t + DAY - 15 * HOUR) % (7 * DAY);	/* 1970 began on a Thursday */
}

/* The moment at which DUE enrolments have fallen due since the clock stopped. */
static time_t when_due(const struct game *g)
{
	time_t *list = malloc((g->w.enrolments + 1) * sizeof(*list)), out;
	size_t n = 0;

	if (list == NULL)
		abort();
	for (uint64_t k = 0; k < g->w.enrolments; k++)
		if (g->e[k].due > g->w.now && seq_state_group(g->e[k].state) == SEQ_LIVE)
			list[n++] = g->e[k].due;
	qsort(list, n, sizeof(*list), by_time);
	out = n > DUE ? list[DUE - 1] : g->w.now;
	free(list);
	return out;
}

/* ---- the store ---- */

static void told(void *ctx, const char *file, int line, const char *sentence)
{
	(void)ctx;
	fprintf(stderr, "%s:%d: %s\n", file, line, sentence);
}

struct begin {
	struct game *g;
	struct plan *plan;
	char id[ID_SIZE];
};

static enum status put_plan(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct begin *b = ctx;
	const char *id = NULL;
	enum status s = store_plan_put(tx, a, b->plan, "bench", &id, NULL, e);

	if (s == OK)
		snprintf(b->id, sizeof(b->id), "%s", id);
	return s == OK ? store_seal(tx, a, 1000, NULL, e) : s;
}

static enum status set_mark(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)ctx;
	return store_mark_reset(tx, a, e);
}

static void in_store(const char *path, time_t now, store_unit_fn *fn, void *ctx)
{
	struct store_options o = { .driver = "sqlite", .path = path, .create = true, .host = "mx1.example", .program = "bench",
				   .zone = "UTC" };
	struct store *s = NULL;
	struct err e;
	enum status st = store_open(&o, &s, &e);

	if (st == OK)
		st = store_write(s, now, fn, ctx, 0, &e);
	store_close(s);
	if (st != OK) {
		fprintf(stderr, "generate: %s\n", e.text);
		exit(1);
	}
}

static void size_of(struct game *g, double factor, time_t now)
{
	struct world *w = &g->w;

	w->now = now;
	w->start = (now - YEARS) / DAY * DAY;
	w->owners = (uint64_t)(10000 * factor) + 5;
	w->prospects = (uint64_t)(5e6 * factor) + 1;
	w->companies = w->prospects / 5 + 1;
	w->recent = (uint64_t)(1.22e6 * factor);
	w->enrolments = w->recent + (uint64_t)(5e5 * factor);
	w->manual = (uint64_t)(14e6 * factor);
	w->suppressions = (uint64_t)(10e6 * factor);
	g->days = YEARS / DAY + 2;
	for (g->multiplier = w->prospects / 2 + 7; w->prospects % g->multiplier == 0 || g->multiplier % 2 == 0; g->multiplier++)
		;
	/* no common factor: each person once */
	for (uint64_t x = g->multiplier, y = w->prospects; ;) {
		while (y != 0) {
			uint64_t rest = x % y;
			x = y;
			y = rest;
		}
		if (x == 1)
			break;
		x = ++g->multiplier;
		y = w->prospects;
	}
	g->e = calloc(w->enrolments, sizeof(*g->e));
	g->begins = calloc(w->enrolments, sizeof(*g->begins));
	g->tally = calloc(w->owners * (uint64_t)g->days, sizeof(*g->tally));
	if (g->e == NULL || g->begins == NULL || g->tally == NULL)
		abort();
	for (uint64_t k = 0; k < w->enrolments; k++)
		g->begins[k] = k < w->recent ? now - (time_t)(mix(k ^ 0xabULL << 50) % RECENT)
			     : w->start + (time_t)(mix(k ^ 0xabULL << 50) % (YEARS - 30 * DAY));
	qsort(g->begins, w->enrolments, sizeof(*g->begins), by_time);
}

int main(int argc, char **argv)
{
	struct game g = { .heap_n = 0 };
	struct begin b = { .g = &g };
	struct arena *keep = arena_new(0);
	struct err e;
	double factor = argc > 3 ? strtod(argv[3], NULL) : 0;

	if (argc < 4 || factor <= 0) {
		fprintf(stderr, "usage: generate STORE SEQUENCE FACTOR [NOW]\n");
		return 2;
	}
	size_of(&g, factor, argc > 4 ? (time_t)strtoll(argv[4], NULL, 10) : last_wednesday(time(NULL)));
	if (plan_read_file(keep, argv[2], told, NULL, &b.plan, &e) != OK) {
		fprintf(stderr, "generate: %s\n", e.text);
		return 1;
	}
	in_store(argv[1], g.w.start - 100 * DAY, put_plan, &b);
	g.plan = b.plan;
	g.plan_id = b.id;
	rows_open(&g.w.out, argv[1]);
	world_people(&g.w);
	fprintf(stderr, "generate: people are in\n");
	play(&g);
	enrolments(&g);
	tallies(&g);
	PUT(&g.w.out, TO_META, T("bench_due"), T(arena_printf(keep, "%lld", (long long)when_due(&g))));
	printf("%llu suppressions, %llu prospects, %llu enrolments, %llu touches, %llu replies, %lld events\n",
	       (unsigned long long)g.suppressed, (unsigned long long)g.w.prospects, (unsigned long long)g.w.enrolments,
	       (unsigned long long)g.touches, (unsigned long long)g.replies, (long long)g.w.out.seq);
	rows_close(&g.w.out);
	in_store(argv[1], g.w.now, set_mark, NULL);
	arena_free(keep);
	free(g.e);
	free(g.begins);
	free(g.heap);
	free(g.tally);
	return 0;
}
