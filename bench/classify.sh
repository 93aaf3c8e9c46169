# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# classifying mail beside bare GMime and Sisimai: [ROUNDS] [NAME=FOLDER...]
# peers: sisimai
# tiny: 1
# moderate: 12
rounds=${BENCH_ROUNDS:-15}
case ${1:-} in *[!0-9]*|'') ;; *) rounds=${BENCH_ROUNDS:-$1}; shift ;; esac
[ $# != 0 ] || set -- "bounces=$top/tests/cases/bounces" "replies=$top/tests/cases/replies"
bench_make bench/bench-classify
bench_machine
bench_version libgmime-3.0-0 libicu72 libpcre2-8-0 libsisimai-perl
if bench_wants sisimai; then
	if perl -MSisimai -e 1 2>/dev/null; then
		export SISIMAI="$top/bench/sisimai.pl"
	else
		bench_missing Sisimai libsisimai-perl
	fi
fi
TOP_SRCDIR=$top "$bench_build/bench/bench-classify" "$rounds" "$@" | awk -F '\t' -v rows="${BENCH_ROWS:-/dev/null}" '
	{ print; fflush() }
	NR > 1 {
		if (split($7, s, /\.\./) < 2) s[1] = s[2] = $6
		what = "{\"what\": \"" $1 " " $2 "\", \"figure\": \""
		print what "mails/s\", \"median\": " $3 "}\n" what "of gmime\", \"median\": " $6 ", \"min\": " s[1] ", \"max\": " s[2] "}" >>rows
	}'
