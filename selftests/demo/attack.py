# SPDX-License-Identifier: GPL-2.0-or-later
"""attack.py CAPTURE INTERFACE DESTINATION OUT.json

What somebody on the wire can do without the key: sends the captured SRTP and SRTCP packets for
DESTINATION again, frame by frame; then one packet of each with every single bit flipped in turn;
then an RTP packet with a sequence number that was not used yet, one bit of each octet flipped, so that
no replay window but only the tag stands between it and the phone. (Altered packets go without UDP
checksum, or that would find them.) Says how many of each were sent.
A first octet outside 128 to 191 is not media (RFC 7983): those are counted apart.
"""
import json
import socket
import sys
import time

import pcap

PORTS = (5000, 5001)


def main():
    capture, interface, destination, out = sys.argv[1:]
    packets = [p for p in pcap.udp(capture) if p[3] == destination and p[4] in PORTS]
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((interface, 0))
    counts = {"replayed_rtp": 0, "replayed_rtcp": 0, "flipped_media": 0, "flipped_not_media": 0}
    sent = 0

    def send(frame):
        nonlocal sent
        sock.send(frame)
        sent += 1
        # An emulated gateway is slow; a full queue would be a loss that no counter explains.
        if sent % 16 == 0:
            time.sleep(0.02)

    for *_, port, payload, frame in packets:
        send(frame)
        counts["replayed_rtp" if port == PORTS[0] else "replayed_rtcp"] += 1

    def flip(payload, frame, step):
        head = len(frame) - len(payload)
        for bit in range(0, len(payload) * 8, step):
            flipped = bytearray(frame)
            flipped[head + bit // 8] ^= 0x80 >> bit % 8
            flipped[head - 2:head] = b"\0\0"
            send(bytes(flipped))
            media = 128 <= flipped[head] <= 191
            counts["flipped_media" if media else "flipped_not_media"] += 1

    last = {port: next((p[5], p[6]) for p in reversed(packets) if p[4] == port) for port in PORTS}
    for port in PORTS:
        flip(*last[port], 1)
    payload, frame = last[PORTS[0]]
    head = len(frame) - len(payload)
    ahead = (int.from_bytes(payload[2:4], "big") + 100) % 65536
    flip(payload, frame[:head + 2] + ahead.to_bytes(2, "big") + frame[head + 4:], 8)
    # Wait until the last one is through.
    time.sleep(1)
    json.dump(counts, open(out, "w"))


main()
