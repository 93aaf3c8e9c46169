#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# The deciding libraries reach for no clock, file, socket, database, milter or IMAP. Reads symbol tables.
. "$(dirname "$0")/tap.sh"
build=${TOP_BUILDDIR:-.}

# Also the fortified and 64-bit variants of these names (__fread_chk, __open_2, fopen64).
names='time|clock_gettime|gettimeofday|localtime|localtime_r|mktime|clock_now|clock_now_ms|clock_new|clock_mono_ms|ucal_getNow|
nanosleep|usleep|sleep|g_get_real_time|g_get_monotonic_time|g_date_time_new_now.*|
open|openat|creat|fopen|fdopen|freopen|read|pread|fread|fgets|getline|write|pwrite|fwrite|fputs|fprintf|printf|puts|mmap|
stat|fstat|lstat|access|unlink|rename|mkdir|opendir|readdir|mkstemp|tmpfile|g_file_.*|g_mime_stream_fs_.*|g_mime_stream_file_.*|
socket|connect|bind|listen|accept|accept4|send|sendto|sendmsg|recv|recvfrom|recvmsg|poll|epoll_wait|select|getaddrinfo|
getenv|secure_getenv|system|popen|fork|vfork|execv.*|posix_spawn|kill|pthread_create|rand|random|randombytes_.*|
sqlite3_.*|PQ.*|smfi_.*|mailimap_.*|mailstream_.*|curl_.*|gnutls_.*|store_.*|fault_point'
forbidden="^(__)?($(printf '%s' "$names" | tr -d '\n'))(64|_2|64_2|_chk)?\$"
check() { nm -u "$1" 2>/dev/null | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | grep -E "$forbidden" | sort -u | sed "s|^|$(basename "$1"): |"; }

for lib in classifier sequence policy letter; do
	check "$build/lib$lib.a" > "$work/$lib"
	[ -f "$build/lib$lib.a" ] || echo "lib$lib.a is not built" > "$work/$lib"
	result "lib$lib.a is pure" "$work/$lib"
done
for call in 'long time(long *); int f(void) { return (int)time(0); }' \
	'int sqlite3_step(void *); int f(void) { return sqlite3_step(0); }' \
	'int smfi_setpriv(void); int f(void) { return smfi_setpriv(); }' \
	'int mailimap_noop(void *); int f(void) { return mailimap_noop(0); }' \
	'int clock_now(void *); int f(void) { return clock_now(0); }' \
	'int __open_2(const char *, int); int f(void) { return __open_2("a", 0); }' \
	'int socket(int, int, int); int f(void) { return socket(1, 2, 3); }'; do
	rm -f "$work/libx.a"
	printf '%s\n' "$call" > "$work/x.c"
	${CC:-cc} -w -c "$work/x.c" -o "$work/x.o" && ar cr "$work/libx.a" "$work/x.o"
	check "$work/libx.a" > "$work/planted"
	planted "finds $(printf '%s' "$call" | sed -E 's/^[a-z]+ ([a-z0-9_]+).*/\1/')" "$work/planted"
done
printf '%s\n' 'int timeout(int); int f(void) { return timeout(3); }' > "$work/x.c"
rm -f "$work/libx.a"
${CC:-cc} -c "$work/x.c" -o "$work/x.o" && ar cr "$work/libx.a" "$work/x.o"
check "$work/libx.a" > "$work/other"
result "lets pass a name that only begins like one" "$work/other"
finish
