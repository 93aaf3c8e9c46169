# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# is this address suppressed: relent's store beside one key in SQLite, PostgreSQL, lmdb, cdb and Postfix's maps: [KEYS] [LOOKUPS] [ROUNDS]
# peers: sqlite lmdb cdb postfix-lmdb postfix-cdb relent-pgsql pgsql
# tiny: 500 200
# moderate: 300000 20000 5
BENCH_UNPACKED=$("$top/script/peers" --have || :)
export BENCH_UNPACKED
lookup_flags='' lookup_libs=''
for l in lmdb cdb; do
	for d in "$BENCH_UNPACKED/usr" /usr; do
		if [ -e "$d/include/$l.h" ] && [ -e "$d/lib/$(gcc -print-multiarch)/lib$l.a" ]; then
			[ "$d" = /usr ] || lookup_flags="$lookup_flags -idirafter $d/include"
			lookup_flags="$lookup_flags -DHAVE_$(echo $l | tr a-z A-Z)"
			lookup_libs="$lookup_libs $d/lib/$(gcc -print-multiarch)/lib$l.a"
			BENCH_MAPS="${BENCH_MAPS:-} $l"
			break
		fi
	done
done
export BENCH_MAPS
# make does not know that a library came or went
if [ "$lookup_libs" != "$(cat "$bench_build/bench/peers-lookup.libs" 2>/dev/null)" ]; then
	rm -f "$bench_build"/bench/peers-lookup "$bench_build"/bench/*peers_lookup*.o
	mkdir -p "$bench_build/bench"
	printf '%s\n' "$lookup_libs" >"$bench_build/bench/peers-lookup.libs"
fi
bench_make PEERS_CPPFLAGS="$lookup_flags" PEERS_LIBS="$lookup_libs" bench/peers-lookup
bench_machine
bench_version libsqlite3-0 libpq5 postgresql-15 liblmdb-dev libcdb-dev postfix
for l in lmdb cdb; do
	case "${BENCH_MAPS:-} " in *" $l "*) ;; *) bench_wants $l && bench_missing $l "lib$l-dev; script/peers unpacks it" ;; esac
done
bench_pgsql "pgsql relent-pgsql" python3 "$top/bench/peers_lookup.py" "$bench_build" "$top" "$@"
