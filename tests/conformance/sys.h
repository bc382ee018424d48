/* SPDX-License-Identifier: MIT */
/**
 * DOC: The system calls of the conformance client
 *
 * On files of IOMMUFD and VFIO only; everything else is the C library's. There are
 * two of them: the system's own (sys_kernel.c), and functions of the engine in this
 * process (sys_engine.c). Errors are negative numbers.
 */
#ifndef TESTS_CONFORMANCE_SYS_H
#define TESTS_CONFORMANCE_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct sys_device - the device to test with
 * @cdev: its character device, "" = there is none
 * @group: that of its group, "" = groups cannot be opened here
 * @name: as its bus calls it
 */
struct sys_device {
	char cdev[128];
	char group[64];
	char name[64];
};

/**
 * sys_begin() - before anything else
 * @cdev: the wanted device, or NULL = any
 *
 * Return: 0, or a negative error number: there is no IOMMUFD here.
 */
int sys_begin(const char *cdev, struct sys_device *device);

/** sys_end() - everything is closed. */
void sys_end(void);

/** sys_is_kernel() - are pages pinned and counted, and calls made by processes? */
bool sys_is_kernel(void);

/** sys_is_admin() - does the caller have CAP_SYS_RESOURCE? */
bool sys_is_admin(void);

int sys_open(const char *path);
int sys_close(int fd);
long sys_ioctl(int fd, unsigned int cmd, uintptr_t arg);
long sys_read(int fd, void *buf, size_t len);
long sys_write(int fd, const void *buf, size_t len);
long sys_pread(int fd, void *buf, size_t len, uint64_t offset);
long sys_pwrite(int fd, const void *buf, size_t len, uint64_t offset);

/** sys_poll() - what poll(2) says at once: POLLIN, POLLOUT, ... */
int sys_poll(int fd);

#endif
