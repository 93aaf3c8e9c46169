# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# thousands of mailboxes in one watcher: memory, log-ins, delivery to hold, a backlog beside raw FETCH and mbsync: [MAILBOXES] [PART...]
# peers: mbsync
# tiny: 20 answers
# moderate: 200 idle answers mute
bench_make relent-milter relent-imapwatch relentctl
bench_machine
bench_version dovecot-imapd libetpan20 libgnutls30 isync libsqlite3-0
python3 "$top/bench/imap.py" "$bench_build" "$top" "$@"
