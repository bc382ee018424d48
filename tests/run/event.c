/* SPDX-License-Identifier: MIT */
/* Interrupts arrive on the client's eventfd, one for each. */
#include <poll.h>
#include <sys/eventfd.h>

#include "edu.h"

#define IOVA 0x10000000ul

static void set_irq(const struct edu *e, int fd)
{
	struct {
		struct vfio_irq_set set;
		int32_t fd;
	} irq = {
		.set = { .argsz = sizeof(irq),
			 .flags = VFIO_IRQ_SET_DATA_EVENTFD |
				  VFIO_IRQ_SET_ACTION_TRIGGER,
			 .index = VFIO_PCI_MSI_IRQ_INDEX,
			 .count = 1 },
		.fd = fd,
	};

	check(!ioctl(e->dev, VFIO_DEVICE_SET_IRQS, &irq));
}

int main(void)
{
	char *p = anonymous(PAGE, MAP_PRIVATE);
	int first = eventfd(0, EFD_CLOEXEC), fd = eventfd(0, EFD_NONBLOCK);
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	uint64_t n;
	struct edu e;
	int i;

	check(first >= 0 && fcntl(first, F_GETFD) == FD_CLOEXEC);
	check(fd >= 0 && fcntl(fd, F_GETFL) & O_NONBLOCK);
	edu_open(&e, true);
	check(!edu_map(&e, p, PAGE, IOVA));
	set_irq(&e, fd);
	check(read(fd, &n, 8) < 0 && errno == EAGAIN);
	for (i = 0; i < 3; i++)
		edu_run(&e, EDU_BUFFER, IOVA, 64, 2 | 4);
	check(poll(&ready, 1, 1000) == 1);
	check(read(fd, &n, 8) == 8 && n == 3);
	set_irq(&e, first);
	edu_run(&e, EDU_BUFFER, IOVA, 64, 2 | 4);
	check(read(fd, &n, 8) < 0 && errno == EAGAIN);
	check(read(first, &n, 8) == 8 && n == 1);
	/* Not with Bus Master off. */
	set_irq(&e, fd);
	edu_bus_master(&e, false);
	edu_run(&e, EDU_BUFFER, IOVA, 64, 2 | 4);
	check(read(fd, &n, 8) < 0 && errno == EAGAIN);
	return 0;
}
