#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Whole suppression lists out and in again, 100,000 rows; a second address of a person; forgetting; the audit.

rows: 387, 389, 390, 400
"""
import csv
import io
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t, u = Case(), Case()
for x in (t, u):
    x.good("sequence", "load")

# every kind of row comes back as it went
ROWS = [("add", "a@x.example"), ("add", "x.example", "--reason", "legal"),
        ("add", "+49170@x.example", "--because", "=cmd|' /C calc'!A0"),
        ("add", "b@x.example", "--because", "says: \"never\", twice\nand more; really"),
        ("add", "c@x.example", "--reason", "client_exclusion", "--scope", "client:Müller & Söhne"),
        ("add", "jörg@bücher.example", "--reason", "unsubscribe"),
        ("add", "d@x.example", "--reason", "hard_bounce", "--expires", "30d"),
        ("add", "=e@x.example", "--reason", "complaint")]
for row in ROWS:
    t.good("suppress", *row)
out = os.path.join(t.dir, "list.csv")
t.good("suppress", "export", out)
text = t.read("list.csv")
cells = [c for row in csv.reader(io.StringIO(text)) for c in row]
t.eq([c for c in cells if c[:1] in ("=", "+", "-", "@")], [], "no cell is a formula to a spreadsheet")
u.good("suppress", "import", out)
u.good("suppress", "import", out)


def listed(case):
    return sorted((x["kind"], x["subject"], x["scope"], x["scope_arg"], x["reason"], x["evidence"], bool(x["expires"]))
                  for x in case.json("suppress", "list"))


t.eq(listed(u), listed(t), "out and in again: the same list, twice is once")
t.has(t.read("list.csv"), "xn--bcher-kva", "IDN as it is looked up")
path = u.write("excel.csv", "\ufeffE-Mail;Reason;Why\r\none@list.example;unsubscribe;\"a; b\"\r\n'+two@list.example;;\r\n")
u.good("suppress", "import", path)
t.eq(sorted((x["subject"], x["reason"], x["evidence"]) for x in u.json("suppress", "list", "list.example")),
     [("+two@list.example", "do_not_contact", None), ("one@list.example", "unsubscribe", "a; b")],
     "a list that a spreadsheet saved")
t.refused(1, "public suffix", "suppress", "add", "co.uk")

# a long list, while enrolments run
people = [f"p{i}@list{i % 500}.example" for i in range(100000)]
for i in (5, 99_999):
    u.good("prospect", "add", f"p{i}+crm@list{i % 500}.example", "--source", "crm", "--permission", "consent", "--owner",
           "rita@example.com")
    u.good("enrol", "seven-touch", f"p{i}+crm@list{i % 500}.example")
path = u.write("long.csv", "email,reason\n" + "".join(f"{p},client_exclusion\n" for p in people))
start = time.monotonic()
u.good("suppress", "import", path)
took = time.monotonic() - start
t.ok(took < 240, f"100,000 rows in {took:.1f} s")
for i in (5, 99_999):
    state = u.json("prospect", "show", f"p{i}+crm@list{i % 500}.example")["sequences"][0]["state"]
    t.eq(state, "suppressed", f"what ran for p{i} is stopped")
start = time.monotonic()
u.good("suppress", "export", os.path.join(u.dir, "long-out.csv"))
took = time.monotonic() - start
t.ok(u.read("long-out.csv").count("\n") > 100000 and took < 60, f"and out again in {took:.1f} s")

# a second address
t.good("prospect", "add", "ann@acme.example", "--source", "crm", "--permission", "consent", "--owner", "rita@example.com",
       "--name", "Ann Annison")
t.good("enrol", "seven-touch", "ann@acme.example")
t.good("prospect", "edit", "ann@acme.example", "--alias", "ann@web.example, annison@mail.example")
t.eq(len(t.json("prospect", "show", "annison@mail.example")["addresses"]), 3, "two more addresses")
t.good("prospect", "add", "bob@acme.example", "--source", "crm", "--permission", "consent")
t.refused(1, "another prospect", "prospect", "edit", "ann@acme.example", "--alias", "bob@acme.example")
t.good("suppress", "add", "annison@mail.example")
t.eq(t.run("suppress", "check", "ann@web.example")[0], 1, "who said no at one is not written to at another")
t.eq(t.json("prospect", "show", "ann@acme.example")["sequences"][0]["state"], "suppressed", "and what ran is stopped")

# a company with several domains
t.good("company", "add", "Beta", "--domain", "beta.example, beta-group.example")
t.good("company", "edit", "Beta", "--domain", "mail.beta.co.uk")
t.good("prospect", "add", "dan@beta.co.uk", "--source", "crm", "--permission", "consent", "--owner", "rita@example.com")
t.good("enrol", "seven-touch", "dan@beta.co.uk")
t.good("suppress", "add", "beta.example", "--reason", "client_exclusion")
for a in ("x@beta-group.example", "x@eu.beta-group.example", "dan@beta.co.uk"):
    t.eq(t.run("suppress", "check", a)[0], 1, f"{a}: one domain of a company is all of them")
t.eq(t.json("prospect", "show", "dan@beta.co.uk")["sequences"][0]["state"], "suppressed", "and what runs there is stopped")
t.refused(1, "shared", "company", "edit", "Beta", "--domain", "gmail.com")
t.refused(1, "somebody can have", "company", "edit", "Beta", "--domain", "co.uk")
t.refused(1, "another company", "company", "add", "Gamma", "--domain", "beta.example")

# forgotten
t.refused(2, "say why", "forget", "ann@acme.example")
code, out, err = t.run("forget", "ann@acme.example", "--because", "x")
if code and "key" in err:
    t.good("key", "rotate")
    t.good("forget", "ann@acme.example", "--because", "asked for it")
for a in ("ann@acme.example", "Ann+x@web.example", "annison@mail.example"):
    t.eq(t.run("suppress", "check", a)[0], 1, f"{a} stays unwritten-to")
t.refused(1, "there is no prospect", "prospect", "show", "ann@acme.example")
t.ok("annison" not in t.good("--json", "suppress", "list").lower(), "nothing tells of her")
t.ok(t.json("verify")["clean"], "verify is clean")

# audit, mark
d = t.json("audit", "2020-01-01", "2040-01-01", "--person", "ann@acme.example")
t.ok(d["clean"] and d["breaks"] == 0, "the audit proves it", d)
t.has(t.good("audit", "2020-01-01", "2040-01-01"), "nothing was sent to anybody after their suppression", "in words")
t.refused(2, "is not after", "audit", "2027-01-02", "2026-01-01")
t.refused(2, "not a date", "audit", "x", "2026-01-01")
t.has(t.good("suppress", "reconcile"), "nothing is missing", "the mark agrees")
t.done()
