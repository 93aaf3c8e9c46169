# SPDX-License-Identifier: MPL-2.0
"""Lines a second through relent-logwatch, from the file to the durable position, on a log as a busy server
writes it: seven lines a mail, one mail in a hundred a touch of ours. Run by script/bench logwatch."""
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from report import Report, rounds, turns, wanted

BUILD, TOP = sys.argv[1], sys.argv[2]
MAILS = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
ROUNDS = rounds(int(sys.argv[4]) if len(sys.argv) > 4 else 5)
SHARES = (0, 100, 10)		# one mail in so many is ours


def lines_of(mails):
    t = "Nov 21 10:00:00 mail postfix/"
    for n in range(mails):
        q, p = f"4B{n:08d}zz", n % 40 + 100
        a = f"person{n}@domain{n % 977}.example"
        yield f"{t}submission/smtpd[{p}]: connect from client[192.0.2.{n % 250}]"
        yield f"{t}submission/smtpd[{p}]: {q}: client=client[192.0.2.{n % 250}], sasl_method=PLAIN, sasl_username=rita"
        yield f"{t}cleanup[{p}]: {q}: message-id=<{n}.{q}@client.example>"
        yield f"{t}qmgr[12]: {q}: from=<rita@rep.example>, size=4321, nrcpt=1 (queue active)"
        yield f"{t}submission/smtpd[{p}]: disconnect from client[192.0.2.{n % 250}] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8"
        yield (f"{t}smtp[{p}]: {q}: to=<{a}>, relay=mx.domain{n % 977}.example[198.51.100.{n % 250}]:25, delay=0.4, "
               f"delays=0.1/0/0.2/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {n:08X})")
        yield f"{t}qmgr[12]: {q}: removed"


def make_store(path, conf, share):
    subprocess.run([BUILD + "/relentctl", "-c", conf, "store", "migrate"], check=True, stdout=subprocess.DEVNULL)
    db = sqlite3.connect(path)
    now = int(time.time())
    db.execute("insert into owner (id, login, active, created, updated) values ('o', 'rita', 1, ?, ?)", (now, now))
    db.executemany("insert into touch (id, owner_id, kind, recipient, message_id, sent_state, at, queue_id, host, updated)"
                   " values (?, 'o', 'outreach', ?, ?, 'accepted', ?, ?, 'mail', ?)",
                   ((f"t{n:08d}", f"person{n}@domain{n % 977}.example", f"{n}.4B{n:08d}zz@client.example", now,
                     f"4B{n:08d}zz", now) for n in (range(0, MAILS, share) if share else ())))
    db.commit()
    db.close()


def relent(folder, log, share):
    path, conf, live = f"{folder}/relent.db", f"{folder}/relent.conf", f"{folder}/live.log"
    if os.path.exists(path):
        for end in ("", "-wal", "-shm"):
            if os.path.exists(path + end):
                os.unlink(path + end)
    with open(conf, "w") as f:
        f.write(f'hostname = "mail"\ndata_dir = "{TOP}/conf"\nstore {{\n\tpath = "{path}"\n\tkey_file = "{folder}/keys"\n}}\n'
                f'logwatch {{\n\tfile = "{live}"\n}}\n')
    make_store(path, conf, share)
    with open(live, "w") as f:
        f.write("Nov 21 09:00:00 mail postfix/qmgr[1]: 4B0000000yy: removed\n")
    db = sqlite3.connect(path, timeout=10)

    def until(offset):
        while True:
            row = db.execute("select position from log_source").fetchone()
            if row and row[0] and int(row[0].split()[4]) >= offset:
                return
            time.sleep(0.002)

    def start():
        return subprocess.Popen([BUILD + "/relent-logwatch", "-f", "-c", conf], stderr=subprocess.DEVNULL)

    p = start()
    until(os.path.getsize(live))
    p.terminate()
    p.wait()
    with open(live, "ab") as out, open(log, "rb") as src:
        shutil.copyfileobj(src, out, 1 << 20)
    size = os.path.getsize(live)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    p = start()
    until(size)
    wall = time.monotonic() - begun
    p.terminate()
    p.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = db.execute("select count(*) from touch where sent_state = 'delivered'").fetchone()[0]
    if told != (len(range(0, MAILS, share)) if share else 0):
        sys.exit(f"{told} touches were delivered: the measurement is wrong")
    db.close()
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def other(command, log):
    begun = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, log], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
    log = folder + "/mail.log"
    with open(log, "w") as f:
        f.writelines(line + "\n" for line in lines_of(MAILS))
    lines = MAILS * 7
    who = [(f"relent, {'none' if not n else f'1 in {n}'} ours", lambda n=n: relent(folder, log, n)) for n in SHARES]
    if wanted("pflogsumm") and shutil.which("pflogsumm"):
        who.append(("pflogsumm", lambda: other(["pflogsumm"], log)))
    if wanted("wc"):
        who.append(("wc -l", lambda: other(["wc", "-l"], log)))
    report, run = Report(), dict(who)
    for name, counts in turns(run, ROUNDS, warm=0):
        wall, cpu = run[name]()
        report.add(name, "lines/s", lines / wall)
        report.add(name, "us CPU a line", cpu / lines * 1e6)
    print(f"# {lines} lines, {os.path.getsize(log) / 1e6:.0f} MB, {ROUNDS} rounds; the median, the smallest and the largest")
    report.table(["lines/s", "us CPU a line"], of=["pflogsumm"], digits={"us CPU a line": 2})
