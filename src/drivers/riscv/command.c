/* SPDX-License-Identifier: MIT */
/*
 * The command queue: RISC-V IOMMU 1.0, 3.1. A page of commands; who submits waits, so
 * it is empty in between.
 */
#include "drivers/riscv/riscv.h"

#define COUNT     (1U << RV_CQ_LG2)
#define MAX_PAGES 128U /* to forget one by one; beyond, everything */

static void put_cmd(struct riscv_iommu *iommu, const struct rv_cmd *cmd)
{
	struct hw_mem mem = rv_mem(iommu);
	uint64_t *to = iommu->commands + (size_t)iommu->tail * 2;

	to[0] = cmd->qw[0];
	to[1] = cmd->qw[1];
	hw_flush(&mem, to, sizeof(*cmd));
	iommu->tail = (iommu->tail + 1) % COUNT;
}

static int broken(struct riscv_iommu *iommu, int error, const char *what)
{
	iommu->error = error;
	if (iommu->hw->ops->broken)
		iommu->hw->ops->broken(iommu->hw, error, what);
	return error;
}

/* 3.1.2 IOFENCE.C: a store when all before it is done. */
static int wait_done(struct riscv_iommu *iommu)
{
	unsigned int spins;
	uint32_t csr;

	for (spins = 0;; spins++) {
		if (__atomic_load_n(iommu->status, __ATOMIC_ACQUIRE) ==
		    iommu->sequence)
			return 0;
		csr = iommu->hw->ops->read32(iommu->hw, RV_CQCSR);
		if (csr & RV_CQ_ILLEGAL)
			return broken(iommu, -EIO,
				      "RISC-V IOMMU: illegal command");
		if (csr & RV_QUEUE_MF)
			return broken(iommu, -EIO,
				      "RISC-V IOMMU: it cannot read commands");
		if (csr & RV_CQ_TIMEOUT)
			return broken(iommu, -EIO,
				      "RISC-V IOMMU: a device does not answer "
				      "an invalidation");
		if (!hw_relax(iommu->hw, spins))
			return broken(iommu, -ETIMEDOUT,
				      "RISC-V IOMMU: the command queue is "
				      "stuck");
	}
}

/* 3.1.2: PR and PW wait for what was translated before, so that memory is free. */
static int submit_some(struct riscv_iommu *iommu, const struct rv_cmd *cmd,
		       unsigned int count)
{
	struct hw_mem mem = rv_mem(iommu);
	struct rv_cmd fence;

	while (count--)
		put_cmd(iommu, cmd++);
	iommu->sequence++;
	fence.qw[0] = RV_CMD_FENCE | RV_FENCE_AV | RV_FENCE_PR | RV_FENCE_PW |
		      RV_FENCE_DATA(iommu->sequence);
	fence.qw[1] = hw_pa(&mem, iommu->status) >> 2;
	put_cmd(iommu, &fence);
	iommu->hw->ops->write32(iommu->hw, RV_CQT, iommu->tail);
	return wait_done(iommu);
}

int rv_submit(struct riscv_iommu *iommu, const struct rv_cmd *cmd,
	      unsigned int count)
{
	unsigned int n, room = COUNT - 2;
	int rc = iommu->error;

	for (; count && !rc; cmd += n, count -= n) {
		n = count < room ? count : room;
		rc = submit_some(iommu, cmd, n);
	}
	return rc;
}

int rv_flush_all(struct riscv_iommu *iommu)
{
	const struct rv_cmd cmd[] = {
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
			     struct rv_cmd cmd[2])
{
	uint64_t gscid = RV_INV_GV | RV_INV_GSCID(target->hw.id);

	switch (target->stage) {
	case RISCV_IOMMU_BLOCKED:
	case RISCV_IOMMU_BARE:
		return 0;
	case RISCV_IOMMU_FIRST:
		cmd[0] = (struct rv_cmd){ { RV_CMD_VMA | RV_INV_PSCV |
					    RV_INV_PSCID(target->hw.id) } };
		return 1;
	default:
		cmd[0] = (struct rv_cmd){ { RV_CMD_VMA | gscid } };
		cmd[1] = (struct rv_cmd){ { RV_CMD_GVMA | gscid } };
		return 2;
	}
}

int rv_flush_tag(const struct riscv_iommu_target *target)
{
	struct rv_cmd cmd[2];

	return rv_submit(rv_of(target), cmd, tag_cmds(target, cmd));
}

static struct rv_cmd ats_cmd(const struct riscv_iommu_dev *rdev, ioasid_t pasid,
			     uint64_t address)
{
	struct rv_cmd cmd = { { RV_CMD_ATS_INVAL | RV_ATS_DSV |
					RV_ATS_RID(rdev->id) |
					RV_ATS_SEGMENT(rdev->id),
				address } };

	if (pasid != IOMMU_NO_PASID)
		cmd.qw[0] |= RV_ATS_PV | RV_DIR_PID(pasid);
	return cmd;
}

int rv_flush_device(const struct riscv_iommu_dev *rdev, ioasid_t pasid)
{
	struct rv_cmd cmd = ats_cmd(rdev, pasid, RV_ATS_ALL);

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
	struct rv_cmd cmd;
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
	struct rv_cmd cmd[MAX_PAGES];
	uint64_t what = RV_INV_AV;
	unsigned int n;

	if (target->stage == RISCV_IOMMU_FIRST)
		what |= RV_CMD_VMA | RV_INV_PSCV | RV_INV_PSCID(target->hw.id);
	else
		what |= RV_CMD_GVMA | RV_INV_GV | RV_INV_GSCID(target->hw.id);
	for (n = 0; n < pages; n++, iova += 4096)
		cmd[n] = (struct rv_cmd){ { what, RV_INV_ADDR(iova) } };
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
