"""What the end-to-end tests share: where things are, running the program, reading and writing classic pcap."""
import fcntl
import json
import os
import signal
import struct
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KRBWHY = os.environ.get("KRBWHY", os.path.join(ROOT, "build", "sanitize", "krbwhy"))
LOWERED = os.path.join(ROOT, "build", "sanitize", "lowered", "krbwhy")  # with the bounds of tests/lower_limits.h
FIXTURES = os.path.join(ROOT, "fixtures")
SHARED = os.path.join(ROOT, "..", "shared")
LAB = os.path.join(SHARED, "lab", "captures")
CAPTURES = os.path.join(SHARED, "captures")

# A shell that runs the tests in the background ignores SIGINT for them, and programs inherit that: a handler of our own is
# reset to the default when a program is started.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_failed = 0


def report(good, name, *why):
    """Prints the line of one test, after the reasons when it failed."""
    global _failed
    if not good:
        _failed += 1
        for line in why:
            print(f"# {line}")
    print(("ok " if good else "not ok ") + name, flush=True)
    return good


def skip(name, reason):
    print(f"skip {name} {reason}", flush=True)


def status():
    return 1 if _failed else 0


def run(*arguments, stdin=None, env=None, timeout=300, program=None):
    """(exit status, standard output, standard error) of the program; a sanitizer's report is in the last."""
    full = dict(os.environ, ASAN_OPTIONS="detect_leaks=1", UBSAN_OPTIONS="print_stacktrace=1", **(env or {}))
    done = subprocess.run([program or KRBWHY, *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=full,
                          timeout=timeout)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def make(*arguments, timeout=1800):
    """(exit status, everything it said) of make in the root; one test after the other."""
    os.makedirs(os.path.join(ROOT, "build"), exist_ok=True)
    with open(os.path.join(ROOT, "build", "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(["make", "-s", *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def broken(status_, err):
    """A sanitizer spoke or the program died: never acceptable, whatever the input."""
    return status_ not in (0, 1, 2) or "Sanitizer" in err or "runtime error" in err or "ended by signal" in err \
        or "ended early" in err


def findings_of(*arguments, **more):
    status_, out, err = run("--format", "json", *arguments, **more)
    if broken(status_, err):
        raise AssertionError(f"status {status_}: {err[-2000:]}")
    return json.loads(out) if out else None


def pcap_read(path):
    """(link type, [(seconds, microseconds, wire length, bytes)]) of a little-endian microsecond pcap."""
    with open(path, "rb") as file:
        data = file.read()
    magic, _, _, _, _, _, link = struct.unpack("<IHHiIII", data[:24])
    assert magic == 0xA1B2C3D4, path
    at, frames = 24, []
    while at + 16 <= len(data):
        sec, usec, caplen, wire = struct.unpack("<IIII", data[at:at + 16])
        frames.append((sec, usec, wire, data[at + 16:at + 16 + caplen]))
        at += 16 + caplen
    return link, frames


def pcap_bytes(link, frames):
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for sec, usec, wire, data in frames:
        out.append(struct.pack("<IIII", sec, usec, len(data), wire) + data)
    return b"".join(out)


class Pcapng:
    """Blocks of a pcapng file in one byte order ("<" or ">"); options are bytes that option() and END made."""

    def __init__(self, order="<"):
        self.order = order
        self.END = self.pack("HH", 0, 0)

    def pack(self, form, *values):
        return struct.pack(self.order + form, *values)

    def block(self, kind, body):
        body += b"\0" * (-len(body) % 4)
        return self.pack("II", kind, len(body) + 12) + body + self.pack("I", len(body) + 12)

    def option(self, code, value):
        return self.pack("HH", code, len(value)) + value + b"\0" * (-len(value) % 4)

    def section(self, options=b""):
        return self.block(0x0A0D0D0A, self.pack("IHHq", 0x1A2B3C4D, 1, 0, -1) + options)

    def interface(self, link, options=b"", snaplen=0):
        return self.block(1, self.pack("HHI", link, 0, snaplen) + options)

    def packet(self, interface, stamp, wire, data, options=b""):
        return self.block(6, self.pack("IIIII", interface, stamp >> 32, stamp & 0xFFFFFFFF, len(data), wire) + data +
                          b"\0" * (-len(data) % 4) + options)


def pcapng_bytes(link, frames, order="<"):
    out = Pcapng(order)
    return out.section() + out.interface(link, snaplen=262144) + b"".join(
        out.packet(0, sec * 1000000 + usec, wire, data) for sec, usec, wire, data in frames)
