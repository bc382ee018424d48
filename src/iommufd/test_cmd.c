/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_TEST_CMD: its operations.
 */
#include "iommufd/test.h"

static int mock_domain(struct iommufd_request *req)
{
	return iommufd_test_mock_domain(req, 0);
}

static int mock_domain_flags(struct iommufd_request *req)
{
	return iommufd_test_mock_domain(req,
					req->cmd.test.mock_domain.dev_flags);
}

static int (*const operations[])(struct iommufd_request *req) = {
	[IOMMU_TEST_OP_ADD_RESERVED] = iommufd_test_add_reserved,
	[IOMMU_TEST_OP_MOCK_DOMAIN] = mock_domain,
	[IOMMU_TEST_OP_MD_CHECK_MAP] = iommufd_test_check_map,
	[IOMMU_TEST_OP_MD_CHECK_REFS] = iommufd_test_check_refs,
	[IOMMU_TEST_OP_CREATE_ACCESS] = iommufd_test_create_access,
	[IOMMU_TEST_OP_DESTROY_ACCESS_PAGES] = iommufd_test_access_unpin,
	[IOMMU_TEST_OP_ACCESS_PAGES] = iommufd_test_access_pin,
	[IOMMU_TEST_OP_ACCESS_RW] = iommufd_test_access_rw,
	[IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT] = iommufd_test_memory_limit,
	[IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE] = iommufd_test_replace,
	[IOMMU_TEST_OP_ACCESS_REPLACE_IOAS] = iommufd_test_access_replace,
	[IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS] = mock_domain_flags,
	[IOMMU_TEST_OP_DIRTY] = iommufd_test_dirty,
	[IOMMU_TEST_OP_MD_CHECK_IOTLB] = iommufd_test_check_iotlb,
	[IOMMU_TEST_OP_TRIGGER_IOPF] = iommufd_test_trigger_iopf,
	[IOMMU_TEST_OP_DEV_CHECK_CACHE] = iommufd_test_check_cache,
	[IOMMU_TEST_OP_TRIGGER_VEVENT] = iommufd_test_trigger_vevent,
	[IOMMU_TEST_OP_PASID_ATTACH] = iommufd_test_pasid_attach,
	[IOMMU_TEST_OP_PASID_REPLACE] = iommufd_test_pasid_replace,
	[IOMMU_TEST_OP_PASID_DETACH] = iommufd_test_pasid_detach,
	[IOMMU_TEST_OP_PASID_CHECK_HWPT] = iommufd_test_pasid_check_hwpt,
	[IOMMU_TEST_OP_DMABUF_GET] = iommufd_test_dmabuf_get,
	[IOMMU_TEST_OP_DMABUF_REVOKE] = iommufd_test_dmabuf_revoke,
};

int iommufd_test_ioctl(struct iommufd_request *req)
{
	const uint32_t op = req->cmd.test.op;

	if (op >= sizeof(operations) / sizeof(operations[0]) || !operations[op])
		return -EOPNOTSUPP;
	return operations[op](req);
}

int iommufd_test_install(struct iommufd_request *req, struct uiommu_file *file,
			 __u32 *out_fd)
{
	const struct uiommu_user_ops *ops = req->user->ops;
	int fd, rc;

	fd = ops->new_fd ? ops->new_fd(req->user) : -EMFILE;
	if (fd < 0)
		return fd;
	if (out_fd) {
		*out_fd = (__u32)fd;
		rc = iommufd_respond(req);
		if (rc)
			return rc;
	}
	rc = ops->install(req->user, fd, file);
	return rc || out_fd ? rc : fd;
}

int iommufd_test_backing(struct iommufd_request *req, const char *name,
			 uint64_t size)
{
	const struct uiommu_user_ops *ops = req->user->ops;
	int fd = ops->backing ? ops->backing(req->user, name, size) : -1;

	return fd < 0 ? -1 : fd;
}
