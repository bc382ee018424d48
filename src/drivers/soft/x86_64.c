/* SPDX-License-Identifier: MIT */
/*
 * VT-d first stage: x86-64 tables of four levels, of which only the lower half is
 * used; requests are not privileged.
 */
#include <uiommu/pt/iommu.h>

#include "soft_domain.h"

#define SOFT_FMT         x86_64
#define soft_resv_region soft_resv_x86

struct soft_domain;
static void soft_root(struct soft_domain *sd, struct soft_root *root);

static void soft_cfg(struct pt_iommu_x86_64_cfg *cfg)
{
	cfg->common.hw_max_vasz_lg2 = 48;
	cfg->common.hw_max_oasz_lg2 = 52;
	cfg->top_level = 3;
}

#include "domain_template.h"

static void soft_root(struct soft_domain *sd, struct soft_root *root)
{
	struct pt_iommu_x86_64_hw_info info;

	pt_iommu_x86_64_hw_info(&sd->pt, &info);
	*root = (struct soft_root){
		.format = sd->table.drv->format,
		.pa = info.gcr3_pt,
		.levels = info.levels,
	};
}
