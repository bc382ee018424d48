/* SPDX-License-Identifier: MIT */
/**
 * DOC: What this architecture tells more of than others
 */
#ifndef TESTS_HW_CPU_AARCH64_MORE_H
#define TESTS_HW_CPU_AARCH64_MORE_H

#include "../walker.h"
#include "regime.h"

/**
 * more_levels() - the syndrome says at which level a walk ended
 *
 * Of holes in tables of each level, and of read-only pages of each size.
 */
void more_levels(struct walker *w, const struct regime *regime);

/**
 * more_addresses() - output addresses of all widths, and pages of all sizes there
 *
 * There is no memory: the processor is asked where it would go.
 */
void more_addresses(struct walker *w, const struct regime *regime,
		    unsigned int oa_bits);

#endif
