/* SPDX-License-Identifier: MIT */
/*
 * The machine of the SMMUv3 driver's tests, which answers commands.
 */
#ifndef TESTS_DRIVERS_SMMUV3_MACHINE_H
#define TESTS_DRIVERS_SMMUV3_MACHINE_H

#include <uiommu/drivers/smmuv3.h>

#include "fake.h"

#define SID 0x18

/* Both stages, AArch64, coherent, dirty, ATS, 16-bit ASIDs and VMIDs, page requests,
 * two-level context descriptors and stream tables */
#define IDR0                                                                   \
	(0x3u | 2u << 2 | 1u << 4 | 2u << 6 | 1u << 10 | 1u << 12 | 1u << 16 | \
	 1u << 18 | 1u << 19 | 1u << 27)
#define IDR1 (16u | 20u << 6 | 8u << 21)
#define IDR5 (5u | 7u << 4)

struct test {
	struct fake *fake;
	struct smmuv3 smmu;
	struct smmuv3_dev dev;
};

static inline void run_queue(struct fake *fake)
{
	uint64_t base = fake_get64(fake, 0x90);
	uint32_t mask = (2u << (base & 31)) - 1;
	uint32_t cons = fake_get32(fake, 0x9c), prod = fake_get32(fake, 0x98);

	for (; cons != prod; cons = (cons + 1) & mask) {
		uint64_t at = (cons & mask >> 1) * 16;

		fake_keep(fake,
			  fake_at(fake, (base & 0xffffffffffffe0) + at, 16));
	}
	fake_set32(fake, 0x9c, cons);
}

static inline void wrote(struct fake *fake, uint32_t reg)
{
	if (reg == 0x20)
		fake_set32(fake, 0x24, fake_get32(fake, 0x20));
	if (reg == 0x44)
		fake_set32(fake, 0x44, fake_get32(fake, 0x44) & ~(1u << 31));
	if (reg == 0x98)
		run_queue(fake);
}

static inline void set_registers(struct fake *fake)
{
	fake_set32(fake, 0x00, IDR0);
	fake_set32(fake, 0x04, IDR1);
	fake_set32(fake, 0x14, IDR5);
}

static inline void start(struct test *t, unsigned int pasid_bits, bool ats)
{
	const struct smmuv3_config config = { .stream_bits = 0 };

	t->fake = fake_new(wrote);
	set_registers(t->fake);
	assert_int_equal(smmuv3_init(&t->smmu, &t->fake->hw, &config), 0);
	t->dev = (struct smmuv3_dev){ .ats = ats };
	assert_int_equal(smmuv3_dev_init(&t->dev, &t->smmu, SID, pasid_bits),
			 0);
	assert_int_equal(iommu_dev_add(&t->dev.dev, &t->fake->group), 0);
	assert_int_equal(iommu_group_claim(&t->fake->group, t), 0);
	fake_forget(t->fake);
}

static inline void stop(struct test *t)
{
	iommu_group_release(&t->fake->group);
	iommu_dev_remove(&t->dev.dev);
	smmuv3_dev_fini(&t->dev);
	smmuv3_fini(&t->smmu);
	fake_free(t->fake);
}

/* Two levels of 2^8 entries, the second of 64 bytes each */
static inline const uint64_t *ste(struct test *t)
{
	uint64_t base = fake_get64(t->fake, 0x80) & 0xffffffffffffc0;
	uint64_t *l1 = fake_at(t->fake, base, 8);

	assert_int_equal(fake_get32(t->fake, 0x88), 16 | 8 << 6 | 1 << 16);
	assert_int_equal(l1[0] & 0x1f, 9);
	return (uint64_t *)fake_at(t->fake, l1[0] & ~0x3full, 16384) + SID * 8;
}

/* Two levels, leaves of 64 descriptors */
static inline const uint64_t *cd_of(struct test *t, unsigned int pasid)
{
	uint64_t *l1 = fake_at(t->fake, ste(t)[0] & 0xffffffffffffc0, 1 << 17);

	assert_int_equal(ste(t)[0] >> 59, 20);
	assert_int_equal(ste(t)[0] >> 4 & 3, 1);
	if (!(l1[pasid >> 6] & 1))
		return NULL;
	return (uint64_t *)fake_at(t->fake, l1[pasid >> 6] & ~0xfffull, 4096) +
	       (pasid & 63) * 8;
}

#endif
