#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""How many hosts a site needs, and how long a mail waits there: a simulation over measured costs.

usage: docs/scaling/simulate.py [--costs FILE] [--set SECTION.NAME=VALUE]... [--mailboxes N[,N...]] [--seconds S]
                                [--seed N] [--json]

The busiest hour of a day is played, event by event: mails come at random (Poisson), take a core of an MTA host
(Postfix and the milter), then a core of the store with all its statements, then wait for the next flush of the
store's log, which all that wait share (group commit). Answers come to the watchers and take the same store. Hosts
are added until no station is busier than `target.busy` and 99 of 100 touches are answered within `target.p99_ms`.
The costs are those of costs.ini: change them for your machines, or one by --set, and run it again. The same seed
gives the same figures.
"""
import argparse
import configparser
import heapq
import json
import math
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = (100, 1000, 10_000, 100_000, 1_000_000)


class Costs:
    """costs.ini; a figure that is missing or no number is named, with where it is looked for."""

    def __init__(self, path, changes):
        self.c = configparser.ConfigParser(inline_comment_prefixes=("#",))
        try:
            with open(path, encoding="utf-8") as f:
                self.c.read_file(f)
        except (OSError, configparser.Error) as e:
            raise SystemExit(f"simulate: cannot read {path}: {e}") from None
        for change in changes:
            name, equals, value = change.partition("=")
            section, dot, key = name.partition(".")
            if not (equals and dot and self.c.has_option(section, key)):
                raise SystemExit(f"simulate: --set {change}: wanted SECTION.NAME=VALUE with a name of {path}")
            self.c.set(section, key, value)
        self.path = path

    def __call__(self, name):
        section, key = name.split(".")
        try:
            value = float(self.c.get(section, key))
        except (configparser.Error, ValueError):
            raise SystemExit(f"simulate: {name} in {self.path} is missing or is no number") from None
        if not (math.isfinite(value) and value >= 0):
            raise SystemExit(f"simulate: {name} in {self.path} is {value}: wanted a number from 0")
        return value


class Station:
    """k servers, one queue; service times are drawn around their mean as CPU bursts are."""

    def __init__(self, k, rng):
        self.k, self.rng, self.free, self.busy = k, rng, [0.0] * k, 0.0

    def serve(self, at, mean):
        """When it is done that comes at `at`. Calls come in the order of time."""
        took = self.rng.gammavariate(4, mean / 4) if mean else 0.0
        begin = max(at, heapq.heappop(self.free))
        heapq.heappush(self.free, begin + took)
        self.busy += took
        return begin + took


class Flush:
    """The store's log: one flush at a time, and all that came meanwhile go with the next."""

    def __init__(self, seconds):
        self.seconds, self.end, self.begins, self.n, self.commits = seconds, 0.0, -1.0, 0, 0

    def commit(self, at):
        """When it is durable. A flush that has not begun yet takes it along."""
        self.commits += 1
        if at > self.begins:			# the one under way, or none: the next begins when it ends
            self.begins = max(at, self.end)
            self.end = self.begins + self.seconds
            self.n += 1
        return self.end


def hour(cost, mailboxes):
    """What comes a second in the busiest hour."""
    share = cost("load.busiest_hour") / 3600
    touches = mailboxes * cost("load.touches_a_day") * share
    return {"touches": touches, "other": mailboxes * cost("load.other_a_day") * share,
            "inbound": mailboxes * cost("load.inbound_a_day") * share}


def play(cost, rate, hosts, seconds, seed):
    """One run: seconds of the busiest hour through so many hosts. Waiting times of touches in ms, and how busy all were."""
    rng = random.Random(seed)
    cores = int(cost("host.cores"))
    mta = Station(hosts["mta"] * cores, rng)
    watch = Station(hosts["watcher"] * cores, rng)
    store = Station(hosts["store_cores"], rng)
    flush = Flush(cost("store.flush_ms") / 1000)
    network = cost("store.round_trips") * cost("store.round_trip_us") / 1e6
    queue, n = [], 0
    for kind, a_second in rate.items():
        at = rng.expovariate(a_second) if a_second else seconds
        while at < seconds:
            heapq.heappush(queue, (at, n, kind, "cpu", at))
            n += 1
            at += rng.expovariate(a_second)
    waits = []
    while queue:			# one event after the other, in the order of time
        at, i, kind, stage, came = heapq.heappop(queue)
        if stage == "cpu":
            if kind == "inbound":
                done, then = watch.serve(at, cost("watcher.mail_us") / 1e6), "store"
            else:
                own = cost("milter.touch_us") if kind == "touches" else cost("milter.other_us")
                done = mta.serve(at, (cost("milter.postfix_us") + own) / 1e6)
                then = "store" if kind == "touches" else None
        elif stage == "store":
            mean = cost("store.touch_us") if kind == "touches" else cost("store.mail_us")
            done, then = store.serve(at, mean / 1e6) + network, "commit"
        else:
            done, then = flush.commit(at), None
        if then:
            heapq.heappush(queue, (done, i, kind, then, came))
        elif kind == "touches":
            waits.append((done - came) * 1000)
    waits.sort()
    return {"p50_ms": waits[len(waits) // 2] if waits else 0.0,
            "p99_ms": waits[min(len(waits) - 1, int(len(waits) * 0.99))] if waits else 0.0,
            "busy": {"mta": mta.busy / (mta.k * seconds), "watcher": watch.busy / (watch.k * seconds),
                     "store": store.busy / (store.k * seconds)},
            "commits_a_flush": flush.commits / flush.n if flush.n else 0.0}


def least(cost, rate, mailboxes):
    """The fewest hosts that can carry it at all: by work, by memory, by connections."""
    target, cores = cost("target.busy"), cost("host.cores")
    mta = rate["touches"] * (cost("milter.postfix_us") + cost("milter.touch_us")) + \
        rate["other"] * (cost("milter.postfix_us") + cost("milter.other_us"))
    watch = max(rate["inbound"] * cost("watcher.mail_us") / 1e6 / (cores * target),
                mailboxes / cost("watcher.mailboxes_a_host"),
                mailboxes * cost("watcher.idle_kib") / 1024 / cost("watcher.memory_mib"))
    store = rate["touches"] * cost("store.touch_us") + rate["inbound"] * cost("store.mail_us")
    return {"mta": max(1, math.ceil(mta / 1e6 / (cores * target))), "watcher": max(1, math.ceil(watch)),
            "store_cores": max(1, math.ceil(store / 1e6 / target))}


def kept(cost, mailboxes):
    """What lies in the store for good, or until its retention, in GiB."""
    touches = mailboxes * cost("load.touches_a_day") * cost("load.days_a_year") * cost("keep.touch_years")
    people = mailboxes * cost("load.prospects_a_mailbox")
    return {"touches": touches, "prospects": people, "suppressed": mailboxes * cost("load.suppressed_a_mailbox"),
            "gib": (touches * cost("keep.touch_bytes") + people * cost("keep.prospect_bytes")
                    + mailboxes * cost("load.suppressed_a_mailbox") * cost("keep.suppressed_bytes")) / 2 ** 30}


def size(cost, mailboxes, seconds, seed):
    rate = hour(cost, mailboxes)
    hosts = least(cost, rate, mailboxes)
    for _ in range(40):
        r = play(cost, rate, hosts, seconds, seed)
        if r["p99_ms"] <= cost("target.p99_ms"):
            break
        worst = max(("mta", "store"), key=lambda k: r["busy"][k])	# what keeps a touch waiting
        hosts["mta" if worst == "mta" else "store_cores"] += 1
    work = rate["touches"] * (cost("milter.postfix_us") + cost("milter.touch_us") + cost("sqlite.touch_us"))
    one = work / 1e6 <= cost("host.cores") * cost("target.busy") and rate["touches"] <= cost("sqlite.touches_a_second") \
        * cost("target.busy") and mailboxes <= cost("watcher.mailboxes_a_host")
    return {"mailboxes": mailboxes, "a_second": rate, "sqlite_on_one_host": one, "hosts": hosts, **r,
            "store": kept(cost, mailboxes), "restart_s": mailboxes / hosts["watcher"] / cost("watcher.logins_a_second")}


def table(results):
    print(f"{'mailboxes':>10} {'touches/s':>10} {'inbound/s':>10} {'one host':>9} {'MTA hosts':>10} {'watchers':>9} "
          f"{'store cores':>12} {'p50 ms':>7} {'p99 ms':>7} {'commits/flush':>14} {'log in':>8} {'store':>10}")
    for r in results:
        print(f"{r['mailboxes']:>10,} {r['a_second']['touches']:>10.2f} {r['a_second']['inbound']:>10.2f} "
              f"{'SQLite' if r['sqlite_on_one_host'] else 'no':>9} {r['hosts']['mta']:>10} {r['hosts']['watcher']:>9} "
              f"{r['hosts']['store_cores']:>12} {r['p50_ms']:>7.1f} {r['p99_ms']:>7.1f} {r['commits_a_flush']:>14.1f} "
              f"{r['restart_s']:>6.0f} s {r['store']['gib']:>6,.0f} GiB")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--costs", default=os.path.join(HERE, "costs.ini"))
    p.add_argument("--set", action="append", default=[], metavar="SECTION.NAME=VALUE")
    p.add_argument("--mailboxes", default=",".join(map(str, SIZES)))
    p.add_argument("--seconds", type=float, default=20)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--json", action="store_true")
    o = p.parse_args()
    cost = Costs(o.costs, o.set)
    try:
        sizes = [int(n) for n in o.mailboxes.split(",")]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < 1 or not 0 < o.seconds <= 3600:
        raise SystemExit("simulate: --mailboxes wants numbers from 1 with commas, --seconds 1 to 3600")
    results = [size(cost, n, o.seconds, o.seed) for n in sizes]
    if o.json:
        json.dump(results, sys.stdout, indent=1)
        print()
    else:
        table(results)


if __name__ == "__main__":
    main()
