/* SPDX-License-Identifier: MIT */
/*
 * The requests that map, copy and unmap: from the client's words to areas.
 */
#include "iommufd/account.h"
#include "iommufd/dmabuf.h"
#include "iommufd/ioas.h"
#include "iommufd/request.h"

#define MAP_FLAGS                                               \
	(IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE | \
	 IOMMU_IOAS_MAP_READABLE)
#define MAP_PROT (IOMMU_IOAS_MAP_WRITEABLE | IOMMU_IOAS_MAP_READABLE)

/* What all three mapping requests check first. */
static int check_map(uint32_t flags, uint64_t iova, uint64_t length)
{
	if (flags & ~(uint32_t)MAP_FLAGS)
		return -EOPNOTSUPP;
	if (iova == UINT64_MAX || length == UINT64_MAX)
		return -EOVERFLOW;
	if (!(flags & MAP_PROT))
		return -EINVAL;
	return 0;
}

static int check_end(uint64_t addr, uint64_t length)
{
	uint64_t end;

	if (!length)
		return -EINVAL;
	if (__builtin_add_overflow(addr, length, &end))
		return -EOVERFLOW;
	return 0;
}

static unsigned int to_prot(uint32_t flags)
{
	unsigned int prot = IOMMU_CACHE;

	if (flags & IOMMU_IOAS_MAP_WRITEABLE)
		prot |= IOMMU_WRITE;
	if (flags & IOMMU_IOAS_MAP_READABLE)
		prot |= IOMMU_READ;
	return prot;
}

/* Can it be counted in pages? */
static bool has_pages(uint64_t addr, uint64_t length)
{
	return length <=
	       UINT64_MAX - (UIOMMU_PAGE_SIZE - 1) - addr % UIOMMU_PAGE_SIZE;
}

/*
 * Map @map and tell the client where. If it cannot be told, it is as if it had
 * never asked. Takes over the areas.
 */
static int map_and_respond(struct iommufd_request *req, struct iommufd_map *map,
			   __u64 *iova)
{
	int rc;

	rc = iommufd_map_begin(map);
	if (rc)
		goto err_free;
	*iova = map->iova;
	rc = iommufd_respond(req);
	if (rc)
		goto err_abort;
	iommufd_map_commit(map);
	return 0;

err_abort:
	iommufd_map_abort(map);
err_free:
	iommufd_area_free_list(map->areas);
	return rc;
}

/* Map all of @pages, whose reference goes over. */
static int map_pages(struct iommufd_request *req, struct iommufd_map *map,
		     struct iommufd_pages *pages, uint32_t flags, __u64 *iova)
{
	map->areas = iommufd_area_new(pages, pages->start, map->length,
				      to_prot(flags));
	if (!map->areas)
		return -ENOMEM;
	map->fixed = flags & IOMMU_IOAS_MAP_FIXED_IOVA;
	map->iova = *iova;
	return map_and_respond(req, map, iova);
}

/* The caller's memory as page storage. */
static int own_pages(struct iommufd_request *req, struct iommufd_pages **pages)
{
	const struct iommu_ioas_map *cmd = &req->cmd.map;
	struct uiommu_mem *mem;
	int rc;

	rc = check_end(cmd->user_va, cmd->length);
	if (rc)
		return rc;
	if (!has_pages(cmd->user_va, cmd->length))
		return -EINVAL;
	mem = req->user->ops->mem(req->user);
	if (!mem)
		return -ENOMEM;
	*pages = iommufd_pages_of_user(req->ctx, req->user, mem, cmd->user_va,
				       cmd->length,
				       cmd->flags & IOMMU_IOAS_MAP_WRITEABLE,
				       false);
	return *pages ? 0 : -ENOMEM;
}

int iommufd_ioas_map_ioctl(struct iommufd_request *req)
{
	struct iommu_ioas_map *cmd = &req->cmd.map;
	struct iommufd_map map = { .length = cmd->length };
	struct iommufd_pages *pages;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	rc = check_map(cmd->flags, cmd->iova, cmd->length);
	if (rc)
		return rc;
	map.ioas = iommufd_ioas_get(req->ctx, cmd->ioas_id);
	if (!map.ioas)
		return -ENOENT;
	rc = own_pages(req, &pages);
	if (!rc)
		rc = map_pages(req, &map, pages, cmd->flags, &cmd->iova);
	iommufd_object_put(&map.ioas->obj);
	return rc;
}

/* What is behind a descriptor that is no memory. */
static void nothing(struct uiommu_mem *mem)
{
}

static int nothing_pin(struct uiommu_mem *mem, uint64_t addr, uint64_t len,
		       bool write, struct uiommu_run *runs, size_t max)
{
	return -EINVAL;
}

static const struct uiommu_mem_ops nothing_ops = {
	.get = nothing,
	.put = nothing,
	.pin = nothing_pin,
};

static const struct uiommu_mem nothing_mem = { &nothing_ops };

/*
 * The file behind the caller's descriptor. Whether it has pages, and these, turns out
 * when they are pinned.
 */
static int file_memory(struct uiommu_user *user, int fd,
		       struct uiommu_mem **mem, uint64_t *size)
{
	int rc = user->ops->memory_file(user, fd, mem, size);

	if (rc != -EINVAL)
		return rc;
	*mem = (struct uiommu_mem *)&nothing_mem;
	*size = 0;
	return 0;
}

static int file_pages(struct iommufd_request *req, struct iommufd_pages **pages)
{
	const struct iommu_ioas_map_file *cmd = &req->cmd.map_file;
	const bool *revoked = NULL;
	struct uiommu_mem *mem;
	uint64_t size;
	int rc;

	rc = check_end(cmd->start, cmd->length);
	if (rc)
		return rc;
	rc = iommufd_dmabuf_memory(req->user, cmd->fd, cmd->start + cmd->length,
				   &mem, &size, &revoked);
	if (rc == -ENOENT)
		rc = file_memory(req->user, cmd->fd, &mem, &size);
	if (rc)
		return rc;
	if (!has_pages(cmd->start, cmd->length)) {
		mem->ops->put(mem);
		return -EINVAL;
	}
	*pages = iommufd_pages_of_user(req->ctx, req->user, mem, cmd->start,
				       cmd->length,
				       cmd->flags & IOMMU_IOAS_MAP_WRITEABLE,
				       true);
	if (!*pages)
		return -ENOMEM;
	(*pages)->limit = size;
	(*pages)->revoked = revoked;
	return 0;
}

int iommufd_ioas_map_file_ioctl(struct iommufd_request *req)
{
	struct iommu_ioas_map_file *cmd = &req->cmd.map_file;
	struct iommufd_map map = { .length = cmd->length };
	struct iommufd_pages *pages;
	int rc;

	rc = check_map(cmd->flags, cmd->iova, cmd->length);
	if (rc)
		return rc;
	map.ioas = iommufd_ioas_get(req->ctx, cmd->ioas_id);
	if (!map.ioas)
		return -ENOENT;
	rc = file_pages(req, &pages);
	if (!rc)
		rc = map_pages(req, &map, pages, cmd->flags, &cmd->iova);
	iommufd_object_put(&map.ioas->obj);
	return rc;
}

/* Areas that map what the source maps, in no IOAS yet. */
static int find_source(struct iommufd_request *req, struct iommufd_area **areas)
{
	const struct iommu_ioas_copy *cmd = &req->cmd.copy;
	struct iommufd_ioas *src;
	uint64_t last;
	int rc;

	src = iommufd_ioas_get(req->ctx, cmd->src_ioas_id);
	if (!src)
		return -ENOENT;
	if (!cmd->length)
		rc = -EINVAL;
	else if (__builtin_add_overflow(cmd->src_iova, cmd->length - 1, &last))
		rc = -EOVERFLOW;
	else
		rc = iommufd_ioas_find(src, cmd->src_iova, last,
				       to_prot(cmd->flags), areas);
	iommufd_object_put(&src->obj);
	return rc;
}

int iommufd_ioas_copy_ioctl(struct iommufd_request *req)
{
	struct iommu_ioas_copy *cmd = &req->cmd.copy;
	struct iommufd_map map = {
		.length = cmd->length,
		.fixed = cmd->flags & IOMMU_IOAS_MAP_FIXED_IOVA,
		.iova = cmd->dst_iova,
	};
	int rc;

	rc = check_map(cmd->flags, cmd->dst_iova, cmd->length);
	if (!rc && cmd->src_iova == UINT64_MAX)
		rc = -EOVERFLOW;
	if (rc)
		return rc;
	rc = find_source(req, &map.areas);
	if (rc)
		return rc;
	map.ioas = iommufd_ioas_get(req->ctx, cmd->dst_ioas_id);
	if (!map.ioas) {
		iommufd_area_free_list(map.areas);
		return -ENOENT;
	}
	rc = map_and_respond(req, &map, &cmd->dst_iova);
	iommufd_object_put(&map.ioas->obj);
	return rc;
}

/* The range that an unmap names. */
static int unmap_last(const struct iommu_ioas_unmap *cmd, uint64_t *last)
{
	if (!cmd->iova && cmd->length == UINT64_MAX) {
		*last = UINT64_MAX;
		return 0;
	}
	if (cmd->iova == UINT64_MAX || cmd->length == UINT64_MAX)
		return -EOVERFLOW;
	if (!cmd->length)
		return -EINVAL;
	if (__builtin_add_overflow(cmd->iova, cmd->length - 1, last))
		return -EOVERFLOW;
	return 0;
}

int iommufd_ioas_unmap_ioctl(struct iommufd_request *req)
{
	struct iommu_ioas_unmap *cmd = &req->cmd.unmap;
	uint64_t last = 0, unmapped = 0;
	struct iommufd_ioas *ioas;
	int rc;

	ioas = iommufd_ioas_get(req->ctx, cmd->ioas_id);
	if (!ioas)
		return -ENOENT;
	rc = unmap_last(cmd, &last);
	if (!rc)
		rc = iommufd_ioas_unmap(ioas, cmd->iova, last, &unmapped);
	iommufd_object_put(&ioas->obj);
	if (rc)
		return rc;
	if (!unmapped && cmd->length != UINT64_MAX)
		return -ENOENT;
	cmd->length = unmapped;
	return iommufd_respond(req);
}
