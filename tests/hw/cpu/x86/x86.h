/* SPDX-License-Identifier: MIT */
/**
 * DOC: x86-64: what its ways to translate share
 */
#ifndef TESTS_HW_CPU_X86_H
#define TESTS_HW_CPU_X86_H

#include "../walker.h"

/* What the guest itself uses: all of RAM. */
#define RAM (128ul << 20)

/** five_levels() - the processor has been started with LA57. */
bool five_levels(void);

/** physical_bits() - MAXPHYADDR */
uint8_t physical_bits(void);

/** x86_code() - what a page fault's error code (or a nested one's) stands for. */
void x86_code(struct cpu_result *result, uint64_t error);

/** x86_find() - the leaf item that translates @va from @root on, or NULL. */
uint64_t *x86_find(uint64_t root, uint64_t va);

/** nested_battery() - the same for the second stage of a virtual machine. */
void nested_battery(void);

#endif
