/* SPDX-License-Identifier: MIT */
/**
 * DOC: Who pays for what is pinned
 *
 * The process that maps memory pays for its pages when they are pinned, whoever needs
 * them pinned. What counts against RLIMIT_MEMLOCK depends on the context
 * (IOMMU_OPTION_RLIMIT_MODE), and with CAP_IPC_LOCK at the time of the map nothing
 * does.
 */
#ifndef IOMMUFD_ACCOUNT_H
#define IOMMUFD_ACCOUNT_H

#include "iommufd/object.h"
#include "iommufd/pages.h"

/**
 * iommufd_pages_of_user() - storage for [@addr, @addr + @length) of @mem, on the
 * caller's account
 * @file: @mem is a file
 *
 * Takes over the caller's reference on @mem, also if it fails. Return: NULL without
 * memory.
 */
struct iommufd_pages *iommufd_pages_of_user(struct iommufd_ctx *ctx,
					    struct uiommu_user *user,
					    struct uiommu_mem *mem,
					    uint64_t addr, uint64_t length,
					    bool writable, bool file);

#endif
