# SPDX-License-Identifier: MIT
"""A client whose every call is the same each time: what is traced is pinned.

calls.py [MODE] - "kill" dies by a signal with everything open; "close" closes
everything in good order; "detach" detaches before that; "small" leaves uiommu no
room for large files.
"""
import ctypes
import mmap
import os
import resource
import signal
import struct
import sys

BAR0, CONFIG = 1 << 40, 8 << 40
libc = ctypes.CDLL(None, use_errno=True)


def ioctl(fd, number, data):
    """The structure as the call leaves it; errors do not matter here."""
    buffer = ctypes.create_string_buffer(bytes(data), len(data))
    libc.ioctl(fd, ctypes.c_ulong(number), buffer)
    return buffer.raw


def word(data, at):
    return struct.unpack_from("=I", data, at)[0]


device = os.open("/dev/vfio/devices/vfio0", os.O_RDWR | os.O_CLOEXEC)
iommu = os.open("/dev/iommu", os.O_RDWR | os.O_CLOEXEC)
ioctl(device, 0x3b76, struct.pack("=IIiI", 16, 0, iommu, 0))
ioas = word(ioctl(iommu, 0x3b81, struct.pack("=III", 12, 0, 0)), 8)
ioctl(device, 0x3b77, struct.pack("=III", 12, 0, ioas))

ranges = ctypes.create_string_buffer(16 * 4)
ioctl(iommu, 0x3b84, struct.pack("=IIIIQQ", 32, ioas, 0, 0, 0, 0))
ioctl(iommu, 0x3b84, struct.pack("=IIIIQQ", 32, ioas, 4, 0,
                                 ctypes.addressof(ranges), 0))
ioctl(iommu, 0x3b87, struct.pack("=IIHHIQ", 24, 1, 1, 0, ioas, 0))

memory = mmap.mmap(-1, 1 << 16)
at = ctypes.addressof(ctypes.c_char.from_buffer(memory))
ioctl(iommu, 0x3b85, struct.pack("=IIIIQQQ", 40, 7, ioas, 0, at, 0x4000,
                                 0x100000))
# Refused: a flag that does not exist, no such address space, no such request,
# a pointer to nowhere, a size that is too small.
ioctl(iommu, 0x3b85, struct.pack("=IIIIQQQ", 40, 0x47, ioas, 0, at, 0x1000, 0))
ioctl(iommu, 0x3b85, struct.pack("=IIIIQQQ", 40, 6, 99, 0, at, 0x1000, 0))
ioctl(iommu, 0x3bfe, bytes(8))
libc.ioctl(iommu, ctypes.c_ulong(0x3b80), ctypes.c_void_p(8))
ioctl(iommu, 0x3b80, struct.pack("=II", 4, ioas))

# Bus Master, then a DMA that arrives, one that does not.
os.pwrite(device, b"\x06\0", CONFIG + 4)
for source, command in ((0x100000, 1), (0x700000, 1)):
    for register, value in ((0x80, source), (0x88, 0x40000), (0x90, 64),
                            (0x98, command)):
        os.pwrite(device, struct.pack("=Q", value), BAR0 + register)
os.pread(device, 4, BAR0)
# Its last page as a page of its own.
mmap.mmap(device, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE,
          offset=BAR0 + 0x40000).close()
ioctl(device, 0x3b6b, struct.pack("=IIIIII", 24, 0, 0, 0, 0, 0))
ioctl(device, 0x3b6c, struct.pack("=IIIIQQ", 32, 0, 7, 0, 0, 0))
ioctl(device, 0x3b6d, struct.pack("=IIII", 16, 0, 1, 0))
libc.ioctl(iommu, ctypes.c_ulong(0x3b65), ctypes.c_ulong(3))

MODE = sys.argv[1] if len(sys.argv) > 1 else ""
if MODE == "small":
    # The disk of whoever watches is full from now on.
    resource.prlimit(os.getppid(), resource.RLIMIT_FSIZE, (8192, -1))
if MODE == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if MODE == "detach":
    ioctl(device, 0x3b78, struct.pack("=II", 8, 0))
if MODE:
    os.close(device)
    os.close(iommu)
else:
    ioctl(iommu, 0x3b86, struct.pack("=IIQQ", 24, ioas, 0, 2**64 - 1))
    os._exit(3)
