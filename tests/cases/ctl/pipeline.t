#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl stage, prospect assign, owner away, report pipeline|quiet|no-next-action|lost-in-silence, proposal state,
note add --kind gate.

rows: 1, 8, 22, 30, 36, 37, 44, 49, 53, 98, 99, 101, 102, 103, 104, 590, 592, 595, 597, 600, 601, 602, 603, 616, 617, 785, 791, 792, 795
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
A, B, C = "alice@acme.example", "bob@bolt.example", "carl@crane.example"
t.good("sequence", "load")
for p in (A, B, C):
    t.good("prospect", "add", p, "--source", "crm", "--permission", "consent", "--owner", "rita@example.com",
           "--identity-status", "verified")
    t.good("evidence", "add", p, "opened a second plant", "--source", "https://x.example/", "--type", "verified_fact", "--safe", "yes",
           "--review-required", "no")

# stages: explicit edges, with reasons
show = lambda p: t.json("prospect", "show", p)
t.eq((show(A)["pipeline"], show(A)["next_who"]), ("qualified_for_draft", "rita@example.com"), "known and ready, and whose turn it is")
t.refused(2, "say why", "stage", A, "qualified")
t.refused(2, "none of new|contacted", "stage", A, "flying", "--because", "x")
t.refused(2, "derived from what happened", "stage", A, "booked", "--because", "x")
t.refused(2, "relentctl stage", "prospect", "edit", A, "--stage", "won")
t.refused(2, "relentctl stage", "prospect", "edit", A, "--stage-reason", "x")
t.good("stage", A, "qualified", "--because", "budget and date are there")
t.eq((show(A)["stage"], show(A)["stage_reason"], show(A)["pipeline"]), ("qualified", "budget and date are there",
     "qualification_in_progress"), "qualified, with the reason")
t.refused(1, "does not go from 'qualified' to 'new'", "stage", A, "new", "--because", "x")
t.good("stage", B, "lost", "--because", "chose a competitor")
t.eq((show(B)["pipeline"], show(B)["next_step"]), ("closed_lost", None), "lost is an end")
t.good("stage", A, "won", "--because", "signed")
t.refused(1, "does not go from 'won' to 'dormant'", "stage", A, "dormant", "--because", "x")
t.eq(show(A)["pipeline"], "closed_won", "won")
counts = {x["state"]: x["people"] for x in t.json("report", "pipeline")}
t.eq((len(counts), counts["closed_won"], counts["closed_lost"], counts["qualified_for_draft"]), (20, 1, 1, 1), "twenty states, counted")
t.eq([x["email"] for x in t.json("report", "pipeline", "--state", "closed_won")], [A], "who stands there")
t.refused(2, "is no state of the pipeline", "report", "pipeline", "--state", "flying")
t.refused(1, "no owner 'zoe'", "report", "pipeline", "--owner", "zoe")

# the next action: never empty for somebody live; where nothing is to happen, that is reported
t.ok(show(C)["next_step"] and show(C)["next_date"], "somebody new is to be looked at by a day")
t.eq(t.json("report", "no-next-action"), [], "nobody is forgotten")
t.good("stage", C, "qualified", "--because", "met at the fair")
t.eq([x["email"] for x in t.json("report", "no-next-action")], [C], "qualified, and nothing is to happen")
t.good("task", "add", C, "call on Monday", "--due", "2027-03-01")
t.eq(t.json("report", "no-next-action"), [], "a task is a next action")
t.eq((show(C)["next_step"], show(C)["next_about"]), ("do the task", "call on Monday"), "and it is shown")

# another owner
t.refused(2, "say why", "prospect", "assign", C, "sam@example.com")
t.refused(1, "no owner 'zoe'", "prospect", "assign", C, "zoe", "--because", "x")
t.good("prospect", "assign", C, "sam@example.com", "--because", "speaks the language")
t.eq((show(C)["owner"], show(C)["next_who"]), ("sam@example.com", "sam@example.com"), "given to another")
t.eq([x["owner"] for x in t.json("task", "list")], ["sam@example.com"], "with the open task")
E = "emil@echo.example"
t.good("prospect", "add", E, "--source", "crm", "--permission", "consent", "--owner", "sam@example.com",
       "--identity-status", "verified")
t.good("evidence", "add", E, "opened a second plant", "--source", "https://x.example/", "--type", "verified_fact", "--safe", "yes",
       "--review-required", "no")
t.good("enrol", "seven-touch", E, "--note", "fits")
t.good("prospect", "assign", E, "rita@example.com", "--because", "back again")
t.eq(show(E)["sequences"][0]["owner"], "rita@example.com", "and with what runs")

# a date from a call
due = show(E)["sequences"][0]["due"]
t.refused(2, "wants its date", "note", "add", E, "after the board meeting", "--kind", "gate")
t.good("note", "add", E, "after the board meeting on 2027-06-14", "--kind", "gate", "--date", "2027-06-15")
t.ok(due < "2027-06" and show(E)["sequences"][0]["due"] >= "2027-06-15", "the next step waits for it", show(E)["sequences"][0])
t.ok("postponed" in [x["kind"] for x in t.json("log", E)], "by an event")
t.eq(t.json("verify")["clean"], True, "and the states fold again")

# absence
t.refused(1, "no owner", "owner", "away", "zoe", "--until", "2027-04-01")
t.refused(2, "is not a date", "owner", "away", "rita@example.com", "--until", "soon")
t.refused(1, "stand in for themselves", "owner", "away", "rita@example.com", "--until", "2027-04-01", "--stand-in", "rita@example.com")
t.refused(1, "over already", "owner", "away", "rita@example.com", "--until", "2020-01-01", "--from", "2019-12-24")
t.refused(1, "ends before it begins", "owner", "away", "rita@example.com", "--from", "2027-05-01", "--until", "2027-04-01")
t.good("owner", "away", "rita@example.com", "--until", "2027-12-01", "--stand-in", "sam@example.com")
o = t.json("owner", "show", "rita@example.com")
t.ok(o["away_from"] and o["away_until"].startswith("2027-12-01"), "away through the last day", o)
t.refused(1, "is away then too", "owner", "away", "sam@example.com", "--until", "2027-12-01", "--stand-in", "rita@example.com")
t.eq(show(C)["next_who"] in ("relent", "sam@example.com"), True, "the stand-in acts meanwhile")
t.refused(2, "--back ends an absence", "owner", "away", "rita@example.com", "--back", "--until", "2027-12-01")
t.good("owner", "away", "rita@example.com", "--back")
t.eq(t.json("owner", "show", "rita@example.com")["away_from"], None, "back again")

# proposals
t.refused(2, "is no state of a proposal", "proposal", "list", "--state", "flying")
D = "dora@delta.example"
t.good("prospect", "add", D, "--source", "crm", "--permission", "consent", "--owner", "rita@example.com")
t.good("proposal", "add", D, "--price", "EUR 4,000", "--scope", "4 days", "--follow-up")
s = show(D)
t.eq((s["pipeline"], s["sequences"][0]["sequence"]), ("proposal_sent", "proposal"), "the follow-up has begun")
t.refused(2, "say why", "proposal", "state", D, "revision_requested")
t.refused(2, "is no state of a proposal", "proposal", "state", D, "flying", "--because", "x")
t.good("proposal", "state", D, "revision_requested", "--because", "wants five days")
t.has(t.json("proposal", "show", D)["follow_up"], "another version", "what follows from it")
t.good("proposal", "edit", D, "--scope", "5 days", "--price", "EUR 5,000")
p = t.json("proposal", "show", D)
t.eq((p["version"], p["state"], p["earlier_versions"][0]["price"]), (2, "sent", "EUR 4,000"), "the version that was asked for lies before them")
t.good("proposal", "state", D, "rejected", "--because", "too expensive")
t.eq((show(D)["stage"], show(D)["sequences"][0]["reason"]), ("lost", "proposal_rejected"), "a no ends it")
t.refused(1, "only another version", "proposal", "state", D, "sent", "--because", "x")

t.eq(t.json("report", "lost-in-silence"), [], "nobody was written to")
t.refused(2, "is not a number", "report", "quiet", "--days", "x")
t.eq(t.json("report", "quiet"), [], "no thread yet")
t.eq(t.json("verify")["clean"], True, "verify is clean")
t.done()
