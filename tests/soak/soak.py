#!/usr/bin/env python3
"""make soak: many captures by Slurm, by GNU parallel and with kill -9 again and again; every way gives the report of one run.

Usage: soak.py [SECONDS [SEED]]: how long captures are read and killed (300, at most 1500). What the machine has not is
skipped with a message. Nothing outside a temporary folder is touched; daemons are this script's own and end with it.
"""
import ctypes
import ctypes.util
import json
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
os.environ.setdefault("KRBWHY", os.path.join(ROOT, "build", "krbwhy"))

from common import FIXTURES, KRBWHY, pcap_bytes, pcap_read, report, skip, status  # noqa: E402

SHARE = os.path.join(ROOT, "share", "cluster")
REFERENCE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
MOST_SECONDS = 1500


def corpus(folder, num_folders):
    """Folders of incidents with their evidence, a ring buffer, files that are none, one folder with nothing to read."""
    cases = sorted(n for n in os.listdir(FIXTURES) if os.path.isfile(os.path.join(FIXTURES, n, n + ".pcap")))
    link, frames = pcap_read(REFERENCE)
    for i in range(num_folders):
        name = cases[i % len(cases)]
        to = os.path.join(folder, f"{i:03} {name}")
        os.makedirs(to)
        files = [n for n in sorted(os.listdir(os.path.join(FIXTURES, name))) if os.path.isfile(os.path.join(FIXTURES, name, n))]
        evidence = [n for n in files if n.endswith((".ldf", ".txt", ".config"))][:1]
        for file in files:
            if file.endswith(".pcap") or file in evidence:
                shutil.copyfile(os.path.join(FIXTURES, name, file), os.path.join(to, file))
        if i % 7 == 0:
            for k, at in enumerate((0, 9, 18)):
                with open(os.path.join(to, f"ring_{k + 1:05}_2026010100000{k}.pcap"), "wb") as file:
                    file.write(pcap_bytes(link, frames[at:at + 9]))
        if i % 11 == 3:
            with open(os.path.join(to, "bad.pcap"), "wb") as file:
                file.write(bytes(range(1, 200)))
        if i % 5 == 1:  # takes a moment
            with open(os.path.join(to, "long.pcap"), "wb") as file:
                file.write(pcap_bytes(link, frames * 2000))
    os.makedirs(os.path.join(folder, "empty"))
    with open(os.path.join(folder, "empty", "note.txt"), "w", encoding="ascii") as file:
        file.write("nothing of interest\n")


def whole(folder, format_):
    done = subprocess.run([KRBWHY, "-f", format_, folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout


def same(parts, want, want_lines, name):
    """The parts, merged, are one run; as JSON and line by line."""
    files = sorted(os.path.join(parts, n) for n in os.listdir(parts) if n.endswith(".part") and
                   os.path.getsize(os.path.join(parts, n)) > 0)
    merged = subprocess.run([KRBWHY, "--merge", "-f", "json", *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = subprocess.run([KRBWHY, "--merge", "-f", "ndjson", *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    report(merged.stdout == want and lines.stdout == want_lines and len(files) > 1, name, len(files), merged.stderr.decode()[-300:],
           len(merged.stdout), len(want))


# ---- GNU parallel ----

def soak_parallel(folder, work, want, want_lines):
    if shutil.which("parallel") is None:
        skip("parallel", "GNU parallel is not installed (apt-get install parallel)")
        return
    out = os.path.join(work, "parallel")
    env = dict(os.environ, KRBWHY=KRBWHY, FORMAT="json", SLOTS="2")
    begin = time.monotonic()
    done = subprocess.run([os.path.join(SHARE, "krbwhy-parallel"), folder, out], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    report(done.stdout == want, "parallel-is-one-run", done.returncode, done.stderr.decode()[-500:])
    same(out, want, want_lines, "parallel-parts-merge")
    took, begin = time.monotonic() - begin, time.monotonic()
    done = subprocess.run([os.path.join(SHARE, "krbwhy-parallel"), folder, out], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    report(done.stdout == want, "parallel-again-is-one-run", done.stderr.decode()[-500:])
    print(f"# parallel: {took:.1f} s, again {time.monotonic() - begin:.1f} s")


# ---- Slurm ----

def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Slurm:
    """munged, slurmctld and slurmd on this machine, with everything they keep in one folder."""

    def __init__(self, folder):
        self.folder, self.daemons = folder, []
        self.conf = os.path.join(folder, "slurm.conf")
        self.env = dict(os.environ, SLURM_CONF=self.conf)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def start(self):
        host = socket.gethostname().split(".")[0]
        os.makedirs(self.folder, mode=0o755)
        for name in ("state", "spool"):
            os.makedirs(self.path(name))
        with open(self.path("munge.key"), "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(os.urandom(128))
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 20)
        user = "root" if os.getuid() == 0 else os.environ.get("USER", "root")
        self.write("slurm.conf", f"""
ClusterName=soak
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={self.path("munge.socket")}
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
StateSaveLocation={self.path("state")}
SlurmdSpoolDir={self.path("spool")}
SlurmctldPidFile={self.path("slurmctld.pid")}
SlurmdPidFile={self.path("slurmd.pid")}
SlurmctldLogFile={self.path("slurmctld.log")}
SlurmdLogFile={self.path("slurmd.log")}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=bf_interval=1,sched_interval=1
MinJobAge=300
NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory={memory} State=UNKNOWN
PartitionName=soak Nodes={host} Default=YES State=UP MaxTime=INFINITE
""")
        unified = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
        self.write("cgroup.conf", f"CgroupPlugin=cgroup/v{2 if unified else 1}\n")
        self.run("munged", "--foreground", "--force", "--key-file", self.path("munge.key"), "--socket", self.path("munge.socket"),
                 "--pid-file", self.path("munge.pid"), "--log-file", self.path("munge.log"), "--seed-file", self.path("munge.seed"),
                 "--num-threads", "2")
        time.sleep(1)
        self.run("slurmctld", "-D", "-f", self.conf)
        self.run("slurmd", "-D", "-f", self.conf, "-N", host)
        for _ in range(60):
            state = self.ask("sinfo", "-h", "-o", "%T")
            if state in ("idle", "mixed", "allocated"):
                return None
            if any(d.poll() is not None for d in self.daemons):
                break
            time.sleep(0.5)
        return f"no node became idle (sinfo: {state!r}): {self.log_end()}"

    def run(self, *command):
        log = open(self.path(command[0] + ".out"), "wb")
        self.daemons.append(subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        log.close()

    def ask(self, *command):
        return subprocess.run(command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60).stdout.decode().strip()

    def log_end(self):
        out = []
        for name in ("munged.out", "slurmctld.out", "slurmd.out"):
            try:
                with open(self.path(name), encoding="utf-8", errors="replace") as file:
                    out.append(name + ": " + " / ".join(file.read().splitlines()[-3:]))
            except OSError:
                pass
        return "; ".join(out)

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()


def soak_slurm(folder, work, want, want_lines):
    missing = [p for p in ("munged", "slurmctld", "slurmd", "sbatch", "sinfo", "squeue") if shutil.which(p) is None]
    if missing:
        skip("slurm", f"{', '.join(missing)} not installed (apt-get install slurm-wlm munge)")
        return
    slurm = Slurm(os.path.join(work, "slurm"))
    try:
        problem = slurm.start()
        if problem is not None:
            skip("slurm", problem)
            return
        out, listed = os.path.join(work, "slurm-out"), os.path.join(work, "list")
        names = sorted(os.path.join(folder, n) for n in os.listdir(folder) if not n.startswith("."))
        with open(listed, "w", encoding="utf-8") as file:
            file.write("".join(name + "\n" for name in names))
        begin = time.monotonic()
        slurm.env.update(SHARE=SHARE, KRBWHY=KRBWHY)
        answer = slurm.ask("sbatch", f"--array=1-{len(names)}%50", "--chdir", work, os.path.join(SHARE, "krbwhy.sbatch"), listed, out)
        if not report(answer.startswith("Submitted batch job"), "slurm-takes-the-array", answer):
            return
        job, requeued = answer.split()[-1], False
        while slurm.ask("squeue", "-h", "-j", job) and time.monotonic() - begin < 600:
            done = len(os.listdir(out)) if os.path.isdir(out) else 0
            if not requeued and done > len(names) // 4:  # a node that fails in the middle
                requeued = True
                print("# slurm: requeue:", slurm.ask("scontrol", "requeue", f"{job}_{done // 2}") or "accepted")
            time.sleep(0.5)
        states = slurm.ask("scontrol", "-o", "show", "job", job)
        failed = [line for line in states.splitlines() if "JobState=COMPLETED" not in line]
        report(not failed, "slurm-array-completes", failed[:2], slurm.log_end())
        print(f"# slurm: {len(names)} tasks in {time.monotonic() - begin:.1f} s")
        same(out, want, want_lines, "slurm-is-one-run")
    finally:
        slurm.stop()


# ---- kill -9 ----

class Watch:
    """Which files were closed by their last reader (inotify(7)): a capture is looked at once when the run begins, and closed
    for the second time when its worker has ended."""
    IN_CLOSE_NOWRITE = 0x10

    def __init__(self, folders):
        libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
        self.fd, self.folders = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC), {}
        for folder in folders:
            self.folders[libc.inotify_add_watch(self.fd, os.fsencode(folder), self.IN_CLOSE_NOWRITE)] = folder
        self.closed = {}

    def read(self):
        while select.select([self.fd], [], [], 0)[0]:
            data, at = os.read(self.fd, 1 << 16), 0
            while at < len(data):
                watch, _, _, length = struct.unpack_from("iIII", data, at)
                name = data[at + 16:at + 16 + length].rstrip(b"\0").decode()
                at += 16 + length
                if name and watch in self.folders:
                    path = os.path.join(self.folders[watch], name)
                    self.closed[path] = self.closed.get(path, 0) + 1

    def end(self):
        os.close(self.fd)


def finished_in(state):
    """Paths that the file of --resume has whole lines of, and the bytes of those."""
    if not os.path.exists(state):
        return set(), b""
    with open(state, "rb") as file:
        data = file.read()
    data = data[:data.rfind(b"\n") + 1]
    paths = set()
    for line in data.splitlines():
        paths.update(c["path"] for c in json.loads(line)["document"]["captures"])
    return paths, data


def soak_kill(folder, work, want, seconds, chance):
    folders = [os.path.join(folder, n) for n in os.listdir(folder)]
    captures = {os.path.join(f, n) for f in folders for n in os.listdir(f) if n.endswith(".pcap") and not n.startswith("bad")}
    state, end = os.path.join(work, "state"), time.monotonic() + seconds
    rounds = kills = torn = lost_most = left = 0
    wrong = []
    begin = time.monotonic()
    subprocess.run([KRBWHY, "-j2", "-f", "ndjson", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    whole_run = time.monotonic() - begin
    while time.monotonic() < end and not wrong:
        jobs = chance.choice((1, 2, 4))
        command = [KRBWHY, f"-j{jobs}", "--resume", state, "-f", "json", folder]
        before, kept = finished_in(state)
        watch = Watch(folders)
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            out, _ = child.communicate(timeout=chance.uniform(0, 1.2 * whole_run))
        except subprocess.TimeoutExpired:
            watch.read()
            child.kill()
            kills += 1
            child.communicate()
            after, now = finished_in(state)
            ended = {p for p, n in watch.closed.items() if n >= (3 if "ring_" in p else 2)} & captures - before
            lost = ended - after
            lost_most = max(lost_most, len(lost))
            torn += os.path.exists(state) and os.path.getsize(state) != len(now)
            if not now.startswith(kept) or len(lost) > jobs + 2 * any("ring_" in p for p in lost):
                wrong.append(("kept lines changed" if not now.startswith(kept) else "lost", jobs, sorted(lost)))
        else:
            rounds += 1
            if out != want:
                wrong.append(("the report differs", child.returncode))
            os.remove(state)
        watch.end()
    out = subprocess.run([KRBWHY, "-j2", "--resume", state, "-f", "json", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    time.sleep(1)
    for pid in (p for p in os.listdir("/proc") if p.isdigit()):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                left += state.encode() in file.read().split(b"\0")
        except OSError:
            pass
    report(not wrong and kills > 0, "killed-and-resumed", *wrong[:3])
    report(out == want, "killed-and-resumed-is-one-run", len(out), len(want))
    report(left == 0, "killed-leaves-no-worker", left)
    print(f"# kill -9: a run takes {whole_run:.1f} s; {kills} kills, {rounds} runs that came to their end, {torn} torn lines; at most {lost_most} captures were read and not yet kept")


def main():
    seconds = min(float(sys.argv[1]) if len(sys.argv) > 1 else 300, MOST_SECONDS)
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory(prefix="soak") as work:
        os.chmod(work, 0o755)
        folder = os.path.join(work, "incidents")
        corpus(folder, 120)
        want, want_lines = whole(folder, "json"), whole(folder, "ndjson")
        report(len(json.loads(want)["captures"]) > 120 and len(want_lines.splitlines()) > 120, "corpus")
        soak_parallel(folder, work, want, want_lines)
        soak_slurm(folder, work, want, want_lines)
        print(f"# kill -9: {seconds:.0f} s, seed {seed}", flush=True)
        soak_kill(folder, work, want, seconds, random.Random(seed))
    return status()


if __name__ == "__main__":
    sys.exit(main())
