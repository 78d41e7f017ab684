#!/usr/bin/env python3
"""Facts of the evidence samples against what a careful reader took from them.

For every NAME.expected.json beside the repository (../shared/evidence) the facts of NAME are compared, in any order,
and the kind that was recognised. Prints per kind how many facts were found and how many of those printed are right.
"""
import collections
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SAMPLES = os.path.join(ROOT, "..", "shared", "evidence")
LAB = os.path.join(ROOT, "..", "shared", "lab", "captures")
FACTS = os.path.join(ROOT, "build", "sanitize", "tests", "tools", "facts")
EXTRAS = {"ipconfig", "event3", "kdc-event", "nltest", "krb5trace", "netmon", "repadmin", "dcdiag", "netlog"}
ETYPES = {"des-cbc-crc": 1, "des-cbc-md4": 2, "des-cbc-md5": 3, "des-hmac-sha1": 8, "des3-cbc-sha1": 16,
          "aes128-cts-hmac-sha1-96": 17, "aes256-cts-hmac-sha1-96": 18, "aes128-cts-hmac-sha256-128": 19,
          "aes256-cts-hmac-sha384-192": 20, "arcfour-hmac": 23, "camellia128-cts-cmac": 25,
          "camellia256-cts-cmac": 26}


def etype(name):
    return None if name is None else ETYPES[name.replace("DEPRECATED:", "")]


def read(paths):
    done = subprocess.run([FACTS] + paths, stdout=subprocess.PIPE, check=True)
    heads, facts = {}, collections.defaultdict(list)
    for line in done.stdout.decode("utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == "evidence-file":
            heads[event["file"]] = event
        else:
            facts[event["file"]].append(event)
    return heads, facts


def wanted(name, exp):
    """The events that an expected.json stands for, each with the fields it names."""
    kind, out = exp["kind"], []
    if kind == "setspn":
        out += [dict(o, event="spn-owner") for o in exp["owners"]]
        out += [{"event": "spn-duplicate", "spn": s} for s in exp["duplicates"]]
        out += [{"event": "spn-absent", "spn": s} for s in exp["not_found"]]
    elif kind == "ldif":
        out += [{"event": "account", "account": o["sAMAccountName"], "dn": o["dn"], "upn": o["upn"], "spns": o["spns"],
                 "etypes": o["enctypes"], "kvno": o["kvno"]} for o in exp["objects"]]
    elif kind == "klist":
        out += [dict(t, event="cached-ticket") for t in exp["tickets"]]
        out += [{"event": "key", "principal": k["principal"], "kvno": k["kvno"], "etype": etype(k["etype"])}
                for k in exp.get("keytab_entries", [])]
    elif kind == "displaydns":
        out += [dict(r, event="name", origin="displaydns") for r in exp["records"]]
    elif kind == "hosts":
        out += [{"event": "name", "origin": "hosts", "name": n, "value": e["address"],
                 "type": "AAAA" if ":" in e["address"] else "A"} for e in exp["entries"] for n in e["names"]]
    elif kind == "iis":
        for s in exp["sites"]:
            apps = s.pop("applications", [])
            s["site"] = s.pop("name")
            out.append(dict(s, event="iis-site", path="/"))
            out += [dict(a, event="iis-site", site=s["site"]) for a in apps]
        out += [dict(event="iis-pool", pool=p["name"], identity=p["identity"], user=p.get("user"))
                for p in exp.get("pools", [])]
    elif kind in ("event4", "event3", "kdc-event"):
        out.append(dict(exp, event=kind))
    elif kind == "krb5conf":
        out.append(dict(exp, event="krb5-conf"))
    elif kind == "keytab":
        out += [{"event": "key", "principal": e["principal"], "kvno": e["kvno"], "etype": etype(e["etype"])}
                for e in exp.get("entries", [])]
    elif kind == "ipconfig":
        out.append(dict(exp, event="machine"))
    elif kind == "nltest":
        out.append(dict(exp, event="nltest"))
    elif kind in ("dcdiag", "netmon", "netlog"):
        out.append(dict(exp, event=kind))
    elif kind == "repadmin":
        out.append(dict(exp["unicodePwd"], event="repadmin", object=exp["object"], dc=exp["dc"], attribute="unicodePwd"))
    for o in out:
        for key in ("kind", "note", "alternative", "partial", "line"):
            o.pop(key, None)
    return out


def agrees(want, got):
    for key, value in want.items():
        have = got.get(key)
        if key in ("search_list", "dns_servers", "suffixes") and have is not None and value is not None:
            if not set(value) <= set(have):
                return False
        elif have != value:
            return False
    return True


def compare(name, exp, head, facts, totals):
    notes = []
    want = wanted(name, exp)
    kinds = [exp["kind"]] + ([exp["alternative"]["kind"]] if "alternative" in exp else [])
    if exp["kind"] in EXTRAS:
        kinds.append(None)
    if head["kind"] not in kinds:
        notes.append(f"kind is {head['kind']}, not {exp['kind']}")
    if head["kind"] is None and exp["kind"] in EXTRAS:
        want = []
    left = list(facts)
    found = 0
    for w in want:
        hit = next((g for g in left if agrees(w, g)), None)
        if hit is None:
            near = next((g for g in left if g["event"] == w["event"]), None)
            notes.append(f"missing {json.dumps(w, ensure_ascii=False)}")
            if near:
                notes.append(f"   near {json.dumps(near, ensure_ascii=False)}")
        else:
            left.remove(hit)
            found += 1
    open_ended = exp.get("partial") or "entries_at_least" in exp
    if "entries_at_least" in exp and len(facts) < exp["entries_at_least"]:
        notes.append(f"{len(facts)} entries, not {exp['entries_at_least']}")
    # the expectations name applications of a site only where they differ from it
    extra = [] if open_ended else [g for g in left if not (g["event"] == "repadmin" and found)
                                   and not (g["event"] == "iis-site" and g["path"] != "/")
                                   and exp["kind"] != "krb5trace"]
    notes += [f"surplus {json.dumps(g, ensure_ascii=False)}" for g in extra]
    t = totals[exp["kind"] or "decoy"]
    t["files"] += 1
    t["right"] += not notes
    t["want"] += len(want)
    t["found"] += found
    t["surplus"] += len(extra)
    return notes


def samples():
    names = sorted(n[:-len(".expected.json")] for n in os.listdir(SAMPLES) if n.endswith(".expected.json"))
    heads, facts = read([os.path.join(SAMPLES, n) for n in names])
    totals = collections.defaultdict(collections.Counter)
    for name in names:
        path = os.path.join(SAMPLES, name)
        with open(path + ".expected.json", encoding="utf-8") as file:
            exp = json.load(file)
        for note in (notes := compare(name, exp, heads[path], facts[path], totals)):
            print("#", note[:600])
        print("not ok" if notes else "ok", "evidence/" + name)
    for kind, t in sorted(totals.items()):
        print(f"# {kind}: {t['right']} of {t['files']} files right, {t['found']} of {t['want']} facts, {t['surplus']} surplus")


def ldif_objects(path):
    """How many objects a lab LDIF has, and its SPNs, counted without our reader."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"\r?\n ", "", file.read())
    return len(re.findall(r"(?m)^sAMAccountName:", text)), len(re.findall(r"(?m)^servicePrincipalName:", text))


def lab():
    ends = {".ldif": "ldif", ".setspn.txt": "setspn", ".applicationHost.config": "iis", ".hosts": "hosts",
            ".krb5.conf": "krb5conf", ".klist.txt": "klist", ".ipconfig.txt": "ipconfig"}
    paths = [os.path.join(LAB, n) for n in sorted(os.listdir(LAB)) if n.endswith(tuple(ends))]
    heads, facts = read(paths)
    counts = collections.Counter()
    for path in paths:
        kind = next(k for e, k in ends.items() if path.endswith(e))
        notes = [] if heads[path]["kind"] == kind else [f"kind is {heads[path]['kind']}"]
        notes += [f"problem {p}" for p in heads[path]["problems"]]
        if kind == "ldif":
            got = (len(facts[path]), sum(len(f["spns"]) for f in facts[path]))
            if got != ldif_objects(path):
                notes.append(f"objects and SPNs are {got}, not {ldif_objects(path)}")
        elif kind == "setspn":
            with open(path, encoding="utf-8") as file:
                spns = re.findall(r"(?m)^\s+(\S+/\S+)$", file.read())
            if sorted(f["spn"] for f in facts[path] if f["event"] == "spn-owner") != sorted(spns):
                notes.append("the SPNs are not those of the file")
        elif not facts[path]:
            notes.append("no fact")
        counts[kind] += not notes
        if notes:
            print("# " + "; ".join(notes))
            print("not ok evidence/lab/" + os.path.basename(path))
    for kind, num in sorted(counts.items()):
        print(f"# lab {kind}: {num} files read whole")
    print("ok evidence/lab")


def main():
    if not os.path.isdir(SAMPLES):
        print("skip evidence no samples beside the repository")
        return
    samples()
    if os.path.isdir(LAB):
        lab()


if __name__ == "__main__":
    sys.exit(main())
