/* SPDX-License-Identifier: MIT */
/*
 * Options, and the IOAS of the container interface.
 */
#include "client.h"

static long option(struct client *c, uint32_t id, uint16_t op, uint32_t object,
		   uint64_t *value)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = id,
		.op = op,
		.object_id = object,
		.val64 = *value,
	};
	long rc = call(c, IOMMU_OPTION, &cmd);

	*value = cmd.val64;
	return rc;
}

static long get(struct client *c, uint32_t id, uint32_t object, uint64_t *value)
{
	return option(c, id, IOMMU_OPTION_OP_GET, object, value);
}

static long set(struct client *c, uint32_t id, uint32_t object, uint64_t value)
{
	return option(c, id, IOMMU_OPTION_OP_SET, object, &value);
}

static void unknown(struct client *c, const void *arg)
{
	uint64_t value = 0;

	is(c, get(c, 2, 0, &value), -EOPNOTSUPP);
	is(c, get(c, UINT32_MAX, 0, &value), -EOPNOTSUPP);
}

static void unknown_op(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	uint64_t value = 0;

	is(c, option(c, IOMMU_OPTION_RLIMIT_MODE, 2, 0, &value), -EOPNOTSUPP);
	is(c, option(c, IOMMU_OPTION_HUGE_PAGES, 2, ioas, &value), -EOPNOTSUPP);
}

static void reserved(struct client *c, const void *arg)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_GET,
		.__reserved = 1,
	};

	is(c, call(c, IOMMU_OPTION, &cmd), -EOPNOTSUPP);
}

static void rlimit_get(struct client *c, const void *arg)
{
	uint64_t value = 77;

	is(c, get(c, IOMMU_OPTION_RLIMIT_MODE, 0, &value), 0);
	is(c, value, 0);
}

static void rlimit_object(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	uint64_t value = 0;

	is(c, get(c, IOMMU_OPTION_RLIMIT_MODE, ioas, &value), -EOPNOTSUPP);
	is(c, set(c, IOMMU_OPTION_RLIMIT_MODE, ioas, 1), -EOPNOTSUPP);
}

/* Only those may who can set limits. */
static void rlimit_set(struct client *c, const void *arg)
{
	long rc = set(c, IOMMU_OPTION_RLIMIT_MODE, 0, 1);
	uint64_t value = 77;

	is(c, rc, sys_is_admin() ? 0 : -EPERM);
	if (rc)
		return;
	is(c, get(c, IOMMU_OPTION_RLIMIT_MODE, 0, &value), 0);
	is(c, value, 1);
	is(c, set(c, IOMMU_OPTION_RLIMIT_MODE, 0, 2), -EINVAL);
	is(c, set(c, IOMMU_OPTION_RLIMIT_MODE, 0, 0), 0);
}

static void rlimit_busy(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	long rc = set(c, IOMMU_OPTION_RLIMIT_MODE, 0, 1);

	is(c, rc, sys_is_admin() ? -EBUSY : -EPERM);
	if (rc == -EPERM)
		return;
	is(c, destroy(c, ioas), 0);
	is(c, set(c, IOMMU_OPTION_RLIMIT_MODE, 0, 1), 0);
}

static void rlimit_of_container(struct client *c, const void *arg)
{
	int old = c->fd, fd = sys_open("/dev/vfio/vfio");
	uint64_t value = 0;
	long rc;

	if (fd < 0)
		skip(c, "needs /dev/vfio/vfio");
	c->fd = keep(c, fd);
	rc = get(c, IOMMU_OPTION_RLIMIT_MODE, 0, &value);
	c->fd = old;
	if (rc == -ENOTTY)
		skip(c, "containers are not made of IOMMUFD here");
	is(c, rc, 0);
	is(c, value, 1);
}

static void huge_pages(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), other = new_ioas(c);
	uint64_t value = 77;

	is(c, get(c, IOMMU_OPTION_HUGE_PAGES, ioas, &value), 0);
	is(c, value, 1);
	is(c, set(c, IOMMU_OPTION_HUGE_PAGES, ioas, 0), 0);
	is(c, get(c, IOMMU_OPTION_HUGE_PAGES, ioas, &value), 0);
	is(c, value, 0);
	is(c, get(c, IOMMU_OPTION_HUGE_PAGES, other, &value), 0);
	is(c, value, 1);
	is(c, set(c, IOMMU_OPTION_HUGE_PAGES, ioas, 1), 0);
	is(c, get(c, IOMMU_OPTION_HUGE_PAGES, ioas, &value), 0);
	is(c, value, 1);
}

static void huge_pages_value(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);

	is(c, set(c, IOMMU_OPTION_HUGE_PAGES, ioas, 2), -EINVAL);
	is(c, set(c, IOMMU_OPTION_HUGE_PAGES, ioas, UINT64_MAX), -EINVAL);
}

static void huge_pages_aligned(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	uint64_t iova = 0;

	is(c, map_any(c, ioas, PAGE + 16, 32, &iova), 0);
	is(c, set(c, IOMMU_OPTION_HUGE_PAGES, ioas, 0), -EADDRINUSE);
	is(c, unmapped(c, ioas, iova, 32), 32);
	is(c, set(c, IOMMU_OPTION_HUGE_PAGES, ioas, 0), 0);
	is(c, map_any(c, ioas, PAGE + 16, 32, &iova), -EINVAL);
}

/* ---- VFIO_IOAS ----------------------------------------------------- */

static long vfio_ioas(struct client *c, uint16_t op, uint32_t *id)
{
	struct iommu_vfio_ioas cmd = {
		.size = sizeof(cmd),
		.ioas_id = *id,
		.op = op,
	};
	long rc = call(c, IOMMU_VFIO_IOAS, &cmd);

	*id = cmd.ioas_id;
	return rc;
}

static void vfio_none(struct client *c, const void *arg)
{
	uint32_t id = 0;

	new_ioas(c);
	is(c, vfio_ioas(c, IOMMU_VFIO_IOAS_GET, &id), -ENODEV);
}

static void vfio_set(struct client *c, const void *arg)
{
	uint32_t a = new_ioas(c), b = new_ioas(c), id = 0;

	is(c, vfio_ioas(c, IOMMU_VFIO_IOAS_SET, &a), 0);
	is(c, vfio_ioas(c, IOMMU_VFIO_IOAS_SET, &b), 0);
	is(c, vfio_ioas(c, IOMMU_VFIO_IOAS_GET, &id), 0);
	is(c, id, b);
	is(c, vfio_ioas(c, IOMMU_VFIO_IOAS_CLEAR, &a), 0);
	is(c, vfio_ioas(c, IOMMU_VFIO_IOAS_GET, &id), -ENODEV);
}

static void vfio_destroyed(struct client *c, const void *arg)
{
	uint32_t id = new_ioas(c);

	is(c, vfio_ioas(c, IOMMU_VFIO_IOAS_SET, &id), 0);
	is(c, destroy(c, id), 0);
	is(c, vfio_ioas(c, IOMMU_VFIO_IOAS_GET, &id), -ENODEV);
}

static void vfio_wrong(struct client *c, const void *arg)
{
	struct iommu_vfio_ioas cmd = { .size = sizeof(cmd), .__reserved = 1 };
	uint32_t id = new_ioas(c);

	is(c, vfio_ioas(c, 3, &id), -EOPNOTSUPP);
	is(c, call(c, IOMMU_VFIO_IOAS, &cmd), -EOPNOTSUPP);
}

static const struct rule rules[] = {
	{ "OPTION: an unknown option is EOPNOTSUPP", unknown, NULL },
	{ "OPTION: an unknown operation is EOPNOTSUPP", unknown_op, NULL },
	{ "OPTION: reserved bits that are set are EOPNOTSUPP", reserved, NULL },
	{ "RLIMIT_MODE: 0 at first, and free to read", rlimit_get, NULL },
	{ "RLIMIT_MODE: with an object it is EOPNOTSUPP", rlimit_object, NULL },
	{ "RLIMIT_MODE: who has CAP_SYS_RESOURCE sets 0 or 1, others get EPERM",
	  rlimit_set, NULL },
	{ "RLIMIT_MODE: setting it in a context with objects is EBUSY, for "
	  "those who "
	  "may",
	  rlimit_busy, NULL },
	{ "RLIMIT_MODE: a container counts by process", rlimit_of_container,
	  NULL },
	{ "HUGE_PAGES: on at first; an option of one IOAS", huge_pages, NULL },
	{ "HUGE_PAGES: other values than 0 and 1 are EINVAL", huge_pages_value,
	  NULL },
	{ "HUGE_PAGES: off with areas that are not page aligned is EADDRINUSE",
	  huge_pages_aligned, NULL },
	{ "VFIO_IOAS: GET without one is ENODEV", vfio_none, NULL },
	{ "VFIO_IOAS: GET says what was SET last; CLEAR forgets it", vfio_set,
	  NULL },
	{ "VFIO_IOAS: an IOAS that is destroyed is forgotten", vfio_destroyed,
	  NULL },
	{ "VFIO_IOAS: an unknown operation, or reserved bits, are EOPNOTSUPP",
	  vfio_wrong, NULL },
};

const struct rules option_rules = RULES(rules);
