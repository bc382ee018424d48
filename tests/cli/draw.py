# SPDX-License-Identifier: MIT
"""`uiommu draw`: pictures that are well-formed, legible, and what was approved.

draw.py UIOMMU GOLDEN-DIR - UIOMMU_APPROVE=1 in the environment approves what is
drawn now: look at it before.
"""
import functools
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from tap import case, check, each, main, requires, run, succeed  # noqa: E402

UIOMMU, GOLDEN = os.path.abspath(sys.argv[1]), Path(sys.argv[2])
TMP = Path(tempfile.mkdtemp(prefix="uiommu-draw-test-"))
SVG = "{http://www.w3.org/2000/svg}"
BASE = 0x100000
# Of the font, as src/cli/svg.h has it.
ADVANCE = 0.605


class Table:
    """A VT-d second-stage table of four levels, as an image."""

    def __init__(self):
        self.pages = {}
        self.root = self.new()

    def new(self):
        pa = BASE + len(self.pages) * 4096
        self.pages[pa] = [0] * 512
        return pa

    def slot(self, va, level):
        table = self.root
        for l in range(3, level, -1):
            index = va >> (12 + 9 * l) & 511
            if not self.pages[table][index]:
                self.pages[table][index] = self.new() | 3
            table = self.pages[table][index] & ~0xfff
        return self.pages[table], va >> (12 + 9 * level) & 511

    def map(self, va, oa, level=0, access=3):
        table, index = self.slot(va, level)
        table[index] = oa | access | (0x80 if level else 0)

    def write(self, name):
        path = TMP / name
        path.write_bytes(b"".join(struct.pack("<512Q", *self.pages[pa])
                                  for pa in sorted(self.pages)))
        return path


def small():
    """A few pages of each kind."""
    t = Table()
    t.map(0x100000, 0x5000, access=1)
    for i in range(3):
        t.map(0x2000000 + i * 0x200000, 0x40000000 + i * 0x200000, 1)
    for i in range(16):
        t.map(0x7f0000000000 + i * 4096, 0x9000000 + i * 8192, access=2)
    t.map(0x8000000000, 0x80000000, 2)
    return t


def mixed():
    """Much of everything, and some harm."""
    rng = random.Random(1)
    t = Table()
    for i in range(3):
        t.map(0x40000000 * (i + 4), 0x40000000 * (i + 8), 2)
    for i in range(100):
        t.map(0x80000000 + 0x200000 * i, 0x10000000 + 0x200000 * i, 1,
              1 if i % 10 == 0 else 3)
    for i in range(3000):
        if rng.random() < .7:
            t.map(0x7f0000000000 + 4096 * i, 4096 * rng.randrange(1 << 20), 0,
                  rng.choice([1, 3, 3, 3, 2]))
    for i in range(512 * 3):
        t.map(0xf9e00000 + 4096 * i * 3, 4096 * i)
    t.map(0x1000, 0x5000)
    t.map(0x3000, 0x7000, access=1)
    t.pages[t.root][300] = t.new() | 3
    t.pages[t.root][301] = 1 << 62 | 1
    return t


def full():
    """A gibibyte of small pages: too many to tell apart."""
    t = Table()
    for i in range(1 << 18):
        t.map(i * 4096, 0x40000000 + i * 4096)
    return t


IMAGES = {"empty": Table(), "small": small(), "mixed": mixed(), "full": full()}
for _name, _table in IMAGES.items():
    _table.write(f"{_name}.bin")


def options(name):
    return ["--format", "vtdss", "--levels", "4", "--base", hex(BASE),
            "--root", hex(IMAGES[name].root)]


def draw(name, *more):
    # The caption names the image as it was named.
    return succeed(UIOMMU, "draw", *options(name), *more, f"{name}.bin",
                   cwd=TMP).stdout


PICTURES = [(name, kind) for name in IMAGES for kind in ("tree", "map")]
NAMES = [f"{name}-{kind}" for name, kind in PICTURES]


@functools.cache
def svg(name):
    image, kind = name.split("-")
    return draw(image, *(["--map"] if kind == "map" else []))


def approved(name):
    """is the approved SVG"""
    path = GOLDEN / f"draw-{name}.svg"
    text = svg(name)
    if os.environ.get("UIOMMU_APPROVE"):
        path.write_text(text)
    check(path.exists() and path.read_text() == text, f"differs from {path}")


each(["empty-tree", "empty-map", "small-tree", "mixed-tree"], approved)


def number(element, key):
    return float(element.get(key))


def sits(name):
    """is well-formed; all text is in the picture, and labels in their boxes"""
    root = ET.fromstring(svg(name))
    width, height = number(root, "width"), number(root, "height")
    texts = list(root.iter(SVG + "text"))
    check(len(texts) > 3)
    places = []
    for text in texts:
        size = number(text, "font-size")
        check(size >= 10, "too small to read", text.text)
        long = len(text.text) * size * ADVANCE
        x, y = number(text, "x"), number(text, "y")
        x -= {"middle": long / 2, "end": long}.get(text.get("text-anchor"), 0)
        check(0 <= x and x + long <= width and size <= y + 3 <= height,
              "outside of the picture", text.text)
        places.append((x, y - size * .75, x + long, y, text.text))
    for i, a in enumerate(places):
        for b in places[:i]:
            check(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1],
                  "texts collide", a, b)
    for group in root.iter(SVG + "g"):
        boxes = group.findall(SVG + "rect")
        for text in group.findall(SVG + "text"):
            long = len(text.text) * number(text, "font-size") * ADVANCE
            check(any(number(b, "width") + 1 >= long for b in boxes),
                  "wider than its box", text.text)


each(NAMES, sits)


def pixels(png):
    """Width, height and rows of RGB(A) bytes of a PNG without interlacing."""
    check(png[:8] == b"\x89PNG\r\n\x1a\n")
    at, data = 8, b""
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        body = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack_from(">IIBB", body)
            check(depth == 8 and colour in (2, 6))
        elif kind == b"IDAT":
            data += body
        at += length + 12
    size = 4 if colour == 6 else 3
    raw, stride, rows = zlib.decompress(data), width * size, []
    before = bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        method, row = raw[start], bytearray(raw[start + 1:start + 1 + stride])
        for i in range(stride):
            left = row[i - size] if i >= size else 0
            up, corner = before[i], before[i - size] if i >= size else 0
            if method == 1:
                row[i] = row[i] + left & 255
            elif method == 2:
                row[i] = row[i] + up & 255
            elif method == 3:
                row[i] = row[i] + (left + up) // 2 & 255
            elif method == 4:
                guess = left + up - corner
                near = min((abs(guess - left), 0, left),
                           (abs(guess - up), 1, up),
                           (abs(guess - corner), 2, corner))
                row[i] = row[i] + near[2] & 255
        rows.append(row)
        before = row
    return width, height, size, rows


def blocks(png, edge=6):
    """Averages of squares: what a person sees from some distance."""
    width, height, size, rows = pixels(png)
    found = {}
    for y in range(0, height - edge + 1, edge):
        for x in range(0, width - edge + 1, edge):
            sums = [0, 0, 0]
            for row in rows[y:y + edge]:
                for c in range(3):
                    sums[c] += sum(row[x * size + c:(x + edge) * size:size])
            found[x, y] = [s / edge / edge for s in sums]
    return found


def rendered(name):
    """looks as approved"""
    requires("rsvg-convert")
    png = subprocess.run(["rsvg-convert", "-w", "300"],
                         input=svg(name).encode(), capture_output=True,
                         check=True, timeout=60).stdout
    path = GOLDEN / f"draw-{name}.png"
    if os.environ.get("UIOMMU_APPROVE"):
        path.write_bytes(png)
    old, new = blocks(path.read_bytes()), blocks(png)
    check(old.keys() == new.keys(), "another size")
    # Fonts and versions of the renderer differ a little, colours do not.
    far = [k for k in old if max(abs(a - b) for a, b in
                                 zip(old[k], new[k])) > 40]
    check(len(far) * 100 <= len(old), f"{len(far)} of {len(old)} squares are "
          f"different, the first at {far[:3]}")


each(["small-tree", "small-map", "mixed-tree", "mixed-map", "full-tree"],
     rendered)


@case
def bounded():
    """a table of 262144 pages makes no large picture"""
    for kind in ("tree", "map"):
        check(len(svg(f"full-{kind}")) < 400000)
    check("262144 pages" in svg("full-tree") and "512 tables" in
          svg("full-tree"))


@case
def dark():
    """dark pages change every colour of the page, and only by a style sheet"""
    text = svg("mixed-tree")
    sheet = re.search(r"<style>\n@media \(prefers-color-scheme: dark\) \{\n"
                      r"(.*?)\n\}\n</style>", text, re.S)[1]
    styled = set(re.findall(r"^\.(\w+)\{", sheet, re.M))
    used = set(re.findall(r'class="(\w+)"', text))
    check(used <= styled, used - styled)
    for element in ET.fromstring(text).iter():
        if element.get("class") and element.tag != SVG + "path":
            check(element.get("fill"), ET.tostring(element))


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [p / 12.92 if p <= .03928 else ((p + .055) / 1.055) ** 2.4
             for p in parts]
    return .2126 * parts[0] + .7152 * parts[1] + .0722 * parts[2]


def contrast(a, b):
    a, b = sorted((luminance(a), luminance(b)))
    return (b + .05) / (a + .05)


@case
def readable():
    """text has the contrast that WCAG asks for (4.5), light and dark"""
    source = (HERE.parent.parent / "src/cli/svg.c").read_text()
    pages = re.findall(r'\{ \d+, "(#[0-9a-f]{6})" \}', source)
    check(len(pages) > 15)
    for page in pages:
        check(contrast(page, "#14181d") >= 4.5, page)
    inks = re.findall(r'\[CLI_INK_\w+\] = '
                      r'\{ "(#[0-9a-f]{6})", "(#[0-9a-f]{6})" \}', source)
    check(len(inks) == 5)
    for i in (0, 1, 4):
        light, night = inks[i]
        for paper in ("#ffffff", "#f6f8fa"):
            check(contrast(light, paper) >= 4.5, light, paper)
        for paper in ("#0d1117", "#161b22"):
            check(contrast(night, paper) >= 4.5, night, paper)
    # Lines and dots of a chart: 3 is enough.
    series = source.partition("series_colours[")[2].partition("};")[0]
    series = re.findall(r'\{ "(#[0-9a-f]{6})", "(#[0-9a-f]{6})" \}', series)
    check(len(series) == 6)
    for light, night in series:
        check(contrast(light, "#ffffff") >= 3, light)
        check(contrast(night, "#0d1117") >= 3, night)


@case
def numbers():
    """--json: the numbers behind the picture"""
    got = json.loads(draw("small", "--json"))
    check(got["format"] == "vtdss" and got["root"] == hex(IMAGES["small"].root))
    check(got["mapped_bytes"] == 17 * 4096 + 3 * (2 << 20) + (1 << 30), got)
    check([(s["size"], s["pages"]) for s in got["page_sizes"]] ==
          [(4096, 17), (2 << 20, 3), (1 << 30, 1)], got)
    check({p["access"]: p["bytes"] for p in got["permissions"]} ==
          {"R-": 4096, "-W": 65536, "RW": 3 * (2 << 20) + (1 << 30)}, got)
    check([(r["first"], r["last"], r["pieces"]) for r in got["ranges"]] ==
          [("0x100000", "0x100fff", 1), ("0x2000000", "0x25fffff", 1),
           ("0x8000000000", "0x803fffffff", 1),
           ("0x7f0000000000", "0x7f000000ffff", 1)], got["ranges"])
    check(sum(h["holes"] for h in got["holes"]) == 3, got["holes"])
    # 16 pages, each of which goes elsewhere, and three other pieces.
    check(got["extents"] == 16 + 3 and got["complete"], got)
    bad = json.loads(draw("mixed", "--json"))
    check(bad["bad"] == 1 and bad["levels"][0]["bad"] == 1 and
          sum(l["empty_tables"] for l in bad["levels"]) == 1, bad["levels"])


@case
def path_permissions():
    """what an upper entry forbids is not permitted below it"""
    t = Table()
    t.map(0x1000, 0x5000)
    table, index = t.slot(0x1000, 1)
    table[index] &= ~2
    IMAGES["forbids"] = t
    t.write("forbids.bin")
    check(json.loads(draw("forbids", "--json"))["permissions"] ==
          [{"access": "R-", "bytes": 4096}])
    check(">R-<" in draw("forbids"))


@case
def jumps():
    """the map marks where the output address does not go on"""
    # 16 pages in a row that stand apart in memory; and the legend's mark.
    marks = draw("small", "--map", "--va",
                 "0x7f0000000000+64K").count('class="break"')
    check(marks == 15 + 1, marks)


@case
def part():
    """--va draws what translates these addresses"""
    got = json.loads(draw("small", "--json", "--va", "0x2000000+4M"))
    check([(s["size"], s["pages"]) for s in got["page_sizes"]] ==
          [(2 << 20, 2)], got)
    check("2 × 2M" in draw("small", "--va", "0x2000000-0x23fffff"))


@case
def output():
    """-o writes a file, --output too, and a failure leaves the old one"""
    where = TMP / "out.svg"
    check(draw("small", "-o", where) == "")
    check(where.read_text() == draw("small"))
    draw("small", "--map", "--output", where)
    check(where.read_text() == draw("small", "--map"))
    done = run(UIOMMU, "draw", *options("small"), "-o", where, "missing.bin",
               cwd=TMP)
    check(done.returncode == 125 and
          where.read_text() == draw("small", "--map"), done.stderr)


@case
def name_of_image():
    """a name that XML does not have is shown without harm"""
    odd = TMP / "a<b>&\x01\udcff.bin"
    os.link(TMP / "small.bin", odd)
    root = ET.fromstring(succeed(UIOMMU, "draw", *options("small"), odd).stdout)
    check(any("a<b>&??.bin" in (t.text or "") for t in root.iter(SVG + "text")))


def refuses(words, *command, **more):
    done = run(UIOMMU, "draw", *command, cwd=TMP, **more)
    check(done.returncode == 125 and words in done.stderr and
          done.stderr.count("\n") == 1 and not done.stdout, done.stderr)


@case
def errors():
    """wrong arguments, places and images: one line, exit status 125"""
    good = options("small")
    refuses("no image is named", *good)
    refuses("not also 'b.bin'", *good, "small.bin", "b.bin")
    refuses("--frame", *good, "--frame", "small.bin")
    refuses("--va", *good, "--va", "9-3", "small.bin")
    refuses("--max-entries", *good, "--max-entries", "0", "small.bin")
    refuses("cannot write '/nowhere/x.svg': No such file", *good, "small.bin",
            "-o", "/nowhere/x.svg")
    refuses("cannot write '/dev/full': No space left", *good, "small.bin",
            "-o", "/dev/full")
    refuses("missing.bin", *good, "missing.bin")
    refuses("the top table is not there", *good[:-1], "0x90000000",
            "small.bin")
    done = subprocess.run(f"{UIOMMU} draw {' '.join(good)} small.bin "
                          ">/dev/full", shell=True, cwd=TMP, check=False,
                          capture_output=True, text=True)
    check(done.returncode == 125 and "standard output" in done.stderr,
          done.stderr)


@case
def hostile():
    """tables that share, loop and lead nowhere are drawn in bounded time"""
    t = Table()
    second = t.new()
    third = t.new()
    last = t.new()
    t.pages[t.root] = [second | 3] * 512
    t.pages[second] = [third | 3] * 512
    t.pages[third] = [last | 3] * 512
    t.pages[last] = [0x5000 | 3] * 512
    IMAGES["shared"] = t
    t.write("shared.bin")
    for kind in ([], ["--map"]):
        text = draw("shared", "--max-entries", "1M", *kind)
        check("given up after 1048576 entries" in text)
        ET.fromstring(text)
    loop = Table()
    loop.pages[loop.root] = [loop.root | 3, 0x66666000 | 3] + \
        [(1 << 62) | 3] * 510
    IMAGES["loop"] = loop
    loop.write("loop.bin")
    for kind in ([], ["--map"]):
        check("bad entries" in draw("loop", *kind))


main()
