/* SPDX-License-Identifier: MIT */
#include "more.h"

#define RW (IOMMU_READ | IOMMU_WRITE)

/* D8.2: log2 of what an entry of a level translates; level 0 has the pages. */
static unsigned int item_lg2(const struct regime *regime, unsigned int level)
{
	return regime->granule_lg2 + (regime->granule_lg2 - 3) * level;
}

static void ends_at(const struct regime *regime, enum el_kind kind, uint64_t va,
		    enum el_reason reason, unsigned int level)
{
	uint64_t value = 0;
	struct el_result got = el_access(regime, kind, va, &value);

	check(got.reason == reason && got.level == 3 - (int)level &&
		      got.stage2 == regime->stage2 && !got.walk && got.va == va,
	      "%s at %lx: expected %s, level %d; the CPU: reason %d, level %d, "
	      "%lx",
	      kind == EL1_READ ? "read" : "write", va,
	      reason == EL_TRANSLATION ? "no translation" : "no permission",
	      3 - (int)level, got.reason, got.level, got.va);
}

/* VTCR_EL2.SL0: with several tables on top their level has more bits than others. */
static unsigned int top_level(const struct regime *regime)
{
	unsigned int sl0 = regime->vtcr >> 6 & 3;

	if (!regime->stage2)
		return 4;
	return regime->granule_lg2 == 12 ? sl0 + 1 : sl0;
}

/* An address that differs in the index of one level only ends in a hole there. */
static void holes(struct walker *w, const struct regime *regime)
{
	uint64_t page = walker_page(w), va = w->base[0];
	uint64_t width = w->domain->geometry.aperture_end -
			 w->domain->geometry.aperture_start;
	unsigned int top = top_level(regime);

	w_map(w, va, data(0), page, RW);
	reaches(w, va, data(0));
	for (unsigned int level = 0; width >> item_lg2(regime, level); level++)
		ends_at(regime, EL1_READ, va ^ 1ull << item_lg2(regime, level),
			EL_TRANSLATION, level < top ? level : top);
	w_unmap(w, va, page);
}

static void sizes(struct walker *w, const struct regime *regime)
{
	for (unsigned int lg2 = 0; lg2 < 64; lg2++) {
		uint64_t size = 1ull << lg2, pa = data(0) & ~(size - 1);
		uint64_t va = w->base[0] & ~(size - 1);
		unsigned int level = 0;

		if (!(w->domain->pgsize_bitmap & size))
			continue;
		while (item_lg2(regime, level + 1) <= lg2)
			level++;
		w_map(w, va, pa, size, IOMMU_READ);
		ends_at(regime, EL1_WRITE, va + (data(0) - pa), EL_PERMISSION,
			level);
		w_unmap(w, va, size);
	}
}

void more_levels(struct walker *w, const struct regime *regime)
{
	holes(w, regime);
	sizes(w, regime);
}

static void goes_to(struct walker *w, const struct regime *regime,
		    uint64_t size, uint64_t oa)
{
	uint64_t va = w->base[1] & ~(size - 1), got;
	const uint64_t offset = size - 8;

	if (!w_map(w, va, oa, size, RW))
		return;
	got = el_translate(regime, va + offset);
	check(got == oa + offset,
	      "%lx, a page of %lx: expected %lx; the CPU "
	      "says %lx",
	      va + offset, size, oa + offset, got);
	w_unmap(w, va, size);
}

void more_addresses(struct walker *w, const struct regime *regime,
		    unsigned int oa_bits)
{
	uint64_t page = walker_page(w), all = (1ull << oa_bits) - page;

	for (uint64_t bit = page; bit <= all; bit <<= 1) {
		goes_to(w, regime, page, bit);
		goes_to(w, regime, page, all & ~bit);
	}
	for (unsigned int lg2 = 0; lg2 < oa_bits; lg2++)
		if (w->domain->pgsize_bitmap & 1ull << lg2)
			goes_to(w, regime, 1ull << lg2, all & ~0ull << lg2);
}
