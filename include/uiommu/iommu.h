/* SPDX-License-Identifier: MIT */
/**
 * DOC: The IOMMU core: devices, groups, domains and how they are attached
 *
 * Freestanding. A driver (src/drivers/) describes an IOMMU by struct iommu_ops
 * and registers devices with it; users of the core (IOMMUFD, a kernel) attach
 * domains to devices and map memory into domains. The core owns the attach
 * rules: a failed attach changes nothing, BLOCKED and IDENTITY cannot fail, a
 * change from one PAGING domain to another never passes through IDENTITY.
 */
#ifndef UIOMMU_IOMMU_H
#define UIOMMU_IOMMU_H

#include <uiommu/iommu_gather.h>
#include <uiommu/iommu_types.h>

#ifdef __cplusplus
extern "C" {
#endif

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
};

/** Flags of domain_alloc_paging. */
#define IOMMU_ALLOC_NEST_PARENT    (1U << 0)
#define IOMMU_ALLOC_DIRTY_TRACKING (1U << 1)
#define IOMMU_ALLOC_PASID          (1U << 2)

/**
 * struct iommu_ops - one kind of IOMMU
 * @capable: answers enum iommu_cap for @dev
 * @hw_info: writes at most *@len bytes of the vendor's hardware information
 *	to @buf, sets *@len to the whole length and *@type to its uAPI type; NULL =
 *	no information (type 0, length 0)
 * @domain_alloc_paging: make a complete PAGING domain fit for @dev. @flags are
 *	IOMMU_ALLOC_*; what the hardware cannot do is refused here with
 *	-EOPNOTSUPP, not at attach
 * @resv_region: the @index-th reserved region of @dev; false past the last
 * @blocked_domain: the static domain that blocks; its attach_dev cannot fail
 * @identity_domain: the static domain that passes through; NULL if none
 *
 * Domains of an ops struct attach to devices of the same ops struct only.
 */
struct iommu_ops {
	bool (*capable)(struct iommu_dev *dev, enum iommu_cap cap);
	int (*hw_info)(struct iommu_dev *dev, void *buf, size_t *len,
		       uint32_t *type);
	int (*domain_alloc_paging)(struct iommu_dev *dev, unsigned int flags,
				   struct iommu_domain **domain);
	bool (*resv_region)(struct iommu_dev *dev, unsigned int index,
			    struct iommu_resv_region *region);
	struct iommu_domain *blocked_domain;
	struct iommu_domain *identity_domain;
};

#ifdef __cplusplus
}
#endif
#endif
