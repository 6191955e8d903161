#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh [-k KVER] [-c CPUS] [-m MEM] [-t SECONDS] [-s DIR] [-a 'KERNEL ARGS'] -- 'COMMANDS'
#
# Boots a Debian kernel in QEMU (TCG: no KVM is needed) and runs COMMANDS in it with bash, as root,
# in /share. The guest sees this machine's / read-only with its own tmpfs over it, so it has every
# program and this checkout; what it writes to /share (DIR, a new folder by default) stays.
# Exit status: that of COMMANDS; 125 when the guest panicked or ran out of time.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
kver= cpus=2 mem=2G limit=600 share= append=
while getopts k:c:m:t:s:a: o; do
	case $o in
	k) kver=$OPTARG ;;
	c) cpus=$OPTARG ;;
	m) mem=$OPTARG ;;
	t) limit=$OPTARG ;;
	s) share=$OPTARG ;;
	a) append=$OPTARG ;;
	*) exit 1 ;;
	esac
done
shift $((OPTIND - 1))
[ "${1:-}" = -- ] && shift
[ $# -gt 0 ] || { sed -n '3,8s/^# \{0,1\}//p' "$0" >&2; exit 1; }

kver=${kver:-$("$top/scripts/kernels.sh" | head -n 1)} || exit 1
initrd=$top/out/vm/initrd-$kver.img
if [ ! -e "$initrd" ] || [ "$here/init.sh" -nt "$initrd" ] || [ "$here/mkinitrd.sh" -nt "$initrd" ]; then
	bash "$here/mkinitrd.sh" "$kver" "$initrd" || exit 1
fi
if [ -z "$share" ]; then
	share=$(mktemp -d)
	trap 'rm -rf "$share"' EXIT
fi
mkdir -p "$share"
rm -f "$share/.status"
printf 'cd /share\n%s\n' "$*" >"$share/.commands"
cat >"$share/.start" <<'EOF'
export HOME=/root TERM=dumb LANG=C.UTF-8 IBAKE_VM=1
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
/bin/bash /share/.commands </dev/null
echo $? >/share/.status
sync
exec /bin/busybox poweroff -f
EOF
# A guest without a clock device starts in 1970, and keys are issued for days: hand the time over.
timeout --foreground -k 5 "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp "$cpus" \
	-m "$mem" -rtc base=utc -nodefaults -display none -no-reboot -serial stdio \
	-kernel "/boot/vmlinuz-$kver" -initrd "$initrd" \
	-append "console=ttyS0 quiet panic=-1 oops=panic mitigations=off tsc=reliable no_timer_check $append" \
	-fsdev local,id=r,path=/,security_model=none,readonly=on,multidevs=remap \
	-device virtio-9p-pci,fsdev=r,mount_tag=root \
	-fsdev "local,id=s,path=$share,security_model=none" \
	-device virtio-9p-pci,fsdev=s,mount_tag=share \
	-object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng \
	</dev/null | sed -u -e 's|\r||g' -e '/reboot: Power down/d'
if [ -e "$share/.status" ]; then
	status=$(cat "$share/.status")
	rm -f "$share"/.status "$share"/.commands "$share"/.start
	exit "$status"
fi
echo "vm: the guest ended without a status (panic, or more than $limit s)" >&2
exit 125
