/* SPDX-License-Identifier: MIT */
/*
 * I/O address spaces: which IOVAs can be mapped.
 */
#include <stdlib.h>

#include "iommufd/hwpt.h"
#include "iommufd/ioas.h"
#include "iommufd/request.h"

#define RANGES_AT_ONCE 64

static void free_allowed(struct iommufd_allowed *list)
{
	struct iommufd_allowed *next;

	for (; list; list = next) {
		next = list->next;
		free(list);
	}
}

static void free_reserved(struct iommufd_reserved *list)
{
	struct iommufd_reserved *next;

	for (; list; list = next) {
		next = list->next;
		free(list);
	}
}

/* No page table is left, so no area is pinned. */
static void ioas_destroy(struct iommufd_object *obj)
{
	struct iommufd_ioas *ioas = iommufd_ioas_of(obj);
	struct iommufd_area *area;

	while (ioas->areas.root) {
		area = iommufd_area_of(ioas->areas.root);
		iommufd_range_erase(&ioas->areas, &area->iova);
		iommufd_area_free_list(area);
	}
	free_allowed(ioas->allowed_list);
	free_reserved(ioas->reserved_for_good);
	pthread_cond_destroy(&ioas->changed);
	pthread_mutex_destroy(&ioas->lock);
	pthread_rwlock_destroy(&ioas->tables);
	free(ioas);
}

/* A stream of maps must not keep a page table from being added. */
static void init_tables_lock(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t attr;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(
		&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(lock, &attr);
	pthread_rwlockattr_destroy(&attr);
}

int iommufd_ioas_new(struct iommufd_ctx *ctx, struct iommufd_ioas **out)
{
	struct iommufd_ioas *ioas = calloc(1, sizeof(*ioas));
	int rc;

	if (!ioas)
		return -ENOMEM;
	rc = iommufd_object_init(ctx, &ioas->obj, IOMMUFD_IOAS, ioas_destroy);
	if (rc) {
		free(ioas);
		return rc;
	}
	init_tables_lock(&ioas->tables);
	pthread_mutex_init(&ioas->lock, NULL);
	pthread_cond_init(&ioas->changed, NULL);
	ioas->alignment = 1;
	*out = ioas;
	return 0;
}

int iommufd_ioas_alloc_ioctl(struct iommufd_request *req)
{
	struct iommufd_ioas *ioas;
	int rc;

	if (req->cmd.ioas_alloc.flags)
		return -EOPNOTSUPP;
	rc = iommufd_ioas_new(req->ctx, &ioas);
	if (rc)
		return rc;
	req->cmd.ioas_alloc.out_ioas_id = iommufd_object_id(&ioas->obj);
	rc = iommufd_respond(req);
	if (rc)
		iommufd_object_abort(&ioas->obj);
	else
		iommufd_object_publish(&ioas->obj);
	return rc;
}

/* ---- Reserved ranges ----------------------------------------------- */

static bool overlaps(const struct iommufd_range_tree *tree,
		     const struct iommufd_range *range)
{
	return iommufd_range_first(tree, range->start, range->last);
}

int iommufd_ioas_reserve(struct iommufd_ioas *ioas,
			 struct iommufd_reserved *ranges)
{
	struct iommufd_reserved *r;

	for (r = ranges; r; r = r->next)
		if (overlaps(&ioas->areas, &r->iova) ||
		    overlaps(&ioas->allowed, &r->iova))
			return -EADDRINUSE;
	for (r = ranges; r; r = r->next)
		iommufd_range_insert(&ioas->reserved, &r->iova);
	return 0;
}

void iommufd_ioas_unreserve(struct iommufd_ioas *ioas,
			    struct iommufd_reserved *ranges)
{
	for (; ranges; ranges = ranges->next)
		iommufd_range_erase(&ioas->reserved, &ranges->iova);
}

static void widen(uint64_t *alignment, const struct iommufd_hwpt *hwpts)
{
	for (; hwpts; hwpts = hwpts->next)
		if (iommu_domain_min_pgsize(hwpts->domain) > *alignment)
			*alignment = iommu_domain_min_pgsize(hwpts->domain);
}

/* A page table maps whole pages, and its offsets in pages are those of IOVAs. */
static bool area_aligned(const struct iommufd_area *area, uint64_t alignment)
{
	uint64_t bits = area->iova.start | iommufd_area_length(area) |
			area->offset % UIOMMU_PAGE_SIZE;

	return !(bits & (alignment - 1));
}

int iommufd_ioas_realign(struct iommufd_ioas *ioas)
{
	bool pages = ioas->small_pages || ioas->page_users;
	uint64_t alignment = pages ? UIOMMU_PAGE_SIZE : 1;
	struct iommufd_range *r;

	widen(&alignment, ioas->hwpts);
	widen(&alignment, ioas->joining);
	if (alignment > ioas->alignment)
		for (r = iommufd_range_first(&ioas->areas, 0, UINT64_MAX); r;
		     r = iommufd_range_next(r, 0, UINT64_MAX))
			if (!area_aligned(iommufd_area_of(r), alignment))
				return -EADDRINUSE;
	ioas->alignment = alignment;
	return 0;
}

/* ---- IOMMU_IOAS_IOVA_RANGES ---------------------------------------- */

/*
 * Store the first @max ranges that are not reserved. Locked. Return: how many
 * there are.
 */
static uint32_t usable_ranges(const struct iommufd_ioas *ioas,
			      struct iommu_iova_range *range, uint32_t max)
{
	const struct iommufd_range *r;
	uint64_t start = 0;
	uint32_t nr = 0;

	for (r = iommufd_range_first(&ioas->reserved, 0, UINT64_MAX); r;
	     r = iommufd_range_next((struct iommufd_range *)r, 0, UINT64_MAX)) {
		if (r->start > start) {
			if (nr < max)
				range[nr] = (struct iommu_iova_range){
					start, r->start - 1
				};
			nr++;
		}
		if (r->last == UINT64_MAX)
			return nr;
		if (r->last >= start)
			start = r->last + 1;
	}
	if (nr < max)
		range[nr] = (struct iommu_iova_range){ start, UINT64_MAX };
	return nr + 1;
}

int iommufd_ioas_usable(struct iommufd_ioas *ioas,
			struct iommu_iova_range **out, uint32_t *nr)
{
	pthread_mutex_lock(&ioas->lock);
	*nr = usable_ranges(ioas, NULL, 0);
	*out = calloc(*nr ? *nr : 1, sizeof(**out));
	if (*out)
		usable_ranges(ioas, *out, *nr);
	pthread_mutex_unlock(&ioas->lock);
	return *out ? 0 : -ENOMEM;
}

/* As many ranges as fit into the client's array, in memory of our own. */
static int collect_ranges(struct iommufd_ioas *ioas,
			  struct iommu_ioas_iova_ranges *cmd,
			  struct iommu_iova_range **out, uint32_t *stored)
{
	uint32_t nr, max;

	pthread_mutex_lock(&ioas->lock);
	nr = usable_ranges(ioas, NULL, 0);
	max = nr < cmd->num_iovas ? nr : cmd->num_iovas;
	*out = calloc(max ? max : 1, sizeof(**out));
	if (*out)
		usable_ranges(ioas, *out, max);
	cmd->num_iovas = nr;
	cmd->out_iova_alignment = ioas->alignment;
	pthread_mutex_unlock(&ioas->lock);
	*stored = max;
	return *out ? 0 : -ENOMEM;
}

int iommufd_ioas_iova_ranges_ioctl(struct iommufd_request *req)
{
	struct iommu_ioas_iova_ranges *cmd = &req->cmd.iova_ranges;
	struct iommu_iova_range *range;
	struct iommufd_ioas *ioas;
	uint32_t stored;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	ioas = iommufd_ioas_get(req->ctx, cmd->ioas_id);
	if (!ioas)
		return -ENOENT;
	rc = collect_ranges(ioas, cmd, &range, &stored);
	iommufd_object_put(&ioas->obj);
	if (rc)
		return rc;
	if (stored)
		rc = req->user->ops->copy_out(req->user, cmd->allowed_iovas,
					      range, stored * sizeof(*range));
	free(range);
	if (!rc)
		rc = iommufd_respond(req);
	if (!rc && cmd->num_iovas > stored)
		rc = -EMSGSIZE;
	return rc;
}

/* ---- IOMMU_IOAS_ALLOW_IOVAS ---------------------------------------- */

struct allow_list {
	struct iommufd_range_tree tree;
	struct iommufd_allowed *list;
};

static int allow_one(struct allow_list *allow,
		     const struct iommu_iova_range *range)
{
	struct iommufd_allowed *entry;

	if (range->start >= range->last ||
	    iommufd_range_first(&allow->tree, range->start, range->last))
		return -EINVAL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->iova.start = range->start;
	entry->iova.last = range->last;
	iommufd_range_insert(&allow->tree, &entry->iova);
	entry->next = allow->list;
	allow->list = entry;
	return 0;
}

static int load_allowed(struct uiommu_user *user, uint64_t addr, uint32_t nr,
			struct allow_list *allow)
{
	struct iommu_iova_range range[RANGES_AT_ONCE];
	uint32_t n, i;
	int rc;

	for (; nr; nr -= n, addr += n * sizeof(range[0])) {
		n = nr < RANGES_AT_ONCE ? nr : RANGES_AT_ONCE;
		rc = user->ops->copy_in(user, range, addr,
					n * sizeof(range[0]));
		for (i = 0; i != n && !rc; i++)
			rc = allow_one(allow, &range[i]);
		if (rc)
			return rc;
	}
	return 0;
}

/* Exchange what is allowed for @allow. Locked. */
static int swap_allowed(struct iommufd_ioas *ioas, struct allow_list *allow)
{
	const struct iommufd_allowed *entry;
	struct allow_list old;

	for (entry = allow->list; entry; entry = entry->next)
		if (overlaps(&ioas->reserved, &entry->iova))
			return -EADDRINUSE;
	old.tree = ioas->allowed;
	old.list = ioas->allowed_list;
	ioas->allowed = allow->tree;
	ioas->allowed_list = allow->list;
	*allow = old;
	return 0;
}

int iommufd_ioas_allow_iovas_ioctl(struct iommufd_request *req)
{
	struct iommu_ioas_allow_iovas *cmd = &req->cmd.allow_iovas;
	struct allow_list allow = { 0 };
	struct iommufd_ioas *ioas;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	ioas = iommufd_ioas_get(req->ctx, cmd->ioas_id);
	if (!ioas)
		return -ENOENT;
	rc = load_allowed(req->user, cmd->allowed_iovas, cmd->num_iovas,
			  &allow);
	if (!rc) {
		pthread_mutex_lock(&ioas->lock);
		rc = swap_allowed(ioas, &allow);
		pthread_mutex_unlock(&ioas->lock);
	}
	free_allowed(allow.list);
	iommufd_object_put(&ioas->obj);
	return rc;
}
