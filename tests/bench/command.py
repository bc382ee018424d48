# SPDX-License-Identifier: MIT
"""`uiommu bench`: options, bad input, and what it writes; never how fast it is.

command.py UIOMMU
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from tap import case, check, main, run, succeed  # noqa: E402

UIOMMU = os.path.abspath(sys.argv[1])
TMP = Path(tempfile.mkdtemp(prefix="uiommu-bench-test-"))
SVG = "{http://www.w3.org/2000/svg}"
FORMATS = ["amdv1", "vtdss", "x86_64", "armv8_s1_4k", "armv8_s2_4k", "riscv64"]

# Every row of the table that the targets are for.
OPERATIONS = """
map_256_x_4K unmap_256_x_4K map_256_x_2M unmap_256_x_2M map_256_x_1G
unmap_256_x_1G map_256_x_4K,_beside_a_walk unmap_256_x_4K,_beside_a_walk
map_4K unmap_4K map_64K unmap_64K map_2M unmap_2M map_1G unmap_1G
unmap_a_whole_table unmap_64_whole_tables map_16_GiB_as_4K map_list_256_x_4K
map_4K,_cold map_4K,_cold,_zero_table iova_to_phys_latency_1_GiB
iova_to_phys_throughput_1_GiB iova_to_phys_list_1_GiB iova_to_phys_latency_64_GiB
iova_to_phys_throughput_64_GiB iova_to_phys_list_64_GiB dirty_0_% dirty_1_%
dirty_100_% dirty_100_%,_no_clear dirty_0_%,_2_threads dirty_1_%,_2_threads
dirty_100_%,_2_threads map,_unmap_256_x_4K,_2_threads entries:_map_4K
entries:_iova_to_phys entries:_unmap_4K entries:_map_256_x_4K
entries:_dirty_256_x_4K entries:_unmap_256_x_4K entries:_map_a_table
entries:_unmap_a_table
""".split()


def bench(*options):
    """A quick run; a limit that is beaten in so few samples says nothing."""
    done = run(UIOMMU, "bench", "--quick", *options)
    check(done.returncode in (0, 1), done.returncode, done.stdout, done.stderr)
    return done


def refused(*options, says):
    done = run(UIOMMU, "bench", *options)
    check(done.returncode == 125 and not done.stdout, done.returncode,
          done.stdout, done.stderr)
    lines = done.stderr.splitlines()
    check(len(lines) == 1 and lines[0].startswith("uiommu: ") and
          says in lines[0], *lines)


@case
def names():
    """--list names each operation of each format in each build once"""
    rows = succeed(UIOMMU, "bench", "--list").stdout.split("\n")[:-1]
    check(len(rows) == len(set(rows)))
    wanted = {f"{op}/{fmt}/{build}" for op in OPERATIONS for fmt in FORMATS
              for build in ("vector", "scalar")}
    check(set(rows) == wanted, set(rows) ^ wanted)
    some = succeed(UIOMMU, "bench", "--list", "--filter", "^map_4K/.*/scalar$")
    check(some.stdout.split() == [f"map_4K/{f}/scalar" for f in FORMATS],
          some.stdout)


@case
def bad_input():
    """bad input is refused in one line, and nothing is measured"""
    refused("--what", says="no option '--what'")
    refused("what", says="'what'")
    refused("--filter", says="--filter needs a value")
    refused("--filter", "(", says="'(' is no regular expression")
    refused("--filter", "a", "--filter", "b", says="once")
    refused("--min-time", "soon", says="'soon'")
    refused("--min-time", "-1", says="'-1'")
    refused("--min-time", "nan", says="'nan'")
    refused("--min-time", "1e9", says="'1e9'")
    refused("--json", TMP / "no/where", says="no/where")
    refused("--svg", TMP / "nowhere", says="bench-limits.svg")
    refused("--json", TMP, says=str(TMP))


@case
def no_row():
    """a filter that no row matches is an error"""
    done = run(UIOMMU, "bench", "--filter", "^nothing$")
    check(done.returncode == 125 and "--list" in done.stderr, done.stderr)


@case
def full_disk():
    """output that cannot be written is an error"""
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(
            [UIOMMU, "bench", "--quick", "--filter", "^map_4K/amdv1/"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    check(done.returncode == 125 and "cannot write" in done.stderr,
          done.stderr)
    done = run(UIOMMU, "bench", "--quick", "--filter", "^map_4K/amdv1/",
               "--json", "/dev/full")
    check(done.returncode == 125 and "cannot write" in done.stderr,
          done.stderr)


@case
def table():
    """the table has a line for each operation, and a cell for each build"""
    out = bench("--filter", "^(un)?map_(4K|256_x_2M)/(vtdss|riscv64)/").stdout
    for fmt in ("vtdss", "riscv64"):
        check(len(re.findall(rf"^{fmt} +\| vector build +\| scalar build",
                             out, re.M)) == 1, out)
    cell = r"\| +[12]\.\d\d +[\d.]+/[\d.]+ +[\d.]+/[\d.]+ +[\d.]+ \w.*"
    for name in ("map 4K", "unmap 4K", "map 256 x 2M", "unmap 256 x 2M"):
        check(len(re.findall(rf"^{name} +{cell}{cell}$", out, re.M)) == 2, out)
    check(re.search(r"^16 cells: ", out, re.M), out)


def check_entry(entry):
    for member, kind in (
            ("name", str), ("family_index", int), ("run_name", str),
            ("per_family_instance_index", int), ("run_type", str),
            ("repetitions", int), ("threads", int), ("iterations", int),
            ("real_time", (int, float)), ("cpu_time", (int, float)),
            ("time_unit", str), ("limit_ns", (int, float)),
            ("ratio", (int, float)), ("target", (int, float))):
        check(isinstance(entry[member], kind), member, entry)
    check(entry["time_unit"] == "ns")
    if entry["run_type"] == "aggregate":
        check(entry["aggregate_name"] in ("median", "min") and
              entry["name"] == f"{entry['run_name']}_{entry['aggregate_name']}",
              entry)
    else:
        check(entry["run_type"] == "iteration" and
              entry["name"] == entry["run_name"] and
              entry["repetition_index"] == 0, entry)
    if not entry.get("error_occurred"):
        ratio = entry["real_time"] / entry["limit_ns"]
        check(abs(entry["ratio"] - ratio) < 1e-6 * ratio, entry)


@case
def as_json():
    """--json has google-benchmark's schema, to a file and to standard output"""
    file = TMP / "bench.json"
    done = bench("--filter", "^(map_(4K|64K)|unmap_a_wh.*|map_4K,_cold)/vtdss/",
                 "--json", file)
    check("vector build" in done.stdout)
    found = json.loads(file.read_text())
    context = found["context"]
    for member in ("date", "host_name", "executable", "num_cpus", "caches",
                   "load_avg", "library_build_type", "json_schema_version"):
        check(member in context, member, context)
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00",
                       context["date"]), context)
    entries = found["benchmarks"]
    for entry in entries:
        check_entry(entry)
    names = {e["name"] for e in entries}
    check("map_4K/vtdss/scalar" in names and
          "map_4K/vtdss/scalar_median" in names and
          "map_4K/vtdss/scalar_min" in names, names)
    absent = [e for e in entries if e["run_name"].startswith("map_64K")]
    check(len(absent) == 2 and all(e["error_occurred"] and
                                   e["error_message"] == "no such page"
                                   for e in absent), absent)
    done = bench("--filter", "^map_4K/vtdss/", "--json", "-")
    check(len(json.loads(done.stdout)["benchmarks"]) == 6, done.stdout)


@case
def counted():
    """entries touched are counted, and do not depend on what else is mapped"""
    done = bench("--filter", "^entries:.*/scalar", "--json", "-")
    rows = {e["name"]: e for e in json.loads(done.stdout)["benchmarks"]
            if e["run_type"] == "iteration"}
    formats = {name.split("/")[1] for name in rows}
    check(len(formats) == 6 and len(rows) == 8 * len(formats), rows)
    for entry in rows.values():
        check(entry["ratio"] == 1 and entry["target"] == 1 and
              entry["real_time"] >= 3, entry)
    for name in formats: # of four levels, all of them
        lookup = rows[f"entries:_iova_to_phys/{name}/scalar"]
        check(lookup["real_time"] == 4, lookup)


@case
def whole_trials():
    """every kind of operation runs to its end and finds what it expects"""
    done = bench("--filter", "/armv8_s1_4k/vector", "--json", "-")
    entries = json.loads(done.stdout)["benchmarks"]
    wrong = [e for e in entries if e.get("error_occurred") and
             e["error_message"] not in ("counted in the scalar build",
                                        "one processor only") and
             "limit is wrong" not in e["error_message"]]
    check(not wrong, *wrong)
    check(len({e["run_name"] for e in entries}) == len(OPERATIONS))


@case
def charts():
    """--svg draws both charts: well-formed, with a dot for each result"""
    bench("--filter", "^(map|unmap|map_256_x)_4K/(amdv1|vtdss)/", "--svg", TMP)
    limits = ET.parse(TMP / "bench-limits.svg").getroot()
    text = [t.text for t in limits.iter(f"{SVG}text")]
    check({"map 4K", "unmap 4K", "amdv1", "vtdss", "vector build",
           "scalar build"} <= set(text), text)
    # Twelve results, two in the legend.
    dots = [d for d in limits.iter(f"{SVG}circle") if d.get("class")]
    check(len(dots) == 14, len(dots))
    size = ET.parse(TMP / "bench-size.svg").getroot()
    text = [t.text for t in size.iter(f"{SVG}text")]
    check({"map", "unmap", "4K", "64G"} <= set(text), text)
    # Four lines in each panel, four in the legend.
    check(len([p for p in size.iter(f"{SVG}path")
               if p.get("class", "").startswith("c")]) == 12)
    for root in (limits, size):
        width, height = float(root.get("width")), float(root.get("height"))
        for dot in (d for d in root.iter(f"{SVG}circle") if d.get("class")):
            check(0 <= float(dot.get("cx")) <= width and
                  0 <= float(dot.get("cy")) <= height, dot.attrib)
        check("prefers-color-scheme: dark" in
              "".join(s.text for s in root.iter(f"{SVG}style")))


try:
    main()
finally:
    shutil.rmtree(TMP, ignore_errors=True)
