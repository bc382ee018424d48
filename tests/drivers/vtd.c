/* SPDX-License-Identifier: MIT */
/*
 * What no emulation has: PASIDs, device IOTLBs, page requests, nesting, caching mode,
 * and hardware that fails. Values are worked out from the VT-d specification.
 */
#include "dirty.h"
#include "vtd_machine.h"

static void domain_init(struct test *t, struct vtd_domain *domain,
			enum vtd_stage stage, unsigned int levels)
{
	const struct vtd_domain_config config = { .stage = stage,
						  .levels = levels };

	*domain = (struct vtd_domain){ .target.hw.id = 0 };
	assert_int_equal(vtd_domain_init(domain, &t->iommu, &config), 0);
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
	assert_true(fake_sent(t.fake, 0xe2 | did << 16, 0));
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
	/* PGTT 2, AW 2 */
	assert_int_equal(entry(&t, 0)[0], second.ssptptr | 0x089);
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
	assert_int_equal(entry(&t, 0)[0], info.ssptptr | 0x0c9);
	assert_int_equal(entry(&t, 0)[1], 1 << 23 | did);
	assert_int_equal(entry(&t, 0)[2], 0x80005004);
	/* A change of the second stage is one of what is nested on it. */
	fake_forget(t.fake);
	parent.domain.ops->flush_iotlb_all(&parent.domain);
	assert_true(fake_sent(t.fake, 0xe2 | did << 16, 0));
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
	assert_true(fake_sent(t.fake, 0xe2 | did, 0));
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
	config = (struct vtd_domain_config){ .stage = VTD_SECOND_STAGE,
					     .levels = 6 };
	assert_int_equal(vtd_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	config = (struct vtd_domain_config){ .stage = VTD_PASS_THROUGH };
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

static int dirty_init(struct test *t, struct vtd_domain *domain,
		      enum vtd_stage stage)
{
	const struct vtd_domain_config config = { .stage = stage,
						  .levels = 4,
						  .dirty = true };

	*domain = (struct vtd_domain){ .target.hw.id = 0 };
	return vtd_domain_init(domain, &t->iommu, &config);
}

/* SSADE, in one store; then what was translated without it is forgotten, in order. */
static void test_dirty(void **state)
{
	const struct iommu_dirty_ops *ops;
	struct vtd_domain domain, first, plain;
	struct vtd_nested nested;
	struct test t;
	uint64_t did;

	start(&t, true, 0);
	assert_int_equal(dirty_init(&t, &domain, VTD_SECOND_STAGE), 0);
	check_dirty(&domain.domain);
	ops = domain.domain.dirty_ops;
	did = domain.target.hw.id << 16;
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	assert_int_equal(entry(&t, 0)[0] & 0x200, 0);
	fake_forget(t.fake);
	assert_int_equal(ops->set_dirty_tracking(&domain.domain, true), 0);
	assert_int_equal(entry(&t, 0)[0] & 0x3c1, 0x281);
	assert_true(fake_when(t.fake, 0x17 | did, 0) <
		    fake_when(t.fake, 0xe2 | did, 0));
	assert_true(fake_when(t.fake, 0xe2 | did, 0) <
		    fake_when(t.fake, 0x1800100003, 0x7ffffffffffff001));
	/* Page requests under way are in their queue when it returns. */
	assert_int_equal(t.fake->command[t.fake->nr - 1][0] & 0xff, 0xa5);
	/* Who comes later, and what is nested, tracks too. */
	iommu_detach(&t.fake->group);
	assert_int_equal(vtd_nested_init(&nested, &domain, 0x5000, 4), 0);
	assert_int_equal(iommu_attach(&t.fake->group, &nested.domain), 0);
	assert_int_equal(entry(&t, 0)[0] & 0x3c1, 0x2c1);
	assert_int_equal(ops->set_dirty_tracking(&domain.domain, false), 0);
	assert_int_equal(entry(&t, 0)[0] & 0x3c1, 0x0c1);
	/* Formats without clean pages do not; nor do other domains. */
	assert_int_equal(dirty_init(&t, &first, VTD_FIRST_STAGE), -EOPNOTSUPP);
	domain_init(&t, &plain, VTD_SECOND_STAGE, 4);
	assert_null(plain.domain.dirty_ops);
	vtd_domain_fini(&plain);
	/* Hardware that breaks: as it was */
	t.fake->dead = true;
	assert_int_equal(ops->set_dirty_tracking(&domain.domain, true),
			 -ETIMEDOUT);
	assert_int_equal(entry(&t, 0)[0] & 0x3c1, 0x0c1);
	iommu_detach(&t.fake->group);
	t.fake->dead = false;
	vtd_nested_fini(&nested);
	vtd_domain_fini(&domain);
	stop(&t);
}

/* Walks that do not snoop must not set bits: there is no tracking then. */
static void test_dirty_snoops(void **state)
{
	const struct vtd_config config = { .scalable = true };
	struct iommu_hw_caps caps;
	struct test t;

	start(&t, true, 0);
	fake_set64(t.fake, 0x10, ECAP & ~(1ull << 48));
	assert_int_equal(vtd_probe(&t.fake->hw, &config, &caps), 0);
	assert_false(caps.coherent_walk || caps.dirty);
	fake_set64(t.fake, 0x10, ECAP);
	stop(&t);
}

/* SNP in leaf entries of a second stage, PGSNP in the entry of a first stage. */
static void test_enforce(void **state)
{
	struct pt_iommu_vtdss_hw_info info;
	struct vtd_domain second, first;
	const uint64_t *table;
	struct test t;

	start(&t, true, 0);
	assert_true(iommu_dev_capable(&t.dev.dev,
				      IOMMU_CAP_ENFORCE_CACHE_COHERENCY));
	domain_init(&t, &second, VTD_SECOND_STAGE, 4);
	domain_init(&t, &first, VTD_FIRST_STAGE, 4);
	assert_true(second.domain.ops->enforce_cache_coherency(&second.domain));
	assert_int_equal(iommu_map(&second.domain, 0, 0, 1 << 30, IOMMU_READ,
				   GFP_KERNEL),
			 0);
	pt_iommu_vtdss_hw_info(&second.vtdss, &info);
	table = fake_at(t.fake, info.ssptptr, 4096);
	table = fake_at(t.fake, table[0] & 0xffffffffff000, 4096);
	assert_true(table[0] & 1 << 11);
	/* Something is mapped: too late, had it not been so already. */
	assert_false(
		second.domain.ops->enforce_cache_coherency(&second.domain));
	assert_int_equal(iommu_attach(&t.fake->group, &first.domain), 0);
	assert_int_equal(entry(&t, 0)[1] & 1 << 24, 0);
	fake_forget(t.fake);
	assert_true(first.domain.ops->enforce_cache_coherency(&first.domain));
	assert_int_equal(entry(&t, 0)[1] & 1 << 24, 1 << 24);
	assert_true(fake_sent(t.fake, 0x17 | first.target.hw.id << 16, 0));
	iommu_detach(&t.fake->group);
	assert_int_equal(iommu_attach(&t.fake->group, &first.domain), 0);
	assert_int_equal(entry(&t, 0)[1] & 1 << 24, 1 << 24);
	iommu_detach(&t.fake->group);
	t.iommu.caps.snoop_control = false;
	assert_false(
		second.domain.ops->enforce_cache_coherency(&second.domain));
	assert_false(first.domain.ops->enforce_cache_coherency(&first.domain));
	vtd_domain_fini(&second);
	vtd_domain_fini(&first);
	stop(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirty),
		cmocka_unit_test(test_dirty_snoops),
		cmocka_unit_test(test_enforce),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_legacy),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_pasid),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_caching_mode),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
