# SPDX-License-Identifier: MIT
"""Where two runs of the conformance client differ.

oracle.py LINUX OURS NAME - two outputs, and what to call the first.

The exit status is 0 if they are alike in what both could check.
"""
import re
import sys


def rules(path):
    """Rule: (result, what was wrong), in the order of the output."""
    found, last = {}, None
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = re.match(r"(ok|not ok) \d+ - (.*?)(?: # SKIP (.*))?$",
                             line.strip())
            if match:
                last = match[2]
                found[last] = ("skip" if match[3] else match[1],
                               match[3] or "")
            elif line.startswith("# ") and last and found[last] == ("not ok", ""):
                found[last] = ("not ok", line[2:].strip())
    return found


def say(result):
    word, why = result
    return {"ok": "holds", "not ok": "does not hold",
            "skip": "not checked"}[word] + (f" ({why})" if why else "")


def main():
    linux, ours, name = rules(sys.argv[1]), rules(sys.argv[2]), sys.argv[3]
    different = 0
    for rule in [*linux, *(r for r in ours if r not in linux)]:
        theirs = linux.get(rule, ("skip", "not in this run"))
        mine = ours.get(rule, ("skip", "not in this run"))
        if theirs[0] == mine[0]:
            continue
        if "skip" not in (theirs[0], mine[0]):
            different += 1
        print(f"{rule}\n    {name}: {say(theirs)}\n    uiommu: {say(mine)}")
    both = sum(1 for rule in linux
               if "skip" not in (linux[rule][0], ours.get(rule, ("skip",))[0]))
    print(f"{both} rules checked by both, {different} differ")
    return different != 0


sys.exit(main())
