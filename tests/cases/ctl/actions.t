#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""After an answer: each thing that a rep may do about it is one command, and leaves exactly its own record.

rows: 561-571, 800
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case(conf='channels { voices = { "rita=signed 2026-01-04, file 7", "sam=" } }\n')
t.good("sequence", "load")
PARTS = ("stage", "owner", "tasks", "appointments", "proposals", "suppressed", "qualified", "enrolment")


def answered(name):
    """Somebody in a sequence who has answered."""
    who = f"{name}@{name}.example"
    t.good("prospect", "add", who, "--source", "referral", "--permission", "consent", "--owner", "rita@example.com", "--name",
           name.title() + " Person", "--zone", "Europe/London", "--identity-status", "verified")
    t.good("evidence", "add", who, "opened a second plant", "--source", "https://x.example/", "--type", "verified_fact", "--safe",
           "yes", "--review-required", "no")
    sequence = "four-message" if name > "m" else "seven-touch"     # a pilot is small
    enrolment = t.json("enrol", sequence, who)[0]["enrolment"]
    t.good("reply", "add", who, "--channel", "phone", "--class", "interested", "--text", "tell me more")
    return who, enrolment


def records(who):
    """Everything that an action may leave, but the time."""
    p = t.json("prospect", "show", who)
    return dict(zip(PARTS, (
        p["stage"], p["owner"], sorted((x["kind"], x["text"]) for x in t.json("task", "list") if x["email"] == who),
        [(x["state"], x["summary"]) for x in t.json("appointment", "list", "--all") if x["email"] == who],
        [x["state"] for x in t.json("proposal", "list") if x["email"] == who],
        sorted((x["reason"], x["scope"]) for x in t.json("suppress", "list") if x["subject"] == who),
        (p["qualification"], p["qualification_status"]),
        p["sequences"][0]["state"])))


def action(name, command, *changed, **wanted):
    """command on a person who has answered changes these parts of the record and no others; wanted: to what."""
    who, enrolment = answered(name)
    before = records(who)
    t.good(*[x.replace("WHO", who).replace("ENROLMENT", enrolment) for x in command])
    after = records(who)
    t.eq(sorted(k for k in PARTS if before[k] != after[k]), sorted((*changed, *wanted)), f"{name}: changes this and nothing else")
    for k, v in wanted.items():
        t.ok(after[k] == v or (isinstance(after[k], list) and v in after[k]), f"{name}: {k}", after[k])
    t.ok(any(x["actor"].startswith("cli:") for x in t.json("log", who)[-2:]), f"{name}: who did it is in the log")
    return who, enrolment


# ---- the eleven ----
call = ("appointment", "add", "WHO", "--starts", "2026-03-05 10:00", "--state", "booked", "--summary", "Diagnostic call",
        "--because", "agreed on the phone")
action("book", call, "tasks", appointments=("booked", "Diagnostic call"), enrolment="booked")
for name, kind, text in (("resource", "send_resource", "send the approved sheet"), ("proposal", "prepare_proposal", "write a proposal"),
                         ("audit", "prepare_audit", "prepare the audit"), ("inform", "request_information", "ask for the volumes")):
    action(name, ("task", "add", "WHO", text, "--kind", kind, "--due", "2026-03-06"), tasks=(kind, text))
action("route", ("prospect", "assign", "WHO", "sam@example.com", "--because", "speaks the language"), owner="sam@example.com")
action("follow", ("task", "add", "WHO", "call again", "--kind", "follow_up", "--due", "2026-04-01"), tasks=("follow_up", "call again"))
action("qualify", ("prospect", "edit", "WHO", "--qualification", '{"target_fit":"good"}', "--qualification-status", "qualified"),
       qualified=({"target_fit": "good"}, "qualified"))
who, _ = action("park", ("review", "park", "ENROLMENT", "2026-05-04", "--because", "after the budget"), enrolment="parked")
t.eq(t.json("prospect", "show", who)["sequences"][0]["due"][:10], "2026-05-04", "until its day")
action("close", ("stage", "WHO", "lost", "--because", "chose a competitor"), "enrolment", stage="lost")
who, _ = action("zero", ("suppress", "add", "WHO", "--reason", "do_not_contact", "--because", "said so on the phone"), "enrolment",
                suppressed=("do_not_contact", "outreach"))
t.refused(1, "suppressed", "touch", "add", who, "--channel", "phone")

# ---- how to reach them, before it is booked ----
t.good("prospect", "add", "nell@nell.example", "--source", "referral", "--permission", "consent", "--owner", "rita@example.com",
       "--name", "Nell Person", "--zone", "Europe/London", "--qualification", '{"target_fit":"good","role_fit":"good"}')
missing = [x for x in t.run("appointment", "add", "nell@nell.example", "--starts", "2026-03-05 10:00", "--state", "booked",
                            "--summary", "Talk")[2:]][0]
t.ok("interest in their own words" in missing and "how to reach them" not in missing, "what is known is not asked for", missing)

# ---- a synthetic voice is somebody's ----
who = "nell@nell.example"
t.refused(2, "nobody has consented to a synthetic voice 'zoe'", "task", "add", who, "say hello", "--kind", "voice_note", "--voice", "zoe")
t.refused(2, "nobody has consented", "task", "add", who, "say hello", "--kind", "voice_note", "--voice", "sam")
t.refused(2, "nobody has consented", "task", "add", who, "say hello", "--kind", "voice_note", "--voice", "")
t.eq([x for x in t.json("task", "list") if x["email"] == who], [], "and no task is there")
t.good("task", "add", who, "say hello", "--kind", "voice_note", "--voice", "rita")
text = next(x["text"] for x in t.json("task", "list") if x["email"] == who)
t.ok("Voice: rita (consent: signed 2026-01-04, file 7)" in text and "made with software" in text, "with the consent, and what it says", text)
t.eq(t.json("verify")["clean"], True, "verify is clean")
t.done()
