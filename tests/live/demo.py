# SPDX-License-Identifier: MPL-2.0
"""script/demo: the main job (a) to (m), for a mail administrator to read. The live tests beside it assert
the same in detail; here each part also ends with what must hold, and the exit code says if it did."""
import contextlib
import datetime
import os
import re
import signal
import smtplib
import sys
import tempfile
import textwrap
import zoneinfo

import demoday
from demoshow import failures, head, holds, paint, say, smtp
from latermilter import LaterMilter
from relentlive import STACK, Answer, Stack, Timeout, need, wait_until

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
ANN, CARL, DORA, ED = "ann@prospect.example", "carl@acme.example", "dora@globex.example", "ed@globex.example"
FRANK, GINA, HANS = "frank@initech.example", "gina@umbrella.example", "hans@northwind.example"
KIM, LARS = "kim@contoso.example", "lars@fabrikam.example"
NOBODY = "nobody@nouser.example"
PEOPLE = [ANN, CARL, FRANK, GINA, HANS, NOBODY, DORA, ED, KIM, LARS]
SEVEN = PEOPLE[:6]			# the cadence starts as a pilot of ten; the others get another one
OPENER = ("Hi {name},\n\nyou opened a second office last month. Who looks after the move of your mail there?\n\n"
          "Best,\nRita\n\n-- \nOurCo. To unsubscribe, answer with \"unsubscribe\".\n")


class Demo:
    def __init__(self, s, later):
        self.s, self.later, self.first = s, later, {}

    # ---- what is shown ----

    def state(self, *people):
        for p in people:
            e = self.s.enrolment(p)
            due = datetime.datetime.fromtimestamp(e["due"], BERLIN).strftime("%a %d %b %Y %H:%M") if e["due"] else "-"
            why = e["reason"] or e["pause_reason"] or ""
            print(f"    relent   {p}: {paint('36', e['state'])}{f' ({why})' if why else ''}, step {e['step']}, next: {due}",
                  flush=True)

    def clock(self, text):
        self.s.set_clock(text)
        at = self.s.now().astimezone(BERLIN)
        print("    " + paint("35", f"clock    {at:%A %d %B %Y, %H:%M} in Berlin"), flush=True)

    def answer(self, address, text, **kw):
        name = address.split("@")[0].capitalize()
        print(f"    {name:>8} -> {text.strip().splitlines()[0]}", flush=True)
        return self.s.deliver(f"{name} <{address}>", "rita", "Re: The second office", text + f"\n\n{name}\n",
                              answers=self.first[address], **kw)

    def touch(self, address, text, rep="rita", **kw):
        first = self.first[address]
        a = self.s.send(rep, address, "Re: The second office", text,
                        headers={"In-Reply-To": first.id, "References": first.id}, **kw)
        smtp(rep, a)
        return a

    def enrol(self, address, sequence="seven-touch"):
        a = self.s.send("rita", address, "The second office", OPENER.format(name=address.split("@")[0].capitalize()),
                        bcc=[self.s.control(f"seq.{sequence}")])
        return a

    # ---- the parts ----

    def a(self):
        s = self.s
        head("a", "Prospects from a CSV file; the rep enrols them by writing to them")
        rows = [f"{p},{p.split('@')[0].capitalize()} Person,event,legitimate_interest,2027-01-05,rita@ourco.example"
                for p in PEOPLE] + ["zoe@umbrella.example,Zoe Person,event,,2027-01-05,rita@ourco.example"]
        path = s.write("people.csv", "\r\n".join(["email,name,source,permission,captured,owner", *rows]) + "\r\n")
        code, out, err = s.ctl("prospect", "import", path, ok=None)
        for line in (out + err).strip().splitlines()[-6:]:
            print("    relentctl " + line)
        holds(re.search(rf"\b{len(rows) + 1}\b.*permission", out + err), "the row without a permission is reported by its line")
        say("Rita writes to each of them from her mail client, with relent+seq.seven-touch@ourco.example in Bcc.")
        for p in PEOPLE:
            a = self.enrol(p, "seven-touch" if p in SEVEN else "four-message")
            if p in (ANN, NOBODY):
                smtp("rita", a)
            if not a.accepted:
                holds(False, f"the mail to {p} is accepted: {a}")
        for p in PEOPLE:
            if p != NOBODY:
                self.first[p] = s.received(p)
                s.wait_state(p, "waiting", seconds=20)
        say("What Ann got:")
        for h in ("From", "To", "Subject", "Relent-Touch", "List-Unsubscribe"):
            print(f"        {h}: {self.first[ANN][h]}")
        holds(all(b"seq." not in m.raw for m in self.first.values()), "no trace of the control address")
        holds(all(len(s.touches(p)) == 1 for p in self.first), "one touch each is recorded")
        self.state(ANN)

    def b(self):
        s = self.s
        head("b", "One is interested")
        self.answer(ANN, "Yes, I am interested. Can you send more details?")
        s.wait_state(ANN, "reply_received", "human_review")
        note = s.wait_mail("rita", from_="relent@", seconds=15)
        print(f"    Rita has a note: {note['Subject']}")
        for line in note.text.strip().splitlines()[:12]:
            print(f"        {line}")
        self.state(ANN)
        say("Rita had the second touch prepared, and sends it without having read the answer:")
        a = self.touch(ANN, "Hi Ann,\n\nanother firm of your size saved a week with it.\n\nRita\n")
        holds(not a.accepted and "550" in repr(a), "refused")
        theirs = s.mails("rita", from_="ann")[0]
        say("She answers the answer:")
        a = s.send("rita", ANN, "Re: The second office", "Hi Ann, gladly: attached.\n\nRita\n",
                   headers={"In-Reply-To": theirs.id, "References": f"{self.first[ANN].id} {theirs.id}"})
        smtp("rita", a)
        holds(a.accepted, "a person can always answer a person")

    def c(self):
        s = self.s
        head("c", "One is away until a date")
        print("    Carl's vacation program -> I am out of the office until Friday, 22 January 2027.")
        s.deliver(f"Carl <{CARL}>", "rita", "Automatic reply: The second office",
                  "I am out of the office until Friday, 22 January 2027.\n", answers=self.first[CARL], quote=False,
                  envelope="", headers={"Auto-Submitted": "auto-replied"})
        e = s.wait_state(CARL, "parked")
        self.state(CARL)
        holds(datetime.datetime.fromtimestamp(e["due"], BERLIN).date().isoformat() == "2027-01-25",
              "parked until the working day after it")

    def d(self):
        s = self.s
        head("d", "One address does not exist")
        s.wait_state(NOBODY, "failed", seconds=20)
        line = [x for x in s.log("postfix").splitlines() if "status=bounced" in x and NOBODY in x][0]
        print(textwrap.fill(line, 100, initial_indent="    Postfix  ", subsequent_indent="             "))
        self.state(NOBODY)
        a = s.send("ralph", NOBODY, "Hello", "Hi,\n\nRalph here.\n")
        smtp("ralph", a)
        holds(a.rcpt.get(NOBODY, (0,))[0] == 550, "the next mail to it is refused at RCPT")

    def e(self):
        s = self.s
        head("e", "\"Please take me off your list\", above our footer that also says unsubscribe")
        self.answer(DORA, "Please take me off your list.")
        s.wait_state(DORA, "suppressed")
        self.state(DORA)
        a = s.send("ralph", DORA, "Hello", "Hi Dora,\n\nRalph here.\n")
        smtp("ralph", a)
        holds(a.rcpt.get(DORA, (0,))[0] == 550, "another rep is refused at RCPT")
        a = s.send("rita", DORA, "A new idea", "Hi Dora,\n\nsomething new.\n")
        smtp("rita", a)
        holds(not a.accepted, "and so is this one, at the end of the mail (it might have been an answer)")
        address = re.search(r"mailto:([^?>]+)", self.first[ED]["List-Unsubscribe"]).group(1)
        print(f"    Ed's mail client -> a mail to {address}")
        s.deliver(f"Ed <{ED}>", address, "unsubscribe", "unsubscribe\n")
        s.wait_state(ED, "suppressed")
        self.state(ED)
        holds(bool(s.suppressed(ED)), "the unsubscribe address of the stamp does the same")

    def f(self):
        s = self.s
        head("f", "\"Not now, try me in March\"")
        self.answer(FRANK, "Not now, we are busy. Try me again in March.")
        e = s.wait_state(FRANK, "parked")
        self.state(FRANK)
        holds(datetime.datetime.fromtimestamp(e["due"], BERLIN).date().isoformat() == "2027-03-01", "parked until March")

    def g(self):
        s = self.s
        head("g", "Silence")
        self.clock("2027-01-13T09:00:00Z")
        d = s.wait_mail("rita", "Drafts", seconds=30, to="gina")
        s.barrier()
        say("In Rita's Drafts:")
        for line in d.raw.decode("utf-8", "replace").replace("\r", "").strip().splitlines()[:24]:
            print(f"        {line}")
        holds(len(s.drafts("rita", GINA)) == 1 and d["In-Reply-To"] == self.first[GINA].id,
              "exactly one draft, threaded under the first mail")
        thread = {"In-Reply-To": d["In-Reply-To"], "References": d["References"]}
        say("She sends it with a placeholder left in it:")
        a = s.send("rita", GINA, d["Subject"], "Hi Gina,\n\nI saw that {{evidence}} and thought of you.\n", headers=thread)
        smtp("rita", a)
        holds("{{evidence}}" in a.text and not a.accepted, "refused, quoting it")
        say("Her client saves the edited draft as a new message of its own, deletes the old one, and sends:")
        box = s.box("rita")
        text = re.sub(r"\{\{[^}]*\}\}", "a team of your size moved 40 mailboxes in a day", d.text) + "\nP.S. See you in town.\n"
        box.append("Drafts", s.compose("rita@ourco.example", GINA, d["Subject"], text, thread), r"(\Draft)")
        box.delete("Drafts", d.uid)
        a = s.send("rita", GINA, d["Subject"], text, headers=thread)
        smtp("rita", a)
        for x in s.drafts("rita", GINA):
            box.delete("Drafts", x.uid)
        t = s.touches(GINA)[-1]
        holds(a.accepted and t["step"] == 2 and t["drafted_text"], "recorded as touch 2 with the drafted and the final text")
        print(f"    relent   edit ratio {t['edit_ratio']:.2f}" if t["edit_ratio"] is not None else "    relent   no edit ratio")
        s.wait_state(GINA, "waiting")
        self.state(GINA)

    def h(self):
        s = self.s
        head("h", "The same touch twice; a connection that dies; a later milter that rejects")
        a = s.send("rita", HANS, "The second office", OPENER.format(name="Hans"))
        smtp("rita", a)
        holds(not a.accepted, "the same touch again is refused")
        people = ["hugo@tailspin.example", "hilde@wingtip.example"]
        s.import_prospects(*((p, p.split("@")[0].capitalize(), "") for p in people))
        text = "Hi,\n\nwho looks after your mail?\n\nRita\n"
        raw = s.compose("rita@ourco.example", people[0], "An idea", text)
        enrol = [s.control("seq.four-message")]
        say("The client's connection dies after the final dot, and it sends again:")
        s.send_and_die("rita", people[0], raw, enrol)
        wait_until(lambda: (s.touches(people[0]) or [{}])[0].get("sent_state") == "delivered", 15, "delivered")
        a = s.send("rita", people[0], raw=raw, bcc=enrol)
        smtp("rita", a)
        holds(a.accepted and len(s.touches(people[0])) == 1 and len(s.mails(people[0])) == 1, "one touch, one delivery")
        say("A virus scanner behind relent rejects what relent had let pass:")
        self.later.reject = "550 5.7.1 the scanner does not like this"
        a = s.send("rita", people[1], "An idea", text, bcc=enrol)
        smtp("rita", a)
        wait_until(lambda: not s.touches(people[1]), 15, "taken back")
        self.later.reject = None
        a = s.send("rita", people[1], "An idea", text, bcc=enrol)
        smtp("rita", a)
        holds(a.accepted, "the touch was taken back, and the corrected mail is no duplicate")

    def i(self):
        s = self.s
        head("i", "Too early; and the end of a sequence")
        p = "ines@northwind.example"
        s.import_prospects((p, "Ines Person", ""))
        a = self.enrol(p, "four-message")
        self.first[p] = s.received(p)
        s.wait_state(p, "waiting", seconds=20)
        say("Rita writes the second touch on the same day:")
        a = self.touch(p, "Hi Ines,\n\nanother firm of your size saved a week with it.\n\nRita\n")
        holds(not a.accepted and " 4.7.1" in " " + repr(a), "put off, with the next free date")
        texts = ["the calendars break first: our list has the five checks that find it before the move",
                 "is it a matter for the summer, or is somebody else the right person to ask about it",
                 "I take it that this is not on your desk, so this is my last mail about it"]
        for n, text in enumerate(texts, 2):
            s.set_clock_to(s.enrolment(p)["due"] + 60)
            s.barrier()
            d = s.wait_mail("rita", "Drafts", seconds=30, to="ines")
            a = s.send("rita", p, d["Subject"], f"Hi Ines,\n\n{text}.\n\nRita\n",
                       headers={"In-Reply-To": d["In-Reply-To"], "References": d["References"]})
            holds(a.accepted, f"touch {n}")
            s.wait_state(p, "waiting", seconds=20)
            for x in s.drafts("rita", p):
                s.box("rita").delete("Drafts", x.uid)
        s.set_clock_to(s.enrolment(p)["due"] + 60)
        s.wait_state(p, "closed", seconds=30)
        s.barrier()
        self.state(p)
        a = self.touch(p, "Hi Ines,\n\nand a fifth thought on all of it.\n\nRita\n")
        holds(not a.accepted, "no further touch passes")
        self.answer(p, "Sorry for my silence. Yes, please call me next week.")
        s.wait_state(p, "human_review", "reply_received", seconds=15)
        self.state(p)
        holds(True, "an answer after the end still reaches the owner")

    def j(self):
        s = self.s
        head("j", "Ordinary mail of ordinary users")
        raw = s.compose("olga@ourco.example", ANN, "Lunch", "Hi ,\n\n{{not ours}} at noon?\n")
        a = s.send("olga", ANN, raw=raw)
        smtp("olga", a)
        m = s.wait_mail(ANN, subject="^Lunch$")
        holds(m.raw.endswith(raw), "untouched, byte for byte below the servers' own headers")
        s.stop("imapwatch"), s.stop("milter")
        store = s.env["RELENT_STORE"]
        os.rename(store, store + ".away")
        os.mkdir(store)
        s.restart("milter")
        say("The store is gone:")
        a = s.send("olga", ANN, "Dinner", "At eight?\n")
        smtp("olga", a)
        holds(a.accepted, "an ordinary user does not notice")
        a = s.send("rita", ANN, "A new idea", "Hi Ann,\n\nsomething new.\n")
        smtp("rita", a)
        holds(not a.accepted and "4.3.0" in repr(a), "an outreach sender is asked to try again")
        s.stop("milter")
        os.rmdir(store)
        os.rename(store + ".away", store)
        s.restart("milter"), s.restart("imapwatch")

    def k(self):
        s = self.s
        head("k", "kill -9 of everything while a touch goes out and an answer comes in")
        p = "karl@tailspin.example"
        s.import_prospects((p, "Karl Person", ""))
        raw = s.compose("rita@ourco.example", p, "The second office", OPENER.format(name="Karl"))
        c = s.login("rita")
        try:
            c.mail("rita@ourco.example"), c.rcpt(p), c.rcpt(s.control("seq.seven-touch"))
            s.kill("milter")
            a = Answer()
            a.took("data", c.data(raw))
        except (smtplib.SMTPException, OSError) as e:
            a.code, a.text = getattr(e, "smtp_code", 0), getattr(e, "smtp_error", str(e).encode()).decode("utf-8", "replace")
        smtp("rita", a)
        s.restart("milter")
        a = s.send("rita", p, raw=raw, bcc=[s.control("seq.four-message")])
        smtp("rita", a)
        s.wait_state(p, "waiting", seconds=20)
        self.first[p] = s.received(p)
        self.answer(p, "Yes, I am interested, please send details.")
        wait_until(lambda: s.mails("rita", from_="karl"), 10)
        for pid in s.pids("imapwatch"):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        s.restart("imapwatch")
        e = s.wait_state(p, "reply_received", "human_review", seconds=30)
        self.state(p)
        n = len(s.rows("select 1 from reply where enrolment_id = ?", e["id"]))
        holds(len(s.touches(p)) == 1 and len(s.mails(p)) == 1 and n == 1, "one touch, one mail, one answer")

    def l(self):
        s = self.s
        head("l", "A forged bounce, and an unsubscribe by a stranger")
        forged = ("From: MAILER-DAEMON@mx.umbrella.example\r\nTo: rita@ourco.example\r\nSubject: Undelivered Mail\r\n"
                  "Message-ID: <forged@umbrella.example>\r\nMIME-Version: 1.0\r\n"
                  "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n"
                  "--b\r\n\r\nno such user\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
                  "Reporting-MTA: dns; mx.umbrella.example\r\n\r\n"
                  f"Final-Recipient: rfc822; {LARS}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n").encode()
        s.deliver("", "rita", None, None, raw=forged, envelope="")
        s.deliver("Eve <eve@umbrella.example>", "rita", "unsubscribe", f"Please unsubscribe {KIM}.\n")
        s.barrier()
        self.state(LARS, KIM)
        holds(not s.suppressed(LARS) and not s.suppressed(KIM), "nobody is suppressed by it")

    def later_days(self):
        s = self.s
        head("c, f", "The days that were promised")
        if s.now().date() < datetime.date(2027, 1, 25):
            self.clock("2027-01-25T09:00:00Z")
        wait_until(lambda: s.drafts("rita", CARL), 30, "Carl's draft")
        self.state(CARL)
        holds(len(s.drafts("rita", CARL)) == 1, "Carl is back: the draft of touch 2 lies there")
        if s.now().date() < datetime.date(2027, 3, 1):
            self.clock("2027-03-01T09:00:00Z")
        d = s.wait_mail("rita", "Drafts", seconds=30, to="frank")
        for line in d.text.strip().splitlines()[:8]:
            print(f"        {line}")
        holds("March" in d.text, "Frank's draft says why it comes now")

    def m(self):
        s = self.s
        head("m", "mode = observe: how an administrator begins")
        conf = s.env["RELENT_CONF"]
        with open(conf) as f:
            text = f.read()
        with open(conf, "w") as f:
            f.write(re.sub(r"(?m)^mode = .*$", "mode = observe", text))
        s.restart("milter")
        a = s.send("rita", DORA, "A new idea", "Hi Dora,\n\nsomething new.\n")
        smtp("rita", a)
        holds(a.accepted, "nothing is refused")
        out = s.ctl("report", "would-have-refused")
        for line in out.strip().splitlines()[-6:]:
            print(f"    relentctl {line}")
        holds(DORA in out, "the report says what would have been")

    def verify(self):
        head("verify", "Is all of that true? The chain of events, refolded")
        code, out, err = self.s.verify()
        for line in (out + err).strip().splitlines()[-5:]:
            print(f"    relentctl {line}")
        holds(code == 0, "relentctl verify is clean")


def main():
    keep = "--keep" in sys.argv
    parts = [p for p in sys.argv[1:] if not p.startswith("-")]
    need()
    work = tempfile.mkdtemp(prefix="relent-demo-later-", dir="/tmp")
    os.chmod(work, 0o755)
    later = LaterMilter(work + "/later.sock")
    stack = Stack(clock="2027-01-11T08:00:00Z", later_milter=None if keep else later.spec)
    if parts != ["day"]:
        print("Starting a private Postfix, Dovecot and relent. It is Monday, 11 January 2027, 9 o'clock in Berlin.",
              flush=True)
    try:
        with stack if parts != ["day"] else contextlib.nullcontext() as s:
            demo = Demo(s, later)
            for letter in "abcdefghijkl" if s else "":
                if letter != "a" and parts and letter not in parts or letter == "h" and keep:
                    continue
                try:
                    getattr(demo, letter)()
                except (Timeout, AssertionError, OSError, smtplib.SMTPException) as e:
                    holds(False, f"({letter}) ran to its end: {e}")
                    if letter == "a":
                        raise
            for late in [] if not s else ([demo.later_days] if not parts or {"c", "f"} <= set(parts) else []) + \
                    ([demo.m] if not parts or "m" in parts else []) + [demo.verify]:
                try:
                    late()
                except (Timeout, AssertionError, OSError) as e:
                    holds(False, f"ran to its end: {e}")
            if keep:
                s.boxes.clear()
                print(f"\nLeft running in {s.dir}. Log in with any mail client (authority: {s.env['CA_FILE']}):")
                print(f"    IMAP 127.0.0.1:{s.env['IMAP_PORT']} (TLS)    submission 127.0.0.1:{s.env['SUBMISSION_PORT']} (STARTTLS)")
                print(f"    reps      {s.env['REP_USERS']}    password {s.env['REP_PASSWORD']}")
                print(f"    prospects {s.env['PROSPECT_USERS']}    password {s.env['PROSPECT_PASSWORD']}")
                print(f"    relentctl {s.env['RELENTCTL']} -c {s.env['RELENT_CONF']} --clock-file {s.env['CLOCK_FILE']} status")
                print(f"    and when you have seen enough: {STACK} down --purge {s.dir}")
                sys.stdout.flush()
                stack.keep = True
    except (Timeout, AssertionError) as e:
        print(f"    {e}")
        failures.append(str(e))
    if not keep and (not parts or "day" in parts):
        try:
            demoday.play()
        except (Timeout, AssertionError, OSError) as e:
            holds(False, f"the second scene ran to its end: {e}")
    print(f"\n{'Everything held.' if not failures else f'{len(failures)} things did not hold:'}")
    for f in failures:
        print(f"    {f}")
    return 1 if failures else 0


sys.exit(main())
