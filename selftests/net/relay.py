# SPDX-License-Identifier: GPL-2.0-or-later
"""Plain RTP and RTCP in, SRTP and SRTCP on the wire, plain out; IPv4 and IPv6.

phone :any -> gate :4000/:4001 -> phone :5000/:5001 (the wire; the test is the man in the middle)
           -> gate :6000/:6001 -> phone :7000/:7001
"""
import errno
import os
import socket

from lab import (ADDR, GATE, PHONE, TAG, SUITE, Ksrtp, Tap, gate, inside, load, phone, quiet, rtcp,
                 rtp, run, take, to, topology, udp)

KEY, SALT, MKI = os.urandom(16), os.urandom(14), b"\xaa\xbb\xcc\x01"
KEY3 = os.urandom(16)
KEY2, SALT2, MKI2 = os.urandom(16), os.urandom(14), b"\xaa\xbb\xcc\x02"
RTP, RTCP = 4000, 4001


def sums(s):
    return s["packets"] == s["delivered"] + sum(s["dropped"].values())


class Path:
    """The flows of the drawing above."""

    def __init__(self, nl, fam):
        self.nl, self.fam = nl, fam
        g, p = ADDR[fam]
        self.g = g
        nl("sa-new", id=1, direction="tx", suite=SUITE, mki_len=4)
        nl("sa-new", id=2, direction="rx", suite=SUITE, mki_len=4)
        for sa in (1, 2):
            nl.key(sa, MKI, KEY, SALT)
        self.socks = {port: gate(port, fam) for port in
                      (4000, 4001, 5000, 5001, 6000, 6001, 7000, 7001)}
        self.phone = {port: phone(port, fam) for port in (5000, 5001, 7000, 7001)}
        self.src = udp(PHONE, p, 0, fam)
        for n, kind in ((0, "rtp"), (1, "rtcp")):
            nl("flow-new", id=10 + n, kind=kind, socket_fd=self.socks[4000 + n].fileno(),
               destination=[to(p, 5000 + n, self.socks[5000 + n], 1)])
            nl("flow-new", id=20 + n, kind=kind, socket_fd=self.socks[6000 + n].fileno(), rx_sa=2,
               destination=[to(p, 7000 + n, self.socks[7000 + n])])

    def send(self, port, *packets):
        for p in packets:
            self.src.sendto(p, (self.g, port))

    def protect(self, *packets, port=4000):
        self.send(port, *packets)
        return take(self.phone[port + 1000], len(packets))

    def unprotect(self, *packets, port=6000):
        self.send(port, *packets)
        return take(self.phone[port + 1000], len(packets))

    def dropped(self, tap, what, reason, port, *packets):
        """All of them are dropped, for this reason alone, and nobody gets one."""
        before = self.nl.stats()
        self.send(port, *packets)
        after = self.nl.until(lambda s: s["packets"] >= before["packets"] + len(packets))
        grown = {r: c - before["dropped"][r] for r, c in after["dropped"].items()
                 if c != before["dropped"][r]}
        tap(grown == {reason: len(packets)} and after["delivered"] == before["delivered"] and
            sums(after) and quiet(self.phone[port + 1000]) and quiet(self.socks[port]),
            f"{what}: dropped as {reason}", f"{grown}")

    def close(self):
        for n in (10, 11, 20, 21):
            self.nl("flow-del", id=n)
        for n in (1, 2):
            self.nl("sa-del", id=n)
        for s in [*self.socks.values(), *self.phone.values(), self.src]:
            s.close()


def media(tap, path, v):
    plain = [rtp(100 + n, payload=os.urandom(160)) for n in range(20)]
    wire = path.protect(*plain)
    tap(len(wire) == 20 and all(
        w[:12] == p[:12] and len(w) == len(p) + 4 + TAG and p[12:] not in w and
        w[-TAG - 4:-TAG] == MKI for w, p in zip(wire, plain)), f"{v}: RTP leaves as SRTP",
        f"{len(wire)} packets")
    tap(path.unprotect(*wire) == plain, f"{v}: SRTP leaves as the RTP it was")
    reports = [rtcp(kind=200 + n % 4) for n in range(6)]
    cwire = path.protect(*reports, port=4001)
    tap(len(cwire) == 6 and all(w[:8] == r[:8] and len(w) == len(r) + 8 + TAG and w[8:28] != r[8:]
                                for w, r in zip(cwire, reports)), f"{v}: RTCP leaves as SRTCP",
        f"{len(cwire)} packets")
    tap(path.unprotect(*cwire, port=6001) == reports, f"{v}: SRTCP leaves as the RTCP it was")
    return wire, cwire, plain


def refusals(tap, path, v, wire, cwire, plain):
    path.dropped(tap, f"{v}: replayed SRTP", "replay", 6000, *wire)
    path.dropped(tap, f"{v}: replayed SRTCP", "replay", 6001, *cwire)
    fresh = path.protect(*[rtp(200 + n, payload=os.urandom(100)) for n in range(8)])
    for what, at in (("header", 3), ("payload", 50), ("tag", -1)):
        flipped = [w[:at % len(w)] + bytes([w[at] ^ 1 << n]) + w[at % len(w) + 1:]
                   for n, w in enumerate(fresh)]
        path.dropped(tap, f"{v}: SRTP with a bit of the {what} flipped", "auth-fail", 6000,
                     *flipped)
    path.dropped(tap, f"{v}: SRTP with another MKI", "mki-unknown", 6000,
                 *[w[:-14] + b"\xaa\xbb\xcc\x03" + w[-10:] for w in fresh])
    tap(path.unprotect(*fresh) and True, f"{v}: the untouched packets still pass")
    path.dropped(tap, f"{v}: SRTP of 25 octets", "short", 6000, fresh[0][:25])
    path.dropped(tap, f"{v}: one octet", "short", 4000, b"\x80")
    path.dropped(tap, f"{v}: RTP of 11 octets", "short", 4000, rtp(1)[:11])
    path.dropped(tap, f"{v}: CSRC list beyond the end", "header", 4000,
                 rtp(1, payload=bytes(59), first=0x8f))
    path.dropped(tap, f"{v}: extension beyond the end", "header", 4000,
                 rtp(1, payload=b"\xbe\xde\0\x08" + bytes(31), first=0x90))
    path.dropped(tap, f"{v}: extension without its header", "header", 4000,
                 rtp(1, payload=b"\xbe\xde\0", first=0x90))
    path.dropped(tap, f"{v}: SRTP with a CSRC list beyond the end", "header", 6000,
                 rtp(1, payload=bytes(60), first=0x8f))
    path.dropped(tap, f"{v}: RTP on the port of RTCP", "rtcp-type", 4001, rtp(1, payload=bytes(20)))
    path.dropped(tap, f"{v}: RTCP longer than its packet", "header", 4001, rtcp(words=6)[:20])
    path.dropped(tap, f"{v}: a sequence number sent twice", "tx-replay", 4000, plain[19])
    path.dropped(tap, f"{v}: a sequence number before the window", "tx-old", 4000,
                 rtp(20, payload=bytes(20)))


def passing(tap, path, v):
    """What is not media belongs to the socket."""
    before = path.nl.stats()
    others = [b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12), b"\x16\xfe\xff" + bytes(20), b"\x7f",
              b"\xc0" + bytes(30), b""]
    path.send(4000, *others)
    got = take(path.socks[4000], len(others))
    after = path.nl.stats()
    tap(got == others and after["passed"] - before["passed"] == len(others) and
        after["packets"] == before["packets"], f"{v}: STUN, DTLS and others reach the socket",
        f"{got}")


def rekey(tap, path, v):
    nl = path.nl
    seqs = [65533, 65534, 65535, 0, 1]
    ssrc = 0xcafe
    a = [rtp(s, ssrc, os.urandom(40)) for s in seqs]
    tap(path.unprotect(*path.protect(*a)) == a, f"{v}: the sequence number wraps")
    for sa in (1, 2):
        nl.key(sa, MKI2, KEY2, SALT2)
    b = [rtp(2 + n, ssrc, os.urandom(40)) for n in range(3)]
    old = path.protect(*b)
    nl("key-activate", id=1, mki=MKI2)
    c = [rtp(5 + n, ssrc, os.urandom(40)) for n in range(3)]
    new = path.protect(*c)
    tap(old[0][-14:-10] == MKI and new[0][-14:-10] == MKI2, f"{v}: key-activate switches the MKI")
    tap(path.unprotect(*new, *old) == c + b, f"{v}: both keys are taken while both are there")
    state = {(s["ssrc"], s["mki"]): s for s in nl("sa-get", id=2)["ssrc"]}
    tap(state[("0xcafe", MKI2)]["roc"] == 1 if ("0xcafe", MKI2) in state else
        state[(0xcafe, MKI2)]["roc"] == 1, f"{v}: the ROC goes on over a change of keys",
        f"{list(state)}")
    reports = [rtcp(ssrc)]
    w = path.protect(*reports, port=4001)
    for sa in (1, 2):
        nl("key-del", id=sa, mki=MKI)
    path.dropped(tap, f"{v}: the old key after key-del", "mki-unknown", 6000, *old)
    tap(path.unprotect(*w, port=6001) == reports, f"{v}: SRTCP under the new key")
    nl("key-del", id=1, mki=MKI2)
    path.dropped(tap, f"{v}: no key", "no-key", 4000, rtp(50, ssrc))
    code, text = nl.refused("key-new", key={"sa-id": 1, "mki": MKI2, "master-key": KEY2,
                                            "master-salt": SALT2})
    tap(code == errno.EKEYREJECTED and "keystream" in text, f"{v}: a key that was there before: "
        f"{text}", f"{code}")
    for sa in (1, 2):
        nl.key(sa, MKI, KEY3, SALT2)
    d = [rtp(60, ssrc, bytes(20))]
    tap(path.unprotect(*path.protect(*d)) == d, f"{v}: ROC survives a time without any key")


def odd_packets(tap, path, v, fam):
    """Segments merged, packets in pieces, packets that others look at."""
    s = path.src
    s.setsockopt(socket.IPPROTO_UDP, 103, 172)      # UDP_SEGMENT
    many = [rtp(1000 + n, 7, os.urandom(160)) for n in range(10)]
    path.send(4000, b"".join(many))
    s.setsockopt(socket.IPPROTO_UDP, 103, 0)
    wire = take(path.phone[5000], 10)
    tap([w[:12] for w in wire] == [m[:12] for m in many], f"{v}: merged segments are taken apart",
        f"{len(wire)} packets")
    s.setsockopt(socket.IPPROTO_UDP, 103, 186)
    path.send(6000, b"".join(wire))
    s.setsockopt(socket.IPPROTO_UDP, 103, 0)
    tap(take(path.phone[7000], 10) == many, f"{v}: on the secure leg too")
    mixed = [rtp(1100, 7, bytes(20)), b"\0" * 32, rtp(1101, 7, bytes(20))]
    s.setsockopt(socket.IPPROTO_UDP, 103, 32)
    path.send(4000, b"".join(mixed))
    s.setsockopt(socket.IPPROTO_UDP, 103, 0)
    tap(len(take(path.phone[5000], 2)) == 2 and take(path.socks[4000], 1) == [mixed[1]],
        f"{v}: a segment that is not media reaches the socket")
    big = [rtp(1200, 7, os.urandom(3000))]
    w = path.protect(*big)
    tap(len(w) == 1 and path.unprotect(*w) == big, f"{v}: fragments of a large packet")
    with inside(GATE):
        sniff = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                              socket.htons(0x0800 if fam == 4 else 0x86dd))
    small = [rtp(1300 + n, 7, os.urandom(60)) for n in range(4)]
    w = path.protect(*small)
    ok = path.unprotect(*w) == small
    seen = take(sniff, 400)
    tap(ok and all(any(p.endswith(x) for p in seen) for x in small + w),
        f"{v}: a capture on the gateway sees packets as they came")
    sniff.close()


def firewall(tap, path, v, fam):
    before = path.nl.stats()
    with inside(GATE):
        run("nft", "add table inet t; add chain inet t in { type filter hook input priority 0; };"
            "add rule inet t in udp dport 4000 counter drop")
    path.send(4000, rtp(2000, 9, bytes(20)), rtp(2001, 9, bytes(20)))
    path.send(4001, rtcp(9))
    after = path.nl.until(lambda s: s["packets"] > before["packets"])
    with inside(GATE):
        rule = run("nft", "list", "chain", "inet", "t", "in").stdout
        run("nft", "delete", "table", "inet", "t")
    tap("packets 2 " in rule and after["packets"] == before["packets"] + 1 and
        quiet(path.phone[5000]), f"{v}: a drop rule of the firewall holds for media", rule)
    take(path.phone[5001], 1)


def conntrack(tap, path, v):
    """Media ends in the hook, before conntrack would confirm its entry; or it has none."""
    base = ("add table inet t; add chain inet t in { type filter hook input priority 0; };"
            "add rule inet t in ct state invalid drop;")
    untracked = (base + "add chain inet t raw { type filter hook prerouting priority -300; };"
                 "add rule inet t raw udp dport 4000 notrack")
    for n, (what, rules) in enumerate((("with a rule on connections", base),
                                       ("that conntrack does not track", untracked))):
        with inside(GATE):
            run("nft", rules)
        path.send(4000, *[rtp(1 + 10 * n + i, 10, bytes(20)) for i in range(10)])
        got = take(path.phone[5000], 10)
        with inside(GATE):
            run("nft", "delete", "table", "inet", "t")
        tap(len(got) == 10, f"{v}: media {what}", f"{len(got)} of 10")


def other_flows(tap, nl, fam, v):
    """Strict sources, several destinations, plain relays, RTP and RTCP on one port."""
    g, p = ADDR[fam]
    a, b, c = (gate(port, fam) for port in (8000, 8002, 8004))
    out = [phone(port, fam) for port in (9000, 9002)]
    known, stranger = (udp(PHONE, p, port, fam) for port in (9100, 9102))
    nl("sa-new", id=5, direction="tx", suite=SUITE)
    nl.key(5, b"", KEY, SALT)
    nl("flow-new", id=30, kind="mux", socket_fd=a.fileno(), remote_addr=socket.inet_pton(
        socket.AF_INET if fam == 4 else socket.AF_INET6, p), remote_port=9100,
        destination=[to(p, 9000, b, 5), to(p, 9002, c)], cookie=b"cookie")
    one, two = rtp(5, 3, bytes(30)), rtcp(3)
    known.sendto(one, (g, 8000))
    known.sendto(two, (g, 8000))
    got = [take(o, 2) for o in out]
    tap(got[1] == [one, two] and [len(x) for x in got[0]] == [len(one) + 10, len(two) + 14],
        f"{v}: two destinations, one secure, one plain", f"{got}")
    before = nl.stats()
    stranger.sendto(one, (g, 8000))
    after = nl.until(lambda s: s["packets"] > before["packets"])
    tap(after["dropped"]["source"] == before["dropped"]["source"] + 1, f"{v}: strict source")
    known.sendto(one, (g, 8000))
    after = nl.until(lambda s: s["packets"] > before["packets"] + 1)
    tap(after["not-sent"]["tx-replay"] == before["not-sent"]["tx-replay"] + 1 and sums(after) and
        take(out[1], 1) == [one] and quiet(out[0]),
        f"{v}: what one of two destinations does not get is counted apart")
    flow = nl("flow-get", id=30)
    tap(flow["packets"] == 4 and flow["delivered"] == 3 and flow["dropped"] == 1 and
        flow["last-reason"] == "source" and flow["local-port"] == 8000 and
        [d["sent"] for d in flow["destination"]] == [2, 3] and flow["kind"] == "mux" and
        flow["cookie"] == b"cookie" and flow["destination"][0]["source-port"] == 8002,
        f"{v}: flow-get", f"{flow}")
    tap([f["id"] for f in nl.all("flow-get", cookie=b"cookie")] == [30] and
        nl.all("flow-get", cookie=b"other") == [], f"{v}: dump by cookie")
    nl("flow-del", id=30)
    nl("sa-del", id=5)
    for s in (a, b, c, known, stranger, *out):
        s.close()


def limits(tap, nl):
    """Lifetimes of keys and the number of SSRCs."""
    g, p = ADDR[4]
    a, out, src = gate(8100, 4), phone(9200, 4), udp(PHONE, p, 0, 4)
    watch = Ksrtp()
    with inside(GATE):
        watch.ntf_subscribe("events")
    nl("sa-new", id=6, direction="tx", suite=SUITE, ssrc_limit=2, cookie=b"c")
    nl.key(6, b"", KEY, SALT, soft_packets=3, hard_packets=5)
    nl("flow-new", id=31, kind="rtp", socket_fd=a.fileno(), destination=[to(p, 9200, None, 6)])
    for ssrc in (1, 2, 3):
        src.sendto(rtp(1, ssrc), (g, 8100))
    for seq in range(2, 7):
        src.sendto(rtp(seq, 1), (g, 8100))
    s = nl.until(lambda s: s["dropped"]["key-expired"] + s["dropped"]["no-key"] >= 2)
    tap(s["dropped"]["ssrc-limit"] == 1, "the SSRC limit")
    tap(len(take(out, 8)) == 5, "the hard limit of packets")
    names = [(e["name"], e["msg"].get("ssrc")) for e in
             watch.events("ssrc-new-ntf", "ssrc-limit-ntf", "key-soft-ntf", "key-hard-ntf")]
    tap(sorted(n for n, _ in names) == ["key-hard-ntf", "key-soft-ntf", "ssrc-limit-ntf",
                                        "ssrc-new-ntf", "ssrc-new-ntf"], "events of limits",
        f"{names}")
    nl("flow-del", id=31)
    nl("sa-del", id=6)
    got = [e["name"] for e in watch.events("flow-gone-ntf", "sa-gone-ntf")]
    tap(got == ["flow-gone-ntf", "sa-gone-ntf"], "events of deletion", f"{got}")
    for s in (a, out, src):
        s.close()


def many_ssrcs(tap, nl):
    """An SA with more SSRCs than one message holds."""
    g, p = ADDR[4]
    a, out, src = gate(8200, 4), phone(9300, 4), udp(PHONE, p, 0, 4)
    nl("sa-new", id=7, direction="tx", suite="aes-cm-128-hmac-sha1-32", ssrc_limit=300, window=64)
    nl.key(7, b"", KEY, SALT)
    nl("flow-new", id=32, kind="rtp", socket_fd=a.fileno(), destination=[to(p, 9300, None, 7)])
    before = nl.stats()["packets"]
    for ssrc in range(1, 251):
        src.sendto(rtp(1, ssrc), (g, 8200))
        if not ssrc % 25:
            nl.until(lambda s, n=ssrc: s["packets"] >= before + n)
    parts = nl.all("sa-get")
    ssrcs = [s["ssrc"] for part in parts for s in part.get("ssrc", [])]
    one = nl("sa-get", id=7)
    tap(len(ssrcs) == len({str(s) for s in ssrcs}) == 250 and len(parts) > 1 and
        all(x["id"] == 7 for x in parts) and len([x for x in parts if "suite" in x]) == 1 and
        one.get("more") is not None, "dump of an SA in several messages",
        f"{len(ssrcs)} in {len(parts)}")
    nl("flow-del", id=32)
    nl("sa-del", id=7)
    for s in (a, out, src):
        s.close()


def main():
    load()
    tap = Tap()
    with topology():
        nl = Ksrtp()
        for fam in (4, 6):
            v = f"IPv{fam}"
            path = Path(nl, fam)
            wire, cwire, plain = media(tap, path, v)
            refusals(tap, path, v, wire, cwire, plain)
            passing(tap, path, v)
            odd_packets(tap, path, v, fam)
            firewall(tap, path, v, fam)
            conntrack(tap, path, v)
            rekey(tap, path, v)
            tap(sums(nl.stats()), f"{v}: packets are delivered or dropped for a reason")
            path.close()
            other_flows(tap, nl, fam, v)
        limits(tap, nl)
        many_ssrcs(tap, nl)
        s = nl.stats()
        tap(sums(s) and s["sas"] == s["flows"] == 0, "nothing is left", f"{s}")
        said = run("dmesg").stdout
        tap(not any(k.hex() in said for k in (KEY, SALT, KEY2, SALT2)) and
            "WARNING" not in said and "BUG" not in said, "the kernel log holds no key and no warning")
    tap.end()


main()
