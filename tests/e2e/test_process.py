#!/usr/bin/env python3
"""The process that owns a connection, from a Network Monitor file's own tables, read here independently."""
import json
import os
import struct
import sys

from common import CAPTURES, report, run, skip, status

NAME = os.path.join(CAPTURES, "wswiki__ws-cssp__win2k19-joined.cap")


def processes(data):
    """[(path, PID)] of the process table (Network Monitor 2.2 and later)."""
    at, count = struct.unpack("<II", data[48:56])
    at += 2
    out = []
    for _ in range(count):
        size, = struct.unpack("<I", data[at:at + 4])
        path = data[at + 4:at + 4 + size].decode("utf-16-le").split("\0")[0]  # what stands behind it is left over
        at += 4 + size
        icon, = struct.unpack("<I", data[at:at + 4])
        at += 4 + icon
        pid, = struct.unpack("<I", data[at:at + 4])
        out.append((path, pid))
        at += 4 + 4 + 4 + 4 + 32  # PID, two ports with padding, is-IPv6, two addresses
    return out


def owners(data):
    """frame number -> (name, PID) where the frame's trailer names a process."""
    table, names = struct.unpack("<II", data[24:32]), processes(data)
    out = {}
    for i in range(table[1] // 4):
        frame, = struct.unpack("<I", data[table[0] + 4 * i:table[0] + 4 * i + 4])
        captured, = struct.unpack("<I", data[frame + 12:frame + 16])
        index, = struct.unpack("<I", data[frame + 16 + captured + 2:frame + 16 + captured + 6])
        if index < len(names):
            out[i + 1] = (names[index][0].rsplit("\\", 1)[-1], names[index][1])
    return out


def main():
    if not os.path.exists(NAME):
        skip("process/network-monitor", "../shared/captures is not here")
        return 0
    with open(NAME, "rb") as file:
        truth = owners(file.read())
    _, out, _ = run("--events", NAME)
    lines = [json.loads(line) for line in out.splitlines()]
    wrong = [(l["frame"], l.get("process"), truth[l["frame"]]) for l in lines
             if l["frame"] in truth and (l.get("process"), l.get("pid")) != truth[l["frame"]]]
    named = [l for l in lines if "process" in l]
    report(named and not wrong, "process/network-monitor", f"{len(named)} lines name a process", str(wrong[:5]))
    return status()


if __name__ == "__main__":
    sys.exit(main())
