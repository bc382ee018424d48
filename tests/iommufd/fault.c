/* SPDX-License-Identifier: MIT */
/*
 * Fault queues: page requests of devices are read, answered, cancelled. The device
 * is played by this file: it sends page requests through the software IOMMU and
 * keeps what it is answered.
 */
#include "rig.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include <uiommu/uiommu.h>

#define IOVA 0x10000000ULL

#define MAX_ANSWERS 4096

/**
 * struct device - what device @n of the rig does
 * @ep: where answers go
 * @nr: how many came
 * @answer: the last ones, in order
 */
struct device {
	struct soft_endpoint ep;
	unsigned int nr;
	struct answer {
		uint32_t pasid;
		uint32_t group;
		enum soft_page_code code;
	} answer[MAX_ANSWERS];
};

/**
 * struct scene - a rig whose devices can send page requests
 * @ioas: an IOAS
 * @fault: a fault queue
 * @fd: its descriptor
 * @hwpt: a page table of @ioas whose faults go there
 * @dev: the devices
 */
struct scene {
	struct rig *rig;
	uint32_t ioas;
	uint32_t fault;
	uint32_t fd;
	uint32_t hwpt;
	struct device dev[RIG_DEVICES];
};

static void on_response(struct soft_endpoint *ep, uint32_t pasid,
			uint32_t group, enum soft_page_code code)
{
	struct device *dev = (struct device *)ep;
	unsigned int nr = __atomic_fetch_add(&dev->nr, 1, __ATOMIC_ACQ_REL);

	dev->answer[nr % MAX_ANSWERS] = (struct answer){ pasid, group, code };
}

static long fault_alloc(struct rig *rig, uint32_t *id, uint32_t *fd)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	long rc = rig_ioctl(rig, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	*id = cmd.out_fault_id;
	*fd = cmd.out_fault_fd;
	return rc;
}

static long fault_hwpt(struct scene *s, unsigned int n, uint32_t flags,
		       uint32_t fault, uint32_t *id)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags | IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = s->rig->idev_id[n],
		.pt_id = s->ioas,
		.fault_id = fault,
	};
	long rc = rig_ioctl(s->rig, IOMMU_HWPT_ALLOC, &cmd);

	*id = cmd.out_hwpt_id;
	return rc;
}

static const struct soft_device_caps caps = {
	.pasid_bits = 20,
	.ats = true,
	.page_requests = true,
};

static int scene_setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	unsigned int i;

	s->rig = rig_new("vtdss");
	for (i = 0; i != RIG_DEVICES; i++) {
		soft_driver_set_caps(s->rig->dev[i], &caps);
		s->dev[i].ep.rid = RIG_RID(i);
		s->dev[i].ep.response = on_response;
		soft_iommu_connect(s->rig->hw, &s->dev[i].ep);
	}
	rig_bind(s->rig, 0);
	rig_bind(s->rig, 1);
	s->ioas = rig_ioas(s->rig);
	assert_int_equal(fault_alloc(s->rig, &s->fault, &s->fd), 0);
	assert_int_equal(fault_hwpt(s, 0, IOMMU_HWPT_ALLOC_PASID, s->fault,
				    &s->hwpt),
			 0);
	*state = s;
	return 0;
}

static int scene_teardown(void **state)
{
	struct scene *s = *state;
	unsigned int i;

	/* Its requests are answered when the queue is closed. */
	for (i = 0; i != RIG_NR_FDS; i++)
		if (s->rig->files[i])
			rig_close(s->rig, RIG_NEW_FD + i);
	for (i = 0; i != RIG_DEVICES; i++)
		soft_iommu_disconnect(s->rig->hw, &s->dev[i].ep);
	rig_free(s->rig);
	free(s);
	return 0;
}

static void attach(struct scene *s, unsigned int n, uint32_t hwpt)
{
	assert_int_equal(rig_attach(s->rig, n, &hwpt), 0);
}

static void attach_pasid(struct scene *s, unsigned int n, ioasid_t pasid,
			 uint32_t hwpt)
{
	assert_int_equal(
		iommufd_device_attach_pasid(s->rig->idev[n], pasid, &hwpt), 0);
}

static void ask(struct scene *s, unsigned int n, uint32_t pasid, uint32_t group,
		uint64_t va, bool last)
{
	const struct soft_page_request req = {
		.rid = RIG_RID(n),
		.pasid = pasid,
		.va = va,
		.access = SOFT_READ | SOFT_WRITE,
		.group = group,
		.last = last,
	};

	soft_iommu_page_request(s->rig->hw, &req);
}

/* The device got one answer since it had @before. */
static void check_answer(struct device *dev, unsigned int before,
			 uint32_t pasid, uint32_t group,
			 enum soft_page_code code)
{
	assert_int_equal(dev->nr, before + 1);
	assert_int_equal(dev->answer[before].pasid, pasid);
	assert_int_equal(dev->answer[before].group, group);
	assert_int_equal(dev->answer[before].code, code);
}

#define FAULT_SIZE sizeof(struct iommu_hwpt_pgfault)
#define RESP_SIZE  sizeof(struct iommu_hwpt_page_response)

static int64_t respond(struct scene *s, uint32_t cookie, uint32_t code)
{
	const struct iommu_hwpt_page_response resp = { cookie, code };

	return rig_write(s->rig, s->fd, &resp, sizeof(resp));
}

static short polled(struct scene *s)
{
	return uiommu_poll(rig_file(s->rig, s->fd));
}

/* ---- The queue as an object ---------------------------------------- */

static void test_alloc(void **state)
{
	struct scene *s = *state;
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd), .flags = 1 };
	uint32_t id, fd, hwpt;

	assert_int_equal(rig_ioctl(s->rig, IOMMU_FAULT_QUEUE_ALLOC, &cmd),
			 -EOPNOTSUPP);
	cmd = (struct iommu_fault_alloc){ .size = 12 };
	assert_int_equal(rig_ioctl(s->rig, IOMMU_FAULT_QUEUE_ALLOC, &cmd),
			 -EINVAL);
	assert_int_equal(fault_alloc(s->rig, &id, &fd), 0);
	assert_true(id && id != s->fault && fd != s->fd);
	/* The open descriptor uses it, then an HWPT does. */
	assert_int_equal(rig_destroy(s->rig, id), -EBUSY);
	assert_int_equal(fault_hwpt(s, 0, 0, id, &hwpt), 0);
	rig_close(s->rig, fd);
	assert_int_equal(rig_destroy(s->rig, id), -EBUSY);
	assert_int_equal(rig_destroy(s->rig, hwpt), 0);
	assert_int_equal(rig_destroy(s->rig, id), 0);
	assert_int_equal(rig_destroy(s->rig, id), -ENOENT);
	assert_int_equal(fault_hwpt(s, 0, 0, id, &hwpt), -ENOENT);
	assert_int_equal(fault_hwpt(s, 0, 0, s->ioas, &hwpt), -ENOENT);
	assert_int_equal(fault_hwpt(s, 0, IOMMU_HWPT_ALLOC_NEST_PARENT,
				    s->fault, &hwpt),
			 -EOPNOTSUPP);
	/* It has no other file operations. */
	assert_int_equal(uiommu_ioctl(rig_file(s->rig, s->fd), &s->rig->user,
				      IOMMU_DESTROY, 0),
			 -ENOTTY);
	assert_int_equal(uiommu_mmap(rig_file(s->rig, s->fd), 0, PAGE, 0, 0),
			 -ENODEV);
}

/* No descriptor, or nowhere to write its number: nothing is left. */
static void test_alloc_fails(void **state)
{
	struct scene *s = *state;
	struct iommu_fault_alloc *cmd;
	struct rig_snapshot before;
	uint32_t id[RIG_NR_FDS], fd[RIG_NR_FDS];
	unsigned int i;

	cmd = (struct iommu_fault_alloc *)s->rig->mem.va;
	*cmd = (struct iommu_fault_alloc){ .size = sizeof(*cmd) };
	rig_snapshot(s->rig, &before);
	s->rig->bad_start = s->rig->bad_last = (uintptr_t)&cmd->out_fault_fd;
	assert_int_equal(rig_ioctl(s->rig, IOMMU_FAULT_QUEUE_ALLOC, cmd),
			 -EFAULT);
	s->rig->bad_start = s->rig->bad_last = UINT64_MAX;
	rig_same(s->rig, &before);
	for (i = 1; i != RIG_NR_FDS; i++)
		assert_int_equal(fault_alloc(s->rig, &id[i], &fd[i]), 0);
	assert_int_equal(fault_alloc(s->rig, &id[0], &fd[0]), -EMFILE);
	for (i = 1; i != RIG_NR_FDS; i++) {
		rig_close(s->rig, fd[i]);
		assert_int_equal(rig_destroy(s->rig, id[i]), 0);
	}
	rig_same(s->rig, &before);
}

/* The open queue keeps the context, its IOAS and all that is pinned for it. */
static void test_outlives_context(void **state)
{
	struct scene *s = *state;
	struct rig *rig = s->rig;
	char buf[FAULT_SIZE];

	assert_int_equal(rig_map_at(rig, s->ioas, 0, PAGE, IOVA), 0);
	rig_unbind(rig, 0);
	rig_unbind(rig, 1);
	uiommu_file_put(rig->fd);
	rig->fd = NULL;
	assert_int_equal(rig->mem.pinned, 1);
	assert_int_equal(rig_read(rig, s->fd, buf, sizeof(buf)), 0);
	rig_close(rig, s->fd);
	assert_int_equal(rig->mem.pinned, 0);
}

/* A device that cannot send page requests is not attached in vain. */
static void test_incapable(void **state)
{
	static const struct soft_device_caps none = { .pasid_bits = 20 };
	struct scene *s = *state;
	uint32_t pt = s->hwpt, plain;

	soft_driver_set_caps(s->rig->dev[1], &none);
	assert_int_equal(rig_attach(s->rig, 1, &pt), -ENODEV);
	assert_int_equal(iommufd_device_attach_pasid(s->rig->idev[1], 5, &pt),
			 -ENODEV);
	assert_int_equal(rig_hwpt(s->rig, 1, s->ioas, &plain), 0);
	attach(s, 1, plain);
	assert_int_equal(rig_attach(s->rig, 1, &pt), -ENODEV);
	/* It is where it was. */
	assert_int_equal(rig_map_at(s->rig, s->ioas, 0, PAGE, IOVA), 0);
	rig_check(s->rig, 1, IOVA, 0, PAGE);
}

/* ---- Reading and answering ----------------------------------------- */

static void test_one(void **state)
{
	struct scene *s = *state;
	struct iommu_hwpt_pgfault f, *none = NULL;

	attach(s, 0, s->hwpt);
	assert_int_equal(polled(s), POLLOUT);
	assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)), 0);
	ask(s, 0, 0, 7, IOVA, true);
	assert_int_equal(polled(s), POLLIN | POLLRDNORM | POLLOUT);
	memset(&f, 0xaa, sizeof(f));
	assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)), sizeof(f));
	assert_int_equal(polled(s), POLLOUT);
	assert_int_equal(f.flags, IOMMU_PGFAULT_FLAGS_LAST_PAGE);
	assert_int_equal(f.dev_id, s->rig->idev_id[0]);
	assert_int_equal(f.pasid, 0);
	assert_int_equal(f.grpid, 7);
	assert_int_equal(f.perm,
			 IOMMU_PGFAULT_PERM_READ | IOMMU_PGFAULT_PERM_WRITE);
	assert_int_equal(f.__reserved, 0);
	assert_int_equal(f.addr, IOVA);
	assert_int_equal(f.length, 0);
	assert_int_equal(f.cookie, 1);
	assert_int_equal(s->dev[0].nr, 0);
	assert_int_equal(respond(s, 1, IOMMUFD_PAGE_RESP_SUCCESS), RESP_SIZE);
	check_answer(&s->dev[0], 0, 0, 7, SOFT_PAGE_SUCCESS);
	/* Once. */
	assert_int_equal(respond(s, 1, IOMMUFD_PAGE_RESP_SUCCESS), -EINVAL);
	assert_int_equal(s->dev[0].nr, 1);
	/* The cookie is free again. */
	ask(s, 0, 0, 8, IOVA, true);
	assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)), sizeof(f));
	assert_int_equal(f.cookie, 1);
	assert_int_equal(respond(s, 1, IOMMUFD_PAGE_RESP_INVALID), RESP_SIZE);
	check_answer(&s->dev[0], 1, 0, 8, SOFT_PAGE_INVALID);
	assert_int_equal(rig_read(s->rig, s->fd, none, 0), 0);
}

static void test_permissions(void **state)
{
	struct scene *s = *state;
	struct soft_page_request req = {
		.rid = RIG_RID(0),
		.pasid = 9,
		.va = IOVA,
		.access = SOFT_EXEC,
		.privileged = true,
		.last = true,
	};
	struct iommu_hwpt_pgfault f;

	attach_pasid(s, 0, 9, s->hwpt);
	soft_iommu_page_request(s->rig->hw, &req);
	assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)), sizeof(f));
	assert_int_equal(f.flags, IOMMU_PGFAULT_FLAGS_LAST_PAGE |
					  IOMMU_PGFAULT_FLAGS_PASID_VALID);
	assert_int_equal(f.pasid, 9);
	assert_int_equal(f.perm,
			 IOMMU_PGFAULT_PERM_EXEC | IOMMU_PGFAULT_PERM_PRIV);
	assert_int_equal(respond(s, f.cookie, IOMMUFD_PAGE_RESP_SUCCESS),
			 RESP_SIZE);
	check_answer(&s->dev[0], 0, 9, 0, SOFT_PAGE_SUCCESS);
}

/* The requests of a group come together, however they were sent. */
static void test_groups(void **state)
{
	struct scene *s = *state;
	struct iommu_hwpt_pgfault f[64];
	unsigned int i;

	attach(s, 0, s->hwpt);
	attach(s, 1, s->hwpt);
	attach_pasid(s, 0, 3, s->hwpt);
	ask(s, 0, 0, 1, IOVA, false);
	ask(s, 1, 0, 1, 2 * IOVA, false);
	ask(s, 0, 3, 1, 3 * IOVA, false);
	ask(s, 0, 0, 1, IOVA + PAGE, false);
	assert_int_equal(polled(s), POLLOUT);
	assert_int_equal(rig_read(s->rig, s->fd, f, sizeof(f)), 0);
	ask(s, 1, 0, 1, 2 * IOVA + PAGE, true);
	ask(s, 0, 0, 1, IOVA + 2 * PAGE, true);
	assert_int_equal(rig_read(s->rig, s->fd, f, sizeof(f)), 5 * FAULT_SIZE);
	for (i = 0; i != 5; i++) {
		assert_int_equal(f[i].grpid, 1);
		assert_int_equal(f[i].pasid, 0);
		assert_int_equal(f[i].cookie, i < 2 ? 1 : 2);
		assert_int_equal(f[i].dev_id, s->rig->idev_id[i < 2 ? 1 : 0]);
		assert_int_equal(
			f[i].flags,
			i == 1 || i == 4 ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0);
		assert_int_equal(f[i].addr, i < 2 ? 2 * IOVA + i * PAGE
						  : IOVA + (i - 2) * PAGE);
	}
	assert_int_equal(respond(s, 2, IOMMUFD_PAGE_RESP_SUCCESS), RESP_SIZE);
	check_answer(&s->dev[0], 0, 0, 1, SOFT_PAGE_SUCCESS);
	assert_int_equal(s->dev[1].nr, 0);
	ask(s, 0, 3, 1, 3 * IOVA + PAGE, true);
	assert_int_equal(rig_read(s->rig, s->fd, f, sizeof(f)), 2 * FAULT_SIZE);
	assert_int_equal(f[1].pasid, 3);
	assert_int_equal(f[1].cookie, 2);
	/* A large group is read at once, by way of the heap. */
	for (i = 0; i != 64; i++)
		ask(s, 0, 0, 2, IOVA + i * PAGE, i == 63);
	assert_int_equal(rig_read(s->rig, s->fd, f, sizeof(f)),
			 64 * FAULT_SIZE);
	assert_int_equal(f[63].addr, IOVA + 63 * PAGE);
}

/* Whole groups, as many as fit. */
static void test_read_sizes(void **state)
{
	struct scene *s = *state;
	struct iommu_hwpt_pgfault f[8];

	attach(s, 0, s->hwpt);
	ask(s, 0, 0, 1, IOVA, true);
	ask(s, 0, 0, 2, IOVA, false);
	ask(s, 0, 0, 2, IOVA + PAGE, true);
	ask(s, 0, 0, 3, IOVA, true);
	assert_int_equal(rig_read(s->rig, s->fd, f, 1), -ESPIPE);
	assert_int_equal(rig_read(s->rig, s->fd, f, FAULT_SIZE - 1), -ESPIPE);
	assert_int_equal(rig_read(s->rig, s->fd, f, FAULT_SIZE + 8), -ESPIPE);
	assert_int_equal(uiommu_read(rig_file(s->rig, s->fd), &s->rig->user,
				     (uintptr_t)f, FAULT_SIZE, 40),
			 -ESPIPE);
	assert_int_equal(rig_read(s->rig, s->fd, f, 0), -EINVAL);
	assert_int_equal(rig_read(s->rig, s->fd, f, 2 * FAULT_SIZE),
			 FAULT_SIZE);
	assert_int_equal(f[0].grpid, 1);
	assert_int_equal(rig_read(s->rig, s->fd, f, FAULT_SIZE), -EINVAL);
	assert_int_equal(polled(s) & POLLIN, POLLIN);
	assert_int_equal(rig_read(s->rig, s->fd, f, 8 * FAULT_SIZE),
			 3 * FAULT_SIZE);
	assert_int_equal(f[0].grpid, 2);
	assert_int_equal(f[2].grpid, 3);
	assert_int_equal(f[2].cookie, 3);
	assert_int_equal(rig_read(s->rig, s->fd, f, 8 * FAULT_SIZE), 0);
}

/* What the client's memory does not take is there for the next read. */
static void test_read_faults(void **state)
{
	struct scene *s = *state;
	struct iommu_hwpt_pgfault *f = (void *)s->rig->mem.va;
	struct rig *rig = s->rig;

	attach(s, 0, s->hwpt);
	ask(s, 0, 0, 1, IOVA, true);
	ask(s, 0, 0, 2, IOVA, true);
	rig->bad_start = rig->bad_last = (uintptr_t)&f[1].addr;
	assert_int_equal(rig_read(rig, s->fd, &f[1], FAULT_SIZE), -EFAULT);
	assert_int_equal(polled(s) & POLLIN, POLLIN);
	assert_int_equal(respond(s, 1, 0), -EINVAL);
	/* The first fits in front of the hole. */
	assert_int_equal(rig_read(rig, s->fd, f, 2 * FAULT_SIZE), FAULT_SIZE);
	assert_int_equal(f[0].grpid, 1);
	rig->bad_start = rig->bad_last = UINT64_MAX;
	assert_int_equal(rig_read(rig, s->fd, f, 2 * FAULT_SIZE), FAULT_SIZE);
	assert_int_equal(f[0].grpid, 2);
	assert_int_equal(f[0].cookie, 2);
	assert_int_equal(respond(s, 1, 0), RESP_SIZE);
	assert_int_equal(respond(s, 2, 0), RESP_SIZE);
	assert_int_equal(s->dev[0].nr, 2);
}

static void test_write(void **state)
{
	struct scene *s = *state;
	struct iommu_hwpt_page_response *r = (void *)s->rig->mem.va;
	struct iommu_hwpt_pgfault f[4];
	struct rig *rig = s->rig;
	uint32_t i;

	attach(s, 0, s->hwpt);
	for (i = 0; i != 4; i++)
		ask(s, 0, 0, i, IOVA, true);
	assert_int_equal(respond(s, 1, 0), -EINVAL);
	assert_int_equal(rig_read(rig, s->fd, f, sizeof(f)), sizeof(f));
	assert_int_equal(rig_write(rig, s->fd, r, 0), 0);
	assert_int_equal(rig_write(rig, s->fd, r, 4), -ESPIPE);
	assert_int_equal(rig_write(rig, s->fd, r, 12), -ESPIPE);
	assert_int_equal(uiommu_write(rig_file(rig, s->fd), &rig->user,
				      (uintptr_t)r, 8, 8),
			 -ESPIPE);
	assert_int_equal(respond(s, 0, 0), -EINVAL);
	assert_int_equal(respond(s, 5, 0), -EINVAL);
	assert_int_equal(respond(s, UINT32_MAX, 0), -EINVAL);
	assert_int_equal(respond(s, 1, 2), -EINVAL);
	assert_int_equal(s->dev[0].nr, 0);
	/* Several at once, in any order, up to the first that is wrong. */
	r[0] = (struct iommu_hwpt_page_response){ 3, 1 };
	r[1] = (struct iommu_hwpt_page_response){ 1, 0 };
	r[2] = (struct iommu_hwpt_page_response){ 3, 0 };
	r[3] = (struct iommu_hwpt_page_response){ 2, 0 };
	assert_int_equal(rig_write(rig, s->fd, r, 4 * RESP_SIZE),
			 2 * RESP_SIZE);
	assert_int_equal(s->dev[0].nr, 2);
	assert_int_equal(s->dev[0].answer[0].group, 2);
	assert_int_equal(s->dev[0].answer[0].code, SOFT_PAGE_INVALID);
	assert_int_equal(s->dev[0].answer[1].group, 0);
	/* Or to the end of the memory. */
	rig->bad_start = rig->bad_last = (uintptr_t)&r[4];
	assert_int_equal(rig_write(rig, s->fd, &r[3], 2 * RESP_SIZE),
			 RESP_SIZE);
	assert_int_equal(rig_write(rig, s->fd, &r[4], RESP_SIZE), -EFAULT);
	rig->bad_start = rig->bad_last = UINT64_MAX;
	assert_int_equal(s->dev[0].nr, 3);
	assert_int_equal(respond(s, 4, 0), RESP_SIZE);
	assert_int_equal(s->dev[0].nr, 4);
}

/* More than the table of cookies begins with. */
static void test_many(void **state)
{
	struct scene *s = *state;
	struct iommu_hwpt_pgfault f;
	uint32_t i;

	attach(s, 0, s->hwpt);
	for (i = 1; i <= 500; i++) {
		ask(s, 0, 0, i, IOVA, true);
		assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)),
				 sizeof(f));
		assert_int_equal(f.cookie, i);
	}
	for (i = 500; i; i -= 5)
		assert_int_equal(respond(s, i, 0), RESP_SIZE);
	assert_int_equal(s->dev[0].nr, 100);
	for (i = 1; i <= 100; i++) {
		ask(s, 0, 0, i, IOVA, true);
		assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)),
				 sizeof(f));
		assert_int_equal(f.cookie, 5 * i);
	}
}

/* ---- Requests that nobody handles ---------------------------------- */

static void test_refused(void **state)
{
	struct scene *s = *state;
	uint32_t plain;

	/* Attached to nothing, to a page table without a queue, a PASID unknown. */
	ask(s, 0, 0, 1, IOVA, false);
	assert_int_equal(s->dev[0].nr, 0);
	ask(s, 0, 0, 1, IOVA, true);
	check_answer(&s->dev[0], 0, 0, 1, SOFT_PAGE_INVALID);
	assert_int_equal(rig_hwpt(s->rig, 0, s->ioas, &plain), 0);
	attach(s, 0, plain);
	ask(s, 0, 0, 2, IOVA, true);
	check_answer(&s->dev[0], 1, 0, 2, SOFT_PAGE_INVALID);
	attach(s, 0, s->hwpt);
	ask(s, 0, 77, 3, IOVA, true);
	check_answer(&s->dev[0], 2, 77, 3, SOFT_PAGE_INVALID);
	/* A device that nobody has bound. */
	ask(s, 2, 0, 4, IOVA, true);
	check_answer(&s->dev[2], 0, 0, 4, SOFT_PAGE_INVALID);
	assert_int_equal(polled(s), POLLOUT);
}

/* A device that never ends its groups does not eat up the memory. */
static void test_endless(void **state)
{
	struct scene *s = *state;
	struct rig_snapshot before, after;
	uint32_t i;

	attach(s, 0, s->hwpt);
	for (i = 0; i != 5000; i++)
		ask(s, 0, 0, i % 4, IOVA, false);
	rig_snapshot(s->rig, &before);
	for (i = 0; i != 1000; i++)
		ask(s, 0, 0, 1000 + i, IOVA, false);
	rig_snapshot(s->rig, &after);
	assert_int_equal(before.allocations, after.allocations);
	/* Ended, it is one group, and there is room again. */
	for (i = 0; i != 4; i++)
		ask(s, 0, 0, i, IOVA, true);
	ask(s, 0, 0, 9, IOVA, false);
	rig_snapshot(s->rig, &before);
	assert_int_equal(before.allocations, after.allocations + 1);
	iommufd_device_detach(s->rig->idev[0]);
	assert_int_equal(s->dev[0].nr, 4);
}

/* ---- Cancelling ---------------------------------------------------- */

/* A group of one request; its cookie. */
static uint32_t read_one(struct scene *s)
{
	struct iommu_hwpt_pgfault f;

	assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)), sizeof(f));
	return f.cookie;
}

/* One group that was read, one that was not, one without an end. */
static uint32_t leave_three(struct scene *s, unsigned int n, uint32_t pasid)
{
	struct iommu_hwpt_pgfault f;

	ask(s, n, pasid, 10, IOVA, true);
	ask(s, n, pasid, 11, IOVA, true);
	ask(s, n, pasid, 12, IOVA, false);
	assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)), sizeof(f));
	assert_int_equal(f.grpid, 10);
	return f.cookie;
}

static void check_cancelled(struct scene *s, unsigned int n, uint32_t pasid,
			    uint32_t cookie)
{
	struct device *dev = &s->dev[n];
	unsigned int i, seen = 0;

	assert_int_equal(dev->nr, 2);
	for (i = 0; i != 2; i++) {
		assert_int_equal(dev->answer[i].code, SOFT_PAGE_INVALID);
		assert_int_equal(dev->answer[i].pasid, pasid);
		seen |= 1U << (dev->answer[i].group - 10);
	}
	assert_int_equal(seen, 3);
	dev->nr = 0;
	if (!s->rig->files[s->fd - RIG_NEW_FD])
		return;
	assert_int_equal(polled(s), POLLOUT);
	assert_int_equal(respond(s, cookie, 0), -EINVAL);
}

static void test_cancel_each_way(void **state)
{
	struct scene *s = *state;
	struct rig *rig = s->rig;
	uint32_t plain, cookie;

	assert_int_equal(rig_hwpt(rig, 0, s->ioas, &plain), 0);
	/* Detach. */
	attach(s, 0, s->hwpt);
	cookie = leave_three(s, 0, 0);
	iommufd_device_detach(rig->idev[0]);
	check_cancelled(s, 0, 0, cookie);
	/* Replace; by the same is no change. */
	attach(s, 0, s->hwpt);
	/* What had begun before is no part of what comes now. */
	ask(s, 0, 0, 12, IOVA, true);
	assert_int_equal(respond(s, read_one(s), 0), RESP_SIZE);
	s->dev[0].nr = 0;
	cookie = leave_three(s, 0, 0);
	attach(s, 0, s->hwpt);
	assert_int_equal(s->dev[0].nr, 0);
	attach(s, 0, plain);
	check_cancelled(s, 0, 0, cookie);
	iommufd_device_detach(rig->idev[0]);
	/* A PASID: detach, replace. */
	attach_pasid(s, 0, 6, s->hwpt);
	cookie = leave_three(s, 0, 6);
	iommufd_device_detach_pasid(rig->idev[0], 6);
	check_cancelled(s, 0, 6, cookie);
	attach_pasid(s, 0, 6, s->hwpt);
	cookie = leave_three(s, 0, 6);
	/* Not by what happens to others. */
	attach_pasid(s, 0, 7, s->hwpt);
	attach(s, 0, s->hwpt);
	iommufd_device_detach_pasid(rig->idev[0], 7);
	iommufd_device_detach(rig->idev[0]);
	assert_int_equal(s->dev[0].nr, 0);
	iommufd_device_detach_pasid(rig->idev[0], 6);
	check_cancelled(s, 0, 6, cookie);
	/* Unbind. */
	attach(s, 0, s->hwpt);
	cookie = leave_three(s, 0, 0);
	rig_unbind(rig, 0);
	check_cancelled(s, 0, 0, cookie);
}

static void test_cancel_pasid_replace(void **state)
{
	struct scene *s = *state;
	uint32_t other, cookie;

	assert_int_equal(
		fault_hwpt(s, 0, IOMMU_HWPT_ALLOC_PASID, s->fault, &other), 0);
	attach_pasid(s, 0, 6, s->hwpt);
	cookie = leave_three(s, 0, 6);
	assert_int_equal(
		iommufd_device_replace_pasid(s->rig->idev[0], 6, &other), 0);
	check_cancelled(s, 0, 6, cookie);
	/* New ones meet the new page table, and the same queue. */
	cookie = leave_three(s, 0, 6);
	iommufd_device_detach_pasid(s->rig->idev[0], 6);
	check_cancelled(s, 0, 6, cookie);
}

/* The client closes the queue: nobody can answer, now or later. */
static void test_cancel_close(void **state)
{
	struct scene *s = *state;
	struct iommu_hwpt_pgfault f;

	attach(s, 0, s->hwpt);
	attach(s, 1, s->hwpt);
	ask(s, 1, 0, 5, IOVA, true);
	assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)), sizeof(f));
	leave_three(s, 0, 0);
	rig_close(s->rig, s->fd);
	check_cancelled(s, 0, 0, 0);
	check_answer(&s->dev[1], 0, 0, 5, SOFT_PAGE_INVALID);
	ask(s, 0, 0, 20, IOVA, true);
	check_answer(&s->dev[0], 0, 0, 20, SOFT_PAGE_INVALID);
	/* DMA goes on. */
	assert_int_equal(rig_map_at(s->rig, s->ioas, 0, PAGE, IOVA), 0);
	rig_check(s->rig, 0, IOVA, 0, PAGE);
	assert_int_equal(rig_destroy(s->rig, s->fault), -EBUSY);
}

/* ---- Failures and races -------------------------------------------- */

static void test_no_memory(void **state)
{
	struct scene *s = *state;
	struct iommu_hwpt_pgfault f[64];
	unsigned int n, i;

	attach(s, 0, s->hwpt);
	/* A request that cannot be kept is refused with its group. */
	for (n = 1;; n++) {
		s->dev[0].nr = 0;
		rig_fail_nth(n);
		ask(s, 0, 0, 1, IOVA, false);
		ask(s, 0, 0, 1, IOVA, true);
		if (rig_failed() == RIG_FAIL_NONE)
			break;
		rig_fail_nth(0);
		if (n == 1) /* the first is lost, the second is a group */
			assert_int_equal(rig_read(s->rig, s->fd, f, sizeof(f)),
					 FAULT_SIZE);
		else
			check_answer(&s->dev[0], 0, 0, 1, SOFT_PAGE_INVALID);
		assert_int_equal(rig_read(s->rig, s->fd, f, sizeof(f)), 0);
	}
	rig_fail_nth(0);
	assert_int_equal(n, 3);
	assert_int_equal(rig_read(s->rig, s->fd, f, sizeof(f)), 2 * FAULT_SIZE);
	/* Reading takes memory for more cookies, and for large groups. */
	for (i = 0; i != 8; i++)
		ask(s, 0, 0, i, IOVA, true);
	assert_int_equal(rig_read(s->rig, s->fd, f, 6 * FAULT_SIZE),
			 6 * FAULT_SIZE);
	for (i = 0; i != 64; i++)
		ask(s, 0, 0, 50, IOVA, i == 63);
	rig_fail_nth(1);
	assert_int_equal(rig_read(s->rig, s->fd, f, FAULT_SIZE), -ENOMEM);
	rig_fail_nth(0);
	assert_int_equal(rig_read(s->rig, s->fd, f, 2 * FAULT_SIZE),
			 2 * FAULT_SIZE);
	assert_int_equal(f[0].grpid, 6);
	rig_fail_nth(1);
	assert_int_equal(rig_read(s->rig, s->fd, f, sizeof(f)), -ENOMEM);
	rig_fail_nth(0);
	assert_int_equal(rig_read(s->rig, s->fd, f, sizeof(f)), sizeof(f));
}

/**
 * struct woken - somebody who polls
 * @events: what it was told last
 * @added: how often of something new
 */
struct woken {
	struct uiommu_wake wake;
	short events;
	unsigned int added;
};

static void on_wake(struct uiommu_wake *wake, short events, bool added)
{
	struct woken *w = (struct woken *)wake;

	w->events = events;
	w->added += added;
}

static void test_watch(void **state)
{
	struct scene *s = *state;
	struct woken w = { .wake.wake = on_wake };
	struct iommu_hwpt_pgfault f;

	attach(s, 0, s->hwpt);
	uiommu_watch(rig_file(s->rig, s->fd), &w.wake);
	assert_int_equal(w.events, POLLOUT);
	assert_int_equal(w.added, 0);
	ask(s, 0, 0, 1, IOVA, true);
	assert_int_equal(w.events, POLLIN | POLLRDNORM | POLLOUT);
	ask(s, 0, 0, 2, IOVA, true);
	assert_int_equal(w.added, 2);
	assert_int_equal(rig_read(s->rig, s->fd, &f, sizeof(f)), sizeof(f));
	assert_int_equal(w.events, POLLIN | POLLRDNORM | POLLOUT);
	iommufd_device_detach(s->rig->idev[0]);
	assert_int_equal(w.events, POLLOUT);
	assert_int_equal(w.added, 2);
	uiommu_watch(rig_file(s->rig, s->fd), NULL);
	attach(s, 0, s->hwpt);
	ask(s, 0, 0, 3, IOVA, true);
	assert_int_equal(w.events, POLLOUT);
}

/**
 * struct race - threads that read and answer while a device asks and moves
 * @stop: enough
 */
struct race {
	struct scene *s;
	bool stop;
};

static void *answer_all(void *arg)
{
	struct race *race = arg;
	struct iommu_hwpt_pgfault f[4];
	int64_t n, i;

	while (!__atomic_load_n(&race->stop, __ATOMIC_ACQUIRE)) {
		n = rig_read(race->s->rig, race->s->fd, f, sizeof(f));
		if (n <= 0)
			sched_yield();
		for (i = 0; i < n / (int64_t)FAULT_SIZE; i++)
			respond(race->s, f[i].cookie,
				f[i].addr / PAGE % 2 ? 0 : 1);
	}
	return NULL;
}

static void *move_about(void *arg)
{
	struct race *race = arg;
	struct scene *s = race->s;
	uint32_t id = s->hwpt;

	while (!__atomic_load_n(&race->stop, __ATOMIC_ACQUIRE)) {
		iommufd_device_attach_pasid(s->rig->idev[1], 2, &id);
		rig_attach(s->rig, 1, &id);
		iommufd_device_detach(s->rig->idev[1]);
		iommufd_device_detach_pasid(s->rig->idev[1], 2);
	}
	return NULL;
}

/* Every group is answered once, whoever gets hold of it. */
static void test_race(void **state)
{
	struct scene *s = *state;
	struct race race = { .s = s };
	pthread_t thread[3];
	unsigned int i;

	attach(s, 0, s->hwpt);
	pthread_create(&thread[0], NULL, answer_all, &race);
	pthread_create(&thread[1], NULL, answer_all, &race);
	pthread_create(&thread[2], NULL, move_about, &race);
	for (i = 0; i != 2000; i++) {
		ask(s, i % 2, i % 4 == 1 ? 2 : 0, i, IOVA + i * PAGE, true);
		if (i % 16 == 0)
			sched_yield();
	}
	__atomic_store_n(&race.stop, true, __ATOMIC_RELEASE);
	for (i = 0; i != 3; i++)
		pthread_join(thread[i], NULL);
	rig_unbind(s->rig, 0);
	rig_unbind(s->rig, 1);
	assert_int_equal(s->dev[0].nr, 1000);
	assert_int_equal(s->dev[1].nr, 1000);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_alloc),
		TEST(test_alloc_fails),
		TEST(test_outlives_context),
		TEST(test_incapable),
		TEST(test_one),
		TEST(test_permissions),
		TEST(test_groups),
		TEST(test_read_sizes),
		TEST(test_read_faults),
		TEST(test_write),
		TEST(test_many),
		TEST(test_refused),
		TEST(test_endless),
		TEST(test_cancel_each_way),
		TEST(test_cancel_pasid_replace),
		TEST(test_cancel_close),
		TEST(test_no_memory),
		TEST(test_watch),
		TEST(test_race),
	};

	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
