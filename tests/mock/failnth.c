/* SPDX-License-Identifier: MIT */
/*
 * fail-nth: a thread lets the Nth thing of its requests fail, for each N until there is
 * none, as programs do that know Linux's fault injection.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mock.h"

static int open_failnth(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/fail-nth",
		 syscall(SYS_gettid));
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	return fd;
}

static void set(int fd, unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	assert_int_equal(write(fd, text, (size_t)len), len);
}

static unsigned int get(int fd)
{
	char text[16] = { 0 };

	assert_true(pread(fd, text, sizeof(text) - 1, 0) >= 2);
	return (unsigned int)atoi(text);
}

/* ---- The file ------------------------------------------------------ */

static void *other_thread(void *arg)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	assert_int_equal(sys_ioctl(t.fd, IOMMU_IOAS_ALLOC, &cmd), 0);
	return NULL;
}

static void test_file(void **state)
{
	int fd = open_failnth(), self = open("/proc/self/fail-nth", O_RDWR);
	char text[16];
	pthread_t thread;

	assert_true(self >= 0);
	assert_int_equal(get(fd), 0);
	set(fd, 1000);
	assert_int_equal(get(fd), 1000);
	/* The first thread of a process is its own task. */
	assert_int_equal(get(self), 1000);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_memory_equal(text, "1000\n", 5);
	assert_int_equal(read(fd, text, sizeof(text)), 0);
	assert_int_equal(write(fd, "0x10\n", 5), 5);
	assert_int_equal(get(fd), 16);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(write(fd, "-1", 2), -1);
	assert_int_equal(write(fd, "4294967296", 10), -1);
	assert_int_equal(errno, ERANGE);
	assert_int_equal(get(fd), 16);
	assert_int_equal(write(fd, "010", 3), 3);
	assert_int_equal(get(fd), 8);
	set(fd, 1);
	/* Another thread does not fail. */
	pthread_create(&thread, NULL, other_thread, NULL);
	pthread_join(thread, NULL);
	assert_int_equal(get(fd), 1);
	/* Nor does a child. */
	if (!fork()) {
		other_thread(NULL);
		_exit(0);
	}
	wait(NULL);
	assert_int_equal(get(fd), 1);
	close(self);
	set(fd, 0);
	assert_int_equal(get(fd), 0);
	close(fd);
	assert_int_equal(open("/proc/self/task/999999999/fail-nth", O_RDWR),
			 -1);
	assert_int_equal(errno, ENOENT);
}

/* What programs write before they use it is taken. */
static void test_debugfs(void **state)
{
	int dir = open("/sys/kernel/debug", O_RDONLY | O_DIRECTORY), fd;
	char text[8] = { 0 };
	struct stat st;

	assert_true(dir >= 0);
	fd = openat(dir, "failslab/ignore-gfp-wait", O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "N", 1), 1);
	assert_int_equal(pread(fd, text, 1, 0), 1);
	assert_string_equal(text, "N");
	close(fd);
	close(dir);
	assert_int_equal(
		stat("/sys/kernel/debug/fail_usercopy/probability", &st), 0);
	assert_int_equal(open("/sys/kernel/debug/fail_function", O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
}

/* ---- Scenarios ----------------------------------------------------- */

/*
 * What every step of a scenario goes through: if it fails, that was the failure asked
 * for, it has a reason, and the step succeeds when it is repeated.
 */
#define STEP(call)                                                      \
	do {                                                            \
		long rc_ = (call);                                      \
                                                                        \
		if (rc_ < 0) {                                          \
			assert_int_equal(get(fail), 0);                 \
			assert_true(rc_ == -ENOMEM || rc_ == -EFAULT || \
				    rc_ == -EMFILE);                    \
			assert_int_equal((call) < 0, 0);                \
		}                                                       \
	} while (0)

static long ioas_alloc(uint32_t *id)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	long rc = sys_ioctl(t.fd, IOMMU_IOAS_ALLOC, &cmd);

	*id = cmd.out_ioas_id;
	return rc;
}

static long create_access(uint32_t ioas, int *fd)
{
	struct iommu_test_cmd cmd = {
		.id = ioas,
		.create_access.flags = IOMMU_TEST_ACCESS_NEEDS_PIN,
	};
	long rc = mock_cmd(IOMMU_TEST_OP_CREATE_ACCESS, &cmd);

	*fd = (int)cmd.create_access.out_fd;
	return rc;
}

static long access_pages(int access, uint32_t *id)
{
	struct iommu_test_cmd cmd = {
		.id = (uint32_t)access,
		.pin.iova = START,
		.pin.length = 2 * PAGE,
		.pin.uptr = (uintptr_t)t.buf,
	};
	long rc = mock_cmd(IOMMU_TEST_OP_ACCESS_PAGES, &cmd);

	*id = cmd.pin.out_pages_id;
	return rc;
}

static long viommu_alloc(uint32_t idev, uint32_t parent, uint32_t *id)
{
	struct iommu_test_viommu data = { .in_data = 1 };
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = IOMMU_TEST_VIOMMU_TYPE,
		.dev_id = idev,
		.hwpt_id = parent,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};
	long rc = sys_ioctl(t.fd, IOMMU_VIOMMU_ALLOC, &cmd);

	*id = cmd.out_viommu_id;
	return rc;
}

static long veventq_alloc(uint32_t viommu, int *fd)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.type = IOMMU_TEST_VEVENTQ_TYPE,
		.veventq_depth = 4,
	};
	long rc = sys_ioctl(t.fd, IOMMU_VEVENTQ_ALLOC, &cmd);

	*fd = (int)cmd.out_veventq_fd;
	return rc;
}

/* It has happened when the answer cannot be written. */
static long unmap(uint32_t ioas)
{
	long rc = mock_unmap(ioas, START + 8 * PAGE, 4 * PAGE);

	return rc == -ENOENT ? 0 : rc;
}

static void scenario(int fail)
{
	uint32_t ioas, parent, viommu, pages;
	int access, events;
	struct mock_dev dev;

	STEP(ioas_alloc(&ioas));
	STEP(mock_map(ioas, t.buf, 4 * PAGE, START));
	STEP(mock_device(ioas, 0, &dev));
	STEP(mock_map(ioas, t.buf, 4 * PAGE, START + 8 * PAGE));
	STEP(mock_hwpt(dev.idev, ioas, IOMMU_HWPT_ALLOC_NEST_PARENT, &parent));
	STEP(viommu_alloc(dev.idev, parent, &viommu));
	STEP(veventq_alloc(viommu, &events));
	STEP(create_access(ioas, &access));
	STEP(access_pages(access, &pages));
	STEP(unmap(ioas));
	sys_close(access);
	sys_close(events);
}

static void test_scenario(void **state)
{
	int fail = open_failnth();
	unsigned int n;

	for (n = 1;; n++) {
		set(fail, n);
		scenario(fail);
		if (get(fail))
			break;
		sys_close(t.fd);
		t.fd = sys_open();
		assert_int_equal(mock_check_refs(t.buf, 8 * PAGE, 0), 0);
	}
	set(fail, 0);
	print_message("# %u failures\n", n - 1);
	assert_true(n > 50);
	close(fail);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_file),
		TEST(test_debugfs),
		TEST(test_scenario),
	};

	return cmocka_run_group_tests_name("mock-failnth", tests, NULL, NULL);
}
