/* SPDX-License-Identifier: MIT */
/*
 * VT-d second stage: a 48-bit address space, walked in four levels.
 */
#include <uiommu/pt/iommu.h>

#include "soft_domain.h"

#define SOFT_FMT         vtdss
#define soft_resv_region soft_resv_x86

struct soft_domain;
static void soft_root(struct soft_domain *sd, struct soft_root *root);

static void soft_cfg(struct pt_iommu_vtdss_cfg *cfg)
{
	cfg->common.hw_max_vasz_lg2 = 48;
	cfg->common.hw_max_oasz_lg2 = 52;
	cfg->top_level = 3;
}

#include "domain_template.h"

/* VT-d 9.3, 9.6: AW 1 means three levels, 2 four, 3 five. */
static void soft_root(struct soft_domain *sd, struct soft_root *root)
{
	struct pt_iommu_vtdss_hw_info info;

	pt_iommu_vtdss_hw_info(&sd->pt, &info);
	*root = (struct soft_root){
		.format = sd->table.drv->format,
		.pa = info.ssptptr,
		.levels = info.aw + 2U,
		.va_bits = 48,
	};
}
