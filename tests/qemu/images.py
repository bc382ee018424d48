# SPDX-License-Identifier: MIT
"""Make the images of tests/cli/images again, with the QEMU that is there, and look
into those.

images.py UIOMMU
"""
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from tap import ROOT, case, check, each, main, requires, run  # noqa: E402

UIOMMU = sys.argv[1]
TMP = Path(tempfile.mkdtemp(prefix="uiommu-images-test-"))
CHECKED_IN = ROOT / "tests" / "cli" / "images"
NAMES = sorted({path.name.split(".")[0] for path in CHECKED_IN.glob("*.xz")})


def make(name):
    """can be made"""
    requires("qemu-system-x86_64", "qemu-system-aarch64", "qemu-system-riscv64",
             "aarch64-linux-gnu-gcc", "riscv64-linux-gnu-gcc")
    done = run(ROOT / "tools" / "make-images", TMP, name)
    check(done.returncode == 0, done.stdout, done.stderr)


each(NAMES, make)


def same(name):
    """what QEMU, the guest or the device saw is what is checked in"""
    requires("qemu-system-x86_64", "qemu-system-aarch64", "qemu-system-riscv64",
             "aarch64-linux-gnu-gcc", "riscv64-linux-gnu-gcc")
    found = 0
    for kind in ("tlb", "mem", "seen"):
        old = CHECKED_IN / f"{name}.{kind}"
        if old.exists():
            found += 1
            check((TMP / old.name).read_text() == old.read_text(), old.name)
    check(found)


each(NAMES, same)


@case
def read():
    """the commands read in the new images what was seen"""
    requires("qemu-system-x86_64", "qemu-system-aarch64", "qemu-system-riscv64",
             "aarch64-linux-gnu-gcc", "riscv64-linux-gnu-gcc")
    done = subprocess.run([sys.executable, ROOT / "tests/cli/images.py", UIOMMU,
                           TMP], capture_output=True, text=True, check=False,
                          timeout=120)
    check(done.returncode == 0, done.stdout[-4000:], done.stderr)


@case
def errors():
    """tools/make-images: wrong names and a missing QEMU are said"""
    done = run(ROOT / "tools" / "make-images", TMP / "none", "vax")
    check(done.returncode == 2 and "no image vax" in done.stderr, done.stderr)


main()
