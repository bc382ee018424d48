/* SPDX-License-Identifier: MIT */
/*
 * The VT-d driver against QEMU's VT-d.
 */
#include <uiommu/drivers/vtd.h>

#include <string.h>

#include "rig.h"

#define VTD_REGS 0xfed90000
#define EDU_BAR  0xfe000000u

static const char *qemu;
static bool full;

/* One machine of those that the tests are run on. */
struct machine {
	const char *device;
	bool scalable;
	enum vtd_stage stage;
	unsigned int levels;
	bool enforce; /* cache coherency */
};

struct vtd_test {
	struct rig rig;
	struct vtd_iommu iommu;
	struct vtd_dev dev;
	const struct machine *machine;
};

static bool next_fault(void *driver, struct iommu_hw_fault *fault, bool *lost)
{
	return vtd_next_fault(driver, fault, lost);
}

static void start(struct vtd_test *t, const struct machine *machine)
{
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
		machine->device,
		"-device",
		"edu,addr=3.0,dma_mask=0xffffffffffffffff",
		NULL
	};
	const struct vtd_config config = { .scalable = machine->scalable };

	t->machine = machine;
	rig_start(&t->rig, qemu, args, 0, VTD_REGS);
	edu_init_pc(&t->rig.edu, &t->rig.q, 3, EDU_BAR);
	assert_int_equal(vtd_init(&t->iommu, &t->rig.hw, &config), 0);
	t->rig.next_fault = next_fault;
	t->rig.driver = &t->iommu;
	t->rig.logs_faults = true;
	t->dev = (struct vtd_dev){ .rid = 0 };
	assert_int_equal(vtd_dev_init(&t->dev, &t->iommu, 3 << 3, 0), 0);
	rig_add(&t->rig, &t->dev.dev);
}

static void stop(struct vtd_test *t)
{
	rig_remove(&t->rig, &t->dev.dev);
	vtd_dev_fini(&t->dev);
	vtd_fini(&t->iommu);
	rig_stop(&t->rig);
}

/* The emulation gives 0x58 for a PASID directory entry that is not present. */
#define BLOCKED (1u << IOMMU_HW_BLOCKED | 1u << IOMMU_HW_BAD_CONFIG)

static void test_battery(void **state)
{
	const struct machine *machine = *state;
	const struct vtd_domain_config config = { .stage = machine->stage,
						  .levels = machine->levels };
	struct vtd_domain domain = { .target.hw.id = 0 };
	struct vtd_test t;

	start(&t, machine);
	assert_int_equal(vtd_domain_init(&domain, &t.iommu, &config), 0);
	assert_int_equal(
		domain.domain.ops->enforce_cache_coherency(&domain.domain),
		machine->enforce);
	rig_battery(&t.rig, &domain.domain, BLOCKED);
	vtd_domain_fini(&domain);
	stop(&t);
}

static void domain_init(struct vtd_test *t, struct vtd_domain *domain)
{
	const struct vtd_domain_config config = {
		.stage = t->machine->stage, .levels = t->machine->levels
	};

	*domain = (struct vtd_domain){ .target.hw.id = 0 };
	assert_int_equal(vtd_domain_init(domain, &t->iommu, &config), 0);
}

/*
 * With stores of 16 bytes every change of a second stage is hitless: a context entry
 * is as large, and of a PASID table entry only the first 16 bytes change. A first
 * stage's root and its tag are further apart.
 */
static void transitions(struct vtd_test *t, unsigned int hitless,
			void (*check)(struct rig *rig,
				      struct iommu_domain *identity,
				      struct iommu_domain *const *domain,
				      unsigned int hitless))
{
	struct vtd_domain domain[RIG_DOMAINS];
	struct iommu_domain *domains[RIG_DOMAINS];

	for (int i = 0; i < RIG_DOMAINS; i++) {
		domain_init(t, &domain[i]);
		domains[i] = &domain[i].domain;
	}
	check(&t->rig, t->iommu.ops.identity_domain, domains, hitless);
	for (int i = 0; i < RIG_DOMAINS; i++)
		vtd_domain_fini(&domain[i]);
}

static void test_rules(void **state)
{
	struct vtd_test t;

	start(&t, *state);
	transitions(&t,
		    t.machine->stage == VTD_SECOND_STAGE
			    ? RIG_IDENTITY_HITLESS | RIG_MOVE_HITLESS
			    : RIG_IDENTITY_HITLESS,
		    rig_rules);
	stop(&t);
}

/* A machine whose processor has no store of 16 bytes. */
static void test_transitions_64(void **state)
{
	struct iommu_hw_ops ops;
	struct vtd_test t;

	start(&t, *state);
	ops = *t.rig.hw.ops;
	ops.store128 = NULL;
	t.rig.hw.ops = &ops;
	transitions(&t, 0, rig_transitions);
	stop(&t);
}

static const struct machine legacy_39 = {
	.device = "intel-iommu,aw-bits=39",
	.stage = VTD_SECOND_STAGE,
	.levels = 3,
};
static const struct machine legacy_48 = {
	.device = "intel-iommu,aw-bits=48",
	.stage = VTD_SECOND_STAGE,
	.levels = 4,
};
static const struct machine legacy_48_3 = {
	.device = "intel-iommu,aw-bits=48",
	.stage = VTD_SECOND_STAGE,
	.levels = 3,
};
static const struct machine scalable_48 = {
	.device = "intel-iommu,aw-bits=48,x-scalable-mode=on",
	.scalable = true,
	.stage = VTD_SECOND_STAGE,
	.levels = 4,
};

static const struct machine scalable_48_3 = {
	.device = "intel-iommu,aw-bits=48,x-scalable-mode=on",
	.scalable = true,
	.stage = VTD_SECOND_STAGE,
	.levels = 3,
};
static const struct machine scalable_39 = {
	.device = "intel-iommu,aw-bits=39,x-scalable-mode=on",
	.scalable = true,
	.stage = VTD_SECOND_STAGE,
	.levels = 3,
};
/* It knows the bit that forces snooping, which is reserved elsewhere. */
static const struct machine snoop_48 = {
	.device = "intel-iommu,aw-bits=48,snoop-control=on",
	.stage = VTD_SECOND_STAGE,
	.levels = 4,
	.enforce = true,
};

/* In newer ones only. */
static const struct machine first_48 = {
	.device = "intel-iommu,aw-bits=48,x-scalable-mode=on,x-flts=on",
	.scalable = true,
	.stage = VTD_FIRST_STAGE,
	.levels = 4,
};

static const struct machine *const machines[] = { &legacy_39,   &legacy_48,
						  &legacy_48_3, &scalable_39,
						  &scalable_48, &scalable_48_3,
						  &first_48,    NULL };

/* What a machine offers is what the machines with the same options are run on. */
static void test_offered(void **state)
{
	const struct machine *machine = *state;
	unsigned int first = 0, second = 0;
	struct vtd_test t;

	for (const struct machine *const *m = machines; *m; m++)
		if (strcmp((*m)->device, machine->device) != 0)
			continue;
		else if ((*m)->stage == VTD_FIRST_STAGE)
			first |= 1u << (*m)->levels;
		else
			second |= 1u << (*m)->levels;
	start(&t, machine);
	print_message("# %s\n", machine->device);
	rig_offered("first stage", t.iommu.caps.stage1_levels, first);
	rig_offered("second stage", t.iommu.caps.stage2_levels, second);
	assert_false(t.iommu.caps.nesting);
	stop(&t);
}

#define ON(test, machine)                                       \
	{                                                       \
		.name = #test ": " #machine, .test_func = test, \
		.initial_state = (void *)(uintptr_t)&machine,   \
	}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		ON(test_offered, legacy_39),
		ON(test_offered, legacy_48),
		ON(test_offered, scalable_39),
		ON(test_offered, scalable_48),
		ON(test_battery, legacy_39),
		ON(test_battery, legacy_48),
		ON(test_battery, legacy_48_3),
		ON(test_battery, snoop_48),
		ON(test_battery, scalable_39),
		ON(test_battery, scalable_48),
		ON(test_battery, scalable_48_3),
		ON(test_rules, legacy_48),
		ON(test_rules, scalable_48),
		ON(test_transitions_64, legacy_48),
		ON(test_transitions_64, scalable_48),
	};
	const struct CMUnitTest full_tests[] = {
		ON(test_offered, legacy_39),
		ON(test_offered, legacy_48),
		ON(test_offered, scalable_39),
		ON(test_offered, scalable_48),
		ON(test_battery, legacy_39),
		ON(test_battery, legacy_48),
		ON(test_battery, legacy_48_3),
		ON(test_battery, snoop_48),
		ON(test_battery, scalable_39),
		ON(test_battery, scalable_48),
		ON(test_battery, scalable_48_3),
		ON(test_offered, first_48),
		ON(test_battery, first_48),
		ON(test_rules, legacy_48),
		ON(test_rules, scalable_48),
		ON(test_rules, first_48),
		ON(test_transitions_64, legacy_48),
		ON(test_transitions_64, first_48),
	};
	int status;

	qemu = qtest_choose(argv, &full, &status);
	if (!qemu)
		return status;
	if (full)
		return cmocka_run_group_tests(full_tests, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
