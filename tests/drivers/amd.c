/* SPDX-License-Identifier: MIT */
/*
 * What no emulation has: PASIDs, device IOTLBs, page requests, nesting, and hardware
 * that fails. Values are worked out from publication 48882.
 */
#include "dirty.h"
#include "amd_machine.h"

static void domain_init(struct test *t, struct amd_domain *domain,
			enum amd_stage stage, bool fixed)
{
	const struct amd_domain_config config = { .stage = stage,
						  .fixed = fixed };

	*domain = (struct amd_domain){ .target.hw.id = 0 };
	assert_int_equal(amd_domain_init(domain, &t->iommu, &config), 0);
}

static void test_probe(void **state)
{
	struct iommu_hw_caps caps;
	struct test t;

	start(&t, 0, 0);
	assert_int_equal(amd_probe(&t.fake->hw,
				   &(struct amd_config){ .ats = true }, &caps),
			 0);
	assert_int_equal(caps.stage2_bits, 64);
	assert_int_equal(caps.stage2_levels, 0x7c);
	assert_int_equal(caps.stage1_levels, 1 << 4);
	assert_int_equal(caps.pasid_bits, 16);
	assert_true(caps.dirty && caps.ats && caps.pri && caps.nesting);
	stop(&t);
}

/* DTE: mode 3, ATS, as in the specification's terms */
static void test_host(void **state)
{
	struct amd_domain domain;
	struct pt_iommu_amdv1_hw_info info;
	struct test t;

	start(&t, 0, 8);
	assert_int_equal(dte(&t)[0], 1);
	domain_init(&t, &domain, AMD_HOST, false);
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	pt_iommu_amdv1_hw_info(&domain.amdv1, &info);
	/* With PPR and GPRP, because this device asks for pages. */
	assert_int_equal(dte(&t)[0] & ~(3ull << 52),
			 0x6000000000000603 | info.host_pt_root);
	assert_int_equal(dte(&t)[1], 1ull << 32 | domain.target.hw.id);
	assert_int_equal(dte(&t)[2], 0);
	iommu_detach(&t.fake->group);
	assert_int_equal(dte(&t)[0], 1);
	amd_domain_fini(&domain);
	stop(&t);
}

/* INVALIDATE_IOMMU_PAGES and, for the device, INVALIDATE_IOTLB_PAGES */
static void test_flush(void **state)
{
	struct iommu_iotlb_gather gather;
	struct amd_domain domain;
	struct test t;
	uint64_t id;

	start(&t, 0, 8);
	domain_init(&t, &domain, AMD_HOST, false);
	id = domain.target.hw.id;
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	fake_forget(t.fake);
	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add(&gather, 0x41000000, 0x41ffffff, 4096);
	gather.tables = 2;
	iommu_iotlb_sync(&domain.domain, &gather);
	assert_true(fake_sent(t.fake, 3ull << 60 | id << 32, 0x417ff003));
	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add(&gather, 0x40030000, 0x4003ffff, 4096);
	iommu_iotlb_sync(&domain.domain, &gather);
	assert_true(fake_sent(t.fake, 3ull << 60 | id << 32, 0x40037001));
	assert_true(fake_sent(t.fake, 0x4000001808000018, 0x40037001));
	domain.domain.ops->flush_iotlb_all(&domain.domain);
	assert_true(
		fake_sent(t.fake, 3ull << 60 | id << 32, 0x7ffffffffffff003));
	iommu_detach(&t.fake->group);
	assert_true(fake_sent(t.fake, 2ull << 60 | RID, 0));
	amd_domain_fini(&domain);
	stop(&t);
}

/* PASIDs beside every kind of RID that can be beside them. */
static void test_pasid(void **state)
{
	struct amd_domain rid, one, two;
	struct pt_iommu_x86_64_hw_info info;
	struct iommu_slot slot, other;
	struct iommu_group *group;
	struct test t;

	start(&t, 16, 8);
	group = &t.fake->group;
	domain_init(&t, &rid, AMD_HOST, false);
	domain_init(&t, &one, AMD_GUEST, false);
	domain_init(&t, &two, AMD_GUEST, false);
	/* RID is blocked: what has no PASID finds nothing in entry 0. */
	assert_int_equal(iommu_attach_pasid(group, &slot, 0x1234, &one.domain),
			 0);
	pt_iommu_x86_64_hw_info(&one.x86_64, &info);
	assert_int_equal(gcr3_entry(&t, 0x1234), info.gcr3_pt | 1);
	assert_int_equal(gcr3_entry(&t, 0), 0);
	assert_true(dte(&t)[0] & 1ull << 55 && dte(&t)[0] & 1ull << 54);
	assert_int_equal(iommu_attach_pasid(group, &other, 7, &one.domain), 0);
	/* A host table would translate PASIDs, too. */
	assert_int_equal(iommu_attach(group, &rid.domain), -EBUSY);
	assert_int_equal(gcr3_entry(&t, 0x1234), info.gcr3_pt | 1);
	/* IDENTITY is without GIOV. */
	assert_int_equal(iommu_attach(group, t.iommu.ops.identity_domain), 0);
	assert_false(dte(&t)[0] & 1ull << 54);
	assert_true(dte(&t)[0] & 1ull << 55);
	assert_int_equal(iommu_attach(group, &two.domain), 0);
	assert_true(dte(&t)[0] & 1ull << 54);
	assert_int_not_equal(gcr3_entry(&t, 0), 0);
	fake_forget(t.fake);
	assert_int_equal(iommu_replace_pasid(group, &slot, &two.domain), 0);
	pt_iommu_x86_64_hw_info(&two.x86_64, &info);
	assert_int_equal(gcr3_entry(&t, 0x1234), info.gcr3_pt | 1);
	/* All of the PASID, in the IOMMU and in the device */
	assert_true(fake_sent(
		t.fake, 3ull << 60 | (uint64_t)t.dev.guest_id << 32 | 0x1234,
		0x7ffffffffffff007));
	assert_true(fake_sent(t.fake, 0x4034001808120018, 0x7ffffffffffff005));
	iommu_detach_pasid(group, &slot);
	assert_int_equal(gcr3_entry(&t, 0x1234), 0);
	iommu_detach_pasid(group, &other);
	iommu_detach(group);
	assert_int_equal(iommu_attach(group, &rid.domain), 0);
	assert_int_equal(iommu_attach_pasid(group, &slot, 7, &one.domain),
			 -EBUSY);
	iommu_detach(group);
	amd_domain_fini(&rid);
	amd_domain_fini(&one);
	amd_domain_fini(&two);
	stop(&t);
}

static void test_nested(void **state)
{
	const struct amd_nested_config config = {
		.gcr3 = 0x123456789000, .glx = 1, .giov = true, .levels = 4
	};
	struct amd_domain parent, growing;
	struct amd_nested nested;
	struct pt_iommu_amdv1_hw_info info;
	struct test t;
	uint64_t id;

	start(&t, 0, 0);
	domain_init(&t, &parent, AMD_HOST, true);
	domain_init(&t, &growing, AMD_HOST, false);
	assert_int_equal(amd_nested_init(&nested, &growing, &config), -EINVAL);
	assert_int_equal(amd_nested_init(&nested, &parent, &config), 0);
	id = nested.target.hw.id;
	assert_int_equal(iommu_attach(&t.fake->group, &nested.domain), 0);
	pt_iommu_amdv1_hw_info(&parent.amdv1, &info);
	/* The fields of the sheet's "v2/PASID" row, over a host table */
	assert_int_equal(dte(&t)[0],
			 0x65c0000000000003 | 3ull << 9 | info.host_pt_root);
	assert_int_equal(dte(&t)[1], 0x01234000acf10000 | id);
	/* A change of the host's table is one of the guest's translations. */
	fake_forget(t.fake);
	parent.domain.ops->flush_iotlb_all(&parent.domain);
	assert_true(
		fake_sent(t.fake, 3ull << 60 | id << 32, 0x7ffffffffffff003));
	amd_nested_invalidate(&nested, 5, 0x40030000, 0x4003ffff, true);
	assert_true(fake_sent(t.fake, 3ull << 60 | id << 32 | 5, 0x40037005));
	iommu_detach(&t.fake->group);
	amd_nested_fini(&nested);
	amd_domain_fini(&parent);
	amd_domain_fini(&growing);
	stop(&t);
}

static void test_event(void **state)
{
	struct iommu_hw_fault fault;
	struct test t;
	uint64_t *log;
	bool lost;

	start(&t, 0, 0);
	assert_false(amd_next_fault(&t.iommu, &fault, &lost));
	log = fake_at(t.fake, fake_get64(t.fake, 0x10) & 0xffffffffff000, 4096);
	/* A write of PASID 0x51234 to a page that is there: GN, PR, RW, PE */
	log[0] = 2ull << 60 | 0x71ull << 48 | 0x1234ull << 32 | 5ull << 16 |
		 RID;
	log[1] = 0xabc123;
	fake_set64(t.fake, 0x2018, 16);
	assert_true(amd_next_fault(&t.iommu, &fault, &lost));
	assert_int_equal(fault.rid, RID);
	assert_int_equal(fault.pasid, 0x51234);
	assert_int_equal(fault.iova, 0xabc123);
	assert_int_equal(fault.access, IOMMU_PAGE_WRITE | IOMMU_PAGE_PRIV);
	assert_int_equal(fault.reason, IOMMU_HW_PERMISSION);
	assert_int_equal(log[0], 0);
	assert_false(amd_next_fault(&t.iommu, &fault, &lost));
	assert_false(lost);
	fake_set64(t.fake, 0x2020, 1);
	assert_false(amd_next_fault(&t.iommu, &fault, &lost));
	assert_true(lost);
	stop(&t);
}

static void test_request(void **state)
{
	struct iommu_page_request request;
	struct test t;
	uint64_t *log;
	uint16_t rid;
	bool lost;

	start(&t, 16, 8);
	assert_false(amd_next_request(&t.iommu, &rid, &request, &lost));
	log = fake_at(t.fake, fake_get64(t.fake, 0x38) & 0xffffffffff000, 4096);
	log[0] = 1ull << 60 | 1ull << 56 | 1ull << 54 | 1ull << 53 |
		 1ull << 50 | 1ull << 41 | 3ull << 32 | 5ull << 16 | RID;
	log[1] = 0x7f1234567000;
	fake_set64(t.fake, 0x2038, 16);
	assert_true(amd_next_request(&t.iommu, &rid, &request, &lost));
	assert_int_equal(rid, RID);
	assert_int_equal(request.pasid, 5);
	assert_int_equal(request.grpid, 3);
	assert_int_equal(request.perm, IOMMU_PAGE_READ | IOMMU_PAGE_WRITE);
	assert_true(request.last);
	assert_int_equal(request.addr, 0x7f1234567000);
	/* COMPLETE_PPR_REQUEST, invalid */
	iommu_page_response(&t.dev.dev, 5, 3, IOMMU_PAGE_INVALID);
	assert_true(fake_sent(t.fake, 7ull << 60 | 5ull << 32 | RID,
			      1ull << 44 | 3ull << 32 | 4));
	stop(&t);
}

static void test_refused(void **state)
{
	struct amd_domain_config config = { .stage = AMD_HOST, .levels = 7 };
	struct amd_domain domain = { .target.hw.id = 0 };
	struct amd_dev dev = { .rid = 0 };
	struct amd_iommu iommu;
	struct test t;

	start(&t, 0, 0);
	assert_int_equal(amd_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	config = (struct amd_domain_config){ .stage = AMD_GUEST, .levels = 5 };
	assert_int_equal(amd_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	t.iommu.caps.dirty = false;
	config = (struct amd_domain_config){ .stage = AMD_HOST, .dirty = true };
	assert_int_equal(amd_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	config.stage = AMD_IDENTITY;
	assert_int_equal(amd_domain_init(&domain, &t.iommu, &config),
			 -EOPNOTSUPP);
	assert_int_equal(amd_dev_init(&dev, &t.iommu, DEVICES, 0), -ERANGE);
	assert_int_equal(amd_dev_init(&dev, &t.iommu, 0, 17), -EOPNOTSUPP);
	assert_int_equal(amd_init(&iommu, &t.fake->hw,
				  &(struct amd_config){ .devices = 100 }),
			 -EINVAL);
	stop(&t);
}

static int dirty_init(struct test *t, struct amd_domain *domain,
		      enum amd_stage stage)
{
	const struct amd_domain_config config = { .stage = stage,
						  .fixed = true,
						  .dirty = true };

	*domain = (struct amd_domain){ .target.hw.id = 0 };
	return amd_domain_init(domain, &t->iommu, &config);
}

/* HAD, in one store; then entry, pages and the device's cache, in that order. */
static void test_dirty(void **state)
{
	const struct amd_nested_config config = { .gcr3 = 0x5000, .levels = 4 };
	const struct iommu_dirty_ops *ops;
	struct amd_domain domain, guest, plain;
	struct amd_nested nested;
	struct test t;
	uint64_t id;

	start(&t, 0, 8);
	assert_int_equal(dirty_init(&t, &domain, AMD_HOST), 0);
	check_dirty(&domain.domain);
	ops = domain.domain.dirty_ops;
	id = domain.target.hw.id;
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	assert_int_equal(dte(&t)[0] & 3 << 7, 0);
	fake_forget(t.fake);
	assert_int_equal(ops->set_dirty_tracking(&domain.domain, true), 0);
	assert_int_equal(dte(&t)[0] & 3 << 7, 3 << 7);
	assert_true(
		fake_when(t.fake, 2ull << 60 | RID, 0) <
		fake_when(t.fake, 3ull << 60 | id << 32, 0x7ffffffffffff003));
	assert_true(
		fake_when(t.fake, 3ull << 60 | id << 32, 0x7ffffffffffff003) <
		fake_when(t.fake, 0x4000001808000018, 0x7ffffffffffff001));
	/* Who comes later, and what is nested, tracks too. */
	iommu_detach(&t.fake->group);
	assert_int_equal(amd_nested_init(&nested, &domain, &config), 0);
	assert_int_equal(iommu_attach(&t.fake->group, &nested.domain), 0);
	assert_int_equal(dte(&t)[0] & 3 << 7, 3 << 7);
	assert_int_equal(ops->set_dirty_tracking(&domain.domain, false), 0);
	assert_int_equal(dte(&t)[0] & 3 << 7, 0);
	/* Formats without clean pages do not; nor do other domains. */
	assert_int_equal(dirty_init(&t, &guest, AMD_GUEST), -EOPNOTSUPP);
	domain_init(&t, &plain, AMD_HOST, true);
	assert_null(plain.domain.dirty_ops);
	amd_domain_fini(&plain);
	/* Hardware that breaks: as it was */
	t.fake->dead = true;
	assert_int_equal(ops->set_dirty_tracking(&domain.domain, true),
			 -ETIMEDOUT);
	assert_int_equal(dte(&t)[0] & 3 << 7, 0);
	iommu_detach(&t.fake->group);
	t.fake->dead = false;
	amd_nested_fini(&nested);
	amd_domain_fini(&domain);
	stop(&t);
}

/* FC in leaf entries, as long as there are none */
static void test_enforce(void **state)
{
	struct pt_iommu_amdv1_hw_info info;
	struct amd_domain domain;
	const uint64_t *table;
	struct test t;

	start(&t, 0, 0);
	assert_true(iommu_dev_capable(&t.dev.dev,
				      IOMMU_CAP_ENFORCE_CACHE_COHERENCY));
	domain_init(&t, &domain, AMD_HOST, true);
	assert_true(domain.domain.ops->enforce_cache_coherency(&domain.domain));
	assert_int_equal(iommu_map(&domain.domain, 0, 0, 1 << 30, IOMMU_READ,
				   GFP_KERNEL),
			 0);
	pt_iommu_amdv1_hw_info(&domain.amdv1, &info);
	table = fake_at(t.fake, info.host_pt_root, 4096);
	assert_true(table[0] & 1ull << 60);
	assert_false(
		domain.domain.ops->enforce_cache_coherency(&domain.domain));
	amd_domain_fini(&domain);
	stop(&t);
}

/* A device that has gone: its tables are free, so its entry must not lead there. */
static void test_gone(void **state)
{
	struct iommu_slot slot;
	struct amd_domain one;
	struct test t;

	start(&t, 16, 8);
	domain_init(&t, &one, AMD_GUEST, false);
	assert_int_equal(
		iommu_attach_pasid(&t.fake->group, &slot, 7, &one.domain), 0);
	iommu_detach_pasid(&t.fake->group, &slot);
	iommu_group_release(&t.fake->group);
	iommu_dev_remove(&t.dev.dev);
	fake_forget(t.fake);
	amd_dev_fini(&t.dev);
	assert_int_equal(dte(&t)[0], 1);
	assert_true(fake_sent(t.fake, 2ull << 60 | RID, 0));
	amd_domain_fini(&one);
	amd_fini(&t.iommu);
	fake_free(t.fake);
}

/* The command buffer has stopped at a command: nothing is sent any more. */
static void test_bad_command(void **state)
{
	struct iommu_hw_fault fault;
	struct test t;
	uint64_t *log;
	bool lost;

	start(&t, 0, 0);
	log = fake_at(t.fake, fake_get64(t.fake, 0x10) & 0xffffffffff000, 4096);
	log[0] = 5ull << 60;
	fake_set64(t.fake, 0x2018, 16);
	assert_true(amd_next_fault(&t.iommu, &fault, &lost));
	assert_int_equal(fault.reason, IOMMU_HW_OTHER);
	assert_int_equal(fault.code, 5);
	assert_int_equal(t.fake->error, -EIO);
	assert_int_equal(iommu_attach(&t.fake->group,
				      t.iommu.ops.identity_domain),
			 -EIO);
	assert_int_equal(t.fake->complaints, 1);
	stop(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirty),
		cmocka_unit_test(test_enforce),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_bad_command),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_pasid),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
