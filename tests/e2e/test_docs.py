#!/usr/bin/env python3
"""The pages of docs/causes: one per row of causes.def, six headings each, prose under the first two, and every command
the one that the program prints."""
import os
import re
import subprocess
import sys

from common import ROOT, report, run, status

sys.path.insert(0, os.path.join(ROOT, "tests"))
import causes_pages  # noqa: E402


def rows():
    with open(os.path.join(ROOT, "src", "cause", "causes.def"), encoding="utf-8") as file:
        return [name.replace("_", "-") for name in re.findall(r"(?m)^CAUSE\((\w+)\)", file.read())]


def sections(text):
    pieces = re.split(r"(?m)^## (.+)\n", text)
    return dict(zip(pieces[1::2], pieces[2::2]))


def prose(text):
    return re.sub(r"(?s)<!-- from the tables.*?<!-- end -->", "", text).strip()


def words(text):
    return " ".join(re.sub(r"[\\*`]|&#\d+;", "", text).replace(":", "").split())


def check_page(cause, parts):
    text = causes_pages.page(cause)
    found = sections(text)
    report(list(found) == causes_pages.HEADINGS, f"docs/{cause}/headings", *found)
    empty = [name for name, body in found.items() if not re.sub(r"<!--.*?-->", "", body).strip()]
    report(not empty and all(len(prose(found[name])) > 60 for name in causes_pages.HEADINGS[:2]), f"docs/{cause}/filled", *empty)
    report(sorted(re.findall(r"<!-- from the tables: (\w+) -->", text)) == sorted(causes_pages.PARTS) and
           causes_pages.filled(text, cause, parts) == text, f"docs/{cause}/from-the-tables", "make docs writes it anew")
    # Commands stand in fences only where the tables put them; what --explain says stands in the page.
    report("```" not in prose(text), f"docs/{cause}/commands")
    status_, out, _ = run("--explain", cause)
    said = {}
    for line in out.decode("utf-8").splitlines()[3:]:
        if line[:11].strip():
            label = line[:11].strip()
        said.setdefault(label, []).append(line[12:].strip())
    missing = [label for label in ("Shows", "Against it", "Settled by", "Repair") if words(" ".join(said[label])) not in words(text)]
    report(status_ == 0 and not missing, f"docs/{cause}/explain", *missing)


def main():
    subprocess.run(["make", "-s", "-C", ROOT, causes_pages.TOOL[len(ROOT) + 1:]], check=True, stdout=subprocess.DEVNULL)
    tables = causes_pages.tables()
    pages = sorted(name[:-3] for name in os.listdir(causes_pages.PAGES) if name.endswith(".md"))
    report(pages == sorted(rows()) and list(tables) == rows(), "docs/a-page-per-cause", *sorted(set(pages) ^ set(rows())))
    for cause, parts in tables.items():
        check_page(cause, parts)
    with open(os.path.join(ROOT, "docs", "causes.md"), encoding="utf-8") as file:
        index = file.read()
    report(all(f"(causes/{cause}.md)" in index for cause in rows()), "docs/index-links")
    return status()


if __name__ == "__main__":
    sys.exit(main())
