/* SPDX-License-Identifier: MIT */
/**
 * DOC: The processors of the machine, and what is tried below EL2
 *
 * The test runs at EL2, where its own table maps all as it is. What the tables under
 * test translate is EL1 and EL0: it goes there for one access at a time (el1.S).
 */
#ifndef TESTS_HW_CPU_AARCH64_CPU_H
#define TESTS_HW_CPU_AARCH64_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_CPUS 2

/** struct el_frame - a visit to EL1 or EL0; boot.S knows it. */
struct el_frame {
	uint64_t x[4];
	uint64_t pc, pstate;
	uint64_t esr_el2, far_el2, hpfar_el2;
	uint64_t esr_el1, far_el1;
};

/** struct cpu - a processor; boot.S knows it. */
struct cpu {
	void *stack;
	struct el_frame *frame;
};

extern struct cpu cpus[MAX_CPUS];

#define read_reg(reg)                                                      \
	({                                                                 \
		uint64_t value_;                                           \
		__asm__ volatile("mrs %0, " reg : "=r"(value_)::"memory"); \
		value_;                                                    \
	})
#define write_reg(reg, value)                                       \
	__asm__ volatile("msr " reg ", %0" ::"r"((uint64_t)(value)) \
			 : "memor"                                  \
			   "y")
#define isb()       __asm__ volatile("isb" ::: "memory")
#define dsb_ish()   __asm__ volatile("dsb ish" ::: "memory")
#define dsb_ishst() __asm__ volatile("dsb ishst" ::: "memory")

/** cpu_translate_itself() - EL2's own table: everything where it is. */
void cpu_translate_itself(void);

/** cpu_broken() - an exception that nobody expects; ends the machine. */
void cpu_broken(uint64_t esr, uint64_t pc, uint64_t far);

/** el_enter() - go where @frame says, and back. */
void el_enter(struct cpu *cpu, struct el_frame *frame);

#endif
