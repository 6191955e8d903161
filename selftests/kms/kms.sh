#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A key server from nothing to issued keys, by its commands, at 127.0.0.1; and what it refuses.
# 1024 bits: the same path as 1536, faster.
set -u
top=$(readlink -f "$(dirname "$0")/../..")
out=$top/out/uhelper
[ -x "$out/ibake-kmsd" ] || out=$top/out/san
ibake=$out/ibake
kmsd=$out/ibake-kmsd

echo "KTAP version 1"
for tool in curl openssl python3 od stat "$ibake" "$kmsd"; do
	if ! command -v "$tool" >/dev/null; then
		echo "1..0 # SKIP no ${tool##*/}"
		exit 0
	fi
done
tmp=$(mktemp -d)
pid=
trap '[ -n "$pid" ] && kill "$pid" 2>/dev/null; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
umask 077
export no_proxy=127.0.0.1,localhost
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

# fine WHAT COMMAND...: exit status 0 and nothing on standard error
fine()
{
	local what=$1
	shift
	"$@" >out.txt 2>err.txt
	set -- $?
	[ "$1" = 0 ] || sed 's/^/# /' err.txt
	is "$what" "$1 $(wc -c <err.txt)" "0 0"
}

# refused WHAT STATUS WORDS COMMAND...: one line on standard error that holds WORDS
refused()
{
	local what=$1 want=$2 words=$3
	shift 3
	"$@" >out.txt 2>err.txt
	set -- $?
	grep -qF -- "$words" err.txt || sed 's/^/# /' err.txt
	is "$what" "$1 $(wc -l <err.txt) $(grep -cF -- "$words" err.txt)" "$want 1 1"
}

# json FILE EXPRESSION
json()
{
	python3 -c "import json, sys; d = json.load(open(sys.argv[1])); print($2)" "$1"
}

mode() { stat -c %a "$1"; }

echo "a long passphrase of a test" >pass
printf 'hex:%s\n' "$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')" >alice.psk
printf 'hex:%s\n' "$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')" >other.psk
echo "too short" >short.psk

# --- init -----------------------------------------------------------------------------------------
init() { "$ibake" "${opt[@]}" kms init dir "$1" district "$2" passphrase-file "$3" bits 1024 address 127.0.0.1; }
opt=()
cp pass open-pass
chmod 644 open-pass
refused "init: a passphrase that others can read" 2 "can be read or written by others" \
	init kms a.example open-pass
refused "init: no passphrase file" 2 "cannot read nothing" init kms a.example nothing
refused "init: a district that is no host name" 1 "is not a district" init kms "A Example" pass
refused "init: an unknown level" 1 "bits" "$ibake" kms init dir kms district a.example \
	passphrase-file pass bits 1000
is "init: refusals leave nothing behind" "$([ -e kms ] && echo there)" ""
fine "init" init kms a.example pass
refused "init: a folder that exists" 2 "exists already" init kms a.example pass
is "file modes" "$(mode kms) $(mode kms/kms.db) $(mode kms/tls.key) $(mode kms/params.der)" \
	"700 600 600 644"

# --- users ----------------------------------------------------------------------------------------
user() { "$ibake" kms add-user dir kms passphrase-file pass "$@"; }
fine "add-user: two identities" user name alice psk-file alice.psk uri sip:alice@a.example \
	uri sip:al@a.example days 7
fine "add-user: another one" user name bob psk-file other.psk uri sip:bob@a.example
refused "add-user: a name twice" 2 "user alice already" user name alice psk-file alice.psk \
	uri sip:x@a.example
refused "add-user: an identity twice" 2 "belongs to a user already" user name carol \
	psk-file alice.psk uri sip:alice@A.EXAMPLE
refused "add-user: a short key" 2 "16 to 256" user name carol psk-file short.psk \
	uri sip:carol@a.example
refused "add-user: an identity of another host" 2 "not an identity of a.example" user name carol \
	psk-file alice.psk uri sip:carol@b.example
echo "another passphrase, wrong" >wrong-pass
refused "add-user: a wrong passphrase" 2 "not the one of this key server" "$ibake" kms add-user \
	dir kms passphrase-file wrong-pass name carol psk-file alice.psk uri sip:carol@a.example
"$ibake" -j kms status dir kms >status.json
is "status: parameters and users" "$(json status.json '(d["district"], d["serial"], d["bits"], \
[(u["name"], u["days"], u["issued"], u["uris"]) for u in d["users"]])')" \
"('a.example', 1, 1024, [('alice', 7, 0, ['sip:al@a.example', 'sip:alice@a.example']), \
('bob', 31, 0, ['sip:bob@a.example'])])"
chmod 644 kms/kms.db
refused "status: a state that others can read" 2 "open to others" "$ibake" kms status dir kms
chmod 600 kms/kms.db

# --- the server -----------------------------------------------------------------------------------
conf() { printf 'listen = "%s";\ndir = "%s/kms";\npassphrase-file = "%s/%s";\n' "$1" "$tmp" "$tmp" "$2"; }
conf 127.0.0.1:0 pass >kmsd.conf
conf 127.0.0.1:0 open-pass >open.conf
conf 127.0.0.1:0 wrong-pass >wrong.conf
conf nowhere pass >where.conf
echo 'surprise = 1;' | cat kmsd.conf - >surprise.conf
refused "kmsd: no configuration" 2 "cannot read none.conf" "$kmsd" -c none.conf
refused "kmsd: an unknown setting" 2 'surprise.conf line 4: unknown setting "surprise"' \
	"$kmsd" -c surprise.conf
refused "kmsd: a passphrase that others can read" 2 "can be read or written by others" \
	"$kmsd" -c open.conf
refused "kmsd: a wrong passphrase" 2 "not the one of this key server" "$kmsd" -c wrong.conf
refused "kmsd: no address" 2 "listen" "$kmsd" -c where.conf
chmod 644 kms/tls.key
refused "kmsd: a TLS key that others can read" 2 "open to others" "$kmsd" -c kmsd.conf
chmod 600 kms/tls.key
fine "kmsd -t" "$kmsd" -t -c kmsd.conf
is "kmsd -h" "$("$kmsd" -h | head -1)" "Usage: ibake-kmsd -c FILE"

"$kmsd" -c kmsd.conf 2>kmsd.log &
pid=$!
for ((i = 0; i < 300; i++)); do
	grep -q "key server of" kmsd.log && break
	sleep 0.1
done
port=$(sed -n 's/.*listening at 127.0.0.1:\([0-9]*\)$/\1/p' kmsd.log)
url=https://127.0.0.1:$port
is "kmsd: listens" "$([ -n "$port" ] && kill -0 $pid && echo yes)" yes
refused "kmsd: an address that is taken" 2 "cannot listen at 127.0.0.1:$port" \
	bash -c "sed 's/:0\"/:$port\"/' kmsd.conf >taken.conf; exec '$kmsd' -c taken.conf"

get() { curl -s -o body -w '%{http_code}' --cacert kms/tls.crt --max-time 20 "$@"; }
is "GET /params" "$(get -w ' %{http_code} %{content_type}' "$url/params")" " 200 application/ibe-pp-data"
is "GET /params: what init wrote" "$(base64 -d body | cmp - kms/params.der && echo same)" same
is "other paths" "$(get "$url/kms.db")$(get "$url/../kms.db")" 404404
is "GET /mikey" "$(get "$url/mikey")" 405
is "POST /params" "$(get -d x "$url/params")" 405
is "another content type" "$(get -d x "$url/mikey")" 415
post() { get -H "Content-Type: application/mikey" --data-binary "$@" "$url/mikey"; }
is "no MIKEY message" "$(post hello)" 400
head -c 100000 /dev/zero >big
is "a body above the limit" "$(post @big | grep -c '^413\|^000\|^400')" 1
is "TLS 1.1 is refused" "$(curl -s --tls-max 1.1 --cacert kms/tls.crt "$url/params" >/dev/null 2>&1; \
	[ $? != 0 ] && echo refused)" refused
is "plain HTTP gets nothing" "$(curl -s --max-time 20 "http://127.0.0.1:$port/params" | wc -c)" 0

# --- keys -----------------------------------------------------------------------------------------
fetch()
{
	local dir=$1 user=$2 psk=$3 ca=$4 uri=$5
	shift 5
	"$ibake" identity fetch url "$url" ca-file "$ca" district a.example user "$user" \
		psk-file "$psk" uri "$uri" dir "$tmp/$dir" "$@"
}
opt=()
fine "fetch" fetch gw alice alice.psk kms/tls.crt sip:alice@a.example uri SIP:al@A.example
"$ibake" -j identity show dir gw >identity.json
is "identity show" "$(json identity.json '[(i["uri"], i["district"], i["serial"], i["keys"], \
i["complete"]) for i in d]')" "[('sip:al@a.example', 'a.example', 1, 7, True), \
('sip:alice@a.example', 'a.example', 1, 7, True)]"
is "file modes of the client" "$(mode gw) $(mode gw/identity) $(mode gw/machine.key) $(find gw/identity \
	-name '*.key' -printf '%m\n' | sort | uniq -c | xargs)" "700 700 600 14 600"
is "issued keys are counted and logged" "$("$ibake" -j kms status dir kms >status.json; \
	json status.json 'd["users"][0]["issued"]') $(grep -c 'user alice: 14 keys issued' kmsd.log)" "14 1"
fine "fetch: SHA-1 and AES-CM-128, two days" fetch gw0 alice alice.psk kms/tls.crt \
	sip:alice@a.example prf 0 days 2

refused "fetch: a wrong pre-shared key" 2 "unknown user or wrong pre-shared key" \
	fetch no1 alice other.psk kms/tls.crt sip:alice@a.example
refused "fetch: an unknown user" 2 "unknown user or wrong pre-shared key" \
	fetch no2 mallory alice.psk kms/tls.crt sip:alice@a.example
is "both are told apart in the server's log only" "$(grep -c 'user alice: V does not verify' kmsd.log) \
$(grep -c 'unknown user mallory' kmsd.log)" "1 1"
refused "fetch: somebody else's identity" 2 "refuses: Invalid ID" \
	fetch no3 alice alice.psk kms/tls.crt sip:bob@a.example
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=other \
	-addext subjectAltName=IP:127.0.0.1 -keyout other.key -out other.crt 2>/dev/null
refused "fetch: a server that nobody vouches for" 2 "certificate" \
	fetch no4 alice alice.psk other.crt sip:alice@a.example
cp alice.psk open.psk
chmod 644 open.psk
refused "fetch: a pre-shared key that others can read" 2 "can be read or written by others" \
	fetch no5 alice open.psk kms/tls.crt sip:alice@a.example
is "refusals store no key" "$(find no* -name '*.key' ! -name machine.key | wc -l)" 0
is "refusals issue no key" "$("$ibake" -j kms status dir kms >status.json; \
	json status.json 'd["users"][1]["issued"]')" 0

# --- parameters -----------------------------------------------------------------------------------
fine "params import" "$ibake" params import kms/params.der dir peer
"$ibake" -j params show dir peer >params.json
is "params show" "$(json params.json '[(p["district"], p["serial"], p["bits"], p["valid"]) for p in d]')" \
	"[('a.example', 1, 1024, True)]"
fine "params import: base64, as it is published" bash -c "curl -s --cacert kms/tls.crt $url/params |
	'$ibake' params import - dir peer2"
opt=()
init kms2 a.example pass >/dev/null
refused "params import: other parameters under the same serial" 2 "other content" \
	"$ibake" params import kms2/params.der dir peer
head -c 300 kms/params.der >cut.der
"$ibake" params import cut.der dir peer3 >/dev/null 2>err.txt
is "params import: a file that is cut off" "$? $(wc -l <err.txt)" "2 1"
is "params import: nothing kept of it" "$(find peer3 -type f | wc -l)" 0
refused "params show: no folder" 2 "cannot open" "$ibake" params show dir nowhere

# --- the end --------------------------------------------------------------------------------------
kill $pid
wait $pid
is "kmsd: SIGTERM ends it well" "$?" 0
pid=
hex=$(sed 's/^hex://' alice.psk)
is "no pre-shared key and no passphrase in state, folders or log" \
	"$(grep -rlF -e "$hex" -e "a long passphrase" kms gw kmsd.log; \
	python3 - "$hex" kms/kms.db kmsd.log <<'PY'
import sys
key = bytes.fromhex(sys.argv[1])
for name in sys.argv[2:]:
    if key in open(name, "rb").read():
        print(name)
PY
)" ""
refused "fetch: the server is gone" 2 "127.0.0.1" fetch no6 alice alice.psk kms/tls.crt \
	sip:alice@a.example
is "identity show: keys are still there" "$("$ibake" -j identity show dir gw | cmp - identity.json && \
	echo same)" same

echo "1..$n"
exit $failed
