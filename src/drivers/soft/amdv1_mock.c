/* SPDX-License-Identifier: MIT */
/*
 * AMD's tables with a granule of 2 KiB: five levels, 56 bits. No machine has it;
 * it shows clients that assume pages of 4 KiB.
 */
#include <uiommu/pt/iommu.h>

#include "soft_domain.h"

#define SOFT_FMT         amdv1_mock
#define soft_resv_region NULL

struct soft_domain;
static void soft_root(struct soft_domain *sd, struct soft_root *root);

static void soft_cfg(struct pt_iommu_amdv1_mock_cfg *cfg)
{
	cfg->common.hw_max_vasz_lg2 = 56;
	cfg->common.hw_max_oasz_lg2 = 51;
	cfg->starting_level = 4;
}

#include "domain_template.h"

static void soft_root(struct soft_domain *sd, struct soft_root *root)
{
	struct pt_iommu_amdv1_mock_hw_info info;

	pt_iommu_amdv1_mock_hw_info(&sd->pt, &info);
	*root = (struct soft_root){
		.format = sd->table.drv->format,
		.pa = info.host_pt_root,
		.levels = info.mode,
	};
}
