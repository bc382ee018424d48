/* SPDX-License-Identifier: MIT */
/**
 * DOC: The vocabulary of the page table
 *
 * A *table* is the array of *items* of one level; an *index* is the position of
 * an item. An *entry* is one logical element: one item, or a contiguous run of
 * items that translate as one. A *leaf* yields an OA; a *table item* points at
 * a lower table.
 *
 * A format's header includes this first and says how wide its items are.
 */
#ifndef PT_DEFS_H
#define PT_DEFS_H

#include <uiommu/port.h>
#include <uiommu/pt/common.h>
#include <uiommu/pt/iommu.h>

#include "pt_log2.h"

/**
 * PT_FLUSH_FEATURES - how drivers want to flush; for PT_SUPPORTED_FEATURES
 *
 * They are the same for all formats. A unit that leaves some out is smaller.
 */
#define PT_FLUSH_FEATURES                                              \
	(BIT(PT_FEAT_FLUSH_RANGE) | BIT(PT_FEAT_FLUSH_RANGE_NO_GAPS) | \
	 BIT(PT_FEAT_DETAILED_GATHER) | BIT(PT_FEAT_DMA_INCOHERENT))

#define pt_container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))

/** enum pt_entry_type - what an item holds. */
enum pt_entry_type {
	PT_ENTRY_EMPTY, /* hardware faults here */
	PT_ENTRY_TABLE, /* points at a lower table */
	PT_ENTRY_LEAF, /* maps memory, alone or as a part of a run */
};

/**
 * struct pt_top - a root that was read in one load
 * @table: the top table
 * @level: its level
 */
struct pt_top {
	void *table;
	unsigned int level;
};

#endif
