/* SPDX-License-Identifier: MIT */
/**
 * DOC: What a bare-metal guest has: a console, memory, a second CPU
 *
 * There is no libc and nothing below but the machine. A guest speaks TAP on its
 * console and ends with an exit status that the emulator passes on. The addresses
 * of RAM, which code of ours uses untranslated or one to one, are the OAs that the
 * tables put out.
 */
#ifndef TESTS_HW_CPU_GUEST_H
#define TESTS_HW_CPU_GUEST_H

#include <uiommu/iommu.h>
#include <uiommu/pt/iommu.h>

/* ---- What the architecture gives (x86.c, ...) -------------------------- */

/** machine_putc() - a character on the console. */
void machine_putc(char c);

/** machine_exit() - stop the machine; @failed is what the emulator exits with. */
_Noreturn void machine_exit(bool failed);

/** machine_relax() - in a loop that waits for the other CPU. */
void machine_relax(void);

/**
 * machine_start_second() - called once, before the second CPU is first wanted
 *
 * For machines where it sleeps until then: a CPU that waits takes the time of another.
 */
void machine_start_second(void);

/**
 * machine_data - RAM for data: nothing of the guest is there
 *
 * Aligned to its size, which is 64 MiB at least.
 */
extern const uint64_t machine_data, machine_data_size;

/** machine_main() - the tests; called by the first CPU when it is set up. */
void machine_main(void);

/** guest_second() - where the second CPU goes when it is set up, for good. */
_Noreturn void guest_second(void);

/* ---- Console and TAP ------------------------------------------------------ */

/** say() - print: %s, %d, %u and %x (with l for 64 bits), %c, %%. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** tap_begin() - what follows is a case of this name, after "walker: ". */
void tap_begin(const char *walker, const char *name);

/** tap_end() - of the case: one line says whether it failed. */
void tap_end(void);

/** tap_skip() - the case is one that cannot be done here. */
void tap_skip(const char *walker, const char *name, const char *why);

/** tap_done() - the plan; then the machine stops. */
_Noreturn void tap_done(void);

/** tap_quiet() - successful checks print nothing, until the case ends. */
void tap_quiet(void);

/**
 * check() - one expectation of the case, with what was expected and what happened
 *
 * Return: @good.
 */
bool check(bool good, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- Table memory --------------------------------------------------------- */

/**
 * guest_runtime() - table memory from a pool
 *
 * What is freed is overwritten, so that a walker that still reads it is found out.
 */
const struct pt_runtime *guest_runtime(void);

/** guest_tables() - bytes of it that are in use. */
size_t guest_tables(void);

/* ---- The second CPU -------------------------------------------------------- */

/** second_start() - have the second CPU call @fn(@arg); it is doing nothing. */
void second_start(void (*fn)(void *arg), void *arg);

/** second_wait() - until it has returned from that. */
void second_wait(void);

/** guest_random() - the next number of a series. */
uint64_t guest_random(uint64_t *state);

/** guest_at() - a word of RAM. */
static inline volatile uint64_t *guest_at(uint64_t pa)
{
	return (volatile uint64_t *)(uintptr_t)pa;
}

#endif
