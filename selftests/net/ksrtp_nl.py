# SPDX-License-Identifier: GPL-2.0-or-later
"""A sender of ksrtp requests that need not be well formed, and a reader of the answers. It shares
nothing with uhelper/netlink, so that it can ask what that never would."""
import re
import socket
import struct

REQUEST, ACK, DUMP = 1, 4, 0x300
NESTED = 0x8000


def constants(header):
    """Every enumerator and number of the contract's header."""
    with open(header, encoding="ascii") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    names = {m[1]: int(m[2]) for m in re.finditer(r"#define\s+(KSRTP_\w+)\s+(\d+)", text)}
    for body in re.findall(r"enum\s*\w*\s*\{(.*?)\}", text, flags=re.S):
        value = -1
        for item in body.split(","):
            name, _, expr = (x.strip() for x in item.partition("="))
            if not name or not (not expr or expr.isdigit()):
                continue
            value = int(expr) if expr else value + 1
            names[name] = value
    return names


def attr(kind, data=b""):
    if isinstance(data, int):
        data = struct.pack("=I", data)
    size = 4 + len(data)
    return struct.pack("=HH", size, kind) + data + bytes(-size % 4)


def nest(kind, *attrs):
    return attr(kind | NESTED, b"".join(attrs))


def attrs(data):
    """[(kind, payload)...] of well-formed attributes."""
    out = []
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        if size < 4 or size > len(data):
            raise ValueError("attribute of a reply is cut")
        out.append((kind & 0x3fff, data[4:size]))
        data = data[(size + 3) & ~3:]
    return out


class Reply:
    """errno (0: done), sentence, offset of the attribute or missing kind, messages."""

    def __init__(self):
        self.errno, self.text, self.offset, self.missing, self.messages = 0, "", None, None, []


class Netlink:
    def __init__(self, header):
        self.c = constants(header)
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 16)
        self.sock.setsockopt(270, 11, 1)    # SOL_NETLINK, NETLINK_EXT_ACK
        self.sock.setsockopt(270, 10, 1)    # NETLINK_CAP_ACK
        self.sock.bind((0, 0))
        self.sock.settimeout(20)
        self.seq = 0
        self.family = 16                    # GENL_ID_CTRL
        answer = self.do(3, attr(2, b"ksrtp\0"))
        if answer.errno:
            raise OSError(answer.errno, "no family ksrtp")
        self.family = next(struct.unpack("=H", d)[0] for k, d in attrs(answer.messages[0][4:])
                           if k == 1)

    def close(self):
        self.sock.close()

    def do(self, cmd, body=b"", flags=ACK, version=1):
        return self.raw(struct.pack("=BBH", cmd, version, 0) + body, flags)

    def raw(self, payload, flags=ACK):
        self.seq += 1
        self.sock.send(struct.pack("=IHHII", 16 + len(payload), self.family, REQUEST | flags,
                                   self.seq, 0) + payload)
        answer = Reply()
        while not self.take(self.sock.recv(65536), answer):
            pass
        return answer

    def take(self, data, answer):
        while len(data) >= 16:
            size, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
            body, data = data[16:size], data[(size + 3) & ~3:]
            if seq != self.seq:
                continue
            if kind == 2:
                answer.errno = -struct.unpack_from("=i", body)[0]
                self.sentence(body[20:] if flags & 0x200 else b"", answer)
                return True
            if kind == 3:
                answer.errno = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
                return True
            answer.messages.append(body)
        return False

    @staticmethod
    def sentence(tlvs, answer):
        for kind, data in attrs(tlvs):
            if kind == 1:
                answer.text = data.rstrip(b"\0").decode()
            elif kind == 2:
                answer.offset = struct.unpack("=I", data)[0]
            elif kind == 5:
                answer.missing = struct.unpack("=I", data)[0]
