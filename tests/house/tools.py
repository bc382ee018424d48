# SPDX-License-Identifier: MIT
"""The tools around the build: what the counting counts, what set-up says."""
import importlib.machinery
import importlib.util
import os
import tempfile
from pathlib import Path

from tap import ROOT, Skip, case, check, main, requires, run, succeed

loader = importlib.machinery.SourceFileLoader("uiommu_test",
                                              str(ROOT / "tools/test"))
tool = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("uiommu_test", loader))
loader.exec_module(tool)
GCC = tool.CONFIGS[0]


def count(stdout, result="OK", returncode=0):
    tally = tool.count({"name": "uiommu:pt / laws", "stdout": stdout,
                        "result": result, "returncode": returncode}, GCC)
    return tally.passed, tally.failed, tally.skipped


@case
def counts_tap():
    """every TAP case is counted"""
    check(count("1..3\nok 1 - a\nok 2 - b\nok 3 c\n") == (3, 0, 0))
    check(count("1..2\nok 1 - a\nnot ok 2 - b\n", "FAIL", 1) == (1, 1, 0))


@case
def counts_skips():
    """skips are counted, with their reason, also in cmocka's form"""
    check(count("1..2\nok 1 - a # SKIP no go\nok 2\n") == (1, 0, 1))
    check(count("1..2\nnot ok 1 - a # SKIP\nok 2\n", "FAIL") == (1, 0, 1))
    check(count("1..0 # SKIP nothing here\n", "SKIP") == (0, 0, 1))
    tally = tool.count({"name": "s / t", "result": "OK", "returncode": 0,
                        "stdout": "1..1\nok 1 - a # SKIP no go\n"}, GCC)
    check(tally.skips == {("t: a", "no go"): ["gcc"]}, tally.skips)


@case
def counts_deaths():
    """a test that dies, hangs or loses cases fails, whatever it printed"""
    check(count("1..3\nok 1\n", "ERROR", -11) == (1, 1, 0))
    check(count("1..1\nok 1\n", "TIMEOUT", -15) == (1, 1, 0))
    check(count("1..1\nok 1\n", "ERROR", 0) == (1, 1, 0))
    check(count("1..2\nok 1 # SKIP x\n", "ERROR", 0) == (0, 1, 1))
    check(count("", "FAIL", 1) == (0, 1, 0))


@case
def counts_plain():
    """a test without TAP is one case"""
    check(count("hello\n") == (1, 0, 0))
    check(count("no runtime here\n", "SKIP", 77) == (0, 0, 1))


@case
def nothing_is_failure():
    """zero cases are a failure"""
    done = run(ROOT / "tools/test", "--config", "none-of-that-name")
    check(done.returncode == 1, done.returncode)
    check(done.stdout.endswith("0 passed, 0 failed\n"), done.stdout)


def path_of(directory, *programs):
    """A PATH on which only these programs are."""
    for program in programs:
        found = next(Path(p) / program for p in ("/usr/bin", "/bin")
                     if (Path(p) / program).exists())
        (directory / program).symlink_to(found)
    return str(directory)


PLAIN = ("sh", "sort", "tr", "id", "ls", "cut", "mktemp", "rm", "env", "tail")


@case
def setup_quiet():
    """set-up says nothing when nothing is missing"""
    done = succeed(ROOT / "tools/setup", "build")
    check(not done.stdout + done.stderr, done.stdout, done.stderr)


@case
def setup_explains():
    """set-up without apt-get says what to install, and fails"""
    with tempfile.TemporaryDirectory() as directory:
        env = {"PATH": path_of(Path(directory), *PLAIN)}
        done = run("/bin/sh", ROOT / "tools/setup", "build", env=env)
    check(done.returncode == 1, done.returncode)
    for word in ("gcc", "ninja-build", "pkgconf", "no apt-get"):
        check(word in done.stderr, f"{word}:", done.stderr)


@case
def setup_unprivileged():
    """set-up as an ordinary user without sudo says what to install"""
    if os.getuid():
        raise Skip("not root, so no other user can be tried")
    requires("apt-get")
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        script = Path(directory) / "setup"
        script.write_text((ROOT / "tools/setup").read_text())
        script.chmod(0o755)
        env = {"PATH": path_of(Path(directory), *PLAIN, "apt-get")}
        done = run("/bin/sh", script, "build", env=env, user=65534,
                   group=65534, extra_groups=[], cwd="/")
    check(done.returncode == 1, done.returncode)
    check("not root" in done.stderr and "ninja-build" in done.stderr,
          done.stderr)
    check("installing" not in done.stdout, done.stdout)


@case
def setup_installs():
    """set-up as root installs what is missing, and nothing else"""
    if os.getuid():
        raise Skip("not root")
    with tempfile.TemporaryDirectory() as directory:
        where = Path(directory)
        log = where / "log"
        env = {"PATH": path_of(where, *PLAIN, "gcc", "pkg-config", "python3")}
        apt = where / "apt-get"
        apt.write_text(f"#!/bin/sh\necho \"$@\" >>{log}\n")
        apt.chmod(0o755)
        (where / "cc").symlink_to("/usr/bin/gcc")
        done = run("/bin/sh", ROOT / "tools/setup", "build", env=env)
        check(not done.returncode, done.stderr)
        words = log.read_text().split()
    check("ninja-build" in words and "gcc" not in words, words)


@case
def ci():
    """.ci/run runs make test, from anywhere, and nothing less"""
    text = (ROOT / ".ci/run").read_text()
    check("make test" in text and "set -e" in text, text)
    check(os.access(ROOT / ".ci/run", os.X_OK))
    requires("make")
    with tempfile.TemporaryDirectory() as directory:
        where = Path(directory)
        (where / "make").write_text("#!/bin/sh\necho \"$PWD: $@\"; exit 7\n")
        (where / "make").chmod(0o755)
        done = run(ROOT / ".ci/run", cwd="/",
                   env={"PATH": f"{directory}:/usr/bin:/bin"})
    check(done.returncode == 7 and done.stdout == f"{ROOT}: test\n",
          done.returncode, done.stdout)


main()
