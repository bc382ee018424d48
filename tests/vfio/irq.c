/* SPDX-License-Identifier: MIT */
/*
 * Interrupts: what is said of them, every combination of VFIO_DEVICE_SET_IRQS,
 * and how INTx and MSI reach an eventfd.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

#define CONFIG  VFIO_PCI_CONFIG_REGION_INDEX
#define BAD_PTR ((void *)8)

#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSI  VFIO_PCI_MSI_IRQ_INDEX
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define ERR  VFIO_PCI_ERR_IRQ_INDEX
#define REQ  VFIO_PCI_REQ_IRQ_INDEX

#define NONE    VFIO_IRQ_SET_DATA_NONE
#define BOOL    VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD
#define MASK    VFIO_IRQ_SET_ACTION_MASK
#define UNMASK  VFIO_IRQ_SET_ACTION_UNMASK
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER

/* A request without data for vector 0. */
static long simple(struct rig *rig, uint32_t index, uint32_t action)
{
	return rig_set_irqs(rig, NONE | action, index, 0, 1, NULL, 0);
}

static long disable(struct rig *rig, uint32_t index)
{
	return rig_set_irqs(rig, NONE | TRIGGER, index, 0, 0, NULL, 0);
}

static long set_fd(struct rig *rig, uint32_t index, int32_t fd)
{
	return rig_set_irqs(rig, EVENTFD | TRIGGER, index, 0, 1, &fd,
			    sizeof(fd));
}

static void info(void **state)
{
	static const struct {
		uint32_t count, flags;
	} want[VFIO_PCI_NUM_IRQS] = {
		[INTX] = { 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE |
				      VFIO_IRQ_INFO_AUTOMASKED },
		[MSI] = { 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE },
		[MSIX] = { 0, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE },
		[ERR] = { 0, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE },
		[REQ] = { 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE },
	};
	struct rig *rig = *state;
	struct vfio_irq_info info;
	uint32_t i;

	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		memset(&info, 0xaa, sizeof(info));
		info.argsz = sizeof(info);
		info.index = i;
		assert_int_equal(rig_ioctl(rig, RIG_CDEV,
					   VFIO_DEVICE_GET_IRQ_INFO, &info),
				 0);
		assert_int_equal(info.argsz, sizeof(info));
		assert_int_equal(info.index, i);
		assert_int_equal(info.count, want[i].count);
		assert_int_equal(info.flags, want[i].flags);
	}
	info.index = VFIO_PCI_NUM_IRQS;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_IRQ_INFO,
				   &info),
			 -EINVAL);
	info.index = 0;
	info.argsz = sizeof(info) - 1;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_IRQ_INFO,
				   &info),
			 -EINVAL);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_IRQ_INFO,
				   BAD_PTR),
			 -EFAULT);
}

static void header_errors(void **state)
{
	struct rig *rig = *state;
	struct vfio_irq_set set = { .argsz = sizeof(set) };
	int32_t fd = -1;

	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_SET_IRQS,
				   BAD_PTR),
			 -EFAULT);
	set.argsz = sizeof(set) - 1;
	set.flags = NONE | TRIGGER;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_SET_IRQS, &set),
			 -EINVAL);

	/* Flags: unknown, no data type, two data types. */
	assert_int_equal(rig_set_irqs(rig, 0x40 | NONE | TRIGGER, INTX, 0, 1,
				      NULL, 0),
			 -EINVAL);
	assert_int_equal(rig_set_irqs(rig, TRIGGER, INTX, 0, 1, NULL, 0),
			 -EINVAL);
	assert_int_equal(rig_set_irqs(rig, NONE | BOOL | TRIGGER, INTX, 0, 1,
				      &fd, 4),
			 -EINVAL);

	/* Index and range. */
	assert_int_equal(rig_set_irqs(rig, NONE | TRIGGER, VFIO_PCI_NUM_IRQS, 0,
				      1, NULL, 0),
			 -EINVAL);
	assert_int_equal(rig_set_irqs(rig, NONE | TRIGGER, MSI, 1, 0, NULL, 0),
			 -EINVAL);
	assert_int_equal(rig_set_irqs(rig, NONE | TRIGGER, MSI, 0, 2, NULL, 0),
			 -EINVAL);
	assert_int_equal(rig_set_irqs(rig, NONE | TRIGGER, MSI, UINT32_MAX, 2,
				      NULL, 0),
			 -EINVAL);
	assert_int_equal(rig_set_irqs(rig, NONE | TRIGGER, MSI, 0, UINT32_MAX,
				      NULL, 0),
			 -EINVAL);
	/* Absent indexes have no range that could be named. */
	assert_int_equal(disable(rig, MSIX), -EINVAL);
	assert_int_equal(disable(rig, ERR), -EINVAL);

	/* Data: too little of it, and not readable. */
	assert_int_equal(rig_set_irqs(rig, EVENTFD | TRIGGER, MSI, 0, 1, &fd,
				      3),
			 -EINVAL);
	assert_int_equal(rig_set_irqs(rig, BOOL | TRIGGER, INTX, 0, 1, NULL, 0),
			 -EINVAL);
}

static void unreadable_data(void **state)
{
	struct rig *rig = *state;
	uint8_t *p = mmap(NULL, 2 * UIOMMU_PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vfio_irq_set *set;

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(munmap(p + UIOMMU_PAGE_SIZE, UIOMMU_PAGE_SIZE), 0);
	set = (void *)(p + UIOMMU_PAGE_SIZE - sizeof(*set));
	set->argsz = sizeof(*set) + 4;
	set->flags = EVENTFD | TRIGGER;
	set->index = MSI;
	set->count = 1;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_SET_IRQS, set),
			 -EFAULT);
	munmap(p, UIOMMU_PAGE_SIZE);
}

/* Every data type with every set of actions, on every index, nothing set up. */
static void matrix(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();
	uint32_t index, data, action;
	int32_t arg;

	for (index = 0; index < VFIO_PCI_NUM_IRQS; index++) {
		for (data = NONE; data <= EVENTFD; data <<= 1) {
			for (action = 0; action < 8; action++) {
				uint32_t act = action << 3;
				bool trigger = act == TRIGGER;
				bool intx = index == INTX &&
					    (act == MASK || act == UNMASK);
				long want = -ENOTTY;

				if (index == MSIX || index == ERR)
					want = -EINVAL;
				else if (intx &&
					 (data != EVENTFD || act == UNMASK))
					want = -EINVAL; /* not on */
				else if (trigger && data == EVENTFD)
					want = 0;
				else if (trigger && data == BOOL &&
					 index == REQ)
					want = 0;
				else if (trigger)
					want = -EINVAL;

				arg = data == EVENTFD ? fd : 1;
				assert_int_equal(rig_set_irqs(rig, data | act,
							      index, 0, 1, &arg,
							      sizeof(arg)),
						 want);
				if (want == 0 && data == EVENTFD)
					assert_int_equal(disable(rig, index),
							 0);
			}
		}
	}
	close(fd);
}

static void bad_eventfds(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();
	uint32_t index;

	for (index = INTX; index <= REQ; index++) {
		if (index == MSIX || index == ERR)
			continue;
		assert_int_equal(set_fd(rig, index, RIG_BAD_FD), -EBADF);
		assert_int_equal(set_fd(rig, index, rig->backing), -EINVAL);
		/* Nothing was switched on. */
		assert_int_equal(disable(rig, index), -EINVAL);
	}
	/* A failure leaves what there was. */
	rig_bus_master(rig, true);
	rig_trigger(rig, MSI, fd);
	assert_int_equal(set_fd(rig, MSI, RIG_BAD_FD), -EBADF);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 1);
	close(fd);
}

/* One of INTx and MSI at a time. */
static void exclusive(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();

	rig_trigger(rig, INTX, fd);
	assert_int_equal(set_fd(rig, MSI, fd), -EINVAL);
	assert_int_equal(disable(rig, MSI), -EINVAL);
	assert_int_equal(disable(rig, INTX), 0);
	rig_trigger(rig, MSI, fd);
	assert_int_equal(set_fd(rig, INTX, fd), -EINVAL);
	assert_int_equal(simple(rig, INTX, MASK), -EINVAL);
	assert_int_equal(disable(rig, MSI), 0);
	assert_int_equal(disable(rig, MSI), -EINVAL);
	rig_trigger(rig, INTX, fd);
	/* No vectors cannot be switched on. */
	assert_int_equal(disable(rig, INTX), 0);
	assert_int_equal(rig_set_irqs(rig, EVENTFD | TRIGGER, MSI, 0, 0, NULL,
				      0),
			 -EINVAL);
	close(fd);
}

/* INTx is level-triggered, and masked when it has been signalled. */
static void intx(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();

	rig_trigger(rig, INTX, fd);
	assert_int_equal(rig_fired(fd), 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 5);
	assert_int_equal(rig_get(rig, 0, EDU_IRQ_STATUS, 4), 5);
	assert_int_equal(rig_fired(fd), 1);
	assert_true(rig_get(rig, CONFIG, DEV_PCI_STATUS, 2) &
		    DEV_PCI_STATUS_INTERRUPT);
	/* Once only, however often it is raised. */
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 2);
	assert_int_equal(rig_fired(fd), 0);
	/* Unmasked while asserted: again. */
	assert_int_equal(simple(rig, INTX, UNMASK), 0);
	assert_int_equal(rig_fired(fd), 1);
	/* Acknowledged in part: still asserted. */
	rig_set(rig, 0, EDU_IRQ_ACK, 4, 3);
	assert_int_equal(rig_get(rig, 0, EDU_IRQ_STATUS, 4), 4);
	assert_int_equal(simple(rig, INTX, UNMASK), 0);
	assert_int_equal(rig_fired(fd), 1);
	/* Acknowledged and unmasked: quiet, until the next. */
	rig_set(rig, 0, EDU_IRQ_ACK, 4, 4);
	assert_false(rig_get(rig, CONFIG, DEV_PCI_STATUS, 2) &
		     DEV_PCI_STATUS_INTERRUPT);
	assert_int_equal(simple(rig, INTX, UNMASK), 0);
	assert_int_equal(rig_fired(fd), 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 1);
	close(fd);
}

static void intx_masks(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();
	uint8_t no = 0, yes = 1;
	int32_t arg = fd;

	rig_trigger(rig, INTX, fd);
	assert_int_equal(simple(rig, INTX, MASK), 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 0);
	assert_int_equal(rig_set_irqs(rig, BOOL | UNMASK, INTX, 0, 1, &no, 1),
			 0);
	assert_int_equal(rig_fired(fd), 0);
	assert_int_equal(rig_set_irqs(rig, BOOL | UNMASK, INTX, 0, 1, &yes, 1),
			 0);
	assert_int_equal(rig_fired(fd), 1);
	rig_set(rig, 0, EDU_IRQ_ACK, 4, 1);
	assert_int_equal(simple(rig, INTX, UNMASK), 0);
	assert_int_equal(rig_set_irqs(rig, BOOL | MASK, INTX, 0, 1, &no, 1), 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 1);
	rig_set(rig, 0, EDU_IRQ_ACK, 4, 1);
	assert_int_equal(simple(rig, INTX, UNMASK), 0);
	assert_int_equal(rig_set_irqs(rig, BOOL | MASK, INTX, 0, 1, &yes, 1),
			 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 0);

	assert_int_equal(rig_set_irqs(rig, NONE | MASK, INTX, 0, 0, NULL, 0),
			 -EINVAL);
	assert_int_equal(rig_set_irqs(rig, EVENTFD | MASK, INTX, 0, 1, &arg, 4),
			 -ENOTTY);
	close(fd);
}

static long set_unmask(struct rig *rig, int32_t fd)
{
	return rig_set_irqs(rig, EVENTFD | UNMASK, INTX, 0, 1, &fd, sizeof(fd));
}

static void signal_fd(int fd)
{
	const uint64_t one = 1;

	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
}

/* Wait until @fd is signalled, for at most @ms. */
static uint64_t fired_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 ? rig_fired(fd) : 0;
}

/* The end of an interrupt by an eventfd, as with an interrupt controller in a
 * hypervisor. */
static void intx_unmask_eventfd(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd(), unmask = rig_eventfd();
	const int other = rig_eventfd();

	assert_int_equal(set_unmask(rig, unmask), -EINVAL); /* not on */
	rig_trigger(rig, INTX, fd);
	assert_int_equal(set_unmask(rig, RIG_BAD_FD), -EBADF);
	assert_int_equal(set_unmask(rig, -1), 0);
	assert_int_equal(set_unmask(rig, unmask), 0);
	assert_int_equal(set_unmask(rig, other), -EBUSY);

	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 1);
	/* Not served: again, each time. */
	signal_fd(unmask);
	assert_int_equal(fired_within(fd, 10000), 1);
	signal_fd(unmask);
	assert_int_equal(fired_within(fd, 10000), 1);
	/* Served: quiet. */
	rig_set(rig, 0, EDU_IRQ_ACK, 4, 1);
	signal_fd(unmask);
	assert_int_equal(fired_within(fd, 20), 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 1);
	/* Taken away: it means nothing any more. */
	assert_int_equal(set_unmask(rig, -1), 0);
	signal_fd(unmask);
	assert_int_equal(fired_within(fd, 20), 0);
	assert_int_equal(set_unmask(rig, other), 0);
	signal_fd(other);
	assert_int_equal(fired_within(fd, 10000), 1);
	/* It goes with INTx. */
	assert_int_equal(disable(rig, INTX), 0);
	rig_trigger(rig, INTX, fd);
	assert_int_equal(rig_fired(fd), 1);
	signal_fd(other);
	assert_int_equal(fired_within(fd, 20), 0);
	assert_int_equal(set_unmask(rig, unmask), 0);
	close(fd);
	close(unmask);
	close(other);
}

/* The INTx Disable bit gates the line, not the status bit. */
static void intx_disable_bit(void **state)
{
	const uint64_t off = DEV_PCI_COMMAND_MEMORY |
			     DEV_PCI_COMMAND_INTX_DISABLE;
	struct rig *rig = *state;
	const int fd = rig_eventfd();

	rig_trigger(rig, INTX, fd);
	rig_set(rig, CONFIG, DEV_PCI_COMMAND, 2, off);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 0);
	assert_true(rig_get(rig, CONFIG, DEV_PCI_STATUS, 2) &
		    DEV_PCI_STATUS_INTERRUPT);
	rig_set(rig, CONFIG, DEV_PCI_COMMAND, 2, DEV_PCI_COMMAND_MEMORY);
	assert_int_equal(rig_fired(fd), 1);
	close(fd);
}

/* An interrupt that waits is delivered when INTx is switched on. */
static void intx_pending(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd(), other = rig_eventfd();

	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	rig_trigger(rig, INTX, fd);
	assert_int_equal(rig_fired(fd), 1);
	/* Without an eventfd nothing is signalled or masked. */
	assert_int_equal(set_fd(rig, INTX, -1), 0);
	assert_int_equal(simple(rig, INTX, UNMASK), 0);
	rig_trigger(rig, INTX, other);
	assert_int_equal(rig_fired(fd), 0);
	assert_int_equal(rig_fired(other), 1);
	/* Reset lowers the line. */
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_RESET, NULL), 0);
	assert_int_equal(simple(rig, INTX, UNMASK), 0);
	assert_int_equal(rig_fired(other), 0);
	close(fd);
	close(other);
}

/* A client may play the device's part. */
static void software_trigger(void **state)
{
	static const uint32_t indexes[] = { INTX, MSI, REQ };
	struct rig *rig = *state;
	const int fd = rig_eventfd();
	uint8_t no = 0, yes = 1;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		rig_trigger(rig, indexes[i], fd);
		assert_int_equal(simple(rig, indexes[i], TRIGGER), 0);
		assert_int_equal(rig_fired(fd), 1);
		assert_int_equal(rig_set_irqs(rig, BOOL | TRIGGER, indexes[i],
					      0, 1, &no, 1),
				 0);
		assert_int_equal(rig_fired(fd), 0);
		assert_int_equal(rig_set_irqs(rig, BOOL | TRIGGER, indexes[i],
					      0, 1, &yes, 1),
				 0);
		assert_int_equal(rig_fired(fd), 1);
		assert_int_equal(disable(rig, indexes[i]), 0);
	}
	assert_int_equal(rig_set_irqs(rig, BOOL | TRIGGER, REQ, 0, 0, NULL, 0),
			 -EINVAL);
	close(fd);
}

/* A message for each raise, if Bus Master is on. */
static void msi(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();

	rig_trigger(rig, MSI, fd);
	assert_int_equal(rig_get(rig, CONFIG, 0x42, 2),
			 DEV_PCI_MSI_64BIT | DEV_PCI_MSI_ENABLE);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 0);
	/* A function that uses MSI leaves the line alone. */
	assert_false(rig_get(rig, CONFIG, DEV_PCI_STATUS, 2) &
		     DEV_PCI_STATUS_INTERRUPT);
	rig_bus_master(rig, true);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 2);

	/* Masked by the enable bit, which is the client's while MSI is on. */
	rig_set(rig, CONFIG, 0x42, 2, 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 0);
	rig_set(rig, CONFIG, 0x42, 2, DEV_PCI_MSI_ENABLE);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 1);

	/* There is one vector, and no other. */
	assert_int_equal(rig_set_irqs(rig, NONE | TRIGGER, MSI, 0, 2, NULL, 0),
			 -EINVAL);
	assert_int_equal(rig_set_irqs(rig, NONE | TRIGGER, MSI, 0, UINT32_MAX,
				      NULL, 0),
			 -EINVAL);
	assert_int_equal(rig_fired(fd), 0);

	/* No eventfd, no message; and then again. */
	assert_int_equal(set_fd(rig, MSI, -1), 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	rig_trigger(rig, MSI, fd);
	assert_int_equal(rig_fired(fd), 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 1);

	assert_int_equal(disable(rig, MSI), 0);
	assert_int_equal(rig_get(rig, CONFIG, 0x42, 2), DEV_PCI_MSI_64BIT);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 0);
	close(fd);
}

/* Reset takes Bus Master away, but not what the client has set up. */
static void msi_reset(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();

	rig_trigger(rig, MSI, fd);
	rig_bus_master(rig, true);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_RESET, NULL), 0);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 0);
	rig_bus_master(rig, true);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 1);
	close(fd);
}

static void factorial_irq(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();

	rig_trigger(rig, MSI, fd);
	rig_bus_master(rig, true);
	rig_set(rig, 0, EDU_FACTORIAL, 4, 5);
	assert_int_equal(rig_fired(fd), 0);
	rig_set(rig, 0, EDU_STATUS, 4, EDU_STATUS_IRQ);
	rig_set(rig, 0, EDU_FACTORIAL, 4, 5);
	assert_int_equal(rig_fired(fd), 1);
	assert_int_equal(rig_get(rig, 0, EDU_IRQ_STATUS, 4), EDU_IRQ_FACTORIAL);
	assert_int_equal(rig_get(rig, 0, EDU_FACTORIAL, 4), 120);
	close(fd);
}

/* A counter that is full must not make the device wait. */
static void full_eventfd(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();
	const uint64_t full = UINT64_MAX - 1;

	/* Blocking, as most clients' are. */
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	rig_trigger(rig, MSI, fd);
	rig_bus_master(rig, true);
	assert_int_equal(write(fd, &full, sizeof(full)), sizeof(full));
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), full);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 1);
	close(fd);
}

/* Number of open descriptors of this process. */
static int open_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* The last close forgets it all, and no descriptor stays behind. */
static void close_forgets(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();
	const int before = open_fds();

	rig_trigger(rig, REQ, fd);
	rig_trigger(rig, MSI, fd);
	rig_trigger(rig, MSI, fd);
	assert_int_equal(set_fd(rig, INTX, fd), -EINVAL);
	assert_int_equal(open_fds(), before + 2);
	rig_close(rig, RIG_CDEV);
	assert_int_equal(open_fds(), before);

	rig_open_cdev(rig, RIG_CDEV);
	rig_bind(rig);
	rig_bus_master(rig, true);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	assert_int_equal(rig_fired(fd), 0);
	assert_int_equal(disable(rig, MSI), -EINVAL);
	assert_int_equal(disable(rig, REQ), -EINVAL);
	close(fd);
}

#define BOUND(f) \
	cmocka_unit_test_setup_teardown(f, rig_setup_bound, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOUND(info),
		BOUND(header_errors),
		BOUND(unreadable_data),
		BOUND(matrix),
		BOUND(bad_eventfds),
		BOUND(exclusive),
		BOUND(intx),
		BOUND(intx_masks),
		BOUND(intx_unmask_eventfd),
		BOUND(intx_disable_bit),
		BOUND(intx_pending),
		BOUND(software_trigger),
		BOUND(msi),
		BOUND(msi_reset),
		BOUND(factorial_irq),
		BOUND(full_eventfd),
		BOUND(close_forgets),
	};

	return cmocka_run_group_tests_name("irq", tests, NULL, NULL);
}
