# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# relent-logwatch reading a backlog of Postfix's log, durable, beside pflogsumm and wc: [MAILS] [ROUNDS]
# peers: pflogsumm wc
# tiny: 300
# moderate: 15000 3
bench_make relent-logwatch relentctl
bench_machine
bench_version postfix libsqlite3-0 pflogsumm
! bench_wants pflogsumm || command -v pflogsumm >/dev/null || bench_missing pflogsumm pflogsumm
python3 "$top/bench/logwatch.py" "$bench_build" "$top" "$@"
