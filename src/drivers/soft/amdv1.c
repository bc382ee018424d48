/* SPDX-License-Identifier: MIT */
/*
 * AMD host tables: the whole 64-bit address space. A table starts with three
 * levels and grows with the addresses that are mapped.
 */
#include <uiommu/pt/iommu.h>

#include "soft_domain.h"

#define SOFT_FMT         amdv1
#define SOFT_DYNAMIC_TOP 1

struct soft_domain;
static void soft_root(struct soft_domain *sd, struct soft_root *root);

static void soft_cfg(struct pt_iommu_amdv1_cfg *cfg)
{
	cfg->common.features = BIT(PT_FEAT_DYNAMIC_TOP);
	cfg->common.hw_max_vasz_lg2 = 64;
	cfg->common.hw_max_oasz_lg2 = 52;
	cfg->starting_level = 2;
}

/*
 * AMD-Vi takes HyperTransport's special range, the last 12 GiB below 2^40, as
 * interrupts, configuration cycles and the like (AMD 48882, 2.1.2).
 */
static bool soft_resv_region(struct iommu_dev *dev, unsigned int index,
			     struct iommu_resv_region *region)
{
	if (soft_resv_x86(dev, index, region))
		return true;
	*region = (struct iommu_resv_region){
		.start = 0xfd00000000,
		.last = 0xffffffffff,
		.type = IOMMU_RESV_RESERVED,
	};
	return index == 1;
}

#include "domain_template.h"

static void soft_root(struct soft_domain *sd, struct soft_root *root)
{
	struct pt_iommu_amdv1_hw_info info;

	pt_iommu_amdv1_hw_info(&sd->pt, &info);
	*root = (struct soft_root){
		.format = sd->table.drv->format,
		.pa = info.host_pt_root,
		.levels = info.mode,
	};
}
