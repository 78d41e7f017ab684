#!/usr/bin/env python3
"""The HTML report: one file that needs nothing else, whose policy matches what is in it, whose names stay text; and, where
`make deps-browser` has installed them, in a real Chromium: no message, no request, no overflow, accessible, usable.

With SCREENSHOTS=FOLDER in the environment only pictures of five reports are made there."""
import base64
import hashlib
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from common import FIXTURES, ROOT, report, run, skip, status

MADE = os.path.join(ROOT, "build", "sanitize", "tests", "tools", "made_report")
MODULES = os.path.join(ROOT, "build", "browser", "node_modules")
VOID = {"meta", "br", "hr", "img", "input", "link"}
BATCH = ("reference-case", "mit-b-dup-winmit", "mit-success-mit", "mit-i-skew-kdc", "mit-a-cname-winmit", "mit-y-snaplen200",
         "mit-h-unknown-ntlm", "mit-x-mixed")


class Page(html.parser.HTMLParser):
    """Checks that elements are closed in order; collects what the tests ask for."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.headings, self.ids, self.links, self.tags, self.attributes = [], [], [], [], [], set(), set()
        self.text, self.policy, self.style, self.script = [], "", "", ""
        self.feed(text)
        self.close()
        self.wrong += ["not closed: " + t for t in self.open]

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(attrs)
        if re.match("h[1-6]$", tag):
            self.headings.append(int(tag[1]))
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if "href" in attrs:
            self.links.append(attrs["href"])
        if attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(dict(attrs))

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-1:]}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        if inside == "style":
            self.style += data
        elif inside == "script":
            self.script += data
        else:
            self.text.append(data)

    def handle_comment(self, data):
        self.wrong.append("comment " + data)


def made(variant):
    return subprocess.run([MADE, "html", variant], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")


def rendered(*paths, more=()):
    status_, out, err = run("--format", "html", *more, *paths)
    assert status_ in (0, 1), err
    return out.decode("utf-8")


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def parts():
    for variant in ("plain", "hostile", "success", "all", "none", "two"):
        text = made(variant)
        page = Page(text)
        report(not page.wrong, "html-elements-" + variant, *page.wrong[:5])
        steps = [b - a for a, b in zip([0] + page.headings, page.headings)]
        report(page.headings.count(1) == 1 and page.headings[0] == 1 and max(steps) <= 1, "html-headings-" + variant, page.headings)
        report(len(set(page.ids)) == len(page.ids), "html-ids-" + variant)
        report(all(link[0] == "#" and link[1:] in page.ids for link in page.links), "html-links-" + variant, *page.links)
        policy = f"default-src 'none'; style-src {digest(page.style)}; script-src {digest(page.script)}; base-uri 'none'; form-action 'none'"
        report(page.policy == policy, "html-policy-" + variant, page.policy, policy)
        # Nothing that the policy would block, nothing that fetches.
        bad = (page.tags & {"link", "img", "iframe", "object", "embed", "base", "form", "video", "audio", "image", "use", "foreignobject"}) | \
            {a for a in page.attributes if a.startswith("on") or a in ("style", "src", "srcset", "xlink:href", "action", "data")}
        report(not bad and not re.search(r"url\(|@import|https?:", page.style + page.script), "html-fetches-nothing-" + variant, *bad)
        report(made(variant) == text, "html-same-again-" + variant)


def content():
    page = Page(made("plain"))
    text = " ".join("".join(page.text).split())
    order = ["the ticket was encrypted for IIS01$ (expected owner of HTTP/iis01.test.com), and contososvc tried to open it.",
             "What to do", "Who holds which key", "not the same key", "What would settle it", "What is going on", "What happened",
             "What shows it", "What speaks against it", "Why not something else", "The authentication", "Wireshark display filter",
             "Problems with the files", "Summary", "How the files were read"]
    places = [text.find(part) for part in order]
    report(min(places) >= 0 and places == sorted(places), "html-order", *(f"{p} {o}" for p, o in zip(places, order)))
    whole = [c for c in ("dnscmd /recordadd test.com contoso.test.com A 10.0.5.2", "setspn -F -Q */iis01.test.com",
                         "frame.number in {2,3,4,6,8}") if f"<code>{c}</code>" not in made("plain")]
    report(not whole, "html-commands-whole", *whole)
    report("Confidence: likely, that is" in text, "html-confidence")
    hostile = Page(made("hostile"))
    text = "".join(hostile.text)
    report("script" not in hostile.tags - {"script"} and hostile.script == page.script and hostile.style == page.style and
           "<script>alert(1)</script>|a|b|" in text, "html-hostile-stays-text")
    bad = sorted({c for c in made("hostile") if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2028"})
    report(not bad, "html-hostile-no-controls", repr(bad))
    two = Page(made("two"))
    report(two.ids.count("overview") == 1 and two.links.count("#incident-2") == 1, "html-overview")
    none = " ".join("".join(Page(made("none")).text).split())
    report("Nothing wrong was found" in none and "Who holds which key" not in none, "html-nothing-wrong")


def hidden_by_tls():
    text = rendered(os.path.join(FIXTURES, "mit-x-tls", "mit-x-tls.pcap"), more=("--all",))
    head = re.search(r'(?s)<header class="note"><h2>(.*?)</h2>.*?<b>Cause:</b> (.*?) <code', text)
    report(head and head[1].startswith("TLS hides") and not head[2].startswith(head[1][:20]), "html-tls-says-it-once", head and head.groups())


def bounded():
    """Of sixty incidents fifty are shown in full, one of each kind first; all have their row; the page says so."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i in range(60):
            name = BATCH[i % 2] if i < 57 else ("mit-i-skew-kdc", "mit-h-unknown-ntlm", "mit-y-snaplen200")[i - 57]
            paths.append(os.path.join(folder, f"{i:02}.pcap"))
            shutil.copyfile(os.path.join(FIXTURES, name, name + ".pcap"), paths[-1])
        text = rendered(*paths)
    page = Page(text)
    rows = len(re.findall(r"<tr data-causes=", text))
    shown = len([i for i in page.ids if i.startswith("incident-")])
    kinds = {i for i in page.ids if i in ("incident-58", "incident-59", "incident-60")}
    report(not page.wrong and rows == 60 and shown == 50 and len(kinds) == 3 and "50 of 60 incidents are shown in full" in text,
           "html-bounded", rows, shown, *kinds, *page.wrong[:3])
    report(all(link[1:] in page.ids for link in page.links), "html-bounded-links")


def write(folder, shots=False):
    """The five reports that are looked at, and one with hostile names."""
    case = os.path.join(FIXTURES, "mit-b-dup-winmit", "mit-b-dup-winmit")
    batch = [os.path.join(FIXTURES, name, name + ".pcap") for name in BATCH]
    fifty = [os.path.join(FIXTURES, name, name + ".pcap") for name in sorted(os.listdir(FIXTURES))
             if os.path.exists(os.path.join(FIXTURES, name, name + ".pcap"))][:50]
    with open(os.path.join(FIXTURES, "reference-case", "reference-case.pcap"), "rb") as file:
        damaged = file.read()[:-40]
    cut = os.path.join(folder, "damaged.pcap")
    with open(cut, "wb") as file:
        file.write(damaged)
    pages = {"reference": rendered(batch[0]), "duplicate": rendered(case + ".pcap", case + ".ldif"), "success": rendered(batch[2]),
             "damaged": rendered(cut), "batch": rendered(*(fifty if shots else batch)), "hostile": made("hostile")}
    out = []
    for name, text in pages.items():
        out.append(os.path.join(folder, name + ".html"))
        with open(out[-1], "w", encoding="utf-8") as file:
            file.write(text)
    return out


def chromium():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def node(pages, profile, *more):
    done = subprocess.run(["node", os.path.join(ROOT, "tests", "browser", "report.js"), MODULES, chromium(), profile, *pages, *more],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.decode("utf-8", "replace")


def used(did):
    name = did["file"][:-5]
    report(did["lang"] == "en" and did["images"] == 0 and did["scripts"] == 1, "browser-page-" + name)
    steps = [b - a for a, b in zip([0] + did["headings"], did["headings"])]
    report(did["headings"] and max(steps) <= 1, "browser-headings-" + name, did["headings"])
    report(did["plain"] is not None and len(did["plain"]) > 300, "browser-without-script-" + name)
    if "command" in did:
        report(did["copied"] == did["command"] and did["said"] == "Copied.", "browser-copies-" + name, did["copied"], did["command"])
    if "up" in did:
        numbers = [int(n) for n in did["up"]]
        report(numbers == sorted(numbers) and [int(n) for n in did["down"]] == sorted(numbers, reverse=True) and
               did["sort"] == "descending" and len(numbers) == len(BATCH), "browser-sorts", did["up"], did["down"])
        chosen = did["choices"][1][0]
        report(did["filtered"] and all(chosen in row.split() for row in did["filtered"]) and
               len(did["filtered"]) < len(numbers) and did["sections"] == len(did["filtered"]), "browser-filters", did["filtered"])
        report(did["opened"] is True, "browser-link-opens")


def browser():
    if not chromium() or not shutil.which("node") or not os.path.isdir(os.path.join(MODULES, "puppeteer-core")) or \
            not os.path.isdir(os.path.join(MODULES, "axe-core")):
        skip("browser", "Chromium, node or its modules are missing: make deps-browser")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = node(write(folder), os.path.join(folder, "profile"))
        if not report(isinstance(found, dict), "browser-runs", *(found.splitlines()[:10] if isinstance(found, str) else [])):
            return
        for look in found["looks"]:
            name = look["file"][:-5] + "-" + look["scheme"]
            report(not look["console"], "browser-no-message-" + name, *look["console"])
            report(not look["requests"], "browser-no-request-" + name, *look["requests"])
            report(not look["overflow"], "browser-no-overflow-" + name, *look["overflow"])
            report(not look["axe"], "browser-axe-" + name, *look["axe"])
        for did in found["uses"]:
            used(did)
            if did["file"] == "hostile.html":
                report("<script>alert(1)</script>|a|b|" in did["text"], "browser-hostile-stays-text")


def squeezed(text):
    return "".join(text.split())


def printed():
    """On paper: a few pages, which hold every command and every statement whole."""
    if not chromium() or not shutil.which("pdftotext") or not shutil.which("pdfinfo"):
        skip("print", "Chromium or poppler-utils are missing")
        return
    path = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
    finding = json.loads(run("--format", "json", path)[1])["findings"][0]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page, paper = os.path.join(folder, "r.html"), os.path.join(folder, "r.pdf")
        with open(page, "w", encoding="utf-8") as file:
            file.write(rendered(path))
        try:
            subprocess.run([chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + os.path.join(folder, "p"),
                            "--no-pdf-header-footer", "--print-to-pdf=" + paper, "file://" + page], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pass
        if not os.path.exists(paper):
            skip("print", "this Chromium does not print")
            return
        text = squeezed(subprocess.run(["pdftotext", "-raw", paper, "-"], stdout=subprocess.PIPE, check=True).stdout.decode())
        info = subprocess.run(["pdfinfo", paper], stdout=subprocess.PIPE, check=True).stdout.decode()
    pages = int(re.search(r"Pages:\s+(\d+)", info).group(1))
    report(2 <= pages <= 8, "print-pages", pages)
    wanted = [finding["title"], *(r["command"] for r in finding["remedies"] if r["command"]),
              *(m["command"] for m in finding["missing"] if m["command"]), *(s["statement"] for s in finding["for"])]
    lost = [w for w in wanted if squeezed(w) not in text]
    report(len(wanted) > 5 and not lost, "print-holds-everything", *lost)


def main():
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            found = node(write(folder, shots=True), profile, "--shots", folder)
        print(found if isinstance(found, str) else "pictures are in " + folder)
        return 0
    parts()
    content()
    bounded()
    hidden_by_tls()
    browser()
    printed()
    return status()


if __name__ == "__main__":
    sys.exit(main())
