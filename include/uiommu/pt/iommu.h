/* SPDX-License-Identifier: MIT */
/**
 * DOC: Page tables as domains of an IOMMU
 *
 * A driver embeds the table of its format in its own domain, connects the ops
 * directly and programs the hardware from the format's hw_info:
 *
 *	struct protection_domain {
 *		union {
 *			struct iommu_domain domain;
 *			struct pt_iommu_amdv1 amdv1;
 *		};
 *	};
 *	PT_IOMMU_CHECK_DOMAIN(struct protection_domain, amdv1.iommu, domain);
 *
 *	static const struct iommu_domain_ops amdv1_ops = {
 *		IOMMU_PT_DOMAIN_OPS(amdv1),
 *		.iotlb_sync = my_iotlb_sync,
 *		.free = my_free,
 *	};
 *
 * examples/protection_domain.c is the whole of such a driver.
 *
 * Locking. The caller holds a lock on the VA range that it operates on; that is
 * all. Operations on disjoint ranges run concurrently in any number of threads. The
 * range of an unmap includes all of the last entry. Until what an operation has
 * gathered is flushed, hardware may use what was there before: the caller maps
 * nothing new in the range, and does not rely on dirty bits or on memory that was
 * unmapped.
 *
 * Ordering. Operations on neighbouring ranges order what they have to among
 * themselves. What hardware sees is ordered by those who talk to it, as for any
 * memory that a device reads: whatever starts a device after a map (a doorbell)
 * comes after the map's stores; change_top after the table that it announces;
 * iotlb_sync issues its invalidation after all stores of its caller, and returns
 * after it has completed, walks and writes under way included, and before its
 * caller's next loads. tests/model/README.md has each of them, and what breaks
 * without.
 */
#ifndef UIOMMU_PT_IOMMU_H
#define UIOMMU_PT_IOMMU_H

#include <uiommu/pt/common.h>

#ifdef __cplusplus
extern "C" {
#define PT_STATIC_ASSERT(cond, what) static_assert(cond, what)
#else
#define PT_STATIC_ASSERT(cond, what) _Static_assert(cond, what)
#endif

struct pt_iommu;
struct port_lock;

/**
 * struct pt_iommu_driver_ops - what a table with PT_FEAT_DYNAMIC_TOP asks of
 * its driver
 * @get_top_lock: the lock under which the top changes. The driver takes it,
 *	too, from reading hw_info until the hardware is programmed with it
 * @change_top: make the hardware use the table at @top_pa, of level @top_level,
 *	for every device and PASID attached to the domain, and drop what it
 *	remembers of the old root. Called with the top lock held, and before
 *	anything is mapped that only the new top reaches; hw_info still gives
 *	the old top, which stays valid below the new one. Cannot fail
 */
struct pt_iommu_driver_ops {
	struct port_lock *(*get_top_lock)(struct pt_iommu *iommu);
	void (*change_top)(struct pt_iommu *iommu, phys_addr_t top_pa,
			   unsigned int top_level);
};

/**
 * struct pt_iommu - a page table that is a domain; begins every
 * struct pt_iommu_<fmt>
 * @domain: the domain. The driver sets ops, dirty_ops and owner before init,
 *	which keeps them; init sets type, geometry and pgsize_bitmap. A driver
 *	whose hardware lacks a page size clears its bit after init, before the
 *	first map; the smallest one stays
 * @driver_ops: set by the driver before init, which keeps it; NULL is fine
 *	without PT_FEAT_DYNAMIC_TOP
 */
struct pt_iommu {
	struct iommu_domain domain;
	const struct pt_iommu_driver_ops *driver_ops;
};

/**
 * struct pt_iommu_cfg - the part of the configuration that all formats share
 * @runtime: table memory; NULL = port_default_runtime()
 * @features: BIT(PT_FEAT_*)
 * @hw_max_vasz_lg2: the widest VA that the hardware takes, in bits. The table's
 *	is narrower if its levels (without PT_FEAT_DYNAMIC_TOP) reach less far
 * @hw_max_oasz_lg2: the widest OA that the hardware puts out, in bits
 */
struct pt_iommu_cfg {
	const struct pt_runtime *runtime;
	unsigned int features;
	uint8_t hw_max_vasz_lg2;
	uint8_t hw_max_oasz_lg2;
};

/**
 * struct pt_iommu_info - what a table is at the moment
 * @pgsize_bitmap: bit n set: a 2^n byte mapping can be stored natively
 * @top_pa: address of the top table as hardware sees it
 * @top_level: its level
 * @features: BIT(PT_FEAT_*) that are on
 * @vasz_lg2: width of the VA in bits
 * @oasz_lg2: width of the OA in bits
 * @memory: what the tables take
 */
struct pt_iommu_info {
	uint64_t pgsize_bitmap;
	phys_addr_t top_pa;
	unsigned int top_level;
	unsigned int features;
	uint8_t vasz_lg2;
	uint8_t oasz_lg2;
	struct pt_iommu_memory memory;
};

/**
 * struct pt_iommu_description - what tables of a format can be
 * @name: the format's
 * @pgsize_bitmap: page sizes of the largest table with all features
 * @features: BIT(PT_FEAT_*) that it is compiled with
 * @forced_features: those of them that are always on
 * @max_vasz_lg2: width of the widest VA in bits, sign included
 * @max_oasz_lg2: width of the widest OA in bits
 * @min_levels: fewest levels of a table
 * @max_levels: most levels of a table
 * @item_size: bytes of an item
 * @dirty: it can have dirty state
 */
struct pt_iommu_description {
	const char *name;
	uint64_t pgsize_bitmap;
	unsigned int features;
	unsigned int forced_features;
	uint8_t max_vasz_lg2;
	uint8_t max_oasz_lg2;
	uint8_t min_levels;
	uint8_t max_levels;
	uint8_t item_size;
	bool dirty;
};

/**
 * struct pt_iommu_entry - one entry that walk comes by
 * @va: first address that it translates
 * @pa: where that goes; of a table item, the lower table's address
 * @raw: the item, or the first that the walk saw of a leaf's
 * @size_lg2: log2 of the bytes that it translates
 * @level: its level
 * @leaf: it is a leaf, else a table item
 * @dirty: of a leaf: any of its items is
 * @items: how many items it has
 */
struct pt_iommu_entry {
	dma_addr_t va;
	phys_addr_t pa;
	uint64_t raw;
	uint8_t size_lg2;
	uint8_t level;
	bool leaf;
	bool dirty;
	unsigned int items;
};

/**
 * PT_IOMMU_CHECK_DOMAIN() - prove at compile time that a driver's domain and
 * the table's are the same object
 * @s: the driver's struct
 * @pt_memb: its struct pt_iommu
 * @domain_memb: its struct iommu_domain
 */
#define PT_IOMMU_CHECK_DOMAIN(s, pt_memb, domain_memb)               \
	PT_STATIC_ASSERT(offsetof(s, pt_memb.domain) ==              \
				 offsetof(s, domain_memb),           \
			 "the domain of the page table is not that " \
			 "of the driver")

/** IOMMU_PT_DOMAIN_OPS() - the part of struct iommu_domain_ops that @fmt does. */
#define IOMMU_PT_DOMAIN_OPS(fmt)                                  \
	.map_range = &pt_iommu_##fmt##_map_range,                 \
	.unmap_range = &pt_iommu_##fmt##_unmap_range,             \
	.iova_to_phys = &pt_iommu_##fmt##_iova_to_phys,           \
	.iova_to_phys_list = &pt_iommu_##fmt##_iova_to_phys_list, \
	.cut = &pt_iommu_##fmt##_cut,                             \
	.shrink_pages = &pt_iommu_##fmt##_shrink_pages,           \
	.grow_pages = &pt_iommu_##fmt##_grow_pages,               \
	.set_prot = &pt_iommu_##fmt##_set_prot,                   \
	.map_list = &pt_iommu_##fmt##_map_list,                   \
	.replace_list = &pt_iommu_##fmt##_replace_list,           \
	.unmap_list = &pt_iommu_##fmt##_unmap_list,               \
	.translate_range = &pt_iommu_##fmt##_translate_range

/** IOMMU_PT_DIRTY_OPS() - the part of struct iommu_dirty_ops that @fmt does. */
#define IOMMU_PT_DIRTY_OPS(fmt)                                         \
	.read_and_clear_dirty = &pt_iommu_##fmt##_read_and_clear_dirty, \
	.set_dirty = &pt_iommu_##fmt##_set_dirty

/*
 * The functions of a format, where <fmt> is one of those at the end of this file.
 * All but init, deinit and describe take any table between the first two, from any
 * thread.
 *
 * int pt_iommu_<fmt>_init(table, cfg, gfp)
 *	Make an empty table. domain.ops, domain.dirty_ops, domain.owner and
 *	driver_ops stay as they are.
 *	Return: 0; -EOPNOTSUPP: the format is not compiled with one of the
 *	features; -EINVAL: a width is zero or beyond the format, a level that the
 *	format does not have, PT_FEAT_DYNAMIC_TOP without driver_ops,
 *	PT_FEAT_DMA_INCOHERENT without a runtime's flush, a C-bit
 *	that is none; -EOVERFLOW: the VA does not fit a machine word, or the
 *	runtime's memory the table's pointers; -ENOMEM. After a failure only
 *	deinit and init may be called.
 *
 * void pt_iommu_<fmt>_deinit(table)
 *	Free all tables. Nothing is attached and no operation is under way. Fine
 *	on a zeroed struct, after a failed init, and twice.
 *
 * void pt_iommu_<fmt>_get_info(table, info)
 *	What the table is, and the memory it takes, at this moment.
 *
 * void pt_iommu_<fmt>_describe(what)
 *	What the format can be, whatever the table.
 *
 * void pt_iommu_<fmt>_hw_info(table, info)
 *	What the hardware has to be programmed with. With PT_FEAT_DYNAMIC_TOP
 *	the driver holds the top lock until it has done so.
 *
 * int pt_iommu_<fmt>_map_range(domain, iova, paddr, len, prot, gfp, mapped)
 *	Map [iova, iova + len) to paddr with the largest pages that fit. Adds to
 *	*mapped what was mapped, also on failure; the caller unmaps that much.
 *	Return: 0; -EINVAL: zero or not a multiple of the smallest page, or a
 *	prot that says nothing; -EOPNOTSUPP: the format cannot express prot;
 *	-EOVERFLOW: the VA or OA wraps; -ERANGE: VA or OA beyond the table's
 *	width; -EADDRINUSE: a live translation is in the way, and nothing has
 *	been changed; -ENOMEM. Tables that are in the way of a large page and
 *	empty are replaced: domain.ops->iotlb_sync is called for that.
 *
 * size_t pt_iommu_<fmt>_unmap_range(domain, iova, len, gather)
 *	Remove entries from iova on, up to the first hole. An entry that begins
 *	before iova is not removed; one that ends behind the range is removed
 *	whole. The caller flushes what was gathered (iotlb_sync) and then frees
 *	gather->freelist (iommu_pages_list_put).
 *	Return: the bytes removed, which can be more than len. One number is not
 *	one of the word: if every address that it has was mapped, and all of it has
 *	gone because the last entry ends with the last address, behind the range,
 *	0 is returned; the gather has the range then.
 *
 *	Tables that the range covers are freed with it. Where a hole stops it,
 *	those that have become empty are, too; a table of which entries behind the
 *	hole are left stays, and so do tables that were empty before.
 *
 * int pt_iommu_<fmt>_map_list(domain, iova, runs, nr, prot, gfp, mapped)
 *	The same as map_range for nr runs, one behind the other. Runs of which one
 *	continues the other make large pages together.
 *	Return: as map_range; -EINVAL also if there is no run, or one is empty.
 *
 * size_t pt_iommu_<fmt>_unmap_list(domain, iova, len, gather, list)
 *	The same as unmap_range, and appends what was mapped to list, in order. If
 *	list has no room for the next entry it stops before it: the caller flushes,
 *	deals with the runs, empties list (nr, not done) and calls again with the
 *	same range, on which it holds the lock all the time.
 *	Return: the bytes removed by this call; 0: nothing is left up to the next
 *	hole.
 *
 * phys_addr_t pt_iommu_<fmt>_iova_to_phys(domain, iova)
 *	Return: where iova goes, or PHYS_ADDR_MAX.
 *
 * void pt_iommu_<fmt>_iova_to_phys_list(domain, iova, oa, nr)
 *	The same for iova[0] to iova[nr - 1], in any order, to oa[0] to oa[nr - 1],
 *	which is other memory. Memory is fetched for many of them at once: faster
 *	than nr single lookups where tables are not in the caches.
 *
 * size_t pt_iommu_<fmt>_translate_range(domain, iova, len, list)
 *	Append to list where [iova, iova + len) goes, up to the first hole or as
 *	far as there is room; a second call goes on there.
 *	Return: the bytes that it has found the runs of.
 *
 * int pt_iommu_<fmt>_walk(domain, iova, len, visit, arg)
 *	Call visit(arg, entry) for each entry that translates some of the range:
 *	table items before what is below them, all else in the order of addresses.
 *	visit returns 0 to go on, > 0 to leave out what is below a table item, < 0
 *	to stop. It may call functions of the table that change nothing. What other
 *	threads map, in other ranges, may be seen or not.
 *	Return: 0, what visit returned to stop, -EINVAL, -EOVERFLOW or -ERANGE for
 *	the range.
 *
 * The operations that follow change entries that hardware may be using, without any
 * translation disappearing for a moment: a request meets the old or the new entry.
 * What hardware bears is up to the format and its features; the operation looks
 * before it begins and returns -EOPNOTSUPP if the entries would have to be removed
 * and made anew (break before make), with nothing changed. The caller's lock covers
 * the whole of each entry that the range touches. The caller flushes what was
 * gathered; until then hardware may use the old entries, and note in any item of an
 * entry what it writes there. Dirty state is kept: an entry that comes out of a dirty
 * one is dirty, and so is one that comes out of several of which one is.
 *
 * int pt_iommu_<fmt>_cut(domain, iova, gfp, gather)
 *	Split the entry that spans iova, if there is one, so that an entry begins
 *	there; into as few as possible. What it translates to, its attributes and
 *	everything else stays.
 *	Return: 0, also if nothing spans iova, or nothing can, because it lies
 *	behind the table's range; -EINVAL: not a multiple of the smallest page;
 *	-EOPNOTSUPP: hardware does not bear it; -ENOMEM, -EOVERFLOW (the runtime's
 *	memory is too high): all translations are as they were, but their entries
 *	may be smaller.
 *
 * int pt_iommu_<fmt>_shrink_pages(domain, iova, len, max_size, gfp, gather)
 *	Split entries in the range until none is larger than max_size bytes, for
 *	dirty tracking. An entry that is only partly in the range is split as a
 *	whole. Holes are skipped.
 *	Return: as cut; -EINVAL: no page is as small as max_size, or len is 0;
 *	-EOVERFLOW, -ERANGE: the range wraps, is not in the table's.
 *
 * int pt_iommu_<fmt>_grow_pages(domain, iova, len, gather)
 *	The inverse: merge entries that lie in the range into the largest that fit
 *	there, where OAs and attributes allow. Tables that are not needed any more
 *	are freed; domain.ops->iotlb_sync is called for them, as often as needed.
 *	The top stays at its level. (amdv1: a page of 1 TiB is not made of smaller
 *	ones, because there is none of 512 GiB.)
 *	Return: 0; -EINVAL, -EOVERFLOW, -ERANGE as above; -EOPNOTSUPP: hardware
 *	does not bear some of it. What it does has been done.
 *
 * int pt_iommu_<fmt>_set_prot(domain, iova, len, prot, gather)
 *	Change permissions and attributes of a range that begins and ends with
 *	entries; see cut. Sizes stay. Entries that have them already are not
 *	touched. Where new mappings are dirty from the start, changed ones are, too.
 *	Return: 0; -EINVAL, -EOPNOTSUPP for prot as in map_range; -EINVAL: the
 *	range is empty, or an entry is only partly in it; -ENOENT: something in it
 *	is not mapped; -EOVERFLOW, -ERANGE; -EOPNOTSUPP: a memory type would
 *	change, and hardware does not bear it. Nothing has changed then.
 *
 * int pt_iommu_<fmt>_replace_list(domain, iova, runs, nr, gfp, gather, replaced)
 *	Have a range that begins and ends with entries go to other OAs: nr runs, one
 *	behind the other. Attributes and dirty state stay with the VA. Entries stay
 *	as large as the new OAs allow; what goes where it did is not touched. A
 *	request meets the old or the new OA, until the gather has been flushed the
 *	old one, too.
 *	Adds to *replaced what has been replaced from the start, also on failure.
 *	Return: 0; -EINVAL: as map_list, or an entry is only partly in the range;
 *	-ENOENT: something in it is not mapped; -EOVERFLOW, -ERANGE; -EOPNOTSUPP:
 *	hardware does not bear it. Nothing has changed then. -ENOMEM, -EOVERFLOW
 *	(the runtime's memory is too high): what is behind *replaced goes where it
 *	did.
 *
 * int pt_iommu_<fmt>_read_and_clear_dirty(domain, iova, size, flags, dirty)
 *	Record what is dirty in the range, and clear it unless flags has
 *	IOMMU_DIRTY_NO_CLEAR. Records never reach outside the range, and
 *	neighbours are recorded at once. An entry that is only partly in the
 *	range stays dirty, so that nothing is lost. No dirty bit that hardware
 *	sets meanwhile is lost. Until the gather has been flushed, hardware may
 *	fail to set bits again.
 *	Return: 0; -EINVAL: no such flag, or nothing to gather in; -EOVERFLOW,
 *	-ERANGE as above; -EOPNOTSUPP: this table has no dirty state.
 *
 * int pt_iommu_<fmt>_set_dirty(domain, iova)
 *	Mark the entry that maps iova dirty, as hardware would, in one access.
 *	Return: 0; -ENOENT: nothing is mapped there; -EPERM: it cannot become
 *	dirty, because it is not writable; -EOPNOTSUPP: this table has no dirty
 *	state.
 */
#define PT_IOMMU_DECLARE(fmt)                                                  \
	struct pt_iommu_##fmt {                                                \
		struct pt_iommu iommu;                                         \
		struct pt_##fmt pt;                                            \
	};                                                                     \
	int pt_iommu_##fmt##_init(struct pt_iommu_##fmt *table,                \
				  const struct pt_iommu_##fmt##_cfg *cfg,      \
				  gfp_t gfp);                                  \
	void pt_iommu_##fmt##_deinit(struct pt_iommu_##fmt *table);            \
	void pt_iommu_##fmt##_get_info(struct pt_iommu_##fmt *table,           \
				       struct pt_iommu_info *info);            \
	void pt_iommu_##fmt##_describe(struct pt_iommu_description *what);     \
	void pt_iommu_##fmt##_hw_info(struct pt_iommu_##fmt *table,            \
				      struct pt_iommu_##fmt##_hw_info *info);  \
	int pt_iommu_##fmt##_map_range(struct iommu_domain *domain,            \
				       dma_addr_t iova, phys_addr_t paddr,     \
				       dma_addr_t len, unsigned int prot,      \
				       gfp_t gfp, size_t *mapped);             \
	size_t pt_iommu_##fmt##_unmap_range(                                   \
		struct iommu_domain *domain, dma_addr_t iova, dma_addr_t len,  \
		struct iommu_iotlb_gather *gather);                            \
	phys_addr_t pt_iommu_##fmt##_iova_to_phys(struct iommu_domain *domain, \
						  dma_addr_t iova);            \
	void pt_iommu_##fmt##_iova_to_phys_list(struct iommu_domain *domain,   \
						const dma_addr_t *iova,        \
						phys_addr_t *oa, size_t nr);   \
	int pt_iommu_##fmt##_cut(struct iommu_domain *domain, dma_addr_t iova, \
				 gfp_t gfp,                                    \
				 struct iommu_iotlb_gather *gather);           \
	int pt_iommu_##fmt##_shrink_pages(struct iommu_domain *domain,         \
					  dma_addr_t iova, dma_addr_t len,     \
					  uint64_t max_size, gfp_t gfp,        \
					  struct iommu_iotlb_gather *gather);  \
	int pt_iommu_##fmt##_grow_pages(struct iommu_domain *domain,           \
					dma_addr_t iova, dma_addr_t len,       \
					struct iommu_iotlb_gather *gather);    \
	int pt_iommu_##fmt##_set_prot(struct iommu_domain *domain,             \
				      dma_addr_t iova, dma_addr_t len,         \
				      unsigned int prot,                       \
				      struct iommu_iotlb_gather *gather);      \
	int pt_iommu_##fmt##_map_list(struct iommu_domain *domain,             \
				      dma_addr_t iova,                         \
				      const struct iommu_run *runs, size_t nr, \
				      unsigned int prot, gfp_t gfp,            \
				      size_t *mapped);                         \
	int pt_iommu_##fmt##_replace_list(                                     \
		struct iommu_domain *domain, dma_addr_t iova,                  \
		const struct iommu_run *runs, size_t nr, gfp_t gfp,            \
		struct iommu_iotlb_gather *gather, size_t *replaced);          \
	size_t pt_iommu_##fmt##_unmap_list(struct iommu_domain *domain,        \
					   dma_addr_t iova, dma_addr_t len,    \
					   struct iommu_iotlb_gather *gather,  \
					   struct iommu_run_list *list);       \
	size_t pt_iommu_##fmt##_translate_range(struct iommu_domain *domain,   \
						dma_addr_t iova,               \
						dma_addr_t len,                \
						struct iommu_run_list *list);  \
	int pt_iommu_##fmt##_walk(                                             \
		struct iommu_domain *domain, dma_addr_t iova, dma_addr_t len,  \
		int (*visit)(void *arg, const struct pt_iommu_entry *entry),   \
		void *arg)

/** PT_IOMMU_DECLARE_DIRTY() - the same for formats that have dirty bits. */
#define PT_IOMMU_DECLARE_DIRTY(fmt)                                        \
	int pt_iommu_##fmt##_read_and_clear_dirty(                         \
		struct iommu_domain *domain, dma_addr_t iova, size_t size, \
		unsigned int flags, struct iommu_dirty_bitmap *dirty);     \
	int pt_iommu_##fmt##_set_dirty(struct iommu_domain *domain,        \
				       dma_addr_t iova)

/**
 * struct pt_iommu_amdv1_cfg - configuration of amdv1
 * @common: shared part. VA up to 64 bits, OA up to 52
 * @starting_level: level of the first top table, 1 to 5
 * @encrypt_bit: with PT_FEAT_AMDV1_ENCRYPT_TABLES: the position of the C-bit,
 *	above all OAs: 32 to 51
 */
struct pt_iommu_amdv1_cfg {
	struct pt_iommu_cfg common;
	unsigned int starting_level;
	unsigned int encrypt_bit;
};

/**
 * struct pt_iommu_amdv1_hw_info - for the device table entry
 * @host_pt_root: PA[51:12] of the top table, in place, with the C-bit
 * @mode: number of levels, 2 to 6
 */
struct pt_iommu_amdv1_hw_info {
	uint64_t host_pt_root;
	uint8_t mode;
};

PT_IOMMU_DECLARE(amdv1);
PT_IOMMU_DECLARE_DIRTY(amdv1);

/**
 * struct pt_iommu_amdv1_mock_cfg - configuration of amdv1_mock
 * @common: shared part. VA up to 56 bits, OA up to 51
 * @starting_level: level of the top table, 1 to 4
 */
struct pt_iommu_amdv1_mock_cfg {
	struct pt_iommu_cfg common;
	unsigned int starting_level;
};

/**
 * struct pt_iommu_amdv1_mock_hw_info - as struct pt_iommu_amdv1_hw_info
 * @host_pt_root: address of the top table
 * @mode: number of levels, 2 to 5
 */
struct pt_iommu_amdv1_mock_hw_info {
	uint64_t host_pt_root;
	uint8_t mode;
};

PT_IOMMU_DECLARE(amdv1_mock);
PT_IOMMU_DECLARE_DIRTY(amdv1_mock);

/**
 * struct pt_iommu_vtdss_cfg - configuration of vtdss
 * @common: shared part. VA up to 57 bits, OA up to 52
 * @top_level: level of the top table, 2 to 4. Independent of the VA's width:
 *	hardware exists that walks more levels than its VA needs
 */
struct pt_iommu_vtdss_cfg {
	struct pt_iommu_cfg common;
	unsigned int top_level;
};

/**
 * struct pt_iommu_vtdss_hw_info - for the context or PASID table entry
 * @ssptptr: PA[63:12] of the top table, in place
 * @aw: address width code: 1 = 3 levels, 2 = 4 levels, 3 = 5 levels
 */
struct pt_iommu_vtdss_hw_info {
	uint64_t ssptptr;
	uint8_t aw;
};

PT_IOMMU_DECLARE(vtdss);
PT_IOMMU_DECLARE_DIRTY(vtdss);

/**
 * struct pt_iommu_x86_64_cfg - configuration of x86_64
 * @common: shared part. VA up to 57 bits, OA up to 52. Without
 *	PT_FEAT_SIGN_EXTEND only the lower half of what the levels translate is
 *	used: 47 or 56 bits
 * @top_level: level of the top table, 3 or 4; independent of the VA's width
 * @encrypt_bit: with PT_FEAT_X86_64_AMD_ENCRYPT_TABLES: as in amdv1
 */
struct pt_iommu_x86_64_cfg {
	struct pt_iommu_cfg common;
	unsigned int top_level;
	unsigned int encrypt_bit;
};

/**
 * struct pt_iommu_x86_64_hw_info - for the guest CR3 table, the PASID table
 * entry or CR3
 * @gcr3_pt: PA[51:12] of the top table, in place, with the C-bit
 * @levels: number of levels, 4 or 5
 */
struct pt_iommu_x86_64_hw_info {
	uint64_t gcr3_pt;
	uint8_t levels;
};

PT_IOMMU_DECLARE(x86_64);
PT_IOMMU_DECLARE_DIRTY(x86_64);

/**
 * struct pt_iommu_ept_cfg - configuration of ept
 * @common: shared part. VA up to 57 bits, OA up to 52
 * @top_level: level of the top table, 3 or 4; independent of the VA's width
 * @ram_type: memory type of what is not IOMMU_MMIO, as leaves encode it: 0 UC,
 *	1 WC, 4 WT, 5 WP, 6 WB
 */
struct pt_iommu_ept_cfg {
	struct pt_iommu_cfg common;
	unsigned int top_level;
	unsigned int ram_type;
};

/**
 * struct pt_iommu_ept_hw_info - for the VMCS
 * @eptp: the EPT pointer: root, levels, write-back walks, A/D enable; with
 *	PT_FEAT_DMA_INCOHERENT uncacheable walks, without A/D
 */
struct pt_iommu_ept_hw_info {
	uint64_t eptp;
};

PT_IOMMU_DECLARE(ept);
PT_IOMMU_DECLARE_DIRTY(ept);

/**
 * struct pt_iommu_riscv64_cfg - configuration of riscv64
 * @common: shared part. VA up to 57 bits, OA up to 56. Without
 *	PT_FEAT_SIGN_EXTEND only the lower half of what the levels translate is
 *	used: 38, 47 or 56 bits
 * @top_level: level of the top table: 2 = Sv39, 3 = Sv48, 4 = Sv57
 */
struct pt_iommu_riscv64_cfg {
	struct pt_iommu_cfg common;
	unsigned int top_level;
};

/**
 * struct pt_iommu_riscv64_hw_info - for the first-stage context (fsc) or satp
 * @ppn: physical page number of the top table
 * @mode: 8 = Sv39, 9 = Sv48, 10 = Sv57
 */
struct pt_iommu_riscv64_hw_info {
	uint64_t ppn;
	uint8_t mode;
};

PT_IOMMU_DECLARE(riscv64);
PT_IOMMU_DECLARE_DIRTY(riscv64);

/**
 * struct pt_iommu_riscv64_x4_cfg - configuration of riscv64_x4
 * @common: shared part. VA up to 59 bits, OA up to 56
 * @top_level: level of the top table: 2 = Sv39x4, 3 = Sv48x4, 4 = Sv57x4
 */
struct pt_iommu_riscv64_x4_cfg {
	struct pt_iommu_cfg common;
	unsigned int top_level;
};

/**
 * struct pt_iommu_riscv64_x4_hw_info - for iohgatp or hgatp
 * @ppn: physical page number of the top table, a multiple of 4
 * @mode: 8 = Sv39x4, 9 = Sv48x4, 10 = Sv57x4
 */
struct pt_iommu_riscv64_x4_hw_info {
	uint64_t ppn;
	uint8_t mode;
};

PT_IOMMU_DECLARE(riscv64_x4);
PT_IOMMU_DECLARE_DIRTY(riscv64_x4);

/**
 * struct pt_iommu_riscv32_cfg - configuration of riscv32
 * @common: shared part. VA up to 32 bits, OA up to 34
 */
struct pt_iommu_riscv32_cfg {
	struct pt_iommu_cfg common;
};

/**
 * struct pt_iommu_riscv32_hw_info - for the first-stage context (fsc) or satp
 * @ppn: physical page number of the top table
 * @mode: 8 = Sv32, where the IOMMU encodes it
 */
struct pt_iommu_riscv32_hw_info {
	uint32_t ppn;
	uint8_t mode;
};

PT_IOMMU_DECLARE(riscv32);
PT_IOMMU_DECLARE_DIRTY(riscv32);

/**
 * struct pt_iommu_riscv32_x4_cfg - configuration of riscv32_x4
 * @common: shared part. VA up to 34 bits, OA up to 34
 */
struct pt_iommu_riscv32_x4_cfg {
	struct pt_iommu_cfg common;
};

/**
 * struct pt_iommu_riscv32_x4_hw_info - for iohgatp or hgatp
 * @ppn: physical page number of the top table, a multiple of 4
 * @mode: 8 = Sv32x4, where the IOMMU encodes it
 */
struct pt_iommu_riscv32_x4_hw_info {
	uint32_t ppn;
	uint8_t mode;
};

PT_IOMMU_DECLARE(riscv32_x4);
PT_IOMMU_DECLARE_DIRTY(riscv32_x4);

/**
 * PT_IOMMU_ARM_S1_DECLARE() - a stage 1 format with Arm's long descriptors
 *
 * Configuration, whose common part alone counts: the start level follows from
 * hw_max_vasz_lg2, which is 64 - TxSZ (lpae_s1: 32 - T0SZ).
 *
 * hw_info, for a context descriptor of an SMMU or a TCR:
 *	ttb	address of the top table
 *	mair	memory attributes that leaves refer to
 *	tsz	T0SZ or T1SZ
 *	tg	TG0 or TG1, which differ
 *	ips	IPS, the OA's width
 *	irgn, orgn, sh	walks are write-back cacheable, inner shareable; with
 *		PT_FEAT_DMA_INCOHERENT not cacheable, outer shareable
 *	ds	DS, descriptors of 52 bits with 4 and 16 KiB
 *	upper	for TTB1, T1SZ and TG1; else for TTB0, T0SZ and TG0
 */
#define PT_IOMMU_ARM_S1_DECLARE(fmt)        \
	struct pt_iommu_##fmt##_cfg {       \
		struct pt_iommu_cfg common; \
	};                                  \
	struct pt_iommu_##fmt##_hw_info {   \
		uint64_t ttb;               \
		uint64_t mair;              \
		uint8_t tsz;                \
		uint8_t tg;                 \
		uint8_t ips;                \
		uint8_t irgn;               \
		uint8_t orgn;               \
		uint8_t sh;                 \
		bool ds;                    \
		bool upper;                 \
	};                                  \
	PT_IOMMU_DECLARE(fmt)

/**
 * PT_IOMMU_ARM_S2_DECLARE() - a stage 2 format with Arm's long descriptors
 *
 * Configuration: as in stage 1. Where up to 16 tables side by side save a level,
 * they do.
 *
 * hw_info, for a stream table entry of an SMMU or for VTTBR and VTCR:
 *	vttb	address of the top table
 *	t0sz	S2T0SZ
 *	sl0	S2SL0, the start level
 *	tg	S2TG
 *	ps	S2PS, the OA's width
 *	irgn, orgn, sh	walks are write-back cacheable, inner shareable; with
 *		PT_FEAT_DMA_INCOHERENT not cacheable, outer shareable
 *	ds	S2DS, descriptors of 52 bits with 4 and 16 KiB
 *	fwb	S2FWB
 */
#define PT_IOMMU_ARM_S2_DECLARE(fmt)        \
	struct pt_iommu_##fmt##_cfg {       \
		struct pt_iommu_cfg common; \
	};                                  \
	struct pt_iommu_##fmt##_hw_info {   \
		uint64_t vttb;              \
		uint8_t t0sz;               \
		uint8_t sl0;                \
		uint8_t tg;                 \
		uint8_t ps;                 \
		uint8_t irgn;               \
		uint8_t orgn;               \
		uint8_t sh;                 \
		bool ds;                    \
		bool fwb;                   \
	};                                  \
	PT_IOMMU_DECLARE(fmt)

/* VA and OA up to 52 bits; over 48 with PT_FEAT_ARMV8_LPA2 or 64 KiB. */
PT_IOMMU_ARM_S1_DECLARE(armv8_s1_4k);
PT_IOMMU_DECLARE_DIRTY(armv8_s1_4k);
PT_IOMMU_ARM_S1_DECLARE(armv8_s1_16k);
PT_IOMMU_DECLARE_DIRTY(armv8_s1_16k);
PT_IOMMU_ARM_S1_DECLARE(armv8_s1_64k);
PT_IOMMU_DECLARE_DIRTY(armv8_s1_64k);
PT_IOMMU_ARM_S2_DECLARE(armv8_s2_4k);
PT_IOMMU_DECLARE_DIRTY(armv8_s2_4k);
PT_IOMMU_ARM_S2_DECLARE(armv8_s2_16k);
PT_IOMMU_DECLARE_DIRTY(armv8_s2_16k);
PT_IOMMU_ARM_S2_DECLARE(armv8_s2_64k);
PT_IOMMU_DECLARE_DIRTY(armv8_s2_64k);

/* VA up to 32 bits (stage 2: 40), OA up to 40. */
PT_IOMMU_ARM_S1_DECLARE(lpae_s1);
PT_IOMMU_ARM_S2_DECLARE(lpae_s2);

/**
 * struct pt_iommu_v7s_cfg - configuration of v7s
 * @common: shared part. VA and OA up to 32 bits
 */
struct pt_iommu_v7s_cfg {
	struct pt_iommu_cfg common;
};

/**
 * struct pt_iommu_v7s_hw_info - for TTBR0 and its surroundings
 * @ttbr: root, with write-back cacheable, inner shareable walks; with
 *	PT_FEAT_DMA_INCOHERENT not cacheable ones
 * @ttbcr: 0: TTBR0 translates all of the VA, with short descriptors
 */
struct pt_iommu_v7s_hw_info {
	uint32_t ttbr;
	uint32_t ttbcr;
};

PT_IOMMU_DECLARE(v7s);

/**
 * struct pt_iommu_dart_cfg - configuration of dart
 * @common: shared part. VA and OA up to 36 bits
 */
struct pt_iommu_dart_cfg {
	struct pt_iommu_cfg common;
};

/**
 * struct pt_iommu_dart_hw_info - for the stream's first TTBR
 * @ttbr: root and valid bit
 */
struct pt_iommu_dart_hw_info {
	uint32_t ttbr;
};

PT_IOMMU_DECLARE(dart);

/**
 * struct pt_iommu_dart2_cfg - configuration of dart2
 * @common: shared part. VA up to 47 bits, OA up to 42
 * @top_level: level of the top table, 1 or 2
 */
struct pt_iommu_dart2_cfg {
	struct pt_iommu_cfg common;
	unsigned int top_level;
};

/**
 * struct pt_iommu_dart2_hw_info - for the stream's first TTBR
 * @ttbr_t8020: root and valid bit, in registers as the T8020's
 * @ttbr_t8110: the same, in registers as the T8110's
 * @four_level: TCR's "four level", which the T8020 lacks
 */
struct pt_iommu_dart2_hw_info {
	uint32_t ttbr_t8020;
	uint32_t ttbr_t8110;
	bool four_level;
};

PT_IOMMU_DECLARE(dart2);

#ifdef __cplusplus
}
#endif
#endif
