/* SPDX-License-Identifier: MIT */
/*
 * /dev/vfio/N: containers, and descriptors of devices.
 */
#include <stdlib.h>
#include <string.h>

#include "iommufd/iommufd_device.h"
#include "vfio/vfio_file.h"
#include "vfio/vfio_group.h"

/* The longest name of a device with its options, as Linux has it. */
#define MAX_NAME UIOMMU_PAGE_SIZE

struct group_file {
	struct uiommu_file file;
	struct vfio_group *group;
};

void vfio_group_init(struct vfio_group *group)
{
	memset(group, 0, sizeof(*group));
	pthread_mutex_init(&group->lock, NULL);
}

void vfio_group_fini(struct vfio_group *group)
{
	pthread_mutex_destroy(&group->lock);
}

void vfio_group_add(struct vfio_group *group, struct vfio_device *dev)
{
	dev->group = group;
	dev->group_next = group->devices;
	group->devices = dev;
}

int vfio_group_block(struct vfio_group *group)
{
	int ret = 0;

	pthread_mutex_lock(&group->lock);
	if (group->opened)
		ret = -EBUSY;
	else
		group->cdevs++;
	pthread_mutex_unlock(&group->lock);
	return ret;
}

void vfio_group_unblock(struct vfio_group *group)
{
	pthread_mutex_lock(&group->lock);
	group->cdevs--;
	pthread_mutex_unlock(&group->lock);
}

/* ---- Container ----------------------------------------------------- */

static long get_status(struct vfio_group *group, struct uiommu_user *user,
		       uint64_t arg)
{
	struct vfio_group_status status;
	int ret;

	ret = vfio_copy_args(user, arg, &status, sizeof(status));
	if (ret)
		return ret;
	/* No driver but VFIO's ever has a modelled device. */
	status.flags = VFIO_GROUP_FLAGS_VIABLE;
	pthread_mutex_lock(&group->lock);
	if (group->container)
		status.flags |= VFIO_GROUP_FLAGS_CONTAINER_SET;
	pthread_mutex_unlock(&group->lock);
	return user->ops->copy_out(user, arg, &status, sizeof(status));
}

/* Whether or not it works, the reference on @container goes over. */
static int enter(struct vfio_group *group, struct uiommu_file *container)
{
	int ret;

	ret = iommufd_is(container) ? iommufd_vfio_make_ioas(container)
				    : -EBADFD;
	if (!ret) {
		pthread_mutex_lock(&group->lock);
		if (group->container) {
			ret = -EINVAL;
		} else {
			group->container = container;
			container = NULL;
		}
		pthread_mutex_unlock(&group->lock);
	}
	if (container)
		uiommu_file_put(container);
	return ret;
}

static bool in_container(struct vfio_group *group)
{
	bool is;

	pthread_mutex_lock(&group->lock);
	is = group->container;
	pthread_mutex_unlock(&group->lock);
	return is;
}

static long set_container(struct vfio_group *group, struct uiommu_user *user,
			  uint64_t arg)
{
	struct uiommu_file *container;
	int32_t fd;
	int ret;

	ret = user->ops->copy_in(user, &fd, arg, sizeof(fd));
	if (ret)
		return ret;
	if (in_container(group))
		return -EINVAL;
	ret = user->ops->file(user, fd, &container);
	return ret ? ret : enter(group, container);
}

static long unset_container(struct vfio_group *group)
{
	struct uiommu_file *container = NULL;
	int ret = 0;

	pthread_mutex_lock(&group->lock);
	if (!group->container) {
		ret = -EINVAL;
	} else if (group->users) {
		ret = -EBUSY;
	} else {
		container = group->container;
		group->container = NULL;
	}
	pthread_mutex_unlock(&group->lock);
	if (container)
		uiommu_file_put(container);
	return ret;
}

/* ---- Devices ------------------------------------------------------- */

/* A string of the caller's, of which no byte behind its end need be readable. */
static int copy_name(struct uiommu_user *user, uint64_t arg,
		     char name[MAX_NAME])
{
	size_t have = 0, n;
	int ret;

	for (; have < MAX_NAME; have += n) {
		n = UIOMMU_PAGE_SIZE - (arg + have) % UIOMMU_PAGE_SIZE;
		if (n > MAX_NAME - have)
			n = MAX_NAME - have;
		ret = user->ops->copy_in(user, name + have, arg + have, n);
		if (ret)
			return ret;
		if (memchr(name + have, 0, n))
			return 0;
	}
	return -EINVAL;
}

/*
 * "0000:00:01.0", or with options behind a space. The one there is, a token that
 * opens virtual functions, is wrong for all modelled devices: they have none.
 */
static int find_device(struct vfio_group *group, const char *name,
		       struct vfio_device **out)
{
	struct vfio_device *dev;
	size_t len;

	for (dev = group->devices; dev; dev = dev->group_next) {
		len = strlen(dev->name);
		if (strncmp(dev->name, name, len) != 0)
			continue;
		if (name[len] == ' ')
			return -EINVAL;
		if (name[len])
			continue;
		*out = dev;
		return 0;
	}
	return -ENODEV;
}

/* Keep @group in its container, and return that with a reference. */
static struct uiommu_file *use_container(struct vfio_group *group)
{
	struct uiommu_file *container;

	pthread_mutex_lock(&group->lock);
	container = group->container;
	if (container) {
		uiommu_file_get(container);
		group->users++;
	}
	pthread_mutex_unlock(&group->lock);
	return container;
}

static void unuse_container(struct vfio_group *group)
{
	pthread_mutex_lock(&group->lock);
	group->users--;
	pthread_mutex_unlock(&group->lock);
}

void vfio_group_leave(struct uiommu_file *file)
{
	unuse_container(((struct group_file *)file)->group);
	uiommu_file_put(file);
}

/* The device's file, made or found; with a reference. */
static int open_device(struct group_file *f, struct uiommu_user *user,
		       struct vfio_device *dev, struct uiommu_file **out)
{
	struct uiommu_file *container = use_container(f->group);
	bool made;
	int ret;

	if (!container)
		return -EINVAL;
	ret = vfio_group_bind(dev, &f->file, container, user, out, &made);
	uiommu_file_put(container);
	if (ret || !made)
		unuse_container(f->group);
	return ret;
}

static long get_device_fd(struct group_file *f, struct uiommu_user *user,
			  uint64_t arg)
{
	struct uiommu_file *file;
	struct vfio_device *dev;
	char name[MAX_NAME];
	int fd, ret;

	ret = copy_name(user, arg, name);
	if (!ret)
		ret = find_device(f->group, name, &dev);
	if (!ret)
		ret = open_device(f, user, dev, &file);
	if (ret)
		return ret;
	fd = user->ops->new_fd ? user->ops->new_fd(user) : -EMFILE;
	if (fd >= 0)
		ret = user->ops->install(user, fd, file);
	uiommu_file_put(file);
	return ret ? ret : fd;
}

/* ---- The file ------------------------------------------------------ */

static long group_ioctl(struct uiommu_file *file, struct uiommu_user *user,
			unsigned int cmd, uint64_t arg)
{
	struct group_file *f = (struct group_file *)file;

	switch (cmd) {
	case VFIO_GROUP_GET_STATUS:
		return get_status(f->group, user, arg);
	case VFIO_GROUP_SET_CONTAINER:
		return set_container(f->group, user, arg);
	case VFIO_GROUP_UNSET_CONTAINER:
		return unset_container(f->group);
	case VFIO_GROUP_GET_DEVICE_FD:
		return get_device_fd(f, user, arg);
	default:
		return -ENOTTY;
	}
}

/* Devices hold a reference on the file, so none is open. */
static void group_release(struct uiommu_file *file)
{
	struct group_file *f = (struct group_file *)file;
	struct uiommu_file *container;

	pthread_mutex_lock(&f->group->lock);
	container = f->group->container;
	f->group->container = NULL;
	f->group->opened = false;
	pthread_mutex_unlock(&f->group->lock);
	if (container)
		uiommu_file_put(container);
	free(f);
}

static const struct uiommu_file_ops group_file_ops = {
	.kind = "vfio-group",
	.ioctl = group_ioctl,
	.release = group_release,
};

int vfio_group_open(struct vfio_group *group, struct uiommu_file **out)
{
	struct group_file *f = calloc(1, sizeof(*f));
	int ret = 0;

	if (!f)
		return -ENOMEM;
	f->file.ops = &group_file_ops;
	f->file.refs = 1;
	f->file.backing = -1;
	f->group = group;
	pthread_mutex_lock(&group->lock);
	if (group->opened || group->cdevs)
		ret = -EBUSY;
	else
		group->opened = true;
	pthread_mutex_unlock(&group->lock);
	if (ret)
		free(f);
	else
		*out = &f->file;
	return ret;
}
