#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""netlink_bad.py HEADER: every wrong request is refused with its sentence and leaves the state of
the kernel as it was. Run as root in a network namespace of its own, with the module loaded."""
import ctypes
import errno
import os
import random
import socket
import struct
import sys

from ksrtp_nl import ACK, DUMP, NESTED, Netlink, attr, attrs, nest

nl = Netlink(sys.argv[1])
C = nl.c
count = failed = 0


def k(name):
    return C["KSRTP_" + name]


def a(name, data=b""):
    return attr(k("A_" + name), data)


def report(ok, name, why=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} {name}", flush=True)
    if not ok:
        print(f"# {why}", flush=True)


# What changes by itself is left out of the comparison.
PASSING = {"KEY": [k("A_KEY_AGE")], "SA": [k("A_SA_GRACE_LEFT")], "FLOW": []}


def state():
    out = []
    for cmd, name in (("SA_GET", "SA"), ("FLOW_GET", "FLOW")):
        answer = nl.do(k("CMD_" + cmd), flags=DUMP)
        if answer.errno:
            raise SystemExit(f"dump {cmd}: {os.strerror(answer.errno)}")
        for message in answer.messages:
            for kind, data in attrs(message[4:]):
                if kind in PASSING[name]:
                    continue
                if name == "SA" and kind == k("A_SA_KEY"):
                    data = [x for x in attrs(data) if x[0] not in PASSING["KEY"]]
                out.append((name, kind, data))
    stats = nl.do(k("CMD_STATS_GET"))
    out.append([d for kind, d in attrs(stats.messages[0][4:])
                if kind in (k("A_STATS_SAS"), k("A_STATS_FLOWS"))])
    return out


def refused(name, code, sentence, cmd, body=b"", sender=None, flags=ACK):
    """The request ends with one of these errnos and a sentence with these words, or for "-NAME"
    with attribute NAME called missing; nothing changed."""
    codes = code if isinstance(code, tuple) else (code,)
    before = state()
    answer = (sender or nl).do(k("CMD_" + cmd), body, flags)
    after = state()
    what = f"{errno.errorcode.get(answer.errno, answer.errno)} \"{answer.text}\""
    if answer.errno not in codes:
        report(False, name, f"got {what}, not {[errno.errorcode[c] for c in codes]}")
    elif (answer.missing != k("A_" + sentence[1:]) if sentence.startswith("-")
          else sentence not in answer.text):
        report(False, name, f"got {what}, which does not say \"{sentence}\"")
    else:
        report(before == after, f"{name}: {answer.text or os.strerror(answer.errno)}",
               f"the state changed:\n# {before}\n# {after}")


def done(name, cmd, body=b""):
    answer = nl.do(k("CMD_" + cmd), body)
    report(not answer.errno, name, f"{os.strerror(answer.errno)}: {answer.text}")


def sa(num=None, way="RX", suite=k("SUITE_AES_CM_128_HMAC_SHA1_80"), *more):
    return (b"" if num is None else a("SA_ID", num)) + a("SA_DIRECTION", k("DIRECTION_" + way)) + \
        a("SA_SUITE", suite) + b"".join(more)


def key(num, mki=b"", master=bytes(range(16)), salt=bytes(range(14)), *more):
    return nest(k("A_SA_KEY"), a("KEY_SA_ID", num), *([a("KEY_MKI", mki)] if mki else []),
                a("KEY_MASTER_KEY", master), a("KEY_MASTER_SALT", salt), *more)


def udp(port, family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
    return s


def dst(port, *more, addr=b"\x7f\0\0\1"):
    return nest(k("A_FLOW_DESTINATION"), a("DESTINATION_ADDR", addr),
                a("DESTINATION_PORT", struct.pack(">H", port)), *more)


def flow(fd, *more, kind=k("KIND_RTP"), to=None):
    return a("FLOW_KIND", kind) + a("FLOW_SOCKET_FD", fd) + (dst(9000) if to is None else to) + \
        b"".join(more)


E = errno
u64 = lambda v: struct.pack("=Q", v)

# --- something that must stay as it is --------------------------------------------------------------
media = udp(5000)
done("set-up: receiving sa", "SA_NEW", sa(1, "RX", 1, a("SA_MKI_LEN", 4), a("SA_COOKIE", b"mine")))
done("set-up: its key", "KEY_NEW", key(1, b"\0\0\0\1"))
done("set-up: transmitting sa", "SA_NEW", sa(2, "TX"))
done("set-up: its key", "KEY_NEW", key(2))
done("set-up: flow", "FLOW_NEW", flow(media.fileno(), a("FLOW_ID", 1), a("FLOW_RX_SA", 1)))

# --- security associations --------------------------------------------------------------------------
refused("sa: number twice", E.EEXIST, "exists", "SA_NEW", sa(1))
refused("sa: number of the kernel's own", E.ERANGE, "id-max", "SA_NEW", sa(k("ID_MAX") + 1))
refused("sa: number 0", (E.ERANGE, E.EINVAL), "", "SA_NEW", sa(0))
refused("sa: unknown suite", E.EOPNOTSUPP, "suite", "SA_NEW", sa(9, "RX", 77))
refused("sa: suite 0", (E.EOPNOTSUPP, E.EINVAL, E.ERANGE), "", "SA_NEW", sa(9, "RX", 0))
refused("sa: direction 3", (E.EINVAL, E.ERANGE), "", "SA_NEW",
        a("SA_ID", 9) + a("SA_DIRECTION", 3) + a("SA_SUITE", 1))
refused("sa: no direction", E.EINVAL, "-SA_DIRECTION", "SA_NEW", a("SA_ID", 9) + a("SA_SUITE", 1))
refused("sa: no suite", E.EINVAL, "-SA_SUITE", "SA_NEW", a("SA_ID", 9) + a("SA_DIRECTION", 1))
refused("sa: window too small", E.ERANGE, "", "SA_NEW", sa(9, "RX", 1, a("SA_WINDOW", 63)))
refused("sa: window too large", E.ERANGE, "", "SA_NEW", sa(9, "RX", 1, a("SA_WINDOW", 32832)))
refused("sa: window no multiple of 64", E.EINVAL, "multiple of 64", "SA_NEW",
        sa(9, "RX", 1, a("SA_WINDOW", 100)))
refused("sa: MKI too long", E.ERANGE, "", "SA_NEW", sa(9, "RX", 1, a("SA_MKI_LEN", 129)))
refused("sa: SSRC limit 0", E.ERANGE, "", "SA_NEW", sa(9, "RX", 1, a("SA_SSRC_LIMIT", 0)))
refused("sa: SSRC limit too large", E.ERANGE, "", "SA_NEW",
        sa(9, "RX", 1, a("SA_SSRC_LIMIT", 4097)))
refused("sa: cookie too long", (E.ERANGE, E.EMSGSIZE), "64 octets", "SA_NEW",
        sa(9, "RX", 1, a("SA_COOKIE", bytes(65))))
refused("sa: grace too long", E.ERANGE, "", "SA_NEW", sa(9, "RX", 1, a("SA_GRACE", 3601)))
refused("sa: window of two octets", (E.ERANGE, E.EINVAL), "", "SA_NEW",
        sa(9, "RX", 1, a("SA_WINDOW", b"\x80\0")))
refused("sa: attribute of replies only", (E.EINVAL, E.EOPNOTSUPP), "", "SA_NEW",
        sa(9, "RX", 1, a("SA_STATE", 1)))
refused("sa: attribute that does not exist", E.EINVAL, "", "SA_NEW",
        sa(9, "RX", 1, attr(200, 1)))
refused("sa: rubbish behind the attributes", E.EINVAL, "", "SA_NEW",
        sa(9) + b"\xff\xff\xff")
refused("sa: delete none", E.EINVAL, "", "SA_DEL")
refused("sa: delete one that is not there", E.ENOENT, "", "SA_DEL", a("SA_ID", 99))
refused("sa: delete another generation", (E.ESTALE, E.ENOENT), "", "SA_DEL",
        a("SA_ID", 2) + a("SA_GENERATION", 0xfffffff0))
refused("sa: delete one in use", E.EBUSY, "flows use", "SA_DEL", a("SA_ID", 1))
refused("sa: get one that is not there", E.ENOENT, "", "SA_GET", a("SA_ID", 99))

# --- keys -------------------------------------------------------------------------------------------
MKI2 = b"\0\0\0\2"
refused("key: master key too short", E.EKEYREJECTED, "master key is too short", "KEY_NEW",
        key(1, MKI2, bytes(15)))
refused("key: master key too long", E.EKEYREJECTED, "master key is too long", "KEY_NEW",
        key(1, MKI2, bytes(32)))
refused("key: master key longer than any", (E.EKEYREJECTED, E.ERANGE, E.EINVAL), "", "KEY_NEW",
        key(1, MKI2, bytes(4000)))
refused("key: master key empty", (E.EKEYREJECTED, E.EINVAL), "", "KEY_NEW", key(1, MKI2, b""))
refused("key: master salt too short", E.EKEYREJECTED, "master salt is too short", "KEY_NEW",
        key(1, MKI2, bytes(16), bytes(13)))
refused("key: master salt too long", E.EKEYREJECTED, "master salt is too long", "KEY_NEW",
        key(1, MKI2, bytes(16), bytes(15)))
refused("key: MKI twice", E.EEXIST, "MKI", "KEY_NEW", key(1, b"\0\0\0\1"))
refused("key: second key without MKI", E.EEXIST, "one key only", "KEY_NEW", key(2))
refused("key: MKI too short", E.EINVAL, "MKI", "KEY_NEW", key(1, b"\1"))
refused("key: MKI too long", E.EINVAL, "MKI", "KEY_NEW", key(1, bytes(5)))
refused("key: MKI where the sa has none", E.EINVAL, "MKI", "KEY_NEW", key(2, b"\1"))
refused("key: no MKI where the sa has one", E.EINVAL, "MKI", "KEY_NEW", key(1))
refused("key: sa that is not there", E.ENOENT, "SA", "KEY_NEW", key(99))
refused("key: no nest", E.EINVAL, "key", "KEY_NEW")
refused("key: empty nest", E.EINVAL, "", "KEY_NEW", nest(k("A_SA_KEY")))
refused("key: no master key", E.EINVAL, "", "KEY_NEW",
        nest(k("A_SA_KEY"), a("KEY_SA_ID", 1), a("KEY_MKI", MKI2),
             a("KEY_MASTER_SALT", bytes(14))))
refused("key: no master salt", E.EINVAL, "", "KEY_NEW",
        nest(k("A_SA_KEY"), a("KEY_SA_ID", 1), a("KEY_MKI", MKI2),
             a("KEY_MASTER_KEY", bytes(16))))
refused("key: no sa", E.EINVAL, "", "KEY_NEW",
        nest(k("A_SA_KEY"), a("KEY_MASTER_KEY", bytes(16)), a("KEY_MASTER_SALT", bytes(14))))
refused("key: more than 2^48 packets", E.ERANGE, "2^48", "KEY_NEW",
        key(1, MKI2, bytes(16), bytes(14), a("KEY_HARD_PACKETS", u64((1 << 48) + 1))))
refused("key: limit of four octets", (E.EINVAL, E.ERANGE), "", "KEY_NEW",
        key(1, MKI2, bytes(16), bytes(14), a("KEY_HARD_PACKETS", 5)))
refused("key: active on a receiving sa", E.EINVAL, "transmit", "KEY_NEW",
        key(1, MKI2, bytes(16), bytes(14), a("KEY_ACTIVE")))
refused("key: attribute cut in the middle", E.EINVAL, "", "KEY_NEW",
        attr(k("A_SA_KEY") | NESTED, a("KEY_SA_ID", 1) + struct.pack("=HH", 60, 3) + b"short"))
refused("key: nest without the flag of a nest, and nothing in it", E.EINVAL, "", "KEY_NEW",
        attr(k("A_SA_KEY"), b"\1"))
refused("key: delete one that is not there", E.ENOENT, "", "KEY_DEL",
        a("SA_ID", 1) + a("SA_MKI", MKI2))
refused("key: delete of an sa that is not there", E.ENOENT, "", "KEY_DEL", a("SA_ID", 99))
refused("key: activate on a receiving sa", E.EINVAL, "transmit", "KEY_ACTIVATE",
        a("SA_ID", 1) + a("SA_MKI", b"\0\0\0\1"))
refused("key: activate one that is not there", (E.ENOENT, E.EINVAL), "", "KEY_ACTIVATE",
        a("SA_ID", 2) + a("SA_MKI", b"\1"))

# --- flows ------------------------------------------------------------------------------------------
other = udp(5002)
loop = udp(9000)
bound6 = udp(5004, socket.AF_INET6)
free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
tcp.bind(("127.0.0.1", 5002))
unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
null = os.open("/dev/null", os.O_RDWR)
FD = other.fileno()


def foreign_socket():
    """A UDP socket of another network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    if libc.unshare(0x40000000):
        raise OSError(ctypes.get_errno(), "unshare")
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("0.0.0.0", 5002))
    if libc.setns(here, 0):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(here)
    return s


elsewhere = foreign_socket()
refused("flow: number twice", E.EEXIST, "exists", "FLOW_NEW", flow(FD, a("FLOW_ID", 1)))
refused("flow: number of the kernel's own", E.ERANGE, "id-max", "FLOW_NEW",
        flow(FD, a("FLOW_ID", k("ID_MAX") + 1)))
refused("flow: closed descriptor", E.EBADF, "descriptor", "FLOW_NEW", flow(999))
refused("flow: descriptor beyond int", E.EBADF, "", "FLOW_NEW", flow(0xffffffff))
refused("flow: descriptor of a file", E.ENOTSOCK, "socket", "FLOW_NEW", flow(null))
refused("flow: TCP socket", E.EPROTOTYPE, "UDP", "FLOW_NEW", flow(tcp.fileno()))
refused("flow: Unix socket", (E.EPROTOTYPE, E.EAFNOSUPPORT), "UDP", "FLOW_NEW", flow(unix.fileno()))
refused("flow: netlink socket", (E.EPROTOTYPE, E.EAFNOSUPPORT), "UDP", "FLOW_NEW",
        flow(nl.sock.fileno()))
refused("flow: socket of another network namespace", E.EXDEV, "network namespace", "FLOW_NEW",
        flow(elsewhere.fileno()))
refused("flow: socket without a port", E.EDESTADDRREQ, "bound", "FLOW_NEW", flow(free.fileno()))
refused("flow: port that has one", E.EADDRINUSE, "another flow", "FLOW_NEW", flow(media.fileno()))
refused("flow: no kind", E.EINVAL, "-FLOW_KIND", "FLOW_NEW", a("FLOW_SOCKET_FD", FD) + dst(9000))
refused("flow: kind 9", (E.EINVAL, E.ERANGE), "", "FLOW_NEW", flow(FD, kind=9))
refused("flow: no socket", E.EINVAL, "-FLOW_SOCKET_FD", "FLOW_NEW",
        a("FLOW_KIND", k("KIND_RTP")) + dst(9000))
refused("flow: no destination", E.EINVAL, "-FLOW_DESTINATION", "FLOW_NEW", flow(FD, to=b""))
refused("flow: empty destination", E.EINVAL, "", "FLOW_NEW",
        flow(FD, to=nest(k("A_FLOW_DESTINATION"))))
refused("flow: destination without a port", E.EINVAL, "", "FLOW_NEW",
        flow(FD, to=nest(k("A_FLOW_DESTINATION"), a("DESTINATION_ADDR", b"\x7f\0\0\1"))))
refused("flow: destination port 0", E.EINVAL, "", "FLOW_NEW", flow(FD, to=dst(0)))
refused("flow: destination with five octets", (E.EINVAL, E.EAFNOSUPPORT), "", "FLOW_NEW",
        flow(FD, to=dst(9000, addr=bytes(5))))
refused("flow: destination of another family", E.EAFNOSUPPORT, "family", "FLOW_NEW",
        flow(FD, to=dst(9000, addr=bytes(15) + b"\1")))
refused("flow: multicast and broadcast destination", E.EINVAL, "", "FLOW_NEW",
        flow(FD, to=dst(9000, addr=b"\xff\xff\xff\xff")))
refused("flow: more destinations than there may be", (E.E2BIG, E.EINVAL, E.ERANGE), "", "FLOW_NEW",
        flow(FD, to=dst(9000) * (k("DESTINATIONS_MAX") + 1)))
refused("flow: receiving sa that is not there", E.ENOENT, "SA", "FLOW_NEW",
        flow(FD, a("FLOW_RX_SA", 99)))
refused("flow: transmitting sa that is not there", E.ENOENT, "SA", "FLOW_NEW",
        flow(FD, to=dst(9000, a("DESTINATION_TX_SA", 99))))
refused("flow: receives with a transmitting sa", E.EINVAL, "transmit SA", "FLOW_NEW",
        flow(FD, a("FLOW_RX_SA", 2)))
refused("flow: transmits with a receiving sa", E.EINVAL, "receive SA", "FLOW_NEW",
        flow(FD, to=dst(9000, a("DESTINATION_TX_SA", 1))))
refused("flow: sends to itself", E.ELOOP, "leads back", "FLOW_NEW", flow(FD, to=dst(5002)))
refused("flow: sends into a loop of two", E.ELOOP, "leads back", "FLOW_NEW",
        flow(loop.fileno(), to=dst(5000)))
refused("flow: source socket that is none", (E.EBADF, E.ENOTSOCK), "", "FLOW_NEW",
        flow(FD, to=dst(9000, a("DESTINATION_SOCKET_FD", null))))
refused("flow: source socket of another family", E.EAFNOSUPPORT, "family", "FLOW_NEW",
        flow(FD, to=dst(9000, a("DESTINATION_SOCKET_FD", bound6.fileno()))))
refused("flow: source socket of another network namespace", E.EXDEV, "network namespace",
        "FLOW_NEW", flow(FD, to=dst(9000, a("DESTINATION_SOCKET_FD", elsewhere.fileno()))))
refused("flow: second destination is wrong", E.ENOENT, "SA", "FLOW_NEW",
        flow(FD, a("FLOW_RX_SA", 1), to=dst(9000, a("DESTINATION_TX_SA", 2)) +
             dst(9001, a("DESTINATION_TX_SA", 99))))
refused("flow: remote address of another family", E.EAFNOSUPPORT, "family", "FLOW_NEW",
        flow(FD, a("FLOW_REMOTE_ADDR", bytes(15) + b"\1")))
refused("flow: mode local", E.EOPNOTSUPP, "", "FLOW_NEW", flow(FD, a("FLOW_MODE", k("MODE_LOCAL"))))
refused("flow: mode 7", (E.EINVAL, E.ERANGE), "", "FLOW_NEW", flow(FD, a("FLOW_MODE", 7)))
refused("flow: cookie too long", (E.ERANGE, E.EMSGSIZE), "64 octets", "FLOW_NEW",
        flow(FD, a("FLOW_COOKIE", bytes(65))))
refused("flow: delete one that is not there", E.ENOENT, "", "FLOW_DEL", a("FLOW_ID", 99))
refused("flow: delete none", E.EINVAL, "", "FLOW_DEL")
refused("flow: delete another generation", (E.ESTALE, E.ENOENT), "", "FLOW_DEL",
        a("FLOW_ID", 1) + a("FLOW_GENERATION", 0xfffffff0))

# --- claims, commands, permission -------------------------------------------------------------------
refused("claim: nothing named", E.EINVAL, "", "CLAIM", a("CLAIM_GENERATION", 1))
refused("claim: both named", E.EINVAL, "", "CLAIM",
        a("CLAIM_SA_ID", 1) + a("CLAIM_FLOW_ID", 1) + a("CLAIM_GENERATION", 1))
refused("claim: no generation", E.EINVAL, "", "CLAIM", a("CLAIM_SA_ID", 1))
refused("claim: sa that is not there", E.ENOENT, "", "CLAIM",
        a("CLAIM_SA_ID", 99) + a("CLAIM_GENERATION", 1))
generation = next(d for kind, d in attrs(nl.do(k("CMD_SA_GET"), a("SA_ID", 1)).messages[0][4:])
                  if kind == k("A_SA_GENERATION"))
refused("claim: sa that was never owned", (E.EINVAL, E.EPERM, E.EOPNOTSUPP), "owner", "CLAIM",
        a("CLAIM_SA_ID", 1) + a("CLAIM_GENERATION", generation))
before = state()
report(nl.do(200).errno == E.EOPNOTSUPP and state() == before, "command that does not exist")
report(nl.do(k("CMD_SSRC_NEW_NTF")).errno == E.EOPNOTSUPP and state() == before,
       "event sent as a request")

# Requests at random, half of them a good one with some octets changed: answered, one way or the
# other, and none of them a success that shows in the state of sa 1 and flow 1.
rng = random.Random(20261120)
good = [(c, b) for c, b in (("SA_NEW", sa(9, "RX", 1, a("SA_MKI_LEN", 4), a("SA_WINDOW", 256))),
                            ("KEY_NEW", key(1, MKI2)), ("FLOW_NEW", flow(FD, a("FLOW_RX_SA", 1))),
                            ("KEY_DEL", a("SA_ID", 99) + a("SA_MKI", MKI2)),
                            ("CLAIM", a("CLAIM_FLOW_ID", 1) + a("CLAIM_GENERATION", 9)),
                            ("STATS_GET", b""), ("FLOW_GET", a("FLOW_ID", 1)))]
answers = {}
for n in range(2000):
    cmd, body = rng.choice(good)
    data = bytearray(body)
    if data and n % 2:
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        data = data[:rng.randrange(len(data) + 1)] if not rng.randrange(4) else data
        # What is there already is not what this is about.
        if cmd == "KEY_DEL":
            data[4:8] = struct.pack("=I", 99) if len(data) >= 8 else data[4:8]
    else:
        data = bytearray(rng.randbytes(rng.randrange(0, 120)))
    if cmd in ("SA_DEL", "FLOW_DEL"):
        continue
    answer = nl.do(k("CMD_" + cmd), bytes(data), rng.choice((ACK, ACK, DUMP)))
    answers[answer.errno] = answers.get(answer.errno, 0) + 1
    for message in answer.messages:
        # A change that made a good request: taken back.
        if not answer.errno and cmd in ("SA_NEW", "FLOW_NEW"):
            ident = next((d for kind, d in attrs(message[4:]) if kind == 1), None)
            if ident and struct.unpack("=I", ident)[0] not in (1, 2):
                nl.do(k("CMD_" + cmd[:-3] + "DEL"), attr(1, ident))
for num, mki in ((1, MKI2),):
    nl.do(k("CMD_KEY_DEL"), a("SA_ID", num) + a("SA_MKI", mki))
report(sum(answers.values()) == 2000, "2000 requests at random are answered",
       str(answers))

# An unprivileged user, on a socket of its own.
pid = os.fork()
if not pid:
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    try:
        poor = Netlink(sys.argv[1])
        codes = [poor.do(k("CMD_" + c), b, f).errno for c, b, f in (
            ("SA_NEW", sa(9), ACK), ("KEY_NEW", key(1, MKI2), ACK), ("SA_GET", b"", DUMP),
            ("SA_DEL", a("SA_ID", 2), ACK), ("FLOW_NEW", flow(FD), ACK), ("FLOW_GET", b"", DUMP),
            ("FLOW_DEL", a("FLOW_ID", 1), ACK), ("STATS_GET", b"", ACK),
            ("KEY_DEL", a("SA_ID", 2), ACK), ("KEY_ACTIVATE", a("SA_ID", 2), ACK),
            ("CLAIM", a("CLAIM_SA_ID", 1) + a("CLAIM_GENERATION", 1), ACK))]
        os._exit(0 if all(c == E.EPERM for c in codes) else 1)
    except BaseException as error:
        print(f"# {error!r}", flush=True)
        os._exit(2)
status = os.waitpid(pid, 0)[1]
report(status == 0, "unprivileged user: every command is refused with EPERM", f"status {status}")

# --- and the good ones still work -------------------------------------------------------------------
done("take down: flow", "FLOW_DEL", a("FLOW_ID", 1))
done("take down: transmitting sa", "SA_DEL", a("SA_ID", 2))
done("take down: receiving sa", "SA_DEL", a("SA_ID", 1))
left = nl.do(k("CMD_SA_GET"), flags=DUMP).messages + nl.do(k("CMD_FLOW_GET"), flags=DUMP).messages
report(not left, "nothing is left", str(left))
print(f"# {count} requests and checks")
sys.exit(1 if failed else 0)
