# SPDX-License-Identifier: MIT
"""Run a bare-metal guest in an emulator; what it says on its console is TAP.

run.py [--full] GUEST SUCCESS EMULATOR ARGUMENT...

GUEST is its image, put where an ARGUMENT says @guest. SUCCESS is the exit status of an
emulator whose guest has found nothing wrong. With --full the emulator is the newer one
that tools/fetch-qemu unpacks. No emulator, or no image, because there is no compiler for
that machine, is a skip, but not where CI is set.
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

LIMIT = 100  # seconds of an emulator that hangs


def leave(why):
    """The reason to run nothing: a skip, or a failure."""
    if os.environ.get("CI"):
        print(f"1..1\nnot ok 1 - {why}")
        sys.exit(1)
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def main():
    args = sys.argv[1:]
    full = args[0] == "--full"
    guest, success, emulator, *rest = args[1:] if full else args
    if full:
        emulator = os.path.join(os.environ.get("UIOMMU_QEMU_DIR", ""), emulator)
    if not shutil.which(emulator):
        leave(f"{emulator} is not installed")
    if not Path(guest).exists():
        leave(f"there is no compiler for {Path(guest).stem}")
    command = [emulator] + [word.replace("@guest", guest) for word in rest]
    print("#", " ".join(command), flush=True)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as machine:
        try:
            status = machine.wait(LIMIT)
        except subprocess.TimeoutExpired:
            machine.kill()
            machine.wait()
            print(f"Bail out! no end within {LIMIT} seconds")
            sys.exit(1)
    if status != int(success):
        print(f"# the emulator's exit status is {status}, not {success}")
        sys.exit(1)


main()
