#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# script/bootstrap, with the package tools played: nothing is installed here.
. "$(dirname "$0")/tap.sh"

mkdir "$work/bin"
# the state of the world: files of package names, and what happened
cat > "$work/bin/dpkg-query" <<'END'
#!/bin/sh
shift 3
case $* in
'') cat "$W/mta" 2>/dev/null ;;
*) for p; do grep -qx "$p" "$W/absent" || echo "ii  $p"; done ;;
esac
END
cat > "$work/bin/apt-get" <<'END'
#!/bin/sh
echo "$*" >> "$W/apt"
[ "$1" = update ] && { : > "$W/updated"; exit 0; }
"$POLICY_RC_D" some-service start; echo "policy $?" >> "$W/apt"
[ ! -e "$W/stale" ] || [ -e "$W/updated" ]
END
printf '#!/bin/sh\ncat "$W/uid"\n' > "$work/bin/id"
chmod +x "$work/bin"/*
export W="$work/w" POLICY_RC_D="$work/policy-rc.d"
fresh() { rm -rf "$W" "$POLICY_RC_D"; mkdir "$W"; : > "$W/absent"; echo 0 > "$W/uid"; : > "$W/apt"; }
run() { PATH="$work/bin:$PATH" sh "$top/script/bootstrap" "$@" > "$W/out" 2>&1; rc=$?; }
# that NAME CONDITION...
that() {
	name=$1
	shift
	if "$@"; then ok "$name"; else not_ok "$name (status $rc)"; sed 's/^/# /' "$W/out" "$W/apt"; fi
}
said() { grep -qF -- "$1" "$W/out"; }
did() { grep -qF -- "$1" "$W/apt"; }
quiet() { [ $rc = 0 ] && [ ! -s "$W/out" ] && [ ! -s "$W/apt" ] && [ ! -e "$POLICY_RC_D" ]; }

fresh; run
that "nothing missing: nothing done, nothing said" quiet

fresh; printf 'check\nlibpsl-dev\n' > "$W/absent"; run
that "what is missing is installed, by name and without recommendations" \
	did "install -y -q --no-install-recommends check libpsl-dev"
that "... it ends well" [ $rc = 0 ]
that "... no service may start meanwhile" did "policy 101"
that "... and the policy is gone afterwards" [ ! -e "$POLICY_RC_D" ]
that "... without asking for new lists" [ ! -e "$W/updated" ]

fresh; echo check > "$W/absent"; : > "$W/stale"; run
that "old lists are renewed once" [ "$(grep -c '^update' "$W/apt") $rc" = "1 0" ]

fresh; echo check > "$W/absent"; printf '#!/bin/sh\nexit 101 # mine\n' > "$POLICY_RC_D"; chmod +x "$POLICY_RC_D"; run
that "an existing policy stays as it was" grep -q mine "$POLICY_RC_D"

fresh; echo check > "$W/absent"; echo 1000 > "$W/uid"; run
that "not root: the exact command" said "apt-get install --no-install-recommends check"
that "... fails and touches nothing" [ "$rc$(cat "$W/apt")" = 1 ]

fresh; echo postfix > "$W/absent"; echo 'ii  exim4-daemon-light exim4-localscanapi, mail-transport-agent' > "$W/mta"; run
that "another mail server is never replaced" said "'exim4-daemon-light' is installed"
that "... fails and touches nothing" [ "$rc$(cat "$W/apt")" = 1 ]

fresh; echo postfix > "$W/absent"; echo 'rc  sendmail-bin mail-transport-agent' > "$W/mta"; run
that "one that was removed is no obstacle" did "install -y -q --no-install-recommends postfix"

fresh; echo postfix > "$W/absent"; run --build-only
that "--build-only does not ask for Postfix" quiet

finish
