/* SPDX-License-Identifier: MIT */
#include "smmuv3_machine.h"

#include "kind_test.h"

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
	const struct smmuv3_config config = { .stream_bits = 0 };
	struct smmuv3 smmu;
	int rc = smmuv3_init(&smmu, &fake->hw, &config);

	if (!rc)
		smmuv3_fini(&smmu);
	return rc;
}

static struct seen stage1(const uint64_t *cd)
{
	if (!cd || !(cd[0] & 1ull << 31))
		return (struct seen){ .what = SEEN_BLOCKED };
	return (struct seen){ SEEN_TABLE, cd[1] & 0xfffffffffffff0,
			      cd[0] >> 48 };
}

/* 5.2, S1CDMax and S1DSS */
static struct seen stage1_of(void *test, const uint64_t *qw, ioasid_t pasid)
{
	struct fake *fake = ((struct test *)test)->fake;

	if (qw[0] >> 59) {
		if (pasid || (qw[1] & 3) == 2)
			return stage1(cd_of(test, pasid));
		return (struct seen){ .what = (qw[1] & 3) == 1 ? SEEN_IDENTITY
							       : SEEN_BLOCKED };
	}
	if (pasid)
		return (struct seen){ .what = SEEN_BLOCKED };
	return stage1(fake_at(fake, qw[0] & 0xffffffffffffc0, 64));
}

static struct seen kind_sees(void *test, ioasid_t pasid)
{
	const uint64_t *qw = ste(test);

	if (!(qw[0] & 1))
		return (struct seen){ .what = SEEN_BLOCKED };
	switch (qw[0] >> 1 & 7) {
	case 0:
		return (struct seen){ .what = SEEN_BLOCKED };
	case 4: /* 3.9: a PASID needs stage 1 */
		return (struct seen){ .what = pasid ? SEEN_BLOCKED
						    : SEEN_IDENTITY };
	case 5:
		return stage1_of(test, qw, pasid);
	case 6:
		return (struct seen){ SEEN_TABLE, qw[3] & 0xfffffffffffff0,
				      1ull << 32 | (qw[2] & 0xffff) };
	}
	return (struct seen){ .what = SEEN_NONSENSE };
}

static struct seen kind_means(void *test, struct iommu_domain *domain)
{
	struct smmuv3_domain *sd = (struct smmuv3_domain *)domain;
	struct pt_iommu_armv8_s1_4k_hw_info s1;
	struct pt_iommu_armv8_s2_4k_hw_info s2;

	if (sd->target.stage == SMMUV3_STAGE1) {
		pt_iommu_armv8_s1_4k_hw_info(&sd->s1_4k, &s1);
		return (struct seen){ SEEN_TABLE, s1.ttb, sd->target.hw.id };
	}
	pt_iommu_armv8_s2_4k_hw_info(&sd->s2_4k, &s2);
	return (struct seen){ SEEN_TABLE, s2.vttb,
			      1ull << 32 | sd->target.hw.id };
}

static bool kind_forgets(const uint64_t qw[2])
{
	return (qw[0] & 0xff) >= 3 && (qw[0] & 0xff) <= 6;
}

const struct kind kind_smmuv3 = {
	.name = "SMMUv3",
	.pasid_bits = 20,
	.hitless = HITLESS_IDENTITY | HITLESS_MOVE,
	.hitless_parent = HITLESS_IDENTITY,
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
	.error = { { 0x60, 1 } },
};
