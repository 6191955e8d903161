#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mkinitrd.sh KVER OUT: busybox and the modules that it takes to mount the host's / over virtio-9p.
set -eu
kver=$1
out=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp"/{bin,mods,proc,sys,dev,lower,ov,mnt}
cp /bin/busybox "$tmp/bin/busybox"
ln -s busybox "$tmp/bin/sh"

PATH=$PATH:/usr/sbin:/sbin
n=10
for m in virtio_pci 9pnet_virtio 9p overlay; do
	modprobe -S "$kver" --show-depends "$m" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' | while read -r f; do
	name=$n-$(basename "$f")
	case $f in
	*.xz) xz -dc "$f" >"$tmp/mods/${name%.xz}" ;;
	*.zst) zstd -dcq "$f" >"$tmp/mods/${name%.zst}" ;;
	*) cp "$f" "$tmp/mods/$name" ;;
	esac
	n=$((n + 1))
done

cp "$(dirname "$0")/init.sh" "$tmp/init"
chmod +x "$tmp/init"
mkdir -p "$(dirname "$out")"
(cd "$tmp" && find . | cpio -o -H newc --quiet | gzip -1) >"$out.new"
mv "$out.new" "$out"
