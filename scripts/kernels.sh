#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names of the kernels that the module is built for and tested on, a line each.
#
#   scripts/kernels.sh            newest installed Debian kernel of each supported series
#   scripts/kernels.sh host       the kernel that runs now
set -eu
if [ "${1:-}" = host ]; then
	uname -r
	exit
fi
for series in 6.1 6.12; do
	newest=$(for d in /lib/modules/"$series".*; do
		k=${d##*/}
		[ -e "/boot/vmlinuz-$k" ] && [ -e "$d/build/Makefile" ] && echo "$k"
	done | sort -V | tail -n 1)
	[ -n "$newest" ] || {
		echo "no kernel $series with its headers is installed: scripts/install-packages.sh" >&2
		exit 1
	}
	echo "$newest"
done
