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

from common import FIXTURES, LAB, CAPTURES, Pcapng, broken, report, run, skip, status

TABLE = {0x0A0D0D0A: "section", 1: "interface", 2: "obsolete", 3: "simple", 6: "enhanced"}
FIXTURE_CASES = ["reference-case", "mit-l-small-mtu", "mit-m-ipv6", "mit-x-reorder", "mit-h-unknown-ntlm",
                 "mit-h-unknown-basic", "mit-i-skew-server-mit", "mit-t-farm-ok", "ad-a-cname-winheimdal",
                 "mit-x-tamper-winmit", "mit-j-kdc-nosupp", "mit-upn-winmit", "mit-p-proxy-fail", "mit-q-s4u2proxy",
                 "mit-x-tamper-tgs", "mit-y-snaplen200"]


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


def ip_packet(link, data):
    """(protocol, source and destination, transport octets, whole) of an IPv4 or IPv6 frame; None."""
    at = {1: 14, 113: 16, 276: 20, 101: 0}.get(link)
    if at is None:
        return None
    kind = int.from_bytes(data[at - 2:at], "big") if at in (14, 16) else int.from_bytes(data[:2], "big")
    while kind in (0x8100, 0x88A8) and at in (14, 18):
        kind, at = int.from_bytes(data[at + 2:at + 4], "big"), at + 4
    version = data[at] >> 4
    if version == 4 and kind in (0x800, 0x4500) or version == 4 and link in (101, 276):
        head, total = (data[at] & 15) * 4, int.from_bytes(data[at + 2:at + 4], "big")
        whole = int.from_bytes(data[at + 6:at + 8], "big") & 0x3FFF == 0
        end = at + total if total else len(data)
        return data[at + 9], data[at + 12:at + 20], data[at + head:end], whole and end <= len(data)
    if version == 6:
        end = at + 40 + int.from_bytes(data[at + 4:at + 6], "big")
        return data[at + 6], data[at + 8:at + 40], data[at + 40:end], end <= len(data)
    return None


def checksum_good(protocol, ends, octets):
    """Of a whole TCP or UDP packet."""
    pseudo = ends + struct.pack("!IHBB", len(octets), 0, 0, protocol) if len(ends) == 32 else \
        ends + struct.pack("!BBH", 0, protocol, len(octets))
    octets = pseudo + octets + b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def streams(path):
    """(payloads of each direction in order and of each datagram, fragments put together; per packet: checksum good)."""
    tcp, out, good, parts = {}, [], [], {}
    for _, link, _, data, _ in packets(path):
        found = ip_packet(link, data)
        if found is None:
            good.append(None)
            continue
        protocol, ends, octets, whole = found
        good.append(checksum_good(protocol, ends, octets) if whole and protocol in (6, 17) else None)
        if not whole:
            if data[12:14] == b"\x08\x00":
                parts.setdefault((ends, data[18:20]), {})[int.from_bytes(data[20:22], "big") & 0x1FFF] = octets
        elif protocol == 17:
            out.append(octets[8:])
        elif protocol == 6 and len(octets) >= 20:
            payload = octets[(octets[12] >> 4) * 4:]
            if payload:
                tcp.setdefault((ends, octets[:4]), {}).setdefault(int.from_bytes(octets[4:8], "big"), payload)
    for flow in tcp.values():
        text, upto = b"", None
        for seq in sorted(flow):
            if upto is not None and seq > upto:
                out.append(text)
                text, upto = b"", None
            fresh = flow[seq] if upto is None else flow[seq][max(0, upto - seq):]
            text, upto = text + fresh, max(upto or 0, seq + len(flow[seq]))
        out.append(text)
    out += [b"".join(p[k] for k in sorted(p))[8:] for p in parts.values()]
    return out, good


def opened(all_streams):
    """The streams and what their Negotiate, Kerberos and NTLM tokens are in base64."""
    out = list(all_streams)
    for text in all_streams:
        for token in re.findall(rb"(?:Negotiate|Kerberos|NTLM) +([A-Za-z0-9+/=]{8,})", text):
            token = token.rstrip(b"=")
            token = token[:-1] if len(token) % 4 == 1 else token  # the capture cut it
            out.append(base64.b64decode(token + b"=" * (-len(token) % 4)))
    return out


def ciphers(texts):
    """Encrypted parts: etype, perhaps a key version, then an OCTET STRING that its [2] agrees with."""
    out = []
    for text in texts:
        for match in re.finditer(rb"\xa0(?:\x03\x02\x01.|\x04\x02\x02..)(?:\xa1[\x03-\x07]\x02([\x01-\x05]))?", text, re.S):
            at = match.end() + (match.group(1)[0] if match.group(1) else 0)
            lengths = []
            for tag in (0xA2, 0x04):
                if at + 2 > len(text) or text[at] != tag:
                    break
                size, at = text[at + 1], at + 2
                if size & 0x80:
                    size, at = int.from_bytes(text[at:at + (size & 0x7F)], "big"), at + (size & 0x7F)
                lengths.append(size)
            if len(lengths) == 2 and 16 <= lengths[1] < lengths[0] and at + lengths[1] <= len(text):
                out.append(text[at:at + lengths[1]])
    return out


def secrets(texts):
    """Strings of which nothing may be left: pieces of ciphertexts, NTLM proofs, cookies, passwords."""
    out = set()
    for cipher in ciphers(texts):
        for at in range(0, len(cipher) - 15, 16):
            out.add(cipher[at:at + 16])
    for text in texts:
        for at in [m.start() for m in re.finditer(rb"NTLMSSP\0\x03\0\0\0", text)]:
            for field in (12, 20, 52):
                size, _, where = struct.unpack_from("<HHI", text, at + field)
                if size >= 16:
                    out.add(text[at + where:at + where + 16])
        out |= set(re.findall(rb"(?mi)^(?:Proxy-)?Authorization: Basic ([A-Za-z0-9+/]{4,})", text))
        for cookie in re.findall(rb"(?mi)^(?:Set-)?Cookie: ([^\r\n]+)", text):
            out |= {part.partition(b"=")[2] for part in cookie.split(b";")[:1] if len(part.partition(b"=")[2]) > 5}
    return {s for s in out if s.strip(b"\0")}


def tickets(path):
    """Digest of every ticket and authenticator, in order."""
    status_, out, err = run("--events", path)
    assert not broken(status_, err), err[-1000:]
    return re.findall(r'"(?:[a-z_]*sha256)": ?"([0-9a-f]{64})"', out.decode())


def redact(folder, path, how):
    out, status_, err = write(folder, path, how, "OUT", "--redact")
    if how == "--extract" and "no finding" in err:
        return None
    if status_ == 2:
        return err
    before, after = packets(path), packets(out)
    if how == "--annotate" and [(p[:3], len(p[3])) for p in before] != [(p[:3], len(p[3])) for p in after]:
        return "times, link types or lengths differ"
    if verdicts(out) != verdicts(path):
        return f"{verdicts(out)}\n# is not\n# {verdicts(path)}"
    old, good_before = streams(path)
    new, good_after = streams(out)
    old_texts, new_texts = opened(old), opened(new)
    whole = b"\0".join(new_texts) + b"".join(p[3] for p in after)
    left = [s for s in secrets(old_texts) if s in whole]
    if left:
        return f"{len(left)} secrets are left, {left[0]!r}"
    for secret in list(secrets(old_texts))[:400]:
        for shift in range(3):
            if base64.b64encode(b"\0" * shift + secret)[4:16] in whole:
                return f"a secret is left in base64: {secret.hex()}"
    if how == "--annotate":
        if good_before != good_after:
            return "checksums that were good are not"
        was, now = ciphers(old_texts), ciphers(new_texts)
        if len(was) != len(now) or len(set(zip(was, now))) != len(set(was)) or len(set(now)) != len(set(was)):
            return f"{len(was)} ciphertexts, {len(set(was))} different, became {len(now)}, {len(set(now))} different"
        was, now = tickets(path), tickets(out)
        if len(was) != len(now) or len(set(zip(was, now))) != len(set(was)):
            return f"digests: {len(was)}, {len(set(was))} different, became {len(now)}, {len(set(now))} different"
    return None


def captures():
    """(name, path): fixtures of every kind, and what of the shared folder widens them."""
    for case in FIXTURE_CASES:
        for path in sorted(glob.glob(os.path.join(FIXTURES, case, "*.pcap*"))):
            yield os.path.basename(path), path


def pcapng_of(path, big, resolution):
    """The packets of a classic pcap as pcapng: comments, options, names, an unknown block and two interfaces."""
    to = Pcapng(">" if big else "<")
    all_packets = packets(path)
    out = to.section(to.option(4, b"a test") + to.END)
    out += to.interface(all_packets[0][1], to.option(9, bytes([resolution])) + to.END) * 2
    out += to.block(4, to.END) + to.block(0x12345678, b"whatever this is")
    for number, (when, _, wire, data, _) in enumerate(all_packets):
        options = b""
        if number % 3:
            options = to.option(1, f"was here {number}".encode()) + to.option(2, to.pack("I", number))
            options += to.END if number % 3 == 1 else b""
        out += to.packet(number % 2, when // 10**(9 - resolution), wire, data, options)
    return out + to.block(5, to.pack("III", 0, 0, 0) + to.END)


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


def frames_of(path):
    """(frame, time, what it is) of every decoded message."""
    status_, out, err = run("--events", path)
    assert not broken(status_, err), err[-1000:]
    events = [json.loads(line) for line in out.decode().splitlines()]
    return [(e.get("frame"), e.get("time"), e.get("event") or e.get("kind") or e.get("type")) for e in events]


def netmon(folder, path):
    out, status_, err = write(folder, path, "--annotate", "OUT")
    return None if frames_of(path) == frames_of(out) else f"other messages, {err}"


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
            check(f"redact annotated {name}", redact, folder, path, "--annotate")
            check(f"redact extracted {name}", redact, folder, path, "--extract")
        for big in (False, True):
            check(f"pcapng byte for byte, {'big' if big else 'little'} endian", byte_for_byte, folder, big)
        found = [f for f in sorted(glob.glob(os.path.join(CAPTURES, "*.cap"))) if open(f, "rb").read(4) == b"GMBU"][:4]
        for path in found:
            check(f"Network Monitor becomes pcapng, {os.path.basename(path)}", netmon, folder, path)
        if not found:
            skip("Network Monitor becomes pcapng", "no such capture beside the repository")
        check("what cannot be done is said", refusals, folder)
    return status()


if __name__ == "__main__":
    sys.exit(main())
