#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The scheme against a second opinion: PARI/GP for curve and pairing, Python for hashes and DER.
#   selftests/ibe/pari.sh [BITS]...		512, 1024 and 1536 if none are given
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
ibake=${IBAKE:-$top/out/uhelper/ibake}

if ! command -v gp >/dev/null; then
	echo "TAP version 13"
	echo "1..0 # SKIP no gp (package pari-gp)"
	exit 4
fi
[ $# -gt 0 ] || set -- 512 1024 1536
exec python3 "$here/pari.py" "$ibake" "$@"
