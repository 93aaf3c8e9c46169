#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl signal, brief, enrol: what happened at a prospect's is a reason to look, never a permission to write.

rows: 694-704, 706, 707, 712-718, 1167, 1182
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
t.good("sequence", "load")
ANN, BEN = "ann@acme.example", "ben@bolt.example"
KINDS = ["inquiry", "form_submission", "website_visit", "content_download", "proposal_view", "meeting_attendance", "job_posting",
         "product_launch", "new_location", "website_change", "review_change", "funding", "status_change", "follow_up_date"]
WORTH = {"--source": "https://x.example/1", "--relevance": "they grow", "--confidence": "0.8", "--offer-relation": "more handoffs",
         "--permission-context": "consent at the fair", "--recommended-action": "look at them this week", "--expires": "2026-04-01"}
worth = [x for pair in WORTH.items() for x in pair]
t.good("prospect", "add", ANN, "--source", "crm", "--permission", "consent", "--owner", "rita@example.com", "--name", "Ann Acme",
       "--identity-status", "verified")
t.good("prospect", "add", BEN, "--source", "directory", "--permission", "none", "--owner", "rita@example.com", "--name", "Ben Bolt")

# ---- a signal says what it is worth ----
for option in WORTH:
    t.refused(2, option + " (", "signal", "add", ANN, "opened a plant", *[x for k, v in WORTH.items() if k != option for x in (k, v)])
t.refused(1, "confidence", "signal", "add", ANN, "opened a plant", *worth, "--confidence", "much")
t.refused(1, "kind", "signal", "add", ANN, "opened a plant", *worth, "--kind", "rumour")
t.refused(2, "is not a date", "signal", "add", ANN, "opened a plant", *worth[:-1], "sometime")
t.eq(t.json("signal", "list", ANN), [], "nothing half is kept")

# ---- every kind is taken, stands in the brief, and ends ----
for i, kind in enumerate(KINDS):
    t.good("signal", "add", ANN, f"signal {i}", "--kind", kind, *worth)
got = t.json("signal", "list", ANN)
t.eq(sorted(x["kind"] for x in got), sorted(KINDS), "all kinds are taken")
one = next(x for x in got if x["kind"] == "job_posting")
t.eq((one["what"], one["source"], one["relevance"], one["confidence"], one["offer_relation"], one["permission_context"],
      one["recommended_action"], one["expires"][:10]),
     ("signal 6", "https://x.example/1", "they grow", 0.8, "more handoffs", "consent at the fair", "look at them this week", "2026-04-01"),
     "with everything that was said of it")


def uses(address):
    return {p["point"]: p["use"] for p in t.json("brief", "show", address)["personalisation_options"]}


brief = t.json("brief", "show", ANN)
t.eq(sorted(x["kind"] for x in brief["recent_signals"]), sorted(KINDS), "and stand in the brief")
t.ok(set(uses(ANN).values()) == {"may be used"}, "while they are good", uses(ANN))

# ---- it moves nothing by itself ----
t.good("signal", "add", BEN, "raised money", "--kind", "funding", *worth)
for who in (ANN, BEN):
    t.eq(t.json("prospect", "show", who)["sequences"], [], f"{who} is in no sequence")
t.eq(t.json("task", "list"), [], "and nothing else has begun")
t.refused(1, "no permission is recorded", "enrol", "four-message", BEN)
t.eq(t.json("prospect", "show", BEN)["sequences"], [], "a signal authorises no contact")
t.good("task", "add", BEN, "they raised money: is there a permission?", "--kind", "signal")
t.eq([(x["kind"], x["email"]) for x in t.json("task", "list")], [("signal", BEN)], "a task is all that may follow")

# ---- and it ends ----
t.step(days=40)
t.ok(set(uses(ANN).values()) == {"it has expired or was retracted"}, "over: nothing of it is said any more", uses(ANN))

# ---- everybody at once: only those whom somebody found worth it ----
for p in ("one", "two", "three", "parked", "rejected"):
    t.good("prospect", "add", f"{p}@{p}.example", "--source", "crm", "--permission", "consent", "--owner", "sam@example.com",
           "--name", p.title(), "--identity-status", "verified", "--priority", p)
    t.good("evidence", "add", f"{p}@{p}.example", "opened a second plant", "--source", "https://x.example/", "--type",
           "verified_fact", "--safe", "yes", "--review-required", "no")
out = t.json("enrol", "four-message", "--all", "--owner", "sam@example.com", code=1)
t.eq(sorted(x["prospect"].split("@")[0] for x in out if x["enrolled"]), ["one", "two"], "priorities one and two enter")
t.ok(all("priority" in x["reason"] for x in out if not x["enrolled"]), "the others do not, and why", out)
t.eq(t.json("verify")["clean"], True, "verify is clean")
t.done()
