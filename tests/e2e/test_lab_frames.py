#!/usr/bin/env python3
"""Compares `krbwhy --events` with the ground truth of the lab: every DNS answer, Kerberos message and HTTP message in the
JSON beside each capture, with its frame and fields. What travels in carriers that are not read yet is counted only.

With a part of a scenario's name as argument only those are compared, and every difference is printed.
"""
import collections
import concurrent.futures
import datetime
import glob
import json
import os
import sys

from common import LAB, report, run, skip, status

# Where the ground truth is the fault of the program that wrote it: (scenario, frame, kind) -> why.
KNOWN = {
}
TYPES = {"as_req": 10, "as_rep": 11, "tgs_req": 12, "tgs_rep": 13, "ap_req": 14, "ap_rep": 15, "krb_error": 30}
READ = ("KDC", "HTTP", "Proxy")
QTYPES = {"256": "URI"}


def second(text):
    when = datetime.datetime.strptime(" ".join(text.split()[:4]).split(".")[0], "%b %d, %Y %H:%M:%S")
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def ticket_fields(want, ticket, same):
    yield "ticket", ticket is not None, True
    for field in ("realm", "sname", "kvno", "etype"):
        if ticket and field in want:
            yield "ticket." + field, ticket[field], want[field]
    if ticket and want.get("ticket_sha256"):
        # The lab's digest is of the whole ticket, ours of its ciphertext: the same tickets have to be the same.
        theirs, ours = want["ticket_sha256"], ticket["sha256"]
        yield "ticket.sha256", (same.setdefault(theirs, ours), same.setdefault(ours, theirs)), (ours, theirs)


def krb_fields(kind, want, event, frame_events, same):
    if kind in ("as_req", "tgs_req"):
        yield "realm", event["realm"], want["realm"]
        yield "sname", event["sname"], want["sname"]
        yield "etypes", event["etypes"], want["etypes"]
        yield "sname_type", event.get("sname_type"), want["name_type"]
    if want.get("header_ticket"):
        nested = [e for e in frame_events if e["msg_type"] == 14 and e.get("inside") == 12]
        for one in ticket_fields(want["header_ticket"], nested[0]["ticket"] if nested else None, same):
            yield one
    if kind in ("as_rep", "tgs_rep", "ap_req") and "sname" in want:
        for one in ticket_fields(want, event["ticket"], same):
            yield one
    if kind == "krb_error":
        yield "error_code", event["error_code"], want["code"]
        if not want["name"].isdigit():
            yield "error", event["error"], want["name"]
        yield "realm", event["realm"], want["realm"]
        yield "sname", event["sname"] or "", want["sname"] or ""
        yield "stime", event["stime"], second(want["stime"])
        yield "e_text", event.get("e_text"), want["e_text"] or None


def dns_fields(want, event):
    answers = [a for a in event["answers"] if a["section"] == "answer"]
    every = event["answers"]

    def values(kinds, among):
        return [a["value"] for a in among if a["type"] in kinds]
    yield "qname", event["qname"].lower(), want["query"].lower()
    yield "qtype", event["qtype"], QTYPES.get(want["type"], want["type"])
    yield "rcode", event["rcode"], want["rcode"]
    if "cname" in want:
        yield "cname", [f"{a['name']} -> {a['value']}" for a in answers if a["type"] == "CNAME"], want["cname"]
    if "addresses" in want:
        yield "addresses", set(want["addresses"]) <= set(values(("A", "AAAA"), every)), True
    if "ptr" in want:
        yield "ptr", values(("PTR",), answers), want["ptr"] if isinstance(want["ptr"], list) else [want["ptr"]]
    if "srv" in want:
        yield "srv", sorted(v.split()[-1] for v in values(("SRV",), answers)), sorted(want["srv"])


def http_fields(want, event):
    schemes = {}
    for auth in event.get("auths", []):
        schemes.setdefault(auth["header"].lower().replace("-", "_"), []).append(auth["scheme"])
    if "request" in want:
        yield "method", event["method"], want["request"].split()[0]
        yield "host", event["host"], want["host"]
    if "status" in want:
        yield "status", event["status"], int(want["status"])
    for header in ("www_authenticate", "authorization", "proxy_authorization", "proxy_authenticate"):
        if want.get(header):
            text = want[header] if isinstance(want[header], str) else ", ".join(want[header])
            yield header, [s for s in schemes.get(header, []) if s.lower() in text.lower()] != [], True


def pick(events, kind, want):
    """Events of this kind in the frame of `want`."""
    for e in events.get(want["frame"], []):
        if kind == "dns_answers" and e["event"] == "dns" and e["response"] and e["qname"].lower() == want["query"].lower():
            yield e
        elif kind == "http" and e["event"] == "http" and e["response"] == ("status" in want):
            yield e
        elif kind in TYPES and e["event"] == "krb" and e["msg_type"] == TYPES[kind] and "inside" not in e:
            if kind != "krb_error" or e["error_code"] == want["code"]:
                yield e


def compare(scenario, frames, events, counts, notes):
    same = {}
    for kind, wants in frames.items():
        if kind not in TYPES and kind not in ("dns_answers", "http"):
            continue
        for want in wants:
            if kind in TYPES and not want["carrier"].startswith(READ):
                counts["other " + want["carrier"]] += 1
                counts["other found"] += any(True for _ in pick(events, kind, want))
                continue
            if (scenario, want["frame"], kind) in KNOWN:
                continue
            counts["want " + kind] += 1
            candidates = list(pick(events, kind, want))
            # A proxy's token and the origin server's may stand in one frame.
            found = next((e for e in candidates if kind == "ap_req" and (e["ticket"] or {}).get("sname") == want["sname"]),
                         candidates[0] if candidates else None)
            if found is None:
                notes.append(f"{scenario} frame {want['frame']}: {kind} is missing: {want}")
                continue
            counts["got " + kind] += 1
            here = [e for e in events[want["frame"]] if e["event"] == "krb"]
            fields = (dns_fields(want, found) if kind == "dns_answers" else http_fields(want, found) if kind == "http"
                      else krb_fields(kind, want, found, here, same))
            for name, got, right in fields:
                counts["fields " + kind] += 1
                counts["right " + kind] += got == right
                if got != right:
                    notes.append(f"{scenario} frame {want['frame']}: {kind} {name} is {got!r}, not {right!r}")


def events_of(capture):
    by_frame = collections.defaultdict(list)
    code, out, err = run("--events", os.path.join(LAB, capture))
    if code != 0:
        raise AssertionError(f"{capture}: status {code}: {err[-500:]}")
    for line in out.decode("utf-8").splitlines():
        event = json.loads(line)
        by_frame[event["frame"]].append(event)
    return by_frame


def check(path):
    with open(path, encoding="utf-8") as file:
        truth = json.load(file)
    counts, notes = collections.Counter(), []
    sides = [(truth.get("capture"), truth.get("frames"))]
    server = truth.get("server_side") or {}
    sides.append((truth.get("capture_server"), server.get("frames")))
    for capture, frames in sides:
        if capture and frames and os.path.exists(os.path.join(LAB, capture)):
            compare(capture, frames, events_of(capture), counts, notes)
    return counts, notes


def main():
    kinds = ["dns_answers", "http"] + list(TYPES)
    if not os.path.isdir(LAB):
        skip("lab-frames", "the lab's captures are not here")
        return
    paths = sorted(p for p in glob.glob(os.path.join(LAB, "*.json")) if len(sys.argv) < 2 or sys.argv[1] in p)
    counts, notes = collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for more, said in pool.map(check, paths):
            counts += more
            notes += said
    for name in sorted(c for c in counts if c.startswith("other ")):
        print(f"# not counted: {counts[name]} {name[6:]}")
    for kind in kinds:
        want, got, fields, right = (counts[f"{word} {kind}"] for word in ("want", "got", "fields", "right"))
        print(f"# {kind}: {want} expected, {got} found; {fields} fields, {right} right")
        said = [n for n in notes if f": {kind} " in n]
        report(want == got and fields == right, "lab-" + kind.replace("_", "-"),
               *(said if len(sys.argv) > 1 else said[:15]))


if __name__ == "__main__":
    main()
    sys.exit(status())
