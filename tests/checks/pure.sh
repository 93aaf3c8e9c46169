#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# The deciding libraries reach for no clock, file, socket, database, milter or IMAP. Reads symbol tables.
. "$(dirname "$0")/tap.sh"
build=${TOP_BUILDDIR:-.}

forbidden='^(time|clock_gettime|gettimeofday|localtime|localtime_r|mktime|clock_now|clock_new|clock_mono_ms|open|openat|fopen|fdopen|creat|read|write|unlink|rename|stat|opendir|socket|connect|accept|send|recv|poll|epoll_wait|select|getenv|system|popen|fork|execve|getaddrinfo|pthread_create|sqlite3_.*|PQ.*|smfi_.*|mailimap_.*|curl_.*|gnutls_.*|store_.*)$'
check() { nm -u "$1" 2>/dev/null | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | grep -E "$forbidden" | sort -u | sed "s|^|$(basename "$1"): |"; }

for lib in classifier sequence policy; do
	check "$build/lib$lib.a" > "$work/$lib"
	[ -f "$build/lib$lib.a" ] || echo "lib$lib.a is not built" > "$work/$lib"
	result "lib$lib.a is pure" "$work/$lib"
done
printf '#include <time.h>\nlong f(void);\nlong f(void) { return time(0); }\n' > "$work/x.c"
${CC:-cc} -c "$work/x.c" -o "$work/x.o" && ar cr "$work/libx.a" "$work/x.o"
check "$work/libx.a" > "$work/planted"
planted "finds a library that asks the clock" "$work/planted"
finish
