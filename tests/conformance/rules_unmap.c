/* SPDX-License-Identifier: MIT */
/*
 * Unmapping.
 */
#include "client.h"

static void whole(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, 4 * PAGE, IOVA), 0);
	is(c, unmapped(c, ioas, IOVA, 4 * PAGE), 4 * PAGE);
	is(c, unmapped(c, ioas, IOVA, 4 * PAGE), -ENOENT);
	is(c, map_at(c, ioas, 0, 4 * PAGE, IOVA), 0);
}

static void several(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
	is(c, map_at(c, ioas, 0, PAGE, IOVA + 4 * PAGE), 0);
	is(c, map_at(c, ioas, 0, PAGE, IOVA + 8 * PAGE), 0);
	is(c, unmapped(c, ioas, IOVA - PAGE, 8 * PAGE), 2 * PAGE);
	is(c, unmapped(c, ioas, IOVA, 16 * PAGE), PAGE);
}

/* Four pages at IOVA, and an attempt at a part. */
struct unmap_case {
	uint64_t iova;
	uint64_t length;
	long want;
};

static void unmap_case(struct client *c, const void *arg)
{
	const struct unmap_case *u = arg;
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, 4 * PAGE, IOVA), 0);
	is(c, unmapped(c, ioas, u->iova, u->length), u->want);
	is(c, unmapped(c, ioas, IOVA, 4 * PAGE), 4 * PAGE);
}

#define UNMAP(...) (&(const struct unmap_case){ __VA_ARGS__ })

static void everything(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	uint64_t i;

	is(c, unmapped(c, ioas, 0, UINT64_MAX), 0);
	for (i = 0; i != 10; i++)
		is(c, map_at(c, ioas, 0, PAGE, i * MEGA * MEGA), 0);
	is(c, unmapped(c, ioas, 0, UINT64_MAX), 10 * PAGE);
	is(c, unmapped(c, ioas, 0, UINT64_MAX), 0);
}

/* Four areas, of which the third is cut. */
static void partly_covered(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
	is(c, map_at(c, ioas, 0, PAGE, IOVA + 2 * PAGE), 0);
	is(c, map_at(c, ioas, 0, 4 * PAGE, IOVA + 4 * PAGE), 0);
	is(c, map_at(c, ioas, 0, PAGE, IOVA + 8 * PAGE), 0);
	is(c, unmapped(c, ioas, IOVA, 5 * PAGE), -ENOENT);
	is(c, unmapped(c, ioas, IOVA, 4 * PAGE), -ENOENT);
	is(c, unmapped(c, ioas, 0, UINT64_MAX), 5 * PAGE);
}

static void starts_inside(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, 2 * PAGE, IOVA), 0);
	is(c, map_at(c, ioas, 0, PAGE, IOVA + 2 * PAGE), 0);
	is(c, unmapped(c, ioas, IOVA + PAGE, 2 * PAGE), -ENOENT);
	is(c, unmapped(c, ioas, IOVA, 3 * PAGE), 3 * PAGE);
}

static void failed_length(struct client *c, const void *arg)
{
	uint64_t length = 3 * PAGE;
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
	is(c, map_at(c, ioas, 0, 4 * PAGE, IOVA + PAGE), 0);
	is(c, unmap(c, ioas, IOVA, &length), -ENOENT);
	is(c, length, 3 * PAGE);
}

static void attached(struct client *c, const void *arg)
{
	uint32_t ioas = attached_ioas(c);

	is(c, map_at(c, ioas, 0, 4 * MEGA, IOVA), 0);
	is(c, unmapped(c, ioas, IOVA, 2 * MEGA), -ENOENT);
	is(c, unmapped(c, ioas, IOVA, 4 * MEGA), 4 * MEGA);
}

static const struct rule rules[] = {
	{ "UNMAP: length is how much was unmapped; nothing found is ENOENT",
	  whole, NULL },
	{ "UNMAP: of several areas, with holes between them", several, NULL },
	{ "UNMAP: the beginning of an area is ENOENT", unmap_case,
	  UNMAP(IOVA, PAGE, -ENOENT) },
	{ "UNMAP: the end of an area is ENOENT", unmap_case,
	  UNMAP(IOVA + 3 * PAGE, PAGE, -ENOENT) },
	{ "UNMAP: the middle of an area is ENOENT", unmap_case,
	  UNMAP(IOVA + PAGE, 2 * PAGE, -ENOENT) },
	{ "UNMAP: beyond the end of an area, from its middle, is ENOENT",
	  unmap_case, UNMAP(IOVA + PAGE, 16 * PAGE, -ENOENT) },
	{ "UNMAP: length 0 is EINVAL", unmap_case, UNMAP(IOVA, 0, -EINVAL) },
	{ "UNMAP: IOVAs that wrap are EOVERFLOW", unmap_case,
	  UNMAP(0 - PAGE, 2 * PAGE, -EOVERFLOW) },
	{ "UNMAP: a length of 2^64-1 from elsewhere than 0 is EOVERFLOW",
	  unmap_case, UNMAP(PAGE, UINT64_MAX, -EOVERFLOW) },
	{ "UNMAP: 0 to 2^64-1 is everything, and success if there is nothing",
	  everything, NULL },
	{ "UNMAP: an area that is partly covered is ENOENT, and stays; those "
	  "before it are gone",
	  partly_covered, NULL },
	{ "UNMAP: from the middle of an area, nothing behind it goes either",
	  starts_inside, NULL },
	{ "UNMAP: on failure, length is what it was", failed_length, NULL },
	{ "UNMAP: with a device attached, large pages are no excuse", attached,
	  NULL },
};

const struct rules unmap_rules = RULES(rules);
