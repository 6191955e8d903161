#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check-request.py FILE...: a second opinion on the vectors of key requests.

Python and the openssl program, from README-request.md, the wire profile and the RFCs, with no line of
the library. Prints the first difference and ends with 1, or says what was compared.
"""
import hashlib
import hmac
import json
import math
import struct
import subprocess
import sys

CONST = {"encr_key": 0x150533E1, "auth_key": 0x2D22AC75, "salt_key": 0x29B88916}


def prf(func, inkey, label, bits):
    """RFC 3830 4.1.2; with SHA-256 as RFC 6043 6.1 says."""
    hash_ = hashlib.sha256 if func else hashlib.sha1
    size = hash_().digest_size
    out = bytes(math.ceil(bits / 8 / size) * size)
    for s in (inkey[i : i + 32] for i in range(0, len(inkey), 32)):
        a, p = label, b""
        while len(p) < len(out):
            a = hmac.new(s, a, hash_).digest()
            p += hmac.new(s, a + label, hash_).digest()
        out = bytes(x ^ y for x, y in zip(out, p))
    return out[: bits // 8]


def payloads(msg):
    """Type and octets of each payload that a key request or its answer has."""
    kind, at = msg[2], 10
    while kind:
        p = msg[at:]
        length = {
            5: lambda: 10,
            11: lambda: 2 + p[1],
            14: lambda: 5 + struct.unpack(">H", p[3:5])[0],
            21: lambda: 4 + struct.unpack(">H", p[2:4])[0],
            1: lambda: 5 + struct.unpack(">H", p[2:4])[0],
            9: lambda: len(p),
        }[kind]()
        yield kind, p[:length]
        kind, at = p[0], at + length
    assert at == len(msg), "octets after the last payload"


def check_v(msg, ids, ts, key, func):
    size = 32 if func else 20
    mac = hmac.new(key, msg[:-size] + b"".join(ids) + ts, hashlib.sha256 if func else hashlib.sha1)
    assert mac.digest() == msg[-size:], "V"
    assert msg[-size - 1] == (2 if func else 1), "algorithm of V"


def aes_cm(key, iv, data):
    cipher = "-aes-%d-ctr" % (8 * len(key))
    return subprocess.run(["openssl", "enc", "-d", cipher, "-K", key.hex(), "-iv", iv.hex()], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def keys_of(plain, key_size_max):
    """Identity and period of each key, and that nothing is left over."""
    out = []
    while plain:
        nxt, role, id_type, length = struct.unpack(">BBBH", plain[:5])
        assert (nxt, role, id_type) == (20, 1, 1), "IDR before Key data"
        name = plain[5 : 5 + length]
        plain = plain[5 + length :]
        nxt, kind, length = struct.unpack(">BBH", plain[:4])
        assert kind == 0x72 and nxt == (14 if len(plain) > 4 + length + 18 else 0), "Key data"
        key, kv = plain[4 : 4 + length], plain[4 + length : 4 + length + 18]
        assert key[0] == 0x30 and len(key) < key_size_max, "BFPrivateKeyBlock"
        assert kv[0] == 8 and kv[9] == 8, "KV"
        out.append((name, struct.unpack(">Q", kv[1:9])[0], struct.unpack(">Q", kv[10:18])[0]))
        plain = plain[4 + length + 18 :]
    return out


def check(v, psk, bits):
    func, csb, rand = v["prf"], bytes.fromhex(v["csb_id"]), bytes.fromhex(v["rand"])
    key = {}
    for name, const in CONST.items():
        size = {"encr_key": 256 if func else 128, "auth_key": 256 if func else 160, "salt_key": 112}[name]
        key[name] = prf(func, psk, struct.pack(">IB", const, 255) + csb + rand, size)
        assert key[name].hex() == v[name], name
    req, resp = (bytes.fromhex(v[n]) for n in ("REQUEST_KEY_INIT_PSK", "REQUEST_KEY_RESP"))
    assert req[:2] + req[3:4] == bytes([1, 19, 0x80 | func]) and resp[:2] + resp[3:4] == bytes([1, 21, func])
    assert req[4:10] == resp[4:10] == csb + bytes([0, 1]), "CSB ID, #CS, map type"
    parts = list(payloads(req))
    ts = parts[0][1][2:]
    ids = [p[5:] for k, p in parts if k == 14 and p[1] in (1, 2, 3)]
    assert parts[1][1][2:] == rand, "RAND"
    check_v(req, ids, ts, key["auth_key"], func)
    parts = list(payloads(resp))
    assert parts[0][1][2:] == ts, "T"
    check_v(resp, ids, ts, key["auth_key"], func)
    kemac = next(p for k, p in parts if k == 1)
    assert kemac[1] == (3 if func else 1) and kemac[-1] == 0, "algorithms of KEMAC"
    iv = int.from_bytes(key["salt_key"], "big") ^ int.from_bytes(csb + ts, "big")
    plain = aes_cm(key["encr_key"], iv.to_bytes(14, "big") + b"\0\0", kemac[4:-1])
    assert plain.hex() == v["plaintext_KEMAC"], "plaintext of KEMAC"
    got = keys_of(plain, 2 * (bits // 8) + 32)
    assert [g[0] for g in got] == ids[:-1] * (len(got) // (len(ids) - 1)), "identities, period by period"
    assert all(to - start == 86400 << 32 and not start % (1 << 32) for _, start, to in got), "periods"
    more = [p[4:] for k, p in parts if k == 21 and p[1] == 243]
    assert not more or struct.unpack(">Q", more[0])[0] == got[-1][2], "more follows"
    return len(got)


for path in sys.argv[1:]:
    with open(path, encoding="ascii") as f:
        d = json.load(f)
    for v in d["exchanges"]:
        try:
            n = check(v, bytes.fromhex(d["psk"]), d["bits"])
        except AssertionError as e:
            sys.exit("%s: PRF function %d: %s" % (path, v["prf"], e))
        print("%s: PRF function %d: request, answer, %d keys" % (path, v["prf"], n))
