#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""uiommu formats says what each format is: against what the specifications say.

Arguments: the command, then the formats that are built. Speaks TAP.
"""
import json
import subprocess
import sys

UIOMMU, FORMATS = sys.argv[1], sys.argv[2:]

# VA, OA, fewest and most levels, bytes of an entry, dirty, page sizes as bits.
ARM4K, ARM16K, ARM64K = 0x8440211000 | 1 << 25, 0x1042204000, 0x40420210000
ARM64K |= 1 << 29
RISCV = 1 << 48 | 1 << 39 | 0x40211000
KNOWN = {
    "amdv1": (64, 52, 2, 6, 8, True, 0x000FFF7FFFFFF000),
    "amdv1_mock": (56, 51, 2, 5, 8, True, 0x00007F7FFFFFF800),
    "vtdss": (57, 52, 3, 5, 8, True, 0x40201000),
    "x86_64": (57, 52, 4, 5, 8, True, 0x40201000),
    "ept": (57, 52, 4, 5, 8, True, 0x40201000),
    "riscv32": (32, 34, 2, 2, 4, True, 0x00401000),
    "riscv32_x4": (34, 34, 2, 2, 4, True, 0x00401000),
    "riscv64": (57, 56, 3, 5, 8, True, RISCV),
    "riscv64_x4": (59, 56, 3, 5, 8, True, RISCV),
    "armv8_s1_4k": (52, 52, 2, 5, 8, True, ARM4K),
    "armv8_s1_16k": (52, 52, 1, 4, 8, True, ARM16K),
    "armv8_s1_64k": (52, 52, 1, 3, 8, True, ARM64K),
    "armv8_s2_4k": (52, 52, 2, 4, 8, True, ARM4K),
    "armv8_s2_16k": (52, 52, 1, 4, 8, True, ARM16K),
    "armv8_s2_64k": (52, 52, 1, 3, 8, True, ARM64K),
    "lpae_s1": (32, 40, 2, 3, 8, False, 0x42211000),
    "lpae_s2": (40, 40, 2, 3, 8, False, 0x442211000),
    "v7s": (32, 32, 2, 2, 4, False, 0x01111000),
    "dart": (36, 36, 2, 2, 8, False, 0x4000),
    "dart2": (47, 42, 2, 3, 8, False, 0x4000),
}
KEYS = ["va_bits", "oa_bits", "min_levels", "max_levels", "entry_bytes",
        "dirty"]


def run(*args):
    return subprocess.run([UIOMMU, "formats", *args], capture_output=True,
                          text=True, check=False)


def listed():
    return {f["name"]: f for f in json.loads(run("--json").stdout)}


def check_names():
    """every format is listed, and no other"""
    assert sorted(listed()) == sorted(FORMATS) == sorted(KNOWN)


def check_facts():
    """each is what its specification says"""
    for name, f in listed().items():
        got = (*[f[k] for k in KEYS], sum(f["page_sizes"]))
        assert got == KNOWN[name], (name, got, KNOWN[name])


def check_features():
    """features have names, and each its own"""
    formats = listed()
    for name, f in formats.items():
        assert len(set(f["features"])) == len(f["features"]), name
        assert "(null)" not in f["features"], name
    assert "svnapot-64k" in formats["riscv64"]["features"]
    assert "s2fwb" in formats["armv8_s2_4k"]["features"]
    assert "s2fwb" not in formats["armv8_s1_4k"]["features"]
    assert "upper-range" in formats["armv8_s1_64k"]["features"]


def check_table():
    """the table has a line for each, with the same facts"""
    done = run()
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].split()[0] == "FORMAT"
    assert [line.split()[0] for line in lines[1:]] == list(listed())
    line = next(x for x in lines if x.startswith("riscv64 "))
    assert line.split()[1:11] == ["57", "56", "3-5", "8", "yes", "4K", "64K",
                                  "2M", "1G", "512G"]
    line = next(x for x in lines if x.startswith("amdv1 "))
    assert "4K..256G 1T..2P" in line


def check_wrong():
    """wrong arguments are one line and status 125"""
    for wrong in ("--nonsense", "vtdss"):
        done = run(wrong)
        assert done.returncode == 125 and not done.stdout
        assert done.stderr.count("\n") == 1 and wrong in done.stderr


def check_full():
    """a full disk is noticed"""
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([UIOMMU, "formats"], stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 125 and done.stderr.count("\n") == 1


TESTS = [check_names, check_facts, check_features, check_table, check_wrong,
         check_full]


def main():
    failed = False
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        try:
            test()
            print("ok", number, "-", test.__doc__)
        except AssertionError as error:
            failed = True
            print("not ok", number, "-", test.__doc__)
            print("#", error)
    return failed


sys.exit(main())
