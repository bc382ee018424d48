/* SPDX-License-Identifier: MIT */
/*
 * The machine of the RISC-V IOMMU driver's tests, which answers commands.
 */
#ifndef TESTS_DRIVERS_RISCV_MACHINE_H
#define TESTS_DRIVERS_RISCV_MACHINE_H

#include <uiommu/drivers/riscv.h>

#include "fake.h"

#define ID 0x18

/* Version 1.0, all page tables, contexts of 64 bytes, hardware A/D, ATS, 56 bits of
 * addresses, all process directories */
#define CAPS                                                          \
	(0x10ull | 7ull << 9 | 1ull << 15 | 7ull << 17 | 1ull << 22 | \
	 1ull << 24 | 1ull << 25 | 56ull << 32 | 7ull << 38)

struct test {
	struct fake *fake;
	struct riscv_iommu iommu;
	struct riscv_iommu_dev dev;
};

static inline uint64_t page_of(uint64_t reg)
{
	return (reg >> 10 & 0xfffffffffff) << 12;
}

static inline void run_queue(struct fake *fake)
{
	uint64_t base = fake_get64(fake, 0x18);
	uint32_t head = fake_get32(fake, 0x20), tail = fake_get32(fake, 0x24);

	for (; head != tail; head = (head + 1) % 256) {
		const uint64_t *qw =
			fake_at(fake, page_of(base) + head * 16, 16);

		fake_keep(fake, qw);
		if ((qw[0] & 0x3ff) == 2)
			*(uint32_t *)fake_at(fake, qw[1] << 2, 4) =
				(uint32_t)(qw[0] >> 32);
	}
	fake_set32(fake, 0x20, head);
}

static inline void wrote(struct fake *fake, uint32_t reg)
{
	if (reg == 0x48 || reg == 0x4c || reg == 0x50)
		fake_set32(fake, reg,
			   fake_get32(fake, reg) & 1 ? 1 | 1 << 16 : 0);
	if (reg == 0x24)
		run_queue(fake);
}

static inline void set_registers(struct fake *fake)
{
	fake_set64(fake, 0, CAPS);
}

static inline void start(struct test *t, unsigned int pasid_bits, bool ats)
{
	const struct riscv_iommu_config config = { .device_bits = 0 };

	t->fake = fake_new(wrote);
	set_registers(t->fake);
	assert_int_equal(riscv_iommu_init(&t->iommu, &t->fake->hw, &config), 0);
	t->dev = (struct riscv_iommu_dev){ .ats = ats, .pri = ats };
	assert_int_equal(
		riscv_iommu_dev_init(&t->dev, &t->iommu, ID, pasid_bits), 0);
	assert_int_equal(iommu_dev_add(&t->dev.dev, &t->fake->group), 0);
	assert_int_equal(iommu_group_claim(&t->fake->group, t), 0);
	fake_forget(t->fake);
}

static inline void stop(struct test *t)
{
	iommu_group_release(&t->fake->group);
	iommu_dev_remove(&t->dev.dev);
	riscv_iommu_dev_fini(&t->dev);
	riscv_iommu_fini(&t->iommu);
	fake_free(t->fake);
}

/* 16 bits of device ids are three levels of contexts of 64 bytes: 6, 9 and 9 bits. */
static inline const uint64_t *context(struct test *t)
{
	uint64_t ddtp = fake_get64(t->fake, 0x10);
	uint64_t *table = fake_at(t->fake, page_of(ddtp), 4096);

	assert_int_equal(ddtp & 15, 4);
	assert_int_equal(table[0] & 1, 1);
	table = fake_at(t->fake, page_of(table[0]), 4096);
	assert_int_equal(table[0] & 1, 1);
	table = fake_at(t->fake, page_of(table[0]), 4096);
	return table + ID * 8;
}

/* PD20: 3, 9 and 8 bits */
static inline const uint64_t *process(struct test *t, unsigned int pasid)
{
	uint64_t pdtp = context(t)[3];
	uint64_t *table = fake_at(t->fake, (pdtp & 0xfffffffffff) << 12, 4096);

	assert_int_equal(pdtp >> 60, 3);
	if (!(table[pasid >> 17] & 1))
		return NULL;
	table = fake_at(t->fake, page_of(table[pasid >> 17]), 4096);
	if (!(table[pasid >> 8 & 0x1ff] & 1))
		return NULL;
	table = fake_at(t->fake, page_of(table[pasid >> 8 & 0x1ff]), 4096);
	return table + (pasid & 0xff) * 2;
}

#endif
