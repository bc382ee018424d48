# SPDX-License-Identifier: MIT
"""run.py: what it does where there is no emulator, no guest, or no end."""
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "house"))
from tap import case, check, main, run  # noqa: E402

NONE = "qemu-system-that-is-nowhere"


def start(*args, ci=None):
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    if ci:
        env["CI"] = ci
    return run(sys.executable, HERE / "run.py", *args, env=env)


def skipped(done, why):
    check(done.returncode == 0 and f"1..0 # SKIP {why}" in done.stdout,
          done.stdout, done.stderr)


def failed(done, why):
    check(done.returncode == 1 and why in done.stdout, done.stdout,
          done.stderr)


@case
def no_emulator():
    """without the emulator: a skip with a reason"""
    skipped(start(__file__, 0, NONE), f"{NONE} is not installed")


@case
def no_newer_emulator():
    """without the newer emulator: the same"""
    skipped(start("--full", __file__, 0, NONE), f"{NONE} is not installed")


@case
def no_guest():
    """without a guest, for want of a compiler: the same"""
    skipped(start("/nowhere/vax.elf", 0, "true"), "there is no compiler for vax")


@case
def continuous_integration():
    """where CI is set: failures"""
    failed(start(__file__, 0, NONE, ci="true"), f"not ok 1 - {NONE}")
    failed(start("/nowhere/vax.elf", 0, "true", ci="true"), "not ok 1 - there")


@case
def status():
    """the emulator's exit status counts"""
    done = start(__file__, 1, "false")
    check(done.returncode == 0, done.stdout, done.stderr)
    failed(start(__file__, 0, "false"), "exit status is 1, not 0")


@case
def image():
    """@guest becomes the guest"""
    done = start(__file__, 0, "echo", "-kernel", "@guest")
    check(f"\n-kernel {__file__}\n" in done.stdout, done.stdout)


@case
def no_end():
    """an emulator that hangs is stopped, and that is a failure"""
    failed(start("--limit", 1, __file__, 0, "sleep", "30"), "Bail out!")


main()
