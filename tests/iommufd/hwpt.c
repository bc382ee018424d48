/* SPDX-License-Identifier: MIT */
/*
 * Page tables with dirty tracking: switching it, reading and clearing bitmaps.
 */
#include "rig.h"

#include <pthread.h>

#define IOVA 0x10000000ULL
#define NR   64UL

/**
 * struct scene - device 0 attached to a page table that tracks
 * @ioas: an IOAS with NR pages at IOVA
 * @hwpt: the page table
 */
struct scene {
	struct rig *rig;
	uint32_t ioas;
	uint32_t hwpt;
};

static long tracked_hwpt(struct rig *rig, uint32_t ioas, uint32_t flags,
			 uint32_t *id)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = rig->idev_id[0],
		.pt_id = ioas,
	};
	long rc = rig_ioctl(rig, IOMMU_HWPT_ALLOC, &cmd);

	*id = cmd.out_hwpt_id;
	return rc;
}

static struct scene *scene_new(const char *format)
{
	struct scene *s = calloc(1, sizeof(*s));
	uint32_t pt;

	s->rig = rig_new(format);
	rig_bind(s->rig, 0);
	s->ioas = rig_ioas(s->rig);
	assert_int_equal(tracked_hwpt(s->rig, s->ioas,
				      IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
				      &s->hwpt),
			 0);
	pt = s->hwpt;
	assert_int_equal(rig_attach(s->rig, 0, &pt), 0);
	assert_int_equal(pt, s->hwpt);
	return s;
}

static void scene_free(struct scene *s)
{
	rig_free(s->rig);
	free(s);
}

static int setup(void **state)
{
	struct scene *s = scene_new("vtdss");

	assert_int_equal(rig_map_at(s->rig, s->ioas, 0, NR * PAGE, IOVA), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	scene_free(*state);
	return 0;
}

static long track(struct scene *s, uint32_t hwpt, uint32_t flags)
{
	struct iommu_hwpt_set_dirty_tracking cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.hwpt_id = hwpt,
	};

	return rig_ioctl(s->rig, IOMMU_HWPT_SET_DIRTY_TRACKING, &cmd);
}

static void enable(struct scene *s)
{
	assert_int_equal(track(s, s->hwpt, IOMMU_HWPT_DIRTY_TRACKING_ENABLE),
			 0);
}

static long bitmap(struct scene *s, uint32_t flags, uint64_t iova,
		   uint64_t length, uint64_t page_size, void *data)
{
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = s->hwpt,
		.flags = flags,
		.iova = iova,
		.length = length,
		.page_size = page_size,
		.data = (uintptr_t)data,
	};

	return rig_ioctl(s->rig, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd);
}

/* The NR pages as one word. */
static uint64_t pages(struct scene *s, uint32_t flags)
{
	uint64_t word = 0;

	assert_int_equal(bitmap(s, flags, IOVA, NR * PAGE, PAGE, &word), 0);
	return word;
}

#define NO_CLEAR IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR

static void touch(struct scene *s, uint64_t iova)
{
	uint32_t word = 1;

	assert_int_equal(rig_dma(s->rig, 0, iova, &word, 4, SOFT_WRITE),
			 SOFT_OK);
}

static void look(struct scene *s, uint64_t iova)
{
	uint32_t word;

	assert_int_equal(rig_dma(s->rig, 0, iova, &word, 4, SOFT_READ),
			 SOFT_OK);
}

/* ---- Rules --------------------------------------------------------- */

static void test_set_errors(void **state)
{
	struct scene *s = *state;
	struct iommu_hwpt_set_dirty_tracking cmd = {
		.size = sizeof(cmd),
		.hwpt_id = s->hwpt,
		.__reserved = 1,
	};
	uint32_t plain;

	/* Nobody looks at what is reserved. */
	assert_int_equal(rig_ioctl(s->rig, IOMMU_HWPT_SET_DIRTY_TRACKING, &cmd),
			 0);
	assert_int_equal(track(s, s->hwpt, 2), -EOPNOTSUPP);
	assert_int_equal(track(s, 99, 1), -ENOENT);
	assert_int_equal(track(s, s->ioas, 1), -ENOENT);
	assert_int_equal(rig_hwpt(s->rig, 0, s->ioas, &plain), 0);
	assert_int_equal(track(s, plain, 1), -EOPNOTSUPP);
	assert_int_equal(track(s, plain, 0), -EOPNOTSUPP);
}

static void test_get_errors(void **state)
{
	struct scene *s = *state;
	uint64_t word = 0;
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = s->hwpt,
		.__reserved = 1,
		.iova = IOVA,
		.length = PAGE,
		.page_size = PAGE,
		.data = (uintptr_t)&word,
	};
	const uint64_t len = NR * PAGE;

	assert_int_equal(rig_ioctl(s->rig, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd),
			 -EOPNOTSUPP);
	cmd.__reserved = 0;
	cmd.hwpt_id = s->ioas;
	assert_int_equal(rig_ioctl(s->rig, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd),
			 -ENOENT);
	assert_int_equal(rig_hwpt(s->rig, 0, s->ioas, &cmd.hwpt_id), 0);
	assert_int_equal(rig_ioctl(s->rig, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd),
			 -EOPNOTSUPP);
	assert_int_equal(bitmap(s, 2, IOVA, len, PAGE, &word), -EOPNOTSUPP);
	assert_int_equal(bitmap(s, 0, IOVA, len, 0, &word), -EINVAL);
	assert_int_equal(bitmap(s, 0, IOVA, 0, PAGE, &word), -EINVAL);
	/* Aligned to the bits' pages, and to the IOAS's. */
	assert_int_equal(bitmap(s, 0, IOVA + PAGE, 2 * PAGE, 2 * PAGE, &word),
			 -EINVAL);
	assert_int_equal(bitmap(s, 0, IOVA, PAGE, 2 * PAGE, &word), -EINVAL);
	assert_int_equal(bitmap(s, 0, IOVA, PAGE / 2, PAGE / 2, &word),
			 -EINVAL);
	assert_int_equal(bitmap(s, 0, IOVA + 512, PAGE, 512, &word), -EINVAL);
	/* The range wraps around. */
	assert_int_equal(bitmap(s, 0, UINT64_MAX - PAGE + 1, 2 * PAGE, PAGE,
				&word),
			 -EOVERFLOW);
	/* What is not mapped was not written to, however much it is. */
	assert_int_equal(bitmap(s, 0, IOVA, len + PAGE, PAGE, &word), 0);
	assert_int_equal(bitmap(s, 0, IOVA - PAGE, len, PAGE, &word), 0);
	assert_int_equal(bitmap(s, 0, 0, 1ULL << 63, PAGE, &word), 0);
	assert_int_equal(rig_unmap(s->rig, s->ioas, IOVA, len), len);
	assert_int_equal(bitmap(s, 0, IOVA, len, PAGE, &word), 0);
	assert_int_equal(bitmap(s, 0, 0, 1ULL << 63, PAGE, NULL), 0);
	assert_int_equal(word, 0);
}

/* ---- What is reported ---------------------------------------------- */

static void test_track(void **state)
{
	struct scene *s = *state;
	uint64_t word = 1ULL << 63;

	/* Not tracked: nothing is said. */
	touch(s, IOVA);
	assert_int_equal(pages(s, 0), 0);
	enable(s);
	assert_int_equal(pages(s, 0), 0);
	/* What the IOTLB knew before counts, too. */
	touch(s, IOVA);
	touch(s, IOVA + 5 * PAGE + 8);
	look(s, IOVA + 6 * PAGE);
	assert_int_equal(pages(s, NO_CLEAR), 0x21);
	assert_int_equal(pages(s, NO_CLEAR), 0x21);
	/* Bits that are there stay. */
	assert_int_equal(bitmap(s, 0, IOVA, NR * PAGE, PAGE, &word), 0);
	assert_int_equal(word, 0x8000000000000021);
	assert_int_equal(pages(s, 0), 0);
	/* And again, by translations that have been used. */
	touch(s, IOVA + 5 * PAGE);
	assert_int_equal(pages(s, 0), 0x20);
	/* Enabling starts anew. */
	touch(s, IOVA + 7 * PAGE);
	enable(s);
	assert_int_equal(pages(s, 0), 0);
	touch(s, IOVA + 8 * PAGE);
	assert_int_equal(track(s, s->hwpt, 0), 0);
	touch(s, IOVA + 9 * PAGE);
	assert_int_equal(pages(s, 0), 0x100);
}

static void test_granularity(void **state)
{
	struct scene *s = *state;
	uint64_t word;

	enable(s);
	touch(s, IOVA + 5 * PAGE);
	touch(s, IOVA + 63 * PAGE);
	word = 0;
	assert_int_equal(bitmap(s, NO_CLEAR, IOVA, NR * PAGE, 8 * PAGE, &word),
			 0);
	assert_int_equal(word, 0x81);
	word = 0;
	assert_int_equal(bitmap(s, NO_CLEAR, IOVA, NR * PAGE, NR * PAGE, &word),
			 0);
	assert_int_equal(word, 1);
	/* Part of the range: the first bit is the first page's. */
	word = 0;
	assert_int_equal(
		bitmap(s, NO_CLEAR, IOVA + 3 * PAGE, 4 * PAGE, PAGE, &word), 0);
	assert_int_equal(word, 4);
	/* Less than a word, of which the rest and what is set stay. */
	word = 0xffff000000008001;
	assert_int_equal(bitmap(s, NO_CLEAR, IOVA, 9 * PAGE, PAGE, &word), 0);
	assert_true(word == 0xffff000000008021);
	/* Bits of less than a page, as many as the page has. */
	word = 0;
	assert_int_equal(
		bitmap(s, 0, IOVA + 4 * PAGE, 4 * PAGE, PAGE / 4, &word), 0);
	assert_int_equal(word, 0xf0);
	assert_int_equal(pages(s, 0), 1ULL << 63);
}

/* A large entry is one bit of hardware and many of the client's. */
static void test_large(void **state)
{
	struct scene *s = *state;
	uint64_t bits[8], all = UINT64_MAX;
	unsigned int i;

	assert_int_equal(
		rig_map_at(s->rig, s->ioas, 2 << 20, 4 << 20, 1ULL << 30), 0);
	enable(s);
	touch(s, (1ULL << 30) + 17 * PAGE);
	memset(bits, 0, sizeof(bits));
	/* A range that cuts it reports its part and leaves the entry. */
	assert_int_equal(bitmap(s, 0, 1ULL << 30, 64 * PAGE, PAGE, bits), 0);
	assert_int_equal(bits[0], all);
	memset(bits, 0, sizeof(bits));
	assert_int_equal(bitmap(s, 0, 1ULL << 30, 2 << 20, PAGE, bits), 0);
	for (i = 0; i != 8; i++)
		assert_int_equal(bits[i], all);
	memset(bits, 0, sizeof(bits));
	assert_int_equal(bitmap(s, 0, 1ULL << 30, 4 << 20, 1 << 20, bits), 0);
	assert_int_equal(bits[0], 0);
	touch(s, (1ULL << 30) + (2 << 20));
	assert_int_equal(bitmap(s, 0, 1ULL << 30, 4 << 20, 1 << 20, bits), 0);
	assert_int_equal(bits[0], 0xc);
}

/* Neighbouring areas, one of which is read-only. */
static void test_areas(void **state)
{
	struct scene *s = *state;
	uint64_t iova = IOVA + NR * PAGE, bits[2] = { 0 };

	assert_int_equal(rig_map(s->rig, s->ioas,
				 IOMMU_IOAS_MAP_READABLE |
					 IOMMU_IOAS_MAP_FIXED_IOVA,
				 NR * PAGE, PAGE, &iova),
			 0);
	assert_int_equal(rig_map_at(s->rig, s->ioas, 1000 * PAGE, 63 * PAGE,
				    iova + PAGE),
			 0);
	enable(s);
	look(s, iova);
	touch(s, iova - PAGE);
	touch(s, iova + PAGE);
	assert_int_equal(bitmap(s, 0, IOVA, 2 * NR * PAGE, PAGE, bits), 0);
	assert_int_equal(bits[0], 1ULL << 63);
	assert_int_equal(bits[1], 2);
}

/* The device writes, whether or not there is memory behind. */
static void dirty_at(struct scene *s, uint64_t iova)
{
	uint32_t word = 1;

	rig_dma(s->rig, 0, iova, &word, 4, SOFT_WRITE);
}

/* Each format; more than one chunk; a range that begins in no whole byte. */
static void test_formats(void **state)
{
	static const char *const formats[] = { "vtdss", "amdv1", "amdv1_mock",
					       "x86_64" };
	static const uint64_t at[] = { 0,      37,     38,     262144,
				       262181, 300000, 524287, 524286 };
	const uint64_t base = (5ULL << 30) - 37 * PAGE, nr = 524288;
	struct scene *s;
	uint64_t j, set;
	unsigned int i;
	uint8_t *bits;

	bits = calloc(2, nr / 8);
	for (i = 0; i != 4; i++) {
		s = scene_new(formats[i]);
		assert_int_equal(rig_map_file(s->rig, s->ioas, RIG_HUGE_FD, 0,
					      nr * PAGE, base),
				 0);
		enable(s);
		for (j = 0; j != 8; j++)
			dirty_at(s, base + at[j] * PAGE);
		memset(bits, 0, nr / 8);
		assert_int_equal(bitmap(s, 0, base, nr * PAGE, PAGE, bits), 0);
		for (j = 0, set = 0; j != nr; j++)
			set += bits[j / 8] >> (j % 8) & 1;
		assert_true(set >= 8);
		for (j = 0; j != 8; j++)
			assert_true(bits[at[j] / 8] >> (at[j] % 8) & 1);
		memset(bits, 0, nr / 8);
		assert_int_equal(bitmap(s, 0, base, nr * PAGE, PAGE, bits), 0);
		for (j = 0; j != nr / 8; j++)
			assert_int_equal(bits[j], 0);
		scene_free(s);
	}
	free(bits);
}

/*
 * 4 KiB entries throughout, so that every bit says where it belongs: a chunk's
 * bits are where the client's are, also with 37 pages before the first border.
 */
static void test_chunks(void **state)
{
	const uint64_t base = (1ULL << 30) - 37 * PAGE, nr = 1024;
	struct scene *s = *state;
	uint64_t bits[16] = { 0 };
	unsigned int i;

	s->rig->mem.flip = true;
	assert_int_equal(
		rig_map_at(s->rig, s->ioas, 64 * PAGE, nr * PAGE, base), 0);
	enable(s);
	for (i = 0; i < nr; i += 3)
		touch(s, base + i * PAGE);
	assert_int_equal(bitmap(s, NO_CLEAR, base, nr * PAGE, PAGE, bits), 0);
	for (i = 0; i < nr; i++)
		assert_int_equal(bits[i / 64] >> (i % 64) & 1, i % 3 == 0);
	/* From the fourth page on, bit by bit the same. */
	memset(bits, 0, sizeof(bits));
	assert_int_equal(
		bitmap(s, 0, base + 4 * PAGE, (nr - 4) * PAGE, PAGE, bits), 0);
	for (i = 0; i < nr - 4; i++)
		assert_int_equal(bits[i / 64] >> (i % 64) & 1,
				 (i + 4) % 3 == 0);
	assert_int_equal(bitmap(s, 0, base + 4 * PAGE, PAGE, PAGE, bits), 0);
}

/* ---- Failures ------------------------------------------------------ */

/* What the client's memory does not take is not lost. */
static void test_unwritable(void **state)
{
	struct scene *s = *state;
	uint64_t *word = (void *)s->rig->mem.va;
	struct rig *rig = s->rig;

	enable(s);
	touch(s, IOVA + PAGE);
	touch(s, IOVA + 33 * PAGE);
	rig->bad_start = rig->bad_last = (uintptr_t)word + 5;
	assert_int_equal(bitmap(s, 0, IOVA, NR * PAGE, PAGE, word), -EFAULT);
	rig->bad_start = rig->bad_last = UINT64_MAX;
	assert_int_equal(pages(s, 0), 1ULL << 33 | 2);
	/* A bitmap without bits to set is not touched. */
	assert_int_equal(bitmap(s, 0, IOVA, NR * PAGE, PAGE, NULL), 0);
	/* In the coarsest bits, too. */
	touch(s, IOVA + 33 * PAGE);
	assert_int_equal(bitmap(s, 0, IOVA, NR * PAGE, NR * PAGE, NULL),
			 -EFAULT);
	assert_true(pages(s, 0) & 1ULL << 33);
}

static void test_each_failure(void **state)
{
	struct scene *s = *state;
	uint64_t word;
	unsigned int n;
	long rc;

	enable(s);
	for (n = 1;; n++) {
		touch(s, IOVA + 9 * PAGE);
		word = 0;
		rig_fail_nth(n);
		rc = bitmap(s, 0, IOVA, NR * PAGE, PAGE, &word);
		if (rig_failed() == RIG_FAIL_NONE)
			break;
		assert_int_equal(rc, rig_failed() == RIG_FAIL_COPY ? -EFAULT
								   : -ENOMEM);
		rig_fail_nth(0);
		assert_int_equal(pages(s, 0), 1 << 9);
	}
	rig_fail_nth(0);
	/* The struct, our bitmap, and the client's in and out. */
	assert_int_equal(n, 5);
	assert_int_equal(rc, 0);
	assert_int_equal(word, 1 << 9);
}

/* ---- Beside others ------------------------------------------------- */

/**
 * struct race - a device that writes and a client that maps, while bits are read
 * @stop: enough
 */
struct race {
	struct scene *s;
	bool stop;
};

static void *map_and_unmap(void *arg)
{
	struct race *race = arg;
	struct rig *rig = race->s->rig;

	while (!__atomic_load_n(&race->stop, __ATOMIC_ACQUIRE)) {
		rig_map_at(rig, race->s->ioas, 512 * PAGE, 512 * PAGE,
			   2ULL << 30);
		dirty_at(race->s, 2ULL << 30);
		rig_unmap(rig, race->s->ioas, 2ULL << 30, 512 * PAGE);
	}
	return NULL;
}

/* Each write is seen once, by one of the readers or the other. */
static void test_race(void **state)
{
	struct race race = { .s = *state };
	uint64_t bits[8], seen = 0;
	pthread_t thread;
	unsigned int i;
	long rc;

	enable(race.s);
	pthread_create(&thread, NULL, map_and_unmap, &race);
	for (i = 0; i != 300; i++) {
		touch(race.s, IOVA + i % NR * PAGE);
		seen += pages(race.s, 0) == 1ULL << (i % NR);
		rc = bitmap(race.s, 0, 2ULL << 30, 512 * PAGE, PAGE, bits);
		assert_true(!rc || rc == -EINVAL);
		if (i % 50 == 0)
			enable(race.s);
	}
	__atomic_store_n(&race.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_int_equal(seen, 300);
}

/* Attached elsewhere, the page table keeps its bits; tracking stays on. */
static void test_replace(void **state)
{
	struct scene *s = *state;
	uint32_t plain, pt;

	assert_int_equal(rig_hwpt(s->rig, 0, s->ioas, &plain), 0);
	enable(s);
	touch(s, IOVA);
	pt = plain;
	assert_int_equal(rig_attach(s->rig, 0, &pt), 0);
	touch(s, IOVA + PAGE);
	pt = s->hwpt;
	assert_int_equal(rig_attach(s->rig, 0, &pt), 0);
	touch(s, IOVA + 2 * PAGE);
	assert_int_equal(pages(s, 0), 5);
	assert_int_equal(rig_destroy(s->rig, s->hwpt), -EBUSY);
	pt = plain;
	assert_int_equal(rig_attach(s->rig, 0, &pt), 0);
	assert_int_equal(rig_destroy(s->rig, s->hwpt), 0);
	assert_int_equal(track(s, s->hwpt, 1), -ENOENT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_set_errors),
		TEST(test_get_errors),
		TEST(test_track),
		TEST(test_granularity),
		TEST(test_large),
		TEST(test_areas),
		cmocka_unit_test(test_formats),
		TEST(test_chunks),
		TEST(test_unwritable),
		TEST(test_each_failure),
		TEST(test_race),
		TEST(test_replace),
	};

	return cmocka_run_group_tests_name("hwpt", tests, NULL, NULL);
}
