#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ibake msg decode: every form of input, what text and JSON say, and refusals in one line.
set -u
top=$(readlink -f "$(dirname "$0")/../..")
ibake=$top/out/uhelper/ibake
samples=$top/out/san/unit/test_mikey_msg
[ -x "$ibake" ] || ibake=$top/out/san/ibake

echo "KTAP version 1"
for tool in python3 base64 od "$ibake" "$samples"; do
	if ! command -v "$tool" >/dev/null; then
		echo "1..0 # SKIP no ${tool##*/}"
		exit 0
	fi
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0
failed=0

# is WHAT GOT WANT
is()
{
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n $1"
	else
		printf '%s\n' "got:" "$2" "expected:" "$3" | sed 's/^/# /'
		echo "not ok $n $1"
		failed=1
	fi
}

# refused WHAT WORD: standard input is refused with status 2 and one line that holds WORD
refused()
{
	local lines status
	"$ibake" msg decode - >"$tmp/out" 2>"$tmp/err"
	status=$?
	lines=$(wc -l <"$tmp/err")
	grep -qF -- "$2" "$tmp/err" || sed 's/^/# /' "$tmp/err"
	is "$1" "$status $lines $(grep -cF -- "$2" "$tmp/err")" "2 1 1"
}

# json EXPRESSION: of the value m that is read from standard input
json()
{
	python3 -c "import json, sys; m = json.load(sys.stdin); print($1)"
}

echo "1..34"
"$samples" samples "$tmp" || exit 1
bin=$tmp/i_message_1.bin
want=$("$ibake" msg decode "$bin")
b64=$(base64 -w0 "$bin")

is "standard input" "$("$ibake" msg decode - <"$bin")" "$want"
is "base64" "$(echo "$b64" | "$ibake" msg decode -)" "$want"
is "base64 over many lines" "$(base64 -w20 "$bin" | "$ibake" msg decode -)" "$want"
is "hexadecimal" "$(od -An -tx1 -v "$bin" | "$ibake" msg decode -)" "$want"
is "an attribute alone" "$(echo "a=key-mgmt:mikey $b64" | "$ibake" msg decode -)" "$want"
is "a session description with CR LF" \
	"$(printf 'v=0\r\na=key-mgmt:mikey %s\r\nm=audio 49000 RTP/SAVP 98\r\n' "$b64" |
		"$ibake" msg decode -)" "$want"
is "two attributes" \
	"$(printf 'a=key-mgmt:mikey %s\nm=audio 9 RTP/SAVP 0\na=key-mgmt:mikey %s\n' "$b64" "$b64" |
		"$ibake" msg decode -)" "$(printf '%s\n' "$want" "$want")"
is "RTSP" "$(printf 'KeyMgmt: prot=mikey; uri="rtsp://a/"; data="%s"\r\n' "$b64" |
	"$ibake" msg decode -)" "$want"

is "type" "$("$ibake" -j msg decode "$bin" | json 'm[0]["type"], m[0]["number"]')" \
	"I_MESSAGE_1 22"
is "payloads" "$("$ibake" -j msg decode "$bin" | json '[p["type"] for p in m[0]["payloads"]]')" \
	"['T', 'RAND', 'IDR', 'IDR', 'SP', 'SP', 'General Ext', 'IBAKE']"
is "suites" "$("$ibake" -j msg decode "$bin" |
	json '[p["suite"] for p in m[0]["payloads"] if p["type"] == "SP"]')" \
	"['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM']"
is "long fields by length and beginning" "$("$ibake" -j msg decode "$bin" |
	json 'm[0]["payloads"][7]["encr_octets"], len(m[0]["payloads"][7]["encr_head"])')" "500 32"
is "long fields whole" "$("$ibake" -j msg decode "$bin" full |
	json 'len(m[0]["payloads"][7]["encr"])')" 1000
is "GENERIC-ID" "$("$ibake" -j msg decode "$tmp/ticket.bin" |
	json '[(c["cs_id"], c.get("ssrc"), c.get("seq")) for c in m[0]["crypto_sessions"]]')" \
	"[(7, '11223344', 10), (8, None, None)]"
is "error numbers by name" "$("$ibake" -j msg decode "$tmp/error.bin" |
	json '[p["meaning"] for p in m[0]["payloads"] if p["type"] == "ERR"]')" \
	"['Invalid TS', 'Invalid SPpar']"

# A certificate and a ciphertext with real DER in them.
der=$top/selftests/fuzz/corpus/fuzz_mikey/outline
is "outline of a certificate" "$("$ibake" -j msg decode "$der" |
	json 'm[0]["payloads"][0]["subject"], m[0]["payloads"][0]["not_after"]')" \
	"O=A,CN=alice@a.example 2026-12-20T20:09:00Z"
is "outline of a ciphertext" "$("$ibake" -j msg decode "$der" |
	json '[m[0]["payloads"][1][k + "_octets"] for k in ("coordinate", "hash", "plaintext")]')" \
	"[192, 32, 170]"

# Offsets and lengths, added up, are the file.
for f in request_key_psk request_key_pke request_key_resp i_message_2 r_message_1 r_message_2 sakke; do
	is "$f: payloads fill the message" "$("$ibake" -j msg decode "$tmp/$f.bin" |
		json 'm[0]["payloads"][-1]["offset"] + m[0]["payloads"][-1]["octets"]')" \
		"$(stat -c %s "$tmp/$f.bin")"
done

refused "a message that is cut off" "offset 56" < <(head -c 60 "$bin")
head -c 60 "$bin" | "$ibake" -j msg decode - >"$tmp/json" 2>/dev/null
is "what came before the cut" "$(json 'len(m[0]["payloads"]), "offset 56" in m[0]["error"]' <"$tmp/json")" \
	"2 True"
refused "nothing" "empty" </dev/null
refused "neither" "neither" < <(echo "hello, world")
refused "an attribute without base64" "base64" < <(echo "a=key-mgmt:mikey ?")
refused "RTSP without data" "KeyMgmt" < <(echo "KeyMgmt: prot=mikey; data=x")
refused "another version" "version 2" < <(echo "0216000112345678000100")
refused "too long" "200000" < <(head -c 200000 /dev/zero | tr '\0' '\1')
"$ibake" msg decode "$tmp/none" >/dev/null 2>&1
is "a file that is not there" $? 1
# An identity may not reach the terminal with control characters.
printf '\001\026\016\001\022\064\126\170\000\001\000\001\001\000\005a\033[2J' >"$tmp/esc"
is "control characters" "$("$ibake" msg decode "$tmp/esc" | grep -c "$(printf '\033')")" 0
exit $failed
