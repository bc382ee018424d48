/* SPDX-License-Identifier: MIT */
#define PT_FMT riscv64
#define PT_SUPPORTED_FEATURES                                        \
	(BIT(PT_FEAT_SIGN_EXTEND) | PT_FLUSH_FEATURES |              \
	 BIT(PT_FEAT_RISCV_HW_AD) | BIT(PT_FEAT_RISCV_SVNAPOT_64K) | \
	 BIT(PT_FEAT_RISCV_SVPBMT) | BIT(PT_FEAT_RISCV_SVRSW60T59B))

#include "../iommu_template.h"
