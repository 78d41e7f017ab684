#!/usr/bin/env python3
"""Consecutive files of one capture (ring buffers) are read as one; near twins are not; every option says what it does with them."""
import gzip
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

from common import FIXTURES, broken, pcap_bytes, pcap_read, pcapng_bytes, report, run, skip, status

REFERENCE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
OTHERS = ["mit-b-dup-winmit", "mit-m-ipv6", "mit-success-mit"]
STYLES = {
    "dumpcap": ["t_00009_20260101120000.pcap", "t_00010_20260101120001.pcap", "t_00011_20260101120002.pcap"],
    "dumpcap-time-first": ["t_20260101120000_00001.pcap", "t_20260101120001_00002.pcap", "t_20260101120002_00003.pcap"],
    "tcpdump-C": ["t.pcap", "t.pcap1", "t.pcap2"],
    "tcpdump-C-later": ["t.pcap9", "t.pcap10", "t.pcap11"],
    "tcpdump-W": ["t.pcap00", "t.pcap01", "t.pcap02"],
    "tcpdump-G": ["t-2026-01-01_12-00-00.pcap", "t-2026-01-01_12-00-05.pcap", "t-2026-01-01_12-10-00.pcap"],
    "tcpdump-G-seconds": ["t1767225600.pcap", "t1767225700.pcap", "t1767225800.pcap"],
    "netmon": ["t.cap", "t(1).cap", "t(2).cap"],
}


def cut(frames, at):
    """The frames cut before each index of `at`."""
    edges = [0, *at, len(frames)]
    return [frames[a:b] for a, b in zip(edges, edges[1:])]


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def write_parts(folder, names, link, parts, make=pcap_bytes):
    return [write(folder, name, make(link, part)) for name, part in zip(names, parts)]


def shift(frames, seconds):
    return [(sec + seconds, usec, wire, data) for sec, usec, wire, data in frames]


def facts(document, starts):
    """What a report says, with frames counted through all files."""
    def place(source):
        if source is None or "evidence" in source:
            return source
        return source["frame"] + starts[source["capture"]]

    def statements(items):
        return [(s["statement"], sorted(place(x) for x in s["sources"])) for s in items]

    return [(f["cause"], f["confidence"], f["title"], f["explanation"], statements(f["for"]), statements(f["against"]),
             [(r["cause"], r["statement"], sorted(place(x) for x in r["sources"])) for r in f["refuted"]])
            for f in document["findings"]] + \
           [(a["spn"], a["outcome"], a["error"] and place(a["error"]["source"]), a["ticket"] and a["ticket"]["sha256"],
             a["ap"] and place(a["ap"]["request"])) for a in document["attempts"]]


def starts_of(document):
    starts, total = [], 0
    for capture in document["captures"]:
        total = 0 if capture["continues"] is None else total
        starts.append(total)
        total += capture["packets"]
    return starts


def read(*arguments):
    code, out, err = run("-f", "json", "--all", *arguments)
    if broken(code, err) or not out:
        raise AssertionError(err[-3000:])
    return json.loads(out), err


def codes(document):
    return [[p["code"] for p in c["problems"]] for c in document["captures"]]


def check_styles(work):
    link, frames = pcap_read(REFERENCE)
    whole = facts(read(REFERENCE)[0], [0])
    for style, names in STYLES.items():
        folder = os.path.join(work, style)
        os.makedirs(folder)
        paths = write_parts(folder, names, link, cut(frames, [8, 17]))
        document, err = read(folder)
        report([c["continues"] for c in document["captures"]] == [None, 0, 1] and
               [c["path"] for c in document["captures"]] == paths and facts(document, starts_of(document)) == whole
               and err == "", f"series-{style}", [c["path"] for c in document["captures"]], err, codes(document))
        named = read(*reversed(paths))[0]
        report([c["path"] for c in named["captures"]] == paths and facts(named, starts_of(named)) == whole,
               f"series-{style}-named-in-any-order")
        if style == "dumpcap":
            pcapng = os.path.join(work, "pcapng")
            os.makedirs(pcapng)
            write_parts(pcapng, [n + "ng" for n in names], link, cut(frames, [8, 17]), pcapng_bytes)
            document = read(pcapng)[0]
            report(facts(document, starts_of(document)) == whole, "series-of-pcapng")


def check_every_cut(work):
    """A conversation, a message and a segment that straddle the boundary, whichever it is."""
    for name in [None, *OTHERS]:
        path = REFERENCE if name is None else os.path.join(FIXTURES, name, name + ".pcap")
        link, frames = pcap_read(path)
        whole, bad = facts(read(path)[0], [0]), []
        step = 1 if name is None else max(1, len(frames) // 8)
        for at in range(1, len(frames), step):
            folder = os.path.join(work, "every")
            os.makedirs(folder)
            write_parts(folder, STYLES["tcpdump-C"], link, cut(frames, [at]))
            document = read(folder)[0]
            if facts(document, starts_of(document)) != whole:
                bad.append(at)
            shutil.rmtree(folder)
        report(not bad and len(whole) > 0, f"series-cut-anywhere-{name or 'reference-case'}", bad)


def check_compressed(work):
    link, frames = pcap_read(REFERENCE)
    whole = facts(read(REFERENCE)[0], [0])
    parts = [pcap_bytes(link, part) for part in cut(frames, [8, 17])]
    folder = os.path.join(work, "packed")
    os.makedirs(folder)
    write(folder, "t.pcap.gz", gzip.compress(parts[0]))
    write(folder, "t.pcap1.gz", gzip.compress(parts[1]))
    write(folder, "t.pcap2", parts[2])
    document = read(folder)[0]
    report(facts(document, starts_of(document)) == whole and document["captures"][1]["format"] == "pcap in gzip",
           "series-gzip", codes(document))
    if shutil.which("zstd") is None:
        skip("series-zstd", "zstd is not installed")
        return
    os.remove(os.path.join(folder, "t.pcap1.gz"))
    write(folder, "t.pcap1.zst", subprocess.run(["zstd", "-q", "-c"], input=parts[1], stdout=subprocess.PIPE, check=True).stdout)
    document = read(folder)[0]
    report(facts(document, starts_of(document)) == whole, "series-zstd", codes(document))


def named_interface(name):
    def make(link, frames):
        data = pcapng_bytes(link, frames)
        section = struct.unpack("<I", data[4:8])[0]
        old = struct.unpack("<I", data[section + 4:section + 8])[0]
        option = struct.pack("<HH", 2, len(name)) + name + b"\0" * (-len(name) % 4) + struct.pack("<HH", 0, 0)
        body = struct.pack("<HHI", link, 0, 262144) + option
        block = struct.pack("<II", 1, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
        return data[:section] + block + data[section + old:]
    return make


def check_twins(work):
    """Names that follow each other, and files that do not."""
    link, frames = pcap_read(REFERENCE)
    first, second = cut(frames, [15])
    twins = {
        "a-day-later": (pcap_bytes(link, first), pcap_bytes(link, shift(second, 86400)), "later than"),
        "ten-minutes-later": (pcap_bytes(link, first), pcap_bytes(link, shift(second, 600)), "later than"),
        "earlier": (pcap_bytes(link, first), pcap_bytes(link, shift(second, -30)), "earlier than"),
        "the-same-again": (pcap_bytes(link, frames), pcap_bytes(link, shift(frames, -2)), "earlier than"),
        "another-link-type": (pcap_bytes(link, first), pcap_bytes(113, second), "link type"),
        "another-interface": (named_interface(b"eth0")(link, first), named_interface(b"eth1")(link, second), "interface eth1"),
    }
    for name, (one, two, says) in twins.items():
        folder = os.path.join(work, name)
        os.makedirs(folder)
        write(folder, "t_00001_20260101120000.pcap", one)
        write(folder, "t_00002_20260101120001.pcap", two)
        document, err = read(folder)
        problem = [p for p in document["captures"][1]["problems"] if p["code"] == "not-continued"]
        report([c["continues"] for c in document["captures"]] == [None, None] and len(problem) == 1 and
               says in problem[0]["message"] and says in err, f"twin-{name}", codes(document), err)
        alone = [read(os.path.join(folder, n))[0] for n in sorted(os.listdir(folder))]
        report(sorted(f["cause"] for f in document["findings"]) ==
               sorted(f["cause"] for d in alone for f in d["findings"]) and
               len(document["attempts"]) == sum(len(d["attempts"]) for d in alone), f"twin-{name}-judged-apart")
    folder = os.path.join(work, "same-interface")
    os.makedirs(folder)
    write_parts(folder, ["t_00001_20260101120000.pcapng", "t_00002_20260101120001.pcapng"], link, (first, second),
                named_interface(b"eth0"))
    document = read(folder)[0]
    report([c["continues"] for c in document["captures"]] == [None, 0], "no-twin-same-interface", codes(document))
    # A file that a browser saved a second time, copies with names of their own, another folder.
    folder = os.path.join(work, "copies")
    os.makedirs(os.path.join(folder, "other"))
    for name in ("t.pcap", "t (1).pcap", "u1.pcap", "u2.pcap", os.path.join("other", "t.pcap1")):
        write(folder, name, pcap_bytes(link, frames))
    document, err = read(folder)
    report(len(document["captures"]) == 5 and not any(codes(document)) and err == "", "names-that-are-no-series", codes(document))


def check_missing(work):
    link, frames = pcap_read(REFERENCE)
    folder = os.path.join(work, "missing")
    os.makedirs(folder)
    names = [f"t_{i:05}_2026010112000{i}.pcap" for i in range(5)]
    parts = cut(frames, [5, 10, 14, 19])
    for i in (0, 1, 3, 4):
        write(folder, names[i], pcap_bytes(link, parts[i]))
    document, err = read(folder)
    report([c["continues"] for c in document["captures"]] == [None, 0, None, 2] and
           codes(document) == [[], [], ["missing-file"], []] and "number 2 is missing" in err and "t_00001_" in err,
           "series-with-a-hole", codes(document), err)
    text = run(folder)[1].decode()
    report("number 2 is missing" in " ".join(text.split()), "series-with-a-hole-in-the-text", text[-1500:])
    # A member that is damaged, and one that cannot be read: what is beside it still counts.
    write(folder, names[2], pcap_bytes(link, parts[2])[:10])
    document, err = read(folder)
    report(len(document["captures"]) >= 4 and sum("not-continued" in c for c in codes(document)) >= 1 and
           not any("missing-file" in c for c in codes(document)), "series-with-a-damaged-member", codes(document), err)
    write(folder, names[2], pcap_bytes(link, parts[2])[:-3])
    document, err = read(folder)
    report([c["continues"] for c in document["captures"]] == [None, 0, 1, 2, 3] and "truncated-file" in codes(document)[2],
           "series-with-a-cut-member", codes(document), err)
    report(all(p["frame"] is None or p["frame"] <= document["captures"][2]["packets"] + 1
               for p in document["captures"][2]["problems"]), "problems-count-frames-in-their-file",
           document["captures"][2]["problems"])


def check_ring(work):
    """tcpdump -W goes round: the oldest file is in the middle of the names."""
    link, frames = pcap_read(REFERENCE)
    folder = os.path.join(work, "ring")
    os.makedirs(folder)
    parts = cut(frames, [5, 10, 14])
    for number, part in zip((2, 3, 0, 1), parts):
        write(folder, f"t.pcap{number}", pcap_bytes(link, part))
    document = read(folder)[0]
    report(facts(document, starts_of(document)) == facts(read(REFERENCE)[0], [0]) and
           document["captures"][0]["path"].endswith("t.pcap2"), "series-that-went-round", codes(document))


def check_merge_order(work):
    """Files that follow by name and were read apart: merged in the order of their numbers, as in one run."""
    link, frames = pcap_read(REFERENCE)
    layouts = {
        "tcpdump-C": ["x.pcap"] + [f"x.pcap{i}" for i in range(1, 12)],
        "tcpdump-C-with-a-hole": ["x.pcap"] + [f"x.pcap{i}" for i in (1, 2, 4, 9, 10, 11, 100)],
        "netmon": ["x.cap"] + [f"x({i}).cap" for i in range(1, 12)],
        "two-interfaces": [f"t-2026-01-01_12-0{i}-00-eth{k}.pcap" for i in range(4) for k in range(2)],
        "compressed-names": ["x.pcap.gz"] + [f"x.pcap{i}" for i in range(1, 11)] + ["x.pcap1.txt.pcap"],
    }
    for name, names in layouts.items():
        folder = os.path.join(work, "merge-" + name)
        os.makedirs(folder)
        for i, file in enumerate(names):  # a day apart each, so that none is joined with another
            write(folder, file, pcap_bytes(link, shift(frames, 86400 * 2 * (len(names) - i))))
        lines, whole = run("-f", "ndjson", folder)[1], run("-f", "json", folder)[:2]
        parts = []
        for i, line in enumerate(reversed(lines.splitlines(keepends=True))):
            parts.append(write(work, f"part{i}.ndjson", line))
        merged = run("--merge", "-f", "ndjson", *parts)[1]
        shown = [json.loads(line)["captures"][0]["path"].rsplit("/", 1)[1] for line in merged.splitlines()]
        report(merged == lines and len(parts) == len(names), f"merge-order-{name}", shown)
        report(run("--merge", "-f", "json", *parts)[:2] == whole, f"merge-order-json-{name}")
    report(shown[:3] == ["x.pcap.gz", "x.pcap1", "x.pcap2"] and "x.pcap10" == shown[10], "merge-order-by-number", shown)
    # Some joined, some not.
    folder = os.path.join(work, "merge-partly")
    os.makedirs(folder)
    for i, part in enumerate(cut(frames, list(range(2, 24, 2)))):
        write(folder, "y.pcap" + (str(i) if i > 0 else ""), pcap_bytes(link, shift(part, 200 * (i // 3))))
    lines = run("-f", "ndjson", folder)[1]
    part = write(work, "partly.ndjson", b"".join(reversed(lines.splitlines(keepends=True))))
    report(run("--merge", "-f", "ndjson", part)[1] == lines and lines.count(b"\n") == 4, "merge-order-partly-joined", lines.count(b"\n"))
    report(run("--merge", "-f", "json", part)[:2] == run("-f", "json", folder)[:2], "merge-order-json-partly-joined")


def check_options(work):
    link, frames = pcap_read(REFERENCE)
    whole = facts(read(REFERENCE)[0], [0])
    folder = os.path.join(work, "options")
    os.makedirs(folder)
    write_parts(folder, STYLES["tcpdump-C"], link, cut(frames, [8, 17]))
    shutil.copyfile(os.path.join(FIXTURES, OTHERS[0], OTHERS[0] + ".pcap"), os.path.join(folder, "a.pcap"))
    shutil.copyfile(os.path.join(FIXTURES, OTHERS[1], OTHERS[1] + ".pcap"), os.path.join(folder, "z.pcap"))
    for format_ in ("text", "json", "ndjson", "html", "markdown", "brief"):
        outs = {run("-f", format_, "-j", str(n), folder)[1] for n in (1, 2, 8)}
        report(len(outs) == 1, f"series-any-jobs-{format_}")
    text = run(folder)[1].decode()
    report("consecutive files of one capture" in " ".join(text.split()) and "In " + folder + "/t.pcap2:" in text,
           "series-told-in-text", text[-800:])
    html = run("-f", "html", folder)[1].decode()
    report("consecutive files of one capture" in html and "which it continues" in html, "series-told-in-html")
    report("t.pcap1" in run("-f", "markdown", folder)[1].decode(), "series-told-in-markdown")
    events = [json.loads(line) for line in run("--events", folder)[1].splitlines()]
    report({e["capture"] for e in events} == {0, 1, 2, 3, 4} and max(e["frame"] for e in events if e["capture"] in (1, 2, 3)) <= 9,
           "series-events-count-in-their-file")
    state, json_out = os.path.join(work, "state.ndjson"), run("-f", "json", folder)[:2]
    report(run("--resume", state, "-f", "json", folder)[:2] == json_out, "series-resume-first-run")
    with open(state, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    report(len(lines) == 3 and run("--resume", state, "-f", "json", folder)[:2] == json_out, "series-resume-again", len(lines))
    with open(state, "rb") as file:
        report(file.read() == b"".join(lines), "series-resume-reads-nothing-again")
    report(run("--merge", "-f", "json", state)[:2] == json_out, "series-merge")
    os.utime(os.path.join(folder, "t.pcap1"), (1, 1))
    run("--resume", state, "-f", "json", folder)
    with open(state, "rb") as file:
        report(len(file.read().splitlines()) == 4, "series-resume-notices-a-later-file")
    case = read("--case", *(os.path.join(folder, n) for n in STYLES["tcpdump-C"]))[0]
    report(facts(case, starts_of(case)) == whole, "series-in-a-case")
    only = [os.path.join(folder, n) for n in STYLES["tcpdump-C"]]
    for option, redact in (("--annotate", []), ("--extract", []), ("--annotate", ["--redact"]), ("--extract", ["--redact"])):
        out = os.path.join(work, "out.pcapng")
        code, _, err = run(option, out, *redact, *only)
        document = read(out)[0]
        found = [(f["cause"], f["confidence"]) for f in document["findings"]]
        report(code == 1 and found == [w[:2] for w in whole[:len(found)]] and found and "3 consecutive files" in err and
               (option != "--annotate" or document["captures"][0]["packets"] == len(frames)),
               f"series{option[1:]}{'-redacted' if redact else ''}", code, found, err)
        os.remove(out)


def main():
    with tempfile.TemporaryDirectory() as work:
        for check in (check_styles, check_every_cut, check_compressed, check_twins, check_missing, check_ring, check_merge_order, check_options):
            check(work)
    return status()


if __name__ == "__main__":
    sys.exit(main())
