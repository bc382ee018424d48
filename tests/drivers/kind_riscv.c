/* SPDX-License-Identifier: MIT */
#include "riscv_machine.h"

#include "kind_test.h"

#define PPN(v) (((v)&0xfffffffffff) << 12)

static void *kind_start(void)
{
	struct test *t = kind_test();

	start(t, 20, true);
	return t;
}

static struct fake *kind_machine(void)
{
	struct fake *fake = fake_new(wrote);

	set_registers(fake);
	return fake;
}

static int kind_boot(struct fake *fake)
{
	const struct riscv_iommu_config config = { .device_bits = 0 };
	struct riscv_iommu iommu;
	int rc = riscv_iommu_init(&iommu, &fake->hw, &config);

	if (!rc)
		riscv_iommu_fini(&iommu);
	return rc;
}

static struct seen first_stage(uint64_t ta, uint64_t fsc)
{
	if (!(fsc >> 60))
		return (struct seen){ .what = SEEN_IDENTITY };
	return (struct seen){ SEEN_TABLE, PPN(fsc), ta >> 12 & 0xfffff };
}

/* 2.1.3, 2.2.3 */
static struct seen kind_sees(void *test, ioasid_t pasid)
{
	const uint64_t *dc = context(test), *pc;

	if (!(dc[0] & 1))
		return (struct seen){ .what = SEEN_BLOCKED };
	if (dc[1] >> 60 && dc[3] >> 60)
		return (struct seen){ .what = SEEN_NONSENSE };
	if (dc[1] >> 60)
		return (struct seen){ SEEN_TABLE, PPN(dc[1]),
				      1ull << 32 | (dc[1] >> 44 & 0xffff) };
	if (!(dc[0] & 1 << 5)) {
		if (pasid)
			return (struct seen){ .what = SEEN_BLOCKED };
		return first_stage(dc[2], dc[3]);
	}
	if (!pasid && !(dc[0] & 1 << 9))
		return (struct seen){ .what = SEEN_IDENTITY };
	pc = process(test, pasid);
	if (!pc || !(pc[0] & 1))
		return (struct seen){ .what = SEEN_BLOCKED };
	return first_stage(pc[0], pc[1]);
}

static struct seen kind_means(void *test, struct iommu_domain *domain)
{
	struct riscv_iommu_domain *rd = (struct riscv_iommu_domain *)domain;
	struct pt_iommu_riscv64_x4_hw_info second;
	struct pt_iommu_riscv64_hw_info first;

	if (rd->target.stage == RISCV_IOMMU_FIRST) {
		pt_iommu_riscv64_hw_info(&rd->first, &first);
		return (struct seen){ SEEN_TABLE, first.ppn << 12,
				      rd->target.hw.id };
	}
	pt_iommu_riscv64_x4_hw_info(&rd->second, &second);
	return (struct seen){ SEEN_TABLE, second.ppn << 12,
			      1ull << 32 | rd->target.hw.id };
}

static bool kind_forgets(const uint64_t qw[2])
{
	return (qw[0] & 0x7f) == 3;
}

/* Memory fault, timeout and illegal command of cqcsr, which is on */
#define ON (1 | 1 << 16)

const struct kind kind_riscv = {
	.name = "RISC-V",
	.pasid_bits = 20,
	.hitless = HITLESS_IDENTITY,
	.hitless_parent = HITLESS_IDENTITY | HITLESS_MOVE,
	.any_order = true,
	.start = kind_start,
	.stop = kind_stop,
	.fake = kind_fake,
	.dev = kind_dev,
	.machine = kind_machine,
	.boot = kind_boot,
	.sees = kind_sees,
	.means = kind_means,
	.forgets = kind_forgets,
	.error = { { 0x48, ON | 1 << 8 },
		   { 0x48, ON | 1 << 9 },
		   { 0x48, ON | 1 << 10 } },
};
