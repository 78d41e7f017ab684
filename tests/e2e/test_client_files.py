# SPDX-License-Identifier: MIT
"""Files of the client and of the directory beside a capture: what each adds to the finding."""

import json
import os
import subprocess
import tempfile

from common import KRBWHY, ROOT

FIXTURES = os.path.join(ROOT, "fixtures")
EVENT = (
    "Log Name:      System\nSource:        Microsoft-Windows-Security-Kerberos\n"
    "Date:          {date}\nEvent ID:      4\nComputer:      IIS02.test.com\nDescription:\n"
    "The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server {server}. The target "
    "name used was {spn}. This indicates that the target server failed to decrypt the ticket "
    "provided by the client. This can occur when the target server principal name (SPN) is "
    "registered on an account other than the account the target service is using. If the server "
    "name is not fully qualified, and the target domain (TEST.COM) is different from the client "
    "domain (TEST.COM), check if there are identically named server accounts in these two domains, "
    "or use the fully-qualified name to identify the server.\n"
)
META = """C:\\>repadmin /showobjmeta {dc} {dn}

Repadmin: running command /showobjmeta against full DC {dc}

2 entries.
Loc.USN                           Originating DSA  Org.USN  Org.Time/Date        Ver Attribute
=======                           =============== ========= =============        === =========
  77641               Default-First-Site-Name\\DC1     77641 2019-11-05 09:38:09    1 objectClass
 848324               Default-First-Site-Name\\DC2    548926 2020-01-31 11:40:46    {version} unicodePwd
"""


def fixture(name, ending=".pcap"):
    return os.path.join(FIXTURES, name, name + ending)


def report(*paths, texts=()):
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, text in enumerate(texts):
            files.append(os.path.join(folder, "file%d.txt" % number))
            with open(files[-1], "w", encoding="utf-8") as out:
                out.write(text)
        done = subprocess.run([KRBWHY, "-f", "json", *paths, *files], capture_output=True, check=False)
        return json.loads(done.stdout)


def first(document):
    return document["findings"][0]


def says(statements, *words):
    return any(all(word in s["statement"] for word in words) for s in statements)


def check(name, condition, why=""):
    print(("ok " if condition else "not ok ") + name)
    if not condition and why:
        print("# " + str(why)[:400])


def event(**names):
    return EVENT.format(**{"date": "10/13/2011 10:10:05 PM", "server": "contososvc",
                           "spn": "HTTP/iis01.test.com", **names})


def main():
    case = fixture("reference-case")
    found = first(report(case, texts=[event()]))
    # the published values: -7 h, and 9 s between the two clocks
    check("event 4 is paired, with zone and clock",
          says(found["for"], "Event ID 4", "contososvc", "UTC-07:00", "9 seconds behind"), found["for"])
    for name, other in [("another SPN", {"spn": "HTTP/other.test.com"}),
                        ("another account", {"server": "somebody"}),
                        ("another day", {"date": "10/17/2011 10:10:05 PM"})]:
        found = first(report(case, texts=[event(**other)]))
        check("event 4 of " + name + " is not paired", not says(found["for"], "Event ID 4"), found["for"])

    bare = first(report(case))
    check("without proof, what would settle it is listed", bare["missing"])
    proven = first(report(fixture("mit-a-cname-winmit"), fixture("mit-a-cname-winmit", ".ldif")))
    check("what is confirmed needs nothing more",
          proven["confidence"] == "confirmed" and proven["missing"] == [], proven["missing"])
    moves = [r["command"] for r in proven["remedies"] if r["command"] and "setspn -S" in r["command"]]
    check("the holder of the SPN is taken off it first, by name",
          moves and all("setspn -D HTTP/iis01.test.com IIS01 & setspn -S HTTP/iis01.test.com contososvc"
                        in m for m in moves), moves)
    check("curl is offered its library's setting, not a browser's policy",
          any("dns_canonicalize_hostname" in (r["command"] or "") for r in proven["remedies"])
          and not any("reg add" in (r["command"] or "") for r in proven["remedies"]),
          proven["remedies"])

    rdns = "mit-e-rdns-winmit"
    found = first(report(fixture(rdns), fixture(rdns, ".krb5.conf")))
    check("krb5.conf that leaves rdns on speaks for rdns-spn",
          found["cause"] == "rdns-spn" and says(found["for"], "krb5.conf leaves"), found["for"])
    for off in ("rdns = false", "rdns = no", "dns_canonicalize_hostname = false"):
        text = "[libdefaults]\n    default_realm = TEST.COM\n    %s\n[realms]\n    TEST.COM = {\n" \
               "        kdc = 10.0.5.1:88\n    }\n" % off
        found = first(report(fixture(rdns), texts=[text]))
        check("krb5.conf with %s speaks against it" % off,
              says(found["against"], "turns reverse lookups off"), found["against"])

    stale = "mit-g-stale-winmit"
    found = first(report(fixture(stale), fixture(stale, ".klist.txt")))
    check("klist shows the cached ticket",
          found["cause"] == "stale-ticket" and says(found["for"], "klist", "04:06:43"), found["for"])

    # repadmin: the owner's password as two domain controllers have it
    other = "mit-b-kvno-winmit"
    names = []
    with open(fixture(other, ".ldif"), encoding="utf-8") as lines:
        names = [line[4:].strip() for line in lines if line.startswith("dn: ")]
    causes = []
    for versions in ((4, 4), (4, 5)):
        texts = [META.format(dc=dc, dn=dn, version=version) for dn in names
                 for dc, version in zip(("dc1", "dc2"), versions)]
        causes.append(first(report(fixture(other), fixture(other, ".ldif"), texts=texts)))
    check("equal versions of the password name no lag", causes[0]["cause"] != "replication-lag",
          causes[0]["cause"])
    check("two versions of the password make it replication-lag",
          causes[1]["cause"] == "replication-lag" and says(causes[1]["for"], "version 4", "5"),
          causes[1]["cause"])

    found = first(report(os.path.join(FIXTURES, other, other + ".pcap"),
                         texts=["C:\\>nltest /sc_verify:test.com\nFlags: 80\nTrusted DC Name  \n"
                                "Trusted DC Connection Status Status = 1789 0x6fd "
                                "ERROR_TRUSTED_RELATIONSHIP_FAILURE\nTrust Verification Status = 1789 "
                                "0x6fd ERROR_TRUSTED_RELATIONSHIP_FAILURE\n"
                                "The command completed successfully\n"]))
    check("a secure channel that fails makes it the computer's own password",
          found["cause"] == "stale-machine-account" and says(found["for"], "secure channel fails"),
          found["cause"])

    event11 = ("Log Name:      System\nSource:        Microsoft-Windows-Kerberos-Key-Distribution-Center"
               "\nEvent ID:      11\nLevel:         Error\nComputer:      dc1.test.com\nDescription:\n"
               "The KDC encountered duplicate names while processing a Kerberos authentication request. "
               "The duplicate name is HTTP/twice.test.com (of type DS_SERVICE_PRINCIPAL_NAME). This may "
               "result in authentication failures or downgrades to NTLM. In order to prevent this from "
               "occurring remove the duplicate entries for HTTP/twice.test.com in Active Directory.\n")
    found = report(texts=[event11])["findings"]
    check("a KDC's event 11 alone is a duplicate SPN",
          [f["cause"] for f in found] == ["duplicate-spn"] and "HTTP/twice.test.com" in found[0]["title"],
          found)
    owners = "".join("dn: CN=%s,CN=Users,DC=test,DC=com\nobjectClass: user\nsAMAccountName: %s\n"
                     "servicePrincipalName: HTTP/twice.test.com\n\n" % (name, name) for name in ("one", "two"))
    found = report(texts=[event11, owners])["findings"]
    check("where an export names the two accounts, that is told and not the event again",
          len(found) == 1 and "one" in found[0]["title"] and "two" in found[0]["title"], found)

    def heading(path):
        return subprocess.run([KRBWHY, path], capture_output=True, check=False).stdout.decode()

    text = " ".join(heading(fixture("mit-h-unknown-basic")).split())
    check("repeats of one refused request are said to be repeats",
          "1 authentication, 1 failed;" in text and "repeated the request 3 times" in text, text[-300:])
    skew = os.path.join(ROOT, "..", "shared", "captures", "wswiki__dcerpc-fault-stub-data-02.pcap")
    if os.path.exists(skew):
        check("what is normal is not called a failure in the first line",
              "nothing wrong was found (of 3" in " ".join(heading(skew).split()), heading(skew)[:200])
    else:
        print("skip heading the shared captures are not there")

    # the KDC's answers by what was asked
    zeek = os.path.join(ROOT, "..", "shared", "captures", "zeek__krb__kinit.pcap")
    if os.path.exists(zeek):
        texts = [f["explanation"] for f in report(zeek)["findings"]]
        check("31 to a log-on is a wrong password",
              any("requires_preauth" in t and "password is wrong" in t for t in texts), texts)
        check("13 to a renewal is about the renewal", any("cannot be renewed" in t for t in texts), texts)
    else:
        print("skip kdc-answers the shared captures are not there")
    rubeus = os.path.join(ROOT, "..", "shared", "captures",
                          "otrf__empire_shell_rubeus_asktgt_createnetonly_2020-09-21230246.cap")
    if os.path.exists(rubeus):
        check("a log-on that asks for a PAC is not client-local", not report(rubeus)["findings"])
    else:
        print("skip client-local-pac the shared captures are not there")


main()
