/* SPDX-License-Identifier: MIT */
/**
 * DOC: The hooks of a format
 *
 * A format defines an inline function under a name of its own and then a macro
 * of the hook's name that stands for it:
 *
 *	static inline pt_oaddr_t vtdss_table_pa(const struct pt_state *pts) ...
 *	#define pt_table_pa vtdss_table_pa
 *
 * The prototypes here apply to what the macro names, so a hook with the wrong
 * type does not compile. Where no macro is defined, pt_fmt_defaults.h gives the
 * default that is described here; a *required* hook has none, and its absence
 * is an #error that names it.
 *
 * Besides hooks a format defines these constants:
 *
 *	PT_ITEM_WORD_SIZE	bytes of an item, 4 or 8
 *	PT_GRANULE_LG2SZ	size of the smallest page
 *	PT_TABLEMEM_LG2SZ	size of a table below the top
 *	PT_MAX_VASZ_LG2		width of the widest VA
 *	PT_MAX_OASZ_LG2		width of the widest OA
 *	PT_MAX_TOP_LEVEL	highest top level
 *	PT_MIN_TOP_LEVEL	lowest top level; default PT_MAX_TOP_LEVEL
 *	PT_FORCED_FEATURES	features that are always on; default none
 *
 * Unless said otherwise a hook sees a @pts that is valid up to its index, with
 * @entry loaded if it is about an entry.
 */
#ifndef PT_COMMON_H
#define PT_COMMON_H

#include "pt_item.h"

/**
 * pt_num_items_lg2() - required: items of the table of @pts->level
 *
 * Depends on the level and, for a top table, on the configuration.
 */
static inline unsigned int pt_num_items_lg2(const struct pt_state *pts);

/** pt_can_have_leaf() - required: may an item of @pts->level be a leaf? */
static inline bool pt_can_have_leaf(const struct pt_state *pts);

/**
 * pt_load_entry_raw() - required: read the item at @pts->index to @pts->entry
 *
 * With pt_item_load(), because the item may point at a table.
 */
static inline enum pt_entry_type pt_load_entry_raw(struct pt_state *pts);

/** pt_table_pa() - required: where a table item points, without any C-bit. */
static inline phys_addr_t pt_table_pa(const struct pt_state *pts);

/** pt_entry_oa() - required: OA of the first byte of the leaf's whole entry. */
static inline phys_addr_t pt_entry_oa(const struct pt_state *pts);

/**
 * pt_install_leaf_entry() - required: write a whole entry
 * @oa: aligned to 2^@oasz_lg2
 * @oasz_lg2: a size of pt_possible_sizes()
 * @attrs: from pt_iommu_set_prot() or pt_attr_from_entry()
 *
 * All items of the entry are empty. Each is written by one store.
 */
static inline void pt_install_leaf_entry(struct pt_state *pts, phys_addr_t oa,
					 unsigned int oasz_lg2,
					 const struct pt_attrs *attrs);

/**
 * pt_install_table() - required: replace @pts->entry by a pointer to a table
 * @table_pa: the table's address
 *
 * By pt_install_item(), with the bits of @pts->mark, where the format has software
 * bits. Return: what that does.
 */
static inline bool pt_install_table(struct pt_state *pts, phys_addr_t table_pa);

/** pt_attr_from_entry() - required: the attributes that the leaf was made with.
 */
static inline void pt_attr_from_entry(const struct pt_state *pts,
				      struct pt_attrs *attrs);

/**
 * pt_iommu_set_prot() - required: turn enum iommu_prot bits into attributes
 *
 * Return: 0; -EINVAL: @prot allows nothing, and the format has no such leaf;
 * -EOPNOTSUPP: it cannot be expressed, or a feature forbids it.
 */
static inline int pt_iommu_set_prot(const struct pt_common *common,
				    struct pt_attrs *attrs, unsigned int prot);

/**
 * pt_max_table_lg2() - largest address of a table, as a width in bits
 *
 * Default: the OA's width.
 */
static inline unsigned int pt_max_table_lg2(const struct pt_common *common);

/**
 * pt_table_item_lg2sz() - what one item of @pts->level translates
 *
 * Default: every level below indexes as many bits as PT_TABLEMEM_LG2SZ holds.
 */
static inline unsigned int pt_table_item_lg2sz(const struct pt_state *pts);

/**
 * pt_top_memsize_lg2() - bytes of a top table of @level
 *
 * Default: PT_TABLEMEM_LG2SZ; formats that widen or concatenate top tables have
 * more.
 */
static inline unsigned int pt_top_memsize_lg2(const struct pt_common *common,
					      unsigned int level);

/**
 * pt_possible_sizes() - sizes of leaves in a table of @pts->level, as a bitmap
 *
 * Default: one item, if pt_can_have_leaf().
 */
static inline uint64_t pt_possible_sizes(const struct pt_state *pts);

/**
 * pt_entry_num_contig_lg2() - items of the leaf's whole entry
 *
 * Default: one.
 */
static inline unsigned int pt_entry_num_contig_lg2(const struct pt_state *pts);

/**
 * pt_leaf_kind() - bits that make an item a leaf, and say of which size
 *
 * An item of the same table that agrees with the loaded leaf @pts->entry in these
 * is a leaf of the same size. There may be more of them than needed. Address bits
 * that do not say a size, and what hardware changes, should not be among them.
 * Default: all, so that leaves are looked at one by one.
 */
static inline pt_item_t pt_leaf_kind(const struct pt_state *pts);

#ifdef pt_plain_table
/*
 * What lookups go by as long as all is as usual. The three hooks that follow are defined
 * together, or none is; they are to be as short as can be. They may rely on it that all
 * bits of an item are 0 that is not present.
 */

/**
 * pt_plain_table() - is @pts->entry, of a level above 0, a table item?
 *
 * May say no of unusual ones.
 */
static inline bool pt_plain_table(const struct pt_state *pts);

/**
 * pt_plain_leaf() - is @pts->entry, of level 0, a leaf with an OA that needs nothing
 * but the offset in the smallest page?
 *
 * It may belong to an entry of several items, if each has an OA of its own. May say no
 * of unusual ones.
 */
static inline bool pt_plain_leaf(const struct pt_state *pts);

/**
 * pt_plain_addr() - of one of those: where it points
 *
 * A mask is best taken from @pts->common->address_mask, which the format sets up in
 * pt_iommu_fmt_init(); nothing else of that is there.
 */
static inline phys_addr_t pt_plain_addr(const struct pt_state *pts);
#endif

#ifdef pt_plain_kind
/*
 * The same for vectors, in which many items of a level are looked at together. The
 * first two hooks that follow are defined together, by formats with items of 8 bytes
 * that define those above, or none is. Where pt_plain() is true a plain item's address
 * is (item << pt_plain_shift()) & address_mask.
 */

/**
 * pt_plain_kind() - bits of an item of @pts->level that tell whether it is plain: a table
 * as of pt_plain_table(), or at level 0 a leaf as of pt_plain_leaf()
 *
 * Only the level of @pts is valid.
 */
static inline uint64_t pt_plain_kind(const struct pt_state *pts);

/**
 * pt_plain_value() - what those bits are if it is
 *
 * They may be that of usual items only.
 */
static inline uint64_t pt_plain_value(const struct pt_state *pts);

/**
 * pt_plain_shift() - addresses stand in items shifted to the right by so much
 *
 * Default: 0.
 */
static inline unsigned int pt_plain_shift(const struct pt_state *pts);
#endif

/**
 * pt_plain() - does pt_plain_addr() apply to this table?
 *
 * Default: true.
 */
static inline bool pt_plain(const struct pt_common *common);

#ifdef pt_leaf_value
/**
 * pt_leaf_value() - the first item of an entry that pt_install_leaf_entry()
 * would write
 *
 * A format that has this and pt_leaf_step() gets whole runs written at once. It
 * promises that all items of an entry are equal.
 */
static inline pt_item_t pt_leaf_value(const struct pt_state *pts,
				      phys_addr_t oa, unsigned int oasz_lg2,
				      const struct pt_attrs *attrs);

/** pt_leaf_step() - difference of pt_leaf_value() from one entry to the next. */
static inline pt_item_t pt_leaf_step(const struct pt_state *pts,
				     unsigned int oasz_lg2);
#endif

/**
 * pt_leaf_item() - item @nth of an entry that pt_install_leaf_entry() would write
 * @oa: of the entry
 *
 * Default: pt_leaf_value(). Required of a format whose items of an entry differ.
 */
static inline pt_item_t pt_leaf_item(const struct pt_state *pts, phys_addr_t oa,
				     unsigned int oasz_lg2, unsigned int nth,
				     const struct pt_attrs *attrs);

/**
 * pt_leaf_flat_lg2() - OAs of less than 2^this stand in one piece in items of pages of
 * the smallest size, as they are or shifted to the right, and nothing else in the item
 * depends on them
 *
 * Default: 64 if there is a pt_leaf_value(), else 0: no OA does.
 */
static inline unsigned int pt_leaf_flat_lg2(const struct pt_common *common);

/*
 * What hardware permits to be done to entries that it may be using at any time.
 * The four hooks that follow say so, each with the specification's section in a
 * comment. Where nothing is said it is forbidden: the entry has to be removed,
 * flushed and made anew (break before make), and an operation that must not let a
 * translation disappear refuses with -EOPNOTSUPP.
 */

/**
 * pt_live_table() - may one store replace a live leaf by a table of leaves that
 * translate the same, and the other way round?
 *
 * Default: false.
 */
static inline bool pt_live_table(const struct pt_common *common);

/**
 * pt_live_run() - may the items of a live entry be rewritten, one after the other,
 * to be those of shorter or longer entries that translate the same?
 *
 * Default: false.
 */
static inline bool pt_live_run(const struct pt_common *common);

/**
 * pt_live_oa() - may the items of a live entry get another OA, one after the
 * other?
 *
 * Hardware then uses the old or the new one, whichever item it looks at, until it
 * has been flushed. Default: false.
 */
static inline bool pt_live_oa(const struct pt_common *common);

/**
 * pt_live_attrs() - may the items of the live leaf @pts->entry get the attributes
 * @attrs, one after the other?
 *
 * Default: true. Formats in which not all attributes are permissions decide.
 */
static inline bool pt_live_attrs(const struct pt_state *pts,
				 const struct pt_attrs *attrs);

/**
 * pt_install_leaf_run() - write @count entries, for consecutive OAs
 *
 * Default: by pt_leaf_value(), or else one by one. @pts->index is undefined
 * after.
 */
static inline void pt_install_leaf_run(struct pt_state *pts, phys_addr_t oa,
				       unsigned int oasz_lg2,
				       unsigned int count,
				       const struct pt_attrs *attrs);

/**
 * pt_install_empty_run() - as pt_install_leaf_run(), if all items are empty
 *
 * Return: are they?
 */
static inline bool pt_install_empty_run(struct pt_state *pts, phys_addr_t oa,
					unsigned int oasz_lg2,
					unsigned int count,
					const struct pt_attrs *attrs);

#ifdef pt_dirty_mask
/**
 * pt_dirty_mask() - the bits that make a leaf dirty when all are set
 *
 * Default: the format has no dirty bits, and its unit exports no dirty
 * operations. Formats whose dirty state is no such mask define the three hooks
 * below instead.
 */
static inline pt_item_t pt_dirty_mask(const struct pt_state *pts);

/**
 * pt_accessed_mask() - what hardware sets in a leaf together with the dirty bit
 *
 * Default: nothing, or nothing that new leaves do not have already.
 */
static inline pt_item_t pt_accessed_mask(const struct pt_state *pts);
#endif

#if defined(pt_dirty_mask) || defined(pt_item_is_dirty)
/**
 * pt_can_track_dirty() - does this table have dirty state?
 *
 * Default: true. For formats in which a feature decides.
 */
static inline bool pt_can_track_dirty(const struct pt_common *common);

/** pt_item_is_dirty() - has hardware written through the leaf @item? */
static inline bool pt_item_is_dirty(const struct pt_state *pts, pt_item_t item);

/** pt_item_make_clean() - clear the dirty state of one item, atomically. */
static inline void pt_item_make_clean(struct pt_state *pts, pt_item_t *item);

/**
 * pt_item_dirtied() - the leaf @item after hardware has written through it
 *
 * Return: @item as it is, if hardware cannot write through it and the format has
 * no such state.
 */
static inline pt_item_t pt_item_dirtied(const struct pt_state *pts,
					pt_item_t item);

/**
 * pt_item_keep_dirty() - the leaf @item as one that is dirty, whether or not
 * hardware can write through it
 *
 * pt_item_is_dirty() says so of it, and pt_item_make_clean() makes it clean.
 * Default: pt_item_dirtied(). For formats in which only writable leaves have dirty
 * state; they remember it in a bit of software's.
 */
static inline pt_item_t pt_item_keep_dirty(const struct pt_state *pts,
					   pt_item_t item);

/**
 * pt_dirty_how() - what dirty items look like in a table of level 0, where they are
 * looked for in runs
 *
 * @mask, @value and @kept find all dirty items.
 * @settled_mask and @settled_value say which of them are entries of one item in which
 * nothing is left that hardware could set, be it the accessed bit; @flip makes those
 * clean. Others are dealt with one by one, by pt_item_make_clean(). Default: by
 * pt_dirty_mask(), and none is settled. Required of formats without that.
 */
static inline struct pt_run_dirty pt_dirty_how(const struct pt_state *pts);
#endif

/**
 * pt_max_sw_bit() - highest number of a bit that hardware ignores in every
 * present entry of the format and in table items
 *
 * Numbers 0 and 1 are taken in table items: they mark full tables, see pt_full.h.
 * Default: -1, there is none, and no table is marked.
 */
static inline int pt_max_sw_bit(const struct pt_common *common);

/** pt_sw_bit() - the mask of software bit @nr, 0 to pt_max_sw_bit(). */
static inline pt_item_t pt_sw_bit(const struct pt_common *common,
				  unsigned int nr);

#endif
