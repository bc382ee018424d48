/* SPDX-License-Identifier: MIT */
/**
 * DOC: Accesses, as objects
 *
 * See <uiommu/access.h> for what they are. The engine itself uses accesses as well,
 * to lock memory that hardware queues stand in; those have no id.
 */
#ifndef IOMMUFD_ACCESS_H
#define IOMMUFD_ACCESS_H

#include <uiommu/access.h>

#include "iommufd/ioas.h"

/**
 * struct iommufd_access - an access
 * @obj: its object; the owner is its user. Of an internal one only the context
 * @ops: the owner's
 * @data: for @ops
 * @internal: it has no id and keeps the context in nobody's use
 * @changing: held while it is attached, moved or detached
 * @lock: protects @ioas and @inside
 * @ioas: what it reaches, of which it is a user; NULL = nothing
 * @inside: threads that pin or copy right now; the IOAS stays its own until they
 *	are through
 * @empty: @inside has become 0
 *
 * Under the lock of the IOAS that it is linked in:
 *
 * @leaving: nothing new can be held
 * @nr_holds: what it holds
 * @told: threads that tell it of an unmap
 * @next: the next access of the IOAS
 */
struct iommufd_access {
	struct iommufd_object obj;
	const struct iommufd_access_ops *ops;
	void *data;
	bool internal;
	pthread_mutex_t changing;
	pthread_mutex_t lock;
	struct iommufd_ioas *ioas;
	unsigned int inside;
	pthread_cond_t empty;
	bool leaving;
	unsigned int nr_holds;
	unsigned int told;
	struct iommufd_access *next;
};

/**
 * iommufd_access_create_internal() - an access of the engine's own to @ioas
 *
 * Nobody is told of an unmap: everything is pinned with IOMMUFD_ACCESS_LOCK.
 *
 * Context: the caller is a reader or user of @ioas. Return: 0; -ENOMEM;
 * -EADDRINUSE: @ioas is not made of whole pages.
 */
int iommufd_access_create_internal(struct iommufd_ioas *ioas,
				   struct iommufd_access **out);

/**
 * iommufd_access_contiguous() - is all that @pin holds one piece of memory?
 * @pa: where its first byte is
 */
bool iommufd_access_contiguous(const struct iommufd_access_pin *pin,
			       phys_addr_t *pa);

/**
 * iommufd_ioas_pause() - wait for @ioas->changed, but not for long
 *
 * Context: @ioas->lock is held.
 */
void iommufd_ioas_pause(struct iommufd_ioas *ioas);

#endif
