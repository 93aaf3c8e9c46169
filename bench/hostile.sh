# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# mail made to hurt: CPU and memory for each kind: [PART OF A NAME]
# tiny: nest
# moderate:
bench_make bench/bench-hostile
bench_machine
TOP_SRCDIR=$top "$bench_build/bench/bench-hostile" "$@" | awk -v rows="${BENCH_ROWS:-/dev/null}" '
	{ print; fflush() }
	NR > 1 && NF >= 6 && $(NF - 1) != "DIED" {
		name = substr($0, 1, 36)
		sub(/ +$/, "", name)
		what = "{\"what\": \"" name "\", \"figure\": \""
		print what "ms/MB\", \"median\": " $(NF - 3) "}\n" what "MiB\", \"median\": " $(NF - 2) "}" >>rows
	}'
