#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What happens to calls whose daemon dies, to modules that are unloaded and machines that sleep.
# Needs root; KSRTP_KO is the module to load.
exec /usr/bin/python3 -B "$(dirname "$(readlink -f "$0")")/owner.py"
