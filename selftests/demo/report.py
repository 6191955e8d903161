# SPDX-License-Identifier: GPL-2.0-or-later
"""The demo's report: report.json for programs, report.html for people."""
import base64
import html
import json
import os
import subprocess


def call(shown):
    """The one call of `ibake -j call show`."""
    calls = shown["calls"] if isinstance(shown, dict) and "calls" in shown else shown
    return calls[0]


def reasons(stats):
    """Drop reasons and how often, from `ibake -j stats show`."""
    return {k: v for k, v in stats["drops"].items() if isinstance(v, int)}


def passed(stats):
    return stats["passed"]


def picture(ev, source, name, form=()):
    """A spectrogram of a sound file, 0 to 4 kHz upwards, time to the right, as a PNG."""
    out = ev.path(name)
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *form, "-i", source, "-lavfi",
                    "showspectrumpic=s=560x256:legend=0:scale=log:color=viridis", out], check=False)
    if not os.path.exists(out):
        return None  # nothing was recorded
    return base64.b64encode(open(out, "rb").read()).decode()


def wire_sound(ev, source):
    """What a listener on the wire would play: the payload of each packet taken as PCMU."""
    out = ev.path(f"wire-{source}.ul")
    host = {"a": "10.0.3.1", "b": "10.0.2.1"}[source]
    with open(out, "wb") as f:
        for p in ev.udp("router.pcap"):
            if p[3] == host and p[4] == 5000:
                f.write(p[5][12:172])
    wav = ev.path(f"wire-{source}.wav")
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "mulaw", "-ar", "8000", "-i", out,
                    wav], check=True)
    os.unlink(out)
    return wav


def ladder(messages):
    """The four messages as arrows between the two gateways."""
    step, top = 46, 50
    parts = [f'<svg viewBox="0 0 760 {top + step * len(messages) + 20}" role="img" '
             'aria-label="message flow">']
    for x, who in ((120, "gateway A"), (640, "gateway B")):
        parts.append(f'<text x="{x}" y="24" class="who">{who}</text>'
                     f'<line x1="{x}" y1="34" x2="{x}" y2="{top + step * len(messages)}" class="life"/>')
    for n, m in enumerate(messages):
        y = top + step * n + 22
        x1, x2 = (124, 632) if m["from"] == "A" else (636, 128)
        parts.append(f'<line x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" class="arrow" '
                     'marker-end="url(#tip)"/>'
                     f'<text x="380" y="{y - 7}" class="msg">{m["name"]}, {m["octets"]} octets</text>'
                     f'<text x="380" y="{y + 15}" class="when">{m["time"] - messages[0]["time"]:.2f} s'
                     '</text>')
    parts.append('<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" '
                 'orient="auto"><path d="M0 0 L9 4 L0 8z"/></marker></defs></svg>')
    return "".join(parts)


STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#1b1f24}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse}
td,th{padding:.25rem .8rem .25rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #e3e6ea}
.ok{color:#12703a}.bad{color:#b3261e;font-weight:600}.trio{display:flex;gap:12px;flex-wrap:wrap}
figure{margin:0;flex:1 1 300px}figure img{width:100%;border-radius:4px}figcaption{color:#57606a}
svg{max-width:760px}.life{stroke:#8c959f;stroke-dasharray:4 4}.arrow{stroke:#1b1f24;stroke-width:1.5}
.who{text-anchor:middle;font-weight:600}.msg{text-anchor:middle}.when{text-anchor:middle;fill:#57606a;
font-size:12px}td.n{text-align:right;font-variant-numeric:tabular-nums}
"""


def rows(pairs):
    return "".join(f"<tr><td>{html.escape(str(k))}</td><td class=n>{html.escape(str(v))}</td></tr>"
                   for k, v in pairs)


def page(ev, data, pictures):
    good = all(c["holds"] for c in data["claims"])
    out = ["<!doctype html><html lang=en><meta charset=utf-8>"
           "<meta name=viewport content='width=device-width,initial-scale=1'>"
           f"<title>ibake: the main job</title><style>{STYLE}</style>",
           "<h1>Two gateways agree a key by MIKEY-IBAKE, and their kernels protect the call</h1>",
           f"<p class={'ok' if good else 'bad'}>"
           f"{sum(c['holds'] for c in data['claims'])} of {len(data['claims'])} claims hold. "
           f"Linux {html.escape(data['kernel'])}.</p>",
           "<h2>What was said, what the wire carried, what was heard</h2>"]
    for frm, to in (("a", "b"), ("b", "a")):
        out.append("<div class=trio>" + "".join(
            "<figure>" + (f'<img alt="spectrogram" src="data:image/png;base64,{png}">' if png else
                          "<p class=bad>nothing</p>") +
            f"<figcaption>{text}</figcaption></figure>" for png, text in zip(
                pictures[frm], (f"phone {frm.upper()} said", "the wire carried",
                                f"phone {to.upper()} heard"))) + "</div>")
    out.append("<p>Spectrograms: time to the right, 0 to 4 kHz upwards.</p>"
               "<h2>The exchange</h2>" + ladder(data["messages"]))
    out.append("<h2>Claims</h2><table>" + "".join(
        f"<tr><td class={'ok' if c['holds'] else 'bad'}>{'holds' if c['holds'] else 'FAILS'}</td>"
        f"<td>{html.escape(c['claim'])}</td><td>{html.escape(c['seen'])}</td></tr>"
        for c in data["claims"]) + "</table>")
    out.append("<h2>Packets replayed and altered at gateway B, by the reason for dropping them</h2>"
               f"<table>{rows(data['drops'].items())}</table>")
    for gw in "ab":
        shown = {k: v for k, v in data["calls"][gw].items() if not isinstance(v, (list, dict))}
        out.append(f"<h2>The call at gateway {gw.upper()}</h2><table>{rows(shown.items())}</table>")
        out.append(f"<h2>Counters of gateway {gw.upper()} at the end</h2><table>"
                   f"{rows(flat(data['stats'][gw]))}</table>")
    return "".join(out)


def flat(value, name=""):
    if isinstance(value, dict):
        for k, v in value.items():
            yield from flat(v, f"{name} {k}".strip())
    elif not isinstance(value, list):
        yield name, value


def write(ev, claims, messages, calls, drops):
    data = {"claims": claims, "messages": messages, "calls": calls, "drops": drops,
            "kernel": open(ev.path("kernel")).read().strip(),
            "stats": {gw: ev.json(f"stats-{gw}-after.json") for gw in "ab"}}
    with open(ev.path("report.json"), "w") as f:
        json.dump(data, f, indent=1)
    pictures = {}
    for frm, to in (("a", "b"), ("b", "a")):
        pictures[frm] = [picture(ev, ev.path(f"sent-{frm}.wav"), f"said-{frm}.png"),
                         picture(ev, wire_sound(ev, frm), f"wire-{frm}.png"),
                         picture(ev, ev.path(f"heard-{to}.wav"), f"heard-{to}.png")]
    with open(ev.path("report.html"), "w") as f:
        f.write(page(ev, data, pictures))
