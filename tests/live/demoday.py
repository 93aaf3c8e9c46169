# SPDX-License-Identifier: MPL-2.0
"""script/demo, the second scene (n) to (s): a rep's day, who uses nothing but a mail program: a lead, the digest and its
buttons, an approved mail that relent sends, an appointment, a proposal, a day off."""
import os
import re
import smtplib
import textwrap
import urllib.parse
import zoneinfo

import imip
from demoshow import holds, head, paint, say, smtp
from leads import form, lead_mailbox
from relentlive import Stack, Timeout, wait_until
from sending import FOUR, draft_of, grant, load_sequences

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
RITA = "rita@ourco.example"
PAUL, ANNA, GINA, IVAN, NORA, CARLA = ("paul@prospect.example", "anna@acme.example", "gina@globex.example",
                                       "ivan@initech.example", "nora@northwind.example", "carla@contoso.example")
CONF = "limits {\n\twarm_up_start = 0\n\tgap_days = 0\n\tcollision = off\n}\ndigest {\n\thour = 7\n}\n"


def digest(s):
    return next((m for m in reversed(s.mails("rita", from_="relent@")) if "Your digest" in m.text), None)


def excerpt(text, first, lines):
    """So many lines from the one that holds `first`."""
    all_of_it = text.replace("\r", "").splitlines()
    at = next((i for i, line in enumerate(all_of_it) if first in line), 0)
    for line in all_of_it[at:at + lines]:
        print(textwrap.shorten(f"        {line}", 130, placeholder=" ...") if line.strip() else "")


class Day:
    def __init__(self, s):
        self.s = s

    def clock(self, text):
        self.s.set_clock(text)
        at = self.s.now().astimezone(BERLIN)
        print("    " + paint("35", f"clock    {at:%A %d %B %Y, %H:%M} in Berlin"), flush=True)

    def state(self, who):
        p = self.s.json("prospect", "show", who)
        print(f"    relent   {who}: {paint('36', p['pipeline'])}, next: {p['next_step']} ({p['next_who']},"
              f" {(p['next_date'] or '')[:10]})", flush=True)

    def n(self):
        s = self.s
        head("n", "A lead: somebody fills in the form of the web site")
        form(s, PAUL, more="Budget: 10,000 EUR\n")
        note = s.wait_mail("rita", from_="relent@", subject="New inquiry", seconds=20)
        print(f"    Rita has a note: {note['Subject']}")
        d = s.wait_mail("rita", "Drafts", to=PAUL, seconds=20)
        say("and a draft that answers it:")
        excerpt(d.text, "Hello", 6)
        self.state(PAUL)
        r = [x for x in s.json("lead", "list") if x["address"] == PAUL][0]
        holds(r["owner"] and s.mails(PAUL) == [], "owned, drafted at once; nothing was sent: nobody allowed it")

    def o(self):
        s = self.s
        head("o", "The digest in the morning: what waits for Rita, each with its card, and buttons that are mails")
        grant(s, "rita", FOUR, "human_approved")
        for a in (ANNA, GINA, IVAN):
            s.ctl("enrol", FOUR, a, "--owner", RITA)
        for a in (ANNA, GINA, IVAN):
            draft_of(s, a)
        self.clock("2027-03-02T06:01:00Z")
        m = wait_until(lambda: digest(s), 30, "the digest")
        self.digest = m
        print(f"    Rita has a mail: {m['Subject']}")
        excerpt(m.text, "Anna Person", 24)
        page = next(p.get_content() for p in m.msg.walk() if p.get_content_type() == "text/html")
        holds("<a href=" in page and "approve" in m.text, "with a button for each decision in HTML, and its number in plain text")

    def number(self, who):
        d = draft_of(self.s, who)
        return self.s.row("select x.number from digest_line x join digest_list l on l.id = x.list_id where l.kind = 'digest' and"
                          " x.item_id in (?, ?) order by l.made desc", d["id"], d["enrolment_id"])["number"]

    def p(self):
        s, m = self.s, self.digest
        head("p", "She presses one button, and answers the mail for the others")
        page = next(p.get_content() for p in m.msg.walk() if p.get_content_type() == "text/html")
        n = {a: self.number(a) for a in (ANNA, GINA, IVAN)}
        to = re.search(r"[^<>\s]+@[^<>\s]+", m["Reply-To"])[0]
        links = [link.replace("&amp;", "&") for link in re.findall(r'<a href="(mailto:[^"]+)"[^>]*>Approve</a>', page)]
        link = links[n[ANNA] - 1]	# each line has one
        address, _, query = link.removeprefix("mailto:").partition("?")
        fields = {k: urllib.parse.unquote(v) for k, v in (x.split("=", 1) for x in query.split("&"))}
        print(f"    Rita presses Approve: a mail to {urllib.parse.unquote(address)[:30]}...")
        a = s.send("rita", urllib.parse.unquote(address), fields.get("subject", ""), fields.get("body", ""))
        back = wait_until(lambda: next(iter(s.mails("rita", in_reply_to=re.escape(a.message_id))), None), 20, "the answer")
        print(f"    relent answers: {back['Subject']}")
        text = f"park {n[GINA]} until May\nsuppress {n[IVAN]}\n"
        print(textwrap.indent("Rita answers the digest:\n" + textwrap.indent(text, "    "), "    "), end="")
        a = s.send("rita", to, "Re: " + m["Subject"], text, headers={"In-Reply-To": m.id, "References": m.id})
        back = wait_until(lambda: next(iter(s.mails("rita", in_reply_to=re.escape(a.message_id))), None), 20, "the answer")
        print(f"    relent answers: {back['Subject']}")
        for line in back.text.replace("\r", "").strip().splitlines()[:4]:
            print(f"        {line}")
        s.wait_state(GINA, "parked")
        holds(bool(s.suppressed(IVAN)), "one is parked, one will never be written to again")
        self.clock("2027-03-02T08:05:00Z")
        got = s.wait_mail(ANNA, seconds=30)
        print(f"    Anna has a mail from {got['From']}: {got['Subject']}")
        holds(len(s.touches(ANNA)) == 1, "the approved one was sent by relent: exactly these words, once, as Rita, past the same milter")
        a = s.send("rita", ANNA, got["Subject"], got.text.replace("\r", ""), headers={"In-Reply-To": got.id, "References": got.id})
        smtp("rita", a)
        holds(not a.accepted, "the same by hand is refused: it has gone out")

    def q(self):
        s = self.s
        head("q", "An appointment: Rita's calendar invites, the prospect's accepts")
        invitation = imip.mail(s, RITA, ANNA, "Invitation: Your handoffs", "REQUEST", imip.ics(
            "REQUEST", "inv-1@ourco.example", "20270304T100000", organizer=RITA, attendee=ANNA))
        smtp("rita", s.send("rita", ANNA, raw=invitation))
        self.state(ANNA)
        s.deliver(ANNA, "rita", "", "", raw=imip.mail(s, ANNA, RITA, "Accepted: Your handoffs", "REPLY", imip.ics(
            "REPLY", "inv-1@ourco.example", "20270304T100000", organizer=RITA, attendee=ANNA, partstat="ACCEPTED")))
        s.wait_state(ANNA, "booked", seconds=20)
        self.state(ANNA)
        a = s.json("appointment", "show", ANNA)
        holds(a["state"] == "booked", f"booked, on her word: {a['when']}")

    def r(self):
        s = self.s
        head("r", "A proposal: the follow-up says nothing that it does not say")
        s.enrol("rita", NORA)
        a = s.send("rita", NORA, "Our proposal", "Hi,\n\nas promised: 8 workshops for EUR 7,800, valid until 2027-03-31.\n\nRita\n",
                   bcc=[s.control("proposal")])
        smtp("rita", a)
        s.ctl("proposal", "edit", NORA, "--scope", "8 workshops", "--problem", "tickets pile up", "--outcome",
              "half of them answer themselves", "--decision", "the board decides on Fridays")
        for line in s.ctl("proposal", "show", NORA).splitlines():
            if re.match(r"(price|expires|state|scope) ", line):
                print(f"        {line}")
        self.clock("2027-03-04T09:00:00Z")
        d = s.wait_mail("rita", "Drafts", to=NORA, seconds=20)
        say("Two days later a follow-up is in Rita's Drafts. She makes it cheaper and sends it:")
        thread = {k: d[k] for k in ("In-Reply-To", "References") if d[k]}
        a = s.send("rita", NORA, d["Subject"], d.text.replace("\r", "") + "\nIf you sign today it is EUR 6,900.\n", headers=thread)
        smtp("rita", a)
        holds(not a.accepted, "refused: the proposal names another price")
        a = s.send("rita", NORA, d["Subject"], d.text.replace("\r", ""), headers=thread)
        smtp("rita", a)
        holds(a.accepted, "as it was drafted, it goes out")

    def day_off(self):
        s = self.s
        head("s", "Rita is away; she says so in a mail")
        a = s.send("rita", s.control("away.2027-03-15"), "away", "")
        smtp("rita", a)
        back = wait_until(lambda: next(iter(s.mails("rita", in_reply_to=re.escape(a.message_id))), None), 20, "the answer")
        print(f"    relent answers: {back['Subject']}")
        owner = [o for o in s.json("owner", "list") if o["login"] == RITA][0]
        holds(bool(owner["away_until"]), f"until {owner['away_until'][:10]} nothing of hers falls due")

    def verify(self):
        head("verify", "Is all of that true? The chain of events, refolded")
        code, out, err = self.s.verify()
        for line in (out + err).strip().splitlines()[-5:]:
            print(f"    relentctl {line}")
        holds(code == 0, "relentctl verify is clean")


def play(keep=False):
    """The whole scene, on servers of its own. Returns the stack, which runs on if it is to be kept."""
    print("\n" + paint("1", "The second scene: a rep's day. Monday, 1 March 2027."), flush=True)
    with Stack(clock="2027-03-01T08:00:00Z", conf=CONF) as s:
        lead_mailbox(s, owners=f'"{RITA}"')
        load_sequences(s)
        s.import_prospects(*((a, a.split("@")[0].capitalize() + " Person", "") for a in (ANNA, GINA, IVAN, NORA, CARLA)))
        day = Day(s)
        for part in (day.n, day.o, day.p, day.q, day.r, day.day_off, day.verify):
            try:
                part()
            except (Timeout, AssertionError, OSError, smtplib.SMTPException, StopIteration) as e:
                holds(False, f"({part.__name__}) ran to its end: {e}")
