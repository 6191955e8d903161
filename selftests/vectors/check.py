#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check.py FILE...: computes every field of a MIKEY-IBAKE vector once more, and compares.

Written from the RFCs and Documentation/wire-profile.md with Python's own integers and hashes; slow
and not constant-time, which does not matter here. Prints KTAP, one test a file.
"""
import hashlib
import hmac
import json
import sys

ARC = [2, 25, 0xcb8b4d99986844298c6949f6a55bf5cd]
HASHES = {'2b0e03021a': 'sha1', '608648016503040204': 'sha224', '608648016503040201': 'sha256',
          '608648016503040202': 'sha384', '608648016503040203': 'sha512'}


# ---- DER ---------------------------------------------------------------------------------------

def tlv(tag, body):
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = (n.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + n.to_bytes(size, 'big') + body


def integer(v):
    return tlv(2, v.to_bytes(v.bit_length() // 8 + 1, 'big'))


def oid(arcs):
    out = b''
    for v in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        part = [v & 127]
        while v > 127:
            v >>= 7
            part.append(v & 127 | 128)
        out += bytes(reversed(part))
    return tlv(6, out)


def items(data):
    """The elements of a DER body as (tag, content)."""
    out = []
    while data:
        n, at = data[1], 2
        if n & 0x80:
            at += n & 0x7f
            n = int.from_bytes(data[2:at], 'big')
        out.append((data[0], data[at:at + n]))
        data = data[at + n:]
    return out


def sequence(data):
    (tag, body), = items(data)
    assert tag == 0x30
    return items(body)


# ---- RFC 5091 ----------------------------------------------------------------------------------

class Curve:
    """E: y^2 = x^3 + 1 over F_p; None is the neutral element."""

    def __init__(self, der):
        f = sequence(der)
        assert f[0][1] == b'\x02'
        self.p, self.q = (int.from_bytes(f[i][1], 'big') for i in (2, 3))
        self.P, self.Ppub = (self.point(f[i][1]) for i in (4, 5))
        self.hash = lambda d: hashlib.new(HASHES[f[6][1].hex()], d).digest()
        self.hashlen = len(self.hash(b''))
        self.coord = (self.p.bit_length() + 7) // 8

    @staticmethod
    def point(body):
        x, y = items(body)
        return int.from_bytes(x[1], 'big'), int.from_bytes(y[1], 'big')

    def add(self, a, b):
        if a is None or b is None:
            return a or b
        p = self.p
        if a[0] == b[0]:
            if (a[1] + b[1]) % p == 0:
                return None
            m = 3 * a[0] * a[0] * pow(2 * a[1], -1, p) % p
        else:
            m = (b[1] - a[1]) * pow(b[0] - a[0], -1, p) % p
        x = (m * m - a[0] - b[0]) % p
        return x, (m * (a[0] - x) - a[1]) % p

    def mul(self, k, a):
        r = None
        for bit in bin(k)[2:]:
            r = self.add(r, r)
            if bit == '1':
                r = self.add(r, a)
        return r

    # F_p^2 = F_p[i], i^2 = -1
    def mul2(self, a, b):
        p = self.p
        return (a[0] * b[0] - a[1] * b[1]) % p, (a[0] * b[1] + a[1] * b[0]) % p

    def pow2(self, a, k):
        r = (1, 0)
        for bit in bin(k)[2:]:
            r = self.mul2(r, r)
            if bit == '1':
                r = self.mul2(r, a)
        return r

    def line(self, a, b, at):
        """The line through a and b, at a point over F_p^2, divided by the vertical of a + b."""
        p = self.p
        x, y = at
        if a[0] == b[0] and (a[1] + b[1]) % p == 0:
            return ((x[0] - a[0]) % p, x[1])
        if a == b:
            m = 3 * a[0] * a[0] * pow(2 * a[1], -1, p) % p
        else:
            m = (b[1] - a[1]) * pow(b[0] - a[0], -1, p) % p
        num = ((y[0] - a[1] - m * (x[0] - a[0])) % p, (y[1] - m * x[1]) % p)
        c = self.add(a, b)
        den = ((x[0] - c[0]) % p, x[1])
        n = pow(den[0] * den[0] + den[1] * den[1], -1, p)
        return self.mul2(num, (den[0] * n % p, -den[1] * n % p))

    def pairing(self, a, b):
        """e'(A, B) = Tate(A, phi(B)), phi(x, y) = (zeta x, y), with the zeta that works."""
        p, q = self.p, self.q
        zeta = ((p - 1) // 2, -pow(3, (p + 1) // 4, p) * pow(2, -1, p) % p)
        assert self.pow2(zeta, 3) == (1, 0) and zeta != (1, 0)
        at = (self.mul2((b[0], 0), zeta), (b[1], 0))
        f, v = (1, 0), a
        for bit in bin(q)[3:]:
            f = self.mul2(self.mul2(f, f), self.line(v, v, at))
            v = self.add(v, v)
            if bit == '1':
                f = self.mul2(f, self.line(v, a, at))
                v = self.add(v, a)
        return self.pow2(f, (p * p - 1) // q)

    def hash_to_range(self, s, n):
        h, v = bytes(self.hashlen), 0
        for _ in range(2):
            h = self.hash(h + s)
            v = v * 256 ** self.hashlen + int.from_bytes(h, 'big')
        return v % n

    def hash_bytes(self, n, seed):
        k, h, out = self.hash(seed), bytes(self.hashlen), b''
        while len(out) < n:
            h = self.hash(h)
            out += self.hash(h + k)
        return out[:n]

    def hash_to_point(self, ident):
        y = self.hash_to_range(ident, self.p)
        x = pow(y * y - 1, (2 * self.p - 1) // 3, self.p)
        return self.mul((self.p + 1) // self.q, (x, y))

    def encrypt(self, ident, m, rho):
        def xor(a, b):
            return bytes(i ^ j for i, j in zip(a, b))
        k = self.hash_to_range(rho + self.hash(m), self.q)
        u = self.mul(k, self.P)
        z = self.pow2(self.pairing(self.Ppub, self.hash_to_point(ident)), k)
        w = self.hash(b''.join(i.to_bytes(self.coord, 'big') for i in z))
        return tlv(0x30, integer(2) + tlv(0x30, integer(u[0]) + integer(u[1])) +
                   tlv(4, xor(w, rho)) + tlv(4, xor(self.hash_bytes(len(m), rho), m)))


# ---- P-256 -------------------------------------------------------------------------------------

NP = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
NG = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
      0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def nist_add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if a != b:
            return None
        m = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, NP)
    else:
        m = (b[1] - a[1]) * pow(b[0] - a[0], -1, NP)
    x = (m * m - a[0] - b[0]) % NP
    return x, (m * (a[0] - x) - a[1]) % NP


def nist_mul(k, a):
    r = None
    for bit in bin(k)[2:]:
        r = nist_add(r, r)
        if bit == '1':
            r = nist_add(r, a)
    return r


def octets(pt):
    return b'\x04' + pt[0].to_bytes(32, 'big') + pt[1].to_bytes(32, 'big')


# ---- MIKEY -------------------------------------------------------------------------------------

def prf(key, label, n):
    """PRF-HMAC-SHA-256: RFC 3830 4.1.2 with the changes of RFC 6043 6.1."""
    out = bytes(n)
    for i in range(0, len(key), 32):
        s, a, block = key[i:i + 32], label, b''
        while len(block) < n:
            a = hmac.new(s, a, 'sha256').digest()
            block += hmac.new(s, a + label, 'sha256').digest()
        out = bytes(x ^ y for x, y in zip(out, block))
    return out


def idr(nxt, role, uri):
    return bytes([nxt, role, 1]) + len(uri).to_bytes(2, 'big') + uri


def eccpt(nxt, pt, mki):
    head = bytes([nxt, 8]) + pt
    head += bytes(-len(head) % 4)
    return head + b'\0\0\0' + (b'\x01\x04' + mki if mki else b'\0')


def ext(nxt, kind, data):
    return bytes([nxt, kind]) + len(data).to_bytes(2, 'big') + data


def ibake(data):
    return b'\0' + len(data).to_bytes(2, 'big') + data


def identity(district, serial, uri):
    data = tlv(0x30, tlv(0x16, uri) + tlv(0x18, b'20261120000000Z'))
    return tlv(0x30, tlv(0x16, district) + tlv(2, serial) + oid(ARC + [1]) + tlv(4, data))


def check(path):
    with open(path, encoding='ascii') as f:
        raw = json.load(f)
    text = {k: raw.pop(k) for k in ('bits', 'uri_i', 'uri_r', 'period')}
    v = {k: bytes.fromhex(x) for k, x in raw.items()}
    seen = set()
    wrong = []

    def same(name, value):
        seen.add(name)
        if v[name] != value:
            wrong.append(name)

    i, r = text['uri_i'].encode(), text['uri_r'].encode()
    side = {}
    for who, uri in (('i', i), ('r', r)):
        sp = sequence(v['params_' + who])
        alg = items(items(sp[4][1])[0][1])
        curve = Curve(alg[1][1])
        master = int.from_bytes(sequence(v['master_' + who])[1][1], 'big')
        ident = identity(sp[1][1], sp[2][1], uri)
        same('identity_' + who, ident)
        assert sp[5][1] == items(oid(ARC + [1]))[0][1]
        if curve.p.bit_length() != text['bits'] or curve.mul(master, curve.P) != curve.Ppub:
            wrong.append('params_' + who)
        s = curve.mul(master, curve.hash_to_point(ident))
        same('private_key_' + who, tlv(0x30, integer(2) + tlv(0x30, integer(s[0]) + integer(s[1]))))
        hint = (int.from_bytes(sp[2][1], 'big').to_bytes(8, 'big') +
                (1795132800).to_bytes(8, 'big') + sp[1][1])
        side[who] = curve, ident, hint
        seen.update(('params_' + who, 'master_' + who))

    x, y = (int.from_bytes(v[k], 'big') for k in 'xy')
    xp, yp = octets(nist_mul(x, NG)), octets(nist_mul(y, NG))
    same('xP', xp)
    same('yP', yp)
    k = octets(nist_mul(x, nist_mul(y, NG)))
    same('K_SESSION', k)
    csb, rnd = v['csb_id'], v['rand']
    both = b'\xff\xff\xff\xff\xff' + rnd
    mpk = prf(k, bytes.fromhex('220e99a2') + both, 32)
    tgk = prf(k, bytes.fromhex('1f4d675b') + both, 32)
    auth = prf(mpk, bytes.fromhex('2d22ac75') + b'\xff' + csb + rnd, 32)
    same('MPK', mpk)
    same('TGK', tgk)
    same('auth_key', auth)
    for cs in (1, 2):
        tail = bytes([cs]) + csb + rnd
        same('TEK_%d' % cs, prf(tgk, bytes.fromhex('2ad01c64') + tail, 16))
        same('salt_%d' % cs, prf(tgk, bytes.fromhex('39a2c14b') + tail, 14))
    same('fingerprint', hmac.new(auth, b'MIKEY-IBAKE call fingerprint', 'sha256').digest()[:16])

    t1, t2 = v['T_I_MESSAGE_1'], v['T_I_MESSAGE_2']
    assert int.from_bytes(t1[:4], 'big') - 2208988800 == 1795132800 + 43200 and t2 > t1
    seen.update(('csb_id', 'rand', 'x', 'y', 'mki', 'nonce', 'T_I_MESSAGE_1', 'T_I_MESSAGE_2'))
    seen.update(('rho_i1', 'rho_r1', 'rho_i2'))

    def hdr(kind, nxt, flag):
        return bytes([1, kind, nxt, flag << 7 | 1]) + csb + b'\x02\x00' + (b'\x01' + bytes(8)) * 2
    params = [(0, 1), (1, 16), (2, 1), (3, 20), (4, 14), (5, 0), (6, 0), (7, 1), (8, 1), (9, 0),
              (10, 1), (11, 10), (12, 0)]
    tlvs = b''.join(bytes([a, 1, b]) for a, b in params)
    sp = b'\x15\x01\x00' + len(tlvs).to_bytes(2, 'big') + tlvs
    rand = b'\x0e\x10' + rnd

    def seal(who, plain, rho):
        curve, ident, _ = side[who]
        return ibake(curve.encrypt(ident, plain, v[rho]))

    plain = idr(25, 1, i) + eccpt(14, xp, None) + idr(0, 2, r)
    same('plaintext_I_MESSAGE_1', plain)
    i1 = (hdr(22, 5, 1) + b'\x0b\x00' + t1 + rand + idr(14, 1, i) + idr(10, 2, r) + sp +
          ext(22, 241, side['r'][2]) + seal('r', plain, 'rho_i1'))
    same('I_MESSAGE_1', i1)

    plain = idr(25, 1, i) + eccpt(14, xp, None) + idr(25, 2, r) + eccpt(0, yp, v['mki'])
    same('plaintext_R_MESSAGE_1', plain)
    r1 = (hdr(23, 5, 1) + b'\x0e\x00' + t1 + idr(14, 1, i) + idr(10, 2, r) + sp +
          ext(22, 241, side['i'][2]) + seal('i', plain, 'rho_r1'))
    same('R_MESSAGE_1', r1)

    clear = (hdr(24, 5, 1) + b'\x0b\x00' + t2 + rand + idr(14, 1, i) + idr(21, 2, r) +
             ext(22, 241, side['r'][2]))
    proof = hashlib.sha256(i1 + r1 + clear + ibake(b'')).digest()
    plain = (idr(14, 1, i) + idr(25, 2, r) + eccpt(21, yp, v['mki']) +
             ext(0, 244, v['nonce'] + proof))
    same('plaintext_I_MESSAGE_2', plain)
    i2 = clear + seal('r', plain, 'rho_i2')
    same('I_MESSAGE_2', i2)

    proof = hashlib.sha256(i1 + r1 + i2 + v['nonce']).digest()
    r2 = (hdr(25, 5, 0) + b'\x0e\x00' + t2 + idr(14, 1, i) + idr(21, 2, r) + ext(9, 244, proof) +
          b'\x00\x02')
    same('R_MESSAGE_2', r2 + hmac.new(auth, r2 + i + r + t2, 'sha256').digest())
    wrong += sorted(set(v) - seen)
    return wrong


def main():
    files = sys.argv[1:]
    print('TAP version 13')
    print('1..%d' % len(files))
    failed = 0
    for n, path in enumerate(files, 1):
        wrong = check(path)
        failed += bool(wrong)
        if wrong:
            print('# differs: ' + ', '.join(wrong))
        print('%s %d - %s' % ('not ok' if wrong else 'ok', n, path.rsplit('/', 1)[-1]))
    return 1 if failed or not files else 0


if __name__ == '__main__':
    sys.exit(main())
