/* SPDX-License-Identifier: MIT */
/**
 * DOC: Memory encryption in AMD's page tables
 *
 * AMD64 Architecture Programmer's Manual volume 2, "Secure Memory Encryption".
 * One bit of every physical address, the C-bit, says that memory is encrypted;
 * CPUID Fn8000_001F[EBX] gives its position. Addresses are narrower accordingly.
 */
#ifndef PT_FMT_AMD_ENCRYPT_H
#define PT_FMT_AMD_ENCRYPT_H

#include "../pt_defs.h"

#define AMD_ENCRYPT_MIN_BIT 32
#define AMD_ENCRYPT_MAX_BIT 51

/**
 * amd_encrypt_init() - the C-bit as a mask, with the OA cut to what is below it
 *
 * Return: 0 or -EINVAL.
 */
static inline int amd_encrypt_init(struct pt_common *common, unsigned int bit,
				   uint64_t *mask)
{
	if (bit < AMD_ENCRYPT_MIN_BIT || bit > AMD_ENCRYPT_MAX_BIT)
		return -EINVAL;
	if (common->max_oasz_lg2 > bit)
		common->max_oasz_lg2 = (uint8_t)bit;
	*mask = 1ULL << bit;
	return 0;
}

#endif
