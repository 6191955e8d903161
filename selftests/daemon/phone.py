#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone for tests: plain RTP whose payload says which packet it is.

phone.py hear ADDR PORT FILE         writes the number of each good packet to FILE, a line each
phone.py say FROM PORT TO PORT FIRST COUNT [PPS]
"""
import socket
import struct
import sys
import time

SSRC = 0x1BA4E000


def payload(number):
    """160 octets that nothing encrypted holds by chance."""
    return (b"plain speech %07d " % number * 8)[:160]


def hear(addr, port, path):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((addr, int(port)))
    with open(path, "a", buffering=1) as out:
        while True:
            data = sock.recv(2048)
            number = struct.unpack("!H", data[2:4])[0] if len(data) == 172 else -1
            good = number >= 0 and data[12:] == payload(number)
            out.write(f"{number if good else 'bad'}\n")


def say(source, sport, to, port, first, count, pps="50"):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((source, int(sport)))
    for number in range(int(first), int(first) + int(count)):
        header = struct.pack("!BBHII", 0x80, 0, number, 160 * number, SSRC + int(sport))
        sock.sendto(header + payload(number), (to, int(port)))
        time.sleep(1 / float(pps))


{"hear": hear, "say": say}[sys.argv[1]](*sys.argv[2:])
