#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh [SUITE...]: runs the suites of selftests/suites (all, or those named), shows each as it
# ends, and closes with a line "N passed, N failed, N skipped". Logs stay in out/check/.
#
#   FUZZ_SECONDS=60     how long each fuzz target runs
#   HOST=1              kernel suites on this machine's own kernel instead of in QEMU
set -u
top=$(readlink -f "$(dirname "$0")/..")
cd "$top" || exit 1
log=$top/out/check
mkdir -p "$log"
passed=0 failed=0 skipped=0

# count NAME STATUS: adds what out/check/NAME.tap says; a run that ends early, prints no result or
# fails without a failed test is one failure more.
count()
{
	local file=$log/$1.tap ok notok skip planned secs=$3 extra=
	ok=$(grep -cE '^ok ' "$file")
	skip=$(grep -cE '^ok .*# SKIP' "$file")
	notok=$(grep -cE '^not ok ' "$file")
	planned=$(grep -E '^1\.\.[0-9]+' "$file" | awk -F '[. #]+' '{ n += $2 } END { print n + 0 }')
	if grep -qE '^1\.\.0 # SKIP' "$file"; then
		ok=1 skip=1
	elif [ $((ok + notok)) -eq 0 ] || [ "${planned:-0}" -ne $((ok + notok)) ]; then
		extra="ended early: ${planned:-0} planned, $((ok + notok)) seen, exit status $2"
	elif [ "$2" -ne 0 ] && [ "$notok" -eq 0 ]; then
		extra="exit status $2 although every test passed"
	fi
	passed=$((passed + ok - skip))
	skipped=$((skipped + skip))
	failed=$((failed + notok))
	[ -n "$extra" ] && failed=$((failed + 1))
	printf '%-44s %4d passed %3d failed' "$1" $((ok - skip)) "$notok"
	[ "$skip" -gt 0 ] && printf ' %3d skipped' "$skip"
	printf '  %4d s\n' "$secs"
	grep -E '^not ok ' "$file" | sed 's/^/    /'
	grep -E '^(ok .*|1\.\.0 )# SKIP' "$file" | sed 's/^/    /'
	if [ -n "$extra" ]; then
		echo "    $extra"
	fi
	if [ -n "$extra" ] || [ "$notok" -gt 0 ]; then
		echo "    log: out/check/$1.tap"
	fi
	return 0
}

# run NAME COMMAND...: one command of a suite
run()
{
	local name=$1 start=$SECONDS status
	shift
	"$@" >"$log/$name.tap" 2>&1 </dev/null
	status=$?
	count "$name" "$status" $((SECONDS - start))
}

# Kernel suites: all scripts of one kernel share one boot; each leaves its own log in the guest's
# /share, which is out/check/vm-KVER.
run_kernel()
{
	local suite=$1 kver=$2 share=$log/vm-$2
	shift 2
	rm -rf "$share"
	mkdir -p "$share"
	if [ -n "${HOST:-}" ]; then
		selftests/vm/inside.sh "$share" "$@" >"$share/console" 2>&1
	else
		selftests/vm/run.sh -k "$kver" -t 1200 -s "$share" -- \
			"$top/selftests/vm/inside.sh /share $*" >"$share/console" 2>&1
	fi
	for script in "$@"; do
		local name status=125 secs=0
		name=$suite-$(basename "$script" .sh)-$kver
		[ -e "$share/$(basename "$script").end" ] &&
			read -r status secs <"$share/$(basename "$script").end"
		cp "$share/$(basename "$script").tap" "$log/$name.tap" 2>/dev/null ||
			cp "$share/console" "$log/$name.tap"
		count "$name" "$status" "$secs"
	done
}

# Two fuzz targets at a time, one a core.
run_fuzz()
{
	local jobs=() t name
	for t in out/fuzz/fuzz_* out/kmod-user/fuzz_*; do
		[ -x "$t" ] && [ ! -d "$t" ] && [ "${t%.o}" = "$t" ] && [ "${t%.d}" = "$t" ] && jobs+=("$t")
	done
	printf '%s\n' "${jobs[@]}" | xargs -P 2 -I {} sh -c \
		'selftests/fuzz/run.sh {} "$1" >"$2/fuzz-$(basename {}).tap" 2>&1' sh \
		"${FUZZ_SECONDS:-60}" "$log"
	for t in "${jobs[@]}"; do
		name=fuzz-$(basename "$t")
		count "$name" 0 "${FUZZ_SECONDS:-60}"
	done
}

kernels()
{
	if [ -n "${HOST:-}" ]; then scripts/kernels.sh host; else scripts/kernels.sh; fi
}

while read -r suite where what; do
	case $suite in '' | '#'*) continue ;; esac
	[ $# -eq 0 ] || [[ " $* " == *" $suite "* ]] || continue
	case $where in
	here)
		for script in $what; do
			# What cannot be run is read by the others, unless it is not there at all.
			[ -e "$script" ] && [ ! -x "$script" ] && continue
			run "$suite-$(basename "$script" .sh)" "$script"
		done
		;;
	unit)
		for test in "$what"/test_*; do
			[ -x "$test" ] && [ "${test%.d}" = "$test" ] && [ "${test%.o}" = "$test" ] &&
				run "$suite-$(basename "$test")" "$test"
		done
		;;
	kernel)
		# shellcheck disable=SC2086 # a pattern
		for kver in $(kernels); do
			run_kernel "$suite" "$kver" $what
		done
		;;
	demo)
		for kver in $(kernels); do
			run "$suite-$kver" env IBAKE_TAP=1 KVER="$kver" OUT="$top/out/check/demo-$kver" "$what"
		done
		;;
	fuzz) run_fuzz ;;
	esac
done <selftests/suites

# Nothing that ran is not a pass.
[ $((passed + failed)) -gt 0 ] || failed=1
echo
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
