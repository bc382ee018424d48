/* SPDX-License-Identifier: MIT */
/*
 * Every copy, pin, charge, allocation and page table of every request fails once.
 * Each failure gives the right error and leaves nothing behind, and the request
 * succeeds when it is repeated.
 */
#include "rig.h"

#define IOVA 0x10000000ULL
#define NR   16UL

/**
 * struct scene - what a request works on
 * @ioas: an IOAS with device 0 attached and an area of NR pages
 * @plain: one without page tables, with an area of NR pages
 * @id: what the request has made
 * @fresh: a range that has never been mapped before
 */
struct scene {
	struct rig *rig;
	uint32_t ioas;
	uint32_t plain;
	uint32_t id;
	uint64_t fresh;
};

/**
 * struct action - a request under test
 * @run: do it
 * @undo: undo it, when it has succeeded
 * @tables_stay: page tables that a failed map has made stay, empty, for the next one
 * @cuts_stay: the pins of the area that is copied are counted in pieces from then on
 */
struct action {
	const char *name;
	long (*run)(struct scene *s);
	void (*undo)(struct scene *s);
	bool tables_stay;
	bool cuts_stay;
};

static long run_ioas_alloc(struct scene *s)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	long rc = rig_ioctl(s->rig, IOMMU_IOAS_ALLOC, &cmd);

	s->id = cmd.out_ioas_id;
	return rc;
}

static void undo_destroy(struct scene *s)
{
	assert_int_equal(rig_destroy(s->rig, s->id), 0);
}

/* Into page tables, page by page, beyond what tables there are. */
static long run_map(struct scene *s)
{
	return rig_map_at(s->rig, s->ioas, 64 * PAGE, NR * PAGE, 1ULL << 40);
}

/* Where no page table has been yet, across the border of two. */
static long run_map_fresh(struct scene *s)
{
	long rc;

	rc = rig_map_at(s->rig, s->ioas, 64 * PAGE, NR * PAGE, s->fresh);
	if (rc)
		rig_check_blocked(s->rig, 0, s->fresh, NR * PAGE);
	return rc;
}

static void undo_map_fresh(struct scene *s)
{
	assert_int_equal(rig_unmap(s->rig, s->ioas, s->fresh, NR * PAGE),
			 NR * PAGE);
	s->fresh += 1ULL << 39;
}

static long run_map_automatic(struct scene *s)
{
	uint64_t iova = 0;

	return rig_map(s->rig, s->ioas, RIG_RW, 64 * PAGE, NR * PAGE, &iova);
}

static void undo_map(struct scene *s)
{
	assert_int_equal(rig_unmap(s->rig, s->ioas, 0, IOVA), NR * PAGE);
}

static long run_map_plain(struct scene *s)
{
	return rig_map_at(s->rig, s->plain, 0, NR * PAGE, 1ULL << 40);
}

static long run_map_file(struct scene *s)
{
	return rig_map_file(s->rig, s->ioas, RIG_FILE_FD, 0, NR * PAGE,
			    1ULL << 40);
}

/* Part of it is pinned already. */
static long run_copy(struct scene *s)
{
	return rig_copy(s->rig, s->ioas, 1ULL << 40, s->plain, IOVA, NR * PAGE);
}

static void undo_unmap_high(struct scene *s)
{
	assert_int_equal(rig_unmap(s->rig, s->ioas, 1ULL << 40, NR * PAGE),
			 NR * PAGE);
}

static long run_copy_part(struct scene *s)
{
	return rig_copy(s->rig, s->ioas, 1ULL << 40, s->ioas, IOVA + 3 * PAGE,
			4 * PAGE);
}

static void undo_copy_part(struct scene *s)
{
	assert_int_equal(rig_unmap(s->rig, s->ioas, 1ULL << 40, 4 * PAGE),
			 4 * PAGE);
	/* The storage is cut in pieces now; start again with a whole one. */
	assert_int_equal(rig_unmap(s->rig, s->ioas, IOVA, NR * PAGE),
			 NR * PAGE);
	assert_int_equal(rig_map_at(s->rig, s->ioas, 0, NR * PAGE, IOVA), 0);
}

static void undo_unmap_plain(struct scene *s)
{
	assert_int_equal(rig_unmap(s->rig, s->plain, 1ULL << 40, NR * PAGE),
			 NR * PAGE);
}

/* A page table for what is mapped: everything is pinned and mapped now. */
static long run_hwpt(struct scene *s)
{
	return rig_hwpt(s->rig, 0, s->plain, &s->id);
}

static long run_attach(struct scene *s)
{
	s->id = s->plain;
	return rig_attach(s->rig, 1, &s->id);
}

static void undo_attach(struct scene *s)
{
	iommufd_device_detach(s->rig->idev[1]);
}

static long run_replace(struct scene *s)
{
	s->id = s->plain;
	return rig_attach(s->rig, 0, &s->id);
}

static void undo_replace(struct scene *s)
{
	uint32_t id = s->ioas;

	assert_int_equal(rig_attach(s->rig, 0, &id), 0);
}

static long run_bind(struct scene *s)
{
	return iommufd_device_bind(s->rig->fd, s->rig->dev[2], &s->id,
				   &s->rig->idev[2]);
}

static void undo_bind(struct scene *s)
{
	rig_unbind(s->rig, 2);
}

static long run_allow(struct scene *s)
{
	struct iommu_iova_range range[100];
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd),
		.ioas_id = s->ioas,
		.num_iovas = 100,
		.allowed_iovas = (uintptr_t)range,
	};
	unsigned int i;

	for (i = 0; i != 100; i++) {
		range[i].start = i * PAGE;
		range[i].last = (i + 1) * PAGE - 1;
	}
	return rig_ioctl(s->rig, IOMMU_IOAS_ALLOW_IOVAS, &cmd);
}

static void undo_allow(struct scene *s)
{
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd),
		.ioas_id = s->ioas,
	};

	assert_int_equal(rig_ioctl(s->rig, IOMMU_IOAS_ALLOW_IOVAS, &cmd), 0);
}

static long run_ranges(struct scene *s)
{
	struct iommu_iova_range range[8];
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = s->ioas,
		.num_iovas = 8,
		.allowed_iovas = (uintptr_t)range,
	};

	return rig_ioctl(s->rig, IOMMU_IOAS_IOVA_RANGES, &cmd);
}

static long run_hw_info(struct scene *s)
{
	uint8_t data[64];
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.dev_id = s->rig->idev_id[0],
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)data,
	};

	return rig_ioctl(s->rig, IOMMU_GET_HW_INFO, &cmd);
}

static long run_option(struct scene *s)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_GET,
		.object_id = s->ioas,
	};

	return rig_ioctl(s->rig, IOMMU_OPTION, &cmd);
}

static void undo_nothing(struct scene *s)
{
}

static const struct action actions[] = {
	{ .name = "ioas alloc", .run = run_ioas_alloc, .undo = undo_destroy },
	{ .name = "map", .run = run_map, .undo = undo_unmap_high },
	{ .name = "map where no table is",
	  .run = run_map_fresh,
	  .undo = undo_map_fresh,
	  .tables_stay = true },
	{ .name = "map automatic", .run = run_map_automatic, .undo = undo_map },
	{ .name = "map without tables",
	  .run = run_map_plain,
	  .undo = undo_unmap_plain },
	{ .name = "map file", .run = run_map_file, .undo = undo_unmap_high },
	{ .name = "copy", .run = run_copy, .undo = undo_unmap_high },
	{ .name = "copy part",
	  .run = run_copy_part,
	  .undo = undo_copy_part,
	  .cuts_stay = true },
	{ .name = "hwpt alloc", .run = run_hwpt, .undo = undo_destroy },
	{ .name = "attach", .run = run_attach, .undo = undo_attach },
	{ .name = "replace", .run = run_replace, .undo = undo_replace },
	{ .name = "bind", .run = run_bind, .undo = undo_bind },
	{ .name = "allow iovas", .run = run_allow, .undo = undo_allow },
	{ .name = "iova ranges", .run = run_ranges, .undo = undo_nothing },
	{ .name = "hw info", .run = run_hw_info, .undo = undo_nothing },
	{ .name = "option", .run = run_option, .undo = undo_nothing },
};

static long expected(enum rig_fail fail)
{
	return fail == RIG_FAIL_COPY || fail == RIG_FAIL_PIN ? -EFAULT
							     : -ENOMEM;
}

static void check_same(struct scene *s, const struct action *action,
		       struct rig_snapshot *before)
{
	struct rig_snapshot now;

	rig_snapshot(s->rig, &now);
	if (action->tables_stay)
		before->tables = now.tables;
	if (action->cuts_stay && now.allocations <= before->allocations + 2)
		before->allocations = now.allocations;
	rig_same(s->rig, before);
}

/* Return: how many failures there were until it succeeded. */
static unsigned int fail_each(struct scene *s, const struct action *action)
{
	struct rig_snapshot before;
	unsigned int n;
	long rc;

	/* Once without: what is allocated once and kept is there then. */
	assert_int_equal(action->run(s), 0);
	action->undo(s);
	for (n = 1;; n++) {
		rig_snapshot(s->rig, &before);
		rig_fail_nth(n);
		rc = action->run(s);
		if (rig_failed() == RIG_FAIL_NONE)
			break;
		assert_int_equal(rc, expected(rig_failed()));
		rig_fail_nth(0);
		check_same(s, action, &before);
		rig_check(s->rig, 0, IOVA, 0, NR * PAGE);
		assert_int_equal(action->run(s), 0);
		action->undo(s);
		check_same(s, action, &before);
	}
	rig_fail_nth(0);
	assert_int_equal(rc, 0);
	action->undo(s);
	return n - 1;
}

static void scene_init(struct scene *s, const char *format)
{
	struct rig *rig = rig_new(format);
	uint32_t pt, hwpt;

	s->fresh = (1ULL << 39) + (2 << 20) - NR / 2 * PAGE;
	s->rig = rig;
	rig->mem.flip = true;
	rig->mem.max_runs = 3;
	rig->file.flip = true;
	rig_bind(rig, 0);
	rig_bind(rig, 1);
	s->ioas = pt = rig_ioas(rig);
	s->plain = rig_ioas(rig);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(rig_map_at(rig, s->ioas, 0, NR * PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(rig, s->plain, 0, NR * PAGE, IOVA), 0);
	/* A second page table, that nobody is attached to, is filled as well. */
	assert_int_equal(rig_hwpt(rig, 1, s->ioas, &hwpt), 0);
	/* Some pages of the other area are pinned already. */
	assert_int_equal(rig_copy(rig, s->ioas, 2 * IOVA, s->plain,
				  IOVA + 4 * PAGE, 4 * PAGE),
			 0);
}

static void fail_all(const char *format)
{
	struct scene s;
	unsigned int i, n;

	scene_init(&s, format);
	for (i = 0; i != sizeof(actions) / sizeof(actions[0]); i++) {
		n = fail_each(&s, &actions[i]);
		assert_true(n >= 2);
		print_message("# %s: %s: %u failures\n", format,
			      actions[i].name, n);
	}
	rig_free(s.rig);
}

static void test_vtdss(void **state)
{
	fail_all("vtdss");
}

static void test_amdv1(void **state)
{
	fail_all("amdv1");
}

/* Any one page of a map may be the one that cannot be pinned. */
static void test_each_page(void **state)
{
	struct rig_snapshot before;
	struct scene s;
	int64_t page;
	uint32_t id;

	scene_init(&s, "vtdss");
	assert_int_equal(rig_unmap(s.rig, s.ioas, 2 * IOVA, 4 * PAGE),
			 4 * PAGE);
	for (page = 0; page != NR; page++) {
		s.rig->mem.bad = 64 + page;
		s.rig->mem.max_runs = 1 + (size_t)page % 4;
		rig_snapshot(s.rig, &before);
		assert_int_equal(run_map(&s), -EFAULT);
		rig_same(s.rig, &before);
		s.rig->mem.bad = page;
		assert_int_equal(rig_hwpt(s.rig, 0, s.plain, &id), -EFAULT);
		rig_same(s.rig, &before);
		s.rig->mem.bad = -1;
		assert_int_equal(run_map(&s), 0);
		undo_unmap_high(&s);
	}
	rig_free(s.rig);
}

/*
 * An unmap has happened when the answer cannot be written: the areas are gone, and
 * nothing else is.
 */
static void test_unmap(void **state)
{
	struct rig_snapshot before;
	struct scene s;

	scene_init(&s, "vtdss");
	assert_int_equal(run_map(&s), 0);
	undo_unmap_high(&s);
	rig_snapshot(s.rig, &before);
	assert_int_equal(run_map(&s), 0);
	rig_fail_nth(2);
	assert_int_equal(rig_unmap(s.rig, s.ioas, 1ULL << 40, NR * PAGE),
			 -EFAULT);
	assert_int_equal(rig_failed(), RIG_FAIL_COPY);
	rig_fail_nth(0);
	rig_same(s.rig, &before);
	assert_int_equal(rig_unmap(s.rig, s.ioas, 1ULL << 40, NR * PAGE),
			 -ENOENT);
	rig_free(s.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vtdss),
		cmocka_unit_test(test_amdv1),
		cmocka_unit_test(test_each_page),
		cmocka_unit_test(test_unmap),
	};

	return cmocka_run_group_tests_name("inject", tests, NULL, NULL);
}
