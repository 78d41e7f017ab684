#!/usr/bin/env python3
"""The IIS matrix over real exchanges with their configuration and directory, and files without a capture."""
import glob
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import FIXTURES, LAB, SHARED, broken, findings_of, report, run, skip, status

ALONE = os.path.join(FIXTURES, "evidence-alone")
ROWS = {"w1": "first of the three", "w2": "second of the three", "w3": "third of the three"}


def says(finding, text):
    return any(text in s["statement"] for s in finding["for"])


def check_row(folder, name):
    if folder == LAB:
        with open(os.path.join(folder, name + ".json"), encoding="utf-8") as file:
            truth = json.load(file)
    else:  # fixtures/iis-w1, iis-r3
        truth = {"iis_row": name[len("iis-"):], "account_encrypting": "contososvc", "spn_requested": "HTTP/iis01.test.com"}
    base = os.path.join(folder, name)
    wrong, row = truth["iis_row"].startswith("w"), truth["iis_row"]
    for kind in ("ldif", "setspn.txt"):
        d = findings_of(base + ".pcap", base + ".applicationHost.config", base + "." + kind)
        alone = findings_of(base + ".applicationHost.config", base + "." + kind)
        label = f"{os.path.basename(folder) if folder != LAB else 'lab'}-{name}-{kind}"
        if not wrong:
            report(not d["findings"] and not alone["findings"], label, d["findings"], alone["findings"])
            continue
        first = d["findings"][0] if d["findings"] else {}
        commands = [r["command"] or "" for r in first.get("remedies", [])]
        report(len(d["findings"]) == 1 and first["cause"] == "spn-wrong-account" and first["confidence"] == "confirmed"
               and says(first, ROWS[row]) and says(first, truth["account_encrypting"].rstrip("$").upper() if
                                                   truth["account_encrypting"].endswith("$") else truth["account_encrypting"])
               and any("appcmd.exe set config \"PortalSite\"" in c for c in commands)
               and any(c.startswith("setspn -") and truth["spn_requested"] in c for c in commands)
               and all(r["undo"] and r["breaks"] and r["who"] and r["verify"] for r in first["remedies"]), label, first)
        report(len(alone["findings"]) == 1 and alone["findings"][0]["cause"] == "spn-wrong-account"
               and alone["findings"][0]["attempts"] == [] and alone["attempts"] == []
               # which computer a site without host header stands on, these files do not say
               and alone["findings"][0]["confidence"] == ("confirmed" if row == "w2" else "possible"), label + "-alone", alone["findings"])


def found(*names, **more):
    d = findings_of(*[n if n == "-" or n == "--all" else os.path.join(ALONE, n) for n in names], **more)
    return [(f["cause"], f["confidence"], f["title"]) for f in d["findings"]], d


def check_pieces():
    """One configuration in several files: sites from appcmd, pools from appcmd, settings of a web.config."""
    texts = {
        "sites.txt": 'SITE "Shop" (id:1,bindings:http/*:80:shop.corp.example,state:Started)\nAPP "Shop/" (applicationPool:ShopPool)\n',
        "pools.config": '<system.applicationHost><applicationPools><add name="ShopPool"><processModel identityType="SpecificUser" '
                        'userName="CORP\\svcshop" /></add></applicationPools></system.applicationHost>\n',
        "web.config": '<configuration><system.webServer><security><authentication><windowsAuthentication enabled="true" '
                      'useKernelMode="true" useAppPoolCredentials="true" /></authentication></security></system.webServer></configuration>\n',
        "spns.ldf": "dn: CN=WEB07,CN=Computers,DC=corp,DC=example\nobjectClass: computer\nsAMAccountName: WEB07$\n"
                    "servicePrincipalName: HOST/web07.corp.example\nservicePrincipalName: HTTP/shop.corp.example\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        paths = [os.path.join(folder, name) for name in texts]
        got = [f for f in findings_of(*paths)["findings"] if "Shop" in f["title"]]
        report(len(got) == 1 and got[0]["cause"] == "spn-wrong-account" and "svcshop" in str(got[0]["for"])
               and "useAppPoolCredentials true" in str(got[0]["for"]), "pieces-of-one-configuration", got)
        got = [f for f in findings_of(paths[0], paths[1], paths[3])["findings"] if "Shop" in f["title"]]
        report(got == [], "without-the-setting-nothing-is-claimed", got)


def check_alone():
    got, d = found("spns.ldf")
    causes = [(c, s) for c, s, _ in got]
    report(causes == [("upn-shadows-spn", "confirmed"), ("duplicate-spn", "confirmed"), ("duplicate-spn", "confirmed"),
                      ("http-shadows-host", "possible"), ("malformed-spn", "possible")] or
           sorted(causes) == sorted([("upn-shadows-spn", "confirmed"), ("duplicate-spn", "confirmed"), ("duplicate-spn", "confirmed"),
                                     ("http-shadows-host", "possible"), ("malformed-spn", "possible")]), "spns.ldf", got)
    host = [f for f in d["findings"] if f["title"].startswith("HOST/db09")][0]
    report([r["command"] for r in host["remedies"]] == ["setspn -D HOST/db09.corp.example WEB07"], "two-owners-of-host", host["remedies"])
    lines = {s["line"] for f in d["findings"] for e in f["for"] for s in e["sources"]}
    report(lines and all(lines) and d["captures"] == [], "lines-are-cited", lines)
    report(found("clean.ldf")[0] == [] and run(os.path.join(ALONE, "clean.ldf"))[0] == 0, "clean.ldf", found("clean.ldf")[0])
    got, d = found("sites.config", "sites.ldf")
    report([(c, s) for c, s, _ in got] == [("spn-wrong-account", "confirmed"), ("one-name-two-identities", "confirmed"), ("kdc-error", "possible")]
           and "Intranet (old)" in got[0][2] and "Portal/app" in got[1][2] and "News" in got[2][2], "sites", got)
    report("setspn -S HTTP/intranet.corp.example web07" in d["findings"][0]["remedies"][1]["command"], "the-spn-goes-to-the-server", d["findings"][0]["remedies"])
    every, _ = found("--all", "sites.config", "sites.ldf")
    report(every[:len(got)] == got and all(s is None for _, s, _ in every[len(got):]) and "Public" in every[-1][2], "all-adds-what-informs", every)
    report(found("sites.config")[0] == [], "a-configuration-without-owners", found("sites.config")[0])
    needed, _ = found("--all", "sites.config")
    report(needed and all(s is None for _, s, _ in needed) and "Intranet" in " ".join(t for _, _, t in needed), "needed-spns", needed)
    check_pieces()
    with open(os.path.join(ALONE, "event4.txt"), "rb") as file:
        got, d = found("-", stdin=file.read())
    f = d["findings"][0]
    report(len(got) == 1 and got[0][1] == "possible" and "web07$ could not open a ticket for HTTP/shop.corp.example" in got[0][2]
           and "cname-spn" in f["alternatives"] and f["missing"] and not f["remedies"], "event-on-standard-input", f)
    for form in ("text", "markdown", "html", "ndjson"):
        code, out, err = run("-f", form, os.path.join(ALONE, "sites.config"), os.path.join(ALONE, "sites.ldf"))
        report(code == 1 and b"Intranet" in out and not broken(code, err), "form-" + form, code, err)


def main():
    for folder in sorted(glob.glob(os.path.join(FIXTURES, "iis-*"))):
        name = os.path.basename(folder)
        check_row(folder, name)
    names = sorted(os.path.basename(p)[:-5] for p in glob.glob(os.path.join(LAB, "iis-*.json")))
    if not names:
        skip("lab", "the lab's captures are not beside the repository")
    for name in names:
        check_row(LAB, name)
    check_alone()
    real = sorted(glob.glob(os.path.join(SHARED, "evidence", "iis-*.config")))
    if not real:
        skip("real-configurations", "the samples are not beside the repository")
    for path in real:
        code, out, err = run("-f", "json", path, os.path.join(ALONE, "spns.ldf"))
        sites = [f for f in json.loads(out or b'{"findings": []}')["findings"] if f["title"].startswith("Site ")] if out else []
        report(not broken(code, err) and all(f["confidence"] == "possible" for f in sites), "real-" + os.path.basename(path), err, sites)
    return status()


sys.exit(main())
