/* SPDX-License-Identifier: MIT */
/*
 * The command queue: RISC-V IOMMU 1.0, 3.1.
 */
#include "drivers/riscv/riscv.h"

#define MAX_PAGES 128U /* to forget one by one; beyond, everything */

static struct riscv_iommu *of_queue(struct iommu_hw_queue *queue)
{
	return (struct riscv_iommu *)((char *)queue -
				      offsetof(struct riscv_iommu, queue));
}

/*
 * 3.1.2 IOFENCE.C: a store when all before it is done. PR and PW wait for what was
 * translated before, so that memory is free.
 */
static void kick(const struct hw_mem *mem, struct iommu_hw_queue *queue)
{
	struct riscv_iommu *iommu = of_queue(queue);
	const struct hw_cmd fence = { {
		RV_CMD_FENCE | RV_FENCE_AV | RV_FENCE_PR | RV_FENCE_PW |
			RV_FENCE_DATA(++iommu->sequence),
		hw_pa(mem, iommu->status) >> 2,
	} };

	hw_queue_put(mem, queue, &fence);
	mem->hw->ops->write32(mem->hw, RV_CQT, hw_queue_index(queue));
}

static int done(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		const char **what)
{
	struct riscv_iommu *iommu = of_queue(queue);
	uint32_t csr;

	if (__atomic_load_n(iommu->status, __ATOMIC_ACQUIRE) == iommu->sequence)
		return 1;
	csr = mem->hw->ops->read32(mem->hw, RV_CQCSR);
	if (csr & RV_CQ_ILLEGAL)
		*what = "RISC-V IOMMU: illegal command";
	else if (csr & RV_QUEUE_MF)
		*what = "RISC-V IOMMU: it cannot read commands";
	else if (csr & RV_CQ_TIMEOUT)
		*what = "RISC-V IOMMU: a device does not answer an "
			"invalidation";
	else
		return 0;
	return -EIO;
}

const struct iommu_hw_queue_ops rv_queue_ops = {
	.stuck = "RISC-V IOMMU: the command queue is stuck",
	.kick = kick,
	.done = done,
};

int rv_submit(struct riscv_iommu *iommu, const struct hw_cmd *cmd,
	      unsigned int count)
{
	struct hw_mem mem = rv_mem(iommu);

	return hw_submit(&mem, &iommu->queue, cmd, count);
}

int rv_flush_all(struct riscv_iommu *iommu)
{
	const struct hw_cmd cmd[] = {
		{ { RV_CMD_DDT, 0 } },
		{ { RV_CMD_VMA, 0 } },
		{ { RV_CMD_GVMA, 0 } },
	};

	return rv_submit(iommu, cmd, 3);
}

/* ---- Translations ------------------------------------------------------- */

/*
 * 3.1.1: of a first stage by itself its PSCID; of a second one its GSCID, and with it
 * what first stages over it have made.
 */
static unsigned int tag_cmds(const struct riscv_iommu_target *target,
			     struct hw_cmd cmd[2])
{
	uint64_t gscid = RV_INV_GV | RV_INV_GSCID(target->hw.id);

	switch (target->stage) {
	case RISCV_IOMMU_BLOCKED:
	case RISCV_IOMMU_BARE:
		return 0;
	case RISCV_IOMMU_FIRST:
		cmd[0] = (struct hw_cmd){ { RV_CMD_VMA | RV_INV_PSCV |
					    RV_INV_PSCID(target->hw.id) } };
		return 1;
	default:
		cmd[0] = (struct hw_cmd){ { RV_CMD_VMA | gscid } };
		cmd[1] = (struct hw_cmd){ { RV_CMD_GVMA | gscid } };
		return 2;
	}
}

int rv_flush_tag(const struct riscv_iommu_target *target)
{
	struct hw_cmd cmd[2];

	return rv_submit(rv_of(target), cmd, tag_cmds(target, cmd));
}

static struct hw_cmd ats_cmd(const struct riscv_iommu_dev *rdev, ioasid_t pasid,
			     uint64_t address)
{
	struct hw_cmd cmd = { { RV_CMD_ATS_INVAL | RV_ATS_DSV |
					RV_ATS_RID(rdev->id) |
					RV_ATS_SEGMENT(rdev->id),
				address } };

	if (pasid != IOMMU_NO_PASID)
		cmd.qw[0] |= RV_ATS_PV | RV_DIR_PID(pasid);
	return cmd;
}

int rv_flush_device(const struct riscv_iommu_dev *rdev, ioasid_t pasid)
{
	struct hw_cmd cmd = ats_cmd(rdev, pasid, RV_ATS_ALL);

	return rdev->ats ? rv_submit(rdev->iommu, &cmd, 1) : 0;
}

/* PCI Express, ATS: the size stands in the low address bits. */
static uint64_t ats_range(uint64_t iova, uint64_t last)
{
	uint64_t differ = (iova ^ last) >> 12;
	unsigned int lg2;

	if (!differ)
		return iova & ~0xfffULL;
	lg2 = 76U - (unsigned int)__builtin_clzll(differ);
	if (lg2 > 62)
		return RV_ATS_ALL;
	return (iova & (0 - (1ULL << lg2))) |
	       (((1ULL << (lg2 - 1)) - 1) & ~0xfffULL) | 1ULL << 11;
}

static int flush_devices(const struct riscv_iommu_target *target,
			 uint64_t address)
{
	const struct iommu_hw_user *user;
	struct hw_cmd cmd;
	int rc = 0;

	for (user = target->hw.users; user && !rc; user = user->next) {
		const struct riscv_iommu_dev *rdev = user->dev;

		if (!rdev->ats)
			continue;
		cmd = ats_cmd(rdev, user->pasid, address);
		rc = rv_submit(rdev->iommu, &cmd, 1);
	}
	return rc;
}

/* With an address, leaf entries are forgotten, page by page. */
static int flush_pages(const struct riscv_iommu_target *target, uint64_t iova,
		       uint64_t pages)
{
	struct hw_cmd cmd[MAX_PAGES];
	uint64_t what = RV_INV_AV;
	unsigned int n;

	if (target->stage == RISCV_IOMMU_FIRST)
		what |= RV_CMD_VMA | RV_INV_PSCV | RV_INV_PSCID(target->hw.id);
	else
		what |= RV_CMD_GVMA | RV_INV_GV | RV_INV_GSCID(target->hw.id);
	for (n = 0; n < pages; n++, iova += 4096)
		cmd[n] = (struct hw_cmd){ { what, RV_INV_ADDR(iova) } };
	return rv_submit(rv_of(target), cmd, n);
}

/* Devices know what is nested on @target by addresses that we do not. */
static int flush_nested(const struct riscv_iommu_target *target)
{
	struct iommu_hw_target *nested;
	int rc = 0;

	for (nested = target->hw.nested; nested && !rc;
	     nested = nested->sibling)
		rc = flush_devices(to_rv_target(nested), RV_ATS_ALL);
	return rc;
}

void rv_flush_range(struct riscv_iommu_target *target, uint64_t iova,
		    uint64_t last, bool leaf_only)
{
	uint64_t pages = (last >> 12) - (iova >> 12) + 1;
	bool each = leaf_only && pages && pages <= MAX_PAGES &&
		    target->stage != RISCV_IOMMU_NESTED;
	struct riscv_iommu *iommu = rv_of(target);
	int rc;

	port_lock(&iommu->lock);
	if (each)
		rc = flush_pages(target, iova & ~0xfffULL, pages);
	else
		rc = rv_flush_tag(target);
	if (!rc)
		rc = flush_devices(target, ats_range(iova, last));
	if (!rc)
		flush_nested(target);
	port_unlock(&iommu->lock);
}

void rv_flush_target(struct riscv_iommu_target *target)
{
	struct riscv_iommu *iommu = rv_of(target);

	port_lock(&iommu->lock);
	if (!rv_flush_tag(target) && !flush_devices(target, RV_ATS_ALL))
		flush_nested(target);
	port_unlock(&iommu->lock);
}
