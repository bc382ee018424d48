/* SPDX-License-Identifier: MIT */
/**
 * DOC: Physical memory for tests: sparse pages behind a struct soft_bus
 *
 * Pages appear with mem_page() or mem_put(); everything else answers -EFAULT.
 * Loads, swaps and DMA are atomic by word or byte, so that threads may use it while
 * no page is added or removed.
 */
#ifndef TESTS_SOFT_MEM_H
#define TESTS_SOFT_MEM_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "soft/soft.h"

#define MEM_PAGE    UINT64_C(4096)
#define MEM_BUCKETS 64u

/* Half of what is declared as 64 bits. */
typedef uint32_t __attribute__((may_alias)) mem_word32;

struct mem_page {
	struct mem_page *next;
	uint64_t pa;
	uint64_t word[MEM_PAGE / 8];
};

/**
 * struct mem - the memory
 * @bus: its bus
 * @swap: called before each compare and swap, to change memory under it; may be
 *	NULL
 * @loads: how many entries were read
 */
struct mem {
	struct soft_bus bus;
	struct mem_page *bucket[MEM_BUCKETS];
	void (*swap)(struct mem *mem, uint64_t pa);
	uint64_t loads;
};

static inline struct mem_page **mem_slot(struct mem *mem, uint64_t pa)
{
	struct mem_page **slot = &mem->bucket[(pa / MEM_PAGE) % MEM_BUCKETS];

	while (*slot && (*slot)->pa != pa / MEM_PAGE * MEM_PAGE)
		slot = &(*slot)->next;
	return slot;
}

/** mem_page() - the page of @pa, made if it is not there. */
static inline struct mem_page *mem_page(struct mem *mem, uint64_t pa)
{
	struct mem_page **slot = mem_slot(mem, pa);

	if (!*slot) {
		*slot = calloc(1, sizeof(**slot));
		if (!*slot)
			abort();
		(*slot)->pa = pa / MEM_PAGE * MEM_PAGE;
	}
	return *slot;
}

/** mem_remove() - there is no memory at the page of @pa any more. */
static inline void mem_remove(struct mem *mem, uint64_t pa)
{
	struct mem_page **slot = mem_slot(mem, pa);
	struct mem_page *page = *slot;

	if (page) {
		*slot = page->next;
		free(page);
	}
}

/** mem_put() - store one 64-bit word. */
static inline void mem_put(struct mem *mem, uint64_t pa, uint64_t value)
{
	__atomic_store_n(&mem_page(mem, pa)->word[pa % MEM_PAGE / 8], value,
			 __ATOMIC_SEQ_CST);
}

/** mem_put32() - store one 32-bit word. */
static inline void mem_put32(struct mem *mem, uint64_t pa, uint32_t value)
{
	mem_word32 *word = (mem_word32 *)mem_page(mem, pa)->word;

	__atomic_store_n(&word[pa % MEM_PAGE / 4], value, __ATOMIC_SEQ_CST);
}

/** mem_get() - read one 64-bit word; 0 where there is no memory. */
static inline uint64_t mem_get(struct mem *mem, uint64_t pa)
{
	struct mem_page *page = *mem_slot(mem, pa);

	return page ? __atomic_load_n(&page->word[pa % MEM_PAGE / 8],
				      __ATOMIC_SEQ_CST)
		    : 0;
}

/** mem_get32() - read one 32-bit word; 0 where there is no memory. */
static inline uint32_t mem_get32(struct mem *mem, uint64_t pa)
{
	struct mem_page *page = *mem_slot(mem, pa);
	const mem_word32 *word = page ? (const mem_word32 *)page->word : NULL;

	return page ? __atomic_load_n(&word[pa % MEM_PAGE / 4],
				      __ATOMIC_SEQ_CST)
		    : 0;
}

static inline int mem_load(struct soft_bus *bus, uint64_t pa, unsigned int size,
			   uint64_t *value)
{
	struct mem *mem = (struct mem *)bus;

	__atomic_add_fetch(&mem->loads, 1, __ATOMIC_RELAXED);
	if (!*mem_slot(mem, pa) || (size != 8 && size != 4) || pa % size)
		return -EFAULT;
	*value = size == 8 ? mem_get(mem, pa) : mem_get32(mem, pa);
	return 0;
}

static inline int mem_cas(struct soft_bus *bus, uint64_t pa, unsigned int size,
			  uint64_t *old, uint64_t value)
{
	struct mem *mem = (struct mem *)bus;
	struct mem_page *page;

	if (mem->swap)
		mem->swap(mem, pa);
	page = *mem_slot(mem, pa);
	if (!page || (size != 8 && size != 4) || pa % size)
		return -EFAULT;
	if (size == 4) {
		mem_word32 *word = (mem_word32 *)page->word + pa % MEM_PAGE / 4;
		uint32_t old32 = (uint32_t)*old;

		__atomic_compare_exchange_n(word, &old32, (uint32_t)value, 0,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
		*old = old32;
		return 0;
	}
	__atomic_compare_exchange_n(&page->word[pa % MEM_PAGE / 8], old, value,
				    0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return 0;
}

static inline uint8_t *mem_byte(struct mem *mem, uint64_t pa)
{
	struct mem_page *page = *mem_slot(mem, pa);

	return page ? (uint8_t *)page->word + pa % MEM_PAGE : NULL;
}

static inline int mem_dma_read(struct soft_bus *bus, uint64_t pa, void *buf,
			       size_t len)
{
	struct mem *mem = (struct mem *)bus;

	for (size_t i = 0; i < len; i++) {
		uint8_t *byte = mem_byte(mem, pa + i);

		if (!byte)
			return -EFAULT;
		((uint8_t *)buf)[i] = __atomic_load_n(byte, __ATOMIC_RELAXED);
	}
	return 0;
}

static inline int mem_dma_write(struct soft_bus *bus, uint64_t pa,
				const void *buf, size_t len)
{
	struct mem *mem = (struct mem *)bus;

	for (size_t i = 0; i < len; i++) {
		uint8_t *byte = mem_byte(mem, pa + i);

		if (!byte)
			return -EFAULT;
		__atomic_store_n(byte, ((const uint8_t *)buf)[i],
				 __ATOMIC_RELAXED);
	}
	return 0;
}

static inline void mem_init(struct mem *mem)
{
	*mem = (struct mem){
		.bus = {
			.load = mem_load,
			.cas = mem_cas,
			.read = mem_dma_read,
			.write = mem_dma_write,
		},
	};
}

static inline void mem_fini(struct mem *mem)
{
	for (unsigned int i = 0; i < MEM_BUCKETS; i++)
		while (mem->bucket[i])
			mem_remove(mem, mem->bucket[i]->pa);
}

#endif
