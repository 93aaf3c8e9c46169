#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl breaker, grant, approve, proposal.

rows: 380, 381, 392, 489, 496, 768, 769, 770, 771, 772, 773, 774, 775, 776, 777, 785, 791, 792, 794
"""
import os
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
t.good("sequence", "load")
t.good("prospect", "add", "alice@acme.example", "--source", "crm", "--permission", "consent", "--owner",
       "rita@example.com", "--company", "Acme Ltd")

# grants
t.eq(t.json("grant", "list"), [], "out of the box nothing is granted")
t.refused(2, "say why", "grant", "add", "rita@example.com", "seven-touch", "human_approved")
t.refused(1, "no sequence 'nine-touch'", "grant", "add", "rita@example.com", "nine-touch", "human_approved", "--because", "x")
t.refused(1, "no owner 'zoe'", "grant", "add", "zoe", "seven-touch", "human_approved", "--because", "x")
t.refused(1, "everything", "grant", "add", "rita@example.com", "seven-touch", "everything", "--because", "x")
t.refused(2, "not a time to come", "grant", "add", "rita@example.com", "*", "human_approved", "--because", "x", "--until", "2020-01-01")
t.refused(2, "belongs to approved_template", "grant", "add", "rita@example.com", "seven-touch", "human_approved", "--because",
          "x", "--template", "touch-1.txt")
t.refused(1, "no step of 'seven-touch'", "grant", "add", "rita@example.com", "seven-touch", "approved_template", "--because",
          "x", "--template", "nosuch")
t.refused(1, "not of '*'", "grant", "add", "rita@example.com", "*", "approved_template", "--because", "x", "--template", "a.txt")
g = t.json("grant", "add", "rita@example.com", "seven-touch", "human_approved", "--because", "the board said so", "--until", "2099-01-31")
d = t.json("grant", "list")
t.eq([(x["owner"], x["sequence"], x["authority"], x["state"], x["because"]) for x in d],
     [("rita@example.com", "seven-touch", "human_approved", "live", "the board said so")], "granted, with the reason")
t.ok(d[0]["granted_by"].startswith("cli:") and d[0]["expires"], "by whom and until when")
t.good("grant", "revoke", g["id"])
t.eq(t.json("grant", "list"), [], "revoked")
t.ok(t.json("grant", "list", "--all")[0]["revoked_by"].startswith("cli:"), "by whom")
t.refused(1, "revoked already, by cli:", "grant", "revoke", g["id"])
one, two = (t.json("grant", "add", "rita@example.com", s, "human_approved", "--because", "x")["id"] for s in ("seven-touch", "*"))
t.has(t.run("grant", "revoke", one)[2], "1 more allows the same", "a second grant is not forgotten")
t.eq(t.run("grant", "revoke", two)[2], "", "the last one")

# approving one exact mail
mail = t.write("mail.eml", "From: rita@example.com\r\nTo: alice@acme.example\r\nSubject: An idea\r\n\r\nHi Alice.\r\n")
pdf = t.write("pdf.eml", "From: rita@example.com\r\nTo: alice@acme.example\r\nSubject: An idea\r\n"
              "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n")
t.refused(1, "", "approve", "alice@acme.example", mail)
t.good("enrol", "seven-touch", "alice@acme.example")
d = t.json("approve", "alice@acme.example", mail, "--until", "2d", "--because", "read it")
t.eq(len(d["content_hash"]), 64, "approved by its hash")
t.refused(1, "cannot be approved", "approve", "alice@acme.example", pdf)
t.refused(1, "has no step 40", "approve", "alice@acme.example", mail, "--step", "40")
t.good("stop", "alice@acme.example")

# proposals
t.refused(1, "no proposal for", "proposal", "show", "alice@acme.example")
t.refused(2, "say what it offers", "proposal", "add", "alice@acme.example")
t.refused(2, "not a date", "proposal", "add", "alice@acme.example", "--price", "EUR 1", "--expires", "soon")
t.refused(2, "is no amount", "proposal", "add", "alice@acme.example", "--price", "the usual")
t.refused(2, "is before --date", "proposal", "add", "alice@acme.example", "--price", "EUR 1", "--date", "2027-03-02",
          "--expires", "2027-03-01")
t.good("proposal", "add", "alice@acme.example", "--price", "EUR 12,500", "--scope", "12 workshops", "--problem", "tickets",
       "--outcome", "half of them", "--objections", "time", "--decision", "board in May", "--stakeholders", "Ann, Bob",
       "--next-step", "call on Monday", "--date", "2027-03-01", "--expires", "2027-03-31")
p = t.json("proposal", "show", "alice@acme.example")
t.eq({k: p[k] for k in ("version", "state", "date", "expires", "price", "scope", "problem", "outcome", "objections", "decision",
                        "stakeholders", "next_step")},
     {"version": 1, "state": "sent", "date": "2027-03-01", "expires": "2027-03-31", "price": "EUR 12,500",
      "scope": "12 workshops", "problem": "tickets", "outcome": "half of them", "objections": "time", "decision": "board in May",
      "stakeholders": "Ann, Bob", "next_step": "call on Monday"}, "all that it says")
t.eq(t.json("prospect", "show", "alice@acme.example")["stage"], "proposal_sent", "the stage follows the record")
t.good("proposal", "edit", "alice@acme.example", "--state", "decision_pending")
t.eq(t.json("proposal", "show", "alice@acme.example")["version"], 1, "where it stands is no other version")
t.good("proposal", "edit", "alice@acme.example", "--price", "EUR 11,000")
p = t.json("proposal", "show", "alice@acme.example")
t.eq((p["version"], p["price"], p["state"], p["scope"]), (2, "EUR 11,000", "decision_pending", "12 workshops"), "another price is")
t.refused(1, "sold", "proposal", "edit", "alice@acme.example", "--state", "sold")
t.eq([x["email"] for x in t.json("proposal", "list", "--state", "decision_pending")], ["alice@acme.example"], "listed by state")
t.good("enrol", "proposal", "alice@acme.example")
t.good("proposal", "edit", "alice@acme.example", "--state", "accepted")
e = t.json("prospect", "show", "alice@acme.example")["sequences"][0]
t.eq((e["sequence"], e["state"], e["reason"]), ("proposal", "closed", "proposal_accepted"), "a decision ends the follow-up")

# explain names what would be refused
t.good("prospect", "add", "pat@phone.example", "--source", "crm", "--permission", "consent", "--owner", "rita@example.com")
t.good("enrol", "seven-touch", "pat@phone.example")
d = t.json("explain", "pat@phone.example")
t.eq([x for x in d if "rule" in x], [], "nothing against it")
t.good("prospect", "edit", "pat@phone.example", "--permission-channels", "phone")
t.has(t.good("explain", "pat@phone.example"), "requires: Not sent: pat@phone.example may be reached by phone only",
      "what would be refused now, and why")
with sqlite3.connect(t.dir + "/relent.db") as db:
    db.execute("insert into breaker (id, scope, name, level, cause, opened, created, updated) values"
               " ('b1', 'sequence', 'seven-touch', 'pause', '5 hard bounces in 60 touches', 1, 1, 1)")
t.eq(sorted(x["rule"] for x in t.json("explain", "pat@phone.example") if "rule" in x), ["breaker", "requires"],
     "all of them, not the first alone")
with sqlite3.connect(t.dir + "/relent.db") as db:
    db.execute("delete from breaker")

# breakers
t.has(t.good("breaker", "list"), "no breaker is open", "none is open")
with sqlite3.connect(t.dir + "/relent.db") as db:
    db.execute("insert into breaker (id, scope, name, level, cause, opened, created, updated) values"
               " ('01900000-0000-7000-8000-000000000001', 'domain', 'example.com', 'pause', '5 hard bounces in 60 touches', 1, 1, 1)")
t.has(t.good("breaker", "list"), "5 hard bounces in 60 touches", "an open one, with its cause")
t.refused(2, "say what was done", "breaker", "close", "example.com")
t.refused(1, "no open breaker 'example.org'", "breaker", "close", "example.org", "--because", "x")
with sqlite3.connect(t.dir + "/relent.db") as db:
    db.execute("insert into breaker (id, scope, name, level, cause, opened, created, updated) values"
               " ('second', 'domain', 'example.net', 'pause', 'c', 1, 1, 1)")
t.has(t.good("breaker", "close", "example.net", "--because", "x"), "closed; 1 more still hold", "another one still holds mails back")
t.good("breaker", "close", "example.com", "--because", "the list was cleaned")
t.eq(t.json("breaker", "list"), [], "closed")
t.eq([x for x in t.json("breaker", "list", "--all") if x["name"] == "example.com"][0]["because"], "the list was cleaned", "with the reason")
t.done()
