/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/capability.h>

#include "client.h"
#include "event.h"
#include "eventfd.h"
#include "handle.h"
#include "inject.h"
#include "mapped.h"
#include "memory.h"
#include "notify.h"
#include "task.h"

static struct iovec vec(uint64_t base, size_t len)
{
	return (struct iovec){ (void *)(uintptr_t)base, len };
}

int run_client_read(struct run *r, void *dst, uint64_t src, size_t len)
{
	struct iovec local = { dst, len }, remote = vec(src, len);

	if (!len)
		return 0;
	if (process_vm_readv((pid_t)r->req->pid, &local, 1, &remote, 1, 0) !=
	    (ssize_t)len)
		return -EFAULT;
	/* The number may have passed to another thread meanwhile. */
	return run_notify_alive(r) ? 0 : -ESRCH;
}

int run_client_write(struct run *r, uint64_t dst, const void *src, size_t len)
{
	struct iovec local = vec((uintptr_t)src, len), remote = vec(dst, len);

	if (!len)
		return 0;
	if (!run_notify_alive(r))
		return -ESRCH;
	if (process_vm_writev((pid_t)r->req->pid, &local, 1, &remote, 1, 0) !=
	    (ssize_t)len)
		return -EFAULT;
	return 0;
}

int run_client_string(struct run *r, char *dst, uint64_t src, size_t size)
{
	size_t have = 0, chunk;
	const char *end;
	int error;

	while (have < size) {
		/* What follows the string may not be readable. */
		chunk = UIOMMU_PAGE_SIZE - (src + have) % UIOMMU_PAGE_SIZE;
		if (chunk > 256)
			chunk = 256;
		if (chunk > size - have)
			chunk = size - have;
		error = run_client_read(r, dst + have, src + have, chunk);
		if (error)
			return error;
		end = memchr(dst + have, 0, chunk);
		if (end)
			return (int)(end - dst);
		have += chunk;
	}
	return -ENAMETOOLONG;
}

static struct run *run_of(struct uiommu_user *user)
{
	return ((struct run_user *)user)->r;
}

static bool from_ahead(const struct run_user *user, void *dst, uint64_t src,
		       size_t len)
{
	if (src < user->ahead_at || src - user->ahead_at > user->ahead_len ||
	    len > user->ahead_len - (src - user->ahead_at))
		return false;
	memcpy(dst, user->ahead + (src - user->ahead_at), len);
	return true;
}

/* As much as the page has, which is readable if its first byte is. */
static void read_ahead(struct run_user *user, uint64_t src)
{
	size_t len = UIOMMU_PAGE_SIZE - src % UIOMMU_PAGE_SIZE;

	if (len > sizeof(user->ahead))
		len = sizeof(user->ahead);
	user->ahead_len = 0;
	if (!run_client_read(user->r, user->ahead, src, len)) {
		user->ahead_at = src;
		user->ahead_len = len;
	}
}

/* The client is gone: nobody sees the answer, any failure will do. */
static int user_copy_in(struct uiommu_user *base, void *dst, uint64_t src,
			size_t len)
{
	struct run_user *user = (struct run_user *)base;

	if (run_inject_now())
		return -EFAULT;
	if (len <= sizeof(user->ahead)) {
		if (from_ahead(user, dst, src, len))
			return 0;
		read_ahead(user, src);
		if (from_ahead(user, dst, src, len))
			return 0;
	}
	return run_client_read(user->r, dst, src, len) ? -EFAULT : 0;
}

static int user_copy_out(struct uiommu_user *base, uint64_t dst,
			 const void *src, size_t len)
{
	struct run_user *user = (struct run_user *)base;

	user->ahead_len = 0;
	if (run_inject_now())
		return -EFAULT;
	return run_client_write(user->r, dst, src, len) ? -EFAULT : 0;
}

static struct uiommu_mem *user_mem(struct uiommu_user *user)
{
	struct run *r = run_of(user);

	return run_memory_of_task(r->memory, (pid_t)r->req->pid);
}

static struct uiommu_account *user_account(struct uiommu_user *user)
{
	struct run *r = run_of(user);

	return run_memory_account(r->memory, (pid_t)r->req->pid);
}

/* Memory of a device of the machine's. */
static bool is_dmabuf(struct run *r, int fd)
{
	static const char prefix[] = "/dmabuf:";
	char name[32], link[16];

	snprintf(name, sizeof(name), "fd/%d", fd);
	return run_task_readlink(r->tasks, (pid_t)r->req->pid, name, link,
				 sizeof(link)) > 0 &&
	       !strncmp(link, prefix, sizeof(prefix) - 1);
}

static int user_memory_file(struct uiommu_user *user, int fd,
			    struct uiommu_mem **mem, uint64_t *size)
{
	struct run *r = run_of(user);
	struct run_handle *handle;

	/* What stands for a device's file is memory, the device's file is none. */
	if (!run_handle_find(r, (pid_t)r->req->pid, fd, &handle) && handle)
		return -EINVAL;
	/* Linux maps those that are made for it, which a machine has none of. */
	if (is_dmabuf(r, fd))
		return -EOPNOTSUPP;
	return run_memory_of_file(r->memory, (pid_t)r->req->pid, fd, mem, size);
}

static int user_file(struct uiommu_user *user, int fd,
		     struct uiommu_file **file)
{
	struct run *r = run_of(user);
	struct run_handle *handle;
	int error = run_handle_find(r, (pid_t)r->req->pid, fd, &handle);

	if (error)
		return error;
	if (!handle)
		return -EBADFD;
	*file = run_handle_file(handle);
	uiommu_file_get(*file);
	return 0;
}

static int user_eventfd(struct uiommu_user *user, int fd)
{
	return run_eventfd_get(run_of(user), fd);
}

static bool user_capable(struct uiommu_user *user, enum uiommu_privilege cap)
{
	static const unsigned int caps[] = {
		[UIOMMU_CAP_SYS_RESOURCE] = CAP_SYS_RESOURCE,
		[UIOMMU_CAP_IPC_LOCK] = CAP_IPC_LOCK,
		[UIOMMU_CAP_SYS_RAWIO] = CAP_SYS_RAWIO,
	};
	struct run *r = run_of(user);

	return run_task_capable(r->tasks, (pid_t)r->req->pid, caps[cap]);
}

static int user_new_fd(struct uiommu_user *user)
{
	return run_reserve_fd(run_of(user));
}

static int user_new_event_fd(struct uiommu_user *user)
{
	return run_event_new_fd(run_of(user));
}

static int user_install(struct uiommu_user *user, int fd,
			struct uiommu_file *file)
{
	struct run *r = run_of(user);

	return file->backing >= 0 ? run_handle_install(r, fd, file)
				  : run_event_install(r, fd, file);
}

static int user_backing(struct uiommu_user *user, const char *name,
			uint64_t size)
{
	return run_handle_backing(name, size);
}

static bool user_mapped(struct uiommu_user *user, struct uiommu_file *file,
			uint64_t offset, uint64_t len)
{
	struct run *r = run_of(user);
	struct stat st;

	return file->backing >= 0 && !fstat(file->backing, &st) &&
	       run_mapped(r, &st, offset, len);
}

static const struct uiommu_user_ops user_ops = {
	.copy_in = user_copy_in,
	.copy_out = user_copy_out,
	.mem = user_mem,
	.account = user_account,
	.memory_file = user_memory_file,
	.file = user_file,
	.eventfd = user_eventfd,
	.capable = user_capable,
	.new_fd = user_new_fd,
	.new_event_fd = user_new_event_fd,
	.install = user_install,
	.backing = user_backing,
	.mapped = user_mapped,
};

void run_user_init(struct run_user *user, struct run *r)
{
	user->user.ops = &user_ops;
	user->r = r;
	user->ahead_at = 0;
	user->ahead_len = 0;
}
