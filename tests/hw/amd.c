/* SPDX-License-Identifier: MIT */
/*
 * The AMD-Vi driver against QEMU's. This emulation records no
 * faults, so that the data tell; and it has no guest tables.
 */
#include <uiommu/drivers/amd.h>

#include "rig.h"

#define AMD_REGS 0xfed80000
#define EDU_BAR  0xfe000000u
#define EDU_RID  (3 << 3)

static const char *qemu;
static bool full;

struct amd_test {
	struct rig rig;
	struct amd_iommu iommu;
	struct amd_dev dev;
};

static bool next_fault(void *driver, struct iommu_hw_fault *fault, bool *lost)
{
	return amd_next_fault(driver, fault, lost);
}

static void start(struct amd_test *t)
{
	/* Newer ones pass everything through unless told not to. */
	const char *const args[] = {
		"-M",
		"q35,memory-backend=ram",
		"-object",
		"memory-backend-file,id=ram,size=256M,mem-path=@ram,"
		"share=on",
		"-m",
		"256M",
		"-bios",
		"@halt",
		"-device",
		full ? "amd-iommu,pt=off" : "amd-iommu",
		"-device",
		"edu,addr=3.0,dma_mask=0xffffffffffffffff",
		NULL
	};
	const struct amd_config config = { .devices = 256 };

	rig_start(&t->rig, qemu, args, 0, AMD_REGS);
	edu_init_pc(&t->rig.edu, &t->rig.q, 3, EDU_BAR);
	assert_int_equal(amd_init(&t->iommu, &t->rig.hw, &config), 0);
	t->rig.next_fault = next_fault;
	t->rig.driver = &t->iommu;
	t->dev = (struct amd_dev){ .rid = 0 };
	assert_int_equal(amd_dev_init(&t->dev, &t->iommu, EDU_RID, 0), 0);
	rig_add(&t->rig, &t->dev.dev);
}

static void stop(struct amd_test *t)
{
	rig_remove(&t->rig, &t->dev.dev);
	amd_dev_fini(&t->dev);
	amd_fini(&t->iommu);
	rig_stop(&t->rig);
}

static void domain_init(struct amd_test *t, struct amd_domain *domain,
			unsigned int levels, bool fixed)
{
	const struct amd_domain_config config = { .stage = AMD_HOST,
						  .levels = levels,
						  .fixed = fixed };

	*domain = (struct amd_domain){ .target.hw.id = 0 };
	assert_int_equal(amd_domain_init(domain, &t->iommu, &config), 0);
}

static void battery(unsigned int levels, bool fixed)
{
	struct amd_domain domain;
	struct amd_test t;

	start(&t);
	domain_init(&t, &domain, levels, fixed);
	rig_battery(&t.rig, &domain.domain, 0);
	amd_domain_fini(&domain);
	stop(&t);
}

static void test_mode_3(void **state)
{
	battery(3, true);
}

static void test_mode_4(void **state)
{
	battery(4, true);
}

static void test_mode_5(void **state)
{
	battery(5, true);
}

static void test_mode_6(void **state)
{
	battery(6, true);
}

/* Two levels are where growth begins; the others are fixed. */
static void test_offered(void **state)
{
	struct amd_test t;

	start(&t);
	rig_offered("host tables", t.iommu.caps.stage2_levels, 0x1f << 2);
	assert_int_equal(t.iommu.caps.stage1_levels, 0);
	stop(&t);
}

/* From two levels to six, one after the other. */
static void test_growth(void **state)
{
	struct amd_domain domain;
	struct amd_test t;

	battery(2, false);
	start(&t);
	domain_init(&t, &domain, 2, false);
	assert_int_equal(iommu_attach(&t.rig.group, &domain.domain), 0);
	for (unsigned int bit = 30; bit < 64; bit += 9)
		rig_growth(&t.rig, &domain.domain, 1ull << bit);
	iommu_detach(&t.rig.group);
	amd_domain_fini(&domain);
	stop(&t);
}

/* Every change is within the first 16 bytes of a device table entry. */
static void transitions(struct amd_test *t, unsigned int hitless,
			void (*check)(struct rig *rig,
				      struct iommu_domain *identity,
				      struct iommu_domain *const *domain,
				      unsigned int hitless))
{
	struct amd_domain domain[RIG_DOMAINS];
	struct iommu_domain *domains[RIG_DOMAINS];

	for (int i = 0; i < RIG_DOMAINS; i++) {
		domain_init(t, &domain[i], 4, true);
		domains[i] = &domain[i].domain;
	}
	check(&t->rig, t->iommu.ops.identity_domain, domains, hitless);
	for (int i = 0; i < RIG_DOMAINS; i++)
		amd_domain_fini(&domain[i]);
}

static void test_rules(void **state)
{
	struct amd_test t;

	start(&t);
	transitions(&t, RIG_IDENTITY_HITLESS | RIG_MOVE_HITLESS, rig_rules);
	stop(&t);
}

/* A machine whose processor has no store of 16 bytes. */
static void test_transitions_64(void **state)
{
	struct iommu_hw_ops ops;
	struct amd_test t;

	start(&t);
	ops = *t.rig.hw.ops;
	ops.store128 = NULL;
	t.rig.hw.ops = &ops;
	transitions(&t, 0, rig_transitions);
	stop(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offered),
		cmocka_unit_test(test_mode_3),
		cmocka_unit_test(test_mode_4),
		cmocka_unit_test(test_mode_5),
		cmocka_unit_test(test_mode_6),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_transitions_64),
	};
	int status;

	qemu = qtest_choose(argv, &full, &status);
	if (!qemu)
		return status;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
