#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Media through a relay, and what must not come through. Needs root; KSRTP_KO is the module to load.
exec /usr/bin/python3 -B "$(dirname "$(readlink -f "$0")")/relay.py"
