/* SPDX-License-Identifier: MIT */
/**
 * DOC: A reading of Arm's tables that shares nothing with src/pt
 *
 * From the registers down, as DDI 0487, D8.2 says; in memory that is where it is.
 */
#ifndef TESTS_HW_CPU_AARCH64_WALK_H
#define TESTS_HW_CPU_AARCH64_WALK_H

#include "regime.h"

/** arm_walk() - the leaf descriptor of @va, or NULL. */
uint64_t *arm_walk(const struct regime *regime, uint64_t va);

#endif
