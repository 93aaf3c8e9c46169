#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# The manual pages are clean mdoc, and name every setting, command and rule.
srcdir=${srcdir:-$(dirname "$0")/../..}
n=0
ok() { # STATUS NAME DETAILS
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; echo "$3" | sed 's/^/# /'; fi
}
if command -v mandoc >/dev/null; then
	for page in man/relent.7 man/relent-milter.8 man/relent-imapwatch.8 man/relent-logwatch.8 \
		man/relentctl.1 man/relent.conf.5; do
		out=$(mandoc -T lint -W warning "$page" 2>&1)
		[ -z "$out" ] && [ -s "$page" ]
		ok $? "$page is clean" "$out"
	done
else
	n=1
	echo "ok 1 - pages are clean # SKIP mandoc is missing"
fi
lacks() { # PAGE WORDS...: those that the page does not name
	page=$1
	shift
	for w in "$@"; do
		grep -qF -- "\"$w\"" "$page" || grep -qwF -- "$w" "$page" || echo "$w"
	done
}
out=$(lacks man/relent.conf.5 $(sed -n 's/^SETTING("[^"]*", "\([^"]*\)".*/\1/p' "$srcdir/conf/settings.def"))
[ -z "$out" ]; ok $? "relent.conf(5) names every setting" "$out"
out=$(sed -n 's/^COMMAND("\([^"]*\)".*/\1/p' "$srcdir/ctl/commands.def" 2>/dev/null | while IFS= read -r c; do lacks man/relentctl.1 "$c"; done)
[ -z "$out" ]; ok $? "relentctl(1) names every command" "$out"
out=$(lacks man/relent.7 $(sed -n 's/^RULE([A-Z_]*, "\([^"]*\)".*/\1/p' "$srcdir/policy/rules.def"))
[ -z "$out" ]; ok $? "relent(7) names every rule" "$out"
echo "1..$n"
