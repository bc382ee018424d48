/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "client.h"

void skip(struct client *c, const char *why)
{
	c->skip = why;
	longjmp(c->stop, 1);
}

void wrong(struct client *c, const char *file, int line, const char *what,
	   long long got, long long want)
{
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;

	snprintf(c->complaint, sizeof(c->complaint),
		 "%s:%d: %.120s is %lld, not %lld", base, line, what, got,
		 want);
	longjmp(c->stop, 1);
}

int keep(struct client *c, int fd)
{
	holds(c, fd < 0 || c->nr_fds < MAX_FDS);
	if (fd >= 0)
		c->fds[c->nr_fds++] = fd;
	return fd;
}

void shut(struct client *c, int fd)
{
	unsigned int i;

	for (i = 0; i != c->nr_fds; i++)
		if (c->fds[i] == fd)
			c->fds[i] = -1;
	is(c, sys_close(fd), 0);
}

int open_context(struct client *c)
{
	int fd = keep(c, sys_open("/dev/iommu"));

	holds(c, fd >= 0);
	return fd;
}

/* Requests of the user API as it is today; an older system has fewer of them. */
static bool is_known(unsigned int cmd)
{
	return cmd >= IOMMU_DESTROY && cmd <= IOMMU_IOAS_NOIOMMU_GET_PA;
}

long call_on(struct client *c, int fd, unsigned int cmd, uintptr_t arg)
{
	long rc = sys_ioctl(fd, cmd, arg);

	if (rc == -ENOTTY && is_known(cmd))
		c->absent = cmd;
	return rc;
}

long call(struct client *c, unsigned int cmd, void *arg)
{
	return call_on(c, c->fd, cmd, (uintptr_t)arg);
}

/* The second half of the memory is for this. */
void *edge(struct client *c, const void *data, size_t len)
{
	uint8_t *end = c->mem + MEMORY / 2;

	holds(c, !mprotect(end, PAGE, PROT_NONE));
	memcpy(end - len, data, len);
	return end - len;
}

uint32_t new_ioas(struct client *c)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	is(c, call(c, IOMMU_IOAS_ALLOC, &cmd), 0);
	return cmd.out_ioas_id;
}

long destroy(struct client *c, uint32_t id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return call(c, IOMMU_DESTROY, &cmd);
}

long map_at(struct client *c, uint32_t ioas, uint64_t offset, uint64_t length,
	    uint64_t iova)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = FIXED,
		.ioas_id = ioas,
		.user_va = (uintptr_t)c->mem + offset,
		.length = length,
		.iova = iova,
	};

	return call(c, IOMMU_IOAS_MAP, &cmd);
}

long map_any(struct client *c, uint32_t ioas, uint64_t offset, uint64_t length,
	     uint64_t *iova)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = RW,
		.ioas_id = ioas,
		.user_va = (uintptr_t)c->mem + offset,
		.length = length,
		.iova = *iova,
	};
	long rc = call(c, IOMMU_IOAS_MAP, &cmd);

	*iova = cmd.iova;
	return rc;
}

long unmap(struct client *c, uint32_t ioas, uint64_t iova, uint64_t *length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = *length,
	};
	long rc = call(c, IOMMU_IOAS_UNMAP, &cmd);

	*length = cmd.length;
	return rc;
}

long long unmapped(struct client *c, uint32_t ioas, uint64_t iova,
		   uint64_t length)
{
	long rc = unmap(c, ioas, iova, &length);

	return rc ? rc : (long long)length;
}

long allow(struct client *c, uint32_t ioas,
	   const struct iommu_iova_range *range, uint32_t nr)
{
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = nr,
		.allowed_iovas = (uintptr_t)range,
	};

	return call(c, IOMMU_IOAS_ALLOW_IOVAS, &cmd);
}

int open_device(struct client *c)
{
	int fd;

	if (!c->device->cdev[0])
		skip(c, "needs a device");
	fd = keep(c, sys_open(c->device->cdev));
	if (fd < 0)
		skip(c, "the device cannot be opened");
	return fd;
}

void bind_device(struct client *c)
{
	struct vfio_device_bind_iommufd cmd = {
		.argsz = sizeof(cmd),
		.iommufd = c->fd,
	};

	c->cdev = open_device(c);
	is(c, sys_ioctl(c->cdev, VFIO_DEVICE_BIND_IOMMUFD, (uintptr_t)&cmd), 0);
	c->devid = cmd.out_devid;
}

long attach(struct client *c, uint32_t *pt)
{
	struct vfio_device_attach_iommufd_pt cmd = {
		.argsz = sizeof(cmd),
		.pt_id = *pt,
	};
	long rc = sys_ioctl(c->cdev, VFIO_DEVICE_ATTACH_IOMMUFD_PT,
			    (uintptr_t)&cmd);

	*pt = cmd.pt_id;
	return rc;
}

long detach(struct client *c)
{
	struct vfio_device_detach_iommufd_pt cmd = { .argsz = sizeof(cmd) };

	return sys_ioctl(c->cdev, VFIO_DEVICE_DETACH_IOMMUFD_PT,
			 (uintptr_t)&cmd);
}

uint32_t attached_ioas(struct client *c)
{
	uint32_t ioas = new_ioas(c), pt = ioas;

	if (c->cdev < 0)
		bind_device(c);
	is(c, attach(c, &pt), 0);
	return ioas;
}

long new_hwpt(struct client *c, uint32_t pt, uint32_t flags, uint32_t *id)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = c->devid,
		.pt_id = pt,
	};
	long rc = call(c, IOMMU_HWPT_ALLOC, &cmd);

	if (!rc)
		*id = cmd.out_hwpt_id;
	return rc;
}

struct iommu_hw_info hw_info(struct client *c)
{
	struct iommu_hw_info cmd = { .size = sizeof(cmd), .dev_id = c->devid };

	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), 0);
	return cmd;
}
