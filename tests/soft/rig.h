/* SPDX-License-Identifier: MIT */
/**
 * DOC: A software IOMMU with memory and hand-made VT-d tables
 *
 * Three levels, 39 bits. Tables come from RIG_TABLES upwards; what maps and what is
 * invalidated is up to the test, entry by entry.
 */
#ifndef TESTS_SOFT_RIG_H
#define TESTS_SOFT_RIG_H

#include <pthread.h>

#include "mem.h"

#define RIG_TABLES UINT64_C(0x80000000)
#define RIG_RID    0x08u /* 00:01.0 */
#define RIG_DOMAIN 5u
#define RIG_MAX    8u

/* Bits of a second-stage entry. */
#define SS_R  UINT64_C(1)
#define SS_W  UINT64_C(2)
#define SS_RW (SS_R | SS_W)
#define SS_PS (UINT64_C(1) << 7)

/**
 * struct rig - all of it
 * @next_table: where the next table goes
 * @root: of the table
 * @lock: for what follows
 * @faults: how many were recorded; @fault holds the last
 * @suspects: how many were reported; @suspect and @history hold the last
 * @dmas: requests that are over; @dma holds the last
 */
struct rig {
	struct mem mem;
	struct soft_iommu *iommu;
	uint64_t next_table;
	struct soft_root root;
	pthread_mutex_t lock;
	unsigned int faults;
	struct soft_fault fault;
	unsigned int suspects;
	struct soft_suspect suspect;
	char history[1024];
	unsigned int dmas;
	struct soft_dma dma;
};

static inline void rig_on_fault(void *arg, const struct soft_fault *fault)
{
	struct rig *rig = arg;

	pthread_mutex_lock(&rig->lock);
	rig->fault = *fault;
	rig->faults++;
	pthread_mutex_unlock(&rig->lock);
}

static inline void rig_on_suspect(void *arg, const struct soft_suspect *suspect)
{
	struct rig *rig = arg;

	pthread_mutex_lock(&rig->lock);
	rig->suspect = *suspect;
	snprintf(rig->history, sizeof(rig->history), "%s", suspect->history);
	rig->suspects++;
	pthread_mutex_unlock(&rig->lock);
}

static inline void rig_on_dma(void *arg, const struct soft_dma *dma)
{
	struct rig *rig = arg;

	pthread_mutex_lock(&rig->lock);
	rig->dma = *dma;
	rig->dmas++;
	pthread_mutex_unlock(&rig->lock);
}

/** rig_set() - device table entry of (@rid, @pasid). */
static inline int rig_set(struct rig *rig, uint32_t rid, uint32_t pasid,
			  enum soft_mode mode, uint32_t domain_id)
{
	struct soft_dte dte = {
		.mode = mode,
		.domain_id = domain_id,
		.root = rig->root,
	};

	return soft_iommu_set(rig->iommu, rid, pasid, &dte);
}

/** rig_init_lg2() - RIG_RID translates in RIG_DOMAIN; nothing is mapped. */
static inline void rig_init_lg2(struct rig *rig, unsigned int iotlb_lg2)
{
	struct soft_iommu_config config = {
		.bus = &rig->mem.bus,
		.iotlb_lg2 = iotlb_lg2,
		.fault = rig_on_fault,
		.suspect = rig_on_suspect,
		.dma = rig_on_dma,
		.arg = rig,
	};

	memset(rig, 0, sizeof(*rig));
	pthread_mutex_init(&rig->lock, NULL);
	mem_init(&rig->mem);
	rig->next_table = RIG_TABLES;
	mem_page(&rig->mem, rig->next_table);
	rig->root = (struct soft_root){
		.format = soft_format_find("vtdss"),
		.pa = rig->next_table,
		.levels = 3,
	};
	rig->next_table += MEM_PAGE;
	rig->iommu = soft_iommu_new(&config);
	if (!rig->iommu ||
	    rig_set(rig, RIG_RID, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN))
		abort();
}

static inline void rig_init(struct rig *rig)
{
	rig_init_lg2(rig, 6);
}

static inline void rig_fini(struct rig *rig)
{
	soft_iommu_free(rig->iommu);
	pthread_mutex_destroy(&rig->lock);
	mem_fini(&rig->mem);
}

/** rig_entry() - address of the entry for @va at @level; makes the tables above. */
static inline uint64_t rig_entry(struct rig *rig, uint64_t va,
				 unsigned int level)
{
	uint64_t table = rig->root.pa;

	for (unsigned int l = 2;; l--) {
		uint64_t pa = table + (va >> (12 + 9 * l) & 511) * 8;
		uint64_t value = mem_get(&rig->mem, pa);

		if (l == level)
			return pa;
		if (!value) {
			mem_page(&rig->mem, rig->next_table);
			value = rig->next_table | SS_RW;
			mem_put(&rig->mem, pa, value);
			rig->next_table += MEM_PAGE;
		}
		table = value & UINT64_C(0xffffffffff000);
	}
}

/** rig_map() - 4 KiB at @va, with memory behind it. */
static inline void rig_map(struct rig *rig, uint64_t va, uint64_t oa,
			   uint64_t bits)
{
	mem_page(&rig->mem, oa);
	mem_put(&rig->mem, rig_entry(rig, va, 0), oa | bits);
}

/** rig_clear() - the entry for @va at @level is empty; nothing is invalidated. */
static inline void rig_clear(struct rig *rig, uint64_t va, unsigned int level)
{
	mem_put(&rig->mem, rig_entry(rig, va, level), 0);
}

/** rig_invalidate() - of the domain, everything. */
static inline void rig_invalidate(struct rig *rig, uint64_t va, uint64_t last)
{
	soft_iommu_invalidate(rig->iommu, RIG_DOMAIN, va, last, false);
}

static inline enum soft_reason rig_read(struct rig *rig, uint64_t va, void *buf,
					size_t len)
{
	return soft_iommu_dma(rig->iommu, RIG_RID, 0, va, buf, len, SOFT_READ,
			      NULL);
}

static inline enum soft_reason rig_write(struct rig *rig, uint64_t va,
					 const void *buf, size_t len)
{
	return soft_iommu_dma(rig->iommu, RIG_RID, 0, va, (void *)buf, len,
			      SOFT_WRITE, NULL);
}

/** rig_peek() - the word a device reads at @va, or its fault as a small number. */
static inline uint64_t rig_peek(struct rig *rig, uint64_t va)
{
	uint64_t word = 0;
	enum soft_reason reason = rig_read(rig, va, &word, sizeof(word));

	return reason == SOFT_OK ? word : reason;
}

/** rig_label() - the page at @oa holds @value, so that readers tell pages apart. */
static inline void rig_label(struct rig *rig, uint64_t oa, uint64_t value)
{
	mem_put(&rig->mem, oa, value);
}

#endif
