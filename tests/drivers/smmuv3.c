/* SPDX-License-Identifier: MIT */
/*
 * What emulations lack: PASIDs, ATS, page requests, nesting, and hardware that fails.
 * Values are worked out from IHI 0070.
 */
#include "dirty.h"
#include "smmuv3_machine.h"

static void domain_init(struct test *t, struct smmuv3_domain *domain,
			enum smmuv3_stage stage, unsigned int va_bits,
			bool dirty)
{
	const struct smmuv3_domain_config config = { .stage = stage,
						     .va_bits = va_bits,
						     .dirty = dirty };

	*domain = (struct smmuv3_domain){ .cd = NULL };
	assert_int_equal(smmuv3_domain_init(domain, &t->smmu, &config), 0);
}

static void test_probe(void **state)
{
	struct iommu_hw_caps caps;
	struct test t;

	start(&t, 0, false);
	assert_int_equal(smmuv3_probe(&t.fake->hw, &caps), 0);
	assert_int_equal(caps.oa_bits, 48);
	assert_int_equal(caps.stage1_bits, 48);
	assert_int_equal(caps.stage2_bits, 48);
	assert_int_equal(caps.pasid_bits, 20);
	assert_int_equal(caps.granules, 1 << 12 | 1 << 14 | 1 << 16);
	assert_true(caps.nesting && caps.dirty && caps.ats && caps.pri &&
		    caps.coherent_walk);
	fake_set32(t.fake, 0x00, IDR0 & ~(2u << 2));
	assert_int_equal(smmuv3_probe(&t.fake->hw, &caps), -ENODEV);
	fake_set32(t.fake, 0x00, IDR0 | 3u << 21);
	assert_int_equal(smmuv3_probe(&t.fake->hw, &caps), -ENODEV);
	fake_set32(t.fake, 0x00, IDR0);
	fake_set32(t.fake, 0x04, IDR1 | 1u << 30);
	assert_int_equal(smmuv3_probe(&t.fake->hw, &caps), -ENODEV);
	fake_set32(t.fake, 0x04, IDR1);
	stop(&t);
}

/* The context descriptor of 4 KiB, 48 bits, and the entry that points at it */
static void test_stage1(void **state)
{
	struct pt_iommu_armv8_s1_4k_hw_info info;
	struct smmuv3_domain domain;
	struct test t;
	uint64_t *cd;

	start(&t, 0, true);
	domain_init(&t, &domain, SMMUV3_STAGE1, 48, false);
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	assert_int_equal(ste(&t)[0] & ~0xffffffffffffc0ull, 0xb);
	assert_int_equal(ste(&t)[1], 0x100000d4);
	assert_int_equal(ste(&t)[2], 0);
	cd = fake_at(t.fake, ste(&t)[0] & 0xffffffffffffc0, 64);
	pt_iommu_armv8_s1_4k_hw_info(&domain.s1_4k, &info);
	assert_int_equal(cd[0], 0x0000e205c0003510 |
					(uint64_t)domain.target.hw.id << 48);
	assert_int_equal(cd[1], info.ttb);
	assert_int_equal(cd[3], 0xf404ff44);
	assert_true(fake_sent(t.fake, 0x0000001800000003, 1));
	iommu_detach(&t.fake->group);
	assert_int_equal(ste(&t)[0], 1);
	smmuv3_domain_fini(&domain);
	/* Hardware access and dirty flags */
	domain_init(&t, &domain, SMMUV3_STAGE1, 48, true);
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	cd = fake_at(t.fake, ste(&t)[0] & 0xffffffffffffc0, 64);
	assert_int_equal(cd[0] >> 42 & 3, 3);
	iommu_detach(&t.fake->group);
	smmuv3_domain_fini(&domain);
	stop(&t);
}

/* The sheet's stage 2 row: T0SZ 24, SL0 1, PS 5 */
static void test_stage2(void **state)
{
	struct pt_iommu_armv8_s2_4k_hw_info info;
	struct smmuv3_domain domain;
	struct test t;

	start(&t, 0, false);
	domain_init(&t, &domain, SMMUV3_STAGE2, 40, false);
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	pt_iommu_armv8_s2_4k_hw_info(&domain.s2_4k, &info);
	assert_int_equal(ste(&t)[0], 0xd);
	assert_int_equal(ste(&t)[1], 0x0000100000000000);
	assert_int_equal(ste(&t)[2], 0x044d355800000000 | domain.target.hw.id);
	assert_int_equal(ste(&t)[3], info.vttb);
	assert_int_equal(
		iommu_attach(&t.fake->group, t.smmu.ops.identity_domain), 0);
	assert_int_equal(ste(&t)[0], 9);
	assert_int_equal(ste(&t)[1], 0x0000100000000000);
	assert_int_equal(ste(&t)[2], 0);
	assert_true(fake_sent(t.fake,
			      0x28 | (uint64_t)domain.target.hw.id << 32, 0));
	smmuv3_domain_fini(&domain);
	iommu_detach(&t.fake->group);
	stop(&t);
}

static void sync_range(struct smmuv3_domain *domain, uint64_t iova,
		       uint64_t len, bool tables)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add(&gather, iova, iova + len - 1, 4096);
	gather.tables = tables;
	iommu_iotlb_sync(&domain->domain, &gather);
}

/* ---- Processors that walk the same table ------------------------------------- */

struct sharer {
	struct smmuv3_share share;
	unsigned int syncs;
	uint64_t start, last; /* of the last one */
	bool all;
};

static struct test *sharing;

static void share_sync(const struct smmuv3_share *share,
		       struct smmuv3_domain *domain,
		       const struct iommu_iotlb_gather *gather)
{
	struct sharer *s = (struct sharer *)(uintptr_t)share;

	s->syncs++;
	s->all = !gather;
	s->start = gather ? gather->start : 0;
	s->last = gather ? gather->last : 0;
	/* The SMMU has been told by now. */
	assert_true(fake_sent(sharing->fake,
			      (gather ? 0x2a : 0x28) |
				      (uint64_t)domain->target.hw.id << 32,
			      gather ? gather->start | 1 : 0));
}

static int share_init(struct test *t, struct smmuv3_domain *domain,
		      const struct smmuv3_share *share, bool dirty)
{
	const struct smmuv3_domain_config config = { .stage = SMMUV3_STAGE2,
						     .va_bits = 40,
						     .dirty = dirty,
						     .share = share };

	*domain = (struct smmuv3_domain){ .cd = NULL };
	return smmuv3_domain_init(domain, &t->smmu, &config);
}

static unsigned int features_of(struct smmuv3_domain *domain)
{
	struct pt_iommu_info info;

	pt_iommu_armv8_s2_4k_get_info(&domain->s2_4k, &info);
	return info.features;
}

/* Registers, and that a sync is for all: the sheet's stage 2 row once more */
static void test_share(void **state)
{
	struct sharer s = { .share = { .features = BIT(PT_FEAT_ARMV8_DBM),
				       .sync = share_sync } };
	struct pt_iommu_armv8_s2_4k_hw_info info;
	struct smmuv3_processor processor;
	struct smmuv3_domain domain;
	struct test t;

	start(&t, 0, false);
	sharing = &t;
	assert_int_equal(share_init(&t, &domain, &s.share, true), 0);
	pt_iommu_armv8_s2_4k_hw_info(&domain.s2_4k, &info);
	smmuv3_domain_processor(&domain, &processor);
	assert_int_equal(processor.vtcr, 0x806d3558);
	assert_int_equal(processor.vttbr,
			 info.vttb | (uint64_t)domain.target.hw.id << 48);
	assert_int_equal(processor.hcr, 1);
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	assert_int_equal(ste(&t)[2] >> 55 & 3, 3);
	fake_forget(t.fake);
	sync_range(&domain, 0x5a5a5a0000, 0x1000, false);
	assert_int_equal(s.syncs, 1);
	assert_false(s.all);
	assert_int_equal(s.start, 0x5a5a5a0000);
	assert_int_equal(s.last, 0x5a5a5a0fff);
	domain.domain.ops->flush_iotlb_all(&domain.domain);
	assert_int_equal(s.syncs, 2);
	assert_true(s.all);
	/* Nothing to forget */
	iommu_iotlb_sync(&domain.domain,
			 &(struct iommu_iotlb_gather){ .start = ~0ul });
	assert_int_equal(s.syncs, 2);
	iommu_detach(&t.fake->group);
	smmuv3_domain_fini(&domain);
	stop(&t);
}

/* The table has what both have, but for dirty state. */
static void test_share_features(void **state)
{
	const unsigned int bbml1 = BIT(PT_FEAT_ARMV8_BBML1);
	const unsigned int bbml2 = BIT(PT_FEAT_ARMV8_BBML2);
	const unsigned int fwb = BIT(PT_FEAT_ARMV8_S2FWB);
	const unsigned int dbm = BIT(PT_FEAT_ARMV8_DBM);
	static const uint32_t fwb_and_level[] = { 1 << 8, 1 << 8 | 1 << 11,
						  1 << 8 | 2 << 11 };
	const unsigned int there[] = { 0, bbml1, bbml2 };
	const unsigned int common[3][3] = { { 0, 0, 0 },
					    { 0, bbml1, bbml1 },
					    { 0, bbml1, bbml2 } };
	struct smmuv3_share share = { .sync = share_sync };
	struct smmuv3_processor processor;
	struct smmuv3_domain domain;
	struct test t;

	start(&t, 0, false);
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++) {
			t.smmu.idr3 = fwb_and_level[i];
			share.features = there[j] | (j ? fwb : 0);
			assert_int_equal(share_init(&t, &domain, &share, false),
					 0);
			assert_int_equal(features_of(&domain),
					 common[i][j] | (j ? fwb : 0));
			smmuv3_domain_processor(&domain, &processor);
			assert_int_equal(processor.hcr, j ? 1 | 1ull << 46 : 1);
			smmuv3_domain_fini(&domain);
		}
	/* Processors alone keep dirty state; without theirs it is nobody's. */
	t.smmu.caps.dirty = false;
	assert_int_equal(share_init(&t, &domain, &share, true), -EOPNOTSUPP);
	share.features = dbm;
	assert_int_equal(share_init(&t, &domain, &share, true), 0);
	assert_int_equal(features_of(&domain), dbm);
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	assert_int_equal(ste(&t)[2] >> 55 & 3, 0);
	smmuv3_domain_processor(&domain, &processor);
	assert_int_equal(processor.vtcr >> 21 & 3, 3);
	iommu_detach(&t.fake->group);
	smmuv3_domain_fini(&domain);
	t.smmu.caps.dirty = true;
	share.features = 0;
	assert_int_equal(share_init(&t, &domain, &share, true), -EOPNOTSUPP);
	assert_int_equal(smmuv3_domain_init(&domain, &t.smmu,
					    &(struct smmuv3_domain_config){
						    .stage = SMMUV3_STAGE1,
						    .share = &share }),
			 -EOPNOTSUPP);
	stop(&t);
}

static void test_flush(void **state)
{
	struct smmuv3_domain domain;
	struct test t;
	uint64_t asid;

	start(&t, 0, true);
	domain_init(&t, &domain, SMMUV3_STAGE1, 48, false);
	asid = (uint64_t)domain.target.hw.id << 48;
	assert_int_equal(iommu_attach(&t.fake->group, &domain.domain), 0);
	fake_forget(t.fake);
	sync_range(&domain, 0x5a5a5a5a0000, 0x2000, false);
	assert_true(fake_sent(t.fake, 0x12 | asid, 0x5a5a5a5a0001));
	assert_true(fake_sent(t.fake, 0x12 | asid, 0x5a5a5a5a1001));
	assert_true(fake_sent(t.fake, 0x0000001800000040, 0x5a5a5a5a0001));
	sync_range(&domain, 0x5a5a5a5a0000, 0x1000, true);
	assert_true(fake_sent(t.fake, 0x12 | asid, 0x5a5a5a5a0000));
	/* Too many for one by one */
	sync_range(&domain, 0, 1ul << 30, false);
	assert_true(fake_sent(t.fake, 0x11 | asid, 0));
	domain.domain.ops->flush_iotlb_all(&domain.domain);
	assert_true(fake_sent(t.fake, 0x0000001800000040, 0x34));
	/* 16 pages at once, where ranges can be forgotten: SCALE 4, TG 4K */
	t.smmu.idr3 = 1 << 10;
	fake_forget(t.fake);
	sync_range(&domain, 0x5a5a5a5a0000, 0x10000, false);
	assert_true(fake_sent(t.fake, 0x12 | asid | 4 << 20, 0x5a5a5a5a0401));
	iommu_detach(&t.fake->group);
	smmuv3_domain_fini(&domain);
	stop(&t);
}

static void test_pasid(void **state)
{
	struct smmuv3_domain one, two, s2;
	struct iommu_slot slot, other;
	struct iommu_group *group;
	struct test t;

	start(&t, 20, true);
	group = &t.fake->group;
	domain_init(&t, &one, SMMUV3_STAGE1, 48, false);
	domain_init(&t, &two, SMMUV3_STAGE1, 39, false);
	domain_init(&t, &s2, SMMUV3_STAGE2, 40, false);
	/* RID is blocked: S1DSS terminates */
	assert_int_equal(iommu_attach_pasid(group, &slot, 0x4321, &one.domain),
			 0);
	assert_int_equal(ste(&t)[1] & 3, 0);
	assert_memory_equal(cd_of(&t, 0x4321), one.cd, 64);
	assert_int_equal(cd_of(&t, 0)[0], 0);
	assert_true(fake_sent(t.fake, 0x0000001804321005, 1));
	assert_int_equal(iommu_attach(group, &s2.domain), -EBUSY);
	assert_int_equal(iommu_attach(group, t.smmu.ops.identity_domain), 0);
	assert_int_equal(ste(&t)[1] & 3, 1);
	assert_int_equal(iommu_attach(group, &two.domain), 0);
	assert_int_equal(ste(&t)[1] & 3, 2);
	assert_memory_equal(cd_of(&t, 0), two.cd, 64);
	assert_int_equal(iommu_attach_pasid(group, &other, 5, &two.domain), 0);
	assert_int_equal(iommu_replace_pasid(group, &slot, &two.domain), 0);
	assert_memory_equal(cd_of(&t, 0x4321), two.cd, 64);
	fake_forget(t.fake);
	iommu_detach_pasid(group, &slot);
	assert_int_equal(cd_of(&t, 0x4321)[0], 0);
	assert_true(fake_sent(t.fake, 0x0000001804321840, 0x34));
	iommu_detach_pasid(group, &other);
	/* Without PASIDs the domain's own descriptor serves again. */
	assert_int_equal(iommu_attach(group, &one.domain), 0);
	assert_int_equal(ste(&t)[0] >> 59, 0);
	assert_int_equal(iommu_attach(group, &s2.domain), 0);
	assert_int_equal(iommu_attach_pasid(group, &slot, 5, &one.domain),
			 -EBUSY);
	iommu_detach(group);
	smmuv3_domain_fini(&one);
	smmuv3_domain_fini(&two);
	smmuv3_domain_fini(&s2);
	stop(&t);
}

static void test_nested(void **state)
{
	/* A guest's entry: stage 1, descriptors at 0x81000000 */
	const uint64_t guest[2] = { 0x8100000b, 0xd6 };
	const uint64_t greedy[2] = { 0x8100000b, 1ull << 44 };
	const uint64_t bypass[2] = { 9, 0 };
	struct smmuv3_domain parent, stage1;
	struct smmuv3_nested nested;
	struct test t;
	uint64_t vmid;

	start(&t, 0, false);
	domain_init(&t, &parent, SMMUV3_STAGE2, 40, false);
	domain_init(&t, &stage1, SMMUV3_STAGE1, 48, false);
	assert_int_equal(smmuv3_nested_init(&nested, &stage1, guest), -EINVAL);
	assert_int_equal(smmuv3_nested_init(&nested, &parent, greedy), -EINVAL);
	assert_int_equal(smmuv3_nested_init(&nested, &parent, bypass), -EINVAL);
	assert_int_equal(smmuv3_nested_init(&nested, &parent, guest), 0);
	vmid = parent.target.hw.id;
	assert_int_equal(iommu_attach(&t.fake->group, &nested.domain), 0);
	assert_int_equal(ste(&t)[0], 0x8100000f);
	assert_int_equal(ste(&t)[1], 0x00001000000000d6);
	assert_int_equal(ste(&t)[2], 0x044d355800000000 | vmid);
	smmuv3_nested_invalidate(&nested);
	assert_true(fake_sent(t.fake, 0x0000001800000006, 0));
	assert_true(fake_sent(t.fake, 0x28 | vmid << 32, 0));
	iommu_detach(&t.fake->group);
	smmuv3_nested_fini(&nested);
	smmuv3_domain_fini(&parent);
	smmuv3_domain_fini(&stage1);
	stop(&t);
}

static void test_event(void **state)
{
	struct iommu_hw_fault fault;
	struct test t;
	uint64_t *queue;
	bool lost;

	start(&t, 0, false);
	assert_false(smmuv3_next_fault(&t.smmu, &fault, &lost));
	queue = fake_at(t.fake, fake_get64(t.fake, 0xa0) & 0xffffffffffffe0,
			4096);
	queue[0] = (uint64_t)SID << 32 | 5 << 12 | 1 << 11 | 0x13;
	queue[1] = 1ull << 39 | 1ull << 33;
	queue[2] = 0x7f1234567890;
	queue[3] = 0x87654000;
	fake_set32(t.fake, 0x100a8, 1);
	assert_true(smmuv3_next_fault(&t.smmu, &fault, &lost));
	assert_int_equal(fault.rid, SID);
	assert_int_equal(fault.pasid, 5);
	assert_int_equal(fault.iova, 0x7f1234567890);
	assert_int_equal(fault.access, IOMMU_PAGE_WRITE | IOMMU_PAGE_PRIV);
	assert_int_equal(fault.reason, IOMMU_HW_PERMISSION);
	assert_true(fault.stage2);
	assert_int_equal(fault.gpa, 0x87654000);
	assert_int_equal(fake_get32(t.fake, 0x100ac), 1);
	assert_false(smmuv3_next_fault(&t.smmu, &fault, &lost));
	assert_false(lost);
	fake_set32(t.fake, 0x100a8, 1u << 31 | 1);
	assert_false(smmuv3_next_fault(&t.smmu, &fault, &lost));
	assert_true(lost);
	assert_int_equal(fake_get32(t.fake, 0x100ac), 1u << 31 | 1);
	stop(&t);
}

static void test_request(void **state)
{
	struct iommu_page_request request;
	struct test t;
	uint64_t *queue;
	uint32_t sid;
	bool lost;

	start(&t, 20, true);
	queue = fake_at(t.fake, fake_get64(t.fake, 0xc0) & 0xffffffffffffe0,
			4096);
	queue[0] = 1ull << 63 | 1ull << 62 | 1ull << 61 | 1ull << 60 |
		   5ull << 32 | SID;
	queue[1] = 0x7f1234567000 | 3;
	fake_set32(t.fake, 0x100c8, 1);
	assert_true(smmuv3_next_request(&t.smmu, &sid, &request, &lost));
	assert_int_equal(sid, SID);
	assert_int_equal(request.pasid, 5);
	assert_int_equal(request.grpid, 3);
	assert_int_equal(request.perm, IOMMU_PAGE_READ | IOMMU_PAGE_WRITE);
	assert_true(request.last);
	assert_int_equal(request.addr, 0x7f1234567000);
	assert_false(smmuv3_next_request(&t.smmu, &sid, &request, &lost));
	iommu_page_response(&t.dev.dev, 5, 3, IOMMU_PAGE_SUCCESS);
	assert_true(fake_sent(t.fake, 0x0000001800005841, 0x2003));
	stop(&t);
}

static void test_refused(void **state)
{
	struct smmuv3_domain_config config = { .stage = SMMUV3_STAGE1,
					       .va_bits = 49 };
	struct smmuv3_domain domain = { .cd = NULL };
	struct smmuv3_dev dev = { .sid = 0 };
	struct smmuv3 smmu;
	struct test t;

	start(&t, 0, false);
	assert_int_equal(smmuv3_domain_init(&domain, &t.smmu, &config),
			 -EOPNOTSUPP);
	config = (struct smmuv3_domain_config){ .stage = SMMUV3_STAGE2,
						.granule_lg2 = 13 };
	assert_int_equal(smmuv3_domain_init(&domain, &t.smmu, &config),
			 -EOPNOTSUPP);
	t.smmu.caps.dirty = false;
	config = (struct smmuv3_domain_config){ .stage = SMMUV3_STAGE1,
						.dirty = true };
	assert_int_equal(smmuv3_domain_init(&domain, &t.smmu, &config),
			 -EOPNOTSUPP);
	t.smmu.caps.granules = 1 << 16;
	config = (struct smmuv3_domain_config){ .stage = SMMUV3_STAGE1,
						.granule_lg2 = 12 };
	assert_int_equal(smmuv3_domain_init(&domain, &t.smmu, &config),
			 -EOPNOTSUPP);
	config = (struct smmuv3_domain_config){ .stage = SMMUV3_BYPASS };
	assert_int_equal(smmuv3_domain_init(&domain, &t.smmu, &config),
			 -EOPNOTSUPP);
	assert_int_equal(smmuv3_dev_init(&dev, &t.smmu, 1 << 16, 0), -ERANGE);
	assert_int_equal(smmuv3_dev_init(&dev, &t.smmu, 1, 21), -EOPNOTSUPP);
	assert_int_equal(smmuv3_init(&smmu, &t.fake->hw,
				     &(struct smmuv3_config){ 17 }),
			 -EINVAL);
	stop(&t);
}

/* HA and HD, of a descriptor or of an entry; pages begin clean. */
static void test_dirty(void **state)
{
	struct smmuv3_domain domain;
	const uint64_t *cd;
	struct test t;

	start(&t, 0, false);
	for (int i = 0; i < 2; i++) {
		domain_init(&t, &domain, i ? SMMUV3_STAGE2 : SMMUV3_STAGE1, 40,
			    true);
		check_dirty(&domain.domain);
		assert_int_equal(iommu_attach(&t.fake->group, &domain.domain),
				 0);
		assert_int_equal(domain.domain.dirty_ops->set_dirty_tracking(
					 &domain.domain, true),
				 0);
		cd = i ? NULL
		       : fake_at(t.fake, ste(&t)[0] & 0xffffffffffffc0, 64);
		assert_int_equal(cd ? cd[0] >> 42 & 3 : ste(&t)[2] >> 55 & 3,
				 3);
		iommu_detach(&t.fake->group);
		smmuv3_domain_fini(&domain);
		domain_init(&t, &domain, i ? SMMUV3_STAGE2 : SMMUV3_STAGE1, 40,
			    false);
		assert_null(domain.domain.dirty_ops);
		smmuv3_domain_fini(&domain);
	}
	stop(&t);
}

/* A device that has gone: its tables are free, so its entry must not lead there. */
static void test_gone(void **state)
{
	struct smmuv3_domain one;
	struct iommu_slot slot;
	struct test t;

	start(&t, 20, true);
	domain_init(&t, &one, SMMUV3_STAGE1, 48, false);
	assert_int_equal(
		iommu_attach_pasid(&t.fake->group, &slot, 7, &one.domain), 0);
	iommu_detach_pasid(&t.fake->group, &slot);
	iommu_group_release(&t.fake->group);
	iommu_dev_remove(&t.dev.dev);
	fake_forget(t.fake);
	smmuv3_dev_fini(&t.dev);
	assert_int_equal(ste(&t)[0], 1);
	assert_true(fake_sent(t.fake, 0x0000001800000003, 1));
	smmuv3_domain_fini(&one);
	smmuv3_fini(&t.smmu);
	fake_free(t.fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirty),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_stage1),
		cmocka_unit_test(test_stage2),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_share_features),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_pasid),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
