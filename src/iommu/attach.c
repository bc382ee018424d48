/* SPDX-License-Identifier: MIT */
/*
 * Groups, and the one path on which a (group, PASID) changes its domain.
 */
#include <uiommu/iommu.h>

void iommu_group_init(struct iommu_group *group)
{
	*group = (struct iommu_group){ .rid.pasid = IOMMU_NO_PASID };
}

bool iommu_dev_capable(struct iommu_dev *dev, enum iommu_cap cap)
{
	return dev->ops->capable && dev->ops->capable(dev, cap);
}

/* One device, one PASID; the driver does it whole or not at all. */
static int dev_set(struct iommu_dev *dev, ioasid_t pasid,
		   struct iommu_domain *domain, struct iommu_domain *old)
{
	if (pasid == IOMMU_NO_PASID)
		return domain->ops->attach_dev(domain, dev, old);
	return domain->ops->set_dev_pasid(domain, dev, pasid, old);
}

/*
 * Undo: @dev was translated by @good a moment ago, so a driver has no reason to
 * refuse. One that does must not leave the device where it is.
 */
static void dev_restore(struct iommu_dev *dev, ioasid_t pasid,
			struct iommu_domain *good, struct iommu_domain *bad)
{
	if (PORT_WARN_ON(dev_set(dev, pasid, good, bad)))
		dev_set(dev, pasid, dev->ops->blocked_domain, bad);
}

/*
 * Every device of @group goes from @old to @domain. On failure those that have
 * gone before return.
 */
static int group_set(struct iommu_group *group, ioasid_t pasid,
		     struct iommu_domain *domain, struct iommu_domain *old)
{
	struct iommu_dev *dev, *failed;
	int rc = 0;

	for (dev = group->devices; dev; dev = dev->next) {
		rc = dev_set(dev, pasid, domain, old);
		if (rc)
			break;
	}
	if (!rc)
		return 0;
	failed = dev;
	for (dev = group->devices; dev != failed; dev = dev->next)
		dev_restore(dev, pasid, old, domain);
	return rc;
}

/* A change that may not fail, because nobody could handle it. */
static void group_block(struct iommu_group *group, struct iommu_slot *slot)
{
	struct iommu_domain *blocked;
	struct iommu_dev *dev;

	if (!group->ops)
		return;
	blocked = group->ops->blocked_domain;
	if (slot->domain != blocked)
		for (dev = group->devices; dev; dev = dev->next)
			PORT_WARN_ON(dev_set(dev, slot->pasid, blocked,
					     slot->domain));
	slot->domain = blocked;
}

/* Static domains belong to a kind of IOMMU by being in its ops. */
static bool domain_fits(const struct iommu_ops *ops,
			const struct iommu_domain *domain)
{
	return ops && (domain == ops->blocked_domain ||
		       domain == ops->identity_domain || domain->iommu == ops);
}

/* A group that nobody owns and that has no device can become any kind. */
static void group_settle(struct iommu_group *group)
{
	if (!group->devices && !group->claims)
		group->ops = NULL;
}

static int dev_join(struct iommu_dev *dev, struct iommu_group *group)
{
	struct iommu_domain *blocked = dev->ops->blocked_domain;
	struct iommu_slot *slot, *undo;
	int rc;

	for (slot = group->pasids; slot; slot = slot->next)
		if (slot->pasid >> dev->pasid_bits)
			return -EINVAL;
	rc = dev_set(dev, IOMMU_NO_PASID, group->rid.domain, blocked);
	if (rc)
		return rc;
	for (slot = group->pasids; slot; slot = slot->next) {
		rc = dev_set(dev, slot->pasid, slot->domain, blocked);
		if (rc)
			break;
	}
	if (!rc)
		return 0;
	for (undo = group->pasids; undo != slot; undo = undo->next)
		dev_restore(dev, undo->pasid, blocked, undo->domain);
	dev_restore(dev, IOMMU_NO_PASID, blocked, group->rid.domain);
	return rc;
}

int iommu_dev_add(struct iommu_dev *dev, struct iommu_group *group)
{
	int rc = 0;

	port_lock(&group->lock);
	if (!group->ops) {
		group->ops = dev->ops;
		group->rid.domain = dev->ops->blocked_domain;
	} else if (group->ops != dev->ops) {
		rc = -EINVAL;
	}
	if (!rc)
		rc = dev_join(dev, group);
	if (!rc) {
		dev->group = group;
		dev->next = group->devices;
		group->devices = dev;
	}
	port_unlock(&group->lock);
	return rc;
}

void iommu_dev_remove(struct iommu_dev *dev)
{
	struct iommu_domain *blocked = dev->ops->blocked_domain;
	struct iommu_group *group = dev->group;
	struct iommu_dev **link;
	struct iommu_slot *slot;

	port_lock(&group->lock);
	for (slot = group->pasids; slot; slot = slot->next)
		dev_restore(dev, slot->pasid, blocked, slot->domain);
	if (group->rid.domain != blocked)
		dev_restore(dev, IOMMU_NO_PASID, blocked, group->rid.domain);
	for (link = &group->devices; *link != dev; link = &(*link)->next)
		;
	*link = dev->next;
	group_settle(group);
	port_unlock(&group->lock);
	dev->group = NULL;
}

int iommu_group_claim(struct iommu_group *group, void *owner)
{
	int rc = 0;

	port_lock(&group->lock);
	if (group->claims && group->owner != owner) {
		rc = -EBUSY;
	} else {
		if (!group->claims)
			group_block(group, &group->rid);
		group->owner = owner;
		group->claims++;
	}
	port_unlock(&group->lock);
	return rc;
}

void iommu_group_release(struct iommu_group *group)
{
	port_lock(&group->lock);
	if (!PORT_WARN_ON(!group->claims) && !--group->claims) {
		PORT_WARN_ON(group->pasids);
		group_block(group, &group->rid);
		group->owner = NULL;
		group_settle(group);
	}
	port_unlock(&group->lock);
}

int iommu_attach(struct iommu_group *group, struct iommu_domain *domain)
{
	int rc = 0;

	port_lock(&group->lock);
	if (!domain_fits(group->ops, domain))
		rc = -EINVAL;
	else if (domain != group->rid.domain)
		rc = group_set(group, IOMMU_NO_PASID, domain,
			       group->rid.domain);
	if (!rc)
		group->rid.domain = domain;
	port_unlock(&group->lock);
	return rc;
}

void iommu_detach(struct iommu_group *group)
{
	port_lock(&group->lock);
	group_block(group, &group->rid);
	port_unlock(&group->lock);
}

struct iommu_domain *iommu_attached(struct iommu_group *group)
{
	struct iommu_domain *domain;

	port_lock(&group->lock);
	domain = group->rid.domain;
	port_unlock(&group->lock);
	return domain;
}

/* Can every device of @group use @pasid, and @domain serve it? */
static int pasid_valid(const struct iommu_group *group, ioasid_t pasid,
		       const struct iommu_domain *domain)
{
	const struct iommu_dev *dev;

	if (pasid == IOMMU_NO_PASID || !domain->ops->set_dev_pasid ||
	    domain->iommu != group->ops || !group->ops)
		return -EINVAL;
	for (dev = group->devices; dev; dev = dev->next)
		if (pasid >> dev->pasid_bits)
			return -EINVAL;
	return 0;
}

int iommu_attach_pasid(struct iommu_group *group, struct iommu_slot *slot,
		       ioasid_t pasid, struct iommu_domain *domain)
{
	const struct iommu_slot *other;
	int rc;

	port_lock(&group->lock);
	rc = pasid_valid(group, pasid, domain);
	for (other = group->pasids; other && !rc; other = other->next)
		if (other->pasid == pasid)
			rc = -EBUSY;
	if (!rc)
		rc = group_set(group, pasid, domain,
			       group->ops->blocked_domain);
	if (!rc) {
		slot->pasid = pasid;
		slot->domain = domain;
		slot->next = group->pasids;
		group->pasids = slot;
	}
	port_unlock(&group->lock);
	return rc;
}

int iommu_replace_pasid(struct iommu_group *group, struct iommu_slot *slot,
			struct iommu_domain *domain)
{
	int rc;

	port_lock(&group->lock);
	rc = pasid_valid(group, slot->pasid, domain);
	if (!rc && domain != slot->domain)
		rc = group_set(group, slot->pasid, domain, slot->domain);
	if (!rc)
		slot->domain = domain;
	port_unlock(&group->lock);
	return rc;
}

void iommu_detach_pasid(struct iommu_group *group, struct iommu_slot *slot)
{
	struct iommu_slot **link;

	port_lock(&group->lock);
	group_block(group, slot);
	for (link = &group->pasids; *link != slot; link = &(*link)->next)
		;
	*link = slot->next;
	port_unlock(&group->lock);
}
