#!/usr/bin/env python3
"""Packages: the relocatable tarball in a folder of its own, the Debian package unpacked; with PACKAGES=1 (make
check-packages) both in bare systems of several releases, which are made once in CHROOTS (build/chroot)."""
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from common import FIXTURES, ROOT, make, report, skip, status

CASE = os.path.join(FIXTURES, "reference-case", "reference-case.pcap")
BARE = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nowhere", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
CHROOTS = os.environ.get("CHROOTS", os.path.join(ROOT, "build", "chroot"))
DEBIAN, UBUNTU = "http://deb.debian.org/debian", "http://archive.ubuntu.com/ubuntu"
# A code page that is no UTF-8: its converter is a module of the C library.
EVIDENCE = b"Existing SPN found!\nCN=D\xe9p\xf4t,DC=test,DC=com\n\tHTTP/iis01.test.com\n"


def call(*command, env=None, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          env=BARE if env is None else env, check=False, **more)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def version():
    with open(os.path.join(ROOT, "Makefile"), encoding="utf-8") as file:
        return re.search(r"^VERSION\s*:= (\S+)", file.read(), re.M).group(1)


def answers(name, *how, case, evidence):
    """The program gives the verdict on the reference case and reads the evidence."""
    code, out = call(*how, "--brief", case)
    report(code == 1 and "\tcname-spn\t" in out and out.count("\n") == 1, name + "-reads-a-capture", code, out)
    code, out = call(*how, "--events", evidence)
    report(code == 0 and json.loads(out or "{}").get("dn") == "CN=D\u00e9p\u00f4t,DC=test,DC=com", name + "-reads-a-code-page", code, out)


# ---- the tarball ----

def tarball(folder):
    code, out = make("tarball", f"PACKED={folder}/one")
    if not report(code == 0, "tarball-is-made", out[-2000:]):
        return None
    packed, = glob.glob(folder + "/one/*.tar.gz")
    make("tarball", f"PACKED={folder}/two")
    with open(packed, "rb") as one, open(packed.replace("/one/", "/two/"), "rb") as two:
        report(hashlib.sha256(one.read()).digest() == hashlib.sha256(two.read()).digest(), "tarball-is-the-same-again")

    place = os.path.join(folder, "some where")
    os.makedirs(place)
    call("tar", "-C", place, "-xzf", packed)
    top, = glob.glob(place + "/*")
    evidence, link = os.path.join(folder, "names.txt"), os.path.join(folder, "linked")
    with open(evidence, "wb") as file:
        file.write(EVIDENCE)
    os.symlink(os.path.join(top, "bin", "krbwhy"), link)
    answers("tarball", link, case=CASE, evidence=evidence)
    hostile = dict(BARE, LD_LIBRARY_PATH="/nowhere", GCONV_PATH="/nowhere")
    code, out = call(link, "--brief", CASE, env=hostile)
    report(code == 1 and "cname-spn" in out and "nowhere" not in out, "tarball-minds-no-variable", out)
    lib = os.path.join(top, "lib", "krbwhy")
    _, out = call(os.path.join(lib, "ld.so"), "--inhibit-cache", "--library-path", lib, "--list", os.path.join(lib, "krbwhy"))
    paths = re.findall(r"=> (/.*) \(", out)
    report(len(paths) > 10 and all(p.startswith(lib + "/") or p.endswith("/ld.so") for p in paths) and "not found" not in out,
           "tarball-has-every-library", out)
    called = {os.path.basename(p) for p in paths} - {"ld.so"}
    report({os.path.basename(p) for p in glob.glob(lib + "/lib*")} == called, "tarball-has-no-other-library",
           {os.path.basename(p) for p in glob.glob(lib + "/lib*")} ^ called)
    report(len(os.listdir(os.path.join(top, "share", "doc", "krbwhy", "licences"))) > 10 or not shutil.which("dpkg-query"), "tarball-has-the-licences")
    wanted = ("README", "share/man/man1/krbwhy.1", "share/bash-completion/completions/krbwhy", "share/krbwhy/wireshark/krbwhy.lua")
    report(all(os.path.exists(os.path.join(top, w)) for w in wanted), "tarball-has-pages-completions-plugin")
    code, out = call(sys.executable, os.path.join(ROOT, "tests", "e2e", "test_sandbox.py"), env=dict(os.environ, KRBWHY=link))
    report(code == 0 and "ok killed-worker" in out, "tarball-keeps-the-sandbox", out[-2000:])
    return packed


# ---- the Debian package ----

def changelog():
    with open(os.path.join(ROOT, "share", "debian", "changelog"), encoding="utf-8") as file:
        first = file.readline()
    report(first.startswith(f"krbwhy ({version()})"), "changelog-has-the-version-of-the-Makefile", first)


def deb(folder):
    """Builds without optimisation, which is quicker and changes nothing of the packaging."""
    for tool in ("dh", "dpkg-buildpackage", "dpkg-deb"):
        if not shutil.which(tool):
            skip("deb", "no " + tool)
            return
    packed = os.path.join(ROOT, "build", "packages", "quick")  # the same place each time: for ccache
    code, out = make("deb", f"PACKED={packed}", "DEB_BUILD_OPTIONS=noopt")
    if not report(code == 0, "deb-is-built", out[-3000:]):
        return
    package, = glob.glob(packed + "/krbwhy_*.deb")
    lint(package)
    _, depends = call("dpkg-deb", "-f", package, "Depends")
    needed = ("libc6", "libpcap0.8", "libkrb5-3", "libseccomp2")
    report(all(n in depends for n in needed) and "-dev" not in depends and "${" not in depends, "deb-depends-on-libraries", depends)
    root = os.path.join(folder, "root")
    call("dpkg-deb", "-x", package, root)
    evidence = os.path.join(folder, "names.txt")
    with open(evidence, "wb") as file:
        file.write(EVIDENCE)
    answers("deb", os.path.join(root, "usr/bin/krbwhy"), case=CASE, evidence=evidence)
    wanted = ("man/man1/krbwhy.1.gz", "man/man5/krbwhy-json.5.gz", "bash-completion/completions/krbwhy", "zsh/vendor-completions/_krbwhy",
              "fish/vendor_completions.d/krbwhy.fish", "krbwhy/krbwhy-part", "krbwhy/wireshark/krbwhy.lua", "doc/krbwhy/README.md",
              "doc/krbwhy/copyright", "doc/krbwhy/causes.md")
    missing = [w for w in wanted if not os.path.exists(os.path.join(root, "usr/share", w))]
    report(not missing, "deb-has-everything", missing)
    if shutil.which("man"):
        code, out = call("man", "-w", "krbwhy", env=dict(BARE, MANPATH=os.path.join(root, "usr/share/man")))
        report(code == 0 and out.strip().endswith("krbwhy.1.gz"), "deb-man-page-is-found", out)


def lint(package):
    if not shutil.which("lintian"):
        skip("deb-lintian", "no lintian")
        return
    # Its warning about being root is about lintian itself.
    code, out = call("lintian", "--fail-on", "error,warning", package)
    tags = [l for l in out.splitlines() if re.match("[EWIN]: ", l)]
    report(code == 0 and not tags, "deb-lintian", out)


# ---- bare systems ----

def system(release, mirror):
    """The folder of a bare system, made once; None, with a skip line, when it cannot be had."""
    path = os.path.join(CHROOTS, release)
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        skip("bare-" + release, "needs root and debootstrap")
        return None
    if not os.path.exists(os.path.join(path, "etc", "os-release")):
        os.makedirs(CHROOTS, exist_ok=True)
        shutil.rmtree(path, ignore_errors=True)
        check = [] if mirror == DEBIAN else ["--no-check-gpg"]  # a bare machine has no key of that distribution
        code, out = call("debootstrap", *check, "--variant=minbase", release, path + ".new", mirror)
        if code != 0:
            shutil.rmtree(path + ".new", ignore_errors=True)
            skip("bare-" + release, "debootstrap: " + (out.strip().splitlines() or ["?"])[-1])
            return None
        os.rename(path + ".new", path)
    return path


def bare_tarball(release, mirror, packed):
    root = system(release, mirror)
    if root is None:
        return
    place = tempfile.mkdtemp(dir=os.path.join(root, "tmp"))
    try:
        os.chmod(place, 0o755)
        shutil.copy(CASE, place)
        with open(os.path.join(place, "names.txt"), "wb") as file:
            file.write(EVIDENCE)
        call("tar", "-C", place, "-xzf", packed)
        inside = place[len(root):]
        program = inside + "/" + os.path.basename(packed)[:-len(".tar.gz")] + "/bin/krbwhy"
        answers("tarball-in-" + release, "chroot", "--userspec=1000:1000", root, program, case=inside + "/reference-case.pcap",
                evidence=inside + "/names.txt")
    finally:
        shutil.rmtree(place)


def bare_deb(folder):
    """Installed by apt in a bare system of this release, tried, and purged."""
    with open("/etc/os-release", encoding="utf-8") as file:
        release = re.search(r"VERSION_CODENAME=(\S+)", file.read() + "\nVERSION_CODENAME=none").group(1)
    package = glob.glob(os.path.join(ROOT, "build", "packages", f"krbwhy_{version()}_*.deb"))
    original = system(release, DEBIAN)
    if original is None or not package:
        return
    root = os.path.join(folder, "system")
    subprocess.run(["cp", "-a", original, root], check=True)
    shutil.copy(package[0], root + "/tmp/krbwhy.deb")
    shutil.copy(CASE, root + "/tmp")
    with open(root + "/tmp/names.txt", "wb") as file:
        file.write(EVIDENCE)
    with open(root + "/etc/dpkg/dpkg.cfg.d/all", "w", encoding="utf-8") as file:
        file.write("path-include=/usr/share/*\nforce-unsafe-io\n")

    def inside(command):
        return call("chroot", root, "sh", "-c", command)

    code, out = inside("apt-get update -qq && apt-get install -y -qq --no-install-recommends man-db bash-completion")
    if code != 0:
        skip("deb-in-" + release, "apt-get: " + (out.strip().splitlines() or ["?"])[-1])
        return
    find = "find / -xdev -path '*krbwhy*' ! -path '/tmp/*' ! -path '/proc/*' ! -path '/var/cache/man/*'"
    _, before = inside(find)
    code, out = inside("apt-get install -y -qq --no-install-recommends /tmp/krbwhy.deb")
    report(code == 0, "deb-installs-in-a-bare-system", out[-2000:])
    answers("installed-deb", "chroot", root, "krbwhy", case="/tmp/reference-case.pcap", evidence="/tmp/names.txt")
    code, out = inside("man -w krbwhy krbwhy-json && man krbwhy | head -3")
    report(code == 0 and "/krbwhy.1.gz" in out and "krbwhy-json.5.gz" in out and "KRBWHY(1)" in out, "installed-deb-has-man-pages", out)
    code, out = inside("bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader krbwhy; complete -p krbwhy'")
    report("-F _krbwhy krbwhy" in out, "installed-deb-completes-in-bash", out)
    code, out = inside("dpkg -V krbwhy")
    report(code == 0 and out == "", "installed-deb-is-whole", out)
    code, out = inside("apt-get purge -y -qq krbwhy")
    _, after = inside(find)
    report(code == 0 and after == before, "deb-is-purged", out, after)


def main():
    with tempfile.TemporaryDirectory() as folder:
        changelog()
        packed = tarball(folder)
        if os.environ.get("PACKAGES") != "1":
            deb(folder)
            skip("bare-systems", "make check-packages runs them")
            return status()
        for package in glob.glob(os.path.join(ROOT, "build", "packages", "krbwhy_*.deb")):
            lint(package)
        bare_deb(folder)
        for release, mirror in (("bullseye", DEBIAN), ("bookworm", DEBIAN), ("trixie", DEBIAN), ("jammy", UBUNTU)):
            if packed:
                bare_tarball(release, mirror, packed)
    return status()


if __name__ == "__main__":
    sys.exit(main())
