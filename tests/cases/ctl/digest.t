#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl digest: what would be sent, as text, HTML and JSON; one out of turn; the administrator's week.

rows: 20, 24, 50
"""
import html.parser
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case('administrator = "post@example.com"\ncontrol { address = "relent@example.com" }\n')
t.has(t.good("digest", "show", "rita@example.com"), "nothing waits", "nothing to say: no digest")
t.refused(1, "nothing waits", "digest", "send", "rita@example.com")
t.refused(2, "name an owner, or say --weekly", "digest", "show")
t.refused(2, "name an owner, or say --weekly", "digest", "show", "--weekly", "rita@example.com")
t.refused(1, "there is no active owner 'nobody'", "digest", "show", "nobody")

t.good("prospect", "add", "ann@x.example", "--name", "Ann \x1b[31mRed", "--owner", "rita@example.com", "--source", "event",
       "--permission", "consent")
t.good("task", "add", "ann@x.example", "call her about <the audit>", "--owner", "rita@example.com")
text = t.good("digest", "show", "rita@example.com")
t.has(text, "Subject: 1 task", "the subject says what is in it")
t.has(text, "call her about <the audit>", "the task with its text")
t.has(text, "[Done] done 1\n", "with what an answer would say, and no address: nothing is remembered")
t.eq("\x1b" in text, False, "a terminal obeys nothing of it")
page = t.good("digest", "show", "rita@example.com", "--html")
t.has(page, "call her about &lt;the audit&gt;", "HTML is escaped")
html.parser.HTMLParser().feed(page)
t.eq(t.json("outbox", "list"), [], "looking sends nothing")

t.has(t.good("digest", "send", "rita@example.com"), "1 task: to rita@example.com", "one out of turn")
rows = t.json("outbox", "list")
t.eq([(r["kind"], r["state"]) for r in rows], [("mail", "waiting")], "waits for the watcher")
t.step(minutes=5)
t.good("digest", "send", "rita@example.com")
t.eq(len(t.json("outbox", "list")), 2, "another one is another one")
t.eq(t.json("digest", "show", "sam@example.com")["items"], 0, "another owner's things are not sam's")

t.has(t.good("digest", "show", "--weekly"), "Subject: relent, the week: 0 touches, 0 answers", "the week in figures")
t.has(t.good("digest", "send", "--weekly"), "to post@example.com", "and it is sent")
with open(t.conf, encoding="utf-8") as f:
    without = f.read().replace('administrator = "post@example.com"', "")
t.write("relent.conf", without)
t.refused(3, "set administrator", "digest", "send", "--weekly")
t.done()
