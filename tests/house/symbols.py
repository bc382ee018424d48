# SPDX-License-Identifier: MIT
"""What libuiommu.a exports, and that it keeps no state of its own."""
import re
import sys

from tap import case, check, main, nothing, requires, succeed

LIBRARY = sys.argv[1]

EXPORTED = re.compile(r"^(pt_iommu|iommu|iommufd|vfio|uiommu|amd|riscv_iommu|smmuv3|vtd)_[a-z0-9_]+$")
# Hidden ones still share the namespace of whoever links the archive.
INTERNAL = re.compile(r"^(pt|soft|mock|hw|rv|smmu|dev|run|port|edu)_[a-z0-9_]+$")

# The port's default runtime, made at its first use, is the only state: every
# context that brings a runtime of its own has none.
STATE = {("src_port_arena.c.o", ".bss"): 16}

# Section headers as readelf prints them: name, type, address, offset, size.
SECTION = re.compile(r"\] (\S+)\s+\w+\s+[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+)")


def symbols():
    """(name, visibility) of every symbol that other objects could use."""
    text = succeed("readelf", "-sW", LIBRARY).stdout
    for line in text.splitlines():
        word = line.split()
        if len(word) == 8 and word[4] in ("GLOBAL", "WEAK") and \
                word[6] not in ("UND", "Ndx"):
            yield word[7], word[5]


@case
def names():
    """symbols with default visibility follow the naming rule"""
    requires("readelf")
    found = list(symbols())
    check(found, f"{LIBRARY}: no symbols at all")
    nothing([f"{name} ({visibility})" for name, visibility in found
             if visibility == "DEFAULT" and not EXPORTED.match(name)])


@case
def internal_names():
    """hidden symbols have a prefix of their layer"""
    requires("readelf")
    nothing([name for name, visibility in symbols()
             if not EXPORTED.match(name) and not INTERNAL.match(name)])


@case
def no_state():
    """no object keeps writable data, but for the default runtime"""
    requires("readelf")
    wrong, member = [], "?"
    for line in succeed("readelf", "-SW", LIBRARY).stdout.splitlines():
        if line.startswith("File: "):
            member = line[line.index("(") + 1:-1]
        found = SECTION.search(line)
        if found and int(found[2], 16) and \
                re.match(r"\.(data|bss|tdata|tbss)(\.|$)", found[1]) and \
                not found[1].startswith(".data.rel.ro") and \
                int(found[2], 16) > STATE.get((member, found[1]), 0):
            wrong.append(f"{member}: {found[1]}, {int(found[2], 16)} bytes")
    nothing(wrong)


main()
