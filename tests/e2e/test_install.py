#!/usr/bin/env python3
"""make install and uninstall with prefix and DESTDIR: what is there, that it works from there, and that nothing stays."""
import os
import re
import subprocess
import sys
import tempfile

from common import FIXTURES, make, report, status

PREFIX = "/opt/krb"
WANTED = ("bin/krbwhy", "share/man/man1/krbwhy.1", "share/man/man5/krbwhy-json.5",
          "share/bash-completion/completions/krbwhy", "share/zsh/site-functions/_krbwhy",
          "share/fish/vendor_completions.d/krbwhy.fish", "share/krbwhy/krbwhy-part", "share/krbwhy/krbwhy.sbatch",
          "share/doc/krbwhy/README.md", "share/doc/krbwhy/COPYING", "share/doc/krbwhy/krbwhy-1.schema.json")


def run_make(target, folder):
    code, out = make(target, f"DESTDIR={folder}", f"prefix={PREFIX}")
    return report(code == 0, "make-" + target, out[-2000:])


def files(folder):
    return sorted(os.path.relpath(os.path.join(base, n), folder) for base, _, names in os.walk(folder) for n in names)


def read(path):
    with open(path, "rb") as file:
        return file.read().decode()


def main():
    with tempfile.TemporaryDirectory() as folder:
        at = folder + PREFIX
        os.makedirs(os.path.join(at, "share", "krbwhy"))
        other = os.path.join(at, "share", "krbwhy", "of somebody else")
        with open(other, "w", encoding="utf-8"):
            pass
        if not run_make("install", folder):
            return status()
        missing = [w for w in WANTED if not os.path.exists(os.path.join(at, w))]
        report(not missing, "installed", missing)
        report(all(f.startswith(PREFIX[1:] + "/") for f in files(folder)), "nothing-outside-the-prefix", files(folder))
        modes = {w: os.stat(os.path.join(at, w)).st_mode & 0o777 for w in WANTED}
        report(all(m == (0o755 if re.search("bin/|krbwhy-part|sbatch", w) else 0o644) for w, m in modes.items()), "modes", modes)
        text = read(os.path.join(at, "share/man/man1/krbwhy.1")) + read(os.path.join(at, "share/krbwhy/krbwhy.sbatch"))
        report(PREFIX + "/share/krbwhy" in text and "PREFIX/" not in text and "/usr/local" not in text, "the-prefix-is-filled-in")
        program = os.path.join(at, "bin", "krbwhy")
        done = subprocess.run([program, os.path.join(FIXTURES, "reference-case", "reference-case.pcap")], cwd="/",
                              stdout=subprocess.PIPE, check=False)
        report(done.returncode == 1 and b"cname-spn" in done.stdout, "the-installed-program-works", done)
        out = os.path.join(folder, "out")
        done = subprocess.run([os.path.join(at, "share", "krbwhy", "krbwhy-part"), folder, os.path.join(FIXTURES, "reference-case")],
                              env=dict(os.environ, KRBWHY=program), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        parts = [f for f in os.listdir(folder) if f.endswith(".part")]
        report(done.returncode == 0 and len(parts) == 1, "the-installed-script-works", done, out)
        for name in os.listdir(folder):
            if name.endswith((".part", ".log")):
                os.unlink(os.path.join(folder, name))
        run_make("uninstall", folder)
        report(files(folder) == [os.path.relpath(other, folder)], "nothing-stays-but-what-is-others'", files(folder))
        report(not os.path.exists(os.path.join(at, "share", "doc", "krbwhy")), "its-folders-are-gone")
    return status()


if __name__ == "__main__":
    sys.exit(main())
