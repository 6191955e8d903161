#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The grammar of ibake(8): exit status, one line per refusal, JSON that is whole, help and man
# pages that name every word of the tables. Needs neither the module nor a daemon.
set -u
top=$(readlink -f "$(dirname "$0")/../..")
ibake=$top/out/uhelper/ibake
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0

result()
{
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n $2"
	else
		echo "not ok $n $2"
		sed 's/^/# /' "$tmp/out" "$tmp/err"
	fi
}

# run WORD...: leaves $tmp/out, $tmp/err and $status
run()
{
	"$ibake" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

# refused STATUS TEXT WORD...: that exit status, nothing on standard output but JSON under -j, and
# one line on standard error with TEXT in it
refused()
{
	local want=$1 text=$2
	shift 2
	run "$@"
	[ "$status" -eq "$want" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] &&
		grep -qF -- "$text" "$tmp/err" && [ ! -s "$tmp/out" ]
	result $? "ibake ${*@Q}: refused with status $want"
}

json()
{
	python3 -c 'import json, sys
for line in ([sys.stdin.read()] if sys.argv[1] == "whole" else sys.stdin):
    json.loads(line)' "${1:-whole}" <"$tmp/out" 2>>"$tmp/err"
}

echo "KTAP version 1"

run
[ $status -eq 0 ] && grep -q '^Usage: ibake' "$tmp/out" && [ ! -s "$tmp/err" ]
result $? "no words: help on standard output"
for words in help --help -h -help; do
	run "$words"
	[ $status -eq 0 ] && grep -q OBJECT "$tmp/out"
	result $? "ibake $words"
done
run -V
[ $status -eq 0 ] && grep -q '^ibake [0-9]' "$tmp/out"
result $? "-V prints the version"
run -j --version
[ $status -eq 0 ] && json
result $? "-j --version is JSON"

refused 1 'unknown object "nosuch", expected' nosuch
refused 1 'unknown option "-z"' -z
refused 1 'lacks its NAME' -n
refused 1 'no network namespace "no-such-netns"' -n no-such-netns stats show
refused 1 'unknown command "nosuch", expected show' stats nosuch
refused 1 'unknown word "nosuch"' sa show nosuch 1
refused 1 '"id" lacks its value' sa show id
refused 1 'expected a number from 1' sa show id zero
refused 1 'expected a number from 1' sa show id 4294967296
refused 1 'unknown object "nosuch"' help nosuch
refused 1 'unknown command "nosuch"' help sa nosuch
refused 1 'could be' s
# Control characters of a mistyped word do not reach the terminal.
refused 1 'unknown object "\x1b[2J"' $'\e[2J'

run -j sa show id zero
[ $status -eq 1 ] && json && grep -q '"status":1' "$tmp/out"
result $? "-j: a refusal is JSON, too"

for obj in $("$ibake" -j help | python3 -c 'import json, sys
print(*[o["name"] for o in json.load(sys.stdin)])'); do
	run "$obj" help
	[ $status -eq 0 ] && grep -q "^$obj: " "$tmp/out"
	result $? "ibake $obj help"
	run -j "$obj" help
	[ $status -eq 0 ] && json
	result $? "ibake -j $obj help is JSON"
	bad=0
	for cmd in $("$ibake" -j help "$obj" | python3 -c 'import json, sys
print(*[c["name"] for c in json.load(sys.stdin)[0]["commands"]])'); do
		run "$obj" "$cmd" help
		[ $status -eq 0 ] && grep -q "^Usage: ibake $obj $cmd" "$tmp/out" || bad=1
	done
	result $bad "each command of $obj has its help"
	"$ibake" -j help "$obj" | python3 "$top/selftests/cli/man_words.py" \
		"$top/Documentation/man/ibake-$obj.8" >"$tmp/out" 2>"$tmp/err"
	result $? "ibake-$obj.8 names every command and word"
done

for page in "$top"/Documentation/man/*.[1-8]; do
	if command -v man >/dev/null; then
		LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" \
			>/dev/null 2>"$tmp/err"
		: >"$tmp/out"
		[ ! -s "$tmp/err" ]
		result $? "$(basename "$page") is clean roff"
	else
		n=$((n + 1))
		echo "ok $n $(basename "$page") is clean roff # SKIP no man(1)"
	fi
done

# complete WANTED WORD...: a candidate for the last WORD
complete()
{
	local want=$1
	shift
	run --complete "$@"
	[ $status -eq 0 ] && grep -qxF -- "$want" "$tmp/out" && [ ! -s "$tmp/err" ]
	result $? "completion of \"$*\": $want"
}
complete stats st
complete sa ''
complete help ''
complete -json -j
complete show sa ''
complete sa -j -n x ''
complete id sa show ''
complete '<file>' sa add key ''
complete rx sa add direction r
complete rtcp flow add kind r
run --complete sa show id 3 ''
! grep -qx id "$tmp/out"
result $? "completion does not offer a word twice"
run --complete
[ $status -eq 0 ]
result $? "completion of nothing"

echo "1..$n"
