#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl sequence, enrol, pause, resume, stop, skip, due, log, report.

rows: 17, 30, 201-208, 294, 366
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
seqs = os.path.join(t.top, "conf", "sequences")

# ---- definitions ----
t.has(t.good("sequence", "check", seqs), "seven-touch", "the shipped sequences are good")
d = t.json("sequence", "check", os.path.join(seqs, "seven-touch.conf"))
t.eq((d["good"], d["problems"]), (True, []), "as JSON")
os.makedirs(os.path.join(t.dir, "sequences"))
with open(os.path.join(seqs, "four-message.conf"), encoding="utf-8") as f:
    four = f.read()
nomax = "\n".join(x for x in four.splitlines() if not x.strip().startswith("max_touches")) + "\n"
code, out, err = t.run("sequence", "check", t.write("sequences/nomax.conf", nomax))
t.ok(code == 1 and "nomax.conf:" in out and "max_touches" in out, "a sequence without a maximum is refused", out, err)
code, out, err = t.run("sequence", "check", "/nonexistent.conf")
t.ok(code == 1 and "/nonexistent.conf" in out, "a file that is not there", out, err)
code, out, err = t.run("sequence", "load")
t.ok(code == 1 and "nomax.conf:" in out, "load takes the good ones and tells the bad one", out, err)
os.remove(os.path.join(t.dir, "sequences", "nomax.conf"))
t.has(t.good("sequence", "load"), "nothing has changed", "again: nothing new")
have = [(s["name"], s["version"]) for s in t.json("sequence", "list")]
t.ok(("four-message", 1) in have and ("seven-touch", 1) in have, "versions in the store", have)
s = t.json("sequence", "show", "seven-touch")
t.eq((s["max_touches"], len(s["steps"]), s["steps"][0]["when"], s["authority"]), (7, 7, "day 0", "draft_only"),
     "a sequence with its steps")
t.refused(1, "did you mean 'seven-touch'?", "sequence", "show", "sevn-touch")
t.refused(2, "is not a number", "sequence", "show", "seven-touch", "--version", "x")

# ---- the table of states ----
t.has(t.good("sequence", "states"), "human_review", "the states")
d = t.json("sequence", "states")
t.eq(len(d["states"]), 16, "sixteen of them")
t.ok(any(x == {"state": "not_started", "event": "touch", "next": "sent", "note": None} for x in d["transitions"]),
     "and the transitions")
t.refused(1, "did you mean 'parked'?", "sequence", "states", "praked")
t.has(t.good("sequence", "states", "parked"), "resume", "of one state")

# ---- enrol ----
t.refused(2, "name the prospects, or say --all", "enrol", "seven-touch")
for name, priority in (("alice", "one"), ("bob", "two"), ("carol", "three"), ("dan", "rejected")):
    t.good("prospect", "add", f"{name}@{name}.example", "--source", "crm", "--permission", "consent",
           "--owner", "rita@example.com", "--priority", priority)
t.good("prospect", "add", "noowner@x.example", "--source", "crm", "--permission", "consent")
t.refused(1, "there is no prospect", "enrol", "seven-touch", "nobody@x.example")
t.good("prospect", "add", "none@none.example", "--source", "directory", "--permission", "none", "--owner",
       "rita@example.com")
t.refused(1, "no permission is recorded", "enrol", "seven-touch", "none@none.example")
t.refused(1, "sevn-touch", "enrol", "sevn-touch", "alice@alice.example")
t.refused(1, "say --owner", "enrol", "seven-touch", "noowner@x.example")
t.refused(1, "rta@", "enrol", "seven-touch", "noowner@x.example", "--owner", "rta@example.com")
d = t.json("enrol", "seven-touch", "alice@alice.example", "--dry-run")
t.eq(sum(x["live"] for x in t.json("sequence", "list")), 0, "a dry run enrols nobody")
t.ok(t.json("enrol", "seven-touch", "alice@alice.example")[0]["enrolled"], "one is enrolled")
t.refused(1, "already", "enrol", "four-message", "alice@alice.example")
d = t.json("enrol", "seven-touch", "--all", code=1)
t.eq({x["prospect"].split("@")[0]: x["enrolled"] for x in d},
     {"alice": False, "bob": True, "carol": False, "dan": False, "noowner": False, "none": False},
     "of all, only those whose priority may enter; the rest are listed")
t.ok(all(x["reason"] for x in d if not x["enrolled"]), "each with the reason", d)
t.has(t.good("prospect", "list", "alice"), "not_started", "the list shows the state")

# ---- what governs it ----
t.good("prospect", "edit", "bob@bob.example", "--signal", "opened an office in Linz")
t.good("evidence", "add", "bob@bob.example", "They hire two clerks", "--source", "https://bob.example/jobs", "--type",
       "public_observation", "--safe", "yes")
said = {}
for x in t.json("explain", "bob@bob.example"):
    said.setdefault(x["question"], x["answer"])
for question, words in (
        ("who", "priority two"), ("why this person", "opened an office in Linz"),
        ("on what evidence", "They hire two clerks (https://bob.example/jobs)"), ("may we write", "permission: consent"),
        ("may relent send", "draft_only"), ("what happens next", "step 1 falls due"), ("what comes after", "step 1 (email"),
        ("when does it stop", "after 7 touches at most (0 made)"), ("how are answers handled", "goes to rita@example.com")):
    t.has(said.get(question, ""), words, f"explain: {question}")

# ---- due ----
t.eq([x["email"] for x in t.json("due", "--within", "1d")], ["alice@alice.example", "bob@bob.example"], "what is due")
t.refused(2, "is not a duration", "due", "--within", "soon")
t.has(t.good("due", "--owner", "sam@example.com"), "nothing is due", "of another owner: nothing")

# ---- by hand ----
d = t.json("pause", "alice@alice.example", "2026-03-20", "--because", "she asked on the phone")
t.eq((d["before"], d["after"]), ("not_started", "parked"), "pause")
en = d["enrolment"]
p = t.json("prospect", "show", "alice@alice.example")["sequences"][0]
t.eq((p["pause_reason"], p["due"][:10]), ("owner", "2026-03-20"), "until the day")
t.has(t.good("explain", "alice@alice.example"), "she asked on the phone", "explain says why")
t.refused(2, "is not a date", "pause", "alice@alice.example", "someday")
t.refused(2, "is over already", "pause", "alice@alice.example", "2026-02-01")
t.eq(t.json("pause", en, "30d")["after"], "parked", "by the id of the enrolment")
t.eq(t.json("resume", en[-8:])["after"], "not_started", "resume, by the end of the id")
t.eq(t.json("skip", "alice@alice.example")["after"], "waiting", "skip the next touch")
t.refused(2, "there is no reason 'bored'", "stop", "alice@alice.example", "--reason", "bored")
t.eq(t.json("stop", "alice@alice.example", "--reason", "not_a_fit", "--because", "too small")["after"], "closed", "stop")
p = t.json("prospect", "show", "alice@alice.example")["sequences"][0]
t.eq((p["state"], p["reason"]), ("closed", "not_a_fit"), "closed with its reason")
t.refused(1, "closed", "resume", "alice@alice.example")
t.refused(1, "is in no running sequence", "skip", "alice@alice.example")
t.refused(1, "is in no sequence", "stop", "carol@carol.example")
log = t.json("log", en)
t.ok([x["kind"] for x in log if x["entity"] == "enrolment"][:2] == ["enrolled", "pause"], "the time line of the "
     "enrolment", log)
t.ok(any("too small" in str(x["payload"]) for x in log), "with the reason of the person")
t.ok(len(t.json("log", "alice@alice.example")) > len(log), "that of the person has more")
t.refused(2, "not a number", "log", en, "--limit", "0")

# ---- reports ----
t.eq(t.json("report", "quiet"), [], "no thread is quiet before a touch")
t.eq([x["email"] for x in t.json("report", "no-next-action") if x["email"] == "carol@carol.example"], [],
     "somebody new is to be looked at by a day")
t.good("stage", "carol@carol.example", "qualified", "--because", "met at the fair")
names = [x["email"] for x in t.json("report", "no-next-action")]
t.ok("carol@carol.example" in names and "bob@bob.example" not in names, "who has no next action", names)
t.eq(t.json("report", "refusals"), [], "nothing was refused")
t.refused(2, "neither a date nor a time", "report", "refusals", "--since", "x")
t.has(t.good("report", "would-have-refused"), "nothing would have been refused", "nor would have been")
t.ok(t.json("verify")["clean"], "verify is clean")
t.done()
