/* SPDX-License-Identifier: MIT */
#include "amd_machine.h"

#include "kind_test.h"

static void *kind_start(void)
{
	struct test *t = kind_test();

	start(t, 16, 8);
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
	const struct amd_config config = { .devices = DEVICES };
	struct amd_iommu iommu;
	int rc = amd_init(&iommu, &fake->hw, &config);

	if (!rc)
		amd_fini(&iommu);
	return rc;
}

/* 2.2.2.1; GIOV gives requests without a PASID to entry 0 of the GCR3 table. */
static struct seen kind_sees(void *test, ioasid_t pasid)
{
	const uint64_t *qw = dte(test);
	bool guest = (qw[0] & 1ull << 55) && (pasid || (qw[0] & 1ull << 54));
	struct seen seen = { .what = SEEN_BLOCKED };
	uint64_t entry;

	if (!(qw[0] & 1)) /* everything passes */
		return (struct seen){ .what = SEEN_NONSENSE };
	if (!(qw[0] & 2))
		return seen;
	if (guest) {
		entry = gcr3_entry(test, pasid);
		if (entry & 1)
			seen = (struct seen){ SEEN_TABLE,
					      entry & 0xffffffffff000,
					      qw[1] & 0xffff };
		return seen;
	}
	if (pasid || (qw[0] >> 61 & 3) != 3)
		return seen;
	if (!(qw[0] >> 9 & 7))
		return (struct seen){ .what = SEEN_IDENTITY };
	return (struct seen){ SEEN_TABLE, qw[0] & 0xffffffffff000,
			      qw[1] & 0xffff };
}

static struct seen kind_means(void *test, struct iommu_domain *domain)
{
	struct amd_domain *ad = (struct amd_domain *)domain;
	struct pt_iommu_amdv1_hw_info host;
	struct pt_iommu_x86_64_hw_info guest;

	if (ad->target.stage == AMD_GUEST) {
		pt_iommu_x86_64_hw_info(&ad->x86_64, &guest);
		return (struct seen){ SEEN_TABLE, guest.gcr3_pt,
				      ((struct test *)test)->dev.guest_id };
	}
	pt_iommu_amdv1_hw_info(&ad->amdv1, &host);
	return (struct seen){ SEEN_TABLE, host.host_pt_root, ad->target.hw.id };
}

static bool kind_forgets(const uint64_t qw[2])
{
	return qw[0] >> 60 == 2;
}

const struct kind kind_amd = {
	.name = "AMD-Vi",
	.pasid_bits = 16,
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
};
