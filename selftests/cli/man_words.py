#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""man_words.py PAGE: every command and key word of `ibake -j help OBJECT` (standard input) must
stand in bold in the man page."""
import json
import re
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    text = f.read()
bold = set()
for line in text.splitlines():
    line = line.replace("\\-", "-")
    macro = re.match(r"\.(B|BI|BR|IB|RB)\s+(.*)", line)
    if macro:
        bold.update(re.findall(r"[^\s\"]+", macro.group(2)))
    for span in re.findall(r"\\fB(.*?)\\f[RPI]", line):
        bold.update(span.split())
bold = {w.strip(",.|[]{}") for w in bold}
missing = []
for obj in json.load(sys.stdin):
    for cmd in obj["commands"]:
        words = [cmd["name"]] + [k["name"] for k in cmd["keys"] if not k["positional"]]
        missing += [f"{cmd['name']}: {w}" for w in words if w not in bold]
if missing:
    sys.exit(f"{sys.argv[1]} does not name: {', '.join(missing)}")
