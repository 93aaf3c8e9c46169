# SPDX-License-Identifier: MPL-2.0
"""Thousands of mailboxes in one watcher, on a private Dovecot. Run by script/bench imap [MAILBOXES] [PART...];
parts: idle, answers, backlog, mute (all of them if none is named). BENCH_HIBERNATE=SECONDS: imap_hibernate_timeout.
BENCH_TLS=none|tls: one of the two. BENCH_LOGINS: log-ins a second (2000)."""
import email.utils
import itertools
import json
import os
import random
import re
import selectors
import shutil
import socket
import statistics
import sys
import threading
import time

BUILD, TOP = sys.argv[1], sys.argv[2]
sys.path.insert(0, TOP + "/tests/live")

from imap_world import MASTER, SECRET, Imap, Lmtp, World, cpu, descriptors, login, pss, run, threads, wait  # noqa: E402
from miltermta import Connection                                                                             # noqa: E402

N = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
PARTS = sys.argv[4:] or ["idle", "answers", "backlog", "mute"]
HIBERNATE = os.environ.get("BENCH_HIBERNATE", "0")
LOGINS = os.environ.get("BENCH_LOGINS", "2000")


PEERS = os.environ.get("BENCH_PEERS", "")
WITH_MBSYNC = bool(shutil.which("mbsync")) and (not PEERS or "mbsync" in PEERS.split(","))


def quantiles(values):
    v = sorted(values)
    return (f"p50 {statistics.median(v):7.1f}  p90 {v[int(len(v) * 0.9)]:7.1f}  p99 {v[int(len(v) * 0.99)]:7.1f}  "
            f"max {v[-1]:7.1f}")


def row(what, figure, values):
    """A figure for --json."""
    if os.environ.get("BENCH_ROWS"):
        with open(os.environ["BENCH_ROWS"], "a", encoding="ascii") as f:
            f.write(json.dumps({"what": what, "figure": figure, "median": statistics.median(values), "min": min(values),
                                "max": max(values)}) + "\n")


def settled(w):
    """KiB of all processes of the watcher, when they have stopped changing."""
    last = -1
    for _ in range(40):
        now = sum(pss(p) for p in w.processes())
        if abs(now - last) < 64:
            return now
        last = now
        time.sleep(1)
    return last


def idle_at(w, size):
    w.relent(size, logins=LOGINS)
    w.forget()
    begun = time.monotonic()
    w.start_watcher()
    first = wait(lambda: w.idle() >= 1 and time.monotonic(), 120, "the first mailbox is watched") - begun
    wait(lambda: w.idle() >= size, 1200, f"{size} mailboxes are watched")
    took = time.monotonic() - begun
    kib = settled(w)
    procs = w.processes()
    server, server_procs = w.memory()
    begun_cpu, at = sum(cpu(p) for p in procs), time.monotonic()
    time.sleep(20)
    idle_cpu = (sum(cpu(p) for p in procs) - begun_cpu) / (time.monotonic() - at) * 100
    print(f"{w.tls:5} {size:6} mailboxes: first watched after {first:5.2f} s, all after {took:6.1f} s ({size / took:5.0f}/s); "
          f"{kib / 1024:6.1f} MiB in {len(procs)} processes, {sum(threads(p) for p in procs)} threads, "
          f"{max(descriptors(p) for p in procs)} descriptors in the fullest; {idle_cpu:4.1f} % CPU idle; "
          f"Dovecot {server / 1024:6.0f} MiB in {server_procs} processes", flush=True)
    w.stop_watcher()
    return kib


def part_idle():
    print("## idle mailboxes")
    for tls in os.environ.get("BENCH_TLS", "none tls").split():
        with World(BUILD, TOP, N, HIBERNATE) as w:
            w.tls = tls
            small = idle_at(w, N // 10)
            large = idle_at(w, N)
            row(tls, "KiB an idle mailbox", [(large - small) / (N - N // 10)])
            print(f"{tls:5} each idle mailbox: {(large - small) / (N - N // 10):.1f} KiB", flush=True)


# ---- answers ----

TEXT = b"Hello,\n\nyes, I am interested. Can you send me more details and a price?\n\nBest,\nPaul\n"
NOISE = b"Hello,\n\nthe minutes of our meeting on Tuesday are below, with the list of what was agreed.\n\n" + b"and so on\n" * 40


def person(n):
    return f"paul@p{n:05d}.example"


def mail(sender, to, ident, text, refs=""):
    more = f"In-Reply-To: <{refs}>\nReferences: <{refs}>\n" if refs else ""
    return (f"From: Paul Person <{sender}>\nTo: {to}\nSubject: Re: An idea for your team\nMessage-ID: <{ident}>\n"
            f"Date: {email.utils.formatdate()}\n{more}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n").encode() + text


def touch(c, owner, to, ident):
    c.mail(owner, login=owner)
    c.rcpt(to, "relent+seq.seven-touch@ourco.example")
    return c.message([("From", owner), ("To", to), ("Subject", "An idea for your team"), ("Message-ID", f"<{ident}>"),
                      ("Date", email.utils.formatdate())],
                     b"Hi Paul,\r\n\r\nyour team opened a second office last month. Who looks after the move of your mail there?\r\n")


def converse(w, owners):
    """One person for each owner of the list, written to once."""
    path = w.dir + "/people.csv"
    with open(path, "w", encoding="ascii") as f:
        f.write("email,name,company,owner,source_kind,source_permission\n")
        for n, owner in enumerate(owners):
            f.write(f"{person(n)},Paul Person,Company {n},{owner},crm,consent\n")
    w.ctl("store", "migrate")
    w.start_milter()
    w.ctl("sequence", "load")
    w.ctl("prospect", "import", path)
    c = Connection(w.dir + "/relent/milter.sock")
    for n, owner in enumerate(owners):
        v = touch(c, owner, person(n), f"first-{n}@ourco.example")
        if not v.passed:
            raise SystemExit(f"the touch of {owner} was refused: {v}")
    c.close()


class Ears:
    """Raw IDLE on some of the mailboxes: what the server tells anybody, and when."""

    def __init__(self, w, count):
        self.heard, self.poll = {}, selectors.DefaultSelector()
        for n in range(count):
            c = Imap(w, f"{login(n)}*{MASTER}")
            c.command("EXAMINE INBOX")
            c.s.sendall(b"i IDLE\r\n")
            while not c.line().startswith(b"+"):
                pass
            self.poll.register(c.s, selectors.EVENT_READ, n)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            for key, _ in self.poll.select():
                got = key.fileobj.recv(65536)
                if b"EXISTS" in got:
                    self.heard.setdefault(key.data, time.monotonic())
                if not got:
                    self.poll.unregister(key.fileobj)


def answers(w, what, count, tag, per_second=20):
    """A stream of mails: each second one answers a touch, and as many do not matter."""
    lmtp, ears, sent = Lmtp(w), Ears(w, count), {}
    begun = time.monotonic()
    for k in range(count):
        sent[k] = lmtp.deliver(person(k), login(k), mail(person(k), login(k), f"{tag}-{k}@p.example", TEXT,
                                                         f"first-{k}@ourco.example"))
        stranger = random.randrange(count, w.n)
        lmtp.deliver("x@stranger.example", login(stranger), mail("x@stranger.example", login(stranger), f"n{tag}-{k}@s.example", NOISE))
        time.sleep(max(0, begun + (k + 1) / per_second - time.monotonic()))
    got = {}

    def look():
        with w.log_event:
            for at, line in w.log_seen:
                m = re.search(rf"hold .*message_id=\S*{tag}-(\d+)@p\.example", line)
                if m:
                    got.setdefault(int(m.group(1)), at)
        return len(got) == count
    wait(look, 120, f"all {count} answers are held ({len(got)})")
    raw = [(ears.heard[k] - sent[k]) * 1000 for k in sent if k in ears.heard]
    ours = [(got[k] - sent[k]) * 1000 for k in sent]
    more = [(got[k] - ears.heard[k]) * 1000 for k in sent if k in ears.heard]
    row(what, "ms to the hold", ours)
    row(what, "ms more than a raw client", more)
    print(f"{what}: {count} answers, {2 * per_second} mails/s, ms from LMTP's 250\n"
          f"  to the server's EXISTS, a raw client:   {quantiles(raw)}\n"
          f"  to the hold committed:                  {quantiles(ours)}\n"
          f"  the second less the first, mail by mail: {quantiles(more)}", flush=True)


MUTE = """
account "mute{n}" {{
	owner = "{owner}"
	host = "127.0.0.1"
	port = {port}
	tls = none
	user = "u{n}"
	password_file = "{dir}/relent/secret"
}}
"""


def part_answers(mute=0):
    count = min(300, N // 2)
    print(f"## answers in {N} mailboxes" + (f", beside {mute} of a server that never says a word" if mute else ""))
    with World(BUILD, TOP, N, HIBERNATE) as w:
        deaf = socket.create_server(("127.0.0.1", 0), backlog=512)
        w.tls = os.environ.get("BENCH_TLS", "tls").split()[0]
        w.accounts = "".join(MUTE.format(n=n, owner=login(n), port=deaf.getsockname()[1], dir=w.dir) for n in range(mute))
        w.relent(N, logins=LOGINS)
        converse(w, [login(n) for n in range(count)])
        w.start_watcher()
        wait(lambda: w.idle() >= N, 1800, f"{N} mailboxes are watched")
        answers(w, f"{mute} mute" if mute else "none mute", count, "a")
        print(f"  threads: {', '.join(str(threads(p)) for p in w.processes())}", flush=True)
        w.stop_watcher()
        deaf.close()


def part_mute():
    part_answers(100)


# ---- a backlog ----

BACKLOG, ROUNDS = int(os.environ.get("BENCH_MAILS", "10000")), int(os.environ.get("BENCH_ROUNDS", "3"))


def mbsync_round(w, k):
    rc = w.dir + "/mbsyncrc"
    with open(rc, "w", encoding="ascii") as f:
        f.write(f"FSync yes\n\nIMAPAccount a\nHost 127.0.0.1\nPort {w.imap}\nUser {login(0)}*{MASTER}\nPass {SECRET}\nSSLType None\n"
                f"AuthMechs PLAIN\n\nIMAPStore far\nAccount a\n\nMaildirStore near\nPath {w.dir}/near{k}/\n"
                f"Inbox {w.dir}/near{k}/INBOX\n\nChannel c\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\n"
                f"SyncState *\n")
    os.mkdir(f"{w.dir}/near{k}")
    begun = time.monotonic()
    run("mbsync", "-q", "-c", rc, "c")
    took = time.monotonic() - begun
    shutil.rmtree(f"{w.dir}/near{k}")
    return BACKLOG / took


def raw_round(w):
    c = Imap(w, f"{login(0)}*{MASTER}")
    c.command("EXAMINE INBOX")
    begun = time.monotonic()
    c.swallow("UID FETCH 1:* (UID BODY.PEEK[])")
    return BACKLOG / (time.monotonic() - begun)


def relent_round(w, latencies, k):
    """From the log-in to the position behind the last mail, while the milter records 50 touches a second."""
    w.log_seen.clear()
    c, stop = Connection(w.dir + "/relent/milter.sock"), threading.Event()

    def touches():
        for n in itertools.count():
            if stop.is_set():
                return
            begun = time.monotonic()
            touch(c, login(1), f"new{k}-{n}@other{n}.example", f"t{k}-{n}@ourco.example")
            latencies.append((time.monotonic() - begun) * 1000)
            stop.wait(max(0, begun + 0.02 - time.monotonic()))
    t = threading.Thread(target=touches)
    w.start_watcher()
    begun, _ = w.told(r"m00000\S* connected")
    t.start()
    wait(lambda: w.rows("select coalesce(max(uid), 0) from position where account = ? and folder = 'INBOX'", login(0))[0][0]
         >= BACKLOG, 300, "the backlog is read")
    took = time.monotonic() - begun
    used = sum(cpu(p) for p in w.processes())
    stop.set()
    t.join()
    c.close()
    w.stop_watcher()
    return BACKLOG / took, used


def backlog(w, what, answering):
    """Every so manieth mail is an answer."""
    owners = [login(0)] * (BACKLOG // answering if answering else 10)
    mails = []
    for k in range(BACKLOG):
        if answering and k % answering == 0:
            n = k // answering
            mails.append(mail(person(n), login(0), f"b-{k}@p.example", TEXT, f"first-{n}@ourco.example"))
        else:
            mails.append(mail(f"x{k}@stranger{k % 500}.example", login(0), f"b-{k}@s.example", NOISE * 5))
    w.fill(0, mails)
    w.relent(2, logins=LOGINS)
    converse(w, owners)
    w.milter.terminate()
    w.milter.wait()
    w.milter = None
    shutil.copytree(w.dir + "/relent", w.dir + "/before", ignore=shutil.ignore_patterns("*.sock"))
    raw_round(w)        # the server has looked at its files
    figures = {"raw FETCH": [], "mbsync": [], "relent": []}
    latencies, seconds = [], []
    for k in range(ROUNDS):
        figures["raw FETCH"].append(raw_round(w))
        if k == 0 and WITH_MBSYNC:      # minutes, on a disk with slow syncs
            figures["mbsync"].append(mbsync_round(w, k))
        shutil.rmtree(w.dir + "/relent")
        shutil.copytree(w.dir + "/before", w.dir + "/relent")
        w.start_milter()
        rate, used = relent_round(w, latencies, k)
        figures["relent"].append(rate)
        seconds.append(used)
        w.milter.terminate()
        w.milter.wait()
        w.milter = None
    for name, rates in figures.items():
        if not rates:
            continue
        row(f"{name}, {what}", "mails/s", rates)
        print(f"  {name:10} {statistics.median(rates):8.0f} mails/s ({min(rates):.0f} - {max(rates):.0f}), "
              f"{statistics.median(rates) / statistics.median(figures['raw FETCH']):5.2f} of raw FETCH")
    print(f"  relent's CPU: {statistics.median(seconds) / BACKLOG * 1e6:.0f} us a mail, its start included\n"
          f"  a touch at the milter meanwhile, ms of {len(latencies)}: {quantiles(latencies)}", flush=True)
    shutil.rmtree(w.dir + "/before")


def part_backlog():
    for what, answering in (("nothing of ours", 0), ("every tenth an answer", 10)):
        print(f"## a backlog of {BACKLOG} mails, {what}")
        with World(BUILD, TOP, 2, HIBERNATE) as w:
            w.tls = "none"
            backlog(w, what, answering)


def main():
    if not shutil.which("mbsync"):
        print("# mbsync is not here (Debian: isync): left out")
    for part in PARTS:
        globals()["part_" + part]()


main()
