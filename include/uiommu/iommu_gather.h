/* SPDX-License-Identifier: MIT */
/**
 * DOC: What an unmap leaves behind: ranges to flush, tables to free
 *
 * Inline and freestanding, on the types of iommu_types.h only: the page table
 * fills a gather, the core and the drivers empty it.
 */
#ifndef UIOMMU_IOMMU_GATHER_H
#define UIOMMU_IOMMU_GATHER_H

#include <uiommu/iommu_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** IOMMU_PAGES_ALIGN_LG2 - every table is aligned to this much at least. */
#define IOMMU_PAGES_ALIGN_LG2 10

/** IOMMU_PAGES_MAX_NOTE - highest number that a link can carry beside the address */
#define IOMMU_PAGES_MAX_NOTE 15U

/**
 * iommu_pages_link_set() - write the link from @table to @next into @table
 * @table: memory of at least 8 bytes, aligned to IOMMU_PAGES_ALIGN_LG2
 * @next: the same, or NULL
 * @note: 0 to IOMMU_PAGES_MAX_NOTE; means what whoever frees the table makes of it
 *
 * The three low bits of each 32-bit half stay zero: a walker that still reads
 * the table takes the link for an entry that is not present in every format,
 * those with 4-byte entries included. Nobody sees half of the link together with
 * half of what was there.
 */
static inline void iommu_pages_link_set(void *table, const void *next,
					unsigned int note)
{
	uint64_t bits = (uint64_t)(uintptr_t)next >> IOMMU_PAGES_ALIGN_LG2;
	uint64_t link = (bits & 0x1fffffff) << 3 | (bits >> 29) << 35 |
			(uint64_t)note << 60;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	link = __builtin_bswap64(link);
#endif
#if __GCC_ATOMIC_LLONG_LOCK_FREE == 2
	__atomic_store_n((uint64_t *)table, link, __ATOMIC_RELAXED);
#else
	/* The first half alone makes an entry of 8 bytes not present. */
	__atomic_store_n((uint32_t *)table, (uint32_t)link, __ATOMIC_RELAXED);
	__atomic_store_n((uint32_t *)table + 1, (uint32_t)(link >> 32),
			 __ATOMIC_RELEASE);
#endif
}

/** iommu_pages_link_next() - the table that @table links to, or NULL. */
static inline void *iommu_pages_link_next(const void *table)
{
	uint64_t link = *(const volatile uint64_t *)table;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	link = __builtin_bswap64(link);
#endif
	return (void *)(uintptr_t)((link >> 35 << 29 | (link & 0xffffffff) >> 3)
				   << IOMMU_PAGES_ALIGN_LG2);
}

/** iommu_pages_link_note() - what is noted in @table */
static inline unsigned int iommu_pages_link_note(const void *table)
{
	uint64_t link = *(const volatile uint64_t *)table;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	link = __builtin_bswap64(link);
#endif
	return (unsigned int)(link >> 60);
}

/** iommu_pages_list_empty() - is there nothing to free? */
static inline bool iommu_pages_list_empty(const struct iommu_pages_list *list)
{
	return !list->head;
}

/**
 * iommu_pages_list_add() - put @table in front of @list
 * @note: 0 to IOMMU_PAGES_MAX_NOTE
 * @put: frees a list; all tables of one list have the same
 * @owner: for @put; the same holds
 *
 * Only its first 8 bytes change. No walk that starts at the top may reach it
 * any more; walks that are past the top may still be reading it.
 */
static inline void
iommu_pages_list_add(struct iommu_pages_list *list, void *table,
		     unsigned int note,
		     void (*put)(struct iommu_pages_list *list), void *owner)
{
	iommu_pages_link_set(table, list->head, note);
	list->head = table;
	list->put = put;
	list->owner = owner;
}

/** iommu_pages_list_pop() - take the first table off @list, or NULL. */
static inline void *iommu_pages_list_pop(struct iommu_pages_list *list)
{
	void *table = list->head;

	if (table)
		list->head = iommu_pages_link_next(table);
	return table;
}

/** iommu_pages_list_put() - free what is on @list; hardware has forgotten it. */
static inline void iommu_pages_list_put(struct iommu_pages_list *list)
{
	if (list->head)
		list->put(list);
	list->head = NULL;
}

/** iommu_iotlb_gather_init() - nothing gathered. */
static inline void iommu_iotlb_gather_init(struct iommu_iotlb_gather *gather)
{
	gather->start = ~(dma_addr_t)0;
	gather->last = 0;
	gather->pgsize = 0;
	gather->sizes = 0;
	gather->tables = 0;
	gather->freelist.head = NULL;
	gather->freelist.put = NULL;
	gather->freelist.owner = NULL;
}

/** iommu_iotlb_gather_leaf_only() - may walk caches keep what they have? */
static inline bool
iommu_iotlb_gather_leaf_only(const struct iommu_iotlb_gather *gather)
{
	return !gather->tables && !gather->freelist.head;
}

/** iommu_iotlb_gather_empty() - has no range been gathered? */
static inline bool
iommu_iotlb_gather_empty(const struct iommu_iotlb_gather *gather)
{
	return gather->start > gather->last;
}

/**
 * iommu_iotlb_gather_add() - [@iova, @last] has to be flushed
 * @pgsize: smallest size of the entries there, in bytes; 0 = not known
 *
 * The gather is one range: what lies between two additions is flushed too.
 */
static inline void iommu_iotlb_gather_add(struct iommu_iotlb_gather *gather,
					  dma_addr_t iova, dma_addr_t last,
					  size_t pgsize)
{
	if (iommu_iotlb_gather_empty(gather) || pgsize < gather->pgsize)
		gather->pgsize = pgsize;
	if (iova < gather->start)
		gather->start = iova;
	if (last > gather->last)
		gather->last = last;
}

/**
 * iommu_iotlb_gather_disjoint() - would adding [@iova, @last] flush addresses
 * between it and the gather? Then whoever pays per address syncs first.
 */
static inline bool
iommu_iotlb_gather_disjoint(const struct iommu_iotlb_gather *gather,
			    dma_addr_t iova, dma_addr_t last)
{
	if (iommu_iotlb_gather_empty(gather))
		return false;
	return (iova > gather->last && iova - gather->last > 1) ||
	       (last < gather->start && gather->start - last > 1);
}

#ifdef __cplusplus
}
#endif
#endif
