#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl owner, company, prospect, source, evidence, signal, note: the happy path and typical slips.

rows: 293, 295-313, 361-365
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()

# ---- owners ----
t.eq([o["login"] for o in t.json("owner", "list")], ["rita@example.com", "sam@example.com"],
     "the owners of relent.conf are known")
t.eq(t.read("owners").split(), ["rita@example.com", "sam@example.com"], "and mirrored for the milter")
t.good("owner", "add", "tom", "--address", "Tom@Example.com", "--address", "t.t@example.com", "--name", "Tom T")
t.eq(t.read("owners").split(), ["rita@example.com", "sam@example.com", "t.t@example.com", "tom", "tom@example.com"],
     "an added owner is mirrored with login and addresses")
t.eq(t.json("owner", "show", "t.t@example.com")["login"], "tom", "an owner is found by address")
t.refused(1, "did you mean 'tom'?", "owner", "show", "tim")
t.refused(2, "is not a time zone", "owner", "add", "x@example.com", "--zone", "Mars/Olympus")
t.refused(2, "give --address", "owner", "add", "ulla")
t.refused(2, "'nope' is not a mail address", "owner", "add", "ulla", "--address", "nope")

# ---- prospects ----
t.refused(1, "source", "prospect", "add", "alice@acme.example", "--permission", "consent")
t.refused(1, "permission", "prospect", "add", "alice@acme.example", "--source", "referral")
t.refused(1, "facebook", "prospect", "add", "alice@acme.example", "--source", "facebook", "--permission", "consent")
t.refused(1, "mail address", "prospect", "add", "alice.acme.example", "--source", "referral", "--permission", "c")
t.refused(1, "mail address", "prospect", "add", "alice@", "--source", "referral", "--permission", "c")
t.eq(t.json("prospect", "list"), [], "nobody came in by these")
fields = {
    "name": "Alice Ådams", "first-name": "Alice", "role": "Head of Operations", "phone": "+49 30 1234",
    "profile": "https://linkedin.example/alice", "location": "Berlin", "zone": "Europe/Berlin", "language": "en",
    "client": "Client A", "crm-record": "crm-77", "previous-contact": "met at a fair", "relationship": "warm",
    "identity-status": "verified", "identity-confidence": "0.9", "priority": "one", "signal": "a new office",
    "workflow": "invoicing", "question": "Who looks after invoices?",
}
args = [x for k, v in fields.items() for x in ("--" + k, v)]
d = t.json("prospect", "add", "Alice@Acme.Example", "--source", "referral", "--permission", "consent",
           "--source-url", "https://acme.example/team", "--source-owner", "Bob", "--source-captured", "2026-02-01",
           "--source-visibility", "public", "--source-method", "by hand", "--source-permitted-use", "first contact",
           "--source-compliance", "checked", "--company", "Acme Ltd", "--aliases", "a.adams@acme.example",
           "--owner", "rita@example.com", *args)
t.ok(not d["known"] and len(d["id"]) == 36, "a prospect with every field")
p = t.json("prospect", "show", "alice@acme.example")
t.eq(p["id"], d["id"], "it has an id")
for k, v in fields.items():
    got = p[k.replace("-", "_")]
    t.eq(str(got), v, f"{k} comes back")
t.eq(p["company"], "Acme Ltd", "company")
t.eq([a["address"] for a in p["addresses"]], ["alice@acme.example", "a.adams@acme.example"], "addresses, normalised")
t.eq(p["addresses"][0]["domain"], "acme.example", "the domain")
s = p["sources"][0]
t.eq((s["kind"], s["url"], s["captured"][:10], s["source_owner"], s["permission"], s["visibility"], s["method"],
      s["permitted_use"], s["compliance"]),
     ("referral", "https://acme.example/team", "2026-02-01", "Bob", "consent", "public", "by hand", "first contact",
      "checked"), "the source with every field")
t.eq(p["next_word"], "nobody has written yet", "who owes the next word")
t.has(t.good("prospect", "show", "a.adams@acme.example"), "Alice Ådams", "found by an alias")
t.has(t.good("prospect", "show", d["id"]), "Alice Ådams", "and by id")
t.refused(1, "did you mean 'alice@acme.example'?", "prospect", "show", "alise@acme.example")
t.refused(1, "there is no prospect", "prospect", "show", "zzzzzz")
t.refused(1, "there is no owner 'rta@example.com'", "prospect", "add", "b@beta.example", "--source", "crm",
          "--permission", "consent", "--owner", "rta@example.com")
t.refused(2, "is not a time zone", "prospect", "edit", "alice@acme.example", "--zone", "Berlin")
t.refused(2, "did you mean --priority?", "prospect", "edit", "alice@acme.example", "--priorty", "two")
t.refused(1, "priority", "prospect", "edit", "alice@acme.example", "--priority", "four")
t.refused(2, "nothing to change", "prospect", "edit", "alice@acme.example")
for priority in ("one", "two", "three", "parked", "rejected"):
    t.good("prospect", "edit", "alice@acme.example", "--priority", priority)
    t.eq(t.json("prospect", "show", "alice@acme.example")["priority"], priority, f"priority {priority}")
for status in ("verified", "probable", "unverified", "duplicate", "conflicting"):
    t.good("prospect", "edit", "alice@acme.example", "--identity-status", status)
    t.eq(t.json("prospect", "list", "alice")[0]["priority"], "rejected", f"identity {status} leaves the rest alone")
    t.eq(t.json("prospect", "show", "alice@acme.example")["identity_status"], status, f"identity {status}")
t.good("prospect", "edit", "alice@acme.example", "identity_status=verified", "role=COO = boss")
p = t.json("prospect", "show", "alice@acme.example")
t.eq((p["identity_status"], p["role"]), ("verified", "COO = boss"), "field=value works as an option does")
t.refused(2, "one argument too many", "prospect", "edit", "alice@acme.example", "identty=verified")
t.good("prospect", "edit", "alice@acme.example", "--phone", "", "--priority", "one")
t.eq(t.json("prospect", "show", "alice@acme.example")["phone"], None, "an empty value clears a field")

# a duplicate is merged: what is empty is filled, nothing is overwritten
d2 = t.json("prospect", "add", "a.adams@acme.example", "--source", "event", "--permission", "consent",
            "--name", "Somebody Else", "--phone", "+49 30 99")
t.ok(d2["known"] and d2["id"] == d["id"], "an alias is the same person")
p = t.json("prospect", "show", "alice@acme.example")
t.eq((p["name"], p["phone"]), ("Alice Ådams", "+49 30 99"), "filled, not overwritten")
t.eq([x["kind"] for x in p["sources"]], ["referral", "event"], "both sources are kept")

# lists
t.good("prospect", "add", "bob@beta.example", "--source", "crm", "--permission", "none", "--owner", "sam@example.com")
t.eq([x["email"] for x in t.json("prospect", "list", "--owner", "sam@example.com")], ["bob@beta.example"], "by owner")
t.eq([x["email"] for x in t.json("prospect", "list", "--priority", "one")], ["alice@acme.example"], "by priority")
t.eq([x["email"] for x in t.json("prospect", "list", "ACME")], ["alice@acme.example"], "by text")
t.refused(2, "none of one|two|three", "prospect", "list", "--priority", "1")
t.refused(2, "there is no state 'wating'", "prospect", "list", "--state", "wating")
t.refused(2, "not a number", "prospect", "list", "--limit", "x")

# ---- stage ----
t.refused(2, "say why", "stage", "bob@beta.example", "qualified")
t.refused(2, "stage 'qualfied' is none of", "stage", "bob@beta.example", "qualfied", "--because", "x")
t.good("stage", "bob@beta.example", "qualified", "--because", "budget and need confirmed on the phone")
p = t.json("prospect", "show", "bob@beta.example")
t.eq((p["stage"], p["stage_reason"], p["stage_since"][:10]),
     ("qualified", "budget and need confirmed on the phone", "2026-03-02"), "a stage with reason and date")

# ---- companies ----
t.good("company", "add", "Gamma AG", "--industry", "tools")
t.eq(t.json("company", "show", "gamma ag")["industry"], "tools", "a company by name")
t.eq(t.json("company", "show", "acme.example")["name"], "Acme Ltd", "a company by domain")
t.good("company", "edit", "Gamma AG", "--client", "Client A")
t.eq(t.json("company", "show", "Gamma AG")["client"], "Client A", "edited")
t.good("prospect", "edit", "bob@beta.example", "--company", "Gamma AG")
t.eq(t.json("prospect", "show", "bob@beta.example")["company"], "Gamma AG", "a company for a prospect")
t.refused(1, "there is no company", "company", "show", "nowhere")
t.refused(1, "relentctl company add", "prospect", "edit", "bob@beta.example", "--company", "Nowhere")

# ---- facts ----
t.good("source", "add", "bob@beta.example", "newsletter", "--permission", "consent", "--url", "https://x.example/n/7")
t.eq([x["permission"] for x in t.json("source", "list", "bob@beta.example")], ["none", "consent"], "a second source")
t.refused(1, "permission", "source", "add", "bob@beta.example", "newsletter")
t.refused(1, "newsleter", "source", "add", "bob@beta.example", "newsleter", "--permission", "consent")
t.good("evidence", "add", "bob@beta.example", "They open in Linz", "--source", "https://beta.example/news",
       "--source-date", "2026-02-20", "--type", "public_observation", "--safe", "yes")
e = t.json("evidence", "list", "bob@beta.example")[0]
t.eq((e["type"], e["safe"], e["source_date"][:10]), ("public_observation", True, "2026-02-20"), "evidence")
t.refused(1, "type", "evidence", "add", "bob@beta.example", "x", "--source", "y", "--type", "rumour")
t.refused(1, "source", "evidence", "add", "bob@beta.example", "x", "--type", "estimate")
t.refused(2, "is not a date", "evidence", "add", "bob@beta.example", "x", "--source", "y", "--type", "estimate",
          "--source-date", "31/02/2026")
t.good("signal", "add", "bob@beta.example", "hires two people", "--source", "https://beta.example/jobs",
       "--relevance", "they grow", "--confidence", "0.8", "--offer-relation", "more handoffs", "--permission-context", "consent",
       "--recommended-action", "mention it", "--expires", "2026-12-31")
t.eq(t.json("signal", "list", "bob@beta.example")[0]["date"][:10], "2026-03-02", "a signal is of today unless said")
t.good("note", "add", "bob@beta.example", "send the sheet", "--kind", "promise", "--date", "+3d")
t.eq(t.json("note", "list", "bob@beta.example")[0]["date"][:10], "2026-03-05", "a promise with a date")
t.refused(2, "not an option", "note", "add", "bob@beta.example", "x", "--text", "y")
t.refused(1, "there is no prospect", "note", "add", "nobody@x.example", "x")

# ---- nobody can hide in the log ----
log = t.json("log", "bob@beta.example")
t.ok(len(log) >= 6 and all(x["actor"].startswith("cli:") for x in log), "every change is in the time line, with who")
t.has(t.good("explain", "bob@beta.example"), "permission: consent", "explain says what permission there is")
t.refused(1, "there is no", "log", "nothing")
t.ok(t.json("verify")["clean"], "verify is clean")
t.done()
