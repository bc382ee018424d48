/* SPDX-License-Identifier: MIT */
/*
 * Interrupts: what the client sets up with VFIO_DEVICE_SET_IRQS, and how a
 * device's interrupt reaches the client's eventfd.
 */
#include <poll.h>
#include <unistd.h>

#include "vfio/vfio_file.h"

/*
 * One SET_IRQS, with its data in our own terms: @fd are descriptors of this
 * process (or -1), owned by the request until the device takes them.
 */
struct vfio_irq_request {
	uint32_t data;
	uint32_t start;
	uint32_t count;
	bool on[VFIO_MAX_VECTORS];
	int fd[VFIO_MAX_VECTORS];
};

typedef int vfio_irq_fn(struct vfio_device *dev, unsigned int index,
			struct vfio_irq_request *req);

void vfio_irqs_init(struct vfio_irqs *irqs)
{
	unsigned int i;

	irqs->mode = VFIO_IRQ_NONE;
	irqs->request = -1;
	irqs->level = false;
	irqs->masked = false;
	for (i = 0; i < VFIO_MAX_VECTORS; i++)
		irqs->trigger[i] = -1;
}

static void vfio_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * An eventfd's counter stops just below its maximum, and a write then waits for
 * a reader. The kernel's own signal never waits, and a full counter says all
 * there is to say, so look first.
 */
static void vfio_signal(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	const uint64_t one = 1;

	if (fd < 0 || poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return;
	if (write(fd, &one, sizeof(one)) < 0)
		return; /* a client that breaks its eventfd misses interrupts */
}

/* INTx is signalled once, and then masked until the client has served it. */
static void vfio_intx_update(struct vfio_device *dev)
{
	struct vfio_irqs *irqs = &dev->irqs;

	if (irqs->mode != VFIO_PCI_INTX_IRQ_INDEX || irqs->trigger[0] < 0 ||
	    !irqs->level || irqs->masked)
		return;
	irqs->masked = true;
	vfio_signal(irqs->trigger[0]);
}

void vfio_intx(struct vfio_device *dev, bool level)
{
	dev->irqs.level = level;
	vfio_intx_update(dev);
}

void vfio_msi(struct vfio_device *dev, unsigned int vector)
{
	if ((dev->irqs.mode == VFIO_PCI_MSI_IRQ_INDEX ||
	     dev->irqs.mode == VFIO_PCI_MSIX_IRQ_INDEX) &&
	    vector < VFIO_MAX_VECTORS)
		vfio_signal(dev->irqs.trigger[vector]);
}

static void vfio_irq_set_mode(struct vfio_device *dev, unsigned int mode)
{
	unsigned int old = dev->irqs.mode;

	dev->irqs.mode = mode;
	dev->irqs.masked = false;
	if (dev->ops->irq_mode)
		dev->ops->irq_mode(dev, mode == VFIO_IRQ_NONE ? old : mode,
				   mode != VFIO_IRQ_NONE);
}

/* Switch off whichever of INTx, MSI and MSI-X is on. */
static void vfio_irq_mode_off(struct vfio_device *dev)
{
	unsigned int i;

	vfio_unmask_clear(dev);
	for (i = 0; i < VFIO_MAX_VECTORS; i++)
		vfio_close_fd(&dev->irqs.trigger[i]);
	vfio_irq_set_mode(dev, VFIO_IRQ_NONE);
}

void vfio_irqs_disable(struct vfio_device *dev)
{
	if (dev->irqs.mode != VFIO_IRQ_NONE)
		vfio_irq_mode_off(dev);
	vfio_close_fd(&dev->irqs.request);
}

/* Does the request mean vector @i? With DATA_NONE it means all of its range. */
static bool vfio_irq_means(const struct vfio_irq_request *req, unsigned int i)
{
	return req->data == VFIO_IRQ_SET_DATA_NONE || req->on[i];
}

/* INTx is one vector; masks apply to it while it is on. */
static bool vfio_is_intx(const struct vfio_device *dev,
			 const struct vfio_irq_request *req)
{
	return dev->irqs.mode == VFIO_PCI_INTX_IRQ_INDEX && req->start == 0 &&
	       req->count == 1;
}

static int vfio_mask(struct vfio_device *dev, unsigned int index,
		     struct vfio_irq_request *req)
{
	if (!vfio_is_intx(dev, req))
		return -EINVAL;
	if (vfio_irq_means(req, 0))
		dev->irqs.masked = true;
	return 0;
}

void vfio_intx_unmask(struct vfio_device *dev)
{
	dev->irqs.masked = false;
	vfio_intx_update(dev);
}

/* An eventfd is not an order to unmask, but the way of those to come. */
static int vfio_unmask(struct vfio_device *dev, unsigned int index,
		       struct vfio_irq_request *req)
{
	int ret = 0;

	if (!vfio_is_intx(dev, req))
		return -EINVAL;
	if (req->data != VFIO_IRQ_SET_DATA_EVENTFD) {
		if (vfio_irq_means(req, 0))
			vfio_intx_unmask(dev);
	} else if (req->fd[0] < 0) {
		vfio_unmask_clear(dev);
	} else {
		ret = vfio_unmask_set(dev, req->fd[0]);
		if (!ret)
			req->fd[0] = -1;
	}
	return ret;
}

/*
 * TRIGGER of INTx, MSI and MSI-X. With eventfds it switches the index on, or
 * replaces them; the request takes back what it replaced. Without, it plays the
 * device's part. Only one index can be on.
 */
static int vfio_mode_trigger(struct vfio_device *dev, unsigned int index,
			     struct vfio_irq_request *req)
{
	struct vfio_irqs *irqs = &dev->irqs;
	unsigned int i;

	if (irqs->mode == index && !req->count &&
	    req->data == VFIO_IRQ_SET_DATA_NONE) {
		vfio_irq_mode_off(dev);
		return 0;
	}
	if (index == VFIO_PCI_INTX_IRQ_INDEX && req->count != 1)
		return -EINVAL;

	if (req->data == VFIO_IRQ_SET_DATA_EVENTFD) {
		if (irqs->mode != index &&
		    (irqs->mode != VFIO_IRQ_NONE || !req->count))
			return -EINVAL;
		for (i = 0; i < req->count; i++) {
			int old = irqs->trigger[req->start + i];

			irqs->trigger[req->start + i] = req->fd[i];
			req->fd[i] = old;
		}
		if (irqs->mode != index)
			vfio_irq_set_mode(dev, index);
		vfio_intx_update(dev);
		return 0;
	}

	if (irqs->mode != index)
		return -EINVAL;
	for (i = 0; i < req->count; i++)
		if (vfio_irq_means(req, i))
			vfio_signal(irqs->trigger[req->start + i]);
	return 0;
}

/* The index by which a host asks for its device back. */
static int vfio_request_trigger(struct vfio_device *dev, unsigned int index,
				struct vfio_irq_request *req)
{
	int *fd = &dev->irqs.request;

	if (req->data == VFIO_IRQ_SET_DATA_NONE) {
		if (*fd < 0)
			return -EINVAL;
		if (req->count)
			vfio_signal(*fd);
		else
			vfio_close_fd(fd);
		return 0;
	}
	if (!req->count)
		return -EINVAL;
	if (req->data == VFIO_IRQ_SET_DATA_EVENTFD) {
		int old = *fd;

		*fd = req->fd[0];
		req->fd[0] = old;
	} else if (req->on[0]) {
		vfio_signal(*fd);
	}
	return 0;
}

/* Message interrupts cannot be masked this way: MSI has no mask bits here. */
static vfio_irq_fn *vfio_irq_find(uint32_t index, uint32_t action)
{
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		if (action == VFIO_IRQ_SET_ACTION_MASK)
			return vfio_mask;
		if (action == VFIO_IRQ_SET_ACTION_UNMASK)
			return vfio_unmask;
		/* fall through */
	case VFIO_PCI_MSI_IRQ_INDEX:
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return action == VFIO_IRQ_SET_ACTION_TRIGGER ? vfio_mode_trigger
							     : NULL;
	case VFIO_PCI_REQ_IRQ_INDEX:
		return action == VFIO_IRQ_SET_ACTION_TRIGGER
			       ? vfio_request_trigger
			       : NULL;
	default:
		return NULL;
	}
}

/* Returns the bytes of data for each vector, or -EINVAL. */
static int vfio_irq_data_size(uint32_t data)
{
	switch (data) {
	case VFIO_IRQ_SET_DATA_NONE:
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		return sizeof(uint8_t);
	case VFIO_IRQ_SET_DATA_EVENTFD:
		return sizeof(int32_t);
	default:
		return -EINVAL;
	}
}

/* @data has room for the largest request; *@size is what was copied. */
static int vfio_irq_copy(struct vfio_file *f, struct uiommu_user *user,
			 uint64_t arg, struct vfio_irq_set *set, void *data)
{
	const size_t minsz = sizeof(*set);
	uint32_t nr;
	int size, ret;

	ret = vfio_copy_args(user, arg, set, minsz);
	if (ret)
		return ret;
	if (set->index >= VFIO_PCI_NUM_IRQS ||
	    set->flags & ~(uint32_t)(VFIO_IRQ_SET_DATA_TYPE_MASK |
				     VFIO_IRQ_SET_ACTION_TYPE_MASK))
		return -EINVAL;
	nr = f->dev->irq[set->index].count;
	if (set->start >= nr || set->count > nr - set->start)
		return -EINVAL;
	size = vfio_irq_data_size(set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK);
	if (size < 0)
		return size;
	if ((set->argsz - minsz) < (size_t)size * set->count)
		return -EINVAL;
	if (!size || !set->count)
		return 0;
	return user->ops->copy_in(user, data, arg + minsz,
				  (size_t)size * set->count);
}

/* Translate the client's descriptors to ours; all of them, or none. */
static int vfio_irq_eventfds(struct uiommu_user *user,
			     struct vfio_irq_request *req, const int32_t *fd)
{
	unsigned int i;
	int ret;

	for (i = 0; i < req->count; i++) {
		if (fd[i] < 0)
			continue;
		ret = user->ops->eventfd(user, fd[i]);
		if (ret < 0)
			return ret;
		req->fd[i] = ret;
	}
	return 0;
}

static int vfio_irq_apply(struct vfio_file *f, struct uiommu_user *user,
			  const struct vfio_irq_set *set, vfio_irq_fn *fn,
			  const void *data)
{
	struct vfio_irq_request req = {
		.data = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK,
		.start = set->start,
		.count = set->count,
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; i < VFIO_MAX_VECTORS; i++)
		req.fd[i] = -1;
	if (req.data == VFIO_IRQ_SET_DATA_BOOL)
		for (i = 0; i < req.count; i++)
			req.on[i] = ((const uint8_t *)data)[i];
	if (req.data == VFIO_IRQ_SET_DATA_EVENTFD)
		ret = vfio_irq_eventfds(user, &req, data);

	if (!ret) {
		vfio_device_lock(f->dev);
		ret = f->bound ? fn(f->dev, set->index, &req) : -EINVAL;
		vfio_device_unlock(f->dev);
	}
	for (i = 0; i < VFIO_MAX_VECTORS; i++)
		vfio_close_fd(&req.fd[i]);
	return ret;
}

long vfio_set_irqs(struct vfio_file *f, struct uiommu_user *user, uint64_t arg)
{
	int32_t data[VFIO_MAX_VECTORS] = { 0 };
	struct vfio_irq_set set;
	vfio_irq_fn *fn;
	int ret;

	ret = vfio_irq_copy(f, user, arg, &set, data);
	if (ret)
		return ret;
	fn = vfio_irq_find(set.index,
			   set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK);
	if (!fn)
		return -ENOTTY;
	/* Linux knows no eventfd that masks, either. */
	if (fn == vfio_mask && set.flags & VFIO_IRQ_SET_DATA_EVENTFD)
		return -ENOTTY;
	return vfio_irq_apply(f, user, &set, fn, data);
}

long vfio_get_irq_info(struct vfio_file *f, struct uiommu_user *user,
		       uint64_t arg)
{
	struct vfio_irq_info info;
	int ret;

	ret = vfio_copy_args(user, arg, &info, sizeof(info));
	if (ret)
		return ret;
	if (info.index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	info.flags = f->dev->irq[info.index].flags;
	info.count = f->dev->irq[info.index].count;
	return user->ops->copy_out(user, arg, &info, sizeof(info));
}
