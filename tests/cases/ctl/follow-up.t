#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What a follow-up has to rest on before it is approved, what a program may write into it, the record that is filled before
the first mail, and what is counted after the third.

The watcher is not running: the drafts that it would have placed are put into the store by hand.

rows: 3, 13, 18, 19, 39, 54, 57, 58, 59, 60, 72-76, 84-87, 89, 91-93, 95, 112-114, 116, 117, 120, 472-476
"""
import json
import os
import sqlite3
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
RITA = "rita@example.com"
SIGNAL, POINT = "Acme opened a second office in Rome", "Your careers page mentions support operations hiring."
WORTH = ("--relevance", "a sign", "--confidence", "0.9", "--offer-relation", "an office has mail", "--permission-context", "consent",
         "--recommended-action", "write", "--expires", "2026-12-01")
WORKFLOW, QUESTION = "reporting handoffs between sales and ops", "Is this owned by RevOps or by sales leadership?"


def sql(text, *args):
    db = sqlite3.connect(os.path.join(t.dir, "relent.db"), timeout=10)
    with db:
        rows = db.execute(text, args).fetchall()
    db.close()
    return rows


def now():
    return int((t.now - t.now.__class__(1970, 1, 1)).total_seconds())


def load(name, quality, pilot=""):
    folder = os.path.join(t.dir, "sequences")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(t.top, "conf/sequences/four-message.conf"), encoding="utf-8") as f:
        text = f.read()
    text = text.replace('"four-message"', f'"{name}"').replace("personalisation = exactly_one", quality)
    text = "\n".join(x for x in text.splitlines() if "pilot_size" not in x).replace("max_touches = 4", "max_touches = 4\n" + pilot)
    with open(os.path.join(folder, name + ".conf"), "w", encoding="utf-8") as f:
        f.write(text)
    if not os.path.exists(os.path.join(t.dir, "templates")):
        os.symlink(os.path.join(t.top, "conf/templates"), os.path.join(t.dir, "templates"))
    t.good("sequence", "load", folder)


def person(name, *fields):
    address = f"{name}@{name}.example"
    t.good("prospect", "add", address, "--source", "crm", "--permission", "consent", "--owner", RITA, "--name", name.title(),
           "--identity-status", "verified", *fields)
    return address


def place(enrolment, text, step=1):
    prospect, owner = sql("select prospect_id, owner_id from enrolment where id = ?", enrolment)[0]
    address = sql("select address from prospect_address where prospect_id = ?", prospect)[0][0]
    draft = str(uuid.uuid4())
    sql("insert into draft (id, enrolment_id, owner_id, prospect_id, step, account, folder, uidvalidity, uid, message_id,"
        " recipient, subject, text, state, made, updated) values (?,?,?,?,?,'rita','Drafts',1,7,?,?,?,?,'placed',?,?)",
        draft, enrolment, owner, prospect, step, f"{draft}@mx", address, "Hello", text, now(), now())
    sql("update enrolment set state = 'awaiting_approval', draft_out = 1, due = 0 where id = ?", enrolment)
    return draft


def drafted(name, sequence, text, *fields, note=None):
    address = person(name, *fields)
    t.good("signal", "add", address, SIGNAL, "--source", "https://x.example", "--date", "2026-02-20", *WORTH)
    t.good("evidence", "add", address, POINT, "--source", "https://x.example", "--type", "verified_fact", "--safe", "yes")
    enrolment = t.json("enrol", sequence, address, *(["--note", note] if note else []))[0]["enrolment"]
    return address, place(enrolment, text)


def card(draft):
    return t.json("review", "show", draft)


def rests(draft):
    return [(x["kind"], x["text"]) for x in card(draft)["rests_on"]]


FIELDS = ("--workflow", WORKFLOW, "--question", QUESTION)
load("one", "personalisation = exactly_one")
load("any", "personalisation = any")
load("full", "personalisation = exactly_one\n\tcomplete = yes")

# ---- exactly one of what is known ----
_, d = drafted("ann", "one", f"Hi Ann,\n\n{SIGNAL}. How do you handle mail there?\n", *FIELDS)
t.eq(rests(d), [("signal", SIGNAL)], "a signal: the card shows which one is used")
t.eq(card(d)["in_the_way"], [], "one is right")
_, d = drafted("ben", "one", f"Hi Ben,\n\n{WORKFLOW} may be a topic. Is it?\n", *FIELDS)
t.eq(rests(d), [("workflow", WORKFLOW)], "a workflow")
_, d = drafted("cleo", "one", f"Hi Cleo,\n\n{QUESTION}\n", *FIELDS)
t.eq(rests(d), [("question", QUESTION.rstrip("?"))], "a question, whatever mark ends it")
t.has(t.good("review", "show", d), "Rests on:", "for people")
_, d = drafted("dan", "one", f"Hi Dan,\n\n{SIGNAL}. {POINT} Shall we talk?\n", *FIELDS)
t.eq(len(rests(d)), 2, "two facts")
t.refused(1, "2 facts about the person, one is wanted", "review", "approve", d)
_, d = drafted("eve", "one", "Hi Eve,\n\nlooks like you are growing fast. Who handles this?\n", *FIELDS)
t.refused(1, "nothing in it is about this person", "review", "approve", d)
t.eq([x["email"] for x in t.json("report", "drafts", "--without-context")], ["eve@eve.example"],
     "report drafts --without-context names the one that could go to anybody")
t.has(t.json("report", "drafts")[0]["context"], "signal: " + SIGNAL, "and what the others say")
_, e = drafted("finn", "any", "Hi Finn,\n\nlooks like you are growing fast. Who handles this?\n", *FIELDS)
t.has(" ".join(card(e)["tone"]), "nothing in it is about this person", "without the rule it is warned of")
t.eq(card(e)["in_the_way"], [], "and not in the way")
words = "word " * 130
_, e = drafted("gus", "one", f"Hi Gus,\n\n{SIGNAL}. {words} Ok?\n")
t.has(" ".join(card(e)["tone"]), "the sequence allows", "a paragraph of details is too long")

# ---- nothing without signal, ask and a note ----
_, d = drafted("hal", "full", f"Hi Hal,\n\n{WORKFLOW} is a topic. Tell me.\n", *FIELDS)
missing = card(d)["in_the_way"]
t.eq([any(w in m for m in missing) for w in ("no real signal", "asks nothing", "review note")], [True] * 3, "all three are named")
t.refused(1, "no real signal or evidence", "review", "approve", d)
_, d = drafted("ida", "full", f"Hi Ida,\n\n{SIGNAL}. Tell me.\n", note="read her page")
t.refused(1, "asks nothing", "review", "approve", d)
_, d = drafted("jan", "full", f"Hi Jan,\n\n{SIGNAL}. Who looks after it?\n")
t.refused(1, "the review note is missing", "review", "approve", d)
_, d = drafted("kim", "full", f"Hi Kim,\n\n{SIGNAL}. Who looks after it?\n", note="read her page")
t.good("review", "show", d)
t.step(seconds=30)
t.has(t.good("review", "approve", d), "approved", "with all three it may be approved")

# ---- the record before the first mail ----
record = {"role": "Head of RevOps", "signal": SIGNAL, "workflow": WORKFLOW, "question": QUESTION, "asset": "a two-page table",
          "mini_case": "400 tickets a week.\nHalf answered themselves.", "relationship": "warm", "urgency": "before the audit in May",
          "preferred_channel": "phone", "permission_channels": "email, phone", "fit": "good", "intent": "compares vendors",
          "deals": "4", "score": "71"}
lou = person("lou")
t.good("prospect", "edit", lou, *[x for k, v in record.items() for x in ("--" + k.replace("_", "-"), v)])
p = t.json("prospect", "show", lou)
for k, v in record.items():
    t.ok(str(p[k]) in (v, v + ".0"), f"{k} comes back", p[k])
enrolment = t.json("enrol", "one", lou)[0]["enrolment"]
d = place(enrolment, "Hi Lou,\n\n{{signal}}. Is {{workflow}} yours? {{question}}\n")
missing = " ".join(card(d)["in_the_way"])
t.ok(all("{{%s}} is not filled in" % w in missing for w in ("signal", "workflow", "question")), "what is not filled in is named", missing)
t.refused(1, "is not filled in", "review", "approve", d)
c = card(d)
t.eq((c["relationship"], c["permission_channels"], c["preferred_channel"], c["urgency"], c["fit"], c["intent"]),
     ("warm", "email, phone", "phone", "before the audit in May", "good", "compares vendors"), "the card has what a channel is chosen by")
t.ok(c["purpose"] and c["job"] and c["type"] == "first_touch", "and what the message is for", c)
text = t.good("review", "show", d)
for word in ("warm, 4 deals before", "Urgency:", "Prefers:", "fit good, intent compares vendors", "Asks:", "Tone:", "Identity:", "Reply:"):
    t.has(text, word, f"for people: {word}")
t.refused(1, "whatsapp", "review", "channel", d, "whatsapp")
t.refused(2, "preferred", "prospect", "edit", lou, "--preferred", "pigeon")
t.refused(1, "preferred_channel", "prospect", "edit", lou, "--preferred-channel", "pigeon")

# ---- a proposal view is a signal, and is never said ----
mia = person("mia", *FIELDS)
for day in ("2026-02-25", "2026-02-26"):
    t.good("signal", "add", mia, "opened the proposal", "--kind", "proposal_view", "--source", "told by Sam", "--date", day, *WORTH)
t.eq([s["kind"] for s in t.json("signal", "list", mia)], ["proposal_view"] * 2, "two views by hand")
t.has(t.good("brief", "show", mia), "opened the proposal", "the brief shows them")
enrolment = t.json("enrol", "one", mia)[0]["enrolment"]
d = place(enrolment, "Hi Mia,\n\nyou opened the proposal. Any questions?\n")
t.eq(card(d)["rests_on"], [], "as what a mail says it never counts")

# ---- the fourth ----
nora, d = drafted("nora", "one", f"Hi Nora,\n\n{SIGNAL}. Who looks after it?\n")
enrolment = sql("select enrolment_id from draft where id = ?", d)[0][0]
prospect, owner, sequence = sql("select prospect_id, owner_id, sequence_id from enrolment where id = ?", enrolment)[0]


# whatever else a touch must have
NEED = {r[1]: {"kind": "touch", "channel": "email", "sent_state": "delivered", "sequence": "one"}.get(r[1], "1")
        for r in sql("pragma table_info(touch)") if r[3] and r[4] is None or r[1] == "sent_state"}


def touch(n, days):
    row = dict(NEED, id=str(uuid.uuid4()), prospect_id=prospect, enrolment_id=enrolment, owner_id=owner, step=n, recipient=nora,
               subject="Hello", final_text=f"Touch number {n} said this.", at=now() - days * 86400)
    sql(f"insert into touch ({', '.join(row)}) values ({', '.join('?' * len(row))})", *row.values())


for n, days in ((1, 20), (2, 15), (3, 9)):
    touch(n, days)
sql("update enrolment set touches = 3, step = 3, last_touch = ? where id = ?", now() - 9 * 86400, enrolment)
sql("update draft set step = 4 where id = ?", d)
ask = card(d)["recommended"]
t.has(ask, "touch 4: send it, wait until a date (park), or stop?", "after the third the card asks for the decision")
t.has(ask, "9 days of silence", "with the days of silence")
t.has(ask, "the last words were ours: \"Touch number 3 said this.", "and the last words")

# ---- what happens after the third ----
r = t.json("report", "follow-up")
t.eq(t.json("report")["third_and_later"], 1, "a report without a name is this one")
t.eq(list(r)[:3], ["third_and_later", "answered_after_third_or_later", "booked_after_third_or_later"], "third and later lead")
t.eq((r["third_and_later"], r["answered_after_third_or_later"], r["waiting_for_a_fourth_or_later"]), (1, 0, 1), "one, unanswered")
t.eq((r["most_touches"], r["over_maximum"]), (3, 0), "touches per lead, and none over the maximum")
t.eq([x["touch"] for x in r["first_touches"]], [1, 2], "the others come after")
sql("insert into reply (id, enrolment_id, prospect_id, owner_id, mail_key, message_id, sender, subject, received, kind, class,"
    " confidence, evidence, visible, matched_by, grade, created) values (?,?,?,?,'m1','m1@x',?,'Re',?,'human','objection',0.9,'[]',"
    "'too dear','references','strong',1)", str(uuid.uuid4()), enrolment, prospect, owner, nora, now() - 5 * 86400)
t.eq(t.json("report", "follow-up")["answered_after_third_or_later"], 1, "an answer counts for the touch before it")
sql("update enrolment set state = 'closed', reason = 'stopped' where id = ?", enrolment)
after = t.json("report", "follow-up")["threads_forgotten"]
t.eq(after, len(t.json("report", "no-next-action")), "threads forgotten are those without a next action")

# ---- everything a person has to look at, with what to do ----
for name, kind, want in (("olga", "objection", "answer the person yourself"), ("pia", "unsubscribe", "unsubscribe"),
                         ("quin", "not_now", "park"), ("rob", "unknown", "say what it is")):
    address = person(name)
    e = t.json("enrol", "any", address)[0]["enrolment"]
    pid, oid = sql("select prospect_id, owner_id from enrolment where id = ?", e)[0]
    reply, review = str(uuid.uuid4()), str(uuid.uuid4())
    sql("insert into reply (id, enrolment_id, prospect_id, owner_id, mail_key, message_id, sender, subject, received, kind, class,"
        " confidence, evidence, visible, matched_by, grade, created) values (?,?,?,?,?,?,?,'Re',?,'human',?,0.6,'[]','words',"
        "'references','strong',?)", reply, e, pid, oid, name, name + "@x", address, now(), kind, now())
    sql("insert into review (id, enrolment_id, prospect_id, owner_id, reply_id, kind, reason, created) values (?,?,?,?,?,'unknown',"
        "'look',?)", review, e, pid, oid, reply, now())
    t.ok(any(x["id"] == review and x["class"] == kind for x in t.json("review", "list")), f"{kind} waits for a person")
    t.has(card(review)["recommended"], want, f"{kind}: with an action proposed")

# ---- a program writes: into Drafts, and nowhere else ----
hook = t.write("hook.py", "#!/usr/bin/env python3\nimport json, sys\nc = json.load(sys.stdin)\n"
               f"open({os.path.join(t.dir, 'seen')!r}, 'w').write(json.dumps([c['step'], c['stage'], c['sequence'], c['address']]))\n"
               "print(json.dumps({'subject': 'From the program', 'text': 'Hi Sia,\\n\\n' + c['signal'] + '. Is it yours?\\n'}))\n")
os.chmod(hook, 0o755)
sia, d = drafted("sia", "one", f"Hi Sia,\n\n{SIGNAL}. Ok?\n")
t.refused(2, "set review.draft_command", "review", "rewrite", d)
with open(t.conf, "a", encoding="utf-8") as f:
    f.write(f'review {{ draft_command = "{hook}" }}\n')
t.good("review", "show", d)
t.has(t.good("review", "rewrite", d), "waits for a person's approval", "a program may write")
t.eq(json.loads(t.read("seen")), [1, "new", "one", sia], "it is told stage and history")
rows = sql("select state, subject, text from draft where recipient = ? order by made, id", sia)
t.eq([(r[0], r[1]) for r in rows if r[0] == "wanted"], [("wanted", "From the program")], "its words go to Drafts")
t.has([r[2] for r in rows if r[0] == "wanted"][0], SIGNAL, "with what it was told")
t.eq((sql("select count(*) from approval where enrolment_id = (select enrolment_id from draft where id = ?)", d)[0][0],
      sql("select count(*) from outbox where kind = 'send'")[0][0],
      t.json("prospect", "show", sia)["sequences"][0]["state"]), (0, 0, "awaiting_approval"), "nothing is approved, nothing is sent")
new = sql("select id from draft where recipient = ? and state = 'wanted'", sia)[0][0]
sql("update draft set state = 'placed', uid = 9 where id = ?", new)
t.refused(1, "look at it before you approve it", "review", "approve", new)
for body, want in (("exit 3", "failed: the draft stays as it is"), ("printf '\\377'", "no text in UTF-8"), ("true", "no text in UTF-8"),
                   ("echo '{}'", 'without a "text"'), ("kill -9 $$", "ended by a signal")):
    with open(hook, "w", encoding="utf-8") as f:
        f.write("#!/bin/sh\n" + body + "\n")
    t.refused(3, want, "review", "rewrite", new)
t.eq(sql("select state from draft where id = ?", new), [("placed",)], "a program that fails changes nothing")
t.good("review", "rewrite", new, t.write("words.txt", f"Hi Sia,\n\n{SIGNAL}. Whose is it?\n"))
t.has(sql("select text from draft where recipient = ? and state = 'wanted'", sia)[0][0], "Whose is it?", "or a person, from a file")

# ---- sensitive: never by itself, and by persons with a name ----
tess, d = drafted("tess", "one", f"Hi Tess,\n\n{SIGNAL}. Ok?\n")
t.good("prospect", "edit", tess, "--sensitive", "yes")
t.has(t.good("review", "show", d), "two persons have to approve", "the card says so")
t.ok(t.json("review", "approve", d)["waits"], "one is not enough")
t.eq(sql("select count(*) from approval where draft_id = ?", d), [(0,)], "nothing is approved by the first")
t.ok(sql("select by_whom from decision where item = ? and state = 'first'", d)[0][0].startswith("cli:"), "who it was is kept")

# ---- a pilot is small ----
load("pilot", "personalisation = any", "pilot_size = 2")
for name in ("ulla", "vera"):
    t.good("enrol", "pilot", person(name))
code, out, err = t.run("enrol", "pilot", person("willy"))
t.ok(code != 0 and "2" in out + err and "pilot" in out + err, "the third of a pilot of two is refused", out, err)
with open(os.path.join(t.dir, "sequences/one.conf"), encoding="utf-8") as f:
    endless = "".join(x for x in f if "stops" not in x and "offer_retired" not in x)
code, out, err = t.run("sequence", "check", t.write("sequences/endless.conf", endless))
t.ok(code == 1 and "stops is missing" in out + err, "a sequence without a rule that stops it is refused", out, err)
os.unlink(os.path.join(t.dir, "sequences/endless.conf"))

# ---- qualified by a program ----
t.good("suppress", "add", "zoe@zoe.example", "--reason", "unsubscribe", "--because", "asked")
line = {"source": "crm", "permission": "consent", "owner": RITA, "score": 88, "fit": "strong", "intent": "asks for prices"}
f = t.write("scored.jsonl", "".join(json.dumps(dict(line, email=e, name=e)) + "\n" for e in ("yan@yan.example", "zoe@zoe.example")))
t.run("prospect", "import", f)
p = t.json("prospect", "show", "yan@yan.example")
t.eq((float(p["score"]), p["fit"], p["intent"]), (88.0, "strong", "asks for prices"), "score, fit and intent come with an import")
t.eq(t.run("suppress", "check", "zoe@zoe.example")[0], 1, "and lift no suppression")
code, out, err = t.run("enrol", "any", "zoe@zoe.example")
t.ok(code != 0, "whoever is suppressed stays out, whatever the score", out, err)
t.done()
