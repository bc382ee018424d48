/* SPDX-License-Identifier: MIT */
/*
 * Actions on fault queues, PASIDs and dirty tracking.
 */
#include "inject.h"

#define IOVA INJECT_IOVA
#define NR   INJECT_PAGES

/**
 * struct part - what is there beside the scene
 * @ep: device 1, as it gets its answers
 * @answers: how many it got
 * @fault: a fault queue, and its descriptor
 * @fd: that
 * @made: the descriptor of what the action has made
 * @hwpt: page tables of @plain of the scene: for PASIDs and faults, with dirty bits
 */
struct part {
	struct soft_endpoint ep;
	unsigned int answers;
	uint32_t fault;
	uint32_t fd;
	uint32_t made;
	uint32_t hwpt[2];
};

static void on_response(struct soft_endpoint *ep, uint32_t pasid,
			uint32_t group, enum soft_page_code code)
{
	((struct part *)ep)->answers++;
}

static long queue(struct scene *s, uint32_t *id, uint32_t *fd)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	long rc = rig_ioctl(s->rig, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	*id = cmd.out_fault_id;
	*fd = cmd.out_fault_fd;
	return rc;
}

static long run_queue(struct scene *s)
{
	return queue(s, &s->id, &((struct part *)s->part)->made);
}

static void undo_queue(struct scene *s)
{
	rig_close(s->rig, ((struct part *)s->part)->made);
	inject_destroy(s);
}

static long hwpt(struct scene *s, uint32_t flags, uint32_t *id)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = s->rig->idev_id[1],
		.pt_id = s->plain,
		.fault_id = ((struct part *)s->part)->fault,
	};
	long rc = rig_ioctl(s->rig, IOMMU_HWPT_ALLOC, &cmd);

	*id = cmd.out_hwpt_id;
	return rc;
}

/* One for each thing that it can be made for, beside those that are there. */
static long run_hwpt(struct scene *s)
{
	return hwpt(s,
		    IOMMU_HWPT_ALLOC_PASID | IOMMU_HWPT_FAULT_ID_VALID |
			    IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
		    &s->id);
}

static long run_attach(struct scene *s)
{
	struct part *p = s->part;

	return iommufd_device_attach_pasid(s->rig->idev[1], 9, &p->hwpt[0]);
}

static void undo_attach(struct scene *s)
{
	iommufd_device_detach_pasid(s->rig->idev[1], 9);
}

/* Device 1 is where it belongs. */
static void attach_device(struct scene *s)
{
	struct part *p = s->part;
	uint32_t to = p->hwpt[0];

	assert_int_equal(rig_attach(s->rig, 1, &to), 0);
}

static void ask(struct scene *s, uint32_t group, unsigned int nr)
{
	struct soft_page_request req = {
		.rid = RIG_RID(1),
		.access = SOFT_READ,
		.group = group,
	};
	unsigned int i;

	for (i = 0; i != nr; i++) {
		req.va = 64 * IOVA + i * PAGE;
		req.last = i == nr - 1;
		soft_iommu_page_request(s->rig->hw, &req);
	}
}

/*
 * The device asks, the client reads and answers, and does it again if that fails. A
 * request that finds no memory is not heard of, and if it is the last, answered at
 * once: counted as an error here.
 */
static long run_fault(struct scene *s)
{
	struct part *p = s->part;
	struct iommu_hwpt_pgfault f[17];
	struct iommu_hwpt_page_response r = { 0 };
	int64_t n, again;

	p->answers = 0;
	ask(s, 1, 17);
	n = rig_read(s->rig, p->fd, f, sizeof(f));
	again = n < 0 ? rig_read(s->rig, p->fd, f, sizeof(f)) : n;
	if (again <= 0) {
		assert_int_equal(p->answers, 1);
		return -ENOMEM;
	}
	r.cookie = f[0].cookie;
	if (n > 0 && n != sizeof(f))
		n = -ENOMEM;
	again = rig_write(s->rig, p->fd, &r, sizeof(r));
	if (again < 0) {
		n = again;
		again = rig_write(s->rig, p->fd, &r, sizeof(r));
	}
	assert_int_equal(again, sizeof(r));
	assert_int_equal(p->answers, 1);
	return n < 0 ? (long)n : 0;
}

static long run_set_dirty(struct scene *s)
{
	struct part *p = s->part;
	struct iommu_hwpt_set_dirty_tracking cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
		.hwpt_id = p->hwpt[1],
	};

	return rig_ioctl(s->rig, IOMMU_HWPT_SET_DIRTY_TRACKING, &cmd);
}

static long run_get_dirty(struct scene *s)
{
	struct part *p = s->part;
	uint64_t bits;
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = p->hwpt[1],
		.iova = IOVA,
		.length = NR * PAGE,
		.page_size = PAGE,
		.data = (uintptr_t)&bits,
	};

	return rig_ioctl(s->rig, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd);
}

static void setup(struct scene *s)
{
	static const struct soft_device_caps caps = { 20, true, true, false,
						      false };
	struct part *p = calloc(1, sizeof(*p));

	s->part = p;
	p->ep.rid = RIG_RID(1);
	p->ep.response = on_response;
	soft_iommu_connect(s->rig->hw, &p->ep);
	soft_driver_set_caps(s->rig->dev[1], &caps);
	iommufd_device_detach(s->rig->idev[1]);
	assert_int_equal(queue(s, &p->fault, &p->fd), 0);
	assert_int_equal(
		hwpt(s, IOMMU_HWPT_ALLOC_PASID | IOMMU_HWPT_FAULT_ID_VALID,
		     &p->hwpt[0]),
		0);
	assert_int_equal(hwpt(s,
			      IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
				      IOMMU_HWPT_ALLOC_PASID,
			      &p->hwpt[1]),
			 0);
	attach_device(s);
}

static void teardown(struct scene *s)
{
	struct part *p = s->part;

	iommufd_device_detach(s->rig->idev[1]);
	assert_int_equal(rig_destroy(s->rig, p->hwpt[0]), 0);
	assert_int_equal(rig_destroy(s->rig, p->hwpt[1]), 0);
	rig_close(s->rig, p->fd);
	assert_int_equal(rig_destroy(s->rig, p->fault), 0);
	soft_iommu_disconnect(s->rig->hw, &p->ep);
	free(p);
}

static const struct inject_action actions[] = {
	{ .name = "fault queue", .run = run_queue, .undo = undo_queue },
	{ .name = "hwpt of every kind",
	  .run = run_hwpt,
	  .undo = inject_destroy },
	{ .name = "attach PASID", .run = run_attach, .undo = undo_attach },
	{ .name = "page requests", .run = run_fault, .undo = inject_nothing },
	{ .name = "dirty tracking",
	  .run = run_set_dirty,
	  .undo = inject_nothing },
	{ .name = "dirty bitmap", .run = run_get_dirty, .undo = inject_nothing },
};

const struct inject_list inject_device = {
	.name = "device",
	INJECT_LIST(actions),
	.setup = setup,
	.teardown = teardown,
};
