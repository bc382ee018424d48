/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_TEST_CMD: what is mapped where, who has it pinned, and what is dirty.
 */
#include <stdlib.h>

#include "mock/mock.h"
#include "iommufd/hwpt.h"
#include "iommufd/test.h"

#define PAGE         UIOMMU_PAGE_SIZE
#define RUNS_AT_ONCE 16

/* Linux's smallest number of bytes that its pinning loop can work with. */
#define MIN_MEMORY_LIMIT 12

/* Most bytes of a bitmap. */
#define MAX_BITMAP (16UL << 20)

/* ---- Pages of the caller ------------------------------------------- */

typedef int (*visit_page)(void *arg, struct uiommu_mem *mem, phys_addr_t pa,
			  uint64_t index);

/* Visit the pages of some runs and unpin them. *@index counts them. */
static int visit_runs(struct uiommu_mem *mem, const struct uiommu_run *run,
		      int nr, uint64_t *index, visit_page visit, void *arg)
{
	uint64_t at;
	int i, rc = 0;

	for (i = 0; i != nr; i++) {
		for (at = 0; at != run[i].len && !rc; at += PAGE)
			rc = visit(arg, mem, run[i].pa + at, (*index)++);
		mem->ops->unpin(mem, run[i].pa, run[i].len);
	}
	return rc;
}

int iommufd_test_pages(struct uiommu_user *user, uint64_t addr, uint64_t nr,
		       visit_page visit, void *arg)
{
	struct uiommu_run run[RUNS_AT_ONCE];
	struct uiommu_mem *mem;
	uint64_t index = 0, len;
	int n, rc = 0;

	mem = user->ops->mem(user);
	if (!mem)
		return -ENOMEM;
	while (index != nr && !rc) {
		/* Not more than a moment's work, whatever the caller says. */
		len = (nr - index) * PAGE;
		if (nr - index > 512)
			len = 512 * PAGE;
		n = mem->ops->pin(mem, addr + index * PAGE, len, false, run,
				  RUNS_AT_ONCE);
		rc = n < 0 ? n : visit_runs(mem, run, n, &index, visit, arg);
	}
	mem->ops->put(mem);
	return rc;
}

/* ---- MD_CHECK_MAP -------------------------------------------------- */

/**
 * struct check_map - does an HWPT translate to the caller's memory?
 * @domain: the page table
 * @step: bytes that are checked at a time
 * @iova: where the range begins
 * @uptr: and where it should lead
 * @length: bytes of it
 */
struct check_map {
	struct iommu_domain *domain;
	uint64_t step;
	uint64_t iova;
	uint64_t uptr;
	uint64_t length;
};

/* The part of the range that is in one page of the caller's. */
static int check_page(void *arg, struct uiommu_mem *mem, phys_addr_t pa,
		      uint64_t index)
{
	const struct check_map *check = arg;
	uint64_t at = (check->uptr & ~(PAGE - 1)) + index * PAGE;
	uint64_t end = at + PAGE, inside = 0;

	if (at < check->uptr)
		inside = check->uptr - at;
	if (end > check->uptr + check->length)
		end = check->uptr + check->length;
	for (; at + inside < end; inside += check->step)
		if (iommu_iova_to_phys(check->domain,
				       check->iova +
					       (at + inside - check->uptr)) !=
		    pa + inside)
			return -EINVAL;
	return 0;
}

static int check_map(struct uiommu_user *user, struct check_map *check)
{
	uint64_t last, first = check->uptr & ~(PAGE - 1);

	if ((check->iova | check->uptr | check->length) & (check->step - 1))
		return -EINVAL;
	if (!check->length)
		return 0;
	if (__builtin_add_overflow(check->uptr, check->length - 1, &last) ||
	    __builtin_add_overflow(check->iova, check->length - 1, &last))
		return -EINVAL;
	last = check->uptr + check->length - 1;
	return iommufd_test_pages(user, first, (last - first) / PAGE + 1,
				  check_page, check);
}

int iommufd_test_check_map(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	struct check_map check = {
		.iova = cmd->check_map.iova,
		.uptr = cmd->check_map.uptr,
		.length = cmd->check_map.length,
	};
	struct iommufd_object *hwpt;
	int rc;

	hwpt = iommufd_object_get(req->ctx, cmd->id, IOMMUFD_HWPT_PAGING);
	if (!hwpt)
		return -ENOENT;
	check.domain = iommufd_hwpt_of(hwpt)->domain;
	check.step = iommu_domain_min_pgsize(check.domain);
	/* A page of the caller's is the largest step that can be looked at. */
	if (check.step > PAGE)
		check.step = PAGE;
	rc = check_map(req->user, &check);
	iommufd_object_put(hwpt);
	return rc;
}

/* ---- MD_CHECK_REFS ------------------------------------------------- */

static int check_refs(void *arg, struct uiommu_mem *mem, phys_addr_t pa,
		      uint64_t index)
{
	const uint32_t *refs = arg;
	int64_t pins = mem->ops->pins ? mem->ops->pins(mem, pa) : -1;

	/* One of them is ours. */
	return pins < 0 || pins - 1 == *refs ? 0 : -EIO;
}

int iommufd_test_check_refs(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	uint64_t uptr = cmd->check_refs.uptr;
	uint64_t length = cmd->check_refs.length;
	uint32_t refs = cmd->check_refs.refs;

	if ((uptr | length) & (PAGE - 1))
		return -EINVAL;
	return iommufd_test_pages(req->user, uptr, length / PAGE, check_refs,
				  &refs);
}

/* ---- DIRTY --------------------------------------------------------- */

/* Set what the bitmap says, and count its bits. */
static int set_dirty(struct iommu_domain *domain, const uint8_t *bitmap,
		     struct iommu_test_cmd *cmd)
{
	uint64_t nr = cmd->dirty.length / cmd->dirty.page_size, i, count = 0;
	int rc;

	for (i = 0; i != nr; i++) {
		if (!(bitmap[i / 8] & 1U << i % 8))
			continue;
		rc = domain->dirty_ops->set_dirty(
			domain, cmd->dirty.iova + i * cmd->dirty.page_size);
		/* Where nothing is mapped, nothing is written. */
		if (rc && rc != -ENOENT)
			return rc;
		count++;
	}
	cmd->dirty.out_nr_dirty = count;
	return 0;
}

static int dirty(struct iommufd_request *req, struct iommufd_hwpt *hwpt)
{
	struct iommu_test_cmd *cmd = &req->cmd.test;
	uint64_t nr = cmd->dirty.length / cmd->dirty.page_size;
	size_t size = (size_t)(nr + 7) / 8;
	uint8_t *bitmap;
	int rc;

	if (!mock_domain_tracks(hwpt->domain))
		return -EINVAL;
	bitmap = malloc(size);
	if (!bitmap)
		return -ENOMEM;
	rc = req->user->ops->copy_in(req->user, bitmap, cmd->dirty.uptr, size);
	if (!rc)
		rc = set_dirty(hwpt->domain, bitmap, cmd);
	free(bitmap);
	return rc ? rc : iommufd_respond(req);
}

int iommufd_test_dirty(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	const uint64_t step = cmd->dirty.page_size;
	struct iommufd_object *hwpt;
	int rc;

	if (!step || !cmd->dirty.length || !cmd->dirty.uptr ||
	    cmd->dirty.iova % step || cmd->dirty.length % step)
		return -EINVAL;
	if (cmd->dirty.length / step > MAX_BITMAP * 8)
		return -EOVERFLOW;
	hwpt = iommufd_object_get(req->ctx, cmd->id, IOMMUFD_HWPT_PAGING);
	if (!hwpt)
		return -ENOENT;
	rc = dirty(req, iommufd_hwpt_of(hwpt));
	iommufd_object_put(hwpt);
	return rc;
}

/* ---- The rest ------------------------------------------------------ */

static int reserve(struct iommufd_ioas *ioas, uint64_t start, uint64_t last)
{
	struct iommufd_reserved *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	r->iova.start = start;
	r->iova.last = last;
	pthread_mutex_lock(&ioas->lock);
	rc = iommufd_ioas_reserve(ioas, r);
	if (!rc) {
		r->next = ioas->reserved_for_good;
		ioas->reserved_for_good = r;
	}
	pthread_mutex_unlock(&ioas->lock);
	if (rc)
		free(r);
	return rc;
}

int iommufd_test_add_reserved(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	struct iommufd_ioas *ioas;
	uint64_t last;
	int rc;

	if (!cmd->add_reserved.length)
		return -EINVAL;
	if (__builtin_add_overflow(cmd->add_reserved.start,
				   cmd->add_reserved.length - 1, &last))
		return -EOVERFLOW;
	ioas = iommufd_ioas_get(req->ctx, cmd->id);
	if (!ioas)
		return -ENOENT;
	rc = reserve(ioas, cmd->add_reserved.start, last);
	iommufd_object_put(&ioas->obj);
	return rc;
}

int iommufd_test_check_iotlb(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	struct iommufd_object *hwpt;
	uint32_t value;
	bool same;

	hwpt = iommufd_object_get(req->ctx, cmd->id, IOMMUFD_HWPT_NESTED);
	if (!hwpt)
		return -ENOENT;
	same = mock_nested_iotlb(iommufd_hwpt_of(hwpt)->domain,
				 cmd->check_slot.slot, &value) &&
	       value == cmd->check_slot.value;
	iommufd_object_put(hwpt);
	return same ? 0 : -EINVAL;
}

int iommufd_test_memory_limit(struct iommufd_request *req)
{
	const uint32_t limit = req->cmd.test.memory_limit.limit;

	if (limit < MIN_MEMORY_LIMIT)
		return -EINVAL;
	mock_iommu_set_memory_limit(req->ctx->mock, limit);
	return 0;
}
