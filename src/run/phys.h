/* SPDX-License-Identifier: MIT */
/**
 * DOC: Output addresses for client memory, and what is pinned behind them
 *
 * A *source* is something that pages come from: an address space or a file. The
 * identity of a page is its offset in the source. A *window* gives a part of a
 * source, in whole granules, a range of output addresses that is congruent to it
 * modulo the granule, so that large pages fit.
 *
 * A page that is about to vanish while it is pinned is *saved*: its content moves
 * here, and its offset in the source stands for a new page from then on.
 *
 * No locks: the caller serialises.
 */
#ifndef RUN_PHYS_H
#define RUN_PHYS_H

#include <uiommu/user.h>

struct run_phys;
struct run_source;
struct run_window;

/**
 * struct run_source_ops - how the content of a source is reached
 * @read: copy @len bytes at @off; -EFAULT if there is no page
 * @write: the other way
 */
struct run_source_ops {
	int (*read)(struct run_source *source, uint64_t off, void *buf,
		    size_t len);
	int (*write)(struct run_source *source, uint64_t off, const void *buf,
		     size_t len);
};

/**
 * struct run_source - embedded by what pages come from
 * @ops: how to reach it
 * @windows: its windows; NULL at first
 * @pinned: number of pages that are pinned
 * @large: its pages are larger than those of others, and each is one piece
 */
struct run_source {
	const struct run_source_ops *ops;
	struct run_window *windows;
	uint64_t pinned;
	bool large;
};

/**
 * run_phys_new() - manage the output addresses [@base, @end)
 * @granule_lg2: log2 of the size of the smallest window; at least 21
 *
 * Return: NULL without memory.
 */
struct run_phys *run_phys_new(phys_addr_t base, phys_addr_t end,
			      unsigned int granule_lg2);
void run_phys_free(struct run_phys *phys);

/**
 * run_phys_scatter() - let no page be followed by the next one of its source
 *
 * As in a machine whose memory is in pieces: page tables have no reason to use large
 * entries, but for sources that are @large. Before anything is pinned.
 */
void run_phys_scatter(struct run_phys *phys);

/**
 * run_phys_pin() - count a pin for each page of [@off, @off + @len)
 * @hint: the source goes on to here: what a new window should cover
 *
 * Return: the number of runs filled, which may cover a prefix; -ENOMEM.
 */
int run_phys_pin(struct run_phys *phys, struct run_source *source, uint64_t off,
		 uint64_t len, uint64_t hint, struct uiommu_run *runs,
		 size_t max);

/**
 * run_phys_unpin() - take the pins of [@pa, @pa + @len) back
 * @visit: called for each source concerned, after it
 */
void run_phys_unpin(struct run_phys *phys, phys_addr_t pa, uint64_t len,
		    void (*visit)(void *arg, struct run_source *source),
		    void *arg);

/**
 * run_phys_pins() - how often the page at @pa is pinned
 * @source: what it belongs to; NULL: nothing is there
 */
uint32_t run_phys_pins(struct run_phys *phys, phys_addr_t pa,
		       struct run_source **source);

/**
 * run_phys_save() - save the pinned pages of [@off, @last]
 * @epoch: a mark for run_phys_restore()
 *
 * A page that cannot be read or for which there is no memory is lost: DMA to it is
 * a bus abort from then on.
 */
void run_phys_save(struct run_phys *phys, struct run_source *source,
		   uint64_t off, uint64_t last, uint64_t epoch);

/**
 * run_phys_restore() - the pages saved with @epoch did not vanish after all
 *
 * Their content goes back to where it came from.
 */
void run_phys_restore(struct run_phys *phys, struct run_source *source,
		      uint64_t epoch);

/** run_phys_any_pinned() - is a page of [@off, @last] pinned and not saved? */
bool run_phys_any_pinned(struct run_source *source, uint64_t off,
			 uint64_t last);

/** run_phys_drop() - give the addresses of a source without pins back. */
void run_phys_drop(struct run_phys *phys, struct run_source *source);

/** run_phys_read() - DMA out of pinned memory; -EFAULT. */
int run_phys_read(struct run_phys *phys, phys_addr_t pa, void *buf, size_t len);

/** run_phys_write() - DMA into pinned memory; -EFAULT. */
int run_phys_write(struct run_phys *phys, phys_addr_t pa, const void *buf,
		   size_t len);

#endif
