# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=sh disable=SC2154
# what one recorded touch costs relent-milter, without MTA and libmilter: [MAILS] [THREADS] [ROUNDS]; BENCH_COUNT=1: instructions
# tiny: 20 1 1
# moderate: 500 1 4
bench_make relent-milter relentctl bench/bench-unit
bench_machine
bench_version libsqlite3-0 libgmime-3.0-0
mails=${1:-1000} threads=${2:-1} rounds=${BENCH_ROUNDS:-${3:-5}}
unit_dir=$(mktemp -d "${TMPDIR:-/tmp}/relent-bench-XXXXXX")
trap 'rm -rf "$unit_dir"' EXIT
printf 'k1 %s\n' "$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')" >"$unit_dir/keys"
chmod 600 "$unit_dir/keys"
cat >"$unit_dir/relent.conf" <<CONF
mode = enforce
hostname = "mail.ourco.example"
own_domains = { "ourco.example" }
zone = "Europe/Berlin"
administrator = "postmaster@ourco.example"
data_dir = "$top/conf"
store {
	path = "$unit_dir/relent.db"
	key_file = "$unit_dir/keys"
	owner_mirror = "$unit_dir/owners"
}
milter {
	socket = "inet:1@localhost"
	submission = { "submission" }
}
control {
	address = "relent@ourco.example"
}
limits {
	sender_per_day = 0
	domain_per_day = 0
	warm_up_start = 0
}
owner "rita@ourco.example" {
	name = "Rita Rep"
}
CONF
ctl="$bench_build/relentctl -c $unit_dir/relent.conf"
people=$(( (mails + 50) * (rounds + 1) ))
awk -v n=$people 'BEGIN { print "email,name,company,owner,source_kind,source_permission"
	for (i = 0; i < n; i++) printf "ann@x%d.example,Ann %d,Company %d,rita@ourco.example,crm,consent\n", i, i, i }' >"$unit_dir/people.csv"
$ctl store migrate >/dev/null
BENCH_UNIT="0 1 0" "$bench_build/bench/bench-unit" -c "$unit_dir/relent.conf" >/dev/null 2>&1 || :	# knows its owners now
$ctl prospect import "$unit_dir/people.csv" >/dev/null
turn=0
[ -z "${BENCH_COUNT:-}" ] || rounds=0
printf '# %s mails, %s threads\n' "$mails" "$threads"
while [ $turn -le $rounds ]; do
	export BENCH_UNIT="$mails $threads $(( (mails + 50) * turn ))"
	if [ -n "${BENCH_COUNT:-}" ]; then
		out=${BENCH_CALLGRIND:-$unit_dir/callgrind}
		valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file="$out" \
			"$bench_build/bench/bench-unit" -c "$unit_dir/relent.conf" >"$unit_dir/out" 2>"$unit_dir/err" ||
			{ tail -5 "$unit_dir/err" >&2; exit 1; }
		awk -v n="$mails" '/^totals:/ { sum += $2 } END { printf "%.0f instructions a touch\n", sum / n }' "$out"
	else
		"$bench_build/bench/bench-unit" -c "$unit_dir/relent.conf" >"$unit_dir/out" 2>"$unit_dir/err" ||
			{ tail -5 "$unit_dir/err" >&2; exit 1; }
		read -r user system wall refused <"$unit_dir/out"
		[ $turn -eq 0 ] || printf '%s %s %s\n' "$user" "$system" "$wall" >>"$unit_dir/rounds"
		[ "$refused" -eq 0 ] || { grep -m3 . "$unit_dir/err" >&2; echo "$refused mails were refused" >&2; exit 1; }
	fi
	turn=$((turn + 1))
done
# unit_figure COLUMN NAME
unit_figure() {
	cut -d' ' -f"$1" "$unit_dir/rounds" | sort -n | awk -v name="$2" '{ v[NR] = $1 }
		END { printf "%-28s %6d us (%d - %d)\n", name, v[int((NR + 1) / 2)], v[1], v[NR]
			print v[int((NR + 1) / 2)], v[1], v[NR] >"/dev/stderr" }' 2>"$unit_dir/figure"
	read -r median smallest largest <"$unit_dir/figure"
	bench_row touch "$2 us" "$median" "$smallest" "$largest"
}
if [ -z "${BENCH_COUNT:-}" ]; then
	unit_figure 1 'CPU of the process a touch'
	unit_figure 2 'CPU of the system a touch'
	unit_figure 3 'from one touch to the next'
fi
