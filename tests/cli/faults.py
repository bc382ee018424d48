# SPDX-License-Identifier: MIT
"""A client of the mock IOMMU that gets a page request and answers it."""
import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)


def ioctl(fd, number, layout, *values):
    """The structure as the call leaves it."""
    buffer = ctypes.create_string_buffer(struct.pack(layout, *values))
    if libc.ioctl(fd, ctypes.c_ulong(number), buffer):
        raise OSError(ctypes.get_errno(), hex(number))
    return struct.unpack_from(layout, buffer)


def test(fd, op, ident, layout, *values):
    """IOMMU_TEST_CMD; the words of its union."""
    data = struct.pack("=IIII", 72, op, ident, 0) + struct.pack(layout, *values)
    buffer = ctypes.create_string_buffer(data.ljust(72, b"\0"), 72)
    if libc.ioctl(fd, ctypes.c_ulong(0x3ba0), buffer):
        raise OSError(ctypes.get_errno(), f"operation {op}")
    return struct.unpack_from("=12I", buffer, 16)


iommu = os.open("/dev/iommu", os.O_RDWR)
ioas = ioctl(iommu, 0x3b81, "=III", 12, 0, 0)[2]
stdev, _, idev, *_ = test(iommu, 2, ioas, "=I", 0)
parent = ioctl(iommu, 0x3b89, "=8IQII", 48, 1, idev, ioas, 0, 0, 0, 0, 0, 0,
               0)[4]
_, _, queue, events = ioctl(iommu, 0x3b8e, "=IIII", 16, 0, 0, 0)
data = ctypes.create_string_buffer(struct.pack("=II", 0xbadbeef, 0))
nested = ioctl(iommu, 0x3b89, "=8IQII", 48, 4, idev, parent, 0, 0, 0xdead, 4,
               ctypes.addressof(data), queue, 0)[4]
test(iommu, 10, stdev, "=I", nested)
os.read(events, 40)
test(iommu, 15, 0, "=IIIIQ", idev, 0, 7, 3, 0xdead0000)
fault = os.read(events, 80)
cookie = struct.unpack_from("=I", fault, 36)[0]
os.write(events, struct.pack("=II", cookie, 0))
