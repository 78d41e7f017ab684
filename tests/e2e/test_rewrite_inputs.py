# SPDX-License-Identifier: MIT
"""Captures out, from inputs of other kinds: VLAN tags, pcapng with several interfaces, nanoseconds, comments, names and
decryption secrets, Network Monitor."""
import os
import struct
import sys
import tempfile

import test_rewrite as base
from common import FIXTURES, Pcapng, status

CASE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
SECRET = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48 + b"\n"
NAMES, SECRETS, CUSTOM = 4, 10, 0xBAD


def tagged(path, tags):
    """A classic pcap whose Ethernet frames carry the tags [(EtherType, VLAN)], outermost first."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    for when, link, wire, data, _ in base.packets(path):
        assert link == 1
        head = b"".join(struct.pack(">HH", kind, vlan) for kind, vlan in tags)
        data = data[:12] + head + data[12:]
        out += struct.pack("<IIII", when // 10**9, when % 10**9 // 1000, len(data), wire + len(head)) + data
    return out


def pcapng(path, big):
    """Three interfaces of different resolutions (the packets on the one of nanoseconds), comments, names, secrets, a custom block."""
    to = Pcapng(">" if big else "<")
    name = b"\x0a\0\5\2" + b"iis01.test.com\0"
    out = to.section(to.option(1, b"of the customer") + to.END)
    for resolution in (6, 9, 3):
        out += to.interface(1, to.option(2, b"eth%d" % resolution) + to.option(9, bytes([resolution])) + to.END)
    out += to.block(NAMES, to.option(1, name) + to.END)
    out += to.block(SECRETS, to.pack("II", 0x544C534B, len(SECRET)) + SECRET)
    for number, (when, _, wire, data, _) in enumerate(base.packets(path)):
        when += 123 + number  # nanoseconds that a microsecond cannot hold
        out += to.packet(1, when, wire, data, to.option(1, b"seen by me %d" % number) + to.END if number % 2 else b"")
        if number == 5:
            out += to.block(CUSTOM, to.pack("I", 32473) + b"private")
            out += to.block(SECRETS, to.pack("II", 0x57474B4C, len(SECRET)) + SECRET)
    return out


def network_monitor(path):
    """Network Monitor 2.3, [(time, wire length, data)] of it; its clock stands in UTC-07:00."""
    filetime, frames = 116444736000000000, [(when // 1000 * 1000, wire, data) for when, _, wire, data, _ in base.packets(path)]
    first = frames[0][0]
    body, table = b"", b""
    for when, wire, data in frames:
        table += struct.pack("<I", 128 + len(body))
        body += struct.pack("<qII", (when - first) // 1000, wire, len(data)) + data
        body += struct.pack("<HIQB", 1, 0xFFFFFFFF, when // 100 + filetime, 255)
    stamp = struct.pack("<8H", 2011, 10, 4, 13, 22, 10, 5, 105)
    head = b"GMBU" + bytes([3, 2]) + struct.pack("<H", 1) + stamp + struct.pack("<II", 128 + len(body), len(table))
    return head + b"\0" * (128 - len(head)) + body + table, frames


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def kinds(path):
    with open(path, "rb") as file:
        return base.blocks(file.read())


def all_ways(folder, name, path):
    base.check(f"annotate {name}", base.annotate, folder, path)
    base.check(f"extract {name}", base.extract, folder, path)
    base.check(f"redact annotated {name}", base.redact, folder, path, "--annotate")
    base.check(f"redact extracted {name}", base.redact, folder, path, "--extract")


def kept(folder, path, how):
    """Without --redact every block but the commented packets is as it was, and a warning speaks of the secrets."""
    out, _, err = base.write(folder, path, how, "OUT")
    before = [raw for kind, raw, _ in kinds(path) if kind != 6]
    after = [raw for kind, raw, _ in kinds(out) if kind != 6]
    wanted = before if how == "--annotate" else [raw for raw in before if raw not in records(path)] + records(path)
    if sorted(after) != sorted(wanted) and how == "--annotate":
        return "blocks differ"
    if not set(r for k, r, _ in kinds(path) if k in (NAMES, SECRETS)) <= set(after):
        return "names or secrets are lost"
    return None if "decryption secrets" in err else err


def records(path):
    return [raw for kind, raw, _ in kinds(path) if kind == CUSTOM]


def dropped(folder, path, how):
    """With --redact secrets, custom blocks and what people wrote go, which is said; names and interfaces stay."""
    out, status_, err = base.write(folder, path, how, "OUT", "--redact")
    found = [kind for kind, _, _ in kinds(out)]
    with open(out, "rb") as file:
        data = file.read()
    if SECRETS in found or CUSTOM in found or SECRET[:40] in data or b"private" in data:
        return f"a secret is left: {found}"
    if found.count(NAMES) != 1 or found.count(1) != 3 or b"iis01.test.com\0" not in data:
        return f"names or interfaces are lost: {found}"
    if "2 blocks of decryption secrets" not in err or status_ not in (0, 1):
        return err
    before, after = base.packets(path), base.packets(out)
    times = {p[0] for p in before}
    if any(p[0] not in times for p in after) or (how == "--annotate" and [p[:3] for p in before] != [p[:3] for p in after]):
        return "times changed"
    if b"seen by me" in data or b"of the customer" in data or not any(c.startswith("krbwhy: ") for p in after for c in p[4]):
        return "comments of people are left, or those of krbwhy are not"
    written = sum(len(p[4]) for p in before) + 1
    return None if how != "--annotate" or f"{written} comments and custom options beside packets left out" in err else err


def from_network_monitor(folder):
    data, frames = network_monitor(CASE)
    path = write(folder, "in.cap", data)
    wanted = [(when, 1, wire, octets) for when, wire, octets in frames]
    out, _, _ = base.write(folder, path, "--annotate", "OUT")
    if [p[:4] for p in base.packets(out)] != wanted:
        return "packets or times differ"
    if base.verdicts(out) != base.verdicts(CASE) or base.verdicts(path) != base.verdicts(CASE):
        return "another verdict"
    source = write(folder, "in.pcapng", open(out, "rb").read())
    for how in ("--annotate", "--extract"):
        out, status_, err = base.write(folder, path, how, "OUT", "--redact")
        if status_ == 2 or base.verdicts(out) != base.verdicts(CASE):
            return f"{how}: {err} {base.verdicts(out)}"
        left = base.secrets(base.opened(base.streams(source)[0]))
        whole = b"\0".join(base.opened(base.streams(out)[0]))
        if not left or any(s in whole for s in left):
            return f"{how}: secrets are left"
        if not {p[0] for p in base.packets(out)} <= {w[0] for w in wanted}:
            return f"{how}: times differ"
    return None


def comments_are_read(folder):
    """What somebody wrote on a cited frame stands in the report; what krbwhy wrote does not come back."""
    path = write(folder, "in.pcapng", pcapng(CASE, False))
    for form in ("text", "markdown", "html"):
        said = " ".join(base.run("--format", form, "--width", "200", path)[1].decode().replace("&quot;", '"').split())
        if 'comment in the capture: "seen by me 13"' not in said or "seen by me 15" in said:
            return f"{form}: {said[:600]}"
    out, _, err = base.write(folder, path, "--annotate", "OUT")
    again = base.run("--format", "text", out)[1].decode()
    return "its own comments come back" if "krbwhy: " in again or "seen by me 13" not in " ".join(again.split()) else None


def commented(num, text):
    """A pcapng of num frames, each with the comment."""
    to = Pcapng()
    frame = bytes(12) + b"\x08\x00" + bytes(46)
    return to.section() + to.interface(1) + to.packet(0, 1, len(frame), frame, to.option(1, text) + to.END) * num


def comments_are_bounded(folder):
    """At the bound of limits.h nothing is said; every comment beyond is counted."""
    for num, more in ((1000, 0), (1001, 1), (1300, 300)):
        events = base.run("--format", "json", write(folder, "many.pcapng", commented(num, b"seen")))[1].decode()
        if "captures" not in events or ("comments on frames are left out" in events) != (more > 0) or (more and f'"{more} more comments on frames' not in events):
            return f"{num}: {events[-400:]}"
    return None


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, tags in (("with a VLAN tag", [(0x8100, 42)]), ("with two VLAN tags (QinQ)", [(0x88A8, 100), (0x8100, 0x6000 | 42)])):
            all_ways(folder, name, write(folder, "vlan.pcap", tagged(CASE, tags)))
        for big in (False, True):
            path = write(folder, "in.pcapng", pcapng(CASE, big))
            name = "pcapng, " + ("big" if big else "little") + " endian"
            all_ways(folder, name, path)
            for how in ("--annotate", "--extract"):
                base.check(f"{name}: {how} keeps what it is not asked to touch", kept, folder, path, how)
                base.check(f"{name}: {how} --redact drops decryption secrets", dropped, folder, path, how)
        base.check("comments of people stand in the report", comments_are_read, folder)
        base.check("comments are bounded, and it is said", comments_are_bounded, folder)
        base.check("Network Monitor, all ways", from_network_monitor, folder)
    return status()


if __name__ == "__main__":
    sys.exit(main())
