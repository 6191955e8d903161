#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Loads out/kmod/KVER/ksrtp.ko of the running kernel with what it stands on, as modprobe would do
# once it is installed. Nothing to do where it is loaded.
set -eu
top=$(readlink -f "$(dirname "$0")/..")
ko=${KSRTP_KO:-$top/out/kmod/$(uname -r)/ksrtp.ko}
[ -d /sys/module/ksrtp ] && exit 0
# Drivers of another CPU's instructions may be missing or refuse to load: the rest may not.
modprobe -aq $(modinfo -F softdep "$ko" | sed 's/^pre: //') 2>/dev/null || true
depends=$(modinfo -F depends "$ko" | tr ',' ' ')
[ -z "$depends" ] || modprobe -a $depends
insmod "$ko"
