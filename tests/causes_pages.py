#!/usr/bin/env python3
"""docs/causes/ID.md: prose by hand, and between `<!-- from the tables: PART -->` and `<!-- end -->` what the program's
own tables and fix cards say, so that the two never differ. `make docs` writes those parts; tests/e2e/test_docs.py checks."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGES = os.path.join(ROOT, "docs", "causes")
TOOL = os.path.join(ROOT, "build", "sanitize", "tests", "tools", "causes_markdown")
HEADINGS = ["Symptom", "What is going on", "How to be sure", "Repair", "What else it touches", "Undo"]
PARTS = ("title", "shows", "sure", "repair", "touches", "undo")


def tables():
    """{id: {part: Markdown}}, in the order of causes.def."""
    out = subprocess.run([TOOL, "--pages"], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")
    found = {}
    pieces = re.split(r"(?m)^@(\S+) (\S+)\n", out)
    for cause, part, text in zip(pieces[1::3], pieces[2::3], pieces[3::3]):
        found.setdefault(cause, {})[part] = text.strip()
    return found


def page(cause):
    with open(os.path.join(PAGES, cause + ".md"), encoding="utf-8") as file:
        return file.read()


def filled(text, cause, parts):
    """The page with the parts of today."""
    shown = dict(parts, title=f"# {parts['title']}\n\nCause `{cause}`. Names in commands are examples: the report has yours.")

    def fill(match):
        body = shown[match[1]]
        return f"<!-- from the tables: {match[1]} -->\n" + (body + "\n" if body else "") + "<!-- end -->"

    return re.sub(r"(?s)<!-- from the tables: (\w+) -->\n.*?<!-- end -->", fill, text)


def main():
    for cause, parts in tables().items():
        text = filled(page(cause), cause, parts)
        with open(os.path.join(PAGES, cause + ".md"), "w", encoding="utf-8") as file:
            file.write(text)
    done = subprocess.run([TOOL], stdout=subprocess.PIPE, check=True).stdout
    with open(os.path.join(ROOT, "docs", "causes.md"), "wb") as file:
        file.write(done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
