# SPDX-License-Identifier: MIT
"""Where two runs of the same clients differ.

oracle.py LINUX OURS NAME [EXPLANATIONS] - two outputs, what to call the first, and
a file of differences that are known: a line with the rule, then lines that begin with
a tab and say why.

The exit status is 0 if no difference is without an explanation.
"""
import re
import sys


def rules(path):
    """Rule: [result, what was wrong], in the order of the output."""
    found, last, program = {}, None, ""
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = line.strip()
            match = re.match(r"(ok|not ok) \d+ - (.*?)(?: # SKIP (.*))?$", line)
            if line.startswith("# program: "):
                program, last = line[len("# program: "):], None
            elif match:
                last = match[2]
                if program != "conformance":
                    last = f"{program}: {last}"
                found[last] = ["skip" if match[3] else match[1],
                               match[3] or ""]
            elif line.startswith("# ") and last and found[last][0] == "not ok":
                found[last][1] = found[last][1] or line[2:].strip()
    return found


def sequences(path):
    """Seed: what conformance-random has said of it."""
    found, seed, on = {}, None, False
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = line.rstrip()
            if line.startswith("# "):
                on = line == "# program: random"
            elif on and line.startswith("seed "):
                seed = found.setdefault(line, [])
            elif on and seed is not None:
                seed.append(line)
    return found


def print_sequences(linux, ours, name):
    """Where each sequence of requests parts. Return: how many do."""
    parted = 0
    for seed, theirs in linux.items():
        mine = ours.get(seed, [])
        if theirs == mine:
            continue
        parted += 1
        for step, (one, other) in enumerate(zip(theirs, mine)):
            if one != other:
                print(f"conformance-random, {seed}, line {step}\n"
                      f"    {name}: {one}\n    uiommu: {other}")
                break
    print(f"{len(linux)} random sequences of requests, {parted} part")
    return parted


def explanations(path):
    """Rule: why it differs."""
    known, rule = {}, None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("\t"):
                known[rule] = (known[rule] + " " + line.strip()).strip()
            elif line.strip() and not line.startswith("#"):
                rule = line.strip()
                known[rule] = ""
    return known


def say(result):
    word, why = result
    return {"ok": "holds", "not ok": "does not hold",
            "skip": "not checked"}[word] + (f" ({why})" if why else "")


def print_unchecked(linux, ours, name):
    """What Linux could not be asked, by the reason."""
    reasons = {}
    for rule in ours:
        word, why = linux.get(rule, ("skip", "the machine did not get to it"))
        if word == "skip" and ours[rule][0] != "skip":
            reasons.setdefault(why, []).append(rule)
    for why, which in reasons.items():
        print(f"not checked by {name}: {why}")
        for rule in which:
            print(f"    {rule}")


def main():
    linux, ours, name = rules(sys.argv[1]), rules(sys.argv[2]), sys.argv[3]
    known = explanations(sys.argv[4]) if len(sys.argv) > 4 else {}
    print_unchecked(linux, ours, name)
    parted = print_sequences(sequences(sys.argv[1]), sequences(sys.argv[2]),
                             name)
    both = different = unknown = 0
    for rule in linux:
        theirs, mine = linux[rule], ours.get(rule, ["skip", "not in this run"])
        if "skip" in (theirs[0], mine[0]):
            continue
        both += 1
        if theirs[0] == mine[0]:
            continue
        different += 1
        why = known.get(rule)
        unknown += not why
        print(f"{rule}\n    {name}: {say(theirs)}\n    uiommu: {say(mine)}")
        print(f"    {why or 'NOBODY KNOWS WHY'}")
    print(f"{both} rules checked by both, {different} differ, "
          f"{unknown} of them without an explanation")
    return unknown + parted != 0


sys.exit(main())
