/* SPDX-License-Identifier: MIT */
/**
 * DOC: A ring of commands, and waiting until they are done
 *
 * Who submits waits, so the ring is empty in between, and a page of it is plenty. The
 * wait has a bound; when it is exceeded, or hardware reports an error of the ring, the
 * IOMMU is broken for good: that is said once, and every further call returns it.
 */
#ifndef DRIVERS_QUEUE_H
#define DRIVERS_QUEUE_H

#include "drivers/hw.h"

#define HW_QUEUE_LG2 12 /* log2 of the bytes of a ring */

/** struct hw_cmd - a command; what else an entry has room for is zero. */
struct hw_cmd {
	uint64_t qw[2];
};

/**
 * struct iommu_hw_queue_ops - what differs
 * @stuck: the complaint about a ring that does not move
 * @kick: put the command that says when all before it are done, hand the ring over
 * @done: 1: it is done; 0: not yet; -EIO: hardware reports an error, which is *@what
 */
struct iommu_hw_queue_ops {
	const char *stuck;
	void (*kick)(const struct hw_mem *mem, struct iommu_hw_queue *queue);
	int (*done)(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		    const char **what);
};

/**
 * hw_queue_init() - an empty ring with entries of 2^@entry_lg2 bytes
 *
 * Return: 0 or -ENOMEM.
 */
int hw_queue_init(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		  const struct iommu_hw_queue_ops *ops, unsigned int entry_lg2);

/** hw_queue_fini() - the inverse; also of nothing. */
void hw_queue_fini(const struct hw_mem *mem, struct iommu_hw_queue *queue);

/** hw_queue_count() - entries of the ring, a power of two. */
static inline uint32_t hw_queue_count(const struct iommu_hw_queue *queue)
{
	return 1U << (HW_QUEUE_LG2 - queue->entry_lg2);
}

/** hw_queue_index() - the next free entry. */
static inline uint32_t hw_queue_index(const struct iommu_hw_queue *queue)
{
	return queue->tail & (hw_queue_count(queue) - 1);
}

/** hw_queue_put() - one command, for @kick. */
void hw_queue_put(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		  const struct hw_cmd *cmd);

/**
 * hw_queue_broken() - hardware does not do any more what it must
 *
 * Return: the error, or the one that there has been already.
 */
int hw_queue_broken(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		    int error, const char *what);

/**
 * hw_submit() - hand @count commands to hardware and wait until they are done
 *
 * In the order given, in batches if they are many. Under the lock of the IOMMU.
 *
 * Return: 0; -EIO: hardware reports an error; -ETIMEDOUT: it does not answer. After
 * that the IOMMU is broken: every further call returns the same.
 */
int hw_submit(const struct hw_mem *mem, struct iommu_hw_queue *queue,
	      const struct hw_cmd *cmd, unsigned int count);

#endif
