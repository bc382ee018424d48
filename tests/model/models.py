# SPDX-License-Identifier: MIT
"""models.py [MODEL...]: the models hold, and fail without any one barrier."""
import re
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
# pylint: disable=wrong-import-position
from tap import ROOT, case, check, main, nothing, requires, run  # noqa: E402

SWITCH = re.compile(r"\bNO_[A-Z_]+\b")
ROW = re.compile(r"^\| `(NO_\w+)` \| .* \| `(\w+)` \| (.*) \|$")
SOURCE = re.compile(r"`((?:src|include)/[^`]+)`((?:(?:, )? ?`\w+\(\)`)*)")


def models():
    return sorted(f.stem for f in HERE.glob("*.pml") if f.stem != "weak")


def table():
    """model -> {switch: property}, as the README says."""
    rows, model = {}, None
    for line in (HERE / "README.md").read_text().splitlines():
        if line.startswith("#"):
            heading = line.strip("# ")
            model = heading[:-4] if heading.endswith(".pml") else None
        row = ROW.match(line)
        if row:
            check(model, f"no heading of a model above: {line}")
            rows.setdefault(model, {})[row[1]] = row[2]
    return rows


def switches(model):
    """Those of the model, and of the parts of the memory that it uses."""
    text = (HERE / f"{model}.pml").read_text()
    found = set(SWITCH.findall(text))
    if re.search(r"\block\(", text):
        found |= set(SWITCH.findall((HERE / "weak.pml").read_text()))
    return found


def verify(model, *defines, optimise="-O0"):
    """What Spin's verifier says, and the trail to what it found."""
    requires("spin", "cc")
    with tempfile.TemporaryDirectory() as work:
        for file in HERE.glob("*.pml"):
            shutil.copy(file, work)
        spin = run("spin", "-a", *defines, f"{model}.pml", cwd=work)
        check(not spin.returncode and (Path(work) / "pan.c").exists(),
              spin.stdout, spin.stderr)
        cc = run("cc", optimise, "-w", "-DSAFETY", "-DMEMLIM=2000", "-o",
                 "pan", "pan.c", cwd=work)
        check(not cc.returncode, cc.stderr)
        pan = run("./pan", "-m100000", cwd=work)
        trail = ""
        if (Path(work) / f"{model}.pml.trail").exists():
            trail = run("spin", "-t", "-p", *defines, f"{model}.pml",
                        cwd=work).stdout
    text = pan.stdout + pan.stderr
    check("errors: " in text, text)
    nothing([line for line in text.splitlines()
             if re.search(r"MEMLIM|out of memory|max search depth too small|"
                          r"search was not completed|aborted", line)
             and "assertion" not in line and not trail])
    return text, trail


def holds(model):
    """with all its barriers nothing breaks, and no statement is idle"""
    text, trail = verify(model, optimise="-O1")
    check("errors: 0" in text, text, trail)
    idle = [line for line in text.splitlines()
            if f"{model}.pml:" in line and '"-end-"' not in line]
    nothing([f"never reached: {line.strip()}" for line in idle])


def breaks(model, switch, breaking):
    text, trail = verify(model, f"-D{switch}")
    check("errors: 0" not in text, f"{switch} does no harm", text)
    check(f"assertion violated {breaking}" in text,
          f"the README says that it breaks {breaking}", text, trail)


def readme():
    """the README names every switch, and what it names is there"""
    rows, wrong = table(), []
    for model in MODELS:
        named = set(rows.get(model, {}))
        wrong += [f"{model}: {switch} is only in the README" if switch in named
                  else f"{model}: {switch} is not in the README"
                  for switch in named ^ switches(model)]
    for path, functions in SOURCE.findall((HERE / "README.md").read_text()):
        if not (ROOT / path).exists():
            wrong.append(f"no file {path}")
        source = (ROOT / path).read_text() if functions else ""
        wrong += [f"no {name} in {path}" for name in
                  re.findall(r"\w+(?=\(\))", functions)
                  if not re.search(rf"\b{name}\(", source)]
    nothing(wrong)


def add(model):
    case(lambda: holds(model), f"{model}: {holds.__doc__}")
    for switch, breaking in table().get(model, {}).items():
        case(lambda s=switch, b=breaking: breaks(model, s, b),
             f"{model}: without {switch} it breaks {breaking}")


MODELS = sys.argv[1:] or models()
case(readme)
for one in MODELS:
    add(one)
main()
