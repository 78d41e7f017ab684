#!/usr/bin/env python3
"""share/wireshark/krbwhy.lua in tshark's real Lua: the window that it fills, the filters behind its buttons, names that
are hostile, a program that is missing, and the fields on the frames of a report."""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

from common import FIXTURES, KRBWHY, ROOT, findings_of, pcap_read, pcapng_bytes, report, run, skip, status

PLUGIN = os.path.join(ROOT, "share", "wireshark", "krbwhy.lua")
WINDOW = os.path.join(ROOT, "tests", "e2e", "wireshark_window.lua")
CASE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")


def tshark(*arguments, home, env=None):
    full = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home, LC_ALL="C.UTF-8", **(env or {}))
    done = subprocess.run(["tshark", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=full, timeout=120, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def read(*parts):
    try:
        with open(os.path.join(*parts), encoding="utf-8", newline="") as file:
            return file.read()
    except OSError:
        return ""


def play(capture, folder, program=KRBWHY, more=(), env=None):
    """(what the window showed, what else was seen, complaints) when the menu entry is chosen with that capture open."""
    for name in ("window.txt", "seen.txt", "error.txt", "parts.txt"):
        if os.path.exists(os.path.join(folder, name)):
            os.unlink(os.path.join(folder, name))
    arguments = ["-X", "lua_script:" + WINDOW]
    for value in (PLUGIN, program, folder, *more):
        arguments += ["-X", "lua_script1:" + value]
    code, out, err = tshark("-n", "-q", "-r", capture, *arguments, home=folder, env=env)
    err = "".join(l for l in err.splitlines(True) if "could be dangerous" not in l)
    return read(folder, "window.txt"), read(folder, "seen.txt"), read(folder, "error.txt") + err + (f"status {code}" if code else "")


def fixtures():
    for name in sorted(os.listdir(FIXTURES)):
        for file in sorted(os.listdir(os.path.join(FIXTURES, name))):
            if file.endswith((".pcap", ".pcapng")):
                yield name, os.path.join(FIXTURES, name, file)


def captures(folder):
    """The findings in the window are those of the program, and their filters select just those frames."""
    chosen = ("reference-case", "mit-b-dup-winmit", "mit-success-mit", "mit-y-snaplen200", "mit-m-ipv6", "mit-x-mixed")
    for name, path in fixtures():
        if name not in chosen:
            continue
        window, seen, wrong = play(path, folder)
        want = findings_of("--case", path)["findings"]
        titles = all(re.sub(r"\s+", "", f["title"]) in re.sub(r"\s+", "", window) and f["cause"] in window for f in want)
        filters = [f["display_filter"] for f in want if f["display_filter"]]
        asked = re.findall("^filter (frame.*)$", seen, re.M)
        report(wrong == "" and titles and asked[:len(filters)] == filters[:12] and seen.count("filter applied") == len(re.findall("^button", seen, re.M))
               and (want or "Nothing wrong was found" in window), "window-of-" + name, wrong, window, seen)
        if name == "reference-case":
            report("menu krbwhy/Why did Kerberos fail?\n" in seen and "button Filter 1\n" in seen and "filter \n" in seen, "menu-and-buttons", seen)
            for number, text in enumerate(asked):
                _, out, err = tshark("-n", "-r", path, "-Y", text, "-T", "fields", "-e", "frame.number", home=folder)
                report([int(n) for n in out.split()] == [int(n) for n in re.findall("[0-9]+", text)], f"filter-{number}-selects-its-frames", out, err)
    parts = read(folder, "parts.txt")
    for line in parts.splitlines():
        report(line.startswith("ok "), "lua-" + line.split(" ", 1)[1].replace("ok ", ""))
    report(parts.count("\n") > 15, "lua-parts-were-tested", parts)


def hostile(folder):
    """Names that a shell would mind, of the capture, the program and the evidence; a program that is missing or broken."""
    trap = os.path.join(folder, "trap")
    name = "a'b \"c\" $(touch trap) `touch trap`; touch trap & %PATH% \u00e9"
    odd = os.path.join(folder, name)
    os.makedirs(odd)
    capture, program = os.path.join(odd, name + ".pcap"), os.path.join(odd, "krbwhy")
    shutil.copy(CASE, capture)
    with open(program, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\nexec '{KRBWHY}' \"$@\"\n")
    os.chmod(program, 0o755)
    evidence = os.path.join(folder, name.replace(";", "") + ".txt")
    with open(evidence, "w", encoding="utf-8") as file:
        file.write("Checking domain DC=test,DC=com\nCN=IIS01,OU=Servers,DC=test,DC=com\n\tHTTP/iis01.test.com\n\nExisting SPN found!\n")
    here = os.getcwd()
    os.chdir(folder)
    try:
        window, seen, wrong = play(capture, folder, program)
        report(wrong == "" and "cname-spn" in window, "odd-names-of-capture-and-program", wrong, window, seen)
        window, seen, wrong = play(capture, folder, program, [evidence, ""])
        report(wrong == "" and "line 3 of" in window, "odd-names-of-evidence", wrong, window, seen)
    finally:
        os.chdir(here)
    report(not os.path.exists(trap), "no-name-reaches-a-shell")

    window, seen, wrong = play(CASE, folder, "/nowhere/krbwhy")
    report(wrong == "" and "gave no report" in window and "Preferences" in window and "windows 1\n" in seen, "program-is-missing", wrong, window, seen)
    window, seen, wrong = play(CASE, folder, "echo {")
    report(wrong == "" and "is no report of krbwhy" in window, "program-is-another", wrong, window, seen)
    with open(program, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nprintf '\\033[31mred\\nx' >&2; exit 2\n")
    window, seen, wrong = play(CASE, folder, program)
    report(wrong == "" and "?[31mred\nx" in window and "gave no report" in window, "control-characters-of-complaints", wrong, window)


def mixed(folder):
    """Interfaces of two kinds: such a capture cannot be copied, so the plugin asks for its file, and takes the answer."""
    link, frames = pcap_read(CASE)
    whole = pcapng_bytes(link, frames[:-1])
    raw = struct.pack("<IIHHII", 1, 20, 101, 0, 262144, 20)
    sec, usec, wire, data = frames[-1]
    stamp, data = sec * 1000000 + usec, data[14:]
    body = struct.pack("<IIIII", 1, stamp >> 32, stamp & 0xFFFFFFFF, len(data), wire - 14) + data
    body += b"\0" * (-len(body) % 4)
    path = os.path.join(folder, "two kinds.pcapng")
    with open(path, "wb") as file:
        file.write(whole + raw + struct.pack("<II", 6, len(body) + 12) + body + struct.pack("<I", len(body) + 12))
    window, seen, wrong = play(path, folder, env={"ANSWER": path})
    report(wrong == "" and "cannot be copied" in seen and "cname-spn" in window, "a-capture-of-two-kinds", wrong, window, seen)


def temporary(folder):
    """Nothing stays in the folder of temporary files."""
    before = {n for n in os.listdir("/tmp") if n.startswith("lua_")}
    play(CASE, folder)
    after = {n for n in os.listdir("/tmp") if n.startswith("lua_")}
    report(after <= before, "no-temporary-file-stays", after - before)


def fields(folder):
    """A report made before: fields on the frames that it cites, on no others, with the values of the report."""
    path = os.path.join(folder, "report.json")
    run("-f", "json", "-o", path, CASE)
    with open(path, encoding="utf-8") as file:
        finding = json.load(file)["findings"][0]
    cited = [int(n) for n in re.findall("[0-9]+", finding["display_filter"])]
    show = ["-T", "fields", "-E", "separator=|", "-e", "frame.number", "-e", "krbwhy.cause", "-e", "krbwhy.confidence", "-e", "krbwhy.title"]
    want = [f"{n}|{finding['cause']}|{finding['confidence']}|{finding['title']}" for n in cited]
    for name, how, env in (("argument", ["-X", "lua_script:" + PLUGIN, "-X", "lua_script1:" + path], {}),
                           ("environment", ["-X", "lua_script:" + PLUGIN], {"KRBWHY_REPORT": path})):
        code, out, err = tshark("-n", "-r", CASE, *how, "-Y", "krbwhy.cause", *show, home=folder, env=env)
        report(code == 0 and out.splitlines() == want, "fields-by-" + name, out, err)
    _, out, err = tshark("-n", "-r", CASE, "-X", "lua_script:" + PLUGIN, "-X", "lua_script1:" + path, "-T", "fields", "-e", "krbwhy.says",
                         "-Y", f"frame.number == {finding['for'][0]['sources'][0]['frame']}", home=folder)
    report(finding["for"][0]["statement"] in out, "fields-say-what-a-frame-shows", out, err)
    code, out, err = tshark("-n", "-r", CASE, "-X", "lua_script:" + PLUGIN, *show, home=folder)
    report(code == 0 and "|||" in out and "cname" not in out and "Error" not in err, "no-report-no-fields", out, err)
    # In a window the next capture gets none of it.
    played = os.path.join(folder, "played.lua")
    with open(played, "w", encoding="utf-8") as file:
        file.write(f'_G.gui_enabled = function() return true end\n_G.register_menu = function() end\nloadfile("{PLUGIN}")("{path}")\n')
    for name, capture, expected in (("the-capture-of-the-report", CASE, cited),
                                    ("another-capture", os.path.join(FIXTURES, "mit-b-dup-winmit", "mit-b-dup-winmit.pcap"), [])):
        code, out, err = tshark("-n", "-r", capture, "-X", "lua_script:" + played, "-Y", "krbwhy.cause", *show[:8], home=folder)
        report(code == 0 and [int(l.split("|")[0]) for l in out.splitlines()] == expected, "fields-in-" + name, out, err)
    run("-f", "json", "-o", path, CASE, CASE)
    _, out, err = tshark("-n", "-r", CASE, "-X", "lua_script:" + PLUGIN, "-X", "lua_script1:" + path, home=folder)
    report("report is of 2 captures" in err, "a-report-of-several-captures-is-refused", err)
    _, out, err = tshark("-n", "-r", CASE, "-X", "lua_script:" + PLUGIN, "-X", "lua_script1:" + CASE, home=folder)
    report("is no report" in err, "what-is-no-report-is-refused", err)


STUBS = """
Proto = function() return { prefs = {} } end
ProtoField = { string = function() end }
Pref = { string = function() end }
gui_enabled = function() return false end
local m = dofile(arg[1])
local report = m.json.parse(io.read("a"))
io.write(m.show.report(report, ""), m.show.filter_of_all(report), "\\n")
"""


def other_lua(folder):
    """Newer Wireshark has Lua 5.4; what needs no Wireshark is the same there."""
    if not shutil.which("lua5.4"):
        skip("lua-5.4", "no lua5.4")
        return
    stubs = os.path.join(folder, "stubs.lua")
    with open(stubs, "w", encoding="utf-8") as file:
        file.write(STUBS)
    done = subprocess.run(["lua5.4", stubs, PLUGIN], input=run("-f", "json", "--case", CASE)[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    window, _, _ = play(CASE, folder)
    out = done.stdout.decode()
    report(done.returncode == 0 and window and out.startswith(window) and "\nframe.number in {" in out, "lua-5.4-says-the-same",
           done.stderr.decode(), out)


def main():
    if not shutil.which("tshark"):
        skip("wireshark-plugin", "no tshark")
        return status()
    with tempfile.TemporaryDirectory() as folder:
        if "Lua" not in tshark("--version", home=folder)[1]:
            skip("wireshark-plugin", "tshark without Lua")
            return status()
        probe = os.path.join(folder, "probe.lua")
        with open(probe, "w", encoding="utf-8") as file:
            file.write('io.open((...), "w"):close()\n')
        tshark("-r", CASE, "-c1", "-X", "lua_script:" + probe, "-X", "lua_script1:" + probe + ".ran", home=folder)
        if not os.path.exists(probe + ".ran"):
            skip("wireshark-plugin", "this tshark runs no scripts for root")
            return status()
        captures(folder)
        hostile(folder)
        mixed(folder)
        temporary(folder)
        other_lua(folder)
        fields(folder)
    return status()


if __name__ == "__main__":
    sys.exit(main())
