/* SPDX-License-Identifier: MIT */
/*
 * What is the same for all requests of IOMMUFD: the struct grows at its end, and says
 * how large it is.
 */
#include <string.h>
#include <sys/mman.h>

#include "client.h"

#define TAIL (2 * PAGE)

/* A request: its struct as it is today, and the least that a caller must have. */
struct request {
	unsigned int cmd;
	uint32_t size;
	uint32_t min;
};

struct blob {
	uint32_t size;
	uint8_t rest[PAGE + TAIL];
};

/* The outcome of a request that is all zeroes but for its size, on a new context. */
static long outcome(struct client *c, const struct request *r,
		    struct blob *blob, uint32_t size)
{
	int fd = sys_open("/dev/iommu");
	struct iommu_fault_alloc fault;
	long rc;

	holds(c, fd >= 0);
	memset(blob, 0, sizeof(*blob));
	blob->size = size;
	rc = call_on(c, fd, r->cmd, (uintptr_t)blob);
	memcpy(&fault, blob, sizeof(fault));
	if (!rc && r->cmd == IOMMU_FAULT_QUEUE_ALLOC)
		sys_close((int)fault.out_fault_fd);
	sys_close(fd);
	return rc;
}

static void too_small(struct client *c, const void *arg)
{
	const struct request *r = arg;
	struct blob blob;

	is(c, outcome(c, r, &blob, 0), -EINVAL);
	is(c, outcome(c, r, &blob, 4), -EINVAL);
	is(c, outcome(c, r, &blob, r->min - 1), -EINVAL);
}

static void larger(struct client *c, const void *arg)
{
	const struct request *r = arg;
	struct blob blob;
	long want = outcome(c, r, &blob, r->size);

	is(c, outcome(c, r, &blob, r->size + 1), want);
	is(c, outcome(c, r, &blob, r->size + 8), want);
	is(c, outcome(c, r, &blob, r->size + TAIL), want);
}

static void not_zero(struct client *c, const void *arg)
{
	const struct request *r = arg;
	struct blob blob = { 0 };
	uint8_t *bytes = (uint8_t *)&blob;

	blob.size = r->size + TAIL;
	bytes[r->size] = 1;
	is(c, call(c, r->cmd, &blob), -E2BIG);
	bytes[r->size] = 0;
	bytes[r->size + TAIL - 1] = 0x80;
	is(c, call(c, r->cmd, &blob), -E2BIG);
	blob.size = r->size + 1;
	bytes[r->size] = 1;
	is(c, call(c, r->cmd, &blob), -E2BIG);
}

static void unreadable(struct client *c, const void *arg)
{
	const struct request *r = arg;
	uint32_t size = r->size;

	is(c, call_on(c, c->fd, r->cmd, NOWHERE), -EFAULT);
	is(c, call_on(c, c->fd, r->cmd, 0), -EFAULT);
	/* Only its size is there. */
	is(c, call(c, r->cmd, edge(c, &size, sizeof(size))), -EFAULT);
}

static void unreadable_tail(struct client *c, const void *arg)
{
	const struct request *r = arg;
	uint8_t bytes[64] = { 0 };
	uint32_t size = r->size + (uint32_t)TAIL;

	memcpy(bytes, &size, sizeof(size));
	is(c, call(c, r->cmd, edge(c, bytes, r->size)), -EFAULT);
}

/* What an older program does not have reads as zero. */
static void shorter(struct client *c, const void *arg)
{
	const struct request *r = arg;
	struct blob blob;
	long want = outcome(c, r, &blob, r->size);

	is(c, outcome(c, r, &blob, r->min), want);
}

#define REQUEST(name, size, min) \
	static const struct request name##_request = { IOMMU_##name, size, min }

REQUEST(DESTROY, 8, 8);
REQUEST(IOAS_ALLOC, 12, 12);
REQUEST(IOAS_ALLOW_IOVAS, 24, 24);
REQUEST(IOAS_COPY, 40, 40);
REQUEST(IOAS_IOVA_RANGES, 32, 32);
REQUEST(IOAS_MAP, 40, 40);
REQUEST(IOAS_UNMAP, 24, 24);
REQUEST(OPTION, 24, 24);
REQUEST(VFIO_IOAS, 12, 12);
REQUEST(HWPT_ALLOC, 48, 24);
REQUEST(GET_HW_INFO, 40, 32);
REQUEST(HWPT_SET_DIRTY_TRACKING, 16, 16);
REQUEST(HWPT_GET_DIRTY_BITMAP, 48, 48);
REQUEST(HWPT_INVALIDATE, 32, 32);
REQUEST(FAULT_QUEUE_ALLOC, 16, 16);
REQUEST(IOAS_MAP_FILE, 40, 40);
REQUEST(VIOMMU_ALLOC, 40, 24);
REQUEST(VDEVICE_ALLOC, 24, 24);
REQUEST(IOAS_CHANGE_PROCESS, 8, 8);
REQUEST(VEVENTQ_ALLOC, 32, 28);
REQUEST(HW_QUEUE_ALLOC, 40, 40);
REQUEST(IOAS_NOIOMMU_GET_PA, 40, 40);

/* ---- Numbers ------------------------------------------------------- */

static void unknown_number(struct client *c, const void *arg)
{
	struct blob blob = { .size = sizeof(blob) };
	unsigned int nr;

	/* 0xa0 is the request of kernels made for tests. */
	for (nr = 0x96; nr != 0xa0; nr++)
		is(c, call(c, _IO(';', nr), &blob), -ENOTTY);
}

static void unknown_unreadable(struct client *c, const void *arg)
{
	unsigned int nr;

	for (nr = 0x96; nr != 0xa0; nr++)
		is(c, sys_ioctl(c->fd, _IO(';', nr), NOWHERE), -EFAULT);
}

static void unknown_vfio(struct client *c, const void *arg)
{
	struct blob blob = { .size = sizeof(blob) };

	is(c, call(c, _IO(';', 0), &blob), -ENOTTY);
	is(c, call(c, _IO(';', 0x63), &blob), -ENOTTY);
	is(c, call(c, _IO(';', 0x7f), &blob), -ENOTTY);
	is(c, call(c, _IO(';', 0xa1), &blob), -ENOTTY);
	is(c, call(c, _IO(';', 0xff), &blob), -ENOTTY);
}

static void with_direction(struct client *c, const void *arg)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	is(c, call(c, _IOWR(';', 0x81, struct iommu_ioas_alloc), &cmd),
	   -ENOTTY);
	is(c, call(c, _IO(':', 0x81), &cmd), -ENOTTY);
}

static void written_back(struct client *c, const void *arg)
{
	struct {
		struct iommu_ioas_alloc cmd;
		uint32_t behind[4];
	} arg2 = { .cmd.size = sizeof(arg2) };

	is(c, call(c, IOMMU_IOAS_ALLOC, &arg2), 0);
	is(c, arg2.cmd.size, sizeof(arg2));
	holds(c, arg2.cmd.out_ioas_id);
	is(c, arg2.behind[0] | arg2.behind[1] | arg2.behind[2] | arg2.behind[3],
	   0);
}

#define RULES_OF(name)                                                       \
	{ #name ": a size below the minimum is EINVAL", too_small,           \
	  &name##_request },                                                 \
		{ #name ": bytes behind the known struct that are zero "     \
			"change nothing",                                    \
		  larger, &name##_request },                                 \
		{ #name ": a byte behind the known struct that is not zero " \
			"is E2BIG",                                          \
		  not_zero, &name##_request },                               \
		{ #name ": a struct that cannot be read is EFAULT",          \
		  unreadable, &name##_request },                             \
	{                                                                    \
#name ": a tail that cannot be read is EFAULT",              \
			unreadable_tail, &name##_request                     \
	}
#define SHORTER(name)                                                     \
	{                                                                 \
#name ": fields that an older caller lacks read as zero", \
			shorter, &name##_request                          \
	}

static const struct rule rules[] = {
	RULES_OF(DESTROY),
	RULES_OF(IOAS_ALLOC),
	RULES_OF(IOAS_ALLOW_IOVAS),
	RULES_OF(IOAS_COPY),
	RULES_OF(IOAS_IOVA_RANGES),
	RULES_OF(IOAS_MAP),
	RULES_OF(IOAS_UNMAP),
	RULES_OF(OPTION),
	RULES_OF(VFIO_IOAS),
	RULES_OF(HWPT_ALLOC),
	SHORTER(HWPT_ALLOC),
	RULES_OF(GET_HW_INFO),
	SHORTER(GET_HW_INFO),
	RULES_OF(HWPT_SET_DIRTY_TRACKING),
	RULES_OF(HWPT_GET_DIRTY_BITMAP),
	RULES_OF(HWPT_INVALIDATE),
	RULES_OF(FAULT_QUEUE_ALLOC),
	RULES_OF(IOAS_MAP_FILE),
	RULES_OF(VIOMMU_ALLOC),
	SHORTER(VIOMMU_ALLOC),
	RULES_OF(VDEVICE_ALLOC),
	RULES_OF(IOAS_CHANGE_PROCESS),
	RULES_OF(VEVENTQ_ALLOC),
	SHORTER(VEVENTQ_ALLOC),
	RULES_OF(HW_QUEUE_ALLOC),
	RULES_OF(IOAS_NOIOMMU_GET_PA),
	{ "a number that is none of IOMMUFD's is ENOTTY", unknown_number,
	  NULL },
	{ "a number that is none of IOMMUFD's is EFAULT if no size can be read",
	  unknown_unreadable, NULL },
	{ "a number outside of IOMMUFD's range and VFIO's is ENOTTY",
	  unknown_vfio, NULL },
	{ "a number with direction, size or another type is ENOTTY",
	  with_direction, NULL },
	{ "what is written back is no more than the known struct", written_back,
	  NULL },
};

const struct rules common_rules = RULES(rules);
