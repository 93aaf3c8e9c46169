#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# docs/scaling/simulate.py: the same seed gives the same figures, more work never needs less, and a wrong cost is named.
simulate=$(cd "$(dirname "$0")/../.." && pwd)/docs/scaling/simulate.py
n=0 failed=0
ok() { # STATUS NAME DETAILS
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else failed=1; echo "not ok $n - $2"; echo "$3" | sed 's/^/# /'; fi
}
run() {
	python3 -B "$simulate" --seconds 5 "$@" 2>&1
}
a=$(run --mailboxes 1000,100000) b=$(run --mailboxes 1000,100000)
[ -n "$a" ] && [ "$a" = "$b" ]
ok $? "the same seed, the same figures" "$a
$b"
[ "$a" != "$(run --mailboxes 1000,100000 --seed 2)" ]
ok $? "another seed, others"
[ "$(echo "$a" | wc -l)" = 3 ]
ok $? "a line for each size" "$a"
out=$(run --json --mailboxes 20000,200000 --set load.touches_a_day=200 | python3 -c '
import json, sys
small, large = json.load(sys.stdin)
for k in ("mta", "watcher", "store_cores"):
    assert large["hosts"][k] >= small["hosts"][k], (k, small["hosts"], large["hosts"])
assert large["store"]["gib"] == 10 * small["store"]["gib"], (small["store"], large["store"])
assert large["p99_ms"] >= large["p50_ms"] > 0, large
assert all(0 < b < 1 for b in large["busy"].values()), large["busy"]
assert large["commits_a_flush"] > small["commits_a_flush"] >= 1, (small, large)' 2>&1)
ok $? "ten times the site never needs less, and shares its flushes" "$out"
slow=$(run --json --mailboxes 100000 --set store.flush_ms=40 | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["p50_ms"] > 40)')
[ "$slow" = True ]
ok $? "nobody is answered before the flush" "$slow"
for wrong in "--set store.nothing=1" "--set store.flush_ms=fast" "--set store.flush_ms=-1" "--mailboxes none" "--costs /nonexistent" \
		"--seconds 0"; do
	# shellcheck disable=SC2086
	out=$(run $wrong) && code=0 || code=$?
	[ $code -ne 0 ] && [ "$(echo "$out" | wc -l)" = 1 ] && ! echo "$out" | grep -q Traceback
	ok $? "$wrong: one sentence" "$out"
done
echo "1..$n"
exit $failed
