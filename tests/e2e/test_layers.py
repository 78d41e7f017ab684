#!/usr/bin/env python3
"""A layer includes only layers above it in src/LAYERS, or its own; no circle of headers; each library has one includer."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
# library header -> the only files that may include it
OWNERS = {
    "pcap": {"src/capture/"},
    "krb5": {"asn1/"},
    "ares": {"src/protocol/dns"},
    "expat": {"src/evidence/"},
    "iconv": {"src/evidence/"},
    "sha2": {"src/base/digest.c"},
    "zlib": {"src/capture/"}, "zstd": {"src/capture/"}, "lz4frame": {"src/capture/"}, "lzma": {"src/capture/"},
    "seccomp": {"src/cli/sandbox.c"},
}


def layers():
    with open(os.path.join(ROOT, "src", "LAYERS")) as file:
        return [l.strip() for l in file if l.strip() and not l.startswith("#")]


def sources(order):
    for folder in order:
        full = os.path.join(ROOT, folder)
        for name in sorted(os.listdir(full)) if os.path.isdir(full) else []:
            if name.endswith((".c", ".h", ".def")):
                yield folder + "/" + name


def resolve(path, target):
    for base in ("src/", "", os.path.dirname(path) + "/"):
        if os.path.exists(os.path.join(ROOT, base + target)):
            return os.path.normpath(base + target)
    return None


def check(order, read):
    """The violations among `read`: a list of (path, text)."""
    wrong, graph = [], {}
    rank = {folder: i for i, folder in enumerate(order)}
    for path, text in read:
        folder = os.path.dirname(path)
        graph[path] = []
        for mark, target in INCLUDE.findall(text):
            stem = re.sub(r"^.*/|\.h$", "", target)
            if mark == "<":
                allowed = OWNERS.get(stem)
                if allowed and not any(path.startswith(a) for a in allowed):
                    wrong.append(f"{path} includes <{target}>, which belongs to {', '.join(sorted(allowed))}")
                continue
            found = resolve(path, target)
            if found is None:
                wrong.append(f"{path} includes \"{target}\", which is not there")
                continue
            graph[path].append(found)
            other = os.path.dirname(found)
            if other not in rank or rank[other] > rank[folder]:
                wrong.append(f"{path} includes {found}: {other} is not below {folder}")
    state = {}

    def visit(node, trail):
        if state.get(node) == 2 or node not in graph:
            return
        if state.get(node) == 1:
            wrong.append("circle: " + " -> ".join(trail[trail.index(node):] + [node]))
            return
        state[node] = 1
        for nxt in graph[node]:
            visit(nxt, trail + [node])
        state[node] = 2

    for node in sorted(graph):
        visit(node, [])
    return wrong


def main():
    order = layers()
    read = []
    for path in sources(order):
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            read.append((path, file.read()))
    wrong = check(order, read)
    for line in wrong:
        print("# " + line)
    print(("not ok" if wrong else "ok") + " layers/includes")
    # The check itself must be able to fail.
    bad = check(order, [("src/base/x.c", '#include "cli/worker.h"\n'), ("src/cli/y.c", "#include <pcap/pcap.h>\n")])
    print(("ok" if len(bad) == 2 else "not ok") + " layers/check-sees-violations")
    unlicensed = [p for p, text in read if "SPDX-License-Identifier: MIT" not in text.split("\n", 1)[0]]
    for path in unlicensed:
        print(f"# {path} does not begin with its licence")
    print(("not ok" if unlicensed else "ok") + " layers/licence-lines")
    return 1 if wrong or len(bad) != 2 or unlicensed else 0


if __name__ == "__main__":
    sys.exit(main())
