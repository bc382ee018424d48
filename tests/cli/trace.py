# SPDX-License-Identifier: MIT
"""`uiommu run --trace`, --stats and --dump-on-exit, with a client whose calls
are known.

trace.py UIOMMU GOLDEN-DIR
"""
import json
import os
import re
import shlex
import struct
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from tap import ROOT, case, check, each, main, nothing, run, succeed  # noqa: E402

UIOMMU, GOLDEN = os.path.abspath(sys.argv[1]), Path(sys.argv[2])
TMP = Path(tempfile.mkdtemp(prefix="uiommu-trace-test-"))
CALLS = ["python3", HERE / "calls.py"]


def client(*options, mode=(), **more):
    """Run the client; its exit status is 3, or that of its mode."""
    return run(UIOMMU, "run", *options, "--", *CALLS, *mode, **more)


def golden(name, text):
    """Compare with the approved text; UIOMMU_APPROVE=1 approves this one."""
    path = GOLDEN / name
    if os.environ.get("UIOMMU_APPROVE"):
        path.write_text(text)
    check(path.exists() and path.read_text() == text,
          f"not what {path} says:", text)


def normal(text):
    """Without what differs from run to run: times, pids, addresses."""
    text = re.sub(r"^ *\d+\.\d+ +\d+ ", "TIME PID ", text, flags=re.M)
    text = re.sub(r"^ *\d+\.\d+ +- ", "TIME - ", text, flags=re.M)
    text = re.sub(r"<\d+\.\d+>$", "<TIME>", text, flags=re.M)
    return re.sub(r"0x[57][0-9a-f]{8,15}\b", "ADDRESS", text)


@case
def text():
    """the trace: calls, results, DMA, faults, closes"""
    out = TMP / "trace.txt"
    done = client(f"--trace={out}", "--trace-events", "all")
    check(done.returncode == 3, done.stderr)
    golden("trace.txt", normal(out.read_text()))


@case
def readme():
    """the trace in the README is a part of it"""
    block = re.search(r"^\$ uiommu run --trace-events ioctl,dma .*?\n\[\.\.\.\]\n"
                      r"(.*?)^```", (ROOT / "README.md").read_text(),
                      re.M | re.S)[1]
    lines = normal(block).splitlines()
    approved = (GOLDEN / "trace.txt").read_text().splitlines()
    check(len(lines) == 3 and all(line in approved for line in lines), lines)


@case
def usual():
    """without --trace-events: all but the accesses to regions, on stderr"""
    done = client("--trace")
    check("IOMMU_IOAS_MAP" in done.stderr and " dma: " in done.stderr and
          "pwrite64" not in done.stderr and "closed /dev/iommu" in done.stderr,
          done.stderr)


@case
def some():
    """--trace-events picks"""
    done = client("--trace-events", "dma")
    lines = [line for line in done.stderr.splitlines()
             if not line.startswith("uiommu: ")]
    check(len(lines) == 2 and all(" dma: " in line for line in lines),
          done.stderr)
    done = client("--trace-events", "open,mmap")
    check(len(re.findall(r"open\(|mmap\(|closed", done.stderr)) == 5 and
          "ioctl" not in done.stderr, done.stderr)


@case
def objects():
    """--json: an object per line, with the same calls as the text"""
    out = TMP / "trace.json"
    client(f"--trace={out}", "--json", "--trace-events", "all")
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    mapped = [l for l in lines if l.get("request") == "IOMMU_IOAS_MAP"]
    check([l["result"] for l in mapped] == [0, -1, -1], mapped)
    check(mapped[0]["in"]["length"] == "0x4000" and
          mapped[0]["in"]["flags"][2] == "IOMMU_IOAS_MAP_READABLE", mapped)
    check([l["error"] for l in mapped[1:]] == ["EOPNOTSUPP", "ENOENT"], mapped)
    dma = [l for l in lines if "dma" in l]
    check([(l["done"], l["status"]) for l in dma] ==
          [(64, "done"), (0, "not mapped")], dma)
    written = (GOLDEN / "trace.txt").read_text().count("\n")
    check(len(lines) == written, len(lines), written)
    check(all("time" in line for line in lines))


@case
def events():
    """page requests that are read and answers that are written"""
    done = run(UIOMMU, "run", "--mock", "--trace", "--", "python3",
               HERE / "faults.py")
    check(done.returncode == 0, done.stderr)
    lines = [re.sub(r"^ *[\d.]+ +\d+ (\w+\()\d+|<[\d.]+>$", r"\1", line)
             for line in done.stderr.splitlines()]
    for line in (
            "read(<fault>, [], 40) = 0 ",
            "read(<fault>, [{flags=IOMMU_PGFAULT_FLAGS_LAST_PAGE, dev_id=3, "
            "pasid=0, grpid=7, perm=IOMMU_PGFAULT_PERM_READ|"
            "IOMMU_PGFAULT_PERM_WRITE, addr=0xdead0000, length=0, cookie=1}], "
            "80) = 40 ",
            "write(<fault>, [{cookie=1, code=IOMMUFD_PAGE_RESP_SUCCESS}], 8) "
            "= 8 "):
        check(line in lines, line, *lines)
    check(any("op=TRIGGER_IOPF, id=0, args={dev_id=3, pasid=0, grpid=7, "
              "perm=0x3, addr=0xdead0000}}" in line for line in lines), *lines)
    check(any("data_type=IOMMU_HWPT_DATA_SELFTEST, data_len=4, data_uptr="
              "{iotlb=0xbadbeef}" in line for line in lines), *lines)


@case
def children():
    """each process is named by its own pid"""
    script = ("import os\n"
              "pid = os.fork()\n"
              "os.close(os.open('/dev/iommu', os.O_RDWR))\n"
              "print(os.getpid(), flush=True)\n"
              "pid and os.wait()\n")
    done = run(UIOMMU, "run", "--trace", "--", "python3", "-c", script)
    said = set(done.stdout.split())
    seen = set(re.findall(r"^ *[\d.]+ +(\d+) open", done.stderr, re.M))
    check(len(said) == 2 and said == seen, done.stdout, done.stderr)


def steady(text):
    """Sums without times, ordered by name."""
    lines = [re.sub(r"^ *[\d.]+ +[\d.]+ +[\d.]+", "", line)
             for line in text.splitlines()]
    return "\n".join([*sorted(l for l in lines if l.startswith("  ")),
                      *(l for l in lines if not l.startswith("  "))]) + "\n"


@case
def sums():
    """--stats: calls, errors, bytes, faults and the IOTLB"""
    out = TMP / "stats.txt"
    done = client(f"--stats={out}")
    check(done.returncode == 3 and "IOAS_MAP" not in done.stderr, done.stderr)
    golden("stats.txt", steady(out.read_text()))
    shares = re.findall(r"^ *([\d.]+) +[\d.]+ +[\d.]+ +\d+", out.read_text(),
                        re.M)
    check(abs(sum(map(float, shares[:-1])) - 100) < 1, shares)


@case
def sums_json():
    """--stats --json: the same numbers"""
    done = client("--stats", "--json")
    line = [l for l in done.stderr.splitlines() if l.startswith("{")][0]
    got = json.loads(line)
    calls = {call["call"]: call for call in got["calls"]}
    check(calls["IOMMU_IOAS_MAP"]["calls"] == 3 and
          calls["IOMMU_IOAS_MAP"]["errors"] == 2, got)
    check(got["mapped_bytes"] == got["unmapped_bytes"] == 0x4000, got)
    check(got["dma_reads"] == 2 and got["dma_read_bytes"] == 64 and
          got["faults"] == 1 and
          got["iotlb_hits"] + got["iotlb_misses"] == 2, got)


@case
def untraced():
    """without options nothing is printed but the fault"""
    done = client()
    check(done.returncode == 3 and not done.stdout and
          re.fullmatch(r"uiommu: fault: .*\n", done.stderr), done.stderr)


def segments(path):
    """The segments of a core file: address and content."""
    data = path.read_bytes()
    check(data[:4] == b"\x7fELF" and struct.unpack_from("<H", data, 16)[0] == 4)
    at, count = struct.unpack_from("<Q", data, 32)[0], \
        struct.unpack_from("<H", data, 56)[0]
    found = []
    for i in range(count):
        _, _, offset, _, pa, size, _, _ = struct.unpack_from(
            "<IIQQQQQQ", data, at + i * 56)
        check(offset + size <= len(data), "a segment that is cut off")
        found.append((pa, data[offset:offset + size]))
    return found


def dumped(mode):
    where = TMP / f"dump{mode}"
    done = client("--dump-on-exit", where, mode=(mode,))
    return done, where


def check_dump(where):
    """The mapping of the client is in the tables; the text leads there."""
    text = (where / "tables.txt").read_text()
    root = re.search(r"^(0000:00:01.0) \(/dev/vfio/devices/vfio0\), HWPT 3: "
                     r"vtdss, 4 levels, top table (0x[0-9a-f]+)$", text, re.M)
    check(root, text)
    memory = dict(segments(where / "tables.core"))

    def word(pa):
        for start, data in memory.items():
            if start <= pa < start + len(data):
                return struct.unpack_from("<Q", data, pa - start)[0]
        raise AssertionError(f"nothing at {pa:#x}")

    table = int(root[2], 16)
    for level in (3, 2, 1, 0):
        entry = word(table + (0x100000 >> (12 + 9 * level) & 511) * 8)
        check(entry & 3 == 3, f"level {level}: {entry:#x}")
        table = entry & 0x000ffffffffff000
    for line in re.findall(r"^    (uiommu (?:dump|walk).*)$", text, re.M):
        words = shlex.split(line)
        words = [UIOMMU if w == "uiommu" else "0x100000" if w == "VA" else w
                 for w in words]
        found = succeed(*words).stdout
        check("0x100000" in found, line, found)


@case
def dump_closed():
    """--dump-on-exit: what was attached when the devices were closed"""
    done, where = dumped("close")
    check(done.returncode == 0, done.stderr)
    check_dump(where)


@case
def dump_killed():
    """--dump-on-exit: what was attached when the program was killed"""
    done, where = dumped("kill")
    check(done.returncode == 128 + 9, done.stderr)
    check_dump(where)


@case
def dump_detached():
    """--dump-on-exit: what was attached before the program detached"""
    done, where = dumped("detach")
    check(done.returncode == 0, done.stderr)
    check_dump(where)


def dump_format(name):
    """--dump-on-exit: the commands in tables.txt read the tables of a format"""
    where = TMP / f"format-{name}"
    done = client("--iommu", name, "--dump-on-exit", where, mode=("close",))
    check(done.returncode == 0, done.stderr)
    text = (where / "tables.txt").read_text()
    commands = re.findall(r"^    uiommu (.*)$", text, re.M)
    check([line.split()[0] for line in commands] ==
          ["dump", "dump", "walk", "draw"], text)
    for line in commands:
        words = ["0x100000" if word == "VA" else word
                 for word in shlex.split(line)]
        got = succeed(UIOMMU, *words, cwd=where).stdout
        check("RW" in got and "0x100000" in got if words[0] != "draw" else
              "16K mapped" in (where / "table.svg").read_text(), line, got)


each(["vtdss", "amdv1", "amdv1_mock", "x86_64"], dump_format)


@case
def dump_nothing():
    """--dump-on-exit of a program that opens nothing says so"""
    where = TMP / "with 'quotes"
    where.mkdir()
    succeed(UIOMMU, "run", "--dump-on-exit", where, "--", "true")
    check("No device was attached" in (where / "tables.txt").read_text())
    check(not segments(where / "tables.core"))


@case
def dump_last():
    """--dump-on-exit: a second program's devices replace the first's"""
    where = TMP / "twice"
    line = " ".join(map(str, CALLS))
    succeed(UIOMMU, "run", "--dump-on-exit", where, "--", "sh", "-c",
            f"{line} close; {line} close; true")
    check_dump(where)
    text = (where / "tables.txt").read_text()
    check(text.count("0000:00:01.0") == 1, text)
    where = TMP / "twice-none"
    succeed(UIOMMU, "run", "--dump-on-exit", where, "--", "sh", "-c",
            f"{line} close; exec 3</dev/iommu; true")
    check("No device was attached" in (where / "tables.txt").read_text())


def refuses(words, *options, **more):
    """exit status 125, one line"""
    done = run(UIOMMU, "run", *options, "--", "true", **more)
    check(done.returncode == 125 and words in done.stderr and
          done.stderr.count("\n") == 1 and
          done.stderr.startswith("uiommu: "), done.returncode, done.stderr)


@case
def bad_options():
    """wrong words and places are refused before the program runs"""
    refuses("knows no event 'dna'; there are: open,", "--trace-events", "dna")
    refuses("knows no event ''", "--trace-events", "dma,")
    refuses("cannot write '/nowhere/x'", "--trace=/nowhere/x")
    refuses("cannot write '/nowhere/y'", "--stats=/nowhere/y")
    refuses("cannot make the directory '/nowhere/z'", "--dump-on-exit",
            "/nowhere/z")
    (TMP / "full").mkdir()
    (TMP / "full" / "file").touch()
    refuses("is not an empty directory", "--dump-on-exit", TMP / "full")
    refuses("is not an empty directory", "--dump-on-exit", TMP / "full/file")
    check((TMP / "full" / "file").exists())


@case
def full_disk():
    """what cannot be written is an error, but the program runs to its end"""
    done = client("--trace=/dev/full", mode=("close",))
    check(done.returncode == 125 and "cannot write '/dev/full'" in done.stderr,
          done.stderr)
    done = client("--stats=/dev/full", mode=("close",))
    check(done.returncode == 125 and "cannot write '/dev/full'" in done.stderr,
          done.stderr)
    # The program's own failure is the more important one.
    done = client("--trace=/dev/full")
    check(done.returncode == 3 and "cannot write '/dev/full'" in done.stderr,
          done.stderr)


@case
def full_dump():
    """a dump that does not fit says so"""
    done, where = dumped("small")
    check(done.returncode == 125 and
          f"cannot write '{where}/tables.core': File too large" in done.stderr,
          done.stderr)


@case
def names():
    """every request of the user API has a table"""
    tables = "".join((ROOT / f"src/cli/{name}.c").read_text()
                     for name in ("decode_iommufd", "decode_vfio"))
    # Numbers that two requests share: the other one has the table.
    twice = {"VFIO_IOMMU_SPAPR_TCE_GET_INFO",
             "VFIO_IOMMU_SPAPR_REGISTER_MEMORY"}
    wrong = []
    for header in ("iommufd", "vfio"):
        text = (ROOT / f"include/uiommu/{header}.h").read_text()
        defined = set(re.findall(r"^#define (\w+)\s+(?:\\\n\s+)?_IO\(", text,
                                 re.M))
        check(len(defined) > 15)
        wrong += [name for name in sorted(defined - twice)
                  if not re.search(rf"\b(REQUEST|PLAIN)\({name},", tables)]
    nothing(wrong)


main()
