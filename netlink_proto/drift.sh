#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is checked in was made of ksrtp.yaml, by the kernel's generator, and fits the kernel side.
# Replies and events are held against ksrtp.yaml where they occur: selftests/net/lab.py.
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1

out=$(mktemp)
trap 'rm -f "$out"' EXIT
n=0 failed=0

# check NAME COMMAND...
check()
{
	local name=$1
	shift
	n=$((n + 1))
	if "$@" >"$out" 2>&1; then
		echo "ok $n $name"
	else
		failed=1
		echo "not ok $n $name"
		sed 's/^/# /' "$out"
	fi
}

compiles()
{
	printf '#include "netlink_proto/ksrtp.h"\nint main(void) { return KSRTP_CMD_MAX == 0; }\n' |
		gcc -Wall -Wextra -Werror -pedantic -std=c99 -I. -x c - -o /dev/null
}

# Every operation of the table needs CAP_NET_ADMIN, and none is there twice.
permissions()
{
	local ops flags
	ops=$(grep -c '\.cmd' kmod/policy.c)
	flags=$(grep -c '\.flags.*GENL_UNS_ADMIN_PERM' kmod/policy.c)
	echo "$ops operations, $flags of them with GENL_UNS_ADMIN_PERM"
	[ "$ops" -gt 0 ] && [ "$ops" = "$flags" ] &&
		[ -z "$(sed -n 's/.*\.cmd\s*= //p' kmod/policy.c | sort | uniq -d)" ]
}

# The contract's reasons are those of the module, in order.
reasons()
{
	diff <(sed -n 's/^\tKSRTP_REASON_\(\w*\).*/\1/p' kmod/reason.h | grep -v MAX) \
		<(sed -n 's/^\tKSRTP_DROP_\(\w*\).*/\1/p' netlink_proto/ksrtp.h)
}

documented()
{
	/usr/bin/python3 - <<'END'
import sys, yaml
spec = yaml.safe_load(open("netlink_proto/ksrtp.yaml"))
bad = [f"{s['name']}: {a['name']}" for s in spec["attribute-sets"] for a in s["attributes"]
       if a["type"] != "pad" and not a.get("doc") and s["name"] not in ("event", "dropped")]
bad += [o["name"] for o in spec["operations"]["list"] if not o.get("doc")]
bad += [f"{o['name']}: a dump without a do" for o in spec["operations"]["list"]
        if "dump" in o and "do" not in o]
print("\n".join(bad))
sys.exit(bool(bad))
END
}

echo "KTAP version 1"
check "generated files are those of ksrtp.yaml" netlink_proto/generate.sh --check
check "the header compiles alone" compiles
check "every operation needs CAP_NET_ADMIN" permissions
check "drop reasons of contract and module agree" reasons
check "every attribute and operation is documented, every dump has a do" documented
echo "1..$n"
exit $failed
