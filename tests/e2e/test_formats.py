#!/usr/bin/env python3
"""Every format of the report, over a hand-made incident (tests/tools/made_report.c): what has to be in it, the schema,
names that are hostile, the same bytes whatever the environment is."""
import json
import os
import re
import subprocess
import sys
import unicodedata

import jsonschema

from common import ROOT, report, status

TOOL = os.path.join(ROOT, "build", "sanitize", "tests", "tools", "made_report")
SCHEMA = os.path.join(ROOT, "docs", "krbwhy-1.schema.json")
FORMATS = ("text", "json", "ndjson", "markdown")
VARIANTS = ("plain", "hostile", "success", "all", "none", "two")


def made(format_, variant="plain", width=None, **env):
    arguments = [TOOL, format_, variant] + ([str(width)] if width else [])
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ, **env))
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode("utf-8")


def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def documents():
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    for variant in VARIANTS:
        texts = [made("json", variant)] + made("ndjson", variant).splitlines()
        errors = [e.message for text in texts for e in kind(schema).iter_errors(json.loads(text))]
        report(not errors, "schema-" + variant, *errors[:5])
    # The schema itself has to be strict: anything taken away or added is an error.
    whole = json.loads(made("json"))
    loose = [key for key in whole if not list(kind(schema).iter_errors({k: v for k, v in whole.items() if k != key}))]
    for part in ("captures", "attempts", "findings"):
        for key in whole[part][0]:
            broken = json.loads(made("json"))
            del broken[part][0][key]
            loose += [f"{part}.{key}"] if not list(kind(schema).iter_errors(broken)) else []
        broken = json.loads(made("json"))
        broken[part][0]["more"] = 1
        loose += [part + " with more"] if not list(kind(schema).iter_errors(broken)) else []
    report(not loose, "schema-is-strict", *loose)


def content():
    d = json.loads(made("json"))
    a, f = d["attempts"][0], d["findings"][0]
    report(a["error"] == {"code": 41, "name": "KRB_AP_ERR_MODIFIED", "realm": "TEST.COM", "sname": "contososvc",
                          "time": "2011-10-14T05:10:14.250000000Z", "origin": "acceptor",
                          "source": {"capture": 0, "frame": 8, "time": "2011-10-14T05:10:05.008000000Z"}},
           "json-error", a["error"])
    report((a["client"], a["server"]) == ({"address": "10.0.5.3", "port": 50045, "principal": "alice@TEST.COM"},
                                          {"address": "10.0.5.2", "port": 80, "computer": None}), "json-ends")
    report([s["frame"] for s in (a["tgs"]["request"], a["tgs"]["reply"], a["ap"]["request"], a["ap"]["reply"])] ==
           [3, 4, 6, 8] and a["as"] is None and a["tgs"]["kdc"] == "10.0.5.1", "json-chain")
    report([(s["type"], s["value"], s["ttl"]) for s in a["dns"]] == [("CNAME", "iis01.test.com", 3600),
                                                                     ("A", "10.0.5.2", 1200)], "json-dns")
    report(f["display_filter"] == "frame.number in {2,3,4,6,8}", "json-display-filter", f["display_filter"])
    report(d["captures"][0]["problems"] == [{"code": "truncated-file", "frame": 9, "offset": 4300,
                                             "message": "the file ends within a frame"}], "json-problems")
    plain, more = json.loads(made("json", "success")), json.loads(made("json", "all"))
    report(len(plain["attempts"]) == 1 and len(plain["findings"]) == 1 and plain["summary"]["attempts"] == 2,
           "json-without-all")
    report(len(more["attempts"]) == 2 and [x["confidence"] for x in more["findings"]] == ["likely", None] and
           more["findings"][0] == plain["findings"][0] and more["summary"]["failed"] == plain["summary"]["failed"],
           "json-with-all")
    two = json.loads(made("json", "two"))
    report([x["id"] for x in two["attempts"]] == [1, 2] and [x["id"] for x in two["findings"]] == [1, 2] and
           [x["attempts"] for x in two["findings"]] == [[1], [2]], "json-ids-are-unique")
    lines = made("ndjson", "two").splitlines()
    report(len(lines) == 2 and all(json.loads(x)["findings"][0]["attempts"] == [1] for x in lines),
           "ndjson-one-line-a-case")


def text():
    out = made("text")
    head = " ".join(out.split("\n\n")[0].split())
    report(head.startswith("KRB_AP_ERR_MODIFIED (41): the ticket was encrypted for IIS01$ (expected owner of "
                           "HTTP/iis01.test.com), and contososvc tried to open it. Cause: ") and
           "(cname-spn, likely)" in head, "text-verdict-first", head)
    order = ["What happened", "What shows it", "What speaks against it", "Why not something else", "What would settle it", "What to do",
              "Wireshark display filter", "Problems with the files", "Summary"]
    report([line for line in out.splitlines() if line in order] == order, "text-sections", out)
    report("web.pcap: 1 authentication, 1 failed; 1 finding (cname-spn)." in " ".join(out.split()), "text-singular")
    report("1 capture: 2 authentications, 2 failed; 2 findings (cname-spn 2)." in made("text", "two"), "text-plural")
    none = made("text", "none")
    report(none.startswith("web.pcap: nothing wrong was found\n") and "1 ticket issued by a KDC" in none, "text-none", none)
    for width in (60, 80, 100, 132):
        wide = [line for variant in ("plain", "none", "two") for line in made("text", variant, width).splitlines()
                if columns(line) > width and not line.strip().startswith("dnscmd ")]  # commands stay whole
        report(not wide, f"text-width-{width}", *wide)
    report(made("text", "plain", 10) == made("text", "plain", 60), "text-never-below-60")
    narrow = made("text", "plain", 60)
    report(all(command in (line.strip() for line in narrow.splitlines()) for command in
               ("dnscmd /recordadd test.com contoso.test.com A 10.0.5.2", "setspn -F -Q */iis01.test.com",
                "frame.number in {2,3,4,6,8}")), "text-commands-stand-alone")


def markdown():
    out = made("markdown")
    rows = [line for line in out.splitlines() if line.startswith("|")]
    report(len(rows) == 7 and all(row.count("|") == 6 for row in rows), "markdown-table", *rows)
    report(out.count("```") % 2 == 0 and "```text\nsetspn -F -Q */iis01.test.com\n```" in out, "markdown-commands")


def unfenced(out):
    return re.sub(r"(?ms)^(`{3,})text\n.*?\n\1$", "", out)


def hostile():
    for format_ in FORMATS:
        out = made(format_, "hostile")
        bad = sorted({c for c in out if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2028"})
        if format_ in ("json", "ndjson"):
            bad = [c for c in bad if c != "\u202e"]  # harmless inside a JSON string
        report(not bad, "hostile-no-controls-" + format_, repr(bad))
        out.encode("utf-8")
    d = json.loads(made("json", "hostile"))
    report(d["attempts"][0]["error"]["sname"] == "\x1b[31mroot\x1b]0;x\x07", "hostile-json-is-exact")
    out = made("markdown", "hostile")
    prose = unfenced(out)
    report("<" not in prose and "](" not in prose.replace("\\]", "").replace("\\(", "") and "http://" not in prose,
           "hostile-markdown-markup", prose)
    rows = [line for line in prose.splitlines() if line.startswith("|")]
    report(len(rows) == 7 and all(row.count("|") == 6 for row in rows), "hostile-markdown-table", *rows)
    fences = [line for line in out.splitlines() if line.startswith("```")]
    report(len(fences) % 2 == 0 and len(unfenced(out).split("```")) == 1, "hostile-markdown-fences")
    plain, bad = made("text"), made("text", "hostile")
    order = [line for line in plain.splitlines() if re.match("[A-Z][a-z' ]+$", line)]
    report([line for line in bad.splitlines() if re.match("[A-Z][a-z' ]+$", line)] == order, "hostile-text-structure")


def environment():
    for format_ in FORMATS + ("events",):
        first = made(format_, "two")
        same = all(made(format_, "two", TZ=zone, LC_ALL=locale, LANG=locale, COLUMNS="40") == first
                   for zone, locale in (("Pacific/Kiritimati", "de_DE.UTF-8"), ("America/St_Johns", "C"),
                                        ("UTC", "tr_TR.UTF-8")))
        report(same, "same-bytes-" + format_)


def events():
    lines = [json.loads(line) for line in made("events").splitlines()]
    report([e["frame"] for e in lines] == sorted(e["frame"] for e in lines) and
           [e["event"] for e in lines] == ["dns", "dns", "krb", "krb", "http", "krb", "http", "krb"], "events-order")
    common = {"event", "capture", "frame", "time", "src", "sport", "dst", "dport", "carrier"}
    report(all(common <= set(e) for e in lines), "events-common-members")
    members = {"krb": {"msg_type", "msg", "realm", "sname", "cname", "crealm", "error_code", "error", "etypes", "ticket",
                       "stime", "ctime"},
               "dns": {"id", "qname", "qtype", "rcode", "answers"},
               "http": {"method", "target", "host", "status", "server", "user_agent", "schemes"}}
    report(all(members[e["event"]] <= set(e) for e in lines), "events-members")
    krb = [e for e in lines if e["event"] == "krb"]
    report([(e["msg"], e["msg_type"], e["etypes"]) for e in krb] ==
           [("TGS-REQ", 12, [18, 17, 23, 24, -135]), ("TGS-REP", 13, None), ("AP-REQ", 14, None), ("KRB-ERROR", 30, None)],
           "events-krb")
    report((krb[3]["error"], krb[3]["error_code"], krb[3]["stime"], krb[3]["ctime"]) ==
           ("KRB_AP_ERR_MODIFIED", 41, "2011-10-14T05:10:14Z", None), "events-error")
    report(krb[1]["ticket"]["sha256"] == krb[2]["ticket"]["sha256"] and krb[0]["ticket"] is None, "events-ticket")
    report([(a["name"], a["type"], a["ttl"], a["value"]) for a in lines[1]["answers"]] ==
           [("contoso.test.com", "CNAME", 3600, "iis01.test.com"), ("iis01.test.com", "A", 1200, "10.0.5.2")], "events-dns")
    report([e["schemes"] for e in lines if e["event"] == "http"] == [["Negotiate"], ["Negotiate", "NTLM"]], "events-http")


def main():
    documents()
    content()
    text()
    markdown()
    hostile()
    environment()
    events()


if __name__ == "__main__":
    main()
    sys.exit(status())
