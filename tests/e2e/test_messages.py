#!/usr/bin/env python3
"""Every message in one style: `krbwhy: WHERE: what is wrong; what to do`. One line, lower case, no full stop, no shouting;
nothing ends with status 2 in silence. The table holds what a person can do wrong; the sources are searched for the rest."""
import os
import re
import shutil
import sys
import tempfile

from common import FIXTURES, ROOT, report, run, status

# (arguments, status, where, what is wrong, what to do: "" where nothing can be done)
TABLE = [
    ([], 2, "", "no capture was named", "--help"),
    (["--nope"], 2, "--nope", "unknown option", "--help"),
    (["--formt", "x"], 2, "--formt", "unknown option", "did you mean --format?"),
    (["-z"], 2, "-z", "unknown option", "--help"),
    (["-f", "yaml", "a.pcap"], 2, "--format", "is no format", "choose text"),
    (["-f"], 2, "--format", "needs a FORMAT", ""),
    (["--jobs", "0", "a.pcap"], 2, "--jobs", "is no number", "from 1 to 1024"),
    (["--width", "10", "a.pcap"], 2, "--width", "is no number", "from 60 to 1000"),
    (["--color", "sometimes", "a.pcap"], 2, "--color", "is not", "auto, always or never"),
    (["--limit-memory", "lots", "a.pcap"], 2, "--limit-memory", "is no size", "like 64M"),
    (["--brief=3"], 2, "--brief", "takes no value", ""),
    (["--keytab", "", "a.pcap"], 2, "--keytab", "empty value", ""),
    (["none.pcap"], 2, "none.pcap", "cannot be opened: No such file", ""),
    (["folder"], 2, "folder", "no file is in it", "name a capture"),
    (["short.pcap"], 2, "short.pcap", "cut short in its header", "nothing can be read"),
    (["cut.pcap"], None, "cut.pcap: frame 12, offset 1679", "ends within a packet", "what comes before is analysed"),
    (["notes.txt"], 2, "notes.txt", "neither a capture nor evidence", ""),
    (["empty.pcap"], 2, "empty.pcap", "empty file", ""),
    (["-k", "none.keytab", "a.pcap"], 1, "none.keytab", "cannot be opened", ""),
    (["-e", "none.txt", "a.pcap"], 1, "none.txt", "cannot be opened", ""),
    (["--merge", "notes.txt"], 2, "notes.txt", "no result of krbwhy", "left out"),
    (["--merge"], 2, "--merge", "needs files", "--format ndjson"),
    (["-f", "json", "--resume", "a.pcap", "a.pcap"], 2, "--resume: a.pcap", "is no file of --resume", ""),
    (["--resume", "state", "-f", "html", "a.pcap"], 2, "--resume", "writes text", "json, ndjson or markdown"),
    (["--compare", "a.pcap"], 2, "--compare", "needs two captures", "BEFORE and AFTER"),
    (["--collect", "printer"], 2, "--collect", "not printer", "client, server or dc"),
    (["--explain", "gibberish"], 2, "--explain", "nothing is known", "--explain list"),
    (["--token", "xyz"], 2, "--token", "not a token", ""),
    (["--redact", "a.pcap"], 2, "--redact", "needs", "--annotate FILE"),
    (["--annotate", "no/x", "a.pcap"], 2, "--annotate", "cannot write no/x", ""),
    (["-o", "no/x", "a.pcap"], 2, "--output", "cannot write no/x", ""),
    (["--annotate", "a.pcap", "a.pcap"], 2, "--annotate", "would overwrite the input", "name another file"),
    (["--annotate", "out", "a.pcap", "b.pcap"], 2, "--annotate", "one capture", "one at a time"),
    (["--annotate", "out", "-"], 2, "--annotate", "second time", "save it to a file"),
    (["--extract", "out", "good.pcap"], 0, "--extract", "no finding", "no file is written"),
    (["--annotate", "out", "a.pcap"], 1, "--annotate", "Kerberos tickets", "--redact"),
    (["--events", "-f", "json", "a.pcap"], 2, "--events", "does not go with", "--format json"),
    (["--token", "A", "--explain", "B"], 2, "--token", "do not go together", ""),
    ([""], 2, "", "an empty name is no file", ""),
]

# Words that say nothing, or shout.
LOUD = re.compile(r"\b(error:|failed to|invalid|illegal|unable to|please|oops|sorry|fatal|bad )\b|!$|\.$", re.I)
# Names that keep their capital where a message begins with one.
NAMES = ("HTTP", "TLS", "Network Monitor", "IP", "JSON", "XML", "Kerberos", "SPNEGO", "NTLM", "PARTIAL")


def build(folder):
    case = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
    with open(case, "rb") as file:
        data = file.read()
    for name, octets in (("a.pcap", data), ("b.pcap", data), ("short.pcap", data[:10]), ("cut.pcap", data[:3000]),
                         ("notes.txt", b"hello\n"), ("empty.pcap", b"")):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(octets)
    shutil.copyfile(os.path.join(FIXTURES, "mit-success-mit", "mit-success-mit.pcap"), os.path.join(folder, "good.pcap"))
    os.makedirs(os.path.join(folder, "folder", "within"))


def style(line):
    """What is wrong with a message; "" nothing."""
    if not line.startswith("krbwhy: "):
        return "does not begin with the program's name"
    said = line[len("krbwhy: "):]
    if LOUD.search(said) and not said.endswith("..."):
        return "is loud or ends with a full stop: " + LOUD.search(said)[0]
    last = said.split(": ")[-1]
    if said[:1].isupper() and not said.startswith(NAMES):
        return "begins with a capital"
    return "" if last and "%" not in said else "is empty or has a format in it"


def table():
    with tempfile.TemporaryDirectory() as folder:
        build(folder)
        before = os.getcwd()
        os.chdir(folder)
        try:
            for arguments, wanted, where, what, then in TABLE:
                with open("a.pcap", "rb") as file:
                    status_, _, err = run(*arguments, stdin=file.read() if "-" in arguments else b"")
                lines = err.splitlines()
                name = "messages/" + (" ".join(arguments) or "nothing").replace(" ", "_")
                report((wanted is None or status_ == wanted) and any(where in l and what in l and then in l for l in lines), name,
                       status_, *lines)
                wrong = [f"{style(l)}: {l}" for l in lines if style(l)]
                report(lines and not wrong and len(set(lines)) == len(lines), name + "/style", *(wrong or lines))
        finally:
            os.chdir(before)


def literals(text, call):
    """The strings in each call of a function, put together."""
    for match in re.finditer(r"\b" + call + r"\(", text):
        depth, at = 1, match.end()
        while depth and at < len(text):
            if text[at] == '"':
                at = re.compile(r'"(?:[^"\\]|\\.)*"').match(text, at).end()
                continue
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        strings = re.findall(r'"((?:[^"\\]|\\.)*)"', re.sub(r'"\s*(?:PRI\w+\s*)?"', "", text[match.end():at]))
        if strings:
            yield strings[-1]


def sources():
    wrong, seen = [], 0
    for folder, _, names in os.walk(os.path.join(ROOT, "src")):
        for name in sorted(names):
            if not name.endswith(".c"):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            for call in ("pipeline_warn", "container_problem", "container_refuse", "container_ended", "warn", "writer_tell", "note_problem"):
                for said in literals(text, call):
                    seen += 1
                    if LOUD.search(said) or (said[:1].isupper() and not said.startswith(NAMES)):
                        wrong.append(f"{name}: {said}")
    report(seen > 30 and not wrong, "messages/sources", seen, *wrong)


def main():
    table()
    sources()
    return status()


if __name__ == "__main__":
    sys.exit(main())
