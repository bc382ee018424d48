/* SPDX-License-Identifier: MIT */
/**
 * DOC: Queues of events that the client reads from a descriptor of its own
 *
 * What fault queues and vIOMMU event queues have in common: an object of a
 * context, a file whose reads give whole events, never block and never cut one,
 * and the wake-up of whoever polls it. An open file is a user of its object and
 * keeps the context: the object can be destroyed when the client has closed the
 * descriptor.
 */
#ifndef IOMMUFD_EVENTQ_H
#define IOMMUFD_EVENTQ_H

#include "iommufd/object.h"
#include "iommufd/request.h"

struct iommufd_eventq;

/**
 * struct iommufd_event - begins everything that is queued
 * @next: the next one
 * @serial: unlike any other's of the queue; set by iommufd_eventq_add()
 */
struct iommufd_event {
	struct iommufd_event *next;
	uint64_t serial;
};

/**
 * struct iommufd_eventq_ops - one kind of queue
 * @file: "kind" of the file; all else is filled in by IOMMUFD_EVENTQ_FILE
 * @poll: what poll(2) says whether or not there is something to read (POLLOUT)
 * @check: is @count a number of bytes that can be asked for? 0 or the error
 * @size: bytes of @event, as it is read
 * @begin: @event, which is off the list, is being read: write it to @buf. An error
 *	puts it back and fails the read
 * @end: and now the client has it (@copied), or could not take it; then it is to
 *	be put back by iommufd_eventq_restore(). @serial is the event's: whether
 *	@event is still there is for @end to know
 * @write: as &uiommu_file_ops.write; NULL = cannot be written to
 * @closed: the client has closed the descriptor; not locked. May be NULL
 *
 * @size, @begin and @end are called with the queue's lock held.
 */
struct iommufd_eventq_ops {
	struct uiommu_file_ops file;
	short poll;
	int (*check)(size_t count);
	size_t (*size)(const struct iommufd_event *event);
	int (*begin)(struct iommufd_eventq *q, struct iommufd_event *event,
		     void *buf);
	void (*end)(struct iommufd_eventq *q, struct iommufd_event *event,
		    uint64_t serial, bool copied);
	int64_t (*write)(struct iommufd_eventq *q, struct uiommu_user *user,
			 uint64_t uaddr, size_t count);
	void (*closed)(struct iommufd_eventq *q);
};

/**
 * struct iommufd_eventq - embedded by a kind of queue
 * @obj: its object
 * @file: the file that the client's descriptor refers to
 * @ops: its kind
 * @lock: protects all below, and whatever the kind of queue says
 * @events: what has not been read, the oldest first
 * @tail: where the next one goes
 * @serial: of the last one
 * @wake: who polls
 */
struct iommufd_eventq {
	struct iommufd_object obj;
	struct uiommu_file file;
	const struct iommufd_eventq_ops *ops;
	pthread_mutex_t lock;
	struct iommufd_event *events;
	struct iommufd_event **tail;
	uint64_t serial;
	struct uiommu_wake *wake;
};

static inline struct iommufd_eventq *
iommufd_eventq_of(struct iommufd_object *obj)
{
	return iommufd_container(obj, struct iommufd_eventq, obj);
}

/* The file operations that all kinds of queues have; for &iommufd_eventq_ops. */
short iommufd_eventq_file_poll(struct uiommu_file *file);
void iommufd_eventq_file_watch(struct uiommu_file *file,
			       struct uiommu_wake *wake);
int64_t iommufd_eventq_file_read(struct uiommu_file *file,
				 struct uiommu_user *user, uint64_t uaddr,
				 size_t count, uint64_t offset);
int64_t iommufd_eventq_file_write(struct uiommu_file *file,
				  struct uiommu_user *user, uint64_t uaddr,
				  size_t count, uint64_t offset);
void iommufd_eventq_file_release(struct uiommu_file *file);

#define IOMMUFD_EVENTQ_FILE(name)                               \
	{                                                       \
		.kind = name, .read = iommufd_eventq_file_read, \
		.write = iommufd_eventq_file_write,             \
		.poll = iommufd_eventq_file_poll,               \
		.watch = iommufd_eventq_file_watch,             \
		.release = iommufd_eventq_file_release,         \
	}

/**
 * iommufd_eventq_init() - an empty queue, as an object that is not published
 * @destroy: frees it, after iommufd_eventq_fini()
 *
 * Return: 0; -ENOSPC: all ids are taken; nothing has to be undone then.
 */
int iommufd_eventq_init(struct iommufd_ctx *ctx, struct iommufd_eventq *q,
			enum iommufd_kind kind,
			const struct iommufd_eventq_ops *ops,
			void (*destroy)(struct iommufd_object *obj));

/** iommufd_eventq_fini() - undo; events left over are the caller's to free. */
void iommufd_eventq_fini(struct iommufd_eventq *q);

/**
 * iommufd_eventq_open() - answer @req with a descriptor of @q
 * @fd: the member of the request's struct that the descriptor goes to
 *
 * The last thing that an ioctl does that makes a queue. On success @q is published
 * and the client has its descriptor. On failure nothing of @q has changed: it is
 * for the caller to call iommufd_object_abort().
 *
 * Context: no lock held. Return: 0; -EFAULT; -EMFILE, -ENFILE or -ENOMEM.
 */
int iommufd_eventq_open(struct iommufd_request *req, struct iommufd_eventq *q,
			__u32 *fd);

/** iommufd_eventq_add() - queue @event behind all others. Locked. */
void iommufd_eventq_add(struct iommufd_eventq *q, struct iommufd_event *event);

/** iommufd_eventq_restore() - queue @event, which was read, before all others.
 * Locked. */
void iommufd_eventq_restore(struct iommufd_eventq *q,
			    struct iommufd_event *event);

/**
 * iommufd_eventq_take() - take the event at *@link off the queue
 *
 * Context: locked. Return: the event.
 */
struct iommufd_event *iommufd_eventq_take(struct iommufd_eventq *q,
					  struct iommufd_event **link);

#endif
