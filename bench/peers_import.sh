# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# a file of people, checked, named and recorded, beside sqlite3's .import and psql's \copy into a plain table: [PEOPLE] [ROUNDS]
# peers: sqlite relent-pgsql pgsql
# tiny: 200
# moderate: 6000 3
bench_make relentctl
bench_machine
bench_version libsqlite3-0 sqlite3 postgresql-15 postgresql-client-15
! bench_wants sqlite || command -v sqlite3 >/dev/null || bench_missing sqlite sqlite3
# with fsync: what is not durable is no peer
RELENT_TEST_FSYNC=on bench_pgsql "pgsql relent-pgsql" python3 "$top/bench/peers_import.py" "$bench_build" "$top" "$@"
