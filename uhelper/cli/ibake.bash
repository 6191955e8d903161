# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of ibake(8) for bash. The command's own tables answer, so new words need no edit here.
_ibake()
{
	local IFS=$'\n' words
	# The word under the cursor counts as far as the cursor.
	local last=${COMP_WORDS[COMP_CWORD]}
	words=$("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$last" 2>/dev/null)
	case $words in
	*'<file>'*) mapfile -t COMPREPLY < <(compgen -f -- "$last"); compopt -o filenames ;;
	*'<dir>'*) mapfile -t COMPREPLY < <(compgen -d -- "$last"); compopt -o filenames ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$last") ;;
	esac
}
complete -F _ibake ibake
