/* SPDX-License-Identifier: MIT */
/*
 * The calling process as a user of the engine: its addresses are output
 * addresses. The kernel does every copy, so a bad address is an error and not a
 * crash, and a file that shrinks under its mapping raises no signal.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/host.h"

static int self_copy(void *local, uint64_t addr, size_t len, bool write)
{
	struct iovec here = { .iov_base = local, .iov_len = len };
	struct iovec there = { .iov_base = (void *)(uintptr_t)addr,
			       .iov_len = len };
	ssize_t ret;

	if (!len)
		return 0;
	if (addr != (uintptr_t)addr)
		return -EFAULT;
	ret = write ? process_vm_writev(getpid(), &here, 1, &there, 1, 0)
		    : process_vm_readv(getpid(), &here, 1, &there, 1, 0);
	return ret == (ssize_t)len ? 0 : -EFAULT;
}

static int self_phys_read(void *arg, phys_addr_t pa, void *buf, size_t len)
{
	return self_copy(buf, pa, len, false);
}

static int self_phys_write(void *arg, phys_addr_t pa, const void *buf,
			   size_t len)
{
	return self_copy((void *)(uintptr_t)buf, pa, len, true);
}

const struct uiommu_phys_ops uiommu_self_phys = {
	.read = self_phys_read,
	.write = self_phys_write,
};

/**
 * struct self_mem - the process's memory, or a file
 * @mem: what the engine sees
 * @refs: references and pinned pages together; the mapping outlives both
 * @is_file: it is a file
 * @lazy: its pages come into being when they are reached; those of hugetlbfs may not
 * @writable: it is mapped for writing
 * @base: where the file is mapped, NULL = it cannot be pinned
 * @size: bytes of the mapping
 */
struct self_mem {
	struct uiommu_mem mem;
	uint64_t refs;
	bool is_file;
	bool lazy;
	bool writable;
	uint8_t *base;
	uint64_t size;
};

static void self_mem_drop(struct self_mem *m, uint64_t refs)
{
	if (__atomic_sub_fetch(&m->refs, refs, __ATOMIC_ACQ_REL))
		return;
	if (m->base)
		munmap(m->base, m->size);
	free(m);
}

static void self_mem_get(struct uiommu_mem *mem)
{
	struct self_mem *m = (struct self_mem *)mem;

	__atomic_add_fetch(&m->refs, 1, __ATOMIC_RELAXED);
}

static void self_mem_put(struct uiommu_mem *mem)
{
	self_mem_drop((struct self_mem *)mem, 1);
}

/*
 * Have the kernel fault the pages in, as DMA would use them. That finds holes
 * and missing permissions without touching what is there.
 */
static bool self_populate(uint64_t addr, uint64_t len, bool write)
{
	return !madvise((void *)(uintptr_t)addr, len,
			write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
}

/* The length of the part of [@addr, @addr + @len) that can be used. */
static uint64_t self_usable(uint64_t addr, uint64_t len, bool write)
{
	uint64_t good = 0, step = len;

	while (good < len) {
		if (step > len - good)
			step = len - good;
		if (self_populate(addr + good, step, write))
			good += step;
		else if (step == UIOMMU_PAGE_SIZE)
			break;
		else
			step = (step / 2 + UIOMMU_PAGE_SIZE - 1) &
			       ~(UIOMMU_PAGE_SIZE - 1);
	}
	return good;
}

static int self_mem_pin(struct uiommu_mem *mem, uint64_t addr, uint64_t len,
			bool write, struct uiommu_run *runs, size_t max)
{
	struct self_mem *m = (struct self_mem *)mem;

	if (m->is_file) {
		if (addr >= m->size || len > m->size - addr)
			return -EINVAL;
		addr += (uintptr_t)m->base;
	}
	if (!m->lazy)
		len = self_usable(addr, len, write);
	else if (write && !m->writable)
		len = 0;
	if (!len)
		return m->is_file ? -EINVAL : -EFAULT;
	__atomic_add_fetch(&m->refs, len / UIOMMU_PAGE_SIZE, __ATOMIC_RELAXED);
	runs[0] = (struct uiommu_run){ .pa = addr, .len = len };
	return 1;
}

static void self_mem_unpin(struct uiommu_mem *mem, phys_addr_t pa, uint64_t len)
{
	self_mem_drop((struct self_mem *)mem, len / UIOMMU_PAGE_SIZE);
}

static int self_mem_copy(struct uiommu_mem *mem, phys_addr_t pa, void *buf,
			 size_t len, bool write)
{
	return self_copy(buf, pa, len, write);
}

static const struct uiommu_mem_ops self_mem_ops = {
	.get = self_mem_get,
	.put = self_mem_put,
	.pin = self_mem_pin,
	.unpin = self_mem_unpin,
	.copy = self_mem_copy,
};

static struct self_mem *self_mem_new(void)
{
	struct self_mem *m = calloc(1, sizeof(*m));

	if (m) {
		m->mem.ops = &self_mem_ops;
		m->refs = 1;
	}
	return m;
}

/* Nothing is locked, so nothing is limited: one account does for all. */
static void self_account_nothing(struct uiommu_account *account)
{
}

static int self_account_charge(struct uiommu_account *account,
			       enum uiommu_charge mode, int64_t pages)
{
	return 0;
}

static const struct uiommu_account_ops self_account_ops = {
	.get = self_account_nothing,
	.put = self_account_nothing,
	.charge = self_account_charge,
};

static struct uiommu_account *self_account(struct uiommu_user *user)
{
	static const struct uiommu_account account = { &self_account_ops };

	return (struct uiommu_account *)&account;
}

static int self_copy_in(struct uiommu_user *user, void *dst, uint64_t src,
			size_t len)
{
	return self_copy(dst, src, len, false);
}

static int self_copy_out(struct uiommu_user *user, uint64_t dst,
			 const void *src, size_t len)
{
	return self_copy((void *)(uintptr_t)src, dst, len, true);
}

static struct uiommu_mem *self_user_mem(struct uiommu_user *user)
{
	struct uiommu_self *self = (struct uiommu_self *)user;

	self_mem_get(self->mem);
	return self->mem;
}

/* As aligned as the largest pages in use by any IOMMU that fit. */
static uint64_t self_alignment(uint64_t size)
{
	if (size >= 1ULL << 30)
		return 1ULL << 30;
	return size >= 2ULL << 20 ? 2ULL << 20 : UIOMMU_PAGE_SIZE;
}

/*
 * Map all of the file so that large mappings become large page-table entries.
 * Return: MAP_FAILED if that cannot be.
 */
static void *self_map_aligned(int fd, uint64_t size, int prot)
{
	const uint64_t align = self_alignment(size);
	uint8_t *room, *base;
	void *ptr;

	room = mmap(NULL, size + align, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return MAP_FAILED;
	base = room + (-(uintptr_t)room & (align - 1));
	ptr = mmap(base, size, prot, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd,
		   0);
	if (ptr == MAP_FAILED) {
		munmap(room, size + align);
		return MAP_FAILED;
	}
	if (base != room)
		munmap(room, (size_t)(base - room));
	munmap(base + size, align - (size_t)(base - room));
	return base;
}

/*
 * Map a file to pin its pages. Only memfds can be pinned; they are the files
 * that can be sealed. Others are found out when their pages are asked for.
 */
static void self_map_file(struct self_mem *m, int fd, const struct stat *st)
{
	uint64_t size = st->st_size > 0 ? (uint64_t)st->st_size : 0;
	uint64_t page = (uint64_t)st->st_blksize;
	void *base;

	m->is_file = true;
	if (fcntl(fd, F_GET_SEALS) < 0 || !size)
		return;
	m->lazy = page <= UIOMMU_PAGE_SIZE;
	if (m->lazy)
		page = UIOMMU_PAGE_SIZE;
	size = (size + page - 1) & ~(page - 1);
	m->writable = true;
	base = self_map_aligned(fd, size, PROT_READ | PROT_WRITE);
	if (base == MAP_FAILED) {
		m->writable = false;
		base = self_map_aligned(fd, size, PROT_READ);
	}
	if (base == MAP_FAILED)
		return;
	m->base = base;
	m->size = size;
}

static int self_memory_file(struct uiommu_user *user, int fd,
			    struct uiommu_mem **mem, uint64_t *size)
{
	struct self_mem *m;
	struct stat st;

	if (fstat(fd, &st))
		return -EBADF;
	m = self_mem_new();
	if (!m)
		return -ENOMEM;
	*size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	self_map_file(m, fd, &st);
	*mem = &m->mem;
	return 0;
}

static int self_file(struct uiommu_user *user, int fd,
		     struct uiommu_file **file)
{
	struct uiommu_self *self = (struct uiommu_self *)user;

	if (fd < 0 || (unsigned int)fd >= self->nr_files || !self->file[fd])
		return -EBADF;
	uiommu_file_get(self->file[fd]);
	*file = self->file[fd];
	return 0;
}

/* The kernel names what is behind a descriptor in /proc. */
static bool self_is_eventfd(int fd)
{
	static const char want[] = "anon_inode:[eventfd]";
	char path[32], name[sizeof(want)];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, name, sizeof(name));
	return len == sizeof(want) - 1 && !memcmp(name, want, sizeof(want) - 1);
}

static int self_eventfd(struct uiommu_user *user, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return -errno;
	if (!self_is_eventfd(copy)) {
		close(copy);
		return -EINVAL;
	}
	return copy;
}

static bool self_capable(struct uiommu_user *user, enum uiommu_privilege cap)
{
	return geteuid() == 0;
}

static int self_new_fd(struct uiommu_user *user)
{
	struct uiommu_self *self = (struct uiommu_self *)user;
	unsigned int fd;

	for (fd = 0; fd != self->nr_files; fd++)
		if (!self->file[fd])
			return (int)fd;
	return -EMFILE;
}

static int self_install(struct uiommu_user *user, int fd,
			struct uiommu_file *file)
{
	struct uiommu_self *self = (struct uiommu_self *)user;

	/* Another thread's request may have taken it meanwhile. */
	if (self->file[fd])
		return -EMFILE;
	uiommu_file_get(file);
	self->file[fd] = file;
	return 0;
}

static int self_backing(struct uiommu_user *user, const char *name,
			uint64_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	if (!ftruncate(fd, (off_t)size))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static const struct uiommu_user_ops self_user_ops = {
	.copy_in = self_copy_in,
	.copy_out = self_copy_out,
	.mem = self_user_mem,
	.account = self_account,
	.memory_file = self_memory_file,
	.file = self_file,
	.eventfd = self_eventfd,
	.capable = self_capable,
	.new_fd = self_new_fd,
	.install = self_install,
	.backing = self_backing,
};

int uiommu_self_init(struct uiommu_self *self)
{
	struct self_mem *m = self_mem_new();

	if (!m)
		return -ENOMEM;
	self->user.ops = &self_user_ops;
	self->mem = &m->mem;
	self->file = NULL;
	self->nr_files = 0;
	return 0;
}

void uiommu_self_fini(struct uiommu_self *self)
{
	self_mem_put(self->mem);
}
