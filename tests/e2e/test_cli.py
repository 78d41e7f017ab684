#!/usr/bin/env python3
"""The command line: exit statuses, -o, errors of writing, interruption, colour and width on a terminal."""
import fcntl
import json
import os
import pty
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time

from common import FIXTURES, KRBWHY, report, run, status

CASE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")


def usage():
    for name, arguments in (("none", []), ("unknown", ["--nonsense", CASE]), ("format", ["-f", "xml", CASE]),
                            ("events-and-text", ["--events", "-f", "text", CASE])):
        code, out, err = run(*arguments)
        report(code == 2 and out == b"" and err.count("\n") == 1 and err.startswith("krbwhy: "), "usage-" + name, code, err)
    code, out, err = run("--help")
    report(code == 0 and out.startswith(b"usage: krbwhy") and err == "", "help")
    code, out, err = run("-V")
    report(code == 0 and out.startswith(b"krbwhy ") and out.count(b"\n") == 1, "version")


def pages():
    code, out, err = run("--explain", "41")
    report(code == 0 and b"KRB_AP_ERR_MODIFIED" in out and err == "", "explain", code, err)
    code, out, err = run("--explain", "-2146893022")
    report(code == 0 and out != b"", "explain-a-negative-number", code, err)
    code, out, err = run("--explain", "\x1b[31mnothing")
    report(code == 2 and out == b"" and err.count("\n") == 1 and "\x1b" not in err, "explain-unknown", code, err)
    code, out, err = run("--token", "aGVsbG8gd29ybGQ=")
    report(code == 2 and out == b"" and err.startswith("krbwhy: --token: ") and err.count("\n") == 1, "no-token", code, err)
    token = "oQcwBaADCgEC"  # NegTokenResp, reject
    code, out, err = run("--token", token)
    report(code == 0 and b"NegTokenResp" in out and b"reject" in out, "token", code, err)
    again = run("--token", "-", stdin=b"WWW-Authenticate: Negotiate " + token.encode() + b"\r\n")
    report((again[0], again[1]) == (code, out), "token-from-standard-input", again)


def inputs(folder):
    code, out, err = run(os.path.join(folder, "absent.pcap"))
    report(code == 2 and out == b"" and "absent.pcap" in err and "No such file" in err, "absent-input", code, err)
    code, out, err = run("-f", "json", os.path.join(folder, "absent.pcap"), CASE)
    report(code in (0, 1) and "absent.pcap" in err and len(json.loads(out)["captures"]) == 1, "absent-among-others", code, err)
    nothing = os.path.join(folder, "nothing.txt")
    with open(nothing, "w", encoding="utf-8") as file:
        file.write("Dear support,\nit does not work.\n")
    code, out, err = run(nothing)
    report(code == 2 and "nothing.txt" in err, "no-capture", code, err)
    with open(CASE, "rb") as file:
        code, out, err = run("-f", "json", "-", stdin=file.read())
    named, want, _ = run("-f", "json", CASE)
    got, want = json.loads(out), json.loads(want)
    report(got["captures"][0].pop("path") == "-" and got["captures"][0].pop("bytes") is None, "standard-input-has-no-size")
    del want["captures"][0]["path"], want["captures"][0]["bytes"]
    for group in got.get("groups", []) + want.get("groups", []):
        del group["example"]["path"]
    report(code == named and got == want, "standard-input", err)


def output(folder):
    path = os.path.join(folder, "report.json")
    code, out, err = run("-f", "json", "-o", path, CASE)
    with open(path, "rb") as file:
        first = file.read()
    report(code in (0, 1) and out == b"" and json.loads(first)["schema"] == "krbwhy/1", "output-file", code, err)
    mask = os.umask(0)
    os.umask(mask)
    report(stat.S_IMODE(os.stat(path).st_mode) == 0o666 & ~mask, "output-mode-of-a-new-file")
    os.chmod(path, 0o640)
    run("-f", "ndjson", "-o", path, CASE)
    report(stat.S_IMODE(os.stat(path).st_mode) == 0o640, "output-keeps-the-mode")
    with open(path, "rb") as file:
        before = file.read()
    code, _, err = run("-f", "json", "-o", path, os.path.join(folder, "absent"))
    with open(path, "rb") as file:
        report(code == 2 and file.read() == before, "output-stays-when-nothing-could-be-read", code, err)
    link = os.path.join(folder, "link.json")
    os.symlink("report.json", link)
    run("-f", "json", "-o", link, CASE)
    with open(path, "rb") as file:
        report(os.path.islink(link) and file.read() == first, "output-through-a-link")
    code, _, err = run("-o", os.path.join(folder, "no", "where"), CASE)
    report(code == 2 and err.startswith("krbwhy: --output: cannot write ") and "No such file" in err, "output-no-folder", err)
    code, _, err = run("-o", folder, CASE)
    report(code == 2 and "Is a directory" in err, "output-to-a-folder", err)
    report(not [n for n in os.listdir(folder) if n.startswith(".")], "output-leaves-nothing-behind", *os.listdir(folder))


def write_errors():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([KRBWHY, CASE], stdout=full, stderr=subprocess.PIPE)
    text = done.stderr.decode()
    report(done.returncode == 2 and "cannot write standard output: No space left on device" in text, "full-disk", text)
    code, _, err = run("-o", "/dev/full", CASE)
    report(code == 2 and "cannot write /dev/full: No space left on device" in err, "full-disk-output", err)
    code, _, err = run("-o", "/dev/null", CASE)
    report(code in (0, 1) and not os.path.isfile("/dev/null"), "output-to-a-device", err)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([KRBWHY, "--help"], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    report(done.returncode == 0 and done.stderr == b"", "nobody-reads", done.returncode, done.stderr)
    done = subprocess.run(f'exec {KRBWHY} --help >&-', shell=True, stderr=subprocess.PIPE)
    report(done.returncode == 2 and b"cannot write standard output" in done.stderr, "closed-output", done.stderr)


def interrupted(folder):
    for name, number, want in (("sigint", signal.SIGINT, 130), ("sigterm", signal.SIGTERM, 143)):
        pipe, out = os.path.join(folder, "pipe-" + name), os.path.join(folder, "out-" + name)
        os.mkfifo(pipe)
        process = subprocess.Popen([KRBWHY, "-o", out, pipe], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   start_new_session=True)
        temporary = []
        for _ in range(200):
            temporary = [n for n in os.listdir(folder) if n.startswith(".out-" + name)]
            if temporary:
                break
            time.sleep(0.05)
        time.sleep(0.2)
        os.killpg(process.pid, number)
        process.communicate()
        left = [n for n in os.listdir(folder) if "out-" + name in n]
        report(temporary != [] and process.returncode == want and left == [], "interrupted-" + name, process.returncode, left)


def on_terminal(columns, env):
    """What the program writes to a terminal of that width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    full = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen([KRBWHY, CASE], stdout=slave, stderr=subprocess.DEVNULL, env=dict(full, **env))
    os.close(slave)
    out = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        out += piece
    process.wait()
    os.close(master)
    return out.decode("utf-8").replace("\r\n", "\n")


def terminal():
    plain = run(CASE, env={"COLUMNS": "80"})[1].decode("utf-8")
    coloured = on_terminal(80, {"TERM": "xterm-256color"})
    report("\x1b[" in coloured and "\x1b[" not in plain, "colour-only-on-a-terminal")
    report(on_terminal(80, {"TERM": "xterm", "NO_COLOR": "1"}) == plain, "no-color")
    report(on_terminal(80, {"TERM": "xterm", "NO_COLOR": ""}) == coloured, "no-color-empty-means-nothing")
    report(on_terminal(80, {"TERM": "dumb"}) == plain, "dumb-terminal")
    narrow = on_terminal(64, {"TERM": "dumb", "COLUMNS": "120"})
    report(narrow == run(CASE, env={"COLUMNS": "64"})[1].decode("utf-8") != plain, "width-of-the-terminal")
    report(run(CASE, env={"COLUMNS": "x"})[1].decode("utf-8") == plain, "columns-that-are-none")


def keytabs(folder):
    """What is no keytab is said once, with what to do, and is taken for nothing else."""
    empty = os.path.join(folder, "empty.keytab")
    open(empty, "wb").close()
    cut = os.path.join(folder, "cut.keytab")
    with open(os.path.join(FIXTURES, "reference-case", "iis01.keytab"), "rb") as file, open(cut, "wb") as out:
        out.write(file.read()[:40])
    for name, path in (("text", "/etc/passwd"), ("none", os.path.join(folder, "none")), ("folder", folder), ("empty", empty), ("cut", cut)):
        code, _, err = run("-k", path, CASE)
        report(code == 1 and err.count("\n") == 1 and path in err and "name a keytab" in err, "no-keytab-" + name, code, err)


def main():
    usage()
    pages()
    with tempfile.TemporaryDirectory() as folder:
        inputs(folder)
        output(folder)
        keytabs(folder)
        interrupted(folder)
    write_errors()
    terminal()


if __name__ == "__main__":
    main()
    sys.exit(status())
