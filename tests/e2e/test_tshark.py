#!/usr/bin/env python3
"""Compares `krbwhy --events` with what tshark 4.0.17 shows of the same captures: Kerberos messages on ports 88 and 464
and in HTTP with every field, DNS answers with CNAMEs, HTTP authentication headers.

Prints recall of messages and of fields and the share of extra lines; fails below 99.5 % or above 2 %. With a part of a
file name as argument only those captures are compared, and every difference is printed.
"""
import concurrent.futures
import datetime
import json
import os
import sys

from common import CAPTURES, broken, report, run, skip, status

RECALL, EXTRA = 99.5, 2.0
CARRIERS = ("krb5", "kpasswd", "http")

# Lines that are ours alone because of a fault of tshark 4.0.17: (part of the file's name, frames, why).
OFFLOAD = "IPv6 payload length 0 (send offload): tshark calls the frame malformed and drops its content"
KNOWN_EXTRA = [
    ("MS-GPOD_Example2", {91, 102, 119, 408, 419, 487, 496}, OFFLOAD),
    ("MS-GPOD_Example4", {752}, OFFLOAD),
    ("MS-RMSOD_Example2", {64, 255, 296, 325}, OFFLOAD),
    ("MS-RMSOD_Example2", {231}, OFFLOAD + "; what follows such a frame is then taken for a retransmission"),
    ("MS-WMOD_Example2", {19}, OFFLOAD),
    ("http-2-out-of-order.pcap", {12}, "shown only with -o tcp.reassemble_out_of_order:TRUE"),
    ("http_ip_fragmented_out_of_order", {312}, "shown only with -o tcp.reassemble_out_of_order:TRUE"),
    ("http.bigendian.ntar", {17}, "an old section header whose version field tshark refuses: it reads no packet"),
]


def known_extra(name, frame):
    return any(part in name and frame in frames for part, frames, _ in KNOWN_EXTRA)


def lines(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def events(path):
    code, out, err = run("--events", path)
    if broken(code, err):
        raise AssertionError(f"{path}: status {code}: {err[-2000:]}")
    return [json.loads(line) for line in out.decode("utf-8").splitlines()]


def moment(text):
    """tshark's "Feb  5, 2019 03:38:48.000000000 UTC" as ours."""
    try:
        when = datetime.datetime.strptime(" ".join(text.split()[:4])[:21].rstrip("."), "%b %d, %Y %H:%M:%S")
        return when.strftime("%Y-%m-%dT%H:%M:%SZ")
    except (AttributeError, ValueError):
        return text


# Field of the expectation -> the same of an event.
KRB = {
    "realm": lambda e: e["realm"], "sname": lambda e: e["sname"], "sname_type": lambda e: e.get("sname_type"),
    "crealm": lambda e: e["crealm"], "cname": lambda e: e["cname"], "cname_type": lambda e: e.get("cname_type"),
    "req_etypes": lambda e: e["etypes"], "error_code": lambda e: e["error_code"], "e_text": lambda e: e.get("e_text"),
    "stime": lambda e: e["stime"], "ctime": lambda e: e["ctime"],
    "enc_etype": lambda e: e.get("enc_etype"), "enc_kvno": lambda e: e.get("enc_kvno"),
    "auth_etype": lambda e: e.get("auth_etype"), "inside": lambda e: e.get("inside"),
    "tkt_realm": lambda e: (e["ticket"] or {}).get("realm"), "tkt_sname": lambda e: (e["ticket"] or {}).get("sname"),
    "tkt_etype": lambda e: (e["ticket"] or {}).get("etype"), "tkt_kvno": lambda e: (e["ticket"] or {}).get("kvno"),
    "src": lambda e: e["src"], "dst": lambda e: e["dst"],
}
DNS = {
    "qname": lambda e: e["qname"], "rcode": lambda e: e["rcode"],
    "cname": lambda e: [a["value"] for a in e["answers"] if a["type"] == "CNAME"],
    "a": lambda e: [a["value"] for a in e["answers"] if a["type"] == "A"],
    "aaaa": lambda e: [a["value"] for a in e["answers"] if a["type"] == "AAAA"],
}
HTTP = {"status": lambda e: e["status"], "method": lambda e: e["method"], "host": lambda e: e["host"],
        "header": lambda e: e["header"], "scheme": lambda e: e["scheme"], "value_chars": lambda e: e["value_len"]}


def expected_krb(name):
    for e in lines(os.path.join(CAPTURES, "expected", name + ".jsonl")):
        if e["carrier"] in CARRIERS:
            yield dict(e, stime=moment(e.get("stime")), ctime=moment(e.get("ctime")))


def expected_dns(name):
    for e in lines(os.path.join(CAPTURES, "expected", name + ".dns.jsonl")):
        yield dict(e, qname=(e["qname"] or [None])[0], rcode=(e["rcode"] or [None])[0])


def expected_http(name):
    for e in lines(os.path.join(CAPTURES, "expected", name + ".http.jsonl")):
        yield e


def ours_dns(found):
    return [e for e in found if e["event"] == "dns" and any(a["type"] == "CNAME" and a["value"] for a in e["answers"])]


def ours_http(found):
    for e in found:
        if e["event"] == "http":
            for auth in e.get("auths", []):
                yield dict(e, header=auth["header"].lower().replace("-", "_"), scheme=auth["scheme"],
                           value_len=auth["value_len"])


class Score:
    def __init__(self):
        self.want = self.got = self.fields = self.right = self.ours = self.extra = self.known = 0
        self.notes = []

    def add(self, other):
        for key in ("want", "got", "fields", "right", "ours", "extra", "known"):
            setattr(self, key, getattr(self, key) + getattr(other, key))
        self.notes += other.notes


def compare(name, kind, want, ours, fields, key):
    """Pairs each expected message with the first of ours in its frame that has the same key."""
    score = Score()
    by_frame = {}
    for e in ours:
        by_frame.setdefault(e["frame"], []).append(e)
    score.ours = len(ours)
    for e in want:
        score.want += 1
        here = by_frame.get(e["frame"], [])
        match = next((m for m in here if key(m) == key(e)), None)
        if match is None:
            score.notes.append(f"{name} frame {e['frame']}: {kind} {key(e)} is missing; has {[key(m) for m in here]}")
            continue
        here.remove(match)
        score.got += 1
        for field, get in fields.items():
            if e.get(field) is None:
                continue
            score.fields += 1
            if get(match) == e[field]:
                score.right += 1
            else:
                score.notes.append(f"{name} frame {e['frame']}: {kind} {key(e)} {field} is {get(match)!r}, not {e[field]!r}")
    for frame, rest in by_frame.items():
        for e in rest:
            score.known += known_extra(name, frame)
            score.extra += not known_extra(name, frame)
            if not known_extra(name, frame):
                score.notes.append(f"{name} frame {frame}: {kind} {key(e)} is extra {e.get('damaged', '')}")
    return score


def check(name):
    found = events(os.path.join(CAPTURES, name))
    krb = [e for e in found if e["event"] == "krb" and e["carrier"] in CARRIERS]
    return {
        "Kerberos messages": compare(name, "krb", list(expected_krb(name)), krb, KRB,
                                     lambda e: (e["msg_type"], e.get("inside"))),
        "DNS answers with CNAMEs": compare(name, "dns", list(expected_dns(name)), ours_dns(found), DNS,
                                           lambda e: e["qname"]),
        "HTTP authentication headers": compare(name, "http", list(expected_http(name)), list(ours_http(found)), HTTP,
                                               lambda e: (e["header"], e["scheme"])),
    }


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def main():
    if not os.path.isdir(CAPTURES):
        for kind in ("kerberos", "dns", "http"):
            skip("tshark-" + kind, "the captures are not here")
        return
    names = sorted(n for n in os.listdir(CAPTURES) if os.path.isfile(os.path.join(CAPTURES, n)) and
                   n not in ("README.md", "manifest.tsv") and (len(sys.argv) < 2 or sys.argv[1] in n))
    totals = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for scores in pool.map(check, names):
            for kind, score in scores.items():
                totals.setdefault(kind, Score()).add(score)
    for kind, s in totals.items():
        messages, fields, extra = percent(s.got, s.want), percent(s.right, s.fields), 100 - percent(s.ours - s.extra, s.ours)
        print(f"# {kind}: {s.want} expected, {messages:.2f} % found; {s.fields} fields, {fields:.2f} % right; "
              f"{s.ours} ours, {extra:.2f} % extra and {s.known} known to be tshark's fault")
        good = messages >= RECALL and fields >= RECALL and extra <= EXTRA
        notes = s.notes if len(sys.argv) > 1 else s.notes[:40]
        for note in notes if good else []:
            print("#   " + note)
        report(good, "tshark-" + kind.split()[0].lower(), *notes)


if __name__ == "__main__":
    main()
    sys.exit(status())
