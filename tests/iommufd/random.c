/* SPDX-License-Identifier: MIT */
/*
 * Random requests against a plain model: what each page of a window of IOVAs maps,
 * in two IOASes with three page tables. After every step the devices see what the
 * model says, and pins are counted as it says.
 */
#include "rig.h"

#define WINDOW  0x20000000ULL
#define NR_IOVA 96U
#define NR_MEM  128U
#define NR_IOAS 2U
#define STEPS   12000U
#define NONE    UINT32_MAX

/**
 * struct page - what an IOVA page maps
 * @mem: page of the buffer, or NONE
 * @area: number of its area
 * @object: number of the MAP request whose storage it has
 * @writable: DMA may write
 */
struct page {
	uint32_t mem;
	uint32_t area;
	uint32_t object;
	bool writable;
};

struct model {
	struct rig *rig;
	uint32_t ioas[NR_IOAS];
	bool tables[NR_IOAS];
	struct page page[NR_IOAS][NR_IOVA];
	uint32_t areas;
	uint32_t objects;
	uint64_t seed;
};

static uint32_t draw(struct model *m, uint32_t n)
{
	m->seed = m->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(m->seed >> 33) % n;
}

static uint64_t iova_of(uint32_t page)
{
	return WINDOW + page * PAGE;
}

static bool is_free(const struct model *m, uint32_t i, uint32_t at, uint32_t nr)
{
	uint32_t p;

	for (p = at; p != at + nr; p++)
		if (m->page[i][p].mem != NONE)
			return false;
	return true;
}

static void step_map(struct model *m)
{
	uint32_t i = draw(m, NR_IOAS), nr = 1 + draw(m, 12), p;
	uint32_t at = draw(m, NR_IOVA - nr + 1), mem = draw(m, NR_MEM - nr + 1);
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
	uint32_t i = draw(m, NR_IOAS), nr = 1 + draw(m, 6), mem, at, p;
	uint32_t align = 1;
	uint64_t iova = 0;
	long rc;

	while (align < nr)
		align *= 2;
	mem = draw(m, NR_MEM - nr + 1);
	while (mem % align)
		align /= 2;
	for (at = 0; at + nr <= NR_IOVA; at++)
		if (!(at % align) && is_free(m, i, at, nr))
			break;
	rc = rig_map(m->rig, m->ioas[i], RIG_RW, mem * PAGE, nr * PAGE, &iova);
	if (at + nr > NR_IOVA) {
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
	uint32_t from = draw(m, NR_IOAS), to = draw(m, NR_IOAS);
	uint32_t nr = 1 + draw(m, 8), p, area = NONE;
	uint32_t src = draw(m, NR_IOVA - nr + 1);
	uint32_t dst = draw(m, NR_IOVA - nr + 1);
	bool hole = false, readonly = false;
	struct page copy[8];
	long rc;

	rc = rig_copy(m->rig, m->ioas[to], iova_of(dst), m->ioas[from],
		      iova_of(src), nr * PAGE);
	for (p = 0; p != nr && !hole && !readonly; p++) {
		copy[p] = m->page[from][src + p];
		hole = copy[p].mem == NONE;
		readonly = !hole && !copy[p].writable;
	}
	if (hole || readonly) {
		assert_int_equal(rc, hole ? -ENOENT : -EPERM);
		return;
	}
	if (!is_free(m, to, dst, nr)) {
		assert_int_equal(rc, -EEXIST);
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
	return m->page[i][a].mem != NONE &&
	       m->page[i][a].area == m->page[i][b].area &&
	       m->page[i][b].mem != NONE;
}

static void step_unmap(struct model *m)
{
	uint32_t i = draw(m, NR_IOAS), nr = 1 + draw(m, 16), p, found = 0;
	uint32_t at = draw(m, NR_IOVA - nr + 1);
	bool cut;
	long rc;

	cut = (at && same_area(m, i, at - 1, at)) ||
	      (at + nr < NR_IOVA && same_area(m, i, at + nr - 1, at + nr));
	rc = rig_unmap(m->rig, m->ioas[i], iova_of(at), nr * PAGE);
	for (p = at; p != at + nr && !cut; p++) {
		found += m->page[i][p].mem != NONE;
		m->page[i][p].mem = NONE;
	}
	assert_int_equal(rc, found ? (long)(found * PAGE) : -ENOENT);
}

static void step_unmap_all(struct model *m)
{
	uint32_t i = draw(m, NR_IOAS), p, found = 0;

	if (draw(m, 8))
		return;
	for (p = 0; p != NR_IOVA; p++) {
		found += m->page[i][p].mem != NONE;
		m->page[i][p].mem = NONE;
	}
	assert_int_equal(rig_unmap_all(m->rig, m->ioas[i]), found * PAGE);
}

/* Device 0 has the first IOAS, now and then; device 1 the second; 2 any. */
static void step_attach(struct model *m)
{
	uint32_t n = draw(m, RIG_DEVICES), pt;

	pt = m->ioas[n < NR_IOAS ? n : draw(m, NR_IOAS)];
	if (draw(m, 3))
		assert_int_equal(rig_attach(m->rig, n, &pt), 0);
	else
		iommufd_device_detach(m->rig->idev[n]);
}

/* What the device is translated by must be what the model says. */
static void check_device(struct model *m, uint32_t n)
{
	uint32_t word, p, i, hits[NR_IOAS] = { 0 }, mapped[NR_IOAS] = { 0 };
	const struct page *page;
	enum soft_reason reason[NR_IOVA];
	uint32_t got[NR_IOVA];
	struct soft_dte dte;

	assert_true(soft_iommu_get(m->rig->hw, RIG_RID(n), 0, &dte));
	if (dte.mode != SOFT_MODE_TRANSLATE)
		return;
	for (p = 0; p != NR_IOVA; p++)
		reason[p] =
			rig_dma(m->rig, n, iova_of(p), &got[p], 4, SOFT_READ);
	for (i = 0; i != NR_IOAS; i++)
		for (p = 0; p != NR_IOVA; p++) {
			page = &m->page[i][p];
			mapped[i] += 1;
			memcpy(&word,
			       m->rig->mem.va +
				       (page->mem == NONE ? 0 : page->mem) *
					       PAGE,
			       4);
			hits[i] += page->mem == NONE ? reason[p] != SOFT_OK
						     : reason[p] == SOFT_OK &&
							       word == got[p];
		}
	assert_true(hits[0] == mapped[0] || hits[1] == mapped[1]);
	m->tables[hits[0] == mapped[0] ? 0 : 1] = true;
}

/* A page is pinned once for each MAP request that needs it. */
static void check_pins(struct model *m)
{
	uint32_t need[NR_MEM] = { 0 }, i, j, p, q;
	const struct page *page, *before;
	bool counted;

	for (i = 0; i != NR_IOAS; i++)
		for (p = 0; p != NR_IOVA; p++) {
			page = &m->page[i][p];
			if (page->mem == NONE || !m->tables[i])
				continue;
			counted = false;
			for (j = 0; j <= i && !counted; j++)
				for (q = 0; q != (j == i ? p : NR_IOVA); q++) {
					before = &m->page[j][q];
					counted |= m->tables[j] &&
						   before->mem == page->mem &&
						   before->object ==
							   page->object;
				}
			need[page->mem] += !counted;
		}
	for (p = 0; p != NR_MEM; p++)
		assert_int_equal(m->rig->mem.pins[p], need[p]);
}

static void check(struct model *m, bool devices)
{
	struct iommu_ioas_iova_ranges cmd = { .size = sizeof(cmd) };
	uint32_t n, i;

	/* An IOAS has a page table if its alignment is that of one. */
	for (i = 0; i != NR_IOAS; i++) {
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
	struct iommu_iova_range window = { WINDOW, iova_of(NR_IOVA) - 1 };
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = 1,
		.allowed_iovas = (uintptr_t)&window,
	};

	assert_int_equal(rig_ioctl(m->rig, IOMMU_IOAS_ALLOW_IOVAS, &cmd), 0);
}

static void model_init(struct model *m, const char *format, uint64_t seed)
{
	uint32_t i, p;

	memset(m, 0, sizeof(*m));
	memset(m->page, 0xff, sizeof(m->page));
	m->seed = seed;
	m->rig = rig_new(format);
	m->rig->mem.flip = seed % 2;
	m->rig->mem.max_runs = 1 + seed % 5;
	for (p = 0; p != NR_MEM; p++)
		memcpy(m->rig->mem.va + p * PAGE, &(uint32_t){ p * 3 + 1 }, 4);
	for (i = 0; i != NR_IOAS; i++) {
		m->ioas[i] = rig_ioas(m->rig);
		allow_window(m, m->ioas[i]);
	}
	for (i = 0; i != RIG_DEVICES; i++)
		rig_bind(m->rig, i);
}

static void run(const char *format, uint64_t seed)
{
	static void (*const step[])(struct model * m) = {
		step_map,   step_map,    step_map_automatic,
		step_copy,  step_copy,   step_unmap,
		step_unmap, step_attach, step_unmap_all,
	};
	struct model *m = calloc(1, sizeof(*m));
	uint32_t n;

	print_message("# %s, seed %llu\n", format, (unsigned long long)seed);
	model_init(m, format, seed);
	for (n = 0; n != STEPS; n++) {
		step[draw(m, sizeof(step) / sizeof(step[0]))](m);
		check(m, n % 8 == 0);
	}
	rig_free(m->rig);
	free(m);
}

static void test_vtdss(void **state)
{
	run("vtdss", 1);
}

static void test_amdv1(void **state)
{
	run("amdv1", 2);
}

static void test_amdv1_mock(void **state)
{
	run("amdv1_mock", 3);
}

static void test_x86_64(void **state)
{
	run("x86_64", 4);
}

/* ---- Many areas ------------------------------------------------------ */

#define MANY 100000U

/* Every second page, so that no two areas touch; then the holes, then nothing. */
static void test_many(void **state)
{
	struct rig *rig = rig_new("vtdss");
	uint32_t ioas = rig_ioas(rig), pt = ioas, i;
	uint64_t iova;

	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	for (i = 0; i != MANY; i++)
		assert_int_equal(rig_map_at(rig, ioas, i % RIG_PAGES * PAGE,
					    PAGE, PAGE + 2 * i * PAGE),
				 0);
	assert_int_equal(rig->mem.pinned, MANY);
	for (i = 0; i != 1000; i++) {
		iova = 0;
		assert_int_equal(rig_map(rig, ioas, RIG_RW, 0, PAGE, &iova), 0);
		assert_int_equal(iova, (2 * i + 2) * PAGE);
	}
	for (i = 0; i < MANY; i += 997)
		rig_check(rig, 0, PAGE + 2 * i * PAGE, i % RIG_PAGES * PAGE,
			  PAGE);
	for (i = 0; i != MANY; i += 2)
		assert_int_equal(
			rig_unmap(rig, ioas, PAGE + 2 * i * PAGE, PAGE), PAGE);
	assert_int_equal(rig_unmap_all(rig, ioas), (MANY / 2 + 1000) * PAGE);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vtdss),
		cmocka_unit_test(test_amdv1),
		cmocka_unit_test(test_amdv1_mock),
		cmocka_unit_test(test_x86_64),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
