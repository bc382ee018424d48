/* SPDX-License-Identifier: MIT */
/*
 * vanish HOW - private pages go away while they are mapped for DMA: for the device
 * they stay, readable and writable, and other memory in their place is not theirs.
 */
#include <sched.h>
#include <signal.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "edu.h"

#define LEN  (4 * PAGE)
#define IOVA 0x10000000ul

static struct edu e;
static char *p;

/* The device has the old pages, with all that was in them. */
static void stays(void)
{
	check(edu_sees(&e, IOVA, LEN, 0x42));
	edu_fill(&e, IOVA, LEN, 0x43);
	check(edu_sees(&e, IOVA, LEN, 0x43));
}

/* The client's own pages at the same place are others. */
static void apart(void)
{
	memset(p, 0x21, LEN);
	check(edu_sees(&e, IOVA, LEN, 0x43));
	edu_fill(&e, IOVA, LEN, 0x44);
	check(all(p, LEN, 0x21));
	/* They can be mapped beside the old ones. */
	check(!edu_map(&e, p, LEN, IOVA + LEN));
	edu_fill(&e, IOVA + LEN, LEN, 0x45);
	check(all(p, LEN, 0x45) && edu_sees(&e, IOVA, LEN, 0x44));
	check(!edu_unmap(&e, IOVA, LEN));
	edu_fill(&e, IOVA + LEN, LEN, 0x46);
	check(all(p, LEN, 0x46));
}

/* Still the same pages for both. */
static void together(void)
{
	check(edu_sees(&e, IOVA, LEN, 0x42) && all(p, LEN, 0x42));
	edu_fill(&e, IOVA, LEN, 0x43);
	check(all(p, LEN, 0x43));
	memset(p, 0x44, LEN);
	check(edu_sees(&e, IOVA, LEN, 0x44));
}

static void by_munmap(void)
{
	check(!munmap(p, LEN));
	stays();
}

static void by_munmap_around(void)
{
	check(!munmap(p - PAGE, LEN + 2 * PAGE));
	stays();
}

static void by_partial_munmap(void)
{
	check(!munmap(p + PAGE, PAGE));
	stays();
	/* The pages that were left alone are still the client's. */
	check(all(p, PAGE, 0x43) && all(p + 2 * PAGE, 2 * PAGE, 0x43));
	memset(p, 0x50, PAGE);
	check(edu_sees(&e, IOVA, PAGE, 0x50));
}

static void by_munmap_and_again(void)
{
	check(!munmap(p, LEN));
	stays();
	check(mmap(p, LEN, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		   0) == p);
	apart();
}

static int unmap_it(void *arg)
{
	(void)arg;
	return munmap(p, LEN) ? errno : 0;
}

/* Another process does it in the address space that is this one's too. */
static void by_other_process(void)
{
	char *stack = anonymous(16 * PAGE, MAP_PRIVATE);
	int status;
	pid_t pid;

	/* 1 is KCMP_VM: how the supervisor finds out. */
	if (syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0))
		skip("the system compares no address spaces");
	pid = clone(unmap_it, stack + 16 * PAGE, CLONE_VM | SIGCHLD, NULL);
	check(pid > 0 && waitpid(pid, &status, 0) == pid && !status);
	stays();
}

/* It ends, by itself or in another program, and the address space does not. */
static void by_vfork(void)
{
	int status;
	pid_t pid = vfork();

	if (!pid)
		_exit(7);
	check(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7);
	together();
	memset(p, 0x42, LEN);
	pid = vfork();
	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	check(waitpid(pid, &status, 0) == pid && !status);
	together();
}

static void by_mmap_over(void)
{
	check(mmap(p, LEN, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
	stays();
	apart();
}

#define fails(call) check((call) == MAP_FAILED)

/* A call that fails leaves the client its memory, and the device too. */
static void by_failed_mmap(void)
{
	const int file = open("/etc/passwd", O_RDONLY);
	const int fixed = MAP_FIXED | MAP_SHARED;

	check(file >= 0);
	fails(mmap(p, LEN, PROT_READ, fixed, -1, 0));
	fails(mmap(p, LEN, PROT_READ, fixed, file + 100, 0));
	fails(mmap(p, LEN, PROT_READ, fixed, e.iommu, 0));
	fails(mmap(p, LEN, PROT_READ | PROT_WRITE, fixed, file, 0));
	fails(mmap(p, LEN, PROT_READ, fixed, file, 1));
	fails(mmap(p, LEN, PROT_READ, MAP_FIXED | MAP_ANONYMOUS, -1, 0));
	fails(mmap(p, LEN, PROT_READ, MAP_FIXED | MAP_PRIVATE,
		   open("/", O_RDONLY | O_DIRECTORY), 0));
	fails(mmap(p, LEN, PROT_READ, MAP_FIXED | MAP_PRIVATE,
		   open("/etc/passwd", O_PATH), 0));
	fails(mmap(p, LEN, PROT_READ, MAP_FIXED | MAP_PRIVATE,
		   open("/dev/null", O_WRONLY), 0));
	together();
}

static void by_failed_mremap(void)
{
	const int fixed = MREMAP_FIXED | MREMAP_MAYMOVE;
	char *to = anonymous(LEN, MAP_PRIVATE);

	fails(mremap(p, LEN, LEN, MREMAP_FIXED, to));
	fails(mremap(p, LEN, LEN, fixed, to + 1));
	fails(mremap(p, LEN, LEN, fixed, p + PAGE));
	fails(mremap(p, LEN, LEN, fixed, (void *)-PAGE));
	fails(mremap(p, LEN, LEN, fixed | 8, to));
	fails(mremap(p, LEN, 0, MREMAP_MAYMOVE));
	fails(mremap(p, LEN, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
	together();
}

/* Guards take the pages away (Linux 6.13). */
static void by_guards(void)
{
	if (madvise(p, LEN, 102))
		skip("the system has no guard pages");
	check(!madvise(p, LEN, 103));
	stays();
	apart();
}

static void by_madvise(void)
{
	check(!madvise(p, LEN, MADV_DONTNEED));
	stays();
	check(all(p, LEN, 0));
	apart();
}

static void by_free_advice(void)
{
	check(!madvise(p, LEN, MADV_FREE));
	together();
}

static void by_mremap(void)
{
	char *to = anonymous(LEN, MAP_PRIVATE);

	check(mremap(p, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	stays();
	check(all(to, LEN, 0x42));
}

static void by_shrinking(void)
{
	check(mremap(p, LEN, PAGE, 0) == p);
	stays();
	check(all(p, PAGE, 0x43));
}

static void by_growing_in_place(void)
{
	check(!munmap(p + LEN, PAGE));
	check(mremap(p, LEN, LEN + PAGE, MREMAP_MAYMOVE) == p);
	together();
}

static void by_protection(void)
{
	check(!mprotect(p, LEN, PROT_NONE));
	stays();
	check(!mprotect(p, LEN, PROT_READ));
	check(all(p, LEN, 0x43));
}

static void by_brk(void)
{
	char *base = sbrk(0);

	base = (char *)(((uintptr_t)base + PAGE - 1) & ~(PAGE - 1));
	check(!brk(base + LEN));
	memset(base, 0x42, LEN);
	check(!edu_unmap(&e, IOVA, LEN));
	check(!edu_map(&e, base, LEN, IOVA));
	check(!brk(base));
	stays();
}

static void by_fork(void)
{
	pid_t pid = fork();

	if (!pid) {
		memset(p, 0x66, LEN);
		_exit(0);
	}
	check(waitpid(pid, NULL, 0) == pid);
	together();
}

/* Writes of the parent after fork go to the pages that the device has. */
static void by_write_after_fork(void)
{
	int fds[2], status;
	pid_t pid;

	check(!pipe(fds));
	pid = fork();
	if (!pid) {
		char c;

		close(fds[1]);
		check(!read(fds[0], &c, 1));
		_exit(!all(p, LEN, 0x42));
	}
	close(fds[0]);
	together();
	close(fds[1]);
	check(waitpid(pid, &status, 0) == pid && !status);
}

static void by_failed_exec(void)
{
	char *argv[] = { "x", NULL };
	char name[] = "/tmp/uiommu-test-XXXXXX";
	int fd = mkstemp(name);

	check(execv("/no/such/program", argv));
	together();
	memset(p, 0x42, LEN);
	/* Executable, but of no format that the kernel knows. */
	check(fd >= 0 && write(fd, "\0\1\2\3", 4) == 4);
	check(!fchmod(fd, 0700));
	close(fd);
	check(execv(name, argv) && errno == ENOEXEC);
	unlink(name);
	together();
}

static void by_exec(const char *self)
{
	char text[4][32];

	snprintf(text[0], 32, "%d", e.iommu);
	snprintf(text[1], 32, "%d", e.dev);
	snprintf(text[2], 32, "%u", e.ioas);
	check(!execl(self, self, "after-exec", text[0], text[1], text[2],
		     NULL));
}

/* A child maps its memory with the context that it shares, and goes. */
static void by_exit(int how)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		p = anonymous(LEN, how == 2 ? MAP_SHARED : MAP_PRIVATE);
		memset(p, 0x42, LEN);
		check(!edu_map(&e, p, LEN, IOVA + LEN));
		if (how == 1)
			syscall(SYS_exit, 0);
		_exit(0);
	}
	check(waitpid(pid, &status, 0) == pid && !status);
	check(edu_sees(&e, IOVA + LEN, LEN, 0x42));
	edu_fill(&e, IOVA + LEN, LEN, 0x43);
	check(edu_sees(&e, IOVA + LEN, LEN, 0x43));
}

/* The documented gap: nobody could save the pages. */
static void by_kill(void)
{
	unsigned char buf[64];
	pid_t pid = fork();

	if (!pid) {
		p = anonymous(LEN, MAP_PRIVATE);
		check(!edu_map(&e, p, LEN, IOVA + LEN));
		raise(SIGKILL);
	}
	check(waitpid(pid, NULL, 0) == pid);
	edu_read(&e, IOVA + LEN, buf, sizeof(buf));
	check(all(buf, sizeof(buf), 0xee));
	edu_write(&e, IOVA + LEN, buf, sizeof(buf));
	check(edu_sees(&e, IOVA, LEN, 0x42));
}

/* Shared memory without a descriptor: others may still map it. */
static void by_shared_exit(void)
{
	char *s = anonymous(LEN, MAP_SHARED);
	int status;
	pid_t pid = fork();

	if (!pid) {
		memset(s, 0x42, LEN);
		check(!edu_map(&e, s, LEN, IOVA + LEN));
		_exit(0);
	}
	check(waitpid(pid, &status, 0) == pid && !status);
	check(edu_sees(&e, IOVA + LEN, LEN, 0x42) && all(s, LEN, 0x42));
	edu_fill(&e, IOVA + LEN, LEN, 0x43);
	check(all(s, LEN, 0x43));
	check(!munmap(s, LEN));
	check(edu_sees(&e, IOVA + LEN, LEN, 0x43));
}

static void by_shmdt(void)
{
	int id = shmget(IPC_PRIVATE, LEN, 0600);
	char *s = shmat(id, NULL, 0);

	check(s != (void *)-1);
	shmctl(id, IPC_RMID, NULL);
	memset(s, 0x42, LEN);
	check(!edu_map(&e, s, LEN, IOVA + LEN));
	check(!shmdt(s));
	check(edu_sees(&e, IOVA + LEN, LEN, 0x42));
	edu_fill(&e, IOVA + LEN, LEN, 0x43);
	check(edu_sees(&e, IOVA + LEN, LEN, 0x43));
}

static void after_exec(char **argv)
{
	e.iommu = atoi(argv[2]);
	e.dev = atoi(argv[3]);
	e.ioas = (uint32_t)atoi(argv[4]);
	e.bar = edu_region(e.dev, VFIO_PCI_BAR0_REGION_INDEX);
	stays();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *how;
		void (*run)(void);
	} ways[] = {
		{ "munmap", by_munmap },
		{ "munmap-around", by_munmap_around },
		{ "partial-munmap", by_partial_munmap },
		{ "munmap-and-again", by_munmap_and_again },
		{ "other-process", by_other_process },
		{ "vfork", by_vfork },
		{ "mmap-over", by_mmap_over },
		{ "failed-mmap", by_failed_mmap },
		{ "failed-mremap", by_failed_mremap },
		{ "guards", by_guards },
		{ "madvise", by_madvise },
		{ "free-advice", by_free_advice },
		{ "mremap", by_mremap },
		{ "shrinking", by_shrinking },
		{ "growing-in-place", by_growing_in_place },
		{ "protection", by_protection },
		{ "brk", by_brk },
		{ "fork", by_fork },
		{ "write-after-fork", by_write_after_fork },
		{ "failed-exec", by_failed_exec },
		{ "shared-exit", by_shared_exit },
		{ "shmdt", by_shmdt },
		{ "kill", by_kill },
	};
	size_t i;

	check(argc >= 2);
	if (!strcmp(argv[1], "after-exec")) {
		after_exec(argv);
		return 0;
	}
	edu_open(&e, true);
	p = (char *)anonymous(LEN + 2 * PAGE, MAP_PRIVATE) + PAGE;
	memset(p, 0x42, LEN);
	check(!edu_map(&e, p, LEN, IOVA));
	if (!strcmp(argv[1], "exec"))
		by_exec(argv[0]);
	if (!strncmp(argv[1], "exit", 4)) {
		by_exit(atoi(argv[1] + 4));
		return 0;
	}
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!strcmp(argv[1], ways[i].how)) {
			ways[i].run();
			return 0;
		}
	}
	fprintf(stderr, "vanish: no way '%s'\n", argv[1]);
	return 1;
}
