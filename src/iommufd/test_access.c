/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_TEST_CMD: accesses, each of which the client has as a descriptor. What one has
 * pinned is a list of items.
 */
#include <stdlib.h>
#include <unistd.h>

#include "iommufd/access.h"
#include "iommufd/test.h"

#define PAGE       UIOMMU_PAGE_SIZE
#define MAX_LENGTH (16UL << 20)

#define PIN_FLAGS (IOMMU_TEST_ACCESS_WRITE | IOMMU_TEST_ACCESS_SYZ)
#define RW_FLAGS                                            \
	(IOMMU_TEST_ACCESS_WRITE | IOMMU_TEST_ACCESS_SLOW | \
	 IOMMU_TEST_ACCESS_SYZ)

/**
 * struct item - what one ACCESS_PAGES has pinned
 * @id: what the client calls it
 * @iova: where it begins
 * @last: and ends
 * @pin: the pin
 * @next: the next one
 */
struct item {
	uint32_t id;
	uint64_t iova;
	uint64_t last;
	struct iommufd_access_pin *pin;
	struct item *next;
};

/**
 * struct test_access - an access with a descriptor
 * @file: what the descriptor refers to
 * @access: the access; it keeps the context
 * @lock: protects all below
 * @items: what is pinned
 * @next_id: for the next item
 */
struct test_access {
	struct uiommu_file file;
	struct iommufd_access *access;
	pthread_mutex_t lock;
	struct item *items;
	uint32_t next_id;
};

static void free_items(struct item *items)
{
	struct item *next;

	for (; items; items = next) {
		next = items->next;
		iommufd_access_unpin_pages(items->pin);
		free(items);
	}
}

/* What is unmapped is not pinned any more: its items are gone. */
static void access_unmap(void *data, uint64_t iova, uint64_t length)
{
	struct test_access *ta = data;
	uint64_t last = length == UINT64_MAX ? length : iova + (length - 1);
	struct item **link, *item, *gone = NULL;

	pthread_mutex_lock(&ta->lock);
	for (link = &ta->items; (item = *link);) {
		if (item->iova > last || item->last < iova) {
			link = &item->next;
			continue;
		}
		*link = item->next;
		item->next = gone;
		gone = item;
	}
	pthread_mutex_unlock(&ta->lock);
	free_items(gone);
}

static const struct iommufd_access_ops plain_ops = {
	.unmap = access_unmap,
};

static const struct iommufd_access_ops pin_ops = {
	.needs_pin_pages = true,
	.unmap = access_unmap,
};

/* ---- CREATE_ACCESS ------------------------------------------------- */

static void free_access(struct test_access *ta)
{
	if (ta->file.backing >= 0)
		close(ta->file.backing);
	pthread_mutex_destroy(&ta->lock);
	free(ta);
}

/* The access gives back what it has pinned when it is destroyed. */
static void access_release(struct uiommu_file *file)
{
	struct test_access *ta =
		iommufd_container(file, struct test_access, file);

	iommufd_access_destroy(ta->access);
	free_access(ta);
}

static const struct uiommu_file_ops access_file_ops = {
	.kind = "access",
	.release = access_release,
};

static int new_access(struct iommufd_request *req, struct test_access **out)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	struct test_access *ta = calloc(1, sizeof(*ta));
	uint32_t id;
	int rc;

	if (!ta)
		return -ENOMEM;
	ta->file.ops = &access_file_ops;
	ta->file.refs = 1;
	ta->file.backing = iommufd_test_backing(req, "iommufd_access", 0);
	pthread_mutex_init(&ta->lock, NULL);
	rc = iommufd_access_create(&req->ctx->file,
				   cmd->create_access.flags &
						   IOMMU_TEST_ACCESS_NEEDS_PIN
					   ? &pin_ops
					   : &plain_ops,
				   ta, &id, &ta->access);
	if (rc) {
		free_access(ta);
		return rc;
	}
	rc = iommufd_access_attach(ta->access, cmd->id);
	if (rc)
		uiommu_file_put(&ta->file);
	*out = ta;
	return rc;
}

int iommufd_test_create_access(struct iommufd_request *req)
{
	struct iommu_test_cmd *cmd = &req->cmd.test;
	struct test_access *ta;
	int rc;

	if (cmd->create_access.flags & ~IOMMU_TEST_ACCESS_NEEDS_PIN)
		return -EOPNOTSUPP;
	rc = new_access(req, &ta);
	if (rc)
		return rc;
	rc = iommufd_test_install(req, &ta->file, &cmd->create_access.out_fd);
	uiommu_file_put(&ta->file);
	return rc;
}

/* The access behind the descriptor that the request is about, with a reference. */
static int get_access(struct iommufd_request *req, struct test_access **out)
{
	struct uiommu_file *file;

	if (req->user->ops->file(req->user, (int)req->cmd.test.id, &file))
		return -EBADFD;
	if (file->ops != &access_file_ops) {
		uiommu_file_put(file);
		return -EBADFD;
	}
	*out = iommufd_container(file, struct test_access, file);
	return 0;
}

/* ---- IOVAs for fuzzers --------------------------------------------- */

/*
 * An address that is given as an offset in the nth area; 0 if there is none: nothing
 * is ever mapped there by itself.
 */
static uint64_t to_iova(struct test_access *ta, uint64_t coded)
{
	const uint32_t offset = (uint32_t)(coded >> 32);
	uint32_t nth = (uint32_t)coded;
	struct iommufd_ioas *ioas;
	struct iommufd_range *r = NULL;
	uint64_t iova = 0;

	pthread_mutex_lock(&ta->access->lock);
	ioas = ta->access->ioas;
	if (ioas) {
		pthread_mutex_lock(&ioas->lock);
		for (r = iommufd_range_first(&ioas->areas, 0, UINT64_MAX);
		     r && nth; nth--)
			r = iommufd_range_next(r, 0, UINT64_MAX);
		if (r && offset <= r->last - r->start)
			iova = r->start + offset;
		pthread_mutex_unlock(&ioas->lock);
	}
	pthread_mutex_unlock(&ta->access->lock);
	return iova;
}

/* ---- ACCESS_PAGES, DESTROY_ACCESS_PAGES ---------------------------- */

/* Is each pinned page the one that the caller has at the same place? */
static int compare_page(void *arg, struct uiommu_mem *mem, phys_addr_t pa,
			uint64_t index)
{
	const phys_addr_t *pages = arg;

	return pages[index] == pa ? 0 : -EBADE;
}

static int pin_and_compare(struct iommufd_request *req, struct test_access *ta,
			   struct item *item)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	uint64_t inside = item->iova % PAGE;
	uint64_t nr = (inside + cmd->pin.length + PAGE - 1) / PAGE;
	phys_addr_t *pages = calloc(nr ? nr : 1, sizeof(*pages));
	int rc;

	if (!pages)
		return -ENOMEM;
	rc = iommufd_access_pin_pages(ta->access, item->iova, cmd->pin.length,
				      pages,
				      cmd->pin.flags & IOMMU_TEST_ACCESS_WRITE
					      ? IOMMUFD_ACCESS_WRITE
					      : 0,
				      &item->pin);
	if (!rc && cmd->pin.uptr) {
		rc = iommufd_test_pages(req->user, cmd->pin.uptr - inside, nr,
					compare_page, pages);
		if (rc)
			iommufd_access_unpin_pages(item->pin);
	}
	free(pages);
	return rc;
}

/* It may be unmapped as soon as it is in the list. Return: its id. */
static uint32_t add_item(struct test_access *ta, struct item *item)
{
	uint32_t id;

	pthread_mutex_lock(&ta->lock);
	id = item->id = ta->next_id++;
	item->next = ta->items;
	ta->items = item;
	pthread_mutex_unlock(&ta->lock);
	return id;
}

/* Take item @id out of the list; NULL: there is none. */
static struct item *take_item(struct test_access *ta, uint32_t id)
{
	struct item **link, *item;

	pthread_mutex_lock(&ta->lock);
	for (link = &ta->items; (item = *link); link = &item->next)
		if (item->id == id)
			break;
	if (item) {
		*link = item->next;
		item->next = NULL;
	}
	pthread_mutex_unlock(&ta->lock);
	return item;
}

static int access_pin(struct iommufd_request *req, struct test_access *ta)
{
	struct iommu_test_cmd *cmd = &req->cmd.test;
	struct item *item = calloc(1, sizeof(*item));
	int rc;

	if (!item)
		return -ENOMEM;
	item->iova = cmd->pin.iova;
	if (cmd->pin.flags & IOMMU_TEST_ACCESS_SYZ)
		item->iova = to_iova(ta, cmd->pin.iova);
	rc = pin_and_compare(req, ta, item);
	if (rc) {
		free(item);
		return rc;
	}
	item->last = item->iova + (cmd->pin.length - 1);
	cmd->pin.out_pages_id = add_item(ta, item);
	rc = iommufd_respond(req);
	if (rc)
		free_items(take_item(ta, cmd->pin.out_pages_id));
	return rc;
}

int iommufd_test_access_pin(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	struct test_access *ta;
	int rc;

	if (cmd->pin.length > MAX_LENGTH)
		return -ENOMEM;
	if (cmd->pin.flags & ~PIN_FLAGS)
		return -EOPNOTSUPP;
	rc = get_access(req, &ta);
	if (rc)
		return rc;
	rc = access_pin(req, ta);
	uiommu_file_put(&ta->file);
	return rc;
}

int iommufd_test_access_unpin(struct iommufd_request *req)
{
	struct test_access *ta;
	struct item *item;
	int rc;

	rc = get_access(req, &ta);
	if (rc)
		return rc;
	item = take_item(ta, req->cmd.test.unpin.pages_id);
	free_items(item);
	uiommu_file_put(&ta->file);
	return item ? 0 : -ENOENT;
}

/* ---- ACCESS_RW ----------------------------------------------------- */

/* There is one path only, which SLOW_PATH and its absence both mean. */
static int copy(struct iommufd_request *req, struct test_access *ta,
		uint64_t iova, uint64_t uptr, void *buf, size_t len)
{
	const struct uiommu_user_ops *ops = req->user->ops;
	int rc;

	if (req->cmd.test.rw.flags & IOMMU_TEST_ACCESS_WRITE) {
		rc = ops->copy_in(req->user, buf, uptr, len);
		return rc ? rc
			  : iommufd_access_rw(ta->access, iova, buf, len,
					      IOMMUFD_ACCESS_WRITE);
	}
	rc = iommufd_access_rw(ta->access, iova, buf, len, 0);
	return rc ? rc : ops->copy_out(req->user, uptr, buf, len);
}

static int access_rw(struct iommufd_request *req, struct test_access *ta)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	const uint64_t length = cmd->rw.length;
	uint64_t iova = cmd->rw.iova;
	void *buf;
	int rc;

	if (cmd->rw.flags & IOMMU_TEST_ACCESS_SYZ)
		iova = to_iova(ta, cmd->rw.iova);
	buf = malloc(length ? length : 1);
	if (!buf)
		return -ENOMEM;
	rc = copy(req, ta, iova, cmd->rw.uptr, buf, length);
	free(buf);
	return rc;
}

int iommufd_test_access_rw(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	struct test_access *ta;
	int rc;

	if (cmd->rw.flags & ~RW_FLAGS)
		return -EOPNOTSUPP;
	if (cmd->rw.length > MAX_LENGTH)
		return -ENOMEM;
	rc = get_access(req, &ta);
	if (rc)
		return rc;
	rc = access_rw(req, ta);
	uiommu_file_put(&ta->file);
	return rc;
}

/* ---- ACCESS_REPLACE_IOAS ------------------------------------------- */

int iommufd_test_access_replace(struct iommufd_request *req)
{
	struct test_access *ta;
	int rc;

	rc = get_access(req, &ta);
	if (rc)
		return rc;
	rc = iommufd_access_replace(ta->access,
				    req->cmd.test.replace_ioas.ioas_id);
	uiommu_file_put(&ta->file);
	return rc;
}
