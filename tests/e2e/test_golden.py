#!/usr/bin/env python3
"""Reports as people get them: fixtures/golden/NAME.txt and NAME.md. A change shows as a diff here and in review;
`make golden` writes them anew. What the first lines say is held against the lab's record of what was set up."""
import datetime
import difflib
import json
import os
import re
import struct
import sys

from common import CAPTURES, FIXTURES, ROOT, report, run, skip, status

GOLDEN = os.path.join(FIXTURES, "golden")
FORMATS = {"text": ".txt", "markdown": ".md"}


def files(case, *suffixes):
    return [f"fixtures/{case}/{case}{suffix}" for suffix in suffixes or (".pcap",)]


# What is reported, and the case whose expected.json tells the truth about it.
CASES = {
    "reference-case": (files("reference-case"), "reference-case"),
    "event-4": (files("reference-case") + ["fixtures/reference-case/event4.txt"], None),  # tells the client's zone
    "duplicate-spn": (files("mit-b-dup-winmit", ".pcap", ".ldif"), "mit-b-dup-winmit"),
    "success": (files("mit-success-mit"), None),
    "damaged": (files("mit-y-snaplen200"), None),
    "clock-skew": (files("mit-i-skew-server-mit"), "mit-i-skew-server-mit"),
    "kdc-error": (files("mit-j-kdc-nosupp"), None),
    "smb": (files("ad-smb-wrong-account-windows", ".pcap", ".ldif"), "ad-smb-wrong-account-windows"),
    "rpc": (files("ad-rpc-tcp-stock"), None),  # refused without a KRB-ERROR
    "batch": (files("reference-case") + files("mit-success-mit") + files("mit-i-skew-kdc") + files("mit-d-wrong-a-winmit"), None),
}


def printed(name, form):
    status_, out, err = run("--format", form, "--width", "80", *CASES[name][0])
    assert status_ in (0, 1), err
    return out.decode("utf-8")


def compare(name, form):
    path = os.path.join(GOLDEN, name + FORMATS[form])
    with open(path, encoding="utf-8") as file:
        golden = file.read()
    now = printed(name, form)
    diff = difflib.unified_diff(golden.splitlines(), now.splitlines(), os.path.relpath(path, ROOT), "printed now", lineterm="")
    report(now == golden, f"golden/{name}{FORMATS[form]}", *diff, "make golden writes it anew: look at the diff first")
    return now


def plain(text):
    return " ".join(re.sub(r"[\\*#]", "", text).split()).lower()


def truth(name, form, text):
    """The verdict stands in the first line, and is the lab's."""
    first = plain(text.split("\n\n")[0])
    if CASES[name][1] is None:
        return
    with open(os.path.join(FIXTURES, CASES[name][1], "expected.json"), encoding="utf-8") as file:
        lab = json.load(file)
    code = next((e["error_code"] for e in lab.get("exchanges", []) if "error_code" in e), 41)
    wanted = [f"({code})", lab.get("spn_requested", lab.get("spn")).lower()]
    if code == 41:
        wanted += [lab.get("account_encrypting", lab.get("key_owner")).lower(),
                   lab.get("account_decrypting", lab.get("tried_by")).lower()]
    cause = lab.get("krbwhy_cause", lab.get("cause"))
    if form == "text" and cause:
        wanted.append(f"({cause}, ")
    report(all(w in first for w in wanted), f"golden/{name}{FORMATS[form]}/truth", first, *wanted)
    report(not text.startswith("fixtures/"), f"golden/{name}{FORMATS[form]}/verdict-first")


def zones():
    """Local time stands beside UTC where a file tells the zone (the event's clock face against the answer's), else not."""
    with_zone, without = printed("event-4", "text"), printed("reference-case", "text")
    report("local (-07:00)" in with_zone and re.search(r"05:10:05\.109  22:10:05 ", with_zone), "golden/local-time", with_zone)
    report("local" not in without.split("What shows it")[0] and without.count("no file tells a local time zone") == 1,
           "golden/no-zone-said-once", without)


def readme():
    """What README.md shows is what is printed."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        shown = re.search(r"(?m)^The first lines of what `make demo` prints:\n\n((?:    .*\n|\n)+)", file.read())
    parts = [re.sub("(?m)^    ", "", part).strip() for part in shown[1].split("\n\n")] if shown else []
    text = printed("reference-case", "text")
    report(len([p for p in parts if p]) == 2 and all(p in text for p in parts), "golden/readme", *parts)


def network_monitor():
    """The header's clock is local, the first frame's trailer has UTC: the zone is what lies between."""
    path = os.path.join(CAPTURES, "ms-prot-od__MS-CCROD_Example1_Win2016_X64_Win10_X64_Domain.cap")
    if not os.path.exists(path):
        skip("golden/network-monitor-zone", "the shared captures are not there")
        return
    with open(path, "rb") as file:
        data = file.read()
    y, mo, _, d, h, mi, s, _ = struct.unpack("<8H", data[8:24])
    at = struct.unpack_from("<I", data, struct.unpack_from("<I", data, 24)[0])[0]
    delta, _, length = struct.unpack_from("<qII", data, at)
    utc = struct.unpack_from("<Q", data, at + 16 + length + 6)[0] // 10
    local = datetime.datetime(y, mo, d, h, mi, s) + datetime.timedelta(microseconds=delta)
    apart = (local - datetime.datetime(1601, 1, 1) - datetime.timedelta(microseconds=utc)).total_seconds()
    hours = round(apart / 3600)
    out = run("--format", "html", path)[1].decode("utf-8")
    report(f"UTC; local time is UTC{hours:+03d}:00" in out, "golden/network-monitor-zone", hours)


def main():
    os.chdir(ROOT)
    if "--write" in sys.argv:
        os.makedirs(GOLDEN, exist_ok=True)
        for name in CASES:
            for form, suffix in FORMATS.items():
                with open(os.path.join(GOLDEN, name + suffix), "w", encoding="utf-8") as file:
                    file.write(printed(name, form))
        return 0
    for name in CASES:
        for form in FORMATS:
            truth(name, form, compare(name, form))
    zones()
    readme()
    network_monitor()
    return status()


if __name__ == "__main__":
    sys.exit(main())
