/* SPDX-License-Identifier: MIT */
/*
 * What the supervisor costs.
 *
 *	build/bench/bench_run build/uiommu [ROUNDS]
 *
 * First the round trip of a null ioctl (IOMMU_OPTION, get: 24 bytes in, 24 bytes
 * out) under `uiommu run`, against a bare seccomp notification whose supervisor
 * does the same two copies and nothing else. Then calls that `uiommu run` traps, and
 * calls that its filter lets pass, inside and outside of it.
 *
 * Both sides of a comparison are processes of this program that wait for a word;
 * rounds of the one and of the other alternate, so that a busy machine disturbs
 * both alike. Times are microseconds per call: the median of the rounds' medians,
 * and the minimum of all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <uiommu/iommufd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define CALLS      2000 /* timed calls in a round */
#define MAX_ROUNDS 200

struct result {
	double median;
	double min;
};

static void __attribute__((noreturn)) die(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 2];
}

/* ---- what is timed ---- */

struct state {
	int fd; /* /dev/iommu, or anything */
	int file;
	int null;
	char *map;
};

static void do_ioctl(struct state *s)
{
	struct iommu_option option = { .size = sizeof(option),
				       .option_id = IOMMU_OPTION_RLIMIT_MODE,
				       .op = IOMMU_OPTION_OP_GET };

	if (ioctl(s->fd, IOMMU_OPTION, &option))
		die("IOMMU_OPTION");
}

static void map_again(struct state *s)
{
	s->map = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->map == MAP_FAILED)
		die("mmap");
}

static void do_munmap(struct state *s)
{
	munmap(s->map, 4096);
}

static void do_mmap_file(struct state *s)
{
	s->map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, s->file, 0);
}

static void unmap_again(struct state *s)
{
	munmap(s->map, 4096);
}

static void do_madvise(struct state *s)
{
	madvise(s->map, 4096, MADV_DONTNEED);
}

static void do_open(struct state *s)
{
	s->fd = open("/usr/include/stdio.h", O_RDONLY);
	if (s->fd < 0)
		s->fd = open("/etc/passwd", O_RDONLY);
}

static void close_again(struct state *s)
{
	close(s->fd);
}

static void do_stat(struct state *s)
{
	struct stat st;

	stat("/etc/passwd", &st);
}

static void do_fstat(struct state *s)
{
	struct stat st;

	fstat(s->file, &st);
}

/*
 * What the filter looks at and lets pass: calls of tens of nanoseconds, so many of them
 * are timed at once.
 */
#define TIMES 32

static void do_getppid(struct state *s)
{
	int i;

	for (i = 0; i != TIMES; i++)
		syscall(SYS_getppid);
}

static void do_read(struct state *s)
{
	int i;

	for (i = 0; i != TIMES; i++)
		syscall(SYS_read, s->null, NULL, 0);
}

static void do_write(struct state *s)
{
	int i;

	for (i = 0; i != TIMES; i++)
		syscall(SYS_write, s->null, NULL, 0);
}

static void do_fcntl(struct state *s)
{
	int i;

	for (i = 0; i != TIMES; i++)
		syscall(SYS_fcntl, s->null, F_GETFD);
}

static void do_dup3(struct state *s)
{
	int i;

	for (i = 0; i != TIMES; i++)
		syscall(SYS_dup3, s->null, s->null, 0);
}

static void do_other_ioctl(struct state *s)
{
	int i;

	for (i = 0; i != TIMES; i++)
		syscall(SYS_ioctl, s->null, 0, 0);
}

static void nothing(struct state *s)
{
}

static const struct {
	const char *name;
	void (*before)(struct state *s);
	void (*timed)(struct state *s);
	void (*after)(struct state *s);
	int times;
} kinds[] = {
	{ "null ioctl", nothing, do_ioctl, nothing, 1 },
	{ "munmap", map_again, do_munmap, nothing, 1 },
	{ "mmap of a file", nothing, do_mmap_file, unmap_again, 1 },
	{ "madvise(DONTNEED)", map_again, do_madvise, unmap_again, 1 },
	{ "open", nothing, do_open, close_again, 1 },
	{ "stat", nothing, do_stat, nothing, 1 },
	{ "fstat", nothing, do_fstat, nothing, 1 },
	{ "getppid (not trapped)", nothing, do_getppid, nothing, TIMES },
	{ "read (let pass)", nothing, do_read, nothing, TIMES },
	{ "write (let pass)", nothing, do_write, nothing, TIMES },
	{ "fcntl (let pass)", nothing, do_fcntl, nothing, TIMES },
	{ "dup3 (let pass)", nothing, do_dup3, nothing, TIMES },
	{ "ioctl (let pass)", nothing, do_other_ioctl, nothing, TIMES },
};

#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct result round_of(struct state *s, unsigned int kind)
{
	static double v[CALLS];
	struct result result = { 0 };
	double start;
	int i;

	for (i = 0; i < CALLS; i++) {
		kinds[kind].before(s);
		start = now();
		kinds[kind].timed(s);
		v[i] = (now() - start) / kinds[kind].times;
		kinds[kind].after(s);
	}
	result.median = median(v, CALLS);
	result.min = v[0];
	return result;
}

/* Do a round for each word that arrives. */
static void __attribute__((noreturn)) worker(int sock, const char *device)
{
	struct state s = { .fd = open(device, O_RDWR),
			   .file = open("/proc/self/exe", O_RDONLY),
			   .null = open("/dev/null", O_RDWR) };
	struct result result;
	unsigned char kind;

	if (s.fd < 0 || s.file < 0 || s.null < 0)
		die(device);
	while (read(sock, &kind, 1) == 1) {
		result = round_of(&s, kind);
		if (write(sock, &result, sizeof(result)) != sizeof(result))
			break;
	}
	exit(0);
}

/* ---- the bare supervisor ---- */

static int install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER |
				    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			    &prog);
}

static void send_fd(int sock, int fd)
{
	char c = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (sendmsg(sock, &msg, 0) != 1)
		die("sendmsg");
}

static int receive_fd(int sock)
{
	char c, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(sock, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		die("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static void __attribute__((noreturn)) serve(int listener)
{
	struct seccomp_notif_resp resp;
	struct seccomp_notif req;
	char buf[sizeof(struct iommu_option)];
	struct iovec local = { buf, sizeof(buf) }, remote;

	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 1);
	for (;;) {
		memset(&req, 0, sizeof(req));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req))
			exit(0);
		remote.iov_base = (void *)(uintptr_t)req.data.args[2];
		remote.iov_len = sizeof(buf);
		process_vm_readv((pid_t)req.pid, &local, 1, &remote, 1, 0);
		process_vm_writev((pid_t)req.pid, &local, 1, &remote, 1, 0);
		resp = (struct seccomp_notif_resp){ .id = req.id };
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	}
}

/* ---- starting workers ---- */

static int start(void (*child)(int sock, const char *uiommu, const char *self),
		 const char *uiommu, const char *self)
{
	int sock[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sock))
		die("socketpair");
	if (!fork()) {
		close(sock[0]);
		child(sock[1], uiommu, self);
		_exit(1);
	}
	close(sock[1]);
	fcntl(sock[0], F_SETFD, FD_CLOEXEC);
	return sock[0];
}

static void child_native(int sock, const char *uiommu, const char *self)
{
	worker(sock, "/dev/null");
}

static void child_run(int sock, const char *uiommu, const char *self)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", sock);
	execl(uiommu, uiommu, "run", "--", self, "--worker", number, NULL);
	die(uiommu);
}

static void child_bare(int sock, const char *uiommu, const char *self)
{
	int pair[2], listener;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		die("socketpair");
	if (!fork()) {
		send_fd(pair[1], install());
		worker(sock, "/dev/null");
	}
	close(sock);
	listener = receive_fd(pair[0]);
	serve(listener);
}

static struct result ask(int sock, unsigned int kind)
{
	unsigned char word = (unsigned char)kind;
	struct result result;

	if (write(sock, &word, 1) != 1 ||
	    read(sock, &result, sizeof(result)) != sizeof(result)) {
		fprintf(stderr, "bench_run: a worker has gone\n");
		exit(1);
	}
	return result;
}

/* Rounds of the two sides alternate. */
static void compare_sides(int base, int run, unsigned int kind, int rounds,
			  struct result out[2])
{
	static double v[2][MAX_ROUNDS];
	int sock[2] = { base, run }, i, side;
	struct result r;

	out[0].min = out[1].min = 1e9;
	for (i = -1; i < rounds; i++) {
		for (side = 0; side < 2; side++) {
			r = ask(sock[side], kind);
			if (i < 0) /* warming up */
				continue;
			v[side][i] = r.median;
			if (r.min < out[side].min)
				out[side].min = r.min;
		}
	}
	for (side = 0; side < 2; side++)
		out[side].median = median(v[side], (size_t)rounds);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 20, native, bare, run;
	struct result r[2];
	unsigned int kind;

	if (argc == 3 && !strcmp(argv[1], "--worker"))
		worker(atoi(argv[2]), "/dev/iommu");
	if (argc < 2 || rounds < 1 || rounds > MAX_ROUNDS) {
		fprintf(stderr, "usage: bench_run UIOMMU [ROUNDS]\n");
		return 1;
	}
	native = start(child_native, argv[1], argv[0]);
	bare = start(child_bare, argv[1], argv[0]);
	run = start(child_run, argv[1], argv[0]);
	printf("%-24s %9s %9s %9s %9s %7s\n", "us per call", "base", "min",
	       "run", "min", "ratio");
	for (kind = 0; kind < NR_KINDS; kind++) {
		compare_sides(kind ? native : bare, run, kind, rounds, r);
		printf("%-24s %9.3f %9.3f %9.3f %9.3f %7.2f%s\n",
		       kinds[kind].name, r[0].median, r[0].min, r[1].median,
		       r[1].min, r[1].median / r[0].median,
		       kind ? "" : "  (base: bare notification; limit 1.5)");
	}
	return 0;
}
