/* SPDX-License-Identifier: MIT */
/*
 * What clients can map of a context.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include <uiommu/iommu_types.h>

#include "iommufd/mmap.h"

/* The supervisor's files reach this far; 0 is nobody's offset. */
#define FIRST_OFFSET (1ULL << 20)
#define LAST_OFFSET  ((1ULL << 44) - 1)

/**
 * struct area - an area that can be mapped
 * @range: its offsets
 * @owner: what it belongs to
 * @ptr: where it is here
 * @mapped: the client has mapped it, and @owner has a user for that
 * @grants: how often
 */
struct area {
	struct iommufd_range range;
	struct iommufd_object *owner;
	void *ptr;
	bool mapped;
	uint64_t grants;
};

static struct area *to_area(struct iommufd_range *range)
{
	return iommufd_container(range, struct area, range);
}

static uint64_t area_length(const struct area *area)
{
	return area->range.last - area->range.start + 1;
}

/*
 * Not where an area has just been: a client that has kept a mapping of that one sees
 * nothing of the new one. Locked.
 */
static bool find_offset(struct iommufd_ctx *ctx, struct area *area, size_t len)
{
	struct iommufd_fit fit = {
		.from = ctx->next_area,
		.limit = LAST_OFFSET,
		.length = len,
		.modulus = UIOMMU_PAGE_SIZE,
	};
	uint64_t *start = &area->range.start;

	if (fit.from < FIRST_OFFSET)
		fit.from = FIRST_OFFSET;
	if (!iommufd_range_gap(&ctx->areas, &fit, NULL, start)) {
		fit.from = FIRST_OFFSET;
		if (!iommufd_range_gap(&ctx->areas, &fit, NULL, start))
			return false;
	}
	area->range.last = area->range.start + len - 1;
	ctx->next_area = area->range.last + 1;
	return true;
}

static int place(struct iommufd_ctx *ctx, struct area *area, size_t len)
{
	bool found;

	pthread_mutex_lock(&ctx->lock);
	found = find_offset(ctx, area, len);
	if (found)
		iommufd_range_insert(&ctx->areas, &area->range);
	pthread_mutex_unlock(&ctx->lock);
	return found ? 0 : -ENOSPC;
}

static void displace(struct iommufd_ctx *ctx, struct area *area)
{
	pthread_mutex_lock(&ctx->lock);
	iommufd_range_erase(&ctx->areas, &area->range);
	pthread_mutex_unlock(&ctx->lock);
}

int iommufd_mmap_new(struct iommufd_object *owner, size_t len, void **ptr,
		     uint64_t *offset)
{
	struct iommufd_ctx *ctx = owner->ctx;
	struct area *area = calloc(1, sizeof(*area));
	int fd = ctx->file.backing;
	int rc;

	if (!area)
		return -ENOMEM;
	area->owner = owner;
	rc = place(ctx, area, len);
	if (rc)
		goto err_free;
	area->ptr = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd,
			 fd < 0 ? 0 : (off_t)area->range.start);
	rc = -ENOMEM;
	if (area->ptr == MAP_FAILED)
		goto err_place;
	*ptr = area->ptr;
	*offset = area->range.start;
	return 0;

err_place:
	displace(ctx, area);
err_free:
	free(area);
	return rc;
}

/* An area of @owner, out of the table; NULL: there is none left. */
static struct area *take_area(struct iommufd_object *owner)
{
	struct iommufd_ctx *ctx = owner->ctx;
	struct iommufd_range *r;

	pthread_mutex_lock(&ctx->lock);
	for (r = iommufd_range_first(&ctx->areas, 0, UINT64_MAX); r;
	     r = iommufd_range_next(r, 0, UINT64_MAX))
		if (to_area(r)->owner == owner)
			break;
	if (r)
		iommufd_range_erase(&ctx->areas, r);
	pthread_mutex_unlock(&ctx->lock);
	return r ? to_area(r) : NULL;
}

void iommufd_mmap_free(struct iommufd_object *owner)
{
	struct area *area;

	while ((area = take_area(owner))) {
		/* The file's pages go, too, whoever else has it open. */
		madvise(area->ptr, area_length(area), MADV_REMOVE);
		munmap(area->ptr, area_length(area));
		free(area);
	}
}

int iommufd_mmap_file(struct uiommu_file *file, uint64_t offset, uint64_t len,
		      int prot, int flags)
{
	struct iommufd_ctx *ctx = iommufd_ctx_of(file);
	struct iommufd_range *r;
	struct area *area;
	int rc = -ENXIO;

	/* No file is asked about these. */
	if (!len || offset % UIOMMU_PAGE_SIZE)
		return -EINVAL;
	if ((flags & MAP_TYPE) != MAP_SHARED &&
	    (flags & MAP_TYPE) != MAP_SHARED_VALIDATE)
		return -EINVAL;
	if (prot & PROT_EXEC)
		return -EPERM;
	if (len > UINT64_MAX - UIOMMU_PAGE_SIZE)
		return -ENOMEM;
	len = (len + UIOMMU_PAGE_SIZE - 1) & ~(UIOMMU_PAGE_SIZE - 1);
	pthread_mutex_lock(&ctx->lock);
	r = iommufd_range_first(&ctx->areas, offset, offset);
	area = r ? to_area(r) : NULL;
	if (area && r->start == offset && area_length(area) == len &&
	    area->owner->visible) {
		area->owner->users += !area->mapped;
		area->mapped = true;
		area->grants++;
		rc = 0;
	}
	pthread_mutex_unlock(&ctx->lock);
	return rc;
}

/* ---- Are they still mapped? ---------------------------------------- */

/* The first area at @from or behind that the client of @id has mapped. Locked. */
static struct area *next_mapped(const struct iommufd_ctx *ctx, uint32_t id,
				uint64_t from)
{
	struct iommufd_range *r;

	for (r = iommufd_range_first(&ctx->areas, from, UINT64_MAX); r;
	     r = iommufd_range_next(r, from, UINT64_MAX))
		if (to_area(r)->mapped &&
		    iommufd_object_id(to_area(r)->owner) == id)
			return to_area(r);
	return NULL;
}

void iommufd_mmap_settle(struct iommufd_ctx *ctx, struct uiommu_user *user,
			 uint32_t id)
{
	struct area *area, seen = { 0 };
	bool mapped;

	pthread_mutex_lock(&ctx->lock);
	while ((area = next_mapped(ctx, id, seen.range.start))) {
		/* It may go while nobody looks. */
		seen = *area;
		pthread_mutex_unlock(&ctx->lock);
		mapped = user->ops->mapped &&
			 user->ops->mapped(user, &ctx->file, seen.range.start,
					   area_length(&seen));
		pthread_mutex_lock(&ctx->lock);
		area = next_mapped(ctx, id, seen.range.start);
		if (!mapped && area && area->grants == seen.grants &&
		    area->range.start == seen.range.start) {
			area->mapped = false;
			area->owner->users--;
		}
		seen.range.start = seen.range.last + 1;
	}
	pthread_mutex_unlock(&ctx->lock);
}

void iommufd_mmap_forget(struct iommufd_ctx *ctx)
{
	struct iommufd_range *r;

	for (r = iommufd_range_first(&ctx->areas, 0, UINT64_MAX); r;
	     r = iommufd_range_next(r, 0, UINT64_MAX)) {
		to_area(r)->owner->users -= to_area(r)->mapped;
		to_area(r)->mapped = false;
	}
}
