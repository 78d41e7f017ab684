#!/usr/bin/env python3
"""Runs every test program and prints "N passed, N failed, N skipped" as its last line.

A test program prints one line a test: "ok NAME", "not ok NAME" or "skip NAME"; lines that begin with "#" explain
the one that follows. A program that exits with an error without naming a failed test counts as one failure.
Arguments: parts of names, to run only those programs; "--unit DIR": the unit tests alone, of a build in DIR.
"""
import concurrent.futures
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "sanitize")
TIMEOUT = 900  # seconds for one program; the slowest needs a minute


def programs():
    for kind, suffix in (("e2e", ".py"), ("lowered", ".c"), ("unit", ".c"), ("fuzz", ".c")):
        folder = os.path.join(ROOT, "tests", kind)
        for name in sorted(os.listdir(folder)):
            stem = name[:-len(suffix)]
            if not name.endswith(suffix) or not name.startswith(("test_", "fuzz_")):
                continue
            if kind == "e2e":
                yield stem, [sys.executable, os.path.join(folder, name)]
            elif kind == "unit":
                yield stem, [os.path.join(BUILD, "tests", "unit", stem)]
            elif kind == "lowered":
                yield stem, [os.path.join(BUILD, "lowered", "tests", "lowered", stem)]
            else:
                seeds = os.path.join(folder, "seeds", stem[len("fuzz_"):])
                yield stem, [os.path.join(BUILD, "tests", "fuzz", stem)] + ([seeds] if os.path.isdir(seeds) else [])


def run(item):
    name, command = item
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:abort_on_error=0", UBSAN_OPTIONS="print_stacktrace=1",
               PYTHONDONTWRITEBYTECODE="1")
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT)
        text, status = done.stdout.decode("utf-8", "replace"), done.returncode
    except OSError as problem:
        text, status = f"# {problem}\n", 127
    except subprocess.TimeoutExpired as late:
        text, status = (late.stdout or b"").decode("utf-8", "replace"), 124
    return name, text, status


def unit_programs(build):
    for name, command in programs():
        if command[0].startswith(os.path.join(BUILD, "tests", "unit")):
            yield name, [os.path.join(ROOT, build, os.path.relpath(command[0], BUILD))]


def main():
    if "--unit" in sys.argv:
        chosen = list(unit_programs(sys.argv[sys.argv.index("--unit") + 1]))
    else:
        chosen = [p for p in programs() if len(sys.argv) < 2 or any(a in p[0] for a in sys.argv[1:])]
    totals = {"ok": 0, "not ok": 0, "skip": 0}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, text, status in pool.map(run, chosen):
            seen = {"ok": 0, "not ok": 0, "skip": 0}
            for line in text.splitlines():
                for word in seen:
                    if line.startswith(word + " "):
                        seen[word] += 1
            if (status != 0 or sum(seen.values()) == 0) and seen["not ok"] == 0:
                seen["not ok"] += 1
                text += f"not ok {name} ended with status {status}\n"
            for word in totals:
                totals[word] += seen[word]
            print(f"{name}: {seen['ok']} passed, {seen['not ok']} failed, {seen['skip']} skipped", flush=True)
            if seen["not ok"] or seen["skip"] or "-v" in sys.argv:
                print(text if seen["not ok"] else "".join(l + "\n" for l in text.splitlines() if "skip" in l), flush=True)
    print(f"{totals['ok']} passed, {totals['not ok']} failed, {totals['skip']} skipped")
    return 1 if totals["not ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
