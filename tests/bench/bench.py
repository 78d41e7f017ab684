#!/usr/bin/env python3
"""Measures krbwhy on generated captures, as ratios to other programs over the same file in alternating rounds.

  bench.py BUILD OUT.json [SCALE [BASE.json]]     SCALE 1 is the full size; BASE: results of an earlier run to compare with

Yardsticks: a loop of pcap_open_offline and pcap_next_ex that only counts; the best pipeline of tcpdump and tshark that only
lists Kerberos errors (where both are installed); the packets as classic pcap, for other containers; the unpackers by themselves.
Every capture holds incidents that must all be found, or the run fails, as it does above a limit. Ratios are of user and system
time of all processes of a run (other work on the machine disturbs them least) and of wall time; medians over the rounds.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASE = os.path.join(ROOT, "fixtures", "reference-case", "reference-case.pcap")
KRBWHY = os.path.join(ROOT, "build", "krbwhy")
ROUNDS = 7
TSHARK_ROUNDS = 3
# name, kind, megabytes, most allowed ratio to the bare loop (None: only reported), aim
KINDS = [("web mix", "web", 1000, 0.8, 0.5), ("small packets", "small", 300, 2.0, 1.2), ("DNS only", "dns", 40, None, None),
         ("dense Kerberos", "krb", 10, None, None)]
TSHARK_LEAST, TSHARK_AIM = 25, 50
CONTAINER_MOST = 1.3
STARTUP_MOST_MS = 10

# What a person would run to list Kerberos errors. Those of the incidents stand in HTTP headers (KRB_AP_ERR_MODIFIED within
# Negotiate), so tcpdump has to keep the ports of HTTP as well as those of the KDC; tshark alone need not be told ports.
FILTER = "port 88 or port 80"
FIELDS = "-Y kerberos.error_code -T fields -e frame.number -e kerberos.error_code"
PIPELINES = {
    "tshark": "tshark -n -r {file} " + FIELDS,
    "tcpdump | tshark": "tcpdump -n -r {file} -w - '" + FILTER + "' 2>/dev/null | tshark -n -r - " + FIELDS,
    "tcpdump | tshark, only Kerberos errors of the KDC": "tcpdump -n -r {file} -w - 'port 88' 2>/dev/null | tshark -n -r - " + FIELDS,
}


class Run:
    """One finished run: wall and CPU seconds of the whole process tree, peak memory of its largest process in MB, output."""

    def __init__(self, command):
        shell = isinstance(command, str)
        start = time.perf_counter()
        process = subprocess.Popen(command, shell=shell, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.out = process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        self.wall = time.perf_counter() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024


def rounds(commands, num):
    """{name: [Run]} of alternating rounds; one before them brings the file into the page cache."""
    runs = {name: [] for name in commands}
    for turn in range(num + 1):
        for name, command in commands.items():
            run = Run(command)
            if turn > 0:
                runs[name].append(run)
    return runs


def ratio(of, to, what):
    return statistics.median(getattr(a, what) / max(getattr(b, what), 1e-6) for a, b in zip(of, to))


def median(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def found(out):
    return sum(len(f["attempts"]) for line in out.splitlines() for f in json.loads(line)["findings"] if f["cause"] == "cname-spn")


def ours(path):
    return [KRBWHY, "-f", "ndjson", path]


class Bench:
    def __init__(self, build, scale):
        self.build, self.scale, self.bad, self.rows = build, scale, [], []

    def path(self, kind, ending="pcap"):
        return os.path.join(self.build, f"bench-{kind}.{ending}")

    def make(self, kind, size):
        made = subprocess.run([os.path.join(self.build, "make_capture"), kind, str(size), CASE, self.path(kind)], check=True,
                              stdout=subprocess.PIPE)
        return tuple(int(x) for x in made.stdout.split())

    def limit(self, ok, text):
        if not ok:
            self.bad.append(text)

    def capture(self, name, kind, full_size, most, aim):
        """Against the bare loop; the largest row the table has."""
        size = max(1, int(full_size * self.scale))
        frames, incidents = self.make(kind, size)
        path = self.path(kind)
        runs = rounds({"bare": [os.path.join(self.build, "bare_loop"), path], "ours": ours(path), "cat": f"exec cat {path} > /dev/null"}, ROUNDS)
        got = found(runs["ours"][-1].out)
        row = {"name": name, "megabytes": size, "frames": frames, "incidents": incidents, "found": got,
               "cpu_s": median(runs["ours"], "cpu"), "wall_s": median(runs["ours"], "wall"),
               "cpu_ratio": ratio(runs["ours"], runs["bare"], "cpu"), "wall_ratio": ratio(runs["ours"], runs["bare"], "wall"),
               "cat_ratio": ratio(runs["cat"], runs["bare"], "cpu"), "ns_per_frame": median(runs["ours"], "cpu") / frames * 1e9,
               "peak_mb": max(run.peak for run in runs["ours"]), "limit": most, "aim": aim}
        self.rows.append(row)
        print(f"{name:<16}{size:>6}{frames:>10}{got:>7}/{incidents:<5}{row['cpu_s']:>8.3f}{row['cpu_ratio']:>9.2f}{row['wall_ratio']:>9.2f}"
              f"{row['cat_ratio']:>8.2f}{most if most is not None else '-':>7}{aim if aim is not None else '-':>6}"
              f"{row['ns_per_frame']:>10.0f}{row['peak_mb']:>9.1f}", flush=True)
        self.limit(got == incidents, f"{name}: {got} of {incidents} incidents found")
        self.limit(most is None or self.scale < 0.1 or row["cpu_ratio"] <= most,
                   f"{name}: ratio {row['cpu_ratio']:.2f}, limit {most}")
        return path, incidents

    def tshark(self, path, incidents):
        """Against pipelines that list Kerberos errors; those count that see the errors of all incidents."""
        if not shutil.which("tshark") or not shutil.which("tcpdump"):
            print("\ntshark or tcpdump is not installed: not compared")
            return
        commands = {name: text.format(file=path) for name, text in PIPELINES.items()}
        commands["ours"] = ours(path)
        runs = rounds(commands, TSHARK_ROUNDS)
        best = None
        print(f"\n{'lists Kerberos errors of the web mix':<52}{'cpu s':>9}{'of ours':>9}{'errors':>8}  finds the incidents")
        for name in PIPELINES:
            lines = runs[name][-1].out.decode("utf-8", "replace").split("\n")
            num = sum(1 for line in lines if "41" in line.split("\t")[-1].split(","))  # KRB_AP_ERR_MODIFIED
            row = {"name": name, "cpu_s": median(runs[name], "cpu"), "cpu_ratio": ratio(runs[name], runs["ours"], "cpu"),
                   "wall_ratio": ratio(runs[name], runs["ours"], "wall"), "errors": num, "finds": num >= incidents}
            self.rows.append(row)
            if row["finds"] and (best is None or row["cpu_ratio"] < best):
                best = row["cpu_ratio"]
            print(f"{name:<52}{row['cpu_s']:>9.2f}{row['cpu_ratio']:>9.1f}{num:>8}  {'yes' if row['finds'] else 'no: not compared'}", flush=True)
        self.limit(best is None or best >= TSHARK_LEAST or self.scale < 0.1,
                   f"only {best or 0:.0f} times as fast as the best pipeline, at least {TSHARK_LEAST} (aim {TSHARK_AIM})")

    def containers(self, path):
        """The same packets as pcapng and Network Monitor; compressed, with the unpacker by itself as the yardstick."""
        print(f"\n{'web mix as':<16}{'cpu s':>9}{'of pcap':>9}{'unpacker s':>12}{'above it s':>12}")
        for kind, ending, make, unpack in (
                ("pcapng", "pcapng", "editcap -F pcapng {file} {out}", None), ("NetMon", "cap", "editcap -F netmon2 {file} {out}", None),
                ("gzip", "pcap.gz", "gzip -1 -c {file} > {out}", "gzip -dc {out}"), ("zstd", "pcap.zst", "zstd -q -1 -c {file} > {out}", "zstd -q -dc {out}")):
            out = self.path("web", ending)
            if not shutil.which(make.split()[0]):
                continue
            subprocess.run(make.format(file=path, out=out), shell=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            commands = {"pcap": ours(path), "this": ours(out)}
            if unpack is not None:
                commands["unpacker"] = "exec " + unpack.format(out=out) + " > /dev/null"
            runs = rounds(commands, 3)
            row = {"name": kind, "cpu_s": median(runs["this"], "cpu"), "cpu_ratio": ratio(runs["this"], runs["pcap"], "cpu")}
            line = f"{kind:<16}{row['cpu_s']:>9.3f}{row['cpu_ratio']:>9.2f}"
            if unpack is not None:
                row["unpacker_s"] = median(runs["unpacker"], "cpu")
                line += f"{row['unpacker_s']:>12.3f}{row['cpu_s'] - row['unpacker_s']:>12.3f}"
            else:
                self.limit(row["cpu_ratio"] <= CONTAINER_MOST or self.scale < 0.1, f"{kind}: {row['cpu_ratio']:.2f} of the same as pcap, limit {CONTAINER_MOST}")
            self.rows.append(row)
            print(line, flush=True)
            os.unlink(out)

    def startup(self):
        runs = rounds({"ours": [KRBWHY, "--version"], "small": ours(CASE), "true": ["/bin/true"]}, 21)
        small = 1000 * (median(runs["small"], "wall") - median(runs["true"], "wall"))
        version = 1000 * (median(runs["ours"], "wall") - median(runs["true"], "wall"))
        self.rows.append({"name": "start-up", "small_ms": small, "version_ms": version})
        print(f"\nstart-up: {small:.1f} ms above /bin/true for a small capture with its report, {version:.1f} ms for --version (limit {STARTUP_MOST_MS})")
        self.limit(small <= STARTUP_MOST_MS, f"start-up {small:.1f} ms")


def compare(rows, base_path):
    with open(base_path) as file:
        base = {row["name"]: row for row in json.load(file)["rows"]}
    print(f"\nagainst {base_path}")
    for row in rows:
        before = base.get(row["name"])
        changes = [f"{key} {before[key]:.2f} -> {row[key]:.2f} ({(row[key] / before[key] - 1) * 100:+.0f} %)"
                   for key in ("cpu_ratio", "ns_per_frame", "peak_mb", "small_ms")
                   if before is not None and row.get(key) and before.get(key)]
        print(f"  {row['name']:<16}" + ("; ".join(changes) or "not there"))


def main():
    bench = Bench(sys.argv[1], float(sys.argv[3]) if len(sys.argv) > 3 else 1)
    print(f"{'capture':<16}{'MB':>6}{'frames':>10}{'found':>13}{'cpu s':>8}{'of bare':>9}{'(wall)':>9}{'cat':>8}{'limit':>7}{'aim':>6}{'ns/frame':>10}{'peak MB':>9}")
    for name, kind, size, most, aim in KINDS:
        path, incidents = bench.capture(name, kind, size, most, aim)
        if kind == "web":
            web, web_incidents = path, incidents
        else:
            os.unlink(path)
    bench.tshark(web, web_incidents)
    bench.containers(web)
    os.unlink(web)
    bench.startup()
    with open(sys.argv[2], "w") as file:
        json.dump({"scale": bench.scale, "rounds": ROUNDS, "rows": bench.rows, "failed": bench.bad}, file, indent=1)
    if len(sys.argv) > 4 and sys.argv[4]:
        compare(bench.rows, sys.argv[4])
    for text in bench.bad:
        print(f"FAILED  {text}")
    return 1 if bench.bad else 0


if __name__ == "__main__":
    sys.exit(main())
