/* SPDX-License-Identifier: MIT */
/*
 * The engine in this process. Descriptors are indexes; what a client would have mapped
 * is remembered, not mapped.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <uiommu/uiommu.h>

#include "sys.h"

#define NR_FILES 64

const bool sys_counts_pins = false;

static struct uiommu *u;
static struct uiommu_self self;
static struct uiommu_file *files[NR_FILES];
static struct uiommu_user_ops ops;
static uint64_t mapped_at, mapped_len;

static bool is_mapped(struct uiommu_user *user, struct uiommu_file *file,
		      uint64_t offset, uint64_t len)
{
	return mapped_len && mapped_at < offset + len &&
	       offset < mapped_at + mapped_len;
}

void sys_setup(void)
{
	const struct uiommu_config config = { .mock = true };

	assert_int_equal(uiommu_new(&config, &u), 0);
	assert_int_equal(uiommu_self_init(&self), 0);
	ops = *self.user.ops;
	ops.mapped = is_mapped;
	self.user.ops = &ops;
	self.file = files;
	self.nr_files = NR_FILES;
}

void sys_teardown(void)
{
	unsigned int i;

	for (i = 0; i != NR_FILES; i++)
		assert_null(files[i]);
	uiommu_self_fini(&self);
	uiommu_free(u);
}

int sys_open(void)
{
	int fd = self.user.ops->new_fd(&self.user);

	assert_true(fd >= 0);
	assert_int_equal(uiommu_open_iommufd(u, &files[fd]), 0);
	return fd;
}

void sys_close(int fd)
{
	struct uiommu_file *file = files[fd];

	files[fd] = NULL;
	uiommu_file_put(file);
}

long sys_ioctl(int fd, unsigned int cmd, void *arg)
{
	return uiommu_ioctl(files[fd], &self.user, cmd, (uintptr_t)arg);
}

long sys_read(int fd, void *buf, size_t count)
{
	return uiommu_read(files[fd], &self.user, (uintptr_t)buf, count, 0);
}

long sys_write(int fd, const void *buf, size_t count)
{
	return uiommu_write(files[fd], &self.user, (uintptr_t)buf, count, 0);
}

int sys_poll(int fd)
{
	return uiommu_poll(files[fd]);
}

int sys_mmap(int fd, uint64_t offset, size_t len, int prot, int flags,
	     void **out)
{
	int rc = uiommu_mmap(files[fd], offset, len, prot, flags);

	if (rc)
		return rc;
	mapped_at = offset;
	mapped_len = len;
	*out = NULL;
	return 0;
}

void sys_munmap(int fd, uint64_t offset, void *ptr, size_t len)
{
	mapped_len = 0;
}
