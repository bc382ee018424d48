/* SPDX-License-Identifier: MIT */
/*
 * The machine of the AMD-Vi driver's tests, which answers commands.
 */
#ifndef TESTS_DRIVERS_AMD_MACHINE_H
#define TESTS_DRIVERS_AMD_MACHINE_H

#include <uiommu/drivers/amd.h>

#include "fake.h"

#define RID     0x18
#define DEVICES 256
#define RW      (IOMMU_READ | IOMMU_WRITE)

/* Guest tables with GIOV, 2^16 PASIDs, dirty bits, page requests, six levels */
#define EFR                                                             \
	(1ull << 1 | 1ull << 4 | 1ull << 6 | 2ull << 10 | 15ull << 32 | \
	 1ull << 48 | 1ull << 49 | 1ull << 52)

struct test {
	struct fake *fake;
	struct amd_iommu iommu;
	struct amd_dev dev;
};

static inline void run_commands(struct fake *fake)
{
	uint64_t base = fake_get64(fake, 0x08) & 0xffffffffff000;
	uint64_t head = fake_get64(fake, 0x2000);
	uint64_t tail = fake_get64(fake, 0x2008);

	for (; head != tail; head = (head + 16) % 4096) {
		const uint64_t *qw = fake_at(fake, base + head, 16);

		fake_keep(fake, qw);
		if (qw[0] >> 60 == 1)
			*(uint64_t *)fake_at(fake, qw[0] & 0xffffffffffff8, 8) =
				qw[1];
	}
	fake_set64(fake, 0x2000, head);
}

static inline void wrote(struct fake *fake, uint32_t reg)
{
	if (reg == 0x2008)
		run_commands(fake);
}

static inline void set_registers(struct fake *fake)
{
	fake_set64(fake, 0x30, EFR);
	fake_set64(fake, 0x1a0, 1 << 3);
}

static inline void start(struct test *t, unsigned int pasid_bits,
			 unsigned int ats)
{
	const struct amd_config config = { .devices = DEVICES, .ats = true };

	t->fake = fake_new(wrote);
	set_registers(t->fake);
	assert_int_equal(amd_init(&t->iommu, &t->fake->hw, &config), 0);
	t->dev = (struct amd_dev){ .ats_depth = (uint8_t)ats, .pri = ats != 0 };
	assert_int_equal(amd_dev_init(&t->dev, &t->iommu, RID, pasid_bits), 0);
	assert_int_equal(iommu_dev_add(&t->dev.dev, &t->fake->group), 0);
	assert_int_equal(iommu_group_claim(&t->fake->group, t), 0);
}

static inline void stop(struct test *t)
{
	iommu_group_release(&t->fake->group);
	iommu_dev_remove(&t->dev.dev);
	amd_dev_fini(&t->dev);
	amd_fini(&t->iommu);
	fake_free(t->fake);
}

static inline const uint64_t *dte(struct test *t)
{
	return (uint64_t *)fake_at(t->fake,
				   fake_get64(t->fake, 0) & 0xffffffffff000,
				   32 * DEVICES) +
	       RID * 4;
}

/* The slot of a PASID of up to 16 bits: two levels of 9 bits. */
static inline uint64_t gcr3_entry(struct test *t, unsigned int pasid)
{
	const uint64_t *qw = dte(t);
	uint64_t root = (qw[0] >> 58 & 7) << 12 | (qw[1] >> 16 & 0xffff) << 15 |
			(qw[1] >> 43) << 31;
	uint64_t *table = fake_at(t->fake, root, 4096);

	assert_int_equal(qw[0] >> 56 & 3, 1); /* GLX */
	if (!(table[pasid >> 9] & 1))
		return 0;
	table = fake_at(t->fake, table[pasid >> 9] & 0xffffffffff000, 4096);
	return table[pasid & 0x1ff];
}

#endif
