#!/usr/bin/env python3
"""Manual pages and completions as made by `make pages`: clean roff, every option and member in them, and completion for
real in bash, zsh and fish, each in a terminal of its own."""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from common import FIXTURES, ROOT, make, report, run, skip, status

SHARE = os.path.join(ROOT, "build", "share")
PAGES = [os.path.join(SHARE, n) for n in ("krbwhy.1", "krbwhy-json.5")]
ENV = dict(os.environ, LC_ALL="C.UTF-8", TERM="dumb", MANWIDTH="80", MANROFFSEQ="")


def call(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV, check=False, **more)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def rendered(page):
    """The page as a reader sees it, one blank between words."""
    _, out, _ = call("groff", "-man", "-Tutf8", "-P-c", "-P-b", "-P-u", page)
    return re.sub(r"\s+", " ", out.replace("\u2010", "-").replace("\u2212", "-").replace("\u2019", "'"))


def roff():
    for page in PAGES:
        name = os.path.basename(page)
        if shutil.which("groff"):
            code, _, err = call("groff", "-ww", "-man", "-Tutf8", "-z", page)
            report(code == 0 and err == "", name + "-groff", err)
        else:
            skip(name + "-groff", "no groff")
        if shutil.which("man"):
            code, out, err = call("man", "--warnings", "-l", page)
            report(code == 0 and err == "" and len(out) > 1000, name + "-man", code, err)
        else:
            skip(name + "-man", "no man")
        if shutil.which("mandoc"):
            code, out, err = call("mandoc", "-T", "lint", page)
            report(code == 0 and out == "", name + "-mandoc", out, err)
        else:
            skip(name + "-mandoc", "no mandoc")


def contents():
    if not shutil.which("groff"):
        skip("manual-contents", "no groff")
        return
    page = rendered(PAGES[0])
    for section in ("OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SECURITY", "SEE ALSO"):
        report(f" {section} " in page, "manual-has-" + section.lower().replace(" ", "-"))
    options = re.findall(r"^ +(?:-., )?(--[a-z-]+)", run("--help")[1].decode(), re.M)
    missing = [o for o in options if f" {o} " not in page]
    report(len(options) > 15 and not missing, "manual-has-every-option", missing)

    with open(os.path.join(ROOT, "docs", "krbwhy-1.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    page, missing = rendered(PAGES[1]), []
    for where, name, node in members(schema):
        about = node.get("description")
        if about is None or not re.search(rf" {name} \([^)]*\) {re.escape(about)}", page):
            missing.append(f"{where}.{name}")
    report(not missing, "json-page-has-every-member-and-what-it-is", missing)


def members(node, where=""):
    """(where, name, schema) of every member that is described anywhere below."""
    for part in [node, *node.get("anyOf", []), *([node["items"]] if "items" in node else [])]:
        for name, inner in part.get("properties", {}).items():
            yield where, name, inner
            yield from members(inner, where + "." + name)
        if part is not node:
            yield from members({k: v for k, v in part.items() if k != "properties"}, where)
    for name, inner in node.get("$defs", {}).items():
        yield from members(inner, name)


def examples(folder):
    """Every example of krbwhy(1) is a command line that the program understands."""
    with open(os.path.join(ROOT, "src", "cli", "manual.def"), encoding="utf-8") as file:
        commands = re.findall(r'^EXAMPLE\("([^"]*)"', file.read(), re.M)
    shutil.copytree(os.path.join(FIXTURES, "reference-case"), os.path.join(folder, "captures"))
    for name in ("captures", "incidents"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    for name in re.findall(r"[a-z]+\.(?:pcap(?:ng)?)\b", " ".join(commands)):
        shutil.copy(os.path.join(FIXTURES, "reference-case", "reference-case.pcap"), os.path.join(folder, name))
        shutil.copy(os.path.join(FIXTURES, "reference-case", "reference-case.pcap"), os.path.join(folder, "incidents"))
    bad = []
    for command in commands:
        program = os.environ.get("KRBWHY", os.path.join(ROOT, "build", "sanitize", "krbwhy"))
        command = re.sub(r"^krbwhy", program, command).replace("oXsw...", "oQcwBaADCgEC")
        code, _, err = call("bash", "-o", "pipefail", "-c", command, cwd=folder)
        err = "".join(l for l in err.splitlines(True) if "spns.ldf" not in l and "http.keytab" not in l)
        if code not in (0, 1) and not ("http.keytab" in command and code == 2) or "unknown option" in err:
            bad.append((command, code, err))
    report(len(commands) >= 8 and not bad, "examples-of-the-manual-run", *bad)


def json_examples(folder):
    """The command lines of krbwhy-json(5), as a reader copies them."""
    if not shutil.which("jq") or not shutil.which("man"):
        skip("examples-of-the-json-page", "no jq or man")
        return
    shutil.copy(os.path.join(FIXTURES, "reference-case", "reference-case.pcap"), os.path.join(folder, "site.pcapng"))
    os.makedirs(os.path.join(folder, "incidents"))
    shutil.copy(os.path.join(folder, "site.pcapng"), os.path.join(folder, "incidents"))
    text = subprocess.run(["man", "-P", "cat", "-l", PAGES[1]], env=dict(ENV, MANWIDTH="300"), stdout=subprocess.PIPE, check=False).stdout.decode()
    commands = [l.strip() for l in text.splitlines() if re.match(" +krbwhy .* jq ", l)]
    bad = []
    for command in commands:
        code, out, err = call("bash", "-o", "pipefail", "-c", command.replace("krbwhy ", os.path.join(ROOT, "build", "krbwhy") + " ", 1), cwd=folder)
        # 1: there are findings
        if code != 1 or not ("cname-spn" in out or "setspn" in out) or err:
            bad.append((command, code, out, err))
    report(len(commands) == 3 and not bad, "examples-of-the-json-page", commands, *bad)


def same_again():
    tool = os.path.join(ROOT, "build", "pages")
    for what in (["man"], ["json", os.path.join(ROOT, "docs", "krbwhy-1.schema.json")]):
        dated = dict(ENV, SOURCE_DATE_EPOCH="86400", TZ="Asia/Tokyo", LC_ALL="C")
        one = subprocess.run([tool, *what], env=dated, stdout=subprocess.PIPE, check=False).stdout
        two = subprocess.run([tool, *what], env=dict(dated, TZ="UTC"), stdout=subprocess.PIPE, check=False).stdout
        report(one == two and b'"1970-01-02"' in one, what[0] + "-has-the-date-of-SOURCE_DATE_EPOCH", one[:200])
    code = subprocess.run([tool, "man"], env=dict(ENV, SOURCE_DATE_EPOCH="now"), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode
    report(code == 2, "a-date-that-is-none-is-refused", code)


# ---- completion ----

def completed(*words, breaks=True):
    """What the bash function offers for the last of the words."""
    if breaks:
        words = [part for word in words for part in re.findall(r"=|[^=]+", word) or [""]]
    script = 'source "$1"; shift; COMP_WORDS=(krbwhy "$@"); COMP_CWORD=$#; compopt() { :; }; _krbwhy; printf "%s\\n" "${COMPREPLY[@]}"'
    _, out, err = call("bash", "--norc", "-c", script, "bash", os.path.join(SHARE, "krbwhy.bash"), *words)
    assert err == "", err
    return out.split()


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command, folder, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, dict(ENV, **env))
        self.seen = ""

    def read_until(self, wanted, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not re.search(wanted, self.seen):
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        return re.search(wanted, self.seen) is not None

    def say(self, text):
        self.seen = ""
        os.write(self.fd, text.encode())

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def in_terminal(shell, folder, command, env, start, more=()):
    """What Tab makes of half a command line, seen by the program that then runs."""
    terminal = Terminal(command, folder, env)
    try:
        terminal.say(start + "\n")
        if not report(terminal.read_until(r"READY\r?\n"), shell + "-starts", repr(terminal.seen)):
            return
        for typed, want in (("krbwhy --forma\tjs\t\n", r"GOT<--format[=> <]+json>"),
                            ("krbwhy --explain dup\t\n", r"GOT<--explain><duplicate-spn>"),
                            ("krbwhy -o rep\t\n", r"GOT<-o><report file\.txt>"), *more):
            terminal.say(typed)
            name = f"{shell}-completes-{typed.split(chr(9))[0].split(' ', 1)[1].replace(' ', '-')}"
            report(terminal.read_until(want), name, repr(terminal.seen))
    finally:
        terminal.close()


SHOW = "#!/bin/sh\nprintf GOT; for a; do printf '<%s>' \"$a\"; done; echo\n"


def terminals(folder):
    program = os.path.join(folder, "bin", "krbwhy")
    os.makedirs(os.path.dirname(program))
    with open(program, "w", encoding="utf-8") as file:
        file.write(SHOW)
    os.chmod(program, 0o755)
    with open(os.path.join(folder, "report file.txt"), "w", encoding="utf-8"):
        pass
    env = {"PATH": os.path.dirname(program) + ":" + os.environ["PATH"], "HOME": folder, "PS1": "$ "}
    in_terminal("bash", folder, ["bash", "--norc", "--noprofile", "-i"], env,
                f"bind 'set enable-bracketed-paste off'; source '{SHARE}/krbwhy.bash'; echo REA''DY")
    if shutil.which("zsh"):
        in_terminal("zsh", folder, ["zsh", "-f", "-i"], env,
                    f"fpath=('{SHARE}' $fpath); autoload -U compinit; compinit -u -D; echo REA''DY")
    else:
        skip("zsh-completes", "no zsh")


def bash():
    for words, want in ((["--form"], ["--format="]), (["-f", "m"], ["markdown"]), (["--format=nd"], ["ndjson"]),
                        (["--format="], ["text", "json", "ndjson"]), (["--color", "a"], ["auto", "always"]),
                        (["--collect", ""], ["client", "server", "dc"]), (["--explain", "cname"], ["cname-spn"]),
                        (["--explain", "KRB_AP_ERR_MOD"], ["KRB_AP_ERR_MODIFIED"])):
        got = completed(*words)
        report(set(want) <= set(got) and (len(want) == len(got) or words[-1] == "--format="),
               "bash-offers-" + "-".join(w or "nothing" for w in words).lstrip("-"), got)
    report(completed("--format=js", breaks=False) == ["--format=json"], "bash-where-=-breaks-no-word")
    for words in (["-o", ""], ["--jobs", ""], ["--", "--form"], ["cap"]):
        report(completed(*words) == [], "bash-leaves-alone-" + "-".join(words).lstrip("-"), completed(*words))
    offered = completed("--")
    report(sorted(o.rstrip("=") for o in offered) ==
           sorted(re.findall(r"^ +(?:-., )?(--[a-z-]+)", run("--help")[1].decode(), re.M)), "bash-offers-every-option", offered)


def fish():
    if not shutil.which("fish"):
        skip("fish-completes", "no fish")
        return
    for typed, want in (("krbwhy --form", "--format"), ("krbwhy -f m", "markdown"), ("krbwhy --format=nd", "--format=ndjson"),
                        ("krbwhy --explain cname", "cname-spn"), ("krbwhy --collect d", "dc"), ("krbwhy --red", "--redact")):
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(["fish", "--no-config", "-c", f"source '{SHARE}/krbwhy.fish'; complete -C '{typed}'"],
                                  env=dict(ENV, HOME=home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        lines = done.stdout.decode().splitlines()
        report([l.split("\t")[0] for l in lines] == [want] and "\t" in lines[0], "fish-completes-" + typed[7:].lstrip("-").replace(" ", "-"),
               lines, done.stderr.decode())


def main():
    code, out = make("pages")
    if not report(code == 0, "pages-are-made", out[-2000:]):
        return status()
    roff()
    contents()
    same_again()
    bash()
    fish()
    with tempfile.TemporaryDirectory() as folder:
        terminals(folder)
    with tempfile.TemporaryDirectory() as folder:
        examples(folder)
    with tempfile.TemporaryDirectory() as folder:
        json_examples(folder)
    return status()


if __name__ == "__main__":
    sys.exit(main())
