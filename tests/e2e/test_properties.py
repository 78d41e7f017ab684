#!/usr/bin/env python3
"""The same facts whatever the network or the capture did: segments cut anew, reordered, sent twice, other containers,
damaged tails. Every property is tried on the reference case and the other fixtures that are classic Ethernet pcap."""
import glob
import gzip
import json
import os
import random
import struct
import sys
import tempfile

from common import FIXTURES, broken, pcap_bytes, pcap_read, pcapng_bytes, report, run, status


def fixtures():
    for path in sorted(glob.glob(os.path.join(FIXTURES, "*", "*.pcap"))):
        try:
            link, frames = pcap_read(path)
        except AssertionError:
            continue
        if link == 1 and len(frames) < 250:
            yield os.path.basename(path), link, frames


def facts(data, *more):
    """What must stay: causes with their confidence, and of each attempt all but frames, ids and times."""
    with tempfile.NamedTemporaryFile(suffix=".cap") as file:
        file.write(data)
        file.flush()
        code, out, err = run("--format", "json", "--all", *more, file.name)
    if broken(code, err):
        raise AssertionError(err[-1500:])
    document = json.loads(out)
    attempts = sorted(
        json.dumps([a["client"]["address"], a["server"]["address"], a["asked_for"], a["spn"], a["outcome"],
                    a["ticket"] and [a["ticket"]["sha256"], a["ticket"]["etype"], a["ticket"]["kvno"]],
                    a["error"] and [a["error"]["code"], a["error"]["realm"], a["error"]["sname"], a["error"]["origin"]],
                    sorted([d["name"], d["type"], d["value"]] for d in a["dns"])])
        for a in document["attempts"])
    causes = sorted([f["cause"], str(f["confidence"]), sorted(f["alternatives"])] for f in document["findings"])
    return {"attempts": attempts, "causes": causes, "exit": code}, document, err


def checksum(data, start=0):
    if len(data) % 2:
        data += b"\0"
    total = start + sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp_parts(frame):
    """(start of IP, of TCP, of payload, end of payload) of a plain IPv4/TCP Ethernet frame; None for another."""
    if len(frame) < 54 or frame[12:14] != b"\x08\0" or frame[23] != 6:
        return None
    ip = 14
    tcp = ip + (frame[ip] & 15) * 4
    total = struct.unpack(">H", frame[ip + 2:ip + 4])[0]
    return ip, tcp, tcp + (frame[tcp + 12] >> 4) * 4, ip + total if total else len(frame)


def segment(frame, parts, start, end, last):
    ip, tcp, payload, stop = parts
    head = bytearray(frame[:payload])
    seq = (struct.unpack(">I", frame[tcp + 4:tcp + 8])[0] + start) & 0xFFFFFFFF
    struct.pack_into(">H", head, ip + 2, payload - ip + end - start)
    struct.pack_into(">H", head, ip + 10, 0)
    struct.pack_into(">H", head, ip + 10, checksum(bytes(head[ip:tcp])))
    struct.pack_into(">I", head, tcp + 4, seq)
    if not last:
        head[tcp + 13] &= ~0x09  # FIN and PSH belong to the end
    struct.pack_into(">H", head, tcp + 16, 0)
    return bytes(head) + frame[payload + start:payload + end]


def cut_anew(frames, rng, size):
    out = []
    for sec, usec, wire, frame in frames:
        parts = tcp_parts(frame)
        if parts is None or parts[3] - parts[2] <= 1 or frame[parts[1] + 13] & 6:
            out.append((sec, usec, wire, frame))
            continue
        length, at = parts[3] - parts[2], 0
        while at < length:
            end = min(length, at + rng.randint(1, size))
            piece = segment(frame, parts, at, end, end == length)
            out.append((sec, usec, len(piece), piece))
            at = end
    return out


def reordered(frames, rng):
    """Swaps neighbours of one direction that both carry data: a late segment, as networks make it."""
    out = list(frames)
    for i in range(len(out) - 1):
        a, b = tcp_parts(out[i][3]), tcp_parts(out[i + 1][3])
        if not a or not b or a[3] <= a[2] or b[3] <= b[2] or rng.random() < 0.5:
            continue
        if out[i][3][26:38] == out[i + 1][3][26:38] and not (out[i][3][a[1] + 13] | out[i + 1][3][b[1] + 13]) & 7:
            one, two = out[i], out[i + 1]
            out[i], out[i + 1] = (one[0], one[1], two[2], two[3]), (two[0], two[1], one[2], one[3])
    return out


def compare(name, want, data, *more):
    got, _, _ = facts(data, *more)
    return report(got == want, name, f"want {json.dumps(want)}", f"got  {json.dumps(got)}")


def check_tail(name, plain, frames, want):
    with_garbage, _, err = facts(plain + b"\xff" * 9)
    report(with_garbage == want and "offset" in err, f"properties/{name}/garbage-behind", err[-300:],
           f"want {json.dumps(want)}", f"got  {json.dumps(with_garbage)}")
    _, doc, err = facts(plain[:-(len(frames[-1][3]) // 2)])
    codes = [p["code"] for c in doc["captures"] for p in c["problems"]]
    report(bool(codes) and doc["captures"][0]["packets"] in (len(frames) - 1, len(frames)), f"properties/{name}/cut-tail-is-named",
           f"problems {codes}, packets {doc['captures'][0]['packets']} of {len(frames)}", err[-300:])


def check_zone(name):
    path = os.path.join(FIXTURES, name.rsplit(".", 1)[0], name)
    outputs = [run("--format", form, "--all", path, env=env)[:2] for form in ("json", "text") for env in
               ({"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8"}, {"TZ": "UTC", "LC_ALL": "C"})]
    report(outputs[0] == outputs[1] and outputs[2] == outputs[3], f"properties/{name}/zone-and-locale")


def properties(link, frames, rng):
    """name -> the same capture in another guise."""
    plain = pcap_bytes(link, frames)
    return {
        "segments-of-7": lambda: pcap_bytes(link, cut_anew(frames, rng, 7)),
        "reordered": lambda: pcap_bytes(link, reordered(cut_anew(frames, rng, 300), rng)),
        "every-frame-twice": lambda: pcap_bytes(link, [f for frame in frames for f in (frame, frame)]),
        "pcapng": lambda: pcapng_bytes(link, frames),
        "segments-of-700": lambda: pcap_bytes(link, cut_anew(frames, rng, 700)),
        "pcapng-big-endian": lambda: pcapng_bytes(link, frames, ">"),
        "gzip": lambda: gzip.compress(plain, mtime=0),
    }


def main():
    seen = 0
    for name, link, frames in fixtures():
        rng = random.Random(20111014 + len(frames))
        plain = pcap_bytes(link, frames)
        want, _, _ = facts(plain)
        guises = properties(link, frames, rng)
        whole = name.startswith("reference-case")
        # All on the reference case; of the other fixtures each tries two, so that every property meets many causes.
        for i, (guise, make) in enumerate(guises.items()):
            if whole or (i - seen) % len(guises) < 2:
                compare(f"properties/{name}/{guise}", want, make())
        if whole or seen % 6 == 0:
            check_tail(name, plain, frames, want)
            check_zone(name)
        seen += 1
    report(seen > 30, "properties/there-are-fixtures", f"{seen}")
    return status()


if __name__ == "__main__":
    sys.exit(main())
