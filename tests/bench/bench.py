#!/usr/bin/env python3
"""Measures krbwhy on generated captures, as ratios to a bare libpcap loop over the same file in alternating rounds.

  bench.py BUILD OUT.json [SCALE]     SCALE 1 is the full size

Every capture holds incidents that must all be found, or the run fails. Times are user + system CPU of the whole process tree
and wall clock; medians are printed, every figure goes into OUT.json.
"""
import json
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASE = os.path.join(ROOT, "fixtures", "reference-case", "reference-case.pcap")
ROUNDS = 7
# name, kind, megabytes, most allowed ratio of wall time to the bare loop (None: not required)
KINDS = [("web mix", "web", 500, 1.5), ("small packets", "small", 150, None), ("DNS only", "dns", 40, None),
         ("dense Kerberos", "krb", 10, None)]


def measure(command):
    """(wall seconds, CPU seconds, peak memory of the largest process in MB, standard output)."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out


def found(out):
    document = json.loads(out)
    return sum(len(f["attempts"]) for f in document["findings"] if f["cause"] == "cname-spn")


def bench(build, row, scale):
    name, kind, size, limit = row
    path = os.path.join(build, f"bench-{kind}.pcap")
    size = max(1, int(size * scale))
    made = subprocess.run([os.path.join(build, "make_capture"), kind, str(size), CASE, path], check=True, stdout=subprocess.PIPE)
    frames, incidents = (int(x) for x in made.stdout.split())
    bare, ours = [], []
    commands = ([os.path.join(build, "bare_loop"), path], [os.path.join(ROOT, "build", "krbwhy"), "-f", "ndjson", path])
    for command in commands:
        measure(command)  # the file into the page cache
    for _ in range(ROUNDS):
        bare.append(measure(commands[0]))
        ours.append(measure(commands[1]))
    got = found(ours[-1][3])
    os.unlink(path)
    ratio = statistics.median(o[0] / b[0] for o, b in zip(ours, bare))
    return {"name": name, "megabytes": size, "frames": frames, "incidents": incidents, "found": got,
            "bare_wall_s": statistics.median(b[0] for b in bare), "wall_s": statistics.median(o[0] for o in ours),
            "cpu_s": statistics.median(o[1] for o in ours), "wall_ratio": ratio,
            "cpu_ratio": statistics.median(o[1] / b[1] for o, b in zip(ours, bare) if b[1] > 0),
            "peak_mb": max(o[2] for o in ours), "limit": limit,
            "rounds": [{"bare_wall_s": b[0], "wall_s": o[0], "cpu_s": o[1]} for b, o in zip(bare, ours)]}


def main():
    build, out_path = sys.argv[1], sys.argv[2]
    scale = float(sys.argv[3]) if len(sys.argv) > 3 else 1
    rows, bad = [], False
    print(f"{'capture':<16}{'MB':>6}{'frames':>10}{'found':>12}{'wall s':>9}{'bare s':>9}{'wall ratio':>12}{'cpu ratio':>11}{'ns/frame':>10}{'peak MB':>9}")
    for row in KINDS:
        r = bench(build, row, scale)
        rows.append(r)
        print(f"{r['name']:<16}{r['megabytes']:>6}{r['frames']:>10}{r['found']:>6}/{r['incidents']:<5}{r['wall_s']:>9.3f}{r['bare_wall_s']:>9.3f}"
              f"{r['wall_ratio']:>12.2f}{r['cpu_ratio']:>11.2f}{r['wall_s'] / r['frames'] * 1e9:>10.0f}{r['peak_mb']:>9.1f}", flush=True)
        if r["found"] != r["incidents"]:
            print(f"  not every incident was found in {r['name']}")
            bad = True
        if r["limit"] is not None and r["wall_ratio"] > r["limit"]:
            print(f"  above the limit of {r['limit']} for {r['name']}")
            bad = True
    with open(out_path, "w") as file:
        json.dump({"rounds": ROUNDS, "scale": scale, "captures": rows}, file, indent=1)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
