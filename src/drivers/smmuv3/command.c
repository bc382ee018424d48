/* SPDX-License-Identifier: MIT */
/*
 * The command queue: IHI 0070, chapter 4 "Commands".
 */
#include "drivers/smmuv3/smmuv3.h"

#define MAX_PAGES  512U /* to forget one by one; beyond, everything */
#define TLBI_STEPS 16U /* commands in one batch */

/* 4.7.3: a CMD_SYNC is consumed when all before it is done. */
static void kick(const struct hw_mem *mem, struct iommu_hw_queue *queue)
{
	const struct hw_cmd sync = { { SMMU_CMD_SYNC, 0 } };

	hw_queue_put(mem, queue, &sync);
	mem->hw->ops->write32(mem->hw, SMMU_CMDQ_PROD, queue->tail);
}

/* 6.3.27: CONS counts like PROD, with the wrap bit. */
static int done(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		const char **what)
{
	uint32_t mask = 2 * hw_queue_count(queue) - 1;
	struct iommu_hw *hw = mem->hw;

	if ((hw->ops->read32(hw, SMMU_CMDQ_CONS) & mask) == queue->tail)
		return 1;
	if (!((hw->ops->read32(hw, SMMU_GERROR) ^
	       hw->ops->read32(hw, SMMU_GERRORN)) &
	      SMMU_GERROR_CMDQ))
		return 0;
	*what = "SMMUv3: it reports an error of a command";
	return -EIO;
}

const struct iommu_hw_queue_ops smmu_queue_ops = {
	.stuck = "SMMUv3: the command queue is stuck",
	.kick = kick,
	.done = done,
};

int smmu_submit(struct smmuv3 *smmu, const struct hw_cmd *cmd,
		unsigned int count)
{
	struct hw_mem mem = smmu_mem(smmu);

	return hw_submit(&mem, &smmu->queue, cmd, count);
}

int smmu_flush_all(struct smmuv3 *smmu)
{
	struct hw_cmd cmd[3] = { { { SMMU_CFGI_ALL, 31 } } };
	unsigned int n = 1;

	if (smmu->idr0 & SMMU_IDR0_HYP)
		cmd[n++] = (struct hw_cmd){ { SMMU_TLBI_EL2_ALL, 0 } };
	cmd[n++] = (struct hw_cmd){ { SMMU_TLBI_NSNH_ALL, 0 } };
	return smmu_submit(smmu, cmd, n);
}

/* ---- Translations ------------------------------------------------------ */

/* 4.4.3: stage 2's command leaves what both stages made together: all of it then */
int smmu_flush_tag(const struct smmuv3_target *target)
{
	struct hw_cmd cmd = { { SMMU_TLBI_NH_ASID |
				SMMU_CMD_ASID(target->hw.id) } };

	switch (target->stage) {
	case SMMUV3_BLOCKED:
	case SMMUV3_BYPASS:
		return 0;
	case SMMUV3_STAGE1:
		break;
	default:
		cmd.qw[0] = SMMU_TLBI_S12_VMALL | SMMU_CMD_VMID(target->hw.id);
	}
	return smmu_submit(smmu_of(target), &cmd, 1);
}

static struct hw_cmd atc_cmd(const struct smmuv3_dev *sdev, ioasid_t pasid,
			     uint64_t iova, unsigned int pages_lg2)
{
	struct hw_cmd cmd = { { SMMU_ATC_INV | SMMU_CMD_SID(sdev->sid),
				pages_lg2 } };

	if (pasid != IOMMU_NO_PASID)
		cmd.qw[0] |= SMMU_CMD_SSV | SMMU_CMD_SSID(pasid);
	if (pages_lg2 < SMMU_ATC_ALL)
		cmd.qw[1] |= iova & (0 - (1ULL << (pages_lg2 + 12)));
	return cmd;
}

int smmu_flush_device(const struct smmuv3_dev *sdev, ioasid_t pasid)
{
	struct hw_cmd cmd = atc_cmd(sdev, pasid, 0, SMMU_ATC_ALL);

	return sdev->ats ? smmu_submit(sdev->smmu, &cmd, 1) : 0;
}

/* log2 of the 4 KiB pages of the naturally aligned block with [@iova, @last] */
static unsigned int atc_size(uint64_t iova, uint64_t last)
{
	uint64_t differ = (iova ^ last) >> 12;

	return differ ? 64U - (unsigned int)__builtin_clzll(differ) : 0;
}

static int flush_devices(const struct smmuv3_target *target, uint64_t iova,
			 unsigned int pages_lg2)
{
	const struct iommu_hw_user *user;
	struct hw_cmd cmd;
	int rc = 0;

	for (user = target->hw.users; user && !rc; user = user->next) {
		const struct smmuv3_dev *sdev = user->dev;

		if (!sdev->ats)
			continue;
		cmd = atc_cmd(sdev, user->pasid, iova, pages_lg2);
		rc = smmu_submit(sdev->smmu, &cmd, 1);
	}
	return rc;
}

/*
 * 4.4.1.1 "Range-based invalidation": (NUM + 1) * 2^SCALE granules. Of the @pages
 * that are left it takes as many as one command can.
 */
static uint64_t range_field(unsigned int granule_lg2, uint64_t pages,
			    uint64_t *taken, uint64_t *tg)
{
	unsigned int scale = hw_lowest(pages);
	uint64_t num;

	if (scale > 31)
		scale = 31;
	num = pages >> scale & 0x1f;
	if (!num)
		num = 0x20;
	*taken = num << scale;
	*tg = 0;
	/* A single page is the plain command, which has no TG. */
	if (*taken == 1)
		return 0;
	*tg = (uint64_t)(granule_lg2 / 2 - 5) << 10;
	return (num - 1) << 12 | (uint64_t)scale << 20;
}

/* Page by page, or range by range. */
static int flush_pages(const struct smmuv3_target *target,
		       unsigned int granule_lg2, uint64_t iova, uint64_t pages,
		       bool leaf_only)
{
	struct smmuv3 *smmu = smmu_of(target);
	bool range = smmu->idr3 & SMMU_IDR3_RIL;
	struct hw_cmd cmd[TLBI_STEPS];
	uint64_t taken = 1, tg = 0, field = 0;
	unsigned int n = 0;
	int rc = 0;

	for (; pages && !rc; pages -= taken, iova += taken << granule_lg2) {
		if (range)
			field = range_field(granule_lg2, pages, &taken, &tg);
		if (target->stage == SMMUV3_STAGE1)
			cmd[n].qw[0] = SMMU_TLBI_NH_VA | field |
				       SMMU_CMD_ASID(target->hw.id);
		else
			cmd[n].qw[0] = SMMU_TLBI_S2_IPA | field |
				       SMMU_CMD_VMID(target->hw.id);
		cmd[n++].qw[1] = (iova & ~0xfffULL) | tg |
				 (leaf_only ? SMMU_CMD_LEAF : 0);
		if (n == TLBI_STEPS || pages == taken) {
			rc = smmu_submit(smmu, cmd, n);
			n = 0;
		}
	}
	return rc;
}

/*
 * Nested domains share the VMID of their parent. What they have made together with it
 * only all of the VMID covers, and a device knows it by addresses that we do not.
 */
static int flush_nested(const struct smmuv3_target *target)
{
	struct iommu_hw_target *nested;
	int rc = 0;

	for (nested = target->hw.nested; nested && !rc;
	     nested = nested->sibling)
		rc = flush_devices(to_smmu_target(nested), 0, SMMU_ATC_ALL);
	return rc;
}

void smmu_flush_range(struct smmuv3_target *target, unsigned int granule_lg2,
		      uint64_t iova, uint64_t last, bool leaf_only)
{
	struct smmuv3 *smmu = smmu_of(target);
	uint64_t first = iova >> granule_lg2;
	uint64_t pages = (last >> granule_lg2) - first + 1;
	bool each = (smmu->idr3 & SMMU_IDR3_RIL) || pages <= MAX_PAGES;
	int rc;

	port_lock(&smmu->lock);
	if (target->hw.nested || target->stage == SMMUV3_NESTED || !each ||
	    !pages)
		rc = smmu_flush_tag(target);
	else
		rc = flush_pages(target, granule_lg2, first << granule_lg2,
				 pages, leaf_only);
	if (!rc)
		rc = flush_devices(target, iova, atc_size(iova, last));
	if (!rc)
		flush_nested(target);
	port_unlock(&smmu->lock);
}

void smmu_flush_target(struct smmuv3_target *target)
{
	struct smmuv3 *smmu = smmu_of(target);

	port_lock(&smmu->lock);
	if (!smmu_flush_tag(target) && !flush_devices(target, 0, SMMU_ATC_ALL))
		flush_nested(target);
	port_unlock(&smmu->lock);
}
