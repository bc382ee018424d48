/* SPDX-License-Identifier: MIT */
/* The formats by name, and what every format's geometry has in common. */
#include "soft/soft_format.h"

#include <string.h>

static const struct soft_format *const formats[] = {
	&soft_amdv1,        &soft_amdv1_mock,   &soft_armv8_s1_4k,
	&soft_armv8_s1_16k, &soft_armv8_s1_64k, &soft_armv8_s2_4k,
	&soft_armv8_s2_16k, &soft_armv8_s2_64k, &soft_dart,
	&soft_dart2,        &soft_ept,          &soft_lpae_s1,
	&soft_lpae_s2,      &soft_riscv32,      &soft_riscv32_x4,
	&soft_riscv64,      &soft_riscv64_x4,   &soft_v7s,
	&soft_vtdss,        &soft_x86_64,
};

const struct soft_format *soft_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const struct soft_format *soft_format_at(unsigned int i)
{
	return i < sizeof(formats) / sizeof(formats[0]) ? formats[i] : NULL;
}

uint64_t soft_format_features(const struct soft_format *format)
{
	return format->features;
}

const char *soft_format_name(const struct soft_format *format)
{
	return format->name;
}

unsigned int soft_format_entry_size(const struct soft_format *format)
{
	return format->entry_size;
}

unsigned int soft_oa_bits(const struct soft_root *root)
{
	const struct soft_format *format = root->format;
	unsigned int widest = format->oa_bits;

	if (format->narrow_oa_bits && !(root->features & SOFT_FEAT_52BIT))
		widest = format->narrow_oa_bits;
	if (root->c_bit && root->c_bit < widest)
		widest = root->c_bit;
	if (root->oa_bits == 0 || root->oa_bits > widest)
		return widest;
	return root->oa_bits;
}

unsigned int soft_table_lg2(const struct soft_root *root, unsigned int level)
{
	return root->format->item_lg2(root, level) +
	       root->format->index_lg2(root, level);
}

static unsigned int input_bits(const struct soft_root *root)
{
	unsigned int bits = soft_table_lg2(root, root->levels - 1);

	if (root->va_bits != 0 && root->va_bits < bits)
		bits = root->va_bits;
	return bits;
}

/* A table that is larger than others is aligned to its size. */
static unsigned int top_align_lg2(const struct soft_root *root)
{
	const struct soft_format *format = root->format;
	unsigned int lg2 = format->index_lg2(root, root->levels - 1) +
			   (format->entry_size == 8 ? 3 : 2);

	return lg2 > format->table_align_lg2 ? lg2 : format->table_align_lg2;
}

/* Where processors have it: it is an address bit, and memory is below it. */
static const char *check_c_bit(const struct soft_root *root)
{
	if (!root->c_bit)
		return NULL;
	if (!root->format->c_bit)
		return "the format has no C-bit";
	if (root->c_bit < 32 || root->c_bit > 51)
		return "the C-bit stands between 32 and 51";
	return NULL;
}

const char *soft_root_check(const struct soft_root *root)
{
	const struct soft_format *format = root->format;
	const char *why;

	if (root->levels < format->min_levels ||
	    root->levels > format->max_levels)
		return "the format has no such number of levels";
	if (root->features & ~format->features)
		return "the format has no such feature";
	why = check_c_bit(root);
	if (!why && format->check)
		why = format->check(root);
	if (why)
		return why;
	if (root->pa & soft_mask(top_align_lg2(root)))
		return "the top table is not aligned";
	if (root->pa >> soft_oa_bits(root))
		return "the top table is beyond the output width";
	return NULL;
}

unsigned int soft_input(const struct soft_root *root,
			struct soft_range range[2])
{
	unsigned int bits = input_bits(root);

	if (root->features & SOFT_FEAT_UPPER) {
		range[0].va = ~soft_mask(bits);
		range[0].last = UINT64_MAX;
		return 1;
	}
	range[0].va = 0;
	range[0].last = soft_mask(bits);
	if (!root->format->sign_extended ||
	    (root->features & SOFT_FEAT_UNSIGNED))
		return 1;
	range[0].last = soft_mask(bits - 1);
	range[1].va = ~soft_mask(bits - 1);
	range[1].last = UINT64_MAX;
	return 2;
}

bool soft_in_input(const struct soft_root *root, uint64_t va)
{
	struct soft_range range[2];
	unsigned int n = soft_input(root, range);

	for (unsigned int i = 0; i < n; i++)
		if (va >= range[i].va && va <= range[i].last)
			return true;
	return false;
}

void soft_level_bits(const struct soft_root *root, unsigned int level,
		     unsigned int *hi, unsigned int *lo)
{
	*lo = root->format->item_lg2(root, level);
	*hi = soft_table_lg2(root, level) - 1;
}

/* Cut the C-bit out of the address. Return: how many fields there are now. */
static unsigned int name_c_bit(const struct soft_root *root, unsigned int n,
			       struct soft_layout layout[SOFT_MAX_FIELDS])
{
	struct soft_layout addr;
	unsigned int i = 0;

	while (i < n && strcmp(layout[i].name, "ADDR") != 0)
		i++;
	if (!root->c_bit || i == n || root->c_bit > layout[i].hi)
		return n;
	addr = layout[i];
	if (root->c_bit < addr.hi) {
		memmove(&layout[i + 1], &layout[i],
			(n++ - i) * sizeof(layout[0]));
		layout[i++].lo = root->c_bit + 1;
	}
	memmove(&layout[i + 1], &layout[i], (n++ - i) * sizeof(layout[0]));
	layout[i] = (struct soft_layout){ "C", root->c_bit, root->c_bit };
	layout[i + 1].hi = root->c_bit - 1;
	return n;
}

uint64_t soft_page_sizes(const struct soft_root *root)
{
	uint64_t sizes = 0;

	if (root->format->page_sizes)
		return root->format->page_sizes(root);
	for (unsigned int level = 0; level < root->levels; level++)
		sizes |= UINT64_C(1) << root->format->item_lg2(root, level);
	return sizes;
}

unsigned int soft_fields(const struct soft_root *root,
			 const struct soft_entry *entry,
			 struct soft_field field[SOFT_MAX_FIELDS])
{
	struct soft_layout layout[SOFT_MAX_FIELDS];
	unsigned int n = root->format->layout(root, entry, layout);

	n = name_c_bit(root, n, layout);

	for (unsigned int i = 0; i < n; i++) {
		field[i].name = layout[i].name;
		field[i].hi = layout[i].hi;
		field[i].lo = layout[i].lo;
		field[i].value =
			soft_bits(entry->raw, layout[i].hi, layout[i].lo);
	}
	return n;
}

bool soft_reserved(const struct soft_root *root, const struct soft_entry *entry)
{
	struct soft_layout layout[SOFT_MAX_FIELDS];
	unsigned int n = root->format->layout(root, entry, layout);

	for (unsigned int i = 0; i < n; i++)
		if (soft_bits(entry->raw, layout[i].hi, layout[i].lo) &&
		    !strcmp(layout[i].name, "reserved"))
			return true;
	return false;
}
