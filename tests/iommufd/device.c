/* SPDX-License-Identifier: MIT */
/*
 * Devices: binding, attaching, replacing, detaching; page tables made by hand and
 * by attaching; hardware information. Where the software IOMMU's driver has no
 * such devices (groups of two, hardware information, attaches that fail), one made
 * up here stands in.
 */
#include "rig.h"

#define IOVA 0x10000000ULL

static void test_bind(void **state)
{
	struct rig *rig = *state;
	struct iommufd_device *idev;
	struct uiommu_file *other;
	uint32_t id;

	rig_bind(rig, 0);
	assert_int_equal(rig->idev_id[0], 1);
	assert_true(iommufd_is(rig->fd));
	/* The group belongs to one context at a time. */
	assert_int_equal(iommufd_open(&other), 0);
	assert_int_equal(iommufd_device_bind(other, rig->dev[0], &id, &idev),
			 -EBUSY);
	assert_int_equal(iommufd_device_bind(other, rig->dev[1], &id, &idev),
			 0);
	assert_int_equal(id, 1);
	/* A bound device keeps its context. */
	uiommu_file_put(other);
	iommufd_device_unbind(idev);
	rig_unbind(rig, 0);
	assert_int_equal(iommufd_open(&other), 0);
	assert_int_equal(iommufd_device_bind(other, rig->dev[0], &id, &idev),
			 0);
	iommufd_device_unbind(idev);
	uiommu_file_put(other);
}

static void test_automatic(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt0 = ioas, pt1 = ioas, pt2;

	rig_bind(rig, 0);
	rig_bind(rig, 1);
	rig_bind(rig, 2);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA), 0);
	assert_int_equal(rig_attach(rig, 0, &pt0), 0);
	assert_int_equal(rig_attach(rig, 1, &pt1), 0);
	assert_int_equal(pt0, pt1);
	assert_int_not_equal(pt0, ioas);
	rig_check(rig, 0, IOVA, 0, PAGE);
	rig_check(rig, 1, IOVA, 0, PAGE);
	/* The IOAS again, or what was made for it: nothing changes. */
	pt1 = ioas;
	assert_int_equal(rig_attach(rig, 1, &pt1), 0);
	assert_int_equal(pt0, pt1);
	assert_int_equal(rig_attach(rig, 1, &pt1), 0);
	/* By its id it can be used like one made by hand. */
	pt2 = pt0;
	assert_int_equal(rig_attach(rig, 2, &pt2), 0);
	iommufd_device_detach(rig->idev[0]);
	iommufd_device_detach(rig->idev[1]);
	rig_check_blocked(rig, 0, IOVA, PAGE);
	rig_check(rig, 2, IOVA, 0, PAGE);
	assert_int_equal(rig_destroy(rig, pt0), -EBUSY);
	iommufd_device_detach(rig->idev[2]);
	iommufd_device_detach(rig->idev[2]);
	assert_int_equal(rig_destroy(rig, pt0), -ENOENT);
	assert_int_equal(port_arena_tables(rig->arena), 0);
	assert_int_equal(rig_destroy(rig, ioas), 0);
}

static void test_wrong_pt(void **state)
{
	struct rig *rig = *state;
	uint32_t id;

	rig_bind(rig, 0);
	id = 0;
	assert_int_equal(rig_attach(rig, 0, &id), -ENOENT);
	id = 99;
	assert_int_equal(rig_attach(rig, 0, &id), -ENOENT);
	id = rig->idev_id[0];
	assert_int_equal(rig_attach(rig, 0, &id), -EINVAL);
}

static void test_replace(void **state)
{
	struct rig *rig = *state;
	uint32_t a = rig_ioas(rig), b = rig_ioas(rig), hwpt_a = a, pt, hand;

	rig_bind(rig, 0);
	assert_int_equal(rig_map_at(rig, a, 0, PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(rig, b, PAGE, PAGE, 2 * IOVA), 0);
	assert_int_equal(rig_attach(rig, 0, &hwpt_a), 0);
	pt = b;
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	rig_check_blocked(rig, 0, IOVA, PAGE);
	rig_check(rig, 0, 2 * IOVA, PAGE, PAGE);
	/* The first IOAS is free of everything. */
	assert_int_equal(rig->mem.pinned, 1);
	assert_int_equal(rig_destroy(rig, hwpt_a), -ENOENT);
	assert_int_equal(rig_map_at(rig, a, 0, PAGE, 0xfee00000), 0);
	assert_int_equal(rig_map_at(rig, b, 0, PAGE, 0xfee00000), -EINVAL);
	/* It has an area now where interrupts go. */
	pt = a;
	assert_int_equal(rig_attach(rig, 0, &pt), -EADDRINUSE);
	rig_check(rig, 0, 2 * IOVA, PAGE, PAGE);
	assert_int_equal(rig_hwpt(rig, 0, a, &hand), 0);
	pt = hand;
	assert_int_equal(rig_attach(rig, 0, &pt), -EADDRINUSE);
	rig_check(rig, 0, 2 * IOVA, PAGE, PAGE);
	/* From the one made for it to one made by hand, in one IOAS. */
	assert_int_equal(rig_hwpt(rig, 0, b, &hand), 0);
	pt = hand;
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	rig_check(rig, 0, 2 * IOVA, PAGE, PAGE);
	assert_int_equal(rig_map_at(rig, b, 0, PAGE, 0xfee00000), -EINVAL);
	assert_int_equal(rig_destroy(rig, hand), -EBUSY);
	iommufd_device_detach(rig->idev[0]);
	assert_int_equal(rig_destroy(rig, hand), 0);
}

/* What cannot be pinned keeps a device where it is. */
static void test_replace_fails(void **state)
{
	struct rig *rig = *state;
	uint32_t a = rig_ioas(rig), b = rig_ioas(rig), pt = a;
	struct rig_snapshot before;

	rig_bind(rig, 0);
	assert_int_equal(rig_map_at(rig, a, 0, PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(rig, b, 0, 8 * PAGE, IOVA), 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	rig->mem.bad = 5;
	rig_snapshot(rig, &before);
	pt = b;
	assert_int_equal(rig_attach(rig, 0, &pt), -EFAULT);
	rig_same(rig, &before);
	rig_check(rig, 0, IOVA, 0, PAGE);
	rig->mem.bad = -1;
	rig->mem.limit = 7;
	assert_int_equal(rig_attach(rig, 0, &pt), -ENOMEM);
	rig_same(rig, &before);
	rig_check(rig, 0, IOVA, 0, PAGE);
	rig->mem.limit = 9;
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	rig_check(rig, 0, IOVA, 0, 8 * PAGE);
}

/* What is mapped must fit the page table that comes. */
static void test_conflicts(void **state)
{
	static const struct {
		uint64_t offset, length, iova;
	} bad[] = {
		{ 0, PAGE, IOVA + 8 },
		{ 8, PAGE, IOVA },
		{ 0, PAGE - 8, IOVA },
		{ 0, PAGE, 1ULL << 48 },
		{ 0, PAGE, UINT64_MAX - PAGE + 1 },
		{ 0, PAGE, 0xfeeff000 },
	};
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt;
	unsigned int i;

	rig_bind(rig, 0);
	for (i = 0; i != sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rig_map_at(rig, ioas, bad[i].offset,
					    bad[i].length, bad[i].iova),
				 0);
		pt = ioas;
		assert_int_equal(rig_attach(rig, 0, &pt), -EADDRINUSE);
		assert_int_equal(rig->mem.pinned, 0);
		assert_int_equal(rig_unmap_all(rig, ioas), bad[i].length);
	}
	pt = ioas;
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	iommufd_device_detach(rig->idev[0]);
	/* Its limits go with it. */
	for (i = 0; i != sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rig_map_at(rig, ioas, bad[i].offset,
					    bad[i].length, bad[i].iova),
				 0);
		assert_int_equal(rig_unmap_all(rig, ioas), bad[i].length);
	}
}

/* ---- IOMMU_HWPT_ALLOC ----------------------------------------------- */

static long hwpt(struct rig *rig, struct iommu_hwpt_alloc *cmd)
{
	cmd->size = sizeof(*cmd);
	return rig_ioctl(rig, IOMMU_HWPT_ALLOC, cmd);
}

#define HWPT(...)                                                        \
	hwpt(rig, &(struct iommu_hwpt_alloc){ .dev_id = rig->idev_id[0], \
					      .pt_id = ioas,             \
					      __VA_ARGS__ })

static void test_hwpt(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), id, spare;
	struct iommu_hwpt_alloc cmd = { .pt_id = ioas };

	rig_bind(rig, 0);
	assert_int_equal(HWPT(.flags = 16), -EOPNOTSUPP);
	assert_int_equal(HWPT(.__reserved = 1), -EOPNOTSUPP);
	/* Nobody looks at this one. */
	cmd.dev_id = rig->idev_id[0];
	cmd.__reserved2 = 1;
	assert_int_equal(hwpt(rig, &cmd), 0);
	spare = cmd.out_hwpt_id;
	cmd.__reserved2 = 0;
	assert_int_equal(HWPT(.data_len = 8), -EINVAL);
	assert_int_equal(HWPT(.data_type = IOMMU_HWPT_DATA_VTD_S1), -EINVAL);
	assert_int_equal(HWPT(.data_type = IOMMU_HWPT_DATA_VTD_S1,
			      .data_len = 24),
			 -EOPNOTSUPP);
	assert_int_equal(HWPT(.flags = IOMMU_HWPT_ALLOC_NEST_PARENT),
			 -EOPNOTSUPP);
	/* None of its devices has PASIDs. */
	assert_int_equal(HWPT(.flags = IOMMU_HWPT_ALLOC_PASID), -EOPNOTSUPP);
	assert_int_equal(HWPT(.flags = IOMMU_HWPT_FAULT_ID_VALID), -ENOENT);
	cmd.dev_id = 0;
	assert_int_equal(hwpt(rig, &cmd), -ENOENT);
	cmd.dev_id = ioas;
	assert_int_equal(hwpt(rig, &cmd), -ENOENT);
	cmd.dev_id = rig->idev_id[0];
	cmd.pt_id = 99;
	assert_int_equal(hwpt(rig, &cmd), -EINVAL);
	cmd.pt_id = rig->idev_id[0];
	assert_int_equal(hwpt(rig, &cmd), -EINVAL);
	assert_int_equal(rig_hwpt(rig, 0, ioas, &id), 0);
	/* On another page table: nested, which this hardware cannot. */
	cmd.pt_id = id;
	assert_int_equal(hwpt(rig, &cmd), -EOPNOTSUPP);
	/* The short struct of old programs. */
	cmd = (struct iommu_hwpt_alloc){ .dev_id = rig->idev_id[0],
					 .pt_id = ioas,
					 .data_len = 8 };
	cmd.size = 24;
	assert_int_equal(rig_ioctl(rig, IOMMU_HWPT_ALLOC, &cmd), 0);
	assert_int_equal(rig_destroy(rig, cmd.out_hwpt_id), 0);
	assert_int_equal(rig_destroy(rig, id), 0);
	assert_int_equal(rig_destroy(rig, spare), 0);
	assert_int_equal(rig_destroy(rig, ioas), 0);
}

/* ---- A driver for what the software IOMMU does not have -------------- */

/**
 * struct fake_dev - a device of a driver made up for the test
 * @refuse: what its next attach to a PAGING domain answers
 * @domain: what it is attached to
 * @incoherent: it does not see the CPU's caches
 * @pgsize: its only page size; 0 = PAGE
 * @pasid: what its PASID 1 is attached to
 * @answers: how many page request groups of its were answered
 */
struct fake_dev {
	struct iommu_dev dev;
	int refuse;
	struct iommu_domain *domain;
	bool incoherent;
	uint64_t pgsize;
	struct iommu_domain *pasid;
	unsigned int answers;
};

/* Its reserved regions: one outside its aperture, one inside. */
static bool fake_resv_region(struct iommu_dev *dev, unsigned int index,
			     struct iommu_resv_region *region)
{
	region->type = IOMMU_RESV_RESERVED;
	region->start = index ? 512 * PAGE : 2 * PAGE;
	region->last = region->start + PAGE - 1;
	return index < 2;
}

static int fake_attach(struct iommu_domain *domain, struct iommu_dev *dev,
		       struct iommu_domain *old)
{
	struct fake_dev *fake = (struct fake_dev *)dev;
	int rc = domain->type == IOMMU_DOMAIN_PAGING ? fake->refuse : 0;

	if (!rc)
		fake->domain = domain;
	return rc;
}

static int fake_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
			  ioasid_t pasid, struct iommu_domain *old)
{
	assert_int_equal(pasid, 1);
	((struct fake_dev *)dev)->pasid = domain;
	return 0;
}

static void fake_page_response(struct iommu_dev *dev, ioasid_t pasid,
			       uint32_t grpid, enum iommu_page_code code)
{
	assert_int_equal(code, IOMMU_PAGE_INVALID);
	((struct fake_dev *)dev)->answers++;
}

static int fake_map(struct iommu_domain *domain, dma_addr_t iova,
		    phys_addr_t paddr, dma_addr_t len, unsigned int prot,
		    gfp_t gfp, size_t *mapped)
{
	*mapped += len;
	return 0;
}

static size_t fake_unmap(struct iommu_domain *domain, dma_addr_t iova,
			 dma_addr_t len, struct iommu_iotlb_gather *gather)
{
	iommu_iotlb_gather_add(gather, iova, iova + len - 1, PAGE);
	return len;
}

static void fake_sync(struct iommu_domain *domain,
		      struct iommu_iotlb_gather *gather)
{
}

static void fake_free(struct iommu_domain *domain)
{
	free(domain);
}

static const struct iommu_domain_ops fake_domain_ops = {
	.attach_dev = fake_attach,
	.set_dev_pasid = fake_set_pasid,
	.map_range = fake_map,
	.unmap_range = fake_unmap,
	.iotlb_sync = fake_sync,
	.free = fake_free,
};

static int fake_alloc(struct iommu_dev *dev, unsigned int flags,
		      struct iommu_domain **out)
{
	struct iommu_domain *domain = calloc(1, sizeof(*domain));

	if (!domain)
		return -ENOMEM;
	domain->type = IOMMU_DOMAIN_PAGING;
	domain->ops = &fake_domain_ops;
	domain->geometry.aperture_start = 16 * PAGE;
	domain->geometry.aperture_end = 1024 * PAGE - 1;
	domain->pgsize_bitmap = ((struct fake_dev *)dev)->pgsize;
	if (!domain->pgsize_bitmap)
		domain->pgsize_bitmap = PAGE;
	*out = domain;
	return 0;
}

static bool fake_capable(struct iommu_dev *dev, enum iommu_cap cap)
{
	return cap != IOMMU_CAP_CACHE_COHERENCY ||
	       !((struct fake_dev *)dev)->incoherent;
}

static int fake_hw_info(struct iommu_dev *dev, void *buf, size_t *len,
			uint32_t *type)
{
	const struct iommu_hw_info_amd info = { .efr = 0x1122334455667788,
						.efr2 = 0x99 };

	memcpy(buf, &info, *len < sizeof(info) ? *len : sizeof(info));
	*len = sizeof(info);
	*type = IOMMU_HW_INFO_TYPE_AMD;
	return 0;
}

static struct iommu_domain fake_blocked = {
	.type = IOMMU_DOMAIN_BLOCKED,
	.ops = &fake_domain_ops,
};

static const struct iommu_ops fake_ops = {
	.capable = fake_capable,
	.hw_info = fake_hw_info,
	.page_response = fake_page_response,
	.resv_region = fake_resv_region,
	.domain_alloc_paging = fake_alloc,
	.blocked_domain = &fake_blocked,
};

/* Two devices in a group. */
struct fake {
	struct iommu_group group;
	struct fake_dev dev[2];
	struct iommufd_device *idev[2];
	uint32_t id[2];
};

static void fake_init(struct fake *fake, struct uiommu_file *fd)
{
	unsigned int i;

	*fake = (struct fake){ 0 };
	iommu_group_init(&fake->group);
	for (i = 0; i != 2; i++) {
		fake->dev[i].dev.ops = &fake_ops;
		fake->dev[i].dev.pasid_bits = 20;
		assert_int_equal(iommu_dev_add(&fake->dev[i].dev, &fake->group),
				 0);
		assert_int_equal(iommufd_device_bind(fd, &fake->dev[i].dev,
						     &fake->id[i],
						     &fake->idev[i]),
				 0);
	}
}

static void fake_fini(struct fake *fake)
{
	unsigned int i;

	for (i = 0; i != 2; i++) {
		iommufd_device_unbind(fake->idev[i]);
		assert_ptr_equal(fake->dev[i].domain, &fake_blocked);
		iommu_dev_remove(&fake->dev[i].dev);
	}
}

/* The devices of a group are attached alike. */
static void test_group(void **state)
{
	struct rig *rig = *state;
	uint32_t a = rig_ioas(rig), b = rig_ioas(rig), pt = a, old;
	struct fake fake;

	fake_init(&fake, rig->fd);
	assert_int_equal(iommufd_device_attach(fake.idev[0], &pt), 0);
	old = pt;
	/* The IOMMU does not tell them apart. */
	assert_ptr_equal(fake.dev[0].domain, fake.dev[1].domain);
	pt = b;
	assert_int_equal(iommufd_device_attach(fake.idev[1], &pt), -EINVAL);
	assert_int_equal(pt, b);
	pt = a;
	assert_int_equal(iommufd_device_attach(fake.idev[1], &pt), 0);
	assert_int_equal(pt, old);
	/* Replacing one replaces both; the first IOAS is free. */
	pt = b;
	assert_int_equal(iommufd_device_attach(fake.idev[0], &pt), 0);
	assert_int_not_equal(pt, old);
	assert_int_equal(rig_destroy(rig, a), 0);
	iommufd_device_detach(fake.idev[0]);
	assert_ptr_not_equal(fake.dev[0].domain, &fake_blocked);
	assert_int_equal(rig_destroy(rig, b), -EBUSY);
	iommufd_device_detach(fake.idev[1]);
	assert_ptr_equal(fake.dev[0].domain, &fake_blocked);
	assert_int_equal(rig_destroy(rig, b), 0);
	fake_fini(&fake);
}

static uint32_t fake_hwpt(struct rig *rig, const struct fake *fake,
			  uint32_t ioas, uint32_t fault)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_ALLOC_PASID,
		.dev_id = fake->id[0],
		.pt_id = ioas,
		.fault_id = fault,
	};

	if (fault)
		cmd.flags |= IOMMU_HWPT_FAULT_ID_VALID;
	assert_int_equal(rig_ioctl(rig, IOMMU_HWPT_ALLOC, &cmd), 0);
	return cmd.out_hwpt_id;
}

/* And each PASID of them. */
static void test_group_pasids(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), a, b;
	struct fake fake;

	fake_init(&fake, rig->fd);
	a = fake_hwpt(rig, &fake, ioas, 0);
	b = fake_hwpt(rig, &fake, ioas, 0);
	assert_int_equal(iommufd_device_attach_pasid(fake.idev[0], 1, &a), 0);
	assert_ptr_equal(fake.dev[0].pasid, fake.dev[1].pasid);
	/* Attached is who was attached. */
	assert_int_equal(iommufd_device_replace_pasid(fake.idev[1], 1, &b),
			 -EINVAL);
	assert_int_equal(iommufd_device_attach_pasid(fake.idev[1], 1, &b),
			 -EINVAL);
	assert_int_equal(iommufd_device_attach_pasid(fake.idev[1], 1, &a), 0);
	assert_int_equal(iommufd_device_attach_pasid(fake.idev[1], 1, &a),
			 -EBUSY);
	/* Replacing one replaces both. */
	assert_int_equal(iommufd_device_replace_pasid(fake.idev[1], 1, &b), 0);
	assert_int_equal(rig_destroy(rig, a), 0);
	iommufd_device_detach_pasid(fake.idev[0], 1);
	assert_ptr_not_equal(fake.dev[0].pasid, &fake_blocked);
	assert_int_equal(rig_destroy(rig, b), -EBUSY);
	iommufd_device_detach_pasid(fake.idev[1], 1);
	assert_ptr_equal(fake.dev[0].pasid, &fake_blocked);
	assert_int_equal(rig_destroy(rig, b), 0);
	fake_fini(&fake);
}

/*
 * A device that has left a group whose others stay attached still reaches their page
 * table, and its requests the queue; nothing of it is left when it is unbound.
 */
static void test_group_faults(void **state)
{
	static const struct iommu_page_request req = { .last = true };
	static const struct iommu_page_request with = { .pasid = 1,
							.last = true };
	struct iommu_fault_alloc queue = { .size = sizeof(queue) };
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), hwpt, pt;
	struct iommu_hwpt_pgfault f;
	struct fake fake;

	fake_init(&fake, rig->fd);
	assert_int_equal(rig_ioctl(rig, IOMMU_FAULT_QUEUE_ALLOC, &queue), 0);
	hwpt = pt = fake_hwpt(rig, &fake, ioas, queue.out_fault_id);
	assert_int_equal(iommufd_device_attach(fake.idev[0], &pt), 0);
	assert_int_equal(iommufd_device_attach(fake.idev[1], &pt), 0);
	assert_int_equal(iommufd_device_attach_pasid(fake.idev[0], 1, &hwpt),
			 0);
	iommu_report_page_request(&fake.dev[1].dev, &req);
	iommufd_device_detach(fake.idev[1]);
	assert_int_equal(fake.dev[1].answers, 1);
	iommu_report_page_request(&fake.dev[1].dev, &req);
	iommu_report_page_request(&fake.dev[1].dev, &with);
	iommu_report_page_request(&fake.dev[0].dev, &req);
	assert_int_equal(fake.dev[1].answers, 1);
	iommufd_device_unbind(fake.idev[1]);
	assert_int_equal(fake.dev[1].answers, 3);
	iommu_report_page_request(&fake.dev[1].dev, &req);
	assert_int_equal(fake.dev[1].answers, 4);
	assert_int_equal(rig_read(rig, queue.out_fault_fd, &f, sizeof(f)),
			 sizeof(f));
	assert_int_equal(f.dev_id, fake.id[0]);
	assert_int_equal(rig_read(rig, queue.out_fault_fd, &f, sizeof(f)), 0);
	assert_int_equal(iommufd_device_bind(rig->fd, &fake.dev[1].dev,
					     &fake.id[1], &fake.idev[1]),
			 0);
	fake_fini(&fake);
	assert_int_equal(fake.dev[0].answers, 1);
	rig_close(rig, queue.out_fault_fd);
}

/* No region of a device is reserved in the IOAS. */
static void check_unreserved(struct rig *rig, uint32_t ioas)
{
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 512 * PAGE), 0);
	assert_int_equal(rig_unmap(rig, ioas, 512 * PAGE, PAGE), PAGE);
}

/* An attach that fails leaves all as it was. */
static void test_refused(void **state)
{
	struct rig *rig = *state;
	uint32_t a = rig_ioas(rig), b = rig_ioas(rig), pt = a;
	struct iommu_domain *domain;
	struct rig_snapshot before;
	struct fake fake;

	fake_init(&fake, rig->fd);
	assert_int_equal(rig_map_at(rig, b, 0, PAGE, 32 * PAGE), 0);
	rig_snapshot(rig, &before);
	fake.dev[0].refuse = -EIO;
	assert_int_equal(iommufd_device_attach(fake.idev[0], &pt), -EIO);
	rig_same(rig, &before);
	check_unreserved(rig, a);
	assert_ptr_equal(fake.dev[1].domain, &fake_blocked);
	/* "Not compatible" is no reason not to make another one, once. */
	fake.dev[0].refuse = -EINVAL;
	assert_int_equal(iommufd_device_attach(fake.idev[0], &pt), -EINVAL);
	rig_same(rig, &before);
	fake.dev[0].refuse = 0;
	assert_int_equal(iommufd_device_attach(fake.idev[0], &pt), 0);
	domain = fake.dev[0].domain;
	rig_snapshot(rig, &before);
	fake.dev[1].refuse = -EIO;
	pt = b;
	assert_int_equal(iommufd_device_attach(fake.idev[0], &pt), -EIO);
	rig_same(rig, &before);
	check_unreserved(rig, b);
	assert_int_equal(rig_map_at(rig, a, 0, PAGE, 512 * PAGE), -EINVAL);
	assert_ptr_equal(fake.dev[0].domain, domain);
	assert_ptr_equal(fake.dev[1].domain, domain);
	assert_int_equal(rig->mem.pinned, 0);
	fake.dev[1].refuse = 0;
	fake_fini(&fake);
}

/* A device of another kind gets a page table of its own in the same IOAS. */
static void test_two_kinds(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), soft = ioas, pt = ioas;
	struct iommu_iova_range range[3];
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = 3,
		.allowed_iovas = (uintptr_t)range,
	};
	struct fake fake;
	uint32_t second = ioas;

	fake_init(&fake, rig->fd);
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &soft), 0);
	assert_int_equal(iommufd_device_attach(fake.idev[0], &pt), 0);
	assert_int_not_equal(soft, pt);
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd), 0);
	assert_int_equal(cmd.num_iovas, 2);
	assert_int_equal(range[0].start, 16 * PAGE);
	assert_int_equal(range[0].last, 512 * PAGE - 1);
	assert_int_equal(range[1].start, 513 * PAGE);
	assert_int_equal(range[1].last, 1024 * PAGE - 1);
	/* The next device finds the one that is made for its kind. */
	rig_bind(rig, 1);
	assert_int_equal(rig_attach(rig, 1, &second), 0);
	assert_int_equal(second, soft);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 15 * PAGE), -EINVAL);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, 16 * PAGE), 0);
	/* A page table of one kind is not for devices of the other. */
	assert_int_equal(iommufd_device_attach(fake.idev[0], &soft), -EINVAL);
	assert_int_equal(rig_attach(rig, 0, &pt), -EINVAL);
	fake_fini(&fake);
}

/* Pages of 64 KiB: memory has to be as aligned as they are. */
static void test_large_granule(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;
	const uint64_t size = 16 * PAGE;
	uint64_t iova = 0;
	struct fake fake;

	fake_init(&fake, rig->fd);
	fake.dev[0].pgsize = size;
	assert_int_equal(iommufd_device_attach(fake.idev[0], &pt), 0);
	assert_int_equal(rig_map(rig, ioas, RIG_RW, 0, PAGE, &iova), -EINVAL);
	assert_int_equal(rig_map(rig, ioas, RIG_RW, PAGE, size, &iova),
			 -EINVAL);
	assert_int_equal(rig_map_at(rig, ioas, PAGE, size, 2 * size), -EINVAL);
	assert_int_equal(rig_map_at(rig, ioas, 0, size, 2 * size + PAGE),
			 -EINVAL);
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(rig_map(rig, ioas, RIG_RW, size, size, &iova), 0);
	assert_int_equal(iova, size);
	assert_int_equal(rig_map_at(rig, ioas, 0, size, 2 * size), 0);
	fake_fini(&fake);
}

static void test_incoherent(void **state)
{
	struct rig *rig = *state;
	struct iommufd_device *idev;
	struct fake_dev dev = { .dev.ops = &fake_ops, .incoherent = true };
	struct iommu_group group;
	uint32_t id;

	iommu_group_init(&group);
	assert_int_equal(iommu_dev_add(&dev.dev, &group), 0);
	assert_int_equal(iommufd_device_bind(rig->fd, &dev.dev, &id, &idev),
			 -EINVAL);
	iommu_dev_remove(&dev.dev);
}

/* ---- IOMMU_GET_HW_INFO ----------------------------------------------- */

static void test_hw_info_none(void **state)
{
	struct rig *rig = *state;
	uint8_t data[16];
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)data,
	};

	rig_bind(rig, 0);
	memset(data, 0xaa, sizeof(data));
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), -ENOENT);
	cmd.dev_id = rig->idev_id[0];
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(cmd.out_data_type, IOMMU_HW_INFO_TYPE_NONE);
	assert_int_equal(cmd.data_len, 0);
	assert_int_equal(cmd.out_max_pasid_log2, 0);
	assert_int_equal(cmd.out_capabilities,
			 IOMMU_HW_CAP_DIRTY_TRACKING |
				 IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
	assert_int_equal(data[0] | data[15], 0);
	cmd.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE;
	cmd.in_data_type = IOMMU_HW_INFO_TYPE_INTEL_VTD;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), -EOPNOTSUPP);
}

static void test_hw_info(void **state)
{
	struct rig *rig = *state;
	struct {
		struct iommu_hw_info_amd amd;
		uint8_t rest[PAGE * 2];
	} data;
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.data_uptr = (uintptr_t)&data,
	};
	struct fake fake;

	fake_init(&fake, rig->fd);
	cmd.dev_id = fake.id[0];
	memset(&data, 0xaa, sizeof(data));
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(cmd.data_len, sizeof(data.amd));
	assert_int_equal(data.rest[0], 0xaa);
	assert_int_equal(cmd.out_data_type, IOMMU_HW_INFO_TYPE_AMD);
	assert_int_equal(cmd.out_max_pasid_log2, 20);
	assert_int_equal(cmd.out_capabilities,
			 IOMMU_HW_CAP_DIRTY_TRACKING |
				 IOMMU_HW_CAP_PCI_PASID_EXEC |
				 IOMMU_HW_CAP_PCI_PASID_PRIV);
	/* Less room than there is data, then more. */
	cmd.data_len = 8;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(data.amd.efr, 0x1122334455667788);
	assert_int_equal(data.amd.efr2, 0xaaaaaaaaaaaaaaaa);
	assert_int_equal(cmd.data_len, sizeof(data.amd));
	cmd.data_len = sizeof(data);
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(data.amd.efr2, 0x99);
	assert_int_equal(data.rest[0] | data.rest[sizeof(data.rest) - 1], 0);
	/* What the caller wants must be what there is. */
	cmd.in_data_type = IOMMU_HW_INFO_TYPE_INTEL_VTD;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), 0);
	cmd.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), 0);
	cmd.in_data_type = IOMMU_HW_INFO_TYPE_DEFAULT;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), 0);
	cmd.in_data_type = IOMMU_HW_INFO_TYPE_INTEL_VTD;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), -EOPNOTSUPP);
	cmd.flags = 2;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), -EOPNOTSUPP);
	cmd.flags = 0;
	cmd.__reserved[2] = 1;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), -EOPNOTSUPP);
	cmd.__reserved[2] = 0;
	cmd.data_uptr = 0;
	cmd.data_len = 16;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), -EFAULT);
	/* The first version of the struct has no capabilities. */
	cmd.size = 32;
	cmd.data_len = 0;
	cmd.out_capabilities = 77;
	assert_int_equal(rig_ioctl(rig, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(cmd.out_capabilities, 77);
	fake_fini(&fake);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_bind),          TEST(test_automatic),
		TEST(test_wrong_pt),      TEST(test_replace),
		TEST(test_replace_fails), TEST(test_conflicts),
		TEST(test_hwpt),          TEST(test_group),
		TEST(test_group_pasids),  TEST(test_group_faults),
		TEST(test_refused),       TEST(test_two_kinds),
		TEST(test_incoherent),    TEST(test_large_granule),
		TEST(test_hw_info_none),  TEST(test_hw_info),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
