# SPDX-License-Identifier: MIT
"""A client: what programs see of the modelled files, in many ways of looking."""
import fcntl
import os
import stat
import subprocess
import sys
import tempfile

BDF = sorted(os.listdir("/sys/bus/pci/devices"))[0]
DEVICE = f"/sys/bus/pci/devices/{BDF}"
REAL = f"/sys/devices/pci{BDF[:7]}/{BDF}"


def same(a, b):
    if a != b:
        sys.exit(f"{sys._getframe(1).f_lineno}: {a!r} is not {b!r}")


def fails(error, function, *arguments, **named):
    try:
        function(*arguments, **named)
    except OSError as e:
        same(e.errno, error)
    else:
        sys.exit(f"{sys._getframe(1).f_lineno}: did not fail")


def text(path):
    with open(path, encoding="ascii") as f:
        return f.read().strip()


# sysfs, as VFIO programs read it
same(text(f"{DEVICE}/vendor"), "0x1234")
same(text(f"{DEVICE}/device"), "0x11e8")
same(text(f"{DEVICE}/class")[:2], "0x")
same(len(text(f"{DEVICE}/resource").splitlines()), 13)
same(os.path.realpath(DEVICE), REAL)
same(os.path.realpath(f"{DEVICE}/iommu_group"), "/sys/kernel/iommu_groups/0")
same(os.path.basename(os.readlink(f"{DEVICE}/driver")), "vfio-pci")
same(os.path.realpath(f"{DEVICE}/driver/{BDF}"), REAL)
same(os.path.realpath(f"/sys/kernel/iommu_groups/0/devices/{BDF}"), REAL)
same(os.listdir(f"{DEVICE}/iommu_group/devices"), [BDF])
same(os.listdir(f"{DEVICE}/vfio-dev"), ["vfio0"])
same(os.path.realpath("/sys/class/vfio-dev/vfio0"), f"{REAL}/vfio-dev/vfio0")
same(os.path.realpath("/sys/class/vfio-dev/vfio0/device"), REAL)
same(os.path.realpath(f"{DEVICE}/subsystem"), "/sys/bus/pci")
with open(f"{DEVICE}/config", "rb") as f:
    same(f.read(4), bytes.fromhex("3412e811"))
number = text(f"{DEVICE}/vfio-dev/vfio0/dev")
same(os.path.realpath(f"/sys/dev/char/{number}"), f"{REAL}/vfio-dev/vfio0")
fails(13, open, f"{DEVICE}/vendor", "w")
fails(2, os.stat, f"{DEVICE}/nothing")
fails(20, os.stat, f"{DEVICE}/vendor/nothing")
fails(22, os.readlink, f"{DEVICE}/vendor")

# device nodes
same(os.listdir("/dev/vfio/devices"), ["vfio0"])
same(sorted(os.listdir("/dev/vfio")), ["0", "devices", "vfio"])
same(os.path.realpath("/sys/class/vfio/0"), "/sys/devices/virtual/vfio/0")
same(os.path.realpath(f"/sys/dev/char/{text('/sys/class/vfio/0/dev')}"),
     "/sys/devices/virtual/vfio/0")
same(os.path.realpath("/sys/class/vfio/0/subsystem"), "/sys/class/vfio")
for entry in os.scandir("/dev/vfio/devices"):
    same((entry.is_file(), entry.is_dir()), (False, False))
fd = os.open("/dev/vfio/devices/vfio0", os.O_RDWR)
for st in os.fstat(fd), os.stat("/dev/vfio/devices/vfio0"), \
        os.lstat("/dev/vfio/devices/vfio0"), os.stat(fd):
    same(stat.S_ISCHR(st.st_mode), True)
    same(f"{os.major(st.st_rdev)}:{os.minor(st.st_rdev)}", number)
same(os.fstat(fd).st_ino, os.stat("/dev/vfio/devices/vfio0").st_ino)
same(os.readlink(f"/proc/self/fd/{fd}"), "/dev/vfio/devices/vfio0")
same(os.access("/dev/iommu", os.R_OK | os.W_OK), True)
same(os.access("/dev/iommu", os.X_OK), False)
fails(2, os.open, "/dev/vfio/devices/vfio7", os.O_RDWR)
fails(20, os.open, "/dev/iommu", os.O_RDONLY | os.O_DIRECTORY)
for path, kind in ("/dev/iommu", stat.S_ISCHR), (DEVICE, stat.S_ISDIR), \
        (f"{DEVICE}/vendor", stat.S_ISREG):
    same(kind(os.fstat(os.open(path, os.O_PATH)).st_mode), True)

# close-on-exec is kept, and what is inherited works
iommu = os.open("/dev/iommu", os.O_RDWR)
same(fcntl.fcntl(iommu, fcntl.F_GETFD), fcntl.FD_CLOEXEC)
subprocess.run([sys.executable, "-c", f"""
import fcntl, struct
fcntl.ioctl({iommu}, 0x3b81, bytearray(struct.pack('III', 12, 0, 0)))
"""], pass_fds=[iommu], check=True)

# from descriptors of directories, through the current one, and by links
root = os.open("/sys/bus/pci/devices", os.O_RDONLY | os.O_DIRECTORY)
same(os.listdir(root), [BDF])
same(stat.S_ISLNK(os.lstat(BDF, dir_fd=root).st_mode), True)
inner = os.open(f"{BDF}/vfio-dev", os.O_RDONLY, dir_fd=root)
same(os.listdir(inner), ["vfio0"])
same(text(f"/proc/self/fd/{inner}/vfio0/dev"), number)
same(os.stat("../vendor", dir_fd=inner).st_size > 0, True)
same(os.readlink(f"/proc/self/fd/{inner}"), f"{REAL}/vfio-dev")
os.fchdir(inner)
same(os.listdir("../vfio-dev"), ["vfio0"])
if os.path.isdir("/sys/bus/pci/slots"):
    os.chdir("/sys/bus/pci/slots")
    same(os.listdir("../devices"), [BDF])
os.chdir("/dev")
same(os.path.exists("vfio/vfio"), True)
same(os.path.exists("../dev/./vfio//vfio"), True)
with tempfile.TemporaryDirectory() as tmp:
    os.symlink("/dev", f"{tmp}/dev")
    os.symlink("dev/vfio", f"{tmp}/vfio")
    os.symlink("loop", f"{tmp}/loop")
    same(os.listdir(f"{tmp}/vfio/devices"), ["vfio0"])
    same(os.path.realpath(f"{tmp}/dev/iommu"), "/dev/iommu")
    fails(40, os.stat, f"{tmp}/loop")
    with open(f"{tmp}/file", "w", encoding="ascii") as f:
        f.write("plain")
    same(text(f"{tmp}/file"), "plain")
    same(text(f"{tmp}/../{os.path.basename(tmp)}/file"), "plain")

# a descriptor opened again by its name is a new open of the device
again = os.open(f"/proc/self/fd/{iommu}", os.O_RDWR)
copy = os.dup(iommu)
os.close(iommu)
os.close(again)
fcntl.ioctl(copy, 0x3b81, bytearray(b"\x0c" + bytes(11)))

# what is not ours is as ever
same(stat.S_ISCHR(os.stat("/dev/null").st_mode), True)
same(os.path.isdir("/sys/class"), True)
same("null" in os.listdir("/dev"), True)
fails(2, os.stat, "/no/such/file")
