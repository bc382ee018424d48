/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sys.h"

const bool sys_counts_pins = true;

void sys_setup(void)
{
}

void sys_teardown(void)
{
}

int sys_open(void)
{
	return open("/dev/iommu", O_RDWR | O_CLOEXEC);
}

void sys_close(int fd)
{
	close(fd);
}

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

long sys_ioctl(int fd, unsigned int cmd, void *arg)
{
	return result(ioctl(fd, cmd, arg));
}

long sys_read(int fd, void *buf, size_t count)
{
	return result(read(fd, buf, count));
}

long sys_write(int fd, const void *buf, size_t count)
{
	return result(write(fd, buf, count));
}

int sys_poll(int fd)
{
	struct pollfd p = {
		.fd = fd,
		.events = POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM,
	};

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}

int sys_mmap(int fd, uint64_t offset, size_t len, int prot, int flags,
	     void **out)
{
	void *ptr = mmap(NULL, len, prot, flags, fd, (off_t)offset);

	if (ptr == MAP_FAILED)
		return -errno;
	*out = ptr;
	return 0;
}

void sys_munmap(int fd, uint64_t offset, void *ptr, size_t len)
{
	munmap(ptr, len);
}
