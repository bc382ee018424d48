/* SPDX-License-Identifier: MIT */
/*
 * Fault queues: collecting page requests, reading and answering them.
 */
#include <poll.h>
#include <stdlib.h>

#include "iommufd/fault.h"

/*
 * Requests of groups without an end that are kept. A device sends no more than its
 * PRI capability allots to it; this is a bound for one that keeps to nothing.
 */
#define MAX_PARTIAL 4096

static struct iommufd_fault *to_fault(struct iommufd_eventq *q)
{
	return iommufd_container(q, struct iommufd_fault, q);
}

static struct iommufd_fault_group *to_group(struct iommufd_event *event)
{
	return iommufd_container(event, struct iommufd_fault_group, event);
}

/* ---- Answers ------------------------------------------------------- */

static void list_add(struct iommufd_fault_list *list,
		     struct iommufd_fault_group *group)
{
	group->event.next = list->first;
	list->first = &group->event;
}

static struct iommufd_fault_group *list_pop(struct iommufd_fault_list *list)
{
	struct iommufd_event *first = list->first;

	if (!first)
		return NULL;
	list->first = first->next;
	return to_group(first);
}

static void answer(struct iommufd_fault_group *group, enum iommu_page_code code)
{
	iommu_page_response(group->idev->dev, group->pasid, group->grpid, code);
	free(group);
}

void iommufd_fault_answer(struct iommufd_fault_list *answers)
{
	struct iommufd_fault_group *group;

	while ((group = list_pop(answers)))
		answer(group, IOMMU_PAGE_INVALID);
}

/* ---- Collecting ---------------------------------------------------- */

/* Where the link to the group is that @req belongs to, or to NULL. Locked. */
static struct iommufd_event **find_partial(struct iommufd_fault *fault,
					   const struct iommufd_hwpt *hwpt,
					   const struct iommufd_device *idev,
					   const struct iommu_page_request *req)
{
	struct iommufd_event **link;
	const struct iommufd_fault_group *group;

	for (link = &fault->partial; *link; link = &(*link)->next) {
		group = to_group(*link);
		if (group->idev == idev && group->hwpt == hwpt &&
		    group->pasid == req->pasid && group->grpid == req->grpid)
			break;
	}
	return link;
}

/*
 * The group at *@link, or a new one, with @req at its end. NULL without memory, and
 * *@link as it was. Locked.
 */
static struct iommufd_fault_group *extend(struct iommufd_event **link,
					  const struct iommu_page_request *req)
{
	struct iommufd_fault_group *old = NULL, *group;
	uint32_t nr = 0;

	if (*link) {
		old = to_group(*link);
		nr = old->nr;
	}
	group = realloc(old, sizeof(*group) + (nr + 1) * sizeof(*req));
	if (!group)
		return NULL;
	if (!old)
		group->event.next = NULL;
	group->req[nr] = *req;
	group->nr = nr + 1;
	*link = &group->event;
	return group;
}

/* Locked. */
static int collect(struct iommufd_fault *fault, struct iommufd_hwpt *hwpt,
		   struct iommufd_device *idev,
		   const struct iommu_page_request *req)
{
	struct iommufd_fault_group *group;
	struct iommufd_event **link;

	if (fault->closed)
		return -ENODEV;
	if (!req->last && fault->nr_partial == MAX_PARTIAL)
		return -ENOSPC;
	link = find_partial(fault, hwpt, idev, req);
	group = extend(link, req);
	if (!group)
		return -ENOMEM;
	group->idev = idev;
	group->hwpt = hwpt;
	group->pasid = req->pasid;
	group->grpid = req->grpid;
	group->cookie = 0;
	if (!req->last) {
		fault->nr_partial++;
		return 0;
	}
	fault->nr_partial -= group->nr - 1;
	*link = group->event.next;
	iommufd_eventq_add(&fault->q, &group->event);
	return 0;
}

/*
 * What came before its last request stays where it is if there is no memory for
 * that: the group is answered as a whole, so it is forgotten as a whole. Locked.
 */
static void forget_partial(struct iommufd_fault *fault,
			   const struct iommufd_hwpt *hwpt,
			   const struct iommufd_device *idev,
			   const struct iommu_page_request *req)
{
	struct iommufd_event **link = find_partial(fault, hwpt, idev, req);
	struct iommufd_fault_group *group;

	if (!*link)
		return;
	group = to_group(*link);
	*link = group->event.next;
	fault->nr_partial -= group->nr;
	free(group);
}

static int report(struct iommu_domain *domain, struct iommu_dev *dev,
		  const struct iommu_page_request *req)
{
	struct iommufd_hwpt *hwpt = domain->owner;
	struct iommufd_fault *fault = hwpt->fault;
	struct iommufd_device *idev = dev->user;
	int rc;

	if (!idev)
		return -ENODEV;
	pthread_mutex_lock(&fault->q.lock);
	rc = collect(fault, hwpt, idev, req);
	if (rc && req->last)
		forget_partial(fault, hwpt, idev, req);
	pthread_mutex_unlock(&fault->q.lock);
	return rc;
}

static const struct iommu_fault_ops fault_ops = { .report = report };

/* ---- Cancelling ---------------------------------------------------- */

/**
 * struct selection - whose groups are cancelled
 * @hwpt: those that met it; NULL = all
 * @idev: and are of this device
 * @pasid: and of this PASID
 */
struct selection {
	const struct iommufd_hwpt *hwpt;
	const struct iommufd_device *idev;
	ioasid_t pasid;
};

static bool selected(const struct selection *sel,
		     const struct iommufd_fault_group *group)
{
	return !sel->hwpt ||
	       (group->hwpt == sel->hwpt && group->idev == sel->idev &&
		group->pasid == sel->pasid);
}

/* A group without its last request: the device does not expect an answer. Locked. */
static void cancel_partial(struct iommufd_fault *fault,
			   const struct selection *sel)
{
	struct iommufd_event **link = &fault->partial;
	struct iommufd_fault_group *group;

	while (*link) {
		group = to_group(*link);
		if (!selected(sel, group)) {
			link = &group->event.next;
			continue;
		}
		*link = group->event.next;
		fault->nr_partial -= group->nr;
		free(group);
	}
}

/* Locked. */
static void cancel_events(struct iommufd_fault *fault,
			  const struct selection *sel,
			  struct iommufd_fault_list *answers)
{
	struct iommufd_event **link = &fault->q.events;

	while (*link) {
		if (selected(sel, to_group(*link)))
			list_add(answers, to_group(iommufd_eventq_take(
						  &fault->q, link)));
		else
			link = &(*link)->next;
	}
}

/* Locked. */
static void cancel_read(struct iommufd_fault *fault,
			const struct selection *sel,
			struct iommufd_fault_list *answers)
{
	uint32_t i;

	for (i = 0; i != fault->read_size; i++) {
		if (!fault->read[i] || !selected(sel, fault->read[i]))
			continue;
		list_add(answers, fault->read[i]);
		fault->read[i] = NULL;
	}
}

static void cancel(struct iommufd_fault *fault, const struct selection *sel,
		   struct iommufd_fault_list *answers)
{
	cancel_partial(fault, sel);
	cancel_events(fault, sel, answers);
	cancel_read(fault, sel, answers);
}

void iommufd_fault_cancel(const struct iommufd_hwpt *hwpt,
			  const struct iommufd_device *idev, ioasid_t pasid,
			  struct iommufd_fault_list *answers)
{
	const struct selection sel = { hwpt, idev, pasid };

	if (!hwpt->fault)
		return;
	pthread_mutex_lock(&hwpt->fault->q.lock);
	cancel(hwpt->fault, &sel, answers);
	pthread_mutex_unlock(&hwpt->fault->q.lock);
}

/* ---- Reading ------------------------------------------------------- */

/* Groups and no parts of them: Linux says -ESPIPE of other lengths. */
static int check_read(size_t count)
{
	return count % sizeof(struct iommu_hwpt_pgfault) ? -ESPIPE : 0;
}

static size_t group_size(const struct iommufd_event *event)
{
	return to_group((struct iommufd_event *)event)->nr *
	       sizeof(struct iommu_hwpt_pgfault);
}

/* The lowest cookie that is free goes to @group. Locked. */
static int give_cookie(struct iommufd_fault *fault,
		       struct iommufd_fault_group *group)
{
	struct iommufd_fault_group **read;
	uint32_t i, size;

	for (i = 0; i != fault->read_size && fault->read[i]; i++)
		;
	if (i == fault->read_size) {
		size = i ? i * 2 : 8;
		read = realloc(fault->read, size * sizeof(*read));
		if (!read)
			return -ENOMEM;
		for (fault->read = read; fault->read_size != size;
		     fault->read_size++)
			read[fault->read_size] = NULL;
	}
	fault->read[i] = group;
	group->cookie = i + 1;
	return 0;
}

static void describe(const struct iommufd_fault_group *group,
		     const struct iommu_page_request *req,
		     struct iommu_hwpt_pgfault *out)
{
	*out = (struct iommu_hwpt_pgfault){
		.dev_id = iommufd_object_id(&group->idev->obj),
		.pasid = req->pasid,
		.grpid = req->grpid,
		.perm = req->perm,
		.addr = req->addr,
		.cookie = group->cookie,
	};
	if (req->pasid != IOMMU_NO_PASID)
		out->flags |= IOMMU_PGFAULT_FLAGS_PASID_VALID;
	if (req->last)
		out->flags |= IOMMU_PGFAULT_FLAGS_LAST_PAGE;
}

/* The client may answer as soon as it sees the cookie: the group can be found. */
static int begin_read(struct iommufd_eventq *q, struct iommufd_event *event,
		      void *buf)
{
	struct iommufd_fault_group *group = to_group(event);
	uint32_t i;
	int rc;

	rc = give_cookie(to_fault(q), group);
	if (rc)
		return rc;
	for (i = 0; i != group->nr; i++)
		describe(group, &group->req[i],
			 (struct iommu_hwpt_pgfault *)buf + i);
	return 0;
}

/* It may have been answered or cancelled meanwhile. */
static void end_read(struct iommufd_eventq *q, struct iommufd_event *event,
		     uint64_t serial, bool copied)
{
	struct iommufd_fault *fault = to_fault(q);
	uint32_t i;

	if (copied)
		return;
	for (i = 0; i != fault->read_size; i++) {
		if (!fault->read[i] || fault->read[i]->event.serial != serial)
			continue;
		fault->read[i] = NULL;
		iommufd_eventq_restore(q, event);
	}
}

/* ---- Answering ----------------------------------------------------- */

/*
 * Keep the device of @group, which was taken out, bound while it is answered.
 * Before a device can no longer be found, unbinding it has taken its groups out.
 * Locked.
 */
static void hold(struct iommufd_fault_group *group)
{
	PORT_WARN_ON(!iommufd_object_try_get(&group->idev->obj));
}

static void answer_held(struct iommufd_fault_group *group,
			enum iommu_page_code code)
{
	struct iommufd_object *obj = &group->idev->obj;

	answer(group, code);
	iommufd_object_put(obj);
}

/* The group that the client calls @cookie, held; NULL: there is none. */
static struct iommufd_fault_group *take_read(struct iommufd_fault *fault,
					     uint32_t cookie)
{
	struct iommufd_fault_group *group = NULL;

	pthread_mutex_lock(&fault->q.lock);
	if (cookie && cookie <= fault->read_size)
		group = fault->read[cookie - 1];
	if (group) {
		fault->read[cookie - 1] = NULL;
		hold(group);
	}
	pthread_mutex_unlock(&fault->q.lock);
	return group;
}

static int respond(struct iommufd_fault *fault,
		   const struct iommu_hwpt_page_response *resp)
{
	struct iommufd_fault_group *group;

	if (resp->code != IOMMUFD_PAGE_RESP_SUCCESS &&
	    resp->code != IOMMUFD_PAGE_RESP_INVALID)
		return -EINVAL;
	group = take_read(fault, resp->cookie);
	if (!group)
		return -EINVAL;
	answer_held(group, resp->code == IOMMUFD_PAGE_RESP_SUCCESS
				   ? IOMMU_PAGE_SUCCESS
				   : IOMMU_PAGE_INVALID);
	return 0;
}

static int64_t fault_write(struct iommufd_eventq *q, struct uiommu_user *user,
			   uint64_t uaddr, size_t count)
{
	struct iommu_hwpt_page_response resp;
	size_t done;
	int rc = 0;

	if (count % sizeof(resp))
		return -ESPIPE;
	for (done = 0; done != count; done += sizeof(resp)) {
		rc = user->ops->copy_in(user, &resp, uaddr + done,
					sizeof(resp));
		if (!rc)
			rc = respond(to_fault(q), &resp);
		if (rc)
			break;
	}
	return done ? (int64_t)done : rc;
}

/* Nobody can answer any more. */
static void fault_closed(struct iommufd_eventq *q)
{
	static const struct selection all = { 0 };
	struct iommufd_fault *fault = to_fault(q);
	struct iommufd_fault_list answers = { 0 };
	struct iommufd_fault_group *group;
	struct iommufd_event *event;

	pthread_mutex_lock(&q->lock);
	fault->closed = true;
	cancel(fault, &all, &answers);
	for (event = answers.first; event; event = event->next)
		hold(to_group(event));
	pthread_mutex_unlock(&q->lock);
	while ((group = list_pop(&answers)))
		answer_held(group, IOMMU_PAGE_INVALID);
}

static const struct iommufd_eventq_ops fault_eventq_ops = {
	.file = IOMMUFD_EVENTQ_FILE("fault"),
	.poll = POLLOUT,
	.check = check_read,
	.size = group_size,
	.begin = begin_read,
	.end = end_read,
	.write = fault_write,
	.closed = fault_closed,
};

/* ---- The object ---------------------------------------------------- */

/* The descriptor is closed and no HWPT is left: there are no groups. */
static void fault_destroy(struct iommufd_object *obj)
{
	struct iommufd_fault *fault = to_fault(iommufd_eventq_of(obj));

	iommufd_eventq_fini(&fault->q);
	free(fault->read);
	free(fault);
}

int iommufd_fault_alloc_ioctl(struct iommufd_request *req)
{
	struct iommu_fault_alloc *cmd = &req->cmd.fault_alloc;
	struct iommufd_fault *fault;
	int rc;

	if (cmd->flags)
		return -EOPNOTSUPP;
	fault = calloc(1, sizeof(*fault));
	if (!fault)
		return -ENOMEM;
	rc = iommufd_eventq_init(req->ctx, &fault->q, IOMMUFD_FAULT,
				 &fault_eventq_ops, fault_destroy);
	if (rc) {
		free(fault);
		return rc;
	}
	cmd->out_fault_id = iommufd_object_id(&fault->q.obj);
	rc = iommufd_eventq_open(req, &fault->q, &cmd->out_fault_fd);
	if (rc)
		iommufd_object_abort(&fault->q.obj);
	return rc;
}

/* ---- HWPTs --------------------------------------------------------- */

int iommufd_fault_connect(struct iommufd_hwpt *hwpt, uint32_t id)
{
	struct iommufd_object *obj;

	obj = iommufd_object_get(hwpt->obj.ctx, id, IOMMUFD_FAULT);
	if (!obj)
		return -ENOENT;
	iommufd_object_use(obj);
	iommufd_object_put(obj);
	hwpt->fault = to_fault(iommufd_eventq_of(obj));
	hwpt->domain->fault_ops = &fault_ops;
	return 0;
}

void iommufd_fault_disconnect(struct iommufd_hwpt *hwpt)
{
	if (!hwpt->fault)
		return;
	iommufd_object_unuse(&hwpt->fault->q.obj);
	hwpt->fault = NULL;
}

int iommufd_fault_check(const struct iommufd_hwpt *hwpt, struct iommu_dev *dev)
{
	if (hwpt->fault && !iommu_dev_capable(dev, IOMMU_CAP_PAGE_REQUESTS))
		return -ENODEV;
	return 0;
}
