# SPDX-License-Identifier: MIT
"""The clients of demo/ under uiommu run: every language, every way of life."""
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tap import ROOT, Skip, case, check, each, main, nothing, requires, run, succeed

UIOMMU = Path(sys.argv[1]).resolve()
WORK = Path(tempfile.mkdtemp(prefix="uiommu-demo-"))

# The last of the numbered lines, and where the DMA of each is blocked.
BLOCKED = "the same DMA again: blocked, all 4096 bytes are still 0xaa"
C_FAULT = "0x2201000"
FAULT = "0x101000"


def compiled(name, *command):
    """The program, compiled once."""
    program = WORK / name
    if not program.exists():
        requires(command[0])
        env = {**os.environ, "HOME": str(WORK),
               "GOCACHE": str(WORK / "go-cache")}
        for variable in ("HOME", "RUSTUP_HOME", "CARGO_HOME"):
            if variable in os.environ:
                env[variable] = os.environ[variable]
        succeed(*command, env=env)
    return program


def client(static=False, *more):
    name = "client-static" if static else "client"
    return compiled(name, "cc", "-O2", "-Wall", "-Wextra", "-Wconversion",
                    "-Werror", *(["-static"] if static else []),
                    "-I", ROOT / "include", "-o", WORK / name,
                    ROOT / "demo/client.c")


def one_fault(done, address):
    """Standard error is one line: the fault."""
    lines = done.stderr.splitlines()
    check(len(lines) == 1, "standard error:", *lines)
    check(lines[0].startswith("uiommu: ") and "write" in lines[0] and
          address in lines[0], lines[0])


def numbered(text):
    return [m[0] for m in re.finditer(r"^ ?\d+  .*$", text, re.M)]


def check_client(done, address=C_FAULT):
    check(not done.returncode, f"exit status {done.returncode}", done.stdout,
          done.stderr)
    lines = numbered(done.stdout)
    check([int(line.split()[0]) for line in lines] ==
          list(range(1, len(lines) + 1)), *lines)
    check(lines and lines[-1].endswith(BLOCKED), done.stdout)
    one_fault(done, address)


def options(mode):
    return [] if mode == "plain" else [f"--{mode}"]


def dynamic(mode):
    """dynamic program"""
    check_client(run(UIOMMU, "run", "--", client(), *options(mode)))


def static(mode):
    """static program"""
    check_client(run(UIOMMU, "run", "--", client(True), *options(mode)))


MODES = ["plain", "fork", "exec", "pass-fd"]
each(MODES, dynamic)
each(MODES, static)


def other_format(fmt):
    """the dynamic program over page tables of"""
    check_client(run(UIOMMU, "run", "--iommu", fmt, "--", client()))


each(["amdv1", "amdv1_mock", "x86_64"], other_format)


@case
def as_nobody():
    """as nobody, with nothing but a working directory of its own"""
    if os.getuid():
        raise Skip("not root: the other cases ran as an ordinary user already")
    command = Path(shutil.copy(UIOMMU, WORK / "uiommu"))
    WORK.chmod(0o755)
    check_client(run(command, "run", "--", client(), user=65534, group=65534,
                     extra_groups=[], cwd="/", env={"PATH": "/usr/bin:/bin"}))


def other_language(done, name):
    check(not done.returncode, f"exit status {done.returncode}", done.stdout,
          done.stderr)
    check(done.stdout == f"{name}: 4096 bytes went through the device\n"
          f"{name}: after the unmap the same DMA is blocked\n", done.stdout)
    one_fault(done, FAULT)


@case
def python():
    """a Python script"""
    other_language(run(UIOMMU, "run", "--", "python3",
                       ROOT / "demo/client.py"), "python")


@case
def go():
    """a Go program"""
    program = compiled("client-go", "go", "build", "-o", WORK / "client-go",
                       ROOT / "demo/client.go")
    other_language(run(UIOMMU, "run", "--", program), "go")


@case
def rust():
    """a Rust program"""
    program = compiled("client-rs", "rustc", "--edition", "2021", "-O", "-o",
                       WORK / "client-rs", ROOT / "demo/client.rs")
    other_language(run(UIOMMU, "run", "--", program), "rust")


@case
def without():
    """without uiommu the client fails in one line and leaves no mess"""
    if Path("/dev/iommu").exists():
        raise Skip("this machine has a /dev/iommu")
    done = run(client())
    check(done.returncode == 1 and not done.stdout, done.stdout)
    check(re.fullmatch(r"client: .*\n", done.stderr), done.stderr)
    check(run(client(), "--what").returncode == 2)


@case
def newer_headers():
    """the client compiles with the kernel's headers where they are new enough"""
    fake = WORK / "include/linux"
    fake.mkdir(parents=True)
    (fake / "version.h").write_text(
        "#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))\n"
        "#define LINUX_VERSION_CODE KERNEL_VERSION(6, 6, 0)\n")
    for name in ("iommufd.h", "vfio.h"):
        (fake / name).symlink_to(ROOT / "include/uiommu" / name)
    succeed("cc", "-Wall", "-Werror", "-fsyntax-only", "-I", fake.parent,
            ROOT / "demo/client.c")


@case
def whole():
    """make demo's script: under ten seconds, with tree, walk and fault"""
    build = WORK / "build"
    build.mkdir()
    (build / "uiommu").symlink_to(UIOMMU)
    start = time.monotonic()
    done = succeed(ROOT / "demo/demo", build)
    took = time.monotonic() - start
    check(took < 10, f"it took {took:.1f} s")
    check(done.stdout.count(BLOCKED) == 2, done.stdout)
    for address, times in ((C_FAULT, 2), (FAULT, 1)):
        found = re.findall(rf"^uiommu: fault: .*{address}\b", done.stdout, re.M)
        check(len(found) == times, address, done.stdout)
    check("IOVA" in done.stdout and "level 1" in done.stdout, done.stdout)
    check("python: after the unmap" in done.stdout, done.stdout)


def leave_numbers(text):
    """Addresses of physical memory differ from run to run."""
    return re.sub(r"[0-9a-f]{9,}", "#", text)


@case
def readme():
    """the README shows what is really printed"""
    done = run(UIOMMU, "run", "--show", "--", client(),
               env={**os.environ, "LC_ALL": "C.UTF-8"})
    real = leave_numbers(done.stdout + done.stderr).splitlines()
    block = re.search(r"```console\n\$ .*run --show[^\n]*\n(.*?)```",
                      (ROOT / "README.md").read_text(), re.S)[1]
    shown = leave_numbers(block).splitlines()
    nothing([f"not printed: {line}" for line in shown
             if line not in real and not line.startswith("[")])
    nothing([f"not shown: {line}" for line in numbered(done.stdout)
             if line not in shown])


@case
def readme_images():
    """the README shows what dump, walk and check really print"""
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    tables = WORK / "tables"
    succeed(UIOMMU, "run", "--dump-on-exit", tables, "--", client())
    block = re.search(r"```console\n\$ [^\n]*--dump-on-exit[^\n]*\n(.*?)```",
                      (ROOT / "README.md").read_text(), re.S)[1]
    parts = re.split(r"^\$ build/uiommu (.*)\n", block, flags=re.M)[1:]
    check(len(parts) == 6, parts)
    for words, shown in zip(parts[::2], parts[1::2]):
        words = [str(tables / w[len("tables/"):]) if w.startswith("tables/")
                 else w for w in words.split()]
        real = run(UIOMMU, *words, env=env).stdout
        check(leave_numbers(real) == leave_numbers(shown), words, real, shown)


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
