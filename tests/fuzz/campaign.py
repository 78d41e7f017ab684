#!/usr/bin/env python3
"""Runs libFuzzer harnesses one after the other and prints a table.

campaign.py BUILD SECONDS [HARNESS...]: the programs BUILD/tests/fuzz/fuzz_*, each for SECONDS; those that read whole
files three times as long. A finding does not end the campaign: it is kept in BUILD/findings, and its harness goes on for
what is left of its time, up to five findings. The corpus grows in build/corpus. The table also goes to BUILD/table.txt,
its numbers to BUILD/table.json. Exit status 1 when something was found.
"""
import json
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LONGER = {"fuzz_capture": 3, "fuzz_file": 3, "fuzz_evidence": 2, "fuzz_rewrite": 3, "fuzz_series": 2}
MOST_FINDINGS = 5
LIMITS = ["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"]


def count(folder):
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0


def stat(text, name):
    found = re.findall(rf"stat::{name}:\s+(\d+)", text)
    return int(found[-1]) if found else 0


def executions(text):
    """Of the final line, or of the last progress line when a finding ended the run."""
    progress = re.findall(r"^#(\d+)\s", text, re.M)
    return max(stat(text, "number_of_executed_units"), int(progress[-1]) if progress else 0)


def why(text):
    for line in text.splitlines():
        if "SUMMARY:" in line or "Assertion" in line:
            return line.strip()
    return text.strip().splitlines()[-1] if text.strip() else "nothing was printed"


def fuzz(build, name, seconds):
    corpus = os.path.join(ROOT, "build", "corpus", name)
    seeds = os.path.join(ROOT, "tests", "fuzz", "seeds", name[len("fuzz_"):])
    words = os.path.join(ROOT, "tests", "fuzz", name[len("fuzz_"):] + ".dict")
    findings = os.path.join(build, "findings")
    os.makedirs(corpus, exist_ok=True)
    os.makedirs(findings, exist_ok=True)
    row = {"harness": name, "executions": 0, "seconds": 0.0, "corpus": count(corpus), "findings": []}
    begun = time.monotonic()
    while len(row["findings"]) < MOST_FINDINGS:
        left = seconds - (time.monotonic() - begun)
        if left < 1:
            break
        command = [os.path.join(build, "tests", "fuzz", name), f"-max_total_time={int(left)}", *LIMITS,
                   f"-artifact_prefix={findings}/{name}-"]
        command += [f"-dict={words}"] if os.path.exists(words) else []
        command += [corpus] + ([seeds] if os.path.isdir(seeds) else [])
        try:
            done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=left + 300)
            text, status = done.stdout.decode("utf-8", "replace"), done.returncode
        except subprocess.TimeoutExpired as late:
            text, status = (late.stdout or b"").decode("utf-8", "replace") + "\nit did not end", 124
        row["executions"] += executions(text)
        if status == 0:
            break
        written = re.findall(r"Test unit written to (\S+)", text)
        row["findings"].append({"file": written[-1] if written else None, "why": why(text)})
        with open(os.path.join(findings, f"{name}.log"), "a", encoding="utf-8") as log:
            log.write(text[-20000:])
    row["seconds"] = time.monotonic() - begun
    row["corpus"] = count(corpus) - row["corpus"]
    return row


def table(rows):
    lines = [f"{'harness':<16} {'executions':>12} {'exec/s':>8} {'seconds':>8} {'new corpus':>10} {'findings':>8}"]
    for row in rows:
        lines.append(f"{row['harness']:<16} {row['executions']:>12,} {row['executions'] / max(row['seconds'], 1e-3):>8,.0f} "
                     f"{row['seconds']:>8.0f} {row['corpus']:>10,} {len(row['findings']):>8}")
    total = {key: sum(row[key] for row in rows) for key in ("executions", "seconds", "corpus")}
    lines.append(f"{'in all':<16} {total['executions']:>12,} {'':>8} {total['seconds']:>8.0f} {total['corpus']:>10,} "
                 f"{sum(len(row['findings']) for row in rows):>8}")
    for row in rows:
        lines += [f"{row['harness']}: {finding['why']} ({finding['file']})" for finding in row["findings"]]
    return "\n".join(lines) + "\n"


def main():
    build, seconds, chosen = os.path.abspath(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    folder = os.path.join(build, "tests", "fuzz")
    names = sorted(name for name in os.listdir(folder) if re.fullmatch(r"fuzz_[a-z0-9_]+", name))
    rows = []
    for name in names:
        if chosen and name not in chosen and name[len("fuzz_"):] not in chosen:
            continue
        print(f"# {name}", flush=True)
        rows.append(fuzz(build, name, seconds * LONGER.get(name, 1)))
        for finding in rows[-1]["findings"]:
            print(f"# found: {finding['why']} ({finding['file']})", flush=True)
        with open(os.path.join(build, "table.json"), "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
    text = table(rows)
    with open(os.path.join(build, "table.txt"), "w", encoding="utf-8") as file:
        file.write(text)
    print(text, end="")
    return 1 if any(row["findings"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
