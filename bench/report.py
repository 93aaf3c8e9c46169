# SPDX-License-Identifier: MPL-2.0
"""What the measurements share: turns, medians with their spread, the table, and the file of figures.

    from report import Report, turns, wanted
    r = Report()
    r.add("relent", "mails/s", 812.0)                # once a round
    r.table(["mails/s"], of=["none", "null"])        # prints, and writes the rows for --json

As a program: report.py NAME ROWS TEXT (one bench as JSON), --join FILE... (several), --disk (what a sync costs here)."""
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

PEERS = [p for p in os.environ.get("BENCH_PEERS", "").split(",") if p]


def rounds(default):
    return int(os.environ.get("BENCH_ROUNDS") or default)


def wanted(name, always=()):
    return not PEERS or name in PEERS or name in always


def turns(names, count, warm=1):
    """(name, counts) in the order A B C A B C ...; the first turn of each warms up."""
    for turn in range(count + warm):
        for name in names:
            yield name, turn >= warm


def spread(values, digits=2):
    """The median, the smallest and the largest; a small share keeps two figures."""
    if not values:
        return "-"
    middle = abs(statistics.median(values))
    if digits == 2 and 0 < middle < 0.1:
        digits = 3 if middle >= 0.01 else 5
    if len(values) == 1:
        return f"{values[0]:,.{digits}f}"
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} - {max(values):,.{digits}f})"


def row(what, figure, values):
    """One figure for --json."""
    path = os.environ.get("BENCH_ROWS")
    if path and values:
        with open(path, "a", encoding="utf-8") as f:
            f.write(json.dumps({"what": what, "figure": figure, "median": statistics.median(values), "min": min(values),
                                "max": max(values), "rounds": len(values)}) + "\n")


class Report:
    def __init__(self):
        self.got = {}

    def add(self, what, figure, value):
        self.got.setdefault(what, {}).setdefault(figure, []).append(value)

    def values(self, what, figure):
        return self.got.get(what, {}).get(figure, [])

    def ratios(self, what, base, figure):
        """Round by round, so that what slowed both is in neither."""
        return [a / b for a, b in zip(self.values(what, figure), self.values(base, figure)) if b]

    def table(self, figures, of=(), ratio=None, digits=None, order=None):
        """FIGURES as columns; for the first of them (or RATIO) the ratio to each of OF."""
        ratio, digits = ratio or figures[0], digits or {}
        of = [b for b in of if b in self.got]
        names = order or list(self.got)
        head = list(figures) + [f"of {b}" for b in of]
        lines = []
        for what in names:
            cells = []
            for figure in figures:
                cells.append(spread(self.values(what, figure), digits.get(figure, 0)))
                row(what, figure, self.values(what, figure))
            for base in of:
                r = self.ratios(what, base, ratio)
                cells.append(spread(r))
                row(what, f"{ratio} of {base}", r)
            lines.append([what, *cells])
        widths = [max(len(r[i]) for r in [["", *head], *lines]) for i in range(len(head) + 1)]
        print("  ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(["", *head], widths))).rstrip())
        for r in lines:
            print("  ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(r, widths))).rstrip())
        sys.stdout.flush()


def sync_times(folder, count=200):
    """Microseconds of an append of 4 KB and its fdatasync, each."""
    times = []
    fd, path = tempfile.mkstemp(dir=folder, prefix="relent-sync-")
    try:
        for _ in range(count):
            os.write(fd, b"x" * 4096)
            begun = time.perf_counter()
            os.fdatasync(fd)
            times.append((time.perf_counter() - begun) * 1e6)
    finally:
        os.close(fd)
        os.unlink(path)
    return sorted(times)


class Asker:
    """A program of ours that keeps its contestants ready, says "ready", and measures one on the word: "WHAT COUNT" on its
    standard input, "SECONDS NUMBER" on its output."""

    def __init__(self, *cmd):
        self.name = os.path.basename(cmd[0])
        self.p = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.p.stdout.readline() != "ready\n":
            sys.exit(f"{self.name} did not come up")

    def ask(self, what, count):
        self.p.stdin.write(f"{what} {count}\n")
        self.p.stdin.flush()
        answer = self.p.stdout.readline().split()
        if len(answer) != 2:
            sys.exit(f"{self.name} ended while it measured {what}")
        return float(answer[0]), int(answer[1])

    def end(self):
        self.p.stdin.close()
        self.p.wait()


def machine():
    model = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="ascii", errors="replace")
             if line.startswith("model name")]
    return {"cpu": model[0] if model else platform.machine(), "cpus": os.cpu_count(), "linux": platform.release(),
            "load": list(os.getloadavg())}


def main():
    if sys.argv[1:] == ["--disk"]:
        t = sync_times(os.environ.get("TMPDIR", "/tmp"))
        print(f"# an append of 4 KB with its fdatasync: p50 {t[len(t) // 2]:.0f} us, p99 {t[len(t) * 99 // 100]:.0f} us")
    elif sys.argv[1:2] == ["--join"]:
        json.dump([json.load(open(p, encoding="utf-8")) for p in sys.argv[2:]], sys.stdout, indent=1)
        print()
    elif len(sys.argv) == 4:
        with open(sys.argv[2], encoding="utf-8") as f:
            rows = [json.loads(line) for line in f if line.strip()]
        with open(sys.argv[3], encoding="utf-8", errors="replace") as f:
            text = f.read().splitlines()
        json.dump({"bench": sys.argv[1], "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": machine(),
                   "notes": [line[2:] for line in text if line.startswith("# ")], "rows": rows, "text": text},
                  sys.stdout, indent=1)
        print()
    else:
        sys.exit("report.py: NAME ROWS TEXT, --join FILE..., or --disk")


if __name__ == "__main__":
    main()
