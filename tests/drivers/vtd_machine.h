/* SPDX-License-Identifier: MIT */
/*
 * The machine of the VT-d driver's tests, which answers descriptors.
 */
#ifndef TESTS_DRIVERS_VTD_MACHINE_H
#define TESTS_DRIVERS_VTD_MACHINE_H

#include <uiommu/drivers/vtd.h>

#include "fake.h"

#define RID 0x18

/* 16 bits of domains, 4 and 5 levels, 57 bits, fault records at 0x200, 2M and 1G, page
 * selective up to 2^18 pages, draining */
#define CAP                                                                \
	(6ull | 12ull << 8 | 56ull << 16 | 0x20ull << 24 | 3ull << 34 |    \
	 1ull << 39 | 7ull << 40 | 18ull << 48 | 3ull << 54 | 1ull << 56 | \
	 1ull << 60)
#define CACHING (1ull << 7)
/* Coherent, queued invalidation, ATS, pass-through, snoop control, nesting, page
 * requests, 20 bits of PASIDs, scalable with both stages, dirty, snooped walks */
#define ECAP                                                      \
	(7ull | 1ull << 6 | 1ull << 7 | 1ull << 26 | 1ull << 29 | \
	 19ull << 35 | 1ull << 40 | 3ull << 42 | 15ull << 45)

struct test {
	struct fake *fake;
	struct vtd_iommu iommu;
	struct vtd_dev dev;
};

static inline void run_queue(struct fake *fake)
{
	uint64_t iqa = fake_get64(fake, 0x90);
	uint64_t step = iqa & 1 << 11 ? 32 : 16;
	uint64_t head = fake_get64(fake, 0x80), tail = fake_get64(fake, 0x88);

	for (; head != tail; head = (head + step) % 4096) {
		const uint64_t *qw =
			fake_at(fake, (iqa & ~0xfffull) + head, step);

		fake_keep(fake, qw);
		if ((qw[0] & 15) == 5)
			*(uint32_t *)fake_at(fake, qw[1], 4) =
				(uint32_t)(qw[0] >> 32);
	}
	fake_set64(fake, 0x80, head);
}

static inline void wrote(struct fake *fake, uint32_t reg)
{
	uint32_t command = fake_get32(fake, 0x18);

	if (reg == 0x18) /* the root table pointer is set; a flush is done */
		fake_set32(fake, 0x1c,
			   (command & ~(1u << 27)) | (command & 1u << 30) |
				   (fake_get32(fake, 0x1c) & 1u << 30));
	if (reg == 0x88)
		run_queue(fake);
	if (reg >= 0x200 && reg < 0x280) /* F is cleared by writing it */
		fake_set64(fake, reg, 0);
	if (reg == 0x34)
		fake_set32(fake, 0x34, 0);
}

static inline void set_registers(struct fake *fake, uint64_t cap)
{
	fake_set64(fake, 0x08, cap);
	fake_set64(fake, 0x10, ECAP);
}

static inline void start_with(struct test *t, uint64_t cap, bool scalable,
			      unsigned int pasid_bits, unsigned int ats)
{
	const struct vtd_config config = { .scalable = scalable };

	t->fake = fake_new(wrote);
	set_registers(t->fake, cap);
	assert_int_equal(vtd_init(&t->iommu, &t->fake->hw, &config), 0);
	t->dev = (struct vtd_dev){ .ats_depth = (uint8_t)ats, .pri = ats != 0 };
	assert_int_equal(vtd_dev_init(&t->dev, &t->iommu, RID, pasid_bits), 0);
	assert_int_equal(iommu_dev_add(&t->dev.dev, &t->fake->group), 0);
	assert_int_equal(iommu_group_claim(&t->fake->group, t), 0);
	fake_forget(t->fake);
}

static inline void start(struct test *t, bool scalable, unsigned int pasid_bits)
{
	start_with(t, CAP, scalable, pasid_bits, scalable ? 16 : 0);
}

static inline void stop(struct test *t)
{
	iommu_group_release(&t->fake->group);
	iommu_dev_remove(&t->dev.dev);
	vtd_dev_fini(&t->dev);
	vtd_fini(&t->iommu);
	fake_free(t->fake);
}

static inline const uint64_t *follow(struct test *t, uint64_t pointer)
{
	assert_true(pointer & 1);
	return fake_at(t->fake, pointer & ~0xfffull, 4096);
}

/* Bus 0; in legacy mode the entry is what the device is translated by. */
static inline const uint64_t *context(struct test *t)
{
	const uint64_t *root =
		fake_at(t->fake, fake_get64(t->fake, 0x20) & ~0xfffull, 4096);

	return follow(t, root[0]) + RID * (t->iommu.scalable ? 4 : 2);
}

/* In scalable mode that is an entry of a PASID table. */
static inline const uint64_t *entry(struct test *t, unsigned int pasid)
{
	return follow(t, follow(t, context(t)[0])[pasid >> 6]) +
	       (pasid & 63) * 8;
}

#endif
