# SPDX-License-Identifier: MIT
"""An unmodified QEMU under `uiommu run`, whose guest has the modelled device.

QEMU is a VFIO program that nobody wrote for us: it finds the device in sysfs,
maps all of the guest's memory, and passes registers, interrupts and configuration
space through. Its processor is halted; the tests play the guest's driver by qtest.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "house"))

from tap import check  # noqa: E402

UIOMMU = Path(sys.argv[1]).resolve()
WORK = tempfile.TemporaryDirectory(prefix="uiommu-qemu-")

SLOT = 0x80001000  # 00:02.0 in the guest, as CF8 names it
BAR = 0xE0000000
BUFFER = 0x40000
COMMAND, STATUS, BAR0 = 0x04, 0x06, 0x10
PATTERN = "0x" + bytes(range(0x10, 0x30)).hex()


class Guest:
    """QEMU under uiommu run, spoken to by qtest.

    assignment: QEMU's options that give the device at 00:02.0 to the guest.
    """

    def __init__(self, qemu, assignment, *options):
        firmware = Path(WORK.name) / "halt.bin"
        firmware.write_bytes(b"\xf4" * 65536)
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [UIOMMU, "run", *options, "--", qemu, "-M", "q35", "-m", "64M",
             "-nodefaults", "-bios", firmware, "-accel", "tcg",
             "-qtest", "stdio", "-qtest-log", "none", "-display", "none",
             *assignment],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            text=True, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate()
        self.errors.close()

    def ask(self, words):
        """One qtest command; its answer as a string, '' if it has none."""
        self.process.stdin.write(words + "\n")
        while True:
            line = self.process.stdout.readline()
            check(line, "QEMU is gone:", self.said())
            if not line.startswith("IRQ"):
                break
        check(line.startswith("OK"), words, line)
        return line[2:].strip()

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def config(self, offset):
        self.ask(f"outl 0xcf8 {SLOT | offset & ~3:#x}")
        return int(self.ask("inl 0xcfc"), 16) >> 8 * (offset & 3)

    def set_config(self, offset, value):
        self.ask(f"outl 0xcf8 {SLOT | offset:#x}")
        self.ask(f"outl 0xcfc {value:#x}")

    def register(self, offset):
        return int(self.ask(f"readl {BAR + offset:#x}"), 16)

    def memory(self, address):
        return self.ask(f"read {address:#x} 32")

    def fill(self, address, pattern):
        self.ask(f"write {address:#x} 32 {pattern}")

    def dma(self, source, target, command):
        for offset, value in ((0x80, source), (0x88, target), (0x90, 32),
                              (0x98, command)):
            self.ask(f"writeq {BAR + offset:#x} {value:#x}")
        check(not self.register(0x98) & 1, "the DMA never ends")

    def enable(self):
        self.set_config(BAR0, BAR)
        self.set_config(COMMAND, 6)  # memory space, bus master


def in_config_space(guest):
    check(guest.config(0) == 0x11E81234, "wrong device", hex(guest.config(0)))
    guest.set_config(BAR0, 0xFFFFFFFF)
    check(guest.config(BAR0) == 0xFFF00000, "BAR 0 is not 1 MiB",
          hex(guest.config(BAR0)))


def in_registers(guest):
    check(guest.register(0) & 0xFF == 0xED, "no edu")
    guest.ask(f"writel {BAR + 4:#x} 0x12345678")
    check(guest.register(4) == 0xEDCBA987, "it is not alive")


def dma_through(guest):
    guest.fill(0x100000, PATTERN)
    guest.dma(0x100000, BUFFER, 1)
    check(guest.memory(BAR + BUFFER) == PATTERN, "the device's buffer differs")
    guest.dma(BUFFER, 0x2001000, 3)
    check(guest.memory(0x2001000) == PATTERN, "the guest's memory differs")


def dma_astray(guest):
    guest.dma(BUFFER, 0x90000000, 3)
    said = guest.said()
    check("write at IOVA 0x90000000 blocked" in said, "no fault:", said)
    check(guest.config(STATUS) & 1 << 13, "no Received Master Abort")


def works(guest):
    """Configuration space, registers, DMA both ways, a fault."""
    in_config_space(guest)
    guest.enable()
    in_registers(guest)
    dma_through(guest)
    dma_astray(guest)


def idle(guest):
    """The guest has not enabled bus mastering: no DMA."""
    guest.enable()
    guest.set_config(COMMAND, 2)
    guest.fill(0x100000, PATTERN)
    guest.dma(0x100000, BUFFER, 1)
    check(guest.memory(BAR + BUFFER) != PATTERN, "DMA went through")
