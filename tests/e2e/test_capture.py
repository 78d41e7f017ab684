#!/usr/bin/env python3
"""Captures are read as Wireshark reads them: frames.c (tests/tools) against the manifest and the times of tshark."""
import csv
import gzip
import json
import lzma
import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from common import CAPTURES, LAB, ROOT, report, skip, status

FRAMES = os.path.join(ROOT, "build", "sanitize", "tests", "tools", "frames")

# What tshark 4.0.17 or capinfos does otherwise, and why that is not followed.
FOREIGN = {"wswiki__msdn__languard_scan.cap": "NetXray: refused by name", "wswiki__tcpshake.cap": "NetXray: refused by name"}
# Damage tshark does not see, or sees where there is none.
DAMAGE = {
    "wswiki__Development__PcapNg__http.bigendian.ntar":
        (False, "tshark refuses the byte-swapped version; its 43 packets are whole"),
    "wswiki__Development__PcapNg__pcap-ng_Wi-Fi_Bluetooth_USB_Cooked_timestamps_issue_1.ntar":
        (False, "tshark stops at a Bluetooth packet shorter than its pseudo-header; the container is whole"),
    "wswiki__styp.pcap": (False, "tshark does not know the link type 289; the container is whole"),
}
# capinfos -T names the container, the tool names its own.
CONTAINERS = {"pcap": "pcap", "nsecpcap": "pcap", "modpcap": "pcap", "pcapng": "pcapng", "netmon2": "netmon"}


class Reading:
    """What the tool printed about one capture."""

    def __init__(self, data):
        self.frames, self.problems, self.names, self.info, self.refused = [], [], [], None, None
        for line in data.decode("utf-8").splitlines():
            word, *rest = line.split("\t")
            if word == "problem":
                self.problems.append(rest)
            elif word == "name":
                self.names.append(rest)
            elif word == "info":
                self.info = rest
            elif word in ("not", "failed"):
                self.refused = (word, rest[0])
            else:
                self.frames.append((int(word), rest))


def read(path, stdin=None):
    """A Reading, or a text that says how the tool died."""
    done = subprocess.run([FRAMES, path], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode not in (0, 1) or done.stderr:
        return f"status {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-500:]}"
    return Reading(done.stdout)


def shown_times(name):
    """{frame: time} that tshark showed for some frames of a capture."""
    path = os.path.join(CAPTURES, "expected", name + ".jsonl")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return {line["frame"]: line["time"] for line in map(json.loads, file)}


def check_one(row):
    """What is wrong with one capture of the manifest."""
    name, got, wrong = row["file"], read(os.path.join(CAPTURES, row["file"])), []
    if isinstance(got, str):
        return [got]
    if name in FOREIGN:
        good = got.refused and got.refused[0] == "not" and "editcap" in got.refused[1]
        return [] if good else [f"not refused by name: {got.refused}"]
    if got.refused:
        return [f"refused: {got.refused}"]
    if int(got.info[1]) != int(row["packets"]):
        wrong.append(f"{got.info[1]} packets, not {row['packets']}")
    if row["type"] in CONTAINERS and got.info[0] != CONTAINERS[row["type"]]:
        wrong.append(f"container {got.info[0]}, not {row['type']}")
    damaged = DAMAGE.get(name, (row["tshark_rc"] != "0",))[0]
    if damaged != bool(got.problems):
        wrong.append(f"damage {'not ' if damaged else ''}reported: {got.problems}")
    for place, (number, _) in enumerate(got.frames, 1):
        if number != place:
            wrong.append(f"frame {number} stands at place {place}")
            break
    for number, time in shown_times(name).items():
        if number > len(got.frames) or got.frames[number - 1][1][0] != time:
            wrong.append(f"time of frame {number} is not {time}")
    return wrong


def test_manifest():
    with open(os.path.join(CAPTURES, "manifest.tsv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(check_one, rows))
    why = [f"{row['file']}: {line}" for row, wrong in zip(rows, results) for line in wrong[:3]]
    report(not why and len(rows) > 200, "capture/manifest", f"{len(rows)} rows", *why)


def test_lab():
    """The frame counts of the lab, whose captures were made by tcpdump, dumpcap and text2pcap."""
    with open(os.path.join(LAB, "INDEX.tsv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda row: read(os.path.join(LAB, row["capture"])), rows))
    why = []
    for row, got in zip(rows, results):
        if isinstance(got, str) or got.refused or got.problems or len(got.frames) != int(row["frames"]):
            why.append(f"{row['capture']}: {got if isinstance(got, str) else (got.refused, got.problems, len(got.frames))}")
    report(not why and rows, "capture/lab", *why)


SAMPLES = ["john-samples__Kerberos_v5__AD-capture-1.pcapng", "zeek__ldap__krb5-sign-seal-01.pcap",
           "wswiki__ws-cssp__win2k19-joined.cap", "wswiki__forensics5.cap", "wswiki__fritzbox-ip_02.09.09_2049.eth"]


def same(a, b):
    return not isinstance(b, str) and a.frames == b.frames and a.problems == b.problems and a.names == b.names


def test_pipes_and_wrappers():
    """The same from a file, from a pipe, and compressed."""
    for name in SAMPLES:
        path = os.path.join(CAPTURES, name)
        with open(path, "rb") as file:
            data = file.read()
        want = read(path)
        why = [way for way, packed in (("pipe", data), ("gzip", gzip.compress(data)), ("xz", lzma.compress(data)))
               if not same(want, read("-", packed))]
        report(not why and want.frames, f"capture/ways/{name}", *why)


def test_cut():
    """Cut anywhere, a real capture gives the frames before the cut and names the damage."""
    for name in SAMPLES:
        with open(os.path.join(CAPTURES, name), "rb") as file:
            data = file.read()
        whole, why = read("-", data), []
        for part in (0.05, 0.31, 0.5, 0.77, 0.99):
            cut = int(len(data) * part) | 1
            got = read("-", data[:cut])
            if isinstance(got, str) or got.refused:
                why.append(f"{cut}: {got if isinstance(got, str) else got.refused}")
            elif [f[1][:4] for f in got.frames] != [f[1][:4] for f in whole.frames[:len(got.frames)]]:
                why.append(f"{cut}: other frames")
            elif len(got.frames) == len(whole.frames) and not got.problems:
                continue  # only what stands behind the frames is lost
            elif len(got.problems) != 1 or int(got.problems[0][1]) != len(got.frames):
                why.append(f"{cut}: problems {got.problems}")
        report(not why, f"capture/cut/{name}", *why)


def test_many():
    """More packets than any buffer holds."""
    header = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    packet = struct.pack("<IIII", 1, 2, 60, 60) + bytes(60)
    got = read("-", header + packet * 100000)
    report(not isinstance(got, str) and len(got.frames) == 100000, "capture/many", got if isinstance(got, str) else "")


def main():
    test_many()
    if os.path.isdir(CAPTURES):
        test_manifest()
        test_pipes_and_wrappers()
        test_cut()
    else:
        skip("capture/manifest", "no ../shared/captures")
    if os.path.isdir(LAB):
        test_lab()
    else:
        skip("capture/lab", "no ../shared/lab")
    return status()


if __name__ == "__main__":
    sys.exit(main())
