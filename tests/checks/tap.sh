# SPDX-License-Identifier: MPL-2.0
# For the checks: TAP in shell, and the list of our C files.
top=${TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
count=0 bad=0
ok() { count=$((count + 1)); printf 'ok %d - %s\n' $count "$1"; }
not_ok() { count=$((count + 1)); bad=1; printf 'not ok %d - %s\n' $count "$1"; }
# a failure that is known and named: NAME WHY
not_todo() { count=$((count + 1)); printf 'not ok %d - %s # TODO %s\n' $count "$1" "$2"; }
# result NAME FILE: FILE holds one line per finding
result() { if [ -s "$2" ]; then not_ok "$1"; sed 's/^/# /' "$2"; else ok "$1"; fi; }
# planted NAME FILE: the same the other way round: a planted fault must be found
planted() { if [ -s "$2" ]; then ok "$1"; else not_ok "$1 (a planted fault was not found)"; fi; }
finish() { printf '1..%d\n' $count; exit $bad; }
folders="base conf classifier sequence policy letter store milter imapwatch logwatch ctl"
sources() { (cd "$1" && for f in $folders; do find $f -name '*.[ch]' 2>/dev/null; done | sort); }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
