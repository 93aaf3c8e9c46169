# SPDX-License-Identifier: MPL-2.0
"""Load of two hosts on one database, for the tests that take the database away meanwhile. Standard library only."""
import os
import re
import threading
import time

from relentlive import TOP, wait_until

DOMAINS = ("prospect acme globex initech umbrella northwind contoso fabrikam tailspin wingtip").split()
CONF = """limits { sender_per_day = 0 domain_per_day = 0 warm_up_start = 0 gap_days = 0 collision = off }
imapwatch { lease = 5s }
"""
TEXT = "Hi,\n\nwho looks after your mail at the new place?\n\nRita\n"


class Load:
    """Two clients at each host, that come again as queues do, and a colleague at each whose mail is none of our business."""

    def __init__(self, tap, stacks, prefix, n, patience=180):
        self.tap, self.patience = tap, patience
        self.stacks, self.people = stacks, [f"{prefix}{k}@{DOMAINS[k % 10]}.example" for k in range(n)]
        stacks[0].import_prospects(*((p, p.split("@")[0].capitalize() + " Person", "") for p in self.people))
        self.told, self.answers, self.slow, self.ordinary = {}, [], [], []
        self.go, self.trouble, self.done = threading.Event(), threading.Event(), threading.Event()
        self.clients = [threading.Thread(target=self.client, args=(stacks[k % 2], self.people[k::4]), daemon=True)
                        for k in range(4)]
        self.others = [threading.Thread(target=self.other, args=(s,), daemon=True) for s in stacks]
        for t in self.clients + self.others:
            t.start()

    def client(self, s, mine):
        for k, p in enumerate(mine):
            if k == 1:
                self.go.wait(60)	# the rest goes out into the trouble
            if k == len(mine) - 1:
                self.trouble.wait(300)	# one of each is left for when the database is away
            raw = s.compose("rita@ourco.example", p, "An idea", TEXT)
            until = time.monotonic() + self.patience
            while time.monotonic() < until:
                began = time.monotonic()
                try:
                    r = s.send("rita", p, raw=raw, bcc=[s.control("seq.seven-touch")])
                except OSError as e:
                    r = e
                self.slow.append(time.monotonic() - began)
                self.answers.append(r)
                if not isinstance(r, OSError) and (r.accepted or r.code // 100 == 5):
                    self.told[p] = r
                    break
                self.done.wait(0.3)

    def other(self, s):
        while not self.done.is_set():
            began = time.monotonic()
            try:
                good = s.send("olga", "otto@ourco.example", "Lunch", "At one?\n").accepted
            except OSError as e:
                good = e
            self.ordinary.append((good, time.monotonic() - began))
            self.done.wait(0.3)

    def codes(self):
        return {r.code for r in list(self.answers) if not isinstance(r, OSError)}

    def started(self):
        wait_until(lambda: len(self.told) >= 2, 60, "the load runs")

    def finish(self):
        for t in self.clients:
            t.join()
        self.done.set()
        for t in self.others:
            t.join()

    def check(self, what, again=True):
        a, b, tap = *self.stacks, self.tap
        if again:
            tap.ok(451 in self.codes(), f"{what}: outreach was told to come again", self.codes())
        tap.eq({c for c in self.codes() if c // 100 == 5}, set(), f"{what}: nothing was refused for good")
        tap.eq([x for x, _ in self.ordinary if x is not True], [],
               f"{what}: {len(self.ordinary)} mails of others went through all the time")
        # a quiet machine answers them in some 50 ms; whoever waits for the database without a limit waits for minutes
        tap.ok(max(t for _, t in self.ordinary) < 15, f"{what}: and were not held up", max(t for _, t in self.ordinary))
        tap.ok(max(self.slow) < 30, f"{what}: every answer came in time", max(self.slow))
        tap.diag(f"slowest answer {max(self.slow):.1f} s, of others' mail {max(t for _, t in self.ordinary):.1f} s")
        tap.eq([p for p in self.people if p not in self.told or not self.told[p].accepted], [],
               f"{what}: all went through in the end")
        for p in self.people:
            wait_until(lambda p=p: a.mails(p) + b.mails(p), 40, f"{p} has the mail")
        tap.eq({p: n for p in self.people if (n := len(a.touches(p))) != 1}, {}, f"{what}: each is one touch")
        tap.eq({p: n for p in self.people if (n := len(a.mails(p) + b.mails(p))) != 1}, {}, f"{what}: and one mail")


def second_host(a, b):
    """b has a's keys, and no cadence of its own."""
    with open(a.dir + "/relent/secrets/keys", "rb") as f, open(b.dir + "/relent/secrets/keys", "wb") as to:
        to.write(f.read())
    with open(os.path.join(TOP, "conf", "sequences", "seven-touch.conf")) as f:
        text = re.sub(r"(?m)^\s*(pilot_size|domain_per_day|company_gap_days|sender_per_day)\s*=.*\n", "", f.read())
    for s in (b, a):
        path = s.write("relent/etc/sequences/seven-touch.conf", text)
        os.symlink(os.path.join(TOP, "conf", "templates"), s.dir + "/relent/etc/templates")
    a.ctl("sequence", "load", os.path.dirname(path))
    b.restart("milter")
