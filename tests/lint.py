#!/usr/bin/env python3
"""Static analysis: what a tool says about each file, and which of it stays.

    lint.py run STAMP -- COMMAND...   runs COMMAND and writes what it says to STAMP; fails when it fails without a finding
    lint.py judge STAMP...            prints the findings that tests/lint.exceptions does not name, and its rows that
                                      nothing finds any more; fails when there are any

A finding is a line `FILE:LINE:COLUMN: warning: TEXT [CHECK]`, as clang-tidy, gcc and (by its template) cppcheck print it.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FINDING = re.compile(r"^(?P<file>[^\s:][^:]*):\d+(:\d+)?: (warning|error|style|performance|portability): .*"
                     r"\[(-W)?(error=)?(?P<check>[^\]\[]+)\]$")


def finding_of(line):
    """(check, file) of a line that begins a finding, else None."""
    found = FINDING.match(line)
    return found and (found["check"].split(",")[0], os.path.relpath(os.path.join(ROOT, found["file"]), ROOT))


def tool_of(check):
    """By the form of its name: analyzer-NAME is gcc's, words with dashes are clang-tidy's, one word is cppcheck's."""
    return "gcc" if check.startswith("analyzer-") else "tidy" if "-" in check else "cppcheck"


def exceptions():
    """The rows of tests/lint.exceptions: (check, file)."""
    rows = []
    with open(os.path.join(ROOT, "tests", "lint.exceptions"), encoding="utf-8") as file:
        for line in file:
            words = line.split(None, 2)
            if not words or words[0].startswith("#"):
                continue
            if len(words) < 3:
                sys.exit(f"tests/lint.exceptions: no reason: {line}")
            rows.append((words[0], words[1]))
    return rows


def run(stamp, command):
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0 and not any(map(finding_of, text.splitlines())):
        sys.stdout.write(text)
        return 1
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


def judge(stamps):
    known, used, told = exceptions(), set(), set()
    for stamp in stamps:
        with open(stamp, encoding="utf-8") as file:
            shown = False  # whether the finding that this line belongs to is printed
            for line in file:
                finding = finding_of(line)
                if finding:
                    used.add(finding)
                    shown = finding not in known and line not in told
                    told.add(line)
                if shown:
                    sys.stdout.write(line)
    tools = {os.path.splitext(stamp)[1][1:] for stamp in stamps}
    outdated = [row for row in known if row not in used and tool_of(row[0]) in tools]
    for check, name in outdated:
        print(f"tests/lint.exceptions: {check} {name} is not found any more")
    for tool in sorted(tools):
        print(f"{tool}: {sum(s.endswith('.' + tool) for s in stamps)} files, "
              f"{sum(tool_of(check) == tool for check, _ in known)} exceptions")
    return 1 if outdated or used - set(known) else 0


if __name__ == "__main__":
    sys.exit(judge(sys.argv[2:]) if sys.argv[1] == "judge" else run(sys.argv[2], sys.argv[sys.argv.index("--") + 1:]))
