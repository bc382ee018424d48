/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_IOAS_NOIOMMU_GET_PA: where what is mapped lies in physical memory, for
 * clients that drive a device with no IOMMU.
 */
#include "iommufd/hwpt.h"
#include "iommufd/ioas.h"
#include "iommufd/request.h"

/* Is memory pinned for a device that is given its physical addresses? Locked. */
static bool for_no_iommu(const struct iommufd_ioas *ioas)
{
	const struct iommufd_hwpt *hwpt;

	for (hwpt = ioas->hwpts; hwpt; hwpt = hwpt->next)
		if (hwpt->domain->iommu->no_iommu)
			return true;
	return false;
}

/**
 * struct span - a run of physical memory
 * @pa: where it begins
 * @len: bytes
 */
struct span {
	phys_addr_t pa;
	uint64_t len;
};

/* Lengthen @span by what follows in @area from @iova on. False: it ends. Locked. */
static bool extend(struct span *span, const struct iommufd_area *area,
		   uint64_t iova, uint64_t last)
{
	struct iommufd_cursor cursor;
	bool whole = true;
	phys_addr_t pa;
	uint64_t len;

	if (last > area->iova.last)
		last = area->iova.last;
	iommufd_cursor_init(&cursor, area->pages,
			    area->offset + (iova - area->iova.start),
			    last - iova + 1);
	while (whole && iommufd_cursor_next(&cursor, &pa, &len)) {
		if (!span->len)
			span->pa = pa;
		whole = pa == span->pa + span->len;
		if (whole)
			span->len += len;
	}
	iommufd_cursor_fini(&cursor);
	return whole;
}

/* The memory at @iova, up to @last at most. Locked: what is pinned stays so. */
static int find_span(const struct iommufd_ioas *ioas, uint64_t iova,
		     uint64_t last, struct span *span)
{
	const struct iommufd_area *area;
	struct iommufd_range *r;
	uint64_t at = iova;

	span->len = 0;
	for (;;) {
		r = iommufd_range_first(&ioas->areas, at, at);
		area = r ? iommufd_area_of(r) : NULL;
		if (!area || area->state != IOMMUFD_AREA_LIVE ||
		    !area->pinned || !extend(span, area, at, last) ||
		    area->iova.last >= last)
			break;
		at = area->iova.last + 1;
	}
	return span->len ? 0 : -ENOENT;
}

static int get_pa(struct iommufd_ioas *ioas,
		  struct iommu_ioas_noiommu_get_pa *cmd)
{
	struct span span = { 0 };
	uint64_t last;
	int rc = -ENOENT;

	if (__builtin_add_overflow(cmd->iova, cmd->length - 1, &last))
		last = UINT64_MAX;
	pthread_rwlock_rdlock(&ioas->tables);
	pthread_mutex_lock(&ioas->lock);
	if (iommufd_range_first(&ioas->areas, cmd->iova, cmd->iova))
		rc = for_no_iommu(ioas)
			     ? find_span(ioas, cmd->iova, last, &span)
			     : -EOPNOTSUPP;
	pthread_mutex_unlock(&ioas->lock);
	pthread_rwlock_unlock(&ioas->tables);
	cmd->out_phys = span.pa;
	cmd->length = span.len;
	return rc;
}

int iommufd_ioas_get_pa_ioctl(struct iommufd_request *req)
{
	struct iommu_ioas_noiommu_get_pa *cmd = &req->cmd.get_pa;
	struct iommufd_ioas *ioas;
	int rc;

	if (cmd->flags || cmd->__reserved)
		return -EOPNOTSUPP;
	if (!cmd->length)
		return -EINVAL;
	if (cmd->iova == UINT64_MAX)
		return -EOVERFLOW;
	ioas = iommufd_ioas_get(req->ctx, cmd->ioas_id);
	if (!ioas)
		return -ENOENT;
	rc = get_pa(ioas, cmd);
	iommufd_object_put(&ioas->obj);
	return rc ? rc : iommufd_respond(req);
}
