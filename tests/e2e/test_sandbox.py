#!/usr/bin/env python3
"""Workers: what they may still do, and that one which is killed costs its own capture only."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from common import FIXTURES, KRBWHY, ROOT, pcap_bytes, pcap_read, report, run, skip, status

CASE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
RELEASE = os.path.join(ROOT, "build", "krbwhy")  # a leak checker does not work under strace


def kill_in_the_middle(folder):
    pipe = os.path.join(folder, "slow.pcap")
    os.mkfifo(pipe)
    with open(CASE, "rb") as file:
        content = file.read()
    run_ = subprocess.Popen([KRBWHY, "-f", "json", "-j", "2", pipe, CASE], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open(pipe, "wb") as file:  # the open waits for the program
        file.write(content[:len(content) // 2])
        file.flush()
        worker = None
        for _ in range(200):
            with open(f"/proc/{run_.pid}/task/{run_.pid}/children", encoding="ascii") as children:
                workers = children.read().split()
            # The other one is soon gone; the one that waits for its pipe stays.
            if len(workers) == 1 and worker == workers[0]:
                break
            worker = workers[0] if len(workers) == 1 else None
            time.sleep(0.1)
        os.kill(int(worker), signal.SIGKILL)
        out, err = run_.communicate(timeout=60)
    err = err.decode()
    got = json.loads(out)
    report(run_.returncode == 1 and "slow.pcap" in err and "ended by signal 9" in err, "killed-worker-is-said", err)
    report([f["cause"] for f in got["findings"]] == ["cname-spn"] and len(got["captures"]) == 2,
           "killed-worker-costs-its-own-capture", json.dumps(got)[:500])


def is_worker(pid, child):
    """Not what a script that starts the program (the tarball's) calls before."""
    try:
        program = os.readlink(f"/proc/{pid}/exe")
        return os.path.basename(program) not in ("sh", "dash", "bash") and os.readlink(f"/proc/{child}/exe") == program
    except OSError:
        return False


def kill_at_file(path, run_):
    """Kills the worker while it reads the file, whose offset it shares with the program. True when it was in the middle."""
    size, children = os.path.getsize(path), f"/proc/{run_.pid}/task/{run_.pid}/children"
    while run_.poll() is None:
        for fd in os.listdir(f"/proc/{run_.pid}/fd"):
            try:
                if os.readlink(f"/proc/{run_.pid}/fd/{fd}") != path:
                    continue
                with open(f"/proc/{run_.pid}/fdinfo/{fd}", encoding="ascii") as info:
                    at = int(info.readline().split()[1])
            except OSError:
                continue
            if 100000 < at < size:  # not only its magic
                with open(children, encoding="ascii") as file:
                    for worker in file.read().split():
                        os.kill(int(worker), signal.SIGKILL)
                return True
        time.sleep(0.001)
    return False


def kill_among_consecutive_files(folder):
    """One of the files of a ring costs itself: another worker goes on with the next."""
    link, frames = pcap_read(CASE)
    usec = frames[0][1]
    filler = pcap_bytes(link, [(frames[0][0], usec, 60, b"\2" * 12 + b"\x88\xb5" + bytes(46))])[24:] * 2000000
    series = os.path.join(folder, "ring")
    os.makedirs(series)
    names = [os.path.join(os.path.realpath(series), n) for n in ("t.pcap", "t.pcap1", "t.pcap2", "t.pcap3")]
    for name, data in zip(names, (pcap_bytes(link, frames[:3]), pcap_bytes(link, frames[3:4]) + filler, pcap_bytes(link, frames),
                                  pcap_bytes(link, frames[-1:]))):
        with open(name, "wb") as file:
            file.write(data)
    for at, at_name in ((1, "second"), (0, "first")):
        if at == 0:
            for before, name in zip(names, names[1:]):
                os.rename(name, before)
        for format_, jobs in (("json", "1"), ("ndjson", "2")):
            for _ in range(3):
                run_ = subprocess.Popen([KRBWHY, "-f", format_, "-j", jobs, os.path.dirname(names[0])], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
                hit = kill_at_file(names[at], run_)
                out, err = run_.communicate(timeout=120)
                if hit:
                    break
            documents = [json.loads(line) for line in out.splitlines()] if format_ == "ndjson" else [json.loads(out)]
            captures = [c for d in documents for c in d["captures"]]
            codes = {os.path.basename(c["path"]): [p["code"] for p in c["problems"]] for c in captures}
            dead = os.path.basename(names[at])
            report(hit and codes.get(dead) == ["worker-ended"] and b"ended by signal 9" in err and run_.returncode == 1,
                   f"killed-worker-at-the-{at_name}-of-a-series-{format_}", hit, codes, run_.returncode, err[-500:])
            report([f["cause"] for d in documents for f in d["findings"]] == ["cname-spn"] and codes.get(f"t.pcap{at + 1}") == ["not-continued"]
                   and codes.get(f"t.pcap{at + 2}") == [] and len(captures) == 3 + at,
                   f"another-worker-goes-on-{at_name}-{format_}", codes, [f["cause"] for d in documents for f in d["findings"]])


def nothing_left():
    """A worker that leaves nothing is no capture in which nothing is wrong."""
    run_ = subprocess.Popen([KRBWHY, "-f", "json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    worker = ""
    for _ in range(200):
        with open(f"/proc/{run_.pid}/task/{run_.pid}/children", encoding="ascii") as children:
            worker = children.read().strip()
        if worker.isdigit() and is_worker(run_.pid, worker):
            break
        time.sleep(0.1)
    os.kill(int(worker), signal.SIGKILL)
    out, err = run_.communicate(timeout=60)
    report(run_.returncode == 2 and out == b"" and b"ended by signal 9" in err, "killed-worker-that-left-nothing",
           run_.returncode, err)


def confinement():
    """What system calls workers make once they are confined, over containers, evidence and a keytab."""
    if shutil.which("strace") is None:
        skip("no-opens-in-a-worker", "strace is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "trace")
        try:
            done = subprocess.run(["strace", "-ff", "-o", trace, RELEASE, "-j1", os.path.join(FIXTURES, "reference-case"),
                                   os.path.join(FIXTURES, "iis-r3"), os.path.join(FIXTURES, "mit-g-stale-winmit"),
                                   "-k", os.path.join(FIXTURES, "reference-case", "iis01.keytab")],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        except OSError as problem:
            skip("no-opens-in-a-worker", problem)
            return
        if done.returncode != 1:
            skip("no-opens-in-a-worker", "strace does not work here")
            return
        confined = 0
        refused = []
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
            start = [i for i, line in enumerate(lines) if line.startswith("seccomp(SECCOMP_SET_MODE_FILTER, 0, {")]
            if start:
                confined += 1
                refused += [line for line in lines[start[0] + 1:] if "EPERM" in line or line.startswith(("open", "socket"))]
        if "sandbox" in done.stderr.decode():
            skip("no-opens-in-a-worker", "this kernel does not allow a sandbox")
            return
        report(confined >= 8 and refused == [], "no-opens-in-a-worker", confined, *refused[:5])


def same_with_and_without():
    with_, without = run("-f", "json", CASE), run("-f", "json", "--no-sandbox", CASE)
    report(with_ == without, "same-without-the-sandbox", without[2])


def main():
    with tempfile.TemporaryDirectory() as folder:
        kill_in_the_middle(folder)
        kill_among_consecutive_files(folder)
    nothing_left()
    confinement()
    same_with_and_without()
    return status()


if __name__ == "__main__":
    sys.exit(main())
