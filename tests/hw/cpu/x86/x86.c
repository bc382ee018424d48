/* SPDX-License-Identifier: MIT */
/*
 * The MMU of x86-64: format x86_64 with four levels, or five where the CPU has been
 * given them (LA57). Intel SDM volume 3, "4-Level Paging and 5-Level Paging".
 */
#include "x86.h"

/* Where user code is for users: next to the anchor. */
#define USER_CODE RAM

static struct pt_iommu_x86_64 table;

WALKER_OPS(x86_64);

static struct iommu_domain *x86_init(struct walker *w)
{
	struct pt_iommu_x86_64_cfg cfg = {
		.common.runtime = guest_runtime(),
		.common.features = BIT(PT_FEAT_SIGN_EXTEND),
		.common.hw_max_vasz_lg2 = five_levels() ? 57 : 48,
		.common.hw_max_oasz_lg2 = physical_bits(),
		.top_level = five_levels() ? 4 : 3,
	};

	table = (struct pt_iommu_x86_64){
		.iommu.domain.ops = &x86_64_ops,
		.iommu.domain.dirty_ops = &x86_64_dirty_ops,
	};
	if (pt_iommu_x86_64_init(&table, &cfg, GFP_KERNEL))
		return NULL;
	return &table.iommu.domain;
}

static void x86_fini(struct walker *w)
{
	pt_iommu_x86_64_deinit(&table);
}

static int x86_anchor(struct walker *w)
{
	int rc = iommu_map(w->domain, 0, 0, RAM,
			   IOMMU_READ | IOMMU_WRITE | IOMMU_PRIV, GFP_KERNEL);

	return rc ? rc
		  : iommu_map(w->domain, USER_CODE, (uint64_t)user_code, 4096,
			      IOMMU_READ, GFP_KERNEL);
}

/* CR3 has no flags here; loading it forgets all, because nothing is global. */
static void x86_use(struct walker *w, bool on)
{
	struct pt_iommu_x86_64_hw_info info;

	pt_iommu_x86_64_hw_info(&table, &info);
	if (on)
		write_cr3(info.gcr3_pt);
	else
		write_cr3(boot_cr3());
}

/* SDM volume 3, "Page-Fault Exceptions": P, W/R, U/S, RSVD, I/D */
void x86_code(struct cpu_result *result, uint64_t error)
{
	result->access = error & 0x10 ? CPU_EXEC
			 : error & 2  ? CPU_WRITE
				      : CPU_READ;
	result->fault = error & 8   ? CPU_OTHER
			: error & 1 ? CPU_DENIED
				    : CPU_ABSENT;
}

static void x86_report(struct cpu_result *result, const struct probe *probe)
{
	result->code = probe->vector << 32 | probe->error;
	result->va = probe->cr2;
	if (probe->vector == 13) {
		/* Not canonical; there is no address in the report. */
		result->fault = CPU_RANGE;
		result->va = probe->va;
		return;
	}
	x86_code(result, probe->error);
}

static struct cpu_result x86_access(struct walker *w, unsigned int access,
				    uint64_t va, uint64_t value)
{
	struct probe probe = { .va = va, .value = value };
	struct cpu_result result = { .access = access & ~4u };
	const char *user[] = { user_read, user_write, user_exec };

	if (access & CPU_USER)
		probe_user(&probe, USER_CODE + (uint64_t)(user[result.access] -
							  user_code));
	else if (access == CPU_READ)
		probe_read(&probe);
	else if (access == CPU_WRITE)
		probe_write(&probe);
	else
		probe_exec(&probe);
	result.value = probe.value;
	if (probe.vector)
		x86_report(&result, &probe);
	return result;
}

/* SDM volume 3, "Invalidation of TLBs and Paging-Structure Caches" */
static void x86_flush(struct walker *w, uint64_t start, uint64_t last,
		      bool tables)
{
	if (last - start >= 64 * 4096) {
		write_cr3(read_cr3());
		return;
	}
	for (start &= ~4095ull; start <= last; start += 4096) {
		__asm__ volatile("invlpg (%0)" : : "r"(start) : "memory");
		if (start > ~4096ull)
			break;
	}
}

uint64_t *x86_find(uint64_t root, uint64_t va)
{
	uint64_t at = root;

	for (int level = five_levels() ? 4 : 3; level >= 0; level--) {
		uint64_t *item = (uint64_t *)(at & 0xffffffffff000) +
				 (va >> (12 + 9 * level) & 511);

		if (!(*item & 1))
			return NULL;
		if (!level || *item & 1 << 7)
			return item;
		at = *item;
	}
	return NULL;
}

static uint64_t *x86_item(struct walker *w, uint64_t va)
{
	return x86_find(read_cr3(), va);
}

static const struct walker x86_walker = {
	.user = true,
	.exec = true,
	.dirty = true,
	.migrate = true,
	.accessed = 1 << 5,
	.exec_insn = { 0xc3, 0x80cd }, /* ret; int $0x80 */
	.init = x86_init,
	.fini = x86_fini,
	.anchor = x86_anchor,
	.use = x86_use,
	.access = x86_access,
	.flush = x86_flush,
	.item = x86_item,
};

void machine_main(void)
{
	struct walker w = x86_walker;
	unsigned int bits = five_levels() ? 56 : 47;

	w.name = five_levels() ? "x86-64, 5 levels" : "x86-64, 4 levels";
	/* Low, in the middle, and at the ends of both halves */
	w.base[0] = 1ull << 38;
	w.base[1] = (1ull << bits) / 3 & ~0x1fffffull;
	w.base[2] = (1ull << bits) - (1ull << 31);
	w.base[3] = 0 - (1ull << bits) + (1ull << 30);
	w.base[4] = 0 - (1ull << 31);
	w.outside = 1ull << bits;
	walker_battery(&w);
	if (!five_levels() && !walker_torn)
		nested_battery();
}
