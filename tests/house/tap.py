# SPDX-License-Identifier: MIT
"""Test scripts in a few lines: functions marked @case, run in order, as TAP."""
import os
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

_cases = []


class Skip(Exception):
    """Raised by a case that cannot run here; says why."""


def case(function, name=None):
    """Mark a function as a case; its docstring is its name."""
    _cases.append((name or function.__doc__.split("\n")[0], function))
    return function


def each(names, function):
    """A case for each of the names: function(name)."""
    for name in names:
        case(lambda name=name: function(name), f"{function.__doc__}: {name}")


def requires(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"{program} is not installed")


def run(*command, **options):
    """Run a program to its end with no input; what it printed and its status."""
    options.setdefault("timeout", 120)
    return subprocess.run([str(word) for word in command],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", check=False, **options)


def succeed(*command, **options):
    """The same; it must succeed."""
    done = run(*command, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: exit status "
                             f"{done.returncode}\n{done.stdout}{done.stderr}")
    return done


def check(condition, *message):
    if not condition:
        raise AssertionError("\n".join(map(str, message)))


def nothing(wrong):
    """The list of complaints must be empty."""
    check(not wrong, *wrong)


def tree(*suffixes):
    """The files of the project (below ROOT), also those not committed yet."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = succeed("git", "-c", "safe.directory=*", "-C", ROOT,
                         "ls-files", "-co", "--exclude-standard").stdout
        names = listed.splitlines()
    else:
        names = [os.path.relpath(os.path.join(top, name), ROOT)
                 for top, dirs, files in os.walk(ROOT) for name in files
                 if not os.path.relpath(top, ROOT).startswith("build")]
    files = [ROOT / name for name in sorted(set(names))]
    return [f for f in files
            if f.is_file() and (not suffixes or f.suffix in suffixes)]


def main():
    print(f"1..{len(_cases)}", flush=True)
    failed = 0
    for number, (name, function) in enumerate(_cases, 1):
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            text = str(error) if isinstance(error, AssertionError) else \
                traceback.format_exc()
            for line in text.splitlines():
                print(f"# {line}")
            print(f"not ok {number} - {name}", flush=True)
    sys.exit(1 if failed else 0)
