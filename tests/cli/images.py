# SPDX-License-Identifier: MIT
"""Real memory: what QEMU, its guests and its devices saw of page tables is what
the commands read in the images.

images.py UIOMMU IMAGES-DIR - a directory that tools/make-images has made.
"""
import json
import lzma
import os
import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from tap import ROOT, case, check, each, main, run, succeed  # noqa: E402

UIOMMU, IMAGES = os.path.abspath(sys.argv[1]), Path(sys.argv[2])
TMP = Path(tempfile.mkdtemp(prefix="uiommu-images-test-"))
INDEX = json.loads((IMAGES / "images.json").read_text())


def image(name):
    """The image as a file: it is stored compressed."""
    file = TMP / INDEX[name]["file"]
    if not file.exists():
        file.write_bytes(lzma.decompress(
            (IMAGES / f"{file.name}.xz").read_bytes()))
    return file


def view(name, kind):
    return [line for line in
            (IMAGES / f"{name}.{kind}").read_text().splitlines()
            if not line.startswith("#")]


def runs(name, options="options", more=()):
    """What is mapped, as dump says it."""
    done = run(UIOMMU, "dump", "--json", *more, *INDEX[name][options],
               image(name))
    check(done.returncode == 0, done.stderr, done.stdout[-500:])
    return json.loads(done.stdout)["runs"]


def pages(found):
    """Run by run, each page: VA, OA, its size, the run."""
    for r in found:
        va, oa = int(r["va"], 16), int(r["oa"], 16)
        for i in range(r["pages"]):
            yield (va + i * r["page_bytes"], oa + i * r["page_bytes"],
                   r["page_bytes"], r)


def having(kind):
    return sorted(name for name in INDEX if kind in INDEX[name]["view"])


def x86_tlb(name):
    """each page is what `info tlb` says"""
    told = {}
    for line in view(name, "tlb"):
        va, oa, flags = re.fullmatch(r"(\w+): (\w+) ([-XGPDACTUW]{9})",
                                     line).groups()
        told[int(va, 16)] = (int(oa, 16), flags)
    read = {}
    for va, oa, size, r in pages(runs(name, more=["--accessed-dirty"])):
        a = r["attributes"]
        flags = [("X", "X" not in r["access"]), ("G", a.get("G")),
                 ("P", size > 4096), ("D", r["dirty"]), ("A", r["accessed"]),
                 ("C", a.get("PCD")), ("T", a.get("PWT")), ("U", a.get("U/S")),
                 ("W", "W" in r["access"])]
        read[va] = (oa, "".join(c if on else "-" for c, on in flags))
    check(len(told) > 100 and read == told,
          *(f"{va:#x}: {read.get(va)}, told {told.get(va)}"
            for va in sorted(read.keys() | told.keys())
            if read.get(va) != told.get(va)))


each(having("tlb"), x86_tlb)


def merge(parts):
    """Neighbours that are alike, as one: (first, bytes, what)."""
    merged = []
    for va, size, what in parts:
        if merged and merged[-1][0] + merged[-1][1] == va and \
                merged[-1][2] == what:
            merged[-1][1] += size
        else:
            merged.append([va, size, what])
    return merged


def x86_mem(name):
    """the ranges are those of `info mem`"""
    told = []
    for line in view(name, "mem"):
        first, end, size, access = re.fullmatch(
            r"(\w+)-(\w+) (\w+) ([-urw]{3})", line).groups()
        check(int(end, 16) - int(first, 16) == int(size, 16))
        told.append([int(first, 16), int(size, 16), access])
    read = merge((va, size, ("u" if r["attributes"].get("U/S") else "-") + "r" +
                  ("w" if "W" in r["access"] else "-"))
                 for va, _, size, r in pages(runs(name)))
    check(read == told, read, told)


each([name for name in having("mem") if name.startswith("x86")], x86_mem)


def riscv_mem(name):
    """the ranges are those of `info mem`"""
    told = []
    for line in view(name, "mem")[2:]:
        va, pa, size, flags = line.split()
        told.append([int(va, 16), int(size, 16),
                     (int(pa, 16) - int(va, 16), flags)])
    read = []
    for va, oa, size, r in pages(runs(name, more=["--accessed-dirty"])):
        user, access = r["attributes"].get("U"), r["access"]
        flags = [("r", "R" in access), ("w", "W" in access),
                 ("x", "X" in access), ("u", user), ("g", False),
                 ("a", r["accessed"]), ("d", r["dirty"])]
        read.append((va, size, (oa - va, "".join(c if on else "-"
                                                 for c, on in flags))))
    check(merge(read) == told, *merge(read), "told:", *told)


each([name for name in having("mem") if name.startswith("riscv")], riscv_mem)


def arm_seen(name):
    """each walk goes where the processor's AT instruction went"""
    lines = view(name, "seen")
    check(len(lines) > 10)
    for line in lines:
        va, *answers = (int(word, 16) for word in line.split())
        half = "upper" if va >> 63 else "options"
        for access, par in zip("rw", answers):
            done = run(UIOMMU, "walk", "--json", "--access", access,
                       *INDEX[name][half], image(name), hex(va))
            got = json.loads(done.stdout)
            if par & 1:
                # PAR_EL1.FST: 0b0011xx is a permission fault.
                why = "permission" if par >> 1 & 0x3c == 0xc else "not present"
                check(done.returncode == 1 and why in got["result"], line,
                      got["result"])
            else:
                want = par & 0x000ffffffffff000 | va & 0xfff
                check(done.returncode == 0 and int(got["oa"], 16) == want,
                      f"{va:#x} {access}: {want:#x}", done.stdout)


each([name for name in having("seen") if name.startswith("aarch64")], arm_seen)


def dma_seen(name):
    """each walk goes where the device's DMA went"""
    lines = view(name, "seen")
    check(len(lines) > 4)
    for line in lines:
        va, access, target = line.split()
        done = run(UIOMMU, "walk", "--json", "--access", access,
                   *INDEX[name]["options"], image(name), va)
        if target == "blocked":
            check(done.returncode == 1, line, done.stdout)
        else:
            got = json.loads(done.stdout)
            check(done.returncode == 0 and got["oa"] == target, line,
                  done.stdout)


each([name for name in having("seen") if not name.startswith("aarch64")],
     dma_seen)


def every_command(name):
    """tree, pictures and check read it"""
    options = INDEX[name]["options"]
    succeed(UIOMMU, "dump", "--tree", *options, image(name))
    for kind in ([], ["--map"]):
        text = succeed(UIOMMU, "draw", *kind, *options, image(name)).stdout
        check("bad entr" not in text and "mapped by" in text)
    done = run(UIOMMU, "check", *options, image(name))
    check(done.returncode in (0, 1) and "reserved" not in done.stdout,
          done.stdout, done.stderr)


each(sorted(INDEX), every_command)


@case
def picture():
    """docs/tree.svg is what the README's command draws"""
    text = (ROOT / "README.md").read_text()
    line = re.search(r"^    (?:build/)?uiommu draw (.*) guest\.core -o tree\.svg$",
                     text, re.M)
    check(line, "the README has no such command")
    image("x86_64-4").rename(TMP / "guest.core")
    drawn = succeed(UIOMMU, "draw", *line[1].split(), "guest.core",
                    cwd=TMP).stdout
    check(drawn == (ROOT / "docs/tree.svg").read_text())


main()
