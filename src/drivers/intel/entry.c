/* SPDX-License-Identifier: MIT */
/*
 * What a (device, PASID) is translated by: VT-d specification, chapter 9
 * "Translation Structure Formats", and 6.5.3.3 on changing them.
 *
 * Legacy mode: one context entry of two quadwords, for requests without a PASID.
 * Scalable mode: the context entry stays, and PASID table entries change; requests
 * without a PASID use that of PASID 0 (RID_PASID).
 *
 * An entry goes from its old to its new value in one store where that is possible:
 * if a single quadword differs, or both of a pair that one store of 16 bytes
 * replaces. Else, and where quadwords beyond that differ, it is not present in
 * between: DMA is blocked for a moment, and never translated by half of each.
 */
#include "drivers/intel/vtd.h"

#define CONTEXT_LG2   12 /* log2 of the bytes of a context table */
#define PASID_LG2     12 /* of a PASID table: 64 entries of 64 bytes */
#define DIRECTORY_MIN 7 /* 9.5: a directory has 2^(PDTS + 7) entries */

/* ---- Finding them --------------------------------------------------- */

/* The table that @slot of the root table points to, made if there is none. */
static uint64_t *context_table(struct vtd_iommu *iommu, uint64_t *slot)
{
	struct hw_mem mem = vtd_mem(iommu);
	uint64_t *table;

	if (*slot & VTD_P)
		return hw_va(&mem, *slot & VTD_ADDR);
	table = hw_alloc(&mem, CONTEXT_LG2);
	if (table)
		hw_link64(&mem, slot, hw_pa(&mem, table) | VTD_P);
	return table;
}

/* 9.1 to 9.4: scalable mode has two tables for a bus, with entries twice as big. */
static uint64_t *context_entry(struct vtd_iommu *iommu, uint16_t rid)
{
	unsigned int bus = rid >> 8, devfn = rid & 0xff;
	uint64_t *slot = iommu->root + (size_t)bus * 2;
	unsigned int index = devfn, qwords = 2;
	uint64_t *table;

	if (iommu->scalable) {
		slot += devfn >> 7;
		index = devfn & 0x7f;
		qwords = 4;
	}
	table = context_table(iommu, slot);
	return table ? table + (size_t)index * qwords : NULL;
}

/* The entry of @pasid; NULL: @make is not set, or there is no memory. */
static uint64_t *pasid_entry(struct vtd_dev *vdev, ioasid_t pasid, bool make)
{
	struct hw_mem mem = vtd_mem(vdev->iommu);
	uint64_t *slot = vdev->directory + (pasid >> VTD_PASID_LOW);
	uint64_t *table = NULL;

	if (*slot & VTD_P) {
		table = hw_va(&mem, *slot & VTD_ADDR);
	} else if (make) {
		table = hw_alloc(&mem, PASID_LG2);
		if (table)
			hw_link64(&mem, slot, hw_pa(&mem, table) | VTD_P);
	}
	if (!table)
		return NULL;
	return table +
	       (size_t)(pasid & ((1U << VTD_PASID_LOW) - 1)) * VTD_PE_QWORDS;
}

/* ---- What caches have to forget -------------------------------------- */

static unsigned int forget_context(const struct vtd_dev *vdev, unsigned int did,
				   struct hw_cmd *desc)
{
	desc->qw[0] = VTD_QI_CONTEXT | VTD_QI_GRAN(3) | VTD_QI_DID(did) |
		      VTD_QI_SID32(vdev->rid);
	desc->qw[1] = 0;
	return 1;
}

static unsigned int forget_pasid(unsigned int did, ioasid_t pasid,
				 struct hw_cmd *desc)
{
	desc->qw[0] = VTD_QI_PASID | VTD_QI_GRAN(1) | VTD_QI_DID(did) |
		      VTD_QI_PASID32(pasid);
	desc->qw[1] = 0;
	return 1;
}

/* All translations tagged like those of @target, for @pasid. */
static unsigned int forget_target(const struct vtd_target *target,
				  ioasid_t pasid, struct hw_cmd *desc)
{
	bool first =
		target->stage == VTD_FIRST_STAGE ||
		(vtd_of(target)->scalable && target->stage == VTD_PASS_THROUGH);

	desc->qw[0] = VTD_QI_DID(target->hw.id) | VTD_QI_GRAN(2);
	if (first)
		desc->qw[0] |= VTD_QI_PASID_IOTLB | VTD_QI_PASID32(pasid);
	else
		desc->qw[0] |= VTD_QI_IOTLB | vtd_drain_bits(vtd_of(target));
	desc->qw[1] = 0;
	return 1;
}

/* The device's own cache: everything, in the ATS way of saying so. */
static unsigned int forget_device(const struct vtd_dev *vdev, ioasid_t pasid,
				  struct hw_cmd *desc)
{
	uint64_t depth = vdev->ats_depth & 0x1f;

	if (!depth)
		return 0;
	if (pasid == IOMMU_NO_PASID) {
		desc->qw[0] = VTD_QI_DEVICE | depth << 16 |
			      VTD_QI_SID32(vdev->rid);
		desc->qw[1] = VTD_BITS(62, 12) | 1;
	} else {
		desc->qw[0] = VTD_QI_PASID_DEV | depth << 4 |
			      (uint64_t)vdev->rid << 16 | VTD_QI_PASID32(pasid);
		desc->qw[1] = VTD_BITS(62, 12) | 1 << 11;
	}
	return 1;
}

/*
 * An entry of @old, which is not VTD_BLOCKED, has changed. QEMU (7.2, 10.0) notices
 * the end of pass-through only if the context is invalidated, too.
 */
static int forget(struct vtd_dev *vdev, ioasid_t pasid,
		  const struct vtd_target *old)
{
	struct vtd_iommu *iommu = vdev->iommu;
	bool scalable = iommu->scalable;
	struct hw_cmd desc[4];
	unsigned int n = 0;
	int rc;

	if (!scalable || old->stage == VTD_PASS_THROUGH)
		n += forget_context(vdev, old->hw.id, desc + n);
	if (scalable)
		n += forget_pasid(old->hw.id, pasid, desc + n);
	n += forget_target(old, pasid, desc + n);
	n += forget_device(vdev, pasid, desc + n);
	/* 7.10: what it has asked for until now is in the queue of page requests. */
	iommu->drain = vdev->pri && (iommu->ecap & VTD_ECAP_PDS);
	rc = vtd_submit(iommu, desc, n);
	iommu->drain = false;
	return rc;
}

/*
 * 6.1, caching mode: an entry that was not present has been made present, and may
 * have been cached as it was: in legacy mode under domain id 0.
 */
static int forget_absence(struct vtd_dev *vdev, ioasid_t pasid,
			  const struct vtd_target *new)
{
	struct hw_cmd desc[2];
	unsigned int n;

	vtd_write_buffer(vdev->iommu);
	if (!(vdev->iommu->cap & VTD_CAP_CM))
		return 0;
	if (vdev->iommu->scalable)
		n = forget_pasid(new->hw.id, pasid, desc);
	else
		n = forget_context(vdev, 0, desc);
	n += forget_target(new, pasid, desc + n);
	return vtd_submit(vdev->iommu, desc, n);
}

/* ---- Writing them ---------------------------------------------------- */

/* How many of the quadwords differ from what is there, and the last such. */
static unsigned int differing(const uint64_t *to, const struct vtd_entry *entry,
			      unsigned int count, unsigned int *last)
{
	unsigned int i, n = 0;

	for (i = 0; i < count; i++)
		if (to[i] != entry->qw[i]) {
			*last = i;
			n++;
		}
	return n;
}

/* In one store, if that is possible. */
static bool write_at_once(const struct hw_mem *mem, uint64_t *to,
			  const struct vtd_entry *entry, unsigned int count)
{
	unsigned int last = 0;
	unsigned int n = differing(to, entry, count, &last);

	if (!n)
		return true;
	if (n == 1) {
		hw_store64(mem, to + last, entry->qw[last]);
		return true;
	}
	if (n == 2 && last == 1)
		return hw_store128(mem, to, entry->qw[0], entry->qw[1]);
	return false;
}

/* From not present: the quadword with P comes last. */
static void write_fresh(const struct hw_mem *mem, uint64_t *to,
			const struct vtd_entry *entry, unsigned int count)
{
	while (count--)
		if (to[count] != entry->qw[count])
			hw_store64(mem, to + count, entry->qw[count]);
}

/* 9.6: without a first stage the quadword with its table is ignored. */
static bool uses_first(const struct vtd_iommu *iommu, uint64_t qw0)
{
	uint64_t pgtt = VTD_GET(qw0, 8, 6);

	return iommu->scalable &&
	       (pgtt == VTD_PGTT_FIRST || pgtt == VTD_PGTT_NESTED);
}

/* From one present value to another. What is ignored changes before, or after. */
static int write_over(struct vtd_dev *vdev, ioasid_t pasid, uint64_t *to,
		      const struct vtd_target *old,
		      const struct vtd_target *new,
		      const struct vtd_entry *entry)
{
	struct vtd_iommu *iommu = vdev->iommu;
	unsigned int count = iommu->scalable ? 3 : 2;
	struct hw_mem mem = vtd_mem(iommu);
	struct vtd_entry now = *entry;
	int rc;

	if (iommu->scalable && !uses_first(iommu, to[0]) &&
	    to[2] != entry->qw[2])
		hw_store64(&mem, to + 2, entry->qw[2]);
	if (iommu->scalable && !uses_first(iommu, entry->qw[0]))
		now.qw[2] = to[2];
	if (write_at_once(&mem, to, &now, count)) {
		rc = forget(vdev, pasid, old);
		if (now.qw[2] != entry->qw[2])
			hw_store64(&mem, to + 2, entry->qw[2]);
		return rc;
	}
	hw_store64(&mem, to, 0);
	rc = forget(vdev, pasid, old);
	write_fresh(&mem, to, entry, count);
	return rc ? rc : forget_absence(vdev, pasid, new);
}

static int write_present(struct vtd_dev *vdev, ioasid_t pasid, uint64_t *to,
			 const struct vtd_target *old,
			 const struct vtd_target *new,
			 const struct vtd_entry *entry)
{
	struct hw_mem mem = vtd_mem(vdev->iommu);

	if (to[0] & VTD_P)
		return write_over(vdev, pasid, to, old, new, entry);
	write_fresh(&mem, to, entry, vdev->iommu->scalable ? 3 : 2);
	return forget_absence(vdev, pasid, new);
}

static int write_blocked(struct vtd_dev *vdev, ioasid_t pasid, uint64_t *to,
			 const struct vtd_target *old)
{
	struct hw_mem mem = vtd_mem(vdev->iommu);

	if (!to || !(to[0] & VTD_P))
		return 0;
	hw_store64(&mem, to, 0);
	return forget(vdev, pasid, old);
}

/* ---- Who is translated by what ---------------------------------------- */

/**
 * struct vtd_change - one call of vtd_entry_write()
 * @hw: for hw_change(); the rest are the call's arguments
 */
struct vtd_change {
	struct hw_change hw;
	struct vtd_dev *vdev;
	ioasid_t pasid;
	struct vtd_target *target;
	const struct vtd_entry *entry;
};

/* What the device, or its PASID, is translated by, if it is there. */
static uint64_t *entry_of(struct vtd_dev *vdev, ioasid_t pasid, bool make)
{
	return vdev->iommu->scalable ? pasid_entry(vdev, pasid, make)
				     : vdev->context;
}

/* 9.6: bits that change while the entry is present; the others are @entry's. */
static void put_bits(const struct vtd_target *target, uint64_t qw[2])
{
	const struct vtd_target *second = target;

	qw[0] &= ~VTD_PE_SSADE;
	qw[1] &= ~VTD_PE_PGSNP;
	if (target->stage == VTD_NESTED)
		second = to_vtd_target(target->hw.parent);
	if (second->tracking)
		qw[0] |= VTD_PE_SSADE;
	if (target->snoop)
		qw[1] |= VTD_PE_PGSNP;
}

/*
 * Each is in a quadword of its own, which one store replaces; what was translated
 * with the old one is forgotten (6.5.3.3). Locked.
 */
static int update_users(const struct vtd_target *target)
{
	struct hw_mem mem = vtd_mem(vtd_of(target));
	const struct iommu_hw_user *user;
	uint64_t *to, qw[2];
	int rc = 0;

	for (user = target->hw.users; user && !rc; user = user->next) {
		to = pasid_entry(user->dev, user->pasid, false);
		qw[0] = to[0];
		qw[1] = to[1];
		put_bits(target, qw);
		if (qw[0] != to[0])
			hw_store64(&mem, to, qw[0]);
		if (qw[1] != to[1])
			hw_store64(&mem, to + 1, qw[1]);
		rc = forget(user->dev, user->pasid, target);
	}
	return rc;
}

int vtd_entry_update(struct vtd_target *target, bool tracking, bool snoop)
{
	struct vtd_iommu *iommu = vtd_of(target);
	const struct vtd_target was = *target;
	struct iommu_hw_target *nested;
	struct hw_mem mem = vtd_mem(iommu);
	int rc;

	port_lock(&iommu->lock);
	target->tracking = tracking;
	target->snoop = snoop;
	rc = iommu->queue.error;
	hw_begin(&mem);
	if (!rc)
		rc = update_users(target);
	for (nested = target->hw.nested; nested && !rc;
	     nested = nested->sibling)
		rc = update_users(to_vtd_target(nested));
	hw_end(&mem, rc);
	if (rc) {
		target->tracking = was.tracking;
		target->snoop = was.snoop;
	}
	port_unlock(&iommu->lock);
	return rc;
}

static int change_write(const struct hw_change *hw)
{
	const struct vtd_change *c = (const struct vtd_change *)hw;
	struct vtd_entry entry = *c->entry;
	bool present = c->target->stage != VTD_BLOCKED;
	struct hw_mem mem = vtd_mem(c->vdev->iommu);
	uint64_t *to = entry_of(c->vdev, c->pasid, present);
	struct iommu_hw_user *user;
	struct vtd_target *old;
	int rc;

	if (present && !to)
		return -ENOMEM;
	user = present ? hw_user_get(&mem, &c->vdev->users, c->pasid)
		       : hw_user_find(&c->vdev->users, c->pasid);
	if (!user)
		return present ? -ENOMEM : 0;
	if (c->vdev->iommu->scalable)
		put_bits(c->target, entry.qw);
	old = to_vtd_target(user->target);
	/* Who changes the tables meanwhile flushes for the new user, too. */
	hw_user_move(user, &c->target->hw);
	if (present)
		rc = write_present(c->vdev, c->pasid, to, old, c->target,
				   &entry);
	else
		rc = write_blocked(c->vdev, c->pasid, to, old);
	if (!rc)
		hw_user_put(&mem, &c->vdev->users, user);
	return rc;
}

static void change_block(const struct hw_change *hw)
{
	const struct vtd_change *c = (const struct vtd_change *)hw;
	struct hw_mem mem = vtd_mem(c->vdev->iommu);
	uint64_t *to = entry_of(c->vdev, c->pasid, false);

	if (to)
		hw_store64(&mem, to, 0);
}

int vtd_entry_write(struct vtd_dev *vdev, ioasid_t pasid,
		    struct vtd_target *target, const struct vtd_entry *entry)
{
	struct vtd_change change = {
		.hw = { .write = change_write, .block = change_block },
		.vdev = vdev,
		.pasid = pasid,
		.target = target,
		.entry = entry,
	};
	struct vtd_iommu *iommu = vdev->iommu;
	struct hw_mem mem = vtd_mem(iommu);
	int rc;

	port_lock(&iommu->lock);
	rc = hw_change(&mem, &iommu->queue, &vdev->users, pasid, &target->hw,
		       &change.hw);
	port_unlock(&iommu->lock);
	return rc;
}

/* ---- Devices --------------------------------------------------------- */

/* log2 of its entries */
static unsigned int directory_lg2(const struct vtd_dev *vdev)
{
	unsigned int bits = vdev->dev.pasid_bits;

	if (bits < VTD_PASID_LOW + DIRECTORY_MIN)
		return DIRECTORY_MIN;
	return bits - VTD_PASID_LOW;
}

/* log2 of its bytes: 8 for an entry, and at least a page */
static unsigned int directory_size_lg2(const struct vtd_dev *vdev)
{
	unsigned int lg2 = directory_lg2(vdev) + 3;

	return lg2 < CONTEXT_LG2 ? CONTEXT_LG2 : lg2;
}

/* 9.4 "Scalable-Mode Context Entry", for good; 9.5 all of the directory empty. */
static int scalable_init(struct vtd_dev *vdev)
{
	struct hw_mem mem = vtd_mem(vdev->iommu);
	uint64_t qw = VTD_P |
		      VTD_SM_CTX_PDTS(directory_lg2(vdev) - DIRECTORY_MIN);

	vdev->directory = hw_alloc(&mem, directory_size_lg2(vdev));
	/* The table of PASID 0 is there from the start: IDENTITY cannot fail. */
	if (!vdev->directory || !pasid_entry(vdev, IOMMU_NO_PASID, true))
		return -ENOMEM;
	if (vdev->dev.pasid_bits)
		qw |= VTD_SM_CTX_PASIDE;
	if (vdev->ats_depth)
		qw |= VTD_SM_CTX_DTE;
	if (vdev->pri)
		qw |= VTD_SM_CTX_PRE;
	hw_store64(&mem, vdev->context, hw_pa(&mem, vdev->directory) | qw);
	return 0;
}

/* A context entry has changed, or come or gone. Locked. */
static int forget_device_context(struct vtd_dev *vdev)
{
	struct hw_cmd desc[2];
	unsigned int n = forget_context(vdev, 0, desc);

	desc[n++] = (struct hw_cmd){ { VTD_QI_PASID | VTD_QI_GRAN(3) } };
	vtd_write_buffer(vdev->iommu);
	return vtd_submit(vdev->iommu, desc, n);
}

static void scalable_fini(struct vtd_dev *vdev)
{
	struct hw_mem mem = vtd_mem(vdev->iommu);
	size_t i;

	hw_store64(&mem, vdev->context, 0);
	forget_device_context(vdev);
	for (i = 0; i >> directory_lg2(vdev) == 0; i++)
		if (vdev->directory[i] & VTD_P)
			hw_free(&mem,
				hw_va(&mem, vdev->directory[i] & VTD_ADDR),
				PASID_LG2);
	hw_free(&mem, vdev->directory, directory_size_lg2(vdev));
	vdev->directory = NULL;
}

/* Locked. */
static int entry_init(struct vtd_dev *vdev)
{
	struct vtd_iommu *iommu = vdev->iommu;
	int rc = iommu->queue.error;

	if (rc)
		return rc;
	vdev->context = context_entry(iommu, vdev->rid);
	if (!vdev->context)
		return -ENOMEM;
	if (iommu->scalable) {
		rc = scalable_init(vdev);
		if (!rc)
			rc = forget_device_context(vdev);
		if (rc && vdev->directory)
			scalable_fini(vdev);
	}
	if (!rc)
		hw_users_init(&vdev->users, vdev, &iommu->blocked.target.hw);
	return rc;
}

int vtd_entry_init(struct vtd_dev *vdev)
{
	int rc;

	port_lock(&vdev->iommu->lock);
	rc = entry_init(vdev);
	port_unlock(&vdev->iommu->lock);
	return rc;
}

void vtd_entry_fini(struct vtd_dev *vdev)
{
	port_lock(&vdev->iommu->lock);
	hw_users_fini(&vdev->users);
	if (vdev->directory)
		scalable_fini(vdev);
	port_unlock(&vdev->iommu->lock);
}
