/* SPDX-License-Identifier: MIT */
/**
 * DOC: Contexts and the objects in them
 *
 * A context is an open /dev/iommu. Its objects have ids: the lowest free one, from
 * 1. An object is counted in two ways:
 *
 *	readers	requests that are working with it right now
 *	users	objects that need it (an HWPT its IOAS, a device its HWPT)
 *
 * An object with users cannot be destroyed (-EBUSY). Destroying waits for the
 * readers; from then on lookups do not find the object. A reader may become a
 * user as long as it is a reader.
 *
 * Lock order, outermost first; a thread takes them in this order only:
 *
 *	iommufd_access.changing	what an access is attached to
 *	iommufd_ctx.changing_process
 *	iommufd_group.lock	what the devices of a group are attached to
 *	iommufd_ioas.tables	(read) page tables of ranges that the caller has
 *				to itself; (write) which tables there are
 *	iommufd_ioas.lock	areas and ranges of an IOAS
 *	iommufd_pages.lock, iommufd_eventq.lock, iommufd_access.lock
 *	iommufd_ctx.lock	the object table; a leaf
 *
 * The locks of the core and of drivers are taken under these. None is held while
 * client memory is copied or pinned: a request copies its struct before it takes a
 * lock and answers when it has dropped all; what an area needs pinned is pinned
 * while the area is marked busy, see ioas.h. So a client whose memory does not
 * answer (a userfaultfd, a dead file server) blocks nobody but those who need the
 * same area, or the same access: who moves an access waits for what it pins.
 */
#ifndef IOMMUFD_OBJECT_H
#define IOMMUFD_OBJECT_H

#include <pthread.h>

#include <uiommu/user.h>

#include "iommufd/container.h"
#include "iommufd/range.h"

/** enum iommufd_kind - what an object is. */
enum iommufd_kind {
	IOMMUFD_ANY, /* for lookups: whatever it is */
	IOMMUFD_IOAS,
	IOMMUFD_HWPT_PAGING,
	IOMMUFD_HWPT_NESTED,
	IOMMUFD_DEVICE,
	IOMMUFD_FAULT,
	IOMMUFD_VIOMMU,
	IOMMUFD_VDEVICE,
	IOMMUFD_VEVENTQ,
	IOMMUFD_HW_QUEUE,
	IOMMUFD_ACCESS,
	IOMMUFD_SELFTEST,
};

struct iommufd_object;

/**
 * struct iommufd_ctx - an open /dev/iommu
 * @file: the open file
 * @lock: protects all below and the counts of all objects
 * @changed: an object lost a reader
 * @objects: by id
 * @groups: groups with devices bound to this context
 * @rlimit_mode: IOMMU_OPTION_RLIMIT_MODE
 * @changing_process: held by IOMMU_IOAS_CHANGE_PROCESS; the outermost lock
 * @areas: what the client can map, see mmap.h, by offset
 * @next_area: where to look for a free offset
 * @mock: what IOMMU_TEST_CMD drives; NULL = there is no such request. Constant
 * @vfio_ioas: the IOAS of the VFIO container interface, or NULL; it may be
 *	destroyed, and is then forgotten
 * @is_container: opened as /dev/vfio/vfio; constant
 * @logs_dirty: as such, it was told to log dirty pages
 */
struct iommufd_ctx {
	struct uiommu_file file;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct iommufd_range_tree objects;
	struct iommufd_group *groups;
	uint64_t rlimit_mode;
	pthread_mutex_t changing_process;
	struct iommufd_range_tree areas;
	uint64_t next_area;
	struct mock_iommu *mock;
	struct iommufd_object *vfio_ioas;
	bool is_container;
	bool logs_dirty;
};

/**
 * struct iommufd_object - begins everything that has an id
 * @id: its id, as the range [id, id]
 * @ctx: its context
 * @kind: what it is
 * @visible: lookups find it
 * @readers: see above
 * @users: see above
 * @destroy: frees it and what it holds; no lock is held, nobody can find it
 */
struct iommufd_object {
	struct iommufd_range id;
	struct iommufd_ctx *ctx;
	enum iommufd_kind kind;
	bool visible;
	unsigned int readers;
	unsigned int users;
	void (*destroy)(struct iommufd_object *obj);
};

static inline struct iommufd_ctx *iommufd_ctx_of(struct uiommu_file *file)
{
	return iommufd_container(file, struct iommufd_ctx, file);
}

static inline uint32_t iommufd_object_id(const struct iommufd_object *obj)
{
	return (uint32_t)obj->id.start;
}

/**
 * iommufd_object_init() - give @obj an id; lookups do not find it yet
 *
 * Return: 0; -ENOSPC: all ids are taken.
 */
int iommufd_object_init(struct iommufd_ctx *ctx, struct iommufd_object *obj,
			enum iommufd_kind kind,
			void (*destroy)(struct iommufd_object *obj));

/** iommufd_object_publish() - lookups find @obj from now on. */
void iommufd_object_publish(struct iommufd_object *obj);

/** iommufd_object_abort() - destroy @obj, which was not published. */
void iommufd_object_abort(struct iommufd_object *obj);

/** iommufd_object_drop() - the same, but only give up the id, free nothing. */
void iommufd_object_drop(struct iommufd_object *obj);

/**
 * iommufd_object_get() - find an object and become its reader
 *
 * Return: NULL if there is no object @id of that kind.
 */
struct iommufd_object *iommufd_object_get(struct iommufd_ctx *ctx, uint32_t id,
					  enum iommufd_kind kind);

/**
 * iommufd_object_get_from() - the object with the lowest id from @id on
 *
 * Return: NULL if there is no object of that kind any more.
 */
struct iommufd_object *iommufd_object_get_from(struct iommufd_ctx *ctx,
					       uint64_t id,
					       enum iommufd_kind kind);

/**
 * iommufd_object_try_get() - become a reader of @obj, whose memory is known to last
 *
 * Return: false if lookups would not find it.
 */
bool iommufd_object_try_get(struct iommufd_object *obj);

/** iommufd_object_get_vfio() - become a reader of @ctx->vfio_ioas; NULL. */
struct iommufd_object *iommufd_object_get_vfio(struct iommufd_ctx *ctx);

/**
 * iommufd_object_set_vfio() - make @obj the IOAS of the container interface
 * @obj: the caller is its reader, or has not published it yet; NULL = none
 */
void iommufd_object_set_vfio(struct iommufd_ctx *ctx,
			     struct iommufd_object *obj);

/**
 * iommufd_object_publish_vfio() - publish @obj and make it that IOAS
 *
 * Return: false if there is one already; nothing has changed then.
 */
bool iommufd_object_publish_vfio(struct iommufd_object *obj);

/**
 * iommufd_object_next() - find the object of that kind with the next higher id
 * @after: an object that the caller reads, and reads no more on return; NULL = begin
 *
 * Return: the caller is its reader; NULL: there is none.
 */
struct iommufd_object *iommufd_object_next(struct iommufd_ctx *ctx,
					   struct iommufd_object *after,
					   enum iommufd_kind kind);

/** iommufd_object_put() - no longer read @obj. */
void iommufd_object_put(struct iommufd_object *obj);

/** iommufd_object_use() - become a user; the caller is a reader or a user. */
void iommufd_object_use(struct iommufd_object *obj);

/** iommufd_object_unuse() - no longer use @obj. */
void iommufd_object_unuse(struct iommufd_object *obj);

/**
 * iommufd_object_unuse_last() - no longer use @obj, and destroy it if nobody does
 *
 * Return: true if @obj is gone.
 */
bool iommufd_object_unuse_last(struct iommufd_object *obj);

/**
 * iommufd_object_destroy_id() - IOMMU_DESTROY
 *
 * Return: 0, -ENOENT or -EBUSY.
 */
int iommufd_object_destroy_id(struct iommufd_ctx *ctx, uint32_t id);

/** iommufd_object_destroy_all() - no requests are under way; whatever there is. */
void iommufd_object_destroy_all(struct iommufd_ctx *ctx);

#endif
