#!/usr/bin/env python3
"""docs/recipes.md: every command in it runs as it stands, in a folder made as the page says, and does what the page says.
What reaches out (mail, curl, inotifywait) is a stand-in that writes down what it was given."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from common import FIXTURES, KRBWHY, ROOT, report, skip, status

# The capture that `inotifywait` says was written, once.
STANDINS = {
    "mail": 'printf "%s\\n" "$@" > mail.arguments; cat > mail.body\n',
    "curl": 'n=$(ls curl.* 2> /dev/null | wc -l); printf "%s\\n" "$@" > "curl.$n"\n'
            'case " $* " in *" @- "*) cat > "body.$n";; esac\n',
    "inotifywait": 'echo incidents/new.pcap; echo incidents/notes.txt\n',
    "krbwhy": f'exec "{KRBWHY}" "$@"\n',
}
ENVIRONMENT = {"TOKEN": "secret", "REPOSITORY": "example/app", "JIRA": "https://jira.example.com", "JIRA_USER": "bot", "ISSUE": "OPS-1",
               "SNOW": "https://example.service-now.com", "SNOW_USER": "bot", "PAUSE": "0", "LC_ALL": "C.UTF-8",
               "ASAN_OPTIONS": "detect_leaks=0"}


def fixture(case, suffix=".pcap"):
    return os.path.join(FIXTURES, case, case + suffix)


def build(folder):
    for name in ("mon", "tue"):
        os.makedirs(os.path.join(folder, "incidents", name))
    os.makedirs(os.path.join(folder, "bin"))
    for name, body in STANDINS.items():
        path = os.path.join(folder, "bin", name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + body)
        os.chmod(path, 0o755)
    for source, to in ((fixture("reference-case"), "site.pcap"), (fixture("mit-b-dup-winmit"), "incidents/mon/a.pcap"),
                       (fixture("mit-b-dup-winmit", ".ldif"), "incidents/mon/a.ldif"),
                       (fixture("mit-i-skew-server-mit"), "incidents/tue/b.pcap"), (fixture("mit-success-mit"), "incidents/after.pcap"),
                       (fixture("reference-case"), "incidents/new.pcap")):
        shutil.copyfile(source, os.path.join(folder, to))


def recipes():
    """[(heading, words before, script)]"""
    with open(os.path.join(ROOT, "docs", "recipes.md"), encoding="utf-8") as file:
        text = file.read()
    out, heading, at = [], "", 0
    for match in re.finditer(r"(?ms)^## ([^\n]+)\n|^```sh\n(.*?)^```\n", text):
        if match[1]:
            heading = match[1]
        else:
            out.append((heading, " ".join(text[at:match.start()].split()), match[2]))
        at = match.end()
    fences = len(re.findall(r"(?m)^```", text))
    report(len(out) > 15 and fences == 2 * len(out), "recipes/every-block-is-run", fences, len(out))
    return out


class Box:
    """What a recipe left behind."""

    def __init__(self, folder, done):
        self.folder, self.out, self.err, self.code = folder, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"), done.returncode

    def has(self, name):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def json(self, name):
        return json.loads(self.has(name) or "{}")


DUPLICATE = "incidents/mon/a.pcap"
# By words that stand before the block: what it must have done.
EXPECTED = {
    "wrong account or twice": lambda b: b.out.splitlines() == [DUPLICATE],
    "How often each cause": lambda b: sorted(l.split() for l in b.out.splitlines()) ==
        [["1", "clock-skew"], ["1", "cname-spn"], ["1", "duplicate-spn"]],
    "Everything about one name": lambda b: b.out.startswith(DUPLICATE + "\tduplicate-spn\tconfirmed\tHTTP/app.test.com\tsvcb\t"),
    "what to do first": lambda b: "duplicate-spn\tconfirmed\tsetspn -D HTTP/app.test.com svca" in b.out and len(b.out.splitlines()) == 3,
    "What is missing": lambda b: "setspn -X -F" in b.out.splitlines() and len(set(b.out.splitlines())) == len(b.out.splitlines()),
    "at least likely": lambda b: [json.loads(l)["cause"] for l in b.out.splitlines()] == ["duplicate-spn", "clock-skew"],
    "display filter": lambda b: b.out.strip() == "frame.number in {2,13,14,19,21}",
    "fails with the reason": lambda b: "KRB_AP_ERR_MODIFIED" in b.err and not b.out,
    "summary of the job": lambda b: b.has("summary.md").startswith("## KRB_AP_ERR_MODIFIED"),
    "Fails only for what is new": lambda b: "new findings:\n" in b.out and "duplicate-spn\tHTTP/app.test.com\tsvcb" in b.out,
    "Did the fix work": lambda b: len(b.out) > 50,
    "As `/etc/cron.daily/krbwhy`": lambda b: "What went wrong" in b.has("triage.md") and b.has("state.ndjson").count("\n") >= 4,
    "Mails what is heaviest": lambda b: "support@example.com" in b.has("mail.arguments") and "duplicate-spn" in b.has("mail.body") and
        b.has("yesterday.txt") == b.has("tonight.txt"),
    "A week in one report": lambda b: "duplicate-spn" in b.out and "clock-skew" in b.out and "2 captures" in b.out,
    "must not share a state file": lambda b: len(b.json("all.json")["captures"]) == 4,
    "as soon as it has been written": lambda b: "<html" in b.has("incidents/new.pcap.html") and not b.has("incidents/notes.txt.html"),
    "Without inotify": lambda b: b.has("all.ndjson").count("\n") == 4,
    "the page with pictures attached": lambda b: "report.html" in b.has("mail.arguments") and
        "KRB_AP_ERR_MODIFIED (41)" in b.has("mail.arguments") and b.has("mail.body") == b.has("report.txt"),
    "To a colleague outside": lambda b: os.path.getsize(os.path.join(b.folder, "send.pcapng")) > 1000 and "cname-spn" in b.has("report.txt"),
    "GitHub, as an issue": lambda b: b.json("body.0")["title"].startswith("KRB_AP_ERR_MODIFIED (41)") and
        b.json("body.0")["title"].endswith("contososvc tried to open it.") and
        b.json("body.0")["body"].startswith("## KRB") and "https://api.github.com/repos/example/app/issues" in b.has("curl.0"),
    "Jira, as a comment": lambda b: b.json("body.0")["body"].startswith("{noformat}\nKRB_AP") and
        "/rest/api/2/issue/OPS-1/comment" in b.has("curl.0") and "file=@report.html" in b.has("curl.1"),
    "ServiceNow, as an incident": lambda b: b.json("body.0")["short_description"].endswith("contososvc tried to open it.") and
        "/api/now/table/incident" in b.has("curl.0"),
}


def main():
    for tool in ("jq", "bash", "flock"):
        if not shutil.which(tool):
            skip("recipes", tool + " is missing")
            return status()
    used = set()
    for heading, words, script in recipes():
        keys = [key for key in EXPECTED if key in words]
        if not report(len(keys) == 1, f"recipes/{heading}/known", words, *keys):
            continue
        used.add(keys[0])
        with tempfile.TemporaryDirectory() as folder:
            build(folder)
            env = dict(os.environ, PATH=os.path.join(folder, "bin") + ":" + os.environ["PATH"], **ENVIRONMENT)
            env.pop("GITHUB_STEP_SUMMARY", None)
            done = subprocess.run(["bash", "-eu", "-c", script], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=300)
            box = Box(folder, done)
            try:
                good = EXPECTED[keys[0]](box)
            except (ValueError, KeyError, OSError) as problem:
                good, box.err = False, box.err + repr(problem)
            report(done.returncode == 0 and good, f"recipes/{heading}/{keys[0].replace(' ', '-')}", done.returncode,
                   *box.out.splitlines()[:8], *box.err.splitlines()[:8])
    report(used == set(EXPECTED), "recipes/all-there", *(set(EXPECTED) - used))
    return status()


if __name__ == "__main__":
    sys.exit(main())
