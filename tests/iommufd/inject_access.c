/* SPDX-License-Identifier: MIT */
/*
 * Actions on accesses, on borders of areas, and on who pays.
 */
#include <uiommu/access.h>

#include "iommufd/ioas.h"
#include "inject.h"

#define IOVA INJECT_IOVA
#define NR   INJECT_PAGES

/**
 * struct part - what is there beside the scene
 * @access: attached to @ioas
 * @made: what the action has created
 * @pin: what it has pinned
 * @ioas: two areas in a row; half of the first one is pinned for a page table
 * @other: a context in which only files are mapped
 */
struct part {
	struct iommufd_access *access;
	struct iommufd_access *made;
	struct iommufd_access_pin *pin;
	uint32_t ioas;
	struct uiommu_file *other;
};

static void no_unmap(void *data, uint64_t iova, uint64_t length)
{
}

static const struct iommufd_access_ops ops = {
	.needs_pin_pages = true,
	.unmap = no_unmap,
};

static long run_create(struct scene *s)
{
	struct part *p = s->part;

	return iommufd_access_create(s->rig->fd, &ops, s, &s->id, &p->made);
}

static void undo_create(struct scene *s)
{
	struct part *p = s->part;

	iommufd_access_destroy(p->made);
}

static long pin(struct scene *s, uint64_t offset, uint64_t length)
{
	struct part *p = s->part;

	return iommufd_access_pin_pages(p->access, IOVA + offset, length, NULL,
					IOMMUFD_ACCESS_WRITE, &p->pin);
}

/* Over two areas. */
static long run_pin(struct scene *s)
{
	return pin(s, 2 * PAGE, NR * PAGE);
}

static void undo_pin(struct scene *s)
{
	struct part *p = s->part;

	iommufd_access_unpin_pages(p->pin);
}

static long run_rw(struct scene *s)
{
	static uint8_t buf[NR * PAGE];
	struct part *p = s->part;
	int rc;

	rc = iommufd_access_rw(p->access, IOVA + 100, buf, sizeof(buf), 0);
	if (!rc)
		rc = iommufd_access_rw(p->access, IOVA + 100, buf, sizeof(buf),
				       IOMMUFD_ACCESS_WRITE);
	return rc;
}

/* Borders in the middle of an area that is mapped and pinned. */
static long run_cut(struct scene *s)
{
	struct iommufd_ioas *ioas =
		iommufd_ioas_get(iommufd_ctx_of(s->rig->fd), s->ioas);
	int rc;

	rc = iommufd_ioas_cut(ioas, IOVA + 3 * PAGE, IOVA + 9 * PAGE - 1);
	iommufd_object_put(&ioas->obj);
	return rc;
}

/* One area again, with its pins in one piece. */
static void undo_cut(struct scene *s)
{
	assert_int_equal(rig_unmap(s->rig, s->ioas, IOVA, NR * PAGE),
			 NR * PAGE);
	assert_int_equal(rig_map_at(s->rig, s->ioas, 0, NR * PAGE, IOVA), 0);
}

/* In a context where only files are mapped. */
static long run_change(struct scene *s)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd) };
	struct uiommu_file *fd = s->rig->fd;
	struct part *p = s->part;
	long rc;

	s->rig->fd = p->other;
	s->rig->process = 1;
	rc = rig_ioctl(s->rig, IOMMU_IOAS_CHANGE_PROCESS, &cmd);
	s->rig->process = 0;
	s->rig->fd = fd;
	return rc;
}

static void undo_change(struct scene *s)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd) };
	struct uiommu_file *fd = s->rig->fd;
	struct part *p = s->part;

	s->rig->fd = p->other;
	assert_int_equal(rig_ioctl(s->rig, IOMMU_IOAS_CHANGE_PROCESS, &cmd), 0);
	s->rig->fd = fd;
}

static const struct inject_action actions[] = {
	{ .name = "create", .run = run_create, .undo = undo_create },
	{ .name = "pin", .run = run_pin, .undo = undo_pin },
	{ .name = "copy", .run = run_rw, .undo = inject_nothing },
	{ .name = "cut", .run = run_cut, .undo = undo_cut, .keeps = 2 },
	{ .name = "change process", .run = run_change, .undo = undo_change },
};

static void map_files(struct scene *s)
{
	struct uiommu_file *fd = s->rig->fd;
	struct part *p = s->part;
	uint32_t ioas, i;

	assert_int_equal(iommufd_open(&p->other), 0);
	s->rig->fd = p->other;
	rig_bind(s->rig, 2);
	for (i = 0; i != 2; i++) {
		ioas = rig_ioas(s->rig);
		assert_int_equal(rig_map_file(s->rig, ioas, RIG_FILE_FD,
					      i * PAGE, 4 * PAGE, IOVA),
				 0);
	}
	assert_int_equal(rig_attach(s->rig, 2, &ioas), 0);
	s->rig->fd = fd;
}

static void setup(struct scene *s)
{
	static struct part part;
	struct part *p = &part;

	*p = (struct part){ 0 };
	s->part = p;
	p->ioas = rig_ioas(s->rig);
	assert_int_equal(
		rig_map_at(s->rig, p->ioas, 64 * PAGE, NR * PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(s->rig, p->ioas, 128 * PAGE, NR * PAGE,
				    IOVA + NR * PAGE),
			 0);
	/* Half of the first one is pinned. */
	assert_int_equal(rig_copy(s->rig, s->ioas, 4 * IOVA, p->ioas,
				  IOVA + NR / 2 * PAGE, NR / 2 * PAGE),
			 0);
	assert_int_equal(iommufd_access_create(s->rig->fd, &ops, s, &s->id,
					       &p->access),
			 0);
	assert_int_equal(iommufd_access_attach(p->access, p->ioas), 0);
	map_files(s);
}

static void teardown(struct scene *s)
{
	struct part *p = s->part;

	iommufd_access_destroy(p->access);
	rig_unbind(s->rig, 2);
	uiommu_file_put(p->other);
}

const struct inject_list inject_access = {
	.name = "access",
	INJECT_LIST(actions),
	.setup = setup,
	.teardown = teardown,
};
