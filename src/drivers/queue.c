/* SPDX-License-Identifier: MIT */
#include "drivers/queue.h"

int hw_queue_init(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		  const struct iommu_hw_queue_ops *ops, unsigned int entry_lg2)
{
	*queue = (struct iommu_hw_queue){ .ops = ops, .entry_lg2 = entry_lg2 };
	queue->ring = hw_alloc(mem, HW_QUEUE_LG2);
	return queue->ring ? 0 : -ENOMEM;
}

void hw_queue_fini(const struct hw_mem *mem, struct iommu_hw_queue *queue)
{
	hw_free(mem, queue->ring, HW_QUEUE_LG2);
	queue->ring = NULL;
}

void hw_queue_put(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		  const struct hw_cmd *cmd)
{
	size_t qwords = (size_t)1 << (queue->entry_lg2 - 3);
	uint64_t *to = queue->ring + hw_queue_index(queue) * qwords;
	size_t i;

	for (i = 0; i < qwords; i++)
		to[i] = i < 2 ? cmd->qw[i] : 0;
	hw_flush(mem, to, qwords * sizeof(*to));
	/* The index and, for hardware that has one, the wrap bit above it */
	queue->tail = (queue->tail + 1) % (2 * hw_queue_count(queue));
}

int hw_queue_broken(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		    int error, const char *what)
{
	if (queue->error)
		return queue->error;
	queue->error = error;
	if (mem->hw->ops->broken)
		mem->hw->ops->broken(mem->hw, error, what);
	return error;
}

static int wait_done(const struct hw_mem *mem, struct iommu_hw_queue *queue)
{
	const char *what = NULL;
	unsigned int spins;
	int rc;

	for (spins = 0;; spins++) {
		rc = queue->ops->done(mem, queue, &what);
		if (rc > 0)
			return 0;
		if (rc < 0)
			return hw_queue_broken(mem, queue, rc, what);
		if (!hw_relax(mem->hw, spins))
			return hw_queue_broken(mem, queue, -ETIMEDOUT,
					       queue->ops->stuck);
	}
}

int hw_submit(const struct hw_mem *mem, struct iommu_hw_queue *queue,
	      const struct hw_cmd *cmd, unsigned int count)
{
	/* Beside the command that waits, and the entry that stays empty */
	unsigned int n, room = hw_queue_count(queue) - 2;
	int rc = queue->error;

	while (count && !rc) {
		n = count < room ? count : room;
		count -= n;
		while (n--)
			hw_queue_put(mem, queue, cmd++);
		queue->ops->kick(mem, queue);
		rc = wait_done(mem, queue);
	}
	return rc;
}
