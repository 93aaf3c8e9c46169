#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# The units are right (systemd-analyze verify) and stay hardened: exposure within the goals of the house, no capability.
# rows: 26
units=systemd
[ -d "$units" ] && [ -e "$units/relent-milter.service" ] || units=${top_builddir:-.}/systemd
if ! command -v systemd-analyze >/dev/null; then
	echo "1..0 # SKIP systemd-analyze is missing"
	exit 0
fi
n=0
ok() { # STATUS NAME DETAILS
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; echo "$3" | sed 's/^/# /'; fi
}
# verify wants the programs to be there and the users to be known: neither is a matter of the unit
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
# what talks to the network may be exposed a little more: 1.5, the others 1.0
for u in relent-milter relent-imapwatch relent-logwatch; do
	most=10
	[ $u = relent-imapwatch ] && most=15
	f=$units/$u.service
	out=$(systemd-analyze security --offline=true --threshold=$most "$f" 2>&1)
	ok $? "$u: exposure is at most $((most / 10)).$((most % 10))" "$out"
	grep -q '^CapabilityBoundingSet=$' "$f" && grep -q '^NoNewPrivileges=yes$' "$f" &&
		grep -q '^User=relent$' "$f"
	ok $? "$u: own user, no capability, no new privileges" "$(cat "$f")"
	grep -q '^Restart=always$' "$f" && grep -q '^WatchdogSec=' "$f" && grep -q '^Type=notify$' "$f"
	ok $? "$u: comes back after a crash or a hang" "$(cat "$f")"
	sed 's,^ExecStart=[^ ]*,ExecStart=/bin/true,' "$f" >"$work/$u.service"
	out=$(systemd-analyze verify --man=no "$work/$u.service" 2>&1)
	[ $? -eq 0 ] && ! echo "$out" | grep -q "$u.service:[0-9]"
	ok $? "$u: systemd understands all of it" "$out"
	! grep -q '@[A-Za-z]*@' "$f"
	ok $? "$u: every place is filled" "$(grep '@[A-Za-z]*@' "$f")"
done
echo "1..$n"
