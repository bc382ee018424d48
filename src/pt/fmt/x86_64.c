/* SPDX-License-Identifier: MIT */
#define PT_FMT x86_64
#define PT_SUPPORTED_FEATURES                           \
	(BIT(PT_FEAT_SIGN_EXTEND) | PT_FLUSH_FEATURES | \
	 BIT(PT_FEAT_X86_64_AMD_ENCRYPT_TABLES))

#include "../iommu_template.h"
