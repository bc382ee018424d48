/* SPDX-License-Identifier: MIT */
/*
 * Live migration in small: one CPU writes through the MMU without a pause, the other
 * copies what is dirty, in rounds, while it splits, merges, protects and moves pages.
 * A dirty bit that anybody loses is a write that the copy lacks in the end.
 */
#include "walker.h"

#define RW (IOMMU_READ | IOMMU_WRITE)

#define SMALL  64 /* pages of the smallest size */
#define LARGE  32 /* places in a large page, at most */
#define SLOTS  (SMALL + LARGE)
#define ROUNDS 24
#define RACES  6

/**
 * struct slot - a word that is written, in a page of its own where pages are small
 * @va: where
 * @written: the last number that the second CPU has written there
 * @copy: what the first CPU has copied
 * @dirty: to be copied
 */
struct slot {
	uint64_t va;
	uint64_t written;
	uint64_t copy;
	bool dirty;
};

/**
 * struct migration - both CPUs' view
 * @w: the walker, open
 * @slot: what is written
 * @slots: how many
 * @large, @size: VA of the large page, and its bytes
 * @stop, @pause: what the first CPU wants of the second
 * @once: it writes each slot once more, in order, and pauses by itself
 * @paused: it does not write
 * @writes: how many there were
 * @refused: accesses that faulted because the page was protected at the moment
 * @wrong: ... for any other reason
 */
struct migration {
	struct walker *w;
	struct slot slot[SLOTS];
	unsigned int slots;
	uint64_t large, size;
	bool stop, pause, once, paused;
	uint64_t writes, refused, wrong;
};

/* ---- The second CPU ------------------------------------------------------------- */

static void write_one(struct migration *m, struct slot *slot)
{
	struct cpu_result got =
		m->w->access(m->w, CPU_WRITE, slot->va, slot->written + 1);

	if (got.fault & CPU_DENIED)
		m->refused++;
	else if (got.fault)
		m->wrong++;
	else
		slot->written++;
	__atomic_fetch_add(&m->writes, 1, __ATOMIC_RELEASE);
}

/*
 * Where an entry has many items, one that is found dirty makes all of them dirty. Who
 * has torn accesses is to be found out by the first, so that the others stay clean.
 */
static void write_all_once(struct migration *m)
{
	unsigned int first = walker_torn ? SMALL : 0;
	unsigned int end = walker_torn ? SMALL + 1 : m->slots;

	for (unsigned int i = first; i < end; i++) {
		write_one(m, &m->slot[i]);
		walker_poll(m->w);
	}
	__atomic_store_n(&m->once, false, __ATOMIC_RELEASE);
}

static void writer(void *arg)
{
	struct migration *m = arg;
	uint64_t seed = 1;

	walker_second(m->w, true);
	while (!__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE)) {
		bool pause = __atomic_load_n(&m->pause, __ATOMIC_ACQUIRE);

		walker_poll(m->w);
		if (__atomic_load_n(&m->once, __ATOMIC_ACQUIRE))
			write_all_once(m);
		__atomic_store_n(&m->paused, pause, __ATOMIC_RELEASE);
		if (pause)
			machine_relax();
		else
			write_one(m, &m->slot[guest_random(&seed) % m->slots]);
	}
	walker_second(m->w, false);
}

/* ---- The first CPU ---------------------------------------------------------------- */

/* Until the second has tried @n more. */
static void wait_writes(struct migration *m, uint64_t n)
{
	uint64_t start = __atomic_load_n(&m->writes, __ATOMIC_ACQUIRE);

	while (__atomic_load_n(&m->writes, __ATOMIC_ACQUIRE) - start < n)
		machine_relax();
}

static void pause(struct migration *m, bool on)
{
	__atomic_store_n(&m->pause, on, __ATOMIC_RELEASE);
	while (__atomic_load_n(&m->paused, __ATOMIC_ACQUIRE) != on)
		machine_relax();
}

static void record(void *arg, dma_addr_t iova, size_t length)
{
	struct migration *m = arg;

	for (unsigned int i = 0; i < m->slots; i++)
		if (m->slot[i].va - iova < length)
			m->slot[i].dirty = true;
}

static void record_nothing(void *arg, dma_addr_t iova, size_t length)
{
}

static uint64_t small_bytes(const struct migration *m)
{
	return SMALL * walker_page(m->w);
}

static void read_dirty(struct migration *m, unsigned int flags,
		       void (*to)(void *arg, dma_addr_t iova, size_t length),
		       struct iommu_iotlb_gather *gather)
{
	struct iommu_domain *domain = m->w->domain;
	struct iommu_dirty_bitmap bitmap = { .record = to,
					     .arg = m,
					     .gather = gather };

	domain->dirty_ops->read_and_clear_dirty(domain, m->slot[0].va,
						small_bytes(m), flags, &bitmap);
	domain->dirty_ops->read_and_clear_dirty(domain, m->large, m->size,
						flags, &bitmap);
}

/* Where a slot's word is at the moment. */
static volatile uint64_t *word(struct migration *m, const struct slot *slot)
{
	return guest_at(iommu_iova_to_phys(m->w->domain, slot->va));
}

static void copy(struct migration *m)
{
	for (unsigned int i = 0; i < m->slots; i++) {
		if (!m->slot[i].dirty)
			continue;
		m->slot[i].dirty = false;
		m->slot[i].copy = *word(m, &m->slot[i]);
	}
}

/* Read, clear, flush, and only then copy. */
static void round(struct migration *m)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	read_dirty(m, 0, record, &gather);
	w_end(m->w, &gather);
	copy(m);
}

static bool begin(struct migration *m, struct walker *w)
{
	uint64_t page = walker_page(w), large = walker_divisible(w);
	unsigned int n = large / page < LARGE ? (unsigned int)(large / page)
					      : LARGE;

	*m = (struct migration){ .w = w,
				 .large = w->base[0] & ~(large - 1),
				 .size = large,
				 .slots = SMALL + n };
	for (unsigned int i = 0; i < SMALL; i++)
		m->slot[i].va =
			m->large - 2 * small_bytes(m) + i * page + 8 * (i % 8);
	for (unsigned int i = 0; i < n; i++)
		m->slot[SMALL + i].va = m->large + i * (large / n) + 8 * i;
	/* OAs of the small ones that do not make larger pages */
	if (!w_map(w, m->slot[0].va, data(page), small_bytes(m), RW) ||
	    !w_map(w, m->large, data(machine_data_size / 2), large, RW))
		return false;
	for (unsigned int i = 0; i < m->slots; i++)
		*word(m, &m->slot[i]) = 0;
	round(m);
	second_start(writer, m);
	wait_writes(m, 1);
	return true;
}

/* Stop the second CPU. Return: how many slots' last writes have not been copied. */
static unsigned int end(struct migration *m)
{
	unsigned int lost = 0;

	__atomic_store_n(&m->stop, true, __ATOMIC_RELEASE);
	second_wait();
	round(m);
	for (unsigned int i = 0; i < m->slots; i++) {
		const struct slot *slot = &m->slot[i];

		if (*word(m, slot) != slot->written)
			check(false, "%lx: written %lu, in memory %lu",
			      slot->va, slot->written, *word(m, slot));
		lost += slot->copy != slot->written;
	}
	if (m->wrong)
		check(false, "%lu writes met faults of the wrong kind",
		      m->wrong);
	w_unmap(m->w, m->slot[0].va, small_bytes(m));
	w_unmap(m->w, m->large, m->size);
	return lost;
}

/* ---- What goes on in between --------------------------------------------------------- */

/* Split and merge the large page. False: this hardware does not bear it. */
static bool split(struct migration *m)
{
	struct iommu_iotlb_gather gather;
	uint64_t half = m->large + m->size / 2;
	int rc;

	iommu_iotlb_gather_init(&gather);
	rc = iommu_cut(m->w->domain, half, GFP_KERNEL, &gather);
	w_end(m->w, &gather);
	return !rc;
}

static bool merge(struct migration *m)
{
	struct iommu_iotlb_gather gather;
	int rc;

	iommu_iotlb_gather_init(&gather);
	rc = iommu_grow_pages(m->w->domain, m->large, m->size, &gather);
	w_end(m->w, &gather);
	return !rc;
}

static bool protect(struct migration *m, uint64_t va, unsigned int prot)
{
	struct iommu_iotlb_gather gather;
	int rc;

	iommu_iotlb_gather_init(&gather);
	rc = iommu_set_prot(m->w->domain, va, walker_page(m->w), prot, &gather);
	w_end(m->w, &gather);
	return !rc;
}

/* Move a small page to another place, as an operating system does: write-protected. */
static bool move(struct migration *m, unsigned int i)
{
	uint64_t page = walker_page(m->w), va = m->slot[i].va & ~(page - 1);
	uint64_t old = iommu_iova_to_phys(m->w->domain, va);
	uint64_t first = data(page), second = first + 2 * small_bytes(m);
	struct iommu_run to = { old < second ? old - first + second
					     : old - second + first,
				page };
	uint64_t offset = m->slot[i].va - va;
	struct iommu_iotlb_gather gather;
	size_t replaced = 0;

	if (!protect(m, va, IOMMU_READ))
		return false;
	*guest_at(to.oa + offset) = *guest_at(old + offset);
	iommu_iotlb_gather_init(&gather);
	iommu_replace_list(m->w->domain, va, &to, 1, GFP_KERNEL, &gather,
			   &replaced);
	w_end(m->w, &gather);
	protect(m, va, RW);
	return replaced;
}

static void migrate(struct walker *w)
{
	struct migration m;
	unsigned int splits = 0, merges = 0, moves = 0, lost;

	if (!begin(&m, w))
		return;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		wait_writes(&m, 40);
		if (i % 3 == 0)
			splits += split(&m);
		else if (i % 3 == 1)
			merges += merge(&m);
		moves += move(&m, i % SMALL);
		round(&m);
	}
	lost = end(&m);
	check(true,
	      "%u rounds, %lu writes, of which %lu met a protected page; %u "
	      "splits, %u merges, %u moves",
	      ROUNDS, m.writes, m.refused, splits, merges, moves);
	check(!lost,
	      "last writes that the copy lacks: expected 0; there are %u",
	      lost);
}

static void write_once(struct migration *m)
{
	__atomic_store_n(&m->once, true, __ATOMIC_RELEASE);
}

static void wait_once(struct migration *m)
{
	while (__atomic_load_n(&m->once, __ATOMIC_ACQUIRE))
		machine_relax();
}

static struct migration *torn;

void walker_gap(void)
{
	if (torn) {
		write_once(torn);
		wait_once(torn);
	}
	torn = NULL;
}

/*
 * One split or merge that begins when the page is clean, while the second CPU is on its
 * way to it. No place is written twice: what was lost stays lost.
 */
static unsigned int one_race(struct walker *w,
			     bool (*change)(struct migration *m))
{
	struct migration m;

	if (!begin(&m, w))
		return 0;
	if (change == merge)
		split(&m);
	wait_writes(&m, 20);
	pause(&m, true);
	round(&m);
	if (walker_torn) {
		torn = &m;
	} else {
		write_once(&m);
		wait_writes(&m, 1);
	}
	change(&m);
	torn = NULL;
	wait_once(&m);
	return end(&m);
}

static void races(struct walker *w)
{
	unsigned int lost = 0, i;

	for (i = 0; i < RACES && !(walker_torn && lost); i++) {
		lost += one_race(w, split);
		lost += one_race(w, merge);
	}
	if (walker_torn)
		check(lost, "not atomic: expected lost writes; of %u times %u",
		      i, lost);
	else
		check(!lost, "%u times: expected no lost write; there are %u",
		      i, lost);
}

/* ---- The test can fail ------------------------------------------------------------------ */

/* Nobody flushes: the second CPU goes on without noting what it writes. */
static void no_sync(struct walker *w)
{
	struct iommu_iotlb_gather gather;
	struct migration m;
	unsigned int lost;

	if (!begin(&m, w))
		return;
	/* So few that they stay cached until the end */
	pause(&m, true);
	m.slots = 4;
	pause(&m, false);
	wait_writes(&m, 400);
	pause(&m, true);
	iommu_iotlb_gather_init(&gather);
	read_dirty(&m, 0, record, &gather);
	copy(&m);
	pause(&m, false);
	wait_writes(&m, 400);
	lost = end(&m);
	check(lost,
	      "last writes that the copy lacks: expected some; there are "
	      "%u",
	      lost);
}

/* What was dirty is read first, and cleared in a second go. */
static void two_goes(struct walker *w)
{
	struct iommu_iotlb_gather gather;
	struct migration m;
	unsigned int lost;

	if (!begin(&m, w))
		return;
	wait_writes(&m, 40);
	round(&m);
	iommu_iotlb_gather_init(&gather);
	read_dirty(&m, IOMMU_DIRTY_NO_CLEAR, record, &gather);
	wait_writes(&m, 400);
	pause(&m, true);
	copy(&m);
	pause(&m, false);
	wait_writes(&m, 400);
	pause(&m, true);
	read_dirty(&m, 0, record_nothing, &gather);
	w_end(m.w, &gather);
	lost = end(&m);
	check(lost,
	      "last writes that the copy lacks: expected some; there are "
	      "%u",
	      lost);
}

void battery_migrate(struct walker *w)
{
	walker_case(w, "no write is lost while pages change", migrate);
	walker_case(w, "no write is lost in a split or a merge", races);
	walker_case(w, "without the sync writes are lost", no_sync);
	walker_case(w, "read, and cleared later: writes are lost", two_goes);
}

void battery_torn(struct walker *w)
{
	walker_case(w, "a split that is not atomic loses writes", races);
}
