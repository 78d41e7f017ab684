#!/usr/bin/env python3
"""Runs the tests of a build with --coverage (the folder is the argument) and prints the line coverage of each layer,
and every file under 90 %. Workers in processes of their own are not counted: their layers are covered in process."""
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
END_TO_END = ["test_case", "test_cli", "test_collect", "test_explain", "test_properties"]
ENOUGH = 90.0


def run_tests(build):
    environment = dict(os.environ, KRBWHY=os.path.join(build, "krbwhy"))
    commands = [[program] for program in glob.glob(os.path.join(build, "tests", "unit", "test_*"))]
    for program in glob.glob(os.path.join(build, "tests", "fuzz", "fuzz_*")):
        seeds = os.path.join(ROOT, "tests", "fuzz", "seeds", os.path.basename(program)[len("fuzz_"):])
        commands.append([program] + ([seeds] if os.path.isdir(seeds) else []))
    commands = [c for c in sorted(commands) if os.access(c[0], os.X_OK) and "." not in os.path.basename(c[0])]
    commands += [[sys.executable, os.path.join(ROOT, "tests", "e2e", name + ".py")] for name in END_TO_END]
    for command in commands:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            print(f"# {os.path.basename(command[-1])} ended with status {done.returncode}")


def lines_of(build):
    """{file: {line: times}} of the sources below src/ and asn1/."""
    lines = {}
    data = [p for p in glob.glob(os.path.join(build, "**", "*.gcda"), recursive=True) if "/tests/" not in p]
    for first in range(0, len(data), 50):
        done = subprocess.run(["gcov", "--json-format", "--stdout", *data[first:first + 50]], cwd=ROOT,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        for document in done.stdout.decode().splitlines():
            for file in json.loads(document)["files"]:
                if not file["file"].startswith(("src/", "asn1/")):
                    continue
                counts = lines.setdefault(file["file"], {})
                for line in file["lines"]:
                    number = line["line_number"]
                    counts[number] = counts.get(number, 0) + line["count"]
    return lines


def main():
    build = os.path.abspath(sys.argv[1])
    run_tests(build)
    layers = {}
    low = []
    for name, counts in sorted(lines_of(build).items()):
        layer = layers.setdefault(os.path.dirname(name), [0, 0])
        covered = sum(times > 0 for times in counts.values())
        layer[0] += covered
        layer[1] += len(counts)
        if counts and 100.0 * covered / len(counts) < ENOUGH:
            low.append((name, 100.0 * covered / len(counts)))
    for name, (covered, total) in sorted(layers.items()):
        print(f"{100.0 * covered / total:6.1f} %  {covered:6d} of {total:6d} lines  {name}")
    for name, share in low:
        print(f"{share:6.1f} %  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
