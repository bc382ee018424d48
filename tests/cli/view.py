# SPDX-License-Identifier: MIT
"""uiommu dump, walk, check and diff.

view.py UIOMMU MAKE-IMAGE GOLDEN-DIR
"""
import functools
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from tap import case, check, main, run, succeed  # noqa: E402

UIOMMU, MAKE, GOLDEN = sys.argv[1], sys.argv[2], Path(sys.argv[3])
TMP = Path(tempfile.mkdtemp(prefix="uiommu-view-test-"))
UTF8 = {**os.environ, "LC_ALL": "C.UTF-8"}
PLAIN = {**os.environ, "LC_ALL": "C"}

FORMATS = [f["name"] for f in json.loads(
    succeed(UIOMMU, "formats", "--json").stdout)]
X86 = ["--format", "x86_64", "--root", "0x1000", "--oa-bits", "40"]


def uiommu(*args, env=None, **more):
    return run(UIOMMU, *args, env=env or UTF8, **more)


def status(wanted, done):
    check(done.returncode == wanted,
          f"{done.args}: status {done.returncode}, not {wanted}",
          done.stdout[-2000:], done.stderr[-2000:])
    return done


def document(*args, wanted=0):
    return json.loads(status(wanted, uiommu(*args, "--json")).stdout)


def golden(name, commands, env=None):
    """Compare what COMMANDS print with the approved text; UIOMMU_APPROVE=1
    approves this one. Commands are lists of words; paths lose their folder."""
    text = ""
    for words in commands:
        done = uiommu(*words, env=env)
        shown = " ".join(str(w).replace(f"{TMP}/", "") for w in words)
        text += f"$ uiommu {shown}\n{done.stdout}{done.stderr}"
        text += f"[{done.returncode}]\n" if done.returncode else ""
    text = text.replace(f"{TMP}/", "")
    path = GOLDEN / name
    if os.environ.get("UIOMMU_APPROVE"):
        path.write_text(text)
    approved = path.read_text() if path.exists() else ""
    if text == approved:
        return
    new, old = text.splitlines(), approved.splitlines()
    at = next((i for i, (a, b) in enumerate(zip(new, old)) if a != b),
              min(len(new), len(old)))
    check(False, f"not what {path} says, from line {at + 1} on:",
          *new[at:at + 8])


# ---------------------------------------------------------------- images

def image(name, data):
    path = TMP / name
    path.write_bytes(data)
    return path


def words(name):
    """The bytes that tests/cli/images/NAME.words describes."""
    data = bytearray()
    for line in (HERE / "images" / f"{name}.words").read_text().splitlines():
        field = line.split("#")[0].split()
        if not field:
            continue
        if field[0] == "size":
            data = bytearray(int(field[1], 0))
            continue
        address, value = int(field[0], 0), int(field[1], 0)
        count, step = (int(f, 0) for f in field[2:] or ("1", "0"))
        for i in range(count):
            struct.pack_into("<Q", data, address + 8 * i, value + i * step)
    return bytes(data)


def core64(segments, *, kind=4, data=1, phnum=None, phentsize=56, shnum=None,
           flags=0):
    """An ELF core: segments are (paddr, vaddr, bytes, filesz or None)."""
    many = shnum is not None
    shoff = 64 if many else 0
    phoff = 64 + (64 if many else 0)
    at = phoff + 56 * len(segments)
    head = b"\x7fELF" + bytes([2, data, 1]) + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", kind, 62, 1, 0, phoff, shoff, flags,
                        64, phentsize,
                        len(segments) if phnum is None else phnum,
                        64 if many else 0, 1 if many else 0, 0)
    if many:
        head += struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, 0, 0, shnum, 0, 0)
    headers, body = b"", b""
    for paddr, vaddr, content, filesz in segments:
        size = len(content) if filesz is None else filesz
        headers += struct.pack("<IIQQQQQQ", 1, 4, at + len(body), vaddr, paddr,
                               size, size, 0)
        body += content
    return head + headers + body


def core32(segments):
    at = 52 + 32 * len(segments)
    head = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)
    head += struct.pack("<HHIIIIIHHHHHH", 4, 3, 1, 0, 52, 0, 0, 52, 32,
                        len(segments), 0, 0, 0)
    headers, body = b"", b""
    for paddr, vaddr, content in segments:
        headers += struct.pack("<IIIIIIII", 1, at + len(body), vaddr, paddr,
                               len(content), len(content), 4, 0)
        body += content
    return head + headers + body


MEMORY = words("x86_64")
X86_IMAGE = image("machine.img", MEMORY)
NESTED_IMAGE = image("nested.img", words("nested"))
NESTED = ["--format", "riscv64", "--levels", "3", "--root", "0x10000",
          "--stage2", "riscv64_x4,0x4000,levels=3"]


def changed():
    """The same table some time later."""
    data = bytearray(MEMORY)
    for i in range(4, 8):
        struct.pack_into("<Q", data, 0x4800 + i * 8, 0x900065 + i * 0x1000)
    struct.pack_into("<Q", data, 0x4880, 0)
    struct.pack_into("<Q", data, 0x4890, 0x777067)
    struct.pack_into("<Q", data, 0x4878, 0x20f067)
    struct.pack_into("<Q", data, 0x3040, 0x500001e7)
    return bytes(data)


LATER = image("later.img", changed())


@functools.lru_cache(maxsize=None)
def made(name):
    """An image of the library's own table: its file, options, mappings."""
    file = TMP / f"{name}.img"
    what = json.loads(succeed(MAKE, name, file).stdout)
    return file, what["options"], what["maps"]


# ---------------------------------------------------------------- formats

def pieces(maps):
    """Mappings as a sorted list of (va, last, oa, access)."""
    found = sorted((int(m["va"], 0), int(m["va"], 0) + m["bytes"] - 1,
                    int(m["oa"], 0), m["access"]) for m in maps)
    merged = []
    for va, last, oa, access in found:
        if merged:
            a, b, c, d = merged[-1]
            if (b + 1, c + va - a, d) == (va, oa, access):
                merged[-1] = (a, last, c, d)
                continue
        merged.append((va, last, oa, access))
    return merged


@case
def own_tables():
    """dump of our own tables in all formats: what was mapped, no more"""
    check(len(FORMATS) == 20, FORMATS)
    for name in FORMATS:
        file, options, maps = made(name)
        got = document("dump", *options, file)
        runs = [{"va": r["va"], "oa": r["oa"], "access": r["access"][:2],
                 "bytes": int(r["last"], 0) - int(r["va"], 0) + 1}
                for r in got["runs"]]
        check(pieces(runs) == pieces(maps), name, pieces(runs), pieces(maps))
        check(got["format"] == name and got["complete"], got)


@case
def own_translations():
    """walk of each of these mappings, and beside them"""
    for name in FORMATS:
        file, options, maps = made(name)
        for m in maps[-1:]:
            va, oa = int(m["va"], 0), int(m["oa"], 0)
            got = document("walk", *options, file, hex(va + 0x123))
            check(got["result"] == "translated", name, got)
            check(int(got["oa"], 0) == oa + 0x123, name, m, got)
            check(len(got["steps"]) <= got["levels"], got)
        got = document("walk", *options, file, "0x20000000", wanted=1)
        check(got["result"] == "not present" and "oa" not in got, got)


@case
def own_faultless():
    """check finds nothing in them, diff no difference with themselves"""
    for name in FORMATS:
        file, options, _ = made(name)
        got = document("check", *options, file)
        check(not got["findings"] and got["tables"] > 1, name, got)
        got = document("diff", *options, file, file)
        check(got["same"] and not got["changes"], name, got)


@case
def all_formats():
    """golden: dump and walk of each format"""
    files = {name: made(name) for name in FORMATS}
    golden("dump-formats.txt", [["dump", *options, file]
                                for file, options, _ in files.values()])
    golden("walk-formats.txt", [["walk", *options, file, "0x400010"]
                                for file, options, _ in files.values()])


# ---------------------------------------------------------------- commands

@case
def dump_golden():
    """golden: dump as runs, as a tree, filtered, in ASCII"""
    golden("dump.txt", [["dump", *X86, *more, X86_IMAGE] for more in (
        [], ["--tree"], ["--tree", "--va", "0x100000+64K"],
        ["--va", "0x104000-0x107fff"], ["--va", "0x1200000"],
        ["--oa", "0x204000+0x1000"], ["--access", "r!w"],
        ["--access", "rwx"], ["--access", "!x"], ["--level", "1-2"],
        ["--accessed-dirty"], ["--repeat-tables", "--va", "512G+2M"],
        ["--features", "supervisor,no-nxe", "--va", "1M+128K"])])
    golden("dump-ascii.txt", [["dump", *X86, X86_IMAGE]], env=PLAIN)


@case
def dump_json_golden():
    """golden: the same in JSON, which is JSON"""
    golden("dump.json.txt", [["dump", "--json", *X86, *more, X86_IMAGE]
                             for more in ([], ["--tree"])])
    tree = document("dump", *X86, "--tree", X86_IMAGE)
    check(tree["entries"][0]["entries"][0]["entries"], tree)
    runs = document("dump", *X86, X86_IMAGE, wanted=1)
    check(any("bad" in r for r in runs["runs"]), runs)
    check(any("same_as" in r for r in runs["runs"]), runs)


@case
def walk_golden():
    """golden: walks that arrive and walks that stop, in text and JSON"""
    walks = [["0x100010"], ["0x110000", "--access", "w"],
             ["0x110000", "--access", "rx"], ["0x40001234"], ["0x140000"],
             ["0x1400000"], ["0x1600000"], ["0x1800000"], ["0x80000000"],
             ["0x111000"], ["0x900000000000"]]
    golden("walk.txt", [["walk", *X86, X86_IMAGE, *w] for w in walks])
    golden("walk.json.txt", [["walk", "--json", *X86, X86_IMAGE, *w]
                             for w in walks])


@case
def check_golden():
    """golden: check, by severity, in text and JSON; its exit status"""
    golden("check.txt", [["check", *X86, *more, X86_IMAGE] for more in (
        [], ["--severity", "warning"], ["--severity", "error"], ["--json"])])
    file, options, _ = made("vtdss")
    status(0, uiommu("check", *options, file))
    # Only a note, then only a warning.
    data = bytearray(MEMORY)
    for at in (0x1008, 0x1ff0, 0x2010, 0x3050, 0x3058, 0x3060, 0x3070, 0x4888):
        struct.pack_into("<Q", data, at, 0)
    note = image("note.img", data)
    done = status(1, uiommu("check", *X86, note))
    check("could be 1 of 2M" in done.stdout and "empty table" in done.stdout,
          done.stdout)
    status(0, uiommu("check", *X86, "--severity", "warning", note))
    struct.pack_into("<Q", data, 0x1008, 0x2027)
    status(2, uiommu("check", *X86, image("warning.img", data)))


@case
def check_beyond():
    """check finds what the input width and permissions leave unreachable"""
    data = bytearray(0x5000)
    struct.pack_into("<Q", data, 0x0000, 0x1003)
    struct.pack_into("<Q", data, 0x0008, 0x2003)
    struct.pack_into("<Q", data, 0x1000, 0x3001)
    struct.pack_into("<Q", data, 0x3000, 0x4002)
    struct.pack_into("<Q", data, 0x4000, 0x5003)
    done = status(2, uiommu(
        "check", "--format", "vtdss", "--levels", "4", "--va-bits", "39",
        "--root", "0", image("beyond.img", data)))
    check("no address of the input width reaches" in done.stdout,
          done.stdout)
    check("no permission is left" in done.stdout, done.stdout)


@case
def check_runs():
    """check finds runs with a copy that differs, in formats that have them"""
    for name, flip in (("armv8_s1_4k", 1 << 53), ("v7s", 1 << 16),
                       ("amdv1", 1 << 59)):
        file, options, _ = made(name)
        entry = 4 if name == "v7s" else 8
        base = int(options[options.index("--base") + 1], 0)
        va = {"armv8_s1_4k": 0x4400000, "v7s": 0x4500000,
              "amdv1": 0x4200000}[name]
        step = document("walk", *options, file, hex(va))["steps"][-1]
        data = bytearray(file.read_bytes())
        at = int(step["table"], 0) - base + step["index"] * entry
        raw = int.from_bytes(data[at:at + entry], "little") ^ flip
        data[at:at + entry] = raw.to_bytes(entry, "little")
        got = document("check", *options, image("broken-run.img", data),
                       wanted=3)
        check([f["kind"] for f in got["findings"]] == ["broken-run"], name,
              got["findings"])


@case
def diff_golden():
    """golden: diff of two images and of two roots, in text and JSON"""
    one = ["--va", "0+2G"]
    golden("diff.txt", [
        ["diff", *X86, X86_IMAGE, LATER],
        ["diff", *X86, *one, X86_IMAGE, LATER],
        ["diff", *X86, *one, "--ignore", "attributes", X86_IMAGE, LATER],
        ["diff", *X86, *one, "--accessed-dirty", X86_IMAGE, LATER],
        ["diff", *X86, *one, "--json", X86_IMAGE, LATER],
        ["diff", *X86, *one, X86_IMAGE, X86_IMAGE],
        ["diff", *X86, "--va", "0+4M", X86_IMAGE, "--root-b", "0x2000"]])


@case
def diff_sizes():
    """diff can look away where only page sizes differ, and compares formats"""
    small, options, _ = made("vtdss")
    large, other, _ = made("ept")
    both = ["diff", *options, "--format-b", "ept", "--levels-b", "4", small,
            large]
    got = document(*both, wanted=1)
    check(all(c["change"] == "changed" and c["a"]["access"] != c["b"]["access"]
              for c in got["changes"]), got["changes"][:2])
    wide, others, _ = made("amdv1")
    sizes = ["--format-b", "amdv1", "--levels-b", "3", "--va-bits-b", "39"]
    got = document("diff", *options, *sizes, "--va", "0x400000+20K", small,
                   wide, wanted=1)
    check(got["changes"][0]["a"]["page_bytes"] == 4096
          and got["changes"][0]["b"]["page_bytes"] == 16384, got)
    document("diff", *options, *sizes, "--va", "0x400000+20K", "--ignore",
             "size,attributes", small, wide)
    # A range within a page.
    got = document("diff", *X86, "--va", "0x1100000+4K", X86_IMAGE, LATER,
                   wanted=1)
    check([c["a"]["va"] for c in got["changes"]] == ["0x1100000"], got)


@case
def diff_long():
    """diff of tables of more runs than are read at a time"""
    data = bytearray(0x5000)
    for at, value in ((0, 0x1003), (0x1000, 0x2003), (0x2000, 0x3003),
                      (0x2008, 0x4003)):
        struct.pack_into("<Q", data, at, value)
    for i in range(1024):
        struct.pack_into("<Q", data, 0x3000 + 8 * i,
                         (i * 7 % 1024) << 12 | 1 << 30 | 3)
    options = ["--format", "vtdss", "--levels", "4", "--root", "0"]
    # As many again in the second half of level 1.
    for i in range(2, 512):
        struct.pack_into("<Q", data, 0x2000 + 8 * i, 0x3003 + (i & 1) * 0x1000)
    a = image("long-a.img", data)
    struct.pack_into("<Q", data, 0x4000, 0)
    b = image("long-b.img", data)
    got = document("diff", *options, a, b, wanted=1)
    check(len(got["changes"]) == 256, len(got["changes"]))
    check({c["change"] for c in got["changes"]} == {"removed"},
          got["changes"][0])


@case
def nested_golden():
    """golden: two stages in dump, walk and check"""
    golden("nested.txt", [
        ["dump", *NESTED, NESTED_IMAGE],
        ["dump", *NESTED, "--access", "w", NESTED_IMAGE],
        ["dump", *NESTED, "--oa", "0x1002000+0x1000", NESTED_IMAGE],
        ["dump", *NESTED, "--json", NESTED_IMAGE],
        ["walk", *NESTED, NESTED_IMAGE, "0x2010"],
        ["walk", *NESTED, NESTED_IMAGE, "0x5010"],
        ["walk", *NESTED, "--access", "w", NESTED_IMAGE, "0x7010"],
        ["walk", *NESTED, NESTED_IMAGE, "0x200000"],
        ["walk", *NESTED, "--json", NESTED_IMAGE, "0x2010"],
        ["walk", *NESTED, "--json", NESTED_IMAGE, "0x5010"],
        ["check", *NESTED, NESTED_IMAGE]])


# ---------------------------------------------------------------- images

def same_dump(wanted, *args):
    """ARGS yield the runs WANTED."""
    done = uiommu("dump", "--json", *args)
    check(done.returncode in (0, 1), done.stderr)
    got = json.loads(done.stdout)["runs"]
    check(got == wanted, f"{args}: {len(got)} runs", got[:3])


@case
def kinds():
    """plain, ELF core by physical or virtual address, of 32 bits: the same"""
    runs = document("dump", *X86, X86_IMAGE, wanted=1)["runs"]
    lower, upper = MEMORY[:0x4000], MEMORY[0x4000:]
    high = 0xffff888000000000
    cores = {
        "physical": core64([(0, 0, lower, None), (0x4000, 0, upper, None)]),
        "both": core64([(0x4000, high + 0x4000, upper, None),
                        (0, high, lower, None)]),
        "virtual": core64([(0, 0, lower, None), (0, 0x4000, upper, None)]),
        "overlap": core64([(0, 0, MEMORY[:0x5000], None),
                           (0x3000, 0, MEMORY[0x3000:], None),
                           (0x1000, 0, MEMORY[0x1000:0x2000], None)]),
        "many": core64([(0, 0, lower, None), (0x4000, 0, upper, None)],
                       phnum=0xffff, shnum=2),
        "narrow": core32([(0, 0, lower), (0x4000, 0, upper)]),
    }
    for name, data in cores.items():
        same_dump(runs, *X86, image(f"{name}.core", data))
    # Unaligned in the file, by three bytes.
    data = cores["physical"]
    odd = bytearray(data[:64 + 112] + b"odd" + data[64 + 112:])
    for i in range(2):
        at = 64 + 56 * i + 8
        offset, = struct.unpack_from("<Q", odd, at)
        struct.pack_into("<Q", odd, at, offset + 3)
    same_dump(runs, *X86, image("odd.core", odd))
    same_dump(runs, *X86, "--addresses", "physical",
              image("both2.core", cores["both"]))
    same_dump(runs, *X86, "--raw", X86_IMAGE)
    done = status(1, uiommu("dump", *X86, "--addresses", "virtual",
                            image("both3.core", cores["both"])))
    check("0x1000 is not in the image, which holds 0xffff888000000000"
          in done.stderr, done.stderr)


@case
def base():
    """--base moves plain memory"""
    moved = bytearray(MEMORY[:0x1000] * 2)
    struct.pack_into("<Q", moved, 0, 0x80001003)
    struct.pack_into("<Q", moved, 0x1000, 0x80000083)
    file = image("base.img", moved)
    for base_at, root in (("0x80000000", "0x80000000"), ("2G", "2G")):
        got = document("dump", "--format", "vtdss", "--levels", "4", "--root",
                       root, "--base", base_at, file)
        check(got["runs"][0]["oa"] == "0x80000000", got)


@case
def process():
    """the memory of a process that runs, at an address of it"""
    code = ("import ctypes,sys; data = open(sys.argv[1], 'rb').read(); "
            "b = ctypes.create_string_buffer(data, len(data)); "
            "print(hex(ctypes.addressof(b)), flush=True); sys.stdin.read()")
    with subprocess.Popen([sys.executable, "-c", code, X86_IMAGE],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as child:
        at = child.stdout.readline().strip()
        wanted = document("dump", *X86, X86_IMAGE, wanted=1)["runs"]
        done = uiommu("dump", "--json", *X86, f"pid:{child.pid}@{at}")
        got = json.loads(done.stdout)["runs"]
        child.stdin.close()
    # What lies behind the copy is other memory of the process.
    kept = [r for r in wanted if r.get("table") != "0x9000"]
    check(kept == [r for r in got if r in kept] and kept, got[:4])
    done = status(125, uiommu("dump", *X86, "pid:2147483647"))
    check("no such process" in done.stderr, done.stderr)
    done = status(1, uiommu("walk", *X86, f"pid:{os.getpid()}", "0"))
    check("the process has no memory at 0x1000" in done.stderr, done.stderr)


# ---------------------------------------------------------------- errors

STRANGERS = {
    b"KDUMP   ": "compressed kdump", b"DISKDUMP": "diskdump",
    b"makedumpfile": "flattened", b"PAGEDU64": "Windows",
    b"PAGEDUMP": "Windows", b"QEVM": "saved state", b"QFI\xfb": "qcow2",
    b"EMiL": "LiME", b"\x1f\x8b": "gzip", b"BZh": "bzip2",
    b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd",
}


def refused(message, *args):
    done = uiommu(*args)
    check(done.returncode == 125 and not done.stdout and
          done.stderr.count("\n") == 1 and
          done.stderr.startswith("uiommu: ") and message in done.stderr,
          f"{args}: wanted '{message}'", done.returncode, done.stdout[:500],
          done.stderr)


@case
def refused_images():
    """images that cannot be read: one line that says why and what to do"""
    for magic, what in STRANGERS.items():
        name = image("strange", magic + bytes(8192))
        refused(what, "dump", *X86, name)
        status(0, uiommu("dump", *X86, "--raw", name))
    seg = (0, 0, bytes(4096), None)
    no_sections = bytearray(core64([seg], phnum=0xffff, shnum=1))
    struct.pack_into("<Q", no_sections, 40, 1 << 40)
    for message, data in {
        "ELF header is cut off": b"\x7fELF",
        "ELF header": core64([seg])[:40],
        "big-endian": core64([seg], data=2),
        "no known class": b"\x7fELF\x09\x01" + bytes(100),
        "but no core": core64([seg], kind=2),
        "impossible size": core64([seg], phentsize=0),
        "program headers are cut off": core64([seg], phnum=4000),
        "section header is cut off": no_sections,
        "claims 4000000000 segments": core64([seg], phnum=0xffff,
                                             shnum=4000000000),
        "without any memory": core64([]),
        "an empty file": b"",
    }.items():
        refused(message, "dump", *X86, image("broken", data))
    refused("No such file", "dump", *X86, TMP / "nowhere")
    refused("neither a file nor a device", "dump", *X86, TMP)
    fifo = TMP / "fifo"
    os.mkfifo(fifo)
    refused("neither a file nor a device", "dump", *X86, fifo)
    refused("leave out --base", "dump", *X86, "--base", "4096",
            image("a.core", core64([seg])))


@case
def refused_arguments():
    """wrong arguments: one line that names them, for each command"""
    img = X86_IMAGE
    for message, args in (
        ("is it 'x86_64'?", ["--format", "x86_46", "--root", "0", img]),
        ("is it 'armv8_s1_4k'?", ["--format", "armv8_s1_4K", img]),
        ("'uiommu formats' lists them", ["--format", "sparc", img]),
        ("--format is missing", ["--root", "0", img]),
        ("--root is missing", ["--format", "ept", img]),
        ("top table is not aligned", ["--format", "ept", "--root", "1", img]),
        ("beyond the output width",
         ["--format", "ept", "--root", "1P", "--oa-bits", "40", img]),
        ("input address is too wide",
         ["--format", "armv8_s2_64k", "--root", "0", "--va-bits", "60", img]),
        ("no such number of levels",
         ["--format", "ept", "--root", "0", "--levels", "3", img]),
        ("--levels: '9' is no number from 1 to 7",
         ["--format", "ept", "--levels", "9", img]),
        ("--va-bits: 'many'", ["--format", "ept", "--va-bits", "many", img]),
        ("--oa-bits: '0'", ["--format", "ept", "--oa-bits", "0", img]),
        ("--c-bit: '64'", ["--format", "amdv1", "--c-bit", "64", img]),
        ("ept has no feature 'nxe'; it has hw-dirty",
         ["--format", "ept", "--root", "0", "--features", "nxe", img]),
        ("it has none",
         ["--format", "dart", "--root", "0", "--features", "nxe", img]),
        ("--root: '12x' is no address",
         ["--format", "ept", "--root", "12x", img]),
        ("does not fit into 64 bits",
         ["--format", "ept", "--root", "99999999999999999999", img]),
        ("does not fit into 64 bits",
         ["--format", "ept", "--root", "17179869184G", img]),
        ("neither physical nor virtual", ["--addresses", "real", img]),
        ("--stage2: write", ["--stage2", "", img]),
        ("address of the top table is missing", ["--stage2", "ept", img]),
        ("no format 'epd'", ["--stage2", "epd,0", img]),
        ("no option 'color'", ["--stage2", "ept,0,color=3", img]),
        ("no option 'levels'", ["--stage2", "ept,0,levels", img]),
        ("ept has no feature 'upper'",
         ["--stage2", "ept,0,features=exec-only+upper", img]),
        ("--stage2: no ept table can be like this",
         [*X86, "--stage2", "ept,12", img]),
        ("no option '--colour'", ["--colour", img]),
        ("a value is missing for '--root'", ["--root"]),
    ):
        for command, more in (("dump", []), ("walk", ["0"]), ("check", []),
                              ("diff", [img])):
            more = [] if args[-1] == "--root" else more
            refused(message, command, *args, *more)
    for message, args in (
        ("one image is needed, not 0", ["dump", *X86]),
        ("one image is needed, not 2", ["dump", *X86, img, img]),
        ("--va: 'a' is no range", ["dump", *X86, "--va", "a", img]),
        ("--va: '5-4' is no range", ["dump", *X86, "--va", "5-4", img]),
        ("--va: '5+0' is no range", ["dump", *X86, "--va", "5+0", img]),
        ("--va: '1+16E' goes beyond", ["dump", *X86, "--va", "1+16E", img]),
        ("--access: 'q'", ["dump", *X86, "--access", "q", img]),
        ("--access: 'w!'", ["dump", *X86, "--access", "w!", img]),
        ("nothing can be like 'w!w'", ["dump", *X86, "--access", "w!w", img]),
        ("nothing can be like ''", ["dump", *X86, "--access", "", img]),
        ("--max-entries: '0'", ["dump", *X86, "--max-entries", "0", img]),
        ("not by --oa", ["dump", *X86, "--tree", "--oa", "0", img]),
        ("an image and a VA", ["walk", *X86, img]),
        ("VA: 'here' is no address", ["walk", *X86, img, "here"]),
        ("made of r, w and x", ["walk", *X86, "--access", "!w", img, "0"]),
        ("one image is needed", ["check", *X86]),
        ("none of note, warning and error",
         ["check", *X86, "--severity", "bad", img]),
        ("a second image is missing", ["diff", *X86, img]),
        ("not 3", ["diff", *X86, img, img, img]),
        ("neither size nor attributes",
         ["diff", *X86, "--ignore", "all", img, img]),
        ("no format 'x86'",
         ["diff", *X86, "--format-b", "x86", img, img]),
        ("too many options", ["diff", *X86, *["--root-b", "0"] * 33, img]),
    ):
        refused(message, *args)


@case
def full_disk():
    """output that cannot be written is noticed"""
    for args in (["dump", *X86, X86_IMAGE], ["dump", "--tree", *X86, X86_IMAGE],
                 ["dump", "--json", *X86, X86_IMAGE],
                 ["walk", *X86, X86_IMAGE, "0"],
                 ["walk", "--json", *X86, X86_IMAGE, "0"],
                 ["check", *X86, X86_IMAGE], ["diff", *X86, X86_IMAGE, LATER]):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([UIOMMU, *args], stdout=full, check=False,
                                  stderr=subprocess.PIPE, text=True)
        check(done.returncode == 125 and "cannot write" in done.stderr,
              args, done.returncode, done.stderr)


@case
def helps():
    """--help of each has examples, and goes to standard output"""
    for command in ("dump", "walk", "check", "diff"):
        done = status(0, uiommu(command, "--help"))
        check(f"\n  uiommu {command} --format" in done.stdout, done.stdout)
        check(max(map(len, done.stdout.splitlines())) <= 84, done.stdout)


# ---------------------------------------------------------------- hostile

def ended(*args, seconds=60):
    """It ends, by itself, with a status of its own."""
    done = uiommu(*args, timeout=seconds)
    check(done.returncode in (0, 1, 2, 3, 125), args, done.returncode,
          done.stderr[-3000:])
    return done


@case
def sharing():
    """a few pages that claim 512^4 mappings end in no time"""
    data = bytearray(5 * 4096)
    for level in range(4):
        for i in range(512):
            leaf = (i * 5 % 512) << 12
            struct.pack_into("<Q", data, level * 4096 + 8 * i,
                             (level + 1) * 4096 | 3 if level < 3 else leaf | 3)
    file = image("sharing.img", data)
    options = ["--format", "vtdss", "--levels", "4", "--root", "0"]
    done = status(0, uiommu("dump", *options, file))
    check(done.stdout.count(" again, as at VA 0x0") == 1022, len(done.stdout))
    for more in (["--repeat-tables"], ["--access", "w"],
                 ["--repeat-tables", "--json"]):
        done = status(1, uiommu("dump", *options, *more, file))
        check("given up" in done.stderr, done.stderr)
    done = status(1, uiommu("dump", *options, "--max-entries", "3000", file))
    check("given up" in done.stderr and done.stdout.count("\n") < 3000,
          done.stderr)
    status(0, uiommu("dump", "--tree", *options, file))
    document("dump", "--tree", *options, file)
    status(125, uiommu("diff", *options, file, file))
    done = status(2, uiommu("check", *options, file))
    check("also used at" in done.stdout, done.stdout[-500:])
    # Both stages share all they can.
    nested = ["--stage2", "vtdss,0,levels=4"]
    ended("dump", *options, *nested, file)
    ended("check", *options, *nested, file)
    ended("walk", *options, *nested, file, "0")


@case
def wild():
    """pointers to anywhere, entries of noise, tables cut off: all formats"""
    noise = bytearray(4096 * 8)
    seed = 1
    for i in range(0, len(noise), 8):
        seed = seed * 6364136223846793005 + 1442695040888963407
        seed %= 2 ** 64
        # Most pointers lead back into the noise.
        value = seed & 0x8000000000000fff | seed >> 20 & 0x7000 | 1
        struct.pack_into("<Q", noise, i, seed if i % 5 == 0 else value)
    file, cut = image("noise.img", noise), image("cut.img", noise[:5001])
    for name in FORMATS:
        for img in (file, cut):
            options = ["--format", name, "--root", "0", img]
            ended("check", *options)
            ended("diff", *options, cut)


@case
def absurd():
    """cores that promise more than they have"""
    huge = 2 ** 64 - 1
    for paddr, filesz in ((0, huge), (huge - 4095, huge), (0, 2 ** 62),
                          (2 ** 63, 2 ** 63)):
        file = image("absurd.core", core64([(paddr, 0, MEMORY, filesz)]))
        done = ended("dump", *X86, file)
        ended("check", *X86, file)
        ended("walk", *X86, file, "0x100000")
        if not paddr and "0x9000" in done.stderr:
            check("is cut off" in done.stderr, done.stderr)
    offset = bytearray(core64([(0, 0, MEMORY, None)]))
    for value in (2 ** 63, huge, huge - 0x1000, len(offset) - 8):
        struct.pack_into("<Q", offset, 64 + 8, value)
        ended("dump", *X86, image("offset.core", offset))
    for at in (32, 40):
        bad = bytearray(offset)
        struct.pack_into("<Q", bad, at, huge)
        ended("dump", *X86, image("header.core", bad))
    # More address space than anybody has memory, in a file without blocks.
    sparse = TMP / "sparse.img"
    with open(sparse, "wb") as f:
        f.write(MEMORY)
        f.truncate(1 << 43)
    ended("dump", *X86, sparse)


@case
def truncated():
    """an image that ends too early: which address is missing"""
    done = status(1, uiommu("dump", *X86, image("short", MEMORY[:0x4900])))
    check("0x4900 is not in the image, which holds 0x0-0x48ff" in done.stderr,
          done.stderr)
    core = core64([(0, 0, MEMORY, None)])
    done = status(1, uiommu("walk", *X86, image("short.core", core[:0x2000]),
                            "0"))
    check("0x2000 is cut off: it would stand at byte 8312 of the file, which "
          "has 8192" in done.stderr, done.stderr)


def memory(*args):
    """The most memory that a dump took, in KiB, and how many lines it had."""
    with subprocess.Popen([UIOMMU, "dump", *args], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as child:
        lines = 0
        while chunk := child.stdout.read(1 << 20):
            lines += chunk.count(b"\n")
        usage = os.wait4(child.pid, 0)[2]
        child.returncode = 0
    return usage.ru_maxrss, lines


@case
def streams():
    """a dump of 262144 lines takes no more memory than one of a few"""
    data = bytearray(4 * 4096)
    for at, value in ((0, 0x1003), (0x1000, 0x2003)):
        struct.pack_into("<Q", data, at, value)
    for i in range(512):
        struct.pack_into("<Q", data, 0x2000 + 8 * i, 0x3003)
        struct.pack_into("<Q", data, 0x3000 + 8 * i, 0x4003)
    options = ["--format", "vtdss", "--levels", "4", "--root", "0",
               "--repeat-tables", "--max-entries", "1200000",
               image("streams.img", data)]
    few, _ = memory("--va", "0+4M", *options)
    many, lines = memory(*options)
    check(lines > 512 * 512, lines)
    check(many < few + 4096, f"{few} KiB for a few lines, {many} for {lines}")


@case
def killed():
    """a reader that goes away ends a long dump"""
    data = bytearray(4096)
    for i in range(512):
        struct.pack_into("<Q", data, 8 * i, 0x83 | (i * 5 % 512) << 30)
    table = bytearray(4096)
    for i in range(512):
        struct.pack_into("<Q", table, 8 * i, 0x1003)
    file = image("pipe.img", bytes(table) + bytes(data))
    with subprocess.Popen([UIOMMU, "dump", "--format", "vtdss", "--levels",
                           "4", "--root", "0", "--repeat-tables", file],
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as child:
        child.stdout.read(1000)
        child.stdout.close()
        code = child.wait(timeout=60)
    check(code in (-signal.SIGPIPE, 125), code)


try:
    main()
finally:
    subprocess.run(["rm", "-rf", TMP], check=False)
