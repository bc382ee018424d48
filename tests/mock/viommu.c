/* SPDX-License-Identifier: MIT */
/*
 * Virtual IOMMUs: devices, caches, events, queues, pages to map.
 */
#include <poll.h>
#include <sys/mman.h>

#include "mock.h"

#define VIRT_ID 0x42U

/**
 * struct scene - what a test has
 * @ioas: an IOAS
 * @dev: a device attached to it
 * @parent: a nesting parent for it
 * @viommu: on that
 */
struct scene {
	uint32_t ioas;
	struct mock_dev dev;
	uint32_t parent;
	uint32_t viommu;
};

static long viommu_data(uint32_t idev, uint32_t hwpt, uint32_t type,
			struct iommu_test_viommu *data, uint32_t len,
			uint32_t *id)
{
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = type,
		.dev_id = idev,
		.hwpt_id = hwpt,
		.data_len = len,
		.data_uptr = (uintptr_t)data,
	};
	long rc = sys_ioctl(t.fd, IOMMU_VIOMMU_ALLOC, &cmd);

	*id = cmd.out_viommu_id;
	return rc;
}

static long new_viommu(uint32_t idev, uint32_t hwpt, uint32_t type,
		       uint32_t *id)
{
	return viommu_data(idev, hwpt, type, NULL, 0, id);
}

static struct scene scene(void)
{
	struct scene s = { .ioas = mock_ioas() };

	s.dev = mock_new_device(s.ioas, 0);
	assert_int_equal(mock_hwpt(s.dev.idev, s.ioas,
				   IOMMU_HWPT_ALLOC_NEST_PARENT, &s.parent),
			 0);
	assert_int_equal(new_viommu(s.dev.idev, s.parent,
				    IOMMU_TEST_VIOMMU_TYPE, &s.viommu),
			 0);
	return s;
}

static long new_vdevice(uint32_t viommu, uint32_t idev, uint64_t virt_id,
			uint32_t *id)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.dev_id = idev,
		.virt_id = virt_id,
	};
	long rc = sys_ioctl(t.fd, IOMMU_VDEVICE_ALLOC, &cmd);

	*id = cmd.out_vdevice_id;
	return rc;
}

static long new_nested(const struct scene *s, uint32_t *id)
{
	const struct iommu_test_hwpt data = { .iotlb = 1 };

	return mock_hwpt_data(s->dev.idev, s->viommu, 0, IOMMU_TEST_HWPT_TYPE,
			      &data, sizeof(data), id);
}

/* ---- VIOMMU -------------------------------------------------------- */

static void test_viommu(void **state)
{
	struct iommu_viommu_alloc cmd = { .size = sizeof(cmd) };
	struct scene s = scene();
	uint32_t id, nested;

	assert_int_equal(new_viommu(s.dev.idev, s.parent, 0, &id), -EOPNOTSUPP);
	assert_int_equal(new_viommu(s.dev.idev, s.parent,
				    IOMMU_VIOMMU_TYPE_ARM_SMMUV3, &id),
			 -EOPNOTSUPP);
	assert_int_equal(new_viommu(s.dev.idev, s.dev.hwpt,
				    IOMMU_TEST_VIOMMU_TYPE, &id),
			 -EINVAL);
	assert_int_equal(new_viommu(s.dev.idev, s.ioas, IOMMU_TEST_VIOMMU_TYPE,
				    &id),
			 -ENOENT);
	assert_int_equal(new_viommu(s.dev.stdev, s.parent,
				    IOMMU_TEST_VIOMMU_TYPE, &id),
			 -ENOENT);
	cmd.type = IOMMU_TEST_VIOMMU_TYPE;
	cmd.dev_id = s.dev.idev;
	cmd.hwpt_id = s.parent;
	cmd.flags = 1;
	assert_int_equal(sys_ioctl(t.fd, IOMMU_VIOMMU_ALLOC, &cmd),
			 -EOPNOTSUPP);
	/* Nobody looks at what is reserved. */
	cmd.flags = 0;
	cmd.__reserved = 1;
	assert_int_equal(sys_ioctl(t.fd, IOMMU_VIOMMU_ALLOC, &cmd), 0);
	assert_int_equal(mock_destroy(cmd.out_viommu_id), 0);
	assert_int_equal(mock_destroy(s.parent), -EBUSY);
	assert_int_equal(new_nested(&s, &nested), 0);
	assert_int_equal(mock_destroy(s.viommu), -EBUSY);
	assert_int_equal(mock_destroy(nested), 0);
	assert_int_equal(mock_destroy(s.viommu), 0);
	assert_int_equal(mock_destroy(s.parent), 0);
}

static void test_viommu_data(void **state)
{
	struct scene s = scene();
	struct iommu_test_viommu data = { .in_data = 0xabcd };
	const uint32_t type = IOMMU_TEST_VIOMMU_TYPE;
	uint32_t id;

	assert_int_equal(sizeof(data), 24);
	assert_int_equal(viommu_data(s.dev.idev, s.parent, type, NULL, 24, &id),
			 -EFAULT);
	/* What can be mapped need not be told. */
	assert_int_equal(viommu_data(s.dev.idev, s.parent, type, &data, 7, &id),
			 -EINVAL);
	assert_int_equal(viommu_data(s.dev.idev, s.parent, type, &data, 8, &id),
			 0);
	assert_int_equal(data.out_data, 0xabcd);
	assert_int_equal(data.out_mmap_length, 0);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(viommu_data(s.dev.idev, s.parent, type, &data, 25,
				     &id),
			 -EINVAL);
	assert_int_equal(
		viommu_data(s.dev.idev, s.parent, type, &data, 24, &id), 0);
	assert_int_equal(data.out_data, 0xabcd);
	assert_int_equal(data.out_mmap_length, 2 * PAGE);
	assert_int_equal(data.out_mmap_offset % PAGE, 0);
	assert_int_equal(mock_destroy(id), 0);
}

/* What can be mapped, and that nothing goes while it is. */
static void test_mmap(void **state)
{
	const int rw = PROT_READ | PROT_WRITE;
	struct scene s = scene();
	struct iommu_test_viommu data = { .in_data = 0x12345678 };
	uint64_t at;
	uint32_t id;
	void *ptr = NULL;

	assert_int_equal(viommu_data(s.dev.idev, s.parent,
				     IOMMU_TEST_VIOMMU_TYPE, &data,
				     sizeof(data), &id),
			 0);
	at = data.out_mmap_offset;
	assert_int_equal(sys_mmap(t.fd, at, 2 * PAGE, rw, MAP_PRIVATE, &ptr),
			 -EINVAL);
	assert_int_equal(sys_mmap(t.fd, at, 2 * PAGE, PROT_READ | PROT_EXEC,
				  MAP_SHARED, &ptr),
			 -EPERM);
	assert_int_equal(sys_mmap(t.fd, at, PAGE, rw, MAP_SHARED, &ptr),
			 -ENXIO);
	assert_int_equal(sys_mmap(t.fd, at, 3 * PAGE, rw, MAP_SHARED, &ptr),
			 -ENXIO);
	assert_int_equal(sys_mmap(t.fd, at + PAGE, PAGE, rw, MAP_SHARED, &ptr),
			 -ENXIO);
	assert_int_equal(sys_mmap(t.fd, 0, 2 * PAGE, rw, MAP_SHARED, &ptr),
			 -ENXIO);
	assert_int_equal(sys_mmap(t.fd, at, 0, rw, MAP_SHARED, &ptr), -EINVAL);
	assert_int_equal(sys_mmap(t.fd, at + 1, PAGE, rw, MAP_SHARED, &ptr),
			 -EINVAL);
	assert_int_equal(sys_mmap(t.fd, at, SIZE_MAX, rw, MAP_SHARED, &ptr),
			 -ENOMEM);
	assert_int_equal(sys_mmap(t.fd, at, 2 * PAGE, rw, MAP_SHARED, &ptr), 0);
	if (ptr)
		assert_int_equal(*(uint32_t *)ptr, 0x12345678);
	assert_int_equal(mock_destroy(id), -EBUSY);
	assert_int_equal(mock_destroy(id), -EBUSY);
	sys_munmap(t.fd, at, ptr, 2 * PAGE);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(sys_mmap(t.fd, at, 2 * PAGE, rw, MAP_SHARED, &ptr),
			 -ENXIO);
	/* Another one is not where that was. */
	assert_int_equal(viommu_data(s.dev.idev, s.parent,
				     IOMMU_TEST_VIOMMU_TYPE, &data,
				     sizeof(data), &id),
			 0);
	assert_int_not_equal(data.out_mmap_offset, at);
	/* Closing with a mapping ends both. */
	at = data.out_mmap_offset;
	assert_int_equal(sys_mmap(t.fd, at, 2 * PAGE, rw, MAP_SHARED, &ptr), 0);
	sys_close(t.fd);
	t.fd = -1;
	sys_munmap(t.fd, at, ptr, 2 * PAGE);
}

/* ---- VDEVICE ------------------------------------------------------- */

static void test_vdevice(void **state)
{
	struct scene s = scene();
	struct mock_dev two = mock_new_device(s.ioas, 0);
	uint32_t id, other, viommu;

	assert_int_equal(new_vdevice(s.parent, s.dev.idev, 1, &id), -ENOENT);
	assert_int_equal(new_vdevice(s.viommu, s.dev.stdev, 1, &id), -ENOENT);
	assert_int_equal(new_vdevice(s.viommu, s.dev.idev, VIRT_ID, &id), 0);
	assert_int_equal(new_vdevice(s.viommu, s.dev.idev, 1, &other), -EEXIST);
	assert_int_equal(new_vdevice(s.viommu, two.idev, VIRT_ID, &other),
			 -EEXIST);
	/* Not in another virtual IOMMU either; but there its id is free. */
	assert_int_equal(new_viommu(s.dev.idev, s.parent,
				    IOMMU_TEST_VIOMMU_TYPE, &viommu),
			 0);
	assert_int_equal(new_vdevice(viommu, s.dev.idev, 1, &other), -EEXIST);
	assert_int_equal(new_vdevice(viommu, two.idev, VIRT_ID, &other), 0);
	assert_int_equal(mock_destroy(viommu), -EBUSY);
	assert_int_equal(mock_destroy(other), 0);
	assert_int_equal(mock_destroy(viommu), 0);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(mock_destroy(id), -ENOENT);
	assert_int_equal(new_vdevice(s.viommu, s.dev.idev, ~0ULL, &id), 0);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(mock_destroy(s.viommu), 0);
}

/* The device goes: so does the VDEVICE, but nobody gets its id. */
static void test_tombstone(void **state)
{
	struct scene s = scene();
	uint32_t id, ioas[8], i;

	assert_int_equal(new_vdevice(s.viommu, s.dev.idev, VIRT_ID, &id), 0);
	assert_int_equal(mock_destroy(s.dev.stdev), 0);
	assert_int_equal(mock_destroy(s.dev.idev), -ENOENT);
	assert_int_equal(mock_destroy(id), -ENOENT);
	for (i = 0; i != 8; i++) {
		ioas[i] = mock_ioas();
		assert_int_not_equal(ioas[i], id);
	}
	assert_int_equal(mock_destroy(id), -ENOENT);
	/* Nothing keeps the virtual IOMMU any more. */
	assert_int_equal(mock_destroy(s.viommu), 0);
	s.dev = mock_new_device(s.ioas, 0);
	assert_int_equal(new_viommu(s.dev.idev, s.parent,
				    IOMMU_TEST_VIOMMU_TYPE, &s.viommu),
			 0);
	assert_int_equal(new_vdevice(s.viommu, s.dev.idev, VIRT_ID, &id), 0);
}

static void test_attach(void **state)
{
	struct scene s = scene();
	uint32_t nested, vdev, id;

	assert_int_equal(new_nested(&s, &nested), 0);
	id = nested;
	assert_int_equal(mock_replace(s.dev.stdev, &id), -ENOENT);
	assert_int_equal(mock_check_map(s.dev.hwpt, START, t.buf, 0), 0);
	assert_int_equal(new_vdevice(s.viommu, s.dev.idev, VIRT_ID, &vdev), 0);
	id = nested;
	assert_int_equal(mock_replace(s.dev.stdev, &id), 0);
	assert_int_equal(mock_destroy(nested), -EBUSY);
	id = s.ioas;
	assert_int_equal(mock_replace(s.dev.stdev, &id), 0);
	assert_int_equal(mock_destroy(nested), 0);
}

/* ---- Invalidation -------------------------------------------------- */

static long check_cache(uint32_t idev, uint32_t slot, uint32_t value)
{
	struct iommu_test_cmd cmd = {
		.id = idev,
		.check_slot.slot = slot,
		.check_slot.value = value,
	};

	return mock_cmd(IOMMU_TEST_OP_DEV_CHECK_CACHE, &cmd);
}

static void check_invalidate(uint32_t viommu, uint32_t type, const void *data,
			     uint32_t len, uint32_t nr, long wanted,
			     uint32_t done)
{
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = viommu,
		.data_uptr = (uintptr_t)data,
		.data_type = type,
		.entry_len = len,
		.entry_num = nr,
	};

	assert_int_equal(sys_ioctl(t.fd, IOMMU_HWPT_INVALIDATE, &cmd), wanted);
	assert_int_equal(cmd.entry_num, done);
}

#define INV_TYPE IOMMU_TEST_VIOMMU_INVALIDATE_TYPE
#define INV_LEN  sizeof(struct iommu_test_viommu_invalidate)
#define CACHE    IOMMU_TEST_CACHE_DEFAULT

static void test_invalidate(void **state)
{
	struct iommu_test_viommu_invalidate inv[2] = {
		{ .vdev_id = VIRT_ID, .cache_id = 1 },
		{ .vdev_id = VIRT_ID + 1, .cache_id = 2 },
	};
	struct {
		struct iommu_test_viommu_invalidate inv;
		uint32_t more[33];
	} big[2] = { { .inv = { .vdev_id = VIRT_ID, .cache_id = 2 } },
		     { .inv = { .vdev_id = VIRT_ID, .cache_id = 3 } } };
	struct scene s = scene();
	uint32_t id;

	assert_int_equal(check_cache(s.dev.idev, 0, CACHE), 0);
	assert_int_equal(check_cache(s.dev.idev, 3, CACHE), 0);
	assert_int_equal(check_cache(s.dev.idev, 4, CACHE), -EINVAL);
	assert_int_equal(check_cache(s.dev.idev, 0, 0), -EINVAL);
	assert_int_equal(check_cache(s.dev.stdev, 0, CACHE), -ENOENT);
	check_invalidate(s.viommu, INV_TYPE, NULL, 0, 0, 0, 0);
	check_invalidate(s.viommu, 0xdadbeef, NULL, 0, 0, -EINVAL, 0);
	check_invalidate(s.viommu, INV_TYPE, inv, INV_LEN, 1, -EINVAL, 0);
	assert_int_equal(new_vdevice(s.viommu, s.dev.idev, VIRT_ID, &id), 0);
	check_invalidate(s.viommu, INV_TYPE, inv, INV_LEN, 2, -EINVAL, 1);
	assert_int_equal(check_cache(s.dev.idev, 0, CACHE), 0);
	assert_int_equal(check_cache(s.dev.idev, 1, 0), 0);
	assert_int_equal(check_cache(s.dev.idev, 2, CACHE), 0);
	inv[1].vdev_id = VIRT_ID;
	inv[1].cache_id = IOMMU_TEST_CACHE_SLOTS;
	check_invalidate(s.viommu, INV_TYPE, inv, INV_LEN, 2, -EINVAL, 1);
	inv[1].cache_id = 0;
	inv[1].flags = 1U << 1;
	check_invalidate(s.viommu, INV_TYPE, inv, INV_LEN, 2, -EOPNOTSUPP, 1);
	/* Entries may be longer if there is nothing in it, and shorter. */
	check_invalidate(s.viommu, INV_TYPE, inv, 4, 1, -EINVAL, 0);
	check_invalidate(s.viommu, INV_TYPE, inv, 8, 1, 0, 1);
	assert_int_equal(check_cache(s.dev.idev, 0, 0), 0);
	check_invalidate(s.viommu, INV_TYPE, big, sizeof(big[0]), 2, 0, 2);
	assert_int_equal(check_cache(s.dev.idev, 3, 0), 0);
	big[1].more[32] = 1;
	/* Nothing is carried out before all have been copied. */
	check_invalidate(s.viommu, INV_TYPE, big, sizeof(big[0]), 2, -E2BIG, 0);
	inv[0].flags = IOMMU_TEST_INVALIDATE_ALL;
	check_invalidate(s.viommu, INV_TYPE, inv, INV_LEN, 1, 0, 1);
	assert_int_equal(check_cache(s.dev.idev, 0, 0), 0);
}

/* ---- Events -------------------------------------------------------- */

struct event {
	struct iommufd_vevent_header header;
	struct iommu_test_vevent data;
};

static long new_veventq(uint32_t viommu, uint32_t type, uint32_t depth,
			uint32_t *id, int *fd)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.type = type,
		.veventq_depth = depth,
	};
	long rc = sys_ioctl(t.fd, IOMMU_VEVENTQ_ALLOC, &cmd);

	*id = cmd.out_veventq_id;
	*fd = (int)cmd.out_veventq_fd;
	return rc;
}

static long trigger(uint32_t idev)
{
	struct iommu_test_cmd cmd = { .vevent.dev_id = idev };

	return mock_cmd(IOMMU_TEST_OP_TRIGGER_VEVENT, &cmd);
}

/* Attached to a table of its guest's. */
static void attach(struct scene *s, uint64_t virt_id)
{
	uint32_t vdev, id;

	assert_int_equal(new_vdevice(s->viommu, s->dev.idev, virt_id, &vdev),
			 0);
	assert_int_equal(new_nested(s, &id), 0);
	assert_int_equal(mock_replace(s->dev.stdev, &id), 0);
}

static bool readable(int fd)
{
	int events = sys_poll(fd);

	assert_int_equal(!(events & POLLIN), !(events & POLLRDNORM));
	return events & POLLIN;
}

static void test_veventq(void **state)
{
	struct scene s = scene();
	const uint32_t type = IOMMU_TEST_VEVENTQ_TYPE;
	uint32_t id, other;
	int fd, fd2;

	assert_int_equal(new_veventq(s.viommu, 0, 1, &id, &fd), -EOPNOTSUPP);
	/* There can be queues for what never comes. */
	assert_int_equal(new_veventq(s.viommu, IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, 1,
				     &id, &fd),
			 0);
	assert_int_equal(new_veventq(s.viommu, IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, 1,
				     &other, &fd2),
			 -EEXIST);
	sys_close(fd);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(new_veventq(s.viommu, type, 0, &id, &fd), -EINVAL);
	assert_int_equal(new_veventq(s.viommu, type, (1U << 19) + 1, &id, &fd),
			 -EINVAL);
	assert_int_equal(new_veventq(s.parent, type, 1, &id, &fd), -ENOENT);
	assert_int_equal(new_veventq(s.viommu, type, 1U << 19, &id, &fd), 0);
	assert_int_equal(new_veventq(s.viommu, type, 1, &other, &fd2), -EEXIST);
	assert_int_equal(mock_destroy(s.viommu), -EBUSY);
	assert_int_equal(mock_destroy(id), -EBUSY);
	sys_close(fd);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(new_veventq(s.viommu, type, 1, &id, &fd), 0);
	sys_close(fd);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(mock_destroy(s.viommu), 0);
}

static void test_events(void **state)
{
	struct scene s = scene();
	struct event e[4];
	uint32_t id, pt;
	int fd;

	assert_int_equal(trigger(s.dev.stdev), -ENOENT);
	assert_int_equal(trigger(s.dev.idev), -ENOENT);
	attach(&s, VIRT_ID);
	assert_int_equal(trigger(s.dev.idev), -EOPNOTSUPP);
	assert_int_equal(
		new_veventq(s.viommu, IOMMU_TEST_VEVENTQ_TYPE, 8, &id, &fd), 0);
	assert_false(readable(fd));
	assert_int_equal(sys_read(fd, e, sizeof(e)), 0);
	assert_int_equal(sys_read(fd, e, 0), -EINVAL);
	assert_int_equal(sys_read(fd, e, 7), -EINVAL);
	assert_int_equal(sys_read(fd, e, 8), 0);
	assert_int_equal(trigger(s.dev.idev), 0);
	assert_true(readable(fd));
	/* It does not fit, and is not lost. */
	assert_int_equal(sys_read(fd, e, 8), -EINVAL);
	assert_int_equal(sys_read(fd, e, 11), -EINVAL);
	assert_int_equal(sys_read(fd, (void *)PAGE, 12), -EFAULT);
	assert_true(readable(fd));
	assert_int_equal(sys_read(fd, e, sizeof(e)), 12);
	assert_int_equal(e[0].header.flags, 0);
	assert_int_equal(e[0].header.sequence, 0);
	assert_int_equal(e[0].data.virt_id, VIRT_ID);
	assert_false(readable(fd));
	assert_int_equal(trigger(s.dev.idev), 0);
	assert_int_equal(trigger(s.dev.idev), 0);
	assert_int_equal(trigger(s.dev.idev), 0);
	/* As many whole ones as fit. */
	assert_int_equal(sys_read(fd, e, 35), 24);
	assert_int_equal(e[0].header.sequence, 1);
	assert_int_equal(e[1].header.sequence, 2);
	assert_int_equal(sys_read(fd, e, sizeof(e)), 12);
	assert_int_equal(e[0].header.sequence, 3);
	assert_true(sys_write(fd, e, 12) < 0);
	/* Attached to something else it has no guest. */
	pt = s.ioas;
	assert_int_equal(mock_replace(s.dev.stdev, &pt), 0);
	assert_int_equal(trigger(s.dev.idev), -ENOENT);
	sys_close(fd);
}

/* A guest that calls a device 0 has no events from it. */
static void test_no_virt_id(void **state)
{
	struct scene s = scene();
	uint32_t id;
	int fd;

	assert_int_equal(
		new_veventq(s.viommu, IOMMU_TEST_VEVENTQ_TYPE, 8, &id, &fd), 0);
	attach(&s, 0);
	assert_int_equal(trigger(s.dev.idev), -ENOENT);
	sys_close(fd);
}

/* What finds no room is counted, and shows. */
static void test_lost(void **state)
{
	struct scene s = scene();
	struct event e[4];
	uint32_t id, i;
	int fd;

	attach(&s, VIRT_ID);
	assert_int_equal(
		new_veventq(s.viommu, IOMMU_TEST_VEVENTQ_TYPE, 2, &id, &fd), 0);
	for (i = 0; i != 5; i++)
		assert_int_equal(trigger(s.dev.idev), 0);
	assert_int_equal(sys_read(fd, e, 24), 24);
	assert_int_equal(e[0].header.sequence, 0);
	assert_int_equal(e[1].header.sequence, 1);
	/* Nothing follows: an entry of its own, which is a header only. */
	assert_true(readable(fd));
	assert_int_equal(sys_read(fd, e, sizeof(e)), 8);
	assert_int_equal(e[0].header.flags, IOMMU_VEVENTQ_FLAG_LOST_EVENTS);
	assert_int_equal(e[0].header.sequence, 4);
	assert_false(readable(fd));
	/* An event that follows shows it by its number. */
	for (i = 5; i != 8; i++)
		assert_int_equal(trigger(s.dev.idev), 0);
	assert_int_equal(sys_read(fd, e, 12), 12);
	assert_int_equal(e[0].header.sequence, 5);
	assert_int_equal(trigger(s.dev.idev), 0);
	assert_int_equal(sys_read(fd, e, sizeof(e)), 24);
	assert_int_equal(e[0].header.sequence, 6);
	assert_int_equal(e[0].header.flags, 0);
	assert_int_equal(e[1].header.sequence, 8);
	assert_int_equal(e[1].header.flags, 0);
	assert_false(readable(fd));
	/* All in one read, when both are there. */
	for (i = 9; i != 13; i++)
		assert_int_equal(trigger(s.dev.idev), 0);
	assert_int_equal(sys_read(fd, e, sizeof(e)), 32);
	assert_int_equal(e[0].header.sequence, 9);
	assert_int_equal(e[1].header.sequence, 10);
	assert_int_equal(e[2].header.flags, IOMMU_VEVENTQ_FLAG_LOST_EVENTS);
	assert_int_equal(e[2].header.sequence, 12);
	sys_close(fd);
	/* A queue that is destroyed takes with it what nobody has read. */
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(trigger(s.dev.idev), -EOPNOTSUPP);
}

/* Events are left over when everything is closed. */
static void test_left_over(void **state)
{
	struct scene s = scene();
	uint32_t id, i;
	int fd;

	attach(&s, VIRT_ID);
	assert_int_equal(
		new_veventq(s.viommu, IOMMU_TEST_VEVENTQ_TYPE, 3, &id, &fd), 0);
	for (i = 0; i != 6; i++)
		assert_int_equal(trigger(s.dev.idev), 0);
	sys_close(fd);
	assert_int_equal(trigger(s.dev.idev), 0);
}

/* ---- Queues -------------------------------------------------------- */

static long new_queue(uint32_t viommu, uint32_t type, uint32_t index,
		      uint64_t iova, uint64_t length, uint32_t *id)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.type = type,
		.index = index,
		.nesting_parent_iova = iova,
		.length = length,
	};
	long rc = sys_ioctl(t.fd, IOMMU_HW_QUEUE_ALLOC, &cmd);

	*id = cmd.out_hw_queue_id;
	return rc;
}

#define QUEUE(index, iova, length, id) \
	new_queue(s.viommu, IOMMU_TEST_HW_QUEUE_TYPE, index, iova, length, id)

static void test_hw_queue(void **state)
{
	struct scene s = scene();
	uint32_t one, two, id;

	assert_int_equal(mock_map(s.ioas, t.buf, PAGE, START), 0);
	assert_int_equal(mock_map(s.ioas, t.buf + PAGE, PAGE, START + PAGE), 0);
	assert_int_equal(new_queue(s.viommu, 0, 0, START, PAGE, &id),
			 -EOPNOTSUPP);
	assert_int_equal(new_queue(s.viommu, IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV,
				   0, START, PAGE, &id),
			 -EOPNOTSUPP);
	assert_int_equal(new_queue(s.parent, IOMMU_TEST_HW_QUEUE_TYPE, 0, START,
				   PAGE, &id),
			 -ENOENT);
	assert_int_equal(QUEUE(0, START, 0, &id), -EINVAL);
	assert_int_equal(QUEUE(0, UINT64_MAX, 2, &id), -EOVERFLOW);
	assert_int_equal(QUEUE(0, START + 8 * PAGE, PAGE, &id), -ENOENT);
	assert_int_equal(QUEUE(0, START + PAGE, 2 * PAGE, &id), -ENOENT);
	assert_int_equal(QUEUE(IOMMU_TEST_HW_QUEUES, START, PAGE, &id),
			 -EINVAL);
	/* One after the other. */
	assert_int_equal(QUEUE(1, START, PAGE, &id), -EIO);
	assert_int_equal(QUEUE(0, START, PAGE, &one), 0);
	assert_int_equal(QUEUE(0, START, PAGE, &id), -EEXIST);
	assert_int_equal(QUEUE(1, START + PAGE, 100, &two), 0);
	assert_int_equal(mock_destroy(one), -EBUSY);
	assert_int_equal(mock_destroy(s.viommu), -EBUSY);
	/* Their memory stays. */
	assert_int_equal(mock_unmap(s.ioas, START, PAGE), -EBUSY);
	assert_int_equal(mock_unmap(s.ioas, START + PAGE, PAGE), -EBUSY);
	assert_int_equal(mock_unmap(s.ioas, 0, UINT64_MAX), -EBUSY);
	assert_int_equal(mock_destroy(two), 0);
	assert_int_equal(mock_unmap(s.ioas, START + PAGE, PAGE), 0);
	assert_int_equal(mock_destroy(one), 0);
	assert_int_equal(mock_unmap(s.ioas, START, PAGE), 0);
	assert_int_equal(mock_check_refs(t.buf, 2 * PAGE, 0), 0);
	assert_int_equal(mock_destroy(s.viommu), 0);
}

/* Hardware reads it by physical address: it must be one piece. */
static void test_hw_queue_pieces(void **state)
{
	struct scene s = scene();
	uint32_t id;

	assert_int_equal(mock_map(s.ioas, t.buf, PAGE, START + PAGE), 0);
	assert_int_equal(mock_map(s.ioas, t.buf + 2 * PAGE, PAGE, START), 0);
	assert_int_equal(QUEUE(0, START, 2 * PAGE, &id), -EFAULT);
	assert_int_equal(mock_unmap(s.ioas, START, 2 * PAGE), 0);
	assert_int_equal(QUEUE(0, START, PAGE, &id), -ENOENT);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_viommu),     TEST(test_viommu_data),
		TEST(test_mmap),       TEST(test_vdevice),
		TEST(test_tombstone),  TEST(test_attach),
		TEST(test_invalidate), TEST(test_veventq),
		TEST(test_events),     TEST(test_no_virt_id),
		TEST(test_lost),       TEST(test_left_over),
		TEST(test_hw_queue),   TEST(test_hw_queue_pieces),
	};

	return cmocka_run_group_tests_name("mock-viommu", tests, NULL, NULL);
}
