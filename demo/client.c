/* SPDX-License-Identifier: MIT */
/*
 * An ordinary user-space driver: it finds a PCI device, gives it some memory
 * through IOMMUFD and has it do DMA. It knows nothing of uiommu and links
 * nothing of it; on a machine with an IOMMU and QEMU's "edu" device bound to
 * vfio-pci it does the same.
 *
 *	cc -o client client.c	(with -I to <uiommu/...> where the system's
 *				 headers are older than Linux 6.6)
 *
 * The device (QEMU's documentation, "EDU device") has a 4 KiB buffer and copies
 * between it and memory. An option moves the second half of the work, with the
 * open descriptors, somewhere else:
 *
 *	--fork		into a child
 *	--exec		into the program that this one becomes by exec
 *	--pass-fd	into a process that gets them over a socket
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <linux/iommufd.h>
#include <linux/vfio.h>
#else
#include <uiommu/iommufd.h>
#include <uiommu/vfio.h>
#endif

#define PCI_DEVICES "/sys/bus/pci/devices"
#define EDU_VENDOR  0x1234
#define EDU_DEVICE  0x11e8

/* The edu device: registers in BAR 0, and addresses on its own side. */
#define EDU_IRQ_STATUS 0x24
#define EDU_IRQ_ACK    0x64
#define EDU_DMA_SRC    0x80
#define EDU_DMA_DST    0x88
#define EDU_DMA_COUNT  0x90
#define EDU_DMA_CMD    0x98
#define EDU_DMA_RUN    0x1
#define EDU_DMA_TO_RAM 0x2
#define EDU_DMA_IRQ    0x4
#define EDU_IRQ_DMA    0x100
#define EDU_BUFFER     0x40000
#define EDU_COUNT      4096

#define PCI_COMMAND    0x04
#define PCI_MEMORY     0x2
#define PCI_BUS_MASTER 0x4

/*
 * What the device may reach. The page it reads is private memory, the area it
 * writes a memfd. QEMU's edu addresses 28 bits, so the IOVAs are small.
 */
#define SOURCE_IOVA   0x00100000UL
#define SOURCE_SIZE   4096UL
#define TARGET_IOVA   0x02000000UL
#define TARGET_SIZE   (6UL << 20)
#define TARGET_OFFSET 0x00201000UL
#define TARGET_FILL   0xaa

/* Everything that the second half of the work needs to know. */
struct session {
	int iommu;
	int device;
	int event;
	int target;
	uint32_t ioas;
	unsigned int lines;
	uint64_t bar;
};

#define NR_FDS 4

static unsigned int lines;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list args;

	printf("%2u  ", ++lines);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

__attribute__((format(printf, 1, 2), noreturn)) static void
fail(const char *format, ...)
{
	va_list args;
	int error = errno;

	fprintf(stderr, "client: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (error)
		fprintf(stderr, ": %s", strerror(error));
	fputc('\n', stderr);
	exit(1);
}

static void call(int fd, unsigned long request, void *arg, const char *name)
{
	if (ioctl(fd, request, arg))
		fail("%s", name);
}

/* The n-th byte of what the device is to copy. */
static unsigned char pattern(size_t n)
{
	return (unsigned char)(n * 7 + (n >> 8));
}

/* --- finding the device, as VFIO programs do ---------------------------- */

static unsigned long read_id(const char *bdf, const char *file)
{
	char path[512], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", bdf, file);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	return strtoul(text, NULL, 16);
}

/* The name of the device's VFIO device, "vfio0"; false if it has none. */
static bool vfio_name(const char *bdf, char *name, size_t size)
{
	char path[512];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/vfio-dev", bdf);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "vfio", 4) != 0)
			continue;
		snprintf(name, size, "%s", entry->d_name);
		found = true;
	}
	closedir(dir);
	return found;
}

static void find_device(char *bdf, char *name, size_t size)
{
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	dir = opendir(PCI_DEVICES);
	if (!dir)
		fail("%s", PCI_DEVICES);
	while (!found && (entry = readdir(dir))) {
		if (read_id(entry->d_name, "vendor") != EDU_VENDOR ||
		    read_id(entry->d_name, "device") != EDU_DEVICE)
			continue;
		snprintf(bdf, size, "%s", entry->d_name);
		found = vfio_name(bdf, name, size);
	}
	closedir(dir);
	errno = 0;
	if (!found)
		fail("no edu device (1234:11e8) is bound to VFIO");
}

/* The number in sysfs and that of the open file must be the same. */
static void check_number(int fd, const char *bdf, const char *name)
{
	char path[1024], text[32] = "", number[32];
	struct stat st;
	FILE *f;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/vfio-dev/%s/dev", bdf,
		 name);
	f = fopen(path, "re");
	if (!f || !fgets(text, sizeof(text), f) || fstat(fd, &st))
		fail("%s", path);
	fclose(f);
	snprintf(number, sizeof(number), "%u:%u\n", major(st.st_rdev),
		 minor(st.st_rdev));
	errno = 0;
	if (!S_ISCHR(st.st_mode) || strcmp(text, number) != 0)
		fail("/dev/vfio/devices/%s is not the device of %s", name, bdf);
}

static int open_device(void)
{
	char bdf[256], name[256], path[512];
	int fd;

	find_device(bdf, name, sizeof(bdf));
	say("found the device in sysfs: %s is %04x:%04x, VFIO calls it %s", bdf,
	    EDU_VENDOR, EDU_DEVICE, name);
	snprintf(path, sizeof(path), "/dev/vfio/devices/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fail("%s", path);
	check_number(fd, bdf, name);
	return fd;
}

/* --- the device's registers --------------------------------------------- */

static uint64_t region_offset(int device, uint32_t index)
{
	struct vfio_region_info info = { .argsz = sizeof(info),
					 .index = index };

	call(device, VFIO_DEVICE_GET_REGION_INFO, &info,
	     "VFIO_DEVICE_GET_REGION_INFO");
	return info.offset;
}

static void write_register(const struct session *s, uint64_t reg,
			   uint64_t value, size_t size)
{
	off_t where = (off_t)(s->bar + reg);

	if (pwrite(s->device, &value, size, where) != (ssize_t)size)
		fail("writing register 0x%" PRIx64, reg);
}

static uint32_t read_register(const struct session *s, uint64_t reg)
{
	off_t where = (off_t)(s->bar + reg);
	uint32_t value;

	if (pread(s->device, &value, sizeof(value), where) != sizeof(value))
		fail("reading register 0x%" PRIx64, reg);
	return value;
}

static void enable_bus_master(int device)
{
	uint64_t config = region_offset(device, VFIO_PCI_CONFIG_REGION_INDEX);
	off_t command = (off_t)(config + PCI_COMMAND);
	uint16_t value;

	if (pread(device, &value, sizeof(value), command) != sizeof(value))
		fail("reading the command register");
	value |= PCI_MEMORY | PCI_BUS_MASTER;
	if (pwrite(device, &value, sizeof(value), command) != sizeof(value))
		fail("writing the command register");
}

static int enable_interrupt(int device)
{
	int event = eventfd(0, EFD_CLOEXEC);
	union {
		struct vfio_irq_set set;
		unsigned char bytes[sizeof(struct vfio_irq_set) + sizeof(event)];
	} arg = {
		.set = { .argsz = sizeof(arg.bytes),
			 .flags = VFIO_IRQ_SET_DATA_EVENTFD |
				  VFIO_IRQ_SET_ACTION_TRIGGER,
			 .index = VFIO_PCI_MSI_IRQ_INDEX,
			 .count = 1 },
	};

	if (event < 0)
		fail("eventfd");
	memcpy(arg.set.data, &event, sizeof(event));
	call(device, VFIO_DEVICE_SET_IRQS, &arg, "VFIO_DEVICE_SET_IRQS");
	return event;
}

/* Have the device copy and wait for its interrupt; what the eventfd counted. */
static uint64_t dma(const struct session *s, uint64_t from, uint64_t to,
		    uint64_t command)
{
	struct pollfd ready = { .fd = s->event, .events = POLLIN };
	uint64_t events = 0;

	write_register(s, EDU_DMA_SRC, from, 8);
	write_register(s, EDU_DMA_DST, to, 8);
	write_register(s, EDU_DMA_COUNT, EDU_COUNT, 8);
	write_register(s, EDU_DMA_CMD, EDU_DMA_RUN | EDU_DMA_IRQ | command, 8);

	errno = 0;
	if (poll(&ready, 1, 10000) != 1 ||
	    read(s->event, &events, sizeof(events)) != sizeof(events))
		fail("no interrupt from the device");
	if (read_register(s, EDU_IRQ_STATUS) != EDU_IRQ_DMA)
		fail("the interrupt is not that of the DMA");
	write_register(s, EDU_IRQ_ACK, EDU_IRQ_DMA, 4);
	return events;
}

/* --- the first half: everything up to the first DMA --------------------- */

static unsigned char *memory(int fd, size_t size)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	return p;
}

static void map(const struct session *s, void *start, uint64_t iova,
		uint64_t length, uint32_t access)
{
	struct iommu_ioas_map arg = {
		.size = sizeof(arg),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | access,
		.ioas_id = s->ioas,
		.user_va = (uintptr_t)start,
		.length = length,
		.iova = iova,
	};

	call(s->iommu, IOMMU_IOAS_MAP, &arg, "IOMMU_IOAS_MAP");
}

static void bind_and_attach(struct session *s)
{
	struct vfio_device_bind_iommufd bind = {
		/* Up to out_devid: what every kernel with cdevs knows. */
		.argsz = offsetof(struct vfio_device_bind_iommufd, out_devid) +
			 sizeof(bind.out_devid),
		.iommufd = s->iommu,
	};
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = offsetof(struct vfio_device_attach_iommufd_pt, pt_id) +
			 sizeof(attach.pt_id),
	};

	call(s->device, VFIO_DEVICE_BIND_IOMMUFD, &bind,
	     "VFIO_DEVICE_BIND_IOMMUFD");
	say("bound the device to /dev/iommu: device object %u", bind.out_devid);

	call(s->iommu, IOMMU_IOAS_ALLOC, &alloc, "IOMMU_IOAS_ALLOC");
	s->ioas = alloc.out_ioas_id;
	say("allocated an I/O address space: IOAS %u", s->ioas);

	attach.pt_id = s->ioas;
	call(s->device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach,
	     "VFIO_DEVICE_ATTACH_IOMMUFD_PT");
	say("attached the device to it: page table %u", attach.pt_id);
}

static void map_memory(struct session *s)
{
	unsigned char *source = memory(-1, SOURCE_SIZE);
	size_t i;

	for (i = 0; i < SOURCE_SIZE; i++)
		source[i] = pattern(i);
	map(s, source, SOURCE_IOVA, SOURCE_SIZE, IOMMU_IOAS_MAP_READABLE);
	say("mapped a private page at IOVA 0x%lx for the device to read",
	    SOURCE_IOVA);

	s->target = memfd_create("target", MFD_CLOEXEC);
	if (s->target < 0 || ftruncate(s->target, TARGET_SIZE))
		fail("memfd_create");
	map(s, memory(s->target, TARGET_SIZE), TARGET_IOVA, TARGET_SIZE,
	    IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE);
	say("mapped %lu MiB of shared memory at IOVA 0x%lx for it to write",
	    TARGET_SIZE >> 20, TARGET_IOVA);
}

static void set_up(struct session *s)
{
	s->device = open_device();
	s->iommu = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (s->iommu < 0)
		fail("/dev/iommu");
	say("opened it, and /dev/iommu");
	bind_and_attach(s);
	map_memory(s);
	enable_bus_master(s->device);
	s->event = enable_interrupt(s->device);
	s->bar = region_offset(s->device, VFIO_PCI_BAR0_REGION_INDEX);
	say("turned Bus Master on and connected the MSI to an eventfd");
}

/* --- the second half: DMA, unmap, DMA ----------------------------------- */

static void copy_through_device(const struct session *s, unsigned char *target)
{
	uint64_t events;
	size_t i;

	memset(target, TARGET_FILL, EDU_COUNT);
	events = dma(s, SOURCE_IOVA, EDU_BUFFER, 0);
	say("DMA of %u bytes from 0x%lx into the device: %" PRIu64 " interrupt",
	    EDU_COUNT, SOURCE_IOVA, events);
	events =
		dma(s, EDU_BUFFER, TARGET_IOVA + TARGET_OFFSET, EDU_DMA_TO_RAM);
	say("DMA of %u bytes from the device to 0x%lx: %" PRIu64 " interrupt",
	    EDU_COUNT, TARGET_IOVA + TARGET_OFFSET, events);
	errno = 0;
	for (i = 0; i < EDU_COUNT; i++)
		if (target[i] != pattern(i))
			fail("byte %zu is 0x%02x, not 0x%02x", i, target[i],
			     pattern(i));
	say("compared them: all %u bytes have arrived", EDU_COUNT);
}

static void unmap_and_retry(const struct session *s, unsigned char *target)
{
	struct iommu_ioas_unmap unmap = { .size = sizeof(unmap),
					  .ioas_id = s->ioas,
					  .iova = TARGET_IOVA,
					  .length = TARGET_SIZE };
	size_t i;

	call(s->iommu, IOMMU_IOAS_UNMAP, &unmap, "IOMMU_IOAS_UNMAP");
	memset(target, TARGET_FILL, EDU_COUNT);
	say("unmapped the %llu MiB and filled the %u bytes with 0x%x",
	    (unsigned long long)unmap.length >> 20, EDU_COUNT, TARGET_FILL);
	dma(s, EDU_BUFFER, TARGET_IOVA + TARGET_OFFSET, EDU_DMA_TO_RAM);
	errno = 0;
	for (i = 0; i < EDU_COUNT; i++)
		if (target[i] != TARGET_FILL)
			fail("byte %zu was overwritten after the unmap", i);
	say("the same DMA again: blocked, all %u bytes are still 0x%x",
	    EDU_COUNT, TARGET_FILL);
}

static void work(const struct session *s)
{
	unsigned char *target = memory(s->target, TARGET_SIZE) + TARGET_OFFSET;

	copy_through_device(s, target);
	unmap_and_retry(s, target);
}

/* --- the second half somewhere else ------------------------------------- */

static void wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		exit(1);
}

static void work_in_child(const struct session *s)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (!pid) {
		say("a child goes on with what it inherited");
		work(s);
		exit(0);
	}
	wait_for(pid);
}

static void work_after_exec(struct session *s, char *self)
{
	char text[sizeof(*s) * 2 + 1], option[] = "--resume";
	int fd[NR_FDS] = { s->iommu, s->device, s->event, s->target };
	const unsigned char *bytes = (const unsigned char *)s;
	char *argv[] = { self, option, text, NULL };
	size_t i;

	for (i = 0; i < NR_FDS; i++)
		if (fcntl(fd[i], F_SETFD, 0))
			fail("fcntl");
	s->lines = lines;
	for (i = 0; i < sizeof(*s); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	execv("/proc/self/exe", argv);
	fail("exec");
}

static void resume(const char *text)
{
	struct session s;
	unsigned char *bytes = (unsigned char *)&s;
	unsigned int byte;
	size_t i;

	errno = 0;
	for (i = 0; i < sizeof(s); i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			fail("--resume is for --exec only");
		bytes[i] = (unsigned char)byte;
	}
	lines = s.lines;
	say("became another program by exec; the descriptors are still open");
	work(&s);
}

/* One message: the session and its descriptors. */
struct parcel {
	struct msghdr message;
	struct iovec content;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(NR_FDS * sizeof(int))];
	} control;
};

static void wrap(struct parcel *p, struct session *s)
{
	memset(p, 0, sizeof(*p));
	p->content.iov_base = s;
	p->content.iov_len = sizeof(*s);
	p->message.msg_iov = &p->content;
	p->message.msg_iovlen = 1;
	p->message.msg_control = &p->control;
	p->message.msg_controllen = sizeof(p->control);
}

static void send_session(int socket, struct session *s)
{
	int fd[NR_FDS] = { s->iommu, s->device, s->event, s->target };
	struct cmsghdr *c;
	struct parcel p;

	wrap(&p, s);
	c = CMSG_FIRSTHDR(&p.message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), fd, sizeof(fd));
	s->lines = lines;
	if (sendmsg(socket, &p.message, 0) != sizeof(*s))
		fail("sendmsg");
}

static void receive_and_work(int socket)
{
	struct session s;
	struct cmsghdr *c;
	struct parcel p;
	int fd[NR_FDS];

	wrap(&p, &s);
	if (recvmsg(socket, &p.message, 0) != sizeof(s))
		fail("recvmsg");
	c = CMSG_FIRSTHDR(&p.message);
	if (!c || c->cmsg_len != CMSG_LEN(sizeof(fd)))
		fail("no descriptors in the message");
	memcpy(fd, CMSG_DATA(c), sizeof(fd));
	s.iommu = fd[0];
	s.device = fd[1];
	s.event = fd[2];
	s.target = fd[3];
	lines = s.lines;
	say("another process got the descriptors over a socket");
	work(&s);
}

/* The other process starts first, so it cannot have inherited anything. */
static void work_elsewhere(struct session *s)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		fail("socketpair");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid) {
		close(pair[0]);
		receive_and_work(pair[1]);
		exit(0);
	}
	close(pair[1]);
	set_up(s);
	send_session(pair[0], s);
	wait_for(pid);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	struct session s;

	/* It travels as bytes: none of them may be left undefined. */
	memset(&s, 0, sizeof(s));
	if (!strcmp(mode, "--resume") && argc == 3 &&
	    strlen(argv[2]) == 2 * sizeof(s)) {
		resume(argv[2]);
	} else if (!strcmp(mode, "--pass-fd") && argc == 2) {
		work_elsewhere(&s);
	} else if (!strcmp(mode, "--fork") && argc == 2) {
		set_up(&s);
		work_in_child(&s);
	} else if (!strcmp(mode, "--exec") && argc == 2) {
		set_up(&s);
		work_after_exec(&s, argv[0]);
	} else if (argc == 1) {
		set_up(&s);
		work(&s);
	} else {
		fprintf(stderr,
			"usage: client [--fork | --exec | --pass-fd]\n");
		return 2;
	}
	return 0;
}
