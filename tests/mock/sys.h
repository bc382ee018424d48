/* SPDX-License-Identifier: MIT */
/**
 * DOC: System calls, as a client makes them
 *
 * The tests of the mock are clients. They are compiled twice: as programs that run
 * under `uiommu run --mock` (sys_client.c), where these are the real calls, and with
 * the engine in the same process (sys_self.c).
 */
#ifndef TESTS_MOCK_SYS_H
#define TESTS_MOCK_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** sys_setup() - before, and sys_teardown() after each test. */
void sys_setup(void);
void sys_teardown(void);

/** sys_open() - open("/dev/iommu"). */
int sys_open(void);

/** sys_close() - close(@fd). */
void sys_close(int fd);

/** sys_ioctl() - what ioctl(2) returns, or the negative error number. */
long sys_ioctl(int fd, unsigned int cmd, void *arg);

/** sys_read() - the same for read(2). */
long sys_read(int fd, void *buf, size_t count);

/** sys_write() - the same for write(2). */
long sys_write(int fd, const void *buf, size_t count);

/** sys_poll() - the events that poll(2) finds right now. */
int sys_poll(int fd);

/**
 * sys_mmap() - map a part of a file
 * @out: where; untouched on failure. NULL in-process, where nothing can be mapped
 *
 * Return: 0 or the negative error number.
 */
int sys_mmap(int fd, uint64_t offset, size_t len, int prot, int flags,
	     void **out);

/** sys_munmap() - undo. */
void sys_munmap(int fd, uint64_t offset, void *ptr, size_t len);

/** SYS_COUNTS_PINS - can be seen how often a page is pinned? */
extern const bool sys_counts_pins;

#endif
