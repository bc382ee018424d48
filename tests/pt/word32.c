/* SPDX-License-Identifier: MIT */
/*
 * The page table where a machine word has 32 bits and entries have 64, with no
 * libc: VAs end with the word, OAs do not. Built by freestanding.sh for i386; the
 * exit status is the number of the check that failed.
 */
#include <uiommu/iommu_gather.h>
#include <uiommu/port.h>
#include <uiommu/pt/iommu.h>

#define RW         (IOMMU_READ | IOMMU_WRITE)
#define PAGE       0x1000UL
#define NR_TABLES  64
#define TABLE_BASE 0x700000000ULL

_Static_assert(sizeof(dma_addr_t) == 4, "this test is about 32-bit words");

static uint64_t memory[NR_TABLES][512] __attribute__((aligned(4096)));
static unsigned char used[NR_TABLES];
static unsigned int tables;

/* ---- The port ----------------------------------------------------- */

void *memset(void *s, int c, size_t n);
void *memcpy(void *dst, const void *src, size_t n);

void *memset(void *s, int c, size_t n)
{
	volatile char *p = s;

	while (n--)
		*p++ = (char)c;
	return s;
}

void *memcpy(void *dst, const void *src, size_t n)
{
	volatile char *d = dst;
	const char *s = src;

	while (n--)
		*d++ = *s++;
	return dst;
}

static void *table_alloc(const struct pt_runtime *rt, unsigned int size_lg2,
			 gfp_t gfp)
{
	unsigned int i;

	for (i = 0; i < NR_TABLES; i++) {
		if (used[i])
			continue;
		used[i] = 1;
		tables++;
		return memset(memory[i], 0, sizeof(memory[i]));
	}
	return NULL;
}

static void table_free(const struct pt_runtime *rt, void *table,
		       unsigned int size_lg2)
{
	used[((uintptr_t)table - (uintptr_t)memory) / 4096] = 0;
	tables--;
}

static struct pt_runtime runtime = { .alloc = table_alloc, .free = table_free };

const struct pt_runtime *port_default_runtime(void)
{
	runtime.pa_offset = TABLE_BASE - (uintptr_t)memory;
	return &runtime;
}

void port_lock(struct port_lock *lock)
{
	lock->word[0] = 1;
}

void port_unlock(struct port_lock *lock)
{
	lock->word[0] = 0;
}

#if __GCC_ATOMIC_LLONG_LOCK_FREE != 2
uint64_t port_load64(const uint64_t *p)
{
	return *(const volatile uint64_t *)p;
}

void port_store64(uint64_t *p, uint64_t value)
{
	*(volatile uint64_t *)p = value;
}

uint64_t port_and64(uint64_t *p, uint64_t mask)
{
	uint64_t old = *p;

	*p &= mask;
	return old;
}

bool port_cas64(uint64_t *p, uint64_t *old, uint64_t value)
{
	bool same = *p == *old;

	*old = *p;
	if (same)
		*p = value;
	return same;
}
#endif

/* ---- The checks --------------------------------------------------- */

static unsigned int check_nr;

static void leave(unsigned int status) __attribute__((noreturn));
static void leave(unsigned int status)
{
	__asm__ volatile("int $0x80" : : "a"(1), "b"(status));
	__builtin_unreachable();
}

static void check(bool good)
{
	check_nr++;
	if (!good)
		leave(check_nr);
}

static void record(void *arg, dma_addr_t iova, size_t len)
{
	*(size_t *)arg += len;
}

static struct port_lock top_lock;

static struct port_lock *get_top_lock(struct pt_iommu *iommu)
{
	return &top_lock;
}

static void change_top(struct pt_iommu *iommu, phys_addr_t top_pa,
		       unsigned int top_level)
{
	check(top_pa >= TABLE_BASE && top_level == 2);
}

static const struct pt_iommu_driver_ops driver_ops = {
	.get_top_lock = get_top_lock,
	.change_top = change_top,
};

static void check_vtdss(void)
{
	struct pt_iommu_vtdss table = { .iommu.driver_ops = NULL };
	struct iommu_domain *domain = &table.iommu.domain;
	struct pt_iommu_vtdss_cfg cfg = {
		.common.hw_max_vasz_lg2 = 33,
		.common.hw_max_oasz_lg2 = 52,
		.top_level = 2,
	};
	const phys_addr_t oa = 0xabc0000000000 + 0x40000000;
	const dma_addr_t start = 0xbffff000;
	struct iommu_iotlb_gather gather;
	size_t mapped = 0, dirty = 0;
	struct iommu_dirty_bitmap bitmap = { .record = record,
					     .arg = &dirty,
					     .gather = &gather };

	/* One bit more than the word has */
	check(pt_iommu_vtdss_init(&table, &cfg, GFP_KERNEL) == -EOVERFLOW);
	pt_iommu_vtdss_deinit(&table);
	cfg.common.hw_max_vasz_lg2 = 32;
	check(pt_iommu_vtdss_init(&table, &cfg, GFP_KERNEL) == 0);
	check(domain->geometry.aperture_end == 0xffffffff);
	check(domain->pgsize_bitmap == 0x40201000);

	/* To the last byte of the word, with pages of 4 KiB and 1 GiB */
	check(pt_iommu_vtdss_map_range(domain, start, oa - PAGE, 0 - start, RW,
				       GFP_KERNEL, &mapped) == 0);
	check(mapped == 0 - start);
	check(pt_iommu_vtdss_iova_to_phys(domain, start) == oa - PAGE);
	check(pt_iommu_vtdss_iova_to_phys(domain, 0xc0000000) == oa);
	check(pt_iommu_vtdss_iova_to_phys(domain, 0xffffffff) ==
	      oa + 0x3fffffff);
	check(pt_iommu_vtdss_iova_to_phys(domain, 0) == PHYS_ADDR_MAX);
	check(pt_iommu_vtdss_set_dirty(domain, 0xfffffffe) == 0);
	iommu_iotlb_gather_init(&gather);
	check(pt_iommu_vtdss_read_and_clear_dirty(domain, start, 0 - start, 0,
						  &bitmap) == 0);
	check(dirty == 0x40000000);
	check(gather.start == 0xc0000000 && gather.last == 0xffffffff);
	iommu_iotlb_gather_init(&gather);
	check(pt_iommu_vtdss_unmap_range(domain, start, 0 - start, &gather) ==
	      0 - start);
	check(gather.start == start && gather.last == 0xffffffff);
	iommu_pages_list_put(&gather.freelist);
	pt_iommu_vtdss_deinit(&table);
	check(tables == 0);
}

static void check_amdv1(void)
{
	struct pt_iommu_amdv1 table = { .iommu.driver_ops = &driver_ops };
	struct iommu_domain *domain = &table.iommu.domain;
	struct pt_iommu_amdv1_cfg cfg = {
		.common.features = BIT(PT_FEAT_DYNAMIC_TOP),
		.common.hw_max_vasz_lg2 = 64,
		.common.hw_max_oasz_lg2 = 52,
		.starting_level = 1,
	};
	struct iommu_iotlb_gather gather;
	unsigned int lg2;

	check(pt_iommu_amdv1_init(&table, &cfg, GFP_KERNEL) == -EOVERFLOW);
	pt_iommu_amdv1_deinit(&table);
	cfg.common.hw_max_vasz_lg2 = 32;
	check(pt_iommu_amdv1_init(&table, &cfg, GFP_KERNEL) == 0);
	check(domain->pgsize_bitmap == 0x7ffff000);

	/* Every size, at the end of the word: the first grows the top. */
	for (lg2 = 12; lg2 <= 30; lg2++) {
		dma_addr_t size = 1UL << lg2;
		phys_addr_t oa = 0x123ULL << 40;
		size_t mapped = 0;

		check(pt_iommu_amdv1_map_range(domain, 0 - size, oa, size, RW,
					       GFP_KERNEL, &mapped) == 0);
		check(mapped == size);
		check(pt_iommu_amdv1_iova_to_phys(domain, ~0UL) ==
		      oa + size - 1);
		iommu_iotlb_gather_init(&gather);
		check(pt_iommu_amdv1_unmap_range(domain, 0 - size, PAGE,
						 &gather) == size);
		check(gather.pgsize == size);
		iommu_pages_list_put(&gather.freelist);
	}
	pt_iommu_amdv1_deinit(&table);
	check(tables == 0);
}

void _start(void);
void _start(void)
{
	check_vtdss();
	check_amdv1();
	leave(0);
}
