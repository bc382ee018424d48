/* SPDX-License-Identifier: MIT */
/*
 * The SMMUv3 driver against QEMU's.
 */
#include <uiommu/drivers/smmuv3.h>

#include <stdio.h>

#include "rig.h"

#define SMMU_REGS 0x09050000
#define RAM_BASE  0x40000000
#define ECAM      0x4010000000
#define EDU_BAR   0x10000000u
#define EDU_SLOT  2
#define EDU_SID   (EDU_SLOT << 3)

static const char *qemu;
static bool full;

/* What is translated by what. */
struct table {
	enum smmuv3_stage stage;
	unsigned int granule_lg2;
	unsigned int va_bits;
	unsigned int low_bits; /* what the first of concatenated tables covers */
};

struct smmu_test {
	struct rig rig;
	struct smmuv3 smmu;
	struct smmuv3_dev dev;
	const struct table *table;
};

static bool next_fault(void *driver, struct iommu_hw_fault *fault, bool *lost)
{
	return smmuv3_next_fault(driver, fault, lost);
}

/* The processor runs into a WFI and a branch to it. */
static void start(struct smmu_test *t, const struct table *table)
{
	const char *const args[] = {
		"-M",
		"virt,iommu=smmuv3,memory-backend=ram",
		"-cpu",
		"max",
		"-object",
		"memory-backend-file,id=ram,size=256M,mem-path=@ram,"
		"share=on",
		"-m",
		"256M",
		"-device",
		"loader,addr=0x40400000,data=0x17ffffffd503207f,"
		"data-len=8",
		"-device",
		"loader,addr=0x40400000,cpu-num=0",
		"-device",
		"edu,addr=2.0,dma_mask=0xffffffffffffffff",
		full ? "-global" : NULL,
		table->stage == SMMUV3_NESTED   ? "arm-smmuv3.stage=nested"
		: table->stage == SMMUV3_STAGE2 ? "arm-smmuv3.stage=2"
						: "arm-smmuv3.stage=1",
		NULL
	};
	const struct smmuv3_config config = { .stream_bits = 0 };

	t->table = table;
	rig_start(&t->rig, qemu, args, RAM_BASE, SMMU_REGS);
	edu_init_ecam(&t->rig.edu, &t->rig.q, ECAM, EDU_SLOT, EDU_BAR);
	assert_int_equal(smmuv3_init(&t->smmu, &t->rig.hw, &config), 0);
	t->rig.next_fault = next_fault;
	t->rig.driver = &t->smmu;
	t->rig.logs_faults = true;
	/* 7.2 has no address space beyond 48 bits, 10.0 no record beyond the OAS. */
	if (!full)
		t->rig.bus_bits = 48;
	else if (table->stage == SMMUV3_STAGE2)
		t->rig.bus_bits = 44;
	t->rig.low_bits = table->low_bits;
	t->dev = (struct smmuv3_dev){ .sid = 0 };
	assert_int_equal(smmuv3_dev_init(&t->dev, &t->smmu, EDU_SID, 0), 0);
	rig_add(&t->rig, &t->dev.dev);
}

static void stop(struct smmu_test *t)
{
	rig_remove(&t->rig, &t->dev.dev);
	smmuv3_dev_fini(&t->dev);
	smmuv3_fini(&t->smmu);
	rig_stop(&t->rig);
}

static void domain_init(struct smmu_test *t, struct smmuv3_domain *domain)
{
	const struct smmuv3_domain_config config = {
		.stage = t->table->stage == SMMUV3_STAGE1 ? SMMUV3_STAGE1
							  : SMMUV3_STAGE2,
		.granule_lg2 = t->table->granule_lg2,
		.va_bits = t->table->va_bits,
	};

	*domain = (struct smmuv3_domain){ .cd = NULL };
	assert_int_equal(smmuv3_domain_init(domain, &t->smmu, &config), 0);
}

static void test_battery(void **state)
{
	struct smmuv3_domain domain;
	struct smmu_test t;

	start(&t, *state);
	domain_init(&t, &domain);
	/* Who is attached to nothing is aborted, and of that there is no record. */
	rig_battery(&t.rig, &domain.domain, 0);
	smmuv3_domain_fini(&domain);
	stop(&t);
}

/*
 * From one stage 1 to another only the address of the context descriptor changes,
 * to bypass and back only the configuration.
 */
static void test_rules(void **state)
{
	struct smmuv3_domain domain[RIG_DOMAINS];
	struct iommu_domain *domains[RIG_DOMAINS];
	struct smmu_test t;

	start(&t, *state);
	for (int i = 0; i < RIG_DOMAINS; i++) {
		domain_init(&t, &domain[i]);
		domains[i] = &domain[i].domain;
	}
	rig_rules(&t.rig, t.smmu.ops.identity_domain, domains,
		  t.table->stage == SMMUV3_STAGE1
			  ? RIG_IDENTITY_HITLESS | RIG_MOVE_HITLESS
			  : RIG_IDENTITY_HITLESS);
	for (int i = 0; i < RIG_DOMAINS; i++)
		smmuv3_domain_fini(&domain[i]);
	stop(&t);
}

/* ---- Nesting -------------------------------------------------------------------- */

static void forget_stage1(void *nested)
{
	smmuv3_nested_invalidate(nested);
}

static const struct iommu_domain_ops guest_ops = {
	IOMMU_PT_DOMAIN_OPS(armv8_s1_4k),
};

/* What a guest writes: a context descriptor, and quadwords 0 and 1 of an entry. */
static uint64_t *guest_cd(struct rig *rig, struct pt_iommu_armv8_s1_4k *table,
			  uint64_t ste[2])
{
	struct pt_iommu_armv8_s1_4k_hw_info info;
	const struct pt_runtime *rt = rig->hw.runtime;
	uint64_t *cd = rt->alloc(rt, 6, GFP_KERNEL);

	assert_non_null(cd);
	pt_iommu_armv8_s1_4k_hw_info(table, &info);
	cd[0] = info.tsz | (uint64_t)info.tg << 6 | (uint64_t)info.irgn << 8 |
		(uint64_t)info.orgn << 10 | (uint64_t)info.sh << 12 |
		(uint64_t)info.ips << 32 | 1ull << 30 | 1ull << 31 |
		1ull << 41 | 1ull << 45 | 1ull << 46 | 1ull << 47 | 7ull << 48;
	cd[1] = info.ttb;
	cd[3] = info.mair;
	ste[0] = ((uintptr_t)cd + rt->pa_offset + RIG_GUEST) | 0xb;
	ste[1] = 0xd4;
	return cd;
}

static void test_nested(void **state)
{
	struct pt_iommu_armv8_s1_4k guest = { .iommu.domain.ops = &guest_ops };
	struct pt_iommu_armv8_s1_4k_cfg cfg = {
		.common = { .hw_max_vasz_lg2 = 48, .hw_max_oasz_lg2 = 44 },
	};
	struct smmuv3_domain parent;
	struct smmuv3_nested nested;
	struct pt_runtime runtime;
	struct smmu_test t;
	uint64_t ste[2], *cd;

	start(&t, *state);
	runtime = rig_guest_runtime(&t.rig);
	cfg.common.runtime = &runtime;
	assert_int_equal(pt_iommu_armv8_s1_4k_init(&guest, &cfg, GFP_KERNEL),
			 0);
	cd = guest_cd(&t.rig, &guest, ste);
	domain_init(&t, &parent);
	rig_guest_memory(&t.rig, &parent.domain);
	assert_int_equal(smmuv3_nested_init(&nested, &parent, ste), 0);
	assert_int_equal(iommu_attach(&t.rig.group, &nested.domain), 0);
	rig_nested(&t.rig, &parent.domain, &guest.iommu.domain, forget_stage1,
		   &nested);
	iommu_detach(&t.rig.group);
	smmuv3_nested_fini(&nested);
	smmuv3_domain_fini(&parent);
	pt_iommu_armv8_s1_4k_deinit(&guest);
	t.rig.hw.runtime->free(t.rig.hw.runtime, cd, 6);
	stop(&t);
}

static const struct table s1_4k = { SMMUV3_STAGE1, 12, 48, 0 };
static const struct table s1_4k_39 = { SMMUV3_STAGE1, 12, 39, 0 };
static const struct table s1_4k_36 = { SMMUV3_STAGE1, 12, 36, 0 };
static const struct table s1_4k_30 = { SMMUV3_STAGE1, 12, 30, 0 };
static const struct table s1_16k_48 = { SMMUV3_STAGE1, 14, 48, 0 };
static const struct table s1_16k = { SMMUV3_STAGE1, 14, 47, 0 };
static const struct table s1_16k_36 = { SMMUV3_STAGE1, 14, 36, 0 };
static const struct table s1_64k = { SMMUV3_STAGE1, 16, 48, 0 };
static const struct table s1_64k_42 = { SMMUV3_STAGE1, 16, 42, 0 };
/*
 * In newer ones only. With 34, 40 and, of 64K, 44 bits top tables are concatenated, of
 * which this emulation knows the first only.
 */
static const struct table s2_4k = { SMMUV3_STAGE2, 12, 44, 0 };
static const struct table s2_4k_40 = { SMMUV3_STAGE2, 12, 40, 0 };
static const struct table s2_16k = { SMMUV3_STAGE2, 14, 44, 0 };
static const struct table s2_4k_34 = { SMMUV3_STAGE2, 12, 34, 30 };
static const struct table s2_16k_36 = { SMMUV3_STAGE2, 14, 36, 0 };
static const struct table s2_64k = { SMMUV3_STAGE2, 16, 44, 42 };
static const struct table s2_64k_42 = { SMMUV3_STAGE2, 16, 42, 0 };
static const struct table both = { SMMUV3_NESTED, 12, 44, 0 };

/* ---- What there is -------------------------------------------------------------- */

static const struct table *const stage1_tables[] = {
	&s1_4k,     &s1_4k_39,  &s1_4k_36, &s1_4k_30,  &s1_16k,
	&s1_16k_48, &s1_16k_36, &s1_64k,   &s1_64k_42, NULL
};
static const struct table *const stage2_tables[] = { &s2_4k,     &s2_4k_40,
						     &s2_4k_34,  &s2_16k,
						     &s2_16k_36, &s2_64k,
						     &s2_64k_42, NULL };

/* Stage 2 begins with up to 16 tables side by side instead of one level more. */
static unsigned int levels_of(unsigned int granule, unsigned int bits,
			      bool stage2)
{
	unsigned int each = granule - 3;
	unsigned int n = (bits - granule + each - 1) / each;

	return stage2 && n > 1 && bits - granule - (n - 1) * each <= 4 ? n - 1
								       : n;
}

static void offered(const struct iommu_hw_caps *caps,
		    const struct table *const *tables, bool stage2)
{
	unsigned int most = stage2 ? caps->stage2_bits : caps->stage1_bits;
	unsigned int there, tested;
	char what[64];

	for (unsigned int granule = 12; granule <= 16; granule += 2) {
		assert_true(caps->granules & 1ull << granule);
		there = tested = 0;
		/* One level alone has no room for what the battery maps. */
		for (unsigned int bits = granule + 18; bits <= most; bits++)
			there |= 1u << levels_of(granule, bits, stage2);
		for (const struct table *const *t = tables; *t; t++)
			if ((*t)->granule_lg2 == granule)
				tested |= 1u
					  << levels_of(granule, (*t)->va_bits,
						       stage2);
		snprintf(what, sizeof(what), "stage %d, granule of 2^%u bytes",
			 stage2 ? 2 : 1, granule);
		rig_offered(what, there, tested);
	}
}

static void test_offered(void **state)
{
	const struct table *table = *state;
	bool stage2 = table->stage == SMMUV3_STAGE2;
	struct iommu_hw_caps caps;
	struct smmu_test t;

	start(&t, table);
	assert_int_equal(smmuv3_probe(&t.rig.hw, &caps), 0);
	offered(&caps, stage2 ? stage2_tables : stage1_tables, stage2);
	stop(&t);
}

#define ON(test, table)                                       \
	{                                                     \
		.name = #test ": " #table, .test_func = test, \
		.initial_state = (void *)(uintptr_t)&table,   \
	}

#define STAGE_1                                                          \
	ON(test_offered, s1_4k), ON(test_battery, s1_4k),                \
		ON(test_battery, s1_4k_39), ON(test_battery, s1_4k_36),  \
		ON(test_battery, s1_4k_30), ON(test_battery, s1_16k_48), \
		ON(test_battery, s1_16k), ON(test_battery, s1_16k_36),   \
		ON(test_battery, s1_64k), ON(test_battery, s1_64k_42),   \
		ON(test_rules, s1_4k), ON(test_rules, s1_64k)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { STAGE_1 };
	const struct CMUnitTest full_tests[] = {
		STAGE_1,
		ON(test_offered, s2_4k),
		ON(test_battery, s2_4k),
		ON(test_battery, s2_4k_40),
		ON(test_battery, s2_16k),
		ON(test_battery, s2_4k_34),
		ON(test_battery, s2_16k_36),
		ON(test_battery, s2_64k),
		ON(test_battery, s2_64k_42),
		ON(test_rules, s2_4k),
		ON(test_nested, both),
	};
	int status;

	qemu = qtest_choose(argv, &full, &status);
	if (!qemu)
		return status;
	if (full)
		return cmocka_run_group_tests(full_tests, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
