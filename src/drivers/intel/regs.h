/* SPDX-License-Identifier: MIT */
/**
 * DOC: Registers, table entries and descriptors of VT-d
 *
 * VT-d specification, revision 4.1: chapter 9 "Translation Structure Formats",
 * 6.5 "Invalidation of Translation Caches", 11 "Register Descriptions".
 */
#ifndef DRIVERS_INTEL_REGS_H
#define DRIVERS_INTEL_REGS_H

#include <stdint.h>

#define VTD_BITS(hi, lo)   ((~0ULL >> (63 - (hi))) & ~((1ULL << (lo)) - 1))
#define VTD_GET(v, hi, lo) (((v)&VTD_BITS(hi, lo)) >> (lo))

#define VTD_ADDR VTD_BITS(63, 12)

/* 11.4 */
enum {
	VTD_VER = 0x00,
	VTD_CAP = 0x08,
	VTD_ECAP = 0x10,
	VTD_GCMD = 0x18,
	VTD_GSTS = 0x1c,
	VTD_RTADDR = 0x20,
	VTD_FSTS = 0x34,
	VTD_FECTL = 0x38,
	VTD_FEDATA = 0x3c,
	VTD_FEADDR = 0x40,
	VTD_FEUADDR = 0x44,
	VTD_IQH = 0x80,
	VTD_IQT = 0x88,
	VTD_IQA = 0x90,
	VTD_PQH = 0xc0,
	VTD_PQT = 0xc8,
	VTD_PQA = 0xd0,
	VTD_PRS = 0xdc,
	VTD_PECTL = 0xe0,
	VTD_PEDATA = 0xe4,
	VTD_PEADDR = 0xe8,
	VTD_PEUADDR = 0xec,
};

/* GCMD and GSTS */
#define VTD_TE   (1U << 31)
#define VTD_SRTP (1U << 30)
#define VTD_WBF  (1U << 27)
#define VTD_QIE  (1U << 26)
#define VTD_IRE  (1U << 25)
#define VTD_CFI  (1U << 23)
/* What GCMD has to repeat with every command */
#define VTD_LASTING (VTD_TE | VTD_QIE | VTD_IRE | VTD_CFI)

/* CAP */
#define VTD_CAP_DOMAIN_BITS(cap) (4 + 2 * (unsigned int)VTD_GET(cap, 2, 0))
#define VTD_CAP_RWBF             (1ULL << 4)
#define VTD_CAP_CM               (1ULL << 7)
#define VTD_CAP_SAGAW(cap)       ((unsigned int)VTD_GET(cap, 12, 8))
#define VTD_CAP_MGAW(cap)        ((unsigned int)VTD_GET(cap, 21, 16) + 1)
#define VTD_CAP_FRO(cap)         (16 * (uint32_t)VTD_GET(cap, 33, 24))
#define VTD_CAP_2M               (1ULL << 34)
#define VTD_CAP_1G               (1ULL << 35)
#define VTD_CAP_PSI              (1ULL << 39)
#define VTD_CAP_NFR(cap)         ((unsigned int)VTD_GET(cap, 47, 40) + 1)
#define VTD_CAP_MAMV(cap)        ((unsigned int)VTD_GET(cap, 53, 48))
#define VTD_CAP_DWD              (1ULL << 54)
#define VTD_CAP_DRD              (1ULL << 55)
#define VTD_CAP_FS1G             (1ULL << 56)
#define VTD_CAP_FS5L             (1ULL << 60)
#define VTD_CAP_ESRTPS           (1ULL << 63)

/* ECAP */
#define VTD_ECAP_C         (1ULL << 0)
#define VTD_ECAP_QI        (1ULL << 1)
#define VTD_ECAP_DT        (1ULL << 2)
#define VTD_ECAP_PT        (1ULL << 6)
#define VTD_ECAP_SC        (1ULL << 7)
#define VTD_ECAP_NEST      (1ULL << 26)
#define VTD_ECAP_PRS       (1ULL << 29)
#define VTD_ECAP_PSS(ecap) ((unsigned int)VTD_GET(ecap, 39, 35) + 1)
#define VTD_ECAP_PASID     (1ULL << 40)
#define VTD_ECAP_PDS       (1ULL << 42)
#define VTD_ECAP_SMTS      (1ULL << 43)
#define VTD_ECAP_SSADS     (1ULL << 45)
#define VTD_ECAP_SSTS      (1ULL << 46)
#define VTD_ECAP_FSTS      (1ULL << 47)
#define VTD_ECAP_SMPWCS    (1ULL << 48)

/* RTADDR */
#define VTD_TTM_SCALABLE (1ULL << 10)

/* FSTS */
#define VTD_FSTS_PFO     (1U << 0)
#define VTD_FSTS_PPF     (1U << 1)
#define VTD_FSTS_IQE     (1U << 4)
#define VTD_FSTS_ICE     (1U << 5)
#define VTD_FSTS_ITE     (1U << 6)
#define VTD_FSTS_FRI(v)  ((unsigned int)VTD_GET(v, 15, 8))
#define VTD_FSTS_QUEUE   (VTD_FSTS_IQE | VTD_FSTS_ICE | VTD_FSTS_ITE)
#define VTD_EVENT_MASKED (1U << 31) /* FECTL, PECTL */

/* IQA, PQA */
#define VTD_IQA_DW (1ULL << 11) /* descriptors of 256 bits */

/* PRS */
#define VTD_PRS_PPR (1U << 0)
#define VTD_PRS_PRO (1U << 1)

/* Root, context and PASID directory entries; 9.1 to 9.5 */
#define VTD_P              (1ULL << 0)
#define VTD_CTX_TT(tt)     ((uint64_t)(tt) << 2)
#define VTD_TT_SECOND      0
#define VTD_TT_SECOND_ATS  1
#define VTD_TT_PASS        2
#define VTD_CTX_DID(did)   ((uint64_t)(did) << 8)
#define VTD_SM_CTX_DTE     (1ULL << 2)
#define VTD_SM_CTX_PASIDE  (1ULL << 3)
#define VTD_SM_CTX_PRE     (1ULL << 4)
#define VTD_SM_CTX_PDTS(n) ((uint64_t)(n) << 9)

/* PASID table entry; 9.6 */
#define VTD_PE_AW(aw)   ((uint64_t)(aw) << 2)
#define VTD_PE_PGTT(t)  ((uint64_t)(t) << 6)
#define VTD_PGTT_FIRST  1
#define VTD_PGTT_SECOND 2
#define VTD_PGTT_NESTED 3
#define VTD_PGTT_PASS   4
#define VTD_PE_SSADE    (1ULL << 9)
#define VTD_PE_PWSNP    (1ULL << 23) /* QW1 */
#define VTD_PE_PGSNP    (1ULL << 24) /* QW1 */
#define VTD_PE_FSPM_5   (1ULL << 2) /* QW2 */
#define VTD_PE_QWORDS   8
#define VTD_PASID_LOW   6 /* bits of a PASID that index a PASID table */

/* Descriptors, first quadword; 6.5.2 */
#define VTD_QI_CONTEXT     1
#define VTD_QI_IOTLB       2
#define VTD_QI_DEVICE      3
#define VTD_QI_WAIT        5
#define VTD_QI_PASID_IOTLB 6
#define VTD_QI_PASID       7
#define VTD_QI_PASID_DEV   8
#define VTD_QI_RESPONSE    9
#define VTD_QI_GRAN(g)     ((uint64_t)(g) << 4)
#define VTD_QI_DID(did)    ((uint64_t)(did) << 16)
#define VTD_QI_SID32(sid)  ((uint64_t)(sid) << 32)
#define VTD_QI_PASID32(p)  ((uint64_t)(p) << 32)
#define VTD_QI_DW          (1ULL << 6) /* drain writes */
#define VTD_QI_DR          (1ULL << 7) /* drain reads */
#define VTD_QI_IH          (1ULL << 6) /* QW1: no table entry changed */
#define VTD_QI_WAIT_SW     (1ULL << 5) /* write the status word */
#define VTD_QI_WAIT_PD     (1ULL << 7) /* drain page requests */

#endif
