#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Who may include whom: a folder only what stands to its left, a program no other program, and each
# library only where the house lets it in.
. "$(dirname "$0")/tap.sh"

check() {	# TREE
	(cd "$1" && sources "$1" | xargs awk '
	BEGIN {
		n = split("base conf classifier sequence policy letter store milter imapwatch logwatch ctl", order, " ")
		for (i = 1; i <= n; i++) rank[order[i]] = i
		for (i = 8; i <= n; i++) rank[order[i]] = 8	# programs stand side by side
		home["gmime/"] = "^classifier/message"
		home["glib"] = "^classifier/message"
		home["libetpan/"] = "^imapwatch/(imap|stream|session|idle)"
		home["curl/"] = "^(imapwatch/(sender|adviser)|base/ask)"
		home["libmilter/"] = "^milter/(callbacks|stamp|reply|main)"
		home["sqlite3.h"] = "^store/sqlite"
		home["libpq"] = "^store/pgsql"
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, q, "\""); split(q[2], d, "/"); split(FILENAME, f, "/")
		if (!(d[1] in rank)) next
		if (rank[d[1]] > rank[f[1]] || (rank[d[1]] == 8 && d[1] != f[1]))
			print FILENAME ":" FNR ": " f[1] " must not include " q[2]
		if (d[1] != f[1] && (q[2] ~ /_private\.h$/ || q[2] == "store/driver.h"))
			print FILENAME ":" FNR ": " q[2] " is for insiders"
	}
	/^[ \t]*#[ \t]*include[ \t]*</ {
		for (h in home) if (index($0, "<" h) && FILENAME !~ home[h])
			print FILENAME ":" FNR ": " h " belongs to " home[h]
	}')
}
check "$top" > "$work/found"
result "includes go to the left, libraries stay in their file" "$work/found"
mkdir -p "$work/t/base" "$work/t/policy"
printf '#include "store/store.h"\n' > "$work/t/base/x.c"
printf '#include <sqlite3.h>\n' > "$work/t/policy/y.c"
check "$work/t" > "$work/planted"
[ "$(wc -l < "$work/planted")" = 2 ] || : > "$work/planted"
planted "finds a wrong include and a stray library" "$work/planted"
finish
