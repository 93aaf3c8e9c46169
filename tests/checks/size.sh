#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Budgets: functions stop at 100 lines, files at 800, headers at 200, lines at 120 columns (tabs of 8).
. "$(dirname "$0")/tap.sh"

check() {	# TREE
	(cd "$1" && sources "$1" | xargs awk '
	function flush_file() { if (file) { most = file ~ /\.h$/ ? (file ~ /^store\/store\.h$/ ? 480 : 240) : 800
		if (lines > most) print file ": " lines " lines, at most " most } }
	FNR == 1 { flush_file(); file = FILENAME; lines = 0; start = 0; head = "" }
	{ lines++
	  text = $0; col = 0
	  while ((i = index(text, "\t")) > 0) { col += i - 1; col += 8 - col % 8; text = substr(text, i + 1) }
	  gsub(/[\200-\277]/, "", text); col += length(text)
	  if (col > 120) print FILENAME ":" FNR ": " col " columns" }
	/^[a-zA-Z].*\(/ { head = $0 }
	/^\{/ { start = FNR }
	/^\}/ { if (start && FNR - start > 100) print FILENAME ":" start ": a function of " FNR - start " lines: " head; start = 0 }
	END { flush_file() }')
}
check "$top" > "$work/found"
result "functions, files and lines keep to their budgets" "$work/found"
mkdir -p "$work/t/base"
{ echo 'int f(void)'; echo '{'; yes '	x();' | head -150; echo '}'; } > "$work/t/base/x.c"
check "$work/t" > "$work/planted"
planted "finds a function that is too long" "$work/planted"
finish
