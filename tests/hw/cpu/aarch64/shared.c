/* SPDX-License-Identifier: MIT */
/*
 * One table for two walkers: the processor's second stage and an SMMU's. Each access of
 * the battery is done by both, and both must fare the same.
 */
#include "../walker.h"
#include "dma.h"
#include "mmu.h"
#include "walk.h"

#define RW (IOMMU_READ | IOMMU_WRITE)

/**
 * struct shared - the SMMU, its device, and a domain that the processor has, too
 * @reach: bits of the addresses that the device is tried with
 * @dirty: the processor keeps dirty state; then the device does not write, see
 *	clean_is_read_only()
 * @tell: processors are told what to forget; off to show that they have to be
 * @window: where the device reaches @memory in the domain
 */
static struct shared {
	struct walker walker;
	unsigned int granule_lg2;
	unsigned int bits;
	unsigned int reach;
	bool dirty;
	struct smmuv3 smmu;
	struct smmuv3_dev dev;
	struct iommu_group group;
	struct smmuv3_domain domain;
	struct smmuv3_share share;
	struct regime regime;
	bool tell;
	uint64_t window;
} shared;

/* What the device's own memory is filled from and shown in */
static volatile uint64_t memory[EL1_PAGE_SIZE / 8]
	__attribute__((aligned(EL1_PAGE_SIZE)));

/* ---- The device, as the processor ----------------------------------------------- */

static void load_device(uint64_t value)
{
	memory[0] = value;
	dma_read(shared.window, 8);
}

static uint64_t show_device(void)
{
	memory[0] = 0;
	dma_write(shared.window, 8);
	return memory[0];
}

/* What the SMMU has recorded: an enum cpu_fault, 0 if it has nothing to say. */
static unsigned int smmu_fault(uint64_t va, unsigned int access)
{
	static const unsigned int faults[] = {
		[IOMMU_HW_RANGE] = CPU_RANGE,
		[IOMMU_HW_NOT_PRESENT] = CPU_ABSENT | CPU_RANGE,
		[IOMMU_HW_PERMISSION] = CPU_DENIED,
		[IOMMU_HW_OTHER] = 0,
	};
	const unsigned int wanted = access == CPU_WRITE ? IOMMU_PAGE_WRITE
							: IOMMU_PAGE_READ;
	struct iommu_hw_fault fault;
	unsigned int seen = 0;
	bool lost;

	/* Of 8 bytes in two pages there are two. */
	while (smmuv3_next_fault(&shared.smmu, &fault, &lost)) {
		check(fault.rid == DMA_SID && fault.iova - va < 8 &&
			      (fault.access & (IOMMU_PAGE_READ |
					       IOMMU_PAGE_WRITE)) == wanted &&
			      faults[fault.reason],
		      "the SMMU's record: device %x, %lx, access %x, code %x",
		      fault.rid, fault.iova, fault.access, fault.code);
		seen |= faults[fault.reason];
	}
	return seen;
}

/*
 * The processor read @cpu->value there, or could not: so must the device, which has
 * what it had or zeros then.
 */
static void device_reads(uint64_t va, const struct cpu_result *cpu)
{
	const uint64_t nothing = 0x6e6f7468696e6721;
	unsigned int fault;
	uint64_t value;

	load_device(nothing);
	dma_read(va, 8);
	fault = smmu_fault(va, CPU_READ);
	value = show_device();
	if (!cpu->fault)
		check(!fault && value == cpu->value,
		      "DMA from %lx: expected %lx; the device has %lx", va,
		      cpu->value, value);
	else
		check((value == nothing || !value) &&
			      (!fault || fault & cpu->fault),
		      "DMA from %lx: expected to be blocked; fault %x, the "
		      "device has %lx",
		      va, fault, value);
}

/* The processor wrote @value there: the device finds it, and puts it there again. */
static void device_writes(uint64_t va, uint64_t value)
{
	struct cpu_result cpu = { .value = value };

	device_reads(va, &cpu);
	load_device(~value);
	dma_write(va, 8);
	check(!smmu_fault(va, CPU_WRITE), "DMA to %lx: no fault", va);
	cpu = mmu_access(&shared.regime, CPU_READ, va, 0);
	check(!cpu.fault && cpu.value == ~value,
	      "DMA to %lx: expected %lx there; the CPU read %lx", va, ~value,
	      cpu.value);
	load_device(value);
	dma_write(va, 8);
}

/*
 * The processor could not write there. What it can read has not changed. Where it can
 * read the SMMU may know that already, and refuses without a record; nor has it one of
 * addresses that are wider than what it puts out.
 */
#define SMMU_BITS 44

static void device_cannot_write(uint64_t va, const struct cpu_result *cpu)
{
	struct cpu_result was = mmu_access(&shared.regime, CPU_READ, va, 0), is;
	unsigned int fault;

	load_device(~was.value);
	dma_write(va, 8);
	fault = smmu_fault(va, CPU_WRITE);
	is = mmu_access(&shared.regime, CPU_READ, va, 0);
	check((!fault || fault & cpu->fault) && was.value == is.value &&
		      (fault || !was.fault || va >> SMMU_BITS),
	      "DMA to %lx: expected to be blocked; fault %x, %lx became %lx",
	      va, fault, was.value, is.value);
}

/* ---- The walker ---------------------------------------------------------------- */

static struct cpu_result access(struct walker *w, unsigned int access,
				uint64_t va, uint64_t value)
{
	struct cpu_result cpu = mmu_access(&shared.regime, access, va, value);

	if (access == CPU_READ)
		device_reads(va, &cpu);
	else if (access == CPU_WRITE && !cpu.fault && !shared.dirty)
		device_writes(va, value);
	else if (access == CPU_WRITE && cpu.fault)
		device_cannot_write(va, &cpu);
	return cpu;
}

static void share_sync(const struct smmuv3_share *share,
		       struct smmuv3_domain *domain,
		       const struct iommu_iotlb_gather *gather)
{
	if (!shared.tell)
		return;
	if (gather && !iommu_iotlb_gather_empty(gather))
		regime_flush(&shared.regime, gather->start, gather->last,
			     iommu_iotlb_gather_leaf_only(gather));
	else
		regime_flush_all(&shared.regime);
}

static bool start_smmu(void)
{
	const struct smmuv3_config config = { .stream_bits = 0 };

	shared.smmu = (struct smmuv3){ .stream_bits = 0 };
	shared.dev = (struct smmuv3_dev){ .sid = 0 };
	iommu_group_init(&shared.group);
	return !smmuv3_init(&shared.smmu, dma_smmu(), &config) &&
	       !smmuv3_dev_init(&shared.dev, &shared.smmu, DMA_SID, 0) &&
	       !iommu_dev_add(&shared.dev.dev, &shared.group) &&
	       !iommu_group_claim(&shared.group, &shared);
}

static struct iommu_domain *init(struct walker *w)
{
	const struct smmuv3_domain_config config = {
		.stage = SMMUV3_STAGE2,
		.granule_lg2 = shared.granule_lg2,
		.va_bits = shared.bits,
		.dirty = shared.dirty,
		.share = &shared.share,
	};
	struct smmuv3_processor processor;
	int rc;

	if (!start_smmu())
		return NULL;
	shared.tell = true;
	shared.share.features = mmu_features(true);
	shared.share.sync = share_sync;
	shared.domain = (struct smmuv3_domain){ .cd = NULL };
	rc = smmuv3_domain_init(&shared.domain, &shared.smmu, &config);
	if (!check(!rc, "the driver makes a domain to share: %d", rc))
		return NULL;
	smmuv3_domain_processor(&shared.domain, &processor);
	shared.regime = (struct regime){ .granule_lg2 = shared.granule_lg2,
					 .vttbr = processor.vttbr,
					 .vtcr = processor.vtcr,
					 .hcr = processor.hcr };
	regime_stage2(&shared.regime);
	rc = iommu_attach(&shared.group, &shared.domain.domain);
	check(!rc, "the device is attached to it: %d", rc);
	return &shared.domain.domain;
}

static void fini(struct walker *w)
{
	check(!smmu_fault(0, CPU_READ), "there is no other fault record");
	iommu_detach(&shared.group);
	smmuv3_domain_fini(&shared.domain);
	iommu_group_release(&shared.group);
	iommu_dev_remove(&shared.dev.dev);
	smmuv3_dev_fini(&shared.dev);
	smmuv3_fini(&shared.smmu);
}

/* The window is never clean: a device without dirty state could not write there. */
static int anchor(struct walker *w)
{
	const struct iommu_dirty_ops *dirty = w->domain->dirty_ops;
	int rc = mmu_anchor(&shared.regime, w->domain);

	shared.window = (1ull << shared.reach) - 2 * EL1_PAGE_SIZE;
	if (!rc)
		rc = iommu_map(w->domain, shared.window, (uintptr_t)memory,
			       EL1_PAGE_SIZE, RW | IOMMU_CACHE, GFP_KERNEL);
	for (uint64_t at = 0; !rc && dirty && at < EL1_PAGE_SIZE;
	     at += walker_page(w))
		rc = dirty->set_dirty(w->domain, shared.window + at);
	return rc;
}

static void use(struct walker *w, bool on)
{
	mmu_use(&shared.regime, on);
}

static void flush(struct walker *w, uint64_t start, uint64_t last, bool tables)
{
	mmu_flush(&shared.regime, start, last, tables);
}

static uint64_t *item(struct walker *w, uint64_t va)
{
	return arm_walk(&shared.regime, va);
}

/* ---- What only two can show ------------------------------------------------------- */

/* A device that is detached is blocked, wherever the processor may go. */
static void detached(struct walker *w)
{
	uint64_t va = w->base[0];

	w_map(w, va, data(0), walker_page(w), RW);
	reaches(w, va, data(0));
	iommu_detach(&shared.group);
	check(true, "detached");
	check(!mmu_access(&shared.regime, CPU_WRITE, va, 1).fault,
	      "write at %lx: the CPU did it", va);
	*guest_at(data(0)) = 2;
	dma_write(va, 8);
	check(*guest_at(data(0)) == 2, "DMA to %lx is blocked", va);
	check(!iommu_attach(&shared.group, w->domain), "attached again");
	reaches(w, va, data(0));
	w_unmap(w, va, walker_page(w));
}

/*
 * Each has a cache of its own, and has to be told by itself. The driver tells both; if
 * either is left out it is seen.
 */
static void both_are_told(struct walker *w)
{
	uint64_t page = walker_page(w), va = w->base[0];
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	w_map(w, va, data(0), page, RW);
	reaches(w, va, data(0));
	iommu_unmap(w->domain, va, page, &gather);
	regime_flush(&shared.regime, va, va + page - 1, false);
	check(mmu_access(&shared.regime, CPU_READ, va, 0).fault,
	      "unmapped, and only the CPU told: it faults");
	load_device(0x1234);
	dma_write(va, 8);
	check(*guest_at(data(0)) == 0x1234, "DMA still gets there");
	w_end(w, &gather);
	refuses(w, CPU_WRITE, va, CPU_ABSENT);

	w_map(w, va, data(0), page, RW);
	reaches(w, va, data(0));
	iommu_unmap(w->domain, va, page, &gather);
	shared.tell = false;
	w->domain->ops->iotlb_sync(w->domain, &gather);
	shared.tell = true;
	check(!mmu_access(&shared.regime, CPU_WRITE, va, 0x5678).fault &&
		      *guest_at(data(0)) == 0x5678,
	      "unmapped, and only the SMMU told: the CPU still gets there");
	dma_write(va, 8);
	check(smmu_fault(va, CPU_WRITE) && *guest_at(data(0)) == 0x5678,
	      "DMA is blocked");
	w_end(w, &gather);
	refuses(w, CPU_WRITE, va, CPU_ABSENT);
}

struct seen {
	uint64_t va;
	size_t bytes;
};

static void record(void *arg, dma_addr_t va, size_t length)
{
	struct seen *seen = arg;

	seen->va = va;
	seen->bytes += length;
}

static struct seen read_dirty(struct walker *w, uint64_t va, uint64_t len)
{
	struct iommu_iotlb_gather gather;
	struct seen seen = { .va = 0 };
	struct iommu_dirty_bitmap bitmap = { .record = record,
					     .arg = &seen,
					     .gather = &gather };

	iommu_iotlb_gather_init(&gather);
	check(!w->domain->dirty_ops->read_and_clear_dirty(w->domain, va, len, 0,
							  &bitmap),
	      "dirty bits are read and cleared");
	w_end(w, &gather);
	return seen;
}

/*
 * Dirty state is the processor's alone: what it has not written since it was cleared, a
 * device may not write, for whose writes nobody would know of.
 */
static void clean_is_read_only(struct walker *w)
{
	uint64_t page = walker_page(w), va = w->base[0];
	struct seen seen;

	w_map(w, va, data(page), 2 * page, RW);
	read_dirty(w, va, 2 * page);
	for (unsigned int round = 0; round < 3; round++) {
		*guest_at(data(page)) = 7;
		load_device(8);
		dma_write(va, 8);
		check(smmu_fault(va, CPU_WRITE) == CPU_DENIED &&
			      *guest_at(data(page)) == 7,
		      "clean: DMA to %lx is refused", va);
		check(!mmu_access(&shared.regime, CPU_WRITE, va, 9).fault,
		      "the CPU writes there");
		dma_write(va, 8);
		check(!smmu_fault(va, CPU_WRITE) && *guest_at(data(page)) == 8,
		      "dirty: DMA gets there");
		seen = read_dirty(w, va, 2 * page);
		check(seen.va == va && seen.bytes == page,
		      "dirty: expected %lx bytes at %lx; %lx at %lx", page, va,
		      seen.bytes, seen.va);
	}
	w_unmap(w, va, 2 * page);
}

/* ---- All of them ------------------------------------------------------------------ */

static void battery(const char *name, unsigned int granule_lg2,
		    unsigned int bits, unsigned int reach, bool dirty)
{
	uint64_t size = 1ull << reach;

	shared.granule_lg2 = granule_lg2;
	shared.bits = bits;
	shared.reach = reach;
	shared.dirty = dirty;
	shared.walker = (struct walker){
		.name = name,
		.exec = true,
		.dirty = dirty,
		.accessed = 1 << 10,
		.broadcast = true,
		.exec_insn = { 0xd4000002, 0xd4000001 },
		.outside = 1ull << bits,
		.init = init,
		.fini = fini,
		.anchor = anchor,
		.use = use,
		.access = access,
		.flush = flush,
		.item = item,
	};
	for (unsigned int i = 0; i < WALKER_BASES; i++)
		shared.walker.base[i] = size / 6 * (i + 1) & ~(size / 64 - 1);
	walker_battery(&shared.walker);
	walker_case(&shared.walker, "a device that is detached", detached);
	if (dirty)
		walker_case(&shared.walker,
			    "what is clean is read-only for a device",
			    clean_is_read_only);
	else
		walker_case(&shared.walker,
			    "each of both is told what to forget",
			    both_are_told);
}

/*
 * The SMMU puts out 44 bits. Of several tables on top QEMU's (10.0) walks the first
 * only: what goes through another ends up in it.
 */
void machine_main(void)
{
	tap_begin("shared", "the device");
	check(dma_init(), "there is an edu at 00:02.0");
	tap_end();
	battery("shared, 4K, 44 bits", 12, 44, 44, false);
	battery("shared, 4K, 40 bits, 2 tables on top", 12, 40, 39, false);
	battery("shared, 16K, 44 bits", 14, 44, 44, false);
	battery("shared, 64K, 42 bits", 16, 42, 42, false);
	battery("shared, 4K, 44 bits, dirty", 12, 44, 44, true);
	battery("shared, 64K, 42 bits, dirty", 16, 42, 42, true);
}
