/* SPDX-License-Identifier: MIT */
/*
 * Groups: /dev/vfio/N, and devices from them.
 */
#include <stdio.h>

#include "client.h"

static int open_group(struct client *c)
{
	int fd;

	if (!c->device->group[0])
		skip(c, "needs a device with a group");
	fd = keep(c, sys_open(c->device->group));
	if (fd < 0)
		skip(c, "the group cannot be opened");
	return fd;
}

static long set_container(int group, int32_t fd)
{
	return sys_ioctl(group, VFIO_GROUP_SET_CONTAINER, (uintptr_t)&fd);
}

static long get_device(struct client *c, int group)
{
	return sys_ioctl(group, VFIO_GROUP_GET_DEVICE_FD,
			 (uintptr_t)c->device->name);
}

static uint32_t status(struct client *c, int group)
{
	struct vfio_group_status cmd = { .argsz = sizeof(cmd) };

	is(c, sys_ioctl(group, VFIO_GROUP_GET_STATUS, (uintptr_t)&cmd), 0);
	return cmd.flags;
}

static void get_status(struct client *c, const void *arg)
{
	struct vfio_group_status cmd = { .argsz = 7 };
	int group = open_group(c);

	is(c, status(c, group), VFIO_GROUP_FLAGS_VIABLE);
	is(c, set_container(group, c->fd), 0);
	is(c, status(c, group),
	   VFIO_GROUP_FLAGS_VIABLE | VFIO_GROUP_FLAGS_CONTAINER_SET);
	is(c, sys_ioctl(group, VFIO_GROUP_GET_STATUS, (uintptr_t)&cmd),
	   -EINVAL);
	is(c, sys_ioctl(group, VFIO_GROUP_GET_STATUS, NOWHERE), -EFAULT);
}

static void opened_once(struct client *c, const void *arg)
{
	int group = open_group(c);

	is(c, keep(c, sys_open(c->device->group)), -EBUSY);
	shut(c, group);
	open_group(c);
}

static void container_fd(struct client *c, const void *arg)
{
	int group = open_group(c);

	is(c, sys_ioctl(group, VFIO_GROUP_SET_CONTAINER, NOWHERE), -EFAULT);
	is(c, set_container(group, 1 << 20), -EBADF);
	is(c, set_container(group, group), -EBADFD);
	is(c, set_container(group, c->fd), 0);
	is(c, set_container(group, c->fd), -EINVAL);
}

static void makes_ioas(struct client *c, const void *arg)
{
	struct iommu_vfio_ioas cmd = { .size = sizeof(cmd) };

	is(c, set_container(open_group(c), c->fd), 0);
	is(c, call(c, IOMMU_VFIO_IOAS, &cmd), 0);
	is(c, cmd.ioas_id, 1);
}

static void takes_ioas(struct client *c, const void *arg)
{
	struct iommu_vfio_ioas cmd = { .size = sizeof(cmd),
				       .op = IOMMU_VFIO_IOAS_SET };
	uint32_t first = new_ioas(c);
	int group = open_group(c);

	cmd.ioas_id = new_ioas(c);
	is(c, call(c, IOMMU_VFIO_IOAS, &cmd), 0);
	is(c, set_container(group, c->fd), 0);
	holds(c, keep(c, (int)get_device(c, group)) >= 0);
	is(c, destroy(c, first), 0);
}

static void unset_container(struct client *c, const void *arg)
{
	int group = open_group(c);

	is(c, sys_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), -EINVAL);
	is(c, set_container(group, c->fd), 0);
	is(c, sys_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	is(c, status(c, group), VFIO_GROUP_FLAGS_VIABLE);
	is(c, set_container(group, c->fd), 0);
}

static void device_names(struct client *c, const void *arg)
{
	int group = open_group(c);
	char name[80];

	is(c, get_device(c, group), -EINVAL); /* no container */
	is(c, set_container(group, c->fd), 0);
	is(c, sys_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (uintptr_t) "nobody"),
	   -ENODEV);
	snprintf(name, sizeof(name), "%s0", c->device->name);
	is(c, sys_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (uintptr_t)name),
	   -ENODEV);
	is(c, sys_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, NOWHERE), -EFAULT);
	holds(c, keep(c, (int)get_device(c, group)) >= 0);
}

static void device_works(struct client *c, const void *arg)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ,
		.vaddr = (uintptr_t)c->mem,
		.iova = IOVA,
		.size = PAGE,
	};
	int group = open_group(c), fd;

	is(c, set_container(group, c->fd), 0);
	is(c, sys_ioctl(c->fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	is(c, call(c, VFIO_IOMMU_MAP_DMA, &map), 0);
	fd = keep(c, (int)get_device(c, group));
	holds(c, fd >= 0);
	is(c, sys_ioctl(fd, VFIO_DEVICE_GET_INFO, (uintptr_t)&info), 0);
	holds(c, info.num_regions);
}

static void device_cdev_only(struct client *c, const void *arg)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind),
						 .iommufd = c->fd };
	struct vfio_device_attach_iommufd_pt at = { .argsz = sizeof(at) };
	int group = open_group(c), fd;

	is(c, set_container(group, c->fd), 0);
	fd = keep(c, (int)get_device(c, group));
	holds(c, fd >= 0);
	is(c, sys_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, (uintptr_t)&bind),
	   -EINVAL);
	is(c, sys_ioctl(fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, (uintptr_t)&at),
	   -ENOTTY);
	is(c, sys_ioctl(fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, (uintptr_t)&at),
	   -ENOTTY);
}

static void excludes_cdev(struct client *c, const void *arg)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind),
						 .iommufd = c->fd };
	int group = open_group(c), cdev = open_device(c);

	is(c, sys_ioctl(cdev, VFIO_DEVICE_BIND_IOMMUFD, (uintptr_t)&bind),
	   -EBUSY);
	shut(c, group);
	is(c, sys_ioctl(cdev, VFIO_DEVICE_BIND_IOMMUFD, (uintptr_t)&bind), 0);
	is(c, keep(c, sys_open(c->device->group)), -EBUSY);
	shut(c, cdev);
	open_group(c);
}

static const struct rule rules[] = {
	{ "group: GET_STATUS says VIABLE, and CONTAINER_SET", get_status,
	  NULL },
	{ "group: can be open once only", opened_once, NULL },
	{ "group: SET_CONTAINER: bad descriptors, other files, a second time",
	  container_fd, NULL },
	{ "group: SET_CONTAINER makes the IOAS of a context without one",
	  makes_ioas, NULL },
	{ "group: SET_CONTAINER takes the IOAS that there is", takes_ioas,
	  NULL },
	{ "group: UNSET_CONTAINER, and again", unset_container, NULL },
	{ "group: GET_DEVICE_FD knows its devices, in a container",
	  device_names, NULL },
	{ "group: GET_DEVICE_FD gives a device that works", device_works,
	  NULL },
	{ "group: a device from a group has no requests of cdevs",
	  device_cdev_only, NULL },
	{ "group: open group and bound cdev exclude each other", excludes_cdev,
	  NULL },
};

const struct rules group_rules = RULES(rules);
