/* SPDX-License-Identifier: MPL-2.0
 *
 * Prospects, companies, sources, owners, enrolment: what must be there, what is merged, what is refused
 * and with which sentence.
 */
#include "config.h"

#include <string.h>

#include "tests/unit/store_fixture.h"

static struct fixture f;

static void setup(void) { fixture_open(&f); }
static void teardown(void) { fixture_close(&f); }

struct add {
	struct field fields[20];
	size_t n;
	struct field source[12];
	size_t source_n;
	const char *owner;
	const char *id;
	bool known;
};

static enum status unit_add(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct add *p = ctx;
	struct prospect_new n = { .fields = p->fields, .n = p->n, .source = p->source, .source_n = p->source_n,
				  .owner_login = p->owner };
	const char *id = NULL;
	enum status s = store_prospect_add(tx, a, &n, "rita", &id, &p->known, e);

	p->id = arena_strdup(f.a, id);
	return s;
}

static struct add one(const char *email)
{
	return (struct add){ .fields = { { "email", email } }, .n = 1,
		.source = { { "kind", "event" }, { "permission", "consent" } }, .source_n = 2 };
}

static void said(const char *text)
{
	ck_assert_msg(strstr(test_err.text, text) != NULL, "%s", test_err.text);
}

/* rows: 284, 285, 286, 287, 288, 289, 290, 291, 292, 293 */
START_TEST(a_prospect_needs_its_source)
{
	struct add p = one("ann@buyer.example");

	p.source_n = 0;
	ck_status(f_write(&f, unit_add, &p), INPUT);
	said("source");
	p = one("ann@buyer.example");
	p.source[1].value = "";
	ck_status(f_write(&f, unit_add, &p), INPUT);
	said("permission");
	p = one("ann@buyer.example");
	p.source[0].value = "somewhere";
	ck_status(f_write(&f, unit_add, &p), INPUT);
	said("inbound_form|");
	ck_assert_int_eq(f_sql(&f, "select count(*) from prospect"), 0);
	p = one("ann@buyer.example");
	static const struct field all[] = { { "url", "https://s.example/1" }, { "captured", "2026-02-01" },
		{ "source_owner", "Rita" }, { "visibility", "public" }, { "method", "by hand" },
		{ "permitted_use", "outreach" }, { "compliance", "checked" }, { "jurisdiction", "DE" } };
	for (size_t i = 0; i < 8; i++)
		p.source[p.source_n++] = all[i];
	ck_ok(f_write(&f, unit_add, &p));
	ck_assert_str_eq(f_sql_text(&f, "select kind||url||captured||source_owner||permission||visibility||method"
					"||permitted_use||compliance||jurisdiction from source"),
			 "eventhttps://s.example/11769904000Ritaconsentpublicby handoutreachcheckedDE");
}
END_TEST

/* rows: 295, 296, 297, 298, 299, 300, 301, 302, 303, 304, 305, 306, 307, 308 */
START_TEST(identity_is_kept)
{
	struct add p = one("Ann <Ann.B@Buyer.EXAMPLE>");
	static const struct field all[] = { { "name", "Ann Buyer" }, { "company", "Buyer Ltd" },
		{ "role", "Head of Ops" }, { "phone", "+49 1" }, { "profile", "https://l.example/ann" },
		{ "location", "Berlin" }, { "client", "Acme" }, { "relationship", "met at a fair" },
		{ "previous_contact", "2025" }, { "crm_record", "C-1" }, { "identity_confidence", "0.8" } };

	p.fields[0].value = "Ann.B@Buyer.EXAMPLE";
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		p.fields[p.n++] = all[i];
	ck_ok(f_write(&f, unit_add, &p));
	ck_assert_str_eq(f_sql_text(&f, "select name||role||phone||profile||location||client||relationship||"
		"previous_contact||crm_record||identity_confidence from prospect"),
		"Ann BuyerHead of Ops+49 1https://l.example/annBerlinAcmemet at a fair2025C-10.8");
	ck_assert_str_eq(f_sql_text(&f, "select address || domain from prospect_address"),
			 "ann.b@buyer.examplebuyer.example");
	ck_assert_str_eq(f_sql_text(&f, "select domain from company_domain"), "buyer.example");
}
END_TEST

START_TEST(known_people_are_merged_never_overwritten)
{
	struct add p = one("ann@buyer.example");

	p.fields[p.n++] = (struct field){ "name", "Ann Buyer" };
	p.fields[p.n++] = (struct field){ "aliases", "ann.buyer@buyer.example; a@buyer.example" };
	ck_ok(f_write(&f, unit_add, &p));
	ck_assert(!p.known);
	const char *id = p.id;
	struct add q = one("A@buyer.example");
	q.fields[q.n++] = (struct field){ "name", "Somebody Else" };
	q.fields[q.n++] = (struct field){ "phone", "123" };
	ck_ok(f_write(&f, unit_add, &q));
	ck_assert(q.known);
	ck_assert_str_eq(q.id, id);
	ck_assert_str_eq(f_sql_text(&f, "select name || phone from prospect"), "Ann Buyer123");
	ck_assert_int_eq(f_sql(&f, "select count(*) from source"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from prospect_address"), 3);
	/* an alias that belongs to somebody else */
	struct add r = one("cy@buyer.example");
	ck_ok(f_write(&f, unit_add, &r));
	r.fields[r.n++] = (struct field){ "aliases", "ann@buyer.example" };
	ck_status(f_write(&f, unit_add, &r), INPUT);
	said("two known prospects");
}
END_TEST

START_TEST(bad_fields_are_named)
{
	static const struct {
		const char *name, *value, *says;
	} bad[] = {
		{ "nmae", "x", "did you mean 'name'" },
		{ "priority", "seven", "one|two|three" },
		{ "identity_confidence", "much", "no number" },
		{ "next_action_at", "soon", "YYYY-MM-DD" },
		{ "qualification", "{", "no JSON" },
		{ "name", "\xff\xfe", "not UTF-8" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct add p = one("ann@buyer.example");
		p.fields[p.n++] = (struct field){ bad[i].name, bad[i].value };
		ck_status(f_write(&f, unit_add, &p), INPUT);
		said(bad[i].says);
	}
	struct add p = one("not an address");
	ck_status(f_write(&f, unit_add, &p), INPUT);
	said("not a mail address");
	p = one("ann@buyer.example");
	p.owner = "nobody";
	ck_status(f_write(&f, unit_add, &p), INPUT);
	said("no owner 'nobody'");
	ck_assert_int_eq(f_sql(&f, "select count(*) from prospect"), 0);
}
END_TEST

struct rec {
	const char *entity, *id;
	struct field fields[12];
	size_t n;
};

static enum status unit_put(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct rec *r = ctx;
	const char *id = NULL;
	enum status s = store_put(tx, a, r->entity, r->id, r->fields, r->n, "rita", &id, e);

	if (s == OK)
		r->id = arena_strdup(f.a, id);
	return s;
}

/* rows: 423, 424, 425, 426, 427, 428, 429, 430, 431 */
START_TEST(evidence_needs_its_source_and_class)
{
	const char *p = f_prospect(&f, "ann@buyer.example", "Ann", NULL);
	struct rec r = { .entity = "evidence", .fields = { { "prospect_id", p }, { "point", "hires support" },
		{ "type", "verified_fact" } }, .n = 3 };

	ck_status(f_write(&f, unit_put, &r), INPUT);
	said("needs 'source'");
	r.fields[r.n++] = (struct field){ "source", "https://buyer.example/jobs" };
	r.fields[2].value = "gossip";
	ck_status(f_write(&f, unit_put, &r), INPUT);
	said("verified_fact|");
	r.fields[2].value = "public_observation";
	static const struct field more[] = { { "source_date", "2026-02-20" }, { "confidence", "0.9" },
		{ "relevance", "fits" }, { "safe", "yes" }, { "review_required", "no" } };
	for (size_t i = 0; i < 5; i++)
		r.fields[r.n++] = more[i];
	ck_ok(f_write(&f, unit_put, &r));
	ck_assert_str_eq(f_sql_text(&f, "select point||source||source_date||type||confidence||relevance||safe||"
		"review_required from evidence"),
		"hires supporthttps://buyer.example/jobs1771545600public_observation0.9fits10");
}
END_TEST

/* rows: 708, 709, 710, 711 */
START_TEST(a_signal_needs_its_fields)
{
	const char *p = f_prospect(&f, "ann@buyer.example", "Ann", NULL);
	struct rec r = { .entity = "signal", .fields = { { "prospect_id", p }, { "what", "new office" },
		{ "source", "press" }, { "date", "2026-02-20" } }, .n = 4 };

	for (size_t i = 0; i < 4; i++) {
		struct rec lack = r;
		lack.fields[i] = lack.fields[--lack.n];
		ck_status(f_write(&f, unit_put, &lack), INPUT);
		said("needs '");
	}
	ck_ok(f_write(&f, unit_put, &r));
}
END_TEST

START_TEST(changes_are_events_with_before_and_after)
{
	const char *p = f_prospect(&f, "ann@buyer.example", "Ann", NULL);
	struct rec r = { .entity = "prospect", .id = p, .fields = { { "name", "Anna" } }, .n = 1 };

	ck_ok(f_write(&f, unit_put, &r));
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'changed' and entity = 'prospect' and "
		"json_extract(payload, '$.before.name') = 'Ann' and json_extract(payload, '$.after.name') = 'Anna'"
		" and actor = 'rita'"), 1);
	ck_ok(f_write(&f, unit_put, &r));	/* no change, no event */
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'changed' and entity = 'prospect'"), 1);
	r.id = "019cadc6-9a80-7000-8000-00000000ffff";
	ck_status(f_write(&f, unit_put, &r), GONE);
	r.entity = "cat";
	ck_status(f_write(&f, unit_put, &r), INPUT);
}
END_TEST

/* ---- who may enter ---- */

struct en {
	const char *prospect, *owner, *sequence;
};

static enum status unit_enrol(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct en *n = ctx;
	struct enrol en = { .prospect_id = n->prospect, .owner_id = n->owner, .sequence = n->sequence,
			    .actor = "rita" };

	return store_enrol(tx, a, &en, NULL, e);
}

static enum status unit_strict_plan(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct plan *p = fixture_plan(a, "strict", ctx);

	return store_plan_put(tx, a, p, "test", NULL, NULL, e);
}

static enum status unit_suppress(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_suppress(tx, a, ctx, "rita", false, NULL, e);
}

/* rows: 293, 403 */
START_TEST(enrolment_asks_first)
{
	const char *p = f_prospect(&f, "ann@buyer.example", "Ann", "Buyer");
	struct en n = { p, f.owner, "none" };
	struct suppression sup = { .kind = "address", .subject = "bo@buyer.example", .reason = "legal" };

	ck_status(f_write(&f, unit_enrol, &n), INPUT);
	said("no sequence 'none'");
	n.sequence = "four";
	ck_ok(f_write(&f, unit_enrol, &n));
	ck_status(f_write(&f, unit_enrol, &n), INPUT);
	said("already in the sequence 'four'");
	/* the best score does not open what is suppressed */
	n.prospect = f_prospect(&f, "bo@buyer.example", "Bo", "Buyer");
	f_exec(&f, "update prospect set score = 100, priority = 'one', opportunity_value = 1e9");
	ck_ok(f_write(&f, unit_suppress, &sup));
	ck_status(f_write(&f, unit_enrol, &n), INPUT);
	said("suppressed (legal)");
	n.owner = f.owner2;
	ck_status(f_write(&f, unit_enrol, &n), INPUT);
	ck_assert_ptr_null(strstr(test_err.text, "legal"));	/* not told to others */
	n.prospect = f_prospect(&f, "cy@buyer.example", "Cy", "Buyer");
	f_exec(&f, "update prospect set priority = 'rejected'");
	ck_status(f_write(&f, unit_enrol, &n), INPUT);
	said("rejected");
	f_exec(&f, "update prospect set priority = 'one'; update source set permission = 'none'");
	ck_status(f_write(&f, unit_enrol, &n), INPUT);
	said("permission");
}
END_TEST

START_TEST(a_pilot_has_its_size)
{
	char pilot[] = "pilot_size = 1";
	struct en n = { f_prospect(&f, "ann@buyer.example", "Ann", NULL), f.owner, "strict" };

	ck_ok(f_write(&f, unit_strict_plan, pilot));
	ck_ok(f_write(&f, unit_enrol, &n));
	n.prospect = f_prospect(&f, "bo@other.example", "Bo", NULL);
	ck_status(f_write(&f, unit_enrol, &n), INPUT);
	said("pilot of 'strict' is full");
}
END_TEST

struct version {
	const char *extra;
	int version;
};

static enum status unit_version(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct version *v = ctx;

	return store_plan_put(tx, a, fixture_plan(a, "four", v->extra), "test", NULL, &v->version, e);
}

START_TEST(a_change_makes_a_version_and_running_ones_keep_theirs)
{
	const char *en = f_enrol(&f, f_prospect(&f, "ann@buyer.example", "Ann", NULL), f.owner);
	struct version v = { .extra = NULL };

	ck_ok(f_write(&f, unit_version, &v));
	ck_assert_int_eq(v.version, 1);
	v.extra = "gap_days = 1";
	ck_ok(f_write(&f, unit_version, &v));
	ck_assert_int_eq(v.version, 2);
	ck_assert_int_eq(f_row(&f, en)->plan->version, 1);
	const char *en2 = f_enrol(&f, f_prospect(&f, "bo@other.example", "Bo", NULL), f.owner);
	ck_assert_int_eq(f_row(&f, en2)->plan->version, 2);
	ck_assert_int_eq(f_row(&f, en2)->plan->gap_days, 1);
}
END_TEST

/* ---- suppression ---- */

static enum status unit_check(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const char **q = ctx;
	struct memory_suppression *list;
	size_t n = 0;
	enum status s = store_suppressed(tx, a, q[0], NULL, &list, &n, e);

	q[1] = n ? arena_strdup(f.a, list[0].scope) : NULL;
	return s;
}

static const char *scope_of(const char *address)
{
	const char *q[2] = { address, NULL };

	ck_ok(f_read(&f, unit_check, q));
	return q[1] ? q[1] : "-";
}

static void put(const char *kind, const char *subject, const char *reason, const char *scope, const char *arg)
{
	struct suppression s = { .kind = kind, .subject = subject, .reason = reason, .scope = scope,
				 .scope_arg = arg };

	ck_ok(f_write(&f, unit_suppress, &s));
}

static enum status unit_lift(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const char **q = ctx;	/* because, consent */

	return store_suppress_lift(tx, a, f_sql_text(&f, "select id from suppression where lifted is null"),
				   "admin", q[0], q[1], e);
}

/* rows: 394, 395, 396, 397, 398, 399, 400, 401 */
START_TEST(reasons_have_their_scope_and_way_out)
{
	static const struct {
		const char *reason, *scope;
		bool consent;
	} all[] = {
		{ "unsubscribe", "outreach", true }, { "do_not_contact", "outreach", false },
		{ "complaint", "all", true }, { "hard_bounce", "outreach", false },
		{ "invalid_recipient", "outreach", false }, { "legal", "all", true },
		{ "client_exclusion", "outreach", false }, { "internal_exclusion", "outreach", false },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *q[2] = { NULL, NULL };
		put("address", "ann@buyer.example", all[i].reason, NULL, NULL);
		ck_assert_str_eq(scope_of("ann@buyer.example"), all[i].scope);
		ck_status(f_write(&f, unit_lift, q), INPUT);	/* no reason given */
		q[0] = "they asked";
		if (all[i].consent)
			ck_status(f_write(&f, unit_lift, q), INPUT);
		q[1] = all[i].consent ? "their mail of today" : NULL;
		ck_ok(f_write(&f, unit_lift, q));
		ck_assert_str_eq(scope_of("ann@buyer.example"), "-");
	}
	/* a legal reason needs two people */
	const char *q[2] = { "because", "admin" };
	put("address", "ann@buyer.example", "legal", NULL, NULL);
	ck_status(f_write(&f, unit_lift, q), INPUT);
	said("second person");
}
END_TEST

START_TEST(subjects_of_every_kind)
{
	f_prospect(&f, "ann@buyer.example", "Ann", "Buyer Ltd");
	f_prospect(&f, "an@second.example", "An", NULL);
	put("company", f_sql_text(&f, "select id from company"), "client_exclusion", "client", "Acme");
	ck_assert_str_eq(scope_of("ann@buyer.example"), "client");
	ck_assert_str_eq(scope_of("an@second.example"), "-");
	put("domain", "second.example", "internal_exclusion", NULL, NULL);
	ck_assert_str_eq(scope_of("an@deep.mail.second.example"), "outreach");
	ck_assert_str_eq(scope_of("an@notsecond.example"), "-");
	put("hash", token_keyed_hash(f.a, f.keys, "gone@erased.example"), "unsubscribe", NULL, NULL);
	ck_assert_str_eq(scope_of("gone@erased.example"), "outreach");
	ck_assert_str_eq(scope_of("other@erased.example"), "-");
}
END_TEST

START_TEST(equivalent_addresses_when_asked_for)
{
	struct store_options o = fixture_options(&f);

	put("address", "ann+news@gmail.com", "unsubscribe", NULL, NULL);
	ck_assert_str_eq(scope_of("ann@gmail.com"), "-");
	store_close(f.s);
	o.addr_equiv = 3;
	ck_ok(store_open(&o, &f.s, &test_err));
	put("address", "bo.x+news@gmail.com", "unsubscribe", NULL, NULL);
	ck_assert_str_eq(scope_of("box@gmail.com"), "outreach");
	ck_assert_str_eq(scope_of("b.ox+else@gmail.com"), "outreach");
	store_close(f.s);
	o.addr_equiv = 0;
	ck_ok(store_open(&o, &f.s, &test_err));
	ck_assert_str_eq(scope_of("bo.x+news@gmail.com"), "outreach");	/* the exact one still counts */
}
END_TEST

START_TEST(only_a_bounce_runs_out)
{
	struct suppression s = { .kind = "address", .subject = "a@x.example", .reason = "unsubscribe",
				 .expires = f.now + DAY };

	ck_status(f_write(&f, unit_suppress, &s), INPUT);
	said("only a hard_bounce expires");
	put("address", "b@x.example", "hard_bounce", NULL, NULL);
	put("address", "c@x.example", "do_not_contact", NULL, NULL);
	f.now += 179 * DAY;
	ck_assert_str_eq(scope_of("b@x.example"), "outreach");
	f.now += 2 * DAY;
	ck_assert_str_eq(scope_of("b@x.example"), "-");
	ck_assert_str_eq(scope_of("c@x.example"), "outreach");
	put("address", "b@x.example", "hard_bounce", NULL, NULL);	/* again, from now */
	ck_assert_str_eq(scope_of("b@x.example"), "outreach");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-people");
	TCase *c = test_case(s, "people");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_prospect_needs_its_source);
	tcase_add_test(c, identity_is_kept);
	tcase_add_test(c, known_people_are_merged_never_overwritten);
	tcase_add_test(c, bad_fields_are_named);
	tcase_add_test(c, evidence_needs_its_source_and_class);
	tcase_add_test(c, a_signal_needs_its_fields);
	tcase_add_test(c, changes_are_events_with_before_and_after);
	tcase_add_test(c, enrolment_asks_first);
	tcase_add_test(c, a_pilot_has_its_size);
	tcase_add_test(c, a_change_makes_a_version_and_running_ones_keep_theirs);
	tcase_add_test(c, reasons_have_their_scope_and_way_out);
	tcase_add_test(c, subjects_of_every_kind);
	tcase_add_test(c, equivalent_addresses_when_asked_for);
	tcase_add_test(c, only_a_bounce_runs_out);
	return test_run(s);
}
