/* SPDX-License-Identifier: MIT */
/*
 * What a device is translated by: publication 48882, 2.2.2.1 "Device Table Entry
 * Format", 2.2.2.3 "Making Device Table Entry Changes", 2.2.6.3 "GCR3 table".
 *
 * An entry has 32 bytes. The first half is replaced in one store of 16 bytes where
 * the machine has such, or of 8 if only one quadword of it differs; that is
 * hitless. Else the entry blocks in between: quadword 0 is V alone. Of the second
 * half only the guest paging mode changes, and only while no guest table is in use.
 *
 * PASIDs are translated by guest tables, which the device's GCR3 table lists. With
 * GIOV requests without a PASID use its entry 0, so that they can be blocked while
 * PASIDs are in use.
 */
#include "drivers/amd/amd.h"

#define GCR3_LG2  12 /* log2 of the bytes of a GCR3 table */
#define GUEST_IDS 1 /* DomainID 0 is not given */

/* ---- GCR3 tables ----------------------------------------------------- */

/* Levels less one: 9 bits of a PASID for each. */
static unsigned int gcr3_glx(const struct amd_dev *adev)
{
	unsigned int bits = adev->dev.pasid_bits;

	return bits > 18 ? 2 : bits > 9 ? 1 : 0;
}

/* The entry of @pasid; NULL: there is none, and no memory or no @make. */
static uint64_t *gcr3_entry(struct amd_dev *adev, ioasid_t pasid, bool make)
{
	struct hw_mem mem = amd_mem(adev->iommu);
	unsigned int level = gcr3_glx(adev);
	uint64_t *table = adev->gcr3, *slot, *next;

	for (;; level--) {
		if (!table)
			return NULL;
		slot = table + (pasid >> (AMD_GCR3_INDEX_LG2 * level) & 0x1ff);
		if (!level)
			return slot;
		if (*slot & AMD_GCR3_V) {
			table = hw_va(&mem, *slot & AMD_ADDR);
			continue;
		}
		next = make ? hw_alloc(&mem, GCR3_LG2) : NULL;
		if (next)
			hw_link64(&mem, slot, hw_pa(&mem, next) | AMD_GCR3_V);
		table = next;
	}
}

static int gcr3_make(struct amd_dev *adev)
{
	struct hw_mem mem = amd_mem(adev->iommu);
	int rc;

	if (adev->gcr3)
		return 0;
	rc = hw_id_get(&adev->iommu->ids, GUEST_IDS, &adev->guest_id);
	if (rc)
		return rc;
	adev->gcr3 = hw_alloc(&mem, GCR3_LG2);
	if (adev->gcr3)
		return 0;
	hw_id_put(&adev->iommu->ids, adev->guest_id);
	return -ENOMEM;
}

/* The levels are at most three, so the loops are as deep. */
static void gcr3_free_below(const struct hw_mem *mem, uint64_t *table,
			    unsigned int level)
{
	unsigned int i;

	for (i = 0; level && i < 512; i++)
		if (table[i] & AMD_GCR3_V)
			gcr3_free_below(mem, hw_va(mem, table[i] & AMD_ADDR),
					level - 1);
	hw_free(mem, table, GCR3_LG2);
}

/* ---- Device table entries ---------------------------------------------- */

/* 2.2.2.1, HAD: accessed and dirty bits of the host table */
static uint64_t had_bits(const struct amd_target *target)
{
	const struct amd_target *host = target;

	if (target->stage == AMD_NESTED)
		host = to_amd_target(target->hw.parent);
	return host->tracking ? AMD_DTE_HAD_AD : 0;
}

/* The GCR3 table's address stands in three places. */
static void put_gcr3(uint64_t qw[3], uint64_t pa, unsigned int glx, bool giov,
		     bool five)
{
	qw[0] |= AMD_DTE_GV | AMD_DTE_GLX(glx) | AMD_GET(pa, 14, 12) << 58 |
		 (giov ? AMD_DTE_GIOV : 0);
	qw[1] |= AMD_GET(pa, 30, 15) << 16 | AMD_GET(pa, 51, 31) << 43;
	qw[2] |= five ? AMD_DTE_GPM_5 : 0;
}

/* What the entry of @adev is to be if @target translates its RID. */
static void compose(struct amd_dev *adev, const struct amd_target *target,
		    const struct amd_entry *entry, uint64_t qw[3])
{
	struct hw_mem mem = amd_mem(adev->iommu);
	bool tables = target->stage == AMD_GUEST || adev->users.pasids;

	qw[0] = AMD_DTE_V;
	qw[1] = adev->ats_depth ? AMD_DTE_I : 0;
	qw[2] = 0;
	if (target->stage == AMD_BLOCKED && !tables)
		return;
	qw[0] |= AMD_DTE_TV | AMD_DTE_IR | AMD_DTE_IW | entry->host |
		 had_bits(target) |
		 (adev->pri ? AMD_DTE_PPR | AMD_DTE_GPRP : 0);
	if (target->stage == AMD_NESTED) {
		qw[1] |= AMD_DTE_DOMAIN(target->hw.id);
		put_gcr3(qw, entry->gcr3, entry->glx, entry->giov, entry->five);
	} else if (tables) {
		qw[1] |= AMD_DTE_DOMAIN(adev->guest_id);
		put_gcr3(qw, hw_pa(&mem, adev->gcr3), gcr3_glx(adev),
			 target->stage != AMD_IDENTITY, adev->five);
	} else {
		qw[1] |= AMD_DTE_DOMAIN(target->hw.id);
	}
}

static uint64_t *dte_of(struct amd_dev *adev)
{
	return adev->iommu->table + (size_t)adev->rid * AMD_DTE_QWORDS;
}

static int block(struct amd_dev *adev, const struct amd_target *old)
{
	struct hw_mem mem = amd_mem(adev->iommu);

	hw_store64(&mem, dte_of(adev), AMD_DTE_V);
	return amd_forget(adev, IOMMU_NO_PASID, old);
}

void amd_gcr3_free(struct amd_dev *adev)
{
	struct hw_mem mem = amd_mem(adev->iommu);

	if (!adev->gcr3)
		return;
	/* The entry may still point there, though nothing is in it. */
	block(adev, to_amd_target(adev->users.rid.target));
	gcr3_free_below(&mem, adev->gcr3, gcr3_glx(adev));
	adev->gcr3 = NULL;
	hw_id_put(&adev->iommu->ids, adev->guest_id);
}

/* From what is there to @qw, whose quadwords 0 and 1 both differ. */
static int write_both(struct amd_dev *adev, const struct amd_target *old,
		      const uint64_t qw[3])
{
	struct hw_mem mem = amd_mem(adev->iommu);
	uint64_t *to = dte_of(adev);
	int rc = 0;

	if (hw_store128(&mem, to, qw[0], qw[1]))
		return 0;
	if (to[0] & AMD_DTE_TV)
		rc = block(adev, old);
	hw_store64(&mem, to + 1, qw[1]);
	hw_store64(&mem, to, qw[0]);
	return rc;
}

static int write_dte(struct amd_dev *adev, const struct amd_target *old,
		     const uint64_t qw[3])
{
	struct hw_mem mem = amd_mem(adev->iommu);
	uint64_t *to = dte_of(adev);
	int rc = 0;

	if (to[0] == qw[0] && to[1] == qw[1] && to[2] == qw[2])
		return 0;
	/* 2.2.2.1: the guest paging mode is ignored as long as GV is 0. */
	if (to[2] != qw[2] && (qw[0] & AMD_DTE_GV)) {
		if (to[0] & AMD_DTE_GV)
			rc = block(adev, old);
		hw_store64(&mem, to + 2, qw[2]);
	}
	if (!rc && to[0] != qw[0] && to[1] != qw[1])
		rc = write_both(adev, old, qw);
	else if (to[0] != qw[0])
		hw_store64(&mem, to, qw[0]);
	else
		hw_store64(&mem, to + 1, qw[1]);
	return rc ? rc : amd_forget(adev, IOMMU_NO_PASID, old);
}

int amd_entry_block(struct amd_dev *adev)
{
	struct hw_mem mem = amd_mem(adev->iommu);
	uint64_t *to = dte_of(adev);
	int rc;

	port_lock(&adev->iommu->lock);
	rc = adev->iommu->queue.error;
	if (!rc && (to[0] != AMD_DTE_V || to[1] || to[2])) {
		hw_store64(&mem, to, AMD_DTE_V);
		hw_store64(&mem, to + 1, 0);
		hw_store64(&mem, to + 2, 0);
		rc = amd_forget(adev, IOMMU_NO_PASID,
				&adev->iommu->blocked.target);
	}
	if (!rc)
		hw_users_init(&adev->users, adev,
			      &adev->iommu->blocked.target.hw);
	port_unlock(&adev->iommu->lock);
	return rc;
}

/* ---- Who is translated by what ------------------------------------------- */

/* A host table serves the whole device, and so does a guest's own GCR3 table. */
static bool whole_device(const struct amd_target *target)
{
	return target->stage == AMD_HOST || target->stage == AMD_NESTED;
}

/* All guest tables of a device have the same number of levels. */
static int check_guest(struct amd_dev *adev, ioasid_t pasid,
		       const struct amd_target *target,
		       const struct amd_entry *entry)
{
	const struct amd_target *rid = to_amd_target(adev->users.rid.target);
	const struct iommu_hw_user *user = adev->users.pasids;
	bool others = user && (user->pasid != pasid || user->sibling);

	if (pasid != IOMMU_NO_PASID && whole_device(rid))
		return -EBUSY;
	if (pasid == IOMMU_NO_PASID && whole_device(target) && user)
		return -EBUSY;
	if (target->stage != AMD_GUEST)
		return 0;
	if (pasid != IOMMU_NO_PASID && rid->stage == AMD_GUEST)
		others = true;
	if (others && adev->five != entry->five)
		return -EBUSY;
	return 0;
}

static int write_rid(struct amd_dev *adev, struct amd_target *target,
		     const struct amd_entry *entry)
{
	struct amd_target *old = to_amd_target(adev->users.rid.target);
	struct hw_mem mem = amd_mem(adev->iommu);
	uint64_t qw[3];
	int rc = 0;

	hw_user_move(&adev->users.rid, &target->hw);
	if (target->stage == AMD_GUEST) {
		adev->five = entry->five;
		hw_store64(&mem, gcr3_entry(adev, 0, true), entry->guest);
		/* If requests went through it before, that is over. */
		if (old->stage == AMD_GUEST || adev->users.pasids)
			rc = amd_forget(adev, IOMMU_NO_PASID, old);
	}
	if (rc)
		return rc;
	compose(adev, target, entry, qw);
	rc = write_dte(adev, old, qw);
	if (!rc && target->stage != AMD_GUEST && adev->gcr3 &&
	    *gcr3_entry(adev, 0, true)) {
		hw_store64(&mem, gcr3_entry(adev, 0, true), 0);
		rc = amd_forget(adev, IOMMU_NO_PASID, old);
	}
	return rc;
}

static int write_pasid(struct amd_dev *adev, ioasid_t pasid,
		       struct amd_target *target, const struct amd_entry *entry)
{
	static const struct amd_entry none = { 0 };
	struct amd_target *rid = to_amd_target(adev->users.rid.target);
	struct hw_mem mem = amd_mem(adev->iommu);
	bool present = target->stage != AMD_BLOCKED;
	struct iommu_hw_user *user;
	struct amd_target *old;
	uint64_t *slot = gcr3_entry(adev, pasid, present);
	uint64_t qw[3], was;
	int rc = 0;

	user = present && slot ? hw_user_get(&mem, &adev->users, pasid)
			       : hw_user_find(&adev->users, pasid);
	if (!user || !slot)
		return present ? -ENOMEM : 0;
	old = to_amd_target(user->target);
	hw_user_move(user, &target->hw);
	was = *slot;
	if (present)
		adev->five = entry->five;
	hw_store64(&mem, slot, present ? entry->guest : 0);
	if (present) {
		compose(adev, rid, &none, qw);
		rc = write_dte(adev, rid, qw);
	}
	if (!rc && (was || adev->iommu->caps.caches_not_present))
		rc = amd_forget(adev, pasid, was ? old : target);
	hw_user_put(&mem, &adev->users, user);
	return rc;
}

/**
 * struct amd_change - one call of amd_entry_write()
 * @hw: for hw_change(); the rest are the call's arguments
 */
struct amd_change {
	struct hw_change hw;
	struct amd_dev *adev;
	ioasid_t pasid;
	struct amd_target *target;
	const struct amd_entry *entry;
};

static int change_write(const struct hw_change *hw)
{
	const struct amd_change *c = (const struct amd_change *)hw;
	int rc = check_guest(c->adev, c->pasid, c->target, c->entry);

	if (!rc && c->target->stage == AMD_GUEST)
		rc = gcr3_make(c->adev);
	if (rc)
		return rc;
	if (c->target->stage == AMD_GUEST && !gcr3_entry(c->adev, 0, true))
		return -ENOMEM;
	if (c->pasid == IOMMU_NO_PASID)
		return write_rid(c->adev, c->target, c->entry);
	return write_pasid(c->adev, c->pasid, c->target, c->entry);
}

static void change_block(const struct hw_change *hw)
{
	const struct amd_change *c = (const struct amd_change *)hw;
	struct hw_mem mem = amd_mem(c->adev->iommu);
	uint64_t *slot = gcr3_entry(c->adev, c->pasid, false);

	if (c->pasid == IOMMU_NO_PASID)
		hw_store64(&mem, dte_of(c->adev), AMD_DTE_V);
	else if (slot)
		hw_store64(&mem, slot, 0);
}

int amd_entry_write(struct amd_dev *adev, ioasid_t pasid,
		    struct amd_target *target, const struct amd_entry *entry)
{
	const struct amd_change change = {
		.hw = { .write = change_write, .block = change_block },
		.adev = adev,
		.pasid = pasid,
		.target = target,
		.entry = entry,
	};
	struct amd_iommu *iommu = adev->iommu;
	struct hw_mem mem = amd_mem(iommu);
	bool five;
	int rc;

	port_lock(&iommu->lock);
	five = adev->five;
	rc = hw_change(&mem, &iommu->queue, &adev->users, pasid, &target->hw,
		       &change.hw);
	if (rc)
		adev->five = five;
	port_unlock(&iommu->lock);
	return rc;
}

/* The same: HAD is in that quadword. Locked. */
static int track_users(const struct amd_target *target)
{
	struct hw_mem mem = amd_mem(amd_of(target));
	const struct iommu_hw_user *user;
	uint64_t *to;
	int rc = 0;

	for (user = target->hw.users; user && !rc; user = user->next) {
		to = dte_of(user->dev);
		hw_store64(&mem, to,
			   (*to & ~AMD_DTE_HAD_AD) | had_bits(target));
		rc = amd_forget(user->dev, IOMMU_NO_PASID, target);
	}
	return rc;
}

int amd_entry_track(struct amd_target *target, bool on)
{
	struct amd_iommu *iommu = amd_of(target);
	struct hw_mem mem = amd_mem(iommu);
	struct iommu_hw_target *nested;
	bool was;
	int rc;

	port_lock(&iommu->lock);
	was = target->tracking;
	target->tracking = on;
	rc = iommu->queue.error;
	hw_begin(&mem);
	if (!rc)
		rc = track_users(target);
	for (nested = target->hw.nested; nested && !rc;
	     nested = nested->sibling)
		rc = track_users(to_amd_target(nested));
	hw_end(&mem, rc);
	if (rc)
		target->tracking = was;
	port_unlock(&iommu->lock);
	return rc;
}

/* 2.2.2.3: quadword 0 alone changes, in one store. */
void amd_entry_root(struct amd_target *target, const struct amd_entry *entry)
{
	struct amd_iommu *iommu = amd_of(target);
	struct hw_mem mem = amd_mem(iommu);
	struct iommu_hw_user *user;
	uint64_t qw[3];
	int rc;

	port_lock(&iommu->lock);
	rc = iommu->queue.error;
	for (user = target->hw.users; user && !rc; user = user->next) {
		compose(user->dev, target, entry, qw);
		hw_store64(&mem, dte_of(user->dev), qw[0]);
		rc = amd_forget(user->dev, IOMMU_NO_PASID, target);
	}
	port_unlock(&iommu->lock);
}
