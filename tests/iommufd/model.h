/* SPDX-License-Identifier: MIT */
/**
 * DOC: A plain model of what IOASes map
 *
 * What each page of a window of IOVAs maps, in two IOASes with three page tables. A
 * step is a request to the engine and to the model; whatever they do not agree on
 * fails the test.
 */
#ifndef TESTS_IOMMUFD_MODEL_H
#define TESTS_IOMMUFD_MODEL_H

#include "rig.h"

#define MODEL_WINDOW 0x20000000ULL
#define MODEL_IOVAS  96U
#define MODEL_MEM    128U
#define MODEL_IOASES 2U
#define MODEL_NONE   UINT32_MAX

/**
 * struct page - what an IOVA page maps
 * @mem: page of the buffer, or MODEL_NONE
 * @area: number of its area
 * @object: number of the MAP request whose storage it has
 * @writable: DMA may write
 */
struct page {
	uint32_t mem;
	uint32_t area;
	uint32_t object;
	bool writable;
};

/**
 * struct model - what the engine is held against
 * @ioas: two of them
 * @tables: does it have a page table?
 * @page: what each page of the window maps
 * @seed: of the steps, if there is no @input
 * @input: the steps are drawn from it; NULL = from @seed
 * @left: bytes of @input that are left
 */
struct model {
	struct rig *rig;
	uint32_t ioas[MODEL_IOASES];
	bool tables[MODEL_IOASES];
	struct page page[MODEL_IOASES][MODEL_IOVAS];
	uint32_t areas;
	uint32_t objects;
	uint64_t seed;
	const uint8_t *input;
	size_t left;
};

/** model_init() - a rig with tables of @format, and nothing mapped. */
void model_init(struct model *m, const char *format, uint64_t seed);

/** model_fini() - the rig checks that nothing is left. */
void model_fini(struct model *m);

/** model_step() - one request, which is drawn. */
void model_step(struct model *m);

/**
 * model_check() - pins are counted as the model says
 * @devices: and devices see what it says
 */
void model_check(struct model *m, bool devices);

#endif
