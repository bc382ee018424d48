/* SPDX-License-Identifier: MIT */
/**
 * DOC: Registers, table entries and commands of SMMUv3
 *
 * IHI 0070: chapter 4 "Commands", 5 "Data structure formats", 6 "Memory map and
 * registers", 7.3 "Event records", 8.2 "PRI queue".
 */
#ifndef DRIVERS_SMMUV3_REGS_H
#define DRIVERS_SMMUV3_REGS_H

#include <stdint.h>

#define SMMU_BITS(hi, lo)   ((~0ULL >> (63 - (hi))) & ~((1ULL << (lo)) - 1))
#define SMMU_GET(v, hi, lo) (((v)&SMMU_BITS(hi, lo)) >> (lo))

enum {
	SMMU_IDR0 = 0x00,
	SMMU_IDR1 = 0x04,
	SMMU_IDR3 = 0x0c,
	SMMU_IDR5 = 0x14,
	SMMU_CR0 = 0x20,
	SMMU_CR0ACK = 0x24,
	SMMU_CR1 = 0x28,
	SMMU_CR2 = 0x2c,
	SMMU_GBPA = 0x44,
	SMMU_GERROR = 0x60,
	SMMU_GERRORN = 0x64,
	SMMU_STRTAB_BASE = 0x80,
	SMMU_STRTAB_CFG = 0x88,
	SMMU_CMDQ_BASE = 0x90,
	SMMU_CMDQ_PROD = 0x98,
	SMMU_CMDQ_CONS = 0x9c,
	SMMU_EVTQ_BASE = 0xa0,
	SMMU_PRIQ_BASE = 0xc0,
	SMMU_EVTQ_PROD = 0x100a8,
	SMMU_EVTQ_CONS = 0x100ac,
	SMMU_PRIQ_PROD = 0x100c8,
	SMMU_PRIQ_CONS = 0x100cc,
};

/* IDR0 */
#define SMMU_IDR0_S2P       (1U << 0)
#define SMMU_IDR0_S1P       (1U << 1)
#define SMMU_IDR0_TTF64     (1U << 3) /* of TTF: AArch64 */
#define SMMU_IDR0_COHACC    (1U << 4)
#define SMMU_IDR0_HTTU(v)   ((unsigned int)SMMU_GET(v, 7, 6))
#define SMMU_IDR0_HYP       (1U << 9)
#define SMMU_IDR0_ATS       (1U << 10)
#define SMMU_IDR0_ASID16    (1U << 12)
#define SMMU_IDR0_PRI       (1U << 16)
#define SMMU_IDR0_VMID16    (1U << 18)
#define SMMU_IDR0_CD2L      (1U << 19)
#define SMMU_IDR0_ENDIAN(v) ((unsigned int)SMMU_GET(v, 22, 21))
#define SMMU_ENDIAN_BIG     3
#define SMMU_IDR0_ST_2L     (1U << 27) /* of ST_LEVEL */
/* IDR1 */
#define SMMU_IDR1_SID(v)  ((unsigned int)SMMU_GET(v, 5, 0))
#define SMMU_IDR1_SSID(v) ((unsigned int)SMMU_GET(v, 10, 6))
#define SMMU_IDR1_PRESET  (3U << 29)
/* IDR3 */
#define SMMU_IDR3_FWB     (1U << 8)
#define SMMU_IDR3_RIL     (1U << 10)
#define SMMU_IDR3_BBML(v) ((unsigned int)SMMU_GET(v, 12, 11))
/* IDR5 */
#define SMMU_IDR5_OAS(v) ((unsigned int)SMMU_GET(v, 2, 0))
#define SMMU_IDR5_4K     (1U << 4)
#define SMMU_IDR5_16K    (1U << 5)
#define SMMU_IDR5_64K    (1U << 6)
#define SMMU_IDR5_VAX(v) ((unsigned int)SMMU_GET(v, 11, 10))

/* CR0 */
#define SMMU_EN     (1U << 0)
#define SMMU_PRIQEN (1U << 1)
#define SMMU_EVTQEN (1U << 2)
#define SMMU_CMDQEN (1U << 3)
#define SMMU_ATSCHK (1U << 4)
/* CR1: everything write-back cacheable, inner shareable */
#define SMMU_CR1_WB 0xd75U
/* CR2 */
#define SMMU_RECINVSID (1U << 1)
#define SMMU_PTM       (1U << 2)
/* GBPA */
#define SMMU_GBPA_ABORT  (1U << 20)
#define SMMU_GBPA_UPDATE (1U << 31)
/* GERROR */
#define SMMU_GERROR_CMDQ (1U << 0)

/* Base registers */
#define SMMU_BASE_RA (1ULL << 62)
/* STRTAB_BASE_CFG */
#define SMMU_CFG_2L       (1U << 16)
#define SMMU_CFG_SPLIT(n) ((uint32_t)(n) << 6)
#define SMMU_OVERFLOW     (1U << 31) /* of PROD and CONS */

/* 5.2 Stream table entry, quadword 0 */
#define SMMU_STE_V             (1ULL << 0)
#define SMMU_STE_CONFIG(c)     ((uint64_t)(c) << 1)
#define SMMU_STE_CONFIG_OF(qw) ((unsigned int)SMMU_GET(qw, 3, 1))
#define SMMU_CONFIG_ABORT      0
#define SMMU_CONFIG_BYPASS     4
#define SMMU_CONFIG_S1         5 /* bit 0 of it */
#define SMMU_CONFIG_S2         6 /* bit 1 of it */
#define SMMU_CONFIG_NESTED     7
#define SMMU_STE_S1FMT         SMMU_BITS(5, 4)
#define SMMU_STE_S1FMT_2L      (1ULL << 4) /* leaves of 4 KiB */
#define SMMU_STE_S1CTX         SMMU_BITS(55, 6)
#define SMMU_STE_S1CDMAX       SMMU_BITS(63, 59)
#define SMMU_STE_CDMAX(n)      ((uint64_t)(n) << 59)
/* Quadword 1 */
#define SMMU_STE_S1DSS     SMMU_BITS(1, 0)
#define SMMU_DSS_TERMINATE 0
#define SMMU_DSS_BYPASS    1
#define SMMU_DSS_CD0       2
#define SMMU_STE_S1C       SMMU_BITS(7, 2) /* S1CIR, S1COR, S1CSH */
#define SMMU_STE_S1C_WB    0xd4ULL /* cacheable, inner shareable */
#define SMMU_STE_MEV       (1ULL << 19)
#define SMMU_STE_S2FWB     (1ULL << 25)
#define SMMU_STE_S1STALLD  (1ULL << 27)
#define SMMU_STE_EATS      SMMU_BITS(29, 28)
#define SMMU_STE_EATS_FULL (1ULL << 28)
#define SMMU_STE_STRW      SMMU_BITS(31, 30)
#define SMMU_STE_SHCFG     SMMU_BITS(45, 44)
#define SMMU_STE_SHCFG_IN  (1ULL << 44) /* as the request says */
#define SMMU_STE_BYPASS1   SMMU_BITS(51, 32) /* what bypass looks at */
/* Quadword 2 */
#define SMMU_STE_S2VMID SMMU_BITS(15, 0)
#define SMMU_STE_S2AA64 (1ULL << 51)
#define SMMU_STE_S2PTW  (1ULL << 54)
#define SMMU_STE_S2HD   (1ULL << 55)
#define SMMU_STE_S2HA   (1ULL << 56)
#define SMMU_STE_S2R    (1ULL << 58)
/* Quadword 3 */
#define SMMU_STE_S2DS   (1ULL << 3)
#define SMMU_STE_S2TTB  SMMU_BITS(55, 4)
#define SMMU_STE_QWORDS 8

/* A processor's registers for the same table: DDI 0487, D17.2 */
#define CPU_VTCR_VS    (1ULL << 19) /* VMIDs of 16 bits */
#define CPU_VTCR_HA    (1ULL << 21)
#define CPU_VTCR_HD    (1ULL << 22)
#define CPU_VTCR_RES1  (1ULL << 31)
#define CPU_VTTBR_VMID 48
#define CPU_HCR_VM     (1ULL << 0)
#define CPU_HCR_FWB    (1ULL << 46)

/* 5.4 Context descriptor, quadword 0 */
#define SMMU_CD_EPD1     (1ULL << 30)
#define SMMU_CD_V        (1ULL << 31)
#define SMMU_CD_AA64     (1ULL << 41)
#define SMMU_CD_HD       (1ULL << 42)
#define SMMU_CD_HA       (1ULL << 43)
#define SMMU_CD_R        (1ULL << 45)
#define SMMU_CD_A        (1ULL << 46)
#define SMMU_CD_ASET     (1ULL << 47)
#define SMMU_CD_ASID(id) ((uint64_t)(id) << 48)
#define SMMU_CD_QWORDS   8
#define SMMU_L1CD_V      (1ULL << 0)
#define SMMU_L1CD_ADDR   SMMU_BITS(55, 12)

/* Commands, quadword 0 */
#define SMMU_CFGI_STE       0x03
#define SMMU_CFGI_ALL       0x04 /* range 31 */
#define SMMU_CFGI_CD        0x05
#define SMMU_CFGI_CD_ALL    0x06
#define SMMU_TLBI_NH_ALL    0x10
#define SMMU_TLBI_NH_ASID   0x11
#define SMMU_TLBI_NH_VA     0x12
#define SMMU_TLBI_EL2_ALL   0x20
#define SMMU_TLBI_S12_VMALL 0x28
#define SMMU_TLBI_S2_IPA    0x2a
#define SMMU_TLBI_NSNH_ALL  0x30
#define SMMU_ATC_INV        0x40
#define SMMU_PRI_RESP       0x41
#define SMMU_CMD_SYNC       0x46
#define SMMU_CMD_SID(sid)   ((uint64_t)(sid) << 32)
#define SMMU_CMD_SSID(ssid) ((uint64_t)(ssid) << 12)
#define SMMU_CMD_SSV        (1ULL << 11)
#define SMMU_CMD_VMID(id)   ((uint64_t)(id) << 32)
#define SMMU_CMD_ASID(id)   ((uint64_t)(id) << 48)
#define SMMU_CMD_LEAF       (1ULL << 0) /* quadword 1 */
#define SMMU_ATC_ALL        52

#endif
