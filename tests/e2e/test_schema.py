#!/usr/bin/env python3
"""What --format json and ndjson print over many captures is valid by docs/krbwhy-1.schema.json and consistent with
itself: ids, indexes, counts, the display filter, --all, other formats, and the same bytes whatever -j is."""
import collections
import json
import os
import re
import sys

import jsonschema

from common import CAPTURES, FIXTURES, LAB, ROOT, broken, report, run, skip, status

with open(os.path.join(ROOT, "docs", "krbwhy-1.schema.json"), encoding="utf-8") as _file:
    SCHEMA = json.load(_file)
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)


def captures(folder):
    found = []
    for base, _, names in sorted(os.walk(folder)):
        if os.path.basename(base) == "expected":
            continue
        found += [os.path.join(base, n) for n in sorted(names) if n.endswith((".pcap", ".pcapng", ".cap", ".gz"))]
    return found


def sources(value):
    """Every source in a piece of the document."""
    if isinstance(value, dict):
        if set(value) in ({"capture", "frame", "time"}, {"evidence", "line"}):
            yield value
        for inner in value.values():
            yield from sources(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from sources(inner)


def inconsistent(d, code):
    """What contradicts itself in one document."""
    attempts = {a["id"] for a in d["attempts"]}
    counted = collections.Counter(f["cause"] for f in d["findings"])
    if d["summary"]["findings"] != len(d["findings"]) or dict(counted) != d["summary"]["by_cause"]:
        yield "summary.by_cause does not count the findings"
    if len(attempts) != len(d["attempts"]) or [f["id"] for f in d["findings"]] != list(range(1, len(d["findings"]) + 1)):
        yield "ids are not unique"
    if d["summary"]["failed"] > d["summary"]["attempts"] or len(d["attempts"]) > d["summary"]["attempts"]:
        yield "more failed or shown than there are"
    if code != (1 if any(f["confidence"] for f in d["findings"]) else 0):
        yield f"exit status {code} does not fit the findings"
    for s in sources(d):
        if "capture" in s and not (0 <= s["capture"] < len(d["captures"]) and s["frame"]):
            yield f"a source points nowhere: {s}"
    for f in d["findings"]:
        if not set(f["attempts"]) <= attempts or f["attempts"] != sorted(f["attempts"]):
            yield f"finding {f['id']} names attempts that are not listed"
        if f["cause"] in f["alternatives"] or {r["cause"] for r in f["refuted"]} & ({f["cause"]} | set(f["alternatives"])):
            yield f"finding {f['id']}: a cause is {f['cause']}, an alternative or refuted, not two of them"
        cited = {s["frame"] for part in ("for", "against", "refuted") for s in sources(f[part]) if "frame" in s}
        chosen = [int(n) for n in re.findall("[0-9]+", f["display_filter"] or "")]
        if not cited <= set(chosen) or chosen != sorted(set(chosen)):
            yield f"finding {f['id']}: the display filter {f['display_filter']} lacks {sorted(cited - set(chosen))}"


def check_file(path):
    problems, texts = [], {}
    for format_, more in (("json", []), ("json", ["--all"]), ("ndjson", []), ("text", []), ("markdown", [])):
        code, out, err = run("-f", format_, *more, path)
        if broken(code, err):
            return [f"{path}: {format_}: status {code}: {err[-1500:]}"]
        if code == 2:
            return []
        texts[format_ + "".join(more)] = out.decode("utf-8")  # valid UTF-8, or this raises
        if "json" in format_:
            d = json.loads(texts[format_ + "".join(more)])
            problems += [f"{path}: {list(e.absolute_path)}: {e.message[:200]}" for e in VALIDATOR.iter_errors(d)][:3]
            problems += [f"{path}: {p}" for p in inconsistent(d, code)][:3]
    plain, every = json.loads(texts["json"]), json.loads(texts["json--all"])
    if json.loads(texts["ndjson"]) != plain:
        problems.append(f"{path}: ndjson is not the json of the capture")
    if [f for f in every["findings"] if f["confidence"]] != plain["findings"] or \
            every["summary"]["failed"] != plain["summary"]["failed"]:
        problems.append(f"{path}: --all changes findings or summary.failed")
    if len(every["attempts"]) != every["summary"]["attempts"]:
        problems.append(f"{path}: --all does not list all attempts")
    if re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", texts["text"] + texts["markdown"]):
        problems.append(f"{path}: control characters in text or markdown")
    return problems


def main():
    from concurrent.futures import ThreadPoolExecutor
    for name, folder in (("fixtures", FIXTURES), ("lab", LAB), ("captures", CAPTURES)):
        if not os.path.isdir(folder):
            skip("schema-" + name, "the captures are not here")
            continue
        with ThreadPoolExecutor(2) as pool:
            problems = sum(pool.map(check_file, captures(folder)), [])
        report(not problems, "schema-" + name, *problems[:20])
    many = captures(FIXTURES)
    first = run("-f", "json", "-j", "1", *many)
    report(first[:2] == run("-f", "json", "-j", "4", *many)[:2], "same-bytes-whatever-jobs")
    report(first[:2] == run("-f", "json", *many, env={"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8"})[:2],
           "same-bytes-whatever-zone")
    lines = run("-f", "ndjson", *many)[1].decode("utf-8").splitlines()
    report(len(lines) == len(json.loads(first[1])["captures"]) and
           all(not list(VALIDATOR.iter_errors(json.loads(line))) for line in lines), "ndjson-a-line-a-capture")


if __name__ == "__main__":
    main()
    sys.exit(status())
