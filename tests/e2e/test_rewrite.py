# SPDX-License-Identifier: MIT
"""Captures out: --annotate, --extract, --redact, read back by an own reader and by the program itself."""
import base64
import glob
import gzip
import json
import os
import re
import struct
import sys
import tempfile

from common import FIXTURES, LAB, CAPTURES, broken, report, run, skip, status

TABLE = {0x0A0D0D0A: "section", 1: "interface", 2: "obsolete", 3: "simple", 6: "enhanced"}
FIXTURE_CASES = ["reference-case", "mit-l-small-mtu", "mit-m-ipv6", "mit-x-reorder", "mit-h-unknown-ntlm",
                 "mit-h-unknown-basic", "mit-i-skew-server-mit", "mit-t-farm-ok", "ad-a-cname-winheimdal",
                 "mit-x-tamper-winmit", "mit-j-kdc-nosupp", "mit-upn-winmit", "mit-p-proxy-fail", "mit-q-s4u2proxy"]


def blocks(data):
    """[(type, raw, big)] of a pcapng file."""
    out, at, big = [], 0, False
    while at < len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            big = data[at + 8:at + 12] == b"\x1a\x2b\x3c\x4d"
        kind, length = struct.unpack_from(">II" if big else "<II", data, at)
        assert length >= 12 and length % 4 == 0 and at + length <= len(data), (at, length)
        assert struct.unpack_from(">I" if big else "<I", data, at + length - 4)[0] == length
        out.append((kind, data[at:at + length], big))
        at += length
    return out


def options(raw, at, big):
    """[(code, value)] from `at` to the end of the block."""
    out = []
    while at + 4 <= len(raw) - 4:
        code, length = struct.unpack_from(">HH" if big else "<HH", raw, at)
        if code == 0:
            break
        out.append((code, raw[at + 4:at + 4 + length]))
        at += 4 + (length + 3) // 4 * 4
    return out


def packets(path):
    """[(time in ns, link type, wire length, data, [comments])] of a pcap (either resolution) or pcapng."""
    data = open(path, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    out = []
    if data[:4] != b"\x0a\x0d\x0d\x0a":
        order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
        scale = 1 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000
        link, at = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF, 24
        while at + 16 <= len(data):
            sec, sub, caught, wire = struct.unpack_from(order + "IIII", data, at)
            out.append((sec * 10**9 + sub * scale, link, wire, data[at + 16:at + 16 + caught], []))
            at += 16 + caught
        return out
    links = []
    for kind, raw, big in blocks(data):
        order = ">" if big else "<"
        if kind == 0x0A0D0D0A:
            links = []
        elif kind == 1:
            units = 10**6
            for code, value in options(raw, 16, big):
                if code == 9:
                    units = 2**(value[0] & 0x7F) if value[0] & 0x80 else 10**value[0]
            links.append((struct.unpack_from(order + "H", raw, 8)[0], units))
        elif kind == 6:
            interface, high, low, caught, wire = struct.unpack_from(order + "IIIII", raw, 8)
            link, units = links[interface]
            after = 28 + (caught + 3) // 4 * 4
            out.append((((high << 32) | low) * 10**9 // units, link, wire, raw[28:28 + caught],
                        [v.decode() for c, v in options(raw, after, big) if c == 1]))
    return out


def verdicts(path):
    """What must not change: causes, confidences, alternatives, owners of keys."""
    status_, out, err = run("--format", "json", path)
    assert not broken(status_, err), err[-1000:]
    found = json.loads(out)["findings"]
    return [(f["cause"], f["confidence"], sorted(f["alternatives"]), f.get("key_owner"), f.get("tried_by"))
            for f in found]


def write(folder, path, *arguments):
    out = os.path.join(folder, "out.pcapng")
    if os.path.exists(out):
        os.remove(out)
    status_, _, err = run(*[a if a != "OUT" else out for a in arguments], path)
    assert not broken(status_, err), err[-1000:]
    return out, status_, err


def check(name, test, *arguments):
    try:
        why = test(*arguments)
    except Exception as problem:  # a fault of the test or a broken result
        why = f"{type(problem).__name__}: {problem}"
    report(not why, name, str(why)[:1500])


def annotate(folder, path):
    out, _, err = write(folder, path, "--annotate", "OUT")
    before, after = packets(path), packets(out)
    if [p[:4] for p in before] != [p[:4] for p in after]:
        return "packets differ"
    said = [c for p in after for c in p[4] if c.startswith("krbwhy: ")]
    found = verdicts(path)
    if found and not any(found[0][0] in c for c in said):
        return f"no comment names {found[0][0]}: {said}"
    if found and "--redact" not in err:
        return "no warning about what the file carries"
    if verdicts(out) != found:
        return "another verdict on the annotated file"
    return None


def extract(folder, path):
    out, _, err = write(folder, path, "--extract", "OUT")
    found = verdicts(path)
    if not found:
        return None if not os.path.exists(out) and "no finding" in err else "a file without a finding"
    before, after = [p[:4] for p in packets(path)], [p[:4] for p in packets(out)]
    at = 0
    for packet in after:
        while at < len(before) and before[at] != packet:
            at += 1
        if at == len(before):
            return "a packet that the input does not have, or in another order"
        at += 1
    if verdicts(out) != found:
        return f"{verdicts(out)}\n# is not\n# {found}"
    return None


def captures():
    """(name, path): fixtures of every kind, and what of the shared folder widens them."""
    for case in FIXTURE_CASES:
        for path in sorted(glob.glob(os.path.join(FIXTURES, case, "*.pcap*"))):
            yield os.path.basename(path), path


def pcapng_of(path, big, resolution):
    """The packets of a classic pcap as pcapng: comments, options, names, an unknown block and two interfaces."""
    order = ">" if big else "<"

    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)

    def option(code, value):
        return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)

    end = struct.pack(order + "HH", 0, 0)
    all_packets = packets(path)
    out = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + option(4, b"a test") + end)
    for _ in range(2):
        out += block(1, struct.pack(order + "HHI", all_packets[0][1], 0, 0) + option(9, bytes([resolution])) + end)
    out += block(4, end) + block(0x12345678, b"whatever this is")
    for number, (when, _, wire, data, _) in enumerate(all_packets):
        stamp = when // 10**(9 - resolution)
        body = struct.pack(order + "IIIII", number % 2, stamp >> 32, stamp & 0xFFFFFFFF, len(data), wire)
        body += data + b"\0" * (-len(data) % 4)
        if number % 3:
            body += option(1, f"was here {number}".encode()) + option(2, struct.pack(order + "I", number))
            body += end if number % 3 == 1 else b""
        out += block(6, body)
    return out + block(5, struct.pack(order + "III", 0, 0, 0) + end)


def byte_for_byte(folder, big):
    source = os.path.join(folder, "in.pcapng")
    with open(source, "wb") as file:
        file.write(pcapng_of(os.path.join(FIXTURES, "reference-case", "reference-case.pcap"), big, 6))
    out, _, _ = write(folder, source, "--annotate", "OUT")
    before, after = blocks(open(source, "rb").read()), blocks(open(out, "rb").read())
    if [b[0] for b in before] != [b[0] for b in after]:
        return "other blocks"
    changed = 0
    for old, new in zip(before, after):
        if old[1] == new[1]:
            continue
        changed += 1
        caught = struct.unpack_from(">I" if big else "<I", old[1], 20)[0]
        at = 28 + (caught + 3) // 4 * 4
        if old[0] != 6 or old[1][8:at] != new[1][8:at]:
            return f"a block of type {old[0]} changed"
        was, now = options(old[1], at, big), options(new[1], at, big)
        if now[:-1] != was or now[-1][0] != 1 or not now[-1][1].startswith(b"krbwhy: "):
            return f"options {was} became {now}"
    return None if changed >= 4 else f"only {changed} blocks have comments"


def refusals(folder):
    path = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
    out = os.path.join(folder, "refused.pcapng")
    with open(path, "rb") as file:
        data = file.read()
    copy = os.path.join(folder, "copy.pcap")
    open(copy, "wb").write(data)
    for arguments, stdin, word in ((["--annotate", out, path, copy], None, "one at a time"),
                                   (["--annotate", out, "-"], data, "second time"),
                                   (["--annotate", "-", path], None, "name a file"),
                                   (["--annotate", copy, copy], None, "overwrite the input"),
                                   (["--redact", path], None, "--annotate"),
                                   (["--extract", out, "--events", path], None, "--events"),
                                   (["--extract", os.path.join(folder, "no", "x"), path], None, "cannot write")):
        status_, printed, err = run(*arguments, stdin=stdin)
        if status_ != 2 or word not in err or printed:
            return f"{arguments}: {status_} {err}"
        if os.path.exists(out) or open(copy, "rb").read() != data:
            return f"{arguments}: something was written"
    if [f for f in os.listdir(folder) if f.startswith(".")]:
        return "a temporary file stayed"
    return None


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, path in captures():
            check(f"annotate {name}", annotate, folder, path)
            check(f"extract {name}", extract, folder, path)
        for big in (False, True):
            check(f"pcapng byte for byte, {'big' if big else 'little'} endian", byte_for_byte, folder, big)
        check("what cannot be done is said", refusals, folder)
    return status()


if __name__ == "__main__":
    sys.exit(main())
