#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ibaked as a program, without the kernel module: settings, key servers, control socket, refusals.
set -u
. "$(dirname "$(readlink -f "$0")")/lib.sh"
echo "KTAP version 1"
for tool in ibake ibaked ibake-kmsd; do
	command -v "$tool" >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done
port=$((20000 + $$ % 2000 * 10))

# --- settings
printf 'listen = "127.0.0.1";\nidentities = ( { uri = "sip:a@a.example"; } );\ncolour = 1;\n' \
	>"$tmp/bad.conf"
refused "an unknown setting: file, line and name" 1 "$tmp/bad.conf:3: colour:" ibaked -c "$tmp/bad.conf"
printf 'listen = "127.0.0.1:0";\nidentities = ( { uri = "sip:a@a.example"; } );\n' >"$tmp/bad.conf"
refused "a bad value: file, line and name" 1 "$tmp/bad.conf:1: listen:" ibaked -t -c "$tmp/bad.conf"
printf 'listen = "127.0.0.1"\nidentities ' >"$tmp/bad.conf"
refused "a syntax error: file and line" 1 "$tmp/bad.conf:2:" ibaked -c "$tmp/bad.conf"
refused "no file" 1 "/nonexistent: cannot be read" ibaked -c /nonexistent
refused "one word too many" 1 "one word too many" ibaked -c "$tmp/bad.conf" more
for sample in "$top"/Documentation/examples/ibaked*.conf; do
	ok "${sample##*/} is a good example" ibaked -t -c "$sample"
done

# --- keys from key servers, which then go away
ok "key server a" kms a alice 127.0.0.1:$((port + 1))
ok "key server b" kms b bob 127.0.0.1:$((port + 2))
conf a alice 127.0.0.1:$((port + 3)) 127.0.0.1:$((port + 1))
conf b bob 127.0.0.2:$((port + 3)) 127.0.0.1:$((port + 2))
for x in a b; do
	start "$tmp/kmsd-$x.log" ibake-kmsd -c "$tmp/kmsd-$x.conf"
	kmsd+=($!)
	start "$tmp/gw-$x.log" ibaked -c "$tmp/gw-$x.conf"
	daemon+=($!)
done
for x in a b; do
	ok "gateway $x has a month of keys" until_true has_keys $x 31
	ok "and says so in its log" grep -q "stored 31 keys of sip:" "$tmp/gw-$x.log"
done
kill "${kmsd[@]}"
is "identity show names the identity" "$(at a -j identity show | json 'm[0]["uri"]')" sip:alice@a.example
ok "a control socket for its owner only" test "$(stat -c %a "$tmp/gw-a.sock")" = 600

# --- a second daemon
refused "a second daemon on one control socket" 1 "another daemon answers on" \
	sh -c "ibaked -c '$tmp/gw-a.conf'"
sed "s|gw-a.sock|gw-c.sock|" "$tmp/gw-a.conf" >"$tmp/gw-c.conf"
refused "a listening port in use" 1 "cannot listen on 127.0.0.1:$((port + 3))" \
	sh -c "ibaked -c '$tmp/gw-c.conf'"

# --- the control socket
legs="plain 127.0.0.1:$((port + 4)) phone 127.0.0.3:4000 secure 127.0.0.1:$((port + 6)) remote 127.0.0.2:5000"
# shellcheck disable=SC2086 # words
add() { local x=$1; shift; at "$x" call add "$@" via 127.0.0.2:$((port + 3)) $legs; }
refused "no daemon" 2 "no ibaked answers on $tmp/none" ibake -S "$tmp/none" call show
refused "an identity that is not ours" 2 "none of the identities" \
	add a to sip:bob@b.example from sip:eve@a.example
refused "an identity that is none" 2 "" add a to bob from sip:alice@a.example
refused "a suite that is none" 2 "there is no suite" \
	add a to sip:bob@b.example from sip:alice@a.example suite ROT13
refused "a word that is none" 1 "" at a call add to sip:bob@b.example colour red
refused "no such call" 2 "there is no call c1" at a call del c1
is "no calls" "$(at a -j call show | json 'len(m)')" 0
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 711 "$tmp"
	refused "another user" 2 "cannot reach ibaked" \
		setpriv --reuid=65534 --regid=65534 --clear-groups ibake -S "$tmp/gw-a.sock" call show
	chmod 700 "$tmp"
fi
for bad in '' '{' '[]' '{"command":7}' '{"command":"call-del","name":"../../x"}' \
	"$(head -c 70000 /dev/zero | tr '\0' '[')"; do
	printf '%s\n' "$bad" | /usr/bin/python3 -c "
import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect('$tmp/gw-a.sock'); s.settimeout(30)
try:
	s.sendall(sys.stdin.buffer.read())
	answer = s.recv(4096)
except (BrokenPipeError, ConnectionResetError):
	answer = b'{\"ok\":false'
sys.exit(b'\"ok\":false' not in answer)"
	is "a bad line is refused: $(printf %.20s "$bad")" $? 0
done
is "and the daemon still answers" "$(at a -j call show | json 'len(m)')" 0
head -c 3000 /dev/urandom >/dev/udp/127.0.0.1/$((port + 3))
if modprobe -n ksrtp 2>/dev/null || [ -e /sys/module/ksrtp ]; then
	echo "ok $((n += 1)) # SKIP a missing module: this kernel has ksrtp"
else
	refused "a missing module" 2 ksrtp add a to sip:bob@b.example from sip:alice@a.example
	is "and no call is left" "$(at a -j call show | json 'len(m)')" 0
fi

# --- restarts; the key servers are still away
kill "${daemon[@]}"
wait "${daemon[0]}"
is "SIGTERM ends it with status 0" $? 0
wait "${daemon[1]}"
ok "and its socket is gone" test ! -e "$tmp/gw-a.sock"
start "$tmp/gw-a2.log" ibaked -c "$tmp/gw-a.conf"
last=$!
ok "keys outlive the daemon and need no key server" until_true has_keys a 31
{ kill -KILL $last; wait $last; } 2>/dev/null
start "$tmp/gw-a3.log" ibaked -c "$tmp/gw-a.conf"
ok "a socket that a dead daemon left is no obstacle" until_true has_keys a 31

# --- a wrong pre-shared key
conf b bob 127.0.0.2:$((port + 5)) 127.0.0.1:$((port + 2))
sed -i "s|gw-b\"|gw-d\"|; s|gw-b.sock|gw-d.sock|" "$tmp/gw-b.conf"
sed -i "s|params = .*|params = \"$tmp/gw-d\";|" "$tmp/gw-b.conf"
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$tmp/psk-b"
start "$tmp/kmsd-b.log" ibake-kmsd -c "$tmp/kmsd-b.conf"
until_true curl -sk "https://127.0.0.1:$((port + 2))/params"
start "$tmp/gw-d.log" ibaked -c "$tmp/gw-b.conf"
ok "a wrong pre-shared key is told" until_true grep -q "no keys for sip:bob@b.example" "$tmp/gw-d.log"
is "and brings no key" "$(keys_at d)" 0
grep -h "no keys for" "$tmp/gw-d.log" | sed 's/^/# /'

sed 's/^/# /' "$tmp"/gw-a*.log
ok "no secret in a log" sh -c "! grep -qF -f '$tmp/psk-a' '$tmp'/*.log"
echo "1..$n"
exit $failed
