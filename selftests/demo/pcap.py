# SPDX-License-Identifier: GPL-2.0-or-later
"""Classic pcap files of Ethernet frames, as far as the demo needs them: UDP over IPv4."""
import struct


def frames(path):
    """Yields (seconds, frame octets); a capture cut short at its end is read as far as it goes."""
    data = open(path, "rb").read()
    if len(data) < 24:
        return
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    nano = data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
    at = 24
    while at + 16 <= len(data):
        sec, frac, caplen, _ = struct.unpack(order + "IIII", data[at:at + 16])
        if at + 16 + caplen > len(data):
            return
        yield sec + frac / (1e9 if nano else 1e6), data[at + 16:at + 16 + caplen]
        at += 16 + caplen


def udp(path):
    """Yields (seconds, source, source port, destination, destination port, payload, frame)."""
    for when, frame in frames(path):
        if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        ihl = (frame[14] & 15) * 4
        ip_len = struct.unpack("!H", frame[16:18])[0]
        head = 14 + ihl
        sport, dport, length = struct.unpack("!HHH", frame[head:head + 6])
        payload = frame[head + 8:14 + ip_len]
        if len(payload) != length - 8:
            continue
        src = ".".join(map(str, frame[26:30]))
        dst = ".".join(map(str, frame[30:34]))
        yield when, src, sport, dst, dport, payload, frame


def write(path, packets):
    """Writes (seconds, frame octets) as a little-endian Ethernet capture."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for when, frame in packets:
            out.write(struct.pack("<IIII", int(when), int(when % 1 * 1e6), len(frame), len(frame)))
            out.write(frame)
