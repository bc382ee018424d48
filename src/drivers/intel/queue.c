/* SPDX-License-Identifier: MIT */
/*
 * The invalidation queue: VT-d specification 6.5.2 "Queued Invalidation
 * Interface". A page of descriptors; who submits waits, so it is empty in between.
 */
#include "drivers/intel/vtd.h"

#define QUEUE_BYTES 4096U

static unsigned int desc_lg2(const struct vtd_iommu *iommu)
{
	return iommu->scalable ? 5 : 4;
}

static unsigned int desc_count(const struct vtd_iommu *iommu)
{
	return QUEUE_BYTES >> desc_lg2(iommu);
}

static void put_desc(struct vtd_iommu *iommu, const struct vtd_desc *desc)
{
	struct hw_mem mem = vtd_mem(iommu);
	uint64_t *to =
		iommu->queue + ((size_t)iommu->tail << (desc_lg2(iommu) - 3));

	to[0] = desc->qw[0];
	to[1] = desc->qw[1];
	if (iommu->scalable)
		to[2] = to[3] = 0;
	hw_flush(&mem, to, (size_t)1 << desc_lg2(iommu));
	iommu->tail = (iommu->tail + 1) % desc_count(iommu);
}

static int broken(struct vtd_iommu *iommu, int error, const char *what)
{
	iommu->error = error;
	if (iommu->hw->ops->broken)
		iommu->hw->ops->broken(iommu->hw, error, what);
	return error;
}

/* 6.5.2.8: the wait descriptor's status word, or an error of the queue. */
static int wait_done(struct vtd_iommu *iommu)
{
	const uint32_t *status = (const uint32_t *)iommu->status;
	unsigned int spins;
	uint32_t fsts;

	for (spins = 0;; spins++) {
		if (__atomic_load_n(status, __ATOMIC_ACQUIRE) ==
		    iommu->sequence)
			return 0;
		fsts = iommu->hw->ops->read32(iommu->hw, VTD_FSTS);
		if (fsts & VTD_FSTS_IQE)
			return broken(iommu, -EIO,
				      "VT-d: invalid descriptor in the queue");
		if (fsts & VTD_FSTS_ITE)
			return broken(iommu, -EIO,
				      "VT-d: a device does not answer an "
				      "invalidation");
		if (fsts & VTD_FSTS_ICE)
			return broken(iommu, -EIO,
				      "VT-d: a device answers an invalidation "
				      "wrongly");
		if (!hw_relax(iommu->hw, spins))
			return broken(iommu, -ETIMEDOUT,
				      "VT-d: the invalidation queue is stuck");
	}
}

/* As many as fit beside the wait descriptor and the slot that stays empty. */
static int submit_some(struct vtd_iommu *iommu, const struct vtd_desc *desc,
		       unsigned int count)
{
	struct hw_mem mem = vtd_mem(iommu);
	struct vtd_desc wait;

	while (count--)
		put_desc(iommu, desc++);
	iommu->sequence++;
	wait.qw[0] = VTD_QI_WAIT | VTD_QI_WAIT_SW |
		     (uint64_t)iommu->sequence << 32;
	wait.qw[1] = hw_pa(&mem, iommu->status);
	put_desc(iommu, &wait);
	iommu->hw->ops->write64(iommu->hw, VTD_IQT,
				(uint64_t)iommu->tail << desc_lg2(iommu));
	return wait_done(iommu);
}

int vtd_submit(struct vtd_iommu *iommu, const struct vtd_desc *desc,
	       unsigned int count)
{
	unsigned int n, room = desc_count(iommu) - 2;
	int rc = iommu->error;

	for (; count && !rc; desc += n, count -= n) {
		n = count < room ? count : room;
		rc = submit_some(iommu, desc, n);
	}
	return rc;
}

int vtd_flush_global(struct vtd_iommu *iommu)
{
	struct vtd_desc desc[3];
	unsigned int n = 0;

	desc[n++] = (struct vtd_desc){ { VTD_QI_CONTEXT | VTD_QI_GRAN(1) } };
	if (iommu->scalable)
		desc[n++] =
			(struct vtd_desc){ { VTD_QI_PASID | VTD_QI_GRAN(3) } };
	desc[n++] = (struct vtd_desc){ { VTD_QI_IOTLB | VTD_QI_GRAN(1) } };
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

/* Is @target's IOTLB tagged by PASIDs too? */
static bool by_pasid(const struct vtd_target *target)
{
	return target->stage == VTD_FIRST_STAGE || target->stage == VTD_NESTED;
}

static struct vtd_desc iotlb_desc(const struct vtd_target *target,
				  ioasid_t pasid, uint64_t iova,
				  unsigned int lg2, bool leaf_only)
{
	const struct vtd_iommu *iommu = vtd_of(target);
	bool page = (iommu->cap & VTD_CAP_PSI) && lg2 < 52 &&
		    lg2 <= VTD_CAP_MAMV(iommu->cap);
	struct vtd_desc desc = { { VTD_QI_DID(target->hw.id) } };

	if (by_pasid(target))
		desc.qw[0] |= VTD_QI_PASID_IOTLB | VTD_QI_PASID32(pasid);
	else
		desc.qw[0] |= VTD_QI_IOTLB;
	if (!by_pasid(target) && (iommu->cap & VTD_CAP_DWD))
		desc.qw[0] |= VTD_QI_DW;
	if (!by_pasid(target) && (iommu->cap & VTD_CAP_DRD))
		desc.qw[0] |= VTD_QI_DR;
	desc.qw[0] |= VTD_QI_GRAN(page ? 3 : 2);
	if (page)
		desc.qw[1] = (iova & (0 - (1ULL << (lg2 + 12)))) | lg2 |
			     (leaf_only ? VTD_QI_IH : 0);
	return desc;
}

/* 6.5.2.5, 6.5.2.6: the device's own cache, after ours. */
static struct vtd_desc device_desc(const struct iommu_hw_user *user,
				   uint64_t iova, unsigned int lg2)
{
	const struct vtd_dev *vdev = user->dev;
	uint64_t depth = vdev->ats_depth & 0x1f;
	uint64_t sid = vdev->rid;
	struct vtd_desc desc;

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
	struct vtd_desc desc;
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
	struct vtd_desc desc;
	int rc = 0;

	for (nested = target->hw.nested; nested && !rc;
	     nested = nested->sibling) {
		if (!nested->users)
			continue;
		desc = (struct vtd_desc){ { VTD_QI_IOTLB | VTD_QI_GRAN(2) |
					    VTD_QI_DID(nested->id) } };
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
