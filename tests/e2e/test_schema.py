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


def inconsistent(d):
    """What contradicts itself in one document."""
    attempts = {a["id"] for a in d["attempts"]}
    counted = collections.Counter(f["cause"] for f in d["findings"])
    if d["summary"]["findings"] != len(d["findings"]) or dict(counted) != d["summary"]["by_cause"]:
        yield "summary.by_cause does not count the findings"
    if len(attempts) != len(d["attempts"]) or [f["id"] for f in d["findings"]] != list(range(1, len(d["findings"]) + 1)):
        yield "ids are not unique"
    if d["summary"]["failed"] > d["summary"]["attempts"] or len(d["attempts"]) > d["summary"]["attempts"]:
        yield "more failed or shown than there are"
    for s in sources(d):
        if "capture" in s and not (0 <= s["capture"] < len(d["captures"]) and s["frame"]):
            yield f"a source points nowhere: {s}"
    for f in d["findings"]:
        if not set(f["attempts"]) <= attempts or f["attempts"] != sorted(f["attempts"]):
            yield f"finding {f['id']} names attempts that are not listed"
        if f["cause"] in f["alternatives"] or {r["cause"] for r in f["refuted"]} & ({f["cause"]} | set(f["alternatives"])):
            yield f"finding {f['id']}: a cause is {f['cause']}, an alternative or refuted, not two"
        cited = {s["frame"] for part in ("for", "against", "refuted") for s in sources(f[part]) if "frame" in s}
        chosen = [int(n) for n in re.findall("[0-9]+", f["display_filter"] or "")]
        if not cited <= set(chosen) or chosen != sorted(set(chosen)):
            yield f"finding {f['id']}: the display filter {f['display_filter']} lacks {sorted(cited - set(chosen))}"


def documents(paths, *more):
    """The documents of all these captures, by path, from one run; its exit status has to fit them."""
    code, out, err = run("-f", "ndjson", *more, *paths, timeout=1200)
    if broken(code, err):
        raise AssertionError(f"{paths[0]} ...: status {code}: {err[-1500:]}")
    found = [json.loads(line) for line in out.decode("utf-8").splitlines()]  # valid UTF-8, or this raises
    if code != (1 if any(f["confidence"] for d in found for f in d["findings"]) else 0):
        raise AssertionError(f"{paths[0]} ...: status {code} does not fit the findings")
    return {d["captures"][0]["path"]: d for d in found}


def check_folder(folder):
    paths = captures(folder)
    plain, every = documents(paths), documents(paths, "--all")
    for path, d in list(plain.items()) + list(every.items()):
        yield from (f"{path}: {list(e.absolute_path)}: {e.message[:200]}" for e in VALIDATOR.iter_errors(d))
        yield from (f"{path}: {p}" for p in inconsistent(d))
    for path, d in plain.items():
        more = every[path]
        if [f for f in more["findings"] if f["confidence"]] != d["findings"] or \
                more["summary"]["failed"] != d["summary"]["failed"]:
            yield f"{path}: --all changes findings or summary.failed"
        if len(more["attempts"]) != more["summary"]["attempts"]:
            yield f"{path}: --all does not list all attempts"
    for format_ in ("text", "markdown"):
        out = run("-f", format_, *paths, timeout=1200)[1].decode("utf-8")
        if re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out):
            yield f"{folder}: control characters in {format_}"


def main():
    for name, folder in (("fixtures", FIXTURES), ("lab", LAB), ("captures", CAPTURES)):
        if not os.path.isdir(folder):
            skip("schema-" + name, "the captures are not here")
            continue
        problems = list(check_folder(folder))
        report(not problems, "schema-" + name, *problems[:20])
    many = captures(FIXTURES)
    first = run("-f", "json", "-j", "1", *many)
    report(first[:2] == run("-f", "json", "-j", "4", *many)[:2], "same-bytes-whatever-jobs")
    report(first[:2] == run("-f", "json", *many, env={"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8"})[:2],
           "same-bytes-whatever-zone")
    whole, parts = json.loads(first[1]), documents(many)
    wrong = [str(p) for p in list(inconsistent(whole)) + [e.message for e in VALIDATOR.iter_errors(whole)]]
    report(not wrong, "many-captures-in-one-document", *wrong[:10])
    report([c["path"] for c in whole["captures"]] == list(parts) and
           sum(len(d["findings"]) for d in parts.values()) == len(whole["findings"]), "ndjson-a-line-a-capture")


if __name__ == "__main__":
    main()
    sys.exit(status())
