# SPDX-License-Identifier: GPL-2.0-or-later
"""keysearch.py NLMON.pcap OUT.json KSRTP.h FILE...

The keys that a daemon gave to the kernel, taken off an nlmon capture of its netlink messages (which
only root of the namespace can make), and then looked for - as octets, hexadecimal and base64 - in
every other message of that capture and in the files and trees named: logs, command output, /proc,
/sys. Writes how many keys there are, where they were looked for and where they were found; never a key.
"""
import base64
import hashlib
import json
import os
import re
import struct
import sys

import pcap

NLMSG_HDR = 16
GENL_HDR = 4
COOKED = 16  # the header that AF_PACKET captures of nlmon carry (LINKTYPE_NETLINK)


def messages(path):
    for _, frame in pcap.frames(path):
        at = COOKED
        while at + NLMSG_HDR <= len(frame):
            length, kind, flags, _, _ = struct.unpack("=IHHII", frame[at:at + NLMSG_HDR])
            if length < NLMSG_HDR or at + length > len(frame):
                break
            yield kind, flags, frame[at:at + length]
            at += (length + 3) & ~3


def attributes(data):
    """All attributes of a message, nested ones too: a nest is tried wherever one would fit."""
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack("=HH", data[at:at + 4])
        if length < 4 or at + length > len(data):
            return
        value = data[at + 4:at + length]
        yield kind, value
        if kind & 0x8000:
            yield from attributes(value)
        at += (length + 3) & ~3


def family_id(capture):
    """The id of the family "ksrtp", from the controller's answer in the capture."""
    for kind, _, msg in messages(capture):
        if kind != 16 or len(msg) < 20 or msg[16] != 1:
            continue
        found = dict(attributes(msg[20:]))
        if found.get(2, b"").rstrip(b"\0") == b"ksrtp" and 1 in found:
            return struct.unpack("=H", found[1][:2])[0]
    return None


def constant(header, name):
    """The value of an enumerator of the netlink contract's header."""
    value = -1
    for line in open(header):
        found = re.match(r"\s*(\w+)(?: = (\d+))?,", line)
        if not found:
            value = -1
            continue
        value = int(found[2]) if found[2] else value + 1
        if found[1] == name:
            return value
    raise SystemExit(f"{header} has no {name}")


def keys_of(capture, header):
    """Master keys and salts of the key-new requests, and every other message of the capture."""
    family = family_id(capture)
    key_new = constant(header, "KSRTP_CMD_KEY_NEW")
    secret = {constant(header, "KSRTP_A_KEY_MASTER_KEY"), constant(header, "KSRTP_A_KEY_MASTER_SALT")}
    keys, rest = set(), []
    for kind, flags, msg in messages(capture):
        if kind != family or not flags & 1 or msg[NLMSG_HDR] != key_new:
            rest.append(msg)
            continue
        for _, nest in list(attributes(msg[NLMSG_HDR + GENL_HDR:])):
            keys |= {bytes(value) for attr, value in attributes(nest) if attr in secret}
    return keys, rest


def files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for root, _, names in os.walk(path):
            for name in names:
                yield os.path.join(root, name)


def read(path):
    """At most a mebibyte, and never a file that blocks or is memory itself."""
    if os.path.basename(path) in ("mem", "kcore", "pagemap", "kmsg", "clear_refs", "trace_pipe"):
        return None
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return os.read(fd, 1 << 20)
    except OSError:
        return None
    finally:
        os.close(fd)


def forms(key):
    yield key
    yield key.hex().encode()
    yield key.hex().upper().encode()
    yield ":".join(f"{b:02x}" for b in key).encode()
    yield base64.b64encode(key).rstrip(b"=")[:-1]


def main():
    capture, out, header, *paths = sys.argv[1:]
    keys, rest = keys_of(capture, header)
    needles = [f for key in keys for f in forms(key)]
    searched, found = 0, []
    for msg in rest:
        searched += 1
        if any(n in msg for n in needles):
            found.append("another netlink message")
    for path in files(paths):
        data = read(path)
        if data is None:
            continue
        searched += 1
        if any(n in data for n in needles):
            found.append(path)
    json.dump({"keys": len(keys), "sha256": sorted(hashlib.sha256(k).hexdigest()[:16] for k in keys),
               "places_searched": searched, "netlink_messages_searched": len(rest),
               "found": found}, open(out, "w"))


main()
