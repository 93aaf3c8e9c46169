#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Functions that nobody may call (comments and strings may name them), the licence line that every file
# has, and the marks that a merge leaves.
. "$(dirname "$0")/tap.sh"

check() {	# TREE
	(cd "$1" && sources "$1" | LC_ALL=C xargs awk '
	BEGIN {
		names = "(strcpy|stpcpy|strcat|strncat|sprintf|vsprintf|atoi|atol|atof|gets|system|popen|strtok|" \
			"alloca|mktemp|tmpnam|rand|srand|localtime|gmtime|asctime|ctime|setlocale)"
	}
	FNR == 1 { comment = 0 }
	{
		code = ""; s = $0
		while (s != "") {
			if (comment) {
				at = index(s, "*/")
				if (!at) break
				comment = 0; s = substr(s, at + 2); continue
			}
			if (!match(s, /["\047]|\/\*|\/\//)) { code = code s; break }
			c = substr(s, RSTART, 1)
			code = code substr(s, 1, RSTART - 1)
			if (substr(s, RSTART, 2) == "/*") { comment = 1; s = substr(s, RSTART + 2); continue }
			if (c == "/") break
			for (i = RSTART + 1; i <= length(s) && substr(s, i, 1) != c; i++)
				if (substr(s, i, 1) == "\\") i++
			s = substr(s, i + 1); code = code c c
		}
		if (match(code, "(^|[^A-Za-z0-9_.>])" names "[ \t]*\\("))
			print FILENAME ":" FNR ": " $0
	}')
}
spdx() { (cd "$1" && { sources "$1"; find script .ci tests -type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' \
	-o -name '*.test' -o -path 'script/*' \) 2>/dev/null; } | grep -v pycache | xargs grep -L 'SPDX-License-Identifier: MPL-2.0' /dev/null |
	grep -v '^/dev/null$'); }

marks() { (cd "$1" && find $folders tests script man systemd -type f -not -name '*.eml' -not -name '*.o' 2>/dev/null |
	xargs grep -nIE '^(<<<<<<<|>>>>>>>|\|\|\|\|\|\|\|) ' /dev/null); }

check "$top" > "$work/found"
result "no banned function is called" "$work/found"
spdx "$top" > "$work/spdx"
result "every file names its licence" "$work/spdx"
marks "$top" > "$work/marks"
result "no marks of a merge" "$work/marks"
mkdir -p "$work/t/base"
for call in 'strcpy(a, b)' 'sprintf(a, "%s", b)' 'strcat (a, b)' 'atoi(a)' 'gets(a)' 'system("x")' 'popen("x", "r")' \
	'strtok(a, b)' 'alloca(3)'; do
	printf '\t/* x */ const char *x = "/*"; %s;\n' "$call" > "$work/t/base/x.c"
	check "$work/t" > "$work/planted"
	planted "finds $call" "$work/planted"
done
spdx "$work/t" > "$work/planted"
planted "finds a file without a licence line" "$work/planted"
printf '<%s HEAD\n' '<<<<<<' > "$work/t/base/x.sql"
marks "$work/t" > "$work/planted"
planted "finds a mark of a merge" "$work/planted"
cat > "$work/t/base/x.c" <<'END'
/* never strcpy(a, b)
 * nor sprintf(x) */
	log("a system (x) ' is /* banned"); // gets(x)
	my_strcpy(a); p->system(b); c = '"'; s.gets(1); snprintf(a, 3, "x");
END
check "$work/t" > "$work/other"
result "lets pass comments, strings and other names" "$work/other"
finish
