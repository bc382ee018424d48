/* SPDX-License-Identifier: MIT */
/**
 * DOC: The IOMMU core: devices, groups, domains and how they are attached
 *
 * Freestanding. A driver (src/drivers/) describes an IOMMU by struct iommu_ops
 * and puts devices into groups; users of the core (IOMMUFD, a kernel) attach
 * domains to groups and map memory into domains. The core allocates nothing.
 *
 * The core owns the attach rules. There is one path for every change of what a
 * (group, PASID) is translated by, and on it:
 *
 * - a failed attach changes nothing: devices of the group that have changed
 *   already go back to what they were attached to;
 * - BLOCKED and IDENTITY cannot fail;
 * - a change goes from the old domain to the new one directly. Only where a
 *   driver breaks its promises is a third state seen, and that is BLOCKED, never
 *   IDENTITY.
 */
#ifndef UIOMMU_IOMMU_H
#define UIOMMU_IOMMU_H

#include <uiommu/iommu_gather.h>
#include <uiommu/iommu_types.h>
#include <uiommu/port.h>

#ifdef __cplusplus
extern "C" {
#endif

struct iommu_viommu_kind;

/** enum iommu_resv_type - why an IOVA range is reserved. */
enum iommu_resv_type {
	IOMMU_RESV_DIRECT, /* firmware wants it mapped one to one */
	IOMMU_RESV_RESERVED, /* must never be mapped */
	IOMMU_RESV_MSI, /* interrupt writes land here, untranslated */
};

/**
 * struct iommu_resv_region - an IOVA range that users must not map
 * @start: first address
 * @last: last address (inclusive)
 * @type: why
 */
struct iommu_resv_region {
	dma_addr_t start;
	dma_addr_t last;
	enum iommu_resv_type type;
};

/** enum iommu_cap - yes/no questions about the IOMMU of a device. */
enum iommu_cap {
	IOMMU_CAP_CACHE_COHERENCY, /* IOMMU_CACHE is honoured */
	IOMMU_CAP_ENFORCE_CACHE_COHERENCY, /* no-snoop can be overruled */
	IOMMU_CAP_DIRTY_TRACKING,
	IOMMU_CAP_PCI_ATS, /* the device may cache translations */
	IOMMU_CAP_PAGE_REQUESTS, /* ... and ask for pages that are not mapped */
	IOMMU_CAP_PASID_EXEC, /* requests with a PASID may fetch instructions */
	IOMMU_CAP_PASID_PRIV, /* ... or be privileged */
};

/* Flags of domain_alloc_paging. */
#define IOMMU_ALLOC_NEST_PARENT    (1U << 0)
#define IOMMU_ALLOC_DIRTY_TRACKING (1U << 1)
#define IOMMU_ALLOC_PASID          (1U << 2)

/**
 * struct iommu_user_data - what a client says to a driver, in the vendor's form
 * @type: its uAPI type, which is for the driver to check (-EOPNOTSUPP)
 * @len: bytes of it
 * @present: the client gave an address at all
 * @copy_in: read [@offset, @offset + @len) of it; -EFAULT
 * @copy_out: write; -EFAULT
 *
 * Valid during the call, in which no lock of the engine is held.
 */
struct iommu_user_data {
	uint32_t type;
	size_t len;
	bool present;
	int (*copy_in)(const struct iommu_user_data *data, void *dst,
		       size_t offset, size_t len);
	int (*copy_out)(const struct iommu_user_data *data, size_t offset,
			const void *src, size_t len);
};

/**
 * struct iommu_ops - one kind of IOMMU
 * @no_iommu: there is none: what a device sends are OAs, and nothing can stop it.
 *	Domains are made only so that what is mapped in them is pinned
 * @capable: answers enum iommu_cap for @dev
 * @hw_info: writes at most *@len bytes of the vendor's hardware information
 *	to @buf, sets *@len to the whole length and *@type to its uAPI type;
 *	NULL = no information (type 0, length 0)
 * @domain_alloc_paging: make a complete PAGING domain fit for @dev. @flags are
 *	IOMMU_ALLOC_*; what the hardware cannot do is refused here with
 *	-EOPNOTSUPP, not at attach
 * @domain_alloc_user: the same from a client's data: a PAGING domain if @parent is
 *	NULL, else a NESTED one on @parent, which was allocated with
 *	IOMMU_ALLOC_NEST_PARENT and outlives it. NULL = knows no data
 *	(-EOPNOTSUPP)
 * @viommu_kinds: the kinds of virtual IOMMU, up to one of type 0. NULL = none
 * @page_response: tell @dev the answer to one of its page request groups. NULL =
 *	no device sends any
 * @resv_region: the @index-th reserved region of @dev; false past the last.
 *	NULL = there are none
 * @blocked_domain: the static domain that blocks; its attach_dev cannot fail,
 *	and its set_dev_pasid removes what the PASID had
 * @identity_domain: the static domain that passes through; NULL if none
 *
 * Domains of an ops struct attach to devices of the same ops struct only.
 */
struct iommu_ops {
	bool no_iommu;
	bool (*capable)(struct iommu_dev *dev, enum iommu_cap cap);
	int (*hw_info)(struct iommu_dev *dev, void *buf, size_t *len,
		       uint32_t *type);
	int (*domain_alloc_paging)(struct iommu_dev *dev, unsigned int flags,
				   struct iommu_domain **domain);
	int (*domain_alloc_user)(struct iommu_dev *dev, unsigned int flags,
				 struct iommu_domain *parent,
				 const struct iommu_user_data *data,
				 struct iommu_domain **domain);
	const struct iommu_viommu_kind *viommu_kinds;
	void (*page_response)(struct iommu_dev *dev, ioasid_t pasid,
			      uint32_t grpid, enum iommu_page_code code);
	bool (*resv_region)(struct iommu_dev *dev, unsigned int index,
			    struct iommu_resv_region *region);
	struct iommu_domain *blocked_domain;
	struct iommu_domain *identity_domain;
};

/* ---- Groups and devices ------------------------------------------- */

/**
 * struct iommu_slot - what one (group, PASID) is translated by
 * @next: the group's next slot
 * @pasid: which PASID; IOMMU_NO_PASID in the group's own slot
 * @domain: by what
 *
 * The group's own slot is for requests without a PASID. All others belong to the
 * caller of iommu_attach_pasid(), which keeps them until iommu_detach_pasid().
 */
struct iommu_slot {
	struct iommu_slot *next;
	ioasid_t pasid;
	struct iommu_domain *domain;
};

/**
 * struct iommu_group - devices that the IOMMU cannot tell apart, or that can
 * reach each other without it: they are always translated alike
 * @lock: protects everything here and orders attaches
 * @ops: the kind of IOMMU; NULL as long as there is neither device nor owner
 * @devices: the devices
 * @rid: for requests without a PASID
 * @pasids: the PASIDs that are attached
 * @owner: who may attach; NULL = nobody has claimed the group
 * @claims: how often @owner has
 */
struct iommu_group {
	struct port_lock lock;
	const struct iommu_ops *ops;
	struct iommu_dev *devices;
	struct iommu_slot rid;
	struct iommu_slot *pasids;
	void *owner;
	unsigned int claims;
};

/**
 * struct iommu_dev - a device behind an IOMMU; embedded by the driver
 * @ops: the kind of IOMMU
 * @group: its group
 * @next: the next device of @group
 * @pasid_bits: width of its PASIDs; 0 = it has none
 * @user: for the owner of the group, see iommu_dev_set_user(); else NULL
 */
struct iommu_dev {
	const struct iommu_ops *ops;
	struct iommu_group *group;
	struct iommu_dev *next;
	unsigned int pasid_bits;
	void *user;
};

/** iommu_group_init() - an empty group without an owner. */
void iommu_group_init(struct iommu_group *group);

/**
 * iommu_dev_add() - put @dev into @group
 * @dev: @ops and @pasid_bits are set; what its hardware does now is to block
 *
 * The device is attached to whatever the group is attached to. A group without
 * devices and owner blocks.
 *
 * Return: 0; -EINVAL: @ops differ from those of the group's other devices, or
 * the group has PASIDs attached and @dev has fewer; what the driver's
 * attach_dev returned. On failure @dev is blocked and not in the group.
 */
int iommu_dev_add(struct iommu_dev *dev, struct iommu_group *group);

/** iommu_dev_remove() - block @dev and take it out of its group. */
void iommu_dev_remove(struct iommu_dev *dev);

/**
 * iommu_dev_capable() - does the IOMMU of @dev have @cap?
 */
bool iommu_dev_capable(struct iommu_dev *dev, enum iommu_cap cap);

/**
 * iommu_group_claim() - make @owner the only one who attaches @group
 * @owner: not NULL
 *
 * The first claim blocks the group's requests. Claims of one owner nest.
 *
 * Return: 0; -EBUSY: somebody else owns the group.
 */
int iommu_group_claim(struct iommu_group *group, void *owner);

/**
 * iommu_group_release() - undo one claim
 *
 * After the last one requests are blocked. PASIDs have been detached before.
 */
void iommu_group_release(struct iommu_group *group);

/**
 * iommu_dev_set_user() - what &iommu_fault_ops.report finds in @dev->user
 * @dev: its group is claimed by the caller
 *
 * On return no report is under way that found another one.
 */
void iommu_dev_set_user(struct iommu_dev *dev, void *user);

/* ---- Attaching ---------------------------------------------------- */

/**
 * iommu_attach() - translate the group's requests without a PASID by @domain
 * @group: claimed by the caller
 * @domain: any type; replaces whatever is attached
 *
 * Return: 0; -EINVAL: @domain is for another kind of IOMMU; what the driver
 * returned, with the group attached to what it was. BLOCKED and IDENTITY never
 * fail.
 */
int iommu_attach(struct iommu_group *group, struct iommu_domain *domain);

/** iommu_detach() - block the group's requests without a PASID. */
void iommu_detach(struct iommu_group *group);

/** iommu_attached() - what requests without a PASID are translated by. */
struct iommu_domain *iommu_attached(struct iommu_group *group);

/**
 * iommu_attach_pasid() - translate the group's requests with @pasid by @domain
 * @group: claimed by the caller
 * @slot: memory that the group uses as long as @pasid is attached
 * @pasid: not IOMMU_NO_PASID
 * @domain: a PAGING or NESTED domain
 *
 * Return: 0; -EINVAL: @domain cannot be attached to a PASID, or is for another
 * kind of IOMMU, or a device of the group does not have @pasid; -EBUSY: @pasid
 * is attached already; what the driver returned. On failure nothing has
 * changed.
 */
int iommu_attach_pasid(struct iommu_group *group, struct iommu_slot *slot,
		       ioasid_t pasid, struct iommu_domain *domain);

/**
 * iommu_replace_pasid() - translate the PASID of @slot by another domain
 *
 * Return: as iommu_attach_pasid().
 */
int iommu_replace_pasid(struct iommu_group *group, struct iommu_slot *slot,
			struct iommu_domain *domain);

/** iommu_detach_pasid() - block the PASID of @slot; @slot is the caller's
 * again. */
void iommu_detach_pasid(struct iommu_group *group, struct iommu_slot *slot);

/* ---- Page requests ------------------------------------------------ */

/**
 * iommu_report_page_request() - @dev has sent a page request
 *
 * Called by the driver. Goes to whoever handles the requests of the domain that
 * @dev's PASID is attached to; if nobody does, or that one refuses, the last request
 * of a group is answered IOMMU_PAGE_INVALID at once.
 *
 * Context: no lock; @dev is not removed meanwhile.
 */
void iommu_report_page_request(struct iommu_dev *dev,
			       const struct iommu_page_request *req);

/**
 * iommu_page_response() - answer one group of page requests
 *
 * Once for each group whose last request &iommu_fault_ops.report has accepted. The
 * device may go on at once, in the caller's thread.
 *
 * Context: no lock; @dev is not removed meanwhile.
 */
void iommu_page_response(struct iommu_dev *dev, ioasid_t pasid, uint32_t grpid,
			 enum iommu_page_code code);

/* ---- Domains ------------------------------------------------------ */

/**
 * iommu_domain_alloc_paging() - make a PAGING domain fit for @dev
 * @flags: IOMMU_ALLOC_*
 *
 * It is complete: memory can be mapped before anything is attached.
 *
 * Return: 0; -EOPNOTSUPP: the hardware cannot; -ENOMEM.
 */
int iommu_domain_alloc_paging(struct iommu_dev *dev, unsigned int flags,
			      struct iommu_domain **domain);

/**
 * iommu_domain_alloc_user() - make a domain from a client's data
 * @parent: NULL: a PAGING domain; else a NESTED one on it
 *
 * Return: 0; -EOPNOTSUPP: the hardware cannot, or knows no such data; -EINVAL: data
 * that means nothing, or @parent is for another kind of IOMMU; -EFAULT; -ENOMEM.
 */
int iommu_domain_alloc_user(struct iommu_dev *dev, unsigned int flags,
			    struct iommu_domain *parent,
			    const struct iommu_user_data *data,
			    struct iommu_domain **domain);

/** iommu_domain_free() - nothing is attached to it. NULL is fine. */
void iommu_domain_free(struct iommu_domain *domain);

/** iommu_domain_min_pgsize() - its smallest page size in bytes. */
static inline uint64_t
iommu_domain_min_pgsize(const struct iommu_domain *domain)
{
	return domain->pgsize_bitmap & (0 - domain->pgsize_bitmap);
}

/**
 * iommu_map() - map @len bytes at @iova to @paddr
 * @prot: enum iommu_prot
 *
 * All three are multiples of the domain's smallest page size. The caller holds
 * a lock on the range. Nothing is mapped there on failure.
 *
 * Return: 0; -EINVAL: not aligned, or @len is 0; -ERANGE: outside the aperture;
 * -EADDRINUSE: something is mapped there; -ENOMEM; what iotlb_sync_map
 * returned.
 */
int iommu_map(struct iommu_domain *domain, dma_addr_t iova, phys_addr_t paddr,
	      size_t len, unsigned int prot, gfp_t gfp);

/**
 * iommu_map_nosync() - the same without iotlb_sync_map, for one of several
 * pieces
 *
 * The caller calls iommu_sync_map() for all of them before anyone relies on the
 * mapping.
 */
int iommu_map_nosync(struct iommu_domain *domain, dma_addr_t iova,
		     phys_addr_t paddr, size_t len, unsigned int prot,
		     gfp_t gfp);

/** iommu_sync_map() - [@iova, @iova + @len) has been mapped; 0 or an error. */
int iommu_sync_map(struct iommu_domain *domain, dma_addr_t iova, size_t len);

/**
 * iommu_unmap() - remove what is mapped in [@iova, @iova + @len)
 * @gather: collects what must be flushed; see iommu_iotlb_sync()
 *
 * Stops at a hole. An entry that reaches beyond the end goes whole; one that
 * begins before @iova stays, and stops it.
 *
 * Return: the bytes removed; also 0 if that were as many as a word has addresses, when
 * @gather has them all.
 */
size_t iommu_unmap(struct iommu_domain *domain, dma_addr_t iova, size_t len,
		   struct iommu_iotlb_gather *gather);

/**
 * iommu_iotlb_sync() - hardware forgets what was gathered, then tables are freed
 *
 * On return no device uses the old translations, and @gather is empty again.
 */
void iommu_iotlb_sync(struct iommu_domain *domain,
		      struct iommu_iotlb_gather *gather);

/**
 * iommu_unmap_sync() - iommu_unmap() and iommu_iotlb_sync() in one
 */
size_t iommu_unmap_sync(struct iommu_domain *domain, dma_addr_t iova,
			size_t len);

/**
 * iommu_unmapped() - [@iova, @last] is about to be reported as gone
 *
 * Whoever unmaps calls it after the sync, before anyone may rely on the memory
 * being out of reach.
 */
void iommu_unmapped(struct iommu_domain *domain, dma_addr_t iova,
		    dma_addr_t last);

/**
 * iommu_cut() - split the entry that spans @iova, if there is one
 * @iova: a multiple of the smallest page
 * @gather: collects what must be flushed; see iommu_iotlb_sync()
 *
 * What is mapped translates as before, and without a gap: [@iova, ...) can be
 * unmapped without the part before it. The caller's lock covers the whole of the
 * entry.
 *
 * Return: 0, also if there is nothing to split; -EINVAL: not aligned; -EOPNOTSUPP:
 * hardware would not bear it, and nothing has changed; -ENOMEM: translations are as
 * they were.
 */
int iommu_cut(struct iommu_domain *domain, dma_addr_t iova, gfp_t gfp,
	      struct iommu_iotlb_gather *gather);

/*
 * The calls that follow are the domain's ops of the same names
 * (<uiommu/iommu_types.h>; <uiommu/pt/iommu.h> has the contracts of page tables).
 * They return -EOPNOTSUPP, or 0 bytes, where the domain has none. The caller holds a
 * lock on the range, and on all of each entry that the range touches.
 */

/**
 * iommu_map_list() - map @nr runs, one behind the other
 *
 * Return: as iommu_map(); nothing is mapped there on failure.
 */
int iommu_map_list(struct iommu_domain *domain, dma_addr_t iova,
		   const struct iommu_run *runs, size_t nr, unsigned int prot,
		   gfp_t gfp);

/**
 * iommu_unmap_list() - as iommu_unmap(), and append to @list what was mapped
 *
 * Call it again, with the same range, after what @list holds has been flushed and
 * dealt with, until it returns 0.
 */
size_t iommu_unmap_list(struct iommu_domain *domain, dma_addr_t iova,
			dma_addr_t len, struct iommu_iotlb_gather *gather,
			struct iommu_run_list *list);

/** iommu_translate_range() - append to @list where a range goes */
size_t iommu_translate_range(struct iommu_domain *domain, dma_addr_t iova,
			     dma_addr_t len, struct iommu_run_list *list);

/** iommu_shrink_pages() - split entries of more than @max_size bytes */
int iommu_shrink_pages(struct iommu_domain *domain, dma_addr_t iova,
		       dma_addr_t len, uint64_t max_size, gfp_t gfp,
		       struct iommu_iotlb_gather *gather);

/** iommu_grow_pages() - merge entries into the largest that fit */
int iommu_grow_pages(struct iommu_domain *domain, dma_addr_t iova,
		     dma_addr_t len, struct iommu_iotlb_gather *gather);

/** iommu_set_prot() - change permissions in place */
int iommu_set_prot(struct iommu_domain *domain, dma_addr_t iova, dma_addr_t len,
		   unsigned int prot, struct iommu_iotlb_gather *gather);

/** iommu_replace_list() - have a range go to other OAs, without unmapping it */
int iommu_replace_list(struct iommu_domain *domain, dma_addr_t iova,
		       const struct iommu_run *runs, size_t nr, gfp_t gfp,
		       struct iommu_iotlb_gather *gather, size_t *replaced);

/** iommu_iova_to_phys() - where @iova goes; PHYS_ADDR_MAX = nowhere. */
phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova);

/**
 * iommu_iova_to_phys_list() - where many addresses go
 * @domain: through which domain
 * @iova: the addresses, in any order
 * @oa: gets where each goes; PHYS_ADDR_MAX = nowhere. Not the memory of @iova
 * @nr: how many; 0 is fine
 *
 * As iommu_iova_to_phys() for one after the other, and faster: the walks wait for
 * memory together. Any context; addresses that others map or unmap meanwhile may be
 * found or not.
 */
void iommu_iova_to_phys_list(struct iommu_domain *domain,
			     const dma_addr_t *iova, phys_addr_t *oa,
			     size_t nr);

#ifdef __cplusplus
}
#endif
#endif
