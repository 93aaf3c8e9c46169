# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# relent-logwatch reading a backlog of Postfix's log, durable, beside pflogsumm and wc: [MAILS] [ROUNDS]
bench_make relent-logwatch relentctl
bench_machine
bench_version postfix libsqlite3-0 pflogsumm
command -v pflogsumm >/dev/null || echo '# pflogsumm is not installed (Debian: pflogsumm): left out'
python3 "$top/bench/logwatch.py" "$bench_build" "$top" "$@"
