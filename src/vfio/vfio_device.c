/* SPDX-License-Identifier: MIT */
/*
 * What every modelled device has: its locks, and the rule that work which a
 * register access starts runs after the access, with no lock held.
 */
#include "vfio/vfio_file.h"

void vfio_device_init(struct vfio_device *dev,
		      const struct vfio_device_ops *ops)
{
	dev->ops = ops;
	dev->running = false;
	dev->owner = NULL;
	dev->idev = NULL;
	pthread_mutex_init(&dev->lock, NULL);
	pthread_cond_init(&dev->idle, NULL);
	pthread_mutex_init(&dev->bind_lock, NULL);
	vfio_irqs_init(&dev->irqs);
	vfio_unmask_init(&dev->unmask);
}

void vfio_device_fini(struct vfio_device *dev)
{
	vfio_unmask_fini(&dev->unmask);
	pthread_mutex_destroy(&dev->bind_lock);
	pthread_cond_destroy(&dev->idle);
	pthread_mutex_destroy(&dev->lock);
}

void vfio_device_lock(struct vfio_device *dev)
{
	pthread_mutex_lock(&dev->lock);
}

void vfio_device_unlock(struct vfio_device *dev)
{
	pthread_mutex_unlock(&dev->lock);
}

void vfio_device_start(struct vfio_device *dev)
{
	dev->running = true;
}

void vfio_device_done(struct vfio_device *dev)
{
	dev->running = false;
	pthread_cond_broadcast(&dev->idle);
}

void vfio_wait_idle(struct vfio_device *dev)
{
	while (dev->running)
		pthread_cond_wait(&dev->idle, &dev->lock);
}
