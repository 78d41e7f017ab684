#!/usr/bin/env python3
"""Ctrl-C and SIGTERM: what was read until then is reported, marked as partial, and files are whole or as they were. Progress."""
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import time

from common import FIXTURES, KRBWHY, pcap_read, report, status

REFERENCE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")


def endless(frames, link):
    """A capture on standard input that does not end: the reference case, then frames that say nothing, until nobody reads."""
    from common import pcap_bytes
    yield pcap_bytes(link, frames)
    sec = frames[-1][0]
    filler = pcap_bytes(link, [(sec, 999999, 60, bytes(12) + b"\x08\x06" + bytes(46))] * 1000)[24:]
    while True:
        yield filler


def interrupted(number, arguments, stdin_of=None, after=1.5, stderr=subprocess.PIPE):
    """(status, stdout, stderr) of a run that gets the signal."""
    child = subprocess.Popen([KRBWHY, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr)
    begin, sent = time.monotonic(), False
    os.set_blocking(child.stdin.fileno(), False)
    rest = b""
    for part in stdin_of or ():
        rest += part
        try:
            rest = rest[os.write(child.stdin.fileno(), rest):]
        except BlockingIOError:
            time.sleep(0.01)
        except BrokenPipeError:
            break
        if len(rest) > 1 << 20:
            rest = rest[:len(rest)]
            time.sleep(0.01)
        if not sent and time.monotonic() - begin > after:
            child.send_signal(number)
            sent = True
            break
    if not sent:
        time.sleep(after)
        child.send_signal(number)
    out = child.stdout.read()
    err = child.stderr.read() if child.stderr else b""
    child.stdin.close()
    return child.wait(timeout=60), out, err.decode("utf-8", "replace")


def check_formats():
    link, frames = pcap_read(REFERENCE)
    data = list(zip(range(200), endless(frames, link)))
    feed = [part for _, part in data]
    for number, want in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        code, out, err = interrupted(number, ["-f", "json", "-"], feed)
        document = json.loads(out) if out else {}
        report(code == want and document["summary"]["complete"] is False and
               [f["cause"] for f in document["findings"]] == ["cname-spn"] and
               document["captures"][0]["problems"][-1]["code"] == "interrupted" and "partial" in err,
               f"partial-json-{want}", code, err, out[-500:])
    for format_ in ("text", "markdown", "html"):
        code, out, err = interrupted(signal.SIGINT, ["-f", format_, "-"], feed)
        report(code == 130 and b"PARTIAL RESULT" in out and b"cname-spn" in out and b"interrupted here" in out,
               f"partial-{format_}", code, err, out[:300])
    code, out, err = interrupted(signal.SIGINT, ["-f", "json", REFERENCE, "-", REFERENCE, FIXTURES], feed)
    document = json.loads(out)
    marked = [any(p["code"] == "interrupted" for p in c["problems"]) for c in document["captures"]]
    report(code == 130 and not marked[0] and marked[1] and len(document["captures"]) > 3, "partial-of-many", marked[:5], err)


def check_files(work):
    """-o is written whole with the mark; copies of captures are not; --resume keeps only what is finished."""
    link, frames = pcap_read(REFERENCE)
    feed = [part for _, part in zip(range(50), endless(frames, link))]
    out, copy, state = (os.path.join(work, n) for n in ("report.json", "copy.pcapng", "state"))
    for path in (out, copy):
        with open(path, "wb") as file:
            file.write(b"as it was")
    code, _, err = interrupted(signal.SIGTERM, ["-f", "json", "-o", out, "--annotate", copy, "-"], feed)
    with open(out, "rb") as file:
        document = json.loads(file.read())
    with open(copy, "rb") as file:
        report(code == 143 and document["summary"]["complete"] is False and file.read() == b"as it was" and "not written" in err
               and sorted(os.listdir(work)) == ["copy.pcapng", "report.json"], "partial-files", code, err, os.listdir(work))
    code, text, err = interrupted(signal.SIGINT, ["-j2", "--resume", state, "-f", "json", REFERENCE, "-"], feed)
    with open(state, "rb") as file:
        lines = file.read().splitlines()
    document = json.loads(text)
    report(code == 130 and len(lines) == 1 and b"reference-case.pcap" in lines[0] and document["summary"]["complete"] is False
           and len(document["captures"]) == 2, "partial-resume", code, len(lines), err)


def check_waiting():
    """A pipe that nobody writes to does not hold the end up; a second signal ends at once."""
    with open(REFERENCE, "rb") as file:
        data = file.read()
    begin = time.monotonic()
    code, out, err = interrupted(signal.SIGINT, ["-f", "json", "-"], [data], after=0.5)
    document = json.loads(out)
    report(code == 130 and time.monotonic() - begin < 30 and [f["cause"] for f in document["findings"]] == ["cname-spn"] and
           document["summary"]["complete"] is False, "partial-of-a-waiting-pipe", code, err)


def on_terminal(arguments, data, seconds):
    """What the program writes to a terminal on stderr while its standard input comes slowly."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([KRBWHY, *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    child.stdin.write(data)
    child.stdin.flush()
    time.sleep(seconds)
    child.stdin.close()
    seen = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(ours)
    child.wait()
    return seen


def check_progress(work):
    """A line that is drawn again and taken away, within one file; nothing before a second, nothing without a terminal."""
    with open(REFERENCE, "rb") as file:
        data = file.read()
    seen = on_terminal(["-"], data, 2.0)
    report(b"\r\x1b[K" in seen and b"/s" in seen and seen.endswith(b"\r\x1b[K"), "progress-on-a-terminal", seen)
    report(on_terminal(["-"], data, 0.1) == b"", "no-progress-within-a-second")
    # A file that is read slowly: behind a big pile of other frames.
    big = os.path.join(work, "big.pcap")
    with open(big, "wb") as file:
        file.write(data)
        for _ in range(400):
            file.write(data[24:] * 150)
    seen = on_terminal([big], b"", 0)
    lines = [line for line in seen.split(b"\r\x1b[K") if line]
    report(len(lines) >= 2 and all(b"MB of " in line and b" left" in line and b"%" in line for line in lines) and
           seen.endswith(b"\r\x1b[K") and any(b"Kerberos message" in line for line in lines), "progress-within-a-file", lines[:3])
    report(all(len(line) <= 79 for line in lines), "progress-fits-a-line", lines[:1])
    child = subprocess.run([KRBWHY, "-"], input=data, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    report(child.stderr == b"", "no-progress-into-a-file", child.stderr)


def main():
    with tempfile.TemporaryDirectory() as work:
        check_formats()
        check_files(work)
        check_waiting()
    with tempfile.TemporaryDirectory() as work:
        check_progress(work)
    return status()


if __name__ == "__main__":
    sys.exit(main())
