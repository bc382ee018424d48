/* SPDX-License-Identifier: MIT */
/*
 * What no emulation has: PASIDs, device IOTLBs, page requests, nesting, caching mode,
 * and hardware that fails. Values are worked out from the VT-d specification.
 */
#include <uiommu/drivers/vtd.h>

#include "fake.h"

#define RID 0x18

/* 16 bits of domains, 4 and 5 levels, 57 bits, fault records at 0x200, 2M and 1G, page
 * selective up to 2^18 pages, draining */
#define CAP                                                                \
	(6ull | 12ull << 8 | 56ull << 16 | 0x20ull << 24 | 3ull << 34 |    \
	 1ull << 39 | 7ull << 40 | 18ull << 48 | 3ull << 54 | 1ull << 56 | \
	 1ull << 60)
#define CACHING (1ull << 7)
/* Coherent, queued invalidation, ATS, pass-through, snoop control, nesting, page
 * requests, 20 bits of PASIDs, scalable with both stages, dirty, snooped walks */
#define ECAP                                                      \
	(7ull | 1ull << 6 | 1ull << 7 | 1ull << 26 | 1ull << 29 | \
	 19ull << 35 | 1ull << 40 | 1ull << 43 | 15ull << 45)

struct test {
	struct fake *fake;
	struct vtd_iommu iommu;
	struct vtd_dev dev;
};

static void run_queue(struct fake *fake)
{
	uint64_t iqa = fake_get64(fake, 0x90);
	uint64_t step = iqa & 1 << 11 ? 32 : 16;
	uint64_t head = fake_get64(fake, 0x80), tail = fake_get64(fake, 0x88);

	for (; head != tail; head = (head + step) % 4096) {
		const uint64_t *qw =
			fake_at(fake, (iqa & ~0xfffull) + head, step);

		fake_keep(fake, qw);
		if ((qw[0] & 15) == 5)
			*(uint32_t *)fake_at(fake, qw[1], 4) =
				(uint32_t)(qw[0] >> 32);
	}
	fake_set64(fake, 0x80, head);
}

static void wrote(struct fake *fake, uint32_t reg)
{
	uint32_t command = fake_get32(fake, 0x18);

	if (reg == 0x18) /* the root table pointer is set; a flush is done */
		fake_set32(fake, 0x1c,
			   (command & ~(1u << 27)) | (command & 1u << 30) |
				   (fake_get32(fake, 0x1c) & 1u << 30));
	if (reg == 0x88)
		run_queue(fake);
	if (reg >= 0x200 && reg < 0x280) /* F is cleared by writing it */
		fake_set64(fake, reg, 0);
	if (reg == 0x34)
		fake_set32(fake, 0x34, 0);
}

static void start_with(struct test *t, uint64_t cap, bool scalable,
		       unsigned int pasid_bits, unsigned int ats)
{
	const struct vtd_config config = { .scalable = scalable };

	t->fake = fake_new(wrote);
	fake_set64(t->fake, 0x08, cap);
	fake_set64(t->fake, 0x10, ECAP);
	assert_int_equal(vtd_init(&t->iommu, &t->fake->hw, &config), 0);
	t->dev = (struct vtd_dev){ .ats_depth = (uint8_t)ats, .pri = ats != 0 };
	assert_int_equal(vtd_dev_init(&t->dev, &t->iommu, RID, pasid_bits), 0);
	assert_int_equal(iommu_dev_add(&t->dev.dev, &t->fake->group), 0);
	assert_int_equal(iommu_group_claim(&t->fake->group, t), 0);
	fake_forget(t->fake);
}

static void start(struct test *t, bool scalable, unsigned int pasid_bits)
{
	start_with(t, CAP, scalable, pasid_bits, scalable ? 16 : 0);
}

static void stop(struct test *t)
{
	iommu_group_release(&t->fake->group);
	iommu_dev_remove(&t->dev.dev);
	vtd_dev_fini(&t->dev);
	vtd_fini(&t->iommu);
	fake_free(t->fake);
}

static void domain_init(struct test *t, struct vtd_domain *domain,
			enum vtd_stage stage, unsigned int levels)
{
	const struct vtd_domain_config config = { .stage = stage,
						  .levels = levels };

	*domain = (struct vtd_domain){ .target.hw.id = 0 };
	assert_int_equal(vtd_domain_init(domain, &t->iommu, &config), 0);
}

static const uint64_t *follow(struct test *t, uint64_t pointer)
{
	assert_true(pointer & 1);
	return fake_at(t->fake, pointer & ~0xfffull, 4096);
}

/* Bus 0; in legacy mode the entry is what the device is translated by. */
static const uint64_t *context(struct test *t)
{
	const uint64_t *root =
		fake_at(t->fake, fake_get64(t->fake, 0x20) & ~0xfffull, 4096);

	return follow(t, root[0]) + RID * (t->iommu.scalable ? 4 : 2);
}

/* In scalable mode that is an entry of a PASID table. */
static const uint64_t *entry(struct test *t, unsigned int pasid)
{
	return follow(t, follow(t, context(t)[0])[pasid >> 6]) +
	       (pasid & 63) * 8;
}

static void test_probe(void **state)
{
	struct vtd_config config = { .scalable = true, .oa_bits = 46 };
	struct iommu_hw_caps caps;
	struct test t;

	start(&t, true, 0);
	assert_int_equal(vtd_probe(&t.fake->hw, &config, &caps), 0);
	assert_int_equal(caps.stage2_levels, 1 << 4 | 1 << 5);
	assert_int_equal(caps.stage1_levels, 1 << 4 | 1 << 5);
	assert_int_equal(caps.stage2_bits, 57);
	assert_int_equal(caps.oa_bits, 46);
	assert_int_equal(caps.pasid_bits, 20);
	assert_int_equal(caps.page_sizes, 1 << 12 | 1 << 21 | 1 << 30);
	assert_true(caps.dirty && caps.nesting && caps.pri && caps.ats &&
		    caps.coherent_walk && caps.snoop_control);
	assert_false(caps.caches_not_present);
	config.scalable = false;
	assert_int_equal(vtd_probe(&t.fake->hw, &config, &caps), 0);
	assert_int_equal(caps.stage1_levels, 0);
	assert_int_equal(caps.pasid_bits, 0);
	fake_set64(t.fake, 0x10, ECAP & ~(1ull << 43));
	config.scalable = true;
	assert_int_equal(vtd_probe(&t.fake->hw, &config, &caps), -ENODEV);
	fake_set64(t.fake, 0x10, ECAP & ~2ull);
	assert_int_equal(vtd_probe(&t.fake->hw, &config, &caps), -ENODEV);
	fake_set64(t.fake, 0x10, ECAP);
	stop(&t);
}

/* Legacy context entries; identity has the largest width that there is. */
static void test_legacy(void **state)
{
	struct pt_iommu_vtdss_hw_info info;
	struct vtd_domain domain;
	struct test t;
	uint64_t did;

	start_with(&t, CAP, false, 0, 4);
	domain_init(&t, &domain, VTD_SECOND_STAGE, 4);
	did = domain.target.hw.id;
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	pt_iommu_vtdss_hw_info(&domain.vtdss, &info);
	assert_int_equal(context(&t)[0], info.ssptptr | 5);
	assert_int_equal(context(&t)[1], 2 | did << 8);
	assert_int_equal(
		iommu_attach(&t.fake->group, t.iommu.ops.identity_domain), 0);
	assert_int_equal(context(&t)[0], 9);
	assert_int_equal(context(&t)[1],
			 3 | t.iommu.identity.target.hw.id << 8);
	/* Context cache, IOTLB of the domain, device IOTLB */
	assert_true(fake_sent(t.fake, 0x31 | did << 16 | 0x1800000000, 0));
	assert_true(fake_sent(t.fake, 0x22 | did << 16, 0));
	assert_true(fake_sent(t.fake, 0x1800040003, 0x7ffffffffffff001));
	iommu_detach(&t.fake->group);
	assert_int_equal(context(&t)[0] & 1, 0);
	vtd_domain_fini(&domain);
	stop(&t);
}

static void test_flush(void **state)
{
	struct iommu_iotlb_gather gather;
	struct vtd_domain domain;
	struct test t;
	uint64_t did;

	start_with(&t, CAP, true, 0, 16);
	domain_init(&t, &domain, VTD_SECOND_STAGE, 4);
	did = domain.target.hw.id << 16;
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	fake_forget(t.fake);
	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add(&gather, 0x4b21200000, 0x4b213fffff, 4096);
	gather.tables = 2;
	iommu_iotlb_sync(&domain.domain, &gather);
	assert_true(fake_sent(t.fake, 0xf2 | did, 0x4b21200009));
	assert_true(fake_sent(t.fake, 0x1800100003, 0x4b212ff001));
	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add(&gather, 0x1000, 0x1fff, 4096);
	iommu_iotlb_sync(&domain.domain, &gather);
	assert_true(fake_sent(t.fake, 0xf2 | did, 0x1040));
	/* More than MAMV allows: the whole domain */
	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add(&gather, 0, 0x7fffffff, 4096);
	iommu_iotlb_sync(&domain.domain, &gather);
	assert_true(fake_sent(t.fake, 0xe2 | did, 0));
	iommu_detach(&t.fake->group);
	vtd_domain_fini(&domain);
	stop(&t);
}

/* PASID entries of both stages, beside any RID; and what is forgotten of them */
static void test_pasid(void **state)
{
	struct pt_iommu_x86_64_hw_info first;
	struct pt_iommu_vtdss_hw_info second;
	struct vtd_domain one, two;
	struct iommu_slot slot;
	struct iommu_group *group;
	struct test t;
	uint64_t did;

	start(&t, true, 20);
	group = &t.fake->group;
	domain_init(&t, &one, VTD_FIRST_STAGE, 5);
	domain_init(&t, &two, VTD_SECOND_STAGE, 4);
	/* Directory of 2^14 entries; PASIDs, ATS and page requests are on. */
	assert_int_equal(context(&t)[0] & 0xfff, 0xe1d);
	assert_int_equal(context(&t)[1], 0);
	assert_int_equal(iommu_attach_pasid(group, &slot, 0x4321, &one.domain),
			 0);
	pt_iommu_x86_64_hw_info(&one.x86_64, &first);
	did = one.target.hw.id;
	assert_int_equal(entry(&t, 0x4321)[0] & ~(7ull << 2), 0x41);
	assert_int_equal(entry(&t, 0x4321)[1], 1 << 23 | did);
	assert_int_equal(entry(&t, 0x4321)[2], first.gcr3_pt | 4);
	assert_int_equal(iommu_attach(group, t.iommu.ops.identity_domain), 0);
	assert_int_equal(iommu_attach(group, &two.domain), 0);
	pt_iommu_vtdss_hw_info(&two.vtdss, &second);
	/* SSADE, PGTT 2, AW 2 */
	assert_int_equal(entry(&t, 0)[0], second.ssptptr | 0x289);
	assert_int_equal(entry(&t, 0)[1], 1 << 23 | two.target.hw.id);
	assert_int_equal(entry(&t, 0x4321)[2], first.gcr3_pt | 4);
	fake_forget(t.fake);
	iommu_detach(group);
	assert_int_equal(entry(&t, 0)[0], 0);
	assert_int_equal(entry(&t, 0x4321)[0] & 1, 1);
	iommu_detach_pasid(group, &slot);
	assert_int_equal(entry(&t, 0x4321)[0], 0);
	assert_true(fake_sent(t.fake, 0x0000432100000017 | did << 16, 0));
	assert_true(fake_sent(t.fake, 0x0000432100000026 | did << 16, 0));
	assert_true(fake_sent(t.fake, 0x0000432100180108, 0x7ffffffffffff800));
	vtd_domain_fini(&one);
	vtd_domain_fini(&two);
	stop(&t);
}

static void test_nested(void **state)
{
	struct pt_iommu_vtdss_hw_info info;
	struct vtd_domain parent, first;
	struct vtd_nested nested;
	struct test t;
	uint64_t did;

	start(&t, true, 0);
	domain_init(&t, &parent, VTD_SECOND_STAGE, 4);
	domain_init(&t, &first, VTD_FIRST_STAGE, 4);
	assert_int_equal(vtd_nested_init(&nested, &first, 0x5000, 4), -EINVAL);
	assert_int_equal(vtd_nested_init(&nested, &parent, 0x5008, 4), -EINVAL);
	assert_int_equal(vtd_nested_init(&nested, &parent, 0x5000, 3), -EINVAL);
	assert_int_equal(vtd_nested_init(&nested, &parent, 0x80005000, 5), 0);
	did = nested.target.hw.id;
	assert_int_equal(iommu_attach(&t.fake->group, &nested.domain), 0);
	pt_iommu_vtdss_hw_info(&parent.vtdss, &info);
	assert_int_equal(entry(&t, 0)[0], info.ssptptr | 0x2c9);
	assert_int_equal(entry(&t, 0)[1], 1 << 23 | did);
	assert_int_equal(entry(&t, 0)[2], 0x80005004);
	/* A change of the second stage is one of what is nested on it. */
	fake_forget(t.fake);
	parent.domain.ops->flush_iotlb_all(&parent.domain);
	assert_true(fake_sent(t.fake, 0x22 | did << 16, 0));
	vtd_nested_invalidate(&nested, 0x7f1234567000, 0x7f1234567fff, true);
	assert_true(fake_sent(t.fake, 0x36 | did << 16, 0x7f1234567040));
	iommu_detach(&t.fake->group);
	vtd_nested_fini(&nested);
	vtd_domain_fini(&parent);
	vtd_domain_fini(&first);
	stop(&t);
}

/* Caching mode: what was not present is forgotten when it comes, too. */
static void test_caching_mode(void **state)
{
	struct vtd_domain domain;
	struct test t;
	uint64_t did;

	start_with(&t, CAP | CACHING, false, 0, 0);
	domain_init(&t, &domain, VTD_SECOND_STAGE, 4);
	did = domain.target.hw.id << 16;
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	assert_true(fake_sent(t.fake, 0x1800000031, 0));
	assert_true(fake_sent(t.fake, 0x22 | did, 0));
	fake_forget(t.fake);
	assert_int_equal(iommu_map(&domain.domain, 0x5000, 0x1000, 0x1000,
				   IOMMU_READ, GFP_KERNEL),
			 0);
	assert_true(fake_sent(t.fake, 0xf2 | did, 0x5000));
	iommu_detach(&t.fake->group);
	vtd_domain_fini(&domain);
	stop(&t);
}

static void put_fault(struct test *t, unsigned int nr, uint64_t lo, uint64_t hi)
{
	fake_set64(t->fake, 0x200 + 16 * nr, lo);
	fake_set64(t->fake, 0x208 + 16 * nr, hi);
}

static void test_fault(void **state)
{
	struct iommu_hw_fault fault;
	struct test t;
	bool lost;

	start(&t, true, 0);
	assert_false(vtd_next_fault(&t.iommu, &fault, &lost));
	/* A read of PASID 5 by execution, first stage, not present */
	put_fault(&t, 0, 0x7f1234567000,
		  3ull << 62 | 5ull << 40 | 0x71ull << 32 | 3ull << 30 | RID);
	put_fault(&t, 1, 0x1000, 1ull << 63 | 0x05ull << 32 | RID);
	assert_true(vtd_next_fault(&t.iommu, &fault, &lost));
	assert_int_equal(fault.rid, RID);
	assert_int_equal(fault.pasid, 5);
	assert_int_equal(fault.iova, 0x7f1234567000);
	assert_int_equal(fault.access, IOMMU_PAGE_READ | IOMMU_PAGE_EXEC);
	assert_int_equal(fault.reason, IOMMU_HW_NOT_PRESENT);
	assert_true(vtd_next_fault(&t.iommu, &fault, &lost));
	assert_int_equal(fault.pasid, IOMMU_NO_PASID);
	assert_int_equal(fault.access, IOMMU_PAGE_WRITE);
	assert_int_equal(fault.reason, IOMMU_HW_NOT_MAPPED_OR_ALLOWED);
	assert_false(vtd_next_fault(&t.iommu, &fault, &lost));
	assert_false(lost);
	fake_set32(t.fake, 0x34, 1);
	assert_false(vtd_next_fault(&t.iommu, &fault, &lost));
	assert_true(lost);
	stop(&t);
}

static void test_request(void **state)
{
	struct iommu_page_request request;
	struct test t;
	uint64_t *queue;
	uint16_t rid;
	bool lost;

	start(&t, true, 20);
	queue = fake_at(t.fake, fake_get64(t.fake, 0xd0) & ~0xfffull, 4096);
	queue[0] = 1ull << 53 | 5ull << 32 | RID << 16 | 1 << 8 | 1;
	queue[1] = 0x7f1234567000 | 3 << 3 | 7;
	fake_set64(t.fake, 0xc8, 32);
	assert_true(vtd_next_request(&t.iommu, &rid, &request, &lost));
	assert_int_equal(rid, RID);
	assert_int_equal(request.pasid, 5);
	assert_int_equal(request.grpid, 3);
	assert_int_equal(request.perm,
			 IOMMU_PAGE_READ | IOMMU_PAGE_WRITE | IOMMU_PAGE_PRIV);
	assert_true(request.last);
	assert_int_equal(request.addr, 0x7f1234567000);
	assert_false(vtd_next_request(&t.iommu, &rid, &request, &lost));
	assert_false(lost);
	fake_set32(t.fake, 0xdc, 2);
	assert_false(vtd_next_request(&t.iommu, &rid, &request, &lost));
	assert_true(lost);
	iommu_page_response(&t.dev.dev, 5, 3, IOMMU_PAGE_SUCCESS);
	assert_true(fake_sent(t.fake, 0x0000000500180019, 0x18));
	stop(&t);
}

/* Hardware that stops answering, or reports an error: said once. */
static void broken(uint32_t fsts, int error)
{
	struct vtd_domain domain;
	struct test t;

	start(&t, false, 0);
	domain_init(&t, &domain, VTD_SECOND_STAGE, 4);
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	t.fake->dead = true;
	fake_set32(t.fake, 0x34, fsts);
	assert_int_equal(iommu_attach(&t.fake->group,
				      t.iommu.ops.identity_domain),
			 error);
	assert_int_equal(t.fake->error, error);
	/* It is what it was, and nobody waits a second time. */
	assert_ptr_equal(iommu_attached(&t.fake->group), &domain.domain);
	assert_int_equal(iommu_attach(&t.fake->group,
				      t.iommu.ops.identity_domain),
			 error);
	assert_int_equal(t.fake->complaints, 1);
	iommu_detach(&t.fake->group);
	vtd_domain_fini(&domain);
	t.fake->dead = false;
	stop(&t);
}

static void test_broken(void **state)
{
	broken(0, -ETIMEDOUT);
	broken(1 << 4, -EIO);
	broken(1 << 5, -EIO);
	broken(1 << 6, -EIO);
}

static void test_refused(void **state)
{
	struct vtd_domain_config config = { .stage = VTD_SECOND_STAGE,
					    .levels = 3 };
	struct vtd_domain domain = { .target.hw.id = 0 };
	struct vtd_dev dev = { .rid = 0 };
	struct iommu_slot slot;
	struct test t;

	start(&t, false, 0);
	assert_int_equal(vtd_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	config.levels = 4;
	config.va_bits = 58;
	assert_int_equal(vtd_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	config.va_bits = 0;
	config.dirty = true;
	assert_int_equal(vtd_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	config = (struct vtd_domain_config){ .stage = VTD_FIRST_STAGE };
	assert_int_equal(vtd_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	assert_int_equal(vtd_dev_init(&dev, &t.iommu, 1, 1), -EOPNOTSUPP);
	domain_init(&t, &domain, VTD_SECOND_STAGE, 4);
	assert_int_equal(iommu_attach_pasid(&t.fake->group, &slot, 1,
					    &domain.domain),
			 -EINVAL);
	vtd_domain_fini(&domain);
	stop(&t);
}

/* Every allocation fails once; nothing is left behind. */
static void test_nomem(void **state)
{
	const struct vtd_config config = { .scalable = true };
	struct fake *fake = fake_new(wrote);
	struct vtd_iommu iommu;
	uint64_t nth = 0;
	int rc;

	fake_set64(fake, 0x08, CAP);
	fake_set64(fake, 0x10, ECAP);
	do {
		port_arena_fail_nth(fake->arena, ++nth);
		rc = vtd_init(&iommu, &fake->hw, &config);
		if (rc)
			assert_int_equal(port_arena_bytes(fake->arena), 0);
	} while (rc == -ENOMEM);
	assert_int_equal(rc, 0);
	assert_true(nth > 3);
	vtd_fini(&iommu);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_legacy),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_pasid),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_caching_mode),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nomem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
