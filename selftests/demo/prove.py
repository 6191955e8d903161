# SPDX-License-Identifier: GPL-2.0-or-later
"""prove.py DIR: looks at what the main job left in DIR and says, claim by claim, whether it holds.

Writes DIR/report.json and DIR/report.html. Exit status 0 only if every claim holds. With IBAKE_TAP
in the environment the claims are printed as TAP.
"""
import json
import os
import subprocess
import sys

import pcap
import report

GW = {"a": "10.0.2.1", "b": "10.0.3.1"}
PHONE = {"a": "10.0.1.2", "b": "10.0.4.2"}
SECURE, PLAIN, MIKEY = (5000, 5001), (4000, 4001), 2269
NAMES = ["I_MESSAGE_1", "R_MESSAGE_1", "I_MESSAGE_2", "R_MESSAGE_2"]
WINDOW = 16  # octets of speech that must not be found on the wire


class Evidence:
    def __init__(self, folder):
        self.dir = folder

    def path(self, name):
        return os.path.join(self.dir, name)

    def json(self, name):
        return json.load(open(self.path(name)))

    def udp(self, name):
        return list(pcap.udp(self.path(name)))

    def wav(self, name):
        """The data chunk of a WAV file; ffmpeg leaves its size open when it writes to a pipe."""
        data = open(self.path(name), "rb").read()
        at = data.find(b"data")
        return data[at + 8:] if at > 0 else b""


def tshark(*args):
    run = subprocess.run(["tshark", "-n", *args], capture_output=True, text=True)
    return [line.split("\t") for line in run.stdout.splitlines()]


def heard(ev, frm, to):
    """Every recorded octet is what was sent, and all of the speech is there."""
    sent, got = ev.wav(f"sent-{frm}.wav"), ev.wav(f"heard-{to}.wav")
    speech = len(ev.wav(f"said-{frm}.wav")) // 2
    ok = speech <= len(got) <= len(sent) and sent[:len(got)] == got
    return ok, (f"phone {to.upper()} recorded {len(got)} octets of PCMU, all equal to what phone "
                f"{frm.upper()} sent ({speech} of them speech)" if ok else
                f"phone {to.upper()} recorded {len(got)} octets for {len(sent)} sent ({speech} of "
                f"them speech); {sum(x == y for x, y in zip(sent, got))} are equal")


def payloads(packets, host, ports):
    return [p[5] for p in packets if p[3] == host and p[4] in ports]


def packet_for_packet(ev, frm, to):
    """RTP and RTCP leave the last gateway as they entered the first: same octets, same number."""
    inside, outside = ev.udp(f"phone-{frm}.pcap"), ev.udp(f"phone-{to}.pcap")
    facts, ok = [], True
    for name, port in (("RTP", PLAIN[0]), ("RTCP", PLAIN[1])):
        sent = [p[5] for p in inside if p[1] == PHONE[frm] and p[4] == port]
        got = payloads(outside, PHONE[to], (port,))
        ok = ok and sent and sorted(sent) == sorted(got)
        facts.append(f"{len(got)} of {len(sent)} {name} packets")
    return bool(ok), f"phone {frm.upper()} to phone {to.upper()}: {' and '.join(facts)} arrived unchanged"


def windows(octets):
    return {octets[i:i + WINDOW] for i in range(len(octets) - WINDOW + 1)}


def nothing_in_clear(ev):
    """No 16 octets in a row of what was said are on the wire; the same search finds them inside."""
    said = windows(ev.wav("sent-a.wav")) | windows(ev.wav("sent-b.wav"))

    def hits(packets):
        return sum(any(p[5][i:i + WINDOW] in said for i in range(len(p[5]) - WINDOW + 1))
                   for p in packets)

    wire, inside = ev.udp("router.pcap"), ev.udp("phone-a.pcap")
    found, control = hits(wire), hits(inside)
    return found == 0 and control > 0, (
        f"{found} of {len(wire)} packets on the wire hold {WINDOW} octets of what was said; "
        f"{control} of {len(inside)} do at phone A, where they should")


def mikey(ev):
    """tshark names the payloads of each message that it knows; sizes are as the gateways said."""
    rows = tshark("-r", ev.path("router.pcap"), "-Y", f"udp.port=={MIKEY}", "-T", "fields",
                  "-e", "frame.time_relative", "-e", "ip.src", "-e", "mikey.type",
                  "-e", "mikey.next_payload", "-e", "udp.length", "-e", "mikey.id.role",
                  "-e", "mikey.id.data")
    messages = []
    for when, src, kind, chain, length, roles, ids in (r for r in rows if len(r) >= 7):
        messages.append({"time": float(when), "from": "A" if src == GW["a"] else "B",
                         "type": int(kind), "name": NAMES[int(kind) - 22] if 22 <= int(kind) <= 25
                         else f"type {kind}", "payloads": chain, "octets": int(length) - 8,
                         "roles": roles, "identities": ids})
    order = list(dict.fromkeys(m["type"] for m in messages))
    sizes = {m["name"]: m["octets"] for m in messages}
    ok = order == [22, 23, 24, 25] and max(sizes.values()) <= 1200
    return ok, ("tshark reads the four MIKEY messages: " +
                ", ".join(f"{n} {s}" for n, s in sizes.items()) + " octets (limit 1200)"), messages


def sdp_hint(ev, mki_len):
    """A SAP packet, so that tshark knows both directions to be SRTP with an MKI. The key in it is
    twenty-three zeros and more: tshark only wants the lengths."""
    import base64
    import struct
    packets = []
    for host in GW.values():
        sdp = (f"v=0\r\no=- 0 0 IN IP4 {host}\r\ns=leg\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
               f"m=audio {SECURE[0]} RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"
               f"{base64.b64encode(bytes(30)).decode()}|2^31|1:{mki_len}\r\n").encode()
        sap = bytes([0x20, 0, 0, 1]) + bytes(map(int, host.split("."))) + b"application/sdp\0" + sdp
        udp = struct.pack("!HHHH", 9875, 9875, 8 + len(sap), 0) + sap
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        ip += bytes(map(int, host.split("."))) + bytes([224, 2, 127, 254])
        packets.append((0, bytes(12) + b"\x08\x00" + ip + udp))
    return packets


def srtp(ev, mki):
    """tshark, told by an SDP what the leg is, sees SRTP with the MKI of the call in each packet."""
    hint, merged = ev.path(".hint.pcap"), ev.path(".hinted.pcap")
    pcap.write(hint, sdp_hint(ev, len(mki) // 2))
    first = [(0, f) for _, f in pcap.frames(hint)]
    pcap.write(merged, first + list(pcap.frames(ev.path("router.pcap"))))
    # Once the session is known, each side's port is SRTP whatever the other end of it is.
    rows = tshark("-r", merged, "-Y", f"udp.port=={SECURE[0]} && !sap", "-T", "fields", "-e",
                  "_ws.col.Protocol", "-e", "srtp.mki", "-e", "srtp.auth_tag", "-e", "ip.src",
                  "-e", "rtp.p_type")
    os.unlink(hint)
    os.unlink(merged)
    good = [r for r in rows if r[0] == "SRTP" and r[1].replace(":", "") == mki and
            len(r[2].replace(":", "")) == 20]
    return len(rows) > 0 and len(good) == len(rows), (
        f"tshark sees SRTP in {len(good)} of {len(rows)} packets of the secure leg, each with the "
        f"call's MKI {mki} and a tag of 10 octets")


def number(value):
    return value if isinstance(value, int) else 0


def attack(ev):
    """Replayed and altered packets: each dropped with a reason, none delivered."""
    sent = ev.json("attack.json")
    before, after = ev.json("stats-b-before.json"), ev.json("stats-b-after.json")
    media = sent["replayed_rtp"] + sent["replayed_rtcp"] + sent["flipped_media"]
    was, now = report.reasons(before), report.reasons(after)
    drops = {k: now[k] - was.get(k, 0) for k in now if now[k] != was.get(k, 0)}
    replays = sum(n for k, n in drops.items() if "replay" in k or "old" in k)
    total = sum(drops.values())
    reached = payloads(ev.udp("phone-b-attack.pcap"), PHONE["b"], PLAIN)
    text = (f"{media} packets replayed or altered, {total} dropped: " +
            ", ".join(f"{n} {k}" for k, n in sorted(drops.items(), key=lambda x: -x[1])))
    ok = total == media and replays >= sent["replayed_rtp"] + sent["replayed_rtcp"]
    passed = report.passed(after) - report.passed(before)
    return [(ok, text),
            (passed == sent["flipped_not_media"],
             f"{sent['flipped_not_media']} whose first octet is no longer media's: {passed} passed "
             f"to the gateway's own socket"),
            (not reached, f"{len(reached)} of all of them reached phone B")], drops


def fingerprints(a, b):
    ok = bool(a["fingerprint"]) and a["fingerprint"] == b["fingerprint"]
    return ok, f"fingerprint at gateway A {a['fingerprint']}, at gateway B {b['fingerprint']}"


def keys(ev):
    for gw in "ab":
        k = ev.json(f"keys-{gw}.json")
        yield k["keys"] >= 4 and not k["found"], (
            f"gateway {gw.upper()}: {k['keys']} master keys and salts given to the kernel, looked for "
            f"in {k['places_searched']} places (ibake, logs, netlink replies and dumps, /proc, /sys): " +
            (", ".join(sorted(set(k["found"]))) or "found nowhere"))


def main():
    ev = Evidence(sys.argv[1])
    call = {gw: report.call(ev.json(f"call-{gw}.json")) for gw in "ab"}
    claims = []

    def claim(name, result):
        claims.append({"claim": name, "holds": bool(result[0]), "seen": result[1]})

    claim("B hears what A said", heard(ev, "a", "b"))
    claim("A hears what B said", heard(ev, "b", "a"))
    claim("RTP and RTCP from A to B unchanged", packet_for_packet(ev, "a", "b"))
    claim("RTP and RTCP from B to A unchanged", packet_for_packet(ev, "b", "a"))
    claim("nothing said is on the wire", nothing_in_clear(ev))
    ok, text, messages = mikey(ev)
    claim("tshark reads the exchange", (ok, text))
    claim("tshark sees SRTP", srtp(ev, call["a"]["mki"]))
    three, drops = attack(ev)
    for name, result in zip(("replayed and altered packets are dropped and counted",
                             "what is not media goes to the socket",
                             "nothing of it reaches the phone"), three):
        claim(name, result)
    claim("both sides show one fingerprint", fingerprints(call["a"], call["b"]))
    for gw, result in zip("AB", keys(ev)):
        claim(f"no key octet is visible at gateway {gw}", result)
    kms = ev.json("kms.json")
    claim("the call needed no key server", (kms["stopped"] and kms["answers"] == 0,
          f"{kms['stopped']} key servers stopped before the call, {kms['answers']} answered afterwards"))

    report.write(ev, claims, messages, call, drops)
    tap = "IBAKE_TAP" in os.environ
    if tap:
        print(f"TAP version 13\n1..{len(claims)}")
    for n, c in enumerate(claims, 1):
        word = "ok" if c["holds"] else "not ok"
        print(f"{word} {n} - {c['claim']}: {c['seen']}" if tap else
              f"  {'ok  ' if c['holds'] else 'FAIL'}  {c['claim']}: {c['seen']}")
    sys.exit(0 if all(c["holds"] for c in claims) else 1)


main()
