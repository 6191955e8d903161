#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job: boots a guest (or, with HOST=1, uses this machine), runs job.sh in it, and proves
# from what that left in OUT (out/demo) what the project claims. KVER picks the kernel.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
out=${OUT:-$top/out/demo}
kver=${KVER:-$("$top/scripts/kernels.sh" ${HOST:+host} | tail -n 1)}
say() { [ -n "${IBAKE_TAP:-}" ] && echo "# $*" || echo "$*"; }

rm -rf "$out"
mkdir -p "$out"
say "The main job on Linux $kver; evidence goes to $out"
if [ -n "${HOST:-}" ]; then
	"$here/job.sh" "$out"
else
	"$top/selftests/vm/run.sh" -k "$kver" -t 900 -s "$out" -- "$here/job.sh /share"
fi | if [ -n "${IBAKE_TAP:-}" ]; then sed 's/^/# /'; else cat; fi
status=${PIPESTATUS[0]}
if [ "$status" -ne 0 ]; then
	say "the main job ended with status $status"
	[ -n "${IBAKE_TAP:-}" ] && printf '1..1\nnot ok 1 - the main job runs to its end\n'
	exit 1
fi
say "What the evidence shows:"
/usr/bin/python3 -B "$here/prove.py" "$out" || exit 1
say "Report: $out/report.html"
