# SPDX-License-Identifier: MIT
"""What the documents say about commands and options is what there is."""
import re
import sys

from tap import (ROOT, case, check, each, main, nothing, requires, run,
                 succeed)

UIOMMU, VERSION = sys.argv[1:3]

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")


def read(name):
    return (ROOT / name).read_text()


def help_of(*command):
    """The options that a command's own help names."""
    text = succeed(UIOMMU, *command, "--help").stdout
    return set(OPTION.findall(text))


def man_page(name):
    """has no warning of man or groff"""
    requires("man", "groff")
    done = run("man", "--warnings=w", "-E", "UTF-8", "-l", "-Tutf8", "-Z",
               ROOT / "man" / name,
               env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                    "MANWIDTH": "80", "MANROFFSEQ": ""})
    check(not done.returncode and not done.stderr, done.stderr)
    done = run("groff", "-man", "-ww", "-z", ROOT / "man" / name)
    check(not done.returncode and not done.stderr, done.stderr)


PAGES = ["uiommu.1", *sorted(page.name for page in
                             (ROOT / "man").glob("uiommu-*.1"))]
each(PAGES, man_page)


def same_options(page, *command):
    manual = set(OPTION.findall(read(f"man/{page}").replace("\\-", "-")))
    said = help_of(*command)
    check(said == manual, f"only in --help: {sorted(said - manual)}",
          f"only in man/{page}: {sorted(manual - said)}")


@case
def man_uiommu():
    """uiommu(1) and --help name the same options"""
    same_options("uiommu.1")


def man_command(command):
    """the man page and --help name the same options"""
    same_options(f"uiommu-{command}.1", command)


COMMANDS = [page[len("uiommu-"):-len(".1")] for page in PAGES[1:]]
each(COMMANDS, man_command)


@case
def listed():
    """uiommu(1), --help and the completion list the same commands"""
    said = re.findall(r"^  ([a-z]+) ", succeed(UIOMMU, "--help").stdout, re.M)
    manual = re.findall(r"^\.TP\n\.B ([a-z]+)$", read("man/uiommu.1"), re.M)
    check(said == manual == COMMANDS, said, manual, COMMANDS)


def complete(*words):
    """What bash offers for the last of the words."""
    script = f"""
source {ROOT}/completions/uiommu
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_uiommu
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    return succeed("bash", "-c", script, "bash", *words).stdout.split()


@case
def completion():
    """the completion offers commands, options and their values"""
    requires("bash")
    check(set(complete("uiommu", "")) ==
          {*COMMANDS, "--help", "--version"},
          complete("uiommu", ""))
    for command in COMMANDS:
        offered = set(complete("uiommu", command, "--")) - {"--"}
        check(offered == help_of(command), command,
              offered ^ help_of(command))
    check("riscv64_x4" in complete("uiommu", "draw", "--format", "riscv"))
    offered = set(complete("uiommu", "run", "--"))
    check(offered - {"--"} == help_of("run"), offered)
    check("vtdss" in complete("uiommu", "run", "--iommu", "v"))
    check(complete("uiommu", "run", "--device", "") ==
          ["edu", "edu,no-iommu", "test", "test,no-iommu"])
    check("dma" in complete("uiommu", "run", "--trace-events", ""))
    check("--iommu" not in complete("uiommu", "run", "--", "ls", "--"))


@case
def completion_values():
    """the completion's formats and models are accepted"""
    for option in ("--iommu", "--device"):
        for value in complete("uiommu", "run", option, ""):
            succeed(UIOMMU, "run", option, value, "--", "true")


def code(name):
    """The indented and fenced command lines of a document."""
    text = read(name)
    for line in re.findall(r"^    (\S.*)$", text, re.M):
        yield line.split("#")[0].strip()
    for kind, block in re.findall(r"^```(\w*)\n(.*?)^```", text,
                                  re.M | re.S):
        if kind in ("", "sh"):
            yield from block.splitlines()


def commands(document):
    """names only commands and options that exist"""
    targets = set(re.findall(r"^  make ([a-z-]+)", succeed(
        "make", "-s", "-C", ROOT, "help").stdout, re.M))
    options = help_of("run")
    wrong = []
    for line in code(document):
        words = line.split()
        if not words:
            continue
        if words[0] == "make":
            wrong += [line for w in words[1:] if re.fullmatch(r"[a-z-]+", w)
                      and w not in targets]
        if "uiommu run" in line:
            ours = line.split("uiommu run", 1)[1].split(" -- ")[0]
            wrong += [line for o in OPTION.findall(ours) if o not in options]
    nothing(wrong)


each(["README.md", "CONTRIBUTING.md", "docs/ci.md"], commands)


@case
def both_commands():
    """the README names make demo and make test"""
    check({"make demo", "make test"} <= set(code("README.md")))


@case
def picture():
    """docs/layers.svg is what tools/draw-layers draws"""
    check(succeed(ROOT / "tools/draw-layers").stdout == read("docs/layers.svg"))


@case
def version():
    """one version: the build, the command, man pages, the changelog"""
    check(succeed(UIOMMU, "--version").stdout.strip() == f"uiommu {VERSION}")
    for page in PAGES:
        check(f'"uiommu {VERSION}"' in read(f"man/{page}"), page)
    newest = re.search(r"^## (.*)$", read("CHANGELOG.md"), re.M)[1]
    check(VERSION in newest, newest)


main()
