/* SPDX-License-Identifier: MIT */
/**
 * DOC: What walkers of this architecture do, whoever made their table
 */
#ifndef TESTS_HW_CPU_AARCH64_MMU_H
#define TESTS_HW_CPU_AARCH64_MMU_H

#include "../walker.h"
#include "regime.h"

#define EL1_PAGE_SIZE 0x10000

/* What the machine is started with */
#define RAM      0x40000000ul
#define RAM_SIZE (256ul << 20)

/** mmu_features() - PT_FEAT_ARMV8_* that the processor has. */
unsigned int mmu_features(bool stage2);

/** mmu_anchor() - map el1_page at the end of a second stage. */
int mmu_anchor(struct regime *regime, struct iommu_domain *domain);

/** mmu_use() - see struct walker; so are the others. */
void mmu_use(const struct regime *regime, bool on);

/** mmu_access() */
struct cpu_result mmu_access(const struct regime *regime, unsigned int access,
			     uint64_t va, uint64_t value);

/** mmu_flush() */
void mmu_flush(const struct regime *regime, uint64_t start, uint64_t last,
	       bool tables);

#endif
