#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/writing-a-format.md: its format compiles and keeps the laws.

The guide's code is put together from its blocks, whole and as far as the reader has
it at some points. Speaks TAP.
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])
LIBRARY = sys.argv[2]
COMPILER = shlex.split(sys.argv[3])
CMOCKA = shlex.split(sys.argv[4])
GUIDE = SOURCE / "docs/writing-a-format.md"
FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Wconversion", "-Werror",
         "-Wno-unused-parameter", "-fvisibility=hidden",
         f"-I{SOURCE}/include", f"-I{SOURCE}/src", f"-I{SOURCE}/tests/pt"]
BLOCK = re.compile(r"<!-- file: (\S+) -->\n```c\n(.*?)```", re.S)


def files():
    """The guide's files, each put together from its blocks."""
    out = {}
    for name, text in BLOCK.findall(GUIDE.read_text()):
        out[name] = out.get(name, "") + text
    return out


def build(code, *args, libraries=()):
    """Compile the files @code; what the compiler said."""
    with tempfile.TemporaryDirectory() as tmp:
        for name, text in code.items():
            path = pathlib.Path(tmp) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return subprocess.run(
            [*COMPILER, *FLAGS, f"-I{tmp}", *args, f"{tmp}/toy.c", *libraries],
            capture_output=True, text=True, check=False)


def compiles(code):
    done = build(code, "-O2", "-c", "-o", "/dev/null")
    return done.returncode == 0, done.stderr


def keeps_laws(code):
    with tempfile.TemporaryDirectory() as tmp:
        program, unit = f"{tmp}/laws", f"{tmp}/toy.o"
        done = build(code, "-O2", "-c", "-o", unit)
        if not done.returncode:
            done = build(code, "-DPT_TEST", "-Wno-unused-function",
                         "-o", program, f"{SOURCE}/tests/pt/ref.c",
                         libraries=[unit, LIBRARY, *CMOCKA, "-lpthread"])
        if done.returncode:
            return False, done.stderr
        run = subprocess.run([program], capture_output=True, text=True,
                             check=False)
        return run.returncode == 0, run.stdout + run.stderr


def asks_for_hook(code):
    """After the first block of the header the compiler says what the page says."""
    text = GUIDE.read_text()
    first = next(t for name, t in BLOCK.findall(text) if name == "fmt/toy.h")
    said = re.search(r'error: "(the format defines no pt_\w+)"', text)[1]
    done = build({**code, "fmt/toy.h": first + "#endif\n"},
                 "-c", "-o", "/dev/null")
    asked = re.findall(r"the format defines no pt_\w+", done.stderr)
    return done.returncode != 0 and asked[:1] == [said], done.stderr


def asks_for_configurations(code):
    without = code["fmt/toy.h"].replace("#define pt_test_cfgs", "//")
    done = build({**code, "fmt/toy.h": without},
                 "-DPT_TEST", "-c", "-o", "/dev/null")
    wanted = "the format defines no pt_test_cfgs"
    return done.returncode != 0 and wanted in done.stderr, done.stderr


TESTS = [
    ("the empty header: the compiler asks for the first hook", asks_for_hook),
    ("the whole format compiles", compiles),
    ("without test configurations it is no test", asks_for_configurations),
    ("it keeps the laws", keeps_laws),
]


def main():
    code = files()
    print(f"1..{len(TESTS)}")
    failed = False
    for number, (name, test) in enumerate(TESTS, 1):
        good, output = test(code)
        failed |= not good
        print("ok" if good else "not ok", number, "-", name)
        if not good:
            print("".join(f"# {line}\n" for line in output.splitlines()[-20:]))
    return failed


sys.exit(main())
