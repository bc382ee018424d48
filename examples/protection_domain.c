/* SPDX-License-Identifier: MIT */
/*
 * A driver's page table, line by line.
 *
 * The driver of an AMD IOMMU embeds the table in its own domain, connects the
 * operations directly and programs the device table from the table's hw_info. Its
 * hardware is an array of device table entries here, its invalidation queue a
 * counter; everything else is what a real driver writes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <uiommu/iommu_gather.h>
#include <uiommu/port.h>
#include <uiommu/pt/iommu.h>

/* ---- The hardware ------------------------------------------------- */

#define NR_DEVICES 4

/* The parts of a device table entry that name the host page table. */
struct device_table_entry {
	uint64_t host_pt_root;
	uint8_t mode; /* 0 = no translation */
};

struct my_iommu {
	struct device_table_entry dte[NR_DEVICES];
	unsigned int invalidations;
};

/* ---- The domain --------------------------------------------------- */

struct protection_domain {
	union {
		struct iommu_domain domain;
		struct pt_iommu_amdv1 amdv1;
	};
	struct my_iommu *iommu;
	struct port_lock lock; /* orders attach and growth of the top */
	unsigned int attached; /* bit n: device n */
};
PT_IOMMU_CHECK_DOMAIN(struct protection_domain, amdv1.iommu, domain);

static struct protection_domain *to_pdomain(struct iommu_domain *domain)
{
	return (struct protection_domain *)domain;
}

static struct protection_domain *pt_to_pdomain(struct pt_iommu *iommu)
{
	return to_pdomain(&iommu->domain);
}

/*
 * INVALIDATE_IOMMU_PAGES for the range and COMPLETION_WAIT. Table entries are
 * dropped, too, if tables wait to be freed.
 */
static void my_iotlb_sync(struct iommu_domain *domain,
			  struct iommu_iotlb_gather *gather)
{
	to_pdomain(domain)->iommu->invalidations++;
}

static void my_free(struct iommu_domain *domain)
{
	struct protection_domain *pdomain = to_pdomain(domain);

	pt_iommu_amdv1_deinit(&pdomain->amdv1);
	free(pdomain);
}

static int my_set_dirty_tracking(struct iommu_domain *domain, bool enabled)
{
	/* DTE.HAD of every attached device would be set here. */
	return 0;
}

static const struct iommu_domain_ops amdv1_ops = {
	IOMMU_PT_DOMAIN_OPS(amdv1),
	.iotlb_sync = my_iotlb_sync,
	.free = my_free,
};

static const struct iommu_dirty_ops amdv1_dirty_ops = {
	IOMMU_PT_DIRTY_OPS(amdv1),
	.set_dirty_tracking = my_set_dirty_tracking,
};

/* ---- The top that grows ------------------------------------------- */

static struct port_lock *my_get_top_lock(struct pt_iommu *iommu)
{
	return &pt_to_pdomain(iommu)->lock;
}

/* One 64-bit store per device: root and mode change together. */
static void my_change_top(struct pt_iommu *iommu, phys_addr_t top_pa,
			  unsigned int top_level)
{
	struct protection_domain *pdomain = pt_to_pdomain(iommu);
	unsigned int i;

	for (i = 0; i < NR_DEVICES; i++) {
		if (!(pdomain->attached & BIT(i)))
			continue;
		pdomain->iommu->dte[i] = (struct device_table_entry){
			.host_pt_root = top_pa,
			.mode = (uint8_t)(top_level + 1),
		};
	}
	pdomain->iommu->invalidations++;
}

static const struct pt_iommu_driver_ops amdv1_driver_ops = {
	.get_top_lock = my_get_top_lock,
	.change_top = my_change_top,
};

/* ---- Making and attaching domains --------------------------------- */

/* The table is complete when the domain is: attach has nothing to decide. */
static struct iommu_domain *my_domain_alloc(struct my_iommu *iommu)
{
	const struct pt_iommu_amdv1_cfg cfg = {
		.common.features = BIT(PT_FEAT_DYNAMIC_TOP) |
				   BIT(PT_FEAT_FLUSH_RANGE) |
				   BIT(PT_FEAT_AMDV1_FORCE_COHERENCE),
		.common.hw_max_vasz_lg2 = 64,
		.common.hw_max_oasz_lg2 = 52,
		.starting_level = 2,
	};
	struct protection_domain *pdomain = calloc(1, sizeof(*pdomain));

	if (!pdomain)
		return NULL;
	pdomain->iommu = iommu;
	pdomain->domain.ops = &amdv1_ops;
	pdomain->domain.dirty_ops = &amdv1_dirty_ops;
	pdomain->amdv1.iommu.driver_ops = &amdv1_driver_ops;
	if (pt_iommu_amdv1_init(&pdomain->amdv1, &cfg, GFP_KERNEL)) {
		my_free(&pdomain->domain);
		return NULL;
	}
	return &pdomain->domain;
}

/* hw_info is read right where the hardware is programmed. */
static void my_attach(struct iommu_domain *domain, unsigned int device)
{
	struct protection_domain *pdomain = to_pdomain(domain);
	struct pt_iommu_amdv1_hw_info info;

	port_lock(&pdomain->lock);
	pdomain->attached |= (unsigned int)BIT(device);
	pt_iommu_amdv1_hw_info(&pdomain->amdv1, &info);
	pdomain->iommu->dte[device] = (struct device_table_entry){
		.host_pt_root = info.host_pt_root,
		.mode = info.mode,
	};
	port_unlock(&pdomain->lock);
}

/* ---- Using one ---------------------------------------------------- */

static int map(struct iommu_domain *domain, dma_addr_t iova, phys_addr_t paddr,
	       size_t len)
{
	size_t mapped = 0;
	int ret;

	ret = domain->ops->map_range(domain, iova, paddr, len,
				     IOMMU_READ | IOMMU_WRITE, GFP_KERNEL,
				     &mapped);
	printf("map %#lx -> %#" PRIx64 ", %zu bytes: %d\n", iova, paddr, mapped,
	       ret);
	return ret;
}

/* Remove, flush, and only then free the tables. */
static size_t unmap(struct iommu_domain *domain, dma_addr_t iova, size_t len)
{
	struct iommu_iotlb_gather gather;
	size_t bytes;

	iommu_iotlb_gather_init(&gather);
	bytes = domain->ops->unmap_range(domain, iova, len, &gather);
	domain->ops->iotlb_sync(domain, &gather);
	iommu_pages_list_put(&gather.freelist);
	printf("unmap %#lx: %zu bytes\n", iova, bytes);
	return bytes;
}

static void record(void *arg, dma_addr_t iova, size_t len)
{
	printf("dirty %#lx, %zu bytes\n", iova, len);
	*(size_t *)arg += len;
}

static size_t read_dirty(struct iommu_domain *domain, dma_addr_t iova,
			 size_t len)
{
	struct iommu_iotlb_gather gather;
	size_t bytes = 0;
	struct iommu_dirty_bitmap bitmap = { .record = record,
					     .arg = &bytes,
					     .gather = &gather };

	iommu_iotlb_gather_init(&gather);
	domain->dirty_ops->read_and_clear_dirty(domain, iova, len, 0, &bitmap);
	domain->ops->iotlb_sync(domain, &gather);
	return bytes;
}

static int run(struct my_iommu *iommu, struct iommu_domain *domain)
{
	const dma_addr_t high = 1UL << 50;

	my_attach(domain, 1);
	printf("device 1: mode %u\n", iommu->dte[1].mode);
	if (iommu->dte[1].mode != 3 || map(domain, 0x100000, 0x4000000, 0x9000))
		return 1;
	if (domain->ops->iova_to_phys(domain, 0x108fff) != 0x4008fff)
		return 1;

	/* The table grows under the device, which is told at once. */
	if (map(domain, high, 0x8000000, 0x200000))
		return 1;
	printf("device 1: mode %u\n", iommu->dte[1].mode);
	if (iommu->dte[1].mode != 5)
		return 1;

	domain->dirty_ops->set_dirty(domain, 0x102000);
	if (read_dirty(domain, 0x100000, 0x9000) == 0 ||
	    read_dirty(domain, 0x100000, 0x9000) != 0)
		return 1;
	if (unmap(domain, 0x100000, 0x9000) != 0x9000 ||
	    unmap(domain, high, 0x200000) != 0x200000)
		return 1;
	printf("%u invalidations\n", iommu->invalidations);
	return 0;
}

int main(void)
{
	struct my_iommu iommu = { .invalidations = 0 };
	struct iommu_domain *domain = my_domain_alloc(&iommu);
	int ret;

	if (!domain)
		return 1;
	ret = run(&iommu, domain);
	domain->ops->free(domain);
	return ret;
}
