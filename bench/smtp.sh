# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# recorded touches through Postfix, beside no milter, null milters and OpenDKIM: [MAILS] [CONNECTIONS] [ROUNDS]
bench_make relent-milter relent-logwatch relent-imapwatch relentctl bench/smtp-load bench/null-milter
bench_machine
bench_version postfix libmilter1.0.1 libsqlite3-0 opendkim
python3 "$top/bench/smtp.py" "$bench_build" "$top" "$@"
