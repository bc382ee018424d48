/* SPDX-License-Identifier: MIT */
/*
 * Unmasking INTx by an eventfd, as hypervisors do that deliver the interrupt and
 * its end without leaving the kernel. Somebody has to wait for that eventfd: a
 * thread for each device that is asked for it, which sleeps until it is written.
 */
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vfio/vfio_file.h"

/* The generation that ends the thread; those of clients start behind it. */
#define VFIO_UNMASK_END 0

static void *vfio_unmask_thread(void *arg)
{
	struct vfio_device *dev = arg;
	struct vfio_unmask *un = &dev->unmask;
	struct epoll_event event;

	for (;;) {
		if (epoll_wait(un->epoll, &event, 1, -1) != 1)
			continue;
		if (event.data.u64 == VFIO_UNMASK_END)
			return NULL;
		vfio_device_lock(dev);
		/* It may have been taken away meanwhile. */
		if (un->fd >= 0 && event.data.u64 == un->generation)
			vfio_intx_unmask(dev);
		vfio_device_unlock(dev);
	}
}

static int vfio_unmask_watch(struct vfio_unmask *un, int fd,
			     uint64_t generation)
{
	/* Edges, because the counter is not ours to read. */
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLET,
		.data.u64 = generation,
	};

	return epoll_ctl(un->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* Signals are for the threads of whoever links us. */
static int vfio_unmask_create(struct vfio_device *dev)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = -pthread_create(&dev->unmask.thread, NULL, vfio_unmask_thread,
			      dev);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ret;
}

static int vfio_unmask_start(struct vfio_device *dev)
{
	struct vfio_unmask *un = &dev->unmask;
	int ret;

	un->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (un->epoll < 0)
		return -errno;
	un->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (un->wake < 0) {
		ret = -errno;
		goto err_epoll;
	}
	ret = vfio_unmask_watch(un, un->wake, VFIO_UNMASK_END);
	if (!ret)
		ret = vfio_unmask_create(dev);
	if (!ret) {
		un->started = true;
		return 0;
	}
	close(un->wake);
err_epoll:
	close(un->epoll);
	return ret;
}

void vfio_unmask_init(struct vfio_unmask *un)
{
	*un = (struct vfio_unmask){ .fd = -1 };
}

void vfio_unmask_fini(struct vfio_unmask *un)
{
	const uint64_t one = 1;

	if (!un->started)
		return;
	/* The counter is ours and zero: this cannot fail. */
	if (write(un->wake, &one, sizeof(one)) == sizeof(one))
		pthread_join(un->thread, NULL);
	close(un->wake);
	close(un->epoll);
}

int vfio_unmask_set(struct vfio_device *dev, int fd)
{
	struct vfio_unmask *un = &dev->unmask;
	int ret = 0;

	if (un->fd >= 0)
		return -EBUSY;
	if (!un->started)
		ret = vfio_unmask_start(dev);
	if (ret)
		return ret;
	ret = vfio_unmask_watch(un, fd, ++un->generation);
	if (!ret)
		un->fd = fd;
	return ret;
}

void vfio_unmask_clear(struct vfio_device *dev)
{
	struct vfio_unmask *un = &dev->unmask;

	if (un->fd < 0)
		return;
	/* The client has the same eventfd open: closing ours would not do. */
	epoll_ctl(un->epoll, EPOLL_CTL_DEL, un->fd, NULL);
	close(un->fd);
	un->fd = -1;
}
