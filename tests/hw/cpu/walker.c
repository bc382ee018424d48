/* SPDX-License-Identifier: MIT */
/*
 * Walkers: opening and flushing, also on the other CPU, and what one access does.
 */
#include "walker.h"

/* torn.c has another value. */
__attribute__((weak)) bool walker_torn = false;

/* ---- Flushes ---------------------------------------------------------------- */

/*
 * What the first CPU wants the second to forget. The second looks between two of its
 * accesses, as it would be interrupted by a message between two instructions.
 */
static struct {
	bool online;
	unsigned int wanted, done; /* equal if there is nothing to do */
	uint64_t start, last;
	bool tables;
} other;

static void flush(struct walker *w, uint64_t start, uint64_t last, bool tables)
{
	w->flush(w, start, last, tables);
	if (w->broadcast || !__atomic_load_n(&other.online, __ATOMIC_ACQUIRE))
		return;
	other.start = start;
	other.last = last;
	other.tables = tables;
	__atomic_fetch_add(&other.wanted, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&other.done, __ATOMIC_ACQUIRE) != other.wanted)
		machine_relax();
}

void walker_poll(struct walker *w)
{
	if (__atomic_load_n(&other.wanted, __ATOMIC_ACQUIRE) == other.done)
		return;
	w->flush(w, other.start, other.last, other.tables);
	__atomic_fetch_add(&other.done, 1, __ATOMIC_RELEASE);
}

void walker_second(struct walker *w, bool on)
{
	if (on)
		w->use(w, true);
	__atomic_store_n(&other.online, on, __ATOMIC_SEQ_CST);
	if (!on)
		w->use(w, false);
}

void walker_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	if (!iommu_iotlb_gather_empty(gather) ||
	    !iommu_iotlb_gather_leaf_only(gather))
		flush(domain->owner, gather->start, gather->last,
		      !iommu_iotlb_gather_leaf_only(gather));
}

void walker_sync_all(struct iommu_domain *domain)
{
	flush(domain->owner, 0, ~(uint64_t)0, true);
}

/* ---- Life ---------------------------------------------------------------------- */

bool walker_open(struct walker *w)
{
	w->domain = w->init(w);
	if (!check(w->domain, "a table can be made"))
		return false;
	w->domain->owner = w;
	if (w->anchor && !check(!w->anchor(w), "the guest can be mapped")) {
		w->fini(w);
		return false;
	}
	w->use(w, true);
	return true;
}

void walker_close(struct walker *w)
{
	w->use(w, false);
	w->fini(w);
	check(!guest_tables(), "all tables are free again: %lu bytes are not",
	      guest_tables());
}

uint64_t walker_page(const struct walker *w)
{
	return w->domain->pgsize_bitmap & (0 - w->domain->pgsize_bitmap);
}

uint64_t walker_large(const struct walker *w)
{
	uint64_t rest = w->domain->pgsize_bitmap & ~walker_page(w);

	return rest & (0 - rest);
}

uint64_t walker_divisible(struct walker *w)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	for (uint64_t size = walker_large(w); size <= machine_data_size / 2;
	     size *= 2) {
		uint64_t va = w->base[0] & ~(size - 1);
		int rc;

		if (!(w->domain->pgsize_bitmap & size) || !va ||
		    !w_map(w, va, data(0), size, IOMMU_READ))
			continue;
		rc = iommu_cut(w->domain, va + size / 2, GFP_KERNEL, &gather);
		w_end(w, &gather);
		w_unmap(w, va, size);
		if (!rc)
			return size;
	}
	return walker_large(w);
}

uint64_t data(uint64_t offset)
{
	return machine_data + offset;
}

/* By the table's own ops: the core's calls keep to the aperture, the lower half. */
bool w_map(struct walker *w, uint64_t va, uint64_t pa, uint64_t len,
	   unsigned int prot)
{
	size_t mapped = 0;
	int rc = w->domain->ops->map_range(w->domain, va, pa, len, prot,
					   GFP_KERNEL, &mapped);

	return !rc || check(false, "map of %lx bytes at %lx: %d", len, va, rc);
}

void w_unmap(struct walker *w, uint64_t va, uint64_t len)
{
	struct iommu_iotlb_gather gather;
	uint64_t done = 0, bytes;

	iommu_iotlb_gather_init(&gather);
	do {
		bytes = w->domain->ops->unmap_range(w->domain, va + done,
						    len - done, &gather);
		done += bytes;
	} while (bytes && done < len);
	w_end(w, &gather);
	if (done != len)
		check(false, "unmap of %lx bytes at %lx: %lx", len, va, done);
}

void w_end(struct walker *w, struct iommu_iotlb_gather *gather)
{
	w->domain->ops->iotlb_sync(w->domain, gather);
	iommu_pages_list_put(&gather->freelist);
	iommu_iotlb_gather_init(gather);
}

/* ---- Accesses -------------------------------------------------------------------- */

static const char *name_of(unsigned int access)
{
	static const char *const names[] = {
		[CPU_READ] = "read",
		[CPU_WRITE] = "write",
		[CPU_EXEC] = "fetch",
		[CPU_USER | CPU_READ] = "user read",
		[CPU_USER | CPU_WRITE] = "user write",
		[CPU_USER | CPU_EXEC] = "user fetch",
	};

	return names[access];
}

/* What is read or written is never the same twice. */
static uint64_t unique(void)
{
	static uint64_t seed = 2026;

	return guest_random(&seed);
}

static bool faulted(const struct cpu_result *got, const char *what, uint64_t va)
{
	return check(false,
		     "%s at %lx: expected to succeed; the CPU: fault %lx at "
		     "%lx",
		     what, va, got->code, got->va);
}

bool reads_as(struct walker *w, unsigned int user, uint64_t va, uint64_t pa)
{
	unsigned int access = CPU_READ | user;
	uint64_t want = unique();
	struct cpu_result got;

	*guest_at(pa) = want;
	got = w->access(w, access, va, 0);
	if (got.fault)
		return faulted(&got, name_of(access), va);
	return check(got.value == want,
		     "%s at %lx: expected %lx of %lx; the CPU read %lx",
		     name_of(access), va, want, pa, got.value);
}

bool writes_as(struct walker *w, unsigned int user, uint64_t va, uint64_t pa)
{
	unsigned int access = CPU_WRITE | user;
	uint64_t want = unique();
	struct cpu_result got;

	*guest_at(pa) = ~want;
	got = w->access(w, access, va, want);
	if (got.fault)
		return faulted(&got, name_of(access), va);
	return check(*guest_at(pa) == want,
		     "%s at %lx: expected %lx in %lx; the CPU left %lx there",
		     name_of(access), va, want, pa, *guest_at(pa));
}

bool reads(struct walker *w, uint64_t va, uint64_t pa)
{
	return reads_as(w, 0, va, pa) &&
	       (!w->user || reads_as(w, CPU_USER, va, pa));
}

bool writes(struct walker *w, uint64_t va, uint64_t pa)
{
	return writes_as(w, 0, va, pa) &&
	       (!w->user || writes_as(w, CPU_USER, va, pa));
}

bool reaches(struct walker *w, uint64_t va, uint64_t pa)
{
	return reads(w, va, pa) && writes(w, va, pa);
}

bool runs(struct walker *w, unsigned int user, uint64_t va, uint64_t pa)
{
	unsigned int access = CPU_EXEC | user;
	struct cpu_result got;

	*guest_at(pa) = w->exec_insn[!!user];
	got = w->access(w, access, va, 0);
	if (got.fault)
		return faulted(&got, name_of(access), va);
	return check(true, "%s at %lx: the CPU has run what is in %lx",
		     name_of(access), va, pa);
}

bool refuses(struct walker *w, unsigned int access, uint64_t va,
	     unsigned int fault)
{
	struct cpu_result got = w->access(w, access, va, ~va);
	const char *why = fault == CPU_ABSENT   ? "not mapped"
			  : fault == CPU_DENIED ? "denied"
						: "out of range";

	if (!got.fault)
		return check(false,
			     "%s at %lx: expected a fault (%s); the CPU did it",
			     name_of(access), va, why);
	return check(got.fault & fault && got.va == va &&
			     got.access == (access & ~(unsigned int)CPU_USER),
		     "%s at %lx: expected a fault (%s); the CPU: %s fault %lx "
		     "at %lx",
		     name_of(access), va, why, name_of(got.access), got.code,
		     got.va);
}
