/* SPDX-License-Identifier: MIT */
/*
 * The RISC-V IOMMU driver against QEMU's, which is in 10.0 and later.
 */
#include <uiommu/drivers/riscv.h>

#include "rig.h"

#define RAM_BASE 0x80000000
#define ECAM     0x30000000
#define RV_REGS  0x40000000 /* where its BAR 0 is put */
#define RV_SLOT  1
#define EDU_BAR  0x40100000u
#define EDU_SLOT 2
#define EDU_ID   (EDU_SLOT << 3)

static const char *qemu;
static bool full;

/* What is translated by what. */
struct table {
	enum riscv_iommu_stage stage;
	unsigned int levels;
};

struct rv_test {
	struct rig rig;
	struct riscv_iommu iommu;
	struct riscv_iommu_dev dev;
	const struct table *table;
};

static bool next_fault(void *driver, struct iommu_hw_fault *fault, bool *lost)
{
	return riscv_iommu_next_fault(driver, fault, lost);
}

/* The processor runs into a WFI and a jump back to it. */
static void start(struct rv_test *t, const struct table *table)
{
	static const char *const args[] = {
		"-M",
		"virt,memory-backend=ram",
		"-cpu",
		"max",
		"-bios",
		"none",
		"-object",
		"memory-backend-file,id=ram,size=256M,mem-path=@ram,"
		"share=on",
		"-m",
		"256M",
		"-device",
		"loader,addr=0x80000000,data=0xffdff06f10500073,"
		"data-len=8",
		"-device",
		"riscv-iommu-pci,addr=1.0",
		"-device",
		"edu,addr=2.0,dma_mask=0xffffffffffffffff",
		NULL
	};
	const struct riscv_iommu_config config = { .device_bits = 0 };
	const uint64_t iommu = ECAM + (RV_SLOT << 15);

	t->table = table;
	rig_start(&t->rig, qemu, args, RAM_BASE, RV_REGS);
	qtest_writel(&t->rig.q, iommu + 0x10, RV_REGS);
	qtest_writel(&t->rig.q, iommu + 0x14, 0);
	qtest_writel(&t->rig.q, iommu + 0x04, 6);
	edu_init_ecam(&t->rig.edu, &t->rig.q, ECAM, EDU_SLOT, EDU_BAR);
	assert_int_equal(riscv_iommu_init(&t->iommu, &t->rig.hw, &config), 0);
	t->rig.next_fault = next_fault;
	t->rig.driver = &t->iommu;
	t->rig.logs_faults = true;
	t->dev = (struct riscv_iommu_dev){ .id = 0 };
	assert_int_equal(riscv_iommu_dev_init(&t->dev, &t->iommu, EDU_ID, 0),
			 0);
	rig_add(&t->rig, &t->dev.dev);
}

static void stop(struct rv_test *t)
{
	rig_remove(&t->rig, &t->dev.dev);
	riscv_iommu_dev_fini(&t->dev);
	riscv_iommu_fini(&t->iommu);
	rig_stop(&t->rig);
}

static void domain_init(struct rv_test *t, struct riscv_iommu_domain *domain)
{
	const struct riscv_iommu_domain_config config = {
		.stage = t->table->stage,
		.levels = t->table->levels,
	};

	*domain = (struct riscv_iommu_domain){ .target.hw.id = 0 };
	assert_int_equal(riscv_iommu_domain_init(domain, &t->iommu, &config),
			 0);
}

static void test_battery(void **state)
{
	struct riscv_iommu_domain domain;
	struct rv_test t;

	start(&t, *state);
	domain_init(&t, &domain);
	rig_battery(&t.rig, &domain.domain, 1u << IOMMU_HW_BLOCKED);
	riscv_iommu_domain_fini(&domain);
	stop(&t);
}

/*
 * A second stage with its tag is one quadword. A first stage and its tag are two, so
 * that only to bare and back is hitless.
 */
static void test_rules(void **state)
{
	struct riscv_iommu_domain domain[RIG_DOMAINS];
	struct iommu_domain *domains[RIG_DOMAINS];
	struct rv_test t;

	start(&t, *state);
	for (int i = 0; i < RIG_DOMAINS; i++) {
		domain_init(&t, &domain[i]);
		domains[i] = &domain[i].domain;
	}
	rig_rules(&t.rig, t.iommu.ops.identity_domain, domains,
		  t.table->stage == RISCV_IOMMU_SECOND
			  ? RIG_IDENTITY_HITLESS | RIG_MOVE_HITLESS
			  : RIG_IDENTITY_HITLESS);
	for (int i = 0; i < RIG_DOMAINS; i++)
		riscv_iommu_domain_fini(&domain[i]);
	stop(&t);
}

/* ---- Nesting -------------------------------------------------------------------- */

static void forget_first(void *nested)
{
	riscv_iommu_nested_invalidate(nested);
}

static const struct iommu_domain_ops guest_ops = {
	IOMMU_PT_DOMAIN_OPS(riscv64),
};

static void test_nested(void **state)
{
	struct pt_iommu_riscv64 guest = { .iommu.domain.ops = &guest_ops };
	struct pt_iommu_riscv64_cfg cfg = {
		.common = { .hw_max_vasz_lg2 = 48, .hw_max_oasz_lg2 = 50 },
		.top_level = 3,
	};
	struct riscv_iommu_domain parent;
	struct pt_iommu_riscv64_hw_info info;
	struct riscv_iommu_nested nested;
	struct pt_runtime runtime;
	struct rv_test t;

	start(&t, *state);
	runtime = rig_guest_runtime(&t.rig);
	cfg.common.runtime = &runtime;
	assert_int_equal(pt_iommu_riscv64_init(&guest, &cfg, GFP_KERNEL), 0);
	pt_iommu_riscv64_hw_info(&guest, &info);
	domain_init(&t, &parent);
	rig_guest_memory(&t.rig, &parent.domain);
	assert_int_equal(riscv_iommu_nested_init(&nested, &parent, 4,
						 info.ppn << 12, 5),
			 0);
	assert_int_equal(iommu_attach(&t.rig.group, &nested.domain), 0);
	rig_nested(&t.rig, &parent.domain, &guest.iommu.domain, forget_first,
		   &nested);
	iommu_detach(&t.rig.group);
	riscv_iommu_nested_fini(&nested);
	riscv_iommu_domain_fini(&parent);
	pt_iommu_riscv64_deinit(&guest);
	stop(&t);
}

static const struct table sv39 = { RISCV_IOMMU_FIRST, 3 };
static const struct table sv48 = { RISCV_IOMMU_FIRST, 4 };
static const struct table sv57 = { RISCV_IOMMU_FIRST, 5 };
static const struct table sv39x4 = { RISCV_IOMMU_SECOND, 3 };
static const struct table sv48x4 = { RISCV_IOMMU_SECOND, 4 };
static const struct table sv57x4 = { RISCV_IOMMU_SECOND, 5 };

/* Sv39, Sv48 and Sv57, and their x4 forms: all are below. */
static void test_offered(void **state)
{
	struct rv_test t;

	start(&t, *state);
	rig_offered("first stage", t.iommu.caps.stage1_levels, 7 << 3);
	rig_offered("second stage", t.iommu.caps.stage2_levels, 7 << 3);
	stop(&t);
}

#define ON(test, table)                                       \
	{                                                     \
		.name = #test ": " #table, .test_func = test, \
		.initial_state = (void *)(uintptr_t)&table,   \
	}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		ON(test_offered, sv39),   ON(test_battery, sv39),
		ON(test_battery, sv48),   ON(test_battery, sv57),
		ON(test_battery, sv39x4), ON(test_battery, sv48x4),
		ON(test_battery, sv57x4), ON(test_rules, sv48),
		ON(test_rules, sv48x4),   ON(test_nested, sv48x4),
	};
	int status;

	qemu = qtest_choose(argv, &full, &status);
	if (!qemu)
		return status;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
