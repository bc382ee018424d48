# SPDX-License-Identifier: MIT
"""The jobs of docs/ci.md, step by step, and an installation from their build.

A job's project is a script that compiles and runs the demo's client. uiommu
comes from a repository made of this tree, as it is now.
"""
import os
import re
import shutil
import stat
import sys
import tempfile
from pathlib import Path

from tap import ROOT, case, check, main, requires, run, succeed, tree

VERSION = sys.argv[1]
WORK = Path(tempfile.mkdtemp(prefix="uiommu-ci-"))

# Packages that a job asks for must be packages; the network is not needed.
APT = """#!/bin/sh
echo "$@" >>"$0.log"
for word; do
	case $word in
	-* | update | install) ;;
	*) dpkg-query -W "$word" >/dev/null || exit 1 ;;
	esac
done
"""

TESTS = """#!/bin/sh
set -e
cc -I uiommu/include -o client client.c
./client
"""


def fenced(heading):
    """The YAML under a heading of docs/ci.md."""
    text = (ROOT / "docs/ci.md").read_text()
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.search(r"```yaml\n(.*?)```", section, re.S)[1]


def github_steps(yaml):
    """The script of each `run:`, one line or a block."""
    for found in re.finditer(r"^( *)(?:- )?run: (.*)\n((?:\1  .*\n)*)", yaml,
                             re.M):
        yield found[3] if found[2] == "|" else found[2]


def gitlab_steps(yaml):
    """The entries of before_script and script, one after the other."""
    for part in ("before_script", "script"):
        found = re.search(rf"^  {part}:\n((?:    - .*\n)+)", yaml, re.M)
        yield "\n".join(line[6:] for line in found[1].splitlines())


def repository():
    """The tree as it is, committed."""
    where = WORK / "origin"
    if where.exists():
        return where
    for file in tree():
        to = where / file.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, to)
    git = ["git", "-C", where, "-c", "user.name=test",
           "-c", "user.email=test@localhost", "-c", "core.hooksPath=/dev/null"]
    succeed(*git, "init", "-q")
    succeed(*git, "add", "-A", "-f")
    succeed(*git, "commit", "-q", "-m", "the tree as it is")
    return where


def project(name):
    """Somebody's project: its directory and what its job finds around it."""
    where = WORK / name
    (where / "bin").mkdir(parents=True)
    for file, text in (("bin/apt-get", APT), ("run-tests.sh", TESTS)):
        (where / file).write_text(text)
        (where / file).chmod(0o755)
    shutil.copy(ROOT / "demo/client.c", where)
    # What is tested is the job, not the optimizer.
    env = {**os.environ, "UIOMMU": f"file://{repository()}",
           "CFLAGS": "-O0 -g0",
           "PATH": f"{where}/bin:{os.environ['PATH']}"}
    # As a service has them: nothing of the build that runs this test.
    for variable in ("CC", "CXX", "MAKEFLAGS", "MAKELEVEL", "DESTDIR",
                     "MESON_SOURCE_ROOT", "MESON_BUILD_ROOT"):
        env.pop(variable, None)
    return where, env


def job(name, shell, steps):
    requires("git", "make", "cc", "dpkg-query")
    where, env = project(name)
    out = ""
    steps = list(steps)
    check(len(steps) >= 2, f"too few steps: {steps}")
    for step in steps:
        done = run(*shell, step, cwd=where, env=env, timeout=240)
        out += done.stdout + done.stderr
        check(not done.returncode, f"failed: {step}", out)
    check("the same DMA again: blocked" in out, "the client did not run:", out)


@case
def github():
    """the GitHub job builds uiommu and runs a project's tests"""
    job("github", ["bash", "-e", "-c"], github_steps(fenced("GitHub Actions")))


@case
def gitlab():
    """the GitLab job does the same"""
    job("gitlab", ["sh", "-e", "-c"], gitlab_steps(fenced("GitLab")))
    log = (WORK / "gitlab/bin/apt-get.log").read_text()
    check("install" in log, "the job does not install its tools")


def installed():
    """make install into an empty directory; done once."""
    to = WORK / "destdir"
    if not to.exists():
        source = WORK / "github/uiommu"
        check((source / "build/uiommu").exists(), "the job built nothing")
        succeed("make", "-C", source, "install", f"DESTDIR={to}",
                "PREFIX=/usr", timeout=240)
    return to


@case
def files():
    """make install puts everything where it belongs"""
    to = installed()
    there = {str(f.relative_to(to)) for f in to.rglob("*") if f.is_file()}
    wanted = {f"usr/include/{h.relative_to(ROOT / 'include')}"
              for h in (ROOT / "include").rglob("*.h")}
    wanted |= {f"usr/share/man/man1/{m.name}"
               for m in (ROOT / "man").glob("*.1")}
    wanted |= {"usr/bin/uiommu",
               "usr/share/bash-completion/completions/uiommu"}
    check(wanted <= there, "missing:", *sorted(wanted - there))
    rest = {f for f in there - wanted
            if not re.fullmatch(r"usr/lib/(libuiommu\.a|pkgconfig/uiommu\.pc)", f)}
    check(not rest and len(there - wanted) == 2, "not expected:",
          *sorted(there - wanted))
    mode = (to / "usr/bin/uiommu").stat().st_mode
    check(stat.S_IMODE(mode) == 0o755, f"mode of the command: {mode:o}")


@case
def command():
    """the installed command runs"""
    done = succeed(installed() / "usr/bin/uiommu", "--version")
    check(VERSION in done.stdout, done.stdout)


@case
def library():
    """a program finds the installed library by pkg-config, links and runs"""
    requires("cc", "pkg-config")
    to = installed()
    pc = next(to.rglob("uiommu.pc"))
    env = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent),
           "PKG_CONFIG_SYSROOT_DIR": str(to)}
    version = succeed("pkg-config", "--modversion", "uiommu", env=env)
    check(version.stdout.strip() == VERSION, version.stdout)
    flags = succeed("pkg-config", "--cflags", "--libs", "uiommu", env=env)
    program = WORK / "program"
    succeed("cc", "-Wall", "-Werror", "-o", program,
            Path(__file__).parent / "library.c", *flags.stdout.split())
    done = succeed(program)
    check(done.stdout == "mapped, translated, unmapped\n", done.stdout)


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
