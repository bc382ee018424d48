/* SPDX-License-Identifier: MIT */
/*
 * Who pays for what is pinned, and IOMMU_IOAS_CHANGE_PROCESS.
 */
#include "iommufd/account.h"
#include "iommufd/ioas.h"
#include "iommufd/request.h"

static enum uiommu_charge charge_mode(struct iommufd_ctx *ctx,
				      struct uiommu_user *user)
{
	uint64_t rlimit_mode;

	if (user->ops->capable(user, UIOMMU_CAP_IPC_LOCK))
		return UIOMMU_CHARGE_NONE;
	pthread_mutex_lock(&ctx->lock);
	rlimit_mode = ctx->rlimit_mode;
	pthread_mutex_unlock(&ctx->lock);
	return rlimit_mode ? UIOMMU_CHARGE_PROCESS : UIOMMU_CHARGE_USER;
}

struct iommufd_pages *iommufd_pages_of_user(struct iommufd_ctx *ctx,
					    struct uiommu_user *user,
					    struct uiommu_mem *mem,
					    uint64_t addr, uint64_t length,
					    bool writable, bool file)
{
	struct uiommu_account *account = user->ops->account(user);
	struct iommufd_pages *pages;

	if (!account) {
		mem->ops->put(mem);
		return NULL;
	}
	pages = iommufd_pages_new(mem, account, addr, length, writable);
	if (pages) {
		pages->mode = charge_mode(ctx, user);
		pages->file = file;
	}
	return pages;
}

/* ---- IOMMU_IOAS_CHANGE_PROCESS -------------------------------------- */

/* One step of the change, for one storage of one area. */
typedef int (*change_step)(struct iommufd_pages *pages,
			   struct uiommu_account *heir);

/* Only a file's memory is the same one in another process; a device's is nobody's. */
static int check_file(struct iommufd_pages *pages, struct uiommu_account *heir)
{
	return pages->file && !pages->revoked ? 0 : -EINVAL;
}

/* Whoever need not pay for what he has pinned keeps it. */
static int offer(struct iommufd_pages *pages, struct uiommu_account *heir)
{
	if (pages->mode == UIOMMU_CHARGE_NONE)
		return 0;
	return iommufd_pages_offer(pages, heir);
}

static int accept(struct iommufd_pages *pages, struct uiommu_account *heir)
{
	iommufd_pages_inherit(pages, heir, true);
	return 0;
}

static int decline(struct iommufd_pages *pages, struct uiommu_account *heir)
{
	iommufd_pages_inherit(pages, heir, false);
	return 0;
}

/* Until one fails. Storage that several areas share is visited for each of them. */
static int for_ioas(struct iommufd_ioas *ioas, change_step step,
		    struct uiommu_account *heir)
{
	struct iommufd_range *r;
	int rc = 0;

	pthread_mutex_lock(&ioas->lock);
	for (r = iommufd_range_first(&ioas->areas, 0, UINT64_MAX); r && !rc;
	     r = iommufd_range_next(r, 0, UINT64_MAX))
		rc = step(iommufd_area_of(r)->pages, heir);
	pthread_mutex_unlock(&ioas->lock);
	return rc;
}

static int for_all(struct iommufd_ctx *ctx, change_step step,
		   struct uiommu_account *heir)
{
	struct iommufd_object *obj;
	uint64_t id = 0;
	int rc = 0;

	while (!rc && (obj = iommufd_object_get_from(ctx, id, IOMMUFD_IOAS))) {
		rc = for_ioas(iommufd_ioas_of(obj), step, heir);
		id = obj->id.last + 1;
		iommufd_object_put(obj);
	}
	return rc;
}

static int change_process(struct iommufd_ctx *ctx, struct uiommu_account *heir)
{
	int rc;

	pthread_mutex_lock(&ctx->changing_process);
	rc = for_all(ctx, check_file, heir);
	if (!rc) {
		rc = for_all(ctx, offer, heir);
		for_all(ctx, rc ? decline : accept, heir);
	}
	pthread_mutex_unlock(&ctx->changing_process);
	return rc;
}

int iommufd_ioas_change_process_ioctl(struct iommufd_request *req)
{
	struct uiommu_account *heir;
	int rc;

	if (req->cmd.change_process.__reserved)
		return -EOPNOTSUPP;
	heir = req->user->ops->account(req->user);
	if (!heir)
		return -ENOMEM;
	rc = change_process(req->ctx, heir);
	heir->ops->put(heir);
	return rc;
}
