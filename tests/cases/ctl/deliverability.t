#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl report deliverability, and report would-have-refused by rule, owner and day: a store with known
figures gives the figures reckoned by hand.

rows: 629, 630, 631, 632, 883, 884, 885, 886, 888, 889, 890, 891, 892
"""
import csv
import io
import os
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
t.has(t.good("report", "deliverability"), "nothing was sent", "an empty store")
t.good("owner", "list")
now = 1772442000        # Monday 2 March 2026, 09:00 UTC, and a little
SAME = "we wrote down how two firms in your street moved their mail last winter and lost no hour of work"
with sqlite3.connect(t.dir + "/relent.db") as db:
    owner = db.execute("select id from owner where login = 'rita@example.com'").fetchone()[0]

    def touch(n, at, state="delivered", bounced=0, complained=0, unsubscribed=0, links=0, attachments=0, text=None):
        db.execute("insert into touch (id, owner_id, kind, step, recipient, sent_state, at, updated, sender_domain, sequence, first,"
                   " bounced, complained, unsubscribed, links, attachments, final_text)"
                   " values (?, ?, 'touch', 1, ?, ?, ?, ?, 'example.com', 'seven-touch', 1, ?, ?, ?, ?, ?, ?)",
                   (f"01900000-0000-7000-8000-{n:012d}", owner, f"p{n}@x{n}.example", state, at, at, bounced, complained,
                    unsubscribed, links, attachments, text or " ".join(f"word{n}of{k}" for k in range(20))))
        # the last ones of all are found by their events
        db.execute("insert into event (id, at, actor, kind, entity, entity_id, payload_hash) values (?, ?, 'milter', 'accepted',"
                   " 'touch', ?, '')", (f"e{n}", at, f"01900000-0000-7000-8000-{n:012d}"))

    for n in range(1, 16):
        touch(n, now - 5 * 86400)
    touch(16, now - 4 * 86400, "bounced", bounced=1)
    touch(17, now - 4 * 86400, "bounced")
    touch(18, now - 4 * 86400, complained=1, links=2, text="Hi Ann, " + SAME)
    touch(19, now - 4 * 86400, unsubscribed=1, links=1, text="Hi Bob, " + SAME)
    touch(20, now + 5, "accepted", attachments=1)
    touch(21, now - 4 * 86400, "taken_back")
    touch(22, now - 400 * 86400)
    for day, n in ((5, 15), (4, 4)):
        for scope, name in (("owner", owner), ("domain", "example.com")):
            db.execute("insert into tally (scope, name, day, touches) values (?, ?, ?, ?)", (scope, name, now // 86400 - day, n))
    db.execute("insert into breaker (id, scope, name, level, cause, opened, created, updated) values ('b', 'owner', ?, 'pause', 'c',"
               " 1, 1, 1)", (owner,))
    for mail, domain in (("mx/1", "a.example"), ("mx/2", "b.example")):
        db.execute("insert into pushback (domain, mail, provider, dsn, words, since, last, times) values (?, ?, 'google.com',"
                   " '4.7.28', '421 unusual rate', ?, ?, 2)", (domain, mail, now - 86400, now - 86400))
    for at, rule, mode, login in ((0, "cap", "enforce", "rita@example.com"), (0, "cap", "enforce", "rita@example.com"),
                                  (0, "bump", "warn", "rita@example.com"), (86400, "cap", "enforce", "sam@example.com")):
        db.execute("insert into refusal (id, at, login, recipient, rule, mode, code, text, fact, observed) values"
                   " (lower(hex(randomblob(8))), ?, ?, 'x@y.example', ?, ?, 450, 'Not sent.', 'gap', 1)", (now - at, login, rule, mode))

d = t.json("report", "deliverability")
rows = {(r["scope"], r["name"]): r for r in d["senders"]}
t.eq(sorted(rows), [("domain", "example.com"), ("owner", "rita@example.com"), ("sequence", "seven-touch")], "who has sent")
r = rows["owner", "rita@example.com"]
t.eq({k: r[k] for k in ("touches", "delivered", "bounced", "hard_bounces", "complaints", "unsubscribes", "today")},
     {"touches": 20, "delivered": 17, "bounced": 2, "hard_bounces": 1, "complaints": 1, "unsubscribes": 1, "today": 1}, "the counts")
t.eq({k: round(r[k], 3) for k in r if k.endswith("_rate")},
     {"delivery_rate": 85, "valid_rate": 95, "bounce_rate": 10, "complaint_rate": 5, "unsubscribe_rate": 5, "link_rate": 10,
      "attachment_rate": 5, "alike_rate": 10}, "the rates, by hand")
t.eq((r["limit_today"], r["warming_up"], r["breaker"]), (45, True, "pause"), "20 on the first day, 45 on the third; its breaker")
t.eq(rows["domain", "example.com"]["limit_today"], 45, "a new domain warms up too")
t.eq(rows["sequence", "seven-touch"].get("limit_today"), None, "a sequence does not")
p = d["providers"]
t.eq([(x["provider"], x["domains"], x["mails"], x["warnings"], x["dsn"]) for x in p], [("google.com", 2, 2, 4, "4.7.28")],
     "what providers asked, by provider")
t.eq(len(t.json("report", "deliverability", "--since", "500d")["senders"][0]) > 5, True, "another time")
text = t.good("report", "deliverability")
t.has(text, "95.00 %", "for people")
t.has(text, "421 unusual rate", "with the provider's words")
table = list(csv.DictReader(io.StringIO(t.good("report", "deliverability", "--csv"))))
t.eq([x["scope"] for x in table], ["owner", "domain", "sequence", "provider"], "as CSV")
t.eq((table[0]["valid_rate"], table[3]["name"]), ("95.0000", "google.com"), "the same figures")
t.refused(2, "neither text nor csv", "report", "deliverability", "--format", "xml")
t.refused(2, "neither a date nor a time", "report", "deliverability", "--since", "lately")

d = t.json("report", "would-have-refused", "--by", "rule,owner,day")
t.eq(sorted((x["rule"], x["login"], x["day"], x["mails"], x["refused"]) for x in d),
     [("bump", "rita@example.com", "2026-03-02", 1, 0), ("cap", "rita@example.com", "2026-03-02", 2, 2),
      ("cap", "sam@example.com", "2026-03-01", 1, 1)], "by rule, owner and day")
t.eq(sorted((x["rule"], x["mails"]) for x in t.json("report", "would-have-refused", "--by", "rule")), [("bump", 1), ("cap", 3)], "by rule")
t.eq(sorted((x["day"], x["mails"]) for x in t.json("report", "would-have-refused", "--by", "day")),
     [("2026-03-01", 1), ("2026-03-02", 3)], "by day")
t.has(t.good("report", "would-have-refused", "--by", "owner", "--csv"), "sam@example.com,1,1,x@y.example", "as CSV")
t.refused(2, "not some of rule,owner,day", "report", "would-have-refused", "--by", "week")
t.eq(len(t.json("report", "would-have-refused")), 4, "and one by one")
t.done()
