# SPDX-License-Identifier: MIT
"""The supervisor as a program's surroundings: `uiommu run` with many clients.

run.py UIOMMU CLIENTS - the command, and the folder of the compiled clients.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from tap import Skip, case, check, each, main, run  # noqa: E402

# Where everybody may read, wherever the build is.
TMP = Path(tempfile.mkdtemp(prefix="uiommu-run-test-"))
os.chmod(TMP, 0o777)
UIOMMU = Path(shutil.copy(sys.argv[1], TMP))
CLIENTS = TMP
for file in [*Path(sys.argv[2]).glob("run_*"), HERE / "paths.py",
             HERE / "life.sh"]:
    if file.is_file():
        os.chmod(shutil.copy(file, TMP), 0o755)
# Not one that lies in somebody's home.
PYTHON = next((p for p in ["/usr/bin/python3"] if os.access(p, os.X_OK)),
              sys.executable)

# A job in the background of a shell has these ignored, and what it starts, too.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

MEMORY = ["private", "shared", "memfd", "private-file", "shared-file",
          "no-descriptor", "read-only-descriptor", "future-sealed", "sysv",
          "static", "stack", "hugetlb"]
VANISH = ["munmap", "munmap-around", "partial-munmap", "munmap-and-again",
          "other-process", "vfork", "mmap-over", "failed-mmap",
          "failed-mremap", "guards", "madvise", "free-advice", "mremap",
          "shrinking", "growing-in-place", "protection", "brk", "fork",
          "write-after-fork", "failed-exec", "shared-exit", "shmdt", "exec",
          "exit0", "exit1", "exit2"]
SHRINK = ["truncate", "disk-truncate", "punch", "remove", "seal",
          "sealed-before", "huge-truncate", "huge-punch", "huge-exhaustion"]
FORMATS = ["vtdss", "amdv1", "amdv1_mock", "x86_64"]
# What newer kernels or looser profiles have: everything works without each.
OPTIONAL = ["procmap-query", "sync-wake-up", "pidfd-thread", "noexec-seal",
            "populate", "pidfd-getfd", "pidfd-open", "openat2",
            "openat2-profile"]
ROOT_USER = os.geteuid() == 0
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def client(name, *arguments):
    return [CLIENTS / f"run_{name}", *arguments]


def python(name):
    return [PYTHON, TMP / name]


def under(command, *options, before=(), **named):
    """Run it under uiommu; a client that cannot test here says so."""
    done = run(*before, UIOMMU, "run", *options, "--", *command, **named)
    if done.returncode == 77:
        raise Skip(done.stdout.strip().removeprefix("skip: "))
    return done


def good(done, faults=None):
    """It succeeded; our only words were blocked DMAs, if they may be."""
    ours = [line for line in done.stderr.splitlines()
            if line.startswith("uiommu:")]
    check(done.returncode == 0, f"exit status {done.returncode}", done.stdout,
          done.stderr)
    strange = [line for line in ours
               if not re.match(r"uiommu: (fault: |the last fault|\d+ more)",
                               line)]
    check(not strange, *strange)
    if faults is not None:
        check(len(ours) == faults, f"{len(ours)} faults", done.stderr)
    return done


def users():
    """As whom to run: ourselves, and as root also as nobody."""
    yield ()
    if ROOT_USER:
        yield NOBODY


def as_all(command, *options, faults=None):
    for before in users():
        good(under(command, *options, before=before), faults)


# ---- page requests ----

@case
def page_requests():
    """a device asks for pages, the client maps them and answers"""
    for table in "vtdss", "amdv1":
        as_all(client("faults"), "--device", "test", "--iommu", table, faults=2)


@case
def page_requests_low():
    """the same with few descriptors"""
    good(under([CLIENTS / "run_faults"], "--device", "test",
               before=["sh", "-c", 'ulimit -n 200; exec "$@"', "sh"]), 2)


# ---- memory ----

def memory(kind):
    """DMA into and out of memory"""
    as_all(client("memory", kind), faults=1)


def legacy(how):
    """a program for groups and containers"""
    as_all(client("legacy", how), faults=2)


def formats(name):
    """DMA through page tables of the format"""
    as_all(client("memory", "memfd"), "--iommu", name, faults=1)


def vanish(how):
    """private pages stay for the device"""
    as_all(client("vanish", how), faults=0)


def shrink(how):
    """a file that loses pages under running DMA"""
    as_all(client("shrink", how))


@case
def holes():
    """what cannot be pinned is an error and leaves nothing behind"""
    as_all(client("holes"), faults=1)


@case
def vanish_by_sigkill():
    """private pages of a killed process are gone: DMA is blocked"""
    for before in users():
        done = good(under(client("vanish", "kill"), before=before), 2)
        check("no memory answers" in done.stderr, done.stderr)


@case
def foreign():
    """memory of processes outside of the run stays as it is"""
    for before in users():
        good(run(*before, *client("foreign"), UIOMMU), 0)


@case
def locked_memory():
    """pinned pages count against RLIMIT_MEMLOCK, unless privileged"""
    limited = ["sh", "-c", "ulimit -l 16; exec \"$@\"", "sh",
               *client("memory", "private")]
    if ROOT_USER:
        good(under(limited), 1)
    done = under(limited, before=NOBODY if ROOT_USER else ())
    check(done.returncode == 1 and "Cannot allocate memory" in done.stderr,
          done.returncode, done.stderr)


def account(how):
    """who pays for pinned pages, and what /proc says"""
    as_all(client("account", how))


@case
def close():
    """after a close and the next open nothing is left"""
    as_all(client("close"), faults=0)


@case
def no_iommu():
    """a device with no IOMMU is driven by physical addresses"""
    as_all(client("noiommu"), "--device", "edu,no-iommu")


@case
def scale():
    """a page of a large file costs no more than one of a small file"""
    as_all(client("scale"), faults=0)


@case
def sparse():
    """a large file is mapped without a page; holes come into being or do not"""
    as_all(client("sparse"))


@case
def shrink_reports():
    """DMA to a page that is gone is reported as such"""
    done = good(under(client("shrink", "punch")), 4)
    check("no memory answers" in done.stderr, done.stderr)


each(["user", "process", "container", "change"], account)
each(MEMORY, memory)
each(["container", "type1", "iommufd"], legacy)
each(FORMATS, formats)
each(VANISH, vanish)
each(SHRINK, shrink)


# ---- files and paths ----

@case
def paths():
    """the modelled files under /dev and /sys"""
    as_all(python("paths.py"), faults=0)


@case
def strange_places():
    """however the place for the tree is named, clients do not see it"""
    real = TMP / "real"
    real.mkdir(exist_ok=True)
    os.chmod(real, 0o777)
    link = TMP / "link"
    link.symlink_to(real)
    script = ("import os; d = os.open('/sys/bus/pci/devices', os.O_RDONLY); "
              "print(os.readlink('/proc/self/fd/%d' % d)); "
              "os.open(os.listdir(d)[0] + '/vendor', os.O_RDONLY, dir_fd=d)")
    for place in f"{real}/", f"{real}/../real", f"{real}//.", link:
        done = good(under([PYTHON, "-c", script],
                          env={**os.environ, "XDG_RUNTIME_DIR": str(place)}), 0)
        check(done.stdout == "/sys/bus/pci/devices\n", place, done.stdout)


@case
def static():
    """a static program"""
    as_all(client("static", "memfd"), faults=1)


@case
def several():
    """several devices are several files"""
    done = good(under(["sh", "-c", "ls /dev/vfio/devices /sys/bus/pci/devices"],
                      "--device", "edu", "--device", "edu"), 0)
    check("vfio0\nvfio1" in done.stdout and
          len(re.findall(r"^0000:", done.stdout, re.M)) == 2, done.stdout)


@case
def listing():
    """ls -l and find have nothing to complain about"""
    done = good(under(["sh", "-c",
                       "ls -lR /dev/vfio /sys/kernel/iommu_groups && "
                       "find /sys/bus/pci/devices/ -maxdepth 3 "
                       ">/dev/null"]), 0)
    check("crw" in done.stdout and not done.stderr, done.stdout, done.stderr)


@case
def hostile():
    """arguments that no sane client passes"""
    as_all(client("hostile"), faults=0)


# ---- life ----

def own_place(name):
    """An environment whose runs make their directories in a place of its own."""
    place = TMP / name
    place.mkdir()
    return place, {**os.environ, "XDG_RUNTIME_DIR": str(place)}


@case
def status():
    """the exit status is the command's"""
    for command, want in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137),
                          ("kill -TERM $$", 143), ("exit 255", 255)]:
        done = under(["sh", "-c", command])
        check(done.returncode == want, command, done.returncode, done.stderr)
        check(not done.stderr, done.stderr)


@case
def cannot_start():
    """what cannot be started: 126 and 127, and one line"""
    for command, want in [("/etc/passwd", 126), ("/", 126),
                          ("/no/such/program", 127), ("no-such-program", 127)]:
        done = under([command])
        check(done.returncode == want, command, done.returncode)
        check(len(done.stderr.splitlines()) == 1 and command in done.stderr,
              done.stderr)


def wrong(arguments):
    """wrong arguments: 125 and one line"""
    done = run(UIOMMU, *arguments.split())
    check(done.returncode == 125 and not done.stdout, done.returncode,
          done.stdout)
    check(len(done.stderr.splitlines()) == 1 and
          done.stderr.startswith("uiommu: "), done.stderr)


each(["", "fly", "run", "run --iommu", "run --iommu nothing true",
      "run --device nothing true", "run --show=nothing true",
      "run --show unmap -- true",
      "run --show-to /no/such/file true", "run --nothing true",
      "run " + "--device edu " * 33 + "true"], wrong)


def advice(arguments, *words):
    """a wrong argument: the line says what is right"""
    done = run(UIOMMU, *arguments.split())
    check(done.returncode == 125 and len(done.stderr.splitlines()) == 1 and
          all(word in done.stderr for word in words), done.returncode,
          done.stderr)


@case
def advises():
    """wrong names: the line says which there are"""
    advice("run --iommu nothing true", "nothing", "vtdss", "amdv1", "x86_64")
    advice("run --device nothing true", "nothing", "edu")
    advice("run --show unmap -- true", "--show=unmap")
    advice("run --show fault,unmap true", "--show=fault,unmap")


@case
def helps():
    """--help and --version"""
    for arguments in ["--help"], ["run", "--help"], ["--version"]:
        done = run(UIOMMU, *arguments)
        check(not done.returncode and done.stdout and not done.stderr,
              done.stdout, done.stderr)


@case
def signals_as_they_were():
    """what is ignored or blocked at start is so for the client"""
    show = ["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]
    for setting in "", "trap '' PIPE XFSZ HUP; ":
        before = ["sh", "-c", setting + "exec \"$@\"", "sh"]
        plain = run(*before, *show).stdout
        done = good(under(show, before=before), 0)
        check(plain == done.stdout, plain, done.stdout)


def limited(limit, *command):
    return under(command, before=["sh", "-c",
                                  f"ulimit {limit}; exec \"$@\"", "sh"])


@case
def tight_address_space():
    """a tight limit of the address space: one line"""
    if b"__asan_init" in UIOMMU.read_bytes():
        raise Skip("the address sanitizer wants terabytes of address space")
    done = limited("-v 40000", "true")
    check(done.returncode == 125 and "ulimit -v" in done.stderr and
          len(done.stderr.splitlines()) == 1, done.returncode, done.stderr)


@case
def tight():
    """tight limits: one line, or an error for the client"""
    done = limited("-n 6", "true")
    check(done.returncode == 125 and "ulimit -n" in done.stderr and
          len(done.stderr.splitlines()) == 1, done.returncode, done.stderr)
    good(limited("-n 48", "sh", "-c",
                 "for i in $(seq 99); do cat /sys/bus/pci/devices/*/vendor || "
                 "exit 1; done"), 0)
    done = limited("-f 1000", PYTHON, "-c",
                   "import os; os.open('/dev/vfio/devices/vfio0', os.O_RDWR)")
    check(done.returncode == 1 and "File too large" in done.stderr,
          done.returncode, done.stderr)


@case
def closed_standard():
    """closed standard descriptors are not taken for files of ours"""
    script = ("import os, sys; f = os.open('/dev/iommu', os.O_RDWR); "
              "n = [os.readlink(f'/proc/{os.getppid()}/fd/{i}') "
              "for i in range(3)]; "
              "open(sys.argv[1], 'w').write(' '.join(n))")
    out = TMP / "closed"
    run("sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh", UIOMMU, "run", "--",
        PYTHON, "-c", script, out)
    check(out.exists() and out.read_text() == "/dev/null " * 2 + "/dev/null",
          out.exists() and out.read_text())


@case
def outlives():
    """a process that outlives the first is served to its end"""
    out = TMP / "outlives"
    done = under(["sh", TMP / "life.sh", out])
    check(done.returncode == 5, done.returncode, done.stderr)
    check(out.read_text() == "served\n", out.read_text())


def start(*command, **options):
    return subprocess.Popen([str(word) for word in command],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **options)


def forwarded(name):
    """a signal goes to the command"""
    number = getattr(signal, name)
    process = start(UIOMMU, "run", "--", "sh", "-c",
                    f"trap 'echo got {name}; exit 3' {name[3:]}; echo ready; "
                    "while :; do sleep 0.05; done")
    process.stdout.readline()
    process.send_signal(number)
    out, error = process.communicate(timeout=20)
    check(process.returncode == 3 and f"got {name}" in out,
          process.returncode, out, error)


each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"], forwarded)


@case
def removed():
    """nothing is left in the file system, also after a signal"""
    place, env = own_place("removed")
    process = start(UIOMMU, "run", "--", "sh", "-c", "echo ready; exec sleep 60",
                    env=env)
    process.stdout.readline()
    check(len(list(place.iterdir())) == 1, "no directory of the run was seen")
    process.terminate()
    process.communicate(timeout=20)
    check(process.returncode == 143, process.returncode)
    good(under(["true"], env=env), 0)
    check(not list(place.iterdir()), *place.iterdir())


@case
def killed_supervisor():
    """a killed supervisor takes the command along"""
    process = start(UIOMMU, "run", "--", "sh", "-c", "echo $$; exec sleep 60",
                    env=own_place("killed")[1])
    proc = Path(f"/proc/{int(process.stdout.readline())}")
    process.kill()
    process.communicate(timeout=20)
    for _ in range(100):
        if not proc.exists():
            break
        time.sleep(0.05)
    check(not proc.exists(), "it still runs")


def cpu_ticks(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


@case
def idle():
    """an idle supervisor uses no processor"""
    process = start(UIOMMU, "run", "--", *client("idle"))
    check(process.stdout.readline() == "ready\n")
    time.sleep(0.2)
    ticks = cpu_ticks(process.pid)
    status_of = Path(f"/proc/{process.pid}/status").read_text
    switches = re.findall(r"ctxt_switches:\s+(\d+)", status_of())
    time.sleep(1)
    check(cpu_ticks(process.pid) == ticks, cpu_ticks(process.pid) - ticks)
    check(re.findall(r"ctxt_switches:\s+(\d+)", status_of()) == switches,
          "it woke up")
    process.terminate()
    process.communicate(timeout=20)


@case
def killed():
    """clients killed at random moments leave nothing behind"""
    for seed, before in enumerate(users()):
        done = good(under(client("kill", "1.5", str(seed)), before=before))
        check(int(done.stdout.split()[0]) > 5, done.stdout)


@case
def many():
    """a client that ends with thousands of open files leaves none behind"""
    limit = ["sh", "-c", "ulimit -n $(ulimit -Hn); exec \"$@\"", "sh"]
    as_all([*limit, *client("many")], faults=0)


@case
def passed_outside():
    """one line if a file was passed to a process outside of the run"""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [str(word) for word in [UIOMMU, "run", "--", *client("many", "pass")]],
        stdin=theirs, stderr=subprocess.PIPE, text=True)
    fds = socket.recv_fds(ours, 1, 1)[1]
    error = process.communicate(timeout=20)[1]
    check(len(fds) == 1 and process.returncode == 0, fds, error)
    check(len(error.splitlines()) == 1 and "outside of this run" in error,
          error)
    os.close(fds[0])


@case
def storm():
    """a storm of signals repeats no call"""
    as_all(client("storm"), faults=0)


@case
def faults_are_counted():
    """a device that faults without end is counted, not quoted"""
    begin = time.monotonic()
    done = good(under(client("storm", "faults")))
    seconds = time.monotonic() - begin
    lines = done.stderr.splitlines()
    # 20 in each second of the clock, of which that may have touched two more.
    check(len(lines) <= 22 * (seconds + 2), seconds, *lines)
    # None is lost: 200 alike and 200 that differ.
    counted = [int(n) for n in re.findall(
        r"uiommu: the last fault repeated (\d+) times|"
        r"uiommu: (\d+) more faults", done.stderr) for n in n if n]
    quoted = done.stderr.count("uiommu: fault: ")
    check(quoted + sum(counted) == 400, quoted, counted)


@case
def shows():
    """--show prints the table and the walks"""
    out = TMP / "shown"
    for options, table, walk in [(["--show"], True, True),
                                 (["--show=unmap"], True, False),
                                 (["--show=fault"], False, True)]:
        done = under(client("memory", "memfd"), *options,
                     "--show-to", out)
        good(done, 1)
        text = out.read_text()
        check(("4 levels" in text) and ("stops: not mapped" in text) == walk and
              ("level[index]" in text) == table, text)
    done = under(client("memory", "memfd"), "--show")
    check("level[index]" in done.stderr, done.stderr)


# ---- systems that refuse something ----

def refused(what):
    """everything works where the system refuses"""
    for user in users():
        for command, faults in [(client("memory", "shared"), 1),
                                (client("memory", "memfd"), 1),
                                (client("memory", "shared-file"), 1),
                                (client("vanish", "exit0"), 0),
                                (client("vanish", "shared-exit"), 0),
                                (client("holes"), 1),
                                (client("event"), 0),
                                (client("storm", "2000"), 0),
                                (python("paths.py"), 0)]:
            good(under(command, before=[*user, CLIENTS / "run_refuse", what,
                                        "--"]), faults)
        good(under(client("faults"), "--device", "test",
                   before=[*user, CLIENTS / "run_refuse", what, "--"]), 2)


each(OPTIONAL, refused)


@case
def no_device_nodes():
    """device nodes are devices where none can be made"""
    for user in users():
        good(under(["sh", "-c", "test -c /dev/iommu && ls -l /dev/iommu"],
                   before=[*user, CLIENTS / "run_refuse", "mknod", "--"]), 0)


@case
def all_refused():
    """everything works where all of that is refused at once"""
    for user in users():
        for kind in MEMORY[:-1]:
            good(under(client("memory", kind),
                       before=[*user, CLIENTS / "run_refuse",
                               *[o for o in OPTIONAL if o != "openat2"],
                               "--"]), 1)


def indispensable(what):
    """one line says what is missing and what to do"""
    done = under(["true"], before=[CLIENTS / "run_refuse", what, "--"])
    check(done.returncode == 125, done.returncode, done.stderr)
    lines = done.stderr.splitlines()
    check(len(lines) == 1 and lines[0].startswith("uiommu: "), *lines)


each(["process-vm", "seccomp", "listener", "inotify"], indispensable)


@case
def no_proc():
    """without /proc there is one line"""
    unshare = ["unshare", "-m", "sh", "-c",
               "mount -t tmpfs none /proc && exec \"$@\"", "sh"]
    if not ROOT_USER or run(*unshare, "true").returncode:
        raise Skip("mounting is not permitted")
    done = under(["true"], before=unshare)
    ours = [line for line in done.stderr.splitlines()
            if line.startswith("uiommu: ")]
    check(len(ours) == 1 and "/proc" in ours[0], done.stderr)
    # The leak check of a sanitized build wants /proc, too.
    check(done.returncode == 125 or "LeakSanitizer" in done.stderr,
          done.returncode, done.stderr)


@case
def nested():
    """inside of another run there is one line"""
    done = under([UIOMMU, "run", "--", "true"])
    check(done.returncode == 125, done.returncode)
    check(len(done.stderr.splitlines()) == 1 and
          "outside" in done.stderr, done.stderr)


# ---- huge pages ----

NR_HUGE = Path("/proc/sys/vm/nr_hugepages")


def with_huge_pages(function):
    """Have some huge pages for the time of the tests, if we may."""
    old = NR_HUGE.read_text() if NR_HUGE.exists() else None
    raised = False
    if old is not None and int(old) < 8 and ROOT_USER:
        try:
            NR_HUGE.write_text("8")
            raised = True
        except OSError:
            pass
    try:
        function()
    finally:
        if raised:
            NR_HUGE.write_text(old)


if __name__ == "__main__":
    try:
        with_huge_pages(main)
    finally:
        shutil.rmtree(TMP, ignore_errors=True)
