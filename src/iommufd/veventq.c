/* SPDX-License-Identifier: MIT */
/*
 * VEVENTQ: what hardware has to tell the guest of a VIOMMU.
 *
 * Every event has a sequence number, also one that found no room. The reader sees
 * from a gap that events are missing. Where nothing follows the gap, an entry of its
 * own stands for it: it comes when the queue has run empty, holds the number of the
 * last event that was lost, and is withdrawn if an event comes before it is read.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "iommufd/eventq.h"
#include "iommufd/viommu.h"

#define MAX_DEPTH (1U << 19)

/**
 * struct vevent - an event, or what stands for lost ones
 * @event: its place in the queue
 * @header: as the client reads it
 * @len: bytes of what else the client reads, which stands behind this struct
 */
struct vevent {
	struct iommufd_event event;
	struct iommufd_vevent_header header;
	size_t len;
};

/**
 * struct iommufd_veventq - VEVENTQ
 * @q: the queue; its lock protects what is not constant here
 * @viommu: of which it is a user
 * @type: of what events
 * @depth: how many fit
 * @queued: how many are there
 * @sequence: number of the next one
 * @is_lost: events behind the last one in the queue were lost
 * @lost_queued: @lost is in the queue
 * @next: the next queue of @viommu
 * @lost: stands for them; last, as it ends in what it has none of
 */
struct iommufd_veventq {
	struct iommufd_eventq q;
	struct iommufd_viommu *viommu;
	uint32_t type;
	uint32_t depth;
	uint32_t queued;
	uint32_t sequence;
	bool is_lost;
	bool lost_queued;
	struct iommufd_veventq *next;
	struct vevent lost;
};

static struct iommufd_veventq *to_veventq(struct iommufd_eventq *q)
{
	return iommufd_container(q, struct iommufd_veventq, q);
}

static struct vevent *to_vevent(const struct iommufd_event *event)
{
	return iommufd_container(event, struct vevent, event);
}

/* ---- Reading ------------------------------------------------------- */

static int veventq_check(size_t count)
{
	return count < sizeof(struct iommufd_vevent_header) ? -EINVAL : 0;
}

static size_t veventq_size(const struct iommufd_event *event)
{
	const struct vevent *vevent = to_vevent(event);

	return sizeof(vevent->header) + vevent->len;
}

/* Nothing follows the lost ones: say so. Locked. */
static void tell_lost(struct iommufd_veventq *vq)
{
	if (vq->q.events || !vq->is_lost || vq->lost_queued)
		return;
	vq->lost_queued = true;
	iommufd_eventq_add(&vq->q, &vq->lost.event);
}

static int veventq_begin(struct iommufd_eventq *q, struct iommufd_event *event,
			 void *buf)
{
	struct iommufd_veventq *vq = to_veventq(q);
	const struct vevent *vevent = to_vevent(event);

	memcpy(buf, &vevent->header, sizeof(vevent->header));
	if (vevent == &vq->lost) {
		vq->lost_queued = false;
		vq->is_lost = false;
		return 0;
	}
	memcpy((uint8_t *)buf + sizeof(vevent->header), vevent + 1,
	       vevent->len);
	vq->queued--;
	tell_lost(vq);
	return 0;
}

static void veventq_end(struct iommufd_eventq *q, struct iommufd_event *event,
			uint64_t serial, bool copied)
{
	struct iommufd_veventq *vq = to_veventq(q);

	if (event != &vq->lost.event) {
		if (copied) {
			free(to_vevent(event));
			return;
		}
		vq->queued++;
		iommufd_eventq_restore(q, event);
	} else if (!copied && !q->events && !vq->is_lost) {
		/* If something has followed, the gap says it all. */
		vq->is_lost = true;
		vq->lost_queued = true;
		iommufd_eventq_restore(q, event);
	}
}

static const struct iommufd_eventq_ops veventq_ops = {
	.file = IOMMUFD_EVENTQ_FILE("veventq"),
	.check = veventq_check,
	.size = veventq_size,
	.begin = veventq_begin,
	.end = veventq_end,
};

/* ---- Events -------------------------------------------------------- */

/* Locked. Return: the number of the event that comes now. */
static uint32_t next_sequence(struct iommufd_veventq *vq)
{
	uint32_t sequence = vq->sequence;

	vq->sequence = (sequence + 1) & INT_MAX;
	return sequence;
}

/* Locked. */
static void lose(struct iommufd_veventq *vq)
{
	vq->lost.header.sequence = next_sequence(vq);
	vq->is_lost = true;
	tell_lost(vq);
}

/* The event that is about to be queued shows the gap. Locked. */
static void withdraw_lost(struct iommufd_veventq *vq)
{
	struct iommufd_event **link = &vq->q.events;

	vq->is_lost = false;
	if (!vq->lost_queued)
		return;
	while (*link != &vq->lost.event)
		link = &(*link)->next;
	iommufd_eventq_take(&vq->q, link);
	vq->lost_queued = false;
}

static int queue_event(struct iommufd_veventq *vq, const void *data, size_t len)
{
	struct vevent *vevent = NULL;
	int rc = 0;

	pthread_mutex_lock(&vq->q.lock);
	if (vq->queued < vq->depth) {
		vevent = calloc(1, sizeof(*vevent) + len);
		rc = vevent ? 0 : -ENOMEM;
	}
	if (vevent) {
		memcpy(vevent + 1, data, len);
		vevent->len = len;
		vevent->header.sequence = next_sequence(vq);
		withdraw_lost(vq);
		vq->queued++;
		iommufd_eventq_add(&vq->q, &vevent->event);
	} else {
		lose(vq);
	}
	pthread_mutex_unlock(&vq->q.lock);
	return rc;
}

/* Locked. */
static struct iommufd_veventq *find_type(struct iommufd_viommu *viommu,
					 uint32_t type)
{
	struct iommufd_veventq *vq;

	for (vq = viommu->veventqs; vq; vq = vq->next)
		if (vq->type == type)
			break;
	return vq;
}

int iommufd_veventq_event(struct iommu_viommu *driver, uint32_t type,
			  const void *data, size_t len)
{
	struct iommufd_viommu *viommu = driver->owner;
	struct iommufd_veventq *vq;
	int rc = -EOPNOTSUPP;

	pthread_mutex_lock(&viommu->lock);
	vq = find_type(viommu, type);
	if (vq)
		rc = queue_event(vq, data, len);
	pthread_mutex_unlock(&viommu->lock);
	return rc;
}

/* ---- IOMMU_VEVENTQ_ALLOC ------------------------------------------- */

static void unlink_veventq(struct iommufd_veventq *vq)
{
	struct iommufd_veventq **link;

	pthread_mutex_lock(&vq->viommu->lock);
	for (link = &vq->viommu->veventqs; *link != vq; link = &(*link)->next)
		;
	*link = vq->next;
	pthread_mutex_unlock(&vq->viommu->lock);
}

static void veventq_destroy(struct iommufd_object *obj)
{
	struct iommufd_veventq *vq = to_veventq(iommufd_eventq_of(obj));
	struct iommufd_event *event, *next;

	unlink_veventq(vq);
	for (event = vq->q.events; event; event = next) {
		next = event->next;
		if (event != &vq->lost.event)
			free(to_vevent(event));
	}
	iommufd_object_unuse(&vq->viommu->obj);
	iommufd_eventq_fini(&vq->q);
	free(vq);
}

static int link_veventq(struct iommufd_viommu *viommu,
			struct iommufd_veventq *vq)
{
	int rc = 0;

	pthread_mutex_lock(&viommu->lock);
	if (find_type(viommu, vq->type)) {
		rc = -EEXIST;
	} else {
		vq->next = viommu->veventqs;
		viommu->veventqs = vq;
	}
	pthread_mutex_unlock(&viommu->lock);
	return rc;
}

static int new_veventq(struct iommufd_viommu *viommu, uint32_t type,
		       uint32_t depth, struct iommufd_veventq **out)
{
	struct iommufd_veventq *vq = calloc(1, sizeof(*vq));
	int rc;

	if (!vq)
		return -ENOMEM;
	rc = iommufd_eventq_init(viommu->obj.ctx, &vq->q, IOMMUFD_VEVENTQ,
				 &veventq_ops, veventq_destroy);
	if (rc)
		goto err_free;
	vq->viommu = viommu;
	vq->type = type;
	vq->depth = depth;
	vq->lost.header.flags = IOMMU_VEVENTQ_FLAG_LOST_EVENTS;
	rc = link_veventq(viommu, vq);
	if (rc)
		goto err_object;
	iommufd_object_use(&viommu->obj);
	*out = vq;
	return 0;

err_object:
	iommufd_eventq_fini(&vq->q);
	iommufd_object_drop(&vq->q.obj);
err_free:
	free(vq);
	return rc;
}

static int alloc_for(struct iommufd_request *req, struct iommufd_viommu *viommu)
{
	struct iommu_veventq_alloc *cmd = &req->cmd.veventq_alloc;
	const struct iommu_viommu_ops *ops = viommu->viommu->ops;
	struct iommufd_veventq *vq;
	int rc;

	if (!ops->has_events || !ops->has_events(viommu->viommu, cmd->type))
		return -EOPNOTSUPP;
	rc = new_veventq(viommu, cmd->type, cmd->veventq_depth, &vq);
	if (rc)
		return rc;
	cmd->out_veventq_id = iommufd_object_id(&vq->q.obj);
	rc = iommufd_eventq_open(req, &vq->q, &cmd->out_veventq_fd);
	if (rc)
		iommufd_object_abort(&vq->q.obj);
	return rc;
}

int iommufd_veventq_alloc_ioctl(struct iommufd_request *req)
{
	const struct iommu_veventq_alloc *cmd = &req->cmd.veventq_alloc;
	struct iommufd_viommu *viommu;
	int rc;

	if (cmd->flags || cmd->__reserved ||
	    cmd->type == IOMMU_VEVENTQ_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!cmd->veventq_depth || cmd->veventq_depth > MAX_DEPTH)
		return -EINVAL;
	viommu = iommufd_viommu_get(req->ctx, cmd->viommu_id);
	if (!viommu)
		return -ENOENT;
	rc = alloc_for(req, viommu);
	iommufd_object_put(&viommu->obj);
	return rc;
}
