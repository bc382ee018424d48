/* SPDX-License-Identifier: MIT */
/**
 * DOC: I/O address spaces
 *
 * An IOAS is a set of areas. As soon as it has a page table (an HWPT), every area
 * is pinned and mapped in each of its page tables.
 *
 * An area is NEW while it is being mapped, then LIVE, and DYING from when an unmap
 * has chosen it. NEW and DYING areas occupy their IOVAs, and are otherwise the
 * business of one thread only. A LIVE area is busy while one thread pins it,
 * unpins it, or has yet to tell the client that it is there; others wait until it
 * is not, except that page tables may be added and removed under it.
 *
 * Three things happen to areas, and this is how they stay apart:
 *
 * - A map pins its NEW areas with no lock held, then takes @tables for reading,
 *   sees under @lock that what it has pinned is what the IOAS needs, maps into
 *   every page table, and makes the areas LIVE before it lets @tables go.
 * - A new page table first announces itself in @pinners, so that later maps pin;
 *   then it pins LIVE areas one after the other, with no lock held; then it takes
 *   @tables for writing, when no map is half way through the page tables, and maps
 *   all LIVE areas. NEW ones are mapped by their own thread, which finds the page
 *   table when it gets @tables.
 * - An unmap makes areas DYING, takes @tables for reading and unmaps them from all
 *   page tables.
 *
 * Whoever ceases to be busy with an area that is pinned although there are no
 * @pinners (any more) unpins it.
 *
 * Accesses (access.h) do not care for page tables: they keep pins of their own in the
 * page storage. What an access pins or copies is a *hold* on a range of IOVAs. An
 * unmap waits until nobody holds what it removes; there are no new holds on DYING
 * areas. Holds do not care either where areas begin and end, so that an area can be
 * cut in two under them.
 */
#ifndef IOMMUFD_IOAS_H
#define IOMMUFD_IOAS_H

#include <uiommu/iommu.h>
#include <uiommu/iommufd.h>

#include "iommufd/object.h"
#include "iommufd/pages.h"

struct iommufd_access;
struct iommufd_device;
struct iommufd_hwpt;

/** enum iommufd_area_state - see above */
enum iommufd_area_state {
	IOMMUFD_AREA_NEW,
	IOMMUFD_AREA_LIVE,
	IOMMUFD_AREA_DYING,
};

/**
 * struct iommufd_area - a range of IOVAs and what it maps
 * @iova: the range
 * @pages: the memory, with a reference
 * @offset: where in @pages it begins
 * @prot: enum iommu_prot
 * @state: see above
 * @busy: a thread pins or unpins it
 * @pinned: its part of @pages is pinned
 * @large: page tables may map it by entries larger than a page
 * @next: the next area of the same request
 */
struct iommufd_area {
	struct iommufd_range iova;
	struct iommufd_pages *pages;
	uint64_t offset;
	unsigned int prot;
	enum iommufd_area_state state;
	bool busy;
	bool pinned;
	bool large;
	struct iommufd_area *next;
};

/**
 * struct iommufd_hold - a range of IOVAs that must stay as it is
 * @iova: the range
 * @access: for whom
 * @ioas: where
 * @parts: what is mapped there, as areas in no IOAS
 * @locked: unmapping is refused instead of waiting
 * @pinned: the access has it, and is told when it has to give it back; else the hold
 *	goes away by itself
 * @doomed: it is wanted back before @access has it
 */
struct iommufd_hold {
	struct iommufd_range iova;
	struct iommufd_access *access;
	struct iommufd_ioas *ioas;
	struct iommufd_area *parts;
	bool locked;
	bool pinned;
	bool doomed;
};

/**
 * struct iommufd_reserved - a range of IOVAs that cannot be mapped
 * @iova: the range
 * @next: the next one of the same owner
 */
struct iommufd_reserved {
	struct iommufd_range iova;
	struct iommufd_reserved *next;
};

/**
 * struct iommufd_allowed - a range that IOMMU_IOAS_ALLOW_IOVAS named
 * @iova: the range
 * @next: the next one of the same request
 */
struct iommufd_allowed {
	struct iommufd_range iova;
	struct iommufd_allowed *next;
};

/**
 * struct iommufd_ioas - an I/O address space
 * @obj: its object
 * @tables: the page tables: for reading to change ranges in them, for writing to
 *	change which there are
 * @hwpts: those that areas are mapped in; changed with @tables and @lock held
 * @lock: protects all below
 * @changed: an area has ceased to be busy or is gone, a hold is gone, or @attaching
 *	has ended
 * @areas: struct iommufd_area, disjoint
 * @holds: struct iommufd_hold
 * @accesses: those that are attached
 * @page_users: those of them, and those about to be, that need whole pages
 * @reserved: struct iommufd_reserved
 * @reserved_for_good: those of them that belong to nobody, as a list
 * @allowed: struct iommufd_allowed, disjoint; empty = no restriction
 * @allowed_list: the same as a list
 * @pinners: page tables that areas must be pinned for, also those that are just
 *	being added
 * @joining: page tables that are being added
 * @alignment: what IOVAs, lengths and offsets in pages are a multiple of
 * @small_pages: IOMMU_OPTION_HUGE_PAGES is off
 * @attaching: a device is looking for, or making, the automatic HWPT
 */
struct iommufd_ioas {
	struct iommufd_object obj;
	pthread_rwlock_t tables;
	struct iommufd_hwpt *hwpts;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct iommufd_range_tree areas;
	struct iommufd_range_tree holds;
	struct iommufd_access *accesses;
	unsigned int page_users;
	struct iommufd_range_tree reserved;
	struct iommufd_reserved *reserved_for_good;
	struct iommufd_range_tree allowed;
	struct iommufd_allowed *allowed_list;
	unsigned int pinners;
	struct iommufd_hwpt *joining;
	uint64_t alignment;
	bool small_pages;
	bool attaching;
};

static inline struct iommufd_ioas *iommufd_ioas_of(struct iommufd_object *obj)
{
	return iommufd_container(obj, struct iommufd_ioas, obj);
}

static inline struct iommufd_area *iommufd_area_of(struct iommufd_range *iova)
{
	return iommufd_container(iova, struct iommufd_area, iova);
}

static inline uint64_t iommufd_area_length(const struct iommufd_area *area)
{
	return area->iova.last - area->iova.start + 1;
}

/** iommufd_ioas_get() - find the IOAS @id and become its reader, or NULL. */
static inline struct iommufd_ioas *iommufd_ioas_get(struct iommufd_ctx *ctx,
						    uint32_t id)
{
	struct iommufd_object *obj = iommufd_object_get(ctx, id, IOMMUFD_IOAS);

	return obj ? iommufd_ioas_of(obj) : NULL;
}

/* ---- ioas.c: ranges ------------------------------------------------ */

/**
 * iommufd_ioas_new() - an empty IOAS, which is not published yet
 *
 * Return: 0, -ENOMEM or -ENOSPC.
 */
int iommufd_ioas_new(struct iommufd_ctx *ctx, struct iommufd_ioas **out);

/**
 * iommufd_ioas_usable() - the ranges that are not reserved, in ascending order
 * @out: for the caller to free
 *
 * Context: no lock held. Return: 0 or -ENOMEM.
 */
int iommufd_ioas_usable(struct iommufd_ioas *ioas,
			struct iommu_iova_range **out, uint32_t *nr);

/**
 * iommufd_ioas_reserve() - reserve the ranges of the list @ranges
 *
 * Context: @ioas->lock is held. Return: 0; -EADDRINUSE: an area or an allowed range
 * is in the way; nothing is reserved then.
 */
int iommufd_ioas_reserve(struct iommufd_ioas *ioas,
			 struct iommufd_reserved *ranges);

/** iommufd_ioas_unreserve() - undo; the list is the caller's again. Locked. */
void iommufd_ioas_unreserve(struct iommufd_ioas *ioas,
			    struct iommufd_reserved *ranges);

/**
 * iommufd_ioas_realign() - recompute the alignment from the options and page tables
 *
 * Context: @ioas->lock is held. Return: 0; -EADDRINUSE: an area does not have the
 * new one; nothing has changed then.
 */
int iommufd_ioas_realign(struct iommufd_ioas *ioas);

/* ---- option.c ------------------------------------------------------ */

/**
 * iommufd_ioas_set_huge_pages() - IOMMU_OPTION_HUGE_PAGES
 *
 * Context: @ioas->lock is held. Return: 0; -EINVAL: @value is neither 0 nor 1, or 0
 * while page tables map something; -EADDRINUSE: an area is not page aligned.
 */
int iommufd_ioas_set_huge_pages(struct iommufd_ioas *ioas, uint64_t value);

/* ---- area.c: areas ------------------------------------------------- */

/**
 * struct iommufd_map - one map request
 * @ioas: where
 * @areas: list of areas with pages, offset and prot, and iova.last holding the
 *	length minus 1; adjacent in this order
 * @length: of all
 * @fixed: @iova is given; else it is chosen
 * @iova: where the first one begins
 */
struct iommufd_map {
	struct iommufd_ioas *ioas;
	struct iommufd_area *areas;
	uint64_t length;
	bool fixed;
	uint64_t iova;
};

/** iommufd_area_new() - takes over a reference on @pages; NULL without memory. */
struct iommufd_area *iommufd_area_new(struct iommufd_pages *pages,
				      uint64_t offset, uint64_t length,
				      unsigned int prot);

/** iommufd_area_free_list() - free areas that are in no IOAS. */
void iommufd_area_free_list(struct iommufd_area *areas);

/**
 * iommufd_map_begin() - map what @map says; it can still be taken back
 *
 * On success the areas are in the IOAS, DMA reaches them, and they are busy until
 * iommufd_map_commit() or iommufd_map_abort(). On failure nothing has changed, and
 * the areas still belong to the caller.
 *
 * Context: no lock held. Return: 0 or the uAPI's error.
 */
int iommufd_map_begin(struct iommufd_map *map);

/** iommufd_map_commit() - the client knows; the areas are the IOAS's. */
void iommufd_map_commit(struct iommufd_map *map);

/** iommufd_map_abort() - undo; the areas are the caller's again. */
void iommufd_map_abort(struct iommufd_map *map);

/**
 * iommufd_ioas_unmap() - remove the areas in [@start, @last]
 * @unmapped: bytes that were mapped there
 *
 * Accesses are told, and waited for, where they hold something of it. Areas go from
 * the lowest on; those before one that cannot go are gone also on failure.
 *
 * Context: no lock held. Return: 0, also when there was nothing; -ENOENT: an area is
 * only partly in the range; -EBUSY: something in it is locked.
 */
int iommufd_ioas_unmap(struct iommufd_ioas *ioas, uint64_t start, uint64_t last,
		       uint64_t *unmapped);

/**
 * iommufd_ioas_find() - what maps [@iova, @last], as a list of unmapped copies
 * @prot: permissions of the copies
 *
 * Context: no lock held. Return: 0; -ENOENT: there is a hole; -ENOMEM.
 */
int iommufd_ioas_find(struct iommufd_ioas *ioas, uint64_t iova, uint64_t last,
		      unsigned int prot, struct iommufd_area **areas);

/**
 * iommufd_ioas_parts() - what maps [@iova, @last], as iommufd_ioas_find()
 * @need: permissions that the areas must have (enum iommu_prot)
 * @whole: the range has to begin where a page of memory does, and areas in it have to
 *	begin and end so
 *
 * Waits for areas that are busy. Context: @ioas->lock is held, and dropped while
 * waiting. Return: 0; -ENOENT; -EPERM; -EINVAL: it is not @whole; -ENOMEM.
 */
int iommufd_ioas_parts(struct iommufd_ioas *ioas, uint64_t iova, uint64_t last,
		       unsigned int need, bool whole,
		       struct iommufd_area **areas);

/* ---- cut.c: making areas smaller ----------------------------------- */

/**
 * iommufd_ioas_cut() - let [@start, @last] begin and end where areas do
 *
 * Areas that cross its borders become two. DMA, pins and accesses do not notice.
 * Entries of page tables that cross a border are split by the domain (its cut
 * operation), unless HUGE_PAGES is off, when there are none.
 *
 * Context: no lock held. Return: 0, also where nothing crosses; -EINVAL: a border that
 * an area crosses is not page aligned; -EOPNOTSUPP: a page table has large entries and
 * cannot split them; -ENOMEM. On failure no area has changed.
 */
int iommufd_ioas_cut(struct iommufd_ioas *ioas, uint64_t start, uint64_t last);

/* ---- hold.c: what accesses hold ------------------------------------- */

/**
 * iommufd_ioas_hold() - hold @hold->iova for @hold->access
 * @need: permissions that the areas must have (enum iommu_prot)
 * @whole: see iommufd_ioas_parts()
 *
 * Context: no lock held; the caller is a reader of @ioas. Return: 0; as
 * iommufd_ioas_parts(); -ENOENT: the access is about to leave.
 */
int iommufd_ioas_hold(struct iommufd_ioas *ioas, struct iommufd_hold *hold,
		      unsigned int need, bool whole);

/**
 * iommufd_hold_pinned() - the access has it from now on
 *
 * Return: 0; -ENOENT: it is unmapped already; the caller releases it.
 */
int iommufd_hold_pinned(struct iommufd_hold *hold);

/** iommufd_hold_release() - the range may go; frees the parts. */
void iommufd_hold_release(struct iommufd_hold *hold);

/**
 * iommufd_ioas_reclaim() - wait until nobody holds anything of [@start, @last],
 * where no new holds can come
 *
 * Context: @ioas->lock is held, and dropped while waiting and telling.
 */
void iommufd_ioas_reclaim(struct iommufd_ioas *ioas, uint64_t start,
			  uint64_t last);

/** iommufd_ioas_locked() - is something of [@start, @last] locked? Locked. */
bool iommufd_ioas_locked(const struct iommufd_ioas *ioas, uint64_t start,
			 uint64_t last);

/* ---- table.c: page tables ------------------------------------------ */

/** iommufd_area_map() - map @area, which is pinned, in @domain. All or nothing. */
int iommufd_area_map(const struct iommufd_area *area, bool small_pages,
		     struct iommu_domain *domain);

/** iommufd_area_unmap() - on return no device reaches it through @domain. */
void iommufd_area_unmap(const struct iommufd_area *area,
			struct iommu_domain *domain);

/**
 * iommufd_area_release() - no longer be busy with @area
 *
 * Context: @ioas->lock is held, and dropped meanwhile if @area is to be unpinned.
 */
void iommufd_area_release(struct iommufd_ioas *ioas, struct iommufd_area *area);

/**
 * iommufd_ioas_add_hwpt() - pin all areas and map them in @hwpt; it belongs to the
 * IOAS from now on
 *
 * Context: no lock held. Return: 0; -EADDRINUSE: what is mapped or allowed lies
 * outside its aperture, or is not aligned; an error of pinning or mapping. Nothing
 * has changed on failure.
 */
int iommufd_ioas_add_hwpt(struct iommufd_ioas *ioas, struct iommufd_hwpt *hwpt);

/**
 * iommufd_ioas_remove_hwpt() - undo, and free @hwpt's domain, before areas that no
 * other page table needs are unpinned
 *
 * Context: no lock held; nothing is attached to the domain.
 */
void iommufd_ioas_remove_hwpt(struct iommufd_ioas *ioas,
			      struct iommufd_hwpt *hwpt);

#endif
