/* SPDX-License-Identifier: MIT */
/*
 * Virtual IOMMUs, as far as they go without hardware that has them; and addresses of
 * devices without an IOMMU.
 */
#include "client.h"

static void viommu_flags(struct client *c, const void *arg)
{
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.flags = 1,
		.type = IOMMU_VIOMMU_TYPE_ARM_SMMUV3,
	};

	is(c, call(c, IOMMU_VIOMMU_ALLOC, &cmd), -EOPNOTSUPP);
}

static void viommu_default(struct client *c, const void *arg)
{
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = IOMMU_VIOMMU_TYPE_DEFAULT,
	};

	is(c, call(c, IOMMU_VIOMMU_ALLOC, &cmd), -EOPNOTSUPP);
}

static void viommu_device(struct client *c, const void *arg)
{
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = IOMMU_VIOMMU_TYPE_ARM_SMMUV3,
		.dev_id = 99,
		.hwpt_id = 98,
	};

	is(c, call(c, IOMMU_VIOMMU_ALLOC, &cmd), -ENOENT);
	cmd.dev_id = new_ioas(c);
	is(c, call(c, IOMMU_VIOMMU_ALLOC, &cmd), -ENOENT);
}

static void viommu_unknown_type(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), hwpt;
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = 0x7fff,
	};

	bind_device(c);
	is(c, new_hwpt(c, ioas, 0, &hwpt), 0);
	cmd.dev_id = c->devid;
	cmd.hwpt_id = hwpt;
	is(c, call(c, IOMMU_VIOMMU_ALLOC, &cmd), -EOPNOTSUPP);
}

static void vdevice_viommu(struct client *c, const void *arg)
{
	struct iommu_vdevice_alloc cmd = { .size = sizeof(cmd),
					   .viommu_id = 99 };

	is(c, call(c, IOMMU_VDEVICE_ALLOC, &cmd), -ENOENT);
	cmd.viommu_id = new_ioas(c);
	is(c, call(c, IOMMU_VDEVICE_ALLOC, &cmd), -ENOENT);
}

static void veventq_flags(struct client *c, const void *arg)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.flags = 1,
		.type = IOMMU_VEVENTQ_TYPE_ARM_SMMUV3,
		.veventq_depth = 8,
	};

	is(c, call(c, IOMMU_VEVENTQ_ALLOC, &cmd), -EOPNOTSUPP);
	cmd.flags = 0;
	cmd.__reserved = 1;
	is(c, call(c, IOMMU_VEVENTQ_ALLOC, &cmd), -EOPNOTSUPP);
}

static void veventq_viommu(struct client *c, const void *arg)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = 99,
		.type = IOMMU_VEVENTQ_TYPE_ARM_SMMUV3,
		.veventq_depth = 8,
	};

	is(c, call(c, IOMMU_VEVENTQ_ALLOC, &cmd), -ENOENT);
	cmd.viommu_id = new_ioas(c);
	is(c, call(c, IOMMU_VEVENTQ_ALLOC, &cmd), -ENOENT);
}

static void hw_queue_flags(struct client *c, const void *arg)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.flags = 1,
		.type = IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV,
		.length = PAGE,
	};

	is(c, call(c, IOMMU_HW_QUEUE_ALLOC, &cmd), -EOPNOTSUPP);
}

static void hw_queue_viommu(struct client *c, const void *arg)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = 99,
		.type = IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV,
		.length = PAGE,
	};

	is(c, call(c, IOMMU_HW_QUEUE_ALLOC, &cmd), -ENOENT);
	cmd.viommu_id = new_ioas(c);
	is(c, call(c, IOMMU_HW_QUEUE_ALLOC, &cmd), -ENOENT);
}

static void invalidate_reserved(struct client *c, const void *arg)
{
	struct iommu_hwpt_invalidate cmd = { .size = sizeof(cmd),
					     .__reserved = 1 };

	is(c, call(c, IOMMU_HWPT_INVALIDATE, &cmd), -EOPNOTSUPP);
}

static void invalidate_id(struct client *c, const void *arg)
{
	uint64_t entry[4] = { 0 };
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = 99,
		.data_uptr = (uintptr_t)entry,
		.entry_len = sizeof(entry),
		.entry_num = 1,
	};

	is(c, call(c, IOMMU_HWPT_INVALIDATE, &cmd), -ENOENT);
}

static void nested_on_ordinary(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), parent, id;

	bind_device(c);
	is(c, new_hwpt(c, ioas, 0, &parent), 0);
	holds(c, new_hwpt(c, parent, 0, &id) < 0);
	is(c, destroy(c, parent), 0);
}

/* ---- NOIOMMU_GET_PA ------------------------------------------------ */

static void get_pa_flags(struct client *c, const void *arg)
{
	struct iommu_ioas_noiommu_get_pa cmd = {
		.size = sizeof(cmd),
		.flags = 1,
		.ioas_id = new_ioas(c),
	};

	is(c, call(c, IOMMU_IOAS_NOIOMMU_GET_PA, &cmd), -EOPNOTSUPP);
	cmd.flags = 0;
	cmd.__reserved = 1;
	is(c, call(c, IOMMU_IOAS_NOIOMMU_GET_PA, &cmd), -EOPNOTSUPP);
}

static const struct rule rules[] = {
	{ "VIOMMU_ALLOC: an unknown flag is EOPNOTSUPP", viommu_flags, NULL },
	{ "VIOMMU_ALLOC: the type DEFAULT is EOPNOTSUPP", viommu_default,
	  NULL },
	{ "VIOMMU_ALLOC: an id that is no device's is ENOENT", viommu_device,
	  NULL },
	{ "VIOMMU_ALLOC: a type that the hardware is not of is EOPNOTSUPP",
	  viommu_unknown_type, NULL },
	{ "VDEVICE_ALLOC: an id that is no vIOMMU's is ENOENT", vdevice_viommu,
	  NULL },
	{ "VEVENTQ_ALLOC: unknown flags and reserved bits are EOPNOTSUPP",
	  veventq_flags, NULL },
	{ "VEVENTQ_ALLOC: an id that is no vIOMMU's is ENOENT", veventq_viommu,
	  NULL },
	{ "HW_QUEUE_ALLOC: an unknown flag is EOPNOTSUPP", hw_queue_flags,
	  NULL },
	{ "HW_QUEUE_ALLOC: an id that is no vIOMMU's is ENOENT",
	  hw_queue_viommu, NULL },
	{ "HWPT_INVALIDATE: reserved bits that are set are EOPNOTSUPP",
	  invalidate_reserved, NULL },
	{ "HWPT_INVALIDATE: an unknown id is ENOENT", invalidate_id, NULL },
	{ "HWPT_ALLOC: nothing is nested on a HWPT that is no parent",
	  nested_on_ordinary, NULL },
	{ "NOIOMMU_GET_PA: unknown flags and reserved bits are EOPNOTSUPP",
	  get_pa_flags, NULL },
};

const struct rules viommu_rules = RULES(rules);
