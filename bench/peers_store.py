# SPDX-License-Identifier: MPL-2.0
"""Durable writes a second, all in turns (bench/peers_store.c keeps them ready). Run by script/bench store."""
import os
import sys
import tempfile

from report import Asker, Report, rounds, turns, wanted

BUILD = sys.argv[1]
WRITES = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
ROUNDS = rounds(int(sys.argv[4]) if len(sys.argv) > 4 else 5)

with tempfile.TemporaryDirectory(prefix="relent-bench-") as folder:
    names = ["relent"] + [n for n in ("relent-1", "sqlite", "sqlite-16") if wanted(n)]
    if os.environ.get("RELENT_TEST_PGSQL"):
        names += [n for n in ("relent-pgsql", "pgsql", "pgsql-16") if wanted(n)]
    asker, report = Asker(BUILD + "/bench/peers-store", folder, *names), Report()
    for name, counts in turns(names, ROUNDS):
        seconds, n = asker.ask(name, WRITES)
        if counts:
            report.add(name, "writes/s", n / seconds)
            report.add(name, "us", seconds * 1e6 / n)
    asker.end()
    print(f"# {WRITES} writes a turn, {ROUNDS} rounds after one to warm up; WAL with synchronous=full, PostgreSQL with fsync")
    report.table(["writes/s", "us"], of=["sqlite", "sqlite-16", "pgsql-16"])
