#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# First program of the guest: the host's root file system, read-only under a tmpfs overlay, and the
# folder /share, which both see and may write.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for m in /mods/*.ko; do
	$b insmod "$m" 2>/dev/null
done
opt=trans=virtio,version=9p2000.L,msize=524288
$b mount -t 9p -o $opt,cache=loose,ro root /lower || {
	echo "vm: cannot mount the host's root"
	$b poweroff -f
}
$b mount -t tmpfs tmpfs /ov
$b mkdir /ov/u /ov/w
$b mount -t overlay -o lowerdir=/lower,upperdir=/ov/u,workdir=/ov/w overlay /mnt
$b mount -t proc proc /mnt/proc
$b mount -t sysfs sys /mnt/sys
$b mount -t devtmpfs dev /mnt/dev
$b mkdir -p /mnt/dev/pts /mnt/dev/shm /mnt/share
$b mount -t devpts devpts /mnt/dev/pts
$b mount -t tmpfs tmpfs /mnt/dev/shm
$b mount -t tmpfs tmpfs /mnt/run
$b mount -t tracefs trace /mnt/sys/kernel/tracing 2>/dev/null
$b mount -t 9p -o $opt,cache=none share /mnt/share
$b ip link set lo up
exec $b switch_root /mnt /bin/bash /share/.start
