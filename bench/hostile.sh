# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# mail made to hurt: CPU and memory for each kind: [PART OF A NAME]
bench_make bench/bench-hostile
bench_machine
TOP_SRCDIR=$top "$bench_build/bench/bench-hostile" "$@"
