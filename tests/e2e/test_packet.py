#!/usr/bin/env python3
"""The packet layer against others' eyes: in each frame that is known to end a message, tests/tools/packets must see the
addresses and ports that tshark (published captures) and the lab's own record show there."""
import glob
import json
import os
import subprocess
import sys

from common import CAPTURES, FIXTURES, LAB, ROOT, report, skip, status

PACKETS = os.path.join(ROOT, "build", "sanitize", "tests", "tools", "packets")
NETMON = (b"GMBU", b"RTSS")


def packets_of(path):
    """{frame: (protocol, src, sport, dst, dport)}, or the reason why there is none."""
    done = subprocess.run([PACKETS, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    err = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0:
        return err.strip()[-1500:] or f"status {done.returncode}"
    packets = {}
    for line in done.stdout.decode("ascii").splitlines():
        frame, transport, src, sport, dst, dport, *_ = line.split("\t")
        packets[int(frame)] = ({"6": "tcp", "17": "udp"}.get(transport), src, int(sport), dst, int(dport))
    return packets


def differences(packets, wanted):
    """Lines that say what differs. wanted: {frame: dict with any of l4, src, sport, dst, dport}."""
    lines = []
    for frame, want in sorted(wanted.items()):
        if frame not in packets:
            lines.append(f"frame {frame}: no packet")
            continue
        got = dict(zip(("l4", "src", "sport", "dst", "dport"), packets[frame]))
        wrong = [f"{key} {got[key]} not {value}" for key, value in want.items() if got[key] != value]
        if wrong:
            lines.append(f"frame {frame}: " + ", ".join(wrong))
    return lines


def check(name, cases):
    """cases: [(path of a capture, wanted)]."""
    lines, frames = [], 0
    for path, wanted in cases:
        packets = packets_of(path)
        frames += len(wanted)
        found = [packets] if isinstance(packets, str) else differences(packets, wanted)
        lines += [f"{os.path.basename(path)}: {line}" for line in found]
    report(not lines and frames > 0, name, f"{len(lines)} of {frames} frames in {len(cases)} captures", *lines[:20])
    print(f"# {name}: {frames} frames in {len(cases)} captures")


def published():
    """Kerberos messages and HTTP headers with their addresses; of DNS answers the frame alone is known."""
    wanted = {}
    for path in sorted(glob.glob(os.path.join(CAPTURES, "expected", "*.jsonl"))):
        name = os.path.basename(path)[:-len(".jsonl")]
        for kind in (".dns", ".http"):
            if name.endswith(kind):
                name = name[:-len(kind)]
        with open(path, encoding="utf-8") as file:
            for line in file:
                message = json.loads(line)
                keys = {key: message[key] for key in ("l4", "src", "sport", "dst", "dport") if message.get(key)}
                wanted.setdefault(name, {}).setdefault(message["frame"], {}).update(keys)
    return [(os.path.join(CAPTURES, name), frames) for name, frames in wanted.items()]


def of_lab():
    cases = []
    for path in sorted(glob.glob(os.path.join(LAB, "*.json"))):
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
        wanted = {}
        for messages in record.get("frames", {}).values():
            for message in messages:
                if "src" in message and "dst" in message:
                    wanted[message["frame"]] = {"l4": message["stream"].split("-")[0], "src": message["src"],
                                                "dst": message["dst"]}
        cases.append((os.path.join(LAB, record["capture"]), wanted))
    return cases


def of_fixtures():
    """Both ends of each exchange, by the frames that the record calls key frames."""
    cases = []
    for path in sorted(glob.glob(os.path.join(FIXTURES, "*", "expected.json"))):
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
        frames = {frame: {} for frame in record.get("key_frames", {}).values() if isinstance(frame, int)}
        capture = os.path.join(os.path.dirname(path), record.get("capture", ""))
        if frames and os.path.isfile(capture):
            cases.append((capture, frames))
    return cases


def main():
    if not os.path.exists(PACKETS):
        report(False, "packet", f"{PACKETS} is not built")
        return status()
    check("packet/fixtures", of_fixtures())
    if os.path.isdir(LAB):
        check("packet/lab", of_lab())
    else:
        skip("packet/lab", "no ../shared/lab")
    if not os.path.isdir(CAPTURES):
        skip("packet/published", "no ../shared/captures")
        return status()
    cases = published()
    check("packet/published", [case for case in cases if open(case[0], "rb").read(4) not in NETMON])
    netmon = [case for case in cases if open(case[0], "rb").read(4) in NETMON]
    if netmon and isinstance(packets_of(netmon[0][0]), str):
        skip("packet/netmon", "Network Monitor files are not read yet")
    else:
        check("packet/netmon", netmon)
    return status()


if __name__ == "__main__":
    sys.exit(main())
