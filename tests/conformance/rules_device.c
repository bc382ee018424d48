/* SPDX-License-Identifier: MIT */
/*
 * A device's cdev: bind, attach, and what a device says of itself.
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "client.h"

/* A region, wherever regions may be. */
#define CONFIG (7ULL << 40)

static long on_device(struct client *c, unsigned int cmd, const void *arg)
{
	return sys_ioctl(c->cdev, cmd, (uintptr_t)arg);
}

static void before_bind(struct client *c, const void *arg)
{
	static const unsigned int cmds[] = {
		VFIO_DEVICE_GET_INFO,
		VFIO_DEVICE_GET_REGION_INFO,
		VFIO_DEVICE_GET_IRQ_INFO,
		VFIO_DEVICE_SET_IRQS,
		VFIO_DEVICE_RESET,
		VFIO_DEVICE_FEATURE,
		VFIO_DEVICE_ATTACH_IOMMUFD_PT,
		VFIO_DEVICE_DETACH_IOMMUFD_PT,
	};
	uint32_t args[16] = { sizeof(args) };
	unsigned int i;

	c->cdev = open_device(c);
	for (i = 0; i != sizeof(cmds) / sizeof(cmds[0]); i++)
		is(c, on_device(c, cmds[i], args), -EINVAL);
	is(c, sys_pread(c->cdev, args, 4, CONFIG), -EINVAL);
	is(c, sys_pwrite(c->cdev, args, 4, CONFIG), -EINVAL);
}

struct bind_case {
	uint32_t argsz;
	uint32_t flags;
	int iommufd; /* above 0: the context */
	long want;
};

static void bind_case(struct client *c, const void *arg)
{
	const struct bind_case *b = arg;
	struct vfio_device_bind_iommufd cmd = {
		.argsz = b->argsz,
		.flags = b->flags,
		.iommufd = b->iommufd > 0 ? c->fd : b->iommufd,
	};

	c->cdev = open_device(c);
	is(c, on_device(c, VFIO_DEVICE_BIND_IOMMUFD, &cmd), b->want);
	if (b->want)
		is(c, on_device(c, VFIO_DEVICE_RESET, NULL), -EINVAL);
}

#define BIND(...) (&(const struct bind_case){ __VA_ARGS__ })

static void bind_other_file(struct client *c, const void *arg)
{
	struct vfio_device_bind_iommufd cmd = { .argsz = sizeof(cmd) };

	c->cdev = open_device(c);
	cmd.iommufd = c->cdev;
	is(c, on_device(c, VFIO_DEVICE_BIND_IOMMUFD, &cmd), -EBADFD);
}

static void bind_closed(struct client *c, const void *arg)
{
	struct vfio_device_bind_iommufd cmd = { .argsz = sizeof(cmd),
						.iommufd = 1 << 20 };

	c->cdev = open_device(c);
	is(c, on_device(c, VFIO_DEVICE_BIND_IOMMUFD, &cmd), -EBADF);
}

static void bind_unreadable(struct client *c, const void *arg)
{
	c->cdev = open_device(c);
	is(c, sys_ioctl(c->cdev, VFIO_DEVICE_BIND_IOMMUFD, NOWHERE), -EFAULT);
}

static void bind_twice(struct client *c, const void *arg)
{
	struct vfio_device_bind_iommufd cmd = { .argsz = sizeof(cmd),
						.iommufd = c->fd };

	bind_device(c);
	is(c, on_device(c, VFIO_DEVICE_BIND_IOMMUFD, &cmd), -EINVAL);
}

static void bind_second_open(struct client *c, const void *arg)
{
	struct vfio_device_bind_iommufd cmd = { .argsz = sizeof(cmd),
						.iommufd = c->fd };

	bind_device(c);
	is(c,
	   sys_ioctl(open_device(c), VFIO_DEVICE_BIND_IOMMUFD, (uintptr_t)&cmd),
	   -EINVAL);
}

static void bind_id(struct client *c, const void *arg)
{
	bind_device(c);
	is(c, c->devid, 1);
	is(c, hw_info(c).dev_id, 1);
}

/* ---- Attach -------------------------------------------------------- */

static void attach_sizes(struct client *c, const void *arg)
{
	struct vfio_device_attach_iommufd_pt cmd = { .argsz = 11 };

	bind_device(c);
	cmd.pt_id = new_ioas(c);
	is(c, on_device(c, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd), -EINVAL);
	is(c, sys_ioctl(c->cdev, VFIO_DEVICE_ATTACH_IOMMUFD_PT, NOWHERE),
	   -EFAULT);
	cmd.argsz = 12;
	is(c, on_device(c, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd), 0);
	cmd.argsz = 7;
	is(c, on_device(c, VFIO_DEVICE_DETACH_IOMMUFD_PT, &cmd), -EINVAL);
	cmd.argsz = 8;
	is(c, on_device(c, VFIO_DEVICE_DETACH_IOMMUFD_PT, &cmd), 0);
}

static void attach_flags(struct client *c, const void *arg)
{
	struct vfio_device_attach_iommufd_pt cmd = { .argsz = sizeof(cmd),
						     .flags = 2 };

	bind_device(c);
	cmd.pt_id = new_ioas(c);
	is(c, on_device(c, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd), -EINVAL);
	is(c, on_device(c, VFIO_DEVICE_DETACH_IOMMUFD_PT, &cmd), -EINVAL);
}

static void pasid_size(struct client *c, const void *arg)
{
	struct vfio_device_attach_iommufd_pt cmd = {
		.argsz = 12,
		.flags = VFIO_DEVICE_ATTACH_PASID,
		.pasid = 1,
	};

	bind_device(c);
	cmd.pt_id = new_ioas(c);
	is(c, on_device(c, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd), -EINVAL);
	cmd.argsz = 8;
	is(c, on_device(c, VFIO_DEVICE_DETACH_IOMMUFD_PT, &cmd), -EINVAL);
}

static void attach_unknown(struct client *c, const void *arg)
{
	uint32_t pt = 99;

	bind_device(c);
	is(c, attach(c, &pt), -ENOENT);
	pt = 0;
	is(c, attach(c, &pt), -ENOENT);
}

static void attach_wrong(struct client *c, const void *arg)
{
	uint32_t pt;

	bind_device(c);
	pt = c->devid;
	is(c, attach(c, &pt), -EINVAL);
}

static void attach_again(struct client *c, const void *arg)
{
	uint32_t ioas = attached_ioas(c), a = ioas, b = ioas;

	is(c, attach(c, &a), 0);
	is(c, attach(c, &b), 0);
	is(c, a, b);
	holds(c, a != ioas);
}

static void replaces(struct client *c, const void *arg)
{
	uint32_t first = attached_ioas(c), second = new_ioas(c), pt = second;
	uint32_t hwpt;

	is(c, attach(c, &pt), 0);
	is(c, destroy(c, first), 0);
	is(c, new_hwpt(c, second, 0, &hwpt), 0);
	pt = hwpt;
	is(c, attach(c, &pt), 0);
	is(c, pt, hwpt);
	is(c, detach(c), 0);
	is(c, destroy(c, hwpt), 0);
	is(c, destroy(c, second), 0);
}

static void failed_replace(struct client *c, const void *arg)
{
	uint32_t ioas = attached_ioas(c), bad = new_ioas(c), pt = bad;

	holds(c, bad != ioas);
	is(c, map_at(c, bad, 1ULL << 46, PAGE, IOVA), 0);
	is(c, attach(c, &pt), -EFAULT);
	is(c, destroy(c, ioas), -EBUSY);
	is(c, destroy(c, bad), 0);
}

static void detach_twice(struct client *c, const void *arg)
{
	attached_ioas(c);
	is(c, detach(c), 0);
	is(c, detach(c), 0);
}

/* ---- PASIDs -------------------------------------------------------- */

static long attach_pasid(struct client *c, uint32_t pasid, uint32_t pt)
{
	struct vfio_device_attach_iommufd_pt cmd = {
		.argsz = sizeof(cmd),
		.flags = VFIO_DEVICE_ATTACH_PASID,
		.pt_id = pt,
		.pasid = pasid,
	};

	return on_device(c, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd);
}

static long detach_pasid(struct client *c, uint32_t pasid)
{
	struct vfio_device_detach_iommufd_pt cmd = {
		.argsz = sizeof(cmd),
		.flags = VFIO_DEVICE_DETACH_PASID,
		.pasid = pasid,
	};

	return on_device(c, VFIO_DEVICE_DETACH_IOMMUFD_PT, &cmd);
}

/* A page table for PASIDs; 0 = the device has none, which is as the rule says. */
static uint32_t pasid_hwpt(struct client *c, uint32_t ioas)
{
	uint32_t hwpt = 0, pt = ioas;

	if (hw_info(c).out_max_pasid_log2) {
		is(c, new_hwpt(c, ioas, IOMMU_HWPT_ALLOC_PASID, &hwpt), 0);
		pt = hwpt;
		is(c, attach(c, &pt), 0);
		return hwpt;
	}
	holds(c, attach_pasid(c, 1, pt) < 0);
	return 0;
}

static void pasid_attach(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), other = new_ioas(c), hwpt, second;

	bind_device(c);
	hwpt = pasid_hwpt(c, ioas);
	if (!hwpt)
		return;
	is(c, attach_pasid(c, 1, hwpt), 0);
	is(c, new_hwpt(c, other, IOMMU_HWPT_ALLOC_PASID, &second), 0);
	is(c, attach_pasid(c, 1, second), 0); /* replaces */
	is(c, destroy(c, second), -EBUSY);
	is(c, detach_pasid(c, 1), 0);
	is(c, destroy(c, second), 0);
	is(c, destroy(c, hwpt), -EBUSY); /* the device's own requests */
}

static void pasid_ids(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), hwpt;

	bind_device(c);
	hwpt = pasid_hwpt(c, ioas);
	if (!hwpt)
		return;
	is(c, attach_pasid(c, 1, 99), -ENOENT);
	is(c, attach_pasid(c, 1, c->devid), -EINVAL);
}

static void pasid_beyond(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), hwpt;

	bind_device(c);
	hwpt = pasid_hwpt(c, ioas);
	if (hwpt)
		is(c,
		   attach_pasid(c, 1U << hw_info(c).out_max_pasid_log2, hwpt),
		   -EINVAL);
}

/* ---- What it says -------------------------------------------------- */

static void info(struct client *c, const void *arg)
{
	struct vfio_device_info cmd = { .argsz = 15 };

	bind_device(c);
	is(c, on_device(c, VFIO_DEVICE_GET_INFO, &cmd), -EINVAL);
	cmd.argsz = 16;
	is(c, on_device(c, VFIO_DEVICE_GET_INFO, &cmd), 0);
	if (!(cmd.flags & VFIO_DEVICE_FLAGS_PCI))
		skip(c, "needs a PCI device");
	is(c, cmd.num_irqs, VFIO_PCI_NUM_IRQS);
	holds(c, cmd.num_regions >= VFIO_PCI_NUM_REGIONS);
}

static void region_info(struct client *c, const void *arg)
{
	struct vfio_region_info cmd = { .argsz = 31 };

	bind_device(c);
	is(c, on_device(c, VFIO_DEVICE_GET_REGION_INFO, &cmd), -EINVAL);
	cmd.argsz = sizeof(cmd);
	cmd.index = 1000;
	is(c, on_device(c, VFIO_DEVICE_GET_REGION_INFO, &cmd), -EINVAL);
	cmd.index = VFIO_PCI_CONFIG_REGION_INDEX;
	is(c, on_device(c, VFIO_DEVICE_GET_REGION_INFO, &cmd), 0);
	is(c, cmd.flags & 7,
	   VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE);
	holds(c, cmd.size == 256 || cmd.size == 4096);
}

static void caps_need_room(struct client *c, const void *arg)
{
	struct {
		struct vfio_region_info info;
		uint64_t room[32];
	} whole, cmd;
	uint32_t i;

	bind_device(c);
	for (i = 0; i != VFIO_PCI_NUM_REGIONS; i++) {
		cmd.info = (struct vfio_region_info){
			.argsz = sizeof(cmd.info),
			.index = i,
		};
		if (on_device(c, VFIO_DEVICE_GET_REGION_INFO, &cmd) ||
		    !(cmd.info.flags & VFIO_REGION_INFO_FLAG_CAPS))
			continue;
		holds(c, cmd.info.argsz > sizeof(cmd.info));
		is(c, cmd.info.cap_offset, 0);
		whole.info = (struct vfio_region_info){
			.argsz = sizeof(whole),
			.index = i,
		};
		is(c, on_device(c, VFIO_DEVICE_GET_REGION_INFO, &whole), 0);
		holds(c, whole.info.cap_offset >= sizeof(whole.info));
	}
}

static void irq_info(struct client *c, const void *arg)
{
	struct vfio_irq_info cmd = { .argsz = 15 };

	bind_device(c);
	is(c, on_device(c, VFIO_DEVICE_GET_IRQ_INFO, &cmd), -EINVAL);
	cmd.argsz = sizeof(cmd);
	cmd.index = 1000;
	is(c, on_device(c, VFIO_DEVICE_GET_IRQ_INFO, &cmd), -EINVAL);
	cmd.index = VFIO_PCI_MSI_IRQ_INDEX;
	is(c, on_device(c, VFIO_DEVICE_GET_IRQ_INFO, &cmd), 0);
	holds(c, cmd.flags & VFIO_IRQ_INFO_EVENTFD);
	holds(c, cmd.flags & VFIO_IRQ_INFO_NORESIZE);
	cmd.index = VFIO_PCI_INTX_IRQ_INDEX;
	is(c, on_device(c, VFIO_DEVICE_GET_IRQ_INFO, &cmd), 0);
	if (cmd.count)
		is(c, cmd.flags & 6,
		   VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED);
}

struct irq_case {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
};

static void set_irqs_wrong(struct client *c, const void *arg)
{
	const struct irq_case *q = arg;
	struct vfio_irq_set cmd = {
		.argsz = q->argsz,
		.flags = q->flags,
		.index = q->index,
		.start = q->start,
		.count = q->count,
	};

	bind_device(c);
	is(c, on_device(c, VFIO_DEVICE_SET_IRQS, &cmd), -EINVAL);
}

#define IRQ(...) (&(const struct irq_case){ __VA_ARGS__ })
#define TRIGGER  (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)

/* Software triggers a vector that has an eventfd; then all goes. */
static void set_irqs(struct client *c, const void *arg)
{
	struct {
		struct {
			uint32_t argsz;
			uint32_t flags;
			uint32_t index;
			uint32_t start;
			uint32_t count;
		} set;
		int32_t fd;
	} cmd = {
		.set = { .argsz = sizeof(cmd),
			 .flags = VFIO_IRQ_SET_DATA_EVENTFD |
				  VFIO_IRQ_SET_ACTION_TRIGGER,
			 .index = VFIO_PCI_MSI_IRQ_INDEX,
			 .count = 1 },
		.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	uint64_t fired = 0;
	long on, trigger, off;
	ssize_t n;

	bind_device(c);
	on = on_device(c, VFIO_DEVICE_SET_IRQS, &cmd);
	cmd.set.flags = TRIGGER;
	trigger = on_device(c, VFIO_DEVICE_SET_IRQS, &cmd);
	n = read(cmd.fd, &fired, sizeof(fired));
	cmd.set.count = 0;
	off = on_device(c, VFIO_DEVICE_SET_IRQS, &cmd);
	close(cmd.fd);
	is(c, on, 0);
	is(c, trigger, 0);
	is(c, n, sizeof(fired));
	is(c, fired, 1);
	is(c, off, 0);
}

static const struct rule rules[] = {
	{ "a cdev that is not bound gives EINVAL to all but BIND", before_bind,
	  NULL },
	{ "BIND: works, with the struct's oldest size", bind_case,
	  BIND(16, 0, 1, 0) },
	{ "BIND: argsz below the minimum is EINVAL", bind_case,
	  BIND(15, 0, 1, -EINVAL) },
	{ "BIND: unknown flags are EINVAL", bind_case,
	  BIND(24, 1 << 1, 1, -EINVAL) },
	{ "BIND: a negative descriptor is EINVAL", bind_case,
	  BIND(16, 0, -1, -EINVAL) },
	{ "BIND: a descriptor that is not open is EBADF", bind_closed, NULL },
	{ "BIND: a file that is no context is EBADFD", bind_other_file, NULL },
	{ "BIND: a struct that cannot be read is EFAULT", bind_unreadable,
	  NULL },
	{ "BIND: a second time is EINVAL", bind_twice, NULL },
	{ "BIND: a device that another open has bound is EINVAL",
	  bind_second_open, NULL },
	{ "BIND: out_devid is an object of the context", bind_id, NULL },
	{ "ATTACH, DETACH: argsz below the minimum is EINVAL", attach_sizes,
	  NULL },
	{ "ATTACH, DETACH: unknown flags are EINVAL", attach_flags, NULL },
	{ "ATTACH, DETACH: PASID needs the struct with a pasid", pasid_size,
	  NULL },
	{ "ATTACH: an unknown id is ENOENT", attach_unknown, NULL },
	{ "ATTACH: an object that is no page table is EINVAL", attach_wrong,
	  NULL },
	{ "ATTACH: to an IOAS gives its automatic HWPT, always the same one",
	  attach_again, NULL },
	{ "ATTACH: to another page table replaces the first", replaces, NULL },
	{ "ATTACH: a replacement that fails leaves the device where it was",
	  failed_replace, NULL },
	{ "DETACH: nothing attached is no error", detach_twice, NULL },
	{ "ATTACH: a PASID works, and replaces, if the device has PASIDs",
	  pasid_attach, NULL },
	{ "ATTACH: the ids for a PASID are those for a device", pasid_ids,
	  NULL },
	{ "ATTACH: a PASID that the device cannot send is EINVAL", pasid_beyond,
	  NULL },
	{ "VFIO_DEVICE_GET_INFO: argsz, and what a PCI device has", info,
	  NULL },
	{ "VFIO_DEVICE_GET_REGION_INFO: argsz, indexes, configuration space",
	  region_info, NULL },
	{ "VFIO_DEVICE_GET_REGION_INFO: capabilities that have no room make "
	  "argsz say how much they need",
	  caps_need_room, NULL },
	{ "VFIO_DEVICE_GET_IRQ_INFO: argsz, indexes, flags", irq_info, NULL },
	{ "VFIO_DEVICE_SET_IRQS: argsz below the minimum is EINVAL",
	  set_irqs_wrong, IRQ(19, TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 0, 0) },
	{ "VFIO_DEVICE_SET_IRQS: unknown flags are EINVAL", set_irqs_wrong,
	  IRQ(20, 1 << 6 | TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 0, 0) },
	{ "VFIO_DEVICE_SET_IRQS: no data type is EINVAL", set_irqs_wrong,
	  IRQ(20, VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 0, 0) },
	{ "VFIO_DEVICE_SET_IRQS: an index out of range is EINVAL",
	  set_irqs_wrong, IRQ(20, TRIGGER, 1000, 0, 0) },
	{ "VFIO_DEVICE_SET_IRQS: vectors out of range are EINVAL",
	  set_irqs_wrong, IRQ(20, TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 0, 10000) },
	{ "VFIO_DEVICE_SET_IRQS: a start out of range is EINVAL",
	  set_irqs_wrong, IRQ(20, TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 10000, 1) },
	{ "VFIO_DEVICE_SET_IRQS: eventfds that argsz has no room for are "
	  "EINVAL",
	  set_irqs_wrong,
	  IRQ(20, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
	      VFIO_PCI_MSI_IRQ_INDEX, 0, 1) },
	{ "VFIO_DEVICE_SET_IRQS: an eventfd; no data triggers it, and with "
	  "count "
	  "0 switches the index off",
	  set_irqs, NULL },
};

const struct rules device_rules = RULES(rules);
