# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# classifying mail beside bare GMime and Sisimai: [ROUNDS] [NAME=FOLDER...]
rounds=15
case ${1:-} in *[!0-9]*|'') ;; *) rounds=$1; shift ;; esac
[ $# != 0 ] || set -- "bounces=$top/tests/cases/bounces" "replies=$top/tests/cases/replies"
bench_make bench/bench-classify
bench_machine
bench_version libgmime-3.0-0 libicu72 libpcre2-8-0 libsisimai-perl
if perl -MSisimai -e 1 2>/dev/null; then
	export SISIMAI="$top/bench/sisimai.pl"
else
	echo '# Sisimai is not installed (Debian: libsisimai-perl): left out'
fi
TOP_SRCDIR=$top "$bench_build/bench/bench-classify" "$rounds" "$@"
