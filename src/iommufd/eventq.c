/* SPDX-License-Identifier: MIT */
/*
 * Queues that the client reads: the file's side of them.
 */
#include <poll.h>
#include <stdlib.h>

#include "iommufd/eventq.h"

/* Events up to this size are copied from the stack. */
#define SMALL_EVENT 512

static struct iommufd_eventq *to_eventq(struct uiommu_file *file)
{
	return iommufd_container(file, struct iommufd_eventq, file);
}

/* ---- Waking -------------------------------------------------------- */

/* Locked. */
static short ready(const struct iommufd_eventq *q)
{
	short events = q->ops->poll;

	if (q->events)
		events |= POLLIN | POLLRDNORM;
	return events;
}

/* Locked. */
static void changed(struct iommufd_eventq *q, bool added)
{
	if (q->wake)
		q->wake->wake(q->wake, ready(q), added);
}

short iommufd_eventq_file_poll(struct uiommu_file *file)
{
	struct iommufd_eventq *q = to_eventq(file);
	short events;

	pthread_mutex_lock(&q->lock);
	events = ready(q);
	pthread_mutex_unlock(&q->lock);
	return events;
}

void iommufd_eventq_file_watch(struct uiommu_file *file,
			       struct uiommu_wake *wake)
{
	struct iommufd_eventq *q = to_eventq(file);

	pthread_mutex_lock(&q->lock);
	q->wake = wake;
	changed(q, q->events != NULL);
	pthread_mutex_unlock(&q->lock);
}

/* ---- The list ------------------------------------------------------ */

void iommufd_eventq_add(struct iommufd_eventq *q, struct iommufd_event *event)
{
	event->serial = ++q->serial;
	event->next = NULL;
	*q->tail = event;
	q->tail = &event->next;
	changed(q, true);
}

/* Locked. */
static void put_first(struct iommufd_eventq *q, struct iommufd_event *event)
{
	event->next = q->events;
	if (!event->next)
		q->tail = &event->next;
	q->events = event;
}

void iommufd_eventq_restore(struct iommufd_eventq *q,
			    struct iommufd_event *event)
{
	put_first(q, event);
	changed(q, false);
}

/* Locked; nobody is told. */
static void unlink_event(struct iommufd_eventq *q, struct iommufd_event **link)
{
	struct iommufd_event *event = *link;

	*link = event->next;
	if (!*link)
		q->tail = link;
	event->next = NULL;
}

struct iommufd_event *iommufd_eventq_take(struct iommufd_eventq *q,
					  struct iommufd_event **link)
{
	struct iommufd_event *event = *link;

	unlink_event(q, link);
	changed(q, false);
	return event;
}

/* ---- Reading ------------------------------------------------------- */

/**
 * struct reading - one event on its way to the client
 * @event: the event; only valid until the lock is dropped
 * @serial: which one it is
 * @size: its bytes
 * @buf: @small, or memory for larger ones
 */
struct reading {
	struct iommufd_event *event;
	uint64_t serial;
	size_t size;
	void *buf;
	uint64_t small[SMALL_EVENT / 8];
};

/*
 * Take the first event off the list, if it has at most @room bytes. Locked. Return:
 * 0, also without an event; -EINVAL: it is larger.
 */
static int begin(struct iommufd_eventq *q, struct reading *r, size_t room)
{
	int rc;

	r->event = q->events;
	if (!r->event)
		return 0;
	r->serial = r->event->serial;
	r->size = q->ops->size(r->event);
	if (r->size > room)
		return -EINVAL;
	r->buf = r->small;
	if (r->size > sizeof(r->small))
		r->buf = malloc(r->size);
	if (!r->buf)
		return -ENOMEM;
	unlink_event(q, &q->events);
	rc = q->ops->begin(q, r->event, r->buf);
	if (rc) {
		put_first(q, r->event);
		if (r->buf != r->small)
			free(r->buf);
	}
	return rc;
}

/* Locked. */
static void end(struct iommufd_eventq *q, struct reading *r, bool copied)
{
	q->ops->end(q, r->event, r->serial, copied);
	if (r->buf != r->small)
		free(r->buf);
}

int64_t iommufd_eventq_file_read(struct uiommu_file *file,
				 struct uiommu_user *user, uint64_t uaddr,
				 size_t count, uint64_t offset)
{
	struct iommufd_eventq *q = to_eventq(file);
	struct reading r;
	size_t done = 0;
	int rc;

	rc = offset ? -ESPIPE : q->ops->check(count);
	if (rc)
		return rc;
	pthread_mutex_lock(&q->lock);
	for (;;) {
		rc = begin(q, &r, count - done);
		if (rc || !r.event)
			break;
		pthread_mutex_unlock(&q->lock);
		rc = user->ops->copy_out(user, uaddr + done, r.buf, r.size);
		pthread_mutex_lock(&q->lock);
		end(q, &r, !rc);
		if (rc)
			break;
		done += r.size;
	}
	changed(q, false);
	pthread_mutex_unlock(&q->lock);
	return done ? (int64_t)done : rc;
}

int64_t iommufd_eventq_file_write(struct uiommu_file *file,
				  struct uiommu_user *user, uint64_t uaddr,
				  size_t count, uint64_t offset)
{
	struct iommufd_eventq *q = to_eventq(file);

	if (offset)
		return -ESPIPE;
	return q->ops->write ? q->ops->write(q, user, uaddr, count) : -EINVAL;
}

/* ---- Opening and closing ------------------------------------------- */

int iommufd_eventq_init(struct iommufd_ctx *ctx, struct iommufd_eventq *q,
			enum iommufd_kind kind,
			const struct iommufd_eventq_ops *ops,
			void (*destroy)(struct iommufd_object *obj))
{
	int rc = iommufd_object_init(ctx, &q->obj, kind, destroy);

	if (rc)
		return rc;
	q->file.ops = &ops->file;
	q->file.refs = 0;
	q->file.backing = -1;
	q->ops = ops;
	q->events = NULL;
	q->tail = &q->events;
	q->serial = 0;
	q->wake = NULL;
	pthread_mutex_init(&q->lock, NULL);
	return 0;
}

void iommufd_eventq_fini(struct iommufd_eventq *q)
{
	pthread_mutex_destroy(&q->lock);
}

static int new_fd(struct uiommu_user *user)
{
	if (user->ops->new_event_fd)
		return user->ops->new_event_fd(user);
	return user->ops->new_fd ? user->ops->new_fd(user) : -EMFILE;
}

int iommufd_eventq_open(struct iommufd_request *req, struct iommufd_eventq *q,
			__u32 *fd)
{
	const struct uiommu_user_ops *ops = req->user->ops;
	int nr = new_fd(req->user), rc;

	if (nr < 0)
		return nr;
	*fd = (__u32)nr;
	rc = iommufd_respond(req);
	if (rc)
		return rc;
	/* What an open file holds. A file that could not be installed closes. */
	uiommu_file_get(&req->ctx->file);
	iommufd_object_use(&q->obj);
	q->file.refs = 1;
	rc = ops->install(req->user, nr, &q->file);
	uiommu_file_put(&q->file);
	if (!rc)
		iommufd_object_publish(&q->obj);
	return rc;
}

void iommufd_eventq_file_release(struct uiommu_file *file)
{
	struct iommufd_eventq *q = to_eventq(file);
	struct uiommu_file *ctx = &q->obj.ctx->file;

	if (q->ops->closed)
		q->ops->closed(q);
	iommufd_object_unuse(&q->obj);
	uiommu_file_put(ctx);
}
