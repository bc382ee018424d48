/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_OPTION.
 */
#include "iommufd/ioas.h"
#include "iommufd/request.h"

static int set_rlimit_mode(struct iommufd_request *req)
{
	const struct iommu_option *cmd = &req->cmd.option;
	struct iommufd_ctx *ctx = req->ctx;
	int rc = 0;

	if (!req->user->ops->capable(req->user, UIOMMU_CAP_SYS_RESOURCE))
		return -EPERM;
	pthread_mutex_lock(&ctx->lock);
	/* What is accounted already would be given back to the wrong account. */
	if (ctx->objects.root)
		rc = -EBUSY;
	else if (cmd->val64 > 1)
		rc = -EINVAL;
	else
		ctx->rlimit_mode = cmd->val64;
	pthread_mutex_unlock(&ctx->lock);
	return rc;
}

static int rlimit_mode(struct iommufd_request *req)
{
	struct iommu_option *cmd = &req->cmd.option;

	if (cmd->object_id)
		return -EOPNOTSUPP;
	if (cmd->op == IOMMU_OPTION_OP_SET)
		return set_rlimit_mode(req);
	if (cmd->op != IOMMU_OPTION_OP_GET)
		return -EOPNOTSUPP;
	pthread_mutex_lock(&req->ctx->lock);
	cmd->val64 = req->ctx->rlimit_mode;
	pthread_mutex_unlock(&req->ctx->lock);
	return 0;
}

int iommufd_ioas_set_huge_pages(struct iommufd_ioas *ioas, uint64_t value)
{
	bool old = ioas->small_pages;
	int rc;

	if (value > 1)
		return -EINVAL;
	if (old == !value)
		return 0;
	/* Page tables that are filled keep their large entries. */
	if (!value && ioas->areas.root && (ioas->hwpts || ioas->joining))
		return -EINVAL;
	ioas->small_pages = !value;
	rc = iommufd_ioas_realign(ioas);
	if (rc)
		ioas->small_pages = old;
	return rc;
}

static int huge_pages(struct iommufd_request *req)
{
	struct iommu_option *cmd = &req->cmd.option;
	struct iommufd_ioas *ioas;
	int rc = 0;

	ioas = iommufd_ioas_get(req->ctx, cmd->object_id);
	if (!ioas)
		return -ENOENT;
	pthread_mutex_lock(&ioas->lock);
	if (cmd->op == IOMMU_OPTION_OP_GET)
		cmd->val64 = !ioas->small_pages;
	else if (cmd->op == IOMMU_OPTION_OP_SET)
		rc = iommufd_ioas_set_huge_pages(ioas, cmd->val64);
	else
		rc = -EOPNOTSUPP;
	pthread_mutex_unlock(&ioas->lock);
	iommufd_object_put(&ioas->obj);
	return rc;
}

int iommufd_option_ioctl(struct iommufd_request *req)
{
	const struct iommu_option *cmd = &req->cmd.option;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	switch (cmd->option_id) {
	case IOMMU_OPTION_RLIMIT_MODE:
		rc = rlimit_mode(req);
		break;
	case IOMMU_OPTION_HUGE_PAGES:
		rc = huge_pages(req);
		break;
	default:
		rc = -EOPNOTSUPP;
	}
	return rc ? rc : iommufd_respond(req);
}
