#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What ibake(8) shows of media that the kernel protects and unprotects again: ROC, indices, packets,
# drops with their reason, soft and hard limits, events. Needs root; KSRTP_KO is the module.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
PATH=$top/out/uhelper:$PATH
ko=${KSRTP_KO:-$top/out/kmod/$(uname -r)/ksrtp.ko}
tmp=$(mktemp -d)
ns=show$$
n=0 bad=0
trap 'ip netns del "$ns" 2>/dev/null; rm -rf "$tmp"' EXIT

result()
{
	n=$((n + 1))
	[ "$1" -eq 0 ] && echo "ok $n $2" && return
	bad=1
	echo "not ok $n $2"
	sed 's/^/# /' "$tmp/out" "$tmp/err" 2>/dev/null
}

works()
{
	ip netns exec "$ns" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	result $? "${*//$tmp/TMP}"
}

# check NAME WORD...: the JSON of "ibake -j WORD..." makes the Python on standard input content
check()
{
	local name=$1
	shift
	ip netns exec "$ns" ibake -j "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	{ echo "import json; v = json.load(open('$tmp/out'))"; cat; } |
		python3 - 2>>"$tmp/err"
	result $? "$name"
}

# send PORT PYTHON: RTP of SSRC 0x01020304 from one socket; the expression yields sequence numbers
send()
{
	ip netns exec "$ns" python3 - "$1" "$2" 2>"$tmp/err" <<'END'
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for seq in eval(sys.argv[2]):
    s.sendto(struct.pack(">BBHII", 0x80, 0, seq & 0xffff, seq * 160 & 0xffffffff, 0x01020304) +
             bytes(160), ("127.0.0.1", int(sys.argv[1])))
    time.sleep(0.002)
END
}

echo "KTAP version 1"
if [ "$(id -u)" -ne 0 ]; then
	echo "1..0 # SKIP needs root"
	exit 4
fi
if [ ! -d /sys/module/ksrtp ] && ! modprobe -q ksrtp; then
	for m in $(modinfo -F depends "$ko" | tr , ' '); do modprobe -q "$m"; done
	insmod "$ko" || { echo "Bail out! cannot load $ko"; exit 1; }
fi
ip netns add "$ns" || exit 1
ip -n "$ns" link set lo up

# 5000 takes plain media, protects it and sends it to 6000, which unprotects it and sends it to 7000.
printf '%060d\n' 1 >"$tmp/key"
printf '%060d\n' 2 >"$tmp/key2"
works ibake sa add id 1 direction tx key "$tmp/key" mki 0001 soft-packets 20 cookie 6162
works ibake sa add id 2 direction rx key "$tmp/key" mki 0001 window 64
works ibake flow add id 1 local 127.0.0.1:5000 to 127.0.0.1:6000 tx-sa 1
works ibake flow add id 2 local 127.0.0.1:6000 rx-sa 2 to 127.0.0.1:7000 from 127.0.0.1:6002
ip netns exec "$ns" timeout 400 ibake -j monitor sa count 5 >"$tmp/events" 2>&1 &
monitor=$!
sleep 3
ip netns exec "$ns" timeout 400 python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 7000))
with open(sys.argv[1], "w") as f:
    while True:
        data, peer = s.recvfrom(2048)
        print(peer[1], int.from_bytes(data[2:4], "big"), len(data), file=f, flush=True)
' "$tmp/heard" &
ear=$!
# At most a minute each, which only a hang takes: an emulated python may need seconds to start.
until_true() { for _ in $(seq 300); do "$@" && return 0; sleep 0.2; done; return 1; }
listens() { ip netns exec "$ns" ss -Huln "sport = :7000" | grep -q 7000; }
heard_40() { [ "$(wc -l <"$tmp/heard")" -ge 40 ]; }
until_true listens
send 5000 'range(65516, 65556)'
check "transmit: ROC 1 after the wrap, 40 packets, the key's count" sa show id 1 <<'END'
(sa,) = v
(key,), (ssrc,) = sa["keys"], sa["ssrcs"]
assert sa["direction"] == "tx" and sa["flows"] == 1 and sa["cookie"] == "6162", sa
assert sa["suite"] == "AES_CM_128_HMAC_SHA1_80" and sa["state"] == "active", sa
assert key["mki"] == "0001" and key["active"] and key["packets"] == 40, key
assert key["soft_packets"] == 20 and not key["expired"], key
assert ssrc["ssrc"] == "0x01020304" and ssrc["roc"] == 1 and ssrc["seq"] == 19, ssrc
assert ssrc["index"] == 65555 and ssrc["packets"] == 40 and ssrc["drops"] == 0, ssrc
assert ssrc["last_failure"] is None, ssrc
END
check "receive: the same index" sa show direction rx <<'END'
(sa,) = v
(ssrc,) = sa["ssrcs"]
assert sa["id"] == 2 and sa["window"] == 64 and ssrc["mki"] == "0001", sa
assert ssrc["index"] == 65555 and ssrc["roc"] == 1 and ssrc["packets"] == 40, ssrc
assert ssrc["rtcp_index"] is None, ssrc
END
check "flows: what they delivered and where" flow show <<'END'
by = {f["id"]: f for f in v}
for f in by.values():
    assert f["packets"] == f["delivered"] == 40 and f["dropped"] == 0, f
    assert f["last_failure"] is None and f["kind"] == "rtp" and f["mode"] == "relay", f
assert by[1]["local"] == "127.0.0.1:5000" and by[1]["rx_sa"] is None, by[1]
(d,) = by[1]["destinations"]
assert d["to"] == "127.0.0.1:6000" and d["tx_sa"] == 1 and d["sent"] == 40, d
(d,) = by[2]["destinations"]
assert d["from"] == "127.0.0.1:6002" and d["tx_sa"] is None and d["sent"] == 40, d
END
until_true heard_40
[ "$(wc -l <"$tmp/heard")" -eq 40 ] && [ "$(cut -d' ' -f1,3 "$tmp/heard" | sort -u)" = '6002 172' ]
result $? "40 packets of 172 octets come out, from the port that was named"

# The same sequence numbers once more, one of them far behind; and what nobody protected.
send 5000 '[65550, 65551, 65500 - 200]'
send 6000 '[1, 2, 3]'
check "transmit: sequence numbers used twice are refused, with the reason" sa show id 1 <<'END'
(ssrc,) = v[0]["ssrcs"]
assert ssrc["drops"] == 3 and ssrc["packets"] == 40, ssrc
assert ssrc["last_failure"] in ("tx-old", "tx-replay"), ssrc
END
check "flow: drops and the last reason" flow show id 2 <<'END'
assert v[0]["dropped"] == 3 and v[0]["last_failure"] not in (None, "ok", "unknown"), v
END
check "stats: packets are what was delivered and the sum of the reasons" stats show <<'END'
assert v["packets"] == 86 and v["delivered"] == 80 and v["dropped"] == 6, v
assert sum(v["drops"].values()) == 6 and v["sent"] == 80, v
assert v["drops"].get("tx-replay", 0) + v["drops"].get("tx-old", 0) == 3, v
assert v["sas"] == 2 and v["flows"] == 2, v
END
works ibake stats show
grep -q '^stats packets 86 delivered 80 dropped 6' "$tmp/out"
result $? "the same as text"

# Rekeying: make before break.
works ibake sa key-add id 2 key "$tmp/key2" mki 0002
works ibake sa key-add id 1 key "$tmp/key2" mki 0002 active
send 5000 'range(65560, 65565)'
works ibake sa key-activate id 1 mki 0001
works ibake sa key-del id 1 mki 0002
check "after a change of keys and back" sa show id 2 <<'END'
assert {k["mki"]: k["packets"] for k in v[0]["keys"]} == {"0001": 40, "0002": 5}, v
assert sorted(s["mki"] for s in v[0]["ssrcs"]) == ["0001", "0002"], v
END
wait $monitor
cp "$tmp/events" "$tmp/out"
python3 - "$tmp/events" 2>"$tmp/err" <<'END'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
kinds = [(e["event"], e["sa"]) for e in events]
assert sorted(kinds) == [("key-soft", 1), ("ssrc-new", 1), ("ssrc-new", 1), ("ssrc-new", 2),
                         ("ssrc-new", 2)], kinds
assert ("ssrc-new", 1) in kinds and ("ssrc-new", 2) in kinds, kinds
new = next(e for e in events if e["event"] == "ssrc-new" and e["sa"] == 1)
assert {e.get("mki") for e in events} == {"0001", "0002"}, events
assert new["ssrc"] == "0x01020304" and new["mki"] == "0001" and new["cookie"] == "6162", new
END
result $? "monitor: soft limit and new SSRCs"
kill $ear 2>/dev/null
wait $ear 2>/dev/null

# No key on any output there is.
{ ip netns exec "$ns" ibake -s sa show; ip netns exec "$ns" ibake -j -s sa show
  ip netns exec "$ns" ibake flow show; cat "$tmp/events"; } >"$tmp/out"
! grep -q '0000000000000000000001' "$tmp/out"
result $? "nothing shows a key"
works ibake flow del id 1
works ibake flow del id 2
works ibake sa del id 1
works ibake sa del id 2
echo "1..$n"
exit $bad
