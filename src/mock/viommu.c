/* SPDX-License-Identifier: MIT */
/*
 * Virtual IOMMUs: devices with caches to invalidate, events, queues, and two pages
 * that the client can map.
 */
#include <stdlib.h>
#include <string.h>

#include "mock_driver.h"

#define MAP_LENGTH 8192

/**
 * struct mock_viommu - a virtual IOMMU
 * @viommu: the core's part
 * @lock: protects @queue
 * @queue: those that the hardware reads
 */
struct mock_viommu {
	struct iommu_viommu viommu;
	struct port_lock lock;
	struct iommu_hw_queue *queue[IOMMU_TEST_HW_QUEUES];
};

static struct mock_viommu *to_mock_viommu(struct iommu_viommu *viommu)
{
	return (struct mock_viommu *)((char *)viommu -
				      offsetof(struct mock_viommu, viommu));
}

static int viommu_alloc_nested(struct iommu_viommu *viommu,
			       struct iommu_dev *dev, unsigned int flags,
			       const struct iommu_user_data *data,
			       struct iommu_domain **domain)
{
	return mock_nested_alloc(viommu, data, domain);
}

/* ---- Invalidation -------------------------------------------------- */

static void clear_cache(struct mock_device *mdev, uint32_t first, uint32_t nr)
{
	uint32_t i;

	port_lock(&mdev->lock);
	for (i = first; i != first + nr; i++)
		mdev->cache[i] = 0;
	port_unlock(&mdev->lock);
}

static int invalidate_one(struct iommu_viommu *viommu,
			  const struct iommu_test_viommu_invalidate *inv)
{
	struct iommu_vdevice *vdev;
	int rc = 0;

	if (inv->flags & ~IOMMU_TEST_INVALIDATE_ALL)
		return -EOPNOTSUPP;
	if (inv->cache_id >= IOMMU_TEST_CACHE_SLOTS)
		return -EINVAL;
	port_lock(&viommu->lock);
	vdev = iommu_vdevice_find(viommu, inv->vdev_id);
	if (!vdev)
		rc = -EINVAL;
	else if (inv->flags & IOMMU_TEST_INVALIDATE_ALL)
		clear_cache(to_mock_device(vdev->dev), 0,
			    IOMMU_TEST_CACHE_SLOTS);
	else
		clear_cache(to_mock_device(vdev->dev), inv->cache_id, 1);
	port_unlock(&viommu->lock);
	return rc;
}

/* All or nothing is copied, before anything is carried out. */
static int copy_entries(struct iommu_user_array *array, uint32_t nr,
			struct iommu_test_viommu_invalidate *inv)
{
	uint32_t i;
	int rc = 0;

	/* What the client does not have of an entry is zero. */
	for (i = 0; i != nr && !rc; i++)
		rc = iommu_user_array_read(array, i, &inv[i], 1, sizeof(*inv));
	return rc;
}

static int viommu_invalidate(struct iommu_viommu *viommu,
			     struct iommu_user_array *array)
{
	struct iommu_test_viommu_invalidate *inv;
	uint32_t i, nr = array->entry_num;
	int rc;

	array->entry_num = 0;
	if (array->type != IOMMU_TEST_VIOMMU_INVALIDATE_TYPE)
		return -EINVAL;
	if (!nr)
		return 0;
	inv = calloc(nr, sizeof(*inv));
	if (!inv)
		return -ENOMEM;
	rc = copy_entries(array, nr, inv);
	for (i = 0; i != nr && !rc; i++) {
		rc = invalidate_one(viommu, &inv[i]);
		if (!rc)
			array->entry_num++;
	}
	free(inv);
	return rc;
}

/* ---- Events -------------------------------------------------------- */

/* There can be a queue for any kind of them; one kind ever comes. */
static bool viommu_has_events(struct iommu_viommu *viommu, uint32_t type)
{
	return true;
}

/* ---- Queues -------------------------------------------------------- */

static bool viommu_hw_queue_type(struct iommu_viommu *viommu, uint32_t type)
{
	return type == IOMMU_TEST_HW_QUEUE_TYPE;
}

/* Queue n needs queue n - 1, as some hardware does. Locked. */
static int queue_init(struct mock_viommu *mv, struct iommu_hw_queue *queue)
{
	struct iommu_hw_queue *before;

	if (mv->queue[queue->index])
		return -EEXIST;
	if (queue->index) {
		before = mv->queue[queue->index - 1];
		if (!before || mv->viommu.host->depend(queue, before))
			return -EIO;
	}
	mv->queue[queue->index] = queue;
	return 0;
}

static int viommu_hw_queue_init(struct iommu_hw_queue *queue)
{
	struct mock_viommu *mv = to_mock_viommu(queue->viommu);
	int rc;

	if (queue->index >= IOMMU_TEST_HW_QUEUES)
		return -EINVAL;
	port_lock(&mv->lock);
	rc = queue_init(mv, queue);
	port_unlock(&mv->lock);
	return rc;
}

static void viommu_hw_queue_fini(struct iommu_hw_queue *queue)
{
	struct mock_viommu *mv = to_mock_viommu(queue->viommu);

	port_lock(&mv->lock);
	mv->queue[queue->index] = NULL;
	port_unlock(&mv->lock);
}

/* ---- Making one ---------------------------------------------------- */

static void viommu_free(struct iommu_viommu *viommu)
{
	free(to_mock_viommu(viommu));
}

static const struct iommu_viommu_ops viommu_ops = {
	.alloc_nested = viommu_alloc_nested,
	.invalidate = viommu_invalidate,
	.has_events = viommu_has_events,
	.hw_queue_type = viommu_hw_queue_type,
	.hw_queue_init = viommu_hw_queue_init,
	.hw_queue_fini = viommu_hw_queue_fini,
	.free = viommu_free,
};

/* What goes in comes out: in the struct, and in the pages that can be mapped. */
static int echo(struct iommu_viommu *viommu, const struct iommu_user_data *data)
{
	struct iommu_test_viommu echo;
	uint64_t offset;
	void *ptr;
	int rc;

	rc = iommu_user_data_read(data, &echo,
				  offsetof(struct iommu_test_viommu,
					   out_mmap_offset),
				  sizeof(echo));
	if (rc)
		return rc;
	rc = viommu->host->map(viommu, MAP_LENGTH, &ptr, &offset);
	if (rc)
		return rc;
	memcpy(ptr, &echo.in_data, sizeof(echo.in_data));
	echo.out_data = echo.in_data;
	echo.out_mmap_offset = offset;
	echo.out_mmap_length = MAP_LENGTH;
	return iommu_user_data_write(data, &echo, sizeof(echo));
}

static int viommu_alloc(struct iommu_dev *dev, const struct iommu_viommu *like,
			const struct iommu_user_data *data,
			struct iommu_viommu **viommu)
{
	struct mock_viommu *mv = calloc(1, sizeof(*mv));
	int rc;

	if (!mv)
		return -ENOMEM;
	iommu_viommu_init(&mv->viommu, like, &viommu_ops);
	rc = data ? echo(&mv->viommu, data) : 0;
	if (rc) {
		free(mv);
		return rc;
	}
	*viommu = &mv->viommu;
	return 0;
}

const struct iommu_viommu_kind mock_viommu_kinds[] = {
	{ .type = IOMMU_TEST_VIOMMU_TYPE, .alloc = viommu_alloc },
	{ 0 },
};
