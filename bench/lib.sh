# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh
# For the measurements: an optimised build without fault points, what they ran on, and a run of them all. $top is set.
# Handed to a bench by script/bench: BENCH_PEERS (names with commas, empty: all), BENCH_ROUNDS (empty: its own), BENCH_ROWS (a
# file that takes its figures, one JSON object a line: bench/report.py or bench_row), its arguments as "$@".
# shellcheck disable=SC2154
bench_build=${BENCH_BUILD:-$top/build-bench}

# build the programs named; a tree of one's own (BENCH_BUILD) stays configured as it is
bench_make() {
	if [ -z "${BENCH_BUILD:-}" ]; then
		"$top/script/bootstrap" --build-only
		"$top/script/build" "$bench_build"
	fi
	make -C "$bench_build" -j"$(nproc)" "$@" >"$bench_build/bench.log" 2>&1 || { tail -20 "$bench_build/bench.log" >&2; exit 1; }
}

bench_machine() {
	printf '# %s, %s CPUs, load %s, Linux %s\n' \
		"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
		"$(cut -d' ' -f1 /proc/loadavg)" "$(uname -r)"
	printf '# relent %s\n' "$(git -C "$top" describe --always --dirty 2>/dev/null || echo '(no repository)')"
}

# bench_version PACKAGE...: Debian packages and their versions
bench_version() {
	for p; do
		v=$(dpkg-query -W -f '${Version}' "$p" 2>/dev/null) && [ -n "$v" ] && printf '# %s %s\n' "$p" "$v"
	done
	return 0
}

# bench_wants PEER: does it take part?
bench_wants() {
	case ",$BENCH_PEERS," in ,,|*",$1,"*) ;; *) return 1 ;; esac
}

# bench_pgsql "PEER..." COMMAND...: with a private server (RELENT_TEST_PGSQL; one that is there already is taken) if one of the
# peers takes part
bench_pgsql() {
	for bench_peer in $1; do bench_wants "$bench_peer" && break; done || set -- '' "$@"
	if [ -z "$1" ]; then
		shift 2
		"$@"
		return
	fi
	shift
	if [ -n "$BENCH_PGSQL" ]; then
		RELENT_TEST_PGSQL=$BENCH_PGSQL "$@"
	elif ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
		"$top/script/pgsql" "$@"
	else
		bench_missing PostgreSQL postgresql
		"$@"
	fi
}

# bench_missing PEER PACKAGE: it was wanted and is not there
bench_missing() {
	printf '# %s is not here (Debian: %s): left out\n' "$1" "$2"
}

# bench_row WHAT FIGURE MEDIAN [SMALLEST LARGEST]: a figure for --json
bench_row() {
	printf '{"what": "%s", "figure": "%s", "median": %s, "min": %s, "max": %s}\n' "$1" "$2" "$3" "${4:-$3}" "${5:-$3}" \
		>>"${BENCH_ROWS:-/dev/null}"
}

# bench_all SIZE NAMES FILE JSON: every bench, one after the other, into a file with the date; the longest run is 12 minutes
bench_all() {
	# what matters most first, should the time not be enough
	names=${2:-$({ printf '%s\n' smtp lookup store due classify import imap logwatch; names; } | awk '!seen[$0]++')}
	file=${3:-$top/bench/results/$(date -u +%F).md}
	[ -n "$3" ] || mkdir -p "$top/bench/results"
	# built first, so that nobody measures beside a compiler
	# shellcheck disable=SC2046
	[ -n "${BENCH_BUILD:-}" ] || bench_make all $(sed -n 's/^EXTRA_PROGRAMS += //p' "$top/bench/local.mk" | tr ' ' '\n' | grep -v peers-lookup)
	budget=${BENCH_BUDGET:-700} begun=$(date +%s) bad='' each=$(mktemp -d)
	{
		printf '# Measurements of %s\n\n' "$(date -u '+%F %H:%M UTC')"
		printf 'By `script/bench all` (%s sizes); what the names mean is in bench/README.md.\n' "$1"
		if [ -n "${BENCH_NOTE:-}" ]; then printf '%s\n' "$BENCH_NOTE"; fi
		printf '\n```\n'
		bench_machine
		printf '# memory %s MB; temporary files on %s\n' "$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" \
			"$(df -T "${TMPDIR:-/tmp}" | awk 'NR == 2 { print $2 }')"
		python3 "$top/bench/report.py" --disk
		bench_version gcc libc6 postfix dovecot-imapd postgresql-15 libsqlite3-0 libmilter1.0.1
		printf '```\n'
	} >"$file.new"
	for n in $names; do
		[ -n "$(parts "$n")" ] || continue
		left=$((budget - $(date +%s) + begun))
		[ "$left" -le "${BENCH_TIMEOUT:-240}" ] || left=${BENCH_TIMEOUT:-240}
		printf '%s... ' "$n" >&2
		rc=0
		if [ "$left" -gt 0 ]; then
			timeout -s INT -k 20 "$left" "$top/script/bench" "$n" --size "$1" --json "$each/$n.json" \
				>"$each/$n.out" 2>"$each/$n.err" || rc=$?
		else
			: >"$each/$n.out" >"$each/$n.err"
			rc=124
		fi
		{
			printf '\n## %s\n\n%s\n\n```\n' "$n" "$(for p in $(parts "$n"); do sed -n '3s/^# //p' "$top/bench/$p.sh"; done)"
			cat "$each/$n.out"
			printf '```\n'
			case $rc in
			0) ;;
			124|137) printf '\n**It did not end in the time it had; what stands above is a part.**\n' ;;
			*) printf '\n**It failed (exit %d): %s**\n' "$rc" "$(tail -1 "$each/$n.err")" ;;
			esac
			printf '\nload afterwards: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
		} >>"$file.new"
		if [ $rc = 0 ]; then echo "done" >&2; else bad="$bad $n"; echo "failed: $(tail -1 "$each/$n.err")" >&2; fi
	done
	mv "$file.new" "$file"
	[ -z "$4" ] || python3 "$top/bench/report.py" --join "$each"/*.json >"$4"
	rm -rf "$each"
	printf 'written: %s (%d s)\n' "$file" "$(($(date +%s) - begun))" >&2
	[ -z "$bad" ] || { printf 'bench: failed:%s\n' "$bad" >&2; return 1; }
}
