#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Each header compiles alone.
. "$(dirname "$0")/tap.sh"
build=${TOP_BUILDDIR:-$top}

flags="-std=gnu17 -fsyntax-only -I$top -I$build -I. $(pkg-config --cflags gmime-3.0 sqlite3 jansson libetpan gnutls libcurl libconfuse icu-i18n libxml-2.0 libical libsodium libpq 2>/dev/null)"
check() {	# TREE
	(cd "$1" && sources "$1" | grep '\.h$' | while read -r h; do
		# twice: the guard too
		printf '#include "%s"\n#include "%s"\n' "$h" "$h" > "$work/one.c"
		# shellcheck disable=SC2086
		${CC:-cc} $flags "$work/one.c" 2>"$work/err" || { echo "$h:"; head -3 "$work/err"; }
	done)
}
check "$top" > "$work/found"
result "each header compiles alone" "$work/found"
mkdir -p "$work/t/base"
printf 'struct x { size_t n; };\n' > "$work/t/base/x.h"
flags="-std=gnu17 -fsyntax-only -I$work/t"
check "$work/t" > "$work/planted"
planted "finds a header that leans on others" "$work/planted"
finish
