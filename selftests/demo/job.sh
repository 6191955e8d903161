#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# job.sh DIR: the main job, as root, on the kernel that is running. Every step says what it does;
# the evidence goes to DIR, where prove.py looks at it.
#
#   phone-a ---- gw-a ---- router ---- gw-b ---- phone-b
#   10.0.1.2   .1    10.0.2.1  .2   .2  10.0.3.1   10.0.4.1  .2
#        plain RTP  |  SRTP, MIKEY on UDP 2269  |  plain RTP
set -eu
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
dir=$(readlink -f "$1")
PATH=$top/out/uhelper:/usr/sbin:/sbin:$PATH
speech=/usr/share/asterisk/sounds/en_US_f_Allison
work=$(mktemp -d)
started=() pids=() kmsd=() daemon_pid=() recorder=() player=()

step() { printf '%5.1f s  %s\n' "$(($(date +%s%N) / 1000000 - t0))e-3" "$*"; }
t0=$(($(date +%s%N) / 1000000))
in_ns() { ip netns exec "$@"; }	# in the background spell it out: $! must be the program itself
# Until a condition holds, at most two minutes and only while the daemons live; then say what
# was waited for.
wait_for()
{
	local what=$1 until=$((SECONDS + 120)) pid
	shift
	while [ $SECONDS -lt $until ]; do
		"$@" >/dev/null 2>&1 && return 0
		for pid in "${daemon_pid[@]}"; do
			kill -0 "$pid" 2>/dev/null || break 2
		done
		sleep 0.3
	done
	echo "waited in vain for $what" >&2
	return 1
}
cleanup()
{
	local status=$?
	[ "$status" -eq 0 ] || tail -n 15 "$dir"/*.log 2>/dev/null || true
	kill "${started[@]}" 2>/dev/null || true
	for ns in phone-a gw-a router gw-b phone-b; do
		ip netns del $ns 2>/dev/null || true
	done
	rm -rf "$work"
	exit $status
}
trap cleanup EXIT

# --- five namespaces in a row --------------------------------------------------------------------
for ns in phone-a gw-a router gw-b phone-b; do
	ip netns add $ns
	in_ns $ns ip link set lo up
done
# cable NS1 IF1 ADDR1 NS2 IF2 ADDR2
cable()
{
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	in_ns "$1" ip addr add "$3/24" dev "$2"
	in_ns "$4" ip addr add "$6/24" dev "$5"
	in_ns "$1" ip link set "$2" up
	in_ns "$4" ip link set "$5" up
	# The wire carries whole checksums: what is captured on it can be sent again as it is.
	in_ns "$1" ethtool -K "$2" tx off >/dev/null
	in_ns "$4" ethtool -K "$5" tx off >/dev/null
}
cable phone-a eth0 10.0.1.2 gw-a lan 10.0.1.1
cable gw-a wan 10.0.2.1 router to-a 10.0.2.2
cable router to-b 10.0.3.2 gw-b wan 10.0.3.1
cable gw-b lan 10.0.4.1 phone-b eth0 10.0.4.2
in_ns router sysctl -qw net.ipv4.ip_forward=1
in_ns gw-a ip route add default via 10.0.2.2
in_ns gw-b ip route add default via 10.0.3.2
step "five namespaces: phone-a, gw-a, router, gw-b, phone-b"

uname -r >"$dir/kernel"
"$top/selftests/load.sh"
dmesg >"$dir/dmesg.txt" 2>/dev/null || true
step "ksrtp.ko is loaded; its known answers passed"

# --- two key servers ------------------------------------------------------------------------------
declare -A user=([a]=alice [b]=bob) kms=([a]=10.0.2.2 [b]=10.0.3.2)
umask 077
for x in a b; do
	head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$work/pass-$x"
	head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$work/psk-$x"
	ibake kms init dir "$work/kms-$x" district "$x.example" bits 1536 \
		passphrase-file "$work/pass-$x" address "${kms[$x]}" >"$dir/kms-init-$x.txt" 2>&1 &
	pids[${#pids[@]}]=$!
done
for pid in "${pids[@]}"; do wait "$pid"; done
step "ibake kms init: parameters of a.example and b.example, p of 1536 bits"
for x in a b; do
	ibake kms add-user dir "$work/kms-$x" passphrase-file "$work/pass-$x" name "${user[$x]}" \
		psk-file "$work/psk-$x" uri "sip:${user[$x]}@$x.example" days 31
	cat >"$work/kmsd-$x.conf" <<EOF
dir = "$work/kms-$x";
passphrase-file = "$work/pass-$x";
listen = "${kms[$x]}:8443";
EOF
	ip netns exec router ibake-kmsd -c "$work/kmsd-$x.conf" >"$dir/kmsd-$x.log" 2>&1 &
	started+=($!)
	kmsd[${#kmsd[@]}]=$!
done

# --- two gateways ---------------------------------------------------------------------------------
wan_a=10.0.2.1 wan_b=10.0.3.1
# gateway X SELF-WAN PEER-WAN LAN PHONE
gateway()
{
	local x=$1 y=b
	[ "$x" = b ] && y=a
	mkdir -p "$work/gw-$x"
	ibake params import "$work/kms-$x/params.der" dir "$work/gw-$x/params"
	ibake params import "$work/kms-$y/params.der" dir "$work/gw-$x/params"
	cat >"$work/gw-$x/ibaked.conf" <<EOF
listen = ( "$2:2269" );
control = "$work/gw-$x/ibaked.sock";
keystore = "$work/gw-$x/keys";
params = "$work/gw-$x/params";
state = "$work/gw-$x/calls";
# An emulated phone on a busy machine may need longer than the 40 s of the wire profile to speak.
limits = { provisional = 300; };
identities = ( {
	uri = "sip:${user[$x]}@$x.example";
	kms = { url = "https://${kms[$x]}:8443"; ca = "$work/kms-$x/tls.crt";
		user = "${user[$x]}"; psk-file = "$work/psk-$x"; };
} );
routes = ( {
	identity = "sip:${user[$x]}@$x.example";
	plain = "$4:4000"; phone = "$5:4000"; secure = "$2:5000"; remote = "$3:5000";
} );
EOF
}
gateway a $wan_a $wan_b 10.0.1.1 10.0.1.2
gateway b $wan_b $wan_a 10.0.4.1 10.0.4.2
step "ibake params import: each gateway has both sides' public parameters"

ip netns exec gw-a modprobe nlmon
for x in a b; do
	in_ns gw-$x ip link add nlmon0 type nlmon
	in_ns gw-$x ip link set nlmon0 up
	ip netns exec gw-$x tcpdump -q -i nlmon0 -U -s 0 -w "$work/netlink-$x.pcap" 2>/dev/null &
	started+=($!)
done
sleep 1
for x in a b; do
	ip netns exec gw-$x ibaked -c "$work/gw-$x/ibaked.conf" >"$dir/ibaked-$x.log" 2>&1 &
	started+=($!)
	daemon_pid[${#daemon_pid[@]}]=$!
done
has_keys() { [ "$(ibake -S "$work/gw-$1/ibaked.sock" -j identity show |
	/usr/bin/python3 -c 'import json,sys; d=json.load(sys.stdin); print(d[0]["keys"])')" = 31 ]; }
for x in a b; do
	wait_for "31 keys at gateway $x" has_keys $x
	ibake -S "$work/gw-$x/ibaked.sock" identity show
done
step "31 days of private keys each, by REQUEST_KEY_INIT_PSK over HTTPS"
kill "${kmsd[@]}"
wait "${kmsd[@]}" 2>/dev/null || true
answers=0
for x in a b; do
	in_ns gw-$x curl -sk --max-time 3 "https://${kms[$x]}:8443/params" >/dev/null &&
		answers=$((answers + 1))
done
echo "{\"stopped\": ${#kmsd[@]}, \"answers\": $answers}" >"$dir/kms.json"
step "both key servers are stopped"

# --- what will be said -----------------------------------------------------------------------------
# A says one recording to B while B says another one to A; a second of silence behind each.
say()
{
	ffmpeg -v error -nostdin -y -i "$2" -af asetnsamples=n=160:p=1 -ar 8000 -ac 1 \
		"$dir/said-$1.wav"
	ffmpeg -v error -nostdin -y -i "$dir/said-$1.wav" -af apad=pad_dur=1,asetnsamples=n=160:p=1 \
		-c:a pcm_mulaw "$dir/sent-$1.wav"
}
say a $speech/queue-periodic-announce.wav
say b $speech/vm-review.wav

# --- the call -------------------------------------------------------------------------------------
capture()
{
	ip netns exec "$1" tcpdump -q -i "$2" -U -s 0 -w "$3" udp 2>/dev/null &
	started+=($!)
	captures+=($!)
}
captures=()
capture router to-b "$dir/router.pcap"
capture phone-a eth0 "$dir/phone-a.pcap"
capture phone-b eth0 "$dir/phone-b.pcap"
sleep 1
gw() { local x=$1; shift; in_ns gw-$x ibake -S "$work/gw-$x/ibaked.sock" "$@"; }
gw a call add name demo to sip:bob@b.example from sip:alice@a.example via 10.0.3.1:2269 \
	plain 10.0.1.1:4000 phone 10.0.1.2:4000 secure 10.0.2.1:5000 remote 10.0.3.1:5000
step "ibake call add: keyed"
# Each phone records what comes until the RTCP BYE of the far one. ffmpeg gives up after 10 s of
# silence: first listen, then play, and nothing in between.
for p in "a 10.0.1.1" "b 10.0.4.1"; do
	read -r x lan <<<"$p"
	printf 'v=0\r\no=- 0 0 IN IP4 %s\r\ns=call\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n' \
		"$lan" "$lan" >"$work/phone-$x.sdp"
	ip netns exec phone-$x timeout 200 ffmpeg -v error -nostdin -y -protocol_whitelist file,udp,rtp \
		-analyzeduration 0 -i "$work/phone-$x.sdp" -c:a copy "$dir/heard-$x.wav" \
		>"$dir/phone-$x-records.log" 2>&1 &
	recorder[${#recorder[@]}]=$!
done
listens() { in_ns "$1" ss -Huln "sport = :4000" | grep -q 4000; }
for x in a b; do wait_for "phone $x to listen" listens phone-$x; done
for p in "a 10.0.1.1" "b 10.0.4.1"; do
	read -r x lan <<<"$p"
	ip netns exec phone-$x timeout 120 ffmpeg -v error -nostdin -re -i "$dir/sent-$x.wav" \
		-af asetnsamples=n=160:p=1 -c:a pcm_mulaw -f rtp -rtpflags send_bye \
		"rtp://$lan:4000?localrtpport=4002&pkt_size=172" >"$dir/phone-$x-plays.log" 2>&1 &
	player[${#player[@]}]=$!
done
for pid in "${player[@]}"; do wait "$pid"; done
for pid in "${recorder[@]}"; do wait "$pid"; done
step "ffmpeg played a recording each way at the same time, and recorded at both ends"
sleep 1
gw b call show
for x in a b; do gw $x -j call show >"$dir/call-$x.json"; done
for x in a b; do
	gw $x -j sa show >"$dir/sa-$x.json"
	gw $x -j flow show >"$dir/flow-$x.json"
	gw $x -j stats show >"$dir/stats-$x-before.json"
	gw $x sa show >"$dir/sa-$x.txt"
done
gw b sa show

# --- somebody on the wire -------------------------------------------------------------------------
# The captures of the call are complete: what follows must not be in them.
end_captures() { kill -INT "${captures[@]}" && wait "${captures[@]}" || true; captures=(); }
end_captures
capture phone-b eth0 "$dir/phone-b-attack.pcap"
sleep 1
in_ns router /usr/bin/python3 -B "$here/attack.py" "$dir/router.pcap" to-b 10.0.3.1 \
	"$dir/attack.json"
end_captures
for x in a b; do gw $x -j stats show >"$dir/stats-$x-after.json"; done
step "captured packets sent again and altered ones sent to gateway B"

# --- keys, looked for everywhere ------------------------------------------------------------------
dmesg >"$dir/dmesg.txt"
i=0
for x in a b; do
	gw $x -j call show >"$work/shown-$x-1"
	gw $x call show >"$work/shown-$x-2"
	gw $x -s sa show >"$work/shown-$x-3"
	sleep 1
	in_ns gw-$x /usr/bin/python3 -B "$here/keysearch.py" "$work/netlink-$x.pcap" "$dir/keys-$x.json" \
		"$top/netlink_proto/ksrtp.h" "$dir" "$work"/shown-$x-* "/proc/${daemon_pid[$i]}" \
		/proc/net /proc/keys /proc/modules /proc/slabinfo /proc/crypto /sys/module/ksrtp \
		/sys/kernel/slab
	i=$((i + 1))
done
step "the keys that the kernels hold, looked for in output, logs, netlink, /proc and /sys"

gw a call del demo
step "call deleted"
