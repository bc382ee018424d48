/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include "mock.h"

struct test t;

int test_setup(void **state)
{
	sys_setup();
	t.fd = sys_open();
	assert_true(t.fd >= 0);
	t.buf = mmap(NULL, NR_PAGES * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(t.buf, MAP_FAILED);
	/* Pages that are counted one by one. */
	madvise(t.buf, NR_PAGES * PAGE, MADV_NOHUGEPAGE);
	memset(t.buf, 0x55, NR_PAGES * PAGE);
	return 0;
}

int test_teardown(void **state)
{
	if (t.fd >= 0)
		sys_close(t.fd);
	munmap(t.buf, NR_PAGES * PAGE);
	sys_teardown();
	return 0;
}

long mock_cmd(uint32_t op, struct iommu_test_cmd *cmd)
{
	cmd->size = sizeof(*cmd);
	cmd->op = op;
	return sys_ioctl(t.fd, IOMMU_TEST_CMD, cmd);
}

uint32_t mock_ioas(void)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	assert_int_equal(sys_ioctl(t.fd, IOMMU_IOAS_ALLOC, &cmd), 0);
	return cmd.out_ioas_id;
}

long mock_device(uint32_t pt, uint32_t flags, struct mock_dev *dev)
{
	struct iommu_test_cmd cmd = {
		.id = pt,
		.mock_domain.dev_flags = flags,
	};
	long rc;

	rc = mock_cmd(flags ? IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS
			    : IOMMU_TEST_OP_MOCK_DOMAIN,
		      &cmd);
	if (rc)
		return rc;
	dev->stdev = cmd.mock_domain.out_stdev_id;
	dev->hwpt = cmd.mock_domain.out_hwpt_id;
	dev->idev = cmd.mock_domain.out_idev_id;
	return 0;
}

struct mock_dev mock_new_device(uint32_t pt, uint32_t flags)
{
	struct mock_dev dev = { 0 };

	assert_int_equal(mock_device(pt, flags, &dev), 0);
	return dev;
}

long mock_destroy(uint32_t id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return sys_ioctl(t.fd, IOMMU_DESTROY, &cmd);
}

long mock_map(uint32_t ioas, void *va, uint64_t length, uint64_t iova)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)va,
		.length = length,
		.iova = iova,
	};

	return sys_ioctl(t.fd, IOMMU_IOAS_MAP, &cmd);
}

long mock_unmap(uint32_t ioas, uint64_t iova, uint64_t length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = length,
	};

	return sys_ioctl(t.fd, IOMMU_IOAS_UNMAP, &cmd);
}

long mock_replace(uint32_t stdev, uint32_t *pt)
{
	struct iommu_test_cmd cmd = {
		.id = stdev,
		.replace.in_out_pt_id = *pt,
	};
	long rc = mock_cmd(IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, &cmd);

	*pt = cmd.replace.in_out_pt_id;
	return rc;
}

long mock_hwpt_data(uint32_t idev, uint32_t pt, uint32_t flags, uint32_t type,
		    const void *data, uint32_t len, uint32_t *id)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = idev,
		.pt_id = pt,
		.data_type = type,
		.data_len = len,
		.data_uptr = (uintptr_t)data,
	};
	long rc = sys_ioctl(t.fd, IOMMU_HWPT_ALLOC, &cmd);

	if (!rc)
		*id = cmd.out_hwpt_id;
	return rc;
}

long mock_hwpt(uint32_t idev, uint32_t pt, uint32_t flags, uint32_t *id)
{
	return mock_hwpt_data(idev, pt, flags, 0, NULL, 0, id);
}

long mock_check_map(uint32_t hwpt, uint64_t iova, const void *va,
		    uint64_t length)
{
	struct iommu_test_cmd cmd = {
		.id = hwpt,
		.check_map.iova = iova,
		.check_map.length = length,
		.check_map.uptr = (uintptr_t)va,
	};

	return mock_cmd(IOMMU_TEST_OP_MD_CHECK_MAP, &cmd);
}

long mock_check_refs(const void *va, uint64_t length, uint32_t refs)
{
	struct iommu_test_cmd cmd = {
		.check_refs.length = length,
		.check_refs.uptr = (uintptr_t)va,
		.check_refs.refs = refs,
	};

	return mock_cmd(IOMMU_TEST_OP_MD_CHECK_REFS, &cmd);
}
