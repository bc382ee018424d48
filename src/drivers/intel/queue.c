/* SPDX-License-Identifier: MIT */
/*
 * The invalidation queue: VT-d specification 6.5.2 "Queued Invalidation
 * Interface".
 */
#include "drivers/intel/vtd.h"

static struct vtd_iommu *of_queue(struct iommu_hw_queue *queue)
{
	return (struct vtd_iommu *)((char *)queue -
				    offsetof(struct vtd_iommu, queue));
}

/* 6.5.2.8 "Invalidation Wait Descriptor": a store when all before it is done. */
static void kick(const struct hw_mem *mem, struct iommu_hw_queue *queue)
{
	struct vtd_iommu *iommu = of_queue(queue);
	const struct hw_cmd wait = { {
		VTD_QI_WAIT | VTD_QI_WAIT_SW |
			(iommu->drain ? VTD_QI_WAIT_PD : 0) |
			(uint64_t)++iommu->sequence << 32,
		hw_pa(mem, iommu->status),
	} };

	hw_queue_put(mem, queue, &wait);
	mem->hw->ops->write64(mem->hw, VTD_IQT,
			      (uint64_t)hw_queue_index(queue)
				      << queue->entry_lg2);
}

/* Its status word, or an error of the queue: 6.5.2.11, FSTS. */
static int done(const struct hw_mem *mem, struct iommu_hw_queue *queue,
		const char **what)
{
	struct vtd_iommu *iommu = of_queue(queue);
	const uint32_t *status = (const uint32_t *)iommu->status;
	uint32_t fsts;

	if (__atomic_load_n(status, __ATOMIC_ACQUIRE) == iommu->sequence)
		return 1;
	fsts = mem->hw->ops->read32(mem->hw, VTD_FSTS);
	if (!(fsts & VTD_FSTS_QUEUE))
		return 0;
	if (fsts & VTD_FSTS_IQE)
		*what = "VT-d: invalid descriptor in the queue";
	else if (fsts & VTD_FSTS_ITE)
		*what = "VT-d: a device does not answer an invalidation";
	else
		*what = "VT-d: a device answers an invalidation wrongly";
	return -EIO;
}

const struct iommu_hw_queue_ops vtd_queue_ops = {
	.stuck = "VT-d: the invalidation queue is stuck",
	.kick = kick,
	.done = done,
};

int vtd_submit(struct vtd_iommu *iommu, const struct hw_cmd *desc,
	       unsigned int count)
{
	struct hw_mem mem = vtd_mem(iommu);

	return hw_submit(&mem, &iommu->queue, desc, count);
}

int vtd_flush_global(struct vtd_iommu *iommu)
{
	struct hw_cmd desc[3];
	unsigned int n = 0;

	desc[n++] = (struct hw_cmd){ { VTD_QI_CONTEXT | VTD_QI_GRAN(1) } };
	if (iommu->scalable)
		desc[n++] =
			(struct hw_cmd){ { VTD_QI_PASID | VTD_QI_GRAN(3) } };
	desc[n++] = (struct hw_cmd){ { VTD_QI_IOTLB | VTD_QI_GRAN(1) } };
	return vtd_submit(iommu, desc, n);
}

/* ---- Ranges -------------------------------------------------------- */

/* The smallest naturally aligned 2^n pages that hold [@iova, @last]. */
static unsigned int range_lg2(uint64_t iova, uint64_t last)
{
	uint64_t differ = (iova ^ last) >> 12;

	return differ ? 64U - (unsigned int)__builtin_clzll(differ) : 0;
}

/* PCI Express, ATS: the size stands in the low address bits. */
static uint64_t ats_address(uint64_t iova, unsigned int lg2)
{
	uint64_t size = lg2 >= 52 ? 0 : 1ULL << (lg2 + 12);

	if (!lg2)
		return iova & VTD_ADDR;
	if (!size)
		return VTD_BITS(62, 12);
	return (iova & (0 - size)) | ((size >> 1) - 1) >> 12 << 12;
}

uint64_t vtd_drain_bits(const struct vtd_iommu *iommu)
{
	return (iommu->cap & VTD_CAP_DWD ? VTD_QI_DW : 0) |
	       (iommu->cap & VTD_CAP_DRD ? VTD_QI_DR : 0);
}

/* Is @target's IOTLB tagged by PASIDs too? */
static bool by_pasid(const struct vtd_target *target)
{
	return target->stage == VTD_FIRST_STAGE || target->stage == VTD_NESTED;
}

static struct hw_cmd iotlb_desc(const struct vtd_target *target, ioasid_t pasid,
				uint64_t iova, unsigned int lg2, bool leaf_only)
{
	const struct vtd_iommu *iommu = vtd_of(target);
	bool page = (iommu->cap & VTD_CAP_PSI) && lg2 < 52 &&
		    lg2 <= VTD_CAP_MAMV(iommu->cap);
	struct hw_cmd desc = { { VTD_QI_DID(target->hw.id) } };

	if (by_pasid(target))
		desc.qw[0] |= VTD_QI_PASID_IOTLB | VTD_QI_PASID32(pasid);
	else
		desc.qw[0] |= VTD_QI_IOTLB | vtd_drain_bits(iommu);
	desc.qw[0] |= VTD_QI_GRAN(page ? 3 : 2);
	if (page)
		desc.qw[1] = (iova & (0 - (1ULL << (lg2 + 12)))) | lg2 |
			     (leaf_only ? VTD_QI_IH : 0);
	return desc;
}

/* 6.5.2.5, 6.5.2.6: the device's own cache, after ours. */
static struct hw_cmd device_desc(const struct iommu_hw_user *user,
				 uint64_t iova, unsigned int lg2)
{
	const struct vtd_dev *vdev = user->dev;
	uint64_t depth = vdev->ats_depth & 0x1f;
	uint64_t sid = vdev->rid;
	struct hw_cmd desc;

	desc.qw[1] = ats_address(iova, lg2);
	if (user->pasid == IOMMU_NO_PASID) {
		desc.qw[0] = VTD_QI_DEVICE | depth << 16 | VTD_QI_SID32(sid);
		desc.qw[1] |= lg2 ? 1 : 0;
	} else {
		desc.qw[0] = VTD_QI_PASID_DEV | depth << 4 | sid << 16 |
			     VTD_QI_PASID32(user->pasid);
		desc.qw[1] |= lg2 ? 1 << 11 : 0;
	}
	return desc;
}

/* Once where the tag is the domain id alone, else once for each user. Locked. */
static int flush(struct vtd_target *target, uint64_t iova, unsigned int lg2,
		 bool leaf_only)
{
	struct vtd_iommu *iommu = vtd_of(target);
	const struct iommu_hw_user *user;
	struct hw_cmd desc;
	int rc = 0;

	if (!by_pasid(target) && target->hw.users) {
		desc = iotlb_desc(target, 0, iova, lg2, leaf_only);
		rc = vtd_submit(iommu, &desc, 1);
	}
	for (user = target->hw.users; user && !rc; user = user->next) {
		if (by_pasid(target)) {
			desc = iotlb_desc(target, user->pasid, iova, lg2,
					  leaf_only);
			rc = vtd_submit(iommu, &desc, 1);
		}
		if (!rc && ((struct vtd_dev *)user->dev)->ats_depth) {
			desc = device_desc(user, iova, lg2);
			rc = vtd_submit(iommu, &desc, 1);
		}
	}
	return rc;
}

/*
 * 6.5.2.4: what is nested on @target has domain ids of its own, and is known by
 * addresses that are not ours: all of it. Locked.
 */
static int flush_nested(const struct vtd_target *target)
{
	struct iommu_hw_target *nested;
	struct hw_cmd desc;
	int rc = 0;

	for (nested = target->hw.nested; nested && !rc;
	     nested = nested->sibling) {
		if (!nested->users)
			continue;
		desc = (struct hw_cmd){ { VTD_QI_IOTLB | VTD_QI_GRAN(2) |
					  VTD_QI_DID(nested->id) |
					  vtd_drain_bits(vtd_of(target)) } };
		rc = vtd_submit(vtd_of(target), &desc, 1);
		if (!rc)
			rc = flush(to_vtd_target(nested), 0, 52, false);
	}
	return rc;
}

void vtd_flush_range(struct vtd_target *target, uint64_t iova, uint64_t last,
		     bool leaf_only)
{
	struct vtd_iommu *iommu = vtd_of(target);

	port_lock(&iommu->lock);
	if (!flush(target, iova, range_lg2(iova, last), leaf_only))
		flush_nested(target);
	port_unlock(&iommu->lock);
}

void vtd_flush_target(struct vtd_target *target)
{
	struct vtd_iommu *iommu = vtd_of(target);

	port_lock(&iommu->lock);
	if (!flush(target, 0, 52, false))
		flush_nested(target);
	port_unlock(&iommu->lock);
}
