/* SPDX-License-Identifier: MIT */
/**
 * DOC: Registers, contexts and commands of the RISC-V IOMMU
 *
 * RISC-V IOMMU Architecture Specification 1.0: chapter 2 "Data Structures", 3
 * "In-memory queue interface", 5 "Memory-mapped register interface".
 */
#ifndef DRIVERS_RISCV_REGS_H
#define DRIVERS_RISCV_REGS_H

#include <stdint.h>

#define RV_BITS(hi, lo)   ((~0ULL >> (63 - (hi))) & ~((1ULL << (lo)) - 1))
#define RV_GET(v, hi, lo) (((v)&RV_BITS(hi, lo)) >> (lo))

enum {
	RV_CAPS = 0x000,
	RV_FCTL = 0x008,
	RV_DDTP = 0x010,
	RV_CQB = 0x018,
	RV_CQH = 0x020,
	RV_CQT = 0x024,
	RV_FQB = 0x028,
	RV_FQH = 0x030,
	RV_FQT = 0x034,
	RV_PQB = 0x038,
	RV_PQH = 0x040,
	RV_PQT = 0x044,
	RV_CQCSR = 0x048,
	RV_FQCSR = 0x04c,
	RV_PQCSR = 0x050,
};

/* capabilities */
#define RV_CAP_VERSION(c) ((unsigned int)RV_GET(c, 7, 0))
#define RV_CAP_SV39       (1ULL << 9)
#define RV_CAP_SV48       (1ULL << 10)
#define RV_CAP_SV57       (1ULL << 11)
#define RV_CAP_SVPBMT     (1ULL << 15)
#define RV_CAP_SV39X4     (1ULL << 17)
#define RV_CAP_SV48X4     (1ULL << 18)
#define RV_CAP_SV57X4     (1ULL << 19)
#define RV_CAP_MSI_FLAT   (1ULL << 22)
#define RV_CAP_HWAD       (1ULL << 24)
#define RV_CAP_ATS        (1ULL << 25)
#define RV_CAP_PAS(c)     ((unsigned int)RV_GET(c, 37, 32))
#define RV_CAP_PD8        (1ULL << 38)
#define RV_CAP_PD17       (1ULL << 39)
#define RV_CAP_PD20       (1ULL << 40)

/* ddtp */
#define RV_DDTP_OFF  0
#define RV_DDTP_MODE RV_BITS(3, 0)
#define RV_DDTP_BUSY (1ULL << 4)

/* Addresses in registers and entries: a page number from bit 10 on */
#define RV_PPN(pa)   ((uint64_t)(pa) >> 12 << 10)
#define RV_PPN_PA(v) (RV_GET(v, 53, 10) << 12)

/* cqcsr, fqcsr, pqcsr */
#define RV_QUEUE_EN       (1U << 0)
#define RV_QUEUE_MF       (1U << 8)
#define RV_CQ_TIMEOUT     (1U << 9)
#define RV_CQ_ILLEGAL     (1U << 10)
#define RV_QUEUE_OVERFLOW (1U << 9) /* fqcsr, pqcsr */
#define RV_QUEUE_ON       (1U << 16)
#define RV_QUEUE_BUSY     (1U << 17)

/* 2.1.3 Device context: tc, iohgatp, ta, fsc */
enum {
	RV_DC_TC,
	RV_DC_IOHGATP,
	RV_DC_TA,
	RV_DC_FSC,
};
#define RV_V            (1ULL << 0)
#define RV_TC_EN_ATS    (1ULL << 1)
#define RV_TC_EN_PRI    (1ULL << 2)
#define RV_TC_PDTV      (1ULL << 5)
#define RV_TC_PRPR      (1ULL << 6)
#define RV_TC_GADE      (1ULL << 7)
#define RV_TC_SADE      (1ULL << 8)
#define RV_TC_DPE       (1ULL << 9)
#define RV_TA_PSCID(id) ((uint64_t)(id) << 12)
#define RV_MODE(m)      ((uint64_t)(m) << 60)
#define RV_MODE_OF(v)   ((unsigned int)((v) >> 60))
#define RV_GSCID(id)    ((uint64_t)(id) << 44)
#define RV_PPN44(ppn)   ((uint64_t)(ppn)&RV_BITS(43, 0))

/* Commands, quadword 0: opcode and function */
#define RV_CMD(op, func)   ((uint64_t)(op) | (uint64_t)(func) << 7)
#define RV_CMD_VMA         RV_CMD(1, 0)
#define RV_CMD_GVMA        RV_CMD(1, 1)
#define RV_CMD_FENCE       RV_CMD(2, 0)
#define RV_CMD_DDT         RV_CMD(3, 0)
#define RV_CMD_PDT         RV_CMD(3, 1)
#define RV_CMD_ATS_INVAL   RV_CMD(4, 0)
#define RV_CMD_PRGR        RV_CMD(4, 1)
#define RV_INV_AV          (1ULL << 10)
#define RV_INV_PSCV        (1ULL << 32)
#define RV_INV_GV          (1ULL << 33)
#define RV_INV_PSCID(id)   ((uint64_t)(id) << 12)
#define RV_INV_GSCID(id)   ((uint64_t)(id) << 44)
#define RV_INV_ADDR(iova)  ((uint64_t)(iova) >> 12 << 10) /* quadword 1 */
#define RV_FENCE_AV        (1ULL << 10)
#define RV_FENCE_PR        (1ULL << 12)
#define RV_FENCE_PW        (1ULL << 13)
#define RV_FENCE_DATA(d)   ((uint64_t)(d) << 32)
#define RV_DIR_DV          (1ULL << 33)
#define RV_DIR_DID(id)     ((uint64_t)(id) << 40)
#define RV_DIR_PID(pid)    ((uint64_t)(pid) << 12)
#define RV_ATS_PV          (1ULL << 32)
#define RV_ATS_DSV         (1ULL << 33)
#define RV_ATS_RID(id)     ((uint64_t)((id)&0xffff) << 40)
#define RV_ATS_SEGMENT(id) ((uint64_t)((id) >> 16) << 56)
#define RV_ATS_ALL         (RV_BITS(62, 12) | 1ULL << 11)

#endif
