#!/usr/bin/env python3
"""Bounds that a person meets on the command line: what is left out stands in the report or on stderr, at the bound nothing
does. Those that need large inputs are met with the program of tests/lower_limits.h."""
import base64
import json
import os
import re
import shutil
import struct
import sys
import tempfile

from common import FIXTURES, LOWERED, broken, pcap_bytes, pcap_read, report, run, status

REFERENCE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
WARNINGS, TOKEN = 20, 1 << 20           # src/base/limits.h
INCIDENTS, ROWS, SERIES, REDACT = 3, 6, 8, 300000  # tests/lower_limits.h


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def lines_that_say(text, word):
    return [line for line in text.splitlines() if word in line]


def check_warnings(folder):
    for num in (WARNINGS - 1, WARNINGS, WARNINGS + 1):
        path = write(folder, "x.ldf", b"dn: CN=a,DC=t,DC=com\nobjectClass: user\nsAMAccountName: a\n"
                     + b"servicePrincipalName:: !\n" * num)
        code, out, err = run("-f", "json", path)
        said = len(lines_that_say(err, "base64"))
        more = lines_that_say(err, "more problems; the report lists them")
        listed = [p for e in json.loads(out)["evidence"] for p in e["problems"] if p["code"] == "ldif-base64"]
        report(not broken(code, err) and said == min(num, WARNINGS) and len(more) == (num > WARNINGS) and len(listed) == num,
               f"warnings-{num}", len(listed), err)
    os.remove(path)


def check_token():
    for size in (TOKEN - 1, TOKEN, TOKEN + 1):
        token = base64.b64encode(b"NTLMSSP\0\1\0\0\0" + bytes(20))
        code, out, err = run("--token", "-", stdin=token + b"\n" * (size - len(token)))
        said = "more than 1048576 characters" in err
        report(not broken(code, err) and said == (size > TOKEN) and b"NTLM" in out, f"token-{size}", err)


def copies(folder, num):
    for i in range(num):
        shutil.copy(REFERENCE, os.path.join(folder, f"c{i}x.pcap"))


def check_html():
    for num in (INCIDENTS - 1, INCIDENTS, INCIDENTS + 1, ROWS, ROWS + 1):
        with tempfile.TemporaryDirectory() as folder:
            copies(folder, num)
            code, out, err = run("-f", "html", folder, program=LOWERED)
            text = out.decode()
            said = re.search(r"(\d+) of (\d+) incidents are shown in full below", text)
            rows = re.search(r"the table has (\d+) of them", text)
            good = not broken(code, err) and bool(said) == (num > INCIDENTS) and bool(rows) == (num > ROWS)
            if said:
                good &= said.groups() == (str(INCIDENTS), str(num))
            if rows:
                good &= rows.group(1) == str(ROWS)
            report(good, f"html-{num}", said and said.group(0), rows and rows.group(0), err)


def check_series():
    link, frames = pcap_read(REFERENCE)
    first = frames[0]
    for num in (SERIES - 1, SERIES, SERIES + 1, 2 * SERIES + 1):
        with tempfile.TemporaryDirectory() as folder:
            for i in range(num):
                sec, usec, wire, data = first
                write(folder, f"t.pcap{i:02}", pcap_bytes(link, [(sec + i, usec, wire, data)]))
            code, out, err = run("-f", "json", folder, program=LOWERED)
            captures = json.loads(out)["captures"]
            said = [p for c in captures for p in c["problems"] if p["code"] == "limit-series"]
            parts = -(-num // SERIES)
            report(not broken(code, err) and len(said) == parts - 1, f"series-{num}", len(captures), said, err)


def check_redact():
    """UDP payloads of so many octets together."""
    for size in (REDACT - 1, REDACT, REDACT + 1):
        with tempfile.TemporaryDirectory() as folder:
            frames, left = [], size
            while left > 0:
                part = min(left, 60000)
                ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + part, 1, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
                udp = struct.pack(">HHHH", 1000, 1001, 8 + part, 0) + b"." * part
                frames.append((1, 0, 28 + part, ip + udp))
                left -= part
            path, to = write(folder, "u.pcap", pcap_bytes(101, frames)), os.path.join(folder, "out.pcapng")
            code, _, err = run("--extract", to, "--redact", path, program=LOWERED)
            code, _, err = run("--annotate", to, "--redact", path, program=LOWERED)
            over = size > REDACT
            report(not broken(code, err) and ("too large to be redacted" in err) == over and os.path.exists(to) != over,
                   f"redact-{size}", code, err)


def check_pipe():
    """More observations than the parent takes of one worker: the report keeps what came, and says so."""
    link, frames = 101, []
    for i in range(600):
        name = b"".join(bytes([len(label)]) + label for label in (b"%d" % i, b"x" * 60, b"y" * 60, b"z" * 60)) + b"\0"
        dns = struct.pack(">HHHHHH", i & 0xFFFF, 0x8180, 1, 5, 0, 0) + name + struct.pack(">HH", 1, 1) \
            + struct.pack(">HHHIHI", 0xC00C, 1, 1, 60, 4, i) * 5
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(dns), 1, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
        packet = ip + struct.pack(">HHHH", 53, 1000, 8 + len(dns), 0) + dns
        frames.append((1, i, len(packet), packet))
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "d.pcap", pcap_bytes(link, frames[:100]))
        code, out, err = run("-f", "json", path, program=LOWERED)
        report(not broken(code, err) and "bytes of observations" not in err, "pipe-below", err)
        path = write(folder, "d.pcap", pcap_bytes(link, frames))
        code, out, err = run("-f", "json", path, program=LOWERED)
        said = [p for p in json.loads(out)["captures"][0]["problems"] if "bytes of observations" in p["message"]]
        report(code == 0 and "Sanitizer" not in err and len(said) == 1 and "bytes of observations" in err, "pipe-above", code, err,
               out[:300])


def tcp(seq, payload, flags, sport):
    packet = struct.pack(">HHIIBBHHH", sport, 80, seq, 1, 0x50, flags, 8192, 0, 0) + payload
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(packet), 1, 0, 64, 6, 0, b"\x0a\0\0\1", b"\x0a\0\0\2") + packet


def check_memory():
    """Streams that each wait for one octet: under --limit-memory the oldest are let go of, which is said; the verdict of a small
    capture needs no more than the least."""
    code, out, err = run("-f", "json", "--limit-memory", "16K", REFERENCE)
    found = [f["cause"] for f in json.loads(out)["findings"]]
    report(code == 1 and not broken(code, err) and "cname-spn" in found, "memory-least", found, err)
    packets = []
    for i in range(100):
        packets.append(tcp(1, b"", 2, 2000 + i))
        packets.append(tcp(2, b"GET / HTTP/1.1\r\nX: ", 0x18, 2000 + i))
        packets.append(tcp(100, b"y" * 1400, 0x18, 2000 + i))
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "gaps.pcap", pcap_bytes(101, [(i, 0, len(p), p) for i, p in enumerate(packets)]))
        for size, met in (("64K", True), ("4M", False)):
            code, out, err = run("-f", "json", "--limit-memory", size, path)
            said = [p for c in json.loads(out)["captures"] for p in c["problems"] if p["code"] == "limit-reassembly"]
            report(not broken(code, err) and bool(said) == met and all(p["frame"] for p in said), f"memory-{size}", said, err)


def main():
    if not os.path.exists(LOWERED):
        print("# make", LOWERED)
        print("not ok program-with-lower-limits")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        check_warnings(folder)
    check_token()
    check_html()
    check_series()
    check_redact()
    check_pipe()
    check_memory()
    return status()


if __name__ == "__main__":
    sys.exit(main())
