# SPDX-License-Identifier: MIT
"""Run a bare-metal guest in an emulator; what it says on its console is TAP.

run.py [--full] [--limit SECONDS] GUEST SUCCESS EMULATOR ARGUMENT...

GUEST is its image, put where an ARGUMENT says @guest. SUCCESS is the exit status of an
emulator whose guest has found nothing wrong. With --full the emulator is the newer one
that tools/fetch-qemu unpacks. No emulator, or no image, because there is no compiler for
that machine, is a skip, but not where CI is set.
"""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path


def leave(why):
    """The reason to run nothing: a skip, or a failure."""
    if os.environ.get("CI"):
        print(f"1..1\nnot ok 1 - {why}")
        sys.exit(1)
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def wait(machine, limit):
    """The emulator's exit status."""
    try:
        return machine.wait(limit)
    except subprocess.TimeoutExpired:
        machine.kill()
        machine.wait()
        print(f"Bail out! no end within {limit} seconds")
        sys.exit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("guest")
    parser.add_argument("success", type=int)
    parser.add_argument("emulator")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    emulator = args.emulator
    if args.full:
        emulator = os.path.join(os.environ.get("UIOMMU_QEMU_DIR", ""), emulator)
    if not shutil.which(emulator):
        leave(f"{emulator} is not installed")
    if not Path(args.guest).exists():
        leave(f"there is no compiler for {Path(args.guest).stem}")
    command = [emulator] + [word.replace("@guest", args.guest)
                            for word in args.arguments]
    print("#", " ".join(command), flush=True)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as machine:
        status = wait(machine, args.limit)
    if status != args.success:
        print(f"# the emulator's exit status is {status}, not {args.success}")
        sys.exit(1)


main()
