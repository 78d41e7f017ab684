#!/usr/bin/env python3
"""Files made to take long: twice as much takes about twice the time, memory stays bounded, and what was left out is said."""
import gzip
import os
import resource
import struct
import subprocess
import sys
import tempfile

from common import ROOT, pcap_bytes, report, status

PROGRAM = os.path.join(ROOT, "build", "krbwhy")  # time means nothing under a sanitizer
MEMORY_MB = 400
RATIO = 3.0   # quadratic is 4; noise on a busy machine is not
LEAST = 0.15  # seconds, below which the ratio is noise


def ip(payload, protocol=17, ident=1, fragment=0, source=0x0A000001):
    return struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(payload), ident & 0xFFFF, fragment, 64, protocol, 0, source, 0x0A000002) + payload


def tcp(seq, payload, flags=0x18, sport=40000, dport=80, source=0x0A000001):
    return ip(struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, 1, 0x50, flags, 8192, 0, 0) + payload, 6, source=source)


def udp(payload, sport=1000, dport=53):
    return ip(struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload)


def capture(packets):
    return pcap_bytes(101, [(i // 1000, i % 1000, len(p), p) for i, p in enumerate(packets)])


def events(n):
    line = ("The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server svc{0}. The target name used was HTTP/h{0}. "
            "This indicates that the target server failed to decrypt the ticket provided by the client.\n\n")
    return "".join(line.format(i % 3) for i in range(n)).encode()


def kdc_events(n):
    line = "Event ID: 11\nThe KDC encountered duplicate names while processing a Kerberos authentication request. The duplicate " \
           "name is HTTP/h{0}.t.com (of type DS_SERVICE_PRINCIPAL_NAME).\n\n"
    return "".join(line.format(i % 3) for i in range(n)).encode()


def directory(n):
    entry = "dn: CN=a{0},DC=t\nobjectClass: user\nsAMAccountName: a{0}\nservicePrincipalName: HTTP/h{0}.t.com\n" \
            "userPrincipalName: HTTP/h{1}.t.com@T.COM\n\n"
    return "".join(entry.format(i, i ^ 1) for i in range(n)).encode()


def keytab(n):
    out = [b"\5\2"]
    for i in range(n):
        entry = struct.pack(">HH1sH1sIIBHH8s", 1, 1, b"R", 1, b"a", 1, 0, i & 255, 18, 8, struct.pack(">Q", i))
        out.append(struct.pack(">I", len(entry)) + entry)
    return b"".join(out)


def fragments(n):
    return capture(ip(b"x" * 8, ident=i, fragment=0x2001, source=0x0A000000 + (i >> 16)) for i in range(n))


def pairs(n):
    """Fragments that wait for ever, and as many datagrams that are whole."""
    def packets():
        for i in range(n):
            yield ip(b"x" * 8, ident=i, fragment=0x2001, source=0x0A000000 + (i >> 16))
        for i in range(n):
            yield ip(struct.pack(">HHHH", 1000, 1001, 24, 0) + b"x" * 8, ident=i, fragment=0x2000, source=0x0B000000 + (i >> 16))
            yield ip(b"x" * 8, ident=i, fragment=0x0002, source=0x0B000000 + (i >> 16))
    return capture(packets())


def flows(n):
    return capture(tcp(1, b"", 2, 1024 + i % 60000, 88, 0x0B000000 + i // 60000) for i in range(n))


def head_lines(n):
    """A head of many lines that come some octets at a time."""
    data = b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * n
    return capture(tcp(1 + at, data[at:at + 7]) for at in range(0, len(data), 7))


def long_line(n):
    data = b"GET /" + b"x" * n
    return capture(tcp(1 + at, data[at:at + 3]) for at in range(0, len(data), 3))


def xml(n):
    return b"<configuration>" + b"<a>" * n + b"\n" + b"</a>" * n + b"</configuration>"


def json(n):
    return b'{"constants":{"logEventTypes":{}},"events":' + b"[" * n + b"]" * n + b"}"


def labels(n):
    name = b"\1a" * 127 + b"\0"
    message = struct.pack(">HHHHHH", 1, 0x8180, 1, 20, 0, 0) + name + b"\0\1\0\1" + b"\xC0\x0C\0\5\0\1\0\0\0\1\0\2\xC0\x0C" * 20
    return capture(udp(message, 53, 1000) for i in range(n))


def bomb(n):
    return gzip.compress(bytes(n * 1000), 9)


def holes(n):
    """A direction of which every second segment is missing."""
    return capture(tcp(1 + i * 20, b"GET / HTTP/1.1\r\nCo" if i % 50 == 0 else b"QWxhZGRpbjpvcGVu") for i in range(n))


def etl_names(n):
    return b"".join(b"10.%d.%d.%d  h%d.t.com\n" % (i >> 16 & 255, i >> 8 & 255, i & 255, i) for i in range(n))


CASES = [
    (events, 6000, []), (kdc_events, 6000, []), (directory, 8000, []), (keytab, 60000, []), (fragments, 150000, []),
    (flows, 150000, []), (head_lines, 20000, []), (long_line, 60000, []), (xml, 200000, []), (json, 200000, []), (labels, 5000, []),
    (bomb, 60000, []), (etl_names, 40000, []), (fragments, 20000, ["--annotate", "OUT", "--redact"]),
    (holes, 20000, ["--annotate", "OUT", "--redact"]), (pairs, 20000, ["--annotate", "OUT", "--redact"]),
]


def run_one(path, arguments):
    """(user seconds, MB at most, exit status, everything it said)."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))

    out = path + ".out"
    command = [PROGRAM, *[out if a == "OUT" else a for a in arguments], path]
    with open(os.devnull, "rb") as nothing, tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdin=nothing, stdout=said, stderr=said, preexec_fn=limit)
        _, code, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(code)
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    if os.path.exists(out):
        os.remove(out)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, child.returncode, text


def main():
    for make, num, arguments in CASES:
        if len(sys.argv) > 1 and make.__name__ not in sys.argv[1:]:
            continue
        name = make.__name__ + ("-redacted" if "--redact" in arguments else "")
        with tempfile.TemporaryDirectory() as folder:
            seen = []
            for n in (num, 2 * num):
                path = os.path.join(folder, f"{n}")
                with open(path, "wb") as file:
                    file.write(make(n))
                seen.append(run_one(path, arguments))
            (first, _, _, _), (second, memory, code, text) = seen
            if os.environ.get("TIMES"):
                print(f"# {name} {num}: {first:.2f} s, twice {second:.2f} s, {memory} MB, status {code}")
            linear = second < LEAST or second < RATIO * max(first, LEAST / 2)
            report(linear and memory < MEMORY_MB and code in (0, 1, 2) and "ended by signal" not in text, f"twice-{name}",
                   f"{first:.2f} s and {second:.2f} s, {memory} MB, status {code}", text[-600:])
    return status()


if __name__ == "__main__":
    sys.exit(main())
