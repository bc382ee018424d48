/* SPDX-License-Identifier: MIT */
/**
 * DOC: An emulated machine, driven from outside
 *
 * QEMU runs with a processor that has halted; this program reads and writes its
 * registers, ports and memory by the qtest protocol. RAM is a memfd that both map,
 * so that memory needs no protocol. Whatever goes wrong fails the test.
 */
#ifndef TESTS_HW_QTEST_H
#define TESTS_HW_QTEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <sys/types.h>

#include <cmocka.h>

/**
 * struct qtest - one machine
 * @ram: its RAM, mapped here, aligned to 1 MiB
 * @ram_base: its address there
 * @ram_size: bytes
 */
struct qtest {
	pid_t pid;
	FILE *to, *from;
	uint8_t *ram;
	uint64_t ram_base;
	size_t ram_size;
	void *map;
	size_t map_size;
};

/**
 * qtest_choose() - which QEMU a test is to drive
 * @argv: its arguments: the name of the emulator, and "full" for the newer one that
 *	tools/fetch-qemu has put into $UIOMMU_QEMU_DIR, whose devices can do more
 * @full: that one
 *
 * If it is not there, says so in the test's output: as a reason to skip it, or, where
 * nothing may be skipped (CI is set), as a failure.
 *
 * Return: its path; NULL: it is not there, and *@status is what main() returns.
 */
const char *qtest_choose(char **argv, bool *full, int *status);

/**
 * qtest_start() - start one
 * @binary: QEMU
 * @args: its arguments but for what all machines have; ended by NULL. "@ram" in
 *	them stands for the path of the RAM's file, "@halt" for that of a firmware
 *	that halts
 */
void qtest_start(struct qtest *q, const char *binary, const char *const *args,
		 uint64_t ram_base, size_t ram_size);

/** qtest_stop() - end it. It must not have died before. */
void qtest_stop(struct qtest *q);

/* Registers, by bus address; and PC ports. */
uint32_t qtest_readl(struct qtest *q, uint64_t addr);
uint64_t qtest_readq(struct qtest *q, uint64_t addr);
void qtest_writel(struct qtest *q, uint64_t addr, uint32_t value);
void qtest_writeq(struct qtest *q, uint64_t addr, uint64_t value);
uint32_t qtest_inl(struct qtest *q, uint16_t port);
void qtest_outl(struct qtest *q, uint16_t port, uint32_t value);

/** qtest_at() - where RAM address @pa is mapped here. */
static inline void *qtest_at(struct qtest *q, uint64_t pa)
{
	return q->ram + (pa - q->ram_base);
}

#endif
