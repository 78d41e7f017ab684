#!/usr/bin/env python3
"""Captures of healthy networks, in which something looks like a failure: nothing is claimed that they do not show.

elcabezzonn__aug19: a machine joins its domain with a clock that is wrong (37, made good at once), and registers its addresses,
for which it asks for DNS/z.arin.net, the server that the SOA record of the reverse zone names (7).
elcabezzonn__winrm_psremote: WinRM between two machines without any Kerberos.
"""
import os
import sys

import common

AUG19 = "elcabezzonn__aug19.pcap"
WINRM = "elcabezzonn__winrm_psremote_05-16.pcap"


def read(name, *options):
    path = os.path.join(common.CAPTURES, name)
    return common.findings_of(path, *options) if os.path.exists(path) else None


def main():
    d = read(AUG19)
    if d is None:
        common.skip("false-alarms", "no ../shared/captures beside the repository")
        return 0
    common.report(d["findings"] == [], "false-alarms/aug19-nothing-found", str([f["title"] for f in d["findings"]]))
    common.report(d["summary"]["failed"] == 0, "false-alarms/aug19-nothing-failed", str(d["summary"]))
    full = read(AUG19, "--all")
    said = {f["cause"] for f in full["findings"]}
    common.report({"clock-skew", "kdc-error"} <= said and all(f["confidence"] is None for f in full["findings"]),
                  "false-alarms/aug19-informs", str(said))
    common.report(full["summary"]["failed"] == 0, "false-alarms/aug19-all-counts-alike", str(full["summary"]))
    d = read(WINRM)
    common.report(d["findings"] == [], "false-alarms/winrm-ntlm", str([f["title"] for f in d["findings"]]))
    return common.status()


if __name__ == "__main__":
    sys.exit(main())
