/* SPDX-License-Identifier: MIT */
/**
 * DOC: Areas of a context that its client can map
 *
 * An area belongs to an object and stands in the backing of the context's file, at an
 * offset that the client has been told. While the client maps it the object has one
 * user more. Nobody tells when a mapping goes; so it is looked at when the client
 * asks for the object to be destroyed.
 */
#ifndef IOMMUFD_MMAP_H
#define IOMMUFD_MMAP_H

#include "iommufd/object.h"

/**
 * iommufd_mmap_new() - an area of @len bytes, whole pages, that belongs to @owner
 * @ptr: where it is here
 * @offset: where it is in the file
 *
 * It is zero. Without a backing, clients cannot map it. Context: any.
 *
 * Return: 0; -ENOMEM; -ENOSPC: no offset is free.
 */
int iommufd_mmap_new(struct iommufd_object *owner, size_t len, void **ptr,
		     uint64_t *offset);

/** iommufd_mmap_free() - all areas of @owner; no client maps them. */
void iommufd_mmap_free(struct iommufd_object *owner);

/** iommufd_mmap_file() - &uiommu_file_ops.mmap of a context. */
int iommufd_mmap_file(struct uiommu_file *file, uint64_t offset, uint64_t len,
		      int prot, int flags);

/**
 * iommufd_mmap_settle() - look whether areas of object @id are still mapped
 *
 * Context: no lock held.
 */
void iommufd_mmap_settle(struct iommufd_ctx *ctx, struct uiommu_user *user,
			 uint32_t id);

/** iommufd_mmap_forget() - the file is closed, so nothing of it is mapped any more. */
void iommufd_mmap_forget(struct iommufd_ctx *ctx);

#endif
