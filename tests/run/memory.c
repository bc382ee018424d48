/* SPDX-License-Identifier: MIT */
/*
 * memory KIND - DMA into and out of one kind of memory: what the device writes
 * the client sees at once, and the other way round.
 */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "edu.h"

#define LEN  (8 * PAGE)
#define HUGE (2ul << 20)
#define IOVA 0x10000000ul

static void *map_fd(int fd, size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	check(p != MAP_FAILED);
	return p;
}

static int memfd(unsigned int flags, size_t len)
{
	int fd = memfd_create("test", flags);

	if (fd < 0 && flags & MFD_HUGETLB)
		skip("no hugetlbfs");
	check(fd >= 0);
	check(!ftruncate(fd, (off_t)len));
	return fd;
}

static void *hugetlb(int *fd)
{
	void *p;

	*fd = memfd(MFD_HUGETLB, 2 * HUGE);
	p = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (p == MAP_FAILED)
		skip("no huge pages (vm.nr_hugepages)");
	return p;
}

static void *private_file(void)
{
	char name[] = "/tmp/uiommu-test-XXXXXX";
	int fd = mkstemp(name);
	void *p;

	check(fd >= 0);
	unlink(name);
	check(!ftruncate(fd, LEN));
	p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	check(p != MAP_FAILED);
	return p;
}

static void *shared_file(void)
{
	char name[] = "/tmp/uiommu-test-XXXXXX";
	int fd = mkstemp(name);

	check(fd >= 0);
	unlink(name);
	check(!ftruncate(fd, LEN));
	return map_fd(fd, LEN);
}

static void *sysv(void)
{
	int id = shmget(IPC_PRIVATE, LEN, 0600);
	void *p = shmat(id, NULL, 0);

	check(p != (void *)-1);
	shmctl(id, IPC_RMID, NULL);
	return p;
}

static void *shared_without_descriptor(void)
{
	int fd = memfd(0, LEN);
	void *p = map_fd(fd, LEN);

	close(fd);
	return p;
}

/* Only the mapping is writable, the descriptor that is left is not. */
static void *read_only_descriptor(void)
{
	char name[32];
	int fd = memfd(0, LEN);
	void *p = map_fd(fd, LEN);

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	check(open(name, O_RDONLY) >= 0);
	close(fd);
	return p;
}

static void *future_sealed(void)
{
	int fd = memfd(MFD_ALLOW_SEALING, LEN);
	void *p = map_fd(fd, LEN);

	check(!fcntl(fd, F_ADD_SEALS, 0x10 /* F_SEAL_FUTURE_WRITE */));
	return p;
}

static void *static_data(void)
{
	static char data[LEN] __attribute__((aligned(4096)));

	return data;
}

static void *stack_data(char *stack)
{
	return (void *)(((uintptr_t)stack + PAGE - 1) & ~(PAGE - 1));
}

static void *make(const char *kind, size_t *len, int *fd, char *stack)
{
	*len = LEN;
	*fd = -1;
	if (!strcmp(kind, "private"))
		return anonymous(LEN, MAP_PRIVATE);
	if (!strcmp(kind, "shared"))
		return anonymous(LEN, MAP_SHARED);
	if (!strcmp(kind, "memfd"))
		return map_fd(*fd = memfd(0, LEN), LEN);
	if (!strcmp(kind, "private-file"))
		return private_file();
	if (!strcmp(kind, "shared-file"))
		return shared_file();
	if (!strcmp(kind, "no-descriptor"))
		return shared_without_descriptor();
	if (!strcmp(kind, "read-only-descriptor"))
		return read_only_descriptor();
	if (!strcmp(kind, "future-sealed"))
		return future_sealed();
	if (!strcmp(kind, "sysv"))
		return sysv();
	if (!strcmp(kind, "static"))
		return static_data();
	if (!strcmp(kind, "stack"))
		return stack_data(stack);
	*len = 2 * HUGE;
	if (!strcmp(kind, "hugetlb"))
		return hugetlb(fd);
	fprintf(stderr, "memory: no kind '%s'\n", kind);
	exit(1);
}

/* Both directions, at the start, across pages, and at the end. */
static void exercise(const struct edu *e, unsigned char *p, size_t len)
{
	const size_t at[] = { 0, PAGE - 100, 3 * PAGE + 1, len - 1000 };
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		memset(p + at[i], 0x55, 1000);
		check(edu_sees(e, IOVA + at[i], 1000, 0x55));
		edu_fill(e, IOVA + at[i], 1000, 0xa0 + (int)i);
		check(all(p + at[i], 1000, 0xa0 + (int)i));
		p[at[i] + 500] = 1;
		check(!edu_sees(e, IOVA + at[i], 1000, 0xa0 + (int)i));
	}
}

int main(int argc, char **argv)
{
	char stack[LEN + PAGE];
	unsigned char *p;
	struct edu e;
	size_t len;
	int fd;

	check(argc == 2);
	p = make(argv[1], &len, &fd, stack);
	edu_open(&e, true);
	check(!edu_map(&e, p, len, IOVA));
	exercise(&e, p, len);

	/* The same memory twice is the same memory. */
	check(!edu_map(&e, p, PAGE, 0x20000000));
	edu_fill(&e, 0x20000000, PAGE, 0x77);
	check(edu_sees(&e, IOVA, PAGE, 0x77) && all(p, PAGE, 0x77));
	if (fd >= 0) {
		check(!edu_map_file(&e, fd, 0, PAGE, 0x30000000));
		edu_fill(&e, 0x30000000, PAGE, 0x78);
		check(edu_sees(&e, IOVA, PAGE, 0x78) && all(p, PAGE, 0x78));
	}

	/* Unmapped: the next DMA is blocked. */
	check(!edu_unmap(&e, IOVA, len));
	memset(p, 0x11, PAGE);
	edu_fill(&e, IOVA, PAGE, 0x99);
	check(all(p, PAGE, 0x11));
	return 0;
}
