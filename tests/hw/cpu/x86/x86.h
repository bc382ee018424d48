/* SPDX-License-Identifier: MIT */
/**
 * DOC: x86-64: what its ways to translate share
 */
#ifndef TESTS_HW_CPU_X86_H
#define TESTS_HW_CPU_X86_H

#include "../walker.h"

/* What the guest itself uses: all of RAM. */
#define RAM (128ul << 20)

static inline uint64_t read_cr3(void)
{
	uint64_t cr3;

	__asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
	return cr3;
}

static inline void write_cr3(uint64_t cr3)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(cr3) : "memory");
}

/** boot_cr3() - the tables of the start, which translate all below 4 GiB to itself. */
uint64_t boot_cr3(void);

/** five_levels() - the processor has been started with LA57. */
bool five_levels(void);

/** physical_bits() - MAXPHYADDR */
uint8_t physical_bits(void);

/* ---- Probes -------------------------------------------------------------------- */

/* struct probe - what boot.S tries, and what came of it; it knows the offsets. */
struct probe {
	uint64_t va;
	uint64_t value;
	uint64_t vector; /* 0: it was done */
	uint64_t error;
	uint64_t cr2;
	uint64_t stack;
};

void probe_read(struct probe *probe);
void probe_write(struct probe *probe);
void probe_exec(struct probe *probe);
void probe_user(struct probe *probe, uint64_t code);
extern char user_code[], user_read[], user_write[], user_exec[];

/* ---- Walkers ------------------------------------------------------------------- */

/** x86_code() - what a page fault's error code (or a nested one's) stands for. */
void x86_code(struct cpu_result *result, uint64_t error);

/** x86_find() - the leaf item that translates @va from @root on, or NULL. */
uint64_t *x86_find(uint64_t root, uint64_t va);

/** nested_battery() - the same for the second stage of a virtual machine. */
void nested_battery(void);

#endif
