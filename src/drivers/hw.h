/* SPDX-License-Identifier: MIT */
/**
 * DOC: Memory and waiting, as all drivers need them
 *
 * Every store to memory that hardware may be reading goes through here, so that
 * the embedder sees each one and walkers that do not snoop see it too.
 */
#ifndef DRIVERS_HW_H
#define DRIVERS_HW_H

#include <uiommu/driver.h>

/**
 * struct hw_mem - how one driver's instance reaches its memory
 * @hw: the hardware
 * @runtime: its memory, never NULL
 * @coherent: the hardware snoops
 * @journal: takes note of stores; NULL = nobody does
 */
struct hw_mem {
	struct iommu_hw *hw;
	const struct pt_runtime *runtime;
	bool coherent;
	struct iommu_hw_journal *journal;
};

/** hw_note() - @qwords at @p are about to change. */
static inline void hw_note(const struct hw_mem *mem, uint64_t *p,
			   unsigned int qwords)
{
	struct iommu_hw_journal *journal = mem->journal;

	if (!journal || !journal->on ||
	    PORT_WARN_ON(journal->nr == IOMMU_HW_JOURNAL))
		return;
	journal->store[journal->nr].p = p;
	journal->store[journal->nr].was[0] = p[0];
	journal->store[journal->nr].was[1] = qwords == 2 ? p[1] : 0;
	journal->store[journal->nr++].qwords = qwords;
}

/** hw_flush() - hardware sees what was stored to [@p, @p + @len). */
static inline void hw_flush(const struct hw_mem *mem, const void *p, size_t len)
{
	if (!mem->coherent && mem->runtime->flush)
		mem->runtime->flush(mem->runtime, p, len);
}

/** hw_store64() - one store that hardware may see at any moment. */
static inline void hw_store64(const struct hw_mem *mem, uint64_t *p,
			      uint64_t value)
{
	hw_note(mem, p, 1);
	if (mem->hw->ops->store64)
		mem->hw->ops->store64(mem->hw, p, value);
	else
#if __GCC_ATOMIC_LLONG_LOCK_FREE == 2
		__atomic_store_n(p, value, __ATOMIC_RELEASE);
#else
		port_store64(p, value);
#endif
	hw_flush(mem, p, sizeof(*p));
}

/** hw_store128() - the same for 16 bytes; false: this machine cannot. */
static inline bool hw_store128(const struct hw_mem *mem, uint64_t *p,
			       uint64_t lo, uint64_t hi)
{
	if (!mem->hw->ops->store128)
		return false;
	hw_note(mem, p, 2);
	mem->hw->ops->store128(mem->hw, p, lo, hi);
	hw_flush(mem, p, 2 * sizeof(*p));
	return true;
}

/** hw_link64() - the same for a pointer to a new table, which stays in any case. */
static inline void hw_link64(const struct hw_mem *mem, uint64_t *p,
			     uint64_t value)
{
	struct hw_mem quiet = *mem;

	quiet.journal = NULL;
	hw_store64(&quiet, p, value);
}

/** hw_load64() - what hardware may be writing. */
static inline uint64_t hw_load64(const uint64_t *p)
{
#if __GCC_ATOMIC_LLONG_LOCK_FREE == 2
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
#else
	return port_load64(p);
#endif
}

/** hw_alloc() - 2^@size_lg2 bytes of zeroes that hardware sees, or NULL. */
static inline void *hw_alloc(const struct hw_mem *mem, unsigned int size_lg2)
{
	void *p = mem->runtime->alloc(mem->runtime, size_lg2, GFP_KERNEL);

	if (p)
		hw_flush(mem, p, (size_t)1 << size_lg2);
	return p;
}

/** hw_free() - give it back; NULL is fine. */
static inline void hw_free(const struct hw_mem *mem, void *p,
			   unsigned int size_lg2)
{
	if (p)
		mem->runtime->free(mem->runtime, p, size_lg2);
}

/** hw_pa() - where hardware finds @p. */
static inline phys_addr_t hw_pa(const struct hw_mem *mem, const void *p)
{
	return (uint64_t)(uintptr_t)p + mem->runtime->pa_offset;
}

/** hw_va() - the inverse. */
static inline void *hw_va(const struct hw_mem *mem, phys_addr_t pa)
{
	return (void *)(uintptr_t)(pa - mem->runtime->pa_offset);
}

/** hw_table_empty() - is nothing linked to or mapped in the 4096 bytes at @pa? */
static inline bool hw_table_empty(const struct hw_mem *mem, phys_addr_t pa)
{
	const uint64_t *p = hw_va(mem, pa);
	unsigned int i;

	for (i = 0; i < 512; i++)
		if (hw_load64(p + i))
			return false;
	return true;
}

/** hw_lowest() - number of the lowest bit that is set in @value, which is not 0. */
static inline unsigned int hw_lowest(uint64_t value)
{
	/* Compilers take a libc's help for ctz of 64 bits on machines of 32. */
	return 63U - (unsigned int)__builtin_clzll(value & (0 - value));
}

/** hw_relax() - may the caller, who has looked @spins times, look again? */
static inline bool hw_relax(struct iommu_hw *hw, unsigned int spins)
{
	if (hw->ops->relax)
		return hw->ops->relax(hw, spins);
	return spins < IOMMU_HW_SPINS;
}

/**
 * hw_wait32() - wait until (@reg & @mask) is @want
 *
 * Return: 0 or -ETIMEDOUT.
 */
static inline int hw_wait32(struct iommu_hw *hw, uint32_t reg, uint32_t mask,
			    uint32_t want)
{
	for (unsigned int spins = 0; (hw->ops->read32(hw, reg) & mask) != want;
	     spins++)
		if (!hw_relax(hw, spins))
			return -ETIMEDOUT;
	return 0;
}

#endif
