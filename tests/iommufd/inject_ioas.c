/* SPDX-License-Identifier: MIT */
/*
 * Actions on I/O address spaces and on what needs no more than those.
 */
#include "inject.h"

#define IOVA INJECT_IOVA
#define NR   INJECT_PAGES

static long run_ioas_alloc(struct scene *s)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	long rc = rig_ioctl(s->rig, IOMMU_IOAS_ALLOC, &cmd);

	s->id = cmd.out_ioas_id;
	return rc;
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

static const struct inject_action actions[] = {
	{ .name = "ioas alloc", .run = run_ioas_alloc, .undo = inject_destroy },
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
	  .keeps = 2 },
	{ .name = "hwpt alloc", .run = run_hwpt, .undo = inject_destroy },
	{ .name = "attach", .run = run_attach, .undo = undo_attach },
	{ .name = "replace", .run = run_replace, .undo = undo_replace },
	{ .name = "bind", .run = run_bind, .undo = undo_bind },
	{ .name = "allow iovas", .run = run_allow, .undo = undo_allow },
	{ .name = "iova ranges", .run = run_ranges, .undo = inject_nothing },
	{ .name = "hw info", .run = run_hw_info, .undo = inject_nothing },
	{ .name = "option", .run = run_option, .undo = inject_nothing },
};

const struct inject_list inject_ioas = {
	.name = "ioas",
	INJECT_LIST(actions),
};
