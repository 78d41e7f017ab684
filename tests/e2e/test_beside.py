#!/usr/bin/env python3
"""A directory's export beside a capture: what it shows of the names that failed informs, and changes nothing else."""
import os
import sys
import tempfile

import common

LDIF = """dn: CN=IIS01,CN=Computers,DC=test,DC=com
objectClass: computer
sAMAccountName: iis01$
servicePrincipalName: HOST/iis01.test.com
servicePrincipalName: HTTP/http://iis01.test.com

dn: CN=svc,CN=Users,DC=test,DC=com
objectClass: user
sAMAccountName: contososvc
servicePrincipalName: HTTP/iis01.test.com
servicePrincipalName: HTTP/http://elsewhere.test.com

dn: CN=svc2,CN=Users,DC=test,DC=com
objectClass: user
sAMAccountName: other
servicePrincipalName: HOST/iis01.test.com
"""


def main():
    capture = os.path.join(common.LAB, "mit-c1-hostname-mit.pcap")
    if not os.path.exists(capture):
        common.skip("beside", "no ../shared/lab beside the repository")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        ldif = os.path.join(folder, "all.ldf")
        with open(ldif, "w", encoding="utf-8") as file:
            file.write(LDIF)
        plain, full = common.findings_of(capture, ldif), common.findings_of("--all", capture, ldif)
        common.report(len(plain["findings"]) == 1 and plain["findings"][0] == full["findings"][0], "beside/first-the-log-on",
                      str([f["title"] for f in plain["findings"]]))
        more = full["findings"][1:]
        common.report({f["cause"] for f in more} == {"duplicate-spn", "http-shadows-host", "malformed-spn"}
                      and all(f["confidence"] is None and f["attempts"] == [] for f in more), "beside/informs",
                      str([(f["cause"], f["title"]) for f in more]))
        common.report(not any("elsewhere" in f["title"] for f in more), "beside/only-names-that-failed")
        for form in ("text", "markdown", "html", "ndjson"):
            code, out, err = common.run("--all", "-f", form, capture, ldif)
            common.report(code == 1 and b"hides" in out and not common.broken(code, err), "beside/" + form, str(code), err[-500:])
    return common.status()


if __name__ == "__main__":
    sys.exit(main())
