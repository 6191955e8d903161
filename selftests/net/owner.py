# SPDX-License-Identifier: GPL-2.0-or-later
"""Owners that live, die, and are replaced; keys that are wiped and verdicts that stay."""
import errno
import os
import signal
import socket
import time

from lab import (ADDR, GATE, PHONE, SUITE, Ksrtp, Tap, gate, inside, load, phone, quiet, rtp, run,
                 take, to, topology, udp)

KEY, SALT = os.urandom(16), os.urandom(14)
G, P = ADDR[4]


class Daemon:
    """A child that makes a call: SA tx 1, rx 2, flow 1 (4000, to the wire), 2 (6000, plain)."""

    def __init__(self, grace):
        ready, done = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(ready)
            try:
                self.live(grace, done)
            except BaseException as e:      # pylint: disable=broad-except
                print(f"# daemon: {e!r}", flush=True)
            os._exit(1)
        os.close(done)
        self.generations = os.read(ready, 100).decode().split()
        os.close(ready)

    @staticmethod
    def live(grace, done):
        nl = Ksrtp()
        own = {"owned": True, "grace": grace, "cookie": b"call"}
        made = [nl("sa-new", id=1, direction="tx", suite=SUITE, **own),
                nl("sa-new", id=2, direction="rx", suite=SUITE, **own)]
        for sa in (1, 2):
            nl.key(sa, b"", KEY, SALT)
        socks = [gate(port, 4) for port in (4000, 6000)]
        made.append(nl("flow-new", id=1, kind="rtp", socket_fd=socks[0].fileno(),
                       destination=[to(P, 5000, None, 1)], **own))
        made.append(nl("flow-new", id=2, kind="rtp", socket_fd=socks[1].fileno(), rx_sa=2,
                       destination=[to(P, 7000, socks[0])], **own))
        os.write(done, " ".join(str(m["generation"]) for m in made).encode())
        time.sleep(3600)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def wait(test):
    """The first true answer of a test, or the last one after a long while."""
    end = time.monotonic() + 120
    while True:
        answer = test()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.1)


class Phones:
    def __init__(self):
        self.wire, self.out, self.src = phone(5000, 4), phone(7000, 4), udp(PHONE, P, 0, 4)
        self.seq = 0

    def talk(self):
        """Media goes there and back."""
        self.seq += 1
        packet = rtp(self.seq, payload=os.urandom(80))
        self.src.sendto(packet, (G, 4000))
        secure = take(self.wire, 1)
        for s in secure:
            self.src.sendto(s, (G, 6000))
        return len(secure) == 1 and secure[0] != packet and take(self.out, 1) == [packet]


def states(nl):
    return [x["state"] for x in nl.all("sa-get") + nl.all("flow-get")]


def adoption(tap, nl, watch, phones):
    daemon = Daemon(3600)
    gen = [int(g) for g in daemon.generations]
    tap(phones.talk(), "media passes while the daemon lives")
    code, text = nl.refused("claim", sa_id=1, generation=gen[0])
    tap(code == errno.EBUSY, f"a claim while the owner lives: {text}", f"{code}")
    daemon.kill()
    wait(lambda: states(nl) == ["orphan"] * 4)
    gone = [e["msg"] for e in watch.events("owner-gone-ntf") if e["name"] == "owner-gone-ntf"]
    tap(len(gone) == 4 and all(m["grace"] == 3600 and m["cookie"] == b"call" for m in gone),
        "four objects report that their owner is gone", f"{gone}")
    sa = nl("sa-get", id=1)
    tap(states(nl) == ["orphan"] * 4 and "owned" not in sa and 0 < sa["grace-left"] <= 3600,
        "their state is orphan", f"{sa}")
    tap(phones.talk() and phones.talk(), "media keeps passing after SIGKILL")
    before = nl.stats()
    phones.src.sendto(b"\0\1" + bytes(18), (G, 4000))
    tap(phones.talk() and nl.stats()["passed"] == before["passed"],
        "what is not media is not queued for nobody")
    code, text = nl.refused("claim", sa_id=1, generation=gen[0] + 1000)
    tap(code == errno.ESTALE, f"a claim with another generation: {text}", f"{code}")
    for sa in (1, 2):
        nl("claim", sa_id=sa, generation=gen[sa - 1])
    socks = []
    for flow in (1, 2):
        reply = nl("claim", flow_id=flow, generation=gen[flow + 1], grace=1)
        socks.append(socket.socket(fileno=reply["socket-fd"]))
    tap(states(nl) == ["active"] * 4 and nl("flow-get", id=1)["owned"] and
        nl("flow-get", id=1)["grace"] == 1, "claimed by the next daemon")
    tap([s.getsockname() for s in socks] == [(G, 4000), (G, 6000)] and
        all(os.get_inheritable(s.fileno()) is False for s in socks),
        "a claim returns the flow's socket, close-on-exec")
    phones.src.sendto(b"\0\1" + bytes(18), (G, 4000))
    tap(take(socks[0], 1) == [b"\0\1" + bytes(18)], "what is not media reaches the new owner")
    tap(phones.talk(), "media passes under the new owner")
    other = Ksrtp()
    code, text = other.refused("claim", flow_id=1, generation=gen[2])
    other.sock.close()
    tap(code == errno.EBUSY, f"a third one cannot claim: {text}", f"{code}")
    for s in socks:
        s.close()
    tap(phones.talk(), "the port stays reserved without any descriptor")
    for flow in (1, 2):
        nl("flow-del", id=flow)
    for sa in (1, 2):
        nl("sa-del", id=sa)
    watch.events()


def expiry(tap, nl, watch, phones):
    daemon = Daemon(1)
    phones.seq = 1000
    tap(phones.talk(), "another call")
    secure = rtp(1, payload=bytes(90))
    daemon.kill()
    tap(wait(lambda: states(nl) == ["wiped"] * 4), "after the grace time all is wiped",
        f"{states(nl)}")
    got = [e["msg"].get("wipe") for e in watch.events("blocked-ntf") if e["name"] == "blocked-ntf"]
    tap(got == ["grace"] * 4, "and reported", f"{got}")
    tap(all("key" not in sa for sa in nl.all("sa-get")), "the keys are gone")
    before = nl.stats()
    phones.src.sendto(rtp(2000, payload=bytes(80)), (G, 4000))
    phones.src.sendto(secure, (G, 6000))
    after = nl.until(lambda s: s["packets"] == before["packets"] + 2)
    tap(after["dropped"]["blocked"] == before["dropped"]["blocked"] + 2 and quiet(phones.wire) and
        quiet(phones.out), "media is blocked, both ways")
    flow = nl("flow-get", id=1)
    code, text = nl.refused("claim", flow_id=1, generation=flow["generation"])
    tap(code == errno.EKEYREVOKED, f"a claim now: {text}", f"{code}")
    code, text = nl.refused("key-new", key={"sa-id": 1, "master-key": os.urandom(16),
                                            "master-salt": SALT})
    tap(code == errno.EKEYREVOKED, f"a key for it: {text}", f"{code}")
    s = gate(4000, 4)
    phones.src.sendto(rtp(2001, payload=bytes(80)), (G, 4000))
    phones.src.sendto(b"\0\1" + bytes(18), (G, 4000))
    nl.until(lambda s: s["packets"] == before["packets"] + 3)
    tap(quiet(s), "a socket bound to the port of a blocked flow gets nothing")
    s.close()
    out = run("rmmod", "ksrtp", check=False)
    tap(out.returncode != 0 and os.path.isdir("/sys/module/ksrtp"),
        "the module stays while flows do")
    for n in (1, 2):
        nl("flow-del", id=n)
    for n in (1, 2):
        nl("sa-del", id=n)
    s = gate(4000, 4)
    phones.src.sendto(rtp(1), (G, 4000))
    tap(take(s, 1) == [rtp(1)], "flow-del frees the port and ends the verdict")
    s.close()


def grace_zero(tap, nl):
    daemon = Daemon(0)
    daemon.kill()
    tap(wait(lambda: states(nl) == ["wiped"] * 4), "grace 0 wipes at once", f"{states(nl)}")
    for n in (1, 2):
        nl("flow-del", id=n)
    for n in (1, 2):
        nl("sa-del", id=n)


def suspend(tap, nl, phones):
    """Freezing the tasks is as far as a test can go; the notifier has run by then."""
    try:
        with open("/sys/power/pm_test", "w", encoding="ascii") as f:
            f.write("freezer")
    except OSError:
        tap.skip("suspend wipes keys", "no /sys/power/pm_test")
        return
    socks = [gate(port, 4) for port in (4000, 6000)]
    nl("sa-new", id=1, direction="tx", suite=SUITE)
    nl.key(1, b"", KEY, SALT)
    nl("flow-new", id=1, kind="rtp", socket_fd=socks[0].fileno(),
       destination=[to(P, 5000, None, 1)])
    try:
        with open("/sys/power/state", "w", encoding="ascii") as f:
            f.write("freeze")
    except OSError as e:
        print(f"# suspend: {e}")
    with open("/sys/power/pm_test", "w", encoding="ascii") as f:
        f.write("none")
    sa = nl("sa-get", id=1)
    before = nl.stats()
    phones.src.sendto(rtp(1, payload=bytes(80)), (G, 4000))
    after = nl.until(lambda s: s["packets"] > before["packets"])
    tap("key" not in sa and sa["state"] == "wiped" and quiet(phones.wire) and
        after["dropped"]["blocked"] == before["dropped"]["blocked"] + 1,
        "suspend wipes keys, and blocks", f"{sa}")
    nl.key(1, b"", os.urandom(16), SALT)
    phones.src.sendto(rtp(2, payload=bytes(80)), (G, 4000))
    tap(len(take(phones.wire, 1)) == 1 and nl("sa-get", id=1)["state"] == "active",
        "a new key makes the SA work again")
    nl("flow-del", id=1)
    nl("sa-del", id=1)
    for s in socks:
        s.close()


def main():
    load()
    tap = Tap()
    with topology():
        nl, watch, phones = Ksrtp(), Ksrtp(), Phones()
        with inside(GATE):
            watch.ntf_subscribe("events")
        adoption(tap, nl, watch, phones)
        expiry(tap, nl, watch, phones)
        grace_zero(tap, nl)
        suspend(tap, nl, phones)
        # A daemon that dies with its network namespace: the flows end with the grace time.
        Daemon(1).kill()
        nl("sa-new", id=9, direction="rx", suite=SUITE)
        nl.key(9, b"", KEY, SALT)
        s = nl.stats()
        tap(s["packets"] == s["delivered"] + sum(s["dropped"].values()),
            "packets are delivered or dropped for a reason")
    # With the last descriptor the network namespace ends, and its SA with it.
    nl.sock.close()
    watch.sock.close()
    for s in (phones.wire, phones.out, phones.src):
        s.close()
    out = wait(lambda: run("rmmod", "ksrtp", check=False).returncode == 0)
    tap(out and not os.path.isdir("/sys/module/ksrtp"),
        "the network namespace ends after the grace time, flows and all; the module unloads")
    said = run("dmesg").stdout
    tap(not any(x in said for x in ("WARNING", "BUG", KEY.hex())), "the kernel log is clean",
        said[-500:])
    tap.end()


main()
