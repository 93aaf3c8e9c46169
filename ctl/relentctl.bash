# SPDX-License-Identifier: MPL-2.0
# bash completion of relentctl; the verbs and their options come from the program itself.
_relentctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} words=() w line name options rest
	local i=1
	while [ $i -lt "$COMP_CWORD" ]; do
		w=${COMP_WORDS[i]}
		case $w in
		-c|--config|--clock-file) i=$((i + 1)) ;;
		-*) ;;
		*) words+=("$w") ;;
		esac
		i=$((i + 1))
	done
	COMPREPLY=()
	case ${COMP_WORDS[COMP_CWORD-1]} in
	-c|--config|--clock-file) compopt -o default; return ;;
	esac
	local typed="${words[*]}" candidates=""
	while IFS=$'\t' read -r name options; do
		if [ "$typed" = "$name" ] || [[ $typed == "$name "* ]]; then
			case $cur in
			-*) candidates="$options --json --help" ;;
			*) compopt -o default; return ;;
			esac
			break
		fi
		if [ -z "$typed" ]; then
			candidates="$candidates ${name%% *}"
		elif [[ $name == "$typed "* ]]; then
			rest=${name#"$typed "}
			candidates="$candidates ${rest%% *}"
		fi
	done < <(relentctl --list-commands 2>/dev/null)
	mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$cur" | sort -u)
}
complete -F _relentctl relentctl
