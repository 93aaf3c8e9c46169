#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl review over drafts: the card, the nine decisions, approvals that were looked at, two persons, grants, and the
report of how people approve.

The watcher is not running: the drafts that it would have placed are put into the store by hand.

rows: 490-492, 494, 496-508, 937-959, 1185, 1220
"""
import os
import sqlite3
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case(conf='review { bulk_count = 8 bulk_seconds = "2m" }\n')
RITA, SAM = "rita@example.com", "sam@example.com"
TEXT = "Hi Ann,\n\nyour team opened a second office.\n\nWho looks after the mail there?\n\nRita\n"


def sql(text, *args):
    db = sqlite3.connect(os.path.join(t.dir, "relent.db"), timeout=10)
    with db:
        rows = db.execute(text, args).fetchall()
    db.close()
    return rows


def now():
    return int((t.now - t.now.__class__(1970, 1, 1)).total_seconds())


def load(authority):
    folder = os.path.join(t.dir, "sequences")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(t.top, "conf/sequences/four-message.conf"), encoding="utf-8") as f:
        text = f.read()
    text = text.replace('"four-message"', '"four-%s"' % authority.replace("_", "-")).replace(
        "authority = draft_only", f"authority = {authority}")
    text = "\n".join(x for x in text.splitlines() if "pilot_size" not in x)
    with open(os.path.join(folder, authority + ".conf"), "w", encoding="utf-8") as f:
        f.write(text)
    link = os.path.join(t.dir, "templates")
    if not os.path.exists(link):
        os.symlink(os.path.join(t.top, "conf/templates"), link)
    t.good("sequence", "load", folder)


def drafted(name, authority="human-approved", text=TEXT):
    """A person whose first draft lies in the rep's Drafts folder."""
    address = f"{name}@{name}.example"
    t.good("prospect", "add", address, "--source", "crm", "--permission", "consent", "--owner", RITA, "--name",
           name.title(), "--identity-status", "verified")
    t.good("evidence", "add", address, "A second office", "--source", "https://x.example", "--type", "verified_fact",
           "--safe", "yes")
    enrolment = t.json("enrol", "four-" + authority, address)[0]["enrolment"]
    prospect, owner = sql("select prospect_id, owner_id from enrolment where id = ?", enrolment)[0]
    draft = str(uuid.uuid4())
    sql("insert into draft (id, enrolment_id, owner_id, prospect_id, step, account, folder, uidvalidity, uid, message_id,"
        " recipient, subject, text, state, made, updated) values (?,?,?,?,1,'rita','Drafts',1,7,?,?,?,?,'placed',?,?)",
        draft, enrolment, owner, prospect, f"{draft}@mx", address, "A second office", text, now(), now())
    sql("update enrolment set state = 'awaiting_approval', draft_out = 1, due = 0 where id = ?", enrolment)
    return address, enrolment, draft


def state(address):
    return t.json("prospect", "show", address)["sequences"][0]["state"]


def as_person(name):
    """Who types it: root through sudo."""
    os.environ["SUDO_USER"] = name


def whoami(case, *args, **kw):
    """Case.run() takes SUDO_USER out of the environment; here it says which person types."""
    sudo = os.environ.get("SUDO_USER")
    if sudo is None:
        return plain_run(case, *args, **kw)
    program, case.program = case.program, case.write("as", f'#!/bin/sh\nSUDO_USER={sudo} exec {case.program} "$@"\n')
    os.chmod(case.program, 0o755)
    try:
        return plain_run(case, *args, **kw)
    finally:
        case.program = program


plain_run, Case.run = Case.run, whoami
for level in ("human_approved", "draft_only", "restricted"):
    load(level)

# ---- the list and the card ----
ann, enrolment, draft = drafted("ann")
d = t.json("review", "list")
t.eq([(x["id"], x["kind"], x["email"], x["state"]) for x in d], [(draft, "draft", ann, "awaiting_approval")], "a draft waits")
code, out, err = t.run("review", "approve", draft)
t.eq((code, "look at it before you approve it" in err), (1, True), "nothing is approved unseen")
t.has(out, "| Who looks after the mail there?", "who has not seen it sees it now")
d = t.json("review", "show", draft[-8:])
t.eq((d["prospect"], d["address"], d["identity_status"], d["priority"], d["stage"]), ("Ann", ann, "verified", "two", "new"),
     "identity and fit")
t.eq((d["evidence"][0]["point"], d["sources"][0]["kind"], d["permission"]), ("A second office", "crm", "consent (crm)"),
     "evidence, source, permission")
t.eq((d["channel"], d["channel_allowed"], d["suppressions"], d["sequence"], d["step"], d["state"]),
     ("email", True, [], "four-human-approved", 1, "awaiting_approval"), "channel, suppression, sequence and its state")
t.eq((d["text"], d["reply_state"], d["previous_touches"], d["in_the_way"]), (TEXT, "no answer", [], []),
     "the message, what went before, the reply state, nothing in the way")
t.ok(d["asks"] and "second office" in d["text"] and isinstance(d["claims"], list) and d["words"] > 5, "claims, tone, asks", d)
t.eq(len(d["card"]), 32, "the hash of what was shown")
t.ok("approve" in d["choices"] and "classify_as" not in d["choices"], "what may be decided")
text = t.good("review", "show", draft)
for word in ("Prospect:", "Identity:", "Fit:", "Source:", "Permission:", "Suppressed:", "Evidence:", "Sequence:", "Timing:",
             "Claims:", "Tone:", "Asks:", "Channel:", "Reply:", "Recommended:", d["card"]):
    t.has(text, word, f"for people: {word}")

# ---- approve ----
t.eq(t.json("review", "show", draft)["authority"], "draft_only", "without a grant relent sends nothing")
g = t.json("grant", "add", RITA, "four-human-approved", "human_approved", "--because", "pilot", "--until", "30d")["id"]
t.eq([(x["id"], x["authority"]) for x in t.json("grant", "list")], [(g, "human_approved")], "the grant is listed")
t.refused(1, "changed since it was shown", "review", "approve", draft)
t.refused(1, "changed since it was shown", "review", "approve", draft, "--shown", "0" * 32)
t.good("review", "show", draft)
t.step(seconds=30)
d = t.json("review", "approve", draft)
t.eq((d["state"], d["again"], d["waits"]), ("ready_to_send", False, False), "approved")
row = sql("select by_whom, scope, shown_hash, expires - decided, draft_id from approval")[0]
t.eq((row[1], row[2] is not None, row[3], row[4]), ("relent", True, 259200, draft), "for three days, for what was shown")
t.eq(sql("select count(*) from outbox where kind = 'send' and state = 'waiting'"), [(1,)], "and relent is to send it")
t.ok(t.json("review", "approve", draft)["again"], "twice is once")
t.eq(t.json("review", "list"), [], "it no longer waits")
t.ok(any(x["kind"] == "approved" for x in t.json("log", ann)), "an event of who and what")

# ---- edit and approve ----
bea, _, draft = drafted("bea")
new = t.write("new.txt", "Subject: One question\n\nHi Bea,\n\nwho looks after the mail, now that there is a second office?\n\nRita\n")
t.refused(1, "not shown to you yet", "review", "edit", draft, new)
t.good("review", "show", draft)
t.refused(3, "cannot read", "review", "edit", draft, "/nonexistent")
t.refused(2, "not a text in UTF-8", "review", "edit", draft, t.write("bad.txt", b"\xff\xfe"))
t.refused(1, "unfilled {{field}}", "review", "edit", draft, t.write("open.txt", "Hi {{first_name}}\n"))
t.eq(t.json("review", "edit", draft, new)["state"], "ready_to_send", "edited and approved")
t.eq(sql("select subject, text from approved_text order by at desc limit 1"),
     [("One question", "Hi Bea,\n\nwho looks after the mail, now that there is a second office?\n\nRita\n")], "exactly these words")
t.eq(sql("select decision from approval order by decided desc limit 1"), [("edit_and_approve",)], "recorded as an edit")

# ---- the others ----
cid, _, draft = drafted("cid")
t.refused(1, "say why", "review", "reject", draft)
t.good("review", "reject", draft, "--because", "too early")
t.eq((state(cid), sql("select state from draft where id = ?", draft)), ("waiting", [("withdrawn",)]), "rejected: left out")
dora, _, draft = drafted("dora")
t.good("review", "reject", draft, "stop", "--because", "the wrong firm")
t.eq(state(dora), "closed", "rejected: stopped")
emil, _, draft = drafted("emil")
t.refused(1, "what is to be found out", "review", "research", draft)
t.good("review", "research", draft, "--because", "who decides there")
t.eq((state(emil), [x["kind"] for x in t.json("task", "list")]), ("researching", ["research"]), "more research: a task")
finn, _, draft = drafted("finn")
t.refused(1, "say which channel", "review", "channel", draft, "pigeon")
t.good("review", "channel", draft, "phone", "--because", "she is quicker on the phone")
t.eq((state(finn), sql("select channel, step from task where kind = 'phone'")), ("follow_up_due", [("phone", 1)]),
     "another channel: a task with its text")
gil, _, draft = drafted("gil")
t.good("review", "cta", draft, "Shall I call on Tuesday?")
t.has(sql("select text from draft where recipient = ? and state = 'wanted'", gil)[0][0], "Shall I call on Tuesday?",
      "another call to action, in a new draft")
t.eq(state(gil), "awaiting_approval", "that waits for approval")
hugo, _, draft = drafted("hugo")
t.good("review", "park", draft, "until", "april", "--because", "budget")
t.eq(t.json("prospect", "show", hugo)["sequences"][0]["due"][:10], "2026-04-01", "parked, in words")
t.refused(1, "no date that can be read", "review", "park", draft, "when it suits")
ina, _, draft = drafted("ina")
t.good("review", "suppress", draft, "--because", "asked on the phone")
t.eq((state(ina), t.run("suppress", "check", ina)[0]), ("suppressed", 1), "suppressed")
jo, _, draft = drafted("jo")
t.refused(1, "there is no owner", "review", "route", draft, "nobody@example.com")
t.good("review", "route", draft, SAM, "--because", "his region")
p = t.json("prospect", "show", jo)
t.eq((p["owner"], sql("select count(*) from draft d join owner o on o.id = d.owner_id where o.login = ? and d.state = 'wanted'",
                      SAM)), (SAM, [(1,)]), "routed, with a draft of the new owner's own")
kai, _, draft = drafted("kai")
t.good("review", "note", draft, "--because", "met at the fair")
t.eq([x["text"] for x in t.json("note", "list", kai)], ["met at the fair"], "noted with the person")
t.good("review", "skip", draft)
t.eq(state(kai), "waiting", "skipped")
t.refused(1, "there is nothing 'ffffffff'", "review", "stop", "ffffffff")
t.refused(2, "", "review", "route", draft)

# ---- authority ----
lea, _, draft = drafted("lea", "draft-only")
t.good("review", "show", draft)
t.has(t.good("review", "approve", draft), "the owner sends it", "draft_only: approved, and the owner sends")
t.eq((state(lea), sql("select count(*) from outbox where kind = 'send' and enrolment_id = (select id from enrolment where"
                      " prospect_id = (select prospect_id from prospect_address where address = ?))", lea)),
     ("awaiting_approval", [(0,)]), "relent sends nothing")
max_, _, draft = drafted("max", "restricted")
t.good("review", "show", draft)
t.refused(1, "the authority is 'restricted'", "review", "approve", draft)
t.good("grant", "revoke", g)
nina, _, draft = drafted("nina")
t.good("review", "show", draft)
t.has(t.good("review", "approve", draft), "no grant", "a revoked grant: back to the owner")
t.eq(t.json("grant", "list"), [], "none is in force")

# ---- two persons ----
if os.getuid() == 0:
    t.good("grant", "add", RITA, "four-human-approved", "human_approved", "--because", "pilot")
    olga, _, draft = drafted("olga")
    t.good("prospect", "edit", olga, "--sensitive", "yes")
    as_person("ann")
    t.good("review", "show", draft)
    t.ok(t.json("review", "approve", draft)["waits"], "sensitive: the first of two")
    t.ok(t.json("review", "approve", draft)["waits"], "one person is not two")
    t.eq(state(olga), "awaiting_approval", "nothing is sent yet")
    as_person("bob")
    t.has(t.good("review", "show", draft), "waits for a second person", "the second one sees that")
    t.eq(t.json("review", "approve", draft)["state"], "ready_to_send", "the second of two")
    t.eq(sql("select first_by, by_whom from approval order by decided desc limit 1"), [("cli:ann", "cli:bob")], "both are named")
    t.good("suppress", "add", "law@law.example", "--reason", "legal", "--because", "letter of their lawyer")
    t.has(t.good("suppress", "lift", "law@law.example", "--because", "settled"), "a second person", "legal: asked for")
    t.eq(t.run("suppress", "check", "law@law.example")[0], 1, "it holds")
    as_person("ann")
    t.eq(t.good("suppress", "lift", "law@law.example", "--because", "settled").strip(), "lifted", "lifted by two")
    del os.environ["SUDO_USER"]

# ---- approving without reading ----
for i in range(11):
    address, _, draft = drafted(f"p{i}x", "draft-only")
    shown = t.json("review", "show", draft)
    code, out, err = t.run("review", "approve", draft)
    if code:
        t.has(err, "what you looked at", f"the next one needs a note (after {i})")
        break
else:
    t.ok(False, "eight approvals in two minutes go unnoticed")
t.good("review", "approve", draft, "--because", "name, office and question are right")
rows = {r["person"]: r for r in t.json("report", "approvals")}
me = [r for p, r in rows.items() if p not in ("cli:ann", "cli:bob")][0]
t.ok(me["bulk"] >= 1 and me["mechanical"] is True, "the report tells of mechanical approving", me)
t.eq((me["edited"], me["rejected"]), (1, 2), "of edits and rejections")
t.ok(me["approved"] >= 9 and isinstance(me["median_seconds"], int) and me["edit_ratio"] > 0, "how many, how long, how much", me)
t.has(t.good("report", "approvals"), "median_seconds", "for people")
t.eq(t.json("report", "approvals", "--since", "2027-01-01"), [], "--since")
t.done()
