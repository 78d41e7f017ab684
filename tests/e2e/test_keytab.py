#!/usr/bin/env python3
"""Which key opens a ticket: `--keytab` against the lab's ground truth, which was found by trying all keys with another program."""
import concurrent.futures
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAB = os.path.join(ROOT, "..", "shared", "lab", "captures")
KRBWHY = os.path.join(ROOT, "build", "sanitize", "krbwhy")


def tickets(capture, keytab):
    """The Kerberos events of a capture that have a ticket, by frame."""
    done = subprocess.run([KRBWHY, "--events", "-k", keytab, capture], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode('utf-8', 'replace')[:300]}")
    found = {}
    for line in done.stdout.splitlines():
        event = json.loads(line)
        if event["event"] == "krb" and event["ticket"] is not None:
            found.setdefault(event["frame"], []).append(event)
    return found


def openers(event):
    return sorted(f"{o['principal']}:{o['kvno']}" for o in event["ticket"]["opened_by"] or [])


def expect(name, found, frame, msg_type, truth, seen):
    """One ticket; the lab writes "?" where nothing opens it because the capture cut it."""
    events = [e for e in found.get(frame, []) if e["msg_type"] == msg_type]
    seen["tickets"] += len(events) > 0
    wanted = sorted(t for t in truth if t != "?")
    if events and wanted not in [openers(e) for e in events]:
        return [f"{name} frame {frame}: opened by {[openers(e) for e in events]}, not {wanted}"]
    return []


def check(name, seen):
    truth = json.load(open(os.path.join(LAB, name + ".json"), encoding="utf-8"))
    capture = os.path.join(LAB, truth["capture"])
    folder = os.path.join(LAB, "keytabs", name)
    wrong = []
    found = tickets(capture, os.path.join(folder, "all.keytab"))
    for kind, msg_type in (("as_rep", 11), ("tgs_rep", 13)):
        for frame in truth["frames"].get(kind, []):
            if "key_of" in frame:
                wrong += expect(name, found, frame["frame"], msg_type, frame["key_of"], seen)
    for exchange in truth["exchanges"]:
        if exchange["carrier"].startswith("HTTP") and exchange.get("ap_req"):
            wrong += expect(name, found, exchange["ap_req"], 14, exchange["ticket_key_of"], seen)
    for server in sorted({s for e in truth["exchanges"] for s in e["opened_by_keytab"] or {}}):
        keytab = os.path.join(folder, server + ".keytab")
        if not os.path.exists(keytab):
            continue
        found = tickets(capture, keytab)
        for exchange in truth["exchanges"]:
            if exchange["carrier"].startswith("HTTP") and exchange.get("ap_req") and server in (exchange["opened_by_keytab"] or {}):
                wrong += expect(name + "/" + server, found, exchange["ap_req"], 14, exchange["opened_by_keytab"][server], seen)
    return wrong


def main():
    names = sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(os.path.join(LAB, "keytabs", "*", "all.keytab")))
    names = [n for n in names if os.path.exists(os.path.join(LAB, n + ".json"))]
    if not names:
        print("skip keytab/lab the lab's captures are not beside the repository")
        return 0
    seen, wrong = {"tickets": 0}, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, future in [(n, pool.submit(check, n, seen)) for n in names]:
            try:
                wrong += future.result()
            except (RuntimeError, OSError, ValueError, KeyError, TypeError) as problem:
                wrong.append(f"{name}: {problem!r}")
    for line in wrong[:40]:
        print("#", line)
    if seen["tickets"] < 300:
        wrong.append("few")
        print(f"# only {seen['tickets']} tickets were seen in {len(names)} captures")
    print(("not ok" if wrong else "ok") + " keytab/lab")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
