/* SPDX-License-Identifier: MIT */
/**
 * DOC: What translates EL1 and EL0, and what an access there meets
 */
#ifndef TESTS_HW_CPU_AARCH64_REGIME_H
#define TESTS_HW_CPU_AARCH64_REGIME_H

#include "cpu.h"

/**
 * struct regime - registers, and where they are from
 * @stage2: it is the second stage that is under test; the first is off
 * @upper: it is a first stage of the upper half, TTBR1
 * @granule_lg2: of the table under test
 * @id: its ASID or VMID
 * @page: where el1_page is
 */
struct regime {
	bool stage2;
	bool upper;
	unsigned int granule_lg2;
	uint64_t id;
	uint64_t page;
	uint64_t hcr, sctlr;
	uint64_t tcr, ttbr0, ttbr1, mair;
	uint64_t vtcr, vttbr;
};

/** REGIME_HCR_DC - of HCR_EL2: the first stage is off, but cacheable. */
#define REGIME_HCR_DC (1ull << 12)

/** regime_use() - on this processor, from now on, with nothing remembered. */
void regime_use(const struct regime *regime);

/**
 * regime_stage1() - what a first stage needs beside the table under test
 *
 * el1_page is mapped through the TTBR that the table under test leaves alone.
 */
void regime_stage1(struct regime *regime, bool upper);

/** regime_stage2() - the same for a second stage, whose table maps el1_page. */
void regime_stage2(struct regime *regime);

/** regime_flush() - have all processors forget [@first, @last]. */
void regime_flush(const struct regime *regime, uint64_t first, uint64_t last,
		  bool leaf_only);

/** regime_flush_all() - everything of its ASID or VMID. */
void regime_flush_all(const struct regime *regime);

/** enum el_kind - of accesses. */
enum el_kind {
	EL1_READ,
	EL1_WRITE,
	EL1_JUMP,
	EL0_READ,
	EL0_WRITE,
	EL0_JUMP
};

/** enum el_reason - what stopped it: D17.2.40 "ESR_ELx", DFSC and IFSC */
enum el_reason {
	EL_NONE, /* nothing */
	EL_RANGE, /* address size */
	EL_TRANSLATION,
	EL_ACCESS_FLAG,
	EL_PERMISSION,
	EL_EXTERNAL, /* no memory there */
	EL_OTHER,
};

/**
 * struct el_result - how an access fared
 * @reason: why not
 * @stage2: it is the second stage that stopped it
 * @walk: ... in a walk of the first
 * @fetch: it was an instruction fetch
 * @write: it was a write
 * @level: where the walk ended, as Arm counts: -1 to 3
 * @va: the faulting address
 * @ipa: @stage2: the page between the stages
 * @esr: all of it
 */
struct el_result {
	enum el_reason reason;
	bool stage2;
	bool walk;
	bool fetch;
	bool write;
	int level;
	uint64_t va;
	uint64_t ipa;
	uint64_t esr;
};

/** el_access() - 8 bytes at @va; *@value is what is written, or was read. */
struct el_result el_access(const struct regime *regime, enum el_kind kind,
			   uint64_t va, uint64_t *value);

/** EL_NOWHERE - el_translate(): there is no translation. */
#define EL_NOWHERE (~0ull)

/**
 * el_translate() - ask the processor where @va goes, for a read at EL1
 *
 * For output addresses at which the machine has no memory.
 */
uint64_t el_translate(const struct regime *regime, uint64_t va);

#endif
