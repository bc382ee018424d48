/* SPDX-License-Identifier: MIT */
/**
 * DOC: Access to an IOAS from software: mediated and virtual devices
 *
 * A device that is no hardware, or only part of it, has no page table of its own.
 * It reaches what the client mapped through an access: it copies by IOVA, or pins
 * pages and gets their output addresses. An access is an object of its context and
 * keeps the context and the IOAS that it is attached to in use.
 *
 * The client may unmap at any time. Then the owner of each access is told, by
 * &iommufd_access_ops.unmap, and the unmap waits until everything that was pinned in
 * the range is unpinned.
 *
 * All functions are thread-safe and are called with no lock that the owner's @unmap
 * takes, except that such a lock may be held around iommufd_access_pin_pages(),
 * iommufd_access_unpin_pages() and iommufd_access_rw().
 */
#ifndef UIOMMU_ACCESS_H
#define UIOMMU_ACCESS_H

#include <uiommu/iommu_types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct iommufd_access;
struct iommufd_access_pin;
struct uiommu_file;

/**
 * struct iommufd_access_ops - the owner of an access
 * @needs_pin_pages: it pins. IOVAs of the IOAS are then whole pages
 * @unmap: unpin everything that touches [@iova, @iova + @length), and use it no
 *	more; @length is UINT64_MAX where all goes. Called with no lock held, by the
 *	thread that unmaps, replaces or detaches; several threads may call at once,
 *	and again for a range that is not all unpinned. It must not attach, replace,
 *	detach or destroy. NULL if nothing is pinned
 */
struct iommufd_access_ops {
	bool needs_pin_pages;
	void (*unmap)(void *data, uint64_t iova, uint64_t length);
};

/** enum iommufd_access_flags - of iommufd_access_pin_pages() and _rw(). */
enum iommufd_access_flags {
	IOMMUFD_ACCESS_WRITE = 1 << 0, /* memory is written; else it is read */
	/* pin_pages: until it is unpinned, an unmap is refused with -EBUSY */
	IOMMUFD_ACCESS_LOCK = 1 << 1,
};

/**
 * iommufd_access_create() - make an access in the context @file
 * @file: an open /dev/iommu; a reference is taken
 * @ops: lasts as long as the access
 * @data: for @ops
 * @id: its object id
 *
 * It is attached to nothing yet. IOMMU_DESTROY of it fails with -EBUSY.
 *
 * Return: 0; -ENOMEM; -ENOSPC: no id is left; -EBADFD: @file is none.
 */
int iommufd_access_create(struct uiommu_file *file,
			  const struct iommufd_access_ops *ops, void *data,
			  uint32_t *id, struct iommufd_access **out);

/** iommufd_access_destroy() - detach, and drop the reference on the context. */
void iommufd_access_destroy(struct iommufd_access *access);

/**
 * iommufd_access_attach() - let @access reach the IOAS @ioas_id
 *
 * Return: 0; -EINVAL: it is attached already; -ENOENT: no such IOAS; -EADDRINUSE: it
 * needs whole pages, and an area of the IOAS is not made of such.
 */
int iommufd_access_attach(struct iommufd_access *access, uint32_t ioas_id);

/**
 * iommufd_access_replace() - let @access reach another IOAS instead
 *
 * All that is pinned is unpinned first, see &iommufd_access_ops.unmap; nothing can
 * be pinned meanwhile. The same IOAS again changes nothing.
 *
 * Return: 0; -ENOENT: it is not attached, or no such IOAS; -EADDRINUSE as above.
 * Nothing has changed on failure.
 */
int iommufd_access_replace(struct iommufd_access *access, uint32_t ioas_id);

/**
 * iommufd_access_detach() - let @access reach nothing
 *
 * As with replacing, all that is pinned is unpinned first.
 */
void iommufd_access_detach(struct iommufd_access *access);

/**
 * iommufd_access_pin_pages() - pin what is mapped in [@iova, @iova + @length)
 * @pages: the output address of each page that the range touches, in order (the
 *	first one may begin before @iova); may be NULL
 * @flags: enum iommufd_access_flags
 * @pin: what iommufd_access_unpin_pages() takes
 *
 * May sleep for as long as the client's memory makes it. The pages are counted as
 * pinned by whoever mapped them.
 *
 * Return: 0; -EINVAL: @length is 0; -EOVERFLOW: the range wraps; -EOPNOTSUPP:
 * @access does not pin; -ENOENT: it is not attached, or there is a hole; -EPERM: the
 * mapping does not allow it; -EINVAL: it begins inside of a page of the memory that is
 * mapped, or something behind the first mapping does; -ENOMEM: no memory, or more than may be locked; -EFAULT:
 * no memory there (any more). Nothing is pinned on failure.
 */
int iommufd_access_pin_pages(struct iommufd_access *access, uint64_t iova,
			     uint64_t length, phys_addr_t *pages,
			     unsigned int flags,
			     struct iommufd_access_pin **pin);

/** iommufd_access_unpin_pages() - undo; @pin is gone. Cannot fail. */
void iommufd_access_unpin_pages(struct iommufd_access_pin *pin);

/**
 * iommufd_access_rw() - copy between @buf and what is mapped at @iova
 * @flags: IOMMUFD_ACCESS_WRITE: from @buf to @iova; else the other way
 *
 * Any bytes, across areas. Accounts nothing.
 *
 * Return: 0; -EINVAL: @length is 0, or the memory is not of a kind that the CPU can
 * touch; -EOVERFLOW, -ENOENT, -EPERM, -EFAULT as above; some bytes may have been
 * copied when it is -EFAULT.
 */
int iommufd_access_rw(struct iommufd_access *access, uint64_t iova, void *buf,
		      size_t length, unsigned int flags);

#ifdef __cplusplus
}
#endif
#endif
