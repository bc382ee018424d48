/* SPDX-License-Identifier: MIT */
/**
 * DOC: The vocabulary that every layer shares
 *
 * Types only: what a domain is, the operations it carries, what an unmap
 * leaves to be flushed. The page table (src/pt) and the IOMMU core (src/iommu)
 * both include this header and neither needs the other. Nothing here allocates,
 * locks or calls; the header compiles alone, with no libc, as C11 or C++.
 */
#ifndef UIOMMU_IOMMU_TYPES_H
#define UIOMMU_IOMMU_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The error numbers that freestanding code returns (negated). Their values are
 * Linux's, so that the engine can hand them to a client as they are.
 */
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__
#include <errno.h>
#else
#define EPERM      1
#define ENOENT     2
#define EIO        5
#define E2BIG      7
#define EBADF      9
#define EAGAIN     11
#define ENOMEM     12
#define EFAULT     14
#define EBUSY      16
#define EEXIST     17
#define ENODEV     19
#define EINVAL     22
#define ENOSPC     28
#define ERANGE     34
#define EOVERFLOW  75
#define EMSGSIZE   90
#define EOPNOTSUPP 95
#define EADDRINUSE 98
#define ETIMEDOUT  110
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifndef BIT
#define BIT(nr) (1UL << (nr))
#endif

/** typedef phys_addr_t - an output address (OA): what the bus sees. */
typedef uint64_t phys_addr_t;
/** typedef dma_addr_t - an input address (VA, IOVA): one machine word. */
typedef unsigned long dma_addr_t;
/** typedef gfp_t - how an allocation may behave; passed on to the runtime. */
typedef unsigned int gfp_t;
/** typedef ioasid_t - a PASID, 20 bits. */
typedef uint32_t ioasid_t;

/** IOMMU_NO_PASID - requests that carry no PASID (the RID's own domain). */
#define IOMMU_NO_PASID ((ioasid_t)0)

/** GFP_KERNEL - may sleep; GFP_ATOMIC - must not. */
#define GFP_KERNEL ((gfp_t)0)
#define GFP_ATOMIC ((gfp_t)1)

/** PHYS_ADDR_MAX - returned by iova_to_phys where nothing is mapped. */
#define PHYS_ADDR_MAX (~(phys_addr_t)0)

/** enum iommu_prot - the permissions and attributes of a mapping. */
enum iommu_prot {
	IOMMU_READ = 1 << 0, /* DMA may read */
	IOMMU_WRITE = 1 << 1, /* DMA may write */
	IOMMU_CACHE = 1 << 2, /* coherent with the CPU's caches */
	IOMMU_NOEXEC = 1 << 3, /* instruction fetches are refused */
	IOMMU_MMIO = 1 << 4, /* device memory, not RAM */
	IOMMU_PRIV = 1 << 5, /* privileged requests only */
};

/** enum iommu_domain_type - what a domain does with a request. */
enum iommu_domain_type {
	IOMMU_DOMAIN_BLOCKED, /* blocks every request; static, cannot fail */
	IOMMU_DOMAIN_IDENTITY, /* OA = VA; static, cannot fail */
	IOMMU_DOMAIN_PAGING, /* translates through a page table */
	IOMMU_DOMAIN_NESTED, /* a guest's table over a PAGING parent */
};

struct iommu_dev;
struct iommu_domain;
struct iommu_dirty_bitmap;
struct iommu_ops;
struct iommu_run;
struct iommu_run_list;
struct iommu_user_array;

/**
 * struct iommu_pages_list - table memory that waits for a flush
 * @head: the first table, or NULL. The link to the next stands in the table's
 *	first 8 bytes, in a form that every format reads as "not present"
 *	(iommu_pages_link_* in <uiommu/iommu.h>), because a hardware walker may
 *	still look at the table until the flush has completed.
 * @put: frees the whole list; set by whoever adds the first table
 * @owner: for @put
 *
 * All tables of one list belong to one owner.
 */
struct iommu_pages_list {
	void *head;
	void (*put)(struct iommu_pages_list *list);
	void *owner;
};

/**
 * struct iommu_iotlb_gather - what has been unmapped and must be flushed
 * @start: first VA gathered; above @last while the gather is empty
 * @last: last VA gathered (inclusive)
 * @pgsize: smallest page size that was unmapped in [@start, @last] in bytes; 0 =
 *	not known, assume the smallest of the domain
 * @sizes: with PT_FEAT_DETAILED_GATHER: bit n: an entry of 2^n bytes was removed or
 *	changed; else 0
 * @tables: bit n: an item of level n pointed at a table and does not any more. If
 *	any is set, walk caches (non-leaf entries) must be flushed
 * @freelist: tables to free once the flush has completed. A non-empty list says
 *	the same as @tables
 *
 * Whoever calls iotlb_sync owns the gather and frees @freelist afterwards;
 * iotlb_sync itself only invalidates.
 */
struct iommu_iotlb_gather {
	dma_addr_t start;
	dma_addr_t last;
	size_t pgsize;
	uint64_t sizes;
	unsigned int tables;
	struct iommu_pages_list freelist;
};

/**
 * struct iommu_run - consecutive output addresses
 * @oa: the first
 * @len: how many bytes
 */
struct iommu_run {
	phys_addr_t oa;
	dma_addr_t len;
};

/**
 * struct iommu_run_list - where a range goes, as runs, filled by unmap_list and
 * translate_range
 * @run: the caller's memory
 * @max: how many fit
 * @nr: how many there are. Set to 0 by the caller, which gets runs appended: the
 *	VAs of one begin where those of the former end
 * @done: bytes of the range that have been dealt with. Set to 0 by the caller
 *	before the first call; a call goes on where the one before it stopped
 *	because there was no room, with the same range
 */
struct iommu_run_list {
	struct iommu_run *run;
	size_t max;
	size_t nr;
	dma_addr_t done;
};

/**
 * struct iommu_domain_geometry - the aperture of a domain
 * @aperture_start: first VA that can be mapped
 * @aperture_end: last VA that can be mapped (inclusive)
 * @force_aperture: requests outside the aperture are blocked
 */
struct iommu_domain_geometry {
	dma_addr_t aperture_start;
	dma_addr_t aperture_end;
	bool force_aperture;
};

/** enum iommu_page_perm - what a page request asks for. */
enum iommu_page_perm {
	IOMMU_PAGE_READ = 1 << 0,
	IOMMU_PAGE_WRITE = 1 << 1,
	IOMMU_PAGE_EXEC = 1 << 2,
	IOMMU_PAGE_PRIV = 1 << 3, /* by a privileged request */
};

/**
 * struct iommu_page_request - a device asks for a page that is not mapped (PCIe PRI)
 * @pasid: its PASID; IOMMU_NO_PASID = none
 * @grpid: page request group: requests are answered group by group
 * @perm: enum iommu_page_perm
 * @last: the last one of its group
 * @addr: the address, page aligned
 */
struct iommu_page_request {
	ioasid_t pasid;
	uint32_t grpid;
	uint32_t perm;
	bool last;
	dma_addr_t addr;
};

/** enum iommu_page_code - the answer to a page request group (PCIe 10.4.2.2). */
enum iommu_page_code {
	IOMMU_PAGE_SUCCESS, /* try again */
	IOMMU_PAGE_INVALID, /* there is no such page for you */
	IOMMU_PAGE_FAILURE, /* nobody can answer; ask no more */
};

/**
 * struct iommu_fault_ops - who handles the page requests that meet a domain
 * @report: @dev has sent @req. Returns 0: somebody will call iommu_page_response()
 *	for its group, or has taken note of a request that is not @req->last; else
 *	nobody will
 *
 * @report is called under the lock of @dev's group and neither sleeps on client
 * memory nor attaches. As soon as an attach of another domain has returned, it is
 * not called for @domain any more.
 */
struct iommu_fault_ops {
	int (*report)(struct iommu_domain *domain, struct iommu_dev *dev,
		      const struct iommu_page_request *req);
};

/**
 * struct iommu_domain_ops - what a domain can do
 * @attach_dev: translate @dev's requests without a PASID by @domain from now on.
 *	@old is what they were translated by. A failure leaves the hardware as
 *	it was
 * @set_dev_pasid: the same for one PASID of @dev
 * @map_range: map @len bytes at @iova to @paddr. Adds what was mapped to
 *	*@mapped, also on failure (the caller unmaps that much); -EADDRINUSE if a
 *	live translation is in the way
 * @unmap_range: remove whole entries from @iova on; returns the bytes removed
 *	and gathers what must be flushed
 * @iova_to_phys: PHYS_ADDR_MAX if nothing is mapped at @iova
 * @iova_to_phys_list: the same for @nr addresses, @oa[n] for @iova[n]. NULL: by
 *	@iova_to_phys
 * @map_list: the same for @nr runs, one behind the other
 * @unmap_list: the same as @unmap_range, and appends what was mapped to @list; stops
 *	where there is no room, and goes on there when it is called again
 * @translate_range: append to @list where a range goes, up to a hole; the bytes
 *	that have been found. The last three are NULL where they cannot be done
 * @cut: no entry spans @iova any more; what it translates stays as it is. 0 if none
 *	did; -EOPNOTSUPP: hardware would not bear it. NULL: it cannot be done, as
 *	in what follows
 * @shrink_pages: no entry of the range is larger than @max_size bytes any more
 * @grow_pages: entries of the range are as large as they can be
 * @set_prot: change what a range that begins and ends with entries permits
 * @replace_list: have such a range go to other OAs. Adds what does to *@replaced,
 *	also on failure
 * @iotlb_sync_map: after a map, for hardware that caches "not present"
 * @iotlb_sync: complete the invalidation of everything gathered; does not return
 *	before hardware has forgotten it, with walks and writes that were under
 *	way. The caller's stores to the table come before it
 * @flush_iotlb_all: the same for everything of the domain
 * @enforce_cache_coherency: from now on every mapping is coherent, whatever the
 *	device asks for; false if hardware cannot, or something is mapped already
 * @unmapped: the user of the core has been told that [@iova, @last] is gone. For
 *	IOMMUs that check that nobody uses stale translations; NULL elsewhere
 * @invalidate: NESTED only: carry out the invalidations of the table's owner; see
 *	struct iommu_viommu_ops
 * @free: destroy the domain; nothing is attached to it
 *
 * The caller holds a lock on the VA range that it operates on. Operations on
 * disjoint ranges may run at the same time.
 */
struct iommu_domain_ops {
	int (*attach_dev)(struct iommu_domain *domain, struct iommu_dev *dev,
			  struct iommu_domain *old);
	int (*set_dev_pasid)(struct iommu_domain *domain, struct iommu_dev *dev,
			     ioasid_t pasid, struct iommu_domain *old);
	int (*map_range)(struct iommu_domain *domain, dma_addr_t iova,
			 phys_addr_t paddr, dma_addr_t len, unsigned int prot,
			 gfp_t gfp, size_t *mapped);
	size_t (*unmap_range)(struct iommu_domain *domain, dma_addr_t iova,
			      dma_addr_t len,
			      struct iommu_iotlb_gather *gather);
	phys_addr_t (*iova_to_phys)(struct iommu_domain *domain,
				    dma_addr_t iova);
	void (*iova_to_phys_list)(struct iommu_domain *domain,
				  const dma_addr_t *iova, phys_addr_t *oa,
				  size_t nr);
	int (*map_list)(struct iommu_domain *domain, dma_addr_t iova,
			const struct iommu_run *runs, size_t nr,
			unsigned int prot, gfp_t gfp, size_t *mapped);
	size_t (*unmap_list)(struct iommu_domain *domain, dma_addr_t iova,
			     dma_addr_t len, struct iommu_iotlb_gather *gather,
			     struct iommu_run_list *list);
	size_t (*translate_range)(struct iommu_domain *domain, dma_addr_t iova,
				  dma_addr_t len, struct iommu_run_list *list);
	int (*cut)(struct iommu_domain *domain, dma_addr_t iova, gfp_t gfp,
		   struct iommu_iotlb_gather *gather);
	int (*shrink_pages)(struct iommu_domain *domain, dma_addr_t iova,
			    dma_addr_t len, uint64_t max_size, gfp_t gfp,
			    struct iommu_iotlb_gather *gather);
	int (*grow_pages)(struct iommu_domain *domain, dma_addr_t iova,
			  dma_addr_t len, struct iommu_iotlb_gather *gather);
	int (*set_prot)(struct iommu_domain *domain, dma_addr_t iova,
			dma_addr_t len, unsigned int prot,
			struct iommu_iotlb_gather *gather);
	int (*replace_list)(struct iommu_domain *domain, dma_addr_t iova,
			    const struct iommu_run *runs, size_t nr, gfp_t gfp,
			    struct iommu_iotlb_gather *gather,
			    size_t *replaced);
	int (*iotlb_sync_map)(struct iommu_domain *domain, dma_addr_t iova,
			      size_t size);
	void (*iotlb_sync)(struct iommu_domain *domain,
			   struct iommu_iotlb_gather *gather);
	void (*flush_iotlb_all)(struct iommu_domain *domain);
	bool (*enforce_cache_coherency)(struct iommu_domain *domain);
	void (*unmapped)(struct iommu_domain *domain, dma_addr_t iova,
			 dma_addr_t last);
	int (*invalidate)(struct iommu_domain *domain,
			  struct iommu_user_array *array);
	void (*free)(struct iommu_domain *domain);
};

/** IOMMU_DIRTY_NO_CLEAR - read_and_clear_dirty only reads. */
#define IOMMU_DIRTY_NO_CLEAR (1U << 0)

/**
 * struct iommu_dirty_ops - dirty tracking of a domain
 * @set_dirty_tracking: switch the hardware's dirty bits on or off
 * @read_and_clear_dirty: record every dirty entry in [@iova, @iova + @size) and
 *	clear it, unless @flags has IOMMU_DIRTY_NO_CLEAR
 * @set_dirty: mark the entry that maps @iova dirty, as hardware would; -ENOENT
 *	if none does. For software IOMMUs and tests
 */
struct iommu_dirty_ops {
	int (*set_dirty_tracking)(struct iommu_domain *domain, bool enabled);
	int (*read_and_clear_dirty)(struct iommu_domain *domain,
				    dma_addr_t iova, size_t size,
				    unsigned int flags,
				    struct iommu_dirty_bitmap *dirty);
	int (*set_dirty)(struct iommu_domain *domain, dma_addr_t iova);
};

/**
 * struct iommu_dirty_bitmap - where dirty pages are recorded
 * @record: mark [@iova, @iova + @length) dirty in the caller's bitmap
 * @record_bits: the same for many pages of 2^@page_lg2 bytes at once: page n from
 *	@iova on is dirty if bit n % 64 of @bits[n / 64] is set. Bits from @count on
 *	are zero. NULL: @record is called for each run of them
 * @arg: for both
 * @gather: what must be flushed because its dirty bit was cleared; may be NULL
 *	with IOMMU_DIRTY_NO_CLEAR
 */
struct iommu_dirty_bitmap {
	void (*record)(void *arg, dma_addr_t iova, size_t length);
	void (*record_bits)(void *arg, dma_addr_t iova, unsigned int page_lg2,
			    const uint64_t *bits, unsigned int count);
	void *arg;
	struct iommu_iotlb_gather *gather;
};

/**
 * struct iommu_domain - one address space that devices can be attached to
 * @type: enum iommu_domain_type
 * @ops: set by the driver before the page table's init, never changed after
 * @dirty_ops: the same; NULL without dirty tracking
 * @geometry: the aperture
 * @pgsize_bitmap: bit n set: a 2^n byte mapping can be stored natively
 * @iommu: the kind of IOMMU it was allocated for, see iommu_domain_alloc_paging();
 *	NULL in static domains
 * @fault_ops: set by the layer that allocated the domain, before it is attached; NULL =
 *	page requests are refused
 * @owner: for the layer that allocated the domain
 */
struct iommu_domain {
	enum iommu_domain_type type;
	const struct iommu_domain_ops *ops;
	const struct iommu_dirty_ops *dirty_ops;
	struct iommu_domain_geometry geometry;
	uint64_t pgsize_bitmap;
	const struct iommu_ops *iommu;
	const struct iommu_fault_ops *fault_ops;
	void *owner;
};

#ifdef __cplusplus
}
#endif
#endif
