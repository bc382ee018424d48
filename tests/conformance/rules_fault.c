/* SPDX-License-Identifier: MIT */
/*
 * Fault queues, as far as they go without a device that asks for pages.
 */
#include <poll.h>

#include "client.h"

static uint32_t new_queue(struct client *c, int *fd)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };

	is(c, call(c, IOMMU_FAULT_QUEUE_ALLOC, &cmd), 0);
	*fd = keep(c, (int)cmd.out_fault_fd);
	holds(c, *fd >= 0);
	return cmd.out_fault_id;
}

static void flags(struct client *c, const void *arg)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd), .flags = 1 };

	is(c, call(c, IOMMU_FAULT_QUEUE_ALLOC, &cmd), -EOPNOTSUPP);
}

static void lives(struct client *c, const void *arg)
{
	uint32_t id;
	int fd;

	id = new_queue(c, &fd);
	is(c, destroy(c, id), -EBUSY);
	shut(c, fd);
	is(c, destroy(c, id), 0);
}

static void outlives(struct client *c, const void *arg)
{
	uint8_t event[sizeof(struct iommu_hwpt_pgfault)];
	int fd;

	new_queue(c, &fd);
	sys_close(c->fd);
	c->fd = -1;
	is(c, sys_read(fd, event, sizeof(event)), 0);
}

static void empty(struct client *c, const void *arg)
{
	struct iommu_hwpt_pgfault event[4];
	int fd;

	new_queue(c, &fd);
	is(c, sys_poll(fd) & POLLIN, 0);
	holds(c, sys_poll(fd) & POLLOUT);
	is(c, sys_read(fd, event, sizeof(event[0])), 0);
	is(c, sys_read(fd, event, sizeof(event)), 0);
}

static void read_sizes(struct client *c, const void *arg)
{
	struct iommu_hwpt_pgfault event;
	int fd;

	new_queue(c, &fd);
	holds(c, sys_read(fd, &event, sizeof(event) - 1) < 0);
	holds(c, sys_read(fd, &event, 1) < 0);
}

static void write_sizes(struct client *c, const void *arg)
{
	struct iommu_hwpt_page_response answer = { 0 };
	int fd;

	new_queue(c, &fd);
	holds(c, sys_write(fd, &answer, sizeof(answer) - 1) < 0);
	holds(c, sys_write(fd, &answer, 1) < 0);
}

static void write_cookie(struct client *c, const void *arg)
{
	struct iommu_hwpt_page_response answer = {
		.cookie = 1,
		.code = IOMMUFD_PAGE_RESP_SUCCESS,
	};
	int fd;

	new_queue(c, &fd);
	is(c, sys_write(fd, &answer, sizeof(answer)), -EINVAL);
	answer.code = 2;
	is(c, sys_write(fd, &answer, sizeof(answer)), -EINVAL);
}

static void used_by_hwpt(struct client *c, const void *arg)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.pt_id = new_ioas(c),
	};
	uint32_t id;
	long rc;
	int fd;

	id = new_queue(c, &fd);
	bind_device(c);
	cmd.dev_id = c->devid;
	cmd.fault_id = id;
	rc = call(c, IOMMU_HWPT_ALLOC, &cmd);
	if (rc == -EOPNOTSUPP)
		skip(c, "needs an IOMMU with page requests");
	is(c, rc, 0);
	shut(c, fd);
	is(c, destroy(c, id), -EBUSY);
	is(c, destroy(c, cmd.out_hwpt_id), 0);
	is(c, destroy(c, id), 0);
}

static const struct rule rules[] = {
	{ "FAULT_QUEUE_ALLOC: an unknown flag is EOPNOTSUPP", flags, NULL },
	{ "FAULT_QUEUE_ALLOC: the queue is in use as long as its descriptor is "
	  "open",
	  lives, NULL },
	{ "a fault queue's descriptor outlives that of its context", outlives,
	  NULL },
	{ "a fault queue that is empty can be written to, and a read gives 0",
	  empty, NULL },
	{ "a fault queue is read in whole events only", read_sizes, NULL },
	{ "a fault queue is written in whole responses only", write_sizes,
	  NULL },
	{ "a response to no fault is EINVAL", write_cookie, NULL },
	{ "a fault queue is in use as long as a HWPT reports to it",
	  used_by_hwpt, NULL },
};

const struct rules fault_rules = RULES(rules);
