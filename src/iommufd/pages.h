/* SPDX-License-Identifier: MIT */
/**
 * DOC: Page storage: memory that areas map, pinned once
 *
 * A struct iommufd_pages is what one MAP request named: part of an address space
 * or of a file. Areas refer to it, those made by COPY to the same one. Its pages
 * are pinned lazily, range by range, by whoever needs physical addresses: areas
 * of an IOAS with page tables, later accesses. Each range counts its users; it is
 * pinned and charged for the first and unpinned for the last.
 *
 * No lock is held while memory is pinned or unpinned. A range that is
 * being pinned or unpinned stands in the tree as busy; whoever needs the same
 * range waits for that, and nobody else does. A thread that waits has no busy
 * range of its own, so there is no cycle.
 *
 * Indexes count pages from the first page of the storage; offsets count bytes from
 * there.
 */
#ifndef IOMMUFD_PAGES_H
#define IOMMUFD_PAGES_H

#include <pthread.h>

#include <uiommu/user.h>

#include "iommufd/range.h"

struct iommufd_runs;

/**
 * struct iommufd_pages - the memory that one MAP request named
 * @refs: references, atomic
 * @mem: where pages come from
 * @base: address in @mem of the first page
 * @start: offset of the first byte that may be mapped, below a page
 * @length: bytes that may be mapped
 * @writable: pinned for writing
 * @limit: @file: where the file ends; pages behind it cannot be pinned
 * @revoked: *@revoked: the memory is taken away, page tables lead nowhere; NULL = it
 *	cannot be
 * @file: the memory is a file's, which is the same one for every process
 * @mode: which limit what is pinned counts against
 * @lock: protects all below
 * @changed: a range has ceased to be busy
 * @pins: struct iommufd_pin, by index, disjoint
 * @account: who pays
 * @heir: who is about to; charged as well until it is decided
 * @charged: pages charged
 */
struct iommufd_pages {
	uint32_t refs;
	struct uiommu_mem *mem;
	uint64_t base;
	uint64_t start;
	uint64_t length;
	bool writable;
	uint64_t limit;
	const bool *revoked;
	bool file;
	enum uiommu_charge mode;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct iommufd_range_tree pins;
	struct uiommu_account *account;
	struct uiommu_account *heir;
	int64_t charged;
};

/**
 * iommufd_pages_new() - storage for [@addr, @addr + @length) of @mem
 *
 * Takes over the caller's references on @mem and @account. Return: NULL without
 * memory; the references are gone all the same.
 */
struct iommufd_pages *iommufd_pages_new(struct uiommu_mem *mem,
					struct uiommu_account *account,
					uint64_t addr, uint64_t length,
					bool writable);

void iommufd_pages_get(struct iommufd_pages *pages);

/** iommufd_pages_put() - nothing that the caller pinned is left. */
void iommufd_pages_put(struct iommufd_pages *pages);

/**
 * iommufd_pages_pin() - count one more user of the pages that
 * [@offset, @offset + @length) touches
 *
 * Context: no lock held. Return: 0; -ENOMEM: no memory, or more than may be
 * locked; what struct uiommu_mem_ops.pin says. Nothing is left behind on failure.
 */
int iommufd_pages_pin(struct iommufd_pages *pages, uint64_t offset,
		      uint64_t length);

/**
 * iommufd_pages_unpin() - undo one iommufd_pages_pin() of the same range
 *
 * Context: no lock held. Needs no memory.
 */
void iommufd_pages_unpin(struct iommufd_pages *pages, uint64_t offset,
			 uint64_t length);

/**
 * iommufd_pages_offer() - charge @heir as well
 *
 * Nothing happens if @heir pays already. Return: 0; -ENOMEM: over its limit.
 */
int iommufd_pages_offer(struct iommufd_pages *pages,
			struct uiommu_account *heir);

/**
 * iommufd_pages_inherit() - end iommufd_pages_offer()
 * @accept: @heir pays from now on; else as before
 */
void iommufd_pages_inherit(struct iommufd_pages *pages,
			   struct uiommu_account *heir, bool accept);

/**
 * iommufd_pages_cut() - let what was pinned in one call be unpinned in two
 * @offset: where the second part begins; page aligned
 *
 * Context: no lock held; the caller has pages on both sides pinned. Return: 0;
 * -ENOMEM.
 */
int iommufd_pages_cut(struct iommufd_pages *pages, uint64_t offset);

/**
 * iommufd_pages_rw() - copy between @buf and [@offset, @offset + @length)
 * @write: from @buf
 *
 * What is pinned is used; what is not is pinned for a moment, and charged to nobody.
 *
 * Context: no lock held. Return: 0; what struct uiommu_mem_ops.pin and .copy say.
 */
int iommufd_pages_rw(struct iommufd_pages *pages, uint64_t offset, void *buf,
		     uint64_t length, bool write);

/**
 * struct iommufd_cursor - a walk through pinned memory
 * @pages: the storage
 * @at: offset of the next byte
 * @end: offset behind the last one
 * @runs: what is pinned at @at, with a reference, or NULL
 * @last: last index that @runs is good for
 * @run: index in @runs
 */
struct iommufd_cursor {
	struct iommufd_pages *pages;
	uint64_t at;
	uint64_t end;
	struct iommufd_runs *runs;
	uint64_t last;
	size_t run;
};

/** iommufd_cursor_init() - the caller has [@offset, @offset + @length) pinned. */
void iommufd_cursor_init(struct iommufd_cursor *cursor,
			 struct iommufd_pages *pages, uint64_t offset,
			 uint64_t length);

/**
 * iommufd_cursor_next() - the next contiguous piece
 *
 * Return: true, with the piece in *@pa and *@len; false at the end.
 */
bool iommufd_cursor_next(struct iommufd_cursor *cursor, phys_addr_t *pa,
			 uint64_t *len);

/** iommufd_cursor_fini() - at any point of the walk. */
void iommufd_cursor_fini(struct iommufd_cursor *cursor);

#endif
