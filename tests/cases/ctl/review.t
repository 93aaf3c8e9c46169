#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl review, task, outbox, status: what waits for a person.

The daemons are not running: what they would have written is put into the store by hand.

rows: 940-942, 946, 948-949, 956-957
"""
import os
import sqlite3
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
t.good("sequence", "load")


def sql(text, *args):
    db = sqlite3.connect(os.path.join(t.dir, "relent.db"), timeout=10)
    with db:
        rows = db.execute(text, args).fetchall()
    db.close()
    return rows


def now():
    return int((t.now - t.now.__class__(1970, 1, 1)).total_seconds())


def person(name):
    address = f"{name}@{name}.example"
    t.good("prospect", "add", address, "--source", "crm", "--permission", "consent", "--owner", "rita@example.com",
           "--name", name.title())
    sequence = "four-message" if name > "h" else "seven-touch"     # a pilot is small
    return address, t.json("enrol", sequence, address)[0]["enrolment"]


def item(name, kind="unknown"):
    """A reply that nobody could tell, and its review item."""
    address, enrolment = person(name)
    prospect, owner = sql("select prospect_id, owner_id from enrolment where id = ?", enrolment)[0]
    reply, review = str(uuid.uuid4()), str(uuid.uuid4())
    sql("insert into reply (id, enrolment_id, prospect_id, owner_id, mail_key, message_id, sender, subject, received,"
        " kind, class, confidence, evidence, visible, matched_by, grade, created)"
        " values (?,?,?,?,?,?,?,?,?,'human','unknown',0.4,'[]','hm, maybe','references','strong',?)",
        reply, enrolment, prospect, owner, f"m-{name}", f"m-{name}@x", address, "Re: hello", now(), now())
    sql("insert into review (id, enrolment_id, prospect_id, owner_id, reply_id, kind, reason, created)"
        " values (?,?,?,?,?,?,?,?)", review, enrolment, prospect, owner, reply, kind, "class unknown", now())
    return address, enrolment, review, reply


def state(address):
    return t.json("prospect", "show", address)["sequences"][0]["state"]


t.has(t.good("review", "--help"), "classify-as ITEM CLASS\n      say what the answer is", "what each verb does")
t.has(t.good("review", "list"), "nothing waits for a person", "nothing to review")
alice, enrolment, review, reply = item("alice")
d = t.json("review", "list")
t.eq([(x["id"], x["email"], x["sequence"], x["class"]) for x in d], [(review, alice, "seven-touch", "unknown")], "listed")
t.has(t.good("review", "list"), review[-8:], "with the end of its id")
t.has(t.good("review", "list", "--owner", "sam@example.com"), "nothing waits", "not for another owner")
t.refused(1, "there is no owner 'smith@example.com'", "review", "list", "--owner", "smith@example.com")
t.good("evidence", "add", alice, "They hire", "--source", "https://a.example", "--type", "verified_fact", "--safe", "yes")
d = t.json("review", "show", review[-8:])
t.eq((d["visible"], d["prospect"], d["sources"][0]["permission"], d["state"]),
     ("hm, maybe", "Alice", "consent", "not_started"), "what a decision needs is shown")
t.eq((d["evidence"][0]["point"], d["priority"], d["step"], d["class"]),
     ("They hire", "two", 1, "unknown"), "evidence, priority, step and the state of the reply")
t.ok(d["recommended"] and d["previous_touches"] == [], "with a suggestion and what went before")
t.has(t.good("review", "show", review), "hm, maybe", "for people too")

# slips
t.refused(1, "there is nothing 'nonsense' that waits", "review", "show", "nonsense")
t.refused(2, "did you mean 'resume'?", "review", "decide", review, "resum")
t.refused(2, "wants a class", "review", "decide", review, "classify-as")
t.refused(2, "did you mean 'interested'?", "review", "decide", review, "classify-as", "intrested")
t.refused(2, "takes nothing after it", "review", "decide", review, "stop", "interested")
t.refused(1, "'unknown' is no answer", "review", "decide", review, "classify-as", "unknown")
t.refused(2, "is not a date to come", "review", "decide", review, "park", "--until", "2020-01-01")
t.eq(len(t.json("review", "list")), 1, "it still waits")

# decisions
d = t.json("review", "decide", review, "classify-as", "not_now", "--until", "2026-04-01", "--because", "said so")
t.eq(d["state"], "parked", "not now: parked")
p = t.json("prospect", "show", alice)["sequences"][0]
t.eq((p["pause_reason"], p["due"][:10]), ("not_now", "2026-04-01"), "until the day")
t.eq(sql("select reviewed_class, reviewed_by is not null from reply where id = ?", reply), [("not_now", 1)],
     "the class is corrected")
t.refused(1, "decided already", "review", "decide", review, "stop")
t.eq(t.json("review", "list"), [], "it no longer waits")
t.eq(t.json("review", "list", "--all")[0]["decision"], "classify_as", "--all keeps it")
t.ok(any(x["kind"] == "review_decided" for x in t.json("log", alice)), "an event of who and why")

for name, word, extra, want in (
        ("bea", "stop", [], "closed"), ("cid", "park", ["--until", "2026-05-04"], "parked"),
        ("dora", "suppress", [], "suppressed"), ("emil", "noted", [], "not_started"),
        ("gil", "classify-as", ["interested"], "reply_received"), ("hugo", "classify-as", ["unsubscribe"], "suppressed"),
        ("ina", "classify-as", ["not_a_fit"], "closed"), ("jo", "classify-as", ["booked"], "booked"),
        ("kai", "classify-as", ["out_of_office", "--until", "2026-03-20"], "parked"),
        ("lea", "classify-as", ["bounce"], "failed"), ("max", "classify-as", ["complaint"], "suppressed")):
    address, enrolment, review, reply = item(name)
    t.good("review", "decide", review, word, *extra, "--because", "test")
    t.eq(state(address), want, f"{word} {' '.join(extra)}: {want}")
t.eq(t.run("suppress", "check", "dora@dora.example")[0], 1, "suppress suppresses")
t.eq(t.run("suppress", "check", "hugo@hugo.example")[0], 1, "so does unsubscribe")
t.eq(t.run("suppress", "check", "lea@lea.example")[0], 1, "and a bounce")
t.eq(t.run("suppress", "check", "ina@ina.example")[0], 0, "a plain no does not")

# ---- tasks ----
d = t.json("task", "add", alice, "Call her", "--due", "2026-03-03", "--kind", "call", "--owner", "rita@example.com")
tasks = [x for x in t.json("task", "list") if x["kind"] == "call"]
t.eq([(x["text"], x["due"], x["email"]) for x in tasks], [("Call her", "2026-03-02T23:00:00Z", alice)], "a task by hand, due when the day begins here")
t.refused(2, "is not a date", "task", "add", alice, "x", "--due", "someday")
t.refused(1, "there is no prospect", "task", "add", "nobody@x.example", "x")
t.refused(1, "there is no owner", "task", "add", alice, "x", "--owner", "rta@example.com")
t.good("task", "done", d["id"][-8:], "--outcome", "left a message")
t.refused(1, "over since", "task", "done", d["id"])
t.refused(1, "there is no task", "task", "done", "ffffffff")
t.ok(not [x for x in t.json("task", "list") if x["kind"] == "call"], "done tasks leave the list")
t.eq([x["outcome"] for x in t.json("task", "list", "--all") if x["kind"] == "call"], ["left a message"], "--all keeps it")

# ---- outbox ----
sql("delete from outbox")
row = str(uuid.uuid4())
sql("insert into outbox (id, kind, key, payload, state, attempts, not_before, last_error, created) values"
    " (?, 'notify', 'k1', '{}', 'dead', 12, ?, 'no route to host', ?)", row, now(), now())
t.eq([(x["state"], x["last_error"]) for x in t.json("outbox", "list")], [("dead", "no route to host")], "what was given up")
t.eq(t.json("status")["outbox_dead"], 1, "status counts it")
t.refused(2, "did you mean 'dead'?", "outbox", "list", "--state", "ded")
t.refused(2, "or say --all", "outbox", "retry")
t.refused(1, "there is no outbox row", "outbox", "retry", "ffffffff")
t.eq(t.json("outbox", "retry", "--all")["rows"], 1, "retry everything that was given up")
t.eq(sql("select state, attempts from outbox"), [("waiting", 0)], "it waits again")
t.refused(2, "say why", "outbox", "drop", row)
t.good("outbox", "drop", row, "--because", "the rep knows")
t.eq(sql("select state, last_error from outbox"), [("dead", "the rep knows")], "dropped, with the reason")
sql("update outbox set state = 'done'")
t.refused(1, "nothing to change", "outbox", "retry", row)
t.ok(t.json("verify")["clean"], "verify is clean")
# corrections make the metric: what a person classed otherwise was wrong, unknown was honest
address, enrolment, review, reply = item("nina")
sql("update reply set class = 'interested' where id = ?", reply)
t.good("review", "decide", review, "classify-as", "not_a_fit", "--because", "read it")
rows = {r["class"]: r for r in t.json("report", "classification")}
t.eq((rows["interested"]["replies"], rows["interested"]["corrected"], rows["interested"]["accuracy"]), (1, 1, 0),
     "a verdict that a person corrected counts against it")
t.eq((rows["unknown"]["corrected"], rows["unknown"]["accuracy"]), (0, 100), "unknown is no mistake")
t.ok(rows["unknown"]["looked_at"] >= 8, "and how many people looked at", rows)
t.eq(t.json("report", "classification", "--since", "2027-01-01"), [], "--since")
t.done()
