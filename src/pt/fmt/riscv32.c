/* SPDX-License-Identifier: MIT */
#define PT_FMT                riscv32
#define PT_SUPPORTED_FEATURES (PT_FLUSH_FEATURES | BIT(PT_FEAT_RISCV_HW_AD))

#include "../iommu_template.h"
