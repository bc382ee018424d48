/* SPDX-License-Identifier: MIT */
/*
 * Accesses: pinning, reading and writing by IOVA. And DMA buffers.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mock.h"

static long create(uint32_t ioas, uint32_t flags, int *fd)
{
	struct iommu_test_cmd cmd = {
		.id = ioas,
		.create_access.flags = flags,
	};
	long rc = mock_cmd(IOMMU_TEST_OP_CREATE_ACCESS, &cmd);

	if (!rc)
		*fd = (int)cmd.create_access.out_fd;
	return rc;
}

static int new_access(uint32_t ioas, uint32_t flags)
{
	int fd = -1;

	assert_int_equal(create(ioas, flags, &fd), 0);
	return fd;
}

static long pin(int access, uint32_t flags, uint64_t iova, uint64_t length,
		const void *va, uint32_t *id)
{
	struct iommu_test_cmd cmd = {
		.id = (uint32_t)access,
		.pin.flags = flags,
		.pin.iova = iova,
		.pin.length = length,
		.pin.uptr = (uintptr_t)va,
	};
	long rc = mock_cmd(IOMMU_TEST_OP_ACCESS_PAGES, &cmd);

	*id = cmd.pin.out_pages_id;
	return rc;
}

static long unpin(int access, uint32_t id)
{
	struct iommu_test_cmd cmd = {
		.id = (uint32_t)access,
		.unpin.pages_id = id,
	};

	return mock_cmd(IOMMU_TEST_OP_DESTROY_ACCESS_PAGES, &cmd);
}

static long rw(int access, uint32_t flags, uint64_t iova, void *buf,
	       uint64_t length)
{
	struct iommu_test_cmd cmd = {
		.id = (uint32_t)access,
		.rw.iova = iova,
		.rw.length = length,
		.rw.uptr = (uintptr_t)buf,
		.rw.flags = flags,
	};

	return mock_cmd(IOMMU_TEST_OP_ACCESS_RW, &cmd);
}

static long replace(int access, uint32_t ioas)
{
	struct iommu_test_cmd cmd = {
		.id = (uint32_t)access,
		.replace_ioas.ioas_id = ioas,
	};

	return mock_cmd(IOMMU_TEST_OP_ACCESS_REPLACE_IOAS, &cmd);
}

#define NEEDS_PIN IOMMU_TEST_ACCESS_NEEDS_PIN
#define WRITE     IOMMU_TEST_ACCESS_WRITE
#define SLOW      IOMMU_TEST_ACCESS_SLOW
#define SYZ       IOMMU_TEST_ACCESS_SYZ

static void test_life(void **state)
{
	uint32_t ioas = mock_ioas(), id;
	char c;
	int fd;

	assert_int_equal(create(ioas, 1U << 1, &fd), -EOPNOTSUPP);
	assert_int_equal(create(ioas + 1, 0, &fd), -ENOENT);
	fd = new_access(ioas, 0);
	assert_int_equal(mock_destroy(ioas), -EBUSY);
	/* Only close works on it. */
	assert_int_not_equal(sys_read(fd, &c, 1), 1);
	assert_int_equal(unpin(t.fd, 0), -EBADFD);
	assert_int_equal(unpin(60, 0), -EBADFD);
	assert_int_equal(unpin(-1, 0), -EBADFD);
	assert_int_equal(pin(t.fd, 0, START, PAGE, NULL, &id), -EBADFD);
	assert_int_equal(rw(t.fd, 0, START, t.buf, 1), -EBADFD);
	assert_int_equal(replace(t.fd, ioas), -EBADFD);
	sys_close(fd);
	assert_int_equal(mock_destroy(ioas), 0);
}

/* An access keeps the whole context when /dev/iommu is closed. */
static void test_outlives(void **state)
{
	uint32_t ioas = mock_ioas(), id;
	int fd = new_access(ioas, NEEDS_PIN);

	assert_int_equal(mock_map(ioas, t.buf, 2 * PAGE, START), 0);
	assert_int_equal(pin(fd, 0, START, PAGE, t.buf, &id), 0);
	mock_new_device(ioas, 0);
	sys_close(t.fd);
	t.fd = sys_open();
	assert_int_equal(mock_check_refs(t.buf, 2 * PAGE, 1), 0);
	sys_close(fd);
	assert_int_equal(mock_check_refs(t.buf, 2 * PAGE, 0), 0);
}

static void test_pin(void **state)
{
	uint32_t ioas = mock_ioas(), id, other;
	int plain = new_access(ioas, 0), fd = new_access(ioas, NEEDS_PIN);

	assert_int_equal(mock_map(ioas, t.buf, 4 * PAGE, START), 0);
	assert_int_equal(pin(plain, 0, START, PAGE, NULL, &id), -EOPNOTSUPP);
	assert_int_equal(pin(fd, 1U << 1, START, PAGE, NULL, &id), -EOPNOTSUPP);
	assert_int_equal(pin(fd, 0, START, (16U << 20) + 1, NULL, &id),
			 -ENOMEM);
	assert_int_equal(pin(fd, 0, START, 0, NULL, &id), -EINVAL);
	assert_int_equal(pin(fd, 0, UINT64_MAX, 2, NULL, &id), -EOVERFLOW);
	assert_int_equal(pin(fd, 0, START, 5 * PAGE, NULL, &id), -ENOENT);
	assert_int_equal(pin(fd, 0, START - PAGE, PAGE, NULL, &id), -ENOENT);
	/* Numbers count from 0, for each access. */
	assert_int_equal(pin(fd, 0, START, PAGE, t.buf, &id), 0);
	assert_int_equal(id, 0);
	assert_int_equal(pin(fd, WRITE, START + PAGE, 2 * PAGE, t.buf + PAGE,
			     &other),
			 0);
	assert_int_equal(other, 1);
	assert_int_equal(mock_check_refs(t.buf, 3 * PAGE, 1), 0);
	assert_int_equal(mock_check_refs(t.buf + 3 * PAGE, PAGE, 0), 0);
	/* The pages have to be those at the address. */
	assert_int_equal(pin(fd, 0, START, PAGE, t.buf + PAGE, &id), -EBADE);
	assert_int_equal(pin(fd, 0, START, PAGE, (void *)PAGE, &id), -EFAULT);
	/* From where a page begins, to anywhere. */
	assert_int_equal(pin(fd, 0, START + 100, 2 * PAGE, t.buf + 100, &id),
			 -EINVAL);
	assert_int_equal(pin(fd, 0, START, 2 * PAGE + 100, t.buf, &id), 0);
	assert_int_equal(id, 2);
	assert_int_equal(mock_check_refs(t.buf, 3 * PAGE, 1), 0);
	assert_int_equal(unpin(fd, 3), -ENOENT);
	assert_int_equal(unpin(fd, 2), 0);
	assert_int_equal(unpin(fd, 2), -ENOENT);
	assert_int_equal(unpin(fd, 0), 0);
	assert_int_equal(mock_check_refs(t.buf, PAGE, 0), 0);
	assert_int_equal(unpin(fd, 1), 0);
	assert_int_equal(mock_check_refs(t.buf, 4 * PAGE, 0), 0);
	sys_close(plain);
	sys_close(fd);
}

static void test_permissions(void **state)
{
	uint32_t ioas = mock_ioas(), id;
	int fd = new_access(ioas, NEEDS_PIN);
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)t.buf,
		.length = PAGE,
		.iova = START,
	};
	char c;

	assert_int_equal(sys_ioctl(t.fd, IOMMU_IOAS_MAP, &map), 0);
	assert_int_equal(pin(fd, 0, START, PAGE, t.buf, &id), 0);
	assert_int_equal(pin(fd, WRITE, START, PAGE, t.buf, &id), -EPERM);
	assert_int_equal(rw(fd, 0, START, &c, 1), 0);
	assert_int_equal(rw(fd, WRITE, START, &c, 1), -EPERM);
	sys_close(fd);
}

/* What is unmapped is not pinned any more, and its items are gone. */
static void test_unmap(void **state)
{
	uint32_t ioas = mock_ioas(), one, two;
	int fd = new_access(ioas, NEEDS_PIN);

	assert_int_equal(mock_map(ioas, t.buf, PAGE, START), 0);
	assert_int_equal(mock_map(ioas, t.buf + PAGE, PAGE, START + PAGE), 0);
	assert_int_equal(pin(fd, 0, START, PAGE, t.buf, &one), 0);
	assert_int_equal(pin(fd, 0, START + PAGE, PAGE, t.buf + PAGE, &two), 0);
	assert_int_equal(mock_unmap(ioas, START, PAGE), 0);
	assert_int_equal(unpin(fd, one), -ENOENT);
	assert_int_equal(mock_check_refs(t.buf, PAGE, 0), 0);
	assert_int_equal(mock_check_refs(t.buf + PAGE, PAGE, 1), 0);
	assert_int_equal(unpin(fd, two), 0);
	sys_close(fd);
}

/* Pages that are pinned are whole pages of ours. */
static void test_alignment(void **state)
{
	uint32_t ioas = mock_ioas();
	int fd;

	mock_new_device(ioas, 0);
	assert_int_equal(mock_map(ioas, t.buf, 2048, START), 0);
	assert_int_equal(create(ioas, NEEDS_PIN, &fd), -EADDRINUSE);
	fd = new_access(ioas, 0);
	sys_close(fd);
	assert_int_equal(mock_unmap(ioas, START, 2048), 0);
	fd = new_access(ioas, NEEDS_PIN);
	assert_int_equal(mock_map(ioas, t.buf, 2048, START), -EINVAL);
	assert_int_equal(mock_map(ioas, t.buf, PAGE, START), 0);
	sys_close(fd);
	assert_int_equal(mock_map(ioas, t.buf, 2048, START + PAGE), 0);
}

static void test_replace(void **state)
{
	uint32_t ioas = mock_ioas(), other = mock_ioas(), id;
	int fd = new_access(ioas, NEEDS_PIN);

	assert_int_equal(mock_map(ioas, t.buf, PAGE, START), 0);
	assert_int_equal(mock_map(other, t.buf + PAGE, PAGE, START), 0);
	assert_int_equal(pin(fd, 0, START, PAGE, t.buf, &id), 0);
	assert_int_equal(replace(fd, 0xffff), -ENOENT);
	assert_int_equal(unpin(fd, id), 0);
	assert_int_equal(pin(fd, 0, START, PAGE, t.buf, &id), 0);
	assert_int_equal(replace(fd, other), 0);
	assert_int_equal(unpin(fd, id), -ENOENT);
	assert_int_equal(mock_check_refs(t.buf, PAGE, 0), 0);
	assert_int_equal(pin(fd, 0, START, PAGE, t.buf + PAGE, &id), 0);
	assert_int_equal(mock_destroy(other), -EBUSY);
	assert_int_equal(mock_destroy(ioas), 0);
	sys_close(fd);
	assert_int_equal(mock_destroy(other), 0);
}

static void test_rw(void **state)
{
	uint32_t ioas = mock_ioas();
	int fd = new_access(ioas, 0);
	uint8_t data[3 * PAGE], back[3 * PAGE];
	size_t i;

	for (i = 0; i != sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	/* Two areas side by side, from different places. */
	assert_int_equal(mock_map(ioas, t.buf, 2 * PAGE, START), 0);
	assert_int_equal(mock_map(ioas, t.buf + 8 * PAGE, 2 * PAGE,
				  START + 2 * PAGE),
			 0);
	assert_int_equal(rw(fd, WRITE, START + 100, data, sizeof(data)), 0);
	assert_memory_equal(t.buf + 100, data, 2 * PAGE - 100);
	assert_memory_equal(t.buf + 8 * PAGE, data + 2 * PAGE - 100,
			    PAGE + 100);
	assert_int_equal(rw(fd, 0, START + 100, back, sizeof(back)), 0);
	assert_memory_equal(data, back, sizeof(data));
	assert_int_equal(rw(fd, SLOW, START + 101, back, 1), 0);
	assert_int_equal(back[0], data[1]);
	assert_int_equal(rw(fd, 1U << 1, START, back, 1), -EOPNOTSUPP);
	assert_int_equal(rw(fd, 0, START, back, (16U << 20) + 1), -ENOMEM);
	assert_int_equal(rw(fd, 0, START, back, 0), -EINVAL);
	assert_int_equal(rw(fd, 0, START - 1, back, 2), -ENOENT);
	assert_int_equal(rw(fd, 0, START + 4 * PAGE - 1, back, 2), -ENOENT);
	assert_int_equal(rw(fd, 0, UINT64_MAX, back, 2), -EOVERFLOW);
	assert_int_equal(rw(fd, 0, START, (void *)PAGE, 1), -EFAULT);
	assert_int_equal(rw(fd, WRITE, START, (void *)PAGE, 1), -EFAULT);
	sys_close(fd);
}

/* An IOVA by the number of the area, for fuzzers. */
static void test_syz(void **state)
{
	struct iommu_test_syz_iova iova = { .area = 1, .offset = 16 };
	const struct iommu_test_syz_iova none = { .area = 2 };
	uint32_t ioas = mock_ioas(), id;
	int fd = new_access(ioas, NEEDS_PIN);
	uint64_t coded;
	uint8_t c;

	assert_int_equal(mock_map(ioas, t.buf, PAGE, START), 0);
	assert_int_equal(mock_map(ioas, t.buf + PAGE, PAGE, START + 8 * PAGE),
			 0);
	t.buf[PAGE + 16] = 0xa7;
	memcpy(&coded, &iova, sizeof(coded));
	assert_int_equal(rw(fd, SYZ, coded, &c, 1), 0);
	assert_int_equal(c, 0xa7);
	assert_int_equal(pin(fd, SYZ, coded, 16, t.buf + PAGE + 16, &id),
			 -EINVAL);
	iova.offset = 0;
	memcpy(&coded, &iova, sizeof(coded));
	assert_int_equal(pin(fd, SYZ, coded, 16, t.buf + PAGE, &id), 0);
	assert_int_equal(unpin(fd, id), 0);
	memcpy(&coded, &none, sizeof(coded));
	assert_int_equal(rw(fd, SYZ, coded, &c, 1), -ENOENT);
	sys_close(fd);
}

/* ---- DMA buffers --------------------------------------------------- */

/* Linux 7.3 returns 0 instead of the descriptor, which is the lowest free one. */
static long get_dmabuf(uint32_t length)
{
	struct iommu_test_cmd cmd = {
		.dmabuf_get.length = length,
		.dmabuf_get.open_flags = O_RDWR | O_CLOEXEC,
	};
	int next = dup(STDERR_FILENO);
	long fd;

	close(next);
	fd = mock_cmd(IOMMU_TEST_OP_DMABUF_GET, &cmd);
	return fd ? fd : next;
}

static long set_revoked(int fd, bool revoked)
{
	struct iommu_test_cmd cmd = {
		.dmabuf_revoke.fd = fd,
		.dmabuf_revoke.revoked = revoked,
	};

	return mock_cmd(IOMMU_TEST_OP_DMABUF_REVOKE, &cmd);
}

static long map_file(uint32_t ioas, int fd, uint64_t start, uint64_t length,
		     uint64_t iova)
{
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.fd = fd,
		.start = start,
		.length = length,
		.iova = iova,
	};

	return sys_ioctl(t.fd, IOMMU_IOAS_MAP_FILE, &cmd);
}

static void test_dmabuf(void **state)
{
	uint32_t ioas = mock_ioas(), hwpt, other = mock_ioas();
	int access = new_access(ioas, 0), fd;
	struct mock_dev dev;
	char c;

	assert_int_equal(get_dmabuf(0), -EINVAL);
	assert_int_equal(get_dmabuf(512 * PAGE + 1), -EINVAL);
	assert_int_equal(get_dmabuf(UINT32_MAX), -EINVAL);
	fd = (int)get_dmabuf(PAGE + 1);
	assert_true(fd >= 0);
	assert_int_equal(map_file(ioas, fd, PAGE, 2 * PAGE, START), -EINVAL);
	assert_int_equal(map_file(ioas, fd, 0, 2 * PAGE, START), 0);
	assert_int_equal(map_file(ioas, fd, PAGE, PAGE, START + 8 * PAGE), 0);
	/* The CPU cannot touch it. */
	assert_int_equal(rw(access, 0, START, &c, 1), -EINVAL);
	dev = mock_new_device(ioas, 0);
	assert_int_equal(mock_hwpt(dev.idev, ioas, 0, &hwpt), 0);
	assert_int_equal(mock_destroy(hwpt), 0);
	assert_int_equal(set_revoked(fd, true), 0);
	assert_int_equal(map_file(ioas, fd, 0, PAGE, START + 4 * PAGE),
			 -ENODEV);
	/* What is mapped stays so, and leads nowhere. */
	assert_int_equal(mock_hwpt(dev.idev, ioas, 0, &hwpt), 0);
	mock_new_device(other, 0);
	assert_int_equal(mock_unmap(ioas, START, 2 * PAGE), 0);
	assert_int_equal(set_revoked(fd, false), 0);
	assert_int_equal(map_file(ioas, fd, 0, PAGE, START), 0);
	/* Maps keep it when the descriptor is closed. */
	sys_close(fd);
	assert_int_equal(mock_hwpt(dev.idev, ioas, 0, &hwpt), 0);
	assert_int_equal(mock_unmap(ioas, START, PAGE), 0);
	assert_int_equal(set_revoked(t.fd, true), -EINVAL);
	assert_int_equal(set_revoked(access, true), -EINVAL);
	assert_int_equal(set_revoked(60, true), -EBADF);
	assert_int_equal(set_revoked(-1, true), -EBADF);
	sys_close(access);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_life),    TEST(test_outlives),
		TEST(test_pin),     TEST(test_permissions),
		TEST(test_unmap),   TEST(test_alignment),
		TEST(test_replace), TEST(test_rw),
		TEST(test_syz),     TEST(test_dmabuf),
	};

	return cmocka_run_group_tests_name("mock-access", tests, NULL, NULL);
}
