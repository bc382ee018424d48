/* SPDX-License-Identifier: MIT */
/*
 * The driver of the software IOMMU: devices, and who uses which table.
 */
#include <stdlib.h>
#include <string.h>

#include "soft_domain.h"

/* ---- Tags --------------------------------------------------------- */

static int tag_alloc(struct soft_driver *drv, uint32_t *tag)
{
	uint32_t word, old = drv->nr_tag_words;
	uint64_t *tags;

	for (word = 0; word != old; word++)
		if (~drv->tags[word])
			break;
	if (word == old) {
		tags = realloc(drv->tags, (old ? old * 2 : 1) * sizeof(*tags));
		if (!tags)
			return -ENOMEM;
		drv->nr_tag_words = old ? old * 2 : 1;
		memset(tags + old, 0,
		       (drv->nr_tag_words - old) * sizeof(*tags));
		tags[0] |= 1;
		drv->tags = tags;
	}
	*tag = word * 64 + (uint32_t)__builtin_ctzll(~drv->tags[word]);
	drv->tags[word] |= UINT64_C(1) << (*tag % 64);
	return 0;
}

int soft_table_init(struct soft_table *table, struct soft_driver *drv)
{
	int rc;

	port_lock(&drv->lock);
	rc = tag_alloc(drv, &table->tag);
	port_unlock(&drv->lock);
	table->drv = drv;
	return rc;
}

void soft_table_fini(struct soft_table *table)
{
	struct soft_driver *drv = table->drv;

	PORT_WARN_ON(table->users);
	port_lock(&drv->lock);
	drv->tags[table->tag / 64] &= ~(UINT64_C(1) << (table->tag % 64));
	port_unlock(&drv->lock);
}

/* ---- Invalidation ------------------------------------------------- */

void soft_table_sync(struct soft_table *table,
		     const struct iommu_iotlb_gather *gather)
{
	if (iommu_iotlb_gather_empty(gather))
		soft_table_sync_all(table);
	else
		soft_iommu_invalidate(table->drv->hw, table->tag, gather->start,
				      gather->last,
				      iommu_iotlb_gather_leaf_only(gather));
}

void soft_table_sync_all(struct soft_table *table)
{
	soft_iommu_invalidate(table->drv->hw, table->tag, 0, UINT64_MAX, false);
}

void soft_table_unmapped(struct soft_table *table, dma_addr_t iova,
			 dma_addr_t last)
{
	soft_iommu_unmapped(table->drv->hw, table->tag, iova, last);
}

/* ---- Device table entries ----------------------------------------- */

/* The entry exists, so replacing it cannot fail. */
static void program(const struct soft_user *user, const struct soft_dte *dte)
{
	PORT_WARN_ON(soft_iommu_set(user->dev->drv->hw, user->dev->rid,
				    user->pasid, dte));
}

static void program_table(const struct soft_user *user,
			  const struct soft_root *root)
{
	const struct soft_dte dte = {
		.mode = SOFT_MODE_TRANSLATE,
		.domain_id = user->table->tag,
		.root = *root,
	};

	program(user, &dte);
}

void soft_table_set_root(struct soft_table *table, const struct soft_root *root)
{
	struct soft_user *user;

	for (user = table->users; user; user = user->next_of_table)
		program_table(user, root);
	soft_table_sync_all(table);
}

int soft_user_get(struct soft_device *dev, ioasid_t pasid,
		  struct soft_user **out)
{
	const struct soft_dte blocked = { .mode = SOFT_MODE_BLOCKED };
	struct soft_user *user = &dev->user;
	int rc;

	while (user->pasid != pasid && user->next_of_dev)
		user = user->next_of_dev;
	if (user->pasid != pasid) {
		user = calloc(1, sizeof(*user));
		if (!user)
			return -ENOMEM;
		rc = soft_iommu_set(dev->drv->hw, dev->rid, pasid, &blocked);
		if (rc) {
			free(user);
			return rc;
		}
		user->dev = dev;
		user->pasid = pasid;
		user->next_of_dev = dev->user.next_of_dev;
		dev->user.next_of_dev = user;
	}
	*out = user;
	return 0;
}

struct soft_table *soft_user_leave(struct soft_user *user)
{
	struct soft_table *table = user->table;
	struct soft_user **link;

	if (!table)
		return NULL;
	port_lock(&table->lock);
	for (link = &table->users; *link != user;
	     link = &(*link)->next_of_table)
		;
	*link = user->next_of_table;
	port_unlock(&table->lock);
	user->table = NULL;
	return table;
}

void soft_user_enter(struct soft_user *user, struct soft_table *table,
		     const struct soft_root *root)
{
	user->table = table;
	user->next_of_table = table->users;
	table->users = user;
	program_table(user, root);
}

/* A (device, PASID) that needs no table. */
static void set_static(struct soft_user *user, enum soft_mode mode)
{
	const struct soft_dte dte = { .mode = mode };
	struct soft_table *old = soft_user_leave(user);

	program(user, &dte);
	if (old)
		soft_table_sync_all(old);
}

static int blocked_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			  struct iommu_domain *old)
{
	set_static(&to_soft_device(dev)->user, SOFT_MODE_BLOCKED);
	return 0;
}

static int identity_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			   struct iommu_domain *old)
{
	set_static(&to_soft_device(dev)->user, SOFT_MODE_IDENTITY);
	return 0;
}

/* A PASID that is blocked needs no entry at all. */
static int blocked_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
			     ioasid_t pasid, struct iommu_domain *old)
{
	struct soft_device *sdev = to_soft_device(dev);
	struct soft_user **link, *user;
	struct soft_table *table;

	link = &sdev->user.next_of_dev;
	while ((user = *link) && user->pasid != pasid)
		link = &user->next_of_dev;
	if (!user)
		return 0;
	*link = user->next_of_dev;
	table = soft_user_leave(user);
	program(user, NULL);
	if (table)
		soft_table_sync_all(table);
	free(user);
	return 0;
}

static const struct iommu_domain_ops blocked_ops = {
	.attach_dev = blocked_attach,
	.set_dev_pasid = blocked_set_pasid,
};

static const struct iommu_domain_ops identity_ops = {
	.attach_dev = identity_attach,
};

/* There is nothing in a static domain that could change. */
const struct iommu_domain soft_blocked_domain = {
	.type = IOMMU_DOMAIN_BLOCKED,
	.ops = &blocked_ops,
};

const struct iommu_domain soft_identity_domain = {
	.type = IOMMU_DOMAIN_IDENTITY,
	.ops = &identity_ops,
};

/* ---- Devices ------------------------------------------------------ */

bool soft_capable(struct iommu_dev *dev, enum iommu_cap cap)
{
	const struct soft_device_caps *caps = &to_soft_device(dev)->caps;

	switch (cap) {
	/* Devices copy as this processor does: no request bypasses a cache. */
	case IOMMU_CAP_CACHE_COHERENCY:
	case IOMMU_CAP_ENFORCE_CACHE_COHERENCY:
	case IOMMU_CAP_DIRTY_TRACKING:
		return true;
	case IOMMU_CAP_PCI_ATS:
		return caps->ats;
	case IOMMU_CAP_PAGE_REQUESTS:
		return caps->page_requests;
	case IOMMU_CAP_PASID_EXEC:
		return caps->pasid_exec;
	case IOMMU_CAP_PASID_PRIV:
		return caps->pasid_priv;
	}
	return false;
}

void soft_driver_set_caps(struct iommu_dev *dev,
			  const struct soft_device_caps *caps)
{
	to_soft_device(dev)->caps = *caps;
	dev->pasid_bits = caps->pasid_bits;
}

/* ---- Page requests ------------------------------------------------- */

static struct soft_device *find_device(struct soft_driver *drv, uint32_t rid)
{
	struct soft_device *sdev;

	port_lock(&drv->lock);
	for (sdev = drv->devices; sdev; sdev = sdev->next)
		if (sdev->rid == rid)
			break;
	port_unlock(&drv->lock);
	return sdev;
}

static uint32_t to_page_perm(const struct soft_page_request *req)
{
	uint32_t perm = 0;

	if (req->access & SOFT_READ)
		perm |= IOMMU_PAGE_READ;
	if (req->access & SOFT_WRITE)
		perm |= IOMMU_PAGE_WRITE;
	if (req->access & SOFT_EXEC)
		perm |= IOMMU_PAGE_EXEC;
	if (req->privileged)
		perm |= IOMMU_PAGE_PRIV;
	return perm;
}

static void on_page_request(void *arg, const struct soft_page_request *req)
{
	struct soft_device *sdev = find_device(arg, req->rid);
	const struct iommu_page_request to = {
		.pasid = req->pasid,
		.grpid = req->group,
		.perm = to_page_perm(req),
		.last = req->last,
		.addr = req->va,
	};

	if (sdev)
		iommu_report_page_request(&sdev->dev, &to);
}

void soft_page_response(struct iommu_dev *dev, ioasid_t pasid, uint32_t grpid,
			enum iommu_page_code code)
{
	static const enum soft_page_code codes[] = {
		[IOMMU_PAGE_SUCCESS] = SOFT_PAGE_SUCCESS,
		[IOMMU_PAGE_INVALID] = SOFT_PAGE_INVALID,
		[IOMMU_PAGE_FAILURE] = SOFT_PAGE_FAILURE,
	};
	struct soft_device *sdev = to_soft_device(dev);

	soft_iommu_page_response(sdev->drv->hw, sdev->rid, pasid, grpid,
				 codes[code]);
}

static void link_device(struct soft_device *sdev)
{
	struct soft_driver *drv = sdev->drv;

	port_lock(&drv->lock);
	sdev->next = drv->devices;
	drv->devices = sdev;
	port_unlock(&drv->lock);
}

static void unlink_device(struct soft_device *sdev)
{
	struct soft_driver *drv = sdev->drv;
	struct soft_device **link;

	port_lock(&drv->lock);
	for (link = &drv->devices; *link != sdev; link = &(*link)->next)
		;
	*link = sdev->next;
	port_unlock(&drv->lock);
}

/* Intel SDM volume 3, 11.11.1: the address range of MSIs. */
bool soft_resv_x86(struct iommu_dev *dev, unsigned int index,
		   struct iommu_resv_region *region)
{
	*region = (struct iommu_resv_region){
		.start = 0xfee00000,
		.last = 0xfeefffff,
		.type = IOMMU_RESV_MSI,
	};
	return index == 0;
}

static const struct {
	const char *name;
	const struct iommu_ops *ops;
} formats[] = {
	{ "amdv1", &soft_amdv1_iommu_ops },
	{ "amdv1_mock", &soft_amdv1_mock_iommu_ops },
	{ "vtdss", &soft_vtdss_iommu_ops },
	{ "x86_64", &soft_x86_64_iommu_ops },
};

const char *soft_driver_format(unsigned int index)
{
	return index < sizeof(formats) / sizeof(formats[0])
		       ? formats[index].name
		       : NULL;
}

static const struct iommu_ops *find_ops(const char *name)
{
	size_t i;

	for (i = 0; i != sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(formats[i].name, name))
			return formats[i].ops;
	return NULL;
}

int soft_driver_new(struct soft_iommu *hw, const char *format,
		    const struct pt_runtime *runtime, struct soft_driver **out)
{
	const struct soft_format *hw_format = soft_format_find(format);
	const struct iommu_ops *ops = find_ops(format);
	struct soft_driver *drv;

	if (!ops || !hw_format)
		return -EINVAL;
	drv = calloc(1, sizeof(*drv));
	if (!drv)
		return -ENOMEM;
	drv->hw = hw;
	drv->ops = ops;
	drv->format = hw_format;
	drv->runtime = runtime;
	soft_iommu_on_page_request(hw, on_page_request, drv);
	*out = drv;
	return 0;
}

void soft_driver_free(struct soft_driver *drv)
{
	if (!drv)
		return;
	soft_iommu_on_page_request(drv->hw, NULL, NULL);
	free(drv->tags);
	free(drv);
}

static int add_device(struct soft_driver *drv, uint32_t rid,
		      const struct iommu_ops *ops, enum soft_mode mode,
		      struct iommu_dev **out)
{
	const struct soft_dte dte = { .mode = mode };
	struct soft_device *sdev;
	int rc;

	sdev = calloc(1, sizeof(*sdev));
	if (!sdev)
		return -ENOMEM;
	rc = soft_iommu_set(drv->hw, rid, IOMMU_NO_PASID, &dte);
	if (rc)
		goto err_free;
	sdev->dev.ops = ops;
	sdev->drv = drv;
	sdev->rid = rid;
	sdev->user.dev = sdev;
	iommu_group_init(&sdev->group);
	rc = iommu_dev_add(&sdev->dev, &sdev->group);
	if (rc)
		goto err_entry;
	link_device(sdev);
	*out = &sdev->dev;
	return 0;

err_entry:
	soft_iommu_set(drv->hw, rid, IOMMU_NO_PASID, NULL);
err_free:
	free(sdev);
	return rc;
}

int soft_driver_add_device(struct soft_driver *drv, uint32_t rid,
			   struct iommu_dev **out)
{
	return add_device(drv, rid, drv->ops, SOFT_MODE_BLOCKED, out);
}

int soft_driver_add_untranslated(struct soft_driver *drv, uint32_t rid,
				 struct iommu_dev **out)
{
	return add_device(drv, rid, &soft_none_iommu_ops, SOFT_MODE_IDENTITY,
			  out);
}

void soft_driver_remove_device(struct iommu_dev *dev)
{
	struct soft_device *sdev = to_soft_device(dev);

	unlink_device(sdev);
	iommu_dev_remove(dev);
	soft_iommu_set(sdev->drv->hw, sdev->rid, IOMMU_NO_PASID, NULL);
	free(sdev);
}
