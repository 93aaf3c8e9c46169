#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl appointment, task, touch, reply, owner link: the happy path and typical slips.

rules of the house: nothing is booked without somebody's word, times are those of a zone.
rows: 443, 465, 469, 471, 572, 576, 579, 582, 811, 818
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case(conf='booking { link = "https://book.example/all" }\n')
ANN = "ann@acme.example"
t.good("prospect", "add", ANN, "--source", "referral", "--permission", "consent", "--name", "Ann Acme",
       "--owner", "rita@example.com", "--zone", "Europe/London", "--phone", "+44 20 1234")

# ---- appointments ----
t.refused(2, "when does it start", "appointment", "add", ANN)
t.refused(2, "is no time", "appointment", "add", ANN, "--starts", "soonish")
t.refused(2, "neither proposed nor booked", "appointment", "add", ANN, "--starts", "2026-03-05 10:00", "--state", "held")
t.refused(1, "before it is booked, confirm: interest in their own words, fit (target_fit, role_fit)", "appointment", "add", ANN,
          "--starts", "2026-03-05 10:00", "--state", "booked", "--summary", "Talk")
t.refused(1, "in the past", "appointment", "add", ANN, "--starts", "2026-02-01 10:00")
t.refused(1, "there is no time zone", "appointment", "add", ANN, "--starts", "2026-03-05 10:00", "--zone", "Mars/Olympus")
t.good("appointment", "add", ANN, "--starts", "2026-03-05 10:00", "--summary", "Talk")
a = t.json("appointment", "show", ANN)
t.eq((a["state"], a["when"]), ("proposed", "2026-03-05 10:00 (Europe/Berlin), 2026-03-05 09:00 for them (Europe/London)"),
     "proposed, on both clocks")
t.eq(a["evidence"].startswith("the word of "), True, "on somebody's word")
t.good("appointment", "edit", ANN, "--starts", "2026-03-06 15:00", "--zone", "Europe/London", "--agreed",
       "--because", "agreed on the phone")
a = t.json("appointment", "show", ANN)
t.eq((a["state"], a["starts"], a["quality"]), ("booked", "2026-03-06T15:00:00Z", "unqualified"), "booked, in their zone")
t.eq([x["state"] for x in t.json("appointment", "list")], ["booked"], "listed")
t.refused(1, "lies ahead", "appointment", "showed", ANN)
t.good("appointment", "cancel", ANN, "--because", "ill")
t.refused(1, "cancelled already", "appointment", "cancel", ANN)
t.eq(t.json("appointment", "list"), [], "what is over is not ahead")
t.eq([x["state"] for x in t.json("appointment", "list", "--all")], ["cancelled"], "but on record")
t.refused(1, "there is no appointment", "appointment", "show", "ffffffff")
t.good("appointment", "add", ANN, "--starts", "2026-03-09 10:00", "--state", "booked", "--summary", "Talk", "--because", "she said so")
t.step(days=8)
t.good("appointment", "showed", ANN, "--quality", "good")
r = t.json("report", "appointments")[0]
t.eq((r["booked"], r["show"], r["qualified"], r["show_rate"]), (2, 1, 0, "100 %"), "the rates")

# ---- other channels ----
t.refused(2, "on which channel", "touch", "add", ANN)
t.refused(1, "there is no channel 'telex'", "touch", "add", ANN, "--channel", "telex")
t.good("touch", "add", ANN, "--channel", "phone", "--text", "left a message")
t.eq([x["channel"] for x in t.json("prospect", "show", ANN)["touches"]], ["phone"], "in the history")
t.refused(2, "on which channel", "reply", "add", ANN, "--channel", "phone")
t.refused(1, "there is no class 'keen'", "reply", "add", ANN, "--channel", "phone", "--class", "keen")
t.refused(1, "booked, but when?", "reply", "add", ANN, "--channel", "phone", "--class", "booked")
t.good("reply", "add", ANN, "--channel", "phone", "--class", "interested", "--text", "call me next week")
tasks = [x["text"] for x in t.json("task", "list")]
t.eq(any("before an hour is offered" in x and "target_fit, role_fit" in x for x in tasks), True, "what to ask first")
one = t.json("task", "list")[0]["short"]
t.eq(t.json("task", "show", one)["phone"], "+44 20 1234", "a task says how to reach the person")
t.good("task", "skip", one, "--because", "not now")
t.refused(1, "over since", "task", "done", one)
t.refused(1, "there is no task", "task", "done", "ffffffff")

# ---- where people book ----
t.refused(2, "is no https link", "owner", "link", "rita@example.com", "book.example")
t.refused(1, "there is no owner", "owner", "link", "nobody@example.com", "https://book.example/x")
t.good("owner", "link", "rita@example.com", "https://book.example/rita")
t.eq(t.run("verify")[0], 0, "verify is clean")
t.done()
