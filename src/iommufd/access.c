/* SPDX-License-Identifier: MIT */
/*
 * Accesses: how software reaches an IOAS.
 */
#include <stdlib.h>

#include "iommufd/access.h"
#include "iommufd/iommufd_device.h"
#include "iommufd/object.h"

/**
 * struct iommufd_access_pin - what one iommufd_access_pin_pages() has pinned
 * @hold: where; its parts are pinned
 */
struct iommufd_access_pin {
	struct iommufd_hold hold;
};

/* ---- Life ---------------------------------------------------------- */

static void access_destroy(struct iommufd_object *obj)
{
	struct iommufd_access *access =
		iommufd_container(obj, struct iommufd_access, obj);

	pthread_cond_destroy(&access->empty);
	pthread_mutex_destroy(&access->lock);
	pthread_mutex_destroy(&access->changing);
	free(access);
}

static struct iommufd_access *access_new(const struct iommufd_access_ops *ops,
					 void *data)
{
	struct iommufd_access *access = calloc(1, sizeof(*access));

	if (!access)
		return NULL;
	access->ops = ops;
	access->data = data;
	pthread_mutex_init(&access->changing, NULL);
	pthread_mutex_init(&access->lock, NULL);
	pthread_cond_init(&access->empty, NULL);
	return access;
}

int iommufd_access_create(struct uiommu_file *file,
			  const struct iommufd_access_ops *ops, void *data,
			  uint32_t *id, struct iommufd_access **out)
{
	struct iommufd_access *access;
	int rc;

	if (!iommufd_is(file))
		return -EBADFD;
	access = access_new(ops, data);
	if (!access)
		return -ENOMEM;
	rc = iommufd_object_init(iommufd_ctx_of(file), &access->obj,
				 IOMMUFD_ACCESS, access_destroy);
	if (rc) {
		access_destroy(&access->obj);
		return rc;
	}
	uiommu_file_get(file);
	*id = iommufd_object_id(&access->obj);
	*out = access;
	iommufd_object_use(&access->obj);
	iommufd_object_publish(&access->obj);
	return 0;
}

void iommufd_access_destroy(struct iommufd_access *access)
{
	struct uiommu_file *file = &access->obj.ctx->file;
	bool internal = access->internal;

	iommufd_access_detach(access);
	if (internal) {
		access_destroy(&access->obj);
		return;
	}
	iommufd_object_unuse_last(&access->obj);
	uiommu_file_put(file);
}

/* ---- Attaching ----------------------------------------------------- */

/* @access is going to come: does what is mapped suit it? */
static int expect(struct iommufd_ioas *ioas,
		  const struct iommufd_access *access)
{
	int rc = 0;

	if (!access->ops->needs_pin_pages)
		return 0;
	pthread_mutex_lock(&ioas->lock);
	ioas->page_users++;
	rc = iommufd_ioas_realign(ioas);
	if (rc)
		ioas->page_users--;
	pthread_mutex_unlock(&ioas->lock);
	return rc;
}

static void join(struct iommufd_ioas *ioas, struct iommufd_access *access)
{
	iommufd_object_use(&ioas->obj);
	pthread_mutex_lock(&ioas->lock);
	access->leaving = false;
	access->next = ioas->accesses;
	ioas->accesses = access;
	pthread_mutex_unlock(&ioas->lock);
}

static void tell_all(struct iommufd_access *access)
{
	if (access->ops->unmap)
		access->ops->unmap(access->data, 0, UINT64_MAX);
}

/* Get back all that @access holds; nobody can hold more. */
static void drain(struct iommufd_ioas *ioas, struct iommufd_access *access)
{
	unsigned int left;

	pthread_mutex_lock(&ioas->lock);
	access->leaving = true;
	pthread_mutex_unlock(&ioas->lock);
	do {
		tell_all(access);
		pthread_mutex_lock(&ioas->lock);
		if (access->nr_holds)
			iommufd_ioas_pause(ioas);
		left = access->nr_holds;
		pthread_mutex_unlock(&ioas->lock);
	} while (left);
	pthread_mutex_lock(&access->lock);
	while (access->inside)
		pthread_cond_wait(&access->empty, &access->lock);
	pthread_mutex_unlock(&access->lock);
}

static void leave(struct iommufd_ioas *ioas, struct iommufd_access *access)
{
	struct iommufd_access **link = &ioas->accesses;

	drain(ioas, access);
	pthread_mutex_lock(&ioas->lock);
	while (access->told)
		pthread_cond_wait(&ioas->changed, &ioas->lock);
	while (*link != access)
		link = &(*link)->next;
	*link = access->next;
	if (access->ops->needs_pin_pages) {
		ioas->page_users--;
		/* A smaller alignment is in nobody's way. */
		PORT_WARN_ON(iommufd_ioas_realign(ioas));
	}
	pthread_mutex_unlock(&ioas->lock);
	iommufd_object_unuse(&ioas->obj);
}

static void set_ioas(struct iommufd_access *access, struct iommufd_ioas *ioas)
{
	pthread_mutex_lock(&access->lock);
	access->ioas = ioas;
	pthread_mutex_unlock(&access->lock);
}

/* The caller holds @changing and is a reader of @ioas. */
static int move(struct iommufd_access *access, struct iommufd_ioas *ioas)
{
	struct iommufd_ioas *old = access->ioas;
	int rc;

	if (ioas == old)
		return 0;
	rc = expect(ioas, access);
	if (rc)
		return rc;
	if (old) {
		set_ioas(access, NULL);
		leave(old, access);
	}
	join(ioas, access);
	set_ioas(access, ioas);
	return 0;
}

static int change(struct iommufd_access *access, uint32_t ioas_id,
		  bool attached)
{
	struct iommufd_ioas *ioas;
	int rc;

	ioas = iommufd_ioas_get(access->obj.ctx, ioas_id);
	if (!ioas)
		return -ENOENT;
	pthread_mutex_lock(&access->changing);
	if (attached && !access->ioas)
		rc = -ENOENT;
	else if (!attached && access->ioas)
		rc = -EINVAL;
	else
		rc = move(access, ioas);
	pthread_mutex_unlock(&access->changing);
	iommufd_object_put(&ioas->obj);
	return rc;
}

int iommufd_access_attach(struct iommufd_access *access, uint32_t ioas_id)
{
	return change(access, ioas_id, false);
}

int iommufd_access_replace(struct iommufd_access *access, uint32_t ioas_id)
{
	return change(access, ioas_id, true);
}

void iommufd_access_detach(struct iommufd_access *access)
{
	struct iommufd_ioas *ioas;

	pthread_mutex_lock(&access->changing);
	ioas = access->ioas;
	if (ioas) {
		set_ioas(access, NULL);
		leave(ioas, access);
	}
	pthread_mutex_unlock(&access->changing);
}

int iommufd_access_create_internal(struct iommufd_ioas *ioas,
				   struct iommufd_access **out)
{
	static const struct iommufd_access_ops ops = {
		.needs_pin_pages = true,
	};
	struct iommufd_access *access = access_new(&ops, NULL);
	int rc;

	if (!access)
		return -ENOMEM;
	access->internal = true;
	access->obj.ctx = ioas->obj.ctx;
	rc = move(access, ioas);
	if (rc) {
		access_destroy(&access->obj);
		return rc;
	}
	*out = access;
	return 0;
}

/* ---- Reaching memory ----------------------------------------------- */

/* The IOAS of @access, which stays its own until step_out(); NULL: it has none. */
static struct iommufd_ioas *step_in(struct iommufd_access *access)
{
	struct iommufd_ioas *ioas;

	pthread_mutex_lock(&access->lock);
	ioas = access->ioas;
	if (ioas)
		access->inside++;
	pthread_mutex_unlock(&access->lock);
	return ioas;
}

static void step_out(struct iommufd_access *access)
{
	pthread_mutex_lock(&access->lock);
	if (!--access->inside)
		pthread_cond_broadcast(&access->empty);
	pthread_mutex_unlock(&access->lock);
}

static int set_range(struct iommufd_hold *hold, uint64_t iova, uint64_t length)
{
	hold->iova.start = iova;
	if (!length)
		return -EINVAL;
	if (__builtin_add_overflow(iova, length - 1, &hold->iova.last))
		return -EOVERFLOW;
	return 0;
}

static void unpin_parts(struct iommufd_hold *hold,
			const struct iommufd_area *stop)
{
	const struct iommufd_area *part;

	for (part = hold->parts; part != stop; part = part->next)
		iommufd_pages_unpin(part->pages, part->offset,
				    iommufd_area_length(part));
}

static int pin_parts(struct iommufd_hold *hold)
{
	const struct iommufd_area *part;
	int rc;

	for (part = hold->parts; part; part = part->next) {
		rc = iommufd_pages_pin(part->pages, part->offset,
				       iommufd_area_length(part));
		if (rc) {
			unpin_parts(hold, part);
			return rc;
		}
	}
	rc = iommufd_hold_pinned(hold);
	if (rc)
		unpin_parts(hold, NULL);
	return rc;
}

/* Areas are made of whole pages here: each page is in one part only. */
static void list_pages(const struct iommufd_hold *hold, phys_addr_t *pages)
{
	const phys_addr_t mask = UIOMMU_PAGE_SIZE - 1;
	const struct iommufd_area *part;
	struct iommufd_cursor cursor;
	phys_addr_t pa, page;
	uint64_t len;

	for (part = hold->parts; part; part = part->next) {
		iommufd_cursor_init(&cursor, part->pages, part->offset,
				    iommufd_area_length(part));
		while (iommufd_cursor_next(&cursor, &pa, &len))
			for (page = pa & ~mask; page < pa + len;
			     page += UIOMMU_PAGE_SIZE)
				*pages++ = page;
		iommufd_cursor_fini(&cursor);
	}
}

static int pin_held(struct iommufd_ioas *ioas, struct iommufd_access_pin *pin,
		    phys_addr_t *pages, unsigned int flags)
{
	int rc;

	pin->hold.locked = flags & IOMMUFD_ACCESS_LOCK;
	rc = iommufd_ioas_hold(ioas, &pin->hold,
			       flags & IOMMUFD_ACCESS_WRITE ? IOMMU_WRITE : 0,
			       true);
	if (rc)
		return rc;
	rc = pin_parts(&pin->hold);
	if (rc)
		iommufd_hold_release(&pin->hold);
	else if (pages)
		list_pages(&pin->hold, pages);
	return rc;
}

int iommufd_access_pin_pages(struct iommufd_access *access, uint64_t iova,
			     uint64_t length, phys_addr_t *pages,
			     unsigned int flags,
			     struct iommufd_access_pin **out)
{
	struct iommufd_access_pin *pin;
	struct iommufd_ioas *ioas;
	int rc;

	if (!access->ops->needs_pin_pages)
		return -EOPNOTSUPP;
	pin = calloc(1, sizeof(*pin));
	if (!pin)
		return -ENOMEM;
	pin->hold.access = access;
	rc = set_range(&pin->hold, iova, length);
	if (rc)
		goto err_free;
	rc = -ENOENT;
	ioas = step_in(access);
	if (!ioas)
		goto err_free;
	rc = pin_held(ioas, pin, pages, flags);
	step_out(access);
	if (rc)
		goto err_free;
	*out = pin;
	return 0;

err_free:
	free(pin);
	return rc;
}

void iommufd_access_unpin_pages(struct iommufd_access_pin *pin)
{
	unpin_parts(&pin->hold, NULL);
	iommufd_hold_release(&pin->hold);
	free(pin);
}

bool iommufd_access_contiguous(const struct iommufd_access_pin *pin,
			       phys_addr_t *first)
{
	const struct iommufd_area *part;
	struct iommufd_cursor cursor;
	phys_addr_t pa, expected = 0;
	bool contiguous = true;
	uint64_t len;

	*first = PHYS_ADDR_MAX;
	for (part = pin->hold.parts; part && contiguous; part = part->next) {
		iommufd_cursor_init(&cursor, part->pages, part->offset,
				    iommufd_area_length(part));
		while (contiguous && iommufd_cursor_next(&cursor, &pa, &len)) {
			if (*first == PHYS_ADDR_MAX)
				*first = pa;
			else
				contiguous = pa == expected;
			expected = pa + len;
		}
		iommufd_cursor_fini(&cursor);
	}
	return contiguous;
}

static int copy_held(struct iommufd_ioas *ioas, struct iommufd_hold *hold,
		     void *buf, unsigned int flags)
{
	bool write = flags & IOMMUFD_ACCESS_WRITE;
	const struct iommufd_area *part;
	int rc;

	rc = iommufd_ioas_hold(ioas, hold, write ? IOMMU_WRITE : IOMMU_READ,
			       false);
	if (rc)
		return rc;
	for (part = hold->parts; part && !rc; part = part->next) {
		rc = iommufd_pages_rw(part->pages, part->offset, buf,
				      iommufd_area_length(part), write);
		buf = (char *)buf + iommufd_area_length(part);
	}
	iommufd_hold_release(hold);
	return rc;
}

/* The area at @iova ends there, or there is none: at @iova itself. */
static uint64_t area_last(struct iommufd_ioas *ioas, uint64_t iova)
{
	const struct iommufd_range *r;
	uint64_t last = iova;

	pthread_mutex_lock(&ioas->lock);
	r = iommufd_range_first(&ioas->areas, iova, iova);
	if (r)
		last = r->last;
	pthread_mutex_unlock(&ioas->lock);
	return last;
}

/* One area after the other: those before one that is wrong have been copied. */
static int copy_areas(struct iommufd_access *access, struct iommufd_ioas *ioas,
		      const struct iommufd_range *range, void *buf,
		      unsigned int flags)
{
	struct iommufd_hold hold = { .access = access };
	uint64_t at = range->start;
	int rc;

	for (;;) {
		hold.iova.start = at;
		hold.iova.last = area_last(ioas, at);
		if (hold.iova.last > range->last)
			hold.iova.last = range->last;
		rc = copy_held(ioas, &hold, buf, flags);
		if (rc || hold.iova.last == range->last)
			return rc;
		buf = (char *)buf + (hold.iova.last - at + 1);
		at = hold.iova.last + 1;
	}
}

int iommufd_access_rw(struct iommufd_access *access, uint64_t iova, void *buf,
		      size_t length, unsigned int flags)
{
	struct iommufd_hold range = { .access = access };
	struct iommufd_ioas *ioas;
	int rc;

	rc = set_range(&range, iova, length);
	if (rc)
		return rc;
	ioas = step_in(access);
	if (!ioas)
		return -ENOENT;
	rc = copy_areas(access, ioas, &range.iova, buf, flags);
	step_out(access);
	return rc;
}
