#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The demo's client with nothing but os, fcntl, mmap, select and struct.

The numbers are those of <linux/iommufd.h> and <linux/vfio.h>; the device is
QEMU's edu. The memory is a memfd, mapped by its descriptor (IOAS_MAP_FILE), for
a script does not know addresses.
"""
import fcntl
import mmap
import os
import select
import struct

PCI = "/sys/bus/pci/devices"
IOVA = 0x100000
SIZE = 8192
BUFFER = 0x40000
TO_RAM = 2

IOMMU_IOAS_ALLOC = 0x3b81
IOMMU_IOAS_UNMAP = 0x3b86
IOMMU_IOAS_MAP_FILE = 0x3b8f
VFIO_DEVICE_GET_REGION_INFO = 0x3b6c
VFIO_DEVICE_SET_IRQS = 0x3b6e
VFIO_DEVICE_BIND_IOMMUFD = 0x3b76
VFIO_DEVICE_ATTACH_IOMMUFD_PT = 0x3b77


def call(fd, request, layout, *values):
    """An ioctl on a struct; what the struct holds afterwards."""
    data = bytearray(struct.pack(layout, *values))
    fcntl.ioctl(fd, request, data)
    return struct.unpack(layout, data)


def read_text(path):
    fd = os.open(path, os.O_RDONLY)
    text = os.pread(fd, 64, 0).decode().strip()
    os.close(fd)
    return text


def find():
    for bdf in sorted(os.listdir(PCI)):
        if read_text(f"{PCI}/{bdf}/vendor") == "0x1234" and \
                read_text(f"{PCI}/{bdf}/device") == "0x11e8":
            return os.listdir(f"{PCI}/{bdf}/vfio-dev")[0]
    raise SystemExit("no edu device")


def region(device, index):
    """VFIO_DEVICE_GET_REGION_INFO: the offset of a region."""
    return call(device, VFIO_DEVICE_GET_REGION_INFO, "=IIIIQQ",
                32, 0, index, 0, 0, 0)[5]


def dma(device, bar, event, source, target, command):
    """Copy a page and wait for the interrupt (5: start, and interrupt)."""
    for register, value in ((0x80, source), (0x88, target), (0x90, 4096),
                            (0x98, command | 5)):
        os.pwrite(device, struct.pack("=Q", value), bar + register)
    if not select.select([event], [], [], 10)[0]:
        raise SystemExit("no interrupt")
    os.read(event, 8)
    os.pwrite(device, struct.pack("=I", 0x100), bar + 0x64)


def main():
    device = os.open(f"/dev/vfio/devices/{find()}", os.O_RDWR)
    iommu = os.open("/dev/iommu", os.O_RDWR)
    call(device, VFIO_DEVICE_BIND_IOMMUFD, "=IIiI", 16, 0, iommu, 0)
    ioas = call(iommu, IOMMU_IOAS_ALLOC, "=III", 12, 0, 0)[2]
    call(device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, "=III", 12, 0, ioas)

    memfd = os.memfd_create("memory")
    os.ftruncate(memfd, SIZE)
    memory = mmap.mmap(memfd, SIZE)
    memory[:4096] = bytes(n * 13 & 0xff for n in range(4096))
    # Fixed IOVA, writeable, readable.
    call(iommu, IOMMU_IOAS_MAP_FILE, "=IIIiQQQ",
         40, 7, ioas, memfd, 0, SIZE, IOVA)

    command = region(device, 7) + 4
    os.pwrite(device, struct.pack("=H", 0x6), command)
    event = os.eventfd(0)
    # MSI, one eventfd as trigger.
    call(device, VFIO_DEVICE_SET_IRQS, "=IIIIIi", 24, 0x24, 1, 0, 1, event)

    bar = region(device, 0)
    dma(device, bar, event, IOVA, BUFFER, 0)
    dma(device, bar, event, BUFFER, IOVA + 4096, TO_RAM)
    assert memory[4096:] == memory[:4096], "the copy differs"
    print("python: 4096 bytes went through the device")

    call(iommu, IOMMU_IOAS_UNMAP, "=IIQQ", 24, ioas, IOVA, SIZE)
    memory[4096:] = bytes(4096)
    dma(device, bar, event, BUFFER, IOVA + 4096, TO_RAM)
    assert memory[4096:] == bytes(4096), "written after the unmap"
    print("python: after the unmap the same DMA is blocked")


if __name__ == "__main__":
    main()
