#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wrong requests to ksrtp: by a sender of malformed ones (netlink_bad.py) and by ibake(8). Each is
# refused with a sentence and changes nothing. Needs root; KSRTP_KO is the module to load.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
PATH=$top/out/uhelper:$PATH
ko=${KSRTP_KO:-$top/out/kmod/$(uname -r)/ksrtp.ko}
tmp=$(mktemp -d)
ns=nlbad$$
n=0 bad=0

cleanup()
{
	ip netns del "$ns" 2>/dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT

result()
{
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n $2"
	else
		bad=1
		echo "not ok $n $2"
		sed 's/^/# /' "$tmp/out" "$tmp/err" 2>/dev/null
	fi
}

run()
{
	ip netns exec "$ns" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

# dump FILE: all there is, without what changes by itself
dump()
{
	ip netns exec "$ns" ibake -j sa show | sed 's/"age":[0-9]*//' >"$1"
	ip netns exec "$ns" ibake -j flow show >>"$1"
}

# refused TEXT WORD...: exit status 2, one line with TEXT, nothing on standard output
refused()
{
	local text=$1
	shift
	run ibake "$@"
	[ "$status" -eq 2 ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && [ ! -s "$tmp/out" ] &&
		grep -qF -- "$text" "$tmp/err"
	result $? "ibake ${*//$tmp/TMP}: $(head -n 1 "$tmp/err")"
}

# works WORD...
works()
{
	run "$@"
	[ "$status" -eq 0 ]
	result $? "${*//$tmp/TMP}"
}

echo "KTAP version 1"
if [ "$(id -u)" -ne 0 ]; then
	echo "1..0 # SKIP needs root"
	exit 4
fi
ip netns add "$ns" || exit 1
ip -n "$ns" link set lo up

# --- without the module --------------------------------------------------------------------------------
if [ ! -d /sys/module/ksrtp ] && ! modprobe -nq ksrtp; then
	for words in 'sa show' 'monitor all' 'flow del id 1'; do
		# shellcheck disable=SC2086 # words
		run ibake $words
		[ "$status" -eq 2 ] && grep -q 'ksrtp is not loaded: modprobe ksrtp' "$tmp/err" &&
			[ "$(wc -l <"$tmp/err")" -eq 1 ]
		result $? "no module: ibake $words"
	done
fi
if [ ! -d /sys/module/ksrtp ]; then
	if ! modprobe -q ksrtp; then
		for m in $(modinfo -F depends "$ko" | tr , ' '); do modprobe -q "$m"; done
		insmod "$ko" || { echo "Bail out! cannot load $ko"; exit 1; }
	fi
fi
dmesg >"$tmp/dmesg-before"

# --- malformed requests --------------------------------------------------------------------------------
ip netns exec "$ns" python3 -B "$here/netlink_bad.py" "$top/netlink_proto/ksrtp.h" \
	>"$tmp/bad" 2>"$tmp/bad-err"
status=$?
while IFS= read -r line; do
	case $line in
	'ok '* | 'not ok '*)
		n=$((n + 1))
		[ "${line%%ok*}" = 'not ' ] && bad=1
		echo "$line" | sed -E "s/^(ok|not ok) [0-9]+/\1 $n/"
		;;
	*) echo "$line" ;;
	esac
done <"$tmp/bad"
sed 's/^/# /' "$tmp/bad-err"
cp "$tmp/bad-err" "$tmp/err"
: >"$tmp/out"
grep -q '^# .* requests and checks' "$tmp/bad"
result $? "all malformed requests were sent"

# --- by ibake ------------------------------------------------------------------------------------------
printf '%060d\n' 1 >"$tmp/key"
printf '%058d\n' 1 >"$tmp/short"
printf '%062d\n' 1 >"$tmp/long"
works ibake sa add direction rx id 1 key "$tmp/key" mki 00000001
works ibake sa add direction tx id 2 key "$tmp/key"
works ibake flow add id 1 local 127.0.0.1:5000 rx-sa 1 to 127.0.0.1:6000 tx-sa 2
works ibake flow add id 2 local '[::1]:5000' kind rtcp rx-sa 1 to '[::1]:6000' from '[::1]:7000'
dump "$tmp/before"
refused 'an SA with this number exists' sa add direction rx id 1
refused 'id-max' sa add direction rx id 2147483648
refused 'multiple of 64' sa add direction rx window 100
refused '(window)' sa add direction rx window 32832
refused '(window)' sa add direction rx window 1
refused '(mki-len)' sa add direction rx mki-len 129
refused 'too short' sa add direction rx key "$tmp/short"
refused 'too long' sa add direction rx key "$tmp/long"
refused 'MKI' sa add direction rx mki-len 2 key "$tmp/key" mki 01
refused 'the SA has a key with this MKI' sa key-add id 1 key "$tmp/key" mki 00000001
refused 'one key only' sa key-add id 2 key "$tmp/key"
refused 'only a transmit SA' sa key-add id 1 key "$tmp/key" mki 00000002 active
refused 'no SA' sa key-add id 99 key "$tmp/key"
refused 'transmit' sa key-activate id 1 mki 00000001
refused 'key' sa key-del id 1 mki 00000009
refused 'flows use the SA' sa del id 1
refused 'no sa 99' sa show id 99
refused 'SA' sa del id 99
refused '' sa del id 2 generation 4000000000
refused 'exists' flow add id 1 local 127.0.0.1:5002 to 127.0.0.1:6000
refused 'another flow has this address and port' flow add local 127.0.0.1:5000 to 127.0.0.1:6000
refused 'no SA with this number' flow add local 127.0.0.1:5002 rx-sa 99 to 127.0.0.1:6000
refused 'no SA with this number' flow add local 127.0.0.1:5002 to 127.0.0.1:6000 tx-sa 99
refused 'rx-sa names a transmit SA' flow add local 127.0.0.1:5002 rx-sa 2 to 127.0.0.1:6000
refused 'tx-sa names a receive SA' flow add local 127.0.0.1:5002 to 127.0.0.1:6000 tx-sa 1
refused 'leads back' flow add local 127.0.0.1:5002 to 127.0.0.1:5002
refused 'leads back' flow add local 127.0.0.1:6000 to 127.0.0.1:5000
refused 'family' flow add local 127.0.0.1:5002 to '[::1]:6000'
refused 'cannot bind 192.0.2.9:5002' flow add local 192.0.2.9:5002 to 127.0.0.1:6000
refused 'flow' flow del id 99
refused 'no flow 99' flow show id 99
refused '' flow del id 1 generation 4000000000

for words in 'sa show' 'stats show' 'sa del id 2' 'flow del id 1'; do
	# shellcheck disable=SC2086 # words
	run setpriv --reuid=65534 --regid=65534 --clear-groups ibake $words
	[ "$status" -eq 2 ] && grep -q 'CAP_NET_ADMIN' "$tmp/err" && [ "$(wc -l <"$tmp/err")" -eq 1 ]
	result $? "unprivileged: ibake $words"
done
printf '%060d' 2 >"$tmp/key2"
chmod 644 "$tmp"/key*
chmod 711 "$tmp"
run setpriv --reuid=65534 --regid=65534 --clear-groups ibake sa add direction rx key "$tmp/key2"
[ "$status" -eq 2 ] && grep -q 'CAP_NET_ADMIN' "$tmp/err"
result $? "unprivileged: ibake sa add"
dump "$tmp/after"
diff "$tmp/before" "$tmp/after" >"$tmp/out" 2>"$tmp/err"
result $? "the dump after all refusals is the dump before"

# --- what it shows, and the events ----------------------------------------------------------------------
ip netns exec "$ns" timeout 20 ibake -j monitor all count 3 >"$tmp/events" 2>&1 &
monitor=$!
sleep 1
works ibake flow del id 1
works ibake flow del id 2
works ibake sa del id 2
wait $monitor
cp "$tmp/events" "$tmp/out"
python3 - "$tmp/events" 2>"$tmp/err" <<'END'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
assert [e["event"] for e in events] == ["flow-gone", "flow-gone", "sa-gone"], events
assert events[0]["flow"] == 1 and events[2]["sa"] == 2 and all("time" in e for e in events)
END
result $? "monitor prints deletions, one JSON object a line"
run ibake -j sa show
python3 - "$tmp/out" 2>"$tmp/err" <<'END'
import json, sys
(sa,) = json.load(open(sys.argv[1]))
assert sa["id"] == 1 and sa["direction"] == "rx" and sa["window"] == 128, sa
assert sa["keys"][0]["mki"] == "00000001" and sa["ssrcs"] == [], sa
END
result $? "sa show prints what is left"
works ibake sa del id 1
run ibake -j sa show
[ "$status" -eq 0 ] && [ "$(tr -d ' \n' <"$tmp/out")" = '[]' ]
result $? "an empty list is JSON"
run ibake -j -s stats show
python3 -c 'import json, sys; s = json.load(sys.stdin); assert s["sas"] == s["flows"] == 0; s["drops"]["replay"]' \
	<"$tmp/out" 2>"$tmp/err"
result $? "stats show has every reason with -s"

dmesg | grep -vxFf "$tmp/dmesg-before" >"$tmp/dmesg"
! grep -E 'WARNING|BUG|Oops|KASAN|refcount|leak|INFO: ' "$tmp/dmesg" >"$tmp/out"
result $? "the kernel has nothing to complain about"
echo "1..$n"
exit $bad
