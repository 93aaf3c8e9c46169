# SPDX-License-Identifier: MPL-2.0
# For the measurements: an optimised build without fault points, and what they ran on. $top is set.
bench_build=${BENCH_BUILD:-$top/build-bench}

# build the programs named
bench_make() {
	"$top/script/bootstrap" --build-only
	"$top/script/build" "$bench_build"
	make -C "$bench_build" "$@" >"$bench_build/bench.log" 2>&1 || { tail -20 "$bench_build/bench.log" >&2; exit 1; }
}

bench_machine() {
	printf '# %s, %s CPUs, load %s, Linux %s\n' \
		"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
		"$(cut -d' ' -f1 /proc/loadavg)" "$(uname -r)"
	printf '# relent %s\n' "$(git -C "$top" describe --always --dirty 2>/dev/null || echo '(no repository)')"
}

# bench_version PACKAGE...: Debian packages and their versions
bench_version() {
	for p; do
		v=$(dpkg-query -W -f '${Version}' "$p" 2>/dev/null) && printf '# %s %s\n' "$p" "$v"
	done
	return 0
}
