/* SPDX-License-Identifier: MIT */
/*
 * Shared virtual faults: a device touches memory that is not mapped, the client
 * learns of it on a descriptor, maps the page and lets the device go on. With any
 * PASID and without one; by read, poll, select and epoll; after fork and dup.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "edu.h"

/* Registers of the device, docs/devices.md. */
#define CHANNEL(n) (0x100u + 0x40u * (n))
#define ADDRESS    0x00u
#define LENGTH     0x08u
#define PASID      0x0cu
#define PLACE      0x10u
#define FILL       0x14u
#define COMMAND    0x18u
#define STATUS     0x1cu
#define DONE       0x20u
#define MEMORY     0x10000u

#define OP_READ   1u
#define OP_WRITE  2u
#define OP_FILL   3u
#define ASK_PAGES 0x100u

enum {
	IDLE,
	BUSY,
	WAITS,
	OK,
	REFUSED,
	NO_PAGE,
};

#define IOVA 0x10000000ul

/**
 * struct client - a device whose page table handles faults
 * @e: the device and an IOAS, as for edu
 * @fault_id: the fault queue
 * @fd: its descriptor
 * @hwpt: the page table, which the device is attached to
 */
struct client {
	struct edu e;
	uint32_t fault_id;
	int fd;
	uint32_t hwpt;
};

static void put(const struct client *c, uint32_t reg, uint32_t value)
{
	check(pwrite(c->e.dev, &value, 4, (off_t)(c->e.bar + reg)) == 4);
}

static uint32_t get(const struct client *c, uint32_t reg)
{
	uint32_t value;

	check(pread(c->e.dev, &value, 4, (off_t)(c->e.bar + reg)) == 4);
	return value;
}

static void start(const struct client *c, unsigned int n, uint32_t pasid,
		  uint64_t iova, uint32_t length, uint32_t command)
{
	uint32_t ch = CHANNEL(n);

	check(pwrite(c->e.dev, &iova, 8, (off_t)(c->e.bar + ch)) == 8);
	put(c, ch + LENGTH, length);
	put(c, ch + PASID, pasid);
	put(c, ch + FILL, 0x5a5a5a5a);
	put(c, ch + COMMAND, command);
}

static int queue(const struct client *c, uint32_t *id, int *fd)
{
	struct iommu_fault_alloc alloc = { .size = sizeof(alloc) };

	if (ioctl(c->e.iommu, IOMMU_FAULT_QUEUE_ALLOC, &alloc))
		return errno;
	*id = alloc.out_fault_id;
	*fd = (int)alloc.out_fault_fd;
	return 0;
}

static uint32_t hwpt(const struct client *c, uint32_t fault)
{
	struct iommu_hwpt_alloc alloc = {
		.size = sizeof(alloc),
		.flags = IOMMU_HWPT_ALLOC_PASID | IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = 1,
		.pt_id = c->e.ioas,
		.fault_id = fault,
	};

	check(!ioctl(c->e.iommu, IOMMU_HWPT_ALLOC, &alloc));
	return alloc.out_hwpt_id;
}

static int destroy(const struct client *c, uint32_t id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return ioctl(c->e.iommu, IOMMU_DESTROY, &cmd) ? errno : 0;
}

static int attach_pasid(const struct client *c, uint32_t pasid, uint32_t pt)
{
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach),
		.flags = VFIO_DEVICE_ATTACH_PASID,
		.pt_id = pt,
		.pasid = pasid,
	};

	return ioctl(c->e.dev, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ? errno
								       : 0;
}

static int detach_pasid(const struct client *c, uint32_t pasid)
{
	struct vfio_device_detach_iommufd_pt detach = {
		.argsz = sizeof(detach),
		.flags = VFIO_DEVICE_DETACH_PASID,
		.pasid = pasid,
	};

	return ioctl(c->e.dev, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach) ? errno
								       : 0;
}

static void client_open(struct client *c)
{
	edu_open(&c->e, false);
	check(!queue(c, &c->fault_id, &c->fd));
	check(fcntl(c->fd, F_GETFD) == FD_CLOEXEC);
	c->hwpt = hwpt(c, c->fault_id);
	errno = edu_attach(&c->e, c->hwpt);
	check(!errno);
}

static void client_close(const struct client *c)
{
	close(c->fd);
	close(c->e.dev);
	close(c->e.iommu);
}

static short polled(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	check(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static void answer(int fd, uint32_t cookie, uint32_t code)
{
	struct iommu_hwpt_page_response r = { cookie, code };

	check(write(fd, &r, sizeof(r)) == sizeof(r));
}

/* ---- The flow ------------------------------------------------------ */

/* Map what is asked for, group by group, until nothing is asked any more. */
static unsigned int serve(const struct client *c, const char *memory,
			  uint32_t pasid)
{
	struct iommu_hwpt_pgfault f[16];
	unsigned int groups = 0;
	ssize_t n, i;

	while ((n = read(c->fd, f, sizeof(f))) > 0) {
		check(n % (ssize_t)sizeof(f[0]) == 0);
		n /= (ssize_t)sizeof(f[0]);
		for (i = 0; i < n; i++) {
			check(f[i].pasid == pasid);
			check(!(f[i].flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) ==
			      !pasid);
			check(f[i].dev_id == 1);
			check(!edu_map(&c->e, memory + (f[i].addr - IOVA), PAGE,
				       f[i].addr));
			if (!(f[i].flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE))
				continue;
			answer(c->fd, f[i].cookie, IOMMUFD_PAGE_RESP_SUCCESS);
			groups++;
		}
	}
	check(!n);
	return groups;
}

static void flow(const struct client *c, char *memory, uint32_t pasid)
{
	const size_t len = 40 * PAGE;
	size_t i;

	memset(memory, 0, len);
	check(polled(c->fd) == POLLOUT);
	start(c, 0, pasid, IOVA + 100, (uint32_t)len - 200,
	      OP_FILL | ASK_PAGES);
	check(get(c, CHANNEL(0) + STATUS) == WAITS);
	check(polled(c->fd) == (POLLIN | POLLOUT));
	check(serve(c, memory, pasid) == 3);
	check(get(c, CHANNEL(0) + STATUS) == OK);
	check(get(c, CHANNEL(0) + DONE) == len - 200);
	check(polled(c->fd) == POLLOUT);
	for (i = 0; i < len; i++)
		check(memory[i] == (i < 100 || i >= len - 100 ? 0 : 0x5a));
	check(!edu_unmap(&c->e, IOVA, len));
}

/* The client says no: what was there before stays there. */
static void refusal(const struct client *c, char *memory)
{
	struct iommu_hwpt_pgfault f[16];

	check(!edu_map(&c->e, memory, PAGE, IOVA));
	memset(memory, 0, 2 * PAGE);
	start(c, 1, 0, IOVA, 2 * PAGE, OP_FILL | ASK_PAGES);
	check(get(c, CHANNEL(1) + STATUS) == WAITS);
	check(get(c, CHANNEL(1) + DONE) == PAGE);
	check(read(c->fd, f, sizeof(f)) == sizeof(f[0]));
	check(f[0].addr == IOVA + PAGE);
	check(f[0].perm == IOMMU_PGFAULT_PERM_WRITE);
	answer(c->fd, f[0].cookie, IOMMUFD_PAGE_RESP_INVALID);
	check(get(c, CHANNEL(1) + STATUS) == NO_PAGE);
	check(memory[PAGE - 1] == 0x5a && !memory[PAGE]);
	/* Without asking the same is a fault. */
	start(c, 1, 0, IOVA + PAGE, PAGE, OP_FILL);
	check(get(c, CHANNEL(1) + STATUS) == REFUSED);
	check(!edu_unmap(&c->e, IOVA, PAGE));
}

/* Some channels wait while others go on, in different address spaces. */
static void pasids(const struct client *c, char *memory)
{
	uint32_t other = edu_ioas(c->e.iommu), pt;
	struct iommu_hwpt_pgfault f[4];
	struct client o = *c;
	unsigned int i;

	o.e.ioas = other;
	pt = hwpt(&o, c->fault_id);
	check(attach_pasid(c, 0xfffff, c->hwpt) == 0);
	check(attach_pasid(c, 7, pt) == 0);
	check(attach_pasid(c, 1u << 20, pt) == EINVAL);
	check(attach_pasid(c, 8, other) == EINVAL);
	check(attach_pasid(c, 8, 99) == ENOENT);
	start(c, 0, 0, IOVA, PAGE, OP_FILL | ASK_PAGES);
	start(c, 1, 7, IOVA, PAGE, OP_FILL | ASK_PAGES);
	start(c, 2, 0xfffff, IOVA, PAGE, OP_FILL | ASK_PAGES);
	/* Nobody handles this one. */
	start(c, 3, 8, IOVA, PAGE, OP_FILL | ASK_PAGES);
	check(get(c, CHANNEL(3) + STATUS) == REFUSED);
	check(read(c->fd, f, sizeof(f)) == 3 * sizeof(f[0]));
	for (i = 0; i < 3; i++)
		check(get(c, CHANNEL(i) + STATUS) == WAITS);
	check(!edu_map(&o.e, memory + PAGE, PAGE, IOVA));
	memset(memory, 0, 2 * PAGE);
	answer(c->fd, 2, IOMMUFD_PAGE_RESP_SUCCESS);
	check(get(c, CHANNEL(1) + STATUS) == OK);
	check(get(c, CHANNEL(0) + STATUS) == WAITS);
	check(!memory[0] && memory[PAGE] == 0x5a);
	/* By the second address space for both: attaching again replaces. */
	check(attach_pasid(c, 0xfffff, pt) == 0);
	check(get(c, CHANNEL(2) + STATUS) == NO_PAGE);
	memory[PAGE] = 0;
	start(c, 2, 0xfffff, IOVA, PAGE, OP_FILL);
	check(memory[PAGE] == 0x5a);
	check(detach_pasid(c, 7) == 0);
	check(detach_pasid(c, 7) == 0);
	start(c, 1, 7, IOVA, PAGE, OP_FILL);
	check(get(c, CHANNEL(1) + STATUS) == REFUSED);
	check(destroy(c, pt) == EBUSY);
	check(detach_pasid(c, 0xfffff) == 0);
	check(destroy(c, pt) == 0);
	check(destroy(c, other) == 0);
	answer(c->fd, 1, IOMMUFD_PAGE_RESP_INVALID);
	check(get(c, CHANNEL(0) + STATUS) == NO_PAGE);
}

/* ---- The descriptor ------------------------------------------------ */

static void one_fault(const struct client *c)
{
	start(c, 0, 0, IOVA, PAGE, OP_FILL | ASK_PAGES);
}

static uint32_t take_fault(int fd)
{
	struct iommu_hwpt_pgfault f;

	check(read(fd, &f, sizeof(f)) == sizeof(f));
	return f.cookie;
}

/* What no program means to pass; the compiler need not know. */
static void *volatile nowhere;
static volatile int too_many = -1;

static void errors(const struct client *c)
{
	struct iommu_hwpt_page_response r[2] = { { 77, 0 }, { 77, 0 } };
	char buf[80];

	check(read(c->fd, buf, 40) == 0);
	check(read(c->fd, buf, 0) == 0);
	check(read(c->fd, buf, 1) < 0 && errno == ESPIPE);
	check(read(c->fd, nowhere, 40) == 0);
	one_fault(c);
	check(read(c->fd, buf, 0) < 0 && errno == EINVAL);
	check(read(c->fd, nowhere, 40) < 0 && errno == EFAULT);
	check(polled(c->fd) == (POLLIN | POLLOUT));
	check(pread(c->fd, buf, 40, 0) < 0 && errno == ESPIPE);
	check(lseek(c->fd, 0, SEEK_SET) < 0 && errno == ESPIPE);
	check(write(c->fd, r, 4) < 0 && errno == ESPIPE);
	check(write(c->fd, r, 16) < 0 && errno == EINVAL);
	check(write(c->fd, nowhere, 8) < 0 && errno == EFAULT);
	check(write(c->fd, r, 0) == 0);
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, c->fd, 0) == MAP_FAILED &&
	      errno == ENODEV);
	check(ioctl(c->fd, IOMMU_DESTROY, buf) < 0 && errno == ENOTTY);
	check(destroy(c, c->fault_id) == EBUSY);
	answer(c->fd, take_fault(c->fd), 1);
}

static void vectors(const struct client *c)
{
	struct iommu_hwpt_page_response r = { 0, 1 };
	struct iommu_hwpt_pgfault f;
	struct iovec in = { &f, sizeof(f) }, out = { &r, sizeof(r) };

	one_fault(c);
	check(readv(c->fd, &in, 1) == sizeof(f));
	r.cookie = f.cookie;
	check(writev(c->fd, &out, 1) == sizeof(r));
	check(readv(c->fd, &in, 1) == 0);
	check(readv(c->fd, &in, too_many) < 0 && errno == EINVAL);
	check(readv(c->fd, nowhere, 1) < 0 && errno == EFAULT);
}

static void *ask_later(void *arg)
{
	usleep(20000);
	one_fault(arg);
	return NULL;
}

/* Each way of waiting wakes when the device asks, not before. */
static void waiting(const struct client *c)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	pthread_t thread;
	fd_set set;

	check(!pthread_create(&thread, NULL, ask_later, (void *)c));
	check(poll(&p, 1, 10000) == 1 && p.revents == POLLIN);
	check(!pthread_join(thread, NULL));
	check(c->fd < FD_SETSIZE);
	FD_ZERO(&set);
	FD_SET(c->fd, &set);
	check(select(c->fd + 1, &set, NULL, NULL, NULL) == 1);
	answer(c->fd, take_fault(c->fd), 1);
	check(!epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e));
	check(epoll_wait(ep, &e, 1, 0) == 0);
	check(!pthread_create(&thread, NULL, ask_later, (void *)c));
	check(epoll_wait(ep, &e, 1, 10000) == 1 && e.events == EPOLLIN);
	check(epoll_wait(ep, &e, 1, 0) == 0);
	check(!pthread_join(thread, NULL));
	/* One more fault is one more edge, whether or not the first was read. */
	start(c, 1, 0, IOVA, PAGE, OP_FILL | ASK_PAGES);
	check(epoll_wait(ep, &e, 1, 0) == 1);
	answer(c->fd, take_fault(c->fd), 1);
	answer(c->fd, take_fault(c->fd), 1);
	check(epoll_wait(ep, &e, 1, 0) == 0);
	/* Cancelled, it does not wake who begins to wait now. */
	one_fault(c);
	put(c, CHANNEL(0) + COMMAND, 0);
	check(get(c, CHANNEL(0) + STATUS) == IDLE);
	answer(c->fd, take_fault(c->fd), 0);
	check(get(c, CHANNEL(0) + STATUS) == IDLE);
	close(ep);
}

static void duplicates(const struct client *c)
{
	int d[4], i;

	d[0] = dup(c->fd);
	d[1] = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
	d[2] = fcntl(c->fd, F_DUPFD, d[1] + 3);
	check(d[2] == d[1] + 3);
	d[3] = dup2(c->fd, d[2] + 1);
	check(d[3] == d[2] + 1);
	check(dup2(c->fd, c->fd) == c->fd);
	check(dup3(c->fd, c->fd, 0) < 0 && errno == EINVAL);
	check(fcntl(d[0], F_GETFD) == 0);
	check(fcntl(d[1], F_GETFD) == FD_CLOEXEC);
	check(fcntl(c->fd, F_DUPFD, -1) < 0 && errno == EINVAL);
	for (i = 0; i < 4; i++) {
		check(d[i] > 0 && d[i] != c->fd);
		one_fault(c);
		check(polled(d[i]) == (POLLIN | POLLOUT));
		answer(d[(i + 1) % 4], take_fault(d[i]), 1);
		check(get(c, CHANNEL(0) + STATUS) == NO_PAGE);
	}
	for (i = 0; i < 4; i++)
		close(d[i]);
	/* A file of another kind with such a number is none of ours. */
	check(!pipe(d));
	d[2] = dup2(d[0], c->fd + 20);
	check(write(d[1], "x", 1) == 1);
	check(read(d[2], &i, 4) == 1);
	close(d[0]);
	close(d[1]);
	close(d[2]);
}

/* A child answers; the parent's close alone is not the last. */
static void forked(const struct client *c)
{
	int status, fd;
	uint32_t id;
	pid_t pid;

	check(!queue(c, &id, &fd));
	one_fault(c);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		answer(c->fd, take_fault(c->fd), 1);
		_exit(0);
	}
	check(waitpid(pid, &status, 0) == pid && !status);
	check(get(c, CHANNEL(0) + STATUS) == NO_PAGE);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		pause();
		_exit(0);
	}
	check(destroy(c, id) == EBUSY);
	close(fd);
	check(destroy(c, id) == EBUSY);
	kill(pid, SIGKILL);
	check(waitpid(pid, &status, 0) == pid);
	check(destroy(c, id) == 0);
}

/* What waits is answered when nobody can answer any more. */
static void closing(struct client *c)
{
	one_fault(c);
	check(get(c, CHANNEL(0) + STATUS) == WAITS);
	close(c->fd);
	check(get(c, CHANNEL(0) + STATUS) == NO_PAGE);
	one_fault(c);
	check(get(c, CHANNEL(0) + STATUS) == NO_PAGE);
	check(destroy(c, c->fault_id) == EBUSY);
}

/* Queues until the limit of descriptors says no; then all work again. */
static void limits(const struct client *c)
{
	struct rlimit old, few;
	unsigned int nr, i;
	int fd[200], error;
	uint32_t id[200];

	for (nr = 0; nr < 200; nr++) {
		error = queue(c, &id[nr], &fd[nr]);
		if (error)
			break;
	}
	check(nr == 200 || (error == EMFILE && nr > 20));
	for (i = 0; i < nr; i++) {
		close(fd[i]);
		check(destroy(c, id[i]) == 0);
	}
	check(!getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = 40;
	check(!setrlimit(RLIMIT_NOFILE, &few));
	check(queue(c, &id[0], &fd[0]) == EMFILE);
	check(!setrlimit(RLIMIT_NOFILE, &old));
	check(queue(c, &id[0], &fd[0]) == 0);
	close(fd[0]);
	check(destroy(c, id[0]) == 0);
}

int main(void)
{
	char *memory = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct client c;

	check(memory != MAP_FAILED);
	client_open(&c);
	flow(&c, memory, 0);
	check(attach_pasid(&c, 5, c.hwpt) == 0);
	flow(&c, memory, 5);
	check(detach_pasid(&c, 5) == 0);
	refusal(&c, memory);
	pasids(&c, memory);
	errors(&c);
	vectors(&c);
	waiting(&c);
	duplicates(&c);
	forked(&c);
	limits(&c);
	closing(&c);
	client_close(&c);
	/* And the device is there for the next one. */
	client_open(&c);
	flow(&c, memory, 0);
	one_fault(&c);
	return 0;
}
