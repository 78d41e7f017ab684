#!/usr/bin/env python3
"""Real samples as people send them: another encoding, quoted in a mail, pasted behind a prompt, wrapped by a console, cut.

Every text sample of ../shared/evidence is changed in each way of VARIATIONS; its facts must stay the same (without
their lines). Of a file that is cut the facts before the cut must stay, all but the last one, which may be cut itself;
of two outputs in one file both must be read. EXEMPT names what a variation destroys, with the reason.
"""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import unicodedata

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SAMPLES = os.path.join(ROOT, "..", "shared", "evidence")
FACTS = os.path.join(ROOT, "build", "sanitize", "tests", "tools", "facts")
CODEPAGES = {"de": ("cp850", "cp1252"), "fr": ("cp850", "cp1252"), "es": ("cp850", "cp1252"), "ja": ("cp932",),
             "zh": ("cp936",), "ru": ("cp866", "cp1251")}

MAIL = ("From: Alice Miller <alice@example.com>\nSent: Monday, March 2, 2026 9:14 AM\nTo: support@example.com\n"
        "Subject: RE: users are asked for a password\n\nHello,\n\nthis is what I get on the web server:\n\n{}\n\n"
        "Is that what you need?\n\nBest regards\nAlice\n")
TRANSCRIPT = ("**********************\nWindows PowerShell transcript start\nStart time: 20260302091455\n"
              "Username: CONTOSO\\alice\nMachine: WEB01 (Microsoft Windows NT 10.0.20348.0)\n"
              "Process ID: 4711\n**********************\nPS C:\\temp> type .\\output.txt\n{}\n"
              "PS C:\\temp> Stop-Transcript\n**********************\nWindows PowerShell transcript end\n")


def lines(text, change):
    return "\n".join(change(line) for line in text.split("\n"))


def wrap(text, width):
    """A console breaks at its last column, wherever that is; East Asian characters take two columns."""
    out, column = [], 0
    for char in text.replace("\t", "        "):
        wide = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if char != "\n" and column + wide > width:
            out.append("\n")
            column = 0
        out.append(char)
        column = 0 if char == "\n" else column + wide
    return "".join(out)


def flow(text):
    """Mail programs break lines between words."""
    return "\n".join("\n".join(textwrap.wrap(line, 72, break_long_words=False, break_on_hyphens=False)) or line
                     if len(line) > 76 else line for line in text.split("\n"))


def curly(text):
    return re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", text)


# name: text -> text
TEXTS = {
    "same": lambda t: t,
    "crlf": lambda t: t.replace("\n", "\r\n"),
    "crcrlf": lambda t: t.replace("\n", "\r\r\n"),
    "no-end": lambda t: t.rstrip("\n"),
    "mail": lambda t: MAIL.format(t),
    "quoted": lambda t: lines(t, lambda line: "> " + line if line else ">"),
    "quoted-twice": lambda t: MAIL.format(lines(t, lambda line: "> > " + line)),
    "fence": lambda t: "Output of the command:\n```\n" + t + "\n```\n",
    "indented": lambda t: lines(t, lambda line: "    " + line if line else line),
    "cmd": lambda t: "Microsoft Windows [Version 10.0.20348.1547]\n(c) Microsoft Corporation. All rights reserved.\n\n"
                     "C:\\Users\\alice>type output.txt\n" + t + "\nC:\\Users\\alice>\n",
    "powershell": lambda t: "PS C:\\Users\\alice> Get-Content .\\output.txt\n" + t + "\nPS C:\\Users\\alice>\n",
    "remote": lambda t: "[web01.test.com]: PS C:\\> type output.txt\n" + t + "\n[web01.test.com]: PS C:\\> exit\n",
    "shell": lambda t: "[root@web01 ~]# cat output.txt\n" + t + "\n[root@web01 ~]# \n",
    "transcript": lambda t: TRANSCRIPT.format(t),
    "tabs-spaces": lambda t: lines(t, lambda line: line.expandtabs(8)),
    "spaces-tabs": lambda t: lines(t, lambda line: re.sub(r"^((?: {8})+)",
                                                          lambda m: "\t" * (len(m.group(1)) // 8), line)),
    "trailing": lambda t: lines(t, lambda line: line + "   "),
    "doubled": lambda t: t.replace("\n", "\n\n"),
    "nbsp": lambda t: lines(t, lambda line: re.sub(r"^ +", lambda m: "\u00a0" * len(m.group(0)), line)),
    "curly": curly,
    "dashes": lambda t: re.sub(r"(?m)^(.*\bsetspn(?:\.exe)? )-(?=[A-Za-z])", "\\1\u2013", t),
    "wrap80": lambda t: wrap(t, 80),
    "wrap120": lambda t: wrap(t, 120),
    "mojibake": lambda t: t.encode("utf-8").decode("cp1252", "replace"),
}

# for messages in sentences only: what stands in columns does not survive it
PROSE = {"mail-wrap": flow}

# name: text, language -> bytes, or None where the text has characters that the encoding lacks
ENCODINGS = {
    "utf-8-bom": lambda t, _: b"\xef\xbb\xbf" + t.encode("utf-8"),
    "utf-16le-bom": lambda t, _: b"\xff\xfe" + t.replace("\n", "\r\n").encode("utf-16le"),
    "utf-16be-bom": lambda t, _: b"\xfe\xff" + t.replace("\n", "\r\n").encode("utf-16be"),
    "utf-16le": lambda t, _: t.encode("utf-16le"),
    "utf-16be": lambda t, _: t.encode("utf-16be"),
    "codepage-0": lambda t, lang: codepage(t, lang, 0),
    "codepage-1": lambda t, lang: codepage(t, lang, 1),
}

# kind or sample: variations that destroy what it says, and why
WRAPS = {"wrap80", "wrap120"}
EXEMPT = {
    "iis": (WRAPS, "a line break inside an attribute is another value in XML"),
    "ldif": ({"indented"}, "a blank in front of a line continues the line before"),
    "netlog": ({"curly"}, "JSON has straight quotes only"),
    "event4-win32-json.json": ({"curly"}, "JSON has straight quotes only"),
    "hosts-goran-blocklist": ({"wrap80"}, "broken in front of a blank: its comments are lines of their own then"),
}
CUTS = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
PARTNERS = ("setspn-L-computer-web04.txt", "klist-en-two.txt", "ipconfig-2016.txt", "event4-message-only.txt")


def codepage(text, lang, index):
    pages = CODEPAGES.get(lang, ())
    if index >= len(pages) or text.isascii():
        return None
    try:
        return text.replace("\n", "\r\n").encode(pages[index])
    except UnicodeEncodeError:
        return None


def read(paths):
    heads, facts = {}, collections.defaultdict(list)
    for at in range(0, len(paths), 200):
        done = subprocess.run([FACTS] + paths[at:at + 200], stdout=subprocess.PIPE, check=True)
        for line in done.stdout.decode("utf-8").splitlines():
            event = json.loads(line)
            if event["event"] == "evidence-file":
                heads[event["file"]] = event
            else:
                file = event.pop("file")
                event.pop("line")
                facts[file].append(event)
    return heads, facts


def key(fact):
    return json.dumps(fact, sort_keys=True, ensure_ascii=False)


def missing(want, got):
    """What of `want` is not in `got`, and what of `got` is not in `want`."""
    a, b = collections.Counter(map(key, want)), collections.Counter(map(key, got))
    return list((a - b).elements()), list((b - a).elements())


def weaker(fact, whole):
    """Whether the fact says nothing that the whole one does not."""
    return all(v is None or v == whole.get(k) or (isinstance(v, list) and isinstance(whole.get(k), list)
                                                  and v == whole[k][:len(v)]) for k, v in fact.items())


def load():
    """[(name, kind, language, text, facts)] of the samples that are text and evidence."""
    with open(os.path.join(SAMPLES, "manifest.tsv"), encoding="utf-8") as file:
        rows = {r[0]: r for r in (line.rstrip("\n").split("\t") for line in file)}
    names = sorted(n[:-len(".expected.json")] for n in os.listdir(SAMPLES) if n.endswith(".expected.json"))
    heads, facts = read([os.path.join(SAMPLES, n) for n in names])
    out = []
    for name in names:
        path = os.path.join(SAMPLES, name)
        head = heads[path]
        if name.startswith("decoy-") or head["kind"] is None or head["encoding"] in (None, "binary"):
            continue
        with open(path, "rb") as file:
            raw = file.read()
        encoding = {"UTF-16LE": "utf-16", "UTF-8": "utf-8-sig"}.get(head["encoding"], head["encoding"])
        text = raw.decode(encoding).replace("\r\n", "\n")
        out.append((name, head["kind"], rows[name][2], text, facts[path]))
    return out


def exempt(name, kind, variation):
    return any(variation in EXEMPT[word][0] for word in (name, kind) if word in EXEMPT)


def make(folder, samples):
    """[(path, sample, variation, facts wanted, cut)] of every variation, written to the folder."""
    made = []
    by_name = {s[0]: s for s in samples}

    def put(sample, variation, data, want, cut=False):
        if data is None or exempt(sample[0], sample[1], variation):
            return
        path = os.path.join(folder, f"{len(made)}")
        with open(path, "wb") as file:
            file.write(data)
        made.append((path, sample[0], variation, want, cut))

    for sample in samples:
        name, kind, lang, text, facts = sample
        for variation, change in {**TEXTS, **(PROSE if "event" in kind or kind == "dcdiag" else {})}.items():
            put(sample, variation, change(text).encode("utf-8"), facts)
        for variation, change in ENCODINGS.items():
            put(sample, variation, change(text, lang), facts)
        for part in CUTS:
            put(sample, f"cut-{part}", text[:int(len(text) * part)].encode("utf-8"), facts, True)
        for partner in PARTNERS:
            other = by_name[partner]
            if other[1] == kind:
                continue
            put(sample, "before-" + partner, (text + "\n\n" + other[3]).encode("utf-8"), facts + other[4])
            put(sample, "behind-" + partner, (other[3] + "\n\n\ufeff" + text).encode("utf-8"), facts + other[4])
    return made


def main():
    if not os.path.isdir(SAMPLES):
        print("skip evidence-variations no samples beside the repository")
        return 0
    words = sys.argv[1:]
    samples = load()
    results = collections.defaultdict(list)
    tried = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        made = [m for m in make(folder, samples) if not words or any(w in m[1] or w == m[2] for w in words)]
        _, facts = read([m[0] for m in made])
        for path, name, variation, want, cut in made:
            lost, more = missing(want, facts[path])
            if cut:
                more = [f for f in map(json.loads, more) if not any(weaker(f, w) for w in want)]
                more = [key(f) for f in more]
                good = len(more) <= 1
                lost = []
            else:
                good = not lost and not more
            tried[variation] += 1
            if not good:
                results[variation].append((name, lost, more))
    for variation in tried:
        for name, lost, more in results[variation]:
            print(f"# {variation}: {name}: {len(lost)} lost, {len(more)} more")
            for word, group in (("lost", lost), ("more", more)):
                for fact in group[:2]:
                    print(f"#    {word} {fact[:300]}")
        bad = len(results[variation])
        print(f"# {variation}: {tried[variation] - bad} of {tried[variation]} samples")
        print(("not ok" if bad else "ok") + f" evidence-variations/{variation}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
