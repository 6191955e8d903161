#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The static analyser of clang over the userspace side, built afresh. Prints KTAP.
set -u
top=$(readlink -f "$(dirname "$0")/../..")
cd "$top" || exit 1
rm -rf out/analyse
mkdir -p out/check
echo "TAP version 13"
echo "1..1"
if scan-build-14 --status-bugs -o "$top/out/analyse-report" --use-cc=clang-14 \
	make -s -C uhelper -j"$(nproc)" OUT="$top/out/analyse" >out/check/analyse.log 2>&1; then
	echo "ok 1 - the analyser finds nothing in uhelper/"
else
	echo "not ok 1 - the analyser finds something in uhelper/"
	grep -E 'warning|error' out/check/analyse.log | sed 's/^/# /'
	exit 1
fi
