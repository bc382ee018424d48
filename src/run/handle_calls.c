/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/uio.h>

#include <uiommu/iommufd.h>
#include <uiommu/uiommu.h>
#include <uiommu/vfio.h>

#include "calls.h"
#include "client.h"
#include "event.h"
#include "handle.h"
#include "inject.h"
#include "notify.h"
#include "observe.h"

/* The modelled file behind argument 0; NULL after the call has been answered. */
static struct run_handle *target(struct run *r)
{
	struct run_handle *h;

	if (!run_handle_find(r, (pid_t)r->req->pid, (int)r->req->data.args[0],
			     &h) &&
	    h)
		return h;
	run_continue(r);
	return NULL;
}

/* Somebody wants to see the table while the range is still there. */
static void show_unmap(struct run *r, uint64_t arg)
{
	struct iommu_ioas_unmap unmap = { 0 };

	if (r->config->before_unmap &&
	    !run_client_read(r, &unmap, arg, sizeof(unmap)) && unmap.length)
		r->config->before_unmap(r->config->arg, r->u, unmap.iova,
					unmap.length);
}

void run_call_ioctl(struct run *r)
{
	unsigned int cmd = (unsigned int)r->req->data.args[1];
	uint64_t arg = r->req->data.args[2];
	struct run_handle *h = target(r);
	struct uiommu_file *file;
	struct run_user user;
	struct run_seen seen;
	long value;

	if (!h)
		return;
	run_observe_begin(r, &seen, RUN_OP_IOCTL, h);
	run_observe_ready(&seen);
	/* The client may close it while its own call is under way. */
	file = run_handle_file(h);
	uiommu_file_get(file);
	if (cmd == IOMMU_IOAS_UNMAP)
		show_unmap(r, arg);
	/* The device may be free since a moment ago. */
	if (cmd == VFIO_DEVICE_BIND_IOMMUFD ||
	    cmd == VFIO_GROUP_GET_DEVICE_FD ||
	    cmd == VFIO_GROUP_UNSET_CONTAINER)
		run_handles_drain(r);
	run_user_init(&user, r);
	run_inject_begin(r);
	value = uiommu_ioctl(file, &user.user, cmd, arg);
	run_inject_end(r);
	uiommu_file_put(file);
	run_observe_end(&seen, value);
	run_reply(r, value);
}

static enum run_op op_of(run_access_fn access)
{
	return access == uiommu_read ? RUN_OP_READ : RUN_OP_WRITE;
}

static void transfer(struct run *r, run_access_fn access)
{
	const __u64 *arg = r->req->data.args;
	int64_t value = -EINVAL;
	struct run_handle *h;
	struct run_user user;
	struct run_seen seen;

	if (run_event_transfer_at(r, access))
		return;
	h = target(r);
	if (!h)
		return;
	run_observe_begin(r, &seen, op_of(access), h);
	run_observe_ready(&seen);
	run_user_init(&user, r);
	if ((int64_t)arg[3] >= 0)
		value = access(run_handle_file(h), &user.user, arg[1], arg[2],
			       arg[3]);
	run_observe_end(&seen, value);
	run_reply(r, value);
}

void run_call_pread(struct run *r)
{
	transfer(r, uiommu_read);
}

void run_call_pwrite(struct run *r)
{
	transfer(r, uiommu_write);
}

/* One vector after the other, until one is short, as the kernel does. */
static int64_t each(struct run *r, struct run_handle *h, run_access_fn access,
		    const struct iovec *vec, size_t nr, uint64_t offset)
{
	int64_t done = 0, n;
	struct run_user user;
	size_t i;

	run_user_init(&user, r);
	for (i = 0; i < nr; i++) {
		if (!vec[i].iov_len)
			continue;
		n = access(run_handle_file(h), &user.user,
			   (uintptr_t)vec[i].iov_base, vec[i].iov_len,
			   offset + (uint64_t)done);
		if (n < 0)
			return done ? done : n;
		done += n;
		if ((size_t)n < vec[i].iov_len)
			break;
	}
	return done;
}

static uint64_t vector_len(const struct iovec *vec, size_t nr)
{
	uint64_t len = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		len += vec[i].iov_len;
	return len;
}

static void transfer_vector(struct run *r, run_access_fn access)
{
	const __u64 *arg = r->req->data.args;
	struct run_handle *h = target(r);
	struct iovec vec[IOV_MAX];
	struct run_seen seen;
	int64_t value;

	if (!h)
		return;
	if (arg[2] > IOV_MAX || (int64_t)arg[3] < 0) {
		run_reply(r, -EINVAL);
		return;
	}
	if (run_client_read(r, vec, arg[1], arg[2] * sizeof(vec[0]))) {
		run_reply(r, -EFAULT);
		return;
	}
	run_observe_begin(r, &seen, op_of(access), h);
	seen.addr = arg[2] ? (uintptr_t)vec[0].iov_base : 0;
	seen.len = vector_len(vec, arg[2]);
	run_observe_ready(&seen);
	value = each(r, h, access, vec, arg[2], arg[3]);
	run_observe_end(&seen, value);
	run_reply(r, value);
}

void run_call_preadv(struct run *r)
{
	transfer_vector(r, uiommu_read);
}

void run_call_pwritev(struct run *r)
{
	transfer_vector(r, uiommu_write);
}

/*
 * read() and write() are not trapped and would reach the file that stands for the
 * device. Linux has no position on it either and says so here.
 */
void run_call_lseek(struct run *r)
{
	if (target(r))
		run_reply(r, -ESPIPE);
}
