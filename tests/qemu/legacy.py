# SPDX-License-Identifier: MIT
"""An unmodified QEMU of any age assigns the modelled device to its guest by its
group and a container.

QEMU is the second argument or in UIOMMU_QEMU.
"""
import os
import sys

import guest
from tap import each, main, requires

QEMU = sys.argv[2] if len(sys.argv) > 2 else os.environ.get(
    "UIOMMU_QEMU", "qemu-system-x86_64")
BY_CONTAINER = ["-device", "vfio-pci,host=0000:00:01.0,addr=2.0"]


def assignment(iommu):
    """configuration space, registers, DMA both ways, a fault"""
    requires(QEMU)
    with guest.Guest(QEMU, BY_CONTAINER, "--iommu", iommu) as machine:
        guest.works(machine)


each(("vtdss", "amdv1"), assignment)
main()
