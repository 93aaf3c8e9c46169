#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl and nonsense: every command, with every kind of odd argument, ends with one clear sentence."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
t.good("sequence", "load")
t.good("prospect", "add", "alice@acme.example", "--source", "crm", "--permission", "consent", "--owner",
       "rita@example.com")
t.good("enrol", "seven-touch", "alice@acme.example")
commands = [line.split("\t") for line in t.good("--list-commands", conf=False).splitlines()]
ODD = ["", " ", "-", "--", "@", "a@", "@b", "%s%n%x", "'; drop table prospect; --", "/nonexistent/../passwd", "\x01\x1b[31m",
       "ü" * 3000, "A" * 100000, "0", "-1", "99999999999999999999", "2026-02-30", "nan", "*", "{}", "\n", "\u202e", "alice"]
SLOW = {"setup postfix", "doctor"}
bad = []
runs = 0


def check(args, **kw):
    global runs
    runs += 1
    code, out, err = t.run(*args, **kw)
    words = [a[:40] for a in args]
    if code not in (0, 1, 2, 3):
        bad.append(f"{words}: exit {code}: {err[-300:]}")
    elif code and not (out + err).strip():
        bad.append(f"{words}: exit {code} without a word")
    elif any(ord(c) < 0x20 and c not in "\n\t\r" for c in out + err):
        bad.append(f"{words}: control characters reach the terminal")
    elif code and err and len(err.splitlines()) > 1 and "usage" not in err and words[0] not in ("classify", "sequence"):
        bad.append(f"{words}: more than one sentence: {err[:300]}")


for name, options in commands:
    if name in SLOW or name in ("prospect export", "suppress export", "store backup"):
        continue
    verb = name.split()
    for i, odd in enumerate(ODD):
        if (i + len(name)) % 6 == 0:    # a sixth each: all kinds, and still quick
            check([*verb, odd], stdin=b"")
            check([*verb, "alice@acme.example", odd], stdin=b"")
    for i, option in enumerate(options.split()):
        if option and (i + len(name)) % 2:
            check([*verb, "alice@acme.example", option, ODD[(i * 7 + len(name)) % len(ODD)]], stdin=b"")
t.ok(not bad, f"{runs} odd commands: exit 0 to 3 and one sentence each", "\n".join(bad[:20]))

for args in (["sequence", "check", "\x1b[31m"], ["classify", "\x1b[31m"], ["config", "show", "\x1b[31m"]):
    code, out, err = t.run(*args)
    t.ok("\x1b" not in out + err, f"{args[0]}: a name on the command line is not obeyed by the terminal", out, err)

# what lies in the store cannot talk to the terminal either
t.good("prospect", "add", "evil@x.example", "--source", "crm", "--permission", "c", "--name",
       "\x1b]0;owned\x07 \x9b31m E\u009b31mve \x08\x08")
out = t.good("prospect", "show", "evil@x.example") + t.good("prospect", "list") + t.good("log", "evil@x.example")
t.ok(not any((ord(c) < 0x20 and c not in "\n") or 0x7f <= ord(c) < 0xa0 for c in out), "escape sequences are taken out", out)
p = t.json("prospect", "show", "evil@x.example")
t.ok("\x1b]0;owned" in p["name"], "JSON keeps them, escaped")

# JSON stays JSON, whatever happens
for args in (["prospect", "list"], ["status"], ["verify"], ["review", "list"], ["due", "--within", "9d"], ["config", "show"],
             ["sequence", "states"], ["suppress", "list"], ["report", "quiet"], ["explain", "evil@x.example"]):
    t.json(*args)
for args in (["prospect", "show", "\x1b"], ["nonsense"], ["suppress", "add", "\""], ["log", "\\"]):
    code, out, err = t.run("--json", *args)
    t.ok(code in (1, 2) and json.loads(err)["error"], f"an error as JSON: {args!r}", err)
t.ok(t.json("verify")["clean"], "verify is clean after all this")
t.done()
