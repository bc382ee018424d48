/* SPDX-License-Identifier: MIT */
/**
 * DOC: The multi-compilation
 *
 * A format's unit defines PT_FMT and PT_SUPPORTED_FEATURES and includes this.
 * It gets the definitions, the format, the defaults for what the format leaves
 * out, the iterators and the algorithm, compiled for this format alone: nothing
 * is called through a pointer. Exported are pt_iommu_<fmt>_<op>.
 *
 * With PT_TEST defined the same unit yields the format's tests in place of the
 * algorithm: the laws of tests/pt/laws.h, which see the format's hooks, and are
 * linked with the unit compiled without. The format then also defines pt_test_cfgs, an array of its
 * configurations; if it has PT_FEAT_DYNAMIC_TOP, pt_test_cfg_level, the member of
 * a configuration that sets the first top level; and pt_test_no_decoder as long as
 * there is no decoder that could give a second opinion.
 */
#ifndef PT_FMT
#error "the unit defines no PT_FMT"
#endif
#ifndef PT_SUPPORTED_FEATURES
#error "the unit defines no PT_SUPPORTED_FEATURES"
#endif

#define PT_PASTE_(a, b, c) a##b##c
#define PT_PASTE(a, b, c)  PT_PASTE_(a, b, c)
#define PT_STRING_(a)      #a
#define PT_STRING(a)       PT_STRING_(a)

/* The types of the format, in include/uiommu/pt/. */
#define PT_TABLE         PT_PASTE(pt_, PT_FMT, )
#define PT_IOMMU_TABLE   PT_PASTE(pt_iommu_, PT_FMT, )
#define PT_IOMMU_CFG     PT_PASTE(pt_iommu_, PT_FMT, _cfg)
#define PT_IOMMU_HW_INFO PT_PASTE(pt_iommu_, PT_FMT, _hw_info)

/* The name of an exported function. */
#define PT_FN(op) PT_PASTE(pt_iommu_, PT_FMT, _##op)
#define PT_EXPORT __attribute__((visibility("default")))

#include "pt_defs.h"
/* clang-format off */
#include PT_STRING(fmt/PT_FMT.h)
/* clang-format on */
#include "pt_common.h"
#include "pt_fmt_defaults.h"
#include "pt_iter.h"

#ifndef PT_TEST
#include "iommu_pt.h"
#else
#ifndef pt_test_cfgs
#error "the format defines no pt_test_cfgs"
#endif
#include "laws.h"
#endif
