/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: which IOVAs there are.
 */
#include "client.h"

static long ranges(struct client *c, uint32_t ioas,
		   struct iommu_iova_range *range, uint32_t *nr,
		   uint64_t *alignment)
{
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = *nr,
		.allowed_iovas = (uintptr_t)range,
	};
	long rc = call(c, IOMMU_IOAS_IOVA_RANGES, &cmd);

	*nr = cmd.num_iovas;
	if (alignment)
		*alignment = cmd.out_iova_alignment;
	return rc;
}

static void alloc_flags(struct client *c, const void *arg)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd), .flags = 1 };

	is(c, call(c, IOMMU_IOAS_ALLOC, &cmd), -EOPNOTSUPP);
	cmd.flags = 1U << 31;
	is(c, call(c, IOMMU_IOAS_ALLOC, &cmd), -EOPNOTSUPP);
}

static void all_addresses(struct client *c, const void *arg)
{
	struct iommu_iova_range range[2];
	uint32_t nr = 2;

	is(c, ranges(c, new_ioas(c), range, &nr, NULL), 0);
	is(c, nr, 1);
	is(c, range[0].start, 0);
	is(c, range[0].last, UINT64_MAX);
}

static void too_few(struct client *c, const void *arg)
{
	struct iommu_iova_range range[8] = { { 7, 7 } };
	uint32_t ioas = attached_ioas(c), nr = 0, total;

	is(c, ranges(c, ioas, NULL, &nr, NULL), -EMSGSIZE);
	holds(c, nr);
	if (nr < 2)
		skip(c, "the device reserves nothing");
	total = nr;
	nr = 1;
	range[1].start = 7;
	is(c, ranges(c, ioas, range, &nr, NULL), -EMSGSIZE);
	is(c, nr, total);
	is(c, range[0].start, 0);
	is(c, range[1].start, 7);
}

static void ranges_reserved(struct client *c, const void *arg)
{
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = new_ioas(c),
		.__reserved = 1,
	};

	is(c, call(c, IOMMU_IOAS_IOVA_RANGES, &cmd), -EOPNOTSUPP);
}

static void ranges_unwritable(struct client *c, const void *arg)
{
	uint32_t nr = 4;

	is(c, ranges(c, new_ioas(c), (void *)NOWHERE, &nr, NULL), -EFAULT);
}

static void power_of_two(struct client *c, const void *arg)
{
	struct iommu_iova_range range[8];
	uint64_t alignment = 0;
	uint32_t nr = 8;

	is(c, ranges(c, new_ioas(c), range, &nr, &alignment), 0);
	holds(c, alignment && !(alignment & (alignment - 1)));
	holds(c, alignment <= PAGE);
	nr = 8;
	is(c, ranges(c, attached_ioas(c), range, &nr, &alignment), 0);
	holds(c, alignment && !(alignment & (alignment - 1)));
}

/* A page that the device reserves. */
static uint64_t reserved_page(struct client *c)
{
	uint32_t ioas = attached_ioas(c), nr = 16;
	struct iommu_iova_range range[16];

	is(c, ranges(c, ioas, range, &nr, NULL), 0);
	is(c, detach(c), 0);
	is(c, destroy(c, ioas), 0);
	if (nr < 2)
		skip(c, "the device reserves nothing between two ranges");
	return range[0].last + 1;
}

static void reserved_while_attached(struct client *c, const void *arg)
{
	uint64_t page = reserved_page(c);
	struct iommu_iova_range range[16];
	uint32_t nr = 16, i, ioas;

	ioas = attached_ioas(c);
	is(c, ranges(c, ioas, range, &nr, NULL), 0);
	for (i = 0; i != nr; i++) {
		holds(c, range[i].start <= range[i].last);
		holds(c, !i || range[i].start > range[i - 1].last + 1);
		holds(c, range[i].last < page || range[i].start > page);
	}
	is(c, detach(c), 0);
	nr = 16;
	is(c, ranges(c, ioas, range, &nr, NULL), 0);
	is(c, nr, 1);
	is(c, range[0].last, UINT64_MAX);
}

static void map_reserved(struct client *c, const void *arg)
{
	uint64_t page = reserved_page(c);
	uint32_t ioas = attached_ioas(c);

	is(c, map_at(c, ioas, 0, PAGE, page), -EINVAL);
	is(c, map_at(c, ioas, 0, 2 * PAGE, page - PAGE), -EINVAL);
	is(c, map_at(c, ioas, 0, PAGE, page - PAGE), 0);
}

/* ---- ALLOW_IOVAS --------------------------------------------------- */

struct allow_case {
	uint32_t nr;
	struct iommu_iova_range range[3];
};

static void allow_fails(struct client *c, const void *arg)
{
	const struct allow_case *a = arg;

	is(c, allow(c, new_ioas(c), a->range, a->nr), -EINVAL);
}

#define ALLOW(...)                                                   \
	(&(const struct allow_case){                                 \
		sizeof((struct iommu_iova_range[]){ __VA_ARGS__ }) / \
			sizeof(struct iommu_iova_range),             \
		{ __VA_ARGS__ } })

static void allow_reserved(struct client *c, const void *arg)
{
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd),
		.ioas_id = new_ioas(c),
		.__reserved = 1,
	};

	is(c, call(c, IOMMU_IOAS_ALLOW_IOVAS, &cmd), -EOPNOTSUPP);
}

static void allow_unreadable(struct client *c, const void *arg)
{
	is(c, allow(c, new_ioas(c), (void *)NOWHERE, 1), -EFAULT);
}

static void allow_places(struct client *c, const void *arg)
{
	const struct iommu_iova_range range[] = {
		{ 0x40000000, 0x40000000 + 2 * PAGE - 1 },
		{ 0x80000000, 0x80000000 + 2 * PAGE - 1 },
	};
	uint32_t ioas = new_ioas(c);
	uint64_t iova = 0;

	is(c, allow(c, ioas, range, 2), 0);
	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	is(c, iova, 0x40000000);
	is(c, map_any(c, ioas, PAGE, 2 * PAGE, &iova), 0);
	is(c, iova, 0x80000000);
	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	is(c, iova, 0x40000000 + PAGE);
	is(c, map_any(c, ioas, PAGE, PAGE, &iova), -ENOSPC);
}

static void allow_replaces(struct client *c, const void *arg)
{
	struct iommu_iova_range range = { 0x40000000, 0x40000fff };
	uint32_t ioas = new_ioas(c);
	uint64_t iova = 0;

	is(c, allow(c, ioas, &range, 1), 0);
	range = (struct iommu_iova_range){ 0x50000000, 0x50000fff };
	is(c, allow(c, ioas, &range, 1), 0);
	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	is(c, iova, 0x50000000);
}

static void allow_nothing(struct client *c, const void *arg)
{
	const struct iommu_iova_range range = { 0x40000000, 0x40000fff };
	uint32_t ioas = new_ioas(c);
	uint64_t iova = 0;

	is(c, allow(c, ioas, &range, 1), 0);
	is(c, allow(c, ioas, NULL, 0), 0);
	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	holds(c, iova < 0x40000000);
}

static void allow_fails_whole(struct client *c, const void *arg)
{
	const struct iommu_iova_range good = { 0x40000000, 0x40000fff };
	const struct iommu_iova_range bad[] = { { 0x50000000, 0x50000fff },
						{ 9, 9 } };
	uint32_t ioas = new_ioas(c);
	uint64_t iova = 0;

	is(c, allow(c, ioas, &good, 1), 0);
	is(c, allow(c, ioas, bad, 2), -EINVAL);
	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	is(c, iova, 0x40000000);
}

static void allow_in_reserved(struct client *c, const void *arg)
{
	uint64_t page = reserved_page(c);
	const struct iommu_iova_range range = { page, page + PAGE - 1 };

	is(c, allow(c, attached_ioas(c), &range, 1), -EADDRINUSE);
}

static void reserve_in_allowed(struct client *c, const void *arg)
{
	uint64_t page = reserved_page(c);
	const struct iommu_iova_range range = { page, page + PAGE - 1 };
	uint32_t ioas = new_ioas(c), pt = ioas;

	is(c, allow(c, ioas, &range, 1), 0);
	is(c, attach(c, &pt), -EADDRINUSE);
	is(c, allow(c, ioas, NULL, 0), 0);
	pt = ioas;
	is(c, attach(c, &pt), 0);
}

static void reserve_in_area(struct client *c, const void *arg)
{
	uint64_t page = reserved_page(c);
	uint32_t ioas = new_ioas(c), pt = ioas;

	is(c, map_at(c, ioas, 0, PAGE, page), 0);
	is(c, attach(c, &pt), -EADDRINUSE);
	is(c, unmapped(c, ioas, page, PAGE), PAGE);
	pt = ioas;
	is(c, attach(c, &pt), 0);
}

static const struct rule rules[] = {
	{ "IOAS_ALLOC: an unknown flag is EOPNOTSUPP", alloc_flags, NULL },
	{ "IOVA_RANGES: a new IOAS has all addresses", all_addresses, NULL },
	{ "IOVA_RANGES: too little room is EMSGSIZE, with the first ranges and "
	  "how many there are",
	  too_few, NULL },
	{ "IOVA_RANGES: reserved bits that are set are EOPNOTSUPP",
	  ranges_reserved, NULL },
	{ "IOVA_RANGES: an array that cannot be written is EFAULT",
	  ranges_unwritable, NULL },
	{ "IOVA_RANGES: the alignment is a power of two", power_of_two, NULL },
	{ "IOVA_RANGES: without what attached devices reserve, as long as they "
	  "are attached",
	  reserved_while_attached, NULL },
	{ "MAP: a fixed IOVA that a device reserves is EINVAL", map_reserved,
	  NULL },
	{ "ALLOW_IOVAS: a range that ends before it starts is EINVAL",
	  allow_fails, ALLOW({ 0x2000, 0x1fff }) },
	{ "ALLOW_IOVAS: a range of one address is EINVAL", allow_fails,
	  ALLOW({ 0x2000, 0x2000 }) },
	{ "ALLOW_IOVAS: ranges that overlap are EINVAL", allow_fails,
	  ALLOW({ 0x2000, 0x3fff }, { 0x3fff, 0x4fff }) },
	{ "ALLOW_IOVAS: the same range twice is EINVAL", allow_fails,
	  ALLOW({ 0x2000, 0x3fff }, { 0x8000, 0x8fff }, { 0x2000, 0x3fff }) },
	{ "ALLOW_IOVAS: reserved bits that are set are EOPNOTSUPP",
	  allow_reserved, NULL },
	{ "ALLOW_IOVAS: an array that cannot be read is EFAULT",
	  allow_unreadable, NULL },
	{ "ALLOW_IOVAS: automatic IOVAs lie in the ranges, and ENOSPC when "
	  "they "
	  "are full",
	  allow_places, NULL },
	{ "ALLOW_IOVAS: replaces what was allowed before", allow_replaces,
	  NULL },
	{ "ALLOW_IOVAS: no ranges lift the restriction", allow_nothing, NULL },
	{ "ALLOW_IOVAS: a failure changes nothing", allow_fails_whole, NULL },
	{ "ALLOW_IOVAS: what is reserved is EADDRINUSE", allow_in_reserved,
	  NULL },
	{ "attaching a device that reserves what is allowed is EADDRINUSE",
	  reserve_in_allowed, NULL },
	{ "attaching a device that reserves what is mapped is EADDRINUSE",
	  reserve_in_area, NULL },
};

const struct rules ioas_rules = RULES(rules);
