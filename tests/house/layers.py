# SPDX-License-Identifier: MIT
"""Includes point down through the layers, never up."""
import re

from tap import ROOT, case, check, main, nothing, tree

# Bottom up. A file belongs to the layer with the longest path that it starts
# with; it may include files of its own layer and of the layers named here.
VOCABULARY = "include/uiommu/iommu_types.h"
REAL_DRIVER = [VOCABULARY, "include/uiommu/", "src/drivers/hw.h",
               "src/drivers/entry.", "src/drivers/queue.",
               "src/drivers/users.", "src/drivers/domain_template."]
LAYERS = {
    VOCABULARY: [],
    "include/uiommu/pt/": [VOCABULARY],
    # What the freestanding layers need from their surroundings.
    "include/uiommu/port.h": [VOCABULARY],
    "src/pt/": [VOCABULARY, "include/uiommu/pt/", "include/uiommu/port.h",
                "include/uiommu/iommu_gather.h"],
    # What page table and core both need of a gather is a header of its own.
    "include/uiommu/iommu_gather.h": [VOCABULARY],
    "include/uiommu/iommu_viommu.h": ["include/uiommu/iommu.h"],
    "include/uiommu/iommu.h": [VOCABULARY, "include/uiommu/iommu_gather.h",
                               "include/uiommu/port.h"],
    "src/iommu/": [VOCABULARY, "include/uiommu/iommu.h",
                   "include/uiommu/iommu_viommu.h",
                   "include/uiommu/port.h", "include/uiommu/iommu_gather.h"],
    "src/port/": [VOCABULARY, "include/uiommu/port.h",
                  "include/uiommu/pt/"],
    # Hardware: knows nothing of those who program it.
    "src/soft/": [],
    "include/uiommu/driver.h": [VOCABULARY, "include/uiommu/iommu.h",
                                "include/uiommu/port.h"],
    "include/uiommu/drivers/": [VOCABULARY, "include/uiommu/iommu.h",
                                "include/uiommu/driver.h",
                                "include/uiommu/pt/"],
    # What drivers of real IOMMUs share.
    "src/drivers/hw.h": [VOCABULARY, "include/uiommu/driver.h",
                         "include/uiommu/port.h"],
    "src/drivers/users.": ["src/drivers/hw.h", "include/uiommu/driver.h"],
    "src/drivers/entry.": ["src/drivers/hw.h", "include/uiommu/driver.h"],
    "src/drivers/queue.": ["src/drivers/hw.h", "include/uiommu/driver.h"],
    "src/drivers/domain_template.": ["include/uiommu/iommu_gather.h",
                                     "src/drivers/users."],
    "src/drivers/amd/": REAL_DRIVER,
    "src/drivers/intel/": REAL_DRIVER,
    "src/drivers/riscv/": REAL_DRIVER,
    "src/drivers/smmuv3/": REAL_DRIVER,
    "src/drivers/soft/": [VOCABULARY, "include/uiommu/pt/",
                          "include/uiommu/iommu.h", "include/uiommu/port.h",
                          "include/uiommu/iommu_gather.h", "src/iommu/",
                          "src/soft/", "src/port/"],
    # The mock answers IOMMU_TEST_CMD, whose numbers clients know. It is driver and
    # hardware in one, and hosted; src/drivers has what is freestanding, and soft.
    "src/mock/": [VOCABULARY, "include/uiommu/pt/",
                          "include/uiommu/iommu.h",
                          "include/uiommu/iommu_viommu.h",
                          "include/uiommu/port.h",
                          "include/uiommu/iommufd_test.h"],
    "include/uiommu/iommufd_test.h": [],
    "include/uiommu/user.h": [VOCABULARY],
    "include/uiommu/access.h": [VOCABULARY, "include/uiommu/user.h"],
    "include/uiommu/iommufd.h": [],
    "include/uiommu/vfio.h": [],
    "src/iommufd/": ["include/uiommu/iommufd.h", "include/uiommu/access.h",
                     "include/uiommu/user.h",
                     "include/uiommu/iommu_viommu.h",
                     "include/uiommu/iommufd_test.h", "src/mock/",
                     "include/uiommu/vfio.h",
                     VOCABULARY, "include/uiommu/iommu.h",
                     "include/uiommu/iommu_gather.h", "src/iommu/"],
    "src/vfio/": ["include/uiommu/vfio.h", "include/uiommu/iommufd.h",
                  "include/uiommu/user.h", VOCABULARY,
                  "include/uiommu/iommu.h", "src/iommufd/", "src/soft/"],
    "src/devices/": ["include/uiommu/vfio.h", "include/uiommu/user.h",
                     VOCABULARY, "src/vfio/", "src/soft/"],
    "include/uiommu/uiommu.h": ["include/uiommu/user.h", VOCABULARY],
    # The host joins everything under the transports.
    "src/host/": ["include/uiommu/", "src/pt/", "src/iommu/", "src/port/",
                  "src/soft/", "src/drivers/", "src/mock/", "src/iommufd/",
                  "src/vfio/", "src/devices/"],
    "src/run/": ["include/uiommu/", "src/host/", "src/soft/", "src/vfio/",
                 "src/iommufd/", "src/cli/"],
    # Measures the page table, as those see it who use it.
    "src/bench/": ["include/uiommu/", "src/port/"],
    "src/cli/": ["include/uiommu/", "src/run/", "src/soft/", "src/bench/"],
}

FREESTANDING = ["src/pt/", "src/iommu/", "src/drivers/hw.h",
                "src/drivers/users.", "src/drivers/entry.",
                "src/drivers/queue.", "src/drivers/domain_template.",
                "src/drivers/amd/",
                "src/drivers/intel/", "src/drivers/riscv/",
                "src/drivers/smmuv3/",
                "include/uiommu/driver.h",
                "include/uiommu/drivers/", VOCABULARY, "include/uiommu/pt/",
                "include/uiommu/port.h",
                "include/uiommu/iommu.h", "include/uiommu/iommu_viommu.h",
                "include/uiommu/iommu_gather.h"]
COMPILER_HEADERS = {"stdint.h", "stddef.h", "stdbool.h", "limits.h",
                    "stdarg.h", "immintrin.h"}
# The tests' own compilation of a format brings in the laws (tests/pt).
TEST_HEADERS = {("src/pt/iommu_template.h", "laws.h")}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(["<])([^">]+)[">]', re.M)


def layer_of(path):
    return max((layer for layer in LAYERS if path.startswith(layer)),
               key=len, default=None)


def sources():
    return [str(f.relative_to(ROOT)) for f in tree(".c", ".h")
            if f.is_relative_to(ROOT / "src") or
            f.is_relative_to(ROOT / "include")]


def includes(path):
    """(spelled, path of the project or None) of each include of a file."""
    for quote, name in INCLUDE.findall((ROOT / path).read_text()):
        places = [ROOT / "include" / name, ROOT / "src" / name]
        if quote == '"':
            places.insert(0, (ROOT / path).parent / name)
        found = next((p for p in places if p.exists()), None)
        yield name, found and str(found.resolve().relative_to(ROOT))


@case
def known():
    """every source belongs to a layer"""
    files = sources()
    check(files, "no sources found")
    nothing([f"{f}: no layer of DESIGN's table" for f in files
             if not layer_of(f)])


@case
def down():
    """no include points up"""
    wrong = []
    for path in sources():
        layer = layer_of(path)
        for name, found in includes(path):
            if not found or layer_of(found) == layer or not layer:
                continue
            if not any(found.startswith(low) for low in LAYERS[layer]):
                wrong.append(f"{path} includes {name}")
    nothing(wrong)


@case
def freestanding():
    """freestanding layers include no libc"""
    wrong = []
    for path in sources():
        if not any(path.startswith(low) for low in FREESTANDING):
            continue
        for name, found in includes(path):
            # The vocabulary takes the host's error numbers where there is one.
            if found or name in COMPILER_HEADERS or \
                    (path, name) in TEST_HEADERS or \
                    (path == VOCABULARY and name == "errno.h"):
                continue
            wrong.append(f"{path} includes <{name}>")
    nothing(wrong)


main()
