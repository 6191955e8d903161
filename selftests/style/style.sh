#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a reader may rely on in every file: licence lines, size, who includes whom, where kernel
# versions may be asked for, and that sparse, W=1 and checkpatch have nothing to say. Prints KTAP.
set -u
top=$(readlink -f "$(dirname "$0")/../..")
cd "$top" || exit 1
n=0 bad=0
# verdict NAME OUTPUT: passes when there is no output
verdict()
{
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "$2" | head -n 40 | sed 's/^/# /'
		bad=1
	fi
}
sources() { git ls-files -- "$@"; }

echo "TAP version 13"

verdict "each source file says its licence in its first two lines" "$(
	sources '*.c' '*.h' '*.sh' '*.py' '*.yaml' '*Makefile' '*Kbuild*' | while read -r f; do
		head -n 2 "$f" | grep -q SPDX-License-Identifier || echo "$f"
	done)"

verdict "no file of kmod/ or uhelper/ has over 900 lines" "$(
	sources 'kmod/*.[ch]' 'uhelper/*.[ch]' | while read -r f; do
		lines=$(wc -l <"$f")
		[ "$lines" -gt 900 ] && echo "$f: $lines"
	done)"

verdict "kernel versions are asked for in kmod/compat/ only" "$(
	git grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION *\(' -- 'kmod/*.[ch]' ':!kmod/compat')"

verdict "nothing is left for later" "$(
	git grep -nwE 'TODO|FIXME|XXX|HACK' -- 'kmod/*.[ch]' 'uhelper/*.[ch]' 'selftests/*' ':!selftests/style')"

# Dependencies point one way: cli, daemon, kms -> ibake -> mikey, ibe -> base; netlink stands alone.
may_include()
{
	case $1 in
	base) echo base ;;
	ibe) echo base ibe ;;
	mikey) echo base mikey ;;
	ibake) echo base ibe mikey ibake ;;
	netlink) echo base netlink ;;
	kms) echo base ibe mikey kms ;;
	daemon) echo base ibe mikey ibake kms netlink daemon ;;
	cli) echo base ibe mikey ibake kms netlink cli ;;
	esac
}
verdict "dependencies of uhelper/ point one way" "$(
	for dir in uhelper/*/; do
		subject=$(basename "$dir")
		allowed=" $(may_include "$subject") "
		grep -HnoE '^#include "[a-z]+/' "$dir"*.[ch] 2>/dev/null | while IFS=: read -r f line inc; do
			to=$(sed 's/^#include "\([a-z]*\).*/\1/' <<<"$inc")
			[[ $allowed == *" $to "* ]] || echo "$f:$line includes $to/"
		done
	done)"

verdict "kmod/ includes nothing of uhelper/" "$(grep -rnE 'include.*uhelper' kmod --include='*.[ch]')"

# sparse and W=1 on each kernel: built afresh, since a warning is printed only when compiling.
for kver in $(scripts/kernels.sh); do
	verdict "sparse and W=1 have nothing to say on $kver" "$(
		make -s -C kmod KVER="$kver" OUT="$top/out/check/sparse-$kver/kmod" clean >/dev/null 2>&1
		make -C kmod KVER="$kver" OUT="$top/out/check/sparse-$kver/kmod" W=1 C=2 2>&1 |
			grep -E '(warning|error|Error)' | grep -v 'Skipping BTF')"
done

# The kernel's own style checker, from its source package.
checkpatch=$top/out/tools/checkpatch/scripts/checkpatch.pl
if [ ! -e "$checkpatch" ]; then
	mkdir -p "$top/out/tools/checkpatch"
	tar -C "$top/out/tools/checkpatch" --strip-components=1 --wildcards -xf \
		/usr/src/linux-source-6.12.tar.xz '*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
		'*/scripts/const_structs.checkpatch'
fi
# Not a kernel tree; generated files are the generator's, and TRACE_EVENT() is not laid out like C.
ignore=FILE_PATH_CHANGES,SPDX_LICENSE_TAG,MACRO_ARG_REUSE,LINUX_VERSION_CODE,EMBEDDED_FILENAME
verdict "checkpatch --strict has nothing to say about kmod/" "$(
	sources 'kmod/*.[ch]' | grep -vE 'kmod/(policy\.|trace\.h|compat/)' | xargs perl "$checkpatch" --no-tree \
		--strict --terse --no-summary --max-line-length=100 --ignore "$ignore" -f 2>/dev/null)"

echo "1..$n"
exit $bad
