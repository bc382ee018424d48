/* SPDX-License-Identifier: MIT */
/*
 * Device contexts and process contexts: RISC-V IOMMU 1.0, 2.1 "Device-Directory-Table",
 * 2.2 "Process-Directory-Table", 6.2 "Guidelines for invalidations".
 */
#include "drivers/riscv/riscv.h"

#define TABLE_LG2 12
#define PC_QWORDS 2

/* ---- Device directory ------------------------------------------------------ */

static bool extended(const struct riscv_iommu *iommu)
{
	return iommu->capabilities & RV_CAP_MSI_FLAT;
}

static unsigned int dc_qwords(const struct riscv_iommu *iommu)
{
	return extended(iommu) ? 8 : 4;
}

/* 2.1.1: 9 bits for each level but the lowest, which holds contexts. */
unsigned int rv_index_bits(const struct riscv_iommu *iommu, unsigned int level)
{
	if (level)
		return 9;
	return extended(iommu) ? 6 : 7;
}

/* The table that @slot points at, made if there is none; NULL: no memory. */
static uint64_t *next_table(struct riscv_iommu *iommu, uint64_t *slot)
{
	struct hw_mem mem = rv_mem(iommu);
	uint64_t *table;

	if (*slot & RV_V)
		return hw_va(&mem, RV_PPN_PA(*slot));
	table = hw_alloc(&mem, TABLE_LG2);
	if (table)
		hw_link64(&mem, slot, RV_PPN(hw_pa(&mem, table)) | RV_V);
	return table;
}

static uint64_t *device_context(struct riscv_iommu *iommu, uint32_t id)
{
	unsigned int level = iommu->levels - 1;
	unsigned int shift = rv_index_bits(iommu, 0) + 9 * level;
	uint64_t *table = iommu->directory;
	uint32_t index;

	for (; level && table; level--) {
		shift -= 9;
		index = id >> shift & 0x1ff;
		table = next_table(iommu, table + index);
	}
	if (!table)
		return NULL;
	index = id & ((1U << rv_index_bits(iommu, 0)) - 1);
	return table + (size_t)index * dc_qwords(iommu);
}

static void free_below(const struct hw_mem *mem, uint64_t *table,
		       unsigned int level)
{
	unsigned int i;

	for (i = 0; level && i < 512; i++)
		if (table[i] & RV_V)
			free_below(mem, hw_va(mem, RV_PPN_PA(table[i])),
				   level - 1);
	hw_free(mem, table, TABLE_LG2);
}

void rv_directory_free(struct riscv_iommu *iommu)
{
	struct hw_mem mem = rv_mem(iommu);

	if (iommu->directory)
		free_below(&mem, iommu->directory, iommu->levels - 1);
	iommu->directory = NULL;
}

/* ---- Process directory ------------------------------------------------------- */

/* 2.2.1: 8 bits in the lowest level; then 9, and 3. Mode 1 is PD8, 2 PD17, 3 PD20. */
static unsigned int pdtp_mode(const struct riscv_iommu_dev *rdev)
{
	unsigned int bits = rdev->dev.pasid_bits;

	return bits > 17 ? 3 : bits > 8 ? 2 : 1;
}

/* The context of @pasid; NULL: there is none, and no memory or no @make. */
static uint64_t *process_context(struct riscv_iommu_dev *rdev, ioasid_t pasid,
				 bool make)
{
	static const unsigned int shift[] = { 0, 8, 17 };
	unsigned int level = pdtp_mode(rdev) - 1;
	uint64_t *table = rdev->directory, *slot;

	for (; level && table; level--) {
		slot = table + (pasid >> shift[level] & 0x1ff);
		if (!make && !(*slot & RV_V))
			return NULL;
		table = next_table(rdev->iommu, slot);
	}
	return table ? table + (size_t)(pasid & 0xff) * PC_QWORDS : NULL;
}

static int processes_make(struct riscv_iommu_dev *rdev)
{
	struct hw_mem mem = rv_mem(rdev->iommu);

	if (!rdev->directory)
		rdev->directory = hw_alloc(&mem, TABLE_LG2);
	return rdev->directory && process_context(rdev, 0, true) ? 0 : -ENOMEM;
}

static void processes_free(struct riscv_iommu_dev *rdev)
{
	struct hw_mem mem = rv_mem(rdev->iommu);

	if (rdev->directory)
		free_below(&mem, rdev->directory, pdtp_mode(rdev) - 1);
	rdev->directory = NULL;
}

/* ---- Writing ---------------------------------------------------------------------- */

struct rv_writer {
	struct hw_writer hw;
	struct riscv_iommu *iommu;
	struct hw_cmd forget;
};

static int forget(const struct hw_writer *hw)
{
	const struct rv_writer *writer = (const struct rv_writer *)hw;

	return rv_submit(writer->iommu, &writer->forget, 1);
}

/* 2.1.3: the tag means nothing without a first stage. */
static void used_dc(const uint64_t *dc, uint64_t *used)
{
	used[RV_DC_TC] = RV_V;
	if (!(dc[RV_DC_TC] & RV_V))
		return;
	used[RV_DC_TC] = ~0ULL;
	used[RV_DC_IOHGATP] = ~0ULL;
	used[RV_DC_FSC] = ~0ULL;
	if (RV_MODE_OF(dc[RV_DC_FSC]))
		used[RV_DC_TA] = ~0ULL;
}

static void used_pc(const uint64_t *pc, uint64_t *used)
{
	used[0] = RV_V;
	if (!(pc[0] & RV_V))
		return;
	used[0] = ~0ULL;
	used[1] = ~0ULL;
}

static int write_dc(struct riscv_iommu_dev *rdev, const uint64_t *dc)
{
	const struct rv_writer writer = {
		.hw = { .mem = rv_mem(rdev->iommu),
			.entry = rdev->context,
			.qwords = 4,
			.used = used_dc,
			.forget = forget },
		.iommu = rdev->iommu,
		.forget = { { RV_CMD_DDT | RV_DIR_DV | RV_DIR_DID(rdev->id) } },
	};

	return hw_write(&writer.hw, dc);
}

static int write_pc(struct riscv_iommu_dev *rdev, uint64_t *entry,
		    ioasid_t pasid, const uint64_t pc[PC_QWORDS])
{
	const struct rv_writer writer = {
		.hw = { .mem = rv_mem(rdev->iommu),
			.entry = entry,
			.qwords = PC_QWORDS,
			.used = used_pc,
			.forget = forget },
		.iommu = rdev->iommu,
		.forget = { { RV_CMD_PDT | RV_DIR_DV | RV_DIR_DID(rdev->id) |
			      RV_DIR_PID(pasid) } },
	};

	return hw_write(&writer.hw, pc);
}

/* 2.1.3.1 "Translation control": without a PASID, DPE says that it is PASID 0. */
static void compose(struct riscv_iommu_dev *rdev,
		    const struct riscv_iommu_target *target,
		    const struct rv_entry *entry, uint64_t dc[4])
{
	const struct iommu_hw_caps *caps = &rdev->iommu->caps;
	struct hw_mem mem = rv_mem(rdev->iommu);
	bool pasids = rdev->users.pasids;

	dc[0] = dc[1] = dc[2] = dc[3] = 0;
	if (target->stage == RISCV_IOMMU_BLOCKED && !pasids)
		return;
	dc[RV_DC_TC] = RV_V | (rdev->ats ? RV_TC_EN_ATS : 0) |
		       (rdev->pri ? RV_TC_EN_PRI | RV_TC_PRPR : 0) |
		       (caps->dirty ? RV_TC_SADE | RV_TC_GADE : 0);
	dc[RV_DC_IOHGATP] = entry->iohgatp;
	dc[RV_DC_TA] = entry->ta;
	dc[RV_DC_FSC] = entry->fsc;
	if (!pasids)
		return;
	dc[RV_DC_TC] |= RV_TC_PDTV;
	if (target->stage != RISCV_IOMMU_BARE)
		dc[RV_DC_TC] |= RV_TC_DPE;
	dc[RV_DC_TA] = 0;
	dc[RV_DC_FSC] = RV_MODE(pdtp_mode(rdev)) |
			hw_pa(&mem, rdev->directory) >> 12;
}

static int write_first(struct riscv_iommu_dev *rdev, ioasid_t pasid,
		       const struct rv_entry *entry)
{
	uint64_t pc[PC_QWORDS] = { 0, 0 };

	/* 2.2.3: V, and whose tag; supervisor access is not enabled. */
	if (entry) {
		pc[0] = RV_V | entry->ta;
		pc[1] = entry->fsc;
	}
	return write_pc(rdev, process_context(rdev, pasid, true), pasid, pc);
}

/* Requests without a PASID. Locked. */
static int write_rid(struct riscv_iommu_dev *rdev,
		     struct riscv_iommu_target *target,
		     const struct rv_entry *entry)
{
	struct riscv_iommu_target *old = to_rv_target(rdev->users.rid.target);
	bool first = target->stage == RISCV_IOMMU_FIRST;
	uint64_t dc[4];
	int rc = 0;

	hw_user_move(&rdev->users.rid, &target->hw);
	compose(rdev, target, entry, dc);
	if (rdev->users.pasids)
		rc = write_first(rdev, 0, first ? entry : NULL);
	if (!rc)
		rc = write_dc(rdev, dc);
	/* Whatever was translated while both quadwords changed */
	if (!rc)
		rc = rv_flush_tag(old);
	if (!rc)
		rc = rv_flush_tag(target);
	if (!rc)
		rc = rv_flush_device(rdev, IOMMU_NO_PASID);
	return rc;
}

/* The first PASID: what the device context said is said in process context 0. */
static int turn_to_pasids(struct riscv_iommu_dev *rdev)
{
	const struct riscv_iommu_target *rid =
		to_rv_target(rdev->users.rid.target);
	const struct rv_entry none = { 0 }, was = {
		.ta = rdev->context[RV_DC_TA],
		.fsc = rdev->context[RV_DC_FSC],
	};
	uint64_t dc[4];
	int rc = 0;

	if (!(rdev->context[RV_DC_TC] & RV_TC_PDTV))
		rc = write_first(rdev, 0,
				 rid->stage == RISCV_IOMMU_FIRST ? &was : NULL);
	compose(rdev, rid, &none, dc);
	return rc ? rc : write_dc(rdev, dc);
}

static int write_pasid(struct riscv_iommu_dev *rdev, ioasid_t pasid,
		       struct riscv_iommu_target *target,
		       const struct rv_entry *entry)
{
	struct hw_mem mem = rv_mem(rdev->iommu);
	bool present = target->stage == RISCV_IOMMU_FIRST;
	bool first = present && !rdev->users.pasids;
	struct riscv_iommu_target *old;
	struct iommu_hw_user *user;
	int rc;

	if (present && !process_context(rdev, pasid, true))
		return -ENOMEM;
	user = present ? hw_user_get(&mem, &rdev->users, pasid)
		       : hw_user_find(&rdev->users, pasid);
	if (!user)
		return present ? -ENOMEM : 0;
	old = to_rv_target(user->target);
	hw_user_move(user, &target->hw);
	rc = write_first(rdev, pasid, present ? entry : NULL);
	if (!rc && first)
		rc = turn_to_pasids(rdev);
	if (!rc)
		rc = rv_flush_tag(old);
	if (!rc)
		rc = rv_flush_tag(target);
	if (!rc)
		rc = rv_flush_device(rdev, pasid);
	if (!rc)
		hw_user_put(&mem, &rdev->users, user);
	return rc;
}

static bool second_stage(const struct riscv_iommu_target *target)
{
	return target->stage == RISCV_IOMMU_SECOND ||
	       target->stage == RISCV_IOMMU_NESTED;
}

/* PASIDs are translated by a first stage alone. */
static int check(struct riscv_iommu_dev *rdev, ioasid_t pasid,
		 const struct riscv_iommu_target *target)
{
	const struct riscv_iommu_target *rid =
		to_rv_target(rdev->users.rid.target);

	if (pasid == IOMMU_NO_PASID)
		return rdev->users.pasids && second_stage(target) ? -EBUSY : 0;
	if (second_stage(rid))
		return -EBUSY;
	return target->stage == RISCV_IOMMU_FIRST ? processes_make(rdev) : 0;
}

/**
 * struct rv_change - one call of rv_context_write()
 * @hw: for hw_change(); the rest are the call's arguments
 */
struct rv_change {
	struct hw_change hw;
	struct riscv_iommu_dev *rdev;
	ioasid_t pasid;
	struct riscv_iommu_target *target;
	const struct rv_entry *entry;
};

static int change_write(const struct hw_change *hw)
{
	const struct rv_change *c = (const struct rv_change *)hw;
	int rc = check(c->rdev, c->pasid, c->target);

	if (rc)
		return rc;
	if (c->pasid == IOMMU_NO_PASID)
		return write_rid(c->rdev, c->target, c->entry);
	return write_pasid(c->rdev, c->pasid, c->target, c->entry);
}

/* Without V in the device context its PASIDs are blocked, too. */
static void change_block(const struct hw_change *hw)
{
	const struct rv_change *c = (const struct rv_change *)hw;
	struct hw_mem mem = rv_mem(c->rdev->iommu);
	uint64_t *entry = c->rdev->context;

	if (c->pasid != IOMMU_NO_PASID)
		entry = process_context(c->rdev, c->pasid, false);
	if (entry)
		hw_store64(&mem, entry, 0);
}

int rv_context_write(struct riscv_iommu_dev *rdev, ioasid_t pasid,
		     struct riscv_iommu_target *target,
		     const struct rv_entry *entry)
{
	const struct rv_change change = {
		.hw = { .write = change_write, .block = change_block },
		.rdev = rdev,
		.pasid = pasid,
		.target = target,
		.entry = entry,
	};
	struct riscv_iommu *iommu = rdev->iommu;
	struct hw_mem mem = rv_mem(iommu);
	int rc;

	port_lock(&iommu->lock);
	rc = hw_change(&mem, &iommu->queue, &rdev->users, pasid, &target->hw,
		       &change.hw);
	port_unlock(&iommu->lock);
	return rc;
}

int rv_context_init(struct riscv_iommu_dev *rdev)
{
	struct riscv_iommu *iommu = rdev->iommu;
	int rc;

	port_lock(&iommu->lock);
	rc = iommu->queue.error;
	rdev->context = rc ? NULL : device_context(iommu, rdev->id);
	if (!rc && !rdev->context)
		rc = -ENOMEM;
	if (!rc)
		hw_users_init(&rdev->users, rdev, &iommu->blocked.target.hw);
	port_unlock(&iommu->lock);
	return rc;
}

void rv_context_fini(struct riscv_iommu_dev *rdev)
{
	const struct hw_cmd forget = { { RV_CMD_DDT | RV_DIR_DV |
					 RV_DIR_DID(rdev->id) } };
	struct hw_mem mem = rv_mem(rdev->iommu);
	const uint64_t none[4] = { 0 };

	port_lock(&rdev->iommu->lock);
	/*
	 * It may still point at the directory of process contexts, and must not any
	 * more even if the queue is broken.
	 */
	if (rdev->context[RV_DC_TC]) {
		hw_store64(&mem, rdev->context + RV_DC_TC, 0);
		rv_submit(rdev->iommu, &forget, 1);
	}
	write_dc(rdev, none);
	hw_users_fini(&rdev->users);
	processes_free(rdev);
	port_unlock(&rdev->iommu->lock);
}
