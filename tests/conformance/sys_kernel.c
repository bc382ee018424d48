/* SPDX-License-Identifier: MIT */
/*
 * The system calls are the system's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "sys.h"

#define CLASS "/sys/class/vfio-dev"

static long result(long value)
{
	return value < 0 ? -errno : value;
}

/* The first vfioN of the class, or the one that @wanted names. */
static bool find_cdev(const char *wanted, char name[32])
{
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (wanted) {
		wanted = strrchr(wanted, '/') ? strrchr(wanted, '/') + 1
					      : wanted;
		snprintf(name, 32, "%s", wanted);
		return true;
	}
	dir = opendir(CLASS);
	while (dir && !found && (entry = readdir(dir))) {
		found = !strncmp(entry->d_name, "vfio", 4) &&
			strlen(entry->d_name) < 32;
		if (found)
			strcpy(name, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void find_device(const char *wanted, struct sys_device *device)
{
	char name[32], path[256], real[PATH_MAX];

	if (!find_cdev(wanted, name))
		return;
	snprintf(device->cdev, sizeof(device->cdev), "/dev/vfio/devices/%s",
		 name);
	snprintf(path, sizeof(path), CLASS "/%s/device", name);
	if (!realpath(path, real))
		return;
	snprintf(device->name, sizeof(device->name), "%.63s", base_name(real));
	snprintf(path, sizeof(path), CLASS "/%s/device/iommu_group", name);
	if (!realpath(path, real))
		return;
	snprintf(device->group, sizeof(device->group), "/dev/vfio/%.48s",
		 base_name(real));
	if (access(device->group, F_OK))
		device->group[0] = '\0';
}

int sys_begin(const char *cdev, struct sys_device *device)
{
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	memset(device, 0, sizeof(*device));
	if (fd < 0)
		return -errno;
	close(fd);
	find_device(cdev, device);
	return 0;
}

void sys_end(void)
{
}

bool sys_is_kernel(void)
{
	return true;
}

bool sys_is_admin(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	return !syscall(SYS_capget, &header, data) &&
	       data[0].effective & 1U << CAP_SYS_RESOURCE;
}

int sys_open(const char *path)
{
	return (int)result(open(path, O_RDWR | O_CLOEXEC));
}

int sys_close(int fd)
{
	return (int)result(close(fd));
}

long sys_ioctl(int fd, unsigned int cmd, uintptr_t arg)
{
	return result(ioctl(fd, cmd, arg));
}

long sys_read(int fd, void *buf, size_t len)
{
	return result(read(fd, buf, len));
}

long sys_write(int fd, const void *buf, size_t len)
{
	return result(write(fd, buf, len));
}

long sys_pread(int fd, void *buf, size_t len, uint64_t offset)
{
	return result(pread(fd, buf, len, (off_t)offset));
}

long sys_pwrite(int fd, const void *buf, size_t len, uint64_t offset)
{
	return result(pwrite(fd, buf, len, (off_t)offset));
}

int sys_poll(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}
