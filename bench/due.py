# SPDX-License-Identifier: MPL-2.0
"""What grows with the store. Two stores of generate.c, ten times apart, are asked the same in turns; CPU time (user and system),
because the clock tells of the disk and of others; the start by the clock. Run by script/bench due."""
import contextlib
import glob
import os
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

from report import row, rounds, spread

BUILD, TOP, ARGS = sys.argv[1], sys.argv[2], sys.argv[3:]
SEQUENCE = TOP + "/conf/sequences/seven-touch.conf"
KEPT = ARGS.pop(0) if ARGS and os.path.isdir(ARGS[0]) else None
SIZES = [] if KEPT else (ARGS[:2] or ["0.001", "0.01"])
ARGS = ARGS if KEPT else ARGS[2:]
ROWS = int(ARGS[0]) if ARGS else 100_000
ROUNDS = rounds(int(ARGS[1]) if len(ARGS) > 1 else 3)
PEOPLE = 2000 if KEPT or float(SIZES[-1]) >= 0.01 else 200


class Store:
    def __init__(self, path, folder, name):
        self.path, self.name = path, name
        self.conf = f"{folder}/{name}.conf"
        self.socket = f"{folder}/{name}.sock"
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(f'hostname = "mx1.example"\ndata_dir = "{TOP}/conf"\nstore {{\n\tpath = "{path}"\n\tkey_file = "{folder}/keys"\n}}\n'
                    f'milter {{\n\tsocket = "unix:{self.socket}"\n\tsocket_mode = "0600"\n\tsocket_group = ""\n}}\n')

    def walked(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as h:
            return h.execute("select count(*) from walk where name = 'verify'").fetchone()[0] > 0

    def describe(self):
        return f"{self.name}: {os.path.getsize(self.path) / 1e6:,.0f} MB"


def cpu_of(*cmd, codes=(0,)):
    """Seconds of CPU of a program, and what it printed."""
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen(cmd, stdout=out, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if p.returncode not in codes:
        sys.exit(f"{' '.join(cmd)}: exit {p.returncode}: {text[-300:]}")
    return used.ru_utime + used.ru_stime, text


def ctl(store, *words, codes=(0,)):
    return cpu_of(BUILD + "/relentctl", "-c", store.conf, *words, codes=codes)


def large(store):
    """The daemons' questions in one process: microseconds each."""
    _, text = cpu_of(BUILD + "/bench/large", store.path, str(PEOPLE), "1")
    for line in text.splitlines():
        name, us = line.split("\t")[:2]
        yield name + ", us", float(us)


def negotiate(path):
    """The first answer of a milter."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(path)
        s.sendall(struct.pack("!IcIII", 13, b"O", 6, 0x1FF, 0x1FFFFF))
        if len(s.recv(4)) != 4:
            sys.exit("the milter did not answer")


def start(store, program, then=None):
    """Milliseconds until it says that it is ready (and has answered)."""
    with tempfile.TemporaryDirectory() as d, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(d + "/notify")
        s.settimeout(120)
        begun = time.perf_counter()
        p = subprocess.Popen([f"{BUILD}/{program}", "-f", "-c", store.conf], env={**os.environ, "NOTIFY_SOCKET": d + "/notify"},
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            while b"READY=1" not in s.recv(4096):
                pass
            if then:
                then(store.socket)
            return (time.perf_counter() - begun) * 1e3
        except TimeoutError:
            p.kill()
            sys.exit(f"{program} did not come up: {p.stderr.read().decode(errors='replace')[-300:]}")
        finally:
            p.send_signal(signal.SIGTERM)
            try:
                p.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                p.kill()
                p.communicate()


def people(folder, turn):
    path = f"{folder}/people{turn}.csv"
    with open(path, "w", encoding="utf-8") as f:
        f.write("email,name,company,owner,source_kind,source_permission\n")
        for i in range(ROWS):
            f.write(f"new{turn}.{os.getpid()}.{i}@y{i // 3}.example,Ann {i},Firm {i // 3},rep3,crm,consent\n")
    return path


def questions(store, folder, turn):
    yield from large(store)
    yield "digest of an owner, ms", ctl(store, "digest", "show", "rep3")[0] * 1e3
    yield "status, ms", ctl(store, "status")[0] * 1e3
    yield "report follow-up, 7 days, ms", ctl(store, "report", "follow-up", "--since", "7d")[0] * 1e3
    yield "report quiet of an owner, ms", ctl(store, "report", "quiet", "--owner", "rep3")[0] * 1e3
    yield "report deliverability, 7 days, ms", ctl(store, "report", "deliverability", "--since", "7d")[0] * 1e3
    yield "milter, first answer, ms by the clock", start(store, "relent-milter", negotiate)
    yield "watcher, ready, ms by the clock", start(store, "relent-imapwatch")
    yield f"import of {ROWS:,} rows, s", ctl(store, "prospect", "import", people(folder, turn))[0]
    yield "verify of what came since, s", ctl(store, "verify")[0]


def main():
    folder = tempfile.mkdtemp(prefix="relent-due-", dir=os.path.dirname(os.environ.get("BENCH_ROWS") or "") or None)
    if KEPT:
        paths = sorted(glob.glob(KEPT + "/*.db"), key=os.path.getsize)
        if len(paths) != 2:
            sys.exit(f"bench: '{KEPT}' holds {len(paths)} stores (*.db), not two")
    else:
        paths = [f"{folder}/s{size}.db" for size in SIZES]
        for path, size in zip(paths, SIZES):
            cpu_of(BUILD + "/bench/generate", path, SEQUENCE, size)
    stores = [Store(p, folder, n) for p, n in zip(paths, ("small", "large"))]
    ctl(stores[0], "key", "rotate")
    got = {}
    print("# " + "; ".join(s.describe() for s in stores))
    for s in stores:	# what was never walked is walked once, apart; a kept store says so
        if s.walked():
            continue
        t, text = ctl(s, "verify", "--full")
        got.setdefault("verify of everything, s", {})[s.name] = [t]
        print(f"# {s.name}: verify --full: {text.split(':')[0].strip()} in {t:,.1f} s of CPU")
        sys.stdout.flush()
    for turn in range(ROUNDS):
        for s in stores:
            for what, value in questions(s, folder, turn):
                got.setdefault(what, {}).setdefault(s.name, []).append(value)
                if os.environ.get("BENCH_DEBUG"):
                    print(f"# {s.name}: {what}: {value:,.1f}", file=sys.stderr, flush=True)
    width = max(len(w) for w in got)
    print(f"{'':{width}}  {'small':>30}  {'large':>30}  large / small")
    for what, of in got.items():
        if len(of) < 2:		# not asked of a tiny one
            continue
        ratio = [b / a for a, b in zip(of["small"], of["large"]) if a]
        print(f"{what:{width}}  {spread(of['small'], 1):>30}  {spread(of['large'], 1):>30}  {spread(ratio)}")
        row("small", what, of["small"])
        row("large", what, of["large"])
        row("large / small", what, ratio)


main()
