#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# The store's tests once more, on PostgreSQL. Prints one TAP stream of all of them.
set -u
if [ -z "${RELENT_TEST_PGSQL:-}" ]; then
	exec "${srcdir:-.}/script/pgsql" "$0" "$@"
fi
template=$(mktemp)
trap 'rm -f "$template"' EXIT
printf 'store {\n\tdriver = pgsql\n\turl = "%s dbname=relent_template"\n\tkey_file = "/nowhere"\n}\n' "$RELENT_TEST_PGSQL" >"$template"
if psql -q -X -d "$RELENT_TEST_PGSQL dbname=postgres" -c "create database relent_template" >/dev/null 2>&1 &&
		./relentctl -c "$template" store migrate >/dev/null; then
	export RELENT_TEST_PGTEMPLATE=relent_template
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
