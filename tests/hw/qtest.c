/* SPDX-License-Identifier: MIT */
#include "qtest.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define HALT_SIZE 65536
#define RAM_ALIGN (1ul << 20)
#define MAX_ARGS  64

static const char *const common_args[] = {
	"-nodefaults", "-accel",  "tcg",        "-icount",  "shift=0,sleep=off",
	"-qtest",      "stdio",   "-qtest-log", "none",     "-display",
	"none",        "-serial", "none",       "-monitor", "none",
	NULL
};

static bool is_there(const char *path)
{
	char command[512];

	snprintf(command, sizeof(command), "command -v '%s' >/dev/null", path);
	return !system(command);
}

const char *qtest_choose(char **argv, bool *full, int *status)
{
	static char path[256];
	const char *dir = getenv("UIOMMU_QEMU_DIR");

	*full = argv[1] && argv[2] && !strcmp(argv[2], "full");
	if (*full)
		snprintf(path, sizeof(path), "%s/%s", dir ? dir : "", argv[1]);
	else
		snprintf(path, sizeof(path), "%s", argv[1] ? argv[1] : "");
	if (is_there(path))
		return path;
	*status = getenv("CI") != NULL;
	if (*status)
		printf("1..1\nnot ok 1 - %s is not installed\n", path);
	else
		printf("1..0 # SKIP %s is not installed\n", path);
	return NULL;
}

/* Firmware of nothing but HLT: whatever is fetched, the processor stops. */
static int halt_file(void)
{
	static uint8_t halt[HALT_SIZE];
	int fd = memfd_create("halt", 0);

	memset(halt, 0xf4, sizeof(halt));
	assert_int_equal(write(fd, halt, sizeof(halt)), sizeof(halt));
	return fd;
}

static int ram_file(struct qtest *q)
{
	int fd = memfd_create("ram", 0);

	assert_int_equal(ftruncate(fd, (off_t)q->ram_size), 0);
	q->map_size = q->ram_size + RAM_ALIGN;
	q->map = mmap(NULL, q->map_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	assert_ptr_not_equal(q->map, MAP_FAILED);
	q->ram = (uint8_t *)(((uintptr_t)q->map + RAM_ALIGN - 1) &
			     ~(RAM_ALIGN - 1));
	assert_ptr_not_equal(mmap(q->ram, q->ram_size, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_FIXED, fd, 0),
			     MAP_FAILED);
	return fd;
}

/* @arg with the path of @fd in place of @name, in memory of its own. */
static char *with_path(const char *arg, const char *name, int fd)
{
	const char *at = strstr(arg, name);
	char *out;
	int n;

	if (at)
		n = asprintf(&out, "%.*s/proc/self/fd/%d%s", (int)(at - arg),
			     arg, fd, at + strlen(name));
	else
		n = asprintf(&out, "%s", arg);
	return n < 0 ? NULL : out;
}

static void run(const char *binary, const char *const *args, int ram, int halt)
{
	const char *argv[MAX_ARGS] = { binary };
	int n = 1;

	for (; *args && n < MAX_ARGS / 2; args++)
		argv[n++] =
			with_path(with_path(*args, "@ram", ram), "@halt", halt);
	for (args = common_args; *args; args++)
		argv[n++] = *args;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(binary, (char *const *)argv);
	_exit(127);
}

void qtest_start(struct qtest *q, const char *binary, const char *const *args,
		 uint64_t ram_base, size_t ram_size)
{
	int in[2], out[2], ram, halt = halt_file();

	*q = (struct qtest){ .ram_base = ram_base, .ram_size = ram_size };
	ram = ram_file(q);
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	q->pid = fork();
	if (!q->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		run(binary, args, ram, halt);
	}
	assert_true(q->pid > 0);
	close(in[0]);
	close(out[1]);
	close(ram);
	close(halt);
	q->to = fdopen(in[1], "w");
	q->from = fdopen(out[0], "r");
	assert_non_null(q->to);
	assert_non_null(q->from);
	setvbuf(q->to, NULL, _IOLBF, BUFSIZ);
}

void qtest_stop(struct qtest *q)
{
	int status;

	assert_int_equal(waitpid(q->pid, &status, WNOHANG), 0);
	kill(q->pid, SIGTERM);
	waitpid(q->pid, &status, 0);
	fclose(q->to);
	fclose(q->from);
	munmap(q->map, q->map_size);
}

/* One command and its answer, which is "OK" and perhaps a number. */
static uint64_t __attribute__((format(printf, 2, 3)))
command(struct qtest *q, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vfprintf(q->to, format, args);
	va_end(args);
	fputc('\n', q->to);
	do {
		if (!fgets(line, sizeof(line), q->from))
			fail_msg("QEMU does not answer");
	} while (!strncmp(line, "IRQ ", 4));
	if (strncmp(line, "OK", 2) != 0)
		fail_msg("QEMU answers '%s'", line);
	return strtoull(line + 2, NULL, 0);
}

uint32_t qtest_readl(struct qtest *q, uint64_t addr)
{
	return (uint32_t)command(q, "readl 0x%" PRIx64, addr);
}

uint64_t qtest_readq(struct qtest *q, uint64_t addr)
{
	return command(q, "readq 0x%" PRIx64, addr);
}

void qtest_writel(struct qtest *q, uint64_t addr, uint32_t value)
{
	command(q, "writel 0x%" PRIx64 " 0x%" PRIx32, addr, value);
}

void qtest_writeq(struct qtest *q, uint64_t addr, uint64_t value)
{
	command(q, "writeq 0x%" PRIx64 " 0x%" PRIx64, addr, value);
}

uint32_t qtest_inl(struct qtest *q, uint16_t port)
{
	return (uint32_t)command(q, "inl 0x%x", port);
}

void qtest_outl(struct qtest *q, uint16_t port, uint32_t value)
{
	command(q, "outl 0x%x 0x%" PRIx32, port, value);
}
