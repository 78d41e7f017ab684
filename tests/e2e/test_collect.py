#!/usr/bin/env python3
"""--collect: scripts a person can run, with the case's names in them and nothing hostile."""
import os
import sys
import tempfile

from common import FIXTURES, broken, pcap_bytes, pcap_read, report, run, status

CASE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
# What the procedure must hold, by role.
WANTED = {
    "client": ["LogLevel /t REG_DWORD /d 1", "LogLevel /t REG_DWORD /d 0", "klist purge", "klist -li 0x3e7 purge", "ipconfig /flushdns",
               "netsh trace start", "netsh trace stop", "w32tm", "setspn -F -Q */%HOST%", "set SPN=HTTP/iis01.test.com", "set SHORT=iis01"],
    "server": ["netsh trace start", "netsh trace stop", "appcmd.exe list config", "nltest /sc_verify", "w32tm", "applicationHost.config"],
    "dc": ["ldifde -t 3268", "msDS-KeyVersionNumber", "setspn -X -F", "userPrincipalName=", "w32tm", "set ACCOUNT=contososvc", "set HOST=iis01.test.com"],
}


def main():
    for role, wanted in WANTED.items():
        code, out, err = run("--collect", role, CASE)
        text = out.decode()
        missing = [w for w in wanted if w not in text]
        report(code == 0 and not missing and not err, f"collect/{role}", f"status {code}", f"missing {missing}", err)
        lines = text.split("\r\n")
        report(all("\n" not in l for l in lines) and text.endswith("\r\n"), f"collect/{role}/crlf")
        bare = [l for l in lines if l and not l.startswith(("rem ", "set", "@", "if ", "echo "))]
        commented = sum(1 for i, l in enumerate(lines) if l in bare and lines[i - 1].startswith("rem "))
        report(bare and commented == len(bare), f"collect/{role}/every-line-commented", str(bare))
        report("{" not in text.replace("%{", ""), f"collect/{role}/no-mark-left")
    code, out, _ = run("--collect", "client")
    report(code == 0 and b"Set this to the right value" in out, "collect/without-a-capture")
    code, _, err = run("--collect", "printer")
    report(code == 2 and "client, server or dc" in err, "collect/unknown-role", err)
    # A host name that a shell would mind is not written into a script.
    link, frames = pcap_read(os.path.join(FIXTURES, "ad-x-old-tgt", "ad-x-old-tgt.pcap"))
    evil = [(s, u, w, d.replace(b"iis01.test.com", b"i&calc%os.com!")) for s, u, w, d in frames]
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(pcap_bytes(link, evil))
        file.flush()
        code, out, err = run("--collect", "client", file.name)
    report(not broken(code, err) and b"calc" not in out and b"Set this" in out, "collect/hostile-name", err, out[:600].decode())
    return status()


if __name__ == "__main__":
    sys.exit(main())
