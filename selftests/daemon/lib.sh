# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the daemon's tests: results as KTAP, key servers and daemons with small parameters.
top=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
PATH=$top/out/uhelper:/usr/sbin:/sbin:$PATH
tmp=$(mktemp -d)
n=0
failed=0
started=()
umask 077

end()
{
	local pid
	for pid in "${started[@]}"; do kill -KILL "$pid" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$tmp"
}
trap end EXIT

# ok WHAT COMMAND...: passes if the command does
ok()
{
	local what=$1
	shift
	n=$((n + 1))
	if "$@" >"$tmp/ok.out" 2>&1; then
		echo "ok $n $what"
	else
		sed 's/^/# /' "$tmp/ok.out"
		echo "# failed: $*"
		echo "not ok $n $what"
		failed=1
	fi
}

is()
{
	[ "$2" = "$3" ] || printf 'got "%s", expected "%s"\n' "$2" "$3" >"$tmp/is"
	ok "$1" compare "$2" "$3"
}
compare() { [ "$1" = "$2" ] || { echo "got \"$1\", expected \"$2\""; return 1; }; }

# refused WHAT STATUS WORDS COMMAND...: that exit status and one line on standard error with WORDS
refused()
{
	ok "$1" refuses "${@:2}"
}
refuses()
{
	local want=$1 words=$2 status
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	cat "$tmp/err"
	[ "$status" = "$want" ] || { echo "exit status $status instead of $want"; return 1; }
	[ "$(wc -l <"$tmp/err")" = 1 ] || { echo "not one line"; return 1; }
	grep -qF -- "$words" "$tmp/err" || { echo "does not say \"$words\""; return 1; }
}

# until_true COMMAND...: at most a minute, which only a hang takes
until_true()
{
	local end=$((SECONDS + 60))
	while [ $SECONDS -lt $end ]; do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.2
	done
	echo "waited in vain for: $*"
	return 1
}

# json EXPRESSION: of the value m that is read from standard input
json()
{
	/usr/bin/python3 -c "import json, sys; m = json.load(sys.stdin); print($1)"
}

# start LOG COMMAND...: in the background; $! is its number
start()
{
	local log=$1
	shift
	"$@" >>"$log" 2>&1 </dev/null &
	started+=($!)
}

# kms X USER ADDRESS:PORT: key server of X.example, 512 bits
kms()
{
	local x=$1 user=$2 at=$3
	echo "passphrase of $x, long enough" >"$tmp/pass-$x"
	head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$tmp/psk-$x"
	ibake kms init dir "$tmp/kms-$x" district "$x.example" bits 512 \
		passphrase-file "$tmp/pass-$x" address "${at%:*}" >"$tmp/kms-$x.out" 2>&1 || return 1
	ibake kms add-user dir "$tmp/kms-$x" passphrase-file "$tmp/pass-$x" name "$user" \
		psk-file "$tmp/psk-$x" uri "sip:$user@$x.example" days 31 >>"$tmp/kms-$x.out" 2>&1 || return 1
	cat >"$tmp/kmsd-$x.conf" <<END
dir = "$tmp/kms-$x";
passphrase-file = "$tmp/pass-$x";
listen = "$at";
END
}

# conf X USER LISTEN KMS-ADDRESS:PORT: $tmp/gw-X.conf without routes; the caller appends
conf()
{
	local x=$1
	cat >"$tmp/gw-$x.conf" <<END
listen = "$3";
control = "$tmp/gw-$x.sock";
keystore = "$tmp/gw-$x";
params = "$tmp/gw-$x";
state = "$tmp/state";
identities = ( { uri = "sip:$2@$x.example";
	kms = { url = "https://$4"; ca = "$tmp/kms-$x/tls.crt"; user = "$2";
		psk-file = "$tmp/psk-$x"; }; } );
END
}

# at X WORDS...: ibake, asking the daemon of gateway X
at() { local x=$1; shift; ibake -S "$tmp/gw-$x.sock" "$@"; }
keys_at() { at "$1" -j identity show | json 'm[0]["keys"]'; }
has_keys() { [ "$(keys_at "$1")" = "$2" ]; }
