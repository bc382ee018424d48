/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_HW_QUEUE_ALLOC: queues in guest memory that hardware reads. Hardware knows
 * physical addresses only: the memory has to be one piece, and to stay.
 */
#include <stdlib.h>

#include "iommufd/access.h"
#include "iommufd/request.h"
#include "iommufd/viommu.h"

static struct iommufd_hw_queue *to_hw_queue(struct iommu_hw_queue *queue)
{
	return iommufd_container(queue, struct iommufd_hw_queue, queue);
}

/* The driver knows @on, so that its memory lasts as long as this takes. */
int iommufd_hw_queue_depend(struct iommu_hw_queue *queue,
			    struct iommu_hw_queue *on)
{
	struct iommufd_hw_queue *hwq = to_hw_queue(queue);
	struct iommufd_hw_queue *before = to_hw_queue(on);
	struct iommufd_ctx *ctx = before->obj.ctx;
	int rc = -ENOENT;

	pthread_mutex_lock(&ctx->lock);
	if (before->obj.visible) {
		before->obj.users++;
		hwq->before = before;
		rc = 0;
	}
	pthread_mutex_unlock(&ctx->lock);
	return rc;
}

/* Pins are of pages, which the queue may begin inside of. */
static int pin_memory(struct iommufd_hw_queue *hwq)
{
	struct iommu_hw_queue *queue = &hwq->queue;
	uint64_t inside = queue->iova % UIOMMU_PAGE_SIZE;
	int rc;

	rc = iommufd_access_create_internal(hwq->viommu->hwpt->ioas,
					    &hwq->access);
	if (rc)
		return rc;
	rc = iommufd_access_pin_pages(hwq->access, queue->iova - inside,
				      queue->length + inside, NULL,
				      IOMMUFD_ACCESS_LOCK, &hwq->pin);
	if (rc)
		goto err_access;
	if (iommufd_access_contiguous(hwq->pin, &queue->pa)) {
		queue->pa += inside;
		return 0;
	}
	rc = -EFAULT;
	iommufd_access_unpin_pages(hwq->pin);
err_access:
	iommufd_access_destroy(hwq->access);
	return rc;
}

static void unpin_memory(struct iommufd_hw_queue *hwq)
{
	iommufd_access_unpin_pages(hwq->pin);
	iommufd_access_destroy(hwq->access);
}

static void hw_queue_destroy(struct iommufd_object *obj)
{
	struct iommufd_hw_queue *hwq =
		iommufd_container(obj, struct iommufd_hw_queue, obj);
	const struct iommu_viommu_ops *ops = hwq->viommu->viommu->ops;

	if (ops->hw_queue_fini)
		ops->hw_queue_fini(&hwq->queue);
	if (hwq->before)
		iommufd_object_unuse(&hwq->before->obj);
	unpin_memory(hwq);
	iommufd_object_unuse(&hwq->viommu->obj);
	free(hwq);
}

static int new_hw_queue(struct iommufd_viommu *viommu,
			const struct iommu_hw_queue_alloc *cmd,
			struct iommufd_hw_queue **out)
{
	struct iommufd_hw_queue *hwq = calloc(1, sizeof(*hwq));
	int rc;

	if (!hwq)
		return -ENOMEM;
	rc = iommufd_object_init(viommu->obj.ctx, &hwq->obj, IOMMUFD_HW_QUEUE,
				 hw_queue_destroy);
	if (rc)
		goto err_free;
	hwq->viommu = viommu;
	hwq->queue = (struct iommu_hw_queue){
		.viommu = viommu->viommu,
		.type = cmd->type,
		.index = cmd->index,
		.iova = cmd->nesting_parent_iova,
		.length = cmd->length,
	};
	rc = pin_memory(hwq);
	if (rc)
		goto err_object;
	rc = viommu->viommu->ops->hw_queue_init(&hwq->queue);
	if (rc)
		goto err_memory;
	iommufd_object_use(&viommu->obj);
	*out = hwq;
	return 0;

err_memory:
	unpin_memory(hwq);
err_object:
	iommufd_object_drop(&hwq->obj);
err_free:
	free(hwq);
	return rc;
}

static int alloc_for(struct iommufd_request *req, struct iommufd_viommu *viommu)
{
	struct iommu_hw_queue_alloc *cmd = &req->cmd.hw_queue_alloc;
	const struct iommu_viommu_ops *ops = viommu->viommu->ops;
	struct iommufd_hw_queue *hwq = NULL;
	int rc;

	if (!ops->hw_queue_type ||
	    !ops->hw_queue_type(viommu->viommu, cmd->type))
		return -EOPNOTSUPP;
	rc = new_hw_queue(viommu, cmd, &hwq);
	if (rc)
		return rc;
	cmd->out_hw_queue_id = iommufd_object_id(&hwq->obj);
	rc = iommufd_respond(req);
	if (rc)
		iommufd_object_abort(&hwq->obj);
	else
		iommufd_object_publish(&hwq->obj);
	return rc;
}

int iommufd_hw_queue_alloc_ioctl(struct iommufd_request *req)
{
	const struct iommu_hw_queue_alloc *cmd = &req->cmd.hw_queue_alloc;
	struct iommufd_viommu *viommu;
	uint64_t last;
	int rc;

	if (cmd->flags || cmd->type == IOMMU_HW_QUEUE_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!cmd->length)
		return -EINVAL;
	if (__builtin_add_overflow(cmd->nesting_parent_iova, cmd->length - 1,
				   &last))
		return -EOVERFLOW;
	viommu = iommufd_viommu_get(req->ctx, cmd->viommu_id);
	if (!viommu)
		return -ENOENT;
	rc = alloc_for(req, viommu);
	iommufd_object_put(&viommu->obj);
	return rc;
}
