/* SPDX-License-Identifier: MIT */
/*
 * DMA buffers of the mock: addresses with nothing behind them.
 */
#include <stdlib.h>
#include <unistd.h>

#include "mock/mock.h"
#include "iommufd/dmabuf.h"
#include "iommufd/hwpt.h"
#include "iommufd/test.h"

#define PAGE      UIOMMU_PAGE_SIZE
#define MAX_PAGES 512

/**
 * struct dmabuf - a buffer
 * @file: what the descriptor refers to; its references are those of @mem, too
 * @mem: for the engine
 * @pa: where it is
 * @size: its bytes
 * @revoked: it is taken away; atomic
 */
struct dmabuf {
	struct uiommu_file file;
	struct uiommu_mem mem;
	phys_addr_t pa;
	uint64_t size;
	bool revoked;
};

static struct dmabuf *of_mem(struct uiommu_mem *mem)
{
	return iommufd_container(mem, struct dmabuf, mem);
}

static struct dmabuf *of_file(struct uiommu_file *file)
{
	return iommufd_container(file, struct dmabuf, file);
}

/* ---- As memory ----------------------------------------------------- */

static void mem_get(struct uiommu_mem *mem)
{
	uiommu_file_get(&of_mem(mem)->file);
}

static void mem_put(struct uiommu_mem *mem)
{
	uiommu_file_put(&of_mem(mem)->file);
}

/* It does not move, and lasts as long as somebody has it pinned. */
static int mem_pin(struct uiommu_mem *mem, uint64_t addr, uint64_t len,
		   bool write, struct uiommu_run *runs, size_t max)
{
	struct dmabuf *buf = of_mem(mem);

	if (addr >= buf->size || len > buf->size - addr)
		return -EINVAL;
	runs[0] = (struct uiommu_run){ .pa = buf->pa + addr, .len = len };
	return 1;
}

static void mem_unpin(struct uiommu_mem *mem, phys_addr_t pa, uint64_t len)
{
}

static int mem_copy(struct uiommu_mem *mem, phys_addr_t pa, void *buf,
		    size_t len, bool write)
{
	return -EINVAL;
}

static const struct uiommu_mem_ops mem_ops = {
	.get = mem_get,
	.put = mem_put,
	.pin = mem_pin,
	.unpin = mem_unpin,
	.copy = mem_copy,
};

/* ---- As a descriptor ----------------------------------------------- */

static void dmabuf_release(struct uiommu_file *file)
{
	if (file->backing >= 0)
		close(file->backing);
	free(of_file(file));
}

static const struct uiommu_file_ops dmabuf_ops = {
	.kind = "dmabuf",
	.release = dmabuf_release,
};

/* The buffer behind the caller's descriptor, with a reference. */
static int get_dmabuf(struct uiommu_user *user, int fd, struct dmabuf **out)
{
	struct uiommu_file *file;
	int rc;

	if (!user->ops->file)
		return -EINVAL;
	rc = user->ops->file(user, fd, &file);
	if (rc)
		return rc == -EBADF ? rc : -EINVAL;
	if (file->ops != &dmabuf_ops) {
		uiommu_file_put(file);
		return -EINVAL;
	}
	*out = of_file(file);
	return 0;
}

int iommufd_dmabuf_memory(struct uiommu_user *user, int fd, uint64_t end,
			  struct uiommu_mem **mem, uint64_t *size,
			  const bool **revoked)
{
	struct dmabuf *buf;
	int rc;

	/* What else it may be, or that it is not open, others know. */
	rc = get_dmabuf(user, fd, &buf);
	if (rc)
		return -ENOENT;
	if (end > buf->size)
		rc = -EINVAL;
	else if (__atomic_load_n(&buf->revoked, __ATOMIC_ACQUIRE))
		rc = -ENODEV;
	if (rc) {
		uiommu_file_put(&buf->file);
		return rc;
	}
	*mem = &buf->mem;
	*size = buf->size;
	*revoked = &buf->revoked;
	return 0;
}

int iommufd_test_dmabuf_get(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	uint64_t pages = (cmd->dmabuf_get.length + (PAGE - 1)) / PAGE;
	struct dmabuf *buf;
	int rc;

	if (!pages || pages > MAX_PAGES)
		return -EINVAL;
	buf = calloc(1, sizeof(*buf));
	if (!buf)
		return -ENOMEM;
	buf->file.ops = &dmabuf_ops;
	buf->file.refs = 1;
	buf->mem.ops = &mem_ops;
	buf->size = pages * PAGE;
	buf->file.backing = iommufd_test_backing(req, "dmabuf", buf->size);
	buf->pa = mock_iommu_device_memory(req->ctx->mock, buf->size);
	rc = iommufd_test_install(req, &buf->file, NULL);
	uiommu_file_put(&buf->file);
	return rc;
}

/* ---- Taking it away ------------------------------------------------ */

/*
 * No map is half way through the page tables while their lock is held for writing, and
 * later ones see that the memory is gone.
 */
static void unmap_all(struct iommufd_ioas *ioas, const struct dmabuf *buf)
{
	const struct iommufd_hwpt *hwpt;
	struct iommufd_area *area;
	struct iommufd_range *r;

	pthread_rwlock_wrlock(&ioas->tables);
	pthread_mutex_lock(&ioas->lock);
	for (r = iommufd_range_first(&ioas->areas, 0, UINT64_MAX); r;
	     r = iommufd_range_next(r, 0, UINT64_MAX)) {
		area = iommufd_area_of(r);
		if (area->state != IOMMUFD_AREA_LIVE ||
		    area->pages->mem != &buf->mem)
			continue;
		for (hwpt = ioas->hwpts; hwpt; hwpt = hwpt->next)
			iommufd_area_unmap(area, hwpt->domain);
	}
	pthread_mutex_unlock(&ioas->lock);
	pthread_rwlock_unlock(&ioas->tables);
}

int iommufd_test_dmabuf_revoke(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	struct iommufd_object *obj = NULL;
	struct dmabuf *buf;
	int rc;

	rc = get_dmabuf(req->user, cmd->dmabuf_revoke.fd, &buf);
	if (rc)
		return rc;
	__atomic_store_n(&buf->revoked, !!cmd->dmabuf_revoke.revoked,
			 __ATOMIC_RELEASE);
	while (cmd->dmabuf_revoke.revoked &&
	       (obj = iommufd_object_next(req->ctx, obj, IOMMUFD_IOAS)))
		unmap_all(iommufd_ioas_of(obj), buf);
	uiommu_file_put(&buf->file);
	return 0;
}
