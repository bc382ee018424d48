/* SPDX-License-Identifier: MIT */
/*
 * The first process of the machine that `make oracle` boots: give the edu device to
 * vfio-pci, check the rules, switch the machine off.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
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

int main(void)
{
	static char *const argv[] = { "/conformance", NULL };
	pid_t child;

	mkdir("/proc", 0555);
	mkdir("/sys", 0555);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	freopen("/dev/ttyS0", "w", stdout);
	setvbuf(stdout, NULL, _IOLBF, 0);
	give_edu_to_vfio();
	child = fork();
	if (!child) {
		dup2(fileno(stdout), STDOUT_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	while (wait(NULL) > 0)
		;
	printf("# the machine ends\n");
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
