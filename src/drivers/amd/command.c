/* SPDX-License-Identifier: MIT */
/*
 * The command buffer: publication 48882, 2.4 "Commands".
 */
#include "drivers/amd/amd.h"

static struct amd_iommu *of_queue(struct iommu_hw_queue *queue)
{
	return (struct amd_iommu *)((char *)queue -
				    offsetof(struct amd_iommu, queue));
}

/* 2.4.1 COMPLETION_WAIT: a store when all before it is done. */
static void kick(const struct hw_mem *mem, struct iommu_hw_queue *queue)
{
	struct amd_iommu *iommu = of_queue(queue);
	const struct hw_cmd wait = { {
		AMD_CMD(AMD_CMD_WAIT) | AMD_WAIT_STORE |
			hw_pa(mem, iommu->status),
		++iommu->sequence,
	} };

	hw_queue_put(mem, queue, &wait);
	mem->hw->ops->write64(mem->hw, AMD_COMMAND_TAIL,
			      (uint64_t)hw_queue_index(queue) * sizeof(wait));
}

/* Errors of commands come as events (2.5.5, 2.5.6), and the buffer stops. */
static int done(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		const char **what)
{
	struct amd_iommu *iommu = of_queue(queue);

	return hw_load64(iommu->status) == iommu->sequence;
}

const struct iommu_hw_queue_ops amd_queue_ops = {
	.stuck = "AMD-Vi: the command buffer is stuck",
	.kick = kick,
	.done = done,
};

int amd_submit(struct amd_iommu *iommu, const struct hw_cmd *cmd,
	       unsigned int count)
{
	struct hw_mem mem = amd_mem(iommu);

	return hw_submit(&mem, &iommu->queue, cmd, count);
}

/* ---- What there is to forget ----------------------------------------- */

/*
 * 2.4.3: the size stands in the low bits of the address: ones from bit 12 up to
 * the first zero, which stands at half of the size.
 */
static uint64_t range_field(uint64_t iova, unsigned int lg2)
{
	uint64_t size;

	if (lg2 <= 12)
		return iova & ~0xfffULL;
	if (lg2 > 52)
		return AMD_INV_ALL | AMD_INV_S;
	size = 1ULL << lg2;
	return (iova & (0 - size)) | (((size >> 1) - 1) & ~0xfffULL) |
	       AMD_INV_S;
}

/* log2 of the naturally aligned block that holds [@iova, @last] */
static unsigned int range_lg2(uint64_t iova, uint64_t last)
{
	uint64_t differ = iova ^ last;

	return differ ? 64U - (unsigned int)__builtin_clzll(differ) : 0;
}

static struct hw_cmd pages_cmd(uint32_t domain, uint64_t iova, unsigned int lg2,
			       bool leaf_only)
{
	return (struct hw_cmd){
		{ AMD_CMD(AMD_CMD_PAGES) | AMD_PAGES_DOMAIN(domain),
		  range_field(iova, lg2) | (leaf_only ? 0 : AMD_INV_PDE) }
	};
}

/*
 * 2.2.2.1: one DomainID for all that a device table entry translates, so guest
 * tables are tagged by who uses them.
 */
static uint32_t guest_id(const struct amd_target *target,
			 const struct amd_dev *adev)
{
	return target->stage == AMD_NESTED ? target->hw.id : adev->guest_id;
}

/* The same of a guest's table: for one PASID. */
static struct hw_cmd guest_cmd(uint32_t domain, ioasid_t pasid, uint64_t iova,
			       unsigned int lg2, bool leaf_only)
{
	struct hw_cmd cmd = pages_cmd(domain, iova, lg2, leaf_only);

	cmd.qw[0] |= pasid;
	cmd.qw[1] |= AMD_INV_GN;
	return cmd;
}

/* 2.4.4 INVALIDATE_IOTLB_PAGES: the device's own cache, after ours. */
static struct hw_cmd device_cmd(const struct amd_dev *adev, ioasid_t pasid,
				uint64_t iova, unsigned int lg2)
{
	struct hw_cmd cmd = { {
		AMD_CMD(AMD_CMD_IOTLB) | adev->rid |
			(uint64_t)adev->ats_depth << 24 |
			(uint64_t)adev->rid << 32,
		range_field(iova, lg2),
	} };

	if (pasid != IOMMU_NO_PASID) {
		cmd.qw[0] |= AMD_GET(pasid, 15, 8) << 16 |
			     AMD_GET(pasid, 7, 0) << 48 |
			     AMD_GET(pasid, 19, 16) << 56;
		cmd.qw[1] |= AMD_INV_GN;
	}
	return cmd;
}

/* 2.4.8, or piece by piece where that is missing */
int amd_flush_all(struct amd_iommu *iommu)
{
	struct hw_cmd cmd[2] = { { { AMD_CMD(AMD_CMD_ALL), 0 } } };
	unsigned int i;
	int rc = 0;

	if (iommu->efr & AMD_EFR_IA)
		return amd_submit(iommu, cmd, 1);
	for (i = 0; i < iommu->devices && !rc; i++) {
		cmd[0].qw[0] = AMD_CMD(AMD_CMD_DEVTAB) | i;
		cmd[1] = pages_cmd(i, 0, 64, false);
		rc = amd_submit(iommu, cmd, 2);
	}
	return rc;
}

static bool is_guest(const struct amd_target *target)
{
	return target->stage == AMD_GUEST || target->stage == AMD_NESTED;
}

/* Locked. */
static int flush_users(const struct amd_target *target, uint64_t iova,
		       unsigned int lg2, bool leaf_only)
{
	struct amd_iommu *iommu = amd_of(target);
	const struct iommu_hw_user *user;
	const struct amd_dev *adev;
	struct hw_cmd cmd[2];
	unsigned int n;
	int rc = 0;

	for (user = target->hw.users; user && !rc; user = user->next) {
		adev = user->dev;
		n = 0;
		if (is_guest(target))
			cmd[n++] = guest_cmd(guest_id(target, adev),
					     user->pasid, iova, lg2, leaf_only);
		if (adev->ats_depth)
			cmd[n++] = device_cmd(adev, user->pasid, iova, lg2);
		rc = amd_submit(iommu, cmd, n);
	}
	return rc;
}

/* Locked. */
static int flush(struct amd_target *target, uint64_t iova, unsigned int lg2,
		 bool leaf_only)
{
	struct hw_cmd cmd = pages_cmd(target->hw.id, iova, lg2, leaf_only);
	int rc = 0;

	if (target->hw.users && target->stage != AMD_GUEST)
		rc = amd_submit(amd_of(target), &cmd, 1);
	return rc ? rc : flush_users(target, iova, lg2, leaf_only);
}

/* What is nested on @target has DomainIDs of its own; every PASID of a guest, too. */
static int flush_nested(const struct amd_target *target)
{
	struct iommu_hw_target *nested;
	int rc = 0;

	for (nested = target->hw.nested; nested && !rc;
	     nested = nested->sibling)
		rc = flush(to_amd_target(nested), 0, 64, false);
	return rc;
}

static void flush_all(struct amd_target *target, uint64_t iova,
		      unsigned int lg2, bool leaf_only)
{
	struct amd_iommu *iommu = amd_of(target);

	port_lock(&iommu->lock);
	if (!flush(target, iova, lg2, leaf_only))
		flush_nested(target);
	port_unlock(&iommu->lock);
}

void amd_flush_range(struct amd_target *target, uint64_t iova, uint64_t last,
		     bool leaf_only)
{
	flush_all(target, iova, range_lg2(iova, last), leaf_only);
}

void amd_flush_guest(struct amd_target *target, ioasid_t pasid, uint64_t iova,
		     uint64_t last, bool leaf_only)
{
	unsigned int lg2 = range_lg2(iova, last);
	struct amd_iommu *iommu = amd_of(target);
	const struct iommu_hw_user *user;
	const struct amd_dev *adev;
	struct hw_cmd cmd;
	int rc = 0;

	port_lock(&iommu->lock);
	if (target->hw.users) {
		cmd = guest_cmd(target->hw.id, pasid, iova, lg2, leaf_only);
		rc = amd_submit(iommu, &cmd, 1);
	}
	for (user = target->hw.users; user && !rc; user = user->next) {
		adev = user->dev;
		if (!adev->ats_depth)
			continue;
		cmd = device_cmd(adev, pasid, iova, lg2);
		rc = amd_submit(iommu, &cmd, 1);
	}
	port_unlock(&iommu->lock);
}

void amd_flush_target(struct amd_target *target)
{
	flush_all(target, 0, 64, false);
}

int amd_forget(struct amd_dev *adev, ioasid_t pasid,
	       const struct amd_target *old)
{
	struct hw_cmd cmd[5];
	unsigned int n = 0;

	if (pasid == IOMMU_NO_PASID) {
		cmd[n++] = (struct hw_cmd){
			{ AMD_CMD(AMD_CMD_DEVTAB) | adev->rid, 0 }
		};
		cmd[n++] = pages_cmd(adev->gcr3 ? adev->guest_id : old->hw.id,
				     0, 64, false);
		if (adev->gcr3)
			cmd[n++] = pages_cmd(old->hw.id, 0, 64, false);
	}
	if (is_guest(old))
		cmd[n++] = guest_cmd(guest_id(old, adev), pasid, 0, 64, false);
	if (adev->ats_depth)
		cmd[n++] = device_cmd(adev, pasid, 0, 64);
	return amd_submit(adev->iommu, cmd, n);
}
