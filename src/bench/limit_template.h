/* SPDX-License-Identifier: MIT */
/*
 * Forms of each limit: fused; in two passes; and so that no step waits for the sum of
 * another. Included with
 *
 *	LIMIT_NAME	what names begin with
 *	LIMIT_LANES	items in a word: 1, 2, 4 or 8
 *	LIMIT_STEPS	words in the body of a loop: 1, 4 or 8
 *	LIMIT_TARGET	attribute of functions with such words
 *
 * The loops over LIMIT_STEPS are unrolled by the compiler, which is told to optimize
 * these units as much as it can.
 */
#define LIMIT_PASTE_(a, b) a##_##b
#define LIMIT_PASTE(a, b)  LIMIT_PASTE_(a, b)
#define LIMIT_FN(name)     LIMIT_PASTE(LIMIT_NAME, name)
#define LIMIT_STRING_(a)   #a
#define LIMIT_STRING(a)    LIMIT_STRING_(a)
#define LIMIT_ITEMS        (LIMIT_LANES * LIMIT_STEPS)
#define LIMIT_UNROLL       _Pragma("GCC unroll 8")
#define LIMIT_ALL          (~UINT64_C(0))
#define word_t             LIMIT_FN(word_t)

#if LIMIT_LANES == 1
typedef uint64_t word_t;

/* One access, as hardware has to see it; and no compiler makes memset() of it. */
#define LIMIT_STORE(at, word) __atomic_store_n(at, word, __ATOMIC_RELAXED)
#define LIMIT_LOAD(at)        (*(at))
#define LIMIT_EMPTY(word)     (word_t)(!(word))
#else
typedef uint64_t word_t
	__attribute__((vector_size(LIMIT_LANES * 8), may_alias));

#define LIMIT_STORE(at, word) (*(word_t *)(at) = (word))
#define LIMIT_LOAD(at)        (*(const word_t *)(at))
#define LIMIT_EMPTY(word)     ((word_t)((word) == (word_t){ 0 }))
#endif

/* Is any bit of @word set? */
LIMIT_TARGET static inline bool LIMIT_FN(any)(word_t word)
{
#if LIMIT_LANES == 1
	return word;
#else
#if LIMIT_LANES == 8
	word |= __builtin_shufflevector(word, word, 4, 5, 6, 7, 4, 5, 6, 7);
	word |= __builtin_shufflevector(word, word, 2, 3, 2, 3, 2, 3, 2, 3);
#elif LIMIT_LANES == 4
	word |= __builtin_shufflevector(word, word, 2, 3, 2, 3);
#endif
	return word[0] | word[1];
#endif
}

/* @first, @first + @step, ...: without a product, which vectors are slow at. */
LIMIT_TARGET static inline word_t LIMIT_FN(series)(uint64_t first,
						   uint64_t step)
{
	word_t word = (word_t){ 0 } + first;

#if LIMIT_LANES == 8
	word += ((word_t){ 0 } + 4 * step) & (word_t){
		0, 0, 0, 0, LIMIT_ALL, LIMIT_ALL, LIMIT_ALL, LIMIT_ALL
	};
	word += ((word_t){ 0 } + 2 * step) & (word_t){
		0, 0, LIMIT_ALL, LIMIT_ALL, 0, 0, LIMIT_ALL, LIMIT_ALL
	};
	word += ((word_t){ 0 } + step) & (word_t){ 0, LIMIT_ALL, 0, LIMIT_ALL,
						   0, LIMIT_ALL, 0, LIMIT_ALL };
#elif LIMIT_LANES == 4
	word += ((word_t){ 0 } + 2 * step) &
		(word_t){ 0, 0, LIMIT_ALL, LIMIT_ALL };
	word += ((word_t){ 0 } + step) & (word_t){ 0, LIMIT_ALL, 0, LIMIT_ALL };
#elif LIMIT_LANES == 2
	word += ((word_t){ 0 } + step) & (word_t){ 0, LIMIT_ALL };
#endif
	return word;
}

/* The OAs of the next runs. */
LIMIT_TARGET static inline word_t LIMIT_FN(oas)(const struct iommu_run *run)
{
#if LIMIT_LANES == 1
	return run->oa;
#else
	word_t low = *(const word_t *)run;
	word_t high = *(const word_t *)(run + LIMIT_LANES / 2);

#if LIMIT_LANES == 2
	return __builtin_shufflevector(low, high, 0, 2);
#elif LIMIT_LANES == 4
	return __builtin_shufflevector(low, high, 0, 2, 4, 6);
#else
	return __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
#endif
#endif
}

/* The word at @i; and the line at the same place @ahead, if it is known, is asked for. */
LIMIT_TARGET static inline word_t
LIMIT_FN(next)(const uint64_t *item, const uint64_t *ahead, size_t i)
{
	if (ahead && i % 8 == 0)
		__builtin_prefetch(ahead + i);
	return LIMIT_LOAD(item + i);
}

/* ---- in one pass ---- */

LIMIT_TARGET static bool LIMIT_FN(map_fused)(uint64_t *item, size_t n,
					     uint64_t first, uint64_t step)
{
	word_t word = LIMIT_FN(series)(first, step);
	word_t seen = { 0 };

	for (size_t i = 0; i < n; i += LIMIT_ITEMS) {
		LIMIT_UNROLL
		for (unsigned int k = 0; k < LIMIT_STEPS; k++) {
			uint64_t *at = item + i + k * LIMIT_LANES;

			seen |= LIMIT_LOAD(at);
			LIMIT_STORE(at, word + k * LIMIT_LANES * step);
		}
		word += LIMIT_ITEMS * step;
	}
	return !LIMIT_FN(any)(seen);
}

LIMIT_TARGET static bool LIMIT_FN(unmap_fused)(uint64_t *item, size_t n)
{
	word_t holes = { 0 };

	for (size_t i = 0; i < n; i += LIMIT_ITEMS)
		LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++) {
		uint64_t *at = item + i + k * LIMIT_LANES;

		holes |= LIMIT_EMPTY(LIMIT_LOAD(at));
		LIMIT_STORE(at, (word_t){ 0 });
	}
	return !LIMIT_FN(any)(holes);
}

/* ---- in two passes ---- */

LIMIT_TARGET static void LIMIT_FN(fill)(uint64_t *item, size_t n,
					uint64_t first, uint64_t step)
{
	word_t word = LIMIT_FN(series)(first, step);

	for (size_t i = 0; i < n; i += LIMIT_ITEMS) {
		LIMIT_UNROLL
		for (unsigned int k = 0; k < LIMIT_STEPS; k++)
			LIMIT_STORE(item + i + k * LIMIT_LANES,
				    word + k * LIMIT_LANES * step);
		word += LIMIT_ITEMS * step;
	}
}

/* As many sums as steps: none waits for another. */
LIMIT_TARGET static bool LIMIT_FN(scan)(const uint64_t *item,
					const uint64_t *ahead, size_t n,
					uint64_t mask)
{
	word_t seen[LIMIT_STEPS] = { 0 };
	word_t all = { 0 };

	for (size_t i = 0; i < n; i += LIMIT_ITEMS)
		LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++)
		seen[k] |= LIMIT_FN(next)(item, ahead, i + k * LIMIT_LANES);
	LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++)
		all |= seen[k];
	return LIMIT_FN(any)(all & ((word_t){ 0 } + mask));
}

/* The same with as many sums as steps. */
LIMIT_TARGET static void LIMIT_FN(fill_sums)(uint64_t *item, size_t n,
					     uint64_t first, uint64_t step)
{
	word_t word[LIMIT_STEPS];

	LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++)
		word[k] =
			LIMIT_FN(series)(first, step) + k * LIMIT_LANES * step;
	for (size_t i = 0; i < n; i += LIMIT_ITEMS) {
		LIMIT_UNROLL
		for (unsigned int k = 0; k < LIMIT_STEPS; k++) {
			LIMIT_STORE(item + i + k * LIMIT_LANES, word[k]);
			word[k] += LIMIT_ITEMS * step;
		}
	}
}

LIMIT_TARGET static bool LIMIT_FN(map_two_pass)(uint64_t *item, size_t n,
						uint64_t first, uint64_t step)
{
	if (LIMIT_FN(scan)(item, NULL, n, LIMIT_ALL))
		return false;
	LIMIT_FN(fill)(item, n, first, step);
	return true;
}

LIMIT_TARGET static bool LIMIT_FN(map_sums)(uint64_t *item, size_t n,
					    uint64_t first, uint64_t step)
{
	if (LIMIT_FN(scan)(item, NULL, n, LIMIT_ALL))
		return false;
	LIMIT_FN(fill_sums)(item, n, first, step);
	return true;
}

LIMIT_TARGET static bool LIMIT_FN(unmap_two_pass)(uint64_t *item, size_t n)
{
	word_t holes[LIMIT_STEPS] = { 0 };
	word_t all = { 0 };

	for (size_t i = 0; i < n; i += LIMIT_ITEMS)
		LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++)
		holes[k] |= LIMIT_EMPTY(LIMIT_LOAD(item + i + k * LIMIT_LANES));
	LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++)
		all |= holes[k];
	if (LIMIT_FN(any)(all))
		return false;
	for (size_t i = 0; i < n; i += LIMIT_ITEMS)
		LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++)
		LIMIT_STORE(item + i + k * LIMIT_LANES, (word_t){ 0 });
	return true;
}

/*
 * What all of them have in common, to be there, instead of each one's being there: the
 * AND of all is not 0.
 */
LIMIT_TARGET static bool LIMIT_FN(unmap_differ)(uint64_t *item, size_t n)
{
	word_t common[LIMIT_STEPS];
	word_t all = (word_t){ 0 } + LIMIT_ALL;
	uint64_t bits = LIMIT_ALL;

	LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++)
		common[k] = all;
	for (size_t i = 0; i < n; i += LIMIT_ITEMS) {
		LIMIT_UNROLL
		for (unsigned int k = 0; k < LIMIT_STEPS; k++)
			common[k] &= LIMIT_LOAD(item + i + k * LIMIT_LANES);
	}
	LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++)
		all &= common[k];
#if LIMIT_LANES == 1
	bits = all;
#else
	for (unsigned int i = 0; i < LIMIT_LANES; i++)
		bits &= all[i];
#endif
	if (!bits)
		return false;
	for (size_t i = 0; i < n; i += LIMIT_ITEMS) {
		LIMIT_UNROLL
		for (unsigned int k = 0; k < LIMIT_STEPS; k++)
			LIMIT_STORE(item + i + k * LIMIT_LANES, (word_t){ 0 });
	}
	return true;
}

/* ---- dirty pages become clean ---- */

/* The word's items that are dirty, in all of their bits. */
LIMIT_TARGET static inline word_t LIMIT_FN(dirty)(word_t word,
						  const struct bench_dirty *how)
{
#if LIMIT_LANES == 1
	return -(word_t)((word & how->mask) == how->value);
#else
	return (word_t)((word & ((word_t){ 0 } + how->mask)) ==
			((word_t){ 0 } + how->value));
#endif
}

/* All are dirty: look at an item, and store it. */
LIMIT_TARGET static bool LIMIT_FN(clean_all)(uint64_t *item,
					     const uint64_t *ahead, size_t n,
					     const struct bench_dirty *how)
{
	word_t differ[LIMIT_STEPS] = { 0 };
	word_t all = { 0 };

	for (size_t i = 0; i < n; i += LIMIT_ITEMS)
		LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++) {
		size_t at = i + k * LIMIT_LANES;
		word_t word = LIMIT_FN(next)(item, ahead, at);

		differ[k] |= word ^ how->value;
		LIMIT_STORE(item + at, word ^ how->mask);
	}
	LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++)
		all |= differ[k];
	return !LIMIT_FN(any)(all & ((word_t){ 0 } + how->mask));
}

/* A word is stored at once if one of its items is dirty. */
LIMIT_TARGET static bool LIMIT_FN(clean_fused)(uint64_t *item,
					       const uint64_t *ahead, size_t n,
					       const struct bench_dirty *how)
{
	bool found = false;

	for (size_t i = 0; i < n; i += LIMIT_ITEMS)
		LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++) {
		size_t at = i + k * LIMIT_LANES;
		word_t word = LIMIT_FN(next)(item, ahead, at);
		word_t dirty = LIMIT_FN(dirty)(word, how);

		if (!LIMIT_FN(any)(dirty))
			continue;
		LIMIT_STORE(item + at, word ^ (dirty & how->mask));
		found = true;
	}
	return found;
}

/* The dirty items of a line are stored. */
LIMIT_TARGET static inline void
LIMIT_FN(clean_line)(uint64_t *line, const struct bench_dirty *how)
{
#if LIMIT_LANES == 1
	unsigned int dirty = 0;

	LIMIT_UNROLL
	for (unsigned int k = 0; k < 8; k++)
		dirty |= (unsigned int)((line[k] & how->mask) == how->value)
			 << k;
	for (; dirty; dirty &= dirty - 1)
		line[__builtin_ctz(dirty)] ^= how->mask;
#else
	LIMIT_UNROLL
	for (unsigned int k = 0; k < 8; k += LIMIT_LANES) {
		word_t word = LIMIT_LOAD(line + k);

		LIMIT_STORE(line + k,
			    word ^ (LIMIT_FN(dirty)(word, how) & how->mask));
	}
#endif
}

/*
 * Lines that may have a dirty item are noted, and stored when all have been looked at.
 * Dirty items have a bit set or clear, which the OR or the AND of a line says of all.
 */
LIMIT_TARGET static inline bool
LIMIT_FN(clean_noted)(uint64_t *item, const uint64_t *ahead, size_t n,
		      const struct bench_dirty *how, bool set)
{
	uint64_t lines = 0, left;

	for (size_t i = 0; i < n; i += 8) {
		word_t seen = (word_t){ 0 } + (set ? 0 : LIMIT_ALL);

		LIMIT_UNROLL
		for (unsigned int k = 0; k < 8; k += LIMIT_LANES) {
			word_t word = LIMIT_FN(next)(item, ahead, i + k);

			seen = set ? seen | word : seen & word;
		}
		if (!set)
			seen = ~seen;
		lines |= (uint64_t)LIMIT_FN(any)(seen &
						 ((word_t){ 0 } + how->mask))
			 << i / 8;
	}
	for (left = lines; left; left &= left - 1)
		LIMIT_FN(clean_line)(item + 8 * __builtin_ctzll(left), how);
	return lines;
}

LIMIT_TARGET static bool LIMIT_FN(clean_two_pass)(uint64_t *item,
						  const uint64_t *ahead,
						  size_t n,
						  const struct bench_dirty *how)
{
	return how->value ? LIMIT_FN(clean_noted)(item, ahead, n, how, true)
			  : LIMIT_FN(clean_noted)(item, ahead, n, how, false);
}

/* ---- from a list ---- */

LIMIT_TARGET static void LIMIT_FN(list)(uint64_t *item,
					const struct iommu_run *run, size_t n,
					uint64_t bits, unsigned int shift)
{
	if (!shift) {
		for (size_t i = 0; i < n; i += LIMIT_ITEMS)
			LIMIT_UNROLL
		for (unsigned int k = 0; k < LIMIT_STEPS; k++) {
			size_t at = i + k * LIMIT_LANES;

			LIMIT_STORE(item + at, LIMIT_FN(oas)(run + at) | bits);
		}
		return;
	}
	for (size_t i = 0; i < n; i += LIMIT_ITEMS)
		LIMIT_UNROLL
	for (unsigned int k = 0; k < LIMIT_STEPS; k++) {
		size_t at = i + k * LIMIT_LANES;

		LIMIT_STORE(item + at, LIMIT_FN(oas)(run + at) >> shift | bits);
	}
}

/* Where there is no sum, @unmap_kind differs in something else. */
#define LIMIT_FORM(kind, unmap_kind, fill_kind, clean_kind)                    \
	{                                                                      \
		.name = LIMIT_STRING(LIMIT_NAME) " " #kind,                    \
		.map = LIMIT_FN(map_##kind),                                   \
		.unmap = LIMIT_FN(unmap_##unmap_kind),                         \
		.fill = LIMIT_FN(fill_kind), .list = LIMIT_FN(list),           \
		.scan = LIMIT_FN(scan), .clean = LIMIT_FN(clean_##clean_kind), \
	}

static const struct bench_form LIMIT_FN(forms)[] = {
	LIMIT_FORM(fused, fused, fill, fused),
	LIMIT_FORM(two_pass, two_pass, fill, two_pass),
	LIMIT_FORM(sums, differ, fill_sums, all),
};

#undef LIMIT_FORM
#undef LIMIT_EMPTY
#undef LIMIT_LOAD
#undef LIMIT_STORE
#undef word_t
#undef LIMIT_ITEMS
#undef LIMIT_ALL
#undef LIMIT_UNROLL
#undef LIMIT_STRING
#undef LIMIT_STRING_
#undef LIMIT_FN
#undef LIMIT_PASTE
#undef LIMIT_PASTE_
#undef LIMIT_NAME
#undef LIMIT_STEPS
