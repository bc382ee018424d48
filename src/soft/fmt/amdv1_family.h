/* SPDX-License-Identifier: MIT */
/**
 * DOC: The AMDv1 entry, for the real format and the mock
 */
#ifndef SOFT_FMT_AMDV1_FAMILY_H
#define SOFT_FMT_AMDV1_FAMILY_H

#include "soft/soft_format.h"

/**
 * struct amdv1_variant - in what the members of the family differ
 * @granule_lg2: log2 of the smallest page
 * @addr_shift: how far the address stands left of its place
 * @top_leaf: highest level that may hold leaves
 * @max_size_lg2: largest page
 * @force_coherent: leaves have FC
 */
struct amdv1_variant {
	unsigned int granule_lg2;
	unsigned int addr_shift;
	unsigned int top_leaf;
	unsigned int max_size_lg2;
	bool force_coherent;
};

uint64_t soft_amdv1_page_sizes(const struct amdv1_variant *variant,
			       const struct soft_root *root);

void soft_amdv1_decode(const struct amdv1_variant *variant,
		       const struct soft_root *root, struct soft_entry *entry);

#endif
