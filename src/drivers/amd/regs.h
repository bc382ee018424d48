/* SPDX-License-Identifier: MIT */
/**
 * DOC: Registers, device table entries and commands of AMD-Vi
 *
 * Publication 48882: 3.4 "IOMMU MMIO Registers", 2.2.2.1 "Device Table Entry
 * Format", 2.4 "Commands", 2.5 "Event Logging", 2.6 "Peripheral Page Request
 * (PPR) Logging".
 */
#ifndef DRIVERS_AMD_REGS_H
#define DRIVERS_AMD_REGS_H

#include <stdint.h>

#define AMD_BITS(hi, lo)   ((~0ULL >> (63 - (hi))) & ~((1ULL << (lo)) - 1))
#define AMD_GET(v, hi, lo) (((v)&AMD_BITS(hi, lo)) >> (lo))

#define AMD_ADDR AMD_BITS(51, 12)

enum {
	AMD_DEVICE_TABLE = 0x0000,
	AMD_COMMAND_BASE = 0x0008,
	AMD_EVENT_BASE = 0x0010,
	AMD_CONTROL = 0x0018,
	AMD_EFR = 0x0030,
	AMD_PPR_BASE = 0x0038,
	AMD_EFR2 = 0x01a0,
	AMD_COMMAND_HEAD = 0x2000,
	AMD_COMMAND_TAIL = 0x2008,
	AMD_EVENT_HEAD = 0x2010,
	AMD_EVENT_TAIL = 0x2018,
	AMD_STATUS = 0x2020,
	AMD_PPR_HEAD = 0x2030,
	AMD_PPR_TAIL = 0x2038,
};

/* Base registers: log2 of the number of entries; rings are of a page here. */
#define AMD_RING_LEN(lg2) ((uint64_t)(lg2) << 56)

/* Control */
#define AMD_IOMMU_EN  (1ULL << 0)
#define AMD_EVENT_EN  (1ULL << 2)
#define AMD_COHERENT  (1ULL << 10)
#define AMD_CMD_EN    (1ULL << 12)
#define AMD_PPRLOG_EN (1ULL << 13)
#define AMD_PPR_EN    (1ULL << 15)
#define AMD_GT_EN     (1ULL << 16)
#define AMD_GCR3TRP   (1ULL << 58)

/* EFR */
#define AMD_EFR_PPR        (1ULL << 1)
#define AMD_EFR_GT         (1ULL << 4)
#define AMD_EFR_IA         (1ULL << 6)
#define AMD_EFR_HATS(efr)  ((unsigned int)AMD_GET(efr, 11, 10))
#define AMD_EFR_GATS(efr)  ((unsigned int)AMD_GET(efr, 13, 12))
#define AMD_EFR_PASID(efr) ((unsigned int)AMD_GET(efr, 36, 32) + 1)
#define AMD_EFR_GIO        (1ULL << 48)
#define AMD_EFR_HA         (1ULL << 49)
#define AMD_EFR_HD         (1ULL << 52)
#define AMD_EFR2_GCR3TRP   (1ULL << 3)

/* Status */
#define AMD_EVENT_OVERFLOW (1ULL << 0)
#define AMD_EVENT_RUN      (1ULL << 3)
#define AMD_CMD_RUN        (1ULL << 4)
#define AMD_PPR_OVERFLOW   (1ULL << 5)
#define AMD_PPR_RUN        (1ULL << 7)

/* Device table entry, quadword 0 */
#define AMD_DTE_V       (1ULL << 0)
#define AMD_DTE_TV      (1ULL << 1)
#define AMD_DTE_HAD_AD  (3ULL << 7)
#define AMD_DTE_MODE(n) ((uint64_t)(n) << 9)
#define AMD_DTE_PPR     (1ULL << 52)
#define AMD_DTE_GPRP    (1ULL << 53)
#define AMD_DTE_GIOV    (1ULL << 54)
#define AMD_DTE_GV      (1ULL << 55)
#define AMD_DTE_GLX(n)  ((uint64_t)(n) << 56)
#define AMD_DTE_IR      (1ULL << 61)
#define AMD_DTE_IW      (1ULL << 62)
/* Quadword 1 */
#define AMD_DTE_DOMAIN(id) ((uint64_t)(id))
#define AMD_DTE_I          (1ULL << 32)
/* Quadword 2 */
#define AMD_DTE_GPM_5  (1ULL << 54)
#define AMD_DTE_GPM    AMD_BITS(55, 54)
#define AMD_DTE_QWORDS 4

/* GCR3 table entries */
#define AMD_GCR3_V         (1ULL << 0)
#define AMD_GCR3_INDEX_LG2 9

/* Commands, quadword 0 */
#define AMD_CMD(op)         ((uint64_t)(op) << 60)
#define AMD_CMD_WAIT        1
#define AMD_CMD_DEVTAB      2
#define AMD_CMD_PAGES       3
#define AMD_CMD_IOTLB       4
#define AMD_CMD_PPR         7
#define AMD_CMD_ALL         8
#define AMD_WAIT_STORE      (1ULL << 0)
#define AMD_PAGES_DOMAIN(d) ((uint64_t)(d) << 32)
/* INVALIDATE_IOMMU_PAGES and INVALIDATE_IOTLB_PAGES, quadword 1 */
#define AMD_INV_S   (1ULL << 0)
#define AMD_INV_PDE (1ULL << 1)
#define AMD_INV_GN  (1ULL << 2)
#define AMD_INV_ALL AMD_BITS(62, 12)

/* Events; 2.5 */
enum {
	AMD_EVENT_ILLEGAL_DTE = 1,
	AMD_EVENT_PAGE_FAULT = 2,
	AMD_EVENT_DTE_ERROR = 3,
	AMD_EVENT_TABLE_ERROR = 4,
	AMD_EVENT_ILLEGAL_COMMAND = 5,
	AMD_EVENT_COMMAND_ERROR = 6,
	AMD_EVENT_IOTLB_TIMEOUT = 7,
};

#endif
