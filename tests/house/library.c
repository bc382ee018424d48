/* SPDX-License-Identifier: MIT */
/*
 * A program that uses the installed library: a page table of its own, and the
 * whole system in its own process.
 */
#include <stdio.h>

#include <uiommu/iommufd.h>
#include <uiommu/pt/iommu.h>
#include <uiommu/uiommu.h>

static int use_page_table(void)
{
	struct pt_iommu_vtdss_cfg cfg = {
		.common = { .hw_max_vasz_lg2 = 39, .hw_max_oasz_lg2 = 46 },
		.top_level = 2,
	};
	struct iommu_iotlb_gather gather = { .start = ~0UL };
	struct pt_iommu_vtdss table = { 0 };
	struct iommu_domain *domain = &table.iommu.domain;
	size_t mapped = 0;

	if (pt_iommu_vtdss_init(&table, &cfg, GFP_KERNEL))
		return 1;
	if (pt_iommu_vtdss_map_range(domain, 0x200000, 0x40000000, 0x400000,
				     IOMMU_READ | IOMMU_WRITE, GFP_KERNEL,
				     &mapped) ||
	    mapped != 0x400000)
		return 2;
	if (pt_iommu_vtdss_iova_to_phys(domain, 0x234567) != 0x40034567)
		return 3;
	if (pt_iommu_vtdss_unmap_range(domain, 0x200000, 0x400000, &gather) !=
	    0x400000)
		return 4;
	if (pt_iommu_vtdss_iova_to_phys(domain, 0x234567) != PHYS_ADDR_MAX)
		return 5;
	if (gather.freelist.put)
		gather.freelist.put(&gather.freelist);
	pt_iommu_vtdss_deinit(&table);
	return 0;
}

static int use_engine(void)
{
	struct uiommu_config config = { .iommu = "amdv1" };
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct uiommu_device *dev;
	struct uiommu_file *file;
	struct uiommu_self self;
	struct uiommu *u;

	if (uiommu_self_init(&self) || uiommu_new(&config, &u))
		return 11;
	if (uiommu_add_device(u, "edu", &dev) || uiommu_nr_devices(u) != 1)
		return 12;
	if (uiommu_open_iommufd(u, &file))
		return 13;
	if (uiommu_ioctl(file, &self.user, IOMMU_IOAS_ALLOC,
			 (uintptr_t)&alloc) ||
	    !alloc.out_ioas_id)
		return 14;
	uiommu_file_put(file);
	uiommu_free(u);
	uiommu_self_fini(&self);
	return 0;
}

int main(void)
{
	int rc = use_page_table();

	if (!rc)
		rc = use_engine();
	if (!rc)
		puts("mapped, translated, unmapped");
	return rc;
}
