/* SPDX-License-Identifier: MIT */
/*
 * What the engine answers to requests that it refuses, and at the limits.
 */
#include "rig.h"

#define IOVA    0x10000000ULL
#define NR(cmd) ((cmd)&0xff)

/* ---- What is the same for all requests ------------------------------ */

static const struct {
	unsigned int cmd;
	uint32_t size;
	uint32_t min_size;
} requests[] = {
	{ IOMMU_DESTROY, 8, 8 },
	{ IOMMU_IOAS_ALLOC, 12, 12 },
	{ IOMMU_IOAS_ALLOW_IOVAS, 24, 24 },
	{ IOMMU_IOAS_COPY, 40, 40 },
	{ IOMMU_IOAS_IOVA_RANGES, 32, 32 },
	{ IOMMU_IOAS_MAP, 40, 40 },
	{ IOMMU_IOAS_UNMAP, 24, 24 },
	{ IOMMU_OPTION, 24, 24 },
	{ IOMMU_VFIO_IOAS, 12, 12 },
	{ IOMMU_HWPT_ALLOC, 48, 24 },
	{ IOMMU_GET_HW_INFO, 40, 32 },
	{ IOMMU_HWPT_SET_DIRTY_TRACKING, 16, 16 },
	{ IOMMU_HWPT_GET_DIRTY_BITMAP, 48, 48 },
	{ IOMMU_HWPT_INVALIDATE, 32, 32 },
	{ IOMMU_FAULT_QUEUE_ALLOC, 16, 16 },
	{ IOMMU_IOAS_MAP_FILE, 40, 40 },
	{ IOMMU_VIOMMU_ALLOC, 40, 24 },
	{ IOMMU_VDEVICE_ALLOC, 24, 24 },
	{ IOMMU_IOAS_CHANGE_PROCESS, 8, 8 },
	{ IOMMU_VEVENTQ_ALLOC, 32, 28 },
	{ IOMMU_HW_QUEUE_ALLOC, 40, 40 },
	{ IOMMU_IOAS_NOIOMMU_GET_PA, 40, 40 },
};

#define NR_REQUESTS (sizeof(requests) / sizeof(requests[0]))

struct blob {
	uint32_t size;
	uint8_t rest[3 * PAGE - 4];
};

/* Destroy what an accidental success has made. */
static void forget(struct rig *rig, unsigned int cmd, const struct blob *blob)
{
	struct iommu_ioas_alloc alloc;

	memcpy(&alloc, blob, sizeof(alloc));
	if (cmd == IOMMU_IOAS_ALLOC)
		assert_int_equal(rig_destroy(rig, alloc.out_ioas_id), 0);
}

static void test_sizes(void **state)
{
	struct rig *rig = *state;
	struct blob *blob = aligned_alloc(PAGE, sizeof(*blob));
	uint32_t size;
	unsigned int i;
	long rc;

	for (i = 0; i != NR_REQUESTS; i++) {
		for (size = 0; size != requests[i].min_size; size++) {
			memset(blob, 0, sizeof(*blob));
			blob->size = size;
			assert_int_equal(rig_ioctl(rig, requests[i].cmd, blob),
					 -EINVAL);
		}
		for (; size <= sizeof(*blob); size += size < 64 ? 1 : 997) {
			memset(blob, 0, sizeof(*blob));
			blob->size = size;
			rc = rig_ioctl(rig, requests[i].cmd, blob);
			assert_int_not_equal(rc, -E2BIG);
			assert_int_not_equal(rc, -EFAULT);
			assert_int_not_equal(rc, -ENOTTY);
			if (!rc)
				forget(rig, requests[i].cmd, blob);
			if (size <= requests[i].size)
				continue;
			/* The last byte says something that we do not know. */
			memset(blob, 0, sizeof(*blob));
			blob->size = size;
			((uint8_t *)blob)[size - 1] = 1;
			assert_int_equal(rig_ioctl(rig, requests[i].cmd, blob),
					 -E2BIG);
		}
	}
	free(blob);
}

static void test_unreadable(void **state)
{
	struct rig *rig = *state;
	struct blob *blob = aligned_alloc(PAGE, sizeof(*blob));
	unsigned int i;

	memset(blob, 0, sizeof(*blob));
	for (i = 0; i != NR_REQUESTS; i++) {
		blob->size = requests[i].size;
		/* The size itself, the last byte, what lies beyond. */
		rig->bad_start = (uintptr_t)blob;
		rig->bad_last = (uintptr_t)blob;
		assert_int_equal(rig_ioctl(rig, requests[i].cmd, blob),
				 -EFAULT);
		rig->bad_start = (uintptr_t)blob + requests[i].size - 1;
		rig->bad_last = rig->bad_start;
		assert_int_equal(rig_ioctl(rig, requests[i].cmd, blob),
				 -EFAULT);
		/* Too small is too small, whatever lies behind it. */
		rig->bad_start = (uintptr_t)blob + 4;
		blob->size = requests[i].min_size - 1;
		assert_int_equal(rig_ioctl(rig, requests[i].cmd, blob),
				 -EINVAL);
		blob->size = UINT32_MAX;
		rig->bad_start = (uintptr_t)blob + sizeof(*blob);
		rig->bad_last = UINT64_MAX;
		assert_int_equal(rig_ioctl(rig, requests[i].cmd, blob),
				 -EFAULT);
		assert_int_equal(rig_ioctl(rig, requests[i].cmd, NULL),
				 -EFAULT);
	}
	/* An unknown number within the table is read before it is refused. */
	rig->bad_start = (uintptr_t)blob;
	assert_int_equal(rig_ioctl(rig, _IO(IOMMUFD_TYPE, 0x96), blob),
			 -EFAULT);
	rig->bad_start = UINT64_MAX;
	assert_int_equal(rig_ioctl(rig, _IO(IOMMUFD_TYPE, 0x96), blob),
			 -ENOTTY);
	free(blob);
}

static void test_numbers(void **state)
{
	struct rig *rig = *state;
	struct blob *blob = calloc(1, sizeof(*blob));
	unsigned int nr, known = 0, i;

	blob->size = 4;
	for (nr = 0; nr != 256; nr++) {
		for (i = 0; i != NR_REQUESTS; i++)
			if (NR(requests[i].cmd) == nr)
				break;
		known += i != NR_REQUESTS;
		/* Another type, or a direction, makes it another request. */
		assert_int_equal(rig_ioctl(rig, _IO('<', nr), blob), -ENOTTY);
		assert_int_equal(rig_ioctl(rig, _IOR(';', nr, int), blob),
				 -ENOTTY);
		if (nr < 0x80 || i != NR_REQUESTS)
			continue;
		assert_int_equal(rig_ioctl(rig, _IO(';', nr), blob), -ENOTTY);
	}
	assert_int_equal(known, NR_REQUESTS);
	free(blob);
}

/* ---- Objects -------------------------------------------------------- */

static void test_ids(void **state)
{
	struct rig *rig = *state;
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd), .flags = 1 };
	uint32_t i;

	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_ALLOC, &cmd), -EOPNOTSUPP);
	for (i = 1; i != 10; i++)
		assert_int_equal(rig_ioas(rig), i);
	assert_int_equal(rig_destroy(rig, 3), 0);
	assert_int_equal(rig_destroy(rig, 7), 0);
	assert_int_equal(rig_destroy(rig, 3), -ENOENT);
	assert_int_equal(rig_ioas(rig), 3);
	assert_int_equal(rig_ioas(rig), 7);
	assert_int_equal(rig_ioas(rig), 10);
	assert_int_equal(rig_destroy(rig, 0), -ENOENT);
	assert_int_equal(rig_destroy(rig, UINT32_MAX), -ENOENT);
	/* An id that cannot be told is not taken. */
	cmd.flags = 0;
	rig_fail_nth(2);
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_ALLOC, &cmd), -ENOMEM);
	rig_fail_nth(3);
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_ALLOC, &cmd), -EFAULT);
	rig_fail_nth(0);
	assert_int_equal(rig_ioas(rig), 11);
}

static void test_destroy(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), hwpt, manual, pt = ioas;

	rig_bind(rig, 0);
	assert_int_equal(rig_destroy(rig, rig->idev_id[0]), -EBUSY);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	hwpt = pt;
	assert_int_not_equal(hwpt, ioas);
	assert_int_equal(rig_destroy(rig, ioas), -EBUSY);
	assert_int_equal(rig_destroy(rig, hwpt), -EBUSY);
	assert_int_equal(rig_hwpt(rig, 0, ioas, &manual), 0);
	iommufd_device_detach(rig->idev[0]);
	assert_int_equal(rig_destroy(rig, hwpt), -ENOENT);
	assert_int_equal(rig_destroy(rig, ioas), -EBUSY);
	assert_int_equal(rig_destroy(rig, manual), 0);
	assert_int_equal(rig_destroy(rig, ioas), 0);
	/* Objects of another kind are no IOAS. */
	assert_int_equal(rig_map_at(rig, rig->idev_id[0], 0, PAGE, IOVA),
			 -ENOENT);
}

/* ---- Map ------------------------------------------------------------ */

static long map(struct rig *rig, struct iommu_ioas_map *cmd)
{
	cmd->size = sizeof(*cmd);
	return rig_ioctl(rig, IOMMU_IOAS_MAP, cmd);
}

#define MAP(...)                                                              \
	map(rig, &(struct iommu_ioas_map){ .ioas_id = ioas,                   \
					   .flags = RIG_FIXED,                \
					   .user_va = (uintptr_t)rig->mem.va, \
					   .length = PAGE,                    \
					   .iova = IOVA,                      \
					   __VA_ARGS__ })

static void test_map(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	const uint64_t top = UINT64_MAX - PAGE + 1;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	assert_int_equal(MAP(.flags = 8 | RIG_FIXED), -EOPNOTSUPP);
	assert_int_equal(MAP(.flags = 1U << 31), -EOPNOTSUPP);
	assert_int_equal(MAP(.__reserved = 1), -EOPNOTSUPP);
	assert_int_equal(MAP(.flags = IOMMU_IOAS_MAP_FIXED_IOVA), -EINVAL);
	assert_int_equal(MAP(.flags = 0), -EINVAL);
	assert_int_equal(MAP(.ioas_id = 0), -ENOENT);
	assert_int_equal(MAP(.ioas_id = 99), -ENOENT);
	assert_int_equal(MAP(.iova = UINT64_MAX), -EOVERFLOW);
	assert_int_equal(MAP(.length = UINT64_MAX), -EOVERFLOW);
	assert_int_equal(MAP(.length = 0), -EINVAL);
	/* A length has a limit only if its alignment is asked for. */
	assert_int_equal(MAP(.length = 1ULL << 63, .flags = RIG_RW),
			 -EOVERFLOW);
	assert_int_equal(MAP(.length = 1ULL << 63), 0);
	assert_true(rig_unmap_all(rig, ioas));
	assert_int_equal(MAP(.user_va = UINT64_MAX - PAGE + 1), -EOVERFLOW);
	assert_int_equal(MAP(.user_va = UINT64_MAX), -EOVERFLOW);
	assert_int_equal(MAP(.iova = top, .length = PAGE + 1), -EOVERFLOW);
	assert_int_equal(MAP(.iova = UINT64_MAX - 1, .length = 3), -EOVERFLOW);
	/* Without a page table any byte will do. */
	assert_int_equal(MAP(.iova = 1, .length = 3), 0);
	assert_int_equal(MAP(.iova = 4, .length = 1), 0);
	assert_int_equal(MAP(.iova = top), 0);
	assert_int_equal(MAP(.iova = top - 1, .length = 2), -EEXIST);
	assert_int_equal(MAP(.iova = 0, .length = 1), 0);
	assert_int_equal(MAP(.iova = 0, .length = 2), -EEXIST);
	assert_int_equal(MAP(), 0);
	assert_int_equal(MAP(), -EEXIST);
	assert_int_equal(MAP(.iova = IOVA - 1, .length = 2), -EEXIST);
	assert_int_equal(MAP(.iova = IOVA + PAGE - 1, .length = 1), -EEXIST);
	assert_int_equal(MAP(.iova = IOVA + PAGE), 0);
	assert_int_equal(MAP(.iova = IOVA - PAGE), 0);
	/* Nothing is pinned: no device, no error for what is not there. */
	assert_int_equal(MAP(.iova = 2 * IOVA, .user_va = 0), 0);
#pragma GCC diagnostic pop
}

/* With a page table its alignment and aperture count. */
static void test_map_aligned(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;

	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	assert_int_equal(MAP(.iova = IOVA + 1), -EINVAL);
	assert_int_equal(MAP(.length = PAGE - 1), -EINVAL);
	assert_int_equal(MAP(.user_va = (uintptr_t)rig->mem.va + 8), -EINVAL);
	assert_int_equal(MAP(.user_va = (uintptr_t)rig->mem.va + 8,
			     .flags = RIG_RW),
			 -EINVAL);
	assert_int_equal(MAP(.iova = 1ULL << 48), -EINVAL);
	assert_int_equal(MAP(.iova = (1ULL << 48) - PAGE, .length = 2 * PAGE),
			 -EINVAL);
	assert_int_equal(MAP(.iova = (1ULL << 48) - PAGE), 0);
	assert_int_equal(MAP(.iova = 0), 0);
	assert_int_equal(MAP(.iova = 0xfee00000), -EINVAL);
	assert_int_equal(MAP(.iova = 0xfee00000 - PAGE, .length = 2 * PAGE),
			 -EINVAL);
	assert_int_equal(MAP(.iova = 0xfeeff000), -EINVAL);
	assert_int_equal(MAP(.iova = 0xfee00000 - PAGE), 0);
	assert_int_equal(MAP(.iova = 0xfef00000), 0);
	assert_int_equal(MAP(.user_va = PAGE), -EFAULT);
#pragma GCC diagnostic pop
	assert_int_equal(rig->mem.pinned, 4);
	assert_int_equal(rig_unmap_all(rig, ioas), 4 * PAGE);
}

static void test_map_file(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;
	uint64_t size = rig->file.nr * PAGE;

	assert_int_equal(rig_map_file(rig, 99, RIG_FILE_FD, 0, PAGE, IOVA),
			 -ENOENT);
	assert_int_equal(rig_map_file(rig, ioas, 77, 0, PAGE, IOVA), -EBADF);
	assert_int_equal(rig_map_file(rig, ioas, -1, 0, PAGE, IOVA), -EBADF);
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, 0, 0, IOVA),
			 -EINVAL);
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, UINT64_MAX, 1,
				      IOVA),
			 -EOVERFLOW);
	assert_int_equal(rig->file.refs, 1);
	/* What kind of file it is, and how long, shows when it is pinned. */
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, size, 1, IOVA),
			 0);
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, PAGE, size,
				      IOVA + PAGE),
			 0);
	assert_int_equal(rig_unmap_all(rig, ioas), size + 1);
	assert_int_equal(rig_map_file(rig, ioas, RIG_NOPIN_FD, 0, PAGE, IOVA),
			 0);
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), -EINVAL);
	assert_int_equal(rig_unmap_all(rig, ioas), PAGE);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(rig_map_file(rig, ioas, RIG_NOPIN_FD, 0, PAGE, IOVA),
			 -EINVAL);
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, size, PAGE, IOVA),
			 -EINVAL);
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, PAGE, size, IOVA),
			 -EINVAL);
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, 0, size, IOVA),
			 0);
}

static long copy(struct rig *rig, struct iommu_ioas_copy *cmd)
{
	cmd->size = sizeof(*cmd);
	return rig_ioctl(rig, IOMMU_IOAS_COPY, cmd);
}

#define COPY(...)                                                \
	copy(rig, &(struct iommu_ioas_copy){ .dst_ioas_id = dst, \
					     .src_ioas_id = src, \
					     .flags = RIG_FIXED, \
					     .length = PAGE,     \
					     .src_iova = IOVA,   \
					     .dst_iova = IOVA,   \
					     __VA_ARGS__ })

static void test_copy(void **state)
{
	struct rig *rig = *state;
	uint32_t src = rig_ioas(rig), dst = rig_ioas(rig);

	assert_int_equal(rig_map_at(rig, src, 0, 4 * PAGE, IOVA), 0);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	assert_int_equal(COPY(.flags = 16), -EOPNOTSUPP);
	assert_int_equal(COPY(.flags = 1), -EINVAL);
	assert_int_equal(COPY(.dst_ioas_id = 99), -ENOENT);
	assert_int_equal(COPY(.src_ioas_id = 99), -ENOENT);
	assert_int_equal(COPY(.length = 0), -EINVAL);
	assert_int_equal(COPY(.length = UINT64_MAX), -EOVERFLOW);
	assert_int_equal(COPY(.length = 1ULL << 63), -ENOENT);
	assert_int_equal(COPY(.src_iova = UINT64_MAX), -EOVERFLOW);
	assert_int_equal(COPY(.dst_iova = UINT64_MAX), -EOVERFLOW);
	assert_int_equal(COPY(.src_iova = UINT64_MAX - 1), -EOVERFLOW);
	assert_int_equal(COPY(.dst_iova = UINT64_MAX - 1), -EOVERFLOW);
	assert_int_equal(COPY(.src_iova = IOVA - 1), -ENOENT);
	assert_int_equal(COPY(.length = 4 * PAGE + 1), -ENOENT);
	assert_int_equal(COPY(.src_iova = 2 * IOVA), -ENOENT);
	assert_int_equal(COPY(), 0);
	assert_int_equal(COPY(), -EEXIST);
	assert_int_equal(COPY(.dst_ioas_id = src, .dst_iova = 2 * IOVA), 0);
#pragma GCC diagnostic pop
}

static void test_unmap(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);

	assert_int_equal(rig_unmap(rig, 99, 0, PAGE), -ENOENT);
	assert_int_equal(rig_unmap_all(rig, ioas), 0);
	assert_int_equal(rig_unmap(rig, ioas, 0, 0), -EINVAL);
	assert_int_equal(rig_unmap(rig, ioas, 1, UINT64_MAX), -EOVERFLOW);
	assert_int_equal(rig_unmap(rig, ioas, UINT64_MAX, 1), -EOVERFLOW);
	assert_int_equal(rig_unmap(rig, ioas, 3, UINT64_MAX - 1), -EOVERFLOW);
	assert_int_equal(rig_unmap(rig, ioas, 0, UINT64_MAX - 1), -ENOENT);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, PAGE), -ENOENT);
	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA + 8 * PAGE), 0);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, PAGE), -ENOENT);
	assert_int_equal(rig_unmap(rig, ioas, IOVA + PAGE, PAGE), -ENOENT);
	assert_int_equal(rig_unmap(rig, ioas, IOVA + PAGE, 16 * PAGE), -ENOENT);
	assert_int_equal(rig_unmap(rig, ioas, IOVA + 4 * PAGE, 4 * PAGE),
			 -ENOENT);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, 9 * PAGE - 1), -ENOENT);
	/* What came before the one that stays is gone. */
	assert_int_equal(rig_unmap(rig, ioas, IOVA - PAGE, 16 * PAGE), PAGE);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, UINT64_MAX - PAGE + 1),
			 0);
	assert_int_equal(rig_unmap(rig, ioas, UINT64_MAX - PAGE + 1, PAGE),
			 PAGE);
}

/* ---- Automatic addresses -------------------------------------------- */

static uint64_t automatic(struct rig *rig, uint32_t ioas, uint64_t offset,
			  uint64_t length)
{
	uint64_t iova = 0;
	long rc = rig_map(rig, ioas, RIG_RW, offset, length, &iova);

	return rc ? (uint64_t)rc : iova;
}

static void test_automatic(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);

	/* Never 0, lowest first, the offset in the page as in memory. */
	assert_int_equal(automatic(rig, ioas, 0, PAGE), PAGE);
	assert_int_equal(automatic(rig, ioas, 0, PAGE), 2 * PAGE);
	assert_int_equal(automatic(rig, ioas, 5, 7), 3 * PAGE + 5);
	assert_int_equal(automatic(rig, ioas, 2048, 2048), 3 * PAGE + 2048);
	/* As aligned as it is long, as memory is, and 2 MiB at most. */
	assert_int_equal(automatic(rig, ioas, 0, 3 * PAGE), 4 * PAGE);
	assert_int_equal(automatic(rig, ioas, PAGE, 4 * PAGE), 7 * PAGE);
	assert_int_equal(automatic(rig, ioas, 2 * PAGE, 4 * PAGE), 12 * PAGE);
	assert_int_equal(automatic(rig, ioas, 0, 2 << 20), 2 << 20);
	assert_int_equal(automatic(rig, ioas, 0, 4 << 20), 4 << 20);
	assert_int_equal(automatic(rig, ioas, 0, PAGE), 11 * PAGE);
	/* A hole is used again. */
	assert_int_equal(rig_unmap(rig, ioas, 2 * PAGE, PAGE), PAGE);
	assert_int_equal(automatic(rig, ioas, 0, PAGE), 2 * PAGE);
	/* There is no place for this. */
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 1ULL << 62), 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 1ULL << 63), 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 3ULL << 62), 0);
	assert_int_equal((int64_t)automatic(rig, ioas, 0, (1ULL << 63) - 1),
			 -ENOSPC);
}

/* Not more than 2 MiB, however long it is and wherever it lies. */
static void test_automatic_file(void **state)
{
	struct rig *rig = *state;
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = RIG_RW,
		.ioas_id = rig_ioas(rig),
		.fd = RIG_HUGE_FD,
		.length = 1 << 30,
	};

	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_MAP_FILE, &cmd), 0);
	assert_int_equal(cmd.iova, 2 << 20);
}

static void test_automatic_reserved(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;

	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(rig_map_file(rig, ioas, RIG_HUGE_FD, 0,
				      0xfee00000 - PAGE, PAGE),
			 0);
	assert_int_equal(automatic(rig, ioas, 0, PAGE), 0xfef00000);
	assert_int_equal((int64_t)automatic(rig, ioas, 1024, 1024), -EINVAL);
	assert_int_equal(rig_map_file(rig, ioas, RIG_HUGE_FD, 0, RIG_HUGE_SIZE,
				      1ULL << 40),
			 0);
	assert_int_equal(automatic(rig, ioas, 0, PAGE), 0xfef01000);
}

static long allow(struct rig *rig, uint32_t ioas,
		  const struct iommu_iova_range *range, uint32_t nr)
{
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = nr,
		.allowed_iovas = (uintptr_t)range,
	};

	return rig_ioctl(rig, IOMMU_IOAS_ALLOW_IOVAS, &cmd);
}

#define ALLOW(...)                                                         \
	allow(rig, ioas, (const struct iommu_iova_range[]){ __VA_ARGS__ }, \
	      sizeof((const struct iommu_iova_range[]){ __VA_ARGS__ }) /   \
		      sizeof(struct iommu_iova_range))

static void test_allow(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;
	struct iommu_ioas_allow_iovas cmd = { .size = sizeof(cmd),
					      .ioas_id = ioas,
					      .__reserved = 1 };

	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_ALLOW_IOVAS, &cmd),
			 -EOPNOTSUPP);
	assert_int_equal(allow(rig, 99, NULL, 0), -ENOENT);
	assert_int_equal(allow(rig, ioas, NULL, 1), -EFAULT);
	assert_int_equal(ALLOW({ PAGE, PAGE }), -EINVAL);
	assert_int_equal(ALLOW({ 2 * PAGE, PAGE }), -EINVAL);
	assert_int_equal(ALLOW({ 0, PAGE }, { PAGE, 2 * PAGE }), -EINVAL);
	assert_int_equal(ALLOW({ 0, 16 * PAGE }, { PAGE, 2 * PAGE }), -EINVAL);
	assert_int_equal(ALLOW({ 0, 2 * PAGE - 1 }, { IOVA, IOVA + PAGE - 1 }),
			 0);
	/* Page 0 is allowed, and still not used. */
	assert_int_equal(automatic(rig, ioas, 0, PAGE), PAGE);
	assert_int_equal(automatic(rig, ioas, 0, PAGE), IOVA);
	assert_int_equal((int64_t)automatic(rig, ioas, 0, PAGE), -ENOSPC);
	/* Who names an address may have it. */
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 2 * IOVA), 0);
	/* What is allowed stays usable: this device would take part of it. */
	assert_int_equal(ALLOW({ 0xfeeff000, 0xfef00fff }), 0);
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), -EADDRINUSE);
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(allow(rig, ioas, NULL, 0), 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(ALLOW({ 0xfeeff000, 0xfef00fff }), -EADDRINUSE);
	assert_int_equal(ALLOW({ 0, 1ULL << 48 }), -EADDRINUSE);
	assert_int_equal(automatic(rig, ioas, 0, PAGE), 2 * PAGE);
}

/* ---- Ranges --------------------------------------------------------- */

static void test_ranges(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;
	struct iommu_iova_range range[4] = { 0 };
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.allowed_iovas = (uintptr_t)range,
	};

	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd),
			 -EMSGSIZE);
	assert_int_equal(cmd.num_iovas, 1);
	assert_int_equal(cmd.out_iova_alignment, 1);
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd), 0);
	assert_int_equal(range[0].start, 0);
	assert_int_equal(range[0].last, UINT64_MAX);
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	/* Too little room: the first one, and how many there are. */
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd),
			 -EMSGSIZE);
	assert_int_equal(cmd.num_iovas, 2);
	assert_int_equal(cmd.out_iova_alignment, PAGE);
	assert_int_equal(range[0].last, 0xfedfffff);
	assert_int_equal(range[1].last, 0);
	cmd.num_iovas = 4;
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd), 0);
	assert_int_equal(cmd.num_iovas, 2);
	assert_int_equal(range[1].start, 0xfef00000);
	assert_int_equal(range[1].last, (1ULL << 48) - 1);
	cmd.__reserved = 1;
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd),
			 -EOPNOTSUPP);
	cmd.__reserved = 0;
	cmd.allowed_iovas = 0;
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd), -EFAULT);
	cmd.num_iovas = 0;
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd),
			 -EMSGSIZE);
	cmd.ioas_id = 99;
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd), -ENOENT);
}

/* ---- Options -------------------------------------------------------- */

static long option(struct rig *rig, uint32_t id, uint16_t op, uint32_t object,
		   uint64_t *value)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = id,
		.op = op,
		.object_id = object,
		.val64 = *value,
	};
	long rc = rig_ioctl(rig, IOMMU_OPTION, &cmd);

	*value = cmd.val64;
	return rc;
}

static void test_rlimit_mode(void **state)
{
	struct rig *rig = *state;
	const uint32_t id = IOMMU_OPTION_RLIMIT_MODE;
	uint64_t value = 7;

	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_GET, 0, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_GET, 1, &value),
			 -EOPNOTSUPP);
	assert_int_equal(option(rig, id, 2, 0, &value), -EOPNOTSUPP);
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_SET, 0, &value),
			 -EPERM);
	rig->privileged = true;
	value = 2;
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_SET, 0, &value),
			 -EINVAL);
	value = 1;
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_SET, 0, &value), 0);
	value = 0;
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_GET, 0, &value), 0);
	assert_int_equal(value, 1);
	rig_ioas(rig);
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_SET, 0, &value),
			 -EBUSY);
}

static void test_huge_pages(void **state)
{
	struct rig *rig = *state;
	const uint32_t id = IOMMU_OPTION_HUGE_PAGES;
	struct iommu_option cmd = { .size = sizeof(cmd), .__reserved = 1 };
	uint32_t ioas = rig_ioas(rig);
	uint64_t value = 7;

	assert_int_equal(rig_ioctl(rig, IOMMU_OPTION, &cmd), -EOPNOTSUPP);
	assert_int_equal(option(rig, 2, 0, ioas, &value), -EOPNOTSUPP);
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_GET, 0, &value),
			 -ENOENT);
	assert_int_equal(option(rig, id, 2, ioas, &value), -EOPNOTSUPP);
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_SET, ioas, &value),
			 -EINVAL);
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_GET, ioas, &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA + 1), 0);
	value = 0;
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_SET, ioas, &value),
			 -EADDRINUSE);
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_GET, ioas, &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(rig_unmap_all(rig, ioas), PAGE);
	assert_int_equal(rig_map_at(rig, ioas, 8, PAGE, IOVA), 0);
	value = 0;
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_SET, ioas, &value),
			 -EADDRINUSE);
	assert_int_equal(rig_unmap_all(rig, ioas), PAGE);
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_SET, ioas, &value), 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA + 1), -EINVAL);
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_GET, ioas, &value), 0);
	assert_int_equal(value, 0);
	value = 1;
	assert_int_equal(option(rig, id, IOMMU_OPTION_OP_SET, ioas, &value), 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA + 1), 0);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_sizes),          TEST(test_unreadable),
		TEST(test_numbers),        TEST(test_ids),
		TEST(test_destroy),        TEST(test_map),
		TEST(test_map_aligned),    TEST(test_map_file),
		TEST(test_copy),           TEST(test_unmap),
		TEST(test_automatic),      TEST(test_automatic_reserved),
		TEST(test_automatic_file), TEST(test_allow),
		TEST(test_ranges),         TEST(test_rlimit_mode),
		TEST(test_huge_pages),
	};

	return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
