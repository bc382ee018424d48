/* SPDX-License-Identifier: MIT */
/**
 * DOC: DMA buffers: memory of devices, as descriptors
 *
 * Memory that the CPU does not touch, and that its owner can take away (revoke) while
 * it is mapped. Maps of it stay, but lead nowhere from then on.
 */
#ifndef IOMMUFD_DMABUF_H
#define IOMMUFD_DMABUF_H

#include <uiommu/user.h>

/**
 * iommufd_dmabuf_memory() - the memory behind the caller's descriptor @fd
 * @end: how much of it there has to be
 * @revoked: whether it is taken away; lasts as long as @mem
 *
 * Return: 0, with a reference; -ENOENT: @fd is something else; -EINVAL: it ends
 * before @end; -ENODEV: the memory is taken away.
 */
int iommufd_dmabuf_memory(struct uiommu_user *user, int fd, uint64_t end,
			  struct uiommu_mem **mem, uint64_t *size,
			  const bool **revoked);

#endif
