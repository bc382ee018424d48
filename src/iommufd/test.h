/* SPDX-License-Identifier: MIT */
/**
 * DOC: IOMMU_TEST_CMD: driving a mock IOMMU
 *
 * Only contexts with &iommufd_ctx.mock know this request. Each function carries out
 * operations of enum iommu_test_op; numbers, layouts and what each of them does stand
 * in <uiommu/iommufd_test.h>.
 */
#ifndef IOMMUFD_TEST_H
#define IOMMUFD_TEST_H

#include <uiommu/iommufd_test.h>

#include "iommufd/object.h"
#include "iommufd/request.h"

/** iommufd_test_ioctl() - IOMMU_TEST_CMD; all operations but one return 0. */
int iommufd_test_ioctl(struct iommufd_request *req);

/** iommufd_test_backing() - a backing for a file to be installed, or -1. */
int iommufd_test_backing(struct iommufd_request *req, const char *name,
			 uint64_t size);

/**
 * iommufd_test_install() - give the caller a descriptor of @file
 * @out_fd: the member of @req's struct that says so, which is written back; NULL: the
 *	return value says it
 *
 * Return: 0, or without @out_fd the descriptor; -EMFILE, -ENFILE, -ENOMEM, -EFAULT.
 */
int iommufd_test_install(struct iommufd_request *req, struct uiommu_file *file,
			 __u32 *out_fd);

/* test_device.c */
int iommufd_test_mock_domain(struct iommufd_request *req, uint32_t flags);
int iommufd_test_replace(struct iommufd_request *req);
int iommufd_test_pasid_attach(struct iommufd_request *req);
int iommufd_test_pasid_replace(struct iommufd_request *req);
int iommufd_test_pasid_detach(struct iommufd_request *req);
int iommufd_test_pasid_check_hwpt(struct iommufd_request *req);
int iommufd_test_trigger_iopf(struct iommufd_request *req);
int iommufd_test_trigger_vevent(struct iommufd_request *req);
int iommufd_test_check_cache(struct iommufd_request *req);

/* test_memory.c */
int iommufd_test_add_reserved(struct iommufd_request *req);
int iommufd_test_check_map(struct iommufd_request *req);
int iommufd_test_check_refs(struct iommufd_request *req);
int iommufd_test_dirty(struct iommufd_request *req);
int iommufd_test_check_iotlb(struct iommufd_request *req);
int iommufd_test_memory_limit(struct iommufd_request *req);

/* test_access.c */
int iommufd_test_create_access(struct iommufd_request *req);
int iommufd_test_access_pin(struct iommufd_request *req);
int iommufd_test_access_unpin(struct iommufd_request *req);
int iommufd_test_access_rw(struct iommufd_request *req);
int iommufd_test_access_replace(struct iommufd_request *req);

/* dmabuf.c */
int iommufd_test_dmabuf_get(struct iommufd_request *req);
int iommufd_test_dmabuf_revoke(struct iommufd_request *req);

/**
 * iommufd_test_pages() - find or check pages of the caller
 * @addr: page aligned
 * @nr: how many pages
 * @visit: called for each, which is pinned meanwhile: its output address, and its
 *	number from 0; not 0 ends the walk
 *
 * Return: 0; what @visit returned; -EFAULT, or another error of pinning.
 */
int iommufd_test_pages(struct uiommu_user *user, uint64_t addr, uint64_t nr,
		       int (*visit)(void *arg, struct uiommu_mem *mem,
				    phys_addr_t pa, uint64_t index),
		       void *arg);

#endif
