/* SPDX-License-Identifier: MIT */
/*
 * What a device is translated by: IHI 0070, 5.2 "Stream Table Entry", 5.3 and 5.4
 * "Context Descriptor", 3.3 "Stream table".
 *
 * As long as a device uses no PASID, its entry points at the context descriptor of
 * the domain itself: changing from one stage 1 to another is one store. With PASIDs
 * it points at a table of its own, whose first descriptor is for requests without a
 * PASID; if those are blocked or bypass, S1DSS says so.
 */
#include "drivers/smmuv3/smmuv3.h"

#define L2_LG2     (SMMU_SPLIT + 6) /* log2 of the bytes of a stream table's leaf */
#define CD_LG2     6
#define LINEAR_LG2 10 /* more context descriptors than that take two levels */
#define LEAF_LG2   6 /* log2 of the descriptors of a leaf of 4 KiB */

/* ---- What hardware looks at ------------------------------------------------ */

static void used_stage1(const uint64_t *ste, uint64_t *used)
{
	used[0] |= SMMU_STE_S1FMT | SMMU_STE_S1CTX | SMMU_STE_S1CDMAX;
	used[1] |= SMMU_STE_S1C | SMMU_STE_S1STALLD | SMMU_STE_STRW |
		   SMMU_STE_EATS | SMMU_STE_MEV;
	used[2] |= SMMU_STE_S2VMID;
	if (!(ste[0] & SMMU_STE_S1CDMAX))
		return;
	used[1] |= SMMU_STE_S1DSS;
	if ((ste[1] & SMMU_STE_S1DSS) == SMMU_DSS_BYPASS)
		used[1] |= SMMU_STE_SHCFG;
}

static void used_stage2(uint64_t *used)
{
	used[1] |= SMMU_STE_S2FWB | SMMU_STE_EATS | SMMU_STE_SHCFG |
		   SMMU_STE_MEV;
	used[2] = ~0ULL;
	used[3] |= SMMU_STE_S2TTB | SMMU_STE_S2DS;
}

/* 5.2, "Config": what each configuration ignores */
static void used_ste(const uint64_t *ste, uint64_t *used)
{
	unsigned int config = SMMU_STE_CONFIG_OF(ste[0]);

	used[0] = SMMU_STE_V;
	if (!(ste[0] & SMMU_STE_V))
		return;
	used[0] |= SMMU_STE_CONFIG(7);
	if (config == SMMU_CONFIG_BYPASS)
		used[1] |= SMMU_STE_BYPASS1;
	if (config & 4 && config & 1)
		used_stage1(ste, used);
	if (config & 4 && config & 2)
		used_stage2(used);
}

/* 5.4: all of it or, if it is not valid, nothing else */
static void used_cd(const uint64_t *cd, uint64_t *used)
{
	unsigned int i;

	used[0] = SMMU_CD_V;
	for (i = 0; i < SMMU_QWORDS && (cd[0] & SMMU_CD_V); i++)
		used[i] = ~0ULL;
}

/* ---- Writing ------------------------------------------------------------------ */

/**
 * struct smmu_writer - how an entry of an SMMU is written
 * @hw: what all have in common
 * @smmu: whose
 * @forget: the command
 */
struct smmu_writer {
	struct hw_writer hw;
	struct smmuv3 *smmu;
	struct hw_cmd forget;
};

static int forget(const struct hw_writer *hw)
{
	const struct smmu_writer *writer = (const struct smmu_writer *)hw;

	return smmu_submit(writer->smmu, &writer->forget, 1);
}

static int write_ste(struct smmuv3_dev *sdev, const uint64_t ste[SMMU_QWORDS])
{
	const struct smmu_writer writer = {
		.hw = { .mem = smmu_mem(sdev->smmu),
			.entry = sdev->ste,
			.qwords = SMMU_QWORDS,
			.used = used_ste,
			.forget = forget },
		.smmu = sdev->smmu,
		.forget = { { SMMU_CFGI_STE | SMMU_CMD_SID(sdev->sid),
			      SMMU_CMD_LEAF } },
	};

	return hw_write(&writer.hw, ste);
}

static int write_cd(struct smmuv3_dev *sdev, uint64_t *entry, ioasid_t pasid,
		    const uint64_t *cd)
{
	static const uint64_t none[SMMU_QWORDS];
	const struct smmu_writer writer = {
		.hw = { .mem = smmu_mem(sdev->smmu),
			.entry = entry,
			.qwords = SMMU_QWORDS,
			.used = used_cd,
			.forget = forget },
		.smmu = sdev->smmu,
		.forget = { { SMMU_CFGI_CD | SMMU_CMD_SID(sdev->sid) |
				      SMMU_CMD_SSID(pasid),
			      SMMU_CMD_LEAF } },
	};

	return hw_write(&writer.hw, cd ? cd : none);
}

/* ---- Context descriptors of a device --------------------------------------------- */

static bool cds_two_level(const struct smmuv3_dev *sdev)
{
	return sdev->dev.pasid_bits > LINEAR_LG2;
}

/* log2 of the bytes of the table, or of its first level; at least 64 */
static unsigned int cds_size_lg2(const struct smmuv3_dev *sdev)
{
	unsigned int bits = sdev->dev.pasid_bits;

	if (!cds_two_level(sdev))
		return bits + CD_LG2;
	return bits - LEAF_LG2 + 3 < 6 ? 6 : bits - LEAF_LG2 + 3;
}

/* The descriptor of @pasid; NULL: there is none, and no memory or no @make. */
static uint64_t *cd_entry(struct smmuv3_dev *sdev, ioasid_t pasid, bool make)
{
	struct hw_mem mem = smmu_mem(sdev->smmu);
	uint64_t *slot, *leaf = NULL;

	if (!sdev->cds)
		return NULL;
	if (!cds_two_level(sdev))
		return sdev->cds + (size_t)pasid * SMMU_CD_QWORDS;
	slot = sdev->cds + (pasid >> LEAF_LG2);
	if (*slot & SMMU_L1CD_V) {
		leaf = hw_va(&mem, *slot & SMMU_L1CD_ADDR);
	} else if (make) {
		leaf = hw_alloc(&mem, LEAF_LG2 + CD_LG2);
		if (leaf)
			hw_link64(&mem, slot, hw_pa(&mem, leaf) | SMMU_L1CD_V);
	}
	if (!leaf)
		return NULL;
	return leaf + (size_t)(pasid % (1U << LEAF_LG2)) * SMMU_CD_QWORDS;
}

static int cds_make(struct smmuv3_dev *sdev)
{
	struct hw_mem mem = smmu_mem(sdev->smmu);

	if (!sdev->cds)
		sdev->cds = hw_alloc(&mem, cds_size_lg2(sdev));
	return sdev->cds && cd_entry(sdev, 0, true) ? 0 : -ENOMEM;
}

static void cds_free(struct smmuv3_dev *sdev)
{
	struct hw_mem mem = smmu_mem(sdev->smmu);
	size_t i, count = 0;

	if (!sdev->cds)
		return;
	if (cds_two_level(sdev))
		count = 1UL << (sdev->dev.pasid_bits - LEAF_LG2);
	for (i = 0; i < count; i++)
		if (sdev->cds[i] & SMMU_L1CD_V)
			hw_free(&mem,
				hw_va(&mem, sdev->cds[i] & SMMU_L1CD_ADDR),
				LEAF_LG2 + CD_LG2);
	hw_free(&mem, sdev->cds, cds_size_lg2(sdev));
	sdev->cds = NULL;
}

/* ---- Stream table entries ------------------------------------------------------------ */

/* With stage 1 and PASIDs: the device's own table, and what goes without. */
static void compose_pasids(struct smmuv3_dev *sdev, enum smmuv3_stage stage,
			   uint64_t ste[SMMU_QWORDS])
{
	struct hw_mem mem = smmu_mem(sdev->smmu);

	ste[0] = SMMU_STE_V | SMMU_STE_CONFIG(SMMU_CONFIG_S1) |
		 hw_pa(&mem, sdev->cds) | SMMU_STE_CDMAX(sdev->dev.pasid_bits) |
		 (cds_two_level(sdev) ? SMMU_STE_S1FMT_2L : 0);
	ste[1] = SMMU_STE_S1C_WB | (sdev->ats ? SMMU_STE_EATS_FULL : 0);
	if (stage == SMMUV3_STAGE1)
		ste[1] |= SMMU_DSS_CD0;
	else if (stage == SMMUV3_BYPASS)
		ste[1] |= SMMU_DSS_BYPASS | SMMU_STE_SHCFG_IN;
	else
		ste[1] |= SMMU_DSS_TERMINATE;
}

static void compose(struct smmuv3_dev *sdev, const struct smmuv3_target *target,
		    const struct smmu_entry *entry, uint64_t ste[SMMU_QWORDS])
{
	struct hw_mem mem = smmu_mem(sdev->smmu);
	unsigned int i;

	for (i = 0; i < SMMU_QWORDS; i++)
		ste[i] = entry->ste[i];
	switch (target->stage) {
	case SMMUV3_BLOCKED:
		ste[0] = SMMU_STE_V | SMMU_STE_CONFIG(SMMU_CONFIG_ABORT);
		break;
	case SMMUV3_BYPASS:
		ste[0] = SMMU_STE_V | SMMU_STE_CONFIG(SMMU_CONFIG_BYPASS);
		ste[1] = SMMU_STE_SHCFG_IN;
		break;
	case SMMUV3_STAGE1:
		ste[0] = SMMU_STE_V | SMMU_STE_CONFIG(SMMU_CONFIG_S1) |
			 hw_pa(&mem, entry->cd);
		ste[1] = SMMU_STE_S1C_WB | (sdev->ats ? SMMU_STE_EATS_FULL : 0);
		break;
	default:
		ste[1] |= sdev->ats ? SMMU_STE_EATS_FULL : 0;
	}
	if (sdev->users.pasids)
		compose_pasids(sdev, target->stage, ste);
}

/* Requests without a PASID. Locked. */
static int write_rid(struct smmuv3_dev *sdev, struct smmuv3_target *target,
		     const struct smmu_entry *entry)
{
	struct smmuv3_target *old = to_smmu_target(sdev->users.rid.target);
	uint64_t ste[SMMU_QWORDS];
	int rc = 0;

	hw_user_move(&sdev->users.rid, &target->hw);
	compose(sdev, target, entry, ste);
	if (sdev->users.pasids && target->stage == SMMUV3_STAGE1)
		rc = write_cd(sdev, cd_entry(sdev, 0, true), 0, entry->cd);
	if (!rc)
		rc = write_ste(sdev, ste);
	if (!rc && sdev->users.pasids && target->stage != SMMUV3_STAGE1)
		rc = write_cd(sdev, cd_entry(sdev, 0, true), 0, NULL);
	if (!rc)
		rc = smmu_flush_tag(old);
	if (!rc)
		rc = smmu_flush_device(sdev, IOMMU_NO_PASID);
	return rc;
}

/* The first PASID: the entry turns to the device's own table. */
static int turn_to_pasids(struct smmuv3_dev *sdev)
{
	const struct smmuv3_target *rid =
		to_smmu_target(sdev->users.rid.target);
	struct hw_mem mem = smmu_mem(sdev->smmu);
	uint64_t ste[SMMU_QWORDS] = { 0 };
	const uint64_t *cd = NULL;
	int rc;

	/* Else it is that of PASID 0, which nobody has attached. */
	if (rid->stage == SMMUV3_STAGE1)
		cd = hw_va(&mem, sdev->ste[0] & SMMU_STE_S1CTX);
	rc = write_cd(sdev, cd_entry(sdev, 0, true), 0, cd);
	compose_pasids(sdev, rid->stage, ste);
	return rc ? rc : write_ste(sdev, ste);
}

static int write_pasid(struct smmuv3_dev *sdev, ioasid_t pasid,
		       struct smmuv3_target *target,
		       const struct smmu_entry *entry)
{
	struct hw_mem mem = smmu_mem(sdev->smmu);
	bool present = target->stage == SMMUV3_STAGE1;
	bool first = present && !sdev->users.pasids;
	uint64_t *cd = cd_entry(sdev, pasid, present);
	struct iommu_hw_user *user;
	struct smmuv3_target *old;
	int rc;

	user = present && cd ? hw_user_get(&mem, &sdev->users, pasid)
			     : hw_user_find(&sdev->users, pasid);
	if (!user || !cd)
		return present ? -ENOMEM : 0;
	old = to_smmu_target(user->target);
	hw_user_move(user, &target->hw);
	rc = write_cd(sdev, cd, pasid, present ? entry->cd : NULL);
	if (!rc && first)
		rc = turn_to_pasids(sdev);
	if (!rc)
		rc = smmu_flush_tag(old);
	if (!rc)
		rc = smmu_flush_device(sdev, pasid);
	if (!rc)
		hw_user_put(&mem, &sdev->users, user);
	return rc;
}

/* PASIDs need the device's stage 1, which stage 2 and a guest's have not. */
static int check(struct smmuv3_dev *sdev, ioasid_t pasid,
		 const struct smmuv3_target *target)
{
	const struct smmuv3_target *rid =
		to_smmu_target(sdev->users.rid.target);

	if (pasid == IOMMU_NO_PASID)
		return sdev->users.pasids && (target->stage == SMMUV3_STAGE2 ||
					      target->stage == SMMUV3_NESTED)
			       ? -EBUSY
			       : 0;
	if (rid->stage == SMMUV3_STAGE2 || rid->stage == SMMUV3_NESTED)
		return -EBUSY;
	return target->stage == SMMUV3_STAGE1 ? cds_make(sdev) : 0;
}

/**
 * struct smmu_change - one call of smmu_stream_write()
 * @hw: for hw_change(); the rest are the call's arguments
 */
struct smmu_change {
	struct hw_change hw;
	struct smmuv3_dev *sdev;
	ioasid_t pasid;
	struct smmuv3_target *target;
	const struct smmu_entry *entry;
};

static int change_write(const struct hw_change *hw)
{
	const struct smmu_change *c = (const struct smmu_change *)hw;
	int rc = check(c->sdev, c->pasid, c->target);

	if (rc)
		return rc;
	if (c->pasid == IOMMU_NO_PASID)
		return write_rid(c->sdev, c->target, c->entry);
	return write_pasid(c->sdev, c->pasid, c->target, c->entry);
}

/* A stream table entry that aborts does so for PASIDs, too. */
static void change_block(const struct hw_change *hw)
{
	const struct smmu_change *c = (const struct smmu_change *)hw;
	struct hw_mem mem = smmu_mem(c->sdev->smmu);
	uint64_t *cd = cd_entry(c->sdev, c->pasid, false);

	if (c->pasid == IOMMU_NO_PASID)
		hw_store64(&mem, c->sdev->ste,
			   SMMU_STE_V | SMMU_STE_CONFIG(SMMU_CONFIG_ABORT));
	else if (cd)
		hw_store64(&mem, cd, 0);
}

int smmu_stream_write(struct smmuv3_dev *sdev, ioasid_t pasid,
		      struct smmuv3_target *target,
		      const struct smmu_entry *entry)
{
	const struct smmu_change change = {
		.hw = { .write = change_write, .block = change_block },
		.sdev = sdev,
		.pasid = pasid,
		.target = target,
		.entry = entry,
	};
	struct smmuv3 *smmu = sdev->smmu;
	struct hw_mem mem = smmu_mem(smmu);
	int rc;

	port_lock(&smmu->lock);
	rc = hw_change(&mem, &smmu->queue, &sdev->users, pasid, &target->hw,
		       &change.hw);
	port_unlock(&smmu->lock);
	return rc;
}

/* ---- Devices ------------------------------------------------------------------------- */

/* 5.1 "Level 1 Stream Table Descriptor": Span is the log2 of its entries, plus one. */
static uint64_t *stream_entry(struct smmuv3 *smmu, uint32_t sid)
{
	struct hw_mem mem = smmu_mem(smmu);
	uint64_t *slot, *table;

	if (!smmu->two_level)
		return smmu->streams + (size_t)sid * SMMU_STE_QWORDS;
	slot = smmu->streams + (sid >> SMMU_SPLIT);
	if (*slot) {
		table = hw_va(&mem, *slot & SMMU_BITS(55, 6));
	} else {
		table = hw_alloc(&mem, L2_LG2);
		if (!table)
			return NULL;
		hw_link64(&mem, slot, hw_pa(&mem, table) | (SMMU_SPLIT + 1));
	}
	return table + (size_t)(sid % (1U << SMMU_SPLIT)) * SMMU_STE_QWORDS;
}

int smmu_stream_init(struct smmuv3_dev *sdev)
{
	static const struct smmu_entry none = { .cd = NULL };
	struct smmuv3 *smmu = sdev->smmu;
	uint64_t ste[SMMU_QWORDS];
	int rc;

	port_lock(&smmu->lock);
	rc = smmu->queue.error;
	sdev->ste = rc ? NULL : stream_entry(smmu, sdev->sid);
	if (!rc && !sdev->ste)
		rc = -ENOMEM;
	if (!rc) {
		sdev->users.pasids = NULL;
		compose(sdev, &smmu->blocked.target, &none, ste);
		rc = write_ste(sdev, ste);
	}
	if (!rc)
		hw_users_init(&sdev->users, sdev, &smmu->blocked.target.hw);
	port_unlock(&smmu->lock);
	return rc;
}

void smmu_stream_fini(struct smmuv3_dev *sdev)
{
	const struct hw_cmd forget = {
		{ SMMU_CFGI_STE | SMMU_CMD_SID(sdev->sid), SMMU_CMD_LEAF }
	};
	struct hw_mem mem = smmu_mem(sdev->smmu);

	port_lock(&sdev->smmu->lock);
	/* The entry may still point at the device's descriptors. */
	if (sdev->cds) {
		hw_store64(&mem, sdev->ste,
			   SMMU_STE_V | SMMU_STE_CONFIG(SMMU_CONFIG_ABORT));
		smmu_submit(sdev->smmu, &forget, 1);
	}
	hw_users_fini(&sdev->users);
	cds_free(sdev);
	port_unlock(&sdev->smmu->lock);
}
