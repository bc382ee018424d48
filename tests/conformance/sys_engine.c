/* SPDX-License-Identifier: MIT */
/*
 * The system calls are functions of the engine, and this process is its client.
 * Descriptors are indexes into a table.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uiommu/uiommu.h>

#include "sys.h"

#define NR_FILES 64

static struct uiommu *run;
static struct uiommu_self self;
static struct uiommu_file *file[NR_FILES];

int sys_begin(const char *model, struct sys_device *device)
{
	struct uiommu_config config = { .table_size = 1ULL << 30 };
	struct uiommu_device_info info;
	struct uiommu_device *dev;
	int rc;

	rc = uiommu_new(&config, &run);
	if (!rc)
		rc = uiommu_add_device(run, model ? model : "edu", &dev);
	if (!rc)
		rc = uiommu_self_init(&self);
	if (rc)
		return rc;
	self.file = file;
	self.nr_files = NR_FILES;
	uiommu_device_info(dev, &info);
	snprintf(device->cdev, sizeof(device->cdev), "/dev/vfio/devices/vfio%u",
		 info.index);
	snprintf(device->group, sizeof(device->group), "/dev/vfio/%u",
		 info.group);
	snprintf(device->name, sizeof(device->name), "%s", info.bdf);
	return 0;
}

void sys_end(void)
{
	uiommu_self_fini(&self);
	uiommu_free(run);
}

bool sys_is_kernel(void)
{
	return false;
}

bool sys_is_admin(void)
{
	return self.user.ops->capable(&self.user, UIOMMU_CAP_SYS_RESOURCE);
}

static int open_file(const char *path, struct uiommu_file **out)
{
	unsigned int n;

	if (!strcmp(path, "/dev/iommu"))
		return uiommu_open_iommufd(run, out);
	if (!strcmp(path, "/dev/vfio/vfio"))
		return uiommu_open_container(run, out);
	if (sscanf(path, "/dev/vfio/devices/vfio%u", &n) == 1)
		return uiommu_device(run, n)
			       ? uiommu_open_device(uiommu_device(run, n), -1,
						    out)
			       : -ENOENT;
	if (sscanf(path, "/dev/vfio/%u", &n) == 1)
		return uiommu_open_group(run, n, out);
	return -ENOENT;
}

int sys_open(const char *path)
{
	int fd, rc;

	for (fd = 0; fd != NR_FILES; fd++)
		if (!file[fd])
			break;
	if (fd == NR_FILES)
		return -EMFILE;
	rc = open_file(path, &file[fd]);
	return rc ? rc : fd;
}

static struct uiommu_file *get(int fd)
{
	return fd >= 0 && fd < NR_FILES ? file[fd] : NULL;
}

int sys_close(int fd)
{
	if (!get(fd))
		return -EBADF;
	uiommu_file_put(file[fd]);
	file[fd] = NULL;
	return 0;
}

long sys_ioctl(int fd, unsigned int cmd, uintptr_t arg)
{
	return get(fd) ? uiommu_ioctl(get(fd), &self.user, cmd, arg) : -EBADF;
}

long sys_read(int fd, void *buf, size_t len)
{
	return sys_pread(fd, buf, len, 0);
}

long sys_write(int fd, const void *buf, size_t len)
{
	return sys_pwrite(fd, buf, len, 0);
}

long sys_pread(int fd, void *buf, size_t len, uint64_t offset)
{
	return get(fd) ? uiommu_read(get(fd), &self.user, (uintptr_t)buf, len,
				     offset)
		       : -EBADF;
}

long sys_pwrite(int fd, const void *buf, size_t len, uint64_t offset)
{
	return get(fd) ? uiommu_write(get(fd), &self.user, (uintptr_t)buf, len,
				      offset)
		       : -EBADF;
}

int sys_poll(int fd)
{
	return get(fd) ? uiommu_poll(get(fd)) : -EBADF;
}
