# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# recorded touches through Postfix, beside no milter, null milters, OpenDKIM, rspamd, pymilter: [MAILS] [CONNECTIONS] [ROUNDS]
# peers: null-all stranger opendkim relent+opendkim rspamd pymilter
# tiny: 20 4
# moderate: 400 16 4
bench_make relent-milter relent-logwatch relent-imapwatch relentctl bench/smtp-load bench/null-milter bench/slow-fsync.so
bench_machine
bench_version postfix libmilter1.0.1 libsqlite3-0 opendkim rspamd python3-milter
BENCH_UNPACKED=$("$top/script/peers" --have || :)
export BENCH_UNPACKED
python3 "$top/bench/smtp.py" "$bench_build" "$top" "$@"
