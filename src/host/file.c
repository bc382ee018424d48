/* SPDX-License-Identifier: MIT */
/*
 * Open files: references, and dispatch to their kind.
 */
#include <poll.h>

#include <uiommu/uiommu.h>

void uiommu_file_get(struct uiommu_file *file)
{
	__atomic_add_fetch(&file->refs, 1, __ATOMIC_RELAXED);
}

void uiommu_file_put(struct uiommu_file *file)
{
	if (!__atomic_sub_fetch(&file->refs, 1, __ATOMIC_ACQ_REL))
		file->ops->release(file);
}

long uiommu_ioctl(struct uiommu_file *file, struct uiommu_user *user,
		  unsigned int cmd, uint64_t arg)
{
	if (!file->ops->ioctl)
		return -ENOTTY;
	return file->ops->ioctl(file, user, cmd, arg);
}

int64_t uiommu_read(struct uiommu_file *file, struct uiommu_user *user,
		    uint64_t uaddr, size_t count, uint64_t offset)
{
	if (!file->ops->read)
		return -EINVAL;
	return file->ops->read(file, user, uaddr, count, offset);
}

int64_t uiommu_write(struct uiommu_file *file, struct uiommu_user *user,
		     uint64_t uaddr, size_t count, uint64_t offset)
{
	if (!file->ops->write)
		return -EINVAL;
	return file->ops->write(file, user, uaddr, count, offset);
}

int uiommu_mmap(struct uiommu_file *file, uint64_t offset, uint64_t len,
		int prot, int flags)
{
	if (!file->ops->mmap)
		return -ENODEV;
	return file->ops->mmap(file, offset, len, prot, flags);
}

short uiommu_poll(struct uiommu_file *file)
{
	if (!file->ops->poll)
		return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
	return file->ops->poll(file);
}

void uiommu_watch(struct uiommu_file *file, struct uiommu_wake *wake)
{
	if (file->ops->watch)
		file->ops->watch(file, wake);
}
