# SPDX-License-Identifier: GPL-2.0-or-later
"""What the media tests share: two network namespaces, a gateway with ksrtp in one, phones in the
other, and the kernel's own YNL client, which decodes every reply and event with ksrtp.yaml."""
import contextlib
import ctypes
import os
import socket
import struct
import subprocess
import sys
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../.."))
SPEC = os.path.join(TOP, "netlink_proto/ksrtp.yaml")
sys.path.insert(0, subprocess.check_output(
    [os.path.join(TOP, "netlink_proto/generate.sh"), "--tools"], text=True).strip())
# pylint: disable=wrong-import-position,import-error
from lib import NlError, YnlFamily  # noqa: E402

LIBC = ctypes.CDLL(None, use_errno=True)
SUITE = "aes-cm-128-hmac-sha1-80"
TAG = 10
GATE, PHONE = f"gate{os.getpid()}", f"phone{os.getpid()}"
ADDR = {4: ("10.9.0.1", "10.9.0.2"), 6: ("fd09::1", "fd09::2")}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


def run(*words, check=True):
    return subprocess.run(words, check=check, text=True, capture_output=True)


class Tap:
    def __init__(self):
        self.n = self.failed = 0
        print("KTAP version 1", flush=True)

    def __call__(self, ok, what, why=""):
        self.n += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.n} {what}", flush=True)
        if not ok:
            print(f"# {why}", flush=True)

    def skip(self, what, why):
        self.n += 1
        print(f"ok {self.n} {what} # SKIP {why}", flush=True)

    def end(self):
        print(f"1..{self.n}", flush=True)
        sys.exit(1 if self.failed else 0)


def load():
    """Load the module under test, with what a bare insmod does not bring along."""
    if os.geteuid():
        print("1..0 # SKIP needs root")
        sys.exit(4)
    if os.path.isdir("/sys/module/ksrtp"):
        return
    for name in ("udp_tunnel", "ip6_udp_tunnel", "nf_defrag_ipv6"):
        run("modprobe", "-q", name, check=False)
    ko = os.environ.get("KSRTP_KO", f"{TOP}/out/kmod/{os.uname().release}/ksrtp.ko")
    out = run("insmod", ko, check=False)
    if out.returncode:
        print(f"Bail out! cannot load {ko}: {out.stderr.strip()}")
        sys.exit(1)


@contextlib.contextmanager
def inside(name):
    """In a network namespace for a while."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if LIBC.setns(there, 0x40000000):
            raise OSError(ctypes.get_errno(), f"setns {name}")
        yield
    finally:
        LIBC.setns(here, 0x40000000)
        os.close(here)
        os.close(there)


@contextlib.contextmanager
def topology():
    """gate 10.9.0.1, fd09::1 -- phone 10.9.0.2, fd09::2"""
    try:
        for name in (GATE, PHONE):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", GATE, "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns",
            PHONE)
        for name, dev, mine in ((GATE, "v0", 0), (PHONE, "v1", 1)):
            run("ip", "-n", name, "addr", "add", ADDR[4][mine] + "/24", "dev", dev)
            run("ip", "-n", name, "addr", "add", ADDR[6][mine] + "/64", "dev", dev, "nodad")
            run("ip", "-n", name, "link", "set", dev, "up")
        yield
    finally:
        for name in (GATE, PHONE):
            run("ip", "netns", "del", name, check=False)


def udp(name, ip, port, fam):
    with inside(name):
        s = socket.socket(FAMILY[fam], socket.SOCK_DGRAM)
    if fam == 6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((ip, port))
    s.settimeout(10)
    return s


def gate(port, fam):
    return udp(GATE, ADDR[fam][0], port, fam)


def phone(port, fam):
    return udp(PHONE, ADDR[fam][1], port, fam)


def take(sock, most=100):
    """All packets that wait in a socket; those under way are given time."""
    out = []
    sock.settimeout(2)
    while len(out) < most:
        try:
            out.append(sock.recv(65536))
        except TimeoutError:
            break
    return out


def quiet(sock):
    """Nothing arrives. Callers first wait for a counter that says the packet was handled."""
    sock.settimeout(0.2)
    try:
        return sock.recv(65536) and False
    except TimeoutError:
        return True


def packed(ip):
    return socket.inet_pton(socket.AF_INET6 if ":" in ip else socket.AF_INET, ip)


class Ksrtp(YnlFamily):
    """The family in the gateway's network namespace. Replies must hold what the contract lists."""

    def __init__(self, name=GATE):
        with inside(name):
            super().__init__(SPEC, schema="")
        self.seen = set()

    def __call__(self, op, **values):
        with inside(GATE):
            reply = self.do(op, {k.replace("_", "-"): v for k, v in values.items()})
        self.declared(op, "do", [reply] if reply else [])
        return reply

    def all(self, op, **values):
        with inside(GATE):
            replies = self.dump(op, {k.replace("_", "-"): v for k, v in values.items()})
        self.declared(op, "dump", replies)
        return replies

    def declared(self, op, how, replies):
        self.seen.add(op)
        spec = next(o for o in self.yaml["operations"]["list"] if o["name"] == op)
        known = spec.get(how, {}).get("reply", {}).get("attributes", [])
        for reply in replies:
            extra = set(reply) - set(known)
            if extra:
                raise AssertionError(f"{op}: the reply has {extra}, which the contract has not")

    def events(self, *wanted):
        """Events until all wanted names came, or for a while."""
        got = []
        end = time.monotonic() + 60
        while time.monotonic() < end and not set(wanted) <= {e["name"] for e in got}:
            self.check_ntf()
            got += self.async_msg_queue
            self.async_msg_queue = []
            time.sleep(0.05)
        for e in got:
            spec = next(o for o in self.yaml["operations"]["list"] if o["name"] == e["name"])
            if set(e["msg"]) - set(spec["event"]["attributes"]):
                raise AssertionError(f"{e} holds what the contract has not")
        return got

    def stats(self):
        s = self("stats-get")
        s["dropped"] = {d["reason"]: d["count"] for d in s["dropped"]}
        s["not-sent"] = {d["reason"]: d["count"] for d in s["not-sent"]}
        return s

    def until(self, test):
        """Statistics that pass a test, or the last ones after a while."""
        end = time.monotonic() + 30
        while True:
            s = self.stats()
            if test(s) or time.monotonic() > end:
                return s
            time.sleep(0.02)

    def refused(self, op, **values):
        """(errno, sentence) of a refusal, (0, "") where there is none."""
        try:
            self(op, **values)
        except NlError as e:
            return -e.nl_msg.error, (e.nl_msg.extack or {}).get("msg", "")
        return 0, ""

    def key(self, sa, mki, key, salt, **more):
        nest = {"sa-id": sa, "master-key": key, "master-salt": salt}
        if mki:
            nest["mki"] = mki
        nest.update({k.replace("_", "-"): v for k, v in more.items()})
        return self("key-new", key=nest)


def to(ip, port, sock=None, tx_sa=None):
    d = {"addr": packed(ip), "port": port}
    if sock:
        d["socket-fd"] = sock.fileno()
    if tx_sa:
        d["tx-sa"] = tx_sa
    return d


def rtp(seq, ssrc=0x11223344, payload=b"", first=0x80, pt=0):
    return struct.pack("!BBHII", first, pt, seq & 0xffff, (seq & 0xffff) * 160, ssrc) + payload


def rtcp(ssrc=0x11223344, kind=200, words=6):
    return struct.pack("!BBHI", 0x80, kind, words, ssrc) + bytes(range(4 * words - 4))
