/* SPDX-License-Identifier: MIT */
/*
 * The first process of the machine that `make oracle` boots: give the edu device to
 * vfio-pci, check the rules, run the clients of the mock, switch the machine off.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEVICES "/sys/bus/pci/devices"

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("# cannot write '%s' to %s: %m\n", text, path);
	if (fd >= 0)
		close(fd);
}

static int is_edu(const char *bdf)
{
	char path[128], text[32] = { 0 };
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s/device", bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return !strcmp(text, "0x11e8\n");
}

static void give_edu_to_vfio(void)
{
	DIR *dir = opendir(DEVICES);
	struct dirent *entry;
	char path[128];

	while (dir && (entry = readdir(dir))) {
		if (strlen(entry->d_name) != 12 || !is_edu(entry->d_name))
			continue;
		snprintf(path, sizeof(path), DEVICES "/%.12s/driver_override",
			 entry->d_name);
		put(path, "vfio-pci");
		put("/sys/bus/pci/drivers_probe", entry->d_name);
	}
	if (dir)
		closedir(dir);
}

/* Its output is behind a line that says what it was. */
static void run(const char *path, const char *first, const char *second)
{
	char *const argv[] = { (char *)path, (char *)first, (char *)second,
			       NULL };
	pid_t child;

	printf("# program: %s\n", strrchr(path, '/') + 1);
	child = fork();
	if (!child) {
		dup2(fileno(stdout), STDOUT_FILENO);
		dup2(fileno(stdout), STDERR_FILENO);
		setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
		execv(path, argv);
		_exit(127);
	}
	while (wait(NULL) > 0)
		;
}

static void run_all(const char *path)
{
	struct dirent **entry;
	int nr = scandir(path, &entry, NULL, alphasort), i;
	char program[300];

	for (i = 0; i < nr; i++) {
		if (entry[i]->d_name[0] == '.')
			continue;
		snprintf(program, sizeof(program), "%s/%s", path,
			 entry[i]->d_name);
		run(program, NULL, NULL);
	}
}

int main(void)
{
	mkdir("/proc", 0555);
	mkdir("/sys", 0555);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	freopen("/dev/ttyS0", "w", stdout);
	setvbuf(stdout, NULL, _IOLBF, 0);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	give_edu_to_vfio();
	run("/conformance", NULL, NULL);
	run_all("/mock");
	/* The kernel makes variables of what it does not know of its command line. */
	if (getenv("SEEDS"))
		run("/random", "1", getenv("SEEDS"));
	printf("# the machine ends\n");
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
