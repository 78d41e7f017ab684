#!/usr/bin/env python3
"""--compare BEFORE AFTER: what the lab's records say of two captures is what is said of the change."""
import os
import sys

from common import FIXTURES, broken, report, run, status


def fixture(name):
    return os.path.join(FIXTURES, name, name + ".pcap")


# before, after, exit status, what must be said
CASES = [
    ("mit-a-cname-winmit", "mit-a-cname-nocanon-ok", 0, ["contoso.test.com: fixed", "HTTP/iis01.test.com: failed, error 41 KRB_AP_ERR_MODIFIED by contososvc",
                                                       "HTTP/contoso.test.com: succeeded; kvno 5"]),
    ("mit-farm-fail-first-winmit", "mit-t-farm-ok", 0, ["farm.test.com: fixed", "by iis02$"]),
    ("mit-a-cname-winmit", "mit-a-cname-winmit", 1, ["contoso.test.com: still fails"]),
    ("mit-a-cname-nocanon-ok", "mit-a-cname-winmit", 1, ["contoso.test.com: broken"]),
    ("mit-success-mit", "mit-success-mit", 0, [": works (worked before, works now)"]),
    ("mit-c1-hostname-winmit", "mit-t-farm-ok", 1, ["iis01.test.com: not tried again", "klist purge"]),
    ("mit-stale-service-winmit", "mit-t-cname-ok", 0, ["contoso.test.com: fixed", "kvno 6"]),
]


def main():
    for before, after, wanted, texts in CASES:
        code, out, err = run("--compare", fixture(before), fixture(after))
        text = out.decode()
        missing = [t for t in texts if t not in text]
        report(code == wanted and not missing and not broken(code, err), f"compare/{before}/{after}", f"status {code}", f"missing {missing}", *text.splitlines(), err)
    code, _, err = run("--compare", fixture("mit-success-mit"))
    report(code == 2 and "needs two captures" in err, "compare/one-capture", err)
    return status()


if __name__ == "__main__":
    sys.exit(main())
