#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh TARGET SECONDS: one libFuzzer program, as one test. Findings stay in out/fuzz/findings/.
set -u
top=$(readlink -f "$(dirname "$0")/../..")
target=$1
seconds=$2
name=$(basename "$target")
seeds=$top/selftests/fuzz/corpus/$name
corpus=$top/out/fuzz/corpus/$name
findings=$top/out/fuzz/findings/
mkdir -p "$corpus" "$findings"
[ -d "$seeds" ] || seeds=
echo "TAP version 13"
echo "1..1"
# New inputs go to out/fuzz/corpus, the checked-in seeds are only read.
if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	-artifact_prefix="$findings$name-" "$corpus" ${seeds:+"$seeds"} 2>&1 | tail -n 40 | sed 's/^/# /'
	[ "${PIPESTATUS[0]}" -eq 0 ]; then
	echo "ok 1 - $name: $seconds s without a finding"
else
	echo "not ok 1 - $name: see out/fuzz/findings/$name-*"
	exit 1
fi
