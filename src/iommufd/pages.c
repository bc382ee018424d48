/* SPDX-License-Identifier: MIT */
/*
 * Page storage. What is pinned is kept as runs of contiguous memory: a mapping of
 * 64 GiB from one huge file is one run. A range that is cut in two (one half is
 * copied to another IOAS) shares its runs, so that cutting costs O(log n).
 */
#include <stdlib.h>

#include "iommufd/container.h"
#include "iommufd/pages.h"

/**
 * struct iommufd_runs - physical memory of consecutive pages, immutable once it
 * is complete
 * @refs: ranges and cursors that use it; under the storage's lock
 * @nr: number of runs
 * @max: room for as many
 * @end: index behind the last page
 * @run: index of the first page of each run, and where that page is
 */
struct iommufd_runs {
	uint32_t refs;
	size_t nr;
	size_t max;
	uint64_t end;
	struct {
		uint64_t index;
		phys_addr_t pa;
	} run[];
};

/**
 * struct iommufd_pin - a range of pages with the same users
 * @range: indexes
 * @users: how many need it; 0 while @busy
 * @busy: being pinned or unpinned by some thread
 * @runs: where they are; NULL while being pinned
 */
struct iommufd_pin {
	struct iommufd_range range;
	uint64_t users;
	bool busy;
	struct iommufd_runs *runs;
};

#define PINS_AT_ONCE 64

static struct iommufd_pin *to_pin(struct iommufd_range *range)
{
	return iommufd_container(range, struct iommufd_pin, range);
}

struct iommufd_pages *iommufd_pages_new(struct uiommu_mem *mem,
					struct uiommu_account *account,
					uint64_t addr, uint64_t length,
					bool writable)
{
	struct iommufd_pages *pages = calloc(1, sizeof(*pages));

	if (!pages) {
		mem->ops->put(mem);
		account->ops->put(account);
		return NULL;
	}
	pages->refs = 1;
	pages->mem = mem;
	pages->account = account;
	pages->mode = UIOMMU_CHARGE_USER;
	pages->start = addr % UIOMMU_PAGE_SIZE;
	pages->base = addr - pages->start;
	pages->length = length;
	pages->writable = writable;
	pthread_mutex_init(&pages->lock, NULL);
	pthread_cond_init(&pages->changed, NULL);
	return pages;
}

void iommufd_pages_get(struct iommufd_pages *pages)
{
	__atomic_add_fetch(&pages->refs, 1, __ATOMIC_RELAXED);
}

void iommufd_pages_put(struct iommufd_pages *pages)
{
	if (__atomic_sub_fetch(&pages->refs, 1, __ATOMIC_ACQ_REL))
		return;
	pages->mem->ops->put(pages->mem);
	pages->account->ops->put(pages->account);
	if (pages->heir)
		pages->heir->ops->put(pages->heir);
	pthread_cond_destroy(&pages->changed);
	pthread_mutex_destroy(&pages->lock);
	free(pages);
}

/* ---- Who pays ----------------------------------------------------- */

static int charge(const struct iommufd_pages *pages,
		  struct uiommu_account *account, int64_t count)
{
	return account->ops->charge(account, pages->mode, count);
}

/* @count pages more are going to be pinned. Locked. */
static int pages_charge(struct iommufd_pages *pages, uint64_t count)
{
	int64_t n = (int64_t)count;
	int rc;

	rc = charge(pages, pages->account, n);
	if (rc)
		return rc;
	if (pages->heir)
		rc = charge(pages, pages->heir, n);
	if (rc)
		charge(pages, pages->account, -n);
	else
		pages->charged += n;
	return rc;
}

/* @count pages are not pinned any more. Locked. */
static void pages_uncharge(struct iommufd_pages *pages, uint64_t count)
{
	charge(pages, pages->account, -(int64_t)count);
	if (pages->heir)
		charge(pages, pages->heir, -(int64_t)count);
	pages->charged -= (int64_t)count;
}

/* Who does not pay gets everything back. Locked. */
static void release_from(struct iommufd_pages *pages,
			 struct uiommu_account *account)
{
	charge(pages, account, -pages->charged);
	account->ops->put(account);
}

int iommufd_pages_offer(struct iommufd_pages *pages,
			struct uiommu_account *heir)
{
	int rc = 0;

	pthread_mutex_lock(&pages->lock);
	/* What an earlier offer has left, when it lost sight of this storage. */
	if (pages->heir && pages->heir != heir) {
		release_from(pages, pages->heir);
		pages->heir = NULL;
	}
	if (!pages->heir && pages->account != heir) {
		rc = charge(pages, heir, pages->charged);
		if (!rc) {
			heir->ops->get(heir);
			pages->heir = heir;
		}
	}
	pthread_mutex_unlock(&pages->lock);
	return rc;
}

void iommufd_pages_inherit(struct iommufd_pages *pages,
			   struct uiommu_account *heir, bool accept)
{
	pthread_mutex_lock(&pages->lock);
	if (pages->heir == heir) {
		release_from(pages, accept ? pages->account : heir);
		if (accept)
			pages->account = heir;
		pages->heir = NULL;
	}
	pthread_mutex_unlock(&pages->lock);
}

/* ---- Runs --------------------------------------------------------- */

static void runs_put(struct iommufd_runs *runs)
{
	if (runs && !--runs->refs)
		free(runs);
}

/* The run that holds page @index. */
static size_t runs_find(const struct iommufd_runs *runs, uint64_t index)
{
	size_t low = 0, high = runs->nr, middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (runs->run[middle].index <= index)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Index behind the last page of run @i. */
static uint64_t runs_end(const struct iommufd_runs *runs, size_t i)
{
	return i + 1 < runs->nr ? runs->run[i + 1].index : runs->end;
}

/* Where page @index of run @i is. */
static phys_addr_t runs_pa(const struct iommufd_runs *runs, size_t i,
			   uint64_t index)
{
	return runs->run[i].pa +
	       (index - runs->run[i].index) * UIOMMU_PAGE_SIZE;
}

/* Add @run behind what is there, as part of its last run if it continues it. */
static int runs_append(struct iommufd_runs **runsp,
		       const struct uiommu_run *run)
{
	struct iommufd_runs *runs = *runsp;
	size_t max;

	if (!runs->nr || runs_pa(runs, runs->nr - 1, runs->end) != run->pa) {
		if (runs->nr == runs->max) {
			max = runs->max * 2;
			runs = realloc(runs,
				       sizeof(*runs) +
					       max * sizeof(runs->run[0]));
			if (!runs)
				return -ENOMEM;
			runs->max = max;
			*runsp = runs;
		}
		runs->run[runs->nr].index = runs->end;
		runs->run[runs->nr].pa = run->pa;
		runs->nr++;
	}
	runs->end += run->len / UIOMMU_PAGE_SIZE;
	return 0;
}

static struct iommufd_runs *runs_new(uint64_t index)
{
	const size_t max = 1;
	struct iommufd_runs *runs;

	runs = malloc(sizeof(*runs) + max * sizeof(runs->run[0]));
	if (!runs)
		return NULL;
	runs->refs = 1;
	runs->nr = 0;
	runs->max = max;
	runs->end = index;
	return runs;
}

/* Unpin the pages [@first, @last]. */
static void runs_unpin(struct iommufd_pages *pages,
		       const struct iommufd_runs *runs, uint64_t first,
		       uint64_t last)
{
	size_t i = runs_find(runs, first);
	uint64_t end;

	for (; first <= last; first = end, i++) {
		end = runs_end(runs, i);
		if (end > last + 1)
			end = last + 1;
		pages->mem->ops->unpin(pages->mem, runs_pa(runs, i, first),
				       (end - first) * UIOMMU_PAGE_SIZE);
	}
}

/*
 * Pin some of the pages from @runs->end up to @last, at least one. What cannot be
 * remembered is unpinned again.
 */
static int runs_pin_some(struct iommufd_pages *pages,
			 struct iommufd_runs **runs, uint64_t last)
{
	struct uiommu_run run[PINS_AT_ONCE];
	uint64_t first = (*runs)->end;
	int n, i, rc = 0;

	n = pages->mem->ops->pin(pages->mem,
				 pages->base + first * UIOMMU_PAGE_SIZE,
				 (last - first + 1) * UIOMMU_PAGE_SIZE,
				 pages->writable, run, PINS_AT_ONCE);
	if (n < 0)
		return n;
	for (i = 0; i != n && !rc; i++)
		rc = runs_append(runs, &run[i]);
	if (!rc)
		return 0;
	for (i--; i != n; i++)
		pages->mem->ops->unpin(pages->mem, run[i].pa, run[i].len);
	return rc;
}

/* Pin the pages [@first, @last]. */
static int runs_pin(struct iommufd_pages *pages, uint64_t first, uint64_t last,
		    struct iommufd_runs **out)
{
	struct iommufd_runs *runs;
	int rc = 0;

	runs = runs_new(first);
	if (!runs)
		return -ENOMEM;
	while (runs->end <= last && !rc)
		rc = runs_pin_some(pages, &runs, last);
	if (!rc) {
		*out = runs;
		return 0;
	}
	if (runs->end != first)
		runs_unpin(pages, runs, first, runs->end - 1);
	free(runs);
	return rc;
}

/* ---- Ranges of pages ---------------------------------------------- */

/* @pin ends before @index from now on; a new one begins there. Locked. */
static int pin_split(struct iommufd_pages *pages, struct iommufd_pin *pin,
		     uint64_t index)
{
	struct iommufd_pin *tail = malloc(sizeof(*tail));

	if (!tail)
		return -ENOMEM;
	*tail = *pin;
	tail->range.start = index;
	tail->runs->refs++;
	iommufd_range_set_last(&pin->range, index - 1);
	iommufd_range_insert(&pages->pins, &tail->range);
	return 0;
}

/* One more user of [@first, @last of it], where @pin stands. Locked. */
static int pin_share(struct iommufd_pages *pages, struct iommufd_pin *pin,
		     uint64_t first, uint64_t last, uint64_t *end)
{
	if (pin->range.start < first) {
		*end = first;
		return pin_split(pages, pin, first);
	}
	if (pin->range.last > last) {
		*end = first;
		return pin_split(pages, pin, last + 1);
	}
	pin->users++;
	*end = pin->range.last + 1;
	return 0;
}

/* Pin the hole [@first, @last]. Locked, but not while pinning. */
static int pin_hole(struct iommufd_pages *pages, uint64_t first, uint64_t last)
{
	struct iommufd_pin *pin = malloc(sizeof(*pin));
	struct iommufd_runs *runs = NULL;
	int rc;

	if (!pin)
		return -ENOMEM;
	rc = pages_charge(pages, last - first + 1);
	if (rc) {
		free(pin);
		return rc;
	}
	*pin = (struct iommufd_pin){ .busy = true };
	pin->range.start = first;
	pin->range.last = last;
	iommufd_range_insert(&pages->pins, &pin->range);
	pthread_mutex_unlock(&pages->lock);
	rc = runs_pin(pages, first, last, &runs);
	pthread_mutex_lock(&pages->lock);
	if (rc) {
		pages_uncharge(pages, last - first + 1);
		iommufd_range_erase(&pages->pins, &pin->range);
		free(pin);
	} else {
		pin->busy = false;
		pin->users = 1;
		pin->runs = runs;
	}
	pthread_cond_broadcast(&pages->changed);
	return rc;
}

/* Pin from @first on, up to *@end at most, which becomes how far it went. */
static int pin_step(struct iommufd_pages *pages, uint64_t first, uint64_t last,
		    uint64_t *end)
{
	struct iommufd_range *range;
	int rc;

	range = iommufd_range_first(&pages->pins, first, last);
	if (range && range->start > first) {
		last = range->start - 1;
		range = NULL;
	}
	*end = first;
	if (!range) {
		rc = pin_hole(pages, first, last);
		if (!rc)
			*end = last + 1;
		return rc;
	}
	if (!to_pin(range)->busy)
		return pin_share(pages, to_pin(range), first, last, end);
	pthread_cond_wait(&pages->changed, &pages->lock);
	return 0;
}

/* One user less of @pin. Locked, but not while unpinning. */
static void pin_release(struct iommufd_pages *pages, struct iommufd_pin *pin)
{
	uint64_t first = pin->range.start, last = pin->range.last;

	if (--pin->users)
		return;
	pin->busy = true;
	pthread_mutex_unlock(&pages->lock);
	runs_unpin(pages, pin->runs, first, last);
	pthread_mutex_lock(&pages->lock);
	pages_uncharge(pages, last - first + 1);
	iommufd_range_erase(&pages->pins, &pin->range);
	runs_put(pin->runs);
	free(pin);
	pthread_cond_broadcast(&pages->changed);
}

/*
 * [@first, @last] was pinned by the caller, and pinning cut whatever crossed its
 * borders: it consists of whole ranges.
 */
static void unpin_locked(struct iommufd_pages *pages, uint64_t first,
			 uint64_t last)
{
	struct iommufd_pin *pin;

	while (first <= last) {
		pin = to_pin(iommufd_range_first(&pages->pins, first, last));
		first = pin->range.last + 1;
		pin_release(pages, pin);
	}
}

/* Is there less of the file? */
static bool beyond_end(const struct iommufd_pages *pages, uint64_t offset,
		       uint64_t length)
{
	return pages->file && pages->base + offset + length > pages->limit;
}

int iommufd_pages_pin(struct iommufd_pages *pages, uint64_t offset,
		      uint64_t length)
{
	uint64_t first = offset / UIOMMU_PAGE_SIZE;
	uint64_t last = (offset + length - 1) / UIOMMU_PAGE_SIZE;
	uint64_t at = first;
	int rc = 0;

	if (beyond_end(pages, offset, length))
		return -EINVAL;
	pthread_mutex_lock(&pages->lock);
	while (at <= last && !rc)
		rc = pin_step(pages, at, last, &at);
	if (rc && at != first)
		unpin_locked(pages, first, at - 1);
	pthread_mutex_unlock(&pages->lock);
	return rc;
}

void iommufd_pages_unpin(struct iommufd_pages *pages, uint64_t offset,
			 uint64_t length)
{
	pthread_mutex_lock(&pages->lock);
	unpin_locked(pages, offset / UIOMMU_PAGE_SIZE,
		     (offset + length - 1) / UIOMMU_PAGE_SIZE);
	pthread_mutex_unlock(&pages->lock);
}

int iommufd_pages_cut(struct iommufd_pages *pages, uint64_t offset)
{
	uint64_t index = offset / UIOMMU_PAGE_SIZE;
	struct iommufd_pin *pin;
	int rc = 0;

	pthread_mutex_lock(&pages->lock);
	pin = to_pin(iommufd_range_first(&pages->pins, index, index));
	if (pin->range.start < index)
		rc = pin_split(pages, pin, index);
	pthread_mutex_unlock(&pages->lock);
	return rc;
}

/* ---- Copying ------------------------------------------------------ */

/* Copy the bytes [@at, @at + @len) of storage that is pinned. */
static int copy_pinned(struct iommufd_pages *pages, uint64_t at, void *buf,
		       uint64_t len, bool write)
{
	struct iommufd_cursor cursor;
	phys_addr_t pa;
	uint64_t n;
	int rc = 0;

	iommufd_cursor_init(&cursor, pages, at, len);
	while (!rc && iommufd_cursor_next(&cursor, &pa, &n)) {
		rc = pages->mem->ops->copy(pages->mem, pa, buf, n, write);
		buf = (uint8_t *)buf + n;
	}
	iommufd_cursor_fini(&cursor);
	return rc;
}

/* Copy some of the bytes [@at, @at + *@len), pinning their pages meanwhile. */
static int copy_unpinned(struct iommufd_pages *pages, uint64_t at, void *buf,
			 uint64_t *len, bool write)
{
	uint64_t inside = at % UIOMMU_PAGE_SIZE, span;
	struct uiommu_run run;
	int rc;

	span = (inside + *len + UIOMMU_PAGE_SIZE - 1) & ~(UIOMMU_PAGE_SIZE - 1);
	rc = pages->mem->ops->pin(pages->mem, pages->base + at - inside, span,
				  pages->writable, &run, 1);
	if (rc < 0)
		return rc;
	if (*len > run.len - inside)
		*len = run.len - inside;
	rc = pages->mem->ops->copy(pages->mem, run.pa + inside, buf, *len,
				   write);
	pages->mem->ops->unpin(pages->mem, run.pa, run.len);
	return rc;
}

/*
 * Copy from @at on, where one way to do it lasts. What is pinned gets another user
 * meanwhile. Locked on entry and return.
 */
static int copy_step(struct iommufd_pages *pages, uint64_t at, void *buf,
		     uint64_t *len, bool write)
{
	uint64_t first = at / UIOMMU_PAGE_SIZE, most, last;
	struct iommufd_range *range;
	bool pinned;
	int rc;

	last = (at + *len - 1) / UIOMMU_PAGE_SIZE;
	range = iommufd_range_first(&pages->pins, first, last);
	pinned = range && range->start <= first;
	if (pinned && to_pin(range)->busy) {
		*len = 0;
		pthread_cond_wait(&pages->changed, &pages->lock);
		return 0;
	}
	if (range) {
		first = range->start;
		last = range->last;
		most = (pinned ? last + 1 : first) * UIOMMU_PAGE_SIZE - at;
		if (*len > most)
			*len = most;
	}
	if (pinned)
		to_pin(range)->users++;
	pthread_mutex_unlock(&pages->lock);
	rc = pinned ? copy_pinned(pages, at, buf, *len, write)
		    : copy_unpinned(pages, at, buf, len, write);
	pthread_mutex_lock(&pages->lock);
	if (pinned)
		unpin_locked(pages, first, last);
	return rc;
}

int iommufd_pages_rw(struct iommufd_pages *pages, uint64_t offset, void *buf,
		     uint64_t length, bool write)
{
	uint64_t n;
	int rc = 0;

	pthread_mutex_lock(&pages->lock);
	for (; length && !rc; length -= n, offset += n) {
		n = length;
		rc = copy_step(pages, offset, buf, &n, write);
		buf = (uint8_t *)buf + n;
	}
	pthread_mutex_unlock(&pages->lock);
	return rc;
}

/* ---- Walks -------------------------------------------------------- */

void iommufd_cursor_init(struct iommufd_cursor *cursor,
			 struct iommufd_pages *pages, uint64_t offset,
			 uint64_t length)
{
	*cursor = (struct iommufd_cursor){
		.pages = pages,
		.at = offset,
		.end = offset + length,
	};
}

/* Find the runs for page @index. Others may cut the range, not remove it. */
static void cursor_load(struct iommufd_cursor *cursor, uint64_t index)
{
	struct iommufd_pages *pages = cursor->pages;
	struct iommufd_pin *pin;

	pthread_mutex_lock(&pages->lock);
	runs_put(cursor->runs);
	pin = to_pin(iommufd_range_first(&pages->pins, index, index));
	cursor->runs = pin->runs;
	cursor->runs->refs++;
	cursor->last = pin->range.last;
	pthread_mutex_unlock(&pages->lock);
	cursor->run = runs_find(cursor->runs, index);
}

bool iommufd_cursor_next(struct iommufd_cursor *cursor, phys_addr_t *pa,
			 uint64_t *len)
{
	uint64_t index = cursor->at / UIOMMU_PAGE_SIZE;
	uint64_t inside = cursor->at % UIOMMU_PAGE_SIZE;
	uint64_t end;

	if (cursor->at == cursor->end)
		return false;
	if (!cursor->runs || index > cursor->last)
		cursor_load(cursor, index);
	end = runs_end(cursor->runs, cursor->run);
	if (end > cursor->last + 1)
		end = cursor->last + 1;
	*pa = runs_pa(cursor->runs, cursor->run, index) + inside;
	*len = (end - index) * UIOMMU_PAGE_SIZE - inside;
	if (*len > cursor->end - cursor->at)
		*len = cursor->end - cursor->at;
	cursor->at += *len;
	cursor->run++;
	return true;
}

void iommufd_cursor_fini(struct iommufd_cursor *cursor)
{
	pthread_mutex_lock(&cursor->pages->lock);
	runs_put(cursor->runs);
	pthread_mutex_unlock(&cursor->pages->lock);
}
