/* SPDX-License-Identifier: MIT */
/**
 * DOC: What the decoder has to be told about a table
 *
 * That is, what a driver would tell the hardware: the root, and which optional parts
 * of the format are on. Features have the same numbers in different families, so
 * that each is asked about its own.
 */
#ifndef TESTS_PT_LAW_ROOT_H
#define TESTS_PT_LAW_ROOT_H

#include "laws.h"
#include "soft/soft.h"

/* Is there a decoder for the format? The example of the guide has none. */
static bool law_decodable(void)
{
#if defined(pt_test_no_decoder)
	return false;
#else
	return true;
#endif
}

/* The position of the C-bit; 0 = there is none. */
static unsigned int law_c_bit(struct law *law)
{
#if defined(PT_FMT_AMD_ENCRYPT_H)
	uint64_t mask = law->table.pt.encrypt_mask;

	return mask ? oa_lg2_floor(mask) : 0;
#else
	return 0;
#endif
}

static inline uint64_t law_feature(struct law *law, unsigned int feature,
				   uint64_t soft_feature)
{
	return pt_feature(law_common(law), feature) ? soft_feature : 0;
}

#if defined(PT_FMT_RISCV_BITS_H)
static uint64_t law_features(struct law *law)
{
	return SOFT_FEAT_HW_DIRTY |
	       law_feature(law, PT_FEAT_RISCV_SVNAPOT_64K, SOFT_FEAT_SVNAPOT) |
	       law_feature(law, PT_FEAT_RISCV_SVPBMT, SOFT_FEAT_SVPBMT) |
	       law_feature(law, PT_FEAT_RISCV_SVRSW60T59B, SOFT_FEAT_SVRSW);
}
#elif defined(PT_FMT_ARMV8_BITS_H)
static uint64_t law_features(struct law *law)
{
	uint64_t features =
		law_feature(law, PT_FEAT_UPPER_RANGE, SOFT_FEAT_UPPER) |
		law_feature(law, PT_FEAT_ARMV8_S2FWB, SOFT_FEAT_S2FWB) |
		law_feature(law, PT_FEAT_ARMV8_LPA2, SOFT_FEAT_52BIT) |
		law_feature(law, PT_FEAT_ARMV8_DBM,
			    SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY);

	if (PT_GRANULE_LG2SZ == 16 && (law_common(law)->max_vasz_lg2 > 48 ||
				       law_common(law)->max_oasz_lg2 > 48))
		features |= SOFT_FEAT_52BIT;
	return features;
}
#elif defined(PT_FMT_EPT_H)
static uint64_t law_features(struct law *law)
{
	return law_feature(law, PT_FEAT_EPT_AD, SOFT_FEAT_HW_DIRTY) |
	       law_feature(law, PT_FEAT_EPT_MODE_BASED_EXEC, SOFT_FEAT_MBEC);
}
#elif defined(PT_FMT_VTDSS_H)
static uint64_t law_features(struct law *law)
{
	return SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY | SOFT_FEAT_SNOOP;
}
#elif defined(PT_FMT_X86_64_H)
static uint64_t law_features(struct law *law)
{
	uint64_t sign =
		law_feature(law, PT_FEAT_SIGN_EXTEND, SOFT_FEAT_UNSIGNED);

	return SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY | SOFT_FEAT_NXE |
	       (SOFT_FEAT_UNSIGNED ^ sign);
}
#elif defined(PT_FMT_AMDV1_BITS_H)
static uint64_t law_features(struct law *law)
{
	return SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY;
}
#else
static uint64_t law_features(struct law *law)
{
	return 0;
}
#endif

static struct soft_root law_root(struct law *law)
{
	struct soft_range range[2];
	const char *wrong;
	struct pt_iommu_info info;
	struct soft_root root = {
		.format = soft_format_find(PT_STRING(PT_FMT)),
		.features = law_features(law),
	};

	PT_FN(get_info)(&law->table, &info);
	assert_non_null(root.format);
	root.pa = info.top_pa;
	root.levels = info.top_level + 1;
	root.va_bits = info.vasz_lg2;
	root.oa_bits = info.oasz_lg2;
	root.c_bit = law_c_bit(law);
	wrong = soft_root_check(&root);
	if (wrong)
		fail_msg("the decoder does not take the root: %s", wrong);
	/* Half of what the levels give: the decoder's width counts the sign. */
	if (!pt_feature(law_common(law), PT_FEAT_SIGN_EXTEND) &&
	    soft_input(&root, range) == 2)
		root.va_bits++;
	return root;
}

#endif
