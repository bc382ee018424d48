/* SPDX-License-Identifier: MIT */
/*
 * The request itself, mock devices, what they are attached to, and their memory.
 */
#include <sys/mman.h>

#include "mock.h"

/* ---- The request --------------------------------------------------- */

static void test_envelope(void **state)
{
	struct {
		struct iommu_test_cmd cmd;
		uint8_t more[64];
	} big = { .cmd.op = IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT };

	assert_int_equal(sizeof(big.cmd), 72);
	assert_int_equal(IOMMU_TEST_CMD, 0x3ba0);
	big.cmd.memory_limit.limit = 32;
	big.cmd.size = 67;
	assert_int_equal(sys_ioctl(t.fd, IOMMU_TEST_CMD, &big), -EINVAL);
	big.cmd.size = 68;
	assert_int_equal(sys_ioctl(t.fd, IOMMU_TEST_CMD, &big), 0);
	big.cmd.size = sizeof(big);
	assert_int_equal(sys_ioctl(t.fd, IOMMU_TEST_CMD, &big), 0);
	big.more[63] = 1;
	assert_int_equal(sys_ioctl(t.fd, IOMMU_TEST_CMD, &big), -E2BIG);
	/* Nobody looks at these. */
	big.cmd.size = sizeof(big.cmd);
	big.cmd.__reserved = 1;
	big.cmd.last = 1;
	assert_int_equal(sys_ioctl(t.fd, IOMMU_TEST_CMD, &big), 0);
	assert_int_equal(sys_ioctl(t.fd, IOMMU_TEST_CMD, NULL), -EFAULT);
}

static void test_operations(void **state)
{
	struct iommu_test_cmd cmd = { 0 };

	assert_int_equal(mock_cmd(0, &cmd), -EOPNOTSUPP);
	assert_int_equal(mock_cmd(IOMMU_TEST_OP_DMABUF_REVOKE + 1, &cmd),
			 -EOPNOTSUPP);
	assert_int_equal(mock_cmd(UINT32_MAX, &cmd), -EOPNOTSUPP);
	cmd.memory_limit.limit = 11;
	assert_int_equal(mock_cmd(IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT, &cmd),
			 -EINVAL);
	cmd.memory_limit.limit = 12;
	assert_int_equal(mock_cmd(IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT, &cmd),
			 0);
}

/* ---- Devices ------------------------------------------------------- */

/* The second device of an IOAS shares the table of the first. */
static void test_mock_domain(void **state)
{
	struct iommu_test_cmd cmd = { 0 };
	uint32_t ioas = mock_ioas();
	struct mock_dev one, two;

	assert_int_equal(mock_device(ioas + 1, 0, &one), -ENOENT);
	one = mock_new_device(ioas, 0);
	two = mock_new_device(ioas, 0);
	assert_int_equal(one.hwpt, two.hwpt);
	assert_int_not_equal(one.idev, two.idev);
	assert_int_not_equal(one.stdev, two.stdev);
	assert_int_equal(mock_destroy(ioas), -EBUSY);
	assert_int_equal(mock_destroy(one.hwpt), -EBUSY);
	/* The test is the driver of the device: only it lets go of it. */
	assert_int_equal(mock_destroy(one.idev), -EBUSY);
	assert_int_equal(mock_destroy(one.stdev), 0);
	assert_int_equal(mock_destroy(one.idev), -ENOENT);
	assert_int_equal(mock_check_map(two.hwpt, START, t.buf, 0), 0);
	assert_int_equal(mock_destroy(two.stdev), 0);
	/* The table has gone with the last device. */
	assert_int_equal(mock_check_map(two.hwpt, START, t.buf, 0), -ENOENT);
	assert_int_equal(mock_destroy(ioas), 0);
	/* No id is left behind. */
	assert_int_equal(mock_ioas(), ioas);
	cmd.id = ioas;
	cmd.mock_domain.dev_flags = 1U << 1;
	assert_int_equal(mock_cmd(IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS, &cmd),
			 -EINVAL);
	/* It is left over for the close to clean up. */
	mock_new_device(ioas, IOMMU_TEST_DEV_PASID);
}

static void test_hw_info(void **state)
{
	uint32_t ioas = mock_ioas();
	struct mock_dev dev = mock_new_device(ioas, IOMMU_TEST_DEV_PASID);
	struct mock_dev plain = mock_new_device(ioas, IOMMU_TEST_DEV_NO_DIRTY);
	struct {
		struct iommu_test_hw_info info;
		uint64_t more;
	} data;
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.dev_id = dev.idev,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};

	memset(&data, 0xff, sizeof(data));
	assert_int_equal(sys_ioctl(t.fd, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(cmd.out_data_type, IOMMU_TEST_HW_INFO_TYPE);
	assert_int_equal(cmd.data_len, sizeof(data.info));
	assert_int_equal(cmd.out_max_pasid_log2, 20);
	assert_int_equal(cmd.out_capabilities,
			 IOMMU_HW_CAP_DIRTY_TRACKING |
				 IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
	assert_int_equal(data.info.flags, 0);
	assert_int_equal(data.info.test_reg, IOMMU_TEST_HW_INFO_REG);
	assert_int_equal(data.more, 0);
	cmd.dev_id = plain.idev;
	cmd.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE;
	cmd.in_data_type = IOMMU_TEST_HW_INFO_TYPE;
	assert_int_equal(sys_ioctl(t.fd, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(cmd.out_max_pasid_log2, 0);
	assert_int_equal(cmd.out_capabilities,
			 IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
	cmd.in_data_type = IOMMU_HW_INFO_TYPE_INTEL_VTD;
	assert_int_equal(sys_ioctl(t.fd, IOMMU_GET_HW_INFO, &cmd), -EOPNOTSUPP);
}

static void test_replace(void **state)
{
	uint32_t ioas = mock_ioas(), other = mock_ioas(), hwpt, pt;
	struct mock_dev dev = mock_new_device(ioas, 0);

	pt = dev.hwpt;
	assert_int_equal(mock_replace(dev.stdev, &pt), 0);
	assert_int_equal(pt, dev.hwpt);
	assert_int_equal(mock_hwpt(dev.idev, ioas, 0, &hwpt), 0);
	pt = hwpt;
	assert_int_equal(mock_replace(dev.stdev, &pt), 0);
	assert_int_equal(pt, hwpt);
	/* The automatic one has gone. */
	assert_int_equal(mock_destroy(dev.hwpt), -ENOENT);
	assert_int_equal(mock_destroy(hwpt), -EBUSY);
	pt = other;
	assert_int_equal(mock_replace(dev.stdev, &pt), 0);
	assert_int_not_equal(pt, other);
	assert_int_equal(mock_destroy(hwpt), 0);
	pt = 0xffff;
	assert_int_equal(mock_replace(dev.stdev, &pt), -ENOENT);
	pt = dev.stdev;
	assert_int_equal(mock_replace(dev.stdev, &pt), -EINVAL);
	pt = other;
	assert_int_equal(mock_replace(dev.idev, &pt), -ENOENT);
}

/* ---- Addresses ----------------------------------------------------- */

static long iova_ranges(uint32_t ioas, struct iommu_iova_range *range,
			uint32_t *nr, uint64_t *alignment)
{
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = *nr,
		.allowed_iovas = (uintptr_t)range,
	};
	long rc = sys_ioctl(t.fd, IOMMU_IOAS_IOVA_RANGES, &cmd);

	*nr = cmd.num_iovas;
	*alignment = cmd.out_iova_alignment;
	return rc;
}

static void test_aperture(void **state)
{
	uint32_t ioas = mock_ioas(), nr = 4;
	struct iommu_iova_range range[4];
	struct mock_dev dev;
	uint64_t alignment;

	assert_int_equal(iova_ranges(ioas, range, &nr, &alignment), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(alignment, 1);
	assert_int_equal(mock_map(ioas, t.buf, PAGE, START - PAGE), 0);
	assert_int_equal(mock_device(ioas, 0, &dev), -EADDRINUSE);
	assert_int_equal(mock_unmap(ioas, START - PAGE, PAGE), 0);
	assert_int_equal(mock_map(ioas, t.buf, 1024, START), 0);
	assert_int_equal(mock_device(ioas, 0, &dev), -EADDRINUSE);
	assert_int_equal(mock_unmap(ioas, START, 1024), 0);
	dev = mock_new_device(ioas, 0);
	nr = 4;
	assert_int_equal(iova_ranges(ioas, range, &nr, &alignment), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(range[0].start, IOMMU_TEST_APERTURE_START);
	assert_int_equal(range[0].last, IOMMU_TEST_APERTURE_LAST);
	assert_int_equal(alignment, IOMMU_TEST_PAGE_SIZE);
	assert_int_equal(mock_map(ioas, t.buf, PAGE, START - PAGE), -EINVAL);
	assert_int_equal(mock_map(ioas, t.buf, 1024, START), -EINVAL);
	assert_int_equal(mock_map(ioas, t.buf, 2048, START + 2048), 0);
	assert_int_equal(mock_map(ioas, t.buf, PAGE,
				  IOMMU_TEST_APERTURE_LAST + 1),
			 -EINVAL);
	assert_int_equal(mock_map(ioas, t.buf, PAGE,
				  IOMMU_TEST_APERTURE_LAST + 1 - PAGE),
			 0);
}

static long reserve(uint32_t ioas, uint64_t start, uint64_t length)
{
	struct iommu_test_cmd cmd = {
		.id = ioas,
		.add_reserved.start = start,
		.add_reserved.length = length,
	};

	return mock_cmd(IOMMU_TEST_OP_ADD_RESERVED, &cmd);
}

static void test_reserved(void **state)
{
	uint32_t ioas = mock_ioas(), nr = 4;
	struct iommu_iova_range range[4], allowed = { 16 * PAGE, 32 * PAGE };
	struct iommu_ioas_allow_iovas allow = {
		.size = sizeof(allow),
		.ioas_id = ioas,
		.num_iovas = 1,
		.allowed_iovas = (uintptr_t)&allowed,
	};
	uint64_t alignment;

	assert_int_equal(reserve(ioas + 1, PAGE, PAGE), -ENOENT);
	assert_int_equal(reserve(ioas, PAGE, 0), -EINVAL);
	assert_int_equal(reserve(ioas, PAGE, UINT64_MAX), -EOVERFLOW);
	assert_int_equal(reserve(ioas, PAGE, PAGE), 0);
	/* Also where something is reserved already. */
	assert_int_equal(reserve(ioas, PAGE, 2 * PAGE), 0);
	assert_int_equal(iova_ranges(ioas, range, &nr, &alignment), 0);
	assert_int_equal(nr, 2);
	assert_int_equal(range[0].start, 0);
	assert_int_equal(range[0].last, PAGE - 1);
	assert_int_equal(range[1].start, 3 * PAGE);
	assert_int_equal(range[1].last, UINT64_MAX);
	assert_int_equal(mock_map(ioas, t.buf, PAGE, 2 * PAGE), -EINVAL);
	assert_int_equal(mock_map(ioas, t.buf, PAGE, 3 * PAGE), 0);
	assert_int_equal(reserve(ioas, 3 * PAGE, 1), -EADDRINUSE);
	assert_int_equal(sys_ioctl(t.fd, IOMMU_IOAS_ALLOW_IOVAS, &allow), 0);
	assert_int_equal(reserve(ioas, 32 * PAGE, 1), -EADDRINUSE);
	assert_int_equal(reserve(ioas, 32 * PAGE + 1, 1), 0);
	assert_int_equal(reserve(ioas, UINT64_MAX, 1), 0);
}

/* ---- Memory -------------------------------------------------------- */

static void test_check_map(void **state)
{
	uint32_t ioas = mock_ioas(), nested, parent;
	struct mock_dev dev = mock_new_device(ioas, 0);
	struct iommu_test_hwpt data = { 0 };

	assert_int_equal(mock_map(ioas, t.buf, 4 * PAGE, START), 0);
	assert_int_equal(mock_check_map(dev.hwpt, START, t.buf, 4 * PAGE), 0);
	assert_int_equal(
		mock_check_map(dev.hwpt, START + 2048, t.buf + 2048, PAGE), 0);
	/* Somewhere else, nowhere, beyond the end. */
	assert_int_equal(mock_check_map(dev.hwpt, START, t.buf + PAGE, PAGE),
			 -EINVAL);
	assert_int_equal(mock_check_map(dev.hwpt, START + 8 * PAGE, t.buf,
					PAGE),
			 -EINVAL);
	assert_int_equal(mock_check_map(dev.hwpt, START, t.buf, 5 * PAGE),
			 -EINVAL);
	/* In units of the table's smallest page. */
	assert_int_equal(mock_check_map(dev.hwpt, START + 1, t.buf, PAGE),
			 -EINVAL);
	assert_int_equal(mock_check_map(dev.hwpt, START, t.buf + 1, PAGE),
			 -EINVAL);
	assert_int_equal(mock_check_map(dev.hwpt, START, t.buf, PAGE + 1),
			 -EINVAL);
	assert_int_equal(mock_check_map(dev.hwpt, START, NULL, PAGE), -EFAULT);
	assert_int_equal(mock_check_map(dev.hwpt, START, t.buf,
					UINT64_MAX & ~2047ULL),
			 -EINVAL);
	assert_int_equal(mock_check_map(ioas, START, t.buf, PAGE), -ENOENT);
	assert_int_equal(mock_hwpt(dev.idev, ioas, IOMMU_HWPT_ALLOC_NEST_PARENT,
				   &parent),
			 0);
	assert_int_equal(mock_hwpt_data(dev.idev, parent, 0,
					IOMMU_TEST_HWPT_TYPE, &data,
					sizeof(data), &nested),
			 0);
	/* What was mapped before is in the new table, too. */
	assert_int_equal(mock_check_map(parent, START, t.buf, 4 * PAGE), 0);
	assert_int_equal(mock_check_map(nested, START, t.buf, PAGE), -ENOENT);
	assert_int_equal(mock_unmap(ioas, START, 4 * PAGE), 0);
	assert_int_equal(mock_check_map(dev.hwpt, START, t.buf, PAGE), -EINVAL);
	assert_int_equal(mock_check_map(parent, START, t.buf, PAGE), -EINVAL);
}

static long copy(uint32_t dst, uint64_t dst_iova, uint32_t src,
		 uint64_t src_iova, uint64_t length)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.dst_ioas_id = dst,
		.src_ioas_id = src,
		.length = length,
		.dst_iova = dst_iova,
		.src_iova = src_iova,
	};

	return sys_ioctl(t.fd, IOMMU_IOAS_COPY, &cmd);
}

/* One pin for each MAP that has the page pinned, however many need it. */
static void test_check_refs(void **state)
{
	uint32_t ioas = mock_ioas(), other = mock_ioas(), hwpt;
	struct mock_dev dev;

	assert_int_equal(mock_check_refs(t.buf + 1, PAGE, 0), -EINVAL);
	assert_int_equal(mock_check_refs(t.buf, PAGE - 1, 0), -EINVAL);
	assert_int_equal(mock_check_refs(NULL, PAGE, 0), -EFAULT);
	assert_int_equal(mock_check_refs(t.buf, 0, 0), 0);
	if (!sys_counts_pins)
		return;
	assert_int_equal(mock_check_refs(t.buf, 8 * PAGE, 0), 0);
	assert_int_equal(mock_check_refs(t.buf, 8 * PAGE, 1), -EIO);
	assert_int_equal(mock_map(ioas, t.buf, 4 * PAGE, START), 0);
	/* Nobody needs it yet. */
	assert_int_equal(mock_check_refs(t.buf, 8 * PAGE, 0), 0);
	dev = mock_new_device(ioas, 0);
	assert_int_equal(mock_check_refs(t.buf, 4 * PAGE, 1), 0);
	assert_int_equal(mock_check_refs(t.buf, 5 * PAGE, 1), -EIO);
	assert_int_equal(mock_hwpt(dev.idev, ioas, 0, &hwpt), 0);
	assert_int_equal(mock_check_refs(t.buf, 4 * PAGE, 1), 0);
	/* A copy shares the pages. */
	assert_int_equal(copy(ioas, START + 16 * PAGE, ioas, START, 2 * PAGE),
			 0);
	assert_int_equal(copy(other, START, ioas, START, 2 * PAGE), 0);
	assert_int_equal(mock_check_refs(t.buf, 4 * PAGE, 1), 0);
	assert_int_equal(mock_unmap(ioas, START, 4 * PAGE), 0);
	assert_int_equal(mock_check_refs(t.buf, 2 * PAGE, 1), 0);
	assert_int_equal(mock_check_refs(t.buf + 2 * PAGE, 2 * PAGE, 0), 0);
	/* Another MAP has pins of its own. */
	assert_int_equal(mock_map(ioas, t.buf, 2 * PAGE, START), 0);
	assert_int_equal(mock_check_refs(t.buf, 2 * PAGE, 2), 0);
	/* Two that share a page of ours, as their pages are smaller. */
	assert_int_equal(
		mock_map(ioas, t.buf + 4 * PAGE, 2048, START + 4 * PAGE), 0);
	assert_int_equal(mock_map(ioas, t.buf + 4 * PAGE + 2048, 2048,
				  START + 5 * PAGE + 2048),
			 0);
	assert_int_equal(mock_check_refs(t.buf + 4 * PAGE, PAGE, 2), 0);
	assert_int_equal(mock_destroy(hwpt), 0);
	assert_int_equal(mock_destroy(dev.stdev), 0);
	assert_int_equal(mock_check_refs(t.buf, 8 * PAGE, 0), 0);
	/* Closing gives everything back. */
	mock_new_device(ioas, 0);
	assert_int_equal(mock_check_refs(t.buf, PAGE, 2), 0);
	sys_close(t.fd);
	t.fd = sys_open();
	assert_int_equal(mock_check_refs(t.buf, 8 * PAGE, 0), 0);
}

/* Any part of some pages, by halves, at addresses with the same offset and without. */
static void test_aligns(void **state)
{
	const uint64_t unit = IOMMU_TEST_PAGE_SIZE, nr = 8;
	uint32_t ioas = mock_ioas();
	struct mock_dev dev = mock_new_device(ioas, 0);
	uint64_t start, end, shift, iova, first, last;

	for (start = 0; start != nr; start++)
		for (end = start + 1; end <= nr; end++)
			for (shift = 0; shift != 2; shift++) {
				iova = START + (start + shift) * unit;
				assert_int_equal(
					mock_map(ioas, t.buf + start * unit,
						 (end - start) * unit, iova),
					0);
				assert_int_equal(
					mock_check_map(dev.hwpt, iova,
						       t.buf + start * unit,
						       (end - start) * unit),
					0);
				first = start * unit / PAGE;
				last = (end * unit + PAGE - 1) / PAGE;
				assert_int_equal(
					mock_check_refs(t.buf, first * PAGE, 0),
					0);
				assert_int_equal(
					mock_check_refs(t.buf + first * PAGE,
							(last - first) * PAGE,
							1),
					0);
				assert_int_equal(
					mock_check_refs(t.buf + last * PAGE,
							PAGE, 0),
					0);
				assert_int_equal(
					mock_unmap(ioas, iova,
						   (end - start) * unit),
					0);
			}
	assert_int_equal(mock_check_refs(t.buf, 8 * PAGE, 0), 0);
}

/* ---- Dirty pages --------------------------------------------------- */

static long set_tracking(uint32_t hwpt, bool on)
{
	struct iommu_hwpt_set_dirty_tracking cmd = {
		.size = sizeof(cmd),
		.flags = on ? IOMMU_HWPT_DIRTY_TRACKING_ENABLE : 0,
		.hwpt_id = hwpt,
	};

	return sys_ioctl(t.fd, IOMMU_HWPT_SET_DIRTY_TRACKING, &cmd);
}

static long make_dirty(uint32_t hwpt, uint64_t length, uint64_t step,
		       const void *bitmap, uint64_t *nr)
{
	struct iommu_test_cmd cmd = {
		.id = hwpt,
		.dirty.iova = START,
		.dirty.length = length,
		.dirty.page_size = step,
		.dirty.uptr = (uintptr_t)bitmap,
	};
	long rc = mock_cmd(IOMMU_TEST_OP_DIRTY, &cmd);

	*nr = cmd.dirty.out_nr_dirty;
	return rc;
}

static uint64_t get_dirty(uint32_t hwpt, uint64_t length, uint64_t step)
{
	uint64_t bitmap = 0;
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = hwpt,
		.iova = START,
		.length = length,
		.page_size = step,
		.data = (uintptr_t)&bitmap,
	};

	assert_int_equal(sys_ioctl(t.fd, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd), 0);
	return bitmap;
}

static void test_dirty(void **state)
{
	uint32_t ioas = mock_ioas(), hwpt, plain, id;
	struct mock_dev dev = mock_new_device(ioas, 0);
	struct mock_dev lacks = mock_new_device(ioas, IOMMU_TEST_DEV_NO_DIRTY);
	uint64_t bits = 0x8421, nr, i;

	assert_int_equal(mock_hwpt(lacks.idev, ioas,
				   IOMMU_HWPT_ALLOC_DIRTY_TRACKING, &hwpt),
			 -EOPNOTSUPP);
	assert_int_equal(mock_hwpt(dev.idev, ioas,
				   IOMMU_HWPT_ALLOC_DIRTY_TRACKING, &hwpt),
			 0);
	assert_int_equal(mock_hwpt(dev.idev, ioas, 0, &plain), 0);
	id = hwpt;
	assert_int_equal(mock_replace(lacks.stdev, &id), -EINVAL);
	id = hwpt;
	assert_int_equal(mock_replace(dev.stdev, &id), 0);
	/* Backwards: no two pages can be one entry of the table. */
	for (i = 0; i != 16; i++)
		assert_int_equal(mock_map(ioas, t.buf + (15 - i) * PAGE, PAGE,
					  START + i * PAGE),
				 0);
	assert_int_equal(make_dirty(hwpt, 16 * PAGE, PAGE, &bits, &nr),
			 -EINVAL);
	assert_int_equal(set_tracking(hwpt, true), 0);
	assert_int_equal(make_dirty(plain, 16 * PAGE, PAGE, &bits, &nr),
			 -EINVAL);
	assert_int_equal(make_dirty(ioas, 16 * PAGE, PAGE, &bits, &nr),
			 -ENOENT);
	assert_int_equal(make_dirty(hwpt, 16 * PAGE, PAGE, &bits, &nr), 0);
	assert_int_equal(nr, 4);
	assert_int_equal(get_dirty(hwpt, 16 * PAGE, PAGE), 0x8421);
	assert_int_equal(get_dirty(hwpt, 16 * PAGE, PAGE), 0);
	/* By halves of a page. */
	bits = 3;
	assert_int_equal(make_dirty(hwpt, 16 * PAGE, 2048, &bits, &nr), 0);
	assert_int_equal(nr, 2);
	assert_int_not_equal(get_dirty(hwpt, 16 * PAGE, 2048) & 3, 0);
	assert_int_equal(make_dirty(hwpt, 0, PAGE, &bits, &nr), -EINVAL);
	assert_int_equal(make_dirty(hwpt, PAGE, 0, &bits, &nr), -EINVAL);
	assert_int_equal(make_dirty(hwpt, PAGE, PAGE, NULL, &nr), -EINVAL);
	assert_int_equal(make_dirty(hwpt, PAGE, 3 * PAGE, &bits, &nr), -EINVAL);
	assert_int_equal(make_dirty(hwpt, (16ULL << 23) + 1, 1, &bits, &nr),
			 -EOVERFLOW);
	assert_int_equal(make_dirty(hwpt, PAGE, PAGE, (void *)8, &nr), -EFAULT);
	assert_int_equal(set_tracking(hwpt, false), 0);
	assert_int_equal(make_dirty(hwpt, PAGE, PAGE, &bits, &nr), -EINVAL);
}

/* A table with large pages and without an aperture. */
static void test_huge(void **state)
{
	struct iommu_test_hwpt data = {
		.pagetable = IOMMU_TEST_PAGETABLE_HUGE,
	};
	uint32_t ioas = mock_ioas(), other = mock_ioas(), hwpt, nr = 4;
	struct mock_dev dev = mock_new_device(other, 0);
	struct iommu_iova_range range[4];
	uint64_t alignment, bits = 1, dirty;
	const size_t size = IOMMU_TEST_HUGE_PAGE_SIZE;
	uint8_t *huge;

	assert_int_equal(mock_hwpt_data(dev.idev, ioas,
					IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
					IOMMU_TEST_HWPT_TYPE, &data,
					sizeof(data), &hwpt),
			 0);
	assert_int_equal(iova_ranges(ioas, range, &nr, &alignment), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(range[0].start, 0);
	assert_int_equal(alignment, PAGE);
	assert_int_equal(mock_map(ioas, t.buf, 2048, START), -EINVAL);
	assert_int_equal(range[0].last, (1ULL << 38) - 1);
	assert_int_equal(mock_map(ioas, t.buf, PAGE, 1ULL << 38), -EINVAL);
	assert_int_equal(mock_map(ioas, t.buf, PAGE, (1ULL << 38) - PAGE), 0);
	assert_int_equal(mock_check_map(hwpt, (1ULL << 38) - PAGE, t.buf, PAGE),
			 0);
	huge = mmap(NULL, 4 * size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(huge, MAP_FAILED);
	assert_int_equal(mock_map(ioas, huge, 4 * size, START), 0);
	assert_int_equal(mock_check_map(hwpt, START, huge, 4 * size), 0);
	assert_int_equal(set_tracking(hwpt, true), 0);
	assert_int_equal(make_dirty(hwpt, PAGE, PAGE, &bits, &dirty), 0);
	assert_true(get_dirty(hwpt, 64 * PAGE, PAGE) & 1);
	assert_int_equal(mock_unmap(ioas, START, 4 * size), 0);
	munmap(huge, 4 * size);
}

/* ---- PASIDs -------------------------------------------------------- */

static long pasid(uint32_t op, uint32_t stdev, uint32_t nr, uint32_t pt)
{
	struct iommu_test_cmd cmd = {
		.id = stdev,
		.pasid.pasid = nr,
		.pasid.in_out_pt_id = pt,
	};

	return mock_cmd(op, &cmd);
}

#define ATTACH(nr, pt)  pasid(IOMMU_TEST_OP_PASID_ATTACH, dev.stdev, nr, pt)
#define REPLACE(nr, pt) pasid(IOMMU_TEST_OP_PASID_REPLACE, dev.stdev, nr, pt)
#define DETACH(nr)      pasid(IOMMU_TEST_OP_PASID_DETACH, dev.stdev, nr, 0)
#define CHECK(nr, pt)   pasid(IOMMU_TEST_OP_PASID_CHECK_HWPT, dev.stdev, nr, pt)

static void test_pasid(void **state)
{
	uint32_t ioas = mock_ioas(), one, two, plain, id;
	struct mock_dev dev = mock_new_device(ioas, IOMMU_TEST_DEV_PASID);

	assert_int_equal(
		mock_hwpt(dev.idev, ioas, IOMMU_HWPT_ALLOC_PASID, &one), 0);
	assert_int_equal(
		mock_hwpt(dev.idev, ioas, IOMMU_HWPT_ALLOC_PASID, &two), 0);
	assert_int_equal(mock_hwpt(dev.idev, ioas, 0, &plain), 0);
	/* Its own table was not made for PASIDs. */
	assert_int_equal(ATTACH(100, one), -EINVAL);
	id = one;
	assert_int_equal(mock_replace(dev.stdev, &id), 0);
	assert_int_equal(ATTACH(100, ioas), -EINVAL);
	assert_int_equal(ATTACH(100, plain), -EINVAL);
	assert_int_equal(REPLACE(100, one), -EINVAL);
	assert_int_equal(CHECK(100, 0), 0);
	assert_int_equal(ATTACH(100, one), 0);
	assert_int_equal(CHECK(100, 0), -EINVAL);
	assert_int_equal(CHECK(100, one), 0);
	assert_int_equal(CHECK(100, two), -EINVAL);
	assert_int_equal(CHECK(100, 0xffff), -ENOENT);
	assert_int_equal(ATTACH(100, two), -EBUSY);
	assert_int_equal(REPLACE(100, two), 0);
	assert_int_equal(CHECK(100, two), 0);
	assert_int_equal(ATTACH(1U << 20, two), -EINVAL);
	id = plain;
	assert_int_equal(mock_replace(dev.stdev, &id), -EINVAL);
	assert_int_equal(mock_destroy(two), -EBUSY);
	assert_int_equal(DETACH(100), 0);
	assert_int_equal(DETACH(100), 0);
	assert_int_equal(CHECK(100, 0), 0);
	assert_int_equal(mock_destroy(two), 0);
	id = plain;
	assert_int_equal(mock_replace(dev.stdev, &id), 0);
	assert_int_equal(pasid(IOMMU_TEST_OP_PASID_DETACH, dev.idev, 100, 0),
			 -ENOENT);
}

/* A driver that fails in the middle leaves what was. */
static void test_pasid_fails(void **state)
{
	uint32_t ioas = mock_ioas(), one, two, id;
	struct mock_dev dev = mock_new_device(ioas, IOMMU_TEST_DEV_PASID);
	const uint32_t bad = IOMMU_TEST_PASID_FAILS;

	assert_int_equal(
		mock_hwpt(dev.idev, ioas, IOMMU_HWPT_ALLOC_PASID, &one), 0);
	assert_int_equal(
		mock_hwpt(dev.idev, ioas, IOMMU_HWPT_ALLOC_PASID, &two), 0);
	id = one;
	assert_int_equal(mock_replace(dev.stdev, &id), 0);
	assert_int_equal(ATTACH(bad, one), 0);
	assert_int_equal(REPLACE(bad, two), -ENOMEM);
	assert_int_equal(CHECK(bad, one), 0);
	assert_int_equal(REPLACE(bad, two), 0);
	assert_int_equal(CHECK(bad, two), 0);
	assert_int_equal(DETACH(bad), 0);
	assert_int_equal(ATTACH(bad, two), 0);
	assert_int_equal(DETACH(bad), 0);
	/* A device without PASIDs. */
	dev = mock_new_device(one, 0);
	assert_int_equal(ATTACH(1, one), -EINVAL);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_envelope),    TEST(test_operations),
		TEST(test_mock_domain), TEST(test_hw_info),
		TEST(test_replace),     TEST(test_aperture),
		TEST(test_reserved),    TEST(test_check_map),
		TEST(test_check_refs),  TEST(test_aligns),
		TEST(test_dirty),       TEST(test_huge),
		TEST(test_pasid),       TEST(test_pasid_fails),
	};

	return cmocka_run_group_tests_name("mock-device", tests, NULL, NULL);
}
