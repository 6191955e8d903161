#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sample messages of every type, in UDP datagrams to port 2269, read by an independent dissector.
#
# tshark 4.0 has no dissector for CHASH, TR, RANDR, TP, TICKET, IBAKE and ESK and stops at the first
# of those, without an error; of CERT it takes the length from the wrong octets. What it reads up to
# there has to be what `ibake msg decode` says, and in messages without such payloads everything.
set -u
top=$(readlink -f "$(dirname "$0")/../..")
ibake=$top/out/uhelper/ibake
samples=$top/out/san/unit/test_mikey_msg
[ -x "$ibake" ] || ibake=$top/out/san/ibake

echo "KTAP version 1"
for tool in tshark text2pcap python3 "$ibake" "$samples"; do
	if ! command -v "$tool" >/dev/null; then
		echo "1..0 # SKIP no ${tool##*/}"
		exit 0
	fi
done

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0
failed=0

# ok WHAT STATUS
ok()
{
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $n $1"
	else
		echo "not ok $n $1"
		failed=1
	fi
}

# field NAME: all values of a tshark field of the sample in $s
field()
{
	tshark -r "$tmp/$s.pcap" -T fields -e "$1" 2>/dev/null
}

# is WHAT GOT WANT
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1" 0
	else
		echo "# $1: \"$2\", expected \"$3\""
		ok "$1" 1
	fi
}

# ours: the Next payload fields as `ibake msg decode` implies them
ours()
{
	"$ibake" -j msg decode "$tmp/$s.bin" | python3 -c '
import json, sys
numbers = [p["number"] for p in json.load(sys.stdin)[0]["payloads"]]
print(",".join(map(str, numbers if numbers[-1] == 4 else numbers + [0])))'
}

echo "1..46"
"$samples" samples "$tmp" || exit 1

while read -r s type trusted; do
	od -Ax -tx1 -v "$tmp/$s.bin" | text2pcap -q -u 2269,2269 - "$tmp/$s.pcap" >/dev/null 2>&1
	is "$s: data type" "$(field mikey.type)" "$type"
	if [ "$trusted" = all ]; then
		is "$s: all payloads" "$(field mikey.next_payload)" "$(ours)"
	else
		is "$s: the first $trusted payloads" \
			"$(field mikey.next_payload | cut -d, -f-"$trusted")" \
			"$(ours | cut -d, -f-"$trusted")"
	fi
	[ "$s" = request_key_pke ] || is "$s: not malformed" "$(field _ws.malformed)" ""
done <<'END'
request_key_psk		19 all
request_key_pke		20 5
request_key_resp	21 all
i_message_1		22 8
r_message_1		23 6
i_message_2		24 7
r_message_2		25 all
error			6 all
dh_init			4 all
sakke			26 all
END

s=i_message_1
is "$s: CSB ID" "$(field mikey.csb_id)" 0x12345678
is "$s: roles of IDR" "$(field mikey.id.role)" 1,2
is "$s: identities" "$(field mikey.id.data)" sip:alice@a.example,sip:bob@b.example
is "$s: RAND" "$(field mikey.rand.data)" "$(printf 'RAND of 16 bytes' | od -An -tx1 | tr -d ' \n')"
is "$s: policy numbers" "$(field mikey.sp.no)" 0,1
is "$s: SRTP encryption" "$(field mikey.sp.encr_alg)" 1,6
is "$s: tag length" "$(field mikey.sp.auth_tag_len)" 10
is "$s: time" "$(field mikey.t.ntp)" "Jun 18, 2019 02:59:00.500000000 UTC"
is "$s: the same time here" \
	"$("$ibake" msg decode "$tmp/$s.bin" | sed -n 's/.* time //p')" 2019-06-18T02:59:00.500000Z
s=r_message_2
is "$s: MAC" "$(field mikey.v.ver_data)" "$(tail -c 20 "$tmp/$s.bin" | od -An -tx1 -v | tr -d ' \n')"
is "$s: SSRCs" "$(field mikey.srtp_id.ssrc)" 0x11223344,0x00000000
s=request_key_resp
is "$s: KEMAC" "$(field mikey.kemac.key_data_len) $(field mikey.kemac.encr_alg)" "600 1"
s=error
is "$s: numbers" "$(field mikey.err.no)" 1,10
s=dh_init
is "$s: group, validity" "$(field mikey.dh.group) $(field mikey.dh.kv)" "2 2"
s=sakke
is "$s: SAKKE, SIGN" "$(field mikey.sakke.len) $(field mikey.sign.len)" "273 129"
s=request_key_psk
is "$s: roles of IDR" "$(field mikey.id.role)" 1,3
is "$s: CS ID map" "$(field mikey.cs_count) $(field mikey.cs_id_map_type)" "0 1"
exit $failed
