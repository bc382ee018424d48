/* SPDX-License-Identifier: MIT */
/*
 * The bus: where output addresses lead. Tables stand in the arena and are read
 * in single accesses; everything else is client memory. DMA never reaches
 * tables.
 */
#include "host/host.h"
#include "port/port.h"

static int bus_load(struct soft_bus *bus, uint64_t pa, unsigned int size,
		    uint64_t *value)
{
	struct uiommu *u = (struct uiommu *)bus;
	const void *p;

	if (!port_arena_contains(u->arena, pa, size)) {
		*value = 0;
		return u->phys->read(u->phys_arg, pa, value, size);
	}
	p = port_arena_ptr(u->arena, pa, size);
	if (!p)
		return -EFAULT;
	if (size == 8)
		*value = __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE);
	else
		*value = __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE);
	return 0;
}

/* *@old holds what is expected, and afterwards what was there. */
static int bus_cas(struct soft_bus *bus, uint64_t pa, unsigned int size,
		   uint64_t *old, uint64_t value)
{
	struct uiommu *u = (struct uiommu *)bus;
	void *p = port_arena_ptr(u->arena, pa, size);
	uint32_t old32 = (uint32_t)*old;

	if (!p)
		return -EFAULT;
	if (size == 8) {
		__atomic_compare_exchange_n((uint64_t *)p, old, value, false,
					    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
		return 0;
	}
	__atomic_compare_exchange_n((uint32_t *)p, &old32, (uint32_t)value,
				    false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
	*old = old32;
	return 0;
}

static int bus_read(struct soft_bus *bus, uint64_t pa, void *buf, size_t len)
{
	struct uiommu *u = (struct uiommu *)bus;

	if (port_arena_contains(u->arena, pa, len))
		return -EFAULT;
	return u->phys->read(u->phys_arg, pa, buf, len);
}

static int bus_write(struct soft_bus *bus, uint64_t pa, const void *buf,
		     size_t len)
{
	struct uiommu *u = (struct uiommu *)bus;

	if (port_arena_contains(u->arena, pa, len))
		return -EFAULT;
	return u->phys->write(u->phys_arg, pa, buf, len);
}

void uiommu_bus_init(struct uiommu *u)
{
	u->bus.load = bus_load;
	u->bus.cas = bus_cas;
	u->bus.read = bus_read;
	u->bus.write = bus_write;
}
