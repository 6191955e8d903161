#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vectors.sh: the published vectors against check.py, which shares nothing with the library; then
# vectors with one field changed, which it must notice.
set -u
here=$(dirname "$(readlink -f "$0")")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0

result()
{
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
	fi
}

fields="identity_r private_key_i yP K_SESSION MPK TGK auth_key TEK_2 salt_1 fingerprint rho_r1 nonce
	plaintext_I_MESSAGE_2 I_MESSAGE_1 R_MESSAGE_1 I_MESSAGE_2 R_MESSAGE_2"
echo "TAP version 13"
# shellcheck disable=SC2086 # words
set -- $fields
echo "1..$((2 + $#))"
for bits in 512 1536; do
	"$here/check.py" "$here/ibake-$bits.json" | sed 's/^/# /'
	result "${PIPESTATUS[0]}" "every field of ibake-$bits.json"
done
for field; do
	python3 - "$here/ibake-512.json" "$field" >"$tmp/changed.json" <<-'END'
		import json, sys
		v = json.load(open(sys.argv[1], encoding='ascii'))
		old = v[sys.argv[2]]
		v[sys.argv[2]] = old[:-1] + '%x' % (int(old[-1], 16) ^ 1)
		json.dump(v, sys.stdout)
	END
	"$here/check.py" "$tmp/changed.json" >"$tmp/out"
	[ $? -eq 1 ] && grep -q '^# differs' "$tmp/out"
	result $? "a changed $field is noticed"
done
exit $failed
