# SPDX-License-Identifier: MIT
"""An unmodified QEMU assigns the modelled device to its guest by IOMMUFD.

Needs a QEMU with IOMMUFD (8.2 or later), given as the second argument or in
UIOMMU_QEMU.
"""
import os
import subprocess
import sys

import guest
from tap import Skip, case, each, main

QEMU = sys.argv[2] if len(sys.argv) > 2 else os.environ.get(
    "UIOMMU_QEMU", "qemu-system-x86_64")
BY_IOMMUFD = ["-object", "iommufd,id=iommufd0", "-device",
              "vfio-pci,host=0000:00:01.0,iommufd=iommufd0,addr=2.0"]


def start(*options):
    try:
        done = subprocess.run([QEMU, "-object", "help"], text=True, timeout=60,
                              capture_output=True, stdin=subprocess.DEVNULL,
                              check=False)
    except OSError as error:
        raise Skip(f"{QEMU}: {error.strerror}") from None
    if "iommufd" not in done.stdout:
        raise Skip(f"{QEMU} knows no iommufd object; tools/fetch-qemu brings "
                   "one that does")
    return guest.Guest(QEMU, BY_IOMMUFD, *options)


def assignment(iommu):
    """configuration space, registers, DMA both ways, a fault"""
    with start("--iommu", iommu) as machine:
        guest.works(machine)


each(("vtdss", "amdv1", "x86_64", "amdv1_mock"), assignment)


@case
def without_bus_master():
    """the guest has not enabled bus mastering: no DMA, no fault"""
    with start() as machine:
        guest.idle(machine)


main()
