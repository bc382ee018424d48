/* SPDX-License-Identifier: MIT */
/**
 * DOC: A machine that does nothing but what a driver's test tells it
 *
 * Registers are an array; a hook sees each write and plays the hardware's part:
 * answers commands, acknowledges. The commands that a driver submits are kept, so
 * that a test can compare them with the specification's.
 */
#ifndef TESTS_DRIVERS_FAKE_H
#define TESTS_DRIVERS_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <uiommu/driver.h>

#include "port/port.h"

#define FAKE_REGS     0x20000
#define FAKE_TABLES   0x80000000ul /* physical address of the first table */
#define FAKE_COMMANDS 4096

/**
 * struct fake - one machine
 * @hw: for the driver
 * @wrote: hardware's part: @reg of @size bytes has been written
 * @dead: it does not react any more
 * @dies: so many stores from now it does not; 0 = it lives
 * @storing: @qwords at @p, which hardware may be reading, are about to change
 * @stepped: a store or a register write is done
 * @user: for both
 * @command: the commands so far, of two quadwords each
 * @nr: how many
 * @error: what the driver has said of a broken machine
 */
struct fake {
	struct iommu_hw hw;
	struct port_arena *arena;
	uint8_t regs[FAKE_REGS];
	void (*wrote)(struct fake *fake, uint32_t reg);
	bool dead;
	unsigned int dies;
	void (*storing)(struct fake *fake, uint64_t *p, unsigned int qwords);
	void (*stepped)(struct fake *fake);
	void *user;
	uint64_t command[FAKE_COMMANDS][2];
	unsigned int nr;
	int error;
	unsigned int complaints;
	struct iommu_group group;
};

static inline struct fake *to_fake(struct iommu_hw *hw)
{
	return (struct fake *)((char *)hw - offsetof(struct fake, hw));
}

static inline uint32_t fake_get32(struct fake *fake, uint32_t reg)
{
	uint32_t value;

	assert_true(reg <= FAKE_REGS - sizeof(value));
	memcpy(&value, fake->regs + reg, sizeof(value));
	return value;
}

static inline uint64_t fake_get64(struct fake *fake, uint32_t reg)
{
	return fake_get32(fake, reg) | (uint64_t)fake_get32(fake, reg + 4)
					       << 32;
}

static inline void fake_set32(struct fake *fake, uint32_t reg, uint32_t value)
{
	assert_true(reg <= FAKE_REGS - sizeof(value));
	memcpy(fake->regs + reg, &value, sizeof(value));
}

static inline void fake_set64(struct fake *fake, uint32_t reg, uint64_t value)
{
	fake_set32(fake, reg, (uint32_t)value);
	fake_set32(fake, reg + 4, (uint32_t)(value >> 32));
}

static inline uint32_t fake_read32(struct iommu_hw *hw, uint32_t reg)
{
	return fake_get32(to_fake(hw), reg);
}

static inline uint64_t fake_read64(struct iommu_hw *hw, uint32_t reg)
{
	return fake_get64(to_fake(hw), reg);
}

static inline void fake_step(struct fake *fake)
{
	if (fake->dies && !--fake->dies)
		fake->dead = true;
	if (fake->stepped)
		fake->stepped(fake);
}

static inline void fake_write32(struct iommu_hw *hw, uint32_t reg,
				uint32_t value)
{
	fake_set32(to_fake(hw), reg, value);
	if (!to_fake(hw)->dead)
		to_fake(hw)->wrote(to_fake(hw), reg);
	fake_step(to_fake(hw));
}

static inline void fake_write64(struct iommu_hw *hw, uint32_t reg,
				uint64_t value)
{
	fake_set64(to_fake(hw), reg, value);
	if (!to_fake(hw)->dead)
		to_fake(hw)->wrote(to_fake(hw), reg);
	fake_step(to_fake(hw));
}

static inline void fake_store64(struct iommu_hw *hw, uint64_t *p,
				uint64_t value)
{
	if (to_fake(hw)->storing)
		to_fake(hw)->storing(to_fake(hw), p, 1);
	__atomic_store_n(p, value, __ATOMIC_RELEASE);
	fake_step(to_fake(hw));
}

static inline void fake_store128(struct iommu_hw *hw, uint64_t *p, uint64_t lo,
				 uint64_t hi)
{
	if (to_fake(hw)->storing)
		to_fake(hw)->storing(to_fake(hw), p, 2);
	p[0] = lo;
	p[1] = hi;
	fake_step(to_fake(hw));
}

static inline bool fake_relax(struct iommu_hw *hw, unsigned int spins)
{
	return spins < 100;
}

static inline void fake_broken(struct iommu_hw *hw, int error, const char *what)
{
	to_fake(hw)->error = error;
	to_fake(hw)->complaints++;
}

static const struct iommu_hw_ops fake_ops = {
	.read32 = fake_read32,
	.read64 = fake_read64,
	.write32 = fake_write32,
	.write64 = fake_write64,
	.store64 = fake_store64,
	.relax = fake_relax,
	.broken = fake_broken,
};

/** fake_ops_128 - the same, of a processor with stores of 16 bytes. */
static const struct iommu_hw_ops fake_ops_128 __attribute__((unused)) = {
	.read32 = fake_read32,
	.read64 = fake_read64,
	.write32 = fake_write32,
	.write64 = fake_write64,
	.store64 = fake_store64,
	.store128 = fake_store128,
	.relax = fake_relax,
	.broken = fake_broken,
};

/** fake_new() - a machine whose registers are zero. */
static inline struct fake *fake_new(void (*wrote)(struct fake *fake,
						  uint32_t reg))
{
	const struct port_arena_config config = { .base_pa = FAKE_TABLES,
						  .size = 1ul << 30 };
	struct fake *fake = calloc(1, sizeof(*fake));

	assert_non_null(fake);
	assert_int_equal(port_arena_new(&config, &fake->arena), 0);
	fake->hw.ops = &fake_ops;
	fake->hw.runtime = port_arena_runtime(fake->arena);
	fake->wrote = wrote;
	iommu_group_init(&fake->group);
	return fake;
}

/** fake_free() - all memory must be free again. */
static inline void fake_free(struct fake *fake)
{
	assert_int_equal(port_arena_bytes(fake->arena), 0);
	port_arena_free(fake->arena);
	free(fake);
}

/** fake_at() - memory at @pa, as hardware sees it. */
static inline void *fake_at(struct fake *fake, uint64_t pa, size_t len)
{
	void *p = port_arena_ptr(fake->arena, pa, len);

	assert_non_null(p);
	return p;
}

/** fake_keep() - a command has come. */
static inline void fake_keep(struct fake *fake, const uint64_t *qw)
{
	assert_true(fake->nr < FAKE_COMMANDS);
	fake->command[fake->nr][0] = qw[0];
	fake->command[fake->nr++][1] = qw[1];
}

/** fake_when() - the how manieth command since fake_forget() it was. */
static inline unsigned int fake_when(const struct fake *fake, uint64_t lo,
				     uint64_t hi)
{
	for (unsigned int i = 0; i < fake->nr; i++)
		if (fake->command[i][0] == lo && fake->command[i][1] == hi)
			return i;
	fail_msg("0x%lx, 0x%lx has not been sent", (unsigned long)lo,
		 (unsigned long)hi);
	return 0;
}

/** fake_sent() - has the driver sent this command since fake_forget()? */
static inline bool fake_sent(const struct fake *fake, uint64_t lo, uint64_t hi)
{
	for (unsigned int i = 0; i < fake->nr; i++)
		if (fake->command[i][0] == lo && fake->command[i][1] == hi)
			return true;
	return false;
}

static inline void fake_forget(struct fake *fake)
{
	fake->nr = 0;
}

#endif
