#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs from Debian's packages whatever of scripts/packages is missing. Silent when nothing is.
set -eu
cd "$(dirname "$0")"

mapfile -t want < <(sed 's/#.*//' packages | tr -s ' \t' '\n' | sed '/^$/d')
missing=()
for p in "${want[@]}"; do
	dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed ||
		missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "These packages are missing and need root to install: ${missing[*]}" >&2
		exit 1
	}
	sudo=sudo
fi
echo "Installing ${#missing[@]} packages from Debian: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# wireshark-common asks whether everybody may capture: the default, no, is right.
if ! { $sudo apt-get -q update && $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
	--no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
	tail -n 30 "$log" >&2
	echo "apt-get failed; the lines above say why" >&2
	exit 1
fi
