#!/usr/bin/env python3
"""A failure that only an event log, or a decoded frame copied as text, tells of: the account that tried and the name are said,
the causes that are possible are named and none before the others, and what to collect is listed."""
import json
import sys

import common

EVENT = "The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server {}. The target name used was {}. This " \
        "indicates that the target server failed to decrypt the ticket provided by the client.\n"
# Windows XP, www.skar.us: no target name at all
XP = "The kerberos client received a KRB_AP_ERR_MODIFIED error from the server {}. This indicates that the password used to " \
     "encrypt the kerberos service ticket is different than that on the target server.\n"
FRAME = "- Error: KRB_ERROR (30)\n  + ErrorCode: KRB_AP_ERR_MODIFIED (41)\n  + Realm: TEST.COM\n  + Sname: contososvc\n"
KDC_FRAME = FRAME.replace("contososvc", "krbtgt/TEST.COM")
OWNER = "dn: CN=svc,DC=test,DC=com\nobjectClass: user\nsAMAccountName: svc\nservicePrincipalName: HTTP/w.test.com\n"
SAME_NAME = {"spn-wrong-account", "duplicate-spn", "http-shadows-host", "upn-shadows-spn", "cname-spn"}


def findings(text):
    code, out, err = common.run("-f", "json", "-", stdin=text.encode())
    assert not common.broken(code, err), err
    return json.loads(out)["findings"]


def main():
    for server, target in (("pc1$", "HTTP/web.test.com"), ("web$", "cifs/web.test.com"), ("svc", "HTTP/web.test.com")):
        found = findings(EVENT.format(server, target))
        f = found[0] if found else {}
        common.report(len(found) == 1 and f["cause"] == "unexplained" and f["confidence"] == "possible"
                      and SAME_NAME <= set(f["alternatives"]) and f["missing"] and not f["remedies"]
                      and server in f["title"] and target in f["title"], "event-alone/" + server, str(f)[:500])
    f = findings(XP.format("web01$"))[0]
    common.report(f["cause"] == "unexplained" and SAME_NAME <= set(f["alternatives"]) and "web01$" in f["title"]
                  and any(m["command"] == "setspn -L web01$" for m in f["missing"]), "event-alone/no-target", str(f)[:800])
    both = findings(XP.format("web01$") + "\n" + EVENT.format("web01$", "HTTP/w.test.com"))
    common.report(len(both) == 1 and "HTTP/w.test.com" in both[0]["title"], "event-alone/said-once", str(both)[:500])
    f = findings(FRAME)[0]
    common.report("contososvc" in f["title"] and "stale-service-password" in f["alternatives"], "event-alone/frame", str(f)[:500])
    common.report(findings(KDC_FRAME) == [], "event-alone/frame-of-a-kdc")
    f = findings(EVENT.format("web$", "HTTP/w.test.com") + "\n" + OWNER)[0]
    common.report(f["cause"] == "spn-wrong-account" and "svc" in f["explanation"], "event-alone/with-its-owner", str(f)[:500])
    code, out, _ = common.run("-", stdin=EVENT.format("pc1$", "HTTP/web.test.com").encode())
    common.report(b"capture holds" not in out, "event-alone/no-capture-is-spoken-of", out.decode())
    return common.status()


if __name__ == "__main__":
    sys.exit(main())
