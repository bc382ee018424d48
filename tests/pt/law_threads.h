/* SPDX-License-Identifier: MIT */
/**
 * DOC: Threads beside each other, and hardware beside them
 *
 * Each worker has lots of addresses of its own; those of different workers alternate,
 * so that they share tables. It does random operations there, with no lock but its
 * claim on the lot, and remembers all their results as a number. Meanwhile hardware
 * walks the table through the decoder, and writes: it sets dirty bits. The workers'
 * results, and the table in the end, are those of the same operations one after the
 * other.
 *
 * Some lots are pinned: they are mapped at the start and never unmapped, whatever
 * else happens to their entries. Hardware translates there at any time, and no write
 * of it may be missed by the worker, who clears dirty bits and copies.
 *
 * Nothing here asserts while threads run: they note what is wrong.
 */
#ifndef TESTS_PT_LAW_THREADS_H
#define TESTS_PT_LAW_THREADS_H

#include <pthread.h>
#include <sched.h>

#include "law_random.h"

#define STRESS_WORKERS     3
#define STRESS_STEPS       150
#define STRESS_TURN        25
#define STRESS_REGIONS     3
#define STRESS_LOTS        (4 * STRESS_REGIONS)
#define STRESS_SPOTS       32
#define STRESS_GENERATIONS 4
#define STRESS_ROUNDS      2

/**
 * struct stress_lot - addresses of one worker
 * @va: the first, counted from the table's base
 * @len: how many bytes
 * @pinned: stays mapped
 * @ready: is mapped, and hardware may go there
 * @data: what hardware has written at some spots
 * @copy: what the worker has copied from there
 */
struct stress_lot {
	dma_addr_t va;
	dma_addr_t len;
	bool pinned;
	unsigned int ready;
	unsigned int data[STRESS_SPOTS];
	unsigned int copy[STRESS_SPOTS];
};

/**
 * struct stress_worker - a thread with its lots
 * @stress: the table
 * @rng: its random numbers
 * @lots: how many it has
 * @lot: its lots
 * @hash: all results
 * @wrong: what has gone wrong, or NULL
 */
struct stress_worker {
	struct stress *stress;
	struct test_rng rng;
	unsigned int lots;
	struct stress_lot lot[STRESS_LOTS];
	uint64_t hash;
	const char *wrong;
};

/**
 * struct stress - a table, its workers and its hardware
 * @law: the table
 * @runtime: its memory
 * @hardware: read: a walk is under way; write: none is, everything before is over
 * @bus: of the walker
 * @root: what it begins with; changes under @hardware
 * @worker: the workers
 * @fails: allocations fail
 * @beside: a thread runs beside the workers
 * @turn: for @waiting
 * @turned: that thread has come round
 * @waiting: how many workers wait for that
 * @stop: its end
 * @wrong: what hardware found wrong, or NULL
 * @walks: how many walks it has done in pinned lots
 * @loads: how many items it has read
 */
struct stress {
	struct law law;
	struct pt_runtime runtime;
	pthread_rwlock_t hardware;
	struct soft_bus bus;
	struct soft_root root;
	struct stress_worker worker[STRESS_WORKERS];
	bool fails;
	bool beside;
	pthread_mutex_t turn;
	pthread_cond_t turned;
	unsigned int waiting;
	unsigned int stop;
	const char *wrong;
	unsigned int walks;
	unsigned int loads;
};

/* ---- The driver --------------------------------------------------- */

static struct stress *stress_of(struct iommu_domain *domain)
{
	return pt_container_of(law_of(domain), struct stress, law);
}

static void stress_change_top(struct pt_iommu *iommu, phys_addr_t top_pa,
			      unsigned int top_level)
{
	struct stress *stress = stress_of(&iommu->domain);

	pthread_rwlock_wrlock(&stress->hardware);
	stress->root.pa = top_pa;
	stress->root.levels = top_level + 1;
	pthread_rwlock_unlock(&stress->hardware);
}

/* The walker has no cache; walks under way come to their end. */
static void stress_iotlb_sync(struct iommu_domain *domain,
			      struct iommu_iotlb_gather *gather)
{
	struct stress *stress = stress_of(domain);

	pthread_rwlock_wrlock(&stress->hardware);
	pthread_rwlock_unlock(&stress->hardware);
}

static const struct pt_iommu_driver_ops stress_driver_ops = {
	.get_top_lock = law_get_top_lock,
	.change_top = stress_change_top,
};

static const struct iommu_domain_ops stress_domain_ops = {
	.iotlb_sync = stress_iotlb_sync,
};

/* ---- Hardware ----------------------------------------------------- */

/* Hardware loads an item after the one that led to it: here, with acquire. */
static int stress_load(struct soft_bus *bus, uint64_t pa, unsigned int size,
		       uint64_t *value)
{
	struct stress *stress = pt_container_of(bus, struct stress, bus);
	void *ptr = port_arena_ptr(stress->law.arena, pa, size);

	/* A walk may take long. */
	if (++stress->loads % 5 == 0)
		sched_yield();
	if (!ptr)
		return -EFAULT;
#if PT_ITEM_WORD_SIZE == 8
	*value = pt_item_load(ptr);
#else
	*value = __atomic_load_n((uint32_t *)ptr, __ATOMIC_ACQUIRE);
#endif
	return 0;
}

/* Where @va goes: to one of a few OAs, all congruent modulo large pages. */
static phys_addr_t stress_oa(struct law *law, dma_addr_t va,
			     unsigned int generation)
{
	struct pt_state pts = { .common = law_common(law) };

	return (va + oa_lg2_mul(4 * generation, pt_table_span_lg2(&pts))) &
	       law_last_oa(law);
}

static bool stress_oa_fits(struct law *law, dma_addr_t va, phys_addr_t oa)
{
	unsigned int i;

	for (i = 0; i < STRESS_GENERATIONS; i++)
		if (oa == stress_oa(law, va, i))
			return true;
	return false;
}

static dma_addr_t stress_spot(const struct stress_lot *lot, unsigned int spot)
{
	return lot->va + lot->len / STRESS_SPOTS * spot;
}

/* Write through the table: the dirty bit first. */
static void stress_write(struct stress *stress, struct stress_lot *lot,
			 unsigned int spot)
{
#ifdef pt_item_is_dirty
	struct law *law = &stress->law;
	int ret = PT_FN(set_dirty)(law_domain(law),
				   law_base(law) + stress_spot(lot, spot));

	if (ret == -EPERM)
		return;
	if (ret)
		stress->wrong = "a pinned page cannot become dirty";
	__atomic_fetch_add(&lot->data[spot], 1, __ATOMIC_RELAXED);
#endif
}

/* One translation. */
static void stress_walk(struct stress *stress, struct stress_lot *lot,
			unsigned int spot)
{
	struct law *law = &stress->law;
	dma_addr_t va = stress_spot(lot, spot);
	bool ready = lot->pinned &&
		     __atomic_load_n(&lot->ready, __ATOMIC_ACQUIRE);
	struct soft_walk walk = { .reason = SOFT_FAULT_BLOCKED };

	if (law_decodable())
		soft_walk(&stress->bus, &stress->root, law_base(law) + va, 0,
			  &walk);
	else
		ready = false;
	if (walk.reason == SOFT_OK && !stress_oa_fits(law, va, walk.oa))
		stress->wrong = "hardware was led astray";
	if (walk.reason == SOFT_FAULT_BAD_ENTRY ||
	    walk.reason == SOFT_FAULT_BUS)
		stress->wrong = "hardware met an entry that is none";
	if (!ready)
		return;
	stress->walks++;
	if (walk.reason != SOFT_OK)
		stress->wrong = "hardware missed a live translation";
	if (law_random_dirty(law))
		stress_write(stress, lot, spot);
}

/* The thread beside the workers has had a turn; those who wait go on. */
static void stress_come_round(struct stress *stress)
{
	if (!__atomic_load_n(&stress->waiting, __ATOMIC_RELAXED))
		return;
	pthread_mutex_lock(&stress->turn);
	__atomic_store_n(&stress->waiting, 0, __ATOMIC_RELAXED);
	pthread_cond_broadcast(&stress->turned);
	pthread_mutex_unlock(&stress->turn);
}

static void *stress_hardware(void *arg)
{
	struct stress *stress = arg;
	struct test_rng rng = { .state = 1 };
	unsigned int i = 0;

	while (!__atomic_load_n(&stress->stop, __ATOMIC_ACQUIRE)) {
		struct stress_worker *w =
			&stress->worker[test_below(&rng, STRESS_WORKERS)];
		struct stress_lot *lot = &w->lot[test_below(&rng, w->lots)];

		if (!law_memory(&stress->law).bytes)
			stress->wrong = "memory is not accounted";
		pthread_rwlock_rdlock(&stress->hardware);
		stress_walk(stress, lot,
			    (unsigned int)test_below(&rng, STRESS_SPOTS));
		pthread_rwlock_unlock(&stress->hardware);
		if (++i % 16 == 0)
			stress_come_round(stress);
	}
	return NULL;
}

/* ---- The operations ----------------------------------------------- */

static void stress_note(struct stress_worker *w, uint64_t result)
{
	w->hash = (w->hash ^ result) * 0x9e3779b97f4a7c15;
}

/* Flush and free, and remember what was to be flushed. */
static void stress_sync(struct stress_worker *w,
			struct iommu_iotlb_gather *gather)
{
	stress_iotlb_sync(law_domain(&w->stress->law), gather);
	if (!iommu_iotlb_gather_empty(gather)) {
		stress_note(w, gather->start);
		stress_note(w, gather->last);
	}
	iommu_pages_list_put(&gather->freelist);
}

/**
 * struct stress_op - an operation
 * @lot: where
 * @domain: the table
 * @va: the range's begin, as the table counts
 * @off: the same, from its base
 * @len: the range's length
 * @gather: of the operation
 */
struct stress_op {
	struct stress_lot *lot;
	struct iommu_domain *domain;
	dma_addr_t va;
	dma_addr_t off;
	dma_addr_t len;
	struct iommu_iotlb_gather gather;
};

static void stress_map(struct stress_worker *w, struct stress_op *op)
{
	static const unsigned int prots[] = { LAW_RW, LAW_RW, IOMMU_READ };
	struct law *law = &w->stress->law;
	unsigned int generation =
		(unsigned int)test_below(&w->rng, STRESS_GENERATIONS);
	unsigned int prot = prots[test_below(&w->rng, ARRAY_SIZE(prots))];
	size_t mapped = 0;
	int ret;

	ret = PT_FN(map_range)(op->domain, op->va,
			       stress_oa(law, op->off, generation), op->len,
			       prot, GFP_KERNEL, &mapped);
	if (ret && ret != -EADDRINUSE && ret != -EOPNOTSUPP &&
	    !w->stress->fails)
		w->wrong = "map failed";
	stress_note(w, (uint64_t)ret);
	stress_note(w, mapped);
}

static void stress_unmap(struct stress_worker *w, struct stress_op *op)
{
	stress_note(w, PT_FN(unmap_range)(op->domain, op->va, op->len,
					  &op->gather));
}

static void stress_cut(struct stress_worker *w, struct stress_op *op)
{
	stress_note(w, (uint64_t)PT_FN(cut)(op->domain, op->va, GFP_KERNEL,
					    &op->gather));
}

static void stress_shrink(struct stress_worker *w, struct stress_op *op)
{
	uint64_t sizes = op->domain->pgsize_bitmap;
	int ret;

	ret = PT_FN(shrink_pages)(op->domain, op->va, op->len,
				  test_random(&w->rng) | (sizes & -sizes),
				  GFP_KERNEL, &op->gather);
	stress_note(w, (uint64_t)ret);
}

static void stress_grow(struct stress_worker *w, struct stress_op *op)
{
	stress_note(w, (uint64_t)PT_FN(grow_pages)(op->domain, op->va, op->len,
						   &op->gather));
}

static void stress_set_prot(struct stress_worker *w, struct stress_op *op)
{
	/* Hardware writes to pinned lots. */
	unsigned int prot = op->lot->pinned || test_below(&w->rng, 2)
				    ? LAW_RW | IOMMU_NOEXEC
				    : IOMMU_READ;

	stress_note(w, (uint64_t)PT_FN(set_prot)(op->domain, op->va, op->len,
						 prot, &op->gather));
}

/* The range in two pieces, which may go to different places. */
static unsigned int stress_pieces(struct stress_worker *w,
				  const struct stress_op *op,
				  struct iommu_run run[2])
{
	struct law *law = &w->stress->law;
	dma_addr_t half = op->len / 2 & ~(law_page(law) - 1);
	unsigned int i, nr = half ? 2 : 1;

	for (i = 0; i < nr; i++) {
		unsigned int generation =
			(unsigned int)test_below(&w->rng, STRESS_GENERATIONS);
		dma_addr_t off = i ? half : 0;

		run[i].oa = stress_oa(law, op->off + off, generation);
		run[i].len = i ? op->len - half : half ? half : op->len;
	}
	return nr;
}

static void stress_map_list(struct stress_worker *w, struct stress_op *op)
{
	struct iommu_run run[2];
	unsigned int nr = stress_pieces(w, op, run);
	size_t mapped = 0;

	stress_note(w, (uint64_t)PT_FN(map_list)(op->domain, op->va, run, nr,
						 LAW_RW, GFP_KERNEL, &mapped));
	stress_note(w, mapped);
}

static void stress_replace(struct stress_worker *w, struct stress_op *op)
{
	struct iommu_run run[2];
	unsigned int nr = stress_pieces(w, op, run);
	size_t replaced = 0;

	stress_note(w, (uint64_t)PT_FN(replace_list)(op->domain, op->va, run,
						     nr, GFP_KERNEL,
						     &op->gather, &replaced));
	stress_note(w, replaced);
}

static void stress_note_runs(struct stress_worker *w,
			     const struct iommu_run_list *list)
{
	size_t i;

	for (i = 0; i < list->nr; i++) {
		stress_note(w, list->run[i].oa);
		stress_note(w, list->run[i].len);
	}
}

static void stress_unmap_list(struct stress_worker *w, struct stress_op *op)
{
	struct iommu_run run[4];
	struct iommu_run_list list = { .run = run, .max = ARRAY_SIZE(run) };

	stress_note(w, PT_FN(unmap_list)(op->domain, op->va, op->len,
					 &op->gather, &list));
	stress_note_runs(w, &list);
}

static void stress_translate_range(struct stress_worker *w,
				   struct stress_op *op)
{
	struct iommu_run run[4];
	struct iommu_run_list list = { .run = run, .max = ARRAY_SIZE(run) };

	stress_note(w,
		    PT_FN(translate_range)(op->domain, op->va, op->len, &list));
	stress_note_runs(w, &list);
}

static int stress_visit(void *arg, const struct pt_iommu_entry *entry)
{
	if (!entry->leaf)
		return 0;
	stress_note(arg, entry->va);
	stress_note(arg, entry->pa);
	stress_note(arg, entry->size_lg2);
	return 0;
}

static void stress_visit_range(struct stress_worker *w, struct stress_op *op)
{
	stress_note(w, (uint64_t)PT_FN(walk)(op->domain, op->va, op->len,
					     stress_visit, w));
}

static void stress_translate(struct stress_worker *w, struct stress_op *op)
{
	dma_addr_t step = op->len / 8 + law_page(&w->stress->law);
	dma_addr_t at;

	for (at = 0; at < op->len; at += step)
		stress_note(w, PT_FN(iova_to_phys)(op->domain, op->va + at));
}

/**
 * struct stress_dirty - a reading of dirty bits
 * @worker: who reads
 * @lot: where
 * @base: of the table
 * @seen: spots that are dirty
 */
struct stress_dirty {
	struct stress_worker *worker;
	struct stress_lot *lot;
	dma_addr_t base;
	bool seen[STRESS_SPOTS];
};

#ifdef pt_item_is_dirty
static void stress_record(void *arg, dma_addr_t va, size_t len)
{
	struct stress_dirty *dirty = arg;
	unsigned int i;

	for (i = 0; i < STRESS_SPOTS; i++)
		if (dirty->base + stress_spot(dirty->lot, i) - va < len)
			dirty->seen[i] = true;
	/* What hardware does is not known beforehand. */
	if (dirty->lot->pinned)
		return;
	stress_note(dirty->worker, va);
	stress_note(dirty->worker, len);
}
#endif

static void stress_read_dirty(struct stress_worker *w, struct stress_op *op)
{
#ifdef pt_item_is_dirty
	struct stress_dirty dirty = { .worker = w,
				      .lot = op->lot,
				      .base = law_base(&w->stress->law) };
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap bitmap = { .record = stress_record,
					     .arg = &dirty,
					     .gather = &gather };
	unsigned int i;
	int ret;

	iommu_iotlb_gather_init(&gather);
	ret = PT_FN(read_and_clear_dirty)(op->domain, op->va, op->len, 0,
					  &bitmap);
	stress_note(w, (uint64_t)ret);
	stress_iotlb_sync(op->domain, &gather);
	for (i = 0; i < STRESS_SPOTS; i++)
		if (dirty.seen[i])
			op->lot->copy[i] = __atomic_load_n(&op->lot->data[i],
							   __ATOMIC_RELAXED);
#endif
}

static void stress_set_dirty(struct stress_worker *w, struct stress_op *op)
{
#ifdef pt_item_is_dirty
	stress_note(w, (uint64_t)PT_FN(set_dirty)(op->domain, op->va));
#endif
}

typedef void (*stress_function)(struct stress_worker *w, struct stress_op *op);

/* Those before STRESS_LIVE are not for pinned lots. */
#define STRESS_LIVE 6
static const stress_function stress_ops[] = {
	stress_map,         stress_map,
	stress_map_list,    stress_unmap,
	stress_unmap,       stress_unmap_list,
	stress_cut,         stress_shrink,
	stress_grow,        stress_grow,
	stress_set_prot,    stress_replace,
	stress_set_dirty,   stress_read_dirty,
	stress_translate,   stress_translate_range,
	stress_visit_range,
};

/* ---- A worker ----------------------------------------------------- */

static void stress_do(struct stress_worker *w, struct stress_lot *lot,
		      stress_function function, dma_addr_t off, dma_addr_t len)
{
	struct law *law = &w->stress->law;
	struct stress_op op = { .lot = lot,
				.domain = law_domain(law),
				.va = law_base(law) + off,
				.off = off,
				.len = len };

	iommu_iotlb_gather_init(&op.gather);
	function(w, &op);
	stress_sync(w, &op.gather);
}

/* Anything, somewhere in one of the lots. */
static void stress_step(struct stress_worker *w)
{
	struct stress_lot *lot = &w->lot[test_below(&w->rng, w->lots)];
	unsigned int first = lot->ready ? STRESS_LIVE : 0;
	dma_addr_t page = law_page(&w->stress->law);
	unsigned int lg2 = va_lg2_floor(lot->len / page);
	dma_addr_t len = page << test_below(&w->rng, lg2 + 1);
	dma_addr_t off = test_random(&w->rng) % lot->len & ~(len - 1);

	/* Often all of it, mostly aligned to its size */
	if (!test_below(&w->rng, 3)) {
		off = 0;
		len = lot->len;
	}
	if (off && !test_below(&w->rng, 4))
		off -= page;
	stress_do(
		w, lot,
		stress_ops[first +
			   test_below(&w->rng, ARRAY_SIZE(stress_ops) - first)],
		lot->va + off, len);
}

/* Map what is to stay. */
static void stress_pin(struct stress_worker *w, struct stress_lot *lot)
{
	struct law *law = &w->stress->law;
	size_t mapped = 0;
	int ret;

	ret = PT_FN(map_range)(law_domain(law), law_base(law) + lot->va,
			       stress_oa(law, lot->va, 0), lot->len, LAW_RW,
			       GFP_KERNEL, &mapped);
	if (ret && !w->stress->fails)
		w->wrong = "a pinned lot cannot be mapped";
	__atomic_store_n(&lot->ready, !ret, __ATOMIC_RELEASE);
}

/* However few processors there are, the thread beside has its turn. */
static void stress_wait_turn(struct stress *stress)
{
	if (!stress->beside)
		return;
	pthread_mutex_lock(&stress->turn);
	__atomic_fetch_add(&stress->waiting, 1, __ATOMIC_RELAXED);
	pthread_cond_wait(&stress->turned, &stress->turn);
	pthread_mutex_unlock(&stress->turn);
}

static void *stress_work(void *arg)
{
	struct stress_worker *w = arg;
	unsigned int i;

	for (i = 0; i < w->lots; i++)
		if (w->lot[i].pinned)
			stress_pin(w, &w->lot[i]);
	for (i = 0; i < STRESS_STEPS && !w->wrong; i++) {
		if (i % STRESS_TURN == 0)
			stress_wait_turn(w->stress);
		stress_step(w);
	}
	return NULL;
}

/* ---- The whole ---------------------------------------------------- */

static void stress_add_lot(struct stress_worker *w, dma_addr_t va,
			   dma_addr_t len, bool pinned)
{
	struct law *law = &w->stress->law;

	if (va + (len - 1) < va || va + (len - 1) > law_last(law) ||
	    len - 1 > law_last_oa(law))
		return;
	w->lot[w->lots++] =
		(struct stress_lot){ .va = va, .len = len, .pinned = pinned };
}

/*
 * In each region a few pages in a table that all workers share, and two tables' worth
 * next to those of the others. Regions are far from each other.
 */
static void stress_give_lots(struct stress_worker *w, unsigned int nr)
{
	struct law *law = &w->stress->law;
	struct pt_state pts = { .common = law_common(law) };
	unsigned int span_lg2 = pt_table_span_lg2(&pts);
	unsigned int region_lg2 = span_lg2 + 5;
	dma_addr_t small = 8 * law_page(law);
	dma_addr_t start = 0;
	unsigned int r, pinned;

	for (r = 0; r < STRESS_REGIONS; r++) {
		if (r && va_lg2_floor(law_last(law)) <= region_lg2)
			return;
		if (r)
			start = (law_last(law) / 4 + 1) * (2 * r - 1) &
				~va_lg2_mask(region_lg2);
		for (pinned = 0; pinned < 2; pinned++) {
			unsigned int at = pinned * STRESS_WORKERS + nr;

			stress_add_lot(w, start + at * small, small, pinned);
			if (!pt_top_read(pts.common).level &&
			    !pt_feature(pts.common, PT_FEAT_DYNAMIC_TOP))
				continue;
			/* Small words do not have room for all. */
			if ((law_last(law) - start) >> span_lg2 < 2 * at + 3)
				continue;
			stress_add_lot(w,
				       start + va_lg2_mul(2 * at + 2, span_lg2),
				       va_lg2_mul(2, span_lg2), pinned);
		}
	}
}

static void *stress_alloc(const struct pt_runtime *rt, unsigned int size_lg2,
			  gfp_t gfp)
{
	const struct pt_runtime *arena = port_arena_runtime(rt->arg);

	return arena->alloc(arena, size_lg2, gfp);
}

/* Whoever still reads it finds no sense in it. */
static void stress_free_table(const struct pt_runtime *rt, void *table,
			      unsigned int size_lg2)
{
	const struct pt_runtime *arena = port_arena_runtime(rt->arg);

	memset(table, 0xa5, (size_t)1 << size_lg2);
	arena->free(arena, table, size_lg2);
}

static struct stress *stress_new(const struct law *like, uint64_t seed)
{
	struct stress *stress = calloc(1, sizeof(*stress));
	pthread_rwlockattr_t attr;
	struct law *law;
	unsigned int i;

	assert_non_null(stress);
	law = &stress->law;
	law->cfg = like->cfg;
	assert_int_equal(port_arena_new(&law_arena, &law->arena), 0);
	stress->runtime = (struct pt_runtime){
		.alloc = stress_alloc,
		.free = stress_free_table,
		.pa_offset = port_arena_runtime(law->arena)->pa_offset,
		.arg = law->arena,
	};
	law->cfg.common.runtime = &stress->runtime;
	law->table = (struct PT_IOMMU_TABLE){
		.iommu.domain.ops = &stress_domain_ops,
		.iommu.driver_ops = &stress_driver_ops,
	};
	assert_int_equal(PT_FN(init)(&law->table, &law->cfg, GFP_KERNEL), 0);
	pthread_rwlockattr_init(&attr);
#ifdef __GLIBC__
	pthread_rwlockattr_setkind_np(
		&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
	pthread_rwlock_init(&stress->hardware, &attr);
	pthread_rwlockattr_destroy(&attr);
	pthread_mutex_init(&stress->turn, NULL);
	pthread_cond_init(&stress->turned, NULL);
	stress->bus.load = stress_load;
	if (law_decodable())
		stress->root = law_root(law);
	for (i = 0; i < STRESS_WORKERS; i++) {
		struct stress_worker *w = &stress->worker[i];

		w->stress = stress;
		w->rng.state = seed * STRESS_WORKERS + i;
		stress_give_lots(w, i);
	}
	return stress;
}

static void stress_free(struct stress *stress)
{
	PT_FN(deinit)(&stress->law.table);
	law_account_gone(&stress->law);
	assert_int_equal(port_arena_tables(stress->law.arena), 0);
	port_arena_free(stress->law.arena);
	pthread_rwlock_destroy(&stress->hardware);
	pthread_cond_destroy(&stress->turned);
	pthread_mutex_destroy(&stress->turn);
	free(stress);
}

/* What @function does for each lot, one after the other. */
static void stress_each_lot(struct stress *stress, stress_function function)
{
	unsigned int i, n;

	for (i = 0; i < STRESS_WORKERS; i++) {
		struct stress_worker *w = &stress->worker[i];

		for (n = 0; n < w->lots; n++)
			stress_do(w, &w->lot[n], function, w->lot[n].va,
				  w->lot[n].len);
	}
}

static void stress_run_alone(struct stress *stress)
{
	unsigned int i;

	for (i = 0; i < STRESS_WORKERS; i++)
		stress_work(&stress->worker[i]);
}

static void *stress_failures(void *arg)
{
	struct stress *stress = arg;
	struct test_rng rng = { .state = 2 };

	while (!__atomic_load_n(&stress->stop, __ATOMIC_ACQUIRE)) {
		port_arena_fail_nth(stress->law.arena, 1 + test_below(&rng, 3));
		stress_come_round(stress);
	}
	return NULL;
}

/* All workers at once, and @other until they are through. */
static void stress_run_together(struct stress *stress, void *(*other)(void *))
{
	pthread_t thread[STRESS_WORKERS], beside;
	unsigned int i;

	stress->beside = true;
	assert_int_equal(pthread_create(&beside, NULL, other, stress), 0);
	for (i = 0; i < STRESS_WORKERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, stress_work,
						&stress->worker[i]),
				 0);
	for (i = 0; i < STRESS_WORKERS; i++)
		pthread_join(thread[i], NULL);
	__atomic_store_n(&stress->stop, 1, __ATOMIC_RELEASE);
	pthread_join(beside, NULL);
}

static void stress_right(struct stress *stress, uint64_t seed)
{
	unsigned int i;

	for (i = 0; i < STRESS_WORKERS; i++)
		if (stress->worker[i].wrong)
			fail_msg("seed %llu, worker %u: %s",
				 (unsigned long long)seed, i,
				 stress->worker[i].wrong);
	if (stress->wrong)
		fail_msg("seed %llu: %s", (unsigned long long)seed,
			 stress->wrong);
	law_account(&stress->law);
}

/* Nothing that hardware wrote has been missed. */
static void stress_copied(struct stress *stress)
{
	unsigned int i, n;

	for (i = 0; i < STRESS_WORKERS; i++)
		for (n = 0; n < stress->worker[i].lots; n++)
			assert_memory_equal(
				stress->worker[i].lot[n].data,
				stress->worker[i].lot[n].copy,
				sizeof(stress->worker[i].lot[n].copy));
}

static void stress_sum_entry(void *arg, struct pt_state *pts, dma_addr_t va)
{
	uint64_t *sum = arg;
	uint64_t what[] = { va, pt_entry_lg2sz(pts), pt_entry_oa(pts),
			    pts->entry };
	unsigned int i;

#ifdef pt_dirty_mask
	/* Hardware has set it where it came by. */
	what[3] &= ~(uint64_t)pt_accessed_mask(pts);
#endif
	/* Which table an entry stands in is nobody's business. */
	for (i = 0; i < ARRAY_SIZE(what); i++)
		*sum = (*sum ^ what[i]) * 0x9e3779b97f4a7c15;
}

/* The entries of the table as a number. All are clean. */
static uint64_t stress_sum(struct stress *stress)
{
	uint64_t sum = 0;

	law_visit(&stress->law, stress_sum_entry, &sum);
	return sum;
}

/* Racing threads do what one thread does that goes through all of it in turn. */
static void law_threads(void **state)
{
	struct law *law = *state;
	uint64_t seed;
	unsigned int i;

	for (seed = 1; seed <= STRESS_ROUNDS; seed++) {
		struct stress *alone = stress_new(law, seed);
		struct stress *together = stress_new(law, seed);
		struct pt_iommu_memory one, all;

		stress_run_alone(alone);
		stress_right(alone, seed);
		stress_run_together(together, stress_hardware);
		stress_right(together, seed);
		for (i = 0; i < STRESS_WORKERS; i++)
			assert_int_equal(alone->worker[i].hash,
					 together->worker[i].hash);
		stress_each_lot(alone, stress_read_dirty);
		stress_each_lot(together, stress_read_dirty);
		stress_copied(together);
		assert_true(together->walks || !law_decodable());
		assert_int_equal(stress_sum(alone), stress_sum(together));
		one = law_memory(&alone->law);
		all = law_memory(&together->law);
		assert_memory_equal(&one, &all, sizeof(one));
		stress_free(alone);
		stress_free(together);
	}
}

/* All of a lot, holes or not. */
static void stress_clear(struct stress_worker *w, struct stress_op *op)
{
	dma_addr_t at, bytes;

	for (at = 0; at < op->len; at += bytes) {
		bytes = PT_FN(unmap_range)(op->domain, op->va + at,
					   op->len - at, &op->gather);
		if (!bytes)
			bytes = law_page(&w->stress->law);
	}
}

/* The same with allocations that fail: nothing is lost, and nothing is left. */
static void law_threads_fail(void **state)
{
	struct stress *stress = stress_new(*state, 1);

	stress->fails = true;
	stress_run_together(stress, stress_failures);
	port_arena_fail_nth(stress->law.arena, 0);
	stress_right(stress, 1);
	stress_each_lot(stress, stress_clear);
	assert_int_equal(law_entries(&stress->law), 0);
	law_account(&stress->law);
	stress_free(stress);
}

#endif
