# SPDX-License-Identifier: GPL-2.0-or-later
"""RFC 5091 a second time, to compare the first with: curve arithmetic and the Tate pairing are
PARI/GP's, hashes are hashlib's, and everything is fresh and random on each run.

	python3 pari.py IBAKE BITS...
"""
import hashlib
import os
import subprocess
import sys
import tempfile

HASHES = {512: "sha1", 1024: "sha224", 1536: "sha256", 3840: "sha384", 7680: "sha512"}

GP = r"""
p = %(p)d; q = %(q)d;
E = ellinit([0, 0, 0, 0, 1] * Mod(1, p));
i = ffgen(Mod(1, p) * ('x^2 + 1), 'i);
E2 = ellinit([0, 0, 0, 0, 1] * i^0);
zt = (p - 1)/2 * i^0 - lift(Mod(3, p)^((p + 1)/4)/2) * i;
up(A) = [lift(A[1]) * i^0, lift(A[2]) * i^0];
phi(A) = [lift(A[1]) * zt, lift(A[2]) * i^0];
pairing(A, B) = elltatepairing(E2, up(A), phi(B), q)^((p^2 - 1)/q);
point(A) = print(lift(A[1]), " ", lift(A[2]));
field(t) = print(polcoef(t.pol, 0), " ", polcoef(t.pol, 1));
"""


def der(data):
    """One DER value of INTEGER, OCTET STRING, OBJECT IDENTIFIER (its octets) or SEQUENCE."""
    tag, size, at = data[0], data[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(data[2:at], "big")
    body, rest = data[at:at + size], data[at + size:]
    if tag == 2:
        return int.from_bytes(body, "big", signed=True), rest
    if tag != 0x30:
        return body, rest
    items = []
    while body:
        item, body = der(body)
        items.append(item)
    return items, rest


def enc(v):
    if isinstance(v, list):
        tag, body = 0x30, b"".join(enc(x) for x in v)
    elif isinstance(v, int):
        tag, body = 2, v.to_bytes(v.bit_length() // 8 + 1, "big")
    else:
        tag, body = 4, v
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


class Oracle:
    def __init__(self, bits, params):
        self.h = lambda b: hashlib.new(HASHES[bits], b).digest()
        self.hlen = len(self.h(b""))
        _, _, self.p, self.q, self.P, self.Ppub, _ = params
        self.octets = (self.p.bit_length() + 7) // 8

    def gp(self, *lines):
        """Each line of GP prints two numbers, x and y or the real and the imaginary part."""
        text = GP.strip() % {"p": self.p, "q": self.q} + "\n" + "\n".join(lines) + "\n"
        r = subprocess.run(["gp", "-q", "-f", "-D", "parisizemax=1G"], input=text, text=True, capture_output=True)
        pairs = [[int(w) for w in line.split()] for line in r.stdout.splitlines() if line.strip()]
        if len(pairs) != len(lines) or r.stderr.strip():
            raise RuntimeError("gp: " + r.stdout[-200:] + r.stderr[-200:])
        return pairs

    def to_range(self, s, n):
        h1 = self.h(bytes(self.hlen) + s)
        return int.from_bytes(h1 + self.h(h1 + s), "big") % n

    def stream(self, n, seed):
        key, h, out = self.h(seed), bytes(self.hlen), b""
        while len(out) < n:
            h = self.h(h)
            out += self.h(h + key)
        return out[:n]

    def hash_to_point(self, ident):
        """GP text of Q_id."""
        y = self.to_range(ident, self.p)
        return ("ellmul(E, [(Mod(%d, p)^2 - 1)^((2*p - 1)/3), Mod(%d, p)], (p + 1)/q)" % (y, y))

    def canonical(self, pair):
        return b"".join(c.to_bytes(self.octets, "big") for c in pair)

    def exponent(self, rho, m):
        return self.to_range(rho + self.h(m), self.q)


def point(a):
    return "[Mod(%d, p), Mod(%d, p)]" % tuple(a)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


class Tap:
    def __init__(self, plan):
        self.n = self.failed = 0
        print("TAP version 13\n1..%d" % plan)

    def ok(self, good, what):
        self.n += 1
        self.failed += not good
        print("%s %d %s" % ("ok" if good else "not ok", self.n, what), flush=True)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def level(tap, ibake, bits, folder):
    def run(*words):
        subprocess.run([ibake, "ibe"] + list(words), check=True)

    f = {n: os.path.join(folder, "%s-%d" % (n, bits)) for n in "P M id key m ct out".split()}
    ident, m = os.urandom(1 + os.urandom(1)[0] % 100), os.urandom(1 + os.urandom(1)[0])
    write(f["id"], ident)
    write(f["m"], m)
    run("setup", "bits", str(bits), "params", f["P"], "master", f["M"])
    run("extract", "params", f["P"], "master", f["M"], "id", f["id"], "out", f["key"])
    run("encrypt", "params", f["P"], "id", f["id"], "in", f["m"], "out", f["ct"])
    params = der(read(f["P"]))[0]
    s = der(read(f["M"]))[0][1]
    S = der(read(f["key"]))[0][1]
    _, U, v, w = der(read(f["ct"]))[0]
    o = Oracle(bits, params)

    mul, Q, Sid, theta = o.gp("point(ellmul(E, %s, %d))" % (point(o.P), s),
                              "Q = %s; point(Q)" % o.hash_to_point(ident),
                              "point(ellmul(E, Q, %d))" % s,
                              "field(pairing(%s, %s))" % (point(U), point(S)))
    tap.ok(o.p.bit_length() == bits and mul == o.Ppub, "%d: point multiplication" % bits)
    tap.ok(Sid == S, "%d: hash to point and extraction" % bits)

    rho = xor(o.h(o.canonical(theta)), v)
    plain = xor(o.stream(len(w), rho), w)
    tap.ok(plain == m, "%d: pairing, and PARI decrypts what ibake encrypted" % bits)
    l = o.exponent(rho, plain)
    tap.ok(o.gp("point(ellmul(E, %s, %d))" % (point(o.P), l)) == [U], "%d: U = [l]P" % bits)

    rho = os.urandom(o.hlen)
    l = o.exponent(rho, m)
    U, theta = o.gp("point(ellmul(E, %s, %d))" % (point(o.P), l),
                    "field(pairing(%s, %s)^%d)" % (point(o.Ppub), point(Q), l))
    v = xor(o.h(o.canonical(theta)), rho)
    w = xor(o.stream(len(m), rho), m)
    write(f["ct"], enc([2, U, v, w]))
    run("decrypt", "params", f["P"], "key", f["key"], "in", f["ct"], "out", f["out"])
    tap.ok(read(f["out"]) == m, "%d: ibake decrypts what PARI encrypted" % bits)


def main():
    ibake, levels = sys.argv[1], [int(b) for b in sys.argv[2:]]
    tap = Tap(5 * len(levels))
    with tempfile.TemporaryDirectory() as folder:
        for bits in levels:
            level(tap, ibake, bits, folder)
    return 1 if tap.failed else 0


sys.exit(main())
