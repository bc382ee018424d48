/* SPDX-License-Identifier: MIT */
/*
 * Page requests of mock devices, on their way to the client and back.
 */
#include <poll.h>

#include "mock.h"

static void new_queue(uint32_t *id, int *fd)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };

	assert_int_equal(sys_ioctl(t.fd, IOMMU_FAULT_QUEUE_ALLOC, &cmd), 0);
	*id = cmd.out_fault_id;
	*fd = (int)cmd.out_fault_fd;
}

static long hwpt_alloc(uint32_t idev, uint32_t pt, uint32_t flags,
		       uint32_t fault, bool nested, uint32_t *id)
{
	const struct iommu_test_hwpt data = { .iotlb = 1 };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = idev,
		.pt_id = pt,
		.fault_id = fault,
	};
	long rc;

	if (nested) {
		cmd.data_type = IOMMU_TEST_HWPT_TYPE;
		cmd.data_len = sizeof(data);
		cmd.data_uptr = (uintptr_t)&data;
	}
	rc = sys_ioctl(t.fd, IOMMU_HWPT_ALLOC, &cmd);
	*id = cmd.out_hwpt_id;
	return rc;
}

static long trigger(uint32_t idev, uint32_t pasid, uint32_t grpid)
{
	struct iommu_test_cmd cmd = {
		.iopf.dev_id = idev,
		.iopf.pasid = pasid,
		.iopf.grpid = grpid,
		.iopf.perm = IOMMU_PGFAULT_PERM_READ,
		.iopf.addr = START,
	};

	return mock_cmd(IOMMU_TEST_OP_TRIGGER_IOPF, &cmd);
}

static void check_fault(int fd, uint32_t idev, uint32_t pasid, uint32_t grpid,
			uint32_t cookie)
{
	uint32_t flags = IOMMU_PGFAULT_FLAGS_LAST_PAGE;
	struct iommu_hwpt_pgfault fault;

	if (pasid)
		flags |= IOMMU_PGFAULT_FLAGS_PASID_VALID;
	assert_int_equal(sys_poll(fd) & (POLLIN | POLLOUT), POLLIN | POLLOUT);
	assert_int_equal(sys_read(fd, &fault, sizeof(fault)), sizeof(fault));
	assert_int_equal(fault.flags, flags);
	assert_int_equal(fault.dev_id, idev);
	assert_int_equal(fault.pasid, pasid);
	assert_int_equal(fault.grpid, grpid);
	assert_int_equal(fault.perm, IOMMU_PGFAULT_PERM_READ);
	assert_int_equal(fault.addr, START);
	assert_int_equal(fault.length, 0);
	assert_int_equal(fault.cookie, cookie);
	assert_int_equal(sys_poll(fd) & (POLLIN | POLLOUT), POLLOUT);
}

static long respond(int fd, uint32_t cookie)
{
	const struct iommu_hwpt_page_response response = {
		.cookie = cookie,
		.code = IOMMUFD_PAGE_RESP_SUCCESS,
	};

	return sys_write(fd, &response, sizeof(response));
}

static void test_trigger(void **state)
{
	uint32_t ioas = mock_ioas(), fault, hwpt, pt;
	struct mock_dev dev = mock_new_device(ioas, 0);
	struct iommu_hwpt_pgfault buf;
	int fd;

	assert_int_equal(trigger(dev.stdev, 0, 1), -ENOENT);
	/* Nobody handles it: it is as if it had not been. */
	assert_int_equal(trigger(dev.idev, 0, 1), 0);
	new_queue(&fault, &fd);
	assert_int_equal(hwpt_alloc(dev.idev, ioas, IOMMU_HWPT_FAULT_ID_VALID,
				    fault, false, &hwpt),
			 0);
	assert_int_equal(sys_read(fd, &buf, sizeof(buf)), 0);
	pt = hwpt;
	assert_int_equal(mock_replace(dev.stdev, &pt), 0);
	assert_int_equal(trigger(dev.idev, 0, 7), 0);
	assert_int_equal(trigger(dev.idev, 5, 8), 0);
	check_fault(fd, dev.idev, 0, 7, 1);
	assert_int_equal(respond(fd, 2), -EINVAL);
	assert_int_equal(respond(fd, 1), sizeof(uint64_t));
	assert_int_equal(respond(fd, 1), -EINVAL);
	/* What is left over is answered when the device goes. */
	assert_int_equal(trigger(dev.idev, 0, 9), 0);
	assert_int_equal(mock_destroy(dev.stdev), 0);
	assert_int_equal(sys_read(fd, &buf, sizeof(buf)), 0);
	assert_int_equal(mock_destroy(fault), -EBUSY);
	sys_close(fd);
	assert_int_equal(mock_destroy(fault), -EBUSY);
	assert_int_equal(mock_destroy(hwpt), 0);
	assert_int_equal(mock_destroy(fault), 0);
}

/* A nested table has a queue of its own; its parent has none. */
static void test_nested(void **state)
{
	uint32_t ioas = mock_ioas(), fault, parent, hwpt, pt;
	struct mock_dev dev = mock_new_device(ioas, 0);
	int fd;

	new_queue(&fault, &fd);
	assert_int_equal(hwpt_alloc(dev.idev, ioas,
				    IOMMU_HWPT_ALLOC_NEST_PARENT, 0, false,
				    &parent),
			 0);
	assert_int_equal(hwpt_alloc(dev.idev, parent, IOMMU_HWPT_FAULT_ID_VALID,
				    ioas, true, &hwpt),
			 -ENOENT);
	assert_int_equal(hwpt_alloc(dev.idev, parent, IOMMU_HWPT_FAULT_ID_VALID,
				    fault, true, &hwpt),
			 0);
	pt = hwpt;
	assert_int_equal(mock_replace(dev.stdev, &pt), 0);
	assert_int_equal(trigger(dev.idev, 0, 3), 0);
	check_fault(fd, dev.idev, 0, 3, 1);
	assert_int_equal(respond(fd, 1), sizeof(uint64_t));
	pt = ioas;
	assert_int_equal(mock_replace(dev.stdev, &pt), 0);
	assert_int_equal(mock_destroy(hwpt), 0);
	sys_close(fd);
	assert_int_equal(mock_destroy(fault), 0);
}

static void test_pasid(void **state)
{
	uint32_t ioas = mock_ioas(), fault, plain, hwpt, pt;
	struct mock_dev dev = mock_new_device(ioas, IOMMU_TEST_DEV_PASID);
	struct iommu_test_cmd cmd = { .pasid.pasid = 5 };
	struct iommu_hwpt_pgfault buf;
	int fd;

	new_queue(&fault, &fd);
	assert_int_equal(hwpt_alloc(dev.idev, ioas, IOMMU_HWPT_ALLOC_PASID, 0,
				    false, &plain),
			 0);
	assert_int_equal(hwpt_alloc(dev.idev, ioas,
				    IOMMU_HWPT_ALLOC_PASID |
					    IOMMU_HWPT_FAULT_ID_VALID,
				    fault, false, &hwpt),
			 0);
	pt = plain;
	assert_int_equal(mock_replace(dev.stdev, &pt), 0);
	cmd.id = dev.stdev;
	cmd.pasid.in_out_pt_id = hwpt;
	assert_int_equal(mock_cmd(IOMMU_TEST_OP_PASID_ATTACH, &cmd), 0);
	assert_int_equal(trigger(dev.idev, 0, 1), 0);
	assert_int_equal(trigger(dev.idev, 6, 1), 0);
	assert_int_equal(sys_read(fd, &buf, sizeof(buf)), 0);
	assert_int_equal(trigger(dev.idev, 5, 2), 0);
	check_fault(fd, dev.idev, 5, 2, 1);
	assert_int_equal(respond(fd, 1), sizeof(uint64_t));
	sys_close(fd);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_trigger),
		TEST(test_nested),
		TEST(test_pasid),
	};

	return cmocka_run_group_tests_name("mock-fault", tests, NULL, NULL);
}
