#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Functions that nobody may call, and the licence line that every file has.
. "$(dirname "$0")/tap.sh"

names='strcpy|strcat|sprintf|vsprintf|atoi|atol|atof|gets|system|popen|strtok|alloca|mktemp|tmpnam|rand|srand|localtime|gmtime|asctime|ctime'
check() { (cd "$1" && sources "$1" | xargs grep -nE "(^|[^a-zA-Z0-9_>.\"])($names)[ ]?\(" /dev/null | grep -vE ':[0-9]+:[[:space:]]*(/?\*|//)'); }
spdx() { (cd "$1" && sources "$1" | xargs grep -L 'SPDX-License-Identifier: MPL-2.0' /dev/null | grep -v '^/dev/null$'); }

check "$top" > "$work/found"
result "no banned function is called" "$work/found"
spdx "$top" > "$work/spdx"
result "every file names its licence" "$work/spdx"
mkdir -p "$work/t/base"
printf 'int f(char *a)\n{\n\treturn atoi(a);\n}\n' > "$work/t/base/x.c"
check "$work/t" > "$work/planted"
planted "finds a banned call" "$work/planted"
finish
