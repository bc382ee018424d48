/* SPDX-License-Identifier: MIT */
#include "model.h"

/* One or two bytes of the input, or the next of an endless series. */
static uint32_t draw(struct model *m, uint32_t n)
{
	uint32_t value = 0;

	if (m->input) {
		for (uint32_t bits = 1; bits < n && m->left; bits <<= 8) {
			value = value << 8 | *m->input++;
			m->left--;
		}
		return value % n;
	}
	m->seed = m->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(m->seed >> 33) % n;
}

static uint64_t iova_of(uint32_t page)
{
	return MODEL_WINDOW + page * PAGE;
}

static bool is_free(const struct model *m, uint32_t i, uint32_t at, uint32_t nr)
{
	uint32_t p;

	for (p = at; p != at + nr; p++)
		if (m->page[i][p].mem != MODEL_NONE)
			return false;
	return true;
}

static void step_map(struct model *m)
{
	uint32_t i = draw(m, MODEL_IOASES), nr = 1 + draw(m, 12), p;
	uint32_t at = draw(m, MODEL_IOVAS - nr + 1),
		 mem = draw(m, MODEL_MEM - nr + 1);
	bool writable = draw(m, 4);
	uint64_t iova = iova_of(at);
	long rc;

	rc = rig_map(m->rig, m->ioas[i],
		     (writable ? RIG_RW : IOMMU_IOAS_MAP_READABLE) |
			     IOMMU_IOAS_MAP_FIXED_IOVA,
		     mem * PAGE, nr * PAGE, &iova);
	if (!is_free(m, i, at, nr)) {
		assert_int_equal(rc, -EEXIST);
		return;
	}
	assert_int_equal(rc, 0);
	for (p = 0; p != nr; p++)
		m->page[i][at + p] = (struct page){ mem + p, m->areas,
						    m->objects, writable };
	m->areas++;
	m->objects++;
}

/* The lowest place, unless memory's alignment asks for another. */
static void step_map_automatic(struct model *m)
{
	uint32_t i = draw(m, MODEL_IOASES), nr = 1 + draw(m, 6), mem, at, p;
	uint32_t align = 1;
	uint64_t iova = 0;
	long rc;

	while (align < nr)
		align *= 2;
	mem = draw(m, MODEL_MEM - nr + 1);
	while (mem % align)
		align /= 2;
	for (at = 0; at + nr <= MODEL_IOVAS; at++)
		if (!(at % align) && is_free(m, i, at, nr))
			break;
	rc = rig_map(m->rig, m->ioas[i], RIG_RW, mem * PAGE, nr * PAGE, &iova);
	if (at + nr > MODEL_IOVAS) {
		assert_int_equal(rc, -ENOSPC);
		return;
	}
	assert_int_equal(rc, 0);
	assert_int_equal(iova, iova_of(at));
	for (p = 0; p != nr; p++)
		m->page[i][at + p] =
			(struct page){ mem + p, m->areas, m->objects, true };
	m->areas++;
	m->objects++;
}

static void step_copy(struct model *m)
{
	uint32_t from = draw(m, MODEL_IOASES), to = draw(m, MODEL_IOASES);
	uint32_t nr = 1 + draw(m, 8), p, area = MODEL_NONE;
	uint32_t src = draw(m, MODEL_IOVAS - nr + 1);
	uint32_t dst = draw(m, MODEL_IOVAS - nr + 1);
	bool hole = false, readonly = false;
	struct page copy[8];
	long rc;

	rc = rig_copy(m->rig, m->ioas[to], iova_of(dst), m->ioas[from],
		      iova_of(src), nr * PAGE);
	for (p = 0; p != nr; p++) {
		copy[p] = m->page[from][src + p];
		hole |= copy[p].mem == MODEL_NONE;
		readonly |= copy[p].mem != MODEL_NONE && !copy[p].writable;
	}
	if (hole || readonly || !is_free(m, to, dst, nr)) {
		assert_int_equal(rc, hole                      ? -ENOENT
				     : is_free(m, to, dst, nr) ? -EPERM
							       : -EEXIST);
		return;
	}
	assert_int_equal(rc, 0);
	/* Each source area gives one; their numbers are new. */
	for (p = 0; p != nr; p++) {
		if (copy[p].area != area)
			m->areas++;
		area = copy[p].area;
		m->page[to][dst + p] = copy[p];
		m->page[to][dst + p].area = m->areas - 1;
	}
}

static bool same_area(const struct model *m, uint32_t i, uint32_t a, uint32_t b)
{
	return m->page[i][a].mem != MODEL_NONE &&
	       m->page[i][a].area == m->page[i][b].area &&
	       m->page[i][b].mem != MODEL_NONE;
}

/* How far the area at @p goes. */
static uint32_t area_end(const struct model *m, uint32_t i, uint32_t p)
{
	while (p + 1 < MODEL_IOVAS && same_area(m, i, p, p + 1))
		p++;
	return p + 1;
}

/* Areas go in their order; the first that is not covered whole ends it. */
static void step_unmap(struct model *m)
{
	uint32_t i = draw(m, MODEL_IOASES), nr = 1 + draw(m, 16), p, found = 0;
	uint32_t at = draw(m, MODEL_IOVAS - nr + 1), end;
	bool cut;
	long rc;

	rc = rig_unmap(m->rig, m->ioas[i], iova_of(at), nr * PAGE);
	cut = at && same_area(m, i, at - 1, at);
	for (p = at; p < at + nr && !cut; p = end) {
		end = p + 1;
		if (m->page[i][p].mem == MODEL_NONE)
			continue;
		end = area_end(m, i, p);
		cut = end > at + nr;
		for (; p != end && !cut; p++, found++)
			m->page[i][p].mem = MODEL_NONE;
	}
	assert_int_equal(rc, found && !cut ? (long)(found * PAGE) : -ENOENT);
}

static void step_unmap_all(struct model *m)
{
	uint32_t i = draw(m, MODEL_IOASES), p, found = 0;

	if (draw(m, 8))
		return;
	for (p = 0; p != MODEL_IOVAS; p++) {
		found += m->page[i][p].mem != MODEL_NONE;
		m->page[i][p].mem = MODEL_NONE;
	}
	assert_int_equal(rig_unmap_all(m->rig, m->ioas[i]), found * PAGE);
}

/* Device 0 has the first IOAS, now and then; device 1 the second; 2 any. */
static void step_attach(struct model *m)
{
	uint32_t n = draw(m, RIG_DEVICES), pt;

	pt = m->ioas[n < MODEL_IOASES ? n : draw(m, MODEL_IOASES)];
	if (draw(m, 3))
		assert_int_equal(rig_attach(m->rig, n, &pt), 0);
	else
		iommufd_device_detach(m->rig->idev[n]);
}

/* What the device is translated by must be what the model says. */
static void check_device(struct model *m, uint32_t n)
{
	uint32_t word, p, i, hits[MODEL_IOASES] = { 0 },
			     mapped[MODEL_IOASES] = { 0 };
	const struct page *page;
	enum soft_reason reason[MODEL_IOVAS];
	uint32_t got[MODEL_IOVAS];
	struct soft_dte dte;

	assert_true(soft_iommu_get(m->rig->hw, RIG_RID(n), 0, &dte));
	if (dte.mode != SOFT_MODE_TRANSLATE)
		return;
	for (p = 0; p != MODEL_IOVAS; p++)
		reason[p] =
			rig_dma(m->rig, n, iova_of(p), &got[p], 4, SOFT_READ);
	for (i = 0; i != MODEL_IOASES; i++)
		for (p = 0; p != MODEL_IOVAS; p++) {
			page = &m->page[i][p];
			mapped[i] += 1;
			memcpy(&word,
			       m->rig->mem.va + (page->mem == MODEL_NONE
							 ? 0
							 : page->mem) *
							PAGE,
			       4);
			hits[i] += page->mem == MODEL_NONE
					   ? reason[p] != SOFT_OK
					   : reason[p] == SOFT_OK &&
						     word == got[p];
		}
	assert_true(hits[0] == mapped[0] || hits[1] == mapped[1]);
	m->tables[hits[0] == mapped[0] ? 0 : 1] = true;
}

/* A page is pinned once for each MAP request that needs it. */
static void check_pins(struct model *m)
{
	uint32_t need[MODEL_MEM] = { 0 }, i, j, p, q;
	const struct page *page, *before;
	bool counted;

	for (i = 0; i != MODEL_IOASES; i++)
		for (p = 0; p != MODEL_IOVAS; p++) {
			page = &m->page[i][p];
			if (page->mem == MODEL_NONE || !m->tables[i])
				continue;
			counted = false;
			for (j = 0; j <= i && !counted; j++)
				for (q = 0; q != (j == i ? p : MODEL_IOVAS);
				     q++) {
					before = &m->page[j][q];
					counted |= m->tables[j] &&
						   before->mem == page->mem &&
						   before->object ==
							   page->object;
				}
			need[page->mem] += !counted;
		}
	for (p = 0; p != MODEL_MEM; p++)
		assert_int_equal(m->rig->mem.pins[p], need[p]);
}

void model_check(struct model *m, bool devices)
{
	struct iommu_ioas_iova_ranges cmd = { .size = sizeof(cmd) };
	uint32_t n, i;

	/* An IOAS has a page table if its alignment is that of one. */
	for (i = 0; i != MODEL_IOASES; i++) {
		cmd.ioas_id = m->ioas[i];
		cmd.num_iovas = 0;
		assert_int_equal(rig_ioctl(m->rig, IOMMU_IOAS_IOVA_RANGES,
					   &cmd),
				 -EMSGSIZE);
		m->tables[i] = cmd.out_iova_alignment > 1;
	}
	check_pins(m);
	for (n = 0; n != RIG_DEVICES && devices; n++)
		check_device(m, n);
}

static void allow_window(struct model *m, uint32_t ioas)
{
	struct iommu_iova_range window = { MODEL_WINDOW,
					   iova_of(MODEL_IOVAS) - 1 };
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = 1,
		.allowed_iovas = (uintptr_t)&window,
	};

	assert_int_equal(rig_ioctl(m->rig, IOMMU_IOAS_ALLOW_IOVAS, &cmd), 0);
}

void model_init(struct model *m, const char *format, uint64_t seed)
{
	uint32_t i, p;

	memset(m, 0, sizeof(*m));
	memset(m->page, 0xff, sizeof(m->page));
	m->seed = seed;
	m->rig = rig_new(format);
	m->rig->mem.flip = seed % 2;
	m->rig->mem.max_runs = 1 + seed % 5;
	for (p = 0; p != MODEL_MEM; p++)
		memcpy(m->rig->mem.va + p * PAGE, &(uint32_t){ p * 3 + 1 }, 4);
	for (i = 0; i != MODEL_IOASES; i++) {
		m->ioas[i] = rig_ioas(m->rig);
		allow_window(m, m->ioas[i]);
	}
	for (i = 0; i != RIG_DEVICES; i++)
		rig_bind(m->rig, i);
}

void model_step(struct model *m)
{
	static void (*const step[])(struct model * m) = {
		step_map,   step_map,    step_map_automatic,
		step_copy,  step_copy,   step_unmap,
		step_unmap, step_attach, step_unmap_all,
	};

	step[draw(m, sizeof(step) / sizeof(step[0]))](m);
}

void model_fini(struct model *m)
{
	rig_free(m->rig);
}
