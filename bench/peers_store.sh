# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# durable writes: a suppression, its event and its seal, beside a row in plain SQLite and PostgreSQL: [WRITES] [ROUNDS]
# peers: relent-1 sqlite sqlite-16 relent-pgsql pgsql pgsql-16
# tiny: 48
# moderate: 800 5
bench_make bench/peers-store
bench_machine
bench_version libsqlite3-0 libpq5 postgresql-15
python3 "$top/bench/report.py" --disk
# with fsync: what is not durable is no peer
RELENT_TEST_FSYNC=on bench_pgsql "pgsql pgsql-16 relent-pgsql" python3 "$top/bench/peers_store.py" "$bench_build" "$top" "$@"
