#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The published vectors of key requests against check-request.py, which shares nothing with the
# library; then with one digit of one field changed, which it must notice.
set -u
dir=$(readlink -f "$(dirname "$0")/../vectors")
echo "KTAP version 1"
for tool in python3 openssl; do
	if ! command -v $tool >/dev/null; then
		echo "1..0 # SKIP no $tool"
		exit 0
	fi
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0
failed=0
result()
{
	n=$((n + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $n $3"
	else
		sed 's/^/# /' "$tmp/out"
		echo "not ok $n $3"
		failed=1
	fi
}

python3 "$dir/check-request.py" "$dir/request-512.json" >"$tmp/out" 2>&1
result $? 0 "request-512.json"
for field in encr_key salt_key auth_key REQUEST_KEY_INIT_PSK plaintext_KEMAC REQUEST_KEY_RESP rand; do
	python3 - "$dir/request-512.json" $field >"$tmp/changed.json" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
v = d["exchanges"][1]
old = v[sys.argv[2]]
v[sys.argv[2]] = old[:-1] + "%x" % (int(old[-1], 16) ^ 1)
json.dump(d, sys.stdout)
PY
	python3 "$dir/check-request.py" "$tmp/changed.json" >"$tmp/out" 2>&1
	result $? 1 "$field changed"
done
echo "1..$n"
exit $failed
