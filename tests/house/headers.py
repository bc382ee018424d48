# SPDX-License-Identifier: MIT
"""Every public header compiles alone, as C11 and as C++."""
import shutil

from tap import ROOT, Skip, case, check, each, main, run

PUBLIC = sorted(str(h.relative_to(ROOT / "include"))
                for h in (ROOT / "include").rglob("*.h"))
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-function"]


def compiles(header, compilers, options):
    """With every compiler that is there; in C also twice and in vain."""
    found = [c for c in compilers if shutil.which(c)]
    if not found:
        raise Skip(f"none of {', '.join(compilers)} is installed")
    for compiler in found:
        done = run(compiler, *options, *WARNINGS, "-fsyntax-only",
                   "-I", ROOT / "include", "-include", header,
                   "-include", header, "/dev/null")
        check(not done.returncode, f"{compiler}:", done.stderr)


def as_c(header):
    """compiles alone as C11"""
    compiles(header, ["gcc", "clang"], ["-x", "c", "-std=c11", "-pedantic"])


def as_cxx(header):
    """compiles alone as C++"""
    compiles(header, ["g++", "clang++"], ["-x", "c++", "-std=c++14"])


@case
def there_are_some():
    """there are public headers"""
    check(len(PUBLIC) > 5, f"only {PUBLIC}")


each(PUBLIC, as_c)
each(PUBLIC, as_cxx)
main()
