/* SPDX-License-Identifier: MIT */
/**
 * DOC: QEMU's edu device, the one that does the DMA
 *
 * QEMU's documentation, "EDU device": BAR 0 has registers for a transfer between
 * memory and a buffer of 4096 bytes inside the device.
 */
#ifndef TESTS_HW_EDU_H
#define TESTS_HW_EDU_H

#include "qtest.h"

#define EDU_BUFFER 0x40000 /* the device's name for its own buffer */
#define EDU_MAX    4095 /* QEMU 7.2 takes no more */

/**
 * struct edu - the device, and how to reach it
 * @q: the machine
 * @bar: where its registers are
 */
struct edu {
	struct qtest *q;
	uint64_t bar;
};

/** edu_init_pc() - set up the edu at 00:@slot.0 by the PC's ports. */
void edu_init_pc(struct edu *edu, struct qtest *q, unsigned int slot,
		 uint32_t bar);

/** edu_init_ecam() - the same through memory-mapped configuration space. */
void edu_init_ecam(struct edu *edu, struct qtest *q, uint64_t ecam,
		   unsigned int slot, uint32_t bar);

/** edu_read() - the device reads @len bytes at @iova into its buffer. */
void edu_read(struct edu *edu, uint64_t iova, size_t len);

/** edu_write() - it writes the first @len bytes of its buffer to @iova. */
void edu_write(struct edu *edu, uint64_t iova, size_t len);

#endif
