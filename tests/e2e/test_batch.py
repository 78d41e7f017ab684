#!/usr/bin/env python3
"""Many captures: one line a finding, groups over all captures, merging, going on after a stop, the same bytes for every -j."""
import ipaddress
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

from common import FIXTURES, KRBWHY, ROOT, broken, report, run, skip, status

NAMES = ["reference-case", "mit-b-dup-winmit", "mit-success-mit", "mit-m-ipv6", "mit-i-skew-kdc"]
BAD = "05-bad.pcap"


def fixture(name):
    return os.path.join(FIXTURES, name, name + ".pcap")


def batch(folder):
    """Twenty copies of five captures in two folders, and one that is none."""
    os.makedirs(os.path.join(folder, "later"))
    for i in range(20):
        to = os.path.join(folder, "later" if i >= 14 else "", f"{i:02}.pcap")
        shutil.copyfile(fixture(NAMES[i % len(NAMES)]), to)
    with open(os.path.join(folder, BAD), "wb") as file:
        file.write(bytes(range(1, 200)))


def check_brief(folder):
    code, out, err = run("--brief", folder)
    lines = [line.split("\t") for line in out.decode("ascii").splitlines()]
    report(code == 1 and BAD in err and not broken(code, err), "batch-bad-file-is-a-warning", code, err)
    report(lines and all(len(line) == 8 and all(line) for line in lines), "brief-eight-fields", *lines[:3])
    document = json.loads(run("-f", "json", folder)[1])
    report([line[1:3] for line in lines] == [[f["cause"], f["confidence"]] for f in document["findings"]],
           "brief-a-line-a-finding")
    first = next((line for line in lines if line[0].endswith("00.pcap")), None)
    report(first is not None and first[3:] == ["HTTP/iis01.test.com", "contososvc", "10.0.5.2:80", "41", "1"],
           "brief-of-the-reference-case", first)
    report(run("-f", "brief", folder)[1] == out, "brief-is-a-format")
    report(b"\tinfo\t" not in out and len(run("--brief", "--all", folder)[1]) >= len(out), "brief-and-all")
    told = " ".join(run("--help")[1].decode().split())
    report(all(word in told for word in ("--brief", "Fields of a line", "error (its code)", "--ascii", "--color")),
           "brief-in-the-help")


def counted(document):
    """The keys of every attempt that a finding names, counted from the rest of the document (the account is not in it)."""
    attempts, found = {a["id"]: a for a in document["attempts"]}, {}
    for f in document["findings"]:
        for a in (attempts[i] for i in f["attempts"]):
            address = a["client"]["address"]
            net = address and str(ipaddress.ip_network((address, 64 if ":" in address else 24), strict=False))
            key = (f["cause"], a["spn"], a["server"]["address"], net)
            found.setdefault(key, set()).add(f["id"])
    return {key: len(ids) for key, ids in found.items()}


def check_groups(folder):
    document = json.loads(run("-f", "json", folder)[1])
    groups, summed = document["groups"], {}
    for g in groups:
        key = (g["cause"], g["spn"], g["server"], g["network"])
        summed[key] = summed.get(key, 0) + g["findings"]
    report(summed == counted(document) and len(groups) > 3, "groups-count-the-findings", summed, counted(document))
    weights = [g["attempts"] for g in groups]
    report(weights == sorted(weights, reverse=True), "groups-heaviest-first", weights)
    first = next(g for g in groups if g["account"] == "contososvc" and ":" not in g["server"])
    report(first["incidents"] == first["findings"] == 4 and first["network"] == "10.0.5.0/24" and
           first["example"]["path"].endswith("/00.pcap") and first["example"]["time"] == first["first"] == first["last"],
           "group-of-the-reference-case", first)
    report(all(g["first"] <= g["last"] for g in groups if g["first"]), "groups-first-and-last")
    for format_ in ("text", "markdown"):
        out = run("-f", format_, "--width", "1000", folder)[1].decode()
        report("What went wrong" in out[:80] and "contososvc" in out.split("##" if format_ == "markdown" else "\n\n")[0]
               or format_ == "markdown" and "contososvc" in out[:3000], f"groups-begin-the-{format_}", out[:500])
        report("What went wrong" not in run("-f", format_, fixture(NAMES[0]))[1].decode(), f"no-groups-of-one-{format_}")
    report(json.loads(run("-f", "json", fixture("mit-success-mit"))[1])["groups"] == [], "no-groups")


def check_merge(folder, work):
    """Results of two runs over the halves, in the wrong order, are the report of one run."""
    parts = [[os.path.join(folder, f"{i:02}.pcap") for i in range(9, 14)] + [os.path.join(folder, "later")],
             [os.path.join(folder, f"{i:02}.pcap") for i in range(9)]]
    files = [os.path.join(work, "a.ndjson"), os.path.join(work, "b.ndjson")]
    for part, file in zip(parts, files):
        run("-f", "ndjson", "-o", file, *part)
    for format_ in ("json", "ndjson"):
        report(run("--merge", "-f", format_, *files)[:2] == run("-f", format_, folder)[:2], f"merge-is-one-run-{format_}")
    code, text, err = run("--merge", *files)
    whole = run(folder)[1]
    report(code == 1 and whole.startswith(text[:text.index(b"\n\n")]) and text[text.index(b"Summary"):] in whole,
           "merge-text-is-groups-and-summary", text[-300:], err)
    with open(files[0], "ab") as file:
        file.write(b'{"schema": "krbwhy/1", "captures": [{"pa')
    code, out, err = run("--merge", "-f", "json", *files)
    report(code == 1 and out == run("-f", "json", folder)[1] and "left out" in err, "merge-a-torn-line", err)
    report(run("--merge", fixture(NAMES[0]))[0] == 2 and run("--merge", "-f", "html", *files)[0] == 2, "merge-of-nothing")
    lab = os.path.join(work, "all.ndjson")
    # Evidence that no capture goes with is in no line.
    some = [os.path.join(FIXTURES, n) for n in sorted(os.listdir(FIXTURES)) if n not in ("evidence-alone", "golden")][:30]
    run("-f", "ndjson", "-o", lab, "--all", *some)
    report(run("--merge", "-f", "json", lab)[:2] == run("-f", "json", "--all", *some)[:2], "merge-of-fixtures")


def check_resume(folder, work):
    state = os.path.join(work, "state.ndjson")
    whole = run("-f", "json", folder)[:2]
    report(run("--resume", state, "-f", "json", folder)[:2] == whole, "resume-first-run")
    with open(state, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    report(run("--merge", "-f", "json", state)[:2] == whole, "merge-of-a-state")
    report(len(lines) == 20, "resume-a-line-a-capture", len(lines))
    torn = b"".join(lines[:7]) + lines[7][:len(lines[7]) // 2]
    with open(state, "wb") as file:
        file.write(torn)
    moved = os.path.join(work, "moved.pcap")
    first = os.path.join(folder, "01.pcap")
    os.rename(first, moved)  # finished: were it read again, its size and time would be another's
    shutil.copyfile(fixture("mit-success-mit"), first)
    changed = run("-f", "json", folder)[:2]
    report(run("--resume", state, "-f", "json", folder)[:2] == changed != whole, "resume-after-a-torn-line")
    with open(state, "rb") as file:
        again = file.read().splitlines(keepends=True)
    report(again[:7] == lines[:7] and len(again) == 7 + 13 + 1 and all(json.loads(line) for line in again),
           "resume-reads-only-the-rest", len(again))
    report(run("--resume", state, folder)[1].startswith(b"What went wrong"), "resume-text")
    with open(state, "rb") as file:
        report(len(file.read().splitlines()) == len(again), "resume-reads-nothing-again")
    os.rename(moved, first)
    report(run("--resume", fixture(NAMES[0]), folder)[0] == 2 and run("--resume", state, "--case", folder)[0] == 2,
           "resume-into-what-is-none")


def check_resume_full_disk(folder, work):
    """A line that does not fit is taken back, so that no later line goes on with half of it."""
    state, small = os.path.join(work, "full.ndjson"), os.path.join(work, "limited.ndjson")
    whole = run("--resume", state, "-f", "json", folder)[:2]
    with open(state, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    limit = sum(len(line) for line in lines) - max(len(line) for line in lines) // 2

    def bounded():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run([KRBWHY, "--resume", small, "-f", "json", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=bounded, check=False)
    with open(small, "rb") as file:
        kept = file.read().splitlines(keepends=True)
    report(done.stdout == whole[1] and done.returncode == whole[0] and b"cannot be written to" in done.stderr,
           "resume-on-a-full-disk", done.stderr[-300:])
    report(0 < len(kept) < len(lines) and all(line.endswith(b"}\n") and json.loads(line) for line in kept),
           "resume-on-a-full-disk-keeps-whole-lines", len(kept), len(lines))
    report(run("--resume", small, "-f", "json", folder)[:2] == whole, "resume-after-a-full-disk")
    # What a crash of the machine may leave: a hole where a line was to be, and half a line in the middle.
    with open(small, "wb") as file:
        file.write(lines[0] + lines[1][:50] + b"\n" + b"\0" * 300 + b"\n" + lines[2])
    report(run("--resume", small, "-f", "json", folder)[:2] == whole, "resume-after-a-crash")


def check_parallel(folder, work):
    if shutil.which("parallel") is None:
        skip("parallel-is-one-run", "GNU parallel is not here")
        return
    out = os.path.join(work, "out")
    env = dict(os.environ, KRBWHY=KRBWHY, SLOTS="2", FORMAT="json", ASAN_OPTIONS="detect_leaks=0", HOME=work)
    script = os.path.join(ROOT, "share", "cluster", "krbwhy-parallel")
    done = subprocess.run([script, folder, out], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100)
    report(done.stdout == run("-f", "json", folder)[1], "parallel-is-one-run", done.returncode, done.stderr.decode()[-500:])
    sizes = {n: os.path.getsize(os.path.join(out, n)) for n in os.listdir(out) if n.endswith(".part")}
    again = subprocess.run([script, folder, out], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100)
    report(again.stdout == done.stdout and sizes == {n: os.path.getsize(os.path.join(out, n)) for n in sizes},
           "parallel-again-reads-nothing")


def check_jobs(folder):
    for format_ in ("json", "ndjson", "text", "brief"):
        one, two = run("-j1", "-f", format_, folder), run("-j2", "-f", format_, folder)
        report(one == two, f"same-bytes-j1-j2-{format_}")


def check_style():
    case = fixture("reference-case")
    wide = run("--width", "100", case)[1].decode()
    report(80 < max(len(line) for line in wide.splitlines() if "frame.number" not in line), "width-is-used")
    report(run("--width", "64", case)[1] == run(case, env={"COLUMNS": "64"})[1] != wide.encode(), "width-as-columns")
    report(all(run("--width", w, case)[0] == 2 for w in ("59", "1001", "x", "-1", "80x")), "width-that-is-none")
    colour, plain = run("--color", "always", case)[1], run("--color=never", case)[1]
    report(b"\x1b[" in colour and b"\x1b[" not in plain and run("--color=auto", case)[1] == plain, "colour-when")
    report(run("--color", "perhaps", case)[0] == 2, "colour-that-is-none")
    with tempfile.TemporaryDirectory() as folder:
        named = os.path.join(folder, "b\u00fcro-\u4e2d.pcap")
        shutil.copyfile(case, named)
        for format_ in ("text", "brief"):
            out = run("-f", format_, "--ascii", named)[1]
            report(out.isascii() and b"b\\u{00fc}ro-\\u{4e2d}.pcap" in out, f"ascii-{format_}", out[:200])
            report("b\u00fcro".encode() in run("-f", format_, named)[1], f"not-ascii-{format_}")


def main():
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "batch")
        batch(folder)
        check_merge(folder, work)
        check_brief(folder)
        check_jobs(folder)
        check_parallel(folder, work)
        check_resume(folder, work)
        check_resume_full_disk(folder, work)
        check_groups(folder)
    check_style()


if __name__ == "__main__":
    main()
    sys.exit(status())
