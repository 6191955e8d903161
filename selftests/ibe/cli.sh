#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The command "ibake ibe": files, modes, exit statuses and one clear line for each refusal.
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
ibake=${IBAKE:-$top/out/uhelper/ibake}
v=$top/selftests/vectors/ibe
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
n=0 failed=0

# ok WHAT: by the status of the command before
ok()
{
	status=$?
	n=$((n + 1))
	if [ $status -eq 0 ]; then
		echo "ok $n $1"
	else
		echo "not ok $n $1"
		failed=1
	fi
}

# refused STATUS WORD COMMAND...: that exit status, and one line with that word on standard error
refused()
{
	want=$1 word=$2
	shift 2
	"$ibake" ibe "$@" >out.txt 2>err.txt </dev/null
	[ $? -eq "$want" ] && [ "$(wc -l <err.txt)" -eq 1 ] && grep -q "$word" err.txt &&
		[ ! -s out.txt ]
	ok "refused: $word"
}

echo "TAP version 13"
echo "1..21"
printf 'sip:alice@a.example' >alice
printf 'sip:bob@b.example' >bob
echo 'a session key' >m

"$ibake" ibe setup bits 512 params P master M
ok "setup"
[ "$(stat -c %a M)" = 600 ] && [ "$(stat -c %a P)" = 644 ]
ok "only the owner reads the master secret"
"$ibake" ibe extract params P master M id alice out K
ok "extract"
[ "$(stat -c %a K)" = 600 ]
ok "only the owner reads the private key"
"$ibake" ibe encrypt params P id alice in m out CT
ok "encrypt"
"$ibake" ibe decrypt params P key K in CT out m2 && cmp -s m m2
ok "decrypt"
"$ibake" ibe encrypt params P id alice in - out - <m | "$ibake" ibe decrypt params P key K in - out - |
	cmp -s - m
ok "standard input and output"
"$ibake" ibe verify params P id alice key K
ok "verify"

refused 2 "identity" verify params P id bob key K
"$ibake" ibe extract params P master M id bob out KB
refused 2 "does not open" decrypt params P key KB in CT out m3
[ ! -e m3 ]
ok "nothing is written where nothing opened"
refused 2 "params: this is not" decrypt params m key K in CT out m3
refused 2 "key: " decrypt params P key M in CT out m3
refused 2 "key: " decrypt params "$v/params-512.der" key K in CT out m3
refused 2 "master: " extract params P master "$v/master-512.der" id alice out K3
refused 2 "identity is empty" encrypt params P id /dev/null in m out m3
refused 2 "not replaced" setup bits 512 params P master M
refused 2 "no level" setup bits 1000 params P2 master M2
refused 1 "missing" setup bits 512 params P
refused 1 "bits" setup bits many params P2 master M2
refused 1 "absent" decrypt params P key absent in CT out m3
exit $failed
