/* SPDX-License-Identifier: MIT */
/*
 * What no emulation has: PASIDs, ATS, page requests, and hardware that fails. Values
 * are worked out from the RISC-V IOMMU specification.
 */
#include "dirty.h"
#include "riscv_machine.h"

static void domain_init(struct test *t, struct riscv_iommu_domain *domain,
			enum riscv_iommu_stage stage)
{
	const struct riscv_iommu_domain_config config = { .stage = stage,
							  .levels = 3 };

	*domain = (struct riscv_iommu_domain){ .target.hw.id = 0 };
	assert_int_equal(riscv_iommu_domain_init(domain, &t->iommu, &config),
			 0);
}

static void test_probe(void **state)
{
	struct iommu_hw_caps caps;
	struct test t;

	start(&t, 0, false);
	assert_int_equal(riscv_iommu_probe(&t.fake->hw, &caps), 0);
	assert_int_equal(caps.oa_bits, 56);
	assert_int_equal(caps.stage1_levels, 7 << 3);
	assert_int_equal(caps.stage1_bits, 57);
	assert_int_equal(caps.stage2_bits, 59);
	assert_int_equal(caps.pasid_bits, 20);
	assert_true(caps.nesting && caps.dirty && caps.ats && caps.pri);
	fake_set64(t.fake, 0, CAPS + 1);
	assert_int_equal(riscv_iommu_probe(&t.fake->hw, &caps), -ENODEV);
	fake_set64(t.fake, 0, CAPS);
	stop(&t);
}

/* Device contexts of both stages; SADE and GADE because hardware can */
static void test_contexts(void **state)
{
	struct pt_iommu_riscv64_x4_hw_info second;
	struct pt_iommu_riscv64_hw_info first;
	struct riscv_iommu_domain one, two;
	struct test t;
	uint64_t id;

	start(&t, 0, false);
	domain_init(&t, &one, RISCV_IOMMU_FIRST);
	domain_init(&t, &two, RISCV_IOMMU_SECOND);
	assert_int_equal(context(&t)[0], 0);
	assert_int_equal(iommu_attach(&t.fake->group, &one.domain), 0);
	pt_iommu_riscv64_hw_info(&one.first, &first);
	assert_int_equal(context(&t)[0], 0x181);
	assert_int_equal(context(&t)[1], 0);
	assert_int_equal(context(&t)[2], (uint64_t)one.target.hw.id << 12);
	assert_int_equal(context(&t)[3], 8ull << 60 | first.ppn);
	fake_forget(t.fake);
	assert_int_equal(iommu_attach(&t.fake->group, &two.domain), 0);
	pt_iommu_riscv64_x4_hw_info(&two.second, &second);
	id = two.target.hw.id;
	assert_int_equal(context(&t)[1], 8ull << 60 | id << 44 | second.ppn);
	assert_int_equal(context(&t)[2], 0);
	assert_int_equal(context(&t)[3], 0);
	/* The context, and what is tagged with the PSCID */
	assert_true(fake_sent(t.fake, 0x0000180200000003, 0));
	assert_true(fake_sent(
		t.fake, 1ull << 32 | (uint64_t)one.target.hw.id << 12 | 1, 0));
	fake_forget(t.fake);
	assert_int_equal(
		iommu_attach(&t.fake->group, t.iommu.ops.identity_domain), 0);
	assert_int_equal(context(&t)[0], 0x181);
	assert_int_equal(context(&t)[1], 0);
	/* GVMA of all of the GSCID, and VMA with it */
	assert_true(fake_sent(t.fake, id << 44 | 1ull << 33 | 0x81, 0));
	assert_true(fake_sent(t.fake, id << 44 | 1ull << 33 | 0x01, 0));
	iommu_detach(&t.fake->group);
	assert_int_equal(context(&t)[0], 0);
	riscv_iommu_domain_fini(&one);
	riscv_iommu_domain_fini(&two);
	stop(&t);
}

static void test_flush(void **state)
{
	struct iommu_iotlb_gather gather;
	struct riscv_iommu_domain domain;
	struct test t;
	uint64_t tag;

	start(&t, 0, true);
	domain_init(&t, &domain, RISCV_IOMMU_FIRST);
	tag = 1ull << 32 | (uint64_t)domain.target.hw.id << 12;
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	fake_forget(t.fake);
	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add(&gather, 0x2b12345000, 0x2b12345fff, 4096);
	iommu_iotlb_sync(&domain.domain, &gather);
	assert_true(fake_sent(t.fake, tag | 1 << 10 | 1, 0x0000000ac48d1400));
	assert_true(fake_sent(t.fake, 0x0000180200000004, 0x2b12345000));
	/* Tables, too: everything */
	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add(&gather, 0x40030000, 0x4003ffff, 4096);
	gather.tables = 2;
	iommu_iotlb_sync(&domain.domain, &gather);
	assert_true(fake_sent(t.fake, tag | 1, 0));
	assert_true(fake_sent(t.fake, 0x0000180200000004, 0x40037800));
	iommu_detach(&t.fake->group);
	riscv_iommu_domain_fini(&domain);
	stop(&t);
}

static void test_pasid(void **state)
{
	struct riscv_iommu_domain one, two, second;
	struct pt_iommu_riscv64_hw_info info;
	struct iommu_slot slot;
	struct iommu_group *group;
	struct test t;

	start(&t, 20, true);
	group = &t.fake->group;
	domain_init(&t, &one, RISCV_IOMMU_FIRST);
	domain_init(&t, &two, RISCV_IOMMU_FIRST);
	domain_init(&t, &second, RISCV_IOMMU_SECOND);
	/* RID is blocked: DPE, and nothing in process context 0 */
	assert_int_equal(iommu_attach_pasid(group, &slot, 0x54321, &one.domain),
			 0);
	pt_iommu_riscv64_hw_info(&one.first, &info);
	assert_int_equal(context(&t)[0], 0x3e7);
	assert_int_equal(process(&t, 0x54321)[0],
			 1 | (uint64_t)one.target.hw.id << 12);
	assert_int_equal(process(&t, 0x54321)[1], 8ull << 60 | info.ppn);
	assert_int_equal(process(&t, 0)[0], 0);
	assert_int_equal(iommu_attach(group, &second.domain), -EBUSY);
	assert_int_equal(iommu_attach(group, t.iommu.ops.identity_domain), 0);
	assert_int_equal(context(&t)[0], 0x1e7);
	assert_int_equal(iommu_attach(group, &two.domain), 0);
	assert_int_equal(context(&t)[0], 0x3e7);
	assert_int_equal(process(&t, 0)[0] & 1, 1);
	assert_int_equal(iommu_replace_pasid(group, &slot, &two.domain), 0);
	assert_int_equal(process(&t, 0x54321)[0],
			 1 | (uint64_t)two.target.hw.id << 12);
	fake_forget(t.fake);
	iommu_detach_pasid(group, &slot);
	assert_int_equal(process(&t, 0x54321)[0], 0);
	assert_true(fake_sent(t.fake, 0x0000180254321083, 0));
	assert_true(fake_sent(t.fake, 0x0000180354321004, 0x7ffffffffffff800));
	/* Without PASIDs the device context says it all again. */
	assert_int_equal(iommu_attach(group, &one.domain), 0);
	assert_int_equal(context(&t)[0], 0x1c7);
	assert_int_equal(iommu_attach(group, &second.domain), 0);
	assert_int_equal(iommu_attach_pasid(group, &slot, 5, &one.domain),
			 -EBUSY);
	iommu_detach(group);
	riscv_iommu_domain_fini(&one);
	riscv_iommu_domain_fini(&two);
	riscv_iommu_domain_fini(&second);
	stop(&t);
}

static void test_nested(void **state)
{
	struct riscv_iommu_domain parent, first;
	struct pt_iommu_riscv64_x4_hw_info info;
	struct riscv_iommu_nested nested;
	struct test t;
	uint64_t id;

	start(&t, 0, false);
	domain_init(&t, &parent, RISCV_IOMMU_SECOND);
	domain_init(&t, &first, RISCV_IOMMU_FIRST);
	assert_int_equal(riscv_iommu_nested_init(&nested, &first, 3, 0x1000, 1),
			 -EINVAL);
	assert_int_equal(riscv_iommu_nested_init(&nested, &parent, 2, 0x1000,
						 1),
			 -EINVAL);
	assert_int_equal(riscv_iommu_nested_init(&nested, &parent, 3, 0x1008,
						 1),
			 -EINVAL);
	assert_int_equal(riscv_iommu_nested_init(&nested, &parent, 3,
						 0x80001000, 0x33),
			 0);
	assert_int_equal(iommu_attach(&t.fake->group, &nested.domain), 0);
	pt_iommu_riscv64_x4_hw_info(&parent.second, &info);
	id = parent.target.hw.id;
	assert_int_equal(context(&t)[1], 8ull << 60 | id << 44 | info.ppn);
	assert_int_equal(context(&t)[2], 0x33000);
	assert_int_equal(context(&t)[3], 0x8000000000080001);
	fake_forget(t.fake);
	riscv_iommu_nested_invalidate(&nested);
	assert_true(fake_sent(t.fake, id << 44 | 1ull << 33 | 0x01, 0));
	iommu_detach(&t.fake->group);
	riscv_iommu_nested_fini(&nested);
	riscv_iommu_domain_fini(&parent);
	riscv_iommu_domain_fini(&first);
	stop(&t);
}

static void test_fault(void **state)
{
	struct iommu_hw_fault fault;
	struct test t;
	uint64_t *queue;
	bool lost;

	start(&t, 0, false);
	assert_false(riscv_iommu_next_fault(&t.iommu, &fault, &lost));
	queue = fake_at(t.fake, page_of(fake_get64(t.fake, 0x28)), 4096);
	queue[0] = (uint64_t)ID << 40 | 3ull << 34 | 1ull << 33 | 1ull << 32 |
		   5 << 12 | 23;
	queue[2] = 0x7f1234567890;
	queue[3] = 0x87654001;
	fake_set32(t.fake, 0x34, 1);
	assert_true(riscv_iommu_next_fault(&t.iommu, &fault, &lost));
	assert_int_equal(fault.rid, ID);
	assert_int_equal(fault.pasid, 5);
	assert_int_equal(fault.iova, 0x7f1234567890);
	assert_int_equal(fault.access, IOMMU_PAGE_WRITE | IOMMU_PAGE_PRIV);
	assert_int_equal(fault.reason, IOMMU_HW_NOT_MAPPED_OR_ALLOWED);
	assert_true(fault.stage2);
	assert_int_equal(fault.gpa, 0x87654000);
	assert_false(riscv_iommu_next_fault(&t.iommu, &fault, &lost));
	assert_false(lost);
	fake_set32(t.fake, 0x4c, 1 | 1 << 9 | 1 << 16);
	assert_false(riscv_iommu_next_fault(&t.iommu, &fault, &lost));
	assert_true(lost);
	stop(&t);
}

static void test_request(void **state)
{
	struct iommu_page_request request;
	struct test t;
	uint64_t *queue;
	uint32_t id;
	bool lost;

	start(&t, 20, true);
	queue = fake_at(t.fake, page_of(fake_get64(t.fake, 0x38)), 4096);
	queue[0] = (uint64_t)ID << 40 | 1ull << 32 | 5 << 12;
	queue[1] = 0x7f1234567000 | 3 << 3 | 7;
	fake_set32(t.fake, 0x44, 1);
	assert_true(riscv_iommu_next_request(&t.iommu, &id, &request, &lost));
	assert_int_equal(id, ID);
	assert_int_equal(request.pasid, 5);
	assert_int_equal(request.grpid, 3);
	assert_int_equal(request.perm, IOMMU_PAGE_READ | IOMMU_PAGE_WRITE);
	assert_true(request.last);
	assert_int_equal(request.addr, 0x7f1234567000);
	assert_false(riscv_iommu_next_request(&t.iommu, &id, &request, &lost));
	iommu_page_response(&t.dev.dev, 5, 3, IOMMU_PAGE_SUCCESS);
	assert_true(fake_sent(t.fake, 0x0000180300005084, 0x0000000300000000));
	stop(&t);
}

static void test_refused(void **state)
{
	struct riscv_iommu_domain_config config = { .stage = RISCV_IOMMU_FIRST,
						    .levels = 6 };
	struct riscv_iommu_domain domain = { .target.hw.id = 0 };
	struct riscv_iommu_dev dev = { .id = 0 };
	struct riscv_iommu iommu;
	struct test t;

	start(&t, 0, false);
	assert_int_equal(riscv_iommu_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	t.iommu.caps.dirty = false;
	config = (struct riscv_iommu_domain_config){ RISCV_IOMMU_SECOND, 3,
						     true };
	assert_int_equal(riscv_iommu_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	config = (struct riscv_iommu_domain_config){ RISCV_IOMMU_BARE, 3,
						     false };
	assert_int_equal(riscv_iommu_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	assert_int_equal(riscv_iommu_dev_init(&dev, &t.iommu, 1 << 16, 0),
			 -ERANGE);
	assert_int_equal(riscv_iommu_dev_init(&dev, &t.iommu, 1, 21),
			 -EOPNOTSUPP);
	assert_int_equal(riscv_iommu_init(&iommu, &t.fake->hw,
					  &(struct riscv_iommu_config){ 25 }),
			 -EINVAL);
	stop(&t);
}

/*
 * SADE and GADE are on; pages of a domain that tracks begin clean, those of others
 * need no store of the hardware's.
 */
static void test_dirty(void **state)
{
	const enum riscv_iommu_stage stage[] = { RISCV_IOMMU_FIRST,
						 RISCV_IOMMU_SECOND };
	struct riscv_iommu_domain domain;
	struct test t;

	start(&t, 0, false);
	for (int i = 0; i < 2; i++) {
		const struct riscv_iommu_domain_config config = {
			.stage = stage[i], .levels = 3, .dirty = true
		};

		domain = (struct riscv_iommu_domain){ .target.hw.id = 0 };
		assert_int_equal(
			riscv_iommu_domain_init(&domain, &t.iommu, &config), 0);
		check_dirty(&domain.domain);
		assert_int_equal(iommu_attach(&t.fake->group, &domain.domain),
				 0);
		assert_int_equal(domain.domain.dirty_ops->set_dirty_tracking(
					 &domain.domain, true),
				 0);
		assert_int_equal(context(&t)[0] & 0x180, 0x180);
		iommu_detach(&t.fake->group);
		riscv_iommu_domain_fini(&domain);
		domain_init(&t, &domain, stage[i]);
		assert_null(domain.domain.dirty_ops);
		riscv_iommu_domain_fini(&domain);
	}
	stop(&t);
}

/* A device that has gone: its tables are free, so its context must not lead there. */
static void test_gone(void **state)
{
	struct riscv_iommu_domain one;
	struct iommu_slot slot;
	struct test t;

	start(&t, 20, true);
	domain_init(&t, &one, RISCV_IOMMU_FIRST);
	assert_int_equal(
		iommu_attach_pasid(&t.fake->group, &slot, 7, &one.domain), 0);
	iommu_detach_pasid(&t.fake->group, &slot);
	iommu_group_release(&t.fake->group);
	iommu_dev_remove(&t.dev.dev);
	/* Not even if the hardware has stopped answering */
	t.fake->dead = true;
	riscv_iommu_dev_fini(&t.dev);
	t.fake->dead = false;
	assert_int_equal(context(&t)[0], 0);
	riscv_iommu_domain_fini(&one);
	riscv_iommu_fini(&t.iommu);
	fake_free(t.fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirty),   cmocka_unit_test(test_gone),
		cmocka_unit_test(test_probe),   cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_flush),   cmocka_unit_test(test_pasid),
		cmocka_unit_test(test_nested),  cmocka_unit_test(test_fault),
		cmocka_unit_test(test_request), cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
