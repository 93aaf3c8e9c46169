# SPDX-License-Identifier: MPL-2.0
"""Microseconds a look-up, all in turns: peers-lookup keeps the tables open and asks on the word; Postfix's maps are asked by one
postmap that reads all keys from its standard input, as many as make its start not count. Run by script/bench lookup."""
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from report import Asker, Report, rounds, turns, wanted

BUILD = sys.argv[1]
KEYS = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
LOOKUPS = int(sys.argv[4]) if len(sys.argv) > 4 else 50_000
ROUNDS = rounds(int(sys.argv[5]) if len(sys.argv) > 5 else 7)
UNPACKED = os.environ.get("BENCH_UNPACKED", "")
SERVED = max(LOOKUPS // 40, 50)		# a round trip, or several, each: as many as give a figure
MAPS = os.environ.get("BENCH_MAPS", "").split()


def address(i):
    return f"ann{i}@x{i % 9973}.example"


class Postmap:
    """Postfix's own look-up, with a configuration of its own and the map types that are only unpacked."""

    def __init__(self, folder):
        self.conf = folder + "/postfix"
        self.env = dict(os.environ, LD_LIBRARY_PATH=UNPACKED + "/lib-path") if UNPACKED else dict(os.environ)
        os.mkdir(self.conf)
        with open(self.conf + "/main.cf", "w", encoding="utf-8") as f:
            f.write(f"compatibility_level = 3.6\nmeta_directory = {self.conf}\nqueue_directory = {self.conf}\n")
        open(self.conf + "/master.cf", "w", encoding="utf-8").close()
        with open(self.conf + "/dynamicmaps.cf", "w", encoding="utf-8") as f:
            for kind in ("lmdb", "cdb"):
                for place in (UNPACKED + "/usr/lib/postfix", "/usr/lib/postfix"):
                    if os.path.exists(f"{place}/postfix-{kind}.so"):
                        f.write(f"{kind}\t{place}/postfix-{kind}.so\tdict_{kind}_open\tmkmap_{kind}_open\n")
                        break

    def make(self, kind):
        table = f"{self.conf}/{kind}"
        with open(table, "w", encoding="utf-8") as f:
            f.writelines(f"{address(i)} REJECT\n" for i in range(KEYS))
        r = subprocess.run(["postmap", "-c", self.conf, f"{kind}:{table}"], env=self.env, capture_output=True, text=True, check=False)
        if r.returncode or "unsupported" in r.stderr:
            print(f"# postfix-{kind}: {r.stderr.strip()[-200:]}: left out")
            return False
        return True

    def ask(self, kind, count):
        text = "".join(address(random.randrange(2 * KEYS)) + "\n" for _ in range(count))
        begun = time.perf_counter()
        r = subprocess.run(["postmap", "-c", self.conf, "-q", "-", f"{kind}:{self.conf}/{kind}"], env=self.env, input=text,
                           capture_output=True, text=True, check=False)
        return time.perf_counter() - begun, r.stdout.count("\n")


def main(folder):
    names = ["relent"] + [n for n in ("sqlite", "lmdb", "cdb") if wanted(n) and (n == "sqlite" or n in MAPS)]
    if os.environ.get("RELENT_TEST_PGSQL"):
        names += [n for n in ("relent-pgsql", "pgsql") if wanted(n)]
    asker = Asker(BUILD + "/bench/peers-lookup", folder, str(KEYS), *names)
    maps = []
    if shutil.which("postmap") and (wanted("postfix-lmdb") or wanted("postfix-cdb")):
        postmap = Postmap(folder)
        maps = ["postfix-" + k for k in ("lmdb", "cdb") if wanted("postfix-" + k) and postmap.make(k)]
    report, hits = Report(), {}
    try:
        for name, counts in turns(names + maps, ROUNDS):
            count = SERVED if "pgsql" in name else LOOKUPS
            if name in maps:
                seconds, found = postmap.ask(name[8:], count)
            else:
                seconds, found = asker.ask(name, count)
            hits[name] = hits.get(name, 0) + found / count
            if counts:
                report.add(name, "us", seconds * 1e6 / count)
    finally:
        asker.end()
    print(f"# {KEYS} addresses, {LOOKUPS} look-ups of random ones, half of them there, {ROUNDS} rounds; warm cache; one thread; PostgreSQL {SERVED}")
    report.table(["us"], of=["sqlite", "pgsql", "postfix-lmdb"], digits={"us": 2})
    for name, n in hits.items():
        share = n / (ROUNDS + 1)
        if not 0.3 < share < 0.7:
            sys.exit(f"{name} found {share:.0%} of the addresses, not half: the measurement is wrong")


with tempfile.TemporaryDirectory(prefix="relent-bench-") as place:
    main(place)
