#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# inside.sh DIR SCRIPT...: runs kernel test scripts, as root, on the kernel that is running now
# (that of the guest, or with HOST=1 of this machine); each leaves DIR/SCRIPT.tap and DIR/SCRIPT.end.
set -u
top=$(readlink -f "$(dirname "$0")/../..")
dir=$1
shift
cd "$top" || exit 1
export KSRTP_KO=$top/out/kmod/$(uname -r)/ksrtp.ko PATH=$top/out/uhelper:$PATH
for script in "$@"; do
	start=$SECONDS
	timeout 600 "$script" >"$dir/$(basename "$script").tap" 2>&1
	echo "$? $((SECONDS - start))" >"$dir/$(basename "$script").end"
done
