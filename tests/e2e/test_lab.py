#!/usr/bin/env python3
"""Every scenario of the lab: the truth is named, nothing false is likely or confirmed, no success is blamed. On the wire
alone, where nothing may be confirmed; with the evidence files of the scenario; with its keytabs (one that opens every
ticket, as a domain's administrator may have, and the server's own).

Prints for each scenario hit (the truth first, or a look-alike first that the wire cannot tell from it, with the truth
in its alternatives), listed (among the alternatives of a finding), missed or overclaimed; fails on the last two.
"""
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAB = os.path.join(ROOT, "..", "shared", "lab", "captures")
KRBWHY = os.path.join(ROOT, "build", "sanitize", "krbwhy")

# A 37 that the client recovers from is normal and quiet: the lab names the error, no finding is due.
RECOVERED = ("ad-smb-skew",)

# Where the lab names no cause: what a finding may be called, None for "no finding".
BY_NOTE = (
    ("no finding", None),
    ("users' own trouble", None),
    ("then the fallback", {"ntlm-fallback"}),
    ("KDC error 7", {"kdc-error", "ntlm-fallback"}),
    ("KDC error 13", {"kdc-error"}),
    ("KDC error 14", {"kdc-error"}),
    ("KDC error 27", {"kdc-error"}),
    ("error 37", {"clock-skew"}),
    ("error 32", {"ticket-expired"}),
    ("31/41 from the second KDC", {"kdc-error"}),
    ("31/44 from the KDC", {"kdc-error"}),
)

# Listed, and not first: what is given does not decide, and why. Without a reason here it counts as a failure.
NO_ACCOUNT = "MIT's error repeats the ticket's name: who tried is not said, and which machine was reached is not either"
KEYTAB = "which encryption types the service has keys of is not on the wire; a KDC's keytab does not say it"
ONE_END = "only the client's end is captured: what arrived is unknown (both ends: test_case)"
NOT_DECIDED = {
    "ad-b-dup-same-value": "error 7 says that nobody or several hold the name: no ticket exists that a key could open",
    "mit-b-kvno-winmit": "one answer of the machine in its own name: any other holder of the SPN looks the same",
    "mit-c1-hostname-mit": NO_ACCOUNT,
    "mit-d-wrong-a-mit": NO_ACCOUNT,
    "mit-hosts-mit": NO_ACCOUNT,
    "mit-f-fqdn-mit": NO_ACCOUNT,
    "mit-j-aes-ticket-rc4-keytab-mit": KEYTAB,
    "mit-j-aes-ticket-rc4-keytab-winmit": KEYTAB,
    "mit-j-rc4-ticket-aes-keytab-winmit": KEYTAB,
    "mit-y-snaplen200": "the frames are cut before the ticket's name",
    "pair-tamper-mit": ONE_END,
    "pair-tamper-winmit": ONE_END,
}

# 37 with the seconds that the lab moved the clock by; where the KDC answers and no message says the client's time,
# the wire does not hold them.
SKEW = {"mit-i-skew-server-mit": 1200, "mit-i-skew-server-heimdal": 1200}


def analyse(path, more=()):
    done = subprocess.run([KRBWHY, "--format", "json", path, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-2000:]}")
    document = json.loads(done.stdout)
    findings = [f for f in document["findings"] if f["confidence"] is not None]
    if done.returncode != (1 if findings else 0):
        raise RuntimeError(f"exit {done.returncode} with {len(findings)} findings")
    return document, findings


def judge_one(findings, truth, also, look_alikes, wire=True):
    """(verdict, what was said) of one truth against the findings that are about it."""
    said = "; ".join(f"{f['cause']} ({f['confidence']}; {', '.join(f['alternatives'])})" for f in findings) or "nothing"
    true = {truth} | set(also)
    for finding in findings:
        if finding["confidence"] != "possible" and (finding["cause"] not in true or
                                                    (wire and finding["confidence"] == "confirmed")):
            return "overclaimed", said
    if findings:
        first = findings[0]
        if first["cause"] in true or (first["cause"] in look_alikes and truth in first["alternatives"]):
            return "hit", said
    if any(truth in f["alternatives"] or truth == f["cause"] for f in findings):
        return "listed", said
    return "missed", said


def judge_quiet(findings, note):
    allowed = next((allowed for words, allowed in BY_NOTE if words in note), None)
    said = "; ".join(f"{f['cause']} ({f['confidence']})" for f in findings) or "nothing"
    if allowed is None:
        return ("hit" if not findings else "overclaimed"), said
    if any(f["confidence"] == "confirmed" or (f["confidence"] == "likely" and f["cause"] not in allowed)
           for f in findings):
        return "overclaimed", said
    if findings and findings[0]["cause"] in allowed:
        return "hit", said
    return ("listed" if any(f["cause"] in allowed for f in findings) else "missed"), said


def judge_mixed(document, findings, causes, wire=True):
    """krbwhy_causes: "SPN at address" -> cause or null."""
    attempts = {a["id"]: a for a in document["attempts"]}
    worst, said = "hit", []
    order = ("hit", "listed", "missed", "overclaimed")
    for where, truth in causes.items():
        spn, _, address = where.partition(" at ")
        about = [f for f in findings if any(
            attempts[i]["spn"] and attempts[i]["spn"].lower() == spn.lower()
            and (not address or attempts[i]["server"]["address"] in (address, None)) for i in f["attempts"])]
        if truth is not None:
            verdict, text = judge_one(about, truth, [], ["spn-wrong-account"], wire)
        elif address:
            verdict, text = judge_quiet(about, "no finding")
        else:
            verdict, text = judge_quiet(about, "KDC error 7")
        worst = max(worst, verdict, key=order.index)
        said.append(f"{where}: {verdict}: {text}")
    return worst, " | ".join(said)


def inputs_of(name, truth, mode):
    """What is given beside the capture; None where the scenario has nothing of the kind."""
    if mode == "wire":
        return []
    if mode == "evidence":
        return [os.path.join(LAB, file) for file in truth.get("evidence") or []] or None
    keytab = os.path.join(LAB, "keytabs", name, "all.keytab")
    if mode == "keys":
        return ["-k", keytab] if os.path.exists(keytab) else None
    keytabs = [os.path.join(LAB, file) for file in truth.get("evidence_keytabs") or []]
    return [word for file in keytabs for word in ("-k", file)] or None


def judge_scenario(name, truth, mode):
    document, findings = analyse(os.path.join(LAB, truth["capture"]), inputs_of(name, truth, mode))
    wire = mode == "wire"
    note = truth.get("krbwhy_note") or ""
    if truth.get("krbwhy_causes"):
        return judge_mixed(document, findings, truth["krbwhy_causes"], wire)
    if truth.get("krbwhy_cause") is None:
        return judge_quiet(findings, "no finding" if name in RECOVERED else note)
    if "possible at most, name the gap" in note:
        # TLS: an attempt that is hidden only informs; without --all there is nothing.
        return ("hit", "hidden by TLS") if not findings else ("overclaimed", findings[0]["cause"])
    verdict, said = judge_one(findings, truth["krbwhy_cause"], truth.get("krbwhy_also") or [],
                              truth.get("krbwhy_set") or [], wire)
    wrong = truth.get("not_the_cause")
    if wrong and any(wrong == f["cause"] or wrong in f["alternatives"] for f in findings):
        return "overclaimed", said
    return verdict, said


def check_skew(name):
    _, findings = analyse(os.path.join(LAB, name + ".pcap"))
    skew = findings[0].get("skew_s") if findings else None
    return skew is not None and abs(skew - SKEW[name]) <= 2, skew


def main():
    files = sorted(glob.glob(os.path.join(LAB, "*.json")))
    if not files:
        print("skip test_lab no ../shared/lab beside the repository")
        return 0
    words = sys.argv[1:]
    for mode in ("wire", "evidence", "keys", "server-keys"):
        counts = {"hit": 0, "listed": 0, "missed": 0, "overclaimed": 0}
        if any(word in ("wire", "evidence", "keys", "server-keys") for word in words) and mode not in words:
            continue
        names = [word for word in words if word not in ("wire", "evidence", "keys", "server-keys")]
        for path in files:
            name = os.path.basename(path)[:-5]
            with open(path, encoding="utf-8") as file:
                truth = json.load(file)
            if (names and not any(part in name for part in names)) or inputs_of(name, truth, mode) is None:
                continue
            if "capture" not in truth:
                continue
            try:
                verdict, said = judge_scenario(name, truth, mode)
            except (RuntimeError, ValueError, KeyError, subprocess.TimeoutExpired) as wrong:
                verdict, said = "missed", str(wrong)
            counts[verdict] += 1
            good = verdict == "hit" or (verdict == "listed" and name in NOT_DECIDED)
            why = f" (not decided: {NOT_DECIDED.get(name)})" if verdict == "listed" else ""
            print(f"# {verdict}: {mode}: {name}: {said}{why}")
            print(("ok" if good else "not ok") + f" test_lab/{mode}/{name}", flush=True)
        print(f"# {mode}: " + ", ".join(f"{number} {word}" for word, number in counts.items()), flush=True)
    for name in SKEW:
        if not words:
            good, skew = check_skew(name)
            print(f"# skew_s is {skew}, the lab's clock was moved by {SKEW[name]}")
            print(("ok" if good else "not ok") + f" test_lab/skew/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
