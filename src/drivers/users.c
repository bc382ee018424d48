/* SPDX-License-Identifier: MIT */
#include "drivers/users.h"

#define USER_LG2    6 /* log2 of the bytes of a user */
#define IDS_MIN_LG2 6

_Static_assert(sizeof(struct iommu_hw_user) <= 1 << USER_LG2,
	       "a user does not fit");

void hw_users_init(struct iommu_hw_users *users, void *dev,
		   struct iommu_hw_target *blocked)
{
	*users = (struct iommu_hw_users){
		.rid = { .dev = dev, .pasid = IOMMU_NO_PASID },
		.blocked = blocked,
	};
	hw_user_move(&users->rid, blocked);
}

static void leave(struct iommu_hw_user *user)
{
	struct iommu_hw_user **link = &user->target->users;

	while (*link != user)
		link = &(*link)->next;
	*link = user->next;
	user->target = NULL;
}

void hw_users_fini(struct iommu_hw_users *users)
{
	PORT_WARN_ON(users->pasids);
	leave(&users->rid);
}

static struct iommu_hw_user *find_pasid(const struct iommu_hw_users *users,
					ioasid_t pasid)
{
	struct iommu_hw_user *user;

	for (user = users->pasids; user; user = user->sibling)
		if (user->pasid == pasid)
			break;
	return user;
}

struct iommu_hw_user *hw_user_find(struct iommu_hw_users *users, ioasid_t pasid)
{
	return pasid == IOMMU_NO_PASID ? &users->rid : find_pasid(users, pasid);
}

struct iommu_hw_user *hw_user_get(const struct hw_mem *mem,
				  struct iommu_hw_users *users, ioasid_t pasid)
{
	struct iommu_hw_user *user;

	if (pasid == IOMMU_NO_PASID)
		return &users->rid;
	user = find_pasid(users, pasid);
	if (user)
		return user;
	user = mem->runtime->alloc(mem->runtime, USER_LG2, GFP_KERNEL);
	if (!user)
		return NULL;
	user->dev = users->rid.dev;
	user->pasid = pasid;
	user->sibling = users->pasids;
	users->pasids = user;
	hw_user_move(user, users->blocked);
	return user;
}

void hw_user_put(const struct hw_mem *mem, struct iommu_hw_users *users,
		 struct iommu_hw_user *user)
{
	struct iommu_hw_user **link = &users->pasids;

	if (user == &users->rid || user->target != users->blocked)
		return;
	while (*link != user)
		link = &(*link)->sibling;
	*link = user->sibling;
	leave(user);
	hw_free(mem, user, USER_LG2);
}

void hw_user_move(struct iommu_hw_user *user, struct iommu_hw_target *target)
{
	if (user->target)
		leave(user);
	user->target = target;
	user->next = target->users;
	target->users = user;
}

void hw_begin(const struct hw_mem *mem)
{
	mem->journal->nr = 0;
	mem->journal->on = true;
}

/* Backwards, so that hardware sees no value that it has not seen on the way. */
void hw_end(const struct hw_mem *mem, int rc)
{
	struct iommu_hw_journal *journal = mem->journal;
	uint64_t *p;

	journal->on = false;
	while (rc && journal->nr--) {
		p = journal->store[journal->nr].p;
		if (journal->store[journal->nr].qwords == 2)
			hw_store128(mem, p, journal->store[journal->nr].was[0],
				    journal->store[journal->nr].was[1]);
		else
			hw_store64(mem, p, journal->store[journal->nr].was[0]);
	}
}

static void restore(const struct hw_mem *mem, struct iommu_hw_users *users,
		    ioasid_t pasid, struct iommu_hw_target *target)
{
	struct iommu_hw_user *user = hw_user_find(users, pasid);

	if (!user)
		return;
	hw_user_move(user, target);
	hw_user_put(mem, users, user);
}

int hw_change(const struct hw_mem *mem, const struct iommu_hw_queue *queue,
	      struct iommu_hw_users *users, ioasid_t pasid,
	      struct iommu_hw_target *target, const struct hw_change *change)
{
	struct iommu_hw_user *user = hw_user_find(users, pasid);
	struct iommu_hw_target *old = user ? user->target : users->blocked;
	int rc = queue->error;

	if (!rc) {
		hw_begin(mem);
		rc = change->write(change);
		hw_end(mem, old == users->blocked || target == users->blocked
				    ? 0
				    : rc);
		/*
		 * What blocked does so by the one store that is the last to undo. The
		 * others need not follow, and hardware that cannot be told to forget
		 * them must not see them half done.
		 */
		if (rc && old == users->blocked && mem->journal->nr)
			change->block(change);
		if (rc && target != users->blocked)
			restore(mem, users, pasid, old);
	}
	if (!rc || target != users->blocked)
		return rc;
	change->block(change);
	restore(mem, users, pasid, target);
	return 0;
}

void hw_target_nest(struct iommu_hw_target *target,
		    struct iommu_hw_target *parent)
{
	target->parent = parent;
	target->sibling = parent->nested;
	parent->nested = target;
}

void hw_target_unnest(struct iommu_hw_target *target)
{
	struct iommu_hw_target **link = &target->parent->nested;

	PORT_WARN_ON(target->users);
	while (*link != target)
		link = &(*link)->sibling;
	*link = target->sibling;
	target->parent = NULL;
}

/* ---- Numbers ------------------------------------------------------------ */

int hw_ids_init(const struct hw_mem *mem, struct iommu_hw_ids *ids,
		uint32_t count)
{
	ids->count = count;
	ids->size_lg2 = IDS_MIN_LG2;
	while (8ULL << ids->size_lg2 < count)
		ids->size_lg2++;
	ids->map = hw_alloc(mem, ids->size_lg2);
	return ids->map ? 0 : -ENOMEM;
}

void hw_ids_fini(const struct hw_mem *mem, struct iommu_hw_ids *ids)
{
	hw_free(mem, ids->map, ids->size_lg2);
	ids->map = NULL;
}

int hw_id_get(struct iommu_hw_ids *ids, uint32_t first, uint32_t *id)
{
	for (*id = first; *id < ids->count; ++*id)
		if (!(ids->map[*id / 64] & 1ULL << *id % 64)) {
			ids->map[*id / 64] |= 1ULL << *id % 64;
			return 0;
		}
	return -ENOSPC;
}

void hw_id_put(struct iommu_hw_ids *ids, uint32_t id)
{
	ids->map[id / 64] &= ~(1ULL << id % 64);
}
