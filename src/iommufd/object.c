/* SPDX-License-Identifier: MIT */
/*
 * The object table of a context.
 */
#include <uiommu/iommu_types.h>

#include "iommufd/object.h"

static struct iommufd_object *to_object(struct iommufd_range *id)
{
	return iommufd_container(id, struct iommufd_object, id);
}

int iommufd_object_init(struct iommufd_ctx *ctx, struct iommufd_object *obj,
			enum iommufd_kind kind,
			void (*destroy)(struct iommufd_object *obj))
{
	const struct iommufd_fit fit = {
		.from = 1,
		.limit = UINT32_MAX,
		.length = 1,
		.modulus = 1,
	};
	int rc = -ENOSPC;

	obj->ctx = ctx;
	obj->kind = kind;
	obj->destroy = destroy;
	pthread_mutex_lock(&ctx->lock);
	if (iommufd_range_gap(&ctx->objects, &fit, NULL, &obj->id.start)) {
		obj->id.last = obj->id.start;
		iommufd_range_insert(&ctx->objects, &obj->id);
		rc = 0;
	}
	pthread_mutex_unlock(&ctx->lock);
	return rc;
}

void iommufd_object_publish(struct iommufd_object *obj)
{
	pthread_mutex_lock(&obj->ctx->lock);
	obj->visible = true;
	pthread_mutex_unlock(&obj->ctx->lock);
}

/* Give up the id; nothing refers to @obj any more. Locked. */
static void erase_locked(struct iommufd_object *obj)
{
	struct iommufd_ctx *ctx = obj->ctx;

	if (ctx->vfio_ioas == obj)
		ctx->vfio_ioas = NULL;
	iommufd_range_erase(&ctx->objects, &obj->id);
}

void iommufd_object_drop(struct iommufd_object *obj)
{
	pthread_mutex_lock(&obj->ctx->lock);
	erase_locked(obj);
	pthread_mutex_unlock(&obj->ctx->lock);
}

void iommufd_object_abort(struct iommufd_object *obj)
{
	iommufd_object_drop(obj);
	obj->destroy(obj);
}

static struct iommufd_object *find(struct iommufd_ctx *ctx, uint32_t id,
				   enum iommufd_kind kind)
{
	struct iommufd_range *range;
	struct iommufd_object *obj;

	range = iommufd_range_first(&ctx->objects, id, id);
	if (!range)
		return NULL;
	obj = to_object(range);
	if (!obj->visible || (kind != IOMMUFD_ANY && kind != obj->kind))
		return NULL;
	return obj;
}

struct iommufd_object *iommufd_object_get(struct iommufd_ctx *ctx, uint32_t id,
					  enum iommufd_kind kind)
{
	struct iommufd_object *obj;

	pthread_mutex_lock(&ctx->lock);
	obj = find(ctx, id, kind);
	if (obj)
		obj->readers++;
	pthread_mutex_unlock(&ctx->lock);
	return obj;
}

struct iommufd_object *iommufd_object_get_from(struct iommufd_ctx *ctx,
					       uint64_t id,
					       enum iommufd_kind kind)
{
	struct iommufd_object *obj = NULL;
	struct iommufd_range *range;

	pthread_mutex_lock(&ctx->lock);
	for (range = iommufd_range_first(&ctx->objects, id, UINT64_MAX);
	     range && !obj; range = iommufd_range_next(range, id, UINT64_MAX))
		obj = find(ctx, (uint32_t)range->start, kind);
	if (obj)
		obj->readers++;
	pthread_mutex_unlock(&ctx->lock);
	return obj;
}

struct iommufd_object *iommufd_object_next(struct iommufd_ctx *ctx,
					   struct iommufd_object *after,
					   enum iommufd_kind kind)
{
	uint64_t id = after ? after->id.start + 1 : 0;
	struct iommufd_object *obj = NULL;
	struct iommufd_range *range;

	pthread_mutex_lock(&ctx->lock);
	while ((range = iommufd_range_first(&ctx->objects, id, UINT64_MAX))) {
		obj = find(ctx, (uint32_t)range->start, kind);
		if (obj)
			break;
		id = range->start + 1;
	}
	if (obj)
		obj->readers++;
	pthread_mutex_unlock(&ctx->lock);
	if (after)
		iommufd_object_put(after);
	return obj;
}

bool iommufd_object_try_get(struct iommufd_object *obj)
{
	bool visible;

	pthread_mutex_lock(&obj->ctx->lock);
	visible = obj->visible;
	if (visible)
		obj->readers++;
	pthread_mutex_unlock(&obj->ctx->lock);
	return visible;
}

struct iommufd_object *iommufd_object_get_vfio(struct iommufd_ctx *ctx)
{
	struct iommufd_object *obj;

	pthread_mutex_lock(&ctx->lock);
	obj = ctx->vfio_ioas;
	if (obj && obj->visible)
		obj->readers++;
	else
		obj = NULL;
	pthread_mutex_unlock(&ctx->lock);
	return obj;
}

void iommufd_object_set_vfio(struct iommufd_ctx *ctx,
			     struct iommufd_object *obj)
{
	pthread_mutex_lock(&ctx->lock);
	ctx->vfio_ioas = obj;
	pthread_mutex_unlock(&ctx->lock);
}

bool iommufd_object_publish_vfio(struct iommufd_object *obj)
{
	struct iommufd_ctx *ctx = obj->ctx;
	bool first;

	pthread_mutex_lock(&ctx->lock);
	first = !ctx->vfio_ioas;
	if (first) {
		obj->visible = true;
		ctx->vfio_ioas = obj;
	}
	pthread_mutex_unlock(&ctx->lock);
	return first;
}

void iommufd_object_put(struct iommufd_object *obj)
{
	struct iommufd_ctx *ctx = obj->ctx;

	pthread_mutex_lock(&ctx->lock);
	if (!--obj->readers)
		pthread_cond_broadcast(&ctx->changed);
	pthread_mutex_unlock(&ctx->lock);
}

void iommufd_object_use(struct iommufd_object *obj)
{
	pthread_mutex_lock(&obj->ctx->lock);
	obj->users++;
	pthread_mutex_unlock(&obj->ctx->lock);
}

void iommufd_object_unuse(struct iommufd_object *obj)
{
	struct iommufd_ctx *ctx = obj->ctx;

	pthread_mutex_lock(&ctx->lock);
	obj->users--;
	pthread_mutex_unlock(&ctx->lock);
}

/*
 * Take @obj out of the table: hide it, wait for its readers, and show it again if
 * one of them has become a user. Locked.
 */
static int remove_locked(struct iommufd_object *obj)
{
	struct iommufd_ctx *ctx = obj->ctx;

	if (obj->users)
		return -EBUSY;
	obj->visible = false;
	while (obj->readers)
		pthread_cond_wait(&ctx->changed, &ctx->lock);
	if (obj->users) {
		obj->visible = true;
		return -EBUSY;
	}
	erase_locked(obj);
	return 0;
}

bool iommufd_object_unuse_last(struct iommufd_object *obj)
{
	struct iommufd_ctx *ctx = obj->ctx;
	bool gone = false;

	pthread_mutex_lock(&ctx->lock);
	/* What is hidden is being destroyed by somebody else. */
	if (!--obj->users && obj->visible)
		gone = !remove_locked(obj);
	pthread_mutex_unlock(&ctx->lock);
	if (gone)
		obj->destroy(obj);
	return gone;
}

int iommufd_object_destroy_id(struct iommufd_ctx *ctx, uint32_t id)
{
	struct iommufd_object *obj;
	int rc;

	pthread_mutex_lock(&ctx->lock);
	obj = find(ctx, id, IOMMUFD_ANY);
	rc = obj ? remove_locked(obj) : -ENOENT;
	pthread_mutex_unlock(&ctx->lock);
	if (!rc)
		obj->destroy(obj);
	return rc;
}

/*
 * Users come after what they use, but ids are reused in any order: go through the
 * table until a whole round finds nothing without users. One that goes may take others
 * with it, so the next one is looked up only then.
 */
void iommufd_object_destroy_all(struct iommufd_ctx *ctx)
{
	struct iommufd_object *obj;
	struct iommufd_range *range;
	bool progress = true;
	uint64_t id;

	while (progress) {
		progress = false;
		for (id = 0; (range = iommufd_range_first(&ctx->objects, id,
							  UINT64_MAX));) {
			obj = to_object(range);
			id = range->start + 1;
			if (obj->users)
				continue;
			iommufd_object_abort(obj);
			progress = true;
		}
	}
}
