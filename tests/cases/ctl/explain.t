#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""classify --explain: kind, class, each reason with its words and place, what was ignored, dates, what would be done."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case(store=False)
HEAD = ("From: Ann Colby <ann@prospect.example>\nTo: <rita@example.com>\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n"
        "Message-ID: <%s@prospect.example>\nIn-Reply-To: <1@example.com>\nSubject: Re: depots\n%s\n%s\n")
BODY = """[EXTERNAL]

Not this quarter, please write to me again on 12 May.

Regards
Ann

Sent from my iPhone

On Mon, 2 Mar 2026, at 09:12, Rita <rita@example.com> wrote:
> Interested? Unsubscribe here."""

later = t.write("later.eml", HEAD % ("later", "", BODY))
out = t.good("classify", "--explain", later)
t.has(out, "later.eml: human, class not_now", "kind and class")
t.has(out, 'date: 2026-05-12, from "12 May"', "the date, and the words it comes from")
t.has(out, '"Not this quarter" in new text', "a reason, its words, where they stand")
t.has(out, "  new text:\n    | Not this quarter, please write to me again on 12 May.\n  ignored", "the new text, and no more")
t.has(out, "> Interested? Unsubscribe here.", "what was ignored as quote")
footer = out.partition("ignored as signature or footer:")[2]
for words in ("[EXTERNAL]", "Regards", "Ann", "Sent from my iPhone"):
    t.has(footer, words, f"ignored as footer: {words}")
t.has(out, "would: park until 2026-05-12", "what would be done")
t.ok("ignored" not in t.good("classify", "--format", "text", later), "without --explain it is short")

got = t.json("classify", "--explain", "--format", "json", later)[0]
t.eq((got["kind"], got["class"], got["date"], got["date_words"]), ("human", "not_now", "2026-05-12", "12 May"), "the same as JSON")
t.ok(any(e["words"] == "Not this quarter" and e["where"] == "new text" and e["rule"].startswith("phrase:en/not_now/")
         for e in got["evidence"]), "with rule, words and place", got["evidence"])
t.eq(got["visible"], "Not this quarter, please write to me again on 12 May.", "the new text")
t.ok("Unsubscribe here" in got["quote"] and "iPhone" in got["footer"] and "12" in got["would"], "and the rest", got)
plain = t.json("classify", "--format", "json", later)[0]
t.ok("visible" not in plain and "quote" not in plain, "no text of the mail without --explain")

stop = t.write("stop.eml", HEAD % ("stop", "", "Remove me from your list."))
t.has(t.good("classify", "--explain", stop), "would: suppress now, for all sequences and owners", "a demand to stop")
away = t.write("away.eml", HEAD % ("away", "Auto-Submitted: auto-replied\n",
                                   "I am out of the office until 16 March 2026. Urgent? ben@prospect.example"))
out = t.good("classify", "--explain", away)
t.has(out, "away.eml: auto_reply (out_of_office)", "the kind of a machine's answer")
t.has(out, "working day after 2026-03-16", "until when it would be parked")
t.has(out, "ben@prospect.example", "who stands in")
t.has(out, "in header", "a reason in the header")

bounce = t.write("bounce.eml", """From: MAILER-DAEMON@mx.prospect.example
To: <rita@example.com>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.prospect.example

Final-Recipient: rfc822; gone@prospect.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user here

--b--
""")
out = t.good("classify", "--explain", bounce)
t.has(out, "recipient: gone@prospect.example bounce hard 5.1.1 user_unknown", "each recipient and its fate")
t.has(out, "words: 550 5.1.1 No such user here", "in the words of the server")
t.has(out, "would: suppress the address", "a dead address")
t.done()
