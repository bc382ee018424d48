/* SPDX-License-Identifier: MIT */
/**
 * DOC: Arm's long descriptors
 *
 * Arm Architecture Reference Manual for A-profile, DDI 0487, chapter D8 "The
 * AArch64 Virtual Memory System Architecture"; for LPAE chapter G5, "The VMSAv8-32
 * Long-descriptor translation table format". Arm's lookup level 3 is level 0 here,
 * its level -1 is 4.
 *
 * What the stages and granules have in common. A format includes armv8_s1_bits.h
 * or armv8_s2_bits.h, which include this. The formats differ in PT_GRANULE_LG2SZ,
 * which tables have the size of, and
 *
 *	ARM_BLOCK_LEVEL		highest level with blocks
 *	ARM_CONTIG_LG2(level)	items of a contiguous run
 *	ARM_LPAE		defined: the 32-bit architecture
 */
#ifndef PT_FMT_ARMV8_BITS_H
#define PT_FMT_ARMV8_BITS_H

#include "../pt_run.h"

/* D8.3 "Translation table descriptor formats" */
#define ARM_VALID PT_MASK(0, 0)
#define ARM_TYPE  PT_MASK(1, 0)
#define ARM_BLOCK 1ULL /* above level 0 */
#define ARM_TABLE 3ULL /* above level 0 */
#define ARM_PAGE  3ULL /* at level 0 */

/* D8.3, fields of block and page descriptors that both stages have */
#define ARM_SH       PT_MASK(9, 8) /* shareability; without LPA2 */
#define ARM_SH_OUTER (2ULL << 8)
#define ARM_SH_INNER (3ULL << 8)
#define ARM_AF       PT_MASK(10, 10) /* access flag */
#define ARM_ADDR     PT_MASK(47, PT_GRANULE_LG2SZ)
#define ARM_DBM      PT_MASK(51, 51) /* dirty bit modifier */
#define ARM_CONTIG   PT_MASK(52, 52)

#define ARM_ITEMS_LG2    (PT_GRANULE_LG2SZ - 3)
#define ARM_MIN_VASZ_LG2 25 /* TxSZ is at most 39 */
#define ARM_MIN_TOP_LG2  6 /* bytes of a top table, at least */

static inline const struct PT_TABLE *arm_table(const struct pt_common *common)
{
	return pt_container_of(common, const struct PT_TABLE, common);
}

static inline bool arm_feature(const struct pt_common *common,
			       unsigned int feature)
{
	return PT_SUPPORTED_FEATURES & BIT(feature) & common->features;
}

/* D8.2: the top table has the items that the VA's width leaves for it. */
pt_inline unsigned int arm_num_items_lg2(const struct pt_state *pts)
{
	const struct PT_TABLE *table = arm_table(pts->common);

	return pts->level == table->top_level ? table->top_items_lg2
					      : ARM_ITEMS_LG2;
}
#define pt_num_items_lg2 arm_num_items_lg2

static inline unsigned int arm_top_memsize_lg2(const struct pt_common *common,
					       unsigned int level)
{
	unsigned int size_lg2 = arm_table(common)->top_items_lg2 + 3U;

	return size_lg2 < ARM_MIN_TOP_LG2 ? ARM_MIN_TOP_LG2 : size_lg2;
}
#define pt_top_memsize_lg2 arm_top_memsize_lg2

pt_inline unsigned int arm_item_lg2sz(const struct pt_state *pts)
{
	return PT_GRANULE_LG2SZ + ARM_ITEMS_LG2 * pts->level;
}
#define pt_table_item_lg2sz arm_item_lg2sz

/* D8.3: addresses of 52 bits bring one more level of blocks. */
pt_inline bool arm_can_have_leaf(const struct pt_state *pts)
{
	if (pts->level <= ARM_BLOCK_LEVEL)
		return true;
	if (pts->level > ARM_BLOCK_LEVEL + 1)
		return false;
	return PT_GRANULE_LG2SZ == 16
		       ? pts->common->max_oasz_lg2 > 48
		       : arm_feature(pts->common, PT_FEAT_ARMV8_LPA2);
}
#define pt_can_have_leaf arm_can_have_leaf

/* D8.7.1 "The Contiguous bit": not on the blocks that 52 bits bring. */
static inline uint64_t arm_possible_sizes(const struct pt_state *pts)
{
	uint64_t item = 1ULL << arm_item_lg2sz(pts);

	if (!arm_can_have_leaf(pts))
		return 0;
	if (pts->level > ARM_BLOCK_LEVEL)
		return item;
	return item | item << ARM_CONTIG_LG2(pts->level);
}
#define pt_possible_sizes arm_possible_sizes

/* D8.3: at level 0 "01" is reserved and faults. */
pt_inline enum pt_entry_type arm_load_entry_raw(struct pt_state *pts)
{
	pts->entry = pt_item_load(&pts->table[pts->index]);
	if (!(pts->entry & ARM_VALID))
		return PT_ENTRY_EMPTY;
	if (!pts->level)
		return pts->entry & ARM_TYPE & ~ARM_VALID ? PT_ENTRY_LEAF
							  : PT_ENTRY_EMPTY;
	return pts->entry & ARM_TYPE & ~ARM_VALID ? PT_ENTRY_TABLE
						  : PT_ENTRY_LEAF;
}
#define pt_load_entry_raw arm_load_entry_raw

pt_inline uint64_t arm_leaf_kind(const struct pt_state *pts)
{
	return ARM_TYPE | ARM_CONTIG;
}
#define pt_leaf_kind arm_leaf_kind

/*
 * D8.3, "OA" and "Next-level table address": bits 51:48 stand in 15:12 with the
 * 64 KiB granule; with LPA2 51:50 stand in 9:8 and 49:48 in place.
 */
pt_inline uint64_t arm_addr(const struct pt_common *common, phys_addr_t pa)
{
	if (PT_GRANULE_LG2SZ == 16)
		return (pa & ARM_ADDR) | (pa & PT_MASK(51, 48)) >> 36;
	if (__builtin_expect(!arm_feature(common, PT_FEAT_ARMV8_LPA2), 1))
		return pa;
	return (pa & PT_MASK(49, PT_GRANULE_LG2SZ)) |
	       (pa & PT_MASK(51, 50)) >> 42;
}

/* The inverse, of @pts->entry. */
pt_inline phys_addr_t arm_pa(const struct pt_state *pts)
{
	if (PT_GRANULE_LG2SZ == 16)
		return (pts->entry & ARM_ADDR) | (pts->entry & PT_MASK(15, 12))
							 << 36;
	if (__builtin_expect(!arm_feature(pts->common, PT_FEAT_ARMV8_LPA2), 1))
		return pts->entry & ARM_ADDR;
	return (pts->entry & PT_MASK(49, PT_GRANULE_LG2SZ)) |
	       (pts->entry & PT_MASK(9, 8)) << 42;
}
#define pt_table_pa arm_pa

#if PT_GRANULE_LG2SZ != 16
/* With LPA2 addresses have bits elsewhere. */
pt_inline bool arm_plain(const struct pt_common *common)
{
	return !arm_feature(common, PT_FEAT_ARMV8_LPA2);
}
#define pt_plain arm_plain

/* Neither blocks have this bit, nor has what is not valid. */
pt_inline bool arm_plain_item(const struct pt_state *pts)
{
	return pts->entry & (ARM_TYPE & ~ARM_VALID);
}
#define pt_plain_table arm_plain_item
#define pt_plain_leaf  arm_plain_item

/* Each item of a contiguous run has an OA of its own. */
pt_inline phys_addr_t arm_plain_addr(const struct pt_state *pts)
{
	return pts->entry & pts->common->address_mask;
}
#define pt_plain_addr arm_plain_addr

pt_inline uint64_t arm_plain_kind(const struct pt_state *pts)
{
	return ARM_TYPE;
}
#define pt_plain_kind arm_plain_kind

pt_inline uint64_t arm_plain_value(const struct pt_state *pts)
{
	return ARM_TABLE;
}
#define pt_plain_value arm_plain_value
#endif

/* From here on the address field does not carry. */
#define ARM_CARRY_LG2 (PT_GRANULE_LG2SZ == 16 ? 48U : 50U)

pt_inline unsigned int arm_num_contig_lg2(const struct pt_state *pts)
{
	return pts->entry & ARM_CONTIG ? ARM_CONTIG_LG2(pts->level) : 0;
}
#define pt_entry_num_contig_lg2 arm_num_contig_lg2

pt_inline phys_addr_t arm_entry_oa(const struct pt_state *pts)
{
	return arm_pa(pts) &
	       ~oa_lg2_mask(arm_item_lg2sz(pts) + arm_num_contig_lg2(pts));
}
#define pt_entry_oa arm_entry_oa

/*
 * Each item of a run has an OA of its own, so that runs are written as single
 * items are: one value after the other, up to where the OA's field overflows.
 */
pt_inline uint64_t arm_run_bits(const struct pt_state *pts,
				unsigned int oasz_lg2,
				const struct pt_attrs *attrs)
{
	uint64_t bits = attrs->bits | (pts->level ? ARM_BLOCK : ARM_PAGE);

	return oasz_lg2 == arm_item_lg2sz(pts) ? bits : bits | ARM_CONTIG;
}

/* How many items there are from @oa up to there. */
pt_inline uint64_t arm_run_rest(const struct pt_state *pts, phys_addr_t oa)
{
	uint64_t left =
		oa_lg2_mask(ARM_CARRY_LG2) - oa_lg2_mod(oa, ARM_CARRY_LG2) + 1;

	return oa_lg2_div(left, arm_item_lg2sz(pts));
}

pt_inline void arm_install_leaf_run(struct pt_state *pts, phys_addr_t oa,
				    unsigned int oasz_lg2, unsigned int count,
				    const struct pt_attrs *attrs)
{
	unsigned int item_lg2 = arm_item_lg2sz(pts);
	unsigned int items = count << (oasz_lg2 - item_lg2);
	uint64_t bits = arm_run_bits(pts, oasz_lg2, attrs);

	while (items) {
		uint64_t rest = arm_run_rest(pts, oa);
		unsigned int n = rest < items ? (unsigned int)rest : items;

		pt_run_fill(pts->common, pts->table + pts->index, n,
			    bits | arm_addr(pts->common, oa), 1ULL << item_lg2,
			    0);
		pts->index += n;
		items -= n;
		oa += oa_lg2_mul(n, item_lg2);
	}
}
#define pt_install_leaf_run arm_install_leaf_run

/* Does every OA up to @last stand in an item as it is? */
pt_inline bool arm_flat(const struct pt_common *common, phys_addr_t last)
{
	if (PT_GRANULE_LG2SZ == 16)
		return !(last >> ARM_CARRY_LG2);
	return __builtin_expect(!arm_feature(common, PT_FEAT_ARMV8_LPA2), 1);
}

/* Where one does not. */
static __attribute__((noinline)) bool
arm_install_wide_run(struct pt_state pts, phys_addr_t oa, unsigned int oasz_lg2,
		     unsigned int count, struct pt_attrs attrs)
{
	unsigned int items = count << (oasz_lg2 - arm_item_lg2sz(&pts));

	if (!pt_run_empty(pts.common, pts.table + pts.index, items))
		return false;
	arm_install_leaf_run(&pts, oa, oasz_lg2, count, &attrs);
	return true;
}

pt_inline bool arm_install_empty_run(struct pt_state *pts, phys_addr_t oa,
				     unsigned int oasz_lg2, unsigned int count,
				     const struct pt_attrs *attrs)
{
	unsigned int item_lg2 = arm_item_lg2sz(pts);
	unsigned int items = count << (oasz_lg2 - item_lg2);
	uint64_t bits = arm_run_bits(pts, oasz_lg2, attrs);

	if (!arm_flat(pts->common, oa + (oa_lg2_mul(items, item_lg2) - 1)))
		return arm_install_wide_run(*pts, oa, oasz_lg2, count, *attrs);
	return pt_run_fill_empty(pts->common, pts->table + pts->index, items,
				 bits | oa, 1ULL << item_lg2, 0);
}
#define pt_install_empty_run arm_install_empty_run

/* Item @nth of an entry: each has an OA of its own. */
pt_inline uint64_t arm_leaf_item(const struct pt_state *pts, phys_addr_t oa,
				 unsigned int oasz_lg2, unsigned int nth,
				 const struct pt_attrs *attrs)
{
	unsigned int item_lg2 = arm_item_lg2sz(pts);

	return arm_run_bits(pts, oasz_lg2, attrs) |
	       arm_addr(pts->common, oa + oa_lg2_mul(nth, item_lg2));
}
#define pt_leaf_item arm_leaf_item

static inline unsigned int arm_leaf_flat_lg2(const struct pt_common *common)
{
	return ARM_CARRY_LG2;
}
#define pt_leaf_flat_lg2 arm_leaf_flat_lg2

/*
 * D8.16 "Using break-before-make when updating translation table entries" and
 * "Support levels for changing table or block size"; SMMUv3, IHI 0070, 3.21.1 and
 * SMMU_IDR3.BBML: with level 1 the contiguous bit alone may change in a valid
 * descriptor, with level 2 a block and a table may change places. (A block with nT,
 * which level 1 has for that, may fault.) OAs and memory types are never changed in
 * a valid descriptor; permissions may be.
 */
#ifndef ARM_LPAE
static inline bool arm_live_table(const struct pt_common *common)
{
	return arm_feature(common, PT_FEAT_ARMV8_BBML2);
}
#define pt_live_table arm_live_table

static inline bool arm_live_run(const struct pt_common *common)
{
	return arm_feature(common, PT_FEAT_ARMV8_BBML1) ||
	       arm_feature(common, PT_FEAT_ARMV8_BBML2);
}
#define pt_live_run arm_live_run
#endif

pt_inline void arm_install_leaf_entry(struct pt_state *pts, phys_addr_t oa,
				      unsigned int oasz_lg2,
				      const struct pt_attrs *attrs)
{
	struct pt_state copy = *pts;

	arm_install_leaf_run(&copy, oa, oasz_lg2, 1, attrs);
}
#define pt_install_leaf_entry arm_install_leaf_entry

/* D8.3: nothing that a table descriptor could forbid below it is forbidden. */
pt_inline bool arm_install_table(struct pt_state *pts, phys_addr_t table_pa)
{
	return pt_install_item(
		pts, ARM_TABLE | arm_addr(pts->common, table_pa) | pts->mark);
}
#define pt_install_table arm_install_table

/*
 * D8.3: 58:55 are for software in leaves, and ignored in tables. 58 is taken: dirty
 * state of a leaf that is not writable any more.
 */
#define ARM_SW_DIRTY PT_MASK(58, 58)

static inline int arm_max_sw_bit(const struct pt_common *common)
{
	return 2;
}
#define pt_max_sw_bit arm_max_sw_bit

static inline uint64_t arm_sw_bit(const struct pt_common *common,
				  unsigned int nr)
{
	return PT_MASK(55, 55) << nr;
}
#define pt_sw_bit arm_sw_bit

#ifndef ARM_LPAE
/* Without DBM every writable leaf is as good as dirty: nothing can be tracked. */
static inline bool arm_can_track_dirty(const struct pt_common *common)
{
	return arm_feature(common, PT_FEAT_ARMV8_DBM);
}
#define pt_can_track_dirty arm_can_track_dirty
#endif

/*
 * D8.2.8, "Implemented granules, start levels": cut the widths to what there is
 * and find the top level. The start level of a second stage has up to 16 tables
 * side by side, where that saves a level; D8.2.9 demands it in some cases. With
 * 4 KiB its lowest start level is 1.
 */
static inline int arm_geometry(struct pt_common *common, struct PT_TABLE *table,
			       bool concatenate, unsigned int *top_level)
{
	bool wide = PT_GRANULE_LG2SZ == 16 ||
		    arm_feature(common, PT_FEAT_ARMV8_LPA2);
	unsigned int lowest = PT_GRANULE_LG2SZ == 12 ? 1 : 0;
	unsigned int level, items_lg2;

	if (!wide && common->max_vasz_lg2 > 48)
		common->max_vasz_lg2 = 48;
	if (!wide && common->max_oasz_lg2 > 48)
		common->max_oasz_lg2 = 48;
	if (common->max_vasz_lg2 < ARM_MIN_VASZ_LG2)
		return -EINVAL;
	level = (common->max_vasz_lg2 - PT_GRANULE_LG2SZ - 1U) / ARM_ITEMS_LG2;
	items_lg2 =
		common->max_vasz_lg2 - PT_GRANULE_LG2SZ - ARM_ITEMS_LG2 * level;
	if (concatenate && level > lowest && items_lg2 <= 4) {
		level--;
		items_lg2 += ARM_ITEMS_LG2;
	}
	common->address_mask = ARM_ADDR;
	table->top_level = (uint8_t)level;
	table->top_items_lg2 = (uint8_t)items_lg2;
	*top_level = level;
	return 0;
}

/* D8.2, ID_AA64MMFR0_EL1.PARange, IPS and PS: the first that is wide enough */
static inline uint8_t arm_oasz_code(const struct pt_common *common)
{
	static const uint8_t width[] = { 32, 36, 40, 42, 44, 48 };
	uint8_t code = 0;

	while (code < sizeof(width) && width[code] < common->max_oasz_lg2)
		code++;
	return code;
}

#define ARM_WALK_WB_RA_WA 1 /* IRGN, ORGN: write-back, allocating */
#define ARM_WALK_NC       0 /* not cacheable */
#define ARM_WALK_INNER    3 /* SH: inner shareable */
#define ARM_WALK_OUTER    2 /* outer shareable */

/* SMMU_IDR0.COHACC: without it walks must not be told to look into caches. */
static inline uint8_t arm_walk_cacheability(const struct pt_common *common)
{
	return arm_feature(common, PT_FEAT_DMA_INCOHERENT) ? ARM_WALK_NC
							   : ARM_WALK_WB_RA_WA;
}

static inline uint8_t arm_walk_shareability(const struct pt_common *common)
{
	return arm_feature(common, PT_FEAT_DMA_INCOHERENT) ? ARM_WALK_OUTER
							   : ARM_WALK_INNER;
}

#endif
