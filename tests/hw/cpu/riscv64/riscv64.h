/* SPDX-License-Identifier: MIT */
/**
 * DOC: RISC-V: the machine, what a hart can try, and its ways to translate
 */
#ifndef TESTS_HW_CPU_RISCV64_H
#define TESTS_HW_CPU_RISCV64_H

#include "../walker.h"

/* QEMU's virt machine */
#define UART     0x10000000ul
#define TEST     0x100000ul
#define ACLINT   0x2000000ul
#define RAM      0x80000000ul
#define RAM_SIZE (256ul << 20)

#define csr_write(csr, value) \
	__asm__ volatile("csrw " csr ", %0" : : "r"(value) : "memory")

#define csr_read(csr)                                             \
	({                                                        \
		uint64_t value_;                                  \
		__asm__ volatile("csrr %0, " csr : "=r"(value_)); \
		value_;                                           \
	})

/** identity_satp() - satp while no other table is in use: the first 4 GiB are themselves. */
uint64_t identity_satp(void);

/** riscv64_old - the emulator is one before QEMU 8. */
extern bool riscv64_old;

/* ---- Probes ------------------------------------------------------------------- */

/* struct probe - what boot.S tries, and what came of it; it knows the offsets. */
struct probe {
	uint64_t va;
	uint64_t value;
	uint64_t cause; /* 0: it was done */
	uint64_t tval;
	uint64_t htval;
};

void probe_read(struct probe *probe);
void probe_write(struct probe *probe);
void probe_exec(struct probe *probe);
void probe_guest_read(struct probe *probe);
void probe_guest_write(struct probe *probe);
void probe_guest_exec(struct probe *probe);
void probe_user(struct probe *probe, uint64_t code);

extern char user_code[], user_read[], user_write[], user_exec[];

/** probe_report() - what a probe that has faulted says. */
void probe_report(struct cpu_result *result, const struct probe *probe);

/* ---- Walkers -------------------------------------------------------------------- */

#define RV_FEATURES                                                  \
	(BIT(PT_FEAT_RISCV_HW_AD) | BIT(PT_FEAT_RISCV_SVNAPOT_64K) | \
	 BIT(PT_FEAT_RISCV_SVPBMT))

/**
 * struct rv_walker - one of the CPU's ways to translate
 * @top_level: of the table under test
 * @first, @second: the tables; of two stages, @first is under test
 */
struct rv_walker {
	struct walker walker;
	unsigned int top_level;
	struct pt_iommu_riscv64 first;
	struct pt_iommu_riscv64_x4 second;
};

static inline struct rv_walker *to_rv(struct walker *w)
{
	return (struct rv_walker *)((char *)w -
				    offsetof(struct rv_walker, walker));
}

/**
 * rv_find() - the leaf item that translates @va, as hardware finds it; NULL: none
 * @offset: how much further up than it is the table is seen
 * @top_lg2: index bits of the top table
 */
uint64_t *rv_find(uint64_t root, uint64_t offset, unsigned int level,
		  unsigned int top_lg2, uint64_t va);

/**
 * rv_flush() - [@start, @last] by @page, or by @all
 *
 * "Supervisor Memory-Management Fence Instruction": by address it is for leaves.
 */
void rv_flush(uint64_t start, uint64_t last, bool tables, void (*all)(void),
	      void (*page)(uint64_t va));

/* A first stage, whose tables are seen through @runtime, and what satp is for it. */
struct iommu_domain *first_make(struct rv_walker *rv,
				const struct pt_runtime *runtime);
void first_fini(struct walker *w);
uint64_t first_atp(struct rv_walker *rv);

/* To be completed: name, base, outside, migrate. */
extern const struct walker first_stage, second_stage, both_stages;

#endif
