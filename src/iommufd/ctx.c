/* SPDX-License-Identifier: MIT */
/*
 * Contexts: opening, closing, and dispatching requests.
 */
#include <stdlib.h>
#include <string.h>

#include "iommufd/iommufd_device.h"
#include "iommufd/mmap.h"
#include "iommufd/object.h"
#include "iommufd/request.h"
#include "iommufd/test.h"

/* Request numbers up to the test command's are IOMMUFD's own. */
#define CMD_LAST 0xa0

/**
 * struct request_info - how a request is taken apart
 * @cmd: the ioctl number
 * @size: size of its struct
 * @min_size: what the caller has to have of it
 * @handle: carries it out; NULL = known, but nothing here can do it
 */
struct request_info {
	unsigned int cmd;
	uint32_t size;
	uint32_t min_size;
	int (*handle)(struct iommufd_request *req);
};

static int destroy_ioctl(struct iommufd_request *req)
{
	iommufd_mmap_settle(req->ctx, req->user, req->cmd.destroy.id);
	return iommufd_object_destroy_id(req->ctx, req->cmd.destroy.id);
}

#define END_OF(type, last) \
	(offsetof(struct type, last) + sizeof(((struct type *)0)->last))
#define REQUEST(ioctl, type, last, function)                                \
	[_IOC_NR(ioctl) - IOMMUFD_CMD_BASE] = { ioctl, sizeof(struct type), \
						END_OF(type, last), function }

static const struct request_info requests[CMD_LAST - IOMMUFD_CMD_BASE + 1] = {
	REQUEST(IOMMU_DESTROY, iommu_destroy, id, destroy_ioctl),
	REQUEST(IOMMU_IOAS_ALLOC, iommu_ioas_alloc, out_ioas_id,
		iommufd_ioas_alloc_ioctl),
	REQUEST(IOMMU_IOAS_ALLOW_IOVAS, iommu_ioas_allow_iovas, allowed_iovas,
		iommufd_ioas_allow_iovas_ioctl),
	REQUEST(IOMMU_IOAS_COPY, iommu_ioas_copy, src_iova,
		iommufd_ioas_copy_ioctl),
	REQUEST(IOMMU_IOAS_IOVA_RANGES, iommu_ioas_iova_ranges,
		out_iova_alignment, iommufd_ioas_iova_ranges_ioctl),
	REQUEST(IOMMU_IOAS_MAP, iommu_ioas_map, iova, iommufd_ioas_map_ioctl),
	REQUEST(IOMMU_IOAS_UNMAP, iommu_ioas_unmap, length,
		iommufd_ioas_unmap_ioctl),
	REQUEST(IOMMU_OPTION, iommu_option, val64, iommufd_option_ioctl),
	REQUEST(IOMMU_VFIO_IOAS, iommu_vfio_ioas, __reserved,
		iommufd_vfio_ioas_ioctl),
	REQUEST(IOMMU_HWPT_ALLOC, iommu_hwpt_alloc, __reserved,
		iommufd_hwpt_alloc_ioctl),
	REQUEST(IOMMU_GET_HW_INFO, iommu_hw_info, __reserved,
		iommufd_hw_info_ioctl),
	REQUEST(IOMMU_HWPT_SET_DIRTY_TRACKING, iommu_hwpt_set_dirty_tracking,
		__reserved, iommufd_hwpt_set_dirty_ioctl),
	REQUEST(IOMMU_HWPT_GET_DIRTY_BITMAP, iommu_hwpt_get_dirty_bitmap, data,
		iommufd_hwpt_get_dirty_ioctl),
	REQUEST(IOMMU_HWPT_INVALIDATE, iommu_hwpt_invalidate, __reserved,
		iommufd_hwpt_invalidate_ioctl),
	REQUEST(IOMMU_FAULT_QUEUE_ALLOC, iommu_fault_alloc, out_fault_fd,
		iommufd_fault_alloc_ioctl),
	REQUEST(IOMMU_IOAS_MAP_FILE, iommu_ioas_map_file, iova,
		iommufd_ioas_map_file_ioctl),
	REQUEST(IOMMU_VIOMMU_ALLOC, iommu_viommu_alloc, out_viommu_id,
		iommufd_viommu_alloc_ioctl),
	REQUEST(IOMMU_VDEVICE_ALLOC, iommu_vdevice_alloc, virt_id,
		iommufd_vdevice_alloc_ioctl),
	REQUEST(IOMMU_IOAS_CHANGE_PROCESS, iommu_ioas_change_process,
		__reserved, iommufd_ioas_change_process_ioctl),
	REQUEST(IOMMU_VEVENTQ_ALLOC, iommu_veventq_alloc, out_veventq_fd,
		iommufd_veventq_alloc_ioctl),
	REQUEST(IOMMU_HW_QUEUE_ALLOC, iommu_hw_queue_alloc, length,
		iommufd_hw_queue_alloc_ioctl),
	REQUEST(IOMMU_IOAS_NOIOMMU_GET_PA, iommu_ioas_noiommu_get_pa, out_phys,
		iommufd_ioas_get_pa_ioctl),
	REQUEST(IOMMU_TEST_CMD, iommu_test_cmd, last, iommufd_test_ioctl),
};

int iommufd_respond(struct iommufd_request *req)
{
	uint32_t len = req->size < req->known ? req->size : req->known;

	return req->user->ops->copy_out(req->user, req->arg, &req->cmd, len);
}

int iommufd_zero_user(struct uiommu_user *user, uint64_t addr, uint64_t len)
{
	static const uint8_t zero[4096];
	size_t n;
	int rc;

	for (; len; len -= n, addr += n) {
		n = len < sizeof(zero) ? (size_t)len : sizeof(zero);
		rc = user->ops->copy_out(user, addr, zero, n);
		if (rc)
			return rc;
	}
	return 0;
}

/* What a newer program has beyond our struct must say nothing. */
static int check_zero(struct uiommu_user *user, uint64_t addr, uint64_t len)
{
	uint8_t buf[4096];
	size_t n, i;
	int rc;

	for (; len; len -= n, addr += n) {
		n = len < sizeof(buf) ? (size_t)len : sizeof(buf);
		rc = user->ops->copy_in(user, buf, addr, n);
		if (rc)
			return rc;
		for (i = 0; i != n; i++)
			if (buf[i])
				return -E2BIG;
	}
	return 0;
}

/*
 * Every request has @min_size bytes, so that they come in one copy; one that lies
 * about its size or ends where memory does is looked at again.
 */
static int copy_minimum(struct iommufd_request *req, uint32_t min_size)
{
	const struct uiommu_user_ops *ops = req->user->ops;
	int rc;

	memset(&req->cmd, 0, sizeof(req->cmd));
	rc = ops->copy_in(req->user, &req->cmd, req->arg, min_size);
	if (!rc) {
		req->size = req->cmd.size;
		return req->size < min_size ? -EINVAL : 0;
	}
	rc = ops->copy_in(req->user, &req->size, req->arg, sizeof(req->size));
	if (rc)
		return rc;
	return req->size < min_size ? -EINVAL : -EFAULT;
}

/* What the caller has beyond the minimum. */
static int copy_rest(struct iommufd_request *req, uint32_t min_size)
{
	uint32_t len = req->size < req->known ? req->size : req->known;
	int rc;

	if (req->size > req->known) {
		rc = check_zero(req->user, req->arg + req->known,
				req->size - req->known);
		if (rc)
			return rc;
	}
	if (len == min_size)
		return 0;
	return req->user->ops->copy_in(req->user,
				       (uint8_t *)&req->cmd + min_size,
				       req->arg + min_size, len - min_size);
}

/* A number in the table's range that is none of ours is read all the same. */
static int refuse(struct iommufd_request *req)
{
	int rc;

	rc = req->user->ops->copy_in(req->user, &req->size, req->arg,
				     sizeof(req->size));
	return rc ? rc : -ENOTTY;
}

static long ctx_ioctl(struct uiommu_file *file, struct uiommu_user *user,
		      unsigned int cmd, uint64_t arg)
{
	const struct request_info *info;
	unsigned int nr = _IOC_NR(cmd);
	struct iommufd_request req;
	int rc;

	req.ctx = iommufd_ctx_of(file);
	req.user = user;
	req.arg = arg;
	if (nr < IOMMUFD_CMD_BASE || nr > CMD_LAST)
		return iommufd_vfio_ioctl(req.ctx, user, cmd, arg);
	info = &requests[nr - IOMMUFD_CMD_BASE];
	if (!info->cmd || info->cmd != cmd ||
	    (cmd == IOMMU_TEST_CMD && !req.ctx->mock))
		return refuse(&req);
	req.known = info->size;
	rc = copy_minimum(&req, info->min_size);
	if (!rc)
		rc = copy_rest(&req, info->min_size);
	if (rc)
		return rc;
	return info->handle ? info->handle(&req) : -EOPNOTSUPP;
}

/* The last reference is gone: no request is under way, no device is bound. */
static void ctx_release(struct uiommu_file *file)
{
	struct iommufd_ctx *ctx = iommufd_ctx_of(file);

	iommufd_mmap_forget(ctx);
	iommufd_object_destroy_all(ctx);
	PORT_WARN_ON(ctx->objects.root);
	pthread_mutex_destroy(&ctx->changing_process);
	pthread_cond_destroy(&ctx->changed);
	pthread_mutex_destroy(&ctx->lock);
	free(ctx);
}

static const struct uiommu_file_ops ctx_ops = {
	.kind = "iommufd",
	.ioctl = ctx_ioctl,
	.mmap = iommufd_mmap_file,
	.release = ctx_release,
};

int iommufd_open_with(struct mock_iommu *mock, int backing,
		      struct uiommu_file **out)
{
	struct iommufd_ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx)
		return -ENOMEM;
	ctx->file.ops = &ctx_ops;
	ctx->file.refs = 1;
	ctx->file.backing = backing;
	ctx->mock = mock;
	pthread_mutex_init(&ctx->changing_process, NULL);
	pthread_mutex_init(&ctx->lock, NULL);
	pthread_cond_init(&ctx->changed, NULL);
	*out = &ctx->file;
	return 0;
}

int iommufd_open(struct uiommu_file **out)
{
	return iommufd_open_with(NULL, -1, out);
}

int iommufd_vfio_open(struct uiommu_file **out)
{
	int rc = iommufd_open(out);

	if (rc)
		return rc;
	iommufd_ctx_of(*out)->rlimit_mode = 1;
	iommufd_ctx_of(*out)->is_container = true;
	return 0;
}

bool iommufd_is(const struct uiommu_file *file)
{
	return file->ops == &ctx_ops;
}
