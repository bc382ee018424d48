/* SPDX-License-Identifier: MIT */
#include "vtd_machine.h"

#include "kind_test.h"

static void *kind_start(void)
{
	struct test *t = kind_test();

	start(t, true, 20);
	return t;
}

static void *kind_start_legacy(void)
{
	struct test *t = kind_test();

	start_with(t, CAP, false, 0, 4);
	return t;
}

static struct fake *kind_machine(void)
{
	struct fake *fake = fake_new(wrote);

	set_registers(fake, CAP);
	return fake;
}

static int boot(struct fake *fake, bool scalable)
{
	const struct vtd_config config = { .scalable = scalable };
	struct vtd_iommu iommu;
	int rc = vtd_init(&iommu, &fake->hw, &config);

	if (!rc)
		vtd_fini(&iommu);
	return rc;
}

static int kind_boot(struct fake *fake)
{
	return boot(fake, true);
}

static int kind_boot_legacy(struct fake *fake)
{
	return boot(fake, false);
}

/* 9.3 */
static struct seen kind_sees_legacy(void *test, ioasid_t pasid)
{
	const uint64_t *root = fake_at(
		((struct test *)test)->fake,
		fake_get64(((struct test *)test)->fake, 0x20) & ~0xfffull,
		4096);
	const uint64_t *qw;

	if (!(root[0] & 1))
		return (struct seen){ .what = SEEN_BLOCKED };
	qw = follow(test, root[0]) + (size_t)RID * 2;
	if (!(qw[0] & 1) || pasid)
		return (struct seen){ .what = SEEN_BLOCKED };
	switch (qw[0] >> 2 & 3) {
	case 0:
	case 1:
		return (struct seen){ SEEN_TABLE, qw[0] & ~0xfffull,
				      qw[1] >> 8 & 0xffff };
	case 2:
		return (struct seen){ .what = SEEN_IDENTITY };
	}
	return (struct seen){ .what = SEEN_NONSENSE };
}

/* 9.6; RID_PASID is 0. */
static struct seen kind_sees(void *test, ioasid_t pasid)
{
	const uint64_t *directory = follow(test, context(test)[0]), *qw;

	if (!(directory[pasid >> 6] & 1))
		return (struct seen){ .what = SEEN_BLOCKED };
	qw = follow(test, directory[pasid >> 6]) + (size_t)(pasid & 63) * 8;
	if (!(qw[0] & 1))
		return (struct seen){ .what = SEEN_BLOCKED };
	switch (qw[0] >> 6 & 7) {
	case 1:
		return (struct seen){ SEEN_TABLE, qw[2] & ~0xfffull,
				      qw[1] & 0xffff };
	case 2:
		return (struct seen){ SEEN_TABLE, qw[0] & ~0xfffull,
				      qw[1] & 0xffff };
	case 4:
		return (struct seen){ .what = SEEN_IDENTITY };
	}
	return (struct seen){ .what = SEEN_NONSENSE };
}

static struct seen kind_means(void *test, struct iommu_domain *domain)
{
	struct vtd_domain *vd = (struct vtd_domain *)domain;
	struct pt_iommu_x86_64_hw_info first;
	struct pt_iommu_vtdss_hw_info second;

	if (vd->target.stage == VTD_FIRST_STAGE) {
		pt_iommu_x86_64_hw_info(&vd->x86_64, &first);
		return (struct seen){ SEEN_TABLE, first.gcr3_pt,
				      vd->target.hw.id };
	}
	pt_iommu_vtdss_hw_info(&vd->vtdss, &second);
	return (struct seen){ SEEN_TABLE, second.ssptptr, vd->target.hw.id };
}

static bool kind_forgets(const uint64_t qw[2])
{
	return (qw[0] & 15) == 1 || (qw[0] & 15) == 7;
}

/* IQE, ICE and ITE of FSTS */
#define ERRORS                                      \
	{                                           \
		{ 0x34, 1 << 4 }, { 0x34, 1 << 5 }, \
		{                                   \
			0x34, 1 << 6                \
		}                                   \
	}

const struct kind kind_vtd = {
	.name = "VT-d, scalable",
	.pasid_bits = 20,
	.hitless = HITLESS_IDENTITY | HITLESS_MOVE | HITLESS_PASID,
	.hitless_parent = HITLESS_IDENTITY | HITLESS_MOVE,
	.start = kind_start,
	.stop = kind_stop,
	.fake = kind_fake,
	.dev = kind_dev,
	.machine = kind_machine,
	.boot = kind_boot,
	.sees = kind_sees,
	.means = kind_means,
	.forgets = kind_forgets,
	.error = ERRORS,
};

const struct kind kind_vtd_legacy = {
	.name = "VT-d, legacy",
	.hitless = HITLESS_IDENTITY | HITLESS_MOVE,
	.start = kind_start_legacy,
	.stop = kind_stop,
	.fake = kind_fake,
	.dev = kind_dev,
	.machine = kind_machine,
	.boot = kind_boot_legacy,
	.sees = kind_sees_legacy,
	.means = kind_means,
	.forgets = kind_forgets,
	.error = ERRORS,
};
