#!/usr/bin/env python3
"""Every bound of src/base/limits.h is named in a unit test, or stands here with the test that meets it in another way; docs/limits.md
has each with its true value; a lower one is below the true one."""
import glob
import os
import re
import sys

from common import ROOT, report, status

# Bounds that tests lower or meet through a program, where the value itself would take too long or too much memory.
ELSEWHERE = {
    "LIMIT_FLOWS": "test_flow.c: limits of its own", "LIMIT_CONNECTIONS": "test_flow.c: limits of its own",
    "LIMIT_STREAM_BYTES": "test_stream.c: limits of its own", "LIMIT_STREAM_RANGES": "test_stream.c: limits of its own",
    "LIMIT_REASSEMBLY_BYTES": "test_stream.c: limits of its own",
    "LIMIT_FRAME_NOTES": "test_rewrite_inputs.py",
    "LIMIT_WARNINGS": "test_limits.py", "LIMIT_HTML_INCIDENTS": "test_limits.py", "LIMIT_HTML_ROWS": "test_limits.py",
    "LIMIT_SERIES_FILES": "test_limits.py",
}
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def values(text):
    """The numbers behind #define, C without its casts being Python."""
    found = re.findall(r"^#define (LIMIT_\w+)\s+(.+?)\s*(?:/\*.*)?$", text, re.M)
    return {name: eval(re.sub(r"\((?:size_t|int64_t)\)", "", value), {"__builtins__": {}}) for name, value in found}


def main():
    bounds = values(read("src", "base", "limits.h"))
    tested = set()
    for path in glob.glob(os.path.join(ROOT, "tests", "unit", "test_*.c")) + glob.glob(os.path.join(ROOT, "tests", "lowered", "*.c")):
        tested |= set(re.findall(r"\bLIMIT_\w+", read(path)))
    bad = [f"{name}: no test" for name in sorted(set(bounds) - tested - set(ELSEWHERE))]
    bad += [f"{name}: no such bound" for name in sorted(set(ELSEWHERE) - set(bounds))]
    bad += [f"{name}: is tested now" for name in sorted(set(ELSEWHERE) & tested)]
    report(not bad and bounds, "every-limit-has-a-test", *bad)

    rows = re.findall(r"^\| `(LIMIT_\w+)` \| (\d+)(?: (\w+))? \|", read("docs", "limits.md"), re.M)
    told = {name: int(number) * UNITS.get(unit, 1) for name, number, unit in rows}
    bad = [f"{name}: {told.get(name)} in docs/limits.md, {bounds.get(name)} in limits.h"
           for name in sorted(set(told) | set(bounds)) if told.get(name) != bounds.get(name)]
    report(not bad and len(rows) == len(told), "limits-as-documented", *bad)

    lower = values(read("tests", "lower_limits.h"))
    bad = [f"{name}: {value}" for name, value in lower.items() if not 0 < value < bounds.get(name, 0)]
    report(not bad and lower, "lower-limits-are-lower", *bad)
    return status()


if __name__ == "__main__":
    sys.exit(main())
