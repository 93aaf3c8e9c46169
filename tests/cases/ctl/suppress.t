#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl suppress: scopes, reasons, lists, lifting; what it does to running enrolments.

rows: 395, 398, 401
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
t.good("sequence", "load")
t.good("prospect", "add", "alice@acme.example", "--source", "crm", "--permission", "consent", "--owner",
       "rita@example.com", "--company", "Acme Ltd")
t.good("enrol", "seven-touch", "alice@acme.example")


def check(address, *want):
    """want: reasons in force"""
    d = t.json("suppress", "check", address, code=1 if want else 0)
    t.eq(sorted({x.get("reason") for x in d if x["suppressed"]}), sorted(want), f"{address}: {want or 'free'}")


check("alice@acme.example")
d = t.json("suppress", "add", "Alice+x@ACME.example", "--reason", "dnc", "--because", "asked on the phone")
t.eq((d["kind"], d["reason"]), ("address", "do_not_contact"), "an address")
check("alice+x@acme.example", "do_not_contact")
check("bob@acme.example")
t.good("suppress", "add", "alice@acme.example")
check("alice@acme.example", "do_not_contact")
check("alice+anything@acme.example", "do_not_contact")
p = t.json("prospect", "show", "alice@acme.example")
t.eq(p["sequences"][0]["state"], "suppressed", "the running enrolment is stopped")
t.ok(p["suppressions"], "shown with the person")
t.has(t.good("explain", "alice@acme.example"), "no: suppressed", "and explained")
t.refused(1, "suppress", "enrol", "four-message", "alice@acme.example")
again = t.json("suppress", "add", "alice@acme.example")
t.eq(len(t.json("suppress", "list", "alice@acme")), 1, "twice is once")

# a domain, with what is below it
t.good("suppress", "add", "rival.example", "--reason", "internal_exclusion", "--scope", "outreach")
check("x@rival.example", "internal_exclusion")
check("x@mail.rival.example", "internal_exclusion")
check("x@notrival.example")
t.good("suppress", "add", "bad@nowhere.example", "--reason", "invalid")
check("bad@nowhere.example", "invalid_recipient")
t.good("suppress", "add", "Acme Ltd", "--company", "--reason", "client_exclusion", "--scope", "client:A")
t.ok(any(x["kind"] == "company" and x["scope_arg"] == "A" for x in t.json("suppress", "list")), "a company, for a client")

# slips
t.refused(2, "there is no reason 'unsubscibe': did you mean 'unsubscribe'?", "suppress", "add", "x@y.example", "--reason",
          "unsubscibe")
t.refused(2, "there is no scope 'some'", "suppress", "add", "x@y.example", "--scope", "some")
t.refused(2, "wants a name", "suppress", "add", "x@y.example", "--scope", "sequence")
t.refused(2, "neither a mail address nor a domain", "suppress", "add", "nonsense")
t.refused(2, "is not a mail address", "suppress", "add", "a@b@c")
t.refused(2, "only a hard_bounce may end", "suppress", "add", "x@y.example", "--expires", "30d")
t.refused(2, "not a time to come", "suppress", "add", "x@y.example", "--reason", "hard_bounce", "--expires", "2020-01-01")
t.refused(1, "there is no company", "suppress", "add", "Nobody Inc", "--company")
t.refused(1, "is not a mail address", "suppress", "check", "x")
check("x@y.example")

# a hard bounce ends by itself
t.good("suppress", "add", "full@y.example", "--reason", "hard_bounce", "--expires", "2d")
check("full@y.example", "hard_bounce")
t.step(days=3)
check("full@y.example")

# lifting
t.refused(2, "say why", "suppress", "lift", "rival.example")
t.refused(1, "there is no suppression", "suppress", "lift", "nobody@x.example", "--because", "x")
t.good("suppress", "lift", "rival.example", "--because", "no rival any more")
check("x@rival.example")
t.good("suppress", "lift", "alice+x@acme.example", "--because", "misheard")
check("alice+x@acme.example", "client_exclusion")	# of her company, for one client
t.good("suppress", "add", "u@y.example", "--reason", "unsubscribe")
t.refused(1, "consent", "suppress", "lift", "u@y.example", "--because", "I want to")
check("u@y.example", "unsubscribe")
t.good("suppress", "lift", "u@y.example", "--because", "asked to be back", "--consent", "form of 2026-03-01")
check("u@y.example")
lifted = [x for x in t.json("suppress", "list", "--lifted") if x["lifted"]]
t.eq(sorted(x["lifted_because"] for x in lifted), ["asked to be back", "misheard", "misheard", "no rival any more"], "lifted ones stay, with why")

# import and export
path = t.write("s.txt", "subject,reason\n# a comment\none@imp.example\nTwo@Imp.Example,unsubscribe,asked\n"
               "imp2.example,legal\nnonsense\nthree@imp.example,whim\n\n")
d = t.json("suppress", "import", "--dry-run", path, code=1)
t.eq([p["line"] for p in d["problems"]], [6, 7], "bad lines by number")
check("one@imp.example")
code, out, err = t.run("suppress", "import", path)
t.ok(code == 1 and "s.txt:6:" in err and "s.txt:7: there is no reason 'whim'" in err and "3 suppressed" in out,
     "the good lines are taken", out, err)
check("one@imp.example", "do_not_contact")
check("two@imp.example", "unsubscribe")
check("who@imp2.example", "legal")
out = os.path.join(t.dir, "out.csv")
t.good("suppress", "export", out)
text = t.read("out.csv")
t.has(text, "two@imp.example,unsubscribe", "exported")
t.refused(2, "there is no reason 'x'", "suppress", "import", path, "--reason", "x")
t.refused(1, "cannot read", "suppress", "import", "/nonexistent")
t.ok(t.json("verify")["clean"], "verify is clean")
t.done()
