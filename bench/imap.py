# SPDX-License-Identifier: MPL-2.0
"""Thousands of mailboxes in one watcher, on a private Dovecot. Run by script/bench imap [MAILBOXES] [PART...];
parts: idle, answers, backlog, mute (all of them if none is named). BENCH_HIBERNATE=SECONDS: imap_hibernate_timeout.
BENCH_TLS=none|tls: one of the two. BENCH_LOGINS: log-ins a second (2000)."""
import os
import statistics
import subprocess
import sys
import time

from imap_world import World, cpu, descriptors, pss, threads, wait

BUILD, TOP = sys.argv[1], sys.argv[2]
N = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
PARTS = sys.argv[4:] or ["idle", "answers", "backlog", "mute"]
HIBERNATE = os.environ.get("BENCH_HIBERNATE", "0")
LOGINS = os.environ.get("BENCH_LOGINS", "2000")


def quantiles(values):
    v = sorted(values)
    return (f"p50 {statistics.median(v):7.1f}  p90 {v[int(len(v) * 0.9)]:7.1f}  p99 {v[int(len(v) * 0.99)]:7.1f}  "
            f"max {v[-1]:7.1f}")


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
            print(f"{tls:5} each idle mailbox: {(large - small) / (N - N // 10):.1f} KiB", flush=True)


def main():
    print(f"# mbsync {subprocess.run(['mbsync', '--version'], capture_output=True, text=True, check=False).stdout.strip()}"
          if any(os.access(os.path.join(p, "mbsync"), os.X_OK) for p in os.environ["PATH"].split(":")) else "# no mbsync")
    for part in PARTS:
        globals()["part_" + part]()


main()
