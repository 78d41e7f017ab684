#!/usr/bin/env python3
"""Every bound of src/base/limits.h is named in a unit test, or stands here with the test that meets it in another way."""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Bounds that tests lower or meet through a program, where the value itself would take too long or too much memory.
ELSEWHERE = {
    "LIMIT_FLOWS": "test_flow.c: limits of its own", "LIMIT_CONNECTIONS": "test_flow.c: limits of its own",
    "LIMIT_STREAM_BYTES": "test_stream.c: limits of its own", "LIMIT_STREAM_RANGES": "test_stream.c: limits of its own",
    "LIMIT_REASSEMBLY_BYTES": "test_stream.c: limits of its own",
    "LIMIT_FRAME_NOTES": "test_rewrite_inputs.py", "LIMIT_MERGE_NUMBER": "fuzz_merge: seed large-numbers",
}
# Bounds that no test meets yet.
MISSING = {
    "LIMIT_LOADED_BYTES", "LIMIT_DNS_RECORDS", "LIMIT_HTTP_HEADER_BYTES", "LIMIT_HELD_BYTES",
    "LIMIT_STANDING", "LIMIT_SERVER_NAMES", "LIMIT_LOG_BYTES", "LIMIT_WARNINGS", "LIMIT_TOKEN_BYTES", "LIMIT_REDACT_BYTES",
    "LIMIT_REDACT_RUN", "LIMIT_REDACT_GAP", "LIMIT_MERGE_LINE_BYTES", "LIMIT_MERGE_LINES", "LIMIT_MERGE_DEPTH",
    "LIMIT_MERGE_CAUSES", "LIMIT_HTML_INCIDENTS", "LIMIT_HTML_ROWS", "LIMIT_SERIES_FILES",
    "LIMIT_FRAME_NOTE_BYTES",
}


def main():
    with open(os.path.join(ROOT, "src", "base", "limits.h"), encoding="utf-8") as file:
        names = set(re.findall(r"^#define (LIMIT_\w+)", file.read(), re.M))
    tested = set()
    for path in glob.glob(os.path.join(ROOT, "tests", "unit", "test_*.c")):
        with open(path, encoding="utf-8") as file:
            tested |= set(re.findall(r"\bLIMIT_\w+", file.read()))
    bad = [f"{name}: no test" for name in sorted(names - tested - set(ELSEWHERE) - MISSING)]
    bad += [f"{name}: no such bound" for name in sorted((set(ELSEWHERE) | MISSING) - names)]
    bad += [f"{name}: is tested now" for name in sorted((set(ELSEWHERE) | MISSING) & tested)]
    for line in bad:
        print("#", line)
    print(("not ok" if bad or not names else "ok") + " every-limit-has-a-test")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
