/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <inttypes.h>
#include <uiommu/iommu_gather.h>
#include <string.h>

#define RW (IOMMU_READ | IOMMU_WRITE)

/* ---- The driver's hardware ------------------------------------------ */

static struct rig *to_rig(struct iommu_hw *hw)
{
	return (struct rig *)((char *)hw - offsetof(struct rig, hw));
}

static void step(struct iommu_hw *hw)
{
	struct rig *rig = to_rig(hw);

	rig->steps++;
	if (rig->step)
		rig->step(rig);
}

static uint32_t hw_read32(struct iommu_hw *hw, uint32_t reg)
{
	return qtest_readl(&to_rig(hw)->q, to_rig(hw)->regs + reg);
}

static uint64_t hw_read64(struct iommu_hw *hw, uint32_t reg)
{
	return qtest_readq(&to_rig(hw)->q, to_rig(hw)->regs + reg);
}

static void hw_write32(struct iommu_hw *hw, uint32_t reg, uint32_t value)
{
	if (!to_rig(hw)->mute)
		qtest_writel(&to_rig(hw)->q, to_rig(hw)->regs + reg, value);
	step(hw);
}

static void hw_write64(struct iommu_hw *hw, uint32_t reg, uint64_t value)
{
	if (!to_rig(hw)->mute)
		qtest_writeq(&to_rig(hw)->q, to_rig(hw)->regs + reg, value);
	step(hw);
}

static void hw_store64(struct iommu_hw *hw, uint64_t *p, uint64_t value)
{
	__atomic_store_n(p, value, __ATOMIC_RELEASE);
	step(hw);
}

/* The emulation looks only when it is asked to: between two calls of ours. */
static void hw_store128(struct iommu_hw *hw, uint64_t *p, uint64_t lo,
			uint64_t hi)
{
	p[0] = lo;
	__atomic_store_n(p + 1, hi, __ATOMIC_RELEASE);
	step(hw);
}

static bool hw_relax(struct iommu_hw *hw, unsigned int spins)
{
	return spins < 1000;
}

static void hw_broken(struct iommu_hw *hw, int error, const char *what)
{
	if (!to_rig(hw)->mute)
		fail_msg("%s (%d)", what, error);
	print_message("# the driver says: %s (%d)\n", what, error);
}

static const struct iommu_hw_ops hw_ops = {
	.read32 = hw_read32,
	.read64 = hw_read64,
	.write32 = hw_write32,
	.write64 = hw_write64,
	.store64 = hw_store64,
	.store128 = hw_store128,
	.relax = hw_relax,
	.broken = hw_broken,
};

void rig_start(struct rig *rig, const char *binary, const char *const *args,
	       uint64_t ram_base, uint64_t regs)
{
	struct port_arena_config config = {
		.base_pa = ram_base + RIG_TABLES,
		.size = RIG_TABLE_SIZE,
	};

	*rig = (struct rig){ .regs = regs };
	qtest_start(&rig->q, binary, args, ram_base, RIG_RAM_SIZE);
	config.memory = rig->q.ram + RIG_TABLES;
	assert_int_equal(port_arena_new(&config, &rig->arena), 0);
	rig->hw.ops = &hw_ops;
	rig->hw.runtime = port_arena_runtime(rig->arena);
	iommu_group_init(&rig->group);
}

void rig_stop(struct rig *rig)
{
	assert_int_equal(port_arena_bytes(rig->arena), 0);
	port_arena_free(rig->arena);
	qtest_stop(&rig->q);
}

void rig_add(struct rig *rig, struct iommu_dev *dev)
{
	assert_int_equal(iommu_dev_add(dev, &rig->group), 0);
	assert_int_equal(iommu_group_claim(&rig->group, rig), 0);
}

void rig_remove(struct rig *rig, struct iommu_dev *dev)
{
	iommu_group_release(&rig->group);
	iommu_dev_remove(dev);
}

uint64_t rig_data(struct rig *rig, uint64_t offset)
{
	assert_true(offset < RIG_RAM_SIZE - RIG_DATA);
	return rig->q.ram_base + RIG_DATA + offset;
}

/* ---- What a DMA does -------------------------------------------------- */

static void pattern(struct rig *rig, uint64_t pa, size_t len, uint64_t seed)
{
	uint8_t *p = qtest_at(&rig->q, pa);

	for (size_t i = 0; i < len; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		p[i] = (uint8_t)(seed >> 56);
	}
}

static bool is_pattern(struct rig *rig, uint64_t pa, size_t len, uint64_t seed)
{
	const uint8_t *p = qtest_at(&rig->q, pa);

	for (size_t i = 0; i < len; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		if (p[i] != (uint8_t)(seed >> 56))
			return false;
	}
	return true;
}

static void drain_faults(struct rig *rig)
{
	struct iommu_hw_fault fault;
	bool lost;

	while (rig->next_fault(rig->driver, &fault, &lost))
		;
}

static void no_fault(struct rig *rig)
{
	struct iommu_hw_fault fault;
	bool lost;

	if (rig->next_fault(rig->driver, &fault, &lost))
		fail_msg("a fault at 0x%" PRIx64 ", code 0x%x", fault.iova,
			 fault.code);
}

void rig_reaches(struct rig *rig, uint64_t iova, uint64_t pa, size_t len)
{
	uint64_t seed = iova * 31 + pa;

	print_message("# DMA at 0x%" PRIx64 " reaches 0x%" PRIx64 "\n", iova,
		      pa);
	pattern(rig, pa, len, seed);
	edu_read(&rig->edu, iova, len);
	pattern(rig, pa, len, ~seed);
	edu_write(&rig->edu, iova, len);
	no_fault(rig);
	if (!is_pattern(rig, pa, len, seed))
		fail_msg("the hardware did not: other data are there");
	print_message("# the hardware did: %zu bytes read and written, no "
		      "fault\n",
		      len);
}

static void check_fault(struct rig *rig, uint64_t iova, unsigned int access,
			unsigned int reasons)
{
	struct iommu_hw_fault fault;
	bool lost;

	if (!rig->logs_faults || !reasons ||
	    (rig->bus_bits && iova >> rig->bus_bits)) {
		print_message("# the hardware did: no byte has moved\n");
		return;
	}
	if (!rig->next_fault(rig->driver, &fault, &lost))
		fail_msg("the hardware has blocked it, and recorded nothing");
	print_message(
		"# the hardware did: no byte has moved; fault at 0x%" PRIx64
		", reason %d, code 0x%x\n",
		fault.iova, fault.reason, fault.code);
	/* Some say nothing more if they have not come as far as a table. */
	if (fault.reason != IOMMU_HW_BLOCKED || fault.iova) {
		assert_int_equal(fault.iova & ~0xffful, iova & ~0xffful);
		assert_int_equal(fault.access &
					 (IOMMU_PAGE_READ | IOMMU_PAGE_WRITE),
				 access);
	}
	assert_true(reasons & 1u << fault.reason);
	drain_faults(rig);
}

void rig_blocked(struct rig *rig, uint64_t iova, uint64_t pa,
		 unsigned int access, unsigned int reasons)
{
	const size_t len = 64;
	uint64_t seed = iova + 99;

	print_message("# DMA (%s) at 0x%" PRIx64 " is blocked\n",
		      access == IOMMU_PAGE_READ ? "read" : "write", iova);
	pattern(rig, pa, len, seed);
	if (access == IOMMU_PAGE_READ)
		edu_read(&rig->edu, iova, len);
	else
		edu_write(&rig->edu, iova, len);
	if (!is_pattern(rig, pa, len, seed))
		fail_msg("the hardware did not block it");
	check_fault(rig, iova, access, reasons);
}

void rig_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa,
	     uint64_t len, unsigned int prot)
{
	assert_int_equal(iommu_map(domain, iova, pa, len, prot, GFP_KERNEL), 0);
}

void rig_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t len)
{
	assert_int_equal(iommu_unmap_sync(domain, iova, len), len);
}

/* ---- The battery -------------------------------------------------------- */

void rig_offered(const char *what, unsigned int offered, unsigned int tested)
{
	print_message("# %s: levels offered 0x%x, tested 0x%x\n", what, offered,
		      tested);
	if (offered & ~tested)
		fail_msg("%s: nothing tests levels 0x%x", what,
			 offered & ~tested);
}

static uint64_t last_of(struct rig *rig, struct iommu_domain *domain)
{
	uint64_t last = domain->geometry.aperture_end;

	if (rig->low_bits && last >> rig->low_bits)
		last = (1ull << rig->low_bits) - 1;
	return last;
}

/*
 * A page of any size is mapped to where RAM begins, or to a part of it, so that
 * some of it has memory behind it: the first data, and the last if it is small.
 */
static void one_size(struct rig *rig, struct iommu_domain *domain,
		     uint64_t size)
{
	uint64_t data = rig_data(rig, 0);
	uint64_t pa = data & ~(size - 1);
	uint64_t iova = (last_of(rig, domain) / 3) & ~(size - 1);
	uint64_t first = data - pa;

	print_message("# page of 0x%" PRIx64 "\n", size);
	rig_map(domain, iova, pa, size, RW);
	rig_reaches(rig, iova + first, data, 4000);
	if (size <= RIG_RAM_SIZE - RIG_DATA)
		rig_reaches(rig, iova + size - 64, pa + size - 64, 64);
	rig_unmap(domain, iova, size);
	rig_blocked(rig, iova + first, data, IOMMU_PAGE_READ,
		    1u << IOMMU_HW_NOT_PRESENT |
			    1u << IOMMU_HW_NOT_MAPPED_OR_ALLOWED);
}

void rig_every_size(struct rig *rig, struct iommu_domain *domain)
{
	uint64_t sizes = domain->pgsize_bitmap;

	for (unsigned int lg2 = 0; lg2 < 64; lg2++)
		if ((sizes & 1ull << lg2) &&
		    (1ull << lg2) - 1 < last_of(rig, domain))
			one_size(rig, domain, 1ull << lg2);
}

/* A large page between small ones, the last of which is in another table. */
void rig_crossing(struct rig *rig, struct iommu_domain *domain)
{
	uint64_t page = iommu_domain_min_pgsize(domain);
	uint64_t sizes = domain->pgsize_bitmap & ~page;
	uint64_t large = sizes & (0 - sizes);
	uint64_t iova = 8 * large, a = rig_data(rig, 0);
	uint64_t b = rig_data(rig, 4 * large), c = rig_data(rig, 8 * large);

	rig_map(domain, iova - page, a, page, RW);
	rig_map(domain, iova, b, large, RW);
	rig_map(domain, iova + large, c, page, RW);
	pattern(rig, a + page - 1000, 1000, 1);
	pattern(rig, b, 1000, 2);
	edu_read(&rig->edu, iova - 1000, 2000);
	pattern(rig, a + page - 1000, 1000, 8);
	pattern(rig, b, 1000, 9);
	edu_write(&rig->edu, iova - 1000, 2000);
	assert_true(is_pattern(rig, a + page - 1000, 1000, 1));
	assert_true(is_pattern(rig, b, 1000, 2));
	pattern(rig, b + large - 1000, 1000, 3);
	pattern(rig, c, 1000, 4);
	edu_read(&rig->edu, iova + large - 1000, 2000);
	pattern(rig, b + large - 1000, 1000, 8);
	pattern(rig, c, 1000, 9);
	edu_write(&rig->edu, iova + large - 1000, 2000);
	assert_true(is_pattern(rig, b + large - 1000, 1000, 3));
	assert_true(is_pattern(rig, c, 1000, 4));
	no_fault(rig);
	rig_unmap(domain, iova - page, large + 2 * page);
}

void rig_refused(struct rig *rig, struct iommu_domain *domain)
{
	const unsigned int absent = 1u << IOMMU_HW_NOT_PRESENT |
				    1u << IOMMU_HW_NOT_MAPPED_OR_ALLOWED;
	const unsigned int denied = 1u << IOMMU_HW_PERMISSION |
				    1u << IOMMU_HW_NOT_MAPPED_OR_ALLOWED;
	uint64_t page = iommu_domain_min_pgsize(domain);
	uint64_t iova = 64 * page, pa = rig_data(rig, 0);
	uint64_t end = domain->geometry.aperture_end;

	rig_map(domain, iova, pa, page, IOMMU_READ);
	pattern(rig, pa, 64, 5);
	edu_read(&rig->edu, iova, 64);
	no_fault(rig);
	/* A cached translation hides the fault: it is blocked, but not recorded. */
	domain->ops->flush_iotlb_all(domain);
	rig_blocked(rig, iova, pa, IOMMU_PAGE_WRITE, denied);
	rig_blocked(rig, iova + page, pa, IOMMU_PAGE_READ, absent);
	rig_blocked(rig, iova - page, pa, IOMMU_PAGE_WRITE, absent);
	rig_unmap(domain, iova, page);
	if (end != UINT64_MAX)
		rig_blocked(rig, end + 1, rig->q.ram_base, IOMMU_PAGE_READ,
			    1u << IOMMU_HW_RANGE | absent);
}

/*
 * The sync is what makes an unmap true: left out, and with the translation cached,
 * the DMA still gets through.
 */
void rig_stale(struct rig *rig, struct iommu_domain *domain)
{
	uint64_t page = iommu_domain_min_pgsize(domain);
	uint64_t iova = 32 * page, pa = rig_data(rig, 0);
	struct iommu_iotlb_gather gather;

	rig_map(domain, iova, pa, page, RW);
	rig_reaches(rig, iova, pa, 64);
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(iommu_unmap(domain, iova, page, &gather), page);
	print_message("# without the sync it is still there\n");
	rig_reaches(rig, iova, pa, 64);
	iommu_iotlb_sync(domain, &gather);
	rig_blocked(rig, iova, pa, IOMMU_PAGE_WRITE,
		    1u << IOMMU_HW_NOT_PRESENT |
			    1u << IOMMU_HW_NOT_MAPPED_OR_ALLOWED);
	/* Another page at the same place is not taken for the old one. */
	rig_map(domain, iova, pa + 16 * page, page, RW);
	rig_reaches(rig, iova, pa + 16 * page, 64);
	rig_unmap(domain, iova, page);
}

/* A large page is cut, and its second half unmapped: the first is never missed. */
static void live_cut(struct rig *rig, struct iommu_domain *domain)
{
	uint64_t page = iommu_domain_min_pgsize(domain);
	uint64_t sizes = domain->pgsize_bitmap & ~page;
	uint64_t large = sizes & (0 - sizes);
	uint64_t iova = 16 * large, half = iova + large / 2;
	uint64_t pa = rig_data(rig, 4 * large);
	struct iommu_iotlb_gather gather;
	int rc;

	iommu_iotlb_gather_init(&gather);
	rig_map(domain, iova, pa, large, RW);
	rig_reaches(rig, iova, pa, 64);
	rig_reaches(rig, half, pa + large / 2, 64);
	rc = domain->ops->cut(domain, half, GFP_KERNEL, &gather);
	rig_reaches(rig, iova, pa, 64);
	iommu_iotlb_sync(domain, &gather);
	rig_reaches(rig, iova, pa, 64);
	rig_reaches(rig, half, pa + large / 2, 64);
	print_message("# cut: %d\n", rc);
	if (rc) {
		assert_int_equal(rc, -EOPNOTSUPP);
		rig_unmap(domain, iova, large);
		return;
	}
	rig_unmap(domain, half, large / 2);
	rig_reaches(rig, half - 64, pa + large / 2 - 64, 64);
	rig_blocked(rig, half, pa + large / 2, IOMMU_PAGE_READ,
		    1u << IOMMU_HW_NOT_PRESENT |
			    1u << IOMMU_HW_NOT_MAPPED_OR_ALLOWED);
	rig_unmap(domain, iova, large / 2);
}

/* A page goes to another place, and back, and then may only be read. */
static void live_replace(struct rig *rig, struct iommu_domain *domain)
{
	uint64_t page = iommu_domain_min_pgsize(domain), iova = 16 * page;
	uint64_t x = rig_data(rig, 0), y = rig_data(rig, 16 * page);
	const struct iommu_run run = { .oa = y, .len = page };
	struct iommu_iotlb_gather gather;
	size_t replaced = 0;
	int rc;

	iommu_iotlb_gather_init(&gather);
	rig_map(domain, iova, x, page, RW);
	rig_reaches(rig, iova, x, 64);
	rc = domain->ops->replace_list(domain, iova, &run, 1, GFP_KERNEL,
				       &gather, &replaced);
	print_message("# replace: %d\n", rc);
	if (!rc)
		rig_reaches(rig, iova, x, 64); /* cached until the sync */
	iommu_iotlb_sync(domain, &gather);
	rig_reaches(rig, iova, rc ? x : y, 64);
	assert_int_equal(replaced, rc ? 0 : page);
	assert_true(!rc || rc == -EOPNOTSUPP);
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(domain->ops->set_prot(domain, iova, page, IOMMU_READ,
					       &gather),
			 0);
	iommu_iotlb_sync(domain, &gather);
	rig_blocked(rig, iova, rc ? x : y, IOMMU_PAGE_WRITE,
		    1u << IOMMU_HW_PERMISSION |
			    1u << IOMMU_HW_NOT_MAPPED_OR_ALLOWED);
	rig_unmap(domain, iova, page);
}

void rig_live(struct rig *rig, struct iommu_domain *domain)
{
	live_cut(rig, domain);
	live_replace(rig, domain);
}

void rig_battery(struct rig *rig, struct iommu_domain *domain,
		 unsigned int reasons)
{
	uint64_t pa = rig_data(rig, 0);

	rig_blocked(rig, 0x1000, pa, IOMMU_PAGE_WRITE, reasons);
	assert_int_equal(iommu_attach(&rig->group, domain), 0);
	rig_every_size(rig, domain);
	rig_crossing(rig, domain);
	rig_refused(rig, domain);
	rig_stale(rig, domain);
	rig_live(rig, domain);
	iommu_detach(&rig->group);
	rig_blocked(rig, 0x1000, pa, IOMMU_PAGE_WRITE, reasons);
}

/* ---- Nesting ----------------------------------------------------------- */

struct pt_runtime rig_guest_runtime(struct rig *rig)
{
	struct pt_runtime runtime = *rig->hw.runtime;

	runtime.pa_offset += RIG_GUEST;
	return runtime;
}

void rig_guest_memory(struct rig *rig, struct iommu_domain *parent)
{
	rig_map(parent, RIG_GUEST + rig->q.ram_base, rig->q.ram_base,
		RIG_RAM_SIZE, RW);
}

void rig_nested(struct rig *rig, struct iommu_domain *parent,
		struct iommu_domain *guest, void (*forget)(void *arg),
		void *arg)
{
	const unsigned int stopped = 1u << IOMMU_HW_NOT_PRESENT |
				     1u << IOMMU_HW_NOT_MAPPED_OR_ALLOWED |
				     1u << IOMMU_HW_BUS;
	uint64_t pa = rig_data(rig, 0), iova = 0x7654321000;
	struct iommu_iotlb_gather gather;
	size_t mapped = 0;

	iommu_iotlb_gather_init(&gather);
	assert_int_equal(guest->ops->map_range(guest, iova, RIG_GUEST + pa,
					       0x1000, RW, GFP_KERNEL, &mapped),
			 0);
	rig_reaches(rig, iova, pa, 64);
	rig_blocked(rig, iova + 0x1000, pa, IOMMU_PAGE_READ, stopped);
	/* The guest changes its mind. */
	assert_int_equal(guest->ops->unmap_range(guest, iova, 0x1000, &gather),
			 0x1000);
	forget(arg);
	iommu_pages_list_put(&gather.freelist);
	rig_blocked(rig, iova, pa, IOMMU_PAGE_WRITE, stopped);
	assert_int_equal(guest->ops->map_range(guest, iova, RIG_GUEST + pa,
					       0x1000, RW, GFP_KERNEL, &mapped),
			 0);
	rig_reaches(rig, iova, pa, 64);
	/* The host takes the memory away. */
	rig_unmap(parent, RIG_GUEST + rig->q.ram_base, RIG_RAM_SIZE);
	rig_blocked(rig, iova, pa, IOMMU_PAGE_WRITE, stopped);
	rig_guest_memory(rig, parent);
	rig_reaches(rig, iova, pa, 64);
}

/* ---- Transitions --------------------------------------------------------- */

#define STEP_LEN 64
/* With this word the device's buffer begins. */
#define STEP_WORD 0x5ac3e1970f2b4d68

/**
 * struct rig_change - how DMA may fare during a change
 * @iova: where it goes to
 * @reach: where it may end up: the old and the new place
 * @never: where it must not, or 0
 * @hitless: it may not be blocked, either
 */
struct rig_change {
	uint64_t iova;
	uint64_t reach[2];
	uint64_t never;
	bool hitless;
};

static uint64_t get_word(struct rig *rig, uint64_t pa)
{
	return *(volatile uint64_t *)qtest_at(&rig->q, pa);
}

static void set_word(struct rig *rig, uint64_t pa, uint64_t value)
{
	*(volatile uint64_t *)qtest_at(&rig->q, pa) = value;
}

static void change_step(struct rig *rig)
{
	const struct rig_change *change = rig->change;
	bool landed = false;

	for (int i = 0; i < 2; i++)
		set_word(rig, change->reach[i], 0);
	if (change->never)
		set_word(rig, change->never, 0);
	edu_write(&rig->edu, change->iova, STEP_LEN);
	for (int i = 0; i < 2; i++)
		landed |= get_word(rig, change->reach[i]) == STEP_WORD;
	if (change->never && get_word(rig, change->never))
		fail_msg("step %u: a third state", rig->steps);
	if (change->hitless && !landed)
		fail_msg("step %u: DMA was lost", rig->steps);
}

/* Watch from now on; the device's buffer is filled through @iova, from @pa. */
static void watch(struct rig *rig, const struct rig_change *change, uint64_t pa)
{
	set_word(rig, pa, STEP_WORD);
	edu_read(&rig->edu, change->iova, STEP_LEN);
	rig->change = change;
	rig->steps = 0;
	rig->step = change_step;
}

static void watched(struct rig *rig)
{
	rig->step = NULL;
	print_message("# a DMA after each of %u steps\n", rig->steps);
	assert_true(rig->steps > 0);
	drain_faults(rig);
}

static void attach(struct rig *rig, struct iommu_domain *domain)
{
	assert_int_equal(iommu_attach(&rig->group, domain), 0);
}

static void watch_attach(struct rig *rig, struct iommu_domain *domain,
			 const struct rig_change *change, uint64_t pa)
{
	watch(rig, change, pa);
	attach(rig, domain);
	watched(rig);
}

void rig_transitions(struct rig *rig, struct iommu_domain *identity,
		     struct iommu_domain *const domain[RIG_DOMAINS],
		     unsigned int hitless)
{
	const uint64_t at = rig_data(rig, 0);
	const uint64_t x = rig_data(rig, 0x10000), y = rig_data(rig, 0x20000);
	const uint64_t place[RIG_DOMAINS] = { at, x, y };
	const struct rig_change same = {
		at, { at, at }, 0, hitless & RIG_IDENTITY_HITLESS
	};
	const struct rig_change move = {
		at, { x, y }, at, hitless & RIG_MOVE_HITLESS
	};
	const struct rig_change gone = { at, { x, x }, at, false };
	uint64_t page = 0x10000;

	for (int i = 0; i < RIG_DOMAINS; i++)
		rig_map(domain[i], at, place[i], page, RW);
	attach(rig, identity);
	watch_attach(rig, domain[0], &same, at);
	watch_attach(rig, identity, &same, at);
	attach(rig, domain[1]);
	watch_attach(rig, domain[2], &move, x);
	watch_attach(rig, domain[1], &move, y);
	watch(rig, &gone, x);
	iommu_detach(&rig->group);
	watched(rig);
	rig->step = change_step;
	attach(rig, domain[1]);
	watched(rig);
	rig_reaches(rig, at, x, STEP_LEN);
	iommu_detach(&rig->group);
	for (int i = 0; i < RIG_DOMAINS; i++)
		rig_unmap(domain[i], at, page);
}

/* ---- The attach rules ------------------------------------------------------ */

static void rule(unsigned int nr, const char *words)
{
	print_message("# rule %u: %s\n", nr, words);
}

/* There is no memory for them. */
static void static_cannot_fail(struct rig *rig, struct iommu_domain *identity)
{
	uint64_t at = rig_data(rig, 0);

	for (int i = 0; i < 2; i++) {
		port_arena_fail_nth(rig->arena, 1);
		attach(rig, identity);
		rig_reaches(rig, at, at, STEP_LEN);
		iommu_detach(&rig->group);
		port_arena_fail_nth(rig->arena, 0);
		rig_blocked(rig, at, at, IOMMU_PAGE_READ, 0);
		drain_faults(rig);
	}
}

static void mapped_before_attach(struct rig *rig, struct iommu_domain *domain)
{
	rig_map(domain, 0x40000, rig_data(rig, 0), 0x10000, RW);
	attach(rig, domain);
	rig_reaches(rig, 0x40000, rig_data(rig, 0), STEP_LEN);
}

/* From whatever it comes, a domain translates the same. */
static void one_path(struct rig *rig, struct iommu_domain *identity,
		     struct iommu_domain *domain, struct iommu_domain *other)
{
	struct iommu_domain *const from[] = { identity, other };

	iommu_detach(&rig->group);
	attach(rig, domain);
	rig_reaches(rig, 0x40000, rig_data(rig, 0), STEP_LEN);
	for (int i = 0; i < 2; i++) {
		attach(rig, from[i]);
		attach(rig, domain);
		rig_reaches(rig, 0x40000, rig_data(rig, 0), STEP_LEN);
	}
}

/* A domain of another IOMMU; then hardware that does not hear of the change. */
static void failed_changes_nothing(struct rig *rig, struct iommu_domain *domain,
				   struct iommu_domain *other)
{
	const struct iommu_ops *ops = other->iommu;
	struct iommu_ops foreign = *ops;
	int rc;

	other->iommu = &foreign;
	rc = iommu_attach(&rig->group, other);
	other->iommu = ops;
	print_message("# of another IOMMU: %d\n", rc);
	assert_int_equal(rc, -EINVAL);
	rig_reaches(rig, 0x40000, rig_data(rig, 0), STEP_LEN);
	rig->mute = true;
	rc = iommu_attach(&rig->group, other);
	print_message("# stuck: %d\n", rc);
	assert_int_equal(rc, -ETIMEDOUT);
	rig->mute = false;
	assert_ptr_equal(iommu_attached(&rig->group), domain);
	rig_reaches(rig, 0x40000, rig_data(rig, 0), STEP_LEN);
}

void rig_rules(struct rig *rig, struct iommu_domain *identity,
	       struct iommu_domain *const domain[RIG_DOMAINS],
	       unsigned int hitless)
{
	rule(1, "static BLOCKED and IDENTITY domains cannot fail");
	static_cannot_fail(rig, identity);
	rule(4, "IDENTITY to PAGING and back without a DMA noticing");
	rule(5, "PAGING to BLOCKED to PAGING never passes through IDENTITY");
	rule(10, "a hitless change wherever the update rules allow it");
	rig_transitions(rig, identity, domain, hitless);
	rule(2, "PAGING domains can be mapped before the first attach");
	mapped_before_attach(rig, domain[0]);
	rule(9, "one path for them all");
	one_path(rig, identity, domain[0], domain[1]);
	rule(3, "a failed attach changes nothing in the hardware");
	failed_changes_nothing(rig, domain[0], domain[1]);
	print_message("# rules 6 to 8 are about PASIDs, which no emulation's "
		      "device has: test-driver-rules\n");
	rig->mute = true;
	iommu_detach(&rig->group);
	rig_unmap(domain[0], 0x40000, 0x10000);
	rig->mute = false;
}

void rig_growth(struct rig *rig, struct iommu_domain *domain, uint64_t high)
{
	const uint64_t low = 0x10000, x = rig_data(rig, 0);
	const struct rig_change change = { low, { x, x }, 0, true };

	rig_map(domain, low, x, 0x10000, RW);
	watch(rig, &change, x);
	rig_map(domain, high, rig_data(rig, 0x20000), 0x10000, RW);
	watched(rig);
	rig_reaches(rig, high, rig_data(rig, 0x20000), STEP_LEN);
	rig_reaches(rig, low, x, STEP_LEN);
	rig_unmap(domain, high, 0x10000);
	rig_unmap(domain, low, 0x10000);
}
