#!/usr/bin/env python3
"""--case: two captures of one exchange become one attempt on one clock; expectations from the lab's records."""
import glob
import json
import os
import sys

from common import FIXTURES, LAB, findings_of, report, skip, status


def pairs():
    for folder in (FIXTURES, LAB):
        for path in sorted(glob.glob(os.path.join(folder, "**", "*.client.pcap"), recursive=True)):
            stem = path[:-len(".client.pcap")]
            truth = stem + ".json" if os.path.exists(stem + ".json") else os.path.join(os.path.dirname(path), "expected.json")
            yield os.path.relpath(stem, folder), path, stem + ".server.pcap", truth


def check(name, client, server, truth_path):
    with open(truth_path) as file:
        truth = json.load(file)
    document = findings_of("--case", "--all", client, server)
    alone = findings_of("--all", client)
    attempts = document["attempts"]
    report(len(attempts) == len(alone["attempts"]) == len(truth["exchanges"]), f"case/{name}/counted-once",
           f"{len(attempts)} attempts in the case, {len(alone['attempts'])} in the client's capture alone")
    clock = document["captures"][1]["clock"]
    report(clock is not None and abs(clock["offset_s"] - truth["clock_offset_server"]) < 0.05, f"case/{name}/clock",
           f"{clock}, truth {truth['clock_offset_server']}")
    real = [f for f in document["findings"] if f["confidence"]]
    if truth["krbwhy_cause"] is None:
        report(not real, f"case/{name}/nothing-blamed", str([f["cause"] for f in real]))
        return
    first = real[0] if real else {"cause": None, "alternatives": [], "confidence": None}
    allowed = [truth["krbwhy_cause"]] + truth["krbwhy_set"]
    report(first["cause"] in allowed and truth["krbwhy_cause"] in [first["cause"]] + first["alternatives"], f"case/{name}/cause",
           f"{first['cause']} {first['alternatives']}, truth {allowed}")
    if not truth["same_ticket_on_both_sides"]:
        sources = [s for statement in first["for"] for s in statement["sources"]]
        both = {(0, truth["key_frames"]["ap_req"]), (1, truth["server_side"]["key_frames"]["ap_req"])}
        report(first["cause"] == "altered-in-transit" and both <= {(s["capture"], s["frame"]) for s in sources}, f"case/{name}/both-frames-cited",
               str(sources))
    else:
        report("altered-in-transit" in [r["cause"] for r in first["refuted"]], f"case/{name}/altered-is-refuted",
               str([r["cause"] for r in first["refuted"]]))
    report(all(f["confidence"] != "confirmed" for f in real), f"case/{name}/not-confirmed")


def main():
    for item in pairs():
        check(*item)
    if not os.path.isdir(LAB):
        skip("case/lab", "../shared/lab is not here")
    # Captures that have nothing to do with each other stay apart.
    one, two = (os.path.join(FIXTURES, n, n + ".pcap") for n in ("mit-success-mit", "mit-c1-hostname-winmit"))
    document = findings_of("--case", "--all", one, two)
    report(document["captures"][1]["clock"] is None and document["summary"]["attempts"] == 2, "case/strangers-stay-apart",
           str(document["captures"][1]["clock"]), str(document["summary"]))
    return status()


if __name__ == "__main__":
    sys.exit(main())
