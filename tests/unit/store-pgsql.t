#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# The store's tests once more, on PostgreSQL. Prints one TAP stream of all of them.
set -u
if [ -z "${RELENT_TEST_PGSQL:-}" ]; then
	exec "${srcdir:-.}/script/pgsql" "$0" "$@"
fi
n=0
for test in ./tests/unit/test-store-*; do
	name=${test##*/}
	case $name in *.*) continue ;; esac
	case $name in test-store-kill) [ -n "${RELENT_TEST_LONG:-}" ] || continue ;; esac
	out=$("$test" 2>&1)
	end=$?
	lines=$(printf '%s\n' "$out" | grep -cE '^(not )?ok ')
	printf '%s\n' "$out" | awk -v n="$n" -v name="$name" '
		/^(not )?ok / { k = /^not/ ? "not ok" : "ok"; sub(/^(not )?ok [0-9]+/, ""); n++; print k " " n " - " name $0; next }
		/^1\.\./ { next }
		{ print "# " $0 }'
	n=$((n + lines))
	if [ "$lines" = 0 ]; then
		n=$((n + 1))
		echo "not ok $n - $name ended with $end and no result"
	fi
done
echo "1..$n"
