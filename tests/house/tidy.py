# SPDX-License-Identifier: MIT
"""The tree is in order: licences, marks of unfinished work, form, links."""
import re

from tap import ROOT, case, main, nothing, requires, run, tree

TEXT = {".c", ".h", ".py", ".go", ".rs", ".md", ".build", ".txt", ".svg",
        ".S", ".sh", ".1", ""}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|stub|not implemented)\b")
# Spelled so that this file does not contain what it looks for.
HOME = re.compile(r"/(?:roo[t]/\.|hom[e]/\w|wor[k]/|tm[p]/w/)")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)|<img[^>]* src=\"([^\"]+)\"")


def texts():
    return [f for f in tree() if f.suffix in TEXT]


def name(file):
    return str(file.relative_to(ROOT))


def lines(file):
    return enumerate(file.read_text(errors="replace").splitlines(), 1)


@case
def licences():
    """every source names its licence"""
    nothing([name(f) for f in tree(".c", ".h", ".py", ".go", ".rs", ".build")
             if "SPDX-License-Identifier: MIT" not in
             "\n".join(f.read_text().splitlines()[:2])])


@case
def finished():
    """no marks of unfinished work"""
    nothing([f"{name(f)}:{n}: {line.strip()}" for f in texts()
             if f.parts[len(ROOT.parts)] in ("src", "include", "examples")
             for n, line in lines(f) if UNFINISHED.search(line)])


@case
def no_paths():
    """no path of the machine that it was written on"""
    nothing([f"{name(f)}:{n}: {line.strip()}" for f in texts()
             for n, line in lines(f) if HOME.search(line)])


@case
def white_space():
    """no trailing blanks, one newline at the end"""
    wrong = []
    for f in texts():
        text = f.read_text(errors="replace")
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            wrong.append(f"{name(f)}: end of file")
        wrong += [f"{name(f)}:{n}: trailing blank" for n, line in lines(f)
                  if line != line.rstrip()]
    nothing(wrong)


@case
def torn():
    """no comment has been torn by a formatter"""
    wrong = []
    for f in tree(".c", ".h"):
        inside = False
        for n, line in lines(f):
            if inside and re.match(r"\s*\*[A-Za-z0-9@]", line):
                wrong.append(f"{name(f)}:{n}: {line.strip()}")
            if line.strip().startswith("/*"):
                inside = True
            if "*/" in line:
                inside = False
    nothing(wrong)


@case
def form():
    """C sources have the form of .clang-format"""
    requires("clang-format")
    wrong = []
    for f in tree(".c", ".h"):
        done = run("clang-format", "--dry-run", "-Werror",
                   "--ferror-limit=1", f)
        if done.returncode:
            wrong.append(done.stderr.split("\n")[0].replace(f"{ROOT}/", ""))
    nothing(wrong)


@case
def links():
    """links of the documents lead somewhere"""
    wrong = []
    for f in tree(".md"):
        for found in LINK.finditer(f.read_text()):
            target = found[1] or found[2]
            if "://" not in target and not (f.parent / target).exists():
                wrong.append(f"{name(f)}: {target}")
    nothing(wrong)


main()
