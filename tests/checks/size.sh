#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Budgets: functions stop at 100 lines, files at 800, headers at 200, lines at 125 columns (tabs of 8; aim
# at 100). What is over its budget today is named here with a ceiling, and shows as TODO until it is split.
. "$(dirname "$0")/tap.sh"

known='milter/milter.h 240
policy/policy.h 260
classifier/dates.c 960'

check() {	# TREE
	(cd "$1" && sources "$1" | LC_ALL=C xargs awk -v known="$known" '
	BEGIN { n = split(known, k, /[ \n]/); for (i = 1; i < n; i += 2) ceiling[k[i]] = k[i + 1] }
	function flush_file(  most) {
		most = file ~ /\.h$/ ? 200 : 800
		if (file in ceiling) most = ceiling[file]
		if (file && lines > most) print file ": " lines " lines, at most " most
	}
	FNR == 1 { flush_file(); file = FILENAME; lines = 0; start = 0; head = "" }
	{ lines++
	  text = $0; col = 0
	  while ((i = index(text, "\t")) > 0) { col += i - 1; col += 8 - col % 8; text = substr(text, i + 1) }
	  gsub(/[\200-\277]/, "", text); col += length(text)
	  if (col > 125) print FILENAME ":" FNR ": " col " columns" }
	/^[a-zA-Z].*\(/ { head = $0 }
	/^\{/ { start = FNR }
	/^\}/ { if (start && FNR - start > 101) print FILENAME ":" start ": a function of " FNR - start - 1 " lines: " head; start = 0 }
	END { flush_file() }')
}
check "$top" > "$work/found"
result "functions, files and lines keep to their budgets" "$work/found"
printf '%s\n' "$known" > "$work/known"
while read -r file most; do
	budget=800
	case $file in *.h) budget=200 ;; esac
	lines=$(wc -l < "$top/$file")
	if [ "$lines" -gt $budget ]; then
		not_todo "$file keeps to $budget lines" "it has $lines"
	else
		ok "$file keeps to $budget lines"
	fi
done < "$work/known"

one() {	# NAME: the planted file x.c is found, and nothing else
	check "$work/t" > "$work/planted"
	[ "$(wc -l < "$work/planted")" = 1 ] || : > "$work/planted"
	planted "$1" "$work/planted"
	rm -rf "$work/t"
	mkdir -p "$work/t/base"
}
mkdir -p "$work/t/base"
{ echo 'int f(void)'; echo '{'; yes '	x();' | head -101; echo '}'; } > "$work/t/base/x.c"
one "finds a function that is too long"
yes 'int x;' | head -801 > "$work/t/base/x.c"
one "finds a file that is too long"
yes 'int x;' | head -201 > "$work/t/base/x.h"
one "finds a header that is too long"
printf '\t/* %0120d */\n' 1 > "$work/t/base/x.c"
one "finds a line that is too long"
{ echo 'int f(void)'; echo '{'; yes '	;' | head -100; echo '}'; yes '' | head -600; } > "$work/t/base/x.c"
check "$work/t" > "$work/inside"
result "lets pass what is just inside" "$work/inside"
finish
