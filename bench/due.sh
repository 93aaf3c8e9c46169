# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# what grows with the store: the same questions to two stores made alike, ten times apart: [SMALL LARGE | FOLDER] [ROWS] [ROUNDS]
# tiny: 0.0001 0.0004 20 1
# moderate: 0.001 0.01 2000 3
# FOLDER: two stores made by generate and kept (*.db); people are added to them
if [ -n "${BENCH_BUILD:-}" ]; then	# a tree of one's own may not have them yet
	make -C "$bench_build" bench/generate bench/large >"$work/make" 2>&1 || { tail -5 "$work/make" >&2; exit 1; }
else
	bench_make bench/generate bench/large relentctl relent-milter relent-imapwatch
fi
bench_machine
bench_version libsqlite3-0
python3 "$top/bench/due.py" "$bench_build" "$top" "$@"
