#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two gateways on ksrtp.ko: whole calls with media, refusals, and a daemon killed in mid-call.
#
#   phone-a 10.0.1.2 -- 10.0.1.1 gw-a 10.0.2.1 -- 10.0.2.2 gw-b 10.0.4.1 -- 10.0.4.2 phone-b
set -u
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
phone=$top/selftests/daemon/phone.py
echo "KTAP version 1"
ko=${KSRTP_KO:-$top/out/kmod/$(uname -r)/ksrtp.ko}
if [ "$(id -u)" != 0 ] || { [ ! -e "$ko" ] && [ ! -e /sys/module/ksrtp ]; }; then
	echo "1..0 # SKIP needs root and ksrtp.ko"
	exit 0
fi
# shellcheck disable=SC2046 # words
modprobe -a $(modinfo -F depends "$ko" | tr ',' ' ')
[ -e /sys/module/ksrtp ] || insmod "$ko" || exit 1

namespaces="phone-a gw-a gw-b phone-b"
in_ns() { ip netns exec "$@"; }
cable()
{
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	in_ns "$1" ip addr add "$3/24" dev "$2"
	in_ns "$4" ip addr add "$6/24" dev "$5"
	in_ns "$1" ip link set "$2" up
	in_ns "$4" ip link set "$5" up
}
for ns in $namespaces; do
	ip netns add "$ns"
	in_ns "$ns" ip link set lo up
done
leave()
{
	local ns
	end
	for ns in $namespaces; do ip netns del "$ns" 2>/dev/null; done
}
trap leave EXIT
cable phone-a eth0 10.0.1.2 gw-a lan 10.0.1.1
cable gw-a wan 10.0.2.1 gw-b wan 10.0.2.2
cable gw-b lan 10.0.4.1 phone-b eth0 10.0.4.2

kms a alice 127.0.0.1:8443 || cat "$tmp/kms-a.out"
kms b bob 127.0.0.1:8443 || cat "$tmp/kms-b.out"
conf a alice 10.0.2.1 127.0.0.1:8443
conf b bob 10.0.2.2 127.0.0.1:8443
echo 'fetch-days = 2; limits = { give-up = 8; };' >>"$tmp/gw-a.conf"
cat >>"$tmp/gw-b.conf" <<'END'
fetch-days = 2;
limits = { provisional = 600; };
routes = ( { identity = "sip:bob@b.example"; plain = "10.0.4.1:4000"; phone = "10.0.4.2:4000";
	secure = "10.0.2.2:5000"; remote = "10.0.2.1:5000"; } );
END
for x in a b; do
	y=b
	[ $x = b ] && y=a
	ibake params import "$tmp/kms-$y/params.der" dir "$tmp/gw-$x" >/dev/null || echo "# no parameters"
	start "$tmp/kmsd-$x.log" ip netns exec gw-$x ibake-kmsd -c "$tmp/kmsd-$x.conf"
	kmsd+=($!)
	until_true in_ns gw-$x curl -sk https://127.0.0.1:8443/params
done
declare -A daemon
launch()
{
	start "$tmp/gw-$1.log" ip netns exec "gw-$1" ibaked -c "$tmp/gw-$1.conf" "${@:2}"
	daemon[$1]=$!
	until_true at "$1" call show
}
slay()
{
	{ kill "-$2" "${daemon[$1]}"; wait "${daemon[$1]}"; } 2>/dev/null
}
for x in a b; do launch $x; done
for x in a b; do ok "gateway $x has its keys" until_true has_keys $x 2; done
kill "${kmsd[@]}"

# What follows a failure would only wait in vain.
finish()
{
	[ $failed = 0 ] || for x in a b; do sed "s/^/# gw-$x: /" "$tmp/gw-$x.log"; done
	echo "1..$n"
	exit $failed
}
go_on() { [ $failed = 0 ] || finish; }

# --- helpers about calls, media and the kernel
legs="via 10.0.2.2 plain 10.0.1.1:4000 phone 10.0.1.2:4000 secure 10.0.2.1:5000 remote 10.0.2.2:5000"
# shellcheck disable=SC2086 # words
add() { local name=$1; shift; at a call add name "$name" to sip:bob@b.example from sip:alice@a.example $legs "$@"; }
field() { at "$1" -j call show | json "m[0].get('$2')"; }
calls() { at "$1" -j call show | json 'len(m)'; }
is_state() { [ "$(field "$1" state)" = "$2" ]; }
sas() { in_ns "gw-$1" ibake -j sa show | json 'len(m)'; }
flows() { in_ns "gw-$1" ibake -j flow show | json 'len(m)'; }
kernel_has() { compare "$(sas "$1") $(flows "$1")" "$2"; }
# heard X: how many different good packets, and whether a bad one was among them
heard()
{
	echo "$(grep -vx bad "$tmp/heard-$1" | sort -u | wc -l) good $(grep -cx bad "$tmp/heard-$1") bad"
}
has_heard() { [ "$(heard "$1")" = "$2 good 0 bad" ] || { heard "$1"; return 1; }; }
: >"$tmp/heard-a"
: >"$tmp/heard-b"
start /dev/null ip netns exec phone-a "$phone" hear 10.0.1.2 4000 "$tmp/heard-a"
start /dev/null ip netns exec phone-b "$phone" hear 10.0.4.2 4000 "$tmp/heard-b"
a_says() { in_ns phone-a "$phone" say 10.0.1.2 4002 10.0.1.1 4000 "$@"; }
b_says() { in_ns phone-b "$phone" say 10.0.4.2 4002 10.0.4.1 4000 "$@"; }

# --- a call
a_says 1 5
ok "a call is keyed" add c1
sed 's/^/# /' "$tmp/ok.out"
is "four messages" "$(grep -cE '^[IR]_MESSAGE_[12] (sent|received) [0-9]+ octets$' "$tmp/ok.out")" 4
is "A shows it as keyed" "$(field a state)" keyed
is "B shows it as provisional" "$(field b state)" provisional
is "one fingerprint on both sides" "$(field a fingerprint)" "$(field b fingerprint)"
is "one MKI on both sides" "$(field a mki)" "$(field b mki)"
is "bound on both sides" "$(field a bound) $(field b bound)" "True True"
for x in a b; do ok "two sas and four flows at $x" kernel_has $x "2 4"; done
go_on
start "$tmp/tcpdump.log" ip netns exec gw-b tcpdump -Z root -i wan -U -s 0 -w "$tmp/wire.pcap" udp
tcpdump=$!
until_true grep -q "listening on" "$tmp/tcpdump.log"
a_says 100 100 &
b_says 100 100
wait $!
ok "B's phone heard all that A's said, and nothing from before the keys" until_true has_heard b 100
ok "A's phone heard all that B's said" until_true has_heard a 100
ok "B's call is keyed now" until_true is_state b keyed
sleep 1
kill $tcpdump
is "nothing on the wire is plain" "$(grep -c 'plain speech' "$tmp/wire.pcap")" 0
ok "though there is a lot on it" test "$(stat -c %s "$tmp/wire.pcap")" -gt 40000

go_on
# --- refusals leave the call as it is
refused "a name twice" 2 "there is a call c1 already" add c1
refused "a port in use" 2 "port in use: 10.0.1.1:4000" add c2
is "one call" "$(calls a)" 1
ok "and the kernel as it was" kernel_has a "2 4"

go_on
# --- SIGKILL in mid-call
a_says 1000 200 &
talk=$!
b_says 1000 200 &
talk2=$!
sleep 1
slay a KILL
wait $talk $talk2
ok "media goes on without the daemon, A to B" until_true has_heard b 300
ok "and B to A" until_true has_heard a 300
is "the kernel says that the owner is gone" \
	"$(in_ns gw-a ibake -j sa show | json 'sorted({s["state"] for s in m})')" "['orphan']"
fingerprint=$(field b fingerprint)
# Half of a call, as a daemon leaves it that dies while it sets one up.
cookie=$(/usr/bin/python3 - "$tmp/gw-a.sock" <<'END'
import sys
h = 2166136261
for c in sys.argv[1].encode():
    h = (h ^ c) * 16777619 & 0xFFFFFFFF
print(f"ibaked/{h:08x}/i/t/half".encode().hex())
END
)
in_ns gw-a ibake sa add direction tx suite AES_CM_128_HMAC_SHA1_80 mki-len 4 cookie "$cookie" \
	>/dev/null || echo "# no half call"
go_on
launch a
is "the next daemon adopts it" "$(field a state) $(field a name)" "adopted c1"
is "with its peer" "$(field a peer)" sip:bob@b.example
is "and its fingerprint" "$(field a fingerprint)" "$fingerprint"
is "it is owned again" "$(in_ns gw-a ibake -j sa show | json 'sorted({s["state"] for s in m})')" \
	"['active']"
ok "half of a call is deleted" grep -q "call half: what is left of it" "$tmp/gw-a.log"
ok "and gone" kernel_has a "2 4"
a_says 2000 50
b_says 2000 50
ok "media goes on after the adoption, A to B" until_true has_heard b 350
ok "and B to A" until_true has_heard a 350
refused "an adopted call keeps its ports" 2 "port in use: 10.0.1.1:4000" add c2
ok "an adopted call can be deleted" at a call del c1
ok "nothing of it is left in the kernel" kernel_has a "0 0"
is "nor in the list" "$(calls a)" 0
is "nor on a port" "$(in_ns gw-a ss -Hunl | grep -cE ':(4000|4001|5000|5001) ')" 0

go_on
# --- B still has the old call: a new one of the same peer takes its place
slay b KILL
launch b
is "B adopted its side" "$(field b state) $(field b peer)" "adopted sip:alice@a.example"
ok "a new call on the same ports" add c3
is "A shows it" "$(field a state) $(field a name)" "keyed c3"
ok "and B has only that one in the kernel" kernel_has b "2 4"
is "under the same fingerprint" "$(field b fingerprint)" "$(field a fingerprint)"
is "not the old one" "$([ "$(field b fingerprint)" = "$fingerprint" ] && echo same)" ""

go_on
# --- provisional keys go when no media comes
at a call del c3
slay b KILL
sed -i 's/provisional = 600/provisional = 3/' "$tmp/gw-b.conf"
launch b
ok "B clears provisional keys" until_true is_state b failed
ok "and nothing is left in its kernel" kernel_has b "0 0"

go_on
# --- a peer that does not answer
slay b KILL
refused "a silent peer" 2 "within 8 s" add c4 wait 60
is "the call is shown as failed" "$(field a state)" failed
ok "without anything in the kernel" kernel_has a "0 0"

go_on
# --- ends of the daemon
launch b
ok "the same name again after a failure" add c4
slay a TERM
ok "SIGTERM leaves the call in the kernel" kernel_has a "2 4"
launch a -f
is "and it is adopted" "$(field a state)" adopted
slay a TERM
ok "with -f nothing stays" kernel_has a "0 0"

is "no daemon crashed" "$(grep -lE 'Sanitizer|Segmentation' "$tmp"/gw-*.log)" ""
finish
