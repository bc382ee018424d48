/* SPDX-License-Identifier: MIT */
/* The decoders against the worked examples, bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "examples.h"

static enum soft_reason walk(struct mem *mem, const struct soft_root *root,
			     uint64_t va, struct soft_walk *out)
{
	return soft_walk(&mem->bus, root, va, 0, out);
}

static void check_probe(struct mem *mem, const struct example *ex, uint64_t off)
{
	struct soft_root root = example_root(ex);
	const struct soft_entry *leaf;
	struct soft_walk w;

	assert_int_equal(walk(mem, &root, ex->va + off, &w), SOFT_OK);
	assert_int_equal(w.oa, ex->oa + off);
	assert_int_equal(UINT64_C(1) << w.size_lg2, ex->size);
	assert_true(soft_page_sizes(&root) & ex->size);
	assert_int_equal(w.prot, ex->prot);
	assert_int_equal(w.steps, ex->nr_entries);
	for (unsigned int i = 0; i < w.steps; i++) {
		assert_int_equal(w.step[i].table_pa, example_table(ex, i));
		assert_int_equal(
			w.step[i].raw,
			ex->entry[i].value +
				ex->entry[i].step *
					(w.step[i].index - ex->entry[i].index));
		assert_int_equal(w.step[i].level, ex->levels - 1 - i);
		assert_null(w.step[i].why);
	}
	leaf = &w.step[w.steps - 1];
	assert_int_equal(leaf->kind, SOFT_LEAF);
	assert_int_equal(leaf->va, ex->va);
	assert_int_equal(leaf->oa, ex->oa);
	assert_int_equal(1u << leaf->run_lg2, ex->entry[w.steps - 1].copies);
}

static void check_outside(struct mem *mem, const struct example *ex,
			  uint64_t va)
{
	struct soft_root root = example_root(ex);
	struct soft_walk w;

	assert_int_equal(walk(mem, &root, va, &w), SOFT_FAULT_NOT_PRESENT);
	assert_int_equal(w.step[w.steps - 1].kind, SOFT_EMPTY);
}

static void test_examples(void **state)
{
	for (size_t i = 0; i < NR_EXAMPLES; i++) {
		const struct example *ex = &examples[i];
		struct mem mem;

		mem_init(&mem);
		example_store(&mem, ex);
		check_probe(&mem, ex, 0);
		check_probe(&mem, ex, ex->size - 1);
		check_probe(&mem, ex, ex->size / 2);
		for (uint64_t off = 1; off < ex->size; off = off * 3 + 7)
			check_probe(&mem, ex, off);
		check_outside(&mem, ex, ex->va - 1);
		check_outside(&mem, ex, ex->va + ex->size);
		mem_fini(&mem);
	}
}

/* Permission of the whole path, and of what is asked for. */
static void test_access(void **state)
{
	const struct example *ex = example_find("V1");
	struct soft_root root = example_root(ex);
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	example_store(&mem, ex);
	assert_int_equal(soft_walk(&mem.bus, &root, ex->va,
				   SOFT_READ | SOFT_WRITE, &w),
			 SOFT_OK);
	/* Take write away in the middle of the path. */
	mem_put(&mem, example_pa(ex, 1), ex->entry[1].value & ~UINT64_C(2));
	assert_int_equal(soft_walk(&mem.bus, &root, ex->va, SOFT_WRITE, &w),
			 SOFT_FAULT_PERMISSION);
	assert_int_equal(w.oa, ex->oa);
	assert_int_equal(w.prot, SOFT_READ);
	assert_int_equal(w.step[3].prot, SOFT_READ | SOFT_WRITE);
	assert_int_equal(soft_walk(&mem.bus, &root, ex->va, SOFT_READ, &w),
			 SOFT_OK);
	mem_fini(&mem);
}

/*
 * What each bit of an entry means, from bit 63 down, as (letter, count):
 *
 *   i  no effect on the translation
 *   r  reserved, or an address bit that must be zero: the entry is bad
 *   p  present: the entry is empty without it
 *   R W X  flips that permission, and nothing else
 *   U  takes all permissions away
 *   u  takes read and write away
 *   e  takes read and execute away
 *   a d  accessed, dirty
 *   o  bit of the output address: moves it by just that bit
 *   O  the same, but the address bits are not in order
 *   t  bit of a table's address, or what kind of entry it is: the walk is not what
 *      it was
 */
struct meaning {
	const char *example;
	unsigned int entry;
	const char *bits;
};

/* clang-format off */
static const struct meaning meanings[] = {
	{ "A1", 0, "i1 W1 R1 r9 t40 t3 i8 p1" },
	{ "A1", 1, "i1 W1 R1 r9 t40 t3 i8 p1" },
	{ "A1", 2, "i1 W1 R1 i2 r7 o40 t3 i2 d1 a1 i4 p1" },
	{ "A2", 2, "i1 W1 R1 i2 r7 o31 r9 t3 i2 d1 a1 i4 p1" },
	{ "A3", 2, "i1 W1 R1 i2 r7 o36 t4 t3 i2 d1 a1 i4 p1" },
	{ "A4", 1, "i1 W1 R1 i2 r7 o28 t12 t3 i2 d1 a1 i4 p1" },
	{ "M1", 0, "i1 W1 R1 r9 t39 r1 t3 i8 p1" },
	{ "M1", 3, "i1 W1 R1 r9 t39 r1 t3 i8 p1" },
	{ "M1", 4, "i1 W1 R1 r1 i1 r7 o40 t3 i2 d1 a1 i4 p1" },
	{ "M2", 4, "i1 W1 R1 r1 i1 r7 o38 t2 t3 i2 d1 a1 i4 p1" },
	{ "M3", 2, "i1 W1 R1 r1 i1 r7 o21 t19 t3 i2 d1 a1 i4 p1" },
	{ "V1", 0, "i1 r2 i9 t40 i3 a1 r1 i5 W1 R1" },
	{ "V1", 1, "i1 r2 i9 t40 i3 a1 t1 i5 W1 R1" },
	{ "V1", 2, "i1 r2 i9 t40 i3 a1 t1 i5 W1 R1" },
	{ "V1", 3, "i1 r2 i9 o40 r1 i1 d1 a1 i6 W1 R1" },
	{ "V2", 1, "i1 r2 i9 o31 r9 i1 i1 d1 a1 t1 i5 W1 p1" },
	{ "V3", 0, "i1 r2 i9 t40 i3 a1 r1 i5 W1 R1" },
	{ "V3", 1, "i1 r2 i9 t40 i3 a1 r1 i5 W1 R1" },
	{ "V3", 2, "i1 r2 i9 o22 r18 r1 i1 d1 a1 t1 i5 W1 R1" },
	{ "X1", 0, "r1 i11 t40 i4 r1 i1 a1 i2 U1 W1 p1" },
	{ "X1", 1, "r1 i11 t40 i4 t1 i1 a1 i2 U1 W1 p1" },
	{ "X1", 2, "r1 i11 t40 i4 t1 i1 a1 i2 U1 W1 p1" },
	{ "X1", 3, "r1 i11 o40 i5 d1 a1 i2 U1 W1 p1" },
	{ "X2", 2, "X1 i11 o31 r8 i1 i4 t1 d1 a1 i2 U1 W1 p1" },
	{ "X3", 0, "r1 i11 t40 i4 r1 i1 a1 i2 U1 W1 p1" },
	{ "X3", 2, "r1 i11 o22 r17 i1 i4 t1 d1 a1 i2 U1 W1 p1" },
	{ "R1", 0, "r1 r2 r2 r5 t44 i2 r2 i1 r1 t3 p1" },
	{ "R1", 2, "r1 r2 r2 r5 o44 i2 W1 r1 i1 U1 X1 W1 r1 p1" },
	{ "R2", 3, "t1 r2 r2 r5 o40 r4 i2 d1 r1 i1 U1 X1 i1 r1 p1" },
	{ "R3", 3, "r1 i1 r1 r2 r5 o35 r9 i2 W1 r1 i1 U1 X1 W1 r1 p1" },
	{ "R4", 0, "r1 r2 r2 r5 o26 r18 i2 W1 r1 i1 r1 X1 W1 r1 p1" },
	{ "R5", 0, "t22 i2 r2 i1 r1 t3 p1" },
	{ "R5", 1, "o22 i2 W1 r1 i1 U1 X1 W1 r1 p1" },
	{ "R6", 0, "o12 r10 i2 d1 r1 i1 U1 X1 i1 r1 p1" },
	{ "E1", 0, "i12 t40 i3 a1 r5 X1 W1 r1" },
	{ "E1", 1, "i12 t40 i3 a1 t1 r4 X1 W1 r1" },
	{ "E1", 2, "i12 t40 i3 a1 t1 r4 X1 W1 r1" },
	{ "E1", 3, "i12 o40 i2 d1 a1 i2 r1 i1 r1 X1 W1 r1" },
	{ "E2", 2, "i12 o31 r9 i2 d1 a1 t1 i1 i1 r1 i1 X1 W1 p1" },
	{ "E3", 0, "i12 t40 i3 a1 r5 X1 W1 r1" },
	{ "E3", 2, "i12 o22 r18 i2 d1 a1 t1 i4 X1 W1 r1" },
	{ "S1a", 0, "i1 W1 u1 X1 i1 i8 r3 t36 i10 t1 p1" },
	{ "S1a", 1, "i1 W1 u1 X1 i1 i8 r3 t36 i10 t1 p1" },
	{ "S1a", 2, "i1 W1 u1 X1 i1 i8 r3 t36 i10 t1 p1" },
	{ "S1a", 3, "i9 X1 i1 t1 i2 r2 o36 i1 r1 i2 W1 u1 i4 r1 p1" },
	{ "S1b", 1, "i9 X1 i1 t1 i2 r2 o27 r9 i1 r1 i2 W1 u1 i4 t1 p1" },
	{ "S1c", 3, "i9 X1 i1 t1 i2 r2 o32 r4 i1 r1 i2 W1 u1 i4 r1 p1" },
	{ "S1d", 0, "i1 W1 u1 X1 i1 i8 r3 t34 r2 i10 t1 p1" },
	{ "S1d", 1, "i9 X1 i1 t1 i2 r2 o23 r13 i1 r1 i2 W1 u1 i4 t1 p1" },
	{ "S1e", 0, "i1 W1 u1 X1 i1 i8 r3 t36 i10 t1 p1" },
	{ "S1e", 2, "i9 X1 i1 t1 i2 r2 o32 O4 i1 r1 i2 W1 u1 i4 r1 p1" },
	{ "S1f", 0, "i1 W1 u1 X1 i1 i8 r1 t38 i2 t2 i6 t1 p1" },
	{ "S1f", 4, "i9 X1 i1 t1 i2 o38 i1 r1 O2 W1 u1 i4 r1 p1" },
	{ "S2a", 0, "r5 i8 r3 t36 i10 t1 p1" },
	{ "S2a", 2, "r5 i4 X1 r1 t1 i1 r3 o36 i1 r1 i2 W1 e1 i4 r1 p1" },
	{ "S2b", 2, "r5 i4 X1 r1 t1 i1 r3 o27 r9 i1 r1 i2 W1 R1 i4 t1 p1" },
	{ "LP1", 0, "i1 W1 U1 X1 i1 i7 r12 t28 i10 t1 p1" },
	{ "LP1", 1, "i9 X1 i1 t1 r12 o19 r9 i1 r1 i2 W1 U1 i4 t1 p1" },
	{ "LP2", 2, "i9 X1 i1 t1 r12 o28 i1 r1 i2 W1 u1 i4 r1 p1" },
	{ "LP3", 0, "r5 i7 r12 t28 i10 t1 p1" },
	{ "LP3", 2, "r5 i4 X1 r1 t1 r12 o28 i1 r1 i2 W1 e1 i4 r1 p1" },
	{ "P1", 0, "t22 i5 r1 i2 t1 p1" },
	{ "P1", 1, "o20 i2 W1 i3 U1 r1 i2 p1 X1" },
	{ "P2", 1, "o16 X1 i5 W1 r3 U1 r1 i2 t1 p1" },
	{ "P3", 0, "o12 i1 t1 i2 W1 i3 U1 r1 i5 X1 i2 p1 i1" },
	{ "P4", 0, "o8 O4 i1 t1 i2 W1 i3 U1 r1 i1 O4 X1 i2 p1 i1" },
	{ "D1", 0, "r28 t22 r13 p1" },
	{ "D1", 1, "i24 r4 o22 r5 R1 W1 r5 i1 p1" },
	{ "D2", 0, "r26 t28 r9 p1" },
	{ "D2", 1, "r26 o28 r6 R1 W1 i1 p1" },
	{ "D3", 1, "i24 r4 o22 r5 R1 W1 r5 i1 p1" },
};
/* clang-format on */

/* "i1 r2" to one letter for each bit, meaning[0] for bit 0. */
static void expand(const char *bits, unsigned int bit, char meaning[64])
{
	while (*bits) {
		char letter = *bits++;
		char *end;
		unsigned long count = strtoul(bits, &end, 10);

		assert_true(count >= 1 && count <= bit);
		while (count--)
			meaning[--bit] = letter;
		bits = *end ? end + 1 : end;
	}
	assert_int_equal(bit, 0);
}

static bool same(const struct soft_walk *a, const struct soft_walk *b)
{
	return a->reason == b->reason && a->oa == b->oa && a->prot == b->prot &&
	       a->size_lg2 == b->size_lg2;
}

static void check_flipped(char meaning, unsigned int bit, int shift,
			  unsigned int i, const struct soft_walk *before,
			  const struct soft_walk *after)
{
	unsigned int gone = before->prot ^ after->prot;

	switch (meaning) {
	case 'i':
		assert_true(same(before, after));
		assert_int_equal(after->step[i].accessed,
				 before->step[i].accessed);
		assert_int_equal(after->step[i].dirty, before->step[i].dirty);
		break;
	case 'r':
		assert_int_equal(after->reason, SOFT_FAULT_BAD_ENTRY);
		assert_int_equal(after->steps, i + 1);
		assert_non_null(after->step[i].why);
		break;
	case 'p':
		assert_int_equal(after->reason, SOFT_FAULT_NOT_PRESENT);
		assert_int_equal(after->steps, i + 1);
		break;
	case 'R':
	case 'W':
	case 'X':
		assert_int_equal(after->reason, SOFT_OK);
		assert_int_equal(after->oa, before->oa);
		if (meaning == 'R')
			assert_int_equal(gone, SOFT_READ);
		else if (meaning == 'X')
			assert_int_equal(gone | SOFT_EXEC, SOFT_EXEC);
		else /* the rest of the path may not write or execute anyway */
			assert_int_equal(gone | SOFT_WRITE, SOFT_WRITE);
		assert_int_not_equal(after->step[i].prot, before->step[i].prot);
		break;
	case 'U':
		assert_int_equal(after->reason, SOFT_OK);
		assert_int_equal(after->prot, 0);
		break;
	case 'u':
		assert_int_equal(after->reason, SOFT_OK);
		assert_int_equal(gone, before->prot & (SOFT_READ | SOFT_WRITE));
		assert_int_not_equal(gone, 0);
		break;
	case 'e':
		assert_int_equal(after->reason, SOFT_OK);
		assert_int_equal(gone, SOFT_READ | SOFT_EXEC);
		break;
	case 'a':
		assert_true(same(before, after));
		assert_int_not_equal(after->step[i].accessed,
				     before->step[i].accessed);
		break;
	case 'd':
		assert_true(same(before, after));
		assert_int_not_equal(after->step[i].dirty,
				     before->step[i].dirty);
		break;
	case 'o':
		assert_int_equal(after->reason, SOFT_OK);
		assert_int_equal(after->oa ^ before->oa,
				 UINT64_C(1) << ((int)bit - shift));
		assert_int_equal(after->size_lg2, before->size_lg2);
		break;
	case 'O':
		assert_int_equal(after->reason, SOFT_OK);
		assert_int_equal(__builtin_popcountll(after->oa ^ before->oa),
				 1);
		assert_int_equal(after->size_lg2, before->size_lg2);
		break;
	case 't':
		/* AMDv1 may skip a level and arrive all the same. */
		assert_true(!same(before, after) ||
			    before->steps != after->steps);
		break;
	default:
		fail();
	}
}

/* Do the names of the fields say the same? */
static void check_name(const struct soft_root *root,
		       const struct soft_entry *entry, unsigned int bit,
		       char meaning)
{
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int i = 0;

	assert_int_not_equal(soft_fields(root, entry, field), 0);
	while (field[i].lo > bit)
		i++;
	if (!strcmp(field[i].name, "reserved"))
		assert_int_equal(meaning, 'r');
	if (!strcmp(field[i].name, "ignored"))
		assert_int_equal(meaning, 'i');
}

/* How far left of its place the address stands. */
static int address_shift(const char *format)
{
	if (!strcmp(format, "amdv1_mock"))
		return 1;
	if (!strcmp(format, "dart2"))
		return -4;
	return strncmp(format, "riscv", 5) ? 0 : -2;
}

/* Flip each bit of one entry; in a run the bit of the copy that is probed. */
static void check_meaning(const struct meaning *m)
{
	const struct example *ex = example_find(m->example);
	unsigned int bits = 8 * example_entry_size(ex);
	int shift = address_shift(ex->format);
	struct soft_root root = example_root(ex);
	struct soft_walk before, after;
	char meaning[64];
	struct mem mem;

	expand(m->bits, bits, meaning);
	mem_init(&mem);
	example_store(&mem, ex);
	walk(&mem, &root, ex->va, &before);
	for (unsigned int bit = 0; bit < bits; bit++) {
		example_put(&mem, ex, m->entry, 0,
			    ex->entry[m->entry].value ^ UINT64_C(1) << bit);
		walk(&mem, &root, ex->va, &after);
		check_name(&root, &before.step[m->entry], bit, meaning[bit]);
		check_flipped(meaning[bit], bit, shift, m->entry, &before,
			      &after);
	}
	mem_fini(&mem);
}

static void test_every_bit(void **state)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		check_meaning(&meanings[i]);
}

static void check_fields(const struct soft_root *root, unsigned int level,
			 uint64_t raw)
{
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int next = 8 * soft_format_entry_size(root->format);
	struct soft_entry entry = {
		.level = level,
		.raw = raw & UINT64_MAX >> (64 - next),
	};
	unsigned int n = soft_fields(root, &entry, field);
	uint64_t again = 0;

	assert_in_range(n, 1, SOFT_MAX_FIELDS);
	for (unsigned int i = 0; i < n; i++) {
		assert_true(field[i].name && *field[i].name);
		assert_int_equal(field[i].hi, next - 1);
		assert_in_range(field[i].lo, 0, field[i].hi);
		again |= field[i].value << field[i].lo;
		next = field[i].lo;
	}
	assert_int_equal(next, 0);
	assert_int_equal(again, entry.raw);
}

/* All levels of the table of an example, with any content. */
static void check_all_fields(const struct soft_root *root, uint64_t *raw)
{
	for (unsigned int level = 0; level < root->levels; level++) {
		check_fields(root, level, 0);
		check_fields(root, level, UINT64_MAX);
		for (unsigned int j = 0; j < 200; j++) {
			*raw ^= *raw << 13;
			*raw ^= *raw >> 7;
			*raw ^= *raw << 17;
			check_fields(root, level, *raw);
		}
	}
}

/* Whatever the entry is, and with any feature, every bit has one name. */
static void test_fields(void **state)
{
	uint64_t raw = 88172645463325252;

	for (size_t i = 0; i < NR_EXAMPLES; i++) {
		struct soft_root root = example_root(&examples[i]);

		check_all_fields(&root, &raw);
		for (unsigned int j = 0; j < examples[i].nr_entries; j++)
			check_fields(&root, root.levels - 1 - j,
				     examples[i].entry[j].value);
		for (unsigned int bit = 0; bit < 64; bit++) {
			root.features = UINT64_C(1) << bit;
			if (!soft_root_check(&root))
				check_all_fields(&root, &raw);
		}
		root = example_root(&examples[i]);
		for (root.c_bit = 32; root.c_bit < 52; root.c_bit++)
			if (!soft_root_check(&root))
				check_all_fields(&root, &raw);
	}
}

static uint64_t field_value(const struct soft_root *root, unsigned int level,
			    uint64_t raw, const char *name)
{
	struct soft_entry entry = { .level = level, .raw = raw };
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int n = soft_fields(root, &entry, field);

	for (unsigned int i = 0; i < n; i++)
		if (!strcmp(field[i].name, name))
			return field[i].value;
	fail_msg("no field %s", name);
	return 0;
}

static void test_field_values(void **state)
{
	struct soft_root amd = example_root(example_find("A1"));
	struct soft_root mock = example_root(example_find("M1"));
	struct soft_root vtd = example_root(example_find("V1"));
	struct soft_root x86 = example_root(example_find("X2"));

	assert_int_equal(field_value(&amd, 2, 0x6000000080002401, "NL"), 2);
	assert_int_equal(field_value(&amd, 2, 0x6000000080002401, "ADDR"),
			 0x80002);
	assert_int_equal(field_value(&amd, 0, 0x7000000789abc001, "FC"), 1);
	assert_int_equal(field_value(&amd, 0, 0x0800000789abc061, "U"), 1);
	assert_int_equal(field_value(&amd, 0, 0x7000000789abc041, "D"), 1);
	assert_int_equal(field_value(&amd, 0, 0x7000000789abc021, "A"), 1);
	assert_int_equal(field_value(&mock, 0, 0x6000000000135001, "ADDR>>11"),
			 0x135);
	assert_int_equal(field_value(&vtd, 1, 0x80600881, "PS"), 1);
	assert_int_equal(field_value(&vtd, 1, 0x80600881, "SNP"), 1);
	assert_int_equal(field_value(&vtd, 0, 0x80600039, "EMT"), 7);
	assert_int_equal(field_value(&x86, 1, 0x80000011222000a5, "XD"), 1);
	assert_int_equal(field_value(&x86, 1, 0x80000011222000a5, "ADDR"),
			 0x1122200000 >> 21);
	assert_int_equal(field_value(&x86, 1, 0x80000011222000a5, "R/W"), 0);
}

/* ------------------------------------------------ the optional bits */

static enum soft_reason reason_with(const char *example, uint64_t features,
				    uint64_t flip, struct soft_walk *w)
{
	const struct example *ex = example_find(example);
	struct soft_root root = example_root(ex);
	unsigned int leaf = ex->nr_entries - 1;
	struct mem mem;

	mem_init(&mem);
	example_store(&mem, ex);
	mem_put(&mem, example_pa(ex, leaf), ex->entry[leaf].value ^ flip);
	root.features = features;
	walk(&mem, &root, ex->va, w);
	mem_fini(&mem);
	return w->reason;
}

static void test_features(void **state)
{
	const uint64_t snp = 1 << 11, x = 1 << 2, rw = 3, us = 1 << 2;
	const uint64_t xd = UINT64_C(1) << 63;
	struct soft_walk w;

	/* VT-d: SNP is reserved without snoop control. */
	assert_int_equal(reason_with("V1", 0, snp, &w), SOFT_FAULT_BAD_ENTRY);
	assert_int_equal(reason_with("V1", SOFT_FEAT_SNOOP, snp, &w), SOFT_OK);
	/* X alone makes an entry present only where execute is enabled. */
	assert_int_equal(reason_with("V1", 0, x | rw, &w),
			 SOFT_FAULT_NOT_PRESENT);
	assert_int_equal(reason_with("V1", SOFT_FEAT_EXEC, x | rw, &w),
			 SOFT_OK);
	assert_int_equal(w.prot, 0); /* the tables above do not execute */
	assert_int_equal(w.step[3].prot, SOFT_EXEC);
	/* x86-64: XD is reserved without NXE. */
	assert_int_equal(reason_with("X1", 0, xd, &w), SOFT_FAULT_BAD_ENTRY);
	assert_int_equal(reason_with("X1", SOFT_FEAT_NXE, xd, &w), SOFT_OK);
	assert_int_equal(w.prot, EX_RW);
	/* A supervisor page is there, but not for user requests. */
	assert_int_equal(reason_with("X1", 0, us, &w), SOFT_OK);
	assert_int_equal(w.prot, 0);
	assert_int_equal(reason_with("X1", SOFT_FEAT_SUPERVISOR, us, &w),
			 SOFT_OK);
	assert_int_equal(w.prot, EX_RWX);
}

/* ------------------------------------------------ widths and roots */

static enum soft_reason reason_at(struct soft_root *root, uint64_t va)
{
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	mem_page(&mem, EXAMPLE_TOP);
	walk(&mem, root, va, &w);
	mem_fini(&mem);
	return w.reason;
}

static void check_edge(const char *format, unsigned int levels,
		       unsigned int va_bits, uint64_t inside, uint64_t outside)
{
	struct soft_root root = {
		.format = soft_format_find(format),
		.pa = EXAMPLE_TOP,
		.levels = levels,
		.va_bits = va_bits,
	};

	assert_int_equal(reason_at(&root, inside), SOFT_FAULT_NOT_PRESENT);
	assert_int_equal(reason_at(&root, outside), SOFT_FAULT_RANGE);
}

static void test_input_range(void **state)
{
	struct soft_root amd6 = { .format = soft_format_find("amdv1"),
				  .pa = EXAMPLE_TOP,
				  .levels = 6 };
	struct soft_root giov = { .format = soft_format_find("x86_64"),
				  .pa = EXAMPLE_TOP,
				  .levels = 4,
				  .va_bits = 47,
				  .features = SOFT_FEAT_UNSIGNED };

	for (unsigned int mode = 1; mode < 6; mode++) {
		uint64_t end = UINT64_C(1) << (12 + 9 * mode);

		check_edge("amdv1", mode, 0, end - 1, end);
		check_edge("amdv1", mode, 64, end - 1, UINT64_MAX);
		check_edge("amdv1_mock", mode, 0, (end >> 1) - 1, end >> 1);
	}
	assert_int_equal(reason_at(&amd6, UINT64_MAX), SOFT_FAULT_NOT_PRESENT);
	for (unsigned int levels = 3; levels <= 5; levels++) {
		uint64_t end = UINT64_C(1) << (12 + 9 * levels);

		check_edge("vtdss", levels, 0, end - 1, end);
	}
	/* An aperture of 39 bits in a table of four levels. */
	check_edge("vtdss", 4, 39, 0x7fffffffff, 0x8000000000);
	/* Canonical addresses. */
	check_edge("x86_64", 4, 0, 0x7fffffffffff, 0x800000000000);
	check_edge("x86_64", 4, 0, 0xffff800000000000, 0xffff7fffffffffff);
	check_edge("x86_64", 5, 0, 0xffffffffffffff, 0x100000000000000);
	check_edge("x86_64", 5, 0, 0xff00000000000000, 0xfeffffffffffffff);
	check_edge("x86_64", 4, 39, 0x3fffffffff, 0x4000000000);
	check_edge("x86_64", 4, 39, 0xffffffc000000000, 0xffffffbfffffffff);
	assert_int_equal(reason_at(&giov, 0x7fffffffffff),
			 SOFT_FAULT_NOT_PRESENT);
	assert_int_equal(reason_at(&giov, 0x800000000000), SOFT_FAULT_RANGE);
	assert_int_equal(reason_at(&giov, UINT64_MAX), SOFT_FAULT_RANGE);
}

static void test_output_width(void **state)
{
	const struct example *ex = example_find("V1");
	struct soft_root root = example_root(ex);
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	example_store(&mem, ex);
	root.oa_bits = 33; /* OA is 0x1a2b3c000 */
	assert_int_equal(walk(&mem, &root, ex->va, &w), SOFT_OK);
	root.oa_bits = 32;
	assert_int_equal(walk(&mem, &root, ex->va, &w), SOFT_FAULT_BAD_ENTRY);
	assert_int_equal(w.steps, 4);
	assert_non_null(strstr(w.step[3].why, "output width"));
	root.oa_bits = 31; /* the tables stand above that */
	assert_int_equal(walk(&mem, &root, ex->va, &w), SOFT_FAULT_BAD_ROOT);
	mem_fini(&mem);
}

static void check_bad_root(const char *format, unsigned int levels, uint64_t pa,
			   uint64_t features, const char *why)
{
	struct soft_root root = {
		.format = soft_format_find(format),
		.pa = pa,
		.levels = levels,
		.features = features,
	};

	assert_non_null(soft_root_check(&root));
	assert_non_null(strstr(soft_root_check(&root), why));
	assert_int_equal(reason_at(&root, 0), SOFT_FAULT_BAD_ROOT);
}

static void test_bad_roots(void **state)
{
	check_bad_root("amdv1", 0, EXAMPLE_TOP, 0, "levels");
	check_bad_root("amdv1", 7, EXAMPLE_TOP, 0, "levels");
	check_bad_root("amdv1_mock", 6, EXAMPLE_TOP, 0, "levels");
	check_bad_root("vtdss", 2, EXAMPLE_TOP, 0, "levels");
	check_bad_root("vtdss", 6, EXAMPLE_TOP, 0, "levels");
	check_bad_root("x86_64", 3, EXAMPLE_TOP, 0, "levels");
	check_bad_root("x86_64", 6, EXAMPLE_TOP, 0, "levels");
	check_bad_root("vtdss", 4, EXAMPLE_TOP + 8, 0, "aligned");
	check_bad_root("vtdss", 4, UINT64_C(1) << 52, 0, "output width");
	check_bad_root("vtdss", 4, EXAMPLE_TOP, SOFT_FEAT_NXE, "feature");
}

static void test_level_bits(void **state)
{
	struct soft_root root = { .format = soft_format_find("amdv1"),
				  .pa = EXAMPLE_TOP,
				  .levels = 6 };
	unsigned int hi, lo;

	soft_level_bits(&root, 5, &hi, &lo);
	assert_int_equal(hi, 63);
	assert_int_equal(lo, 57);
	soft_level_bits(&root, 0, &hi, &lo);
	assert_int_equal(hi, 20);
	assert_int_equal(lo, 12);
	root.format = soft_format_find("amdv1_mock");
	soft_level_bits(&root, 1, &hi, &lo);
	assert_int_equal(hi, 28);
	assert_int_equal(lo, 20);
	assert_null(soft_format_find("amdv2"));
	assert_string_equal(soft_format_name(root.format), "amdv1_mock");
}

/* ------------------------------------------------ AMDv1's own rules */

#define AMD_RW UINT64_C(0x6000000000000000)

static uint64_t amd_entry(uint64_t pa, unsigned int next_level)
{
	return AMD_RW | pa | next_level << 9 | 1;
}

/* A table item may name a table further down, if the VA is zero in between. */
static void test_level_skipping(void **state)
{
	struct soft_root root = { .format = soft_format_find("amdv1"),
				  .pa = EXAMPLE_TOP,
				  .levels = 4 };
	const uint64_t va = UINT64_C(3) << 39 | 5 << 12;
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP + 3 * 8, amd_entry(0x80002000, 1));
	mem_put(&mem, 0x80002000 + 5 * 8, amd_entry(0x5000, 0));
	assert_int_equal(walk(&mem, &root, va + 0x123, &w), SOFT_OK);
	assert_int_equal(w.oa, 0x5123);
	assert_int_equal(w.steps, 2);
	assert_int_equal(w.step[0].next_level, 0);
	assert_int_equal(w.step[0].size_lg2, 21);
	for (unsigned int bit = 21; bit < 39; bit++) {
		assert_int_equal(walk(&mem, &root, va | UINT64_C(1) << bit, &w),
				 SOFT_FAULT_NOT_PRESENT);
		assert_int_equal(w.steps, 1);
		assert_non_null(strstr(w.step[0].why, "skipped levels"));
	}
	mem_fini(&mem);
}

static const char *amd_why(unsigned int level, uint64_t raw)
{
	struct soft_root root = { .format = soft_format_find("amdv1"),
				  .pa = EXAMPLE_TOP,
				  .levels = level + 1 };
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP, raw);
	walk(&mem, &root, 0, &w);
	mem_fini(&mem);
	if (w.reason == SOFT_FAULT_BAD_ENTRY)
		return w.step[0].why;
	return NULL;
}

static void test_next_level(void **state)
{
	/* Level here is one less than the specification's. */
	for (unsigned int level = 0; level < 6; level++)
		for (unsigned int next = 1; next <= 6; next++) {
			const char *why =
				amd_why(level, amd_entry(0x80002000, next));

			if (next <= level)
				assert_null(why);
			else
				assert_non_null(strstr(why, "next level"));
		}
}

/* Bits 12 and up of a page of 2^@size_lg2 bytes at zero. */
static uint64_t amd_sized(unsigned int size_lg2)
{
	uint64_t ones = (UINT64_C(1) << (size_lg2 - 1)) - (1 << 12);

	return amd_entry(ones, 7);
}

static void test_encoded_sizes(void **state)
{
	for (unsigned int level = 0; level < 6; level++)
		for (unsigned int lg2 = 13; lg2 <= 52; lg2++) {
			unsigned int item = 12 + 9 * level;
			bool fits = level < 5 && lg2 > item && lg2 < item + 9 &&
				    lg2 <= 51;

			if (fits)
				assert_null(amd_why(level, amd_sized(lg2)));
			else
				assert_non_null(amd_why(level, amd_sized(lg2)));
		}
	/* All ones: no zero ends the size. */
	assert_non_null(amd_why(4, amd_entry(0xffffffffff000, 7)));
	/* No plain leaf at the sixth level. */
	assert_non_null(amd_why(5, amd_entry(0, 0)));
	assert_null(amd_why(4, amd_entry(0, 0)));
}

/* Present, but nothing is allowed. */
static void test_amd_output_width(void **state)
{
	struct soft_root root = { .format = soft_format_find("amdv1"),
				  .pa = EXAMPLE_TOP,
				  .levels = 3,
				  .oa_bits = 36 };
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	/* A table beyond 36 bits, and one that is not. */
	mem_put(&mem, EXAMPLE_TOP, amd_entry(UINT64_C(1) << 36, 2));
	assert_int_equal(walk(&mem, &root, 0, &w), SOFT_FAULT_BAD_ENTRY);
	mem_put(&mem, EXAMPLE_TOP, amd_entry(UINT64_C(1) << 35, 2));
	assert_int_equal(walk(&mem, &root, 0, &w), SOFT_FAULT_BUS);
	/* A page larger than all of the output. */
	mem_put(&mem, EXAMPLE_TOP, amd_sized(37));
	assert_int_equal(walk(&mem, &root, 0, &w), SOFT_FAULT_BAD_ENTRY);
	mem_put(&mem, EXAMPLE_TOP, amd_sized(36));
	assert_int_equal(walk(&mem, &root, 0, &w), SOFT_OK);
	mem_fini(&mem);
}

/* Above level 2 bit 7 makes no leaf, be the address aligned or not. */
static void test_no_large_leaf(void **state)
{
	static const char *const format[] = { "vtdss", "x86_64" };
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP, 0x87);
	for (unsigned int i = 0; i < 2; i++)
		for (unsigned int levels = 4; levels <= 5; levels++) {
			struct soft_root root = {
				.format = soft_format_find(format[i]),
				.pa = EXAMPLE_TOP,
				.levels = levels,
			};

			assert_int_equal(walk(&mem, &root, 0, &w),
					 SOFT_FAULT_BAD_ENTRY);
			assert_non_null(strstr(w.step[0].why, "PS"));
		}
	mem_fini(&mem);
}

/*
 * The C-bit is no part of an address, wherever it stands, and it has a name. A page
 * whose encoded size would run into it does not take it for a part of that.
 */
static void test_c_bit(void **state)
{
	static const char *const format[] = { "amdv1", "x86_64" };
	const uint64_t rw = UINT64_C(3) << 61;
	uint64_t c;
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	for (unsigned int bit = 32; bit < 52; bit++)
		for (unsigned int i = 0; i < 2; i++) {
			struct soft_root root = {
				.format = soft_format_find(format[i]),
				.pa = EXAMPLE_TOP,
				.levels = 4,
				.c_bit = bit,
			};

			c = UINT64_C(1) << bit;
			mem_put(&mem, EXAMPLE_TOP,
				i ? 0x80002007 | c : rw | 0x80002601 | c);
			mem_put(&mem, 0x80002000,
				i ? 0xc0000087 : rw | 0xc0000001);
			assert_int_equal(walk(&mem, &root, 0x123, &w), SOFT_OK);
			assert_int_equal(w.oa, 0xc0000123);
			assert_true(w.step[0].encrypted);
			assert_false(w.step[1].encrypted);
			assert_int_equal(
				field_value(&root, 3, w.step[0].raw, "C"), 1);
			assert_int_equal(soft_walk(&mem.bus, &root, 0, 0, &w),
					 SOFT_OK);
			/* Memory ends below it. */
			root.pa = c;
			assert_non_null(soft_root_check(&root));
			root.pa = EXAMPLE_TOP;
			/* Without it the bit is one of the address. */
			root.c_bit = 0;
			assert_int_equal(walk(&mem, &root, 0, &w),
					 SOFT_FAULT_BUS);
			assert_false(w.step[0].encrypted);
		}
	mem_fini(&mem);
}

static void test_c_bit_size(void **state)
{
	struct soft_root root = { .format = soft_format_find("amdv1"),
				  .pa = EXAMPLE_TOP,
				  .levels = 4,
				  .c_bit = 46 };
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP, amd_sized(45) | UINT64_C(1) << 46);
	assert_int_equal(walk(&mem, &root, 0, &w), SOFT_OK);
	assert_int_equal(w.size_lg2, 45);
	/* Ones up to bit 45: the C-bit ends them, and so large nothing is. */
	mem_put(&mem, EXAMPLE_TOP, amd_sized(47) | UINT64_C(1) << 46);
	assert_int_equal(walk(&mem, &root, 0, &w), SOFT_FAULT_BAD_ENTRY);
	mem_fini(&mem);
}

static void test_c_bit_refused(void **state)
{
	struct soft_root root = { .format = soft_format_find("vtdss"),
				  .pa = EXAMPLE_TOP,
				  .levels = 4,
				  .c_bit = 47 };

	assert_non_null(strstr(soft_root_check(&root), "no C-bit"));
	root.format = soft_format_find("amdv1");
	assert_null(soft_root_check(&root));
	for (root.c_bit = 1; root.c_bit < 64; root.c_bit++)
		assert_int_equal(soft_root_check(&root) == NULL,
				 root.c_bit >= 32 && root.c_bit <= 51);
}

static void test_no_access(void **state)
{
	struct soft_root root = { .format = soft_format_find("amdv1"),
				  .pa = EXAMPLE_TOP,
				  .levels = 1 };
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP, 0x7001);
	assert_int_equal(walk(&mem, &root, 0x10, &w), SOFT_OK);
	assert_int_equal(w.oa, 0x7010);
	assert_int_equal(w.prot, 0);
	assert_int_equal(soft_walk(&mem.bus, &root, 0, SOFT_READ, &w),
			 SOFT_FAULT_PERMISSION);
	mem_fini(&mem);
}

/* The lowest and the highest leaf of the mock's widest table. */
static void test_mock_leaf_levels(void **state)
{
	struct soft_root root = { .format = soft_format_find("amdv1_mock"),
				  .pa = EXAMPLE_TOP,
				  .levels = 5 };
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP, amd_entry(0, 0));
	assert_int_equal(walk(&mem, &root, 0, &w), SOFT_FAULT_BAD_ENTRY);
	mem_put(&mem, EXAMPLE_TOP, amd_entry(UINT64_C(0x100004000), 4));
	mem_put(&mem, 0x80002000, amd_entry(0, 0));
	assert_int_equal(walk(&mem, &root, 0, &w), SOFT_OK);
	assert_int_equal(w.size_lg2, 38);
	mem_fini(&mem);
}

/* A table that is not there ends the walk at the entry that could not be read. */
static void test_no_memory(void **state)
{
	const struct example *ex = example_find("V1");
	struct soft_root root = example_root(ex);
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	example_store(&mem, ex);
	mem_remove(&mem, 0x80003000);
	assert_int_equal(walk(&mem, &root, ex->va, &w), SOFT_FAULT_BUS);
	assert_int_equal(w.steps, 3);
	assert_int_equal(w.step[2].kind, SOFT_BAD);
	assert_int_equal(w.step[2].pa, example_pa(ex, 2));
	assert_non_null(strstr(w.step[2].why, "no memory"));
	mem_fini(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_access),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_field_values),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_input_range),
		cmocka_unit_test(test_output_width),
		cmocka_unit_test(test_bad_roots),
		cmocka_unit_test(test_level_bits),
		cmocka_unit_test(test_level_skipping),
		cmocka_unit_test(test_next_level),
		cmocka_unit_test(test_encoded_sizes),
		cmocka_unit_test(test_amd_output_width),
		cmocka_unit_test(test_no_large_leaf),
		cmocka_unit_test(test_c_bit),
		cmocka_unit_test(test_c_bit_size),
		cmocka_unit_test(test_c_bit_refused),
		cmocka_unit_test(test_no_access),
		cmocka_unit_test(test_mock_leaf_levels),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
