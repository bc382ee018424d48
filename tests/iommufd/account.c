/* SPDX-License-Identifier: MIT */
/*
 * Who pays for pins, against which limit, and how another process takes over.
 */
#include <uiommu/access.h>

#include "rig.h"

#define IOVA 0x100000ULL

static long set_rlimit_mode(struct rig *rig, uint64_t value)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_SET,
		.val64 = value,
	};
	long rc;

	rig->privileged = true;
	rc = rig_ioctl(rig, IOMMU_OPTION, &cmd);
	rig->privileged = false;
	return rc;
}

static long change_process(struct rig *rig)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd) };

	return rig_ioctl(rig, IOMMU_IOAS_CHANGE_PROCESS, &cmd);
}

/* An IOAS with device 0 attached: what is mapped is pinned. */
static uint32_t pinning_ioas(struct rig *rig, unsigned int dev)
{
	uint32_t ioas = rig_ioas(rig), pt = ioas;

	rig_bind(rig, dev);
	assert_int_equal(rig_attach(rig, dev, &pt), 0);
	return ioas;
}

static void expect(const struct rig *rig, unsigned int process, int64_t none,
		   int64_t user, int64_t proc)
{
	const int64_t *mode = rig->account[process].mode;

	assert_int_equal(mode[UIOMMU_CHARGE_NONE], none);
	assert_int_equal(mode[UIOMMU_CHARGE_USER], user);
	assert_int_equal(mode[UIOMMU_CHARGE_PROCESS], proc);
}

static void test_user(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = pinning_ioas(rig, 0);

	rig->mem.limit = 4;
	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	expect(rig, 0, 0, 4, 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 0), -ENOMEM);
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, 0, PAGE, 0),
			 -ENOMEM);
	assert_int_equal(rig_unmap_all(rig, ioas), 4 * PAGE);
	expect(rig, 0, 0, 0, 0);
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, 0, PAGE, 0), 0);
	expect(rig, 0, 0, 1, 0);
}

static void test_process(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas;

	assert_int_equal(set_rlimit_mode(rig, 1), 0);
	ioas = pinning_ioas(rig, 0);
	rig->mem.limit = 4;
	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	expect(rig, 0, 0, 0, 4);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 0), -ENOMEM);
	assert_int_equal(set_rlimit_mode(rig, 0), -EBUSY);
}

/* The privilege counts that the caller had when it mapped. */
static void test_ipc_lock(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;

	rig->mem.limit = 1;
	rig->may_lock = true;
	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	rig->may_lock = false;
	assert_int_equal(rig_map_at(rig, ioas, 4 * PAGE, PAGE, IOVA + 4 * PAGE),
			 0);
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	expect(rig, 0, 4, 1, 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 0), -ENOMEM);
	rig->may_lock = true;
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 0), 0);
	expect(rig, 0, 5, 1, 0);
}

static void test_change(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = pinning_ioas(rig, 0), other = pinning_ioas(rig, 1);

	assert_int_equal(change_process(rig), 0);
	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, 0, 4 * PAGE, 0),
			 0);
	assert_int_equal(
		rig_map_file(rig, ioas, RIG_FILE_FD, 0, 2 * PAGE, IOVA), 0);
	/* A copy in another address space is the same storage. */
	assert_int_equal(rig_copy(rig, other, IOVA, ioas, 0, 4 * PAGE), 0);
	expect(rig, 0, 0, 6, 0);
	assert_int_equal(change_process(rig), 0);
	expect(rig, 0, 0, 6, 0);
	rig->process = 1;
	assert_int_equal(change_process(rig), 0);
	expect(rig, 0, 0, 0, 0);
	expect(rig, 1, 0, 6, 0);
	assert_int_equal(rig_unmap_all(rig, ioas), 6 * PAGE);
	expect(rig, 1, 0, 4, 0);
	assert_int_equal(rig->account[0].refs, 1);
	rig->process = 0;
	assert_int_equal(change_process(rig), 0);
	expect(rig, 0, 0, 4, 0);
	expect(rig, 1, 0, 0, 0);
}

/* What is not pinned yet is charged to the new process later. */
static void test_change_early(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;

	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, 0, 4 * PAGE, 0),
			 0);
	rig->process = 1;
	assert_int_equal(change_process(rig), 0);
	rig->process = 0;
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	expect(rig, 0, 0, 0, 0);
	expect(rig, 1, 0, 4, 0);
}

static void test_change_errors(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = pinning_ioas(rig, 0), plain = rig_ioas(rig);
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd),
						 .__reserved = 1 };
	uint32_t i;

	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_CHANGE_PROCESS, &cmd),
			 -EOPNOTSUPP);
	for (i = 0; i != 4; i++)
		assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, 0,
					      2 * PAGE, i * IOVA),
				 0);
	rig->process = 1;
	/* The limit of the new process: all or nothing. */
	rig->file.limit = 7;
	assert_int_equal(change_process(rig), -ENOMEM);
	expect(rig, 0, 0, 8, 0);
	expect(rig, 1, 0, 0, 0);
	rig->file.limit = 8;
	/* Memory that is no file's, even if it is not pinned. */
	assert_int_equal(rig_map_at(rig, plain, 0, PAGE, IOVA), 0);
	assert_int_equal(change_process(rig), -EINVAL);
	expect(rig, 0, 0, 8, 0);
	assert_int_equal(rig_unmap_all(rig, plain), PAGE);
	assert_int_equal(change_process(rig), 0);
	expect(rig, 0, 0, 0, 0);
	expect(rig, 1, 0, 8, 0);
}

/* Whatever fails, nothing has changed. */
static void test_change_failures(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = pinning_ioas(rig, 0);
	enum rig_fail what;
	unsigned int n;
	long rc;

	for (n = 0; n != 3; n++)
		assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, 0,
					      2 * PAGE, n * IOVA),
				 0);
	rig->process = 1;
	for (n = 1;; n++) {
		rig_fail_nth(n);
		rc = change_process(rig);
		what = rig_failed();
		rig_fail_nth(0);
		if (what == RIG_FAIL_NONE)
			break;
		assert_int_equal(rc, what == RIG_FAIL_COPY ? -EFAULT : -ENOMEM);
		expect(rig, 0, 0, 6, 0);
		expect(rig, 1, 0, 0, 0);
	}
	assert_int_equal(rc, 0);
	assert_true(n > 3);
	expect(rig, 1, 0, 6, 0);
}

static void nothing_to_unmap(void *data, uint64_t iova, uint64_t length)
{
}

/* An access pins on the account of whoever mapped. */
static void test_access(void **state)
{
	static const struct iommufd_access_ops ops = {
		.needs_pin_pages = true,
		.unmap = nothing_to_unmap,
	};
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), id;
	struct iommufd_access_pin *pin;
	struct iommufd_access *access;

	assert_int_equal(rig_map_file(rig, ioas, RIG_FILE_FD, 0, 4 * PAGE, 0),
			 0);
	assert_int_equal(
		iommufd_access_create(rig->fd, &ops, NULL, &id, &access), 0);
	assert_int_equal(iommufd_access_attach(access, ioas), 0);
	rig->process = 1;
	assert_int_equal(iommufd_access_pin_pages(access, PAGE, 2 * PAGE, NULL,
						  0, &pin),
			 0);
	expect(rig, 0, 0, 2, 0);
	assert_int_equal(change_process(rig), 0);
	expect(rig, 0, 0, 0, 0);
	expect(rig, 1, 0, 2, 0);
	iommufd_access_unpin_pages(pin);
	expect(rig, 1, 0, 0, 0);
	iommufd_access_destroy(access);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_user),
		TEST(test_process),
		TEST(test_ipc_lock),
		TEST(test_change),
		TEST(test_change_early),
		TEST(test_change_errors),
		TEST(test_change_failures),
		TEST(test_access),
	};

	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
