#!/usr/bin/env python3
"""Many small captures: krbwhy -j1 and -j2 over a folder against a shell loop of one krbwhy each.

Usage: batch.py [NUMBER [KRBWHY]]: how many copies of the fixtures' captures (2000). Wall clock and processor seconds; the
latter say more on a busy machine.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURES = os.path.join(ROOT, "fixtures")


def measure(name, command):
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, shell=True, executable="/bin/sh", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:34} {wall:8.2f} s wall {cpu:8.2f} s processor", flush=True)


def main():
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    program = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else os.path.join(ROOT, "build", "krbwhy")
    cases = sorted(n for n in os.listdir(FIXTURES) if os.path.isfile(os.path.join(FIXTURES, n, n + ".pcap")))
    with tempfile.TemporaryDirectory() as folder:
        for i in range(number):
            name = cases[i % len(cases)]
            shutil.copyfile(os.path.join(FIXTURES, name, name + ".pcap"), os.path.join(folder, f"{i:05}-{name}.pcap"))
        size = sum(os.path.getsize(os.path.join(folder, n)) for n in os.listdir(folder))
        print(f"{number} captures, {size / 1e6:.1f} MB, load {os.getloadavg()[0]:.1f}")
        measure("krbwhy -j1 -f json FOLDER", f"{program} -j1 -f json {folder}")
        measure("krbwhy -j2 -f json FOLDER", f"{program} -j2 -f json {folder}")
        measure("krbwhy -j2 -f ndjson FOLDER", f"{program} -j2 -f ndjson {folder}")
        measure("for f in *; do krbwhy -f json $f", f"for f in {folder}/*; do {program} -f json $f; done")


if __name__ == "__main__":
    main()
